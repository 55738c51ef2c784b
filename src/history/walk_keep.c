/* Walks as they are kept: which walk a step belongs to, when one begins, what it adds. A step that
 * continues a tour brings the earlier steps of that tour with it, so nothing is lost by being slow
 * to call it a walk. */
#include "history/walk_state.h"

#include <string.h>

#include "base/text.h"

static bool is_counted_in(const struct track *track, const struct walk *walk) {
    return track->walk == walk->serial;
}

static int directory_of(const struct walk *walk, const struct spot *spot) {
    for (int i = 0; i < walk->directory_count; i++) {
        const struct walk_directory *directory = &walk->directories[i];
        if (directory->key == spot->key ||
            (spot->machine_key && directory->machine_key == spot->machine_key))
            return i;
    }
    return -1;
}

static struct walk_name *name_of(struct walk *walk, uint64_t key) {
    for (unsigned i = 0; i < walk->name_count; i++)
        if (walk->names[i].key == key)
            return &walk->names[i];
    return NULL;
}

/* How many directories of the track's tour are the walk's. */
static unsigned overlap(const struct stride *stride, const struct walk *walk) {
    unsigned count = 0;
    for (unsigned i = 0; i < stride->track->tour_count; i++) {
        const struct spot *spot = recent_spot(stride->recent, stride->track->tour[i]);
        if (spot && directory_of(walk, spot) >= 0)
            count++;
    }
    return count;
}

/* Whether the step belongs to a walk: a name of it in a directory of it; a tour that shares two
 * directories, or the only one there is; a telling name in one of its directories. */
static bool belongs(const struct stride *stride, struct walk *walk) {
    const struct track *track = stride->track;
    unsigned shared = overlap(stride, walk);
    if (!shared)
        return false;
    bool is_its_name = name_of(walk, stride->name_key) != NULL;
    if (track->kind == WALK_BARE && !track->is_strong)
        return is_its_name;
    return is_its_name || track->is_strong ||
           (track->is_spread && (shared >= 2 || walk->directory_count == 1));
}

static struct walk *find_walk(const struct stride *stride) {
    struct walk *best = NULL;
    unsigned most = 0;
    for (unsigned i = 0; stride->track->walk && i < stride->client->walk_count; i++)
        if (stride->client->walks[i]->serial == stride->track->walk)
            return stride->client->walks[i];
    for (unsigned i = 0; i < stride->client->walk_count; i++) {
        struct walk *walk = stride->client->walks[i];
        unsigned shared = belongs(stride, walk) ? overlap(stride, walk) : 0;
        if (shared > most) {
            best = walk;
            most = shared;
        }
    }
    return best;
}

/* Two names that match the same signature, each only weakly, in one directory. */
static bool has_companion(const struct stride *stride) {
    const struct track *track = stride->track;
    for (unsigned i = 0; track->weak && i < RECENT_TRACKS; i++) {
        const struct track *other = &stride->recent->tracks[i];
        if (other != track && other->weak == track->weak && other->kind >= WALK_PROGRAM &&
            other->last_spot == stride->spot->serial &&
            walk_apart_ns(other->last_ns, track->last_ns) <= (uint64_t)WALK_STEP_NS)
            return true;
    }
    return false;
}

static bool begins_walk(const struct stride *stride) {
    const struct track *track = stride->track;
    bool is_program = track->kind >= WALK_PROGRAM;
    if (track->is_spread)
        return is_program || track->is_strong;
    if (track->is_pathext_tour)
        return false;
    return track->is_strong ||
           (is_program && (track->tours >= AGAIN_TOURS || has_companion(stride)));
}

void walk_drop(struct walks *walks, struct client *client, struct walk *walk) {
    unsigned kept = 0;
    for (unsigned i = 0; client && i < client->walk_count; i++)
        if (client->walks[i] != walk)
            client->walks[kept++] = client->walks[i];
    if (client)
        client->walk_count = (uint8_t)kept;
    table_remove(&walks->kept, walk);
}

/* Forgets the oldest walk of all, counted. */
static void walk_evict(struct walks *walks) {
    struct walk *oldest = table_stalest(&walks->kept);
    if (!oldest)
        return;
    walk_drop(walks, table_find(&walks->clients, &oldest->client), oldest);
    walks->stats->cap_hits[SBL_LIMIT_WALKS]++;
}

