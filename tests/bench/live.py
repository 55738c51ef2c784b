#!/usr/bin/env python3
"""live.py BUILD [-s SECONDS] [-n ROUNDS] [-r RATE,RATE,...] [PROFILE...]: what `smblame -i` takes
of a wire and what it costs, beside `tcpdump -w /dev/null` on the same device in the same run.

Generated traffic goes over a veth pair without offloads, in a network namespace of our own, at
rising rates (thousands of frames a second; 0: as fast as the device takes them); at each rate one
program after the other watches, ROUNDS times in turn. The figures of a rate are those of its worst
round. CPU is user + system of all processes of a program while frames came, for each frame that
came by and was not dropped; what the kernel does for either is in the sender's account. Ends with 1
when smblame drops at the highest rate at which tcpdump does not, or takes more than three times its
CPU there.

small: logons and refused opens   full: reads and writes   mixed: all of it, SMB1 too; the default
filter passes all of these   everyday: web and TLS, one connection in four of SMB"""
import argparse
import dataclasses
import json
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE.parent / "live")]
import captures  # noqa: E402
import place  # noqa: E402
import program  # noqa: E402

PROFILES = {"small": ["2000", "250:445:logon", "1:445:probe"], "full": ["64", "1:445:bulk"],
            "mixed": ["200", "40:445:logon", "10:139:smb1", "2:445:probe", "4:445:bulk"],
            "everyday": captures.RECIPES["mixed"]}
ALL_SMB = ("small", "full", "mixed")
RATES = (50, 100, 150, 200, 250, 300, 350, 400, 450, 0)
BYTES, CPU_TIMES_MOST, SETTLE_SECONDS = 100_000_000, 3, 0.4
DROPPED = re.compile(r"(\d+) packets? (captured|dropped by kernel|dropped by interface)")
SENT = re.compile(r"(\d+) frames (\d+) bytes ([\d.]+) seconds")
captures.RECIPES.update({f"live-{name}": words for name, words in PROFILES.items()})


@dataclasses.dataclass
class Run:
    """One program over one blast."""
    sent: int
    sent_bytes: int
    seconds: float
    dropped: int = 0
    cpu: dict = dataclasses.field(default_factory=dict)  # name of a process -> seconds
    memory: dict = dataclasses.field(default_factory=dict)  # -> MB

    def spend(self, before, after):
        self.cpu = {name: took - before.get(name, 0.0) for name, took in after.items()}

    def per_frame(self, seconds):
        """Nanoseconds for each of those that came by, whether they were wanted or not."""
        return seconds / max(1, self.sent - self.dropped) * 1e9

    @property
    def ns_per_frame(self):
        return self.per_frame(sum(self.cpu.values()))


def blast(build, cable, capture, rate, seconds):
    done = subprocess.run([build / "tests/blast", "-l", "0", "-t", str(seconds), "-r",
                           str(rate * 1000), cable.far, capture.path], stdout=subprocess.PIPE,
                          text=True, check=True)
    sent, sent_bytes, took = SENT.search(done.stdout).groups()
    time.sleep(SETTLE_SECONDS)
    return Run(int(sent), int(sent_bytes), float(took))


def tcpdump(_, cable, __, send):
    with subprocess.Popen(["tcpdump", "-i", cable.near, "-w", "/dev/null"], stderr=subprocess.PIPE,
                          text=True) as child:
        child.stderr.readline()
        time.sleep(SETTLE_SECONDS)
        before = program.cpu_seconds(child.pid)
        run = send()
        run.cpu = {"tcpdump": program.cpu_seconds(child.pid) - before}
        run.memory = {"tcpdump": program.memory_mb(child.pid)}
        child.send_signal(signal.SIGINT)
        said = {what: int(number) for number, what in DROPPED.findall(child.communicate()[1])}
    run.dropped = said["dropped by kernel"] + said.get("dropped by interface", 0)
    return run


