/* Numbers as bytes of a stated order, whatever the host's. Each returns the end of its bytes. */
#ifndef SMBLAME_BASE_BYTES_H
#define SMBLAME_BASE_BYTES_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* The lowest `count` (1 to 8) bytes of `value`, the highest of them first. */
static inline uint8_t *bytes_put_be(uint8_t *at, uint64_t value, unsigned count) {
    uint64_t turned = htobe64(value << (64 - 8 * count));
    memcpy(at, &turned, count);
    return at + count;
}

/* The same, the lowest first. */
static inline uint8_t *bytes_put_le(uint8_t *at, uint64_t value, unsigned count) {
    uint64_t turned = htole64(value);
    memcpy(at, &turned, count);
    return at + count;
}

#endif
