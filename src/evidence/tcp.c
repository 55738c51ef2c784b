/* RFC 9293 3.1: the ones' complement sum over a pseudo header of addresses, protocol and length,
 * the TCP header and its payload. Only of segments that were captured whole, right behind an IP
 * header without extensions. */
#include "evidence/tcp.h"

#include "base/bytes.h"

enum {
    IPV4_BYTES = 20,
    IPV6_BYTES = 40,
    TCP_BYTES = 20,
    TCP_SUM_AT = 16,
    PROTOCOL_TCP = 6,
};

static uint32_t add(uint32_t sum, const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i + 1 < count; i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    return count % 2 ? sum + ((uint32_t)bytes[count - 1] << 8) : sum;
}

/* The sum over all of it but the checksum itself, folded. A segment has at most 64 KiB. */
static uint16_t sum_of(const struct kept *kept, const uint8_t *bytes) {
    bool is_ipv6 = (kept->flags & KEPT_IS_IPV6) != 0;
    uint32_t length = kept->payload_at + kept->payload_bytes - kept->tcp_at;
    const uint8_t *tcp = &bytes[kept->tcp_at];
    uint32_t sum =
        is_ipv6 ? add(0, &bytes[kept->ip_at + 8], 32) : add(0, &bytes[kept->ip_at + 12], 8);
    sum += PROTOCOL_TCP + (length >> 16) + (length & 0xFFFF);
    sum = add(sum, tcp, TCP_SUM_AT);
    sum = add(sum, &tcp[TCP_SUM_AT + 2], length - TCP_SUM_AT - 2);
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

/* What a reader of another process's memory believes only when it fits. */
static bool is_sound(const struct kept *kept) {
    uint32_t ip_bytes = kept->flags & KEPT_IS_IPV6 ? IPV6_BYTES : IPV4_BYTES;
    return kept->captured_bytes <= SBL_MAX_FRAME_BYTES &&
           kept->payload_at <= kept->captured_bytes &&
           kept->payload_bytes <= kept->captured_bytes - kept->payload_at &&
           kept->payload_bytes <= UINT16_MAX && kept->tcp_at <= kept->payload_at &&
           kept->payload_at - kept->tcp_at >= TCP_BYTES && kept->ip_at <= kept->tcp_at &&
           kept->tcp_at - kept->ip_at >= ip_bytes;
}

void tcp_note(struct kept *kept, const struct sbl_segment *segment) {
    const struct sbl_frame *frame = segment->frame;
    size_t ip_at = (size_t)(segment->ip - frame->bytes);
    if (segment->ip < frame->bytes || ip_at >= frame->captured_bytes || segment->cut_bytes > 0)
        return;
    bool is_ipv6 = segment->ip_version == 6;
    bool is_plain = !is_ipv6 || segment->ip[6] == PROTOCOL_TCP;
    kept->ip_at = (uint32_t)ip_at;
    kept->tcp_at = kept->ip_at + (is_ipv6 ? IPV6_BYTES : 4 * (segment->ip[0] & 0x0Fu));
    kept->flags |= is_ipv6 ? KEPT_IS_IPV6 : 0;
    if (!is_plain || !is_sound(kept))
        return;
    const uint8_t *tcp = &frame->bytes[kept->tcp_at];
    if (kept->tcp_at + 4u * (tcp[12] >> 4) != kept->payload_at)
        return;
    kept->flags |= KEPT_HAS_TCP_AT;
    if (sum_of(kept, frame->bytes) == (tcp[TCP_SUM_AT] << 8 | tcp[TCP_SUM_AT + 1]))
        kept->flags |= KEPT_SUM_WAS_RIGHT;
}

void tcp_mend(const struct kept *kept, uint8_t *bytes) {
    uint16_t wanted = KEPT_HAS_TCP_AT | KEPT_SUM_WAS_RIGHT;
    if ((kept->flags & wanted) == wanted && is_sound(kept))
        (void)bytes_put_be(&bytes[kept->tcp_at + TCP_SUM_AT], sum_of(kept, bytes), 2);
}
