/* The merge. Buffers are only refilled at the beginning of merge_next, so the frames of a batch
 * stay valid though they come from several files. */
#include "capture/merge.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static struct source_options options_for(struct merge *merge, uint32_t index) {
    struct input_file *file = &merge->files.files[index];
    return (struct source_options){.path = file->path,
                                   .name = file->name,
                                   .file = (uint16_t)index,
                                   .complaint = merge->complaint,
                                   .filter = merge->filter,
                                   .process = &file->process,
                                   .stats = merge->stats,
                                   .stop = merge->stop,
                                   .buffers = merge->buffers};
}

/* An input that could not be opened: damage, unless it is a directory's file that is no capture. */
static void judge(struct merge *merge, const struct input_file *file, int result) {
    if (result < 0)
        complaint_tell(&merge->complaint, file->name, "no memory to read it");
    if (file->is_found)
        complaint_tell(&merge->complaint, file->name, "passed over");
    if (!file->is_found || result != SOURCE_NO_CAPTURE)
        merge->is_damaged = true;
}

/* Opens a file for reading. False: that did not go, and was complained about. */
static bool activate(struct merge *merge, uint32_t index) {
    struct active *active = calloc(1, sizeof *active);
    struct source_options options = options_for(merge, index);
    bool is_sensor = merge->files.files[index].is_sensor;
    int result = !active     ? -ENOMEM
                 : is_sensor ? source_open_sensor(&active->source, &options)
                             : source_open(&active->source, &options);
    if (result != SOURCE_OPEN) {
        judge(merge, &merge->files.files[index], result);
        free(active);
        return false;
    }
    active->file = index;
    active->heard_ms = clock_monotonic_ms();
    merge->sensor_count += is_sensor;
    merge->has_read = true;
    merge->active[merge->active_count++] = active;
    return true;
}

static void retire(struct merge *merge, uint32_t place) {
    struct active *active = merge->active[place];
    merge->is_damaged |= source_is_damaged(&active->source);
    merge->sensor_count -= merge->files.files[active->file].is_sensor;
    merge->bytes_done += merge->files.files[active->file].bytes;
    source_close(&active->source);
    free(active);
    merge->active[place] = merge->active[--merge->active_count];
}

/* Reads ahead, and works out when each frame is due. False: there are no more. */
static bool read_ahead(struct active *active) {
    active->at = 0;
    active->count = source_read(&active->source, active->frames, MERGE_BATCH);
    int64_t earliest = INT64_MAX;
    for (size_t i = active->count; i-- > 0;) {
        if (active->frames[i].time_ns < earliest)
            earliest = active->frames[i].time_ns;
        active->due[i] = earliest;
    }
    return active->count != 0;
}

/* Whether an input without frames just now stays: a sensor has them later, or another stream. */
static bool stays(struct merge *merge, struct active *active) {
    const struct input_file *file = &merge->files.files[active->file];
    const struct source *source = &active->source;
    if (!file->is_sensor || !source->is_ended)
        return file->is_sensor;
    bool has_spoken = source->format || source->is_spoilt, comes_back = input_file_comes_back(file);
    if (has_spoken)
        complaint_tell(&merge->complaint, file->name, "its stream has ended%s",
                       comes_back ? "; the next one is waited for" : "");
    merge->is_damaged |= source_is_damaged(source);
    struct source_options options = options_for(merge, active->file);
    int failed = comes_back ? source_restart(&active->source, &options) : 0;
    if (failed)
        complaint_tell(&merge->complaint, file->name, "its pipe cannot be opened once more: %s",
                       strerror(-failed));
    active->heard_ms = 0; /* nobody waits for the next one */
    return comes_back && !failed;
}

/* Whether it has a frame to show; if need be it is read. */
static bool has_frames(struct active *active) {
    if (active->at < active->count)
        return true;
    if (!read_ahead(active))
        return false;
    active->heard_ms = active->source.input.never_waits ? clock_monotonic_ms() : 0;
    return true;
}

static bool is_before(const struct active *one, const struct active *two) {
    int64_t a = one->due[one->at], b = two->due[two->at];
    return a < b || (a == b && one->file < two->file);
}

/* The file whose next frame is due first; NULL: none has one. */
static struct active *earliest(const struct merge *merge, const struct active *except) {
    struct active *best = NULL;
    for (uint32_t i = 0; i < merge->active_count; i++) {
        struct active *active = merge->active[i];
        if (active != except && active->at < active->count && (!best || is_before(active, best)))
            best = active;
    }
    return best;
}

/* Whether the file that waits first is due before `active`. */
static bool is_waiting_due(const struct merge *merge, const struct active *active) {
    if (merge->next == merge->waiting_count)
        return false;
    const struct waiting *waiting = &merge->waiting[merge->next];
    return !active || waiting->first_ns <= active->due[active->at];
}

/* Opens the files that are due. */
static void open_due(struct merge *merge) {
    while (is_waiting_due(merge, earliest(merge, NULL))) {
        if (merge->active_count == SBL_MAX_MERGED_FILES) {
            merge->stats->cap_hits[SBL_LIMIT_MERGED_FILES]++;
            return;
        }
        uint32_t file = merge->waiting[merge->next++].file;
        if (activate(merge, file) && !read_ahead(merge->active[merge->active_count - 1]))
            retire(merge, merge->active_count - 1);
    }
}

/* Sees to it that every open file has a frame to show; of the sensors, all that can. */
static void top_up(struct merge *merge) {
    uint32_t place = 0;
    while (place < merge->active_count) {
        struct active *active = merge->active[place];
        if (has_frames(active) || stays(merge, active))
            place++;
        else
            retire(merge, place);
    }
    open_due(merge);
}

