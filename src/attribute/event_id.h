/* The id of a finding: what a receiver deduplicates by, and what diagnoses name their evidence
 * by. */
#ifndef SMBLAME_ATTRIBUTE_EVENT_ID_H
#define SMBLAME_ATTRIBUTE_EVENT_ID_H

#include <smblame/attempt.h>

/* What kind of finding an id is for: one PDU can decide several. */
enum event_kind { EVENT_LOGON = 1, EVENT_TREE = 2, EVENT_PROBE = 3 };

/* Fills finding->event_id with the UUID (base/uuid.h) of these 70 bytes, all numbers big-endian:
 * kind 1, IP version 1, client address 16 (IPv4: 4, then zeros), server address 16, client port 2,
 * server port 2, TCP sequence number of the deciding PDU 4, message id 8, session id 8, status 4 (0
 * when there is none), and the deciding packet's time in whole seconds since 1970, rounded down, 8
 * (two's complement). The kind is in because one PDU of an AndX chain can decide a logon and a tree
 * connect. Equal on every host and every run. */
void event_id_fill(enum event_kind kind, struct sbl_finding *finding);

#endif
