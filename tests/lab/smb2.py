"""A small SMB 2.0.2 to 3.1.1 client ([MS-SMB2]) for what finished clients do not offer: several
users on one connection, a second session setup on a living session, a channel bound to a session,
related compounds. NTLM and AES-CMAC are impacket's."""
import hashlib
import os
import struct
from collections import namedtuple

from impacket import ntlm
from impacket.crypto import AES_CMAC, KDF_CounterMode

from net import LabError
from smb1 import dial, negotiation, receive, response
from status import MORE_PROCESSING, from_reply

NEGOTIATE, SETUP, LOGOFF, TREE, CREATE, CLOSE, QUERY = 0, 1, 2, 3, 5, 6, 14
SIGNED, RELATED, PENDING = 8, 4, 0x103
HEADER = "<4sHHIHHIIQIIQ16s"
ANY_FILE = b"\xff" * 16
Reply = namedtuple("Reply", "status value session tree body flags next")


class Session:
    """What a granted session setup leaves: its id, its key and the flags of the reply."""

    def __init__(self, number, key=b"", flags=0, preauth=None):
        self.number, self.key, self.flags, self.preauth = number, key, flags, preauth

    def signing_key(self):
        if self.preauth:
            return KDF_CounterMode(self.key, b"SMBSigningKey\0", self.preauth, 128)
        return KDF_CounterMode(self.key, b"SMB2AESCMAC\0", b"SmbSign\0", 128)

    def words(self):
        """What a message of this session carries: its id, and at 3.1.1 a signature."""
        return {"session": self.number, "key": self.signing_key() if self.preauth else None}


