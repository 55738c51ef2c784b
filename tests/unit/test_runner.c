/* Commands of --exec-on-open, really run: what they are given, how many at once, and their end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "diagnosis_scenario.h"
#include "emit_scenario.h"
#include "pieces.h"
#include "service/runner.h"
#include "service/runner_request.h"

enum { WAIT_MS = 20000, SAID_BYTES = 1 << 20 };

struct fixture {
    struct runner *runner;
    struct scenario scenario;
    char folder[64], path[128];
    char error[256];
    char said[SAID_BYTES];
    int errors; /* what standard error was */
};

/* Standard error, to which commands write, goes to a file. */
static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    scenario_init(&fixture->scenario, INT64_C(1795227721000000000));
    fixture->scenario.diagnosis.state = SBL_DIAGNOSIS_OPEN;
    memcpy(fixture->folder, "/tmp/smblame_runner_XXXXXX", 27);
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->path, sizeof fixture->path, "%s/said", fixture->folder);
    fflush(stderr);
    fixture->errors = dup(STDERR_FILENO);
    int fd = open(fixture->path, O_RDWR | O_CREAT | O_APPEND, 0600);
    dup2(fd, STDERR_FILENO);
    close(fd);
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    runner_close(fixture->runner, 0);
    dup2(fixture->errors, STDERR_FILENO);
    close(fixture->errors);
    unlink(fixture->path);
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

static int start(struct fixture *fixture, const char *command, uint32_t timeout_ms) {
    const struct runner_options options = {.command = command, .timeout_ms = timeout_ms};
    return runner_start(&fixture->runner, &options, fixture->error, sizeof fixture->error);
}

/* All that commands and the runner said, once they have ended. */
static const char *finish(struct fixture *fixture) {
    runner_close(fixture->runner, WAIT_MS);
    fixture->runner = NULL;
    int fd = open(fixture->path, O_RDONLY);
    ssize_t size = read(fd, fixture->said, SAID_BYTES - 1);
    close(fd);
    fixture->said[size > 0 ? size : 0] = 0;
    return fixture->said;
}

static void wait_for(struct fixture *fixture, uint64_t started) {
    uint64_t until_ms = clock_monotonic_ms() + WAIT_MS;
    while (runner_counts(fixture->runner).started < started && clock_monotonic_ms() < until_ms)
        usleep(1000);
    assert_int_equal(runner_counts(fixture->runner).started, started);
}

static void its_environment_and_nothing_else(void **state) {
    struct fixture *fixture = *state;
    setenv("PATH", "/usr/bin:/bin", 1);
    setenv("LANG", "C.UTF-8", 1);
    setenv("LD_PRELOAD_NOT", "secret", 1);
    assert_int_equal(start(fixture, "env", 0), 0);
    runner_diagnosis(fixture->runner, &fixture->scenario.diagnosis);
    assert_string_equal(finish(fixture),
                        "PATH=/usr/bin:/bin\nLANG=C.UTF-8\n"
                        "SMBLAME_RULE=third-party-driver-path-search\n"
                        "SMBLAME_ACCOUNT=CORP\\SMSCliToknAcct&\nSMBLAME_CLIENT=10.1.2.42\n"
                        "SMBLAME_DIAGNOSIS=7d3f0000-0000-8c00-9e00-000000000004\n"
                        "SMBLAME_SEVERITY=6\n");
}

static void its_record_and_its_words(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(start(fixture, " cat  - ", 0), 0);
    runner_diagnosis(fixture->runner, &fixture->scenario.diagnosis);
    const char *said = finish(fixture);
    assert_memory_equal(said, "{\"@timestamp\":", 14);
    has(said, "\"dataset\":\"smblame.diagnosis\"");
    has(said, "\"state\":\"open\"");
    has(said, "}}\n");
    assert_int_equal(start(fixture, "printf '[%s]' \"a b\" c'd e'f $HOME '*' '' \"'\" \\n", 0), 0);
    runner_diagnosis(fixture->runner, &fixture->scenario.diagnosis);
    has(finish(fixture), "[a b][cd ef][$HOME][*][]['][\\n]");
}

