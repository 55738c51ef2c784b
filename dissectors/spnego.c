/* Security blobs of negotiates and session setups: SPNEGO (RFC 4178, [MS-SPNG]), or a raw NTLMSSP
 * or Kerberos token without it.
 *
 *     60 len, OID 1.3.6.1.5.5.2, [0] NegTokenInit   the initial token, GSS-API framed
 *     [0] NegTokenInit   SEQUENCE { [0] mechTypes, [1] reqFlags, [2] mechToken,
 *                                   [3] mechListMIC, in NegTokenInit2 negHints, [4] mechListMIC }
 *     [1] NegTokenResp   SEQUENCE { [0] negState, [1] supportedMech, [2] responseToken,
 *                                   [3] mechListMIC }
 *
 * We want the token inside and which mechanism it is of: by its own first bytes, and only without
 * one by what the lists say. negState says nothing about success; SMB's status does. Where the
 * ASN.1 is broken, a bounded search for NTLMSSP's signature still finds the names: Windows reads
 * such tokens too, and a failure that they hide would be missed. */
#include "asn1.h"
#include "token.h"

#include <smblame/dissector.h>

enum {
    TAG_GSS = ASN1_APPLICATION_0,
    TAG_NEG_TOKEN_INIT = ASN1_CONTEXT_0,
    TAG_NEG_TOKEN_RESP = ASN1_CONTEXT_0 + 1,
    NTLMSSP_SIGNATURE_BYTES = 8,
};

/* An OID of eight bytes and one or two behind them, each part as one number: little-endian, as it
 * is read. */
struct mechanism {
    uint64_t begins;
    uint16_t ends;
    uint8_t size;
    uint8_t mechanism; /* enum sbl_auth_mechanism */
};

#define OID_8(a, b, c, d, e, f, g, h)                                                              \
    ((uint64_t)(h) << 56 | (uint64_t)(g) << 48 | (uint64_t)(f) << 40 | (uint64_t)(e) << 32 |       \
     (uint64_t)(d) << 24 | (uint64_t)(c) << 16 | (uint64_t)(b) << 8 | (a))
#define OID_2(a, b) ((b) << 8 | (a))

static const struct mechanism mechanisms[] = {
    /* 1.3.6.1.4.1.311.2.2.10 NTLMSSP, ...30 NEGOEX */
    {OID_8(0x2B, 6, 1, 4, 1, 0x82, 0x37, 2), OID_2(2, 0x0A), 10, SBL_MECHANISM_NTLMSSP},
    {OID_8(0x2B, 6, 1, 4, 1, 0x82, 0x37, 2), OID_2(2, 0x1E), 10, SBL_MECHANISM_NEGOEX},
    /* 1.2.840.113554.1.2.2 Kerberos, 1.2.840.48018.1.2.2 the same with 16 bits of 113554, ...3
       Kerberos user to user */
    {OID_8(0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2), 2, 9, SBL_MECHANISM_KERBEROS},
    {OID_8(0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 1, 2), 2, 9, SBL_MECHANISM_KERBEROS},
    {OID_8(0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2), OID_2(2, 3), 10, SBL_MECHANISM_KERBEROS},
};

/* 1.3.6.1.5.5.2 */
static const uint8_t spnego_oid[] = {0x2B, 6, 1, 5, 5, 2};
static const uint8_t ntlmssp_signature[] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0};
static const uint8_t negoex_signature[] = {'N', 'E', 'G', 'O', 'E', 'X', 'T', 'S'};

/* The reading of one blob. */
struct reading {
    struct asn1 asn1;
    struct sbl_report *report;
    struct sbl_auth_token *token;
    uint8_t listed; /* the mechanism that the lists name, enum sbl_auth_mechanism */
};

SBL_STEP bool is_spnego(const struct sbl_cursor *oid) {
    return sbl_cursor_left(oid) == sizeof spnego_oid &&
           sbl_cursor_starts(oid, spnego_oid, sizeof spnego_oid);
}

SBL_STEP uint8_t mechanism_of(const struct sbl_cursor *oid) {
    struct sbl_cursor c = *oid;
    size_t size = sbl_cursor_left(&c);
    if (size != 9 && size != 10)
        return SBL_MECHANISM_UNKNOWN;
    const uint8_t *bytes = sbl_cursor_take(&c, size);
    uint64_t begins = sbl_block_le64(bytes, 0);
    uint16_t ends = size == 10 ? sbl_block_le16(bytes, 8) : bytes[8];
    for (const struct mechanism *known = mechanisms;
         known < mechanisms + sizeof mechanisms / sizeof mechanisms[0]; known++)
        if (known->begins == begins && known->ends == ends && known->size == size)
            return known->mechanism;
    return SBL_MECHANISM_UNKNOWN;
}

