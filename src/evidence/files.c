/* Each file is a section of its own; its interfaces are described when their first frame comes. */
#include "evidence/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emit/pcapng.h"

enum {
    MILLION = 1000000,
    NAME_MOST_BYTES = 4096,
    INTERFACES_MOST = 1024, /* of one file; with more it is followed by another */
};

static const int64_t SECOND = 1000000000;

struct interface {
    uint16_t file, link_type;
};

struct files {
    struct files_options options;
    int fd; /* -1: none is open */
    struct pcapng *pcapng;
    uint64_t turn;    /* number of the file */
    int64_t first_ns; /* of its frames */
    bool has_frame;
    bool is_told;         /* that it fails */
    uint64_t given, lost; /* lost: without those of the file at hand */
    uint32_t interface_count;
    struct interface interfaces[INTERFACES_MOST];
    char name[NAME_MOST_BYTES];
};

static bool rotates(const struct files *files) {
    return files->options.rotate_s || files->options.rotate_mb || files->options.rotate_files;
}

static void name_file(struct files *files) {
    const struct files_options *o = &files->options;
    uint64_t turn = o->rotate_files ? files->turn % o->rotate_files : files->turn;
    int width = o->rotate_files ? snprintf(NULL, 0, "%u", o->rotate_files - 1) : 1;
    if (rotates(files))
        snprintf(files->name, sizeof files->name, "%s%0*llu", o->path, width,
                 (unsigned long long)turn);
    else
        snprintf(files->name, sizeof files->name, "%s", o->path);
}

/* Says what failed, the first time, or again after it went well. */
static void complain(struct files *files, int error) {
    char message[NAME_MOST_BYTES + 128];
    if (files->is_told)
        return;
    files->is_told = true;
    snprintf(message, sizeof message,
             "cannot write evidence to %s: %s; what is lost is counted, the analysis goes on",
             files->name, strerror(-error));
    files->options.complain(files->options.context, message);
}

static int open_file(struct files *files) {
    name_file(files);
    files->interface_count = 0;
    files->has_frame = false;
    files->fd = open(files->name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (files->fd < 0)
        return -errno;
    int failed = pcapng_new(&files->pcapng, files->fd, files->options.comment);
    if (!failed)
        failed = pcapng_flush(files->pcapng);
    return failed;
}

static void close_file(struct files *files) {
    if (files->pcapng) {
        int failed = pcapng_flush(files->pcapng);
        if (failed)
            complain(files, failed);
        files->lost += pcapng_lost(files->pcapng);
    }
    pcapng_free(files->pcapng);
    files->pcapng = NULL;
    if (files->fd >= 0 && close(files->fd) < 0)
        complain(files, -errno);
    files->fd = -1;
}

int files_new(struct files **files, const struct files_options *options) {
    struct files *made = calloc(1, sizeof *made);
    *files = NULL;
    if (!made)
        return -ENOMEM;
    made->options = *options;
    made->fd = -1;
    int failed = strlen(options->path) + 24 < NAME_MOST_BYTES ? open_file(made) : -ENAMETOOLONG;
    if (failed) {
        made->is_told = true; /* the caller says it */
        files_free(made);
        return failed;
    }
    *files = made;
    return 0;
}

void files_free(struct files *files) {
    if (!files)
        return;
    close_file(files);
    free(files);
}

static bool is_over(const struct files *files, const struct sbl_frame *frame) {
    const struct files_options *o = &files->options;
    return files->has_frame &&
           ((o->rotate_s && frame->time_ns - files->first_ns >= o->rotate_s * SECOND) ||
            (o->rotate_mb && pcapng_bytes(files->pcapng) >= (uint64_t)o->rotate_mb * MILLION) ||
            files->interface_count == INTERFACES_MOST);
}

static bool is_ready(struct files *files, const struct sbl_frame *frame) {
    if (files->pcapng && is_over(files, frame)) {
        close_file(files);
        files->turn++;
    }
    int failed = files->pcapng ? 0 : open_file(files);
    if (failed) {
        complain(files, failed);
        close_file(files);
    }
    return !failed;
}

/* The number of a frame's interface in the file at hand, or a negative errno. */
static int interface_of(struct files *files, const struct sbl_frame *frame) {
    const struct files_options *o = &files->options;
    for (uint32_t i = 0; i < files->interface_count; i++)
        if (files->interfaces[i].file == frame->file &&
            files->interfaces[i].link_type == frame->link_type)
            return (int)i;
    if (files->interface_count == INTERFACES_MOST)
        return -ENOSPC;
    struct pcapng_device device = {.name = o->name ? o->name(o->context, frame->file) : NULL,
                                   .link_type = frame->link_type};
    int number = pcapng_interface(files->pcapng, &device);
    if (number >= 0)
        files->interfaces[files->interface_count++] =
            (struct interface){frame->file, frame->link_type};
    return number;
}

void files_frame(struct files *files, const struct sbl_frame *frame, const char *comment) {
    files->given++;
    if (!is_ready(files, frame)) {
        files->lost++;
        return;
    }
    int number = interface_of(files, frame);
    int failed =
        number < 0 ? number : pcapng_frame(files->pcapng, (uint32_t)number, frame, comment);
    if (failed) {
        complain(files, failed);
        files->lost++;
        return;
    }
    files->first_ns = files->has_frame ? files->first_ns : frame->time_ns;
    files->has_frame = true;
}

void files_flush(struct files *files) {
    int failed = files->pcapng ? pcapng_flush(files->pcapng) : 0;
    if (failed)
        complain(files, failed);
    else
        files->is_told = false;
}

uint64_t files_given(const struct files *files) {
    return files->given;
}

uint64_t files_lost(const struct files *files) {
    return files->lost + (files->pcapng ? pcapng_lost(files->pcapng) : 0);
}
