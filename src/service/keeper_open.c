/* What the keeper opens and makes before it forks, and again before it forks again: devices, files
 * of frames, memory that processes share, and all that takes more than speak and watch may do. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "front.h"
#include "guard/cage.h"
#include "guard/privileges.h"
#include "service/keeper.h"
#include "service/keeping.h"
#include "telling.h"

static int open_recording(struct keeper *keeper, unsigned index, char *error, size_t error_size) {
    const struct options *options = keeper->team.options;
    const struct recording_options wanted = {.path = options->record,
                                             .rotate_s = options->rotate_s,
                                             .rotate_mb = options->rotate_mb,
                                             .rotate_files = options->rotate_files,
                                             .worker = index,
                                             .workers = keeper->team.watch_count,
                                             .life = (unsigned)keeper->watches[index].restarts};
    if (!options->record)
        return 0;
    return recording_open(&keeper->eyes[index].recording, &wanted, error, error_size);
}

int keeper_open_devices(struct keeper *keeper, unsigned index, char *error, size_t error_size) {
    const struct options *options = keeper->team.options;
    const struct live_options wanted = {.devices = options->devices,
                                        .device_count = options->device_count,
                                        .filter = options->filter,
                                        .snaplen = options->snaplen,
                                        .buffer_kib = options->buffer_kib,
                                        .promiscuous_off = options->promiscuous_off,
                                        .workers = keeper->team.watch_count,
                                        .groups = keeper->groups};
    int failed = live_open(&keeper->eyes[index].live, &wanted, error, error_size);
    return failed ? failed : open_recording(keeper, index, error, error_size);
}

void keeper_close_eyes(struct eyes *eyes) {
    live_close(eyes->live);
    recording_close(eyes->recording);
    *eyes = (struct eyes){0};
}

void keeper_close_all_eyes(struct keeper *keeper) {
    for (unsigned i = 0; i < keeper->team.watch_count; i++) {
        keeper_close_eyes(&keeper->eyes[i]);
        live_sockets_close(&keeper->left[i], NULL);
    }
}

/* What live takes beside the analysis: of it, each watch has its half. */
static size_t ceiling(const struct team *team) {
    const struct sbl_limits *limits = &team->options->limits;
    size_t each = front_ceiling(limits) + sbl_limit_of(limits, SBL_LIMIT_NOTE_BYTES) +
                  (team->options->evidence ? keeping_ceiling(limits) : 0);
    return team->watch_count * each + telling_ceiling(limits);
}

/* -v: what is looked at, and what that can take. */
void keeper_tell_more(const struct keeper *keeper) {
    const struct live *live = keeper->eyes[0].live;
    for (uint16_t d = 0; d < keeper->team.options->device_count; d++) {
        const char *filter = live_filter_text(live_link_type(live, d));
        fprintf(stderr, "smblame: %s: %s%s%s\n", live_name(live, d),
                filter ? filter : "all frames are looked at",
                keeper->team.options->filter ? ", and of these " : "",
                keeper->team.options->filter ? keeper->team.options->filter : "");
    }
    fprintf(stderr, "smblame: memory at most %.0f MB for the analysis; --limit changes it\n",
            (double)ceiling(&keeper->team) / 1e6);
}

/* For a watch to keep frames in: nothing of what another one left. */
void keeper_prepare_kept(struct keeper *keeper, unsigned index) {
    struct shared *kept = &keeper->team.kept[index];
    if (!kept->memory)
        return;
    shared_wipe(kept);
    keeping_prepare(kept->memory, &keeper->team.options->limits);
}

/* Whether the kernel gives the cage is tried by a process that does nothing else: what can be had
 * for one can be had for all, and is told by each record or by none. */
int keeper_try_cage(struct keeper *keeper) {
    pid_t pid = fork();
    if (pid == 0) {
        char error[256];
        int failed = cage_enter(CAGE_WATCH, error, sizeof error);
        if (failed)
            fprintf(stderr, "smblame: %s\n", error);
        _exit(failed ? EXIT_RUNTIME : EXIT_DONE);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return -errno;
    keeper->team.is_uncaged = !WIFEXITED(status) || WEXITSTATUS(status) != EXIT_DONE;
    if (!keeper->team.is_uncaged || keeper->team.options->without_cage)
        return 0;
    fputs("smblame: the kernel cannot confine what reads packets; --without-cage goes on all the "
          "same\n",
          stderr);
    return -EPERM;
}

/* Before anything else is open, so that it has nothing of it. */
static int start_runner(struct keeper *keeper, char *error, size_t error_size) {
    const struct options *options = keeper->team.options;
    const struct runner_options wanted = {.command = options->exec_on_open, .user = options->user};
    if (!options->exec_on_open)
        return 0;
    return runner_start(&keeper->team.runner, &wanted, error, error_size);
}

/* All that takes more than speak and watch may do. */
int keeper_open_all(struct keeper *keeper) {
    char error[512] = "";
    const struct options *options = keeper->team.options;
    int failed = start_runner(keeper, error, sizeof error);
    for (unsigned i = 0; i < keeper->team.watch_count && !failed; i++)
        failed = keeper_open_devices(keeper, i, error, sizeof error);
    if (!failed)
        failed = privileges_keep_raw(options->user, error, sizeof error);
    if (!failed && options->metrics) {
        keeper->team.metrics_fd = metrics_listen(options->metrics, error, sizeof error);
        failed = keeper->team.metrics_fd < 0 ? keeper->team.metrics_fd : 0;
    }
    if (!failed && options->watch_screen)
        failed = terminal_open(&keeper->team.terminal, error, sizeof error);
    (void)notify_open(&keeper->notify);
    if (failed)
        fprintf(stderr, "smblame: %s\n", error);
    return failed;
}

int keeper_share_memory(struct keeper *keeper, unsigned index) {
    const struct options *options = keeper->team.options;
    struct shared *kept = &keeper->team.kept[index];
    int failed = channel_new(&keeper->team.channels[index],
                             sbl_limit_of(&options->limits, SBL_LIMIT_NOTE_BYTES));
    if (!failed && options->evidence)
        failed = shared_init(kept, "smblame-frames", keeping_memory(&options->limits));
    if (!failed)
        keeper_prepare_kept(keeper, index);
    return failed;
}

/* One core is left for speak. */
unsigned keeper_cores(void) {
    cpu_set_t usable;
    int count = sched_getaffinity(0, sizeof usable, &usable) == 0 ? CPU_COUNT(&usable) - 1 : 1;
    return count < 1 ? 1 : count > WATCHES_MOST ? WATCHES_MOST : (unsigned)count;
}
