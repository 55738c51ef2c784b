/* A finding or a diagnosis of any values at all (texts of any bytes, enums out of range, counts
 * beyond their arrays) becomes lines of well-formed JSON, and a summary that no terminal obeys. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/emit_scenario.h"
#include "../unit/json_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct source {
    const uint8_t *data;
    size_t size, at;
};

static uint64_t number(struct source *source, unsigned bytes) {
    uint64_t value = 0;
    while (bytes--)
        value = value << 8 | (source->at < source->size ? source->data[source->at++] : 0);
    return value;
}

static bool flag(struct source *source) {
    return number(source, 1) & 1;
}

/* A text over the next bytes; now and then one that is absent or of an encoding nobody has. */
static struct sbl_text text(struct source *source) {
    uint8_t head = (uint8_t)number(source, 1);
    size_t length = number(source, 1), left = source->size - source->at;
    struct sbl_text made = {.bytes = source->data + source->at,
                            .size = (uint32_t)(length < left ? length : left),
                            .encoding = head % 6,
                            .is_cut = head & 0x80};
    if (head % 6 == SBL_TEXT_ABSENT)
        return (struct sbl_text){0};
    source->at += made.size;
    return made;
}

static void netbios(struct source *source, struct sbl_netbios_name *name) {
    for (size_t i = 0; i < sizeof name->name; i++)
        name->name[i] = (uint8_t)number(source, 1);
    name->size = (uint8_t)number(source, 1);
    name->suffix = (uint8_t)number(source, 1);
    name->is_present = flag(source);
}

static struct sbl_frame_ref frame(struct source *source) {
    uint64_t head = number(source, 1);
    return (struct sbl_frame_ref){head & 1 ? number(source, 8) : head >> 4,
                                  (uint16_t)(head >> 1 & 3)};
}

static struct sbl_conversation conversation_of(struct source *source) {
    struct sbl_conversation conversation = {.ip_version = (uint8_t)number(source, 1),
                                            .has_mac = flag(source),
                                            .is_netbios = flag(source),
                                            .application = (uint16_t)number(source, 1)};
    for (unsigned side = 0; side < 2; side++) {
        conversation.side[side].port = (uint16_t)number(source, 2);
        for (unsigned i = 0; i < 16; i++)
            conversation.side[side].address[i] = (uint8_t)number(source, 1);
    }
    return conversation;
}

static struct sbl_finding finding_of(struct source *source,
                                     const struct sbl_conversation *conversation) {
    struct sbl_finding finding = {.conversation = conversation};
    finding.time_ns = (int64_t)number(source, 8);
    finding.seq = (uint32_t)number(source, 4);
    finding.status = (uint32_t)number(source, 4);
    finding.is_dos_error = flag(source);
    finding.has_status = flag(source);
    finding.smb_version = (uint8_t)number(source, 1);
    finding.dialect = (uint16_t)number(source, 2);
    finding.message_id = number(source, 8);
    finding.session_id = number(source, 8);
    finding.is_signed = flag(source);
    finding.is_encrypted = flag(source);
    struct sbl_text *texts[] = {&finding.dialect_name, &finding.account,     &finding.domain,
                                &finding.workstation,  &finding.server_name, &finding.share};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = text(source);
    netbios(source, &finding.called);
    netbios(source, &finding.calling);
    finding.evidence.request = frame(source);
    finding.evidence.response = frame(source);
    finding.evidence.frame_count = (uint8_t)number(source, 1);
    for (size_t i = 0; i < SBL_EVIDENCE_FRAMES; i++)
        finding.evidence.frames[i] = frame(source);
    finding.evidence.process = (uint32_t)number(source, 1);
    return finding;
}

