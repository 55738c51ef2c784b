/* The stream as the product uses it: all dissectors, the sizes of limits.h. Apart from the rest, so
 * that tests bring dissectors and sizes of their own. */
#include <smblame/limits.h>

#include "stream/queue.h"
#include "stream/state.h"

enum { HISTORY_BYTES = 16 << 20 };

static const struct stream_sizes default_sizes = {
    .flows = SBL_MAX_FLOWS,
    .connections = SBL_MAX_CONNECTIONS,
    .chunks = SBL_MAX_OUT_OF_ORDER_BYTES / sizeof(struct chunk),
    .chunks_per_side = SBL_MAX_OUT_OF_ORDER_BYTES_PER_FLOW / sizeof(struct chunk),
    .message_bytes = SBL_MAX_MESSAGE_BYTES,
    .framed_bytes = SBL_MAX_FRAMED_BYTES,
    .message_buffers = SBL_MAX_MESSAGE_BUFFERS,
    .chain_length = SBL_MAX_CHAIN_LENGTH,
    .history_bytes = HISTORY_BYTES,
};

int stream_new(struct stream **stream, const struct stream_options *options) {
    return stream_new_sized(stream, options, &default_sizes, sbl_dissectors);
}

size_t stream_ceiling(void) {
    const struct stream_sizes *sizes = &default_sizes;
    return sizeof(struct stream) + flow_table_bytes(sizes->flows) +
           sizes->connections * (sizeof(struct connection) + sizeof(uint32_t)) +
           sizes->chunks * sizeof(struct chunk) +
           (2 * (size_t)sizes->connections + 1) * sizeof(struct unit) +
           message_buffers_bytes(sizes->message_buffers,
                                 sizes->message_bytes + BANNER_FRAME_BYTES) +
           sizes->history_bytes;
}
