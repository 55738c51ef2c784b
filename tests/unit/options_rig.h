/* Options as a test gives them: a command line of words, a configuration file of a text, and what
 * is said of them on stderr. */
#ifndef SMBLAME_TESTS_OPTIONS_RIG_H
#define SMBLAME_TESTS_OPTIONS_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/options.h"

enum { RIG_WORDS = 32 };

struct rig {
    struct options options;
    char *words[RIG_WORDS];
    char line[512], *said;
    size_t said_size;
    char directory[64], path[96];
};

/* Parses a command line, words of which are separated by one blank each. */
static inline int rig_parse(struct rig *rig, const char *line) {
    int count = 1;
    char *rest = rig->line;
    rig->words[0] = rig->line;
    snprintf(rig->line, sizeof rig->line, "%s", line);
    for (char *word; (word = strsep(&rest, " ")) && count < RIG_WORDS;)
        if (*word)
            rig->words[count++] = word;
    FILE *real = stderr;
    free(rig->said);
    stderr = open_memstream(&rig->said, &rig->said_size);
    int status = options_parse(&rig->options, count, rig->words);
    fclose(stderr);
    stderr = real;
    return status;
}

/* Writes the file and parses the command line, with --config for the file behind it. */
static inline int rig_settings(struct rig *rig, const char *text, const char *line) {
    char whole[512];
    snprintf(rig->directory, sizeof rig->directory, "/tmp/smblame-options-XXXXXX");
    if (!mkdtemp(rig->directory))
        abort();
    snprintf(rig->path, sizeof rig->path, "%s/smblame.conf", rig->directory);
    FILE *file = fopen(rig->path, "w");
    if (!file)
        abort();
    fputs(text, file);
    fclose(file);
    snprintf(whole, sizeof whole, "%s --config %s", line, rig->path);
    return rig_parse(rig, whole);
}

static inline void rig_end(struct rig *rig) {
    options_free(&rig->options);
    free(rig->said);
    rig->said = NULL;
    if (rig->path[0]) {
        unlink(rig->path);
        rmdir(rig->directory);
    }
}

#endif
