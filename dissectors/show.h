/* What may be shown of a message: how the files that say so (show_smb1.c, show_smb2.c,
 * show_token.c) name the bytes. The rule is that nothing is shown but what was understood: header
 * fields, structure, names that look like names. A secret is masked where it is, so that a field
 * that lies over it shows nothing; what a malformed message has elsewhere is never shown. */
#ifndef SMBLAME_DISSECTORS_SHOW_H
#define SMBLAME_DISSECTORS_SHOW_H

#include <smblame/cursor.h>
#include <smblame/report.h>
#include <smblame/spans.h>

/* The bytes that are asked about. Offsets count from their first one; what lies outside is cut. */
struct showing {
    struct sbl_spans *spans;
    const uint8_t *base;
    size_t size;
};

/* How far a text may be trusted to be one. */
enum show_trust {
    SHOW_ANY_SCRIPT = 0, /* of one script, beside Latin */
    SHOW_LATIN,          /* beside a secret whose length nothing confirms */
};

void show_bytes(struct showing *s, size_t offset, size_t count);
void show_masked(struct showing *s, size_t offset, size_t count);

/* A text that the dissector found in these bytes, when it looks like one: no control characters,
 * letters of one script. What random bytes decode to does not. */
void show_text(struct showing *s, struct sbl_text text, enum show_trust trust);

/* The texts of an observation that name somebody or something, but for those in its token. */
void show_names(struct showing *s, const struct sbl_observation *seen, enum show_trust trust);

/* An LM answer, and an NT answer (show_token.c). */
void show_lm_answer(struct showing *s, size_t offset, size_t count);
void show_nt_answer(struct showing *s, size_t offset, size_t count);

/* A security blob: SPNEGO, GSS-API, Kerberos, NTLMSSP (show_token.c). */
void show_token(struct showing *s, size_t offset, size_t count);

#endif
