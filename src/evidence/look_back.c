/* A frame is {struct kept, bytes}, from a multiple of 8 on, and never lies across the end. It is
 * there as long as the writer has not claimed its place for another: `claimed` is moved before a
 * place is written to, so a reader that finds it unmoved behind its copy has a good one. */
#include "evidence/look_back.h"

#include <stdatomic.h>
#include <string.h>

#include "base/hash.h"

enum {
    HEADS_PER_BYTES = 512, /* a chain for so many bytes of frames */
    STEPS_MOST = 4096,     /* along a chain */
    LAYOUT = 1,
};

struct look_back {
    uint32_t layout, heads; /* chains of each kind, a power of two */
    uint64_t size;          /* of the ring, a multiple of 8 */
    uint64_t seed;
    _Atomic uint64_t claimed; /* positions below claimed - size are overwritten */
    uint64_t unused[4];
    _Atomic uint64_t links[]; /* heads by ref, heads by flow: position + 1; then the ring */
};

static uint32_t heads_for(uint32_t bytes) {
    uint32_t heads = 64;
    while (heads < bytes / HEADS_PER_BYTES)
        heads *= 2;
    return heads;
}

static uint64_t ring_size(uint32_t bytes) {
    return bytes & ~7u;
}

size_t look_back_memory(uint32_t bytes) {
    return sizeof(struct look_back) + 2 * sizeof(uint64_t) * heads_for(bytes) + ring_size(bytes);
}

struct look_back *look_back_init(void *memory, uint32_t bytes) {
    struct look_back *made = memory;
    made->layout = LAYOUT;
    made->heads = heads_for(bytes);
    made->size = ring_size(bytes);
    made->seed = hash_seed();
    return made;
}

bool look_back_open(struct look_back_reader *reader, const void *memory, size_t size) {
    const struct look_back *found = memory;
    if (size < sizeof *found || found->layout != LAYOUT)
        return false;
    *reader = (struct look_back_reader){
        .shared = found, .size = found->size, .seed = found->seed, .heads = found->heads};
    uint64_t bytes = reader->size;
    return bytes <= UINT32_MAX && bytes % 8 == 0 && bytes > sizeof(struct kept) &&
           reader->heads == heads_for((uint32_t)bytes) && look_back_memory((uint32_t)bytes) <= size;
}

static uint8_t *ring_of(struct look_back *l) {
    return (uint8_t *)l + sizeof *l + 2 * sizeof(uint64_t) * l->heads;
}

static uint32_t head_by_ref(uint64_t ref, uint64_t seed, uint32_t heads) {
    return (uint32_t)hash_bytes(&ref, sizeof ref, seed) & (heads - 1);
}

static uint32_t head_by_flow(const struct look_back *l, uint64_t flow) {
    return l->heads + ((uint32_t)flow & (l->heads - 1));
}

/* --- the writer --- */

static struct kept *at_link(struct look_back *l, uint64_t link) {
    uint64_t claimed = atomic_load_explicit(&l->claimed, memory_order_relaxed);
    if (link == 0 || link - 1 + l->size < claimed)
        return NULL;
    return (struct kept *)(void *)(ring_of(l) + (link - 1) % l->size);
}

