/* The arena is as large as all fields of a record can ever need together, so that decoding never
 * runs out of room; it is reserved, and touched only as far as names really reach. */
#include "emit/view.h"

#include <errno.h>
#include <string.h>

#include "base/pool.h"
#include "emit/digits.h"

/* A byte of an OEM code page becomes at most 4 bytes of UTF-8; paths are joined from others. */
enum {
    TEXT_ROOM = 4 * VIEW_TEXT_BYTES,
    ARENA_BYTES = 2 * VIEW_FIELDS * TEXT_ROOM,
    KEY_LINES_FIRST = 4,
    KEY_LINES_LAST = 3
};

int view_init(struct view *view, const struct text_codepage *page) {
    *view = (struct view){.has_page = page != NULL, .arena = pages_reserve(ARENA_BYTES)};
    if (page)
        view->page = *page;
    return view->arena ? 0 : -ENOMEM;
}

void view_fini(struct view *view) {
    pages_free(view->arena, ARENA_BYTES);
    view->arena = NULL;
}

void view_reset(struct view *view) {
    view->used = 0;
    view->lossy_count = 0;
    view->cut_count = 0;
}

struct view_string view_text(struct view *view, const char *name, struct sbl_text text) {
    if (text.size == 0 && !text.is_cut)
        return (struct view_string){view->arena + view->used, 0};
    if (text.size > VIEW_TEXT_BYTES) {
        text.size = VIEW_TEXT_BYTES;
        text.is_cut = true;
    }
    bool lossy;
    char *start = view->arena + view->used;
    size_t size = text_to_utf8(text, view->has_page ? &view->page : NULL, start,
                               ARENA_BYTES - view->used, &lossy);
    view->used += size;
    if (lossy && view->lossy_count < VIEW_FIELDS)
        view->lossy[view->lossy_count++] = (struct view_field){name, text};
    if (text.is_cut && view->cut_count < VIEW_FIELDS)
        view->cut[view->cut_count++] = name;
    return (struct view_string){start, size};
}

struct view_string view_words(struct view *view, const char *name, const char *words) {
    size_t size = words ? strlen(words) : 0;
    return view_text(view, name,
                     (struct sbl_text){.bytes = (const uint8_t *)words,
                                       .size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size,
                                       .encoding = SBL_TEXT_UTF8});
}

void view_lower(struct view *view, struct view_string text) {
    char *letters = view->arena + (text.utf8 - view->arena);
    for (size_t i = 0; i < text.size; i++)
        if (letters[i] >= 'A' && letters[i] <= 'Z')
            letters[i] = (char)(letters[i] - 'A' + 'a');
}

struct view_string view_path(struct view *view, const struct view_string *parts, size_t count) {
    char *start = view->arena + view->used, *at = start;
    for (size_t i = 0; i < count; i++) {
        const char *piece = parts[i].utf8;
        size_t size = parts[i].size, room = ARENA_BYTES - view->used - (size_t)(at - start);
        if (size == 0 || size + 1 > room)
            continue;
        if (at > start && at[-1] == '\\') {
            bool doubled = piece[0] == '\\';
            piece += doubled;
            size -= doubled;
        } else if (at > start && piece[0] != '\\') {
            *at++ = '\\';
        }
        memcpy(at, piece, size);
        at += size;
    }
    view->used += (size_t)(at - start);
    return (struct view_string){start, (size_t)(at - start)};
}

static void spell_code(struct view_status *status, uint32_t code, bool is_dos_error) {
    char *at = status->code;
    if (is_dos_error) {
        at += digits_decimal(code >> 16, at);
        *at++ = '/';
        at += digits_decimal(code & 0xFFFF, at);
    } else {
        memcpy(at, "0x", 2);
        digits_hex(code, 8, DIGITS_UPPER, at + 2);
        at += 10;
    }
    *at = 0;
}

void view_code(uint32_t code, bool is_dos_error, struct view_status *status) {
    is_dos_error = is_dos_error && code != 0;
    status->type = is_dos_error ? "DOS" : "NTSTATUS";
    status->known = sbl_status_find(code, is_dos_error);
    spell_code(status, code, is_dos_error);
    status->name = status->known ? status->known->name : status->code;
}

static void view_status(const struct sbl_finding *finding, struct view_status *status) {
    status->known = NULL;
    status->type = NULL;
    status->name = "";
    if (finding->has_status)
        view_code(finding->status, finding->is_dos_error, status);
}

static enum view_who who_is(const struct sbl_finding *finding, const struct view_finding *seen) {
    if (seen->account.size)
        return VIEW_WHO_NAMED;
    bool was_sent = sbl_text_is_present(finding->account) && !finding->account.is_cut;
    return was_sent ? VIEW_WHO_ANONYMOUS : VIEW_WHO_NOT_CAPTURED;
}

void view_finding(struct view *view, const struct sbl_finding *finding, struct view_finding *seen) {
    view_reset(view);
    seen->account = view_text(view, "user.name", finding->account);
    seen->domain = view_text(view, "user.domain", finding->domain);
    seen->workstation = view_text(view, "source.domain", finding->workstation);
    seen->server = view_text(view, "destination.domain", finding->server_name);
    seen->share = view_text(view, "smblame.share", finding->share);
    seen->who = who_is(finding, seen);
    view_status(finding, &seen->status);
    identity_address(finding->conversation, 0, seen->client_address);
    identity_address(finding->conversation, 1, seen->server_address);
}

static bool is_frame(struct sbl_frame_ref one, struct sbl_frame_ref other) {
    return one.number && one.number == other.number && one.file == other.file;
}

bool view_is_tipping(const struct sbl_diagnosis *diagnosis, const struct sbl_evidence_line *line) {
    return is_frame(diagnosis->tipping, line->response) ||
           is_frame(diagnosis->tipping, line->request);
}

bool view_is_key_line(const struct sbl_diagnosis *diagnosis, uint32_t at) {
    return at < KEY_LINES_FIRST || diagnosis->line_count - at <= KEY_LINES_LAST ||
           view_is_tipping(diagnosis, &diagnosis->lines[at]);
}

bool view_is_missing(const struct sbl_finding *finding) {
    const struct sbl_status *status =
        finding->has_status ? sbl_status_find(finding->status, finding->is_dos_error) : NULL;
    return status && status->missing == SBL_MISSING_NOT_THERE;
}
