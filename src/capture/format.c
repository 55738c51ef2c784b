/* What the formats have in common. */
#include "capture/format.h"

#include <stdarg.h>
#include <stdio.h>

enum step reader_damage(struct reader *reader, uint64_t offset, const char *format, ...) {
    if (reader->damage[0])
        return STEP_DAMAGED;
    reader->damage_at = offset;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(reader->damage, sizeof reader->damage, format, arguments);
    va_end(arguments);
    return STEP_DAMAGED;
}

uint16_t format_linktype(uint32_t written) {
    enum { DLT_RAW_BSD = 12, DLT_RAW_OPENBSD = 14 };
    uint16_t link_type = (uint16_t)written; /* above it: FCS length, flags */
    if (link_type == DLT_RAW_BSD || link_type == DLT_RAW_OPENBSD)
        return SBL_LINKTYPE_RAW;
    return link_type;
}
