/* Keys that a stranger has chosen to fall together. A set made against one seed is scattered by
 * every other, and what honest networks count upwards (addresses, ports) is scattered as well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/table.h"
#include "stream/flow_table.h"

enum { CAPACITY = 4096, SET = 1000, FLOWS = 1 << 16, LONGEST = 16 };

static void table_new(struct table *table, uint64_t seed) {
    assert_int_equal(table_init(table, CAPACITY, sizeof(uint64_t), sizeof(uint64_t)), 0);
    table->seed = seed;
}

/* Keys that all belong to bucket 0 of a table with this seed. */
static void collide(const struct table *table, uint64_t keys[SET]) {
    uint64_t key = 0;
    for (unsigned i = 0; i < SET; key++)
        if ((hash_bytes(&key, sizeof key, table->seed) & (table->bucket_count - 1)) == 0)
            keys[i++] = key;
}

/* How often an entry found its bucket full and went on to the next. */
static uint64_t steps_of(struct table *table, const uint64_t keys[SET]) {
    uint64_t steps = 0;
    for (unsigned i = 0; i < SET; i++)
        assert_non_null(table_add(table, &keys[i]));
    for (unsigned i = 0; i < SET; i++)
        assert_non_null(table_find(table, &keys[i]));
    for (uint32_t i = 0; i < table->bucket_count; i++)
        steps += table->buckets[i].passed;
    return steps;
}

static void a_set_made_for_one_seed_is_scattered_by_another(void **state) {
    (void)state;
    static uint64_t keys[SET];
    struct table table;
    table_new(&table, 1);
    collide(&table, keys);
    assert_true(steps_of(&table, keys) > SET * 10);
    table_fini(&table);
    for (uint64_t seed = 2; seed < 20; seed++) {
        table_new(&table, seed);
        assert_true(steps_of(&table, keys) < SET / 10);
        table_fini(&table);
    }
    assert_int_equal(table_init(&table, CAPACITY, sizeof(uint64_t), sizeof(uint64_t)), 0);
    assert_true(steps_of(&table, keys) < SET / 10); /* as it comes */
    table_fini(&table);
}

static void tables_draw_seeds_of_their_own(void **state) {
    (void)state;
    struct table one, other;
    assert_int_equal(table_init(&one, 16, 8, 8), 0);
    assert_int_equal(table_init(&other, 16, 8, 8), 0);
    assert_true(one.seed != other.seed);
    table_fini(&one);
    table_fini(&other);
}

static uint32_t bucket_of(const struct flow_table *table, const struct flow_lookup *lookup) {
    return flow_bucket_of(table, lookup->key);
}

/* The longest chain of so many flows, whose keys are as `make` says. */
static unsigned longest_chain(const struct flow_table *table,
                              void (*make)(uint32_t number, struct flow_lookup *lookup)) {
    uint16_t *counts = calloc(table->bucket_count, sizeof *counts);
    unsigned longest = 0;
    assert_non_null(counts);
    for (uint32_t i = 0; i < FLOWS; i++) {
        struct flow_lookup lookup = {.side = 0};
        make(i, &lookup);
        unsigned count = ++counts[bucket_of(table, &lookup)];
        longest = count > longest ? count : longest;
    }
    free(counts);
    return longest;
}

static void key_of(struct flow_lookup *lookup, uint32_t client, uint16_t port, uint16_t to) {
    lookup->key[0] = client | UINT64_C(0x0A01000A) << 32;
    lookup->key[1] = (uint64_t)port << 16 | to;
}

static void clients_count_upwards(uint32_t number, struct flow_lookup *lookup) {
    key_of(lookup, 0x0A020000 + number, 1047, 445);
}

static void ports_count_upwards(uint32_t number, struct flow_lookup *lookup) {
    key_of(lookup, 0x0A020304, (uint16_t)number, 445);
}

/* Addresses in network byte order count in their highest byte. */
static void clients_count_in_network_order(uint32_t number, struct flow_lookup *lookup) {
    key_of(lookup, __builtin_bswap32(0x0A020000 + number), 1047, 445);
}

static uint64_t next_random(uint64_t *random) {
    uint64_t z = *random += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* One multiplication is no more than pairwise independent: of some thousand secrets one makes
 * chains of a few dozen out of a row of keys. These are the same for every run. */
static void flows_are_scattered_whatever_counts(void **state) {
    (void)state;
    uint64_t random = 1;
    for (unsigned i = 0; i < 20; i++) {
        struct flow_table table;
        assert_int_equal(flow_table_init(&table, FLOWS), 0);
        table.secret.words[0] = next_random(&random);
        table.secret.words[1] = next_random(&random);
        assert_true(longest_chain(&table, clients_count_upwards) < LONGEST);
        assert_true(longest_chain(&table, ports_count_upwards) < LONGEST);
        assert_true(longest_chain(&table, clients_count_in_network_order) < LONGEST);
        flow_table_fini(&table);
    }
}

static void flows_made_for_one_secret_are_scattered_by_another(void **state) {
    (void)state;
    static struct flow_lookup set[SET];
    struct flow_table table, other;
    assert_int_equal(flow_table_init(&table, FLOWS), 0);
    assert_int_equal(flow_table_init(&other, FLOWS), 0);
    uint64_t random = 1;
    for (unsigned i = 0; i < SET;) {
        uint64_t key = next_random(&random);
        key_of(&set[i], (uint32_t)key, (uint16_t)(key >> 32), 445);
        i += bucket_of(&table, &set[i]) < 4;
    }
    unsigned together = 0;
    for (unsigned i = 0; i < SET; i++)
        together += bucket_of(&other, &set[i]) < 4;
    assert_true(together < LONGEST);
    flow_table_fini(&table);
    flow_table_fini(&other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_made_for_one_seed_is_scattered_by_another),
        cmocka_unit_test(tables_draw_seeds_of_their_own),
        cmocka_unit_test(flows_are_scattered_whatever_counts),
        cmocka_unit_test(flows_made_for_one_secret_are_scattered_by_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
