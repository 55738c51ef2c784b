/* A note holds, behind its header, the conversation (of a finding), the struct itself, and the
 * bytes of its texts, to which the copies point: they are read where they lie. Which members of a
 * struct are texts is a table. Of the list of evidence frames only those that count are copied: it
 * is half of a finding. */
#include "notes/pack.h"

#include <stddef.h>
#include <string.h>

enum { TEXTS_MOST = 24 };

struct shape {
    uint16_t bytes;  /* of the struct */
    bool is_finding; /* begins with a struct sbl_finding */
    uint8_t text_count;
    uint16_t texts[TEXTS_MOST]; /* offsets */
};

#define FINDING(member) offsetof(struct sbl_finding, member)
#define ATTEMPT(member) offsetof(struct sbl_attempt, member)
#define FINDING_TEXTS                                                                              \
    FINDING(dialect_name), FINDING(account), FINDING(domain), FINDING(workstation),                \
        FINDING(server_name), FINDING(share)

static const struct shape shapes[NOTE_KIND_COUNT] = {
    [NOTE_ATTEMPT] = {sizeof(struct sbl_attempt),
                      true,
                      21,
                      {FINDING_TEXTS,
                       /* of an AUTHENTICATE */
                       ATTEMPT(client.domain), ATTEMPT(client.user), ATTEMPT(client.workstation),
                       ATTEMPT(client.spn),
                       /* of a CHALLENGE */
                       ATTEMPT(server.target_name), ATTEMPT(server.nb_computer),
                       ATTEMPT(server.nb_domain), ATTEMPT(server.dns_computer),
                       ATTEMPT(server.dns_domain), ATTEMPT(server.dns_tree),
                       /* of both */
                       ATTEMPT(native_os), ATTEMPT(native_lanman), ATTEMPT(realm), ATTEMPT(service),
                       ATTEMPT(authority_name)}},
    [NOTE_TREE_REFUSAL] = {sizeof(struct sbl_tree_refusal), true, 6, {FINDING_TEXTS}},
    [NOTE_TREE_GRANT] = {sizeof(struct sbl_tree_grant), true, 6, {FINDING_TEXTS}},
    [NOTE_PROBE] = {sizeof(struct sbl_probe),
                    true,
                    8,
                    {FINDING_TEXTS, offsetof(struct sbl_probe, directory),
                     offsetof(struct sbl_probe, name)}},
    [NOTE_WITNESS] = {sizeof(struct sbl_witness),
                      false,
                      3,
                      {offsetof(struct sbl_witness, principal), offsetof(struct sbl_witness, realm),
                       offsetof(struct sbl_witness, service)}},
};

/* Who adds a text to one of these adds it to the table as well. */
enum { IS_USUAL = sizeof(void *) == 8 };
_Static_assert(!IS_USUAL || sizeof(struct sbl_finding) == 512, "a finding's texts in the table");
_Static_assert(!IS_USUAL || sizeof(struct sbl_attempt) == 1064, "an attempt's texts in the table");
_Static_assert(!IS_USUAL || sizeof(struct sbl_probe) == 560, "a probe's texts in the table");
_Static_assert(!IS_USUAL || sizeof(struct sbl_witness) == 144, "a witness's texts in the table");
_Static_assert(sizeof(struct sbl_tree_refusal) == sizeof(struct sbl_finding) &&
                   sizeof(struct sbl_tree_grant) == sizeof(struct sbl_finding),
               "what is told of shares has no texts of its own");

/* A struct that is told keeps to the alignment of the header before it. */
enum { CONVERSATION_BYTES = (sizeof(struct sbl_conversation) + 15) & ~15u };

static size_t struct_at(const struct shape *shape) {
    return sizeof(struct note) + (shape->is_finding ? CONVERSATION_BYTES : 0);
}

static const struct sbl_text *text_at(const void *told, size_t offset) {
    return (const struct sbl_text *)(const void *)((const uint8_t *)told + offset);
}

size_t pack_bytes(enum note_kind kind, const void *told) {
    const struct shape *shape = &shapes[kind];
    size_t bytes = struct_at(shape) + shape->bytes;
    for (unsigned i = 0; i < shape->text_count; i++)
        bytes += text_at(told, shape->texts[i])->size;
    return bytes < PACK_MOST ? bytes : PACK_MOST;
}

/* Without the evidence frames that do not count. */
static void copy_finding(uint8_t *to, const void *told, size_t bytes) {
    const struct sbl_finding *finding = told;
    const size_t frames_at = FINDING(evidence.frames),
                 frames_end = frames_at + sizeof finding->evidence.frames;
    size_t used = finding->evidence.frame_count * sizeof *finding->evidence.frames;
    memcpy(to, told, frames_at);
    if (used)
        memcpy(to + frames_at, finding->evidence.frames, used);
    memcpy(to + frames_end, (const uint8_t *)told + frames_end, bytes - frames_end);
}

size_t pack(struct note *note, enum note_kind kind, const void *told) {
    const struct shape *shape = &shapes[kind];
    uint8_t *start = (uint8_t *)note, *copy = start + struct_at(shape);
    uint8_t *at = copy + shape->bytes;
    if (shape->is_finding) {
        struct sbl_conversation *conversation = (void *)(note + 1);
        *conversation = *((const struct sbl_finding *)told)->conversation;
        copy_finding(copy, told, shape->bytes);
        ((struct sbl_finding *)(void *)copy)->conversation = conversation;
    } else {
        memcpy(copy, told, shape->bytes);
    }
    for (unsigned i = 0; i < shape->text_count; i++) {
        struct sbl_text *text = (void *)(copy + shape->texts[i]);
        if (text->size == 0)
            continue;
        size_t left = PACK_MOST - (size_t)(at - start);
        if (text->size > left) {
            text->size = (uint32_t)left;
            text->is_cut = true;
        }
        memcpy(at, text->bytes, text->size);
        text->bytes = at;
        at += text->size;
    }
    note->kind = (uint8_t)kind;
    note->application = 0;
    note->application_name = NULL;
    return (size_t)(at - start);
}

const void *pack_told(const struct note *note) {
    return (const uint8_t *)note + struct_at(&shapes[note->kind]);
}
