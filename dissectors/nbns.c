/* NetBIOS name service, RFC 1002 4.2: datagrams of port 137, made like those of the DNS.
 *
 *    0  2  NAME_TRN_ID
 *    2  2  response 1, OPCODE 4, NM_FLAGS 7, RCODE 4
 *    4  8  QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT
 *   questions: name, type 2, class 2
 *   records:   name, type 2, class 2, TTL 4, RDLENGTH 2, RDATA
 *
 * We want who has a name, from three kinds of packets: a positive answer to a query and a
 * registration or refresh (NB records: NB_FLAGS 2 and an address 4, again and again), and a node
 * status (NBSTAT record: a count, then names of 16 bytes with flags 2; statistics follow). A
 * negative answer, a release or a conflict gives nobody a name.
 *
 * Names are a label of 32 letters and labels of a scope; a label may be a pointer to an earlier
 * one. Pointers are followed for the first label alone, and only backwards, so they come to an end.
 */
#include "netbios_name.h"

#include <smblame/dissector.h>

enum {
    RESPONSE = 0x8000,
    OPCODE_SHIFT = 11,
    OPCODE_MASK = 0x0F,
    RCODE_MASK = 0x0F,
    OPCODE_QUERY = 0,
    OPCODE_REGISTRATION = 5,
    OPCODE_REFRESH = 8,
    OPCODE_REFRESH_TOO = 9, /* RFC 1002 gives both numbers */
    OPCODE_MULTIHOMED = 15, /* registration of a machine with several addresses */
    TYPE_NB = 0x0020,
    TYPE_NBSTAT = 0x0021,
    CLASS_IN = 0x0001,
    FLAG_GROUP = 0x8000,
    STATUS_DEREGISTER = 0x1000,
    STATUS_CONFLICT = 0x0800,
    STATUS_ACTIVE = 0x0400,
    POINTER = 0xC0, /* both bits: the rest of the two bytes is an offset */
    HEADER_BYTES = 12,
    LABELS_MOST = 128, /* a name has at most 255 bytes */
    RECORDS_MOST = 32, /* of one datagram: one is usual */
    POINTERS_MOST = 8,
};

struct reading {
    struct sbl_cursor c;
    struct sbl_report *report;
    struct sbl_observation seen;
};

/* Where a label is: behind pointers, that must lead backwards. */
static struct sbl_cursor label_at(struct reading *r) {
    struct sbl_cursor at = r->c;
    for (unsigned i = 0; i < POINTERS_MOST; i++) {
        struct sbl_cursor look = at;
        uint16_t offset = sbl_cursor_be16(&look);
        if (look.spoiled || offset >> 8 < POINTER)
            return at;
        offset &= 0x3FFF;
        if (offset >= at.at)
            break;
        sbl_cursor_seek(&at, offset);
    }
    sbl_report_odd(r->report, SBL_ODDITY_BAD_OFFSET);
    at.spoiled = true;
    return at;
}

/* Steps over a name as it stands, pointer or labels. */
static void skip_name(struct sbl_cursor *c) {
    for (unsigned i = 0; i < LABELS_MOST; i++) {
        uint8_t size = sbl_cursor_u8(c);
        if (size == 0)
            return;
        sbl_cursor_skip(c, size >= POINTER ? 1 : size);
        if (size >= POINTER)
            return;
    }
    c->spoiled = true;
}

static struct sbl_netbios_name read_name(struct reading *r) {
    struct sbl_netbios_name name = {0};
    struct sbl_cursor label = label_at(r);
    uint8_t size = sbl_cursor_u8(&label);
    const uint8_t *letters = sbl_cursor_take(&label, size);
    bool is_name = letters && size == NETBIOS_LABEL_BYTES && netbios_name_decode(letters, &name);
    if (letters && !is_name)
        sbl_report_odd(r->report, SBL_ODDITY_BAD_NETBIOS_NAME);
    skip_name(&r->c);
    return name;
}

/* Names with control characters ("\1\2__MSBROWSE__\2") are nobody's. */
static bool is_somebody(const struct sbl_netbios_name *name) {
    for (unsigned i = 0; i < name->size; i++)
        if (name->name[i] < ' ')
            return false;
    return name->is_present && name->size > 0 && name->name[0] != '*';
}

static void add_claim(struct reading *r) {
    if (is_somebody(&r->seen.name_claim.name))
        sbl_report_add(r->report, &r->c, &r->seen);
}

static void read_addresses(struct reading *r, struct sbl_cursor data) {
    struct sbl_name_claim *claim = &r->seen.name_claim;
    while (sbl_cursor_left(&data) >= 6 && r->report->count < SBL_REPORT_CAPACITY) {
        claim->is_group = (sbl_cursor_be16(&data) & FLAG_GROUP) != 0;
        memcpy(claim->address, sbl_cursor_take(&data, sizeof claim->address),
               sizeof claim->address);
        add_claim(r);
    }
    if (sbl_cursor_left(&data) >= 6)
        sbl_report_odd(r->report, SBL_ODDITY_REPORT_FULL);
    else if (sbl_cursor_left(&data) > 0 && !r->report->is_cut)
        sbl_report_odd(r->report, SBL_ODDITY_BAD_LENGTH);
}