/* Takes frames of the earliest file while they come before everybody else's. False: it has to be
 * read, or another opened, before the next frame is known. */
static bool take_run(struct merge *merge, struct sbl_frame *frames, size_t max, size_t *count) {
    struct active *active = earliest(merge, NULL);
    if (!active)
        return false;
    const struct active *second = earliest(merge, active);
    bool is_full = merge->active_count == SBL_MAX_MERGED_FILES;
    while (*count < max && active->at < active->count) {
        if (!is_full && is_waiting_due(merge, active))
            return false;
        if (second && is_before(second, active))
            return true;
        frames[(*count)++] = active->frames[active->at++];
    }
    return active->at < active->count;
}

/* The one file that is left is read into the caller's frames. */
static size_t read_last(struct merge *merge, struct sbl_frame *frames, size_t max) {
    size_t count = source_read(&merge->active[0]->source, frames, max);
    if (count == 0)
        retire(merge, 0);
    return count;
}

static uint64_t left_of_patience(uint64_t since_ms, uint64_t now_ms) {
    uint64_t past_ms = now_ms - since_ms;
    return past_ms < MERGE_PATIENCE_MS ? MERGE_PATIENCE_MS - past_ms : 0;
}

/* How long to wait for sensors that have nothing to show, at most; 0: not at all. Not longer than
 * the others' frames have waited already: else many that fall silent would be waited for one after
 * the other. */
static int patience_ms(const struct merge *merge) {
    uint64_t now_ms = clock_monotonic_ms(), hope_ms = 0, held_ms = MERGE_PATIENCE_MS;
    bool is_all_dry = merge->active_count > 0;
    for (uint32_t i = 0; i < merge->active_count; i++) {
        const struct active *active = merge->active[i];
        bool is_dry = active->at == active->count;
        uint64_t left_ms = left_of_patience(active->heard_ms, now_ms);
        is_all_dry &= is_dry;
        if (is_dry && left_ms > hope_ms)
            hope_ms = left_ms;
        if (!is_dry && left_ms < held_ms)
            held_ms = left_ms;
    }
    if (is_all_dry)
        return MERGE_PATIENCE_MS;
    return (int)(hope_ms < held_ms ? hope_ms : held_ms);
}

/* Waits until one of the sensors without frames says something. */
static void wait_for_sensors(const struct merge *merge, int ms) {
    struct pollfd fds[SBL_MAX_MERGED_FILES];
    nfds_t count = 0;
    for (uint32_t i = 0; i < merge->active_count; i++)
        if (merge->active[i]->at == merge->active[i]->count)
            fds[count++] =
                (struct pollfd){.fd = merge->active[i]->source.input.fd, .events = POLLIN};
    (void)poll(fds, count, ms);
}

/* False: told to stop. */
static bool hear_sensors(struct merge *merge) {
    int ms;
    while ((ms = patience_ms(merge)) > 0) {
        wait_for_sensors(merge, ms);
        if (merge->stop && *merge->stop)
            return false;
        top_up(merge);
    }
    return true;
}

size_t merge_next(struct merge *merge, struct sbl_frame *frames, size_t max) {
    if (merge->sensor_count == 0 && merge->active_count == 1 &&
        merge->next == merge->waiting_count && merge->active[0]->at == merge->active[0]->count)
        return read_last(merge, frames, max);
    top_up(merge);
    if (merge->sensor_count > 0 && !hear_sensors(merge))
        return 0;
    size_t count = 0;
    while (count < max && merge->active_count && take_run(merge, frames, max, &count))
        ;
    return count;
}

/* The time of a file's first frame, without a word. False: the file cannot be opened. */
static bool peek(struct merge *merge, uint32_t index) {
    struct source_options options = options_for(merge, index);
    options.complaint.complain = NULL;
    options.filter = NULL;
    options.process = NULL;
    options.stats = NULL;
    options.buffers = NULL;
    struct source source;
    if (source_open(&source, &options) != SOURCE_OPEN)
        return false;
    struct sbl_frame frame;
    if (source_read(&source, &frame, 1) == 1)
        merge->files.files[index].first_ns = frame.time_ns;
    source_close(&source);
    return true;
}

static int by_time(const void *one, const void *two) {
    const struct waiting *a = one, *b = two;
    if (a->first_ns != b->first_ns)
        return a->first_ns < b->first_ns ? -1 : 1;
    return a->file < b->file ? -1 : 1;
}

/* Opens a file at once or lets it wait for its time. */
static void start_file(struct merge *merge, uint32_t index) {
    const struct input_file *file = &merge->files.files[index];
    bool is_only_once = !file->is_regular || merge->files.count == 1;
    bool has_room = merge->active_count < SBL_MAX_MERGED_FILES;
    if (has_room && (is_only_once || !peek(merge, index)))
        (void)activate(merge, index); /* what cannot be opened is complained about here */
    else
        merge->waiting[merge->waiting_count++] =
            (struct waiting){.first_ns = file->first_ns, .file = index};
}

int merge_start(struct merge *merge) {
    uint32_t count = merge->files.count;
    merge->waiting = calloc(count ? count : 1, sizeof *merge->waiting);
    if (!merge->waiting)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++)
        start_file(merge, i);
    qsort(merge->waiting, merge->waiting_count, sizeof *merge->waiting, by_time);
    return 0;
}

void merge_fini(struct merge *merge) {
    while (merge->active_count)
        retire(merge, merge->active_count - 1);
    buffers_free(merge->buffers);
    filter_free(merge->filter);
    free(merge->waiting);
    input_list_free(&merge->files);
}
