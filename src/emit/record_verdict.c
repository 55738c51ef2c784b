/* smblame.diagnosis: what a verdict consists of, and on which packets it rests. */
#include "emit/record.h"
#include "emit/words.h"

/* A fraction or a period as millionths; what no number can be becomes 0. */
static uint64_t micros_of(double value, double most) {
    if (!(value > 0))
        return 0;
    return (uint64_t)((value < most ? value : most) * 1e6 + 0.5);
}

static void confidence_member(struct json *json, const char *key, double value) {
    json_micros(json, key, (micros_of(value, 1) + 50) / 100 * 100);
}

static void count_members(struct records *records, const struct sbl_diagnosis *diagnosis) {
    struct json *json = &records->json;
    json_unsigned(json, "failures", diagnosis->failures);
    json_unsigned(json, "lockouts", diagnosis->lockouts);
    if (diagnosis->granted)
        json_unsigned(json, "granted", diagnosis->granted);
    if (diagnosis->threshold) {
        const char *source = words_threshold(diagnosis->threshold_source);
        json_open(json, "threshold");
        json_unsigned(json, "value", diagnosis->threshold);
        if (source)
            json_word(json, "source", source);
        json_close(json);
    }
    if (diagnosis->tipping.number && !records->names.has_no_numbers)
        json_unsigned(json, "tipping_frame", diagnosis->tipping.number);
    if (diagnosis->has_forecast) {
        json_open(json, "forecast");
        json_unsigned(json, "attempts_left", diagnosis->attempts_left);
        if (diagnosis->lock_at_ns)
            record_time(json, "lock_at", diagnosis->lock_at_ns);
        json_close(json);
    }
    record_utf8(records, "counted_by", diagnosis->counted_by);
    if (diagnosis->period_s > 0)
        json_micros(json, "period_s", micros_of(diagnosis->period_s, 1e9));
    record_utf8(records, "period_owner", diagnosis->period_owner);
}

static void suspect_members(struct records *records, const struct sbl_culprit *suspect) {
    const char *basis = words_basis(suspect->basis);
    json_word(&records->json, "kind", words_culprit(suspect->kind));
    record_utf8(records, "id", suspect->id);
    record_utf8(records, "vendor", suspect->vendor);
    record_utf8(records, "product", suspect->product);
    record_list(records, "files", &suspect->files);
    if (basis)
        json_word(&records->json, "basis", basis);
}

static void culprit_members(struct records *records, const struct sbl_diagnosis *diagnosis) {
    struct json *json = &records->json;
    uint32_t count = diagnosis->candidate_count, listed = view_listed(count);
    json_open(json, "culprit");
    suspect_members(records, &diagnosis->culprit);
    if (count) {
        json_array_open(json, "candidates");
        for (uint32_t i = 0; i < listed; i++) {
            const struct sbl_culprit *candidate = &diagnosis->candidates[view_place(count, i)];
            json_open(json, NULL);
            suspect_members(records, candidate);
            confidence_member(json, "weight", candidate->weight);
            json_close(json);
        }
        json_array_close(json);
        record_count(json, "candidates", count, listed);
    }
    json_close(json);
}

static void machine_members(struct records *records, const char *key,
                            const struct sbl_machine *machines, uint32_t count, uint64_t total) {
    struct json *json = &records->json;
    if (!count)
        return;
    json_array_open(json, key);
    for (uint32_t i = 0; i < view_listed(count); i++) {
        const struct sbl_machine *machine = &machines[view_place(count, i)];
        json_open(json, NULL);
        record_machine(records, machine, "name");
        json_unsigned(json, "failures", machine->failures);
        record_utf8(records, "contradiction", machine->contradiction);
        json_close(json);
    }
    json_array_close(json);
    record_count(json, key, total, view_listed(count));
}

