/* What the records of one connection's probes have in common, as it was written the last time. A
 * client that looks for its files in twenty directories has thousands of records that differ in a
 * name, a time and three numbers; the rest is copied. Nothing is decided here: what is not known is
 * written by those who write it, and listened to. */
#ifndef SMBLAME_EMIT_MEMO_H
#define SMBLAME_EMIT_MEMO_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/attempt.h>

#include "emit/json.h"
#include "emit/view.h"

enum {
    MEMO_SLOTS = 1024, /* a power of two */
    MEMO_TEXTS = 6,
    MEMO_TEXT_BYTES = 384,
    MEMO_BYTES = 1536,
};

/* The pieces of a record, in their order, and what stands between them: the path before the first,
 * the event's id, the file and its process, the message id, the evidence after the last. The share
 * is none of them; it is kept decoded, and as it stands at the head of a path. */
enum memo_piece {
    MEMO_UNTIL_ID = 0,
    MEMO_AFTER_ID,
    MEMO_UNTIL_MESSAGE_ID,
    MEMO_AFTER_MESSAGE_ID,
    MEMO_SHARE,
    MEMO_ESCAPED_SHARE,
    MEMO_PIECES
};

/* All that the pieces are made of, but for the texts' bytes. No padding in it. */
struct memo_facts {
    struct sbl_endpoint side[2];
    uint64_t session_id;
    uint32_t status;
    uint16_t dialect, application;
    uint8_t ip_version, smb_version, command;
    bool has_mac, is_netbios, is_dos_error, has_status, is_signed, is_encrypted, is_below_unknown;
    bool is_filled;
    uint8_t zero[5];
    struct memo_text {
        uint16_t size;
        uint8_t encoding;
        bool is_cut;
    } texts[MEMO_TEXTS];
};

struct memo {
    struct memo_facts facts;
    struct {
        uint16_t at, size;
    } pieces[MEMO_PIECES];
    uint16_t used; /* of bytes */
    uint8_t texts[MEMO_TEXT_BYTES];
    char bytes[MEMO_BYTES];
};

/* A record that is being written, and listened to when `into` is set. */
struct memo_hearing {
    struct memo *into;
    struct json_place start; /* of the piece */
};

/* The slot for a probe. `*is_known`: it holds the pieces of exactly such a one. When it does not,
 * it is made ready to take them; NULL when they could not be kept. */
struct memo *memo_find(struct memo *memos, const struct sbl_probe *probe, bool *is_known);

/* A piece as it was. */
void memo_put(struct json *json, const struct memo *memo, enum memo_piece piece);

static inline struct view_string memo_share(const struct memo *memo) {
    return (struct view_string){memo->bytes + memo->pieces[MEMO_SHARE].at,
                                memo->pieces[MEMO_SHARE].size};
}

/* Around the writing of a piece. A piece that cannot be kept ends the hearing. */
void memo_piece_begin(struct memo_hearing *hearing, const struct json *json);
void memo_piece_end(struct memo_hearing *hearing, const struct json *json, enum memo_piece piece);
void memo_keep_share(struct memo_hearing *hearing, struct view_string share);

/* The record is written: what was heard may be used, unless a text in it was damaged. */
void memo_done(struct memo_hearing *hearing, const struct view *view);

#endif
