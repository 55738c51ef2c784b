#!/usr/bin/env python3
"""The same traffic told in other packets gives the same records.

    metamorphic.py SMBLAME CAPTURES-DIR

Every captures/<group>/<case>/input.pcap that is whole (not one of the wire/ cases, whose point is
that it is not; nor of incidents/, which would only take long) is rewritten in each way listed in
WAYS; what smblame finds and diagnoses must stay what it was, but for frame numbers and, where a way
changes them, times and addresses. Ends with `N passed, N failed`."""
import json
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

import wire

LEFT_OUT = ("wire", "incidents")
DIAGNOSIS = "smblame.diagnosis"


def cut(packets, sizes):
    """Each payload cut where `sizes` says; the flags FIN and PSH stay with the last piece."""
    for packet in packets:
        if not packet.version or len(packet.payload) < 2 or packet.flags & 0x02:
            yield packet
            continue
        at = 0
        while at < len(packet.payload):
            size = min(next(sizes), len(packet.payload) - at)
            last = at + size == len(packet.payload)
            yield from wire.build(packet, packet.payload[at:at + size], packet.seq + at,
                                  packet.flags if last else packet.flags & ~0x09)
            at += size


def forever(make):
    while True:
        yield make()


def one_byte_segments(packets, dice):
    return cut(packets, forever(lambda: 1))


def random_cuts(packets, dice):
    return cut(packets, forever(lambda: dice.choice((1, 3, 4, 5, 17, 60, 64, 68, 100, 700))))


def reordered(packets, dice):
    """Pieces of one payload in any order (never across what depends on it: the other side's
    answer)."""
    for packet in packets:
        pieces = list(cut([packet], forever(lambda: dice.randrange(8, 200))))
        fin = [p for p in pieces if p.version and p.flags & 0x01]
        rest = [p for p in pieces if not (p.version and p.flags & 0x01)]
        dice.shuffle(rest)
        yield from rest + fin


def duplicated(packets, dice):
    """Each frame twice, the second one tagged, as a mirror port of two VLANs delivers it."""
    for packet in packets:
        yield packet
        yield from wire.build(packet, vlan=7) if packet.version else [packet]


def duplicated_late(packets, dice):
    """Each data segment retransmitted again two frames later."""
    waiting = []
    for packet in packets:
        yield packet
        if len(waiting) == 2:
            yield waiting.pop(0)
        if packet.version and packet.payload:
            waiting.append(packet)
    yield from waiting


def overlapped(packets, dice):
    """Each payload in two pieces that share bytes (the same bytes)."""
    for packet in packets:
        size = len(packet.payload)
        if not packet.version or size < 8 or packet.flags & 0x02:
            yield packet
            continue
        middle = dice.randrange(2, size - 2)
        yield from wire.build(packet, packet.payload[:min(size, middle + 2)],
                              flags=packet.flags & ~0x01)
        yield from wire.build(packet, packet.payload[middle - 2:], packet.seq + middle - 2)


def ip_fragmented(packets, dice):
    for packet in packets:
        large = packet.version and len(packet.header) + len(packet.payload) > 48
        yield from wire.build(packet, fragment=48) if large else [packet]


def ip_fragments_reordered(packets, dice):
    for packet in packets:
        large = packet.version and len(packet.header) + len(packet.payload) > 48
        pieces = wire.build(packet, fragment=48) if large else [packet]
        dice.shuffle(pieces)
        yield from pieces


def vlan_tagged(packets, dice):
    for packet in packets:
        yield from wire.build(packet, vlan=42)


def over_ipv6(packets, dice):
    for packet in packets:
        yield from wire.build(packet, version=6)


def wrapped(packets, dice):
    """Every sequence space shifted so that it wraps around within the first messages."""
    shift = {}
    for packet in packets:
        if not packet.version:
            yield packet
            continue
        back = (packet.target, packet.header[2:4], packet.source, packet.header[:2])
        mine = shift.setdefault(packet.flow, 0xFFFFFFA0 - packet.seq)
        if back not in shift and packet.flags & 0x10:
            shift[back] = 0xFFFFFFA0 - struct.unpack_from(">I", packet.header, 8)[0]
        header = bytearray(packet.header)
        if packet.flags & 0x10:
            ack = struct.unpack_from(">I", packet.header, 8)[0]
            struct.pack_into(">I", header, 8, (ack + shift[back]) & 0xFFFFFFFF)
        packet.header = bytes(header)
        yield from wire.build(packet, seq=packet.seq + mine)


