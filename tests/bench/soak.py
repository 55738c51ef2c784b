#!/usr/bin/env python3
"""soak.py BUILD SECONDS: hostile traffic made of every golden capture (soak.c), half of the time at
the usual limits and half at a sixteenth of them, where all are reached. Ends with 1 when memory was
ever more than a quarter above the ceiling."""
import pathlib
import re
import subprocess
import sys

CAPTURES = pathlib.Path(__file__).resolve().parents[2] / "captures"


def small_limits(build):
    """A sixteenth of every limit that is still in its range then."""
    listed = subprocess.run([build / "src/smblame", "-V", "-v"], stdout=subprocess.PIPE, text=True,
                            check=True).stdout
    for word, usual, least in re.findall(r"^  (\w+) +(\d+)  \((\d+) to", listed, re.MULTILINE):
        yield from ("--limit", f"{word}={max(int(usual) // 16, int(least))}")


def main():
    build, seconds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    files = sorted(CAPTURES.glob("*/*/input.*"))
    status = 0
    for name, limits in (("usual limits", []), ("small limits", [*small_limits(build)])):
        print(f"{name}:", flush=True)
        status |= subprocess.run([build / "tests/soak", str(max(1, seconds // 2)), *limits, *files],
                                 stdout=subprocess.DEVNULL, check=False).returncode
    return int(status != 0)


if __name__ == "__main__":
    sys.exit(main())
