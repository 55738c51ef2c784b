/* The record of a probe: a name that was refused. They come by the million, and those of one
 * connection differ in the name, the time and three numbers: what else they have is copied from the
 * one before (emit/memo.h). */
#include <string.h>

#include "emit/record.h"
#include "emit/words.h"

static void part(struct json *json, struct view_string text) {
    json_part(json, text.utf8, text.size);
}

static size_t last_component(struct view_string path) {
    size_t at = path.size;
    while (at > 0 && path.utf8[at - 1] != '\\' && path.utf8[at - 1] != '/')
        at--;
    return at;
}

/* The letters after the last dot of a name, without a stream's name (":Zone.Identifier"); nothing
 * for ".hidden", "name." and for patterns. */
static struct view_string extension_of(struct view_string name) {
    static const bool is_of_pattern[256] = {
        [0] = true, ['*'] = true, ['?'] = true, ['<'] = true, ['>'] = true, ['"'] = true};
    const char *colon = memchr(name.utf8, ':', name.size);
    size_t end = colon ? (size_t)(colon - name.utf8) : name.size, at = end;
    while (at > 0 && name.utf8[at - 1] != '.')
        at--;
    struct view_string extension = {name.utf8 + at, at > 1 ? end - at : 0};
    for (size_t i = 0; i < extension.size; i++)
        if (is_of_pattern[(uint8_t)extension.utf8[i]])
            extension.size = 0;
    return extension;
}

/* A path, joined of share, directory and name, and where its parts begin and end. */
struct probe_path {
    struct view_string whole;
    size_t below;                        /* what is behind the share and the backslashes there */
    size_t last;                         /* its last component, which may be in the share */
    size_t end;                          /* of that: without the separators at the end of all */
    struct json_place at_below, at_last; /* in the message: escaped */
    size_t below_size, last_size;
    struct json_place at_path; /* likewise, under file */
    size_t directory_size;     /* 0 = not known */
};

static struct probe_path path_of(struct view_string whole, struct view_string share) {
    struct probe_path path = {.whole = whole, .below = share.size, .end = whole.size};
    while (path.below && path.below < whole.size && whole.utf8[path.below] == '\\')
        path.below++;
    while (path.end && (whole.utf8[path.end - 1] == '\\' || whole.utf8[path.end - 1] == '/'))
        path.end--;
    path.last = last_component((struct view_string){whole.utf8, path.end});
    return path;
}

static struct view_string cut_out(const struct probe_path *path, size_t from, size_t to) {
    return (struct view_string){path->whole.utf8 + from, to - from};
}

/* Into the message, noting where its parts come to stand: all of it comes again under file. */
static void part_below(struct json *json, struct probe_path *path) {
    size_t last = path->last > path->below ? path->last : path->below;
    path->at_below = json_here(json);
    part(json, cut_out(path, path->below, last));
    path->at_last = json_here(json);
    part(json, cut_out(path, last, path->whole.size));
    path->below_size = json->size - path->at_below.start;
    path->last_size = json->size - path->at_last.start;
}

struct probe_record {
    struct records *records;
    const struct sbl_probe *probe;
    struct view_finding seen; /* when the memo is not known: of it the share alone */
    struct memo *memo;
    struct memo_hearing hearing;
    bool is_known;
};

/* The share and the backslashes behind it are one piece, of all paths that go on below it. */
static void share_part(struct probe_record *r, const struct probe_path *path) {
    struct json *json = &r->records->json;
    bool is_usual = path->below == r->seen.share.size + 1 && path->below < path->whole.size;
    if (is_usual && r->is_known && r->memo->pieces[MEMO_ESCAPED_SHARE].size) {
        memo_put(json, r->memo, MEMO_ESCAPED_SHARE);
        return;
    }
    memo_piece_begin(&r->hearing, json);
    part(json, cut_out(path, 0, path->below));
    if (is_usual && !r->is_known)
        memo_piece_end(&r->hearing, json, MEMO_ESCAPED_SHARE);
}

static void path_member(struct probe_record *r, struct probe_path *path) {
    struct json *json = &r->records->json;
    json_text_begin(json, "path");
    path->at_path = json_here(json);
    share_part(r, path);
    if (path->last > path->below && path->at_below.handed == path->at_last.handed) {
        size_t separator = path->whole.utf8[path->last - 1] == '\\' ? 2 : 1;
        path->directory_size = json->size - path->at_path.start + path->at_last.start -
                               path->at_below.start - separator;
    }
    if (!json_again(json, path->at_below, path->below_size))
        part(json, cut_out(path, path->below, path->whole.size));
    json_text_end(json);
}

