/* Every link layer and every tunnel that decode knows, as data: the header bytes that stand in
 * front of the plain inner packet. */
#ifndef SMBLAME_TESTS_TEST_DECODE_CASES_H
#define SMBLAME_TESTS_TEST_DECODE_CASES_H

#include "test_decode_build.h"

#define HEADER(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})
#define NO_HEADER NULL, 0
#define MACS 2, 0, 0, 0, 9, 2, 2, 0, 0, 0, 9, 1

struct link_case {
    const char *name;
    uint16_t link_type;
    uint8_t ip_version;
    bool has_mac;
    const uint8_t *header;
    size_t header_bytes;
};

static const struct link_case link_cases[] = {
    {"Ethernet II", 1, 4, true, HEADER(MACS, 0x08, 0x00)},
    {"Ethernet II, IPv6", 1, 6, true, HEADER(MACS, 0x86, 0xDD)},
    {"802.1Q", 1, 4, true, HEADER(MACS, 0x81, 0x00, 0x20, 0x05, 0x08, 0x00)},
    {"802.1ad in 802.1Q", 1, 6, true, HEADER(MACS, 0x88, 0xA8, 0, 1, 0x81, 0x00, 0, 2, 0x86, 0xDD)},
    {"0x9100", 1, 4, true, HEADER(MACS, 0x91, 0x00, 0, 1, 0x81, 0x00, 0, 2, 0x08, 0x00)},
    {"802.3 LLC SNAP", 1, 4, true, HEADER(MACS, 0x00, 0x3C, 0xAA, 0xAA, 0x03, 0, 0, 0, 0x08, 0x00)},
    {"802.3 SNAP bridged", 1, 6, true,
     HEADER(MACS, 0x00, 0x50, 0xAA, 0xAA, 0x03, 0, 0, 0xF8, 0x86, 0xDD)},
    {"802.3 LLC IP", 1, 4, true, HEADER(MACS, 0x00, 0x3C, 0x06, 0x06, 0x03)},
    {"802.1Q LLC SNAP", 1, 4, true,
     HEADER(MACS, 0x81, 0x00, 0, 7, 0x00, 0x3C, 0xAA, 0xAA, 0x03, 0, 0, 0, 0x08, 0x00)},
    {"PPPoE", 1, 4, true, HEADER(MACS, 0x88, 0x64, 0x11, 0, 0, 9, 0, 0x36, 0x00, 0x21)},
    {"PPPoE, IPv6", 1, 6, true, HEADER(MACS, 0x88, 0x64, 0x11, 0, 0, 9, 0, 0x4A, 0x00, 0x57)},
    {"SLL", 113, 4, false, HEADER(0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 9, 1, 0, 0, 0x08, 0x00)},
    {"SLL 802.1Q", 113, 6, false,
     HEADER(0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 9, 1, 0, 0, 0x81, 0x00, 0, 5, 0x86, 0xDD)},
    {"SLL 802.2", 113, 4, false,
     HEADER(0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 9, 1, 0, 0, 0, 4, 0xAA, 0xAA, 3, 0, 0, 0, 8, 0)},
    {"SLL2", 276, 4, false,
     HEADER(0x08, 0x00, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 9, 1, 0, 0)},
    {"SLL2, IPv6", 276, 6, false,
     HEADER(0x86, 0xDD, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 9, 1, 0, 0)},
    {"raw", 101, 4, false, NO_HEADER},
    {"raw, IPv6", 101, 6, false, NO_HEADER},
    {"DLT_RAW 12", 12, 4, false, NO_HEADER},
    {"DLT_RAW 14", 14, 6, false, NO_HEADER},
    {"IPv4", 228, 4, false, NO_HEADER},
    {"IPv6", 229, 6, false, NO_HEADER},
    {"NULL, little", 0, 4, false, HEADER(2, 0, 0, 0)},
    {"NULL, big", 0, 4, false, HEADER(0, 0, 0, 2)},
    {"NULL, IPv6 of Windows", 0, 6, false, HEADER(23, 0, 0, 0)},
    {"NULL, IPv6 of OpenBSD", 0, 6, false, HEADER(0, 0, 0, 24)},
    {"NULL, IPv6 of FreeBSD", 0, 6, false, HEADER(28, 0, 0, 0)},
    {"NULL, IPv6 of macOS", 0, 6, false, HEADER(30, 0, 0, 0)},
    {"LOOP", 108, 4, false, HEADER(0, 0, 0, 2)},
    {"PPP", 9, 4, false, HEADER(0x00, 0x21)},
    {"PPP, address and control", 9, 6, false, HEADER(0xFF, 0x03, 0x00, 0x57)},
    {"PPP, compressed protocol", 9, 4, false, HEADER(0x21)},
    {"PPP in HDLC", 50, 4, false, HEADER(0xFF, 0x03, 0x00, 0x21)},
    {"PPP in HDLC, compressed", 50, 6, false, HEADER(0xFF, 0x03, 0x57)},
    {"Cisco HDLC", 50, 4, false, HEADER(0x0F, 0x00, 0x08, 0x00)},
    {"PPP_ETHER", 51, 4, false, HEADER(0x11, 0, 0, 9, 0, 0x36, 0x00, 0x21)},
    {"Token Ring", 6, 4, false, HEADER(0x10, 0x40, MACS, 0xAA, 0xAA, 3, 0, 0, 0, 0x08, 0x00)},
    {"Token Ring, routed", 6, 4, false,
     HEADER(0x10, 0x40, 2, 0, 0, 0, 9, 2, 0x82, 0, 0, 0, 9, 1, 0xC6, 0x30, 0, 1, 0, 2, 0xAA, 0xAA,
            3, 0, 0, 0, 0x08, 0x00)},
    {"FDDI", 10, 6, false, HEADER(0x50, MACS, 0xAA, 0xAA, 3, 0, 0, 0, 0x86, 0xDD)},
    {"NFLOG", 239, 4, false,
     HEADER(2, 0, 0, 0, 5, 0, 10, 0, 'x', 0, 0, 0, 8, 0, 5, 0, 0, 0, 0, 1, 56, 0, 9, 0)},
    {"NFLOG, big", 239, 6, false, HEADER(10, 0, 0, 0, 0, 8, 0, 5, 0, 0, 0, 1, 0, 76, 0, 9)},
};

