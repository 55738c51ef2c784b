/* A pool: a fixed number of equal slots, taken and given back in constant time, named by index so
 * that state stays small. The address space is reserved at once and touched only as slots are used,
 * so a pool sized for the worst hour costs nothing on a quiet day. */
#ifndef SMBLAME_BASE_POOL_H
#define SMBLAME_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct pool {
    uint8_t *slots;
    size_t mapped_bytes;
    uint32_t slot_bytes; /* rounded up to 8 */
    uint32_t inverse;    /* of slot_bytes without its factors of two: see pool_index() */
    uint32_t twos;       /* which are so many */
    uint32_t capacity;
    uint32_t touched;   /* slots [1, touched] were used at least once */
    uint32_t free_head; /* index of the last slot given back, 0 = none */
    uint32_t in_use;
};

/* Reserves `capacity` slots of `slot_bytes`. 0 or -ENOMEM. */
int pool_init(struct pool *pool, uint32_t capacity, uint32_t slot_bytes);
void pool_fini(struct pool *pool);

/* The address of a slot that was taken. */
static inline void *pool_at(const struct pool *pool, uint32_t index) {
    return pool->slots + (size_t)(index - 1) * pool->slot_bytes;
}

/* The index (1...capacity) of a slot, or 0 when all are in use. What is in the slot is left from
 * its last owner: for owners that write what they read. In the header because requests come and go
 * with every message. */
static inline uint32_t pool_take_unwiped(struct pool *pool) {
    uint32_t index = pool->free_head;
    if (index)
        memcpy(&pool->free_head, pool_at(pool, index), sizeof pool->free_head);
    else if (pool->touched < pool->capacity)
        index = ++pool->touched;
    else
        return 0;
    pool->in_use++;
    return index;
}

/* The same, of a zeroed slot; or of one whose first bytes are zeroed. */
uint32_t pool_take(struct pool *pool);
uint32_t pool_take_wiped(struct pool *pool, size_t bytes);

/* Gives a slot back. Its bytes must not be used afterwards. */
static inline void pool_give(struct pool *pool, uint32_t index) {
    memcpy(pool_at(pool, index), &pool->free_head, sizeof pool->free_head);
    pool->free_head = index;
    pool->in_use--;
}

/* Gives all slots back at once, and their memory to the system. */
void pool_empty(struct pool *pool);

/* The index of a slot by its address, which has to be where the slot begins: then the division has
 * no remainder, and is a multiplication by the inverse modulo 2^32 instead of twenty cycles. */
static inline uint32_t pool_index(const struct pool *pool, const void *slot) {
    size_t offset = (size_t)((const uint8_t *)slot - pool->slots);
    return (uint32_t)(offset >> pool->twos) * pool->inverse + 1;
}

/* Reserved, lazily touched, zeroed pages: the memory under pools and tables. NULL when the address
 * space is refused. pages_free takes the size that was asked for. */
void *pages_reserve(size_t bytes);
void pages_free(void *pages, size_t bytes);

/* Makes pages as they were when reserved: zeroed, and nobody's memory until they are touched. */
void pages_wipe(void *pages, size_t bytes);

/* Asks for large pages under memory that is walked at random: with small ones nearly every step
 * would miss the TLB. The first megabyte stays small, as it does without harm: a large page is
 * zeroed whole when its first byte is touched, which a small capture would pay for every area there
 * is. Advice, which a kernel may ignore; nothing happens to small areas. */
void pages_enlarge(void *pages, size_t bytes);

#endif
