/* IPv4, IPv6 and TCP headers: options, extension headers, lengths that lie, captures that are cut.
 */
#include "test_decode_build.h"

static void options_are_stepped_over(void **state) {
    (void)state;
    struct bench *b = bench_new();
    uint8_t options[12] = {1, 1, 1, 0};
    push(&b->packet, hello, sizeof hello);
    push(&b->packet, options, sizeof options);
    uint8_t tcp[20] = {[2] = 1, [3] = 0xBD, [12] = 0x80, [13] = 0xFF, [18] = 0x12, [19] = 0x34};
    push(&b->packet, tcp, sizeof tcp);
    push(&b->packet, options, 8);
    uint8_t *ip = push_ipv4(&b->packet, PROTOCOL_TCP, 1);
    ip[0] = 0x47;
    assert_true(bench_decode(b, SBL_LINKTYPE_RAW));
    assert_int_equal(b->segment.payload_bytes, sizeof hello);
    assert_memory_equal(b->segment.payload, hello, sizeof hello);
    assert_int_equal(b->segment.tcp_flags, 0xFF);
    assert_int_equal(b->segment.to_port, SERVER_PORT);
    assert_int_equal(b->segment.ip_bytes, 28 + 32 + sizeof hello);
    bench_free(b);
}

static void padding_is_not_payload(void **state) {
    (void)state;
    const uint8_t padding[30] = {0xEE};
    for (unsigned version = 4; version <= 6; version += 2) {
        struct bench *b = bench_new();
        push(&b->packet, padding, sizeof padding);
        push_hello(&b->packet, version, 1);
        uint8_t *ip = &b->packet.room[b->packet.at];
        put16(&ip[version == 4 ? 2 : 4], (version == 4 ? 40u : 20u) + sizeof hello);
        push_ethernet(&b->packet, version == 4 ? ETHERNET_IPV4 : ETHERNET_IPV6, 1);
        assert_true(bench_decode(b, SBL_LINKTYPE_ETHERNET));
        check_hello(b, version, 1);
        bench_free(b);
    }
}

static void length_zero_is_all_there_is(void **state) {
    (void)state;
    static const uint8_t bulk[70000];
    for (unsigned version = 4; version <= 6; version += 2) {
        struct bench *b = bench_new();
        push_tcp(&b->packet, bulk, sizeof bulk);
        uint8_t *ip = version == 4 ? push_ipv4(&b->packet, PROTOCOL_TCP, 1)
                                   : push_ipv6(&b->packet, PROTOCOL_TCP, 1);
        put16(&ip[version == 4 ? 2 : 4], 0);
        size_t wire = packet_bytes(&b->packet);
        assert_true(bench_feed(b, SBL_LINKTYPE_RAW, ip, wire, wire));
        assert_int_equal(b->segment.payload_bytes, sizeof bulk);
        assert_true(bench_feed(b, SBL_LINKTYPE_RAW, ip, 1000, wire));
        assert_int_equal(b->segment.payload_bytes + b->segment.cut_bytes, sizeof bulk);
        assert_int_equal(b->segment.payload_bytes, 1000 - (version == 4 ? 40u : 60u));
        assert_int_equal(bench_oddities(b), 0);
        bench_free(b);
    }
}

/* Of a frame of 14 + 20 + 32 bytes of headers and 13 of payload, every captured length. */
static void every_snap_length_says_what_is_cut(void **state) {
    (void)state;
    struct bench *b = bench_new();
    const uint8_t options[12] = {1};
    push(&b->packet, hello, sizeof hello);
    push(&b->packet, options, sizeof options);
    push_tcp(&b->packet, NULL, 0);
    b->packet.room[b->packet.at + 12] = 0x80;
    push_ipv4(&b->packet, PROTOCOL_TCP, 1);
    push_ethernet(&b->packet, ETHERNET_IPV4, 1);
    size_t wire = packet_bytes(&b->packet), headers = 14 + 20 + 32;
    for (size_t captured = 0; captured < wire; captured++) {
        bool found =
            bench_feed(b, SBL_LINKTYPE_ETHERNET, &b->packet.room[b->packet.at], captured, wire);
        assert_int_equal(found, captured >= 14 + 20 + 20);
        if (!found)
            continue;
        size_t payload = captured > headers ? captured - headers : 0;
        assert_int_equal(b->segment.payload_bytes, payload);
        assert_int_equal(b->segment.cut_bytes, sizeof hello - payload);
    }
    assert_int_equal(b->stats.cut_frames, wire);
    assert_int_equal(b->stats.oddities_below[SBL_ODDITY_CUT_BY_SNAPLEN], 14 + 20 + 20);
    assert_int_equal(bench_oddities(b), 14 + 20 + 20);
    bench_free(b);
}

