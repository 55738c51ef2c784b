/* What a replay may call. It opens its inputs as it goes: a directory's files when they are due,
 * all of them once more when a capture has to be read again. So opening is in the list, but to read
 * only; and the nameless temporary file that a compressed Network Monitor capture is unpacked to.
 * Threads run before the cage is entered: none can be started in it. */
#include "guard/rules.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define TEMPORARY ((uint64_t)(O_TMPFILE & ~O_DIRECTORY))
#define WRITES ((uint64_t)(O_ACCMODE | O_CREAT | O_TRUNC) | TEMPORARY)

static const struct cage_rule replay[] = {
    CAGE_ALLOW(read),
    CAGE_ALLOW(pread64),
    CAGE_ALLOW(write),
    CAGE_ALLOW(writev),
    CAGE_ALLOW(lseek),
    CAGE_ALLOW(ftruncate), /* half a block is taken back from a file that is open */
    CAGE_ALLOW(close),
    CAGE_ALLOW(fstat),
    CAGE_ALLOW(newfstatat),
    CAGE_ALLOW(stat),
    CAGE_ALLOW(statx),
    CAGE_ALLOW(getdents64),
    CAGE_ALLOW_IF(sendto, 4, UINT64_MAX, 0), /* --exec-on-open: to who is connected already */
    CAGE_ALLOW(poll),                        /* a full pipe is waited for */
    CAGE_ALLOW(ppoll),
    CAGE_ALLOW_IF(ioctl, 1, CAGE_WORD, TCGETS), /* is it a terminal */
    CAGE_ALLOW_IF(ioctl, 1, CAGE_WORD, TCSETS), /* --watch gives the terminal back */
    CAGE_ALLOW_IF(ioctl, 1, CAGE_WORD, TCSETSW),
    CAGE_ALLOW_IF(ioctl, 1, CAGE_WORD, TCSETSF),
    CAGE_ALLOW_IF(ioctl, 1, CAGE_WORD, TIOCGWINSZ),
    CAGE_ALLOW_IF(fcntl, 1, CAGE_WORD, F_GETFL), /* of directories */
    CAGE_ALLOW_IF(fcntl, 1, CAGE_WORD, F_GETFD),
    CAGE_ALLOW_IF(fcntl, 1, CAGE_WORD, F_SETFD),
    CAGE_ALLOW(clock_gettime),
    CAGE_ALLOW(gettimeofday),
    CAGE_ALLOW_IF(mmap, 2, PROT_EXEC, 0),
    CAGE_ALLOW_IF(mprotect, 2, PROT_EXEC, 0), /* heaps of threads grow by it */
    CAGE_ALLOW(mremap),
    CAGE_ALLOW(munmap),
    CAGE_ALLOW(brk),
    CAGE_ALLOW(madvise),
    CAGE_ALLOW(getrandom),
    CAGE_ALLOW(futex),
    CAGE_ALLOW(sched_yield),
    CAGE_ALLOW(sched_getaffinity), /* malloc, sorting: how big is the machine */
    CAGE_ALLOW(sysinfo),
    CAGE_ALLOW_IF(prlimit64, 2, UINT64_MAX, 0), /* to ask only */
    CAGE_ALLOW(rseq),                           /* threads that have only begun */
    CAGE_ALLOW(set_robust_list),
    CAGE_ALLOW(getpid),
    CAGE_ALLOW(gettid),
    CAGE_ALLOW_OWN(tgkill, 0), /* abort(3), and threads that wake each other */
    CAGE_ALLOW(rt_sigaction),
    CAGE_ALLOW(rt_sigprocmask),
    CAGE_ALLOW(rt_sigreturn),
    CAGE_ALLOW(restart_syscall),
    CAGE_ALLOW(exit),
    CAGE_ALLOW(exit_group),
    /* A name in a filter for a link type that comes as a surprise. */
    CAGE_ANSWER(socket, EACCES),
    CAGE_ANSWER_IF(mmap, EACCES, 2, PROT_EXEC, PROT_EXEC),
    CAGE_ANSWER(readlink, EACCES),
    CAGE_ANSWER(io_uring_setup, ENOSYS),
    CAGE_ANSWER(io_uring_enter, ENOSYS),
    CAGE_ANSWER(io_uring_register, ENOSYS),
};

/* A temporary file that has to have a name for a moment is refused, and that is said. */
static const struct cage_rule reading[] = {
    CAGE_ALLOW_IF(openat, 2, WRITES, O_RDONLY),
    CAGE_ALLOW_IF(openat, 2, TEMPORARY | (uint64_t)O_CREAT, TEMPORARY),
    CAGE_ANSWER_IF(openat, EACCES, 2, O_CREAT, O_CREAT),
};

static const struct cage_rule writing[] = {
    CAGE_ALLOW(openat),
};

struct cage_rules rules_replay(void) {
    return (struct cage_rules){replay, sizeof replay / sizeof *replay};
}

struct cage_rules rules_replay_reading(void) {
    return (struct cage_rules){reading, sizeof reading / sizeof *reading};
}

struct cage_rules rules_replay_writing(void) {
    return (struct cage_rules){writing, sizeof writing / sizeof *writing};
}
