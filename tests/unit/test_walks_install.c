/* Who looks for drivers without being one: inventories, installers at a medium or a store, and an
 * application that looks for its own parts; somebody who types a name. */
#include "walks_rig.h"

static void drivers_of_five_vendors_are_an_inventory(void **state) {
    (void)state;
    static const char *const names[] = {"auddrive.sys", "cs32ba11.sys", "opl3sax.sys", "sb16.vxd",
                                        "vaudrv.386"};
    struct rig rig;
    rig_start(&rig);
    rig.is_own_account = true;
    for (size_t i = 0; i < 4; i++)
        rig_tour(&rig, "ab", names[i]);
    assert_true(rig_has(&rig, FACT_WALK_JOINED));
    assert_int_equal(rig.answer.candidate_count, 4);
    rig_tour(&rig, "ab", names[4]);
    assert_false(rig_has(&rig, FACT_WALK));
    assert_int_equal(rig.answer.walk.steps, 10);
    assert_int_equal(rig.answer.candidate_count, 0);
    rig_stop(&rig);
}

static void a_store_of_drivers_is_no_directory_of_path(void **state) {
    (void)state;
    static const char *const names[] = {
        "FileRepository\\auddrive.inf_x86_neutral_0a1b\\auddrive.sys",
        "WinSxS\\x86_foo\\auddrive.sys", "DRIVERSTORE\\auddrive.sys", NULL};
    struct rig rig;
    rig_start(&rig);
    for (size_t i = 0; names[i]; i++) {
        rig_look(&rig, "\\\\S\\IMAGES", names[i]);
        rig_look(&rig, "\\\\T\\IMAGES", names[i]);
    }
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    assert_int_equal(rig.answer.candidate_count, 0);
    rig_stop(&rig);
}

static void an_installer_looks_for_packed_files_too(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "a", "auddrive.sys");
    rig_wait(&rig, 2 * RIG_SECOND);
    rig_tour(&rig, "a", "auddrive.sys");
    assert_string_equal(rig_who(&rig), "compaq-auddrive");
    rig_tour(&rig, "a", "auddrive.sy_");
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    rig_tour(&rig, "a", "vaudrv.38_");
    rig_tour(&rig, "a", "vaudrv.386");
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    rig_tour(&rig, "b", "auddrive.sys"); /* elsewhere it is searched for */
    rig_wait(&rig, 2 * RIG_SECOND);
    rig_tour(&rig, "b", "auddrive.sys"); /* elsewhere it is searched for */
    assert_string_equal(rig_who(&rig), "compaq-auddrive");
    rig_wait(&rig, 11 * RIG_SECOND);
    rig_tour(&rig, "a", "auddrive.sys");
    assert_int_equal(table_count(&rig.walks->kept), 2);
    rig_stop(&rig);
}

static void an_application_s_own_dlls_are_no_driver(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    static const char *const names[] = {"app1.dll", "app2.dll", "winspool.drv", "app3.dll"};
    for (size_t i = 0; i < 4; i++) {
        rig_look(&rig, "\\\\S\\APPS\\", names[i]);
        rig_tour(&rig, "ab", names[i]);
    }
    assert_string_equal(rig_who(&rig), "- -");
    assert_int_equal(rig.answer.candidates[0].kind, SBL_CULPRIT_PROGRAM);
    assert_int_equal(rig.answer.candidates[0].files.count, 3);
    rig_stop(&rig);
}

/* Anybody may look once for one driver's file, the account that fails there as well. */
static void one_look_joins_nothing(void **state) {
    (void)state;
    static const struct {
        const char *looks[3];
        const char *wanted, *process;
        int64_t again_ns;
        bool is_joined;
    } cases[] = {
        {{"auddrive.sys"}, "", "", 0, false},
        {{"auddrive.sys", "foo.dll"}, "", "", 0, false},
        {{"auddrive.sys", "auddrive.sys"}, "", "", 0, false}, /* one visit */
        {{"auddrive.sys", "opl3sax.sys"}, "", "", 0, true},
        {{"auddrive.sys", "auddrive.dll"}, "", "", 0, true}, /* of one maker */
        {{"auddrive.sys", "auddrive.sys"}, "", "", 60 * RIG_SECOND, true},
        {{"auddrive.sys"}, "\\\\S\\A", "", 0, true},
        {{"auddrive.sys"}, "", "C:\\TOOLS\\mixer.exe", 0, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig rig;
        rig_start(&rig);
        rig.is_own_account = true;
        rig.failure_count = 2;
        rig.failures_ns[0] = rig.failures_ns[1] = rig.now_ns;
        rig.wanted = cases[i].wanted;
        rig.process = cases[i].process;
        for (unsigned k = 0; k < 3 && cases[i].looks[k]; k++) {
            rig_look(&rig, "\\\\S\\A", cases[i].looks[k]);
            rig_wait(&rig, cases[i].again_ns);
        }
        assert_true(rig_has(&rig, FACT_WALK));
        assert_int_equal(rig_has(&rig, FACT_WALK_JOINED), cases[i].is_joined);
        rig_stop(&rig);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drivers_of_five_vendors_are_an_inventory),
        cmocka_unit_test(a_store_of_drivers_is_no_directory_of_path),
        cmocka_unit_test(an_installer_looks_for_packed_files_too),
        cmocka_unit_test(an_application_s_own_dlls_are_no_driver),
        cmocka_unit_test(one_look_joins_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