static bool is_kerberos(uint8_t tag) {
    return tag == ASN1_APPLICATION_0 + 14 || tag == ASN1_APPLICATION_0 + 15 ||
           tag == ASN1_APPLICATION_0 + 30;
}

/* Hands the bytes of a mechanism's token that is no NTLMSSP message to its reader, by what they
 * begin with. */
SBL_APART void read_other(struct reading *r, const struct sbl_cursor *inner, bool is_cut) {
    struct sbl_auth_token *token = r->token;
    uint8_t tag = inner->base[0];
    if (sbl_cursor_starts(inner, negoex_signature, sizeof negoex_signature)) {
        token->mechanism = SBL_MECHANISM_NEGOEX;
    } else if (tag == TAG_GSS || is_kerberos(tag)) {
        kerberos_read(*inner, is_cut, r->report, &token->kerberos);
        token->mechanism = token->kerberos.message != 0 ? SBL_MECHANISM_KERBEROS : r->listed;
    }
}

/* Cursors are handed on by address and stay in registers: a copy waits for the stores of its
 * halves, which made half the time of reading a token. */
SBL_STEP void read_inner(struct reading *r, struct sbl_cursor *bytes, bool is_cut) {
    struct sbl_cursor inner = sbl_cursor_blob(bytes, sbl_cursor_left(bytes));
    if (sbl_cursor_left(&inner) == 0 || r->token->mechanism != SBL_MECHANISM_UNKNOWN)
        return; /* nothing, or a second token: the first one counts */
    if (sbl_cursor_starts(&inner, ntlmssp_signature, sizeof ntlmssp_signature)) {
        r->token->mechanism = SBL_MECHANISM_NTLMSSP;
        ntlmssp_read(inner.base, inner.size, is_cut, r->report, &r->token->ntlm);
        return;
    }
    struct sbl_cursor other = inner;
    read_other(r, &other, is_cut);
}

SBL_APART void read_inner_apart(struct reading *r, struct sbl_cursor *bytes, bool is_cut) {
    read_inner(r, bytes, is_cut);
}

/* mechTypes: the first one that we know is what the sender prefers. */
SBL_STEP void read_mechanisms(struct reading *r, struct sbl_cursor *field) {
    struct sbl_cursor list, oid;
    uint8_t tag;
    if (!asn1_enter(&r->asn1, field, ASN1_SEQUENCE, &list))
        return;
    while (r->listed == SBL_MECHANISM_UNKNOWN && asn1_next(&r->asn1, &list, &tag, &oid))
        if (tag == ASN1_OID)
            r->listed = mechanism_of(&oid);
    r->token->prefers_kerberos = r->listed == SBL_MECHANISM_KERBEROS;
}

/* The fields that stand before the token, each at most once in what is well formed. */
SBL_STEP void read_init_field(struct reading *r, uint8_t tag, struct sbl_cursor *field) {
    if (tag == ASN1_CONTEXT_0)
        read_mechanisms(r, field);
}

SBL_STEP void read_resp_field(struct reading *r, uint8_t tag, struct sbl_cursor *field) {
    struct sbl_cursor content;
    if (tag == ASN1_CONTEXT_0) {
        if (asn1_enter(&r->asn1, field, ASN1_ENUMERATED, &content))
            asn1_check_int32(&r->asn1, &content);
    } else if (tag == ASN1_CONTEXT_0 + 1) {
        if (asn1_enter(&r->asn1, field, ASN1_OID, &content))
            r->listed = mechanism_of(&content);
    }
}

/* NegotiationToken ::= CHOICE { [0] NegTokenInit, [1] NegTokenResp }, each holding a SEQUENCE; the
 * mechanism's token is an OCTET STRING in [2] of both. */
