/* What people watch: accounts near or past their lockout threshold, open diagnoses, rates. Fed like
 * records and the summary, drawn into a buffer as often as somebody looks; a draw changes nothing.
 * Bounded by limits.h as the summary is, allocates nothing after screen_new. */
#ifndef SMBLAME_EMIT_SCREEN_H
#define SMBLAME_EMIT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include <smblame/attempt.h>
#include <smblame/diagnosis.h>

#include "base/text.h"

struct screen;

enum { SCREEN_BYTES = 1 << 20, SCREEN_WIDTH_MOST = 500, SCREEN_HEIGHT_MOST = 200 };

struct screen_options {
    const struct text_codepage *page; /* may be NULL; copied */
    const char *source;               /* what is watched, "eth0"; copied */
    unsigned threshold;               /* bad passwords that lock an account; 0 = not known */
    unsigned window_min;              /* after so long they count no more; 0 = 30 */
    bool colour;
};

/* 0 or -ENOMEM. */
int screen_new(struct screen **screen, const struct screen_options *options);

/* Each takes one finding in; of accounts the one not heard of for longest makes room, of diagnoses
 * the one told longest ago. */
void screen_attempt(struct screen *screen, const struct sbl_attempt *attempt);
void screen_tree_refusal(struct screen *screen, const struct sbl_tree_refusal *refusal);
void screen_probe(struct screen *screen, const struct sbl_probe *probe);
void screen_diagnosis(struct screen *screen, const struct sbl_diagnosis *diagnosis);

/* The counters as they stand at `time_ns`, for the rates: to be told before each draw, or more
 * often. */
void screen_stats(struct screen *screen, int64_t time_ns, const struct sbl_stats *stats);

/* Draws the page as of `time_ns` into `out`: cursor home, `height` rows of `width` columns, each
 * ended by clearing what was right of it. Of 0 and of more than the most, 80 by 24 and the most are
 * drawn. Returns its bytes. Text from packets comes out as printable characters alone. */
size_t screen_draw(const struct screen *screen, int64_t time_ns, unsigned width, unsigned height,
                   char out[SCREEN_BYTES]);

/* NULL is fine. */
void screen_free(struct screen *screen);

#endif
