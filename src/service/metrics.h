/* Metrics for Prometheus, over HTTP, on this machine alone. Listening comes before the process is
 * confined (metrics_listen, by whoever may open sockets); serving is part of a libuv loop and opens
 * nothing but what it accepts. */
#ifndef SMBLAME_SERVICE_METRICS_H
#define SMBLAME_SERVICE_METRICS_H

#include <stddef.h>
#include <uv.h>

#include "service/metrics_text.h"

/* Readers at a time (others wait), what one may send as header, how long it may be silent, and how
 * long it may stay. */
enum {
    METRICS_READERS = 16,
    METRICS_HEADER_BYTES = 16384,
    METRICS_SILENT_S = 3,
    METRICS_STAY_S = 6,
};

struct metrics;

/* A listening socket for the address as typed: the descriptor, or a negative errno with a line in
 * `error` (-EINVAL: the address is none of ours). It can be handed on by fork and outlives those
 * who serve on it. */
int metrics_listen(const char *address, char *error, size_t error_size);

/* Serves on `fd`, which is taken over: closed at the end, or at once on failure. `fill` is called
 * for each scrape to say what is so; all fields of `values` are zeroed before, loop_lag_us is
 * filled in already. 0 or a negative errno. To be called before the process is confined, as the
 * poll set is made here. */
int metrics_start(struct metrics **metrics, int fd, uv_loop_t *loop, void *context,
                  void (*fill)(void *context, struct metrics_values *values));

/* Ends serving, drops all readers and frees what there is, once the loop has gone round. NULL is
 * allowed. */
void metrics_stop(struct metrics *metrics);

#endif
