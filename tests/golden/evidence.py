#!/usr/bin/env python3
"""Evidence (-w): what it holds, what it must not hold, and that it says the same again.

    evidence.py SMBLAME CAPTURES-DIR

Of every capture the evidence is written. It must hold the frames of all findings that a diagnosis
record names, with their headers untouched and right checksums, and replayed give the same
diagnoses: rule, account, machines, culprit. What it cannot give again stands in
evidence_differences.tsv with the reason. tshark (where installed) opens it without a complaint, and
finds in the capture what the evidence must not hold: no six bytes in a row of a challenge,
response, password, session key, MIC, signature or Kerberos cipher. A known password can be held
against the captures, and not against the evidence; and all of that is there with --raw-evidence.
Ends with `N passed, N failed`."""
import json
import pathlib
import random
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

import metamorphic
import ntlm
import wire

HERE = pathlib.Path(__file__).resolve().parent
WINDOW = 6
# For each way to log on a capture and a password that was used in it.
PASSWORDS = {"dc_old_password": ("Backup#1", "NTLMv2"), "nt1_ntlmv1": ("Wks!Tok-7", "NTLMv1"),
             "nt1_spnego_ntlmv1": ("Wks!Tok-7", "NTLMv1-ESS"), "lanman2": ("Wks!Tok-7", "LM"),
             "nt1_ntlmv2": ("Wks!Tok-7", "NTLMv2"), "smb311_signed": ("Wks!Tok-7", "NTLMv2")}
SECRETS = ("ntlmssp.ntlmserverchallenge", "ntlmssp.ntlmclientchallenge", "ntlmssp.auth.lmresponse",
           "ntlmssp.auth.ntresponse", "ntlmssp.ntlmv2_response.ntproofstr",
           "ntlmssp.ntlmv2_response.chal", "ntlmssp.auth.sesskey", "ntlmssp.authenticate.mic",
           "smb.signature", "smb2.signature", "kerberos.cipher", "spnego.mechListMIC",
           "smb.password", "smb.ansi_password", "smb.unicode_password", "smb.challenge")
# With tshark every so manieth of the incidents: it takes longer than all else.
TSHARK_EVERY = 25


def run(*command, before=None):
    return subprocess.run([str(part) for part in command], capture_output=True, check=False,
                          preexec_fn=before)