static void walk_members(struct records *records, const struct sbl_walk *walk) {
    struct json *json = &records->json;
    if (!walk->steps)
        return;
    json_open(json, "walk");
    record_list(records, "directories", &walk->directories);
    record_list(records, "missing", &walk->missing);
    json_unsigned(json, "steps", walk->steps);
    record_time(json, "start", walk->first_ns);
    record_time(json, "end", walk->last_ns);
    json_open(json, "user");
    record_utf8(records, "name", walk->account);
    record_utf8(records, "domain", walk->domain);
    json_close(json);
    json_close(json);
}

static void alternative_members(struct records *records, const struct sbl_diagnosis *diagnosis) {
    struct json *json = &records->json;
    uint32_t count = diagnosis->alternative_count;
    json_array_open(json, "alternatives");
    for (uint32_t i = 0; i < view_listed(count); i++) {
        const struct sbl_alternative *alternative = &diagnosis->alternatives[view_place(count, i)];
        json_open(json, NULL);
        record_utf8(records, "rule_id", alternative->rule_id);
        record_utf8(records, "title", alternative->title);
        confidence_member(json, "confidence", alternative->confidence);
        record_utf8(records, "why", alternative->why);
        json_close(json);
    }
    json_array_close(json);
    record_count(json, "alternatives", count, view_listed(count));
}

/* The ids of lines [from, to), a list that is there even when it is empty. */
static void id_members(struct json *json, const char *key, const struct sbl_evidence_line *from,
                       uint32_t count) {
    json_array_open(json, key);
    for (uint32_t i = 0; i < count; i++) {
        char id[UUID_TEXT_BYTES];
        uuid_text(from[i].event_id, id);
        json_word(json, NULL, id);
    }
    json_array_close(json);
}

static void event_id_members(struct json *json, const struct sbl_diagnosis *diagnosis) {
    uint32_t count = diagnosis->line_count, first = diagnosis->line_first_count;
    if (first > count)
        first = count;
    uint32_t last = count - first, cut = last > SBL_LIST_ENDS ? last - SBL_LIST_ENDS : 0;
    json_open(json, "event_ids");
    id_members(json, "first", diagnosis->lines, first < SBL_LIST_ENDS ? first : SBL_LIST_ENDS);
    id_members(json, "last", diagnosis->lines + first + cut, last - cut);
    json_unsigned(json, "count", diagnosis->line_total);
    json_close(json);
}

void record_verdict(struct records *records, const struct sbl_diagnosis *diagnosis) {
    struct json *json = &records->json;
    char id[UUID_TEXT_BYTES];
    uuid_text(diagnosis->id, id);
    json_open(json, "diagnosis");
    json_word(json, "id", id);
    json_unsigned(json, "revision", diagnosis->revision);
    json_word(json, "state", words_state(diagnosis->state));
    record_utf8(records, "superseded_by", diagnosis->superseded_by);
    confidence_member(json, "confidence", diagnosis->confidence);
    json_word(json, "authority", words_authority(diagnosis->authority));
    record_utf8(records, "authority_name", diagnosis->authority_name);
    record_utf8(records, "server_role", diagnosis->server_role);
    count_members(records, diagnosis);
    culprit_members(records, diagnosis);
    if (diagnosis->accounts.total > 1)
        record_list(records, "accounts", &diagnosis->accounts);
    machine_members(records, "clients", diagnosis->clients, diagnosis->client_count,
                    diagnosis->client_total);
    machine_members(records, "servers", diagnosis->servers, diagnosis->server_count,
                    diagnosis->server_total);
    walk_members(records, &diagnosis->walk);
    record_list(records, "shares", &diagnosis->shares);
    record_list(records, "windows_events", &diagnosis->windows_events);
    record_list(records, "remedy", &diagnosis->remedy);
    record_list(records, "references", &diagnosis->references);
    record_list(records, "evidence_for", &diagnosis->evidence_for);
    record_list(records, "evidence_against", &diagnosis->evidence_against);
    alternative_members(records, diagnosis);
    event_id_members(json, diagnosis);
    json_close(json);
}
