#!/usr/bin/env python3
"""Conversations for gencap: scripts.py OUT-DIR [CAPTURE]

logon.script   a refused NTLM logon: the first connection of CAPTURE (a golden case, real traffic)
probe.script   SMB 2.1: the same logon's opening, then 1000 CREATEs that are not found
bulk.script    SMB 2.1: READs and WRITEs of 1 MiB
http.script    a request and 64 KiB of answer         tls.script    a handshake's shape and noise
"""
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


def first_connection(path):
    """The payloads of a capture's first connection, in order, as records."""
    packets = [p for p in wire.read(path) if p.version]
    client = packets[0].flow
    back = (packets[0].target, client[3], packets[0].source, client[1])
    return b"".join(record(int(p.flow == back), p.payload) for p in packets
                    if p.payload and p.flow in (client, back))


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
    out, dice = pathlib.Path(sys.argv[1]), random.Random(7)
    opening = first_connection(sys.argv[2])
    for name, records in (("logon", [opening]), ("probe", probes(1000)), ("bulk", bulk(8, dice)),
                          ("http", http()), ("tls", tls(dice))):
        (out / f"{name}.script").write_bytes(b"".join(records))


if __name__ == "__main__":
    main()
