/* The last seconds of a client: which names it was refused in which directories. Here is told what
 * is a tour through directories and what only looks like one: a shell that tries the extensions of
 * PATHEXT, an indexer that asks for name after name, a crawler that asks everywhere, an installer
 * at its medium. The work for a step does not depend on how many there were before. */
#include "history/walk_state.h"

#include <string.h>

static bool is_near(int64_t a, int64_t b) {
    return walk_apart_ns(a, b) <= (uint64_t)WALK_STEP_NS;
}

struct spot *recent_spot(struct recent *recent, uint32_t serial) {
    for (unsigned i = 0; i < RECENT_SPOTS; i++)
        if (recent->spots[i].serial == serial)
            return &recent->spots[i];
    return NULL;
}

static bool holds(const struct track *track, uint32_t serial) {
    for (unsigned i = 0; i < track->tour_count; i++)
        if (track->tour[i] == serial)
            return true;
    return false;
}

/* The index of a key, else of a free one, else of the one not used for longest. */
static unsigned find_slot(const uint64_t *keys, const uint64_t *used, unsigned count,
                          uint64_t key) {
    unsigned oldest = 0;
    for (unsigned i = 0; i < count; i++) {
        if (used[i] && keys[i] == key)
            return i;
        if (used[i] < used[oldest])
            oldest = i;
    }
    return oldest;
}

static struct spot *find_spot(struct recent *recent, const struct walk_place *place) {
    unsigned at =
        find_slot(recent->spot_keys, recent->spot_used, RECENT_SPOTS, place->directory_key);
    bool is_known = recent->spot_used[at] && recent->spot_keys[at] == place->directory_key;
    for (unsigned i = 0; !is_known && place->machine_key && i < RECENT_SPOTS; i++)
        if (recent->spot_used[i] && recent->spots[i].machine_key == place->machine_key) {
            at = i;
            is_known = true;
        }
    struct spot *spot = &recent->spots[at];
    recent->spot_used[at] = recent->tick;
    if (is_known)
        return spot;
    recent->spot_keys[at] = place->directory_key;
    *spot = (struct spot){.key = place->directory_key,
                          .share_key = place->share_key,
                          .machine_key = place->machine_key,
                          .share_machine = place->share_machine,
                          .server = place->server};
    spot->serial = ++recent->serial ? recent->serial : ++recent->serial;
    memcpy(spot->text, place->directory, sizeof spot->text);
    return spot;
}

static struct track *find_track(struct recent *recent, const struct walk_place *place) {
    unsigned at = find_slot(recent->track_keys, recent->track_used, RECENT_TRACKS, place->name_key);
    struct track *track = &recent->tracks[at];
    bool is_known = recent->track_used[at] && recent->track_keys[at] == place->name_key;
    recent->track_used[at] = recent->tick;
    if (is_known)
        return track;
    recent->track_keys[at] = place->name_key;
    *track = (struct track){
        .stem_key = place->stem_key, .kind = place->kind, .has_pathext = place->is_pathext};
    memcpy(track->text, place->name, sizeof track->text);
    return track;
}

static void begin_tour(struct track *track, int64_t time_ns) {
    track->tour_count = track->tour_total = track->uncounted = 0;
    track->is_ended = track->is_spread = track->is_pathext_tour = false;
    track->tour_ns = time_ns;
    track->walk = 0;
    if (track->tours < UINT32_MAX)
        track->tours++;
}

/* A tour is spread when it comes to a directory that is neither above nor below an earlier one. */
static bool is_apart(struct stride *stride, uint32_t serial) {
    const struct spot *other = recent_spot(stride->recent, serial), *here = stride->spot;
    if (!other || other == here || other->is_media)
        return false;
    bool is_same_share = other->share_key == here->share_key ||
                         (here->share_machine && other->share_machine == here->share_machine);
    return !is_same_share || !walk_is_nested(other->text, here->text);
}

static void go_on(struct stride *stride) {
    struct track *track = stride->track;
    uint32_t serial = stride->spot->serial;
    int64_t now_ns = stride->step->time_ns;
    bool is_same_visit = track->tour_total && track->last_spot == serial &&
                         walk_apart_ns(now_ns, track->last_ns) <= (uint64_t)WALK_VISIT_NS;
    bool is_next = track->tours && !track->is_ended && is_near(now_ns, track->last_ns) &&
                   !holds(track, serial);
    if (!is_next && !is_same_visit)
        begin_tour(track, now_ns);
    track->uncounted++;
    stride->is_new_spot = !is_same_visit;
    if (is_same_visit)
        return;
    for (unsigned i = 0; i < track->tour_count && !track->is_spread; i++)
        track->is_spread = is_apart(stride, track->tour[i]);
    if (track->tour_count < WALK_DIRECTORIES)
        track->tour[track->tour_count++] = serial;
    track->tour_total++;
}

