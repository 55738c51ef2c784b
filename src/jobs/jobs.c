/* The reader's side, and the beginning and end of the threads. */
#include "jobs/jobs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/pool.h"
#include "decode/decode.h"
#include "jobs/state.h"
#include "witness/witness.h"

static uint64_t mixed(uint64_t end, uint64_t seed) {
    end = (end ^ seed) * UINT64_C(0x9E3779B97F4A7C15);
    return (end ^ end >> 32) * UINT64_C(0xD6E8FEB86659FD93);
}

/* Both ends of a segment as one number, whoever of them sent it. */
static uint64_t hosts_of(const struct sbl_segment *segment, uint64_t seed) {
    uint64_t words[4];
    uint32_t ends[2];
    if (segment->ip_version == 6) {
        memcpy(words, segment->ip + 8, sizeof words);
        return mixed(mixed(words[0], seed) ^ words[1], seed) +
               mixed(mixed(words[2], seed) ^ words[3], seed);
    }
    memcpy(ends, segment->ip + 12, sizeof ends);
    return mixed(ends[0], seed) + mixed(ends[1], seed);
}

/* Which worker the hosts of a segment belong to. */
static unsigned route_of(const struct jobs *jobs, const struct sbl_segment *segment) {
    uint64_t hosts = hosts_of(segment, jobs->route_seed);
    return (unsigned)(((hosts ^ hosts >> 29) & UINT32_MAX) * jobs->options.workers >> 32);
}

static void witness_told(void *context, const struct sbl_witness *witness) {
    struct jobs *jobs = context;
    note_told(jobs, reader_source(jobs), NOTE_WITNESS, key_of(jobs->stats.frames, KEY_WITNESS),
              witness);
}

static void tick(struct jobs *jobs) {
    struct source *source = reader_source(jobs);
    struct note *note = note_room(jobs, source, sizeof *note);
    *note = (struct note){.kind = NOTE_TICK,
                          .key = key_of(jobs->stats.frames + 1, KEY_TICK),
                          .time_ns = jobs->counting.ticked_ns};
    ring_add(&source->ring, note, sizeof *note);
}

/* False: no TCP. */
static bool read_frame(struct jobs *jobs, const struct sbl_frame *frame,
                       struct sbl_segment *segment) {
    if (counting_ticks(&jobs->counting, frame->time_ns))
        tick(jobs);
    counting_frame(&jobs->counting, &jobs->stats, frame);
    if (!decode_frame(jobs->decoder, frame, segment))
        return false;
    segment->ordinal = jobs->stats.frames;
    if (jobs->witness)
        witness_segment(jobs->witness, segment);
    return !segment->is_datagram;
}

/* What decode put together from fragments it keeps for a batch only; the workers need it longer. */
static void bring_out(struct block *block, struct sbl_segment *segment) {
    size_t in_frame = (size_t)((uintptr_t)segment->ip - (uintptr_t)segment->frame->bytes);
    if (in_frame < segment->frame->captured_bytes)
        return;
    uint8_t *copy = block->side + block->side_used;
    memcpy(copy, segment->ip, segment->ip_bytes);
    segment->payload = copy + (segment->payload - segment->ip);
    segment->ip = copy;
    block->side_used += segment->ip_bytes;
}

static bool is_full(const struct jobs *jobs, const struct block *block) {
    return block->frame_count + BATCH > BLOCK_FRAMES || block->frame_bytes >= BLOCK_BYTES ||
           block->side_used + BATCH_SIDE_MOST > SIDE_BYTES ||
           jobs->options.mark(jobs->options.context) - block->began_mark >= BLOCK_MARKS;
}

static bool is_far(struct jobs *jobs) {
    (void)pthread_mutex_lock(&jobs->lock);
    bool is_told = jobs->is_far;
    (void)pthread_mutex_unlock(&jobs->lock);
    return is_told;
}

/* A worker has to know of time what all segments say. */
static void spread_minute(struct jobs *jobs, struct block *block,
                          const struct sbl_segment *segment) {
    for (unsigned i = 0; i < jobs->options.workers; i++) {
        struct lane *lane = &block->lanes[i];
        lane->minutes[lane->minute_count++] =
            (struct minute){lane->count, segment->frame->time_ns, segment->ordinal};
    }
}

/* Dealt out after all are read: a segment that is copied at once waits for its own stores. */
static void deal_out(struct jobs *jobs, struct block *block, struct sbl_segment *segments,
                     size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct lane *lane = &block->lanes[route_of(jobs, &segments[i])];
        bring_out(block, &segments[i]);
        if (expiry_hears(&jobs->expiry, segments[i].frame->time_ns, segments[i].ordinal))
            spread_minute(jobs, block, &segments[i]);
        lane->segments[lane->count++] = segments[i];
    }
}

