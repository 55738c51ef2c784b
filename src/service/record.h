/* --record: every frame that a watch takes, as pcapng; into one file, or into several in turn.
 *
 * The process that writes may not open anything. So all files are opened before, as many as there
 * will ever be, which is why turns need a number of files; a file's turn is to be emptied and
 * written from its beginning. What that asks of the kernel: write, lseek, ftruncate, and memory. */
#ifndef SMBLAME_SERVICE_RECORD_H
#define SMBLAME_SERVICE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/frame.h>

enum { RECORDING_FILES_MOST = 512, RECORDING_DEVICES_MOST = 64 };

struct recording;

struct recording_options {
    const char *path;
    unsigned rotate_s;     /* another file after so many seconds of frames; 0: never */
    unsigned rotate_mb;    /* after so many millions of bytes; 0: never */
    unsigned rotate_files; /* how many files in turn; 0: one, without turns */
    unsigned worker;       /* which of several that record at the same time, */
    unsigned workers;      /* each into files of its own */
    unsigned life;         /* how often this worker was started again: never over its own files */
};

/* The name of a file: that of the options, with what tells it apart before its ending, as in
 * trace-w1-r2-07.pcapng: worker 1, started again twice, file 7 of the turn. Files in turn have no
 * "r": a worker that comes back goes on behind the newest. */
void recording_name(const struct recording_options *options, unsigned turn, char *name,
                    size_t size);

/* Opens all files, and empties none of them yet. Options and path are borrowed until the close. 0,
 * -EINVAL for options that do not go together, or the negative errno of what failed; `error` says
 * it in words. */
int recording_open(struct recording **recording, const struct recording_options *options,
                   char *error, size_t error_size);

/* Says whose frames will come (sbl_frame.file is the index), and begins the first file; files that
 * were not there before are made captures without frames. Before the first frame, once. Names are
 * copied. */
void recording_devices(struct recording *recording, const char *const *names,
                       const uint16_t *link_types, size_t count);

/* Keeps a frame. It may wait for others for a while. Never fails: what cannot be written is
 * counted, said once, and the next frames are tried again. */
void recording_frame(struct recording *recording, const struct sbl_frame *frame);

/* Writes out what waits: at the end, and once a second for those who read along. */
void recording_flush(struct recording *recording);

struct recording_counts {
    uint64_t frames, lost; /* kept; not kept */
    uint64_t files;        /* that were begun */
};

struct recording_counts recording_counts(const struct recording *recording);

/* What went wrong first, in words, once: NULL from then on, and as long as nothing did. */
const char *recording_complaint(struct recording *recording);

/* Writes out what waits and closes the files. NULL is nothing. */
void recording_close(struct recording *recording);

#endif
