/* SMB1 messages put together by hand, one of each form, with names as old clients send them. */
#ifndef SMBLAME_TESTS_SMB1_GOLDEN_H
#define SMBLAME_TESTS_SMB1_GOLDEN_H

#include "smb1_message.h"

static inline void negotiate_request(struct smb1_message *m) {
    begin(m, 0x72, REQUEST, UNICODE, 0);
    words(m, 0);
    bytes(m);
    put8(m, 2);
    put_ascii(m, "NT LM 0.12");
    put8(m, 2);
    put_ascii(m, "SMB 2.???");
    end(m);
}

static inline void negotiate_nt(struct smb1_message *m) {
    begin(m, 0x72, REPLY, UNICODE, 0);
    nt_words(m, 0x0000F3FD, 8);
    put_many(m, 0x5A, 8);
    put_string(m, "CORP"); /* at an odd offset: no pad here */
    put_string(m, "CAP01");
    end(m);
}

static inline void negotiate_extended(struct smb1_message *m) {
    begin(m, 0x72, REPLY, UNICODE, 0);
    nt_words(m, 0x8000F3FD, 0);
    put_letters(m, "");
    for (unsigned i = 0; i < 16; i++)
        put8(m, 0xA0 + i);
    put_ntlmssp_negotiate(m);
    end(m);
}

static inline void negotiate_lanman(struct smb1_message *m) {
    begin(m, 0x72, REPLY, OEM, 0);
    words(m, 13);
    put16(m, 6);
    put16(m, 3);
    put16(m, 16644);
    put16(m, 50);
    put16(m, 1);
    put16(m, 0);
    put32(m, 0);
    put32(m, 0x5D751C18); /* time, date */
    put16(m, 0xFFC4);
    put16(m, 8);
    put16(m, 0);
    bytes(m);
    put_many(m, 0x5A, 8);
    put_string(m, "CORP");
    end(m);
}

static inline void negotiate_core(struct smb1_message *m) {
    begin(m, 0x72, REPLY, OEM, 0);
    words(m, 1);
    put16(m, 0);
    bytes(m);
    end(m);
}

static inline void session_lanman(struct smb1_message *m) {
    begin(m, 0x73, REQUEST, OEM, 0);
    session_words(m, 10, 24, 0);
    put_many(m, 0x11, 24);
    put_names(m, "SMSCliToknAcct&", "WS042");
    end(m);
}

static inline void session_nt(struct smb1_message *m) {
    begin(m, 0x73, REQUEST, UNICODE, 0);
    session_words(m, 13, 24, 24);
    put_many(m, 0x11, 24);
    put_many(m, 0x22, 24);
    put_names(m, "SMSCliToknAcct&", "WS042");
    end(m);
}

static inline void session_nt_oem(struct smb1_message *m) {
    begin(m, 0x73, REQUEST, OEM, 0);
    session_words(m, 13, 24, 24);
    put_many(m, 0x11, 24);
    put_many(m, 0x22, 24);
    put_names(m, "SMSCliToknAcct&", "WS042");
    end(m);
}

static inline void session_plaintext(struct smb1_message *m) {
    begin(m, 0x73, REQUEST, UNICODE, 0);
    session_words(m, 13, 0, 14);
    put_pad(m);
    put_string(m, "Secret"); /* 14 bytes with its terminator */
    put_names(m, "jdoe", "CORP");
    end(m);
}

static inline void session_null(struct smb1_message *m) {
    begin(m, 0x73, REQUEST, UNICODE, 0);
    session_words(m, 13, 1, 0);
    put8(m, 0);
    put_names(m, "", "");
    end(m);
}

static inline void session_extended(struct smb1_message *m) {
    begin(m, 0x73, REQUEST, UNICODE, 0);
    session_words(m, 12, 32, 0);
    put_ntlmssp_negotiate(m);
    put_pad(m);
    put_string(m, "Unix");
    put_string(m, "Samba");
    end(m);
}

static inline void put_reply_names(struct smb1_message *m) {
    put_pad(m);
    put_string(m, "Windows 5.0");
    put_string(m, "Windows 2000 LAN Manager");
    put_string(m, "CORP");
}

static inline void session_granted(struct smb1_message *m) {
    begin(m, 0x73, REPLY, UNICODE, 0);
    words(m, 3);
    andx(m);
    put16(m, 1); /* as guest */
    bytes(m);
    put_reply_names(m);
    end(m);
}

