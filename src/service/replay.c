/* Files: read to the end, or until interrupted (the way to end `ssh ... | smblame -r -`), then the
 * results of what was read. */
#include "service/service.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/capture.h"
#include "service/pipeline.h"

enum { BATCH = 64, PROGRESS_EVERY_MS = 250, PROGRESS_FROM_MS = 1000 };

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

static void complain(void *context, const char *message) {
    (void)context;
    fprintf(stderr, "smblame: %s\n", message);
}

static const char *file_name(void *context, uint16_t file) {
    const char *path = capture_file_name(context, file);
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path;
}

static bool process_name(void *context, uint16_t file, uint32_t process, uint32_t *pid,
                         struct sbl_text *path) {
    struct capture_process found;
    if (!capture_process_find(context, file, process, &found))
        return false;
    *pid = found.pid;
    *path = found.path;
    return true;
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

static bool is_stream(const struct options *options) {
    for (size_t i = 0; i < options->input_count; i++)
        if (strcmp(options->inputs[i], "-") == 0)
            return true;
    return false;
}

static void read_all(const struct options *options, struct capture *capture,
                     struct pipeline *pipeline) {
    struct sbl_frame frames[BATCH];
    struct progress progress = {.is_wanted = !options->quiet && isatty(STDERR_FILENO),
                                .started_ms = clock_monotonic_ms()};
    bool flush_each = is_stream(options), goes_on = true;
    while (goes_on && !interrupted) {
        size_t count = capture_next(capture, frames, BATCH);
        if (count == 0)
            break;
        goes_on = pipeline_feed(pipeline, frames, count);
        if (flush_each)
            pipeline_flush(pipeline);
        progress_tell(&progress, capture, pipeline_stats(pipeline)->frames);
    }
    progress_end(&progress);
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

/* One analysis over `count` inputs read as one capture. */
static int replay(const struct options *options, const struct sbl_knowledge *knowledge,
                  const char *const *inputs, size_t count) {
    struct capture *capture = NULL;
    struct pipeline *pipeline = NULL;
    struct sbl_stats unused = {0};
    struct capture_options wanted = {.inputs = inputs,
                                     .input_count = count,
                                     .filter = options->filter,
                                     .stats = &unused,
                                     .complain = complain,
                                     .stop = &interrupted};
    int failed = capture_open(&capture, &wanted);
    if (failed) {
        if (failed != -EINVAL)
            fprintf(stderr, "smblame: cannot open the input: %s\n", strerror(-failed));
        return failed == -EINVAL ? EXIT_USAGE : EXIT_RUNTIME;
    }
    const struct pipeline_names names = {capture, file_name, process_name};
    failed = pipeline_new(&pipeline, options, knowledge, &names);
    if (failed) {
        capture_close(capture);
        return failed == -EINVAL ? EXIT_USAGE : EXIT_RUNTIME;
    }
    read_all(options, capture, pipeline);
    int status = verdict_status(capture_verdict(capture));
    if (status != EXIT_RUNTIME) {
        failed = pipeline_finish(pipeline);
        if (failed) {
            fprintf(stderr, "smblame: cannot write the results: %s\n", strerror(-failed));
            status = EXIT_RUNTIME;
        }
    }
    pipeline_free(pipeline);
    capture_close(capture);
    return status;
}

/* With --separate, what all inputs came to; where they differ, the results are partial. */
static int status_of(int one, int other) {
    if (one == other)
        return one;
    return EXIT_PARTIAL;
}

int service_replay(const struct options *options, const struct sbl_knowledge *knowledge) {
    catch_signals();
    if (!options->separate)
        return replay(options, knowledge, options->inputs, options->input_count);
    int status = -1;
    for (size_t i = 0; i < options->input_count && !interrupted; i++) {
        if (!options->json && options->input_count > 1)
            printf("%s== %s ==\n", i ? "\n" : "", options->inputs[i]);
        fflush(stdout);
        int one = replay(options, knowledge, &options->inputs[i], 1);
        if (one == EXIT_USAGE)
            return one;
        status = status < 0 ? one : status_of(status, one);
    }
    return status;
}
