/* What the files of the record writer share: the writer itself, and the members that every record
 * of a finding has. */
#ifndef SMBLAME_EMIT_RECORD_H
#define SMBLAME_EMIT_RECORD_H

#include "emit/emit.h"
#include "emit/json.h"
#include "emit/view.h"

struct records {
    struct json json;
    struct view view;
    struct emit_names names;
    struct identity_communities communities;
    struct identity_second second; /* of the last record */
};

/* What is constant in a kind of record, as members: event.{kind,module,dataset,action,category},
 * and event.type of one that tells a failure or does not. */
struct record_kind {
    const char *event, *failure_type, *other_type;
};

/* Opens a record: @timestamp. What follows is the message. */
void record_begin(struct records *records, int64_t time_ns);

/* ecs, observer, and the event up to its id; event stays open. */
void record_event(struct json *json, const struct record_kind *kind, enum sbl_outcome outcome,
                  const char *id);

/* After the message: everything that is not under smblame. */
void record_finding(struct records *records, const struct record_kind *kind,
                    enum sbl_outcome outcome, const struct sbl_finding *finding,
                    const struct view_finding *seen);

/* Under smblame, which is open: smb.*, where `command` (NULL = leave out) stands, and the share. */
void record_smb(struct records *records, const struct sbl_finding *finding,
                const struct view_finding *seen, const char *command);

/* smblame.auth of a logon. */
void record_auth(struct records *records, const struct sbl_attempt *attempt);

/* smblame.evidence: the frames of an exchange. */
void record_evidence(struct records *records, const struct sbl_evidence *evidence);

/* The last members under smblame: evidence and what the decoding lost; then ends the record. */
void record_end(struct records *records, const struct sbl_finding *finding);

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
