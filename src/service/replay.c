/* Files: read to the end, or until interrupted (the way to end `ssh ... | smblame -r -`), then the
 * results of what was read. The files are a stranger's: before the first byte of them is looked at,
 * everything that needs more than reading is done, and the process cages itself. */
#include "service/service.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/capture.h"
#include "guard/cage.h"
#include "service/apart.h"
#include "service/pipeline.h"
#include "service/viewer.h"

enum { PROGRESS_EVERY_MS = 250, PROGRESS_FROM_MS = 1000, NOTES_MOST = 1000 };

static const uint64_t JOBS_FROM_BYTES = 8 << 20;

/* The one thing a signal handler may touch. */
static volatile sig_atomic_t interrupted;

static void interrupt(int number) {
    (void)number;
    interrupted = 1;
}

/* The first signal ends the reading in good order, the second one the program. */
static void catch_signals(void) {
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* One analysis over inputs read as one capture. */
struct reading {
    const struct options *options;
    const char *const *inputs;
    size_t input_count;
    unsigned jobs;
    struct capture *capture;
    struct pipeline *pipeline;
    struct runner *runner; /* --exec-on-open */
    struct viewer *viewer; /* --watch */
    FILE *notes;           /* with it: what is to be said when the terminal is free again */
    char *noted;
    size_t noted_bytes;
    struct sbl_stats unused;    /* of capture; the pipeline has its own */
    unsigned complaints, heard; /* of this reading, and of one before it that broke off */
};

/* What the reading before has said is not said again. */
static void complain(void *context, const char *message) {
    struct reading *reading = context;
    if (++reading->complaints <= reading->heard)
        return;
    if (!reading->notes)
        fprintf(stderr, "smblame: %s\n", message);
    else if (reading->complaints <= NOTES_MOST)
        fprintf(reading->notes, "smblame: %s\n", message);
}

static const char *file_name(void *context, uint16_t file) {
    const struct reading *reading = context;
    const char *path = capture_file_name(reading->capture, file);
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path;
}

static bool process_name(void *context, uint16_t file, uint32_t process, uint32_t *pid,
                         struct sbl_text *path) {
    const struct reading *reading = context;
    struct capture_process found;
    if (!capture_process_find(reading->capture, file, process, &found))
        return false;
    *pid = found.pid;
    *path = found.path;
    return true;
}

static uint64_t mark(void *context) {
    return capture_mark(((const struct reading *)context)->capture);
}

static void release(void *context, uint64_t mark) {
    capture_release(((const struct reading *)context)->capture, mark);
}

/* The first file of evidence is open by now; others follow where they take turns. */
static enum cage cage_for(const struct options *options) {
    bool takes_turns = options->rotate_s || options->rotate_mb || options->rotate_files;
    return options->evidence && takes_turns ? CAGE_REPLAY_WRITING : CAGE_REPLAY;
}

/* Without a cage a trace can still be read, but everybody who sees the results is told. */
static void confine(void *context) {
    const struct reading *reading = context;
    const struct options *options = reading->options;
    char error[256];
    if (cage_enter(cage_for(options), error, sizeof error) == 0)
        return;
    pipeline_set_uncaged(reading->pipeline);
    if (!options->without_cage && reading->inputs == options->inputs)
        fprintf(stderr, "smblame: %s; reading all the same\n", error);
}

struct progress {
    bool is_wanted;
    bool is_shown;
    unsigned batches;
    uint64_t started_ms, told_ms;
};

static void progress_tell(struct progress *progress, const struct capture *capture,
                          uint64_t frames) {
    if (!progress->is_wanted || ++progress->batches % 256 != 0)
        return;
    uint64_t now_ms = clock_monotonic_ms(), took_ms = now_ms - progress->started_ms;
    if (took_ms < PROGRESS_FROM_MS || now_ms - progress->told_ms < PROGRESS_EVERY_MS)
        return;
    uint64_t read_bytes, total_bytes;
    capture_progress(capture, &read_bytes, &total_bytes);
    fprintf(stderr, "\r%8.1f MB", (double)read_bytes / 1e6);
    if (total_bytes)
        fprintf(stderr, " (%3.0f %%)", 100.0 * (double)read_bytes / (double)total_bytes);
    fprintf(stderr, "  %.2f million frames/s  %.0f MB/s ", (double)frames / (double)took_ms / 1e3,
            (double)read_bytes / (double)took_ms / 1e3);
    progress->is_shown = true;
    progress->told_ms = now_ms;
}

static void progress_end(const struct progress *progress) {
    if (progress->is_shown)
        fputs("\r\033[K", stderr);
}

/* Whether frames may come as they happen: then records go out as they come. */
static bool is_stream(const struct reading *reading) {
    bool is_any = reading->options->sensor_count > 0;
    for (size_t i = 0; i < reading->input_count; i++) {
        struct stat about;
        is_any |= strcmp(reading->inputs[i], "-") == 0 ||
                  (stat(reading->inputs[i], &about) == 0 && S_ISFIFO(about.st_mode));
    }
    return is_any;
}

/* How many threads are to share the work. One, where somebody watches or waits for something, the
 * capture cannot be read again if need be (a pipe) or nDPI is asked about everything, as it
 * remembers hosts across connections; and where nobody asked for more and the files are so small
 * that more would cost more than they save. */
static unsigned jobs_for(const struct reading *reading) {
    const struct options *options = reading->options;
    uint64_t bytes = 0;
    if (options->watch_screen || options->stop_when_count || options->evidence ||
        options->sensor_count > 0)
        return 1;
    for (size_t i = 0; i < reading->input_count; i++) {
        struct stat about;
        if (strcmp(reading->inputs[i], "-") == 0)
            return 1;
        if (stat(reading->inputs[i], &about) < 0)
            continue;
        if (!S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode))
            return 1;
        bytes += S_ISDIR(about.st_mode) ? JOBS_FROM_BYTES : (uint64_t)about.st_size;
    }
    bool is_small = bytes < JOBS_FROM_BYTES && !options->is_jobs_given;
    return is_small || options->classify == SBL_CLASSIFY_FULL ? 1 : options->jobs;
}

