#!/usr/bin/env python3
"""pairs.py ROUNDS SMBLAME PCAPNULL CAPTURE...: both programs over each capture, in turn, ROUNDS
times. CPU time is user + system of the whole process; the ratio is the median of the ratios of the
pairs (machines are shared and noisy: a figure alone says little, a ratio of neighbours says
more)."""
import os
import statistics
import subprocess
import sys


def cpu_seconds(command):
    """CPU seconds and peak resident MB of a command; its output is thrown away."""
    with open(os.devnull, "w", encoding="ascii") as null:
        child = subprocess.Popen(command, stdout=null, stderr=subprocess.PIPE)
        error = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{' '.join(command)}: exit {child.returncode}: {error.decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    rounds, smblame, pcapnull = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    print(f"{'capture':14}{'MB':>7}{'frames':>10}{'pcapnull s':>12}{'smblame s':>11}"
          f"{'ns/frame':>10}{'Mframes/s':>11}{'MB/s':>8}{'RSS MB':>8}{'CPU ratio':>11}")
    for capture in sys.argv[4:]:
        frames = int(subprocess.run([pcapnull, capture], stdout=subprocess.PIPE, check=True).stdout)
        size, pairs, peak = os.path.getsize(capture), [], 0.0
        for _ in range(rounds):
            null, _ = cpu_seconds([pcapnull, capture])
            own, rss = cpu_seconds([smblame, "--json", "--events", capture])
            pairs.append((null, own))
            peak = max(peak, rss)
        null, own = (statistics.median(p[i] for p in pairs) for i in (0, 1))
        ratio = statistics.median(o / n for n, o in pairs)
        name = os.path.basename(capture).removesuffix(".pcap")
        print(f"{name:14}{size / 1e6:7.0f}{frames:10}{null:12.3f}{own:11.3f}"
              f"{own / frames * 1e9:10.0f}{frames / own / 1e6:11.2f}{size / own / 1e6:8.0f}"
              f"{peak:8.0f}{ratio:10.2f}x")
    print("ratio: CPU time of smblame (--json --events) over that of a bare libpcap loop; below 1 "
          "is faster")


if __name__ == "__main__":
    main()
