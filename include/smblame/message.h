/* What stream hands to correlate: the conversation a message belongs to, and the message with what
 * the dissectors saw in it. Borrowed for the length of the call. */
#ifndef SMBLAME_MESSAGE_H
#define SMBLAME_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/report.h>
#include <smblame/segment.h>

struct sbl_dissector; /* dissector.h */
struct sbl_part;

/* How a frame is named in evidence. */
struct sbl_frame_ref {
    uint64_t number;
    uint16_t file;
};

/* One TCP connection as its neighbours know it. Owned by stream; stays at its address from the
 * first message to the close call. side[0] is the client (who sent the SYN, else who sent the first
 * request, else the side with the higher port; stream swaps the sides, and tells nobody, as long as
 * no message was handed over). */
struct sbl_conversation {
    struct sbl_endpoint side[2];
    uint32_t tunnel_id;
    uint8_t ip_version;
    bool has_mac;
    bool is_netbios;         /* NBSS on 139 (a session request was seen, or the port says so) */
    bool saw_syn;            /* the beginning was captured */
    uint16_t application;    /* nDPI's verdict on the flow, 0 = none */
    bool has_attempt;        /* correlate's: a logon is in the making; evicted last */
    uint32_t correlate_slot; /* correlate's own handle; 0 until it sets one */
};

/* A part of a message, whole as far as it was wanted. */
struct sbl_message {
    int64_t time_ns;
    struct sbl_frame_ref frame; /* the frame that completed it */
    uint32_t process;           /* struct sbl_frame.process of that frame */
    uint32_t seq;               /* TCP sequence number of the PDU's first byte (its NBSS header) */
    uint32_t end_seq;           /* first sequence number after what was wanted of it */
    uint32_t ack;               /* what the sender had acknowledged when it completed this */
    uint8_t from;               /* index into conversation.side of the sender */
    const struct sbl_report *report;
};

/* How a connection ended, as far as the capture shows. */
enum sbl_close {
    SBL_CLOSE_FIN = 0,
    SBL_CLOSE_RESET,
    SBL_CLOSE_REUSED,  /* the same ports began anew */
    SBL_CLOSE_EVICTED, /* our cap, not their wish */
    SBL_CLOSE_END,     /* the capture ended */
};

/* What stream tells. `context` is the receiver's. time_ns of gap and close: of the frame
 * that showed it. After `close` the conversation is gone; FIN and RESET come once, when both FINs
 * or one RST were seen, after all messages in flight. `dispute`: the bytes [seq, end_seq) of one
 * side were sent twice and differently, so nothing read from them is fact. */
struct sbl_stream_events {
    void *context;
    void (*message)(void *context, struct sbl_conversation *conversation,
                    const struct sbl_message *message);
    void (*gap)(void *context, struct sbl_conversation *conversation, uint8_t from,
                int64_t time_ns);
    void (*dispute)(void *context, struct sbl_conversation *conversation, uint8_t from,
                    uint32_t seq, uint32_t end_seq);
    void (*close)(void *context, struct sbl_conversation *conversation, enum sbl_close how,
                  int64_t time_ns);
    /* Optional, a hint that changes nothing: messages of these conversations may come soon, one of
     * each for every time it is named. The receiver can fetch its memory ahead. */
    void (*expect)(void *context, const struct sbl_conversation *const *conversations,
                   size_t count);
};

/* What a part of a message was read from. */
struct sbl_part_seen {
    const struct sbl_dissector *dissector;
    const struct sbl_part *part;
    const uint8_t *bytes; /* `count` of them, as the dissector got them */
    uint32_t count;
    uint32_t seq;       /* TCP sequence number of the first of them */
    uint32_t resume_at; /* where in the message the next part begins; 0 = this was the last */
    const struct sbl_segment *segment; /* at hand, if any: not always what completes the message */
};

/* Who keeps frames to show them later, beside the receiver of what stream tells. `part` comes
 * before the message is told; `held` says that bytes of a segment wait for others, so that a
 * message which is completed later may ask for its frame. */
struct sbl_keeper {
    void *context;
    void (*part)(void *context, const struct sbl_conversation *conversation,
                 const struct sbl_message *message, const struct sbl_part_seen *seen);
    void (*held)(void *context, const struct sbl_segment *segment);
};

#endif
