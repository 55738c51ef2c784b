/* Hashes and spellings. Nothing here depends on the host's byte order, locale or clock. */
#include "emit/identity.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include <nettle/base64.h>
#include <nettle/sha1.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "emit/digits.h"

enum { NANOSECONDS = 1000000000, COMMUNITY_FACTS_BYTES = 2 + 16 + 16 + 2 + 4, STATS_KIND = 4 };

/* Limits that were added later count when they were hit, so that the ids of records stay. */
void identity_of_stats(const struct sbl_stats *stats, uint8_t id[UUID_BYTES]) {
    _Static_assert(sizeof *stats % sizeof(uint64_t) == 0, "counters only");
    const size_t added_later = offsetof(struct sbl_stats, cap_hits) +
                               (SBL_LIMIT_SPOOL_MEGABYTES + 1) * sizeof stats->cap_hits[0];
    uint8_t facts[1 + sizeof *stats], *at = bytes_put_be(facts, STATS_KIND, 1);
    for (size_t i = 0; i < sizeof *stats; i += sizeof(uint64_t)) {
        uint64_t counter;
        memcpy(&counter, (const uint8_t *)stats + i, sizeof counter);
        if (i >= added_later && counter == 0)
            continue;
        at = bytes_put_be(at, counter, sizeof counter);
    }
    uuid_of(facts, (size_t)(at - facts), id);
}

/* What a Community ID is the hash of; returns its size. */
static size_t community_facts(const struct sbl_conversation *conversation,
                              uint8_t facts[COMMUNITY_FACTS_BYTES]) {
    const struct sbl_endpoint *one = &conversation->side[0], *two = &conversation->side[1];
    size_t address_bytes = conversation->ip_version == 6 ? 16 : 4;
    int order = memcmp(one->address, two->address, address_bytes);
    if (order > 0 || (order == 0 && one->port > two->port)) {
        one = &conversation->side[1];
        two = &conversation->side[0];
    }
    uint8_t *at = bytes_put_be(facts, 0, 2); /* the seed */
    memcpy(at, one->address, address_bytes);
    at += address_bytes;
    memcpy(at, two->address, address_bytes);
    at = bytes_put_be(at + address_bytes, 6, 1); /* TCP */
    at = bytes_put_be(at, 0, 1);
    at = bytes_put_be(at, one->port, 2);
    at = bytes_put_be(at, two->port, 2);
    return (size_t)(at - facts);
}

static void community_id(const uint8_t *facts, size_t size, char out[IDENTITY_COMMUNITY_BYTES]) {
    struct sha1_ctx sha1;
    uint8_t digest[SHA1_DIGEST_SIZE];
    sha1_init(&sha1);
    sha1_update(&sha1, size, facts);
    sha1_digest(&sha1, sizeof digest, digest);
    memcpy(out, "1:", 2);
    base64_encode_raw(out + 2, sizeof digest, digest);
    out[IDENTITY_COMMUNITY_BYTES - 1] = 0;
}

/* The facts tell IPv4 from IPv6 in any slot: TCP's number stands where the others have zeros. */
const char *identity_community_of(struct identity_communities *known,
                                  const struct sbl_conversation *conversation) {
    uint8_t facts[COMMUNITY_FACTS_BYTES] = {0};
    size_t size = community_facts(conversation, facts);
    struct identity_community *slot =
        &known->slots[XXH3_64bits(facts, sizeof facts) & (IDENTITY_COMMUNITIES - 1)];
    if (memcmp(slot->facts, facts, sizeof facts) != 0) {
        memcpy(slot->facts, facts, sizeof facts);
        community_id(facts, size, slot->id);
    }
    return slot->id;
}

/* Days to a date in eras of 400 years that begin on 1 March: the leap day is then the last. */
struct identity_clock identity_clock_of(int64_t time_ns) {
    int64_t seconds = time_ns < 0 ? 0 : time_ns / NANOSECONDS;
    unsigned days = (unsigned)(seconds / 86400) + 719468u; /* since 0000-03-01 */
    unsigned of_day = (unsigned)(seconds % 86400);
    unsigned era = days / 146097, of_era = days % 146097;
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153; /* 0 = March */
    return (struct identity_clock){
        .year = era * 400 + year + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = of_year - (153 * month + 2) / 5 + 1,
        .hour = of_day / 3600,
        .minute = of_day / 60 % 60,
        .second = of_day % 60,
        .nanosecond = time_ns < 0 ? 0 : (unsigned)(time_ns % NANOSECONDS),
    };
}

/* "2009-02-13T23:31:30.": all but the fraction. */
static void write_second(const struct identity_clock *clock, char out[IDENTITY_SECOND_BYTES]) {
    char *at = digits_fixed(clock->year, 4, out);
    *at++ = '-';
    at = digits_fixed(clock->month, 2, at);
    *at++ = '-';
    at = digits_fixed(clock->day, 2, at);
    *at++ = 'T';
    at = digits_fixed(clock->hour, 2, at);
    *at++ = ':';
    at = digits_fixed(clock->minute, 2, at);
    *at++ = ':';
    at = digits_fixed(clock->second, 2, at);
    *at = '.';
}

size_t identity_time_near(struct identity_second *last, int64_t time_ns,
                          char out[IDENTITY_TIME_BYTES]) {
    int64_t seconds = time_ns < 0 ? 0 : time_ns / NANOSECONDS;
    uint32_t nanosecond = time_ns < 0 ? 0 : (uint32_t)(time_ns % NANOSECONDS);
    if (!last->text[0] || last->seconds != seconds) {
        struct identity_clock clock = identity_clock_of(time_ns);
        write_second(&clock, last->text);
        last->seconds = seconds;
    }
    memcpy(out, last->text, sizeof last->text);
    char *at = digits_fixed(nanosecond / 1000, 6, out + sizeof last->text);
    if (nanosecond % 1000 != 0)
        at = digits_fixed(nanosecond % 1000, 3, at);
    *at++ = 'Z';
    *at = 0;
    return (size_t)(at - out);
}

size_t identity_time(int64_t time_ns, char out[IDENTITY_TIME_BYTES]) {
    struct identity_second none = {0};
    return identity_time_near(&none, time_ns, out);
}

bool identity_filetime(uint64_t filetime, int64_t *time_ns) {
    const uint64_t epoch = 116444736000000000u; /* 1970 in units of 100 ns since 1601 */
    if (filetime < epoch || filetime - epoch > INT64_MAX / 100)
        return false;
    *time_ns = (int64_t)((filetime - epoch) * 100);
    return true;
}

void identity_address_of(const uint8_t address[16], unsigned ip_version,
                         char out[IDENTITY_ADDRESS_BYTES]) {
    if (ip_version == 6) {
        inet_ntop(AF_INET6, address, out, IDENTITY_ADDRESS_BYTES);
        return;
    }
    char *at = out;
    for (unsigned i = 0; i < 4; i++) {
        at += digits_decimal(address[i], at);
        *at++ = i < 3 ? '.' : 0;
    }
}

void identity_address(const struct sbl_conversation *conversation, unsigned side,
                      char out[IDENTITY_ADDRESS_BYTES]) {
    identity_address_of(conversation->side[side].address, conversation->ip_version, out);
}

void identity_mac(const uint8_t mac[6], char out[IDENTITY_MAC_BYTES]) {
    for (size_t i = 0; i < 6; i++) {
        digits_hex(mac[i], 2, DIGITS_UPPER, out + 3 * i);
        out[3 * i + 2] = i < 5 ? '-' : 0;
    }
}
