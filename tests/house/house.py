#!/usr/bin/env python3
"""The house rules as a test: who may include whom, which room may see which foreign header, how big
things may be, what may not be remembered or allocated where, and what must not be left lying about.
Prints each breach with file and line, then `N passed, N failed` (one per rule). What each rule
catches, and what it lets pass, stands in planted.py."""
import pathlib
import re
import sys

# What a room may include of other rooms, besides <smblame/...> and base/.
NEIGHBOURS = {
    "base": set(), "capture": set(), "decode": set(), "classify": set(), "stream": {"classify"},
    "correlate": set(), "attribute": set(), "witness": set(), "knowledge": set(),
    "history": {"knowledge"}, "diagnose": {"history", "knowledge"}, "emit": set(),
    "evidence": {"emit"}, "deliver": set(), "guard": set(), "config": {"jobs"}, "notes": set(),
    "jobs": {"decode", "notes", "stream", "witness"},
    "service": {"capture", "classify", "config", "deliver", "emit", "evidence", "guard", "jobs",
                "knowledge", "notes"},
    "": {"attribute", "capture", "classify", "config", "correlate", "decode", "diagnose", "history",
         "jobs", "knowledge", "notes", "service", "stream", "witness"},
}
# Foreign headers and the only rooms that may see them.
FOREIGN = {
    r"pcap(/.*)?\.h": {"capture"}, r"ndpi.*\.h": {"classify"}, r"uv\.h": {"service", "deliver"},
    r"nettle/.*": {"emit", "evidence"}, r"zlib\.h": {"capture"}, r"zstd\.h": {"capture"},
    r"xxhash\.h": {"base"}, r"ini\.h": {"config"},
    r"microhttpd\.h": {"service"}, r"cjson/.*|cJSON\.h": {"emit", "knowledge"},
    r"seccomp\.h": {"guard"}, r"cap-ng\.h": {"guard"},
}
# Functions that a library calls, which says what they take.
CALLED_BY_OTHERS = {"on_request"}
LIBC_ONLY = {"stdbool.h", "stddef.h", "stdint.h", "string.h"}
FILE_LINES, FUNCTION_LINES, LINE_COLUMNS, PARAMETERS, NESTING = 600, 80, 100, 5, 3
# Rooms of the packet path: nothing from the heap but where a thing is made and freed.
PACKET_ROOMS = {"classify", "correlate", "decode", "diagnose", "history", "stream", "witness"}
CODE = {".c", ".h", ".py", ".sh", ".build"}
TEXT = {".md", ".json", ".tsv", ".txt", ".conf", ".service", ".1", ".3", ".7"}
PRODUCT = ("dissectors", "include", "src")

LEFT_OVERS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
UNREAD = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
FUNCTION = re.compile(r"^(?!return\b|else\b)[A-Za-z_][\w \t*\n]*?\b(\w+)"
                      r"\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)\s*([{;])", re.M)
CONTROL = re.compile(r" +(?:\} )?(?:if|for|while|switch|do)\b")
HEAP = re.compile(r"\b(malloc|calloc|realloc|reallocarray|free|strn?dup|v?asprintf|getline)\s*\(")
OUTPUT = re.compile(r"\b(v?f?printf|f?puts|f?putc|putchar|perror)\s*\(")
MAKES_OR_FREES = re.compile(r"_(new|new_\w+|init|free|fini)$")
DECLARED = re.compile(r"(?!(?:__extension__ )?typedef |return\b|(?:struct|enum|union) \w+;)"
                      r"([A-Za-z_][\w *]*?)(?:\[[^\]]*\])*(?: =|;|,)")
# The one variable that lasts: what a signal handler sets.
SIGNAL_FLAG = "static volatile sig_atomic_t "
MACHINE = re.compile(r"(?<![\w.~/-])/(?:work|home|root|Users|mnt|tmp/wt|build)/\w")


def files(root):
    """Path and lines of every text file that a rule looks at."""
    for path in sorted(root.rglob("*")):
        inner = path.relative_to(root)
        if any(part.startswith((".", "build", "__")) or part == "corpus"
               for part in inner.parts[:-1]):
            continue
        if path.is_file() and (path.suffix in CODE | TEXT or is_script(path)):
            yield inner, path.read_text(encoding="utf-8").splitlines()


def is_script(path):
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def is_c(path):
    return path.suffix in (".c", ".h")


def is_product(path):
    return is_c(path) and path.parts[0] in PRODUCT


def room_of(path):
    """The room of a file in src/ ("" for src itself), else None."""
    if path.parts[0] != "src":
        return None
    return path.parts[1] if len(path.parts) > 2 else ""


def code_of(lines):
    """The text with comments and literals blanked, every character in its place."""
    return UNREAD.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), "\n".join(lines))


