/* The page that people watch, as a terminal shows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diagnosis_scenario.h"
#include "emit/screen.h"
#include "emit_scenario.h"
#include "pieces.h"
#include "terminal_grid.h"

#define SECOND INT64_C(1000000000)

static const int64_t start_ns = INT64_C(1795227721) * SECOND; /* 2026-11-21T02:22:01Z */

struct fixture {
    struct screen *screen;
    struct sbl_conversation conversation;
    struct sbl_stats stats;
    struct grid *grid;
    char page[SCREEN_BYTES];
};

static int set_up(void **state) {
    static const struct screen_options options = {
        .source = "eth0", .threshold = 5, .window_min = 30, .colour = true};
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    fixture->conversation = scenario_conversation();
    return screen_new(&fixture->screen, &options);
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    screen_free(fixture->screen);
    free(fixture->grid);
    free(fixture);
    return 0;
}

static void draw(struct fixture *fixture, int64_t now_ns, unsigned width, unsigned height) {
    free(fixture->grid);
    fixture->grid = grid_new(width, height);
    size_t size = screen_draw(fixture->screen, now_ns, width, height, fixture->page);
    assert_true(size <= SCREEN_BYTES);
    grid_write(fixture->grid, fixture->page, size);
    for (unsigned row = 0; row < height; row++)
        lacks(grid_row(fixture->grid, row), "#"); /* nothing of what stood there before */
}

static void row_is(struct fixture *fixture, unsigned row, const char *wanted) {
    assert_string_equal(grid_row(fixture->grid, row), wanted);
}

static struct sbl_attempt attempt_of(struct fixture *fixture, struct sbl_text account,
                                     int64_t time_ns) {
    return (struct sbl_attempt){
        .finding = {.conversation = &fixture->conversation,
                    .time_ns = time_ns,
                    .status = 0xC000006D,
                    .has_status = true,
                    .smb_version = 2,
                    .account = account,
                    .domain = ASCII("CORP"),
                    .workstation = ASCII("WS042")},
        .outcome = SBL_OUTCOME_FAILURE,
        .reason = SBL_REASON_BAD_CREDENTIALS,
        .authority = SBL_AUTHORITY_DOMAIN,
        .authority_name = ASCII("CORP"),
    };
}

static void fail_logon(struct fixture *fixture, struct sbl_text account, unsigned count,
                       int64_t time_ns) {
    for (unsigned i = 0; i < count; i++) {
        struct sbl_attempt attempt = attempt_of(fixture, account, time_ns);
        screen_attempt(fixture->screen, &attempt);
    }
}

static void lock(struct fixture *fixture, struct sbl_text account, int64_t time_ns) {
    struct sbl_attempt attempt = attempt_of(fixture, account, time_ns);
    attempt.reason = SBL_REASON_LOCKED_OUT;
    screen_attempt(fixture->screen, &attempt);
}

static void an_empty_page(void **state) {
    struct fixture *fixture = *state;
    draw(fixture, start_ns, 80, 24);
    row_is(fixture, 0,
           " smblame  eth0                                            02:22:01 UTC  q quits");
    row_is(fixture, 1, " no rates yet");
    row_is(fixture, 2, " in all 0 frames, 0 logons failed, 0 granted, 0 opens refused, 0 dropped");
    row_is(fixture, 3, "");
    row_is(fixture, 5, " no bad password stands");
    row_is(fixture, 7, "SEV SURE SINCE   OPEN DIAGNOSIS (0)");
    row_is(fixture, 8, " none is open");
}

static void accounts_stand_by_how_near_they_are(void **state) {
    struct fixture *fixture = *state;
    fail_logon(fixture, ASCII("far"), 1, start_ns);
    fail_logon(fixture, ASCII("near"), 4, start_ns + SECOND);
    fail_logon(fixture, ASCII("gone"), 5, start_ns);
    lock(fixture, ASCII("GONE"), start_ns + 2 * SECOND); /* the same, as Windows compares */
    draw(fixture, start_ns + 3 * SECOND, 80, 24);
    row_is(fixture, 4, "ACCOUNT (3)         FAILED    STATE    LAST     CLIENT        CAUSE");
    row_is(fixture, 5, "CORP\\gone           5 of 5    LOCKED   02:22:03 WS042");
    row_is(fixture, 6, "CORP\\near           4 of 5    1 left   02:22:02 WS042");
    row_is(fixture, 7, "CORP\\far            1 of 5    4 left   02:22:01 WS042");
    row_is(fixture, 8, "");
}

