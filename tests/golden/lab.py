#!/usr/bin/env python3
"""What smblame finds in the lab captures, held against the wire and against the truth.

    lab.py SMBLAME

Two judges, neither of them our own output: WIRE.tsv (what tshark counts: statuses of session
setups, names, statuses of refused tree connects and opens) and NAME.truth.json (what the server's
own audit log said of each attempt, by client port). What is left out is listed below by name, with
the reason. Ends with `N passed, N failed`."""
import collections
import csv
import json
import pathlib
import re
import subprocess
import sys

import shared

OTHER_CARRIER = "LDAP, DCE/RPC and Kerberos KDC carry these logons: not SMB"
# capture -> {check: why it is left out}
LEFT_OUT = {
    "ad_krb_tcp.pcap": {"all": OTHER_CARRIER},
    "ad_krb_udp.pcap": {"all": OTHER_CARRIER},
    "ad_ldap.pcap": {"all": OTHER_CARRIER},
    "ad_rpc.pcap": {"all": OTHER_CARRIER},
    "m_nt1_doserr.pcap": {"refusals": "the table counts three DFS referral requests answered 3/31 "
                          "under TRANS2; DFS answers are noise and not reported"},
    "t_smb1_vuid.pcap": {"ntlmssp names": "a NEGOTIATE answered with 2/91 before any AUTHENTICATE "
                         "is an attempt without names; the table counts AUTHENTICATE messages"},
    "w_chain.pcap": {"smb1 statuses": "the table shows the status of the last command of each AndX "
                     "chain as the session setup's; the audit check below holds the setups "
                     "themselves",
                     "refusals": "the same: the refused tree connect and open ride in replies that "
                     "the table counts as session setups"},
    "w_snaplen.pcap": {"smb2 statuses": "tshark reports nothing behind a cut segment; the audit "
                       "has the same five refusals and one lock-out that smblame reports",
                       "audit": "names are cut by the snap length"},
}

STATUS = re.compile(r"^(\d+)x (?:dos 0x(\w+)/0x(\w+)|0x(\w+))(.*)$")
SMB1_OPENS = {0xA2: ("SMB_COM_NT_CREATE_ANDX",), 0x2D: ("SMB_COM_OPEN_ANDX",),
              0x02: ("SMB_COM_OPEN",),
              0x03: ("SMB_COM_CREATE",), 0x08: ("SMB_COM_QUERY_INFORMATION",),
              0x10: ("SMB_COM_CHECK_DIRECTORY",), 0x81: ("SMB_COM_SEARCH",),
              0x32: ("TRANS2_OPEN2", "TRANS2_FIND_FIRST2", "TRANS2_QUERY_PATH_INFORMATION"),
              0xA0: ("NT_TRANSACT_CREATE",)}
SMB2_OPENS = {5: ("SMB2_CREATE",), 14: ("SMB2_QUERY_DIRECTORY",)}
COMMANDS = {name: (version, command) for version, table in ((1, SMB1_OPENS), (2, SMB2_OPENS))
            for command, names in table.items() for name in names}


def code(record):
    """A record's status as the tables write it: 0xc000006d, or dos 1/5."""
    error = record.get("error", {})
    if error.get("type") == "DOS":
        return "dos " + error["code"]
    return error.get("code", "0x00000000").lower()


def statuses(cell):
    """{(status, is guest): count} of a cell such as `5x 0xc000006d; 2x 0x00000000 flags=0x0001`."""
    found = collections.Counter()
    for part in cell.split("; "):
        match = STATUS.match(part)
        if not match:
            continue
        count, dos_class, dos_code, nt_status, flags = match.groups()
        text = f"dos {int(dos_class, 16)}/{int(dos_code, 16)}" if dos_class else f"0x{nt_status}"
        text = "0x00000000" if text == "dos 0/0" else text
        guest = flags.strip() == "guest" or "flags=" in flags and int(flags[-6:], 16) & 1 == 1
        if text != "0xc0000016":
            found[text, guest] += int(count)
    return found


def setups(logons, version):
    return collections.Counter(
        (code(r), bool(r["smblame"].get("guest"))) for r in logons
        if r["smblame"]["smb"]["version"] == version and r["smblame"].get("half_seen") != "request")


def names(logons, mechanisms):
    """{DOMAIN\\account@workstation: count}; tshark shows an empty string as NULL."""
    found = collections.Counter()
    for r in logons:
        if r["smblame"]["auth"]["mechanism"] in mechanisms:
            user = r.get("user", {})
            text = f"{user.get('domain') or 'NULL'}\\{user.get('name') or 'NULL'}"
            if "ntlmssp" in mechanisms:
                text += "@" + (r["source"].get("domain") or "NULL")
            found[text.casefold()] += 1
    return found


def wire_names(cell):
    found = collections.Counter()
    for part in cell.split("; "):
        count, _, name = part.partition("x ")
        if name:
            left, _, right = name.partition("\\")
            found[((left or "NULL") + "\\" + (right or "NULL")).casefold()] += int(count)
    return found


