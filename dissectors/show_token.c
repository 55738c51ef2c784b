/* What may be shown of authentication tokens.
 *
 * DER is shown by its structure: tags and lengths, and the contents of those primitive types that
 * hold no secret in SPNEGO and Kerberos. An OCTET STRING does (ciphers, MICs, keys), so of one only
 * an NTLMSSP message or another token of GSS-API is looked into. The whole tree is walked before
 * anything of it is shown: of a token with a wrong length nothing is.
 *
 * Of NTLMSSP ([MS-NLMP] 2.2.1) the fixed part, the names and the AV pairs are shown; masked are the
 * ServerChallenge, both answers (of an NTLMv2 answer the proof and the client's challenge), the
 * EncryptedRandomSessionKey and the MIC. */
#include "show.h"

#include "asn1.h"

enum {
    DEPTH_MOST = 24,
    NUMBER_MOST_BYTES = 8,
    TAG_CONSTRUCTED = 0x20,
    TAG_BOOLEAN = 0x01,
    TAG_UTF8_STRING = 0x0C,
    TAG_GENERALIZED_TIME = 0x18,
};

enum {
    NTLMSSP_NEGOTIATE_UNICODE = 0x00000001,
    NTLMSSP_FIXED_MOST = 88, /* of an AUTHENTICATE, with the MIC */
    SIGNATURE_BYTES = 8,
    ANSWER_BYTES = 24,
    PROOF_BYTES = 16,
    V2_TIME_END = 32,      /* of an NTLMv2 answer: behind types, reserved and TimeStamp */
    V2_CHALLENGE_END = 40, /* behind the client's challenge */
    V2_PAIRS_AT = 44,
    MSV_AV_EOL = 0,
    MSV_AV_FLAGS = 6,
    MSV_AV_TIMESTAMP = 7,
    MSV_AV_TARGET_NAME = 9,
    MSV_AV_MOST = 10,
    PADDING_MOST = 8, /* behind the last pair */
};

static const uint8_t ntlmssp[SIGNATURE_BYTES] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0};
static const uint8_t negoex[SIGNATURE_BYTES] = {'N', 'E', 'G', 'O', 'E', 'X', 'T', 'S'};

static bool begins(const struct showing *s, size_t at, size_t end, const uint8_t *signature) {
    return at <= end && end - at >= SIGNATURE_BYTES &&
           memcmp(&s->base[at], signature, SIGNATURE_BYTES) == 0;
}

/* --- NTLMSSP --- */

struct payload {
    size_t offset, bytes; /* of the part */
};

/* One message, from `at` to `end` of the part. */
struct message {
    struct showing *s;
    size_t at, end;
    size_t lowest; /* of its payloads, counted from `at` */
    bool is_odd;   /* it has a field that cannot be: nothing is shown */
};

/* The field {Len, MaxLen, BufferOffset} at `offset`. One that cannot be makes the message one of
 * another type, or none: its fixed part may then hold anything. */
static struct payload field_of(struct message *m, size_t offset) {
    struct sbl_cursor c = sbl_cursor_of(m->s->base, m->end);
    sbl_cursor_seek(&c, m->at + offset);
    size_t bytes = sbl_cursor_le16(&c), most = sbl_cursor_le16(&c), place = sbl_cursor_le32(&c);
    size_t size = m->end - m->at;
    if (c.spoiled || bytes != most || place > size || bytes > size - place)
        m->is_odd = true;
    if (m->is_odd || bytes == 0)
        return (struct payload){0};
    if (place < m->lowest)
        m->lowest = place;
    return (struct payload){m->at + place, bytes};
}

static void show_field_text(struct message *m, struct payload field, bool is_unicode) {
    struct sbl_text text = {.bytes = &m->s->base[field.offset],
                            .size = (uint32_t)field.bytes,
                            .encoding = is_unicode ? SBL_TEXT_UTF16LE : SBL_TEXT_OEM};
    if (field.bytes > 0)
        show_text(m->s, text, SHOW_ANY_SCRIPT);
}

static bool is_pair_sound(uint16_t id, size_t bytes) {
    bool is_name = (id >= 1 && id <= 5) || id == MSV_AV_TARGET_NAME;
    if (is_name)
        return bytes % 2 == 0;
    return id <= MSV_AV_MOST && (id != MSV_AV_FLAGS || bytes == 4) &&
           (id != MSV_AV_TIMESTAMP || bytes == 8);
}

