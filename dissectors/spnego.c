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
    OID_BYTES_MAX = 10,
};

struct mechanism {
    uint8_t size, oid[OID_BYTES_MAX];
    uint8_t mechanism; /* enum sbl_auth_mechanism */
};

static const struct mechanism mechanisms[] = {
    /* 1.3.6.1.4.1.311.2.2.10 NTLMSSP, ...30 NEGOEX */
    {10, {0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 0x0A}, SBL_MECHANISM_NTLMSSP},
    {10, {0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 0x1E}, SBL_MECHANISM_NEGOEX},
    /* 1.2.840.113554.1.2.2 Kerberos, 1.2.840.48018.1.2.2 the same with 16 bits of 113554, ...3
       Kerberos user to user */
    {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2}, SBL_MECHANISM_KERBEROS},
    {9, {0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 1, 2, 2}, SBL_MECHANISM_KERBEROS},
    {10, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2, 3}, SBL_MECHANISM_KERBEROS},
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

static bool is_oid(const struct sbl_cursor *oid, const uint8_t *bytes, size_t size) {
    return sbl_cursor_left(oid) == size && sbl_cursor_starts(oid, bytes, size);
}

static uint8_t mechanism_of(const struct sbl_cursor *oid) {
    for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++)
        if (is_oid(oid, mechanisms[i].oid, mechanisms[i].size))
            return mechanisms[i].mechanism;
    return SBL_MECHANISM_UNKNOWN;
}

static bool is_kerberos(uint8_t tag) {
    return tag == ASN1_APPLICATION_0 + 14 || tag == ASN1_APPLICATION_0 + 15 ||
           tag == ASN1_APPLICATION_0 + 30;
}

/* Cursors are handed on by address: a copy waits for the stores of its halves, which made half the
 * time of reading a token.
 *
 * Hands the bytes of a mechanism's token to its reader, by what they begin with. */
static void read_inner(struct reading *r, struct sbl_cursor *bytes, bool is_cut) {
    struct sbl_auth_token *token = r->token;
    struct sbl_cursor inner = sbl_cursor_blob(bytes, sbl_cursor_left(bytes));
    if (sbl_cursor_left(&inner) == 0 || token->mechanism != SBL_MECHANISM_UNKNOWN)
        return; /* nothing, or a second token: the first one counts */
    uint8_t tag = inner.base[0];
    if (sbl_cursor_starts(&inner, ntlmssp_signature, sizeof ntlmssp_signature)) {
        ntlmssp_read(inner, is_cut, r->report, &token->ntlm);
        token->mechanism = SBL_MECHANISM_NTLMSSP;
    } else if (sbl_cursor_starts(&inner, negoex_signature, sizeof negoex_signature)) {
        token->mechanism = SBL_MECHANISM_NEGOEX;
    } else if (tag == TAG_GSS || is_kerberos(tag)) {
        kerberos_read(inner, is_cut, r->report, &token->kerberos);
        token->mechanism = token->kerberos.message != 0 ? SBL_MECHANISM_KERBEROS : r->listed;
    }
}

/* The OCTET STRING inside an explicitly tagged field, as a mechanism's token. */
static void read_token_field(struct reading *r, struct sbl_cursor *field) {
    struct sbl_cursor bytes;
    if (asn1_enter(&r->asn1, field, ASN1_OCTET_STRING, &bytes))
        read_inner(r, &bytes, r->asn1.is_clipped);
}

/* mechTypes: the first one that we know is what the sender prefers. */
static void read_mechanisms(struct reading *r, struct sbl_cursor *field) {
    struct sbl_cursor list, oid;
    uint8_t tag;
    if (!asn1_enter(&r->asn1, field, ASN1_SEQUENCE, &list))
        return;
    while (r->listed == SBL_MECHANISM_UNKNOWN && asn1_next(&r->asn1, &list, &tag, &oid))
        if (tag == ASN1_OID)
            r->listed = mechanism_of(&oid);
    r->token->prefers_kerberos = r->listed == SBL_MECHANISM_KERBEROS;
}

static void read_init(struct reading *r, struct sbl_cursor *fields) {
    struct sbl_cursor field;
    uint8_t tag;
    r->token->is_init = true;
    while (asn1_next(&r->asn1, fields, &tag, &field)) {
        if (tag == ASN1_CONTEXT_0)
            read_mechanisms(r, &field);
        else if (tag == ASN1_CONTEXT_0 + 2)
            read_token_field(r, &field);
        else if (tag == ASN1_CONTEXT_0 + 3 || tag == ASN1_CONTEXT_0 + 4)
            r->token->has_mic_list = true;
    }
}

