"""Captures rewritten by scapy, for what no network here does: a mirror port's second copy with a
tag, IP fragments, holes. The packets are the real ones."""
import logging
from decimal import Decimal

logging.getLogger("scapy").setLevel(logging.ERROR)  # it misses the addresses of this machine

from scapy.all import (Dot1AD, Dot1Q, Ether, IP, PcapReader, Raw, RawPcapReader, TCP, fragment,
                       wrpcap)

from net import LabError, mac

MICROSECOND = Decimal("0.000001")


def load(stage):
    with PcapReader(str(stage.pcap)) as frames:
        return list(frames)


def keep(stage, frames):
    stage.kept = stage.work / "rewritten.pcap"
    wrpcap(str(stage.kept), frames, linktype=1)


def later(frame, like, microseconds):
    frame.time = like.time + microseconds / 1000000
    return frame


def twice_and_tagged(stage):
    out = []
    for number, frame in enumerate(load(stage)):
        head = Ether(src=frame[Ether].src, dst=frame[Ether].dst)
        if number % 3 == 0:
            head = head / Dot1AD(vlan=900)
        copy = head / Dot1Q(vlan=42) / frame[Ether].payload.copy()
        out += [frame, later(Ether(bytes(copy)), frame, 3)]
    keep(stage, out)


def fragmented(stage):
    out = []
    for number, frame in enumerate(load(stage)):
        if IP not in frame or frame[IP].len <= 200:
            out.append(frame)
            continue
        packet = frame[IP].copy()
        packet.flags = 0
        packet.id = number + 1
        del packet.chksum, packet.len
        head = Ether(src=frame[Ether].src, dst=frame[Ether].dst)
        parts = [Ether(bytes(head / part)) for part in fragment(packet, 128)]
        if number % 2:
            parts.insert(0, parts.pop())
        out += [later(part, frame, at) for at, part in enumerate(parts)]
    keep(stage, out)


def cut_frames(stage, client=(), server=()):
    """Takes out the data segments of those ordinals (0 is the first) of each side; None takes out
    all that this side sent, with and without data."""
    sides = {mac("ws042"): ["client", client, 0], mac("cap01"): ["server", server, 0]}
    out, cut = [], 0
    for frame in load(stage):
        side = sides[frame[Ether].src]
        gone = side[1] is None
        if frame[IP].len > 20 + frame[TCP].dataofs * 4:
            if frame[TCP].payload.__class__ is Raw and len(frame[Raw].load) < 8:
                raise LabError("a message is not in one segment")
            gone = gone or side[2] in side[1]
            side[2] += 1
        cut += gone
        if not gone:
            out.append(frame)
    if not cut:
        raise LabError("nothing was cut")
    keep(stage, out)


def merge(path, others):
    """Puts the packets of other captures into one, by time."""
    every = []
    for one in (path, *others):
        with PcapReader(str(one)) as frames:
            every += list(frames)
    wrpcap(str(path), sorted(every, key=lambda frame: frame.time), linktype=1)


def stretch(stage, marks):
    """Moves the packets of each burst to the time it was scheduled for. `marks` are pairs: when a
    burst began as it was played (seconds of the clock), and when it shall begin (seconds after the
    first). Within a burst nothing changes, and no byte of any packet: they are never dissected,
    because what scapy took apart it would put together anew, the padding of compounds last."""
    at, out, begin = 0, [], marks[0][0]
    for data, about in RawPcapReader(str(stage.pcap)):
        frame = Raw(data)
        frame.time = about.sec + about.usec * MICROSECOND
        while at + 1 < len(marks) and float(frame.time) >= marks[at + 1][0]:
            at += 1
        played, scheduled = marks[at]
        frame.time += Decimal(begin + scheduled - played).quantize(MICROSECOND)
        if out and frame.time < out[-1].time:
            raise LabError(f"burst {at} does not fit before the next one")
        out.append(frame)
    keep(stage, out)
