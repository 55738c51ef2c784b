/* The cage: what a process of ours can still ask of the kernel once it looks at strangers' bytes.
 * It is entered once, by all threads at once, and cannot be left.
 *
 * What it gives: code that a hostile packet has taken over can neither start a program nor reach
 * the network (speak: beyond what sinks need), look into another process, make memory executable,
 * nor open what is not in the list. What it does not give: it may read what its user may read
 * (replay and speak, which open files), spoil what the process itself says, and use up its time.
 * A call that is not in the list ends the process by SIGSYS, which its parent sees; the few calls
 * that libraries try and can do without are answered with an error instead. */
#ifndef SMBLAME_GUARD_CAGE_H
#define SMBLAME_GUARD_CAGE_H

#include <stddef.h>

enum cage {
    CAGE_WATCH,         /* packets off the wire: opens nothing */
    CAGE_SPEAK,         /* results: files and network, no packets */
    CAGE_REPLAY,        /* strangers' files: opens files, but only to read */
    CAGE_REPLAY_WRITING /* the same, and opens files to write as it goes: evidence by turns */
};

/* Confines the process and all its threads for good: no new privileges, no core, no new processes,
 * few descriptors, not to be traced by others of its user, and the cage's list of calls. What needs
 * to be opened (and which is not in the list) is open by then; threads that replay needs run.
 * 0, or a negative errno with a line in `error` when the kernel does not give all of it; then the
 * process is to be called uncaged. */
int cage_enter(enum cage cage, char *error, size_t error_size);

/* How many different calls a cage lets through, always or with some arguments. */
size_t cage_calls(enum cage cage);

#endif
