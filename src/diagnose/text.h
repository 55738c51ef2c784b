/* Sentences out of templates. A template is knowledge (trusted, of the knowledge base), a value is
 * data (from packets): it is copied once and never read as a template. `{word}` is a value; a part
 * in [square brackets] vanishes when a value in it is not known, and [this|that] says `that` then;
 * outside brackets the whole sentence vanishes. [?fact this|that] says `this` when the fact holds
 * (and what is in it is known), [!fact this] when it does not. `{client:uses/use}` is the first
 * word for one client and the second for several. Written into ink: bounded, always well-formed
 * UTF-8, never half a character. */
#ifndef SMBLAME_DIAGNOSE_TEXT_H
#define SMBLAME_DIAGNOSE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "knowledge/fact.h"

#define TEXT_KEYS(X)                                                                               \
    X(ACCOUNT, "account")                                                                          \
    X(NAME, "name")                                                                                \
    X(SENT, "sent")                                                                                \
    X(DOMAIN, "domain")                                                                            \
    X(AUTHORITY, "authority")                                                                      \
    X(AUTHORITY_KIND, "authority_kind")                                                            \
    X(CLIENT, "client")                                                                            \
    X(CLIENTS, "clients")                                                                          \
    X(SERVER, "server")                                                                            \
    X(SERVER_ROLE, "server_role")                                                                  \
    X(CULPRIT, "culprit")                                                                          \
    X(SUSPECTS, "suspects")                                                                        \
    X(FILES, "files")                                                                              \
    X(DIRECTORIES, "directories")                                                                  \
    X(MISSING, "missing")                                                                          \
    X(STEPS, "steps")                                                                              \
    X(FAILURES, "failures")                                                                        \
    X(LOCKOUTS, "lockouts")                                                                        \
    X(THRESHOLD, "threshold")                                                                      \
    X(LEFT, "left")                                                                                \
    X(LOCK_AT, "lock_at")                                                                          \
    X(PERIOD, "period")                                                                            \
    X(PERIOD_OWNER, "period_owner")                                                                \
    X(SHARE, "share")                                                                              \
    X(GRANTED_CLIENT, "granted_client")                                                            \
    X(FIRST, "first")                                                                              \
    X(LAST, "last")                                                                                \
    X(REASON, "reason")                                                                            \
    X(ACCOUNTS, "accounts")                                                                        \
    X(PRODUCT, "product")                                                                          \
    X(TIPPING, "tipping")                                                                          \
    X(BASIS, "basis")                                                                              \
    X(CULPRITS, "culprits")

enum text_key {
#define TEXT_KEY_ENUM(name, word) TEXT_##name,
    TEXT_KEYS(TEXT_KEY_ENUM)
#undef TEXT_KEY_ENUM
        TEXT_KEY_COUNT
};

/* NULL and "" = not known. `many`: a bit for each key that stands for several; `described`: one for
 * each whose value is a description instead of a name. */
struct text_values {
    const char *of[TEXT_KEY_COUNT];
    uint64_t many, described;
    struct facts facts;
};

static inline void text_is_many(struct text_values *values, enum text_key key, bool is_many) {
    uint64_t bit = UINT64_C(1) << (unsigned)key;
    values->many = is_many ? values->many | bit : values->many & ~bit;
}

/* Strings one behind another in borrowed bytes. Zero room is allowed and gives "" for all. */
struct ink {
    char *bytes;
    size_t room, used, start;
};

void ink_init(struct ink *ink, char *bytes, size_t room);

/* Adds to the string in the making; what does not fit is left out. At most `most` bytes of text. */
void ink_put(struct ink *ink, const char *text);
void ink_put_most(struct ink *ink, const char *text, size_t most);
void ink_number(struct ink *ink, uint64_t number);

/* Ends the string in the making and returns it: "" when there is no room for it. */
const char *ink_end(struct ink *ink);

/* A whole string in one go. */
const char *ink_copy(struct ink *ink, const char *text, size_t most);

/* Copies as ink does to `room` (> 0) bytes of its own. Much of what is kept is empty. */
void text_keep_some(char *out, size_t room, const char *text);
static inline void text_keep(char *out, size_t room, const char *text) {
    if (text[0])
        text_keep_some(out, room, text);
    else
        out[0] = '\0';
}

/* Expands a template and ends the string. "" when every sentence vanished. A sentence that begins
 * with what stands for several ("these machines") or is described ("an account whose ...") begins
 * with a capital letter. */
const char *text_expand(struct ink *ink, const char *form, const struct text_values *values);

/* Whether all placeholders of a template and facts have names that exist and its brackets
 * match. */
bool text_is_sound(const char *form);

#endif
