/* Several files as one stream in the order of time. A file waits, closed, until its first frame is
 * due, so a ring of ten thousand files needs one buffer, and only files that overlap in time are
 * open together.
 *
 * Sensors (pipes that are written to now) are open from the beginning. The order of time holds
 * among those that speak; one that is silent is waited for, but not longer than a second, and not
 * at all once it has been silent for so long.
 *
 * Frames of one file are never reordered. A frame is due at the earliest time of it and the frames
 * read ahead behind it: one frame with a clock gone wrong does not hold back those that follow. */
#ifndef SMBLAME_CAPTURE_MERGE_H
#define SMBLAME_CAPTURE_MERGE_H

#include "capture/buffers.h"
#include "capture/inputs.h"
#include "capture/source.h"

enum {
    MERGE_BATCH = 64,
    MERGE_PATIENCE_MS = 1000, /* so long the others wait for a sensor */
};

/* A file that is being read, and what of it was read ahead. */
struct active {
    struct source source;
    uint32_t file;
    uint64_t heard_ms; /* a sensor: when it was last read and had frames */
    size_t at, count;
    struct sbl_frame frames[MERGE_BATCH];
    int64_t due[MERGE_BATCH];
};

struct waiting {
    int64_t first_ns;
    uint32_t file;
};

struct merge {
    struct input_list files;
    struct filter *filter;
    struct complaint complaint;
    struct sbl_stats *stats;
    const volatile sig_atomic_t *stop;
    struct buffers *buffers; /* NULL: frames live until the next batch */
    struct waiting *waiting; /* by first_ns, then as given */
    uint32_t next, waiting_count;
    struct active *active[SBL_MAX_MERGED_FILES];
    uint32_t active_count, sensor_count;
    uint64_t bytes_done; /* of files that were read to their end */
    bool is_damaged, has_read;
};

/* Puts the files in order: looks for the first time of each, opens those that cannot be opened
 * twice. 0 or -ENOMEM. */
int merge_start(struct merge *merge);

/* As capture_next. */
size_t merge_next(struct merge *merge, struct sbl_frame *frames, size_t max);

void merge_fini(struct merge *merge);

#endif
