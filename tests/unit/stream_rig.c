/* The bench of stream_rig.h: how segments are made and events written down. */
#include "stream_rig.h"

#include "segment_ends.h"

const struct stream_sizes rig_sizes = {
    .flows = 64,
    .connections = 32,
    .chunks = 256,
    .chunks_per_side = 128,
    .message_bytes = 1 << 17,
    .framed_bytes = 0x01000000,
    .message_buffers = 64,
    .chain_length = 64,
    .history_bytes = 1 << 16,
};

__attribute__((format(printf, 2, 3))) static void line(struct rig *rig, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int count =
        vsnprintf(rig->log + rig->log_bytes, RIG_LOG_BYTES - rig->log_bytes, format, arguments);
    va_end(arguments);
    if (count > 0 && (size_t)count < RIG_LOG_BYTES - rig->log_bytes)
        rig->log_bytes += (size_t)count;
}

static const char *name_of(uint8_t from) {
    return from == CLIENT ? "client" : "server";
}

static void on_message(void *context, struct sbl_conversation *talk,
                       const struct sbl_message *message) {
    struct rig *rig = context;
    if (rig->client_port)
        assert_int_equal(talk->side[0].port, rig->client_port);
    const struct sbl_report *report = message->report;
    for (uint32_t i = 0; i < report->count; i++) {
        const struct sbl_observation *seen = &report->observations[i];
        if (rig->is_terse)
            line(rig, "%s %u %016llx\n", name_of(message->from),
                 message->seq - rig->seq_base[message->from],
                 (unsigned long long)seen->head.session_id);
        else if (seen->kind == SBL_SAW_NBSS)
            line(rig, "%s nbss %02x frame %u\n", name_of(message->from), seen->nbss.type,
                 (unsigned)message->frame.number);
        else
            line(rig, "%s %u id %u bytes %u%s frame %u\n", name_of(message->from),
                 seen->head.command, (unsigned)seen->head.message_id, seen->head.status,
                 report->is_cut ? " cut" : "", (unsigned)message->frame.number);
    }
}

static void on_gap(void *context, struct sbl_conversation *talk, uint8_t from, int64_t time_ns) {
    (void)talk;
    (void)time_ns;
    line(context, "gap %s\n", name_of(from));
}

static void on_dispute(void *context, struct sbl_conversation *talk, uint8_t from, uint32_t seq,
                       uint32_t end_seq) {
    (void)talk;
    line(context, "dispute %s %u-%u\n", name_of(from), seq, end_seq);
}

static void on_close(void *context, struct sbl_conversation *talk, enum sbl_close how,
                     int64_t time_ns) {
    static const char *const names[] = {"fin", "reset", "reused", "evicted", "end"};
    (void)time_ns;
    line(context, "close %s %u\n", names[how], talk->side[0].port);
}

struct rig *rig_new(const struct stream_sizes *sizes, uint16_t server_port) {
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    struct stream_options options = {.events = {.context = rig,
                                                .message = on_message,
                                                .gap = on_gap,
                                                .dispute = on_dispute,
                                                .close = on_close},
                                     .stats = &rig->stats};
    assert_int_equal(stream_new_sized(&rig->stream, &options, sizes, fake_dissectors), 0);
    rig->client_port = 40000;
    rig->server_port = server_port;
    return rig;
}

void rig_free(struct rig *rig) {
    stream_free(rig->stream);
    free(rig);
}

void rig_clear(struct rig *rig) {
    rig->log_bytes = 0;
    rig->log[0] = 0;
}

void rig_feed(struct rig *rig, struct rig_segment s) {
    struct sbl_endpoint ends[2] = {
        {.address = {10, 0, 0, 9}, .port = rig->client_port},
        {.address = {10, 0, 0, 1}, .port = rig->server_port},
    };
    rig->frame.number++;
    rig->frame.time_ns += 100000000;
    uint8_t *copy = malloc(s.count ? s.count : 1);
    assert_non_null(copy);
    if (s.count)
        memcpy(copy, s.bytes, s.count);
    struct packet_ends packet;
    struct sbl_segment segment = {.frame = &rig->frame,
                                  .ordinal = rig->frame.number,
                                  .payload = copy,
                                  .payload_bytes = s.count,
                                  .cut_bytes = s.cut,
                                  .seq = s.seq,
                                  .ack = s.ack ? s.ack : rig->seq[s.from ^ 1],
                                  .tcp_flags = s.flags,
                                  .ip_version = 4};
    segment_set_ends(&segment, &packet, &ends[s.from], &ends[s.from ^ 1]);
    stream_feed(rig->stream, &segment, 1);
    free(copy);
}

void rig_send(struct rig *rig, uint8_t from, const void *bytes, uint32_t count) {
    rig_feed(rig, (struct rig_segment){.from = from,
                                       .flags = FLAG_ACK,
                                       .seq = rig->seq[from],
                                       .bytes = bytes,
                                       .count = count});
    rig->seq[from] += count;
}

void rig_syn(struct rig *rig, uint32_t client_isn, uint32_t server_isn) {
    rig_feed(rig, (struct rig_segment){.from = CLIENT, .flags = SBL_TCP_SYN, .seq = client_isn});
    rig->seq[CLIENT] = client_isn + 1;
    rig_feed(rig, (struct rig_segment){
                      .from = SERVER, .flags = SBL_TCP_SYN | FLAG_ACK, .seq = server_isn});
    rig->seq[SERVER] = server_isn + 1;
    rig_ack(rig, CLIENT);
}

void rig_ack(struct rig *rig, uint8_t from) {
    rig_feed(rig, (struct rig_segment){.from = from, .flags = FLAG_ACK, .seq = rig->seq[from]});
}

static void put32(uint8_t *at, uint32_t value) {
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

uint32_t rig_smb2(uint8_t *bytes, uint32_t count, uint16_t command, uint32_t id) {
    for (uint32_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)(i * 7 + id * 13 + 1);
    memset(bytes, 0, 68);
    bytes[1] = (uint8_t)((count - 4) >> 16);
    bytes[2] = (uint8_t)((count - 4) >> 8);
    bytes[3] = (uint8_t)(count - 4);
    memcpy(&bytes[4], (uint8_t[]){0xFE, 'S', 'M', 'B', 64}, 5);
    bytes[16] = (uint8_t)command;
    put32(&bytes[28], id);
    return count;
}

void rig_expect(const struct rig *rig, const char *lines) {
    assert_string_equal(rig->log, lines);
}
