/* What looks like a walk and is none; what ties a walk to failures; what happens when every cap is
 * reached, when clocks jump, and when a stranger asks for a million names. */
#include <stdlib.h>

#include "walks_rig.h"

static void nothing_comes_of(const char *const *names, const char *share_a, const char *share_b) {
    for (; *names; names++) {
        struct rig rig;
        rig_start(&rig);
        for (unsigned i = 0; i < 2; i++) {
            rig_look(&rig, share_a, *names);
            rig_look(&rig, share_b, *names);
            rig_wait(&rig, RIG_SECOND);
        }
        assert_int_equal(rig_ask(&rig)->walk.steps, 0);
        assert_int_equal(rig.answer.candidate_count, 0);
        assert_false(rig_has(&rig, FACT_WALK));
        rig_stop(&rig);
    }
}

static void look_alikes_by_name_are_no_walks(void **state) {
    (void)state;
    static const char *const names[] = {
        "desktop.ini", "DESKTOP.INI",       "App.lnk",  "crystal.vxd", "auddrive.sys:ad",
        "*.dll",       "auddr?ve.sys",      "foo<.dll", "letter.doc",  "i386",
        "photo.jpeg",  "app.resources.dll", "",         "dir\\",       NULL};
    nothing_comes_of(names, "\\\\S\\A", "\\\\S\\B");
}

static void look_alikes_by_share_are_no_walks(void **state) {
    (void)state;
    static const char *const pipes[] = {"srvsvc", "foo.dll", "auddrive.sys", NULL};
    static const char *const packages[] = {"S0100001.PKG", NULL};
    static const char *const scripts[] = {"logon.bat", "ntconfig.pol", "kix32.exe", NULL};
    static const char *const copies[] = {"S0100001\\setup.exe", NULL};
    nothing_comes_of(pipes, "\\\\S\\IPC$", "\\\\T\\IPC$");
    nothing_comes_of(pipes, "\\\\S\\print$", "\\\\T\\print$");
    nothing_comes_of(packages, "\\\\S\\CAP_S01", "\\\\T\\CAP_S02");
    nothing_comes_of(scripts, "\\\\DC1\\NETLOGON", "\\\\DC2\\NETLOGON");
    static const char *const pushed[] = {"psexesvc.exe", NULL};
    nothing_comes_of(copies, "\\\\DP1\\SMSPKGC$", "\\\\DP2\\SMSPKGC$");
    nothing_comes_of(pushed, "\\\\WS1\\ADMIN$", "\\\\WS2\\ADMIN$");
}

static void a_program_on_two_logon_shares_is_one_look_up(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_look(&rig, "\\\\DC1\\NETLOGON", "foo.dll");
    rig_look(&rig, "\\\\DC2\\NETLOGON", "foo.dll");
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    rig_look(&rig, "\\\\S\\TOOLS", "foo.dll");
    assert_int_equal(rig_ask(&rig)->walk.directories.count, 2);
    rig_stop(&rig);
}

static void a_name_without_a_share_is_no_step(void **state) {
    (void)state;
    static const char *const names[] = {"a\\foo.dll", "b\\foo.dll", NULL};
    nothing_comes_of(names, "", "");
    nothing_comes_of(names, "SHARE", "OTHER");
}

static void nested_directories_are_an_application_at_home(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_look(&rig, "\\\\S\\APPS", "Foo\\Bin\\x.dll");
    rig_look(&rig, "\\\\S\\APPS", "foo\\x.dll");
    rig_look(&rig, "\\\\S\\APPS", "x.dll");
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    rig_look(&rig, "\\\\S\\APPS", "foo2\\x.dll"); /* beside foo */
    assert_int_equal(rig_ask(&rig)->walk.steps, 4);
    assert_true(rig_has(&rig, FACT_WALK));
    rig_stop(&rig);
    rig_start(&rig);
    rig_look(&rig, "\\\\S\\APPS", "x.dll");
    rig_look(&rig, "\\\\T\\APPS", "bin\\x.dll"); /* below, but on another server */
    assert_true(rig_has(&rig, FACT_WALK));
    rig_stop(&rig);
}

