/* What `watch` may call: it waits for frames, reads them, hands over what it finds by shared memory
 * and a descriptor, and goes on with files of frames that are open. 25 calls at most. */
#include "guard/rules.h"

#include <errno.h>
#include <sys/mman.h>

static const struct cage_rule watch[] = {
    CAGE_ALLOW(poll),
    CAGE_ALLOW(ppoll),
    CAGE_ALLOW(recvfrom),    /* news of interfaces */
    CAGE_ALLOW(getsockopt),  /* drops, and what became of an interface */
    CAGE_ALLOW(getsockname), /* whether it is still there */
    CAGE_ALLOW(pread64),     /* its own counters */
    CAGE_ALLOW(read),
    CAGE_ALLOW(write),
    CAGE_ALLOW(writev),
    CAGE_ALLOW(lseek), /* a file of frames begins again */
    CAGE_ALLOW(ftruncate),
    CAGE_ALLOW(close),
    CAGE_ALLOW(clock_gettime), /* where the machine has no clock that needs no call */
    CAGE_ALLOW_IF(mmap, 2, PROT_EXEC, 0),
    CAGE_ALLOW(mremap),
    CAGE_ALLOW(munmap),
    CAGE_ALLOW(brk),
    CAGE_ALLOW(madvise),
    CAGE_ALLOW(getrandom), /* keys of tables */
    CAGE_ALLOW(futex),
    CAGE_ALLOW(rt_sigprocmask),
    CAGE_ALLOW(rt_sigreturn),
    CAGE_ALLOW(restart_syscall),
    CAGE_ALLOW(exit),
    CAGE_ALLOW(exit_group),
    /* The C library looks for files that it can do without: time zone, messages. */
    CAGE_ANSWER(openat, EACCES),
    CAGE_ANSWER(newfstatat, EACCES),
    /* abort(3) asks these and then crashes otherwise. */
    CAGE_ANSWER(getpid, EPERM),
    CAGE_ANSWER(gettid, EPERM),
    CAGE_ANSWER(tgkill, EPERM),
    CAGE_ANSWER(rt_sigaction, EPERM),
    CAGE_ANSWER(io_uring_setup, ENOSYS),
    CAGE_ANSWER(io_uring_enter, ENOSYS),
    CAGE_ANSWER(io_uring_register, ENOSYS),
};

struct cage_rules rules_watch(void) {
    return (struct cage_rules){watch, sizeof watch / sizeof *watch};
}
