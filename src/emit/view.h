/* A finding as somebody outside sees it: its texts decoded, its addresses and its status spelled
 * out. Decoded texts live in an arena that the next finding reuses. Texts that could not be decoded
 * whole, and texts of which only the beginning was captured, are remembered with the name of the
 * field they stand in. */
#ifndef SMBLAME_EMIT_VIEW_H
#define SMBLAME_EMIT_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include <smblame/diagnosis.h>

#include "base/text.h"
#include "emit/identity.h"

enum {
    VIEW_FIELDS = 32,       /* decoded texts of one record, at most */
    VIEW_TEXT_BYTES = 65536 /* of one text on the wire; longer ones are cut and marked */
};

struct view_string {
    const char *utf8; /* never NULL */
    size_t size;
};

struct view_field {
    const char *name;
    struct sbl_text text;
};

struct view {
    struct text_codepage page;
    bool has_page;
    char *arena;
    size_t used;
    unsigned lossy_count, cut_count;
    struct view_field lossy[VIEW_FIELDS];
    const char *cut[VIEW_FIELDS];
};

/* 0 or -ENOMEM. The page is copied. */
int view_init(struct view *view, const struct text_codepage *page);
void view_fini(struct view *view);

/* Forgets the texts of the last finding. */
void view_reset(struct view *view);

/* Decodes a text for the field `name` (a constant, borrowed). */
struct view_string view_text(struct view *view, const char *name, struct sbl_text text);

/* A C string of ours or of the system, as text: ill-formed UTF-8 in it becomes U+FFFD. */
struct view_string view_words(struct view *view, const char *name, const char *words);

/* Makes the ASCII letters of a decoded text small, in place. */
void view_lower(struct view *view, struct view_string text);

/* `parts` joined, a backslash between two that are not empty unless one is there already. */
struct view_string view_path(struct view *view, const struct view_string *parts, size_t count);

/* Who a finding is about. */
enum view_who {
    VIEW_WHO_NOT_CAPTURED = 0, /* no name on the captured part of the wire */
    VIEW_WHO_NAMED,
    VIEW_WHO_ANONYMOUS /* an empty name was sent */
};

/* `name` is symbolic, or the code where the table of statuses has none. `code` is "0xC000006D" or
 * "2/2". Status 0 is a success in either numbering and written as NTSTATUS. */
struct view_status {
    const struct sbl_status *known; /* NULL = not in the table */
    const char *type;               /* NTSTATUS | DOS; NULL = no status was seen */
    const char *name;               /* never NULL; may be `code`, so the struct is not copied */
    char code[48];
};

struct view_finding {
    struct view_string account, domain, workstation, server, share;
    enum view_who who;
    struct view_status status;
    char client_address[IDENTITY_ADDRESS_BYTES], server_address[IDENTITY_ADDRESS_BYTES];
};

/* Resets the arena and decodes what all findings have. */
void view_finding(struct view *view, const struct sbl_finding *finding, struct view_finding *seen);

/* The same of a bare status. */
void view_code(uint32_t code, bool is_dos_error, struct view_status *status);

/* How many of `count` items a list of a record or a summary shows, and where the one shown at place
 * `at` stands among them: the first SBL_LIST_ENDS and the last. */
static inline uint32_t view_listed(uint32_t count) {
    return count < 2 * SBL_LIST_ENDS ? count : 2 * SBL_LIST_ENDS;
}

static inline uint32_t view_place(uint32_t count, uint32_t at) {
    return at < SBL_LIST_ENDS ? at : count - view_listed(count) + at;
}

/* The attempts of a diagnosis that tell its story: the first four, the one that tipped the lock,
 * the last three. */
bool view_is_tipping(const struct sbl_diagnosis *diagnosis, const struct sbl_evidence_line *line);
bool view_is_key_line(const struct sbl_diagnosis *diagnosis, uint32_t at);

/* Whether a status says that a file, or a directory on the way to it, is not there. */
bool view_is_missing(const struct sbl_finding *finding);

#endif
