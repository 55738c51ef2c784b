/* The process that holds CAP_NET_RAW: it opens devices, forks the others, starts again what dies
 * and says so, and hands signals on. It reads no packet and nothing that was made of one but
 * counters. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "guard/process.h"
#include "service/keeper.h"
#include "service/service.h"

enum {
    LOOK_MS = 250,      /* at what is to be started again, and at who is alive */
    PATIENCE_MS = 2500, /* with watches that have been told to end */
    LIMIT_MS = 4500,    /* with speak */
    FAST_MS = 10000,    /* who dies twice within this waits before it is started again */
    PAUSE_MS = 500,     /* for that long */
    VAIN_MOST = 3,   /* speak has died so often in turn and told nothing: it is of what it reads */
    ALIVE_MS = 5000, /* who has not moved for so long is not alive */
    HUNG_MS = 20000, /* and a watch is ended, as nobody else would read its devices */
};

static void say_word(const struct keeper *keeper, const struct word *word) {
    if (keeper->talk >= 0)
        (void)send(keeper->talk, word, sizeof *word, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void say(const struct keeper *keeper, enum word_kind kind, const struct sbl_health *health) {
    struct word word;
    memset(&word, 0, sizeof word);
    word.kind = kind;
    if (health)
        word.health = *health;
    word.watch_restarts = keeper->watch_restarts;
    word.speak_restarts = keeper->speak_restarts;
    say_word(keeper, &word);
}

/* A child is deaf to what a terminal sends to all of us. */
static void become(const struct keeper *keeper) {
    process_reset_signals();
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGUSR1, SIG_IGN);
    (void)close(keeper->signals);
}

static pid_t start_speak(struct keeper *keeper) {
    int talk[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, talk) != 0)
        return -1;
    pid_t pid = process_fork("smblame-speak", 0);
    if (pid == 0) {
        become(keeper);
        keeper_close_all_eyes(keeper);
        (void)close(talk[0]);
        exit(speak_main(&keeper->team, talk[1], (unsigned)keeper->speak.restarts));
    }
    (void)close(talk[1]);
    if (pid < 0) {
        (void)close(talk[0]);
        return -1;
    }
    if (keeper->talk >= 0)
        (void)close(keeper->talk);
    keeper->talk = talk[0];
    return pid;
}

/* Its devices are open; it takes them with it. */
static pid_t start_watch(struct keeper *keeper, unsigned index) {
    const struct eyes eyes = keeper->eyes[index];
    pid_t pid = process_fork("smblame-watch", SIGTERM);
    if (pid == 0) {
        become(keeper);
        keeper->eyes[index] = (struct eyes){0};
        keeper_close_all_eyes(keeper);
        (void)close(keeper->talk);
        runner_close(keeper->team.runner, 0); /* it has nothing to send there */
        exit(watch_main(&keeper->team, index, &eyes));
    }
    live_leave(eyes.live, &keeper->left[index]);
    recording_close(eyes.recording);
    keeper->eyes[index] = (struct eyes){0};
    return pid;
}

static void note_start(struct child *child, pid_t pid) {
    child->pid = pid > 0 ? pid : 0;
    child->started_ms = child->moved_ms = clock_monotonic_ms();
    child->again_ms = pid > 0 ? 0 : child->started_ms + PAUSE_MS;
}

/* Who dies again soon after a start has to wait. */
static void note_death(struct child *child) {
    uint64_t now_ms = clock_monotonic_ms();
    bool is_soon = now_ms - child->started_ms < FAST_MS && child->restarts > 0;
    child->pid = 0;
    child->died_ms = now_ms;
    child->again_ms = is_soon ? now_ms + PAUSE_MS : now_ms;
}

static void begin_end(struct keeper *keeper, int status) {
    if (keeper->is_ending)
        return;
    keeper->is_ending = true;
    (void)notify_stopping(&keeper->notify);
    keeper->ending_ms = clock_monotonic_ms();
    keeper->status = status;
    for (unsigned i = 0; i < keeper->team.watch_count; i++)
        if (keeper->watches[i].pid)
            (void)kill(keeper->watches[i].pid, SIGTERM);
}

static struct sbl_health restart_of(const struct child *child, const char *process, int status) {
    struct sbl_health health;
    memset(&health, 0, sizeof health);
    health.kind = SBL_HEALTH_PROCESS_RESTART;
    health.time_ns = clock_realtime_ns();
    struct sbl_health_restart *restart = &health.is.restart;
    (void)snprintf(restart->process, sizeof restart->process, "%s", process);
    restart->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    restart->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    restart->restarts = child->restarts;
    restart->away_ms = clock_monotonic_ms() - child->died_ms;
    return health;
}

