/* Every good frame of the link and tunnel cases, and a fragmented one, in every wrong form:
 * truncated, one bit turned, each byte at an extreme. Nothing may be read outside the frame, and a
 * segment that comes out all the same lies inside what was captured. */
#include "test_decode_cases.h"

static uint32_t sum_of(const uint8_t *bytes, size_t count) {
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += bytes[i];
    return sum;
}

/* Feeds and touches every byte handed out, for the sanitizer; exactly one counter goes up. */
static void feed(struct bench *b, uint16_t link_type, const uint8_t *bytes, size_t captured,
                 size_t wire) {
    struct sbl_stats *s = &b->stats;
    uint64_t before = bench_oddities(b) - s->oddities_below[SBL_ODDITY_BAD_LENGTH] + s->not_ip +
                      s->not_tcp + s->fragments + s->frames_by_link_unknown;
    bool found = bench_feed(b, link_type, bytes, captured, wire);
    uint64_t after = bench_oddities(b) - s->oddities_below[SBL_ODDITY_BAD_LENGTH] + s->not_ip +
                     s->not_tcp + s->fragments + s->frames_by_link_unknown;
    assert_true(found || after > before);
    if (found) {
        volatile uint32_t sum = sum_of(b->segment.ip, b->segment.ip_bytes);
        sum += sum_of(b->segment.payload, b->segment.payload_bytes);
        (void)sum;
        assert_true(b->segment.ip_bytes <= 65535 + 40);
        assert_true(b->segment.payload_bytes <= b->segment.ip_bytes);
    }
    decode_batch_done(b->decoder);
}

static void mutate(struct bench *b, uint16_t link_type) {
    uint8_t good[1024];
    size_t count = packet_bytes(&b->packet);
    assert_true(count <= sizeof good);
    memcpy(good, &b->packet.room[b->packet.at], count);
    packet_clear(&b->packet);
    for (size_t captured = 0; captured < count; captured++) {
        feed(b, link_type, good, captured, count);
        feed(b, link_type, good, captured, captured);
    }
    for (size_t at = 0; at < count; at++) {
        uint8_t was = good[at];
        const uint8_t values[] = {0x00, 0x7F, 0x80, 0xFF, (uint8_t)(was + 1), (uint8_t)(was - 1)};
        for (unsigned i = 0; i < sizeof values + 8; i++) {
            good[at] = (uint8_t)(i < 8 ? was ^ 1u << i : values[i - 8]);
            feed(b, link_type, good, count, count);
        }
        good[at] = was;
    }
}

static void wrong_link_layers_do_no_harm(void **state) {
    (void)state;
    struct bench *b = bench_new();
    for (size_t i = 0; i < LINK_CASES; i++) {
        push_link_case(&b->packet, &link_cases[i]);
        mutate(b, link_cases[i].link_type);
    }
    bench_free(b);
}

static void wrong_tunnels_do_no_harm(void **state) {
    (void)state;
    struct bench *b = bench_new();
    for (size_t i = 0; i < TUNNEL_CASES; i++) {
        push_tunnel_case(&b->packet, &tunnel_cases[i]);
        mutate(b, SBL_LINKTYPE_ETHERNET);
    }
    bench_free(b);
}

static void wrong_fragments_do_no_harm(void **state) {
    (void)state;
    struct bench *b = bench_new();
    for (unsigned offset = 0; offset < 40; offset += 8) {
        push(&b->packet, hello, 8);
        uint8_t *ip = push_ipv4(&b->packet, PROTOCOL_TCP, 1);
        put16(&ip[6], 0x2000 | offset / 8);
        mutate(b, SBL_LINKTYPE_RAW);
        push(&b->packet, hello, 8);
        uint8_t extension[8] = {PROTOCOL_TCP};
        put16(&extension[2], offset | 1);
        push(&b->packet, extension, sizeof extension);
        push_ipv6(&b->packet, 44, 1);
        mutate(b, SBL_LINKTYPE_RAW);
        b->time_ns += 60000000000;
    }
    bench_free(b);
}

static void any_bytes_under_any_link_do_no_harm(void **state) {
    (void)state;
    struct bench *b = bench_new();
    uint8_t noise[256];
    uint32_t random = 1;
    for (unsigned round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof noise; i++) {
            random = random * 1664525 + 1013904223;
            noise[i] = (uint8_t)(random >> 24);
        }
        noise[0] = (uint8_t)(round % 2 ? 0x45 : 0x60);
        feed(b, link_cases[round % LINK_CASES].link_type, noise, random >> 24, random >> 24);
    }
    bench_free(b);
}

