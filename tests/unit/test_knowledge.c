/* The knowledge base: what is shipped reads without a complaint, names find their entries, and
 * every mistake of a user's file is told with its line and key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "knowledge/store.h"

static int base(void **state) {
    struct sbl_knowledge *knowledge;
    int failed = sbl_knowledge_new(&knowledge, NULL, stderr);
    *state = knowledge;
    return failed;
}

static int drop(void **state) {
    sbl_knowledge_free(*state);
    return 0;
}

static void names_find_signatures(void **state) {
    struct signature_match found[SIGNATURE_MATCHES];
    assert_true(knowledge_file(*state, "AUDDRIVE.SYS", "", found) >= 2);
    assert_string_equal(found[0].signature->id, "compaq-auddrive");
    assert_false(found[0].is_wildcard);
    assert_int_equal(found[0].signature->basis, SBL_BASIS_DOCUMENTED);
    assert_string_equal(found[1].signature->id, "ess-auddrive-nt");
    assert_true(found[1].is_wildcard);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_find_signatures, base, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
