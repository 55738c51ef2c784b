/* HMAC-SHA256, cut to the length: a hash that is not made for it would give the key away to who
 * knows one of the secrets. The length is hashed with the bytes. */
#include "evidence/mask.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

#include <nettle/hmac.h>

int mask_init(struct mask *mask) {
    for (size_t have = 0; have < sizeof mask->key;) {
        ssize_t count = getrandom(&mask->key[have], sizeof mask->key - have, 0);
        if (count < 0 && errno != EINTR)
            return -errno;
        have += count > 0 ? (size_t)count : 0;
    }
    return 0;
}

static bool is_zero(const uint8_t *bytes, size_t count) {
    uint8_t any = 0;
    for (size_t i = 0; i < count; i++)
        any |= bytes[i];
    return any == 0;
}

void mask_make(const struct mask *mask, const uint8_t *secret, size_t count, uint8_t *pseudonym) {
    memset(pseudonym, 0, count);
    if (count == 0 || count > MASK_MOST_BYTES || is_zero(secret, count))
        return;
    struct hmac_sha256_ctx hash;
    uint8_t length = (uint8_t)count;
    hmac_sha256_set_key(&hash, sizeof mask->key, mask->key);
    hmac_sha256_update(&hash, 1, &length);
    hmac_sha256_update(&hash, count, secret);
    hmac_sha256_digest(&hash, count, pseudonym);
    if (is_zero(pseudonym, count))
        pseudonym[0] = 1;
}
