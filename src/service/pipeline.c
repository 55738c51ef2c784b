/* The wiring of engine and emit, by the options. */
#include "service/pipeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "jobs/jobs.h"
#include "service/keeping.h"
#include "service/outlet.h"

enum { BATCH = 64 };

struct pipeline {
    const struct options *options;
    struct pipeline_names names;
    struct sbl_engine *engine; /* one thread */
    struct jobs *jobs;         /* else */
    struct sbl_frame frames[BATCH];
    struct outlet *outlet;
    struct keeping *keeping; /* -w */
    void *kept;              /* with it: the frames */
    struct keep keep;
    struct sbl_keeper keeper;
    bool is_full; /* -c reached */
};

static const char *name_of_file(void *context, uint16_t file) {
    struct pipeline *pipeline = context;
    return pipeline->names.file ? pipeline->names.file(pipeline->names.context, file) : NULL;
}

static bool name_of_process(void *context, uint16_t file, uint32_t process, uint32_t *pid,
                            struct sbl_text *path) {
    struct pipeline *pipeline = context;
    return pipeline->names.process &&
           pipeline->names.process(pipeline->names.context, file, process, pid, path);
}

static const char *name_of_application(void *context, uint16_t application) {
    struct pipeline *pipeline = context;
    if (pipeline->jobs)
        return jobs_application(pipeline->jobs, application);
    return pipeline->engine ? sbl_engine_application(pipeline->engine, application) : NULL;
}

static int start_engine(struct pipeline *pipeline, const struct sbl_knowledge *knowledge,
                        const struct pipeline_jobs *jobs) {
    struct sbl_engine_options engine =
        outlet_engine(pipeline->outlet, pipeline->options, knowledge);
    engine.keeper = pipeline->keeping ? &pipeline->keeper : NULL;
    if (!jobs)
        return sbl_engine_new(&pipeline->engine, &engine);
    const struct jobs_options shared = {.workers = jobs->count,
                                        .context = jobs->context,
                                        .mark = jobs->mark,
                                        .release = jobs->release};
    return jobs_new(&pipeline->jobs, &engine, &shared);
}

static int start_keeping(struct pipeline *pipeline) {
    const struct options *options = pipeline->options;
    pipeline->kept = pages_reserve(keeping_memory(&options->limits));
    if (!pipeline->kept)
        return -ENOMEM;
    keeping_prepare(pipeline->kept, &options->limits);
    const void *const memories[] = {pipeline->kept};
    const struct keeping_source source = {
        .memories = memories, .count = 1, .names = {pipeline, name_of_file}};
    int failed = keeping_new(&pipeline->keeping, options, outlet_page(pipeline->outlet), &source);
    if (failed)
        return failed;
    outlet_keep(pipeline->outlet, keeping_evidence(pipeline->keeping));
    return keeping_capture(&pipeline->keep, &pipeline->keeper, pipeline->kept,
                           options->raw_evidence);
}

static int start(struct pipeline *pipeline, const struct sbl_knowledge *knowledge,
                 const struct pipeline_jobs *jobs) {
    const struct options *options = pipeline->options;
    const struct emit_names names = {pipeline, name_of_file, name_of_process, name_of_application,
                                     false};
    int failed = outlet_new(&pipeline->outlet, options, knowledge, &names);
    if (!failed && options->evidence && (failed = start_keeping(pipeline)) != 0)
        return failed;
    if (!failed)
        failed = start_engine(pipeline, knowledge, jobs);
    if (failed && failed != -EINVAL) /* that was said */
        fprintf(stderr, "smblame: cannot start: %s\n", strerror(-failed));
    else if (!failed && options->verbose && !options->quiet)
        fprintf(stderr, "smblame: memory at most %.0f MB for the analysis; --limit changes it\n",
                (double)(jobs_ceiling(jobs ? jobs->count : 1, &options->limits) +
                         (pipeline->keeping ? keeping_ceiling(&options->limits) : 0)) /
                    1e6);
    return failed;
}

int pipeline_new(struct pipeline **pipeline, const struct options *options,
                 const struct sbl_knowledge *knowledge, const struct pipeline_names *names,
                 const struct pipeline_jobs *jobs) {
    *pipeline = calloc(1, sizeof **pipeline);
    if (!*pipeline)
        return -ENOMEM;
    **pipeline = (struct pipeline){.options = options, .names = *names};
    int failed = start(*pipeline, knowledge, jobs);
    if (failed) {
        pipeline_free(*pipeline);
        *pipeline = NULL;
    }
    return failed;
}

void pipeline_set_uncaged(struct pipeline *pipeline) {
    outlet_set_uncaged(pipeline->outlet);
}

void pipeline_run_on_open(struct pipeline *pipeline, struct runner *runner) {
    outlet_run_on_open(pipeline->outlet, runner);
}

struct sbl_frame *pipeline_frames(struct pipeline *pipeline, size_t *most) {
    if (pipeline->jobs)
        return jobs_frames(pipeline->jobs, most);
    *most = BATCH;
    return pipeline->frames;
}

/* One by one: the frame that is waited for is the last one. */
static void feed_until_met(struct pipeline *pipeline, size_t count) {
    for (size_t i = 0; i < count && !outlet_is_met(pipeline->outlet); i++)
        sbl_engine_feed(pipeline->engine, &pipeline->frames[i], 1);
    if (outlet_is_met(pipeline->outlet))
        pipeline->is_full = true;
}

enum pipeline_verdict pipeline_feed(struct pipeline *pipeline, size_t count) {
    uint64_t limit = pipeline->options->frame_limit;
    uint64_t seen = pipeline_stats(pipeline)->frames;
    if (limit && count >= limit - seen) {
        count = (size_t)(limit - seen);
        pipeline->is_full = true;
    }
    if (pipeline->options->stop_when_count)
        feed_until_met(pipeline, count);
    else if (!pipeline->jobs)
        sbl_engine_feed(pipeline->engine, pipeline->frames, count);
    else if (!jobs_feed(pipeline->jobs, count))
        return PIPELINE_AGAIN;
    return pipeline->is_full ? PIPELINE_FULL : PIPELINE_GOES_ON;
}

void pipeline_flush(struct pipeline *pipeline) {
    (void)outlet_flush(pipeline->outlet); /* the error stays and is told at the end */
}

int pipeline_finish(struct pipeline *pipeline) {
    if (!pipeline->jobs)
        sbl_engine_finish(pipeline->engine);
    else if (!jobs_finish(pipeline->jobs))
        return PIPELINE_AGAIN;
    if (pipeline->keeping)
        keeping_finish(pipeline->keeping, pipeline_stats(pipeline));
    return outlet_finish(pipeline->outlet, pipeline_stats(pipeline), NULL);
}

struct screen *pipeline_screen(struct pipeline *pipeline) {
    return outlet_screen(pipeline->outlet);
}

struct sbl_stats *pipeline_stats(struct pipeline *pipeline) {
    return pipeline->jobs ? jobs_stats(pipeline->jobs) : sbl_engine_stats(pipeline->engine);
}

int pipeline_start_over(struct pipeline *pipeline) {
    pipeline->is_full = false;
    return jobs_start_over(pipeline->jobs);
}

void pipeline_free(struct pipeline *pipeline) {
    if (!pipeline)
        return;
    sbl_engine_free(pipeline->engine);
    jobs_free(pipeline->jobs);
    outlet_free(pipeline->outlet);
    keeping_free(pipeline->keeping);
    if (pipeline->kept)
        pages_free(pipeline->kept, keeping_memory(&pipeline->options->limits));
    free(pipeline);
}
