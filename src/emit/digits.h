/* Numbers as digits. Records are mostly these, so they are written two digits at a time. Nothing is
 * terminated. */
#ifndef SMBLAME_EMIT_DIGITS_H
#define SMBLAME_EMIT_DIGITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { DIGITS_MOST = 20 /* of a 64-bit number */ };

static inline void digits_pair(unsigned below_100, char out[2]) {
    out[0] = (char)('0' + below_100 / 10);
    out[1] = (char)('0' + below_100 % 10);
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

/* As many digits as it needs; returns how many. */
static inline size_t digits_decimal(uint64_t value, char out[DIGITS_MOST]) {
    char digits[DIGITS_MOST];
    size_t at = DIGITS_MOST;
    for (; value >= 10; value /= 100)
        digits_pair((unsigned)(value % 100), digits + (at -= 2));
    if (value || at == DIGITS_MOST)
        digits[--at] = (char)('0' + value);
    memcpy(out, digits + at, DIGITS_MOST - at);
    return DIGITS_MOST - at;
}

/* The lowest `count` digits of `value` in base 16. `alphabet` is one of the two below. */
static inline void digits_hex(uint64_t value, unsigned count, const char alphabet[16], char *out) {
    for (unsigned i = count; i > 0; i--, value >>= 4)
        out[i - 1] = alphabet[value & 15];
}

#define DIGITS_UPPER "0123456789ABCDEF"
#define DIGITS_LOWER "0123456789abcdef"

#endif
