/* The files that evidence goes to: one, or several in turn. A disk that fails is said once and
 * counted, and stops nothing. */
#ifndef SMBLAME_EVIDENCE_FILES_H
#define SMBLAME_EVIDENCE_FILES_H

#include <stdint.h>

#include <smblame/frame.h>

/* Strings are borrowed for the life of the files. */
struct files_options {
    const char *path;
    const char *comment;   /* of each file's section */
    unsigned rotate_s;     /* a file is followed by another after so long of packet time, */
    unsigned rotate_mb;    /* or so many millions of bytes; 0 = never; */
    unsigned rotate_files; /* so many of them are written in turn; 0 = without end */
    void *context;
    const char *(*name)(void *context, uint16_t file); /* of an interface; may be NULL */
    void (*complain)(void *context, const char *message);
};

struct files;

/* Opens the first file: `path`, or with anything to rotate `path` and a number from 0 on, which
 * with rotate_files has the digits of the last one. 0 or a negative errno. */
int files_new(struct files **files, const struct files_options *options);

/* Adds a frame. What cannot be written is counted. */
void files_frame(struct files *files, const struct sbl_frame *frame, const char *comment);

/* Writes out what waits. */
void files_flush(struct files *files);

/* Frames given to it, and of these the ones that no file has. */
uint64_t files_given(const struct files *files);
uint64_t files_lost(const struct files *files);

/* Flushes and closes. NULL is fine. */
void files_free(struct files *files);

#endif
