/* A Network Monitor file has its frame table at the end. Where the input cannot be jumped in (a
 * pipe, a compressed file) all of it goes to a temporary file first that has no name, so nothing is
 * left behind whatever happens, and no more than SBL_MAX_SPOOL_MEGABYTES. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture/decompress.h"
#include "capture/input.h"

static int temporary_file(void) {
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder)
        folder = "/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    char path[4096];
    if (snprintf(path, sizeof path, "%s/smblame-XXXXXX", folder) >= (int)sizeof path)
        return -ENAMETOOLONG;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    unlink(path);
    return fd;
}

static int write_all(int fd, const uint8_t *bytes, size_t size) {
    while (size) {
        ssize_t count = write(fd, bytes, size);
        if (count < 0 && errno != EINTR)
            return -errno;
        if (count > 0) {
            bytes += count;
            size -= (size_t)count;
        }
    }
    return 0;
}

static int copy_stream(struct input *input, int fd, uint64_t *size) {
    const uint64_t most = (uint64_t)SBL_MAX_SPOOL_MEGABYTES << 20;
    while (input_fill(input, 1)) {
        struct sbl_cursor window = input_window(input);
        if (window.size > most - *size)
            return -EFBIG;
        int failed = write_all(fd, window.base, window.size);
        if (failed)
            return failed;
        *size += window.size;
        input_step(input, window.size);
    }
    return 0;
}

int input_spool(struct input *input) {
    int fd = temporary_file();
    if (fd < 0)
        return fd;
    uint64_t size = 0;
    int failed = copy_stream(input, fd, &size);
    if (failed) {
        close(fd);
        return failed;
    }
    if (input->owns_fd)
        close(input->fd);
    decompressor_free(input->decompressor);
    input->decompressor = NULL;
    input->fd = fd;
    input->owns_fd = input->is_file = input->can_seek = true;
    input->ended = false;
    input->raw_bytes = size;
    input->raw_at = input->offset = input->skip = 0;
    input->start = input->end = 0;
    return 0;
}
