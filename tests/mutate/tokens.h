/* Authentication tokens for tests: the goldens of the token dissectors, and what the SMB goldens
 * carry. Answers and challenges are those of the published test vectors of [MS-NLMP] section 4.2 or
 * plain patterns. */
#ifndef SMBLAME_TESTS_TOKENS_H
#define SMBLAME_TESTS_TOKENS_H

#include <stdbool.h>

#include "build.h"

/* What an AUTHENTICATE holds; NULL names are empty, answers of 0 bytes absent. */
struct authenticate {
    const char *domain, *user, *workstation;
    uint32_t flags;
    const uint8_t *lm, *nt;
    size_t lm_bytes, nt_bytes;
    size_t fixed_bytes; /* 52, 64, 72 or 88: how much of the fixed part this client sends */
    uint8_t mic;        /* every byte of the MIC, when there is room for one */
};

enum {
    TOKEN_FLAGS_V2 = (int)0x62898215u, /* Unicode, ESS, VERSION, TARGET_INFO */
    TOKEN_FLAGS_OEM = 0x00008206,      /* OEM, NTLM, ALWAYS_SIGN */
    TOKEN_FLAGS_V1 = 0x00008205,       /* Unicode */
};

void token_build_negotiate(struct build *b);
void token_build_challenge(struct build *b);
void token_build_authenticate(struct build *b, const struct authenticate *what);
/* The NTLMv2 answer of the test vector: proof, client challenge, AV pairs with an SPN. */
void token_build_v2_answer(struct build *b);
/* An AUTHENTICATE for Domain\User with that answer, a version and a MIC. */
void token_build_v2_authenticate(struct build *b);

void token_build_ap_req(struct build *b, const char *realm, const char *service, const char *host);
void token_build_krb_error(struct build *b, uint8_t code);
/* Wraps a Kerberos message in its GSS-API frame with a token id. */
void token_frame_kerberos(struct build *b, uint8_t token_id);

/* NegTokenInit with NTLMSSP preferred (or Kerberos before it) and a token, which may be empty. */
void token_wrap_init(struct build *b, const struct build *inner, bool is_kerberos_first);
/* NegTokenInit2 as a server offers it, with NegHints and no token. */
void token_build_hints(struct build *b);
/* NegTokenResp with a state, a mechanism when `mechanism`, and a token, which may be empty. */
void token_wrap_resp(struct build *b, const struct build *inner, uint8_t state, bool mechanism);

#endif
