/* Walks: what makes one, in which order, and whom its names accuse. Each border from both sides. */
#include "walks_rig.h"

static void a_name_over_two_directories_is_a_walk(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_look(&rig, "\\\\CAP01\\CAP_S01", "foo.dll");
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    assert_false(rig_has(&rig, FACT_NO_PROBE));
    assert_true(rig_look(&rig, "\\\\CAP01\\TOOLS", "I386\\FOO.DLL"));
    const struct walk_answer *answer = rig_ask(&rig);
    assert_int_equal(answer->walk.steps, 2);
    assert_int_equal(answer->walk.directories.count, 2);
    assert_string_equal(answer->walk.directories.items[0], "\\\\CAP01\\CAP_S01");
    assert_string_equal(answer->walk.directories.items[1], "\\\\CAP01\\TOOLS\\I386");
    assert_int_equal(answer->walk.missing.count, 1);
    assert_string_equal(answer->walk.missing.items[0], "foo.dll");
    assert_string_equal(answer->walk.account, "SMSCliToknAcct&");
    assert_string_equal(answer->walk.domain, "WS042");
    assert_true(facts_have(&answer->facts, FACT_WALK));
    assert_true(facts_have(&answer->facts, FACT_WALK_ORDERED));
    assert_true(facts_have(&answer->facts, FACT_WALK_BEHAVIOUR));
    assert_false(facts_have(&answer->facts, FACT_WALK_CONFIRMED));
    assert_false(facts_have(&answer->facts, FACT_WALK_JOINED));
    assert_int_equal(answer->candidate_count, 1);
    assert_null(answer->candidates[0].signature);
    assert_int_equal(answer->candidates[0].kind, SBL_CULPRIT_PROGRAM);
    assert_int_equal(answer->candidates[0].basis, SBL_BASIS_BEHAVIOUR);
    assert_string_equal(answer->candidates[0].files.items[0], "foo.dll");
    rig_stop(&rig);
}

static void no_probe_holds_until_a_program_is_asked_for(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    assert_true(rig_has(&rig, FACT_NO_PROBE));
    rig_look(&rig, "\\\\S\\HOME", "letter.doc");
    rig_look(&rig, "\\\\S\\HOME", "desktop.ini");
    rig_look(&rig, "\\\\S\\IPC$", "srvsvc.dll");
    assert_true(rig_has(&rig, FACT_NO_PROBE));
    assert_true(rig_look(&rig, "", "x.dll"));
    assert_false(rig_has(&rig, FACT_NO_PROBE));
    rig_stop(&rig);
}

static void steps_are_ten_seconds_apart_at_most(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "a", "foo.dll");
    rig_wait(&rig, 9990 * RIG_MS);
    rig_tour(&rig, "b", "foo.dll");
    assert_int_equal(rig_ask(&rig)->walk.steps, 2);
    rig_tour(&rig, "c", "bar.dll");
    rig_wait(&rig, 9990 * RIG_MS + 1);
    rig_tour(&rig, "d", "bar.dll");
    assert_int_equal(rig_ask(&rig)->walk.steps, 2);
    assert_string_equal(rig_where(&rig), "ab");
    rig_stop(&rig);
}

static void the_same_tour_later_is_the_same_walk(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    for (unsigned i = 0; i < 100; i++) {
        rig_tour(&rig, "abc", "foo.sys");
        rig_wait(&rig, 60 * RIG_SECOND);
    }
    assert_int_equal(rig_ask(&rig)->walk.steps, 300);
    assert_string_equal(rig_where(&rig), "abc");
    assert_int_equal(rig.answer.walk.missing.count, 1);
    assert_int_equal(rig.answer.candidates[0].kind, SBL_CULPRIT_DRIVER);
    assert_int_equal(table_count(&rig.walks->kept), 1);
    rig_stop(&rig);
}

static void directories_are_one_in_any_spelling(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_look(&rig, "\\\\CAP01\\Tools", "I386\\foo.dll");
    rig_look(&rig, "\\\\cap01.corp.example\\TOOLS\\", "i386/./FOO.dll");
    rig_look(&rig, "\\\\CAP01\\TOOLS", "\\i386\\Foo.dll");
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    rig_look(&rig, "\\\\10.1.2.3\\A", "\xC3\x84\xCE\x91\xD0\x96.dll"); /* Ae, Alpha, Zhe */
    rig_look(&rig, "\\\\10.1.2.4\\A", "\xC3\xA4\xCE\xB1\xD0\xB6.DLL");
    assert_int_equal(rig_ask(&rig)->walk.steps, 2);
    assert_int_equal(rig.answer.walk.missing.count, 1);
    rig_stop(&rig);
}

