/* SPNEGO blobs around NTLMSSP and Kerberos tokens, and blobs that are not SPNEGO. */
#include "goldens.h"
#include "tokens.h"

static const uint8_t oid_spnego[] = {0x06, 6, 0x2B, 6, 1, 5, 5, 2};
static const uint8_t oid_ntlmssp[] = {0x06, 10, 0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 0x0A};
static const uint8_t oid_negoex[] = {0x06, 10, 0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 0x1E};
static const uint8_t oid_ms_kerberos[] = {0x06, 9, 0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 1, 2, 2};
static const uint8_t oid_kerberos[] = {0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2};

/* Appends `[number] OCTET STRING`. */
static void add_octets(struct build *b, uint8_t number, const void *bytes, size_t size) {
    struct build content = {0};
    build_bytes(&content, bytes, size);
    build_der(&content, 0x04);
    build_der_of(b, (uint8_t)(0xA0 + number), &content);
}

/* Closes a NegTokenInit: SEQUENCE, [0], SPNEGO's OID, GSS-API frame. */
static void close_init(struct build *b) {
    struct build framed = {0};
    build_der(b, 0x30);
    build_bytes(&framed, oid_spnego, sizeof oid_spnego);
    build_der_of(&framed, 0xA0, b);
    build_der(&framed, 0x60);
    *b = framed;
}

void token_wrap_init(struct build *b, const struct build *inner, bool is_kerberos_first) {
    struct build mechanisms = {0};
    if (is_kerberos_first) {
        build_bytes(&mechanisms, oid_ms_kerberos, sizeof oid_ms_kerberos);
        build_bytes(&mechanisms, oid_kerberos, sizeof oid_kerberos);
    }
    build_bytes(&mechanisms, oid_ntlmssp, sizeof oid_ntlmssp);
    build_der(&mechanisms, 0x30);
    build_der_of(b, 0xA0, &mechanisms);
    if (inner->size > 0)
        add_octets(b, 2, inner->bytes, inner->size);
    close_init(b);
}

void token_build_hints(struct build *b) {
    struct build mechanisms = {0}, hints = {0};
    build_bytes(&mechanisms, oid_negoex, sizeof oid_negoex);
    build_bytes(&mechanisms, oid_ms_kerberos, sizeof oid_ms_kerberos);
    build_bytes(&mechanisms, oid_ntlmssp, sizeof oid_ntlmssp);
    build_der(&mechanisms, 0x30);
    build_der_of(b, 0xA0, &mechanisms);
    build_bytes(&hints, "not_defined_in_RFC4178@please_ignore", 36);
    build_der(&hints, 0x1B);
    build_der(&hints, 0xA0);
    build_der(&hints, 0x30);
    build_der_of(b, 0xA3, &hints);
    close_init(b);
}

void token_wrap_resp(struct build *b, const struct build *inner, uint8_t state, bool mechanism) {
    struct build content = {0};
    build_le(&content, state, 1);
    build_der(&content, 0x0A);
    build_der_of(b, 0xA0, &content);
    if (mechanism) {
        content.size = 0;
        build_bytes(&content, oid_ntlmssp, sizeof oid_ntlmssp);
        build_der_of(b, 0xA1, &content);
    }
    if (inner->size > 0) {
        add_octets(b, 2, inner->bytes, inner->size);
        add_octets(b, 3, "0123456789abcdef", 16);
    }
    build_der(b, 0x30);
    build_der(b, 0xA1);
}

size_t goldens_spnego(struct golden *out, size_t capacity) {
    enum { COUNT = 9 };
    static struct build room[COUNT];
    static const char *const names[COUNT] = {"init-ntlmssp",   "init-kerberos",     "init-hints",
                                             "resp-challenge", "resp-authenticate", "resp-done",
                                             "resp-krb-error", "raw-ntlmssp",       "raw-kerberos"};
    struct build inner = {0}, nothing = {0};
    if (capacity < COUNT)
        return 0;
    memset(room, 0, sizeof room);
    token_build_negotiate(&inner);
    token_wrap_init(&room[0], &inner, false);
    room[7] = inner;
    inner.size = 0;
    token_build_ap_req(&inner, "CORP.EXAMPLE", "cifs", "fs1.corp.example");
    token_frame_kerberos(&inner, 1);
    token_wrap_init(&room[1], &inner, true);
    room[8] = inner;
    token_build_hints(&room[2]);
    inner.size = 0;
    token_build_challenge(&inner);
    token_wrap_resp(&room[3], &inner, 1, true);
    inner.size = 0;
    token_build_v2_authenticate(&inner);
    token_wrap_resp(&room[4], &inner, 1, false);
    token_wrap_resp(&room[5], &nothing, 0, false);
    inner.size = 0;
    token_build_krb_error(&inner, 37);
    token_frame_kerberos(&inner, 3);
    token_wrap_resp(&room[6], &inner, 2, false);
    for (size_t i = 0; i < COUNT; i++)
        out[i] = (struct golden){names[i], SBL_DISSECTOR_SPNEGO, room[i].bytes, room[i].size};
    return COUNT;
}
