/* Does this look like SMB? The first bytes of a frame, judged without memory: the 4-byte header of
 * NBSS (RFC 1002 4.3.1) or direct TCP ([MS-SMB2] 2.1) and the protocol word behind it. */
#ifndef SMBLAME_STREAM_BANNER_H
#define SMBLAME_STREAM_BANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BANNER_FRAME_BYTES = 4,  /* type and 24-bit length; on port 139 the upper 7 bits are 0 */
    BANNER_PREFIX_BYTES = 8, /* frame header and protocol word */
    BANNER_LEAST_BYTES = 16, /* no message of any kind is shorter */
};

enum banner_verdict { BANNER_NO = 0, BANNER_MAYBE, BANNER_YES };

/* Whether these bytes begin an SMB message or a NetBIOS session request. MAYBE: too few bytes to
 * say, but none of them speaks against it. */
enum banner_verdict banner_test(const uint8_t *bytes, size_t size);

/* Whether a message header stands at these bytes; `size` must be at least BANNER_PREFIX_BYTES. The
 * test for resynchronisation: stricter when more bytes are there. */
bool banner_is_message(const uint8_t *bytes, size_t size);

/* The least bytes of a message that begins with this protocol byte (FF, FE, FD, FC) that say who
 * and what it is: its header. 0 for any other byte. */
uint32_t banner_header_bytes(uint8_t protocol);

/* The 24-bit length of a frame header. The 17-bit form of port 139 is the same while its seven
 * reserved bits are 0, and large messages on 139 do use them as length. */
static inline uint32_t banner_length(const uint8_t *frame) {
    return (uint32_t)frame[1] << 16 | (uint32_t)frame[2] << 8 | frame[3];
}

#endif
