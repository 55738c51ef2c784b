/* Kerberos tokens inside session setups: RFC 4120 messages, bare or in the GSS-API frame of
 * RFC 4121 section 4.1 (0x60, length, mechanism OID, two bytes of token id).
 *
 *     AP-REQ     token id 01 00, [APPLICATION 14]: [3] ticket: [1] realm, [2] sname
 *     AP-REP     token id 02 00, [APPLICATION 15]: nothing of it is readable
 *     KRB-ERROR  token id 03 00, [APPLICATION 30]: [6] error-code, [7] crealm, [8] cname,
 *                [9] realm, [10] sname
 *
 * In a ticket the client's name is encrypted, so we want what the wire shows: for which service of
 * which realm the ticket is, why it was refused, and whom the KDC refused when it says so. Ciphers
 * are never touched. */
#include "asn1.h"
#include "token.h"

#include <smblame/dissector.h>

enum {
    KRB_AP_REQ = 14,
    KRB_AP_REP = 15,
    KRB_ERROR = 30,
    TAG_TICKET = ASN1_APPLICATION_0 + 1,
    TAG_GSS = ASN1_APPLICATION_0,
    TOKEN_ID_BYTES = 2,
    SERVICE_PARTS = 3, /* of struct sbl_kerberos */
    CLIENT_PARTS = 2,
};

/* The text of the GeneralString inside an explicitly tagged field. */
static struct sbl_text general_string(struct asn1 *asn1, struct sbl_cursor field) {
    struct sbl_cursor content;
    if (!asn1_enter(asn1, &field, ASN1_GENERAL_STRING, &content))
        return (struct sbl_text){0};
    struct sbl_text text =
        sbl_cursor_text_at(&content, content.at, sbl_cursor_left(&content), SBL_TEXT_UTF8);
    text.is_cut = asn1->is_clipped;
    return text;
}

/* PrincipalName ::= SEQUENCE { [0] name-type, [1] SEQUENCE OF GeneralString }. Reads the first
 * `room` components and says how many there were of them. */
static uint8_t read_principal(struct asn1 *asn1, struct sbl_cursor field, struct sbl_text *parts,
                              uint8_t room) {
    struct sbl_cursor principal, names, strings;
    uint8_t count = 0;
    if (!asn1_enter(asn1, &field, ASN1_SEQUENCE, &principal) ||
        !asn1_find(asn1, principal, ASN1_CONTEXT_0 + 1, &names) ||
        !asn1_enter(asn1, &names, ASN1_SEQUENCE, &strings))
        return 0;
    while (count < room && sbl_cursor_left(&strings) > 0) {
        struct sbl_text part = general_string(asn1, strings);
        uint8_t tag;
        struct sbl_cursor skipped;
        if (!sbl_text_is_present(part) || !asn1_next(asn1, &strings, &tag, &skipped))
            break;
        parts[count++] = part;
    }
    return count;
}

/* Reads realm and service name, which stand side by side under these two tags. */
static void read_names(struct asn1 *asn1, struct sbl_cursor fields, uint8_t realm_tag,
                       struct sbl_kerberos *kerberos) {
    struct sbl_cursor field;
    if (asn1_find(asn1, fields, realm_tag, &field))
        kerberos->realm = general_string(asn1, field);
    if (asn1_find(asn1, fields, (uint8_t)(realm_tag + 1), &field))
        kerberos->service_count = read_principal(asn1, field, kerberos->service, SERVICE_PARTS);
}

static void read_ap_req(struct asn1 *asn1, struct sbl_cursor fields,
                        struct sbl_kerberos *kerberos) {
    struct sbl_cursor field, ticket, sequence;
    if (asn1_find(asn1, fields, ASN1_CONTEXT_0 + 3, &field) &&
        asn1_enter(asn1, &field, TAG_TICKET, &ticket) &&
        asn1_enter(asn1, &ticket, ASN1_SEQUENCE, &sequence))
        read_names(asn1, sequence, ASN1_CONTEXT_0 + 1, kerberos);
}

static void read_error(struct asn1 *asn1, struct sbl_cursor fields, struct sbl_kerberos *kerberos) {
    struct sbl_cursor field, code;
    if (asn1_find(asn1, fields, ASN1_CONTEXT_0 + 6, &field) &&
        asn1_enter(asn1, &field, ASN1_INTEGER, &code))
        kerberos->error_code = asn1_int32(asn1, code);
    if (asn1_find(asn1, fields, ASN1_CONTEXT_0 + 7, &field))
        kerberos->client_realm = general_string(asn1, field);
    if (asn1_find(asn1, fields, ASN1_CONTEXT_0 + 8, &field))
        kerberos->client_count = read_principal(asn1, field, kerberos->client, CLIENT_PARTS);
    read_names(asn1, fields, ASN1_CONTEXT_0 + 9, kerberos);
}

/* Steps over the GSS-API frame when there is one. */
static void skip_frame(struct asn1 *asn1, struct sbl_cursor *token) {
    struct sbl_cursor framed, oid;
    if (!sbl_cursor_starts(token, &(uint8_t){TAG_GSS}, 1))
        return;
    if (asn1_enter(asn1, token, TAG_GSS, &framed) && asn1_enter(asn1, &framed, ASN1_OID, &oid)) {
        sbl_cursor_skip(&framed, TOKEN_ID_BYTES);
        *token = framed;
    }
}

void kerberos_read(struct sbl_cursor token, bool is_cut, struct sbl_report *report,
                   struct sbl_kerberos *kerberos) {
    *kerberos = (struct sbl_kerberos){0};
    struct asn1 asn1 = asn1_begin(is_cut);
    struct sbl_cursor message, fields;
    uint8_t tag;
    skip_frame(&asn1, &token);
    if (asn1_next(&asn1, &token, &tag, &message)) {
        uint8_t number = (uint8_t)(tag - ASN1_APPLICATION_0);
        if (number == KRB_AP_REQ || number == KRB_AP_REP || number == KRB_ERROR) {
            kerberos->message = number;
            if (number != KRB_AP_REP && asn1_enter(&asn1, &message, ASN1_SEQUENCE, &fields))
                (number == KRB_AP_REQ ? read_ap_req : read_error)(&asn1, fields, kerberos);
        }
    }
    if (asn1.is_broken)
        sbl_report_odd(report, SBL_ODDITY_BAD_ASN1);
}

static bool recognises(const uint8_t *prefix, size_t size) {
    return size > 0 && (prefix[0] == ASN1_APPLICATION_0 + KRB_AP_REQ ||
                        prefix[0] == ASN1_APPLICATION_0 + KRB_AP_REP ||
                        prefix[0] == ASN1_APPLICATION_0 + KRB_ERROR);
}

static void dissect(struct sbl_cursor part_bytes, const struct sbl_part *part,
                    struct sbl_report *report) {
    (void)part;
    struct sbl_observation seen = {.kind = SBL_SAW_NTLMSSP};
    seen.token.wrapping = SBL_WRAPPING_RAW;
    kerberos_read(part_bytes, report->is_cut, report, &seen.token.kerberos);
    if (seen.token.kerberos.message != 0)
        seen.token.mechanism = SBL_MECHANISM_KERBEROS;
    sbl_report_add(report, &part_bytes, &seen);
}

const struct sbl_dissector sbl_dissector_kerberos = {
    .name = "kerberos", .prefix_bytes = 4, .recognises = recognises, .dissect = dissect};
