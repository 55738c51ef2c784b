/* Whose files a walk looked for. Every name that tells something votes for the signatures it
 * matches. A signature that explains more names beats one that explains some of the same; among
 * those that explain the same names the exact name beats the pattern, and the better known beats
 * the worse; what is then still equal stays, so that the caller lists both and accuses neither. A
 * weak name only supports a signature that another name speaks for. An innocent probe is a
 * candidate only where nobody can be blamed. Signatures of different names stay side by side,
 * weighed by how many names they explain and how well that is known. */
#include "history/walk_state.h"

#include <string.h>

#include "base/text.h"

struct runner {
    const struct signature *signature;
    uint32_t names, exact, strong; /* bits of the ballot's names */
    bool is_out;
};

struct count {
    const struct ballot *ballot;
    struct walks *walks;
    struct walk_answer *answer;
    struct runner runners[JUDGE_RUNNERS];
    unsigned runner_count;
    uint32_t by_process; /* names of a known process: it answers for them */
};

/* Process names of the system itself say nothing: all traffic of the redirector is its own. */
static const char *const nobody[] = {"system",      "system idle process", "idle", "unknown",
                                     "unavailable", "ntoskrnl.exe",        ""};

static unsigned bits(uint32_t mask) {
    unsigned count = 0;
    for (; mask; mask &= mask - 1)
        count++;
    return count;
}

static bool is_somebody(const char *process) {
    char base[WALK_PROCESS_BYTES];
    text_copy(base, sizeof base, walk_base(process));
    walk_fold(base, strlen(base));
    for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++)
        if (strcmp(base, nobody[i]) == 0)
            return false;
    return true;
}

void ballot_add(struct ballot *ballot, const struct walk *walk, uint32_t left_out) {
    for (unsigned i = 0; i < walk->name_count && ballot->count < JUDGE_NAMES; i++) {
        const struct walk_name *name = &walk->names[i];
        bool is_known = false;
        for (unsigned k = 0; k < ballot->count; k++)
            is_known = is_known || ballot->names[k]->key == name->key;
        if (is_known || (left_out >> i & 1) || (name->kind < WALK_PROGRAM && !name->matches.count))
            continue;
        const char *process = name->process ? walk->processes[name->process - 1] : NULL;
        ballot->processes[ballot->count] = process && is_somebody(process) ? process : NULL;
        ballot->names[ballot->count++] = name;
    }
}

static struct runner *runner_of(struct count *count, const struct signature *signature) {
    for (unsigned i = 0; i < count->runner_count; i++)
        if (count->runners[i].signature == signature)
            return &count->runners[i];
    if (count->runner_count == JUDGE_RUNNERS)
        return NULL;
    struct runner *runner = &count->runners[count->runner_count++];
    *runner = (struct runner){.signature = signature};
    return runner;
}

static void enter(struct count *count, unsigned at) {
    const struct walk_name *name = count->ballot->names[at];
    for (unsigned i = 0; i < name->matches.count && !walk_name_is_command(name); i++) {
        struct runner *runner = runner_of(count, name->matches.signatures[i]);
        if (!runner)
            continue;
        bool is_weak = name->matches.weak >> i & 1, is_exact = !(name->matches.wildcard >> i & 1);
        runner->names |= 1u << at;
        runner->strong |= is_weak ? 0 : 1u << at;
        runner->exact |= is_weak || !is_exact ? 0 : 1u << at;
    }
}

/* A file of a program beside one that is known exactly, with the same stem, is its companion:
 * AUDDRIVE.DLL goes with AUDDRIVE.SYS. */
static void add_companions(struct count *count, struct runner *runner) {
    const struct ballot *ballot = count->ballot;
    uint32_t exact = 0;
    for (unsigned i = 0; i < count->runner_count; i++)
        exact |= count->runners[i].exact;
    for (unsigned i = 0; i < ballot->count; i++)
        for (unsigned k = 0; k < ballot->count; k++)
            if ((runner->exact >> i & 1) && !(exact >> k & 1) &&
                ballot->names[k]->kind >= WALK_PROGRAM && !walk_name_is_command(ballot->names[k]) &&
                ballot->names[i]->stem_key == ballot->names[k]->stem_key)
                runner->names |= 1u << k;
}

