/* The wiring of -w. */
#include "service/keeping.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Files are written in the order of time, as far back as diagnoses reach: they open seconds after
 * the first failure and are told again every minute. */
static const int64_t HOLD_NS = 600 * INT64_C(1000000000);

struct keeping {
    struct evidence *evidence;
    size_t count;
    const void *memories[KEEPING_MEMORIES];
    size_t memory_bytes;
    struct look_back_reader readers[KEEPING_MEMORIES];
    struct keeping_names names;
    char path[PATH_MAX];
    bool is_quiet;
};

static const char *name_of_file(void *context, uint16_t file) {
    const struct keeping *keeping = context;
    return keeping->names.file ? keeping->names.file(keeping->names.context, file) : NULL;
}

static void complain(void *context, const char *message) {
    (void)context;
    fprintf(stderr, "smblame: %s\n", message);
}

size_t keeping_memory(const struct sbl_limits *limits) {
    return look_back_memory(sbl_limit_of(limits, SBL_LIMIT_EVIDENCE_BYTES));
}

void keeping_prepare(void *memory, const struct sbl_limits *limits) {
    (void)look_back_init(memory, sbl_limit_of(limits, SBL_LIMIT_EVIDENCE_BYTES));
}

int keeping_capture(struct keep *keep, struct sbl_keeper *keeper, void *memory, bool is_raw) {
    int failed = keep_init(keep, memory, is_raw);
    *keeper = keep_keeper(keep);
    return failed;
}

void keeping_look_again(struct keeping *keeping, size_t which) {
    (void)look_back_open(&keeping->readers[which], keeping->memories[which], keeping->memory_bytes);
}

static int start(struct keeping *keeping, const struct options *options,
                 const struct text_codepage *page) {
    for (size_t i = 0; i < keeping->count; i++)
        keeping_look_again(keeping, i);
    const struct evidence_options evidence = {
        .path = keeping->path,
        .rotate_s = options->rotate_s,
        .rotate_mb = options->rotate_mb,
        .rotate_files = options->rotate_files,
        .is_raw = options->raw_evidence,
        .hold_ns = options->task == TASK_LIVE ? 0 : HOLD_NS,
        .look_backs = keeping->readers,
        .look_back_count = keeping->count,
        .findings = sbl_limit_of(&options->limits, SBL_LIMIT_EVIDENCE_FINDINGS),
        .page = page,
        .context = keeping,
        .file = name_of_file,
        .complain = complain};
    return evidence_new(&keeping->evidence, &evidence);
}

/* A process that takes another one's place does not write over what that one wrote. */
static void name_path(char path[PATH_MAX], const char *given, unsigned life) {
    const char *slash = strrchr(given, '/'), *dot = strrchr(given, '.');
    size_t stem = dot && (!slash || dot > slash + 1) ? (size_t)(dot - given) : strlen(given);
    if (life)
        (void)snprintf(path, PATH_MAX, "%.*s-r%u%s", (int)stem, given, life, given + stem);
    else
        (void)snprintf(path, PATH_MAX, "%s", given);
}

int keeping_new(struct keeping **keeping, const struct options *options,
                const struct text_codepage *page, const struct keeping_source *source) {
    struct keeping *made = calloc(1, sizeof *made);
    *keeping = NULL;
    if (!made)
        return -ENOMEM;
    made->names = source->names;
    made->is_quiet = options->quiet;
    made->count = source->count;
    made->memory_bytes = keeping_memory(&options->limits);
    memcpy(made->memories, source->memories, source->count * sizeof *source->memories);
    name_path(made->path, options->evidence, source->life);
    int failed = start(made, options, page);
    if (failed) {
        fprintf(stderr, "smblame: -w: cannot write to %s: %s\n", made->path, strerror(-failed));
        keeping_free(made);
        return failed;
    }
    *keeping = made;
    return 0;
}

size_t keeping_ceiling(const struct sbl_limits *limits) {
    return sizeof(struct keeping) + keeping_memory(limits) +
           evidence_ceiling(sbl_limit_of(limits, SBL_LIMIT_EVIDENCE_FINDINGS));
}

struct evidence *keeping_evidence(const struct keeping *keeping) {
    return keeping->evidence;
}

void keeping_finish(struct keeping *keeping, struct sbl_stats *stats) {
    evidence_flush(keeping->evidence);
    struct evidence_counts counts = evidence_counts(keeping->evidence);
    stats->cap_hits[SBL_LIMIT_EVIDENCE_BYTES] += counts.gone;
    if ((counts.gone || counts.lost) && !keeping->is_quiet)
        fprintf(stderr,
                "smblame: of %llu frames that diagnoses cite %llu are not in the evidence: %llu "
                "were not kept any more (--limit evidence_bytes=N), %llu could not be written\n",
                (unsigned long long)counts.frames, (unsigned long long)(counts.gone + counts.lost),
                (unsigned long long)counts.gone, (unsigned long long)counts.lost);
}

void keeping_free(struct keeping *keeping) {
    if (!keeping)
        return;
    evidence_free(keeping->evidence);
    free(keeping);
}