# name, function, whether addresses / sequence numbers stay, so that event.id must stay as well
WAYS = [("one-byte segments", one_byte_segments, True), ("random cuts", random_cuts, True),
        ("reordered pieces", reordered, True), ("every frame twice", duplicated, True),
        ("late retransmissions", duplicated_late, True), ("overlapping pieces", overlapped, True),
        ("IP fragments", ip_fragmented, True),
        ("IP fragments reordered", ip_fragments_reordered, True),
        ("VLAN tag", vlan_tagged, True), ("IPv6", over_ipv6, False),
        ("sequence wrap", wrapped, False)]


def records(smblame, *captures, with_diagnoses=False):
    done = subprocess.run([smblame, "--json", "--events", *map(str, captures)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False)
    if done.returncode not in (0, 4):
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.decode(errors='replace')[-400:]}")
    lines = (json.loads(line) for line in done.stdout.decode("utf-8").splitlines())
    left_out = {"smblame.stats"} | (set() if with_diagnoses else {DIAGNOSIS})
    return [r for r in lines if r["event"]["dataset"] not in left_out]


def verdict(record):
    """What a diagnosis says, without frames, addresses and ids."""
    said = record["smblame"]["diagnosis"]
    kept = ("state", "revision", "confidence", "failures", "lockouts", "authority", "culprit",
            "walk", "threshold")
    others = [(other["rule_id"], other["confidence"]) for other in said.get("alternatives", [])]
    return json.dumps([record["rule"]["id"], record["event"]["severity"], record.get("user"),
                       {name: said.get(name) for name in kept}, others], sort_keys=True)


def facts(record, same_ids):
    """A record without what the rewriting is allowed to change, as text."""
    record = json.loads(json.dumps(record))
    if record["event"]["dataset"] == DIAGNOSIS:
        return verdict(record)
    del record["smblame"]["evidence"], record["@timestamp"]
    if not same_ids:
        del record["event"]["id"], record["message"], record["network"]
        record["source"].pop("ip", None)
        record["destination"].pop("ip", None)
    return json.dumps(record, sort_keys=True)


def main():
    smblame, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    passed = failed = 0
    cases = [p for p in sorted(folder.glob("*/*/input.pcap"))
             if p.parent.parent.name not in LEFT_OUT]
    with tempfile.TemporaryDirectory() as temporary:
        changed = pathlib.Path(temporary) / "input.pcap"
        for case in cases:
            packets = wire.read(case)
            if packets is None:
                continue
            original = records(smblame, case, with_diagnoses=True)
            for name, way, same_ids in WAYS:
                dice = random.Random(f"{case.parent.name} {name}")
                wire.write(changed, way(wire.read(case), dice))
                want = sorted(facts(r, same_ids) for r in original)
                got = sorted(facts(r, same_ids) for r in records(
                    smblame, changed, with_diagnoses=True))
                if want == got:
                    passed += 1
                    continue
                failed += 1
                only = [line for line in want if line not in got][:2], [
                    line for line in got if line not in want][:2]
                print(f"{case.parent.parent.name}/{case.parent.name}: {name}: {len(want)} records "
                      f"became {len(got)}\n  lost: {only[0]}\n  new: {only[1]}")
        passed, failed = interleaved(smblame, cases, changed, passed, failed)
    if not cases:
        print("no captures under", folder)
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def interleaved(smblame, cases, changed, passed, failed):
    """Two captures at once, packet by packet, are the two of them."""
    for one, other in zip(cases[::2], cases[1::2]):
        left, right = wire.read(one), wire.read(other)
        if left is None or right is None:
            continue
        # Ports of two runs of the lab may be the same: the other capture gets its own addresses.
        right = [wire.build(p, version=6)[0] for p in right]
        mixed = []
        for i in range(max(len(left), len(right))):
            mixed += left[i:i + 1] + right[i:i + 1]
        wire.write(changed, mixed)
        want = sorted(facts(r, False) for c in (one, other) for r in records(smblame, c))
        got = sorted(facts(r, False) for r in records(smblame, changed))
        good = want == got
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"{one.parent.name} with {other.parent.name}: {len(want)} records became "
                  f"{len(got)}")
    return passed, failed


if __name__ == "__main__":
    sys.exit(main())