static void show_pair(struct showing *s, uint16_t id, size_t at, size_t bytes) {
    struct sbl_text text = {
        .bytes = &s->base[at], .size = (uint32_t)bytes, .encoding = SBL_TEXT_UTF16LE};
    show_bytes(s, at - 4, 4);
    if (id == MSV_AV_FLAGS || id == MSV_AV_TIMESTAMP)
        show_bytes(s, at, bytes);
    else if (bytes > 0 && (id <= 5 || id == MSV_AV_TARGET_NAME))
        show_text(s, text, SHOW_ANY_SCRIPT);
}

/* Walks a list of AV pairs. False: it is none, or does not end; nothing of it is to be shown. */
static bool walk_pairs(struct showing *s, struct payload list, bool is_showing) {
    struct sbl_cursor c = sbl_cursor_of(s->base, list.offset + list.bytes);
    sbl_cursor_seek(&c, list.offset);
    while (sbl_cursor_left(&c) >= 4) {
        uint16_t id = sbl_cursor_le16(&c);
        size_t bytes = sbl_cursor_le16(&c), at = c.at;
        sbl_cursor_skip(&c, bytes);
        if (c.spoiled || !is_pair_sound(id, bytes))
            return false;
        if (is_showing)
            show_pair(s, id, at, bytes);
        if (id == MSV_AV_EOL)
            return bytes == 0 && sbl_cursor_left(&c) <= PADDING_MOST;
    }
    return false;
}

static void show_pairs(struct showing *s, struct payload list) {
    if (walk_pairs(s, list, false))
        (void)walk_pairs(s, list, true);
}

/* In two halves, as the second one of an LM answer may be nothing but zeros. */
void show_lm_answer(struct showing *s, size_t offset, size_t count) {
    size_t half = count == ANSWER_BYTES ? 8 : 0;
    show_masked(s, offset, half);
    show_masked(s, offset + half, count - half);
}

void show_nt_answer(struct showing *s, size_t offset, size_t count) {
    bool is_there = offset < s->size && s->size - offset >= count;
    const uint8_t *types = is_there && count >= V2_PAIRS_AT ? &s->base[offset + PROOF_BYTES] : NULL;
    if (!types || types[0] != 1 || types[1] != 1) {
        show_lm_answer(s, offset, count);
        return;
    }
    struct payload pairs = {offset + V2_PAIRS_AT, count - V2_PAIRS_AT};
    show_masked(s, offset, PROOF_BYTES);
    show_masked(s, offset + V2_TIME_END, V2_CHALLENGE_END - V2_TIME_END);
    if (!walk_pairs(s, pairs, false)) {
        show_masked(s, offset + PROOF_BYTES + 2, count - PROOF_BYTES - 2);
        show_bytes(s, offset + PROOF_BYTES, 2);
        return;
    }
    show_bytes(s, offset + PROOF_BYTES, V2_TIME_END - PROOF_BYTES);
    show_bytes(s, offset + V2_CHALLENGE_END, V2_PAIRS_AT - V2_CHALLENGE_END);
    show_pairs(s, pairs);
}

/* The fixed part ends where the lowest payload begins. Shows [from, to) as far as it is fixed. */
static void show_fixed(struct message *m, size_t from, size_t to) {
    if (from < m->lowest)
        show_bytes(m->s, m->at + from, (to < m->lowest ? to : m->lowest) - from);
}

/* Whether the lowest payload begins where the fixed part of such a message can end; the ends are
 * those that clients and servers of all ages have written, 0 the last of them. */
static bool is_fixed_end(struct message *m, const uint8_t *ends) {
    while (*ends != 0 && *ends != m->lowest)
        ends++;
    return !m->is_odd && (*ends != 0 || m->lowest == m->end - m->at);
}

static void show_negotiate(struct message *m) {
    static const uint8_t ends[] = {16, 32, 40, 0};
    bool is_short = m->end - m->at < 32; /* an old client's, without fields */
    struct payload domain = {0}, workstation = {0};
    if (!is_short) {
        domain = field_of(m, 16);
        workstation = field_of(m, 24);
    }
    if (is_short)
        m->lowest = 16;
    if (!is_fixed_end(m, ends))
        return;
    show_fixed(m, 0, 40);
    show_field_text(m, domain, false);
    show_field_text(m, workstation, false);
}

