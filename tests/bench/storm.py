#!/usr/bin/env python3
"""storm.py BUILD FAILURES ROUNDS: what diagnosis costs in a storm. Over a capture of so many
refused logons (50,000 accounts from 20,000 clients, 100,000 pairs of the two, more than are
remembered) runs smblame --json with and without diagnosis in turn, and prints CPU time and memory
of both, and the median of the ratios of the rounds."""
import pathlib
import statistics
import sys

import captures
import table

BYTES_PER_FAILURE = 3500


def main():
    build, failures, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    capture = captures.make("pairs-storm", build / "storm", failures * BYTES_PER_FAILURE,
                            build / "tests/gencap")
    smblame = [build / "src/smblame", "-q", "--json", "--jobs", "1"]
    ways = {"with": [*smblame, capture.path],
            "without": [*smblame, "--no-diagnosis", capture.path]}
    taken = {way: [] for way in ways}
    for _ in range(rounds):
        for way, command in ways.items():
            taken[way].append(table.run(command))
    for way, runs in taken.items():
        print(f"{way:>8} diagnosis: {statistics.median(r[0] for r in runs):7.2f} s CPU, "
              f"{max(r[1] for r in runs):5.0f} MB, {runs[0][2].count(10)} records")
    ratio = statistics.median(w[0] / o[0] for w, o in zip(taken["with"], taken["without"]))
    print(f"{capture.logons} failures: {ratio:.2f}x the time without diagnosis (at most 2)")


if __name__ == "__main__":
    main()
