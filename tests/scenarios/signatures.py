#!/usr/bin/env python3
"""Plays every driver signature that may be blamed: its least common file is looked for in two
shares just before the token account of that machine is refused there. The signature itself has to
be named, or, where others have every one of its files as well, be among the candidates. A name
that only proves a search of PATH must blame nobody.

    signatures.py PROJECT PLAY
"""
import fnmatch
import json
import pathlib
import re
import subprocess
import sys
import tempfile

SCENARIO = """\
# Made by signatures.py of the entry {id} in knowledge/drivers.json.
host ws 10.1.2.42
server cap01 10.1.0.10 domain CORP member netbios
0:10.0 open ws cap01 CORP\\jdoe \\\\CAP01\\{share} {file} 0xC0000034 by nt-create
0:10.1 open ws cap01 CORP\\jdoe \\\\CAP01\\{share2} {file} 0xC0000034 by nt-create
0:10.5 repeat 3 every 1 {{
    0 logon ws cap01 WS\\SMSCliToknAcct& refused smb1 share \\\\CAP01\\{share}
}}
{expect}
"""


def name_of(pattern):
    """A name that fits a pattern, and that a driver may have."""
    return re.sub(r"\.\*$", ".sys", pattern).replace("*", "x1").replace("?", "x")


def owners(entries, name):
    """Ids of what may be blamed for a name: exact patterns before wildcards."""
    exact, wild = [], []
    for entry in entries:
        if entry["role"] not in ("culprit", "stale"):
            continue
        for pattern in entry["files"]:
            if pattern.lower() == name.lower():
                exact.append(entry["id"])
            elif fnmatch.fnmatchcase(name.lower(), pattern.lower()):
                wild.append(entry["id"])
    return list(dict.fromkeys(exact or wild))


def strong_names(entry):
    weak = {name.lower() for name in entry.get("weak_files", [])}
    return [name_of(pattern) for pattern in entry["files"] if pattern.lower() not in weak]


def best_name(entries, entry):
    """The strong name that the fewest others have; better one that stands there as it is."""
    names = [name for name in strong_names(entry) if entry["id"] in owners(entries, name)]
    if not names:
        return None
    return min(names, key=lambda name: (len(owners(entries, name)), name not in entry["files"]))


def expectation(entries, entry, name):
    if entry["role"] == "probe":
        return "expect steps > 0\nexpect no culprit"
    if owners(entries, name) == [entry["id"]]:
        return f"expect culprit {entry['kind']} {entry['id']} missing {name}"
    return f"expect candidate {entry['id']} culprit none"


def scenarios(entries):
    """(id, text) of each signature with a strong file name."""
    for entry in entries:
        name = None
        if entry["role"] == "culprit":
            name = best_name(entries, entry)
        elif entry["role"] == "probe" and strong_names(entry):
            name = strong_names(entry)[0]
        if name:
            yield entry["id"], SCENARIO.format(
                id=entry["id"], file=name, share="CAP_S01", share2="TOOLS",
                expect=expectation(entries, entry, name))


def main():
    knowledge = pathlib.Path(sys.argv[1]) / "knowledge" / "drivers.json"
    entries = json.loads(knowledge.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, text in scenarios(entries):
            paths.append(pathlib.Path(folder) / f"{name}.txt")
            paths[-1].write_text(text, encoding="utf-8")
        return subprocess.run([sys.argv[2], "-q", *paths], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
