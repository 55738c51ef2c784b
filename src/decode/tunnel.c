/* Tunnels, as mirror ports, overlay networks and carriers send them. Each ends at the inner packet;
 * its own addresses are forgotten there. RFC 2784 and 2890 (GRE), 2637 (PPTP), 3032 and 4448
 * (MPLS), 7348 (VXLAN), 8926 (GENEVE), 4380 (Teredo); 3GPP TS 29.281 (GTP-U);
 * draft-foschiano-erspan (ERSPAN); draft-wilson-wrec-wccp-v2 (WCCP).
 *
 * A UDP port alone does not make a tunnel: a header that does not fit is somebody else's datagram
 * and no oddity. */
#include "decode/layer.h"

enum {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACKNOWLEDGEMENT = 0x0080,
    GRE_VERSION = 0x0007,
    GRE_ROUTES_MAX = 16,

    GRE_PPP = 0x880B,
    GRE_WCCP = 0x883E,
    GRE_ERSPAN = 0x88BE, /* type I without a sequence number and a header, type II with both */
    GRE_ERSPAN3 = 0x22EB,
    GRE_ETHERNET = 0x6558,

    TUNNEL_ID_GENEVE = 0x40000000, /* so that VXLAN 5 and GENEVE 5 differ */
};

static const struct {
    uint16_t port;
    uint8_t layer;
} udp_tunnels[] = {{4789, LAYER_VXLAN}, {8472, LAYER_VXLAN},  {6081, LAYER_GENEVE},
                   {2152, LAYER_GTPU},  {3544, LAYER_TEREDO}, {6635, LAYER_MPLS}};

enum { UDP_TUNNELS = sizeof udp_tunnels / sizeof *udp_tunnels };

enum layer layer_of_udp_ports(uint16_t from, uint16_t to) {
    for (size_t i = 0; i < UDP_TUNNELS; i++)
        if (udp_tunnels[i].port == to || udp_tunnels[i].port == from)
            return (enum layer)udp_tunnels[i].layer;
    return LAYER_NONE;
}

/* Source routes of RFC 1701: 0 family, 2 offset, 3 length; a route of length 0 ends them. */
static void skip_routes(struct walk *w) {
    for (int i = 0; i < GRE_ROUTES_MAX; i++) {
        sbl_cursor_skip(&w->cursor, 3);
        uint8_t bytes = sbl_cursor_u8(&w->cursor);
        if (bytes == 0)
            return;
        sbl_cursor_skip(&w->cursor, bytes);
    }
}

static enum layer layer_of_gre_type(uint16_t type, uint16_t flags) {
    switch (type) {
    case GRE_ETHERNET:
        return LAYER_GRE_ETHERNET;
    case GRE_ERSPAN:
        return flags & GRE_SEQUENCE ? LAYER_ERSPAN : LAYER_GRE_ETHERNET;
    case GRE_ERSPAN3:
        return LAYER_ERSPAN3;
    case GRE_PPP:
        return LAYER_PPP;
    case GRE_WCCP:
        return LAYER_WCCP;
    default:
        return type < 0x0600 ? LAYER_NONE : layer_of_ethertype(type);
    }
}

/* 0 flags and version, 2 type; then as flagged 4 bytes each: checksum and offset, key, sequence
 * number, and in version 1 (PPTP) acknowledgement. */
enum layer layer_gre(struct walk *w) {
    struct sbl_cursor *c = &w->cursor;
    uint16_t flags = sbl_cursor_be16(c);
    uint16_t type = sbl_cursor_be16(c);
    uint16_t version = flags & GRE_VERSION;
    if (version > 1 || (version == 1 && type != GRE_PPP))
        return LAYER_NONE;
    if (version == 1 && (flags & GRE_SEQUENCE) == 0)
        return LAYER_NONE; /* an acknowledgement alone */
    if (flags & (GRE_CHECKSUM | GRE_ROUTING))
        sbl_cursor_skip(c, 4);
    if (flags & GRE_KEY)
        sbl_cursor_skip(c, 4);
    if (flags & GRE_SEQUENCE)
        sbl_cursor_skip(c, 4);
    if (version == 1 && flags & GRE_ACKNOWLEDGEMENT)
        sbl_cursor_skip(c, 4);
    if (version == 0 && flags & GRE_ROUTING)
        skip_routes(w);
    return layer_of_gre_type(type, flags);
}

/* Type II: 8 bytes, version 1 in the first half byte. */
enum layer layer_erspan(struct walk *w) {
    const uint8_t *header = sbl_cursor_take(&w->cursor, 8);
    return header && header[0] >> 4 == 1 ? LAYER_ETHERNET : LAYER_NONE;
}

/* Type III: 12 bytes, version 2; the last two hold frame type (bits 14 to 10: 0 Ethernet, 2 IP) and
 * whether 8 bytes of the platform follow (lowest bit). */
enum layer layer_erspan3(struct walk *w) {
    const uint8_t *header = sbl_cursor_take(&w->cursor, 12);
    if (!header || header[0] >> 4 != 2)
        return LAYER_NONE;
    uint8_t frame_type = header[10] >> 2 & 0x1F;
    if (header[11] & 1)
        sbl_cursor_skip(&w->cursor, 8);
    return frame_type == 0 ? LAYER_ETHERNET : frame_type == 2 ? LAYER_RAW_IP : LAYER_NONE;
}

