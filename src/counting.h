/* What a frame counts before anybody has looked into it, and what its time says: a clock that jumps
 * is an oddity, and the first frame of another second is where telling has to hear of the time. In
 * the header because it is part of the loop over all frames. */
#ifndef SMBLAME_COUNTING_H
#define SMBLAME_COUNTING_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/frame.h>
#include <smblame/stats.h>

#include "base/clock.h"

/* Adds what another has counted of other frames, or of the same ones behind them. */
void counting_add(struct sbl_stats *sum, const struct sbl_stats *stats);

/* Zeroed before the first frame. */
struct counting {
    bool has_time;       /* telling wants to know of seconds */
    int64_t ticked_ns;   /* start of the second that telling knows of */
    int64_t previous_ns; /* time of the last frame, whatever it was */
};

/* Subtracted without a sign, once it is known who is later: a stranger's timestamps reach both ends
 * of the range. */
static inline bool counting_is_within_second(int64_t from, int64_t time_ns) {
    return time_ns >= from && (uint64_t)time_ns - (uint64_t)from < (uint64_t)SECOND_NS;
}

static inline void counting_jump(struct sbl_stats *stats, int64_t previous, int64_t now) {
    uint64_t second = (uint64_t)SECOND_NS;
    if (now < previous && (uint64_t)previous - (uint64_t)now > second)
        stats->oddities_below[SBL_ODDITY_TIME_JUMP_BACK]++;
    if (now > previous && (uint64_t)now - (uint64_t)previous > 3600 * second)
        stats->oddities_below[SBL_ODDITY_TIME_JUMP_AHEAD]++;
}

static inline void counting_frame(struct counting *counting, struct sbl_stats *stats,
                                  const struct sbl_frame *frame) {
    int64_t previous = counting->previous_ns, now = frame->time_ns;
    if (stats->frames++ == 0)
        stats->first_ns = stats->last_ns = previous = now;
    else if (now > stats->last_ns)
        stats->last_ns = now;
    else if (now < stats->first_ns)
        stats->first_ns = now;
    if (!counting_is_within_second(previous, now))
        counting_jump(stats, previous, now);
    counting->previous_ns = now;
    stats->frame_bytes += frame->captured_bytes;
    stats->wire_bytes += frame->wire_bytes;
}

/* The beginning of the second that a time lies in, by the clock. */
static inline int64_t counting_second_of(int64_t time_ns) {
    int64_t into = time_ns % SECOND_NS;
    into += into < 0 ? SECOND_NS : 0;
    return time_ns >= INT64_MIN + into ? time_ns - into : time_ns;
}

/* Whether a frame of this time is the first of another second than telling knows of; if so, it is
 * the one that telling knows of from now on. To be asked before the frame is counted. Seconds are
 * those of the clock, not counted from the first frame: so who sees only some of the frames, or
 * none for a while, means the same ones. */
static inline bool counting_ticks(struct counting *counting, int64_t time_ns) {
    if (counting_is_within_second(counting->ticked_ns, time_ns) || !counting->has_time)
        return false;
    counting->ticked_ns = counting_second_of(time_ns);
    return true;
}

#endif
