/* What `speak` may call: files, and the network as a client and as the server of its metrics, whose
 * socket listens before the cage is entered. It starts threads (libuv's pool looks names up), but
 * no process and no program. */
#include "guard/rules.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* A thread of this process, in no name space of its own. */
#define NEW_SPACES                                                                                 \
    ((uint64_t)(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |      \
                CLONE_NEWPID | CLONE_NEWNET))
#define THREAD ((uint64_t)(CLONE_THREAD | CLONE_VM | CLONE_SIGHAND))

static const struct cage_rule speak[] = {
    /* The loop. */
    CAGE_ALLOW(epoll_create1),
    CAGE_ALLOW(epoll_ctl),
    CAGE_ALLOW(epoll_wait),
    CAGE_ALLOW(epoll_pwait),
    CAGE_ALLOW(poll),
    CAGE_ALLOW(ppoll),
    CAGE_ALLOW(eventfd2),
    CAGE_ALLOW(pipe2),
    CAGE_ALLOW(timerfd_create),
    CAGE_ALLOW(timerfd_settime),
    CAGE_ALLOW(clock_gettime),
    CAGE_ALLOW(clock_getres),
    CAGE_ALLOW(gettimeofday),
    CAGE_ALLOW(clock_nanosleep),
    CAGE_ALLOW_IF(ioctl, 1, CAGE_WORD, TCGETS), /* --watch, on a terminal */
    CAGE_ALLOW_IF(ioctl, 1, CAGE_WORD, TCSETS),
    CAGE_ALLOW_IF(ioctl, 1, CAGE_WORD, TCSETSW),
    CAGE_ALLOW_IF(ioctl, 1, CAGE_WORD, TCSETSF),
    CAGE_ALLOW_IF(ioctl, 1, CAGE_WORD, TIOCGWINSZ),
    CAGE_ALLOW_IF(ioctl, 1, CAGE_WORD, TIOCGPTN), /* libuv: the terminal's own name */
    CAGE_ALLOW_IF(ioctl, 1, CAGE_WORD, FIONBIO),
    CAGE_ALLOW_IF(ioctl, 1, CAGE_WORD, FIONREAD),
    CAGE_ALLOW_IF(fcntl, 1, CAGE_WORD, F_GETFL),
    CAGE_ALLOW_IF(fcntl, 1, CAGE_WORD, F_SETFL),
    CAGE_ALLOW_IF(fcntl, 1, CAGE_WORD, F_GETFD),
    CAGE_ALLOW_IF(fcntl, 1, CAGE_WORD, F_SETFD),
    CAGE_ALLOW_IF(fcntl, 1, CAGE_WORD, F_DUPFD_CLOEXEC),
    /* Files: results, evidence, and the configuration again. */
    CAGE_ALLOW(openat),
    CAGE_ALLOW(close),
    CAGE_ALLOW(read),
    CAGE_ALLOW(readv),
    CAGE_ALLOW(pread64),
    CAGE_ALLOW(write),
    CAGE_ALLOW(writev),
    CAGE_ALLOW(pwrite64),
    CAGE_ALLOW(lseek),
    CAGE_ALLOW(ftruncate),
    CAGE_ALLOW(fsync),
    CAGE_ALLOW(fdatasync),
    CAGE_ALLOW(fstat),
    CAGE_ALLOW(newfstatat),
    CAGE_ALLOW(stat),
    CAGE_ALLOW(statx),
    CAGE_ALLOW(access),
    CAGE_ALLOW(getdents64),
    CAGE_ALLOW(readlink),
    CAGE_ALLOW(rename),
    CAGE_ALLOW(unlink),
    CAGE_ALLOW(dup),
    CAGE_ALLOW(dup3),
    /* The network, by addresses and by the machine's own sockets. */
    CAGE_ALLOW_IF(socket, 0, CAGE_WORD, AF_UNIX),
    CAGE_ALLOW_IF(socket, 0, CAGE_WORD, AF_INET),
    CAGE_ALLOW_IF(socket, 0, CAGE_WORD, AF_INET6),
    CAGE_ANSWER_IF(socket, EAFNOSUPPORT, 0, CAGE_WORD, AF_NETLINK), /* getaddrinfo(3) */
    CAGE_ALLOW(connect),
    CAGE_ALLOW(accept4),
    CAGE_ALLOW(sendto),
    CAGE_ALLOW(sendmsg),
    CAGE_ALLOW(sendmmsg),
    CAGE_ALLOW(recvfrom),
    CAGE_ALLOW(recvmsg),
    CAGE_ALLOW(getsockopt),
    CAGE_ALLOW(setsockopt),
    CAGE_ALLOW(getsockname),
    CAGE_ALLOW(getpeername),
    CAGE_ALLOW(shutdown),
    /* Memory. Names may be looked up by a library that would have to be loaded: without it. */
    CAGE_ALLOW_IF(mmap, 2, PROT_EXEC, 0),
    CAGE_ANSWER_IF(mmap, EACCES, 2, PROT_EXEC, PROT_EXEC),
    CAGE_ALLOW_IF(mprotect, 2, PROT_EXEC, 0),
    CAGE_ALLOW(mremap),
    CAGE_ALLOW(munmap),
    CAGE_ALLOW(brk),
    CAGE_ALLOW(madvise),
    CAGE_ALLOW(getrandom),
    /* Threads: clone3 has its flags in memory, where they cannot be checked. */
    CAGE_ALLOW_IF(clone, 0, THREAD | NEW_SPACES, THREAD),
    CAGE_ANSWER(clone3, ENOSYS),
    CAGE_ALLOW(rseq),
    CAGE_ALLOW(set_robust_list),
    CAGE_ALLOW(futex),
    CAGE_ALLOW(sched_yield),
    CAGE_ALLOW(sched_getaffinity),
    CAGE_ALLOW_IF(prctl, 0, CAGE_WORD, PR_SET_NAME),
    /* The process about itself. */
    CAGE_ALLOW(getpid),
    CAGE_ALLOW(gettid),
    CAGE_ALLOW_OWN(tgkill, 0), /* abort(3), and threads that wake each other */
    CAGE_ALLOW(getuid),
    CAGE_ALLOW(geteuid),
    CAGE_ALLOW(getgid),
    CAGE_ALLOW(getegid),
    CAGE_ALLOW(getrusage),
    CAGE_ALLOW(uname),
    CAGE_ALLOW(sysinfo),
    CAGE_ALLOW_IF(prlimit64, 2, UINT64_MAX, 0), /* to ask only */
    CAGE_ALLOW(rt_sigaction),
    CAGE_ALLOW(rt_sigprocmask),
    CAGE_ALLOW(rt_sigreturn),
    CAGE_ALLOW(restart_syscall),
    CAGE_ALLOW(exit),
    CAGE_ALLOW(exit_group),
    CAGE_ANSWER(io_uring_setup, ENOSYS),
    CAGE_ANSWER(io_uring_enter, ENOSYS),
    CAGE_ANSWER(io_uring_register, ENOSYS),
};

struct cage_rules rules_speak(void) {
    return (struct cage_rules){speak, sizeof speak / sizeof *speak};
}
