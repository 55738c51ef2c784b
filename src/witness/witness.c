/* What one packet says beside SMB.
 *
 * A server is who answers: a SYN to port 88 that nobody takes up proves nothing, so only the sender
 * of a SYN+ACK from one of the ports, or of data that looks like the protocol's, is told. Data from
 * the ports beyond 1023 and from 636 proves nothing either: old clients choose such ports for their
 * own end.
 *
 *     88             Kerberos; over TCP every message has its length before it, 4 bytes
 *     389 636        LDAP, the second one under TLS
 *     3268 3269      the same for the Global Catalog
 *     137 (UDP)      NetBIOS names */
#include "witness/witness.h"

#include <errno.h>
#include <string.h>

#include <smblame/dissector.h>

#include "witness/state.h"

enum {
    KRB_AS_REP = 0x6B, /* [APPLICATION n] as a tag */
    KRB_TGS_REP = 0x6D,
    KRB_ERROR = 0x7E,
    KRB_ERROR_MESSAGE = 30,
    LDAP_MESSAGE = 0x30, /* SEQUENCE */
};

int witness_new_with(struct witness **witness, const struct witness_options *options,
                     uint32_t answers) {
    *witness = NULL;
    struct witness *w = pages_reserve(sizeof *w);
    if (!w)
        return -ENOMEM;
    w->options = *options;
    if (table_init(&w->answers, answers, ANSWER_KEY, ANSWER_VALUE)) {
        pages_free(w, sizeof *w);
        return -ENOMEM;
    }
    *witness = w;
    return 0;
}

int witness_new(struct witness **witness, const struct witness_options *options) {
    return witness_new_with(witness, options, sbl_limit_of(options->limits, SBL_LIMIT_WITNESSES));
}

size_t witness_ceiling(const struct sbl_limits *limits) {
    return sizeof(struct witness) +
           table_bytes(sbl_limit_of(limits, SBL_LIMIT_WITNESSES), ANSWER_KEY, ANSWER_VALUE);
}

void witness_free(struct witness *w) {
    if (!w)
        return;
    table_fini(&w->answers);
    pages_free(w, sizeof *w);
}

struct sbl_witness witness_of(const struct sbl_segment *segment, enum sbl_witness_kind kind) {
    return (struct sbl_witness){.kind = kind,
                                .time_ns = segment->frame->time_ns,
                                .ip_version = segment->ip_version,
                                .has_mac = segment->macs != NULL,
                                .server = sbl_segment_from(segment),
                                .client = sbl_segment_to(segment)};
}

static void dissect(struct witness *w, enum sbl_dissector_id id, struct sbl_cursor bytes,
                    bool is_cut) {
    struct sbl_part part = {.message_bytes = (uint32_t)sbl_cursor_left(&bytes)};
    sbl_report_reset(&w->report, is_cut);
    sbl_dissectors[id]->dissect(bytes, &part, &w->report);
    for (unsigned i = 0; i < SBL_ODDITY_COUNT; i++)
        w->options.stats->oddities[id][i] += w->report.oddities[i];
}

/* A name's owner is the address that the packet gives; its MAC is known when it is the sender. */
static void tell_name(struct witness *w, const struct sbl_segment *segment,
                      const struct sbl_name_claim *claim) {
    static const uint8_t nobody[4], everybody[4] = {255, 255, 255, 255};
    struct sbl_witness told = witness_of(segment, SBL_WITNESS_NETBIOS_NAME);
    told.name = claim->name;
    told.is_group_name = claim->is_group;
    told.client = (struct sbl_endpoint){0};
    bool is_sender = claim->source == SBL_NAME_STATUS ||
                     memcmp(claim->address, told.server.address, sizeof claim->address) == 0;
    if (!is_sender) {
        if (memcmp(claim->address, nobody, sizeof nobody) == 0 ||
            memcmp(claim->address, everybody, sizeof everybody) == 0)
            return;
        told.server = (struct sbl_endpoint){.port = WITNESS_PORT_NBNS};
        told.has_mac = false;
        told.ip_version = 4;
        memcpy(told.server.address, claim->address, sizeof claim->address);
    }
    w->options.tell(w->options.context, &told);
}

static void names_seen(struct witness *w, const struct sbl_segment *segment) {
    dissect(w, SBL_DISSECTOR_NBNS, sbl_cursor_of(segment->payload, segment->payload_bytes),
            segment->cut_bytes > 0);
    for (uint32_t i = 0; i < w->report.count; i++)
        if (w->report.observations[i].kind == SBL_SAW_NAME_CLAIM)
            tell_name(w, segment, &w->report.observations[i].name_claim);
}