static void show_challenge(struct message *m, bool is_unicode) {
    static const uint8_t ends[] = {32, 40, 48, 56, 0};
    struct payload target = field_of(m, 12);
    struct payload info = m->lowest >= 48 ? field_of(m, 40) : (struct payload){0};
    if (!is_fixed_end(m, ends))
        return;
    show_fixed(m, 0, 24);
    show_masked(m->s, m->at + 24, 8);
    show_fixed(m, 32, 56);
    show_field_text(m, target, is_unicode);
    if (info.bytes > 0)
        show_pairs(m->s, info);
}

static bool overlap(struct payload one, struct payload other) {
    return one.bytes > 0 && other.bytes > 0 && one.offset < other.offset + other.bytes &&
           other.offset < one.offset + one.bytes;
}

static void show_authenticate(struct message *m) {
    static const uint8_t ends[] = {52, 64, 72, 88, 0};
    struct payload lm = field_of(m, 12), nt = field_of(m, 20), names[3];
    for (size_t i = 0; i < 3; i++)
        names[i] = field_of(m, 28 + 8 * i);
    struct payload key = m->lowest >= 60 ? field_of(m, 52) : (struct payload){0};
    if (!is_fixed_end(m, ends))
        return;
    struct sbl_cursor c = sbl_cursor_of(m->s->base, m->end);
    sbl_cursor_seek(&c, m->at + 60);
    bool is_new = m->lowest >= 64;
    /* old clients send no flags, and their names tell by their shape */
    bool is_unicode = is_new ? (sbl_cursor_le32(&c) & NTLMSSP_NEGOTIATE_UNICODE) != 0
                             : names[1].bytes >= 2 && m->s->base[names[1].offset + 1] == 0;
    show_fixed(m, 0, 72);
    if (m->lowest >= NTLMSSP_FIXED_MOST)
        show_masked(m->s, m->at + 72, 16);
    show_lm_answer(m->s, lm.offset, lm.bytes);
    if (nt.bytes > 0)
        show_nt_answer(m->s, nt.offset, nt.bytes);
    show_masked(m->s, key.offset, key.bytes);
    for (size_t i = 0; i < 3; i++)
        if (!overlap(names[i], lm) && !overlap(names[i], nt) && !overlap(names[i], key))
            show_field_text(m, names[i], is_unicode);
}

static void show_ntlmssp(struct showing *s, size_t at, size_t end) {
    struct message m = {.s = s, .at = at, .end = end, .lowest = end - at};
    struct sbl_cursor c = sbl_cursor_of(s->base, end);
    sbl_cursor_seek(&c, at + SIGNATURE_BYTES);
    uint32_t type = sbl_cursor_le32(&c);
    if (c.spoiled)
        return;
    if (type == SBL_NTLM_NEGOTIATE) {
        show_negotiate(&m);
    } else if (type == SBL_NTLM_CHALLENGE) {
        sbl_cursor_seek(&c, at + 20);
        show_challenge(&m, (sbl_cursor_le32(&c) & NTLMSSP_NEGOTIATE_UNICODE) != 0);
    } else if (type == SBL_NTLM_AUTHENTICATE) {
        show_authenticate(&m);
    }
}

/* --- DER --- */

/* A walk over a tree: where the constructed elements end that it is in. */
struct walk {
    struct showing *s;
    size_t at, ends[DEPTH_MOST];
    unsigned depth;
    bool is_showing;
};

struct element {
    uint8_t tag;
    size_t at, bytes; /* of the content */
};

/* The element at `at`, when it is whole before `end` and its tag has one byte. */
static bool element_at(const struct showing *s, size_t at, size_t end, struct element *e) {
    struct sbl_cursor c = sbl_cursor_of(s->base, end);
    sbl_cursor_seek(&c, at);
    e->tag = sbl_cursor_u8(&c);
    size_t length = sbl_cursor_u8(&c), more = 0;
    if (length >= ASN1_LENGTH_LONG) {
        more = length - ASN1_LENGTH_LONG;
        length = more == 0 || more > 4 ? SIZE_MAX : 0;
    }
    for (size_t i = 0; i < more && length != SIZE_MAX; i++)
        length = length << 8 | sbl_cursor_u8(&c);
    e->at = c.at;
    e->bytes = length;
    return !c.spoiled && length <= sbl_cursor_left(&c) &&
           (e->tag & ASN1_TAG_NUMBER_MASK) != ASN1_TAG_NUMBER_MASK;
}

