/* --limit NAME=N, and the list of what it takes. */
#ifndef SMBLAME_CONFIG_LIMIT_H
#define SMBLAME_CONFIG_LIMIT_H

#include <stddef.h>
#include <stdio.h>

#include <smblame/limits.h>

/* Takes NAME=N in. 0, or -EINVAL with what the option takes instead in `wrong`. */
int limit_parse(struct sbl_limits *limits, const char *text, char *wrong, size_t wrong_size);

/* A line for each limit that can be set: name, value as set, and its range. */
void limit_list(const struct sbl_limits *limits, FILE *out);

#endif