def functions(code):
    """Of each function or prototype at the left margin: line, name, parameters, body (or "")."""
    for found in FUNCTION.finditer(code):
        end = code.find("\n}", found.end() - 1) + 2 if found[3] == "{" else found.end()
        parameters = 1 + re.sub(r"\([^()]*\)", "", found[2]).count(",") if found[2].strip() else 0
        yield (code.count("\n", 0, found.start()) + 1, found[1], parameters,
               code[found.start():end] if found[3] == "{" else "")


def includes(lines):
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found[1] == "<", found[2]


def include_directions(path, lines):
    room = room_of(path)
    for number, system, name in includes(lines) if is_c(path) else ():
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
    for number, _, name in includes(lines) if is_c(path) else ():
        for pattern, rooms in FOREIGN.items():
            if path.parts[0] in PRODUCT and re.fullmatch(pattern, name) and room not in rooms:
                yield number, f"{name} belongs to {', '.join(sorted(rooms))} alone"


def header_guards(path, lines):
    """SMBLAME_ROOM_FILE_H; without the room in include/smblame, with TESTS for it in tests."""
    if path.suffix != ".h":
        return
    inner = "".join(part + "_" for part in path.parts[1:-1])
    room = {"include": "", "tests": "TESTS_", "src": inner}.get(path.parts[0], path.parts[0] + "_")
    guard = f"SMBLAME_{room}{path.stem}_H".upper()
    text = "\n".join(lines)
    if f"\n#ifndef {guard}\n#define {guard}\n" not in text or lines[-1] != "#endif":
        yield 1, f"the guard of this header is {guard}"


def file_sizes(path, lines):
    if is_c(path) and len(lines) > FILE_LINES and "pure table" not in " ".join(lines[:10]):
        yield len(lines), f"{len(lines)} lines; a file stops at {FILE_LINES}"


def line_widths(path, lines):
    for number, line in enumerate(lines, 1) if path.suffix not in TEXT else ():
        if len(line) > LINE_COLUMNS:
            yield number, f"{len(line)} columns; a line stops at {LINE_COLUMNS}"


def function_sizes(path, lines):
    for number, name, _, body in functions(code_of(lines)) if is_c(path) else ():
        if body.count("\n") + 1 > FUNCTION_LINES:
            yield number, f"{name} is longer than {FUNCTION_LINES} lines"


def parameters(path, lines):
    for number, name, count, _ in functions(code_of(lines)) if is_product(path) else ():
        if count > PARAMETERS and name not in CALLED_BY_OTHERS:
            yield number, f"{name} takes {count} parameters; it stops at {PARAMETERS}"


def nesting(path, lines):
    for number, line in enumerate(code_of(lines).split("\n"), 1) if is_c(path) else ():
        if CONTROL.match(line) and len(line) - len(line.lstrip()) > 4 * NESTING:
            yield number, f"nested deeper than {NESTING}"


def variables(path, lines):
    """No variable outlives its function but the flag of a signal handler."""
    for number, line in enumerate(code_of(lines).split("\n"), 1) if is_product(path) else ():
        inner = line.lstrip()
        if line != inner and not inner.startswith("static "):
            continue
        found = DECLARED.match(inner)
        if found:
            name = found[1]
        elif inner.startswith("static ") and inner.endswith("{") and "(" not in inner:
            name = inner
        else:
            continue
        constant = re.search(r"\* *const \w+$", name) if "*" in name else "const " in name
        if not constant and not inner.startswith(SIGNAL_FLAG):
            yield number, "a variable that outlives its function"


def allocations(path, lines):
    if path.parts[0] != "dissectors" and room_of(path) not in PACKET_ROOMS:
        return
    for number, name, _, body in functions(code_of(lines)):
        makes = path.parts[0] == "src" and MAKES_OR_FREES.search(name)
        for pattern in (OUTPUT,) if makes else (OUTPUT, HEAP):
            for found in pattern.finditer(body):
                yield (number + body.count("\n", 0, found.start()),
                       f"{found[1]} in {name}: the packet path allocates and prints nothing")


def left_overs(path, lines):
    for number, line in enumerate(lines, 1) if is_c(path) else ():
        if LEFT_OVERS.search(line):
            yield number, "a left-over word"


def machine_paths(path, lines):
    for number, line in enumerate(lines, 1):
        if MACHINE.search(line):
            yield number, "a path of somebody's machine"


def essays(path, lines):
    if is_c(path) and (not lines or not lines[0].startswith("/*")):
        yield 1, "a file begins with a few lines that say what it is for"


RULES = (include_directions, foreign_headers, header_guards, file_sizes, line_widths,
         function_sizes, parameters, nesting, variables, allocations, left_overs, machine_paths,
         essays)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    passed = failed = 0
    read = list(files(root))
    for rule in RULES:
        breaches = [(path, *breach) for path, lines in read for breach in rule(path, lines)]
        for path, number, what in breaches:
            print(f"{path}:{number}: {what}")
        passed, failed = (passed, failed + 1) if breaches else (passed + 1, failed)
    if not read:
        print("no files found under", root)
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
