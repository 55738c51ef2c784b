"""kill -9 of each process, under load (faults.py)."""
import os
import signal
import time

import ground
import latency

SHORT, LONG, RATE = 3, 100, 10000
BACK_SECONDS, SILENT_SECONDS, KILL_SECONDS, NEVER = 1.0, 3.0, 0.8, 99.0
# Frames that come while the device of a dead watch and that of its heir are both open belong to the
# new one, and are counted as lost by the old one all the same.
TWICE_MOST = RATE // 4
# What speak puts out before it notes so (its TURN_NOTES).
TURN_NOTES = 4096


def restarts(run):
    """Health records of restarts so far."""
    return [one for one in run.records("health") if one["event"]["action"] == "process-restart"]


def kill(run, name):
    """Kills the first process of a name; (its id, when) or None."""
    found = run.of(name)
    if not found:
        return None
    os.kill(found[0], signal.SIGKILL)
    return found[0], time.time_ns()


def back(run, name, dead, seconds):
    """Whether there is another process of the name."""
    return run.wait(lambda: any(pid != dead for pid in run.of(name)), seconds)


def first_after(run, when):
    """Seconds from `when` to the first logon told that was decided later than that."""
    first = NEVER
    for record in reversed(run.records("logon")):
        stamp = latency.nanoseconds(record["@timestamp"])
        if stamp <= when:
            break
        first = (stamp - when) / 1e9
    return first


def under_load(play, tally, times, name, *arguments):
    """Kills `name` again and again while frames come. (run, frames sent, refused logons sent), or
    None."""
    capture, run = play.capture("logon-storm", 30_000_000), play.watch(*arguments)
    if not tally.check(run, "it watches"):
        return None
    if not tally.check(run.of(name), f"there is a process {name}: {run.processes()}"):
        return None
    sender, blind, silent, missing = play.blast(capture, r=RATE, l=0), 0.0, 0.0, 0
    time.sleep(1)
    for number in range(times):
        before = len(restarts(run))
        dead = kill(run, name)
        if not dead or not back(run, name, dead[0], 3):
            tally.check(False, f"kill {number + 1}: {name} is not back")
            break
        time.sleep(0.2)
        run.wait(lambda: first_after(run, dead[1]) < NEVER, 5)
        silent = max(silent, (time.time_ns() - dead[1]) / 1e9)
        blind = max(blind, first_after(run, dead[1]))
        time.sleep(KILL_SECONDS)
        missing += not run.wait(lambda: len(restarts(run)) > before, 2)
    sent = sender.end(is_stopped=True)
    ground.quiet(run)
    tally.check(not missing, f"each restart is said in a health record ({missing} are not)")
    tally.check(blind <= BACK_SECONDS, f"what was decided {blind:.2f} s later is told again")
    tally.check(silent <= SILENT_SECONDS, f"... after {silent:.2f} s at most")
    return run, sent, ground.refused_logons(capture.path, sent)


def end(tally, run, sent, twice_most=0):
    """The statistics of the end."""
    status, took = run.stop()
    tally.check(status == 0 and took < 5, f"exit {status} in {took:.1f} s")
    stats = ground.reconciled(tally, run, sent, "", twice_most)
    tally.check(not run.broken, f"every line is a record ({len(run.broken)} are not)")
    for line in run.broken[:3]:
        print(f"       {line[:60]}...{line[-60:]}")
    return stats


def of_watch(play, tally, is_long):
    """`watch` dies, again and again."""
    times = LONG if is_long else SHORT
    done = under_load(play, tally, times, "watch")
    if not done:
        return
    run, sent, _ = done
    said = restarts(run)
    tally.check(len(said) == times, f"{times} kills, {len(said)} health records")
    tally.check(any("frame" in one["message"] or "frame" in str(one["smblame"]) for one in said),
                "they hold the last frame numbers" + (f": {said[0]['message']}" if said else ""))
    end(tally, run, sent, times * TWICE_MOST)


def of_several(play, tally, is_long):
    """One of several `watch` dies, again and again."""
    times = LONG if is_long else SHORT
    done = under_load(play, tally, times, "watch", "--workers", "2")
    if done:
        end(tally, done[0], done[1], times * TWICE_MOST)


def of_speak(play, tally, is_long):
    """`speak` dies, again and again."""
    done = under_load(play, tally, LONG if is_long else SHORT, "speak")
    if not done:
        return
    run, sent, refused = done
    stats = end(tally, run, sent)
    ground.told_or_counted(tally, run, stats, refused, "")
    ids = [one["event"]["id"] for one in run.records("logon")]
    twice = len(ids) - len(set(ids))
    tally.check(twice <= len(restarts(run)) * TURN_NOTES,
                f"{twice} of {len(ids)} logons are told twice, under the same id")
    new_twice(tally, run)


def diagnoses(run):
    """(id, state, failures, account) of each diagnosis record."""
    return [(one["smblame"]["diagnosis"]["id"], one["smblame"]["diagnosis"]["state"],
             one["smblame"]["diagnosis"]["failures"], one.get("user", {}).get("name"))
            for one in run.records("diagnosis")]


def new_twice(tally, run):
    """What was put out and not yet noted when it died is put out again, as the same record."""
    opened = {one["event"]["id"]: one["smblame"]["diagnosis"]["id"]
              for one in run.records("diagnosis") if one["smblame"]["diagnosis"]["state"] == "open"}
    twice = len(opened) - len(set(opened.values()))
    tally.check(twice == 0, f"no diagnosis is told as new twice ({twice} of {len(opened)} are)")


def of_history(play, tally, _):
    """`speak` dies between the failures of one account: their count goes on."""
    run = play.watch()
    if not tally.check(run, "it watches"):
        return
    play.fail_logons(6, 0.05)
    run.wait(lambda: ground.logons(run) >= 6, 3)
    opened = run.wait(lambda: any(state == "open" for _, state, _, _ in diagnoses(run)), 20)
    tally.check(opened, "6 failures: a diagnosis is opened while the wire is quiet")
    dead = kill(run, "speak")
    if not tally.check(dead and back(run, "speak", dead[0], 3), "speak is killed, and back"):
        return
    time.sleep(0.5)
    play.fail_logons(4, 0.05)
    tally.check(run.wait(lambda: ground.logons(run) >= 10, 5),
                f"{ground.logons(run)} of 10 failed logons are told")
    status, _ = run.stop()
    tally.check(status == 0, f"exit {status}")
    found = [one for one in diagnoses(run) if one[3] == ground.ONE_ACCOUNT]
    tally.check(found and max(one[2] for one in found) == 10,
                f"the last diagnosis counts all 10 failures: {found[-3:]}")
    tally.check(len({one[0] for one in found}) == 1, "it is one diagnosis from first to last")
    new_twice(tally, run)


def of_keeper(play, tally, is_long):
    """`keeper` dies: the others end."""
    capture, slow = play.capture("logon-storm", 30_000_000), 0
    for _ in range(LONG if is_long else SHORT):
        run = play.watch()
        if not tally.check(run, "it watches"):
            return
        others = [pid for pid, name in run.processes().items() if name != "keeper"]
        sender = play.blast(capture, r=RATE, l=0)
        time.sleep(0.3)
        os.kill(run.pid, signal.SIGKILL)
        run.process.wait()
        end = time.monotonic() + 3
        while any(is_alive(pid) for pid in others) and time.monotonic() < end:
            time.sleep(0.02)
        left = [pid for pid in others if is_alive(pid)]
        slow += bool(left)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        sender.end(is_stopped=True)
    tally.check(not slow, f"the others end within 3 s ({slow} times they did not)")


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
