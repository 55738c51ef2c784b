/* The capturing half of evidence: which frames are put into the look-back, and what of them. Of a
 * frame the headers are there at once; of its payload only what a dissector has shown to be
 * harmless, secrets as pseudonyms, all else as zeros. So who reads the look-back never meets a
 * secret, whatever it believes of the bytes. */
#ifndef SMBLAME_EVIDENCE_KEEP_H
#define SMBLAME_EVIDENCE_KEEP_H

#include <smblame/message.h>

#include "evidence/look_back.h"
#include "evidence/mask.h"

/* Owned by who captures; `look_back` is borrowed. */
struct keep {
    struct look_back *look_back;
    bool is_raw; /* whole frames, as they came */
    struct mask mask;
    uint64_t seed;
};

/* Begins to keep. 0 or a negative errno. */
int keep_init(struct keep *keep, struct look_back *look_back, bool is_raw);

/* For stream (struct stream_options): keeps what it tells, with `keep` as the context. */
struct sbl_keeper keep_keeper(struct keep *keep);

#endif
