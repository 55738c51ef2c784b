/* The library as a stranger embeds it: frames in, attempts by callback. The frames are built here:
 * one SMB2 connection whose NTLM logon is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <smblame/engine.h>
#include <smblame/witness.h>

enum { CLIENT = 0, SERVER = 1, FIN = 1, SYN = 2, ACK = 16 };

struct wire {
    struct sbl_engine *engine;
    uint32_t seq[2];
    uint64_t number;
    struct sbl_frame *kept; /* not NULL: frames are kept here, their bytes there, and not fed */
    uint8_t (*bytes)[2048];
};

static void put16(uint8_t *p, size_t v) {
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v) {
    put16(p, v >> 16);
    put16(p + 2, v & 0xFFFF);
}

static void send(struct wire *w, int from, uint8_t flags, const uint8_t *payload, size_t size) {
    uint8_t fresh[2048];
    uint8_t *frame = w->kept ? w->bytes[w->number] : fresh;
    memset(frame, 0, sizeof fresh);
    uint8_t *ip = frame + 14, *tcp = ip + 20;
    put16(frame + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, 40 + size);
    ip[9] = 6;
    put32(ip + 12, from == CLIENT ? 0x0A01022A : 0x0A01000A);
    put32(ip + 16, from == CLIENT ? 0x0A01000A : 0x0A01022A);
    put16(tcp, from == CLIENT ? 1047 : 445);
    put16(tcp + 2, from == CLIENT ? 445 : 1047);
    put32(tcp + 4, w->seq[from]);
    put32(tcp + 8, w->seq[!from]);
    tcp[12] = 0x50;
    tcp[13] = flags;
    memcpy(tcp + 20, payload, size);
    w->seq[from] += (uint32_t)size + ((flags & (SYN | FIN)) != 0);
    struct sbl_frame sent = {.bytes = frame,
                             .captured_bytes = (uint32_t)(54 + size),
                             .wire_bytes = (uint32_t)(54 + size),
                             .time_ns = INT64_C(1700000000000000000) + (int64_t)w->number * 1000,
                             .number = ++w->number,
                             .link_type = SBL_LINKTYPE_ETHERNET};
    if (w->kept)
        w->kept[sent.number - 1] = sent;
    else
        sbl_engine_feed(w->engine, &sent, 1);
}

/* An SMB2 SESSION_SETUP message, framed: header, body, blob. */
static size_t session_setup(uint8_t *out, bool is_reply, uint64_t id, uint32_t status,
                            const uint8_t *blob, size_t blob_size) {
    uint8_t *smb = out + 4, *body = smb + 64;
    size_t body_size = is_reply ? 8 : 24;
    memset(out, 0, 4 + 64 + body_size);
    memcpy(smb, (uint8_t[]){0xFE, 'S', 'M', 'B', 64}, 5);
    memcpy(smb + 8,
           (uint8_t[]){(uint8_t)status, (uint8_t)(status >> 8), (uint8_t)(status >> 16),
                       (uint8_t)(status >> 24)},
           4);
    smb[12] = 1;
    smb[16] = is_reply;
    smb[24] = (uint8_t)id;
    smb[40] = id == 1 && !is_reply ? 0 : 0x51;
    body[0] = is_reply ? 9 : 25;
    uint8_t *offset = body + (is_reply ? 4 : 12);
    offset[0] = (uint8_t)(64 + body_size);
    offset[2] = (uint8_t)blob_size;
    offset[3] = (uint8_t)(blob_size >> 8);
    memcpy(body + body_size, blob, blob_size);
    put32(out, (uint32_t)(64 + body_size + blob_size));
    return 4 + 64 + body_size + blob_size;
}

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

static const uint8_t negotiate[] =
    "NTLMSSP\0\1\0\0\0\x05\x82\x08\xa2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
static const uint8_t challenge[] =
    "NTLMSSP\0\2\0\0\0\x08\0\x08\0\x38\0\0\0\x05\x82\x89\xa2\1\2\3\4\5\6\7\x08\0\0\0\0\0\0\0\0"
    "\0\0\0\0\x40\0\0\0\x06\x01\0\0\0\0\0\x0f"
    "C\0O\0R\0P\0";
static const uint8_t authenticate[] =
    "NTLMSSP\0\3\0\0\0\0\0\0\0\x48\0\0\0\x18\0\x18\0\x58\0\0\0\x08\0\x08\0\x48\0\0\0\x08\0\x08\0"
    "\x50\0\0\0\0\0\0\0\x70\0\0\0\0\0\0\0\x70\0\0\0\x05\x82\x89\xa2\x06\x01\0\0\0\0\0\x0f"
    "C\0O\0R\0P\0j\0d\0o\0e\0"
    "123456789012345678901234";

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
