/* Witnesses: who answers as what, who has which name, and which errors a KDC gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../mutate/expect.h"
#include "segment_ends.h"
#include "witness/state.h"

enum { SYN = SBL_TCP_SYN, ACK = SBL_TCP_ACK, RST = SBL_TCP_RST };

struct play {
    struct witness *witness;
    struct sbl_stats stats;
    struct sbl_frame frame;
    struct packet_ends packet; /* of the last segment */
    unsigned count;
    struct sbl_witness last, all[8]; /* texts in them are dead */
    char principal[64], realm[64], service[64];
};

static struct play play;

static void hear(void *context, const struct sbl_witness *witness) {
    struct play *p = context;
    if (p->count < 8)
        p->all[p->count] = *witness;
    p->count++;
    p->last = *witness;
    const struct sbl_text texts[] = {witness->principal, witness->realm, witness->service};
    char *const copies[] = {p->principal, p->realm, p->service};
    for (unsigned i = 0; i < 3; i++) {
        memset(copies[i], 0, 64);
        if (texts[i].size > 0)
            memcpy(copies[i], texts[i].bytes, texts[i].size < 63 ? texts[i].size : 63);
    }
}

static int begin_with(uint32_t answers) {
    memset(&play, 0, sizeof play);
    struct witness_options options = {.context = &play, .tell = hear, .stats = &play.stats};
    return witness_new_with(&play.witness, &options, answers);
}

static int begin(void **state) {
    (void)state;
    return begin_with(4);
}

static int end(void **state) {
    (void)state;
    witness_free(play.witness);
    return 0;
}

/* From 10.1.0.<host> to the client. */
static struct sbl_segment segment_of(uint8_t host, uint16_t from, uint16_t to) {
    struct sbl_endpoint server = {
        .address = {10, 1, 0, host}, .mac = {2, 0, 0, 0, 0, host}, .port = from};
    struct sbl_endpoint client = {.address = {10, 1, 2, 42}, .port = to};
    struct sbl_segment segment = {.frame = &play.frame, .ip_version = 4};
    segment_set_ends(&segment, &play.packet, &server, &client);
    return segment;
}

static unsigned tcp(uint8_t host, uint16_t from, uint16_t to, uint8_t flags, const char *payload) {
    struct sbl_segment segment = segment_of(host, from, to);
    unsigned before = play.count;
    segment.tcp_flags = flags;
    segment.payload = (const uint8_t *)payload;
    segment.payload_bytes = (uint32_t)strlen(payload);
    witness_segment(play.witness, &segment);
    return play.count - before;
}

static unsigned udp(uint8_t host, uint16_t port, const uint8_t *bytes, size_t size) {
    struct sbl_segment segment = segment_of(host, port, 1047);
    unsigned before = play.count;
    segment.is_datagram = true;
    segment.payload = bytes;
    segment.payload_bytes = (uint32_t)size;
    witness_segment(play.witness, &segment);
    return play.count - before;
}

static void who_takes_up_a_connection_is_a_server(void **state) {
    (void)state;
    static const struct {
        uint16_t port;
        enum sbl_witness_kind kind;
    } ports[] = {{88, SBL_WITNESS_KERBEROS_SERVER},
                 {389, SBL_WITNESS_LDAP_SERVER},
                 {636, SBL_WITNESS_LDAP_SERVER},
                 {3268, SBL_WITNESS_LDAP_SERVER},
                 {3269, SBL_WITNESS_LDAP_SERVER}};
    for (uint8_t i = 0; i < 5; i++) {
        assert_int_equal(tcp(i, 1047, ports[i].port, SYN, ""), 0); /* nobody answered */
        assert_int_equal(tcp(i, ports[i].port, 1047, RST | ACK, ""), 0);
        assert_int_equal(tcp(i, ports[i].port, 1047, SYN, ""), 0);
        assert_int_equal(tcp(i, ports[i].port, 1047, ACK, ""), 0);
        assert_int_equal(tcp(i, ports[i].port, 1047, SYN | ACK, ""), 1);
        assert_int_equal(play.last.kind, ports[i].kind);
        assert_int_equal(play.last.server.address[3], i);
        assert_int_equal(play.last.server.port, ports[i].port);
        assert_int_equal(play.last.client.address[3], 42);
        assert_true(play.last.has_mac && play.last.server.mac[5] == i);
    }
    assert_int_equal(tcp(9, 445, 1047, SYN | ACK, ""), 0);
}

