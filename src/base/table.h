/* A bounded hash table from fixed-size keys to fixed-size values that knows which entry was used
 * least recently. When it is full the caller looks at the oldest, says goodbye to it, removes it
 * and adds again: eviction is never silent. Values keep their address until removed. Iteration is
 * from the oldest to the newest use, so what is printed does not depend on the hash seed. */
#ifndef SMBLAME_BASE_TABLE_H
#define SMBLAME_BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"

/* What is before the key and the value of an entry. */
struct table_entry {
    _Alignas(8) uint32_t chain; /* next entry of the bucket */
    uint32_t older, newer;      /* by use */
    uint32_t bucket;
    uint32_t linked; /* table->links when it became the newest */
};

struct table {
    struct pool entries; /* of struct table_entry, key, then value at value_at */
    uint32_t *buckets;   /* entry index, 0 = empty */
    uint32_t bucket_count;
    uint32_t key_bytes, value_at;
    uint32_t oldest, newest; /* entry index, 0 = empty table */
    uint32_t links;          /* so far, of entries as the newest; wraps */
    uint32_t slack;          /* an entry that at most so many were linked after stays where it is */
    uint64_t seed;
};

/* Room for `capacity` entries. Keys are compared and hashed as bytes: no padding in them. 0 or
 * -ENOMEM. */
int table_init(struct table *table, uint32_t capacity, uint32_t key_bytes, uint32_t value_bytes);
void table_fini(struct table *table);

/* The most memory such a table takes, beside struct table itself. */
size_t table_bytes(uint32_t capacity, uint32_t key_bytes, uint32_t value_bytes);

/* For tables that nobody iterates: an entry among the newest eighth of the capacity stays where it
 * is when it is used, for linking it anew costs three cache lines. */
static inline void table_relax(struct table *table) {
    table->slack = table->entries.capacity / 8;
}

/* Hints, for tables that are walked at random: what is under a key, and what the next removals of
 * the oldest touch when the table is full, is fetched ahead. */
typedef void table_hint(const struct table *table, const void *key);
void table_expect(const struct table *table, const void *key);
void table_expect_bucket(const struct table *table, const void *key);
void table_expect_full(const struct table *table);

/* The value under `key`, which becomes the most recently used, or NULL. */
void *table_find(struct table *table, const void *key);

/* Makes a value that is at hand the most recently used, as finding it does. */
void table_link_anew(struct table *table, struct table_entry *entry);
static inline void table_use(struct table *table, void *value) {
    struct table_entry *entry = (void *)((uint8_t *)value - table->value_at);
    if (entry->newer && table->links - entry->linked > table->slack)
        table_link_anew(table, entry);
}

/* A zeroed value for a key that is not in the table, or NULL when the table is full. */
void *table_add(struct table *table, const void *key);

/* The key that a value is stored under. */
static inline const void *table_key(const struct table *table, const void *value) {
    return (const uint8_t *)value - table->value_at + sizeof(struct table_entry);
}

/* The least recently used value and the one used next after `value`; NULL at the end. */
void *table_oldest(const struct table *table);
void *table_next(const struct table *table, const void *value);

void table_remove(struct table *table, void *value);

/* Fetches ahead what removing a value touches beside it. A hint; the value has to be at hand. */
static inline void table_expect_removal(const struct table *table, const void *value) {
    const struct table_entry *entry = (const void *)((const uint8_t *)value - table->value_at);
    __builtin_prefetch(&table->buckets[entry->bucket]);
    if (entry->newer)
        __builtin_prefetch(pool_at(&table->entries, entry->newer));
    if (entry->older)
        __builtin_prefetch(pool_at(&table->entries, entry->older));
}

static inline uint32_t table_count(const struct table *table) {
    return table->entries.in_use;
}

#endif
