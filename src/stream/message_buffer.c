/* A handle is the class in its upper two bits and the pool index below. */
#include "stream/message_buffer.h"

#include <errno.h>
#include <string.h>

enum { CLASS_SHIFT = 30, SMALL_BYTES = 2048, MEDIUM_BYTES = 16384 };

static uint32_t class_room(unsigned class, uint32_t largest) {
    static const uint32_t room[] = {SMALL_BYTES, MEDIUM_BYTES};
    return class + 1 < MESSAGE_BUFFER_CLASSES && room[class] < largest ? room[class] : largest;
}

static uint32_t class_count(unsigned class, uint32_t count) {
    static const uint32_t divisor[MESSAGE_BUFFER_CLASSES] = {1, 4, 32};
    return count / divisor[class] ? count / divisor[class] : 1;
}

static uint32_t slot_bytes(uint32_t room) {
    return (uint32_t)offsetof(struct message_buffer, bytes) + room;
}

size_t message_buffers_bytes(uint32_t count, uint32_t largest) {
    size_t sum = 0;
    for (unsigned class = 0; class < MESSAGE_BUFFER_CLASSES; class ++)
        sum += (size_t)class_count(class, count) * slot_bytes(class_room(class, largest));
    return sum;
}

int message_buffers_init(struct message_buffers *buffers, uint32_t count, uint32_t largest) {
    *buffers = (struct message_buffers){0};
    for (unsigned class = 0; class < MESSAGE_BUFFER_CLASSES; class ++) {
        buffers->room[class] = class_room(class, largest);
        int status = pool_init(&buffers->pools[class], class_count(class, count),
                               slot_bytes(buffers->room[class]));
        if (status < 0) {
            message_buffers_fini(buffers);
            return status;
        }
    }
    return 0;
}

void message_buffers_fini(struct message_buffers *buffers) {
    for (unsigned class = 0; class < MESSAGE_BUFFER_CLASSES; class ++)
        if (buffers->pools[class].slots)
            pool_fini(&buffers->pools[class]);
}

struct message_buffer *message_buffer_at(const struct message_buffers *buffers, uint32_t handle) {
    return pool_at(&buffers->pools[handle >> CLASS_SHIFT], handle & ((1u << CLASS_SHIFT) - 1));
}

/* The smallest class with room for `bytes` and a free slot; 0 = none. */
static uint32_t take_for(struct message_buffers *buffers, uint32_t bytes) {
    for (unsigned class = 0; class < MESSAGE_BUFFER_CLASSES; class ++) {
        if (buffers->room[class] < bytes)
            continue;
        uint32_t index = pool_take(&buffers->pools[class]);
        if (index)
            return (uint32_t) class << CLASS_SHIFT | index;
    }
    return 0;
}

/* Moves what a full buffer holds into a larger one. */
static bool grow(struct message_buffers *buffers, uint32_t *handle, uint32_t bytes) {
    uint32_t larger = take_for(buffers, bytes);
    if (!larger)
        return false;
    if (*handle) {
        const struct message_buffer *old = message_buffer_at(buffers, *handle);
        struct message_buffer *new = message_buffer_at(buffers, larger);
        memcpy(new, old, offsetof(struct message_buffer, bytes) + old->count);
        message_buffer_give(buffers, handle);
    }
    *handle = larger;
    return true;
}

bool message_buffer_add(struct message_buffers *buffers, uint32_t *handle, const uint8_t *bytes,
                        uint32_t count) {
    uint32_t held = *handle ? message_buffer_at(buffers, *handle)->count : 0;
    uint32_t room = *handle ? buffers->room[*handle >> CLASS_SHIFT] : 0;
    if (count > room - held && !grow(buffers, handle, held + count))
        return false;
    struct message_buffer *buffer = message_buffer_at(buffers, *handle);
    memcpy(&buffer->bytes[buffer->count], bytes, count);
    buffer->count += count;
    return true;
}

void message_buffer_drop(struct message_buffers *buffers, uint32_t handle, uint32_t count) {
    struct message_buffer *buffer = message_buffer_at(buffers, handle);
    buffer->count -= count;
    memmove(buffer->bytes, &buffer->bytes[count], buffer->count);
}

void message_buffer_give(struct message_buffers *buffers, uint32_t *handle) {
    if (*handle)
        pool_give(&buffers->pools[*handle >> CLASS_SHIFT], *handle & ((1u << CLASS_SHIFT) - 1));
    *handle = 0;
}
