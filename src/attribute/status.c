/* The table of statuses and its index, made from knowledge/statuses.json at build time, and the
 * search in them: every refusal asks.
 * Codes are those of [MS-ERREF] 2.3 and [MS-CIFS] 2.2.2.4. */
#include <stddef.h>

#include <smblame/attempt.h>

#include "statuses.inc"

const struct sbl_status *sbl_status_find(uint32_t code, bool is_dos_error) {
    const uint32_t mask = (1u << STATUS_SLOT_BITS) - 1;
    uint32_t slot =
        ((code ^ (uint32_t)is_dos_error << 31) * 0x9E3779B1u) >> (32 - STATUS_SLOT_BITS);
    for (; slots[slot]; slot = (slot + 1) & mask) {
        const struct sbl_status *status = &statuses[slots[slot] - 1];
        if (status->code == code && status->is_dos_error == is_dos_error)
            return status;
    }
    return NULL;
}
