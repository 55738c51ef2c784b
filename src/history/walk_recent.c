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
        if (recent->spot_serials[i] == serial)
            return &recent->spots[i];
    return NULL;
}

static bool holds(const struct track *track, uint32_t serial) {
    for (unsigned i = 0; i < track->tour_count; i++)
        if (track->tour[i] == serial)
            return true;
    return false;
}

static uint16_t tag_of(uint64_t key) {
    return (uint16_t)(key >> 48);
}

/* Whether any of the tags is this one: mostly none is, and all are compared at once. */
static bool has_tag(const uint16_t tags[RECENT_TRACKS], uint16_t tag) {
    uint16_t any = 0;
    for (unsigned i = 0; i < RECENT_TRACKS; i++)
        any |= tags[i] == tag;
    return any;
}

/* What was used at `at` becomes the newest. */
static void shelf_touch(struct shelf *shelf, uint8_t at) {
    if (shelf->newest == at)
        return;
    uint8_t older = shelf->older[at], newer = shelf->newer[at];
    if (shelf->oldest == at)
        shelf->oldest = newer;
    else
        shelf->newer[older] = newer;
    shelf->older[newer] = older;
    shelf->newer[shelf->newest] = at;
    shelf->older[at] = shelf->newest;
    shelf->newest = at;
}

/* A place for another key: a free one, else that of the one not used for longest. */
static uint8_t shelf_take(struct shelf *shelf, uint8_t room, uint64_t key) {
    uint8_t at = shelf->count;
    if (at < room) {
        shelf->count++;
        shelf->older[at] = shelf->newest;
        shelf->newer[shelf->newest] = at; /* of the first one: itself */
        shelf->newest = at;
    } else {
        at = shelf->oldest;
        shelf_touch(shelf, at);
    }
    shelf->tags[at] = tag_of(key);
    return at;
}

static struct spot *known_spot(struct recent *recent, uint64_t key) {
    const struct shelf *shelf = &recent->spot_shelf;
    uint16_t tag = tag_of(key);
    for (unsigned i = 0; i < shelf->count; i++)
        if (shelf->tags[i] == tag && recent->spots[i].key == key)
            return &recent->spots[i];
    return NULL;
}

static struct spot *spot_of_machine(struct recent *recent, uint64_t key) {
    uint16_t tag = tag_of(key);
    for (unsigned i = 0; key && i < recent->spot_shelf.count; i++)
        if (recent->machine_tags[i] == tag && recent->spots[i].machine_key == key)
            return &recent->spots[i];
    return NULL;
}

static struct spot *new_spot(struct recent *recent, const struct stride *stride,
                             struct walk_machine_keys keys) {
    const struct walk_place *place = stride->place;
    uint8_t at = shelf_take(&recent->spot_shelf, RECENT_SPOTS, place->directory_key);
    struct spot *spot = &recent->spots[at];
    recent->machine_tags[at] = tag_of(keys.directory);
    recent->spot_serials[at] = ++recent->serial ? recent->serial : ++recent->serial;
    *spot = (struct spot){.key = place->directory_key,
                          .share_key = place->share_key,
                          .machine_key = keys.directory,
                          .share_machine = keys.share,
                          .server = stride->step->server,
                          .serial = recent->spot_serials[at]};
    memcpy(spot->text, place->directory, sizeof spot->text);
    return spot;
}

static struct spot *find_spot(struct recent *recent, const struct stride *stride) {
    const struct walk_place *place = stride->place;
    struct spot *spot = known_spot(recent, place->directory_key);
    if (!spot) {
        struct walk_machine_keys keys =
            walk_place_at(place, stride->step->server, stride->walks->seed);
        spot = spot_of_machine(recent, keys.directory);
        if (!spot)
            return new_spot(recent, stride, keys);
    }
    shelf_touch(&recent->spot_shelf, (uint8_t)(spot - recent->spots));
    return spot;
}

