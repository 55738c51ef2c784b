/* What is shown of a damaged message: the messages of real captures are damaged byte by byte, and
 * whatever that makes of them, no six bytes of a secret that the good message held may be shown.
 *
 *     leaks CAPTURE...
 *
 * Secret is what the good message has masked, and what it leaves blank where it is long and looks
 * like a cipher. Ends with `N passed, N failed`, one for each message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <smblame/dissector.h>
#include <smblame/engine.h>

#include "capture/capture.h"

enum {
    MESSAGE_MOST = 4096,
    MESSAGES_MOST = 512,
    WINDOW = 6,
    BLANK_LEAST = 32, /* a shorter one may be anything */
};

/* A message as it was read. */
struct sample {
    const struct sbl_dissector *dissector;
    uint32_t size;
    uint8_t bytes[MESSAGE_MOST];
};

struct samples {
    size_t count;
    struct sample at[MESSAGES_MOST];
};

static struct sbl_report report;
static struct sbl_spans spans;

/* What may be shown of bytes; kinds: 0 blank, 1 shown, 2 masked. */
static void show(const struct sbl_dissector *dissector, const uint8_t *bytes, uint32_t size,
                 uint8_t *kinds) {
    struct sbl_part part = {.message_bytes = size};
    sbl_report_reset(&report, false);
    dissector->dissect(sbl_cursor_of(bytes, size), &part, &report);
    spans.count = 0;
    spans.is_full = false;
    dissector->show(sbl_cursor_of(bytes, size), &part, &report, &spans);
    memset(kinds, 0, size);
    for (unsigned kind = SBL_SPAN_SHOWN; kind <= SBL_SPAN_MASKED && !spans.is_full; kind++)
        for (uint32_t i = 0; i < spans.count; i++)
            if (spans.items[i].kind == kind)
                memset(&kinds[spans.items[i].offset], 1 + (int)kind, spans.items[i].bytes);
}

static void held(void *context, const struct sbl_segment *segment) {
    (void)context;
    (void)segment;
}

static void part(void *context, const struct sbl_conversation *talk,
                 const struct sbl_message *message, const struct sbl_part_seen *seen) {
    struct samples *samples = context;
    (void)talk;
    enum sbl_observation_kind kind =
        message->report->count > 0 ? message->report->observations[0].kind : SBL_SAW_OTHER;
    bool is_wanted = kind == SBL_SAW_NEGOTIATE_RESPONSE || kind == SBL_SAW_SESSION_SETUP_REQUEST ||
                     kind == SBL_SAW_SESSION_SETUP_RESPONSE || kind == SBL_SAW_TREE_CONNECT_REQUEST;
    if (!is_wanted || seen->part->offset > 0 || seen->count > MESSAGE_MOST ||
        samples->count == MESSAGES_MOST || !seen->dissector->show)
        return;
    struct sample *sample = &samples->at[samples->count++];
    sample->dissector = seen->dissector;
    sample->size = seen->count;
    memcpy(sample->bytes, seen->bytes, seen->count);
}

static void complain(void *context, const char *message) {
    (void)context;
    fprintf(stderr, "%s\n", message);
}

static void gather(const char *path, struct samples *samples) {
    const struct sbl_keeper keeper = {samples, part, held};
    struct sbl_engine_options options = {.keeper = &keeper, .classify = SBL_CLASSIFY_NONE};
    struct sbl_engine *engine;
    struct capture *capture;
    struct sbl_stats *unused = calloc(1, sizeof *unused);
    struct capture_options wanted = {
        .inputs = &path, .input_count = 1, .stats = unused, .complain = complain};
    struct sbl_frame frames[64];
    if (!unused || sbl_engine_new(&engine, &options) || capture_open(&capture, &wanted))
        exit(2);
    for (size_t count; (count = capture_next(capture, frames, 64)) != 0;)
        sbl_engine_feed(engine, frames, count);
    sbl_engine_finish(engine);
    sbl_engine_free(engine);
    capture_close(capture);
    free(unused);
}

/* What any message holds: zeros, a byte again and again. */
static bool is_flat(const uint8_t *bytes) {
    unsigned changes = 0;
    for (size_t i = 0; i < WINDOW; i++)
        changes += bytes[i] != 0 && (i == 0 || bytes[i] != bytes[i - 1]);
    return changes < 3;
}

/* Where the windows of secrets begin in a message. */
static size_t find_secrets(const struct sample *sample, const uint8_t *kinds, uint32_t *at) {
    size_t count = 0;
    for (uint32_t i = 0, end; i < sample->size; i = end) {
        for (end = i + 1; end < sample->size && kinds[end] == kinds[i];)
            end++;
        bool is_secret = kinds[i] == 2 || (kinds[i] == 0 && end - i >= BLANK_LEAST);
        for (uint32_t from = i; is_secret && from + WINDOW <= end; from++)
            if (!is_flat(&sample->bytes[from]))
                at[count++] = from;
    }
    return count;
}

/* Whether a damaged message shows a window of a secret of the good one. */
static bool leaks(const struct sample *good, const uint32_t *secrets, size_t count,
                  const uint8_t *bytes) {
    static uint8_t kinds[MESSAGE_MOST];
    show(good->dissector, bytes, good->size, kinds);
    for (size_t i = 0; i < count; i++)
        if (!memchr(&kinds[secrets[i]], 0, WINDOW) && !memchr(&kinds[secrets[i]], 2, WINDOW) &&
            memcmp(&bytes[secrets[i]], &good->bytes[secrets[i]], WINDOW) == 0)
            return true;
    return false;
}

static bool damage(const struct sample *good, size_t *tried, size_t *secret_count) {
    static uint8_t kinds[MESSAGE_MOST], bytes[MESSAGE_MOST];
    static uint32_t secrets[MESSAGE_MOST];
    show(good->dissector, good->bytes, good->size, kinds);
    size_t count = find_secrets(good, kinds, secrets);
    *secret_count += count;
    memcpy(bytes, good->bytes, good->size);
    for (uint32_t at = 0; count > 0 && at < good->size; at++) {
        uint8_t was = bytes[at];
        const uint8_t values[] = {0,
                                  1,
                                  0x7F,
                                  0xFF,
                                  (uint8_t)(was + 1),
                                  (uint8_t)(was - 1),
                                  (uint8_t)(was + 8),
                                  (uint8_t)(was - 8),
                                  (uint8_t)(was + 24),
                                  (uint8_t)(was - 24),
                                  (uint8_t)(was / 2),
                                  (uint8_t)(was ^ 0x80)};
        for (size_t i = 0; i < sizeof values; i++) {
            bytes[at] = values[i];
            ++*tried;
            if (leaks(good, secrets, count, bytes)) {
                printf("%s of %u bytes shows a secret with %02X for %02X at %u\n",
                       good->dissector->name, good->size, values[i], was, at);
                return false;
            }
        }
        bytes[at] = was;
    }
    return true;
}

int main(int argc, char **argv) {
    static struct samples samples;
    size_t passed = 0, failed = 0, tried = 0, secrets = 0;
    for (int i = 1; i < argc; i++) {
        samples.count = 0;
        gather(argv[i], &samples);
        for (size_t k = 0; k < samples.count; k++) {
            bool is_good = damage(&samples.at[k], &tried, &secrets);
            passed += is_good;
            failed += !is_good;
            if (!is_good)
                printf("  in %s\n", argv[i]);
        }
    }
    printf("%zu damaged messages, %zu secret places\n", tried, secrets);
    if (secrets == 0)
        failed++;
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed > 0;
}
