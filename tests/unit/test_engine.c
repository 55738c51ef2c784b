/* The library as a stranger embeds it: frames in, attempts by callback. The frames are built here:
 * one SMB2 connection whose NTLM logon is refused. */
#include "engine_wire.h"

#include <smblame/witness.h>

struct seen {
    unsigned attempts, witnesses, attempts_before;
    uint16_t witness_port;
    enum sbl_outcome outcome;
    enum sbl_reason reason;
    uint32_t status;
    uint64_t request, response;
    char account[64], domain[64];
};

static void narrow(struct sbl_text text, char *out) {
    for (uint32_t i = 0; i + 1 < text.size && i < 120; i += 2)
        *out++ = (char)text.bytes[i];
    *out = '\0';
}

static void take(void *context, const struct sbl_attempt *attempt) {
    struct seen *seen = context;
    seen->attempts++;
    seen->outcome = attempt->outcome;
    seen->reason = attempt->reason;
    seen->status = attempt->finding.status;
    seen->request = attempt->finding.evidence.request.number;
    seen->response = attempt->finding.evidence.response.number;
    narrow(attempt->finding.account, seen->account);
    narrow(attempt->finding.domain, seen->domain);
}

static void refused_logon_is_told(void **state) {
    (void)state;
    struct seen seen = {0};
    struct wire w = {.seq = {1000, 5000}};
    struct sbl_engine_options options = {.listener = {.context = &seen, .attempt = take}};
    assert_int_equal(sbl_engine_new(&w.engine, &options), 0);
    uint8_t message[512];
    send(&w, CLIENT, SYN, message, 0);
    send(&w, SERVER, SYN | ACK, message, 0);
    send(&w, CLIENT, ACK, message, 0);
    size_t size = session_setup(message, false, 1, 0, negotiate, sizeof negotiate - 1);
    send(&w, CLIENT, ACK, message, size);
    size = session_setup(message, true, 1, 0xC0000016, challenge, sizeof challenge - 1);
    send(&w, SERVER, ACK, message, size);
    size = session_setup(message, false, 2, 0, authenticate, sizeof authenticate - 1);
    send(&w, CLIENT, ACK, message, size);
    assert_int_equal(seen.attempts, 0);
    size = session_setup(message, true, 2, 0xC000006D, message, 0);
    send(&w, SERVER, ACK, message, size);
    assert_int_equal(seen.attempts, 1);
    assert_int_equal(seen.outcome, SBL_OUTCOME_FAILURE);
    assert_int_equal(seen.reason, SBL_REASON_BAD_CREDENTIALS);
    assert_int_equal(seen.status, 0xC000006D);
    assert_int_equal(seen.request, 6);
    assert_int_equal(seen.response, 7);
    assert_string_equal(seen.account, "jdoe");
    assert_string_equal(seen.domain, "CORP");
    sbl_engine_finish(w.engine);
    const struct sbl_stats *stats = sbl_engine_stats(w.engine);
    assert_int_equal(seen.attempts, 1);
    assert_int_equal(stats->logons_refused, 1);
    assert_int_equal(stats->logons_by_reason[SBL_REASON_BAD_CREDENTIALS], 1);
    assert_int_equal(stats->connections, 1);
    sbl_engine_free(w.engine);
}

static void hear(void *context, const struct sbl_witness *witness) {
    struct seen *seen = context;
    seen->witnesses++;
    seen->attempts_before = seen->attempts;
    seen->witness_port = witness->server.port;
}

/* A datagram of the name service: one registration. */
static const uint8_t registration[] =
    "\0\0\x29\x10\0\1\0\0\0\0\0\1\x20"
    "FHFDDADEDCCACACACACACACACACACAAA\0\0\x20\0\1\xC0\x0C\0\x20\0\1\0\0\0\0\0\6\0\0\x0A\1\2\x2A";

