/* The capture room: frames in. Files, directories and standard input become one stream of frames
 * in the order of their time; every format is read here and nothing of it is seen outside. */
#ifndef SMBLAME_CAPTURE_CAPTURE_H
#define SMBLAME_CAPTURE_CAPTURE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/frame.h>
#include <smblame/stats.h>
#include <smblame/text.h>

struct capture;

enum capture_verdict {
    CAPTURE_WHOLE = 0,
    CAPTURE_DAMAGED, /* read, but cut or damaged somewhere, or an input named was not to be read */
    CAPTURE_NOTHING, /* no input could be read at all */
};

/* The program a frame belonged to, as Network Monitor noted it. */
struct capture_process {
    uint32_t pid;
    struct sbl_text path; /* image path, UTF-16LE; absent when the file has none */
};

struct capture_options {
    const char *const *inputs; /* files, directories, "-" = standard input */
    size_t input_count;
    /* "NAME=PATH": streams in named pipes, several at once. Frames come when they come: of a sensor
     * that has been silent for a second the others do not wait. Their names are the inputs', behind
     * `inputs`. Without an end, unless they are all "-". */
    const char *const *sensors;
    size_t sensor_count;
    const char *filter;      /* BPF, or NULL */
    struct sbl_stats *stats; /* cap hits; not NULL */
    void *context;
    /* One line for each thing that is wrong: file, byte offset, what was expected. */
    void (*complain)(void *context, const char *message);
    bool keeps_frames; /* frames live until capture_release */
    /* When a signal handler makes it not 0, a read that waits (a pipe) ends, and with it the
     * capture, as if the input had ended there. May be NULL. */
    const volatile sig_atomic_t *stop;
    /* Called once, before a byte of any input is read: all that the options themselves name is
     * looked up by then (hosts in a filter). May be NULL. */
    void (*before_inputs)(void *context);
};

/* Opens what can be opened; the rest is complained about and passed over. With several inputs, the
 * first frame of each is looked at for its time. Options and inputs are borrowed until the close.
 * 0, -ENOMEM, or -EINVAL for a filter or a sensor that is none (complained about). */
int capture_open(struct capture **capture, const struct capture_options *options);

/* Begins again with the first frame; what capture_next handed out is gone, and capture_file_name
 * and capture_process_find answer as after an open. 0 or -ENOMEM. */
int capture_rewind(struct capture *capture);

/* The next frames, at most `max`: by time across the inputs, and within an input always in its own
 * order. 0 = the end. From a pipe, what is there is given at once. Frames borrow until the next
 * call. Frame numbers are those of the file: what the filter left out is counted. */
size_t capture_next(struct capture *capture, struct sbl_frame *frames, size_t max);

/* With keeps_frames: a mark of what was handed out until now, and the news that frames up to a mark
 * are not used any more. */
uint64_t capture_mark(const struct capture *capture);
void capture_release(struct capture *capture, uint64_t mark);

/* How it went; to be asked after the end. */
enum capture_verdict capture_verdict(const struct capture *capture);

/* The input that sbl_frame.file names, as given or as found in its directory. NULL: no such. */
const char *capture_file_name(const struct capture *capture, uint16_t file);

/* The process that sbl_frame.process names. Its path is borrowed until the close. */
bool capture_process_find(const struct capture *capture, uint16_t file, uint32_t process,
                          struct capture_process *found);

/* How far it is, in bytes of the files as they lie on disk. Total 0: not known (a pipe). */
void capture_progress(const struct capture *capture, uint64_t *bytes_read, uint64_t *bytes_total);

void capture_close(struct capture *capture);

#endif
