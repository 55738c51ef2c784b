/* The writer. Everything ends in put(), which hands the buffer over when it is full. */
#include "emit/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int json_init(struct json *json, const struct emit_output *output) {
    *json = (struct json){.output = *output, .bytes = malloc(JSON_BUFFER_BYTES)};
    return json->bytes ? 0 : -ENOMEM;
}

void json_fini(struct json *json) {
    free(json->bytes);
    json->bytes = NULL;
}

int json_flush(struct json *json) {
    if (!json->failed && json->size)
        json->failed = json->output.write(json->output.context, json->bytes, json->size);
    json->size = 0;
    return json->failed;
}

/* What does not fit in the buffer any more. */
static void put_over(struct json *json, const char *bytes, size_t size) {
    while (size > JSON_BUFFER_BYTES - json->size) {
        size_t part = JSON_BUFFER_BYTES - json->size;
        memcpy(json->bytes + json->size, bytes, part);
        json->size = JSON_BUFFER_BYTES;
        json_flush(json);
        bytes += part;
        size -= part;
    }
    memcpy(json->bytes + json->size, bytes, size);
    json->size += size;
}

static inline void put(struct json *json, const char *bytes, size_t size) {
    if (size > JSON_BUFFER_BYTES - json->size) {
        put_over(json, bytes, size);
        return;
    }
    memcpy(json->bytes + json->size, bytes, size);
    json->size += size;
}

static inline void put_char(struct json *json, char character) {
    if (json->size == JSON_BUFFER_BYTES)
        json_flush(json);
    json->bytes[json->size++] = character;
}

static void put_key(struct json *json, const char *key) {
    if (json->needs_comma)
        put_char(json, ',');
    if (key) {
        put_char(json, '"');
        put(json, key, strlen(key));
        put(json, "\":", 2);
    }
}

/* Before every value: the objects it stands in, then its key. */
static void begin(struct json *json, const char *key) {
    for (unsigned i = 0; i < json->pending_count; i++) {
        put_key(json, json->pending[i]);
        put_char(json, '{');
        json->needs_comma = false;
    }
    json->pending_count = 0;
    put_key(json, key);
    json->needs_comma = true;
}

void json_line_begin(struct json *json) {
    json->pending_count = 0;
    json->needs_comma = false;
    put_char(json, '{');
}

void json_line_end(struct json *json) {
    put(json, "}\n", 2);
    if (json->size > JSON_BUFFER_BYTES - JSON_LINE_ROOM)
        json_flush(json);
}

void json_open(struct json *json, const char *key) {
    json->pending[json->pending_count++] = key;
}

void json_close(struct json *json) {
    if (json->pending_count) {
        json->pending_count--;
        return;
    }
    put_char(json, '}');
    json->needs_comma = true;
}

void json_array_open(struct json *json, const char *key) {
    begin(json, key);
    put_char(json, '[');
    json->needs_comma = false;
}

void json_array_close(struct json *json) {
    put_char(json, ']');
    json->needs_comma = true;
}

void json_raw(struct json *json, const char *members) {
    begin(json, NULL);
    put(json, members, strlen(members));
}

void json_text_begin(struct json *json, const char *key) {
    begin(json, key);
    put_char(json, '"');
}

void json_text_end(struct json *json) {
    put_char(json, '"');
}

/* How a code point must be written; 0 when it stands for itself. */
static size_t escape(uint32_t point, char out[6]) {
    static const char digits[] = "0123456789abcdef";
    if (point == '"' || point == '\\') {
        out[0] = '\\';
        out[1] = (char)point;
        return 2;
    }
    if (!text_is_control(point))
        return 0;
    out[0] = '\\';
    out[1] = 'u';
    for (unsigned i = 0; i < 4; i++)
        out[2 + i] = digits[point >> (12 - 4 * i) & 15];
    return 6;
}

/* Bytes that can begin a character which must be escaped: the rest is copied unseen. C2, D8 and E2
 * lead the control characters beyond ASCII. */
static const bool may_need_escape[256] = {
    1, 1, 1, 1, 1, 1,         1,          1,          1,          1,          1,
    1, 1, 1, 1, 1, /* C0 */
    1, 1, 1, 1, 1, 1,         1,          1,          1,          1,          1,
    1, 1, 1, 1, 1, ['"'] = 1, ['\\'] = 1, [0x7F] = 1, [0xC2] = 1, [0xD8] = 1, [0xE2] = 1,
};

void json_part(struct json *json, const char *utf8, size_t size) {
    size_t done = 0;
    if (size == 0)
        return;
    for (size_t at = 0; at < size;) {
        if (!may_need_escape[(uint8_t)utf8[at]]) {
            at++;
            continue;
        }
        uint32_t point;
        char escaped[6];
        size_t step = text_next(utf8 + at, size - at, &point);
        size_t escaped_size = escape(point, escaped);
        if (escaped_size) {
            put(json, utf8 + done, at - done);
            put(json, escaped, escaped_size);
            done = at + step;
        }
        at += step;
    }
    put(json, utf8 + done, size - done);
}

void json_part_word(struct json *json, const char *word) {
    put(json, word, strlen(word));
}

void json_part_hex(struct json *json, const uint8_t *bytes, size_t size) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        char pair[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
        put(json, pair, 2);
    }
}

void json_text(struct json *json, const char *key, const char *utf8, size_t size) {
    json_text_begin(json, key);
    json_part(json, utf8, size);
    json_text_end(json);
}

void json_word(struct json *json, const char *key, const char *word) {
    begin(json, key);
    put_char(json, '"');
    put(json, word, strlen(word));
    put_char(json, '"');
}

size_t json_digits(uint64_t value, char out[20]) {
    char reversed[20];
    size_t count = 0;
    do {
        reversed[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    for (size_t i = 0; i < count; i++)
        out[i] = reversed[count - 1 - i];
    return count;
}

void json_unsigned(struct json *json, const char *key, uint64_t value) {
    char digits[20];
    begin(json, key);
    put(json, digits, json_digits(value, digits));
}

void json_unsigned_under(struct json *json, const char *utf8, size_t size, uint64_t value) {
    char digits[20];
    json_text(json, NULL, utf8, size);
    put_char(json, ':');
    put(json, digits, json_digits(value, digits));
}

void json_signed(struct json *json, const char *key, int64_t value) {
    char digits[20];
    begin(json, key);
    if (value < 0)
        put_char(json, '-');
    put(json, digits, json_digits(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, digits));
}

void json_bool(struct json *json, const char *key, bool value) {
    begin(json, key);
    if (value)
        put(json, "true", 4);
    else
        put(json, "false", 5);
}

void json_hex(struct json *json, const char *key, uint64_t value, unsigned digits) {
    char out[18];
    size_t at = sizeof out;
    for (unsigned written = 0; value || written < digits; written++, value >>= 4)
        out[--at] = "0123456789ABCDEF"[value & 15];
    begin(json, key);
    put(json, "\"0x", 3);
    put(json, out + at, sizeof out - at);
    put_char(json, '"');
}

void json_micros(struct json *json, const char *key, uint64_t micros) {
    json_unsigned(json, key, micros / 1000000);
    char decimals[7] = ".000000";
    size_t size = sizeof decimals;
    for (uint64_t rest = micros % 1000000, i = 6; i > 0; i--, rest /= 10)
        decimals[i] = (char)('0' + rest % 10);
    while (size > 1 && decimals[size - 1] == '0')
        size--;
    if (size > 1)
        put(json, decimals, size);
}
