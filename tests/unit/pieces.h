/* What a text that was written has in it, and what it has not: on failure both are shown. */
#ifndef SMBLAME_TESTS_PIECES_H
#define SMBLAME_TESTS_PIECES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static inline void has(const char *text, const char *piece) {
    if (!strstr(text, piece)) {
        print_error("wanted: %s\nin:\n%s", piece, text ? text : "");
        fail();
    }
}

static inline void lacks(const char *text, const char *piece) {
    if (strstr(text, piece)) {
        print_error("not wanted: %s\nin:\n%s", piece, text ? text : "");
        fail();
    }
}

#endif