static inline void session_more(struct smb1_message *m) {
    begin(m, 0x73, REPLY, UNICODE, 0xC0000016);
    words(m, 4);
    andx(m);
    put16(m, 0);
    put16(m, 32);
    bytes(m);
    put_ntlmssp_negotiate(m);
    put_reply_names(m);
    end(m);
}

static inline void session_refused(struct smb1_message *m) {
    begin(m, 0x73, REPLY, UNICODE, 0xC000006D);
    empty(m);
}

static inline void session_refused_dos(struct smb1_message *m) {
    begin(m, 0x73, REPLY, OEM, 0x00020002); /* ERRSRV/ERRbadpw: class, reserved, code */
    empty(m);
}

static inline void put_tree(struct smb1_message *m, const char *path) {
    words(m, 4);
    andx(m);
    put16(m, 8);
    put16(m, 1);
    bytes(m);
    put8(m, 0);
    put_pad(m);
    put_string(m, path);
    put_ascii(m, "?????");
}

static inline void tree_andx(struct smb1_message *m) {
    begin(m, 0x75, REQUEST, UNICODE, 0);
    put_tree(m, "\\\\CAP01\\SMSSHARE");
    end(m);
}

static inline void tree_granted(struct smb1_message *m) {
    begin(m, 0x75, REPLY, UNICODE, 0);
    words(m, 3);
    andx(m);
    put16(m, 1);
    bytes(m);
    put_ascii(m, "A:");
    put_string(m, "NTFS");
    end(m);
}

static inline void tree_core(struct smb1_message *m) {
    begin(m, 0x70, REQUEST, OEM, 0);
    words(m, 0);
    bytes(m);
    put8(m, 4);
    put_string(m, "\\\\CAP01\\SMSSHARE");
    put8(m, 4);
    put_string(m, "pw");
    put8(m, 4);
    put_string(m, "A:");
    end(m);
}

static inline void tree_core_granted(struct smb1_message *m) {
    begin(m, 0x70, REPLY, OEM, 0);
    words(m, 2);
    put16(m, 8192);
    put16(m, 0x0777);
    bytes(m);
    end(m);
}

static inline void put_nt_create(struct smb1_message *m, const char *name, unsigned name_bytes,
                                 uint32_t root) {
    words(m, 24);
    andx(m);
    put8(m, 0);
    put16(m, name_bytes);
    put32(m, 0x16);
    put32(m, root);
    put32(m, 0x00020089);
    put32(m, 0);
    put32(m, 0);
    put32(m, 0x80);
    put32(m, 7);
    put32(m, 1); /* FILE_OPEN */
    put32(m, 0x00000040);
    put32(m, 2);
    put8(m, 3);
    bytes(m);
    put_pad(m);
    put_string(m, name);
}

static inline void nt_create(struct smb1_message *m) {
    begin(m, 0xA2, REQUEST, UNICODE, 0);
    put_nt_create(m, "\\cwbaudio.dll", 26, 0);
    end(m);
}

static inline void nt_create_oem(struct smb1_message *m) {
    begin(m, 0xA2, REQUEST, NT_OEM, 0);
    put_nt_create(m, "ess.dll", 8, 0x4001);
    end(m);
}

static inline void nt_create_granted(struct smb1_message *m) {
    begin(m, 0xA2, REPLY, UNICODE, 0);
    words(m, 34);
    andx(m);
    put8(m, 0);
    put16(m, 0x4002);
    put_many(m, 0, 61);
    bytes(m);
    end(m);
}

static inline void open_andx(struct smb1_message *m) {
    begin(m, 0x2D, REQUEST, UNICODE, 0);
    words(m, 15);
    andx(m);
    put16(m, 0);
    put16(m, 0x40);
    put16(m, 0x16);
    put16(m, 0);
    put32(m, 0);
    put16(m, 1);
    put_many(m, 0, 12);
    bytes(m);
    put_pad(m);
    put_string(m, "\\auddrive.sys");
    end(m);
}

static inline void open_andx_granted(struct smb1_message *m) {
    begin(m, 0x2D, REPLY, OEM, 0);
    words(m, 15);
    andx(m);
    put16(m, 0x4003);
    put_many(m, 0, 24);
    bytes(m);
    end(m);
}

static inline void put_core_name(struct smb1_message *m, const char *name) {
    bytes(m);
    put8(m, 4);
    put_pad(m);
    put_string(m, name);
}