def limit_files():
    """Stands for a disk with room for a few frames."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))


def smblame(program, *arguments, before=None):
    """The records, and what was said on standard error."""
    done = run(program, "--json", "--events", *arguments, before=before)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return [json.loads(line) for line in lines], done.stderr.decode("utf-8", "replace")


def diagnoses(records):
    """By id, the last revision of each."""
    return {record["smblame"]["diagnosis"]["id"]: record for record in records
            if record["event"]["dataset"] == "smblame.diagnosis"}


def verdict(record):
    diagnosis = record["smblame"]["diagnosis"]
    return (record["rule"]["id"], record.get("user", {}).get("name"),
            tuple(sorted(record.get("related", {}).get("ip", []))),
            diagnosis.get("culprit", {}).get("id"))


def blocks(path):
    """Type and body of each block."""
    data, at = path.read_bytes(), 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        yield kind, data[at + 8:at + size - 4]
        at += size


def options(body, at):
    while at + 4 <= len(body):
        code, size = struct.unpack_from("<HH", body, at)
        if code == 0:
            return
        yield code, body[at + 4:at + 4 + size]
        at += 4 + (size + 3 & ~3)


def frames(path):
    """(time, bytes, comment) of each frame."""
    for kind, body in blocks(path):
        if kind == 6:
            _, high, low, captured, _ = struct.unpack_from("<5I", body)
            comment = dict(options(body, 20 + (captured + 3 & ~3))).get(1, b"")
            yield high << 32 | low, body[20:20 + captured], comment.decode()


def cited_frames(records):
    """Numbers of the frames of all findings that the diagnoses name."""
    by_id = {record["event"]["id"]: record for record in records}
    numbers = set()
    for record in diagnoses(records).values():
        ids = record["smblame"]["diagnosis"].get("event_ids", {})
        for name in ids.get("first", []) + ids.get("last", []):
            if name in by_id:
                numbers.update(by_id[name]["smblame"]["evidence"]["frames"])
    return numbers


def check_frames(original, records, written):
    """The frames that are cited are there, as they were but for what is blank."""
    times = {time: frame for time, frame, _ in written}
    for number in sorted(cited_frames(records)):
        packet = original[number - 1]
        frame = times.get(packet.time)
        if frame is None:
            if packet.version:  # else it is a fragment: not kept, and said to be missing
                yield f"frame {number} is cited and not there"
            continue
        if len(frame) != len(packet.frame):
            yield f"frame {number} has another length"
        if not packet.version:
            continue
        head = packet.frame.index(packet.header) if packet.header else 0
        if frame[:head + 16] != packet.frame[:head + 16]:
            yield f"frame {number} has other headers"
        if is_right(packet) and not is_right(wire.dissect(packet.time, frame)):
            yield f"frame {number} has a wrong checksum"
    for time, _, comment in written:
        if not comment.startswith("rule ") or "; record " not in comment:
            yield f"a frame without a comment: {comment!r}"


def is_right(packet):
    segment = packet.header + packet.payload
    pseudo = packet.source + packet.target + struct.pack(
        ">HH" if packet.version == 4 else ">II", *((6, len(segment)) if packet.version == 4
                                                   else (len(segment), 6)))
    return wire.checksum(pseudo + segment) == 0


def differences():
    """(group/case, rule) of what cannot be given again."""
    lines = (HERE / "evidence_differences.tsv").read_text().splitlines()[1:]
    return {tuple(line.split("\t")[:2]) for line in lines}


def check_replay(name, first, again, known):
    have = sorted(map(verdict, diagnoses(again).values()), key=str)
    for wanted in sorted(map(verdict, diagnoses(first).values()), key=str):
        if wanted in have:
            have.remove(wanted)
        elif (name, wanted[0]) not in known:
            yield f"not again: {wanted}"


def tshark_fields():
    known = set()
    for line in run("tshark", "-G", "fields").stdout.decode("utf-8", "replace").splitlines():
        parts = line.split("\t")
        if parts[0] == "F":
            known.add(parts[2])
    return [field for field in SECRETS if field in known]


def secrets_of(capture, fields):
    """What tshark finds, without the parts of a response that are none."""
    wanted = [part for field in fields for part in ("-e", field)]
    said = run("tshark", "-r", capture, "-T", "fields", "-E", "occurrence=a", "-E",
               "aggregator=,", *wanted).stdout.decode("utf-8", "replace")
    found = set()
    for line in said.splitlines():
        for field, values in zip(fields, line.split("\t")):
            for value in filter(None, values.split(",")):
                found.update(pieces(field, value))
    return {secret for secret in found if len(secret) >= WINDOW and secret != b"BSRSPYL "}


def pieces(field, value):
    text = value.replace(":", "").removeprefix("0x")
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = value.encode()
    if len(secret) >= 44 and secret[16:18] == b"\1\1":  # NTLMv2: times and names are behind it
        return [secret[:16], secret[32:40]]
    return [secret]


def windows(data):
    return {data[at:at + WINDOW] for at in range(len(data) - WINDOW + 1)}


def telling(window):
    """Not what any message holds, as zeros."""
    return len(set(window) - {0}) >= 3


def leaked(secrets, held):
    for secret in secrets:
        for window in windows(secret):
            if telling(window) and window in held:
                yield f"holds {window.hex()} of {secret.hex()[:64]}"
                break


def check_tshark(capture, evidence, raw, fields):
    secrets = secrets_of(capture, fields)
    yield from leaked(secrets, windows(evidence.read_bytes()))
    if secrets and not any(leaked(secrets, windows(raw.read_bytes()))) and \
            secrets_of(raw, fields):
        yield "--raw-evidence does not hold what tshark finds in it"
    done = run("tshark", "-r", evidence, "-Y", "_ws.malformed")
    lines = done.stdout.splitlines()
    before = run("tshark", "-r", raw, "-Y", "_ws.malformed").stdout.splitlines() if lines else []
    if done.returncode or len(lines) > len(before):
        yield f"tshark: {done.stdout.decode()[:300]}"
    said = [line for line in done.stderr.decode().splitlines() if "Running as user" not in line]
    if said:
        yield f"tshark: {said}"


def check_password(capture, evidence, raw):
    password, form = PASSWORDS[capture.parent.name]
    forms = []
    for packets in (wire.read(capture), [wire.dissect(t, f) for t, f, _ in frames(raw)],
                    [wire.dissect(t, f) for t, f, _ in frames(evidence)]):
        challenges, answers = ntlm.collect([p.payload for p in packets if p.version])
        forms.append({ntlm.verifies(password, challenges, answer) for answer in answers} - {None})
    if form not in forms[0] or form not in forms[1]:
        yield f"the password does not verify against the capture or raw evidence: {forms}"
    if forms[2]:
        yield f"the password verifies against the evidence: {forms[2]}"


def check(program, capture, folder, known, fields):
    name = "/".join(capture.parts[-3:-1])
    evidence, raw = folder / "evidence.pcapng", folder / "raw.pcapng"
    records, said = smblame(program, "-q", "-w", evidence, capture)
    if not diagnoses(records):
        return
    again, _ = smblame(program, "-q", evidence)
    original, written = wire.read(capture), list(frames(evidence))
    if not written and (original is None or any(p.version and p.payload for p in original)):
        yield "no frame was written"
    if original is not None:
        yield from check_frames(original, records, written)
    yield from check_replay(name, records, again, known)
    smblame(program, "-q", "--raw-evidence", "-w", raw, capture)
    if fields:
        yield from check_tshark(capture, evidence, raw, fields)
    if capture.parent.name in PASSWORDS:
        yield from check_password(capture, evidence, raw)


def check_pieces(program, capture, folder, fields):
    """Messages in many frames: all of them are there, and secrets that are cut are secrets."""
    secrets = secrets_of(capture, fields) if fields else set()
    pieces_file, evidence = folder / "pieces.pcap", folder / "evidence.pcapng"
    for way, replays in ((metamorphic.random_cuts, True), (metamorphic.overlapped, True),
                         (metamorphic.over_ipv6, True), (metamorphic.reordered, True),
                         (metamorphic.ip_fragmented, False)):
        wire.write(pieces_file, way(wire.read(capture), random.Random(1)))
        records, said = smblame(program, "-w", evidence, pieces_file)
        again, _ = smblame(program, "-q", evidence)
        yield from leaked(secrets, windows(evidence.read_bytes()))
        if replays:
            yield from check_replay("", records, again, set())
        elif way is metamorphic.ip_fragmented and "were not kept" not in said:
            yield "frames in fragments are neither kept nor said to be missing"


def check_turns(program, capture, folder):
    """Files in turn: each a section of its own, all frames in them, the oldest overwritten."""
    whole, turn = folder / "whole.pcapng", folder / "turn"
    smblame(program, "-q", "-w", whole, capture)
    smblame(program, "-q", "-w", turn, "-G", "60", "-W", "100", capture)
    files = sorted(folder.glob("turn[0-9]*"))
    if len(files) < 2 or [file.name for file in files[:2]] != ["turn00", "turn01"]:
        yield f"files in turn: {[file.name for file in files]}"
    found = [frame for file in files for frame in frames(file)]
    told = [sorted((time, len(frame), comment) for time, frame, comment in held)
            for held in (found, frames(whole))]
    if told[0] != told[1]:
        yield "files in turn do not hold the same frames"
    for file in files:
        if next(blocks(file))[0] != 0x0A0D0D0A:
            yield f"{file.name} does not begin with a section"
    for file in files:
        file.unlink()
    smblame(program, "-q", "-w", turn, "-G", "60", "-W", "2", capture)
    if sorted(file.name for file in folder.glob("turn*")) != ["turn0", "turn1"]:
        yield "two files in turn are not two"


def check_gone(program, capture, folder):
    """A look-back that is too small, and a disk that is full: said, and the analysis goes on."""
    small = folder / "small.pcapng"
    records, said = smblame(program, "-w", small, "--limit", "evidence_findings=16", capture)
    few = len(list(frames(small)))
    if not diagnoses(records) or said:
        yield "no diagnosis with a small memory"
    records, said = smblame(program, "-w", small, "--limit", "evidence_bytes=16384", capture)
    gone = records[-1]["smblame"]["stats"]["evicted"].get("evidence_bytes", 0)
    missing = sum("not kept any more" in comment for _, _, comment in frames(small))
    if not gone or not missing or f"{gone} were not kept any more" not in said:
        yield f"a small look-back: {few} frames, {gone} gone, {missing} told; {said!r}"
    records, said = smblame(program, "-w", small, capture, before=limit_files)
    if not diagnoses(records) or said.count("cannot write evidence") != 1 or \
            "are not in the evidence" not in said:
        yield f"a full disk: {said!r}"
    if run(program, "-w", "/dev/full", capture).returncode != 1:
        yield "a disk that is full from the beginning is not said"
    copy = folder / "copy.pcap"
    shutil.copy(capture, copy)
    for inputs in ([copy], [folder]):
        done = run(program, "-w", copy, *inputs)
        if done.returncode != 2 or copy.read_bytes() != capture.read_bytes():
            yield "evidence is written over an input"
    copy.unlink()
    if run(program, "--separate", "-w", small, capture, capture).returncode != 2:
        yield "-w and --separate go together"
    done = run(program, "-w", folder / "no" / "such" / "file", capture)
    if done.returncode != 1 or b"-w" not in done.stderr:
        yield "a file that cannot be opened is not said"


def main():
    program, captures = sys.argv[1], pathlib.Path(sys.argv[2])
    known, passed, failed = differences(), 0, 0
    fields = tshark_fields() if shutil.which("tshark") else []
    if not fields:
        print("tshark is not installed: what it would find is not looked for")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        inputs = sorted(captures.glob("*/*/input.pcap"))
        checks = [(capture, check(program, capture, folder, known,
                                  fields if capture.parts[-3] != "incidents" or
                                  i % TSHARK_EVERY == 0 else []))
                  for i, capture in enumerate(inputs)]
        crystal = captures / "diagnosis" / "q278660_crystal" / "input.pcap"
        storm = captures / "incidents" / "attack_locks_and_driver_suffers" / "input.pcap"
        checks += [(crystal, check_turns(program, crystal, folder)),
                   (storm, check_gone(program, storm, folder))]
        for name in PASSWORDS:
            capture = captures / "setup" / name / "input.pcap"
            checks.append((capture, check_pieces(program, capture, folder, fields)))
        for capture, problems in checks:
            problems = list(problems)
            passed, failed = passed + (not problems), failed + bool(problems)
            for problem in problems:
                print(f"{'/'.join(capture.parts[-3:-1])}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
