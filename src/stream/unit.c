/* Units come from a pool and go back to it; the one given up last is kept at hand, fresh, because
 * nearly always one connection after the other needs one for the length of a segment. */
#include "stream/unit.h"

void unit_refresh(struct unit *u) {
    u->stage = STAGE_FRAME;
    u->goal = BANNER_FRAME_BYTES;
    u->part_count = 0;
    u->is_capped = false;
    u->part = (struct sbl_part){0};
}

struct unit *unit_have(struct arrival *a, unsigned side) {
    struct stream *stream = a->stream;
    struct direction *d = direction_of(a, side);
    if (d->unit)
        return pool_at(&stream->units, d->unit);
    d->unit = stream->spare_unit;
    stream->spare_unit = 0;
    if (d->unit)
        return pool_at(&stream->units, d->unit);
    d->unit = pool_take(&stream->units);
    struct unit *u = pool_at(&stream->units, d->unit);
    unit_refresh(u);
    return u;
}

/* Takes the unit of a side away from it; it must be fresh and without a buffer. */
static void leave(struct arrival *a, unsigned side) {
    struct direction *d = direction_of(a, side);
    if (a->stream->spare_unit)
        pool_give(&a->stream->units, d->unit);
    else
        a->stream->spare_unit = d->unit;
    d->unit = 0;
}

void unit_settle(struct arrival *a, unsigned side) {
    const struct unit *u = unit_of(a, side);
    if (u && u->stage == STAGE_FRAME && u->have == 0 && !u->buffer)
        leave(a, side);
}

void unit_drop(struct arrival *a, unsigned side) {
    struct unit *u = unit_of(a, side);
    if (!u)
        return;
    message_buffer_give(&a->stream->buffers, &u->buffer);
    u->have = 0;
    unit_refresh(u);
    leave(a, side);
}