static void watch_died(struct keeper *keeper, unsigned index, int status) {
    struct child *child = &keeper->watches[index];
    bool is_done = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DONE;
    if (!keeper->was_ready && !is_done) /* it never worked, and said why */
        begin_end(keeper, EXIT_RUNTIME);
    note_death(child);
    child->has_ended = is_done || keeper->is_ending;
    if (child->has_ended)
        return;
    child->restarts++;
    char name[32];
    (void)snprintf(name, sizeof name, "watch%s%.0u", keeper->team.watch_count > 1 ? " " : "",
                   keeper->team.watch_count > 1 ? index + 1 : 0);
    channel_writer_died(keeper->team.channels[index]);
    child->death = restart_of(child, name, status);
    struct board board;
    if (channel_board(keeper->team.channels[index], &board))
        child->death.is.restart.last_frame = board.last_frame;
}

/* How far everything was put out, over all channels. */
static uint64_t taken(const struct keeper *keeper) {
    uint64_t sum = 0;
    for (unsigned i = 0; i < keeper->team.watch_count; i++)
        sum += atomic_load(&channel_cursor(keeper->team.channels[i])->taken);
    return sum;
}

static void speak_died(struct keeper *keeper, int status) {
    struct child *child = &keeper->speak;
    note_death(child);
    bool is_reloading = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_RELOAD;
    bool is_done = WIFEXITED(status) && !is_reloading;
    child->has_ended = is_done;
    if (is_done) {
        begin_end(keeper, WEXITSTATUS(status));
        keeper->status = WEXITSTATUS(status);
        return;
    }
    child->restarts++;
    keeper->team.is_reloaded |= is_reloading;
    child->death = restart_of(child, "speak", status);
    child->is_silent = is_reloading;
    bool is_vain = child->again_ms > child->died_ms && taken(keeper) == child->taken;
    child->vain_lives = is_vain ? child->vain_lives + 1 : 0;
}

static void reap(struct keeper *keeper) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == keeper->speak.pid)
            speak_died(keeper, status);
        for (unsigned i = 0; i < keeper->team.watch_count; i++)
            if (pid == keeper->watches[i].pid)
                watch_died(keeper, i, status);
    }
}

/* Frames that a socket has received and that its watch had not counted when it last said so: they
 * are lost, and put on the board, where its successor goes on. */
static void tell_lost(struct keeper *keeper, unsigned index) {
    uint64_t received[LIVE_DEVICES_MAX] = {0};
    struct board board;
    struct sbl_health *health = &keeper->watches[index].death;
    struct channel *channel = keeper->team.channels[index];
    bool has_board = channel_board(channel, &board);
    live_sockets_close(&keeper->left[index], received);
    for (uint16_t d = 0; d < CHANNEL_DEVICES && has_board; d++) {
        struct device_counts *counts = &board.devices[d];
        counts->received += received[d];
        uint64_t known = counts->frames + counts->kernel_drops;
        uint64_t lost = counts->received > known ? counts->received - known : 0;
        counts->kernel_drops += lost;
        board.stats.kernel_drops += lost;
        health->is.restart.frames_at_risk += lost;
    }
    if (has_board)
        channel_amend(channel, &board);
    health->is.restart.away_ms = clock_monotonic_ms() - keeper->watches[index].died_ms;
    health->is.restart.restarts = keeper->watches[index].restarts;
    const struct word again = {.kind = WORD_AGAIN, .watch = index};
    keeper->watch_restarts++;
    say(keeper, WORD_HEALTH, health);
    say_word(keeper, &again);
}

/* The old sockets are asked and closed when others have taken their place: nothing is lost in
 * between that is not counted. */
static void replace_watch(struct keeper *keeper, unsigned index) {
    char error[512];
    struct child *child = &keeper->watches[index];
    if (keeper_open_devices(keeper, index, error, sizeof error) != 0) {
        keeper_close_eyes(&keeper->eyes[index]);
        child->again_ms = clock_monotonic_ms() + PAUSE_MS;
        return;
    }
    keeper_prepare_kept(keeper, index);
    tell_lost(keeper, index);
    note_start(child, start_watch(keeper, index));
}