static bool can_be_blamed(const struct runner *runner) {
    return runner->signature->role == SIGNATURE_CULPRIT ||
           runner->signature->role == SIGNATURE_STALE;
}

static unsigned worth(enum sbl_basis basis) {
    return basis == SBL_BASIS_DOCUMENTED ? 3 : basis == SBL_BASIS_VENDOR_FILE_NAME ? 2 : 1;
}

/* Whether the runner explains by its exact name what no other maker's exact name does. */
static bool has_own_name(const struct count *count, const struct runner *runner) {
    uint32_t own = runner->is_out ? 0 : runner->exact;
    for (unsigned i = 0; i < count->runner_count; i++) {
        const struct runner *other = &count->runners[i];
        if (!other->is_out && strcmp(other->signature->vendor, runner->signature->vendor) != 0)
            own &= ~other->exact;
    }
    return own != 0;
}

static bool are_several_makers(const struct count *count) {
    const char *vendor = NULL;
    for (unsigned i = 0; i < count->runner_count; i++) {
        const struct runner *runner = &count->runners[i];
        if (!has_own_name(count, runner))
            continue;
        if (vendor && strcmp(vendor, runner->signature->vendor) != 0)
            return true;
        vendor = runner->signature->vendor;
    }
    return false;
}

/* What one name's vote is worth. That a file is a vendor's is as much a fact as that an article
 * names it, or nearly; a name that is only believed to be somebody's counts less than half: where
 * a guess stands against a fact, the fact is named, and of two facts neither is. That an article
 * knows one file does not undo another maker's exact file beside it: those weigh the same. */
static double trust(const struct count *count, const struct runner *runner) {
    enum sbl_basis basis = runner->signature->basis;
    if (has_own_name(count, runner) && are_several_makers(count))
        return 1.0;
    return basis == SBL_BASIS_DOCUMENTED ? 1.0 : basis == SBL_BASIS_VENDOR_FILE_NAME ? 0.8 : 0.4;
}

static bool beats(const struct runner *a, const struct runner *b) {
    if (b->names & ~a->names)
        return false;
    if (a->names != b->names)
        return a->exact || !b->exact;
    if (bits(a->exact) != bits(b->exact))
        return bits(a->exact) > bits(b->exact);
    return worth(a->signature->basis) > worth(b->signature->basis);
}

static void run(struct count *count) {
    bool is_blame = false;
    for (unsigned i = 0; i < count->ballot->count; i++)
        enter(count, i);
    for (unsigned i = 0; i < count->runner_count; i++) {
        struct runner *runner = &count->runners[i];
        runner->is_out = !runner->strong;
        if (!runner->is_out)
            add_companions(count, runner);
        is_blame = is_blame || (!runner->is_out && can_be_blamed(runner));
    }
    for (unsigned i = 0; i < count->runner_count; i++)
        if (is_blame && !can_be_blamed(&count->runners[i]))
            count->runners[i].is_out = true;
    bool is_beaten[JUDGE_RUNNERS] = {false};
    for (unsigned i = 0; i < count->runner_count; i++)
        for (unsigned k = 0; k < count->runner_count; k++)
            if (i != k && !count->runners[i].is_out && !count->runners[k].is_out &&
                beats(&count->runners[i], &count->runners[k]))
                is_beaten[k] = true;
    for (unsigned i = 0; i < count->runner_count; i++)
        count->runners[i].is_out = count->runners[i].is_out || is_beaten[i];
}

/* The share of one name's vote that a runner gets: the exact ones share it, else all. */
static double vote(const struct count *count, const struct runner *runner, unsigned at) {
    unsigned all = 0, exact = 0;
    if (!(runner->names >> at & 1) || (count->by_process >> at & 1))
        return 0;
    for (unsigned i = 0; i < count->runner_count; i++) {
        const struct runner *other = &count->runners[i];
        all += !other->is_out && (other->names >> at & 1);
        exact += !other->is_out && (other->exact >> at & 1);
    }
    if (!exact)
        return 1.0 / all;
    return runner->exact >> at & 1 ? 1.0 / exact : 0;
}

