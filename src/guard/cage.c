/* Entering a cage: limits first, the list of calls last, as it allows none of the calls that set
 * the limits. The lists stand in rules_*.c. */
#include "guard/cage.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "guard/rules.h"

enum { PARTS = 3 };

struct plan {
    struct cage_rules (*parts[PARTS])(void); /* NULL: no more */
    rlim_t descriptors;                      /* poll(2) takes no longer a list than that either */
    bool no_processes;                       /* nor threads */
};

static const struct plan plans[] = {
    [CAGE_WATCH] = {{rules_watch}, 256, true},
    [CAGE_SPEAK] = {{rules_speak}, 1024, false},
    [CAGE_REPLAY] = {{rules_replay, rules_replay_reading}, 256, true},
    [CAGE_REPLAY_WRITING] = {{rules_replay, rules_replay_writing}, 256, true},
};

struct refusal {
    char *text;
    size_t size;
};

static int refused(const struct refusal *refusal, const char *what, int cause) {
    snprintf(refusal->text, refusal->size, "the kernel does not confine this process: %s: %s", what,
             strerror(cause));
    return -cause;
}

/* Lowers a limit, or leaves it where it is lower. */
static int lower(int resource, rlim_t most) {
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) != 0)
        return -errno;
    limit.rlim_max = limit.rlim_max < most ? limit.rlim_max : most;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit((__rlimit_resource_t)resource, &limit) == 0 ? 0 : -errno;
}

static int set_limits(const struct plan *plan, const struct refusal *refusal) {
    int failed = lower(RLIMIT_CORE, 0);
    if (!failed)
        failed = lower(RLIMIT_NOFILE, plan->descriptors);
#ifndef SMBLAME_SANITIZED /* LeakSanitizer starts a process, which traces */
    if (!failed && plan->no_processes)
        failed = lower(RLIMIT_NPROC, 0);
#endif
    if (failed)
        return refused(refusal, "limits", -failed);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return refused(refusal, "PR_SET_NO_NEW_PRIVS", errno);
#ifndef SMBLAME_SANITIZED
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return refused(refusal, "PR_SET_DUMPABLE", errno);
#endif
    return 0;
}

static int add_rule(scmp_filter_ctx filter, const struct cage_rule *rule) {
    uint32_t action = rule->answer ? SCMP_ACT_ERRNO((uint32_t)rule->answer) : SCMP_ACT_ALLOW;
    const struct scmp_arg_cmp where = {.arg = rule->argument,
                                       .op = SCMP_CMP_MASKED_EQ,
                                       .datum_a = rule->mask,
                                       .datum_b = rule->is_own ? (uint64_t)getpid() : rule->value};
    return seccomp_rule_add_array(filter, action, rule->call, rule->mask ? 1 : 0, &where);
}

static bool has_call(struct cage_rules rules, int call) {
    for (size_t i = 0; i < rules.count; i++)
        if (rules.rules[i].call == call)
            return true;
    return false;
}

/* All but those of calls that other rules are there for. */
static int add_rules(scmp_filter_ctx filter, struct cage_rules rules, struct cage_rules others) {
    int failed = 0;
    for (size_t i = 0; i < rules.count && !failed; i++)
        if (!has_call(others, rules.rules[i].call))
            failed = add_rule(filter, &rules.rules[i]);
    return failed;
}

/* All threads get the list at the same time; a call of another architecture's is none of ours. */
static int fill(scmp_filter_ctx filter, const struct plan *plan) {
    int failed = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (!failed)
        failed = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
    if (!failed)
        failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (!failed)
        failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; i < PARTS && plan->parts[i] && !failed; i++)
        failed = add_rules(filter, plan->parts[i](), rules_sanitized());
    return failed ? failed : add_rules(filter, rules_sanitized(), (struct cage_rules){NULL, 0});
}

static int load(const struct plan *plan, const struct refusal *refusal) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return refused(refusal, "seccomp", ENOSYS);
    int failed = fill(filter, plan);
    if (!failed)
        failed = seccomp_load(filter);
    seccomp_release(filter);
    return failed ? refused(refusal, "seccomp", failed < 0 ? -failed : EBUSY) : 0;
}

int cage_enter(enum cage cage, char *error, size_t error_size) {
    const struct refusal refusal = {error, error_size};
    int failed = set_limits(&plans[cage], &refusal);
    return failed ? failed : load(&plans[cage], &refusal);
}

static bool is_first_of_its_call(struct cage_rules rules, size_t at) {
    for (size_t i = 0; i < at; i++)
        if (rules.rules[i].call == rules.rules[at].call && !rules.rules[i].answer)
            return false;
    return !rules.rules[at].answer;
}

size_t cage_calls(enum cage cage) {
    size_t count = 0;
    for (size_t i = 0; i < PARTS && plans[cage].parts[i]; i++) {
        struct cage_rules rules = plans[cage].parts[i]();
        for (size_t at = 0; at < rules.count; at++)
            count += is_first_of_its_call(rules, at);
    }
    return count;
}