struct sbl_frame *jobs_frames(struct jobs *jobs, size_t *most) {
    *most = BATCH;
    if (jobs->alone) {
        jobs->options.release(jobs->options.context, jobs->options.mark(jobs->options.context));
        return jobs->blocks[0].frames;
    }
    struct source *source = reader_source(jobs);
    if (!ring_room(&source->ring, BATCH_WITNESS_MOST)) {
        block_hand_on(jobs); /* else the workers would not get as far as what lies in the ring */
        (void)note_room(jobs, source, BATCH_WITNESS_MOST);
    }
    if (!jobs->filling)
        jobs->filling = block_take(jobs);
    return jobs->filling->frames + jobs->filling->frame_count;
}

bool jobs_feed(struct jobs *jobs, size_t count) {
    if (jobs->alone) {
        front_feed(jobs->alone, jobs->blocks[0].frames, count);
        return true;
    }
    struct block *block = jobs->filling;
    const struct sbl_frame *frames = block->frames + block->frame_count;
    struct sbl_segment segments[BATCH];
    size_t segment_count = 0;
    for (size_t i = 0; i < count; i++) {
        block->frame_bytes += frames[i].captured_bytes;
        segment_count += read_frame(jobs, &frames[i], &segments[segment_count]);
    }
    deal_out(jobs, block, segments, segment_count);
    decode_batch_done(jobs->decoder);
    block->frame_count += count;
    if (!is_full(jobs, block))
        return true;
    block_hand_on(jobs);
    return !is_far(jobs);
}

static int start_reader(struct jobs *jobs) {
    int failed = decoder_new(&jobs->decoder, &jobs->stats, &jobs->engine.limits);
    struct witness_options heard = {.context = jobs,
                                    .tell = witness_told,
                                    .stats = &jobs->stats,
                                    .limits = &jobs->engine.limits};
    if (!failed && jobs->front.listener.witness)
        failed = witness_new(&jobs->witness, &heard);
    jobs->counting = (struct counting){.has_time = jobs->front.listener.tick != NULL};
    return failed;
}

static void end_reader(struct jobs *jobs) {
    decoder_free(jobs->decoder);
    witness_free(jobs->witness);
    jobs->decoder = NULL;
    jobs->witness = NULL;
}

static int start_rooms(struct jobs *jobs) {
    int failed = telling_new(&jobs->telling, &jobs->engine, &jobs->told_stats);
    if (failed)
        return failed;
    jobs->front = telling_front(jobs->telling, &jobs->engine);
    jobs->front.flows.observer = NULL;
    jobs->front.flows.keeper = NULL;
    failed = start_reader(jobs);
    if (!failed)
        failed = blocks_init(jobs);
    for (unsigned i = 0; i < source_count(jobs) && !failed; i++)
        failed = ring_init(&jobs->sources[i].ring,
                           i < jobs->options.workers ? RING_BYTES : READER_RING_BYTES);
    for (unsigned i = 0; i < jobs->options.workers && !failed; i++) {
        struct worker *worker = &jobs->workers[i];
        *worker = (struct worker){.jobs = jobs, .index = i, .source = &jobs->sources[i]};
        failed = worker_init(worker);
    }
    return failed;
}

/* The threads take no signals: those are for the reader, whom they may interrupt in a read. The
 * teller comes last: without it nobody waits for anybody. */
