/* The three records of findings: their sentences, and what only one kind has. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emit/digits.h"
#include "emit/record.h"
#include "emit/words.h"

int records_new(struct records **records, const struct emit_output *output,
                const struct emit_names *names, const struct text_codepage *page) {
    struct records *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->names = *names;
    if (json_init(&made->json, output) || view_init(&made->view, page)) {
        records_free(made);
        return -ENOMEM;
    }
    *records = made;
    return 0;
}

void records_free(struct records *records) {
    if (!records)
        return;
    json_fini(&records->json);
    view_fini(&records->view);
    free(records);
}

void records_set_uncaged(struct records *records) {
    records->is_uncaged = true;
}

int records_flush(struct records *records) {
    return json_flush(&records->json);
}

static void part(struct json *json, struct view_string text) {
    json_part(json, text.utf8, text.size);
}

static void account_part(struct json *json, const struct view_finding *seen) {
    part(json, seen->domain);
    json_part(json, "\\", seen->domain.size ? 1 : 0);
    part(json, seen->account);
}

static void server_part(struct json *json, const struct view_finding *seen) {
    if (seen->server.size)
        part(json, seen->server);
    else
        json_part_word(json, seen->server_address);
}

static void status_part(struct json *json, const struct view_finding *seen) {
    json_part_word(json, seen->status.type ? ": " : "");
    json_part_word(json, seen->status.name);
}

/* "Logon of WS042\jdoe from 10.1.2.42 (WS042) refused by CAP01: STATUS_LOGON_FAILURE" */
static void logon_message(struct json *json, const struct sbl_attempt *attempt,
                          const struct view_finding *seen) {
    static const char *const verbs[] = {
        [SBL_OUTCOME_UNKNOWN] = " to ",
        [SBL_OUTCOME_SUCCESS] = " granted by ",
        [SBL_OUTCOME_FAILURE] = " refused by ",
    };
    unsigned outcome = (unsigned)attempt->outcome < 3 ? attempt->outcome : SBL_OUTCOME_UNKNOWN;
    json_text_begin(json, "message");
    if (seen->who == VIEW_WHO_NAMED) {
        json_part_word(json, "Logon of ");
        account_part(json, seen);
    } else if (seen->who == VIEW_WHO_ANONYMOUS) {
        json_part_word(json, "Anonymous logon");
    } else {
        json_part_word(json,
                       attempt->mechanism == SBL_MECHANISM_KERBEROS ? "Kerberos logon" : "Logon");
    }
    json_part_word(json, " from ");
    json_part_word(json, seen->client_address);
    if (seen->workstation.size) {
        json_part_word(json, " (");
        part(json, seen->workstation);
        json_part_word(json, ")");
    }
    json_part_word(json, verbs[outcome]);
    server_part(json, seen);
    if (outcome == SBL_OUTCOME_FAILURE)
        status_part(json, seen);
    else if (outcome == SBL_OUTCOME_SUCCESS && attempt->is_guest)
        json_part_word(json, " as guest");
    else if (outcome == SBL_OUTCOME_UNKNOWN)
        json_part_word(json, attempt->reason == SBL_REASON_ABANDONED
                                 ? " was abandoned"
                                 : " has no answer in this capture");
    if (attempt->kerberos_error)
        json_part_word(json, " with a KRB-ERROR");
    if (attempt->half_seen == SBL_HALF_RESPONSE)
        json_part_word(json, " (its request was not captured)");
    json_text_end(json);
}

static void netbios_member(struct records *records, const char *key, const char *field,
                           const struct sbl_netbios_name *name) {
    if (!name->is_present)
        return;
    /* Specified as ASCII, sent in the client's code page. */
    struct sbl_text text = {.bytes = name->name,
                            .size = name->size < sizeof name->name ? name->size
                                                                   : (uint32_t)sizeof name->name,
                            .encoding = SBL_TEXT_OEM};
    char suffix[4] = {'<', 0, 0, '>'};
    digits_hex(name->suffix, 2, DIGITS_UPPER, suffix + 1);
    struct view_string decoded = view_text(&records->view, field, text);
    json_text_begin(&records->json, key);
    part(&records->json, decoded);
    json_part(&records->json, suffix, sizeof suffix);
    json_text_end(&records->json);
}

