/* What may be shown of a message of strange bytes: the first byte chooses the dissector, the second
 * says whether the end was cut. Spans must lie in the message, and what is masked once must be
 * masked when it is asked again. */
#include <stdlib.h>
#include <string.h>

#include <smblame/dissector.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 65536 };

static void show(const struct sbl_dissector *dissector, const uint8_t *bytes, size_t size,
                 bool is_cut, struct sbl_spans *spans) {
    static struct sbl_report report;
    struct sbl_part part = {.message_bytes = (uint32_t)size};
    sbl_report_reset(&report, is_cut);
    dissector->dissect(sbl_cursor_of(bytes, size), &part, &report);
    spans->count = 0;
    spans->is_full = false;
    dissector->show(sbl_cursor_of(bytes, size), &part, &report, spans);
    for (uint32_t i = 0; i < spans->count; i++)
        if (spans->items[i].offset > size || spans->items[i].bytes > size - spans->items[i].offset)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum sbl_dissector_id ids[] = {SBL_DISSECTOR_NBSS, SBL_DISSECTOR_SMB1,
                                                SBL_DISSECTOR_SMB2};
    static struct sbl_spans once, again;
    if (size < 2 || size > MOST)
        return 0;
    const struct sbl_dissector *dissector = sbl_dissectors[ids[data[0] % 3]];
    size -= 2;
    uint8_t *bytes = malloc(size ? size : 1); /* so the sanitizer sees the first byte too many */
    if (!bytes)
        abort();
    memcpy(bytes, &data[2], size);
    show(dissector, bytes, size, data[1] & 1, &once);
    show(dissector, bytes, size, data[1] & 1, &again);
    if (once.count != again.count ||
        memcmp(once.items, again.items, once.count * sizeof once.items[0]) != 0)
        abort();
    free(bytes);
    return 0;
}
