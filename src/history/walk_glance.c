/* What the texts of a look-up say, remembered by a keyed hash of their bytes: as directories and
 * names are everywhere in these rooms. A machine that searches PATH, or polls, asks for the same
 * names in the same directories over and over, and so do its neighbours: to fold, hash and match
 * them anew costs thousands of instructions, to find them again a hundred, and a cache line or two.
 * Four places for each hash; keyed, so that nobody can choose what pushes what out. Where hashes
 * scatter, only their tags do: glances themselves lie side by side as they were first met, on few
 * pages. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/pool.h"
#include "history/walk_state.h"

enum { GLANCE_WAYS = 4, GLANCE_SETS = 4096 };

struct glance_set {
    uint32_t tags[GLANCE_WAYS];  /* 0 = free */
    uint16_t slots[GLANCE_WAYS]; /* once it was in use */
    uint16_t next;               /* which one is written anew */
};

struct glances {
    struct glance scratch;
    struct glance *slots;
    uint32_t slots_used;
    struct glance_set sets[GLANCE_SETS];
};

_Static_assert(GLANCE_SETS *GLANCE_WAYS <= UINT16_MAX, "a slot has a number of 16 bits");

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
    return sizeof(struct glances) + sizeof(struct glance) * GLANCE_SETS * GLANCE_WAYS;
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

static const struct glance *read_glance(const struct walks *walks, const struct walk_step *told,
                                        struct glance *glance) {
    struct walk_step read = *told, *step = &read;
    if (step->wire)
        step->wire->read_path(step->wire->context, step);
    enum share_class share_class = knowledge_share(walks->knowledge, step->share);
    *glance = (struct glance){.mark = glance->mark};
    glance->is_step =
        walk_place_read(&glance->place, step->share, step->path, share_class, walks->seed) &&
        is_searchable(&glance->place, share_class);
    if (glance->is_step)
        read_matches(walks, step->share, glance);
    glance->has_matches = glance->matches.count > 0;
    return glance;
}

static uint64_t text_mark(struct sbl_text text, uint64_t seed) {
    return text.bytes ? hash_bytes(text.bytes, text.size, seed) : seed;
}

/* Each text is hashed on top of the one before, and of what is not text. */
static uint64_t wire_mark(const struct walk_wire *wire, uint64_t seed) {
    uint64_t kinds = (uint64_t)wire->tree_id << 32 | (uint64_t)wire->is_below_unknown << 24 |
                     (uint64_t)wire->share.encoding << 16 |
                     (uint64_t)wire->directory.encoding << 8 | wire->name.encoding;
    uint64_t mark = text_mark(wire->name, seed) ^ kinds;
    if (wire->directory.size)
        mark = text_mark(wire->directory, mark);
    return text_mark(wire->share, ~mark);
}

static struct glance_set *set_of(struct glances *glances, uint64_t mark) {
    return &glances->sets[(uint32_t)mark % GLANCE_SETS];
}

static uint32_t tag_of(uint64_t mark) {
    return (uint32_t)(mark >> 32) | 1;
}

void glance_expect(const struct walks *walks, struct walk_wire *wire) {
    wire->mark = wire_mark(wire, walks->seed);
    __builtin_prefetch(set_of(walks->glances, wire->mark));
}

/* What is asked of most is in the first line. */
void glance_expect_slot(const struct walks *walks, const struct walk_wire *wire) {
    const struct glance_set *set = set_of(walks->glances, wire->mark);
    for (unsigned i = 0; i < GLANCE_WAYS; i++)
        if (set->tags[i] == tag_of(wire->mark))
            __builtin_prefetch(&walks->glances->slots[set->slots[i]]);
}

/* Where the next glance of a set goes: a slot of its own as long as there are ways left. */
static struct glance *slot_take(struct glances *glances, struct glance_set *set, uint32_t tag) {
    unsigned at = set->next++ % GLANCE_WAYS;
    if (!set->tags[at])
        set->slots[at] = (uint16_t)glances->slots_used++;
    set->tags[at] = tag;
    return &glances->slots[set->slots[at]];
}

const struct glance *glance_find(struct walks *walks, const struct walk_step *step) {
    struct glances *glances = walks->glances;
    if (!step->wire)
        return read_glance(walks, step, &glances->scratch);
    uint64_t mark =
        step->wire->mark ? step->wire->mark : wire_mark(step->wire, walks->seed); /* not expected */
    struct glance_set *set = set_of(glances, mark);
    for (unsigned i = 0; i < GLANCE_WAYS; i++)
        if (set->tags[i] == tag_of(mark) && glances->slots[set->slots[i]].mark == mark)
            return &glances->slots[set->slots[i]];
    struct glance *glance = slot_take(glances, set, tag_of(mark));
    glance->mark = mark;
    return read_glance(walks, step, glance);
}
