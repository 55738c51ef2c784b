/* Datagrams of the NetBIOS name service. */
#include "build.h"
#include "goldens.h"

static void build_be(struct build *b, unsigned value, size_t count) {
    for (; count > 0; count--)
        build_le(b, value >> 8 * (count - 1) & 0xFF, 1);
}

/* The 16 bytes of a name, filled up with `fill` and ended by the suffix. */
static void pad_name(const char *name, uint8_t suffix, uint8_t fill, uint8_t bytes[16]) {
    memset(bytes, fill, 15);
    for (size_t i = 0; i < 15 && name[i]; i++)
        bytes[i] = (uint8_t)name[i];
    bytes[15] = suffix;
}

static void build_name(struct build *b, const char *name, uint8_t suffix, const char *scope) {
    uint8_t bytes[16];
    pad_name(name, suffix, name[0] == '*' ? 0 : ' ', bytes);
    build_le(b, 32, 1);
    for (unsigned i = 0; i < 16; i++) {
        build_le(b, 'A' + (bytes[i] >> 4), 1);
        build_le(b, 'A' + (bytes[i] & 15), 1);
    }
    if (scope) {
        build_le(b, strlen(scope), 1);
        build_bytes(b, scope, strlen(scope));
    }
    build_le(b, 0, 1);
}

/* Flags, and how many questions, answers and additional records. */
static void build_header(struct build *b, unsigned flags, unsigned questions, unsigned answers,
                         unsigned additional) {
    build_be(b, 0x1234, 2);
    build_be(b, flags, 2);
    build_be(b, questions, 2);
    build_be(b, answers, 2);
    build_be(b, 0, 2);
    build_be(b, additional, 2);
}

/* Type, class, TTL and length of a record. */
static void build_record(struct build *b, unsigned type, size_t bytes) {
    build_be(b, type, 2);
    build_be(b, 1, 2);
    build_be(b, 300000, 4);
    build_be(b, (unsigned)bytes, 2);
}

static void build_address(struct build *b, unsigned flags, unsigned address) {
    build_be(b, flags, 2);
    build_be(b, address, 4);
}

static void build_registration(struct build *b) {
    build_header(b, 0x2910, 1, 0, 1);
    build_name(b, "WS042", 0x00, NULL);
    build_be(b, 0x00200001, 4);
    build_be(b, 0xC00C, 2); /* the question's name */
    build_record(b, 0x20, 6);
    build_address(b, 0x0000, 0x0A01022A);
}

static void build_multihomed(struct build *b) {
    build_header(b, 0x7900, 1, 0, 1);
    build_name(b, "CAP01", 0x20, "corp");
    build_be(b, 0x00200001, 4);
    build_be(b, 0xC00C, 2);
    build_record(b, 0x20, 12);
    build_address(b, 0x6000, 0x0A01000A);
    build_address(b, 0x6000, 0x0A02000A);
}

static void build_found(struct build *b) {
    build_header(b, 0x8580, 0, 1, 0);
    build_name(b, "CORP", 0x1C, NULL);
    build_record(b, 0x20, 12);
    build_address(b, 0xE000, 0x0A010001);
    build_address(b, 0xE000, 0x0A010002);
}

static void build_owned(struct build *b, const char *name, uint8_t suffix, unsigned flags) {
    uint8_t bytes[16];
    pad_name(name, suffix, ' ', bytes);
    build_bytes(b, bytes, sizeof bytes);
    build_be(b, flags, 2);
}

static void build_status(struct build *b) {
    build_header(b, 0x8400, 0, 1, 0);
    build_name(b, "*", 0x00, NULL);
    build_record(b, 0x21, 1 + 6 * 18 + 46);
    build_le(b, 6, 1);
    build_owned(b, "DC01", 0x00, 0x0400);
    build_owned(b, "CORP", 0x00, 0x8400);
    build_owned(b, "CORP", 0x1C, 0x8400);
    build_owned(b, "CORP", 0x1B, 0x0400);
    build_owned(b, "TAKEN", 0x20, 0x0C00);              /* in conflict */
    build_owned(b, "\1\2__MSBROWSE__\2", 0x01, 0x8400); /* nobody's */
    build_fill(b, 0x52, 46);
}

size_t goldens_nbns(struct golden *out, size_t capacity) {
    enum { COUNT = 4 };
    static struct build room[COUNT];
    static const char *const names[COUNT] = {"registration", "multihomed", "found", "status"};
    void (*const builders[COUNT])(struct build *) = {build_registration, build_multihomed,
                                                     build_found, build_status};
    if (capacity < COUNT)
        return 0;
    memset(room, 0, sizeof room);
    for (size_t i = 0; i < COUNT; i++) {
        builders[i](&room[i]);
        out[i] = (struct golden){names[i], SBL_DISSECTOR_NBNS, room[i].bytes, room[i].size};
    }
    return COUNT;
}
