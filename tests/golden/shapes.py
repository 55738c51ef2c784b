"""Frames of every shape that the default filter of live capture must let through, and of others.
Each holds MARK and numbers that tell it from all others."""
import struct
from typing import NamedTuple

MARK = b"smblame?"
FROM, TO = bytes([2, 0, 0, 0, 0, 1]), bytes([2, 0, 0, 0, 0, 2])
SERVER = bytes([10, 0, 0, 250])
SERVER6 = bytes.fromhex("20010db8000000000000000000000250")
TCP, UDP, SYN, ACK = 6, 17, 2, 16


class Shape(NamedTuple):
    name: str
    frame: bytes
    is_wanted: bool


def ether(kind, payload):
    return TO + FROM + struct.pack(">H", kind) + payload


def tagged(frame, *ids, kind=0x8100):
    """The frame with VLAN tags, the outermost first."""
    for number in reversed(ids):
        frame = frame[:12] + struct.pack(">HH", kind, number) + frame[12:]
    return frame


def ip4(protocol, payload, ends=None, fragment=0):
    source, target = ends or (bytes([10, 0, 0, 1]), SERVER)
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 7, fragment, 64, protocol, 0,
                       source, target) + payload


def ip6(following, payload, ends=None):
    source, target = ends or (SERVER6[:-1] + b"\1", SERVER6)
    return struct.pack(">IHBB16s16s", 0x60000000, len(payload), following, 64, source,
                       target) + payload


def tcp(source, target, flags=ACK, payload=MARK):
    return struct.pack(">HHIIBBHHH", source, target, 1, 1, 0x50, flags, 1024, 0, 0) + payload


def udp(source, target, payload=MARK):
    return struct.pack(">HHHH", source, target, 8 + len(payload), 0) + payload


def client(number):
    return bytes([10, 0, number >> 8, number & 255])


def smb(host, number=0, size=64):
    """A segment of a client to port 445."""
    text = MARK + struct.pack(">I", number)
    return ether(0x0800, ip4(TCP, tcp(50000, 445, payload=text.ljust(size, b".")),
                             (client(host), SERVER)))


def web(host):
    return ether(0x0800, ip4(TCP, tcp(50000, 80), (client(host), SERVER)))


def port_of(frame):
    """Ports and the beginning of the sequence number, wherever the frame has its tags."""
    return frame[34:42]


def conversation(number):
    """What goes between two hosts: several connections, both ways, in fragments, with tags."""
    one, other = client(number + 1), bytes([10, 1, number >> 8, (number * 7) & 255])
    one6, other6 = SERVER6[:-2] + struct.pack(">H", number + 1), SERVER6
    text = MARK + struct.pack(">I", number)
    frames = []
    for port in (50000, 50001, 50002):
        for ends, ports in (((one, other), (port, 445)), ((other, one), (445, port))):
            inner = tcp(*ports, payload=text)
            frames.append(ether(0x0800, ip4(TCP, inner, ends)))
            frames.append(tagged(frames[-1], 5))
            frames.append(tagged(frames[-2], 5, 7))
            frames.append(ether(0x0800, ip4(TCP, text + bytes([port & 255]), ends, fragment=9)))
    first = set(frames)
    if number % 2:
        return sorted(first)
    frames = []
    for ends, ports in (((one6, other6), (50000, 445)), ((other6, one6), (445, 50000))):
        frames.append(ether(0x86DD, ip6(TCP, tcp(*ports, payload=text), ends)))
        frames.append(tagged(frames[-1], 5, 7))
        frames.append(ether(0x86DD, ip6(44, struct.pack(">BBHI", TCP, 0, 9 << 3, 1) + text, ends)))
    return frames


