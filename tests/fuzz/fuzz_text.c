/* Any bytes in any encoding give well-formed UTF-8 within the room, and printable text after that.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/json_check.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    size_t room = (size_t)data[1] * 4;
    struct sbl_text text = {
        .bytes = data + 2, .size = (uint32_t)(size - 2), .encoding = data[0] % 6};
    char *out = malloc(room + 1), *shown = malloc(room + 1);
    bool lossy;
    if (!out || !shown)
        abort();
    size_t written = text_to_utf8(text, NULL, out, room, &lossy);
    if (written > room || !check_utf8(out, written))
        abort();
    size_t printed = text_printable(out, written, shown, room);
    if (printed > room || !check_utf8(shown, printed))
        abort();
    printed = text_printable((const char *)data, size, shown, room); /* not even UTF-8 */
    if (printed > room || !check_utf8(shown, printed))
        abort();
    for (size_t i = 0; i < printed; i++)
        if ((uint8_t)shown[i] < 0x20 || shown[i] == 0x7F)
            abort();
    free(out);
    free(shown);
    return 0;
}
