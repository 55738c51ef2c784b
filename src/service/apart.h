/* A piece of work in a process of its own, waited for. */
#ifndef SMBLAME_SERVICE_APART_H
#define SMBLAME_SERVICE_APART_H

#include <signal.h>

/* Calls `work` in a child that has everything its parent has; what the parent has in the buffer of
 * stdout is written before. SIGINT and SIGTERM, which both have handlers for, are noted in
 * `interrupted` and passed on to the child, which ends with its parent. Its exit status, what
 * `work` returned; EXIT_RUNTIME after a line on stderr about `name` when a signal ended it. */
int apart_run(int (*work)(void *context), void *context, const char *name,
              volatile sig_atomic_t *interrupted);

#endif
