/* Tunnels: the inner packet is what counts, and somebody else's datagram is no oddity. */
#include "test_decode_cases.h"

static const struct tunnel_case *case_of(const char *name) {
    for (size_t i = 0; i < TUNNEL_CASES; i++)
        if (strcmp(tunnel_cases[i].name, name) == 0)
            return &tunnel_cases[i];
    fail_msg("no case %s", name);
    return NULL;
}

static void every_tunnel_is_taken_off(void **state) {
    (void)state;
    for (size_t i = 0; i < TUNNEL_CASES; i++) {
        const struct tunnel_case *t = &tunnel_cases[i];
        struct bench *b = bench_new();
        push_tunnel_case(&b->packet, t);
        if (!bench_decode(b, SBL_LINKTYPE_ETHERNET))
            fail_msg("%s", t->name);
        check_hello(b, tunnel_ip_version(t), INNER_NET);
        assert_int_equal(b->segment.tunnel_id, t->tunnel_id);
        assert_true(b->segment.macs);
        assert_int_equal(sbl_segment_from(&b->segment).mac[4],
                         t->inner > 6 ? INNER_NET : OUTER_NET);
        assert_int_equal(bench_oddities(b), 0);
        assert_int_equal(b->stats.tunnels, 1);
        bench_free(b);
    }
}

static void tunnels_nest_up_to_the_limit(void **state) {
    (void)state;
    for (unsigned depth = SBL_MAX_TUNNEL_DEPTH; depth <= SBL_MAX_TUNNEL_DEPTH + 1; depth++) {
        struct bench *b = bench_new();
        push_hello(&b->packet, 4, INNER_NET);
        for (unsigned i = 0; i < depth; i++)
            push_ipv4(&b->packet, 4, OUTER_NET);
        bool is_too_deep = depth > SBL_MAX_TUNNEL_DEPTH;
        assert_int_equal(bench_decode(b, SBL_LINKTYPE_RAW), !is_too_deep);
        assert_int_equal(b->stats.oddities_below[SBL_ODDITY_NESTING_TOO_DEEP], is_too_deep);
        assert_int_equal(b->stats.tunnels, 1);
        bench_free(b);
    }
}

static void a_stack_of_labels_ends(void **state) {
    (void)state;
    struct bench *b = bench_new();
    const uint8_t label[4] = {0, 1, 0, 64};
    for (int i = 0; i < 1000; i++)
        push(&b->packet, label, sizeof label);
    push_ethernet(&b->packet, 0x8847, 1);
    assert_false(bench_decode(b, SBL_LINKTYPE_ETHERNET));
    assert_int_equal(b->stats.oddities_below[SBL_ODDITY_NESTING_TOO_DEEP], 1);
    bench_free(b);
}

static void the_innermost_network_id_counts(void **state) {
    (void)state;
    struct bench *b = bench_new();
    push_tunnel_case(&b->packet, case_of("GENEVE"));
    push_carrier(&b->packet, case_of("VXLAN"));
    assert_true(bench_decode(b, SBL_LINKTYPE_ETHERNET));
    check_hello(b, 4, INNER_NET);
    assert_int_equal(b->segment.tunnel_id, 0x40000006);
    push_tunnel_case(&b->packet, case_of("GRE"));
    push_carrier(&b->packet, case_of("VXLAN"));
    assert_true(bench_decode(b, SBL_LINKTYPE_ETHERNET));
    assert_int_equal(b->segment.tunnel_id, 6);
    bench_free(b);
}

static void a_reply_from_the_port_is_a_tunnel_too(void **state) {
    (void)state;
    struct bench *b = bench_new();
    push_hello(&b->packet, 6, INNER_NET);
    push_udp(&b->packet, 3544, 50000);
    push_ipv4(&b->packet, PROTOCOL_UDP, OUTER_NET);
    assert_true(bench_decode(b, SBL_LINKTYPE_RAW));
    check_hello(b, 6, INNER_NET);
    bench_free(b);
}

