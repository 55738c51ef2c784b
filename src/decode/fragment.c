/* Reassembly of IP fragments (RFC 791 section 3.2, RFC 8200 section 4.5).
 *
 * Datagrams are kept by addresses, identification, protocol (IPv4 only: in IPv6 only the first
 * fragment's next header counts) and tunnel, and not by VLAN, as mirror ports tag one copy of two.
 * A map with one bit per 8 bytes says what has come. Where two fragments overlap they must agree
 * byte for byte. If they do not, the receiver's choice cannot be known: the whole datagram is
 * dropped, and its key swallows what still comes of it.
 *
 * A finished datagram stays until it is the least recently used. The second copy of a mirror port
 * then finds it, agrees with it and is swallowed; a fragment that disagrees belongs to a newer
 * datagram with the same identification, which starts from nothing.
 *
 * A fragment cut by the snap length counts as come, but the datagram ends where the first such cut
 * is; the rest is handed on as cut. */
#include "decode/fragment.h"

#include <errno.h>
#include <string.h>

enum {
    DATAGRAM_BYTES_MAX = 65535,
    HEADER_ROOM = 64, /* the IP header ends where the payload starts */
    BUFFER_BYTES = HEADER_ROOM + DATAGRAM_BYTES_MAX + 1,
    MAP_WORDS = (DATAGRAM_BYTES_MAX + 1) / 8 / 64,
    IPV4_HEADER_BYTES = 20,
    IPV6_HEADER_BYTES = 40,
};

static const uint64_t GIVE_UP_NS = 30000000000; /* as Linux does for IPv4 */

struct fragment_key {
    uint8_t addresses[32];
    uint32_t id;
    uint32_t tunnel_id;
    uint32_t kind; /* IP version and protocol */
};

enum datagram_state { DATAGRAM_OPEN, DATAGRAM_WHOLE, DATAGRAM_DISPUTED };

struct datagram {
    uint64_t map[MAP_WORDS]; /* bit n: bytes [8n, 8n + 8) have come */
    int64_t first_ns;
    uint64_t batch;   /* in which it was handed out */
    uint32_t units;   /* bits set in map */
    uint32_t extent;  /* where the last byte that came ends */
    uint32_t total;   /* payload bytes, 0 while the last fragment is missing */
    uint32_t cut_at;  /* captured bytes end here */
    uint32_t pieces;  /* fragments it is made of */
    uint16_t buffer;  /* index into fragments->buffers */
    uint8_t protocol; /* of the first fragment */
    uint8_t state;    /* enum datagram_state */
};

int fragments_init(struct fragments *fragments, struct sbl_stats *stats,
                   const struct sbl_limits *limits) {
    uint32_t count = sbl_limit_of(limits, SBL_LIMIT_FRAGMENTED_DATAGRAMS);
    *fragments = (struct fragments){.stats = stats,
                                    .batch = 1,
                                    .datagram_count = count,
                                    .buffer_count = count + FRAGMENT_SPARE_BUFFERS};
    int failed = table_init(&fragments->datagrams, count, sizeof(struct fragment_key),
                            sizeof(struct datagram));
    if (failed)
        return failed;
    fragments->buffers = pages_reserve((size_t)fragments->buffer_count * BUFFER_BYTES);
    if (!fragments->buffers) {
        table_fini(&fragments->datagrams);
        return -ENOMEM;
    }
    while (fragments->free_count < fragments->buffer_count) {
        uint16_t buffer = (uint16_t)(fragments->buffer_count - 1 - fragments->free_count);
        fragments->free_buffers[fragments->free_count++] = buffer;
    }
    return 0;
}

void fragments_fini(struct fragments *fragments) {
    pages_free(fragments->buffers, (size_t)fragments->buffer_count * BUFFER_BYTES);
    table_fini(&fragments->datagrams);
}

size_t fragments_ceiling(const struct sbl_limits *limits) {
    uint32_t count = sbl_limit_of(limits, SBL_LIMIT_FRAGMENTED_DATAGRAMS);
    return ((size_t)count + FRAGMENT_SPARE_BUFFERS) * BUFFER_BYTES +
           table_bytes(count, sizeof(struct fragment_key), sizeof(struct datagram));
}

void fragments_batch_done(struct fragments *fragments) {
    fragments->batch++;
    while (fragments->retired_count > 0)
        fragments->free_buffers[fragments->free_count++] =
            fragments->retired_buffers[--fragments->retired_count];
}

