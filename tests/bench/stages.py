#!/usr/bin/env python3
"""stages.py BUILD [--check FILE | --write FILE]: instructions per packet by stage, counted by
callgrind over small captures. BUILD is a release build with debug information. What a run over no
packets costs is taken off. An instruction belongs to the room of the source file that it was
written in, wherever the compiler put it.

With --check, fails when a capture costs 5 % more or less than the file says: more must be explained
or mended, less is written down with --write."""
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import captures

SMALL_BYTES = 6_000_000
TOLERANCE = 0.05
STAGES = (
    ("read", r"src/capture/"),
    ("decode", r"src/decode/|smblame/(frame|segment)\.h"),
    ("lookup", r"src/stream/flow_table"),
    ("reassembly", r"src/stream/|smblame/message\.h"),
    ("classify", r"src/classify/|ndpi"),
    ("dissect", r"(^|/)dissectors/|smblame/(cursor|report|text)\.h"),
    ("correlate", r"src/(correlate|attribute)/|smblame/attempt\.h"),
    ("diagnose", r"src/(history|diagnose|knowledge|witness)/|src/diagnosing\.c"),
    ("emit", r"src/emit/"),
    ("engine", r"src/(engine|flows|telling|main)\.c|src/counting\.h|src/(service|deliver|jobs)/"),
    ("base", r"src/base/|xxhash"),
    ("libraries", r""),
)


def stage_of(source):
    """The first stage whose pattern a source file's path fits."""
    return next(stage for stage, pattern in STAGES if re.search(pattern, source))


class Names:
    """callgrind's short forms: `(7) name` the first time, `(7)` from then on."""

    def __init__(self):
        self.known = {}

    def read(self, value):
        number, _, name = value.strip().partition(" ")
        return self.known.setdefault(number, name)


def own_costs(path):
    """Instructions by source file out of a callgrind file, by object where there is no source; what
    a call costs is the callee's."""
    files, objects = Names(), Names()
    costs, source, program, is_call = collections.Counter(), "", "", False
    for line in open(path, encoding="utf-8"):
        key, _, value = line.partition("=")
        if key in ("fl", "fi", "fe"):
            source = files.read(value)
        elif key in ("cfi", "cfl"):
            files.read(value)
        elif key == "ob":
            program = objects.read(value)
        elif key == "cob":
            objects.read(value)
        elif key == "calls":
            is_call = True
        elif line[:1] in "+-*0123456789":
            if not is_call:
                costs[program if source == "???" else source] += int(line.split()[-1])
            is_call = False
    return costs


def count(program, capture, options=()):
    """Instructions by stage of one run."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "callgrind"
        subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", program,
                        "-q", "--json", "--jobs", "1", *options, capture],
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                       env=dict(os.environ, MALLOC_PERTURB_="0"), check=False)
        stages = collections.Counter()
        for source, cost in own_costs(out).items():
            stages[stage_of(source)] += cost
    return stages


def empty(path):
    """A capture without a packet, beside another."""
    nothing = path.with_name("nothing.pcap")
    with open(path, "rb") as whole:
        nothing.write_bytes(whole.read(24))
    return nothing


def measure(build):
    """Capture -> stage -> instructions per packet."""
    program, table, before = build / "src/smblame", {}, None
    for name in captures.RECIPES:
        capture = captures.make(name, build / "small", SMALL_BYTES // captures.TIMES_THE_BYTES.get(
            name, 1), build / "tests/gencap", is_small=True)
        if before is None:
            before = count(program, empty(capture.path))
        stages = count(program, capture.path)
        table[name] = {stage: round(max(0, stages[stage] - before[stage]) / capture.packets)
                       for stage, _ in STAGES}
    return table


def show(table):
    """Rows are stages, columns captures."""
    print(f"{'instructions/packet':20}" + "".join(f"{name:>14}" for name in table))
    for stage in [*(stage for stage, _ in STAGES), "all"]:
        print(f"{stage:20}" + "".join(
            f"{sum(row.values()) if stage == 'all' else row[stage]:14}" for row in table.values()))


def check(table, path):
    """Compares the sums with those of a file; says what differs."""
    known, differs = json.loads(pathlib.Path(path).read_text(encoding="utf-8")), 0
    for name, row in table.items():
        now, before = sum(row.values()), sum(known.get(name, {}).values())
        if abs(now - before) > TOLERANCE * before:
            print(f"{name}: {now} instructions per packet, {path} says {before}")
            differs += 1
    return differs


def main():
    if not shutil.which("valgrind"):
        print("skipped: no valgrind")
        return 77
    table = measure(pathlib.Path(sys.argv[1]))
    show(table)
    if sys.argv[2:3] == ["--write"]:
        pathlib.Path(sys.argv[3]).write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    return 1 if sys.argv[2:3] == ["--check"] and check(table, sys.argv[3]) else 0


if __name__ == "__main__":
    sys.exit(main())