def inner_shapes():
    """(name, EtherType, packet, whether it is wanted)."""
    for port in (445, 139, 88, 389):
        yield f"tcp from {port}", 0x0800, ip4(TCP, tcp(port, 50000)), True
        yield f"tcp6 from {port}", 0x86DD, ip6(TCP, tcp(port, 50000)), True
    for port in (445, 139, 88):
        yield f"tcp to {port}", 0x0800, ip4(TCP, tcp(50000, port, SYN)), True
        yield f"tcp6 to {port}", 0x86DD, ip6(TCP, tcp(50000, port, SYN)), True
    for port in (137, 138, 88):
        yield f"udp {port}", 0x0800, ip4(UDP, udp(port, port)), True
        yield f"udp6 {port}", 0x86DD, ip6(UDP, udp(port, 50000)), True
    yield "cldap", 0x0800, ip4(UDP, udp(389, 50000)), True
    for port in (636, 3268, 3269):
        yield f"taken up by {port}", 0x0800, ip4(TCP, tcp(port, 50000, SYN | ACK)), True
        yield f"taken up by {port}, 6", 0x86DD, ip6(TCP, tcp(port, 50000, SYN | ACK)), True
        yield f"said by {port}", 0x0800, ip4(TCP, tcp(port, 50000)), False
        yield f"said to {port}", 0x0800, ip4(TCP, tcp(50000, port, SYN)), False
    yield "first fragment", 0x0800, ip4(TCP, tcp(50000, 445), fragment=0x2000), True
    yield "later fragment", 0x0800, ip4(TCP, MARK * 2, fragment=0x2003), True
    yield "last fragment", 0x0800, ip4(UDP, MARK * 2, fragment=7), True
    yield "other's first fragment", 0x0800, ip4(TCP, tcp(50000, 80), fragment=0x2000), False
    yield "fragment 6", 0x86DD, ip6(44, bytes([TCP, 0, 0, 8, 0, 0, 0, 1]) + MARK), True
    for following in (0, 43, 60, 51, 135, 139, 140):
        yield f"extension {following}", 0x86DD, ip6(following, bytes([TCP, 0]) + bytes(6) +
                                                    tcp(50000, 445)), True
    for protocol in (4, 41, 47, 137):
        yield f"tunnel {protocol}", 0x0800, ip4(protocol, MARK * 4), True
        yield f"tunnel {protocol} over 6", 0x86DD, ip6(protocol, MARK * 4), True
    yield "authentication", 0x0800, ip4(51, MARK * 4), True
    for port in (4789, 8472, 6081, 2152, 3544, 6635):
        yield f"tunnel at {port}", 0x0800, ip4(UDP, udp(50000, port)), True
        yield f"tunnel at {port}, 6", 0x86DD, ip6(UDP, udp(50000, port)), True
    yield "PPPoE", 0x8864, b"\x11\0\0\1\0\x10\0\x21" + MARK, True
    yield "MPLS", 0x8847, b"\0\1\1\x40" + ip4(TCP, tcp(50000, 445)), True
    yield "web", 0x0800, ip4(TCP, tcp(50000, 80)), False
    yield "web 6", 0x86DD, ip6(TCP, tcp(80, 50000)), False
    yield "near the port", 0x0800, ip4(TCP, tcp(446, 44500)), False
    yield "dns", 0x0800, ip4(UDP, udp(53, 50000)), False
    yield "smb over udp", 0x0800, ip4(UDP, udp(50000, 445)), False
    yield "dns 6", 0x86DD, ip6(UDP, udp(50000, 53)), False
    yield "ping", 0x0800, ip4(1, b"\x08\0\0\0" + MARK), False
    yield "arp", 0x0806, bytes(20) + MARK, False


def all_shapes():
    shapes = []
    for name, kind, packet, is_wanted in inner_shapes():
        frame = ether(kind, packet)
        shapes += [Shape(name, frame, is_wanted),
                   Shape(name + ", a tag", tagged(frame, 5), is_wanted),
                   Shape(name + ", two tags", tagged(frame, 5, 7), is_wanted),
                   Shape(name + ", 802.1ad", tagged(tagged(frame, 7), 5, kind=0x88A8), is_wanted)]
    snap = b"\xaa\xaa\3\0\0\0\x08\0" + ip4(TCP, tcp(50000, 445))
    shapes.append(Shape("IP by SNAP", ether(len(snap), snap), True))
    plain = b"\6\6\3" + ip4(TCP, tcp(50000, 445))
    shapes.append(Shape("IP by 802.2", ether(len(plain), plain), True))
    bridge = b"\x42\x42\3" + bytes(20) + MARK
    shapes.append(Shape("bridges among themselves", ether(len(bridge), bridge), False))
    return [Shape(s.name, s.frame.ljust(60, b"\0"), s.is_wanted) for s in shapes]
