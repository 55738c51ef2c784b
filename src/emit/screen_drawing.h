/* What the parts of a page share. */
#ifndef SMBLAME_EMIT_SCREEN_DRAWING_H
#define SMBLAME_EMIT_SCREEN_DRAWING_H

#include "emit/canvas.h"
#include "emit/screen_state.h"

enum { SCREEN_CELL_BYTES = 96 };

struct screen_drawing {
    const struct screen *screen;
    struct canvas canvas;
    int64_t now_ns;
    unsigned rows_left;
};

/* Begins a row, when one is left. */
bool screen_row(struct screen_drawing *drawing);

/* A row of one text. */
void screen_line(struct screen_drawing *drawing, enum canvas_ink ink, const char *text);

/* A cell and, in its last column, the blank that parts it from the next one. */
void screen_cell(struct screen_drawing *drawing, enum canvas_ink ink, const char *text,
                 unsigned columns);

/* "03:33:35", UTC. */
void screen_clock(int64_t time_ns, char out[SCREEN_CELL_BYTES]);

/* Puts what there is to show in its order into screen->order; returns how much that is. */
unsigned screen_gather_accounts(struct screen_drawing *drawing);
unsigned screen_gather_verdicts(struct screen_drawing *drawing);

/* A heading and the first `shown` of `all` that were gathered. An account takes a row, a verdict
 * its part of the rows that are left. */
void screen_accounts(struct screen_drawing *drawing, unsigned shown, unsigned all);
void screen_verdicts(struct screen_drawing *drawing, unsigned shown, unsigned all);

#endif
