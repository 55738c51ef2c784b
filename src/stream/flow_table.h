/* The flow table: every TCP connection of the capture, found in two cache lines that can be fetched
 * ahead. Keys are the two endpoints in canonical order with the tunnel; no VLAN and no MAC, because
 * mirror ports deliver the same packet with several of those. When the table is full, the one used
 * longest ago of a sample gives way, and flows without SMB state go first: as long as the sample
 * has none it grows. Sampling is by position, so what is evicted does not depend on the hash seed.
 */
#ifndef SMBLAME_STREAM_FLOW_TABLE_H
#define SMBLAME_STREAM_FLOW_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/segment.h>

#include "base/hash.h"
#include "base/pool.h"

/* Bits of flow.flags. Those that come in pairs are for side 0; shift by the side. */
enum flow_flags {
    FLOW_IN_USE = 1u << 0,
    FLOW_SEEN = 1u << 2, /* and << 3: a segment of this side was seen */
    FLOW_SYN = 1u << 4,  /* and << 5: isn[] of this side is known */
    FLOW_SEQ = 1u << 6,  /* and << 7: next_seq[] of this side is known */
    FLOW_DATA = 1u << 8, /* and << 9: data of this side was taken */
    FLOW_FIN = 1u << 10, /* and << 11: this side's end is known */
    FLOW_CLIENT_KNOWN = 1u << 12,
    FLOW_CLIENT_HIGH = 1u << 13, /* the client is side 1 */
    FLOW_RESET = 1u << 14,       /* a RST was seen; it may still wait for data it overtook */
    FLOW_RESET_HIGH = 1u << 15,  /* it came from side 1 */
    FLOW_CLOSED = 1u << 16,      /* both FINs or a RST; stays to recognise late duplicates */
    FLOW_STALLED = 1u << 17,     /* something waits in a queue of the connection */
    FLOW_OTHER = 1u << 18,       /* given up: certainly not SMB */
    FLOW_TENTATIVE = 1u << 19,   /* has a connection, but might not be SMB yet */
    FLOW_REJECTED = 1u << 20,    /* was tentative; the framing says no */
    FLOW_TRIED = 1u << 21,       /* was rejected once: not tentative again */
    FLOW_CLASSIFIED = 1u << 22,  /* the classifier has said what it can */
    FLOW_ANNOUNCED = 1u << 23,   /* a message was handed over: the sides are fixed */
    FLOW_TRIES_AT = 24,          /* 4 bits: data segments without a banner so far */
    FLOW_SAID = 1u << 28,        /* and << 29: the last message came from this side */
};

/* The hot line. The key is exact for IPv4 and a keyed hash of 127 bits for IPv6; the bit that is
 * left, FLOW_KEY_HASHED of its second word, tells them apart. */
struct flow {
    uint64_t key[2];
    uint64_t stamp;      /* ordinal of its last segment */
    uint32_t next;       /* flow index in the same bucket, 0 = last */
    uint32_t connection; /* cold state, 0 = none */
    uint32_t classify;   /* the classifier's handle; its verdict once FLOW_CLASSIFIED */
    uint32_t flags;
    uint32_t next_seq[2]; /* first sequence number not yet taken */
    uint32_t skip[2];     /* bytes from there that nobody wants */
    uint32_t isn[2];      /* sequence number of the SYN */
};

_Static_assert(sizeof(struct flow) == 64, "the hot state of a flow is one cache line");

#define FLOW_KEY_HASHED (UINT64_C(1) << 63)

/* How far the search for somebody to evict goes on when a sample has none of little value. It is
 * worth while where there are such, and grows; where there are none it would cost every newcomer,
 * and shrinks. */
enum { EVICTION_SAMPLE = 8, EVICTION_LOOK_MOST = 4096 };
struct patience {
    uint32_t look; /* slots; 0 = as at the start */
};

static inline uint32_t patience_of(const struct patience *patience, uint32_t slots) {
    uint32_t look = patience->look ? patience->look : EVICTION_LOOK_MOST;
    return look < slots ? look : slots;
}

static inline void patience_learn(struct patience *patience, bool has_found) {
    uint32_t look = patience->look ? patience->look : EVICTION_LOOK_MOST;
    if (has_found)
        patience->look = look < EVICTION_LOOK_MOST ? look * 2 : look;
    else
        patience->look = look > EVICTION_SAMPLE ? look / 2 : look;
}

struct flow_table {
    struct pool flows;
    uint32_t *buckets;     /* flow index, 0 = empty */
    uint32_t bucket_count; /* a power of two */
    uint32_t hand;         /* where the next sample begins */
    struct patience patience;
    uint32_t removals; /* so far: who found a flow before the last one must look again */
    struct hash_secret secret;
    uint64_t stamp; /* of the segment at hand */
};