/* Whether candidate `a` stands before `b`. */
static bool stands_before(const struct incident_candidate *a, const struct incident_candidate *b) {
    bool by_process = a->basis == SBL_BASIS_PROCESS_TABLE;
    if (by_process != (b->basis == SBL_BASIS_PROCESS_TABLE))
        return by_process;
    if (a->weight < b->weight || a->weight > b->weight)
        return a->weight > b->weight;
    if (!a->signature || !b->signature)
        return a->signature != NULL;
    if (worth(a->signature->basis) != worth(b->signature->basis))
        return worth(a->signature->basis) > worth(b->signature->basis);
    return strcmp(a->signature->id, b->signature->id) < 0;
}

/* Puts a candidate in its place, with the names of `mask` as its files; the last one falls out when
 * there are too many. Weights are votes until all are in. */
static void nominate(struct count *count, struct incident_candidate candidate, uint32_t mask) {
    struct walk_answer *answer = count->answer;
    const char *files[WALK_NAMES];
    unsigned at = answer->candidate_count, file_count = 0;
    for (unsigned i = 0; i < count->ballot->count; i++)
        if (mask >> i & 1)
            files[file_count++] = count->ballot->names[i]->text;
    candidate.files = (struct sbl_strings){NULL, file_count, file_count};
    while (at && stands_before(&candidate, &answer->candidates[at - 1]))
        at--;
    if (at == INCIDENT_CANDIDATES)
        return;
    if (answer->candidate_count < INCIDENT_CANDIDATES)
        answer->candidate_count++;
    for (unsigned i = answer->candidate_count - 1; i > at; i--) {
        answer->candidates[i] = answer->candidates[i - 1];
        memcpy(count->walks->files[i], count->walks->files[i - 1], sizeof files);
    }
    answer->candidates[at] = candidate;
    memcpy(count->walks->files[at], files, file_count * sizeof *files);
}

/* The signature of a program by its own file name, if exactly one has it. */
static const struct signature *own_signature(const struct count *count, const char *process) {
    struct signature_match matches[SIGNATURE_MATCHES];
    const struct signature *found = NULL;
    size_t match_count = knowledge_file(count->walks->knowledge, walk_base(process), "", matches);
    for (size_t i = 0; i < match_count; i++) {
        enum signature_role role = matches[i].signature->role;
        if (matches[i].is_weak || matches[i].is_wildcard ||
            (role != SIGNATURE_CULPRIT && role != SIGNATURE_STALE))
            continue;
        if (found)
            return NULL;
        found = matches[i].signature;
    }
    return found;
}

/* Else that of the files it looked for, if exactly one can be blamed for them. */
static const struct signature *asked_signature(const struct count *count, uint32_t mask) {
    const struct signature *found = NULL;
    for (unsigned i = 0; i < count->runner_count; i++) {
        const struct runner *runner = &count->runners[i];
        if (runner->is_out || !can_be_blamed(runner) || !(runner->names & mask))
            continue;
        if (found)
            return NULL;
        found = runner->signature;
    }
    return found;
}

static bool is_driver_file(const char *process) {
    char end[5] = "";
    size_t size = strlen(process);
    if (size >= 4)
        memcpy(end, process + size - 4, 4);
    walk_fold(end, strlen(end));
    return strcmp(end, ".sys") == 0;
}

static void nominate_processes(struct count *count) {
    const struct ballot *ballot = count->ballot;
    for (unsigned i = 0; i < ballot->count; i++) {
        const char *process = ballot->processes[i];
        uint32_t mask = 0;
        if (!process || (count->by_process >> i & 1))
            continue;
        for (unsigned k = i; k < ballot->count; k++)
            if (ballot->processes[k] && strcmp(ballot->processes[k], process) == 0)
                mask |= 1u << k;
        count->by_process |= mask;
        const struct signature *signature = own_signature(count, process);
        struct incident_candidate candidate = {
            .signature = signature ? signature : asked_signature(count, mask),
            .kind = is_driver_file(process) ? SBL_CULPRIT_DRIVER : SBL_CULPRIT_PROGRAM,
            .basis = SBL_BASIS_PROCESS_TABLE,
            .weight = bits(mask),
            .process = process};
        nominate(count, candidate, mask);
    }
}

static enum sbl_culprit_kind kind_of(const struct signature *signature) {
    return signature->role == SIGNATURE_PROBE || signature->kind == SBL_CULPRIT_UNKNOWN
               ? SBL_CULPRIT_PROGRAM
               : signature->kind;
}

