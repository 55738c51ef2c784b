/* Decoding: every UTF-16 unit, every byte of three code pages, UTF-8 at its borders, rooms of every
 * size; and the escapes of a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <iconv.h>

#include "base/text.h"
#include "json_check.h"

static struct sbl_text text_of(const void *bytes, size_t size, enum sbl_encoding encoding) {
    return (struct sbl_text){.bytes = bytes, .size = (uint32_t)size, .encoding = (uint8_t)encoding};
}

static void decodes(enum sbl_encoding encoding, const char *bytes, size_t size, const char *wanted,
                    bool wanted_lossy) {
    char out[64];
    bool lossy = !wanted_lossy;
    size_t written = text_to_utf8(text_of(bytes, size, encoding), NULL, out, sizeof out, &lossy);
    assert_int_equal(written, strlen(wanted));
    assert_memory_equal(out, wanted, written);
    assert_int_equal(lossy, wanted_lossy);
}

static void every_utf16_unit(void **state) {
    (void)state;
    for (uint32_t unit = 0; unit < 0x10000; unit++) {
        uint8_t bytes[2] = {(uint8_t)unit, (uint8_t)(unit >> 8)};
        char out[4];
        bool lossy;
        size_t size =
            text_to_utf8(text_of(bytes, 2, SBL_TEXT_UTF16LE), NULL, out, sizeof out, &lossy);
        bool is_surrogate = unit >= 0xD800 && unit <= 0xDFFF;
        assert_int_equal(lossy, is_surrogate);
        if (unit == 0) { /* a NUL at the end */
            assert_int_equal(size, 0);
            continue;
        }
        assert_true(check_utf8(out, size));
        uint32_t point;
        assert_int_equal(text_next(out, size, &point), size);
        assert_int_equal(point, is_surrogate ? 0xFFFD : unit);
    }
}

static void utf16_pairs_and_odd_ends(void **state) {
    (void)state;
    decodes(SBL_TEXT_UTF16LE, "\x3D\xD8\x00\xDE", 4, "\xF0\x9F\x98\x80", false);
    decodes(SBL_TEXT_UTF16LE, "\x00\xD8\x00\xDC", 4, "\xF0\x90\x80\x80", false);
    decodes(SBL_TEXT_UTF16LE, "\xFF\xDB\xFF\xDF", 4, "\xF4\x8F\xBF\xBF", false);
    decodes(SBL_TEXT_UTF16LE,
            "\x3D\xD8"
            "a\0",
            4,
            "\xEF\xBF\xBD"
            "a",
            true);
    decodes(SBL_TEXT_UTF16LE, "\x00\xDE\x3D\xD8", 4, "\xEF\xBF\xBD\xEF\xBF\xBD", true);
    decodes(SBL_TEXT_UTF16LE, "a\0b", 3, "a\xEF\xBF\xBD", true);
    decodes(SBL_TEXT_UTF16LE, "\x3D\xD8\x00", 3, "\xEF\xBF\xBD\xEF\xBF\xBD", true);
    decodes(SBL_TEXT_UTF16LE, "a\0\0\0\0\0", 6, "a", false);
    decodes(SBL_TEXT_UTF16LE, "\xFD\xFF", 2, "\xEF\xBF\xBD", false); /* sent so: nothing lost */
    decodes(SBL_TEXT_UTF16LE, "\0\1", 2, "\xC4\x80", false); /* low byte 0 is no terminator */
}

static void every_oem_byte(void **state) {
    (void)state;
    static const char *const names[] = {"CP850", "CP437", "CP1252"};
    for (size_t i = 0; i < 3; i++) {
        struct text_codepage page;
        assert_int_equal(text_codepage_init(&page, names[i]), 0);
        iconv_t reference = iconv_open("UTF-8", names[i]);
        for (unsigned byte = 1; byte < 256; byte++) {
            char in[1] = {(char)byte}, wanted[8], got[8];
            char *from = in, *to = wanted;
            size_t from_left = 1, to_left = sizeof wanted;
            bool known = iconv(reference, &from, &from_left, &to, &to_left) == 0, lossy;
            size_t size =
                text_to_utf8(text_of(in, 1, SBL_TEXT_OEM), &page, got, sizeof got, &lossy);
            assert_int_equal(lossy, !known);
            if (known) {
                assert_int_equal(size, sizeof wanted - to_left);
                assert_memory_equal(got, wanted, size);
            } else {
                assert_memory_equal(got, "\xEF\xBF\xBD", 3);
            }
        }
        iconv_close(reference);
    }
}

