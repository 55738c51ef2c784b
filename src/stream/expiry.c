/* The marks of minutes, and the hand. */
#include "stream/expiry.h"

#define MINUTE_NS INT64_C(60000000000)

static int64_t minute_of(int64_t time_ns) {
    return time_ns / MINUTE_NS - (time_ns % MINUTE_NS < 0);
}

/* Minutes before 1970 count on; there are fewer than 2^28 of them. */
static uint64_t *mark_of(struct expiry *expiry, int64_t minute) {
    const int64_t rounds = 1 << 24, size = EXPIRY_MINUTES + 1;
    return &expiry->marks[(uint64_t)(minute + rounds * size) % (uint64_t)size];
}

/* A clock that went back for more than an hour was wrong before or is now: nothing is known of how
 * long anything has been silent. */
static void start_anew(struct expiry *expiry) {
    for (unsigned i = 0; i <= EXPIRY_MINUTES; i++)
        expiry->marks[i] = 0;
    expiry->left = 0;
}

static void begin(struct expiry *expiry, int64_t time_ns, uint64_t ordinal) {
    int64_t minute = minute_of(time_ns);
    bool is_later = expiry->until_ns > expiry->from_ns && minute > expiry->minute;
    int64_t first = expiry->minute + 1;
    if (!is_later)
        start_anew(expiry);
    else if (minute - first > EXPIRY_MINUTES)
        first = minute - EXPIRY_MINUTES;
    for (int64_t m = first; is_later && m <= minute; m++)
        *mark_of(expiry, m) = ordinal;
    expiry->minute = minute;
    /* what was stale once is over, whether the hand has come by or not */
    uint64_t mark = *mark_of(expiry, minute - EXPIRY_MINUTES);
    if (mark > expiry->stale_before)
        expiry->stale_before = mark;
    expiry->from_ns = minute > INT64_MIN / MINUTE_NS + EXPIRY_MINUTES
                          ? (minute - EXPIRY_MINUTES) * MINUTE_NS
                          : INT64_MIN;
    expiry->until_ns = minute < INT64_MAX / MINUTE_NS ? (minute + 1) * MINUTE_NS : INT64_MAX;
}

static bool tells_something(const struct expiry *expiry, const struct sbl_segment *segment) {
    int64_t time_ns = segment->frame->time_ns;
    return time_ns < expiry->from_ns || time_ns >= expiry->until_ns;
}

void expiry_minute_begins(struct expiry *expiry, int64_t time_ns, uint64_t ordinal,
                          uint32_t touched) {
    begin(expiry, time_ns, ordinal);
    if (expiry->stale_before && expiry->left == 0)
        expiry->left = touched;
}

size_t expiry_begin_minute(struct expiry *expiry, const struct sbl_segment *segments, size_t count,
                           uint32_t touched) {
    if (tells_something(expiry, &segments[0]))
        expiry_minute_begins(expiry, segments[0].frame->time_ns, segments[0].ordinal, touched);
    size_t same = 1;
    while (same < count && !tells_something(expiry, &segments[same]))
        same++;
    return same;
}

struct flow *expiry_next(struct expiry *expiry, const struct flow_table *table, unsigned *looks) {
    while (*looks && expiry->left) {
        --*looks;
        --expiry->left;
        expiry->hand = expiry->hand % table->flows.touched + 1;
        struct flow *flow = flow_at(table, expiry->hand);
        if (flow && expiry_is_stale(expiry, flow))
            return flow;
    }
    return NULL;
}
