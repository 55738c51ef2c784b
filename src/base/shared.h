/* Memory that a process shares with the children it forks: it maps it to write before there are
 * any, and then seals it, so that whoever maps it later can only read. A child for which it is to
 * be read only maps it anew. */
#ifndef SMBLAME_BASE_SHARED_H
#define SMBLAME_BASE_SHARED_H

#include <stddef.h>

struct shared {
    void *memory; /* NULL: none */
    size_t bytes;
    int fd;
};

/* Zeroed memory; `name` is for people who look into /proc. 0 or a negative errno. */
int shared_init(struct shared *shared, const char *name, size_t bytes);

/* From now on this process can only read it. 0 or a negative errno. */
int shared_become_reader(struct shared *shared);

/* Makes it zeros again, and nobody's memory until it is touched. */
void shared_wipe(struct shared *shared);

/* Does nothing to what was zeroed. */
void shared_fini(struct shared *shared);

#endif
