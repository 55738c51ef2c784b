/* The life of a unit: a side has one from the first byte of a message to the last, and none between
 * two messages. What a unit is stands in state.h. */
#ifndef SMBLAME_STREAM_UNIT_H
#define SMBLAME_STREAM_UNIT_H

#include "stream/state.h"

/* Makes a unit what it is between two messages; what its buffer holds stays. */
void unit_refresh(struct unit *u);

/* The unit of a side, a fresh one when it has none. There are two for every connection, so there is
 * always one left. */
struct unit *unit_have(struct arrival *a, unsigned side);

/* After every step: a side that is between two messages keeps no unit. */
void unit_settle(struct arrival *a, unsigned side);

/* Forgets the unit of a side with all it holds. */
void unit_drop(struct arrival *a, unsigned side);

#endif
