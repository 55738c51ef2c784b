/* The same facts for three kinds of readers. */
#include "base/clock.h"
#include "service/speak.h"

static struct sbl_live_stats live_of(struct speak *speak) {
    return boards_live(speak->boards, speak->watch_restarts + speak->speak_restarts);
}

void speak_tell_stats(struct speak *speak) {
    boards_read(speak->boards, speak->outlet, false);
    const struct sbl_live_stats live = live_of(speak);
    outlet_stats(speak->outlet, boards_stats(speak->boards, &speak->told_stats), &live);
}

static void fill_interfaces(struct speak *speak, struct metrics_values *values) {
    const struct sbl_live_stats live = live_of(speak);
    for (size_t i = 0; i < live.interface_count; i++) {
        const struct sbl_live_interface *from = &live.interfaces[i];
        speak->metrics_interfaces[i] =
            (struct metrics_interface){.name = from->name,
                                       .up = from->is_up,
                                       .frames = from->frames,
                                       .kernel_drops = from->kernel_drops,
                                       .interface_drops = from->interface_drops,
                                       .ring_bytes = from->ring_bytes};
    }
    values->interfaces = speak->metrics_interfaces;
    values->interface_count = live.interface_count;
}

static void fill_watches(struct speak *speak, struct metrics_values *values) {
    for (unsigned i = 0; i < speak->team->watch_count; i++) {
        struct metrics_watch *watch = &speak->metrics_watches[i];
        watch->backlog_bytes = channel_backlog(speak->team->channels[i], &watch->room_bytes);
        watch->lost_notes = boards_lost(speak->boards, i);
    }
    values->watches = speak->metrics_watches;
    values->watch_count = speak->team->watch_count;
}

void speak_fill_metrics(void *context, struct metrics_values *values) {
    struct speak *speak = context;
    boards_read(speak->boards, speak->outlet, false);
    values->stats = boards_stats(speak->boards, &speak->told_stats);
    values->started_s = speak->started_s;
    values->diagnoses = outlet_open_diagnoses(speak->outlet);
    fill_interfaces(speak, values);
    fill_watches(speak, values);
    speak->metrics_processes[0] = (struct metrics_process){"watch", speak->watch_restarts};
    speak->metrics_processes[1] = (struct metrics_process){"speak", speak->speak_restarts};
    speak->metrics_sink = (struct metrics_sink){"stdout", outlet_records_out(speak->outlet), 0};
    values->sinks = &speak->metrics_sink;
    values->sink_count = 1;
    values->processes = speak->metrics_processes;
    values->process_count = 2;
}

/* On standard error, which nobody else writes to then but by lines. */
void speak_print_state(struct speak *speak) {
    struct state_watch watches[WATCHES_MOST];
    struct runner_counts commands = {0};
    boards_read(speak->boards, speak->outlet, false);
    for (unsigned i = 0; i < speak->team->watch_count; i++) {
        struct state_watch *watch = &watches[i];
        watch->backlog_bytes = channel_backlog(speak->team->channels[i], &watch->room_bytes);
        watch->lost_notes = boards_lost(speak->boards, i);
    }
    if (speak->team->runner)
        commands = runner_counts(speak->team->runner);
    const struct sbl_live_stats live = live_of(speak);
    const struct state_facts facts = {.time_ns = clock_realtime_ns(),
                                      .started_ns = speak->started_s * SECOND_NS,
                                      .stats = boards_stats(speak->boards, &speak->told_stats),
                                      .live = &live,
                                      .watches = watches,
                                      .watch_count = speak->team->watch_count,
                                      .commands = speak->team->runner ? &commands : NULL};
    outlet_print_state(speak->outlet, &facts);
}
