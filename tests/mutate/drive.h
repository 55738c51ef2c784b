/* Drives one message through a dissector as stream does, part by part, and checks what every
 * dissector promises: need asks for more than it has and for no more than the message holds, wants
 * a stretch inside the message, resumes strictly further on, and gives the same answer twice;
 * observations hold only texts that point inside the bytes handed over. Every part is copied to a
 * heap block of exactly its size, so that a sanitizer sees the first byte read too many. A broken
 * promise ends the program. */
#ifndef SMBLAME_TESTS_DRIVE_H
#define SMBLAME_TESTS_DRIVE_H

#include <stdio.h>
#include <stdlib.h>

#include <smblame/dissector.h>
#include <smblame/limits.h>

#define DRIVE_CHECK(condition)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition);        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A message as captured: `size` bytes there, of `message_bytes` that were framed. */
struct drive {
    const struct sbl_dissector *dissector;
    const uint8_t *bytes;
    size_t size;
    uint32_t message_bytes;
    bool is_cut; /* the missing bytes are the capture's fault; forced when size is smaller */
    struct sbl_report *report;
    /* called after each part, when set */
    void (*seen)(void *context, const struct sbl_part *part, const struct sbl_report *report);
    void *context;
};

static inline void *drive_copy(const uint8_t *bytes, size_t size) {
    void *copy = malloc(size > 0 ? size : 1);
    DRIVE_CHECK(copy != NULL);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

/* Texts: inside [start, start + size), or without bytes. */
static inline void drive_check_texts(const struct sbl_text *texts, size_t count,
                                     const uint8_t *start, size_t size) {
    for (size_t i = 0; i < count; i++) {
        DRIVE_CHECK(texts[i].encoding <= SBL_TEXT_UTF8);
        if (texts[i].size == 0)
            continue;
        DRIVE_CHECK(sbl_text_is_present(texts[i]));
        DRIVE_CHECK(texts[i].bytes >= start && texts[i].bytes <= start + size);
        DRIVE_CHECK(texts[i].size <= size - (size_t)(texts[i].bytes - start));
    }
}

/* Which texts of an NTLMSSP message hold, its kind says. */
static inline void drive_check_ntlm(const struct sbl_ntlm *ntlm, const uint8_t *start,
                                    size_t size) {
    const struct sbl_text client[] = {ntlm->workstation, ntlm->domain, ntlm->user, ntlm->spn};
    DRIVE_CHECK(ntlm->message <= SBL_NTLM_AUTHENTICATE);
    if (ntlm->message == SBL_NTLM_NEGOTIATE)
        drive_check_texts(client, 1, start, size);
    if (ntlm->message == SBL_NTLM_AUTHENTICATE)
        drive_check_texts(client, sizeof client / sizeof client[0], start, size);
    if (ntlm->message == SBL_NTLM_CHALLENGE) {
        drive_check_texts(&ntlm->target_name, 1, start, size);
        drive_check_texts(ntlm->names, SBL_NTLM_NAMES, start, size);
    }
    DRIVE_CHECK(ntlm->message == SBL_NTLM_NONE || ntlm->answer < SBL_ANSWER_COUNT);
}

static inline void drive_check_kerberos(const struct sbl_kerberos *kerberos, const uint8_t *start,
                                        size_t size) {
    if (kerberos->message == 0)
        return;
    DRIVE_CHECK(kerberos->service_count <= 3 && kerberos->client_count <= 2);
    drive_check_texts(kerberos->service, 3, start, size);
    drive_check_texts(kerberos->client, 2, start, size);
    drive_check_texts(&kerberos->realm, 1, start, size);
    drive_check_texts(&kerberos->client_realm, 1, start, size);
}

static inline void drive_check_token(const struct sbl_auth_token *token, const uint8_t *start,
                                     size_t size) {
    DRIVE_CHECK(token->mechanism < SBL_MECHANISM_COUNT);
    drive_check_ntlm(&token->ntlm, start, size);
    drive_check_kerberos(&token->kerberos, start, size);
}

static inline void drive_check_setup(const struct sbl_session_setup *setup, const uint8_t *start,
                                     size_t size) {
    const struct sbl_text texts[] = {setup->native_os, setup->native_lanman, setup->native_domain,
                                     setup->account, setup->domain};
    bool has_account = setup->form == 10 || setup->form == 13;
    drive_check_texts(texts, has_account ? 5 : 3, start, size);
    drive_check_token(&setup->token, start, size);
}

static inline void drive_check_negotiate(const struct sbl_negotiate *negotiate,
                                         const uint8_t *start, size_t size) {
    const struct sbl_text texts[] = {negotiate->dialect_name, negotiate->domain, negotiate->server};
    drive_check_texts(texts, sizeof texts / sizeof texts[0], start, size);
}

static inline void drive_check_nbss(const struct sbl_nbss *nbss) {
    DRIVE_CHECK(nbss->called.size <= sizeof nbss->called.name);
    DRIVE_CHECK(nbss->calling.size <= sizeof nbss->calling.name);
}

static inline void drive_check_observation(const struct sbl_observation *seen, const uint8_t *start,
                                           size_t size) {
    switch (seen->kind) {
    case SBL_SAW_NBSS:
        drive_check_nbss(&seen->nbss);
        break;
    case SBL_SAW_NEGOTIATE_REQUEST:
    case SBL_SAW_NEGOTIATE_RESPONSE:
        drive_check_negotiate(&seen->negotiate, start, size);
        break;
    case SBL_SAW_SESSION_SETUP_REQUEST:
    case SBL_SAW_SESSION_SETUP_RESPONSE:
        drive_check_setup(&seen->session_setup, start, size);
        break;
    case SBL_SAW_TREE_CONNECT_REQUEST:
    case SBL_SAW_TREE_CONNECT_RESPONSE:
        drive_check_texts(&seen->tree_connect.path, 1, start, size);
        break;
    case SBL_SAW_OPEN_REQUEST:
    case SBL_SAW_OPEN_RESPONSE:
    case SBL_SAW_CLOSE_REQUEST:
    case SBL_SAW_DFS_REFERRAL_REQUEST:
        drive_check_texts(&seen->open.name, 1, start, size);
        DRIVE_CHECK(seen->open.command < SBL_OPEN_COMMAND_COUNT);
        break;
    case SBL_SAW_NAME_CLAIM:
        DRIVE_CHECK(seen->name_claim.name.is_present && seen->name_claim.name.size > 0);
        DRIVE_CHECK(seen->name_claim.name.size <= sizeof seen->name_claim.name.name);
        DRIVE_CHECK(seen->name_claim.source <= SBL_NAME_STATUS);
        break;
    case SBL_SAW_NTLMSSP:
        drive_check_token(&seen->token, start, size);
        break;
    case SBL_SAW_OTHER:
    case SBL_SAW_LOGOFF_REQUEST:
    case SBL_SAW_TREE_DISCONNECT_REQUEST:
    case SBL_SAW_ENCRYPTED:
    case SBL_SAW_COMPRESSED:
        break;
    case SBL_OBSERVATION_KIND_COUNT:
        DRIVE_CHECK(seen->kind != SBL_OBSERVATION_KIND_COUNT);
        break;
    }
}

/* Asks need about a part until it answers. False: it wants more than was captured. */
static inline bool drive_need(const struct drive *d, const struct sbl_part *part, size_t available,
                              struct sbl_need *answer) {
    size_t left = d->message_bytes - part->offset;
    size_t asked = d->dissector->prefix_bytes < left ? d->dissector->prefix_bytes : left;
    for (;;) {
        size_t have = asked < available ? asked : available;
        void *prefix = drive_copy(d->bytes + part->offset, have);
        *answer = d->dissector->need(sbl_cursor_of(prefix, have), part);
        struct sbl_need again = d->dissector->need(sbl_cursor_of(prefix, have), part);
        free(prefix);
        DRIVE_CHECK(
            answer->more_bytes == again.more_bytes && answer->want_until == again.want_until &&
            answer->resume_at == again.resume_at && answer->next_command == again.next_command);
        if (answer->more_bytes == 0)
            break;
        DRIVE_CHECK(answer->more_bytes > have && answer->more_bytes <= left);
        if (answer->more_bytes > available)
            return false;
        asked = answer->more_bytes;
    }
    DRIVE_CHECK(answer->want_until >= part->offset && answer->want_until <= d->message_bytes);
    DRIVE_CHECK(answer->want_until - part->offset <= SBL_MAX_MESSAGE_BYTES);
    DRIVE_CHECK(answer->resume_at == 0 ||
                (answer->resume_at > part->offset && answer->resume_at < d->message_bytes));
    return true;
}

/* What is taken in one look is what need and dissect say one after the other: as much is wanted,
 * and to the last byte the same is seen. `answer` is need's. */
static inline void drive_take(const struct drive *d, const struct sbl_part *part,
                              const struct sbl_need *answer) {
    static struct sbl_report looked, dissected; /* large */
    uint8_t *copy = drive_copy(d->bytes, d->size);
    looked.observations[0] = dissected.observations[0] = (struct sbl_observation){0};
    sbl_report_reset(&looked, false);
    uint32_t taken = d->dissector->take(copy, d->size, part, &looked);
    if (taken > 0) {
        DRIVE_CHECK(answer->resume_at == 0 && taken == answer->want_until);
        sbl_report_reset(&dissected, false);
        d->dissector->dissect(sbl_cursor_of(copy, taken), part, &dissected);
        DRIVE_CHECK(looked.count == dissected.count && looked.count <= 1);
        DRIVE_CHECK(memcmp(looked.oddities, dissected.oddities, sizeof looked.oddities) == 0);
        DRIVE_CHECK(memcmp(&looked.observations[0], &dissected.observations[0],
                           sizeof looked.observations[0]) == 0);
    }
    free(copy);
}

/* Hands one part over; false when it was not captured whole, so that nothing can follow. */
static inline bool drive_part(const struct drive *d, const struct sbl_part *part,
                              struct sbl_need *answer) {
    size_t available = d->size > part->offset ? d->size - part->offset : 0;
    *answer = (struct sbl_need){.want_until = d->message_bytes};
    bool is_known = d->dissector->need == NULL || drive_need(d, part, available, answer);
    size_t wanted = is_known ? answer->want_until - part->offset : available;
    size_t have = wanted < available ? wanted : available;
    bool is_short = !is_known || have < wanted;
    uint8_t *copy = drive_copy(d->bytes + (have > 0 ? part->offset : 0), have);
    sbl_report_reset(d->report, d->is_cut || is_short);
    d->dissector->dissect(sbl_cursor_of(copy, have), part, d->report);
    DRIVE_CHECK(d->report->count <= SBL_REPORT_CAPACITY);
    for (uint32_t i = 0; i < d->report->count; i++)
        drive_check_observation(&d->report->observations[i], copy, have);
    if (d->seen)
        d->seen(d->context, part, d->report);
    free(copy);
    if (d->dissector->take && !is_short && part->offset == 0 && d->size == d->message_bytes)
        drive_take(d, part, answer);
    return !is_short;
}

/* Drives the whole message; says how many observations came of it. */
static inline uint32_t drive_message(const struct drive *d) {
    struct sbl_part part = {.message_bytes = d->message_bytes};
    uint32_t observations = 0;
    DRIVE_CHECK(d->size <= d->message_bytes);
    for (unsigned parts = 0;; parts++) {
        DRIVE_CHECK(parts <= SBL_MAX_CHAIN_LENGTH);
        struct sbl_need answer;
        bool is_whole = drive_part(d, &part, &answer);
        observations += d->report->count;
        if (!is_whole || answer.resume_at == 0)
            return observations;
        if (part.offset == 0)
            memcpy(part.header, d->bytes,
                   d->size < sizeof part.header ? d->size : sizeof part.header);
        part.chain_position =
            (uint8_t)(part.chain_position + (d->report->count > 0 ? d->report->count : 1));
        if (d->report->count > 0) {
            const struct sbl_smb_head *head = &d->report->observations[d->report->count - 1].head;
            part.session_id = head->session_id;
            part.tree_id = head->tree_id;
        }
        part.offset = answer.resume_at;
        part.next_command = answer.next_command;
    }
}

/* What each fuzz target does with its input: as a whole message, as one cut by the capture, and as
 * the beginning of a longer one. Messages of no dissector's liking are driven all the same. */
static inline void drive_fuzz(enum sbl_dissector_id id, const uint8_t *bytes, size_t size) {
    static struct sbl_report report; /* large, and reset for every part */
    const struct sbl_dissector *dissector = sbl_dissectors[id];
    if (size < 4 || size > SBL_MAX_FRAMED_BYTES - 4096)
        return;
    struct drive d = {dissector, bytes, size, (uint32_t)size, false, &report, NULL, NULL};
    (void)dissector->recognises(bytes, size);
    (void)drive_message(&d);
    d.is_cut = true;
    (void)drive_message(&d);
    d.message_bytes = (uint32_t)size + 4096;
    (void)drive_message(&d);
}

#endif
