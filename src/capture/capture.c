/* The front desk of the room: inputs listed, filter compiled, the rest is merge.c. */
#include "capture/capture.h"

#include <errno.h>
#include <stdlib.h>

#include "capture/merge.h"

struct capture {
    struct capture_options options;
    struct merge merge;
};

/* Everything but the filter. */
static void set_up(struct capture *capture) {
    const struct capture_options *options = &capture->options;
    capture->merge =
        (struct merge){.complaint = {.context = options->context, .complain = options->complain},
                       .stats = options->stats,
                       .stop = options->stop};
}

static int start(struct capture *capture) {
    const struct capture_options *options = &capture->options;
    struct merge *merge = &capture->merge;
    int failed = 0;
    if (options->keeps_frames && !(merge->buffers = buffers_new()))
        return -ENOMEM;
    for (size_t i = 0; i < options->input_count && !failed; i++)
        failed = input_list_add(&merge->files, options->inputs[i], &merge->complaint);
    if (!failed)
        failed = input_list_add_sensors(&merge->files, options->sensors, options->sensor_count,
                                        &merge->complaint);
    if (failed)
        return failed;
    if (merge->files.is_capped) {
        complaint_tell(&merge->complaint, NULL, "more than %u input files: the rest is left out",
                       (unsigned)SBL_MAX_INPUT_FILES);
        options->stats->cap_hits[SBL_LIMIT_INPUT_FILES]++;
    }
    merge->is_damaged = merge->files.is_damaged || merge->files.is_capped;
    return merge_start(merge);
}

int capture_open(struct capture **capture, const struct capture_options *options) {
    struct capture *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->options = *options;
    set_up(made);
    int failed = 0;
    if (options->filter)
        failed = filter_new(&made->merge.filter, options->filter, &made->merge.complaint);
    if (!failed && options->before_inputs)
        options->before_inputs(options->context);
    if (!failed)
        failed = start(made);
    if (failed) {
        capture_close(made);
        return failed;
    }
    *capture = made;
    return 0;
}

int capture_rewind(struct capture *capture) {
    struct filter *filter = capture->merge.filter;
    capture->merge.filter = NULL;
    merge_fini(&capture->merge);
    set_up(capture);
    if (filter)
        filter_rewind(filter);
    capture->merge.filter = filter;
    return start(capture);
}

size_t capture_next(struct capture *capture, struct sbl_frame *frames, size_t max) {
    struct merge *merge = &capture->merge;
    if (merge->stop && *merge->stop)
        return 0;
    return merge_next(merge, frames, max);
}

uint64_t capture_mark(const struct capture *capture) {
    return capture->merge.buffers ? buffers_mark(capture->merge.buffers) : 0;
}

void capture_release(struct capture *capture, uint64_t mark) {
    if (capture->merge.buffers)
        buffers_release(capture->merge.buffers, mark);
}

enum capture_verdict capture_verdict(const struct capture *capture) {
    if (!capture->merge.has_read)
        return CAPTURE_NOTHING;
    return capture->merge.is_damaged ? CAPTURE_DAMAGED : CAPTURE_WHOLE;
}

const char *capture_file_name(const struct capture *capture, uint16_t file) {
    const struct input_list *list = &capture->merge.files;
    return file < list->count ? list->files[file].name : NULL;
}

bool capture_process_find(const struct capture *capture, uint16_t file, uint32_t process,
                          struct capture_process *found) {
    const struct input_list *list = &capture->merge.files;
    return file < list->count &&
           process_list_find(&list->files[file].process, process, &found->pid, &found->path);
}

void capture_progress(const struct capture *capture, uint64_t *bytes_read, uint64_t *bytes_total) {
    const struct merge *merge = &capture->merge;
    bool is_known = true;
    *bytes_read = merge->bytes_done;
    *bytes_total = 0;
    for (uint32_t i = 0; i < merge->active_count; i++) {
        const struct active *active = merge->active[i];
        uint64_t at = active->source.input.raw_at, all = merge->files.files[active->file].bytes;
        *bytes_read += all && at > all ? all : at;
    }
    for (uint32_t i = 0; i < merge->files.count; i++) {
        is_known &= merge->files.files[i].is_regular;
        *bytes_total += merge->files.files[i].bytes;
    }
    if (!is_known)
        *bytes_total = 0;
}

void capture_close(struct capture *capture) {
    merge_fini(&capture->merge);
    free(capture);
}
