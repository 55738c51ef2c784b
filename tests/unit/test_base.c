/* Pools and tables: borders, reuse, order of use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/pool.h"
#include "base/table.h"

static void pool_gives_back_zeroed_slots(void **state) {
    (void)state;
    struct pool pool;
    assert_int_equal(pool_init(&pool, 2, 12), 0);
    uint32_t one = pool_take(&pool), two = pool_take(&pool);
    assert_int_equal(one, 1);
    assert_int_equal(two, 2);
    assert_int_equal(pool_take(&pool), 0);
    memset(pool_at(&pool, one), 0xAA, 12);
    assert_int_equal(pool_index(&pool, pool_at(&pool, two)), two);
    pool_give(&pool, one);
    assert_int_equal(pool.in_use, 1);
    assert_int_equal(pool_take(&pool), one);
    assert_int_equal(*(uint8_t *)pool_at(&pool, one), 0);
    assert_int_equal(*((uint8_t *)pool_at(&pool, one) + 11), 0);
    pool_fini(&pool);
}

static void pool_knows_the_index_of_slots_of_any_size(void **state) {
    (void)state;
    static const uint32_t sizes[] = {1, 8, 24, 56, 64, 96, 488, 584, 4096, 24584};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct pool pool;
        assert_int_equal(pool_init(&pool, 100000, sizes[i]), 0);
        for (uint32_t index = 1; index <= 100000; index += 271)
            assert_int_equal(pool_index(&pool, pool_at(&pool, index)), index);
        pool_fini(&pool);
    }
}

static void table_finds_and_adds_by_a_hash_that_is_known(void **state) {
    (void)state;
    struct table table;
    assert_int_equal(table_init(&table, 100, sizeof(uint64_t), sizeof(uint64_t)), 0);
    for (uint64_t key = 1; key <= 200; key++) {
        uint64_t hash = table_expect(&table, &key);
        table_expect_entry(&table, hash);
        assert_null(table_find_hashed(&table, &key, hash));
        uint64_t *value = table_add_hashed(&table, &key, hash);
        if (key > 100) {
            assert_null(value);
            continue;
        }
        *value = key;
        table_expect_entry(&table, hash);
        assert_ptr_equal(table_find_hashed(&table, &key, hash), value);
        assert_ptr_equal(table_find(&table, &key), value);
    }
    table_fini(&table);
}

static void table_is_bounded_and_knows_the_oldest(void **state) {
    (void)state;
    struct table table;
    assert_int_equal(table_init(&table, 3, sizeof(uint32_t), sizeof(uint64_t)), 0);
    for (uint32_t key = 1; key <= 3; key++)
        *(uint64_t *)table_add(&table, &key) = key * UINT64_C(10);
    uint32_t four = 4, one = 1, two = 2;
    assert_null(table_add(&table, &four));
    assert_int_equal(*(uint64_t *)table_find(&table, &one), 10);
    assert_int_equal(*(uint64_t *)table_oldest(&table), 20);
    assert_int_equal(*(const uint32_t *)table_key(&table, table_oldest(&table)), 2);
    table_remove(&table, table_oldest(&table));
    assert_null(table_find(&table, &two));
    assert_non_null(table_add(&table, &four));
    uint64_t order[3] = {0}, count = 0;
    for (void *v = table_oldest(&table); v; v = table_next(&table, v))
        order[count++] = *(const uint32_t *)table_key(&table, v);
    assert_int_equal(count, 3);
    assert_int_equal(order[0], 3);
    assert_int_equal(order[1], 1);
    assert_int_equal(order[2], 4);
    table_fini(&table);
}

static void table_says_what_it_takes(void **state) {
    (void)state;
    static const uint32_t sizes[][3] = {{1, 1, 1}, {3, 4, 8}, {64, 16, 3}, {1000, 13, 40}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct table table;
        assert_int_equal(table_init(&table, sizes[i][0], sizes[i][1], sizes[i][2]), 0);
        assert_int_equal(table.bucket_count * sizeof *table.buckets + table.entries.mapped_bytes,
                         table_bytes(sizes[i][0], sizes[i][1], sizes[i][2]));
        table_fini(&table);
    }
}

static void table_survives_churn(void **state) {
    (void)state;
    struct table table;
    assert_int_equal(table_init(&table, 100, sizeof(uint64_t), sizeof(uint64_t)), 0);
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t *value = table_add(&table, &i);
        if (!value) {
            assert_int_equal(*(uint64_t *)table_oldest(&table), i - 100);
            table_remove(&table, table_oldest(&table));
            value = table_add(&table, &i);
        }
        assert_non_null(value);
        *value = i;
    }
    assert_int_equal(table_count(&table), 100);
    table_fini(&table);
}

/* Full to the last entry, some buckets overflow; what is removed leaves no hole that hides others.
 */
static void table_finds_all_when_full(void **state) {
    (void)state;
    enum { ALL = 2560 };
    struct table table;
    assert_int_equal(table_init(&table, ALL, sizeof(uint64_t), sizeof(uint64_t)), 0);
    for (uint64_t round = 0; round < 4; round++) {
        for (uint64_t i = 0; i < ALL; i++) {
            if (!table_find(&table, &i))
                *(uint64_t *)table_add(&table, &i) = i;
        }
        assert_int_equal(table_count(&table), ALL);
        for (uint64_t i = 0; i < ALL; i++)
            assert_int_equal(*(uint64_t *)table_find(&table, &i), i);
        for (uint64_t i = 0; i < ALL; i++)
            if (i % 4 != round)
                table_remove(&table, table_find(&table, &i));
        for (uint64_t i = 0; i < ALL; i++)
            assert_true((table_find(&table, &i) != NULL) == (i % 4 == round));
    }
    for (uint32_t i = 0; i < table.bucket_count; i++)
        assert_true(table.buckets[i].passed <= ALL / 4);
    table_fini(&table);
}

static void relaxed_table_heeds_uses_when_asked(void **state) {
    (void)state;
    struct table table;
    assert_int_equal(table_init(&table, 4, sizeof(uint32_t), sizeof(uint64_t)), 0);
    table_relax(&table);
    for (uint32_t key = 1; key <= 4; key++)
        table_add(&table, &key);
    uint32_t one = 1, two = 2, three = 3;
    (void)table_find(&table, &two);
    (void)table_find(&table, &one);
    assert_int_equal(*(const uint32_t *)table_key(&table, table_oldest(&table)), 1);
    assert_int_equal(*(const uint32_t *)table_key(&table, table_stalest(&table)), 3);
    table_remove(&table, table_find(&table, &three));
    assert_int_equal(*(const uint32_t *)table_key(&table, table_stalest(&table)), 4);
    table_remove(&table, table_stalest(&table));
    assert_int_equal(*(const uint32_t *)table_key(&table, table_stalest(&table)), 1);
    table_remove(&table, table_stalest(&table));
    table_remove(&table, table_stalest(&table));
    assert_null(table_stalest(&table));
    table_fini(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool_gives_back_zeroed_slots),
        cmocka_unit_test(pool_knows_the_index_of_slots_of_any_size),
        cmocka_unit_test(table_finds_and_adds_by_a_hash_that_is_known),
        cmocka_unit_test(table_is_bounded_and_knows_the_oldest),
        cmocka_unit_test(table_says_what_it_takes),
        cmocka_unit_test(table_survives_churn),
        cmocka_unit_test(table_finds_all_when_full),
        cmocka_unit_test(relaxed_table_heeds_uses_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