static void a_known_name_in_nested_directories_is_not_ordered(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_look(&rig, "\\\\S\\APPS", "cwaudio.bin");
    rig_look(&rig, "\\\\S\\APPS", "bin\\cwaudio.bin");
    assert_true(rig_has(&rig, FACT_WALK));
    assert_false(rig_has(&rig, FACT_WALK_ORDERED));
    rig_stop(&rig);
}

static void translations_are_no_search(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"de-DE\\x.dll", "de\\x.dll"},
                                           {"1031\\x.dll", "1033\\x.dll"},
                                           {"app\\zh-Hans\\x.dll", "app\\zh\\x.dll"}};
    for (size_t i = 0; i < 3; i++) {
        struct rig rig;
        rig_start(&rig);
        rig_look(&rig, "\\\\S\\APPS", pairs[i][0]);
        rig_look(&rig, "\\\\S\\APPS", pairs[i][1]);
        assert_int_equal(rig_ask(&rig)->walk.steps, 0);
        rig_look(&rig, "\\\\S\\APPS", "bin\\x.dll");
        assert_int_equal(rig_ask(&rig)->walk.steps, 3);
        rig_stop(&rig);
    }
}

static void a_broad_pattern_does_not_speak_alone(void **state) {
    (void)state;
    static const char *const names[] = {"maestro.doc", "Maestro", NULL};
    nothing_comes_of(names, "\\\\S\\A", "\\\\S\\B");
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "a", "maestro.exe");
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    rig_tour(&rig, "b", "maestro.exe");
    assert_string_equal(rig_who(&rig), "-");
    rig_tour(&rig, "a", "maestro.sys");
    assert_string_equal(rig_who(&rig), "ess-maestro");
    assert_int_equal(rig.answer.candidates[0].files.count, 2);
    rig_stop(&rig);
    rig_start(&rig);
    rig_tour(&rig, "ab", "auddrive.dll");
    assert_string_equal(rig_who(&rig), "-");
    rig_tour(&rig, "ab", "auddrive.drv");
    assert_string_equal(rig_who(&rig), "ess-auddrive-nt");
    assert_int_equal(rig.answer.candidates[0].files.count, 2);
    rig_stop(&rig);
}

static void a_file_that_is_there_is_not_searched_for(void **state) {
    (void)state;
    static const uint32_t there[] = {0xC0000043, 0xC0000035, 0x00010020};
    struct rig rig;
    rig_start(&rig);
    struct walk_step step = {1,     rig.now_ns, "\\\\S\\A", "auddrive.sys", "", "", "", 0,
                             false, 0,          NULL};
    for (size_t i = 0; i < 3; i++) {
        step.status = there[i];
        assert_false(walks_step(rig.walks, &step));
    }
    assert_true(rig_has(&rig, FACT_NO_PROBE));
    step.status = 0xC0000022;
    assert_true(walks_step(rig.walks, &step));
    assert_true(rig_has(&rig, FACT_WALK));
    rig_stop(&rig);
}