/* Findings that it dies of again and again are passed over. */
static void replace_speak(struct keeper *keeper) {
    struct child *child = &keeper->speak;
    keeper->team.passes_over = child->vain_lives >= VAIN_MOST;
    if (keeper->team.passes_over)
        fputs("smblame: speak dies again and again: what waits for it is passed over\n", stderr);
    child->taken = taken(keeper);
    note_start(child, start_speak(keeper));
    if (!child->pid)
        return;
    child->death.is.restart.away_ms = clock_monotonic_ms() - child->died_ms;
    keeper->speak_restarts += !child->is_silent;
    if (child->is_silent)
        (void)notify_ready(&keeper->notify, "watching, with what was reloaded");
    else
        say(keeper, WORD_HEALTH, &child->death);
    if (keeper->is_finish_said)
        say(keeper, WORD_FINISH, NULL);
}

static bool is_wanted(const struct child *child) {
    return !child->pid && !child->has_ended && child->again_ms <= clock_monotonic_ms();
}

/* Speak also for the end; a device that is gone is asked for again and again. */
static void start_again(struct keeper *keeper) {
    if (is_wanted(&keeper->speak))
        replace_speak(keeper);
    for (unsigned i = 0; i < keeper->team.watch_count && !keeper->is_ending; i++)
        if (is_wanted(&keeper->watches[i]))
            replace_watch(keeper, i);
}

static bool have_watches_ended(const struct keeper *keeper) {
    for (unsigned i = 0; i < keeper->team.watch_count; i++)
        if (keeper->watches[i].pid || (!keeper->is_ending && !keeper->watches[i].has_ended))
            return false;
    return true;
}

/* True: nobody is left. */
static bool get_on_with_end(struct keeper *keeper) {
    uint64_t for_ms = keeper->is_ending ? clock_monotonic_ms() - keeper->ending_ms : 0;
    for (unsigned i = 0; i < keeper->team.watch_count && for_ms > PATIENCE_MS; i++)
        if (keeper->watches[i].pid)
            (void)kill(keeper->watches[i].pid, SIGKILL);
    if (!have_watches_ended(keeper))
        return false;
    if (!keeper->is_finish_said && keeper->speak.pid) {
        keeper->is_finish_said = true;
        say(keeper, WORD_FINISH, NULL);
    }
    if (for_ms > LIMIT_MS && !keeper->speak.has_ended) {
        fputs("smblame: the output takes nothing: what was not written is lost\n", stderr);
        if (keeper->speak.pid)
            (void)kill(keeper->speak.pid, SIGKILL);
        keeper->status = EXIT_RUNTIME;
        return true;
    }
    return keeper->speak.has_ended;
}

static void reload(struct keeper *keeper) {
    (void)notify_reloading(&keeper->notify);
    say(keeper, WORD_RELOAD, NULL);
}

