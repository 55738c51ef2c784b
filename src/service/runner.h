/* --exec-on-open: a command for each diagnosis that opens. It is run by a small process that is
 * forked at the start, before anybody has looked at a packet; who tells diagnoses only sends it
 * requests, and can run nothing.
 *
 * The command's arguments are those that the user wrote, and no more. What is known of the
 * diagnosis comes by the environment, and the whole record as JSON on standard input: an account
 * called "--help" or "-rf" could be taken for an option if it were an argument; as the value of a
 * variable it is nothing but text. Its environment is PATH, LANG and
 *
 *     SMBLAME_RULE       third-party-driver-path-search
 *     SMBLAME_ACCOUNT    CORP\jdoe (control characters spelled out; empty when there are several)
 *     SMBLAME_CLIENT     10.1.2.42 (the one with most failures)
 *     SMBLAME_DIAGNOSIS  the id that all records of the diagnosis have
 *     SMBLAME_SEVERITY   1 to 7
 *
 * Its standard output goes to our standard error. */
#ifndef SMBLAME_SERVICE_RUNNER_H
#define SMBLAME_SERVICE_RUNNER_H

#include <stdint.h>

#include <smblame/diagnosis.h>

#include "emit/emit.h"

struct runner;

/* How many commands run at once and wait; a diagnosis beyond that goes without. */
enum { RUNNER_AT_ONCE = 4, RUNNER_WAITING = 64, RUNNER_TIMEOUT_MS = 60000 };

struct runner_options {
    const char *command;              /* as typed */
    const char *user;                 /* whom to become when we are root; NULL = stay */
    uint32_t timeout_ms;              /* after which a command is killed; 0 = RUNNER_TIMEOUT_MS */
    struct emit_names names;          /* for the record; contexts are borrowed */
    const struct text_codepage *page; /* may be NULL */
};

/* Splits the command, finds its program and forks the process. 0, or a negative errno (-EINVAL,
 * -ENOENT, -EACCES: the command is wrong) with a line in `error`. To be called before threads are
 * started and cages entered. */
int runner_start(struct runner **runner, const struct runner_options *options, char *error,
                 size_t error_size);

/* The records that commands are given say from now on that the kernel does not confine us. */
void runner_set_uncaged(struct runner *runner);

/* Sends a request when the diagnosis opens; else does nothing. Never waits. */
void runner_diagnosis(struct runner *runner, const struct sbl_diagnosis *diagnosis);

/* So far, in all processes that share the runner. */
struct runner_counts {
    uint64_t started, failed,
        killed;       /* commands: run; ended with a status that is not 0; too slow */
    uint64_t dropped; /* diagnoses without their command: too many waited */
};

struct runner_counts runner_counts(const struct runner *runner);

/* No more requests come from here. Once no process that shares it has it open, those that wait are
 * still run; the process that called runner_start waits up to `wait_ms` for that, and then ends
 * what still runs. NULL is fine. */
void runner_close(struct runner *runner, uint32_t wait_ms);

#endif
