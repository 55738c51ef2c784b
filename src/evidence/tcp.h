/* The TCP checksum of a frame whose payload is shown in part: whether it was right as captured, and
 * what it is then. Frames that came without one (left to the network card) are not given one. */
#ifndef SMBLAME_EVIDENCE_TCP_H
#define SMBLAME_EVIDENCE_TCP_H

#include <smblame/segment.h>

#include "evidence/look_back.h"

/* Notes in `kept` where the headers of a segment lie in its frame, if they lie there in the plain
 * way, and whether its checksum is right. */
void tcp_note(struct kept *kept, const struct sbl_segment *segment);

/* Puts the checksum right again where it was. `bytes` are the frame's, kept->captured_bytes. */
void tcp_mend(const struct kept *kept, uint8_t *bytes);

#endif
