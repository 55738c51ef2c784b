"""tshark's independent view of a capture, to hold the truth against: never a source of it."""
import collections
import re
import subprocess

from net import LabError
from status import MORE_PROCESSING

OPEN_COMMANDS = {"SMB_COM_NT_CREATE_ANDX": "1:0xa2", "SMB_COM_OPEN_ANDX": "1:0x2d",
                 "SMB_COM_OPEN": "1:0x02", "SMB_COM_CREATE": "1:0x03",
                 "SMB_COM_QUERY_INFORMATION": "1:0x08", "SMB_COM_CHECK_DIRECTORY": "1:0x10",
                 "SMB_COM_SEARCH": "1:0x81", "TRANS2_OPEN2": "1:0x32",
                 "TRANS2_FIND_FIRST2": "1:0x32",
                 "TRANS2_QUERY_PATH_INFORMATION": "1:0x32", "NT_TRANSACT_CREATE": "1:0xa0",
                 "SMB2_CREATE": "2:5", "SMB2_QUERY_DIRECTORY": "2:14"}
FIELDS = ("smb.cmd", "smb.nt_status", "smb.error_class", "smb.error_code", "smb.wct", "smb2.cmd",
          "smb2.nt_status", "smb2.flags.response")


def tshark(pcap, shown, fields):
    """One row of lists per frame that `shown` matches."""
    argv = ["tshark", "-n", "-r", str(pcap), "-o", "tcp.reassemble_out_of_order:TRUE",
            "-d", "tcp.port==4455,nbss", "-Y", shown, "-T", "fields", "-E", "occurrence=a",
            "-E", "aggregator=|"]
    for field in fields:
        argv += ["-e", field]
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if done.returncode:
        raise LabError(f"tshark cannot read {pcap}")
    return [[cell.split("|") if cell else [] for cell in line.split("\t")]
            for line in done.stdout.splitlines()]


def replies(pcap):
    """(command, status, word count) of every SMB1 and SMB2 reply, in order."""
    for c1, nt1, dos_class, dos_code, words, c2, nt2, answers in tshark(
            pcap, "smb.flags.response == 1 || smb2.flags.response == 1", FIELDS):
        if c2:
            statuses = [value(s) for s, a in zip(nt2, answers) if a in ("1", "True")]
            first = next((i for i, s in enumerate(statuses) if refused(s)), len(statuses))
            # What follows the first error of a compound is no refusal of its own.
            yield from ((f"2:{c}", s, 1) for i, (c, s) in enumerate(zip(c2, statuses))
                        if i <= first or c == "1")
            continue
        status = value(nt1[0]) if nt1 else dos(dos_class[0], dos_code[0])
        # The header's status is that of the last command of an AndX chain.
        c1 = [command for command in c1 if int(command, 0) != 0xFF]
        for position, command in enumerate(c1):
            last = position == len(c1) - 1
            count = int(words[min(position, len(words) - 1)]) if words else 0
            yield f"1:{command.lower()}", status if last or not count else value("0"), count


def setup_frames(pcap):
    """The frame of each reply that ends a session setup, in order."""
    ends = "{0}.flags.response == 1 && {0}.cmd == {1} && !({0}.nt_status == 0xc0000016)"
    rows = tshark(pcap, f"({ends.format('smb', 0x73)}) || ({ends.format('smb2', 1)})",
                  ("frame.number",))
    return [int(row[0][0]) for row in rows]


def value(text):
    return f"0x{int(text, 0):08X}"


def dos(kind, code):
    kind, code = int(kind, 0), int(code, 0)
    return f"DOS {kind}/{code}" if kind or code else value("0")


def refused(status):
    return status.startswith(("DOS", "0xC"))


def names(pcap):
    """(account, domain, workstation) of each request that names them, in order."""
    out = []
    for users, domains, hosts, plain, primary in tshark(
            pcap, "ntlmssp.messagetype == 3 || (smb.cmd == 0x73 && smb.account && !ntlmssp)",
            ("ntlmssp.auth.username", "ntlmssp.auth.domain", "ntlmssp.auth.hostname",
             "smb.account", "smb.primary_domain")):
        several = zip(users, domains, hosts) if users else [(first(plain), first(primary), "")]
        out += [tuple("" if part == "NULL" else part for part in parts) for parts in several]
    return out


def texts(pcap, *fields):
    """Every value that any of these fields has."""
    rows = tshark(pcap, " || ".join(fields), fields)
    return {one for row in rows for cell in row for one in cell}


def first(values):
    return values[0] if values else ""


def same(what, told, seen):
    if told != seen:
        raise LabError(f"{what}: told {told}\n      seen {seen}")


def agree(pcap, truth, blind=()):
    """Raises LabError where the capture does not show what truth.json would say. `blind` names what
    is left out because tshark cannot decode it."""
    seen = list(replies(pcap))
    setups = [status for command, status, _ in seen if command in ("1:0x73", "2:1")
              and status != f"0x{MORE_PROCESSING:08X}"]
    same("session setups", [one["status"] for one in truth["logons"]], setups)
    told = [(one["account"], one["domain"], one.get("workstation", "")) for one in truth["logons"]
            if one.get("mechanism") != "kerberos"]
    if "names" not in blind:
        same("names", told, names(pcap))
    trees = [status for command, status, _ in seen
             if command in ("1:0x75", "1:0x70", "2:3") and refused(status)]
    same("tree connects", [one["status"] for one in truth["tree_connects"]], trees)
    wanted = collections.Counter((OPEN_COMMANDS[one["command"]], one["status"])
                                 for one in truth["opens"])
    codes = set(OPEN_COMMANDS.values())
    got = collections.Counter((command, status) for command, status, _ in seen
                              if command in codes and refused(status)
                              and not re.search("C0000225|C0000257", status))
    missing = {one["share"] for key in ("tree_connects", "opens") for one in truth[key]}
    missing -= {None} | texts(pcap, "smb.path", "smb2.tree")
    missing |= {one["name"] for one in truth["opens"]} - texts(
        pcap, "smb.file", "smb.search_pattern", "smb.dir_name", "smb2.filename",
        "smb2.find.pattern") - {""}
    same("shares and files that are not there", [], sorted(missing))
    guests = tshark(pcap, "smb.setup.action.guest == 1 || smb2.ses_flags.guest == 1",
                    ["frame.number"])
    same("guests", sum(1 for one in truth["logons"] if one.get("guest")), len(guests))
    same("opens", sorted(wanted.items()), sorted(got.items()))
