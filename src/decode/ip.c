/* IPv4 (RFC 791), IPv6 and its extension headers (RFC 8200, 4302), UDP as far as its ports, and the
 * TCP header (RFC 9293). The IP length says where the packet ends: padding of short Ethernet frames
 * lies behind it, and what it promises beyond the captured bytes was cut off. */
#include "decode/layer.h"

enum {
    IPV4_HEADER_BYTES = 20,
    IPV6_HEADER_BYTES = 40,
    IPV4_FRAGMENT_BITS = 0x3FFF, /* more fragments, or an offset */
    IPV4_MORE_FRAGMENTS = 0x2000,
    TCP_HEADER_BYTES = 20,
    UDP_HEADER_BYTES = 8,
};

/* What follows an IP protocol number or next header. */
static enum layer layer_of_ip_protocol(uint8_t protocol) {
    static const uint8_t layers[256] = {
        [0] = LAYER_EXTENSION, /* hop-by-hop options */
        [4] = LAYER_IPV4_IN_IP,  [6] = LAYER_TCP,         [17] = LAYER_UDP,
        [41] = LAYER_IPV6_IN_IP, [43] = LAYER_EXTENSION, /* routing */
        [44] = LAYER_FRAGMENT,   [47] = LAYER_GRE,        [51] = LAYER_AUTHENTICATION,
        [60] = LAYER_EXTENSION,                           /* destination options */
        [135] = LAYER_EXTENSION,                          /* mobility */
        [137] = LAYER_MPLS,      [139] = LAYER_EXTENSION, /* host identity */
        [140] = LAYER_EXTENSION,                          /* shim6 */
    };
    return (enum layer)layers[protocol];
}

/* Ends the cursor `bytes` behind `start`, as a length field says, and works out what is cut. A
 * length that the wire itself did not hold is odd, and taken for what it says all the same. */
static void trim(struct walk *w, size_t start, size_t bytes) {
    size_t captured = w->cursor.size - start;
    if (bytes <= captured) {
        w->cursor.size = start + bytes;
        w->cut = 0;
        return;
    }
    if (bytes - captured > w->cut)
        w->stats->oddities_below[SBL_ODDITY_BAD_LENGTH]++;
    w->cut = bytes - captured;
}

/* Hands the rest of the packet to the fragment store; goes on when the datagram is whole. */
static enum layer fragment_add(struct walk *w, struct fragment *f) {
    size_t captured = sbl_cursor_left(&w->cursor);
    f->ip = w->ip;
    f->captured_bytes = captured;
    f->wire_bytes = captured + w->cut;
    f->bytes = sbl_cursor_take(&w->cursor, captured);
    f->time_ns = w->frame->time_ns;
    f->tunnel_id = w->tunnel_id;
    if (f->has_more && (f->wire_bytes % 8 != 0 || f->wire_bytes == 0)) {
        w->stats->fragments++;
        w->stats->fragments_lost++;
        return walk_odd(w, SBL_ODDITY_BAD_HEADER);
    }
    struct datagram_whole whole;
    if (!fragments_add(w->fragments, f, &whole))
        return LAYER_WAIT;
    w->cursor = sbl_cursor_of(whole.ip, whole.header_bytes + whole.payload_bytes);
    sbl_cursor_skip(&w->cursor, whole.header_bytes);
    w->cut = whole.cut_bytes;
    w->ip = whole.ip;
    w->ip_at = 0;
    return layer_of_ip_protocol(whole.protocol);
}

/* 0 version and header length, 2 total length, 4 identification, 6 flags and offset, 9 protocol, 12
 * source, 16 destination, 20 options. Total length 0 is segmentation offload: all there is. */
enum layer layer_ipv4(struct walk *w) {
    struct sbl_cursor *c = &w->cursor;
    size_t start = c->at;
    const uint8_t *ip = sbl_cursor_take(c, IPV4_HEADER_BYTES);
    if (!ip)
        return LAYER_ODD;
    size_t header_bytes = (size_t)(ip[0] & 15) * 4;
    size_t bytes = layer_be16(&ip[2]);
    if (bytes == 0)
        bytes = c->size - start + w->cut;
    if (ip[0] >> 4 != 4 || header_bytes < IPV4_HEADER_BYTES || bytes < header_bytes)
        return walk_odd(w, SBL_ODDITY_BAD_HEADER);
    trim(w, start, bytes);
    sbl_cursor_skip(c, header_bytes - IPV4_HEADER_BYTES);
    w->ip = ip;
    w->ip_at = start;
    uint16_t fragment_bits = layer_be16(&ip[6]);
    if ((fragment_bits & IPV4_FRAGMENT_BITS) == 0)
        return layer_of_ip_protocol(ip[9]);
    if (c->spoiled)
        return LAYER_ODD;
    struct fragment f = {.id = layer_be16(&ip[4]),
                         .offset = (uint16_t)(fragment_bits << 3),
                         .protocol = ip[9],
                         .has_more = (fragment_bits & IPV4_MORE_FRAGMENTS) != 0};
    return fragment_add(w, &f);
}

/* 0 version, 4 payload length, 6 next header, 8 source, 24 destination. Payload length 0 is a
 * jumbogram or segmentation offload: all there is. */
enum layer layer_ipv6(struct walk *w) {
    struct sbl_cursor *c = &w->cursor;
    size_t start = c->at;
    const uint8_t *ip = sbl_cursor_take(c, IPV6_HEADER_BYTES);
    if (!ip)
        return LAYER_ODD;
    if (ip[0] >> 4 != 6)
        return walk_odd(w, SBL_ODDITY_BAD_HEADER);
    size_t bytes = layer_be16(&ip[4]);
    trim(w, start, bytes ? IPV6_HEADER_BYTES + bytes : c->size - start + w->cut);
    w->ip = ip;
    w->ip_at = start;
    return layer_of_ip_protocol(ip[6]);
}

