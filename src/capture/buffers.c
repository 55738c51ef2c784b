/* Two lists through the buffers' own first bytes: those left behind, in their order, and free ones,
 * of which the one that came back last goes out first, as it is the warmest. */
#include "capture/buffers.h"

#include <stdlib.h>

#include "base/pool.h"
#include "capture/input.h"

/* What a buffer holds while nobody reads it. Behind the frames: those are still looked at. */
struct link {
    struct link *next;
};

struct buffers {
    struct link *oldest, *newest; /* left behind */
    struct link *free;
    uint64_t left, released; /* how many ever were */
};

enum { LINK_AT = INPUT_BUFFER_BYTES };

_Static_assert(LINK_AT % _Alignof(struct link) == 0, "the link behind the buffer is aligned");
_Static_assert(INPUT_LINK_BYTES >= sizeof(struct link), "there is room for it");

static struct link *link_of(uint8_t *buffer) {
    return (struct link *)(void *)(buffer + LINK_AT);
}

static uint8_t *buffer_of(struct link *link) {
    return (uint8_t *)link - LINK_AT;
}

struct buffers *buffers_new(void) {
    return calloc(1, sizeof(struct buffers));
}

uint8_t *buffers_take(struct buffers *buffers) {
    struct link *link = buffers->free;
    if (!link)
        return pages_reserve(INPUT_BUFFER_BYTES + INPUT_LINK_BYTES);
    buffers->free = link->next;
    return buffer_of(link);
}

void buffers_leave(struct buffers *buffers, uint8_t *buffer) {
    struct link *link = link_of(buffer);
    link->next = NULL;
    if (buffers->newest)
        buffers->newest->next = link;
    else
        buffers->oldest = link;
    buffers->newest = link;
    buffers->left++;
}

uint64_t buffers_mark(const struct buffers *buffers) {
    return buffers->left;
}

void buffers_release(struct buffers *buffers, uint64_t count) {
    while (buffers->oldest && buffers->released < count) {
        struct link *link = buffers->oldest;
        buffers->oldest = link->next;
        if (!buffers->oldest)
            buffers->newest = NULL;
        link->next = buffers->free;
        buffers->free = link;
        buffers->released++;
    }
}

void buffers_free(struct buffers *buffers) {
    if (!buffers)
        return;
    buffers_release(buffers, buffers->left);
    while (buffers->free) {
        struct link *link = buffers->free;
        buffers->free = link->next;
        pages_free(buffer_of(link), INPUT_BUFFER_BYTES + INPUT_LINK_BYTES);
    }
    free(buffers);
}
