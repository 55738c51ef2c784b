#!/usr/bin/env python3
"""Streams from elsewhere: named pipes with slow, silent, broken and returning writers, several at
once, and standard input. What is found must be what is found in the files, and come as it happens.

    sensors.py SMBLAME CAPTURES-DIR

Ends with `N passed, N failed`."""
import contextlib
import json
import os
import pathlib
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time

ONE, OTHER, THIRD = "setup/smb311", "setup/nt1_netbios", "setup/nt1_ntlmv2"
SOON = 3  # seconds; it takes 1 at most, and the machine may be busy


def capture(case):
    return (CAPTURES / case / "input.pcap").read_bytes()


def findings(lines):
    """Ids of what was found in single frames, sorted: the order among several streams is that of
    the world."""
    records = [json.loads(line) for line in lines]
    return sorted(r["event"]["id"] for r in records
                  if r["event"]["dataset"] in ("smblame.logon", "smblame.tree_connect",
                                               "smblame.open_probe"))


def in_file(*cases):
    paths = [CAPTURES / case / "input.pcap" for case in cases]
    return findings(subprocess.run([SMBLAME, "--json", "--events", *paths], check=True,
                                   stdout=subprocess.PIPE).stdout.decode().splitlines())


class Run:
    """smblame while it runs: its lines as they come, and what it says."""

    def __init__(self, *arguments, stdin=subprocess.DEVNULL):
        self.child = subprocess.Popen([SMBLAME, "--json", "--events", *arguments], stdin=stdin,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines, self.said, self.come = [], [], queue.Queue()
        self.threads = [threading.Thread(target=self.read, args=a, daemon=True) for a in
                        ((self.child.stdout, self.come), (self.child.stderr, None))]
        for thread in self.threads:
            thread.start()

    def read(self, stream, come):
        for line in stream:
            if come:
                come.put(line.decode())
            else:
                self.said.append(line.decode())

    def pump(self):
        with contextlib.suppress(queue.Empty):
            while True:
                self.lines.append(self.come.get_nowait())

    def finds(self, count, seconds=SOON):
        """Waits for so many findings."""
        return self.until(lambda: len(findings(self.lines)) >= count, seconds)

    def says(self, text, seconds=SOON):
        return self.until(lambda: any(text in line for line in self.said), seconds)

    def until(self, condition, seconds):
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(0.02)
            self.pump()
        return condition()

    def end(self, stop=True):
        if stop:
            self.child.send_signal(signal.SIGINT)
        status = self.child.wait(timeout=20)
        for thread in self.threads:
            thread.join()
        self.pump()
        return status


def pipes(folder, *names):
    made = [pathlib.Path(folder) / name for name in names]
    for path in made:
        os.mkfifo(path)
    return made


def write(path, data, size=0, pause=0.0):
    """Writes to a pipe as somebody who comes and goes; in pieces if asked for."""
    with open(path, "wb", buffering=0) as pipe:
        for at in range(0, len(data), size or len(data)):
            pipe.write(data[at:at + (size or len(data))])
            time.sleep(pause)


def check(condition, *said):
    if not condition:
        print("  ", *said)
    return bool(condition)


def test_slow_writers(folder):
    """Two at once, in pieces that cut headers and frames anywhere."""
    a, b = pipes(folder, "a", "b")
    run = Run("--sensor", f"one={a}", "--sensor", f"other={b}")
    writers = [threading.Thread(target=write, args=args) for args in
               ((a, capture(ONE), 997, 0.01), (b, capture(OTHER), 7, 0.0005))]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    want = in_file(ONE, OTHER)
    run.finds(len(want))
    status = run.end()
    names = {json.loads(line)["smblame"]["evidence"]["file"] for line in run.lines
             if "evidence" in json.loads(line)["smblame"]}
    return check(status == 0 and findings(run.lines) == want and names == {"one", "other"},
                 status, len(findings(run.lines)), len(want), names)


def test_merged_by_time(folder):
    """The halves of one capture, frame by frame from two machines: one conversation."""
    a, b = pipes(folder, "a", "b")
    data = capture(ONE)
    parts, at, turn = [data[:24], data[:24]], 24, 0
    while at < len(data):
        size = 16 + int.from_bytes(data[at + 8:at + 12], "little")
        parts[turn % 2] += data[at:at + size]
        at, turn = at + size, turn + 1
    run = Run("--sensor", f"one={a}", "--sensor", f"other={b}")
    with open(a, "wb") as one, open(b, "wb") as other:  # both speak before either may go on
        one.write(parts[0][:1000])
        one.flush()
        other.write(parts[1])
        other.flush()
        one.write(parts[0][1000:])
        one.flush()
        want = in_file(ONE)
        run.finds(len(want))
    status = run.end()
    return check(status == 0 and findings(run.lines) == want, status, len(findings(run.lines)))


def test_silent_ones_hold_nobody_up(folder):
    """One never comes, one comes and says nothing, one stops within a frame."""
    a, b, c, d = pipes(folder, "a", "b", "c", "d")
    run = Run(*(word for name, path in zip("abcd", (a, b, c, d))
                for word in ("--sensor", f"{name}={path}")))
    data, want = capture(ONE), in_file(ONE)
    with open(b, "wb"), open(c, "wb") as stuck, open(d, "wb") as speaks:
        stuck.write(capture(OTHER)[:3000])
        stuck.flush()
        speaks.write(data[:len(data) // 2])
        speaks.flush()
        good = check(run.finds(3), "late at first")
        count, begun = len(findings(run.lines)), time.monotonic()
        speaks.write(data[len(data) // 2:])
        speaks.flush()
        good &= check(run.finds(len(want)), "late", count, len(findings(run.lines)))
        good &= check(time.monotonic() - begun < SOON, "took", time.monotonic() - begun)
    good &= check(run.says("c: damaged at byte"), run.said)
    return check(run.end() == 4, "status") and good


def test_one_that_ends_comes_back(folder):
    """Its end is said, the next writer's stream is read, frames are counted on."""
    (a,) = pipes(folder, "a")
    run = Run("--sensor", f"cap01={a}")
    want, good = in_file(ONE, OTHER, THIRD), True
    for turn, case in enumerate((ONE, OTHER, THIRD), 1):
        write(a, capture(case))
        good &= run.until(lambda: sum("cap01: its stream has ended" in s for s in run.said) == turn,
                          SOON)
    run.finds(len(want))
    good &= check(run.end() == 0, "status")
    frames = [json.loads(line)["smblame"]["evidence"]["response_frame"] for line in run.lines
              if json.loads(line)["event"]["dataset"] == "smblame.logon"]
    return check(good and frames == sorted(frames) and findings(run.lines) == want, frames,
                 run.said)


def test_what_cannot_be_read_is_passed_over(folder):
    """Rubbish, a damaged record, a kind that needs its end; then one that is good."""
    (a,) = pipes(folder, "a")
    run, good, data = Run("--sensor", f"cap01={a}"), True, capture(ONE)
    for turn, (bad, word) in enumerate(((b"no capture" * 5000, "is no capture"),
                                        (data[:24] + bytes([255]) * 100000, "damaged at byte"),
                                        (b"GMBU" + bytes(200), "cannot be read before it ends"),
                                        (data[:20], "expected a pcap file header"),
                                        (b"", ""))):
        write(a, bad, 5000)
        good &= check(run.says(word) if word else True, word, run.said)
        good &= check(word == "" or run.until(
            lambda: sum("has ended" in s for s in run.said) == turn + 1, SOON), turn, run.said)
    write(a, data)
    want = in_file(ONE)
    run.finds(len(want))
    status = run.end()
    return check(good and status == 4 and findings(run.lines) == want, status, run.said)


def test_standard_input_is_one_too(folder):
    """It ends, and with it the run."""
    del folder
    run = Run("--sensor", "cap01=-", stdin=subprocess.PIPE)
    run.child.stdin.write(capture(ONE))
    run.child.stdin.close()
    status = run.end(stop=False)
    return check(status == 0 and findings(run.lines) == in_file(ONE), status)


def test_passing_pipes_end(folder):
    """What a shell's <(...) makes: nobody comes back to it."""
    del folder
    path = CAPTURES / ONE / "input.pcap"
    done = subprocess.run(["bash", "-c", f'"{SMBLAME}" --json --events --sensor a=<(cat "{path}")'],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30,
                          check=False)
    got = findings(done.stdout.decode().splitlines())
    return check(done.returncode == 0 and got == in_file(ONE), done.returncode, len(got))


def test_records_come_as_they_happen(folder):
    """`tcpdump -U -w - | smblame -r -`, and a named pipe given as a file: what is there is told
    though the stream goes on."""
    (a,) = pipes(folder, "a")
    data, good = capture(ONE), True
    half = data[:len(data) // 2]
    run = Run("-r", "-", stdin=subprocess.PIPE)
    for stream in ("-", a):
        if stream == a:
            run = Run("-r", a)
        pipe = run.child.stdin if stream == "-" else open(a, "wb")  # noqa
        pipe.write(half)
        pipe.flush()
        good &= check(run.finds(3, 1.5), stream, "late")
        pipe.write(data[len(half):])
        pipe.close()
        good &= check(run.end(stop=False) == 0 and findings(run.lines) == in_file(ONE), stream)
    return good


def test_as_many_as_can_be(folder):
    """64 at once, all heard."""
    paths = pipes(folder, *(f"p{i}" for i in range(64)))
    run = Run(*(w for path in paths for w in ("--sensor", f"{path.name}={path}")))
    threads = [threading.Thread(target=write, args=(path, capture(OTHER if i else ONE)))
               for i, path in enumerate(paths)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    want = in_file(ONE, OTHER)
    good = run.finds(len(want)) and run.until(
        lambda: sum("has ended" in line for line in run.said) == 64, SOON * 2)
    return check(good and run.end() == 0, len(findings(run.lines)), run.said[-1:])


def test_wrong_ones_are_said(folder):
    (a,) = pipes(folder, "a")
    file = CAPTURES / ONE / "input.pcap"
    good = True
    for sensors, word in ((("one",), "NAME=PATH"), ((f"={a}",), "NAME=PATH"),
                          ((f"one={a}x",), "mkfifo"), ((f"one={file}",), "without --sensor"),
                          ((f"one={folder}",), "no named pipe"),
                          ((f"one={a}", f"two={a}"), "this path"),
                          ([f"s{i}={a}" for i in range(65)], "at most 64 sensors"),
                          ((f"one={a}", "one=-"), "this name"), ((f"a/b={a}",), "a name")):
        done = subprocess.run([SMBLAME, *(w for s in sensors for w in ("--sensor", s))],
                              stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, timeout=20,
                              check=False)
        good &= check(done.returncode == 2 and word in done.stderr.decode(), sensors,
                      done.returncode, done.stderr)
    return good


TESTS = [test_slow_writers, test_merged_by_time, test_silent_ones_hold_nobody_up,
         test_one_that_ends_comes_back, test_what_cannot_be_read_is_passed_over,
         test_standard_input_is_one_too, test_passing_pipes_end, test_records_come_as_they_happen,
         test_as_many_as_can_be, test_wrong_ones_are_said]


def main():
    failed = 0
    for test in TESTS:
        with tempfile.TemporaryDirectory() as folder:
            if not test(folder):
                failed += 1
                print(f"{test.__name__}: failed")
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    SMBLAME, CAPTURES = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    sys.exit(main())