static void a_length_beyond_the_wire_is_odd_and_cut(void **state) {
    (void)state;
    struct bench *b = bench_new();
    push_hello(&b->packet, 4, 1);
    put16(&b->packet.room[b->packet.at + 2], 1500);
    assert_true(bench_decode(b, SBL_LINKTYPE_RAW));
    assert_int_equal(b->segment.payload_bytes, sizeof hello);
    assert_int_equal(b->segment.cut_bytes, 1500 - 40 - sizeof hello);
    assert_int_equal(b->stats.oddities_below[SBL_ODDITY_BAD_LENGTH], 1);
    assert_int_equal(b->stats.cut_frames, 1);
    bench_free(b);
}

static void wire_bytes_below_captured_bytes_are_ignored(void **state) {
    (void)state;
    struct bench *b = bench_new();
    push_hello(&b->packet, 4, 1);
    size_t count = packet_bytes(&b->packet);
    assert_true(bench_feed(b, SBL_LINKTYPE_RAW, &b->packet.room[b->packet.at], count, 0));
    check_hello(b, 4, 1);
    assert_int_equal(b->stats.cut_frames, 0);
    bench_free(b);
}

/* One byte of a good packet changed so that a header cannot be. */
static void headers_that_cannot_be_are_odd(void **state) {
    (void)state;
    static const struct {
        size_t at;
        unsigned version;
        uint16_t link_type;
        uint8_t value;
    } bad[] = {
        {0, 4, SBL_LINKTYPE_IPV4, 0x55}, /* version */
        {0, 6, SBL_LINKTYPE_IPV6, 0x40}, /* version */
        {0, 4, SBL_LINKTYPE_RAW, 0x44},  /* header of 16 bytes */
        {3, 4, SBL_LINKTYPE_RAW, 19},    /* shorter than its header */
        {32, 4, SBL_LINKTYPE_RAW, 0x40}, /* TCP header of 16 bytes */
        {32, 4, SBL_LINKTYPE_RAW, 0xF0}, /* TCP header beyond the packet */
        {52, 6, SBL_LINKTYPE_RAW, 0x00}, /* TCP header of 0 bytes */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct bench *b = bench_new();
        push_hello(&b->packet, bad[i].version, 1);
        b->packet.room[b->packet.at + bad[i].at] = bad[i].value;
        assert_false(bench_decode(b, bad[i].link_type));
        assert_int_equal(b->stats.oddities_below[SBL_ODDITY_BAD_HEADER], 1);
        assert_int_equal(bench_oddities(b), 1);
        bench_free(b);
    }
}

static void a_header_behind_the_end_is_truncated(void **state) {
    (void)state;
    struct bench *b = bench_new();
    push_hello(&b->packet, 4, 1);
    put16(&b->packet.room[b->packet.at + 2], 39); /* the TCP header ends one byte later */
    assert_false(bench_decode(b, SBL_LINKTYPE_RAW));
    assert_int_equal(b->stats.oddities_below[SBL_ODDITY_TRUNCATED], 1);
    bench_free(b);
}

static void extension_headers_are_stepped_over(void **state) {
    (void)state;
    static const uint8_t chain[] = {0, 60, 43, 135, 139, 140, 51, PROTOCOL_TCP};
    struct bench *b = bench_new();
    push_tcp(&b->packet, hello, sizeof hello);
    for (size_t i = sizeof chain - 1; i > 0; i--) {
        /* 16 bytes each: length 1 in units of 8 behind the first, or 2 in units of 4 (AH) */
        uint8_t header[16] = {chain[i], chain[i - 1] == 51 ? 2 : 1};
        push(&b->packet, header, sizeof header);
    }
    push_ipv6(&b->packet, chain[0], 1);
    assert_true(bench_decode(b, SBL_LINKTYPE_RAW));
    assert_int_equal(b->segment.payload_bytes, sizeof hello);
    assert_memory_equal(b->segment.payload, hello, sizeof hello);
    assert_int_equal(b->segment.ip_bytes, 40 + 7 * 16 + 20 + sizeof hello);
    bench_free(b);
}

static void authentication_is_stepped_over_in_ipv4(void **state) {
    (void)state;
    struct bench *b = bench_new();
    const uint8_t header[24] = {PROTOCOL_TCP, 4};
    push_tcp(&b->packet, hello, sizeof hello);
    push(&b->packet, header, sizeof header);
    push_ipv4(&b->packet, 51, 1);
    assert_true(bench_decode(b, SBL_LINKTYPE_RAW));
    assert_memory_equal(b->segment.payload, hello, sizeof hello);
    bench_free(b);
}

