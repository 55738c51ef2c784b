/* pause FILE...: the longest pauses of a replay. Files are replayed as `smblame --json -q` does it,
 * by one thread in batches of 64 frames, and each batch is timed: by the processor time it takes,
 * which does not depend on what else the machine does, and by the clock. A live capture would have
 * to wait in its ring for so long. The end of the capture is apart: nobody waits there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capture/capture.h"
#include "knowledge/knowledge.h"
#include "service/pipeline.h"

enum { BATCH = 64, LONGEST = 8 };

struct pause {
    double cpu_ms, clock_ms;
    uint64_t frame; /* the first of the batch */
};

struct stopwatch {
    struct timespec cpu, clock;
};

static double ms_between(struct timespec from, struct timespec to) {
    return (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
}

static struct stopwatch start(void) {
    struct stopwatch now;
    clock_gettime(CLOCK_MONOTONIC, &now.clock);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now.cpu);
    return now;
}

static struct pause stop(struct stopwatch from, uint64_t frame) {
    struct stopwatch now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now.cpu);
    clock_gettime(CLOCK_MONOTONIC, &now.clock);
    return (struct pause){ms_between(from.cpu, now.cpu), ms_between(from.clock, now.clock), frame};
}

/* Keeps the longest, the longest first. */
static void keep(struct pause kept[LONGEST], struct pause pause) {
    for (unsigned i = 0; i < LONGEST; i++) {
        if (pause.cpu_ms <= kept[i].cpu_ms)
            continue;
        struct pause shorter = kept[i];
        kept[i] = pause;
        pause = shorter;
    }
}

static void complain(void *context, const char *message) {
    (void)context;
    fprintf(stderr, "pause: %s\n", message);
}

static void replay(struct capture *capture, struct pipeline *pipeline) {
    struct pause longest[LONGEST] = {{0}};
    uint64_t done = 0;
    size_t most;
    struct sbl_frame *frames = pipeline_frames(pipeline, &most);
    most = most < BATCH ? most : BATCH;
    for (size_t count; (count = capture_next(capture, frames, most)) > 0; done += count) {
        struct stopwatch begun = start();
        pipeline_feed(pipeline, count);
        keep(longest, stop(begun, done + 1));
    }
    fprintf(stderr, "%llu frames; longest pause %.2f ms\n", (unsigned long long)done,
            longest[0].cpu_ms);
    for (unsigned i = 0; i < LONGEST; i++)
        fprintf(stderr, "  %8.2f ms of CPU, %8.2f ms by the clock, at frame %llu\n",
                longest[i].cpu_ms, longest[i].clock_ms, (unsigned long long)longest[i].frame);
    struct stopwatch begun = start();
    pipeline_finish(pipeline);
    struct pause end = stop(begun, done);
    fprintf(stderr, "the end takes %.2f ms of CPU, %.2f ms by the clock\n", end.cpu_ms,
            end.clock_ms);
}

int main(int argc, char **argv) {
    struct options options;
    struct sbl_knowledge *knowledge = NULL;
    struct pipeline *pipeline = NULL;
    struct capture *capture = NULL;
    struct sbl_stats unused = {0};
    int status = options_parse(&options, argc, argv);
    struct capture_options wanted = {.inputs = options.inputs,
                                     .input_count = options.input_count,
                                     .stats = &unused,
                                     .complain = complain};
    if (status || sbl_knowledge_new(&knowledge, NULL, stderr) || capture_open(&capture, &wanted)) {
        options_free(&options);
        return 1;
    }
    const struct pipeline_names nobody = {0};
    options.json = true;
    status = pipeline_new(&pipeline, &options, knowledge, &nobody, NULL);
    if (!status)
        replay(capture, pipeline);
    pipeline_free(pipeline);
    capture_close(capture);
    sbl_knowledge_free(knowledge);
    options_free(&options);
    return status != 0;
}
