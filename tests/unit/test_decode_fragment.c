/* Fragments: put together in any order, twice, cut; never from disputed bytes; and bounded. */
#include "test_decode_build.h"

enum { WHOLE_BYTES = 4000, STEP = 1480, PIECES = 3 };

static uint8_t big[WHOLE_BYTES]; /* a TCP segment; filled by make_big */

static void make_big(void) {
    struct packet *p = calloc(1, sizeof *p);
    assert_non_null(p);
    packet_clear(p);
    uint8_t payload[WHOLE_BYTES - 20];
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i * 7 + i / 256);
    push_tcp(p, payload, sizeof payload);
    memcpy(big, &p->room[p->at], sizeof big);
    free(p);
}

struct piece {
    unsigned version;
    uint32_t id;
    size_t offset, count;
    bool has_more;
    uint8_t net;
};

/* A fragment of `whole`, as a raw IP packet in b->packet. */
static void push_piece(struct bench *b, const struct piece *f, const uint8_t *whole) {
    push(&b->packet, &whole[f->offset], f->count);
    if (f->version == 4) {
        uint8_t *ip = push_ipv4(&b->packet, PROTOCOL_TCP, f->net);
        put16(&ip[4], f->id);
        put16(&ip[6], f->offset / 8 | (f->has_more ? 0x2000u : 0u));
    } else {
        uint8_t header[8] = {PROTOCOL_TCP};
        put16(&header[2], f->offset | (f->has_more ? 1u : 0u));
        put32(&header[4], f->id);
        push(&b->packet, header, sizeof header);
        push_ipv6(&b->packet, 44, f->net);
    }
}

static bool feed_piece(struct bench *b, const struct piece *f) {
    push_piece(b, f, big);
    return bench_decode(b, SBL_LINKTYPE_RAW);
}

static struct piece nth(unsigned version, uint32_t id, unsigned n) {
    size_t offset = (size_t)n * STEP, left = WHOLE_BYTES - offset;
    return (struct piece){.version = version,
                          .id = id,
                          .offset = offset,
                          .count = left < STEP ? left : STEP,
                          .has_more = left > STEP,
                          .net = 1};
}

static bool feed_nth(struct bench *b, unsigned version, uint32_t id, unsigned n) {
    struct piece f = nth(version, id, n);
    return feed_piece(b, &f);
}

static void check_big(const struct bench *b, unsigned version) {
    assert_ptr_equal(b->segment.frame, &b->frame);
    assert_int_equal(b->segment.ip_version, version);
    assert_int_equal(b->segment.payload_bytes, WHOLE_BYTES - 20);
    assert_int_equal(b->segment.cut_bytes, 0);
    assert_memory_equal(b->segment.payload, &big[20], WHOLE_BYTES - 20);
    assert_int_equal(b->segment.to_port, SERVER_PORT);
    assert_int_equal(b->segment.ip_bytes, WHOLE_BYTES + (version == 4 ? 20u : 40u));
    assert_int_equal(b->segment.ip[version == 4 ? 9 : 6], PROTOCOL_TCP);
    assert_int_equal(b->segment.ip[version == 4 ? 2 : 4] << 8 | b->segment.ip[version == 4 ? 3 : 5],
                     WHOLE_BYTES + (version == 4 ? 20 : 0));
}

