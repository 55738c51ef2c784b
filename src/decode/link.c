/* Link layers: everything between the start of a frame and the IP header that is not a tunnel.
 * IEEE 802.3, 802.1Q, 802.1ad, 802.2; RFC 1042 (SNAP), 1661 and 1662 (PPP), 2516 (PPPoE); the
 * pseudo headers of libpcap as www.tcpdump.org/linktypes.html describes them. */
#include "decode/layer.h"

enum {
    ETHERTYPE_LENGTH_BELOW = 0x0600, /* smaller values are the length of an 802.3 frame */
    ETHERNET_HEADER_BYTES = 14,
};

struct type_layer {
    uint16_t type;
    uint8_t layer;
};

static enum layer find_type(const struct type_layer *types, size_t count, uint16_t type) {
    for (size_t i = 0; i < count; i++)
        if (types[i].type == type)
            return (enum layer)types[i].layer;
    return LAYER_NONE;
}

enum layer layer_of_ethertype(uint16_t type) {
    static const struct type_layer types[] = {
        {0x0800, LAYER_IPV4}, {0x86DD, LAYER_IPV6}, {0x8100, LAYER_VLAN}, {0x88A8, LAYER_VLAN},
        {0x9100, LAYER_VLAN}, {0x8847, LAYER_MPLS}, {0x8848, LAYER_MPLS}, {0x8864, LAYER_PPPOE},
    };
    if (type < ETHERTYPE_LENGTH_BELOW)
        return LAYER_LLC;
    return find_type(types, sizeof types / sizeof *types, type);
}

static enum layer layer_of_ppp_protocol(uint16_t protocol) {
    static const struct type_layer types[] = {
        {0x0021, LAYER_IPV4},
        {0x0057, LAYER_IPV6},
        {0x0281, LAYER_MPLS},
        {0x0283, LAYER_MPLS},
    };
    return find_type(types, sizeof types / sizeof *types, protocol);
}

enum layer layer_ethernet(struct walk *w) {
    const uint8_t *header = sbl_cursor_take(&w->cursor, ETHERNET_HEADER_BYTES);
    if (!header)
        return LAYER_ODD;
    w->macs = header;
    return layer_of_ethertype(layer_be16(&header[12]));
}

/* 0 tag control (priority, VLAN id), 2 EtherType of what follows. */
enum layer layer_vlan(struct walk *w) {
    sbl_cursor_skip(&w->cursor, 2);
    return layer_of_ethertype(sbl_cursor_be16(&w->cursor));
}

/* 0 DSAP, 1 SSAP, 2 control; with SNAP: 3 organisation, 6 EtherType. */
enum layer layer_llc(struct walk *w) {
    static const uint8_t snap_rfc1042[] = {0xAA, 0xAA, 0x03, 0x00, 0x00, 0x00};
    static const uint8_t snap_bridged[] = {0xAA, 0xAA, 0x03, 0x00, 0x00, 0xF8};
    static const uint8_t plain_ip[] = {0x06, 0x06, 0x03};
    struct sbl_cursor *c = &w->cursor;
    if (sbl_cursor_starts(c, plain_ip, sizeof plain_ip)) {
        sbl_cursor_skip(c, sizeof plain_ip);
        return LAYER_IPV4;
    }
    if (!sbl_cursor_starts(c, snap_rfc1042, sizeof snap_rfc1042) &&
        !sbl_cursor_starts(c, snap_bridged, sizeof snap_bridged))
        return LAYER_NONE;
    sbl_cursor_skip(c, sizeof snap_rfc1042);
    uint16_t type = sbl_cursor_be16(c);
    return type < ETHERTYPE_LENGTH_BELOW ? LAYER_NONE : layer_of_ethertype(type);
}

/* Protocol field of the Linux pseudo headers: an EtherType, or 4 for 802.2. Values that only the
 * kernel knows (1: Novell, 12: CAN) carry no IP. */
static enum layer layer_of_linux_protocol(uint16_t protocol) {
    if (protocol < ETHERTYPE_LENGTH_BELOW && protocol != 4)
        return LAYER_NONE;
    return layer_of_ethertype(protocol);
}

/* 0 packet type, 2 ARPHRD, 4 address length, 6 source address (8 bytes), 14 protocol. */
enum layer layer_linux_sll(struct walk *w) {
    sbl_cursor_skip(&w->cursor, 14);
    return layer_of_linux_protocol(sbl_cursor_be16(&w->cursor));
}

/* 0 protocol, 2 reserved, 4 interface, 8 ARPHRD, 10 packet type, 11 address length, 12 address. */
enum layer layer_linux_sll2(struct walk *w) {
    uint16_t protocol = sbl_cursor_be16(&w->cursor);
    sbl_cursor_skip(&w->cursor, 18);
    return layer_of_linux_protocol(protocol);
}