static void the_order_is_that_of_most_tours(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "acb", "a.dll"); /* b was lost on the way, and came again */
    rig_tour(&rig, "abc", "b.dll");
    assert_false(rig_has(&rig, FACT_WALK)); /* one against one: no order, so no walk */
    rig_tour(&rig, "abc", "c.dll");
    assert_string_equal(rig_where(&rig), "abc");
    assert_true(rig_has(&rig, FACT_WALK_ORDERED));
    assert_true(rig_has(&rig, FACT_WALK_CONFIRMED));
    rig_tour(&rig, "cab", "d.dll");
    rig_tour(&rig, "bca", "e.dll");
    assert_false(rig_has(&rig, FACT_WALK_ORDERED));
    assert_string_equal(rig_who(&rig), "");
    rig_tour(&rig, "a", "auddrive.sys"); /* a signature needs no order */
    assert_true(rig_has(&rig, FACT_WALK));
    assert_false(rig_has(&rig, FACT_WALK_ORDERED));
    assert_false(rig_has(&rig, FACT_WALK_CONFIRMED));
    rig_stop(&rig);
}

static void a_second_name_confirms(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "cs32ba11.sys");
    assert_true(rig_has(&rig, FACT_WALK_ORDERED));
    assert_false(rig_has(&rig, FACT_WALK_CONFIRMED));
    rig_tour(&rig, "a", "cwaudio.bin");
    assert_false(rig_has(&rig, FACT_WALK_CONFIRMED));
    rig_tour(&rig, "b", "cwaudio.bin");
    assert_true(rig_has(&rig, FACT_WALK_CONFIRMED));
    assert_true(rig_has(&rig, FACT_WALK_VENDOR_NAME));
    assert_string_equal(rig_who(&rig), "crystal-nt4");
    assert_int_equal(rig.answer.candidates[0].files.count, 2);
    rig_tour(&rig, "ab", "readme.txt"); /* seen to be missing too, but says nothing */
    assert_int_equal(rig_ask(&rig)->walk.missing.count, 3);
    assert_int_equal(rig.answer.candidates[0].files.count, 2);
    rig_stop(&rig);
}

static void names_searched_directory_by_directory_are_one_walk(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    for (const char *at = "abc"; *at; at++) {
        char letter[2] = {*at, '\0'};
        rig_tour(&rig, letter, "x.drv");
        rig_tour(&rig, letter, "y.drv");
    }
    assert_string_equal(rig_where(&rig), "abc");
    assert_int_equal(rig_ask(&rig)->walk.steps, 6);
    assert_true(rig_has(&rig, FACT_WALK_CONFIRMED));
    rig_stop(&rig);
}

static void access_denied_ends_the_search(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "a", "foo.dll");
    rig.is_denied = true;
    rig_tour(&rig, "b", "foo.dll");
    rig.is_denied = false;
    assert_int_equal(rig_ask(&rig)->walk.steps, 2);
    rig_tour(&rig, "c", "foo.dll"); /* no part of that search any more */
    assert_string_equal(rig_where(&rig), "ab");
    assert_int_equal(rig_ask(&rig)->walk.steps, 2);
    rig_stop(&rig);
}

static void one_directory_is_a_walk_of_a_known_name(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"auddrive.sys", "compaq-auddrive", "doc"},
        {"cwaudio.bin", "crystal-nt4", "vendor"},
        {"cwbase.sys", "crystal-wdm", "inferred"},
        {"rasadhlp.dll", "ws2-ras-autodial", "doc"},
        {"cwcfoo.vxd", "crystal-soundfusion", "vendor"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig rig;
        rig_start(&rig);
        rig_tour(&rig, "a", cases[i][0]);
        assert_string_equal(rig_who(&rig), "-"); /* once: anybody may have looked */
        rig_wait(&rig, 2 * RIG_SECOND);
        rig_tour(&rig, "a", cases[i][0]);
        assert_string_equal(rig_who(&rig), cases[i][1]);
        assert_true(rig_has(&rig, FACT_WALK));
        assert_false(rig_has(&rig, FACT_WALK_ORDERED));
        assert_int_equal(rig_has(&rig, FACT_WALK_DOCUMENTED), cases[i][2][0] == 'd');
        assert_int_equal(rig_has(&rig, FACT_WALK_VENDOR_NAME), cases[i][2][0] == 'v');
        assert_int_equal(rig_has(&rig, FACT_WALK_INFERRED), cases[i][2][0] == 'i');
        rig_stop(&rig);
    }
}

