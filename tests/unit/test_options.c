/* The command line: each form of an option, what is refused, what goes together, and what a reload
 * can take up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/rows.h"
#include "options_rig.h"

static void expect_refused(const char *line, const char *said) {
    struct rig rig = {.said = NULL};
    assert_int_equal(rig_parse(&rig, line), EXIT_USAGE);
    if (!strstr(rig.said, said))
        fail_msg("'%s' says '%s', not '%s'", line, rig.said, said);
    rig_end(&rig);
}

static void expect_taken(const char *line) {
    struct rig rig = {.said = NULL};
    int status = rig_parse(&rig, line);
    if (status || rig.said_size)
        fail_msg("'%s' says '%s'", line, rig.said);
    rig_end(&rig);
}

static void test_table_is_whole(void **state) {
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct row *row = &option_rows[i];
        assert_non_null(row->name);
        assert_non_null(row->kind);
        assert_ptr_equal(row_of(row->name), row);
        assert_true(!row->letter || row_by_letter(row->letter) == row);
    }
}

static void test_forms(void **state) {
    (void)state;
    struct rig rig = {.said = NULL};
    assert_int_equal(rig_parse(&rig, "-qvc5 --json --events=yes -s 96 --user=me -i lo -ieth0"), 0);
    const struct options *o = &rig.options;
    assert_true(o->quiet && o->verbose && o->json && o->events);
    assert_int_equal(o->frame_limit, 5);
    assert_int_equal(o->snaplen, 96);
    assert_string_equal(o->user, "me");
    assert_int_equal(o->device_count, 2);
    assert_string_equal(o->devices[1], "eth0");
    assert_int_equal(o->task, TASK_LIVE);
    rig_end(&rig);
}

static void test_files_and_words(void **state) {
    (void)state;
    struct rig rig = {.said = NULL};
    assert_int_equal(rig_parse(&rig, "a.pcap -r b.pcap - -- -c"), 0);
    assert_int_equal(rig.options.input_count, 4);
    assert_string_equal(rig.options.inputs[3], "-c");
    assert_int_equal(rig.options.task, TASK_REPLAY);
    assert_true(rig.options.jobs >= 1 && !rig.options.is_jobs_given);
    rig_end(&rig);
    assert_int_equal(rig_parse(&rig, "explain read 0xC000006D"), 0);
    assert_int_equal(rig.options.task, TASK_EXPLAIN);
    assert_int_equal(rig.options.input_count, 2);
    rig_end(&rig);
}

static void test_a_flag_taken_back(void **state) {
    (void)state;
    struct rig rig = {.said = NULL};
    assert_int_equal(rig_parse(&rig, "--json --json=no --version --version=no a"), 0);
    assert_false(rig.options.json);
    assert_int_equal(rig.options.task, TASK_VERSION);
    rig_end(&rig);
}

static void test_usual_values(void **state) {
    (void)state;
    struct rig rig = {.said = NULL};
    assert_int_equal(rig_parse(&rig, "-i lo"), 0);
    assert_string_equal(rig.options.codepage, "CP850");
    assert_string_equal(rig.options.user, "nobody");
    assert_int_equal(rig.options.stats_interval_s, 60);
    assert_int_equal(rig.options.workers, 1);
    rig_end(&rig);
    assert_int_equal(rig_parse(&rig, "-i lo --workers auto"), 0);
    assert_int_equal(rig.options.workers, 0);
    rig_end(&rig);
}

static void test_refused_values(void **state) {
    (void)state;
    expect_refused("-c 0 a", "--count takes a whole number of at least 1, not '0'");
    expect_refused("-c -1 a", "not '-1'");
    expect_refused("-c 1k a", "not '1k'");
    expect_refused("-c 99999999999999999999 a", "whole number");
    expect_refused("-i lo --workers 65", "--workers takes at most 64, not '65'");
    expect_refused("--classify some a", "'known' or 'full'");
    expect_refused("--sensor cap01", "takes NAME=PATH, not 'cap01'");
    expect_refused("--sensor =x", "NAME=PATH");
    expect_refused("--sensor x=", "NAME=PATH");
    expect_refused("--limit flow=7 a", "takes NAME=N, not 'flow=7'");
    expect_refused("--limit flows=7 a", "--limit takes for flows a number from 64");
    expect_refused("--limit tunnel_depth=3 a", "cannot set tunnel_depth");
    expect_refused("--json=maybe a", "--json takes 'yes' or 'no', not 'maybe'");
}

static void test_refused_words(void **state) {
    (void)state;
    expect_refused("--jsn a", "unknown option '--jsn'; did you mean '--json'?");
    expect_refused("--stats a", "did you mean '--stats-interval'?");
    expect_refused("--xyzzyplugh a", "'smblame --help' lists them");
    expect_refused("-Z a", "unknown option '-Z'");
    expect_refused("a -c", "--count takes an argument: N");
    expect_refused("a --filter", "--filter takes an argument: BPF");
    expect_refused("", "no input");
    expect_refused("explain", "explain takes");
    expect_refused("-i lo a", "leave one of them out");
}

static void test_what_goes_together(void **state) {
    (void)state;
    expect_refused("--events a", "--events goes with --json");
    expect_refused("--raw-evidence a", "--raw-evidence goes with --write");
    expect_refused("-w e -W 3 a", "--rotate-files goes with --rotate-seconds or --rotate-size");
    expect_refused("-G 60 a", "--rotate-seconds goes with --write or --record");
    expect_refused("-C 60 -i lo", "--rotate-size goes with --write or --record");
    expect_refused("--watch --json a", "--watch does not go with --json");
    expect_refused("--exec-on-open x --no-diagnosis a", "does not go with --no-diagnosis");
    expect_refused("-w e --no-diagnosis a", "does not go with --no-diagnosis");
    expect_refused("--record e a", "--record goes with -i, not with files");
    expect_refused("--metrics 127.0.0.1:1 a", "--metrics goes with -i, not with files");
    expect_refused("--separate -i lo", "--separate goes with files, not with -i");
    expect_refused("--jobs 2 -i lo", "--jobs goes with files, not with -i");
    expect_taken("-w e --raw-evidence -C 5 -W 3 a");
    expect_refused("--record e -G 5 -i lo", "--record needs --rotate-files");
    expect_refused("--record e -G 5 -W 513 -i lo", "--rotate-files goes up to 512");
    expect_taken("--record e -G 5 -W 512 -i lo --metrics unix:/run/m --stats-interval 1");
    expect_taken("--raw-evidence --raw-evidence=no a");
    expect_taken("--sensor cap01=/run/cap01 --watch");
    expect_taken("--check --stats-interval 5");
}

/* What options_changes tells, in its order: a name, and '!' behind one that needs a restart. */
static void note_change(void *context, const char *name, bool is_live) {
    char *told = context;
    size_t size = strlen(told);
    snprintf(told + size, 256 - size, "%s%s ", name, is_live ? "" : "!");
}

