/* Recording. One file is written at a time, by a writer that lives as long as its turn: the memory
 * of one, however many files there are. */
#include "service/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emit/pcapng.h"

enum { NAME_BYTES = 4096, DEVICE_NAME_BYTES = 64, COMPLAINT_BYTES = NAME_BYTES + 128 };

static const uint64_t MEGABYTE = 1000000;
static const int64_t NEVER = INT64_MIN, SECOND_NS = 1000000000;

struct recording {
    struct recording_options options;
    int fds[RECORDING_FILES_MOST];
    bool is_new[RECORDING_FILES_MOST];
    unsigned file_count, turn; /* which one is written */
    struct pcapng *writer;     /* NULL: none is */
    char names[RECORDING_DEVICES_MOST][DEVICE_NAME_BYTES];
    struct pcapng_device devices[RECORDING_DEVICES_MOST];
    size_t device_count;
    int64_t begun_ns; /* the first frame of the turn; NEVER: none came yet */
    int64_t retry_ns; /* without a writer: not before this is it tried again */
    struct recording_counts counts;
    uint64_t lost_before; /* in turns that are over */
    char complaint[COMPLAINT_BYTES];
    bool has_complained, is_told;
};

/* Where a name's ending begins: its last dot, but not that of a hidden file or of a directory. */
static size_t ending_of(const char *path) {
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    return dot && dot != base ? (size_t)(dot - path) : strlen(path);
}

void recording_name(const struct recording_options *options, unsigned turn, char *name,
                    size_t size) {
    size_t stem = ending_of(options->path);
    char worker[16] = "", life[16] = "", number[16] = "";
    int digits = snprintf(NULL, 0, "%u", options->rotate_files ? options->rotate_files - 1 : 0);
    if (options->workers > 1)
        (void)snprintf(worker, sizeof worker, "-w%u", options->worker);
    if (options->rotate_files)
        (void)snprintf(number, sizeof number, "-%0*u", digits, turn);
    else if (options->life > 0)
        (void)snprintf(life, sizeof life, "-r%u", options->life);
    (void)snprintf(name, size, "%.*s%s%s%s%s", (int)stem, options->path, worker, life, number,
                   &options->path[stem]);
}

static int check(const struct recording_options *options, char *error, size_t error_size) {
    const char *wrong = NULL;
    bool turns = options->rotate_s || options->rotate_mb;
    if (turns && !options->rotate_files)
        wrong = "-G and -C need -W N with --record: who records may open no files, so all of them "
                "are opened before, and how many has to be known";
    else if (!turns && options->rotate_files)
        wrong = "-W says how many files there are in turn, and needs -G or -C to say when";
    else if (options->rotate_files > RECORDING_FILES_MOST)
        wrong = "--record writes into at most 512 files in turn: make them larger";
    if (!wrong)
        return 0;
    (void)snprintf(error, error_size, "%s", wrong);
    return -EINVAL;
}

/* Opens the file of a turn. *changed_ns is when it was written last, 0 for one that is empty. */
static int open_file(struct recording *recording, unsigned turn, int64_t *changed_ns, char *error,
                     size_t error_size) {
    char name[NAME_BYTES];
    struct stat about = {0};
    recording_name(&recording->options, turn, name, sizeof name);
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
    if (fd < 0 || fstat(fd, &about) != 0) {
        int failed = -errno;
        (void)snprintf(error, error_size, "%s: %s", name, strerror(errno));
        if (fd >= 0)
            close(fd);
        return failed;
    }
    recording->is_new[turn] = about.st_size == 0;
    recording->fds[recording->file_count++] = fd;
    if (about.st_size > 0)
        *changed_ns = (int64_t)about.st_mtim.tv_sec * 1000000000 + about.st_mtim.tv_nsec;
    return 0;
}

/* Opens all files; the first turn is that of the one behind the newest. */
static int open_files(struct recording *recording, char *error, size_t error_size) {
    unsigned wanted = recording->options.rotate_files ? recording->options.rotate_files : 1;
    int64_t newest_ns = 0;
    for (unsigned i = 0; i < wanted; i++) {
        int64_t changed_ns = 0;
        int failed = open_file(recording, i, &changed_ns, error, error_size);
        if (failed)
            return failed;
        if (changed_ns > newest_ns) {
            newest_ns = changed_ns;
            recording->turn = (i + 1) % wanted;
        }
    }
    return 0;
}

int recording_open(struct recording **recording, const struct recording_options *options,
                   char *error, size_t error_size) {
    int failed = check(options, error, error_size);
    if (failed)
        return failed;
    struct recording *made = calloc(1, sizeof *made);
    if (!made) {
        (void)snprintf(error, error_size, "no memory");
        return -ENOMEM;
    }
    made->options = *options;
    made->retry_ns = NEVER;
    failed = open_files(made, error, error_size);
    if (failed) {
        recording_close(made);
        return failed;
    }
    *recording = made;
    return 0;
}

