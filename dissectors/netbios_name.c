/* NetBIOS names, see netbios_name.h. Some stacks fill up with zeros instead of blanks. */
#include "netbios_name.h"

#include <string.h>

void netbios_name_take(const uint8_t bytes[NETBIOS_NAME_BYTES], struct sbl_netbios_name *name) {
    name->is_present = true;
    memcpy(name->name, bytes, sizeof name->name);
    name->suffix = bytes[NETBIOS_NAME_BYTES - 1];
    name->size = sizeof name->name;
    while (name->size > 0 && (bytes[name->size - 1] == ' ' || bytes[name->size - 1] == 0))
        name->size--;
}

bool netbios_name_decode(const uint8_t letters[NETBIOS_LABEL_BYTES],
                         struct sbl_netbios_name *name) {
    uint8_t decoded[NETBIOS_NAME_BYTES];
    for (size_t i = 0; i < NETBIOS_NAME_BYTES; i++) {
        unsigned high = letters[2 * i], low = letters[2 * i + 1];
        if (high < 'A' || high > 'P' || low < 'A' || low > 'P')
            return false;
        decoded[i] = (uint8_t)((high - 'A') << 4 | (low - 'A'));
    }
    netbios_name_take(decoded, name);
    return true;
}
