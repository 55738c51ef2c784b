/* A sorted singly linked list; what arrives in order goes to its tail without a walk. */
#include "stream/queue.h"

#include <string.h>

static struct chunk *chunk_at(const struct arrival *a, uint32_t index) {
    return index ? pool_at(&a->stream->chunks, index) : NULL;
}

static uint32_t chunk_end(const struct chunk *chunk) {
    return chunk->seq + chunk->count;
}

struct chunk *queue_head(const struct arrival *a, unsigned side) {
    return chunk_at(a, disorder_of(a, side)->queue_head);
}

uint32_t queue_end(const struct arrival *a, unsigned side) {
    return chunk_end(chunk_at(a, disorder_of(a, side)->queue_tail));
}

void queue_pop(struct arrival *a, unsigned side) {
    struct disorder *d = disorder_of(a, side);
    uint32_t index = d->queue_head;
    d->queue_head = chunk_at(a, index)->next;
    if (!d->queue_head)
        d->queue_tail = 0;
    d->queue_chunks--;
    pool_give(&a->stream->chunks, index);
}

/* A new chunk behind `after` (0: at the head), or NULL at a cap. */
static struct chunk *insert(struct arrival *a, unsigned side, uint32_t after) {
    struct disorder *d = disorder_of(a, side);
    if (d->queue_chunks >= a->stream->sizes.chunks_per_side) {
        stream_cap(a->stream, SBL_LIMIT_OUT_OF_ORDER_BYTES_PER_FLOW);
        return NULL;
    }
    uint32_t index = pool_take(&a->stream->chunks);
    if (!index) {
        stream_cap(a->stream, SBL_LIMIT_OUT_OF_ORDER_BYTES);
        return NULL;
    }
    struct chunk *chunk = chunk_at(a, index);
    uint32_t *link = after ? &chunk_at(a, after)->next : &d->queue_head;
    chunk->next = *link;
    chunk->moment = a->moment;
    *link = index;
    if (d->queue_tail == after)
        d->queue_tail = index;
    d->queue_chunks++;
    return chunk;
}

/* Divides a chunk in two at an offset inside it; false when there is no room for a second one. */
static bool split(struct arrival *a, unsigned side, uint32_t index, uint32_t at) {
    struct chunk *chunk = chunk_at(a, index);
    struct chunk *rest = insert(a, side, index);
    if (!rest)
        return false;
    rest->seq = chunk->seq + at;
    rest->count = chunk->count - at;
    rest->is_absent = chunk->is_absent;
    rest->moment = chunk->moment;
    if (!chunk->is_absent)
        memcpy(rest->bytes, &chunk->bytes[at], rest->count);
    chunk->count = at;
    return true;
}

/* The bytes [at, end) of a chunk were sent in two versions: they become absent, in a chunk of
 * their own. Without room for that, all behind `at` or all of the chunk does. */
static void dispute_chunk(struct arrival *a, unsigned side, uint32_t index, uint32_t at,
                          uint32_t end) {
    struct chunk *chunk = chunk_at(a, index);
    if (at > 0 && split(a, side, index, at)) {
        chunk = chunk_at(a, chunk->next);
        index = pool_index(&a->stream->chunks, chunk);
        end -= at;
    }
    if (end < chunk->count)
        (void)split(a, side, index, end);
    chunk->is_absent = true;
}

/* The first bytes of a chunk come again with an older acknowledgment: they were sent before what
 * the chunk's own acknowledges, and must not wait for it. */
static void date_back(struct arrival *a, unsigned side, uint32_t index, const struct run *run) {
    struct chunk *chunk = chunk_at(a, index);
    int32_t common = seq_distance(chunk->seq, run->seq + run->count);
    if (seq_distance(chunk->moment.ack, a->moment.ack) >= 0 || common <= 0)
        return;
    if ((uint32_t)common < chunk->count && !split(a, side, index, (uint32_t)common))
        return;
    chunk->moment.ack = a->moment.ack;
}

static void compare(struct arrival *a, unsigned side, uint32_t index, const struct run *run) {
    struct chunk *chunk = chunk_at(a, index);
    struct dispute dispute;
    date_back(a, side, index, run);
    struct run held = {chunk->bytes, chunk->seq, chunk->count};
    if (chunk->is_absent || !run->bytes || !runs_differ(&held, run, &dispute))
        return;
    stream_odd(a->stream, SBL_ODDITY_CONFLICTING_OVERLAP);
    dispute_chunk(a, side, index, dispute.seq - chunk->seq, dispute.end_seq - chunk->seq);
}

/* A new chunk behind `after` with the run's bytes from `at` on, as far as they fit before `next`;
 * returns how many. */
static uint32_t fill(struct arrival *a, unsigned side, uint32_t after, const struct run *run,
                     uint32_t at) {
    const struct disorder *d = disorder_of(a, side);
    const struct chunk *next = chunk_at(a, after ? chunk_at(a, after)->next : d->queue_head);
    uint32_t count = run->count - at;
    if (next && next->seq - (run->seq + at) < count)
        count = next->seq - (run->seq + at);
    if (run->bytes && count > CHUNK_BYTES)
        count = CHUNK_BYTES;
    struct chunk *chunk = insert(a, side, after);
    if (!chunk)
        return 0;
    chunk->seq = run->seq + at;
    chunk->count = count;
    chunk->is_absent = run->bytes == NULL;
    if (run->bytes)
        memcpy(chunk->bytes, &run->bytes[at], count);
    return count;
}

uint32_t queue_put(struct arrival *a, unsigned side, const struct run *run) {
    const struct disorder *d = disorder_of(a, side);
    uint32_t at = 0, after = 0;
    if (d->queue_tail && seq_distance(queue_end(a, side), run->seq) >= 0)
        after = d->queue_tail;
    while (at < run->count) {
        uint32_t seq = run->seq + at;
        uint32_t index = after ? chunk_at(a, after)->next : d->queue_head;
        const struct chunk *chunk = chunk_at(a, index);
        if (chunk && seq_distance(seq, chunk_end(chunk)) <= 0) {
            after = index; /* it lies before */
        } else if (chunk && seq_distance(chunk->seq, seq) >= 0) {
            compare(a, side, index, run);
            int32_t common = seq_distance(seq, chunk_end(chunk));
            uint32_t left = run->count - at;
            at += common < 0 ? 0 : ((uint32_t)common < left ? (uint32_t)common : left);
        } else {
            uint32_t filled = fill(a, side, after, run, at);
            if (filled == 0)
                return at;
            at += filled;
            after = after ? chunk_at(a, after)->next : d->queue_head;
        }
    }
    return at;
}
