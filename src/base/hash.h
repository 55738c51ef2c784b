/* Keyed hashing of short keys: XXH3 with a seed that every table draws at start-up, so a stranger
 * cannot choose keys that collide. Nothing that is printed depends on the seed; what is printed is
 * hashed without one. */
#ifndef SMBLAME_BASE_HASH_H
#define SMBLAME_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static inline uint64_t hash_bytes(const void *bytes, size_t size, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, size, seed);
}

/* XXH3-128, unkeyed, in its canonical form: the same on every host and every run. */
static inline void hash_digest(const void *bytes, size_t size, uint8_t digest[16]) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, size));
    memcpy(digest, canonical.digest, sizeof canonical.digest);
}

/* A seed from the system's random source. */
uint64_t hash_seed(void);

#endif