/* The components of a principal joined by slashes; one alone stays where it is. */
static struct sbl_text join(const struct sbl_text *parts, unsigned count,
                            uint8_t room[WITNESS_PRINCIPAL_BYTES]) {
    if (count == 0)
        return (struct sbl_text){0};
    if (count == 1)
        return parts[0];
    struct sbl_text joined = {.bytes = room, .encoding = SBL_TEXT_UTF8};
    for (unsigned i = 0; i < count; i++) {
        if (i > 0 && joined.size < WITNESS_PRINCIPAL_BYTES)
            room[joined.size++] = '/';
        uint32_t left = WITNESS_PRINCIPAL_BYTES - joined.size;
        uint32_t step = parts[i].size < left ? parts[i].size : left;
        if (step > 0)
            memcpy(room + joined.size, parts[i].bytes, step);
        joined.size += step;
        joined.is_cut |= parts[i].is_cut || step < parts[i].size;
    }
    return joined;
}

static void error_seen(struct witness *w, const struct sbl_segment *segment,
                       struct sbl_cursor message, bool is_cut) {
    dissect(w, SBL_DISSECTOR_KERBEROS, message, is_cut);
    const struct sbl_kerberos *kerberos = &w->report.observations[0].token.kerberos;
    bool is_error = w->report.count > 0 && kerberos->message == KRB_ERROR_MESSAGE;
    /* 0 is KDC_ERR_NONE: no KDC sends it, and it is what a cut or broken error reads as */
    if (!is_error || kerberos->error_code == 0)
        return;
    struct sbl_witness told = witness_of(segment, SBL_WITNESS_KERBEROS_ERROR);
    told.error_code = kerberos->error_code;
    told.principal = join(kerberos->client, kerberos->client_count, w->joined[0]);
    told.service = join(kerberos->service, kerberos->service_count, w->joined[1]);
    told.realm =
        sbl_text_is_present(kerberos->client_realm) ? kerberos->client_realm : kerberos->realm;
    w->options.tell(w->options.context, &told);
}

/* What may be a reply of a KDC. */
static void kerberos_seen(struct witness *w, const struct sbl_segment *segment) {
    struct sbl_cursor c = sbl_cursor_of(segment->payload, segment->payload_bytes);
    uint32_t bytes =
        segment->is_datagram ? segment->payload_bytes : sbl_cursor_be32(&c); /* its length */
    size_t left = sbl_cursor_left(&c);
    struct sbl_cursor message = sbl_cursor_blob(&c, bytes < left ? bytes : left);
    struct sbl_cursor look = message;
    uint8_t tag = sbl_cursor_u8(&look);
    if (look.spoiled || (tag != KRB_AS_REP && tag != KRB_TGS_REP && tag != KRB_ERROR))
        return;
    witness_answered(w, segment, SBL_WITNESS_KERBEROS_SERVER);
    if (tag == KRB_ERROR) /* longer than its segment: cut for us, as nothing is put together here */
        error_seen(w, segment, message, segment->cut_bytes > 0 || bytes > left);
}

static bool is_ldap(const struct sbl_segment *segment) {
    struct sbl_cursor c = sbl_cursor_of(segment->payload, segment->payload_bytes);
    return sbl_cursor_u8(&c) == LDAP_MESSAGE;
}

static bool is_taken_up(const struct sbl_segment *segment) {
    const uint8_t both = SBL_TCP_SYN | SBL_TCP_ACK;
    return !segment->is_datagram && (segment->tcp_flags & (both | SBL_TCP_RST)) == both;
}

static void server_seen(struct witness *w, const struct sbl_segment *segment) {
    uint16_t port = segment->from_port;
    if (port == WITNESS_PORT_KERBEROS) {
        if (is_taken_up(segment))
            witness_answered(w, segment, SBL_WITNESS_KERBEROS_SERVER);
        else
            kerberos_seen(w, segment);
    } else if (is_taken_up(segment) || (port == WITNESS_PORT_LDAP && is_ldap(segment))) {
        witness_answered(w, segment, SBL_WITNESS_LDAP_SERVER);
    }
}

void witness_listen(struct witness *w, const struct sbl_segment *segment) {
    if (segment->from_port == WITNESS_PORT_NBNS)
        names_seen(w, segment);
    else
        server_seen(w, segment);
}
