/* A pcap file of a stranger, or any other, plain or compressed. */
#include "fuzz_capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_capture(data, size, NULL);
}
