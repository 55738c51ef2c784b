/* The one table of options, which the command line and the configuration file have in common: what
 * an option is called, what it takes and where its value goes. */
#ifndef SMBLAME_CONFIG_ROWS_H
#define SMBLAME_CONFIG_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/options.h"

/* Where a value comes from, and into what it goes. */
struct taking {
    struct options *options;
    const char *file; /* NULL = the command line */
    unsigned line;    /* of `file` */
};

struct row;

/* What a value is. `take` reads `text` into its field: 0, or an exit status after saying what is
 * wrong; `text` lives as long as argv, or is copied when a file is read. `is_same` compares the
 * fields of two structs. */
struct kind {
    int (*take)(const struct taking *taking, const struct row *row, const char *text);
    bool (*is_same)(const struct options *one, const struct options *other, const struct row *row);
    size_t size;    /* of its field; a list has a count besides */
    bool repeats;   /* may be given more than once; in a file also as a list of lines */
    bool continues; /* in a file: more lines are more of the same text */
};

/* What may be said of a row. */
enum {
    ROW_LIVE = 1,    /* for interfaces and sensors alone */
    ROW_FILES = 2,   /* for files alone */
    ROW_TYPED = 4,   /* of the command line, no key of a configuration file */
    ROW_RELOADS = 8, /* another value can be taken up by a process that runs */
    ROW_SOURCE = 16, /* what is read */
    ROW_EFFECT = 32, /* what is written, run or served beside the results */
};

struct row {
    char letter;          /* 0 = has none */
    unsigned char marks;  /* ROW_... */
    const char *name;     /* without the dashes */
    const char *argument; /* NULL = takes none */
    const char *help;
    const struct kind *kind;
    size_t at, count_at; /* of the field; of the list's count */
    uint64_t most;       /* of a number; of a task: which one */
};

enum { ROW_COUNT = OPTIONS_COUNT };

extern const struct row option_rows[ROW_COUNT];

/* NULL when there is none. */
const struct row *row_by_letter(char letter);
const struct row *row_by_name(const char *name, size_t size);
/* The row of a name that is in the table. */
const struct row *row_of(const char *name);

/* Whether the option was given, and not as a flag that is off. */
bool row_is_on(const struct options *options, const struct row *row);

/* The name of the row that is nearest to a misspelt one, of those without any of `marks`; NULL =
 * none is near. */
const char *row_nearest(const char *typed, size_t size, unsigned marks);

/* Takes a value in and remembers where it came from. A list that came from the file gives way to
 * what the command line says. 0, or an exit status after a message. */
int row_take(const struct taking *taking, const struct row *row, const char *text);

#endif
