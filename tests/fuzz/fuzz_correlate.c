/* Bytes as a play: each byte pair is a message, a gap, a dispute or the end of one of four
 * conversations; small ids and small caps, so that everything meets. Checks that counters and
 * pools agree when all is over. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "correlate/state.h"

enum { CONVERSATIONS = 4 };

struct input {
    const uint8_t *bytes;
    size_t left;
};

struct stage {
    struct correlate *c;
    struct sbl_stream_events events;
    struct sbl_conversation conversations[CONVERSATIONS];
    uint32_t seq[CONVERSATIONS][2];
    uint64_t frame, attempts, trees, probes, sum;
};

static uint8_t take(struct input *in) {
    if (!in->left)
        return 0;
    in->left--;
    return *in->bytes++;
}

/* Texts are read to their last byte, so that a dangling one is seen. */
static void touch(struct stage *stage, struct sbl_text text) {
    for (uint32_t i = 0; i < text.size; i++)
        stage->sum += text.bytes[i];
}

static void touch_finding(struct stage *stage, const struct sbl_finding *finding) {
    touch(stage, finding->account);
    touch(stage, finding->domain);
    touch(stage, finding->workstation);
    touch(stage, finding->server_name);
    touch(stage, finding->share);
    touch(stage, finding->dialect_name);
    if (!finding->conversation || finding->evidence.frame_count > SBL_EVIDENCE_FRAMES)
        abort();
}

static void on_attempt(void *context, struct sbl_attempt *told) {
    struct stage *stage = context;
    struct sbl_attempt attempt = *told;
    attribute_attempt(&attempt);
    touch_finding(stage, &attempt.finding);
    touch(stage, attempt.authority_name);
    touch(stage, attempt.realm);
    touch(stage, attempt.service);
    touch(stage, attempt.native_os);
    touch(stage, attempt.client.spn);
    touch(stage, attempt.server.dns_tree);
    if ((attempt.outcome == SBL_OUTCOME_UNKNOWN) == attempt.finding.has_status)
        abort();
    if (attempt.finding.evidence.frame_count == 0)
        abort();
    stage->attempts++;
}

static void on_tree(void *context, struct sbl_tree_refusal *refusal) {
    struct stage *stage = context;
    touch_finding(stage, &refusal->finding);
    stage->trees++;
}

static void on_grant(void *context, struct sbl_tree_grant *told) {
    struct sbl_tree_grant grant = *told;
    attribute_tree_grant(&grant);
    touch_finding(context, &grant.finding);
    if (grant.finding.event_id[6] >> 4 != 8)
        abort();
}

static void on_probe(void *context, struct sbl_probe *probe) {
    struct stage *stage = context;
    touch_finding(stage, &probe->finding);
    touch(stage, probe->name);
    touch(stage, probe->directory);
    stage->probes++;
}

static struct sbl_text text_of(struct input *in) {
    static const uint8_t letters[256] = "C\0A\0P\0\0\0001\0.dll\\";
    static const uint16_t sizes[8] = {0, 1, 2, 5, 59, 61, 130, 256};
    uint8_t byte = take(in);
    return (struct sbl_text){.bytes = letters,
                             .size = sizes[byte & 7],
                             .encoding = (byte >> 3 & 7) % 5,
                             .is_cut = byte >> 7};
}

static void fill_token(struct input *in, struct sbl_auth_token *token) {
    uint8_t byte = take(in);
    token->wrapping = byte & 3;
    token->mechanism = (byte >> 2 & 7) % SBL_MECHANISM_COUNT;
    token->ntlm.message = byte >> 5 & 3;
    token->ntlm.answer = (byte >> 4 & 7) % SBL_ANSWER_COUNT;
    token->ntlm.user = text_of(in);
    token->ntlm.domain = text_of(in);
    token->ntlm.nb_computer = text_of(in);
    token->ntlm.nb_domain = text_of(in);
    if (byte & 0x80) {
        token->kerberos.message = 14;
        token->kerberos.service_count = take(in) & 3;
        for (unsigned i = 0; i < 3; i++)
            token->kerberos.service[i] = text_of(in);
        token->kerberos.realm = text_of(in);
    }
}

