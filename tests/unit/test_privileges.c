/* What is left of root, as the kernel sees it: each way down is gone by a child. Skipped where the
 * tests are not run by root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/privileges.h"

static const uint64_t raw_alone = UINT64_C(1) << CAP_NET_RAW;
enum { NOBODY = 65534 };

/* A number of /proc/self/status, which is hexadecimal for capabilities. */
static uint64_t status_of(const char *word, int base) {
    char line[256];
    uint64_t value = UINT64_MAX;
    FILE *file = fopen("/proc/self/status", "re");
    if (!file)
        return value;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, word, strlen(word)) == 0)
            value = strtoull(line + strlen(word), NULL, base);
    fclose(file);
    return value;
}

/* All sets of the process. */
static bool has_exactly(uint64_t capabilities) {
    return status_of("CapPrm:", 16) == capabilities && status_of("CapEff:", 16) == capabilities &&
           status_of("CapInh:", 16) == 0 && status_of("CapAmb:", 16) == 0;
}

static bool can_capture(void) {
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool is_nobody_for_good(void) {
    return getuid() != 0 && geteuid() != 0 && getgroups(0, NULL) == 0 && setuid(0) != 0 &&
           status_of("NoNewPrivs:", 10) == 1;
}

/* What a child finds wrong: the number of the first condition that is not met, 0 for none. */
typedef int way_function(void);

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return __LINE__ % 250 + 1;                                                             \
    } while (0)

static void go(way_function *way) {
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(way());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int root_keeps_raw(void) {
    char error[256] = "";
    bool may_bound = status_of("CapEff:", 16) >> CAP_SETPCAP & 1; /* not in every container */
    MUST(privileges_keep_raw("nobody", error, sizeof error) == 0);
    MUST(has_exactly(raw_alone));
    MUST(!may_bound || status_of("CapBnd:", 16) == 0);
    MUST(is_nobody_for_good());
    MUST(can_capture());
    MUST(privileges_keep_raw("nobody", error, sizeof error) == 0); /* once more changes nothing */
    MUST(has_exactly(raw_alone) && can_capture());
    return 0;
}

static int then_nothing(void) {
    char error[256] = "";
    MUST(privileges_keep_raw("nobody", error, sizeof error) == 0);
    MUST(privileges_none(error, sizeof error) == 0);
    MUST(has_exactly(0));
    MUST(is_nobody_for_good());
    MUST(!can_capture());
    MUST(privileges_none(error, sizeof error) == 0);
    MUST(privileges_keep_raw("nobody", error, sizeof error) == -EPERM);
    MUST(strstr(error, "neither root nor CAP_NET_RAW"));
    return 0;
}

static int root_is_not_nothing(void) {
    char error[256] = "";
    MUST(privileges_none(error, sizeof error) == -EPERM);
    MUST(strstr(error, "as root"));
    return 0;
}

static int root_stays_no_root(void) {
    char error[256] = "";
    MUST(privileges_keep_raw("root", error, sizeof error) == -EINVAL);
    MUST(strstr(error, "'root': that is root"));
    MUST(privileges_keep_raw("no such user here", error, sizeof error) == -ENOENT);
    MUST(strstr(error, "no such user"));
    MUST(geteuid() == 0);
    return 0;
}

static int root_drops(void) {
    char error[256] = "";
    MUST(privileges_drop("nobody", error, sizeof error) == 0);
    MUST(has_exactly(0) && is_nobody_for_good());
    return 0;
}

/* As a service manager starts a service: another user, with capabilities that programs it executes
 * would have as well, and one more than it needs. */
static int be_given(void) {
    MUST(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0);
    MUST(setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0);
    MUST(setresuid(NOBODY, NOBODY, NOBODY) == 0);
    capng_clear(CAPNG_SELECT_ALL);
    const capng_type_t sets = (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE);
    MUST(capng_updatev(CAPNG_ADD, sets, CAP_NET_RAW, CAP_NET_ADMIN, -1) == 0);
    MUST(capng_apply(CAPNG_SELECT_CAPS) == 0);
    MUST(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0) == 0);
    MUST(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0) == 0);
    return 0;
}

static int a_service_keeps_raw(void) {
    char error[256] = "";
    MUST(be_given() == 0);
    MUST(privileges_keep_raw("nobody", error, sizeof error) == 0);
    MUST(has_exactly(raw_alone) && is_nobody_for_good() && can_capture());
    MUST(privileges_none(error, sizeof error) == 0);
    MUST(has_exactly(0) && !can_capture());
    return 0;
}

static int a_service_keeps_nothing(void) {
    char error[256] = "";
    MUST(be_given() == 0);
    MUST(privileges_none(error, sizeof error) == 0);
    MUST(has_exactly(0) && is_nobody_for_good() && !can_capture());
    return 0;
}

#define WAY(function)                                                                              \
    static void function##_way(void **state) {                                                     \
        (void)state;                                                                               \
        if (geteuid() != 0)                                                                        \
            skip();                                                                                \
        go(function);                                                                              \
    }
WAY(root_keeps_raw)
WAY(then_nothing)
WAY(root_is_not_nothing)
WAY(root_stays_no_root)
WAY(root_drops)
WAY(a_service_keeps_raw)
WAY(a_service_keeps_nothing)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(root_keeps_raw_way),
        cmocka_unit_test(then_nothing_way),
        cmocka_unit_test(root_is_not_nothing_way),
        cmocka_unit_test(root_stays_no_root_way),
        cmocka_unit_test(root_drops_way),
        cmocka_unit_test(a_service_keeps_raw_way),
        cmocka_unit_test(a_service_keeps_nothing_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