static struct walk *new_walk(struct stride *stride) {
    struct walks *walks = stride->walks;
    struct client *client = stride->client;
    if (client->walk_count == WALKS_OF_CLIENT) {
        walk_drop(walks, client, client->walks[WALKS_OF_CLIENT - 1]);
        walks->stats->cap_hits[SBL_LIMIT_WALKS]++;
    }
    uint64_t serial = ++walks->serial;
    struct walk *walk = table_add(&walks->kept, &serial);
    if (!walk) {
        walk_evict(walks);
        walk = table_add(&walks->kept, &serial);
    }
    walk->serial = serial;
    walk->client = stride->step->client;
    walk->first_ns = walk->last_ns = stride->track->tour_ns;
    client->walks[client->walk_count++] = walk;
    stride->has_changed = true;
    return walk;
}

/* The walk becomes the most recently active, of its client and of all. */
static void touch(struct stride *stride, struct walk *walk) {
    struct client *client = stride->client;
    struct walk *moved = walk;
    for (unsigned i = 0; i < client->walk_count; i++) {
        struct walk *here = client->walks[i];
        client->walks[i] = moved;
        moved = here;
        if (here == walk)
            break;
    }
    table_find(&stride->walks->kept, &walk->serial);
}

static int add_directory(struct stride *stride, struct walk *walk, struct spot *spot) {
    int at = directory_of(walk, spot);
    if (at >= 0)
        return at;
    if (walk->directory_count == WALK_DIRECTORIES) {
        walk->directories_beyond += !spot->is_beyond;
        spot->is_beyond = true;
        return -1;
    }
    struct walk_directory *directory = &walk->directories[walk->directory_count];
    directory->key = spot->key;
    directory->share_key = spot->share_key;
    directory->machine_key = spot->machine_key;
    directory->server = spot->server;
    memcpy(directory->text, spot->text, sizeof directory->text);
    stride->has_changed = true;
    return walk->directory_count++;
}

static struct walk_name *add_name(struct stride *stride, struct walk *walk) {
    struct track *track = stride->track;
    struct walk_name *name = name_of(walk, stride->name_key);
    if (!name && walk->name_count == WALK_NAMES) {
        walk->names_beyond += !track->is_beyond;
        track->is_beyond = true;
        return NULL;
    }
    if (!name) {
        name = &walk->names[walk->name_count++];
        *name = (struct walk_name){.key = stride->name_key,
                                   .stem_key = track->stem_key,
                                   .walk = walk->serial,
                                   .kind = track->kind};
        memcpy(name->text, track->text, sizeof name->text);
        stride->has_changed = true;
    }
    if (stride->matches->count > name->matches.count)
        name->matches = *stride->matches;
    return name;
}

/* Counts that would overflow are halved on both sides, so that the majority stays what it is. */
static void add_pair(struct walk *walk, unsigned earlier, unsigned later) {
    uint16_t *with = &walk->before[earlier][later], *against = &walk->before[later][earlier];
    if (earlier == later)
        return;
    if (*with == UINT16_MAX) {
        *with /= 2;
        *against /= 2;
    }
    ++*with;
}

/* The directories of the tour, in its order, go into the walk; pairs of them that were not counted
 * yet are counted. Returns how many there are in `route`. */
static unsigned add_tour(struct stride *stride, struct walk *walk,
                         uint8_t route[WALK_DIRECTORIES]) {
    const struct track *track = stride->track;
    unsigned count = 0;
    for (unsigned i = 0; i < track->tour_count; i++) {
        struct spot *spot = recent_spot(stride->recent, track->tour[i]);
        int at = spot && !spot->is_media ? add_directory(stride, walk, spot) : -1;
        if (at < 0)
            continue;
        bool is_latest = stride->is_new_spot && spot == stride->spot;
        for (unsigned k = 0; k < count && (!is_counted_in(track, walk) || is_latest); k++)
            add_pair(walk, route[k], (unsigned)at);
        route[count++] = (uint8_t)at;
    }
    if (stride->is_new_spot && track->tour_total > track->tour_count)
        add_directory(stride, walk, stride->spot);
    return count;
}

/* When the steps were, as spans without a pause of more than ten seconds: the first few and the
 * latest. Within a span no moment is farther than five seconds from a step. `name` is the bit of
 * the name that was looked for. */