static void any_order_makes_the_same_datagram(void **state) {
    (void)state;
    static const uint8_t orders[6][PIECES] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                              {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    struct bench *b = bench_new();
    for (unsigned version = 4; version <= 6; version += 2) {
        for (uint32_t i = 0; i < 6; i++) {
            assert_false(feed_nth(b, version, i, orders[i][0]));
            assert_false(feed_nth(b, version, i, orders[i][1]));
            assert_true(feed_nth(b, version, i, orders[i][2]));
            check_big(b, version);
        }
    }
    decode_finish(b->decoder);
    assert_int_equal(b->stats.fragments, 36);
    assert_int_equal(b->stats.fragments_lost, 0);
    assert_int_equal(bench_oddities(b), 0);
    bench_free(b);
}

static void the_smallest_fragments_cut_the_tcp_header(void **state) {
    (void)state;
    for (unsigned version = 4; version <= 6; version += 2) {
        struct bench *b = bench_new();
        for (size_t at = WHOLE_BYTES; at > 0; at -= 8) {
            struct piece f = {version, 1, at - 8, 8, at < WHOLE_BYTES, 1};
            assert_int_equal(feed_piece(b, &f), at == 8);
        }
        check_big(b, version);
        bench_free(b);
    }
}

static void copies_of_a_mirror_port_are_swallowed(void **state) {
    (void)state;
    struct bench *b = bench_new();
    for (uint32_t id = 0; id < 4; id++) {
        unsigned found = 0;
        for (unsigned n = 0; n < PIECES; n++) { /* each twice in a row */
            found += feed_nth(b, 4, id, n);
            found += feed_nth(b, 4, id, n);
        }
        for (unsigned n = 0; n < PIECES; n++) /* and all once more */
            found += feed_nth(b, 4, id, n);
        struct piece half = {4, id, 800, 800, true, 1}; /* fragmented differently elsewhere */
        found += feed_piece(b, &half);
        assert_int_equal(found, 1);
        decode_batch_done(b->decoder);
    }
    decode_finish(b->decoder);
    assert_int_equal(b->stats.fragments_lost, 0);
    assert_int_equal(bench_oddities(b), 0);
    bench_free(b);
}

static void tagged_and_untagged_copies_are_one(void **state) {
    (void)state;
    struct bench *b = bench_new();
    const uint8_t tag[4] = {0, 5, 0x08, 0x00};
    for (unsigned n = 0; n < PIECES; n++) {
        struct piece f = nth(4, 1, n);
        push_piece(b, &f, big);
        if (n % 2)
            push(&b->packet, tag, sizeof tag);
        push_ethernet(&b->packet, n % 2 ? 0x8100 : ETHERNET_IPV4, 1);
        assert_int_equal(bench_decode(b, SBL_LINKTYPE_ETHERNET), n + 1 == PIECES);
    }
    check_big(b, 4);
    bench_free(b);
}

static void keys_keep_datagrams_apart(void **state) {
    (void)state;
    struct bench *b = bench_new();
    struct piece first = nth(4, 1, 0), other_id = nth(4, 2, 1), other_net = nth(4, 1, 1);
    other_net.net = 2;
    assert_false(feed_piece(b, &first));
    assert_false(feed_piece(b, &other_id));
    assert_false(feed_piece(b, &other_net));
    struct piece udp = nth(4, 1, 1);
    push_piece(b, &udp, big);
    b->packet.room[b->packet.at + 9] = PROTOCOL_UDP;
    assert_false(bench_decode(b, SBL_LINKTYPE_RAW));
    const uint8_t vxlan[8] = {8, 0, 0, 0, 0, 0, 5, 0};
    push_piece(b, &udp, big);
    push_ethernet(&b->packet, ETHERNET_IPV4, 1);
    push(&b->packet, vxlan, sizeof vxlan);
    push_udp(&b->packet, 1, 4789);
    push_ipv4(&b->packet, PROTOCOL_UDP, 3);
    assert_false(bench_decode(b, SBL_LINKTYPE_RAW));
    assert_false(feed_nth(b, 4, 1, 2));
    assert_true(feed_nth(b, 4, 1, 1));
    check_big(b, 4);
    decode_finish(b->decoder);
    assert_int_equal(b->stats.fragments_lost, 4);
    bench_free(b);
}

static void an_identification_used_again_starts_anew(void **state) {
    (void)state;
    struct bench *b = bench_new();
    for (unsigned round = 0; round < 2 * SBL_MAX_FRAGMENTED_DATAGRAMS; round++) {
        big[100] = (uint8_t)round;
        big[2000] = (uint8_t)round;
        big[3999] = (uint8_t)round;
        for (unsigned n = 0; n < PIECES; n++)
            assert_int_equal(feed_nth(b, 4, 1, n), n + 1 == PIECES);
        check_big(b, 4);
        if (round % 32 == 31)
            decode_batch_done(b->decoder);
    }
    assert_int_equal(bench_oddities(b), 0);
    assert_int_equal(b->stats.fragments_lost, 0);
    assert_int_equal(b->stats.cap_hits[SBL_LIMIT_FRAGMENTED_DATAGRAMS], 0);
    bench_free(b);
    make_big();
}

static void segments_stay_until_the_batch_is_done(void **state) {
    (void)state;
    struct bench *b = bench_new();
    const uint8_t *payloads[64];
    for (unsigned i = 0; i < 64; i++) {
        big[100] = big[2000] = (uint8_t)i;
        for (unsigned n = 0; n < PIECES; n++)
            feed_nth(b, 4, 1, n);
        payloads[i] = b->segment.payload;
    }
    for (unsigned i = 0; i < 64; i++) {
        assert_int_equal(payloads[i][100 - 20], i);
        assert_int_equal(payloads[i][2000 - 20], i);
    }
    bench_free(b);
    make_big();
}

static void a_batch_that_is_too_large_hits_the_cap(void **state) {
    (void)state;
    struct bench *b = bench_new();
    unsigned found = 0, rounds = 2 * SBL_MAX_FRAGMENTED_DATAGRAMS;
    for (unsigned i = 0; i < rounds; i++)
        for (unsigned n = 0; n < PIECES; n++)
            found += feed_nth(b, 4, i, n);
    assert_true(found >= SBL_MAX_FRAGMENTED_DATAGRAMS && found < rounds);
    assert_true(b->stats.cap_hits[SBL_LIMIT_FRAGMENTED_DATAGRAMS] > 0);
    assert_int_equal(b->stats.fragments_lost, (rounds - found) * PIECES);
    decode_batch_done(b->decoder);
    for (unsigned n = 0; n < PIECES; n++)
        assert_int_equal(feed_nth(b, 4, 60000, n), n + 1 == PIECES);
    bench_free(b);
}

static void disputed_bytes_are_never_handed_out(void **state) {
    (void)state;
    struct bench *b = bench_new();
    assert_false(feed_nth(b, 4, 1, 0));
    struct piece overlap = {4, 1, STEP - 8, 16, true, 1};
    big[STEP - 1] ^= 1;
    assert_false(feed_piece(b, &overlap));
    big[STEP - 1] ^= 1;
    assert_int_equal(b->stats.oddities_below[SBL_ODDITY_CONFLICTING_FRAGMENT], 1);
    for (unsigned round = 0; round < 2; round++) /* not even when all comes again */
        for (unsigned n = 0; n < PIECES; n++)
            assert_false(feed_nth(b, 4, 1, n));
    assert_int_equal(b->stats.fragments_lost, 2 + 2 * PIECES);
    assert_int_equal(bench_oddities(b), 1);
    b->time_ns += 31000000000;
    for (unsigned n = 0; n < PIECES; n++)
        assert_int_equal(feed_nth(b, 4, 1, n), n + 1 == PIECES);
    check_big(b, 4);
    bench_free(b);
}

static void overlaps_that_agree_are_fine(void **state) {
    (void)state;
    struct bench *b = bench_new();
    const struct piece pieces[] = {{4, 1, 1000, 2000, true, 1},
                                   {4, 1, 2504, WHOLE_BYTES - 2504, false, 1},
                                   {4, 1, 1600, 800, true, 1},
                                   {4, 1, 0, 1480, true, 1}};
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(feed_piece(b, &pieces[i]), i == 3);
    check_big(b, 4);
    assert_int_equal(bench_oddities(b), 0);
    bench_free(b);
}

static void ends_that_contradict_are_disputed(void **state) {
    (void)state;
    const struct piece cases[][2] = {
        {{4, 1, 800, 800, false, 1}, {4, 1, 800, 808, false, 1}},  /* two ends */
        {{4, 1, 800, 800, false, 1}, {4, 1, 1600, 800, true, 1}},  /* more behind the end */
        {{4, 1, 800, 800, false, 1}, {4, 1, 800, 800, true, 1}},   /* end, and not the end */
        {{4, 1, 1600, 800, true, 1}, {4, 1, 800, 800, false, 1}},  /* end before what came */
        {{4, 1, 800, 800, false, 1}, {4, 1, 1200, 800, true, 1}}}; /* across the end */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = bench_new();
        assert_false(feed_piece(b, &cases[i][0]));
        assert_false(feed_piece(b, &cases[i][1]));
        assert_int_equal(b->stats.oddities_below[SBL_ODDITY_CONFLICTING_FRAGMENT], 1);
        assert_int_equal(b->stats.fragments_lost, 2);
        bench_free(b);
    }
}

