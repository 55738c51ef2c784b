/* What a frame counts before anybody has looked into it, and what its time says: a clock that jumps
 * is an oddity, and the first frame of another second is where telling has to hear of the time. In
 * the header because it is part of the loop over all frames. */
#ifndef SMBLAME_COUNTING_H
#define SMBLAME_COUNTING_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/frame.h>
#include <smblame/stats.h>

#define SECOND_NS INT64_C(1000000000)

/* Zeroed before the first frame. */
struct counting {
    bool has_time;       /* telling wants to know of seconds */
    int64_t ticked_ns;   /* start of the second that telling knows of */
    int64_t previous_ns; /* time of the last frame, whatever it was */
};

static inline void counting_frame(struct counting *counting, struct sbl_stats *stats,
                                  const struct sbl_frame *frame) {
    if (stats->frames++ == 0) {
        stats->first_ns = stats->last_ns = counting->previous_ns = frame->time_ns;
    } else {
        if (frame->time_ns < stats->first_ns)
            stats->first_ns = frame->time_ns;
        if (frame->time_ns > stats->last_ns)
            stats->last_ns = frame->time_ns;
    }
    /* Compared without subtracting: a stranger's timestamps reach both ends of the range. */
    int64_t previous = counting->previous_ns, now = frame->time_ns;
    if (previous > INT64_MIN + SECOND_NS && now < previous - SECOND_NS)
        stats->oddities_below[SBL_ODDITY_TIME_JUMP_BACK]++;
    if (previous < INT64_MAX - 3600 * SECOND_NS && now > previous + 3600 * SECOND_NS)
        stats->oddities_below[SBL_ODDITY_TIME_JUMP_AHEAD]++;
    counting->previous_ns = now;
    stats->frame_bytes += frame->captured_bytes;
    stats->wire_bytes += frame->wire_bytes;
}

/* Whether a frame of this time is the first of another second than telling knows of; if so, it is
 * the one that telling knows of from now on. To be asked before the frame is counted. */
static inline bool counting_ticks(struct counting *counting, int64_t time_ns) {
    int64_t from = counting->ticked_ns;
    bool is_same = time_ns >= from && (from > INT64_MAX - SECOND_NS || time_ns < from + SECOND_NS);
    if (!counting->has_time || is_same)
        return false;
    counting->ticked_ns = time_ns;
    return true;
}

#endif
