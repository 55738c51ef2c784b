/* What is remembered of refused look-ups, inside the room: for each client the names and places of
 * the last seconds (`recent`), and the walks that came of them. All of fixed size. */
#ifndef SMBLAME_HISTORY_WALK_STATE_H
#define SMBLAME_HISTORY_WALK_STATE_H

#include "base/table.h"
#include "history/walk_text.h"

enum {
    WALK_DIRECTORIES = 16, /* of a walk, and of one tour */
    WALK_NAMES = 32,
    WALK_PROCESSES = 4,
    WALK_PROCESS_BYTES = 128,
    WALK_ACCOUNT_BYTES = 128,
    WALK_SPANS = 32, /* when its steps were */
    WALK_FIRST_SPANS = 8,
    WALKS_OF_CLIENT = 8,
    RECENT_TRACKS = 64,    /* names of a client's last seconds */
    RECENT_SPOTS = 32,     /* directories */
    SCAN_NAMES = 64,       /* more names in one directory within a step's time are an indexer's */
    CRAWL_SPOTS = 64,      /* more directories in one tour are a crawler's */
    INVENTORY_VENDORS = 5, /* drivers of so many vendors are an inventory's or an installer's */
    CLIENTS_KNOWN = 2048,  /* by their serials, without a look into the table */
    AGAIN_TOURS = 3,       /* a program name asked so often in one directory is a walk */
};

#define WALK_STEP_NS INT64_C(10000000000) /* between steps of one tour */
#define WALK_NEAR_NS INT64_C(5000000000)
#define WALK_SWEEP_NS INT64_C(1000000000) /* between drivers' names, each in another directory */
#define WALK_VISIT_NS INT64_C(1000000000) /* several look-ups of one name in one directory */

/* The signatures of a name that may be blamed or that prove a search of PATH. */
struct walk_matches {
    uint8_t count, weak, wildcard; /* the last two: a bit for each */
    const struct signature *signatures[SIGNATURE_MATCHES];
};

static inline bool walk_matches_strong(const struct walk_matches *matches) {
    return matches->weak != (1u << matches->count) - 1u;
}

/* A directory of a client's last seconds. `window` counts names asked there for the first time. */
struct spot {
    uint64_t key, share_key, machine_key, share_machine, server;
    int64_t window_ns;
    uint32_t serial;
    uint16_t window_names;
    bool is_scanned;
    bool is_media;  /* an installer looked there for packed files, at media_ns */
    bool is_beyond; /* counted as one directory more than a walk can list */
    int64_t media_ns;
    char text[WALK_DIRECTORY_BYTES];
};

/* A name of a client's last seconds: its tour through directories. A tour begins anew when a
 * directory comes a second time, after a pause, and after a refusal that ends a search. In the
 * order of use: a name asked once touches the first line and that of its text. Counts in bytes stop
 * at 255, far beyond what anybody asks them for. */
struct track {
    uint64_t key, stem_key;
    uint64_t walk; /* serial of the walk that this tour is counted in, or 0 */
    int64_t tour_ns, last_ns;
    uint32_t last_spot, uncounted;
    uint8_t tour_count, tour_total, tours, kind; /* the last: enum walk_kind */
    bool is_strong;
    bool is_ended, is_spread, is_pathext_tour; /* of this tour */
    bool has_pathext;
    bool is_beyond;                  /* counted as one name more than a walk can list */
    uint32_t tour[WALK_DIRECTORIES]; /* serials of spots */
    const struct signature *weak;    /* a signature that it matches weakly */
    char text[WALK_NAME_BYTES];      /* as first sent */
};

/* The keys of tracks or spots: a tag of each to look for, which all lie in a line or two, and who
 * was used when, as a chain from the oldest. Those in use are the first `count`. */
struct shelf {
    uint16_t tags[RECENT_TRACKS];
    uint8_t older[RECENT_TRACKS], newer[RECENT_TRACKS];
    uint8_t oldest, newest, count;
};

struct recent {
    struct shelf track_shelf, spot_shelf;
    uint16_t machine_tags[RECENT_TRACKS]; /* of spots */
    uint32_t spot_serials[RECENT_SPOTS];
    uint32_t serial;
    uint64_t linked; /* the walks' tick when its table last heard of its use */
    uint64_t client; /* serial of the machine */
    struct track tracks[RECENT_TRACKS];
    struct spot spots[RECENT_SPOTS];
};

/* A name of a walk. `route` is its longest tour, as indices of the walk's directories. */
struct walk_name {
    uint64_t key, stem_key, walk; /* the last: serial of its walk */
    int64_t last_ns;
    struct walk_matches matches;
    enum walk_kind kind;
    uint32_t tours, pathext_tours;
    uint8_t route[WALK_DIRECTORIES], route_count;
    uint8_t process; /* index + 1 */
    bool is_spread;  /* seen in two directories, neither below the other */
    char text[WALK_NAME_BYTES];
};

struct walk_directory {
    uint64_t key, share_key, machine_key, server;
    char text[WALK_DIRECTORY_BYTES];
};

/* `names`: a bit of each name that was looked for then. */
struct walk_span {
    int64_t first_ns, last_ns;
    uint32_t names;
};