static void data_tells_where_no_client_would_sit(void **state) {
    (void)state;
    assert_int_equal(tcp(1, 389, 1047, ACK, "0\x84\1\1\1\1"), 1);
    assert_int_equal(tcp(2, 389, 1047, ACK, "HTTP/1.1"), 0);
    assert_int_equal(tcp(3, 3268, 445, ACK, "0\x84\1\1\1\1"), 0); /* an old client's end */
    assert_int_equal(tcp(4, 636, 2049, ACK, "0\x84\1\1\1\1"), 0);
    static const uint8_t reply[] = {0, 0, 0, 4, 0x6B, 2, 5, 5};
    struct sbl_segment segment = segment_of(5, 88, 1047);
    segment.payload = reply;
    segment.payload_bytes = sizeof reply;
    witness_segment(play.witness, &segment);
    assert_int_equal(play.last.kind, SBL_WITNESS_KERBEROS_SERVER);
    assert_int_equal(play.count, 2);
    assert_int_equal(tcp(6, 88, 1047, ACK, "GET / HTTP/1.0"), 0);
    assert_int_equal(udp(7, 88, (const uint8_t *)"k", 1), 1);
    assert_int_equal(udp(8, 88, (const uint8_t *)"game", 4), 0);
    assert_int_equal(udp(8, 88, NULL, 0), 0);
    assert_int_equal(udp(9, 389, (const uint8_t *)"0", 1), 1);
    assert_int_equal(udp(9, 3268, (const uint8_t *)"0", 1), 0);
}

static void a_busy_server_is_told_now_and_then(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2500; i++)
        tcp(1, 389, 1047, ACK, "0");
    assert_int_equal(play.count, 3);
    play.frame.time_ns += INT64_C(59999999999);
    assert_int_equal(tcp(1, 389, 1047, ACK, "0"), 0);
    play.frame.time_ns += 1;
    assert_int_equal(tcp(1, 389, 1047, ACK, "0"), 1);
    play.frame.time_ns = INT64_MIN; /* a clock that jumps */
    assert_int_equal(tcp(1, 389, 1047, ACK, "0"), 1);
    play.frame.time_ns = INT64_MAX;
    assert_int_equal(tcp(1, 389, 1047, ACK, "0"), 1);
    assert_int_equal(tcp(1, 88, 1047, SYN | ACK, ""), 1); /* another kind */
}

static void the_least_recent_is_forgotten_and_counted(void **state) {
    (void)state;
    for (uint8_t i = 1; i <= 4; i++)
        assert_int_equal(tcp(i, 389, 1047, ACK, "0"), 1);
    assert_int_equal(tcp(1, 389, 1047, ACK, "0"), 0);
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_WITNESSES], 0);
    assert_int_equal(tcp(5, 389, 1047, ACK, "0"), 1);
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_WITNESSES], 1);
    assert_int_equal(tcp(1, 389, 1047, ACK, "0"), 0);
    assert_int_equal(tcp(2, 389, 1047, ACK, "0"), 1); /* it was the one */
    assert_true(witness_ceiling(NULL) > sizeof(struct witness) + (size_t)SBL_MAX_WITNESSES * 36);
}