static void windows_event_members(struct json *json, const struct sbl_status *status) {
    if (!status)
        return;
    json_open(json, "windows_event");
    if (status->modern_event)
        json_unsigned(json, "modern", status->modern_event);
    if (status->sub_status)
        json_hex(json, "sub_status", status->sub_status, 8);
    if (status->classic_event)
        json_unsigned(json, "classic", status->classic_event);
    json_close(json);
}

static void set_flag(struct json *json, const char *key, bool value) {
    if (value)
        json_bool(json, key, true);
}

void records_attempt(struct records *records, const struct sbl_attempt *attempt) {
    static const struct record_kind kind = {
        .event = "\"kind\":\"event\",\"module\":\"smblame\",\"dataset\":\"smblame.logon\","
                 "\"action\":\"logon\",\"category\":[\"authentication\",\"network\"]",
        .failure_type = "\"type\":[\"start\",\"denied\"]",
        .other_type = "\"type\":[\"start\"]"};
    const struct sbl_finding *finding = &attempt->finding;
    struct json *json = &records->json;
    struct view_finding seen;
    view_finding(&records->view, finding, &seen);
    record_begin(records, finding->time_ns);
    logon_message(json, attempt, &seen);
    record_event_before_id(json, &kind, attempt->outcome);
    record_id(records, finding);
    record_parties(records, finding, &seen);
    record_process(records, &finding->evidence);
    json_open(json, "smblame");
    record_schema(records);
    json_word(json, "reason", words_reason(attempt->reason));
    record_auth(records, attempt);
    record_smb_begin(records, finding, NULL);
    record_message_id(json, finding);
    record_smb_end(json, finding, &seen);
    json_open(json, "netbios");
    netbios_member(records, "called", "smblame.netbios.called", &finding->called);
    netbios_member(records, "calling", "smblame.netbios.calling", &finding->calling);
    json_close(json);
    windows_event_members(json, seen.status.known);
    set_flag(json, "guest", attempt->is_guest);
    set_flag(json, "null_session", attempt->is_null);
    set_flag(json, "binding", attempt->is_binding);
    set_flag(json, "reauthentication", attempt->is_reauthentication);
    set_flag(json, "disputed", attempt->is_disputed);
    if (attempt->half_seen == SBL_HALF_REQUEST || attempt->half_seen == SBL_HALF_RESPONSE)
        json_word(json, "half_seen",
                  attempt->half_seen == SBL_HALF_REQUEST ? "request" : "response");
    record_end(records, finding);
}

/* " <link> CORP\jdoe from 10.1.2.42: STATUS_ACCESS_DENIED", the end of the other two sentences. */
void record_refused_part(struct json *json, const char *link, const struct view_finding *seen) {
    json_part_word(json, link);
    if (seen->who != VIEW_WHO_NOT_CAPTURED) {
        if (seen->who == VIEW_WHO_NAMED)
            account_part(json, seen);
        else
            json_part_word(json, "an anonymous user");
        json_part_word(json, " from ");
    }
    json_part_word(json, seen->client_address);
    status_part(json, seen);
}

void records_tree_refusal(struct records *records, const struct sbl_tree_refusal *refusal) {
    static const struct record_kind kind = {
        .event = "\"kind\":\"event\",\"module\":\"smblame\",\"dataset\":\"smblame.tree_connect\","
                 "\"action\":\"tree-connect\",\"category\":[\"network\",\"file\"]",
        .failure_type = "\"type\":[\"access\",\"denied\"]"};
    struct json *json = &records->json;
    struct view_finding seen;
    view_finding(&records->view, &refusal->finding, &seen);
    record_begin(records, refusal->finding.time_ns);
    json_text_begin(json, "message");
    json_part_word(json, seen.share.size ? "Share " : "A share");
    part(json, seen.share);
    record_refused_part(json, " refused to ", &seen);
    json_text_end(json);
    record_event_before_id(json, &kind, SBL_OUTCOME_FAILURE);
    record_id(records, &refusal->finding);
    record_parties(records, &refusal->finding, &seen);
    record_process(records, &refusal->finding.evidence);
    json_open(json, "smblame");
    record_schema(records);
    record_smb_begin(records, &refusal->finding, NULL);
    record_message_id(json, &refusal->finding);
    record_smb_end(json, &refusal->finding, &seen);
    record_end(records, &refusal->finding);
}
