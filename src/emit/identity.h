/* What makes a finding recognisable: its connection's Community ID, and how ids, times and
 * addresses are written. */
#ifndef SMBLAME_EMIT_IDENTITY_H
#define SMBLAME_EMIT_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/attempt.h>
#include <smblame/health.h>

#include "base/uuid.h"

/* Sizes hold the terminating NUL. */
enum {
    IDENTITY_COMMUNITY_BYTES = 31,
    IDENTITY_TIME_BYTES = 31,
    IDENTITY_SECOND_BYTES = 20, /* of a time, before the fraction; no NUL */
    IDENTITY_ADDRESS_BYTES = 46,
    IDENTITY_MAC_BYTES = 18,
    IDENTITY_COMMUNITIES = 1024 /* remembered; a power of two */
};

/* The id of a stats record (base/uuid.h): of a byte 4 (findings have 1 to 3 there) and all
 * counters, each 8 bytes big-endian, in the order of struct sbl_stats. */
void identity_of_stats(const struct sbl_stats *stats, uint8_t id[UUID_BYTES]);

/* The same of a live capture: byte 6 in front, then the time, what was lost between processes, and
 * of each interface its name and counters. */
void identity_of_live_stats(const struct sbl_stats *stats, const struct sbl_live_stats *live,
                            uint8_t id[UUID_BYTES]);

/* The id of a health record: of a byte 5, the kind, the time, and all facts of that kind in the
 * order of their struct: numbers as 8 bytes big-endian, names with their size before them. What was
 * told twice has one id. */
void identity_of_health(const struct sbl_health *health, uint8_t id[UUID_BYTES]);

/* The Community IDs of late: a connection has many findings or none, and SHA-1 costs as much as the
 * rest of a record. All zeros is an empty one. */
struct identity_communities {
    struct identity_community {
        uint8_t facts[2 + 16 + 16 + 2 + 4]; /* what is hashed, zeros behind it */
        char id[IDENTITY_COMMUNITY_BYTES];
    } slots[IDENTITY_COMMUNITIES];
};

/* Community ID 1.0 with seed 0 of a TCP connection (corelight/community-id-spec), out of memory
 * when it is there. Borrowed until the next call. */
const char *identity_community_of(struct identity_communities *known,
                                  const struct sbl_conversation *conversation);

/* RFC 3339 in UTC: six digits of a second, nine when the last three are not zero. A time before
 * 1970 is written as 1970-01-01T00:00:00.000000Z: ECS consumers take no other. 64-bit nanoseconds
 * end in 2262, so no year needs five digits. Returns the size without the NUL. */
size_t identity_time(int64_t time_ns, char out[IDENTITY_TIME_BYTES]);

/* The same, when many times lie in one second: the second written last. All zeros is none. */
struct identity_second {
    int64_t seconds;
    char text[IDENTITY_SECOND_BYTES];
};

size_t identity_time_near(struct identity_second *last, int64_t time_ns,
                          char out[IDENTITY_TIME_BYTES]);

/* A FILETIME as nanoseconds since 1970, when it lies in what they can hold from 1970 on. */
bool identity_filetime(uint64_t filetime, int64_t *time_ns);

/* The address of side 0 (client) or 1 (server), RFC 5952 for IPv6. */
void identity_address(const struct sbl_conversation *conversation, unsigned side,
                      char out[IDENTITY_ADDRESS_BYTES]);

/* The same of a bare address: 16 bytes, of which IPv4 (any version but 6) fills the first 4. */
void identity_address_of(const uint8_t address[16], unsigned ip_version,
                         char out[IDENTITY_ADDRESS_BYTES]);

/* "00-00-5E-00-53-23", as RFC 7042 and ECS write it. */
void identity_mac(const uint8_t mac[6], char out[IDENTITY_MAC_BYTES]);

/* Calendar of a time since 1970, proleptic Gregorian. */
struct identity_clock {
    unsigned year, month, day, hour, minute, second, nanosecond;
};

struct identity_clock identity_clock_of(int64_t time_ns);

#endif
