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

/* The key of hash_pair: drawn once for a table. */
struct hash_secret {
    uint64_t words[2];
};

__extension__ typedef unsigned __int128 hash_product;

/* Two words hashed by one keyed multiplication, for what is looked up with every packet. The upper
 * and the lower half of the product are folded, so that each bit of either word reaches every bit
 * of the hash. */
static inline uint64_t hash_pair(uint64_t one, uint64_t other, const struct hash_secret *secret) {
    hash_product product = (hash_product)(one ^ secret->words[0]) * (other ^ secret->words[1]);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* A seed from the system's random source. */
uint64_t hash_seed(void);

#endif
