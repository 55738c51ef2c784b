/* Servers by what they answer. A busy one answers a thousand times a second, and one word of it is
 * enough: it is told again after so many packets or so much time, so that whoever forgets learns it
 * anew. */
#include <string.h>

#include "witness/state.h"

enum { PACKETS_BETWEEN = 1000 };
#define TIME_BETWEEN_NS INT64_C(60000000000)

struct answer_key {
    uint8_t address[16];
    uint32_t kind; /* and the version of IP */
};

struct answer {
    int64_t told_ns;
    uint64_t packets; /* since then */
};

_Static_assert(sizeof(struct answer_key) == ANSWER_KEY, "no padding in a key");
_Static_assert(sizeof(struct answer) == ANSWER_VALUE, "what the table makes room for");

/* Whether so much time lies between two, in either direction: clocks jump. */
static bool is_long_between(int64_t a, int64_t b) {
    uint64_t between = a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
    return between >= TIME_BETWEEN_NS;
}

void witness_answered(struct witness *w, const struct sbl_segment *segment,
                      enum sbl_witness_kind kind) {
    struct answer_key key = {.kind = (uint32_t)segment->ip_version << 8 | kind};
    sbl_segment_address(segment, true, key.address);
    int64_t now = segment->frame->time_ns;
    struct answer *answer = table_find(&w->answers, &key);
    if (answer && ++answer->packets < PACKETS_BETWEEN && !is_long_between(now, answer->told_ns))
        return;
    if (!answer)
        answer = table_add(&w->answers, &key);
    if (!answer) {
        w->options.stats->cap_hits[SBL_LIMIT_WITNESSES]++;
        table_remove(&w->answers, table_oldest(&w->answers));
        answer = table_add(&w->answers, &key);
    }
    *answer = (struct answer){.told_ns = now};
    struct sbl_witness told = witness_of(segment, kind);
    w->options.tell(w->options.context, &told);
}
