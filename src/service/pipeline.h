/* One analysis from frames to output: an engine with the records or the summary behind it. Replay
 * and live differ only in where the frames come from. */
#ifndef SMBLAME_SERVICE_PIPELINE_H
#define SMBLAME_SERVICE_PIPELINE_H

#include <stddef.h>

#include <smblame/engine.h>

#include "config/options.h"
#include "emit/emit.h"
#include "emit/screen.h"
#include "service/runner.h"

struct pipeline;

/* Where the names come from that only the capture knows; see struct emit_names. */
struct pipeline_names {
    void *context;
    const char *(*file)(void *context, uint16_t file);
    bool (*process)(void *context, uint16_t file, uint32_t process, uint32_t *pid,
                    struct sbl_text *path);
};

/* What a capture that keeps its frames has to offer, see capture.h, and how many threads share the
 * connections then. */
struct pipeline_jobs {
    unsigned count;
    void *context;
    uint64_t (*mark)(void *context);
    void (*release)(void *context, uint64_t mark);
};

enum pipeline_verdict {
    PIPELINE_GOES_ON = 0,
    PIPELINE_FULL, /* -c is reached, or what --stop-when waits for was seen */
    PIPELINE_AGAIN /* the capture has to be read from its beginning again, by one thread */
};

/* 0, or a negative errno after a line on stderr. `options` and `knowledge` (may be NULL with
 * --no-diagnosis) are borrowed until pipeline_free. `jobs` may be NULL: one thread. */
int pipeline_new(struct pipeline **pipeline, const struct options *options,
                 const struct sbl_knowledge *knowledge, const struct pipeline_names *names,
                 const struct pipeline_jobs *jobs);

/* Every record says from now on that the kernel does not confine this process. */
void pipeline_set_uncaged(struct pipeline *pipeline);

/* --exec-on-open: who is told of diagnoses from now on. Borrowed until pipeline_free. */
void pipeline_run_on_open(struct pipeline *pipeline, struct runner *runner);

/* Where the next frames are to be written, and how many at most. */
struct sbl_frame *pipeline_frames(struct pipeline *pipeline, size_t *most);

/* Takes `count` frames that were written there, at most what is left of -c. */
enum pipeline_verdict pipeline_feed(struct pipeline *pipeline, size_t count);

/* Puts out what is written so far (a reader of live records waits for them). */
void pipeline_flush(struct pipeline *pipeline);

/* Ends the capture, writes the last records or the summary. 0, a negative errno of the output, or
 * PIPELINE_AGAIN. */
int pipeline_finish(struct pipeline *pipeline);

/* After PIPELINE_AGAIN: the frames from the beginning of the capture are next. 0 or -ENOMEM. */
int pipeline_start_over(struct pipeline *pipeline);

/* With --watch: what is to be drawn, else NULL. It takes in what the pipeline is fed. */
struct screen *pipeline_screen(struct pipeline *pipeline);

struct sbl_stats *pipeline_stats(struct pipeline *pipeline);
void pipeline_free(struct pipeline *pipeline);

#endif
