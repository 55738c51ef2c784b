/* What the run-time libraries of AddressSanitizer and its kin call. LeakSanitizer stops the process
 * at its end by a helper that traces it, so in such a build a cage keeps less out. */
#include "guard/rules.h"

#ifdef SMBLAME_SANITIZED
static const struct cage_rule sanitized[] = {
    CAGE_ALLOW(clone),       CAGE_ALLOW(ptrace),          CAGE_ALLOW(wait4),
    CAGE_ALLOW(prctl),       CAGE_ALLOW(sigaltstack),     CAGE_ALLOW(readlink),
    CAGE_ALLOW(openat),      CAGE_ALLOW(fstat),           CAGE_ALLOW(newfstatat),
    CAGE_ALLOW(stat),        CAGE_ALLOW(getdents64),      CAGE_ALLOW(pread64),
    CAGE_ALLOW(getpid),      CAGE_ALLOW(getppid),         CAGE_ALLOW(gettid),
    CAGE_ALLOW(tgkill),      CAGE_ALLOW(rt_sigaction),    CAGE_ALLOW(rt_sigprocmask),
    CAGE_ALLOW(sched_yield), CAGE_ALLOW(clock_nanosleep), CAGE_ALLOW(nanosleep),
    CAGE_ALLOW(mprotect),    CAGE_ALLOW(prlimit64),       CAGE_ALLOW(process_vm_readv),
    CAGE_ALLOW(pipe),        CAGE_ALLOW(getrusage),       CAGE_ALLOW(sched_getaffinity),
};

struct cage_rules rules_sanitized(void) {
    return (struct cage_rules){sanitized, sizeof sanitized / sizeof *sanitized};
}
#else
struct cage_rules rules_sanitized(void) {
    return (struct cage_rules){NULL, 0};
}
#endif
