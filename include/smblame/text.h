/* Text as it stood on the wire: raw bytes and how they were encoded. Dissectors only point at text;
 * whoever prints it decodes it (src/base/text.h). A text borrows: it is valid as long as the bytes
 * it points into, which for an observation is the call that delivers it. */
#ifndef SMBLAME_TEXT_H
#define SMBLAME_TEXT_H

#include <stdbool.h>
#include <stdint.h>

enum sbl_encoding {
    SBL_TEXT_ABSENT = 0, /* the field was not there, or not captured */
    SBL_TEXT_OEM,        /* the code page of --oem-codepage */
    SBL_TEXT_UTF16LE,
    SBL_TEXT_ASCII, /* protocol text that can be nothing else: dialect names, NetBIOS names */
    SBL_TEXT_UTF8,  /* Kerberos realms and names */
};

/* A text. `size` is in bytes. size == 0 with an encoding other than ABSENT is an empty string that
 * was sent. `is_cut`: the field promised more bytes than the message (or the capture) held. */
struct sbl_text {
    const uint8_t *bytes;
    uint32_t size;
    uint8_t encoding; /* enum sbl_encoding */
    bool is_cut;
};

static inline bool sbl_text_is_present(struct sbl_text text) {
    return text.encoding != SBL_TEXT_ABSENT;
}

static inline bool sbl_text_is_empty(struct sbl_text text) {
    return text.size == 0;
}

#endif