/* What pass one of a batch finds out about a segment. */
struct flow_lookup {
    uint64_t key[2];
    uint32_t bucket;
    uint8_t side; /* of the segment's sender */
    struct flow
        *flow; /* the first of the bucket; from pass three on the one that was found, or NULL */
};

/* Room for `capacity` flows. 0 or -ENOMEM. */
int flow_table_init(struct flow_table *table, uint32_t capacity);
void flow_table_fini(struct flow_table *table);
size_t flow_table_bytes(uint32_t capacity);

/* The key of an IPv6 segment, a hash. */
void flow_key_of_ipv6(const struct flow_table *table, const struct sbl_segment *segment,
                      struct flow_lookup *lookup);

/* An IPv4 key is the endpoints themselves: address and port of one in each word, the lower one
 * first, and above them the halves of the tunnel's number, which is below 2^31. */
static inline void flow_key_of_ipv4(const struct sbl_segment *segment, struct flow_lookup *lookup) {
    uint32_t address[2];
    memcpy(address, segment->ip + 12, sizeof address);
    uint64_t from = (uint64_t)address[0] << 16 | segment->from_port;
    uint64_t to = (uint64_t)address[1] << 16 | segment->to_port;
    lookup->side = from > to;
    uint64_t tunnel = segment->tunnel_id;
    lookup->key[0] = (from > to ? to : from) | tunnel << 48;
    lookup->key[1] = (from > to ? from : to) | tunnel >> 16 << 48;
}

static inline uint32_t flow_bucket_of(const struct flow_table *table, const uint64_t key[2]) {
    return (uint32_t)hash_pair(key[0], key[1], &table->secret) & (table->bucket_count - 1);
}

static inline struct flow *flow_slot(const struct flow_table *table, uint32_t index) {
    return (struct flow *)(void *)table->flows.slots + (index - 1);
}

/* The passes of a batch up to the flow itself stand here to be part of the loop that makes them:
 * they are done for every packet there is.
 *
 * Makes the lookup of a segment and fetches its bucket ahead. */
static inline void flow_lookup_make(const struct flow_table *table,
                                    const struct sbl_segment *segment, struct flow_lookup *lookup) {
    if (segment->ip_version == 6)
        flow_key_of_ipv6(table, segment, lookup);
    else
        flow_key_of_ipv4(segment, lookup);
    lookup->bucket = flow_bucket_of(table, lookup->key);
    __builtin_prefetch(&table->buckets[lookup->bucket]);
}

/* The first flow of a bucket, or NULL. */
static inline struct flow *flow_first(const struct flow_table *table, uint32_t bucket) {
    uint32_t index = table->buckets[bucket];
    return index ? flow_slot(table, index) : NULL;
}

/* Fetches the first flow of the bucket ahead and supposes that it is the one; for pass two. */
static inline void flow_prefetch(const struct flow_table *table, struct flow_lookup *lookup) {
    lookup->flow = flow_first(table, lookup->bucket);
    if (lookup->flow)
        __builtin_prefetch(lookup->flow, 1);
}

/* The flow from this one of its bucket on, or NULL. */
static inline struct flow *flow_find_from(const struct flow_table *table, struct flow *flow,
                                          const struct flow_lookup *lookup) {
    while (flow && (flow->key[0] != lookup->key[0] || flow->key[1] != lookup->key[1]))
        flow = flow->next ? flow_slot(table, flow->next) : NULL;
    return flow;
}

/* The flow, or NULL. */
static inline struct flow *flow_find(const struct flow_table *table,
                                     const struct flow_lookup *lookup) {
    return flow_find_from(table, flow_first(table, lookup->bucket), lookup);
}

/* A new flow for a key that is not in the table, or NULL when the table is full. */
struct flow *flow_add(struct flow_table *table, const struct flow_lookup *lookup);

/* Who is to go when the table is full. Never NULL on a full table. */
struct flow *flow_oldest(struct flow_table *table);

void flow_remove(struct flow_table *table, struct flow *flow);

/* Removes all of them, without a walk. */
void flow_remove_all(struct flow_table *table);

/* The flow at a pool index, or NULL when the slot is free. For walking over all of them. */
struct flow *flow_at(const struct flow_table *table, uint32_t index);

/* Sorts flow indices by last use, the longest ago first. In place, without memory of its own. */
void flow_sort_by_use(const struct flow_table *table, uint32_t *indices, uint32_t count);

#endif
