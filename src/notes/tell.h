/* A note told: the other end of pack. */
#ifndef SMBLAME_NOTES_TELL_H
#define SMBLAME_NOTES_TELL_H

#include "front.h"
#include "notes/ring.h"

/* Tells the listener of the finding, the witness or the second that a note is of; other notes, and
 * those that it does not listen to, say nothing to it. */
void note_tell(const struct note *note, const struct front_listener *listener);

#endif
