/* Searches of PATH: the doors of the room. A step is first asked whether it is one at all (pipes,
 * print shares, shell metadata, wildcards and the like are not), then noted among the client's last
 * seconds, then counted in the walk it belongs to. What a walk means is judged when an incident
 * asks. */
#include "history/walk_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"

#define HOUR_APART_NS UINT64_C(3600000000000)
enum { SURELY = 3 }; /* so often is no chance */

int walks_new(struct walks **walks, const struct sbl_knowledge *knowledge, struct sbl_stats *stats,
              const struct walks_caps *caps) {
    struct walks *made = *walks = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->knowledge = knowledge;
    made->stats = stats;
    made->seed = hash_seed();
    made->glances = glances_new();
    int failed = made->glances ? 0 : -ENOMEM;
    if (!failed)
        failed = table_init(&made->clients, caps->clients, sizeof(uint64_t), sizeof(struct client));
    if (!failed)
        failed = table_init(&made->recents, caps->recents, sizeof(uint64_t), sizeof(struct recent));
    if (!failed)
        failed = table_init(&made->kept, caps->walks, sizeof(uint64_t), sizeof(struct walk));
    if (failed) {
        walks_free(made);
        *walks = NULL;
    }
    return failed;
}

size_t walks_ceiling(const struct walks_caps *caps) {
    const uint32_t key_bytes = sizeof(uint64_t);
    return sizeof(struct walks) + glances_ceiling() +
           table_bytes(caps->clients, key_bytes, sizeof(struct client)) +
           table_bytes(caps->recents, key_bytes, sizeof(struct recent)) +
           table_bytes(caps->walks, key_bytes, sizeof(struct walk));
}

void walks_free(struct walks *walks) {
    if (!walks)
        return;
    glances_free(walks->glances);
    table_fini(&walks->clients);
    table_fini(&walks->recents);
    table_fini(&walks->kept);
    free(walks);
}

void walks_forget(struct walks *walks, uint64_t client) {
    struct client *found = table_find(&walks->clients, &client);
    struct recent *recent = table_find(&walks->recents, &client);
    while (found && found->walk_count)
        walk_drop(walks, found, found->walks[0]);
    if (found && walks->known[client % CLIENTS_KNOWN] == found)
        walks->known[client % CLIENTS_KNOWN] = NULL;
    if (found)
        table_remove(&walks->clients, found);
    if (recent)
        table_remove(&walks->recents, recent);
}

static struct client *table_client(struct walks *walks, uint64_t serial) {
    struct client *client = table_find(&walks->clients, &serial);
    if (!client)
        client = table_add(&walks->clients, &serial);
    if (client)
        return client;
    uint64_t oldest;
    memcpy(&oldest, table_key(&walks->clients, table_stalest(&walks->clients)), sizeof oldest);
    walks_forget(walks, oldest);
    walks->stats->cap_hits[SBL_LIMIT_HOSTS]++;
    walks->forgot_client = true;
    return table_add(&walks->clients, &serial);
}

/* Machines take turns by the packet, and to bring each to the front of the table at each step would
 * touch two others every time: once it is about to be in the older half is early enough. */
static struct client *find_client(struct walks *walks, uint64_t serial) {
    struct client **known = &walks->known[serial % CLIENTS_KNOWN], *client = *known;
    walks->tick++;
    if (client && client->serial == serial &&
        walks->tick - client->linked <= walks->clients.entries.capacity / 2)
        return client;
    client = *known = table_client(walks, serial);
    client->serial = serial;
    client->linked = walks->tick;
    return client;
}

struct walk_hint walks_hint(const struct walks *walks, uint64_t client) {
    const struct client *known = walks->known[client % CLIENTS_KNOWN];
    return (struct walk_hint){known, known ? known->recent : NULL};
}

void walks_expect(const struct walks *walks, struct walk_wire *wire, const struct walk_hint *hint) {
    glance_expect(walks, wire);
    if (hint->client)
        __builtin_prefetch(hint->client);
    if (hint->recent)
        recent_expect(hint->recent);
}

void walks_expect_step(const struct walks *walks, const struct walk_wire *wire,
                       const struct walk_hint *hint) {
    glance_expect_slot(walks, wire);
    if (hint->recent)
        recent_expect_step(hint->recent);
}

/* Refusals that say the file is there: nobody searches on for it. NTSTATUS, or class << 16 | code.
 */