static void fill_body(struct input *in, struct sbl_observation *seen) {
    uint8_t byte = take(in);
    switch ((int)seen->kind) {
    case SBL_SAW_NBSS:
        seen->nbss.type = SBL_NBSS_REQUEST;
        seen->nbss.called = (struct sbl_netbios_name){.size = byte & 15, .is_present = true};
        break;
    case SBL_SAW_NEGOTIATE_REQUEST:
    case SBL_SAW_NEGOTIATE_RESPONSE:
        seen->negotiate.dialect = byte & 1 ? 0x0311 : 0x0202;
        seen->negotiate.dialect_index = byte >> 1 & 7;
        seen->negotiate.guid[0] = byte >> 6;
        seen->negotiate.encrypts_passwords = byte >> 4 & 1;
        seen->negotiate.dialect_name = text_of(in);
        seen->negotiate.server = text_of(in);
        break;
    case SBL_SAW_SESSION_SETUP_REQUEST:
    case SBL_SAW_SESSION_SETUP_RESPONSE: {
        static const uint8_t forms[4] = {10, 12, 13, 25};
        seen->session_setup.form = forms[byte & 3];
        seen->session_setup.is_binding = byte >> 2 & 1;
        seen->session_setup.is_guest = byte >> 3 & 1;
        seen->session_setup.is_null = byte >> 4 & 1;
        seen->session_setup.answer = byte >> 5;
        seen->session_setup.account = text_of(in);
        fill_token(in, &seen->session_setup.token);
        break;
    }
    case SBL_SAW_TREE_CONNECT_REQUEST:
        seen->tree_connect.path = text_of(in);
        break;
    case SBL_SAW_OPEN_REQUEST:
    case SBL_SAW_OPEN_RESPONSE:
    case SBL_SAW_CLOSE_REQUEST:
        seen->open.command = (uint8_t)((byte & 15u) % SBL_OPEN_COMMAND_COUNT);
        seen->open.has_root = byte >> 4 & 1;
        seen->open.options = byte >> 5 & 1 ? 0x40 : 0;
        seen->open.root[0] = seen->open.root[1] = byte >> 6 == 3 ? UINT64_MAX : byte >> 6;
        memcpy(seen->open.file_id, seen->open.root, sizeof seen->open.file_id);
        seen->open.name = text_of(in);
        break;
    default:
        break;
    }
}

static void make(struct input *in, struct sbl_observation *seen) {
    static const uint8_t commands[2][16] = {{0x73, 0x73, 0x75, 0x75, 0xA2, 0xA2, 0x32, 0x2D, 0x02,
                                             0x08, 0x81, 0xA0, 0x74, 0x71, 0x70, 0x10},
                                            {1, 1, 3, 3, 5, 5, 14, 14, 11, 2, 4, 6, 8, 0, 1, 5}};
    static const uint32_t statuses[8] = {0,           0,           0xC0000016u, 0x103,
                                         0xC000006Du, 0xC0000225u, 0x005B0002u, 0x80000006u};
    uint8_t a = take(in), b = take(in), d = take(in);
    memset(seen, 0, sizeof *seen);
    seen->kind = (enum sbl_observation_kind)((a & 31) % SBL_OBSERVATION_KIND_COUNT);
    seen->head.version = a & 32 ? 2 : 1;
    seen->head.is_response = a >> 6 & 1;
    seen->head.is_related = a >> 7;
    seen->head.command = commands[seen->head.version - 1][b & 15];
    seen->head.word_count = b >> 4 & 7;
    seen->head.is_dos_error = b >> 7;
    seen->head.message_id = d & 3;
    seen->head.session_id = d >> 2 & 3;
    seen->head.tree_id = d >> 4 & 1;
    seen->head.status = statuses[d >> 5];
    if (seen->kind != SBL_SAW_OTHER)
        fill_body(in, seen);
}

