/* A ring of findings, each named by a serial number that counts on. Chains are of equal hashes;
 * keys are compared on the way. */
#include "evidence/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/pool.h"
#include "evidence/look_back.h"

enum { STEPS_MOST = 65536 };

struct memory {
    uint32_t count;  /* a power of two */
    uint64_t serial; /* of the latest, from 1 */
    uint64_t seed;
    struct told *ring;
    uint64_t *heads; /* CHAIN_COUNT times `count` */
};

static uint32_t power_for(uint32_t count) {
    uint32_t power = 16;
    while (power < count)
        power *= 2;
    return power;
}

static size_t ring_bytes(uint32_t count) {
    return (size_t)count * sizeof(struct told);
}

static size_t heads_bytes(uint32_t count) {
    return (size_t)count * CHAIN_COUNT * sizeof(uint64_t);
}

size_t memory_bytes(uint32_t count) {
    count = power_for(count);
    return sizeof(struct memory) + ring_bytes(count) + heads_bytes(count);
}

int memory_new(struct memory **memory, uint32_t count) {
    *memory = calloc(1, sizeof **memory);
    if (!*memory)
        return -ENOMEM;
    struct memory *made = *memory;
    made->count = power_for(count);
    made->seed = hash_seed();
    made->ring = pages_reserve(ring_bytes(made->count));
    made->heads = pages_reserve(heads_bytes(made->count));
    if (made->ring && made->heads)
        return 0;
    memory_free(made);
    *memory = NULL;
    return -ENOMEM;
}

void memory_free(struct memory *memory) {
    if (!memory)
        return;
    if (memory->ring)
        pages_free(memory->ring, ring_bytes(memory->count));
    if (memory->heads)
        pages_free(memory->heads, heads_bytes(memory->count));
    free(memory);
}

static struct told *at(const struct memory *memory, uint64_t serial) {
    if (serial == 0 || serial + memory->count <= memory->serial)
        return NULL;
    return &memory->ring[serial & (memory->count - 1)];
}

static uint64_t *head_of(const struct memory *memory, enum told_chain chain, uint64_t key) {
    return &memory->heads[(size_t)chain * memory->count + (key & (memory->count - 1))];
}

static uint64_t key_of_talk(const struct memory *memory, const struct sbl_conversation *talk) {
    uint8_t bytes[40];
    memcpy(bytes, talk->side[0].address, 16);
    memcpy(&bytes[16], talk->side[1].address, 16);
    memcpy(&bytes[32], &talk->side[0].port, 2);
    memcpy(&bytes[34], &talk->side[1].port, 2);
    memcpy(&bytes[36], &talk->tunnel_id, 4);
    return hash_bytes(bytes, sizeof bytes, memory->seed);
}

struct told *memory_add(struct memory *memory, enum told_kind kind,
                        const struct sbl_finding *finding, uint64_t account) {
    const struct sbl_conversation *talk = finding->conversation;
    struct told *told = &memory->ring[++memory->serial & (memory->count - 1)];
    *told = (struct told){.kind = (uint8_t)kind,
                          .session_id = finding->session_id,
                          .time_ns = finding->time_ns,
                          .frame_count = finding->evidence.frame_count};
    memcpy(told->event_id, finding->event_id, sizeof told->event_id);
    told->keys[CHAIN_ID] = hash_bytes(finding->event_id, 16, memory->seed);
    told->keys[CHAIN_CLIENT] = hash_bytes(talk->side[0].address, 16, memory->seed);
    told->keys[CHAIN_TALK] = key_of_talk(memory, talk);
    told->keys[CHAIN_ACCOUNT] = account;
    for (unsigned chain = 0; chain < CHAIN_COUNT; chain++) {
        uint64_t *head = head_of(memory, (enum told_chain)chain, told->keys[chain]);
        told->links[chain] = *head;
        *head = memory->serial;
    }
    for (unsigned i = 0; i < finding->evidence.frame_count && i < SBL_EVIDENCE_FRAMES; i++)
        told->frames[i] = frame_ref_pack(finding->evidence.frames[i]);
    return told;
}

static struct told *find(const struct memory *memory, enum told_chain chain, uint64_t serial,
                         uint64_t key) {
    struct told *told = at(memory, serial);
    for (unsigned i = 0; told && i < STEPS_MOST; i++) {
        if (told->keys[chain] == key)
            return told;
        told = at(memory, told->links[chain]);
    }
    return NULL;
}

static struct told *latest(const struct memory *memory, enum told_chain chain, uint64_t key) {
    return find(memory, chain, *head_of(memory, chain, key), key);
}

struct told *memory_by_id(struct memory *memory, const uint8_t event_id[16]) {
    return latest(memory, CHAIN_ID, hash_bytes(event_id, 16, memory->seed));
}

struct told *memory_by_client(struct memory *memory, const uint8_t address[16]) {
    return latest(memory, CHAIN_CLIENT, hash_bytes(address, 16, memory->seed));
}

struct told *memory_by_account(struct memory *memory, uint64_t account) {
    return latest(memory, CHAIN_ACCOUNT, account);
}

struct told *memory_before(struct memory *memory, enum told_chain chain, const struct told *told) {
    return find(memory, chain, told->links[chain], told->keys[chain]);
}
