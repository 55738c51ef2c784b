/* The engine at its limits: who is forgotten first, and that nothing more than that happens. */
#include "engine_wire.h"

enum { WAITING = 1000, FLOOD = 100000, LOGONS = 3000, BASE = 0x0A010000 };

struct told {
    unsigned refused, half_seen, diagnoses;
    unsigned named; /* refusals of jdoe */
};

static void take(void *context, const struct sbl_attempt *attempt) {
    struct told *told = context;
    bool is_refused = attempt->outcome == SBL_OUTCOME_FAILURE;
    told->refused += is_refused;
    told->half_seen += attempt->half_seen != SBL_HALF_NONE;
    told->named += is_refused && attempt->finding.account.size == 8;
}

static void diagnosed(void *context, const struct sbl_diagnosis *diagnosis) {
    (void)diagnosis;
    ((struct told *)context)->diagnoses++;
}

static struct sbl_engine *engine_new(struct told *told, const struct sbl_limits *limits) {
    struct sbl_engine *engine = NULL;
    *told = (struct told){0};
    struct sbl_engine_options options = {
        .listener = {.context = told, .attempt = take, .diagnosis = diagnosed}, .limits = *limits};
    assert_int_equal(sbl_engine_new(&engine, &options), 0);
    return engine;
}

/* Client `number` sends its AUTHENTICATE; the answer is still to come. */
static void ask(struct wire *w, uint32_t number) {
    uint8_t message[512];
    w->address = BASE + number;
    w->port = 1047;
    w->seq[CLIENT] = 1000;
    w->seq[SERVER] = 5000;
    send(w, CLIENT, SYN, message, 0);
    send(w, SERVER, SYN | ACK, message, 0);
    size_t size = session_setup(message, false, 2, 0, authenticate, sizeof authenticate - 1);
    send(w, CLIENT, ACK, message, size);
}

static void answer(struct wire *w, uint32_t number) {
    uint8_t message[512];
    w->address = BASE + number;
    w->port = 1047;
    w->seq[CLIENT] =
        1001 + (uint32_t)session_setup(message, false, 2, 0, authenticate, sizeof authenticate - 1);
    w->seq[SERVER] = 5001;
    send(w, SERVER, ACK, message, session_setup(message, true, 2, 0xC000006D, message, 0));
}

/* Flood packets have addresses and ports that no honest client of these tests has. */
static void strange_flow(struct wire *w, uint32_t number) {
    w->address = 0xC0000000 + number / 50000;
    w->port = (uint16_t)(2000 + number % 50000);
    w->seq[CLIENT] = number;
    w->seq[SERVER] = 0;
}

static void syn_of_flood(struct wire *w, uint32_t number) {
    strange_flow(w, number);
    send(w, CLIENT, SYN, NULL, 0);
}

/* A greeting's header, and no more: SMB state, but no logon. */
static void smb_of_flood(struct wire *w, uint32_t number) {
    uint8_t message[512];
    strange_flow(w, number);
    size_t size = session_setup(message, false, 1, 0, message, 0);
    message[4 + 12] = 13; /* SMB2 ECHO */
    send(w, CLIENT, ACK, message, size);
}

/* A logon that is begun and left alone. */
static void logon_of_flood(struct wire *w, uint32_t number) {
    uint8_t message[512];
    strange_flow(w, number);
    size_t size = session_setup(message, false, 1, 0, negotiate, sizeof negotiate - 1);
    send(w, CLIENT, ACK, message, size);
}

static void play_flood(const struct sbl_limits *limits, void (*flood)(struct wire *, uint32_t),
                       enum sbl_limit hit) {
    struct told told;
    struct wire w = {.engine = engine_new(&told, limits)};
    for (uint32_t i = 0; i < WAITING; i++)
        ask(&w, i);
    for (uint32_t i = 0; i < FLOOD; i++)
        flood(&w, i);
    for (uint32_t i = 0; i < WAITING; i++)
        answer(&w, i);
    assert_int_equal(told.refused, WAITING);
    assert_int_equal(told.named, WAITING);
    assert_true(sbl_engine_stats(w.engine)->cap_hits[hit] > FLOOD / 2);
    sbl_engine_finish(w.engine);
    sbl_engine_free(w.engine);
}

static void open_attempts_outlive_a_flood_of_single_packets(void **state) {
    (void)state;
    struct sbl_limits limits = {.of = {[SBL_LIMIT_FLOWS] = 4096}};
    play_flood(&limits, syn_of_flood, SBL_LIMIT_FLOWS);
}

static void open_attempts_outlive_a_flood_of_connections(void **state) {
    (void)state;
    struct sbl_limits limits = {.of = {[SBL_LIMIT_CONNECTIONS] = 2048}};
    play_flood(&limits, smb_of_flood, SBL_LIMIT_CONNECTIONS);
    limits = (struct sbl_limits){.of = {[SBL_LIMIT_FLOWS] = 2048}};
    play_flood(&limits, smb_of_flood, SBL_LIMIT_FLOWS);
}

