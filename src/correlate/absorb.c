/* What one message adds to an exchange: a request its names and its kind of answer, a reply the
 * server's names. A later round overrides an earlier one, as when Kerberos falls back to NTLM. */
#include <string.h>

#include "correlate/state.h"

enum { KRB_ERROR = 30 };

static void frame_add(struct exchange *ex, uint64_t packed, bool is_before_last) {
    if (ex->frame_count < SBL_EVIDENCE_FRAMES)
        ex->frame_count++;
    unsigned last = ex->frame_count - 1u;
    ex->frames[last] = packed; /* beyond the cap the deciding one takes the last place */
    if (is_before_last && last > 0) {
        ex->frames[last] = ex->frames[last - 1];
        ex->frames[last - 1] = packed;
    }
}

/* Onto the pile, which nobody emptied when the exchange was taken. */
static void absorb_far(struct correlate *c, struct exchange *ex, enum exchange_name name,
                       struct sbl_text text) {
    if (!ex->has_pile)
        ex->pile = (struct pile){0};
    ex->has_pile = true;
    ex->named |= (uint16_t)(1u << name);
    keep(c, &ex->pile, text, &ex->names[name]);
}

void absorb_name(struct correlate *c, struct exchange *ex, enum exchange_name name,
                 struct sbl_text text) {
    if (!sbl_text_is_present(text) && !text.is_cut) {
        ex->named &= (uint16_t) ~(1u << name);
        return;
    }
    if (text.size == 0 || text.size > EXCHANGE_TEXT_BYTES - ex->text_bytes ||
        !sbl_text_is_present(text)) {
        absorb_far(c, ex, name, text);
        return;
    }
    if (text.size <= NAMES_CHUNK_BYTES)
        names_copy_short(ex->texts + ex->text_bytes, text.bytes, text.size);
    else
        memcpy(ex->texts + ex->text_bytes, text.bytes, text.size);
    ex->names[name] = (struct name){.at = ex->text_bytes | NAME_IS_NEAR,
                                    .size = (uint16_t)text.size,
                                    .encoding = text.encoding,
                                    .is_cut = text.is_cut};
    ex->named |= (uint16_t)(1u << name);
    ex->text_bytes = (uint16_t)(ex->text_bytes + text.size);
}

static void name_if_said(struct correlate *c, struct exchange *ex, enum exchange_name name,
                         struct sbl_text text) {
    if (!sbl_text_is_empty(text))
        absorb_name(c, ex, name, text);
}

static void absorb_ntlm(struct correlate *c, struct exchange *ex, const struct sbl_ntlm *ntlm) {
    if (ntlm->message != SBL_NTLM_NEGOTIATE && ntlm->message != SBL_NTLM_AUTHENTICATE)
        return;
    memcpy(&ex->client, ntlm, sizeof ex->client);
    ex->has_client = true;
    absorb_name(c, ex, NAME_WORKSTATION, ntlm->workstation);
    if (ntlm->message != SBL_NTLM_AUTHENTICATE)
        return; /* the domain in a NEGOTIATE is the computer's, not the user's */
    absorb_name(c, ex, NAME_DOMAIN, ntlm->domain);
    ex->has_ntlm = true;
    ex->answer_kind = ntlm->answer;
    absorb_name(c, ex, NAME_ACCOUNT, ntlm->user);
    absorb_name(c, ex, NAME_SPN, ntlm->spn);
}

/* The components of a Kerberos service name, joined by slashes. */
static void absorb_service(struct correlate *c, struct exchange *ex,
                           const struct sbl_kerberos *kerberos) {
    uint8_t joined[512];
    uint32_t size = 0;
    bool is_cut = false;
    for (unsigned i = 0; i < kerberos->service_count && i < 3; i++) {
        struct sbl_text part = kerberos->service[i];
        if (i > 0 && size < sizeof joined)
            joined[size++] = '/';
        uint32_t room = (uint32_t)sizeof joined - size;
        uint32_t step = part.size < room ? part.size : room;
        is_cut |= part.is_cut || step < part.size;
        if (step)
            memcpy(joined + size, part.bytes, step);
        size += step;
    }
    struct sbl_text text = {joined, size, SBL_TEXT_UTF8, is_cut};
    name_if_said(c, ex, NAME_SERVICE, text);
    name_if_said(c, ex, NAME_REALM, kerberos->realm);
}

static void absorb_token(struct correlate *c, struct exchange *ex,
                         const struct sbl_auth_token *token) {
    if (token->wrapping != SBL_WRAPPING_NONE)
        ex->wrapping = token->wrapping;
    if (token->mechanism != SBL_MECHANISM_UNKNOWN)
        ex->mechanism = token->mechanism;
    ex->prefers_kerberos |= token->prefers_kerberos;
    absorb_ntlm(c, ex, &token->ntlm);
    if (token->kerberos.message)
        absorb_service(c, ex, &token->kerberos);
}

/* Without extended security: clear text when the server asked for it, whatever the lengths say;
 * when the greeting was not seen, and against a client that ignores it, the lengths decide. */
