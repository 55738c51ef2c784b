/* What the texts of a look-up say, remembered by their bytes. A machine that searches PATH, or
 * polls, asks for the same names in the same directories over and over, and so do its neighbours:
 * to fold, hash and match them anew costs thousands of instructions, to find them again a hundred.
 * Four places for each hash; keyed, so that nobody can choose what pushes what out. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/pool.h"
#include "history/walk_state.h"

enum { GLANCE_WAYS = 4, GLANCE_SETS = 1024, WIRE_BYTES = 240 };

/* The bytes that say which look-up it is, one behind the other: what is not text, then the texts.
 * A longer one is not remembered. */
struct wire_key {
    struct {
        uint32_t tree_id;
        uint16_t sizes[3];
        uint8_t encodings[3], is_below_unknown;
        uint16_t zero;
    } head;
    uint8_t bytes[WIRE_BYTES];
};

struct glance_slot {
    struct glance glance;
    uint32_t size;
    struct wire_key key;
};

struct glances {
    struct glance scratch;
    struct glance_slot *slots;
    uint32_t tags[GLANCE_SETS][GLANCE_WAYS]; /* 0 = free */
    uint8_t next[GLANCE_SETS];               /* which one is written anew */
};

struct glances *glances_new(void) {
    struct glances *made = calloc(1, sizeof *made);
    if (made)
        made->slots = pages_reserve(sizeof *made->slots * GLANCE_SETS * GLANCE_WAYS);
    if (made && !made->slots) {
        free(made);
        return NULL;
    }
    return made;
}

void glances_free(struct glances *glances) {
    if (!glances)
        return;
    pages_free(glances->slots, sizeof *glances->slots * GLANCE_SETS * GLANCE_WAYS);
    free(glances);
}

size_t glances_ceiling(void) {
    return sizeof(struct glances) + sizeof(struct glance_slot) * GLANCE_SETS * GLANCE_WAYS;
}

/* A pattern is broader than its author meant: ALLEGRO*.* fits somebody's letter, CWB*.DLL another
 * maker's program of the same years. It speaks for a driver's file; else it supports only. */
static bool is_weak(const struct signature_match *match, enum walk_kind kind) {
    return match->is_weak || (match->is_wildcard && kind != WALK_DRIVER);
}

/* Reads the matches of the name. It is nobody's search when they say so (shell metadata, package
 * polling, policy files), unless it is exactly the name of a program that can be blamed. */
static void read_matches(const struct walks *walks, const char *share, struct glance *glance) {
    struct signature_match found[SIGNATURE_MATCHES];
    struct walk_matches *matches = &glance->matches;
    bool is_exact = false;
    size_t count = knowledge_file(walks->knowledge, glance->place.name, share, found);
    for (size_t i = 0; i < count && i < SIGNATURE_MATCHES; i++) {
        enum signature_role role = found[i].signature->role;
        if (role == SIGNATURE_AGGRAVATING)
            glance->aggravated_by = found[i].signature->product;
        if (role == SIGNATURE_NEGATIVE || role == SIGNATURE_BENIGN) {
            glance->is_nobodys = true;
            if (!found[i].is_wildcard)
                return;
        }
        if (role != SIGNATURE_CULPRIT && role != SIGNATURE_STALE && role != SIGNATURE_PROBE)
            continue;
        bool weak = is_weak(&found[i], glance->place.kind);
        is_exact = is_exact || (!weak && !found[i].is_wildcard);
        matches->weak |= (uint8_t)(weak << matches->count);
        matches->wildcard |= (uint8_t)(found[i].is_wildcard << matches->count);
        matches->signatures[matches->count++] = found[i].signature;
    }
    glance->is_nobodys = glance->is_nobodys && !is_exact;
}

/* Whether a share can stand in a PATH for all we know; scripts on a logon share are its business.
 */
static bool is_searchable(const struct walk_place *place, enum share_class share_class) {
    if (share_class == SHARE_CLASS_PIPE || share_class == SHARE_CLASS_PRINT)
        return false;
    return share_class != SHARE_CLASS_DC || !place->is_pathext;
}

static const struct glance *read_glance(const struct walks *walks, struct walk_step *step,
                                        struct glance *glance) {
    if (step->wire)
        step->wire->read_path(step->wire->context, step);
    enum share_class share_class = knowledge_share(walks->knowledge, step->share);
    *glance = (struct glance){.aggravated_by = NULL};
    glance->is_step =
        walk_place_read(&glance->place, step->share, step->path, share_class, walks->seed) &&
        is_searchable(&glance->place, share_class);
    if (glance->is_step)
        read_matches(walks, step->share, glance);
    return glance;
}

/* Lays the texts together; 0 when they are too long to be remembered. */
static uint32_t wire_key(const struct walk_wire *wire, struct wire_key *key) {
    const struct sbl_text *texts[3] = {&wire->share, &wire->directory, &wire->name};
    uint32_t size = 0;
    key->head.tree_id = wire->tree_id;
    key->head.is_below_unknown = wire->is_below_unknown;
    key->head.zero = 0;
    for (unsigned i = 0; i < 3; i++) {
        uint32_t text_size = texts[i]->bytes ? texts[i]->size : 0;
        if (text_size > WIRE_BYTES - size)
            return 0;
        key->head.sizes[i] = (uint16_t)text_size;
        key->head.encodings[i] = texts[i]->encoding;
        if (text_size)
            memcpy(key->bytes + size, texts[i]->bytes, text_size);
        size += text_size;
    }
    return (uint32_t)offsetof(struct wire_key, bytes) + size;
}

const struct glance *glance_find(struct walks *walks, struct walk_step *step) {
    struct glances *glances = walks->glances;
    struct wire_key key;
    uint32_t size = step->wire ? wire_key(step->wire, &key) : 0;
    if (!size)
        return read_glance(walks, step, &glances->scratch);
    uint64_t hash = hash_bytes(&key, size, walks->seed);
    uint32_t set = (uint32_t)hash % GLANCE_SETS, tag = (uint32_t)(hash >> 32) | 1;
    struct glance_slot *slots = glances->slots + (size_t)set * GLANCE_WAYS;
    for (unsigned i = 0; i < GLANCE_WAYS; i++)
        if (glances->tags[set][i] == tag && slots[i].size == size &&
            memcmp(&slots[i].key, &key, size) == 0)
            return &slots[i].glance;
    unsigned at = glances->next[set]++ % GLANCE_WAYS;
    glances->tags[set][at] = tag;
    slots[at].size = size;
    memcpy(&slots[at].key, &key, size);
    return read_glance(walks, step, &slots[at].glance);
}
