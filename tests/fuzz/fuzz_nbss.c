/* The NetBIOS session service dissector over anything. The lowest bit of the first byte of the
 * input says whether the capture cut the packet; what follows is the packet with its header. */
#include <stdlib.h>

#include <smblame/dissector.h>

extern const struct sbl_dissector sbl_dissector_nbss;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct sbl_report report;
    if (size < 1)
        return 0;
    struct sbl_part part = {.message_bytes = (uint32_t)(size - 1)};
    sbl_report_reset(&report, (data[0] & 1) != 0);
    (void)sbl_dissector_nbss.recognises(data + 1, size - 1);
    sbl_dissector_nbss.dissect(sbl_cursor_of(data + 1, size - 1), &part, &report);
    if (report.count > 1 || report.oddities[SBL_ODDITY_SPOILED_CURSOR])
        abort();
    for (uint32_t i = 0; i < report.count; i++)
        if (report.observations[i].nbss.called.size > 15 ||
            report.observations[i].nbss.calling.size > 15)
            abort();
    return 0;
}