static void known_oem_letters(void **state) {
    (void)state;
    struct text_codepage page;
    char out[8];
    bool lossy;
    assert_int_equal(text_codepage_init(&page, "CP850"), 0);
    /* 81 is u with diaeresis, E1 sharp s in CP850 */
    assert_int_equal(text_to_utf8(text_of("\x81\xE1", 2, SBL_TEXT_OEM), &page, out, 8, &lossy), 4);
    assert_memory_equal(out, "\xC3\xBC\xC3\x9F", 4);
    assert_int_equal(text_codepage_init(&page, "CP1252"), 0);
    assert_int_equal(text_to_utf8(text_of("\x81", 1, SBL_TEXT_OEM), &page, out, 8, &lossy), 3);
    assert_true(lossy); /* 81 is no character there */
    assert_int_equal(text_codepage_init(&page, "NO-SUCH-PAGE"), -EINVAL);
    assert_int_equal(text_codepage_init(&page, "UTF-16LE"), -EINVAL);
    assert_int_equal(text_codepage_init(&page, "EBCDIC-US"), -EINVAL);
    decodes(SBL_TEXT_OEM, "a\x81", 2, "a\xEF\xBF\xBD", true); /* no page */
}

static void ascii_and_utf8_are_checked(void **state) {
    (void)state;
    decodes(SBL_TEXT_ASCII, "NT LM 0.12\0", 11, "NT LM 0.12", false);
    decodes(SBL_TEXT_ASCII, "a\x80", 2, "a\xEF\xBF\xBD", true);
    decodes(SBL_TEXT_UTF8, "\xC3\xBC\xF0\x9F\x98\x80", 6, "\xC3\xBC\xF0\x9F\x98\x80", false);
    decodes(SBL_TEXT_UTF8, "\xC0\x80", 2, "\xEF\xBF\xBD\xEF\xBF\xBD", true);
    decodes(SBL_TEXT_UTF8, "\xED\xA0\x80", 3, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", true);
    decodes(SBL_TEXT_UTF8, "\xE2\x82", 2, "\xEF\xBF\xBD", true); /* one maximal part */
    decodes(SBL_TEXT_UTF8,
            "\xF0\x9F\x98"
            "a",
            4,
            "\xEF\xBF\xBD"
            "a",
            true);
    decodes(SBL_TEXT_UTF8, "\xF4\x90\x80\x80", 4,
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", true);
    decodes(SBL_TEXT_UTF8, "\xF5", 1, "\xEF\xBF\xBD", true);
    decodes(SBL_TEXT_ABSENT, "abc", 3, "", false);
    decodes((enum sbl_encoding)77, "abc", 3, "", false);
    decodes(SBL_TEXT_UTF8, NULL, 0, "", false);
}

static void every_second_utf8_byte_is_judged(void **state) {
    (void)state;
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            char bytes[4] = {(char)first, (char)second, (char)0x80, (char)0x80};
            uint32_t point;
            size_t size = text_next(bytes, 4, &point);
            assert_in_range(size, 1, 4);
            assert_int_equal(point != TEXT_UNDECODABLE, check_utf8(bytes, size));
        }
}

static void no_room_is_ever_overrun(void **state) {
    (void)state;
    const char text[] = "a\0\xFC\0\xAC\x20\x3D\xD8\x00\xDE"; /* 1, 2, 3 and 4 bytes */
    static const size_t fits[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (size_t room = 0; room < 12; room++) {
        char out[12];
        bool lossy;
        memset(out, 0x55, sizeof out);
        size_t size = text_to_utf8(text_of(text, 10, SBL_TEXT_UTF16LE), NULL, out, room, &lossy);
        assert_int_equal(size, fits[room]);
        assert_true(check_utf8(out, size));
        assert_int_equal(lossy, room < 10);
        for (size_t i = size; i < sizeof out; i++)
            assert_int_equal(out[i], 0x55);
    }
}

static void prints(const char *text, const char *wanted) {
    char out[128];
    size_t size = text_printable(text, strlen(text), out, sizeof out);
    assert_int_equal(size, strlen(wanted));
    assert_memory_equal(out, wanted, size);
}

static void a_terminal_gets_no_control(void **state) {
    (void)state;
    prints("CORP\\J\xC3\xBCrgen", "CORP\\J\xC3\xBCrgen");
    prints("\x1B[31mred\x7F\n", "\\x1b[31mred\\x7f\\x0a");
    prints("\xC2\x9B"
           "31m",
           "\\u{9b}31m");
    prints("\xE2\x80\xA8\xE2\x80\xA9", "\\u{2028}\\u{2029}");
    prints("a\xE2\x80\xAE"
           "b\xE2\x81\xA6\xD8\x9C",
           "a\\u{202e}b\\u{2066}\\u{61c}");
    prints("\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80");
    prints("bad\xFF\xE2\x82", "bad\\xff\\xe2\\x82");
    char out[8];
    for (size_t room = 0; room < 8; room++) {
        static const size_t fits[] = {0, 1, 1, 1, 1, 5, 5, 5};
        assert_int_equal(text_printable("a\x1B\xC2\x9B", 4, out, room), fits[room]);
    }
}

static void every_control_is_escaped(void **state) {
    (void)state;
    for (uint32_t point = 0; point < 0x3000; point++) {
        bool bidi = point == 0x61C || point == 0x200E || point == 0x200F ||
                    (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
        bool control = point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 ||
                       point == 0x2029 || bidi;
        assert_int_equal(text_is_control(point), control);
    }
}

/* Whether text of `size` letters with an u umlaut at `place` is decoded from both encodings. */
static void one_umlaut(size_t size, size_t place) {
    uint8_t utf16[40];
    char utf8[40], out[40];
    size_t at = 0;
    bool lossy;
    for (size_t i = 0; i < size; i++) {
        utf16[2 * i] = i == place ? 0xFC : (uint8_t)('a' + i);
        utf16[2 * i + 1] = 0;
        if (i == place)
            utf8[at++] = '\xC3';
        utf8[at++] = (char)(i == place ? 0xBC : 'a' + i);
    }
    struct sbl_text wide = text_of(utf16, 2 * size, SBL_TEXT_UTF16LE);
    assert_int_equal(text_to_utf8(wide, NULL, out, sizeof out, &lossy), at);
    assert_memory_equal(out, utf8, at);
    assert_false(lossy);
    struct sbl_text narrow = text_of(utf8, at, SBL_TEXT_UTF8);
    assert_int_equal(text_to_utf8(narrow, NULL, out, sizeof out, &lossy), at);
    assert_memory_equal(out, utf8, at);
    assert_false(lossy);
}

/* ASCII is decoded in runs: one other character at every place of texts of every small length. */
static void one_other_character_among_ascii(void **state) {
    (void)state;
    for (size_t size = 1; size <= 20; size++)
        for (size_t place = 0; place < size; place++)
            one_umlaut(size, place);
}

static void copies_end_between_characters(void **state) {
    (void)state;
    const char *euros = "a\xE2\x82\xAC\xE2\x82\xAC"; /* 1, 3 and 3 bytes */
    static const size_t sizes[] = {0, 0, 1, 1, 1, 4, 4, 4, 7, 7};
    for (size_t room = 1; room < sizeof sizes / sizeof *sizes; room++) {
        char out[16];
        memset(out, 'x', sizeof out);
        text_copy(out, room, euros);
        assert_int_equal(strlen(out), sizes[room]);
        assert_memory_equal(out, euros, sizes[room]);
        assert_int_equal(out[room], 'x');
    }
    assert_int_equal(text_cut("\x80\x80\x80", 2), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_utf16_unit),
        cmocka_unit_test(utf16_pairs_and_odd_ends),
        cmocka_unit_test(every_oem_byte),
        cmocka_unit_test(known_oem_letters),
        cmocka_unit_test(ascii_and_utf8_are_checked),
        cmocka_unit_test(every_second_utf8_byte_is_judged),
        cmocka_unit_test(no_room_is_ever_overrun),
        cmocka_unit_test(a_terminal_gets_no_control),
        cmocka_unit_test(every_control_is_escaped),
        cmocka_unit_test(one_other_character_among_ascii),
        cmocka_unit_test(copies_end_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
