/* Standard output as a sink: whole writes or an error. */
#ifndef SMBLAME_DELIVER_OUTPUT_H
#define SMBLAME_DELIVER_OUTPUT_H

#include <stddef.h>

/* Writes all of `bytes` to the file descriptor that `context` points to (an int). 0 or a negative
 * errno; interrupted and partial writes are continued, a full pipe is waited for. */
int output_write(void *context, const char *bytes, size_t size);

#endif
