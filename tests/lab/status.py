"""Statuses by name, and what Samba sends for each of them when it speaks DOS error codes."""
from impacket.nt_errors import ERROR_MESSAGES

CODES = {name.removeprefix("STATUS_"): code for code, (name, _) in ERROR_MESSAGES.items()}
CODES.update(OK=0, NO_SUCH_FILE=0xC000000F, BAD_NETWORK_NAME=0xC00000CC,
             NOLOGON_WORKSTATION_TRUST_ACCOUNT=0xC0000199)
MORE_PROCESSING = 0xC0000016
DOS = {"LOGON_FAILURE": "DOS 1/5", "ACCOUNT_LOCKED_OUT": "DOS 1/5", "ACCESS_DENIED": "DOS 1/5",
       "NOLOGON_WORKSTATION_TRUST_ACCOUNT": "DOS 1/5", "ACCOUNT_DISABLED": "DOS 2/2239",
       "ACCOUNT_EXPIRED": "DOS 2/2239", "PASSWORD_EXPIRED": "DOS 2/2242",
       "PASSWORD_MUST_CHANGE": "DOS 2/2242", "INVALID_WORKSTATION": "DOS 2/2240",
       "BAD_NETWORK_NAME": "DOS 1/67", "OK": "0x00000000"}
# What Samba's audit calls these is finer than what it puts on the wire.
WIRE = {"WRONG_PASSWORD": "LOGON_FAILURE", "NO_SUCH_USER": "LOGON_FAILURE"}


def nt(name):
    """"LOGON_FAILURE" -> "0xC000006D"."""
    return f"0x{CODES[name]:08X}"


def on_wire(name, dos=False):
    """The status a reply carries when the server means `name`."""
    name = WIRE.get(name, name)
    return DOS[name] if dos else nt(name)


def from_reply(value, is_nt):
    """A reply's status field as truth.json writes it."""
    if is_nt or value == 0:
        return f"0x{value:08X}"
    return f"DOS {value & 0xFF}/{value >> 16}"
