#!/usr/bin/env python3
"""Replays every case of captures/: the records must be those of expected.ndjson, the same bytes on
a second run, valid by the schema, and must say what truth.json says happened.

    golden.py SMBLAME CAPTURES-DIR [--accept]

truth.json comes from what the client was told to do and what the server logged, never from smblame;
--accept writes expected.ndjson anew, but only where the truth agrees. Incidents have none: their
diagnoses are judged by tests/eval.py. Ends with `N passed, N failed`."""
import json
import pathlib
import subprocess
import sys

# Groups whose cases need not have an expected.ndjson.
WITHOUT_EXPECTED = ("incidents",)
SCHEMA = pathlib.Path(__file__).resolve().parents[1] / "schema"


def run(smblame, case):
    done = subprocess.run([smblame, "--json", "--events", "input.pcap"], cwd=case,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False)
    if done.returncode not in (0, 4):
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.decode(errors='replace')[-400:]}")
    return done.stdout


def status(record):
    error = record.get("error", {})
    return ("DOS " if error.get("type") == "DOS" else "") + error.get("code", "0x00000000")


def same(want, got):
    """Whether a fact of the truth is what was found; a fact the truth leaves out is not asked."""
    return want is None or str(want).casefold() == str(got if got is not None else "").casefold()


def logon_differs(want, record):
    user, auth = record.get("user", {}), record["smblame"]["auth"]
    found = {"account": user.get("name"), "domain": user.get("domain"),
             "workstation": record["source"].get("domain"), "client_ip": record["source"].get("ip"),
             "server_ip": record["destination"].get("ip"),
             "server_port": record["destination"].get("port"),
             "outcome": record["event"]["outcome"], "mechanism": auth["mechanism"]}
    if want.get("names_cut"):
        found = {key: found[key] for key in ("client_ip", "server_ip", "server_port", "outcome")}
    if record["event"]["outcome"] != "unknown":
        found["status"] = status(record)
    if "guest" in want:
        found["guest"] = record["smblame"].get("guest", False)
    return [f"{name}: truth {want[name]!r}, found {value!r}" for name, value in found.items()
            if name in want and not same(want[name], value)]


def tree_differs(want, record):
    found = {"share": record["smblame"].get("share"), "status": status(record),
             "account": record.get("user", {}).get("name")}
    return [f"{name}: truth {want[name]!r}, found {value!r}" for name, value in found.items()
            if name in want and not same(want[name], value)]


def open_differs(want, record):
    name = (record.get("file", {}).get("path") or "").replace("/", "\\")
    share = record["smblame"].get("share") or ""
    if share and name.casefold().startswith(share.casefold()):
        name = name[len(share):]
    found = {"command": record["smblame"]["smb"]["command"], "share": share,
             "name": name.lstrip("\\"), "status": status(record)}
    if "name" in want:
        full = "\\".join(filter(None, (want.get("directory"), want["name"]))).replace("/", "\\")
        want = {**want, "name": full.lstrip("\\")}
    return [f"{key}: truth {want[key]!r}, found {value!r}" for key, value in found.items()
            if key in want and not same(want[key], value)]


KINDS = (("logons", "smblame.logon", logon_differs),
         ("tree_connects", "smblame.tree_connect", tree_differs),
         ("opens", "smblame.open_probe", open_differs))


def decided_first(items, outcome):
    """In order, but what was never decided last: it is told when it is given up."""
    return sorted(items, key=lambda item: outcome(item) == "unknown")


def against_truth(case, records):
    truth = json.loads((case / "truth.json").read_text(encoding="utf-8"))
    for key, dataset, differs in KINDS:
        if key not in truth:
            continue
        found = decided_first([r for r in records if r["event"]["dataset"] == dataset],
                              lambda r: r["event"]["outcome"])
        want = decided_first(truth[key], lambda w: w.get("outcome"))
        if len(found) != len(want):
            yield f"{key}: truth has {len(want)}, found {len(found)}"
        for number, (one, record) in enumerate(zip(want, found), 1):
            for difference in differs(one, record):
                yield f"{key} {number}: {difference}"


def schema_errors(output):
    done = subprocess.run([sys.executable, SCHEMA / "validate.py"], input=output,
                          stdout=subprocess.PIPE, check=False)
    return [] if done.returncode == 0 else done.stdout.decode().splitlines()[:5] or ["validate.py "
                                                                                     "failed"]


def check(smblame, case, accept):
    """What is wrong with a case, as lines."""
    output = run(smblame, case)
    records = [json.loads(line) for line in output.decode("utf-8").splitlines()]
    wrong = list(against_truth(case, records)) + schema_errors(output)
    if output != run(smblame, case):
        wrong.append("a second run printed other bytes")
    expected = case / "expected.ndjson"
    if case.parent.name in WITHOUT_EXPECTED and not expected.exists():
        return wrong
    if accept and not wrong:
        expected.write_bytes(output)
    if not expected.exists():
        wrong.append("no expected.ndjson")
    elif expected.read_bytes() != output:
        wrong.append("records are not those of expected.ndjson")
    return wrong


def main():
    smblame, folder = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    cases = sorted(p.parent for p in folder.glob("*/*/input.pcap"))
    passed = failed = 0
    for case in cases:
        wrong = check(smblame, case, "--accept" in sys.argv[3:])
        passed, failed = passed + (not wrong), failed + bool(wrong)
        if wrong:
            print(f"{case.parent.name}/{case.name}:", *wrong[:12], sep="\n    ")
    if not cases:
        print("no cases under", folder)
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
