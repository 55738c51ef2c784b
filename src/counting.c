/* What several have counted, as if one had. */
#include "counting.h"

#include <string.h>

_Static_assert(sizeof(struct sbl_stats) % sizeof(uint64_t) == 0, "counters only");

void counting_add(struct sbl_stats *sum, const struct sbl_stats *stats) {
    int64_t first_ns = sum->first_ns, last_ns = sum->last_ns;
    if (stats->frames) {
        first_ns = sum->frames && first_ns < stats->first_ns ? first_ns : stats->first_ns;
        last_ns = sum->frames && last_ns > stats->last_ns ? last_ns : stats->last_ns;
    }
    for (size_t at = 0; at < sizeof *sum; at += sizeof(uint64_t)) {
        uint64_t one, other;
        memcpy(&one, (const uint8_t *)sum + at, sizeof one);
        memcpy(&other, (const uint8_t *)stats + at, sizeof other);
        one += other;
        memcpy((uint8_t *)sum + at, &one, sizeof one);
    }
    sum->first_ns = first_ns;
    sum->last_ns = last_ns;
}
