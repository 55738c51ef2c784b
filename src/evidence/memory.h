/* What evidence remembers of findings, until a diagnosis cites them: who, when, in which frames. A
 * bounded number, of which the oldest give way; found by event id, by client, by connection. */
#ifndef SMBLAME_EVIDENCE_MEMORY_H
#define SMBLAME_EVIDENCE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/attempt.h>

enum told_kind { TOLD_ATTEMPT = 0, TOLD_TREE_REFUSAL, TOLD_PROBE, TOLD_TREE_GRANT };

enum told_chain { CHAIN_ID = 0, CHAIN_CLIENT, CHAIN_TALK, CHAIN_ACCOUNT, CHAIN_COUNT };

struct told {
    uint64_t links[CHAIN_COUNT]; /* serial of the one before it; 0 = none */
    uint64_t keys[CHAIN_COUNT];
    uint64_t share; /* hash; 0 = none */
    uint64_t session_id;
    int64_t time_ns;
    uint8_t event_id[16];
    uint8_t kind;              /* enum told_kind */
    uint8_t mechanism, answer; /* of an attempt */
    bool is_granted, is_cited;
    uint8_t frame_count;
    uint64_t frames[SBL_EVIDENCE_FRAMES]; /* frame_ref_pack */
};

struct memory;

/* Room for `count` findings. 0 or -ENOMEM. */
int memory_new(struct memory **memory, uint32_t count);
size_t memory_bytes(uint32_t count);
void memory_free(struct memory *memory);

/* Remembers a finding and gives what is remembered, to be completed by the caller. `account` is the
 * hash of its account, 0 = none. */
struct told *memory_add(struct memory *memory, enum told_kind kind,
                        const struct sbl_finding *finding, uint64_t account);

/* The latest of a chain, and the one before it in that chain; NULL: there is none left. */
struct told *memory_by_id(struct memory *memory, const uint8_t event_id[16]);
struct told *memory_by_client(struct memory *memory, const uint8_t address[16]);
struct told *memory_by_account(struct memory *memory, uint64_t account);
struct told *memory_before(struct memory *memory, enum told_chain chain, const struct told *told);

#endif
