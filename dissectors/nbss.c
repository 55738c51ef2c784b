/* NetBIOS session service, RFC 1002 4.3: the packets of port 139 that carry no SMB message. They
 * are handed over with their header.
 *
 *   0  1  TYPE     81 request, 82 positive, 83 negative response, 84 retarget, 85 keep alive
 *   1  1  FLAGS    bit 0: LENGTH + 65536
 *   2  2  LENGTH   big-endian, of what follows
 *
 * A request has the called and the calling name, each a label of 32 letters (RFC 1001 14.1),
 * perhaps labels of a scope behind it, and a zero. The calling name is the client's computer name,
 * even when every logon after it fails. A negative response has one byte of reason. */
#include "netbios_name.h"

#include <smblame/dissector.h>

enum {
    HEADER_BYTES = 4,
    LABELS_MOST = 128, /* a name has at most 255 bytes */
};

static bool recognises(const uint8_t *prefix, size_t size) {
    return size > 0 && prefix[0] >= SBL_NBSS_REQUEST && prefix[0] <= SBL_NBSS_KEEPALIVE;
}

/* Steps over the labels behind the first one, up to the zero that ends the name. */
static void skip_scope(struct sbl_cursor *bytes) {
    for (unsigned i = 0; i < LABELS_MOST; i++) {
        uint8_t size = sbl_cursor_u8(bytes);
        if (size == 0)
            return;
        sbl_cursor_skip(bytes, size);
    }
}

static struct sbl_netbios_name read_name(struct sbl_cursor *bytes, struct sbl_report *report) {
    struct sbl_netbios_name name = {0};
    uint8_t size = sbl_cursor_u8(bytes);
    const uint8_t *label = sbl_cursor_take(bytes, size);
    if (!label)
        return name;
    if (size != NETBIOS_LABEL_BYTES || !netbios_name_decode(label, &name))
        sbl_report_odd(report, SBL_ODDITY_BAD_NETBIOS_NAME);
    if (size > 0)
        skip_scope(bytes);
    return name;
}

static void dissect(struct sbl_cursor part_bytes, const struct sbl_part *part,
                    struct sbl_report *report) {
    struct sbl_observation seen = {.kind = SBL_SAW_NBSS};
    struct sbl_nbss *nbss = &seen.nbss;
    (void)part;
    nbss->type = sbl_cursor_u8(&part_bytes);
    uint8_t flags = sbl_cursor_u8(&part_bytes);
    size_t length = sbl_cursor_be16(&part_bytes) | (flags & 1u) << 16;
    if (part_bytes.spoiled) {
        sbl_report_odd(report, report->is_cut ? SBL_ODDITY_CUT_BY_SNAPLEN : SBL_ODDITY_TRUNCATED);
        return;
    }
    if (nbss->type < SBL_NBSS_REQUEST || nbss->type > SBL_NBSS_KEEPALIVE) {
        sbl_report_odd(report, SBL_ODDITY_UNKNOWN_NBSS_TYPE);
        return;
    }
    size_t left = sbl_cursor_left(&part_bytes);
    struct sbl_cursor body =
        sbl_cursor_window(&part_bytes, HEADER_BYTES, length < left ? length : left);
    if (nbss->type == SBL_NBSS_REQUEST) {
        nbss->called = read_name(&body, report);
        nbss->calling = read_name(&body, report);
    } else if (nbss->type == SBL_NBSS_NEGATIVE) {
        nbss->error = sbl_cursor_u8(&body);
    }
    if (body.spoiled)
        sbl_report_odd(report, report->is_cut ? SBL_ODDITY_CUT_BY_SNAPLEN : SBL_ODDITY_TRUNCATED);
    /* a name that is not whole is absent; the packet was seen all the same */
    sbl_report_add(report, &part_bytes, &seen);
}

/* Names and numbers, and no secret. */
static void show(struct sbl_cursor part_bytes, const struct sbl_part *part,
                 const struct sbl_report *report, struct sbl_spans *spans) {
    (void)part;
    if (report->count > 0 && report->oddity_count == 0)
        spans->items[spans->count++] =
            (struct sbl_span){.bytes = (uint32_t)part_bytes.size, .kind = SBL_SPAN_SHOWN};
}

const struct sbl_dissector sbl_dissector_nbss = {
    .name = "nbss",
    .prefix_bytes = HEADER_BYTES,
    .recognises = recognises,
    .dissect = dissect,
    .show = show,
};
