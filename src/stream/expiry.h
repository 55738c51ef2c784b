/* Which flows are over by the time that has passed.
 *
 * A flow without SMB state that was silent for more than an hour is over: what comes on its ports
 * then is another connection. A flow with SMB state never is. An idle session may be silent for
 * days in a capture that has no keepalives (a filter on data, a client that sends none), and the
 * names it was begun with are what a later refusal is told by; a logon without its answer is told
 * when the connection ends. These flows give way at their caps, the least valuable first.
 *
 * Time is that of packets, in whole minutes, as marks: the ordinal of the first segment of each of
 * the last minutes. A flow whose last segment is before the mark of an hour ago is stale, which
 * costs no more than a comparison with its stamp. Staleness is decided by the flow's own packets:
 * when its next one comes, or by a hand that goes round the table, a few slots with every batch, so
 * that nothing is swept at once and the result does not depend on how packets come in batches. */
#ifndef SMBLAME_STREAM_EXPIRY_H
#define SMBLAME_STREAM_EXPIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/segment.h>

#include "stream/flow_table.h"

enum { EXPIRY_MINUTES = 60 };

struct expiry {
    int64_t from_ns, until_ns; /* times that tell nothing new; equal = no time was told yet */
    int64_t minute;
    uint64_t marks[EXPIRY_MINUTES + 1]; /* of the last minutes, by number */
    uint64_t stale_before;              /* stamps below are more than an hour old */
    uint32_t hand, left;                /* slot of the table, and how many still to look at */
};

/* How many of these segments belong to one minute, from the first on, which begins it if need be.
 */
size_t expiry_begin_minute(struct expiry *expiry, const struct sbl_segment *segments, size_t count,
                           uint32_t touched);
static inline size_t expiry_minute(struct expiry *expiry, const struct sbl_segment *segments,
                                   size_t count, const struct flow_table *table) {
    int64_t last_ns = segments[count - 1].frame->time_ns;
    if (last_ns >= expiry->from_ns && last_ns < expiry->until_ns)
        return count;
    return expiry_begin_minute(expiry, segments, count, table->flows.touched);
}

/* The news alone that a minute begins, or that the clock went wrong: with the first segment that
 * says so. `touched`: the slots of the table that were ever used. */
void expiry_minute_begins(struct expiry *expiry, int64_t time_ns, uint64_t ordinal,
                          uint32_t touched);

/* For who deals segments out to several streams: takes note of a segment's time, and says whether
 * it was news, which all of them have to hear before what comes behind that segment. */
static inline bool expiry_hears(struct expiry *expiry, int64_t time_ns, uint64_t ordinal) {
    if (time_ns >= expiry->from_ns && time_ns < expiry->until_ns)
        return false;
    expiry_minute_begins(expiry, time_ns, ordinal, 0);
    return true;
}

static inline bool expiry_is_stale(const struct expiry *expiry, const struct flow *flow) {
    return flow->stamp < expiry->stale_before && !flow->connection;
}

/* The next stale flow under the hand, or NULL when it has moved far enough for now. */
struct flow *expiry_next(struct expiry *expiry, const struct flow_table *table, unsigned *looks);

#endif
