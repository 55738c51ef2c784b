/* The state of the telling half, for the files of this room only. */
#ifndef SMBLAME_EVIDENCE_STATE_H
#define SMBLAME_EVIDENCE_STATE_H

#include "evidence/evidence.h"
#include "evidence/files.h"
#include "evidence/memory.h"
#include "evidence/waiting.h"

enum { BYTES_MOST = 32 << 20 /* of the frames that wait */ };

struct evidence {
    struct evidence_options options;
    struct memory *memory;
    struct files *files;
    struct waiting *waiting;
    uint64_t seed;
    uint64_t cited, gone;
    uint32_t used;  /* of `bytes` */
    uint8_t *bytes; /* of the frames that wait: the look-back does not */
};

/* The hash of an account's name in UTF-8; names are compared without regard to the case of ASCII
 * letters. 0 for an empty one. */
uint64_t evidence_account(const struct evidence *evidence, const char *name, size_t size);

/* As look_back_read, from whichever look-back has the frame: *from. */
bool evidence_read(const struct evidence *evidence, uint64_t ref, struct kept *kept, uint8_t *bytes,
                   const struct look_back_reader **from);

/* Writes the frames that wait with times before `until`, and at least half when no room is left. */
void evidence_write(struct evidence *evidence, int64_t until);

#endif
