#!/usr/bin/env python3
"""How well smblame diagnoses: every incident of the directories is read, and what smblame says is
held against the truth that the player of the incident wrote down.

    eval.py SMBLAME INCIDENTS-DIR... [--quiet]

An incident is a folder with input.pcap and truth.json (tests/lab/README.md, "Incidents"). Of the
records smblame.diagnosis the last of each id counts, unless it went into another diagnosis. For
each incident that is the one about its account (or, where the truth names no account, about its
clients) of the highest severity, then confidence. Printed:

  cause accuracy      incidents whose cause is right
  culprit precision   named drivers, programs and hostile hosts that are right, of those named
  culprit recall      incidents with such a culprit in which it was named
  wrong accusations   drivers, programs and hosts that had nothing to do with it, by name

once for all and once each for incidents written before and after the rules were frozen; then how
many single facts (walk, counts, tipping attempt) are right, which is told but not judged. Ends
with 1 below 0.95, 1.00, 0.90, or when somebody was accused wrongly, or nothing was read."""
import argparse
import json
import pathlib
import subprocess
import sys

ACCURACY, PRECISION, RECALL = 0.95, 1.00, 0.90
NAMED = ("driver", "program")


def fold(names):
    return {str(name).casefold() for name in names or () if name}


def items(value):
    """A list of the record contract: plain, or with a count beside `items` or first and last."""
    if isinstance(value, dict):
        return value.get("items") or (value.get("first") or []) + (value.get("last") or [])
    return value or []


class Diagnosis:
    """What a record smblame.diagnosis says, as far as it is judged."""

    def __init__(self, record):
        self.record, self.said = record, record["smblame"]["diagnosis"]
        self.rule = record.get("rule", {}).get("id", "")
        self.severity = record["event"].get("severity", 0)
        self.confidence = self.said.get("confidence", 0.0)
        self.culprit = self.said.get("culprit") or {}
        related = record.get("related", {})
        name = record.get("user", {}).get("name")
        self.accounts = fold([name] if name else items(related.get("user")))
        source = record.get("source", {}).get("ip")
        listed = [one.get("ip") for one in items(self.said.get("clients"))]
        self.clients = fold([source] if source else listed)
        threat = "threat" in record
        self.is_hostile = threat or "intrusion_detection" in record["event"].get("category", ())

    def candidates(self):
        """The signatures that it holds for possible; one, or several that it cannot tell apart."""
        found = [one.get("id") for one in items(self.culprit.get("candidates"))
                 if one.get("kind", "driver") in NAMED]
        if self.culprit.get("kind") in NAMED:
            found.append(self.culprit.get("id"))
        return {one for one in found if one}

    def names_culprit(self):
        return self.culprit.get("kind") in NAMED or bool(self.candidates())

    def files(self):
        return fold(pathlib.PureWindowsPath(str(f)).name for f in items(self.culprit.get("files")))


def diagnoses(smblame, folder):
    """The last word of each diagnosis that did not go into another."""
    done = subprocess.run([smblame, "--json", "input.pcap"], cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300, check=False)
    if done.returncode not in (0, 4):
        raise RuntimeError(f"{folder}: exit {done.returncode}: {done.stderr.decode()[-300:]}")
    last = {}
    for line in done.stdout.decode("utf-8").splitlines():
        record = json.loads(line)
        if record["event"]["dataset"] == "smblame.diagnosis":
            last[record["smblame"]["diagnosis"]["id"]] = record
    return [Diagnosis(r) for r in last.values() if not r["smblame"]["diagnosis"].get(
        "superseded_by")]


def about(told, found):
    """The diagnoses that speak of this incident, the weightiest first."""
    clients = fold(told["clients"])
    if told["account"] is None:
        mine = [d for d in found if d.clients & clients]
    else:
        names = {told["account"].casefold(), told["account"].casefold().partition("@")[0]}
        mine = [d for d in found if names & d.accounts]
        # Of one account, those that speak of these machines, where any does.
        mine = [d for d in mine if d.clients & clients] or mine
    return sorted(mine, key=lambda d: (-d.severity, -d.confidence))


def cause_right(told, mine):
    causes = [told["cause"], *told.get("cause_also", ())]
    return (mine[0].rule if mine else None) in causes


def fits(told, diagnosis):
    """Whether the culprit that a diagnosis names is the one of this incident. Where that cannot be
    told from the wire, all that it may be must be named, or none."""
    culprit, named = told["culprit"] or {}, diagnosis.candidates()
    if diagnosis.clients and not diagnosis.clients & fold(told["clients"]):
        return False
    if culprit.get("kind") not in NAMED or not diagnosis.names_culprit():
        return False
    possible = set(culprit.get("candidates") or ())
    if culprit.get("id"):
        return bool(named) and named <= possible | {culprit["id"]}
    return named in (set(), possible)


class Tally:
    """Sums over incidents."""

    def __init__(self):
        self.incidents = self.right = self.named = self.named_right = 0
        self.culprits = self.culprits_found = self.facts = self.facts_right = 0
        self.accusations = []

    def ratios(self):
        return (self.right / self.incidents if self.incidents else 0.0,
                self.named_right / self.named if self.named else 1.0,
                self.culprits_found / self.culprits if self.culprits else 1.0)

    def passes(self):
        accuracy, precision, recall = self.ratios()
        return (self.incidents > 0 and accuracy >= ACCURACY and precision >= PRECISION
                and recall >= RECALL and not self.accusations)

    def line(self, title):
        accuracy, precision, recall = self.ratios()
        return (f"{title:14} {self.incidents:3} incidents: cause accuracy {accuracy:.3f} "
                f"({self.right}), culprit precision {precision:.3f} ({self.named_right} of "
                f"{self.named}), culprit recall {recall:.3f} ({self.culprits_found} of "
                f"{self.culprits}), wrong accusations {len(self.accusations)}, facts "
                f"{self.facts_right} of {self.facts}")


