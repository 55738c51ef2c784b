/* The process that looks at packets. Whatever a stranger sends is read here, so it is confined
 * first: no capability, and calls for waiting and reading only. What it finds leaves as notes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "counting.h"
#include "front.h"
#include "guard/cage.h"
#include "guard/privileges.h"
#include "service/keeping.h"
#include "service/outlet.h"
#include "service/team.h"
#include "telling.h"

/* A frame waits in the kernel's ring for 50 ms at most; what lies so far back is complete. */
enum { WAIT_MS = 50, BOARD_MS = 250 };
#define BEHIND_NS INT64_C(200000000)

static volatile sig_atomic_t is_told_to_end;

/* Frames of before the end lie in a block that the kernel hands over only when its time is up. */
enum { END_QUIET_MS = 120, END_MOST_MS = 1500 };

struct watch {
    const struct team *team;
    unsigned index;
    struct channel *channel;
    struct live *live;
    struct recording *recording;
    struct front *front;
    struct keep keep; /* -w */
    struct sbl_keeper keeper;
    struct sbl_stats stats;
    struct board base;    /* what watches before it left on the board */
    uint64_t frame_limit; /* 0: none */
    uint64_t device_frames[LIVE_DEVICES_MAX];
    int64_t now_ns;        /* of the frame that is looked at */
    uint64_t first_number; /* of frames told of before, by whom this one takes the place */
    uint64_t last_frame;   /* its own count */
    uint64_t posted_ms;
    int64_t end_ns; /* frames from then on are none of ours; 0: no end yet */
    bool is_device_gone, is_past_end;
};

static void on_signal(int number) {
    (void)number;
    is_told_to_end = 1;
}

static void attempt_told(void *context, const struct sbl_attempt *attempt) {
    struct watch *watch = context;
    channel_tell(watch->channel, NOTE_ATTEMPT, watch->now_ns, attempt);
}

static void tree_refusal_told(void *context, const struct sbl_tree_refusal *refusal) {
    struct watch *watch = context;
    channel_tell(watch->channel, NOTE_TREE_REFUSAL, watch->now_ns, refusal);
}

static void probe_told(void *context, const struct sbl_probe *probe) {
    struct watch *watch = context;
    channel_tell(watch->channel, NOTE_PROBE, watch->now_ns, probe);
}

static void tree_grant_told(void *context, const struct sbl_tree_grant *grant) {
    struct watch *watch = context;
    channel_tell(watch->channel, NOTE_TREE_GRANT, watch->now_ns, grant);
}

static void witness_told(void *context, const struct sbl_witness *witness) {
    struct watch *watch = context;
    channel_tell(watch->channel, NOTE_WITNESS, watch->now_ns, witness);
}

static void second_told(void *context, int64_t time_ns) {
    struct watch *watch = context;
    channel_mark(watch->channel, NOTE_TICK, time_ns, time_ns);
}

/* Only what speak will ask for is told. */
static int start_front(struct watch *watch) {
    const struct options *options = watch->team->options;
    const struct sbl_engine_options engine = outlet_engine(NULL, options, NULL);
    struct front_options wanted = telling_wants(&engine);
    const struct front_listener *asked = &wanted.listener;
    wanted.listener = (struct front_listener){
        .findings = {.context = watch,
                     .attempt = attempt_told,
                     .tree_refusal = tree_refusal_told,
                     .probe = probe_told,
                     .tree_grant = asked->findings.tree_grant ? tree_grant_told : NULL},
        .witness = asked->witness ? witness_told : NULL,
        .tick = asked->tick ? second_told : NULL};
    wanted.flows.limits = &options->limits;
    if (options->evidence) {
        int failed = keeping_capture(&watch->keep, &watch->keeper,
                                     watch->team->kept[watch->index].memory, options->raw_evidence);
        if (failed)
            return failed;
        wanted.flows.keeper = &watch->keeper;
    }
    return front_new(&watch->front, &wanted, &watch->stats);
}

/* Numbers go on where another left off, and no two watches have the same. */
static struct sbl_frame numbered_of(const struct watch *watch, const struct sbl_frame *frame) {
    struct sbl_frame numbered = *frame;
    uint64_t count = watch->first_number + frame->number;
    numbered.number = (count - 1) * watch->team->watch_count + watch->index + 1;
    return numbered;
}

