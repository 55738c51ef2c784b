/* What the values of options are: each knows how it is read, and how two are compared. */
#ifndef SMBLAME_CONFIG_KINDS_H
#define SMBLAME_CONFIG_KINDS_H

#include "config/rows.h"

extern const struct kind kind_flag;      /* bool; in a file yes or no */
extern const struct kind kind_task;      /* enum task, the row's own */
extern const struct kind kind_number;    /* unsigned, from 1 to the row's most */
extern const struct kind kind_workers;   /* the same, or 'auto', which is 0 */
extern const struct kind kind_count;     /* uint64_t, from 1 on */
extern const struct kind kind_text;      /* const char * */
extern const struct kind kind_long_text; /* the same, in a file also on several lines */
extern const struct kind kind_texts;     /* a list of them */
extern const struct kind kind_path;      /* in a file: relative to the file's directory */
extern const struct kind kind_paths;
extern const struct kind kind_command; /* a path where it has a slash in its first word */
extern const struct kind kind_address; /* HOST:PORT or unix:PATH */
extern const struct kind kind_sensors; /* a list of NAME=PATH */
extern const struct kind kind_classify;
extern const struct kind kind_no_classify;
extern const struct kind kind_limit; /* NAME=N of struct sbl_limits */

/* Says that a value is not what the option takes, beginning with the option's name and place.
 * EXIT_USAGE. */
int value_refuse(const struct taking *taking, const struct row *row, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