/* Names that would be options, lines or shell words are values of variables. */
static void hostile_names_are_text(void **state) {
    struct fixture *fixture = *state;
    struct sbl_diagnosis *diagnosis = &fixture->scenario.diagnosis;
    diagnosis->authority_name = diagnosis->domain = "";
    diagnosis->account = "--help;$(touch x)\n\x1B[2J=\xE2\x80\xAE\xFF";
    assert_int_equal(start(fixture, "sh -c 'printf \"<%s>\" \"$SMBLAME_ACCOUNT\"'", 0), 0);
    runner_diagnosis(fixture->runner, diagnosis);
    has(finish(fixture), "<--help;$(touch x)\\x0a\\x1b[2J=\\u{202e}\\xff>");
}

static void only_openings(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(start(fixture, "echo x", 0), 0);
    fixture->scenario.diagnosis.state = SBL_DIAGNOSIS_UPDATE;
    runner_diagnosis(fixture->runner, &fixture->scenario.diagnosis);
    fixture->scenario.diagnosis.state = SBL_DIAGNOSIS_CLOSE;
    runner_diagnosis(fixture->runner, &fixture->scenario.diagnosis);
    assert_string_equal(finish(fixture), "");
}

/* Four at once, the others in their turn. */
static void several(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(start(fixture, "sh -c 'sleep 0.2; echo done'", 0), 0);
    uint64_t start_ms = clock_monotonic_ms();
    for (unsigned i = 0; i < 12; i++)
        runner_diagnosis(fixture->runner, &fixture->scenario.diagnosis);
    const char *said = finish(fixture);
    uint64_t took_ms = clock_monotonic_ms() - start_ms;
    assert_int_equal(strlen(said), 12 * strlen("done\n"));
    assert_true(took_ms >= 600);
}

static void too_many(void **state) {
    struct fixture *fixture = *state;
    enum { SENT = RUNNER_AT_ONCE + RUNNER_WAITING + 10 };
    assert_int_equal(start(fixture, "sleep 60", 0), 0);
    for (unsigned i = 0; i < RUNNER_AT_ONCE; i++)
        runner_diagnosis(fixture->runner, &fixture->scenario.diagnosis);
    wait_for(fixture, RUNNER_AT_ONCE);
    for (unsigned i = RUNNER_AT_ONCE; i < SENT; i++)
        runner_diagnosis(fixture->runner, &fixture->scenario.diagnosis);
    uint64_t until_ms = clock_monotonic_ms() + WAIT_MS;
    while (runner_counts(fixture->runner).dropped < 10 && clock_monotonic_ms() < until_ms)
        usleep(1000);
    assert_int_equal(runner_counts(fixture->runner).dropped, 10);
    runner_close(fixture->runner, 0); /* and those that run are ended */
    fixture->runner = NULL;
    usleep(200000);
    has(finish(fixture), "diagnoses without their command");
}

/* With all that it started. */
static void too_slow(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(start(fixture, "sh -c 'sleep 50 & echo begun; sleep 50; echo never'", 300), 0);
    uint64_t start_ms = clock_monotonic_ms();
    runner_diagnosis(fixture->runner, &fixture->scenario.diagnosis);
    wait_for(fixture, 1);
    while (!runner_counts(fixture->runner).killed && clock_monotonic_ms() < start_ms + WAIT_MS)
        usleep(1000);
    assert_int_equal(runner_counts(fixture->runner).killed, 1);
    assert_int_equal(runner_counts(fixture->runner).failed, 0);
    assert_string_equal(finish(fixture), "begun\n");
    assert_true(clock_monotonic_ms() - start_ms < 10000);
}

static void failures_are_counted(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(start(fixture, "false", 0), 0);
    runner_diagnosis(fixture->runner, &fixture->scenario.diagnosis);
    wait_for(fixture, 1);
    uint64_t until_ms = clock_monotonic_ms() + WAIT_MS;
    while (!runner_counts(fixture->runner).failed && clock_monotonic_ms() < until_ms)
        usleep(1000);
    assert_int_equal(runner_counts(fixture->runner).failed, 1);
}