static inline void open_core(struct smb1_message *m) {
    begin(m, 0x02, REQUEST, OEM, 0);
    words(m, 2);
    put16(m, 0x42);
    put16(m, 0x16);
    put_core_name(m, "\\ESS.DLL");
    end(m);
}

static inline void open_core_granted(struct smb1_message *m) {
    begin(m, 0x02, REPLY, OEM, 0);
    words(m, 7);
    put16(m, 0x4004);
    put_many(m, 0, 12);
    bytes(m);
    end(m);
}

static inline void create_new(struct smb1_message *m) {
    begin(m, 0x0F, REQUEST, UNICODE, 0);
    words(m, 3);
    put_many(m, 0, 6);
    put_core_name(m, "\\new.txt");
    end(m);
}

static inline void query_information(struct smb1_message *m) {
    begin(m, 0x08, REQUEST, OEM, 0);
    words(m, 0);
    put_core_name(m, "\\AUTOEXEC.BAT");
    end(m);
}

static inline void check_directory(struct smb1_message *m) {
    begin(m, 0x10, REQUEST, UNICODE, 0);
    words(m, 0);
    put_core_name(m, "\\i386");
    end(m);
}

static inline void put_search(struct smb1_message *m, const char *pattern, unsigned key_bytes) {
    begin(m, 0x81, REQUEST, OEM, 0);
    words(m, 2);
    put16(m, 10);
    put16(m, 0x16);
    put_core_name(m, pattern);
    put8(m, 5);
    put16(m, key_bytes);
    put_many(m, 0x33, key_bytes);
    end(m);
}

static inline void search(struct smb1_message *m) {
    put_search(m, "\\ESS*.DLL", 0);
}

static inline void search_goes_on(struct smb1_message *m) {
    put_search(m, "", 21);
}

/* A TRANSACTION2 request whose parameters are `fixed` bytes and a name; the caller adds both. */
static inline size_t put_trans2(struct smb1_message *m, unsigned subcommand) {
    begin(m, 0x32, REQUEST, UNICODE, 0);
    words(m, 15);
    put_many(m, 0, 18);
    put16(m, 0);
    put16(m, 0x44); /* ParameterOffset */
    put16(m, 0);
    put16(m, 0);
    put8(m, 1);
    put8(m, 0);
    put16(m, subcommand);
    bytes(m);
    put_many(m, 0, 0x44 - m->size);
    return m->size;
}

static inline void end_trans2(struct smb1_message *m, size_t parameters_at) {
    size_t count = m->size - parameters_at;
    m->bytes[m->words_at] = m->bytes[m->words_at + 18] = (uint8_t)count;
    end(m);
}

static inline void trans2_open2(struct smb1_message *m) {
    size_t at = put_trans2(m, 0);
    put16(m, 0);
    put16(m, 0x40);
    put_many(m, 0, 8);
    put16(m, 0x11);
    put_many(m, 0, 14);
    put_string(m, "\\x.dll");
    end_trans2(m, at);
}

static inline void trans2_find_first2(struct smb1_message *m) {
    size_t at = put_trans2(m, 1);
    put_many(m, 1, 12);
    put_string(m, "\\rasadhlp.dll");
    end_trans2(m, at);
}

static inline void trans2_query_path(struct smb1_message *m) {
    size_t at = put_trans2(m, 5);
    put_many(m, 1, 6);
    put_string(m, "\\ctaud2k.sys");
    end_trans2(m, at);
}

static inline void trans2_dfs(struct smb1_message *m) {
    size_t at = put_trans2(m, 0x10);
    put16(m, 3);
    put_string(m, "\\CAP01\\SMSSHARE");
    end_trans2(m, at);
}

static inline void nt_transact_create(struct smb1_message *m) {
    begin(m, 0xA0, REQUEST, UNICODE, 0);
    words(m, 19);
    put_many(m, 0, 3);
    put32(m, 53 + 1 + 16);
    put_many(m, 0, 12);
    put32(m, 53 + 1 + 16);
    put32(m, 76);
    put_many(m, 0, 9);
    put16(m, 1);
    bytes(m);
    put_many(m, 0, 76 - m->size);
    put32(m, 0x16);
    put32(m, 0x4005);
    put32(m, 0x00120089);
    put_many(m, 0, 16);
    put32(m, 2);
    put32(m, 0x40);
    put_many(m, 0, 8);
    put32(m, 16);
    put32(m, 2);
    put8(m, 0);
    put_pad(m);
    put_letters(m, "\\nt.sys.");
    end(m);
}