static void absorb_plain(struct correlate *c, const struct connection *conn, struct exchange *ex,
                         const struct sbl_session_setup *setup) {
    bool is_anonymous = setup->answer == SBL_ANSWER_ANONYMOUS ||
                        (sbl_text_is_present(setup->account) && setup->account.size == 0);
    bool is_plain =
        conn->has_negotiated && !conn->encrypts_passwords
            ? !is_anonymous
            : setup->answer == SBL_ANSWER_PLAINTEXT && (setup->lm_bytes > 1 || setup->nt_bytes > 1);
    ex->mechanism = is_plain ? SBL_MECHANISM_PLAINTEXT : SBL_MECHANISM_LANMAN_NT;
    ex->answer_kind = setup->answer;
    if (is_plain)
        ex->answer_kind = SBL_ANSWER_PLAINTEXT;
    else if (is_anonymous)
        ex->answer_kind = SBL_ANSWER_ANONYMOUS;
    if (!ex->has_client)
        ex->client = (struct kept_ntlm){0};
    ex->has_client = true;
    ex->client.lm_bytes = setup->lm_bytes;
    ex->client.nt_bytes = setup->nt_bytes;
    ex->client.answer = ex->answer_kind;
    absorb_name(c, ex, NAME_ACCOUNT, setup->account);
    absorb_name(c, ex, NAME_DOMAIN, setup->domain);
}

void absorb_ask(struct correlate *c, const struct connection *conn, struct exchange *ex,
                const struct ask *ask, const struct sbl_observation *seen) {
    ex->ask = *ask;
    ex->has_ask = true;
    frame_add(ex, ask->frame, ex->awaits_request);
    if (seen->kind != SBL_SAW_SESSION_SETUP_REQUEST)
        return;
    const struct sbl_session_setup *setup = &seen->session_setup;
    ex->form = setup->form;
    ex->is_binding |= setup->is_binding;
    name_if_said(c, ex, NAME_NATIVE_OS, setup->native_os);
    name_if_said(c, ex, NAME_NATIVE_LANMAN, setup->native_lanman);
    if (setup->form == 10 || setup->form == 13)
        absorb_plain(c, conn, ex, setup);
    else
        absorb_token(c, ex, &setup->token);
}

_Static_assert(SHARED_TEXTS == NAME_COUNT - NAME_TARGET, "the texts of a CHALLENGE");

/* The names of a server, in the order of theirs here. */
static void absorb_server(struct correlate *c, struct exchange *ex, const struct sbl_ntlm *ntlm) {
    const struct sbl_text *const texts[SHARED_TEXTS] = {&ntlm->target_name, &ntlm->nb_computer,
                                                        &ntlm->nb_domain,   &ntlm->dns_computer,
                                                        &ntlm->dns_domain,  &ntlm->dns_tree};
    shared_give(&c->sharing, &ex->shared);
    ex->shared = shared_take(&c->sharing, texts, SHARED_TEXTS);
    if (ex->shared)
        return;
    for (unsigned i = 0; i < SHARED_TEXTS; i++)
        absorb_name(c, ex, (enum exchange_name)(NAME_TARGET + i), *texts[i]);
}

static void absorb_challenge(struct correlate *c, struct connection *conn, struct exchange *ex,
                             const struct answer *answer, const struct sbl_ntlm *ntlm) {
    ex->has_challenge = true;
    ex->challenge_seq = answer->seq;
    ex->challenge_end_seq = answer->end_seq;
    ex->challenge_from = answer->from != 0;
    ex->challenge_mark = challenge_mark_of(c, ntlm->challenge);
    ex->mechanism = SBL_MECHANISM_NTLMSSP;
    memcpy(&ex->server, ntlm, sizeof ex->server);
    absorb_server(c, ex, ntlm);
    if (conn->computer_of || conn->computer.size)
        return;
    if (ex->shared && ntlm->nb_computer.size) {
        conn->computer_of = ex->shared;
        shared_at(&c->sharing, ex->shared)->users++;
    } else {
        keep(c, &conn->computer_pile, ntlm->nb_computer, &conn->computer);
    }
}

void absorb_answer(struct correlate *c, struct connection *conn, struct exchange *ex,
                   const struct answer *answer, const struct sbl_observation *seen) {
    ex->answer = *answer;
    ex->has_answer = true;
    ex->kerberos_error = 0;
    frame_add(ex, answer->frame, false);
    if (seen->kind != SBL_SAW_SESSION_SETUP_RESPONSE)
        return;
    const struct sbl_session_setup *setup = &seen->session_setup;
    ex->is_guest = setup->is_guest;
    ex->is_null = setup->is_null;
    ex->is_encrypting = setup->is_encrypting;
    if (setup->token.kerberos.message == KRB_ERROR)
        ex->kerberos_error = setup->token.kerberos.error_code;
    if (setup->token.ntlm.message == SBL_NTLM_CHALLENGE)
        absorb_challenge(c, conn, ex, answer, &setup->token.ntlm);
    else if (!ex->has_challenge && ex->version == 1)
        name_if_said(c, ex, NAME_NB_DOMAIN, setup->native_domain);
    if (ex->wrapping == SBL_WRAPPING_NONE)
        ex->wrapping = setup->token.wrapping;
    if (ex->mechanism == SBL_MECHANISM_UNKNOWN)
        ex->mechanism = setup->token.mechanism;
}

void absorb_forget(struct correlate *c, struct exchange *ex, enum exchange_name from,
                   enum exchange_name to) {
    for (unsigned i = from; i < to; i++)
        ex->named &= (uint16_t) ~(1u << i);
    if (to > NAME_TARGET)
        shared_give(&c->sharing, &ex->shared);
}