/* `before[a][b]`: how many tours came to directory a before directory b. */
struct walk {
    uint64_t serial, client, steps, names_beyond, directories_beyond;
    int64_t first_ns, last_ns;
    struct walk_directory directories[WALK_DIRECTORIES];
    struct walk_name names[WALK_NAMES];
    struct walk_span spans[WALK_SPANS];
    uint16_t before[WALK_DIRECTORIES][WALK_DIRECTORIES];
    uint8_t directory_count, name_count, span_count, span_next, process_count;
    char processes[WALK_PROCESSES][WALK_PROCESS_BYTES];
    char account[WALK_ACCOUNT_BYTES], domain[WALK_ACCOUNT_BYTES];
};

/* A machine that was refused a look-up; its walks, the latest first. */
struct client {
    struct walk *walks[WALKS_OF_CLIENT];
    uint8_t walk_count;
    bool has_probe; /* of a file of a program */
    const char *aggravated_by;
    uint64_t serial, linked; /* linked: see struct recent */
    struct recent *recent;   /* its own while that says so */
};

/* What the texts of a look-up say: the same for the same bytes, whoever sends them. Most is said by
 * the first line of it. */
struct glance {
    uint64_t mark;             /* of the texts */
    const char *aggravated_by; /* product of an AGGRAVATING signature, or NULL */
    bool is_step;              /* may be one of a walk, as far as the place says */
    bool is_nobodys;           /* but not one of a search, by its name */
    bool has_matches;
    struct walk_place place;
    struct walk_matches matches;
};

_Static_assert(sizeof(struct glance) % 64 == 0, "glances begin at a cache line");

struct glances;

struct walks {
    const struct sbl_knowledge *knowledge;
    struct sbl_stats *stats;
    struct glances *glances;
    struct table clients; /* by serial of the machine */
    struct table recents; /* by the same */
    struct table kept;    /* struct walk, by its serial */
    uint64_t seed, serial, tick;
    bool forgot_client; /* a machine that is not known may have been */
    struct client *known[CLIENTS_KNOWN];
    const char *directories[WALK_DIRECTORIES], *missing[WALK_NAMES];
    const char *files[INCIDENT_CANDIDATES][WALK_NAMES];
};

/* One step on its way through the room. */
struct stride {
    struct walks *walks;
    const struct walk_step *step;
    const struct walk_place *place;
    const struct walk_matches *matches;
    uint64_t name_key;
    struct client *client;
    struct recent *recent;
    struct track *track;
    struct spot *spot;
    bool is_new_spot; /* of this tour */
    bool has_changed;
};

/* The time between two moments, whichever comes first, however far they are apart. */
static inline uint64_t walk_apart_ns(int64_t a, int64_t b) {
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

/* What the texts of a step say; reads them when they were not met before. Valid until the next
 * call. */
const struct glance *glance_find(struct walks *walks, const struct walk_step *step);
/* Reads the mark of the texts of a step, and fetches ahead what is known of them. */
void glance_expect(const struct walks *walks, struct walk_wire *wire);
void glance_expect_slot(const struct walks *walks, const struct walk_wire *wire);
struct glances *glances_new(void);
void glances_free(struct glances *glances);
size_t glances_ceiling(void);

/* Notes the step in the client's last seconds: finds or makes its track and spot and goes on with
 * the tour. False when it is a look-alike's and goes no further. */
bool recent_step(struct stride *stride);
/* Hints: fetch ahead by what a step is looked up, and then where it will be noted. */
void recent_expect(const struct recent *recent);
void recent_expect_step(const struct recent *recent);
/* The spot of a serial, or NULL when others took its place. */
struct spot *recent_spot(struct recent *recent, uint32_t serial);

/* Counts the step in the walk that it belongs to, if there is or comes to be one. */
void walk_keep(struct stride *stride);
/* Walks of the client that began at `since_ns` or later and hold the directory `place` (if any) or
 * the name (of key `name`) turn out to be a look-alike's. */
void walk_disown(struct stride *stride, int64_t since_ns, const struct spot *place, uint64_t name);
/* A tour of a name turns out to be one of a command typed at a prompt. */
void walk_tell_pathext(struct stride *stride, uint64_t name);
void walk_drop(struct walks *walks, struct client *client, struct walk *walk);

/* What the names of walks say, and in which order its directories were searched. */
enum { JUDGE_RUNNERS = 32, JUDGE_NAMES = 32 };

struct walk_verdict {
    uint8_t order[WALK_DIRECTORIES];
    bool stands;  /* is a walk, of whatever kind */
    bool is_walk; /* and one that may be joined to a program */
    bool is_ordered, is_confirmed;
    bool blames, proves; /* has a culprit's or stale program's name; an innocent probe's */
};

void walk_judge(const struct walk *walk, struct walk_verdict *verdict);
bool walk_name_is_command(const struct walk_name *name);

/* Names that vote for programs: those of the best walk, and of others that fit as well. */
struct ballot {
    const struct walk_name *names[JUDGE_NAMES];
    const char *processes[JUDGE_NAMES]; /* NULL = not known */
    unsigned count;
};

/* All names of the walk but those of the bits `left_out`. */
void ballot_add(struct ballot *ballot, const struct walk *walk, uint32_t left_out);
void ballot_count(const struct ballot *ballot, struct walks *walks, struct walk_answer *answer);

#endif
