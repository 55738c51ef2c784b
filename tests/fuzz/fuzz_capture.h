/* What the fuzz targets of the file formats share: the bytes are a file, read as such, in pieces
 * whose size they choose themselves; every byte of every frame is touched. */
#ifndef SMBLAME_TESTS_FUZZ_CAPTURE_H
#define SMBLAME_TESTS_FUZZ_CAPTURE_H

#include <stdlib.h>

#include "capture/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline unsigned fuzz_touch(const struct sbl_frame *frame) {
    unsigned sum = 0;
    if (frame->captured_bytes > SBL_MAX_FRAME_BYTES)
        abort();
    for (uint32_t i = 0; i < frame->captured_bytes; i++)
        sum += frame->bytes[i];
    return sum;
}

static inline void fuzz_read(struct source *source, struct process_list *process) {
    struct sbl_frame frames[16];
    volatile unsigned sum = 0;
    uint64_t number = 0;
    for (size_t count; (count = source_read(source, frames, 16)) != 0;) {
        for (size_t i = 0; i < count; i++) {
            sum = sum + fuzz_touch(&frames[i]);
            if (frames[i].number <= number)
                abort();
            number = frames[i].number;
            uint32_t pid = 0;
            struct sbl_text path;
            if (frames[i].process && !process_list_find(process, frames[i].process, &pid, &path))
                abort();
        }
    }
}

/* `format` NULL: whatever it is, compressed files too. */
static inline int fuzz_capture(const uint8_t *data, size_t size, const struct format *format) {
    size_t prefix = size < FORMAT_PREFIX_BYTES ? size : FORMAT_PREFIX_BYTES;
    if (format && !format->recognises(data, prefix))
        return 0;
    struct process_list process = {0};
    struct source_options options = {.path = "fuzz", .process = &process};
    options.read_bytes = size ? (size_t)data[size - 1] * 4 : 0;
    struct source source;
    if (source_open_memory(&source, data, size, &options) == SOURCE_OPEN) {
        fuzz_read(&source, &process);
        source_close(&source);
    }
    process_list_free(&process);
    return 0;
}

#endif
