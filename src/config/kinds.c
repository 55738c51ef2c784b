/* How values are read. Texts of the command line are borrowed from argv; those of a file are copied
 * and belong to the options. What is relative in a file is relative to the directory of the file:
 * a daemon's own directory is nobody's intention. */
#include "config/kinds.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/limit.h"

static void *field(const struct taking *taking, size_t at) {
    return (char *)taking->options + at;
}

static const void *field_of(const struct options *options, size_t at) {
    return (const char *)options + at;
}

int value_refuse(const struct taking *taking, const struct row *row, const char *format, ...) {
    fputs("smblame: ", stderr);
    if (taking->file)
        fprintf(stderr, "%s:%u: %s ", taking->file, taking->line, row->name);
    else
        fprintf(stderr, "--%s ", row->name);
    va_list rest;
    va_start(rest, format);
    vfprintf(stderr, format, rest);
    va_end(rest);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

static int no_memory(void) {
    fputs("smblame: no memory for the options\n", stderr);
    return EXIT_RUNTIME;
}

/* `text`, which the options own from now on; NULL without memory, and then it is freed. */
static char *owned(const struct taking *taking, char *text) {
    struct options *options = taking->options;
    size_t size = (options->owned_count + 1) * sizeof *options->owned;
    struct option_text *grown = text ? realloc(options->owned, size) : NULL;
    if (!grown) {
        free(text);
        return NULL;
    }
    options->owned = grown;
    grown[options->owned_count++] = (struct option_text){text, taking->line};
    return text;
}

static const char *keep(const struct taking *taking, const char *text) {
    return taking->file ? owned(taking, strdup(text)) : text;
}

/* The text with a path in it, which begins at `path`. */
static const char *keep_path(const struct taking *taking, const char *text, const char *path) {
    const char *slash = taking->file ? strrchr(taking->file, '/') : NULL;
    if (!slash || *path == '/' || strcmp(path, "-") == 0)
        return keep(taking, text);
    char *whole = NULL;
    int size = asprintf(&whole, "%.*s%.*s/%s", (int)(path - text), text,
                        (int)(slash - taking->file), taking->file, path);
    return owned(taking, size < 0 ? NULL : whole);
}

static int set_text(const struct taking *taking, const struct row *row, const char *text) {
    *(const char **)field(taking, row->at) = text;
    return text ? 0 : no_memory();
}

static int append(const struct taking *taking, const struct row *row, const char *text) {
    const char ***list = field(taking, row->at);
    size_t *count = field(taking, row->count_at);
    const char **grown = text ? realloc(*list, (*count + 1) * sizeof *grown) : NULL;
    if (!grown)
        return no_memory();
    *list = grown;
    grown[(*count)++] = text;
    return 0;
}

/* Flags, and what a flag stands for. */

static int flag_of(const struct taking *taking, const struct row *row, const char *text,
                   bool *flag) {
    *flag = strcmp(text, "yes") == 0;
    return *flag || strcmp(text, "no") == 0
               ? 0
               : value_refuse(taking, row, "takes 'yes' or 'no', not '%s'", text);
}

static int take_flag(const struct taking *taking, const struct row *row, const char *text) {
    return flag_of(taking, row, text, field(taking, row->at));
}

static bool same_flag(const struct options *one, const struct options *other,
                      const struct row *row) {
    return *(const bool *)field_of(one, row->at) == *(const bool *)field_of(other, row->at);
}

static int take_task(const struct taking *taking, const struct row *row, const char *text) {
    bool flag = false;
    int failed = flag_of(taking, row, text, &flag);
    if (flag)
        *(enum task *)field(taking, row->at) = (enum task)row->most;
    return failed;
}

static bool same_anyway(const struct options *one, const struct options *other,
                        const struct row *row) {
    (void)one, (void)other, (void)row;
    return true;
}

/* Numbers. */

static int whole_number(const struct taking *taking, const struct row *row, const char *text,
                        uint64_t *number) {
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || *end || end == text || *text == '-' || value == 0)
        return value_refuse(taking, row, "takes a whole number of at least 1, not '%s'", text);
    if (row->most && value > row->most)
        return value_refuse(taking, row, "takes at most %u, not '%s'", (unsigned)row->most, text);
    *number = value;
    return 0;
}

