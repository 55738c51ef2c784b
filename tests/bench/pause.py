#!/usr/bin/env python3
"""pause.py BUILD [BYTES [CAPTURE]]: the longest pauses of a replay (pause.c), of storm1M unless
another capture is named. Ends with 1 when the longest is more than 5 ms of CPU."""
import pathlib
import re
import subprocess
import sys

import captures

LONGEST_MS = 5


def main():
    build = pathlib.Path(sys.argv[1])
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000_000
    name = sys.argv[3] if len(sys.argv) > 3 else "storm1M"
    capture = captures.make(name, build / "bench", size, build / "tests/gencap")
    said = subprocess.run([build / "tests/pause", capture.path], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, check=True).stderr
    print(f"{name}: {said}", end="")
    longest = float(re.search(r"longest pause ([0-9.]+) ms", said).group(1))
    return int(longest > LONGEST_MS)


if __name__ == "__main__":
    sys.exit(main())