def refused(cell):
    """{(version, command, status): count} of the cell of other errors, as records count them: the
    first error of a compound, no DFS answers, only commands that name a share or a file."""
    found = collections.Counter()
    for part in cell.split("; "):
        match = re.match(r"^(\d+)x (smb2 )?([0-9a-fx,]+):(.*)$", part)
        if not match:
            continue
        count, smb2, commands, codes = match.groups()
        version = 2 if smb2 else 1
        pairs = zip(commands.split(","), codes.split(","))
        errors = [(int(c, 0), s) for c, s in pairs if s.startswith(("0xc", "dos"))]
        if not errors:
            continue
        command, status = errors[0]
        if status.startswith("dos"):
            dos_class, dos_code = (int(n, 16) for n in status[4:].split("/"))
            status = f"dos {dos_class}/{dos_code}"
        known = command in ((0x75, 0x70) if version == 1 else (3,)) or \
            command in (SMB1_OPENS if version == 1 else SMB2_OPENS)
        if known and status not in ("0xc0000225", "0xc0000257"):
            found[version, command, status] += int(count)
    return found


def our_refusals(records):
    found = collections.Counter()
    for r in records:
        version = r["smblame"].get("smb", {}).get("version")
        if r["event"]["dataset"] == "smblame.tree_connect":
            found[version, 0x75 if version == 1 else 3, code(r)] += 1
        elif r["event"]["dataset"] == "smblame.open_probe":
            found[*COMMANDS[r["smblame"]["smb"]["command"]], code(r)] += 1
    return found


def audit(truth):
    """(client port, account, domain, granted) of each SMB attempt the servers logged."""
    for event in truth["server_auth_events"] + truth.get("mem01_auth_events", []):
        port = re.search(r":(\d+)$", event.get("remote") or "")
        if port and (event.get("service") or "").startswith("SMB") and event.get("account"):
            yield (int(port[1]), event["account"].casefold(), (event["domain"] or "").casefold(),
                   event["status"] == "NT_STATUS_OK")


def against_audit(logons, truth):
    """Attempts the server logged that we do not have, or have with another end."""
    have = collections.defaultdict(list)
    for r in logons:
        user = r.get("user", {})
        have[r["source"]["port"]].append(
            ((user.get("name") or "").casefold(), (user.get("domain") or "").casefold(),
             r["event"]["outcome"] == "success", bool(r["smblame"].get("guest"))))
    for port, account, domain, granted in audit(truth):
        match = next((m for m in have[port] if m[0] == account and (not domain or m[1] == domain)
                      and (m[2] == granted or m[3])), None)
        if match is None:
            yield f"port {port}: {domain}\\{account} {'granted' if granted else 'refused'}"
        else:
            have[port].remove(match)


def run(smblame, capture):
    done = subprocess.run([smblame, "--json", "--events", capture], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300, check=False)
    if done.returncode not in (0, 4):
        raise RuntimeError(f"{capture}: exit {done.returncode}: {done.stderr.decode()[-300:]}")
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def checks(smblame, folder, row):
    """(name, differences) of each check of one capture."""
    records = run(smblame, folder / row["file"])
    logons = [r for r in records if r["event"]["dataset"] == "smblame.logon"]
    column = {name.split(":")[0].split(" x n")[0]: name for name in row}

    def cell(start):
        return row[next(full for short, full in column.items() if short.startswith(start))]

    def compare(want, got):
        return [f"wire {want[k]}, smblame {got[k]}: {k}" for k in sorted(want | got, key=str)
                if want[k] != got[k]]

    yield "smb1 statuses", compare(statuses(cell("SMB1 session")), setups(logons, 1))
    yield "smb2 statuses", compare(statuses(cell("SMB2 session")), setups(logons, 2))
    yield "ntlmssp names", compare(wire_names(cell("NTLM AUTH")), names(logons, ("ntlmssp",)))
    yield "smb1 names", compare(wire_names(cell("SMB1 raw")),
                                names(logons, ("lanman-nt", "plaintext")))
    yield "refusals", compare(refused(cell("SMB1+SMB2")), our_refusals(records))
    truth = folder / row["file"].replace(".pcap", ".truth.json")
    yield "audit", list(against_audit(logons, json.loads(truth.read_text(encoding="utf-8"))))


def main():
    folder = shared.find("captures/lab/WIRE.tsv") / "captures/lab"
    passed = failed = skipped = 0
    with open(folder / "WIRE.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        left_out = LEFT_OUT.get(row["file"], {})
        if "all" in left_out:
            print(f"left out: {row['file']}: {left_out['all']}")
            skipped += 1
            continue
        for name, differences in checks(sys.argv[1], folder, row):
            if name in left_out:
                print(f"left out: {row['file']} {name}: {left_out[name]}")
                skipped += 1
            elif differences:
                failed += 1
                print(f"{row['file']} {name}:", *differences, sep="\n    ")
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
