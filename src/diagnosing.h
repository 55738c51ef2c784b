/* The second half of the engine, only there when somebody listens for diagnoses: attributed
 * findings and witnesses go to history, incidents to diagnose, diagnoses to the listener. */
#ifndef SMBLAME_DIAGNOSING_H
#define SMBLAME_DIAGNOSING_H

#include <smblame/engine.h>
#include <smblame/witness.h>

struct diagnosing;

/* `options` and `stats` are borrowed for its life. 0, -ENOMEM, or -EINVAL for a code page that
 * iconv does not know or a confirmed fact that is none. */
int diagnosing_new(struct diagnosing **diagnosing, const struct sbl_engine_options *options,
                   struct sbl_stats *stats);

/* These take what attribute has seen already. */
void diagnosing_attempt(struct diagnosing *diagnosing, const struct sbl_attempt *attempt);
void diagnosing_tree_refusal(struct diagnosing *diagnosing, const struct sbl_tree_refusal *refusal);
void diagnosing_tree_grant(struct diagnosing *diagnosing, const struct sbl_tree_grant *grant);
void diagnosing_probe(struct diagnosing *diagnosing, const struct sbl_probe *probe);

void diagnosing_witness(struct diagnosing *diagnosing, const struct sbl_witness *witness);

/* A later second begins, `time_ns` being its beginning: hands over what is due by then, also in the
 * seconds between of which nobody told. Bound to whole seconds, so that how frames come in batches,
 * and whether there were any, changes nothing. */
void diagnosing_tick(struct diagnosing *diagnosing, int64_t time_ns);

void diagnosing_finish(struct diagnosing *diagnosing, int64_t time_ns);
size_t diagnosing_ceiling(const struct sbl_limits *limits);
void diagnosing_free(struct diagnosing *diagnosing);

#endif