SBL_STEP void read_negotiation(struct reading *r, struct sbl_cursor *choice) {
    struct sbl_cursor content, fields, field, bytes;
    uint8_t kind, tag;
    if (!asn1_next(&r->asn1, choice, &kind, &content) ||
        !asn1_enter(&r->asn1, &content, ASN1_SEQUENCE, &fields))
        return;
    if (kind != TAG_NEG_TOKEN_INIT && kind != TAG_NEG_TOKEN_RESP) {
        asn1_break(&r->asn1);
        return;
    }
    while (sbl_cursor_left(&fields) > 0 && asn1_next(&r->asn1, &fields, &tag, &field)) {
        if (tag == ASN1_CONTEXT_0 + 2) {
            if (asn1_enter(&r->asn1, &field, ASN1_OCTET_STRING, &bytes))
                read_inner(r, &bytes, r->asn1.is_clipped);
        } else if (kind == TAG_NEG_TOKEN_INIT) {
            read_init_field(r, tag, &field);
        } else {
            read_resp_field(r, tag, &field);
        }
    }
}

/* A GSS-API initial token: its OID says whether SPNEGO or a bare mechanism follows. True: SPNEGO,
 * and the cursor stands before the NegotiationToken. */
SBL_STEP bool enter_frame(struct reading *r, struct sbl_cursor *c) {
    struct sbl_cursor blob = *c, framed, oid;
    if (!asn1_enter(&r->asn1, c, TAG_GSS, &framed) ||
        !asn1_enter(&r->asn1, &framed, ASN1_OID, &oid))
        return false;
    *c = framed;
    if (is_spnego(&oid))
        return true;
    r->token->wrapping = SBL_WRAPPING_RAW;
    r->listed = mechanism_of(&oid);
    read_inner_apart(r, r->listed == SBL_MECHANISM_KERBEROS ? &blob : &framed, r->asn1.is_cut);
    return false;
}

/* The last resort: NTLMSSP's signature anywhere in the blob. */
static void search_ntlmssp(struct reading *r, struct sbl_cursor *blob) {
    while (sbl_cursor_left(blob) >= NTLMSSP_SIGNATURE_BYTES) {
        if (sbl_cursor_starts(blob, ntlmssp_signature, sizeof ntlmssp_signature)) {
            read_inner_apart(r, blob, r->asn1.is_cut);
            return;
        }
        sbl_cursor_skip(blob, 1);
    }
}

/* Of a broken token the names may still be found. */
SBL_ASIDE void mend(struct reading *r, struct sbl_cursor *blob) {
    sbl_report_odd(r->report, SBL_ODDITY_BAD_ASN1);
    if (r->token->mechanism == SBL_MECHANISM_UNKNOWN)
        search_ntlmssp(r, blob);
}

void token_read(const uint8_t *blob, size_t size, bool is_cut, struct sbl_report *report,
                struct sbl_auth_token *token) {
    struct reading r = {.asn1 = asn1_begin(is_cut), .report = report, .token = token};
    struct sbl_cursor c = sbl_cursor_of(blob, size);
    if (c.size == 0)
        return;
    uint8_t tag = blob[0];
    token->wrapping = SBL_WRAPPING_SPNEGO;
    if (tag == TAG_NEG_TOKEN_INIT || tag == TAG_NEG_TOKEN_RESP ||
        (tag == TAG_GSS && enter_frame(&r, &c))) {
        read_negotiation(&r, &c);
    } else if (tag != TAG_GSS) {
        token->wrapping = SBL_WRAPPING_RAW;
        struct sbl_cursor bare = c;
        read_inner_apart(&r, &bare, is_cut);
        if (token->mechanism == SBL_MECHANISM_UNKNOWN && !is_cut)
            asn1_break(&r.asn1);
    }
    if (SBL_RARELY(r.asn1.is_broken)) {
        struct sbl_cursor whole = sbl_cursor_of(blob, size);
        mend(&r, &whole);
    }
    if (token->mechanism == SBL_MECHANISM_UNKNOWN)
        token->mechanism = r.listed;
}

static bool recognises(const uint8_t *prefix, size_t size) {
    return size > 0 && (prefix[0] == TAG_GSS || prefix[0] == TAG_NEG_TOKEN_INIT ||
                        prefix[0] == TAG_NEG_TOKEN_RESP);
}

static void dissect(struct sbl_cursor part_bytes, const struct sbl_part *part,
                    struct sbl_report *report) {
    (void)part;
    struct sbl_observation seen = {.kind = SBL_SAW_NTLMSSP};
    token_read(part_bytes.base, part_bytes.size, report->is_cut, report, &seen.token);
    sbl_report_add(report, &part_bytes, &seen);
}

const struct sbl_dissector sbl_dissector_spnego = {
    .name = "spnego", .prefix_bytes = 4, .recognises = recognises, .dissect = dissect};