/* Decodes an Ethernet frame the short way and, behind a PPP header in place of its own, the long
 * way. Both must say the same, but for the MAC addresses. */
static void check_ways_agree(struct bench *shorter, struct bench *longer, const uint8_t *frame,
                             size_t captured, size_t wire) {
    uint8_t ppp[128] = {[12] = 0x00, [13] = 0x21};
    memcpy(&ppp[14], &frame[14], captured - 14);
    bool found = bench_feed(shorter, SBL_LINKTYPE_ETHERNET, frame, captured, wire);
    assert_int_equal(bench_feed(longer, SBL_LINKTYPE_PPP, &ppp[12], captured - 12, wire - 12),
                     found);
    assert_int_equal(bench_oddities(shorter), bench_oddities(longer));
    assert_int_equal(shorter->stats.cut_frames, longer->stats.cut_frames);
    assert_int_equal(shorter->stats.not_tcp, longer->stats.not_tcp);
    if (!found || shorter->segment.is_datagram)
        return;
    struct sbl_segment one = shorter->segment, other = longer->segment;
    assert_int_equal(one.payload - shorter->copy, other.payload - longer->copy + 12);
    assert_int_equal(one.ip - shorter->copy, other.ip - longer->copy + 12);
    assert_memory_equal(sbl_segment_from(&one).address, sbl_segment_from(&other).address, 16);
    assert_memory_equal(sbl_segment_to(&one).address, sbl_segment_to(&other).address, 16);
    assert_int_equal(one.from_port, other.from_port);
    assert_int_equal(one.to_port, other.to_port);
    assert_int_equal(one.payload_bytes, other.payload_bytes);
    assert_int_equal(one.cut_bytes, other.cut_bytes);
    assert_int_equal(one.seq, other.seq);
    assert_int_equal(one.ack, other.ack);
    assert_int_equal(one.tunnel_id, other.tunnel_id);
    assert_int_equal(one.tcp_flags, other.tcp_flags);
    assert_int_equal(one.ip_version, other.ip_version);
    assert_int_equal(one.ip_bytes, other.ip_bytes);
}

/* A frame cut everywhere, and with every byte of it replaced by every value. */
static void check_frame(const uint8_t *whole, size_t count) {
    struct bench *shorter = bench_new(), *longer = bench_new();
    uint8_t frame[100] = {0};
    size_t padded = count + 9;
    memcpy(frame, whole, count);
    for (size_t captured = 14; captured <= padded; captured++) {
        check_ways_agree(shorter, longer, frame, captured, padded);
        check_ways_agree(shorter, longer, frame, captured, captured);
    }
    for (size_t at = 14; at < count; at++) {
        uint8_t was = frame[at];
        for (unsigned value = 0; value < 256; value++) {
            frame[at] = (uint8_t)value;
            check_ways_agree(shorter, longer, frame, padded, padded);
            shorter->time_ns = longer->time_ns += 60000000000;
        }
        frame[at] = was;
    }
    bench_free(shorter);
    bench_free(longer);
}

static void the_short_way_and_the_long_way_agree(void **state) {
    (void)state;
    struct bench *b = bench_new();
    push_hello(&b->packet, 4, 1);
    push_ethernet(&b->packet, ETHERNET_IPV4, 1);
    check_frame(&b->packet.room[b->packet.at], packet_bytes(&b->packet));
    packet_clear(&b->packet);
    push(&b->packet, (const uint8_t *)"hello", 5);
    push_udp(&b->packet, 2048 + 88, 53); /* one bit away from a witness */
    push_ipv4(&b->packet, PROTOCOL_UDP, 1);
    push_ethernet(&b->packet, ETHERNET_IPV4, 1);
    check_frame(&b->packet.room[b->packet.at], packet_bytes(&b->packet));
    bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_link_layers_do_no_harm),
        cmocka_unit_test(wrong_tunnels_do_no_harm),
        cmocka_unit_test(wrong_fragments_do_no_harm),
        cmocka_unit_test(the_short_way_and_the_long_way_agree),
        cmocka_unit_test(any_bytes_under_any_link_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