static int start_threads(struct jobs *jobs) {
    sigset_t all, before;
    sigfillset(&all);
    int failed = -pthread_sigmask(SIG_SETMASK, &all, &before);
    if (failed)
        return failed;
    for (unsigned i = 0; i < jobs->options.workers && !failed; i++) {
        struct worker *worker = &jobs->workers[i];
        failed = -pthread_create(&worker->thread, NULL, worker_main, worker);
        worker->is_running = !failed;
    }
    if (!failed) {
        failed = -pthread_create(&jobs->thread, NULL, teller_main, jobs);
        jobs->is_running = !failed;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static void start_lock(struct jobs *jobs) {
    (void)pthread_mutex_init(&jobs->lock, NULL);
    (void)pthread_mutex_init(&jobs->starting, NULL);
    (void)pthread_cond_init(&jobs->filled, NULL);
    (void)pthread_cond_init(&jobs->freed, NULL);
    (void)pthread_cond_init(&jobs->told, NULL);
    (void)pthread_cond_init(&jobs->given, NULL);
}

static void end_lock(struct jobs *jobs) {
    (void)pthread_mutex_destroy(&jobs->lock);
    (void)pthread_mutex_destroy(&jobs->starting);
    (void)pthread_cond_destroy(&jobs->filled);
    (void)pthread_cond_destroy(&jobs->freed);
    (void)pthread_cond_destroy(&jobs->told);
    (void)pthread_cond_destroy(&jobs->given);
}

int jobs_new(struct jobs **jobs, const struct sbl_engine_options *engine,
             const struct jobs_options *options) {
    *jobs = NULL;
    struct jobs *made = pages_reserve(sizeof *made);
    if (!made)
        return -ENOMEM;
    made->engine = *engine;
    made->options = *options;
    made->route_seed = hash_seed() | 1;
    start_lock(made);
    int failed = start_rooms(made);
    if (!failed)
        failed = start_threads(made);
    if (failed) {
        jobs_free(made);
        return failed;
    }
    *jobs = made;
    return 0;
}

/* Waits for the end of all threads. Unless the capture `is_whole`, what is open is not closed. */
static void end_threads(struct jobs *jobs, bool is_whole) {
    struct source *source = reader_source(jobs);
    if (jobs->is_running)
        note_mark(jobs, source, NOTE_END, KEY_END);
    (void)pthread_mutex_lock(&jobs->lock);
    jobs->is_over = true;
    jobs->is_far |= !is_whole;
    jobs->end_ns = jobs->counting.previous_ns;
    notes_publish_locked(jobs, source);
    (void)pthread_cond_broadcast(&jobs->filled);
    (void)pthread_mutex_unlock(&jobs->lock);
    for (unsigned i = 0; i < jobs->options.workers; i++) {
        if (jobs->workers[i].is_running)
            (void)pthread_join(jobs->workers[i].thread, NULL);
        jobs->workers[i].is_running = false;
    }
    if (jobs->is_running)
        (void)pthread_join(jobs->thread, NULL);
    jobs->is_running = false;
}

bool jobs_finish(struct jobs *jobs) {
    if (jobs->alone) {
        alone_finish(jobs);
    } else {
        decode_finish(jobs->decoder);
        block_hand_on(jobs);
        end_threads(jobs, true);
        if (jobs->is_lost)
            return false;
        for (unsigned i = 0; i < jobs->options.workers; i++)
            counting_add(&jobs->stats, &jobs->workers[i].stats);
    }
    telling_finish(jobs->telling, jobs->counting.previous_ns);
    counting_add(&jobs->stats, &jobs->told_stats);
    return true;
}

static void free_flows(struct jobs *jobs) {
    for (unsigned i = 0; i < jobs->options.workers; i++) {
        flows_free(jobs->workers[i].flows);
        jobs->workers[i].flows = NULL;
    }
}

int jobs_start_over(struct jobs *jobs) {
    end_threads(jobs, false);
    free_flows(jobs);
    end_reader(jobs);
    memset(&jobs->stats, 0, sizeof jobs->stats);
    memset(jobs->applications, 0, sizeof jobs->applications);
    jobs->filling = NULL;
    return alone_start(jobs);
}

struct sbl_stats *jobs_stats(struct jobs *jobs) {
    return &jobs->stats;
}

const char *jobs_application(const struct jobs *jobs, uint16_t application) {
    if (jobs->alone)
        return front_application(jobs->alone, application);
    if (application < SBL_PROTOCOL_COUNT && jobs->applications[application])
        return jobs->applications[application];
    for (unsigned i = 0; i < jobs->options.workers && !jobs->is_running; i++) {
        const char *name = flows_application(jobs->workers[i].flows, application);
        if (name)
            return name;
    }
    return NULL;
}

size_t jobs_ceiling(unsigned workers, const struct sbl_limits *limits) {
    size_t flows = flows_ceiling(limits), engine = sbl_engine_ceiling(limits);
    size_t each =
        flows + RING_BYTES +
        (size_t)BLOCKS * BLOCK_FRAMES * (sizeof(struct sbl_segment) + sizeof(struct minute));
    size_t common = sizeof(struct jobs) + READER_RING_BYTES +
                    BLOCKS * (SIDE_BYTES + BLOCK_FRAMES * sizeof(struct sbl_frame));
    return workers < 2 ? engine : engine - flows + workers * each + common;
}

void jobs_free(struct jobs *jobs) {
    if (!jobs)
        return;
    end_threads(jobs, false);
    free_flows(jobs);
    front_free(jobs->alone);
    end_reader(jobs);
    telling_free(jobs->telling);
    blocks_fini(jobs);
    for (unsigned i = 0; i < source_count(jobs); i++)
        ring_fini(&jobs->sources[i].ring);
    end_lock(jobs);
    pages_free(jobs, sizeof *jobs);
}
