/* One source. The only place that fills an input's window: when a batch is empty, never before, so
 * that the frames of a batch stay where they are.
 *
 * A sensor is a source that may have nothing to say for a while, even at its beginning. As a format
 * never reads and is asked again when more is there, it need not know. */
#include "capture/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct format *const formats[] = {&format_pcap, &format_pcapng, &format_netmon,
                                               &format_snoop, NULL};

enum {
    SENSOR_HEAD_BYTES = 28, /* with so much every format knows itself and has its header */
    DRAIN_MOST = 64,        /* windows passed over at once */
};

static const struct format *recognise(const uint8_t *prefix, size_t size) {
    for (const struct format *const *format = formats; *format; format++)
        if ((*format)->recognises(prefix, size))
            return *format;
    return NULL;
}

/* Says once what is wrong. */
static void tell_damage(struct source *source) {
    if (source->is_told || !source_is_damaged(source))
        return;
    source->is_told = true;
    complaint_tell(&source->complaint, source->name, "damaged at byte %llu%s: %s",
                   (unsigned long long)source->reader.damage_at,
                   source->input.decompressor ? " (decompressed)" : "", source->reader.damage);
}

static int no_capture(struct source *source) {
    struct sbl_cursor c = input_window(&source->input);
    if (source->input.broken) {
        complaint_tell(&source->complaint, source->name, "cannot be read: %s",
                       source->input.broken);
        return SOURCE_UNREADABLE;
    }
    if (c.size == 0)
        complaint_tell(&source->complaint, source->name,
                       "is empty: expected a file header at byte 0");
    else
        complaint_tell(&source->complaint, source->name,
                       "is no capture: expected the magic number of pcap, pcapng, Network Monitor "
                       "or snoop at byte 0, found %08x",
                       sbl_cursor_be32(&c));
    return SOURCE_NO_CAPTURE;
}

static int spool(struct source *source) {
    int failed = input_spool(&source->input);
    if (failed == 0 && source->input.broken) {
        (void)reader_damage(&source->reader, source->input.raw_bytes, "%s", source->input.broken);
        source->input.broken = NULL;
    }
    if (failed == 0)
        return SOURCE_OPEN;
    if (failed == -EFBIG)
        complaint_tell(&source->complaint, source->name,
                       "cannot be read: a Network Monitor capture from a pipe or compressed may "
                       "have at most %u MiB; give it as a plain file",
                       (unsigned)SBL_MAX_SPOOL_MEGABYTES);
    else
        complaint_tell(&source->complaint, source->name, "cannot be copied to a temporary file: %s",
                       strerror(-failed));
    return SOURCE_UNREADABLE;
}

/* From an open input to an open format. */
static int begin(struct source *source) {
    if (!source->input.never_waits && input_unwrap(&source->input))
        return -ENOMEM;
    (void)input_fill(&source->input, FORMAT_PREFIX_BYTES);
    struct sbl_cursor c = input_window(&source->input);
    size_t prefix = c.size < FORMAT_PREFIX_BYTES ? c.size : FORMAT_PREFIX_BYTES;
    source->format = recognise(c.base, prefix);
    if (!source->format)
        return no_capture(source);
    if (source->format->needs_seek && source->input.never_waits) {
        complaint_tell(&source->complaint, source->name,
                       "sends a %s capture, which cannot be read before it ends: expected pcap or "
                       "pcapng",
                       source->format->name);
        return SOURCE_UNREADABLE;
    }
    if (source->format->needs_seek && !source->input.can_seek) {
        int result = spool(source);
        if (result != SOURCE_OPEN)
            return result;
    }
    source->reader.input = &source->input;
    source->reader.state = calloc(1, source->format->state_bytes);
    if (!source->reader.state)
        return -ENOMEM;
    int failed = source->format->open(&source->reader);
    tell_damage(source);
    return failed == -EINVAL ? SOURCE_UNREADABLE : failed;
}

static int begin_or_close(struct source *source, const struct source_options *options) {
    if (options->read_bytes)
        source->input.chunk = source->input.chunk_most = options->read_bytes;
    int result = begin(source);
    if (options->stats && source->reader.is_capped)
        options->stats->cap_hits[SBL_LIMIT_PROCESSES]++;
    if (result != SOURCE_OPEN)
        source_close(source);
    else
        source->input.buffers = options->buffers;
    return result;
}

