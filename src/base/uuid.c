/* One way to make an id and one to write it: findings, statistics and diagnoses have theirs from
 * here. */
#include "base/uuid.h"

#include "base/hash.h"

void uuid_of(const void *facts, size_t size, uint8_t id[UUID_BYTES]) {
    hash_digest(facts, size, id);
    id[6] = (uint8_t)((id[6] & 0x0F) | 0x80); /* version 8 */
    id[8] = (uint8_t)((id[8] & 0x3F) | 0x80); /* variant of RFC 9562 */
}

void uuid_text(const uint8_t id[UUID_BYTES], char out[UUID_TEXT_BYTES]) {
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[id[i] >> 4];
        *out++ = digits[id[i] & 15];
    }
    *out = 0;
}