static void add_moment(struct stride *stride, struct walk *walk, uint32_t name, int64_t time_ns) {
    uint64_t step_ns = (uint64_t)WALK_STEP_NS;
    struct walk_span *span = &walk->spans[walk->span_next ? walk->span_next - 1 : 0];
    walk->first_ns = time_ns < walk->first_ns ? time_ns : walk->first_ns;
    walk->last_ns = time_ns > walk->last_ns ? time_ns : walk->last_ns;
    bool is_inside = time_ns >= span->first_ns && time_ns <= span->last_ns;
    if (walk->span_count && (is_inside || walk_apart_ns(time_ns, span->first_ns) <= step_ns ||
                             walk_apart_ns(time_ns, span->last_ns) <= step_ns)) {
        span->first_ns = time_ns < span->first_ns ? time_ns : span->first_ns;
        span->last_ns = time_ns > span->last_ns ? time_ns : span->last_ns;
        span->names |= name;
        return;
    }
    unsigned at = walk->span_next < WALK_SPANS ? walk->span_next : WALK_FIRST_SPANS;
    walk->spans[at] = (struct walk_span){time_ns, time_ns, name};
    walk->span_count = (uint8_t)(walk->span_count < WALK_SPANS ? walk->span_count + 1 : WALK_SPANS);
    walk->span_next = (uint8_t)(at + 1);
    stride->has_changed = true;
}

static void add_process(struct walk *walk, struct walk_name *name, const char *process) {
    char text[WALK_PROCESS_BYTES];
    if (name->process || !*process)
        return;
    text_copy(text, sizeof text, process);
    for (unsigned i = 0; i < walk->process_count && !name->process; i++)
        if (strcmp(walk->processes[i], text) == 0)
            name->process = (uint8_t)(i + 1);
    if (name->process || walk->process_count == WALK_PROCESSES)
        return;
    memcpy(walk->processes[walk->process_count++], text, sizeof text);
    name->process = walk->process_count;
}

static void add_step(struct stride *stride, struct walk *walk, struct walk_name *name) {
    struct track *track = stride->track;
    uint8_t route[WALK_DIRECTORIES];
    unsigned count = add_tour(stride, walk, route);
    name->tours += !is_counted_in(track, walk);
    name->pathext_tours += !is_counted_in(track, walk) && track->is_pathext_tour;
    name->is_spread = name->is_spread || track->is_spread;
    if (count > name->route_count) {
        memcpy(name->route, route, count);
        name->route_count = (uint8_t)count;
    }
    name->last_ns = track->last_ns;
    add_process(walk, name, stride->step->process);
}

/* Exactly the name of a driver's file that may be blamed, or by pattern. */
static bool is_driver_s(const struct walk_matches *matches) {
    for (unsigned i = 0; i < matches->count; i++)
        if (!(matches->weak >> i & 1) && matches->signatures[i]->role == SIGNATURE_CULPRIT &&
            matches->signatures[i]->kind == SBL_CULPRIT_DRIVER)
            return true;
    return false;
}

/* Whether a DLL is the companion of a driver by its stem: ESS.DLL of ESS.SYS. */
static bool is_companion_s(const struct stride *stride, const char *name) {
    static const char *const endings[] = {".sys", ".drv", ".vxd", ".386"};
    const char *dot = strrchr(name, '.');
    size_t stem = dot ? (size_t)(dot - name) : WALK_NAME_BYTES;
    char driver[WALK_NAME_BYTES + 8];
    for (size_t i = 0; i < sizeof endings / sizeof *endings && stem < WALK_NAME_BYTES; i++) {
        struct signature_match found[SIGNATURE_MATCHES];
        memcpy(driver, name, stem);
        memcpy(driver + stem, endings[i], sizeof ".sys");
        size_t count = knowledge_file(stride->walks->knowledge, driver, "", found);
        for (size_t k = 0; k < count && k < SIGNATURE_MATCHES; k++)
            if (!found[k].is_wildcard && !found[k].is_weak &&
                found[k].signature->role == SIGNATURE_CULPRIT)
                return true;
    }
    return false;
}

/* A machine that looks for one driver's file here and the next one's there, all within a second,
 * went through these directories in one search, of which each name shows one step. */