static void set_up(struct source *source, const struct source_options *options) {
    *source = (struct source){.name = options->name ? options->name : options->path,
                              .complaint = options->complaint,
                              .filter = options->filter,
                              .reader = {.file = options->file, .process = options->process}};
}

int source_open(struct source *source, const struct source_options *options) {
    set_up(source, options);
    int failed = input_open(&source->input, options->path, options->stop);
    if (failed == -ENOMEM)
        return failed;
    if (failed) {
        complaint_tell(&source->complaint, source->name, "cannot be opened: %s", strerror(-failed));
        return SOURCE_UNREADABLE;
    }
    return begin_or_close(source, options);
}

int source_open_sensor(struct source *source, const struct source_options *options) {
    set_up(source, options);
    int failed = input_open_sensor(&source->input, options->path, options->stop);
    if (failed && failed != -ENOMEM)
        complaint_tell(&source->complaint, source->name, "%s cannot be opened: %s", options->path,
                       strerror(-failed));
    return failed == -ENOMEM ? failed : failed ? SOURCE_UNREADABLE : SOURCE_OPEN;
}

/* The pipe is opened once more before it is closed, so that a writer who has come already does not
 * find it without a reader. */
int source_restart(struct source *source, const struct source_options *options) {
    struct input input;
    int failed = input_open_sensor(&input, options->path, options->stop);
    if (failed)
        return failed;
    uint64_t number = source->reader.number;
    source_close(source);
    set_up(source, options);
    source->input = input;
    source->reader.number = number;
    return 0;
}

int source_open_memory(struct source *source, const uint8_t *bytes, size_t size,
                       const struct source_options *options) {
    set_up(source, options);
    if (input_open_memory(&source->input, bytes, size))
        return -ENOMEM;
    return begin_or_close(source, options);
}

void source_close(struct source *source) {
    if (source->format && source->reader.state && source->format->close)
        source->format->close(&source->reader);
    free(source->reader.state);
    source->reader.state = NULL;
    input_close(&source->input);
}

static bool was_stopped(const struct input *input) {
    return input->stop && *input->stop;
}

/* Whether a sensor has said enough to be read. */
static bool has_begun(struct source *source) {
    if (source->format || source->is_spoilt || source->is_ended)
        return !source->is_spoilt;
    struct input *input = &source->input;
    if (!input_fill(input, SENSOR_HEAD_BYTES) && (input->is_dry || input_left(input) == 0)) {
        source->is_ended = !input->is_dry;
        return false;
    }
    source->is_spoilt = begin(source) != SOURCE_OPEN;
    return !source->is_spoilt;
}

/* Passes over what is there of a stream that cannot be read. */
static void drain(struct source *source) {
    struct input *input = &source->input;
    for (unsigned i = 0; i < DRAIN_MOST; i++) {
        input_step(input, input_left(input));
        if (!input_fill(input, 1)) {
            source->is_ended = !input->is_dry;
            return;
        }
    }
}

/* Reads what the format asked for. False: there is no more of it; but for a sensor that is dry the
 * source has ended. */
static bool refill(struct source *source) {
    struct reader *reader = &source->reader;
    struct input *input = &source->input;
    if (reader->must_seek)
        input_seek(input, reader->seek_to);
    if (input_fill(input, reader->want))
        return true;
    if (input->is_dry)
        return false;
    source->is_ended = true;
    size_t left = input_left(input);
    if (input->broken)
        (void)reader_damage(reader, input->offset + input->end, "%s", input->broken);
    else if (!was_stopped(input) && (!reader->is_between || left || input->skip))
        (void)reader_damage(reader, input->offset + input->end,
                            "the file is cut: expected a record of at least %zu bytes, found %zu",
                            reader->want, left);
    return false;
}

size_t source_read(struct source *source, struct sbl_frame *frames, size_t max) {
    size_t count = 0;
    bool is_sensor = source->input.never_waits, is_dry = is_sensor && !has_begun(source);
    if (source->is_spoilt)
        drain(source);
    while (count == 0 && !source->is_ended && !source->is_spoilt && !is_dry) {
        enum step step = source->format->read(&source->reader, frames, max, &count);
        if (count == 0 && step == STEP_MORE)
            is_dry = !refill(source);
        else if (step == STEP_END || step == STEP_DAMAGED)
            *(is_sensor ? &source->is_spoilt : &source->is_ended) = true;
        tell_damage(source);
        if (source->filter && count)
            count = filter_apply(source->filter, frames, count);
    }
    return count;
}
