#!/usr/bin/env python3
"""flood.py BUILD [BYTES [ROUNDS]]: what floods cost per packet beside an honest storm of logons, at
the usual limits and at small ones, where each newcomer pushes somebody out. CPU time of the whole
process less that of an empty capture, the least of some rounds; instructions by callgrind over a
twentieth of the bytes. Ends with 1 when a flood costs more than three times the time of the storm.

syn: SYNs of random addresses and ports   data: single packets of theirs that begin an SMB
connection   half-open: logons that are begun and left alone   web: as syn and data, on port 80"""
import pathlib
import shutil
import sys

import captures
import stages
import table

HONEST, MOST = "logon-storm", 3
SMALL = ["--limit", "flows=2048", "--limit", "connections=512"]


def cpu(command, rounds):
    """The least CPU time of some runs, in seconds, and the most memory, in MB."""
    runs = [table.run(command) for _ in range(rounds)]
    return min(run[0] for run in runs), max(run[1] for run in runs)


def instructions(program, capture, nothing, limits):
    """Per packet."""
    if not shutil.which("valgrind"):
        return 0
    both = [sum(stages.count(program, path, limits).values())
            for path in (capture.path, nothing)]
    return (both[0] - both[1]) / capture.packets


def main():
    build = pathlib.Path(sys.argv[1])
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    program, worst, honest = build / "src/smblame", 0, {}
    print(f"{'flood':16}{'limits':>8}{'ns/packet':>11}{'x honest':>10}{'MB':>6}"
          f"{'instructions':>14}")
    for name in (HONEST, *captures.FLOODS):
        whole = captures.make(name, build / "floods", size, build / "tests/gencap",
                              is_ours=True)
        part = captures.make(name, build / "floods/small", size // 20, build / "tests/gencap",
                             is_small=True)
        nothing = stages.empty(whole.path)
        for word, limits in (("usual", []), ("small", SMALL)):
            command = [program, "-q", "--json", "--jobs", "1", *limits]
            took, memory = cpu([*command, whole.path], rounds)
            took = (took - cpu([*command, nothing], rounds)[0]) / whole.packets * 1e9
            ratio = took / honest.setdefault(word, took)
            worst = max(worst, ratio if word == "usual" else 0)
            print(f"{name:16}{word:>8}{took:11.0f}{ratio:10.2f}{memory:6.0f}"
                  f"{instructions(program, part, nothing, limits):14.0f}", flush=True)
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main())
