/* The cursor's borders: the last byte is readable, the first one behind it spoils, and a spoiled
 * cursor gives zeros and stays where it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <smblame/cursor.h>
#include <smblame/report.h>

static const uint8_t eight[8] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88};

static void reads_every_width_to_the_end(void **state) {
    (void)state;
    struct sbl_cursor c = sbl_cursor_of(eight, 8);
    assert_int_equal(sbl_cursor_u8(&c), 0x01);
    assert_int_equal(sbl_cursor_le16(&c), 0x0302);
    assert_int_equal(sbl_cursor_be16(&c), 0x0405);
    assert_int_equal(sbl_cursor_be24(&c), 0x060788);
    assert_int_equal(sbl_cursor_left(&c), 0);
    assert_false(c.spoiled);
    c = sbl_cursor_of(eight, 8);
    assert_int_equal(sbl_cursor_le32(&c), 0x04030201);
    assert_int_equal(sbl_cursor_be32(&c), 0x05060788);
    c = sbl_cursor_of(eight, 8);
    assert_true(sbl_cursor_le64(&c) == 0x8807060504030201);
    assert_false(c.spoiled);
}

static void a_step_past_the_end_spoils_for_good(void **state) {
    (void)state;
    struct sbl_cursor c = sbl_cursor_of(eight, 3);
    assert_int_equal(sbl_cursor_le32(&c), 0);
    assert_true(c.spoiled);
    assert_int_equal(c.at, 0);
    assert_int_equal(sbl_cursor_u8(&c), 0);
    assert_null(sbl_cursor_take(&c, 0));
    c = sbl_cursor_of(eight, 7);
    assert_true(sbl_cursor_le64(&c) == 0);
    assert_true(c.spoiled);
    c = sbl_cursor_of(eight, 8);
    sbl_cursor_skip(&c, SIZE_MAX);
    assert_true(c.spoiled);
    assert_int_equal(c.at, 0);
}

static void no_bytes_are_a_message_too(void **state) {
    (void)state;
    struct sbl_cursor c = sbl_cursor_of(NULL, 8);
    assert_int_equal(c.size, 0);
    assert_int_equal(sbl_cursor_u8(&c), 0);
    assert_true(c.spoiled);
}

static void seeks_to_the_end_and_no_further(void **state) {
    (void)state;
    struct sbl_cursor c = sbl_cursor_of(eight, 8);
    sbl_cursor_seek(&c, 8);
    assert_false(c.spoiled);
    sbl_cursor_seek(&c, 9);
    assert_true(c.spoiled);
    assert_int_equal(c.at, 8);
}

static void aligns_from_its_base_and_stops_at_the_end(void **state) {
    (void)state;
    struct sbl_cursor c = sbl_cursor_of(eight, 7);
    sbl_cursor_skip(&c, 1);
    sbl_cursor_align(&c, 4);
    assert_int_equal(c.at, 4);
    sbl_cursor_align(&c, 4);
    assert_int_equal(c.at, 4);
    sbl_cursor_skip(&c, 1);
    sbl_cursor_align(&c, 8);
    assert_int_equal(c.at, 7);
    assert_false(c.spoiled);
}

static void windows_keep_offsets_and_their_parents_end(void **state) {
    (void)state;
    struct sbl_cursor c = sbl_cursor_of(eight, 8);
    struct sbl_cursor window = sbl_cursor_window(&c, 6, 2);
    assert_int_equal(window.at, 6);
    assert_int_equal(sbl_cursor_le16(&window), 0x8807);
    assert_int_equal(sbl_cursor_u8(&window), 0);
    assert_true(window.spoiled);
    assert_false(c.spoiled);
    window = sbl_cursor_window(&c, 8, 0);
    assert_false(window.spoiled);
    window = sbl_cursor_window(&c, 6, 3);
    assert_true(window.spoiled && c.spoiled);
    assert_int_equal(window.size, 0);
    c = sbl_cursor_of(eight, 8);
    (void)sbl_cursor_window(&c, 1, SIZE_MAX);
    assert_true(c.spoiled);
    c = sbl_cursor_of(eight, 8);
    (void)sbl_cursor_window(&c, SIZE_MAX, 1);
    assert_true(c.spoiled);
}

static void blobs_count_from_their_own_first_byte(void **state) {
    (void)state;
    struct sbl_cursor c = sbl_cursor_of(eight, 8);
    sbl_cursor_skip(&c, 4);
    struct sbl_cursor blob = sbl_cursor_blob(&c, 4);
    assert_int_equal(blob.at, 0);
    assert_int_equal(sbl_cursor_u8(&blob), 0x05);
    assert_int_equal(sbl_cursor_left(&c), 0);
    blob = sbl_cursor_blob(&c, 1);
    assert_true(blob.spoiled && c.spoiled);
}

static void starts_looks_without_spoiling(void **state) {
    (void)state;
    struct sbl_cursor c = sbl_cursor_of(eight, 2);
    assert_true(sbl_cursor_starts(&c, "\x01\x02", 2));
    assert_false(sbl_cursor_starts(&c, "\x01\x02\x03", 3));
    assert_false(c.spoiled);
    assert_int_equal(c.at, 0);
}

static void texts_are_cut_and_marked(void **state) {
    (void)state;
    struct sbl_cursor c = sbl_cursor_of(eight, 8);
    struct sbl_text text = sbl_cursor_text_at(&c, 6, 2, SBL_TEXT_OEM);
    assert_true(text.size == 2 && !text.is_cut && text.bytes == eight + 6);
    text = sbl_cursor_text_at(&c, 6, SIZE_MAX, SBL_TEXT_OEM);
    assert_true(text.size == 2 && text.is_cut);
    text = sbl_cursor_text_at(&c, 8, 0, SBL_TEXT_OEM);
    assert_true(sbl_text_is_present(text) && sbl_text_is_empty(text) && !text.is_cut);
    text = sbl_cursor_text_at(&c, 8, 1, SBL_TEXT_OEM);
    assert_true(!sbl_text_is_present(text) && text.is_cut);
    text = sbl_cursor_text_at(&c, SIZE_MAX, 1, SBL_TEXT_OEM);
    assert_true(!sbl_text_is_present(text) && text.is_cut);
    assert_false(c.spoiled);
}

static void strings_end_at_their_terminator_or_the_window(void **state) {
    (void)state;
    static const uint8_t names[] = {'a', 0, 'b', 0, 0, 0, 'c', 'd'};
    struct sbl_cursor c = sbl_cursor_of(names, sizeof names);
    struct sbl_text text = sbl_cursor_string(&c, SBL_TEXT_UTF16LE);
    assert_int_equal(text.size, 4);
    assert_int_equal(c.at, 6);
    text = sbl_cursor_string(&c, SBL_TEXT_OEM);
    assert_int_equal(text.size, 2);
    assert_int_equal(c.at, 8);
    c = sbl_cursor_of(names, 3); /* half a code unit is left: it is no text */
    text = sbl_cursor_string(&c, SBL_TEXT_UTF16LE);
    assert_int_equal(text.size, 2);
    assert_int_equal(c.at, 3);
    c.spoiled = true;
    assert_false(sbl_text_is_present(sbl_cursor_string(&c, SBL_TEXT_OEM)));
}

