/* soak SECONDS [OPTIONS] FILE...: hostile traffic through one analysis for so long. The captures
 * are played over and over, each time as other machines, whole, mutated, cut, as noise behind good
 * headers, and between floods of one-packet flows; so all state fills up, and every cap is reached
 * that OPTIONS (those of smblame: --limit) leave in reach. Memory is looked at all the while: ends
 * with 1 when it was ever more than a quarter above the ceiling. The same arguments play the same
 * traffic; only how much of it depends on the time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/capture.h"
#include "jobs/jobs.h"
#include "knowledge/knowledge.h"
#include "service/pipeline.h"

enum {
    BATCH = 64,
    FRAME_BYTES = 2048,
    LOOK_EVERY = 256, /* batches */
    HEADERS = 14 + 20 + 20,
    MINUTE_MS = 60000,
};

struct soak {
    const struct options *options;
    struct pipeline *pipeline;
    uint8_t bytes[BATCH][FRAME_BYTES];
    uint64_t random, batches, rounds;
    int64_t time_ns;
    double ceiling, highest; /* bytes */
    uint64_t started_ms, until_ms, told_ms;
};

static uint64_t roll(struct soak *soak, uint64_t below) {
    uint64_t z = soak->random += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (z ^ z >> 31) % below;
}

