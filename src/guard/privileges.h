/* Giving up root, and the one capability that is left to who opens devices. */
#ifndef SMBLAME_GUARD_PRIVILEGES_H
#define SMBLAME_GUARD_PRIVILEGES_H

#include <stddef.h>

/* Each gives something up for good, for the whole process, which has one thread: 0, or a negative
 * errno with a line in `error` that says what was refused; the process should end then. */

/* Becomes `user` (uid, gid, no supplementary groups), when running as root; else does nothing. */
int privileges_drop(const char *user, char *error, size_t error_size);

/* Keeps CAP_NET_RAW and nothing else: not inheritable, not for programs that are executed. Root
 * becomes `user`; anybody else (a service that was given the capability, a file that has it) stays
 * who he is, and must have it: else -EPERM. */
int privileges_keep_raw(const char *user, char *error, size_t error_size);

/* Keeps no capability at all; tries to have CAP_NET_RAW and root back, which must fail. Is for a
 * process that is not root any more: else -EPERM. */
int privileges_none(char *error, size_t error_size);

#endif
