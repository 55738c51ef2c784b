/* What the files of the record writer share: the writer itself, and the members that every record
 * of a finding has. */
#ifndef SMBLAME_EMIT_RECORD_H
#define SMBLAME_EMIT_RECORD_H

#include "emit/emit.h"
#include "emit/json.h"
#include "emit/memo.h"
#include "emit/view.h"

enum { RECORD_FILE_BYTES = 128 };

struct records {
    struct json json;
    struct view view;
    struct emit_names names;
    struct identity_communities communities;
    struct identity_second second; /* of the last record */
    struct record_file {           /* the name of an input file: as it is, and as evidence.file */
        size_t name_size, size;
        char name[RECORD_FILE_BYTES], member[2 * RECORD_FILE_BYTES];
    } file;
    struct memo memos[MEMO_SLOTS]; /* of probes */
    bool is_uncaged;
};

/* What is constant in a kind of record, as members: event.{kind,module,dataset,action,category},
 * and event.type of one that tells a failure or does not. */
struct record_kind {
    const char *event, *failure_type, *other_type;
};

/* Opens a record: @timestamp. What follows is the message. */
void record_begin(struct records *records, int64_t time_ns);

/* ecs, observer, and the event, which stays open: all before its id, or with it. */
void record_event_before_id(struct json *json, const struct record_kind *kind,
                            enum sbl_outcome outcome);
void record_event(struct json *json, const struct record_kind *kind, enum sbl_outcome outcome,
                  const char *id);

/* The end of a message: " <link> CORP\\jdoe from 10.1.2.42: STATUS_ACCESS_DENIED". */
void record_refused_part(struct json *json, const char *link, const struct view_finding *seen);

/* After the event's id, which is written first: all that findings have in common and that is not
 * under smblame; then what is rarely known of the process. */
void record_id(struct records *records, const struct sbl_finding *finding);
void record_parties(struct records *records, const struct sbl_finding *finding,
                    const struct view_finding *seen);
void record_process(struct records *records, const struct sbl_evidence *evidence);

/* Opens smblame and smb.*, up to the session id; `command` (NULL = leave out) stands in there. The
 * message id. The rest of smb.*, and the share. */
void record_smb_begin(struct records *records, const struct sbl_finding *finding,
                      const char *command);
void record_message_id(struct json *json, const struct sbl_finding *finding);
void record_smb_end(struct json *json, const struct sbl_finding *finding,
                    const struct view_finding *seen);

/* smblame.auth of a logon. */
void record_auth(struct records *records, const struct sbl_attempt *attempt);

/* smblame.evidence: the frames of an exchange. */
void record_evidence(struct records *records, const struct sbl_evidence *evidence);

/* The last members under smblame: evidence and what the decoding lost; then ends the record. */
void record_end(struct records *records, const struct sbl_finding *finding);

/* The first members under smblame, which is open: which contract, and that nothing confines us. */
void record_schema(struct records *records);

/* In a message: a number and, right behind it, one of two words. */
void record_number_part(struct json *json, uint64_t count, const char *one, const char *many);

/* A name that ends with its array of `room` bytes or with a NUL, as a member unless it is empty. */
void record_name(struct records *records, const char *key, const char *name, size_t room);

/* A text as a member, unless it is empty. */
void record_text(struct json *json, const char *key, struct view_string text);

/* A string of a diagnosis as a member (in an array: key NULL), unless it is empty: UTF-8 that may
 * be ill-formed. */
void record_utf8(struct records *records, const char *key, const char *text);

void record_time(struct json *json, const char *key, int64_t time_ns);

/* "<key>_count", when more than what is listed were there. */
void record_count(struct json *json, const char *key, uint64_t total, uint64_t listed);

/* A list: its first and last SBL_LIST_ENDS; there even when it is empty. Says how many there are in
 * all when that is more. */
void record_list(struct records *records, const char *key, const struct sbl_strings *strings);

/* ip, mac, and the name under `name_key`, of the object that is open. */
void record_machine(struct records *records, const struct sbl_machine *machine,
                    const char *name_key);

/* Under smblame, which is open: smblame.diagnosis. */
void record_verdict(struct records *records, const struct sbl_diagnosis *diagnosis);

#endif
