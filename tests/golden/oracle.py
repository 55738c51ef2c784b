#!/usr/bin/env python3
"""What smblame finds in the public captures, held against what tshark finds there.

    oracle.py SMBLAME

Every difference must be explained, frame by frame, in oracle_differences.tsv beside this file; an
explanation that no longer explains anything is a failure too. Ends with `N passed, N failed`, where
a pass is an event on which both agree or an explained difference."""
import csv
import pathlib
import re
import subprocess
import sys
import tempfile

import shared

TYPES = "session_setup_failure,session_setup_success,tree_connect_failure,open_failure"
NOTE = re.compile(r"^(missing|extra|wrong)\s+(.+) frame (\d+) (\w+): (.*)$")


def explanations():
    """{(kind, capture, frame, type): why}"""
    path = pathlib.Path(__file__).with_name("oracle_differences.tsv")
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {(r["kind"], r["capture"], r["frame"], r["type"]): r["why"] for r in rows}


def main():
    folder = shared.find("captures/public", "oracle/compare.py", "oracle/expected")
    oracle, smblame = folder / "oracle", str(pathlib.Path(sys.argv[1]).resolve())
    names = {p.name[:-len(".jsonl")] for p in (oracle / "expected").glob("*.jsonl")}
    captures = [p for p in sorted((folder / "captures/public").iterdir()) if p.name in names]
    with tempfile.TemporaryDirectory() as actual:
        subprocess.run([sys.executable, oracle / "from_smblame.py", "--run", smblame, "--out",
                        actual,
                        *captures], check=True)
        done = subprocess.run(
            [sys.executable, oracle / "compare.py", "--expected", oracle / "expected", "--actual",
             actual, "--types", TYPES, "--show", "100000"], stdout=subprocess.PIPE, check=True)
    text = done.stdout.decode()
    known, seen, failed = explanations(), set(), 0
    for line in text.splitlines():
        note = NOTE.match(line)
        if not note:
            print(line)
            continue
        key = note.group(1, 2, 3, 4)
        seen.add(key)
        if key not in known:
            failed += 1
            print("unexplained:", line)
    for key in known.keys() - seen:
        failed += 1
        print("explains nothing any more:", *key)
    agreed = sum(int(m[1]) for m in re.finditer(r"^\w+_\w+\s+(\d+)", text, re.M))
    print(f"{agreed} events agree, {len(seen & known.keys())} differences explained")
    print(f"{agreed + len(seen & known.keys())} passed, {failed} failed")
    return 1 if failed or not captures else 0


if __name__ == "__main__":
    sys.exit(main())
