/* The side that tells: it makes requests and sends them. Two things are shared with the process
 * that runs commands: a socket, whose end says that no request will come, and a pipe, whose ends
 * say that the one or the other is gone. So neither waiting nor ending takes a signal, which a cage
 * would not let through. */
#include "service/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emit/summary.h"
#include "guard/privileges.h"
#include "service/runner_request.h"

enum { PATIENCE_MS = 20, OWN_FD = 100 };

struct runner {
    struct command command;
    struct runner_shared *shared;
    struct records *records; /* writes into the request */
    struct runner_request request;
    bool is_too_long;
    int requests, alive; /* -1 = closed */
};

static int take_record(void *context, const char *bytes, size_t size) {
    struct runner *runner = context;
    struct runner_request *request = &runner->request;
    runner->is_too_long |= size > sizeof request->record - request->record_bytes;
    if (runner->is_too_long)
        return 0;
    memcpy(request->record + request->record_bytes, bytes, size);
    request->record_bytes += (uint32_t)size;
    return 0;
}

/* Its own descriptors, and nothing else of what was open; output goes to standard error. */
static int settle(struct runner_ends *ends) {
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ends->requests = fcntl(ends->requests, F_DUPFD_CLOEXEC, OWN_FD);
    ends->alive = fcntl(ends->alive, F_DUPFD_CLOEXEC, ends->requests + 1);
    if (nothing < 0 || ends->requests < 0 || ends->alive != ends->requests + 1)
        return -EMFILE;
    if (dup2(nothing, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return -errno;
    close_range(STDERR_FILENO + 1, (unsigned)ends->requests - 1, 0);
    close_range((unsigned)ends->alive + 1, ~0u, 0);
    return 0;
}

/* In the process that was forked. Of root nothing is left before anything is run. */
static _Noreturn void become_runner(const struct runner *runner,
                                    const struct runner_options *options, struct runner_ends ends) {
    char error[256] = "cannot be set up";
    int failed = settle(&ends);
    if (!failed && options->user)
        failed = privileges_drop(options->user, error, sizeof error);
    if (!failed && options->user)
        failed = privileges_none(error, sizeof error);
    if (failed)
        fprintf(stderr, "smblame: --exec-on-open: %s: %s\n", error, strerror(-failed));
    else
        runner_work(&ends, &runner->command,
                    options->timeout_ms ? options->timeout_ms : RUNNER_TIMEOUT_MS, runner->shared);
    _exit(failed ? 1 : 0);
}

static int make_ends(struct runner_ends *ours, struct runner_ends *theirs) {
    int pair[2] = {-1, -1}, line[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return -errno;
    if (pipe2(line, O_CLOEXEC) != 0) {
        close(pair[0]);
        close(pair[1]);
        return -errno;
    }
    const int room = 16 * RUNNER_RECORD_BYTES; /* as much of it as the system allows */
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    *ours = (struct runner_ends){pair[0], line[0]};
    *theirs = (struct runner_ends){pair[1], line[1]};
    return 0;
}

static int fork_runner(struct runner *runner, const struct runner_options *options) {
    struct runner_ends ours = {-1, -1}, theirs = {-1, -1};
    int failed = make_ends(&ours, &theirs);
    if (failed)
        return failed;
    runner->requests = ours.requests;
    runner->alive = ours.alive;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        close(ours.requests);
        close(ours.alive);
        become_runner(runner, options, theirs);
    }
    failed = child < 0 ? -errno : 0;
    close(theirs.requests);
    close(theirs.alive);
    return failed;
}

static int share_counts(struct runner *runner) {
    void *pages = mmap(NULL, sizeof *runner->shared, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return -errno;
    runner->shared = pages;
    return 0;
}

int runner_start(struct runner **runner, const struct runner_options *options, char *error,
                 size_t error_size) {
    *runner = NULL;
    struct runner *made = calloc(1, sizeof *made);
    if (!made) {
        snprintf(error, error_size, "--exec-on-open: no memory");
        return -ENOMEM;
    }
    made->requests = made->alive = -1;
    int failed = command_init(&made->command, options->command, error, error_size);
    if (!failed) {
        const struct emit_output output = {made, take_record};
        failed = records_new(&made->records, &output, &options->names, options->page);
        failed = failed ? failed : share_counts(made);
        failed = failed ? failed : fork_runner(made, options);
        if (failed)
            snprintf(error, error_size, "--exec-on-open: %s", strerror(-failed));
    }
    if (failed) {
        runner_close(made, 0);
        return failed;
    }
    *runner = made;
    return 0;
}

void runner_set_uncaged(struct runner *runner) {
    records_set_uncaged(runner->records);
}

static void show(char *out, size_t room, const char *text) {
    summary_show(out, room, (struct view_string){text, strlen(text)});
}

static void write_request(struct runner *runner, const struct sbl_diagnosis *diagnosis) {
    struct runner_request *request = &runner->request;
    const char *home = *diagnosis->authority_name ? diagnosis->authority_name : diagnosis->domain;
    char account[SUMMARY_MESSAGE_BYTES];
    memset(request, 0, offsetof(struct runner_request, record));
    request->magic = RUNNER_MAGIC;
    request->severity = diagnosis->severity;
    show(request->rule, sizeof request->rule, diagnosis->rule_id);
    snprintf(account, sizeof account, "%s%s%s", *diagnosis->account ? home : "",
             *diagnosis->account && *home ? "\\" : "", diagnosis->account);
    show(request->account, sizeof request->account, account);
    if (diagnosis->client_count)
        identity_address_of(diagnosis->clients[0].address, diagnosis->clients[0].ip_version,
                            request->client);
    uuid_text(diagnosis->id, request->diagnosis);
    runner->is_too_long = false;
    records_diagnosis(runner->records, diagnosis);
    (void)records_flush(runner->records); /* take_record takes all */
    if (runner->is_too_long)
        request->record_bytes = 0;
}

static bool send_request(const struct runner *runner) {
    const struct runner_request *request = &runner->request;
    struct pollfd writable = {.fd = runner->requests, .events = POLLOUT};
    for (unsigned tries = 0; tries < 2; tries++) {
        ssize_t sent = send(runner->requests, request, runner_request_bytes(request),
                            MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0)
            return true;
        if (errno != EAGAIN && errno != EINTR)
            return false;
        (void)poll(&writable, 1, PATIENCE_MS);
    }
    return false;
}

void runner_diagnosis(struct runner *runner, const struct sbl_diagnosis *diagnosis) {
    if (diagnosis->state != SBL_DIAGNOSIS_OPEN)
        return;
    write_request(runner, diagnosis);
    if (!send_request(runner))
        runner->shared->dropped++;
}

struct runner_counts runner_counts(const struct runner *runner) {
    struct runner_shared *shared = runner->shared;
    return (struct runner_counts){shared->started, shared->failed, shared->killed, shared->dropped};
}

void runner_close(struct runner *runner, uint32_t wait_ms) {
    if (!runner)
        return;
    if (runner->requests >= 0)
        close(runner->requests);
    if (runner->alive >= 0) { /* its other end is closed when the process ends */
        struct pollfd ended = {.fd = runner->alive, .events = POLLIN};
        (void)poll(&ended, 1, wait_ms > INT32_MAX ? -1 : (int)wait_ms);
        close(runner->alive);
    }
    if (runner->shared)
        munmap(runner->shared, sizeof *runner->shared);
    records_free(runner->records);
    command_fini(&runner->command);
    free(runner);
}
