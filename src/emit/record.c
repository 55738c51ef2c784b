/* The members that every record of a finding has, in the order of a reader's questions: when, what
 * happened, who, from where, against what, and on which packets that rests. */
#include "emit/record.h"

#include <string.h>

#include "emit/digits.h"
#include "emit/words.h"

#ifndef SMBLAME_VERSION
#error "the build says which version this is"
#endif

static const char producer[] =
    "\"ecs\":{\"version\":\"9.4.0\"},\"observer\":{\"type\":\"sensor\",\"vendor\":\"smblame\","
    "\"product\":\"smblame\",\"version\":\"" SMBLAME_VERSION "\"}";

void record_text(struct json *json, const char *key, struct view_string text) {
    if (text.size)
        json_text(json, key, text.utf8, text.size);
}

void record_begin(struct records *records, int64_t time_ns) {
    char time[IDENTITY_TIME_BYTES];
    size_t size = identity_time_near(&records->second, time_ns, time);
    json_line_begin(&records->json);
    json_begin(&records->json, json_key_of("@timestamp"));
    json_put_string(&records->json, time, size);
}

void record_event_before_id(struct json *json, const struct record_kind *kind,
                            enum sbl_outcome outcome) {
    static const char *const outcomes[] = {
        [SBL_OUTCOME_UNKNOWN] = "unknown",
        [SBL_OUTCOME_SUCCESS] = "success",
        [SBL_OUTCOME_FAILURE] = "failure",
    };
    json_raw(json, producer);
    json_open(json, "event");
    json_raw(json, kind->event);
    json_raw(json, outcome == SBL_OUTCOME_FAILURE ? kind->failure_type : kind->other_type);
    json_word(json, "outcome", outcomes[(unsigned)outcome < 3 ? outcome : SBL_OUTCOME_UNKNOWN]);
}

void record_event(struct json *json, const struct record_kind *kind, enum sbl_outcome outcome,
                  const char *id) {
    record_event_before_id(json, kind, outcome);
    json_word(json, "id", id);
}

void record_schema(struct records *records) {
    json_raw(&records->json,
             records->is_uncaged ? "\"schema\":1,\"uncaged\":true" : "\"schema\":1");
}

static void error_members(struct json *json, const struct sbl_finding *finding,
                          const struct view_status *status) {
    if (!status->type)
        return;
    json_open(json, "error");
    json_word(json, "code", status->code);
    json_word(json, "type", status->type);
    if (finding->status)
        json_word(json, "message", status->name);
    json_close(json);
}

static void side_members(struct json *json, const struct sbl_conversation *conversation,
                         unsigned side, const char *address, struct view_string domain) {
    json_open(json, side == 0 ? "source" : "destination");
    json_word(json, "ip", address);
    json_unsigned(json, "port", conversation->side[side].port);
    if (conversation->has_mac) {
        char mac[IDENTITY_MAC_BYTES];
        identity_mac(conversation->side[side].mac, mac);
        json_word(json, "mac", mac);
    }
    record_text(json, "domain", domain);
    json_close(json);
}

static void network_members(struct records *records, const struct sbl_conversation *conversation) {
    struct json *json = &records->json;
    json_open(json, "network");
    json_raw(json, "\"transport\":\"tcp\",\"protocol\":\"smb\"");
    json_word(json, "type", conversation->ip_version == 6 ? "ipv6" : "ipv4");
    json_word(json, "community_id", identity_community_of(&records->communities, conversation));
    if (conversation->application && records->names.application) {
        const char *words =
            records->names.application(records->names.context, conversation->application);
        struct view_string name = view_words(&records->view, "network.application", words);
        view_lower(&records->view, name); /* as ECS wants this field */
        record_text(json, "application", name);
    }
    json_close(json);
}

void record_process(struct records *records, const struct sbl_evidence *evidence) {
    uint16_t file = evidence->request.number ? evidence->request.file : evidence->response.file;
    uint32_t pid = 0;
    struct sbl_text path = {0};
    if (!evidence->process || !records->names.process ||
        !records->names.process(records->names.context, file, evidence->process, &pid, &path))
        return;
    json_open(&records->json, "process");
    json_unsigned(&records->json, "pid", pid);
    record_text(&records->json, "executable",
                view_text(&records->view, "process.executable", path));
    json_close(&records->json);
}

void record_id(struct records *records, const struct sbl_finding *finding) {
    char id[UUID_TEXT_BYTES];
    uuid_text(finding->event_id, id);
    json_begin(&records->json, json_key_of("id"));
    json_put_string(&records->json, id, sizeof id - 1);
}

void record_parties(struct records *records, const struct sbl_finding *finding,
                    const struct view_finding *seen) {
    struct json *json = &records->json;
    if (seen->status.type)
        json_word(json, "reason", seen->status.name);
    json_close(json);
    error_members(json, finding, &seen->status);
    json_open(json, "user");
    record_text(json, "name", seen->account);
    record_text(json, "domain", seen->domain);
    json_close(json);
    side_members(json, finding->conversation, 0, seen->client_address, seen->workstation);
    side_members(json, finding->conversation, 1, seen->server_address, seen->server);
    network_members(records, finding->conversation);
}

static void dialect_member(struct records *records, const struct sbl_finding *finding) {
    const char *name = words_dialect(finding->dialect);
    if (finding->smb_version == 1)
        record_text(&records->json, "dialect",
                    view_text(&records->view, "smblame.smb.dialect", finding->dialect_name));
    else if (name)
        json_word(&records->json, "dialect", name);
    else if (finding->dialect)
        json_hex(&records->json, "dialect", finding->dialect, 4);
}

