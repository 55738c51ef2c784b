/* Chained buckets over a pool of entries; entries are also linked by last use. */
#include "base/table.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"

static struct table_entry *entry_at(const struct table *table, uint32_t index) {
    return index ? pool_at(&table->entries, index) : NULL;
}

static uint8_t *key_of(struct table_entry *entry) {
    return (uint8_t *)(entry + 1);
}

static void *value_of(const struct table *table, struct table_entry *entry) {
    return entry ? (uint8_t *)entry + table->value_at : NULL;
}

static struct table_entry *entry_of(const struct table *table, const void *value) {
    size_t offset = (size_t)((const uint8_t *)value - table->entries.slots) - table->value_at;
    return (struct table_entry *)(void *)(table->entries.slots + offset);
}

static uint32_t buckets_for(uint32_t capacity) {
    uint32_t count = 1;
    while (count < capacity)
        count *= 2;
    return count;
}

static uint32_t value_behind(uint32_t key_bytes) {
    return (uint32_t)((sizeof(struct table_entry) + key_bytes + 7u) & ~7u);
}

size_t table_bytes(uint32_t capacity, uint32_t key_bytes, uint32_t value_bytes) {
    size_t entry_bytes = (value_behind(key_bytes) + value_bytes + 7u) & ~7u;
    return buckets_for(capacity) * sizeof(uint32_t) + capacity * entry_bytes;
}

int table_init(struct table *table, uint32_t capacity, uint32_t key_bytes, uint32_t value_bytes) {
    *table = (struct table){
        .key_bytes = key_bytes,
        .value_at = value_behind(key_bytes),
        .bucket_count = buckets_for(capacity),
        .seed = hash_seed(),
    };
    table->buckets = pages_reserve((size_t)table->bucket_count * sizeof *table->buckets);
    if (!table->buckets)
        return -ENOMEM;
    int failed = pool_init(&table->entries, capacity, table->value_at + value_bytes);
    if (!failed)
        pages_enlarge(table->entries.slots, table->entries.mapped_bytes);
    if (failed)
        table_fini(table);
    return failed;
}

void table_fini(struct table *table) {
    pages_free(table->buckets, (size_t)table->bucket_count * sizeof *table->buckets);
    pool_fini(&table->entries);
    *table = (struct table){0};
}

static void use_unlink(struct table *table, struct table_entry *entry) {
    if (entry->older)
        entry_at(table, entry->older)->newer = entry->newer;
    else
        table->oldest = entry->newer;
    if (entry->newer)
        entry_at(table, entry->newer)->older = entry->older;
    else
        table->newest = entry->older;
}

static void use_link_newest(struct table *table, struct table_entry *entry) {
    uint32_t index = pool_index(&table->entries, entry);
    entry->older = table->newest;
    entry->newer = 0;
    if (table->newest)
        entry_at(table, table->newest)->newer = index;
    else
        table->oldest = index;
    table->newest = index;
    entry->linked = table->links++;
}

/* The usual sizes of keys are named: hashing and comparing a size that the compiler knows costs a
 * third. */
static uint32_t bucket_of(const struct table *table, const void *key) {
    uint32_t size = table->key_bytes, mask = table->bucket_count - 1;
    if (size == 16)
        return (uint32_t)hash_bytes(key, 16, table->seed) & mask;
    if (size == 8)
        return (uint32_t)hash_bytes(key, 8, table->seed) & mask;
    return (uint32_t)hash_bytes(key, size, table->seed) & mask;
}

void table_expect_bucket(const struct table *table, const void *key) {
    __builtin_prefetch(&table->buckets[bucket_of(table, key)]);
}

void table_expect(const struct table *table, const void *key) {
    uint32_t index = table->buckets[bucket_of(table, key)];
    if (!index)
        return;
    const uint8_t *entry = pool_at(&table->entries, index);
    for (size_t at = 0; at < table->entries.slot_bytes; at += 64)
        __builtin_prefetch(entry + at);
}

/* Who is oldest is at hand since the last time, the one after it is fetched now. */
void table_expect_full(const struct table *table) {
    if (table->entries.in_use < table->entries.capacity || !table->oldest)
        return;
    const struct table_entry *oldest = entry_at(table, table->oldest);
    __builtin_prefetch(&table->buckets[oldest->bucket]);
    if (!oldest->newer)
        return;
    const struct table_entry *second = entry_at(table, oldest->newer);
    if (second->newer)
        __builtin_prefetch(entry_at(table, second->newer));
}

static bool is_key(const struct table *table, struct table_entry *entry, const void *key) {
    const uint8_t *own = key_of(entry);
    if (table->key_bytes == 16)
        return memcmp(own, key, 16) == 0;
    if (table->key_bytes == 8)
        return memcmp(own, key, 8) == 0;
    return memcmp(own, key, table->key_bytes) == 0;
}

void table_link_anew(struct table *table, struct table_entry *entry) {
    use_unlink(table, entry);
    use_link_newest(table, entry);
}

void *table_find(struct table *table, const void *key) {
    uint32_t index = table->buckets[bucket_of(table, key)];
    struct table_entry *entry = entry_at(table, index);
    while (entry && !is_key(table, entry, key))
        entry = entry_at(table, entry->chain);
    void *value = value_of(table, entry);
    if (value)
        table_use(table, value);
    return value;
}

void *table_add(struct table *table, const void *key) {
    uint32_t index = pool_take(&table->entries);
    if (!index)
        return NULL;
    struct table_entry *entry = entry_at(table, index);
    memcpy(key_of(entry), key, table->key_bytes);
    entry->bucket = bucket_of(table, key);
    entry->chain = table->buckets[entry->bucket];
    table->buckets[entry->bucket] = index;
    use_link_newest(table, entry);
    return value_of(table, entry);
}

void *table_oldest(const struct table *table) {
    return value_of(table, entry_at(table, table->oldest));
}

void *table_next(const struct table *table, const void *value) {
    return value_of(table, entry_at(table, entry_of(table, value)->newer));
}

void table_remove(struct table *table, void *value) {
    struct table_entry *entry = entry_of(table, value);
    uint32_t index = pool_index(&table->entries, entry);
    uint32_t *link = &table->buckets[entry->bucket];
    while (*link != index)
        link = &entry_at(table, *link)->chain;
    *link = entry->chain;
    use_unlink(table, entry);
    pool_give(&table->entries, index);
}