/* How a tunnel header is carried. */
enum carrier { IN_IPV4, IN_IPV6, IN_UDP, IN_ETHERNET, IN_PPP };

struct tunnel_case {
    const char *name;
    enum carrier carrier;
    uint16_t number; /* IP protocol, UDP port, EtherType or PPP protocol */
    uint16_t inner;  /* 4, 6, or an EtherType: then an Ethernet header comes first */
    uint32_t tunnel_id;
    const uint8_t *header;
    size_t header_bytes;
};

static const struct tunnel_case tunnel_cases[] = {
    {"IPv4 in IPv4", IN_IPV4, 4, 4, 0, NO_HEADER},
    {"IPv6 in IPv4", IN_IPV4, 41, 6, 0, NO_HEADER},
    {"IPv4 in IPv6", IN_IPV6, 4, 4, 0, NO_HEADER},
    {"IPv6 in IPv6", IN_IPV6, 41, 6, 0, NO_HEADER},
    {"GRE", IN_IPV4, 47, 4, 0, HEADER(0, 0, 0x08, 0x00)},
    {"GRE in IPv6", IN_IPV6, 47, 6, 0, HEADER(0, 0, 0x86, 0xDD)},
    {"GRE, checksum, key and sequence", IN_IPV4, 47, 6, 0,
     HEADER(0xB0, 0, 0x86, 0xDD, 1, 2, 0, 0, 0, 0, 0, 7, 0, 0, 0, 9)},
    {"GRE, routes", IN_IPV4, 47, 4, 0,
     HEADER(0x40, 0, 0x08, 0x00, 0, 0, 0, 0, 0x08, 0x00, 0, 4, 10, 0, 0, 3, 0, 0, 0, 0)},
    {"GRE, Ethernet", IN_IPV4, 47, 0x0800, 0, HEADER(0x20, 0, 0x65, 0x58, 0, 0, 1, 2)},
    {"GRE, MPLS", IN_IPV4, 47, 4, 0, HEADER(0, 0, 0x88, 0x47, 0, 0x01, 0x01, 64)},
    {"GRE, WCCP 1", IN_IPV4, 47, 4, 0, HEADER(0, 0, 0x88, 0x3E)},
    {"GRE, WCCP 2", IN_IPV4, 47, 4, 0, HEADER(0, 0, 0x88, 0x3E, 1, 0x51, 0, 0)},
    {"PPTP", IN_IPV4, 47, 4, 0,
     HEADER(0x30, 0x01, 0x88, 0x0B, 0, 0x38, 0, 1, 0, 0, 0, 5, 0xFF, 0x03, 0x00, 0x21)},
    {"PPTP, acknowledging", IN_IPV4, 47, 4, 0,
     HEADER(0x30, 0x81, 0x88, 0x0B, 0, 0x35, 0, 1, 0, 0, 0, 5, 0, 0, 0, 4, 0x21)},
    {"ERSPAN I", IN_IPV4, 47, 0x0800, 0, HEADER(0, 0, 0x88, 0xBE)},
    {"ERSPAN II", IN_IPV4, 47, 0x86DD, 0,
     HEADER(0x10, 0, 0x88, 0xBE, 0, 0, 0, 1, 0x10, 0x05, 0, 1, 0, 0, 0, 0)},
    {"ERSPAN III", IN_IPV4, 47, 0x0800, 0,
     HEADER(0x10, 0, 0x22, 0xEB, 0, 0, 0, 1, 0x20, 5, 0, 1, 1, 2, 3, 4, 0, 0, 0, 0)},
    {"ERSPAN III, platform", IN_IPV4, 47, 0x0800, 0,
     HEADER(0x10, 0, 0x22, 0xEB, 0, 0, 0, 1, 0x20, 5, 0, 1, 1, 2, 3, 4, 0, 0, 0, 1, 4, 0, 0, 0, 0,
            0, 0, 0)},
    {"ERSPAN III, IP", IN_IPV4, 47, 4, 0,
     HEADER(0x10, 0, 0x22, 0xEB, 0, 0, 0, 1, 0x20, 5, 0, 1, 1, 2, 3, 4, 0, 0, 0x08, 0)},
    {"VXLAN", IN_UDP, 4789, 0x0800, 6, HEADER(8, 0, 0, 0, 0, 0, 5, 0)},
    {"VXLAN of Linux", IN_UDP, 8472, 0x86DD, 0x1000000, HEADER(8, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0)},
    {"VXLAN with a policy", IN_UDP, 4789, 0x0800, 1, HEADER(0x88, 0, 1, 2, 0, 0, 0, 0)},
    {"GENEVE", IN_UDP, 6081, 0x0800, 0x40000006, HEADER(0, 0, 0x65, 0x58, 0, 0, 5, 0)},
    {"GENEVE, options and IPv4", IN_UDP, 6081, 4, 0x40000006,
     HEADER(2, 0x40, 0x08, 0x00, 0, 0, 5, 0, 1, 2, 3, 1, 0, 0, 0, 0)},
    {"MPLS", IN_ETHERNET, 0x8847, 4, 0, HEADER(0, 0x01, 0x01, 64)},
    {"MPLS, three labels", IN_ETHERNET, 0x8848, 6, 0,
     HEADER(0, 0x01, 0x00, 64, 0, 0x02, 0x00, 64, 0, 0x03, 0x01, 64)},
    {"MPLS, pseudowire", IN_ETHERNET, 0x8847, 0x0800, 0, HEADER(0, 0x01, 0x01, 64, 0, 0, 0, 0)},
    {"MPLS, no control word", IN_ETHERNET, 0x8847, 0x0800, 0, HEADER(0, 0x01, 0x01, 64)},
    {"MPLS in IP", IN_IPV4, 137, 4, 0, HEADER(0, 0x01, 0x01, 64)},
    {"MPLS in UDP", IN_UDP, 6635, 4, 0, HEADER(0, 0x01, 0x01, 64)},
    {"MPLS in PPP", IN_PPP, 0x0281, 4, 0, HEADER(0, 0x01, 0x01, 64)},
    {"GTP-U", IN_UDP, 2152, 4, 0, HEADER(0x30, 0xFF, 0, 53, 0, 0, 0, 9)},
    {"GTP-U, sequence", IN_UDP, 2152, 6, 0, HEADER(0x32, 0xFF, 0, 77, 0, 0, 0, 9, 0, 1, 0, 0)},
    {"GTP-U, extensions", IN_UDP, 2152, 4, 0,
     HEADER(0x34, 0xFF, 0, 69, 0, 0, 0, 9, 0, 0, 0, 0x85, 1, 0x10, 9, 0xC0, 2, 0, 0, 0, 0, 0, 0,
            0)},
    {"Teredo", IN_UDP, 3544, 6, 0, NO_HEADER},
    {"Teredo, origin", IN_UDP, 3544, 6, 0, HEADER(0, 0, 0x12, 0x34, 1, 2, 3, 4)},
    {"Teredo, authentication and origin", IN_UDP, 3544, 6, 0,
     HEADER(0, 1, 1, 2, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0x12, 0x34, 1, 2, 3, 4)},
};

