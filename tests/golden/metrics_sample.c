/* One scrape with something in every family, for a reader that is not ours. */
#include <string.h>

#include "service/metrics_text.h"

int main(void) {
    struct sbl_stats stats;
    const struct metrics_watch watches[] = {{1, 2, 3}, {UINT64_MAX, 0, 7}};
    const struct metrics_interface interfaces[] = {{"eth0", 1, 2, 3, 4, 5}, {"lo", 0, 0, 0, 0, 0}};
    const struct metrics_sink sinks[] = {{"stdout", 4, 0}, {"a \"file\"\\of\nmine", 5, 6}};
    const struct metrics_process processes[] = {{"watch", 1}, {"speak", 0}};
    memset(&stats, 0x5a, sizeof stats);
    metrics_write(&(struct metrics_values){.stats = &stats,
                                           .diagnoses = 2,
                                           .loop_lag_us = 12345,
                                           .started_s = 1700000000,
                                           .interfaces = interfaces,
                                           .interface_count = 2,
                                           .watches = watches,
                                           .watch_count = 2,
                                           .sinks = sinks,
                                           .sink_count = 2,
                                           .processes = processes,
                                           .process_count = 2},
                  stdout);
    return 0;
}
