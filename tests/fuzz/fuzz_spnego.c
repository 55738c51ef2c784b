/* Any bytes as the spnego dissector's message. */
#include "../mutate/drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    drive_fuzz(SBL_DISSECTOR_SPNEGO, data, size);
    return 0;
}