static struct sbl_ntlm ntlm_of(struct source *source) {
    struct sbl_ntlm ntlm = {.message = (uint8_t)number(source, 1),
                            .has_version = flag(source),
                            .has_mic = flag(source),
                            .has_timestamp = flag(source),
                            .version_major = (uint8_t)number(source, 1),
                            .version_build = (uint16_t)number(source, 2),
                            .flags = (uint32_t)number(source, 4),
                            .timestamp = number(source, 8),
                            .answer_time = number(source, 8)};
    struct sbl_text *texts[] = {&ntlm.nb_computer, &ntlm.nb_domain, &ntlm.dns_computer,
                                &ntlm.dns_domain,  &ntlm.dns_tree,  &ntlm.spn};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = text(source);
    return ntlm;
}

static struct sbl_attempt attempt_of(struct source *source,
                                     const struct sbl_conversation *conversation) {
    struct sbl_attempt attempt = {.finding = finding_of(source, conversation)};
    attempt.outcome = (enum sbl_outcome)number(source, 1);
    attempt.reason = (enum sbl_reason)number(source, 1);
    attempt.half_seen = (enum sbl_half)number(source, 1);
    attempt.authority = (enum sbl_authority)number(source, 1);
    attempt.wrapping = (uint8_t)number(source, 1);
    attempt.mechanism = (uint8_t)number(source, 1);
    attempt.answer = (uint8_t)number(source, 1);
    attempt.is_guest = flag(source);
    attempt.is_disputed = flag(source);
    attempt.has_ntlm = flag(source);
    attempt.has_server_time = flag(source);
    attempt.has_challenge = flag(source);
    attempt.client = ntlm_of(source);
    attempt.server = ntlm_of(source);
    attempt.native_os = text(source);
    attempt.realm = text(source);
    attempt.service = text(source);
    attempt.authority_name = text(source);
    attempt.request_time_ns = (int64_t)number(source, 8);
    return attempt;
}

static const char *name_of(void *context, uint16_t number_of) {
    (void)context;
    return number_of % 3 == 0 ? NULL : number_of % 3 == 1 ? "C\xC3\x84P.pcap" : "bad\xFF'\x1B\\";
}

static bool process_of(void *context, uint16_t file, uint32_t process, uint32_t *pid,
                       struct sbl_text *path) {
    (void)context, (void)file;
    *pid = process;
    *path = OEM("C:\\\x81\xFF\x01.exe");
    return process & 1;
}

enum { ITEMS = 48, STRING_BYTES = 65536 };

/* What a diagnosis points to. */
struct diagnosed {
    struct sbl_diagnosis value;
    char strings[STRING_BYTES];
    size_t used;
    const char *items[16][ITEMS];
    unsigned lists;
    struct sbl_machine machines[2][ITEMS];
    struct sbl_evidence_line lines[ITEMS];
    struct sbl_culprit candidates[ITEMS];
    struct sbl_alternative alternatives[ITEMS];
};

/* A string over the next bytes, up to a NUL among them; now and then a very long one. */
static const char *string(struct source *source, struct diagnosed *made) {
    size_t length = number(source, 1), left = source->size - source->at;
    char *start = made->strings + made->used;
    if (length > left)
        length = left;
    if (length + 8192 > STRING_BYTES - made->used)
        return "";
    memcpy(start, source->data + source->at, length);
    source->at += length;
    if (length == 77) {
        memset(start, 'x', 8000);
        length = 8000;
    }
    start[length] = 0;
    made->used += length + 1;
    return start;
}

static uint32_t count(struct source *source) {
    return (uint32_t)number(source, 1) % (ITEMS + 1);
}

static struct sbl_strings strings(struct source *source, struct diagnosed *made) {
    const char **items = made->items[made->lists++];
    struct sbl_strings list = {items, count(source), 0};
    for (uint32_t i = 0; i < list.count; i++)
        items[i] = i < 6 ? string(source, made) : items[i - 6];
    list.total = list.count + number(source, 1);
    return list;
}

