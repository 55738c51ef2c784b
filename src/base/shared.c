/* A sealed file in memory. */
#include "base/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int shared_init(struct shared *shared, const char *name, size_t bytes) {
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;
    *shared = (struct shared){.bytes = bytes};
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    void *memory = MAP_FAILED;
    if (ftruncate(fd, (off_t)bytes) == 0)
        memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED || fcntl(fd, F_ADD_SEALS, seals) != 0) {
        int failed = -errno;
        if (memory != MAP_FAILED)
            (void)munmap(memory, bytes);
        (void)close(fd);
        return failed;
    }
    shared->memory = memory;
    shared->fd = fd;
    return 0;
}

int shared_become_reader(struct shared *shared) {
    void *mapped =
        mmap(shared->memory, shared->bytes, PROT_READ, MAP_SHARED | MAP_FIXED, shared->fd, 0);
    return mapped == MAP_FAILED ? -errno : 0;
}

void shared_wipe(struct shared *shared) {
    (void)madvise(shared->memory, shared->bytes, MADV_REMOVE);
}

void shared_fini(struct shared *shared) {
    if (!shared->memory)
        return;
    (void)munmap(shared->memory, shared->bytes);
    (void)close(shared->fd);
    *shared = (struct shared){0};
}