static unsigned changes(const char *before, const char *after, char told[256]) {
    struct rig old = {.said = NULL}, fresh = {.said = NULL};
    assert_int_equal(rig_parse(&old, before), 0);
    assert_int_equal(rig_parse(&fresh, after), 0);
    told[0] = '\0';
    unsigned restarts = options_changes(&old.options, &fresh.options, told, note_change);
    rig_end(&old);
    rig_end(&fresh);
    return restarts;
}

static void test_changes(void **state) {
    (void)state;
    char told[256];
    assert_int_equal(changes("-i lo -f tcp", "-f tcp -i lo", told), 0);
    assert_string_equal(told, "");
    assert_int_equal(changes("-i lo --lockout-threshold 5 --knowledge a --confirm x -q",
                             "-i lo --lockout-threshold 7 --knowledge b --confirm y -v", told),
                     0);
    assert_string_equal(told, "knowledge lockout-threshold confirm quiet verbose ");
    assert_int_equal(changes("-i lo", "-i eth0 -i lo", told), 1);
    assert_string_equal(told, "interface! ");
    assert_int_equal(changes("-i lo -f a -s 5 --stop-when x", "-i lo -f b -s 6 --json", told), 3);
    assert_string_equal(told, "filter! snapshot-length! stop-when json! ");
    assert_int_equal(changes("-i lo --limit flows=100", "-i lo --limit flows=101", told), 1);
    assert_string_equal(told, "limit! ");
    assert_int_equal(changes("-i lo -c 5", "-i lo --no-classify", told), 2);
    assert_string_equal(told, "count! classify! ");
    assert_int_equal(changes("-i lo --limit flows=1048576 --check", "-i lo", told), 0);
}

static void test_help_names_every_option(void **state) {
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *real = stdout;
    stdout = open_memstream(&text, &size);
    options_help();
    fclose(stdout);
    stdout = real;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        char name[64];
        snprintf(name, sizeof name, " --%s ", option_rows[i].name);
        assert_non_null(strstr(text, name));
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_whole),  cmocka_unit_test(test_forms),
        cmocka_unit_test(test_files_and_words), cmocka_unit_test(test_a_flag_taken_back),
        cmocka_unit_test(test_usual_values),    cmocka_unit_test(test_refused_values),
        cmocka_unit_test(test_refused_words),   cmocka_unit_test(test_what_goes_together),
        cmocka_unit_test(test_changes),         cmocka_unit_test(test_help_names_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
