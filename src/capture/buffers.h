/* Buffers of inputs whose frames are still in use when the input reads on. An input then leaves its
 * buffer behind and reads into another one; what was left behind comes back once everything that
 * was read up to then is done with. For one thread. */
#ifndef SMBLAME_CAPTURE_BUFFERS_H
#define SMBLAME_CAPTURE_BUFFERS_H

#include <stddef.h>
#include <stdint.h>

struct buffers;

/* NULL: no memory. */
struct buffers *buffers_new(void);

/* A buffer of INPUT_BUFFER_BYTES, or NULL. */
uint8_t *buffers_take(struct buffers *buffers);

/* Leaves one behind, which buffers_take or pages_reserve gave. */
void buffers_leave(struct buffers *buffers, uint8_t *buffer);

/* How many were left behind so far; and the news that of these the first `count` are not looked at
 * any more. */
uint64_t buffers_mark(const struct buffers *buffers);
void buffers_release(struct buffers *buffers, uint64_t count);

/* Frees all but what inputs still have. NULL is fine. */
void buffers_free(struct buffers *buffers);

#endif
