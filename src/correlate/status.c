/* Which replies are refusals. [MS-ERREF] 2.3: the two highest bits of an NTSTATUS are its severity,
 * and 3 is an error. A DOS error is one when its class is not SUCCESS; ERRmoredata only says that
 * the answer did not fit. */
#include "correlate/state.h"

enum { ERRDOS_MOREDATA = 1 << 16 | 234 };

bool status_is_error(uint32_t status, bool is_dos_error) {
    if (is_dos_error)
        return status >> 16 != 0 && status != ERRDOS_MOREDATA;
    return status >> 30 == 3 && status != STATUS_MORE_PROCESSING_REQUIRED;
}
