/* The stream as the product uses it: all dissectors, the sizes of limits.h. Apart from the rest, so
 * that tests bring dissectors and sizes of their own. */
#include <smblame/limits.h>

#include "stream/queue.h"
#include "stream/state.h"

enum { HISTORY_BYTES = 4 << 20 };

static uint32_t chunks_of(uint32_t bytes) {
    return (uint32_t)(bytes / sizeof(struct chunk));
}

static struct stream_sizes sizes_of(const struct sbl_limits *limits) {
    return (struct stream_sizes){
        .flows = sbl_limit_of(limits, SBL_LIMIT_FLOWS),
        .connections = sbl_limit_of(limits, SBL_LIMIT_CONNECTIONS),
        .chunks = chunks_of(sbl_limit_of(limits, SBL_LIMIT_OUT_OF_ORDER_BYTES)),
        .chunks_per_side = chunks_of(sbl_limit_of(limits, SBL_LIMIT_OUT_OF_ORDER_BYTES_PER_FLOW)),
        .message_bytes = SBL_MAX_MESSAGE_BYTES,
        .framed_bytes = SBL_MAX_FRAMED_BYTES,
        .message_buffers = sbl_limit_of(limits, SBL_LIMIT_MESSAGE_BUFFERS),
        .chain_length = SBL_MAX_CHAIN_LENGTH,
        .history_bytes = HISTORY_BYTES,
    };
}

int stream_new(struct stream **stream, const struct stream_options *options) {
    const struct stream_sizes sizes = sizes_of(options->limits);
    return stream_new_sized(stream, options, &sizes, sbl_dissectors);
}

size_t stream_ceiling(const struct sbl_limits *limits) {
    const struct stream_sizes sizes = sizes_of(limits);
    return sizeof(struct stream) + flow_table_bytes(sizes.flows) +
           sizes.connections * (sizeof(struct connection) + sizeof(uint32_t)) +
           sizes.chunks * sizeof(struct chunk) +
           (2 * (size_t)sizes.connections + 1) * sizeof(struct unit) +
           message_buffers_bytes(sizes.message_buffers, sizes.message_bytes + BANNER_FRAME_BYTES) +
           sizes.history_bytes;
}
