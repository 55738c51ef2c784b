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
#include "knowledge/knowledge.h"
#include "notes/tell.h"
#include "service/speak.h"
#include "telling.h"

enum {
    BEAT_MS = 250,
    DRAW_MS = 100,      /* at most so often, when something was told, */
    DRAWS_LEFT_OUT = 5, /* and else only the fifth time */
    TURN_NOTES = 4096,  /* told before anything else gets its turn */
    ORPHAN_MS = 2000,   /* for watches to end after a keeper that is gone */
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

static void end(struct speak *speak, int failed) {
    if (failed && !speak->failed)
        speak->failed = failed;
    uv_stop(&speak->loop);
}

static void put_out(struct speak *speak) {
    int failed = outlet_flush(speak->outlet);
    if (failed)
        end(speak, failed);
}

/* Seconds are told once, whichever watch saw a frame of them first. */
static void tell(struct speak *speak, const struct note *note) {
    speak->has_news |= note->kind != NOTE_TICK;
    if (note->kind == NOTE_HEALTH)
        outlet_health(speak->outlet, pack_told(note));
    else if (note->kind != NOTE_TICK || counting_ticks(&speak->counting, note->time_ns))
        note_tell(note, &speak->listener);
}

/* The channel of the next note over all watches, by time. NULL: it has not come yet. */
static struct channel *next_channel(struct speak *speak, const struct note **note) {
    struct channel *first = NULL;
    uint64_t passed = UINT64_MAX;
    for (unsigned i = 0; i < speak->team->watch_count; i++) {
        struct channel *channel = speak->team->channels[i];
        const struct note *each = NULL;
        if (channel_next(channel, &each) != CHANNEL_NOTE) {
            uint64_t until = channel_passed(channel);
            passed = until < passed ? until : passed;
        } else if (!first || each->key < (*note)->key) {
            first = channel;
            *note = each;
        }
    }
    return first && ((*note)->key <= passed || speak->is_finishing) ? first : NULL;
}

/* False: that is all there is now. */
static bool tell_some(struct speak *speak) {
    const struct note *note = NULL;
    struct channel *channel = NULL;
    for (unsigned count = 0; count < TURN_NOTES; count++) {
        channel = next_channel(speak, &note);
        if (!channel)
            break;
        outlet_mute(speak->outlet, channel_is_known(channel));
        tell(speak, note);
        channel_step(channel);
    }
    outlet_mute(speak->outlet, false); /* what is not told by notes is never told twice */
    put_out(speak);
    if (outlet_is_met(speak->outlet) && !speak->is_stop_asked) {
        speak->is_stop_asked = true;
        say(speak, WORD_STOP);
    }
    for (unsigned i = 0; i < speak->team->watch_count && !speak->failed; i++)
        channel_commit(speak->team->channels[i]);
    return channel && !speak->failed;
}

static void on_more(uv_idle_t *idle) {
    if (!tell_some(idle->data))
        (void)uv_idle_stop(idle);
}

static void tell_all(struct speak *speak) {
    if (tell_some(speak))
        (void)uv_idle_start(&speak->more, on_more);
}

static void on_notes(uv_poll_t *poll, int status, int events) {
    (void)status, (void)events;
    uint64_t count;
    uv_os_fd_t fd;
    if (uv_fileno((const uv_handle_t *)poll, &fd) == 0 && read(fd, &count, sizeof count) > 0)
        tell_all(poll->data);
}

static void on_beat(uv_timer_t *timer) {
    struct speak *speak = timer->data;
    channel_beat(speak->team->channels[0]);
    boards_read(speak->boards, speak->outlet, false);
    tell_all(speak);
}

static void on_stats(uv_timer_t *timer) {
    speak_tell_stats(timer->data);
    put_out(timer->data);
}

static void on_draw(uv_timer_t *timer) {
    struct speak *speak = timer->data;
    struct screen *screen = outlet_screen(speak->outlet);
    if (!speak->has_news && ++speak->draws_left_out < DRAWS_LEFT_OUT)
        return;
    speak->has_news = false;
    speak->draws_left_out = 0;
    unsigned width, height;
    int64_t now_ns = clock_realtime_ns();
    terminal_size(speak->team->terminal, &width, &height);
    screen_stats(screen, now_ns, boards_stats(speak->boards, &speak->told_stats));
    size_t size = screen_draw(screen, now_ns, width, height, speak->page);
    if (terminal_show(speak->team->terminal, speak->page, size) < 0)
        say(speak, WORD_STOP);
}

static void on_keys(uv_poll_t *poll, int status, int events) {
    (void)status, (void)events;
    struct speak *speak = poll->data;
    if (!terminal_quits(speak->team->terminal))
        return;
    (void)uv_poll_stop(poll);
    say(speak, WORD_STOP);
}

/* What a successor will read: the same that it reads then, if nobody changes it in between. 0, or
 * an exit status after saying what is wrong. */
static int read_again(struct options *fresh, struct sbl_knowledge **knowledge,
                      const struct options *running) {
    *knowledge = NULL;
    int failed = options_reload(fresh, running);
    if (!failed && !fresh->diagnosis_off &&
        sbl_knowledge_new(knowledge, fresh->knowledge_dir, stderr) != 0)
        failed = EXIT_USAGE;
    return failed;
}

/* A reload is a successor that goes through the journal with the new options, if they are right. */
static void reload(struct speak *speak) {
    struct options fresh;
    struct sbl_knowledge *knowledge;
    int failed = read_again(&fresh, &knowledge, speak->team->options);
    sbl_knowledge_free(knowledge);
    options_free(&fresh);
    if (failed) {
        fputs("smblame: nothing was reloaded: all goes on as before\n", stderr);
        say(speak, WORD_STAYS);
        return;
    }
    speak->is_reloading = true;
    uv_stop(&speak->loop);
}

static void hear(struct speak *speak, const struct word *word) {
    switch (word->kind) {
    case WORD_HEALTH:
        speak->watch_restarts = word->watch_restarts;
        speak->speak_restarts = word->speak_restarts;
        outlet_mute(speak->outlet, false);
        outlet_health(speak->outlet, &word->health);
        put_out(speak);
        break;
    case WORD_AGAIN:
        if (speak->keeping && word->watch < speak->team->watch_count)
            keeping_look_again(speak->keeping, word->watch);
        break;
    case WORD_FINISH:
        end(speak, 0);
        break;
    case WORD_RELOAD:
        reload(speak);
        break;
    case WORD_STATE:
        speak_print_state(speak);
        break;
    case WORD_READY:
    case WORD_STOP:
    case WORD_STAYS:
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
    if (size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    (void)uv_poll_stop(poll); /* the keeper is gone: watches get a signal and end */
    (void)uv_timer_start(&speak->orphan, on_orphan, ORPHAN_MS, 0);
}

static int start_poll(struct speak *speak, uv_poll_t *poll, int fd, uv_poll_cb then) {
    int failed = uv_poll_init(&speak->loop, poll, fd);
    poll->data = speak;
    return failed ? failed : uv_poll_start(poll, UV_READABLE, then);
}

static int start_polls(struct speak *speak) {
    int failed = start_poll(speak, &speak->talk_poll, speak->talk, on_talk);
    for (unsigned i = 0; i < speak->team->watch_count && !failed; i++)
        failed =
            start_poll(speak, &speak->polls[i], channel_fd(speak->team->channels[i]), on_notes);
    int keys = speak->team->terminal ? terminal_keys(speak->team->terminal) : -1;
    return failed || keys < 0 ? failed : start_poll(speak, &speak->keys, keys, on_keys);
}

static int start_loop(struct speak *speak) {
    int failed = uv_loop_init(&speak->loop);
    if (failed)
        return failed;
    uint64_t stats_ms = (uint64_t)speak->team->options->stats_interval_s * 1000u;
    enum { TIMERS = 4 };
    uv_timer_t *const timers[TIMERS] = {&speak->beat, &speak->stats, &speak->orphan, &speak->draw};
    for (size_t i = 0; i < TIMERS; i++) {
        (void)uv_timer_init(&speak->loop, timers[i]);
        timers[i]->data = speak;
    }
    (void)uv_idle_init(&speak->loop, &speak->more);
    speak->more.data = speak;
    (void)uv_timer_start(&speak->beat, on_beat, BEAT_MS, BEAT_MS);
    (void)uv_timer_start(&speak->stats, on_stats, stats_ms, stats_ms);
    if (outlet_screen(speak->outlet))
        (void)uv_timer_start(&speak->draw, on_draw, DRAW_MS, DRAW_MS);
    failed = start_polls(speak);
    if (!failed && speak->team->metrics_fd >= 0)
        failed = metrics_start(&speak->metrics, speak->team->metrics_fd, &speak->loop, speak,
                               speak_fill_metrics);
    return failed;
}

static int start_outlet(struct speak *speak) {
    const struct emit_names names = {.context = speak,
                                     .file = device_name,
                                     .application = application_name,
                                     .has_no_numbers = speak->team->watch_count > 1};
    int failed = outlet_new(&speak->outlet, speak->team->options, speak->team->knowledge, &names);
    if (!failed)
        outlet_run_on_open(speak->outlet, speak->team->runner);
    if (!failed && speak->team->is_uncaged)
        outlet_set_uncaged(speak->outlet);
    return failed;
}

static int start_keeping(struct speak *speak) {
    const void *memories[WATCHES_MOST];
    int failed = 0;
    for (unsigned i = 0; i < speak->team->watch_count && !failed; i++) {
        failed = shared_become_reader(&speak->team->kept[i]);
        memories[i] = speak->team->kept[i].memory;
    }
    if (failed)
        return failed;
    const struct keeping_source source = {.memories = memories,
                                          .count = speak->team->watch_count,
                                          .names = {speak, device_name},
                                          .life = speak->life};
    failed =
        keeping_new(&speak->keeping, speak->team->options, outlet_page(speak->outlet), &source);
    if (!failed)
        outlet_keep(speak->outlet, keeping_evidence(speak->keeping));
    return failed;
}

static int start_telling(struct speak *speak) {
    const struct options *options = speak->team->options;
    speak->engine = outlet_engine(speak->outlet, options, speak->team->knowledge);
    int failed = telling_new(&speak->telling, &speak->engine, &speak->told_stats);
    speak->listener = telling_front(speak->telling, &speak->engine).listener;
    speak->counting.has_time = speak->listener.tick != NULL;
    if (!failed && options->classify != SBL_CLASSIFY_NONE)
        failed =
            classify_new(&speak->names, options->classify == SBL_CLASSIFY_FULL, &options->limits);
    return failed;
}

static int start(struct speak *speak) {
    int failed = start_outlet(speak);
    if (!failed)
        failed = start_telling(speak);
    if (!failed && speak->team->options->evidence)
        failed = start_keeping(speak);
    speak->boards = boards_new(speak->team);
    if (!failed && !speak->boards)
        failed = -ENOMEM;
    for (unsigned i = 0; i < speak->team->watch_count && !failed; i++)
        failed = channel_become_reader(speak->team->channels[i]);
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
        channel_beat(speak->team->channels[0]);
    terminal_close(speak->team->terminal);
    outlet_mute(speak->outlet, false);
    boards_read(speak->boards, speak->outlet, true);
    telling_finish(speak->telling, boards_last_ns(speak->boards));
    if (speak->keeping)
        keeping_finish(speak->keeping, &speak->told_stats);
    const struct sbl_live_stats live =
        boards_live(speak->boards, speak->watch_restarts + speak->speak_restarts);
    int failed =
        outlet_finish(speak->outlet, boards_stats(speak->boards, &speak->told_stats), &live);
    return speak->failed ? speak->failed : failed;
}

static void close_handle(uv_handle_t *handle, void *unused) {
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void release(struct speak *speak) {
    metrics_stop(speak->metrics);
    uv_walk(&speak->loop, close_handle, NULL);
    (void)uv_run(&speak->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&speak->loop);
    telling_free(speak->telling);
    classify_free(speak->names);
    outlet_free(speak->outlet);
    keeping_free(speak->keeping);
    runner_close(speak->team->runner, 0); /* the keeper has it, too, and waits */
    boards_free(speak->boards);
    options_free(&speak->fresh);
    sbl_knowledge_free(speak->knowledge);
    free(speak);
}

/* Options and knowledge as they are now, instead of those that the keeper was started with. */
static int take_reloaded(struct speak *speak) {
    struct team *team = speak->team;
    speak->running = *team->options;
    if (read_again(&speak->fresh, &speak->knowledge, team->options))
        return -EINVAL;
    options_adopt(&speak->running, &speak->fresh);
    team->options = &speak->running;
    team->knowledge = speak->knowledge;
    return 0;
}

/* All that was told is put out, and what was not is for the successor. */
static int make_room(struct speak *speak) {
    (void)tell_some(speak);
    if (speak->keeping)
        keeping_finish(speak->keeping, &speak->told_stats);
    release(speak);
    return EXIT_RELOAD;
}

int speak_main(struct team *team, int talk, unsigned life) {
    struct speak *speak = calloc(1, sizeof *speak);
    if (!speak)
        return EXIT_RUNTIME;
    speak->team = team;
    speak->talk = talk;
    speak->life = life;
    speak->started_s = clock_realtime_ns() / 1000000000;
    (void)signal(SIGTERM, SIG_IGN); /* the keeper says when it is over */
    (void)signal(SIGPIPE, SIG_IGN);
    int failed = team->is_reloaded ? take_reloaded(speak) : 0;
    if (!failed)
        failed = start(speak);
    if (failed && failed != -EINVAL)
        fprintf(stderr, "smblame: speak: cannot start: %s\n", strerror(-failed));
    if (failed || confine(team))
        return failed == -EINVAL ? EXIT_USAGE : EXIT_RUNTIME;
    for (unsigned i = 0; i < team->watch_count && life; i++) {
        if (team->passes_over)
            channel_pass_over(team->channels[i]);
        else
            channel_rewind(team->channels[i]);
    }
    say(speak, WORD_READY);
    (void)uv_run(&speak->loop, UV_RUN_DEFAULT);
    if (speak->is_reloading)
        return make_room(speak);
    failed = finish(speak);
    if (failed)
        fprintf(stderr, "smblame: cannot write the results: %s\n", strerror(-failed));
    release(speak);
    return failed ? EXIT_RUNTIME : EXIT_DONE;
}
