/* A TCP segment with everything below it taken off: what decode hands to stream. Small,
 * for there is one for every packet: addresses stay in the packet until somebody asks. They are the
 * innermost ones of a tunnel. Pointers are borrowed from the frame, or from decode's fragment
 * store, and valid until the batch is done. */
#ifndef SMBLAME_SEGMENT_H
#define SMBLAME_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <smblame/frame.h>

enum sbl_tcp_flags {
    SBL_TCP_FIN = 0x01,
    SBL_TCP_SYN = 0x02,
    SBL_TCP_RST = 0x04,
    SBL_TCP_PSH = 0x08,
    SBL_TCP_ACK = 0x10,
    SBL_TCP_URG = 0x20,
};

/* One side of a conversation. IPv4 fills the first 4 bytes of `address`, the rest is 0. */
struct sbl_endpoint {
    uint8_t address[16];
    uint8_t mac[6];
    uint16_t port;
};

struct sbl_segment {
    const struct sbl_frame *frame;
    uint64_t ordinal; /* of its frame in the whole capture, over all inputs, from 1; decode leaves
                         it to who counts the frames */
    const uint8_t *payload;
    const uint8_t *ip;      /* innermost IP header, at least 20 bytes of IPv4 or 40 of IPv6 */
    const uint8_t *macs;    /* destination and source, 6 bytes each; NULL: there are none */
    uint32_t payload_bytes; /* captured */
    uint32_t cut_bytes;     /* of the payload, beyond payload_bytes, that the snap length cut off */
    uint32_t ip_bytes;      /* captured, from ip to the end of the packet */
    uint32_t seq, ack;
    uint32_t tunnel_id; /* VXLAN and GENEVE network identifier + 1; 0 = none. Keys the flow */
    uint16_t from_port, to_port;
    uint8_t tcp_flags;
    uint8_t ip_version; /* 4 or 6 */
    bool is_datagram;   /* UDP on a port that witnesses are heard on: no TCP fields hold */
};

/* The address of an end as an endpoint has it: 16 bytes, of which IPv4 fills 4. */
static inline void sbl_segment_address(const struct sbl_segment *segment, bool is_sender,
                                       uint8_t address[16]) {
    if (segment->ip_version == 6) {
        memcpy(address, segment->ip + (is_sender ? 8 : 24), 16);
        return;
    }
    memset(address, 0, 16);
    memcpy(address, segment->ip + (is_sender ? 12 : 16), 4);
}

/* One end of a segment, gathered from the packet. */
static inline struct sbl_endpoint sbl_segment_end(const struct sbl_segment *segment,
                                                  bool is_sender) {
    struct sbl_endpoint end = {.port = is_sender ? segment->from_port : segment->to_port};
    sbl_segment_address(segment, is_sender, end.address);
    if (segment->macs)
        memcpy(end.mac, segment->macs + (is_sender ? 6 : 0), sizeof end.mac);
    return end;
}

static inline struct sbl_endpoint sbl_segment_from(const struct sbl_segment *segment) {
    return sbl_segment_end(segment, true);
}

static inline struct sbl_endpoint sbl_segment_to(const struct sbl_segment *segment) {
    return sbl_segment_end(segment, false);
}

#endif
