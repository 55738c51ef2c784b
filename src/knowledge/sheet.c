/* Wrapping words at a width, in characters and not in bytes. */
#include "knowledge/sheet.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

enum { INDENT = 18, WORD_BYTES = 240, SHOWN_BYTES = 480 };

/* Where the line is. `is_template`: brackets are read as those of texts of rules. */
struct line {
    FILE *out;
    size_t column;
    bool is_template;
};

static size_t width(const char *text, size_t size) {
    size_t columns = 0;
    for (size_t i = 0; i < size; i++)
        columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    return columns;
}

/* A word as it is shown. Returns its size. */
static size_t spell(const struct line *line, const char *word, size_t size, char out[SHOWN_BYTES]) {
    char kept[WORD_BYTES];
    size_t count = 0;
    for (size_t i = 0; i < size && count < sizeof kept; i++) {
        char now = word[i];
        if (line->is_template && (now == '[' || now == ']'))
            continue;
        if (line->is_template && (now == '{' || now == '}'))
            now = now == '{' ? '<' : '>';
        kept[count++] = now;
    }
    return text_printable(kept, count, out, SHOWN_BYTES);
}

static void put_word(struct line *line, const char *word, size_t size) {
    char shown[SHOWN_BYTES];
    size_t written = spell(line, word, size, shown), columns = width(shown, written);
    if (line->column > INDENT && line->column + 1 + columns > SHEET_COLUMNS) {
        fprintf(line->out, "\n%*s", (int)INDENT, "");
        line->column = INDENT;
    } else if (line->column > INDENT && written) {
        fputc(' ', line->out);
        line->column++;
    }
    fwrite(shown, 1, written, line->out);
    line->column += columns;
}

static void say(struct line *line, const char *label, const char *text) {
    if (!*text)
        return;
    fprintf(line->out, "  %-*s", (int)INDENT - 2, label ? label : "");
    line->column = INDENT;
    while (*text) {
        size_t size = strcspn(text, " ");
        put_word(line, text, size < WORD_BYTES ? size : WORD_BYTES);
        text += size < WORD_BYTES ? size : WORD_BYTES;
        text += strspn(text, " ");
    }
    fputc('\n', line->out);
}

void sheet_heading(FILE *out, const char *name, const char *kind) {
    char shown[SHEET_COLUMNS * 4];
    size_t written = text_printable(name, strlen(name), shown, SHEET_COLUMNS - 20);
    fprintf(out, "%.*s - %s\n", (int)written, shown, kind);
}

void sheet_say(FILE *out, const char *label, const char *text) {
    struct line line = {.out = out};
    say(&line, label, text);
}

void sheet_say_template(FILE *out, const char *label, const char *text) {
    struct line line = {.out = out, .is_template = true};
    say(&line, label, text);
}

void sheet_end(FILE *out) {
    fputc('\n', out);
}
