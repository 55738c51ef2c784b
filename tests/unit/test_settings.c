/* The configuration file: what it says, who wins, whose its paths are, and how each mistake is
 * told. At the end a whole file with every truncation and every flipped bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/rows.h"
#include "config/settings.h"
#include "options_rig.h"

static const char whole[] = "# all of it\n"
                            "quiet = yes\n"
                            "[capture]\n"
                            "interface =\n"
                            "    eth0\n"
                            "    eth1 ; the mirror\n"
                            "interface = lo\n"
                            "filter = tcp port 445\n"
                            "    or tcp port 139\n"
                            "workers: auto\n"
                            "count = 7\n"
                            "[output]\n"
                            "write = kept/evidence.pcapng\n"
                            "record = /var/all.pcapng\n"
                            "rotate-size = 100\n"
                            "rotate-files = 5\n"
                            "json = yes\n"
                            "events = no\n"
                            "exec-on-open = bin/page me /x\n"
                            "[diagnosis]\n"
                            "confirm = old-password\n"
                            "knowledge = own\n"
                            "limit = flows=100\n"
                            "    hosts=1000\n"
                            "classify = full\n"
                            "[service]\n"
                            "metrics = unix:run/m.sock\r\n"
                            "user = blame\n";

static void expect_path(const struct rig *rig, const char *got, const char *before,
                        const char *path) {
    char expected[256];
    snprintf(expected, sizeof expected, "%s%s/%s", before, rig->directory, path);
    assert_string_equal(got, expected);
}

static void test_everything(void **state) {
    (void)state;
    struct rig rig = {.said = NULL};
    int status = rig_settings(&rig, whole, "");
    if (status)
        fail_msg("%s", rig.said);
    const struct options *o = &rig.options;
    assert_int_equal(o->device_count, 3);
    assert_string_equal(o->devices[0], "eth0");
    assert_string_equal(o->devices[1], "eth1");
    assert_string_equal(o->devices[2], "lo");
    assert_string_equal(o->filter, "tcp port 445 or tcp port 139");
    assert_true(o->quiet && o->json && !o->events && o->task == TASK_LIVE);
    assert_int_equal(o->workers, 0);
    assert_int_equal(o->frame_limit, 7);
    assert_int_equal(o->rotate_mb, 100);
    assert_int_equal(o->rotate_files, 5);
    assert_int_equal(sbl_limit_of(&o->limits, SBL_LIMIT_FLOWS), 100);
    assert_int_equal(sbl_limit_of(&o->limits, SBL_LIMIT_HOSTS), 1000);
    assert_int_equal(o->classify, SBL_CLASSIFY_FULL);
    assert_string_equal(o->record, "/var/all.pcapng");
    expect_path(&rig, o->evidence, "", "kept/evidence.pcapng");
    expect_path(&rig, o->knowledge_dir, "", "own");
    expect_path(&rig, o->metrics, "unix:", "run/m.sock");
    expect_path(&rig, o->exec_on_open, "\"", "bin/page\" me /x");
    rig_end(&rig);
}

static void test_what_is_no_path_of_the_file(void **state) {
    (void)state;
    struct rig rig = {.said = NULL};
    assert_int_equal(rig_settings(&rig,
                                  "read = -\nexec-on-open = page /me\nmetrics = 127.0.0.1:9\n"
                                  "interface = eth0\nsensor = cap01=pipes/one\n",
                                  "--check -V"),
                     0);
    assert_string_equal(rig.options.inputs[0], "-");
    assert_string_equal(rig.options.exec_on_open, "page /me");
    assert_string_equal(rig.options.metrics, "127.0.0.1:9");
    expect_path(&rig, rig.options.sensors[0], "cap01=", "pipes/one");
    rig_end(&rig);
}

static void expect_command(const char *typed, const char *before, const char *path) {
    struct rig rig = {.said = NULL};
    char text[128];
    snprintf(text, sizeof text, "interface = lo\nexec-on-open = %s\n", typed);
    assert_int_equal(rig_settings(&rig, text, "-q"), 0);
    if (path)
        expect_path(&rig, rig.options.exec_on_open, before, path);
    else
        assert_string_equal(rig.options.exec_on_open, before);
    rig_end(&rig);
}

static void test_commands(void **state) {
    (void)state;
    expect_command("page", "page", NULL);
    expect_command("page ./me", "page ./me", NULL);
    expect_command("/bin/page me", "/bin/page me", NULL);
    expect_command("'/my bin/page' me", "'/my bin/page' me", NULL);
    expect_command("./page", "\"", "./page\"");
    expect_command("\"my bin/page\" 'a b'", "\"", "my bin/page\" 'a b'");
    expect_command("'bin/page", "'", "bin/page");
    expect_command("\"page\" a/b", "\"page\" a/b", NULL);
}

static void test_the_command_line_wins(void **state) {
    (void)state;
    struct rig rig = {.said = NULL};
    assert_int_equal(
        rig_settings(&rig, whole, "-i wlan0 -f udp --json=no --limit flows=200 -w here.pcapng"), 0);
    const struct options *o = &rig.options;
    assert_int_equal(o->device_count, 1);
    assert_string_equal(o->devices[0], "wlan0");
    assert_string_equal(o->filter, "udp");
    assert_string_equal(o->evidence, "here.pcapng");
    assert_false(o->json);
    assert_int_equal(sbl_limit_of(&o->limits, SBL_LIMIT_FLOWS), 200);
    assert_int_equal(sbl_limit_of(&o->limits, SBL_LIMIT_HOSTS), 1000);
    assert_int_equal(o->confirmed_count, 1);
    rig_end(&rig);
}

/* The configuration of a service serves as well for a file of frames, and for another interface. */
static void test_another_source(void **state) {
    (void)state;
    struct rig rig = {.said = NULL};
    assert_int_equal(rig_settings(&rig, whole, "trace.pcapng"), 0);
    assert_int_equal(rig.options.task, TASK_REPLAY);
    assert_int_equal(rig.options.device_count, 0);
    assert_int_equal(rig.options.input_count, 1);
    assert_string_equal(rig.options.filter, "tcp port 445 or tcp port 139");
    assert_null(rig.options.evidence);
    assert_null(rig.options.record);
    assert_null(rig.options.exec_on_open);
    assert_null(rig.options.metrics);
    assert_int_equal(rig.options.rotate_mb, 0);
    rig_end(&rig);
    assert_int_equal(rig_settings(&rig, whole, "trace.pcapng -w mine -C 7 -W 2"), 0);
    assert_string_equal(rig.options.evidence, "mine");
    assert_int_equal(rig.options.rotate_mb, 7);
    rig_end(&rig);
    assert_int_equal(rig_settings(&rig, "read = a\n b\nsensor = a=b\njobs = 2\n", "-i lo"), 0);
    assert_int_equal(rig.options.task, TASK_LIVE);
    assert_int_equal(rig.options.input_count + rig.options.sensor_count, 0);
    rig_end(&rig);
    assert_int_equal(rig_settings(&rig, whole, "--workers 2 trace.pcapng"), EXIT_USAGE);
    assert_non_null(strstr(rig.said, "--workers goes with -i, not with files"));
    rig_end(&rig);
    assert_int_equal(rig_settings(&rig, "read = a\nworkers = 2\n", "-q"), EXIT_USAGE);
    assert_non_null(strstr(rig.said, ":2: workers goes with -i, not with files"));
    rig_end(&rig);
    assert_int_equal(rig_settings(&rig, "workers = 99\n", "trace.pcapng"), EXIT_USAGE);
    assert_non_null(strstr(rig.said, ":1: workers takes at most 64"));
    rig_end(&rig);
    assert_int_equal(rig_settings(&rig, "user = a\nuser = b\n", "trace.pcapng"), EXIT_USAGE);
    assert_non_null(strstr(rig.said, ":2: user stands in line 1 already"));
    rig_end(&rig);
    assert_int_equal(rig_settings(&rig, "read = a\ninterface = lo\n", "-q"), EXIT_USAGE);
    rig_end(&rig);
}