static void a_success_and_a_pause_end_a_count(void **state) {
    struct fixture *fixture = *state;
    fail_logon(fixture, ASCII("a"), 3, start_ns);
    fail_logon(fixture, ASCII("b"), 3, start_ns + 1800 * SECOND);
    struct sbl_attempt granted = attempt_of(fixture, ASCII("b"), start_ns + 1801 * SECOND);
    granted.outcome = SBL_OUTCOME_SUCCESS;
    granted.reason = SBL_REASON_SUCCESS;
    draw(fixture, start_ns + 1800 * SECOND, 80, 24);
    row_is(fixture, 5, "CORP\\b              3 of 5    2 left   02:52:01 WS042");
    row_is(fixture, 6, "CORP\\a              3 of 5    2 left   02:22:01 WS042");
    screen_attempt(fixture->screen, &granted);
    draw(fixture, start_ns + 1801 * SECOND, 80, 24);
    row_is(fixture, 5, " no bad password stands");
    fail_logon(fixture, ASCII("a"), 1, start_ns + 1802 * SECOND);
    draw(fixture, start_ns + 1802 * SECOND, 80, 24);
    row_is(fixture, 5, "CORP\\a              1 of 5    4 left   02:52:03 WS042");
}

static void clients_of_an_account(void **state) {
    struct fixture *fixture = *state;
    for (uint8_t i = 1; i <= 3; i++) {
        struct sbl_attempt attempt = attempt_of(fixture, ASCII("jdoe"), start_ns);
        fixture->conversation.side[0].address[3] = i;
        attempt.finding.workstation = (struct sbl_text){0};
        screen_attempt(fixture->screen, &attempt);
    }
    draw(fixture, start_ns, 80, 24);
    has(grid_row(fixture->grid, 5), "10.1.2.3 +2");
    for (uint8_t i = 4; i <= 9; i++) {
        struct sbl_attempt attempt = attempt_of(fixture, ASCII("jdoe"), start_ns);
        fixture->conversation.side[0].address[3] = i;
        attempt.finding.workstation = (struct sbl_text){0};
        screen_attempt(fixture->screen, &attempt);
    }
    draw(fixture, start_ns, 100, 24);
    has(grid_row(fixture->grid, 5), "10.1.2.9 +3...");
}

static void diagnoses_blame_accounts(void **state) {
    struct fixture *fixture = *state;
    struct scenario scenario;
    scenario_init(&scenario, start_ns);
    fail_logon(fixture, ASCII("SMSCliToknAcct&"), 4, start_ns);
    screen_diagnosis(fixture->screen, &scenario.diagnosis);
    draw(fixture, start_ns + 600 * SECOND, 132, 24);
    row_is(fixture, 5,
           "CORP\\SMSCliToknAcct&                   4 of 5    1 left   02:22:01 WS042"
           "                       third-party-driver-path-search");
    row_is(fixture, 7, "SEV SURE SINCE   OPEN DIAGNOSIS (1)");
    row_is(fixture, 8,
           "6   0.93 9 min   CORP\\SMSCliToknAcct& is being locked out by WS042 (10.1.2.42): a "
           "driver there (auddrive.sys) searches the network");
    row_is(fixture, 9,
           "                 directories of the system PATH under the local SMSCliToknAcct&.");
    scenario.diagnosis.state = SBL_DIAGNOSIS_CLOSE;
    screen_diagnosis(fixture->screen, &scenario.diagnosis);
    draw(fixture, start_ns + 600 * SECOND, 132, 24);
    row_is(fixture, 8, " none is open");
}

static void rates_are_of_the_last_seconds(void **state) {
    struct fixture *fixture = *state;
    for (unsigned second = 0; second < 30; second++) {
        fixture->stats.frames += second < 15 ? 100000 : 12345;
        fixture->stats.logons_refused += second % 2;
        screen_stats(fixture->screen, start_ns + second * SECOND, &fixture->stats);
        screen_stats(fixture->screen, start_ns + second * SECOND + 1, &fixture->stats);
    }
    draw(fixture, start_ns, 80, 24);
    row_is(fixture, 1, " 12,345 frames/s  0.5 failed logons/s  0.0 refused opens/s  0.0 dropped/s");
    fixture->stats.kernel_drops = 1000;
    screen_stats(fixture->screen, start_ns + 30 * SECOND, &fixture->stats);
    draw(fixture, start_ns, 80, 24);
    has(grid_row(fixture->grid, 1), " 100 dropped/s");
    has(grid_row(fixture->grid, 2), "15 logons failed");
    screen_stats(fixture->screen, start_ns, &fixture->stats); /* a clock that was set back */
    draw(fixture, start_ns, 80, 24);
    row_is(fixture, 1, " no rates yet");
}

/* Any size, with more of everything than fits: the grid aborts when anything goes astray. */
static void every_size(void **state) {
    struct fixture *fixture = *state;
    struct scenario scenario;
    scenario_init(&scenario, start_ns);
    for (uint8_t i = 0; i < 60; i++) {
        char name[8];
        snprintf(name, sizeof name, "u%u", i);
        struct sbl_text text = {.bytes = (const uint8_t *)name,
                                .size = (uint32_t)strlen(name),
                                .encoding = SBL_TEXT_ASCII};
        fail_logon(fixture, text, 1 + i % 5, start_ns);
        scenario.diagnosis.id[0] = i;
        scenario.diagnosis.severity = 1 + i % 7;
        screen_diagnosis(fixture->screen, &scenario.diagnosis);
    }
    for (unsigned width = 1; width < 140; width++)
        for (unsigned height = 1; height < 60; height += 1 + height / 8)
            draw(fixture, start_ns + 5 * SECOND, width, height);
    draw(fixture, start_ns, SCREEN_WIDTH_MOST, SCREEN_HEIGHT_MOST);
    draw(fixture, start_ns, 80, 24);
    has(grid_row(fixture->grid, 4), "ACCOUNT (9 of 60)");
    has(grid_row(fixture->grid, 15), "OPEN DIAGNOSIS (8 of 60)");
    has(grid_row(fixture->grid, 16), "7   ");
}