static void one_directory_needs_more_of_an_unknown_name(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(rig_ask(&rig)->walk.steps, 0);
        rig_tour(&rig, "a", "update.exe");
        rig_tour(&rig, "a", "update.exe"); /* asked and opened: one visit */
        rig_wait(&rig, 60 * RIG_SECOND);
    }
    assert_int_equal(rig_ask(&rig)->walk.steps, 2); /* those of the third tour */
    assert_false(rig_has(&rig, FACT_WALK));
    assert_string_equal(rig_who(&rig), "");
    rig_tour(&rig, "bbb", "crlds3d.vxd");
    assert_int_equal(rig_ask(&rig)->walk.steps, 2);
    rig_tour(&rig, "b", "crlds3d.dll"); /* two weak names of one family */
    assert_int_equal(table_count(&rig.walks->kept), 2);
    assert_false(rig_has(&rig, FACT_WALK));
    rig_stop(&rig);
}

static void a_weak_name_alone_accuses_nobody(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "vymixd.vxd");
    assert_string_equal(rig_who(&rig), "-");
    assert_true(rig_has(&rig, FACT_WALK_BEHAVIOUR));
    assert_int_equal(rig.answer.candidates[0].kind, SBL_CULPRIT_DRIVER);
    rig_tour(&rig, "ab", "opl3sax.sys");
    assert_string_equal(rig_who(&rig), "yamaha-opl3sax");
    assert_int_equal(rig.answer.candidates[0].files.count, 2);
    rig_stop(&rig);
    rig_start(&rig);
    rig_tour(&rig, "ab", "crlds3d.vxd");
    rig_tour(&rig, "ab", "opl3sax.sys"); /* Yamaha ships it too: no word against Crystal */
    assert_string_equal(rig_who(&rig), "yamaha-opl3sax");
    rig_stop(&rig);
    rig_start(&rig);
    rig_tour(&rig, "abab", "config.ini");
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    rig_stop(&rig);
}

static void names_of_two_products_leave_both(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "cspman.dll");
    assert_string_equal(rig_who(&rig), "creative-live-9x creative-sb-9x");
    assert_true(rig.answer.candidates[0].weight > 0.49 && rig.answer.candidates[0].weight < 0.51);
    assert_true(rig.answer.candidates[1].weight > 0.49 && rig.answer.candidates[1].weight < 0.51);
    rig_tour(&rig, "ab", "cifman.dll"); /* one product explains both names */
    assert_string_equal(rig_who(&rig), "creative-live-9x");
    assert_true(rig.answer.candidates[0].weight > 0.99);
    rig_stop(&rig);
}

static void the_better_known_signature_wins(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "AUDDRIVE.SYS"); /* exactly one's, by pattern the other's */
    assert_string_equal(rig_who(&rig), "compaq-auddrive");
    assert_string_equal(rig.answer.candidates[0].files.items[0], "AUDDRIVE.SYS");
    rig_tour(&rig, "ab", "auddrive.dll"); /* its supporting DLL */
    assert_string_equal(rig_who(&rig), "compaq-auddrive");
    assert_int_equal(rig.answer.candidates[0].files.count, 2);
    rig_tour(&rig, "ab", "vaudrv.386"); /* which only the other has: it explains them all */
    assert_string_equal(rig_who(&rig), "ess-auddrive-nt");
    rig_tour(&rig, "ab", "rasadhlp.dll"); /* innocent beside it */
    assert_string_equal(rig_who(&rig), "ess-auddrive-nt");
    assert_true(rig_has(&rig, FACT_WALK_VENDOR_NAME));
    rig_stop(&rig);
}

