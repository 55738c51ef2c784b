/* A page of a terminal in a buffer, to be written at once: rows of cells, each exactly as wide as
 * it is to be. It never clears what is overwritten anyway, so nothing flickers. What it is given
 * may be anybody's: controls, invisible characters, ill-formed bytes and heaps of accents are
 * spelled out, and behind a cell that is not plain ASCII the cursor is put where it belongs, so
 * that a terminal of another opinion on a letter's width shifts nothing. */
#ifndef SMBLAME_EMIT_CANVAS_H
#define SMBLAME_EMIT_CANVAS_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>

enum canvas_ink {
    CANVAS_PLAIN = 0,
    CANVAS_TITLE,
    CANVAS_HEAD,
    CANVAS_BAD,
    CANVAS_WARNING,
    CANVAS_FAINT,
    CANVAS_INKS
};

/* The first five are the caller's to set. `letters` is a locale of UTF-8 or 0: then only ASCII is
 * shown as it is. */
struct canvas {
    char *bytes;
    size_t room;
    unsigned width;
    bool colour;
    locale_t letters;
    locale_t before; /* the thread's, until the end */
    size_t size, row_start;
    unsigned column;
    bool has_row, is_full, is_adrift;
};

/* Begins a page. Between begin and end the thread's locale is `letters`. */
void canvas_begin(struct canvas *canvas);

/* Ends the row and begins the next. A row that finds no room is left out, and all behind it. */
void canvas_row(struct canvas *canvas);

/* UTF-8, cut with "..." or filled with blanks to exactly `columns` columns, at most to the edge;
 * what a cell at the edge does not fill is left to be cleared. */
void canvas_cell(struct canvas *canvas, enum canvas_ink ink, const char *text, size_t size,
                 unsigned columns);

/* The same of a C string. */
void canvas_word(struct canvas *canvas, enum canvas_ink ink, const char *text, unsigned columns);

/* Ends the page: what was below it is cleared. Returns its size. */
size_t canvas_end(struct canvas *canvas);

/* How much of a text, from its start, fits in `columns` when it is broken at a blank if it can be:
 * its bytes, without the blanks where it is broken. `*rest` is where the next line begins. */
size_t canvas_line(const struct canvas *canvas, const char *text, size_t size, unsigned columns,
                   size_t *rest);

#endif
