/* The wiring of -w: who captures keeps frames in memory from which who tells takes those that are
 * cited. They are one process in a replay, and several on a wire. */
#ifndef SMBLAME_SERVICE_KEEPING_H
#define SMBLAME_SERVICE_KEEPING_H

#include "base/text.h"
#include "config/options.h"
#include "evidence/evidence.h"
#include "evidence/keep.h"

struct keeping;

enum { KEEPING_MEMORIES = 64 };

/* The capturing half: memory of `keeping_memory` zeroed bytes is prepared once; whoever captures
 * makes of it what front is to be told (struct sbl_engine_options). 0 or a negative errno. */
size_t keeping_memory(const struct sbl_limits *limits);
void keeping_prepare(void *memory, const struct sbl_limits *limits);
int keeping_capture(struct keep *keep, struct sbl_keeper *keeper, void *memory, bool is_raw);

/* Where names of files come from, as in struct pipeline_names. */
struct keeping_names {
    void *context;
    const char *(*file)(void *context, uint16_t file);
};

/* What the telling half reads: prepared memories, of all who capture, and the names of files.
 * `life`: how many have done its work before, each of which wrote a file of its own. */
struct keeping_source {
    const void *const *memories;
    size_t count;
    struct keeping_names names;
    unsigned life;
};

/* Opens options->evidence; all arguments but `source` are borrowed until keeping_free. 0, or a
 * negative errno after a line on stderr. */
int keeping_new(struct keeping **keeping, const struct options *options,
                const struct text_codepage *page, const struct keeping_source *source);

/* A memory was prepared anew. */
void keeping_look_again(struct keeping *keeping, size_t which);

/* Who is to be told. */
struct evidence *keeping_evidence(const struct keeping *keeping);

/* The most memory it takes beside the analysis, in bytes. */
size_t keeping_ceiling(const struct sbl_limits *limits);

/* Writes what waits, and says on stderr when frames are missing; counts them in `stats`. */
void keeping_finish(struct keeping *keeping, struct sbl_stats *stats);
void keeping_free(struct keeping *keeping);

#endif
