/* Ids and numbers in bytes: what they are once they are for ever, on every host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/uuid.h"

static void text_of(const void *facts, size_t size, char text[UUID_TEXT_BYTES]) {
    uint8_t id[UUID_BYTES];
    uuid_of(facts, size, id);
    uuid_text(id, text);
}

/* XXH3-128 of "" and "abc" are published: 99aa06d3014798d86001c324468d497f and
 * 06b05ab6733a618578af5f94892f3950. */
static void an_id_is_the_digest_with_version_and_variant(void **state) {
    (void)state;
    char text[UUID_TEXT_BYTES];
    text_of("", 0, text);
    assert_string_equal(text, "99aa06d3-0147-88d8-a001-c324468d497f");
    text_of("abc", 3, text);
    assert_string_equal(text, "06b05ab6-733a-8185-b8af-5f94892f3950");
}

static void every_fact_counts(void **state) {
    (void)state;
    uint8_t facts[300] = {0};
    char first[UUID_TEXT_BYTES], other[UUID_TEXT_BYTES];
    text_of(facts, sizeof facts, first);
    for (size_t i = 0; i < sizeof facts; i++) {
        facts[i] = 1;
        text_of(facts, sizeof facts, other);
        assert_string_not_equal(first, other);
        facts[i] = 0;
    }
    text_of(facts, sizeof facts - 1, other);
    assert_string_not_equal(first, other);
}

static void numbers_have_the_order_that_is_said(void **state) {
    (void)state;
    uint8_t bytes[9];
    memset(bytes, 0xEE, sizeof bytes);
    assert_ptr_equal(bytes_put_be(bytes, UINT64_C(0x0102030405060708), 8), bytes + 8);
    assert_memory_equal(bytes, "\1\2\3\4\5\6\7\10\xEE", 9);
    assert_ptr_equal(bytes_put_le(bytes, UINT64_C(0x0102030405060708), 8), bytes + 8);
    assert_memory_equal(bytes, "\10\7\6\5\4\3\2\1\xEE", 9);
    bytes_put_be(bytes, 0x01020304u, 2);
    assert_memory_equal(bytes, "\3\4\6\5", 4);
    bytes_put_le(bytes, 0x01020304u, 2);
    assert_memory_equal(bytes, "\4\3\6\5", 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_the_digest_with_version_and_variant),
        cmocka_unit_test(every_fact_counts),
        cmocka_unit_test(numbers_have_the_order_that_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
