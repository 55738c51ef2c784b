/* The classifier: names a flow by one packet, gives everything back, stays within its pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <smblame/limits.h>

#include "classify/classify.h"

struct packet {
    uint8_t bytes[512];
    struct sbl_frame frame;
    struct sbl_segment segment;
};

/* An IPv4 and TCP header before a text. */
static void make(struct packet *p, const char *text, uint16_t port) {
    uint32_t count = (uint32_t)strlen(text), total = 40 + count;
    static const uint8_t ip[20] = {0x45, 0, 0,  0, 0, 1, 0x40, 0, 64, 6,
                                   0,    0, 10, 0, 0, 1, 10,   0, 0,  2};
    *p = (struct packet){0};
    memcpy(p->bytes, ip, sizeof ip);
    p->bytes[2] = (uint8_t)(total >> 8);
    p->bytes[3] = (uint8_t)total;
    p->bytes[20] = 0xC0;
    p->bytes[22] = (uint8_t)(port >> 8);
    p->bytes[23] = (uint8_t)port;
    p->bytes[32] = 0x50;
    p->bytes[33] = SBL_TCP_ACK | SBL_TCP_PSH;
    memcpy(&p->bytes[40], text, count);
    p->frame = (struct sbl_frame){.time_ns = 1000000000, .number = 1};
    p->segment = (struct sbl_segment){.frame = &p->frame,
                                      .from_port = 49152,
                                      .to_port = port,
                                      .payload = &p->bytes[40],
                                      .payload_bytes = count,
                                      .ip_version = 4,
                                      .ip = p->bytes,
                                      .ip_bytes = total};
}

static const char http[] = "GET /index.html HTTP/1.1\r\nHost: www.example.com\r\n"
                           "User-Agent: test\r\nAccept: */*\r\n\r\n";

/* What may be a NetBIOS session packet by its first bytes, and is nothing. */
static const char framed[] = "\x81\x01nothing that anybody knows, zzzzzzzzzz";

static void a_web_request_is_named(void **state) {
    (void)state;
    for (int full = 0; full < 2; full++) {
        struct classify *classify;
        struct packet packet;
        uint32_t handle = 0;
        assert_int_equal(classify_new(&classify, full, NULL), 0);
        make(&packet, http, 80);
        uint16_t verdict = classify_segment(classify, &handle, &packet.segment, false);
        assert_int_not_equal(verdict, 0);
        assert_int_equal(handle, 0);
        assert_string_equal(classify_name(classify, verdict), "HTTP");
        assert_null(classify_name(classify, 0));
        assert_null(classify_name(classify, 65535));
        classify_free(classify);
    }
}

static void it_gives_up_after_a_few_segments(void **state) {
    (void)state;
    struct classify *classify;
    struct packet packet;
    uint32_t handle = 0;
    assert_int_equal(classify_new(&classify, false, NULL), 0);
    make(&packet, framed, 40001);
    for (unsigned i = 1; i <= SBL_MAX_CLASSIFY_SEGMENTS; i++) {
        assert_int_equal(classify_segment(classify, &handle, &packet.segment, false), 0);
        if (i < SBL_MAX_CLASSIFY_SEGMENTS)
            assert_int_not_equal(handle, 0);
    }
    assert_int_equal(handle, 0);
    classify_free(classify);
}

static void flows_are_bounded_and_given_back(void **state) {
    (void)state;
    static uint32_t handles[SBL_MAX_CLASSIFIED_FLOWS];
    static struct sbl_stats stats;
    struct classify *classify;
    struct packet packet;
    uint32_t one_more = 0;
    assert_int_equal(classify_new(&classify, false, NULL), 0);
    classify_count(classify, &stats);
    make(&packet, framed, 40001);
    for (size_t i = 0; i < SBL_MAX_CLASSIFIED_FLOWS; i++)
        classify_segment(classify, &handles[i], &packet.segment, false);
    assert_int_equal(stats.cap_hits[SBL_LIMIT_CLASSIFIED_FLOWS], 0);
    assert_int_equal(classify_segment(classify, &one_more, &packet.segment, false), 0);
    assert_int_equal(one_more, 0);
    assert_int_equal(stats.cap_hits[SBL_LIMIT_CLASSIFIED_FLOWS], 1);
    classify_forget(classify, &handles[7]);
    assert_int_equal(handles[7], 0);
    classify_segment(classify, &one_more, &packet.segment, false);
    assert_int_not_equal(one_more, 0);
    packet.segment.ip = NULL; /* nothing to look at */
    assert_int_equal(classify_segment(classify, &one_more, &packet.segment, true), 0);
    classify_free(classify);
}

static void first_bytes_speak_for_themselves(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint16_t port;
        const char *name;
    } cases[] = {
        {"\x16\x03\x01\x02", 443, "TLS"},
        {"\x17\x03\x03\x02", 8443, "TLS"},
        {"POST /x", 8080, "HTTP"},
        {"HTTP/1.1 200 OK", 8080, "HTTP"},
        {"SSH-2.0-x", 2222, "SSH"},
        {"+OK ready", 110, "POP3"},
        {"* OK ready", 143, "IMAP"},
        {"220 mail", 25, "SMTP"},
        {"\x01\x02some question", 53, "DNS"},
        {"\x30\x84some request", 389, "LDAP"},
        {"\x12\x01some login", 1433, "MsSQL-TDS"},
    };
    struct classify *some, *all;
    struct packet packet;
    uint32_t handle = 0;
    assert_int_equal(classify_new(&some, false, NULL), 0);
    assert_int_equal(classify_new(&all, true, NULL), 0);
    make(&packet, http, 80);
    classify_segment(all, &handle, &packet.segment, true); /* starts nDPI */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        make(&packet, cases[i].text, cases[i].port);
        uint16_t verdict = classify_segment(some, &handle, &packet.segment, false);
        assert_int_equal(handle, 0);
        assert_string_equal(classify_name(some, verdict), cases[i].name);
        assert_string_equal(classify_name(all, verdict), cases[i].name);
    }
    make(&packet, "nothing that is framed", 40001);
    assert_int_equal(classify_segment(some, &handle, &packet.segment, false), 0);
    assert_int_equal(handle, 0);
    classify_free(some);
    classify_free(all);
}

/* Truncations and changed bytes: nDPI must live with all of them. */
static void any_bytes_are_taken(void **state) {
    (void)state;
    struct classify *classify;
    assert_int_equal(classify_new(&classify, true, NULL), 0);
    for (uint32_t at = 0; at < sizeof http + 39; at++) {
        struct packet packet;
        uint32_t handle = 0;
        make(&packet, http, 80);
        packet.bytes[at] ^= 0xFF;
        classify_segment(classify, &handle, &packet.segment, true);
        packet.segment.ip_bytes = at;
        classify_segment(classify, &handle, &packet.segment, true);
        classify_forget(classify, &handle);
    }
    classify_free(classify);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_web_request_is_named),
        cmocka_unit_test(it_gives_up_after_a_few_segments),
        cmocka_unit_test(first_bytes_speak_for_themselves),
        cmocka_unit_test(flows_are_bounded_and_given_back),
        cmocka_unit_test(any_bytes_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
