/* A builder of SMB1 messages for tests: header, words and bytes are written in the order of the
 * specification, and what is to be counted is counted, so a message reads like its description. */
#ifndef SMBLAME_TESTS_SMB1_MESSAGE_H
#define SMBLAME_TESTS_SMB1_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { OEM = 0x0001, NT_OEM = 0x4001, UNICODE = 0xC001 }; /* Flags2 */
enum { REQUEST = 0x18, REPLY = 0x98 };                    /* Flags */
enum { TID = 0x0801, PID = 0x19A3, UID = 0x0064, MID = 7 };

struct smb1_message {
    uint8_t bytes[2048];
    size_t size;
    size_t words_at, count_at; /* of the block at hand */
    bool is_unicode;
};

static inline void put8(struct smb1_message *m, unsigned value) {
    if (m->size >= sizeof m->bytes)
        abort();
    m->bytes[m->size++] = (uint8_t)value;
}

static inline void put16(struct smb1_message *m, unsigned value) {
    put8(m, value & 0xFF);
    put8(m, value >> 8 & 0xFF);
}

static inline void put32(struct smb1_message *m, uint32_t value) {
    put16(m, value & 0xFFFF);
    put16(m, value >> 16);
}

static inline void put_many(struct smb1_message *m, unsigned value, size_t count) {
    while (count-- > 0)
        put8(m, value);
}

/* Without terminator or pad. */
static inline void put_letters(struct smb1_message *m, const char *text) {
    for (; *text; text++) {
        put8(m, (uint8_t)*text);
        if (m->is_unicode)
            put8(m, 0);
    }
}

static inline void put_string(struct smb1_message *m, const char *text) {
    put_letters(m, text);
    put_many(m, 0, m->is_unicode ? 2 : 1);
}

static inline void put_ascii(struct smb1_message *m, const char *text) {
    for (; *text; text++)
        put8(m, (uint8_t)*text);
    put8(m, 0);
}

static inline void put_pad(struct smb1_message *m) {
    if (m->is_unicode && m->size % 2 != 0)
        put8(m, 0);
}

static inline void begin(struct smb1_message *m, unsigned command, unsigned flags, unsigned flags2,
                         uint32_t status) {
    *m = (struct smb1_message){.is_unicode = (flags2 & 0x8000) != 0};
    put8(m, 0xFF);
    put_many(m, 'S', 1);
    put_many(m, 'M', 1);
    put_many(m, 'B', 1);
    put8(m, command);
    put32(m, status);
    put8(m, flags);
    put16(m, flags2);
    put16(m, 0x0002); /* PIDHigh */
    put_many(m, 0, 10);
    put16(m, TID);
    put16(m, PID);
    put16(m, UID);
    put16(m, MID);
}

static inline void words(struct smb1_message *m, unsigned count) {
    put8(m, count);
    m->words_at = m->size;
}

static inline void andx(struct smb1_message *m) {
    put16(m, 0x00FF); /* no further command, unless `chain` says so */
    put16(m, 0);
}

static inline void bytes(struct smb1_message *m) {
    if (m->size != m->words_at + 2u * m->bytes[m->words_at - 1])
        abort();
    m->count_at = m->size;
    put16(m, 0);
}

static inline void end(struct smb1_message *m) {
    size_t count = m->size - m->count_at - 2;
    m->bytes[m->count_at] = (uint8_t)count;
    m->bytes[m->count_at + 1] = (uint8_t)(count >> 8);
}

/* Ends a block and lets `command` follow. */
static inline void chain(struct smb1_message *m, unsigned command) {
    end(m);
    m->bytes[m->words_at] = (uint8_t)command;
    m->bytes[m->words_at + 2] = (uint8_t)m->size;
    m->bytes[m->words_at + 3] = (uint8_t)(m->size >> 8);
}

static inline void empty(struct smb1_message *m) {
    words(m, 0);
    bytes(m);
    end(m);
}

static inline void nt_words(struct smb1_message *m, uint32_t capabilities, unsigned key_bytes) {
    words(m, 17);
    put16(m, 5);
    put8(m, 0x07); /* user level, encrypted, signing enabled */
    put16(m, 50);
    put16(m, 1);
    put32(m, 16644);
    put32(m, 65536);
    put32(m, 0);
    put32(m, capabilities);
    put32(m, 0x9C3A0D80);
    put32(m, 0x01DD7969);
    put16(m, 0);
    put8(m, key_bytes);
    bytes(m);
}

static inline void put_ntlmssp_negotiate(struct smb1_message *m) {
    put_ascii(m, "NTLMSSP");
    put32(m, 1);
    put32(m, 0x00000207);
    put_many(m, 0, 16);
}

static inline void session_words(struct smb1_message *m, unsigned form, unsigned first,
                                 unsigned second) {
    words(m, form);
    andx(m);
    put16(m, 65535);
    put16(m, 2);
    put16(m, 1);
    put32(m, 0);
    put16(m, first);
    if (form == 13)
        put16(m, second);
    put32(m, 0);
    if (form != 10)
        put32(m, 0x000000D4);
    bytes(m);
}

static inline void put_names(struct smb1_message *m, const char *account, const char *domain) {
    put_pad(m);
    put_string(m, account);
    put_string(m, domain);
    put_string(m, "Windows NT 1381");
    put_string(m, "Windows NT 4.0");
}

#endif
