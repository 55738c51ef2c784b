/* The packet under a segment, for tests that make segments by hand: its MAC addresses and its IP
 * header, of which only what says who talks to whom is filled. */
#ifndef SMBLAME_TESTS_SEGMENT_ENDS_H
#define SMBLAME_TESTS_SEGMENT_ENDS_H

#include <string.h>

#include <smblame/segment.h>

struct packet_ends {
    uint8_t macs[12];
    uint8_t ip[40];
};

/* Makes `ends` what the segment points to. Of an address as many bytes count as the segment's
 * version of IP has. */
static inline void segment_set_ends(struct sbl_segment *segment, struct packet_ends *ends,
                                    const struct sbl_endpoint *from,
                                    const struct sbl_endpoint *to) {
    size_t size = segment->ip_version == 6 ? 16 : 4, at = segment->ip_version == 6 ? 8 : 12;
    *ends = (struct packet_ends){{0}, {0}};
    ends->ip[0] = segment->ip_version == 6 ? 0x60 : 0x45;
    memcpy(&ends->ip[at], from->address, size);
    memcpy(&ends->ip[at + size], to->address, size);
    memcpy(&ends->macs[0], to->mac, 6);
    memcpy(&ends->macs[6], from->mac, 6);
    segment->ip = ends->ip;
    segment->macs = ends->macs;
    segment->from_port = from->port;
    segment->to_port = to->port;
}

#endif
