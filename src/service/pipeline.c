/* The wiring of engine and emit, by the options. */
#include "service/pipeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "deliver/output.h"
#include "jobs/jobs.h"

enum { BATCH = 64 };

struct pipeline {
    const struct options *options;
    struct pipeline_names names;
    struct sbl_engine *engine; /* one thread */
    struct jobs *jobs;         /* else */
    struct sbl_frame frames[BATCH];
    struct records *records; /* --json */
    struct summary *summary; /* else */
    struct text_codepage codepage;
    char image_path[1024];
    int output_fd;
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

static void take_attempt(void *context, const struct sbl_attempt *attempt) {
    struct pipeline *pipeline = context;
    if (pipeline->records)
        records_attempt(pipeline->records, attempt);
    else
        summary_attempt(pipeline->summary, attempt);
}

static void take_tree_refusal(void *context, const struct sbl_tree_refusal *refusal) {
    struct pipeline *pipeline = context;
    if (pipeline->records)
        records_tree_refusal(pipeline->records, refusal);
    else
        summary_tree_refusal(pipeline->summary, refusal);
}

static void take_probe(void *context, const struct sbl_probe *probe) {
    struct pipeline *pipeline = context;
    if (pipeline->records)
        records_probe(pipeline->records, probe);
    else
        summary_probe(pipeline->summary, probe);
}

static void take_diagnosis(void *context, const struct sbl_diagnosis *diagnosis) {
    struct pipeline *pipeline = context;
    if (pipeline->records)
        records_diagnosis(pipeline->records, diagnosis);
    else
        summary_diagnosis(pipeline->summary, diagnosis);
}

/* --json tells single findings only with --events. */
static struct sbl_listener listener_of(struct pipeline *pipeline) {
    struct sbl_listener listener = {.context = pipeline};
    if (!pipeline->options->diagnosis_off)
        listener.diagnosis = take_diagnosis;
    if (!pipeline->options->json || pipeline->options->events) {
        listener.attempt = take_attempt;
        listener.tree_refusal = take_tree_refusal;
        listener.probe = take_probe;
    }
    return listener;
}

static const char *image_path(void *context, struct sbl_frame_ref frame, uint32_t process) {
    struct pipeline *pipeline = context;
    struct sbl_text path = {0};
    uint32_t pid;
    bool lossy;
    if (!name_of_process(pipeline, frame.file, process, &pid, &path))
        return NULL;
    size_t size = text_to_utf8(path, &pipeline->codepage, pipeline->image_path,
                               sizeof pipeline->image_path - 1, &lossy);
    pipeline->image_path[size] = 0;
    return pipeline->image_path;
}

static int start_engine(struct pipeline *pipeline, const struct sbl_knowledge *knowledge,
                        const struct pipeline_jobs *jobs) {
    const struct options *options = pipeline->options;
    struct sbl_engine_options engine = {
        .classify = options->classify,
        .listener = listener_of(pipeline),
        .diagnosis = {.knowledge = knowledge,
                      .lockout_threshold = options->lockout_threshold,
                      .lockout_window_min = options->lockout_window_min,
                      .confirmed = options->confirmed,
                      .confirmed_count = options->confirmed_count,
                      .oem_codepage = options->codepage,
                      .process_context = pipeline,
                      .process = image_path},
        .limits = options->limits};
    if (!jobs)
        return sbl_engine_new(&pipeline->engine, &engine);
    const struct jobs_options shared = {.workers = jobs->count,
                                        .context = jobs->context,
                                        .mark = jobs->mark,
                                        .release = jobs->release};
    return jobs_new(&pipeline->jobs, &engine, &shared);
}

static int start(struct pipeline *pipeline, const struct sbl_knowledge *knowledge,
                 const struct pipeline_jobs *jobs) {
    const struct options *options = pipeline->options;
    int failed = text_codepage_init(&pipeline->codepage, options->codepage);
    if (failed) {
        fprintf(stderr,
                "smblame: --oem-codepage: '%s' is no 8-bit code page that iconv knows; "
                "'iconv -l' lists them\n",
                options->codepage);
        return failed;
    }
    const struct emit_names names = {pipeline, name_of_file, name_of_process, name_of_application};
    const struct emit_output output = {&pipeline->output_fd, output_write};
    failed = options->json ? records_new(&pipeline->records, &output, &names, &pipeline->codepage)
                           : summary_new(&pipeline->summary, &names, &pipeline->codepage);
    if (!failed)
        failed = start_engine(pipeline, knowledge, jobs);
    if (failed)
        fprintf(stderr, "smblame: cannot start: %s\n", strerror(-failed));
    else if (options->verbose && !options->quiet)
        fprintf(stderr, "smblame: memory at most %.0f MB for the analysis; --limit changes it\n",
                (double)jobs_ceiling(jobs ? jobs->count : 1, &options->limits) / 1e6);
    return failed;
}

int pipeline_new(struct pipeline **pipeline, const struct options *options,
                 const struct sbl_knowledge *knowledge, const struct pipeline_names *names,
                 const struct pipeline_jobs *jobs) {
    *pipeline = calloc(1, sizeof **pipeline);
    if (!*pipeline)
        return -ENOMEM;
    **pipeline = (struct pipeline){.options = options, .names = *names, .output_fd = STDOUT_FILENO};
    int failed = start(*pipeline, knowledge, jobs);
    if (failed) {
        pipeline_free(*pipeline);
        *pipeline = NULL;
    }
    return failed;
}

struct sbl_frame *pipeline_frames(struct pipeline *pipeline, size_t *most) {
    if (pipeline->jobs)
        return jobs_frames(pipeline->jobs, most);
    *most = BATCH;
    return pipeline->frames;
}

enum pipeline_verdict pipeline_feed(struct pipeline *pipeline, size_t count) {
    uint64_t limit = pipeline->options->frame_limit;
    uint64_t seen = pipeline_stats(pipeline)->frames;
    if (limit && count >= limit - seen) {
        count = (size_t)(limit - seen);
        pipeline->is_full = true;
    }
    if (!pipeline->jobs)
        sbl_engine_feed(pipeline->engine, pipeline->frames, count);
    else if (!jobs_feed(pipeline->jobs, count))
        return PIPELINE_AGAIN;
    return pipeline->is_full ? PIPELINE_FULL : PIPELINE_GOES_ON;
}

void pipeline_flush(struct pipeline *pipeline) {
    if (pipeline->records)
        (void)records_flush(pipeline->records); /* the error stays and is told at the end */
}

void pipeline_tell_stats(struct pipeline *pipeline) {
    if (!pipeline->records)
        return;
    records_stats(pipeline->records, pipeline_stats(pipeline));
    pipeline_flush(pipeline);
}

static unsigned terminal_width(void) {
    struct winsize size = {0};
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40;
    return known ? size.ws_col : 100;
}

int pipeline_finish(struct pipeline *pipeline) {
    if (!pipeline->jobs)
        sbl_engine_finish(pipeline->engine);
    else if (!jobs_finish(pipeline->jobs))
        return PIPELINE_AGAIN;
    if (pipeline->records) {
        records_stats(pipeline->records, pipeline_stats(pipeline));
        return records_flush(pipeline->records);
    }
    const char *no_colour = getenv("NO_COLOR");
    struct summary_style style = {.colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour),
                                  .verbose = pipeline->options->verbose,
                                  .width = terminal_width()};
    summary_print(pipeline->summary, pipeline_stats(pipeline), &style, stdout);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : -EIO;
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
    records_free(pipeline->records);
    summary_free(pipeline->summary);
    free(pipeline);
}