static uint8_t *buffer_of(const struct fragments *fragments, const struct datagram *d) {
    return &fragments->buffers[(size_t)d->buffer * BUFFER_BYTES];
}

static size_t header_bytes_of(const uint8_t *ip) {
    return ip[0] >> 4 == 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
}

static void datagram_forget(struct fragments *fragments, struct datagram *d) {
    if (d->state == DATAGRAM_OPEN)
        fragments->stats->fragments_lost += d->pieces;
    if (d->state == DATAGRAM_WHOLE && d->batch == fragments->batch)
        fragments->retired_buffers[fragments->retired_count++] = d->buffer;
    else
        fragments->free_buffers[fragments->free_count++] = d->buffer;
    table_remove(&fragments->datagrams, d);
}

void fragments_finish(struct fragments *fragments) {
    for (struct datagram *d; (d = table_oldest(&fragments->datagrams));)
        datagram_forget(fragments, d);
}

/* A new datagram, if need be in place of the least recently used one. NULL when all memory is in
 * use by segments of this batch. */
static struct datagram *datagram_start(struct fragments *fragments, const struct fragment_key *key,
                                       int64_t time_ns) {
    struct table *datagrams = &fragments->datagrams;
    struct sbl_stats *stats = fragments->stats;
    if (table_count(datagrams) == fragments->datagram_count) {
        struct datagram *oldest = table_oldest(datagrams);
        stats->cap_hits[SBL_LIMIT_FRAGMENTED_DATAGRAMS] += oldest->state == DATAGRAM_OPEN;
        datagram_forget(fragments, oldest);
    }
    if (fragments->free_count == 0) {
        stats->cap_hits[SBL_LIMIT_FRAGMENTED_DATAGRAMS]++;
        return NULL;
    }
    struct datagram *d = table_add(datagrams, key);
    if (!d)
        return NULL;
    d->buffer = fragments->free_buffers[--fragments->free_count];
    d->first_ns = time_ns;
    d->cut_at = UINT32_MAX;
    return d;
}

static bool map_has(const struct datagram *d, uint32_t unit) {
    return d->map[unit / 64] >> unit % 64 & 1;
}

/* Whether the lengths fit what is known of the datagram's end. */
static bool end_agrees(const struct datagram *d, const struct fragment *f, uint32_t end) {
    if (f->has_more)
        return d->total == 0 || end < d->total;
    return d->total != 0 ? end == d->total : end >= d->extent;
}

/* Whether every byte that has come before is the same again. Bytes behind a cut are not compared,
 * as they are never handed out. */
static bool bytes_agree(const struct datagram *d, const uint8_t *buffer, const struct fragment *f) {
    size_t known = f->captured_bytes;
    if (d->cut_at < f->offset)
        return true;
    if (known > d->cut_at - f->offset)
        known = d->cut_at - f->offset;
    for (size_t done = 0; done < known; done += 8) {
        size_t count = known - done < 8 ? known - done : 8;
        uint32_t unit = (uint32_t)(f->offset + done) / 8;
        if (map_has(d, unit) &&
            memcmp(&buffer[HEADER_ROOM + f->offset + done], &f->bytes[done], count) != 0)
            return false;
    }
    return true;
}

static void datagram_place(struct datagram *d, uint8_t *buffer, const struct fragment *f,
                           uint32_t end) {
    if (f->captured_bytes > 0)
        memcpy(&buffer[HEADER_ROOM + f->offset], f->bytes, f->captured_bytes);
    for (uint32_t unit = f->offset / 8u; unit < (end + 7) / 8; unit++) {
        d->units += !map_has(d, unit);
        d->map[unit / 64] |= (uint64_t)1 << unit % 64;
    }
    if (end > d->extent)
        d->extent = end;
    if (!f->has_more)
        d->total = end;
    uint32_t captured_end = (uint32_t)(f->offset + f->captured_bytes);
    if (captured_end < end && captured_end < d->cut_at)
        d->cut_at = captured_end;
    d->pieces++;
}

/* The first fragment's header, kept in front of the payload until the datagram is whole. */
static void header_keep(struct datagram *d, uint8_t *buffer, const struct fragment *f) {
    size_t bytes = header_bytes_of(f->ip);
    memcpy(&buffer[HEADER_ROOM - bytes], f->ip, bytes);
    d->protocol = f->protocol;
}

