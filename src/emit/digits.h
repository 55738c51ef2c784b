/* Numbers as digits. Records are mostly these, so they are written two digits at a time. Nothing is
 * terminated. */
#ifndef SMBLAME_EMIT_DIGITS_H
#define SMBLAME_EMIT_DIGITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

enum { DIGITS_MOST = 20 /* of a 64-bit number */ };

/* "00", "01" to "99". */
extern const char digits_pairs[201];

static inline void digits_pair(unsigned below_100, char out[2]) {
    memcpy(out, digits_pairs + 2 * below_100, 2);
}

/* The last `count` digits of `value`, zeros in front where it has fewer. Returns their end. */
static inline char *digits_fixed(uint64_t value, unsigned count, char *out) {
    unsigned at = count;
    for (; at >= 2; at -= 2, value /= 100)
        digits_pair((unsigned)(value % 100), out + at - 2);
    if (at)
        out[0] = (char)('0' + value % 10);
    return out + count;
}

extern const uint64_t digits_powers[DIGITS_MOST]; /* of ten */

/* How many digits a number has: from how many bits, which is one too many when it is below that
 * power of ten. 1233 / 4096 is a little more than the logarithm of 2. */
static inline unsigned digits_count(uint64_t value) {
    unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);
    unsigned count = bits * 1233 >> 12;
    return count + (value >= digits_powers[count]) + (value == 0 && count == 0);
}

/* As many digits as it needs; returns how many. */
static inline size_t digits_decimal(uint64_t value, char out[DIGITS_MOST]) {
    unsigned count = digits_count(value), at = count;
    for (; at >= 2; value /= 100)
        digits_pair((unsigned)(value % 100), out + (at -= 2));
    if (at)
        out[0] = (char)('0' + value);
    return count;
}

enum digits_case { DIGITS_UPPER = BYTES_HEX_UPPER, DIGITS_LOWER = BYTES_HEX_LOWER };

/* The lowest `count` (up to 16) digits of `value` in base 16. */
static inline void digits_hex(uint64_t value, unsigned count, enum digits_case letters, char *out) {
    char digits[16];
    bytes_hex_eight((uint32_t)(value >> 32), letters, digits);
    bytes_hex_eight((uint32_t)value, letters, digits + 8);
    if (count == 16)
        memcpy(out, digits, 16);
    else if (count == 8)
        memcpy(out, digits + 8, 8);
    else
        for (unsigned i = 0; i < count; i++)
            out[i] = digits[16 - count + i];
}

#endif
