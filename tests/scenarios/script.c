/* Reading of scenario files. A block that repeats is written out line by line, each with its own
 * time; `$n` in it becomes the number of the round in three digits, `$N` without leading zeros,
 * `$m` and `$M` those of the block around it. Memory is that of a short-lived test program: what
 * cannot be had ends it. */
#include "script.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)

enum { DEPTH = 4, SOURCE_LINES = 2000, ROUNDS = 1000000 };

/* The file as it stands, and the block that is being written out. */
struct source {
    struct script *script;
    char *text[SOURCE_LINES];
    unsigned count;
    unsigned rounds[DEPTH + 1]; /* of the blocks around, outermost first */
    unsigned depth;
    uint32_t order;
};

/* The head of a block. */
struct block {
    double count, every_s, jitter;
};

void script_fail(const struct script *script, unsigned number, const char *format, ...) {
    va_list arguments;
    fflush(stdout);
    fprintf(stderr, "%s:%u: ", script->path, number);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2);
}

bool script_time(const char *word, int64_t *time_ns) {
    double seconds = 0;
    if (!isdigit((unsigned char)*word))
        return false;
    for (unsigned parts = 0; parts < 3; parts++) {
        char *end;
        seconds = seconds * 60 + strtod(word, &end);
        if (!*end) {
            *time_ns = (int64_t)llround(seconds * 1e6) * (NS_PER_S / 1000000);
            return true;
        }
        if (*end != ':' || !isdigit((unsigned char)end[1]))
            return false;
        word = end + 1;
    }
    return false;
}

void words_split(struct words *words, const struct script *script, const struct script_line *line) {
    *words = (struct words){.script = script, .number = line->number};
    snprintf(words->bytes, sizeof words->bytes, "%s", line->text);
    char *c = words->bytes;
    while (*c) {
        while (isspace((unsigned char)*c))
            c++;
        if (!*c || *c == '#')
            break;
        if (words->count == SCRIPT_WORDS)
            script_fail(script, line->number, "more than %d words", SCRIPT_WORDS);
        bool is_quoted = *c == '"';
        c += is_quoted;
        words->items[words->count++] = c;
        while (*c && (is_quoted ? *c != '"' : !isspace((unsigned char)*c)))
            c++;
        if (is_quoted && !*c)
            script_fail(script, line->number, "a quotation mark is missing");
        if (*c)
            *c++ = 0;
    }
}

bool words_left(const struct words *words) {
    return words->at < words->count;
}

const char *words_peek(const struct words *words) {
    return words_left(words) ? words->items[words->at] : NULL;
}

const char *words_next(struct words *words, const char *what) {
    if (!words_left(words))
        script_fail(words->script, words->number, "%s expected at the end of the line", what);
    return words->items[words->at++];
}

bool words_take(struct words *words, const char *word) {
    const char *next = words_peek(words);
    if (!next || strcmp(next, word) != 0)
        return false;
    words->at++;
    return true;
}

double words_number(struct words *words, const char *what) {
    const char *word = words_next(words, what);
    char *end;
    double number = strtod(word, &end);
    if (!*word || (*end && strcmp(end, "%") != 0))
        script_fail(words->script, words->number, "%s expected, not '%s'", what, word);
    return number;
}

static void add(struct script_lines *lines, struct script_line line) {
    if (lines->count == lines->room) {
        lines->room = lines->room ? lines->room * 2 : 64;
        lines->items = realloc(lines->items, lines->room * sizeof *lines->items);
        if (!lines->items)
            abort();
    }
    lines->items[lines->count++] = line;
}

/* A line with its `$n` and the like filled in. */
static char *fill_in(const struct source *source, unsigned number, const char *text) {
    char out[SCRIPT_LINE_BYTES * 2];
    size_t size = 0;
    for (const char *c = text; *c && size < SCRIPT_LINE_BYTES; c++) {
        bool is_name = *c == '$' && c[1] && strchr("nNmM", c[1]);
        if (!is_name) {
            out[size++] = *c;
            continue;
        }
        c++;
        unsigned up = *c == 'm' || *c == 'M';
        if (source->depth <= up)
            script_fail(source->script, number, "$%c stands in no block that repeats", *c);
        size += (size_t)snprintf(out + size, 16, islower((unsigned char)*c) ? "%03u" : "%u",
                                 source->rounds[source->depth - 1 - up]);
    }
    if (size >= SCRIPT_LINE_BYTES)
        script_fail(source->script, number, "longer than %d bytes", SCRIPT_LINE_BYTES);
    out[size] = 0;
    char *copy = strdup(out);
    if (!copy)
        abort();
    return copy;
}

/* The line of the `}` that closes the block which begins before `from`. */
static unsigned block_end(const struct source *source, unsigned from) {
    unsigned open = 1;
    for (unsigned i = from; i < source->count; i++) {
        const char *text = source->text[i];
        size_t size = strlen(text), indent = strspn(text, " \t");
        if (size && text[size - 1] == '{' && text[indent] != '#')
            open++;
        else if (text[indent] == '}' && --open == 0)
            return i;
    }
    script_fail(source->script, from, "the block that begins here is never closed");
}

