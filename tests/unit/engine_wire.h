/* Frames for tests of the engine: SMB2 connections of clients with one server, and the NTLM
 * messages of a logon. */
#ifndef SMBLAME_TESTS_ENGINE_WIRE_H
#define SMBLAME_TESTS_ENGINE_WIRE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <smblame/engine.h>

enum { CLIENT = 0, SERVER = 1, FIN = 1, SYN = 2, ACK = 16 };

struct wire {
    struct sbl_engine *engine;
    uint32_t address; /* of the client; 0 = 10.1.2.42 */
    uint16_t port;    /* its; 0 = 1047 */
    uint32_t seq[2];
    uint64_t number;
    struct sbl_frame *kept; /* not NULL: frames are kept here, their bytes there, and not fed */
    uint8_t (*bytes)[2048];
};

static inline void put16(uint8_t *p, size_t v) {
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void put32(uint8_t *p, uint32_t v) {
    put16(p, v >> 16);
    put16(p + 2, v & 0xFFFF);
}

static inline void send(struct wire *w, int from, uint8_t flags, const uint8_t *payload,
                        size_t size) {
    uint8_t fresh[2048];
    uint8_t *frame = w->kept ? w->bytes[w->number] : fresh;
    memset(frame, 0, sizeof fresh);
    uint8_t *ip = frame + 14, *tcp = ip + 20;
    put16(frame + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, 40 + size);
    ip[9] = 6;
    uint32_t client = w->address ? w->address : 0x0A01022A;
    uint16_t port = w->port ? w->port : 1047;
    put32(ip + 12, from == CLIENT ? client : 0x0A01000A);
    put32(ip + 16, from == CLIENT ? 0x0A01000A : client);
    put16(tcp, from == CLIENT ? port : 445);
    put16(tcp + 2, from == CLIENT ? 445 : port);
    put32(tcp + 4, w->seq[from]);
    put32(tcp + 8, w->seq[!from]);
    tcp[12] = 0x50;
    tcp[13] = flags;
    if (size)
        memcpy(tcp + 20, payload, size);
    w->seq[from] += (uint32_t)size + ((flags & (SYN | FIN)) != 0);
    struct sbl_frame sent = {.bytes = frame,
                             .captured_bytes = (uint32_t)(54 + size),
                             .wire_bytes = (uint32_t)(54 + size),
                             .time_ns = INT64_C(1700000000000000000) + (int64_t)w->number * 1000,
                             .number = ++w->number,
                             .link_type = SBL_LINKTYPE_ETHERNET};
    if (w->kept)
        w->kept[sent.number - 1] = sent;
    else
        sbl_engine_feed(w->engine, &sent, 1);
}

/* An SMB2 SESSION_SETUP message, framed: header, body, blob. */
static inline size_t session_setup(uint8_t *out, bool is_reply, uint64_t id, uint32_t status,
                                   const uint8_t *blob, size_t blob_size) {
    uint8_t *smb = out + 4, *body = smb + 64;
    size_t body_size = is_reply ? 8 : 24;
    memset(out, 0, 4 + 64 + body_size);
    memcpy(smb, (uint8_t[]){0xFE, 'S', 'M', 'B', 64}, 5);
    memcpy(smb + 8,
           (uint8_t[]){(uint8_t)status, (uint8_t)(status >> 8), (uint8_t)(status >> 16),
                       (uint8_t)(status >> 24)},
           4);
    smb[12] = 1;
    smb[16] = is_reply;
    smb[24] = (uint8_t)id;
    smb[40] = id == 1 && !is_reply ? 0 : 0x51;
    body[0] = is_reply ? 9 : 25;
    uint8_t *offset = body + (is_reply ? 4 : 12);
    offset[0] = (uint8_t)(64 + body_size);
    offset[2] = (uint8_t)blob_size;
    offset[3] = (uint8_t)(blob_size >> 8);
    memcpy(body + body_size, blob, blob_size);
    put32(out, (uint32_t)(64 + body_size + blob_size));
    return 4 + 64 + body_size + blob_size;
}

static const uint8_t negotiate[] =
    "NTLMSSP\0\1\0\0\0\x05\x82\x08\xa2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
static const uint8_t challenge[] =
    "NTLMSSP\0\2\0\0\0\x08\0\x08\0\x38\0\0\0\x05\x82\x89\xa2\1\2\3\4\5\6\7\x08\0\0\0\0\0\0\0\0"
    "\0\0\0\0\x40\0\0\0\x06\x01\0\0\0\0\0\x0f"
    "C\0O\0R\0P\0";
static const uint8_t authenticate[] =
    "NTLMSSP\0\3\0\0\0\0\0\0\0\x48\0\0\0\x18\0\x18\0\x58\0\0\0\x08\0\x08\0\x48\0\0\0\x08\0\x08\0"
    "\x50\0\0\0\0\0\0\0\x70\0\0\0\0\0\0\0\x70\0\0\0\x05\x82\x89\xa2\x06\x01\0\0\0\0\0\x0f"
    "C\0O\0R\0P\0j\0d\0o\0e\0"
    "123456789012345678901234";

#endif
