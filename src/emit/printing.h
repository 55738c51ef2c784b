/* What the parts of a printed summary share. */
#ifndef SMBLAME_EMIT_PRINTING_H
#define SMBLAME_EMIT_PRINTING_H

#include "emit/page.h"
#include "emit/summary.h"

struct printing {
    const struct summary *summary;
    struct page page;
    bool verbose;
};

/* How many of `count` to show: all when verbose, else at most `limit`. */
size_t printing_shown(const struct printing *printing, size_t count, size_t limit);

/* For comparisons: the larger number comes first. */
int printing_order(uint64_t larger_first, uint64_t than);

/* Fills `order` with the values of a table, sorted; returns how many. */
size_t printing_sorted(const struct summary_table *kept, void **order,
                       int (*compare)(const void *, const void *));

/* "... and 3 more clients", and what the bounds of a table cost; nothing when the count is 0. */
void printing_more(struct printing *printing, unsigned indent, uint64_t count, const char *what);
void printing_evicted(struct printing *printing, uint64_t count, const char *what);

/* "<when> 03:33:35.1 frame 12" */
void printing_frame(struct printing *printing, const char *when, int64_t time_ns,
                    struct sbl_frame_ref frame);

/* Ends the line and leaves one empty. */
void printing_blank(struct page *page);

/* The refused shares or names; says whether there were any. */
bool printing_items(struct printing *printing, const struct summary_table *kept, const char *title,
                    const char *what);

#endif