/* A file without a first line that says by what it is run is not given to a shell. */
static void never_a_shell(void **state) {
    struct fixture *fixture = *state;
    char script[160];
    snprintf(script, sizeof script, "%s/script", fixture->folder);
    int fd = open(script, O_WRONLY | O_CREAT, 0700);
    assert_int_equal(write(fd, "echo shell\n", 11), 11);
    close(fd);
    assert_int_equal(start(fixture, script, 0), 0);
    runner_diagnosis(fixture->runner, &fixture->scenario.diagnosis);
    has(finish(fixture), "Exec format error");
    unlink(script);
}

static void wrong_commands(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        const char *command;
        int failed;
        const char *why;
    } wrong[] = {
        {"", -EINVAL, "names no program"},
        {" \t ", -EINVAL, "names no program"},
        {"''", -EINVAL, "names no program"},
        {"sh -c 'x", -EINVAL, "a quote is not closed"},
        {"no-such-program-here", -ENOENT, "cannot run 'no-such-program-here'"},
        {"/no/such/program", -ENOENT, "cannot run"},
        {"/etc/passwd", -EACCES, "Permission denied"},
        {"/etc", -EACCES, "Permission denied"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(start(fixture, wrong[i].command, 0), wrong[i].failed);
        assert_null(fixture->runner);
        has(fixture->error, wrong[i].why);
    }
    char many[1024] = "true";
    for (unsigned i = 0; i < COMMAND_WORDS; i++)
        strncat(many, " x", sizeof many - strlen(many) - 1);
    assert_int_equal(start(fixture, many, 0), -EINVAL);
    has(fixture->error, "at most 64 words");
}

/* What comes from the other side is a stranger's: every byte of its head is changed once. */
static void requests_are_checked(void **state) {
    (void)state;
    struct runner_request *request = calloc(1, sizeof *request), *other;
    other = malloc(sizeof *other);
    request->magic = RUNNER_MAGIC;
    request->severity = 7;
    request->record_bytes = 5;
    memcpy(request->rule, "rule", 5);
    size_t size = runner_request_bytes(request);
    assert_true(runner_request_is_sound(request, size));
    assert_false(runner_request_is_sound(request, size - 1));
    assert_false(runner_request_is_sound(request, size + 1));
    assert_false(runner_request_is_sound(request, 0));
    static const char *const bad[] = {"\x1B", "\n", "\xFF", "\xE2\x80\xAE", "\xC2\x9B"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        *other = *request;
        memcpy(other->account, bad[i], strlen(bad[i]));
        assert_false(runner_request_is_sound(other, size));
    }
    for (size_t at = 0; at < offsetof(struct runner_request, rule); at++) {
        *other = *request;
        ((uint8_t *)other)[at] ^= 0x80;
        assert_false(runner_request_is_sound(other, size));
    }
    *other = *request;
    memset(other->client, 'x', sizeof other->client);
    assert_false(runner_request_is_sound(other, size));
    *other = *request;
    other->record_bytes = RUNNER_RECORD_BYTES + 1;
    assert_false(runner_request_is_sound(other, runner_request_bytes(other)));
    free(request);
    free(other);
}

/* Whoever tells dies: nothing is left running. */
static void its_end_is_ours(void **state) {
    struct fixture *fixture = *state;
    char mark[160], command[256];
    snprintf(mark, sizeof mark, "%s/mark", fixture->folder);
    snprintf(command, sizeof command, "sh -c 'sleep 1; echo x > %s'", mark);
    pid_t child = fork();
    if (child == 0) {
        if (start(fixture, command, 0) != 0)
            _exit(1);
        runner_diagnosis(fixture->runner, &fixture->scenario.diagnosis);
        while (!runner_counts(fixture->runner).started)
            usleep(1000);
        kill(getpid(), SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    usleep(1500000);
    assert_int_not_equal(access(mark, F_OK), 0);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(its_environment_and_nothing_else),
        TEST(its_record_and_its_words),
        TEST(hostile_names_are_text),
        TEST(only_openings),
        TEST(several),
        TEST(too_many),
        TEST(too_slow),
        TEST(failures_are_counted),
        TEST(never_a_shell),
        TEST(wrong_commands),
        TEST(requests_are_checked),
        TEST(its_end_is_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
