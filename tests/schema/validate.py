#!/usr/bin/env python3
"""Holds smblame's records against the schema and the record contract.

    validate.py < RECORDS.ndjson
    validate.py --run PROGRAM ARGUMENT...     validates what the program prints

Every line must be a JSON object without a key given twice, pass the ECS schema beside this script
(and the whole one in the directory SMBLAME_SHARED, where that is there), hold the members that
every record has, and fit the line of the contract that its dataset names.
Exit 0 = all valid and at least one, 1 = not, 77 = python3-jsonschema is not installed.
"""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.environ.get("SMBLAME_SHARED", os.path.join(HERE, "..", "..", "..", "shared"))
SCHEMAS = (os.path.join(HERE, "ecs-9.4.0-emitted.schema.json"),
           os.path.join(SHARED, "schemas", "ecs", "ecs-9.4.0-smblame.schema.json"))
UUID8 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
ALWAYS = ("@timestamp", "message", "ecs.version", "event.kind", "event.module", "event.dataset",
          "event.action", "event.category", "event.type", "event.outcome", "event.id",
          "observer.type", "observer.vendor", "observer.product", "observer.version",
          "smblame.schema")
FINDING = ("source.ip", "source.port", "destination.ip", "destination.port", "network.transport",
           "network.protocol", "network.community_id", "smblame.smb.version", "smblame.transport")
# event.action of a health record: its members
HEALTH = {
    "capture-gap": ("reason", "interface", "kernel_drops", "interface_drops", "ring_bytes"),
    "process-restart": ("process", "frames_at_risk", "correlation_lost_s", "away_s", "restarts"),
    "sink-state": ("sink", "state", "waiting"),
    "records-dropped": ("sink", "records"),
}
# dataset: kind, action (of several: the set), category, outcomes, further members
DATASETS = {
    "smblame.logon": ("event", "logon", ["authentication", "network"],
                      {"success", "failure", "unknown"},
                      FINDING + ("smblame.reason", "smblame.auth.mechanism",
                                 "smblame.auth.wrapping", "smblame.auth.authority")),
    "smblame.tree_connect": ("event", "tree-connect", ["network", "file"], {"failure"}, FINDING),
    "smblame.open_probe": ("event", "open-probe", ["file", "network"], {"failure"}, FINDING),
    "smblame.diagnosis": ("alert", "lockout-diagnosis", ["authentication"], {"failure"},
                          ("event.severity", "event.risk_score", "event.start", "event.end",
                           "rule.ruleset", "rule.version")
                          + tuple("smblame.diagnosis." + member for member in (
                              "id", "revision", "state", "confidence", "authority", "failures",
                              "lockouts", "culprit.kind", "culprit.files", "remedy", "references",
                              "evidence_for", "evidence_against", "alternatives",
                              "event_ids.first", "event_ids.last", "event_ids.count"))),
    "smblame.stats": ("metric", "capture-stats", ["network"], {"unknown"},
                      ("smblame.stats.packets", "smblame.stats.bytes", "smblame.stats.span_s")),
    "smblame.health": ("metric", set(HEALTH), ["network"], {"unknown"}, ("smblame.health",)),
}
# event.type by dataset and outcome
TYPES = {
    ("smblame.logon", "failure"): ["start", "denied"],
    ("smblame.logon", "success"): ["start"],
    ("smblame.logon", "unknown"): ["start"],
    ("smblame.tree_connect", "failure"): ["access", "denied"],
    ("smblame.open_probe", "failure"): ["access", "denied"],
    ("smblame.diagnosis", "failure"): ["info"],
    ("smblame.stats", "unknown"): ["info"],
    ("smblame.health", "unknown"): ["info"],
}
HOSTILE = "intrusion_detection"
LIST_ENDS = 20


def get(record, path):
    for key in path.split("."):
        if not isinstance(record, dict) or key not in record:
            return None
        record = record[key]
    return record