static struct walk *find_sweep(const struct stride *stride) {
    const struct track *track = stride->track;
    struct client *client = stride->client;
    bool is_driver = is_driver_s(stride->matches);
    struct walk *walk = client->walk_count ? client->walks[0] : NULL;
    if (!walk || track->kind < WALK_OTHER || track->is_pathext_tour ||
        walk_apart_ns(walk->last_ns, stride->step->time_ns) > (uint64_t)WALK_SWEEP_NS ||
        !(is_driver || (track->kind >= WALK_PROGRAM && is_companion_s(stride, track->text))))
        return NULL;
    for (unsigned i = 0; i < walk->name_count; i++)
        if (is_driver_s(&walk->names[i].matches))
            return walk;
    return NULL;
}

static void keep_user(struct walk *walk, const struct walk_step *step) {
    struct walk_step read = *step;
    if (step->wire)
        step->wire->read_user(step->wire->context, &read);
    text_copy(walk->account, sizeof walk->account, read.account);
    text_copy(walk->domain, sizeof walk->domain, read.domain);
}

static void count_step(struct stride *stride, struct walk *walk) {
    struct track *track = stride->track;
    const struct walk_step *step = stride->step;
    struct walk_name *name = add_name(stride, walk);
    uint32_t bit = name ? 1u << (name - walk->names) : 0;
    if (name)
        add_step(stride, walk, name);
    if (!is_counted_in(track, walk))
        add_moment(stride, walk, bit, track->tour_ns);
    add_moment(stride, walk, bit, step->time_ns);
    walk->steps += track->uncounted;
    track->uncounted = 0;
    track->walk = walk->serial;
    if (!*walk->account)
        keep_user(walk, step);
}

/* A sweep began with DLLs that nobody knew until its first driver came. Each brings the directory
 * where it was looked for. */
static void add_forerunners(struct stride *stride, struct walk *walk) {
    static const struct walk_matches none = {.count = 0};
    struct recent *recent = stride->recent;
    for (unsigned i = 0; i < RECENT_TRACKS; i++) {
        struct track *track = &recent->tracks[i];
        struct spot *spot = recent_spot(recent, track->last_spot);
        if (i >= recent->track_shelf.count || track == stride->track || track->walk || !spot ||
            track->kind < WALK_PROGRAM || track->is_pathext_tour || spot->is_scanned ||
            spot->is_media ||
            walk_apart_ns(track->last_ns, stride->step->time_ns) > (uint64_t)WALK_SWEEP_NS ||
            !is_companion_s(stride, track->text))
            continue;
        struct walk_step step = *stride->step;
        step.time_ns = track->last_ns;
        step.process = "";
        struct stride earlier = *stride;
        earlier.step = &step;
        earlier.track = track;
        earlier.spot = spot;
        earlier.matches = &none;
        earlier.name_key = track->key;
        earlier.is_new_spot = false;
        count_step(&earlier, walk);
    }
}

void walk_keep(struct stride *stride) {
    struct walk *walk = find_walk(stride);
    if (!walk)
        walk = find_sweep(stride);
    if (!walk && begins_walk(stride)) {
        walk = new_walk(stride);
        if (is_driver_s(stride->matches))
            add_forerunners(stride, walk);
    }
    if (!walk)
        return;
    count_step(stride, walk);
    touch(stride, walk);
}

void walk_disown(struct stride *stride, int64_t since_ns, const struct spot *place, uint64_t name) {
    struct client *client = stride->client;
    for (unsigned i = client->walk_count; i-- > 0;) {
        struct walk *walk = client->walks[i];
        bool is_later = walk->first_ns >= since_ns ||
                        walk_apart_ns(walk->first_ns, since_ns) <= (uint64_t)WALK_STEP_NS;
        if (is_later &&
            ((place && directory_of(walk, place) >= 0) || (name && name_of(walk, name)))) {
            walk_drop(stride->walks, client, walk);
            stride->has_changed = true;
        }
    }
}

void walk_tell_pathext(struct stride *stride, uint64_t name) {
    for (unsigned i = 0; i < stride->client->walk_count; i++) {
        struct walk_name *found = name_of(stride->client->walks[i], name);
        if (found) {
            found->pathext_tours++;
            stride->has_changed = true;
        }
    }
}
