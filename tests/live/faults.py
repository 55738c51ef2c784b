#!/usr/bin/env python3
"""What may happen to a program that watches a wire for weeks: devices that go and come, processes
that stop or die, disks that are full, floods. Nothing may be lost silently, and nothing may end it
but what is meant to.

    faults.py SMBLAME GENCAP BLAST [--long] [FAULT...]

--long kills each process 100 times instead of 3 and stops one for 30 seconds instead of 5. Frames
go over a veth pair in a network namespace of our own. Not tested: a step of the machine's clock,
which no namespace has for itself; steps in the frames' own times are (`clock`, by a pipe).

Needs root; says skipped without. Ends with `N passed, N failed`."""
import os
import pathlib
import signal
import struct
import subprocess
import sys
import time

import ground
import kills
import place
import program
import soak

FLOODS = ("flood-syn", "flood-half-open", "flood-data")


def tells(run, field, change, seconds=8.0):
    """Whether more failed logons are told after `change()`, and how soon, in seconds."""
    before, began = ground.logons(run), time.monotonic()
    change()
    came = run.wait(lambda: ground.logons(run) > before, seconds)
    return came, f"{field} ({time.monotonic() - began:.1f} s)"


def said_more(run, change, seconds=12.0):
    """Whether something was said of `change()`, on standard error or as a health record."""
    before = len(run.notes), len(run.records("health"))
    change()
    return run.wait(lambda: (len(run.notes), len(run.records("health"))) != before, seconds)


def link(*words):
    place.sh("ip", "link", *words)


def devices(play, tally, _):
    """Down and up, another name, deleted and made again."""
    run, near = play.watch("--stats-interval", "1"), play.cable.near
    if not tally.check(run, "it watches"):
        return
    fail = lambda: play.fail_logons(3)  # noqa: E731
    tally.check(*tells(run, "logons are told", fail))
    tally.check(said_more(run, lambda: link("set", near, "down")), "that it is down is said")
    link("set", near, "up")
    tally.check(*tells(run, "up again, logons are told", lambda: (time.sleep(2), fail())))
    for name, other in ((near, "wire9"), ("wire9", near)):
        link("set", name, "down")
        link("set", name, "name", other)
        link("set", other, "up")
        tally.check(*tells(run, f"as {other}, logons are told", lambda: (time.sleep(2), fail())))
    tally.check(said_more(run, play.cable.unplug), "that it is gone is said")
    time.sleep(1)
    play.cable.plug()
    tally.check(*tells(run, "made again, logons are told", lambda: (time.sleep(3), fail())))
    tally.check(run.stop()[0] == 0, "exit 0")


