/* Somebody who watches a replay: a thread that draws the screen twice a second and reads keys,
 * whether or not frames come. What it looks at is locked while it is fed. */
#ifndef SMBLAME_SERVICE_VIEWER_H
#define SMBLAME_SERVICE_VIEWER_H

#include <smblame/stats.h>

#include "emit/screen.h"

struct viewer;

/* Takes the terminal and begins to draw. `screen` and `stats` are borrowed until the close, and
 * touched between viewer_lock and viewer_unlock alone. When somebody quits, or the terminal is
 * gone, this process gets a SIGINT. To be called before a cage is entered: it starts a process and
 * a thread; what the others do then are calls that a replay's cage lets through. 0, or a negative
 * errno after a line on stderr. */
int viewer_start(struct viewer **viewer, struct screen *screen, const struct sbl_stats *stats);

/* Around everything that feeds the screen. NULL is fine. */
void viewer_lock(struct viewer *viewer);
void viewer_unlock(struct viewer *viewer);

/* Gives the terminal back. NULL is fine. */
void viewer_close(struct viewer *viewer);

#endif
