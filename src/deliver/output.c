/* write(2) until everything is out. */
#include "deliver/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

int output_write(void *context, const char *bytes, size_t size) {
    int fd = *(const int *)context;
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written >= 0) {
            bytes += written;
            size -= (size_t)written;
        } else if (errno == EAGAIN) {
            (void)poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}
