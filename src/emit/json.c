/* The writer. What does not fit into the buffer hands it over first. */
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
    json->handed++;
    return json->failed;
}

/* What does not fit in the buffer any more. */
void json_put_over(struct json *json, const char *bytes, size_t size) {
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

void json_open_pending(struct json *json) {
    for (unsigned i = 0; i < json->pending_count; i++) {
        json_put_key(json, json->pending[i]);
        json_put_char(json, '{');
        json->needs_comma = false;
    }
    json->pending_count = 0;
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

/* How many of eight bytes, from the first, stand for themselves for certain: up to a control, a
 * quote, a backslash, or what is not ASCII. Differences borrow from the next byte only where one of
 * these is found, so the first one found is one. */
static size_t plain_of_eight(uint64_t eight) {
    static const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    eight = le64toh(eight);
    uint64_t quote = eight ^ ones * '"', backslash = eight ^ ones * '\\', del = eight ^ ones * 0x7F;
    uint64_t found =
        eight | (eight - ones * 0x20) | (quote - ones) | (backslash - ones) | (del - ones);
    return found & high ? (size_t)__builtin_ctzll(found & high) / 8 : 8;
}

/* The first bytes of a text, eight or the `size` that are left, with zeros behind them. */
static uint64_t next_eight(const char *utf8, size_t size) {
    uint64_t eight = 0;
    if (size >= 8) {
        memcpy(&eight, utf8, 8);
    } else if (size >= 4) {
        uint32_t first, last;
        memcpy(&first, utf8, 4);
        memcpy(&last, utf8 + size - 4, 4);
        eight = le32toh(first) | (uint64_t)le32toh(last) << 8 * (size - 4);
        eight = htole64(eight);
    } else {
        for (size_t i = 0; i < size; i++)
            eight |= (uint64_t)(uint8_t)utf8[i] << 8 * i;
        eight = htole64(eight);
    }
    return eight;
}

/* One character, escaped when it has to be; returns its size in the text. */
static size_t put_character(struct json *json, const char *utf8, size_t size) {
    uint32_t point;
    char escaped[6];
    size_t step = text_next(utf8, size, &point);
    size_t escaped_size = escape(point, escaped);
    if (escaped_size)
        json_put(json, escaped, escaped_size);
    else
        json_put(json, utf8, step);
    return step;
}

void json_part(struct json *json, const char *utf8, size_t size) {
    for (size_t at = 0; at < size;) {
        char *out = json_room(json, 8);
        uint64_t eight = next_eight(utf8 + at, size - at);
        memcpy(out, &eight, sizeof eight);
        size_t plain = plain_of_eight(eight);
        if (plain >= size - at) {
            json->size += size - at;
            return;
        }
        json->size += plain;
        at += plain;
        if (plain < 8 && utf8[at] == '\\') { /* the usual one */
            json_put(json, "\\\\", 2);
            at++;
        } else if (plain < 8) {
            at += put_character(json, utf8 + at, size - at);
        }
    }
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
