/* smblame.diagnosis: the members that ECS has words for. Who and where stand alone only when there
 * is one of each; `related` has all that are listed. What a verdict consists of is in
 * record_verdict.c. */
#include "emit/record.h"

#include <string.h>

#include "emit/words.h"

void record_utf8(struct records *records, const char *key, const char *text) {
    view_reset(&records->view);
    record_text(&records->json, key, view_words(&records->view, "", text));
}

void record_time(struct json *json, const char *key, int64_t time_ns) {
    char time[IDENTITY_TIME_BYTES];
    size_t size = identity_time(time_ns, time);
    json_text(json, key, time, size);
}

void record_count(struct json *json, const char *key, uint64_t total, uint64_t listed) {
    if (total <= listed)
        return;
    json_begin(json, (struct json_key){0});
    json_put_char(json, '"');
    json_put(json, key, strlen(key));
    json_put(json, "_count\":", sizeof "_count\":" - 1);
    json_put_unsigned(json, total);
}

/* The elements; an array that is not `wanted` empty is opened with its first. */
static uint32_t elements(struct records *records, const char *key,
                         const struct sbl_strings *strings, bool wanted) {
    struct json *json = &records->json;
    uint32_t written = 0;
    if (wanted)
        json_array_open(json, key);
    for (uint32_t i = 0; i < view_listed(strings->count); i++) {
        const char *item = strings->items[view_place(strings->count, i)];
        view_reset(&records->view);
        struct view_string text = view_words(&records->view, "", item);
        if (!text.size)
            continue;
        if (written++ == 0 && !wanted)
            json_array_open(json, key);
        json_text(json, NULL, text.utf8, text.size);
    }
    if (written || wanted)
        json_array_close(json);
    return written;
}

/* A list that is no member when nothing is listed: ECS wants no empty arrays. */
static void record_strings(struct records *records, const char *key,
                           const struct sbl_strings *strings) {
    elements(records, key, strings, false);
}

void record_list(struct records *records, const char *key, const struct sbl_strings *strings) {
    uint32_t written = elements(records, key, strings, true);
    record_count(&records->json, key, strings->total, written);
}

static void mac_member(struct json *json, const struct sbl_machine *machine) {
    char mac[IDENTITY_MAC_BYTES];
    if (!machine->has_mac)
        return;
    identity_mac(machine->mac, mac);
    json_word(json, "mac", mac);
}

void record_machine(struct records *records, const struct sbl_machine *machine,
                    const char *name_key) {
    char address[IDENTITY_ADDRESS_BYTES];
    identity_address_of(machine->address, machine->ip_version, address);
    json_word(&records->json, "ip", address);
    mac_member(&records->json, machine);
    record_utf8(records, name_key, machine->name);
}

static void event_members(struct records *records, const struct sbl_diagnosis *diagnosis) {
    static const struct record_kind kind = {
        .event = "\"kind\":\"alert\",\"module\":\"smblame\",\"dataset\":\"smblame.diagnosis\","
                 "\"action\":\"lockout-diagnosis\",\"category\":[\"authentication\"]",
        .failure_type = "\"type\":[\"info\"]"};
    static const struct record_kind hostile = {
        .event = "\"kind\":\"alert\",\"module\":\"smblame\",\"dataset\":\"smblame.diagnosis\","
                 "\"action\":\"lockout-diagnosis\","
                 "\"category\":[\"authentication\",\"intrusion_detection\"]",
        .failure_type = "\"type\":[\"info\"]"};
    struct json *json = &records->json;
    char id[UUID_TEXT_BYTES];
    uuid_text(diagnosis->event_id, id);
    record_event(json, diagnosis->is_hostile ? &hostile : &kind, SBL_OUTCOME_FAILURE, id);
    record_utf8(records, "reason", diagnosis->rule_title);
    json_unsigned(json, "severity", diagnosis->severity);
    json_unsigned(json, "risk_score", diagnosis->risk);
    record_time(json, "start", diagnosis->first_ns);
    record_time(json, "end", diagnosis->last_ns);
    json_close(json);
}

static void rule_members(struct records *records, const struct sbl_diagnosis *diagnosis) {
    struct json *json = &records->json;
    json_open(json, "rule");
    record_utf8(records, "id", diagnosis->rule_id);
    record_utf8(records, "name", diagnosis->rule_title);
    record_utf8(records, "category", diagnosis->rule_category);
    json_raw(json, "\"ruleset\":\"smblame\",\"version\":\"1\"");
    record_utf8(records, "reference", diagnosis->rule_reference);
    json_close(json);
}

static void who_members(struct records *records, const struct sbl_diagnosis *diagnosis) {
    struct json *json = &records->json;
    if (diagnosis->accounts.total <= 1 && !diagnosis->is_anonymous) {
        json_open(json, "user");
        record_utf8(records, "name", diagnosis->account);
        record_utf8(records, "domain", diagnosis->domain);
        json_close(json);
    }
    if (diagnosis->client_total == 1 && diagnosis->client_count) {
        json_open(json, "source");
        record_machine(records, &diagnosis->clients[0], "domain");
        json_close(json);
    }
    if (diagnosis->server_total == 1 && diagnosis->server_count) {
        json_open(json, "destination");
        record_machine(records, &diagnosis->servers[0], "domain");
        json_close(json);
    }
}

/* The machines of both sides, listed ones only: clients, then servers. */
static const struct sbl_machine *machine_at(const struct sbl_diagnosis *diagnosis, uint32_t at) {
    uint32_t clients = view_listed(diagnosis->client_count);
    if (at < clients)
        return &diagnosis->clients[view_place(diagnosis->client_count, at)];
    at -= clients;
    if (at < view_listed(diagnosis->server_count))
        return &diagnosis->servers[view_place(diagnosis->server_count, at)];
    return NULL;
}

