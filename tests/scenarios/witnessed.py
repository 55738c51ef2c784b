#!/usr/bin/env python3
"""Fails when something that smblame may say was never seen to be said: a rule of
knowledge/diagnoses.json that no scenario expects as the cause, or a signature of
knowledge/drivers.json that may be blamed, or that proves a search of PATH, and that no scenario,
unit test or signatures.py names. Prints each, then `N passed, N failed`.

    witnessed.py PROJECT
"""
import json
import pathlib
import re
import sys

import signatures

WISH = re.compile(r"^expect(?: ever)? +(?!not\b|never\b|no\b|told\b|diagnoses\b)(.*)$", re.M)
FALLBACK_BELOW = 0.4
RULE = re.compile(r"(?:^| )rule +(?:= +)?([a-z0-9-]+)(?= |$)")


def expected_rules(text):
    """Rules that a scenario expects as the cause, each alone: one of several proves none."""
    return {rule for wish in WISH.findall(text) for rule in RULE.findall(wish)}


def needs_confirmation(rule):
    """Whether no facts but an operator's word can lift a rule over the fallback."""
    rises = [weight for weight in rule["weights"] if weight["delta"] > 0]
    seen = sum(weight["delta"] for weight in rises if not weight["fact"].startswith("confirmed_"))
    return not rule.get("fallback") and rule["base"] + seen < FALLBACK_BELOW and bool(rises)


def unwitnessed_rules(rules, scenarios):
    for rule in rules:
        texts = [text for text in scenarios.values() if rule["id"] in expected_rules(text)]
        if not texts:
            yield f"rule {rule['id']}: no scenario expects it"
        elif needs_confirmation(rule) and not any(
                re.search(r"^options.*\bconfirm ", text, re.M) for text in texts):
            yield f"rule {rule['id']}: no scenario expects it by what an operator confirms"


def unknown_rules(rules, scenarios):
    """An expectation of a rule that does not exist would pass as `expect not` for ever."""
    known = {rule["id"] for rule in rules}
    for name, text in scenarios.items():
        for values in re.findall(r"\b(?:rule|alternative) +(?:!?= +)?([a-z0-9|-]+)(?= |$)",
                                 "\n".join(re.findall(r"^expect.*$", text, re.M))):
            for rule in set(values.split("|")) - known:
                yield f"{name}: there is no rule {rule}"


def unwitnessed_signatures(entries, texts):
    played = {name for name, _ in signatures.scenarios(entries)}
    for entry in entries:
        if entry["role"] not in ("culprit", "probe") or entry["id"] in played:
            continue
        if not any(re.search(rf"(?<![\w-]){re.escape(entry['id'])}(?![\w-])", text)
                   for text in texts):
            yield f"signature {entry['id']}: no scenario and no unit test names it"


def main():
    root = pathlib.Path(sys.argv[1])
    rules = json.loads((root / "knowledge/diagnoses.json").read_text(encoding="utf-8"))
    entries = json.loads((root / "knowledge/drivers.json").read_text(encoding="utf-8"))
    scenarios = {path.stem: path.read_text(encoding="utf-8")
                 for path in sorted((root / "tests/scenarios").glob("*.txt"))}
    units = [path.read_text(encoding="utf-8") for path in (root / "tests/unit").glob("*.c")]
    complaints = [*unwitnessed_rules(rules, scenarios), *unknown_rules(rules, scenarios),
                  *unwitnessed_signatures(entries, [*scenarios.values(), *units])]
    for complaint in complaints:
        print(complaint)
    print(f"{len(rules) + len(entries) - len(complaints)} passed, {len(complaints)} failed")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
