/* The second half of the engine: what becomes of findings. They and the witnesses are told to the
 * listener and, when it wants diagnoses, to history and diagnose. All it remembers belongs to
 * machines and accounts, so there is one of it, which takes everything in the order of frames. */
#ifndef SMBLAME_TELLING_H
#define SMBLAME_TELLING_H

#include <smblame/engine.h>
#include <smblame/witness.h>

#include "flows.h"

struct telling;

/* `options` and `stats` are borrowed for its life. 0, -ENOMEM, or -EINVAL as sbl_engine_new. */
int telling_new(struct telling **telling, const struct sbl_engine_options *options,
                struct sbl_stats *stats);

/* Who is to be told by flows, and whether findings need their ids there (flows_options). */
struct flows_listener telling_listener(struct telling *telling);
bool telling_names_all(const struct telling *telling);

/* Whether anybody listens to witnesses, and whether time has to be told. */
bool telling_hears_witnesses(const struct telling *telling);
bool telling_has_time(const struct telling *telling);

void telling_witness(struct telling *telling, const struct sbl_witness *witness);

/* The first frame of another second than the last one told of comes; all findings before it have
 * been told. */
void telling_tick(struct telling *telling, int64_t time_ns);

void telling_finish(struct telling *telling, int64_t time_ns);
size_t telling_ceiling(const struct sbl_limits *limits);
void telling_free(struct telling *telling);

#endif
