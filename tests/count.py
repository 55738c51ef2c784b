#!/usr/bin/env python3
"""Says how a test run ended, as one line: N passed, N failed, N skipped.

Reads testlog.json of meson runs (one JSON object per test program). A program that prints a line
`N passed, N failed[, N skipped]` of its own, or cmocka's `[  PASSED  ] N test(s).`, counts by that.
Exits 1 when anything failed or nothing ran.
"""
import itertools
import json
import re
import sys

OWN = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)
CMOCKA = re.compile(r"^\[  (PASSED|FAILED)  \] (\d+) test\(s\)[.,]", re.M)


def counts(test):
    """(passed, failed, skipped) of one test program."""
    if test["result"] == "EXPECTEDFAIL":
        return 1, 0, 0  # it was to fail, and did: what it says of itself is the proof
    text = test.get("stdout", "") + "\n" + test.get("stderr", "")
    good = test["result"] == "OK"
    own = OWN.findall(text)
    if own:
        passed, failed, skipped = (int(n or 0) for n in own[-1])
        return passed, failed + (0 if good or failed or test["result"] == "SKIP" else 1), skipped
    if test["result"] == "SKIP":
        return 0, 0, 1
    lines = dict(CMOCKA.findall(text))
    passed, failed = int(lines.get("PASSED", 0)), int(lines.get("FAILED", 0))
    if not passed and not failed:
        return (1, 0, 0) if good else (0, 1, 0)
    return passed, failed if failed else (0 if good else 1), 0


def main():
    total = [0, 0, 0]
    for line in itertools.chain(*(open(path, encoding="utf-8") for path in sys.argv[1:])):
        test = json.loads(line)
        total = [a + b for a, b in zip(total, counts(test))]
        if test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL"):
            print(f"failed: {test['name']} ({test['result']})")
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main())
