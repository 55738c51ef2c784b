/* A bench for the stream room: makes segments and messages, and writes down every event as a line
 * of text. */
#ifndef SMBLAME_TESTS_STREAM_RIG_H
#define SMBLAME_TESTS_STREAM_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stream/state.h"
#include "stream_fake.h"

enum { CLIENT = 0, SERVER = 1, RIG_LOG_BYTES = 1 << 18, FLAG_ACK = SBL_TCP_ACK };

struct rig {
    struct stream *stream;
    struct sbl_stats stats;
    struct sbl_frame frame;
    uint16_t client_port, server_port;
    uint32_t seq[2];      /* next to send */
    uint32_t seq_base[2]; /* terse messages are logged relative to it */
    bool is_terse;        /* log messages without frame and cut */
    size_t log_bytes;
    char log[RIG_LOG_BYTES];
};

extern const struct stream_sizes rig_sizes; /* small, but enough for everyday tests */

struct rig *rig_new(const struct stream_sizes *sizes, uint16_t server_port);
void rig_free(struct rig *rig);
void rig_clear(struct rig *rig);

/* One segment of the rig's flow. The payload is copied to the heap in its exact size, so that the
 * sanitizer sees a byte too many. `ack` 0: what the other side has sent so far. */
struct rig_segment {
    uint8_t from, flags;
    uint32_t seq, ack;
    const uint8_t *bytes;
    uint32_t count, cut;
};
void rig_feed(struct rig *rig, struct rig_segment segment);

/* Sends bytes in order, and says so in rig->seq. */
void rig_send(struct rig *rig, uint8_t from, const void *bytes, uint32_t count);
void rig_syn(struct rig *rig, uint32_t client_isn, uint32_t server_isn);
void rig_ack(struct rig *rig, uint8_t from);

/* An SMB2 message with its frame header, `count` bytes in all (at least 68), filled with a pattern
 * of `id`. Returns count. */
uint32_t rig_smb2(uint8_t *bytes, uint32_t count, uint16_t command, uint32_t id);

/* Whether the log holds exactly these lines. */
void rig_expect(const struct rig *rig, const char *lines);

#endif
