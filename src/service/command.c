/* Words are cut in place, in a copy of the line. */
#include "service/command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(int failed, const char *why, char *error, size_t error_size) {
    snprintf(error, error_size, "--exec-on-open: %s", why);
    return failed;
}

/* Cuts one word off `*at`, which is moved behind it; the word loses its quotes. False when a quote
 * is left open. */
static bool cut_word(char **at) {
    char *from = *at, *to = *at, quote = 0;
    for (; *from && (quote || !strchr(" \t\n", *from)); from++) {
        bool is_quote = *from == '"' || *from == '\'';
        if (quote && *from == quote)
            quote = 0;
        else if (!quote && is_quote)
            quote = *from;
        else
            *to++ = *from;
    }
    *at = from + (*from != 0);
    *to = 0;
    return !quote;
}

static int split(struct command *command, char *error, size_t error_size) {
    char *at = command->text;
    size_t count = 0;
    for (;;) {
        at += strspn(at, " \t\n");
        if (!*at)
            break;
        if (count == COMMAND_WORDS)
            return refuse(-EINVAL, "at most 64 words", error, error_size);
        command->words[count++] = at;
        if (!cut_word(&at))
            return refuse(-EINVAL, "a quote is not closed", error, error_size);
    }
    return count && *command->words[0] ? 0 : refuse(-EINVAL, "names no program", error, error_size);
}

static int check_program(const char *path) {
    struct stat about;
    if (stat(path, &about) != 0)
        return -errno;
    if (!S_ISREG(about.st_mode))
        return -EACCES;
    return access(path, X_OK) == 0 ? 0 : -errno;
}

/* In the directories of PATH, of which empty ones are left out. */
static int look_up(struct command *command) {
    const char *path = getenv("PATH");
    int failed = -ENOENT;
    path = path ? path : "/usr/local/bin:/usr/bin:/bin";
    while (*path) {
        size_t size = strcspn(path, ":");
        char *candidate;
        if (asprintf(&candidate, "%.*s/%s", (int)size, path, command->words[0]) < 0)
            return -ENOMEM;
        int found = size ? check_program(candidate) : -ENOENT;
        if (found == 0) {
            command->path = candidate;
            return 0;
        }
        failed = found == -EACCES ? found : failed;
        free(candidate);
        path += size + (path[size] == ':');
    }
    return failed;
}

static int find_program(struct command *command) {
    if (!strchr(command->words[0], '/'))
        return look_up(command);
    int failed = check_program(command->words[0]);
    command->path = failed ? NULL : strdup(command->words[0]);
    return failed ? failed : command->path ? 0 : -ENOMEM;
}

int command_init(struct command *command, const char *line, char *error, size_t error_size) {
    *command = (struct command){.text = strdup(line)};
    if (!command->text)
        return refuse(-ENOMEM, "no memory", error, error_size);
    int failed = split(command, error, error_size);
    if (!failed) {
        failed = find_program(command);
        if (failed)
            snprintf(error, error_size, "--exec-on-open: cannot run '%s': %s", command->words[0],
                     strerror(-failed));
    }
    if (failed)
        command_fini(command);
    return failed;
}

void command_fini(struct command *command) {
    free(command->text);
    free(command->path);
    *command = (struct command){0};
}
