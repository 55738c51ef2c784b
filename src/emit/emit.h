/* What leaves smblame: findings as records (NDJSON, Elastic Common Schema 9.4 with the rest under
 * smblame.*) and as the readable summary of a terminal. Both take the values that correlate and
 * attribute made; both are bounded and allocate nothing after _new. */
#ifndef SMBLAME_EMIT_EMIT_H
#define SMBLAME_EMIT_EMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <smblame/attempt.h>
#include <smblame/diagnosis.h>
#include <smblame/health.h>

#include "base/text.h"

/* How emit learns what only the wiring knows. Any function may be unset. Strings are borrowed for
 * the call that asked. */
struct emit_names {
    void *context;
    /* The evidence name of an input file; NULL = leave out. */
    const char *(*file)(void *context, uint16_t file);
    /* The process behind a row of that file's process table; false = not known. */
    bool (*process)(void *context, uint16_t file, uint32_t process, uint32_t *pid,
                    struct sbl_text *path);
    /* The name of an application protocol number; NULL = leave out. */
    const char *(*application)(void *context, uint16_t application);
    /* Several count the frames of one capture, each its own: numbers would say nothing, and records
     * leave them out. */
    bool has_no_numbers;
};

/* Where records go: 0 or a negative errno. A call usually ends with a whole line; only a record
 * longer than the buffer (64 KiB) comes in several calls. */
struct emit_output {
    void *context;
    int (*write)(void *context, const char *bytes, size_t size);
};

struct records;

/* Makes a writer of records. `page` (may be NULL) and the tables behind `output` and `names` are
 * copied, their contexts borrowed. 0 or -ENOMEM. */
int records_new(struct records **records, const struct emit_output *output,
                const struct emit_names *names, const struct text_codepage *page);

/* From now on every record says that the kernel does not confine this process (smblame.uncaged).
 * To be said before the first record. */
void records_set_uncaged(struct records *records);

/* Each writes one record. A failure of the output is kept for records_flush; nothing is written
 * after it. */
void records_attempt(struct records *records, const struct sbl_attempt *attempt);
void records_tree_refusal(struct records *records, const struct sbl_tree_refusal *refusal);
void records_probe(struct records *records, const struct sbl_probe *probe);
/* Of a list longer than 2 * SBL_LIST_ENDS the first and the last SBL_LIST_ENDS are written. */
void records_diagnosis(struct records *records, const struct sbl_diagnosis *diagnosis);
void records_stats(struct records *records, const struct sbl_stats *stats);
/* The same of a live capture, at the time that `live` says it is. */
void records_live_stats(struct records *records, const struct sbl_stats *stats,
                        const struct sbl_live_stats *live);
/* A kind that is none writes nothing. */
void records_health(struct records *records, const struct sbl_health *health);

/* Hands over what is buffered. 0 or the first negative errno of the output. */
int records_flush(struct records *records);

/* Frees without flushing. NULL is fine. */
void records_free(struct records *records);

struct summary;

/* Makes an empty summary; parameters as for records_new. 0 or -ENOMEM. */
int summary_new(struct summary **summary, const struct emit_names *names,
                const struct text_codepage *page);

/* Each takes one finding in. When an account, client or name more than limits.h allows comes, the
 * one not seen for longest makes room, and the summary says so. */
void summary_attempt(struct summary *summary, const struct sbl_attempt *attempt);
void summary_tree_refusal(struct summary *summary, const struct sbl_tree_refusal *refusal);
void summary_probe(struct summary *summary, const struct sbl_probe *probe);

/* Takes the latest revision of a diagnosis in, or drops one that went into another. When there are
 * more than limits.h allows, the least severe makes room. */
void summary_diagnosis(struct summary *summary, const struct sbl_diagnosis *diagnosis);

/* `width` 0 means 100 columns; `verbose` prints all that was kept instead of the worst. */
struct summary_style {
    bool colour;
    bool verbose;
    unsigned width;
};

/* Prints the verdicts, then what was found and, from `stats`, what was read and lost. Names from
 * packets are escaped: no control character reaches `out`. Same findings, same bytes. */
void summary_print(struct summary *summary, const struct sbl_stats *stats,
                   const struct summary_style *style, FILE *out);

/* NULL is fine. */
void summary_free(struct summary *summary);

#endif
