#!/usr/bin/env python3
"""Conversations for gencap: scripts.py OUT-DIR CAPTURES

Real traffic, the busiest connection of a case of CAPTURES (this repository's captures/):
logon.script   SMB 3.1.1: a refused NTLM logon        smb1.script    the same in SMB1 over port 139
users.script   SMB 3.0.2: many users, one connection, all refused

Made here:
probe.script   SMB 2.1: the same logon's opening, then 1000 CREATEs that are not found
bulk.script    SMB 2.1: READs and WRITEs of 1 MiB
http.script    a request and 64 KiB of answer         tls.script    a handshake's shape and noise
"""
import collections
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "golden"))
import wire  # noqa: E402  (the capture reader of the golden tests)

CREATE, READ, WRITE = 5, 8, 9
NOT_FOUND = 0xC0000034


def record(direction, payload):
    return struct.pack("<BI", direction, len(payload)) + payload


def smb2(command, message_id, body, status=0, response=False):
    header = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, status, command, 1, int(response),
                         0,
                         message_id, 0xFEFF, 5, 0x74000000005, bytes(16))
    message = header + body
    return struct.pack(">I", len(message)) + message


def connection(path, first=False):
    """The payloads of one connection of a capture, in order, as records: of the first one, or of
    the one with the most of them."""
    packets = [p for p in wire.read(path) if p.version and p.payload]
    counts = collections.Counter(frozenset(ends(p.flow)) for p in packets)
    chosen = set(ends(packets[0].flow)) if first else set(counts.most_common(1)[0][0])
    client = next(p.flow for p in packets if set(ends(p.flow)) == chosen)
    return b"".join(record(int(p.flow != client), p.payload) for p in packets
                    if set(ends(p.flow)) == chosen)


def ends(flow):
    """The two ends of a flow, as (address, port)."""
    return flow[0:2], flow[2:4]


def probes(count):
    for number in range(count):
        name = f"drivers\\audio{number % 40}\\ctaud{number}.dll".encode("utf-16-le")
        body = struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x80, 0, 7, 1, 0, 120, len(name),
                           0,
                           0) + name
        yield record(0, smb2(CREATE, number + 4, body))
        yield record(1, smb2(CREATE, number + 4, struct.pack("<HBBIB", 9, 0, 0, 0, 0), NOT_FOUND,
                             True))


def bulk(count, dice):
    mebibyte = dice.randbytes(1 << 20)
    for number in range(0, 2 * count, 2):
        read = struct.pack("<HBBIQ16sIIIHHB", 49, 80, 0, 1 << 20, 0, bytes(16), 0, 0, 0, 0, 0, 0)
        yield record(0, smb2(READ, number, read))
        yield record(1,
                     smb2(READ, number, struct.pack("<HBBIII", 17, 80, 0, 1 << 20, 0, 0) + mebibyte,
                             response=True))
        write = struct.pack("<HHIQ16sIIHHI", 49, 112, 1 << 20, 0, bytes(16), 0, 0, 0, 0, 0)
        yield record(0, smb2(WRITE, number + 1, write + mebibyte))
        yield record(1, smb2(WRITE, number + 1, struct.pack("<HHIIHH", 17, 0, 1 << 20, 0, 0, 0),
                             response=True))


def http():
    yield record(0,
                 b"GET /index.html HTTP/1.1\r\nHost: intranet.corp.example\r\nAccept: */*\r\n\r\n")
    yield record(1, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 65536\r\n\r\n"
                 + b"<p>Lorem ipsum</p>\n" * 3449 + b"     ")


def tls(dice):
    hello = b"\x03\x03" + dice.randbytes(32) + b"\x00\x00\x02\x13\x01\x01\x00"
    hello = b"\x01" + struct.pack(">I", len(hello))[1:] + hello
    yield record(0, b"\x16\x03\x01" + struct.pack(">H", len(hello)) + hello)
    for direction in (1, 0, 1, 0, 1, 1):
        noise = dice.randbytes(dice.randrange(200, 9000))
        yield record(direction, b"\x17\x03\x03" + struct.pack(">H", len(noise)) + noise)


def main():
    out, captures, dice = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), random.Random(7)
    made = {
        "logon": [connection(captures / "setup/smb311/input.pcap", first=True)],
        "smb1": [connection(captures / "setup/nt1_netbios/input.pcap", first=True)],
        "users": [connection(captures / "incidents/everybody_locked_on_purpose/input.pcap")],
        "probe": probes(1000), "bulk": bulk(8, dice), "http": http(), "tls": tls(dice)}
    for name, records in made.items():
        (out / f"{name}.script").write_bytes(b"".join(records))


if __name__ == "__main__":
    main()
