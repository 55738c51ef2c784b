#!/usr/bin/env python3
"""The house rules as a test: who may include whom, which room may see which foreign header, how
long a file and a function may be, and what must not be left lying about. Prints each breach with
file and line, then `N passed, N failed` (one per rule)."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()

# What a room may include of other rooms, besides <smblame/...> and base/.
NEIGHBOURS = {
    "base": set(), "capture": set(), "decode": set(), "classify": set(), "stream": {"classify"},
    "correlate": set(), "attribute": set(), "emit": set(), "deliver": set(), "guard": set(),
    "config": set(),
    "service": {"capture", "config", "deliver", "emit", "guard", "service"},
    "": {"attribute", "capture", "classify", "config", "correlate", "decode", "service", "stream"},
}
# Foreign headers and the only rooms that may see them.
FOREIGN = {
    r"pcap(/.*)?\.h": {"capture"}, r"ndpi.*\.h": {"classify"}, r"uv\.h": {"service", "deliver"},
    r"nettle/.*": {"emit"}, r"zlib\.h": {"capture"}, r"zstd\.h": {"capture"},
    r"xxhash\.h": {"base"}, r"cjson/.*|cJSON\.h": {"emit", "attribute"},
}
LIBC_ONLY = {"stdbool.h", "stddef.h", "stdint.h", "string.h"}
FILE_LINES, FUNCTION_LINES = 600, 80
LEFT_OVERS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def sources():
    for folder in ("src", "dissectors", "include", "tests"):
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8").splitlines()


def room_of(path):
    """The room of a file in src/ ("" for src itself), else None."""
    if path.parts[0] != "src":
        return None
    return path.parts[1] if len(path.parts) > 2 else ""


def includes(lines):
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found[1] == "<", found[2]


def include_directions(path, lines):
    room = room_of(path)
    for number, system, name in includes(lines):
        if path.parts[0] == "include" and not name.startswith("smblame/") and name not in LIBC_ONLY:
            yield number, f"include/ may see itself and the C library's basics, not {name}"
        if path.parts[0] == "dissectors" and not (
                name.startswith("smblame/") or "/" not in name
                and (not system or name in LIBC_ONLY)):
            yield number, f"dissectors may see include/smblame only, not {name}"
        if room is None or system or "/" not in name:
            continue
        other = name.split("/")[0]
        if other not in ("base", room) and other not in NEIGHBOURS.get(room, set()):
            yield number, f"room '{room}' may not include {name}"


def foreign_headers(path, lines):
    room = room_of(path)
    for number, _, name in includes(lines):
        for pattern, rooms in FOREIGN.items():
            if path.parts[0] in ("src", "dissectors", "include") and re.fullmatch(pattern, name) \
                    and room not in rooms:
                yield number, f"{name} belongs to {', '.join(sorted(rooms))} alone"


def file_sizes(path, lines):
    if len(lines) > FILE_LINES and "pure table" not in " ".join(lines[:10]):
        yield len(lines), f"{len(lines)} lines; a file stops at {FILE_LINES}"


def function_sizes(path, lines):
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{" or (line.endswith(") {") or line.endswith("){")) and line[:1].isalpha():
            start = number
        elif line.startswith("    ") and line.rstrip().endswith(") {") and start is None \
                and lines[number - 2][:1].isalpha():
            start = number
        elif line == "}" and start is not None:
            if number - start > FUNCTION_LINES:
                yield start, f"a function of {number - start} lines; it stops at {FUNCTION_LINES}"
            start = None


def left_overs(path, lines):
    for number, line in enumerate(lines, 1):
        if LEFT_OVERS.search(line):
            yield number, "a left-over word"


def essays(path, lines):
    if not lines or not lines[0].startswith("/*"):
        yield 1, "a file begins with a few lines that say what it is for"


RULES = (include_directions, foreign_headers, file_sizes, function_sizes, left_overs, essays)


def main():
    passed = failed = 0
    files = list(sources())
    for rule in RULES:
        breaches = [(path, number, what) for path, lines in files for number,
                    what in rule(path, lines)]
        for path, number, what in breaches:
            print(f"{path}:{number}: {what}")
        passed, failed = (passed, failed + 1) if breaches else (passed + 1, failed)
    if not files:
        print("no source files found under", ROOT)
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
