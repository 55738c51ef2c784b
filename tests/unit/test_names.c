/* The name store: texts of every length around the chunk, and what happens when it is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/names.h"

static uint8_t scratch[NAMES_PILE_BYTES];

static void texts_come_back_as_they_were(void **state) {
    (void)state;
    struct names names;
    assert_int_equal(names_init(&names, 1 << 20), 0);
    uint8_t bytes[200];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    struct pile pile = {0};
    struct name kept[130];
    for (uint32_t i = 0; i < 130; i++) {
        struct sbl_text text = {bytes + i % 7, i, SBL_TEXT_UTF16LE, i % 2 == 0};
        assert_true(names_keep(&names, &pile, text, &kept[i]));
    }
    names_read(&names, &pile, scratch);
    for (uint32_t i = 0; i < 130; i++) {
        struct sbl_text text = name_text(kept[i], scratch);
        assert_int_equal(text.size, i);
        assert_int_equal(text.encoding, SBL_TEXT_UTF16LE);
        assert_int_equal(text.is_cut, i % 2 == 0);
        assert_memory_equal(text.bytes, bytes + i % 7, i);
    }
    names_drop(&names, &pile);
    assert_int_equal(names.chunks.in_use, 0);
    assert_int_equal(pile.size, 0);
    names_fini(&names);
}

static void a_full_store_leaves_the_pile_as_it_was(void **state) {
    (void)state;
    struct names names;
    assert_int_equal(names_init(&names, 192), 0);
    uint8_t bytes[NAMES_CHUNK_BYTES * 4] = {0};
    struct sbl_text text = {bytes, 100, SBL_TEXT_OEM, false};
    struct pile pile = {0};
    struct name kept;
    assert_true(names_keep(&names, &pile, text, &kept));
    text.size = 81; /* 20 bytes are left in the second chunk, 60 in the third */
    assert_false(names_keep(&names, &pile, text, &kept));
    assert_int_equal(kept.encoding, SBL_TEXT_ABSENT);
    assert_int_equal(pile.size, 100);
    text.size = 80;
    assert_true(names_keep(&names, &pile, text, &kept));
    assert_true(names_keep(&names, &pile, (struct sbl_text){0}, &kept));
    text.size = 0;
    assert_true(names_keep(&names, &pile, text, &kept));
    assert_int_equal(kept.encoding, SBL_TEXT_OEM);
    names_drop(&names, &pile);
    names_fini(&names);
}

static void endless_texts_are_cut_and_piles_end(void **state) {
    (void)state;
    static uint8_t bytes[NAMES_TEXT_BYTES + 1];
    struct names names;
    assert_int_equal(names_init(&names, 1 << 20), 0);
    struct sbl_text text = {bytes, sizeof bytes, SBL_TEXT_OEM, false};
    struct pile pile = {0};
    struct name kept;
    unsigned count = 0;
    while (names_keep(&names, &pile, text, &kept)) {
        assert_int_equal(kept.size, NAMES_TEXT_BYTES);
        assert_true(kept.is_cut);
        count++;
    }
    assert_int_equal(count, NAMES_PILE_BYTES / NAMES_TEXT_BYTES);
    names_drop(&names, &pile);
    names_fini(&names);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_come_back_as_they_were),
        cmocka_unit_test(a_full_store_leaves_the_pile_as_it_was),
        cmocka_unit_test(endless_texts_are_cut_and_piles_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
