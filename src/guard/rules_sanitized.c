/* What the run-time libraries of AddressSanitizer and its kin call. LeakSanitizer stops the process
 * at its end by a helper that traces it, and where one of its calls ends the helper it waits for
 * ever: in such a build a cage keeps less out. */
#include "guard/rules.h"

#ifdef SMBLAME_SANITIZED
static const struct cage_rule sanitized[] = {
    CAGE_ALLOW(access),
    CAGE_ALLOW(clock_nanosleep),
    CAGE_ALLOW(clone),
    CAGE_ALLOW(fcntl),
    CAGE_ALLOW(fstat),
    CAGE_ALLOW(getdents),
    CAGE_ALLOW(getdents64),
    CAGE_ALLOW(getpid),
    CAGE_ALLOW(getppid),
    CAGE_ALLOW(getrusage),
    CAGE_ALLOW(gettid),
    CAGE_ALLOW(gettimeofday),
    CAGE_ALLOW(ioctl),
    CAGE_ALLOW(lstat),
    CAGE_ALLOW(mprotect),
    CAGE_ALLOW(nanosleep),
    CAGE_ALLOW(newfstatat),
    CAGE_ALLOW(open),
    CAGE_ALLOW(openat),
    CAGE_ALLOW(pipe),
    CAGE_ALLOW(pread64),
    CAGE_ALLOW(prctl),
    CAGE_ALLOW(prlimit64),
    CAGE_ALLOW(process_vm_readv),
    CAGE_ALLOW(ptrace),
    CAGE_ALLOW(readlink),
    CAGE_ALLOW(rt_sigaction),
    CAGE_ALLOW(rt_sigprocmask),
    CAGE_ALLOW(sched_getaffinity),
    CAGE_ALLOW(sched_yield),
    CAGE_ALLOW(sigaltstack),
    CAGE_ALLOW(stat),
    CAGE_ALLOW(tgkill),
    CAGE_ALLOW(uname),
    CAGE_ALLOW(wait4),
};

struct cage_rules rules_sanitized(void) {
    return (struct cage_rules){sanitized, sizeof sanitized / sizeof *sanitized};
}
#else
struct cage_rules rules_sanitized(void) {
    return (struct cage_rules){NULL, 0};
}
#endif
