/* A scenario file as lines with times: words split, blocks that repeat written out, and everything
 * in the order of its time. What the words mean is not known here. */
#ifndef SMBLAME_TESTS_SCRIPT_H
#define SMBLAME_TESTS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCRIPT_WORDS = 48, SCRIPT_LINE_BYTES = 512 };

/* A line to be played. time_ns counts from the scenario's own zero. */
struct script_line {
    int64_t time_ns;
    unsigned number; /* in the file */
    uint32_t order;  /* of equal times: as written */
    char *text;
};

struct script_lines {
    struct script_line *items;
    size_t count, room;
};

/* `setup`: lines without a time, before anything plays (hosts, servers, options). `events`: in the
 * order of their times. `wishes`: lines that begin with "expect". */
struct script {
    const char *path;
    struct script_lines setup, events, wishes;
};

/* Words of a line and where one stands in it. A word in quotation marks may be empty. */
struct words {
    const struct script *script;
    unsigned number;
    char bytes[SCRIPT_LINE_BYTES];
    const char *items[SCRIPT_WORDS];
    size_t count, at;
};

/* Reads a file; what is wrong with it is said with file and line, and ends the program. */
void script_read(struct script *script, const char *path);
void script_free(struct script *script);

/* Says what is wrong, with file and line, and ends the program with status 2. */
_Noreturn void script_fail(const struct script *script, unsigned number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void words_split(struct words *words, const struct script *script, const struct script_line *line);
bool words_left(const struct words *words);
/* The next word; it is an error when there is none: `what` says what was expected. */
const char *words_next(struct words *words, const char *what);
const char *words_peek(const struct words *words); /* NULL at the end */
/* Steps over the next word when it is this one. */
bool words_take(struct words *words, const char *word);
double words_number(struct words *words, const char *what);

/* "2:03.5", "1:02:03" or "61.5" as nanoseconds. False when it is none of them. */
bool script_time(const char *word, int64_t *time_ns);

#endif
