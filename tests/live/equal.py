#!/usr/bin/env python3
"""Live equals replay: what smblame tells while real clients and a real Samba talk is what it tells
of the frames that it recorded meanwhile.

    equal.py SMBLAME

One run of clients over SMB1, 2 and 3 (logons granted and refused, shares and files refused, an
account locked), watched by three smblames at once: with 1, 2 and 3 workers, each with --record.
Then what each recorded is replayed (of several workers, a file of each, as one capture). All
records but the statistics must be the same, in the same order.

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

WORKERS, HOSTS = (1, 2, 3), ("ws042", "ws043")
LOST = ("kernel_drops", "interface_drops", "gaps")
FRAME = re.compile(r"\bframes? \d+(?:(?:, | and |-)\d+)*")
FRAME_NUMBER = re.compile(r"smblame\.(evidence\.(request_frame|response_frame|frames)"
                          r"|diagnosis\.tipping_frame)\b")
QUIET_SECONDS = 12  # longer than it takes until a diagnosis is opened


def logons(stage):
    """Of each dialect granted and refused, from both hosts, over IPv4 and IPv6; a name that nobody
    has; a disabled account, and one that gets locked."""
    for number, (dialect, port) in enumerate((("NT1", 139), ("NT1", 445), ("SMB2_02", 445),
                                              ("SMB2_10", 139), ("SMB3_00", 445),
                                              ("SMB3_11", 445))):
        stage.port, stage.v6 = port, number % 3 == 1
        for password in ("Backup#1", "wrong", "Backup#1"):
            stage.smbclient("svc_backup", password, dialect=dialect, host=HOSTS[number // 2 % 2])
    stage.port, stage.v6 = 445, False
    stage.smbclient("old_emp", "Old1!pass", host="ws043")
    stage.smbclient("nobody_has_this", "x")
    for _ in range(7):
        stage.smbclient("jdoe", "an-old-password", host="ws043")


def refusals(stage):
    """Shares and files that are not there or not for this one."""
    good = ("asmith", "As1!pass")
    stage.smbclient(*good, share="no_such_share")
    stage.smbclient("svc_backup", "Backup#1", share="vipshare", host="ws043")
    for dialect, host in (("NT1", "ws042"), ("SMB2_10", "ws043"), ("SMB3_11", "ws042")):
        stage.v6 = host == "ws043"
        stage.smbclient(*good, share="tools", dialect=dialect, host=host, commands=(
            "get i386\\missing.dll /dev/null; get locked.dll /dev/null; ls nowhere\\*; "
            "get i386\\good.dll /dev/null"))
    stage.v6 = False
    stage.smbclient(*good, share="sealed", commands="get missing.txt /dev/null")
    for number in range(5):
        stage.smbclient(*good, share="capshr", host="ws043", commands="; ".join(
            f"get drivers\\audio{number}\\ctaud{one}.drv /dev/null" for one in range(4)))


def play(stage):
    logons(stage)
    time.sleep(QUIET_SECONDS)
    refusals(stage)
    time.sleep(1)


def leaves(value, path=""):
    """(path, value) of all there is in a record."""
    if isinstance(value, (dict, list)) and value:
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for name, one in inner:
            yield from leaves(one, f"{path}.{name}" if path else str(name))
    else:
        yield path, value


def comparable(record, has_frames):
    """Path -> value of a record, without what may differ."""
    found = {}
    for path, value in leaves(record):
        if path.startswith("observer.") or path == "smblame.evidence.file":
            continue
        if not has_frames:
            if FRAME_NUMBER.match(path):
                continue
            value = FRAME.sub("frame", value) if isinstance(value, str) else value
        found[path] = value
    return found


def differences(live, replayed, has_frames):
    """Where the two lists of records are not the same, as text; empty when they are."""
    said = []
    if len(live) != len(replayed):
        said.append(f"  {len(live)} records live, {len(replayed)} of the replay")
    for number, both in enumerate(zip(live, replayed)):
        one, other = (comparable(record, has_frames) for record in both)
        apart = sorted(path for path in one.keys() | other.keys()
                       if one.get(path, "nothing") != other.get(path, "nothing"))
        if apart:
            said.append(f"  record {number}, {both[0]['event']['dataset']}: {len(apart)} fields")
            said += [f"    {path}: live {one.get(path)}, replay {other.get(path)}"
                     for path in apart[:4]]
    return "\n".join(said[:16])


def split(records):
    """Findings, statistics of the end, health records."""
    datasets = {"stats": [], "health": []}
    findings = []
    for record in records:
        datasets.get(record["event"]["dataset"].removeprefix("smblame."), findings).append(record)
    last = datasets["stats"][-1]["smblame"]["stats"] if datasets["stats"] else {}
    return findings, last, datasets["health"]


def replay(smblame, files):
    done = subprocess.run([smblame, "--json", "--events", *files], stdout=subprocess.PIPE,
                          check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def judge(tally, smblame, workers, run, folder):
    name, files = f"workers {workers}: ", sorted(folder.iterdir())
    live, stats, health = split(run.records())
    tally.check(not health, name + f"no health records ({len(health)})")
    tally.check(not any(stats.get(word) for word in LOST), name + "nothing is lost")
    if not tally.check(sum(one.stat().st_size for one in files) > 10000,
                       name + f"frames are recorded in {', '.join(one.name for one in files)}"):
        return
    replayed, again, _ = split(replay(smblame, files))
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
            judge(tally, smblame, workers, run, place.WORK / f"record-{workers}")
    finally:
        for run in runs.values():
            run.kill()
        stage.lab.standalone.stop()
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