static void beyond_64_kib_is_odd(void **state) {
    (void)state;
    static uint8_t long_whole[70000];
    for (unsigned version = 4; version <= 6; version += 2) {
        struct bench *b = bench_new();
        struct piece fits = {version, 1, 65504, version == 4 ? 11u : 31u, false, 1};
        struct piece too_long = {version, 2, 65504, fits.count + 1, false, 1};
        push_piece(b, &fits, long_whole);
        assert_false(bench_decode(b, SBL_LINKTYPE_RAW));
        assert_int_equal(bench_oddities(b), 0);
        push_piece(b, &too_long, long_whole);
        assert_false(bench_decode(b, SBL_LINKTYPE_RAW));
        assert_int_equal(b->stats.oddities_below[SBL_ODDITY_FRAGMENT_TOO_LONG], 1);
        assert_int_equal(b->stats.fragments_lost, 1);
        bench_free(b);
    }
}

static void the_longest_datagram_fits(void **state) {
    (void)state;
    struct bench *b = bench_new();
    static uint8_t long_whole[65535];
    memcpy(long_whole, big, 20);
    for (size_t at = 0; at < sizeof long_whole; at += 32768) {
        size_t left = sizeof long_whole - at;
        struct piece f = {6, 1, at, left < 32768 ? left : 32768, left > 32768, 1};
        push_piece(b, &f, long_whole);
        assert_int_equal(bench_decode(b, SBL_LINKTYPE_RAW), left <= 32768);
    }
    assert_int_equal(b->segment.payload_bytes, 65535 - 20);
    bench_free(b);
}