static void directory_member(struct json *json, const struct probe_path *path) {
    size_t above = path->last > 0 ? path->last - 1 : 0;
    if (above == 0)
        return;
    json_text_begin(json, "directory");
    if (!path->directory_size || !json_again(json, path->at_path, path->directory_size))
        part(json, cut_out(path, 0, above));
    json_text_end(json);
}

/* Below a directory that is not known the name is all there is: a path would be a guess. */
static void file_members(struct probe_record *r, struct probe_path *path) {
    struct json *json = &r->records->json;
    bool is_below_unknown = r->probe->is_below_unknown;
    struct view_string name = cut_out(path, path->last, path->end);
    bool is_said = path->last >= path->below && path->end == path->whole.size && name.size;
    json_open(json, "file");
    if (!is_below_unknown && path->whole.size)
        path_member(r, path);
    if (name.size) {
        json_text_begin(json, "name");
        if (!is_said || !json_again(json, path->at_last, path->last_size))
            part(json, name);
        json_text_end(json);
    }
    record_text(json, "extension", extension_of(name));
    if (!is_below_unknown)
        directory_member(json, path);
    json_close(json);
}

static void before_id(struct probe_record *r) {
    static const struct record_kind kind = {
        .event = "\"kind\":\"event\",\"module\":\"smblame\",\"dataset\":\"smblame.open_probe\","
                 "\"action\":\"open-probe\",\"category\":[\"file\",\"network\"]",
        .failure_type = "\"type\":[\"access\",\"denied\"]"};
    struct json *json = &r->records->json;
    json_part_word(json, view_is_missing(&r->probe->finding) ? " not found" : " refused");
    json_part_word(json, r->probe->is_below_unknown ? " in a directory that is not known" : "");
    json_part_word(json, r->seen.share.size ? " in " : "");
    part(json, r->seen.share);
    record_refused_part(json, " for ", &r->seen);
    json_text_end(json);
    record_event_before_id(json, &kind, SBL_OUTCOME_FAILURE);
}

static void after_id(struct probe_record *r) {
    record_parties(r->records, &r->probe->finding, &r->seen);
}

static void before_message_id(struct probe_record *r) {
    struct json *json = &r->records->json;
    json_open(json, "smblame");
    record_schema(r->records);
    record_smb_begin(r->records, &r->probe->finding, words_open_command(r->probe->command));
}

static void after_message_id(struct probe_record *r) {
    record_smb_end(&r->records->json, &r->probe->finding, &r->seen);
}

typedef void write_piece(struct probe_record *r);

static void piece(struct probe_record *r, enum memo_piece which, write_piece *write) {
    struct json *json = &r->records->json;
    if (r->is_known) {
        memo_put(json, r->memo, which);
        return;
    }
    memo_piece_begin(&r->hearing, json);
    write(r);
    memo_piece_end(&r->hearing, json, which);
}

static void look_up(struct probe_record *r) {
    struct records *records = r->records;
    r->memo = memo_find(records->memos, r->probe, &r->is_known);
    if (r->is_known) {
        view_reset(&records->view);
        r->seen.share = memo_share(r->memo);
        return;
    }
    view_finding(&records->view, &r->probe->finding, &r->seen);
    r->hearing = (struct memo_hearing){.into = r->memo};
    memo_keep_share(&r->hearing, r->seen.share);
}

/* "auddrive.ini not found in \\CAP01\CAP_S01 for CORP\jdoe from 10.1.2.42: STATUS_..." */
void records_probe(struct records *records, const struct sbl_probe *probe) {
    const struct sbl_finding *finding = &probe->finding;
    struct json *json = &records->json;
    struct probe_record r;
    r.records = records;
    r.probe = probe;
    look_up(&r);
    struct view_string parts[] = {
        r.seen.share,
        view_text(&records->view, "file.directory", probe->directory),
        view_text(&records->view, "file.name", probe->name),
    };
    struct probe_path path = path_of(view_path(&records->view, parts, 3), r.seen.share);
    record_begin(records, finding->time_ns);
    json_text_begin(json, "message");
    if (path.below < path.whole.size)
        part_below(json, &path);
    else
        json_part_word(json, "A file whose name was not captured");
    piece(&r, MEMO_UNTIL_ID, before_id);
    record_id(records, finding);
    piece(&r, MEMO_AFTER_ID, after_id);
    record_process(records, &finding->evidence);
    if (parts[1].size || parts[2].size)
        file_members(&r, &path);
    piece(&r, MEMO_UNTIL_MESSAGE_ID, before_message_id);
    record_message_id(json, finding);
    piece(&r, MEMO_AFTER_MESSAGE_ID, after_message_id);
    record_end(records, finding);
    if (!r.is_known)
        memo_done(&r.hearing, &records->view);
}
