/* The command line, word by word. */
#ifndef SMBLAME_CONFIG_ARGUMENTS_H
#define SMBLAME_CONFIG_ARGUMENTS_H

#include "config/options.h"

/* Takes argv in. 0, or an exit status after saying on stderr what is wrong. */
int arguments_take(struct options *options, int argc, char **argv);

#endif
