#!/usr/bin/env python3
"""Makes the status table of src/attribute/status.c out of statuses.json.

    statuses.py statuses.json OUT.inc

A code is an NTSTATUS ("0xC000006D") or a DOS error ("class/code"); reason is a word of enum
sbl_reason, missing one of enum sbl_missing. The table is sorted by (is_dos_error, code); a code or
a name that comes twice is an error. The index of the search stands behind it: where a code's row
is, plus 1, at its slot or one of the next, up to a 0.
"""
import json
import sys


def code_of(text):
    if "/" in text:
        error_class, code = text.split("/")
        return True, int(error_class) << 16 | int(code)
    return False, int(text, 16)


def rows_of(statuses):
    rows = {}
    for status in statuses:
        key = code_of(status["code"])
        if key in rows:
            raise SystemExit(f"{status['code']}: twice")
        if not status["meaning"]:
            raise SystemExit(f"{status['code']}: without a meaning")
        rows[key] = status
    if len({status["name"] for status in statuses}) != len(statuses):
        raise SystemExit("a name is there twice")
    return sorted(rows.items())


SLOT_BITS = 9


def index_of(rows):
    slots = [0] * (1 << SLOT_BITS)
    for at, ((is_dos, code), _) in enumerate(rows):
        slot = ((code ^ is_dos << 31) * 0x9E3779B1 & 0xFFFFFFFF) >> 32 - SLOT_BITS
        while slots[slot]:
            slot = (slot + 1) % len(slots)
        slots[slot] = at + 1
    if len(rows) > 255 or 0 not in slots:
        raise SystemExit("more statuses than the index has room for")
    return slots


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        rows = rows_of(json.load(file))
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        out.write("/* Made by knowledge/statuses.py out of statuses.json. */\n")
        out.write("static const struct sbl_status statuses[] = {\n")
        for (is_dos, code), status in rows:
            out.write(
                "{0x%08Xu, %s, %s, SBL_REASON_%s, %su, %d, %d, SBL_MISSING_%s},\n"
                % (code, "true" if is_dos else "false", json.dumps(status["name"]),
                   status["reason"].upper(), status.get("sub_status", "0x0"),
                   status.get("modern_event", 0), status.get("classic_event", 0),
                   status.get("missing", "no").upper()))
        out.write("};\n\nenum { STATUS_SLOT_BITS = %d };\n" % SLOT_BITS)
        out.write("static const uint8_t slots[1 << STATUS_SLOT_BITS] = {\n")
        out.write("".join("%d,\n" % slot for slot in index_of(rows)))
        out.write("};\n")


if __name__ == "__main__":
    main()
