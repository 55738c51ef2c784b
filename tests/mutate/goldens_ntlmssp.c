/* NTLMSSP messages as clients and servers of several ages send them. */
#include "goldens.h"
#include "tokens.h"

static const uint8_t lm_answer[24] = {0x98, 0xDE, 0xF7, 0xB8, 0x7F, 0x88, 0xAA, 0x5D,
                                      0xAF, 0xE2, 0xDF, 0x77, 0x96, 0x88, 0xA1, 0x72,
                                      0xDE, 0xF1, 0x1C, 0x7D, 0x5C, 0xCD, 0xEF, 0x13};
static const uint8_t nt_answer[24] = {0x67, 0xC4, 0x30, 0x11, 0xF3, 0x02, 0x98, 0xA2,
                                      0xAD, 0x35, 0xEC, 0xE6, 0x4F, 0x16, 0x33, 0x1C,
                                      0x44, 0xBD, 0xBE, 0xD9, 0x27, 0x84, 0x1F, 0x94};
static const uint8_t ess_lm[24] = {0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA};
static const uint8_t v2_lm[24] = {0x86, 0xC3, 0x50, 0x97, 0xAC, 0x9C, 0xEC, 0x10,
                                  0x25, 0x54, 0x76, 0x4A, 0x57, 0xCC, 0xCC, 0x19,
                                  0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA};
static const uint8_t v2_proof[16] = {0x68, 0xCD, 0x0A, 0xB8, 0x51, 0xE5, 0x1C, 0x96,
                                     0xAA, 0xBC, 0x92, 0x7B, 0xEB, 0xEF, 0x6A, 0x1C};

static void build_signature(struct build *b, uint32_t type) {
    build_bytes(b, "NTLMSSP", 8);
    build_le(b, type, 4);
}

static void build_field(struct build *b, size_t bytes, size_t offset) {
    build_le(b, bytes, 2);
    build_le(b, bytes, 2);
    build_le(b, offset, 4);
}

static void build_version(struct build *b, uint8_t major, uint8_t minor, uint16_t build) {
    build_le(b, major, 1);
    build_le(b, minor, 1);
    build_le(b, build, 2);
    build_le(b, 0x0F000000, 4);
}

static void build_pair(struct build *b, uint16_t id, const char *text) {
    build_le(b, id, 2);
    build_le(b, 2 * strlen(text), 2);
    build_utf16(b, text);
}

static void build_timestamp(struct build *b) {
    build_le(b, 7, 2);
    build_le(b, 8, 2);
    build_le(b, 0x01D9A1B2C3D4E5F6, 8);
}

void token_build_negotiate(struct build *b) {
    build_signature(b, 1);
    build_le(b, 0xE2083297, 4); /* VERSION, domain and workstation supplied */
    build_field(b, 6, 40);
    build_field(b, 5, 46);
    build_version(b, 10, 0, 19041);
    build_bytes(b, "DomainWS042", 11);
}

void token_build_challenge(struct build *b) {
    struct build info = {0};
    build_pair(&info, 2, "Domain");
    build_pair(&info, 1, "Server");
    build_pair(&info, 4, "domain.example");
    build_pair(&info, 3, "server.domain.example");
    build_pair(&info, 5, "forest.example");
    build_timestamp(&info);
    build_le(&info, 0, 4);
    build_signature(b, 2);
    build_field(b, 12, 56);
    build_le(b, 0xE2898215u, 4);
    build_fill(b, 0x5C, 8); /* ServerChallenge */
    build_fill(b, 0, 8);
    build_field(b, info.size, 68);
    build_version(b, 6, 1, 0);
    build_utf16(b, "Domain");
    build_add(b, &info);
}

/* As servers before Windows 2000 answer: no target info, no version. */
static void build_short_challenge(struct build *b) {
    build_signature(b, 2);
    build_field(b, 5, 32);
    build_le(b, TOKEN_FLAGS_OEM, 4);
    build_fill(b, 0x5C, 8);
    build_bytes(b, "CAP01", 5);
}

void token_build_v2_answer(struct build *b) {
    build_bytes(b, v2_proof, sizeof v2_proof);
    build_le(b, 0x0101, 8);
    build_le(b, 0x01D9A1B2C3D4E5F7, 8);
    build_fill(b, 0xAA, 8);
    build_le(b, 0, 4);
    build_pair(b, 9, "cifs/fs1");
    build_timestamp(b);
    build_le(b, 6, 2);
    build_le(b, 4, 2);
    build_le(b, 2, 4); /* the MIC is there */
    build_pair(b, 2, "Domain");
    build_pair(b, 1, "Server");
    build_le(b, 0, 4);
    build_le(b, 0, 4);
}

