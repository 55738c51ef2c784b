/* INI, as libinih reads it: KEY = VALUE, one a line, in sections that only group; '#' and ';' begin
 * a comment, and a line that begins with a blank goes on with the value before. Each long option is
 * a key of the same name.
 *
 * libinih counts no lines for those it calls, so the lines are read here, where those that are too
 * long for it, no text or too many are refused as well. */
#include "config/settings.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <string.h>

#include "config/hint.h"
#include "config/rows.h"

static const char *const sections[] = {"capture", "output", "diagnosis", "service"};

enum { SECTION_COUNT = sizeof sections / sizeof *sections };

struct reading {
    FILE *file;
    const char *path;
    struct options *options, *unused; /* what comes of the keys, and of those that are unwanted */
    unsigned unwanted;
    unsigned line, section_line, blamed_section_line, mistakes;
    unsigned last_mistake; /* the line of it */
    bool goes_on;          /* the line begins with a blank */
    bool is_over;          /* there is no sense in reading on */
    int status;
};

/* The beginning of a message about a line, which the caller ends. */
static FILE *blame(struct reading *reading, unsigned line) {
    reading->status = reading->status ? reading->status : EXIT_USAGE;
    reading->last_mistake = line;
    reading->is_over = reading->is_over || ++reading->mistakes == SETTINGS_MISTAKES_MOST;
    fprintf(stderr, "smblame: %s:%u: ", reading->path, line);
    return stderr;
}

static void give_up(struct reading *reading, const char *why) {
    reading->is_over = true;
    fprintf(blame(reading, reading->line), "%s\n", why);
}

/* Whether the line is text; what ends it may be LF or CR LF. */
static bool is_text(const char *line, size_t size) {
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)line[i];
        bool ends = (c == '\n' && i + 1 == size) || (c == '\r' && i + 2 == size);
        if (c == 0x7f || (c < ' ' && c != '\t' && !ends))
            return false;
    }
    return true;
}

/* The next line with its end, of at most `size` - 1 bytes. */
static size_t read_bytes(FILE *file, char *line, size_t size) {
    size_t count = 0;
    int c = EOF;
    while (count + 1 < size && c != '\n' && (c = getc(file)) != EOF)
        line[count++] = (char)c;
    line[count] = '\0';
    return count;
}

/* libinih cuts a comment off a line with a key, but not off one that goes on. */
static void cut_comment(char *line) {
    for (char *at = strchr(line, ';'); at; at = strchr(at + 1, ';'))
        if (at > line && (at[-1] == ' ' || at[-1] == '\t'))
            *at = '\0';
}

static char *read_line(char *line, int size, void *context) {
    struct reading *reading = context;
    size_t count = reading->is_over ? 0 : read_bytes(reading->file, line, (size_t)size);
    if (count == 0)
        return NULL;
    reading->line++;
    if (reading->line > SETTINGS_LINES_MOST)
        give_up(reading, "that is more lines than a configuration has");
    else if (!is_text(line, count))
        give_up(reading, "that is no text");
    else if (line[count - 1] != '\n' && !feof(reading->file) && count + 1 == (size_t)size)
        give_up(reading, "the line is too long; a list or a filter may go on in the next line, "
                         "after a blank");
    if (reading->is_over)
        return NULL;
    reading->goes_on = line[0] == ' ' || line[0] == '\t';
    if (line[strspn(line, " \t")] == '[' && !reading->goes_on)
        reading->section_line = reading->line;
    if (reading->goes_on)
        cut_comment(line);
    return line;
}

/* Once for each section, as nothing in it can be right. */
static bool knows_section(struct reading *reading, const char *section) {
    struct hint hint = hint_for(section, strlen(section));
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        if (strcmp(sections[i], section) == 0)
            return true;
        hint_offer(&hint, sections[i]);
    }
    if (reading->blamed_section_line == reading->section_line)
        return false;
    reading->blamed_section_line = reading->section_line;
    FILE *out = blame(reading, reading->section_line);
    fprintf(out, "unknown section [%s]", section);
    if (hint.name)
        fprintf(out, "; did you mean [%s]?\n", hint.name);
    else
        fputs("; there are [capture], [output], [diagnosis] and [service]\n", out);
    return false;
}

static void unknown_key(struct reading *reading, const char *name) {
    const char *nearest = row_nearest(name, strlen(name), ROW_TYPED);
    FILE *out = blame(reading, reading->line);
    fprintf(out, "unknown key '%s'", name);
    if (nearest)
        fprintf(out, "; did you mean '%s'?\n", nearest);
    else
        fputs("; 'smblame --help' lists them, without the dashes\n", out);
}

static struct options *options_of(const struct reading *reading, const struct row *row) {
    return row->marks & reading->unwanted ? reading->unused : reading->options;
}

/* Whether the key may stand here (again) with this value. */
static bool is_in_place(struct reading *reading, const struct row *row, const char *value) {
    unsigned before = options_of(reading, row)->given[row - option_rows];
    bool repeats = row->kind->repeats || (row->kind->continues && reading->goes_on);
    if (row->marks & ROW_TYPED)
        fprintf(blame(reading, reading->line), "%s belongs on the command line\n", row->name);
    else if (before && !repeats && reading->goes_on)
        fprintf(blame(reading, reading->line),
                "%s takes one line; one that begins with a blank goes on with the one before\n",
                row->name);
    else if (before && !repeats)
        fprintf(blame(reading, reading->line), "%s stands in line %u already\n", row->name, before);
    else if (!*value && !row->kind->repeats && !row->kind->continues)
        fprintf(blame(reading, reading->line), "%s takes %s\n", row->name,
                row->argument ? row->argument : "'yes' or 'no'");
    else
        return *value != '\0'; /* a list may begin in the next line */
    return false;
}

static int take_key(void *context, const char *section, const char *name, const char *value) {
    struct reading *reading = context;
    if (*section && !knows_section(reading, section))
        return 1;
    const struct row *row = row_of(name);
    if (!row) {
        unknown_key(reading, name);
        return 1;
    }
    if (!is_in_place(reading, row, value))
        return 1;
    const struct taking taking = {options_of(reading, row), reading->path, reading->line};
    int failed = row_take(&taking, row, value);
    if (failed) {
        reading->status = failed;
        reading->last_mistake = reading->line;
        reading->is_over = reading->is_over || failed == EXIT_RUNTIME ||
                           ++reading->mistakes == SETTINGS_MISTAKES_MOST;
    }
    return 1;
}

int settings_read(struct options *options, FILE *file, const char *path, unsigned unwanted) {
    struct options unused = {.codepage = NULL};
    struct reading reading = {
        .file = file, .path = path, .options = options, .unused = &unused, .unwanted = unwanted};
    int line = ini_parse_stream(read_line, &reading, take_key, &reading);
    options_free(&unused);
    if (line > 0)
        fputs("neither [SECTION] nor KEY = VALUE\n", blame(&reading, (unsigned)line));
    if (ferror(file) || line < 0) {
        fprintf(stderr, "smblame: cannot read %s: %s\n", path, strerror(errno));
        return EXIT_USAGE;
    }
    return reading.status;
}

int settings_take(struct options *options, const char *path, unsigned unwanted) {
    FILE *file = fopen(path, "re");
    if (!file) {
        fprintf(stderr, "smblame: cannot read the configuration %s: %s\n", path, strerror(errno));
        return EXIT_USAGE;
    }
    int status = settings_read(options, file, path, unwanted);
    fclose(file);
    return status;
}