static void a_command_typed_at_a_prompt_is_no_driver(void **state) {
    (void)state;
    static const char *const tries[] = {"sb16up.com", "sb16up.exe", "sb16up.bat", "sb16up.cmd"};
    struct rig rig;
    rig_start(&rig);
    for (size_t i = 0; i < 4; i++)
        rig_tour(&rig, "a", tries[i]);
    assert_int_equal(rig_ask(&rig)->walk.steps, 0); /* one directory */
    for (size_t i = 0; i < 4; i++)
        rig_tour(&rig, "b", tries[i]);
    assert_int_equal(rig_ask(&rig)->walk.steps, 8); /* seen, and joined to nobody */
    rig.is_own_account = true;
    rig.wanted = "\\\\CAP01\\CAP_a";
    for (enum fact fact = FACT_WALK; fact <= FACT_WALK_WANTED_SHARE; fact++)
        assert_false(rig_has(&rig, fact));
    assert_string_equal(rig_who(&rig), "");
    rig_stop(&rig);
    rig_start(&rig); /* extension by extension, the known name first */
    rig_tour(&rig, "ab", "sb16up.exe");
    assert_string_equal(rig_who(&rig), "creative-sb-9x");
    assert_true(rig_look(&rig, "\\\\CAP01\\CAP_a", "sb16up.com"));
    assert_string_equal(rig_who(&rig), "");
    rig_wait(&rig, 60 * RIG_SECOND); /* searched for again and again, and typed once */
    for (unsigned i = 0; i < 2; i++) {
        rig_tour(&rig, "ab", "sb16up.exe");
        rig_wait(&rig, 60 * RIG_SECOND);
    }
    assert_string_equal(rig_who(&rig), "creative-sb-9x");
    rig_stop(&rig);
    rig_start(&rig); /* another extension in another directory is no series */
    rig_tour(&rig, "ab", "sb16up.exe");
    rig_tour(&rig, "c", "sb16up.com");
    assert_string_equal(rig_who(&rig), "creative-sb-9x");
    rig_stop(&rig);
}

static void look_many(struct rig *rig, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "file%u.dll", i);
        rig_look(rig, "\\\\CAP01\\CAP_a", name);
    }
}

static void an_indexer_is_no_driver(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "a", "auddrive.sys");
    rig_wait(&rig, 2 * RIG_SECOND);
    rig_tour(&rig, "a", "auddrive.sys");
    look_many(&rig, 63); /* 64 names */
    assert_string_equal(rig_who(&rig), "compaq-auddrive");
    rig_look(&rig, "\\\\CAP01\\CAP_a", "more.dll");
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    rig_tour(&rig, "a", "auddrive.sys");
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    rig_wait(&rig, 11 * RIG_SECOND);
    rig_tour(&rig, "a", "auddrive.sys"); /* still at it, for all we know */
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    rig_wait(&rig, 30 * RIG_SECOND);
    rig_tour(&rig, "a", "auddrive.sys");
    rig_wait(&rig, 2 * RIG_SECOND);
    rig_tour(&rig, "a", "auddrive.sys");
    assert_string_equal(rig_who(&rig), "compaq-auddrive");
    look_many(&rig, 200); /* an indexer later takes nothing away from it */
    rig_stop(&rig);
}

static void an_indexer_does_not_clear_a_driver(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "auddrive.sys");
    rig_wait(&rig, 60 * RIG_SECOND);
    look_many(&rig, 200);
    assert_string_equal(rig_who(&rig), "compaq-auddrive");
    assert_int_equal(rig_ask(&rig)->walk.steps, 2);
    rig_stop(&rig);
}

static void a_crawler_is_no_search_of_path(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    for (unsigned i = 0; i < 64; i++) {
        char path[32];
        snprintf(path, sizeof path, "dir%u\\setup.exe", i);
        rig_look(&rig, "\\\\S\\A", path);
    }
    assert_true(rig_has(&rig, FACT_WALK));
    assert_int_equal(rig_ask(&rig)->walk.directories.count, 16);
    assert_int_equal(rig.answer.walk.directories.total, 64);
    rig_look(&rig, "\\\\S\\A", "dir64\\setup.exe");
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    rig_stop(&rig);
}

