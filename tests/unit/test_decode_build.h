/* Frames built by hand, from the inside out: each push puts a header in front of what is there.
 * And the bench that decodes them, from a copy of exactly their size so that the sanitizer sees the
 * first byte too many. */
#ifndef SMBLAME_TESTS_TEST_DECODE_BUILD_H
#define SMBLAME_TESTS_TEST_DECODE_BUILD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode/decode.h"

enum {
    PACKET_ROOM = 80000,
    CLIENT_PORT = 49152,
    SERVER_PORT = 445,
    ACKNOWLEDGEMENT = 0x01020304,
    ETHERNET_IPV4 = 0x0800,
    ETHERNET_IPV6 = 0x86DD,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
};

static const uint32_t SEQUENCE = 0x81828384;
static const char hello[] = "hello, world";

struct packet {
    uint8_t room[PACKET_ROOM];
    size_t at; /* first byte used */
};

static inline size_t packet_bytes(const struct packet *p) {
    return PACKET_ROOM - p->at;
}

static inline void packet_clear(struct packet *p) {
    p->at = PACKET_ROOM;
}

static inline uint8_t *push(struct packet *p, const void *bytes, size_t count) {
    assert_true(count <= p->at);
    p->at -= count;
    if (count > 0)
        memcpy(&p->room[p->at], bytes, count);
    return &p->room[p->at];
}

static inline void put16(uint8_t *at, size_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, size_t value) {
    put16(&at[0], value >> 16);
    put16(&at[2], value);
}

static inline void push_tcp(struct packet *p, const void *payload, size_t count) {
    uint8_t tcp[20] = {[12] = 0x50, [13] = SBL_TCP_ACK | SBL_TCP_PSH, [14] = 0xFF};
    put16(&tcp[0], CLIENT_PORT);
    put16(&tcp[2], SERVER_PORT);
    put32(&tcp[4], SEQUENCE);
    put32(&tcp[8], ACKNOWLEDGEMENT);
    push(p, payload, count);
    push(p, tcp, sizeof tcp);
}

static inline void push_udp(struct packet *p, uint16_t from, uint16_t to) {
    uint8_t udp[8] = {0};
    put16(&udp[0], from);
    put16(&udp[2], to);
    put16(&udp[4], packet_bytes(p) + sizeof udp);
    push(p, udp, sizeof udp);
}

/* From 10.0.`net`.1 to 10.0.`net`.2. */
static inline uint8_t *push_ipv4(struct packet *p, uint8_t protocol, uint8_t net) {
    uint8_t ip[20] = {[0] = 0x45, [8] = 64, [9] = protocol};
    const uint8_t addresses[8] = {10, 0, net, 1, 10, 0, net, 2};
    memcpy(&ip[12], addresses, sizeof addresses);
    put16(&ip[2], packet_bytes(p) + sizeof ip);
    return push(p, ip, sizeof ip);
}

/* From fd00::`net`:1 to fd00::`net`:2. */
static inline uint8_t *push_ipv6(struct packet *p, uint8_t next, uint8_t net) {
    uint8_t ip[40] = {[0] = 0x60, [6] = next, [7] = 64, [8] = 0xFD, [24] = 0xFD};
    ip[21] = ip[37] = net;
    ip[23] = 1;
    ip[39] = 2;
    put16(&ip[4], packet_bytes(p));
    return push(p, ip, sizeof ip);
}

/* From 02:00:00:00:`net`:01 to 02:00:00:00:`net`:02. */
static inline void push_ethernet(struct packet *p, uint16_t type, uint8_t net) {
    uint8_t header[14] = {2, 0, 0, 0, net, 2, 2, 0, 0, 0, net, 1};
    put16(&header[12], type);
    push(p, header, sizeof header);
}

/* The plain inner packet of most tests. */
static inline void push_hello(struct packet *p, unsigned ip_version, uint8_t net) {
    push_tcp(p, hello, sizeof hello);
    if (ip_version == 4)
        push_ipv4(p, PROTOCOL_TCP, net);
    else
        push_ipv6(p, PROTOCOL_TCP, net);
}

struct bench {
    struct decoder *decoder;
    struct sbl_stats stats;
    struct sbl_frame frame;
    struct sbl_segment segment;
    uint8_t *copy;
    struct packet packet;
    int64_t time_ns;
};

static inline struct bench *bench_new(void) {
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    assert_int_equal(decoder_new(&b->decoder, &b->stats, NULL), 0);
    packet_clear(&b->packet);
    return b;
}

static inline void bench_free(struct bench *b) {
    decoder_free(b->decoder);
    free(b->copy);
    free(b);
}

/* Decodes `captured` bytes of a frame that had `wire` bytes. */
static inline bool bench_feed(struct bench *b, uint16_t link_type, const uint8_t *bytes,
                              size_t captured, size_t wire) {
    free(b->copy);
    b->copy = malloc(captured ? captured : 1);
    assert_non_null(b->copy);
    if (captured > 0)
        memcpy(b->copy, bytes, captured);
    b->frame = (struct sbl_frame){.bytes = b->copy,
                                  .captured_bytes = (uint32_t)captured,
                                  .wire_bytes = (uint32_t)wire,
                                  .time_ns = b->time_ns,
                                  .number = b->frame.number + 1,
                                  .link_type = link_type};
    memset(&b->segment, 0xA5, sizeof b->segment);
    return decode_frame(b->decoder, &b->frame, &b->segment);
}

/* Decodes the packet that was built, whole, and clears it. */
static inline bool bench_decode(struct bench *b, uint16_t link_type) {
    size_t count = packet_bytes(&b->packet);
    bool found = bench_feed(b, link_type, &b->packet.room[b->packet.at], count, count);
    packet_clear(&b->packet);
    return found;
}

static inline uint64_t bench_oddities(const struct bench *b) {
    uint64_t sum = 0;
    for (int i = 0; i < SBL_ODDITY_COUNT; i++)
        sum += b->stats.oddities_below[i];
    return sum;
}

/* That the segment is the plain inner packet. */
static inline void check_hello(const struct bench *b, unsigned ip_version, uint8_t net) {
    const struct sbl_segment *s = &b->segment;
    uint8_t from[16] = {10, 0, net, 1}, to[16] = {10, 0, net, 2};
    if (ip_version == 6) {
        memset(from, 0, sizeof from);
        from[0] = 0xFD;
        from[13] = net;
        memcpy(to, from, sizeof to);
        from[15] = 1;
        to[15] = 2;
    }
    assert_ptr_equal(s->frame, &b->frame);
    assert_int_equal(s->ip_version, ip_version);
    assert_memory_equal(sbl_segment_from(s).address, from, sizeof from);
    assert_memory_equal(sbl_segment_to(s).address, to, sizeof to);
    assert_int_equal(s->from_port, CLIENT_PORT);
    assert_int_equal(s->to_port, SERVER_PORT);
    assert_int_equal(s->seq, SEQUENCE);
    assert_int_equal(s->ack, ACKNOWLEDGEMENT);
    assert_int_equal(s->tcp_flags, SBL_TCP_ACK | SBL_TCP_PSH);
    assert_int_equal(s->cut_bytes, 0);
    assert_int_equal(s->payload_bytes, sizeof hello);
    assert_memory_equal(s->payload, hello, sizeof hello);
    assert_int_equal(s->ip[0] >> 4, ip_version);
    assert_int_equal(s->ip_bytes, (ip_version == 4 ? 20u : 40u) + 20 + sizeof hello);
}

#endif
