#!/usr/bin/env python3
"""Live equals replay: what smblame tells while real clients and a real Samba talk is what it tells
of the frames that it recorded meanwhile.

    equal.py SMBLAME

One run of clients over SMB1, 2 and 3 (logons granted and refused, shares and files refused, an
account locked), watched by three smblames at once: with 1, 2 and 3 workers, each with --record.
Then each record file is replayed. All records but the statistics must be the same, in the same
order.

Left out of the comparison is only
- smblame.evidence.file and observer.*, which name the input;
- with several workers every frame number: smblame.evidence.{request_frame, response_frame, frames},
  diagnosis.tipping_frame, and `frame N` in sentences;
- what only live has: health records, of which there must be none here.
Of the statistics of the end, each counter that the replay has must stand in those of live with the
same value; and nothing may be lost.

Needs root, smbd, smbclient and impacket; says skipped without. Ends with `N passed, N failed`."""
import json
import pathlib
import re
import signal
import subprocess
import sys
import time

import place
import program

WORKERS = (1, 2, 3)
LOST = ("kernel_drops", "interface_drops", "gaps")
FRAME = re.compile(r"\bframes? \d+(?:(?:, | and |-)\d+)*")
QUIET_SECONDS = 12  # longer than it takes until a diagnosis is opened


def logons(stage):
    """Of each dialect granted and refused; names nobody has; the disabled; the locked."""
    for dialect, port in (("NT1", 139), ("NT1", 445), ("SMB2_02", 445), ("SMB2_10", 139),
                          ("SMB3_00", 445), ("SMB3_11", 445)):
        stage.port = port
        stage.smbclient("svc_backup", "Backup#1", dialect=dialect)
        stage.smbclient("svc_backup", "wrong", dialect=dialect)
        stage.smbclient("svc_backup", "Backup#1", dialect=dialect)
    stage.port = 445
    stage.smbclient("old_emp", "Old1!pass")
    stage.smbclient("nobody_has_this", "x")
    for _ in range(7):
        stage.smbclient("jdoe", "an-old-password")


def refusals(stage):
    """Shares and files that are not there or not for this one."""
    good = ("asmith", "As1!pass")
    stage.smbclient(*good, share="no_such_share")
    stage.smbclient("svc_backup", "Backup#1", share="vipshare")
    for dialect in ("NT1", "SMB2_10", "SMB3_11"):
        stage.smbclient(*good, share="tools", dialect=dialect, commands=(
            "get i386\\missing.dll /dev/null; get locked.dll /dev/null; ls nowhere\\*; "
            "get i386\\good.dll /dev/null"))
    stage.smbclient(*good, share="sealed", commands="get missing.txt /dev/null")
    for number in range(5):
        stage.smbclient(*good, share="capshr", commands="; ".join(
            f"get drivers\\audio{number}\\ctaud{one}.drv /dev/null" for one in range(4)))


def play(stage):
    logons(stage)
    time.sleep(QUIET_SECONDS)
    refusals(stage)
    time.sleep(1)


def comparable(record, has_frames):
    """A record without what may differ."""
    record = json.loads(json.dumps(record))
    record.pop("observer")
    evidence = record["smblame"].get("evidence", {})
    evidence.pop("file", None)
    if not has_frames:
        for name in ("request_frame", "response_frame", "frames"):
            evidence.pop(name, None)
        record["smblame"].get("diagnosis", {}).pop("tipping_frame", None)
    if not evidence:
        record["smblame"].pop("evidence", None)
    text = json.dumps(record, sort_keys=True)
    return text if has_frames else FRAME.sub("frame", text)


def differences(live, replayed, has_frames):
    """Where the two lists of records are not the same, as text; empty when they are."""
    both = [[comparable(one, has_frames) for one in records] for records in (live, replayed)]
    said = []
    if len(both[0]) != len(both[1]):
        said.append(f"  {len(both[0])} records live, {len(both[1])} of the replay")
    for number, (one, other) in enumerate(zip(*both)):
        if one != other:
            at = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b),
                      min(len(one), len(other)))
            said.append(f"  record {number}: live ...{one[max(0, at - 120):at + 160]}\n"
                        f"    of the replay ...{other[max(0, at - 120):at + 160]}")
    return "\n".join(said[:4])


def split(records):
    """Findings, statistics of the end, health records."""
    datasets = {"stats": [], "health": []}
    findings = []
    for record in records:
        datasets.get(record["event"]["dataset"].removeprefix("smblame."), findings).append(record)
    last = datasets["stats"][-1]["smblame"]["stats"] if datasets["stats"] else {}
    return findings, last, datasets["health"]


def replay(smblame, path):
    done = subprocess.run([smblame, "--json", "--events", path], stdout=subprocess.PIPE,
                          check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def judge(tally, smblame, workers, run, path):
    name = f"workers {workers}: "
    live, stats, health = split(run.records())
    tally.check(not health, name + f"no health records ({len(health)})")
    tally.check(not any(stats.get(word) for word in LOST), name + "nothing is lost")
    if not tally.check(path.exists() and path.stat().st_size > 10000, name + "frames are recorded"):
        return
    replayed, again, _ = split(replay(smblame, path))
    kinds = {one["event"]["dataset"] for one in live}
    tally.check(len(kinds) >= 4, name + f"{len(live)} records of {len(kinds)} kinds")
    said = differences(live, replayed, workers == 1)
    tally.check(not said, name + "the records of the replay are the same" + (said and f"\n{said}"))
    other = [f"\n  {word}: live {stats.get(word)}, replay {value}" for word, value in again.items()
             if stats.get(word) != value]
    tally.check(not other, name + "so are the counters" + "".join(other))


def main():
    place.enter("smbd", "smbclient", "pdbedit", "tcpdump")
    smblame, tally = str(pathlib.Path(sys.argv[1]).resolve()), program.Tally()
    wanted = [int(word) for word in sys.argv[2:]] or WORKERS
    stage = place.laboratory()
    runs = {}
    try:
        for workers in wanted:
            folder = place.open_to_all(place.WORK / f"record-{workers}")
            runs[workers] = program.Live(smblame, "-i", "eth0", "--json", "--events", "--workers",
                                         workers, "--record", folder / "frames.pcapng",
                                         before=place.at_server())
        if all([tally.check(run.ready(), f"workers {workers}: it watches")
                for workers, run in runs.items()]):
            play(stage)
        for workers, run in runs.items():
            status, took = run.stop(signal.SIGINT if workers == 1 else signal.SIGTERM)
            tally.check(status == 0 and took < 5,
                        f"workers {workers}: exit {status} in {took:.1f} s")
            judge(tally, smblame, workers, run,
                  place.WORK / f"record-{workers}" / "frames.pcapng")
    finally:
        for run in runs.values():
            run.kill()
        stage.lab.standalone.stop()
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