static void near_is_five_seconds(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "foo.dll");
    const int64_t first = rig.now_ns - 10 * RIG_MS, last = rig.now_ns;
    const int64_t near[] = {first - 5 * RIG_SECOND, first, last, last + 5 * RIG_SECOND};
    const int64_t far[] = {first - 5 * RIG_SECOND - 1, last + 5 * RIG_SECOND + 1,
                           last + 6 * RIG_SECOND, INT64_MIN, INT64_MAX};
    rig.failure_count = 1;
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        rig.failures_ns[0] = near[i];
        assert_true(rig_has(&rig, FACT_WALK_NEAR_FAILURE));
        assert_false(rig_has(&rig, FACT_WALK_JOINED)); /* one failure is chance */
    }
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        rig.failures_ns[0] = far[i];
        assert_false(rig_has(&rig, FACT_WALK_NEAR_FAILURE));
    }
    rig.failure_count = 2;
    rig.failures_ns[0] = last + 6 * RIG_SECOND;
    rig.failures_ns[1] = last;
    assert_false(rig_has(&rig, FACT_WALK_JOINED));
    rig.failures_ns[0] = last + 5 * RIG_SECOND;
    assert_false(rig_has(&rig, FACT_WALK_JOINED)); /* two of somebody else are chance as well */
    rig_stop(&rig);
}

static void a_failure_between_steps_is_near_both(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "a", "foo.dll");
    rig_wait(&rig, 9 * RIG_SECOND);
    rig.failure_count = 1;
    rig.failures_ns[0] = rig.now_ns - 4 * RIG_SECOND;
    rig_tour(&rig, "b", "foo.dll");
    assert_true(rig_has(&rig, FACT_WALK_NEAR_FAILURE));
    rig_stop(&rig);
}

static void tours_are_remembered_first_and_latest(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    int64_t starts[100];
    for (unsigned i = 0; i < 100; i++) {
        rig_tour(&rig, "ab", "foo.dll");
        starts[i] = rig.now_ns;
        rig_wait(&rig, 60 * RIG_SECOND);
    }
    rig.failure_count = 1;
    for (unsigned i = 0; i < 100; i++) {
        rig.failures_ns[0] = starts[i];
        assert_int_equal(rig_has(&rig, FACT_WALK_NEAR_FAILURE), i < 8 || i >= 76);
    }
    rig_stop(&rig);
}

static void a_share_that_is_walked_joins(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_look(&rig, "\\\\CAP01\\CAP_S01", "foo.dll");
    rig_look(&rig, "\\\\CAP01\\TOOLS", "i386\\foo.dll");
    static const char *const walked[] = {"\\\\CAP01\\CAP_S01", "\\\\cap01.corp.example\\tools"};
    static const char *const others[] = {"\\\\CAP02\\CAP_S01", "\\\\CAP01\\CAP_S0", "CAP_S01"};
    for (size_t i = 0; i < 2; i++) {
        rig.wanted = walked[i];
        assert_true(rig_has(&rig, FACT_WALK_WANTED_SHARE));
        assert_true(rig_has(&rig, FACT_WALK_JOINED));
    }
    for (size_t i = 0; i < 3; i++) {
        rig.wanted = others[i];
        assert_false(rig_has(&rig, FACT_WALK_WANTED_SHARE));
        assert_false(rig_has(&rig, FACT_WALK_JOINED));
    }
    rig.is_own_account = true; /* nobody knows foo.dll, and nothing failed beside it */
    assert_false(rig_has(&rig, FACT_WALK_JOINED));
    rig_look(&rig, "\\\\CAP01\\CAP_S01", "rasadhlp.dll");
    rig_look(&rig, "\\\\CAP01\\TOOLS", "i386\\rasadhlp.dll");
    assert_true(rig_has(&rig, FACT_WALK_JOINED));
    rig_stop(&rig);
    rig_start(&rig);
    rig.is_own_account = true; /* nothing to be joined to */
    assert_false(rig_has(&rig, FACT_WALK_JOINED));
    rig_stop(&rig);
}

