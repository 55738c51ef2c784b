/* Giving up root once the device is open. */
#ifndef SMBLAME_GUARD_PRIVILEGES_H
#define SMBLAME_GUARD_PRIVILEGES_H

#include <stddef.h>

/* Becomes `user` (uid, gid, no supplementary groups) for good, when running as root; else does
 * nothing. 0, or a negative errno with a line in `error` that says what was refused. */
int privileges_drop(const char *user, char *error, size_t error_size);

#endif
