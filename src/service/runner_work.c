/* The process that runs commands: a few at once, some that wait, and a clock for those that take
 * too long. What it is sent was made by a process that looks at what strangers wrote, so each
 * request is checked before a word of it is used. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "service/runner.h"
#include "service/runner_request.h"

enum { TELL_EVERY_MS = 10000 };

struct job {
    pid_t pid; /* 0 = none; also the number of its process group */
    uint64_t deadline_ms;
    bool is_killed;
};

struct work {
    const struct runner_ends *ends;
    const struct command *command;
    struct runner_shared *shared;
    uint32_t timeout_ms;
    int children; /* signalfd of SIGCHLD */
    struct job jobs[RUNNER_AT_ONCE];
    struct runner_request *waiting; /* RUNNER_WAITING, a ring */
    unsigned first, count;
    bool is_closed; /* no request will come */
    uint64_t told_dropped, told_ms;
};

static bool is_sound_text(const char *text, size_t room) {
    size_t size = strnlen(text, room);
    if (size == room)
        return false;
    for (size_t at = 0; at < size;) {
        uint32_t point;
        at += text_next(text + at, size - at, &point);
        if (point == TEXT_UNDECODABLE || text_is_control(point))
            return false;
    }
    return true;
}

bool runner_request_is_sound(const struct runner_request *request, size_t size) {
    return size >= offsetof(struct runner_request, record) && request->magic == RUNNER_MAGIC &&
           request->record_bytes <= sizeof request->record &&
           size == runner_request_bytes(request) && request->severity <= 9 &&
           is_sound_text(request->rule, sizeof request->rule) &&
           is_sound_text(request->account, sizeof request->account) &&
           is_sound_text(request->client, sizeof request->client) &&
           is_sound_text(request->diagnosis, sizeof request->diagnosis);
}

/* The place behind the last one that waits; the one to be read into when there is none. */
static struct runner_request *place(struct work *work) {
    return &work->waiting[(work->first + work->count) % (RUNNER_WAITING + 1)];
}

/* Says now and then how many went without. */
static void tell_dropped(struct work *work, bool is_last) {
    uint64_t dropped = work->shared->dropped, now_ms = clock_monotonic_ms();
    if (dropped == work->told_dropped ||
        (!is_last && work->told_ms && now_ms - work->told_ms < TELL_EVERY_MS))
        return;
    fprintf(stderr, "smblame: --exec-on-open: %llu diagnoses without their command, %u waited\n",
            (unsigned long long)dropped, RUNNER_WAITING);
    work->told_dropped = dropped;
    work->told_ms = now_ms;
}

/* All requests that are there. */
static void take_requests(struct work *work) {
    for (;;) {
        struct runner_request *request = place(work);
        ssize_t size =
            recv(work->ends->requests, request, sizeof *request, MSG_DONTWAIT | MSG_TRUNC);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno == EAGAIN)
            return;
        if (size <= 0) {
            work->is_closed = true;
            return;
        }
        if (work->count < RUNNER_WAITING && runner_request_is_sound(request, (size_t)size))
            work->count++;
        else
            work->shared->dropped++;
    }
}

static void start_job(struct work *work, struct job *job) {
    const struct runner_request *request = &work->waiting[work->first];
    pid_t child = fork();
    if (child == 0)
        runner_execute(work->command, request);
    work->first = (work->first + 1) % (RUNNER_WAITING + 1);
    work->count--;
    if (child < 0) {
        work->shared->dropped++;
        return;
    }
    setpgid(child, child); /* the child does it, too: whoever comes first */
    *job = (struct job){.pid = child, .deadline_ms = clock_monotonic_ms() + work->timeout_ms};
    work->shared->started++;
}

static void start_jobs(struct work *work) {
    for (unsigned i = 0; i < RUNNER_AT_ONCE && work->count; i++)
        if (!work->jobs[i].pid)
            start_job(work, &work->jobs[i]);
}

static void end_job(struct work *work, pid_t pid, int status) {
    for (unsigned i = 0; i < RUNNER_AT_ONCE; i++) {
        struct job *job = &work->jobs[i];
        if (job->pid != pid)
            continue;
        bool is_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        work->shared->failed += !is_well && !job->is_killed;
        *job = (struct job){0};
    }
}

static void reap(struct work *work) {
    struct signalfd_siginfo unused[8];
    int status;
    while (read(work->children, unused, sizeof unused) > 0)
        ;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        end_job(work, pid, status);
}

/* Ends those whose time is over, or all. Returns for how long to wait for the next; -1 = for none.
 */
static int end_late(struct work *work, bool is_all) {
    uint64_t now_ms = clock_monotonic_ms();
    int wait_ms = -1;
    for (unsigned i = 0; i < RUNNER_AT_ONCE; i++) {
        struct job *job = &work->jobs[i];
        if (!job->pid || job->is_killed)
            continue;
        if (is_all || now_ms >= job->deadline_ms) {
            kill(-job->pid, SIGKILL);
            kill(job->pid, SIGKILL);
            job->is_killed = true;
            work->shared->killed++;
        } else if (wait_ms < 0 || job->deadline_ms - now_ms < (uint64_t)wait_ms) {
            wait_ms = (int)(job->deadline_ms - now_ms);
        }
    }
    return wait_ms;
}

static bool is_idle(const struct work *work) {
    for (unsigned i = 0; i < RUNNER_AT_ONCE; i++)
        if (work->jobs[i].pid)
            return false;
    return work->count == 0;
}

/* Until nothing is left to do, or nobody is there any more who wants it done. */
static void loop(struct work *work) {
    struct pollfd polled[] = {{.fd = work->ends->requests, .events = POLLIN},
                              {.fd = work->children, .events = POLLIN},
                              {.fd = work->ends->alive}};
    for (;;) {
        start_jobs(work);
        tell_dropped(work, false);
        if (work->is_closed && is_idle(work))
            return;
        polled[0].fd = work->is_closed ? -1 : work->ends->requests;
        if (poll(polled, 3, end_late(work, false)) < 0 && errno != EINTR)
            return;
        if (polled[2].revents)
            return;
        if (polled[0].revents)
            take_requests(work);
        if (polled[1].revents)
            reap(work);
    }
}

void runner_work(const struct runner_ends *ends, const struct command *command, uint32_t timeout_ms,
                 struct runner_shared *shared) {
    struct work work = {
        .ends = ends, .command = command, .timeout_ms = timeout_ms, .shared = shared};
    sigset_t all, children;
    sigfillset(&all);
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_SETMASK, &all, NULL); /* Ctrl-C is for who tells; its end is ours */
    work.children = signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
    work.waiting = calloc(RUNNER_WAITING + 1, sizeof *work.waiting);
    if (work.children >= 0 && work.waiting)
        loop(&work);
    end_late(&work, true);
    tell_dropped(&work, true);
    free(work.waiting);
    if (work.children >= 0)
        close(work.children);
}
