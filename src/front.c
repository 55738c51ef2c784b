/* The loop over all frames. */
#include "front.h"

#include <errno.h>
#include <stdlib.h>

#include "counting.h"
#include "decode/decode.h"
#include "witness/witness.h"

enum { BATCH = 64 };

struct front {
    struct front_listener listener;
    struct sbl_stats *stats;
    struct decoder *decoder;
    struct witness *witness; /* NULL: nobody listens */
    struct flows *flows;
    struct sbl_segment segments[BATCH]; /* of TCP, not yet fed to flows */
    size_t segment_count;
    struct counting counting;
};

static void feed_flows(struct front *front) {
    flows_feed(front->flows, front->segments, front->segment_count);
    front->segment_count = 0;
}

/* What came before a witness in the capture is told before it, however frames come in batches. */
static void witness_told(void *context, const struct sbl_witness *witness) {
    struct front *front = context;
    feed_flows(front);
    front->listener.witness(front->listener.findings.context, witness);
}

static int start_rooms(struct front *front, const struct front_options *options) {
    struct flows_options flows = options->flows;
    struct witness_options heard = {
        .context = front, .tell = witness_told, .stats = front->stats, .limits = flows.limits};
    flows.listener = options->listener.findings;
    int failed = decoder_new(&front->decoder, front->stats, flows.limits);
    if (!failed && options->listener.witness)
        failed = witness_new(&front->witness, &heard);
    return failed ? failed : flows_new(&front->flows, &flows, front->stats);
}

int front_new(struct front **front, const struct front_options *options, struct sbl_stats *stats) {
    *front = NULL;
    struct front *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->listener = options->listener;
    made->stats = stats;
    made->counting.has_time = options->listener.tick != NULL;
    int failed = start_rooms(made, options);
    if (failed) {
        front_free(made);
        return failed;
    }
    *front = made;
    return 0;
}

void front_free(struct front *front) {
    if (!front)
        return;
    flows_free(front->flows);
    witness_free(front->witness);
    decoder_free(front->decoder);
    free(front);
}

void front_clock(struct front *front, int64_t time_ns) {
    if (!counting_ticks(&front->counting, time_ns))
        return;
    feed_flows(front);
    front->listener.tick(front->listener.findings.context, front->counting.ticked_ns);
}

/* A witness hears everything, flows only TCP. What a witness tells feeds the segments before this
 * one to flows, and this one is then the first. */
static void take_frame(struct front *front, const struct sbl_frame *frame) {
    struct sbl_segment *segment = &front->segments[front->segment_count];
    counting_frame(&front->counting, front->stats, frame);
    if (!decode_frame(front->decoder, frame, segment))
        return;
    segment->ordinal = front->stats->frames;
    if (front->witness) {
        witness_segment(front->witness, segment);
        if (front->segment_count == 0 && segment != front->segments)
            front->segments[0] = *segment;
    }
    front->segment_count += !front->segments[front->segment_count].is_datagram;
}

void front_feed(struct front *front, const struct sbl_frame *frames, size_t count) {
    for (size_t done = 0; done < count;) {
        size_t until = count - done < BATCH ? count : done + BATCH;
        for (; done < until; done++) {
            front_clock(front, frames[done].time_ns);
            take_frame(front, &frames[done]);
        }
        feed_flows(front);
        decode_batch_done(front->decoder);
    }
}

int64_t front_finish(struct front *front) {
    decode_finish(front->decoder);
    flows_finish(front->flows, front->counting.previous_ns);
    return front->counting.previous_ns;
}

uint64_t front_ordinal(const struct front *front) {
    return flows_ordinal(front->flows);
}

const char *front_application(struct front *front, uint16_t application) {
    return flows_application(front->flows, application);
}

size_t front_ceiling(const struct sbl_limits *limits) {
    return sizeof(struct front) + decoder_ceiling(limits) + witness_ceiling(limits) +
           flows_ceiling(limits);
}
