/* Prints what the capture room reads: number, time, lengths, link type, and with -s a sum of the
 * bytes, one line for each frame; complaints to standard error. The exit status is the verdict. For
 * frames_vs_tshark.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"

static void complain(void *context, const char *message) {
    (void)context;
    fprintf(stderr, "%s\n", message);
}

static unsigned sum_of(const struct sbl_frame *frame) {
    unsigned sum = 0;
    for (uint32_t i = 0; i < frame->captured_bytes; i++)
        sum = sum * 31 + frame->bytes[i];
    return sum;
}

static void print(const struct sbl_frame *frame, bool is_summed) {
    long long seconds = frame->time_ns / 1000000000, ns = frame->time_ns % 1000000000;
    if (ns < 0) {
        ns += 1000000000;
        seconds--;
    }
    printf("%u %llu %lld.%09lld %u %u %u %u", frame->file, (unsigned long long)frame->number,
           seconds, ns, frame->wire_bytes, frame->captured_bytes, frame->link_type, frame->process);
    if (is_summed)
        printf(" %08x", sum_of(frame));
    putchar('\n');
}

int main(int argc, char **argv) {
    bool is_summed = argc > 1 && strcmp(argv[1], "-s") == 0;
    int first = is_summed ? 2 : 1;
    struct sbl_stats *stats = calloc(1, sizeof *stats);
    struct capture_options options = {.inputs = (const char *const *)&argv[first],
                                      .input_count = (size_t)(argc - first),
                                      .stats = stats,
                                      .complain = complain,
                                      .filter = getenv("FRAMES_FILTER")};
    struct capture *capture;
    if (!stats || capture_open(&capture, &options) != 0)
        return 2;
    struct sbl_frame frames[64];
    for (size_t count; (count = capture_next(capture, frames, 64)) != 0;)
        for (size_t i = 0; i < count; i++)
            print(&frames[i], is_summed);
    int verdict = (int)capture_verdict(capture);
    capture_close(capture);
    free(stats);
    return verdict;
}
