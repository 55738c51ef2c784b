/* Link layers: each known one leads to the segment, each other one is counted. */
#include "test_decode_cases.h"

static void every_link_layer_is_taken_off(void **state) {
    (void)state;
    for (size_t i = 0; i < LINK_CASES; i++) {
        struct bench *b = bench_new();
        push_link_case(&b->packet, &link_cases[i]);
        if (!bench_decode(b, link_cases[i].link_type))
            fail_msg("%s", link_cases[i].name);
        check_hello(b, link_cases[i].ip_version, INNER_NET);
        assert_int_equal(b->segment.macs != NULL, link_cases[i].has_mac);
        assert_int_equal(b->segment.tunnel_id, 0);
        assert_int_equal(bench_oddities(b), 0);
        assert_int_equal(b->stats.tunnels, 0);
        bench_free(b);
    }
}

static void mac_addresses_are_those_of_ethernet(void **state) {
    (void)state;
    struct bench *b = bench_new();
    push_hello(&b->packet, 4, 1);
    push_ethernet(&b->packet, ETHERNET_IPV4, 5);
    assert_true(bench_decode(b, SBL_LINKTYPE_ETHERNET));
    const uint8_t from[6] = {2, 0, 0, 0, 5, 1}, to[6] = {2, 0, 0, 0, 5, 2}, none[6] = {0};
    assert_memory_equal(sbl_segment_from(&b->segment).mac, from, 6);
    assert_memory_equal(sbl_segment_to(&b->segment).mac, to, 6);
    push_hello(&b->packet, 4, 1);
    assert_true(bench_decode(b, SBL_LINKTYPE_RAW));
    assert_memory_equal(sbl_segment_from(&b->segment).mac, none, 6);
    bench_free(b);
}

static const struct link_case other_links[] = {
    {"ARP", 1, 0, true, HEADER(MACS, 0x08, 0x06, 0, 1, 8, 0)},
    {"spanning tree", 1, 0, true, HEADER(MACS, 0, 0x26, 0x42, 0x42, 0x03, 0, 0)},
    {"NetBEUI", 1, 0, true, HEADER(MACS, 0, 0x12, 0xF0, 0xF0, 0x03, 0x2C, 0)},
    {"SNAP of Cisco", 1, 0, true, HEADER(MACS, 0, 0x26, 0xAA, 0xAA, 3, 0, 0, 0x0C, 0x20, 0x00)},
    {"SNAP with a length", 1, 0, true, HEADER(MACS, 0, 9, 0xAA, 0xAA, 3, 0, 0, 0, 0, 9)},
    {"PPPoE discovery code", 51, 0, true, HEADER(0x11, 0x09, 0, 0, 0, 0)},
    {"PPP LCP", 9, 0, false, HEADER(0xC0, 0x21, 1, 1)},
    {"NULL, AppleTalk", 0, 0, false, HEADER(16, 0, 0, 0)},
    {"NULL, no family", 0, 0, false, HEADER(2, 0, 0, 2)},
    {"SLL, Novell", 113, 0, false, HEADER(0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 9, 1, 0, 0, 0, 1)},
    {"raw, version 5", 101, 0, false, HEADER(0x50, 0, 0, 0)},
    {"Token Ring MAC", 6, 0, false, HEADER(0x10, 0x00, MACS, 0, 0)},
    {"FDDI SMT", 10, 0, false, HEADER(0x41, MACS, 0, 0)},
    {"NFLOG without packet", 239, 0, false, HEADER(2, 0, 0, 0, 8, 0, 5, 0, 0, 0, 0, 1)},
};

static void other_traffic_is_counted(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof other_links / sizeof *other_links; i++) {
        struct bench *b = bench_new();
        push(&b->packet, other_links[i].header, other_links[i].header_bytes);
        assert_false(bench_decode(b, other_links[i].link_type));
        bool is_end_of_log = other_links[i].link_type == SBL_LINKTYPE_NFLOG;
        if (b->stats.not_ip != (is_end_of_log ? 0 : 1))
            fail_msg("%s", other_links[i].name);
        assert_int_equal(bench_oddities(b), is_end_of_log);
        bench_free(b);
    }
}

static void unknown_links_and_empty_frames_are_counted(void **state) {
    (void)state;
    struct bench *b = bench_new();
    push_hello(&b->packet, 4, 1);
    assert_false(bench_decode(b, SBL_LINKTYPE_UNKNOWN));
    assert_int_equal(b->stats.frames_by_link_unknown, 1);
    assert_false(bench_feed(b, SBL_LINKTYPE_ETHERNET, NULL, 0, 0));
    assert_int_equal(b->stats.oddities_below[SBL_ODDITY_TRUNCATED], 1);
    assert_false(bench_feed(b, SBL_LINKTYPE_ETHERNET, NULL, 0, 60));
    assert_int_equal(b->stats.oddities_below[SBL_ODDITY_CUT_BY_SNAPLEN], 1);
    assert_int_equal(b->stats.cut_frames, 1);
    struct sbl_frame nothing = {.wire_bytes = 60, .link_type = SBL_LINKTYPE_ETHERNET};
    assert_false(decode_frame(b->decoder, &nothing, &b->segment));
    bench_free(b);
}

static const struct link_case odd_links[] = {
    {"source route of 0", 6, 0, false,
     HEADER(0x10, 0x40, 2, 0, 0, 0, 9, 2, 0x82, 0, 0, 0, 9, 1, 0xC0, 0x30)},
    {"attribute of 3", 239, 0, false, HEADER(2, 0, 0, 0, 3, 0, 5, 0)},
};

static void headers_that_cannot_be_are_odd(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof odd_links / sizeof *odd_links; i++) {
        struct bench *b = bench_new();
        push(&b->packet, odd_links[i].header, odd_links[i].header_bytes);
        assert_false(bench_decode(b, odd_links[i].link_type));
        assert_int_equal(b->stats.oddities_below[SBL_ODDITY_BAD_HEADER], 1);
        assert_int_equal(bench_oddities(b), 1);
        bench_free(b);
    }
}

static void tags_count_towards_the_depth(void **state) {
    (void)state;
    const uint8_t tag[4] = {0, 5, 0x81, 0x00}, last_tag[4] = {0, 5, 0x08, 0x00};
    for (unsigned tags = SBL_MAX_TUNNEL_DEPTH; tags <= SBL_MAX_TUNNEL_DEPTH + 1; tags++) {
        struct bench *b = bench_new();
        push_hello(&b->packet, 4, 1);
        push(&b->packet, last_tag, sizeof last_tag);
        for (unsigned i = 1; i < tags; i++)
            push(&b->packet, tag, sizeof tag);
        push_ethernet(&b->packet, 0x8100, 1);
        bool is_too_deep = tags > SBL_MAX_TUNNEL_DEPTH;
        assert_int_equal(bench_decode(b, SBL_LINKTYPE_ETHERNET), !is_too_deep);
        assert_int_equal(b->stats.oddities_below[SBL_ODDITY_NESTING_TOO_DEEP], is_too_deep);
        assert_int_equal(b->stats.cap_hits[SBL_LIMIT_TUNNEL_DEPTH], is_too_deep);
        bench_free(b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_link_layer_is_taken_off),
        cmocka_unit_test(mac_addresses_are_those_of_ethernet),
        cmocka_unit_test(other_traffic_is_counted),
        cmocka_unit_test(unknown_links_and_empty_frames_are_counted),
        cmocka_unit_test(headers_that_cannot_be_are_odd),
        cmocka_unit_test(tags_count_towards_the_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
