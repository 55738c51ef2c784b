/* Bytes as a play for history: each step is an attempt, a tree, a probe, a witness, or time that
 * jumps; few names, addresses and places, so that everything meets and everything is evicted. What
 * is handed over is read to its last byte, and afterwards chains, tables and pools must agree. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/fake_knowledge.h"
#include "history/state.h"

struct input {
    const uint8_t *bytes;
    size_t left;
};

struct stage {
    struct history *h;
    struct sbl_conversation conversation;
    int64_t now;
    uint64_t frame, incidents, sum;
    size_t serial_count;
};

static uint8_t take(struct input *in) {
    if (!in->left)
        return 0;
    in->left--;
    return *in->bytes++;
}

static void touch(struct stage *stage, const char *text) {
    if (!text)
        abort();
    stage->sum += strlen(text);
}

static void touch_machine(struct stage *stage, const struct sbl_machine *machine) {
    touch(stage, machine->name);
    touch(stage, machine->contradiction);
    stage->sum += machine->address[15];
}

static void on_incident(void *context, const struct incident *incident) {
    struct stage *stage = context;
    incident_ask(incident);
    touch(stage, incident->account);
    touch(stage, incident->domain);
    touch(stage, incident->authority_name);
    touch(stage, incident->server_domain);
    touch(stage, incident->granted_client);
    touch(stage, incident->counted_by);
    touch(stage, incident->tipping_client);
    touch_machine(stage, &incident->client);
    touch_machine(stage, &incident->server);
    for (uint32_t i = 0; i < incident->server_count; i++)
        touch_machine(stage, &incident->servers[i]);
    for (uint32_t i = 0; i < incident->shares.count; i++)
        touch(stage, incident->shares.items[i]);
    for (uint32_t i = 0; i < incident->line_count; i++) {
        const struct sbl_evidence_line *line = incident_line(incident, i);
        touch(stage, line->account);
        touch(stage, line->domain);
        touch(stage, line->share);
    }
    bool is_sane =
        incident->failures <= incident->refused + incident->reasons[SBL_REASON_GUEST_MAPPED] &&
        incident->line_first_count <= incident->line_count &&
        incident->line_count <= incident->line_total && incident->memo &&
        incident->server_count <= incident->server_total;
    if (!is_sane)
        abort();
    incident->memo->failures = incident->failures;
    incident->memo->diagnosis = incident->failures & 1;
    stage->incidents++;
}

static struct sbl_text text_of(struct input *in) {
    static const char *const names[] = {"",
                                        "jdoe",
                                        "JDOE",
                                        "WS042",
                                        "WS043",
                                        "CORP",
                                        "CAP01",
                                        "u@CORP",
                                        "DC01",
                                        "\xff\xfe\0a",
                                        "m\xc3\xbcller",
                                        ".",
                                        "SMSCliToknAcct&",
                                        "a.corp",
                                        "@",
                                        "x@"};
    static const uint8_t long_name[300] = "looooong";
    uint8_t byte = take(in);
    const char *name = names[byte & 15];
    struct sbl_text text = {.bytes = (const uint8_t *)name,
                            .size = (uint32_t)strlen(name),
                            .encoding = (byte >> 4 & 7) % 5};
    if (byte == 0xFF)
        text = (struct sbl_text){long_name, sizeof long_name, SBL_TEXT_UTF8, true};
    return text;
}

static void fill_finding(struct stage *stage, struct input *in, struct sbl_finding *finding) {
    static const uint32_t statuses[] = {0,           0xC000006Du, 0xC0000234u, 0xC0000022u,
                                        0xC00000CCu, 0x00010005u, 0xC0000199u, 0xC00000D0u};
    uint8_t ends = take(in), how = take(in);
    struct sbl_conversation *c = &stage->conversation;
    memset(c, 0, sizeof *c);
    c->side[0].address[3] = ends & 7;
    c->side[1].address[3] = ends >> 3 & 7;
    c->side[0].mac[5] = how & 3;
    c->side[1].mac[5] = 9;
    c->has_mac = how & 3;
    c->ip_version = ends & 64 ? 6 : 4;
    c->saw_syn = ends >> 7;
    finding->conversation = c;
    finding->time_ns = stage->now;
    finding->status = statuses[how >> 2 & 7];
    finding->is_dos_error = finding->status == 0x00010005u;
    finding->has_status = true;
    finding->smb_version = how & 32 ? 1 : 2;
    finding->dialect = how & 64 ? 0x0311 : 0x0202;
    finding->account = text_of(in);
    finding->domain = text_of(in);
    finding->workstation = text_of(in);
    finding->share = how & 128 ? text_of(in) : (struct sbl_text){0};
    finding->evidence.request.number = ++stage->frame;
    finding->evidence.response.number = ++stage->frame;
}

static void play_attempt(struct stage *stage, struct input *in) {
    struct sbl_attempt attempt = {0};
    fill_finding(stage, in, &attempt.finding);
    uint8_t a = take(in), b = take(in), c = take(in);
    attempt.outcome = (enum sbl_outcome)(a % 3);
    attempt.reason = (enum sbl_reason)(b % SBL_REASON_COUNT);
    attempt.half_seen = (enum sbl_half)(a >> 2 & 1);
    attempt.mechanism = (a >> 3 & 7) % SBL_MECHANISM_COUNT;
    attempt.answer = (c & 7) % SBL_ANSWER_COUNT;
    attempt.is_null = a >> 6 & 1;
    attempt.has_ntlm = a >> 7;
    attempt.has_challenge = c >> 3 & 1;
    attempt.challenge_mark = c >> 4 & 3;
    attempt.authority = (enum sbl_authority)((c >> 6) % 3);
    attempt.authority_name = text_of(in);
    attempt.server.nb_computer = text_of(in);
    attempt.server.nb_domain = text_of(in);
    attempt.server.dns_domain = text_of(in);
    attempt.client.message = SBL_NTLM_AUTHENTICATE;
    attempt.client.answer_time = (uint64_t)take(in) << 56 | take(in);
    attempt.client.spn = text_of(in);
    attempt.request_time_ns = stage->now;
    attempt.finding.calling.is_present = b >> 7;
    attempt.finding.calling.size = b >> 3 & 31;
    history_attempt(stage->h, &attempt);
}

static void play_beside(struct stage *stage, struct input *in, unsigned what) {
    struct sbl_tree_grant grant = {0};
    struct sbl_tree_refusal refusal = {0};
    struct sbl_probe probe = {0};
    fill_finding(stage, in, &probe.finding);
    grant.finding = refusal.finding = probe.finding;
    probe.directory = text_of(in);
    probe.name = text_of(in);
    probe.is_below_unknown = probe.name.size & 1;
    if (what == 0)
        history_tree_grant(stage->h, &grant);
    else if (what == 1)
        history_tree_refusal(stage->h, &refusal);
    else
        history_probe(stage->h, &probe);
}

static void play_witness(struct stage *stage, struct input *in) {
    struct sbl_witness witness = {.time_ns = stage->now, .ip_version = 4};
    uint8_t a = take(in), b = take(in);
    witness.kind = (enum sbl_witness_kind)(a & 3);
    witness.server.address[3] = a >> 2 & 7;
    witness.client.address[3] = b & 7;
    witness.name.size = b >> 4;
    witness.name.suffix = b & 8 ? 0x1C : 0x20;
    memcpy(witness.name.name, "CORPCORPCORPCOR", 15);
    witness.error_code = b & 32 ? 6 : b & 64 ? 37 : 7;
    witness.realm = text_of(in);
    history_witness(stage->h, &witness);
}

static void play_time(struct stage *stage, struct input *in) {
    static const int64_t steps[] = {0, 1000000, SECOND_NS, 10 * SECOND_NS, MINUTE_NS, HOUR_NS};
    uint8_t how = take(in);
    if (how == 0xFF)
        stage->now = INT64_MAX;
    else if (how == 0xFE)
        stage->now = INT64_MIN;
    else
        stage->now = (int64_t)((uint64_t)stage->now + (uint64_t)steps[(how & 7) % 6]);
    if (how == 0xFD)
        stage->now = 0;
    history_tick(stage->h, stage->now);
}

static void check_chain(const struct history *h, const struct chain *chain, enum pair_link which) {
    uint32_t count = 0, before = 0;
    for (uint32_t i = chain->oldest; i; i = pair_at(h, i)->links[which].newer, count++) {
        const struct pair *pair = pair_at(h, i);
        if (pair->links[which].older != before || !(pair->linked & 1u << which) || !pair->serial)
            abort();
        before = i;
    }
    if (count != chain->count || chain->newest != before)
        abort();
}

static void check(const struct history *h) {
    uint32_t pairs = 0;
    for (unsigned i = 0; i < IDLE_STEPS; i++)
        check_chain(h, &h->idle[i], LINK_IDLE);
    check_chain(h, &h->order, LINK_ORDER);
    for (unsigned i = 0; i < DUE_COUNT; i++)
        check_chain(h, &h->due[i], LINK_DUE);
    for (struct host *host = table_oldest(&h->hosts); host; host = table_next(&h->hosts, host)) {
        uint32_t few = 0;
        check_chain(h, &host->pairs, LINK_CLIENT);
        check_chain(h, &host->window, LINK_WINDOW);
        for (uint32_t i = host->window.oldest; i; i = pair_at(h, i)->links[LINK_WINDOW].newer)
            few += pair_at(h, i)->in_window <= 3;
        pairs += host->pairs.count;
        if (few != host->window_few)
            abort();
    }
    for (struct account *account = table_oldest(&h->accounts); account;
         account = table_next(&h->accounts, account)) {
        uint32_t failing = 0;
        check_chain(h, &account->pairs, LINK_ACCOUNT);
        for (uint32_t i = account->pairs.oldest; i; i = pair_at(h, i)->links[LINK_ACCOUNT].newer)
            failing += (pair_at(h, i)->flags & PAIR_FAILING) != 0;
        if (failing != account->failing || account->granted_first > account->failing)
            abort();
    }
    if (pairs != table_count(&h->pairs))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct history_caps caps = {.hosts = 6,
                                             .accounts = 5,
                                             .pairs = 7,
                                             .grants = 4,
                                             .counts = 3,
                                             .lines = 32,
                                             .challenges = 3};
    struct sbl_stats stats = {0};
    struct stage stage = {.now = size ? (int64_t)data[0] * MINUTE_NS : 0};
    struct history_options options = {.context = &stage, .incident = on_incident, .stats = &stats};
    options.threshold = size & 3;
    if (history_new_with(&stage.h, &options, &caps))
        return 0;
    struct input in = {data, size};
    while (in.left) {
        uint8_t step = take(&in) & 15;
        if (step < 9)
            play_attempt(&stage, &in);
        else if (step < 12)
            play_beside(&stage, &in, step - 9u);
        else if (step == 12)
            play_witness(&stage, &in);
        else
            play_time(&stage, &in);
    }
    check(stage.h);
    history_finish(stage.h, stage.now);
    while (table_oldest(&stage.h->hosts))
        hosts_forget(stage.h, table_oldest(&stage.h->hosts));
    if (table_count(&stage.h->pairs) || stage.h->lines.in_use || stage.h->order.count)
        abort();
    history_free(stage.h);
    return 0;
}
