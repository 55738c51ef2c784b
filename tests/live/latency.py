#!/usr/bin/env python3
"""How soon a failed logon is told: smbclient fails against a real Samba, and the record has to be
on standard output of `smblame -i --json --events` within 200 ms of the response; the account has to
be on the screen of `--watch`, which runs on a terminal of its own.

    latency.py SMBLAME [ATTEMPTS]

The response's time is its frame's, as the kernel stamped it (the record's @timestamp, which is
checked against a packet socket of our own); the record's is when its line could be read here. Says
median and maximum. Needs root, smbd, smbclient and impacket; says skipped without."""
import datetime
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import socket
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time

import place
import program

# A machine that others use as well may stand still once: so many of all may be late.
ATTEMPTS, MOST_MS, LATE_MOST, SCREEN_MOST_MS = 20, 200.0, 2, 3000.0
SO_TIMESTAMPNS, ETH_P_ALL = 35, 3
SESSION_SETUP_REFUSED = b"\xfeSMB", 1, 0xC000006D  # protocol id, command, status
ESCAPE = re.compile(rb"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>78])")


class Witness(threading.Thread):
    """Notes when refusals of session setups passed the server's device, by the kernel's stamp."""

    def __init__(self):
        super().__init__(daemon=True)
        import net
        with net.inside("cap01"):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                        socket.htons(ETH_P_ALL))
        self.socket.bind(("eth0", ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.seen = []

    def run(self):
        while True:
            frame, notes, _, _ = self.socket.recvmsg(65536, 64)
            at = frame.find(SESSION_SETUP_REFUSED[0])
            if at < 0 or len(frame) < at + 20:
                continue
            status, command = struct.unpack_from("<IH", frame, at + 8)
            if (command, status) == SESSION_SETUP_REFUSED[1:]:
                seconds, nanoseconds = struct.unpack_from("@qq", notes[0][2])
                self.seen.append(seconds * 10**9 + nanoseconds)


def nanoseconds(timestamp):
    """Of a record's @timestamp."""
    whole, _, fraction = timestamp.removesuffix("Z").partition(".")
    seconds = datetime.datetime.fromisoformat(whole + "+00:00").timestamp()
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0"))


def said(took):
    return f"median {statistics.median(took):.1f} ms, at most {max(took):.1f} ms"


def in_records(tally, smblame, stage, attempts):
    run = program.Live(smblame, "-i", "eth0", "--json", "--events", before=place.at_server())
    try:
        if not tally.check(run.ready(), "it watches"):
            return
        witness = Witness()
        witness.start()
        for number in range(attempts):
            stage.smbclient(f"latency{number}", "wrong", dialect=("SMB2_10", "SMB3_11")[number % 2])
            time.sleep(0.01 * (number % 7))
        run.wait(lambda: len(run.lines) >= attempts, 3)
        found = [(when, nanoseconds(record["@timestamp"])) for when, record in run.arrivals()
                 if record["event"]["dataset"] == "smblame.logon"
                 and record["event"]["outcome"] == "failure"]
        tally.check(len(found) == attempts, f"{len(found)} of {attempts} failed logons are told")
        apart = [abs(one - stamp) / 1e6 for one, (_, stamp) in zip(witness.seen, found)]
        tally.check(apart and max(apart) < 1, "their times are the kernel's of the response, "
                    f"apart {max(apart, default=0):.3f} ms")
        took = [(when - stamp) / 1e6 for when, stamp in found]
        late = sum(each > MOST_MS for each in took)
        tally.check(took and late <= LATE_MOST, f"a record comes after: {said(took or [9999])}")
        status, _ = run.stop()
        tally.check(status == 0, f"exit {status}")
    finally:
        run.kill()


class Screen:
    """A terminal of our own, 120 x 40, with smblame --watch on it."""

    def __init__(self, smblame):
        self.terminal, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.process = subprocess.Popen(
            place.at_server(smblame, "-i", "eth0", "--watch"), stdin=theirs, stdout=theirs,
            stderr=theirs, start_new_session=True, env={**os.environ, "TERM": "xterm"},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)
        self.text = b""

    def wait(self, word, seconds):
        """Nanoseconds when `word` was on the screen, or None."""
        end = time.monotonic() + seconds
        while word not in ESCAPE.sub(b"", self.text):
            left = end - time.monotonic()
            if left <= 0 or not self.read(left):
                return None
        return time.time_ns()

    def read(self, seconds):
        """False when nothing came, or nobody is there any more."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return False
        try:
            more = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.text = (self.text + more)[-200000:]
        return bool(more)

    def drain(self):
        while self.read(0.2):
            pass

    def end(self):
        """Exit status after `q`."""
        os.write(self.terminal, b"q")
        end = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.1)
        if self.process.poll() is None:
            for pid in program.children(self.process.pid):
                os.kill(pid, signal.SIGKILL)
            return None
        return self.process.returncode


def on_screen(tally, smblame, stage):
    screen = Screen(smblame)
    witness = Witness()
    witness.start()
    try:
        time.sleep(2)
        if not tally.check(screen.process.poll() is None, "--watch shows a screen"):
            screen.drain()
            print(screen.text.decode("utf-8", "replace")[-2000:])
            return
        took = []
        for number in range(3):
            account = f"onscreen{number}"
            stage.smbclient(account, "wrong")
            when = screen.wait(account.encode(), 5)
            if not tally.check(when and len(witness.seen) > number, f"the screen shows {account}"):
                break
            took.append((when - witness.seen[number]) / 1e6)
        if took:
            tally.check(max(took) <= SCREEN_MOST_MS, f"an account comes after: {said(took)}")
        status = screen.end()
        tally.check(status == 0, f"q ends it: exit {status}")
    finally:
        if screen.process.poll() is None:
            screen.end()


def main():
    place.enter("smbd", "smbclient", "pdbedit", "tcpdump")
    smblame, tally = str(pathlib.Path(sys.argv[1]).resolve()), program.Tally()
    stage = place.laboratory()
    try:
        in_records(tally, smblame, stage, int(sys.argv[2]) if len(sys.argv) > 2 else ATTEMPTS)
        on_screen(tally, smblame, stage)
    finally:
        stage.lab.standalone.stop()
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
