/* What is sent to the process that runs commands: a value of fixed size and the record behind it,
 * one packet. It is a stranger's until it was checked. */
#ifndef SMBLAME_SERVICE_RUNNER_REQUEST_H
#define SMBLAME_SERVICE_RUNNER_REQUEST_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emit/identity.h"
#include "service/command.h"

enum {
    RUNNER_RULE_BYTES = 64,
    RUNNER_ACCOUNT_BYTES = 512,
    RUNNER_RECORD_BYTES = 65536, /* a longer record is left out: half of one is none */
};

/* Texts end with a NUL, are UTF-8 and printable. */
struct runner_request {
    uint32_t magic;
    uint32_t severity;
    uint32_t record_bytes;
    char rule[RUNNER_RULE_BYTES];
    char account[RUNNER_ACCOUNT_BYTES];
    char client[IDENTITY_ADDRESS_BYTES];
    char diagnosis[UUID_TEXT_BYTES];
    char record[RUNNER_RECORD_BYTES];
};

enum { RUNNER_MAGIC = 0x53424C52 };

/* How many of its bytes are sent. */
static inline size_t runner_request_bytes(const struct runner_request *request) {
    return offsetof(struct runner_request, record) + request->record_bytes;
}

/* Whether `size` bytes that came are a request. */
bool runner_request_is_sound(const struct runner_request *request, size_t size);

/* Counters in memory that all processes share. */
struct runner_shared {
    _Atomic uint64_t started, failed, killed, dropped;
};

/* One side of what both sides share: a socket for requests, a pipe that ends with its holder. */
struct runner_ends {
    int requests, alive;
};

/* The life of the process: takes requests until their other end is closed and all commands have
 * ended, or the pipe's other end is closed: then it ends them. */
void runner_work(const struct runner_ends *ends, const struct command *command, uint32_t timeout_ms,
                 struct runner_shared *shared);

/* In a process of its own: the command, with a request. Does not return. */
_Noreturn void runner_execute(const struct command *command, const struct runner_request *request);

#endif