static enum pipeline_verdict read_all(struct reading *reading) {
    const struct options *options = reading->options;
    struct pipeline *pipeline = reading->pipeline;
    enum pipeline_verdict verdict = PIPELINE_GOES_ON;
    struct progress progress = {.is_wanted =
                                    !options->quiet && !reading->viewer && isatty(STDERR_FILENO),
                                .started_ms = clock_monotonic_ms()};
    bool flush_each = is_stream(reading);
    while (verdict == PIPELINE_GOES_ON && !interrupted) {
        size_t most;
        struct sbl_frame *frames = pipeline_frames(pipeline, &most);
        size_t count = capture_next(reading->capture, frames, most);
        if (count == 0)
            break;
        viewer_lock(reading->viewer);
        verdict = pipeline_feed(pipeline, count);
        viewer_unlock(reading->viewer);
        if (flush_each)
            pipeline_flush(pipeline);
        progress_tell(&progress, reading->capture, pipeline_stats(pipeline)->frames);
    }
    progress_end(&progress);
    return verdict;
}

static int verdict_status(enum capture_verdict verdict) {
    switch (verdict) {
    case CAPTURE_WHOLE:
        return EXIT_DONE;
    case CAPTURE_DAMAGED:
        return EXIT_PARTIAL;
    case CAPTURE_NOTHING:
        break;
    }
    return EXIT_RUNTIME;
}

/* 0, or an exit status after saying what is wrong. */
static int open_capture(struct reading *reading) {
    struct capture_options wanted = {.inputs = reading->inputs,
                                     .input_count = reading->input_count,
                                     .sensors = reading->options->sensors,
                                     .sensor_count = reading->options->sensor_count,
                                     .filter = reading->options->filter,
                                     .stats = &reading->unused,
                                     .context = reading,
                                     .complain = complain,
                                     .keeps_frames = reading->jobs > 1,
                                     .stop = &interrupted,
                                     .before_inputs = confine};
    int failed = capture_open(&reading->capture, &wanted);
    if (failed && failed != -EINVAL)
        fprintf(stderr, "smblame: cannot open the input: %s\n", strerror(-failed));
    return failed == -EINVAL ? EXIT_USAGE : failed ? EXIT_RUNTIME : EXIT_DONE;
}

static bool is_same(const char *one, const struct stat *other) {
    struct stat about;
    return stat(one, &about) == 0 && about.st_dev == other->st_dev && about.st_ino == other->st_ino;
}

/* Whether the evidence would be written over what is read: an input, or a file of a directory that
 * is one. */
static bool is_evidence_an_input(const struct reading *reading) {
    struct stat evidence, folder;
    char path[PATH_MAX];
    const char *name = reading->options->evidence;
    if (!name || stat(name, &evidence) < 0 || !S_ISREG(evidence.st_mode) || !realpath(name, path))
        return false;
    bool has_folder = stat(dirname(path), &folder) == 0;
    for (size_t i = 0; i < reading->input_count; i++)
        if (is_same(reading->inputs[i], &evidence) ||
            (has_folder && is_same(reading->inputs[i], &folder)))
            return true;
    return false;
}

static int start_pipeline(struct reading *reading, const struct sbl_knowledge *knowledge) {
    if (is_evidence_an_input(reading)) {
        fprintf(stderr, "smblame: -w: %s is one of the inputs\n", reading->options->evidence);
        return EXIT_USAGE;
    }
    const struct pipeline_names names = {reading, file_name, process_name};
    const struct pipeline_jobs jobs = {reading->jobs, reading, mark, release};
    int failed = pipeline_new(&reading->pipeline, reading->options, knowledge, &names,
                              reading->jobs > 1 ? &jobs : NULL);
    if (!failed)
        pipeline_run_on_open(reading->pipeline, reading->runner);
    return failed == -EINVAL ? EXIT_USAGE : failed ? EXIT_RUNTIME : EXIT_DONE;
}

