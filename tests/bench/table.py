#!/usr/bin/env python3
"""table.py BUILD [BYTES [ROUNDS [CAPTURE...]]]: what smblame costs, beside programs that do less.

Every program reads every capture, in turn, ROUNDS times. CPU time is user + system of the whole
process. All ratios are medians of the ratios of one round to pcap-null, a bare libpcap loop, in the
same round (machines are shared and noisy: a figure alone says little, a ratio of neighbours says
more); below 1 is faster than merely reading the file. Of compressed captures pcap-null is the loop
over the plain file, and what gzip or zstd takes to unpack it is said apart.

json: smblame --json. events: smblame --json --events. tshark is run once, up to 100 MB."""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

import captures

TSHARK_BYTES = 100_000_000
UNPACK = {".gz": ["gzip", "-dc"], ".zst": ["zstd", "-q", "-dc"]}


def run(command, wanted=(0, 4)):
    """CPU seconds, peak resident MB and output of a command."""
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as child:
        out = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in wanted:
        sys.exit(f"{' '.join(map(str, command))}: exit {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out


def to_null(command):
    """The same with the output thrown away by the system."""
    return run(["/bin/sh", "-c", 'exec "$@" >/dev/null', "sh", *command])


def programs(build, capture):
    """Name -> command of everything that runs in turn over a capture."""
    smblame, path = build / "src/smblame", capture.path
    unpack = UNPACK.get(path.suffix)
    table = {"pcap-null": [build / "tests/pcapnull", path.with_suffix("") if unpack else path],
             "json": [smblame, "-q", "--json", "--jobs", "1", path],
             "events": [smblame, "-q", "--json", "--jobs", "1", "--events", path]}
    if unpack:
        table["unpack"] = [*unpack, path]
    else:
        table["cat"] = ["cat", path]
        if shutil.which("tcpdump"):
            table["tcpdump"] = ["tcpdump", "-r", path, "-w", "/dev/null"]
    return table


def stats_of(build, capture):
    """What smblame counts in a capture: packets, refused logons, refused opens."""
    out = run([build / "src/smblame", "-q", "--json", "--jobs", "1", capture.path])[2]
    stats = json.loads(out.splitlines()[-1])["smblame"]["stats"]
    return stats["packets"], stats.get("logons_refused", 0), stats.get("opens_refused", 0)


def measure(build, capture, rounds):
    """Program -> list of (CPU s, MB), one for each round."""
    table = programs(build, capture)
    taken = {name: [] for name in table}
    for _ in range(rounds):
        for name, command in table.items():
            taken[name].append(to_null(command)[:2])
    if shutil.which("tshark") and capture.path.stat().st_size <= TSHARK_BYTES:
        taken["tshark"] = [to_null(["tshark", "-r", capture.path, "-Y",
                                    "smb2.nt_status==0xc000006d || smb.nt_status==0xc000006d"])[:2]]
    return taken


def ratio(taken, name):
    """`1.23 (1.20..1.31)` of a program to pcap-null."""
    if name not in taken:
        return "-"
    ratios = [own[0] / null[0] for own, null in zip(taken[name], taken["pcap-null"])]
    middle = statistics.median(ratios)
    spread = f" ({min(ratios):.2f}..{max(ratios):.2f})" if len(ratios) > 1 else ""
    return f"{middle:.2f}{spread}"


def found(counted, truth):
    """`123/123`: what was counted of what is there."""
    return f"{counted}/{'?' if truth is None else truth}"


def main():
    build = pathlib.Path(sys.argv[1])
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    rows = [("capture", "MB", "packets", "null ns", "json x null", "events x null", "cat",
             "tcpdump", "unpack", "tshark", "RSS MB", "logons", "opens")]
    for name in sys.argv[4:] or captures.names():
        capture = captures.make(name, build / "bench", size, build / "tests/gencap")
        counted, taken = stats_of(build, capture), measure(build, capture, rounds)
        packets = capture.packets or counted[0]
        null = statistics.median(one[0] for one in taken["pcap-null"])
        rows.append((name, f"{capture.path.stat().st_size / 1e6:.0f}", f"{counted[0]}",
                     f"{null / packets * 1e9:.0f}", *(ratio(taken, program) for program in
                     ("json", "events", "cat", "tcpdump", "unpack", "tshark")),
                     f"{max(one[1] for one in taken['json']):.0f}",
                     found(counted[1], capture.logons), found(counted[2], capture.opens)))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.rjust(width) if i else cell.ljust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))))


if __name__ == "__main__":
    main()
