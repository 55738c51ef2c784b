"""Answers to NTLM challenges, computed from a password ([MS-NLMP] 3.3): to see whether what was
captured can be held against one. And where in a capture challenges and answers are, by a search
that trusts no length: whatever looks like one is tried."""
import ctypes
import ctypes.util
import hashlib
import hmac
import struct

# MD4 and DES, which a current library of Python's refuses; the program itself needs this one.
NETTLE = ctypes.CDLL(ctypes.util.find_library("nettle"))


def md4(data):
    context, digest = ctypes.create_string_buffer(256), ctypes.create_string_buffer(16)
    NETTLE.nettle_md4_init(context)
    NETTLE.nettle_md4_update(context, ctypes.c_size_t(len(data)), data)
    NETTLE.nettle_md4_digest(context, ctypes.c_size_t(16), digest)
    return digest.raw


def des(key, block):
    """One block under a key of 7 bytes."""
    bits = int.from_bytes(key, "big")
    wide = bytes((bits >> 49 - 7 * i & 0x7F) << 1 for i in range(8))
    context, out = ctypes.create_string_buffer(256), ctypes.create_string_buffer(8)
    NETTLE.nettle_des_set_key(context, wide)
    NETTLE.nettle_des_encrypt(context, ctypes.c_size_t(8), out, block)
    return out.raw


def answer_v1(digest, challenge):
    """The 24 bytes of LM and NTLMv1."""
    keys = digest + bytes(5)
    return b"".join(des(keys[i:i + 7], challenge) for i in (0, 7, 14))


def lm_hash(password):
    text = password.upper().encode("ascii", "replace")[:14].ljust(14, b"\0")
    return des(text[:7], b"KGS!@#$%") + des(text[7:], b"KGS!@#$%")


def md5_mac(key, data):
    return hmac.new(key, data, "md5").digest()


def texts(message, at):
    size, _, offset = struct.unpack_from("<HHI", message, at)
    return message[offset:offset + size]


def collect(payloads):
    """Server challenges, and answers as (user, domain, LM, NT), of NTLMSSP and of SMB1 without."""
    challenges, answers = set(), []
    for payload in payloads:
        at = -1
        while (at := payload.find(b"NTLMSSP\0", at + 1)) >= 0 and at + 32 <= len(payload):
            message = payload[at:]
            if message[8] == 2:
                challenges.add(message[24:32])
            if message[8] == 3 and len(message) >= 64:
                answers.append((texts(message, 36), texts(message, 28), texts(message, 12),
                                texts(message, 20)))
        if payload[4:8] == b"\xffSMB" and len(payload) > 70:
            collect_smb1(payload[4:], challenges, answers)
    return challenges, answers


def collect_smb1(message, challenges, answers):
    words = message[32]
    at = 35 + 2 * words
    if message[4] == 0x72 and words in (13, 17):
        challenges.add(message[at:at + 8])
    if message[4] == 0x73 and words in (10, 13) and not message[9] & 0x80:
        lm, nt = struct.unpack_from("<HH", message, 47)
        nt = nt if words == 13 else 0
        rest = message[at + lm + nt:]
        for skip in (0, 1):
            names = rest[skip:].decode("utf-16-le", "replace").split("\0")
            names = [name.encode("utf-16-le") for name in names[:2]] + [b"", b""]
            answers.append((names[0], names[1], message[at:at + lm], message[at + lm:at + lm + nt]))


def verifies(password, challenges, answer):
    """By which form of NTLM an answer is one that this password gives to a challenge, or None."""
    user, domain, lm, nt = answer
    nt_hash = md4(password.encode("utf-16-le"))
    folded = user.decode("utf-16-le", "replace").upper().encode("utf-16-le")
    key_v2 = md5_mac(nt_hash, folded + domain)
    for challenge in challenges:
        if len(challenge) != 8:
            continue
        v1, plain = answer_v1(nt_hash, challenge), answer_v1(lm_hash(password), challenge)
        mixed = hashlib.md5(challenge + lm[:8]).digest()[:8]
        if len(nt) >= 44 and md5_mac(key_v2, challenge + nt[16:]) == nt[:16]:
            return "NTLMv2"
        if len(lm) == 24 and md5_mac(key_v2, challenge + lm[16:]) == lm[:16]:
            return "LMv2"
        if len(nt) == 24 and nt == v1:
            return "NTLMv1"
        if len(nt) == 24 and nt == answer_v1(nt_hash, mixed):
            return "NTLMv1-ESS"
        if len(lm) == 24 and lm == plain:
            return "LM"
    return None