/* 0 next header, 1 length in 8 bytes without the first 8. */
enum layer layer_extension(struct walk *w) {
    uint8_t next = sbl_cursor_u8(&w->cursor);
    sbl_cursor_skip(&w->cursor, sbl_cursor_u8(&w->cursor) * 8u + 6u);
    return layer_of_ip_protocol(next);
}

/* 0 next header, 1 length in 4 bytes without the first 8. */
enum layer layer_authentication(struct walk *w) {
    uint8_t next = sbl_cursor_u8(&w->cursor);
    sbl_cursor_skip(&w->cursor, sbl_cursor_u8(&w->cursor) * 4u + 6u);
    return layer_of_ip_protocol(next);
}

/* 0 next header, 2 offset (upper 13 bits) and more (lowest), 4 identification. A fragment that is
 * the whole datagram needs no others (RFC 6946). */
enum layer layer_fragment(struct walk *w) {
    const uint8_t *header = sbl_cursor_take(&w->cursor, 8);
    if (!header)
        return LAYER_ODD;
    if (w->ip[0] >> 4 != 6)
        return LAYER_NONE;
    uint16_t offset = layer_be16(&header[2]);
    if ((offset & 0xFFF9) == 0)
        return layer_of_ip_protocol(header[0]);
    struct fragment f = {.id = layer_be32(&header[4]),
                         .offset = offset & 0xFFF8,
                         .protocol = header[0],
                         .has_more = (offset & 1) != 0};
    return fragment_add(w, &f);
}

static void fill_network(const struct walk *w, struct sbl_segment *s) {
    s->ip_version = w->ip[0] >> 4;
    s->ip = w->ip;
    s->ip_bytes = (uint32_t)(w->cursor.size - w->ip_at);
    s->tunnel_id = w->tunnel_id;
    s->macs = w->macs;
}

/* Ports of UDP that witnesses are heard on: Kerberos, the NetBIOS name service, LDAP. */
static bool is_heard(uint16_t port) {
    return port == 88 || port == 137 || port == 389;
}

bool layer_is_udp_wanted(uint16_t port) {
    return is_heard(port) || layer_of_udp_ports(port, port) != LAYER_NONE;
}

/* The datagram as a segment; no field of TCP holds. */
static enum layer hear(struct walk *w, const uint8_t *udp) {
    struct sbl_segment *s = w->segment;
    struct sbl_cursor *c = &w->cursor;
    size_t left = sbl_cursor_left(c), bytes = layer_be16(&udp[4]);
    if (bytes < UDP_HEADER_BYTES || bytes - UDP_HEADER_BYTES > left + w->cut)
        bytes = left + w->cut; /* a length that cannot be: all there is */
    else
        bytes -= UDP_HEADER_BYTES;
    fill_network(w, s);
    s->frame = w->frame;
    s->from_port = layer_be16(&udp[0]);
    s->to_port = layer_be16(&udp[2]);
    s->seq = s->ack = 0;
    s->tcp_flags = 0;
    s->is_datagram = true;
    s->payload_bytes = (uint32_t)(bytes < left ? bytes : left);
    s->cut_bytes = (uint32_t)(bytes - s->payload_bytes);
    s->payload = sbl_cursor_take(c, s->payload_bytes);
    return LAYER_HEARD;
}

/* 0 source port, 2 destination port, 4 length, 6 checksum. */
enum layer layer_udp(struct walk *w) {
    const uint8_t *udp = sbl_cursor_take(&w->cursor, UDP_HEADER_BYTES);
    if (!udp)
        return LAYER_ODD;
    uint16_t from = layer_be16(&udp[0]), to = layer_be16(&udp[2]);
    enum layer tunnel = layer_of_udp_ports(from, to);
    if (tunnel == LAYER_NONE && (is_heard(from) || is_heard(to)))
        return hear(w, udp);
    return tunnel;
}

/* 0 source port, 2 destination port, 4 sequence, 8 acknowledgement, 12 header length, 13 flags, 20
 * options. */
enum layer layer_tcp(struct walk *w) {
    struct sbl_cursor *c = &w->cursor;
    const uint8_t *tcp = sbl_cursor_take(c, TCP_HEADER_BYTES);
    if (!tcp)
        return LAYER_ODD;
    size_t header_bytes = (size_t)(tcp[12] >> 4) * 4, left = sbl_cursor_left(c);
    if (header_bytes < TCP_HEADER_BYTES || header_bytes - TCP_HEADER_BYTES > left + w->cut)
        return walk_odd(w, SBL_ODDITY_BAD_HEADER);
    size_t option_bytes = header_bytes - TCP_HEADER_BYTES;
    size_t captured_options = option_bytes < left ? option_bytes : left;
    sbl_cursor_skip(c, captured_options);
    struct sbl_segment *s = w->segment;
    fill_network(w, s);
    s->frame = w->frame;
    s->from_port = layer_be16(&tcp[0]);
    s->to_port = layer_be16(&tcp[2]);
    s->seq = layer_be32(&tcp[4]);
    s->ack = layer_be32(&tcp[8]);
    s->tcp_flags = tcp[13];
    s->is_datagram = false;
    s->payload_bytes = (uint32_t)(left - captured_options);
    s->cut_bytes = (uint32_t)(w->cut - (option_bytes - captured_options));
    s->payload = sbl_cursor_take(c, s->payload_bytes);
    return LAYER_DONE;
}
