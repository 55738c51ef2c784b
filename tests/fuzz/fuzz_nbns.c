/* Any bytes as the name service's datagram. */
#include "../mutate/drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    drive_fuzz(SBL_DISSECTOR_NBNS, data, size);
    return 0;
}
