/* Buckets of one cache line: fifteen slots, each the number of an entry below some bits of its
 * hash, and how many entries found the bucket full and went on to the next. So a key that is not
 * there costs one line, one that is there costs that and its own, and to remove an entry touches no
 * other entry of its bucket. Entries are also linked by last use. */
#include "base/table.h"

#include <errno.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/hash.h"

enum { USUAL_LOAD = 10 }; /* of the slots of a bucket, at most, when all entries are in use */

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
    while ((uint64_t)count * USUAL_LOAD < capacity)
        count *= 2;
    return count;
}

/* The bits of a slot that number an entry: all below the tag. */
static uint32_t index_bits(uint32_t capacity) {
    uint32_t bits = 1;
    while (bits < capacity)
        bits = 2 * bits + 1;
    return bits;
}

static uint32_t value_behind(uint32_t key_bytes) {
    return (uint32_t)((sizeof(struct table_entry) + key_bytes + 7u) & ~7u);
}

size_t table_bytes(uint32_t capacity, uint32_t key_bytes, uint32_t value_bytes) {
    size_t entry_bytes = (value_behind(key_bytes) + value_bytes + 7u) & ~7u;
    return buckets_for(capacity) * sizeof(struct table_bucket) + capacity * entry_bytes;
}

int table_init(struct table *table, uint32_t capacity, uint32_t key_bytes, uint32_t value_bytes) {
    *table = (struct table){
        .key_bytes = key_bytes,
        .value_at = value_behind(key_bytes),
        .bucket_count = buckets_for(capacity),
        .index_bits = index_bits(capacity),
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
    entry->was_used = false;
}

/* The usual sizes of keys are named: hashing and comparing a size that the compiler knows costs a
 * third. */
static uint64_t hash_of(const struct table *table, const void *key) {
    uint32_t size = table->key_bytes;
    if (size == 16)
        return hash_bytes(key, 16, table->seed);
    if (size == 8)
        return hash_bytes(key, 8, table->seed);
    return hash_bytes(key, size, table->seed);
}

static uint32_t home_of(const struct table *table, uint64_t hash) {
    return (uint32_t)hash & (table->bucket_count - 1);
}

/* Never 0, which an empty slot has. */
static uint32_t tag_of(const struct table *table, uint64_t hash) {
    return ((uint32_t)(hash >> 32) & ~table->index_bits) | (table->index_bits + 1);
}

/* The slots whose bits under `mask` are `wanted`, a bit for each. */
static uint32_t slots_like(const struct table_bucket *bucket, uint32_t wanted, uint32_t mask) {
    const uint32_t *slots = bucket->slots;
#ifdef __SSE2__
    __m128i like[4], want = _mm_set1_epi32((int)wanted), under = _mm_set1_epi32((int)mask);
    for (unsigned i = 0; i < 4; i++)
        like[i] = _mm_cmpeq_epi32(
            _mm_and_si128(_mm_load_si128((const __m128i *)(const void *)(slots + 4 * i)), under),
            want);
    __m128i low = _mm_packs_epi32(like[0], like[1]), high = _mm_packs_epi32(like[2], like[3]);
    return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high)) & ((1u << TABLE_SLOTS) - 1);
#else
    uint32_t found = 0;
    for (unsigned i = 0; i < TABLE_SLOTS; i++)
        found |= (uint32_t)((slots[i] & mask) == wanted) << i;
    return found;
#endif
}

static uint32_t next_bucket(const struct table *table, uint32_t at) {
    return (at + 1) & (table->bucket_count - 1);
}

/* Into the first free slot from the entry's own bucket on. There are more slots than entries. */
static void slot_take(struct table *table, uint32_t home, uint32_t slot) {
    struct table_bucket *bucket = &table->buckets[home];
    uint32_t free;
    while (!(free = slots_like(bucket, 0, UINT32_MAX))) {
        bucket->passed++;
        home = next_bucket(table, home);
        bucket = &table->buckets[home];
    }
    bucket->slots[__builtin_ctz(free)] = slot;
}

static void slot_give(struct table *table, uint32_t home, uint32_t index) {
    struct table_bucket *bucket = &table->buckets[home];
    uint32_t found;
    while (!(found = slots_like(bucket, index, table->index_bits))) {
        bucket->passed--;
        home = next_bucket(table, home);
        bucket = &table->buckets[home];
    }
    bucket->slots[__builtin_ctz(found)] = 0;
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

uint64_t table_expect(const struct table *table, const void *key) {
    uint64_t hash = hash_of(table, key);
    __builtin_prefetch(&table->buckets[home_of(table, hash)]);
    return hash;
}

void table_expect_entry(const struct table *table, uint64_t hash) {
    const struct table_bucket *bucket = &table->buckets[home_of(table, hash)];
    uint32_t found = slots_like(bucket, tag_of(table, hash), ~table->index_bits);
    if (!found)
        return;
    uint32_t slot = bucket->slots[__builtin_ctz(found)];
    const uint8_t *entry = pool_at(&table->entries, slot & table->index_bits);
    const uint8_t *last = entry + table->entries.slot_bytes - 1;
    for (; entry < last; entry += sizeof *bucket)
        __builtin_prefetch(entry);
    __builtin_prefetch(last);
}

void *table_find(struct table *table, const void *key) {
    return table_find_hashed(table, key, hash_of(table, key));
}

void *table_find_hashed(struct table *table, const void *key, uint64_t hash) {
    uint32_t tag = tag_of(table, hash), home = home_of(table, hash);
    for (;; home = next_bucket(table, home)) {
        const struct table_bucket *bucket = &table->buckets[home];
        uint32_t found = slots_like(bucket, tag, ~table->index_bits);
        for (; found; found &= found - 1) {
            uint32_t slot = bucket->slots[__builtin_ctz(found)];
            struct table_entry *entry = entry_at(table, slot & table->index_bits);
            if (!is_key(table, entry, key))
                continue;
            void *value = value_of(table, entry);
            table_use(table, value);
            return value;
        }
        if (!bucket->passed)
            return NULL;
    }
}

void *table_add(struct table *table, const void *key) {
    return table_add_hashed(table, key, hash_of(table, key));
}

void *table_add_hashed(struct table *table, const void *key, uint64_t hash) {
    uint32_t index = pool_take(&table->entries);
    if (!index)
        return NULL;
    struct table_entry *entry = entry_at(table, index);
    memcpy(key_of(entry), key, table->key_bytes);
    entry->bucket = home_of(table, hash);
    slot_take(table, entry->bucket, tag_of(table, hash) | index);
    use_link_newest(table, entry);
    return value_of(table, entry);
}

void *table_oldest(const struct table *table) {
    return value_of(table, entry_at(table, table->oldest));
}

void *table_stalest(struct table *table) {
    struct table_entry *oldest;
    while ((oldest = entry_at(table, table->oldest)) && oldest->was_used)
        table_link_anew(table, oldest);
    return value_of(table, oldest);
}

void *table_next(const struct table *table, const void *value) {
    return value_of(table, entry_at(table, entry_of(table, value)->newer));
}

void table_remove(struct table *table, void *value) {
    struct table_entry *entry = entry_of(table, value);
    uint32_t index = pool_index(&table->entries, entry);
    slot_give(table, entry->bucket, index);
    use_unlink(table, entry);
    pool_give(&table->entries, index);
}
