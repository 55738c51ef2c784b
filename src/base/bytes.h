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

/* The eight digits of `value` in base 16, all at once: a nibble to a byte, and `beyond_nine` added
 * to those that are letters. */
static inline void bytes_hex_eight(uint32_t value, unsigned beyond_nine, char out[8]) {
    static const uint64_t ones = 0x0101010101010101u;
    uint64_t spread = value;
    spread = (spread << 16 | spread) & 0x0000FFFF0000FFFFu;
    spread = (spread << 8 | spread) & 0x00FF00FF00FF00FFu;
    spread = (spread << 4 | spread) & 0x0F0F0F0F0F0F0F0Fu;
    uint64_t letters = (spread + 6 * ones) >> 4 & ones;
    uint64_t digits = htobe64(spread + '0' * ones + letters * beyond_nine);
    memcpy(out, &digits, sizeof digits);
}

enum { BYTES_HEX_UPPER = 'A' - '0' - 10, BYTES_HEX_LOWER = 'a' - '0' - 10 };

#endif
