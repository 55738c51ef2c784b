/* What a witness remembers. Not for other rooms. */
#ifndef SMBLAME_WITNESS_STATE_H
#define SMBLAME_WITNESS_STATE_H

#include <smblame/report.h>

#include "base/table.h"
#include "witness/witness.h"

enum { WITNESS_PRINCIPAL_BYTES = 512 };

struct witness {
    struct witness_options options;
    struct table answers; /* who answered on a port, and when that was told */
    struct sbl_report report;
    uint8_t joined[2][WITNESS_PRINCIPAL_BYTES]; /* names of several components, while told */
};

/* witness.c; tests make the cap small. */
int witness_new_with(struct witness **witness, const struct witness_options *options,
                     uint32_t answers);

/* answers.c: tells that the sender is a server of this kind, unless it was told lately. */
void witness_answered(struct witness *w, const struct sbl_segment *segment,
                      enum sbl_witness_kind kind);
enum { ANSWER_KEY = 20, ANSWER_VALUE = 16 };

/* A witness of the segment's time, address and MAC. */
struct sbl_witness witness_of(const struct sbl_segment *segment, enum sbl_witness_kind kind);

#endif
