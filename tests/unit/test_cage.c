/* What each cage refuses and what it lets do: every act is tried by a child that has entered the
 * cage. Built without sanitizers, which would need more calls than a cage has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guard/cage.h"

/* What a child prepared before it entered the cage. */
struct scene {
    int file; /* open to read and write, empty */
    int socket, stranger;
    void *page;
    char folder[64];
};

/* An act: 0 when it was done, else an errno. */
typedef int act_function(const struct scene *scene);

/* What becomes of an act: it is done, it is answered with an errno, it is the end. */
enum { DONE = 0, ENDS = 1000, CRASHES, ABORTS, NO_CAGE, LOST };

static int result(long value) {
    return value < 0 ? errno : 0;
}

static int open_to_read(const struct scene *scene) {
    (void)scene;
    return result(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int open_to_create(const struct scene *scene) {
    char path[128];
    snprintf(path, sizeof path, "%s/made", scene->folder);
    return result(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int open_to_write(const struct scene *scene) {
    char path[128];
    snprintf(path, sizeof path, "%s/there", scene->folder);
    return result(open(path, O_WRONLY | O_CLOEXEC));
}

static int open_to_empty(const struct scene *scene) {
    char path[128];
    snprintf(path, sizeof path, "%s/there", scene->folder);
    return result(open(path, O_RDONLY | O_TRUNC | O_CLOEXEC));
}

static int open_without_name(const struct scene *scene) {
    return result(open(scene->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

static int link_in(const struct scene *scene) {
    char path[128];
    snprintf(path, sizeof path, "%s/linked", scene->folder);
    return result(linkat(scene->file, "", AT_FDCWD, path, AT_EMPTY_PATH));
}

static int rename_away(const struct scene *scene) {
    char from[128], to[128];
    snprintf(from, sizeof from, "%s/there", scene->folder);
    snprintf(to, sizeof to, "%s/moved", scene->folder);
    int failed = result(rename(from, to));
    return failed ? failed : result(unlink(to));
}

static int change_mode(const struct scene *scene) {
    return result(fchmod(scene->file, 0777));
}

static int list_folder(const struct scene *scene) {
    char entries[1024];
    int fd = open(scene->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? errno : result(syscall(SYS_getdents64, fd, entries, sizeof entries));
}

static int socket_network(const struct scene *scene) {
    (void)scene;
    return result(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int socket_local(const struct scene *scene) {
    (void)scene;
    return result(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int socket_packets(const struct scene *scene) {
    (void)scene;
    return result(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static int socket_netlink(const struct scene *scene) {
    (void)scene;
    return result(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static int connect_out(const struct scene *scene) {
    const struct sockaddr_un nobody = {.sun_family = AF_UNIX, .sun_path = "/nobody/listens"};
    int failed = result(
        connect(scene->socket, (const struct sockaddr *)(const void *)&nobody, sizeof nobody));
    return failed == ENOENT ? 0 : failed;
}

static int listen_for(const struct scene *scene) {
    return result(listen(scene->socket, 1));
}

static int execute(const struct scene *scene) {
    (void)scene;
    char *const arguments[] = {NULL};
    return result(execve("/bin/true", arguments, arguments));
}

static int execute_file(const struct scene *scene) {
    char *const arguments[] = {NULL};
    return result(syscall(SYS_execveat, scene->file, "", arguments, arguments, AT_EMPTY_PATH));
}

static int trace(const struct scene *scene) {
    return result(syscall(SYS_ptrace, 16 /* PTRACE_ATTACH */, scene->stranger, 0, 0));
}

static int read_memory(const struct scene *scene) {
    return result(syscall(SYS_process_vm_readv, scene->stranger, NULL, 0, NULL, 0, 0));
}

static int signal_stranger(const struct scene *scene) {
    return result(kill(scene->stranger, 0));
}

static int signal_thread(const struct scene *scene) {
    return result(syscall(SYS_tgkill, scene->stranger, scene->stranger, SIGTERM));
}

static int signal_own_thread(const struct scene *scene) {
    (void)scene;
    return result(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 0));
}

/* The signal that says so, not one that has the look of a forbidden act. */
static int abort_by_signal(const struct scene *scene) {
    (void)scene;
    abort();
}

static int make_executable(const struct scene *scene) {
    return result(mprotect(scene->page, 4096, PROT_READ | PROT_EXEC));
}

static int make_executable_by_key(const struct scene *scene) {
    return result(syscall(SYS_pkey_mprotect, scene->page, 4096, PROT_READ | PROT_EXEC, -1));
}

static int map_executable(const struct scene *scene) {
    (void)scene;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? errno : 0;
}

static int make_readable(const struct scene *scene) {
    return result(mprotect(scene->page, 4096, PROT_READ));
}

/* A child that is let live is nobody's to wait for. */
static int clone_with(unsigned long flags) {
    long pid = syscall(SYS_clone, flags, NULL, NULL, NULL, 0);
    if (pid == 0)
        syscall(SYS_exit, 0);
    return result(pid);
}

static int make_process(const struct scene *scene) {
    (void)scene;
    return clone_with(SIGCHLD);
}

static int make_thread_elsewhere(const struct scene *scene) {
    (void)scene;
    return clone_with(CLONE_THREAD | CLONE_VM | CLONE_SIGHAND | CLONE_NEWUSER);
}

static int make_process_newly(const struct scene *scene) {
    (void)scene;
    return result(syscall(SYS_clone3, NULL, 0));
}

#ifdef SYS_fork
static int make_process_of_old(const struct scene *scene) {
    (void)scene;
    long pid = syscall(SYS_fork);
    if (pid == 0)
        _exit(0);
    return result(pid);
}
#endif

static void *nothing(void *context) {
    return context;
}

static int make_thread(const struct scene *scene) {
    (void)scene;
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, nothing, NULL);
    return failed ? failed : pthread_join(thread, NULL);
}

static int ring(const struct scene *scene) {
    char parameters[128] = {0};
    (void)scene;
    return result(syscall(SYS_io_uring_setup, 1, parameters));
}

static int load_bpf(const struct scene *scene) {
    (void)scene;
    return result(syscall(SYS_bpf, 0, NULL, 0));
}

static int leave_spaces(const struct scene *scene) {
    (void)scene;
    return result(unshare(CLONE_NEWUSER));
}

static int become_root(const struct scene *scene) {
    (void)scene;
    return result(setuid(0));
}

static int be_traced(const struct scene *scene) {
    (void)scene;
    return result(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int make_memory_file(const struct scene *scene) {
    (void)scene;
    return result(syscall(SYS_memfd_create, "m", 0));
}

static int push_input(const struct scene *scene) {
    char letter = 'x';
    return result(ioctl(scene->file, TIOCSTI, &letter));
}

static int raise_limit(const struct scene *scene) {
    const uint64_t limit[2] = {1 << 20, 1 << 20};
    (void)scene;
    return result(syscall(SYS_prlimit64, 0, 7 /* RLIMIT_NOFILE */, limit, NULL));
}

#ifdef __x86_64__
/* The calls of 32-bit programs have other numbers: 20 is getpid. */
static int call_of_i386(const struct scene *scene) {
    long value;
    (void)scene;
    __asm__ volatile("int $0x80" : "=a"(value) : "a"(20L) : "memory");
    return value < 0 ? (int)-value : 0;
}

static int call_of_x32(const struct scene *scene) {
    (void)scene;
    return result(syscall(0x40000000 + SYS_getpid));
}
#endif

/* What every one of them does all day. */
static int work(const struct scene *scene) {
    struct pollfd ready = {.fd = scene->file, .events = POLLIN};
    struct timespec now;
    char bytes[4], *memory = malloc(1 << 20);
    if (!memory)
        return ENOMEM;
    memset(memory, 1, 1 << 20);
    char *more = realloc(memory, 64 << 20);
    free(more ? more : memory);
    if (!more || poll(&ready, 1, 0) != 1 || write(scene->file, "abc", 3) != 3 ||
        lseek(scene->file, 0, SEEK_SET) != 0 || read(scene->file, bytes, sizeof bytes) != 3)
        return errno ? errno : EIO;
    long clock = syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    return clock == 0 && syscall(SYS_getrandom, bytes, sizeof bytes, 0) == sizeof bytes ? 0 : errno;
}

static int rotate(const struct scene *scene) {
    return result(ftruncate(scene->file, 0));
}

static int sort(const struct scene *scene) {
    (void)scene;
    return sysconf(_SC_PHYS_PAGES) > 0 && sysconf(_SC_OPEN_MAX) > 0 ? 0 : errno;
}

#define ACT(function) #function, function

static const struct {
    const char *name;
    act_function *act;
    int watch, speak, replay, writing; /* what becomes of it in each cage */
} acts[] = {
    {ACT(open_to_read), EACCES, DONE, DONE, DONE},
    {ACT(open_to_create), EACCES, DONE, EACCES, DONE},
    {ACT(open_to_write), EACCES, DONE, ENDS, DONE},
    {ACT(open_to_empty), EACCES, DONE, ENDS, DONE},
    {ACT(open_without_name), EACCES, DONE, DONE, DONE},
    {ACT(link_in), ENDS, ENDS, ENDS, ENDS},
    {ACT(rename_away), ENDS, DONE, ENDS, ENDS},
    {ACT(change_mode), ENDS, ENDS, ENDS, ENDS},
    {ACT(list_folder), EACCES, DONE, DONE, DONE},
    {ACT(socket_network), ENDS, DONE, EACCES, EACCES},
    {ACT(socket_local), ENDS, DONE, EACCES, EACCES},
    {ACT(socket_packets), ENDS, ENDS, EACCES, EACCES},
    {ACT(socket_netlink), ENDS, EAFNOSUPPORT, EACCES, EACCES},
    {ACT(connect_out), ENDS, DONE, ENDS, ENDS},
    {ACT(listen_for), ENDS, ENDS, ENDS, ENDS},
    {ACT(execute), ENDS, ENDS, ENDS, ENDS},
    {ACT(execute_file), ENDS, ENDS, ENDS, ENDS},
    {ACT(trace), ENDS, ENDS, ENDS, ENDS},
    {ACT(read_memory), ENDS, ENDS, ENDS, ENDS},
    {ACT(signal_stranger), ENDS, ENDS, ENDS, ENDS},
    {ACT(signal_thread), EPERM, ENDS, ENDS, ENDS},
    {ACT(signal_own_thread), EPERM, DONE, DONE, DONE},
    {ACT(abort_by_signal), CRASHES, ABORTS, ABORTS, ABORTS},
    {ACT(make_executable), ENDS, ENDS, ENDS, ENDS},
    {ACT(make_executable_by_key), ENDS, ENDS, ENDS, ENDS},
    {ACT(map_executable), ENDS, EACCES, EACCES, EACCES},
    {ACT(make_readable), ENDS, DONE, DONE, DONE},
    {ACT(make_process), ENDS, ENDS, ENDS, ENDS},
    {ACT(make_process_newly), ENDS, ENOSYS, ENDS, ENDS},
    {ACT(make_thread_elsewhere), ENDS, ENDS, ENDS, ENDS},
    {ACT(make_thread), ENDS, DONE, ENDS, ENDS},
    {ACT(ring), ENOSYS, ENOSYS, ENOSYS, ENOSYS},
    {ACT(load_bpf), ENDS, ENDS, ENDS, ENDS},
    {ACT(leave_spaces), ENDS, ENDS, ENDS, ENDS},
    {ACT(become_root), ENDS, ENDS, ENDS, ENDS},
    {ACT(be_traced), ENDS, ENDS, ENDS, ENDS},
    {ACT(make_memory_file), ENDS, ENDS, ENDS, ENDS},
    {ACT(push_input), ENDS, ENDS, ENDS, ENDS},
    {ACT(raise_limit), ENDS, ENDS, ENDS, ENDS},
#ifdef SYS_fork
    {ACT(make_process_of_old), ENDS, ENDS, ENDS, ENDS},
#endif
#ifdef __x86_64__
    {ACT(call_of_i386), ENDS, ENDS, ENDS, ENDS},
    {ACT(call_of_x32), ENDS, ENDS, ENDS, ENDS},
#endif
    {ACT(work), DONE, DONE, DONE, DONE},
    {ACT(rotate), DONE, DONE, DONE, DONE},
    {ACT(sort), ENDS, DONE, DONE, DONE},
};

static void set_scene(struct scene *scene) {
    char path[128];
    strcpy(scene->folder, "/tmp/smblame-cage-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    snprintf(path, sizeof path, "%s/there", scene->folder);
    scene->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    scene->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    scene->page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    scene->stranger = getpid();
    assert_true(scene->file >= 0 && scene->socket >= 0 && scene->page != MAP_FAILED);
}

static void strike_scene(const struct scene *scene) {
    static const char *const names[] = {"there", "made", "moved", "linked"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", scene->folder, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(scene->folder), 0);
    close(scene->file);
    close(scene->socket);
    munmap(scene->page, 4096);
}

static int outcome_of(pid_t child) {
    int status;
    if (waitpid(child, &status, 0) != child)
        return LOST;
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGSYS    ? ENDS
               : WTERMSIG(status) == SIGSEGV ? CRASHES
               : WTERMSIG(status) == SIGABRT ? ABORTS
                                             : LOST;
    return WEXITSTATUS(status) == 255 ? NO_CAGE : WEXITSTATUS(status);
}

static int try(enum cage cage, act_function *act, const struct scene *scene) {
    pid_t child = fork();
    if (child == 0) {
        char error[256] = "";
        (void)signal(SIGSEGV, SIG_DFL); /* cmocka has a handler */
        if (cage_enter(cage, error, sizeof error) != 0) {
            (void)!write(2, error, strlen(error));
            _exit(255);
        }
        _exit(act(scene));
    }
    return outcome_of(child);
}

static void try_all(enum cage cage) {
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        const int expected[] = {acts[i].watch, acts[i].speak, acts[i].replay, acts[i].writing};
        struct scene scene;
        set_scene(&scene);
        int was = try(cage, acts[i].act, &scene);
        if (was != expected[cage]) {
            print_error("%s: %d, expected %d\n", acts[i].name, was, expected[cage]);
            wrong++;
        }
        strike_scene(&scene);
    }
    assert_int_equal(wrong, 0);
}

static void watch_opens_nothing(void **state) {
    (void)state;
    try_all(CAGE_WATCH);
}

static void speak_starts_nothing(void **state) {
    (void)state;
    try_all(CAGE_SPEAK);
}

static void replay_reads(void **state) {
    (void)state;
    try_all(CAGE_REPLAY);
}

static void replay_writes_where_it_is_told_to(void **state) {
    (void)state;
    try_all(CAGE_REPLAY_WRITING);
}

static void watch_has_few_calls(void **state) {
    (void)state;
    assert_in_range(cage_calls(CAGE_WATCH), 1, 25);
}

/* A thread that ran before the cage was entered is in it. */
static void *try_late(void *context) {
    int *ready = context;
    char letter;
    if (read(ready[0], &letter, 1) == 1)
        (void)execute(NULL);
    return NULL;
}

static void threads_are_caged_together(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        int ready[2];
        char error[256];
        pthread_t thread;
        if (pipe(ready) != 0 || pthread_create(&thread, NULL, try_late, ready) != 0 ||
            cage_enter(CAGE_REPLAY, error, sizeof error) != 0)
            _exit(255);
        (void)!write(ready[1], "x", 1);
        pthread_join(thread, NULL);
        _exit(0);
    }
    assert_int_equal(outcome_of(child), ENDS);
}

/* What /proc says of a process: the number behind a word of one of its files. */
static int number_of(pid_t pid, const char *name, const char *word) {
    char path[64], line[256];
    int value = -1;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (strncmp(line, word, strlen(word)) == 0)
            value = (int)strtol(line + strlen(word), NULL, 10);
    fclose(file);
    return value;
}

static void the_kernel_says_so(void **state) {
    (void)state;
    int go[2], ready[2];
    char letter;
    assert_int_equal(pipe(go) | pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        char error[256];
        int failed = cage_enter(CAGE_WATCH, error, sizeof error);
        (void)!write(ready[1], "x", 1);
        (void)!read(go[0], &letter, 1);
        _exit(failed ? 255 : 0);
    }
    assert_int_equal(read(ready[0], &letter, 1), 1);
    assert_int_equal(number_of(child, "status", "Seccomp:"), 2);
    assert_int_equal(number_of(child, "status", "NoNewPrivs:"), 1);
    assert_int_equal(number_of(child, "limits", "Max processes"), 0);
    assert_int_equal(number_of(child, "limits", "Max core file size"), 0);
    assert_in_range(number_of(child, "limits", "Max open files"), 1, 256);
    assert_int_equal(write(go[1], "x", 1), 1);
    assert_int_equal(outcome_of(child), DONE);
    for (int i = 0; i < 2; i++) {
        close(go[i]);
        close(ready[i]);
    }
}

/* What a container may do: seccomp(2) and its elder form are refused. */
static int refuse_cages(int cause) {
    const struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)cause),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof *code};
    struct sock_filter copy[sizeof code / sizeof *code];
    memcpy(copy, code, sizeof code);
    program.filter = copy;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return errno;
    return result(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

static void no_cage_is_said(void **state) {
    static const int causes[] = {EPERM, ENOSYS, EINVAL};
    (void)state;
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        pid_t child = fork();
        if (child == 0) {
            char error[256] = "";
            if (refuse_cages(causes[i]) != 0)
                _exit(255);
            int failed = cage_enter(CAGE_WATCH, error, sizeof error);
            /* It goes on as before. */
            int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
            _exit(failed < 0 && strstr(error, "does not confine") && fd >= 0 ? 0 : 1);
        }
        assert_int_equal(outcome_of(child), DONE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(watch_opens_nothing), cmocka_unit_test(speak_starts_nothing),
        cmocka_unit_test(replay_reads),        cmocka_unit_test(replay_writes_where_it_is_told_to),
        cmocka_unit_test(watch_has_few_calls), cmocka_unit_test(threads_are_caged_together),
        cmocka_unit_test(the_kernel_says_so),  cmocka_unit_test(no_cage_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
