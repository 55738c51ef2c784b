/* The call of the dissector and everything that hangs on it. */
#include "stream/handover.h"

#include <string.h>

#include <smblame/cursor.h>

#include "stream/framing.h"

SBL_ASIDE void count_oddities(struct stream *stream, unsigned dissector) {
    for (unsigned i = 0; i < SBL_ODDITY_COUNT; i++)
        stream->stats->oddities[dissector][i] += stream->report.oddities[i];
}

static void count_observations(struct stream *stream) {
    struct sbl_stats *stats = stream->stats;
    for (uint32_t i = 0; i < stream->report.count; i++) {
        const struct sbl_observation *seen = &stream->report.observations[i];
        if (seen->kind == SBL_SAW_ENCRYPTED)
            stats->encrypted_messages++;
        else if (seen->kind == SBL_SAW_COMPRESSED)
            stats->compressed_messages++;
        else if (seen->head.version == 1)
            stats->smb1_commands[seen->head.command & 0xFF]++;
        else if (seen->head.version == 2 && seen->head.command < 32)
            stats->smb2_commands[seen->head.command]++;
    }
}

/* Whether these bytes come from a client (1), from a server (0), or do not say (-1). */
static int comes_from_client(unsigned dissector, const uint8_t *bytes, uint32_t count) {
    struct sbl_cursor c = sbl_cursor_of(bytes, count);
    if (dissector == SBL_DISSECTOR_NBSS)
        return sbl_cursor_u8(&c) == SBL_NBSS_REQUEST;
    uint8_t protocol = sbl_cursor_u8(&c);
    if (protocol != 0xFF && protocol != 0xFE)
        return -1;
    /* SMB_FLAGS_REPLY in Flags at 9; SMB2_FLAGS_SERVER_TO_REDIR in Flags at 16 */
    sbl_cursor_seek(&c, protocol == 0xFF ? 9 : 16);
    uint8_t flags = sbl_cursor_u8(&c);
    return c.spoiled ? -1 : (flags & (protocol == 0xFF ? 0x80 : 0x01)) == 0;
}

/* Which side is the client when no SYN said so: who talks to port 139 or 445, else who sends the
 * first request, else the higher port. */
static bool is_client_high(const struct arrival *a, unsigned side, int is_client) {
    const struct sbl_conversation *talk = &a->connection->conversation;
    bool is_smb[2];
    for (unsigned i = 0; i < 2; i++)
        is_smb[i] = talk->side[i].port == 445 || talk->side[i].port == 139;
    if (is_smb[0] != is_smb[1])
        return is_smb[0];
    if (is_client >= 0)
        return is_client ? side == 1 : side == 0;
    return talk->side[1].port > talk->side[0].port;
}

/* The first message: from now on the conversation is known to others. Until here its sides stand
 * in canonical order. */
SBL_ASIDE void announce(struct arrival *a, unsigned side, unsigned dissector, const uint8_t *bytes,
                        uint32_t count) {
    struct connection *connection = a->connection;
    struct sbl_conversation *talk = &connection->conversation;
    uint32_t *flags = &a->flow->flags;
    int is_client = comes_from_client(dissector, bytes, count);
    if (!(*flags & FLOW_CLIENT_KNOWN) && is_client_high(a, side, is_client))
        *flags |= FLOW_CLIENT_HIGH;
    *flags |= FLOW_CLIENT_KNOWN;
    if (*flags & FLOW_CLIENT_HIGH) {
        struct sbl_endpoint client = talk->side[1];
        talk->side[1] = talk->side[0];
        talk->side[0] = client;
    }
    talk->saw_syn = (*flags & (FLOW_SYN | FLOW_SYN << 1)) != 0;
    *flags |= FLOW_ANNOUNCED;
    a->stream->stats->connections_smb++;
    a->stream->stats->connections_by_banner += connection->is_by_banner;
}

/* What later parts of the message must know of this one. */
static void carry_on(struct stream *stream, struct unit *u, const uint8_t *bytes, uint32_t count) {
    const struct sbl_report *report = &stream->report;
    if (u->part.offset == 0)
        memcpy(u->part.header, bytes, count < 32 ? count : 32);
    uint32_t position = u->part.chain_position + report->count;
    u->part.chain_position = (uint8_t)(position < 255 ? position : 255);
    if (report->count > 0) {
        const struct sbl_smb_head *head = &report->observations[report->count - 1].head;
        u->part.session_id = head->session_id;
        u->part.tree_id = head->tree_id;
    }
}

/* Shows the part to who keeps frames, before anybody hears of the message. */
SBL_ASIDE void tell_keeper(const struct arrival *a, const struct unit *u,
                           const struct sbl_message *message, const struct run *part) {
    const struct stream *stream = a->stream;
    struct sbl_part_seen seen = {.dissector = stream->dissectors[u->dissector],
                                 .part = &u->part,
                                 .bytes = part->bytes,
                                 .count = part->count,
                                 .seq = part->seq,
                                 .resume_at = u->resume_at,
                                 .segment = a->segment};
    stream->keeper->part(stream->keeper->context, &a->connection->conversation, message, &seen);
}

void handover_seen(struct arrival *a, unsigned side, struct unit *u, const uint8_t *bytes,
                   uint32_t count) {
    struct stream *stream = a->stream;
    struct connection *connection = a->connection;
    struct sbl_report *report = &stream->report;
    bool is_control = u->dissector == SBL_DISSECTOR_NBSS;
    if (!(a->flow->flags & FLOW_ANNOUNCED))
        announce(a, side, u->dissector, bytes, count);
    if (is_control && bytes[0] == SBL_NBSS_REQUEST)
        connection->conversation.is_netbios = true;
    if (report->oddity_count > 0)
        count_oddities(stream, u->dissector);
    count_observations(stream);
    stream->stats->messages += u->part.offset == 0;
    stream->stats->messages_cut += report->is_cut;
    struct run part = {bytes, u->pdu_seq + u->part.offset + (is_control ? 0 : BANNER_FRAME_BYTES),
                       count};
    struct sbl_message message = {
        .time_ns = a->moment.time_ns,
        .frame = {.number = a->moment.number, .file = a->moment.file},
        .process = a->moment.process,
        .seq = u->pdu_seq,
        .end_seq = part.seq + count,
        .ack = a->moment.ack,
        .from = (uint8_t)(side != ((a->flow->flags & FLOW_CLIENT_HIGH) != 0)),
        .report = report,
    };
    a->flow->flags &= ~(uint32_t)(FLOW_SAID | FLOW_SAID << 1);
    a->flow->flags |= (uint32_t)FLOW_SAID << side;
    if (SBL_RARELY(stream->keeper))
        tell_keeper(a, u, &message, &part);
    if (stream->events.message)
        stream->events.message(stream->events.context, &connection->conversation, &message);
    if (report->count > 0)
        history_keep(&stream->history, &direction_of(a, side)->history, &part);
}

void handover_part(struct arrival *a, unsigned side, const uint8_t *bytes, uint32_t count,
                   bool is_cut) {
    struct stream *stream = a->stream;
    struct unit *u = unit_of(a, side);
    sbl_report_reset(&stream->report, is_cut);
    stream->dissectors[u->dissector]->dissect(sbl_cursor_of(bytes, count), &u->part,
                                              &stream->report);
    handover_seen(a, side, u, bytes, count);
    if (u->resume_at > 0)
        carry_on(stream, u, bytes, count);
}
