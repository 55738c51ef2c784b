"""Reading and writing small captures for the metamorphic tests: classic pcap, Ethernet, IPv4 or
IPv6, TCP. Everything else in a capture is passed through untouched."""
import dataclasses
import ipaddress
import struct

ETHERNET, IPV4, IPV6, TCP = 1, 0x0800, 0x86DD, 6


@dataclasses.dataclass
class Packet:
    """A frame; for TCP over IP also its parts. `time` is in nanoseconds."""
    time: int
    frame: bytes
    ether: bytes = b""      # the 12 bytes of MAC addresses
    version: int = 0        # 4 or 6; 0: not TCP over IP
    source: bytes = b""
    target: bytes = b""
    header: bytes = b""     # the TCP header with options
    payload: bytes = b""

    @property
    def seq(self):
        return struct.unpack_from(">I", self.header, 4)[0]

    @property
    def flags(self):
        return self.header[13]

    @property
    def flow(self):
        return (self.source, self.header[:2], self.target, self.header[2:4])


def dissect(time, frame):
    packet = Packet(time, frame)
    at, kind = 14, int.from_bytes(frame[12:14], "big")
    if kind == 0x8100:
        at, kind = 18, int.from_bytes(frame[16:18], "big")
    if kind == IPV4 and len(frame) >= at + 20 and frame[at + 9] == TCP:
        size, total = (frame[at] & 15) * 4, int.from_bytes(frame[at + 2:at + 4], "big")
        if int.from_bytes(frame[at + 6:at + 8], "big") & 0x3FFF or at + total > len(frame):
            return packet
        source, target, version = frame[at + 12:at + 16], frame[at + 16:at + 20], 4
        segment = frame[at + size:at + total]
    elif kind == IPV6 and len(frame) >= at + 40 and frame[at + 6] == TCP:
        total = int.from_bytes(frame[at + 4:at + 6], "big")
        source, target, version = frame[at + 8:at + 24], frame[at + 24:at + 40], 6
        segment = frame[at + 40:at + 40 + total]
        if len(segment) < total:
            return packet
    else:
        return packet
    offset = (segment[12] >> 4) * 4 if len(segment) >= 20 else 0
    if offset < 20 or offset > len(segment):
        return packet
    packet.ether, packet.version, packet.source, packet.target = frame[:12], version, source, target
    packet.header, packet.payload = segment[:offset], segment[offset:]
    return packet


def read(path):
    """The packets of a classic Ethernet pcap, or None when it is something else."""
    with open(path, "rb") as file:
        data = file.read()
    scales = {b"\xd4\xc3\xb2\xa1": ("<", 1000), b"\x4d\x3c\xb2\xa1": ("<", 1),
              b"\xa1\xb2\xc3\xd4": (">", 1000), b"\xa1\xb2\x3c\x4d": (">", 1)}
    if data[:4] not in scales or len(data) < 24:
        return None
    order, scale = scales[data[:4]]
    if struct.unpack_from(order + "I", data, 20)[0] != ETHERNET:
        return None
    packets, at = [], 24
    while at + 16 <= len(data):
        seconds, fraction, captured, _ = struct.unpack_from(order + "4I", data, at)
        packets.append(dissect(seconds * 10**9 + fraction * scale,
                               data[at + 16:at + 16 + captured]))
        at += 16 + captured
    return packets


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address_v6(address):
    return address if len(address) == 16 else ipaddress.IPv6Address(
        b"\xfd\x66" + bytes(10) + address).packed


def build(packet, payload=None, seq=None, flags=None, version=None, vlan=None, fragment=0):
    """New frames from a packet's parts: another payload, sequence number, IP version, a VLAN tag,
    or cut into IP fragments of so many bytes. Returns a list of Packet."""
    if not packet.version:
        return [packet]
    header = bytearray(packet.header)
    payload = packet.payload if payload is None else payload
    if seq is not None:
        struct.pack_into(">I", header, 4, seq & 0xFFFFFFFF)
    if flags is not None:
        header[13] = flags
    segment = bytes(header) + payload
    version = version or packet.version
    ether = packet.ether + (struct.pack(">HH", 0x8100, vlan) if vlan else b"")
    pieces = [(0, segment)]
    if fragment:
        pieces = [(i, segment[i:i + fragment]) for i in range(0, len(segment), fragment)]
    frames = []
    for offset, piece in pieces:
        more = offset + len(piece) < len(segment)
        if version == 4:
            head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(piece), packet.seq & 0xFFFF,
                               offset // 8 | (0x2000 if more else 0), 64, TCP, 0, packet.source,
                               packet.target)
            head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
            frames.append(ether + struct.pack(">H", IPV4) + head + piece)
        else:
            extra = b"" if len(pieces) == 1 else struct.pack(
                ">BBHI", TCP, 0, offset | more, packet.seq)
            head = struct.pack(">IHBB16s16s", 6 << 28, len(extra) + len(piece),
                               TCP if not extra else 44, 64, address_v6(packet.source),
                               address_v6(packet.target))
            frames.append(ether + struct.pack(">H", IPV6) + head + extra + piece)
    return [dissect(packet.time, frame) if not fragment else Packet(packet.time, frame)
            for frame in frames]


def write(path, packets):
    """A nanosecond pcap."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, ETHERNET))
        for packet in packets:
            file.write(struct.pack("<4I", packet.time // 10**9, packet.time % 10**9,
                                   len(packet.frame), len(packet.frame)) + packet.frame)