static void play_message(struct stage *stage, struct input *in, unsigned conversation,
                         uint8_t from) {
    static struct sbl_report report;
    uint32_t *seq = stage->seq[conversation];
    uint8_t how = take(in);
    report.count = 1 + (how & 3);
    for (uint32_t i = 0; i < report.count; i++) {
        make(in, &report.observations[i]);
        report.observations[i].head.chain_position = (uint8_t)i;
        report.observations[i].head.is_first = i == 0;
        report.observations[i].head.is_last = i + 1 == report.count;
    }
    stage->frame++;
    struct sbl_message message = {.time_ns = (int64_t)stage->frame,
                                  .frame = {.number = stage->frame},
                                  .seq = seq[from],
                                  .end_seq = seq[from] + 10,
                                  .ack = seq[1 - from],
                                  .from = from,
                                  .report = &report};
    if (how & 4)
        message.ack -= 10;
    if (how & 8)
        message.ack += 10;
    if (!(how & 16))
        seq[from] += 10;
    stage->events.message(stage->c, &stage->conversations[conversation], &message);
}

static void play_step(struct stage *stage, struct input *in) {
    uint8_t step = take(in);
    unsigned conversation = step & 3;
    struct sbl_conversation *c = &stage->conversations[conversation];
    uint8_t from = step >> 2 & 1;
    switch (step >> 3 & 15) {
    case 0:
        stage->events.gap(stage->c, c, from, 0);
        break;
    case 1: {
        uint32_t at = stage->seq[conversation][from] - take(in);
        stage->events.dispute(stage->c, c, from, at, at + 15);
        break;
    }
    case 2:
        stage->events.close(stage->c, c, (enum sbl_close)(take(in) % 5), 0);
        break;
    default:
        play_message(stage, in, conversation, from);
    }
}

static void check(const struct stage *stage, const struct sbl_stats *stats) {
    const struct correlate *c = stage->c;
    uint32_t left = c->connections.in_use + c->pending.in_use + c->early.in_use +
                    c->exchanges.in_use + table_count(&c->sessions) + table_count(&c->trees) +
                    table_count(&c->files) + table_count(&c->channels) + c->names.chunks.in_use;
    uint64_t unknown = stage->attempts - stats->logons_granted - stats->logons_refused;
    if (left || unknown > stats->logons_half_seen || stage->trees != stats->tree_connects_refused ||
        stage->probes != stats->opens_refused)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct correlate_caps caps = {.connections = 3,
                                               .sessions = 5,
                                               .trees = 4,
                                               .files = 4,
                                               .pending = 24,
                                               .exchanges = 6,
                                               .early = 6,
                                               .pending_per_connection = 14,
                                               .exchanges_per_connection = 4,
                                               .early_per_connection = 4,
                                               .name_bytes = 3072};
    /* one correlator for all inputs: whatever a play leaves behind, check finds */
    static struct sbl_stats stats;
    static struct stage stage;
    static struct correlate *c;
    struct correlate_listener listener = {.context = &stage,
                                          .attempt = on_attempt,
                                          .tree_refusal = on_tree,
                                          .probe = on_probe,
                                          .tree_grant = on_grant};
    if (!c && correlate_new_with(&c, &listener, &stats, &caps))
        return 0;
    memset(&stats, 0, sizeof stats);
    stage = (struct stage){.c = c};
    correlate_events(stage.c, &stage.events);
    struct input in = {data, size};
    while (in.left)
        play_step(&stage, &in);
    for (unsigned i = 0; i < CONVERSATIONS; i++)
        stage.events.close(stage.c, &stage.conversations[i], SBL_CLOSE_END, 0);
    check(&stage, &stats);
    return 0;
}
