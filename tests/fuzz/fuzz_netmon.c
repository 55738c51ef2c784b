/* A netmon file of a stranger. */
#include "fuzz_capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_capture(data, size, &format_netmon);
}
