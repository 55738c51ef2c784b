/* Whether options go together. */
#ifndef SMBLAME_CONFIG_CHECK_H
#define SMBLAME_CONFIG_CHECK_H

#include "config/options.h"

/* 0, or EXIT_USAGE after saying on stderr what does not fit. */
int options_check(const struct options *options);

#endif