static struct track *find_track(struct recent *recent, const struct walk_place *place) {
    struct shelf *shelf = &recent->track_shelf;
    uint16_t tag = tag_of(place->name_key);
    bool may_be_known = has_tag(shelf->tags, tag);
    for (uint8_t i = 0; may_be_known && i < shelf->count; i++)
        if (shelf->tags[i] == tag && recent->tracks[i].key == place->name_key) {
            shelf_touch(shelf, i);
            return &recent->tracks[i];
        }
    struct track *track = &recent->tracks[shelf_take(shelf, RECENT_TRACKS, place->name_key)];
    memset(track, 0, offsetof(struct track, tour)); /* of the rest nothing is read before it is */
    track->weak = NULL;                             /* written: that saves touching it */
    track->key = place->name_key;
    track->stem_key = place->stem_key;
    track->kind = (uint8_t)place->kind;
    track->has_pathext = place->is_pathext;
    memcpy(track->text, place->name, place->name_size + 1u);
    return track;
}

static void begin_tour(struct track *track, int64_t time_ns) {
    track->tour_count = track->tour_total = 0;
    track->uncounted = 0;
    track->is_ended = track->is_spread = track->is_pathext_tour = false;
    track->tour_ns = time_ns;
    track->walk = 0;
    if (track->tours < UINT8_MAX)
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
    if (track->tour_total < UINT8_MAX)
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
    if (stride->place->is_packed && !walk_matches_strong(stride->matches)) {
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
        mark_command(stride, other, other->key);
        mark_command(stride, track, stride->place->name_key);
    }
}

/* As find_client does, the table is not told of each use. */
static struct recent *find_recent(struct walks *walks, struct client *client) {
    struct recent *recent = client->recent;
    uint64_t half = walks->recents.entries.capacity / 2;
    if (recent && recent->client == client->serial && walks->tick - recent->linked <= half)
        return recent;
    recent = table_find(&walks->recents, &client->serial);
    if (!recent)
        recent = table_add(&walks->recents, &client->serial);
    if (!recent) {
        table_remove(&walks->recents, table_stalest(&walks->recents));
        walks->stats->cap_hits[SBL_LIMIT_LOOK_BACK]++;
        recent = table_add(&walks->recents, &client->serial);
    }
    recent->client = client->serial;
    recent->linked = walks->tick;
    client->recent = recent;
    return recent;
}

static void fetch(const void *at, size_t bytes) {
    const uint8_t *line = at;
    for (size_t done = 0; done < bytes; done += 64)
        __builtin_prefetch(line + done);
}

void recent_expect(const struct recent *recent) {
    fetch(recent, offsetof(struct recent, tracks));
}

/* A name that was not asked for lately takes the place of the oldest, and mostly in the directory
 * of the one before. */
void recent_expect_step(const struct recent *recent) {
    const struct track *track = &recent->tracks[recent->track_shelf.oldest];
    const struct spot *spot = &recent->spots[recent->spot_shelf.newest];
    fetch(track, offsetof(struct track, tour));
    fetch(track->text, 64);
    fetch(spot, offsetof(struct spot, text));
}

bool recent_step(struct stride *stride) {
    struct recent *recent = find_recent(stride->walks, stride->client);
    int64_t now_ns = stride->step->time_ns;
    stride->recent = recent;
    stride->spot = find_spot(recent, stride);
    struct track *track = stride->track = find_track(recent, stride->place);
    bool is_first_here = !is_near(now_ns, track->last_ns) || !holds(track, stride->spot->serial);
    for (unsigned i = 0; i < stride->matches->count; i++)
        if (stride->matches->weak >> i & 1)
            track->weak = stride->matches->signatures[i];
    track->is_strong = walk_matches_strong(stride->matches);
    go_on(stride);
    track->last_ns = now_ns;
    track->last_spot = stride->spot->serial;
    if (!stride->step->is_missing)
        track->is_ended = true;
    if (is_first_here)
        count_name(stride);
    find_command(stride);
    if (track->tour_total == CRAWL_SPOTS + 1 && stride->is_new_spot)
        walk_disown(stride, track->tour_ns, NULL, stride->place->name_key);
    if (is_installed_from(stride))
        return false;
    return !stride->spot->is_scanned && track->tour_total <= CRAWL_SPOTS;
}
