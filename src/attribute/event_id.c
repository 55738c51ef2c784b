/* A finding's id out of packet facts alone, so that the same capture gives the same ids on every
 * run and to every reader. */
#include "attribute/event_id.h"

#include <string.h>

#include "base/bytes.h"
#include "base/uuid.h"

enum { NANOSECONDS = 1000000000, FACTS_BYTES = 70 };

static int64_t seconds_of(int64_t time_ns) {
    return time_ns / NANOSECONDS - (time_ns % NANOSECONDS < 0);
}

void event_id_fill(enum event_kind kind, struct sbl_finding *finding) {
    const struct sbl_conversation *conversation = finding->conversation;
    uint8_t facts[FACTS_BYTES], *at = facts;
    at = bytes_put_be(at, kind, 1);
    at = bytes_put_be(at, conversation->ip_version, 1);
    for (unsigned side = 0; side < 2; side++, at += 16)
        memcpy(at, conversation->side[side].address, 16);
    at = bytes_put_be(at, conversation->side[0].port, 2);
    at = bytes_put_be(at, conversation->side[1].port, 2);
    at = bytes_put_be(at, finding->seq, 4);
    at = bytes_put_be(at, finding->message_id, 8);
    at = bytes_put_be(at, finding->session_id, 8);
    at = bytes_put_be(at, finding->has_status ? finding->status : 0, 4);
    bytes_put_be(at, (uint64_t)seconds_of(finding->time_ns), 8);
    uuid_of(facts, sizeof facts, finding->event_id);
}
