/* The stream room: TCP segments become whole messages, messages are read by the dissectors, and
 * what they report goes to correlate by callback. The only caller of dissectors.
 *
 * A segment passes a flow table (flow_table.h), is put in order (reassembly.h), is cut into
 * messages (framing.h) and handed over (handover.h). Flows that are certainly not SMB cost one
 * lookup. Memory is taken once; every cap that is hit is counted in the stats. */
#ifndef SMBLAME_STREAM_STREAM_H
#define SMBLAME_STREAM_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include <smblame/message.h>
#include <smblame/segment.h>
#include <smblame/stats.h>

struct classify;
struct stream;

/* Who is told, who advises on flows of unknown kind (NULL: nobody), and where it is counted.
 * Callbacks that are NULL are skipped. All is borrowed for the life of the stream. */
struct stream_options {
    struct sbl_stream_events events;
    struct classify *classify;
    struct sbl_stats *stats;
    const struct sbl_limits *limits; /* of stream_new; NULL: the usual ones */
    const struct sbl_keeper *keeper; /* NULL: nobody keeps frames */
};

/* Makes a stream with all dissectors and the sizes of limits.h. 0, or -ENOMEM (nothing is then
 * left behind). Takes all memory it will ever need; pages are touched as they are used. */
int stream_new(struct stream **stream, const struct stream_options *options);

/* Takes segments in the order of their ordinals, best 32 to 64 at once. They are borrowed for the
 * call; events are called before it returns. */
void stream_feed(struct stream *stream, const struct sbl_segment *segments, size_t count);

/* News of time from segments that another stream gets, between the calls of stream_feed and in the
 * order of ordinals: see expiry.h. */
void stream_minute_begins(struct stream *stream, int64_t time_ns, uint64_t ordinal);

/* Ends the capture: hands over what still waits and closes every conversation, in order of last
 * use, with SBL_CLOSE_END (or as a FIN or RST that was seen had announced). */
void stream_finish(struct stream *stream, int64_t time_ns);

/* For who is told something: the ordinal of the segment at hand; during stream_finish, of the last
 * one of the connection that is closed. */
uint64_t stream_ordinal(const struct stream *stream);

/* The most memory a stream of stream_new can ever take, in bytes. */
size_t stream_ceiling(const struct sbl_limits *limits);

void stream_free(struct stream *stream);

#endif
