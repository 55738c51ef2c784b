/* Numbers as bytes of a stated order, whatever the host's. Each returns the end of its bytes. */
#ifndef SMBLAME_BASE_BYTES_H
#define SMBLAME_BASE_BYTES_H

#include <stdint.h>

/* The lowest `count` bytes of `value`, the highest of them first. */
static inline uint8_t *bytes_put_be(uint8_t *at, uint64_t value, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        at[i] = (uint8_t)(value >> 8 * (count - 1 - i));
    return at + count;
}

/* The same, the lowest first. */
static inline uint8_t *bytes_put_le(uint8_t *at, uint64_t value, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        at[i] = (uint8_t)(value >> 8 * i);
    return at + count;
}

#endif
