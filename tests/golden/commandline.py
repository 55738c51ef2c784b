#!/usr/bin/env python3
"""The command line as a user meets it: exit statuses, messages, inputs of every form.

    commandline.py SMBLAME CAPTURES-DIR

Ends with `N passed, N failed`."""
import gzip
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

import shared
import wire

SMBLAME = CASE = None


def run(*arguments, **more):
    return subprocess.run([SMBLAME, *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE,
                          timeout=120, check=False, **more)


def events(*arguments, **more):
    done = run("--json", "--events", *arguments, **more)
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def without_frames(records):
    """What was found, without where it was found and without the statistics."""
    kept = []
    for record in records:
        if record["event"]["dataset"] != "smblame.stats":
            record["smblame"].pop("evidence", None)
            record["smblame"].get("diagnosis", {}).pop("tipping_frame", None)
            kept.append(record)
    return kept


def unknown_option(temporary):
    done = run("--jsn", "x.pcap")
    return done.returncode == 2 and b"did you mean '--json'" in done.stderr and not done.stdout


def no_input(temporary):
    done = run()
    return done.returncode == 2 and b"no input" in done.stderr


def bad_number(temporary):
    return run("-c", "many", CASE).returncode == 2 and run("-c", "0", CASE).returncode == 2


def jobs(temporary):
    """A bad number, an interface, and a pipe that cannot be shared but is read all the same."""
    bad = [("--jobs", "0"), ("--jobs", "65"), ("--jobs=two",), ("--jobs", "2", "-i", "lo")]
    with open(CASE, "rb") as capture:
        piped = run("--jobs", "2", "--json", "-", stdin=capture)
    return all(run(*words, CASE if "-i" not in words else "-q").returncode == 2
               for words in bad) and piped.returncode == 0 and piped.stdout


def jobs_and_a_full_disk(temporary):
    if not os.path.exists("/dev/full"):
        return True
    with open("/dev/full", "wb") as sink:
        done = subprocess.run([SMBLAME, "--jobs", "3", "--json", "--events", CASE], stdout=sink,
                              stderr=subprocess.PIPE, timeout=60, check=False)
    return done.returncode == 1 and b"cannot write" in done.stderr


def jobs_and_a_limit(temporary):
    """-c, --separate and a damaged file, with one thread and with several."""
    cut = temporary / "cut.pcap"
    cut.write_bytes(pathlib.Path(CASE).read_bytes()[:-5])
    ways = [("-c", "7", CASE), ("--separate", CASE, cut), (cut,), (temporary / "none", CASE)]
    return all(outcome(run("--jobs", "1", "--json", "--events", *words)) ==
               outcome(run("--jobs", "2", "--json", "--events", *words)) for words in ways)


def jobs_and_an_interrupt(temporary):
    """What was read until then is told to its end."""
    data = pathlib.Path(CASE).read_bytes()
    long = temporary / "long.pcap"
    long.write_bytes(data[:24] + data[24:] * (60_000_000 // len(data)))
    with subprocess.Popen([SMBLAME, "--jobs", "2", "--json", "-q", long], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as replay:
        time.sleep(0.1)
        replay.send_signal(signal.SIGINT)
        out, errors = replay.communicate(timeout=60)
    last = json.loads(out.splitlines()[-1])
    return replay.returncode == 0 and not errors and last["event"]["dataset"] == "smblame.stats"


def outcome(done):
    return done.returncode, done.stdout, done.stderr


def bad_filter(temporary):
    done = run("-f", "prot tcp", CASE)
    return done.returncode == 2 and b"prot" in done.stderr


def bad_codepage(temporary):
    done = run("--oem-codepage", "KLINGON", CASE)
    return done.returncode == 2 and b"KLINGON" in done.stderr


def help_first_screen(temporary):
    done = run("--help")
    lines = done.stdout.decode().splitlines()
    return done.returncode == 0 and any("smblame trace" in line for line in lines[:24])


def version(temporary):
    done = run("-V")
    return done.returncode == 0 and b"smblame 0." in done.stdout and b"MB" in done.stdout


def ceiling(*arguments):
    return int(run("-V", *arguments).stdout.split(b"at most ")[1].split()[0])


def limits_make_the_ceiling(temporary):
    listed = run("-V", "-v", "--limit", "pending-per-connection=77").stdout.decode()
    return (ceiling("--limit", "flows=1000", "--limit", "name_bytes=1000000") < ceiling() - 100
            and re.search(r"pending_per_connection +77 ", listed)
            and re.search(r"flows +1048576 ", listed))


def limits_with_a_mistake(temporary):
    wrong = ["flows", "flow=100", "flows=", "flows=1", "flows=99999999999", "flows=1k",
             "tunnel_depth=3"]
    done = [run("-V", "--limit", word) for word in wrong]
    return all(one.returncode == 2 and b"--limit" in one.stderr and not one.stdout for one in done)


def the_ceiling_is_said_when_verbose(temporary):
    said = [run("--json", *words, CASE) for words in ((), ("-v",), ("-v", "-q"))]
    return ([b"memory at most" in one.stderr for one in said] == [False, True, False]
            and len({one.stdout for one in said}) == 1)


def limits_that_are_hit_are_counted(temporary):
    path = temporary / "flood.pcap"
    first = next(packet for packet in wire.read(CASE) if packet.payload)
    at = first.frame.index(first.header)
    wire.write(path, [wire.Packet(first.time, first.frame[:at] + struct.pack(">H", 1024 + number)
                                  + first.frame[at + 2:]) for number in range(2000)])
    stats = events("--limit", "flows=100", path)[-1]["smblame"]["stats"]
    return stats["evicted"]["flows"] == 1900 and "flows" not in events(
        path)[-1]["smblame"]["stats"].get("evicted", {})


def absent_file(temporary):
    done = run(temporary / "nowhere.pcap")
    return done.returncode == 1 and b"nowhere.pcap" in done.stderr and not done.stdout


def wrong_magic(temporary):
    path = temporary / "letter.txt"
    path.write_bytes(b"Dear administrator, my account is locked again.\n" * 9)
    done = run(path)
    return done.returncode == 1 and b"letter.txt" in done.stderr


def zero_length(temporary):
    path = temporary / "empty.pcap"
    path.write_bytes(b"")
    return run(path).returncode == 1


def header_only(temporary):
    path = temporary / "header.pcap"
    wire.write(path, [])
    return run(path).returncode == 0


def cut_in_the_middle(temporary):
    """A file cut inside its last frame: all but that frame is reported, exit 4."""
    path = temporary / "cut.pcap"
    path.write_bytes(pathlib.Path(CASE).read_bytes()[:-7])
    done = run(path)
    return done.returncode == 4 and b"cut.pcap" in done.stderr and done.stdout


def absurd_length(temporary):
    path = temporary / "absurd.pcap"
    path.write_bytes(pathlib.Path(CASE).read_bytes() + struct.pack("<4I", 1, 1, 1 << 30, 1 << 30))
    done = run(path)
    return done.returncode == 4 and b"absurd.pcap" in done.stderr and b"byte" in done.stderr


def compressed(temporary):
    path = temporary / "case.pcap.gz"
    path.write_bytes(gzip.compress(pathlib.Path(CASE).read_bytes()))
    return without_frames(events(path)) == without_frames(events(CASE))


def compressed_cut(temporary):
    path = temporary / "cut.gz"
    path.write_bytes(gzip.compress(pathlib.Path(CASE).read_bytes())[:-20])
    return run(path).returncode == 4


def standard_input(temporary):
    with open(CASE, "rb") as file:
        piped = events("-r", "-", stdin=file)
    return without_frames(piped) == without_frames(events(CASE))


def directory(temporary):
    folder = temporary / "ring"
    folder.mkdir()
    shutil.copy(CASE, folder / "a.pcap")
    (folder / "notes.txt").write_text("not a capture")
    done = run("--json", "--events", folder)
    return done.returncode == 0 and b"notes.txt" in done.stderr and \
        done.stdout.count(b"\n") == len(events(CASE))


def ring_is_one_capture(temporary):
    """A capture split between any two frames is still one: state is carried over."""
    packets = wire.read(CASE)
    whole = without_frames(events(CASE))
    for at in range(5, len(packets), max(1, len(packets) // 7)):
        wire.write(temporary / "1.pcap", packets[:at])
        wire.write(temporary / "2.pcap", packets[at:])
        if without_frames(events(temporary / "2.pcap", temporary / "1.pcap")) != whole:
            return False
    return True


def separate_files(temporary):
    both = events("--separate", CASE, CASE)
    return len([r for r in both if r["event"]["dataset"] == "smblame.stats"]) == 2 and \
        len(both) == 2 * len(events(CASE))


def same_file_twice_is_one_capture(temporary):
    """Two copies of one capture are two vantage points of the same packets: no failure counts
    twice."""
    shutil.copy(CASE, temporary / "copy.pcap")
    return without_frames(events(CASE, temporary / "copy.pcap")) == without_frames(events(CASE))


def frame_limit(temporary):
    stats = events("-c", "5", CASE)[-1]["smblame"]["stats"]
    return stats["packets"] == 5


def filter_leaves_frame_numbers(temporary):
    kept = [r["smblame"]["evidence"]["response_frame"] for r in events("-f", "tcp port 445 or port "
                                                                       "139", CASE)
            if r["event"]["dataset"] == "smblame.logon"]
    return kept == [r["smblame"]["evidence"]["response_frame"] for r in events(CASE)
                    if r["event"]["dataset"] == "smblame.logon"] and kept


def filter_excludes(temporary):
    return len(events("-f", "udp", CASE)) == 1


def summary_on_request(temporary):
    done = run(CASE)
    return done.returncode == 0 and b"\x1b" not in done.stdout and b"STATUS_" in done.stdout


def broken_pipe(temporary):
    full = "/dev/full"
    if not os.path.exists(full):
        return True
    with open(full, "wb") as sink:
        done = subprocess.run([SMBLAME, "--json", CASE], stdout=sink, stderr=subprocess.PIPE,
                              check=False)
    return done.returncode == 1 and b"cannot write" in done.stderr


def classify_choices(temporary):
    return run("--classify=full", CASE).returncode == 0 and run("--no-classify",
                                                                CASE).returncode == 0 \
        and run("--classify=some", CASE).returncode == 2


def explain_known(temporary):
    done = run("explain", "auddrive.sys", "SMSCliToknAcct&", "0xc000006d", "2/2", "Q278660")
    return done.returncode == 0 and b"Q248880" in done.stdout and not done.stderr and \
        b"STATUS_LOGON_FAILURE" in done.stdout and b"ERRSRV/ERRbadpw" in done.stdout


def explain_unknown(temporary):
    done = run("explain", "auddrive.sys", "\x1b[2Jnobody")
    return done.returncode == 1 and b"compaq-auddrive" in done.stdout and \
        b"nothing is known" in done.stderr and b"\x1b" not in done.stderr + done.stdout


def explain_nothing(temporary):
    return run("explain").returncode == 2


def explain_a_file(temporary):
    """A capture of that name is still a capture."""
    shutil.copy(CASE, temporary / "explain")
    plain = run("-r", "explain", cwd=temporary)
    dotted = run("./explain", cwd=temporary)
    return plain.returncode == 0 and dotted.returncode == 0 and b"STATUS_" in dotted.stdout


def knowledge_of_the_user(temporary):
    (temporary / "shares.json").write_text(
        '[{"pattern": "TEAM_*", "class": "site", "product": "Ours", "source": "us"}]')
    done = run("explain", "--knowledge", temporary, r"\\FS1\TEAM_A")
    return done.returncode == 0 and b"Ours" in done.stdout and run(
        "--knowledge", temporary, CASE).returncode == 0


def knowledge_with_a_mistake(temporary):
    (temporary / "drivers.json").write_text('[\n {"id": "x",\n  "rol": "culprit"}\n]')
    mistake = b"drivers.json:3: rol: found an unknown key"
    runs = [run("--knowledge", temporary, *words, CASE)
            for words in ((), ("--no-diagnosis",), ("--separate", CASE), ("explain",))]
    return all(done.returncode == 2 and done.stderr.count(mistake) == 1 and not done.stdout
               for done in runs)


def knowledge_nowhere(temporary):
    return run("--knowledge", temporary / "none", CASE).returncode == 2 and \
        run("--knowledge", temporary, CASE).returncode == 2


def lockout_numbers(temporary):
    good = run("--lockout-threshold=5", "--lockout-window", "30", CASE).returncode == 0
    bad = [("--lockout-threshold", "0"), ("--lockout-threshold", "1000"),
           ("--lockout-window", "100000"), ("--lockout-window", "half an hour")]
    return good and all(run(*words, CASE).returncode == 2 for words in bad)


def confirmed_facts(temporary):
    good = [("old-password",), ("old_password", "--confirm", "nal-logging"),
            ("confirmed_nal_logging",)]
    bad = [("locked_out",), ("confirmed_",), ("",), ("older-password",)]
    done = run("--confirm", "locked_out", CASE)
    return all(run("--confirm", *words, CASE).returncode == 0 for words in good) and \
        all(run("--confirm", *words, CASE).returncode == 2 for words in bad) and \
        b"old_password" in done.stderr and run("--no-diagnosis", CASE).returncode == 0


def configuration_of_a_replay(temporary):
    """A file says what the command line would; paths are relative to it; who is typed wins."""
    folder = temporary / "etc"
    folder.mkdir()
    shutil.copy(CASE, folder / "trace.pcap")
    (folder / "smblame.conf").write_text("[output]\njson = yes\nevents = yes\n"
                                         "[capture]\nread = trace.pcap\ncount = 5\n")
    told = run("--config", "etc/smblame.conf", cwd=temporary)
    typed = run("--config", folder / "smblame.conf", "-c", "1000000", CASE)
    plain = run("--config", folder / "smblame.conf", "--json=no", "--events=no")
    return (json.loads(told.stdout.splitlines()[-1])["smblame"]["stats"]["packets"] == 5
            and typed.stdout == run("--json", "--events", CASE).stdout
            and plain.returncode == 0 and b"smblame.stats" not in plain.stdout)


def configuration_with_mistakes(temporary):
    path = temporary / "smblame.conf"
    path.write_text("json = yes\n[captur]\ncount = 5\n[output]\nevnts = yes\ncount = x\n")
    done = run("--config", path, CASE)
    said = done.stderr.decode()
    return done.returncode == 2 and not done.stdout and said.count("\n") == 3 and \
        f"{path}:2: unknown section [captur]; did you mean [capture]?" in said and \
        f"{path}:5: unknown key 'evnts'; did you mean 'events'?" in said and \
        f"{path}:6: count takes a whole number" in said


def configuration_nowhere(temporary):
    return all(run("--config", where, CASE).returncode == 2
               for where in (temporary, temporary / "none", "/dev/zero"))


def check_says_right_or_wrong(temporary):
    (temporary / "drivers.json").write_text('[\n {"id": "x",\n  "rol": "culprit"}\n]')
    right = run("--check", "-i", "eth0", "-f", "tcp port 445", "--metrics", "[::1]:9478")
    wrong = {b"--filter: ": ("-f", "prot tcp"), b"--metrics: ": ("--metrics", "192.0.2.1:80"),
             b"drivers.json:3: rol": ("--knowledge", temporary),
             b"--oem-codepage: ": ("--oem-codepage", "KLINGON"),
             b"--user: ": ("--user", "n0b0dy-at-all"), b"--confirm": ("--confirm", "all")}
    done = {said: run("--check", "-i", "eth0", *words) for said, words in wrong.items()}
    return right.returncode == 0 and right.stdout == b"configuration is right\n" and \
        all(one.returncode == 2 and said in one.stderr and not one.stdout
            for said, one in done.items())


def what_does_not_go_together(temporary):
    words = {"--events goes with --json": ("--events", CASE),
             "--raw-evidence goes with --write": ("--raw-evidence", CASE),
             "goes with --rotate-seconds or --rotate-size": ("-w", "e", "-W", "3", CASE),
             "--rotate-size goes with --write or --record": ("-C", "1", CASE),
             "--watch does not go with --json": ("--watch", "--json", CASE),
             "does not go with --no-diagnosis": ("--exec-on-open", "x", "--no-diagnosis", CASE),
             "--record goes with -i, not with files": ("--record", "e", CASE),
             "--separate goes with files": ("--separate", "-i", "lo")}
    done = {said: run(*line) for said, line in words.items()}
    return all(one.returncode == 2 and said.encode() in one.stderr for said, one in done.items())


CHECKS = [configuration_of_a_replay, configuration_with_mistakes, configuration_nowhere,
          check_says_right_or_wrong, what_does_not_go_together,
          unknown_option, no_input, bad_number, bad_filter, bad_codepage, help_first_screen,
          version, limits_make_the_ceiling, limits_with_a_mistake,
          the_ceiling_is_said_when_verbose, limits_that_are_hit_are_counted,
          absent_file, wrong_magic, zero_length, header_only, cut_in_the_middle, absurd_length,
          compressed,
          compressed_cut, standard_input, directory, ring_is_one_capture, separate_files,
          same_file_twice_is_one_capture, frame_limit, filter_leaves_frame_numbers, filter_excludes,
          summary_on_request, broken_pipe, classify_choices, explain_known, explain_unknown,
          explain_nothing, explain_a_file, knowledge_of_the_user, knowledge_with_a_mistake,
          knowledge_nowhere, lockout_numbers, confirmed_facts, jobs, jobs_and_a_full_disk,
          jobs_and_a_limit, jobs_and_an_interrupt]


def main():
    global SMBLAME, CASE
    SMBLAME = str(pathlib.Path(sys.argv[1]).resolve())
    CASE = next(iter(sorted(pathlib.Path(sys.argv[2]).resolve().glob("setup/smb311*/input.pcap"))))
    return shared.run_checks(CHECKS)


if __name__ == "__main__":
    sys.exit(main())
