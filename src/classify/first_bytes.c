/* The protocols that most flows carry begin their messages with bytes of their own, which are
 * compared for less than a thousandth of what nDPI spends on one TLS greeting. Only what is certain
 * is named: a mistake here would hide a flow from nDPI, though never from the search for SMB, which
 * tests data segments itself. */
#include "classify/first_bytes.h"

#include <string.h>

#include <ndpi_api.h>

struct signature {
    uint16_t protocol;
    uint16_t port; /* that one side must have; 0 = any */
    uint8_t size;
    char bytes[9];
};

static const struct signature signatures[] = {
    {NDPI_PROTOCOL_TLS, 0, 2, "\x16\x03"}, /* RFC 8446 5.1: handshake, */
    {NDPI_PROTOCOL_TLS, 0, 2, "\x17\x03"}, /* application data, */
    {NDPI_PROTOCOL_TLS, 0, 2, "\x15\x03"}, /* alert, */
    {NDPI_PROTOCOL_TLS, 0, 2, "\x14\x03"}, /* change of cipher */
    {NDPI_PROTOCOL_HTTP, 0, 4, "GET "},
    {NDPI_PROTOCOL_HTTP, 0, 7, "HTTP/1."},
    {NDPI_PROTOCOL_HTTP, 0, 5, "POST "},
    {NDPI_PROTOCOL_HTTP, 0, 5, "HEAD "},
    {NDPI_PROTOCOL_HTTP, 0, 4, "PUT "},
    {NDPI_PROTOCOL_HTTP, 0, 8, "OPTIONS "},
    {NDPI_PROTOCOL_HTTP, 0, 8, "CONNECT "},
    {NDPI_PROTOCOL_HTTP, 0, 7, "DELETE "},
    {NDPI_PROTOCOL_HTTP, 0, 9, "PROPFIND "},
    {NDPI_PROTOCOL_SSH, 0, 4, "SSH-"},
    {NDPI_PROTOCOL_MAIL_POP, 110, 3, "+OK"},
    {NDPI_PROTOCOL_MAIL_IMAP, 143, 4, "* OK"},
    {NDPI_PROTOCOL_MAIL_SMTP, 25, 4, "220 "},
    {NDPI_PROTOCOL_MSSQL_TDS, 1433, 2, "\x12\x01"}, /* [MS-TDS] 2.2.3.1: PRELOGIN */
    {NDPI_PROTOCOL_RDP, 3389, 2, "\x03\x00"},       /* RFC 1006 6: TPKT */
    {NDPI_PROTOCOL_LDAP, 389, 1, "\x30"},           /* RFC 4511 4.1.1: a SEQUENCE */
    {NDPI_PROTOCOL_DCERPC, 0, 3, "\x05\x00\x0B"},   /* [C706] 12.6.4: bind, */
    {NDPI_PROTOCOL_DCERPC, 0, 3, "\x05\x00\x0C"},   /* bind_ack */
};

static const struct {
    uint16_t protocol;
    const char *word;
} words[] = {
    {NDPI_PROTOCOL_MAIL_POP, "POP3"},
    {NDPI_PROTOCOL_MAIL_SMTP, "SMTP"},
    {NDPI_PROTOCOL_MAIL_IMAP, "IMAP"},
    {NDPI_PROTOCOL_DNS, "DNS"},
    {NDPI_PROTOCOL_HTTP, "HTTP"},
    {NDPI_PROTOCOL_RDP, "RDP"},
    {NDPI_PROTOCOL_TLS, "TLS"},
    {NDPI_PROTOCOL_SSH, "SSH"},
    {NDPI_PROTOCOL_KERBEROS, "Kerberos"},
    {NDPI_PROTOCOL_LDAP, "LDAP"},
    {NDPI_PROTOCOL_MSSQL_TDS, "MsSQL-TDS"},
    {NDPI_PROTOCOL_DCERPC, "DCE_RPC"},
};

static bool is_on(const struct sbl_segment *segment, uint16_t port) {
    return segment->from_port == port || segment->to_port == port;
}

/* RFC 1035 4.2.2: a length of two bytes, then a header of twelve. */
static bool is_dns(const struct sbl_segment *segment) {
    const uint8_t *bytes = segment->payload;
    return is_on(segment, 53) && segment->payload_bytes >= 2 && (bytes[0] << 8 | bytes[1]) >= 12;
}

static bool is_kerberos_tag(uint8_t tag) {
    return (tag >= 0x6A && tag <= 0x6E) || tag == 0x7E;
}

/* RFC 4120 7.2.2 and 5.10: a length of four bytes, then an application tag. */
static bool is_kerberos(const struct sbl_segment *segment) {
    const uint8_t *bytes = segment->payload;
    return is_on(segment, 88) && segment->payload_bytes >= 5 && bytes[0] == 0 &&
           is_kerberos_tag(bytes[4]);
}

uint16_t first_bytes_name(const struct sbl_segment *segment) {
    const uint8_t *bytes = segment->payload;
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures && segment->payload_bytes; i++) {
        const struct signature *s = &signatures[i];
        if ((uint8_t)s->bytes[0] == bytes[0] && segment->payload_bytes >= s->size &&
            memcmp(s->bytes, bytes, s->size) == 0 && (s->port == 0 || is_on(segment, s->port)))
            return s->protocol;
    }
    if (is_dns(segment))
        return NDPI_PROTOCOL_DNS;
    return is_kerberos(segment) ? NDPI_PROTOCOL_KERBEROS : 0;
}

const char *first_bytes_word(uint16_t protocol) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].protocol == protocol)
            return words[i].word;
    return NULL;
}

/* A session message has a protocol byte (FC to FF) or an application tag of Kerberos behind its
 * length. Of the other session packets only the lowest bit of the flags is ever set. */
bool first_bytes_may_be_framed(const struct sbl_segment *segment) {
    const uint8_t *bytes = segment->payload;
    if (segment->payload_bytes < 5)
        return segment->payload_bytes > 0 && bytes[0] == 0;
    if (bytes[0] == 0)
        return bytes[4] >= 0xFC || is_kerberos_tag(bytes[4]);
    return bytes[0] >= 0x81 && bytes[0] <= 0x85 && bytes[1] <= 1;
}
