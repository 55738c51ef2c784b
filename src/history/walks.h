/* Searches of PATH, per client: which refused look-ups are steps of a walk, what was searched for
 * in which directories in which order, and whose files those are. Told apart from look-alikes:
 * shell metadata, PATHEXT look-ups of one stem, package polling, lock files, alternate streams,
 * pipes, logon policy, browser prefetch. Bounded: the least recently active client's walks go
 * first. */
#ifndef SMBLAME_HISTORY_WALKS_H
#define SMBLAME_HISTORY_WALKS_H

#include <smblame/stats.h>
#include <smblame/text.h>

#include "history/incident.h"

struct walks;

/* Walks kept, clients known, and of these whose last seconds are kept. */
struct walks_caps {
    uint32_t walks, clients, recents;
};

int walks_new(struct walks **walks, const struct sbl_knowledge *knowledge, struct sbl_stats *stats,
              const struct walks_caps *caps);
size_t walks_ceiling(const struct walks_caps *caps);
void walks_free(struct walks *walks);

struct walk_step;

/* The texts of a look-up as they stand on the wire. What is made of them is remembered, byte for
 * byte, and most look-ups were met before: so they are decoded when they are asked for. `read_path`
 * gives share and path of the step, `read_user` account and domain; what they point to stays until
 * walks_step returns. */
struct walk_wire {
    struct sbl_text share, directory, name;
    uint32_t tree_id; /* stands for a share that is not known */
    bool is_below_unknown;
    uint64_t mark; /* of all of these, once walks_expect() read it; else 0 */
    void *context;
    void (*read_path)(void *context, struct walk_step *step);
    void (*read_user)(void *context, struct walk_step *step);
};

/* A refused look-up. `share` is the UNC share as sent ("\\CAP01\CAP_S01"), `path` what was asked
 * below it, separators as sent; `process` an image path or "". `is_missing`: refused because file
 * or directory is not there (other refusals may end a search, KB155793, and are steps too). Times
 * rise as packets do, but may jump. */
struct walk_step {
    uint64_t client; /* serial of the machine */
    int64_t time_ns;
    const char *share, *path, *account, *domain, *process;
    uint32_t status;
    bool is_missing;
    uint64_t server;              /* serial of the machine that was asked, 0 = not known */
    const struct walk_wire *wire; /* where the texts come from; NULL: they are there */
};

/* Where the walks keep what they know of a machine: for hints alone, as it may be another's by now.
 */
struct walk_hint {
    const void *client, *recent;
};
struct walk_hint walks_hint(const struct walks *walks, uint64_t client);

/* Hints, before a step that comes from the wire: the first reads the mark of its texts, and fetches
 * ahead what is remembered of them and of the machine; the second, once that is here, what the step
 * will write. */
void walks_expect(const struct walks *walks, struct walk_wire *wire, const struct walk_hint *hint);
void walks_expect_step(const struct walks *walks, const struct walk_wire *wire,
                       const struct walk_hint *hint);

/* Returns whether the client's walks changed in what they say. */
bool walks_step(struct walks *walks, const struct walk_step *step);

/* What an incident asks: the serials of the machine (one for each address that is surely it), when
 * its failures were (some of them, rising), the shares they wanted, and whether the account is one
 * that only this machine should know (SMS-local class, or the domain is the client's own name). */
struct walk_question {
    const uint64_t *clients;
    unsigned client_count;
    const int64_t *failures_ns;
    unsigned failure_count;
    const int64_t *lockouts_ns;
    unsigned lockout_count;
    struct sbl_strings shares;
    bool is_own_account;
    const char *account;     /* its name, or NULL */
    const uint64_t *servers; /* serials of those that refused it; none: it is not asked where */
    unsigned server_count;
    const int64_t *grants_ns; /* its first and its latest granted logon, when the first came before
                                 the failures */
    unsigned grant_count;
};

/* The walk that fits best (steps 0 = none), the WALK_* and NO_PROBE facts of it, and whose names
 * those are. WALK_JOINED holds when the account is_own_account and one of the servers was searched
 * (or a failure lies near a step), or a failure wanted a share that is
 * walked, or failures lie within 5 s of a step: two when the account itself searched, else three,
 * and half of all; lockout replies may be near, and join nothing. Nothing is joined that lies more
 * than an hour from every step, nor another's account that was granted beside the search before.
 * Where the names of one program were looked for beside the failures, those that were only ever
 * looked for at other times name nobody. Names that were each looked for
 * once, all in one directory, name nobody; where only one of them can be blamed, and its share was
 * not wanted, they join nothing either.
 * Strings are valid until the next call. */
struct walk_answer {
    struct facts facts;
    struct sbl_walk walk;
    struct incident_candidate candidates[INCIDENT_CANDIDATES];
    unsigned candidate_count;
    const char *aggravated_by;
};

/* Whether one of these machines has walks: without, walks_answer() has nothing to say but NO_PROBE.
 * `has_probe`: whether one probed, or may have and is forgotten. */
bool walks_know(struct walks *walks, const uint64_t *clients, unsigned count, bool *has_probe);

void walks_answer(struct walks *walks, const struct walk_question *question,
                  struct walk_answer *answer);

/* The walks of a machine that history forgets. */
void walks_forget(struct walks *walks, uint64_t client);

#endif