static const uint32_t found_statuses[] = {
    0xC0000035, /* STATUS_OBJECT_NAME_COLLISION */
    0xC0000043, /* STATUS_SHARING_VIOLATION */
    0xC0000054, /* STATUS_FILE_LOCK_CONFLICT */
    0xC0000056, /* STATUS_DELETE_PENDING */
    0xC00000BA, /* STATUS_FILE_IS_A_DIRECTORY */
    0xC0000121, /* STATUS_CANNOT_DELETE */
    0x00010020, /* ERRDOS/ERRbadshare */
    0x00010021, /* ERRDOS/ERRlock */
    0x00010050, /* ERRDOS/ERRfilexists */
};

static bool says_found(uint32_t status) {
    for (size_t i = 0; i < sizeof found_statuses / sizeof *found_statuses; i++)
        if (found_statuses[i] == status)
            return true;
    return false;
}

/* Read in place of a line of memory that says the same. */
static const struct walk_matches no_matches = {.count = 0};

bool walks_step(struct walks *walks, const struct walk_step *step) {
    if (!step->is_missing && says_found(step->status))
        return false;
    const struct glance *glance = glance_find(walks, step);
    if (!glance->is_step)
        return false;
    struct stride stride = {.walks = walks,
                            .step = step,
                            .place = &glance->place,
                            .matches = glance->has_matches ? &glance->matches : &no_matches,
                            .name_key = glance->place.name_key,
                            .client = find_client(walks, step->client)};
    if (glance->aggravated_by)
        stride.client->aggravated_by = glance->aggravated_by;
    if (glance->is_nobodys)
        return false;
    if (!stride.client->has_probe &&
        (stride.place->kind >= WALK_PROGRAM || walk_matches_strong(stride.matches)))
        stride.client->has_probe = stride.has_changed = true;
    if (stride.place->has_directory && recent_step(&stride))
        walk_keep(&stride);
    return stride.has_changed;
}

/* How a walk fits an incident. */
struct fit {
    const struct walk *walk;
    struct walk_verdict verdict;
    unsigned near, near_lockouts;
    bool is_wanted, is_tied;
    unsigned score;
};

static bool is_near_span(const struct walk_span *span, int64_t time_ns) {
    return (time_ns >= span->first_ns && time_ns <= span->last_ns) ||
           walk_apart_ns(time_ns, span->first_ns) <= (uint64_t)WALK_NEAR_NS ||
           walk_apart_ns(time_ns, span->last_ns) <= (uint64_t)WALK_NEAR_NS;
}

static unsigned count_near(const struct walk *walk, const int64_t *times_ns, unsigned time_count) {
    unsigned count = 0;
    for (unsigned i = 0; i < time_count; i++)
        for (unsigned k = 0; k < walk->span_count; k++)
            if (is_near_span(&walk->spans[k], times_ns[i])) {
                count++;
                break;
            }
    return count;
}

static bool is_wanted(const struct walks *walks, const struct walk *walk,
                      const struct walk_question *question) {
    for (uint32_t i = 0; i < question->shares.count; i++) {
        uint64_t key = walk_share_key(question->shares.items[i], walks->seed);
        for (unsigned k = 0; key && k < walk->directory_count; k++)
            if (walk->directories[k].share_key == key)
                return true;
    }
    return false;
}

static void names_near(const struct walk *walk, const int64_t *times_ns, unsigned time_count,
                       unsigned near[WALK_NAMES]) {
    for (unsigned i = 0; i < time_count; i++) {
        uint32_t names = 0;
        for (unsigned k = 0; k < walk->span_count; k++)
            names |= is_near_span(&walk->spans[k], times_ns[i]) ? walk->spans[k].names : 0;
        for (unsigned k = 0; k < walk->name_count; k++)
            near[k] += names >> k & 1;
    }
}

static bool is_blamed(const struct walk_name *name) {
    for (unsigned i = 0; i < name->matches.count; i++)
        if (!(name->matches.weak >> i & 1) && name->matches.signatures[i]->role != SIGNATURE_PROBE)
            return true;
    return false;
}

/* Of one walk the names that were looked for time and again, and never beside a failure, where a
 * driver's file was beside three of them and more than half: two programs search, and one of them
 * has no part in it. As bits. */
