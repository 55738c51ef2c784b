#!/usr/bin/env python3
"""Captures of which a part is missing: one direction, every third packet, every other request. What
is left must be told, and nothing else.

    halves.py SMBLAME CAPTURES-DIR

Of every captures/<group>/<case>/input.pcap that is whole (not wire/; nor incidents/, which would
only take long) each of WAYS is played. A refusal whose reply is still there must be told once, by
its own names or without them, never by others; what the whole capture does not have must not
appear; and an attempt must not fall into more pieces than the losses explain. Ends with `N passed,
N failed`."""
import collections
import pathlib
import sys
import tempfile

import wire
from metamorphic import records

LEFT_OUT = ("wire", "incidents")
SMB_PORTS = (139, 445)
# Commands that hold many things: a reply alone does not say that it refused a name.
NEEDS_REQUEST = ("TRANS2_", "NT_TRANSACT_")


def is_of_client(packet):
    return int.from_bytes(packet.header[2:4], "big") in SMB_PORTS


def has_data(packet):
    return packet.version and packet.payload


def client_alone(packets):
    return [p for p in packets if not p.version or is_of_client(p)]


def server_alone(packets):
    return [p for p in packets if not p.version or not is_of_client(p)]


def without(packets, every, is_dropped):
    """Without every so manieth of the packets that `is_dropped` names."""
    kept, count = [], 0
    for packet in packets:
        count += bool(is_dropped(packet))
        if not is_dropped(packet) or count % every:
            kept.append(packet)
    return kept


def without_every_third(packets):
    return without(packets, 3, has_data)


def without_every_other_request(packets):
    return without(packets, 2, lambda p: has_data(p) and is_of_client(p))


WAYS = [("the client alone", client_alone), ("the server alone", server_alone),
        ("without every third packet", without_every_third),
        ("without every other request", without_every_other_request)]


def key(record):
    smb, source, target = record["smblame"]["smb"], record["source"], record["destination"]
    return (record["event"]["dataset"], record["event"]["outcome"], source["ip"], source["port"],
            target["ip"], smb["message_id"], smb.get("command"),
            record.get("error", {}).get("code"))


def names(record):
    """The names that a record claims; of those it marks as cut only a part was captured."""
    cut = str(record["smblame"].get("cut", ""))
    found = {"user.name": record.get("user", {}).get("name"),
             "user.domain": record.get("user", {}).get("domain"),
             "smblame.share": record["smblame"].get("share"),
             "file.name": record.get("file", {}).get("name")}
    return {name: value for name, value in found.items() if value and name not in cut}


def needs_request(record):
    command = record["smblame"]["smb"].get("command", "")
    is_listing = command == "SMB_COM_SEARCH" and record["error"]["code"] == "1/18"
    return command.startswith(NEEDS_REQUEST) or is_listing


def complaints(whole, part, is_reply_there):
    """What is wrong with the records of a part of the capture. Ids of SMB1 come again, so records
    of one key are compared as a group."""
    by_key = collections.defaultdict(list)
    for record in whole:
        by_key[key(record)].append(record)
    told = collections.Counter(key(record) for record in part)
    for name, group in by_key.items():
        if name[1] != "failure":
            continue
        least = sum(is_reply_there(r) and not needs_request(r) for r in group)
        if not least <= told[name] <= len(group):
            yield f"{name}: {least} to {len(group)} expected, {told[name]} told"
    for record in part:
        if record["event"]["outcome"] == "unknown":
            continue
        if key(record) not in by_key:
            yield f"{key(record)} is not in the whole capture"
            continue
        known = [names(r) for r in by_key[key(record)]]
        if not any(names(record).items() <= one.items() for one in known):
            yield f"{key(record)} is told of {names(record)}"



def logons(found):
    return sum(r["event"]["dataset"] == "smblame.logon" for r in found)


def main():
    smblame, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    passed = failed = 0
    cases = [p for p in sorted(folder.glob("*/*/input.pcap"))
             if p.parent.parent.name not in LEFT_OUT]
    with tempfile.TemporaryDirectory() as temporary:
        changed = pathlib.Path(temporary) / "input.pcap"
        for case in cases:
            packets, whole = wire.read(case), records(smblame, case)
            for name, way in WAYS if packets and whole else []:
                kept = way(packets)
                numbers = {id(p) for p in kept}
                there = {i + 1 for i, p in enumerate(packets) if id(p) in numbers}
                wire.write(changed, kept)
                part = records(smblame, changed)
                wrong = list(complaints(
                    whole, part, lambda r: r["smblame"]["evidence"].get("response_frame") in there))
                if way is client_alone and logons(part) > logons(whole):
                    wrong.append(f"{logons(whole)} logons became {logons(part)}")
                passed, failed = passed + (not wrong), failed + bool(wrong)
                for line in wrong[:4]:
                    print(f"{case.parent.parent.name}/{case.parent.name}: {name}: {line}")
    if not cases:
        print("no captures under", folder)
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