static void two_drivers_on_one_client_are_both_told(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "opl3sax.sys");
    rig_tour(&rig, "ab", "cs32ba11.sys");
    rig_tour(&rig, "ab", "cwaudio.bin");
    assert_string_equal(rig_who(&rig), "crystal-nt4 yamaha-opl3sax");
    assert_true(rig.answer.candidates[0].weight > 0.66 && rig.answer.candidates[0].weight < 0.67);
    assert_int_equal(rig.answer.candidates[1].files.count, 1);
    rig_stop(&rig);
    rig_start(&rig); /* even when they search different directories */
    rig_tour(&rig, "a", "opl3sax.sys");
    rig_tour(&rig, "b", "auddrive.sys");
    assert_string_equal(rig_who(&rig), "compaq-auddrive yamaha-opl3sax");
    rig_stop(&rig);
}

static void an_unknown_driver_beside_a_probe_is_told(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "rasadhlp.dll");
    rig_tour(&rig, "ab", "foo.sys");
    rig_tour(&rig, "ab", "foo.dll");
    assert_string_equal(rig_who(&rig), "- ws2-ras-autodial");
    assert_int_equal(rig.answer.candidates[0].kind, SBL_CULPRIT_DRIVER);
    assert_int_equal(rig.answer.candidates[0].files.count, 2);
    assert_int_equal(rig.answer.candidates[1].kind, SBL_CULPRIT_PROGRAM);
    rig_stop(&rig);
}

static void a_stale_program_needs_its_share(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_look(&rig, "\\\\S\\HOME", "dbup.ini");
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    rig_look(&rig, "\\\\S\\LICMTR", "dbup.ini");
    assert_string_equal(rig_who(&rig), "sms-licmtr");
    assert_int_equal(rig.answer.candidates[0].kind, SBL_CULPRIT_PROGRAM);
    assert_true(rig_has(&rig, FACT_WALK));
    rig_stop(&rig);
}

static void an_aggravating_component_is_only_told(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    assert_string_equal(rig_ask(&rig)->aggravated_by, "");
    rig_look(&rig, "\\\\S\\A", "nwrdr.sys");
    assert_string_equal(rig_ask(&rig)->aggravated_by, "intraNetWare client");
    assert_string_equal(rig_who(&rig), "");
    rig_stop(&rig);
}

static void the_process_table_names_the_program(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig.process = "C:\\WINNT\\audio\\player.exe";
    rig_tour(&rig, "ab", "auddrive.sys");
    assert_string_equal(rig_who(&rig), "compaq-auddrive");
    assert_int_equal(rig.answer.candidates[0].basis, SBL_BASIS_PROCESS_TABLE);
    assert_int_equal(rig.answer.candidates[0].kind, SBL_CULPRIT_PROGRAM);
    assert_string_equal(rig.answer.candidates[0].process, "C:\\WINNT\\audio\\player.exe");
    assert_true(rig_has(&rig, FACT_PROCESS_KNOWN));
    rig_stop(&rig);
    rig_start(&rig);
    rig.process = "C:\\drivers\\foo.SYS";
    rig_tour(&rig, "ab", "data.dll");
    assert_string_equal(rig_who(&rig), "-");
    assert_int_equal(rig.answer.candidates[0].kind, SBL_CULPRIT_DRIVER);
    rig_stop(&rig);
    rig_start(&rig);
    rig.process = "System"; /* the redirector's own traffic: nobody's */
    rig_tour(&rig, "ab", "auddrive.sys");
    assert_false(rig_has(&rig, FACT_PROCESS_KNOWN));
    assert_int_equal(rig.answer.candidates[0].basis, SBL_BASIS_DOCUMENTED);
    rig_stop(&rig);
}

static void an_unknown_driver_keeps_what_goes_along(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "qzmixer9.dll");
    rig_tour(&rig, "ab", "qzcodec9.drv");
    assert_string_equal(rig_who(&rig), "-");
    assert_int_equal(rig.answer.candidates[0].kind, SBL_CULPRIT_DRIVER);
    assert_int_equal(rig.answer.candidates[0].files.count, 2);
    rig_wait(&rig, 20 * RIG_SECOND); /* at another time it is another program's */
    rig_tour(&rig, "ab", "qzmixer9.dll");
    assert_string_equal(rig_who(&rig), "- -");
    rig_stop(&rig);
}

