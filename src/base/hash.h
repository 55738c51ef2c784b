/* Keyed hashing of short keys: XXH3 with a seed that every table draws at start-up, so a stranger
 * cannot choose keys that collide. Nothing that is printed depends on the seed. */
#ifndef SMBLAME_BASE_HASH_H
#define SMBLAME_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static inline uint64_t hash_bytes(const void *bytes, size_t size, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, size, seed);
}

/* A seed from the system's random source. */
uint64_t hash_seed(void);

#endif