static void test_places(void **state) {
    (void)state;
    struct rig rig = {.said = NULL};
    char place[OPTIONS_PLACE_SIZE], expected[OPTIONS_PLACE_SIZE];
    assert_int_equal(rig_settings(&rig, whole, "--user me"), 0);
    snprintf(expected, sizeof expected, "%s:8: filter", rig.path);
    assert_string_equal(options_place(&rig.options, "filter", NULL, place), expected);
    snprintf(expected, sizeof expected, "%s:6: interface", rig.path);
    assert_string_equal(options_place(&rig.options, "interface", rig.options.devices[1], place),
                        expected);
    assert_string_equal(options_place(&rig.options, "user", rig.options.user, place), "--user");
    assert_string_equal(options_place(&rig.options, "verbose", NULL, place), "--verbose");
    rig_end(&rig);
}

static void note(void *context, const char *name, bool is_live) {
    char *told = context;
    size_t size = strlen(told);
    snprintf(told + size, 128 - size, "%s%s ", name, is_live ? "" : "!");
}

/* The same words again, after the file was edited. */
static void test_reload(void **state) {
    (void)state;
    struct rig rig = {.said = NULL};
    struct options fresh;
    char told[128] = "";
    assert_int_equal(
        rig_settings(&rig, "interface = lo\nknowledge = a\nlockout-window = 5\n", "-f tcp"), 0);
    FILE *file = fopen(rig.path, "w");
    assert_non_null(file);
    fputs("interface = lo\n  eth0\nknowledge = a\nlockout-window = 7\nfilter = udp\n"
          "confirm = a\n  b\n",
          file);
    fclose(file);
    FILE *real = stderr;
    char *said = NULL;
    size_t said_size = 0;
    stderr = open_memstream(&said, &said_size);
    int failed = options_reload(&fresh, &rig.options);
    fclose(stderr);
    stderr = real;
    assert_int_equal(failed, 0);
    assert_non_null(strstr(said, ":1: interface has another value now, which waits for a restart"));
    assert_null(strstr(said, "lockout-window"));
    free(said);
    assert_int_equal(options_changes(&rig.options, &fresh, told, note), 1);
    assert_string_equal(told, "interface! lockout-window confirm ");
    assert_int_equal(fresh.lockout_window_min, 7);
    struct options running = rig.options;
    options_adopt(&running, &fresh);
    assert_int_equal(running.lockout_window_min, 7);
    assert_int_equal(running.confirmed_count, 2);
    assert_string_equal(running.confirmed[1], "b");
    assert_true(running.quiet == fresh.quiet && running.device_count == 1);
    told[0] = '\0';
    options_changes(&running, &fresh, told, note);
    assert_string_equal(told, "interface! ");
    assert_string_equal(fresh.filter, "tcp");
    options_free(&fresh);
    rig_end(&rig);
}