/* SMB1 ids are shorter than 64 bits (UID: 16) and are written with the digits they have. */
static unsigned digits_of_ids(const struct sbl_finding *finding) {
    return finding->smb_version == 1 ? 4 : 16;
}

void record_smb_begin(struct records *records, const struct sbl_finding *finding,
                      const char *command) {
    struct json *json = &records->json;
    json_open(json, "smb");
    json_unsigned(json, "version", finding->smb_version);
    dialect_member(records, finding);
    if (command)
        json_word(json, "command", command);
    json_hex(json, "session_id", finding->session_id, digits_of_ids(finding));
}

void record_message_id(struct json *json, const struct sbl_finding *finding) {
    json_hex(json, "message_id", finding->message_id, digits_of_ids(finding));
}

void record_smb_end(struct json *json, const struct sbl_finding *finding,
                    const struct view_finding *seen) {
    json_bool(json, "signed", finding->is_signed);
    json_bool(json, "encrypted", finding->is_encrypted);
    json_close(json);
    json_word(json, "transport", finding->conversation->is_netbios ? "netbios" : "direct");
    record_text(json, "share", seen->share);
}

/* Nearly always the same one as in the record before. */
static void file_member(struct records *records, const char *name) {
    struct record_file *file = &records->file;
    struct json *json = &records->json;
    size_t size = name ? strlen(name) : 0;
    if (size && size == file->name_size && memcmp(name, file->name, size) == 0) {
        json_begin(json, (struct json_key){0});
        json_put(json, file->member, file->size);
        return;
    }
    struct view_string text = view_words(&records->view, "smblame.evidence.file", name);
    if (!text.size)
        return;
    json_begin(json, (struct json_key){0});
    struct json_place start = json_here(json);
    json_put(json, "\"file\":\"", sizeof "\"file\":\"" - 1);
    json_part(json, text.utf8, text.size);
    json_text_end(json);
    size_t written = json->size - start.start;
    bool is_whole = records->view.lossy_count == 0 && json->handed == start.handed;
    if (!is_whole || size > sizeof file->name || written > sizeof file->member)
        return;
    file->name_size = size;
    file->size = written;
    memcpy(file->name, name, size);
    memcpy(file->member, json->bytes + start.start, written);
}

/* A frame's number comes twice in a record: as what it is, and in the list of all. */
struct written_number {
    uint64_t number;
    size_t size;
    char digits[DIGITS_MOST];
};

static void write_number(struct written_number *written, uint64_t number) {
    written->number = number;
    written->size = digits_decimal(number, written->digits);
}

static void number_member(struct json *json, const char *key,
                          const struct written_number *written) {
    json_begin(json, json_key_of(key));
    memcpy(json_room(json, DIGITS_MOST), written->digits, DIGITS_MOST);
    json->size += written->size;
}

static void frames_member(struct json *json, const struct sbl_evidence *evidence,
                          const struct sbl_frame_ref *deciding,
                          const struct written_number *const known[2]) {
    unsigned count =
        evidence->frame_count < SBL_EVIDENCE_FRAMES ? evidence->frame_count : SBL_EVIDENCE_FRAMES;
    if (!count)
        return;
    json_array_open(json, "frames");
    for (unsigned i = 0; i < count; i++) {
        uint64_t number = evidence->frames[i].number;
        if (!number || evidence->frames[i].file != deciding->file)
            continue;
        if (number == known[0]->number)
            number_member(json, NULL, known[0]);
        else if (number == known[1]->number)
            number_member(json, NULL, known[1]);
        else
            json_unsigned(json, NULL, number);
    }
    json_array_close(json);
}

/* Frames are numbered per file: numbers of another file than the deciding frame's would mislead,
 * so they are left out, and a request of another file names it. */
void record_evidence(struct records *records, const struct sbl_evidence *evidence) {
    struct json *json = &records->json;
    const struct sbl_frame_ref *deciding =
        evidence->response.number ? &evidence->response : &evidence->request;
    const struct emit_names *names = &records->names;
    json_open(json, "evidence");
    if (deciding->number && names->file)
        file_member(records, names->file(names->context, deciding->file));
    if (names->has_no_numbers) {
        json_close(json);
        return;
    }
    struct written_number request, response;
    write_number(&request, evidence->request.number);
    write_number(&response, evidence->response.number);
    if (request.number) {
        number_member(json, "request_frame", &request);
        if (evidence->request.file != deciding->file && names->file)
            record_text(json, "request_file",
                        view_words(&records->view, "smblame.evidence.request_file",
                                   names->file(names->context, evidence->request.file)));
    }
    if (response.number)
        number_member(json, "response_frame", &response);
    frames_member(json, evidence, deciding, (const struct written_number *[]){&request, &response});
    json_close(json);
}

/* The bytes of what became U+FFFD, "field=hex" with commas between, and the fields of which only
 * the beginning was there. */
static void decoding_members(struct json *json, const struct view *view) {
    if (view->lossy_count) {
        json_text_begin(json, "raw_hex");
        for (unsigned i = 0; i < view->lossy_count; i++) {
            json_part_word(json, i ? "," : "");
            json_part_word(json, view->lossy[i].name);
            json_part_word(json, "=");
            json_part_hex(json, view->lossy[i].text.bytes, view->lossy[i].text.size);
        }
        json_text_end(json);
    }
    if (view->cut_count) {
        json_array_open(json, "cut_fields");
        for (unsigned i = 0; i < view->cut_count; i++)
            json_word(json, NULL, view->cut[i]);
        json_array_close(json);
    }
}

void record_end(struct records *records, const struct sbl_finding *finding) {
    record_evidence(records, &finding->evidence);
    decoding_members(&records->json, &records->view);
    json_close(&records->json);
    json_line_end(&records->json);
}
