/* One way to make an id and one to write it: findings, statistics and diagnoses have theirs from
 * here. */
#include "base/uuid.h"

#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"

void uuid_of(const void *facts, size_t size, uint8_t id[UUID_BYTES]) {
    hash_digest(facts, size, id);
    id[6] = (uint8_t)((id[6] & 0x0F) | 0x80); /* version 8 */
    id[8] = (uint8_t)((id[8] & 0x3F) | 0x80); /* variant of RFC 9562 */
}

void uuid_text(const uint8_t id[UUID_BYTES], char out[UUID_TEXT_BYTES]) {
    char digits[2 * UUID_BYTES];
    for (unsigned i = 0; i < UUID_BYTES; i += 4) {
        uint32_t four;
        memcpy(&four, id + i, sizeof four);
        bytes_hex_eight(be32toh(four), BYTES_HEX_LOWER, digits + 2 * i);
    }
    memcpy(out, digits, 8);
    memcpy(out + 9, digits + 8, 4);
    memcpy(out + 14, digits + 12, 4);
    memcpy(out + 19, digits + 16, 4);
    memcpy(out + 24, digits + 20, 12);
    out[8] = out[13] = out[18] = out[23] = '-';
    out[UUID_TEXT_BYTES - 1] = 0;
}
