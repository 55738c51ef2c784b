/* Notes from one process to another: a ring in memory that both see and only one of them may write,
 * and a cursor the other way round. Who reads is not waited for: what it has not taken is kept as
 * long as there is room, then it is counted as lost. What it has taken stays as well, until it is
 * overwritten: somebody who takes the reader's place finds there what came before.
 *
 * The reader trusts nothing that it reads: every note is copied out and checked before it is told,
 * and a ring that is not one is given up. The writer trusts of the cursor that it is a number.
 *
 * The kernel keeps the two apart: the memory is sealed once the process that makes the channel has
 * mapped it, so whoever maps it later can only read it, and a child keeps the mapping it inherits
 * for its own part alone. */
#ifndef SMBLAME_NOTES_CHANNEL_H
#define SMBLAME_NOTES_CHANNEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <smblame/stats.h>

#include "notes/pack.h"

enum { CHANNEL_DEVICES = 64 };

/* One device, since the first writer began. */
struct device_counts {
    uint64_t received, frames, kernel_drops, interface_drops, ring_bytes, is_up;
};

/* What the writer tells besides notes, and writers before it: read as it stands at the moment. */
struct board {
    struct sbl_stats stats;
    struct device_counts devices[CHANNEL_DEVICES];
    uint64_t last_frame;  /* number of the last frame that it looked at */
    int64_t last_ns;      /* its time */
    uint64_t lost_notes;  /* for want of room */
    uint64_t alive_count; /* grows as long as it is alive */
};

/* What the reader tells: how far everything was put out, and that it is alive. */
struct cursor {
    _Atomic uint64_t taken;
    _Atomic uint64_t alive_count;
};

struct channel;

/* Made before the processes are. 0 or a negative errno. `ring_bytes` is rounded up to pages. */
int channel_new(struct channel **channel, size_t ring_bytes);
void channel_free(struct channel *channel);

/* In a child: from now on it can only write, or only read. 0 or a negative errno. */
int channel_become_writer(struct channel *channel);
int channel_become_reader(struct channel *channel);

/* Becomes readable when notes were published. */
int channel_fd(const struct channel *channel);

/* Writer: appends a note of a finding or witness, or one of nothing but its kind and time. `key` is
 * the time of the frame that decided it; keys never get smaller, or are taken for the last one.
 * Without room it is lost, and counted. */
void channel_tell(struct channel *channel, enum note_kind kind, int64_t key_ns, const void *told);
void channel_mark(struct channel *channel, enum note_kind kind, int64_t key_ns, int64_t time_ns);

/* Writer: all so far is for the reader to see, and nothing that comes has a smaller key. It is of
 * the first `frames` frames; whoever takes the writer's place finds their number here. */
void channel_publish(struct channel *channel, int64_t passed_ns, uint64_t frames);
uint64_t channel_frames(const struct channel *channel);

/* Writer: the board as it is from now on; `lost_notes` and `alive_count` are filled in, and go on
 * where a writer before this one left them. */
void channel_post(struct channel *channel, const struct board *board);

/* For who made the channel, when it has no writer any more, which may have died in the middle of a
 * word; and, as long as it has none: the board as it is from now on. */
void channel_writer_died(struct channel *channel);
void channel_amend(struct channel *channel, const struct board *board);

/* Reader: the board, or false when it could not be had in one piece. Also for who made the channel.
 */
bool channel_board(const struct channel *channel, struct board *board);

enum channel_verdict {
    CHANNEL_NOTE = 0, /* *note is the next one, checked; valid until the next call */
    CHANNEL_DRY,      /* none yet; nothing earlier than channel_passed will come */
    CHANNEL_BROKEN,   /* what was in the ring is none of ours: all of it was given up */
};

/* Reader: looks at the next note without stepping over it. */
enum channel_verdict channel_next(struct channel *channel, const struct note **note);
void channel_step(struct channel *channel);

/* Reader: nothing with a smaller key than this will come. */
uint64_t channel_passed(const struct channel *channel);

/* Reader: begins again at the oldest note there is, and says whether the one that channel_next
 * shows was already put out by somebody before. */
void channel_rewind(struct channel *channel);

/* Reader: takes everything that is there as put out, and begins behind it. */
void channel_pass_over(struct channel *channel);
bool channel_is_known(const struct channel *channel);

/* Reader: everything stepped over so far is put out. */
void channel_commit(struct channel *channel);

/* Bytes that the reader has not taken, of so many. */
uint64_t channel_backlog(const struct channel *channel, uint64_t *room);

/* The reader's part, for who made the channel. */
const struct cursor *channel_cursor(const struct channel *channel);
/* Reader: it is alive. */
void channel_beat(struct channel *channel);

#endif
