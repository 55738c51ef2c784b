/* An append-only JSON writer over one buffer: no tree, no format strings, no allocation after
 * json_init. Objects are opened lazily, so that an object without members is never written: say
 * json_open, whatever members there are, json_close. Keys are constants of ours and not escaped;
 * values from packets are. Text that acts on a terminal (control characters, controls of writing
 * direction) is written as \u escapes: the value is the same, and a line is safe to look at. */
#ifndef SMBLAME_EMIT_JSON_H
#define SMBLAME_EMIT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "emit/emit.h"

enum { JSON_BUFFER_BYTES = 65536, JSON_LINE_ROOM = 8192, JSON_DEPTH = 8 };

struct json {
    struct emit_output output;
    char *bytes;
    size_t size;
    size_t handed; /* how often the buffer was */
    int failed;    /* first negative errno of the output */
    bool needs_comma;
    unsigned pending_count; /* objects opened and not yet written */
    struct json_key {
        const char *name;
        size_t size;
    } pending[JSON_DEPTH];
};

/* 0 or -ENOMEM. */
int json_init(struct json *json, const struct emit_output *output);
void json_fini(struct json *json);
int json_flush(struct json *json);

/* A line: one object. The end of a line is where the buffer is handed over when it is nearly full.
 */
void json_line_begin(struct json *json);
void json_line_end(struct json *json);

/* The bare pieces, for this header: everything before a value, then the value. */
void json_open_pending(struct json *json);
void json_put_over(struct json *json, const char *bytes, size_t size);
void json_put_unsigned(struct json *json, uint64_t value);
void json_put_hex(struct json *json, uint64_t value, unsigned digits);

/* Where the next `most` bytes, a few, can be written at once; how many were is added to json->size.
 */
static inline char *json_room(struct json *json, size_t most) {
    if (most > JSON_BUFFER_BYTES - json->size)
        json_flush(json);
    return json->bytes + json->size;
}

static inline void json_put(struct json *json, const char *bytes, size_t size) {
    if (size > JSON_BUFFER_BYTES - json->size) {
        json_put_over(json, bytes, size);
        return;
    }
    memcpy(json->bytes + json->size, bytes, size);
    json->size += size;
}

static inline void json_put_string(struct json *json, const char *word, size_t size) {
    char *at = json_room(json, size + 2);
    at[0] = '"';
    memcpy(at + 1, word, size);
    at[size + 1] = '"';
    json->size += size + 2;
}

static inline void json_put_char(struct json *json, char character) {
    *json_room(json, 1) = character;
    json->size++;
}

/* Inline, so that the length of a constant is one too. */
static inline struct json_key json_key_of(const char *key) {
    return (struct json_key){key, key ? strlen(key) : 0};
}

static inline void json_put_key(struct json *json, struct json_key key) {
    char *start = json_room(json, key.size + sizeof ",\"\":"), *at = start;
    *at = ',';
    at += json->needs_comma;
    if (key.name) {
        *at++ = '"';
        memcpy(at, key.name, key.size);
        at += key.size;
        *at++ = '"';
        *at++ = ':';
    }
    json->size += (size_t)(at - start);
}

static inline void json_begin(struct json *json, struct json_key key) {
    if (json->pending_count)
        json_open_pending(json);
    json_put_key(json, key);
    json->needs_comma = true;
}

/* Members. In an array `key` is NULL. Objects nest at most JSON_DEPTH deep. A word is one of ours
 * (a constant, an address, a code) and is not escaped; a text is anybody's. */
static inline void json_open(struct json *json, const char *key) {
    json->pending[json->pending_count++] = json_key_of(key);
}

void json_close(struct json *json);

static inline void json_array_open(struct json *json, const char *key) {
    json_begin(json, json_key_of(key));
    json_put_char(json, '[');
    json->needs_comma = false;
}

void json_array_close(struct json *json);

static inline void json_word(struct json *json, const char *key, const char *word) {
    json_begin(json, json_key_of(key));
    json_put_string(json, word, strlen(word));
}

static inline void json_unsigned(struct json *json, const char *key, uint64_t value) {
    json_begin(json, json_key_of(key));
    json_put_unsigned(json, value);
}

static inline void json_signed(struct json *json, const char *key, int64_t value) {
    json_begin(json, json_key_of(key));
    json_put(json, "-", value < 0);
    json_put_unsigned(json, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static inline void json_bool(struct json *json, const char *key, bool value) {
    json_begin(json, json_key_of(key));
    json_put(json, value ? "true" : "false", value ? 4 : 5);
}

/* "0x...": at least `digits` upper-case digits. */
static inline void json_hex(struct json *json, const char *key, uint64_t value, unsigned digits) {
    json_begin(json, json_key_of(key));
    json_put_hex(json, value, digits);
}

/* A text in pieces: json_text_begin, any parts, json_text_end. A word, again, is not escaped. */
static inline void json_text_begin(struct json *json, const char *key) {
    json_begin(json, json_key_of(key));
    json_put_char(json, '"');
}

void json_part(struct json *json, const char *utf8, size_t size);

/* Where something stands in the buffer that was just written. */
struct json_place {
    size_t start, handed;
};

static inline struct json_place json_here(const struct json *json) {
    return (struct json_place){json->size, json->handed};
}

/* What stands there, `size` bytes, once more. False when it is not there any more or does not fit:
 * then it has to be written anew. */
static inline bool json_again(struct json *json, struct json_place place, size_t size) {
    if (json->handed != place.handed || size > JSON_BUFFER_BYTES - json->size)
        return false;
    json_put(json, json->bytes + place.start, size);
    return true;
}

static inline void json_part_word(struct json *json, const char *word) {
    json_put(json, word, strlen(word));
}

void json_part_hex(struct json *json, const uint8_t *bytes, size_t size);

static inline void json_text_end(struct json *json) {
    json_put_char(json, '"');
}

static inline void json_text(struct json *json, const char *key, const char *utf8, size_t size) {
    json_text_begin(json, key);
    json_part(json, utf8, size);
    json_text_end(json);
}

/* Members (or, in an array, elements) that are JSON already. */
static inline void json_raw(struct json *json, const char *members) {
    json_begin(json, (struct json_key){0});
    json_put(json, members, strlen(members));
}

/* A member whose key comes from outside and is escaped. */
void json_unsigned_under(struct json *json, const char *utf8, size_t size, uint64_t value);

/* Millionths as a number with as many decimals as it needs: 12500000 is 12.5. */
void json_micros(struct json *json, const char *key, uint64_t micros);

#endif
