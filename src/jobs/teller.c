/* The teller: a merge of all rings by key. A ring that is empty holds it up only when what is in
 * the others lies beyond what that one has passed. */
#include "jobs/state.h"
#include "notes/tell.h"

/* Gives back what was read of every ring and waits until this one has more. */
static void wait_for_notes(struct jobs *jobs, struct source *source) {
    bool has_given = false;
    (void)pthread_mutex_lock(&jobs->lock);
    for (unsigned i = 0; i < source_count(jobs); i++) {
        struct source *each = &jobs->sources[i];
        has_given |= each->is_waiting && each->ring.taken != each->ring.at;
        each->ring.taken = each->ring.at;
    }
    if (has_given)
        (void)pthread_cond_broadcast(&jobs->given);
    jobs->awaited = source;
    while (source->ring.published == source->ring.limit)
        (void)pthread_cond_wait(&jobs->told, &jobs->lock);
    jobs->awaited = NULL;
    for (unsigned i = 0; i < source_count(jobs); i++)
        jobs->sources[i].ring.limit = jobs->sources[i].ring.published;
    (void)pthread_mutex_unlock(&jobs->lock);
}

/* The source of the note that comes next, after waiting for it. NULL: all have ended. */
static struct source *next_source(struct jobs *jobs) {
    for (;;) {
        struct source *first = NULL, *dry = NULL;
        uint64_t least = KEY_END;
        for (unsigned i = 0; i < source_count(jobs); i++) {
            struct source *source = &jobs->sources[i];
            const struct note *note = source->has_ended ? NULL : ring_next(&source->ring);
            if (note && (!first || note->key < least)) {
                first = source;
                least = note->key;
            }
            if (!note && !source->has_ended && (!dry || source->passed < dry->passed))
                dry = source;
        }
        if (!dry || (first && least <= dry->passed))
            return first;
        wait_for_notes(jobs, dry);
    }
}

/* Findings of one key are counted, in case that this is where the telling breaks off. */
static void count_told(struct jobs *jobs, uint64_t key) {
    jobs->told_count = key == jobs->told_key ? jobs->told_count + 1 : 1;
    jobs->told_key = key;
}

static void learn_application(struct jobs *jobs, const struct note *note) {
    if (note->application_name && note->application < SBL_PROTOCOL_COUNT)
        jobs->applications[note->application] = note->application_name;
}

static void break_off(struct jobs *jobs, uint64_t key) {
    jobs->is_lost = true;
    jobs->resume =
        (struct resume){.key = key, .skip = key == jobs->told_key ? jobs->told_count : 0};
    (void)pthread_mutex_lock(&jobs->lock);
    jobs->is_far = true;
    (void)pthread_mutex_unlock(&jobs->lock);
}

void *teller_main(void *context) {
    struct jobs *jobs = context;
    struct source *source;
    while ((source = next_source(jobs))) {
        const struct note *note = ring_next(&source->ring);
        if (!jobs->is_lost) {
            learn_application(jobs, note);
            note_tell(note, &jobs->front.listener);
            if (note->kind == NOTE_FAR)
                break_off(jobs, note->key);
            if (note->kind >= NOTE_ATTEMPT && note->kind <= NOTE_PROBE)
                count_told(jobs, note->key);
        }
        source->passed = note->key;
        source->has_ended = note->kind == NOTE_END;
        ring_step(&source->ring);
    }
    return NULL;
}
