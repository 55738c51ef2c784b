/* Slots are found by address, ports, session and status; what is in them is compared to the last
 * byte. */
#include "emit/memo.h"

#include <string.h>

_Static_assert(sizeof(struct memo_facts) == 2 * sizeof(struct sbl_endpoint) + 8 + 4 + 4 + 16 +
                                                MEMO_TEXTS * sizeof(struct memo_text) &&
                   sizeof(struct sbl_endpoint) == 24,
               "compared as bytes: no padding");

static void texts_of(const struct sbl_finding *finding, struct sbl_text texts[MEMO_TEXTS]) {
    texts[0] = finding->account;
    texts[1] = finding->domain;
    texts[2] = finding->workstation;
    texts[3] = finding->server_name;
    texts[4] = finding->share;
    texts[5] = finding->dialect_name;
}

/* False when a text is longer than what is kept of all. */
static bool facts_of(const struct sbl_probe *probe, const struct sbl_text texts[MEMO_TEXTS],
                     struct memo_facts *facts) {
    const struct sbl_finding *finding = &probe->finding;
    const struct sbl_conversation *conversation = finding->conversation;
    memcpy(facts->side, conversation->side, sizeof facts->side);
    facts->session_id = finding->session_id;
    facts->status = finding->status;
    facts->dialect = finding->dialect;
    facts->application = conversation->application;
    facts->ip_version = conversation->ip_version;
    facts->smb_version = finding->smb_version;
    facts->command = (uint8_t)probe->command;
    facts->has_mac = conversation->has_mac;
    facts->is_netbios = conversation->is_netbios;
    facts->is_dos_error = finding->is_dos_error;
    facts->has_status = finding->has_status;
    facts->is_signed = finding->is_signed;
    facts->is_encrypted = finding->is_encrypted;
    facts->is_below_unknown = probe->is_below_unknown;
    facts->is_filled = true;
    memset(facts->zero, 0, sizeof facts->zero);
    uint32_t bytes = 0;
    for (unsigned i = 0; i < MEMO_TEXTS; i++) {
        if (texts[i].size > MEMO_TEXT_BYTES - bytes)
            return false;
        bytes += texts[i].size;
        facts->texts[i] =
            (struct memo_text){(uint16_t)texts[i].size, texts[i].encoding, texts[i].is_cut};
    }
    return true;
}

static struct memo *slot_of(struct memo *memos, const struct memo_facts *facts) {
    uint64_t client, server;
    memcpy(&client, facts->side[0].address, sizeof client);
    memcpy(&server, facts->side[1].address, sizeof server);
    uint64_t mixed = client * 0x9E3779B97F4A7C15u + server + facts->session_id +
                     ((uint64_t)facts->side[0].port << 48) + facts->status + facts->command;
    return &memos[mixed * 0xD6E8FEB86659FD93u >> 32 & (MEMO_SLOTS - 1)];
}

static bool has_texts(const struct memo *memo, const struct sbl_text texts[MEMO_TEXTS]) {
    const uint8_t *at = memo->texts;
    for (unsigned i = 0; i < MEMO_TEXTS; at += texts[i].size, i++)
        if (texts[i].size && memcmp(at, texts[i].bytes, texts[i].size) != 0)
            return false;
    return true;
}

struct memo *memo_find(struct memo *memos, const struct sbl_probe *probe, bool *is_known) {
    struct sbl_text texts[MEMO_TEXTS];
    struct memo_facts facts;
    *is_known = false;
    texts_of(&probe->finding, texts);
    if (!facts_of(probe, texts, &facts))
        return NULL;
    struct memo *memo = slot_of(memos, &facts);
    if (memcmp(&memo->facts, &facts, sizeof facts) == 0 && has_texts(memo, texts)) {
        *is_known = true;
        return memo;
    }
    memo->facts = facts;
    memo->facts.is_filled = false;
    memo->used = 0;
    memset(memo->pieces, 0, sizeof memo->pieces);
    uint8_t *at = memo->texts;
    for (unsigned i = 0; i < MEMO_TEXTS; at += texts[i].size, i++)
        if (texts[i].size)
            memcpy(at, texts[i].bytes, texts[i].size);
    return memo;
}

void memo_put(struct json *json, const struct memo *memo, enum memo_piece piece) {
    json_put(json, memo->bytes + memo->pieces[piece].at, memo->pieces[piece].size);
    json->needs_comma = true;
}

static void keep(struct memo_hearing *hearing, enum memo_piece piece, const char *bytes,
                 size_t size) {
    struct memo *memo = hearing->into;
    if (!memo)
        return;
    if (size > (size_t)(MEMO_BYTES - memo->used)) {
        hearing->into = NULL;
        return;
    }
    memo->pieces[piece].at = memo->used;
    memo->pieces[piece].size = (uint16_t)size;
    memcpy(memo->bytes + memo->used, bytes, size);
    memo->used = (uint16_t)(memo->used + size);
}

void memo_piece_begin(struct memo_hearing *hearing, const struct json *json) {
    hearing->start = json_here(json);
}

void memo_piece_end(struct memo_hearing *hearing, const struct json *json, enum memo_piece piece) {
    const struct json_place *start = &hearing->start;
    if (json->handed != start->handed)
        hearing->into = NULL; /* its beginning is not there any more */
    else
        keep(hearing, piece, json->bytes + start->start, json->size - start->start);
}

void memo_keep_share(struct memo_hearing *hearing, struct view_string share) {
    keep(hearing, MEMO_SHARE, share.utf8, share.size);
}

void memo_done(struct memo_hearing *hearing, const struct view *view) {
    if (hearing->into && view->lossy_count == 0 && view->cut_count == 0)
        hearing->into->facts.is_filled = true;
}
