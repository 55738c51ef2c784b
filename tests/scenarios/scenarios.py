#!/usr/bin/env python3
"""Prints the names of all scenarios of this directory, without `.txt`, one a line. With names as
arguments: fails when these are not all, because some came or went since meson was configured."""
import pathlib
import sys

names = [path.stem for path in sorted(pathlib.Path(__file__).parent.glob("*.txt"))]
known = sys.argv[1:]
if known and known != names:
    print("came or went since meson was configured:", *sorted(set(known) ^ set(names)))
    sys.exit(1)
print(*names, sep="\n")