enum {
    LINK_CASES = sizeof link_cases / sizeof *link_cases,
    TUNNEL_CASES = sizeof tunnel_cases / sizeof *tunnel_cases,
    INNER_NET = 7,
    OUTER_NET = 3,
};

static inline unsigned tunnel_ip_version(const struct tunnel_case *t) {
    return t->inner == 6 || t->inner == ETHERNET_IPV6 ? 6 : 4;
}

/* Puts a tunnel and an Ethernet frame around what is there. */
static inline void push_carrier(struct packet *p, const struct tunnel_case *t) {
    push(p, t->header, t->header_bytes);
    uint16_t type = ETHERNET_IPV4;
    if (t->carrier == IN_UDP)
        push_udp(p, 40000, t->number);
    if (t->carrier == IN_IPV4 || t->carrier == IN_UDP)
        push_ipv4(p, t->carrier == IN_UDP ? PROTOCOL_UDP : (uint8_t)t->number, OUTER_NET);
    if (t->carrier == IN_IPV6) {
        push_ipv6(p, (uint8_t)t->number, OUTER_NET);
        type = ETHERNET_IPV6;
    }
    if (t->carrier == IN_PPP) {
        uint8_t pppoe[8] = {0x11};
        put16(&pppoe[6], t->number);
        push(p, pppoe, sizeof pppoe);
        type = 0x8864;
    }
    push_ethernet(p, t->carrier == IN_ETHERNET ? t->number : type, OUTER_NET);
}

static inline void push_link_case(struct packet *p, const struct link_case *l) {
    push_hello(p, l->ip_version, INNER_NET);
    push(p, l->header, l->header_bytes);
}

static inline void push_tunnel_case(struct packet *p, const struct tunnel_case *t) {
    push_hello(p, tunnel_ip_version(t), INNER_NET);
    if (t->inner > 6)
        push_ethernet(p, t->inner, INNER_NET);
    push_carrier(p, t);
}

#endif