static int take_count(const struct taking *taking, const struct row *row, const char *text) {
    return whole_number(taking, row, text, field(taking, row->at));
}

static bool same_count(const struct options *one, const struct options *other,
                       const struct row *row) {
    return *(const uint64_t *)field_of(one, row->at) == *(const uint64_t *)field_of(other, row->at);
}

static int take_number(const struct taking *taking, const struct row *row, const char *text) {
    uint64_t number = 0;
    int failed = whole_number(taking, row, text, &number);
    *(unsigned *)field(taking, row->at) = (unsigned)number;
    return failed;
}

static bool same_number(const struct options *one, const struct options *other,
                        const struct row *row) {
    return *(const unsigned *)field_of(one, row->at) == *(const unsigned *)field_of(other, row->at);
}

static int take_workers(const struct taking *taking, const struct row *row, const char *text) {
    *(unsigned *)field(taking, row->at) = 0;
    return strcmp(text, "auto") == 0 ? 0 : take_number(taking, row, text);
}

/* Texts, paths and lists of them. */

static bool same_words(const char *one, const char *other) {
    return one && other ? strcmp(one, other) == 0 : one == other;
}

static bool same_text(const struct options *one, const struct options *other,
                      const struct row *row) {
    return same_words(*(const char *const *)field_of(one, row->at),
                      *(const char *const *)field_of(other, row->at));
}

static bool same_list(const struct options *one, const struct options *other,
                      const struct row *row) {
    const char **left = *(const char **const *)field_of(one, row->at);
    const char **right = *(const char **const *)field_of(other, row->at);
    size_t count = *(const size_t *)field_of(one, row->count_at);
    if (count != *(const size_t *)field_of(other, row->count_at))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!same_words(left[i], right[i]))
            return false;
    return true;
}

static int take_text(const struct taking *taking, const struct row *row, const char *text) {
    return set_text(taking, row, keep(taking, text));
}

/* In a file, a second line goes on where the first ended. */
static int take_long_text(const struct taking *taking, const struct row *row, const char *text) {
    const char *before = *(const char **)field(taking, row->at);
    if (!taking->file || !before)
        return take_text(taking, row, text);
    char *whole = NULL;
    int size = asprintf(&whole, "%s %s", before, text);
    return set_text(taking, row, owned(taking, size < 0 ? NULL : whole));
}

static int take_texts(const struct taking *taking, const struct row *row, const char *text) {
    return append(taking, row, keep(taking, text));
}

static int take_path(const struct taking *taking, const struct row *row, const char *text) {
    return set_text(taking, row, keep_path(taking, text, text));
}

static int take_paths(const struct taking *taking, const struct row *row, const char *text) {
    return append(taking, row, keep_path(taking, text, text));
}

/* A program without a slash is looked for where programs are. A directory with blanks in its name
 * stays one word by quotes. */
static const char *keep_command(const struct taking *taking, const char *text) {
    bool is_quoted = *text == '"' || *text == '\'';
    const char *program = text + is_quoted;
    size_t size = strcspn(program, !is_quoted ? " \t" : *text == '"' ? "\"" : "'");
    const char *slash = taking->file ? strrchr(taking->file, '/') : NULL;
    if (!slash || !memchr(program, '/', size))
        return keep(taking, text);
    if (is_quoted || *program == '/')
        return keep_path(taking, text, program);
    char *whole = NULL;
    int made = asprintf(&whole, "\"%.*s/%.*s\"%s", (int)(slash - taking->file), taking->file,
                        (int)size, text, text + size);
    return owned(taking, made < 0 ? NULL : whole);
}