static struct block block_head(struct words *words) {
    struct block block = {.count = words_number(words, "how often")};
    if (!words_take(words, "every"))
        script_fail(words->script, words->number, "'every SECONDS' expected");
    block.every_s = words_number(words, "seconds");
    if (words_take(words, "jitter"))
        block.jitter = words_number(words, "a percentage") / 100;
    if (!words_take(words, "{") || words_left(words))
        script_fail(words->script, words->number, "'{' expected at the end of the line");
    if (block.count < 1 || block.count > ROUNDS)
        script_fail(words->script, words->number, "a block repeats 1 to %d times", ROUNDS);
    return block;
}

/* Late and early by turns, by half to all of 1: what comes at such times keeps no period. The same
 * for the same round of the same line every time. */
static double wobble(unsigned number, unsigned round) {
    uint32_t mixed = (number * 2654435761u) ^ (round * 2246822519u);
    mixed ^= mixed >> 15;
    mixed *= 2654435761u;
    mixed ^= mixed >> 13;
    double size = 0.5 + (double)(mixed % 5001) / 10000;
    return round % 2 ? -size : size;
}

static void write_out(struct source *source, unsigned from, unsigned to, int64_t base_ns);

static void write_block(struct source *source, struct words *words, unsigned end, int64_t base_ns) {
    struct block block = block_head(words);
    unsigned head = words->number;
    if (source->depth == DEPTH)
        script_fail(source->script, head, "blocks nested deeper than %d", DEPTH);
    source->depth++;
    for (unsigned round = 1; round <= (unsigned)block.count; round++) {
        double moved_s = wobble(head, round) * block.jitter * block.every_s;
        double at_s = block.every_s * (round - 1) + (round > 1 ? moved_s : 0);
        source->rounds[source->depth - 1] = round;
        write_out(source, head, end, base_ns + (int64_t)llround(at_s * 1e6) * 1000);
    }
    source->depth--;
}

static void write_line(struct source *source, unsigned index, int64_t base_ns) {
    struct words words;
    struct script_line line = {.number = index + 1};
    line.text = fill_in(source, index + 1, source->text[index]);
    words_split(&words, source->script, &line);
    int64_t time_ns = 0;
    const char *first = words_peek(&words);
    bool is_timed = first && script_time(first, &time_ns);
    line.time_ns = base_ns + time_ns;
    line.order = source->order++;
    if (!first) {
        free(line.text);
        return;
    }
    if (strcmp(first, "}") == 0)
        script_fail(source->script, index + 1, "this '}' closes no block");
    if (source->depth && !is_timed)
        script_fail(source->script, index + 1, "a time expected, not '%s'", first);
    struct script *script = source->script;
    add(is_timed                       ? &script->events
        : strcmp(first, "expect") == 0 ? &script->wishes
                                       : &script->setup,
        line);
}

/* Lines [from, to) of the file, their times counted from base_ns. */
static void write_out(struct source *source, unsigned from, unsigned to, int64_t base_ns) {
    for (unsigned i = from; i < to; i++) {
        struct words words;
        struct script_line line = {.number = i + 1, .text = source->text[i]};
        int64_t time_ns;
        words_split(&words, source->script, &line);
        bool is_block = words.count > 2 && strcmp(words.items[1], "repeat") == 0;
        if (!is_block) {
            write_line(source, i, base_ns);
            continue;
        }
        if (!script_time(words.items[0], &time_ns))
            script_fail(source->script, i + 1, "a time expected, not '%s'", words.items[0]);
        words.at = 2;
        unsigned end = block_end(source, i + 1);
        write_block(source, &words, end, base_ns + time_ns);
        i = end;
    }
}

static int by_time(const void *a, const void *b) {
    const struct script_line *x = a, *y = b;
    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

void script_read(struct script *script, const char *path) {
    *script = (struct script){.path = path};
    struct source *source = calloc(1, sizeof *source);
    FILE *file = fopen(path, "r");
    if (!file || !source)
        script_fail(script, 0, "cannot be read");
    source->script = script;
    char line[SCRIPT_LINE_BYTES];
    while (fgets(line, sizeof line, file)) {
        size_t size = strlen(line);
        if (source->count == SOURCE_LINES || (size == sizeof line - 1 && line[size - 1] != '\n'))
            script_fail(script, source->count + 1, "too long");
        while (size && isspace((unsigned char)line[size - 1]))
            line[--size] = 0;
        source->text[source->count++] = strdup(line);
    }
    fclose(file);
    write_out(source, 0, source->count, 0);
    qsort(script->events.items, script->events.count, sizeof *script->events.items, by_time);
    while (source->count)
        free(source->text[--source->count]);
    free(source);
}

static void lines_free(struct script_lines *lines) {
    while (lines->count)
        free(lines->items[--lines->count].text);
    free(lines->items);
}

void script_free(struct script *script) {
    lines_free(&script->setup);
    lines_free(&script->events);
    lines_free(&script->wishes);
}
