#!/usr/bin/env python3
"""--stop-when ends the analysis at the frame that was waited for, in good order; --exec-on-open
runs its command, without a shell, for each diagnosis that opens.

    triggers.py SMBLAME CAPTURES-DIR

Ends with `N passed, N failed`."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SMBLAME = CASE = None


def run(*arguments, **more):
    return subprocess.run([SMBLAME, *map(str, arguments)], capture_output=True, timeout=300,
                          check=False, **more)


def records(done):
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def of(found, dataset):
    return [one for one in found if one["event"]["dataset"] == "smblame." + dataset]


def packets(found):
    return of(found, "stats")[-1]["smblame"]["stats"]["packets"]


def first(found, fits):
    """The number of the first frame that decides a logon that fits."""
    for one in of(found, "logon"):
        if fits(one):
            return one["smblame"]["evidence"]["response_frame"]
    return None


def stops_at_a_status():
    everything = records(run("--json", "--events", CASE))
    locked = "STATUS_ACCOUNT_LOCKED_OUT"
    wanted = first(everything, lambda one: one["event"].get("reason") == locked)
    for word in (locked, "0xC0000234"):
        done = run("--json", "--events", "--stop-when", word, CASE)
        found = records(done)
        if (done.returncode or packets(found) != wanted or len(of(found, "stats")) != 1
                or f"'{word}' was met by frame {wanted} of input.pcap".encode() not in done.stderr
                or [one["smblame"]["diagnosis"]["state"] for one in of(found, "diagnosis")][-1]
                != "closed"):
            return False
    return wanted < packets(everything)


def stops_at_an_account():
    everything = records(run("--json", "--events", CASE))
    wanted = first(everything, lambda one: one["event"]["outcome"] == "failure"
                   and one["user"].get("name") == "SMSCliToknAcct&")
    for word in ("smsclitoknacct&", "WS042\\SMSCliToknAcct&", "\\SMSCliToknAcct&"):
        done = run("--json", "--stop-when", "nobody", "--stop-when", word, CASE)
        if done.returncode or packets(records(done)) != wanted or len(of(records(done), "logon")):
            return False
    return True


def stops_at_a_cause():
    word = "third-party-driver-path-search"
    done = run("--json", "--stop-when", word, CASE)
    opened = [one for one in of(records(done), "diagnosis") if one["rule"]["id"] == word]
    everything = packets(records(run("--json", CASE)))
    return done.returncode == 0 and opened and packets(records(done)) < everything


def goes_to_the_end_otherwise():
    plain, waiting = run("--json", "--events", CASE), run("--json", "--events", "--stop-when",
                                                           "nobody", CASE)
    return waiting.returncode == 0 and plain.stdout == waiting.stdout and not waiting.stderr


def is_quiet():
    done = run("-q", "--stop-when", "0xC0000234", CASE)
    return done.returncode == 0 and not done.stderr and b"What was read" in done.stdout


def stops_a_pipe_that_stays_open():
    with subprocess.Popen([SMBLAME, "--json", "--stop-when", "0xC0000234", "-r", "-"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as child:
        child.stdin.write(CASE.read_bytes())
        child.stdin.flush()
        output = child.stdout.read()  # ends although the pipe does not
        child.stdin.close()
        return child.wait(60) == 0 and b"capture-stats" in output


def refuses_what_is_nothing():
    done = run("--stop-when", "STATUS_LOGIN_FAILURE", CASE)
    other = run("--stop-when", "nal-debug-loging", CASE)
    cause = run("--no-diagnosis", "--stop-when", "nal-debug-logging", CASE)
    return (done.returncode == other.returncode == cause.returncode == 2
            and b"did you mean 'STATUS_LOGON_FAILURE'?" in done.stderr
            and b"did you mean 'nal-debug-logging'?" in other.stderr
            and b"--no-diagnosis" in cause.stderr and not done.stdout)


SCRIPT = """#!%s
import json, os, sys
record = json.load(sys.stdin)
told = {name: os.environ[name] for name in os.environ if name.startswith("SMBLAME_")}
print("<" + json.dumps([told, record, sys.argv[1:], sorted(os.environ)]) + ">")
"""


def runs_a_command_for_each_opening():
    opened = [one for one in of(records(run("--json", CASE)), "diagnosis")
              if one["smblame"]["diagnosis"]["state"] == "open"]
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "with blank"
        script.write_text(SCRIPT % sys.executable, encoding="utf-8")
        script.chmod(0o755)
        done = run("--json", "--exec-on-open", f"'{script}' \"a b\" $HOME", CASE)
    told = [json.loads(line[1:-1]) for line in done.stderr.decode("utf-8").splitlines()
            if line.startswith("<")]
    told.sort(key=lambda one: one[1]["event"]["id"])
    opened.sort(key=lambda one: one["event"]["id"])
    if done.returncode or not opened or [one[1] for one in told] != opened:
        return False
    for variables, record, arguments, names in told:
        if (variables["SMBLAME_RULE"] != record["rule"]["id"]
                or variables["SMBLAME_DIAGNOSIS"] != record["smblame"]["diagnosis"]["id"]
                or variables["SMBLAME_SEVERITY"] != str(record["event"]["severity"])
                or arguments != ["a b", "$HOME"] or "HOME" in names
                or "source" in record and variables["SMBLAME_CLIENT"] != record["source"]["ip"]):
            return False
    return records(done) == records(run("--json", CASE))


def refuses_a_wrong_command():
    missing = run("--exec-on-open", "no-such-program-here", CASE)
    quote = run("--exec-on-open", "echo 'x", CASE)
    nothing = run("--no-diagnosis", "--exec-on-open", "true", CASE)
    return (missing.returncode == quote.returncode == nothing.returncode == 2
            and b"no-such-program-here" in missing.stderr and b"quote" in quote.stderr
            and b"--no-diagnosis" in nothing.stderr and not missing.stdout)


def leaves_nobody_behind():
    with tempfile.TemporaryDirectory() as folder:
        marks = pathlib.Path(folder)
        done = run("--exec-on-open", f"sh -c 'sleep 0.3; touch {marks}/$SMBLAME_DIAGNOSIS'", CASE)
        # all are done when smblame is
        return done.returncode == 0 and len(os.listdir(marks)) == 4


TESTS = (stops_at_a_status, stops_at_an_account, stops_at_a_cause, goes_to_the_end_otherwise,
         is_quiet, stops_a_pipe_that_stays_open, refuses_what_is_nothing,
         runs_a_command_for_each_opening, refuses_a_wrong_command, leaves_nobody_behind)


def main():
    global SMBLAME, CASE
    SMBLAME = str(pathlib.Path(sys.argv[1]).resolve())
    CASE = pathlib.Path(sys.argv[2]).resolve() / "diagnosis/q278660_crystal/input.pcap"
    passed = failed = 0
    for test in TESTS:
        good = test()
        passed, failed = passed + bool(good), failed + (not good)
        if not good:
            print("not true:", test.__name__.replace("_", " "))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
