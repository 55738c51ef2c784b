/* Kerberos messages as session setups carry them, with patterns for ciphers. */
#include "goldens.h"
#include "tokens.h"

static void build_integer(struct build *b, uint8_t value) {
    build_le(b, value, 1);
    build_der(b, 0x02);
}

static void build_string(struct build *b, const char *text) {
    build_bytes(b, text, strlen(text));
    build_der(b, 0x1B);
}

/* Appends a field `[number] content`. */
static void add_field(struct build *b, uint8_t number, const struct build *content) {
    build_der_of(b, (uint8_t)(0xA0 + number), content);
}

static void add_integer(struct build *b, uint8_t number, uint8_t value) {
    struct build content = {0};
    build_integer(&content, value);
    add_field(b, number, &content);
}

static void add_realm(struct build *b, uint8_t number, const char *realm) {
    struct build content = {0};
    build_string(&content, realm);
    add_field(b, number, &content);
}

/* sname of two components; `more` adds as many that no reader has room for. */
static void add_principal(struct build *b, uint8_t number, const char *service, const char *host,
                          unsigned more) {
    struct build strings = {0}, string = {0}, principal = {0};
    build_string(&strings, service);
    build_string(&string, host);
    build_add(&strings, &string);
    for (unsigned i = 0; i < more; i++)
        build_add(&strings, &string);
    build_der(&strings, 0x30);
    add_integer(&principal, 0, 2);
    add_field(&principal, 1, &strings);
    build_der(&principal, 0x30);
    add_field(b, number, &principal);
}

static void add_cipher(struct build *b, uint8_t number) {
    struct build cipher = {0}, data = {0};
    add_integer(&cipher, 0, 18);
    build_fill(&data, 0xCC, 40);
    build_der(&data, 0x04);
    add_field(&cipher, 2, &data);
    build_der(&cipher, 0x30);
    add_field(b, number, &cipher);
}

static void build_ap_req(struct build *b, const char *realm, const char *service, const char *host,
                         unsigned more) {
    struct build ticket = {0}, options = {0};
    add_integer(&ticket, 0, 5);
    add_realm(&ticket, 1, realm);
    add_principal(&ticket, 2, service, host, more);
    add_cipher(&ticket, 3);
    build_der(&ticket, 0x30);
    build_der(&ticket, 0x61);
    build_le(&options, 0x0000002000, 5); /* mutual-required */
    build_der(&options, 0x03);
    add_integer(b, 0, 5);
    add_integer(b, 1, 14);
    add_field(b, 2, &options);
    add_field(b, 3, &ticket);
    add_cipher(b, 4);
    build_der(b, 0x30);
    build_der(b, 0x6E);
}

void token_build_ap_req(struct build *b, const char *realm, const char *service, const char *host) {
    build_ap_req(b, realm, service, host, 0);
}

/* With the client's name when there is one, as some KDCs answer. */
static void build_error(struct build *b, uint8_t code, const char *client) {
    struct build time = {0};
    build_bytes(&time, "20260105101500Z", 15);
    build_der(&time, 0x18);
    add_integer(b, 0, 5);
    add_integer(b, 1, 30);
    add_field(b, 4, &time);
    add_integer(b, 5, 7);
    add_integer(b, 6, code);
    if (client) {
        add_realm(b, 7, "CORP.EXAMPLE");
        add_principal(b, 8, client, "ws042.corp.example", 1);
    }
    add_realm(b, 9, "CORP.EXAMPLE");
    add_principal(b, 10, "cifs", "fs1.corp.example", 0);
    build_der(b, 0x30);
    build_der(b, 0x7E);
}

void token_build_krb_error(struct build *b, uint8_t code) {
    build_error(b, code, NULL);
}

void token_frame_kerberos(struct build *b, uint8_t token_id) {
    static const uint8_t oid[] = {0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2};
    struct build framed = {0};
    build_bytes(&framed, oid, sizeof oid);
    build_le(&framed, token_id, 2);
    build_add(&framed, b);
    build_der(&framed, 0x60);
    *b = framed;
}

size_t goldens_kerberos(struct golden *out, size_t capacity) {
    static struct build room[7];
    static const char *const names[7] = {"ap-req",          "ap-req-gss", "krb-error",
                                         "krb-error-gss",   "ap-rep",     "ap-req-long",
                                         "krb-error-client"};
    if (capacity < 7)
        return 0;
    memset(room, 0, sizeof room);
    token_build_ap_req(&room[0], "CORP.EXAMPLE", "cifs", "fs1.corp.example");
    room[1] = room[0];
    token_frame_kerberos(&room[1], 1);
    token_build_krb_error(&room[2], 37);
    room[3] = room[2];
    token_frame_kerberos(&room[3], 3);
    add_cipher(&room[4], 2);
    build_der(&room[4], 0x30);
    build_der(&room[4], 0x6F);
    token_frame_kerberos(&room[4], 2);
    build_ap_req(&room[5], "CORP.EXAMPLE", "cifs", "fs1.corp.example", 3);
    build_error(&room[6], 24, "host");
    for (size_t i = 0; i < 7; i++)
        out[i] = (struct golden){names[i], SBL_DISSECTOR_KERBEROS, room[i].bytes, room[i].size};
    return 7;
}
