/* The engine: the rooms in their order. Frames go to decode, segments to stream, messages to
 * correlate, findings through attribute to the listener and, when it wants diagnoses, on to
 * diagnosing. It holds no knowledge of its own but two: what a frame counts, and what a clock that
 * jumps looks like. */
#include <smblame/engine.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "base/pool.h"
#include "classify/classify.h"
#include "correlate/correlate.h"
#include "decode/decode.h"
#include "diagnosing.h"
#include "stream/stream.h"
#include "witness/witness.h"

enum { BATCH = 64 };
#define SECOND_NS INT64_C(1000000000)

struct sbl_engine {
    struct sbl_engine_options options;
    struct sbl_stats stats;
    struct decoder *decoder;
    struct classify *classify;
    struct stream *stream;
    struct correlate *correlate;
    struct witness *witness;            /* NULL: nobody listens */
    struct sbl_segment segments[BATCH]; /* of TCP, not yet fed to stream */
    size_t segment_count;
    struct sbl_stream_events correlate_events;
    struct diagnosing *diagnosing; /* NULL: nobody listens */
    int64_t ticked_ns;             /* start of the second that diagnosing knows of */
    int64_t previous_ns;           /* time of the last frame, whatever it was */
};

/* Every finding passes here on its way out: it gets its id, and an attempt its reason, which is
 * counted. The id of what is no attempt is for listeners alone. */
static void attempt_decided(void *context, struct sbl_attempt *attempt) {
    struct sbl_engine *engine = context;
    const struct sbl_listener *listener = &engine->options.listener;
    attribute_attempt(attempt);
    engine->stats.logons_by_reason[attempt->reason]++;
    if (listener->attempt)
        listener->attempt(listener->context, attempt);
    if (engine->diagnosing)
        diagnosing_attempt(engine->diagnosing, attempt);
}

static void tree_refused(void *context, struct sbl_tree_refusal *refusal) {
    struct sbl_engine *engine = context;
    const struct sbl_listener *listener = &engine->options.listener;
    if (listener->tree_refusal) {
        attribute_tree_refusal(refusal);
        listener->tree_refusal(listener->context, refusal);
    }
    if (engine->diagnosing)
        diagnosing_tree_refusal(engine->diagnosing, refusal);
}

static void probe_refused(void *context, struct sbl_probe *probe) {
    struct sbl_engine *engine = context;
    const struct sbl_listener *listener = &engine->options.listener;
    if (listener->probe) {
        attribute_probe(probe);
        listener->probe(listener->context, probe);
    }
    if (engine->diagnosing)
        diagnosing_probe(engine->diagnosing, probe);
}

static void tree_granted(void *context, struct sbl_tree_grant *grant) {
    struct sbl_engine *engine = context;
    const struct sbl_listener *listener = &engine->options.listener;
    if (listener->tree_grant) {
        attribute_tree_grant(grant);
        listener->tree_grant(listener->context, grant);
    }
    if (engine->diagnosing)
        diagnosing_tree_grant(engine->diagnosing, grant);
}

static void feed_stream(struct sbl_engine *engine) {
    stream_feed(engine->stream, engine->segments, engine->segment_count);
    engine->segment_count = 0;
}

/* What came before a witness in the capture is told before it, however frames come in batches. */
static void witness_told(void *context, const struct sbl_witness *witness) {
    struct sbl_engine *engine = context;
    const struct sbl_listener *listener = &engine->options.listener;
    feed_stream(engine);
    if (listener->witness)
        listener->witness(listener->context, witness);
    if (engine->diagnosing)
        diagnosing_witness(engine->diagnosing, witness);
}

/* Between stream and correlate only when somebody watches. */
static void message_observed(void *context, struct sbl_conversation *conversation,
                             const struct sbl_message *message) {
    struct sbl_engine *engine = context;
    engine->options.observer(engine->options.observer_context, conversation, message);
    engine->correlate_events.message(engine->correlate_events.context, conversation, message);
}

static void gap_observed(void *context, struct sbl_conversation *conversation, uint8_t from,
                         int64_t time_ns) {
    struct sbl_engine *engine = context;
    engine->correlate_events.gap(engine->correlate_events.context, conversation, from, time_ns);
}

static void dispute_observed(void *context, struct sbl_conversation *conversation, uint8_t from,
                             uint32_t seq, uint32_t end_seq) {
    struct sbl_engine *engine = context;
    engine->correlate_events.dispute(engine->correlate_events.context, conversation, from, seq,
                                     end_seq);
}

static void close_observed(void *context, struct sbl_conversation *conversation, enum sbl_close how,
                           int64_t time_ns) {
    struct sbl_engine *engine = context;
    engine->correlate_events.close(engine->correlate_events.context, conversation, how, time_ns);
}

static void expect_observed(void *context, const struct sbl_conversation *const *conversations,
                            size_t count) {
    struct sbl_engine *engine = context;
    engine->correlate_events.expect(engine->correlate_events.context, conversations, count);
}

