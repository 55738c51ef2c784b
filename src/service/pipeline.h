/* One analysis from frames to output: an engine with the records or the summary behind it. Replay
 * and live differ only in where the frames come from. */
#ifndef SMBLAME_SERVICE_PIPELINE_H
#define SMBLAME_SERVICE_PIPELINE_H

#include <stddef.h>

#include <smblame/engine.h>

#include "config/options.h"
#include "emit/emit.h"

struct pipeline;

/* Where the names come from that only the capture knows; see struct emit_names. */
struct pipeline_names {
    void *context;
    const char *(*file)(void *context, uint16_t file);
    bool (*process)(void *context, uint16_t file, uint32_t process, uint32_t *pid,
                    struct sbl_text *path);
};

/* 0, or a negative errno after a line on stderr. `options` and `knowledge` (may be NULL with
 * --no-diagnosis) are borrowed until pipeline_free. */
int pipeline_new(struct pipeline **pipeline, const struct options *options,
                 const struct sbl_knowledge *knowledge, const struct pipeline_names *names);

/* Feeds frames, at most what is left of -c. Returns false once that limit is reached. */
bool pipeline_feed(struct pipeline *pipeline, const struct sbl_frame *frames, size_t count);

/* Puts out what is written so far (a reader of live records waits for them). */
void pipeline_flush(struct pipeline *pipeline);

/* Writes a statistics record now (live, with --json). */
void pipeline_tell_stats(struct pipeline *pipeline);

/* Ends the capture, writes the last records or the summary. 0 or a negative errno of the output. */
int pipeline_finish(struct pipeline *pipeline);

struct sbl_stats *pipeline_stats(struct pipeline *pipeline);
void pipeline_free(struct pipeline *pipeline);

#endif
