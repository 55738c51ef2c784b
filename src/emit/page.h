/* Text for a terminal: words on lines that break before the edge and go on indented, in colour when
 * asked. Knows nothing of findings. What it is given must be printable already (text_printable). */
#ifndef SMBLAME_EMIT_PAGE_H
#define SMBLAME_EMIT_PAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "emit/identity.h"

enum page_ink { PAGE_PLAIN = 0, PAGE_TITLE, PAGE_BAD, PAGE_WARNING, PAGE_GOOD, PAGE_FAINT };

enum { PAGE_NUMBER_BYTES = 28, PAGE_TIME_BYTES = 28 };

struct page {
    FILE *out;
    bool colour, has_date;
    bool glued;   /* the next word follows without a blank */
    unsigned gap; /* blanks before the next word, unless it is glued or begins a line */
    unsigned width, column, indent;
};

/* `has_date`: times are written with their date. */
void page_init(struct page *page, FILE *out, bool colour, bool has_date, unsigned width);

/* Begins a line; words that do not fit go on `hanging` columns further in. */
void page_line(struct page *page, unsigned indent, unsigned hanging);

/* Ends the line, if one is begun. */
void page_end(struct page *page);

/* One word (it may hold blanks; it is never broken), after a blank unless it begins the line. */
void page_word(struct page *page, enum page_ink ink, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A text, broken at its blanks; a word of it that is longer than half a page is broken as well. */
void page_text(struct page *page, enum page_ink ink, const char *text);

/* The next word follows without a blank, or with two. */
void page_glue(struct page *page);
void page_gap(struct page *page);

/* 1234567 as "1,234,567". Returns `out`. */
const char *page_number(uint64_t value, char out[PAGE_NUMBER_BYTES]);

/* "03:33:35.1", or with its date; UTC. Returns `out`. */
const char *page_time(const struct page *page, int64_t time_ns, char out[PAGE_TIME_BYTES]);

/* The same to the millisecond: "03:33:35.124". */
const char *page_milliseconds(const struct page *page, int64_t time_ns, char out[PAGE_TIME_BYTES]);

#endif
