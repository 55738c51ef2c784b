/* The whole product on hostile frames: decode, stream, dissectors, correlate, attribute, witness,
 * history, diagnose and the record writer, as one engine. Input: a byte whose lowest two bits are
 * the link type and whose next two the time from frame to frame (indices into tables), then frames
 * of a two-byte big-endian length each; the top bit of the length marks a frame cut by the snap
 * length. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <smblame/engine.h>

#include "swallow.h"

static const uint16_t link_types[] = {SBL_LINKTYPE_ETHERNET, SBL_LINKTYPE_RAW,
                                      SBL_LINKTYPE_LINUX_SLL, SBL_LINKTYPE_NULL};

static const int64_t steps_ns[] = {1000000, 61000000000, 3600000000000, 86400000000000};

static void feed(struct sbl_engine *engine, const uint8_t *data, size_t size) {
    struct sbl_frame frame = {.link_type = link_types[data[0] & 3]};
    const int64_t step_ns = steps_ns[data[0] >> 2 & 3];
    size_t at = 1;
    while (size - at >= 2) {
        size_t length = (size_t)(data[at] & 0x7F) << 8 | data[at + 1];
        uint32_t cut = data[at] & 0x80 ? 40 : 0;
        at += 2;
        length = length < size - at ? length : size - at;
        /* a block of exactly the frame's size, so that one byte too far is seen */
        uint8_t *exact = malloc(length ? length : 1);
        if (!exact)
            return;
        for (size_t i = 0; i < length; i++)
            exact[i] = data[at + i];
        frame.bytes = exact;
        frame.captured_bytes = (uint32_t)length;
        frame.wire_bytes = (uint32_t)length + cut;
        frame.number++;
        frame.time_ns += step_ns;
        sbl_engine_feed(engine, &frame, 1);
        free(exact);
        at += length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    size_t written = 0;
    struct emit_output output = {&written, swallow};
    struct emit_names names = {0};
    struct text_codepage page;
    struct records *records = NULL;
    struct sbl_engine *engine = NULL;
    if (text_codepage_init(&page, "CP850") != 0 ||
        records_new(&records, &output, &names, &page) != 0)
        abort();
    struct sbl_engine_options options = {.listener = {.context = records,
                                                      .attempt = take_attempt,
                                                      .tree_refusal = take_tree_refusal,
                                                      .probe = take_probe,
                                                      .diagnosis = take_diagnosis},
                                         .classify = SBL_CLASSIFY_NONE,
                                         .diagnosis = {.knowledge = known()}};
    if (sbl_engine_new(&engine, &options) != 0)
        abort();
    feed(engine, data, size);
    sbl_engine_finish(engine);
    records_stats(records, sbl_engine_stats(engine));
    if (records_flush(records) != 0 || written == 0)
        abort();
    sbl_engine_free(engine);
    records_free(records);
    return 0;
}
