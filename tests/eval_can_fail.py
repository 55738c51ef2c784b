#!/usr/bin/env python3
"""eval.py judged: each way of being wrong must be seen, and being right must pass. smblame's place
is taken by a script that prints records made here. Ends with `N passed, N failed`."""
import json
import pathlib
import stat
import subprocess
import sys
import tempfile

EVAL = pathlib.Path(__file__).resolve().parent / "eval.py"
TOKEN, GUILTY, OTHER = "SMSCliToknAcct&", "192.0.2.42", "192.0.2.43"
WALK = "third-party-driver-path-search"
SPRAY = "password-spray"


def truth(account, cause, culprit=None, **more):
    told = {"cause": cause, "account": account, "domain": "", "authority": "local",
            "clients": [GUILTY], "servers": ["192.0.2.10"], "culprit": culprit, "walk": None,
            "failures": 3, "lockouts": 0, "threshold": None, "tipping_attempt": None, **more}
    return {"frozen": False, "incident": told, "innocent": {
        "clients": [OTHER], "accounts": ["jdoe"], "files": ["desktop.ini"]}}


def record(rule, account=TOKEN, client=GUILTY, number=1, **more):
    said = {"id": f"id-{number}", "revision": 1, "confidence": 0.8, "failures": 3, "lockouts": 0,
            **{k: v for k, v in more.items() if k not in ("threat", "severity")}}
    out = {"event": {"dataset": "smblame.diagnosis", "severity": more.get("severity", 5),
                     "category": ["authentication"]}, "rule": {"id": rule},
           "source": {"ip": client} if client else {}, "smblame": {"diagnosis": said}}
    if account:
        out["user"] = {"name": account}
    if more.get("threat"):
        out["threat"] = {"technique": {"id": ["T1110.003"]}}
    return out


def driver(identity, *files, **more):
    return {"kind": "driver", "id": identity, "files": list(files), **more}


CRYSTAL = driver("crystal-cwb-cwd", "CWBAUDIO.BIN")
WALKS = truth(TOKEN, WALK, CRYSTAL)
UNSURE = truth(TOKEN, WALK, driver(None, "esfm.drv", candidates=["ess-isa-9x", "ess-solo-pci"]))
SPRAYS = truth(None, SPRAY, {"kind": "host"}, hostile=True)
RIGHT = record(WALK, culprit=CRYSTAL)
# what is tried, truth, records, whether it passes
TRIALS = [
    ("all right", WALKS, [RIGHT], True),
    ("names in another case", WALKS, [record(WALK, "smsclitoknacct&", culprit=CRYSTAL)], True),
    ("nothing said", WALKS, [], False),
    ("another cause", WALKS, [record("mup-amplification", culprit=CRYSTAL)], False),
    ("another cause of higher severity", WALKS,
     [RIGHT, record("account-locked-out", number=2, severity=6)], False),
    ("another cause, superseded", WALKS,
     [RIGHT, record("account-locked-out", number=2, severity=6, superseded_by="id-1")], True),
    ("another cause at first", WALKS, [record("mup-amplification"), RIGHT], True),
    ("another driver", WALKS, [record(WALK, culprit=driver("yamaha-dsxg", "ds1.cpl"))], False),
    ("no driver", WALKS, [record(WALK)], False),
    ("the driver on another machine", WALKS,
     [RIGHT, record(WALK, client=OTHER, number=2, culprit=CRYSTAL)], False),
    ("a driver by a bystander's file", WALKS,
     [record(WALK, culprit=driver("crystal-cwb-cwd", "desktop.ini"))], False),
    ("the right driver, and an innocent machine beside the guilty one", WALKS,
     [record(WALK, client=None, clients=[{"ip": GUILTY}, {"ip": OTHER}], culprit=CRYSTAL)], False),
    ("an unnamed driver on an innocent machine", WALKS,
     [RIGHT, record(WALK, "jdoe", OTHER, 2, culprit=driver(None))], False),
    ("one of two that cannot be told apart", UNSURE,
     [record(WALK, culprit=driver("ess-isa-9x", "esfm.drv"))], False),
    ("both of two that cannot be told apart", UNSURE,
     [record(WALK, culprit=driver("ess-isa-9x", "esfm.drv", candidates=[
         driver("ess-isa-9x"), driver("ess-solo-pci")]))], True),
    ("the two, and a third", UNSURE,
     [record(WALK, culprit=driver("", "esfm.drv", candidates=[
         driver("ess-isa-9x"), driver("ess-solo-pci"), driver("yamaha-dsxg")]))], False),
    ("the driver, or another", WALKS,
     [record(WALK, culprit={"kind": "unknown", "candidates": [
         CRYSTAL, driver("yamaha-dsxg")]})], False),
    ("a driver without a name where there is none to know", UNSURE,
     [record(WALK, culprit=driver(None, "esfm.drv"))], True),
    ("a spray", SPRAYS, [record(SPRAY, None, threat=True)], True),
    ("a spray not called hostile", SPRAYS, [record(SPRAY, None)], False),
    ("a spray of an innocent machine", SPRAYS,
     [record(SPRAY, None, threat=True), record(SPRAY, None, OTHER, 2, threat=True)], False),
]


def passes(folder, told, records):
    case = folder / "incidents" / "one"
    case.mkdir(parents=True)
    (case / "truth.json").write_text(json.dumps(told), encoding="utf-8")
    (case / "input.pcap").touch()
    (folder / "said").write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    fake = folder / "smblame"
    fake.write_text(f"#!/bin/sh\ncat '{folder}/said'\n", encoding="utf-8")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    done = subprocess.run([sys.executable, EVAL, fake, case.parent], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode not in (0, 1) or "bars:" not in done.stdout:
        raise RuntimeError(done.stdout)
    return done.returncode == 0


def main():
    failed = 0
    for what, told, records, expected in TRIALS:
        with tempfile.TemporaryDirectory() as folder:
            if passes(pathlib.Path(folder), told, records) != expected:
                failed += 1
                print(f"{what}: {'passed' if not expected else 'failed'}")
    print(f"{len(TRIALS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
