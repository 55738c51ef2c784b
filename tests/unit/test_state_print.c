/* What SIGUSR1 prints, line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diagnosis_scenario.h"
#include "emit_scenario.h"
#include "pieces.h"
#include "service/state_print.h"

static const int64_t now_ns = INT64_C(1795227721000000000); /* 2026-11-21T02:22:01Z */

struct fixture {
    struct state *state;
    struct sbl_stats stats;
    struct scenario scenario;
    char *said;
    size_t said_bytes;
};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    scenario_init(&fixture->scenario, now_ns);
    return state_new(&fixture->state);
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    state_free(fixture->state);
    state_free(NULL);
    free(fixture->said);
    free(fixture);
    return 0;
}

static const char *print(struct fixture *fixture, struct state_facts facts) {
    facts.stats = &fixture->stats;
    facts.time_ns = now_ns;
    free(fixture->said);
    FILE *out = open_memstream(&fixture->said, &fixture->said_bytes);
    state_print(fixture->state, &facts, out);
    fclose(out);
    return fixture->said;
}

static void nothing_yet(void **state) {
    assert_string_equal(print(*state, (struct state_facts){0}),
                        "smblame: state at 2026-11-21T02:22:01.000000Z, after 1795227721 s\n"
                        "  read       0 frames, 0 bytes, 0 dropped by the kernel, 0 by interfaces\n"
                        "  TCP        0 connections, 0 gaps, 0 bytes in them\n"
                        "  found      0 logons refused, 0 granted, 0 half seen, 0 shares refused, "
                        "0 opens refused\n"
                        "  caps       none reached\n"
                        "  diagnoses  0 open\n");
}

static void everything(void **state) {
    struct fixture *fixture = *state;
    const struct sbl_live_interface interfaces[] = {{"eth0", true, 1234567, 3, 0, 16777216},
                                                    {"b\x1B[2J", false, 0, 0, 0, 0}};
    const struct sbl_live_stats live = {
        .interfaces = interfaces, .interface_count = 2, .notes_lost = 5, .restarts = 1};
    const struct state_watch watches[] = {{4096, 67108864, 0}, {0, 67108864, 5}};
    const struct runner_counts commands = {4, 1, 2, 3};
    fixture->stats.frames = 1234567;
    fixture->stats.cap_hits[SBL_LIMIT_FLOWS] = 12;
    fixture->stats.cap_hits[SBL_LIMIT_PENDING] = 1;
    state_diagnosis(fixture->state, &fixture->scenario.diagnosis);
    const char *said = print(fixture, (struct state_facts){.started_ns = now_ns - 60000000000,
                                                           .live = &live,
                                                           .watches = watches,
                                                           .watch_count = 2,
                                                           .commands = &commands});
    has(said, "after 60 s\n");
    has(said, "  interface  eth0 up, 1,234,567 frames, 3 dropped by the kernel, 0 by itself, "
              "ring of 16,777,216 bytes\n");
    has(said, "  interface  b\\x1b[2J down");
    has(said, "  processes  1 started again, 5 notes lost between them\n");
    has(said, "  watch 1    backlog of 4,096 bytes of 67,108,864, 0 notes lost\n");
    has(said, "  watch 2    backlog of 0 bytes of 67,108,864, 5 notes lost\n");
    has(said, "  caps       12 flows, 1 pending\n");
    has(said, "  commands   4 started, 1 failed, 2 ended for being slow, 3 left out\n");
    has(said, "  diagnoses  1 open\n    6  0.93  third-party-driver-path-search: "
              "CORP\\SMSCliToknAcct& is being locked out by WS042");
    fixture->scenario.diagnosis.state = SBL_DIAGNOSIS_CLOSE;
    state_diagnosis(fixture->state, &fixture->scenario.diagnosis);
    has(print(fixture, (struct state_facts){0}), "  diagnoses  0 open\n");
}

static void more_than_are_remembered(void **state) {
    struct fixture *fixture = *state;
    struct sbl_diagnosis *diagnosis = &fixture->scenario.diagnosis;
    for (uint32_t i = 0; i < SBL_MAX_SUMMARY_DIAGNOSES + 10; i++) {
        memcpy(diagnosis->id, &i, sizeof i);
        diagnosis->severity = i == 500 ? 7 : 2;
        diagnosis->message = "\x1B]0;x\x07\n";
        state_diagnosis(fixture->state, diagnosis);
    }
    const char *said = print(fixture, (struct state_facts){0});
    has(said, "  diagnoses  1,024 open\n    7  ");
    has(said, "\\x1b]0;x\\x07\\x0a\n");
    has(said, "    and 984 more\n");
    lacks(said, "\x1B");
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(nothing_yet),
        TEST(everything),
        TEST(more_than_are_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
