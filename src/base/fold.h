/* Letters in one case: Windows compares names of accounts, domains and computers without regard to
 * it. Latin-1, Latin Extended-A, Greek and Cyrillic, which is what such names are written in;
 * others compare as they are. */
#ifndef SMBLAME_BASE_FOLD_H
#define SMBLAME_BASE_FOLD_H

#include <stdbool.h>
#include <stdint.h>

/* The small letter of a code point. */
static inline uint32_t fold_letter(uint32_t point) {
    if ((point >= 'A' && point <= 'Z') || (point >= 0xC0 && point <= 0xDE && point != 0xD7) ||
        (point >= 0x391 && point <= 0x3A9) || (point >= 0x410 && point <= 0x42F))
        return point + 0x20;
    if (point >= 0x400 && point <= 0x40F)
        return point + 0x50;
    bool is_even_pair = (point >= 0x100 && point <= 0x137) || (point >= 0x14A && point <= 0x177);
    bool is_odd_pair = (point >= 0x139 && point <= 0x148) || (point >= 0x179 && point <= 0x17E);
    return point + ((is_even_pair && point % 2 == 0) || (is_odd_pair && point % 2 == 1));
}

#endif
