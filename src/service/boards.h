/* What watches count, as speak knows it: their boards, added up over all of them, and what is to be
 * told of losses. */
#ifndef SMBLAME_SERVICE_BOARDS_H
#define SMBLAME_SERVICE_BOARDS_H

#include "service/outlet.h"
#include "service/team.h"

struct boards;

/* `team` is borrowed. NULL: no memory. */
struct boards *boards_new(const struct team *team);
void boards_free(struct boards *boards);

/* Looks at all boards, and tells of what was lost since it was last told; at most every five
 * seconds, unless it `is_last`. */
void boards_read(struct boards *boards, struct outlet *outlet, bool is_last);

/* As of the last reading: all counters, with those of `told` added; valid until the next call. */
const struct sbl_stats *boards_stats(struct boards *boards, const struct sbl_stats *told);
struct sbl_live_stats boards_live(struct boards *boards, uint64_t restarts);

/* Time of the last frame of all. */
int64_t boards_last_ns(const struct boards *boards);

/* Notes that a watch could not hand over. */
uint64_t boards_lost(const struct boards *boards, unsigned watch);

#endif