static void the_walk_tied_to_the_failures_is_told(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "auddrive.sys");
    rig_wait(&rig, 60 * RIG_SECOND);
    rig_tour(&rig, "cd", "foo.dll");
    assert_string_equal(rig_who(&rig), "compaq-auddrive");
    rig.wanted = "\\\\CAP01\\CAP_c";
    assert_string_equal(rig_where(&rig), "cd");
    assert_string_equal(rig_who(&rig), "-"); /* the other driver is not tied to these */
    rig_stop(&rig);
}

static void another_client_s_walk_is_its_own(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "auddrive.sys");
    rig.client = 2;
    assert_true(rig_has(&rig, FACT_NO_PROBE));
    rig_tour(&rig, "a", "foo.dll");
    assert_string_equal(rig_who(&rig), "");
    const uint64_t both[] = {2, 1};
    struct walk_question question = {.clients = both, .client_count = 2};
    walks_answer(rig.walks, &question, &rig.answer);
    assert_int_equal(rig.answer.candidate_count, 1);
    walks_forget(rig.walks, 1);
    walks_forget(rig.walks, 77);
    walks_answer(rig.walks, &question, &rig.answer);
    assert_int_equal(rig.answer.walk.steps, 0);
    assert_int_equal(table_count(&rig.walks->kept), 0);
    rig_stop(&rig);
}

static void clocks_that_jump_do_no_harm(void **state) {
    (void)state;
    static const int64_t times[] = {0,         INT64_MAX, INT64_MIN, -1, 1,
                                    INT64_MAX, INT64_MIN, INT64_MAX, 5,  -RIG_SECOND};
    struct rig rig;
    rig_start(&rig);
    for (unsigned round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
            rig.now_ns = times[i] < 0 ? times[i] : times[i] - 10 * RIG_MS;
            rig_tour(&rig, i % 2 ? "a" : "b", "auddrive.sys");
        }
    rig.now_ns = 500 * RIG_SECOND;
    rig_tour(&rig, "a", "foo.dll");
    rig.now_ns -= RIG_SECOND; /* two captures merged: a little back is no pause */
    rig_tour(&rig, "b", "foo.dll");
    assert_string_equal(rig_who(&rig), "compaq-auddrive");
    rig_stop(&rig);
    rig_start(&rig);
    rig_tour(&rig, "a", "foo.dll");
    rig.now_ns -= 60 * RIG_SECOND;
    rig_tour(&rig, "b", "foo.dll");
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    rig_stop(&rig);
}

static void a_walk_lists_so_much_and_counts_the_rest(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "abcdefghijklmnopq", "foo.dll"); /* 17 directories */
    assert_int_equal(rig_ask(&rig)->walk.directories.count, 16);
    assert_int_equal(rig.answer.walk.directories.total, 17);
    assert_int_equal(rig.answer.walk.steps, 17);
    assert_string_equal(rig_where(&rig), "abcdefghijklmnop");
    for (unsigned i = 0; i < 40; i++) {
        char name[32];
        snprintf(name, sizeof name, "bar%u.dll", i);
        rig_tour(&rig, "ab", name);
        rig_wait(&rig, RIG_SECOND);
    }
    assert_int_equal(rig_ask(&rig)->walk.missing.count, 32);
    assert_int_equal(rig.answer.walk.missing.total, 41);
    assert_int_equal(rig.answer.walk.steps, 97);
    assert_int_equal(rig.answer.candidates[0].files.count, 32);
    rig_stop(&rig);
}

