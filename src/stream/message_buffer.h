/* Buffers for messages in the making, of three sizes: most parts that span segments are small, and
 * a stranger who promises large ones must not get large memory before he has sent the bytes. A
 * buffer grows by moving to the next size when it is full. */
#ifndef SMBLAME_STREAM_MESSAGE_BUFFER_H
#define SMBLAME_STREAM_MESSAGE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"

/* The packet that completes something: what a message says of it. */
struct moment {
    int64_t time_ns;
    uint64_t number;
    uint32_t process;
    uint32_t ack;
    uint16_t file;
};

enum { MESSAGE_BUFFER_CLASSES = 3 };

struct message_buffer {
    struct moment last; /* of the last bytes added */
    uint32_t count;
    uint8_t bytes[];
};

struct message_buffers {
    struct pool pools[MESSAGE_BUFFER_CLASSES];
    uint32_t room[MESSAGE_BUFFER_CLASSES]; /* bytes a buffer of the class holds */
};

/* Room for `count` messages in the making, of these a quarter of medium and a thirty-second of the
 * largest size, which holds `largest` bytes. 0 or -ENOMEM. */
int message_buffers_init(struct message_buffers *buffers, uint32_t count, uint32_t largest);
void message_buffers_fini(struct message_buffers *buffers);
size_t message_buffers_bytes(uint32_t count, uint32_t largest);

/* Adds bytes to the buffer named by *handle (0: takes one first). False when there is no room
 * left; the buffer is then as it was, and *handle still 0 when it was. */
bool message_buffer_add(struct message_buffers *buffers, uint32_t *handle, const uint8_t *bytes,
                        uint32_t count);

/* Takes `count` bytes off the front. */
void message_buffer_drop(struct message_buffers *buffers, uint32_t handle, uint32_t count);

struct message_buffer *message_buffer_at(const struct message_buffers *buffers, uint32_t handle);

/* Gives the buffer back and sets *handle to 0; 0 is fine. */
void message_buffer_give(struct message_buffers *buffers, uint32_t *handle);

#endif