static void names_belong_to_the_address_that_is_given(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_NBNS, "found");
    assert_int_equal(udp(1, 137, g.bytes, g.size), 2); /* the first is the sender */
    assert_int_equal(play.all[0].kind, SBL_WITNESS_NETBIOS_NAME);
    assert_int_equal(play.all[0].server.address[3], 1);
    assert_true(play.all[0].has_mac && play.all[0].server.mac[5] == 1);
    assert_int_equal(play.all[1].server.address[3], 2);
    assert_false(play.all[1].has_mac);
    assert_int_equal(play.all[1].server.mac[5], 0);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(play.all[i].name.suffix, 0x1C);
        assert_memory_equal(play.all[i].name.name, "CORP", 4);
        assert_true(play.all[i].is_group_name);
        assert_int_equal(play.all[i].client.port, 0);
    }
    g = expect_golden(SBL_DISSECTOR_NBNS, "status");
    assert_int_equal(udp(7, 137, g.bytes, g.size), 4);
    assert_int_equal(play.last.server.address[3], 7);
    assert_int_equal(play.last.name.suffix, 0x1B);
    assert_false(play.last.is_group_name);
    g = expect_golden(SBL_DISSECTOR_NBNS, "registration");
    uint8_t bytes[512];
    memcpy(bytes, g.bytes, g.size);
    assert_int_equal(udp(7, 137, bytes, g.size), 1);
    assert_int_equal(play.last.server.address[2], 2);
    assert_int_equal(udp(7, 1137, bytes, g.size), 0); /* not from the port of names */
    memset(bytes + g.size - 4, 0xFF, 4);
    assert_int_equal(udp(7, 137, bytes, g.size), 0);
    assert_int_equal(udp(7, 137, bytes, 11), 0);
    assert_int_equal(play.stats.oddities[SBL_DISSECTOR_NBNS][SBL_ODDITY_TRUNCATED], 1);
}

static void errors_of_a_kdc(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_KERBEROS, "krb-error-client");
    assert_int_equal(udp(1, 88, g.bytes, g.size), 2); /* that it answers, and what */
    assert_int_equal(play.all[0].kind, SBL_WITNESS_KERBEROS_SERVER);
    assert_int_equal(play.last.kind, SBL_WITNESS_KERBEROS_ERROR);
    assert_int_equal(play.last.error_code, 24);
    assert_string_equal(play.principal, "host/ws042.corp.example");
    assert_string_equal(play.realm, "CORP.EXAMPLE");
    assert_string_equal(play.service, "cifs/fs1.corp.example");
    assert_int_equal(play.last.client.address[3], 42);
    /* over TCP, with another message behind it; then one that goes on in the next segment */
    uint8_t bytes[1024] = {0, 0, (uint8_t)(g.size >> 8), (uint8_t)g.size};
    memcpy(bytes + 4, g.bytes, g.size);
    struct sbl_segment segment = segment_of(1, 88, 1047);
    segment.payload = bytes;
    segment.payload_bytes = (uint32_t)g.size + 20;
    witness_segment(play.witness, &segment);
    assert_int_equal(play.count, 3);
    assert_int_equal(play.last.error_code, 24);
    segment.payload_bytes = (uint32_t)g.size - 10;
    witness_segment(play.witness, &segment);
    assert_int_equal(play.count, 4);
    assert_int_equal(play.stats.oddities[SBL_DISSECTOR_KERBEROS][SBL_ODDITY_BAD_ASN1], 0);
    for (uint32_t size = 0; size < g.size; size++) { /* cut before its code: nothing */
        unsigned before = play.count;
        segment.payload_bytes = size;
        witness_segment(play.witness, &segment);
        assert_true(play.count == before || play.last.error_code == 24);
    }
    g = expect_golden(SBL_DISSECTOR_KERBEROS, "krb-error");
    assert_int_equal(udp(1, 88, g.bytes, g.size), 1);
    assert_int_equal(play.last.error_code, 37);
    assert_string_equal(play.principal, "");
    assert_string_equal(play.realm, "CORP.EXAMPLE");
    g = expect_golden(SBL_DISSECTOR_KERBEROS, "ap-req");
    assert_int_equal(udp(2, 88, g.bytes, g.size), 0); /* nothing that a KDC sends */
}

int main(void) {
#define PLAY(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        PLAY(who_takes_up_a_connection_is_a_server),
        PLAY(data_tells_where_no_client_would_sit),
        PLAY(a_busy_server_is_told_now_and_then),
        PLAY(the_least_recent_is_forgotten_and_counted),
        PLAY(names_belong_to_the_address_that_is_given),
        PLAY(errors_of_a_kdc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
