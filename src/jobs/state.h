/* What the threads share, and the words the files of this room have for each other. */
#ifndef SMBLAME_JOBS_STATE_H
#define SMBLAME_JOBS_STATE_H

#include <pthread.h>
#include <stdint.h>

#include <smblame/segment.h>

#include "counting.h"
#include "jobs/jobs.h"
#include "notes/pack.h"
#include "notes/ring.h"
#include "stream/expiry.h"
#include "telling.h"

enum {
    BLOCKS = 4,
    BLOCK_FRAMES = 1024,
    BLOCK_BYTES = 1 << 18, /* of frames: about what the input reads at once */
    BLOCK_MARKS = 8,       /* buffers left behind: an input that is read crisscross */
    BATCH = 32,            /* frames asked for at once */
    SIDE_BYTES = 4 << 20,  /* datagrams put together from fragments, copied out of decode */
    SIDE_MOST = 66 * 1024, /* one of them */
    RING_BYTES = 1 << 20,
    READER_RING_BYTES = 8 << 20,
    WITNESS_MOST = 72 * 1024, /* what may be told of one frame: a Kerberos realm as long as it */
};

_Static_assert(RING_BYTES > 2 * PACK_MOST, "the longest note fits");

static const size_t BATCH_SIDE_MOST = (size_t)BATCH * SIDE_MOST;
static const size_t BATCH_WITNESS_MOST = (size_t)BATCH * WITNESS_MOST;

/* What comes first of one frame: the second that it begins, what it says as a witness, what it
 * decides. */
enum { KEY_TICK, KEY_WITNESS, KEY_FINDING, KEY_PASSED, KEY_STEPS };
#define KEY_FINISH (UINT64_C(1) << 63) /* set in keys of the capture's end */
#define KEY_END UINT64_MAX

static inline uint64_t key_of(uint64_t ordinal, unsigned step) {
    return ordinal * KEY_STEPS + step;
}

/* News of time, see stream/expiry.h, that a worker has to hear before the segment at `at`. */
struct minute {
    size_t at;
    int64_t time_ns;
    uint64_t ordinal;
};

/* The segments of a block that are one worker's. Room for BLOCK_FRAMES of both. */
struct lane {
    struct sbl_segment *segments;
    struct minute *minutes;
    size_t count, minute_count;
};

struct block {
    struct sbl_frame *frames;
    size_t frame_count, frame_bytes;
    uint64_t last;       /* ordinal of its last frame */
    uint64_t began_mark; /* of the input's buffers, when it was begun; and when it was filled */
    uint64_t mark;
    uint8_t *side;
    size_t side_used;
    unsigned unfinished; /* shared: workers that are not through with it */
    struct lane lanes[JOBS_MOST];
};

/* Where notes come from: the workers, and last the reader. Its ring, and what the teller knows. */
struct source {
    struct ring ring;
    bool is_waiting; /* shared: for the teller to give back what it has read */
    uint64_t passed; /* teller: key of the last note it took */
    bool has_ended;  /* teller: END was taken */
};

struct worker {
    struct jobs *jobs;
    struct flows *flows;
    struct source *source;
    unsigned index;
    bool is_finishing; /* it closes what is open */
    bool is_running;   /* its thread was started */
    pthread_t thread;
    uint64_t next_block;
    struct sbl_stats stats;
};

/* Where the telling is taken up again: behind `skip` findings of `key`. */
struct resume {
    uint64_t key;
    unsigned skip;
};

struct jobs {
    struct sbl_engine_options engine;
    struct jobs_options options;
    /* the reader's */
    struct sbl_stats stats;
    struct counting counting;
    struct expiry expiry; /* what all workers know of time */
    struct decoder *decoder;
    struct witness *witness; /* NULL: nobody listens */
    struct block *filling;   /* NULL: none yet */
    uint64_t block_count;    /* that were handed on */
    uint64_t route_seed;
    struct front *alone; /* after jobs_start_over: all connections. NULL: the workers have them */
    bool has_finished;
    /* the teller's */
    struct telling *telling;
    struct front_options front; /* what it would have front be */
    struct sbl_stats told_stats;
    const char *applications[SBL_PROTOCOL_COUNT];
    pthread_t thread;
    bool is_running; /* the thread was started */
    uint64_t told_key;
    unsigned told_count; /* findings told with that key */
    bool is_lost;        /* FAR was told: the rest is passed over */
    struct resume resume;
    /* shared, under the lock */
    pthread_mutex_t lock, starting;
    pthread_cond_t filled, freed, told, given;
    uint64_t handed_on;     /* blocks */
    bool is_over, is_far;   /* no more blocks will come; FAR was told */
    bool reader_is_waiting; /* for a free block */
    struct source *awaited; /* by the teller; NULL: it is not waiting */
    int64_t end_ns;         /* when is_over: time of the last frame */
    /* taken at the start */
    struct block blocks[BLOCKS];
    struct source sources[JOBS_MOST + 1];
    struct worker workers[JOBS_MOST];
};

static inline unsigned source_count(const struct jobs *jobs) {
    return jobs->options.workers + 1;
}

static inline struct source *reader_source(struct jobs *jobs) {
    return &jobs->sources[jobs->options.workers];
}

/* notes.c: room for a note in a source's ring, waiting for it if need be; a finding or witness as a
 * note, or a note of nothing but its kind; and all notes so far for the teller to see. */
struct note *note_room(struct jobs *jobs, struct source *source, size_t bytes);
struct note *note_told(struct jobs *jobs, struct source *source, enum note_kind kind, uint64_t key,
                       const void *told);
void note_mark(struct jobs *jobs, struct source *source, enum note_kind kind, uint64_t key);
void notes_publish_locked(struct jobs *jobs, struct source *source);
void notes_publish(struct jobs *jobs, struct source *source);

/* blocks.c: memory, and the way of a block from the reader to the workers and back. */
int blocks_init(struct jobs *jobs);
void blocks_fini(struct jobs *jobs);
/* The block to be filled; waits for it. */
struct block *block_take(struct jobs *jobs);
/* Hands the one that is filled on, if there is one. */
void block_hand_on(struct jobs *jobs);
/* A worker's next block, or NULL when no more will come. */
struct block *block_next(struct worker *worker);

/* worker.c, teller.c: the threads. */
void *worker_main(void *worker);
void *teller_main(void *jobs);
int worker_init(struct worker *worker);

/* alone.c: one thread for all. */
int alone_start(struct jobs *jobs);
void alone_finish(struct jobs *jobs);

#endif
