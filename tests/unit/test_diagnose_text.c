/* Templates and ink: what is not known vanishes, values are never read as templates, nothing is cut
 * within a character. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "diagnose/slot.h"
#include "diagnose/text.h"

static const char *expand(const char *form, const struct text_values *values, char *bytes,
                          size_t room) {
    struct ink ink;
    ink_init(&ink, bytes, room);
    return text_expand(&ink, form, values);
}

static void templates_are_expanded(void **state) {
    (void)state;
    static const struct {
        const char *form, *text;
    } cases[] = {
        {"{account} fails.", "CORP\\jdoe fails."},
        {"{account} fails[ every {period}].", "CORP\\jdoe fails."},
        {"{account} fails[ from {client}].", "CORP\\jdoe fails from WS042."},
        {"[{period}|{client}|x] y", "WS042 y"},
        {"[{period}|{steps}|x] y", "x y"},
        {"[{period}|{steps}] y", " y"},
        {"One {period}. Two {client}. Three {steps}.", "Two WS042."},
        {"One. Two {period}.", "One."},
        {"SMS 2.0 on {client}[ (Q1. {period})]. End", "SMS 2.0 on WS042. End"},
        {"{nothing} here.", ""},
        {"", ""},
        {"{share}", "{account}[x|%s]"},
        {"[?repeated often|!repeated once]", "often"},
        {"[!repeated once|?locked_out locked|?repeated {client}]", "WS042"},
        {"[?repeated {period}|{client}]", "WS042"},
        {"[?nothing x|?|!|y]", "y"},
        {"{client} {client:is/are} here.", "WS042 is here."},
        {"{clients} {clients:is/are} here, {clients}. {clients:uses/use}",
         "These machines are here, these machines. use"},
        {"{period:is/are} here.", ""},
        {"{client:is}", "is"},
        {"{unclosed", "{unclosed"},
    };
    struct text_values values = {.many = 0};
    values.of[TEXT_ACCOUNT] = "CORP\\jdoe";
    values.of[TEXT_CLIENT] = "WS042";
    values.of[TEXT_PERIOD] = "";
    values.of[TEXT_CLIENTS] = "these machines";
    text_is_many(&values, TEXT_CLIENTS, true);
    facts_set(&values.facts, FACT_REPEATED, true);
    values.of[TEXT_SHARE] = "{account}[x|%s]";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bytes[256];
        assert_string_equal(expand(cases[i].form, &values, bytes, sizeof bytes), cases[i].text);
    }
}

static void soundness_is_seen(void **state) {
    (void)state;
    assert_true(text_is_sound("a {account} [b {client}|c]"));
    assert_false(text_is_sound("{acount}"));
    assert_false(text_is_sound("{account"));
    assert_false(text_is_sound("account}"));
    assert_false(text_is_sound("[a [b]]"));
    assert_false(text_is_sound("a]"));
    assert_false(text_is_sound("[a"));
    assert_true(text_is_sound("[?repeated a|!locked_out b|{client:is/are}]"));
    assert_false(text_is_sound("[?repaeted a]"));
    assert_false(text_is_sound("[!repaeted a]"));
    assert_false(text_is_sound("[?repeated]"));
    assert_false(text_is_sound("[a|?repeated]"));
    assert_false(text_is_sound("{cleint:is/are}"));
}

/* Every room from nothing to enough: never a half character, always a NUL inside. */
static void no_room_is_too_small(void **state) {
    (void)state;
    struct text_values values = {.many = 0};
    values.of[TEXT_ACCOUNT] = "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";
    for (size_t room = 0; room < 40; room++) {
        char *bytes = test_malloc(room + 1);
        bytes[room] = '#';
        const char *text = expand("<{account}> {account}.", &values, bytes, room);
        size_t size = strlen(text);
        assert_true(size == 0 || size < room);
        assert_int_equal(bytes[room], '#');
        assert_true(size == 0 || ((unsigned char)text[size - 1] & 0xC0) != 0xC0);
        test_free(bytes);
    }
}

static void ill_formed_bytes_are_replaced(void **state) {
    (void)state;
    char out[32];
    text_keep(out, sizeof out, "a\xFF\xC3z");
    assert_string_equal(out, "a\xEF\xBF\xBD\xEF\xBF\xBDz");
    text_keep(out, 4, "\xE2\x82\xAC\xE2\x82\xAC");
    assert_string_equal(out, "\xE2\x82\xAC");
    text_keep(out, 3, "\xE2\x82\xAC");
    assert_string_equal(out, "");
    text_keep(out, 1, "abc");
    assert_string_equal(out, "");
}

static void times_and_lists_are_said(void **state) {
    (void)state;
    char bytes[512];
    struct ink ink;
    ink_init(&ink, bytes, sizeof bytes);
    words_time(&ink, INT64_C(1577934245) * 1000000000 + 5);
    assert_string_equal(ink_end(&ink), "2020-01-02 03:04:05 UTC");
    words_time(&ink, -1);
    assert_string_equal(ink_end(&ink), "1969-12-31 23:59:59 UTC");
    words_duration(&ink, 60.5);
    assert_string_equal(ink_end(&ink), "60 s");
    words_duration(&ink, 900);
    assert_string_equal(ink_end(&ink), "15 min");
    words_duration(&ink, 3600);
    assert_string_equal(ink_end(&ink), "1 h");
    words_duration(&ink, 82800);
    assert_string_equal(ink_end(&ink), "23 h");
    words_duration(&ink, 0);
    assert_string_equal(ink_end(&ink), "");
    const char *const items[] = {"a", "b", "c", "d", "e"};
    words_list(&ink, items, 5, 20);
    assert_string_equal(ink_end(&ink), "a, b, c, d and 16 more");
    words_list(&ink, items, 2, 2);
    assert_string_equal(ink_end(&ink), "a, b");
    words_list(&ink, items, 0, 7);
    assert_string_equal(ink_end(&ink), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_are_expanded),   cmocka_unit_test(soundness_is_seen),
        cmocka_unit_test(no_room_is_too_small),     cmocka_unit_test(ill_formed_bytes_are_replaced),
        cmocka_unit_test(times_and_lists_are_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
