/* Texts that are alike are kept once, as long as somebody uses them and there is a slot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "correlate/shared.h"

static struct sbl_text text(const char *ascii) {
    return (struct sbl_text){.bytes = (const uint8_t *)ascii,
                             .size = (uint32_t)strlen(ascii),
                             .encoding = SBL_TEXT_ASCII};
}

static uint32_t take(struct sharing *sharing, struct sbl_text one, struct sbl_text other) {
    const struct sbl_text *const set[] = {&one, &other};
    return shared_take(sharing, set, 2);
}

static void alike_is_one(void **state) {
    (void)state;
    struct sharing sharing;
    assert_int_equal(sharing_init(&sharing, 64), 0);
    char again[] = "FILESERVER";
    uint32_t first = take(&sharing, text("DOMAIN"), text("FILESERVER"));
    assert_int_not_equal(first, 0);
    assert_int_equal(take(&sharing, text("DOMAIN"), text(again)), first);
    assert_int_equal(shared_at(&sharing, first)->users, 2);
    struct sbl_text kept = shared_text(&sharing, first, 1);
    assert_int_equal(kept.size, 10);
    assert_memory_equal(kept.bytes, "FILESERVER", 10);
    sharing_fini(&sharing);
}

/* A set that differs in anything is another. */
static void not_alike_is_not_one(void **state) {
    (void)state;
    struct sharing sharing;
    assert_int_equal(sharing_init(&sharing, 64), 0);
    uint32_t first = take(&sharing, text("DOMAIN"), text("FILESERVER"));
    struct sbl_text cut = text("FILESERVER"), oem = cut, empty = text(""), one = cut;
    const struct sbl_text *alone = &one;
    cut.is_cut = true;
    oem.encoding = SBL_TEXT_OEM;
    assert_int_not_equal(take(&sharing, text("DOMAIM"), text("FILESERVER")), first);
    assert_int_not_equal(take(&sharing, text("DOMAIN"), cut), first);
    assert_int_not_equal(take(&sharing, text("DOMAIN"), oem), first);
    assert_int_not_equal(take(&sharing, empty, text("FILESERVER")), first);
    assert_int_not_equal(shared_take(&sharing, &alone, 1), first);
    sharing_fini(&sharing);
}

static void full_is_not_shared_until_given_back(void **state) {
    (void)state;
    struct sharing sharing;
    uint32_t taken[2];
    assert_int_equal(sharing_init(&sharing, 2), 0);
    taken[0] = take(&sharing, text("D"), text("SERVER-ONE"));
    taken[1] = take(&sharing, text("D"), text("SERVER-TWO"));
    assert_int_equal(taken[0] + taken[1], 3);
    assert_int_equal(take(&sharing, text("D"), text("SERVER-THREE")), 0);
    uint32_t freed = taken[1];
    shared_give(&sharing, &taken[1]);
    assert_int_equal(taken[1], 0);
    shared_give(&sharing, &taken[1]); /* names none any more */
    assert_int_equal(take(&sharing, text("D"), text("SERVER-THREE")), freed);
    sharing_fini(&sharing);
}

static void what_is_too_long_or_tells_nothing_is_not_shared(void **state) {
    (void)state;
    struct sharing sharing, none;
    static char name[SHARED_BYTES + 1];
    memset(name, 'x', sizeof name - 1);
    assert_int_equal(sharing_init(&sharing, 2), 0);
    assert_int_equal(sharing_init(&none, 0), 0);
    assert_int_equal(take(&sharing, text("D"), text(name)), 0);
    assert_int_not_equal(take(&sharing, text(""), text(name)), 0);
    assert_int_equal(take(&sharing, text("D"), text("")), 0);
    assert_int_equal(take(&none, text("D"), text("SERVER")), 0);
    sharing_fini(&sharing);
    sharing_fini(&none);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alike_is_one),
        cmocka_unit_test(not_alike_is_not_one),
        cmocka_unit_test(full_is_not_shared_until_given_back),
        cmocka_unit_test(what_is_too_long_or_tells_nothing_is_not_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
