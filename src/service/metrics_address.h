/* Where metrics are to be had: 127.0.0.1:PORT, [::1]:PORT, localhost:PORT or unix:PATH. They are
 * for this machine alone, as whoever reads them learns what goes on, and nothing asks who reads. */
#ifndef SMBLAME_SERVICE_METRICS_ADDRESS_H
#define SMBLAME_SERVICE_METRICS_ADDRESS_H

#include <stddef.h>
#include <sys/socket.h>

struct metrics_address {
    struct sockaddr_storage socket;
    socklen_t size;
};

/* 0, or -EINVAL with what is wrong in `error`. */
int metrics_address_parse(struct metrics_address *address, const char *text, char *error,
                          size_t error_size);

/* A socket that listens there, not blocking. A socket file that nobody listens on is replaced; a
 * new one is for its owner and group. The descriptor, or a negative errno with a line in `error`.
 */
int metrics_address_listen(const struct metrics_address *address, char *error, size_t error_size);

#endif