/* Where all are alike, the ones that wait longest go. */
static void a_flood_of_logons_pushes_out_the_oldest(void **state) {
    (void)state;
    struct told told;
    struct sbl_limits limits = {.of = {[SBL_LIMIT_CONNECTIONS] = 64}};
    struct wire w = {.engine = engine_new(&told, &limits)};
    for (uint32_t i = 0; i < FLOOD; i++)
        logon_of_flood(&w, i);
    assert_int_equal(told.half_seen, FLOOD - 64);
    assert_int_equal(sbl_engine_stats(w.engine)->cap_hits[SBL_LIMIT_CONNECTIONS], FLOOD - 64);
    sbl_engine_finish(w.engine);
    assert_int_equal(told.half_seen, FLOOD);
    sbl_engine_free(w.engine);
}

static struct sbl_limits least_limits(void) {
    struct sbl_limits limits;
    for (unsigned i = 0; i < SBL_LIMIT_COUNT; i++)
        limits.of[i] = 1; /* brought into its range */
    return limits;
}

/* Many clients, many accounts, several logons on each connection, one of them never answered. */
static void storm(struct wire *w) {
    uint8_t message[512], token[sizeof authenticate];
    memcpy(token, authenticate, sizeof token);
    for (uint32_t i = 0; i < LOGONS; i++) {
        w->address = BASE + i % 70;
        w->port = (uint16_t)(1024 + i);
        w->seq[CLIENT] = w->seq[SERVER] = i;
        token[80] = (uint8_t)('a' + i % 26);
        token[82] = (uint8_t)('a' + i / 26 % 26);
        for (uint64_t id = 2; id < 12; id++) {
            send(w, CLIENT, ACK, message,
                 session_setup(message, false, id, 0, token, sizeof token - 1));
            if (id % 10)
                send(w, SERVER, ACK, message,
                     session_setup(message, true, id, i % 5 ? 0xC000006D : 0, message, 0));
        }
    }
}

static void every_limit_at_its_least_is_reached_and_counted(void **state) {
    (void)state;
    struct told told;
    struct sbl_limits limits = least_limits();
    struct wire w = {.engine = engine_new(&told, &limits)};
    storm(&w);
    static const enum sbl_limit reached[] = {SBL_LIMIT_FLOWS, SBL_LIMIT_CONNECTIONS,
                                             SBL_LIMIT_HOSTS, SBL_LIMIT_ACCOUNTS, SBL_LIMIT_PAIRS};
    for (unsigned i = 0; i < sizeof reached / sizeof *reached; i++)
        if (!sbl_engine_stats(w.engine)->cap_hits[reached[i]])
            fail_msg("%s", sbl_limit_rows[reached[i]].word);
    assert_int_equal(told.refused, LOGONS * 9 / 5 * 4);
    sbl_engine_finish(w.engine);
    assert_true(told.diagnoses > 0);
    sbl_engine_free(w.engine);
}

static void limits_make_the_ceiling(void **state) {
    (void)state;
    struct sbl_limits least = least_limits(), most;
    memset(&most, 0xFF, sizeof most);
    size_t usual = sbl_engine_ceiling(NULL);
    assert_int_equal(sbl_engine_ceiling(&(struct sbl_limits){.of = {0}}), usual);
    assert_true(sbl_engine_ceiling(&least) < (size_t)96 << 20);
    assert_true(sbl_engine_ceiling(&most) > 4 * usual);
    for (unsigned i = 0; i < SBL_LIMIT_COUNT; i++) {
        const struct sbl_limit_row *row = &sbl_limit_rows[i];
        struct sbl_limits one = {.of = {0}};
        one.of[i] = UINT32_MAX;
        assert_int_equal(sbl_limit_of(&one, (enum sbl_limit)i), row->most ? row->most : row->usual);
        bool is_more = sbl_engine_ceiling(&one) > usual;
        bool is_of_one = i == SBL_LIMIT_PENDING_PER_CONNECTION ||
                         i == SBL_LIMIT_ATTEMPTS_PER_CONNECTION ||
                         i == SBL_LIMIT_OUT_OF_ORDER_BYTES_PER_FLOW ||
                         i == SBL_LIMIT_DIAGNOSES_PER_RULE; /* shares of what others size */
        bool is_beside = i == SBL_LIMIT_NOTE_BYTES || i == SBL_LIMIT_EVIDENCE_BYTES ||
                         i == SBL_LIMIT_EVIDENCE_FINDINGS; /* not the engine's */
        if (is_more != (row->most && !is_of_one && !is_beside))
            fail_msg("%s", row->word);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_attempts_outlive_a_flood_of_single_packets),
        cmocka_unit_test(open_attempts_outlive_a_flood_of_connections),
        cmocka_unit_test(a_flood_of_logons_pushes_out_the_oldest),
        cmocka_unit_test(every_limit_at_its_least_is_reached_and_counted),
        cmocka_unit_test(limits_make_the_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