static void names_and_directories_may_be_too_long(void **state) {
    (void)state;
    struct rig rig;
    char name[WALK_NAME_BYTES + 8], path[4096], share[400];
    rig_start(&rig);
    memset(name, 'n', sizeof name);
    memcpy(name + WALK_NAME_BYTES - 5, ".dll", sizeof ".dll"); /* the longest that is kept */
    rig_tour(&rig, "ab", name);
    assert_int_equal(rig_ask(&rig)->walk.steps, 2);
    memcpy(name + WALK_NAME_BYTES - 5, "n.dll", sizeof "n.dll");
    rig_tour(&rig, "cd", name);
    assert_int_equal(rig_ask(&rig)->walk.steps, 2);
    memset(path, 'p', sizeof path);
    memcpy(path + 3000, "\\q\\auddrive.sys", sizeof "\\q\\auddrive.sys");
    rig_look(&rig, "\\\\S\\LONG", path);
    assert_string_equal(rig_ask(&rig)->walk.directories.items[0], "\\\\S\\LONG");
    path[0] = 'x'; /* another directory, though it is shown the same */
    rig_look(&rig, "\\\\S\\LONG", path);
    assert_int_equal(rig_ask(&rig)->walk.directories.count, 2);
    memset(share, 's', sizeof share);
    memcpy(share, "\\\\S\\", 4);
    share[sizeof share - 1] = '\0';
    assert_false(rig_look(&rig, share, "auddrive.sys"));
    rig_stop(&rig);
}

static void the_oldest_walks_go_first(void **state) {
    (void)state;
    struct rig rig;
    rig_start_with(&rig, (struct walks_caps){.walks = 3, .clients = 100, .recents = 2});
    for (rig.client = 1; rig.client <= 3; rig.client++)
        rig_tour(&rig, "ab", "auddrive.sys");
    assert_int_equal(rig.stats.cap_hits[SBL_LIMIT_WALKS], 0);
    assert_int_equal(rig.stats.cap_hits[SBL_LIMIT_LOOK_BACK], 1); /* last seconds of the first */
    rig.client = 1;
    rig_tour(&rig, "ab", "auddrive.sys");
    assert_int_equal(rig.stats.cap_hits[SBL_LIMIT_LOOK_BACK], 2);
    assert_int_equal(rig_ask(&rig)->walk.steps, 4);
    rig.client = 4;
    rig_tour(&rig, "ab", "auddrive.sys");
    assert_int_equal(rig.stats.cap_hits[SBL_LIMIT_WALKS], 1);
    assert_int_equal(rig.stats.cap_hits[SBL_LIMIT_LOOK_BACK], 3);
    const unsigned left[] = {4, 0, 2, 2};
    for (rig.client = 1; rig.client <= 4; rig.client++)
        assert_int_equal(rig_ask(&rig)->walk.steps, left[rig.client - 1]);
    rig_stop(&rig);
}

static void one_client_pushes_out_its_own_walks_only(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "auddrive.sys");
    rig.client = 2;
    for (unsigned i = 0; i < 20; i++) {
        char share[32];
        snprintf(share, sizeof share, "\\\\S%u\\X", i);
        rig_look(&rig, share, "opl3sax.sys");
        rig_wait(&rig, 60 * RIG_SECOND);
    }
    assert_int_equal(table_count(&rig.walks->kept), 1 + WALKS_OF_CLIENT);
    assert_int_equal(rig.stats.cap_hits[SBL_LIMIT_WALKS], 20 - WALKS_OF_CLIENT);
    rig.client = 1;
    assert_string_equal(rig_who(&rig), "compaq-auddrive");
    rig_stop(&rig);
}

static void a_forgotten_client_is_not_said_to_be_clean(void **state) {
    (void)state;
    struct rig rig;
    rig_start_with(&rig, (struct walks_caps){.walks = 8, .clients = 2, .recents = 2});
    for (rig.client = 1; rig.client <= 3; rig.client++)
        rig_tour(&rig, "ab", "foo.dll");
    assert_int_equal(rig.stats.cap_hits[SBL_LIMIT_HOSTS], 1);
    rig.client = 1;
    assert_int_equal(rig_ask(&rig)->walk.steps, 0);
    assert_false(rig_has(&rig, FACT_NO_PROBE));
    rig_stop(&rig);
}

