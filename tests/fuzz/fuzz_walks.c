/* Refused look-ups in any order, from a dictionary of names and shares mixed with raw bytes, at any
 * time: whatever is answered keeps the promises of walks.h and walk.h. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/walk_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
    "auddrive.sys", "AUDDRIVE.DLL",    "vaudrv.386",  "config.ini",  "cs32ba11.sys", "cwaudio.bin",
    "crlds3d.vxd",  "crlds3d.dll",     "cwbase.sys",  "opl3sax.sys", "vymixd.vxd",   "sb16up.com",
    "sb16up.exe",   "sb16up.bat",      "cspman.dll",  "cifman.dll",  "rasadhlp.dll", "dbup.ini",
    "nwrdr.sys",    "desktop.ini",     "crystal.vxd", "S01.PKG",     "foo.dll",      "foo.sys",
    "bar.ocx",      "a.resources.dll", "readme.txt",  "i386",        "x:y.dll",      "*.dll",
};
static const char *const shares[] = {
    "\\\\CAP01\\CAP_S01",
    "\\\\cap01.corp\\CAP_S01",
    "\\\\CAP02\\TOOLS",
    "\\\\S\\LICMTR",
    "\\\\S\\IPC$",
    "\\\\S\\print$",
    "\\\\DC1\\NETLOGON",
    "\\\\DC2\\NETLOGON",
    "\\\\DP\\SMSPKGC$",
    "//10.0.0.1/x",
    "SHARE",
    "",
};
static const char *const belows[] = {"", "I386\\", "i386/bin/", "\\a\\.\\b\\", "\xC3\x84\\", "b\\"};
static const int64_t waits[] = {0,           1,          10000000,     1000000000,
                                1000000001,  5000000000, 10000000000,  10000000001,
                                60000000000, -1,         -10000000001, INT64_MAX / 4};

struct input {
    const uint8_t *bytes;
    size_t size;
};

static unsigned next(struct input *input, size_t choices) {
    if (!input->size)
        return 0;
    input->size--;
    return (unsigned)(*input->bytes++ % choices);
}

static void expect(bool holds) {
    if (!holds)
        abort();
}

static void check_strings(const struct sbl_strings *strings, uint32_t most) {
    expect(strings->count <= most && strings->total >= strings->count);
    for (uint32_t i = 0; i < strings->count; i++)
        expect(strings->items[i] && strlen(strings->items[i]) > 0);
}

static void check_candidates(const struct walk_answer *answer) {
    double all = 0;
    expect(answer->candidate_count <= INCIDENT_CANDIDATES);
    for (unsigned i = 0; i < answer->candidate_count; i++) {
        const struct incident_candidate *candidate = &answer->candidates[i];
        check_strings(&candidate->files, WALK_NAMES);
        expect(candidate->files.count > 0 && candidate->weight > 0 && candidate->process);
        expect(candidate->signature || candidate->basis == SBL_BASIS_BEHAVIOUR ||
               candidate->basis == SBL_BASIS_PROCESS_TABLE);
        all += candidate->weight;
    }
    expect(!answer->candidate_count || (all > 0.999 && all < 1.001));
}

static void check_answer(const struct walk_answer *answer) {
    const struct facts *facts = &answer->facts;
    check_strings(&answer->walk.directories, WALK_DIRECTORIES);
    check_strings(&answer->walk.missing, WALK_NAMES);
    check_candidates(answer);
    expect(answer->walk.account && answer->walk.domain && answer->aggravated_by);
    if (!facts_have(facts, FACT_WALK)) {
        expect(!answer->candidate_count && !facts_have(facts, FACT_WALK_JOINED) &&
               !facts_have(facts, FACT_WALK_ORDERED) && !facts_have(facts, FACT_WALK_NEAR_FAILURE));
        return;
    }
    expect(answer->walk.steps > 0 && answer->walk.directories.count > 0 &&
           answer->walk.missing.count > 0 && answer->candidate_count > 0);
    expect(answer->walk.first_ns <= answer->walk.last_ns);
    expect(!facts_have(facts, FACT_NO_PROBE));
    expect(!facts_have(facts, FACT_WALK_CONFIRMED) || facts_have(facts, FACT_WALK_ORDERED));
    expect(facts_have(facts, FACT_WALK_DOCUMENTED) + facts_have(facts, FACT_WALK_VENDOR_NAME) +
               facts_have(facts, FACT_WALK_INFERRED) + facts_have(facts, FACT_WALK_BEHAVIOUR) ==
           1);
}

static void ask(struct walks *walks, struct input *input, int64_t now_ns) {
    const uint64_t clients[] = {next(input, 4), next(input, 4)};
    const int64_t failures_ns[] = {now_ns / 2, now_ns, now_ns};
    struct walk_question question = {.clients = clients,
                                     .client_count = 2,
                                     .failures_ns = failures_ns,
                                     .failure_count = next(input, 4),
                                     .shares = {shares, next(input, 4), 4},
                                     .is_own_account = next(input, 2)};
    struct walk_answer answer;
    walks_answer(walks, &question, &answer);
    check_answer(&answer);
}

enum { PATH_BYTES = 512 };

static void append(char path[PATH_BYTES], const char *text) {
    size_t used = strlen(path);
    snprintf(path + used, PATH_BYTES - used, "%s", text);
}

/* A path: a place below the share, then a name of the dictionary or bytes as they come. */
static void write_path(struct input *input, char path[PATH_BYTES]) {
    path[0] = '\0';
    append(path, belows[next(input, sizeof belows / sizeof *belows)]);
    unsigned choice = next(input, sizeof names / sizeof *names + 4);
    if (choice < sizeof names / sizeof *names) {
        append(path, names[choice]);
        return;
    }
    size_t used = strlen(path), size = next(input, 200);
    if (size > input->size)
        size = input->size;
    memcpy(path + used, input->bytes, size);
    path[used + size] = '\0';
    append(path, choice % 2 ? ".dll" : "");
    input->bytes += size;
    input->size -= size;
}

static void step(struct walks *walks, struct input *input, int64_t *now_ns) {
    char path[PATH_BYTES];
    int64_t wait = waits[next(input, sizeof waits / sizeof *waits)];
    if (__builtin_add_overflow(*now_ns, wait, now_ns))
        *now_ns = INT64_MIN;
    struct walk_step look = {
        .client = next(input, 4), .time_ns = *now_ns, .server = next(input, 3)};
    look.share = shares[next(input, sizeof shares / sizeof *shares)];
    look.is_missing = next(input, 8) != 0;
    look.account = look.domain = next(input, 2) ? "someone" : "";
    look.process = next(input, 4) ? "" : "C:\\drivers\\auddrive.sys";
    write_path(input, path);
    look.path = path;
    walks_step(walks, &look);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    struct sbl_stats *stats = calloc(1, sizeof *stats);
    struct walks *walks = NULL;
    struct walks_caps caps = {.walks = 4, .clients = 3, .recents = 2};
    static const uint64_t nothing = 0; /* the knowledge of walks_fake.c has no state */
    expect(stats && walks_new(&walks, (const struct sbl_knowledge *)(const void *)&nothing, stats,
                              &caps) == 0);
    int64_t now_ns = 1000000000000;
    while (input.size) {
        unsigned action = next(&input, 16);
        if (action == 0)
            walks_forget(walks, next(&input, 4));
        else if (action < 3)
            ask(walks, &input, now_ns);
        else
            step(walks, &input, &now_ns);
    }
    ask(walks, &input, now_ns);
    walks_free(walks);
    free(stats);
    return 0;
}