static void the_store_is_bounded(void **state) {
    (void)state;
    struct bench *b = bench_new();
    for (uint32_t id = 0; id <= SBL_MAX_FRAGMENTED_DATAGRAMS; id++) {
        assert_false(feed_nth(b, 4, id, 0));
        assert_false(feed_nth(b, 4, id, 1));
    }
    assert_int_equal(b->stats.cap_hits[SBL_LIMIT_FRAGMENTED_DATAGRAMS], 1);
    assert_int_equal(b->stats.fragments_lost, 2);
    assert_true(feed_nth(b, 4, 1, 2));
    assert_false(feed_nth(b, 4, 0, 2)); /* the least recently used one had to go */
    decode_finish(b->decoder);
    assert_int_equal(b->stats.fragments_lost, 2 + 1 + 2 * (SBL_MAX_FRAGMENTED_DATAGRAMS - 1));
    assert_true(decoder_ceiling(NULL) > (size_t)SBL_MAX_FRAGMENTED_DATAGRAMS * 65536);
    bench_free(b);
}

static void what_waited_too_long_is_lost(void **state) {
    (void)state;
    struct bench *b = bench_new();
    static const int64_t jumps[] = {31000000000, -31000000000, INT64_MAX, INT64_MIN};
    for (uint32_t i = 0; i < 4; i++) {
        b->time_ns = jumps[i] / 2 > 0 ? 0 : -1;
        assert_false(feed_nth(b, 4, i, 0));
        assert_false(feed_nth(b, 4, i, 1));
        b->time_ns = jumps[i];
        assert_false(feed_nth(b, 4, i, 2));
        assert_int_equal(b->stats.fragments_lost, 2 * (i + 1));
        assert_false(feed_nth(b, 4, i, 1));
        assert_true(feed_nth(b, 4, i, 0));
        check_big(b, 4);
    }
    bench_free(b);
}

