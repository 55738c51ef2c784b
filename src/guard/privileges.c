/* Root is needed to open a capture device and for nothing after it. */
#include "guard/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int refused(const char *what, const char *user, char *error, size_t error_size) {
    int cause = errno ? errno : EPERM;
    snprintf(error, error_size, "cannot become user '%s': %s: %s", user, what, strerror(cause));
    return -cause;
}

int privileges_drop(const char *user, char *error, size_t error_size) {
    if (geteuid() != 0)
        return 0;
    errno = 0;
    const struct passwd *entry = getpwnam(user);
    if (!entry) {
        errno = errno ? errno : ENOENT;
        return refused("no such user", user, error, error_size);
    }
    uid_t uid = entry->pw_uid;
    gid_t gid = entry->pw_gid;
    if (uid == 0) {
        errno = EINVAL;
        return refused("that is root", user, error, error_size);
    }
    if (setgroups(0, NULL) != 0)
        return refused("setgroups", user, error, error_size);
    if (setresgid(gid, gid, gid) != 0)
        return refused("setresgid", user, error, error_size);
    if (setresuid(uid, uid, uid) != 0)
        return refused("setresuid", user, error, error_size);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return refused("PR_SET_NO_NEW_PRIVS", user, error, error_size);
    if (setuid(0) == 0) { /* the kernel must say no now */
        errno = EPERM;
        return refused("root could be had back", user, error, error_size);
    }
    return 0;
}