static void a_report_refuses_what_a_spoiled_cursor_says(void **state) {
    (void)state;
    static struct sbl_report report;
    struct sbl_observation seen = {.kind = SBL_SAW_OTHER};
    struct sbl_cursor c = sbl_cursor_of(eight, 8);
    sbl_report_reset(&report, false);
    for (unsigned i = 0; i < SBL_REPORT_CAPACITY; i++)
        assert_true(sbl_report_add(&report, &c, &seen));
    assert_false(sbl_report_add(&report, &c, &seen));
    assert_int_equal(report.oddities[SBL_ODDITY_REPORT_FULL], 1);
    sbl_cursor_skip(&c, 9);
    assert_false(sbl_report_add(&report, &c, &seen));
    assert_int_equal(report.oddities[SBL_ODDITY_SPOILED_CURSOR], 1);
    sbl_report_reset(&report, true);
    assert_false(sbl_report_add(&report, &c, &seen));
    assert_int_equal(report.oddities[SBL_ODDITY_CUT_BY_SNAPLEN], 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_width_to_the_end),
        cmocka_unit_test(a_step_past_the_end_spoils_for_good),
        cmocka_unit_test(no_bytes_are_a_message_too),
        cmocka_unit_test(seeks_to_the_end_and_no_further),
        cmocka_unit_test(aligns_from_its_base_and_stops_at_the_end),
        cmocka_unit_test(windows_keep_offsets_and_their_parents_end),
        cmocka_unit_test(blobs_count_from_their_own_first_byte),
        cmocka_unit_test(starts_looks_without_spoiling),
        cmocka_unit_test(texts_are_cut_and_marked),
        cmocka_unit_test(strings_end_at_their_terminator_or_the_window),
        cmocka_unit_test(a_report_refuses_what_a_spoiled_cursor_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
