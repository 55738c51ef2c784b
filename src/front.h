/* The first half of the engine, from frames on: they are counted and go to decode, segments to
 * flows, and a witness looks on. What it tells comes in the order of frames: that a second begins,
 * what a frame says as a witness, what it decides. */
#ifndef SMBLAME_FRONT_H
#define SMBLAME_FRONT_H

#include <smblame/witness.h>

#include "flows.h"

struct front;

/* Who is told, beside findings. `witness` and `tick` (telling_tick) may be unset: nobody asks. They
 * have the context of the findings. */
struct front_listener {
    struct flows_listener findings;
    void (*witness)(void *context, const struct sbl_witness *witness);
    void (*tick)(void *context, int64_t time_ns);
};

/* `flows.listener` is not looked at: `listener.findings` is. */
struct front_options {
    struct front_listener listener;
    struct flows_options flows;
};

/* Counts in `stats`, borrowed for its life as the limits of `options` are. 0 or -ENOMEM. */
int front_new(struct front **front, const struct front_options *options, struct sbl_stats *stats);

/* Takes frames in capture order, best in batches of 32 to 64. They are borrowed for the call. */
void front_feed(struct front *front, const struct sbl_frame *frames, size_t count);

/* The time is that of a frame, though there is none: on a quiet wire it goes on by the clock. */
void front_clock(struct front *front, int64_t time_ns);

/* Ends the capture: tells what was cut off or half seen. Returns the time of the last frame. */
int64_t front_finish(struct front *front);

/* For who is told of a finding: where in the capture that is, see stream_ordinal. */
uint64_t front_ordinal(const struct front *front);

/* As sbl_engine_application. */
const char *front_application(struct front *front, uint16_t application);

/* The most memory it can ever take, in bytes. */
size_t front_ceiling(const struct sbl_limits *limits);

void front_free(struct front *front);

#endif
