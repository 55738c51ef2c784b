/* The wiring of -w. */
#include "service/keeping.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "evidence/keep.h"

/* Files are written in the order of time, as far back as diagnoses reach: they open seconds after
 * the first failure and are told again every minute. */
static const int64_t HOLD_NS = 600 * INT64_C(1000000000);

struct keeping {
    void *memory;
    size_t memory_bytes;
    struct look_back_reader reader;
    struct keep keep;
    struct sbl_keeper keeper;
    struct evidence *evidence;
    struct keeping_names names;
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

static int start(struct keeping *keeping, const struct options *options,
                 const struct text_codepage *page) {
    uint32_t bytes = sbl_limit_of(&options->limits, SBL_LIMIT_EVIDENCE_BYTES);
    keeping->memory_bytes = look_back_memory(bytes);
    keeping->memory = pages_reserve(keeping->memory_bytes);
    if (!keeping->memory)
        return -ENOMEM;
    struct look_back *look_back = look_back_init(keeping->memory, bytes);
    (void)look_back_open(&keeping->reader, keeping->memory, keeping->memory_bytes);
    int failed = keep_init(&keeping->keep, look_back, options->raw_evidence);
    if (failed)
        return failed;
    keeping->keeper = keep_keeper(&keeping->keep);
    const struct evidence_options evidence = {
        .path = options->evidence,
        .rotate_s = options->rotate_s,
        .rotate_mb = options->rotate_mb,
        .rotate_files = options->rotate_files,
        .is_raw = options->raw_evidence,
        .hold_ns = options->task == TASK_LIVE ? 0 : HOLD_NS,
        .look_backs = &keeping->reader,
        .look_back_count = 1,
        .findings = sbl_limit_of(&options->limits, SBL_LIMIT_EVIDENCE_FINDINGS),
        .page = page,
        .context = keeping,
        .file = name_of_file,
        .complain = complain};
    return evidence_new(&keeping->evidence, &evidence);
}

int keeping_new(struct keeping **keeping, const struct options *options,
                const struct text_codepage *page, const struct keeping_names *names) {
    struct keeping *made = calloc(1, sizeof *made);
    *keeping = NULL;
    if (!made)
        return -ENOMEM;
    made->names = *names;
    made->is_quiet = options->quiet;
    int failed = start(made, options, page);
    if (failed) {
        fprintf(stderr, "smblame: -w: cannot write to %s: %s\n", options->evidence,
                strerror(-failed));
        keeping_free(made);
        return failed;
    }
    *keeping = made;
    return 0;
}

size_t keeping_ceiling(const struct sbl_limits *limits) {
    return sizeof(struct keeping) +
           look_back_memory(sbl_limit_of(limits, SBL_LIMIT_EVIDENCE_BYTES)) +
           evidence_ceiling(sbl_limit_of(limits, SBL_LIMIT_EVIDENCE_FINDINGS));
}

const struct sbl_keeper *keeping_keeper(const struct keeping *keeping) {
    return &keeping->keeper;
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
    if (keeping->memory)
        pages_free(keeping->memory, keeping->memory_bytes);
    free(keeping);
}
