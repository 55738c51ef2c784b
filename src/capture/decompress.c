/* gzip by zlib, zstd by libzstd. A bomb is told by what comes out for what went in: gzip cannot
 * pass a factor of 1032, zstd can pass 20,000. Up to 64 MiB nothing is asked. */
#include "capture/decompress.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "capture/input.h"

enum { COMPRESSED_BYTES = 64 * 1024, GZIP_WINDOW = 15 + 16 /* 32 KiB, with gzip's header */ };

#define INNOCENT_BYTES (64ull << 20)

struct decompressor {
    enum decompressor_kind kind;
    bool is_open; /* a member or frame began and has not ended */
    bool is_done;
    z_stream zlib;
    ZSTD_DStream *zstd;
    size_t at, end;
    uint64_t taken, given;
    uint8_t bytes[COMPRESSED_BYTES];
};

enum decompressor_kind decompressor_recognise(const uint8_t *bytes, size_t size) {
    static const uint8_t gzip[3] = {0x1F, 0x8B, 0x08}, zstd[4] = {0x28, 0xB5, 0x2F, 0xFD};
    if (size >= sizeof gzip && memcmp(bytes, gzip, sizeof gzip) == 0)
        return DECOMPRESSOR_GZIP;
    if (size >= sizeof zstd && memcmp(bytes, zstd, sizeof zstd) == 0)
        return DECOMPRESSOR_ZSTD;
    return DECOMPRESSOR_NONE;
}

struct decompressor *decompressor_new(enum decompressor_kind kind, const uint8_t *bytes,
                                      size_t size) {
    struct decompressor *d = size <= COMPRESSED_BYTES ? calloc(1, sizeof *d) : NULL;
    if (!d)
        return NULL;
    d->kind = kind;
    d->end = size;
    memcpy(d->bytes, bytes, size);
    bool is_ready = false;
    if (kind == DECOMPRESSOR_GZIP)
        is_ready = inflateInit2(&d->zlib, GZIP_WINDOW) == Z_OK;
    else
        is_ready = (d->zstd = ZSTD_createDStream()) != NULL;
    if (!is_ready) {
        free(d);
        return NULL;
    }
    return d;
}

void decompressor_free(struct decompressor *d) {
    if (!d)
        return;
    if (d->kind == DECOMPRESSOR_GZIP)
        (void)inflateEnd(&d->zlib);
    else
        (void)ZSTD_freeDStream(d->zstd);
    free(d);
}

/* What follows a finished gzip member: another one, or padding that is no part of it. */
static bool is_next_member(const struct decompressor *d) {
    return d->end - d->at < 2 || (d->bytes[d->at] == 0x1F && d->bytes[d->at + 1] == 0x8B);
}

static size_t inflate_some(struct decompressor *d, struct input *input, uint8_t *bytes,
                           size_t size) {
    if (!d->is_open && !is_next_member(d)) {
        if (d->bytes[d->at] != 0)
            input->broken = "bytes after the gzip data are not gzip";
        d->is_done = true;
        return 0;
    }
    d->zlib.next_in = d->bytes + d->at;
    d->zlib.avail_in = (uInt)(d->end - d->at);
    d->zlib.next_out = bytes;
    d->zlib.avail_out = (uInt)size;
    int result = inflate(&d->zlib, Z_NO_FLUSH);
    d->at = d->end - d->zlib.avail_in;
    d->is_open = result != Z_STREAM_END;
    if (result == Z_STREAM_END)
        (void)inflateReset(&d->zlib);
    else if (result != Z_OK && result != Z_BUF_ERROR)
        input->broken = d->zlib.msg ? d->zlib.msg : "the gzip data is damaged";
    return size - d->zlib.avail_out;
}

static size_t unzstd_some(struct decompressor *d, struct input *input, uint8_t *bytes,
                          size_t size) {
    ZSTD_inBuffer in = {.src = d->bytes, .size = d->end, .pos = d->at};
    ZSTD_outBuffer out = {.dst = bytes, .size = size};
    size_t result = ZSTD_decompressStream(d->zstd, &out, &in);
    d->at = in.pos;
    if (ZSTD_isError(result))
        input->broken = ZSTD_getErrorName(result);
    d->is_open = result != 0;
    return out.pos;
}

/* Whether there are compressed bytes to work on; reads more when there are none, or, between gzip
 * members, too few to know one. */
static bool has_bytes(struct decompressor *d, struct input *input) {
    if (d->end - d->at >= 2 || (d->is_open && d->at < d->end))
        return true;
    size_t left = d->end - d->at;
    memmove(d->bytes, d->bytes + d->at, left);
    size_t count = input_read_raw(input, d->bytes + left, COMPRESSED_BYTES - left);
    d->at = 0;
    d->end = left + count;
    return d->end > 0;
}

/* Output that libraries still hold although all input was taken comes with an empty read. */
static size_t flush_some(struct decompressor *d, struct input *input, uint8_t *bytes, size_t size) {
    size_t count = 0;
    if (d->is_open)
        count = d->kind == DECOMPRESSOR_GZIP ? inflate_some(d, input, bytes, size)
                                             : unzstd_some(d, input, bytes, size);
    if (count == 0 && d->is_open && !input->broken)
        input->broken = "the compressed data is cut";
    return count;
}

size_t decompressor_read(struct decompressor *d, struct input *input, uint8_t *bytes, size_t size) {
    size_t count = 0;
    while (count == 0 && !d->is_done && !input->broken) {
        if (!has_bytes(d, input)) {
            if (!input->broken)
                count = flush_some(d, input, bytes, size);
            break;
        }
        size_t before = d->at;
        count = d->kind == DECOMPRESSOR_GZIP ? inflate_some(d, input, bytes, size)
                                             : unzstd_some(d, input, bytes, size);
        d->taken += d->at - before;
    }
    d->given += count;
    if (d->given > INNOCENT_BYTES && d->given / SBL_MAX_DECOMPRESS_RATIO > d->taken) {
        input->broken = "it decompresses to more than any capture would (a bomb)";
        return 0;
    }
    return count;
}