static const struct tunnel_case other_datagrams[] = {
    {"VXLAN without identifier", IN_UDP, 4789, 4, 0, HEADER(0, 0, 0, 0, 0, 0, 5, 0)},
    {"short, at VXLAN's port", IN_UDP, 8472, 0, 0, HEADER(8, 0, 0)},
    {"short, at GENEVE's port", IN_UDP, 6081, 0, 0, HEADER(0, 0)},
    {"GENEVE version 1", IN_UDP, 6081, 4, 0, HEADER(0x40, 0, 0x08, 0, 0, 0, 5, 0)},
    {"GENEVE, nothing of ours", IN_UDP, 6081, 4, 0, HEADER(0, 0, 0x12, 0x34, 0, 0, 5, 0)},
    {"GTP echo", IN_UDP, 2152, 0, 0, HEADER(0x32, 1, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0)},
    {"GTP prime", IN_UDP, 2152, 4, 0, HEADER(0x20, 0xFF, 0, 4, 0, 0, 0, 0)},
    {"short, at GTP's port", IN_UDP, 2152, 0, 0, HEADER(0x30, 0xFF)},
    {"GTP-U without IP", IN_UDP, 2152, 0, 0, HEADER(0x30, 0xFF, 0, 1, 0, 0, 0, 9, 0x10)},
    {"short, at Teredo's port", IN_UDP, 3544, 0, 0, HEADER(0, 1, 0xFF, 0xFF)},
    {"empty, at Teredo's port", IN_UDP, 3544, 0, 0, NO_HEADER},
    {"DNS", IN_UDP, 53, 4, 0, NO_HEADER},
    {"ESP", IN_IPV4, 50, 4, 0, NO_HEADER},
    {"ICMP", IN_IPV4, 1, 4, 0, HEADER(3, 1, 0, 0, 0, 0, 0, 0)},
    {"GRE version 2", IN_IPV4, 47, 4, 0, HEADER(0, 2, 0x08, 0)},
    {"GRE version 1, not PPP", IN_IPV4, 47, 4, 0, HEADER(0x30, 1, 0x08, 0)},
    {"GRE keep-alive", IN_IPV4, 47, 0, 0, HEADER(0, 0, 0, 0)},
    {"PPTP acknowledgement", IN_IPV4, 47, 0, 0,
     HEADER(0x20, 0x81, 0x88, 0x0B, 0, 0, 0, 1, 0, 0, 0, 4)},
    {"PPTP, encrypted", IN_IPV4, 47, 4, 0,
     HEADER(0x30, 0x01, 0x88, 0x0B, 0, 0x38, 0, 1, 0, 0, 0, 5, 0x00, 0xFD, 0x90, 1)},
    {"ERSPAN II of version 0", IN_IPV4, 47, 0x0800, 0,
     HEADER(0x10, 0, 0x88, 0xBE, 0, 0, 0, 1, 0x00, 0x05, 0, 1, 0, 0, 0, 0)},
    {"ERSPAN III of version 1", IN_IPV4, 47, 0x0800, 0,
     HEADER(0x10, 0, 0x22, 0xEB, 0, 0, 0, 1, 0x10, 5, 0, 1, 1, 2, 3, 4, 0, 0, 0, 0)},
    {"ERSPAN III, InfiniBand", IN_IPV4, 47, 0x0800, 0,
     HEADER(0x10, 0, 0x22, 0xEB, 0, 0, 0, 1, 0x20, 5, 0, 1, 1, 2, 3, 4, 0, 0, 0x0C, 0)},
};

static void other_datagrams_are_not_tcp_and_not_odd(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof other_datagrams / sizeof *other_datagrams; i++) {
        const struct tunnel_case *t = &other_datagrams[i];
        struct bench *b = bench_new();
        if (t->inner)
            push_hello(&b->packet, 4, INNER_NET);
        if (t->inner > 6)
            push_ethernet(&b->packet, t->inner, INNER_NET);
        push_carrier(&b->packet, t);
        assert_false(bench_decode(b, SBL_LINKTYPE_ETHERNET));
        if (b->stats.not_tcp != 1 || bench_oddities(b) != 0)
            fail_msg("%s", t->name);
        bench_free(b);
    }
}

static void labels_above_something_else_are_not_ip(void **state) {
    (void)state;
    struct bench *b = bench_new();
    const uint8_t channel[] = {0, 1, 1, 64, 0x10, 0, 0, 7, 0x20, 0x40, 3, 24};
    push(&b->packet, channel, sizeof channel);
    push_ethernet(&b->packet, 0x8847, 1);
    assert_false(bench_decode(b, SBL_LINKTYPE_ETHERNET));
    assert_int_equal(b->stats.not_ip, 1);
    assert_int_equal(bench_oddities(b), 0);
    bench_free(b);
}

static void an_extension_of_no_length_is_odd(void **state) {
    (void)state;
    struct bench *b = bench_new();
    const uint8_t gtp[] = {0x34, 0xFF, 0, 8, 0, 0, 0, 9, 0, 0, 0, 0x85, 0, 0, 0, 0};
    push(&b->packet, gtp, sizeof gtp);
    push_udp(&b->packet, 2152, 2152);
    push_ipv4(&b->packet, PROTOCOL_UDP, 1);
    assert_false(bench_decode(b, SBL_LINKTYPE_RAW));
    assert_int_equal(b->stats.oddities_below[SBL_ODDITY_BAD_HEADER], 1);
    bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tunnel_is_taken_off),
        cmocka_unit_test(tunnels_nest_up_to_the_limit),
        cmocka_unit_test(a_stack_of_labels_ends),
        cmocka_unit_test(the_innermost_network_id_counts),
        cmocka_unit_test(a_reply_from_the_port_is_a_tunnel_too),
        cmocka_unit_test(other_datagrams_are_not_tcp_and_not_odd),
        cmocka_unit_test(labels_above_something_else_are_not_ip),
        cmocka_unit_test(an_extension_of_no_length_is_odd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
