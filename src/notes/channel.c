/* Positions only grow; a position modulo the size is a place. Notes lie in one piece, so the rest
 * of the ring is passed over (NOTE_WRAP) when one does not fit before its end. The oldest note that
 * is still whole is told by the writer before it overwrites anything, so a reader that copies first
 * and asks then never takes a torn one for whole. */
#include "notes/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/shared.h"

/* In front of the notes. */
struct front_page {
    _Atomic uint64_t published, oldest, passed, frames;
    _Atomic uint64_t turn; /* of the board: odd while it is written */
    struct board board;
};

enum { PAGE = 4096, FRONT_BYTES = (sizeof(struct front_page) + PAGE - 1) / PAGE * PAGE };

struct channel {
    struct shared ring, mark; /* the front page with the notes; the cursor */
    int event_fd;
    size_t ring_bytes; /* of notes */
    struct front_page *front;
    uint8_t *notes; /* behind the front page */
    struct cursor *cursor;
    /* writer */
    uint64_t written, key, lost_notes, alive_count, told_published;
    /* reader */
    uint64_t at;
    uint8_t *copy; /* PACK_MOST bytes; NULL: nobody has read yet */
    bool is_held;  /* the note at `at` lies there, checked */
};

int channel_new(struct channel **channel, size_t ring_bytes) {
    *channel = NULL;
    struct channel *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->ring_bytes = (ring_bytes + PAGE - 1) / PAGE * PAGE;
    made->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int failed = made->event_fd < 0 ? -errno : 0;
    if (!failed)
        failed = shared_init(&made->ring, "smblame-notes", FRONT_BYTES + made->ring_bytes);
    if (!failed)
        failed = shared_init(&made->mark, "smblame-cursor", PAGE);
    if (failed) {
        channel_free(made);
        return failed;
    }
    made->front = made->ring.memory;
    made->cursor = made->mark.memory;
    made->notes = (uint8_t *)made->front + FRONT_BYTES;
    *channel = made;
    return 0;
}

void channel_free(struct channel *channel) {
    if (!channel)
        return;
    shared_fini(&channel->ring);
    shared_fini(&channel->mark);
    if (channel->event_fd >= 0)
        (void)close(channel->event_fd);
    pages_free(channel->copy, PACK_MOST);
    free(channel);
}

int channel_become_writer(struct channel *channel) {
    channel->written = atomic_load(&channel->front->published);
    channel->told_published = channel->written;
    channel->key = atomic_load(&channel->front->passed);
    channel->lost_notes = channel->front->board.lost_notes;
    channel->alive_count = channel->front->board.alive_count;
    return shared_become_reader(&channel->mark);
}

int channel_become_reader(struct channel *channel) {
    channel->copy = pages_reserve(PACK_MOST);
    if (!channel->copy)
        return -ENOMEM;
    channel->at = atomic_load(&channel->cursor->taken);
    return shared_become_reader(&channel->ring);
}

int channel_fd(const struct channel *channel) {
    return channel->event_fd;
}

static struct note *note_at(const struct channel *channel, uint64_t position) {
    return (struct note *)(void *)(channel->notes + position % channel->ring_bytes);
}

/* Whether a header can be that of a note with so many bytes to the end of what is there. */
static bool is_header(const struct channel *channel, uint64_t at, const struct note *note,
                      uint64_t left) {
    size_t to_end = channel->ring_bytes - (size_t)(at % channel->ring_bytes);
    return note->bytes >= sizeof *note && note->bytes % sizeof *note == 0 && note->bytes <= left &&
           note->bytes <= to_end && (note->kind == NOTE_WRAP || note->bytes <= PACK_MOST);
}

/* Gives up the oldest notes until nothing up to `end` lies where they lay. What a writer before
 * this one left behind is not believed either. */
static void forget_until(struct channel *channel, uint64_t end) {
    uint64_t oldest = atomic_load_explicit(&channel->front->oldest, memory_order_relaxed);
    if (oldest > channel->written)
        oldest = channel->written;
    while (end - oldest > channel->ring_bytes) {
        const struct note *note = note_at(channel, oldest);
        bool is_sound = is_header(channel, oldest, note, channel->written - oldest);
        oldest = is_sound ? oldest + note->bytes : channel->written;
    }
    atomic_store(&channel->front->oldest, oldest);
    atomic_thread_fence(memory_order_seq_cst);
}

/* Room for a note, or NULL: the reader has not taken what lies there. */
static struct note *room(struct channel *channel, size_t bytes) {
    size_t to_end = channel->ring_bytes - (size_t)(channel->written % channel->ring_bytes);
    size_t wasted = bytes <= to_end ? 0 : to_end;
    uint64_t end = channel->written + wasted + bytes + sizeof(struct note);
    uint64_t taken = atomic_load(&channel->cursor->taken);
    if (taken > channel->written || end - taken > channel->ring_bytes) {
        channel->lost_notes++;
        return NULL;
    }
    forget_until(channel, end);
    if (wasted) {
        *note_at(channel, channel->written) =
            (struct note){.kind = NOTE_WRAP, .bytes = (uint32_t)wasted};
        channel->written += wasted;
    }
    return note_at(channel, channel->written);
}