static void a_chain_of_extension_headers_ends(void **state) {
    (void)state;
    struct bench *b = bench_new();
    const uint8_t header[8] = {60, 0};
    for (int i = 0; i < 5000; i++)
        push(&b->packet, header, sizeof header);
    push_ipv6(&b->packet, 60, 1);
    assert_false(bench_decode(b, SBL_LINKTYPE_RAW));
    assert_int_equal(b->stats.oddities_below[SBL_ODDITY_NESTING_TOO_DEEP], 1);
    bench_free(b);
}

/* Datagrams of a few ports come out, and are still no TCP. */
static void witnesses_are_heard(void **state) {
    (void)state;
    static const uint16_t ports[][2] = {{88, 1047}, {1047, 88}, {137, 137}, {389, 1047}, {137, 9}};
    struct bench *b = bench_new();
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        push(&b->packet, (const uint8_t *)"hello", 5);
        push_udp(&b->packet, ports[i][0], ports[i][1]);
        push_ipv4(&b->packet, PROTOCOL_UDP, 1);
        assert_true(bench_decode(b, SBL_LINKTYPE_RAW));
        assert_true(b->segment.is_datagram);
        assert_int_equal(b->segment.from_port, ports[i][0]);
        assert_int_equal(b->segment.to_port, ports[i][1]);
        assert_int_equal(b->segment.payload_bytes, 5);
        assert_memory_equal(b->segment.payload, "hello", 5);
        assert_int_equal(b->segment.cut_bytes, 0);
        assert_int_equal(b->segment.tcp_flags, 0);
        assert_int_equal(b->stats.not_tcp, i + 1);
    }
    bench_free(b);
}

/* The length of UDP ends the payload before the packet does; one that lies is not believed. */
static void a_datagram_is_as_long_as_it_says(void **state) {
    (void)state;
    static const struct {
        uint16_t says;
        uint32_t payload_bytes;
    } lengths[] = {{8, 0}, {11, 3}, {13, 5}, {14, 5}, {0, 5}, {7, 5}, {0xFFFF, 5}};
    struct bench *b = bench_new();
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint8_t udp[13] = {
            0, 137, 0, 137, (uint8_t)(lengths[i].says >> 8), (uint8_t)lengths[i].says};
        push(&b->packet, udp, sizeof udp);
        push_ipv4(&b->packet, PROTOCOL_UDP, 1);
        assert_true(bench_decode(b, SBL_LINKTYPE_RAW));
        assert_int_equal(b->segment.payload_bytes, lengths[i].payload_bytes);
        assert_int_equal(b->segment.cut_bytes, 0);
    }
    bench_free(b);
}

static void what_is_not_tcp_is_counted(void **state) {
    (void)state;
    static const uint8_t protocols[] = {1, 2, PROTOCOL_UDP, 50, 58, 59, 132, 255, 44};
    struct bench *b = bench_new();
    for (size_t i = 0; i < sizeof protocols; i++) {
        push_udp(&b->packet, 53, 53);
        push_ipv4(&b->packet, protocols[i], 1);
        assert_false(bench_decode(b, SBL_LINKTYPE_RAW));
    }
    push_ipv6(&b->packet, 59, 1);
    assert_false(bench_decode(b, SBL_LINKTYPE_RAW));
    assert_int_equal(b->stats.not_tcp, sizeof protocols + 1);
    assert_int_equal(bench_oddities(b), 0);
    bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_stepped_over),
        cmocka_unit_test(padding_is_not_payload),
        cmocka_unit_test(length_zero_is_all_there_is),
        cmocka_unit_test(every_snap_length_says_what_is_cut),
        cmocka_unit_test(a_length_beyond_the_wire_is_odd_and_cut),
        cmocka_unit_test(wire_bytes_below_captured_bytes_are_ignored),
        cmocka_unit_test(headers_that_cannot_be_are_odd),
        cmocka_unit_test(a_header_behind_the_end_is_truncated),
        cmocka_unit_test(extension_headers_are_stepped_over),
        cmocka_unit_test(authentication_is_stepped_over_in_ipv4),
        cmocka_unit_test(a_chain_of_extension_headers_ends),
        cmocka_unit_test(witnesses_are_heard),
        cmocka_unit_test(a_datagram_is_as_long_as_it_says),
        cmocka_unit_test(what_is_not_tcp_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
