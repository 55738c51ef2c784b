/* What the parts of a printed summary share. */
#ifndef SMBLAME_EMIT_PRINTING_H
#define SMBLAME_EMIT_PRINTING_H

#include "emit/page.h"
#include "emit/summary.h"

struct printing {
    struct summary *summary;
    struct page page;
    bool verbose;
};

/* How many of `count` to show: all when verbose, else at most `limit`. */
size_t printing_shown(const struct printing *printing, size_t count, size_t limit);

/* For comparisons: of the first two numbers that differ the larger comes first. */
int printing_order(const uint64_t keys[][2], size_t count);

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

/* A line to paste: a filter that shows these frames, of which those of the first one's file are
 * named; `more` are left out already. */
void printing_filter(struct printing *printing, const struct sbl_frame_ref *frames, size_t count,
                     bool more);

/* The name of an input file, printable; says whether it can stand between single quotes. "" = not
 * known. */
bool printing_file(const struct printing *printing, uint16_t file, char out[SUMMARY_NAME_BYTES]);

/* The verdicts, worst first; marks what they tell of. Says whether there were any. */
bool printing_verdicts(struct printing *printing);

/* The attempts of a diagnosis as lines of a trace, then the filter that shows the same frames. */
void printing_lines(struct printing *printing, const struct sbl_diagnosis *diagnosis);

/* "WS042 (10.1.2.42)" or "10.1.2.42". Returns `out`. */
enum { PRINTING_MACHINE_BYTES = SUMMARY_NAME_BYTES + IDENTITY_ADDRESS_BYTES + 4 };
const char *printing_machine(const struct sbl_machine *machine, char out[PRINTING_MACHINE_BYTES]);

/* The refused shares or names; says whether there were any. */
bool printing_items(struct printing *printing, const struct summary_table *kept, const char *title,
                    const char *what);

#endif
