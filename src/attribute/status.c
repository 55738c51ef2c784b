/* The table of statuses, made from knowledge/statuses.json at build time, and the search in it.
 * Codes are those of [MS-ERREF] 2.3 and [MS-CIFS] 2.2.2.4. */
#include <stddef.h>

#include <smblame/attempt.h>

static const struct sbl_status statuses[] = {
#include "statuses.inc"
};

static bool is_before(const struct sbl_status *status, uint32_t code, bool is_dos_error) {
    if (status->is_dos_error != is_dos_error)
        return !status->is_dos_error;
    return status->code < code;
}

const struct sbl_status *sbl_status_find(uint32_t code, bool is_dos_error) {
    size_t low = 0, high = sizeof statuses / sizeof *statuses;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(&statuses[middle], code, is_dos_error))
            low = middle + 1;
        else
            high = middle;
    }
    bool is_found = low < sizeof statuses / sizeof *statuses && statuses[low].code == code &&
                    statuses[low].is_dos_error == is_dos_error;
    return is_found ? &statuses[low] : NULL;
}
