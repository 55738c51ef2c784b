/* Findings and witnesses as notes: flat copies that need nothing of the thread that made them. */
#ifndef SMBLAME_JOBS_PACK_H
#define SMBLAME_JOBS_PACK_H

#include <smblame/attempt.h>
#include <smblame/witness.h>

#include "jobs/ring.h"

/* How many bytes a note takes at most that tells what `kind` says of `told` (a finding or witness
 * of that kind), with its header. */
size_t pack_bytes(enum note_kind kind, const void *told);

/* Makes the note in room of pack_bytes. Returns how many bytes it has. */
size_t pack(struct note *note, enum note_kind kind, const void *told);

/* What a note tells: a struct of the note's kind, as a listener expects it. */
const void *pack_told(const struct note *note);

#endif
