/* The banner test: cheap, because flows of every kind meet it; strict, because what passes it is
 * read as SMB. The FD and FC forms are the encrypted and the compressed messages of SMB 3. */
#include "stream/banner.h"

#include <string.h>

/* Protocol byte and the length of the header it begins. */
static const struct {
    uint8_t protocol;
    uint8_t header_bytes;
} banner_headers[] = {
    {0xFF, 32}, /* SMB_Header, [MS-CIFS] 2.2.3.1 */
    {0xFE, 64}, /* SMB2 header, [MS-SMB2] 2.2.1 */
    {0xFD, 52}, /* SMB2 TRANSFORM_HEADER, [MS-SMB2] 2.2.41 */
    {0xFC, 16}, /* SMB2 COMPRESSION_TRANSFORM_HEADER, [MS-SMB2] 2.2.42 */
};

uint32_t banner_header_bytes(uint8_t protocol) {
    for (size_t i = 0; i < sizeof banner_headers / sizeof banner_headers[0]; i++)
        if (banner_headers[i].protocol == protocol)
            return banner_headers[i].header_bytes;
    return 0;
}

bool banner_is_message(const uint8_t *bytes, size_t size) {
    if (bytes[0] != 0 || memcmp(bytes + 5, "SMB", 3) != 0)
        return false;
    uint32_t header = banner_header_bytes(bytes[4]);
    if (header == 0 || banner_length(bytes) < header)
        return false;
    /* StructureSize of the SMB2 header is always 64 */
    return bytes[4] != 0xFE || size < 10 || (bytes[8] == 64 && bytes[9] == 0);
}

/* A session request begins with its length and a first name of 32 half-ASCII letters. The length
 * is 68 without a scope; a scope makes it longer, but never beyond what a name may have. */
static bool starts_request(const uint8_t *bytes, size_t size) {
    static const uint8_t fixed[3] = {0x81, 0x00, 0x00};
    size_t known = size < sizeof fixed ? size : sizeof fixed;
    if (memcmp(bytes, fixed, known) != 0)
        return false;
    return (size < 4 || bytes[3] >= 68) && (size < 5 || bytes[4] == 0x20);
}

enum banner_verdict banner_test(const uint8_t *bytes, size_t size) {
    if (size == 0)
        return BANNER_MAYBE;
    if (starts_request(bytes, size))
        return size >= 5 ? BANNER_YES : BANNER_MAYBE;
    if (size >= BANNER_PREFIX_BYTES)
        return banner_is_message(bytes, size) ? BANNER_YES : BANNER_NO;
    if (bytes[0] != 0 || (size > 4 && banner_header_bytes(bytes[4]) == 0))
        return BANNER_NO;
    if (size > 5 && memcmp(bytes + 5, "SMB", size - 5) != 0)
        return BANNER_NO;
    return size > 3 && banner_length(bytes) < BANNER_LEAST_BYTES ? BANNER_NO : BANNER_MAYBE;
}