static double resident_bytes(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%*u %lu", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* Both hosts of an IPv4 frame are others in each round; who talks with whom stays. */
static void rename_hosts(const struct soak *soak, uint8_t *frame, size_t size) {
    if (size < HEADERS || frame[12] != 0x08 || frame[13] != 0x00)
        return;
    for (unsigned at = 26; at < 34; at++)
        frame[at] ^= (uint8_t)(soak->rounds >> (at % 2 ? 0 : 8));
}

static size_t scramble(struct soak *soak, uint8_t *frame, size_t size) {
    for (uint64_t left = 1 + roll(soak, 8); left; left--)
        frame[14 + roll(soak, size - 14)] = (uint8_t)roll(soak, 256);
    return size;
}

static size_t cut(struct soak *soak, uint8_t *frame, size_t size) {
    (void)frame;
    return 1 + roll(soak, size);
}

static size_t fill_with_noise(struct soak *soak, uint8_t *frame, size_t size) {
    for (size_t at = HEADERS; at < size; at++)
        frame[at] = (uint8_t)roll(soak, 256);
    return size;
}

/* Names are in the second half of what carries any. */
static size_t change_names(struct soak *soak, uint8_t *frame, size_t size) {
    for (unsigned i = 0; i < 4; i++)
        frame[size / 2 + roll(soak, size - size / 2)] = (uint8_t)('a' + roll(soak, 26));
    return size;
}

/* One packet from an address and port by chance: a SYN, or the frame's own payload. */
static size_t be_a_stranger(struct soak *soak, uint8_t *frame, size_t size) {
    for (unsigned at = 26; at < 30; at++)
        frame[at] = (uint8_t)roll(soak, 256);
    frame[34] = (uint8_t)roll(soak, 256);
    frame[35] = (uint8_t)roll(soak, 256);
    if (roll(soak, 2) == 0)
        frame[47] = 2; /* SYN */
    return size;
}

static size_t leave(struct soak *soak, uint8_t *frame, size_t size) {
    (void)soak, (void)frame;
    return size;
}

static size_t (*const abuses[])(struct soak *soak, uint8_t *frame, size_t size) = {
    leave, leave,           leave,        leave,         scramble,     scramble,
    cut,   fill_with_noise, change_names, be_a_stranger, be_a_stranger};

/* A frame of the capture as a hostile one, in a place of its own. */
static void abuse(struct soak *soak, struct sbl_frame *frame, uint8_t *bytes) {
    size_t size = frame->captured_bytes < FRAME_BYTES ? frame->captured_bytes : FRAME_BYTES;
    memcpy(bytes, frame->bytes, size);
    rename_hosts(soak, bytes, size);
    if (size > HEADERS)
        size = abuses[roll(soak, sizeof abuses / sizeof *abuses)](soak, bytes, size);
    soak->time_ns += (int64_t)roll(soak, 2000000);
    if (roll(soak, 1000000) == 0)
        soak->time_ns += INT64_C(1000000000) * ((int64_t)roll(soak, 7200) - 3600);
    frame->bytes = bytes;
    frame->captured_bytes = (uint32_t)size;
    frame->time_ns = soak->time_ns;
}

static void look(struct soak *soak) {
    double now = resident_bytes();
    soak->highest = now > soak->highest ? now : soak->highest;
    uint64_t now_ms = clock_monotonic_ms();
    if (now_ms - soak->told_ms < MINUTE_MS)
        return;
    soak->told_ms = now_ms;
    fprintf(stderr, "%4.0f s: %.0f million frames, %.0f MB\n",
            (double)(now_ms - soak->started_ms) / 1e3,
            (double)pipeline_stats(soak->pipeline)->frames / 1e6, now / 1e6);
}

static void complain(void *context, const char *message) {
    (void)context;
    fprintf(stderr, "soak: %s\n", message);
}

/* Plays one file; false when the time is over or the file cannot be read. */
static bool play(struct soak *soak, const char *path) {
    struct sbl_stats unused = {0};
    struct capture_options wanted = {
        .inputs = &path, .input_count = 1, .stats = &unused, .complain = complain};
    struct capture *capture = NULL;
    if (capture_open(&capture, &wanted))
        return false;
    size_t most;
    struct sbl_frame *frames = pipeline_frames(soak->pipeline, &most);
    most = most < BATCH ? most : BATCH;
    for (size_t count; (count = capture_next(capture, frames, most)) > 0;) {
        for (size_t i = 0; i < count; i++)
            abuse(soak, &frames[i], soak->bytes[i]);
        pipeline_feed(soak->pipeline, count);
        if (soak->batches++ % LOOK_EVERY == 0)
            look(soak);
    }
    capture_close(capture);
    return clock_monotonic_ms() < soak->until_ms;
}

static void play_all(struct soak *soak) {
    const struct options *options = soak->options;
    for (bool goes_on = true; goes_on; soak->rounds++)
        for (size_t i = 0; i < options->input_count && goes_on; i++)
            goes_on = play(soak, options->inputs[i]);
    look(soak);
}

static int verdict(const struct soak *soak) {
    const struct sbl_stats *stats = pipeline_stats(soak->pipeline);
    fprintf(stderr, "%.0f million frames in %llu rounds; ceiling %.0f MB, at most %.0f MB (%.2f)\n",
            (double)stats->frames / 1e6, (unsigned long long)soak->rounds, soak->ceiling / 1e6,
            soak->highest / 1e6, soak->highest / soak->ceiling);
    fputs("reached:", stderr);
    for (unsigned i = 0; i < SBL_LIMIT_COUNT; i++)
        if (stats->cap_hits[i])
            fprintf(stderr, " %s", sbl_limit_rows[i].word);
    fputs("\n", stderr);
    return soak->highest > 1.25 * soak->ceiling;
}

int main(int argc, char **argv) {
    static struct soak soak = {.random = 1, .time_ns = INT64_C(1767225600000000000)};
    struct options options;
    struct sbl_knowledge *knowledge = NULL;
    unsigned long seconds = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    if (!seconds || options_parse(&options, argc - 1, argv + 1) ||
        sbl_knowledge_new(&knowledge, NULL, stderr))
        return 2;
    options.json = options.events = true;
    const struct pipeline_names nobody = {0};
    soak.options = &options;
    soak.ceiling = (double)jobs_ceiling(1, &options.limits);
    soak.started_ms = soak.told_ms = clock_monotonic_ms();
    soak.until_ms = soak.started_ms + seconds * 1000;
    if (pipeline_new(&soak.pipeline, &options, knowledge, &nobody, NULL))
        return 2;
    play_all(&soak);
    int status = verdict(&soak);
    pipeline_finish(soak.pipeline);
    pipeline_free(soak.pipeline);
    sbl_knowledge_free(knowledge);
    options_free(&options);
    return status;
}
