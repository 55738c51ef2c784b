#!/usr/bin/env python3
"""The filter of live capture over every golden capture: what it lets through must be enough to find
all that is found without it. SMB on a port of its own is the exception, and is named here.

    default_filter.py SMBLAME CAPTURES-DIR WIRE_FRAMES

Ends with `N passed, N failed`."""
import pathlib
import subprocess
import sys

ETHERNET = "1"
ELSEWHERE = {"wire/port_4455"}  # on a port that the filter does not know


def findings(smblame, capture, *more):
    done = subprocess.run([smblame, "--json", "--events", "--quiet", "--jobs", "1", *more, capture],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.returncode, [line for line in done.stdout.splitlines()
                             if b'"dataset":"smblame.stats"' not in line]


def main():
    smblame, folder = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    text = subprocess.run([sys.argv[3], "filter", ETHERNET], check=True,
                          stdout=subprocess.PIPE).stdout.decode().strip()
    passed = failed = found = 0
    for capture in sorted(folder.glob("**/input.*")):
        name = str(capture.parent.relative_to(folder))
        whole, filtered = findings(smblame, capture), findings(smblame, capture, "-f", text)
        good = whole == filtered if name not in ELSEWHERE else whole[1] and not filtered[1]
        found += len(filtered[1])
        passed, failed = passed + bool(good), failed + (not good)
        if not good:
            print(f"{name}: {len(whole[1])} records, {len(filtered[1])} behind the filter")
    if not found:
        failed += 1
        print("nothing was found at all")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
