/* What a walk is worth: the order of its directories (first visits, put right by the majority of
 * tours), whether several names confirm it, and whether it may be joined to a program at all. A
 * signature's name makes a walk anywhere; a name that only looks like a program's needs a search
 * through two directories in an order that the tours agree on. A command that somebody typed at a
 * prompt is searched for likewise: it stands as a walk, to be shown, and is joined to nothing. */
#include "history/walk_state.h"

#include <string.h>

bool walk_name_is_command(const struct walk_name *name) {
    return name->pathext_tours > 0 && name->pathext_tours >= name->tours - name->pathext_tours;
}

/* First visits first; neighbours change places when most tours say so. */
static void find_order(const struct walk *walk, uint8_t order[WALK_DIRECTORIES]) {
    unsigned count = walk->directory_count;
    for (unsigned i = 0; i < count; i++)
        order[i] = (uint8_t)i;
    for (unsigned pass = 0; pass < count; pass++)
        for (unsigned i = 0; i + 1 < count; i++) {
            uint8_t a = order[i], b = order[i + 1];
            if (walk->before[b][a] > walk->before[a][b]) {
                order[i] = b;
                order[i + 1] = a;
            }
        }
}

/* Tours contradict an order unless, of any two directories, at least twice as many came to the
 * first one first. */
static bool tours_agree(const struct walk *walk, const uint8_t order[WALK_DIRECTORIES]) {
    for (unsigned i = 0; i < walk->directory_count; i++)
        for (unsigned k = i + 1; k < walk->directory_count; k++) {
            unsigned with = walk->before[order[i]][order[k]];
            unsigned against = walk->before[order[k]][order[i]];
            if (against && with < 2 * against)
                return false;
        }
    return true;
}

static bool follows(const struct walk_name *name, const uint8_t order[WALK_DIRECTORIES]) {
    unsigned at = 0;
    for (unsigned i = 0; i < name->route_count; i++) {
        while (at < WALK_DIRECTORIES && order[at] != name->route[i])
            at++;
        if (at == WALK_DIRECTORIES)
            return false;
    }
    return true;
}

static uint32_t route_mask(const struct walk_name *name) {
    uint32_t mask = 0;
    for (unsigned i = 0; i < name->route_count; i++)
        mask |= 1u << name->route[i];
    return mask;
}

static bool is_telling(const struct walk_name *name) {
    return name->kind >= WALK_PROGRAM || walk_matches_strong(&name->matches);
}

/* Two names that went the same way, each through at least two directories of both. */
static bool has_confirmation(const struct walk *walk, uint32_t followers) {
    for (unsigned i = 0; i < walk->name_count; i++)
        for (unsigned k = i + 1; (followers >> i & 1) && k < walk->name_count; k++) {
            uint32_t both = route_mask(&walk->names[i]) & route_mask(&walk->names[k]);
            if ((followers >> k & 1) && (both & (both - 1)))
                return true;
        }
    return false;
}

static void judge_name(const struct walk_name *name, struct walk_verdict *verdict) {
    bool is_strong = walk_matches_strong(&name->matches);
    if (walk_name_is_command(name))
        return;
    verdict->stands = verdict->stands || is_strong || name->kind >= WALK_PROGRAM;
    for (unsigned i = 0; i < name->matches.count; i++) {
        bool is_probe = name->matches.signatures[i]->role == SIGNATURE_PROBE;
        if (name->matches.weak >> i & 1)
            continue;
        verdict->proves = verdict->proves || is_probe;
        verdict->blames = verdict->blames || !is_probe;
    }
}

/* No machine has sound cards of all the makers there are: who looks for drivers of five vendors
 * takes an inventory, or installs what fits. */
static bool is_inventory(const struct walk *walk) {
    const char *vendors[INVENTORY_VENDORS];
    unsigned count = 0;
    for (unsigned i = 0; i < walk->name_count && count < INVENTORY_VENDORS; i++) {
        const struct walk_matches *matches = &walk->names[i].matches;
        unsigned known = 0;
        if (!matches->count || matches->signatures[0]->role != SIGNATURE_CULPRIT)
            continue;
        while (known < count && strcmp(vendors[known], matches->signatures[0]->vendor) != 0)
            known++;
        if (known == count)
            vendors[count++] = matches->signatures[0]->vendor;
    }
    return count == INVENTORY_VENDORS;
}

void walk_judge(const struct walk *walk, struct walk_verdict *verdict) {
    uint32_t followers = 0, commands = 0;
    *verdict = (struct walk_verdict){0};
    memset(verdict->order, 0xFF, sizeof verdict->order);
    find_order(walk, verdict->order);
    bool agree = tours_agree(walk, verdict->order);
    for (unsigned i = 0; i < walk->name_count; i++) {
        const struct walk_name *name = &walk->names[i];
        judge_name(name, verdict);
        if (!is_telling(name) || !name->is_spread || !agree || !follows(name, verdict->order))
            continue;
        if (walk_name_is_command(name))
            commands |= 1u << i;
        else
            followers |= 1u << i;
    }
    verdict->is_ordered = followers != 0;
    verdict->is_confirmed = has_confirmation(walk, followers);
    verdict->stands = verdict->stands || commands;
    if (is_inventory(walk))
        verdict->blames = verdict->proves = verdict->is_ordered = verdict->is_confirmed = false;
    verdict->is_walk = verdict->blames || verdict->proves || verdict->is_ordered;
}
