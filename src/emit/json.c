/* The writer. Everything ends in json_put(), which hands the buffer over when it is full. */
#include "emit/json.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emit/digits.h"

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

void json_put(struct json *json, const char *bytes, size_t size) {
    if (size > JSON_BUFFER_BYTES - json->size) {
        put_over(json, bytes, size);
        return;
    }
    memcpy(json->bytes + json->size, bytes, size);
    json->size += size;
}

void json_open_pending(struct json *json) {
    for (unsigned i = 0; i < json->pending_count; i++) {
        json_put_key(json, json->pending[i]);
        json_put_char(json, '{');
        json->needs_comma = false;
    }
    json->pending_count = 0;
}

void json_put_string(struct json *json, const char *word, size_t size) {
    char *at = json_room(json, size + 2);
    at[0] = '"';
    memcpy(at + 1, word, size);
    at[size + 1] = '"';
    json->size += size + 2;
}

void json_line_begin(struct json *json) {
    json->pending_count = 0;
    json->needs_comma = false;
    json_put_char(json, '{');
}

void json_line_end(struct json *json) {
    json_put(json, "}\n", 2);
    if (json->size > JSON_BUFFER_BYTES - JSON_LINE_ROOM)
        json_flush(json);
}

void json_close(struct json *json) {
    if (json->pending_count) {
        json->pending_count--;
        return;
    }
    json_put_char(json, '}');
    json->needs_comma = true;
}

void json_array_close(struct json *json) {
    json_put_char(json, ']');
    json->needs_comma = true;
}

/* How a code point must be written; 0 when it stands for itself. */
static size_t escape(uint32_t point, char out[6]) {
    if (point == '"' || point == '\\') {
        out[0] = '\\';
        out[1] = (char)point;
        return 2;
    }
    if (!text_is_control(point))
        return 0;
    out[0] = '\\';
    out[1] = 'u';
    digits_hex(point, 4, DIGITS_LOWER, out + 2);
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

/* How many of eight bytes, from the first, stand for themselves for certain: up to a control, a
 * quote, a backslash, or what is not ASCII. Differences borrow from the next byte only where one of
 * these is found, so the first one found is one. */
static size_t plain_of_eight(const char bytes[8]) {
    static const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t eight;
    memcpy(&eight, bytes, sizeof eight);
    eight = le64toh(eight);
    uint64_t quote = eight ^ ones * '"', backslash = eight ^ ones * '\\', del = eight ^ ones * 0x7F;
    uint64_t found =
        eight | (eight - ones * 0x20) | (quote - ones) | (backslash - ones) | (del - ones);
    return found & high ? (size_t)__builtin_ctzll(found & high) / 8 : 8;
}

/* How many bytes from the start stand for themselves. */
static size_t plain_bytes(const char *utf8, size_t size) {
    size_t at = 0;
    for (size_t step = 8; step == 8 && size - at >= 8; at += step)
        step = plain_of_eight(utf8 + at);
    while (at < size && !may_need_escape[(uint8_t)utf8[at]])
        at++;
    return at;
}

void json_part(struct json *json, const char *utf8, size_t size) {
    size_t done = 0;
    for (size_t at = plain_bytes(utf8, size); at < size; at += plain_bytes(utf8 + at, size - at)) {
        uint32_t point;
        char escaped[6];
        size_t step = text_next(utf8 + at, size - at, &point);
        size_t escaped_size = escape(point, escaped);
        if (escaped_size) {
            json_put(json, utf8 + done, at - done);
            json_put(json, escaped, escaped_size);
            done = at + step;
        }
        at += step;
    }
    json_put(json, utf8 + done, size - done);
}

void json_part_hex(struct json *json, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        digits_hex(bytes[i], 2, DIGITS_LOWER, json_room(json, 2));
        json->size += 2;
    }
}

void json_put_unsigned(struct json *json, uint64_t value) {
    json->size += digits_decimal(value, json_room(json, DIGITS_MOST));
}

void json_put_hex(struct json *json, uint64_t value, unsigned digits) {
    static const char opening[3] = {'"', '0', 'x'};
    char *at = json_room(json, 20);
    while (digits < 16 && value >> 4 * digits)
        digits++;
    memcpy(at, opening, sizeof opening);
    digits_hex(value, digits, DIGITS_UPPER, at + 3);
    at[3 + digits] = '"';
    json->size += digits + 4;
}

void json_unsigned_under(struct json *json, const char *utf8, size_t size, uint64_t value) {
    json_text(json, NULL, utf8, size);
    json_put_char(json, ':');
    json_put_unsigned(json, value);
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
        json_put(json, decimals, size);
}