static void a_flood_of_names_costs_no_memory(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    rig_tour(&rig, "ab", "auddrive.sys");
    rig_wait(&rig, 60 * RIG_SECOND);
    uint32_t random = 1;
    for (unsigned i = 0; i < 200000; i++) {
        char name[32], share[32];
        random = random * 1664525 + 1013904223;
        snprintf(name, sizeof name, "%08x.dll", (unsigned)random);
        snprintf(share, sizeof share, "\\\\S\\%02x", (unsigned)(random >> 20 & 0xFF));
        rig_look(&rig, share, name);
    }
    assert_int_equal(table_count(&rig.walks->recents), 1);
    assert_int_equal(table_count(&rig.walks->kept), 1);
    assert_string_equal(rig_who(&rig), "compaq-auddrive");
    assert_true(walks_ceiling(&rig_usual) < (size_t)200 << 20);
    rig_stop(&rig);
}

static void many_processes_and_signatures_stay_within_bounds(void **state) {
    (void)state;
    struct rig rig;
    rig_start(&rig);
    static const char *const names[] = {"auddrive.sys", "cs32ba11.sys", "opl3sax.sys", "sb16.vxd",
                                        "cifman.dll",   "cwbase.sys",   "cwcx.vxd",    "other.drv",
                                        "foo.sys",      "bar.dll"};
    for (size_t i = 0; i < 10; i++)
        rig_tour(&rig, "ab", names[i]);
    assert_int_equal(rig_ask(&rig)->candidate_count, INCIDENT_CANDIDATES);
    for (size_t i = 0; i < 10; i++) {
        char process[300];
        memset(process, 'p', sizeof process);
        snprintf(process + 200, 100, "%u.exe", (unsigned)i);
        process[0] = (char)('a' + i);
        rig.process = process;
        rig_tour(&rig, "ab", names[i]);
    }
    const struct walk_answer *answer = rig_ask(&rig);
    assert_int_equal(answer->candidate_count, INCIDENT_CANDIDATES);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(answer->candidates[i].basis, SBL_BASIS_PROCESS_TABLE);
    assert_int_not_equal(answer->candidates[4].basis, SBL_BASIS_PROCESS_TABLE);
    rig_stop(&rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_alikes_by_name_are_no_walks),
        cmocka_unit_test(look_alikes_by_share_are_no_walks),
        cmocka_unit_test(a_program_on_two_logon_shares_is_one_look_up),
        cmocka_unit_test(a_name_without_a_share_is_no_step),
        cmocka_unit_test(nested_directories_are_an_application_at_home),
        cmocka_unit_test(a_known_name_in_nested_directories_is_not_ordered),
        cmocka_unit_test(translations_are_no_search),
        cmocka_unit_test(a_broad_pattern_does_not_speak_alone),
        cmocka_unit_test(a_file_that_is_there_is_not_searched_for),
        cmocka_unit_test(a_command_typed_at_a_prompt_is_no_driver),
        cmocka_unit_test(an_indexer_is_no_driver),
        cmocka_unit_test(an_indexer_does_not_clear_a_driver),
        cmocka_unit_test(a_crawler_is_no_search_of_path),
        cmocka_unit_test(near_is_five_seconds),
        cmocka_unit_test(a_failure_between_steps_is_near_both),
        cmocka_unit_test(tours_are_remembered_first_and_latest),
        cmocka_unit_test(a_share_that_is_walked_joins),
        cmocka_unit_test(the_walk_tied_to_the_failures_is_told),
        cmocka_unit_test(another_client_s_walk_is_its_own),
        cmocka_unit_test(clocks_that_jump_do_no_harm),
        cmocka_unit_test(a_walk_lists_so_much_and_counts_the_rest),
        cmocka_unit_test(names_and_directories_may_be_too_long),
        cmocka_unit_test(the_oldest_walks_go_first),
        cmocka_unit_test(one_client_pushes_out_its_own_walks_only),
        cmocka_unit_test(a_forgotten_client_is_not_said_to_be_clean),
        cmocka_unit_test(a_flood_of_names_costs_no_memory),
        cmocka_unit_test(many_processes_and_signatures_stay_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
