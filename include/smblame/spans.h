/* Which bytes of a message may be shown to a stranger. What is neither shown nor masked is blank:
 * nobody said what it is. A list, not a map: messages have few fields. */
#ifndef SMBLAME_SPANS_H
#define SMBLAME_SPANS_H

#include <stdbool.h>
#include <stdint.h>

enum sbl_span_kind {
    SBL_SPAN_SHOWN = 0, /* known, and of no use to who wants a password */
    SBL_SPAN_MASKED,    /* a secret whose place is known: beats SHOWN where both hold */
};

struct sbl_span {
    uint32_t offset, bytes; /* of the part's bytes */
    uint8_t kind;           /* enum sbl_span_kind */
};

enum { SBL_SPANS_CAPACITY = 512 };

/* Zeroed before its use. With is_full some did not fit, and none of them holds. */
struct sbl_spans {
    uint32_t count;
    bool is_full;
    struct sbl_span items[SBL_SPANS_CAPACITY];
};

#endif
