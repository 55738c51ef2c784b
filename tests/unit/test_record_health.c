/* The records about ourselves, letter by letter: what was lost, what was started again, and what
 * statistics of a live capture have beside those of a file. */
#include "record_rig.h"

#define OPENING(time, message)                                                                     \
    "{\"@timestamp\":\"2026-11-21T02:22:" time "Z\",\"message\":\"" message "\"," PRODUCER
#define EVENT(action)                                                                              \
    "\"event\":{\"kind\":\"metric\",\"module\":\"smblame\",\"dataset\":\"smblame.health\","        \
    "\"action\":\"" action "\",\"category\":[\"network\"],\"type\":[\"info\"],"                    \
    "\"outcome\":\"unknown\",\"id\":\""

/* The line with its id cut out, which is another's to know. */
static void is_health(struct fixture *fixture, const struct sbl_health *health, const char *start,
                      const char *end) {
    records_health(fixture->records, health);
    const char *line = lines(fixture);
    assert_memory_equal(line, start, strlen(start));
    line += strlen(start);
    assert_true(strlen(line) > UUID_TEXT_BYTES);
    assert_string_equal(line + UUID_TEXT_BYTES - 1, end);
}

static void drops_of_the_kernel(void **state) {
    struct sbl_health health = {SBL_HEALTH_CAPTURE_GAP, start_ns + SECOND,
                                .is.gap = {.interface = "eth0",
                                           .kernel_drops = 1204,
                                           .interface_drops = 3,
                                           .ring_bytes = 16777216,
                                           .from_ns = start_ns - INT64_C(9200000000),
                                           .to_ns = start_ns + SECOND}};
    is_health(*state, &health,
              OPENING("02.000000", "eth0: 1204 packets dropped by the kernel, 3 by the interface "
                                   "in 10.200 s") EVENT("capture-gap"),
              "\",\"start\":\"2026-11-21T02:21:51.800000Z\","
              "\"end\":\"2026-11-21T02:22:02.000000Z\"},\"smblame\":{\"schema\":1,\"health\":{"
              "\"reason\":\"drops\",\"interface\":\"eth0\",\"kernel_drops\":1204,"
              "\"interface_drops\":3,\"ring_bytes\":16777216}}}\n");
}

static void an_interface_is_renamed(void **state) {
    struct sbl_health health = {
        SBL_HEALTH_CAPTURE_GAP, start_ns,
        .is.gap = {.reason = SBL_GAP_RENAMED, .interface = "eth0", .renamed_to = "l\x1B\"n"}};
    is_health(*state, &health,
              OPENING("01.000000", "eth0 was renamed to l\\u001b\\\"n: 0 packets dropped by the "
                                   "kernel, 0 by the interface") EVENT("capture-gap"),
              "\"},\"smblame\":{\"schema\":1,\"health\":{\"reason\":\"renamed\","
              "\"interface\":\"eth0\",\"renamed_to\":\"l\\u001b\\\"n\",\"kernel_drops\":0,"
              "\"interface_drops\":0,\"ring_bytes\":0}}}\n");
}

static void a_process_is_started_again(void **state) {
    struct sbl_health health = {SBL_HEALTH_PROCESS_RESTART, start_ns,
                                .is.restart = {.process = "watch",
                                               .signal = 11,
                                               .last_frame = 1204,
                                               .frames_at_risk = 64,
                                               .correlation_ms = 10000,
                                               .away_ms = 213,
                                               .restarts = 2}};
    is_health(*state, &health,
              OPENING("01.000000", "watch ended by signal 11 (SIGSEGV) and was started again after "
                                   "0.213 s (last told of: frame 1204)") EVENT("process-restart"),
              "\"},\"smblame\":{\"schema\":1,\"health\":{\"process\":\"watch\",\"signal\":11,"
              "\"last_frame\":1204,\"frames_at_risk\":64,\"correlation_lost_s\":10,"
              "\"away_s\":0.213,\"restarts\":2}}}\n");
    health.is.restart.signal = 0;
    health.is.restart.exit_status = 1;
    health.is.restart.last_frame = 0;
    is_health(*state, &health,
              OPENING("01.000000", "watch ended with status 1 and was started again after "
                                   "0.213 s") EVENT("process-restart"),
              "\"},\"smblame\":{\"schema\":1,\"health\":{\"process\":\"watch\",\"exit_status\":1,"
              "\"frames_at_risk\":64,\"correlation_lost_s\":10,"
              "\"away_s\":0.213,\"restarts\":2}}}\n");
}

static void a_sink_is_lost(void **state) {
    struct sbl_health health = {
        SBL_HEALTH_SINK_STATE, start_ns,
        .is.sink = {.sink = "https://siem/in", .is_lost = true, .error = 111, .waiting = 1}};
    is_health(*state, &health,
              OPENING("01.000000", "https://siem/in does not take records: 1 record waits")
                  EVENT("sink-state"),
              "\"},\"smblame\":{\"schema\":1,\"health\":{\"sink\":\"https://siem/in\","
              "\"state\":\"lost\",\"waiting\":1,\"error\":\"ECONNREFUSED\"}}}\n");
}