def is_hostile(told):
    return bool(told.get("hostile"))


def accused(truth, every, diagnosis):
    """(what is accused, whether rightly) for each driver, program and host that a diagnosis
    names; None where it names nobody."""
    innocent = truth.get("innocent", {})
    if diagnosis.candidates():
        bystanders = diagnosis.files() & fold(innocent.get("files"))
        bystanders |= diagnosis.clients & fold(innocent.get("clients"))
        wrong = bystanders or not any(fits(told, diagnosis) for told in every)
        yield (f"{' or '.join(sorted(diagnosis.candidates()))} at "
               f"{', '.join(sorted(diagnosis.clients))}", not wrong)
    elif diagnosis.names_culprit():
        # A driver without a name still is an accusation of the machine.
        guilty = {c for told in every if (told["culprit"] or {}).get("kind") in NAMED
                  for c in fold(told["clients"])}
        if not diagnosis.clients <= guilty:
            yield f"an unknown {diagnosis.culprit['kind']} at {min(diagnosis.clients)}", False
    if diagnosis.is_hostile:
        guilty = {c for told in every if is_hostile(told) for c in fold(told["clients"])}
        for client in sorted(diagnosis.clients) or ["nobody"]:
            yield f"host {client} as hostile ({diagnosis.rule})", client in guilty


def facts(told, diagnosis):
    """(name, truth, said) of the single facts that the truth knows."""
    said, walk = diagnosis.said, diagnosis.said.get("walk") or {}
    yield "clients", fold(told["clients"]), diagnosis.clients
    for key in ("failures", "lockouts"):
        yield key, told[key], said.get(key, 0)
    if told.get("threshold"):
        threshold = said.get("threshold")
        yield "threshold", told["threshold"], (threshold.get("value") if isinstance(
            threshold, dict) else threshold)
    if told.get("tipping_frame"):
        yield "tipping frame", told["tipping_frame"], said.get("tipping_frame")
    if told.get("walk"):
        yield ("walk", [d.casefold() for d in told["walk"]["directories"]],
               [str(d).casefold() for d in items(walk.get("directories"))])
        yield "missing", fold(told["walk"]["missing"]), fold(items(walk.get("missing")))


def judge(truth, found, tallies):
    """Adds one folder to the tallies; yields what is to be told of it."""
    every = [truth["incident"], *truth.get("more_incidents", ())]
    for told in every:
        mine = about(told, found)
        right = cause_right(told, mine)
        who = told["account"] or ", ".join(told["clients"])
        said = f"{mine[0].rule} {mine[0].confidence:.2f}" if mine else "nothing"
        expected = [str(c) for c in (told["cause"], *told.get("cause_also", ()))]
        yield right, f"{who}: {said}" + ("" if right else f", expected {' or '.join(expected)}")
        culprit = told["culprit"] or {}
        wanted = is_hostile(told) or (culprit.get("kind") in NAMED and not culprit.get("optional"))
        named = any(d.is_hostile for d in mine) if is_hostile(told) else any(
            fits(told, d) for d in mine)
        if wanted and not named:
            yield False, f"{who}: culprit {culprit.get('id') or culprit.get('kind')} not named"
        compared = [(name, want, got) for name, want, got in facts(told, mine[0])] if mine else []
        for name, want, got in compared:
            if want != got:
                yield None, f"{who}: {name}: truth {want}, said {got}"
        for tally in tallies:
            tally.incidents += 1
            tally.right += right
            tally.culprits += wanted
            tally.culprits_found += wanted and named
            tally.facts += len(compared)
            tally.facts_right += sum(want == got for _, want, got in compared)
    for diagnosis in found:
        for what, right in accused(truth, every, diagnosis):
            if not right:
                yield False, f"wrongly accused: {what}"
            for tally in tallies:
                tally.named += 1
                tally.named_right += right
                if not right:
                    tally.accusations.append(what)


def options():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("smblame")
    parser.add_argument("folders", nargs="+", type=pathlib.Path, metavar="INCIDENTS-DIR")
    parser.add_argument("--quiet", action="store_true", help="only what is wrong, and the sums")
    return parser.parse_args()


def main():
    asked = options()
    smblame = str(pathlib.Path(asked.smblame).resolve())
    tallies = {"all": Tally(), "before freeze": Tally(), "after freeze": Tally()}
    cases = [path.parent for folder in asked.folders for path in sorted(
        folder.glob("*/truth.json"))]
    for case in cases:
        truth = json.loads((case / "truth.json").read_text(encoding="utf-8"))
        if "incident" not in truth:
            continue
        when = "after freeze" if truth.get("frozen") else "before freeze"
        told = list(judge(truth, diagnoses(smblame, case), (tallies["all"], tallies[when])))
        good = all(right is not False for right, _ in told)
        if not (good and asked.quiet):
            print(f"{'ok   ' if good else 'WRONG'} {case.name}")
            for right, text in told:
                if right is not True or not asked.quiet:
                    print(f"      {'' if right else '(fact) ' if right is None else '! '}{text}")
    for title, tally in tallies.items():
        print(tally.line(title))
    for what in tallies["all"].accusations:
        print(f"wrong accusation: {what}")
    passed = tallies["all"].passes()
    print(f"bars: accuracy {ACCURACY:.2f}, precision {PRECISION:.2f}, recall {RECALL:.2f}: "
          f"{'reached' if passed else 'NOT reached'}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
