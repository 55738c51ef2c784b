/* Complaints: put together, made harmless, handed on. */
#include "capture/complaint.h"

#include <stdarg.h>
#include <stdio.h>

enum { COMPLAINT_BYTES = 1024, NAME_BYTES = 640 };

void complaint_tell(const struct complaint *complaint, const char *name, const char *format, ...) {
    if (!complaint->complain)
        return;
    char text[COMPLAINT_BYTES] = "";
    char message[COMPLAINT_BYTES + NAME_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)snprintf(message, sizeof message, "%.*s%s%s", NAME_BYTES - 8, name ? name : "",
                   name ? ": " : "", text);
    for (char *c = message; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
    complaint->complain(complaint->context, message);
}
