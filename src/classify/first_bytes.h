/* What the first bytes of a data segment say by themselves, without nDPI. For this room only. */
#ifndef SMBLAME_CLASSIFY_FIRST_BYTES_H
#define SMBLAME_CLASSIFY_FIRST_BYTES_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/segment.h>

/* nDPI's number of the protocol that a segment certainly begins a message of, or 0. */
uint16_t first_bytes_name(const struct sbl_segment *segment);

/* The name that goes with a number of first_bytes_name (nDPI's own word for it), or NULL. */
const char *first_bytes_word(uint16_t protocol);

/* Whether a segment may begin a NetBIOS session packet or a message with a length before it, as
 * SMB and Kerberos have: RFC 1002 4.3.1, [MS-SMB2] 2.1, RFC 4120 7.2.2. */
bool first_bytes_may_be_framed(const struct sbl_segment *segment);

#endif
