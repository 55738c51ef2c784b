/* The process that tells. It sees no packet: what watches found comes as notes, which are checked
 * like any stranger's bytes, and goes through history and diagnosis to the output, in the order of
 * time over all watches. When it takes the place of one that died, it first goes through the notes
 * that are still there, mute, to know again what was counted. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

#include "base/clock.h"
#include "classify/classify.h"
#include "counting.h"
#include "guard/cage.h"
#include "guard/privileges.h"
#include "service/outlet.h"
#include "service/team.h"
#include "telling.h"

enum {
    BEAT_MS = 250,
    TURN_NOTES = 4096, /* told before anything else gets its turn */
    GAP_MS = 5000,     /* between two records of what one device lost */
    ORPHAN_MS = 2000,  /* for watches to end after a keeper that is gone */
};

/* What is known of a watch besides its notes. */
struct source {
    struct channel *channel;
    struct board board;      /* as it was last seen */
    struct sbl_stats before; /* of those that did its work before it died */
    struct device_counts told[CHANNEL_DEVICES];
    uint64_t told_lost;
    uint64_t gap_ms, gap_ns; /* when that was told: by our clock, by the capture's */
};

struct speak {
    const struct team *team;
    int talk;
    struct outlet *outlet;
    struct sbl_engine_options engine;
    struct telling *telling;
    struct front_listener listener; /* telling's */
    struct classify *names;
    struct sbl_stats told_stats, sum;
    struct sbl_live_interface interfaces[CHANNEL_DEVICES];
    struct counting counting;
    struct source sources[WATCHES_MOST];
    uint64_t restarts, broken_count;
    bool is_finishing, is_stop_asked;
    int failed;
    uv_loop_t loop;
    uv_poll_t talk_poll, polls[WATCHES_MOST];
    uv_timer_t beat, stats, orphan;
    uv_idle_t more;
};

static const char *device_name(void *context, uint16_t file) {
    const struct speak *speak = context;
    const struct options *options = speak->team->options;
    return file < options->device_count ? options->devices[file] : NULL;
}

static const char *application_name(void *context, uint16_t application) {
    const struct speak *speak = context;
    bool is_known = speak->names && application && application < SBL_PROTOCOL_COUNT;
    return is_known ? classify_name(speak->names, application) : NULL;
}