static void show_string(struct showing *s, const struct element *e) {
    struct sbl_text text = {
        .bytes = &s->base[e->at], .size = (uint32_t)e->bytes, .encoding = SBL_TEXT_UTF8};
    if (e->bytes > 0)
        show_text(s, text, SHOW_ANY_SCRIPT);
}

/* What of a primitive element is shown. */
static void show_primitive(struct showing *s, const struct element *e) {
    switch (e->tag) {
    case TAG_BOOLEAN:
    case ASN1_INTEGER:
    case ASN1_ENUMERATED:
    case ASN1_BIT_STRING:
        if (e->bytes <= NUMBER_MOST_BYTES)
            show_bytes(s, e->at, e->bytes);
        break;
    case ASN1_OID:
        show_bytes(s, e->at, e->bytes <= 2 * NUMBER_MOST_BYTES ? e->bytes : 0);
        break;
    case TAG_UTF8_STRING:
    case ASN1_GENERAL_STRING:
    case TAG_GENERALIZED_TIME:
        show_string(s, e);
        break;
    default:
        break;
    }
}

/* Whether the walk is to go on inside an element. Of octets, inside a token of GSS-API or an AP-REQ
 * alone. */
static bool is_entered(const struct walk *w, const struct element *e) {
    if (e->tag & TAG_CONSTRUCTED)
        return true;
    if (e->tag != ASN1_OCTET_STRING || e->bytes < 2)
        return false;
    struct element inner;
    size_t end = e->at + e->bytes;
    if (!element_at(w->s, e->at, end, &inner) || inner.at + inner.bytes != end)
        return false;
    return inner.tag == ASN1_APPLICATION_0 || inner.tag == ASN1_APPLICATION_0 + 14 ||
           inner.tag == ASN1_APPLICATION_0 + 15 || inner.tag == ASN1_APPLICATION_0 + 30;
}

static void see_primitive(struct walk *w, const struct element *e) {
    size_t end = e->at + e->bytes;
    bool is_octets = e->tag == ASN1_OCTET_STRING;
    if (is_octets && begins(w->s, e->at, end, ntlmssp))
        show_ntlmssp(w->s, e->at, end);
    else if (is_octets && begins(w->s, e->at, end, negoex))
        show_bytes(w->s, e->at, SIGNATURE_BYTES);
    else
        show_primitive(w->s, e);
}

/* True: every element is whole, and those inside another one fill it. */
static bool walk_tree(struct walk *w) {
    struct element e;
    for (;;) {
        while (w->depth > 0 && w->at == w->ends[w->depth])
            w->depth--;
        if (w->at == w->ends[0])
            return true;
        if (!element_at(w->s, w->at, w->ends[w->depth], &e))
            return false;
        if (w->is_showing)
            show_bytes(w->s, w->at, e.at - w->at);
        if (is_entered(w, &e)) {
            if (++w->depth == DEPTH_MOST)
                return false;
            w->ends[w->depth] = e.at + e.bytes;
            w->at = e.at;
            continue;
        }
        if (w->is_showing)
            see_primitive(w, &e);
        w->at = e.at + e.bytes;
    }
}

/* One element with all that is in it; what stands behind it is not looked at. */
static void show_der(struct showing *s, size_t at, size_t end) {
    struct element whole;
    if (!element_at(s, at, end, &whole))
        return;
    struct walk w = {.s = s, .at = at, .ends = {whole.at + whole.bytes}};
    if (!walk_tree(&w))
        return;
    w = (struct walk){.s = s, .at = at, .ends = {whole.at + whole.bytes}, .is_showing = true};
    (void)walk_tree(&w);
}

void show_token(struct showing *s, size_t offset, size_t count) {
    if (offset >= s->size || count == 0)
        return;
    size_t end = count < s->size - offset ? offset + count : s->size;
    if (begins(s, offset, end, ntlmssp))
        show_ntlmssp(s, offset, end);
    else
        show_der(s, offset, end);
}