static void hostile_names_do_nothing(void **state) {
    struct fixture *fixture = *state;
    const struct sbl_text names[] = {
        UTF16("\x1B\0[\0002\0J\0\x07\0"),                     /* clear the screen, ring */
        UTF16("a\0\r\0\n\0b\0\t\0"),                          /* lines */
        UTF16("\x2E\x20g\0p\0j\0"),                           /* right-to-left override */
        UTF16("\x2D\x4E\x87\x65\x2D\x4E"),                    /* wide */
        UTF16("e\0\x01\x03\x01\x03\x01\x03\x01\x03\x01\x03"), /* a heap of accents */
        UTF16("\x01\x03"),                                    /* an accent on nothing */
        UTF16("\x0B\x20\x0D\x20\xFF\xFE"),                    /* nothing to see */
        UTF16("\x3D\xD8\x00\xDE\x3D\xD8"),                    /* an emoji, half of one */
        UTF16("\x9B\0"
              "3\0001\0m\0"), /* C1: CSI in one byte */
        OEM("\xFF\xFE\x80"),
        UTF16("\xD0\x05\xD1\x05\xD2\x05"), /* Hebrew */
    };
    struct scenario scenario;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        fail_logon(fixture, names[i], 1, start_ns + (int64_t)i);
    scenario_init(&scenario, start_ns);
    scenario.diagnosis.message = "\x1B]0;title\x07\xE2\x80\xAEx\xFF\xC3 \xE4\xB8\xAD\xE6\x96\x87 "
                                 "e\xCC\x81\xCC\x81\xCC\x81\xCC\x81";
    scenario.diagnosis.rule_id = "\x9B"
                                 "2J\n";
    screen_diagnosis(fixture->screen, &scenario.diagnosis);
    for (unsigned width = 1; width < 120; width++)
        draw(fixture, start_ns, width, 24);
    draw(fixture, start_ns, 100, 24);
    has(grid_row(fixture->grid, 15), "CORP\\\\x1b[2J\\x07 ");
    has(grid_row(fixture->grid, 12), "CORP\\\xE4\xB8\xAD\xE6\x96\x87\xE4\xB8\xAD ");
    has(grid_row(fixture->grid, 11), "CORP\\e\xCC\x81\xCC\x81\\u{301}");
}

/* More accounts than are remembered, and diagnoses. */
static void full_tables(void **state) {
    struct fixture *fixture = *state;
    struct scenario scenario;
    scenario_init(&scenario, start_ns);
    for (uint32_t i = 0; i < SBL_MAX_SUMMARY_ACCOUNTS + 10; i++) {
        char name[16];
        snprintf(name, sizeof name, "u%u", i);
        struct sbl_text text = {.bytes = (const uint8_t *)name,
                                .size = (uint32_t)strlen(name),
                                .encoding = SBL_TEXT_ASCII};
        fail_logon(fixture, text, 1, start_ns + i);
        memcpy(scenario.diagnosis.id, &i, sizeof i);
        if (i < SBL_MAX_SUMMARY_DIAGNOSES + 10)
            screen_diagnosis(fixture->screen, &scenario.diagnosis);
    }
    draw(fixture, start_ns, 80, 24);
    has(grid_row(fixture->grid, 4), "ACCOUNT (9 of 4096)");
    has(grid_row(fixture->grid, 5), "CORP\\u4105 ");
    has(grid_row(fixture->grid, 15), "OPEN DIAGNOSIS (8 of 1024)");
}

static void plain_without_colour(void **state) {
    struct fixture *fixture = *state;
    static const struct screen_options options = {.source = "-"};
    struct screen *screen;
    assert_int_equal(screen_new(&screen, &options), 0);
    size_t size = screen_draw(screen, start_ns, 0, 0, fixture->page);
    assert_null(memmem(fixture->page, size, "\x1B[7m", 4));
    assert_null(memmem(fixture->page, size, "\x1B[2J", 4));
    assert_memory_equal(fixture->page, "\x1B[H smblame  -", 14);
    screen_free(screen);
    screen_free(NULL);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_empty_page),
        TEST(accounts_stand_by_how_near_they_are),
        TEST(a_success_and_a_pause_end_a_count),
        TEST(clients_of_an_account),
        TEST(diagnoses_blame_accounts),
        TEST(rates_are_of_the_last_seconds),
        TEST(every_size),
        TEST(hostile_names_do_nothing),
        TEST(full_tables),
        TEST(plain_without_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