static void cut_fragments_end_the_datagram_early(void **state) {
    (void)state;
    struct bench *b = bench_new();
    for (unsigned n = 0; n < PIECES; n++) {
        struct piece f = nth(4, 1, n);
        push_piece(b, &f, big);
        size_t wire = packet_bytes(&b->packet), captured = n == 1 ? 120 : wire;
        bool found = bench_feed(b, SBL_LINKTYPE_RAW, &b->packet.room[b->packet.at], captured, wire);
        packet_clear(&b->packet);
        assert_int_equal(found, n == 2);
    }
    assert_int_equal(b->segment.payload_bytes, STEP + 100 - 20);
    assert_int_equal(b->segment.cut_bytes, WHOLE_BYTES - STEP - 100);
    assert_memory_equal(b->segment.payload, &big[20], STEP + 100 - 20);
    assert_int_equal(b->segment.ip_bytes, 20 + STEP + 100);
    assert_int_equal(b->stats.cut_frames, 2); /* the cut one, and the one it made incomplete */
    bench_free(b);
}

static void lone_and_crooked_fragments_are_told_apart(void **state) {
    (void)state;
    struct bench *b = bench_new();
    struct piece atomic = {6, 1, 0, WHOLE_BYTES, false, 1};
    assert_true(feed_piece(b, &atomic));
    assert_int_equal(b->segment.payload_bytes, WHOLE_BYTES - 20);
    assert_int_equal(b->stats.fragments, 0);
    struct piece crooked = {4, 1, 0, 1001, true, 1}, empty = {4, 1, 8, 0, true, 1};
    assert_false(feed_piece(b, &crooked));
    assert_false(feed_piece(b, &empty));
    assert_int_equal(b->stats.oddities_below[SBL_ODDITY_BAD_HEADER], 2);
    assert_int_equal(b->stats.fragments_lost, 2);
    bench_free(b);
}

static void a_tunnel_in_fragments_is_taken_off(void **state) {
    (void)state;
    struct bench *b = bench_new();
    static uint8_t whole[2000];
    const uint8_t gre[4] = {0, 0, 0x08, 0x00};
    push_hello(&b->packet, 4, 7);
    push(&b->packet, gre, sizeof gre);
    size_t count = packet_bytes(&b->packet);
    memcpy(whole, &b->packet.room[b->packet.at], count);
    packet_clear(&b->packet);
    for (size_t at = 0; at < count; at += 16) {
        size_t left = count - at;
        push(&b->packet, &whole[at], left < 16 ? left : 16);
        uint8_t *ip = push_ipv4(&b->packet, 47, 3);
        put16(&ip[6], at / 8 | (left > 16 ? 0x2000u : 0u));
        assert_int_equal(bench_decode(b, SBL_LINKTYPE_RAW), left <= 16);
    }
    check_hello(b, 4, 7);
    bench_free(b);
}

int main(void) {
    make_big();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_makes_the_same_datagram),
        cmocka_unit_test(the_smallest_fragments_cut_the_tcp_header),
        cmocka_unit_test(copies_of_a_mirror_port_are_swallowed),
        cmocka_unit_test(tagged_and_untagged_copies_are_one),
        cmocka_unit_test(keys_keep_datagrams_apart),
        cmocka_unit_test(an_identification_used_again_starts_anew),
        cmocka_unit_test(segments_stay_until_the_batch_is_done),
        cmocka_unit_test(a_batch_that_is_too_large_hits_the_cap),
        cmocka_unit_test(disputed_bytes_are_never_handed_out),
        cmocka_unit_test(overlaps_that_agree_are_fine),
        cmocka_unit_test(ends_that_contradict_are_disputed),
        cmocka_unit_test(beyond_64_kib_is_odd),
        cmocka_unit_test(the_longest_datagram_fits),
        cmocka_unit_test(the_store_is_bounded),
        cmocka_unit_test(what_waited_too_long_is_lost),
        cmocka_unit_test(cut_fragments_end_the_datagram_early),
        cmocka_unit_test(lone_and_crooked_fragments_are_told_apart),
        cmocka_unit_test(a_tunnel_in_fragments_is_taken_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
