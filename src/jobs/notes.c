/* The writing end of the rings, and the waiting for room in them. */
#include "notes/pack.h"
#include "jobs/state.h"

void notes_publish_locked(struct jobs *jobs, struct source *source) {
    source->ring.published = source->ring.written;
    if (jobs->awaited == source)
        (void)pthread_cond_signal(&jobs->told);
}

void notes_publish(struct jobs *jobs, struct source *source) {
    (void)pthread_mutex_lock(&jobs->lock);
    notes_publish_locked(jobs, source);
    (void)pthread_mutex_unlock(&jobs->lock);
}

static void wait_for_teller(struct jobs *jobs, struct source *source) {
    struct ring *ring = &source->ring;
    (void)pthread_mutex_lock(&jobs->lock);
    notes_publish_locked(jobs, source);
    source->is_waiting = true;
    while (ring->taken == ring->known_taken)
        (void)pthread_cond_wait(&jobs->given, &jobs->lock);
    source->is_waiting = false;
    ring->known_taken = ring->taken;
    (void)pthread_mutex_unlock(&jobs->lock);
}

struct note *note_room(struct jobs *jobs, struct source *source, size_t bytes) {
    struct note *note;
    while (!(note = ring_room(&source->ring, bytes)))
        wait_for_teller(jobs, source);
    return note;
}

struct note *note_told(struct jobs *jobs, struct source *source, enum note_kind kind, uint64_t key,
                       const void *told) {
    struct note *note = note_room(jobs, source, pack_bytes(kind, told));
    size_t bytes = pack(note, kind, told);
    note->key = key;
    ring_add(&source->ring, note, bytes);
    return note;
}

void note_mark(struct jobs *jobs, struct source *source, enum note_kind kind, uint64_t key) {
    struct note *note = note_room(jobs, source, sizeof *note);
    *note = (struct note){.key = key, .kind = (uint8_t)kind};
    ring_add(&source->ring, note, sizeof *note);
}