class Smb2:
    """One connection. `guid` is the ClientGuid, which ties channels together."""

    def __init__(self, host, address, port=445, *, calling="WS042", dialects=(0x210,), guid=None):
        self.sock, self.calling = dial(host, address, port, calling), calling
        self.guid, self.next_message = guid or os.urandom(16), 0
        # 3.1.1 wants every message up to the logon hashed, and the first after it signed.
        self.preauth = bytes(64) if 0x311 in dialects else None
        at = 64 + 36 + 2 * len(dialects)
        contexts = (at + -at % 8, 1) if self.preauth else (0, 0)
        body = struct.pack("<HHHHI16sIHH", 36, len(dialects), 1, 0, 0x7F, self.guid, *contexts, 0)
        body += struct.pack(f"<{len(dialects)}H", *dialects)
        if self.preauth:
            body += bytes(-at % 8) + struct.pack("<HHIHHH32s", 1, 38, 0, 1, 32, 1, os.urandom(32))
        self.call(NEGOTIATE, body)
        self.negotiated = self.preauth

    def close(self):
        self.sock.close()

    def message(self, command, body, *, session=0, tree=0, flags=0, follows=0, key=None):
        out = struct.pack(HEADER, b"\xfeSMB", 64, 1, 0, command, 31, flags | SIGNED * bool(key),
                          follows, self.next_message, 0xFEFF, tree, session, b"") + body
        self.next_message += 1
        if key:
            out = out[:48] + AES_CMAC(key, out, len(out)) + out[64:]
        return out

    def send(self, data):
        self.hash(data)
        self.sock.sendall(struct.pack(">I", len(data)) + data)

    def hash(self, data):
        """A logon of 3.1.1 depends on all messages before its last reply."""
        if self.preauth and struct.unpack_from("<H", data, 12)[0] in (NEGOTIATE, SETUP):
            self.preauth = hashlib.sha512(self.preauth + data).digest()

    def replies(self):
        """All replies of one NetBIOS message."""
        out, data, at = [], receive(self.sock, struct.unpack(">I", receive(self.sock, 4))[0]), 0
        value, command = struct.unpack_from("<IH", data, 8)
        if value == MORE_PROCESSING or command == NEGOTIATE:
            self.hash(data)
        while True:
            f = struct.unpack_from(HEADER, data, at)
            end = at + f[7] if f[7] else len(data)
            out.append(Reply(from_reply(f[3], True), f[3], f[11], f[10], data[at + 64:end], f[6],
                             f[7]))
            if not f[7]:
                return out
            at = end

    def call(self, *args, **more):
        self.send(self.message(*args, **more))
        while True:
            reply = self.replies()[0]
            if reply.value != PENDING:
                return reply

    def logon(self, user, domain, password, *, session=0, spnego=True, binding=None):
        """A session setup of two rounds; returns the last reply and the Session. `session` is a
        living session's id (re-authentication); `binding` a Session of another connection."""
        number, key, self.preauth = session, None, self.negotiated
        if binding:
            number, key = binding.number, binding.signing_key()
        first = ntlm.getNTLMSSPType1(self.calling, domain, use_ntlmv2=True)
        reply = self.setup_round(negotiation(first.getData(), spnego), number, key)
        if reply.value != MORE_PROCESSING:
            return reply, None
        offset, size = struct.unpack_from("<HH", reply.body, 4)
        blob = reply.body[offset - 64:offset - 64 + size]
        third, secret = ntlm.getNTLMSSPType3(first, blob[blob.index(b"NTLMSSP\0"):], user, password,
                                             domain, use_ntlmv2=True)
        last = self.setup_round(response(third.getData(), spnego), reply.session, key)
        flags = struct.unpack_from("<H", last.body, 2)[0] if not last.value else 0
        return last, Session(reply.session, secret, flags, self.preauth)

    def setup_round(self, blob, session, key):
        return self.call(SETUP, self.setup_body(blob, bool(key)), session=session, key=key)

    def challenge_only(self):
        """The first round of a session setup, and no second."""
        first = ntlm.getNTLMSSPType1(self.calling, "", use_ntlmv2=True)
        if self.setup_round(negotiation(first.getData()), 0, None).value != MORE_PROCESSING:
            raise LabError("no challenge")

    @staticmethod
    def setup_body(blob, binding=False):
        return struct.pack("<HBBIIHHQ", 25, binding, 1, 1, 0, 88, len(blob), 0) + blob

    def logon_together(self, users):
        """Session setups of several users round by round, each round's requests in one segment.
        Returns the last replies in the order they came."""
        firsts = [ntlm.getNTLMSSPType1(self.calling, domain, use_ntlmv2=True)
                  for _, domain, _ in users]
        answers = self.together([(negotiation(f.getData()), 0) for f in firsts])
        blobs = []
        for first, answer, (user, domain, password) in zip(firsts, answers, users):
            challenge = answer.body[answer.body.index(b"NTLMSSP\0"):]
            third, _ = ntlm.getNTLMSSPType3(first, challenge, user, password, domain,
                                            use_ntlmv2=True)
            blobs.append((response(third.getData()), answer.session))
        return self.together(blobs)

    def together(self, blobs):
        out = b""
        for blob, session in blobs:
            one = self.message(SETUP, self.setup_body(blob), session=session)
            out += struct.pack(">I", len(one)) + one
        self.sock.sendall(out)
        got = []
        while len(got) < len(blobs):
            got += self.replies()
        return got

    def tree(self, session, path):
        name = path.encode("utf-16le")
        return self.call(TREE, struct.pack("<HHHH", 9, 0, 72, len(name)) + name,
                         **session.words())

    @staticmethod
    def create_body(name, directory=False):
        text = name.encode("utf-16le")
        return struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x81, 0, 7, 1,
                           0x1 if directory else 0x40, 120, len(text), 0, 0) + (text or b"\0\0")

    @staticmethod
    def query_body(pattern, file=ANY_FILE):
        text = pattern.encode("utf-16le")
        return struct.pack("<HBBI16sHHI", 33, 0x25, 1, 0, file, 96, len(text), 65536) + text

    def create(self, session, tree, name, directory=False):
        reply = self.call(CREATE, self.create_body(name, directory), tree=tree,
                          **session.words())
        return reply, reply.body[64:80] if not reply.value else None

    def query(self, session, tree, file, pattern):
        return self.call(QUERY, self.query_body(pattern, file), tree=tree, **session.words())

    def close_file(self, session, tree, file):
        body = struct.pack("<HHI16s", 24, 0, 0, file)
        return self.call(CLOSE, body, tree=tree, **session.words())

    def search_compound(self, session, tree, directory, pattern):
        """CREATE of a directory, QUERY_DIRECTORY and CLOSE, related, in one message."""
        parts = ((CREATE, self.create_body(directory, True)), (QUERY, self.query_body(pattern)),
                 (CLOSE, struct.pack("<HHI16s", 24, 0, 0, ANY_FILE)))
        out = b""
        for command, body in parts:
            last = command == CLOSE
            body += bytes(0 if last else -(64 + len(body)) % 8)
            out += self.message(command, body, tree=tree, **session.words(),
                                flags=RELATED if out else 0, follows=0 if last else 64 + len(body))
        self.send(out)
        got = self.replies()
        while len(got) < 3:
            got += self.replies()
        return got

    def logoff(self, session):
        reply = self.call(LOGOFF, struct.pack("<HH", 4, 0), **session.words())
        if reply.value:
            raise LabError(f"logoff: {reply.status}")
