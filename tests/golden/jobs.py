#!/usr/bin/env python3
"""However many threads share the work, what comes out is the same, byte by byte.

    jobs.py SMBLAME CAPTURES-DIR

Every captures/<group>/<case>/input.pcap, and all of a group's read as one capture, with --jobs 2
and --jobs 3 against --jobs 1: records, standard error and exit status. And what no worker
knows all of: a session that goes on over a channel between other addresses, and how long a
connection has been silent by everybody's clock. Ends with `N passed, N failed`."""
import concurrent.futures
import itertools
import json
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

import wire

JOBS = (2, 3)
NEGOTIATE, SESSION_SETUP, TREE_CONNECT, CREATE, ECHO = 0, 1, 3, 5, 13
CHANNELS_OF = "incidents/antivirus_updates_beside_an_old_job"


def run(smblame, jobs, arguments):
    done = subprocess.run([smblame, "--jobs", str(jobs), *map(str, arguments)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False)
    return done.returncode, done.stdout, done.stderr


def first_difference(one, other):
    if one[0] != other[0]:
        return f"exit {one[0]} became {other[0]}: {other[2].decode(errors='replace')[-200:]}"
    if one[2] != other[2]:
        return f"standard error {one[2][:200]!r} became {other[2][:200]!r}"
    for number, (was, now) in enumerate(zip(one[1].splitlines(), other[1].splitlines()), 1):
        if was != now:
            return f"line {number}\n  {was[:300]!r} became\n  {now[:300]!r}"
    return "lines are missing"


def compare(smblame, name, arguments):
    """What is wrong, for each number of jobs."""
    one = run(smblame, 1, arguments)
    for jobs in JOBS:
        other = run(smblame, jobs, arguments)
        yield None if one == other else f"{name}: --jobs {jobs}: {first_difference(one, other)}"


def header(packet):
    """Status, command and whether it is a reply, of a segment that begins with an SMB2 message."""
    if not packet.version or packet.payload[4:8] != b"\xfeSMB" or len(packet.payload) < 74:
        return None, None, None
    status, command = struct.unpack_from("<IH", packet.payload, 12)
    return status, command, bool(packet.payload[20] & 1)


def is_refused_open(packet):
    status, command, is_reply = header(packet)
    return command == CREATE and is_reply and status >> 30 == 3


def is_dialect_3(packet):
    _, command, is_reply = header(packet)
    return command == NEGOTIATE and is_reply and \
        struct.unpack_from("<H", packet.payload, 72)[0] >= 0x0300


def as_channel(packet):
    """A packet of a connection as one of a channel between other addresses: its logons are
    bindings, and it connects no shares."""
    payload = bytearray(packet.payload)
    _, command, is_reply = header(packet)
    if command == TREE_CONNECT:
        struct.pack_into("<H", payload, 16, ECHO)
    if command == SESSION_SETUP and not is_reply:
        payload[70] |= 1

    def elsewhere(address):
        return address[:1] + bytes([address[1] ^ 0x55]) + address[2:]
    return wire.build(wire.Packet(packet.time, b"", packet.ether, packet.version,
                                  elsewhere(packet.source), elsewhere(packet.target), packet.header,
                                  bytes(payload)))[0]


def with_channel(packets):
    """The packets, and of the first connection of SMB 3 with a refused open a second channel that
    begins right behind that."""
    connections = {}
    for packet in packets:
        if packet.version:
            ends = frozenset((packet.flow[:2], packet.flow[2:]))
            connections.setdefault(ends, []).append(packet)
    first = next(found for found in connections.values()
                 if any(map(is_refused_open, found)) and any(map(is_dialect_3, found)))
    begin = next(packet.time for packet in first if is_refused_open(packet))
    channel = [as_channel(packet) for packet in first]
    for at, packet in enumerate(channel, 1):
        packet.time = begin + at
    return sorted(packets + channel, key=lambda packet: packet.time)


def channels_over_other_addresses(smblame, folder, temporary):
    """What is wrong: the bound channel must know the share that the first one connected."""
    capture = pathlib.Path(temporary) / "channel.pcap"
    wire.write(capture, with_channel(wire.read(folder / CHANNELS_OF / "input.pcap")))
    arguments = ["--json", "--events", capture]
    records = [json.loads(line) for line in run(smblame, 1, arguments)[1].splitlines()]
    bound = {(r["source"]["ip"], r["source"]["port"]) for r in records
             if r["smblame"].get("binding")}
    probes = [r for r in records if r["event"]["dataset"] == "smblame.open_probe"
              and (r["source"]["ip"], r["source"]["port"]) in bound]
    is_told = probes and all("share" in r["smblame"] for r in probes)
    yield None if is_told else "a bound channel does not know the shares of its session"
    yield from compare(smblame, "a channel over other addresses", arguments)


def silent_connections(dice):
    """Connections of many hosts on a port that is not SMB's, by a clock that leaps ahead, goes back
    and is wrong now and then; some of the packets end what nobody remembers."""
    now, leaps = 10**18, (10**6, 10**9, 61 * 10**9, 2000 * 10**9, 4000 * 10**9, -30 * 10**9)
    for _ in range(4000):
        now += dice.choice(leaps)
        wrong = dice.choice((-8000, 8000)) * 10**9 if dice.random() < 0.01 else 0
        ports = (40000 + dice.randrange(3), 8080)
        hosts = bytes([10, 0, 0, dice.randrange(40)]), bytes([10, 0, 1, dice.randrange(2)])
        flags = dice.choice((0x02, 0x10, 0x10, 0x18, 0x04))
        header = struct.pack(">HHIIBBHHH", *ports, dice.randrange(1000), 0, 0x50, flags, 512, 0, 0)
        yield wire.build(wire.Packet(now + wrong, b"", bytes(12), 4, *hosts, header,
                                     b"x" * 20 if flags == 0x18 else b""))[0]


def everybodys_clock(smblame, temporary):
    capture = pathlib.Path(temporary) / "silent.pcap"
    wire.write(capture, silent_connections(random.Random(4)))
    yield from compare(smblame, "silent connections", ["--json", "--no-classify", capture])


def main():
    smblame, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    cases = sorted(folder.glob("*/*/input.pcap"))
    work = [(str(case.parent.relative_to(folder)), ["--json", "--events", case]) for case in cases]
    for group in sorted({case.parent.parent for case in cases}):
        inputs = [case for case in cases if case.parent.parent == group]
        work.append((group.name, ["--json", "--events", *inputs]))
        work.append((group.name + ", the summary", ["--verbose", "--quiet", *inputs]))
    passed = failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        for wrong in itertools.chain(
                channels_over_other_addresses(smblame, folder, temporary),
                everybodys_clock(smblame, temporary)):
            passed, failed = passed + (not wrong), failed + bool(wrong)
            if wrong:
                print(wrong)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda item: list(compare(smblame, *item)), work):
            for wrong in found:
                passed, failed = passed + (not wrong), failed + bool(wrong)
                if wrong:
                    print(wrong)
    if not cases:
        print("no captures under", folder)
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
