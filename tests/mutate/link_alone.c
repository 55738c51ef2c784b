/* Links the dissectors with nothing but libc and reads one message: a dissector that reached into
 * src, or that needed another library, would not link here. */
#include <stdio.h>

#include <smblame/dissector.h>

int main(void) {
    static const uint8_t logoff[68] = {0xFE, 'S', 'M', 'B', 64, 0, 0, 0, 0, 0, 0, 0, 2};
    static struct sbl_report report;
    const struct sbl_dissector *dissector = sbl_dissector_find(logoff, sizeof logoff);
    struct sbl_part part = {.message_bytes = sizeof logoff};
    if (!dissector || dissector != sbl_dissectors[SBL_DISSECTOR_SMB2])
        return 1;
    dissector->dissect(sbl_cursor_of(logoff, sizeof logoff), &part, &report);
    printf("%s saw %u\n", dissector->name, report.count);
    return report.count != 1 || report.observations[0].kind != SBL_SAW_LOGOFF_REQUEST;
}
