/* gzip and zstd as streams: several members or frames one after the other, bounded in memory by
 * their windows, and in output by SBL_MAX_DECOMPRESS_RATIO. */
#ifndef SMBLAME_CAPTURE_DECOMPRESS_H
#define SMBLAME_CAPTURE_DECOMPRESS_H

#include <stddef.h>
#include <stdint.h>

struct input;
struct decompressor;

enum decompressor_kind { DECOMPRESSOR_NONE = 0, DECOMPRESSOR_GZIP, DECOMPRESSOR_ZSTD };

/* What the first bytes of a stream are. */
enum decompressor_kind decompressor_recognise(const uint8_t *bytes, size_t size);

/* A decompressor whose first bytes were already read (copied; at most 64 KiB). NULL: no memory. */
struct decompressor *decompressor_new(enum decompressor_kind kind, const uint8_t *bytes,
                                      size_t size);

/* Fills `bytes` with what comes out, taking raw bytes of `input`. 0 at the end, or when something
 * is wrong: then input->broken says what. */
size_t decompressor_read(struct decompressor *decompressor, struct input *input, uint8_t *bytes,
                         size_t size);

void decompressor_free(struct decompressor *decompressor);

#endif
