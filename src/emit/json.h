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

#include "emit/emit.h"

enum { JSON_BUFFER_BYTES = 65536, JSON_LINE_ROOM = 8192, JSON_DEPTH = 8 };

struct json {
    struct emit_output output;
    char *bytes;
    size_t size;
    int failed; /* first negative errno of the output */
    bool needs_comma;
    unsigned pending_count; /* objects opened and not yet written */
    const char *pending[JSON_DEPTH];
};

/* 0 or -ENOMEM. */
int json_init(struct json *json, const struct emit_output *output);
void json_fini(struct json *json);
int json_flush(struct json *json);

/* A line: one object. The end of a line is where the buffer is handed over when it is nearly full.
 */
void json_line_begin(struct json *json);
void json_line_end(struct json *json);

/* Members. In an array `key` is NULL. Objects nest at most JSON_DEPTH deep. A word is one of ours
 * (a constant, an address, a code) and is not escaped; a text is anybody's. */
void json_open(struct json *json, const char *key);
void json_close(struct json *json);
void json_array_open(struct json *json, const char *key);
void json_array_close(struct json *json);
void json_word(struct json *json, const char *key, const char *word);
void json_text(struct json *json, const char *key, const char *utf8, size_t size);
void json_unsigned(struct json *json, const char *key, uint64_t value);
void json_signed(struct json *json, const char *key, int64_t value);
void json_bool(struct json *json, const char *key, bool value);

/* A member whose key comes from outside and is escaped. */
void json_unsigned_under(struct json *json, const char *utf8, size_t size, uint64_t value);

/* "0x...": at least `digits` upper-case digits. */
void json_hex(struct json *json, const char *key, uint64_t value, unsigned digits);

/* Millionths as a number with as many decimals as it needs: 12500000 is 12.5. */
void json_micros(struct json *json, const char *key, uint64_t micros);

/* A text in pieces: json_text_begin, any parts, json_text_end. A word, again, is not escaped. */
void json_text_begin(struct json *json, const char *key);
void json_part(struct json *json, const char *utf8, size_t size);
void json_part_word(struct json *json, const char *word);
void json_part_hex(struct json *json, const uint8_t *bytes, size_t size);
void json_text_end(struct json *json);

/* Members (or, in an array, elements) that are JSON already. */
void json_raw(struct json *json, const char *members);

/* Decimal digits of `value`; returns how many. Not terminated. */
size_t json_digits(uint64_t value, char out[20]);

#endif