/* Time goes by the frames, which come in the order of their times. Nobody waits for speak: what it
 * has no room for is counted as lost, where waiting would lose frames. */
static void take_frame(void *context, const struct sbl_frame *frame) {
    struct watch *watch = context;
    watch->is_past_end |= watch->end_ns && frame->time_ns > watch->end_ns;
    if (watch->is_past_end || (watch->frame_limit && watch->last_frame >= watch->frame_limit))
        return;
    if (frame->time_ns > watch->now_ns)
        watch->now_ns = frame->time_ns;
    watch->last_frame = frame->number;
    watch->device_frames[frame->file]++;
    if (watch->recording)
        recording_frame(watch->recording, frame);
    const struct sbl_frame numbered = numbered_of(watch, frame);
    front_feed(watch->front, &numbered, 1);
}

static enum sbl_gap_reason reason_of(enum live_event event) {
    switch (event) {
    case LIVE_DOWN:
        return SBL_GAP_DOWN;
    case LIVE_UP:
        return SBL_GAP_UP;
    case LIVE_RENAMED:
        return SBL_GAP_RENAMED;
    case LIVE_GONE:
        break;
    }
    return SBL_GAP_GONE;
}

static void name_copy(char to[SBL_HEALTH_NAME_BYTES], const char *name) {
    (void)snprintf(to, SBL_HEALTH_NAME_BYTES, "%s", name);
}

static void device_told(void *context, const struct live_news *news) {
    struct watch *watch = context;
    struct sbl_health health;
    memset(&health, 0, sizeof health);
    health.kind = SBL_HEALTH_CAPTURE_GAP;
    health.time_ns = health.is.gap.to_ns = clock_realtime_ns();
    health.is.gap.reason = reason_of(news->event);
    name_copy(health.is.gap.interface, news->before);
    if (news->event == LIVE_RENAMED)
        name_copy(health.is.gap.renamed_to, news->name);
    watch->is_device_gone |= news->event == LIVE_GONE;
    channel_tell(watch->channel, NOTE_HEALTH, health.time_ns, &health);
}

static void post_board(struct watch *watch, int64_t last_ns) {
    struct board board = watch->base;
    for (uint16_t i = 0; i < watch->team->options->device_count && i < CHANNEL_DEVICES; i++) {
        struct live_state state;
        live_state(watch->live, i, &state);
        struct device_counts *counts = &board.devices[i];
        counts->received += state.received;
        counts->frames += watch->device_frames[i];
        counts->kernel_drops += state.kernel_drops;
        counts->interface_drops += state.interface_drops;
        counts->ring_bytes = state.ring_bytes;
        counts->is_up = state.is_up;
        watch->stats.kernel_drops += state.kernel_drops_new;
        watch->stats.interface_drops += state.interface_drops_new;
    }
    counting_add(&board.stats, &watch->stats);
    board.last_frame = watch->first_number + watch->last_frame;
    board.last_ns = last_ns;
    channel_post(watch->channel, &board);
}

static size_t look(struct watch *watch) {
    const struct live_listener listener = {watch, take_frame, device_told};
    return live_dispatch(watch->live, &listener);
}

static void tend_recording(struct watch *watch) {
    if (!watch->recording)
        return;
    recording_flush(watch->recording);
    const char *complaint = recording_complaint(watch->recording);
    if (complaint)
        fprintf(stderr, "smblame: %s\n", complaint);
}

static void begin_recording(struct watch *watch) {
    const char *names[RECORDING_DEVICES_MOST];
    uint16_t link_types[RECORDING_DEVICES_MOST];
    uint16_t count = 0;
    if (!watch->recording)
        return;
    for (; count < watch->team->options->device_count && count < RECORDING_DEVICES_MOST; count++) {
        names[count] = live_name(watch->live, count);
        link_types[count] = live_link_type(watch->live, count);
    }
    recording_devices(watch->recording, names, link_types, count);
}