static void read_status(struct reading *r, struct sbl_cursor data) {
    struct sbl_name_claim *claim = &r->seen.name_claim;
    uint8_t count = sbl_cursor_u8(&data);
    for (uint8_t i = 0; i < count && r->report->count < SBL_REPORT_CAPACITY; i++) {
        const uint8_t *bytes = sbl_cursor_take(&data, NETBIOS_NAME_BYTES);
        uint16_t flags = sbl_cursor_be16(&data);
        if (data.spoiled)
            break;
        claim->is_group = (flags & FLAG_GROUP) != 0;
        netbios_name_take(bytes, &claim->name);
        if ((flags & (STATUS_ACTIVE | STATUS_CONFLICT | STATUS_DEREGISTER)) == STATUS_ACTIVE)
            add_claim(r);
    }
    if (data.spoiled)
        sbl_report_odd(r->report,
                       r->report->is_cut ? SBL_ODDITY_CUT_BY_SNAPLEN : SBL_ODDITY_BAD_LENGTH);
}

/* One record. What of its data was not captured is left out. */
static void read_record(struct reading *r) {
    r->seen.name_claim.name = read_name(r);
    uint16_t type = sbl_cursor_be16(&r->c), class = sbl_cursor_be16(&r->c);
    sbl_cursor_skip(&r->c, 4);
    size_t bytes = sbl_cursor_be16(&r->c), left = sbl_cursor_left(&r->c);
    if (r->c.spoiled)
        return;
    if (bytes > left && !r->report->is_cut)
        sbl_report_odd(r->report, SBL_ODDITY_BAD_LENGTH);
    struct sbl_cursor data = sbl_cursor_blob(&r->c, bytes < left ? bytes : left);
    bool is_status = r->seen.name_claim.source == SBL_NAME_STATUS;
    if (type == TYPE_NB && class == CLASS_IN && !is_status)
        read_addresses(r, data);
    else if (type == TYPE_NBSTAT && class == CLASS_IN && is_status)
        read_status(r, data);
}

/* Which kind of packet this is; false when it gives nobody a name. Whether an answer is one to a
 * query or a node status its first record says. */
static bool is_of_use(uint16_t flags, uint8_t *source) {
    unsigned opcode = flags >> OPCODE_SHIFT & OPCODE_MASK;
    bool registers = opcode == OPCODE_REGISTRATION || opcode == OPCODE_REFRESH ||
                     opcode == OPCODE_REFRESH_TOO || opcode == OPCODE_MULTIHOMED;
    *source = registers ? SBL_NAME_REGISTERED : SBL_NAME_FOUND;
    if (flags & RESPONSE)
        return opcode == OPCODE_QUERY && (flags & RCODE_MASK) == 0;
    return registers;
}

/* Whether the record at the cursor is a node status. */
static bool is_status_next(struct sbl_cursor c) {
    skip_name(&c);
    return sbl_cursor_be16(&c) == TYPE_NBSTAT;
}

static void dissect(struct sbl_cursor part_bytes, const struct sbl_part *part,
                    struct sbl_report *report) {
    (void)part;
    struct reading r = {.c = part_bytes, .report = report, .seen.kind = SBL_SAW_NAME_CLAIM};
    sbl_cursor_skip(&r.c, 2);
    uint16_t flags = sbl_cursor_be16(&r.c);
    unsigned questions = sbl_cursor_be16(&r.c), answers = sbl_cursor_be16(&r.c);
    unsigned records = answers + sbl_cursor_be16(&r.c);
    records += sbl_cursor_be16(&r.c);
    if (r.c.spoiled || !is_of_use(flags, &r.seen.name_claim.source)) {
        if (r.c.spoiled)
            sbl_report_odd(report,
                           report->is_cut ? SBL_ODDITY_CUT_BY_SNAPLEN : SBL_ODDITY_TRUNCATED);
        return;
    }
    for (unsigned i = 0; i < questions && i < RECORDS_MOST && !r.c.spoiled; i++) {
        skip_name(&r.c);
        sbl_cursor_skip(&r.c, 4);
    }
    if (r.seen.name_claim.source == SBL_NAME_FOUND && is_status_next(r.c))
        r.seen.name_claim.source = SBL_NAME_STATUS;
    for (unsigned i = 0; i < records && i < RECORDS_MOST && !r.c.spoiled; i++)
        read_record(&r);
    if (r.c.spoiled)
        sbl_report_odd(report, report->is_cut ? SBL_ODDITY_CUT_BY_SNAPLEN : SBL_ODDITY_TRUNCATED);
}

/* Nothing in a datagram says that it is one of these; its port does. */
static bool recognises(const uint8_t *prefix, size_t size) {
    (void)prefix;
    return size >= 4;
}

const struct sbl_dissector sbl_dissector_nbns = {
    .name = "nbns", .prefix_bytes = HEADER_BYTES, .recognises = recognises, .dissect = dissect};