/* `said` is what stands behind "smblame: PATH:". */
static void expect_mistake(const char *text, const char *said) {
    struct rig rig = {.said = NULL};
    char expected[512];
    assert_int_equal(rig_settings(&rig, text, "--check"), EXIT_USAGE);
    snprintf(expected, sizeof expected, "smblame: %s:%s", rig.path, said);
    if (!strstr(rig.said, expected))
        fail_msg("'%s' says '%s', not '%s'", text, rig.said, expected);
    rig_end(&rig);
}

static void test_mistakes(void **state) {
    (void)state;
    expect_mistake("\n\nworkers = 65\n", "3: workers takes at most 64, not '65'\n");
    expect_mistake("json = maybe", "1: json takes 'yes' or 'no', not 'maybe'\n");
    expect_mistake("json = ", "1: json takes 'yes' or 'no'\n");
    expect_mistake("write =\n", "1: write takes FILE\n");
    expect_mistake("jsno = yes", "1: unknown key 'jsno'; did you mean 'json'?\n");
    expect_mistake("chek = yes", "1: unknown key 'chek'; 'smblame --help' lists them");
    expect_mistake("--json = yes", "1: unknown key '--json'; did you mean 'json'?\n");
    expect_mistake("[captur]\n\ncount = 5\nx = 6\n",
                   "1: unknown section [captur]; did you mean [capture]?\n");
    expect_mistake("[zebra]\ncount = 5\n", "1: unknown section [zebra]; there are [capture]");
    expect_mistake("user = a\n# b\nuser = c\n", "3: user stands in line 1 already\n");
    expect_mistake("user = a\n b\n", "2: user takes one line; one that begins with a blank goes");
    expect_mistake("version = yes\n", "1: version belongs on the command line\n");
    expect_mistake("config = x\n", "1: config belongs on the command line\n");
    expect_mistake("limit = flows\n", "1: limit takes NAME=N, not 'flows'");
    expect_mistake("sensor = x\n", "1: sensor takes NAME=PATH, not 'x'");
    expect_mistake("count = 5\nnonsense\n", "2: neither [SECTION] nor KEY = VALUE\n");
    expect_mistake("[capture\n", "1: neither [SECTION] nor KEY = VALUE\n");
    expect_mistake("user = a\x01\n", "1: that is no text\n");
    expect_mistake("user = a\rb\n", "1: that is no text\n");
    expect_mistake("events = yes\n", "1: events goes with --json");
    expect_mistake("count = 5\njobs = 3\ninterface = lo", "2: jobs goes with files, not with -i");
}

