"""A small SMB1 client for messages that no finished client sends any more: each kind of session
setup, any AndX chain, and every command that can open or look for a file ([MS-CIFS] 2.2.4). NTLM
is impacket's. It reports the status of each reply as it stood on the wire."""
import os
import socket
import struct
from collections import namedtuple

from impacket import ntlm
from impacket.spnego import SPNEGO_NegTokenInit, SPNEGO_NegTokenResp, TypesMech

from net import LabError, inside
from status import MORE_PROCESSING, from_reply

NEGOTIATE, SETUP, LOGOFF, TREE_ANDX, TREE = 0x72, 0x73, 0x74, 0x75, 0x70
ANDX = {SETUP, LOGOFF, TREE_ANDX, 0xA2, 0x2D}
FLAGS2_LONG, FLAGS2_EXTENDED, FLAGS2_NT, FLAGS2_UNICODE = 0x1, 0x800, 0x4000, 0x8000
Command = namedtuple("Command", "code words data", defaults=(b"", lambda at: b""))
Reply = namedtuple("Reply", "status value command uid tid blocks body")
Block = namedtuple("Block", "code words data")


def receive(sock, count):
    out = b""
    while len(out) < count:
        piece = sock.recv(count - len(out))
        if not piece:
            raise LabError("the server closed the connection")
        out += piece
    return out


def dial(host, address, port, calling, called="CAP01"):
    """A TCP connection from `host`; on 139 with a NetBIOS session request before it."""
    with inside(host):
        sock = socket.create_connection((address, port), 10)
    sock.settimeout(20)
    if port == 139:
        sock.sendall(b"\x81\0\0\x44" + half_ascii(called, 0x20) + half_ascii(calling, 0))
        if receive(sock, 4)[0] != 0x82:
            raise LabError("NetBIOS session refused")
    return sock


def half_ascii(name, suffix):
    raw = name.upper().ljust(15).encode()[:15] + bytes([suffix])
    return b"\x20" + b"".join(bytes([65 + (c >> 4), 65 + (c & 15)]) for c in raw) + b"\0"