static void say(struct speak *speak, enum word_kind kind) {
    struct word word = {.kind = kind};
    (void)send(speak->talk, &word, sizeof word, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Seconds are told once, whichever watch saw a frame of them first. */
static void tell_second(struct speak *speak, int64_t time_ns) {
    if (counting_ticks(&speak->counting, time_ns))
        speak->listener.tick(speak->telling, time_ns);
}

static void tell(struct speak *speak, const struct note *note) {
    const struct flows_listener *findings = &speak->listener.findings;
    const void *told = pack_told(note);
    switch ((enum note_kind)note->kind) {
    case NOTE_TICK:
        tell_second(speak, note->time_ns);
        break;
    case NOTE_WITNESS:
        if (speak->listener.witness)
            speak->listener.witness(speak->telling, told);
        break;
    case NOTE_ATTEMPT:
        findings->attempt(speak->telling, told);
        break;
    case NOTE_TREE_REFUSAL:
        findings->tree_refusal(speak->telling, told);
        break;
    case NOTE_TREE_GRANT:
        if (findings->tree_grant)
            findings->tree_grant(speak->telling, told);
        break;
    case NOTE_PROBE:
        findings->probe(speak->telling, told);
        break;
    case NOTE_HEALTH:
        outlet_health(speak->outlet, told);
        break;
    case NOTE_WRAP:
    case NOTE_PASSED:
    case NOTE_FAR:
    case NOTE_END:
    case NOTE_KIND_COUNT:
        break;
    }
}

/* The source of the next note over all watches, by time. NULL: it has not come yet. */
static struct source *next_source(struct speak *speak, const struct note **note) {
    struct source *first = NULL;
    uint64_t passed = UINT64_MAX;
    for (unsigned i = 0; i < speak->team->watch_count; i++) {
        struct source *source = &speak->sources[i];
        const struct note *each = NULL;
        enum channel_verdict verdict = channel_next(source->channel, &each);
        speak->broken_count += verdict == CHANNEL_BROKEN;
        if (verdict == CHANNEL_NOTE && (!first || each->key < (*note)->key)) {
            first = source;
            *note = each;
        }
        if (verdict != CHANNEL_NOTE && channel_passed(source->channel) < passed)
            passed = channel_passed(source->channel);
    }
    return first && ((*note)->key <= passed || speak->is_finishing) ? first : NULL;
}

static void end(struct speak *speak, int failed) {
    if (failed && !speak->failed)
        speak->failed = failed;
    uv_stop(&speak->loop);
}

/* False: that is all there is now. */
static bool tell_some(struct speak *speak) {
    const struct note *note = NULL;
    struct source *source = NULL;
    unsigned count = 0;
    while (count < TURN_NOTES && (source = next_source(speak, &note))) {
        outlet_mute(speak->outlet, channel_is_known(source->channel));
        tell(speak, note);
        channel_step(source->channel);
        count++;
    }
    int failed = outlet_flush(speak->outlet);
    if (failed)
        end(speak, failed);
    for (unsigned i = 0; i < speak->team->watch_count && !failed; i++)
        channel_commit(speak->sources[i].channel);
    return source != NULL && !failed;
}

static void on_more(uv_idle_t *idle) {
    if (!tell_some(idle->data))
        (void)uv_idle_stop(idle);
}

static void on_notes(uv_poll_t *poll, int status, int events) {
    (void)status, (void)events;
    struct speak *speak = poll->data;
    uint64_t count;
    uv_os_fd_t fd;
    if (uv_fileno((const uv_handle_t *)poll, &fd) == 0 && read(fd, &count, sizeof count) > 0 &&
        tell_some(speak))
        (void)uv_idle_start(&speak->more, on_more);
}

/* What all watches have counted, and what telling has. */
static void add_up(struct speak *speak) {
    memset(&speak->sum, 0, sizeof speak->sum);
    memset(speak->interfaces, 0, sizeof speak->interfaces);
    for (unsigned i = 0; i < speak->team->watch_count; i++) {
        const struct source *source = &speak->sources[i];
        counting_add(&speak->sum, &source->before);
        counting_add(&speak->sum, &source->board.stats);
        for (unsigned d = 0; d < speak->team->options->device_count && d < CHANNEL_DEVICES; d++) {
            struct sbl_live_interface *sum = &speak->interfaces[d];
            const struct device_counts *counts = &source->board.devices[d];
            (void)snprintf(sum->name, sizeof sum->name, "%s", device_name(speak, (uint16_t)d));
            sum->is_up |= counts->is_up != 0;
            sum->frames += counts->frames;
            sum->kernel_drops += counts->kernel_drops;
            sum->interface_drops += counts->interface_drops;
            sum->ring_bytes += counts->ring_bytes;
        }
    }
    counting_add(&speak->sum, &speak->told_stats);
}

static struct sbl_live_stats live_stats(const struct speak *speak) {
    struct sbl_live_stats live = {.time_ns = clock_realtime_ns(),
                                  .interfaces = speak->interfaces,
                                  .interface_count = speak->team->options->device_count,
                                  .restarts = speak->restarts};
    if (live.interface_count > CHANNEL_DEVICES)
        live.interface_count = CHANNEL_DEVICES;
    for (unsigned i = 0; i < speak->team->watch_count; i++)
        live.notes_lost += speak->sources[i].board.lost_notes;
    return live;
}

static void tell_dropped(struct speak *speak, const struct source *source, uint64_t lost) {
    struct sbl_health health;
    memset(&health, 0, sizeof health);
    health.kind = SBL_HEALTH_RECORDS_DROPPED;
    health.time_ns = health.is.dropped.to_ns = clock_realtime_ns();
    health.is.dropped.from_ns = (int64_t)source->gap_ns;
    health.is.dropped.records = lost;
    (void)snprintf(health.is.dropped.sink, sizeof health.is.dropped.sink, "watch");
    outlet_health(speak->outlet, &health);
}

static void tell_gap(struct speak *speak, const struct source *source, unsigned device) {
    const struct device_counts *now = &source->board.devices[device], *told = &source->told[device];
    struct sbl_health health;
    memset(&health, 0, sizeof health);
    health.kind = SBL_HEALTH_CAPTURE_GAP;
    health.time_ns = health.is.gap.to_ns = clock_realtime_ns();
    health.is.gap.from_ns = (int64_t)source->gap_ns;
    health.is.gap.reason = SBL_GAP_DROPS;
    health.is.gap.kernel_drops = now->kernel_drops - told->kernel_drops;
    health.is.gap.interface_drops = now->interface_drops - told->interface_drops;
    health.is.gap.ring_bytes = now->ring_bytes;
    (void)snprintf(health.is.gap.interface, sizeof health.is.gap.interface, "%s",
                   device_name(speak, (uint16_t)device));
    outlet_health(speak->outlet, &health);
}

/* What was lost since it was last told, at most every GAP_MS. */
static void look_for_losses(struct speak *speak, struct source *source, uint64_t now_ms) {
    if (now_ms - source->gap_ms < GAP_MS && !speak->is_finishing)
        return;
    const struct board *board = &source->board;
    for (unsigned d = 0; d < speak->team->options->device_count && d < CHANNEL_DEVICES; d++) {
        struct device_counts *told = &source->told[d];
        if (board->devices[d].kernel_drops > told->kernel_drops ||
            board->devices[d].interface_drops > told->interface_drops)
            tell_gap(speak, source, d);
        *told = board->devices[d];
    }
    if (board->lost_notes > source->told_lost)
        tell_dropped(speak, source, board->lost_notes - source->told_lost);
    source->told_lost = board->lost_notes;
    source->gap_ms = now_ms;
    source->gap_ns = (uint64_t)clock_realtime_ns();
}

static void read_boards(struct speak *speak) {
    uint64_t now_ms = clock_monotonic_ms();
    for (unsigned i = 0; i < speak->team->watch_count; i++) {
        struct board board;
        if (channel_board(speak->sources[i].channel, &board))
            speak->sources[i].board = board;
        look_for_losses(speak, &speak->sources[i], now_ms);
    }
}

static void on_beat(uv_timer_t *timer) {
    struct speak *speak = timer->data;
    channel_beat(speak->sources[0].channel);
    read_boards(speak);
    if (tell_some(speak)) /* time passes on a quiet wire, too */
        (void)uv_idle_start(&speak->more, on_more);
}

static void on_stats(uv_timer_t *timer) {
    struct speak *speak = timer->data;
    read_boards(speak);
    add_up(speak);
    const struct sbl_live_stats live = live_stats(speak);
    outlet_stats(speak->outlet, &speak->sum, &live);
    int failed = outlet_flush(speak->outlet);
    if (failed)
        end(speak, failed);
}

/* A watch died: what it had counted stays, and its successor begins with nothing. */
static void count_anew(struct source *source) {
    counting_add(&source->before, &source->board.stats);
    memset(&source->board, 0, sizeof source->board);
    memset(source->told, 0, sizeof source->told);
    source->told_lost = 0;
}

static void hear(struct speak *speak, const struct word *word) {
    switch (word->kind) {
    case WORD_HEALTH:
        speak->restarts += word->health.kind == SBL_HEALTH_PROCESS_RESTART;
        outlet_health(speak->outlet, &word->health);
        (void)outlet_flush(speak->outlet);
        break;
    case WORD_LOST:
        if (word->watch < speak->team->watch_count)
            count_anew(&speak->sources[word->watch]);
        break;
    case WORD_FINISH:
        end(speak, 0);
        break;
    case WORD_STATE:
    case WORD_READY:
    case WORD_STOP:
        break;
    }
}

static void on_orphan(uv_timer_t *timer) {
    end(timer->data, 0);
}

static void on_talk(uv_poll_t *poll, int status, int events) {
    (void)status, (void)events;
    struct speak *speak = poll->data;
    struct word word;
    ssize_t size = recv(speak->talk, &word, sizeof word, MSG_DONTWAIT);
    if (size == (ssize_t)sizeof word)
        hear(speak, &word);
    if (size != 0 && !(size < 0 && errno != EAGAIN && errno != EINTR))
        return;
    (void)uv_poll_stop(poll); /* the keeper is gone: watches get a signal and end */
    (void)uv_timer_start(&speak->orphan, on_orphan, ORPHAN_MS, 0);
}

static int start_polls(struct speak *speak) {
    int failed = uv_poll_init(&speak->loop, &speak->talk_poll, speak->talk);
    speak->talk_poll.data = speak;
    if (!failed)
        failed = uv_poll_start(&speak->talk_poll, UV_READABLE, on_talk);
    for (unsigned i = 0; i < speak->team->watch_count && !failed; i++) {
        speak->polls[i].data = speak;
        failed =
            uv_poll_init(&speak->loop, &speak->polls[i], channel_fd(speak->sources[i].channel));
        if (!failed)
            failed = uv_poll_start(&speak->polls[i], UV_READABLE, on_notes);
    }
    return failed;
}

static int start_loop(struct speak *speak) {
    int failed = uv_loop_init(&speak->loop);
    if (failed)
        return failed;
    uint64_t stats_ms = (uint64_t)speak->team->options->stats_interval_s * 1000u;
    uv_timer_t *timers[] = {&speak->beat, &speak->stats, &speak->orphan};
    for (size_t i = 0; i < sizeof timers / sizeof *timers; i++) {
        (void)uv_timer_init(&speak->loop, timers[i]);
        timers[i]->data = speak;
    }
    (void)uv_idle_init(&speak->loop, &speak->more);
    speak->more.data = speak;
    (void)uv_timer_start(&speak->beat, on_beat, BEAT_MS, BEAT_MS);
    (void)uv_timer_start(&speak->stats, on_stats, stats_ms, stats_ms);
    return start_polls(speak);
}

static int start(struct speak *speak) {
    const struct options *options = speak->team->options;
    const struct emit_names names = {.context = speak,
                                     .file = device_name,
                                     .application = application_name,
                                     .has_no_numbers = speak->team->watch_count > 1};
    int failed = outlet_new(&speak->outlet, options, &names);
    if (failed)
        return failed;
    if (speak->team->is_uncaged)
        outlet_uncaged(speak->outlet);
    speak->engine = outlet_engine(speak->outlet, options, speak->team->knowledge);
    failed = telling_new(&speak->telling, &speak->engine, &speak->told_stats);
    if (!failed && options->classify != SBL_CLASSIFY_NONE)
        failed =
            classify_new(&speak->names, options->classify == SBL_CLASSIFY_FULL, &options->limits);
    for (unsigned i = 0; i < speak->team->watch_count && !failed; i++) {
        speak->sources[i].channel = speak->team->channels[i];
        speak->sources[i].gap_ms = clock_monotonic_ms();
        speak->sources[i].gap_ns = (uint64_t)clock_realtime_ns();
        failed = channel_become_reader(speak->sources[i].channel);
    }
    speak->listener = telling_wants(&speak->engine).listener;
    speak->counting.has_time = speak->listener.tick != NULL;
    return failed ? failed : start_loop(speak);
}

static int confine(const struct team *team) {
    char error[256];
    int failed = privileges_none(error, sizeof error);
    if (!failed && !team->is_uncaged)
        failed = cage_enter(CAGE_SPEAK, error, sizeof error);
    if (failed)
        fprintf(stderr, "smblame: speak: %s\n", error);
    return failed;
}

/* Everything that watches have handed over is told before the end. */
static int finish(struct speak *speak) {
    speak->is_finishing = true;
    while (!speak->failed && tell_some(speak))
        channel_beat(speak->sources[0].channel);
    outlet_mute(speak->outlet, false);
    read_boards(speak);
    add_up(speak);
    int64_t last_ns = 0;
    for (unsigned i = 0; i < speak->team->watch_count; i++)
        if (speak->sources[i].board.last_ns > last_ns)
            last_ns = speak->sources[i].board.last_ns;
    telling_finish(speak->telling, last_ns);
    add_up(speak);
    const struct sbl_live_stats live = live_stats(speak);
    int failed = outlet_finish(speak->outlet, &speak->sum, &live);
    return speak->failed ? speak->failed : failed;
}

static void release(struct speak *speak) {
    telling_free(speak->telling);
    classify_free(speak->names);
    outlet_free(speak->outlet);
    free(speak);
}

/* What another one had put out is gone through again, without a word. */
static void rewind_all(struct speak *speak) {
    for (unsigned i = 0; i < speak->team->watch_count; i++)
        channel_rewind(speak->sources[i].channel);
}

int speak_main(const struct team *team, int talk, bool is_second) {
    struct speak *speak = calloc(1, sizeof *speak);
    if (!speak)
        return EXIT_RUNTIME;
    speak->team = team;
    speak->talk = talk;
    (void)signal(SIGTERM, SIG_IGN); /* the keeper says when it is over */
    (void)signal(SIGPIPE, SIG_IGN);
    int failed = start(speak);
    if (failed && failed != -EINVAL)
        fprintf(stderr, "smblame: speak: cannot start: %s\n", strerror(-failed));
    if (failed || confine(team))
        return EXIT_RUNTIME;
    if (is_second)
        rewind_all(speak);
    say(speak, WORD_READY);
    (void)uv_run(&speak->loop, UV_RUN_DEFAULT);
    failed = finish(speak);
    if (failed)
        fprintf(stderr, "smblame: cannot write the results: %s\n", strerror(-failed));
    release(speak);
    return failed ? EXIT_RUNTIME : EXIT_DONE;
}
