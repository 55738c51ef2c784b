/* A terminal of a few words: it understands what the screen may say and nothing else, and puts
 * every character where a real one would. Anything unforeseen is an abort. */
#ifndef SMBLAME_TESTS_TERMINAL_GRID_H
#define SMBLAME_TESTS_TERMINAL_GRID_H

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"

enum { GRID_WIDTH = 600, GRID_HEIGHT = 220, GRID_CELL = 32 };

struct grid {
    char cells[GRID_HEIGHT][GRID_WIDTH][GRID_CELL]; /* "" = the right half of a wide one */
    unsigned width, height, row, column;
    bool is_wrapping; /* the last column was written, the next character would wrap */
    char line[GRID_WIDTH * GRID_CELL];
};

static inline void grid_fail(const char *what) {
    fprintf(stderr, "terminal: %s\n", what);
    abort();
}

/* As a terminal is before: full of rubbish. */
static inline struct grid *grid_new(unsigned width, unsigned height) {
    struct grid *grid = calloc(1, sizeof *grid);
    if (!grid || width > GRID_WIDTH || height > GRID_HEIGHT)
        grid_fail("no such terminal");
    grid->width = width;
    grid->height = height;
    for (unsigned row = 0; row < height; row++)
        for (unsigned column = 0; column < width; column++)
            memcpy(grid->cells[row][column], "#", 2);
    return grid;
}

static inline void grid_clear(struct grid *grid, unsigned row, unsigned from, unsigned to) {
    for (unsigned column = from; column < to && column < grid->width; column++)
        memcpy(grid->cells[row][column], " ", 2);
}

static inline void grid_put(struct grid *grid, const char *bytes, size_t size, int width) {
    if (width == 0) {
        unsigned before = grid->is_wrapping ? grid->column : grid->column - 1;
        if (grid->column == 0 && !grid->is_wrapping)
            grid_fail("an accent on nothing");
        while (before && !grid->cells[grid->row][before][0])
            before--;
        char *cell = grid->cells[grid->row][before];
        if (strlen(cell) + size >= GRID_CELL)
            grid_fail("a heap of accents");
        strncat(cell, bytes, size);
        return;
    }
    if (width < 0 || grid->is_wrapping || grid->column + (unsigned)width > grid->width)
        grid_fail("beyond the edge");
    char *cell = grid->cells[grid->row][grid->column];
    memcpy(cell, bytes, size);
    cell[size] = 0;
    if (width == 2)
        grid->cells[grid->row][grid->column + 1][0] = 0;
    grid->column += (unsigned)width;
    grid->is_wrapping = grid->column == grid->width;
    if (grid->is_wrapping)
        grid->column--;
}

static inline void grid_control(struct grid *grid, char what, unsigned number) {
    if (what == 'H' && !number) {
        grid->row = grid->column = 0;
    } else if (what == 'K' && !number) {
        grid_clear(grid, grid->row, grid->column, grid->width);
    } else if (what == 'G' && number && number <= grid->width) {
        grid->column = number - 1;
    } else if (what == 'X' && number) {
        grid_clear(grid, grid->row, grid->column, grid->column + number);
    } else if (what == 'J' && !number) {
        grid_clear(grid, grid->row, grid->column, grid->width);
        for (unsigned row = grid->row + 1; row < grid->height; row++)
            grid_clear(grid, row, 0, grid->width);
    } else if (what != 'm') {
        grid_fail("a control that is not the screen's");
    }
    if (what == 'K' && grid->is_wrapping)
        grid_fail("the last column was cleared");
    grid->is_wrapping &= what == 'm';
}

/* One character or control; returns its size. */
static inline size_t grid_step(struct grid *grid, const char *bytes, size_t size) {
    if (size >= 3 && memcmp(bytes, "\x1B[", 2) == 0) {
        size_t at = 2;
        unsigned number = 0;
        while (at < size && ((bytes[at] >= '0' && bytes[at] <= '9') || bytes[at] == ';'))
            number = bytes[at] == ';' ? 0 : number * 10 + (unsigned)(bytes[at] - '0'), at++;
        grid_control(grid, bytes[at], number);
        return at + 1;
    }
    if (size >= 2 && memcmp(bytes, "\r\n", 2) == 0) {
        if (++grid->row == grid->height)
            grid_fail("it scrolls");
        grid->column = 0;
        grid->is_wrapping = false;
        return 2;
    }
    uint32_t point;
    size_t step = text_next(bytes, size, &point);
    if (point == TEXT_UNDECODABLE || text_is_control(point))
        grid_fail("a control or ill-formed bytes");
    grid_put(grid, bytes, step, wcwidth((wchar_t)point));
    return step;
}

static inline void grid_write(struct grid *grid, const char *bytes, size_t size) {
    locale_t letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!letters)
        grid_fail("no locale");
    locale_t before = uselocale(letters);
    for (size_t at = 0; at < size;)
        at += grid_step(grid, bytes + at, size - at);
    uselocale(before);
    freelocale(letters);
}

/* A row without the blanks at its end; borrowed until the next call. */
static inline const char *grid_row(struct grid *grid, unsigned row) {
    char *at = grid->line;
    for (unsigned column = 0; column < grid->width; column++)
        at = stpcpy(at, grid->cells[row][column]);
    while (at > grid->line && at[-1] == ' ')
        at--;
    *at = 0;
    return grid->line;
}

#endif
