/* Root is needed to open a capture device and for nothing after it. */
#include "guard/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

struct refusal {
    char *text;
    size_t size;
};

static int refused(const struct refusal *refusal, const char *what, int cause) {
    snprintf(refusal->text, refusal->size, "%s: %s", what, strerror(cause));
    return -cause;
}

static int not_user(const struct refusal *refusal, const char *user, const char *what, int cause) {
    snprintf(refusal->text, refusal->size, "cannot become user '%s': %s: %s", user, what,
             strerror(cause));
    return -cause;
}

static int find_user(const char *user, uid_t *uid, gid_t *gid, const struct refusal *refusal) {
    errno = 0;
    const struct passwd *entry = getpwnam(user);
    if (!entry)
        return not_user(refusal, user, "no such user", errno ? errno : ENOENT);
    if (entry->pw_uid == 0)
        return not_user(refusal, user, "that is root", EINVAL);
    *uid = entry->pw_uid;
    *gid = entry->pw_gid;
    return 0;
}

/* No program that is executed from now on gives privileges, and root is not to be had again. */
static int lock(const struct refusal *refusal) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return refused(refusal, "PR_SET_NO_NEW_PRIVS", errno);
    if (setuid(0) == 0) /* the kernel must say no now */
        return refused(refusal, "root could be had back", EPERM);
    return 0;
}

int privileges_drop(const char *user, char *error, size_t error_size) {
    const struct refusal refusal = {error, error_size};
    if (geteuid() != 0)
        return 0;
    uid_t uid = 0;
    gid_t gid = 0;
    int failed = find_user(user, &uid, &gid, &refusal);
    if (failed)
        return failed;
    if (setgroups(0, NULL) != 0)
        return not_user(&refusal, user, "setgroups", errno);
    if (setresgid(gid, gid, gid) != 0)
        return not_user(&refusal, user, "setresgid", errno);
    if (setresuid(uid, uid, uid) != 0)
        return not_user(&refusal, user, "setresuid", errno);
    return lock(&refusal);
}

/* What libcap-ng is to apply: CAP_NET_RAW or nothing. */
static bool choose(bool raw) {
    const capng_type_t sets = (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED);
    capng_clear(CAPNG_SELECT_ALL);
    return !raw || capng_update(CAPNG_ADD, sets, CAP_NET_RAW) == 0;
}

/* The bounding set is for who may change it; with no new privileges it bounds nothing more. */
static bool may_bound(void) {
    return capng_get_caps_process() == 0 && capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
}

static bool apply(bool raw) {
    bool bounds = may_bound();
    const capng_select_t sets = (capng_select_t)(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT);
    return choose(raw) && (!bounds || capng_apply(CAPNG_SELECT_BOUNDS) == 0) &&
           capng_apply(sets) == 0;
}

static int become_with_raw(const char *user, const struct refusal *refusal) {
    uid_t uid = 0;
    gid_t gid = 0;
    int failed = find_user(user, &uid, &gid, refusal);
    if (failed)
        return failed;
    int flags = CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_AMBIENT;
    if (may_bound())
        flags |= CAPNG_CLEAR_BOUNDING;
    errno = 0;
    if (!choose(true) || capng_change_id((int)uid, (int)gid, (capng_flags_t)flags) != 0)
        return not_user(refusal, user, "with CAP_NET_RAW alone", errno ? errno : EPERM);
    return 0;
}

static int stay_with_raw(const struct refusal *refusal) {
    if (capng_get_caps_process() != 0 || !capng_have_capability(CAPNG_PERMITTED, CAP_NET_RAW))
        return refused(refusal, "neither root nor CAP_NET_RAW", EPERM);
    if (!apply(true))
        return refused(refusal, "cannot keep CAP_NET_RAW alone", EPERM);
    return 0;
}

int privileges_keep_raw(const char *user, char *error, size_t error_size) {
    const struct refusal refusal = {error, error_size};
    int failed = geteuid() == 0 ? become_with_raw(user, &refusal) : stay_with_raw(&refusal);
    return failed ? failed : lock(&refusal);
}

int privileges_none(char *error, size_t error_size) {
    const struct refusal refusal = {error, error_size};
    if (geteuid() == 0 || getuid() == 0)
        return refused(&refusal, "cannot be without privileges as root", EPERM);
    if (!apply(false))
        return refused(&refusal, "cannot give up capabilities", EPERM);
    if (choose(true) && capng_apply(CAPNG_SELECT_CAPS) == 0)
        return refused(&refusal, "CAP_NET_RAW could be had back", EPERM);
    if (capng_get_caps_process() != 0 || capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)
        return refused(&refusal, "capabilities are left", EPERM);
    return lock(&refusal);
}
