/* A source: one file (or pipe, or stretch of memory) from its first byte to its last frame:
 * decompressed, recognised by its magic, read by its format, filtered, complained about. */
#ifndef SMBLAME_CAPTURE_SOURCE_H
#define SMBLAME_CAPTURE_SOURCE_H

#include <smblame/stats.h>

#include "capture/complaint.h"
#include "capture/filter.h"
#include "capture/format.h"

struct source {
    struct input input;
    struct reader reader;
    const struct format *format;
    const char *name; /* borrowed */
    struct complaint complaint;
    struct filter *filter; /* borrowed; NULL: all frames */
    bool is_told, is_ended;
    bool is_spoilt; /* a sensor sends what cannot be read: passed over until it ends */
};

/* What a source needs to begin. All borrowed for its life. */
struct source_options {
    const char *path; /* "-": standard input */
    const char *name; /* NULL: the path */
    uint16_t file;
    struct complaint complaint;
    struct filter *filter;
    struct process_list *process;
    struct sbl_stats *stats; /* cap hits while opening; NULL: not counted */
    const volatile sig_atomic_t *stop;
    struct buffers *buffers; /* as struct input says, from the first frame on; NULL: none */
    size_t read_bytes; /* asked of the input at once; 0: what is fastest. Tests ask for little */
};

enum source_result {
    SOURCE_OPEN = 0,
    SOURCE_NO_CAPTURE, /* empty, or no magic number we know */
    SOURCE_UNREADABLE, /* not to be opened, or cut within its header */
};

/* Opens a file. An enum source_result (what is wrong was complained about), or -ENOMEM. After
 * anything but SOURCE_OPEN there is nothing to close. */
int source_open(struct source *source, const struct source_options *options);

/* The same for a sensor: a named pipe, of which nobody waits (input_open_sensor). It need not have
 * a writer yet; what comes is looked at when it comes, by source_read. */
int source_open_sensor(struct source *source, const struct source_options *options);

/* A sensor's stream has ended: what comes next on its pipe is another one. Frames go on to be
 * counted. 0, -ENOMEM, or the negative errno of opening the pipe once more; then it is as it was.
 */
int source_restart(struct source *source, const struct source_options *options);

/* The same over bytes in memory; options->path only names it. */
int source_open_memory(struct source *source, const uint8_t *bytes, size_t size,
                       const struct source_options *options);

/* The next frames, at most `max`, as soon as there are any. 0 at the end, and of a sensor when
 * there are none just now (is_ended tells). They borrow from the source until the next call. */
size_t source_read(struct source *source, struct sbl_frame *frames, size_t max);

/* Whether something was wrong with what was read so far. */
static inline bool source_is_damaged(const struct source *source) {
    return source->reader.damage[0] != '\0';
}

void source_close(struct source *source);

#endif