static inline void logoff(struct smb1_message *m) {
    begin(m, 0x74, REQUEST, UNICODE, 0);
    words(m, 2);
    andx(m);
    bytes(m);
    end(m);
}

static inline void tree_disconnect(struct smb1_message *m) {
    begin(m, 0x71, REQUEST, UNICODE, 0);
    empty(m);
}

static inline void close_file(struct smb1_message *m) {
    begin(m, 0x04, REQUEST, UNICODE, 0);
    words(m, 3);
    put16(m, 0x4002);
    put32(m, 0xFFFFFFFF);
    bytes(m);
    end(m);
}

/* The tree connect and the open that ride in the same request as the logon. */
static inline void chain_request(struct smb1_message *m) {
    session_nt_oem(m);
    chain(m, 0x75);
    put_tree(m, "\\\\CAP01\\SMSSHARE");
    chain(m, 0xA2);
    put_nt_create(m, "\\cwbaudio.dll", 14, 0);
    end(m);
}

/* Logon and tree connect went well; the header's status is of the open. */
static inline void chain_reply(struct smb1_message *m) {
    begin(m, 0x73, REPLY, NT_OEM, 0xC0000034);
    words(m, 3);
    andx(m);
    put16(m, 0);
    bytes(m);
    put_reply_names(m);
    chain(m, 0x75);
    words(m, 3);
    andx(m);
    put16(m, 0);
    bytes(m);
    put_ascii(m, "A:");
    put_string(m, "NTFS");
    chain(m, 0xA2);
    empty(m);
}

/* A write of 1,000 bytes and the close behind it. */
static inline void write_and_close(struct smb1_message *m) {
    begin(m, 0x2F, REQUEST, UNICODE, 0);
    words(m, 12);
    andx(m);
    put16(m, 0x4002);
    put_many(m, 0, 14);
    put16(m, 1000);
    put16(m, 59);
    bytes(m);
    put_many(m, 0x77, 1000);
    chain(m, 0x04);
    words(m, 3);
    put16(m, 0x4002);
    put32(m, 0xFFFFFFFF);
    bytes(m);
    end(m);
}

static inline void read_reply(struct smb1_message *m) {
    begin(m, 0x2E, REPLY, UNICODE, 0);
    words(m, 12);
    andx(m);
    put_many(m, 0, 20);
    bytes(m);
    put_many(m, 0x77, 1000);
    end(m);
}

static const struct golden {
    const char *name;
    void (*build)(struct smb1_message *message);
} GOLDEN[] = {
    {"negotiate_request", negotiate_request},
    {"negotiate_nt", negotiate_nt},
    {"negotiate_extended", negotiate_extended},
    {"negotiate_lanman", negotiate_lanman},
    {"negotiate_core", negotiate_core},
    {"session_lanman", session_lanman},
    {"session_nt", session_nt},
    {"session_nt_oem", session_nt_oem},
    {"session_plaintext", session_plaintext},
    {"session_null", session_null},
    {"session_extended", session_extended},
    {"session_granted", session_granted},
    {"session_more", session_more},
    {"session_refused", session_refused},
    {"session_refused_dos", session_refused_dos},
    {"tree_andx", tree_andx},
    {"tree_granted", tree_granted},
    {"tree_core", tree_core},
    {"tree_core_granted", tree_core_granted},
    {"nt_create", nt_create},
    {"nt_create_oem", nt_create_oem},
    {"nt_create_granted", nt_create_granted},
    {"open_andx", open_andx},
    {"open_andx_granted", open_andx_granted},
    {"open_core", open_core},
    {"open_core_granted", open_core_granted},
    {"create_new", create_new},
    {"query_information", query_information},
    {"check_directory", check_directory},
    {"search", search},
    {"search_goes_on", search_goes_on},
    {"trans2_open2", trans2_open2},
    {"trans2_find_first2", trans2_find_first2},
    {"trans2_query_path", trans2_query_path},
    {"trans2_dfs", trans2_dfs},
    {"nt_transact_create", nt_transact_create},
    {"logoff", logoff},
    {"tree_disconnect", tree_disconnect},
    {"close_file", close_file},
    {"chain_request", chain_request},
    {"chain_reply", chain_reply},
    {"write_and_close", write_and_close},
    {"read_reply", read_reply},
};

enum { GOLDEN_COUNT = sizeof GOLDEN / sizeof GOLDEN[0] };

#endif
