"""What the fault tests stand on: a cable, captures to send through it, and runs of smblame at its
near end."""
import pathlib
import re
import socket
import subprocess
import sys
import time

import place
import program

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests/bench"), str(ROOT / "tests/golden")]
import captures  # noqa: E402
import wire  # noqa: E402

SENT = re.compile(r"(\d+) frames (\d+) bytes ([\d.]+) seconds")
LOSSES = re.compile(r"drop|lost|missed|overrun|not_handed|discard")
ONE_LOGON = ROOT / "captures/setup/smb311/input.pcap"  # its first connection is one refused logon
ONE_ACCOUNT = "SMSCliToknAcct&"
REPLY_AT, LOGON_FAILURE = 14 + 20 + 20 + 4, b"\x6d\x00\x00\xc0"  # SMB 2 behind all headers
CLIENT_PORT_AT = {True: 34, False: 36}  # of Ethernet, IPv4, TCP: from the client, to the client


def numbers(value, path=""):
    """(path, number) of every number in nested dictionaries."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from numbers(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value


def frames_lost(stats):
    """Frames that the kernel or the device had no room for."""
    return stats.get("kernel_drops", 0) + stats.get("interface_drops", 0)


def findings_lost(stats):
    """What was found and could not be told, by whatever name the statistics have for it."""
    return sum(number for path, number in numbers(stats)
               if LOSSES.search(path) and path not in ("kernel_drops", "interface_drops"))


def refused_logons(path, frames):
    """Replies that refuse a logon among the first frames that blast sends of a capture, however
    often it begins again."""
    data, at, found = pathlib.Path(path).read_bytes(), 24, []
    while at + 16 <= len(data):
        size = int.from_bytes(data[at + 8:at + 12], "little")
        reply = data[at + 16 + REPLY_AT:at + 16 + min(size, REPLY_AT + 16)]
        found.append(reply[:4] == b"\xfeSMB" and reply[8:12] == LOGON_FAILURE)
        at += 16 + size
    return frames // len(found) * sum(found) + sum(found[:frames % len(found)])


class Blast:
    """blast, sending beside what else happens."""

    def __init__(self, program_path, device, capture, **options):
        words = [word for name, value in options.items() for word in (f"-{name}", str(value))]
        self.process = subprocess.Popen([program_path, *words, device, capture],
                                        stdout=subprocess.PIPE, text=True)

    def end(self, is_stopped=False):
        """Frames that were sent, when it has ended or was stopped."""
        if is_stopped:
            self.process.terminate()
        said = SENT.search(self.process.communicate(timeout=300)[0])
        return int(said[1])


class Ground:
    """Everything a fault test asks for."""

    def __init__(self, smblame, gencap, blast):
        self.smblame, self.gencap, self.blaster = smblame, gencap, blast
        self.cable, self.folder = place.Cable(), place.WORK / "captures"
        self.runs, self.senders, self.ports = [], [], iter(range(20000, 60000))
        self.is_sanitized = b"__asan_init" in pathlib.Path(smblame).read_bytes()
        packets = wire.read(ONE_LOGON)
        first = {packets[0].flow, packets[0].flow[2:] + packets[0].flow[:2]}
        self.logon_frames = [(one.frame, one.flow == packets[0].flow) for one in packets
                             if one.flow in first]

    def capture(self, name, size, is_small=True):
        return captures.make(name, self.folder, size, self.gencap, is_small=is_small, is_ours=True)

    def watch(self, *arguments, **more):
        """smblame at the near end, ready; None when it does not start."""
        run = program.Live(self.smblame, "-i", self.cable.near, "--json", "--events", *arguments,
                           **more)
        self.runs.append(run)
        return run if run.ready() else None

    def blast(self, capture, **options):
        """r: frames a second, n: frames, l: loops, t: seconds, c: first byte of the clients."""
        sender = Blast(self.blaster, self.cable.far, capture.path, **options)
        self.senders.append(sender)
        return sender

    def fail_logons(self, count, pause=0.0):
        """So many refused logons of ONE_ACCOUNT, each a connection of its own."""
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
            sender.bind((self.cable.far, 0))
            for _ in range(count):
                port = next(self.ports).to_bytes(2, "big")
                for frame, is_clients in self.logon_frames:
                    at = CLIENT_PORT_AT[is_clients]
                    sender.send(frame[:at] + port + frame[at + 2:])
                time.sleep(pause)

    def end(self):
        for sender in self.senders:
            if sender.process.poll() is None:
                sender.end(is_stopped=True)
        for run in self.runs:
            if run.process.poll() is None:
                run.kill()
        self.runs, self.senders = [], []


def logons(run):
    """Failed logons told so far."""
    return sum(one["event"]["outcome"] == "failure" for one in run.records("logon"))


def quiet(run, seconds=1.0, most=20.0):
    """Waits until no line came for so long."""
    end, seen, since = time.monotonic() + most, -1, time.monotonic()
    while time.monotonic() < end and time.monotonic() - since < seconds:
        if len(run.lines) != seen:
            seen, since = len(run.lines), time.monotonic()
        time.sleep(0.05)


def reconciled(tally, run, sent, what, twice_most=0):
    """All frames are in the last statistics; so many may be counted twice, as seen and as lost."""
    stats, is_last = run.stats()
    counted, lost = stats.get("packets", 0), frames_lost(stats)
    tally.check(is_last, what + "the statistics are the last record")
    tally.check(sent <= counted + lost <= sent + twice_most,
                what + f"frames are counted, or counted as lost: {sent} sent, {counted} counted, "
                f"{lost} lost")
    return stats


def told_or_counted(tally, run, stats, expected, what):
    """Every refused logon is a record, or its loss is counted; a lost frame may have been one."""
    told, lost = logons(run), findings_lost(stats) + frames_lost(stats)
    tally.check(told <= expected <= told + lost,
                what + f"{expected} refused logons: {told} told, {lost} counted as lost")