static void be16_put(uint8_t *at, size_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* Makes the kept header that of an unfragmented datagram: no options, no extension headers. */
static void header_finish(const struct datagram *d, uint8_t *buffer, size_t header_bytes,
                          struct datagram_whole *whole) {
    size_t captured = d->cut_at < d->total ? d->cut_at : d->total;
    uint8_t *ip = &buffer[HEADER_ROOM - header_bytes];
    if (header_bytes == IPV4_HEADER_BYTES) {
        ip[0] = 0x45;
        be16_put(&ip[2], header_bytes + d->total);
        be16_put(&ip[6], 0);
        be16_put(&ip[10], 0); /* no checksum: nobody asks for it */
        ip[9] = d->protocol;
    } else {
        be16_put(&ip[4], d->total);
        ip[6] = d->protocol;
    }
    *whole = (struct datagram_whole){.ip = ip,
                                     .header_bytes = header_bytes,
                                     .payload_bytes = captured,
                                     .cut_bytes = d->total - captured,
                                     .protocol = d->protocol};
}

static struct fragment_key key_of(const struct fragment *f) {
    struct fragment_key key = {.id = f->id, .tunnel_id = f->tunnel_id};
    bool is_v4 = f->ip[0] >> 4 == 4;
    memcpy(key.addresses, is_v4 ? &f->ip[12] : &f->ip[8], is_v4 ? 8 : 32);
    key.kind = is_v4 ? 0x400u | f->protocol : 0x600u;
    return key;
}

static bool datagram_dispute(struct fragments *fragments, struct datagram *d,
                             enum sbl_oddity oddity) {
    fragments->stats->oddities_below[oddity]++;
    fragments->stats->fragments_lost += d->pieces + 1u;
    d->state = DATAGRAM_DISPUTED;
    return false;
}

/* Time may run backwards in a capture, and may be anything in a damaged one. */
static bool is_given_up(const struct datagram *d, int64_t now_ns) {
    uint64_t first = (uint64_t)d->first_ns, now = (uint64_t)now_ns;
    return (now_ns > d->first_ns ? now - first : first - now) > GIVE_UP_NS;
}

/* The datagram that a fragment belongs to, or NULL when it is a copy of a part of a finished one,
 * or swallowed, or there is no room. */
static struct datagram *datagram_for(struct fragments *fragments, const struct fragment *f,
                                     uint32_t end) {
    struct fragment_key key = key_of(f);
    struct datagram *d = table_find(&fragments->datagrams, &key);
    if (d && is_given_up(d, f->time_ns)) {
        datagram_forget(fragments, d);
        d = NULL;
    }
    if (d && d->state == DATAGRAM_WHOLE) {
        if (end_agrees(d, f, end) && bytes_agree(d, buffer_of(fragments, d), f))
            return NULL;
        datagram_forget(fragments, d);
        d = NULL;
    }
    if (d && d->state == DATAGRAM_DISPUTED) {
        fragments->stats->fragments_lost++;
        return NULL;
    }
    if (!d && !(d = datagram_start(fragments, &key, f->time_ns)))
        fragments->stats->fragments_lost++;
    return d;
}

bool fragments_add(struct fragments *fragments, const struct fragment *f,
                   struct datagram_whole *whole) {
    fragments->stats->fragments++;
    size_t header_bytes = header_bytes_of(f->ip);
    size_t room = DATAGRAM_BYTES_MAX - (header_bytes == IPV4_HEADER_BYTES ? header_bytes : 0);
    bool is_too_long = f->wire_bytes > room || f->offset > room - f->wire_bytes;
    uint32_t end = is_too_long ? (uint32_t)room : (uint32_t)(f->offset + f->wire_bytes);
    struct datagram *d = datagram_for(fragments, f, end);
    if (!d)
        return false;
    if (is_too_long)
        return datagram_dispute(fragments, d, SBL_ODDITY_FRAGMENT_TOO_LONG);
    uint8_t *buffer = buffer_of(fragments, d);
    if (!end_agrees(d, f, end) || !bytes_agree(d, buffer, f))
        return datagram_dispute(fragments, d, SBL_ODDITY_CONFLICTING_FRAGMENT);
    datagram_place(d, buffer, f, end);
    if (f->offset == 0)
        header_keep(d, buffer, f);
    if (d->total == 0 || d->units != (d->total + 7) / 8)
        return false;
    d->state = DATAGRAM_WHOLE;
    d->batch = fragments->batch;
    header_finish(d, buffer, header_bytes, whole);
    return true;
}