def stopped(play, tally, is_long):
    """`speak` stands still under load."""
    seconds, rate = (30, 40000) if is_long else (5, 20000)
    capture = play.capture("logon-storm", rate * (seconds + 3) * 150)
    run = play.watch()
    if not tally.check(run, "it watches"):
        return
    speak = run.of("speak")
    if not tally.check(speak, f"there is a process of its own that speaks: {run.processes()}"):
        return
    sender = play.blast(capture, r=rate)
    time.sleep(1)
    os.kill(speak[0], signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(speak[0], signal.SIGCONT)
    sent = sender.end()
    ground.quiet(run)
    memory = run.memory()
    status, took = run.stop()
    tally.check(status == 0 and took < 5, f"exit {status} in {took:.1f} s")
    stats = ground.reconciled(tally, run, sent, "")
    ground.told_or_counted(tally, run, stats, capture.logons, "")
    print(f"       memory {memory}")


def ending(play, tally, _):
    """SIGTERM: while frames come, and just after the last one."""
    capture = play.capture("logon-storm", 30_000_000)
    for what, is_after in (("SIGTERM while frames come: ", False),
                           ("SIGTERM just after the last frame: ", True)):
        run = play.watch()
        if not tally.check(run, what + "it watches"):
            continue
        sender = play.blast(capture, r=40000)
        if is_after:
            sent = sender.end()
        else:
            time.sleep(1.5)
        status, took = run.stop()
        tally.check(status == 0 and took < 5, what + f"exit {status} in {took:.1f} s")
        if is_after:
            stats = ground.reconciled(tally, run, sent, what)
            ground.told_or_counted(tally, run, stats, capture.logons, what)
        else:
            sender.end(is_stopped=True)
            tally.check(run.stats()[1], what + "the statistics are the last record")


def gap(play, tally, _):
    """`watch` stands still under load, until the kernel has no room for frames."""
    capture = play.capture("logon-storm", 30_000_000)
    run = play.watch("-B", "2048")
    if not tally.check(run, "it watches"):
        return
    watch = run.of("watch")
    if not tally.check(watch, f"there is a process of its own that watches: {run.processes()}"):
        return
    sender = play.blast(capture, r=40000)
    time.sleep(1)
    os.kill(watch[0], signal.SIGSTOP)
    time.sleep(2)
    os.kill(watch[0], signal.SIGCONT)
    came = run.wait(lambda: any(one["event"]["action"] == "capture-gap"
                                for one in run.records("health")), 10)
    sent = sender.end()
    tally.check(came, "a capture-gap record comes within 10 s")
    ground.quiet(run)
    status, took = run.stop()
    tally.check(status == 0 and took < 5, f"exit {status} in {took:.1f} s")
    stats = ground.reconciled(tally, run, sent, "")
    tally.check(ground.frames_lost(stats) > 0, "frames were lost, and are counted")


def unread(play, tally, _):
    """Nobody reads the results: for a while, and to the end."""
    capture = play.capture("logon-storm", 30_000_000)
    run = play.watch(is_read=False)
    if tally.check(run, "results wait for 4 s: it watches"):
        sender = play.blast(capture, r=40000)
        time.sleep(4)
        run.read()
        sent = sender.end()
        ground.quiet(run)
        status, took = run.stop()
        tally.check(status == 0 and took < 5, f"... exit {status} in {took:.1f} s")
        stats = ground.reconciled(tally, run, sent, "... ")
        ground.told_or_counted(tally, run, stats, capture.logons, "... ")
    run = play.watch(is_read=False)
    if tally.check(run, "results are never read: it watches"):
        play.blast(capture, r=40000).end()
        status, took = run.stop()
        tally.check(status == 1 and took < 5.5, f"... exit {status} in {took:.1f} s")
        tally.check(len(run.notes) > 1, "... it is said: " + run.said()[-120:].strip())


def small_disk(name, megabytes):
    disk = place.open_to_all(place.WORK / name)
    place.sh("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=777", "none", disk)
    return disk


def disk(play, tally, _):
    """No room for the recorded frames; none for the results."""
    capture = play.capture("logon-storm", 12_000_000)
    full = small_disk("full-of-frames", 2)
    run = play.watch("--record", full / "frames.pcapng")
    if tally.check(run, "--record on a small disk: it watches"):
        before = len(run.notes), len(run.records("health"))
        sent = play.blast(capture, r=20000).end()
        ground.quiet(run)
        tally.check((len(run.notes), len(run.records("health"))) != before,
                    "--record on a full disk: it is said")
        status, took = run.stop()
        tally.check(status in (0, 1) and took < 5, f"... exit {status} in {took:.1f} s")
        stats = ground.reconciled(tally, run, sent, "... ")
        ground.told_or_counted(tally, run, stats, capture.logons, "... ")
        size = sum(one.stat().st_size for one in full.iterdir())
        tally.check(size > 1_000_000, f"... the disk was full ({size} bytes)")
    full = small_disk("full-of-results", 1)
    with open(full / "results.json", "wb") as results:
        run = play.watch(stdout=results)
        if tally.check(run, "results on a small disk: it watches"):
            before = len(run.notes)
            play.blast(capture, r=20000).end()
            time.sleep(1)
            status, took = run.stop()
            tally.check(status is not None and status >= 0 and took < 5,
                        f"results on a full disk: exit {status} in {took:.1f} s")
            tally.check(len(run.notes) > before, "... it is said: " + run.said()[-160:].strip())


def flood(play, tally, _):
    """SYNs, single packets and half-open logons of strangers, beyond every cap."""
    small = tuple(soak.small_limits(pathlib.Path(play.smblame).parents[1]))
    for name in FLOODS:
        capture = play.capture(name, 30_000_000)
        for word, limits in (("usual", ()), ("small", small)):
            what = f"{name}, {word} limits: "
            ceiling = program.ceiling_mb(play.smblame, "-i", play.cable.near, *limits)
            run = play.watch(*limits)
            if not tally.check(run, what + "it watches"):
                continue
            before = play.cable.arrived()[0]
            play.blast(capture, l=0, t=2).end()
            sent = play.cable.arrived()[0] - before
            ground.quiet(run)
            memory = run.memory()
            status, took = run.stop()
            tally.check(status == 0 and took < 5, what + f"exit {status} in {took:.1f} s")
            ground.reconciled(tally, run, sent, what)
            most = max(memory.values(), default=0)
            tally.check(play.is_sanitized or 0 < most < ceiling,
                        what + f"memory {most:.0f} MB stays below {ceiling:.0f} MB")


def is_read(pipe):
    """Whether somebody has a pipe open for reading."""
    try:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def clock(play, tally, _):
    """Times that step by hours and back, in the frames of a pipe."""
    pipe, steps = place.WORK / "stepping", (0, 7200, -86400, 31536000, 0)
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    run = program.Live(play.smblame, "--sensor", f"far={pipe}", "--json", "--events")
    play.runs.append(run)
    now = int(time.time())
    if not tally.check(run.wait(lambda: is_read(pipe), 5), "the pipe is read"):
        return
    with open(pipe, "wb") as stream:
        stream.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for number, step in enumerate(steps):
            port = (30000 + number).to_bytes(2, "big")
            for frame, is_clients in play.logon_frames:
                at = ground.CLIENT_PORT_AT[is_clients]
                frame = frame[:at] + port + frame[at + 2:]
                stream.write(struct.pack("<4I", now + step, number, len(frame), len(frame)) + frame)
            stream.flush()
            time.sleep(0.2)
    came = run.wait(lambda: ground.logons(run) == len(steps), 5)
    tally.check(came, f"{ground.logons(run)} of {len(steps)} logons are told")
    status, _ = run.stop()
    tally.check(status == 0, f"exit {status}")


FAULTS = {"devices": devices, "ending": ending, "stopped": stopped, "gap": gap, "unread": unread,
          "watch": kills.of_watch, "several": kills.of_several, "speak": kills.of_speak,
          "history": kills.of_history, "keeper": kills.of_keeper, "disk": disk, "flood": flood,
          "clock": clock}


def main():
    place.enter("tcpdump")
    words = [word for word in sys.argv[1:] if word != "--long"]
    is_long, tally = "--long" in sys.argv, program.Tally()
    play = ground.Ground(*(str(pathlib.Path(word).resolve()) for word in words[:3]))
    for name in words[3:] or FAULTS:
        began = time.monotonic()
        print(f"{name}: {FAULTS[name].__doc__.splitlines()[0]}", flush=True)
        try:
            FAULTS[name](play, tally, is_long)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            tally.check(False, f"{name}: {error}")
        finally:
            play.end()
        print(f"       {time.monotonic() - began:.1f} s", flush=True)
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