static void build_name(struct build *b, const char *name, bool is_unicode) {
    if (name && is_unicode)
        build_utf16(b, name);
    else if (name)
        build_bytes(b, name, strlen(name));
}

void token_build_authenticate(struct build *b, const struct authenticate *what) {
    bool is_unicode = (what->flags & 1) != 0;
    struct build payload = {0};
    const char *const names[] = {what->domain, what->user, what->workstation};
    size_t ends[4] = {0};
    for (size_t i = 0; i < 3; i++) {
        build_name(&payload, names[i], is_unicode);
        ends[i + 1] = payload.size;
    }
    build_signature(b, 3);
    build_field(b, what->lm_bytes, what->fixed_bytes + payload.size);
    build_field(b, what->nt_bytes, what->fixed_bytes + payload.size + what->lm_bytes);
    for (size_t i = 0; i < 3; i++)
        build_field(b, ends[i + 1] - ends[i], what->fixed_bytes + ends[i]);
    if (what->fixed_bytes >= 64) {
        build_field(b, 0, what->fixed_bytes);
        build_le(b, what->flags, 4);
    }
    if (what->fixed_bytes >= 72)
        build_version(b, 10, 0, 19041);
    if (what->fixed_bytes >= 88)
        build_fill(b, what->mic, 16);
    build_add(b, &payload);
    build_bytes(b, what->lm, what->lm_bytes);
    build_bytes(b, what->nt, what->nt_bytes);
}

void token_build_v2_authenticate(struct build *b) {
    struct build answer = {0};
    token_build_v2_answer(&answer);
    token_build_authenticate(b, &(struct authenticate){.domain = "Domain",
                                                       .user = "User",
                                                       .workstation = "COMPUTER",
                                                       .flags = (uint32_t)TOKEN_FLAGS_V2,
                                                       .lm = v2_lm,
                                                       .lm_bytes = sizeof v2_lm,
                                                       .nt = answer.bytes,
                                                       .nt_bytes = answer.size,
                                                       .fixed_bytes = 88,
                                                       .mic = 0x3D});
}

static const struct {
    const char *name;
    struct authenticate what;
} authenticates[] = {
    {"authenticate-v1",
     {"Domain", "User", "COMPUTER", TOKEN_FLAGS_V1, lm_answer, nt_answer, 24, 24, 64, 0}},
    {"authenticate-v1-same-lm",
     {"Domain", "User", "COMPUTER", TOKEN_FLAGS_V1, nt_answer, nt_answer, 24, 24, 64, 0}},
    {"authenticate-ess",
     {"Domain", "User", "COMPUTER", 0x00088205, ess_lm, nt_answer, 24, 24, 72, 0}},
    {"authenticate-lm",
     {"DOMAIN", "USER", "WIN98", TOKEN_FLAGS_OEM, lm_answer, NULL, 24, 0, 64, 0}},
    {"authenticate-oem-old",
     {"DOMAIN", "USER", "WFW311", TOKEN_FLAGS_OEM, lm_answer, nt_answer, 24, 24, 52, 0}},
    {"authenticate-anonymous",
     {NULL, NULL, "COMPUTER", 0xE2888A15u, (const uint8_t *)"", NULL, 1, 0, 88, 0}},
};

size_t goldens_ntlmssp(struct golden *out, size_t capacity) {
    static struct build room[16];
    size_t count = 0;
    void (*const builders[])(struct build *) = {token_build_negotiate, token_build_challenge,
                                                build_short_challenge, token_build_v2_authenticate};
    static const char *const names[] = {"negotiate", "challenge", "challenge-short",
                                        "authenticate-v2"};
    for (size_t i = 0; i < 4 && count < capacity; i++, count++) {
        room[count].size = 0;
        builders[i](&room[count]);
        out[count] =
            (struct golden){names[i], SBL_DISSECTOR_NTLMSSP, room[count].bytes, room[count].size};
    }
    for (size_t i = 0; i < sizeof authenticates / sizeof authenticates[0] && count < capacity;
         i++, count++) {
        room[count].size = 0;
        token_build_authenticate(&room[count], &authenticates[i].what);
        out[count] = (struct golden){authenticates[i].name, SBL_DISSECTOR_NTLMSSP,
                                     room[count].bytes, room[count].size};
    }
    return count;
}
