/* -qv, -c5, -c 5, --count 5, --count=5; a flag also as --quiet=no, which takes back what a
 * configuration file says. What is no option is a file to read. */
#include "config/arguments.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config/rows.h"

static int unknown_option(const char *typed, size_t size) {
    const char *nearest = row_nearest(typed, size, 0);
    fprintf(stderr, "smblame: unknown option '--%.*s'", (int)size, typed);
    if (nearest)
        fprintf(stderr, "; did you mean '--%s'?\n", nearest);
    else
        fputs("; 'smblame --help' lists them\n", stderr);
    return EXIT_USAGE;
}

static int missing_argument(const struct row *row) {
    fprintf(stderr, "smblame: --%s takes an argument: %s (%s)\n", row->name, row->argument,
            row->help);
    return EXIT_USAGE;
}

static int take(struct options *options, const struct row *row, const char *text) {
    return row_take(&(struct taking){.options = options}, row, text);
}

/* --name, --name=value, --name value. `at` is the index of the word; moved when a value follows. */
static int take_long(struct options *options, int argc, char **argv, int *at) {
    const char *name = argv[*at] + 2, *equals = strchr(name, '=');
    size_t size = equals ? (size_t)(equals - name) : strlen(name);
    const struct row *row = row_by_name(name, size);
    if (!row)
        return unknown_option(name, size);
    if (equals)
        return take(options, row, equals + 1);
    if (!row->argument)
        return take(options, row, "yes");
    if (*at + 1 >= argc)
        return missing_argument(row);
    return take(options, row, argv[++*at]);
}

/* Several letters in one word; the last may take a value. */
static int take_short(struct options *options, int argc, char **argv, int *at) {
    for (const char *letter = argv[*at] + 1; *letter; letter++) {
        const struct row *row = row_by_letter(*letter);
        if (!row) {
            fprintf(stderr, "smblame: unknown option '-%c'; 'smblame --help' lists them\n",
                    *letter >= ' ' && *letter <= '~' ? *letter : '?');
            return EXIT_USAGE;
        }
        if (row->argument && letter[1])
            return take(options, row, letter + 1);
        if (row->argument && *at + 1 >= argc)
            return missing_argument(row);
        int failed = take(options, row, row->argument ? argv[++*at] : "yes");
        if (failed || row->argument)
            return failed;
    }
    return 0;
}

int arguments_take(struct options *options, int argc, char **argv) {
    bool only_files = false;
    int at = 1, failed = 0;
    if (argc > 1 && strcmp(argv[1], "explain") == 0) {
        options->task = TASK_EXPLAIN;
        at++;
    }
    for (; at < argc && !failed; at++) {
        const char *word = argv[at];
        if (only_files || word[0] != '-' || word[1] == '\0')
            failed = take(options, row_of("read"), word);
        else if (strcmp(word, "--") == 0)
            only_files = true;
        else
            failed = word[1] == '-' ? take_long(options, argc, argv, &at)
                                    : take_short(options, argc, argv, &at);
    }
    return failed;
}
