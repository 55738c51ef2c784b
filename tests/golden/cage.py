#!/usr/bin/env python3
"""A replay in its cage, seen from outside: that it is in one, what works in it that opens or writes
more than a plain file needs, and what is said where there is none.

    cage.py SMBLAME CAPTURES-DIR

Ends with `N passed, N failed`."""
import ctypes
import errno
import gzip
import json
import os
import pathlib
import platform
import signal
import struct
import subprocess
import sys
import time

import shared
import wire

SMBLAME = CASE = None
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO = 0x7FFF0000, 0x00050000
# Of seccomp(2) and prctl(2).
NUMBERS = {"x86_64": (317, 157), "aarch64": (277, 167)}


def run(*arguments, **more):
    return subprocess.run([SMBLAME, *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False, **more)


def records(output):
    return [json.loads(line) for line in output.decode("utf-8").splitlines()]


def status_of(pid, word):
    """A number of /proc/PID/status."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(word + ":"):
            return int(line.split()[1])
    return None


def wait_until(question, seconds=20):
    """What the question answers at last; a process may go while it is looked at."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            answer = question()
        except OSError:
            answer = None
        if answer:
            return answer
        time.sleep(0.02)
    return None


def waiting(*arguments):
    """A replay that waits for its standard input."""
    return subprocess.Popen([SMBLAME, *map(str, arguments)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def is_in_a_cage(temporary):
    """Before it has read a byte; --without-cage is for where there is none."""
    for options in ((), ("--without-cage",), ("--jobs", "2")):
        with waiting("--json", *options, "-") as replay:
            caged = wait_until(lambda pid=replay.pid: status_of(pid, "Seccomp") == 2) and \
                status_of(replay.pid, "NoNewPrivs") == 1
            output, _ = replay.communicate(pathlib.Path(CASE).read_bytes(), timeout=60)
        if not caged or replay.returncode != 0 or not output or \
                any("uncaged" in r["smblame"] for r in records(output)):
            return False
    return True


def refuse_cages():
    """What a container may do, to the process that is about to become smblame."""
    seccomp, prctl = NUMBERS[platform.machine()]
    refuse = SECCOMP_RET_ERRNO | errno.EPERM
    program = b"".join(struct.pack("HBBI", *line) for line in (
        (0x20, 0, 0, 0), (0x15, 3, 0, seccomp), (0x15, 0, 3, prctl), (0x20, 0, 0, 16),
        (0x15, 0, 1, PR_SET_SECCOMP), (0x06, 0, 0, refuse), (0x06, 0, 0, SECCOMP_RET_ALLOW)))
    lines = ctypes.create_string_buffer(program)
    filters = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(lines))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or \
            libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filters, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def says_that_there_is_none(temporary):
    """Where the kernel gives none, the trace is read all the same; once and not per file."""
    for options in ((), ("--separate", CASE), ("--jobs", "2")):
        done = run("--json", *options, CASE, preexec_fn=refuse_cages)
        read = records(done.stdout)
        if done.returncode != 0 or done.stderr.count(b"does not confine") != 1 or not read or \
                not all(r["smblame"]["uncaged"] for r in read):
            return False
    done = run("--json", "--without-cage", CASE, preexec_fn=refuse_cages)
    return done.returncode == 0 and not done.stderr and \
        all(r["smblame"]["uncaged"] for r in records(done.stdout))


def findings(output):
    """Without the name of the file, and what is counted of files."""
    kept = []
    for record in records(output):
        if record["event"]["dataset"] != "smblame.stats":
            record["smblame"].get("evidence", {}).pop("file", None)
            kept.append(record)
    return kept


def netmon(packets):
    """The frames as Network Monitor 2.0 wrote them: the table of them is at the end."""
    start = 1_000_000_000
    frames, offsets = b"", []
    for number, packet in enumerate(packets):
        offsets.append(128 + len(frames))
        frames += struct.pack("<QII", number * 1000, len(packet), len(packet)) + packet
    begun = time.gmtime(start)
    head = struct.pack("<4sBBH8H", b"GMBU", 0, 2, 1, begun.tm_year, begun.tm_mon, 0, begun.tm_mday,
                       begun.tm_hour, begun.tm_min, begun.tm_sec, 0)
    head += struct.pack("<II", 128 + len(frames), 4 * len(offsets))
    return head.ljust(128, b"\0") + frames + struct.pack(f"<{len(offsets)}I", *offsets)


def unpacks_to_a_file_without_a_name(temporary):
    """A Network Monitor capture that cannot be jumped in."""
    plain = temporary / "trace.cap"
    plain.write_bytes(netmon([packet.frame for packet in wire.read(CASE)]))
    packed = temporary / "trace.cap.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    of_plain = run("--json", "--events", plain)
    expected = findings(of_plain.stdout)
    ways = (run("--json", "--events", packed), run("--json", "--events", temporary, packed),
            run("--json", "--events", "-", input=plain.read_bytes()))
    return expected and all(done.returncode == 0 for done in ways) and \
        findings(ways[0].stdout) == expected and findings(ways[2].stdout) == expected and \
        not (set(os.listdir(temporary)) - {"trace.cap", "trace.cap.gz"})


def names_in_a_filter(temporary):
    """They are looked up before."""
    done = run("--json", "-f", "not host localhost and port microsoft-ds", CASE)
    return done.returncode == 0 and len(records(done.stdout)) > 1


def child_of(pid):
    return wait_until(lambda: [int(word) for word in pathlib.Path(
        f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()])


def a_file_that_ends_its_process(temporary):
    """With --separate it is the only one whose results are lost."""
    with waiting("--json", "--separate", "-", CASE) as replay:
        child = child_of(replay.pid)
        wait_until(lambda: status_of(child[0], "Seccomp") == 2)
        os.kill(child[0], signal.SIGKILL)
        output, said = replay.communicate(timeout=60)
    return replay.returncode == 4 and b"ended by signal 9" in said and \
        records(output) == records(run("--json", "--separate", CASE).stdout)


def interrupted_apart(temporary):
    """A signal to the first process ends what the second one reads, and its results are told."""
    whole = len(records(run("--json", CASE).stdout))
    for number in (signal.SIGTERM, signal.SIGINT):
        with waiting("--json", "--separate", "-", CASE) as replay:
            child = child_of(replay.pid)
            wait_until(lambda: status_of(child[0], "Seccomp") == 2)
            replay.stdin.write(pathlib.Path(CASE).read_bytes())
            replay.stdin.flush()
            time.sleep(0.5)
            replay.send_signal(number)
            output, _ = replay.communicate(timeout=60)
        if replay.returncode != 0 or len(records(output)) != whole:
            return False
    return True


CHECKS = [is_in_a_cage, says_that_there_is_none, unpacks_to_a_file_without_a_name,
          names_in_a_filter, a_file_that_ends_its_process, interrupted_apart]


def main():
    global SMBLAME, CASE
    SMBLAME = str(pathlib.Path(sys.argv[1]).resolve())
    CASE = next(iter(sorted(pathlib.Path(sys.argv[2]).resolve().glob("setup/smb311*/input.pcap"))))
    return shared.run_checks(CHECKS)


if __name__ == "__main__":
    sys.exit(main())
