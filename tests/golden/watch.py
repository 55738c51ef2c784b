#!/usr/bin/env python3
"""The table that people watch, on a terminal of our own: it comes up, follows the size, quits by q
and by signals, and gives the terminal back as it was.

    watch.py SMBLAME CAPTURES-DIR

Ends with `N passed, N failed`."""
import fcntl
import os
import pathlib
import select
import signal
import struct
import subprocess
import sys
import termios
import time

ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
CASE = "diagnosis/q278660_crystal"
ACCOUNT, CAUSE = b"CAP01\\SMSCliToknAcct&", b"third-party-driver-path-search"


class Watched:
    """smblame on a terminal, with the capture in a pipe that stays open."""

    def __init__(self, smblame, capture, columns=120, rows=30):
        self.terminal, inner = os.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(self.terminal)
        self.child = subprocess.Popen(
            [smblame, "-q", "-r", "-", "--watch", "--lockout-threshold", "5"],
            stdin=subprocess.PIPE, stdout=inner, stderr=inner, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(1, termios.TIOCSCTTY, 0))
        self.inner = inner
        self.child.stdin.write(capture.read_bytes())
        self.child.stdin.flush()
        self.seen = b""

    def resize(self, columns, rows):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, wanted, seconds=60):
        """Reads until `wanted` is there; what was read since the last call."""
        start, end = len(self.seen), time.monotonic() + seconds
        while wanted not in self.seen[start:] and time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.1)[0]:
                self.seen += os.read(self.terminal, 65536)
        return self.seen[start:]

    def press(self, keys):
        os.write(self.terminal, keys)

    def end(self):
        """(exit status, whether the terminal is as it was)."""
        os.set_blocking(self.terminal, False)
        end = time.monotonic() + 60
        while self.child.poll() is None and time.monotonic() < end:
            try:
                self.seen += os.read(self.terminal, 65536)
            except BlockingIOError:
                time.sleep(0.01)
        try:
            self.seen += os.read(self.terminal, 1 << 20)
        except (BlockingIOError, OSError):
            pass
        same = termios.tcgetattr(self.terminal) == self.before
        status = self.child.poll()
        if status is None:
            self.child.kill()
        self.child.stdin.close()
        os.close(self.inner)
        os.close(self.terminal)
        return status, same


def comes_up_and_quits(smblame, capture):
    watched = Watched(smblame, capture)
    page = watched.read(CAUSE)
    raw = termios.tcgetattr(watched.terminal)[3] & (termios.ICANON | termios.ECHO) == 0
    watched.press(b"xq")
    status, same = watched.end()
    up, down = watched.seen.index(ENTER), watched.seen.rindex(LEAVE)
    is_still = b"\x1b[2J" not in watched.seen[up + len(ENTER) + 20:down]
    return (up == 0 and raw and is_still and ACCOUNT in page and CAUSE in page and status == 0
            and same and b"Certainty" in watched.seen[down:])


def follows_the_size(smblame, capture):
    watched = Watched(smblame, capture)
    watched.read(CAUSE)
    watched.resize(40, 8)
    time.sleep(1.2)
    watched.seen = watched.seen[:0]
    page = watched.read(b"\x1b[H", 5) + watched.read(b"\x1b[H", 5)
    watched.resize(120, 30)
    back = watched.read(CAUSE, 10)
    watched.press(b"q")
    status, same = watched.end()
    rows = max(one.count(b"\n") for one in page.split(b"\x1b[H"))
    return rows == 7 and CAUSE not in page and CAUSE in back and status == 0 and same


def ends_by_signal(number):
    def check(smblame, capture):
        watched = Watched(smblame, capture)
        watched.read(ACCOUNT)
        watched.child.send_signal(number)
        status, same = watched.end()
        return status == 0 and same and LEAVE in watched.seen
    return check


def is_given_back_after_a_crash(smblame, capture):
    watched = Watched(smblame, capture)
    watched.read(ACCOUNT)
    watched.child.kill()
    watched.child.wait()
    watched.read(LEAVE)
    status, same = watched.end()
    return status == -signal.SIGKILL and same and LEAVE in watched.seen


def ends_with_its_input(smblame, capture):
    watched = Watched(smblame, capture)
    watched.read(ACCOUNT)
    watched.child.stdin.close()
    status, same = watched.end()
    return status == 0 and same and b"Certainty" in watched.seen


def wants_a_terminal(smblame, capture):
    done = subprocess.run([smblame, "--watch", capture], capture_output=True, check=False)
    return done.returncode == 2 and b"standard output is none" in done.stderr and not done.stdout


def wants_it_alone(smblame, capture):
    done = subprocess.run([smblame, "--watch", "--json", capture], capture_output=True,
                          check=False)
    return done.returncode == 2 and b"--watch" in done.stderr and b"--json" in done.stderr


TESTS = {"comes up and quits by q": comes_up_and_quits, "follows the size": follows_the_size,
         "ends by SIGTERM": ends_by_signal(signal.SIGTERM),
         "ends by SIGINT": ends_by_signal(signal.SIGINT),
         "is given back after a crash": is_given_back_after_a_crash,
         "ends with its input": ends_with_its_input, "wants a terminal": wants_a_terminal,
         "wants it alone": wants_it_alone}


def main():
    smblame = str(pathlib.Path(sys.argv[1]).resolve())
    capture = pathlib.Path(sys.argv[2]) / CASE / "input.pcap"
    passed = failed = 0
    for name, test in TESTS.items():
        good = test(smblame, capture)
        passed, failed = passed + bool(good), failed + (not good)
        if not good:
            print("not true:", name)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
