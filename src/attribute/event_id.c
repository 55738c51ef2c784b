/* A finding's id out of packet facts alone, so that the same capture gives the same ids on every
 * run and to every reader. */
#include "attribute/event_id.h"

#include <string.h>

#include "base/hash.h"

enum { NANOSECONDS = 1000000000, FACTS_BYTES = 70 };

static uint8_t *put_be(uint8_t *at, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
    return at + bytes;
}

static int64_t seconds_of(int64_t time_ns) {
    return time_ns / NANOSECONDS - (time_ns % NANOSECONDS < 0);
}

void event_id_fill(enum event_kind kind, struct sbl_finding *finding) {
    const struct sbl_conversation *conversation = finding->conversation;
    uint8_t facts[FACTS_BYTES], *at = facts, *id = finding->event_id;
    at = put_be(at, kind, 1);
    at = put_be(at, conversation->ip_version, 1);
    for (unsigned side = 0; side < 2; side++, at += 16)
        memcpy(at, conversation->side[side].address, 16);
    at = put_be(at, conversation->side[0].port, 2);
    at = put_be(at, conversation->side[1].port, 2);
    at = put_be(at, finding->seq, 4);
    at = put_be(at, finding->message_id, 8);
    at = put_be(at, finding->session_id, 8);
    at = put_be(at, finding->has_status ? finding->status : 0, 4);
    put_be(at, (uint64_t)seconds_of(finding->time_ns), 8);
    hash_digest(facts, sizeof facts, id);
    id[6] = (uint8_t)((id[6] & 0x0F) | 0x80); /* version 8 */
    id[8] = (uint8_t)((id[8] & 0x3F) | 0x80); /* variant of RFC 9562 */
}