/* The position of a frame of so many bytes, which is then the writer's. */
static uint64_t claim(struct look_back *l, uint64_t bytes) {
    uint64_t at = atomic_load_explicit(&l->claimed, memory_order_relaxed);
    if (bytes > l->size - at % l->size)
        at += l->size - at % l->size;
    atomic_store_explicit(&l->claimed, at + bytes, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    return at;
}

struct kept *look_back_add(struct look_back *l, const struct kept *kept) {
    uint64_t bytes = sizeof *kept + ((kept->captured_bytes + 7ull) & ~7ull);
    if (bytes > l->size / 2 || kept->captured_bytes > SBL_MAX_FRAME_BYTES)
        return NULL;
    uint64_t at = claim(l, bytes);
    uint32_t by_ref = head_by_ref(kept->ref, l->seed, l->heads),
             by_flow = head_by_flow(l, kept->flow);
    struct kept *made = (struct kept *)(void *)(ring_of(l) + at % l->size);
    *made = *kept;
    made->older = atomic_load_explicit(&l->links[by_ref], memory_order_relaxed);
    made->in_flow = atomic_load_explicit(&l->links[by_flow], memory_order_relaxed);
    memset(kept_bytes(made), 0, bytes - sizeof *kept);
    atomic_store_explicit(&l->links[by_ref], at + 1, memory_order_release);
    atomic_store_explicit(&l->links[by_flow], at + 1, memory_order_release);
    return made;
}

struct kept *look_back_find(struct look_back *l, uint64_t ref) {
    uint32_t head = head_by_ref(ref, l->seed, l->heads);
    struct kept *kept = at_link(l, atomic_load_explicit(&l->links[head], memory_order_relaxed));
    for (unsigned i = 0; kept && i < STEPS_MOST; i++) {
        if (kept->ref == ref)
            return kept;
        kept = at_link(l, kept->older);
    }
    return NULL;
}

static struct kept *of_flow(struct look_back *l, uint64_t link, uint64_t flow) {
    struct kept *kept = at_link(l, link);
    for (unsigned i = 0; kept && i < STEPS_MOST; i++) {
        if (kept->flow == flow)
            return kept;
        kept = at_link(l, kept->in_flow);
    }
    return NULL;
}

struct kept *look_back_latest(struct look_back *l, uint64_t flow) {
    uint32_t head = head_by_flow(l, flow);
    return of_flow(l, atomic_load_explicit(&l->links[head], memory_order_relaxed), flow);
}

struct kept *look_back_before(struct look_back *l, const struct kept *kept) {
    return of_flow(l, kept->in_flow, kept->flow);
}

/* --- readers --- */

/* Copies the frame at a link, as long as it is there and can be one. */
static bool copy_at(const struct look_back_reader *r, uint64_t link, struct kept *kept,
                    uint8_t *bytes) {
    if (link == 0 || (link - 1) % 8 != 0)
        return false;
    uint64_t at = (link - 1) % r->size, room = r->size - at;
    const uint8_t *ring =
        (const uint8_t *)r->shared + sizeof *r->shared + 2 * sizeof(uint64_t) * r->heads;
    if (room < sizeof *kept)
        return false;
    memcpy(kept, ring + at, sizeof *kept);
    room -= sizeof *kept;
    if (kept->captured_bytes > room || kept->captured_bytes > SBL_MAX_FRAME_BYTES)
        return false;
    if (bytes)
        memcpy(bytes, ring + at + sizeof *kept, kept->captured_bytes);
    atomic_thread_fence(memory_order_acquire);
    uint64_t claimed = atomic_load_explicit(&r->shared->claimed, memory_order_relaxed);
    return link <= claimed && link - 1 + r->size >= claimed;
}

bool look_back_read(const struct look_back_reader *r, uint64_t ref, struct kept *kept,
                    uint8_t *bytes) {
    uint32_t head = head_by_ref(ref, r->seed, r->heads);
    uint64_t link = atomic_load_explicit(&r->shared->links[head], memory_order_acquire);
    for (unsigned i = 0; i < STEPS_MOST; i++) {
        if (!copy_at(r, link, kept, NULL))
            return false;
        if (kept->ref == ref)
            return !bytes || (copy_at(r, link, kept, bytes) && kept->ref == ref);
        if (kept->older >= link)
            return false;
        link = kept->older;
    }
    return false;
}

bool look_back_read_before(const struct look_back_reader *r, const struct kept *kept,
                           struct kept *before) {
    uint64_t link = kept->in_flow;
    for (unsigned i = 0; i < STEPS_MOST; i++) {
        if (!copy_at(r, link, before, NULL))
            return false;
        if (before->flow == kept->flow)
            return true;
        if (before->in_flow >= link)
            return false;
        link = before->in_flow;
    }
    return false;
}
