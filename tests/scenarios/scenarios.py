#!/usr/bin/env python3
"""Prints the names of all scenarios of this directory, without `.txt`, one a line."""
import pathlib

for path in sorted(pathlib.Path(__file__).parent.glob("*.txt")):
    print(path.stem)