static int start_rooms(struct sbl_engine *engine) {
    int failed = decoder_new(&engine->decoder, &engine->stats);
    if (!failed && engine->options.classify != SBL_CLASSIFY_NONE)
        failed = classify_new(&engine->classify, engine->options.classify == SBL_CLASSIFY_FULL);
    struct correlate_listener inside = {.context = engine,
                                        .attempt = attempt_decided,
                                        .tree_refusal = tree_refused,
                                        .probe = probe_refused,
                                        .tree_grant = tree_granted};
    const struct sbl_listener *outside = &engine->options.listener;
    if (!failed && outside->diagnosis)
        failed = diagnosing_new(&engine->diagnosing, &engine->options, &engine->stats);
    if (!outside->tree_grant && !engine->diagnosing)
        inside.tree_grant = NULL; /* granted shares are many, and nobody asks */
    if (!failed)
        failed = correlate_new(&engine->correlate, &inside, &engine->stats);
    struct witness_options heard = {
        .context = engine, .tell = witness_told, .stats = &engine->stats};
    if (!failed && (outside->witness || engine->diagnosing))
        failed = witness_new(&engine->witness, &heard);
    if (failed)
        return failed;
    correlate_events(engine->correlate, &engine->correlate_events);
    struct stream_options options = {
        .events = engine->correlate_events, .classify = engine->classify, .stats = &engine->stats};
    if (engine->options.observer)
        options.events =
            (struct sbl_stream_events){engine,           message_observed, gap_observed,
                                       dispute_observed, close_observed,   expect_observed};
    return stream_new(&engine->stream, &options);
}

int sbl_engine_new(struct sbl_engine **engine, const struct sbl_engine_options *options) {
    *engine = calloc(1, sizeof **engine);
    if (!*engine)
        return -ENOMEM;
    (*engine)->options = *options;
    int failed = start_rooms(*engine);
    if (failed) {
        sbl_engine_free(*engine);
        *engine = NULL;
    }
    return failed;
}

void sbl_engine_free(struct sbl_engine *engine) {
    if (!engine)
        return;
    stream_free(engine->stream);
    correlate_free(engine->correlate);
    witness_free(engine->witness);
    classify_free(engine->classify);
    decoder_free(engine->decoder);
    diagnosing_free(engine->diagnosing);
    free(engine);
}

static void count_frame(struct sbl_engine *engine, const struct sbl_frame *frame) {
    struct sbl_stats *stats = &engine->stats;
    if (stats->frames++ == 0) {
        stats->first_ns = stats->last_ns = engine->previous_ns = frame->time_ns;
    } else {
        if (frame->time_ns < stats->first_ns)
            stats->first_ns = frame->time_ns;
        if (frame->time_ns > stats->last_ns)
            stats->last_ns = frame->time_ns;
    }
    /* Compared without subtracting: a stranger's timestamps reach both ends of the range. */
    int64_t previous = engine->previous_ns, now = frame->time_ns;
    if (previous > INT64_MIN + SECOND_NS && now < previous - SECOND_NS)
        stats->oddities_below[SBL_ODDITY_TIME_JUMP_BACK]++;
    if (previous < INT64_MAX - 3600 * SECOND_NS && now > previous + 3600 * SECOND_NS)
        stats->oddities_below[SBL_ODDITY_TIME_JUMP_AHEAD]++;
    engine->previous_ns = now;
    stats->frame_bytes += frame->captured_bytes;
    stats->wire_bytes += frame->wire_bytes;
}

/* A witness hears everything, stream only TCP. What a witness tells feeds the segments before this
 * one to stream, and this one is then the first. */
static void take_frame(struct sbl_engine *engine, const struct sbl_frame *frame) {
    struct sbl_segment *segment = &engine->segments[engine->segment_count];
    count_frame(engine, frame);
    if (!decode_frame(engine->decoder, frame, segment))
        return;
    if (engine->witness) {
        witness_segment(engine->witness, segment);
        if (engine->segment_count == 0 && segment != engine->segments)
            engine->segments[0] = *segment;
    }
    engine->segment_count += !engine->segments[engine->segment_count].is_datagram;
}

/* Whether this time lies in another second than diagnosing knows of. */
static bool is_new_second(const struct sbl_engine *engine, int64_t time_ns) {
    int64_t from = engine->ticked_ns;
    return time_ns < from || (from <= INT64_MAX - SECOND_NS && time_ns >= from + SECOND_NS);
}

/* All that lies before this frame is told, then what was due. */
static void tick(struct sbl_engine *engine, int64_t time_ns) {
    feed_stream(engine);
    engine->ticked_ns = time_ns;
    diagnosing_tick(engine->diagnosing, time_ns);
}

void sbl_engine_feed(struct sbl_engine *engine, const struct sbl_frame *frames, size_t count) {
    for (size_t done = 0; done < count;) {
        size_t until = count - done < BATCH ? count : done + BATCH;
        for (; done < until; done++) {
            if (engine->diagnosing && is_new_second(engine, frames[done].time_ns))
                tick(engine, frames[done].time_ns);
            take_frame(engine, &frames[done]);
        }
        feed_stream(engine);
        decode_batch_done(engine->decoder);
    }
}

void sbl_engine_finish(struct sbl_engine *engine) {
    decode_finish(engine->decoder);
    stream_finish(engine->stream, engine->previous_ns);
    if (engine->diagnosing)
        diagnosing_finish(engine->diagnosing, engine->previous_ns);
}

struct sbl_stats *sbl_engine_stats(struct sbl_engine *engine) {
    return &engine->stats;
}

size_t sbl_engine_ceiling(void) {
    return sizeof(struct sbl_engine) + decoder_ceiling() + classify_ceiling() + stream_ceiling() +
           correlate_ceiling() + witness_ceiling() + diagnosing_ceiling();
}

const char *sbl_engine_application(struct sbl_engine *engine, uint16_t application) {
    return engine->classify && application ? classify_name(engine->classify, application) : NULL;
}
