/* NetBIOS names as the session service and the name service write them. */
#ifndef SMBLAME_DISSECTORS_NETBIOS_NAME_H
#define SMBLAME_DISSECTORS_NETBIOS_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/observation.h>

enum { NETBIOS_NAME_BYTES = 16, NETBIOS_LABEL_BYTES = 32 /* of an encoded name */ };

/* Takes 16 bytes as they are: 15 characters without the blanks behind them, and the suffix. */
void netbios_name_take(const uint8_t bytes[NETBIOS_NAME_BYTES], struct sbl_netbios_name *name);

/* Decodes half-ASCII, every half byte plus 'A' (RFC 1001 14.1). False when a letter is none; the
 * name is then untouched. */
bool netbios_name_decode(const uint8_t letters[NETBIOS_LABEL_BYTES], struct sbl_netbios_name *name);

#endif
