/* The engine: frames are counted and go to decode, segments to flows, findings to telling, and a
 * witness looks on. */
#include <smblame/engine.h>

#include <errno.h>
#include <stdlib.h>

#include "counting.h"
#include "decode/decode.h"
#include "flows.h"
#include "telling.h"
#include "witness/witness.h"

enum { BATCH = 64 };

struct sbl_engine {
    struct sbl_engine_options options;
    struct sbl_stats stats;
    struct decoder *decoder;
    struct witness *witness; /* NULL: nobody listens */
    struct flows *flows;
    struct telling *telling;
    struct sbl_segment segments[BATCH]; /* of TCP, not yet fed to flows */
    size_t segment_count;
    struct counting counting;
};

static void feed_flows(struct sbl_engine *engine) {
    flows_feed(engine->flows, engine->segments, engine->segment_count);
    engine->segment_count = 0;
}

/* What came before a witness in the capture is told before it, however frames come in batches. */
static void witness_told(void *context, const struct sbl_witness *witness) {
    struct sbl_engine *engine = context;
    feed_flows(engine);
    telling_witness(engine->telling, witness);
}

static int start_rooms(struct sbl_engine *engine) {
    const struct sbl_engine_options *options = &engine->options;
    const struct sbl_limits *limits = &options->limits;
    int failed = decoder_new(&engine->decoder, &engine->stats, limits);
    if (!failed)
        failed = telling_new(&engine->telling, options, &engine->stats);
    if (failed)
        return failed;
    struct witness_options heard = {
        .context = engine, .tell = witness_told, .stats = &engine->stats, .limits = limits};
    if (telling_hears_witnesses(engine->telling))
        failed = witness_new(&engine->witness, &heard);
    if (failed)
        return failed;
    engine->counting.has_time = telling_has_time(engine->telling);
    struct flows_options flows = {.listener = telling_listener(engine->telling),
                                  .names_all = telling_names_all(engine->telling),
                                  .classify = options->classify,
                                  .observer_context = options->observer_context,
                                  .observer = options->observer,
                                  .limits = limits};
    return flows_new(&engine->flows, &flows, &engine->stats);
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
    flows_free(engine->flows);
    witness_free(engine->witness);
    decoder_free(engine->decoder);
    telling_free(engine->telling);
    free(engine);
}

/* A witness hears everything, flows only TCP. What a witness tells feeds the segments before this
 * one to flows, and this one is then the first. */
static void take_frame(struct sbl_engine *engine, const struct sbl_frame *frame) {
    struct sbl_segment *segment = &engine->segments[engine->segment_count];
    counting_frame(&engine->counting, &engine->stats, frame);
    if (!decode_frame(engine->decoder, frame, segment))
        return;
    segment->ordinal = engine->stats.frames;
    if (engine->witness) {
        witness_segment(engine->witness, segment);
        if (engine->segment_count == 0 && segment != engine->segments)
            engine->segments[0] = *segment;
    }
    engine->segment_count += !engine->segments[engine->segment_count].is_datagram;
}

void sbl_engine_feed(struct sbl_engine *engine, const struct sbl_frame *frames, size_t count) {
    for (size_t done = 0; done < count;) {
        size_t until = count - done < BATCH ? count : done + BATCH;
        for (; done < until; done++) {
            if (counting_ticks(&engine->counting, frames[done].time_ns)) {
                feed_flows(engine);
                telling_tick(engine->telling, frames[done].time_ns);
            }
            take_frame(engine, &frames[done]);
        }
        feed_flows(engine);
        decode_batch_done(engine->decoder);
    }
}

void sbl_engine_finish(struct sbl_engine *engine) {
    decode_finish(engine->decoder);
    flows_finish(engine->flows, engine->counting.previous_ns);
    telling_finish(engine->telling, engine->counting.previous_ns);
}

struct sbl_stats *sbl_engine_stats(struct sbl_engine *engine) {
    return &engine->stats;
}

size_t sbl_engine_ceiling(const struct sbl_limits *limits) {
    return sizeof(struct sbl_engine) + decoder_ceiling(limits) + witness_ceiling(limits) +
           flows_ceiling(limits) + telling_ceiling(limits);
}

const char *sbl_engine_application(struct sbl_engine *engine, uint16_t application) {
    return engine->flows ? flows_application(engine->flows, application) : NULL;
}