/* On a quiet wire time goes on by the clock, a little behind what may still lie in a ring. */
static void let_time_pass(struct watch *watch, size_t count) {
    int64_t clock_ns = clock_realtime_ns() - BEHIND_NS;
    uint64_t now_ms = clock_monotonic_ms();
    bool is_quiet = count == 0 && clock_ns > watch->now_ns;
    if (is_quiet)
        front_clock(watch->front, clock_ns);
    channel_publish(watch->channel, is_quiet ? clock_ns : watch->now_ns,
                    watch->first_number + watch->last_frame);
    if (now_ms - watch->posted_ms < BOARD_MS)
        return;
    watch->posted_ms = now_ms;
    post_board(watch, watch->now_ns);
    tend_recording(watch);
}

static bool is_full(const struct watch *watch) {
    return watch->frame_limit && watch->last_frame >= watch->frame_limit;
}

static bool goes_on(const struct watch *watch) {
    return !is_told_to_end && !is_full(watch) && !watch->is_device_gone;
}

/* What came before we were told to end is looked at, however much comes on. */
static void drain(struct watch *watch) {
    uint64_t began_ms = clock_monotonic_ms(), last_ms = began_ms, now_ms = began_ms;
    watch->end_ns = clock_realtime_ns();
    while (!watch->is_past_end && now_ms - last_ms < END_QUIET_MS &&
           now_ms - began_ms < END_MOST_MS) {
        struct pollfd fds[LIVE_POLL_MAX];
        (void)poll(fds, (nfds_t)live_poll(watch->live, fds), WAIT_MS);
        bool is_quiet = look(watch) == 0;
        now_ms = clock_monotonic_ms();
        last_ms = is_quiet ? last_ms : now_ms;
        channel_publish(watch->channel, watch->now_ns, watch->first_number + watch->last_frame);
    }
}

static void finish(struct watch *watch) {
    if (!is_full(watch))
        drain(watch);
    int64_t last_ns = front_finish(watch->front);
    tend_recording(watch);
    post_board(watch, last_ns);
    channel_publish(watch->channel, watch->now_ns, watch->first_number + watch->last_frame);
}

static void watch_wire(struct watch *watch) {
    struct pollfd fds[LIVE_POLL_MAX];
    while (goes_on(watch)) {
        size_t count = live_poll(watch->live, fds);
        (void)poll(fds, (nfds_t)count, WAIT_MS);
        let_time_pass(watch, look(watch));
    }
    finish(watch);
}

/* What it came with and has no use for: it could tell lies by it. */
static void leave_behind(const struct team *team) {
    int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    process_descriptors_close(&team->inherited);
    (void)dup2(nothing, STDOUT_FILENO);
    (void)close(nothing);
    (void)close(team->metrics_fd);
    if (team->terminal)
        (void)close(terminal_keys(team->terminal));
}

static int confine(const struct team *team) {
    char error[256];
    leave_behind(team);
    int failed = privileges_none(error, sizeof error);
    if (!failed && !team->is_uncaged)
        failed = cage_enter(CAGE_WATCH, error, sizeof error);
    if (failed)
        fprintf(stderr, "smblame: watch: %s\n", error);
    return failed;
}

int watch_main(struct team *team, unsigned index, const struct eyes *eyes) {
    struct watch watch = {.team = team,
                          .index = index,
                          .channel = team->channels[index],
                          .live = eyes->live,
                          .recording = eyes->recording,
                          .frame_limit = team->options->frame_limit};
    const struct sigaction end = {.sa_handler = on_signal};
    (void)sigaction(SIGTERM, &end, NULL);
    int failed = channel_become_writer(watch.channel);
    watch.first_number = channel_frames(watch.channel);
    (void)channel_board(watch.channel, &watch.base);
    if (!failed)
        failed = start_front(&watch);
    if (failed)
        fprintf(stderr, "smblame: watch: cannot start: %s\n", strerror(-failed));
    if (failed || confine(team))
        return EXIT_RUNTIME;
    begin_recording(&watch);
    watch_wire(&watch);
    recording_close(watch.recording);
    front_free(watch.front);
    return watch.is_device_gone ? EXIT_DEVICE_GONE : EXIT_DONE;
}
