/* Inputs: where bytes come from, and the window over them. */
#include "capture/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pool.h"
#include "capture/buffers.h"
#include "capture/decompress.h"

static int prepare(struct input *input) {
    input->chunk = INPUT_PEEK_BYTES;
    input->chunk_most = INPUT_READ_BYTES;
    input->buffer = pages_reserve(INPUT_BUFFER_BYTES + INPUT_LINK_BYTES);
    return input->buffer ? 0 : -ENOMEM;
}

static int open_with(struct input *input, const char *path, int flags,
                     const volatile sig_atomic_t *stop) {
    bool is_standard = strcmp(path, "-") == 0;
    *input = (struct input){.fd = STDIN_FILENO, .stop = stop, .owns_fd = !is_standard};
    if (!is_standard)
        input->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
    struct stat about;
    if (input->fd < 0 || fstat(input->fd, &about) < 0) {
        int failed = -errno;
        input_close(input);
        return failed;
    }
    if (S_ISREG(about.st_mode)) {
        input->is_file = true;
        input->raw_bytes = (uint64_t)about.st_size;
    }
    off_t here = input->is_file ? lseek(input->fd, 0, SEEK_CUR) : 0;
    if (here != 0)
        input->is_file = false; /* a shell read part of it: offsets would count from elsewhere */
    input->can_seek = input->is_file;
    int failed = prepare(input);
    if (failed)
        input_close(input);
    return failed;
}

int input_open(struct input *input, const char *path, const volatile sig_atomic_t *stop) {
    return open_with(input, path, 0, stop);
}

int input_open_sensor(struct input *input, const char *path, const volatile sig_atomic_t *stop) {
    int failed = open_with(input, path, O_NONBLOCK, stop);
    input->never_waits = !failed;
    return failed;
}

int input_open_memory(struct input *input, const uint8_t *bytes, size_t size) {
    *input = (struct input){.fd = -1, .memory = bytes, .raw_bytes = size, .can_seek = true};
    return prepare(input);
}

int input_unwrap(struct input *input) {
    (void)input_fill(input, 4);
    struct sbl_cursor window = input_window(input);
    enum decompressor_kind kind = decompressor_recognise(window.base, window.size);
    if (kind == DECOMPRESSOR_NONE)
        return 0;
    input->decompressor = decompressor_new(kind, window.base, window.size);
    input->start = input->end = 0;
    input->can_seek = input->ended = false;
    return input->decompressor ? 0 : -ENOMEM;
}

void input_close(struct input *input) {
    if (input->owns_fd && input->fd >= 0)
        close(input->fd);
    decompressor_free(input->decompressor);
    if (input->buffers && input->buffer)
        buffers_leave(input->buffers, input->buffer);
    else
        pages_free(input->buffer, INPUT_BUFFER_BYTES + INPUT_LINK_BYTES);
    *input = (struct input){.fd = -1};
}

static size_t read_memory(const struct input *input, uint64_t offset, uint8_t *bytes, size_t size) {
    if (offset >= input->raw_bytes)
        return 0;
    uint64_t left = input->raw_bytes - offset;
    size_t count = left < size ? (size_t)left : size;
    memcpy(bytes, input->memory + offset, count);
    return count;
}

/* Whether a read would wait: no bytes are there, and no end. */
static bool would_wait(const struct input *input) {
    struct pollfd fd = {.fd = input->fd, .events = POLLIN};
    return poll(&fd, 1, 0) == 0;
}

size_t input_read_raw(struct input *input, uint8_t *bytes, size_t size) {
    input->is_dry = input->never_waits && would_wait(input);
    if (input->is_dry)
        return 0;
    if (input->fd < 0) {
        size_t count = read_memory(input, input->raw_at, bytes, size);
        input->raw_at += count;
        return count;
    }
    for (;;) {
        ssize_t count = input->is_file ? pread(input->fd, bytes, size, (off_t)input->raw_at)
                                       : read(input->fd, bytes, size);
        if (count >= 0) {
            input->raw_at += (uint64_t)count;
            return (size_t)count;
        }
        if (errno == EINTR && !(input->stop && *input->stop))
            continue;
        input->is_dry = errno == EAGAIN && input->never_waits;
        if (input->is_dry)
            return 0;
        if (errno != EINTR)
            input->broken = strerror(errno);
        return 0;
    }
}

static size_t read_stream(struct input *input, uint8_t *bytes, size_t size) {
    if (input->decompressor)
        return decompressor_read(input->decompressor, input, bytes, size);
    return input_read_raw(input, bytes, size);
}

/* Takes what is still to be passed over out of the window, or, in a plain file, out of the reads to
 * come. */
static void pass_over(struct input *input) {
    size_t left = input_left(input);
    size_t here = input->skip < left ? (size_t)input->skip : left;
    input->start += here;
    input->skip -= here;
    if (input->skip && input->can_seek && input->raw_at <= input->raw_bytes &&
        input->skip <= input->raw_bytes - input->raw_at) {
        input->raw_at += input->skip;
        input->offset += input->skip;
        input->skip = 0;
    }
}

/* Leaves the buffer behind, as what was stepped over may be in use, for another one. False: there
 * is no memory for one, and the input ends here. */
static bool change_buffer(struct input *input) {
    uint8_t *fresh = buffers_take(input->buffers);
    if (!fresh) {
        input->broken = strerror(ENOMEM);
        input->ended = true;
        return false;
    }
    buffers_leave(input->buffers, input->buffer);
    input->buffer = fresh;
    return true;
}

static bool move_to_front(struct input *input) {
    const uint8_t *from = input->buffer + input->start;
    size_t left = input_left(input);
    if (input->start && input->buffers && !change_buffer(input))
        return false;
    if (input->start && left)
        memmove(input->buffer, from, left);
    input->offset += input->start;
    input->start = 0;
    input->end = left;
    return true;
}

bool input_fill(struct input *input, size_t want) {
    if (want > INPUT_BUFFER_BYTES)
        return false;
    pass_over(input);
    while (input->skip || input_left(input) < want) {
        if (input->ended || !move_to_front(input))
            return false;
        size_t room = INPUT_BUFFER_BYTES - input->end;
        size_t chunk = room < input->chunk ? room : input->chunk;
        size_t count = read_stream(input, input->buffer + input->end, chunk);
        input->ended = count == 0 && !input->is_dry;
        if (input->is_dry)
            return false;
        input->end += count;
        input->chunk = input->chunk * 2 < input->chunk_most ? input->chunk * 2 : input->chunk_most;
        pass_over(input);
    }
    return true;
}

void input_seek(struct input *input, uint64_t offset) {
    if (offset >= input->offset && offset - input->offset <= input->end) {
        input->start = (size_t)(offset - input->offset);
        return;
    }
    bool may_be_in_use = input->buffers && input->start;
    input->start = input->end = 0;
    input->skip = 0;
    input->ended = false;
    if (may_be_in_use)
        (void)change_buffer(input);
    if (input->chunk > INPUT_PEEK_BYTES)
        input->chunk = INPUT_PEEK_BYTES;
    input->raw_at = input->offset = offset;
}

size_t input_read_at(const struct input *input, uint64_t offset, uint8_t *bytes, size_t size) {
    if (input->fd < 0)
        return read_memory(input, offset, bytes, size);
    size_t count = 0;
    while (count < size) {
        ssize_t got = pread(input->fd, bytes + count, size - count, (off_t)(offset + count));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        count += (size_t)got;
    }
    return count;
}
