/* The look-back: the last frames that a diagnosis might cite, in memory that is given. A ring of
 * bytes in which the oldest gives way; a frame is found by its file and number, and from one frame
 * of a TCP connection leads a chain to the ones before it.
 *
 * One writes, others may read at the same time, from another process too: there are no pointers
 * inside, only positions, which count on over all rounds. A reader copies and then asks whether it
 * was overwritten meanwhile. What it reads it checks like any stranger's bytes. */
#ifndef SMBLAME_EVIDENCE_LOOK_BACK_H
#define SMBLAME_EVIDENCE_LOOK_BACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/frame.h>
#include <smblame/limits.h>
#include <smblame/message.h>

struct look_back;

enum kept_flags {
    KEPT_SUM_WAS_RIGHT = 1, /* the TCP checksum, as captured */
    KEPT_HAS_TCP_AT = 2,    /* ip_at and tcp_at hold */
    KEPT_COMPLETES = 4,     /* from_seq and until_seq hold */
    KEPT_IS_IPV6 = 8,
    KEPT_IS_UPWARD = 16, /* the sender is the lower of the two ends */
    KEPT_OPENS = 32,     /* the two agree on how to talk, before any logon */
};

/* What is known of a kept frame beside its bytes. */
struct kept {
    uint64_t ref;   /* frame_ref_pack */
    uint64_t flow;  /* hash of both ends, ports, tunnel */
    uint64_t older; /* position + 1 of the frame before it with the same hash of `ref`; 0 = none */
    uint64_t in_flow; /* likewise, of `flow` */
    int64_t time_ns;
    uint32_t captured_bytes, wire_bytes;
    uint32_t seq;           /* of the first byte of payload */
    uint32_t from_seq;      /* where the first message begins that is complete with this frame, */
    uint32_t until_seq;     /* and where the last of them ends: their bytes lie in others, too */
    uint32_t payload_at;    /* of the frame's bytes */
    uint32_t payload_bytes; /* captured */
    uint32_t ip_at, tcp_at;
    uint16_t link_type;
    uint16_t flags; /* enum kept_flags */
};

static inline uint64_t frame_ref_pack(struct sbl_frame_ref ref) {
    return (uint64_t)ref.file << 48 | (ref.number & 0xFFFFFFFFFFFFu);
}

/* How much memory a look-back over `bytes` of frames takes. */
size_t look_back_memory(uint32_t bytes);

/* Makes a look-back of zeroed memory of that size. */
struct look_back *look_back_init(void *memory, uint32_t bytes);

/* Who reads a look-back: what it is measured by is the reader's own, as the memory is another's,
 * who may be out of his mind. */
struct look_back_reader {
    const struct look_back *shared;
    uint64_t size, seed;
    uint32_t heads;
};

/* Opens a look-back in `size` bytes of memory, which may be mapped to be read only. False: it is
 * none. */
bool look_back_open(struct look_back_reader *reader, const void *memory, size_t size);

/* For the writer. Adds a frame whose bytes are `kept->captured_bytes` of zeros as yet; the links
 * are filled in. The address holds until the next one is added. NULL: it is too long. */
struct kept *look_back_add(struct look_back *look_back, const struct kept *kept);

/* For the writer: a frame that is there, or NULL; the one before it of the same flow, or NULL. */
struct kept *look_back_find(struct look_back *look_back, uint64_t ref);
struct kept *look_back_latest(struct look_back *look_back, uint64_t flow);
struct kept *look_back_before(struct look_back *look_back, const struct kept *kept);

/* The bytes behind what is known. */
static inline uint8_t *kept_bytes(struct kept *kept) {
    return (uint8_t *)(kept + 1);
}

/* For readers: copies what is known of a frame, and with `bytes` (room for SBL_MAX_FRAME_BYTES)
 * the frame. False: it is gone, or never was there. */
bool look_back_read(const struct look_back_reader *reader, uint64_t ref, struct kept *kept,
                    uint8_t *bytes);

/* The frame of the same flow before one that was read; false when there is none left. */
bool look_back_read_before(const struct look_back_reader *reader, const struct kept *kept,
                           struct kept *before);

#endif
