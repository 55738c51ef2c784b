/* Pools over reserved pages; a free slot holds the index of the next free one in its first bytes.
 */
#include "base/pool.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_FROM_BYTES = 4 << 20, SMALL_UP_TO_BYTES = 1 << 20 };

void *pages_reserve(size_t bytes) {
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

void pages_free(void *pages, size_t bytes) {
    if (pages)
        munmap(pages, bytes);
}

void pages_wipe(void *pages, size_t bytes) {
    if (madvise(pages, bytes, MADV_DONTNEED) != 0)
        memset(pages, 0, bytes);
}

void pages_enlarge(void *pages, size_t bytes) {
    if (pages && bytes >= HUGE_FROM_BYTES)
        (void)madvise((uint8_t *)pages + SMALL_UP_TO_BYTES, bytes - SMALL_UP_TO_BYTES,
                      MADV_HUGEPAGE);
}

/* Of an odd number, modulo 2^32, by Newton's iteration: each step doubles the bits that are right,
 * of which any odd number has three as its own inverse. */
static uint32_t inverse_of(uint32_t odd) {
    uint32_t inverse = odd;
    for (unsigned bits = 3; bits < 32; bits *= 2)
        inverse *= 2 - odd * inverse;
    return inverse;
}

int pool_init(struct pool *pool, uint32_t capacity, uint32_t slot_bytes) {
    *pool = (struct pool){.slot_bytes = (slot_bytes + 7u) & ~7u, .capacity = capacity};
    pool->twos = pool->slot_bytes ? (uint32_t)__builtin_ctz(pool->slot_bytes) : 0;
    pool->inverse = inverse_of(pool->slot_bytes >> pool->twos);
    pool->mapped_bytes = (size_t)capacity * pool->slot_bytes;
    pool->slots = pages_reserve(pool->mapped_bytes);
    return pool->slots ? 0 : -ENOMEM;
}

void pool_fini(struct pool *pool) {
    pages_free(pool->slots, pool->mapped_bytes);
    *pool = (struct pool){0};
}

void pool_empty(struct pool *pool) {
    pages_wipe(pool->slots, pool->mapped_bytes);
    pool->touched = pool->free_head = pool->in_use = 0;
}

uint32_t pool_take(struct pool *pool) {
    return pool_take_wiped(pool, pool->slot_bytes);
}

uint32_t pool_take_wiped(struct pool *pool, size_t bytes) {
    uint32_t fresh = pool->touched, index = pool_take_unwiped(pool);
    if (index && pool->touched == fresh)
        memset(pool_at(pool, index), 0, bytes);
    return index;
}
