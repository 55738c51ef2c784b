/* The short way for the plain frame: Ethernet II, IPv4 without options, TCP or UDP, all of it
 * captured. Nine frames of ten are that, and one look at 54 bytes is three times as fast as the
 * walk. Whatever is not exactly that goes the long way, which gives the same answer: a test holds
 * them together. */
#include "decode/layer.h"

enum {
    PLAIN_TCP_BYTES = 14 + 20 + 20,
    PLAIN_UDP_BYTES = 14 + 20 + 8,
    IP_AT = 14,
    TRANSPORT_AT = 34,
};

/* Words of the headers as they lie in the frame, read with the first byte lowest: EtherType,
 * version and header length; then fragment bits, TTL (masked) and protocol. */
static const uint32_t IPV4_MASK = 0x00FFFFFF, IPV4_PLAIN = 0x00450008;
static const uint32_t WHOLE_MASK = 0xFF00FF3F, WHOLE_TCP = 0x06000000, WHOLE_UDP = 0x11000000;

/* A datagram between ports of no tunnel and no witness is done with here. */
static enum plain udp(const uint8_t *b, size_t size) {
    size_t ip_bytes = layer_be16(&b[IP_AT + 2]);
    if (ip_bytes > size - IP_AT || ip_bytes < PLAIN_UDP_BYTES - IP_AT)
        return PLAIN_NOT;
    uint16_t from = layer_be16(&b[TRANSPORT_AT]), to = layer_be16(&b[TRANSPORT_AT + 2]);
    return layer_is_udp_wanted(from) || layer_is_udp_wanted(to) ? PLAIN_NOT : PLAIN_NOTHING;
}

enum plain plain_decode(const struct sbl_frame *frame, struct sbl_segment *s) {
    const uint8_t *b = frame->bytes;
    size_t size = frame->captured_bytes;
    if (!b || size < PLAIN_UDP_BYTES || (sbl_block_le32(b, 12) & IPV4_MASK) != IPV4_PLAIN)
        return PLAIN_NOT;
    uint32_t whole = sbl_block_le32(b, IP_AT + 6) & WHOLE_MASK;
    if (whole == WHOLE_UDP)
        return udp(b, size);
    if (whole != WHOLE_TCP || size < PLAIN_TCP_BYTES)
        return PLAIN_NOT;
    size_t ip_bytes = layer_be16(&b[IP_AT + 2]), tcp_bytes = b[TRANSPORT_AT + 12] / 16u * 4u;
    if (ip_bytes > size - IP_AT || tcp_bytes < 20 || 20 + tcp_bytes > ip_bytes)
        return PLAIN_NOT;
    s->frame = frame;
    s->payload = &b[TRANSPORT_AT + tcp_bytes];
    s->ip = &b[IP_AT];
    s->macs = b;
    s->payload_bytes = (uint32_t)(ip_bytes - 20 - tcp_bytes);
    s->cut_bytes = 0;
    s->ip_bytes = (uint32_t)ip_bytes;
    s->seq = layer_be32(&b[TRANSPORT_AT + 4]);
    s->ack = layer_be32(&b[TRANSPORT_AT + 8]);
    s->tunnel_id = 0;
    s->from_port = layer_be16(&b[TRANSPORT_AT]);
    s->to_port = layer_be16(&b[TRANSPORT_AT + 2]);
    s->tcp_flags = b[TRANSPORT_AT + 13];
    s->ip_version = 4;
    s->is_datagram = false;
    return PLAIN_SEGMENT;
}