static void read_resp(struct reading *r, struct sbl_cursor *fields) {
    struct sbl_cursor field, content;
    uint8_t tag;
    while (asn1_next(&r->asn1, fields, &tag, &field)) {
        if (tag == ASN1_CONTEXT_0) {
            if (asn1_enter(&r->asn1, &field, ASN1_ENUMERATED, &content))
                r->token->neg_state = (uint8_t)((asn1_int32(&r->asn1, content) & 0x7F) + 1);
        } else if (tag == ASN1_CONTEXT_0 + 1) {
            if (asn1_enter(&r->asn1, &field, ASN1_OID, &content))
                r->listed = mechanism_of(&content);
        } else if (tag == ASN1_CONTEXT_0 + 2) {
            read_token_field(r, &field);
        } else if (tag == ASN1_CONTEXT_0 + 3) {
            r->token->has_mic_list = true;
        }
    }
}

/* NegotiationToken ::= CHOICE { [0] NegTokenInit, [1] NegTokenResp }, each holding a SEQUENCE. */
static void read_negotiation(struct reading *r, struct sbl_cursor *choice) {
    struct sbl_cursor content, fields;
    uint8_t tag;
    if (!asn1_next(&r->asn1, choice, &tag, &content) ||
        !asn1_enter(&r->asn1, &content, ASN1_SEQUENCE, &fields))
        return;
    if (tag == TAG_NEG_TOKEN_INIT)
        read_init(r, &fields);
    else if (tag == TAG_NEG_TOKEN_RESP)
        read_resp(r, &fields);
    else
        r->asn1.is_broken = true;
}

/* A GSS-API initial token: its OID says whether SPNEGO or a bare mechanism follows. */
static void read_framed(struct reading *r, struct sbl_cursor *blob) {
    struct sbl_cursor framed, oid;
    size_t start = blob->at;
    if (!asn1_enter(&r->asn1, blob, TAG_GSS, &framed) ||
        !asn1_enter(&r->asn1, &framed, ASN1_OID, &oid))
        return;
    if (is_oid(&oid, spnego_oid, sizeof spnego_oid)) {
        read_negotiation(r, &framed);
        return;
    }
    r->token->wrapping = SBL_WRAPPING_RAW;
    r->listed = mechanism_of(&oid);
    sbl_cursor_seek(blob, start);
    read_inner(r, r->listed == SBL_MECHANISM_KERBEROS ? blob : &framed, r->asn1.is_cut);
}

/* The last resort: NTLMSSP's signature anywhere in the blob. */
static void search_ntlmssp(struct reading *r, struct sbl_cursor *blob) {
    while (sbl_cursor_left(blob) >= NTLMSSP_SIGNATURE_BYTES) {
        if (sbl_cursor_starts(blob, ntlmssp_signature, sizeof ntlmssp_signature)) {
            read_inner(r, blob, r->asn1.is_cut);
            return;
        }
        sbl_cursor_skip(blob, 1);
    }
}

void token_read(struct sbl_cursor blob, bool is_cut, struct sbl_report *report,
                struct sbl_auth_token *token) {
    struct reading r = {.asn1 = {.is_cut = is_cut}, .report = report, .token = token};
    if (blob.spoiled || sbl_cursor_left(&blob) == 0)
        return;
    struct sbl_cursor c = {.base = blob.base, .size = blob.size, .at = blob.at};
    uint8_t tag = c.base[c.at];
    token->wrapping = SBL_WRAPPING_SPNEGO;
    if (tag == TAG_GSS) {
        read_framed(&r, &c);
    } else if (tag == TAG_NEG_TOKEN_INIT || tag == TAG_NEG_TOKEN_RESP) {
        read_negotiation(&r, &c);
    } else {
        token->wrapping = SBL_WRAPPING_RAW;
        read_inner(&r, &c, is_cut);
        r.asn1.is_broken = token->mechanism == SBL_MECHANISM_UNKNOWN && !is_cut;
    }
    if (r.asn1.is_broken) {
        sbl_report_odd(report, SBL_ODDITY_BAD_ASN1);
        if (token->mechanism == SBL_MECHANISM_UNKNOWN)
            search_ntlmssp(&r, &blob);
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
    token_read(part_bytes, report->is_cut, report, &seen.token);
    sbl_report_add(report, &part_bytes, &seen);
}

const struct sbl_dissector sbl_dissector_spnego = {
    .name = "spnego", .prefix_bytes = 4, .recognises = recognises, .dissect = dissect};
