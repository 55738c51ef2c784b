/* The walk through the layers of a frame. Each layer is a function that takes its header off the
 * cursor and names the layer that follows; a loop calls one after the other, so nothing recurses
 * over what a stranger sent. Private to the decode room. */
#ifndef SMBLAME_DECODE_LAYER_H
#define SMBLAME_DECODE_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/cursor.h>
#include <smblame/frame.h>
#include <smblame/oddity.h>
#include <smblame/segment.h>
#include <smblame/stats.h>

#include "decode/fragment.h"

/* Word and function of every layer. Those that count as encapsulation stand behind the others, so
 * that the loop asks one question about them. */
#define LAYERS_PLAIN(X)                                                                            \
    X(ETHERNET, layer_ethernet)                                                                    \
    X(LLC, layer_llc)                                                                              \
    X(LINUX_SLL, layer_linux_sll)                                                                  \
    X(LINUX_SLL2, layer_linux_sll2)                                                                \
    X(NULL_LOOP, layer_null_loop)                                                                  \
    X(NFLOG, layer_nflog)                                                                          \
    X(TOKEN_RING, layer_token_ring)                                                                \
    X(FDDI, layer_fddi)                                                                            \
    X(PPP, layer_ppp)                                                                              \
    X(RAW_IP, layer_raw_ip)                                                                        \
    X(IPV4, layer_ipv4)                                                                            \
    X(IPV6, layer_ipv6)                                                                            \
    X(EXTENSION, layer_extension)                                                                  \
    X(FRAGMENT, layer_fragment)                                                                    \
    X(AUTHENTICATION, layer_authentication)                                                        \
    X(UDP, layer_udp)                                                                              \
    X(TCP, layer_tcp)                                                                              \
    X(GRE_ETHERNET, layer_ethernet)                                                                \
    X(ERSPAN, layer_erspan)                                                                        \
    X(ERSPAN3, layer_erspan3)                                                                      \
    X(WCCP, layer_wccp)                                                                            \
    X(MPLS_LABEL, layer_mpls)                                                                      \
    X(GTPU_EXTENSION, layer_gtpu_extension)

/* Tags and session headers: encapsulation, bounded in depth. */
#define LAYERS_TAG(X)                                                                              \
    X(VLAN, layer_vlan)                                                                            \
    X(PPPOE, layer_pppoe)

/* Tunnels: encapsulation as well, and counted. */
#define LAYERS_TUNNEL(X)                                                                           \
    X(IPV4_IN_IP, layer_ipv4)                                                                      \
    X(IPV6_IN_IP, layer_ipv6)                                                                      \
    X(GRE, layer_gre)                                                                              \
    X(MPLS, layer_mpls)                                                                            \
    X(VXLAN, layer_vxlan)                                                                          \
    X(GENEVE, layer_geneve)                                                                        \
    X(GTPU, layer_gtpu)                                                                            \
    X(TEREDO, layer_teredo)

#define LAYERS(X) LAYERS_PLAIN(X) LAYERS_TAG(X) LAYERS_TUNNEL(X)

enum layer {
    LAYER_NONE,  /* nothing of ours follows: ARP, ICMP, an encrypted tunnel */
    LAYER_DONE,  /* the segment is filled */
    LAYER_HEARD, /* the segment is filled, with a datagram */
    LAYER_WAIT,  /* a fragment whose datagram is not complete */
    LAYER_ODD,   /* a header that cannot be; counted already */
#define LAYER_ENUM(name, function) LAYER_##name,
    LAYERS(LAYER_ENUM)
#undef LAYER_ENUM
        LAYER_COUNT,
    LAYER_FIRST = LAYER_ETHERNET,
    LAYER_FIRST_TAG = LAYER_VLAN,
    LAYER_FIRST_TUNNEL = LAYER_IPV4_IN_IP
};

enum { LAYER_STEPS_MAX = 64 /* headers of any kind in one frame, labels and extensions too */ };

/* Where a walk stands. The cursor ends where the innermost length field says, or where the captured
 * bytes do; `cut` bytes more were on the wire. */
struct walk {
    struct sbl_cursor cursor;
    size_t cut;
    const struct sbl_frame *frame;
    struct sbl_segment *segment;
    struct sbl_stats *stats;
    struct fragments *fragments;
    const uint8_t *macs; /* destination and source of the innermost Ethernet header, or NULL */
    const uint8_t *ip;   /* innermost IP header, NULL before there is one */
    size_t ip_at;        /* the cursor offset of it */
    uint32_t tunnel_id;
    uint8_t depth;     /* layers of encapsulation taken off */
    bool is_tunnelled; /* one of them was a tunnel */
    uint8_t extension; /* GTP-U: type of the extension header that follows */
};

#define LAYER_DECLARE(name, function) enum layer function(struct walk *w);
LAYERS(LAYER_DECLARE)
#undef LAYER_DECLARE

/* The whole walk in one step for a plain Ethernet frame: it is none (take the long way), the
 * segment is filled, or it carries a datagram that nobody wants. */
enum plain { PLAIN_NOT, PLAIN_SEGMENT, PLAIN_NOTHING };
enum plain plain_decode(const struct sbl_frame *frame, struct sbl_segment *segment);

/* What follows an EtherType; below 0x600 it is a length, and LLC follows. */
enum layer layer_of_ethertype(uint16_t type);
/* What a UDP datagram between two ports carries: a tunnel of ours or LAYER_NONE. */
enum layer layer_of_udp_ports(uint16_t from, uint16_t to);
/* Whether a UDP port is a tunnel's or a witness's: without one, a datagram is nothing. */
bool layer_is_udp_wanted(uint16_t port);

static inline uint16_t layer_be16(const uint8_t *p) {
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t layer_be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Counts an oddity and ends the walk. */
static inline enum layer walk_odd(struct walk *w, enum sbl_oddity oddity) {
    w->stats->oddities_below[oddity]++;
    return LAYER_ODD;
}

#endif