static struct sbl_frame datagram(uint8_t frame[256], uint64_t number) {
    memset(frame, 0, 256);
    size_t size = sizeof registration - 1;
    put16(frame + 12, 0x0800);
    frame[14] = 0x45;
    put16(frame + 16, 28 + size);
    frame[23] = 17;
    put32(frame + 26, 0x0A01022A);
    put32(frame + 30, 0x0A0102FF);
    put16(frame + 34, 137);
    put16(frame + 36, 137);
    put16(frame + 38, 8 + size);
    memcpy(frame + 42, registration, size);
    return (struct sbl_frame){.bytes = frame,
                              .captured_bytes = (uint32_t)(42 + size),
                              .wire_bytes = (uint32_t)(42 + size),
                              .time_ns = INT64_C(1700000000000000000),
                              .number = number,
                              .link_type = SBL_LINKTYPE_ETHERNET};
}

/* One batch: what came before the datagram is told before it. */
static void witnesses_are_told_in_their_turn(void **state) {
    (void)state;
    struct seen seen = {0};
    struct wire w = {.seq = {1000, 5000}};
    uint8_t message[512], bytes[8][2048], udp[256];
    struct sbl_frame frames[8];
    w.kept = frames;
    w.bytes = bytes;
    size_t size = session_setup(message, false, 2, 0, authenticate, sizeof authenticate - 1);
    send(&w, CLIENT, ACK, message, size);
    size = session_setup(message, true, 2, 0xC000006D, message, 0);
    send(&w, SERVER, ACK, message, size);
    frames[w.number] = datagram(udp, w.number + 1);
    w.number++;
    size = session_setup(message, false, 3, 0, authenticate, sizeof authenticate - 1);
    send(&w, CLIENT, ACK, message, size);
    size = session_setup(message, true, 3, 0xC000006D, message, 0);
    send(&w, SERVER, ACK, message, size);
    struct sbl_engine_options options = {
        .listener = {.context = &seen, .attempt = take, .witness = hear}};
    assert_int_equal(sbl_engine_new(&w.engine, &options), 0);
    sbl_engine_feed(w.engine, frames, 5);
    assert_int_equal(seen.witnesses, 1);
    assert_int_equal(seen.witness_port, 137);
    assert_int_equal(seen.attempts_before, 1);
    assert_int_equal(seen.attempts, 2);
    assert_int_equal(sbl_engine_stats(w.engine)->segments, 4);
    assert_int_equal(sbl_engine_stats(w.engine)->not_tcp, 1);
    sbl_engine_finish(w.engine);
    sbl_engine_free(w.engine);
    seen = (struct seen){0}; /* nobody listens: nothing else changes */
    options.listener.witness = NULL;
    assert_int_equal(sbl_engine_new(&w.engine, &options), 0);
    sbl_engine_feed(w.engine, frames, 5);
    assert_int_equal(seen.attempts, 2);
    assert_int_equal(sbl_engine_stats(w.engine)->not_tcp, 1);
    sbl_engine_finish(w.engine);
    sbl_engine_free(w.engine);
}

static void clock_jumps_are_counted_and_lose_nothing(void **state) {
    (void)state;
    static const int64_t times[] = {0, INT64_MAX, INT64_MIN, 5, 5};
    struct wire w = {0};
    assert_int_equal(sbl_engine_new(&w.engine, &(struct sbl_engine_options){0}), 0);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct sbl_frame frame = {
            .bytes = (const uint8_t *)"", .time_ns = times[i], .link_type = 1};
        sbl_engine_feed(w.engine, &frame, 1);
    }
    const struct sbl_stats *stats = sbl_engine_stats(w.engine);
    assert_int_equal(stats->frames, 5);
    assert_int_equal(stats->oddities_below[SBL_ODDITY_TIME_JUMP_AHEAD], 2);
    assert_int_equal(stats->oddities_below[SBL_ODDITY_TIME_JUMP_BACK], 1);
    assert_true(stats->first_ns == INT64_MIN && stats->last_ns == INT64_MAX);
    sbl_engine_finish(w.engine);
    sbl_engine_free(w.engine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_logon_is_told),
        cmocka_unit_test(witnesses_are_told_in_their_turn),
        cmocka_unit_test(clock_jumps_are_counted_and_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