static void exact_names_of_two_makers_weigh_the_same(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "cwbase.sys");
    rig_tour(&rig, "ab", "auddrive.sys");
    assert_string_equal(rig_who(&rig), "compaq-auddrive crystal-wdm");
    assert_true(rig.answer.candidates[0].weight < 0.6); /* neither is clear */
    rig_tour(&rig, "ab", "opl3sax.sys");
    assert_string_equal(rig_who(&rig), "compaq-auddrive yamaha-opl3sax crystal-wdm");
    assert_true(rig.answer.candidates[0].weight < 0.5);
    rig_stop(&rig);
}

static void a_sweep_shows_each_directory(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    for (unsigned i = 0; i < 3; i++) {
        rig_tour(&rig, "c", "vaudrv.dll"); /* nobody knows it yet; a driver has its stem */
        rig_tour(&rig, "x", "foo.dll");    /* an application beside it */
        rig_tour(&rig, "b", "opl3sax.sys");
        rig_tour(&rig, "a", "auddrive.sys");
        assert_string_equal(rig_where(&rig), "cba");
        assert_int_equal(rig_ask(&rig)->walk.missing.count, 3);
        assert_int_equal(rig.answer.walk.steps, 3 * (i + 1));
        rig_wait(&rig, 2 * RIG_SECOND);
    }
    rig_tour(&rig, "d", "cs32ba11.sys");                /* alone, later: a walk of its own */
    assert_int_equal(table_count(&rig.walks->kept), 3); /* and so is the application's */
    rig_stop(&rig);
}

static void look_at(struct rig *rig, uint64_t server, const char *share, const char *path) {
    rig->now_ns += 10 * RIG_MS;
    struct walk_step step = {rig->client, rig->now_ns, share, path,   "",  "",
                             "",          0,           true,  server, NULL};
    walks_step(rig->walks, &step);
}

static void one_machine_by_name_and_address_is_one_place(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    look_at(&rig, 7, "\\\\CAP01\\A", "foo.dll");
    look_at(&rig, 7, "\\\\10.1.0.10\\A", "foo.dll");
    look_at(&rig, 7, "\\\\10.1.0.10\\A", "bin\\foo.dll"); /* nested all the same */
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    look_at(&rig, 8, "\\\\CAP02\\A", "foo.dll");
    assert_int_equal(rig_ask(&rig)->walk.directories.count, 3);
    look_at(&rig, 8, "\\\\10.1.0.11\\a", "foo.dll");
    look_at(&rig, 9, "\\\\CAP02\\A", "foo.dll"); /* and by its other address */
    assert_int_equal(rig_ask(&rig)->walk.directories.count, 3);
    rig_stop(&rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_over_two_directories_is_a_walk),
        cmocka_unit_test(no_probe_holds_until_a_program_is_asked_for),
        cmocka_unit_test(steps_are_ten_seconds_apart_at_most),
        cmocka_unit_test(the_same_tour_later_is_the_same_walk),
        cmocka_unit_test(directories_are_one_in_any_spelling),
        cmocka_unit_test(the_order_is_that_of_most_tours),
        cmocka_unit_test(a_second_name_confirms),
        cmocka_unit_test(names_searched_directory_by_directory_are_one_walk),
        cmocka_unit_test(access_denied_ends_the_search),
        cmocka_unit_test(one_directory_is_a_walk_of_a_known_name),
        cmocka_unit_test(one_directory_needs_more_of_an_unknown_name),
        cmocka_unit_test(a_weak_name_alone_accuses_nobody),
        cmocka_unit_test(names_of_two_products_leave_both),
        cmocka_unit_test(the_better_known_signature_wins),
        cmocka_unit_test(two_drivers_on_one_client_are_both_told),
        cmocka_unit_test(an_unknown_driver_beside_a_probe_is_told),
        cmocka_unit_test(a_stale_program_needs_its_share),
        cmocka_unit_test(an_aggravating_component_is_only_told),
        cmocka_unit_test(the_process_table_names_the_program),
        cmocka_unit_test(an_unknown_driver_keeps_what_goes_along),
        cmocka_unit_test(exact_names_of_two_makers_weigh_the_same),
        cmocka_unit_test(a_sweep_shows_each_directory),
        cmocka_unit_test(one_machine_by_name_and_address_is_one_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
