/* The authentication tokens inside SMB messages: how the dissectors call each other. Each takes the
 * token's own bytes and fills the value; oddities go to the report. `is_cut` says that bytes behind
 * the end were not captured. None of them adds an observation. */
#ifndef SMBLAME_DISSECTORS_TOKEN_H
#define SMBLAME_DISSECTORS_TOKEN_H

#include <smblame/cursor.h>
#include <smblame/observation.h>
#include <smblame/report.h>

/* A security blob of a session setup: SPNEGO, raw NTLMSSP, or raw Kerberos, into a token that is
 * begun (spnego.c). */
void token_read(const uint8_t *blob, size_t size, bool is_cut, struct sbl_report *report,
                struct sbl_auth_token *token);

/* An NTLMSSP message of `size` bytes that begins with "NTLMSSP\0" (ntlmssp.c). */
void ntlmssp_read(const uint8_t *message, size_t size, bool is_cut, struct sbl_report *report,
                  struct sbl_ntlm *ntlm);

/* A Kerberos token: GSS-API framed AP-REQ, AP-REP or KRB-ERROR (kerberos.c). */
void kerberos_read(struct sbl_cursor token, bool is_cut, struct sbl_report *report,
                   struct sbl_kerberos *kerberos);

/* The kind of answer by its lengths and the LM answer's bytes (NULL when not captured); has_user:
 * whether a user name was sent (ntlmssp.c). */
enum sbl_ntlm_answer ntlm_answer_of(const uint8_t *lm, size_t lm_bytes, const uint8_t *nt,
                                    size_t nt_bytes, bool has_user);

#endif