static uint32_t names_elsewhen(const struct walk *walk, const struct walk_question *question) {
    unsigned near[WALK_NAMES] = {0};
    uint32_t elsewhen = 0;
    bool is_told_apart = false;
    names_near(walk, question->failures_ns, question->failure_count, near);
    names_near(walk, question->lockouts_ns, question->lockout_count, near);
    for (unsigned i = 0; i < walk->name_count; i++) {
        unsigned spans = 0;
        for (unsigned k = 0; k < walk->span_count; k++)
            spans += walk->spans[k].names >> i & 1;
        bool is_beside =
            near[i] >= SURELY && 2 * near[i] > question->failure_count + question->lockout_count;
        is_told_apart = is_told_apart || (is_beside && is_blamed(&walk->names[i]));
        elsewhen |= near[i] == 0 && spans >= SURELY ? 1u << i : 0;
    }
    return is_told_apart ? elsewhen : 0;
}

/* The endings that a command prompt tries for what was typed at it. */
static bool is_typed_ending(const char *name) {
    static const char *const endings[] = {".com", ".exe", ".bat", ".cmd"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}

/* Of a search for a driver's files the names that were typed at a prompt meanwhile: one stem with
 * three such endings. As bits. */
static uint32_t names_typed(const struct walk *walk) {
    uint32_t typed = 0;
    for (unsigned i = 0; i < walk->name_count; i++) {
        unsigned endings = 0;
        for (unsigned k = 0; k < walk->name_count; k++)
            endings += walk->names[k].stem_key == walk->names[i].stem_key &&
                       is_typed_ending(walk->names[k].text);
        bool is_typed = endings >= 3 && is_typed_ending(walk->names[i].text);
        typed |= is_typed && !is_blamed(&walk->names[i]) ? 1u << i : 0;
    }
    return typed;
}

static uint32_t names_left_out(const struct fit *fit, const struct walk_question *question) {
    return names_elsewhen(fit->walk, question) | (fit->verdict.blames ? names_typed(fit->walk) : 0);
}

/* What the machine searched an hour away has no part in it, whoever's account it is. Of a search
 * that went on for longer than is kept, all the time between counts. */
static bool is_within_hour(const struct walk *walk, const int64_t *times_ns, unsigned time_count) {
    bool is_long = walk->span_count == WALK_SPANS;
    for (unsigned i = 0; i < time_count; i++) {
        bool is_between = times_ns[i] >= walk->first_ns && times_ns[i] <= walk->last_ns;
        if ((is_long && is_between) || walk_apart_ns(times_ns[i], walk->first_ns) <= HOUR_APART_NS)
            return true;
        for (unsigned k = 0; k < walk->span_count; k++)
            if (walk_apart_ns(times_ns[i], walk->spans[k].first_ns) <= HOUR_APART_NS ||
                walk_apart_ns(times_ns[i], walk->spans[k].last_ns) <= HOUR_APART_NS)
                return true;
    }
    return false;
}

/* Whether one of the servers that refused was searched, as far as that is known. */
static bool is_searched_there(const struct walk *walk, const struct walk_question *question) {
    for (unsigned i = 0; i < walk->directory_count; i++)
        for (unsigned k = 0; k < question->server_count; k++)
            if (!walk->directories[i].server || walk->directories[i].server == question->servers[k])
                return true;
    return question->server_count == 0 || walk->directories_beyond > 0;
}

/* Two failures beside a search tie an account to it that belongs to the machine, or that searched.
 * Anybody else's may fail there by chance: that takes three, beside as many steps, and half of all
 * that failed, and that it was not beside searches just so while it was still granted. What is
 * refused elsewhere is another matter, however near. */
static bool is_tied_by_time(const struct fit *fit, const struct walk_question *question) {
    if (!is_searched_there(fit->walk, question))
        return false;
    const char *account = question->account ? question->account : "";
    bool is_its_own = *account && strcasecmp(account, fit->walk->account) == 0;
    if (question->is_own_account || is_its_own)
        return fit->near >= 2;
    bool was_granted_so =
        question->grant_count == 2 && count_near(fit->walk, question->grants_ns, 2) == 2;
    return fit->near >= 3 && fit->walk->steps >= 3 && 2 * fit->near >= question->failure_count &&
           !was_granted_so;
}

/* A local account is refused by the servers that are searched; elsewhere something else uses it. Of
 * a search by a program that nobody knows this is not enough: programs look for their files. */
static bool is_at_refusing_server(const struct fit *fit, const struct walk_question *question) {
    const struct walk *walk = fit->walk;
    bool is_in_time = question->failure_count + question->lockout_count == 0 ||
                      is_within_hour(walk, question->failures_ns, question->failure_count) ||
                      is_within_hour(walk, question->lockouts_ns, question->lockout_count);
    return is_in_time && (fit->verdict.blames || fit->verdict.proves) &&
           is_searched_there(walk, question);
}

/* Ties to the failures count before what the walk is worth by itself. */
static void measure(const struct walks *walks, const struct walk_question *question,
                    struct fit *fit) {
    const struct walk_verdict *verdict = &fit->verdict;
    walk_judge(fit->walk, &fit->verdict);
    fit->near = count_near(fit->walk, question->failures_ns, question->failure_count);
    fit->near_lockouts = count_near(fit->walk, question->lockouts_ns, question->lockout_count);
    fit->is_wanted = is_wanted(walks, fit->walk, question);
    fit->is_tied = fit->is_wanted || is_tied_by_time(fit, question);
    fit->score = (verdict->is_walk ? 256u : 0) + (fit->is_tied ? 128u : 0) +
                 (verdict->blames ? 64u : 0) + (verdict->proves ? 32u : 0) +
                 (verdict->is_confirmed ? 16u : 0) + (verdict->is_ordered ? 8u : 0) +
                 (fit->near ? 4u : 0);
}

static bool fits_better(const struct fit *a, const struct fit *b) {
    if (!b->walk || a->score != b->score)
        return !b->walk || a->score > b->score;
    if (a->walk->steps != b->walk->steps)
        return a->walk->steps > b->walk->steps;
    return a->walk->serial < b->walk->serial;
}

static void say_walk(struct walks *walks, const struct fit *fit, uint32_t left_out,
                     struct sbl_walk *out) {
    const struct walk *walk = fit->walk;
    uint32_t missing = 0;
    for (unsigned i = 0; i < walk->directory_count; i++)
        walks->directories[i] = walk->directories[fit->verdict.order[i]].text;
    for (unsigned i = 0; i < walk->name_count; i++)
        if (!(left_out >> i & 1))
            walks->missing[missing++] = walk->names[i].text;
    *out = (struct sbl_walk){.directories = {walks->directories, walk->directory_count,
                                             walk->directory_count + walk->directories_beyond},
                             .missing = {walks->missing, missing, missing + walk->names_beyond},
                             .steps = walk->steps,
                             .first_ns = walk->first_ns,
                             .last_ns = walk->last_ns,
                             .account = walk->account,
                             .domain = walk->domain};
}

static enum fact basis_fact(const struct walk_answer *answer) {
    enum fact best = FACT_WALK_BEHAVIOUR;
    for (unsigned i = 0; i < answer->candidate_count; i++) {
        const struct signature *signature = answer->candidates[i].signature;
        if (!signature)
            continue;
        if (signature->basis == SBL_BASIS_DOCUMENTED)
            return FACT_WALK_DOCUMENTED;
        if (signature->basis == SBL_BASIS_VENDOR_FILE_NAME)
            best = FACT_WALK_VENDOR_NAME;
        else if (best == FACT_WALK_BEHAVIOUR)
            best = FACT_WALK_INFERRED;
    }
    return best;
}

/* One look for one driver's file joins nothing, whoever's account it is and however near it was. */
static void say_facts(const struct fit *fit, const struct walk_question *question, bool is_one_look,
                      struct walk_answer *answer) {
    struct facts *facts = &answer->facts;
    facts_set(facts, FACT_WALK, true);
    bool is_near = fit->near + fit->near_lockouts > 0;
    bool is_own = question->is_own_account && (is_near || is_at_refusing_server(fit, question));
    facts_set(facts, FACT_WALK_JOINED, !is_one_look && (is_own || fit->is_tied));
    facts_set(facts, basis_fact(answer), true);
    facts_set(facts, FACT_WALK_ORDERED, fit->verdict.is_ordered);
    facts_set(facts, FACT_WALK_CONFIRMED, fit->verdict.is_confirmed);
    facts_set(facts, FACT_WALK_NEAR_FAILURE, is_near);
    facts_set(facts, FACT_WALK_WANTED_SHARE, fit->is_wanted);
    facts_set(facts, FACT_PROCESS_KNOWN,
              answer->candidate_count && answer->candidates[0].basis == SBL_BASIS_PROCESS_TABLE);
}

/* Each name once, all in one directory: anybody may have looked there, and whose file it is does
 * not say who. Unless the process is known, the refused logon was for that share, or (asked below)
 * one maker has two of the names. */
static bool is_single_look(const struct fit *fit) {
    const struct walk *walk = fit->walk;
    bool is_single = walk->directory_count == 1 && !walk->process_count && !fit->is_wanted;
    for (unsigned i = 0; i < walk->name_count; i++)
        is_single = is_single && walk->names[i].tours <= 1;
    return is_single;
}

static bool has_two_names(const struct walk_answer *answer) {
    for (unsigned i = 0; i < answer->candidate_count; i++)
        if (answer->candidates[i].signature && answer->candidates[i].files.count >= 2)
            return true;
    return false;
}

/* Names that are, each by itself, those of files of a driver or program that can be blamed. */
static unsigned count_blaming(const struct walk *walk) {
    unsigned count = 0;
    for (unsigned i = 0; i < walk->name_count; i++)
        count += is_blamed(&walk->names[i]);
    return count;
}

static void name_nobody(struct walk_answer *answer) {
    if (answer->candidate_count)
        answer->candidate_count = 1;
    for (unsigned i = 0; i < answer->candidate_count; i++) {
        answer->candidates[i].signature = NULL;
        answer->candidates[i].basis = SBL_BASIS_BEHAVIOUR;
        answer->candidates[i].weight = 1;
    }
}

/* Names of other walks vote as well when those are tied to the failures as closely: two drivers may
 * search different directories, and neither may be named alone. Returns whether all
 * there is to it is one look for one driver's file. */
static bool ask_names(struct walks *walks, const struct walk_question *question,
                      const struct fit *best, uint32_t left_out, struct walk_answer *answer) {
    struct ballot ballot = {.count = 0};
    bool is_single = is_single_look(best);
    ballot_add(&ballot, best->walk, left_out);
    for (unsigned i = 0; i < question->client_count; i++) {
        const struct client *client = table_find(&walks->clients, &question->clients[i]);
        for (unsigned k = 0; client && k < client->walk_count; k++) {
            struct fit fit = {.walk = client->walks[k]};
            measure(walks, question, &fit);
            bool is_elsewhen = best->near >= SURELY && fit.near + fit.near_lockouts == 0 &&
                               fit.walk->span_count >= SURELY;
            if (fit.walk != best->walk && fit.verdict.blames && !is_elsewhen &&
                fit.score / 128 >= best->score / 128) {
                ballot_add(&ballot, fit.walk, names_left_out(&fit, question));
                is_single = false;
            }
        }
    }
    ballot_count(&ballot, walks, answer);
    is_single = is_single && !has_two_names(answer);
    if (is_single)
        name_nobody(answer);
    return is_single && count_blaming(best->walk) <= 1;
}

bool walks_know(struct walks *walks, const uint64_t *clients, unsigned count, bool *has_probe) {
    bool has_walks = false;
    *has_probe = walks->forgot_client && table_count(&walks->clients) == 0;
    for (unsigned i = 0; table_count(&walks->clients) && i < count; i++) {
        const struct client *client = table_find(&walks->clients, &clients[i]);
        *has_probe = *has_probe || (client ? client->has_probe : walks->forgot_client);
        has_walks = has_walks || (client && client->walk_count);
    }
    return has_walks;
}

void walks_answer(struct walks *walks, const struct walk_question *question,
                  struct walk_answer *answer) {
    struct fit best = {.walk = NULL};
    bool has_probe = false;
    *answer = (struct walk_answer){.aggravated_by = "", .walk = {.account = "", .domain = ""}};
    for (unsigned i = 0; i < question->client_count; i++) {
        const struct client *client = table_find(&walks->clients, &question->clients[i]);
        has_probe = has_probe || (client ? client->has_probe : walks->forgot_client);
        if (client && client->aggravated_by)
            answer->aggravated_by = client->aggravated_by;
        for (unsigned k = 0; client && k < client->walk_count; k++) {
            struct fit fit = {.walk = client->walks[k]};
            measure(walks, question, &fit);
            if (fit.verdict.stands && fits_better(&fit, &best))
                best = fit;
        }
    }
    facts_set(&answer->facts, FACT_NO_PROBE, !has_probe);
    if (!best.walk)
        return;
    uint32_t left_out = names_left_out(&best, question);
    say_walk(walks, &best, left_out, &answer->walk);
    if (!best.verdict.is_walk)
        return;
    bool is_one_look = ask_names(walks, question, &best, left_out, answer);
    say_facts(&best, question, is_one_look, answer);
}