/* An address family, 4 bytes in the byte order of the capturing machine (NULL) or the network's
 * (LOOP). All families in use fit a byte, so the order shows. The number of IPv6 differs: Linux 10,
 * Windows 23, NetBSD and OpenBSD 24, FreeBSD 28, macOS 30. */
enum layer layer_null_loop(struct walk *w) {
    static const struct type_layer families[] = {
        {2, LAYER_IPV4},  {10, LAYER_IPV6}, {23, LAYER_IPV6},
        {24, LAYER_IPV6}, {28, LAYER_IPV6}, {30, LAYER_IPV6},
    };
    const uint8_t *family = sbl_cursor_take(&w->cursor, 4);
    if (!family || family[1] != 0 || family[2] != 0 || (family[0] != 0 && family[3] != 0))
        return LAYER_NONE;
    return find_type(families, sizeof families / sizeof *families,
                     (uint16_t)(family[0] | family[3]));
}

/* Netfilter's log: 0 family, 1 version, 2 resource; then attributes of 0 length with this header, 2
 * type, in host order and padded to 4. Type 9 is the packet from its IP header on. */
enum layer layer_nflog(struct walk *w) {
    enum { NFULA_PAYLOAD = 9, ATTRIBUTES_MAX = 32 };
    struct sbl_cursor *c = &w->cursor;
    sbl_cursor_skip(c, 4);
    for (int i = 0; i < ATTRIBUTES_MAX; i++) {
        size_t start = c->at;
        const uint8_t *header = sbl_cursor_take(c, 4);
        if (!header)
            return LAYER_ODD;
        bool is_big_endian = header[0] == 0 && header[2] == 0 && header[3] != 0;
        size_t bytes = is_big_endian ? layer_be16(header) : (size_t)(header[0] | header[1] << 8);
        if (bytes < 4)
            return walk_odd(w, SBL_ODDITY_BAD_HEADER);
        if ((is_big_endian ? header[3] : header[2]) == NFULA_PAYLOAD)
            return LAYER_RAW_IP;
        sbl_cursor_seek(c, start + ((bytes + 3) & ~(size_t)3));
    }
    return LAYER_NONE;
}

/* 0 access control, 1 frame control (01...... is LLC), 2 destination, 8 source; a source route when
 * the top bit of the source is set: its length is in the low 5 bits of its first byte. */
enum layer layer_token_ring(struct walk *w) {
    const uint8_t *header = sbl_cursor_take(&w->cursor, ETHERNET_HEADER_BYTES);
    if (!header || header[1] >> 6 != 1)
        return LAYER_NONE;
    if (header[8] & 0x80) {
        size_t route_bytes = sbl_cursor_u8(&w->cursor) & 0x1F;
        if (route_bytes < 2)
            return walk_odd(w, SBL_ODDITY_BAD_HEADER);
        sbl_cursor_skip(&w->cursor, route_bytes - 1);
    }
    return LAYER_LLC;
}

/* 0 frame control (0101.... is LLC), 1 destination, 7 source. */
enum layer layer_fddi(struct walk *w) {
    const uint8_t *header = sbl_cursor_take(&w->cursor, 13);
    return header && header[0] >> 4 == 5 ? LAYER_LLC : LAYER_NONE;
}

/* Address and control may be left out, and the protocol may be one byte (an odd one). Cisco's HDLC
 * comes under the same link type, with an EtherType. */
enum layer layer_ppp(struct walk *w) {
    static const uint8_t address_control[] = {0xFF, 0x03};
    static const uint8_t cisco_unicast[] = {0x0F, 0x00}, cisco_multicast[] = {0x8F, 0x00};
    struct sbl_cursor *c = &w->cursor;
    if (sbl_cursor_starts(c, cisco_unicast, 2) || sbl_cursor_starts(c, cisco_multicast, 2)) {
        sbl_cursor_skip(c, 2);
        return layer_of_ethertype(sbl_cursor_be16(c));
    }
    if (sbl_cursor_starts(c, address_control, sizeof address_control))
        sbl_cursor_skip(c, sizeof address_control);
    uint16_t protocol = sbl_cursor_u8(c);
    if ((protocol & 1) == 0)
        protocol = (uint16_t)(protocol << 8 | sbl_cursor_u8(c));
    return layer_of_ppp_protocol(protocol);
}

/* 0 version and type, 1 code (0 is a session), 2 session, 4 length; PPP without address follows. */
enum layer layer_pppoe(struct walk *w) {
    const uint8_t *header = sbl_cursor_take(&w->cursor, 6);
    return header && header[0] == 0x11 && header[1] == 0 ? LAYER_PPP : LAYER_NONE;
}

/* The first half byte of an IP header is its version. */
enum layer layer_raw_ip(struct walk *w) {
    struct sbl_cursor look = w->cursor;
    uint8_t version = sbl_cursor_u8(&look) >> 4;
    w->cursor.spoiled = look.spoiled;
    return version == 4 ? LAYER_IPV4 : version == 6 ? LAYER_IPV6 : LAYER_NONE;
}