/* Version 2 has a redirect header of 4 bytes, version 1 none: then IP begins at once. */
enum layer layer_wccp(struct walk *w) {
    struct sbl_cursor look = w->cursor;
    if (sbl_cursor_u8(&look) >> 4 != 4)
        sbl_cursor_skip(&w->cursor, 4);
    return LAYER_RAW_IP;
}

/* Whether an Ethernet header `offset` bytes ahead names a type that we decode. */
static bool looks_like_ethernet(const struct sbl_cursor *c, size_t offset) {
    struct sbl_cursor look = *c;
    sbl_cursor_skip(&look, offset + 12);
    uint16_t type = sbl_cursor_be16(&look);
    return !look.spoiled && type >= 0x0600 && layer_of_ethertype(type) != LAYER_NONE;
}

/* 0 label, traffic class, bottom of stack (lowest bit of byte 2), 3 time to live. Below the bottom
 * nothing says what follows: IP shows its version, an Ethernet pseudowire may have a control word
 * that begins with 0. */
enum layer layer_mpls(struct walk *w) {
    struct sbl_cursor *c = &w->cursor;
    const uint8_t *label = sbl_cursor_take(c, 4);
    if (!label)
        return LAYER_ODD;
    if ((label[2] & 1) == 0)
        return LAYER_MPLS_LABEL;
    struct sbl_cursor look = *c;
    uint8_t nibble = sbl_cursor_u8(&look) >> 4;
    if (nibble == 4 || nibble == 6)
        return LAYER_RAW_IP;
    if (nibble == 0 && looks_like_ethernet(c, 4))
        sbl_cursor_skip(c, 4);
    else if (!looks_like_ethernet(c, 0))
        return LAYER_NONE;
    return LAYER_ETHERNET;
}

/* 0 flags (0x08: the identifier is valid), 4 network identifier, 7 reserved. */
enum layer layer_vxlan(struct walk *w) {
    if (sbl_cursor_left(&w->cursor) < 8)
        return LAYER_NONE;
    const uint8_t *header = sbl_cursor_take(&w->cursor, 8);
    if (!header || (header[0] & 0x08) == 0)
        return LAYER_NONE;
    w->tunnel_id = (layer_be32(&header[4]) >> 8) + 1;
    return LAYER_ETHERNET;
}

/* 0 version (2 bits) and length of options in 4 bytes, 2 type, 4 network identifier, 8 options. */
enum layer layer_geneve(struct walk *w) {
    if (sbl_cursor_left(&w->cursor) < 8)
        return LAYER_NONE;
    const uint8_t *header = sbl_cursor_take(&w->cursor, 8);
    if (!header || header[0] >> 6 != 0)
        return LAYER_NONE;
    w->tunnel_id = TUNNEL_ID_GENEVE | ((layer_be32(&header[4]) >> 8) + 1);
    sbl_cursor_skip(&w->cursor, (size_t)(header[0] & 0x3F) * 4);
    return layer_of_gre_type(layer_be16(&header[2]), 0);
}

/* 0 flags (version 1 is 001, 0x10 GTP, 0x04 extension, 0x02 sequence, 0x01 N-PDU), 1 type (255 user
 * data), 2 length, 4 tunnel; any of the last three flags: 8 sequence, 10 N-PDU, 11 extension. */
enum layer layer_gtpu(struct walk *w) {
    enum { GTP_VERSION_1 = 0x30, GTP_VERSION_MASK = 0xF0, GTP_OPTIONAL = 0x07, GTP_G_PDU = 0xFF };
    struct sbl_cursor *c = &w->cursor;
    if (sbl_cursor_left(c) < 8)
        return LAYER_NONE;
    const uint8_t *header = sbl_cursor_take(c, 8);
    if (!header || (header[0] & GTP_VERSION_MASK) != GTP_VERSION_1 || header[1] != GTP_G_PDU)
        return LAYER_NONE;
    if ((header[0] & GTP_OPTIONAL) == 0)
        return LAYER_RAW_IP;
    sbl_cursor_skip(c, 3);
    w->extension = sbl_cursor_u8(c);
    return header[0] & 0x04 && w->extension ? LAYER_GTPU_EXTENSION : LAYER_RAW_IP;
}

/* 0 length in 4 bytes, content, last byte the type of the next one (0 none). */
enum layer layer_gtpu_extension(struct walk *w) {
    uint8_t length = sbl_cursor_u8(&w->cursor);
    if (length == 0)
        return walk_odd(w, SBL_ODDITY_BAD_HEADER);
    sbl_cursor_skip(&w->cursor, length * 4u - 2u);
    w->extension = sbl_cursor_u8(&w->cursor);
    return w->extension ? LAYER_GTPU_EXTENSION : LAYER_RAW_IP;
}

/* An authentication (0 type 1, 2 and 3 lengths of two fields, 4 both, then 9 bytes) and an origin
 * (0 type 0, 8 bytes) may stand before the IPv6 header. */
enum layer layer_teredo(struct walk *w) {
    static const uint8_t authentication[] = {0, 1}, origin[] = {0, 0};
    struct sbl_cursor look = w->cursor;
    if (sbl_cursor_starts(&look, authentication, 2)) {
        sbl_cursor_skip(&look, 2);
        unsigned bytes = sbl_cursor_u8(&look);
        bytes += sbl_cursor_u8(&look);
        sbl_cursor_skip(&look, bytes + 9);
    }
    if (sbl_cursor_starts(&look, origin, 2))
        sbl_cursor_skip(&look, 8);
    struct sbl_cursor version = look;
    if (sbl_cursor_u8(&version) >> 4 != 6)
        return LAYER_NONE;
    w->cursor = look;
    return LAYER_IPV6;
}