static int take_command(const struct taking *taking, const struct row *row, const char *text) {
    return set_text(taking, row, keep_command(taking, text));
}

static int take_address(const struct taking *taking, const struct row *row, const char *text) {
    const char *const unix_word = "unix:";
    size_t size = strlen(unix_word);
    if (strncmp(text, unix_word, size) != 0)
        return take_text(taking, row, text);
    return set_text(taking, row, keep_path(taking, text, text + size));
}

static int take_sensors(const struct taking *taking, const struct row *row, const char *text) {
    const char *equals = strchr(text, '=');
    if (!equals || equals == text || !equals[1])
        return value_refuse(taking, row, "takes NAME=PATH, not '%s'", text);
    return append(taking, row, keep_path(taking, text, equals + 1));
}

/* How far nDPI is asked. */

static int take_classify(const struct taking *taking, const struct row *row, const char *text) {
    bool is_full = strcmp(text, "full") == 0;
    if (!is_full && strcmp(text, "known") != 0)
        return value_refuse(taking, row, "takes 'known' or 'full', not '%s'", text);
    *(enum sbl_classify *)field(taking, row->at) = is_full ? SBL_CLASSIFY_FULL : SBL_CLASSIFY_KNOWN;
    return 0;
}

static bool same_classify(const struct options *one, const struct options *other,
                          const struct row *row) {
    (void)row;
    return one->classify == other->classify;
}

static int take_no_classify(const struct taking *taking, const struct row *row, const char *text) {
    bool flag = false;
    int failed = flag_of(taking, row, text, &flag);
    if (flag)
        *(enum sbl_classify *)field(taking, row->at) = SBL_CLASSIFY_NONE;
    return failed;
}

static int take_limit(const struct taking *taking, const struct row *row, const char *text) {
    char wrong[160];
    int failed = limit_parse(field(taking, row->at), text, wrong, sizeof wrong);
    return failed ? value_refuse(taking, row, "%s", wrong) : 0;
}

static bool same_limits(const struct options *one, const struct options *other,
                        const struct row *row) {
    (void)row;
    for (unsigned i = 0; i < SBL_LIMIT_COUNT; i++)
        if (sbl_limit_of(&one->limits, (enum sbl_limit)i) !=
            sbl_limit_of(&other->limits, (enum sbl_limit)i))
            return false;
    return true;
}

const struct kind kind_flag = {take_flag, same_flag, sizeof(bool), false, false};
const struct kind kind_task = {take_task, same_anyway, sizeof(enum task), false, false};
const struct kind kind_number = {take_number, same_number, sizeof(unsigned), false, false};
const struct kind kind_workers = {take_workers, same_number, sizeof(unsigned), false, false};
const struct kind kind_count = {take_count, same_count, sizeof(uint64_t), false, false};
const struct kind kind_text = {take_text, same_text, sizeof(const char *), false, false};
const struct kind kind_long_text = {take_long_text, same_text, sizeof(const char *), false, true};
const struct kind kind_texts = {take_texts, same_list, sizeof(const char **), true, false};
const struct kind kind_path = {take_path, same_text, sizeof(const char *), false, false};
const struct kind kind_paths = {take_paths, same_list, sizeof(const char **), true, false};
const struct kind kind_command = {take_command, same_text, sizeof(const char *), false, false};
const struct kind kind_address = {take_address, same_text, sizeof(const char *), false, false};
const struct kind kind_sensors = {take_sensors, same_list, sizeof(const char **), true, false};
const struct kind kind_classify = {take_classify, same_classify, sizeof(enum sbl_classify), false,
                                   false};
const struct kind kind_no_classify = {take_no_classify, same_anyway, sizeof(enum sbl_classify),
                                      false, false};
const struct kind kind_limit = {take_limit, same_limits, sizeof(struct sbl_limits), true, false};
