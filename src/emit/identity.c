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

enum { NANOSECONDS = 1000000000, COMMUNITY_FACTS_BYTES = 2 + 16 + 16 + 2 + 4 };

/* The first byte of what an id is made of; findings have 1 to 3. */
enum { STATS_KIND = 4, HEALTH_KIND = 5, LIVE_STATS_KIND = 6 };

/* The counters as facts; returns their end. Limits that were added later count when they were hit,
 * so that the ids of records stay. */
static uint8_t *stats_facts(const struct sbl_stats *stats, uint8_t *at) {
    _Static_assert(sizeof *stats % sizeof(uint64_t) == 0, "counters only");
    const size_t added_later = offsetof(struct sbl_stats, cap_hits) +
                               (SBL_LIMIT_SPOOL_MEGABYTES + 1) * sizeof stats->cap_hits[0];
    at = bytes_put_be(at, STATS_KIND, 1);
    for (size_t i = 0; i < sizeof *stats; i += sizeof(uint64_t)) {
        uint64_t counter;
        memcpy(&counter, (const uint8_t *)stats + i, sizeof counter);
        if (i >= added_later && counter == 0)
            continue;
        at = bytes_put_be(at, counter, sizeof counter);
    }
    return at;
}

void identity_of_stats(const struct sbl_stats *stats, uint8_t id[UUID_BYTES]) {
    uint8_t facts[1 + sizeof *stats];
    uuid_of(facts, (size_t)(stats_facts(stats, facts) - facts), id);
}

static uint8_t *numbers(uint8_t *at, const uint64_t *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        at = bytes_put_be(at, values[i], 8);
    return at;
}

static uint8_t *name(uint8_t *at, const char *bytes, size_t room) {
    size_t size = strnlen(bytes, room);
    at = bytes_put_be(at, size, 2);
    memcpy(at, bytes, size);
    return at + size;
}

#define NUMBERS(at, ...)                                                                           \
    numbers((at), (const uint64_t[]){__VA_ARGS__},                                                 \
            sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

/* Interfaces are many or few: each is folded into the id of those before it. */
void identity_of_live_stats(const struct sbl_stats *stats, const struct sbl_live_stats *live,
                            uint8_t id[UUID_BYTES]) {
    uint8_t facts[2 + 3 * 8 + sizeof *stats], *at = bytes_put_be(facts, LIVE_STATS_KIND, 1);
    at = NUMBERS(at, (uint64_t)live->time_ns, live->notes_lost, live->restarts);
    at = stats_facts(stats, at);
    uuid_of(facts, (size_t)(at - facts), id);
    for (size_t i = 0; i < live->interface_count; i++) {
        const struct sbl_live_interface *one = &live->interfaces[i];
        uint8_t folded[UUID_BYTES + 2 + sizeof one->name + 5 * 8];
        memcpy(folded, id, UUID_BYTES);
        at = name(folded + UUID_BYTES, one->name, sizeof one->name);
        at = NUMBERS(at, one->is_up, one->frames, one->kernel_drops, one->interface_drops,
                     one->ring_bytes);
        uuid_of(folded, (size_t)(at - folded), id);
    }
}

static uint8_t *gap_facts(const struct sbl_health_gap *gap, uint8_t *at) {
    at = NUMBERS(at, gap->reason);
    at = name(at, gap->interface, sizeof gap->interface);
    at = name(at, gap->renamed_to, sizeof gap->renamed_to);
    return NUMBERS(at, gap->kernel_drops, gap->interface_drops, gap->ring_bytes,
                   (uint64_t)gap->from_ns, (uint64_t)gap->to_ns);
}

static uint8_t *restart_facts(const struct sbl_health_restart *restart, uint8_t *at) {
    at = name(at, restart->process, sizeof restart->process);
    return NUMBERS(at, (uint64_t)restart->signal, (uint64_t)restart->exit_status,
                   restart->last_frame, restart->frames_at_risk, restart->correlation_ms,
                   restart->away_ms, restart->restarts);
}

static uint8_t *sink_facts(const struct sbl_health_sink *sink, uint8_t *at) {
    at = name(at, sink->sink, sizeof sink->sink);
    return NUMBERS(at, sink->is_lost, (uint64_t)sink->error, sink->waiting,
                   (uint64_t)sink->since_ns);
}

static uint8_t *dropped_facts(const struct sbl_health_dropped *dropped, uint8_t *at) {
    at = name(at, dropped->sink, sizeof dropped->sink);
    return NUMBERS(at, dropped->records, (uint64_t)dropped->from_ns, (uint64_t)dropped->to_ns);
}

void identity_of_health(const struct sbl_health *health, uint8_t id[UUID_BYTES]) {
    enum { NAMES = 2, NUMBERS_MOST = 16 }; /* of any kind */
    uint8_t facts[1 + NAMES * (2 + SBL_HEALTH_SINK_BYTES) + NUMBERS_MOST * 8];
    uint8_t *at = bytes_put_be(facts, HEALTH_KIND, 1);
    at = NUMBERS(at, health->kind, (uint64_t)health->time_ns);
    switch (health->kind) {
    case SBL_HEALTH_CAPTURE_GAP:
        at = gap_facts(&health->is.gap, at);
        break;
    case SBL_HEALTH_PROCESS_RESTART:
        at = restart_facts(&health->is.restart, at);
        break;
    case SBL_HEALTH_SINK_STATE:
        at = sink_facts(&health->is.sink, at);
        break;
    case SBL_HEALTH_RECORDS_DROPPED:
        at = dropped_facts(&health->is.dropped, at);
        break;
    case SBL_HEALTH_KIND_COUNT:
        break;
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
