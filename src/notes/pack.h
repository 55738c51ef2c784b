/* Findings and witnesses as notes: flat copies that need nothing of the thread that made them. */
#ifndef SMBLAME_NOTES_PACK_H
#define SMBLAME_NOTES_PACK_H

#include <smblame/attempt.h>
#include <smblame/witness.h>

#include "notes/ring.h"

/* No note is longer: in a ring of twice that it has room wherever the ring begins. A kept name has
 * at most 16 KiB, so 25 of them fit; a text that did not would be cut, and marked so. */
enum { PACK_MOST = 500 * 1024 };

/* How many bytes a note takes at most that tells what `kind` says of `told` (a finding or witness
 * of that kind), with its header. */
size_t pack_bytes(enum note_kind kind, const void *told);

/* Makes the note in room of pack_bytes. Returns how many bytes it has. */
size_t pack(struct note *note, enum note_kind kind, const void *told);

/* What a note tells: a struct of the note's kind, as a listener expects it. */
const void *pack_told(const struct note *note);

/* Makes a note that a stranger wrote, of note->bytes bytes, one that can be told: nothing in it is
 * out of its range, and nothing points out of it. False: it is none. */
bool pack_check(struct note *note);

#endif
