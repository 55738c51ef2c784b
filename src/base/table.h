/* A bounded hash table from fixed-size keys to fixed-size values that knows which entry was used
 * least recently. When it is full the caller looks at the oldest, says goodbye to it, removes it
 * and adds again: eviction is never silent. Values keep their address until removed. Iteration is
 * from the oldest to the newest use, so what is printed does not depend on the hash seed. */
#ifndef SMBLAME_BASE_TABLE_H
#define SMBLAME_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"

/* What is before the key and the value of an entry. */
struct table_entry {
    _Alignas(8) uint32_t older, newer; /* by use */
    uint32_t bucket;                   /* its own, though it may have found room in a later one */
    bool was_used;                     /* since it was linked; in a table that is relaxed */
};

enum { TABLE_SLOTS = 15 };

/* A cache line. A slot is the number of an entry below some bits of its hash; 0 = empty. */
struct table_bucket {
    _Alignas(64) uint32_t slots[TABLE_SLOTS];
    uint32_t passed; /* entries that did not find room here, and went on */
};

struct table {
    struct pool entries; /* of struct table_entry, key, then value at value_at */
    struct table_bucket *buckets;
    uint32_t bucket_count, index_bits;
    uint32_t key_bytes, value_at;
    uint32_t oldest, newest; /* entry index, 0 = empty table */
    bool is_relaxed;
    uint64_t seed;
};

/* Room for `capacity` entries. Keys are compared and hashed as bytes: no padding in them. 0 or
 * -ENOMEM. */
int table_init(struct table *table, uint32_t capacity, uint32_t key_bytes, uint32_t value_bytes);
void table_fini(struct table *table);

/* The most memory such a table takes, beside struct table itself. */
size_t table_bytes(uint32_t capacity, uint32_t key_bytes, uint32_t value_bytes);

/* For tables that nobody prints in their order: that an entry was used is only noted, and it is
 * linked anew when it would be the next to be forgotten, for to link it at each use costs three
 * cache lines. Such an entry is then as if it were used at that moment. */
static inline void table_relax(struct table *table) {
    table->is_relaxed = true;
}

/* A hint, for tables that are walked at random: what the next removals of the oldest touch when the
 * table is full is fetched ahead. */
void table_expect_full(const struct table *table);

/* The value under `key`, which becomes the most recently used, or NULL. */
void *table_find(struct table *table, const void *key);

/* Makes a value that is at hand the most recently used, as finding it does. */
void table_link_anew(struct table *table, struct table_entry *entry);
static inline void table_use(struct table *table, void *value) {
    struct table_entry *entry = (void *)((uint8_t *)value - table->value_at);
    if (!table->is_relaxed && entry->newer)
        table_link_anew(table, entry);
    else if (table->is_relaxed && !entry->was_used)
        entry->was_used = true;
}

/* A zeroed value for a key that is not in the table, or NULL when the table is full. */
void *table_add(struct table *table, const void *key);

/* The same in steps, for tables that are walked at random, where each step waits for main memory
 * when nothing was said of it before: table_expect() fetches ahead where a key is looked up and
 * returns its hash; table_expect_entry() after it, the entry that is probably there, whole. Both
 * are hints. Finding and adding then take the hash, which they do not compute again. */
uint64_t table_expect(const struct table *table, const void *key);
void table_expect_entry(const struct table *table, uint64_t hash);
void *table_find_hashed(struct table *table, const void *key, uint64_t hash);
void *table_add_hashed(struct table *table, const void *key, uint64_t hash);

/* The key that a value is stored under. */
static inline const void *table_key(const struct table *table, const void *value) {
    return (const uint8_t *)value - table->value_at + sizeof(struct table_entry);
}

/* The value to be forgotten, should there be one too many: what was used least recently. NULL when
 * the table is empty. Where uses are only noted, they are heeded now. */
void *table_stalest(struct table *table);

/* For iteration: the least recently used value, as they are linked, and the one used next after
 * `value`; NULL at the end. */
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