static bool is_same_address(const struct sbl_machine *one, const struct sbl_machine *other) {
    return (one->ip_version == 6) == (other->ip_version == 6) &&
           memcmp(one->address, other->address, one->ip_version == 6 ? 16 : 4) == 0;
}

static bool is_same_name(const struct sbl_machine *one, const struct sbl_machine *other) {
    return strcmp(one->name, other->name) == 0;
}

/* Whether a machine before the one at `at` is the same by that measure. */
static bool was_before(const struct sbl_diagnosis *diagnosis, uint32_t at,
                       bool (*is_same)(const struct sbl_machine *, const struct sbl_machine *)) {
    const struct sbl_machine *machine = machine_at(diagnosis, at);
    for (uint32_t i = 0; i < at; i++)
        if (is_same(machine_at(diagnosis, i), machine))
            return true;
    return false;
}

static void related_addresses(struct json *json, const struct sbl_diagnosis *diagnosis) {
    if (!machine_at(diagnosis, 0))
        return;
    json_array_open(json, "ip");
    for (uint32_t i = 0; machine_at(diagnosis, i); i++) {
        char address[IDENTITY_ADDRESS_BYTES];
        const struct sbl_machine *machine = machine_at(diagnosis, i);
        if (was_before(diagnosis, i, is_same_address))
            continue;
        identity_address_of(machine->address, machine->ip_version, address);
        json_word(json, NULL, address);
    }
    json_array_close(json);
}

static void related_names(struct records *records, const struct sbl_diagnosis *diagnosis) {
    bool is_first = true;
    for (uint32_t i = 0; machine_at(diagnosis, i); i++) {
        const char *name = machine_at(diagnosis, i)->name;
        if (!name[0] || was_before(diagnosis, i, is_same_name))
            continue;
        if (is_first)
            json_array_open(&records->json, "hosts");
        is_first = false;
        record_utf8(records, NULL, name);
    }
    if (!is_first)
        json_array_close(&records->json);
}

/* Bare names, as user.name is, each once: its own, and those of the list, whose domains stand
 * before the first backslash. */
static void related_users(struct records *records, const struct sbl_diagnosis *diagnosis) {
    const struct sbl_strings *listed = &diagnosis->accounts;
    const char *names[2 * SBL_LIST_ENDS + 1] = {diagnosis->account};
    uint32_t count = diagnosis->account[0] && !diagnosis->is_anonymous;
    for (uint32_t i = 0; i < view_listed(listed->count); i++) {
        const char *name = listed->items[view_place(listed->count, i)];
        const char *slash = strchr(name, '\\');
        uint32_t before = 0;
        name = slash ? slash + 1 : name;
        while (before < count && strcmp(names[before], name) != 0)
            before++;
        names[before] = name;
        count += before == count && count < 2 * SBL_LIST_ENDS;
    }
    const struct sbl_strings all = {names, count, count};
    record_strings(records, "user", &all);
}

static void related_members(struct records *records, const struct sbl_diagnosis *diagnosis) {
    json_open(&records->json, "related");
    related_users(records, diagnosis);
    related_addresses(&records->json, diagnosis);
    related_names(records, diagnosis);
    json_close(&records->json);
}

static void threat_members(struct records *records, const struct sbl_diagnosis *diagnosis) {
    struct json *json = &records->json;
    if (!diagnosis->is_hostile || !diagnosis->attack.count)
        return;
    json_open(json, "threat");
    json_raw(json, "\"framework\":\"MITRE ATT&CK\"");
    json_open(json, "technique");
    record_strings(records, "id", &diagnosis->attack);
    json_close(json);
    json_close(json);
}

/* The attempts that matter most, as one exchange: the one that tipped the lock (else the last)
 * decides which file the frames are of. */
static struct sbl_evidence evidence_of(const struct sbl_diagnosis *diagnosis) {
    struct sbl_evidence evidence = {.response = diagnosis->tipping};
    for (uint32_t i = 0; i < diagnosis->line_count; i++) {
        const struct sbl_evidence_line *line = &diagnosis->lines[i];
        bool is_tipping = view_is_tipping(diagnosis, line);
        if (!view_is_key_line(diagnosis, i))
            continue;
        if (is_tipping || !diagnosis->tipping.number) {
            evidence.request = line->request;
            evidence.response = line->response;
        }
        if (evidence.frame_count + 2 > SBL_EVIDENCE_FRAMES)
            continue;
        evidence.frames[evidence.frame_count++] = line->request;
        evidence.frames[evidence.frame_count++] = line->response;
    }
    return evidence;
}

void records_diagnosis(struct records *records, const struct sbl_diagnosis *diagnosis) {
    struct json *json = &records->json;
    (void)json_flush(json); /* it may need the whole buffer for its line; a failure is kept */
    record_begin(records, diagnosis->time_ns);
    json_text_begin(json, "message");
    view_reset(&records->view);
    struct view_string message = view_words(&records->view, "", diagnosis->message);
    json_part(json, message.utf8, message.size);
    json_text_end(json);
    event_members(records, diagnosis);
    rule_members(records, diagnosis);
    who_members(records, diagnosis);
    related_members(records, diagnosis);
    threat_members(records, diagnosis);
    json_open(json, "smblame");
    record_schema(records);
    record_verdict(records, diagnosis);
    struct sbl_evidence evidence = evidence_of(diagnosis);
    view_reset(&records->view);
    record_evidence(records, &evidence);
    json_close(json);
    json_line_end(json);
}