static void test_all_mistakes_are_told(void **state) {
    (void)state;
    struct rig rig = {.said = NULL};
    assert_int_equal(rig_settings(&rig, "a=1\ncount=x\n[b]\nc=1\nd=2\ne\n", "x"), EXIT_USAGE);
    unsigned lines = 0;
    for (const char *at = rig.said; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 4);
    rig_end(&rig);
}

static void test_caps(void **state) {
    (void)state;
    const size_t most = SETTINGS_LINES_MOST, size = 4 * (most + 1);
    char *text = calloc(1, size + 1);
    assert_non_null(text);
    memset(text, '#', 250);
    expect_mistake(text, "1: the line is too long; a list or a filter may go on");
    for (size_t i = 0; i < size; i++)
        text[i] = "a=1\n"[i % 4];
    struct rig rig = {.said = NULL};
    assert_int_equal(rig_settings(&rig, text, "x"), EXIT_USAGE);
    assert_non_null(strstr(rig.said, ":20: unknown"));
    assert_null(strstr(rig.said, ":21: "));
    rig_end(&rig);
    for (size_t i = 0; i < size; i++)
        text[i] = "#\n"[i % 2];
    char expected[64];
    snprintf(expected, sizeof expected, "%d: that is more lines", SETTINGS_LINES_MOST + 1);
    expect_mistake(text, expected);
    text[2 * most] = '\0';
    assert_int_equal(rig_settings(&rig, text, "x"), 0);
    rig_end(&rig);
    free(text);
}

static void test_no_file(void **state) {
    (void)state;
    struct rig rig = {.said = NULL};
    assert_int_equal(rig_parse(&rig, "--config /nowhere/at/all x"), EXIT_USAGE);
    assert_non_null(strstr(rig.said, "/nowhere/at/all: No such file"));
    rig_end(&rig);
    assert_int_equal(rig_parse(&rig, "--config /tmp x"), EXIT_USAGE);
    assert_non_null(strstr(rig.said, "/tmp: Is a directory"));
    rig_end(&rig);
}

/* Explain takes words of the command line, never files of the configuration. */
static void test_explain_with_a_file(void **state) {
    (void)state;
    struct rig rig = {.said = NULL};
    assert_int_equal(rig_settings(&rig, "read = a.pcap\n", "explain"), EXIT_USAGE);
    rig_end(&rig);
    assert_int_equal(rig_settings(&rig, "read = a.pcap\n", "explain Q278660"), 0);
    assert_int_equal(rig.options.input_count, 1);
    rig_end(&rig);
}

/* Whatever the bytes are: a status, no more memory than is given back, and nothing of the file in
 * the options that has no line. */
static void read_bytes(const uint8_t *bytes, size_t size) {
    struct options options = {.codepage = "CP850"};
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    FILE *file = size ? fmemopen(copy, size, "r") : NULL;
    if (file) {
        int status = settings_read(&options, file, "dir/mutated", 0);
        assert_true(status == 0 || status == EXIT_USAGE);
        assert_true(options.given[row_of("interface") - option_rows] || !options.device_count);
        fclose(file);
    }
    options_free(&options);
    free(copy);
}

static void test_mutated(void **state) {
    (void)state;
    FILE *real = stderr;
    stderr = fopen("/dev/null", "w");
    uint8_t bytes[sizeof whole];
    memcpy(bytes, whole, sizeof bytes);
    for (size_t size = 0; size < sizeof bytes; size++)
        read_bytes(bytes, size);
    for (size_t i = 0; i < 8 * sizeof bytes; i++) {
        const uint8_t bit = (uint8_t)(1u << i % 8);
        bytes[i / 8] ^= bit;
        read_bytes(bytes, sizeof bytes - 1);
        bytes[i / 8] ^= bit;
    }
    fclose(stderr);
    stderr = real;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything),
        cmocka_unit_test(test_what_is_no_path_of_the_file),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_the_command_line_wins),
        cmocka_unit_test(test_another_source),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_reload),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_all_mistakes_are_told),
        cmocka_unit_test(test_caps),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_explain_with_a_file),
        cmocka_unit_test(test_mutated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
