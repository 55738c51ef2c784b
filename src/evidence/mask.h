/* Pseudonyms of secrets: bytes of the same length that say no more than whether two secrets were
 * equal. Made with a key that nobody is told and that ends with the process. */
#ifndef SMBLAME_EVIDENCE_MASK_H
#define SMBLAME_EVIDENCE_MASK_H

#include <stddef.h>
#include <stdint.h>

enum { MASK_KEY_BYTES = 32, MASK_MOST_BYTES = 32 };

struct mask {
    uint8_t key[MASK_KEY_BYTES];
};

/* Draws a key. 0 or a negative errno. */
int mask_init(struct mask *mask);

/* The pseudonym of `count` bytes. Zeros stay zeros, as what is all zero is no secret; what is
 * longer than MASK_MOST_BYTES becomes zeros too. Nothing else does. */
void mask_make(const struct mask *mask, const uint8_t *secret, size_t count, uint8_t *pseudonym);

#endif
