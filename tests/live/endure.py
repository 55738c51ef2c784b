#!/usr/bin/env python3
"""Watching a wire for long: a capture loops through a veth pair, its clients others in each loop,
and the memory of each process is noted.

    endure.py BUILD MINUTES [RATE]

RATE is in frames a second (20000). Limits are a sixteenth of the usual ones, so that all of them
are reached soon and what grows after that should not. Says every tenth of the time what each
process has in memory of its own (what they share is the ring of notes, of fixed size), and at the
end the slope over the second half, by least squares. Ends with 1 when it was more than 0.5 MB a
minute, which is judged from 5 minutes on, one died, a frame was not counted, or memory went above
the ceiling."""
import pathlib
import sys
import time

import ground
import place
import program
import soak

SLOPE_MOST, JUDGED_FROM = 0.5, 5  # MB a minute, minutes
MEGABYTES, RATE = 30, 20000


def slope(samples):
    """Of (minutes, MB), by least squares, in MB a minute."""
    count = len(samples)
    middle = [sum(one[i] for one in samples) / count for i in (0, 1)]
    spread = sum((minutes - middle[0]) ** 2 for minutes, _ in samples)
    both = sum((minutes - middle[0]) * (mb - middle[1]) for minutes, mb in samples)
    return both / spread if spread else 0.0


def watch(run, sender, minutes):
    """Name -> [(minutes, MB)] until the time is over or somebody has ended."""
    began, told, samples, first = time.monotonic(), 0.0, {}, set(run.processes())
    while (since := (time.monotonic() - began) / 60) < minutes:
        for name, mb in run.memory("RssAnon").items():
            samples.setdefault(name, []).append((since, mb))
        if set(run.processes()) != first or sender.process.poll() is not None:
            print(f"after {since:.1f} minutes: {run.processes()}")
            break
        if since - told >= minutes / 10:
            told = since
            print(f"{since:7.1f} min  " + "  ".join(
                f"{name} {had[-1][1]:.1f} MB" for name, had in samples.items()), flush=True)
        time.sleep(min(1.0, minutes * 60 / 40))
    return samples


def judge(tally, run, sent, samples, ceiling):
    for name, had in samples.items():
        late = had[len(had) // 2:]
        grown = slope(late)
        is_short = late[-1][0] < JUDGED_FROM - 0.1
        tally.check(is_short or grown <= SLOPE_MOST, f"{name}: {late[-1][1]:.1f} MB, "
                    f"{grown:+.3f} MB a minute over the last {late[-1][0] - late[0][0]:.1f} min")
    most = max(run.memory().values(), default=0)
    status, took = run.stop()
    tally.check(status == 0 and took < 5, f"exit {status} in {took:.1f} s")
    tally.check(most < ceiling, f"memory {most:.0f} MB stays below {ceiling:.0f} MB")
    stats, is_last = run.stats()
    counted, lost = stats.get("packets", 0), ground.frames_lost(stats)
    tally.check(is_last and counted + lost == sent,
                f"{sent} frames sent, {counted} counted, {lost} counted as lost")
    tally.check(not run.records("health"), "no health records")


def main():
    place.enter("tcpdump")
    build, minutes = pathlib.Path(sys.argv[1]).resolve(), float(sys.argv[2])
    rate = int(sys.argv[3]) if len(sys.argv) > 3 else RATE
    tally = program.Tally()
    play = ground.Ground(*(str(build / name) for name in ("src/smblame", "tests/gencap",
                                                          "tests/blast")))
    try:
        capture = play.capture("logon-storm", MEGABYTES * 1_000_000)
        limits = list(soak.small_limits(build))
        ceiling = program.ceiling_mb(play.smblame, "-i", play.cable.near, *limits)
        run = program.Live(play.smblame, "-i", play.cable.near, "--json", "--stats-interval", 10,
                           *limits)
        play.runs.append(run)
        if tally.check(run.ready(), "it watches"):
            sender = play.blast(capture, r=rate, l=0)
            samples = watch(run, sender, minutes)
            sent = sender.end(is_stopped=True)
            ground.quiet(run, most=5)
            judge(tally, run, sent, samples, ceiling)
    finally:
        play.end()
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
