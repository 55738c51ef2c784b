/* The telling half of evidence (-w): it is told of findings and of diagnoses, and writes the frames
 * that a diagnosis cites, from look-backs that it only reads, to pcapng files. Written are the
 * whole exchanges of the attempts, the refused opens of the walk and the refused shares, and what
 * these rest on: the logon of their session and the connecting of their share. A packet comment
 * names the rule, the diagnosis record and the finding. Each frame is written once. */
#ifndef SMBLAME_EVIDENCE_EVIDENCE_H
#define SMBLAME_EVIDENCE_EVIDENCE_H

#include <stddef.h>

#include <smblame/attempt.h>
#include <smblame/diagnosis.h>

#include "base/text.h"
#include "evidence/look_back.h"

struct evidence;

/* All is borrowed for its life. */
struct evidence_options {
    const char *path;
    unsigned rotate_s, rotate_mb, rotate_files; /* see files.h */
    bool is_raw;                                /* what the look-backs hold: for the comment */
    /* Frames wait so long, of packet time, to be written in the order of their times. 0: a
     * diagnosis is in the file when it was told, and later ones may bring older frames. */
    int64_t hold_ns;
    const struct look_back_reader *look_backs; /* of all who capture; asked in turn */
    size_t look_back_count;
    uint32_t findings;                /* how many it remembers */
    const struct text_codepage *page; /* of account names, as for diagnosis */
    void *context;
    const char *(*file)(void *context, uint16_t file); /* name of an input or interface, or NULL */
    void (*complain)(void *context, const char *message);
};

/* What became of the frames. */
struct evidence_counts {
    uint64_t frames; /* cited */
    uint64_t gone;   /* of these: overwritten in the look-back, or never to be kept */
    uint64_t lost;   /* and: not to be written */
};

/* Opens the (first) file. 0 or a negative errno. */
int evidence_new(struct evidence **evidence, const struct evidence_options *options);

/* Findings, in the order they are told; with event ids. */
void evidence_attempt(struct evidence *evidence, const struct sbl_attempt *attempt);
void evidence_tree_refusal(struct evidence *evidence, const struct sbl_tree_refusal *refusal);
void evidence_probe(struct evidence *evidence, const struct sbl_probe *probe);
void evidence_tree_grant(struct evidence *evidence, const struct sbl_tree_grant *grant);

/* A diagnosis, each time it is told: writes what it cites and was not written before. */
void evidence_diagnosis(struct evidence *evidence, const struct sbl_diagnosis *diagnosis);

/* Writes all that waits; to be called at the end, or when files are to be complete. */
void evidence_flush(struct evidence *evidence);

struct evidence_counts evidence_counts(const struct evidence *evidence);

/* The most memory it takes, in bytes. */
size_t evidence_ceiling(uint32_t findings);

/* Flushes, closes, frees. NULL is fine. */
void evidence_free(struct evidence *evidence);

#endif