static void hear_signal(struct keeper *keeper) {
    struct signalfd_siginfo info;
    while (read(keeper->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            begin_end(keeper, EXIT_DONE);
        else if (info.ssi_signo == SIGUSR1)
            say(keeper, WORD_STATE, NULL);
        else if (info.ssi_signo == SIGHUP)
            reload(keeper);
    }
}

/* Whether who counts up to show that it is alive has done so lately. */
static bool is_alive(struct child *child, uint64_t beat, uint64_t now_ms) {
    if (beat != child->beat)
        child->moved_ms = now_ms;
    child->beat = beat;
    return child->pid != 0 && now_ms - child->moved_ms < ALIVE_MS;
}

static bool is_watch_alive(struct keeper *keeper, unsigned index, uint64_t now_ms) {
    struct child *child = &keeper->watches[index];
    struct board board;
    bool has_board = channel_board(keeper->team.channels[index], &board);
    if (is_alive(child, has_board ? board.alive_count : child->beat, now_ms))
        return true;
    if (child->pid && now_ms - child->moved_ms > HUNG_MS)
        (void)kill(child->pid, SIGKILL);
    return false;
}

/* The service manager hears of us only while all of us are alive. */
static void look_who_lives(struct keeper *keeper) {
    uint64_t every_ms = notify_watchdog_us(&keeper->notify) / 1000, now_ms = clock_monotonic_ms();
    const struct cursor *cursor = channel_cursor(keeper->team.channels[0]);
    bool do_all = is_alive(&keeper->speak, atomic_load(&cursor->alive_count), now_ms);
    for (unsigned i = 0; i < keeper->team.watch_count; i++)
        do_all = is_watch_alive(keeper, i, now_ms) && do_all;
    if (!every_ms || !do_all || now_ms - keeper->fed_ms < every_ms / 2)
        return;
    keeper->fed_ms = now_ms;
    (void)notify_watchdog(&keeper->notify);
}

static void announce(struct keeper *keeper) {
    const struct options *options = keeper->team.options;
    if (keeper->was_ready)
        return;
    keeper->was_ready = true;
    (void)notify_ready(&keeper->notify, "watching");
    if (options->quiet || keeper->team.terminal)
        return;
    fputs("smblame: watching", stderr);
    for (size_t i = 0; i < options->device_count; i++)
        fprintf(stderr, " %s", options->devices[i]);
    fputs("; interrupt to end\n", stderr);
}

static void hear_speak(struct keeper *keeper) {
    struct word word;
    if (recv(keeper->talk, &word, sizeof word, MSG_DONTWAIT) != (ssize_t)sizeof word)
        return;
    if (word.kind == WORD_READY)
        announce(keeper);
    else if (word.kind == WORD_STOP)
        begin_end(keeper, EXIT_DONE);
    else if (word.kind == WORD_STAYS)
        (void)notify_ready(&keeper->notify, "watching, nothing was reloaded");
}

static void keep(struct keeper *keeper) {
    do {
        struct pollfd fds[] = {{.fd = keeper->signals, .events = POLLIN},
                               {.fd = keeper->talk, .events = POLLIN}};
        (void)poll(fds, 2, LOOK_MS);
        hear_signal(keeper);
        if (fds[1].revents & POLLIN)
            hear_speak(keeper);
        reap(keeper);
        start_again(keeper);
        look_who_lives(keeper);
    } while (!get_on_with_end(keeper));
}

static int start_team(struct keeper *keeper) {
    int failed = 0;
    for (unsigned i = 0; i < keeper->team.watch_count && !failed; i++)
        failed = keeper_share_memory(keeper, i);
    sigset_t mask;
    sigemptyset(&mask);
    const int heard[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD};
    for (size_t i = 0; i < sizeof heard / sizeof *heard; i++)
        sigaddset(&mask, heard[i]);
    (void)sigprocmask(SIG_BLOCK, &mask, NULL);
    keeper->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (!failed && keeper->signals < 0)
        failed = -errno;
    if (failed) {
        fprintf(stderr, "smblame: cannot start: %s\n", strerror(-failed));
        return failed;
    }
    if (keeper->team.options->verbose && !keeper->team.options->quiet)
        keeper_tell_more(keeper);
    keeper->speak.is_silent = true;
    note_start(&keeper->speak, start_speak(keeper));
    for (unsigned i = 0; i < keeper->team.watch_count; i++)
        note_start(&keeper->watches[i], start_watch(keeper, i));
    return 0;
}

/* Commands still have what is left of the time that an end may take. */
static void end_runner(struct keeper *keeper) {
    uint64_t for_ms = keeper->is_ending ? clock_monotonic_ms() - keeper->ending_ms : 0;
    runner_close(keeper->team.runner, for_ms < LIMIT_MS ? (uint32_t)(LIMIT_MS - for_ms) : 0);
}

int service_live(const struct options *options, const struct sbl_knowledge *knowledge) {
    struct keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper)
        return EXIT_RUNTIME;
    keeper->team = (struct team){.options = options, .knowledge = knowledge, .metrics_fd = -1};
    process_descriptors_note(&keeper->team.inherited);
    keeper->team.watch_count = options->workers ? options->workers : keeper_cores();
    keeper->talk = keeper->signals = -1;
    int failed = keeper_open_all(keeper);
    if (!failed)
        failed = keeper_try_cage(keeper);
    if (!failed)
        failed = start_team(keeper);
    if (!failed)
        keep(keeper);
    keeper_close_all_eyes(keeper);
    end_runner(keeper);
    if (keeper->speak.has_ended) /* it has given it back */
        terminal_leave(keeper->team.terminal);
    else
        terminal_close(keeper->team.terminal);
    notify_close(&keeper->notify);
    if (keeper->team.metrics_fd >= 0)
        (void)close(keeper->team.metrics_fd);
    for (unsigned i = 0; i < keeper->team.watch_count; i++) {
        channel_free(keeper->team.channels[i]);
        shared_fini(&keeper->team.kept[i]);
    }
    int status = failed ? EXIT_RUNTIME : keeper->status;
    free(keeper);
    return status;
}
