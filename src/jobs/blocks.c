/* Blocks go round: the reader fills the one that was filled longest ago, once all workers are
 * through with it. */
#include <errno.h>

#include "base/pool.h"
#include "jobs/state.h"

enum {
    LANE_BYTES = BLOCK_FRAMES * sizeof(struct sbl_segment),
    MINUTE_BYTES = BLOCK_FRAMES * sizeof(struct minute),
};

static int lane_init(struct lane *lane) {
    lane->segments = pages_reserve(LANE_BYTES);
    lane->minutes = pages_reserve(MINUTE_BYTES);
    return lane->segments && lane->minutes ? 0 : -ENOMEM;
}

int blocks_init(struct jobs *jobs) {
    for (unsigned i = 0; i < BLOCKS; i++) {
        struct block *block = &jobs->blocks[i];
        block->frames = pages_reserve(BLOCK_FRAMES * sizeof *block->frames);
        block->side = pages_reserve(SIDE_BYTES);
        if (!block->frames || !block->side)
            return -ENOMEM;
        for (unsigned lane = 0; lane < jobs->options.workers; lane++)
            if (lane_init(&block->lanes[lane]))
                return -ENOMEM;
    }
    return 0;
}

void blocks_fini(struct jobs *jobs) {
    for (unsigned i = 0; i < BLOCKS; i++) {
        struct block *block = &jobs->blocks[i];
        pages_free(block->frames, BLOCK_FRAMES * sizeof *block->frames);
        pages_free(block->side, SIDE_BYTES);
        for (unsigned lane = 0; lane < jobs->options.workers; lane++) {
            pages_free(block->lanes[lane].segments, LANE_BYTES);
            pages_free(block->lanes[lane].minutes, MINUTE_BYTES);
        }
    }
}

static void wait_until_free(struct jobs *jobs, const struct block *block) {
    (void)pthread_mutex_lock(&jobs->lock);
    jobs->reader_is_waiting = true;
    while (block->unfinished)
        (void)pthread_cond_wait(&jobs->freed, &jobs->lock);
    jobs->reader_is_waiting = false;
    (void)pthread_mutex_unlock(&jobs->lock);
}

struct block *block_take(struct jobs *jobs) {
    struct block *block = &jobs->blocks[jobs->block_count % BLOCKS];
    wait_until_free(jobs, block);
    jobs->options.release(jobs->options.context, block->mark);
    block->began_mark = jobs->options.mark(jobs->options.context);
    block->frame_count = block->frame_bytes = block->side_used = 0;
    for (unsigned lane = 0; lane < jobs->options.workers; lane++)
        block->lanes[lane].count = block->lanes[lane].minute_count = 0;
    return block;
}

void block_hand_on(struct jobs *jobs) {
    struct block *block = jobs->filling;
    struct source *source = reader_source(jobs);
    jobs->filling = NULL;
    if (!block)
        return;
    block->last = jobs->stats.frames;
    block->mark = jobs->options.mark(jobs->options.context);
    note_mark(jobs, source, NOTE_PASSED, key_of(block->last, KEY_PASSED));
    jobs->block_count++;
    (void)pthread_mutex_lock(&jobs->lock);
    block->unfinished = jobs->options.workers;
    jobs->handed_on = jobs->block_count;
    notes_publish_locked(jobs, source);
    (void)pthread_cond_broadcast(&jobs->filled);
    (void)pthread_mutex_unlock(&jobs->lock);
}

struct block *block_next(struct worker *worker) {
    struct jobs *jobs = worker->jobs;
    (void)pthread_mutex_lock(&jobs->lock);
    while (worker->next_block == jobs->handed_on && !jobs->is_over)
        (void)pthread_cond_wait(&jobs->filled, &jobs->lock);
    bool has_more = worker->next_block < jobs->handed_on;
    (void)pthread_mutex_unlock(&jobs->lock);
    return has_more ? &jobs->blocks[worker->next_block++ % BLOCKS] : NULL;
}