/* Returns the names that are explained. */
static uint32_t nominate_signatures(struct count *count) {
    uint32_t explained = count->by_process;
    for (unsigned i = 0; i < count->runner_count; i++) {
        const struct runner *runner = &count->runners[i];
        double votes = 0;
        for (unsigned k = 0; !runner->is_out && k < count->ballot->count; k++)
            votes += vote(count, runner, k);
        if (votes <= 0)
            continue;
        explained |= runner->names;
        struct incident_candidate candidate = {.signature = runner->signature,
                                               .kind = kind_of(runner->signature),
                                               .basis = runner->signature->basis,
                                               .weight = votes * trust(count, runner),
                                               .process = ""};
        nominate(count, candidate, runner->names & ~count->by_process);
    }
    return explained;
}

static void nominate_unknown(struct count *count, enum sbl_culprit_kind kind, uint32_t mask) {
    struct incident_candidate candidate = {
        .kind = kind, .basis = SBL_BASIS_BEHAVIOUR, .weight = bits(mask), .process = ""};
    if (mask)
        nominate(count, candidate, mask);
}

/* Whether two names were searched for together: through the same directories in the same order, the
 * last time within one tour's time. */
static bool go_together(const struct walk_name *a, const struct walk_name *b) {
    return a->walk == b->walk && a->route_count == b->route_count &&
           memcmp(a->route, b->route, a->route_count) == 0 &&
           walk_apart_ns(a->last_ns, b->last_ns) <= (uint64_t)WALK_STEP_NS;
}

/* Of the names `rest`, those that one of `drivers` brings along. */
static uint32_t brought_along(const struct ballot *ballot, uint32_t drivers, uint32_t rest,
                              bool is_by_stem) {
    uint32_t found = 0;
    for (unsigned i = 0; i < ballot->count; i++)
        for (unsigned k = 0; (drivers >> i & 1) && k < ballot->count; k++) {
            const struct walk_name *driver = ballot->names[i], *other = ballot->names[k];
            bool goes =
                is_by_stem ? driver->stem_key == other->stem_key : go_together(driver, other);
            found |= (rest >> k & 1) && goes ? 1u << k : 0;
        }
    return found;
}

/* Names of no signature that were searched for like a program's: drivers with what has their stem
 * or goes along with them, and other programs. Many DLLs beside one driver are an application's
 * that loads a driver, and go by themselves. */
static void nominate_shapes(struct count *count, uint32_t explained) {
    const struct ballot *ballot = count->ballot;
    uint32_t drivers = 0, programs = 0;
    for (unsigned i = 0; i < ballot->count; i++) {
        const struct walk_name *name = ballot->names[i];
        if ((explained >> i & 1) || !name->is_spread || name->kind < WALK_PROGRAM ||
            walk_name_is_command(name))
            continue;
        *(name->kind == WALK_DRIVER ? &drivers : &programs) |= 1u << i;
    }
    uint32_t own = brought_along(ballot, drivers, programs, true);
    uint32_t along = brought_along(ballot, drivers, programs & ~own, false);
    drivers |= own;
    if (bits(programs & ~own) <= bits(drivers))
        drivers |= along;
    nominate_unknown(count, SBL_CULPRIT_DRIVER, drivers);
    nominate_unknown(count, SBL_CULPRIT_PROGRAM, programs & ~drivers);
}

void ballot_count(const struct ballot *ballot, struct walks *walks, struct walk_answer *answer) {
    struct count count = {.ballot = ballot, .walks = walks, .answer = answer};
    bool is_blame = false;
    double all = 0;
    run(&count);
    nominate_processes(&count);
    uint32_t explained = nominate_signatures(&count);
    for (unsigned i = 0; i < count.runner_count; i++)
        is_blame = is_blame || (!count.runners[i].is_out && can_be_blamed(&count.runners[i]));
    if (!is_blame)
        nominate_shapes(&count, explained);
    for (unsigned i = 0; i < answer->candidate_count; i++)
        all += answer->candidates[i].weight;
    for (unsigned i = 0; i < answer->candidate_count; i++) {
        answer->candidates[i].weight /= all;
        answer->candidates[i].files.items = walks->files[i];
    }
}
