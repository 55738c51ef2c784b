/* The service manager's side of sd_notify: real sockets, by path and abstract, and everything that
 * can be wrong with the environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "service/notify.h"

/* A manager that listens by this name, as NOTIFY_SOCKET has it. */
static int manager(const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name, strlen(name));
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_true(fd >= 0);
    size_t size = offsetof(struct sockaddr_un, sun_path) + strlen(name);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, (socklen_t)size), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

static void expect_message(int fd, const char *expected) {
    char message[1024] = "";
    ssize_t size = recv(fd, message, sizeof message - 1, MSG_DONTWAIT);
    assert_true(size > 0);
    assert_string_equal(message, expected);
}

static void expect_all_messages(const char *name) {
    struct notify notify;
    char message[1024] = "";
    int fd = manager(name);
    assert_int_equal(notify_open(&notify), 0);
    assert_null(getenv("NOTIFY_SOCKET"));
    assert_int_equal(notify_ready(&notify, "watching eth0\nREADY=0"), 0);
    expect_message(fd, "READY=1\nSTATUS=watching eth0 READY=0");
    assert_int_equal(notify_ready(&notify, NULL), 0);
    expect_message(fd, "READY=1\n");
    assert_int_equal(notify_status(&notify, "7 open"), 0);
    expect_message(fd, "STATUS=7 open");
    assert_int_equal(notify_watchdog(&notify), 0);
    expect_message(fd, "WATCHDOG=1");
    assert_int_equal(notify_stopping(&notify), 0);
    expect_message(fd, "STOPPING=1");
    assert_int_equal(notify_reloading(&notify), 0);
    assert_true(recv(fd, message, sizeof message - 1, MSG_DONTWAIT) > 0);
    struct timespec now;
    const char *const before = "RELOADING=1\nMONOTONIC_USEC=";
    char *end = NULL;
    assert_int_equal(strncmp(message, before, strlen(before)), 0);
    unsigned long long then = strtoull(message + strlen(before), &end, 10);
    assert_true(end > message + strlen(before) && !*end);
    clock_gettime(CLOCK_MONOTONIC, &now);
    unsigned long long now_us =
        (unsigned long long)now.tv_sec * 1000000u + (unsigned long long)now.tv_nsec / 1000u;
    assert_true(then <= now_us && now_us - then < 60000000u);
    notify_close(&notify);
    assert_int_equal(notify_ready(&notify, NULL), 0);
    close(fd);
}

static void test_abstract(void **state) {
    (void)state;
    char name[64];
    snprintf(name, sizeof name, "@smblame-notify-%d", (int)getpid());
    expect_all_messages(name);
}

static void test_path(void **state) {
    (void)state;
    char name[64];
    snprintf(name, sizeof name, "/tmp/smblame-notify-%d", (int)getpid());
    unlink(name);
    expect_all_messages(name);
    unlink(name);
}

static void test_nobody(void **state) {
    (void)state;
    struct notify notify;
    unsetenv("NOTIFY_SOCKET");
    setenv("WATCHDOG_USEC", "1000000", 1);
    assert_int_equal(notify_open(&notify), 0);
    assert_int_equal(notify.fd, -1);
    assert_int_equal(notify_watchdog_us(&notify), 0);
    assert_int_equal(notify_ready(&notify, "x"), 0);
    assert_int_equal(notify_watchdog(&notify), 0);
    notify_close(&notify);
}

static void test_names_that_are_none(void **state) {
    (void)state;
    struct notify notify;
    char lengthy[200];
    memset(lengthy, 'x', sizeof lengthy);
    lengthy[0] = '/';
    lengthy[sizeof lengthy - 1] = '\0';
    const struct {
        const char *name;
        int expected;
    } cases[] = {{"relative", -EAFNOSUPPORT}, {"vsock:2:1", -EAFNOSUPPORT}, {"@", -EAFNOSUPPORT},
                 {lengthy, -ENAMETOOLONG},    {"/nowhere/at/all", -ENOENT}, {"", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("NOTIFY_SOCKET", cases[i].name, 1);
        assert_int_equal(notify_open(&notify), cases[i].expected);
        assert_int_equal(notify.fd, -1);
        assert_int_equal(notify_ready(&notify, NULL), 0);
    }
}

static uint64_t watchdog(const char *us, const char *pid) {
    struct notify notify;
    char name[64];
    snprintf(name, sizeof name, "@smblame-watchdog-%d", (int)getpid());
    int fd = manager(name);
    setenv("WATCHDOG_USEC", us, 1);
    setenv("WATCHDOG_PID", pid, 1);
    assert_int_equal(notify_open(&notify), 0);
    assert_null(getenv("WATCHDOG_USEC"));
    assert_null(getenv("WATCHDOG_PID"));
    uint64_t period = notify_watchdog_us(&notify);
    notify_close(&notify);
    close(fd);
    return period;
}

static void test_watchdog(void **state) {
    (void)state;
    char mine[32];
    snprintf(mine, sizeof mine, "%d", (int)getpid());
    assert_int_equal(watchdog("30000000", mine), 15000000);
    assert_int_equal(watchdog("30000000", ""), 15000000);
    assert_int_equal(watchdog("30000000", "1"), 0);
    assert_int_equal(watchdog("-5", mine), 0);
    assert_int_equal(watchdog("5s", mine), 0);
    assert_int_equal(watchdog("", mine), 0);
}

/* A manager that reads nothing: neither the watchdog nor a status makes us wait. */
static void test_a_full_socket(void **state) {
    (void)state;
    struct notify notify;
    char name[64];
    int last = 0;
    snprintf(name, sizeof name, "@smblame-full-%d", (int)getpid());
    int fd = manager(name);
    assert_int_equal(notify_open(&notify), 0);
    for (unsigned i = 0; i < 100000 && !last; i++)
        last = i % 2 ? notify_watchdog(&notify) : notify_status(&notify, "still here");
    assert_int_equal(last, -EAGAIN);
    close(fd);
    assert_int_equal(notify_watchdog(&notify), -ECONNREFUSED);
    notify_close(&notify);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_abstract), cmocka_unit_test(test_path),
        cmocka_unit_test(test_nobody),   cmocka_unit_test(test_names_that_are_none),
        cmocka_unit_test(test_watchdog), cmocka_unit_test(test_a_full_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