/* Counts a name asked for the first time in a directory. Once there were too many within ten
 * seconds the directory counts as scanned, until ten seconds pass with fewer. */
static void count_name(struct stride *stride) {
    struct spot *spot = stride->spot;
    int64_t now_ns = stride->step->time_ns;
    if (!spot->window_names || !is_near(now_ns, spot->window_ns)) {
        bool follows = walk_apart_ns(now_ns, spot->window_ns) <= 2 * (uint64_t)WALK_STEP_NS;
        spot->is_scanned = follows && spot->window_names > SCAN_NAMES;
        spot->window_ns = now_ns;
        spot->window_names = 0;
    }
    if (spot->window_names < UINT16_MAX)
        spot->window_names++;
    if (spot->window_names == SCAN_NAMES + 1) {
        spot->is_scanned = true;
        walk_disown(stride, spot->window_ns, spot, 0);
    }
}

/* Setup looks for each file packed and unpacked, where its medium is. Unless the packed file is a
 * driver's own by name, what is looked for in that directory is to be installed, not searched. */
static bool is_installed_from(struct stride *stride) {
    struct spot *spot = stride->spot;
    int64_t now_ns = stride->step->time_ns;
    if (stride->place.is_packed && !walk_matches_strong(&stride->matches)) {
        spot->is_media = true;
        spot->media_ns = now_ns;
        walk_disown(stride, now_ns, spot, 0);
    }
    if (spot->is_media && !is_near(now_ns, spot->media_ns))
        spot->is_media = false;
    return spot->is_media;
}

static void mark_command(struct stride *stride, struct track *track, uint64_t name) {
    if (track->is_pathext_tour)
        return;
    track->is_pathext_tour = true;
    if (track->walk)
        walk_tell_pathext(stride, name);
}

/* One stem with two extensions of PATHEXT in one directory: somebody typed a command. */
static void find_command(struct stride *stride) {
    struct recent *recent = stride->recent;
    struct track *track = stride->track;
    for (unsigned i = 0; track->has_pathext && i < RECENT_TRACKS; i++) {
        struct track *other = &recent->tracks[i];
        if (other == track || !other->has_pathext || other->stem_key != track->stem_key ||
            !is_near(other->last_ns, stride->step->time_ns) || !holds(other, stride->spot->serial))
            continue;
        mark_command(stride, other, recent->track_keys[i]);
        mark_command(stride, track, stride->place.name_key);
    }
}

static struct recent *find_recent(struct walks *walks, uint64_t client) {
    struct recent *recent = table_find(&walks->recents, &client);
    if (recent)
        return recent;
    recent = table_add(&walks->recents, &client);
    if (recent)
        return recent;
    table_remove(&walks->recents, table_oldest(&walks->recents));
    walks->stats->cap_hits[SBL_LIMIT_WALKS]++;
    return table_add(&walks->recents, &client);
}

bool recent_step(struct stride *stride) {
    struct recent *recent = find_recent(stride->walks, stride->step->client);
    int64_t now_ns = stride->step->time_ns;
    stride->recent = recent;
    recent->tick++;
    stride->spot = find_spot(recent, &stride->place);
    struct track *track = stride->track = find_track(recent, &stride->place);
    bool is_first_here = !is_near(now_ns, track->last_ns) || !holds(track, stride->spot->serial);
    for (unsigned i = 0; i < stride->matches.count; i++)
        if (stride->matches.weak >> i & 1)
            track->weak = stride->matches.signatures[i];
    track->is_strong = walk_matches_strong(&stride->matches);
    go_on(stride);
    track->last_ns = now_ns;
    track->last_spot = stride->spot->serial;
    if (!stride->step->is_missing)
        track->is_ended = true;
    if (is_first_here)
        count_name(stride);
    find_command(stride);
    if (track->tour_total == CRAWL_SPOTS + 1 && stride->is_new_spot)
        walk_disown(stride, track->tour_ns, NULL, stride->place.name_key);
    if (is_installed_from(stride))
        return false;
    return !stride->spot->is_scanned && track->tour_total <= CRAWL_SPOTS;
}