static double fraction(struct source *source) {
    uint64_t bits = number(source, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return bits >> 56 ? value : (double)(bits & 255) / 100;
}

static uint32_t machines(struct source *source, struct diagnosed *made, unsigned side) {
    uint32_t total = count(source);
    for (uint32_t i = 0; i < total; i++) {
        struct sbl_machine *machine = &made->machines[side][i];
        *machine = (struct sbl_machine){.ip_version = (uint8_t)number(source, 1),
                                        .has_mac = flag(source),
                                        .name = string(source, made),
                                        .contradiction = string(source, made),
                                        .failures = number(source, 2)};
        for (unsigned b = 0; b < 16; b++)
            machine->address[b] = (uint8_t)number(source, 1);
    }
    return total;
}

static struct sbl_culprit culprit(struct source *source, struct diagnosed *made) {
    return (struct sbl_culprit){.kind = (enum sbl_culprit_kind)number(source, 1),
                                .basis = (enum sbl_basis)number(source, 1),
                                .id = string(source, made),
                                .vendor = string(source, made),
                                .product = string(source, made),
                                .weight = fraction(source)};
}

static void lists(struct source *source, struct diagnosed *made) {
    struct sbl_diagnosis *value = &made->value;
    struct sbl_strings *const places[] = {
        &value->attack,           &value->accounts,     &value->walk.directories,
        &value->walk.missing,     &value->remedy,       &value->references,
        &value->evidence_for,     &value->shares,       &value->windows_events,
        &value->evidence_against, &value->culprit.files};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        *places[i] = strings(source, made);
    value->candidate_count = count(source);
    for (uint32_t i = 0; i < value->candidate_count; i++) {
        made->candidates[i] = culprit(source, made);
        made->candidates[i].files = value->culprit.files;
    }
    value->alternative_count = count(source);
    for (uint32_t i = 0; i < value->alternative_count; i++)
        made->alternatives[i] = (struct sbl_alternative){string(source, made), string(source, made),
                                                         string(source, made), fraction(source)};
}

static void evidence_lines(struct source *source, struct diagnosed *made) {
    struct sbl_diagnosis *value = &made->value;
    value->line_count = count(source);
    value->line_first_count = (uint32_t)number(source, 1);
    value->line_total = value->line_count + number(source, 2);
    for (uint32_t i = 0; i < value->line_count; i++)
        made->lines[i] = (struct sbl_evidence_line){.event_id = {(uint8_t)number(source, 1)},
                                                    .time_ns = (int64_t)number(source, 8),
                                                    .request_time_ns = (int64_t)number(source, 8),
                                                    .request = frame(source),
                                                    .response = frame(source),
                                                    .status = (uint32_t)number(source, 4),
                                                    .is_dos_error = flag(source),
                                                    .has_status = flag(source),
                                                    .is_granted = flag(source),
                                                    .smb_version = (uint8_t)number(source, 1),
                                                    .count_after = (uint16_t)number(source, 2),
                                                    .client = (uint32_t)number(source, 1),
                                                    .server_number = (uint32_t)number(source, 1),
                                                    .account = string(source, made),
                                                    .domain = string(source, made),
                                                    .share = string(source, made)};
}

static void words(struct source *source, struct diagnosed *made) {
    struct sbl_diagnosis *value = &made->value;
    const char **const places[] = {
        &value->rule_id,    &value->rule_title,     &value->rule_category, &value->rule_reference,
        &value->message,    &value->server_role,    &value->account,       &value->domain,
        &value->counted_by, &value->authority_name, &value->period_owner,  &value->walk.account,
        &value->walk.domain};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        *places[i] = string(source, made);
    value->superseded_by = number(source, 1) == 1 ? string(source, made) : "";
}

static void numbers(struct source *source, struct sbl_diagnosis *value) {
    value->id[0] = (uint8_t)number(source, 1);
    value->revision = (uint32_t)number(source, 1);
    value->state = (enum sbl_diagnosis_state)number(source, 1);
    value->confidence = fraction(source);
    value->severity = (unsigned)number(source, 1);
    value->risk = (unsigned)number(source, 1);
    value->is_hostile = flag(source);
    value->time_ns = (int64_t)number(source, 8);
    value->first_ns = (int64_t)number(source, 8);
    value->last_ns = (int64_t)number(source, 8);
    value->is_anonymous = flag(source);
    value->authority = (enum sbl_authority)number(source, 1);
    value->failures = number(source, 8);
    value->lockouts = number(source, 2);
    value->granted = number(source, 2);
    value->threshold = (unsigned)number(source, 1);
    value->threshold_source = (enum sbl_threshold_source)number(source, 1);
    value->tipping = frame(source);
    value->has_forecast = flag(source);
    value->attempts_left = (unsigned)number(source, 4);
    value->lock_at_ns = (int64_t)number(source, 8);
    value->period_s = fraction(source);
    value->walk.steps = number(source, 1);
    value->walk.first_ns = (int64_t)number(source, 8);
}

static void write_diagnosis(struct source *source, struct records *records,
                            struct summary *summary) {
    struct diagnosed *made = calloc(1, sizeof *made);
    if (!made)
        abort();
    struct sbl_diagnosis *value = &made->value;
    numbers(source, value);
    words(source, made);
    value->culprit = culprit(source, made);
    value->client_count = machines(source, made, 0);
    value->server_count = machines(source, made, 1);
    value->client_total = value->client_count + number(source, 1);
    value->server_total = value->server_count + number(source, 1);
    evidence_lines(source, made);
    lists(source, made);
    value->clients = made->machines[0];
    value->servers = made->machines[1];
    value->lines = made->lines;
    value->candidates = made->candidates;
    value->alternatives = made->alternatives;
    records_diagnosis(records, value);
    summary_diagnosis(summary, value);
    free(made); /* the summary has its own copy */
}

static void write_one(struct source *source, struct records *records, struct summary *summary) {
    unsigned head = (unsigned)number(source, 1), kind = head % 4;
    if (head >= 0xC0) {
        write_diagnosis(source, records, summary);
        return;
    }
    struct sbl_conversation conversation = conversation_of(source);
    if (kind < 2) {
        struct sbl_attempt attempt = attempt_of(source, &conversation);
        records_attempt(records, &attempt);
        summary_attempt(summary, &attempt);
    } else if (kind == 2) {
        struct sbl_tree_refusal refusal = {finding_of(source, &conversation)};
        records_tree_refusal(records, &refusal);
        summary_tree_refusal(summary, &refusal);
    } else {
        struct sbl_probe probe = {.finding = finding_of(source, &conversation)};
        probe.command = (enum sbl_open_command)number(source, 1);
        probe.directory = text(source);
        probe.name = text(source);
        records_probe(records, &probe);
        summary_probe(summary, &probe);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct source source = {data, size, 0};
    struct kept kept = {0};
    const struct emit_names names = {NULL, name_of, process_of, name_of, false};
    const struct emit_output output = {&kept, keep};
    struct records *records;
    struct summary *summary;
    struct sbl_stats stats = {.frames = number(&source, 1)};
    stats.first_ns = (int64_t)number(&source, 8);
    stats.last_ns = (int64_t)number(&source, 8);
    stats.connections_by_protocol[number(&source, 1)] = number(&source, 4);
    struct summary_style style = {.verbose = flag(&source), .width = (unsigned)number(&source, 1)};
    if (records_new(&records, &output, &names, NULL) || summary_new(&summary, &names, NULL))
        abort();
    for (unsigned i = 0; i < 8 && (i == 0 || source.at < source.size); i++)
        write_one(&source, records, summary);
    records_stats(records, &stats);
    if (records_flush(records) || !kept.size || !check_lines(kept.bytes, kept.size))
        abort();
    char *printed = NULL;
    size_t printed_size = 0;
    FILE *out = open_memstream(&printed, &printed_size);
    summary_print(summary, &stats, &style, out);
    fclose(out);
    if (!check_utf8(printed, printed_size))
        abort();
    for (size_t i = 0; i < printed_size; i++)
        if (((uint8_t)printed[i] < 0x20 && printed[i] != '\n') || printed[i] == 0x7F)
            abort();
    free(printed);
    free(kept.bytes);
    records_free(records);
    summary_free(summary);
    return 0;
}
