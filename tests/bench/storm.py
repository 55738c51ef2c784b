#!/usr/bin/env python3
"""storm.py FAILURES ROUNDS SMBLAME GENCAP SCRIPT: what diagnosis costs in a storm. Makes a capture
of so many refused logons (50,000 accounts from 20,000 clients, 100,000 pairs of the two, more than
are remembered) in a temporary directory, runs smblame --json over it with and without diagnosis in
turn, and prints user time and memory of both, and the median of the ratios of the pairs."""
import os
import statistics
import subprocess
import sys
import tempfile

BYTES_PER_FAILURE = 3500
CLIENTS = 20000


def run(command):
    """User seconds, peak resident MB and records of a command."""
    with tempfile.TemporaryFile() as out:
        with subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL) as child:
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 4):
            sys.exit(f"{' '.join(command)}: exit {child.returncode}")
        out.seek(0)
        return usage.ru_utime, usage.ru_maxrss / 1024, sum(1 for _ in out)


def main():
    failures, rounds, smblame, gencap, script = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        capture = os.path.join(folder, "storm.pcap")
        subprocess.run([gencap, capture, str(int(failures) * BYTES_PER_FAILURE),
                        f"{CLIENTS}:{CLIENTS}", f"1:445:{script}"], check=True,
                       stdout=subprocess.DEVNULL)
        pairs = [(run([smblame, "--json", capture]),
                  run([smblame, "--json", "--no-diagnosis", capture]))
                 for _ in range(int(rounds))]
    for at, name in enumerate(("with", "without")):
        print(f"{name:>8} diagnosis: {statistics.median(p[at][0] for p in pairs):7.2f} s user, "
              f"{max(p[at][1] for p in pairs):5.0f} MB, {pairs[0][at][2]} records")
    ratio = statistics.median(w[0] / o[0] for w, o in pairs)
    print(f"{failures} failures: {ratio:.2f}x the time without diagnosis (at most 2)")


if __name__ == "__main__":
    main()
