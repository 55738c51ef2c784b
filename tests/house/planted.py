#!/usr/bin/env python3
"""Can the house rules fail? Each is shown files that break it, once each, and files that come close
and do not. Ends with `N passed, N failed` (one per file)."""
import pathlib
import sys

import house

GUARDED = "/* A header. */\n#ifndef {0}\n#define {0}\n\n#endif"
LONG = "int f(void) {\n" + "    g();\n" * house.FUNCTION_LINES + "}"
DEEP = "    while (a)\n        for (;;)\n            if (b)\n"

# Rule: files that break it, each with its path, and files that do not.
PLANTED = {
    house.include_directions: (
        [("src/base/a.c", '#include "stream/stream.h"'),
         ("src/stream/a.c", '#include "correlate/correlate.h"'),
         ("dissectors/a.c", '#include "base/pool.h"'),
         ("dissectors/a.c", "#include <stdio.h>"),
         ("include/smblame/a.h", "#include <pcap/pcap.h>")],
        [("src/stream/a.c", '#include "classify/classify.h"'),
         ("dissectors/a.c", '#include <smblame/text.h>\n#include "asn1.h"')]),
    house.foreign_headers: (
        [("src/emit/a.c", "#include <pcap/pcap.h>"), ("src/stream/a.c", "# include <zlib.h>"),
         ("dissectors/a.c", "#include <ndpi/ndpi_api.h>")],
        [("src/capture/a.c", "#include <pcap/pcap.h>"), ("tests/unit/a.c", "#include <zlib.h>")]),
    house.header_guards: (
        [("src/stream/a.h", GUARDED.format("STREAM_A_H")), ("src/base/a.h", "/* None. */"),
         ("src/stream/a.h", GUARDED.format("SMBLAME_STREAM_A_H") + "\nint f(void);")],
        [("src/stream/a.h", GUARDED.format("SMBLAME_STREAM_A_H")),
         ("include/smblame/a.h", GUARDED.format("SMBLAME_A_H")),
         ("tests/unit/a.h", GUARDED.format("SMBLAME_TESTS_A_H"))]),
    house.file_sizes: (
        [("src/a.c", "int f(void);\n" * (house.FILE_LINES + 1))],
        [("src/a.c", "int f(void);\n" * house.FILE_LINES),
         ("src/a.c", "/* A pure table. */\n" * (house.FILE_LINES + 1))]),
    house.line_widths: (
        [(name, "x" * 101) for name in ("src/a.c", "tests/a.py", "meson.build", "dev", "a.sh")],
        [("src/a.c", "x" * 100), ("README.md", "x" * 101)]),
    house.function_sizes: (
        [("src/a.c", LONG), ("src/a.c", LONG.replace("(void)", "(int a,\n      int b)"))],
        [("src/a.c", LONG.replace("    g();\n", "", 2))]),
    house.parameters: (
        [("src/a.c", "static int *f(int a, int b, int c,\n    int d, int e, int f) {\n}"),
         ("src/a.h", "void f(int a, int b, int c, int d, void (*e)(int, int), int f);")],
        [("src/a.c", "int f(int a, int b, int c, int d, void (*e)(int, int)) {\n}"),
         ("src/a.c", "void f(void) {\n    g(1, 2, 3, 4, 5, 6);\n}"),
         ("src/a.c", "static int on_request(int a, int b, int c, int d, int e, int f) {\n}"),
         ("tests/a.c", "int f(int a, int b, int c, int d, int e, int f);")]),
    house.nesting: (
        [("src/a.c", DEEP + " " * 16 + line)
         for line in ("if (c)", "} while (1);", "switch (c) {")],
        [("src/a.c", DEEP + " " * 16 + line) for line in ("g();", "/* if this */", "iffy();")]),
    house.variables: (
        [("src/a.c", line) for line in (
            "int count;", "static unsigned count = 0;", "static const char *name;",
            "struct flow flows[3];", "extern int shared;", "    static int calls = 0;",
            "static struct flow *flows[] = {", "static const char *names[] = {",
            "static struct {", "volatile sig_atomic_t flag;", "    static bool known[256];")],
        [("src/a.c", line) for line in (
            "static const uint8_t table[] = {1};", "static const char *const names[] = {",
            "struct flow;", "static int f(int a);", "const struct format *f(void);",
            "    int count = 0;", "    static const struct row rows[] = {", "typedef int number;",
            "static const struct {", "    return;", "extern const struct x *const all[3];",
            "static volatile sig_atomic_t stop;", "enum { MOST = 3 };", "struct flow {",
            "    struct flow *next;")] + [("tests/a.c", "static int count;")]),
    house.allocations: (
        [("dissectors/a.c", "int a_new(void) {\n    return !malloc(1);\n}"),
         ("src/stream/a.c", "void a_take(void) {\n    free(0);\n}"),
         ("src/decode/a.c", "static void f(int a,\n    int b) {\n    calloc(1, 1);\n}"),
         ("src/correlate/a.c", 'void a_new(void) {\n    printf("x");\n}')],
        [("src/stream/a.c", "int a_new(void) {\n    return !calloc(1, 1);\n}"),
         ("src/stream/a.c", "void a_free(void) {\n    free(0);\n}"),
         ("src/stream/a.c", 'void f(void) {\n    g("free(x)"); /* free(x) */\n}'),
         ("src/stream/a.c", "void f(void) {\n    stream_free(0);\n}"),
         ("src/capture/a.c", "void f(void) {\n    free(0);\n}")]),
    house.left_overs: ([("src/a.c", "/* TODO */"), ("src/a.h", "// XXX")],
                       [("src/a.c", "TODOS"), ("README.md", "a TODO list")]),
    house.machine_paths: (
        [(name, line) for name in ("README.md", "src/a.c", "dev") for line in (
            "see /work/" "x", "'/home/" "me'", "cd /root/" "x", "=/tmp/wt/" "a", "(/Users/" "me)")],
        [("README.md", "/tmp/smblame-XXXXXX and /var/captures and src/work/x and a/home/b"),
         ("src/a.c", "GET /index.html")]),
    house.essays: ([("src/a.c", ""), ("src/a.h", "#ifndef A")], [("src/a.c", "/* Why. */")]),
}


def main():
    passed = failed = 0
    for rule in house.RULES:
        for is_breach, planted in zip((True, False), PLANTED[rule]):
            for name, text in planted:
                found = list(rule(pathlib.PurePath(name), text.splitlines()))
                is_right = bool(found) == is_breach
                if not is_right:
                    verdict = "misses" if is_breach else "accuses"
                    print(f"{rule.__name__} {verdict} {name}: {text[:80]!r}")
                passed, failed = (passed + 1, failed) if is_right else (passed, failed + 1)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
