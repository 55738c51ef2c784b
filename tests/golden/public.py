#!/usr/bin/env python3
"""What smblame diagnoses in captures nobody made for it, each line read and judged by hand.

    public.py SMBLAME            runs all captures and compares with public_diagnoses.tsv
    public.py SMBLAME --write    writes the table anew: keeps the judgement of every line that is
                                 still said as it was, marks the others "not judged"

Sets: `public` (captures of other projects) and `lab` (real Samba and clients, with the truth of
each). A line is the last word of one diagnosis; one that went into another is left out. A line with
the rule "-" is a capture with refused or half-seen logons of which nothing is said: that is judged
too. A diagnosis that the table does not have, one that is no longer made, another severity, count
or culprit fails, and so does a line that nobody judged. Nothing above severity 3 may be said of a
capture whose line does not say "incident". Confidences may move; the table shows the last ones
written. Ends with `N passed, N failed`."""
import collections
import concurrent.futures
import csv
import json
import pathlib
import subprocess
import sys

import shared

SETS = ("public", "lab")
NOT_JUDGED = "not judged"
HIGHEST_WITHOUT_INCIDENT = 3
READ_EVEN_IF_DAMAGED = (0, 4)  # exit statuses
# What makes a line the same line; the others are kept with it.
KEY = ("set", "capture", "rule", "account", "client", "severity", "counted", "culprit")
JUDGED = ("incident", "judgement", "why")
COLUMNS = ("set", "capture", "rule", "account", "client", "severity", "confidence", "counted",
           "culprit") + JUDGED
TABLE = pathlib.Path(__file__).with_name("public_diagnoses.tsv")


def few(names):
    """At most three names, and how many more."""
    more = f" +{len(names) - 3}" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def account(record):
    user = record.get("user", {})
    if "name" not in user:
        return few(record.get("related", {}).get("user", [])) or "?"
    return "\\".join(part for part in (user.get("domain"), user["name"]) if part)


def culprit(found):
    """The id where the knowledge base has one; candidates that cannot be told apart in a row."""
    if "candidates" in found:
        return " or ".join(culprit(candidate) for candidate in found["candidates"])
    name = found.get("id") or found.get("product") or ", ".join(found.get("files", []))
    return f"{found['kind']} {name}".strip()


def counted(diagnosis):
    text = f"{diagnosis['failures']} failed, {diagnosis['lockouts']} locked out"
    if "threshold" in diagnosis:
        text += f", threshold {diagnosis['threshold']['value']}"
    return text


def line(name, record):
    diagnosis = record["smblame"]["diagnosis"]
    clients = [client["ip"] for client in diagnosis.get("clients", [])]
    return {"set": name[0], "capture": name[1], "rule": record["rule"]["id"],
            "account": account(record), "client": few(clients),
            "severity": str(record["event"]["severity"]),
            "confidence": f"{diagnosis['confidence']:.2f}", "counted": counted(diagnosis),
            "culprit": culprit(diagnosis["culprit"])}


def is_doubtful(record):
    """A logon that was refused, may have been, or whose end is not known."""
    return record["event"]["outcome"] != "success" or record["smblame"].get("guest", False)


def diagnoses(smblame, folder, name):
    """The lines of one capture."""
    done = subprocess.run([smblame, "--json", "--events", folder / "captures" / name[0] / name[1]],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode not in READ_EVEN_IF_DAMAGED:
        raise RuntimeError(f"{name[1]}: exit status {done.returncode}")
    last, doubtful = {}, 0
    for text in done.stdout.decode().splitlines():
        record = json.loads(text)
        dataset = record["event"]["dataset"]
        if dataset == "smblame.diagnosis":
            last[record["smblame"]["diagnosis"]["id"]] = record
        elif dataset == "smblame.logon":
            doubtful += is_doubtful(record)
    lines = [line(name, record) for record in last.values()
             if not record["smblame"]["diagnosis"].get("superseded_by")]
    if doubtful and not lines:
        lines.append({"set": name[0], "capture": name[1], "rule": "-", "account": "-",
                      "client": "-", "severity": "0", "confidence": "-",
                      "counted": f"{doubtful} logons", "culprit": "-"})
    return lines


def manifest(folder, set_):
    with open(folder / "captures" / set_ / "MANIFEST.tsv", encoding="utf-8", newline="") as file:
        return [(set_, row["file"]) for row in csv.DictReader(file, delimiter="\t",
                                                              quoting=csv.QUOTE_NONE)]


def key(row):
    return tuple(row[column] for column in KEY)


def table():
    if not TABLE.exists():
        return []
    with open(TABLE, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def write(lines):
    known = collections.defaultdict(list)
    for row in table():
        known[key(row)].append(row)
    with open(TABLE, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", quoting=csv.QUOTE_NONE,
                                quotechar=None, lineterminator="\n")
        writer.writeheader()
        for row in lines:
            old = known[key(row)].pop(0) if known[key(row)] else {"judgement": NOT_JUDGED}
            writer.writerow({**row, **{column: old.get(column, "") for column in JUDGED}})


def compare(lines):
    """What is wrong, one text each."""
    rows = table()
    said, known = collections.Counter(map(key, lines)), collections.Counter(map(key, rows))
    wrong = ["not in the table: " + " | ".join(k) for k in (said - known).elements()]
    wrong += ["no longer said: " + " | ".join(k) for k in (known - said).elements()]
    for row in rows:
        if row["judgement"] == NOT_JUDGED:
            wrong.append("not judged: " + " | ".join(key(row)))
        if int(row["severity"]) > HIGHEST_WITHOUT_INCIDENT and row["incident"] != "incident":
            wrong.append("too severe where nothing happened: " + " | ".join(key(row)))
    tally = collections.Counter((row["set"], row["judgement"]) for row in rows)
    for (set_, judgement), count in sorted(tally.items()):
        print(f"{set_:7} {count:4}  {judgement}")
    return wrong


def main():
    folder = shared.find(*(f"captures/{set_}/MANIFEST.tsv" for set_ in SETS))
    smblame = str(pathlib.Path(sys.argv[1]).resolve())
    names = [name for set_ in SETS for name in manifest(folder, set_)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda name: diagnoses(smblame, folder, name), names)
        lines = [found for result in results for found in result]
    if sys.argv[2:] == ["--write"]:
        write(lines)
    wrong = compare(lines)
    for text in wrong:
        print(text)
    print(f"{len(names)} captures, {len(lines)} lines")
    print(f"{max(len(lines) - len(wrong), 0)} passed, {len(wrong)} failed")
    return 1 if wrong or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
