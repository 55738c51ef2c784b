/* The second half of the engine: what becomes of findings. They and the witnesses are told to the
 * listener and, when it wants diagnoses, to history and diagnose. All it remembers belongs to
 * machines and accounts, so there is one of it, which takes everything in the order of frames. */
#ifndef SMBLAME_TELLING_H
#define SMBLAME_TELLING_H

#include <smblame/engine.h>
#include <smblame/witness.h>

#include "front.h"

struct telling;

/* `options` and `stats` are borrowed for its life. 0, -ENOMEM, or -EINVAL as sbl_engine_new. */
int telling_new(struct telling **telling, const struct sbl_engine_options *options,
                struct sbl_stats *stats);

/* What front is to be with such a listener behind it; and the same without one, for who tells
 * elsewhere. `tick`: the first frame of another second
 * than the last one told of comes, and all findings before it have been told. */
struct front_options telling_front(struct telling *telling,
                                   const struct sbl_engine_options *options);
struct front_options telling_wants(const struct sbl_engine_options *options);

void telling_finish(struct telling *telling, int64_t time_ns);
size_t telling_ceiling(const struct sbl_limits *limits);
void telling_free(struct telling *telling);

#endif
