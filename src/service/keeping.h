/* Evidence of an analysis in one process: both halves with the look-back between them. */
#ifndef SMBLAME_SERVICE_KEEPING_H
#define SMBLAME_SERVICE_KEEPING_H

#include "base/text.h"
#include "config/options.h"
#include "evidence/evidence.h"

struct keeping;

/* Where names of files come from, as in struct pipeline_names. */
struct keeping_names {
    void *context;
    const char *(*file)(void *context, uint16_t file);
};

/* Opens options->evidence; all arguments but `names` are borrowed until keeping_free. 0, or a
 * negative errno after a line on stderr. */
int keeping_new(struct keeping **keeping, const struct options *options,
                const struct text_codepage *page, const struct keeping_names *names);

/* For struct sbl_engine_options, and what is to be told. */
const struct sbl_keeper *keeping_keeper(const struct keeping *keeping);
struct evidence *keeping_evidence(const struct keeping *keeping);

/* The most memory it takes beside the analysis, in bytes. */
size_t keeping_ceiling(const struct sbl_limits *limits);

/* Writes what waits, and says on stderr when frames are missing; counts them in `stats`. */
void keeping_finish(struct keeping *keeping, struct sbl_stats *stats);
void keeping_free(struct keeping *keeping);

#endif