def object_of(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError("a key is given twice: " + ", ".join(sorted(keys)))
    return dict(pairs)


def long_lists(value, path=""):
    if isinstance(value, list) and len(value) > 2 * LIST_ENDS:
        yield f"{path} has {len(value)} elements, which is more than its ends"
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from long_lists(inner, f"{path}.{key}" if path else key)


def diagnosis_errors(record):
    diagnosis = get(record, "smblame.diagnosis")
    for path in ("smblame.diagnosis.id",) + (
            ("smblame.diagnosis.superseded_by",) if "superseded_by" in diagnosis else ()):
        if not UUID8.match(str(get(record, path))):
            yield f"{path} is no UUID of version 8"
    if diagnosis.get("state") not in ("open", "update", "closed"):
        yield f"state {diagnosis.get('state')!r}"
    if not 0 <= diagnosis.get("confidence", -1) <= 1:
        yield f"confidence {diagnosis.get('confidence')!r}"
    if not 0 <= get(record, "event.risk_score") <= 100:
        yield f"risk_score {get(record, 'event.risk_score')!r}"
    if "threat" in record and HOSTILE not in get(record, "event.category"):
        yield "threat of a cause that is not hostile"
    yield from long_lists(record)


def contract_errors(record):
    """What the contract asks and the schema cannot say."""
    dataset, outcome = get(record, "event.dataset"), get(record, "event.outcome")
    if dataset not in DATASETS:
        yield f"event.dataset {dataset!r} is not in the contract"
        return
    kind, action, category, outcomes, members = DATASETS[dataset]
    if dataset == "smblame.diagnosis":
        yield from diagnosis_errors(record)
        if HOSTILE in (get(record, "event.category") or ()):
            category = category + [HOSTILE]
    if isinstance(action, set):
        action = get(record, "event.action") if get(record, "event.action") in action else action
        members += tuple("smblame.health." + member for member in HEALTH.get(str(action), ()))
    for path in ALWAYS + members:
        if get(record, path) is None:
            yield f"{path} is missing"
    for path, wanted in (("event.kind", kind), ("event.action", action),
                         ("event.category", category), ("event.module", "smblame"),
                         ("ecs.version", "9.4.0"), ("smblame.schema", 1),
                         ("event.type", TYPES.get((dataset, outcome)))):
        if get(record, path) != wanted:
            yield f"{path} is {get(record, path)!r}, not {wanted!r}"
    if outcome not in outcomes:
        yield f"event.outcome {outcome!r} does not go with {dataset}"
    if not UUID8.match(str(get(record, "event.id"))):
        yield "event.id is no UUID of version 8"
    code, kind = get(record, "error.code"), get(record, "error.type")
    patterns = {"NTSTATUS": r"0x[0-9A-F]{8}\Z", "DOS": r"\d+/\d+\Z", None: r"None\Z"}
    if not re.match(patterns.get(kind, r"\Z."), str(code)):
        yield f"error.code {code!r} with error.type {kind!r}"


def validate(lines, checks):
    good = bad = 0
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line.decode("utf-8"), object_pairs_hook=object_of)
            errors = [f"{error.json_path}: {error.message}" for check in checks
                      for error in check.iter_errors(record)]
            errors += contract_errors(record)
        except ValueError as error:
            errors = [str(error)]
        for error in errors:
            print(f"line {number}: {error}")
        good, bad = good + (not errors), bad + bool(errors)
    print(f"{good} records valid, {bad} not")
    return 0 if good and not bad else 1


def main():
    try:
        import jsonschema
    except ImportError:
        print("skipped: python3-jsonschema is not installed")
        return 77
    checks = []
    for path in (path for path in SCHEMAS if path == SCHEMAS[0] or os.path.exists(path)):
        with open(path, encoding="utf-8") as file:
            checks.append(jsonschema.Draft202012Validator(json.load(file)))
    if len(sys.argv) > 2 and sys.argv[1] == "--run":
        done = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE, check=False)
        if done.returncode:
            print(f"{sys.argv[2]} ended with {done.returncode}")
            return 1
        return validate(done.stdout.splitlines(), checks)
    return validate(sys.stdin.buffer.read().splitlines(), checks)


if __name__ == "__main__":
    sys.exit(main())