static void records_are_dropped(void **state) {
    struct sbl_health health = {
        SBL_HEALTH_RECORDS_DROPPED, start_ns,
        .is.dropped = {.sink = "stdout", .records = 7, .from_ns = start_ns - SECOND}};
    is_health(*state, &health,
              OPENING("01.000000", "stdout: 7 records dropped") EVENT("records-dropped"),
              "\",\"start\":\"2026-11-21T02:22:00.000000Z\"},\"smblame\":{\"schema\":1,"
              "\"health\":{\"sink\":\"stdout\",\"records\":7}}}\n");
}

/* No NUL where one is expected, and numbers that are no kind, reason, signal or errno. */
static void nonsense_is_survived(void **state) {
    struct fixture *fixture = *state;
    struct sbl_health health;
    memset(&health, 0xFF, sizeof health);
    records_health(fixture->records, &health);
    for (unsigned kind = 0; kind < SBL_HEALTH_KIND_COUNT; kind++) {
        health.kind = (enum sbl_health_kind)kind;
        if (health.kind == SBL_HEALTH_SINK_STATE)
            health.is.sink.is_lost = true; /* a bool must be one, says who hands it over */
        records_health(fixture->records, &health);
        assert_non_null(strstr(lines(fixture), "smblame.health"));
    }
}

/* Any fact that changes changes the id; the same facts have the same. */
static void ids_are_of_the_facts(void **state) {
    (void)state;
    struct sbl_health one = {SBL_HEALTH_CAPTURE_GAP, start_ns, .is.gap = {.interface = "eth0"}};
    struct sbl_health other = one;
    uint8_t ids[2][UUID_BYTES];
    identity_of_health(&one, ids[0]);
    other.is.gap.interface[6] = 'x'; /* behind the NUL */
    identity_of_health(&other, ids[1]);
    assert_memory_equal(ids[0], ids[1], UUID_BYTES);
    other.is.gap.interface[4] = '1';
    identity_of_health(&other, ids[1]);
    assert_memory_not_equal(ids[0], ids[1], UUID_BYTES);
    one.time_ns++;
    identity_of_health(&one, ids[1]);
    assert_memory_not_equal(ids[0], ids[1], UUID_BYTES);
}

static void live_statistics(void **state) {
    struct fixture *fixture = *state;
    struct sbl_stats *stats = calloc(1, sizeof *stats);
    struct sbl_live_interface interfaces[] = {{"eth0", true, 12, 3, 0, 16777216}, {.name = "lan1"}};
    struct sbl_live_stats live = {start_ns + SECOND, interfaces, 2, 5, 1};
    uint8_t ids[2][UUID_BYTES];
    assert_non_null(stats);
    stats->last_ns = start_ns;
    records_live_stats(fixture->records, stats, &live);
    const char *line = lines(fixture);
    has(line, "\"@timestamp\":\"2026-11-21T02:22:02.000000Z\"");
    has(line, "\"live\":{\"interfaces\":[{\"name\":\"eth0\",\"state\":\"up\",\"packets\":12,"
              "\"kernel_drops\":3,\"interface_drops\":0,\"ring_bytes\":16777216},"
              "{\"name\":\"lan1\",\"state\":\"down\",\"packets\":0,\"kernel_drops\":0,"
              "\"interface_drops\":0,\"ring_bytes\":0}],\"notes_lost\":5,\"restarts\":1}}}}\n");
    identity_of_live_stats(stats, &live, ids[0]);
    interfaces[1].kernel_drops = 1;
    identity_of_live_stats(stats, &live, ids[1]);
    assert_memory_not_equal(ids[0], ids[1], UUID_BYTES);
    records_stats(fixture->records, stats);
    lacks(lines(fixture), "live");
    free(stats);
}

static void every_record_says_that_nothing_confines_us(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    struct sbl_tree_refusal refusal = {attempt.finding};
    struct sbl_probe probe = {.finding = attempt.finding, .name = ASCII("a.ini")};
    struct sbl_stats *stats = calloc(1, sizeof *stats);
    assert_non_null(stats);
    records_set_uncaged(fixture->records);
    records_attempt(fixture->records, &attempt);
    records_tree_refusal(fixture->records, &refusal);
    records_probe(fixture->records, &probe);
    records_probe(fixture->records, &probe);
    records_stats(fixture->records, stats);
    records_health(fixture->records, &(struct sbl_health){0});
    const char *text = lines(fixture);
    for (unsigned i = 0; i < 6; i++) {
        text = strstr(text, "\"smblame\":{\"schema\":1,\"uncaged\":true,");
        assert_non_null(text);
        text++;
    }
    free(stats);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(drops_of_the_kernel),
        TEST(an_interface_is_renamed),
        TEST(a_process_is_started_again),
        TEST(a_sink_is_lost),
        TEST(records_are_dropped),
        TEST(nonsense_is_survived),
        TEST(ids_are_of_the_facts),
        TEST(live_statistics),
        TEST(every_record_says_that_nothing_confines_us),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