static void add(struct channel *channel, struct note *note, size_t bytes, int64_t key_ns) {
    if (key_ns > 0 && (uint64_t)key_ns > channel->key)
        channel->key = (uint64_t)key_ns;
    note->key = channel->key;
    note->bytes = (uint32_t)((bytes + sizeof *note - 1) & ~(sizeof *note - 1));
    channel->written += note->bytes;
}

void channel_tell(struct channel *channel, enum note_kind kind, int64_t key_ns, const void *told) {
    struct note *note = room(channel, pack_bytes(kind, told));
    if (note)
        add(channel, note, pack(note, kind, told), key_ns);
}

void channel_mark(struct channel *channel, enum note_kind kind, int64_t key_ns, int64_t time_ns) {
    struct note *note = room(channel, sizeof *note);
    if (!note)
        return;
    *note = (struct note){.kind = (uint8_t)kind, .time_ns = time_ns};
    add(channel, note, sizeof *note, key_ns);
}

void channel_publish(struct channel *channel, int64_t passed_ns, uint64_t frames) {
    uint64_t passed = passed_ns > 0 ? (uint64_t)passed_ns : 0;
    atomic_store(&channel->front->frames, frames);
    atomic_store(&channel->front->published, channel->written);
    atomic_store(&channel->front->passed, passed > channel->key ? passed : channel->key);
    if (channel->told_published == channel->written)
        return;
    const uint64_t one = 1;
    channel->told_published = channel->written;
    if (write(channel->event_fd, &one, sizeof one) != (ssize_t)sizeof one)
        return; /* it is readable already */
}

uint64_t channel_frames(const struct channel *channel) {
    return atomic_load(&channel->front->frames);
}

void channel_writer_died(struct channel *channel) {
    atomic_fetch_and(&channel->front->turn, ~UINT64_C(1));
}

void channel_amend(struct channel *channel, const struct board *board) {
    struct front_page *front = channel->front;
    atomic_fetch_add(&front->turn, 1);
    atomic_thread_fence(memory_order_seq_cst);
    front->board = *board;
    atomic_thread_fence(memory_order_seq_cst);
    atomic_fetch_add(&front->turn, 1);
}

void channel_post(struct channel *channel, const struct board *board) {
    struct board posted = *board;
    posted.lost_notes = channel->lost_notes;
    posted.alive_count = ++channel->alive_count;
    channel_amend(channel, &posted);
}

bool channel_board(const struct channel *channel, struct board *board) {
    const struct front_page *front = channel->front;
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        uint64_t before = atomic_load(&front->turn);
        *board = front->board;
        atomic_thread_fence(memory_order_seq_cst);
        if (before % 2 == 0 && atomic_load(&front->turn) == before)
            return true;
    }
    return false;
}

static enum channel_verdict give_up(struct channel *channel, uint64_t published) {
    channel->at = published;
    return CHANNEL_BROKEN;
}

enum channel_verdict channel_next(struct channel *channel, const struct note **note) {
    struct note *copy = (void *)channel->copy;
    while (!channel->is_held) {
        uint64_t published = atomic_load(&channel->front->published);
        uint64_t oldest = atomic_load(&channel->front->oldest);
        if (oldest > channel->at && oldest <= published)
            channel->at = oldest;
        if (channel->at == published)
            return CHANNEL_DRY;
        if (channel->at > published || published - channel->at > channel->ring_bytes)
            return give_up(channel, published);
        const struct note *there = note_at(channel, channel->at);
        memcpy(copy, there, sizeof *copy);
        if (!is_header(channel, channel->at, copy, published - channel->at))
            return give_up(channel, published);
        if (copy->kind == NOTE_WRAP) {
            channel->at += copy->bytes;
            continue;
        }
        memcpy(copy + 1, there + 1, copy->bytes - sizeof *copy);
        atomic_thread_fence(memory_order_seq_cst);
        if (atomic_load(&channel->front->oldest) > channel->at)
            continue;
        if (!pack_check(copy))
            return give_up(channel, published);
        channel->is_held = true;
    }
    *note = copy;
    return CHANNEL_NOTE;
}

void channel_step(struct channel *channel) {
    channel->is_held = false;
    channel->at += ((const struct note *)(const void *)channel->copy)->bytes;
}

uint64_t channel_passed(const struct channel *channel) {
    return atomic_load(&channel->front->passed);
}

void channel_rewind(struct channel *channel) {
    channel->at = atomic_load(&channel->front->oldest);
}

void channel_pass_over(struct channel *channel) {
    channel->is_held = false;
    channel->at = atomic_load(&channel->front->published);
    channel_commit(channel);
}

bool channel_is_known(const struct channel *channel) {
    return channel->at < atomic_load(&channel->cursor->taken);
}

void channel_commit(struct channel *channel) {
    if (channel->at > atomic_load(&channel->cursor->taken))
        atomic_store(&channel->cursor->taken, channel->at);
}

uint64_t channel_backlog(const struct channel *channel, uint64_t *room) {
    uint64_t published = atomic_load(&channel->front->published);
    uint64_t taken = atomic_load(&channel->cursor->taken);
    *room = channel->ring_bytes;
    return published > taken ? published - taken : 0;
}

const struct cursor *channel_cursor(const struct channel *channel) {
    return channel->cursor;
}

void channel_beat(struct channel *channel) {
    atomic_fetch_add(&channel->cursor->alive_count, 1);
}