/* With --watch, from now on. What there is to say on the way is kept for the end. */
static int start_viewer(struct reading *reading) {
    struct screen *screen = pipeline_screen(reading->pipeline);
    if (!screen)
        return EXIT_DONE;
    int failed = viewer_start(&reading->viewer, screen, pipeline_stats(reading->pipeline));
    if (failed)
        return failed == -ENOTTY ? EXIT_USAGE : EXIT_RUNTIME;
    reading->notes = open_memstream(&reading->noted, &reading->noted_bytes);
    return EXIT_DONE;
}

static void end_viewer(struct reading *reading) {
    viewer_close(reading->viewer);
    reading->viewer = NULL;
    if (!reading->notes)
        return;
    fclose(reading->notes);
    fputs(reading->noted, stderr);
    free(reading->noted);
    reading->notes = NULL;
}

/* 0, a negative errno of the output, or PIPELINE_AGAIN. `*status` is what became of the inputs. */
static int read_through(struct reading *reading, int *status) {
    enum pipeline_verdict verdict = read_all(reading);
    end_viewer(reading);
    if (verdict == PIPELINE_AGAIN)
        return PIPELINE_AGAIN;
    *status = verdict_status(capture_verdict(reading->capture));
    return *status == EXIT_RUNTIME ? 0 : pipeline_finish(reading->pipeline);
}

static int read_again(struct reading *reading, int *status) {
    reading->heard = reading->complaints;
    reading->complaints = 0;
    int failed = capture_rewind(reading->capture);
    if (!failed)
        failed = pipeline_start_over(reading->pipeline);
    return failed ? failed : read_through(reading, status);
}

static int replay_with(struct reading *reading, const struct sbl_knowledge *knowledge) {
    int status = start_pipeline(reading, knowledge);
    if (!status)
        status = start_viewer(reading);
    if (!status)
        status = open_capture(reading); /* from now on in a cage */
    if (status) {
        end_viewer(reading);
        return status;
    }
    int failed = read_through(reading, &status);
    if (failed == PIPELINE_AGAIN)
        failed = read_again(reading, &status);
    if (failed) {
        fprintf(stderr, "smblame: cannot write the results: %s\n", strerror(-failed));
        status = EXIT_RUNTIME;
    }
    return status;
}

/* Before there are threads. */
static int start_runner(struct reading *reading) {
    const struct options *options = reading->options;
    char error[256];
    if (!options->exec_on_open)
        return EXIT_DONE;
    if (options->diagnosis_off) {
        fputs("smblame: --exec-on-open waits for diagnoses, and --no-diagnosis looks for none\n",
              stderr);
        return EXIT_USAGE;
    }
    const struct runner_options wanted = {.command = options->exec_on_open,
                                          .names = {.context = reading, .file = file_name}};
    int failed = runner_start(&reading->runner, &wanted, error, sizeof error);
    if (!failed)
        return EXIT_DONE;
    fprintf(stderr, "smblame: %s\n", error);
    return failed == -EINVAL || failed == -ENOENT || failed == -EACCES ? EXIT_USAGE : EXIT_RUNTIME;
}

/* One analysis over `count` inputs read as one capture. */
static int replay(const struct options *options, const struct sbl_knowledge *knowledge,
                  const char *const *inputs, size_t count) {
    struct reading reading = {.options = options, .inputs = inputs, .input_count = count};
    reading.jobs = jobs_for(&reading);
    int status = start_runner(&reading);
    if (!status)
        status = replay_with(&reading, knowledge);
    pipeline_free(reading.pipeline);
    runner_close(reading.runner, UINT32_MAX); /* each command has its own end */
    if (reading.capture)
        capture_close(reading.capture);
    return status;
}

/* One of several, each on its own. */
struct separate {
    const struct options *options;
    const struct sbl_knowledge *knowledge;
    const char *const *input;
};

static int replay_one(void *context) {
    const struct separate *separate = context;
    return replay(separate->options, separate->knowledge, separate->input, 1);
}

/* With --separate, what all inputs came to; where they differ, the results are partial. */
static int status_of(int one, int other) {
    if (one == other)
        return one;
    return EXIT_PARTIAL;
}

/* Each in a process of its own: a cage cannot be left, and nothing of one input reaches the next.
 */
static int replay_separately(const struct options *options, const struct sbl_knowledge *knowledge) {
    int status = -1;
    for (size_t i = 0; i < options->input_count && !interrupted; i++) {
        struct separate separate = {options, knowledge, &options->inputs[i]};
        if (!options->json)
            printf("%s== %s ==\n", i ? "\n" : "", options->inputs[i]);
        int one = apart_run(replay_one, &separate, options->inputs[i], &interrupted);
        if (one == EXIT_USAGE)
            return one;
        status = status < 0 ? one : status_of(status, one);
    }
    return status;
}

int service_replay(const struct options *options, const struct sbl_knowledge *knowledge) {
    catch_signals();
    if (options->separate && options->input_count > 1)
        return replay_separately(options, knowledge);
    return replay(options, knowledge, options->inputs, options->input_count);
}
