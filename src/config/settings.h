/* The configuration file. */
#ifndef SMBLAME_CONFIG_SETTINGS_H
#define SMBLAME_CONFIG_SETTINGS_H

#include <stdio.h>

#include "config/options.h"

/* What a file may be at most. */
enum { SETTINGS_LINES_MOST = 10000, SETTINGS_MISTAKES_MOST = 20 };

/* Takes the options of the file in, before those of the command line; keys with any of the marks
 * `unwanted` (rows.h) are looked at, and left out. 0, or an exit status after messages on stderr
 * that name file, line and key; several mistakes are all told. */
int settings_take(struct options *options, const char *path, unsigned unwanted);

/* The same of an open file, which `path` is the name of; it stays open. */
int settings_read(struct options *options, FILE *file, const char *path, unsigned unwanted);

#endif
