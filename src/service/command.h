/* A command line as it is given to --exec-on-open: split once, by rules that need no shell. */
#ifndef SMBLAME_SERVICE_COMMAND_H
#define SMBLAME_SERVICE_COMMAND_H

#include <stddef.h>

enum { COMMAND_WORDS = 64 };

struct command {
    char *words[COMMAND_WORDS + 1]; /* NULL behind the last; into `text` */
    char *text;
    char *path; /* the program: the first word, or where PATH has it */
};

/* Blanks part words, "..." and '...' hold them together and are taken away; nothing else means
 * anything. The program is looked up in PATH unless it has a slash. 0; -EINVAL, -ENOENT or -EACCES
 * with a line in `error`; -ENOMEM. */
int command_init(struct command *command, const char *line, char *error, size_t error_size);
void command_fini(struct command *command);

#endif
