/* The lists of the cages: what a line of them is. */
#ifndef SMBLAME_GUARD_RULES_H
#define SMBLAME_GUARD_RULES_H

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A call, and what is done with it where (argument & mask) == value; a mask of 0 is always. Rules
 * of a call add up, but must not contradict each other. */
struct cage_rule {
    int call;
    int answer; /* errno; 0 = it is let through */
    unsigned argument;
    uint64_t mask, value;
    bool is_own; /* the value is the id of the process */
};

#define CAGE_ALLOW(name)                                                                           \
    { .call = SCMP_SYS(name) }
#define CAGE_ALLOW_IF(name, which, bits, equal)                                                    \
    { .call = SCMP_SYS(name), .argument = (which), .mask = (bits), .value = (equal) }
#define CAGE_ALLOW_OWN(name, which)                                                                \
    { .call = SCMP_SYS(name), .argument = (which), .mask = CAGE_WORD, .is_own = true }
#define CAGE_ANSWER(name, number)                                                                  \
    { .call = SCMP_SYS(name), .answer = (number) }
#define CAGE_ANSWER_IF(name, number, which, bits, equal)                                           \
    {                                                                                              \
        .call = SCMP_SYS(name), .answer = (number), .argument = (which), .mask = (bits),           \
        .value = (equal)                                                                           \
    }

/* Arguments of which the kernel looks at 32 bits. */
#define CAGE_WORD UINT64_C(0xffffffff)

struct cage_rules {
    const struct cage_rule *rules;
    size_t count;
};

struct cage_rules rules_watch(void);
struct cage_rules rules_speak(void);
struct cage_rules rules_replay(void);         /* without the opening of files */
struct cage_rules rules_replay_reading(void); /* to read */
struct cage_rules rules_replay_writing(void); /* to read and write */
struct cage_rules rules_sanitized(void);      /* what sanitizers need; empty where there are none */

#endif