static void complain(struct recording *recording, int failed) {
    char name[NAME_BYTES];
    if (!failed || recording->has_complained)
        return;
    recording->has_complained = true;
    recording_name(&recording->options, recording->turn, name, sizeof name);
    (void)snprintf(recording->complaint, sizeof recording->complaint,
                   "%s: frames are lost: %s; recording goes on with what fits", name,
                   strerror(-failed));
}

/* Makes a file what it is before its first frame: what describes the frames that will come. */
static int describe(const struct recording *recording, int fd, struct pcapng **writer) {
    int failed = ftruncate(fd, 0) != 0 && errno != EINVAL ? -errno : 0; /* EINVAL: a pipe */
    if (!failed)
        (void)lseek(fd, 0, SEEK_SET);
    if (!failed)
        failed = pcapng_new(writer, fd, NULL);
    for (size_t i = 0; i < recording->device_count && !failed; i++) {
        int number = pcapng_interface(*writer, &recording->devices[i]);
        failed = number < 0 ? number : 0;
    }
    if (failed) {
        pcapng_free(*writer);
        *writer = NULL;
    }
    return failed;
}

/* Begins the file of this turn. */
static void begin(struct recording *recording) {
    int failed = describe(recording, recording->fds[recording->turn], &recording->writer);
    recording->counts.files += !failed;
    recording->begun_ns = NEVER;
    complain(recording, failed);
}

/* Files that are new can be read too, before they have had a turn. */
static void describe_new_files(struct recording *recording) {
    for (unsigned i = 0; i < recording->file_count; i++) {
        struct pcapng *writer = NULL;
        if (i == recording->turn || !recording->is_new[i])
            continue;
        complain(recording, describe(recording, recording->fds[i], &writer));
        pcapng_free(writer);
    }
}

void recording_devices(struct recording *recording, const char *const *names,
                       const uint16_t *link_types, size_t count) {
    if (count > RECORDING_DEVICES_MOST)
        count = RECORDING_DEVICES_MOST;
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(recording->names[i], DEVICE_NAME_BYTES, "%s", names[i]);
        recording->devices[i] =
            (struct pcapng_device){.name = recording->names[i], .link_type = link_types[i]};
    }
    recording->device_count = count;
    begin(recording);
    describe_new_files(recording);
}

static void end(struct recording *recording) {
    complain(recording, pcapng_flush(recording->writer));
    recording->lost_before += pcapng_lost(recording->writer);
    pcapng_free(recording->writer);
    recording->writer = NULL;
}

static bool is_over(struct recording *recording, const struct sbl_frame *frame) {
    const struct recording_options *options = &recording->options;
    if (recording->begun_ns == NEVER || frame->time_ns < recording->begun_ns)
        recording->begun_ns = frame->time_ns; /* a clock may be put back */
    if (options->rotate_mb && pcapng_bytes(recording->writer) >= options->rotate_mb * MEGABYTE)
        return true;
    return options->rotate_s &&
           (frame->time_ns - recording->begun_ns) / SECOND_NS >= options->rotate_s;
}

/* Sees to it that there is a writer. One that cannot even begin is tried again each second. */
static bool is_ready(struct recording *recording, const struct sbl_frame *frame) {
    if (recording->writer && is_over(recording, frame)) {
        end(recording);
        recording->turn = (recording->turn + 1) % recording->file_count;
        recording->retry_ns = NEVER;
    }
    if (!recording->writer && (recording->retry_ns == NEVER ||
                               llabs(frame->time_ns - recording->retry_ns) >= SECOND_NS)) {
        recording->retry_ns = frame->time_ns;
        begin(recording);
        if (recording->writer)
            recording->begun_ns = frame->time_ns;
    }
    return recording->writer != NULL;
}

void recording_frame(struct recording *recording, const struct sbl_frame *frame) {
    recording->counts.frames++;
    if (!is_ready(recording, frame)) {
        recording->lost_before++;
        return;
    }
    int failed = pcapng_frame(recording->writer, frame->file, frame, NULL);
    if (failed)
        recording->lost_before++;
    complain(recording, failed);
}

void recording_flush(struct recording *recording) {
    if (recording->writer)
        complain(recording, pcapng_flush(recording->writer));
}

struct recording_counts recording_counts(const struct recording *recording) {
    struct recording_counts counts = recording->counts;
    counts.lost = recording->lost_before;
    if (recording->writer)
        counts.lost += pcapng_lost(recording->writer);
    counts.frames -= counts.lost;
    return counts;
}

const char *recording_complaint(struct recording *recording) {
    if (!recording->has_complained || recording->is_told)
        return NULL;
    recording->is_told = true;
    return recording->complaint;
}

void recording_close(struct recording *recording) {
    if (!recording)
        return;
    if (recording->writer)
        end(recording);
    for (unsigned i = 0; i < recording->file_count; i++)
        close(recording->fds[i]);
    free(recording);
}
