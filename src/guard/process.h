/* Processes of ours: how a child begins, and what it does not take with it. */
#ifndef SMBLAME_GUARD_PROCESS_H
#define SMBLAME_GUARD_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* Forks a child that ends by `signal` (0: not) when the thread that forked it does, though that may
 * be already on the way; ps shows it as `name` (at most 15 bytes; NULL: as its parent). 0 in the
 * child, else its pid or a negative errno. */
pid_t process_fork(const char *name, int signal);

/* Signals do what they do by themselves again, also those that whoever started us had ignored, and
 * none is blocked. */
void process_reset_signals(void);

enum { PROCESS_DESCRIPTORS = 1024 };

/* Which descriptors are open beside standard input, output and error: a set. */
struct process_descriptors {
    uint64_t is_open[PROCESS_DESCRIPTORS / 64];
};

/* To be asked before anything of our own is opened: what whoever started us left open. */
void process_descriptors_note(struct process_descriptors *descriptors);

/* Closes these. A child that looks at strangers' bytes has no use for what it inherited, and could
 * write to it. */
void process_descriptors_close(const struct process_descriptors *descriptors);

#endif