class Smb1:
    """One connection. `unicode` and `nt_status` say what the client asks for in Flags2."""

    def __init__(self, host, address, port=445, *, calling="WS042", unicode=True, nt_status=True,
                 extended=False, dialects=("NT LM 0.12",), called="CAP01"):
        self.sock = dial(host, address, port, calling, called)
        self.calling, self.unicode, self.extended = calling, unicode, extended
        self.flags2 = (FLAGS2_LONG | FLAGS2_NT * nt_status | FLAGS2_UNICODE * unicode
                       | FLAGS2_EXTENDED * extended)
        self.uid = self.tid = self.mid = 0
        self.challenge = b""
        self.negotiate(dialects)

    def close(self):
        self.sock.close()

    # The message: header, AndX walk, reply.

    def text(self, value, at):
        """A terminated string that starts `at` bytes behind the SMB header."""
        if not self.unicode:
            return value.encode("cp850") + b"\0"
        return b"\0" * (at & 1) + value.encode("utf-16le") + b"\0\0"

    def message(self, *commands):
        self.mid += 1
        out = struct.pack("<4sBIBHH8sHHHHH", b"\xffSMB", commands[0].code, 0, 0x18, self.flags2, 0,
                          b"", 0, self.tid, 0x1234, self.uid, self.mid)
        for here, after in zip(commands, (*commands[1:], None)):
            words = here.words
            start = len(out)
            length = 1 + len(words) + 4 * (here.code in ANDX) + 2
            data = here.data(start + length)
            if here.code in ANDX:
                follows = start + length + len(data)
                words = struct.pack("<BBH", after.code if after else 0xFF, 0,
                                    follows if after else 0) + words
            out += bytes([len(words) // 2]) + words + struct.pack("<H", len(data)) + data
        return out

    def call(self, *commands):
        out = self.message(*commands)
        self.sock.sendall(struct.pack(">I", len(out)) + out)
        return self.reply()

    def reply(self):
        length = struct.unpack(">I", receive(self.sock, 4))[0]
        body = receive(self.sock, length)
        code, value, _, flags2 = struct.unpack_from("<BIBH", body, 4)
        tid, _, uid = struct.unpack_from("<HHH", body, 24)
        blocks, at = [], 32
        while at:
            count = body[at]
            words = body[at + 1:at + 1 + 2 * count]
            size = struct.unpack_from("<H", body, at + 1 + 2 * count)[0]
            start = at + 3 + 2 * count
            blocks.append(Block(code, words, body[start:start + size]))
            chained = code in ANDX and count >= 2 and words[0] != 0xFF
            code, at = (words[0], struct.unpack_from("<H", words, 2)[0]) if chained else (0, 0)
        return Reply(from_reply(value, flags2 & FLAGS2_NT), value, body[4], uid, tid, blocks, body)

    def negotiate(self, dialects):
        names = b"".join(b"\x02" + d.encode() + b"\0" for d in dialects)
        words = self.call(Command(NEGOTIATE, b"", lambda at: names)).blocks[0]
        if len(words.words) == 34:
            self.challenge = words.data[:8]
            self.key = struct.unpack_from("<I", words.words, 15)[0]
        elif len(words.words) == 26:
            self.challenge = words.data[:8]
            self.key = struct.unpack_from("<I", words.words, 12)[0]
        else:
            raise LabError("no common SMB1 dialect")

    # Session setups.

    def answers(self, kind, user, domain, password):
        """The two password fields of a setup without extended security."""
        lm = ntlm.get_ntlmv1_response(ntlm.compute_lmhash(password), self.challenge)
        nt = ntlm.get_ntlmv1_response(ntlm.compute_nthash(password), self.challenge)
        if kind == "ntlmv2":
            blob = (b"\x01\x01" + bytes(6) + os.urandom(16) + bytes(4)
                    + struct.pack("<HH", 2, 2 * len(domain)) + domain.encode("utf-16le") + bytes(8))
            key = ntlm.NTOWFv2(user, password, domain)
            proof = ntlm.hmac_md5(key, self.challenge + blob)
            client = os.urandom(8)
            return ntlm.hmac_md5(key, self.challenge + client) + client, proof + blob
        return {"ntlmv1": (lm, nt), "lm": (lm, b""), "anonymous": (b"\0", b""),
                "plain": (password.encode() + b"\0", b"")}[kind]

    def setup(self, user, domain, password, kind="ntlmv1"):
        """The 13-word session setup of NT LM 0.12."""
        first, second = self.answers(kind, user, domain, password)
        words = struct.pack("<HHHIHHII", 61440, 2, 1, self.key, len(first), len(second), 0, 0x54)

        def data(at):
            out = first + second
            for value in (user, domain, "Windows NT 1381", "Windows NT 4.0"):
                out += self.text(value, at + len(out))
            return out
        return Command(SETUP, words, data)

    def setup_lanman(self, user, domain, password, kind="lm"):
        """The 10-word session setup of LANMAN 1.0 to 2.1."""
        first, _ = self.answers(kind, user, domain, password)
        words = struct.pack("<HHHIHI", 61440, 2, 1, self.key, len(first), 0)
        oem = b"".join(v.encode("cp850") + b"\0" for v in (user, domain, "DOS", "LANMAN2.1"))
        return Command(SETUP, words, lambda at: first + oem)

    def setup_blob(self, blob):
        """The 12-word session setup with extended security."""
        words = struct.pack("<HHHIHII", 61440, 2, 1, self.key, len(blob), 0, 0x80000054)

        def data(at):
            out = blob
            for value in ("Windows NT 1381", "Windows NT 4.0"):
                out += self.text(value, at + len(out))
            return out
        return Command(SETUP, words, data)

    def logon(self, user, domain, password, kind="ntlmv1", *then):
        """A session setup, with the commands `then` chained behind it. Keeps UID and TID."""
        make = self.setup_lanman if kind == "lanman" else self.setup
        reply = self.call(make(user, domain, password, "lm" if kind == "lanman" else kind), *then)
        if reply.blocks[0].words:
            self.uid, self.tid = reply.uid, reply.tid
        return reply

    def logon_ntlmssp(self, user, domain, password, spnego=False):
        """NTLMSSP in extended security, bare or wrapped in SPNEGO."""
        first = ntlm.getNTLMSSPType1(self.calling, domain, use_ntlmv2=True)
        reply = self.call(self.setup_blob(negotiation(first.getData(), spnego)))
        if reply.value != MORE_PROCESSING:
            return reply
        self.uid = reply.uid
        blob = reply.body[reply.body.index(b"NTLMSSP\0"):]
        third, _ = ntlm.getNTLMSSPType3(first, blob, user, password, domain, use_ntlmv2=True)
        return self.call(self.setup_blob(response(third.getData(), spnego)))

    def challenge_only(self):
        """The first round of NTLMSSP in SPNEGO, and no second."""
        first = ntlm.getNTLMSSPType1(self.calling, "", use_ntlmv2=True)
        if self.call(self.setup_blob(negotiation(first.getData()))).value != MORE_PROCESSING:
            raise LabError("no challenge")

    # Shares and files.

    def tree_andx(self, path, service="?????"):
        words = struct.pack("<HH", 0, 1)
        return Command(TREE_ANDX, words, lambda at: b"\0" + self.text(path, at + 1)
                       + service.encode() + b"\0")

    def tree_old(self, path, service="?????"):
        oem = b"".join(b"\x04" + v.encode("cp850") + b"\0" for v in (path, "", service))
        return Command(TREE, b"", lambda at: oem)

    def tree(self, path, old=False):
        reply = self.call(self.tree_old(path) if old else self.tree_andx(path))
        if not reply.value:
            # The old reply carries the TID in its words, and the header need not.
            self.tid = struct.unpack_from("<H", reply.blocks[0].words, 2)[0] if old else reply.tid
        return reply

    def named(self, name, lead=b"\x04", tail=b""):
        """The bytes of the core commands: a type byte before the name."""
        return lambda at: lead + self.text(name, at + len(lead)) + tail

    def transaction(self, code, at_words, fixed, name, even_from_zero=False):
        """TRANS2 (0x32) or NT_TRANSACT (0xA0) with `fixed` and a name as its parameters."""
        parameters = fixed + self.text(name, len(fixed) if even_from_zero else 0)
        size = 31 if code == 0x32 else 39
        start = 32 + size + 2 + 1
        pad = -start % 4
        offset, count = start + pad, len(parameters)
        return Command(code, at_words(count, offset, offset + count),
                       lambda at: b"\0" + bytes(pad) + parameters)

    def trans2(self, function, fixed, name):
        return self.transaction(0x32, lambda count, offset, end: struct.pack(
            "<HHHHBBHIHHHHHBBH", count, 0, 10, 4096, 0, 0, 0, 0, 0, count, offset, 0, end, 1, 0,
            function), fixed, name)

    def nt_create(self, name):
        size = len(name) * (2 if self.unicode else 1)
        words = struct.pack("<BHIIIQIIIIIB", 0, size, 0x16, 0, 0x20089, 0, 0, 7, 1, 0x40, 2, 0)
        return Command(0xA2, words, lambda at: self.text(name, at))

    def nt_transact_create(self, name):
        size = len(name) * (2 if self.unicode else 1)
        fixed = struct.pack("<IIIQIIIIIIIIB", 0x16, 0, 0x20089, 0, 0, 7, 1, 0x40, 0, 0, size, 2, 0)
        return self.transaction(0xA0, lambda count, offset, end: struct.pack(
            "<BHIIIIIIIIBH", 0, 0, count, 0, 128, 0, count, offset, 0, end, 0, 1), fixed, name,
            True)

    def probe(self, command, name):
        """The command that records call so, looking for `name`, which begins with "\\"."""
        make = {
            "SMB_COM_NT_CREATE_ANDX": lambda: self.nt_create(name),
            "SMB_COM_OPEN_ANDX": lambda: Command(0x2D, struct.pack(
                "<HHHHIHIII", 0, 0x40, 0x16, 0, 0, 1, 0, 0, 0), lambda at: self.text(name, at)),
            "SMB_COM_OPEN": lambda: Command(2, struct.pack("<HH", 0x40, 0x16), self.named(name)),
            "SMB_COM_CREATE": lambda: Command(3, struct.pack("<HI", 0, 0), self.named(name)),
            "SMB_COM_QUERY_INFORMATION": lambda: Command(8, b"", self.named(name)),
            "SMB_COM_CHECK_DIRECTORY": lambda: Command(0x10, b"", self.named(name)),
            "SMB_COM_SEARCH": lambda: Command(0x81, struct.pack("<HH", 10, 0x16),
                                              self.named(name, tail=b"\x05\0\0")),
            "TRANS2_OPEN2": lambda: self.trans2(0, struct.pack(
                "<HHHHIHI10s", 0, 0x40, 0, 0, 0, 1, 0, b""), name),
            "TRANS2_FIND_FIRST2": lambda: self.trans2(1, struct.pack(
                "<HHHHI", 0x16, 10, 6, 0x104 if self.unicode else 1, 0), name),
            "TRANS2_QUERY_PATH_INFORMATION": lambda: self.trans2(5, struct.pack(
                "<HI", 0x101 if self.unicode else 1, 0), name),
            "NT_TRANSACT_CREATE": lambda: self.nt_transact_create(name),
        }
        return self.call(make[command]())


def negotiation(token, spnego=True):
    if not spnego:
        return token
    wrap = SPNEGO_NegTokenInit()
    wrap["MechTypes"] = [TypesMech["NTLMSSP - Microsoft NTLM Security Support Provider"]]
    wrap["MechToken"] = token
    return wrap.getData()


def response(token, spnego=True):
    if not spnego:
        return token
    wrap = SPNEGO_NegTokenResp()
    wrap["ResponseToken"] = token
    return wrap.getData()
