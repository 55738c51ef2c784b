/* What metrics there are, and how they are written: the text format of Prometheus, version 0.0.4.
 * Counters count since the start; sums over all labels are for the reader to make. */
#ifndef SMBLAME_SERVICE_METRICS_TEXT_H
#define SMBLAME_SERVICE_METRICS_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <smblame/stats.h>

struct metrics_interface {
    const char *name;
    uint64_t up; /* 1 or 0 */
    uint64_t frames, kernel_drops, interface_drops, ring_bytes;
};

/* One capturing process: what waits between it and the telling, of how much there is room for, and
 * what could not be handed over. */
struct metrics_watch {
    uint64_t backlog_bytes, room_bytes, lost_notes;
};

/* Where records go. */
struct metrics_sink {
    const char *name;
    uint64_t delivered, dropped;
};

struct metrics_process {
    const char *name;
    uint64_t restarts;
};

/* All values of one scrape; borrowed while it is written. */
struct metrics_values {
    const struct sbl_stats *stats; /* of all watches together */
    uint64_t diagnoses;            /* open now */
    uint64_t loop_lag_us;          /* longest since the last scrape */
    int64_t started_s;             /* Unix time */
    const struct metrics_interface *interfaces;
    size_t interface_count;
    const struct metrics_watch *watches;
    size_t watch_count;
    const struct metrics_sink *sinks;
    size_t sink_count;
    const struct metrics_process *processes;
    size_t process_count;
};

void metrics_write(const struct metrics_values *values, FILE *out);

#endif
