/* Buckets with chains through the flows' own lines; at half load nearly every flow is the first of
 * its chain, which is the one that was fetched ahead. */
#include "stream/flow_table.h"

#include <errno.h>
#include <string.h>

static uint32_t buckets_for(uint32_t capacity) {
    uint32_t count = 2;
    while (count < capacity * 2)
        count *= 2;
    return count;
}

size_t flow_table_bytes(uint32_t capacity) {
    return capacity * sizeof(struct flow) + buckets_for(capacity) * sizeof(uint32_t);
}

int flow_table_init(struct flow_table *table, uint32_t capacity) {
    *table = (struct flow_table){.secret = {{hash_seed(), hash_seed()}},
                                 .bucket_count = buckets_for(capacity)};
    table->buckets = pages_reserve(table->bucket_count * sizeof(uint32_t));
    if (!table->buckets)
        return -ENOMEM;
    int status = pool_init(&table->flows, capacity, sizeof(struct flow));
    if (status < 0)
        flow_table_fini(table);
    return status;
}

void flow_table_fini(struct flow_table *table) {
    if (table->flows.slots)
        pool_fini(&table->flows);
    pages_free(table->buckets, table->bucket_count * sizeof(uint32_t));
    *table = (struct flow_table){0};
}

void flow_key_of_ipv6(const struct flow_table *table, const struct sbl_segment *segment,
                      struct flow_lookup *lookup) {
    struct sbl_endpoint from = sbl_segment_from(segment), to = sbl_segment_to(segment);
    int order = memcmp(from.address, to.address, 16);
    lookup->side = order > 0 || (order == 0 && from.port > to.port);
    const struct sbl_endpoint *low = lookup->side ? &to : &from;
    const struct sbl_endpoint *high = lookup->side ? &from : &to;
    struct {
        uint8_t address[2][16];
        uint16_t port[2];
        uint32_t tunnel_id;
    } whole = {.port = {low->port, high->port}, .tunnel_id = segment->tunnel_id};
    memcpy(whole.address[0], low->address, 16);
    memcpy(whole.address[1], high->address, 16);
    XXH128_hash_t hash = XXH3_128bits_withSeed(&whole, sizeof whole, table->secret.words[0]);
    lookup->key[0] = hash.low64;
    lookup->key[1] = hash.high64 | FLOW_KEY_HASHED;
}

struct flow *flow_add(struct flow_table *table, const struct flow_lookup *lookup) {
    uint32_t index = pool_take(&table->flows);
    if (!index)
        return NULL;
    struct flow *flow = flow_slot(table, index);
    flow->key[0] = lookup->key[0];
    flow->key[1] = lookup->key[1];
    flow->flags = FLOW_IN_USE;
    flow->next = table->buckets[lookup->bucket];
    table->buckets[lookup->bucket] = index;
    return flow;
}

struct flow *flow_at(const struct flow_table *table, uint32_t index) {
    struct flow *flow = flow_slot(table, index);
    return flow->flags & FLOW_IN_USE ? flow : NULL;
}

struct flow *flow_oldest(struct flow_table *table) {
    struct flow *oldest = NULL;
    uint32_t look = patience_of(&table->patience, table->flows.touched);
    for (uint32_t i = 0; i < look; i++) {
        if (i >= EVICTION_SAMPLE && oldest && !oldest->connection)
            break;
        table->hand = table->hand % table->flows.touched + 1;
        struct flow *flow = flow_at(table, table->hand);
        if (!flow)
            continue;
        bool is_cheaper = oldest && oldest->connection && !flow->connection;
        bool is_dearer = oldest && !oldest->connection && flow->connection;
        if (!oldest || is_cheaper || (!is_dearer && flow->stamp < oldest->stamp))
            oldest = flow;
    }
    patience_learn(&table->patience, oldest && !oldest->connection);
    return oldest;
}

void flow_remove(struct flow_table *table, struct flow *flow) {
    uint32_t index = pool_index(&table->flows, flow);
    uint32_t *link = &table->buckets[flow_bucket_of(table, flow->key)];
    while (*link && *link != index)
        link = &flow_slot(table, *link)->next;
    *link = flow->next;
    flow->flags = 0;
    table->removals++;
    pool_give(&table->flows, index);
}

void flow_remove_all(struct flow_table *table) {
    pool_empty(&table->flows);
    pages_wipe(table->buckets, table->bucket_count * sizeof(uint32_t));
    table->removals++;
    table->hand = 0;
}

static uint64_t stamp_of(const struct flow_table *table, uint32_t index) {
    return flow_slot(table, index)->stamp;
}

/* Sinks the root of a heap whose largest stamp belongs on top. */
static void sink(const struct flow_table *table, uint32_t *heap, uint32_t root, uint32_t count) {
    for (uint32_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && stamp_of(table, heap[child + 1]) > stamp_of(table, heap[child]))
            child++;
        if (stamp_of(table, heap[root]) >= stamp_of(table, heap[child]))
            return;
        uint32_t sunk = heap[root];
        heap[root] = heap[child];
        heap[child] = sunk;
        root = child;
    }
}

void flow_sort_by_use(const struct flow_table *table, uint32_t *indices, uint32_t count) {
    for (uint32_t root = count / 2; root > 0; root--)
        sink(table, indices, root - 1, count);
    for (uint32_t end = count; end > 1; end--) {
        uint32_t latest = indices[0];
        indices[0] = indices[end - 1];
        indices[end - 1] = latest;
        sink(table, indices, 0, end - 1);
    }
}