def smblame(build, cable, profile, send):
    results = place.WORK / "results.json"
    with open(results, "wb") as out:
        live = program.Live(build / "src/smblame", "-i", cable.near, "--json", stdout=out)
        if not live.ready():
            sys.exit("live: smblame does not start")
        time.sleep(SETTLE_SECONDS)
        before = live.cpu()
        run = send()
        run.spend(before, live.cpu())
        run.memory = live.memory()
        if live.stop()[0] != 0:
            sys.exit(f"live: smblame: {live.said()}")
    stats = json.loads(results.read_bytes().splitlines()[-1])["smblame"]["stats"]
    run.dropped = stats.get("kernel_drops", 0) + stats.get("interface_drops", 0)
    if profile in ALL_SMB and stats.get("packets", 0) + run.dropped != run.sent:
        print(f"live: {run.sent} frames sent, {stats.get('packets', 0)} counted, {run.dropped} "
              "counted as lost", file=sys.stderr)
        run.dropped = run.sent - stats.get("packets", 0)
    return run


PROGRAMS = {"tcpdump": tcpdump, "smblame": smblame}


def measure(asked, cable, profile, capture, rate):
    """Program -> its worst round at this rate; and the median of the ratios of CPU per frame."""
    def send():
        return blast(asked.build, cable, capture, rate, asked.seconds)
    rounds = [{name: watch(asked.build, cable, profile, send) for name, watch in PROGRAMS.items()}
              for _ in range(asked.rounds)]
    worst = {name: max((one[name] for one in rounds), key=lambda run: run.dropped / run.sent)
             for name in PROGRAMS}
    return worst, statistics.median(one["smblame"].ns_per_frame / one["tcpdump"].ns_per_frame
                                    for one in rounds)


def row(profile, rate, name, run, ratio):
    parts = ", ".join(f"{word} {run.per_frame(run.cpu.get(word, 0.0)):.0f} ns {most:.0f} MB"
                      for word, most in run.memory.items())
    print(f"{profile:9}{rate or 'most':>6} {name:8}{run.sent / run.seconds / 1e3:8.0f}"
          f"{run.sent_bytes * 8 / run.seconds / 1e9:8.2f}{run.dropped:9}"
          f"{100 * run.dropped / run.sent:8.3f}{100 * sum(run.cpu.values()) / run.seconds:7.0f}"
          f"{run.ns_per_frame:10.0f}{f'{ratio:.2f}' if name == 'smblame' else '':>9}  {parts}",
          flush=True)


def judge(profile, best):
    """What the promise is about: the highest rate at which tcpdump had no drop."""
    if not best:
        print(f"{profile}: tcpdump drops at every rate")
        return 0
    rate, worst, ratio = best
    ours, reached = worst["smblame"], worst["tcpdump"].sent / worst["tcpdump"].seconds
    print(f"{profile}: tcpdump has no drop up to {reached / 1e3:.0f} thousand frames/s "
          f"({rate or 'as many as go'}); there smblame drops {ours.dropped} of {ours.sent} and "
          f"takes {ratio:.2f} times the CPU per frame")
    return int(ours.dropped > 0 or ratio > CPU_TIMES_MOST)


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("-s", dest="seconds", type=int, default=3)
    parser.add_argument("-n", dest="rounds", type=int, default=1)
    parser.add_argument("-r", dest="rates", type=lambda text: [int(one) for one in text.split(",")],
                        default=RATES)
    parser.add_argument("profiles", nargs="*", metavar="PROFILE")
    return parser.parse_intermixed_args()


def main():
    asked = options()
    folder = asked.build / "bench"
    made = {profile: captures.make(f"live-{profile}", folder, BYTES, asked.build / "tests/gencap",
                                   is_ours=True) for profile in asked.profiles or PROFILES}
    place.enter("tcpdump")
    cable, status = place.Cable(), 0
    print(f"{'':9}{'rate':>6} {'':8}{'k/s':>8}{'Gbit/s':>8}{'dropped':>9}{'%':>8}{'CPU %':>7}"
          f"{'ns/frame':>10}{'x tcpd.':>9}")
    for profile, capture in made.items():
        best = None
        for rate in asked.rates:
            worst, ratio = measure(asked, cable, profile, capture, rate)
            for name, run in worst.items():
                row(profile, rate, name, run, ratio)
            if worst["tcpdump"].dropped == 0:
                best = rate, worst, ratio
        status |= judge(profile, best)
    return status


if __name__ == "__main__":
    sys.exit(main())
