/* Boards are copied as they are, one after the other: the sums are as exact as moments are. */
#include "service/boards.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "counting.h"

enum { GAP_MS = 5000 /* between two records of what one watch lost */ };

struct side {
    const struct channel *channel;
    struct board board; /* as it was last seen */
    struct device_counts told[CHANNEL_DEVICES];
    uint64_t told_lost;
    uint64_t gap_ms; /* when that was told: by our clock, by the capture's */
    int64_t gap_ns;
};

struct boards {
    const struct options *options;
    unsigned count, device_count;
    struct sbl_stats sum;
    struct sbl_live_interface interfaces[CHANNEL_DEVICES];
    struct side sides[WATCHES_MOST];
};

struct boards *boards_new(const struct team *team) {
    struct boards *boards = calloc(1, sizeof *boards);
    if (!boards)
        return NULL;
    size_t devices = team->options->device_count;
    boards->options = team->options;
    boards->count = team->watch_count;
    boards->device_count = (unsigned)(devices < CHANNEL_DEVICES ? devices : CHANNEL_DEVICES);
    for (unsigned i = 0; i < boards->count; i++) {
        boards->sides[i].channel = team->channels[i];
        boards->sides[i].gap_ms = clock_monotonic_ms();
        boards->sides[i].gap_ns = clock_realtime_ns();
    }
    return boards;
}

void boards_free(struct boards *boards) {
    free(boards);
}

static void tell_dropped(struct outlet *outlet, const struct side *side) {
    struct sbl_health health;
    memset(&health, 0, sizeof health);
    health.kind = SBL_HEALTH_RECORDS_DROPPED;
    health.time_ns = health.is.dropped.to_ns = clock_realtime_ns();
    health.is.dropped.from_ns = side->gap_ns;
    health.is.dropped.records = side->board.lost_notes - side->told_lost;
    (void)snprintf(health.is.dropped.sink, sizeof health.is.dropped.sink, "watch");
    outlet_health(outlet, &health);
}

static void tell_gap(const struct boards *boards, struct outlet *outlet, const struct side *side,
                     unsigned device) {
    const struct device_counts *now = &side->board.devices[device], *told = &side->told[device];
    struct sbl_health health;
    memset(&health, 0, sizeof health);
    health.kind = SBL_HEALTH_CAPTURE_GAP;
    health.time_ns = health.is.gap.to_ns = clock_realtime_ns();
    health.is.gap.from_ns = side->gap_ns;
    health.is.gap.reason = SBL_GAP_DROPS;
    health.is.gap.kernel_drops = now->kernel_drops - told->kernel_drops;
    health.is.gap.interface_drops = now->interface_drops - told->interface_drops;
    health.is.gap.ring_bytes = now->ring_bytes;
    (void)snprintf(health.is.gap.interface, sizeof health.is.gap.interface, "%s",
                   boards->options->devices[device]);
    outlet_health(outlet, &health);
}

static void tell_losses(const struct boards *boards, struct outlet *outlet, struct side *side) {
    for (unsigned d = 0; d < boards->device_count; d++) {
        const struct device_counts *now = &side->board.devices[d];
        if (now->kernel_drops > side->told[d].kernel_drops ||
            now->interface_drops > side->told[d].interface_drops)
            tell_gap(boards, outlet, side, d);
        side->told[d] = *now;
    }
    if (side->board.lost_notes > side->told_lost)
        tell_dropped(outlet, side);
    side->told_lost = side->board.lost_notes;
    side->gap_ns = clock_realtime_ns();
}

void boards_read(struct boards *boards, struct outlet *outlet, bool is_last) {
    uint64_t now_ms = clock_monotonic_ms();
    for (unsigned i = 0; i < boards->count; i++) {
        struct side *side = &boards->sides[i];
        struct board board;
        if (channel_board(side->channel, &board))
            side->board = board;
        if (now_ms - side->gap_ms < GAP_MS && !is_last)
            continue;
        side->gap_ms = now_ms;
        tell_losses(boards, outlet, side);
    }
}

const struct sbl_stats *boards_stats(struct boards *boards, const struct sbl_stats *told) {
    memset(&boards->sum, 0, sizeof boards->sum);
    for (unsigned i = 0; i < boards->count; i++) {
        counting_add(&boards->sum, &boards->sides[i].board.stats);
    }
    counting_add(&boards->sum, told);
    return &boards->sum;
}

static void add_interface(struct sbl_live_interface *sum, const struct device_counts *counts) {
    sum->is_up |= counts->is_up != 0;
    sum->frames += counts->frames;
    sum->kernel_drops += counts->kernel_drops;
    sum->interface_drops += counts->interface_drops;
    sum->ring_bytes += counts->ring_bytes;
}

struct sbl_live_stats boards_live(struct boards *boards, uint64_t restarts) {
    struct sbl_live_stats live = {.time_ns = clock_realtime_ns(),
                                  .interfaces = boards->interfaces,
                                  .interface_count = boards->device_count,
                                  .restarts = restarts};
    memset(boards->interfaces, 0, sizeof boards->interfaces);
    for (unsigned d = 0; d < boards->device_count; d++)
        (void)snprintf(boards->interfaces[d].name, sizeof boards->interfaces[d].name, "%s",
                       boards->options->devices[d]);
    for (unsigned i = 0; i < boards->count; i++) {
        for (unsigned d = 0; d < boards->device_count; d++) {
            add_interface(&boards->interfaces[d], &boards->sides[i].board.devices[d]);
        }
        live.notes_lost += boards_lost(boards, i);
    }
    return live;
}

int64_t boards_last_ns(const struct boards *boards) {
    int64_t last_ns = 0;
    for (unsigned i = 0; i < boards->count; i++)
        if (boards->sides[i].board.last_ns > last_ns)
            last_ns = boards->sides[i].board.last_ns;
    return last_ns;
}

uint64_t boards_lost(const struct boards *boards, unsigned watch) {
    return boards->sides[watch].board.lost_notes;
}
