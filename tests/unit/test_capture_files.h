/* Capture files made in memory, one of each kind, with frames whose bytes tell their number. */
#ifndef SMBLAME_TESTS_TEST_CAPTURE_FILES_H
#define SMBLAME_TESTS_TEST_CAPTURE_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { FILE_ROOM = 16384, FRAME_BYTES = 60 };

/* A file in the making. */
struct file {
    size_t size;
    bool is_big;
    uint8_t bytes[FILE_ROOM];
};

static inline void put(struct file *file, const void *bytes, size_t size) {
    memcpy(file->bytes + file->size, bytes, size);
    file->size += size;
}

static inline void put_number(struct file *file, uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; i++) {
        unsigned place = file->is_big ? size - 1 - i : i;
        file->bytes[file->size++] = (uint8_t)(value >> (8 * place));
    }
}

static inline void put16(struct file *file, uint64_t value) {
    put_number(file, value, 2);
}

static inline void put32(struct file *file, uint64_t value) {
    put_number(file, value, 4);
}

static inline void put64(struct file *file, uint64_t value) {
    put_number(file, value, 8);
}

static inline void set32(struct file *file, size_t at, uint32_t value) {
    size_t end = file->size;
    file->size = at;
    put32(file, value);
    file->size = end;
}

/* An Ethernet frame with a TCP segment to port 445; byte 59 is the number. */
static inline void put_frame(struct file *file, uint8_t number) {
    static const uint8_t head[] = {2,  0,    0, 0, 0,  1, 2, 0, 0,    0,  0,    2,   8,
                                   0,  0x45, 0, 0, 46, 0, 0, 0, 0,    64, 6,    0,   0,
                                   10, 0,    0, 1, 10, 0, 0, 2, 0xC0, 0,  0x01, 0xBD};
    uint8_t frame[FRAME_BYTES] = {0};
    memcpy(frame, head, sizeof head);
    frame[FRAME_BYTES - 1] = number;
    put(file, frame, sizeof frame);
}

static inline void pcap_begin(struct file *file, uint32_t magic, bool is_big) {
    file->size = 0;
    file->is_big = is_big;
    put32(file, magic);
    put16(file, 2);
    put16(file, 4);
    put64(file, 0);
    put32(file, 65535);
    put32(file, 1);
}

static inline void pcap_frame(struct file *file, uint32_t seconds, uint32_t fraction,
                              uint8_t number, bool is_modified) {
    put32(file, seconds);
    put32(file, fraction);
    put32(file, FRAME_BYTES);
    put32(file, FRAME_BYTES + 10);
    if (is_modified)
        put64(file, 7);
    put_frame(file, number);
}

/* Three frames a second apart. */
static inline void make_pcap(struct file *file, uint32_t magic, bool is_big) {
    pcap_begin(file, magic, is_big);
    for (uint8_t i = 1; i <= 3; i++)
        pcap_frame(file, 1000u + i, 5, i, magic == 0xA1B2CD34u);
}

static inline size_t block_begin(struct file *file, uint32_t type) {
    size_t at = file->size;
    put32(file, type);
    put32(file, 0);
    return at;
}

static inline void block_end(struct file *file, size_t at) {
    while (file->size % 4)
        file->bytes[file->size++] = 0;
    uint32_t total = (uint32_t)(file->size - at + 4);
    put32(file, total);
    set32(file, at + 4, total);
}

static inline void section(struct file *file, bool is_big) {
    file->is_big = is_big;
    size_t at = block_begin(file, 0x0A0D0D0A);
    put32(file, 0x1A2B3C4D);
    put16(file, 1);
    put16(file, 0);
    put64(file, UINT64_MAX);
    block_end(file, at);
}

/* An interface; resolution 6 and offset 0 are left to the defaults. */
static inline void interface(struct file *file, uint16_t link_type, uint32_t snap,
                             uint8_t resolution, int64_t offset) {
    size_t at = block_begin(file, 1);
    put16(file, link_type);
    put16(file, 0);
    put32(file, snap);
    if (resolution != 6) {
        put16(file, 9);
        put16(file, 1);
        put(file, (uint8_t[]){resolution, 0, 0, 0}, 4);
    }
    if (offset) {
        put16(file, 14);
        put16(file, 8);
        put64(file, (uint64_t)offset);
    }
    put32(file, 0);
    block_end(file, at);
}

/* Type 6: enhanced; 2: the obsolete packet block. */
static inline void packet(struct file *file, uint32_t type, uint32_t id, uint64_t time,
                          uint8_t number) {
    size_t at = block_begin(file, type);
    if (type == 2) {
        put16(file, id);
        put16(file, 0);
    } else {
        put32(file, id);
    }
    put32(file, time >> 32);
    put32(file, time & UINT32_MAX);
    put32(file, FRAME_BYTES);
    put32(file, FRAME_BYTES);
    put_frame(file, number);
    block_end(file, at);
}

static inline void other_block(struct file *file, uint32_t type, size_t size) {
    size_t at = block_begin(file, type);
    memset(file->bytes + file->size, 0, size);
    file->size += size;
    block_end(file, at);
}

/* Two sections of different byte order; interfaces of different type and resolution; blocks to pass
 * over, of which the custom one has a number. Frames 1 2 3, 5 6. */
static inline void make_pcapng(struct file *file) {
    file->size = 0;
    section(file, false);
    interface(file, 1, 40, 6, 0);
    packet(file, 6, 0, 1001000005, 1);
    interface(file, 101, 0, 9, 0);
    packet(file, 6, 1, 1002000000007, 2);
    size_t at = block_begin(file, 3);
    put32(file, FRAME_BYTES);
    put_frame(file, 3); /* its interface's snap length cuts it to 40 */
    block_end(file, at);
    other_block(file, 0xBAD, 12);
    other_block(file, 4, 33);
    section(file, true);
    interface(file, 1, 0, 0x80 | 10, 500);
    packet(file, 2, 0, 504ull << 10 | 512, 5);
    other_block(file, 5, 8);
    packet(file, 6, 0, 505ull << 10, 6);
}

static inline void netmon_begin(struct file *file, bool is_version_1, uint8_t minor) {
    static const uint16_t start[] = {1970, 1, 4, 1, 0, 16, 40, 0}; /* 1000 s */
    memset(file->bytes, 0, 128);
    file->size = 0;
    file->is_big = false;
    put(file, is_version_1 ? "RTSS" : "GMBU", 4);
    put(file, (uint8_t[]){minor, is_version_1 ? 1 : 2}, 2);
    put16(file, 1);
    for (size_t i = 0; i < 8; i++)
        put16(file, start[i]);
    file->size = 128;
}

/* A frame of 2.x with the trailer of its version; time in microseconds since the start. */
static inline uint32_t netmon_frame(struct file *file, uint8_t minor, uint64_t time, uint16_t media,
                                    uint8_t number) {
    uint32_t at = (uint32_t)file->size;
    put64(file, time);
    put32(file, FRAME_BYTES + 10);
    put32(file, FRAME_BYTES);
    put_frame(file, number);
    if (minor >= 1)
        put16(file, media);
    if (minor >= 2)
        put32(file, number == 2 ? 1 : UINT32_MAX);
    if (minor >= 3) {
        put64(file, 116444736000000000ull + (1000000000ull + time * 1) * 10);
        put(file, "\0", 1);
    }
    return at;
}

static inline void process_row(struct file *file, const char *path, uint32_t pid) {
    put32(file, (strlen(path) + 1) * 2);
    for (size_t i = 0; i <= strlen(path); i++)
        put16(file, (uint8_t)path[i]);
    put32(file, 3);
    put(file, "ico", 3);
    put32(file, pid);
    for (int i = 0; i < 11; i++)
        put32(file, 0);
}

static inline void netmon_end(struct file *file, const uint32_t *table, uint32_t count,
                              uint32_t process_at, uint32_t process_count) {
    uint32_t at = (uint32_t)file->size;
    for (uint32_t i = 0; i < count; i++)
        put32(file, table[i]);
    set32(file, 24, at);
    set32(file, 28, count * 4);
    set32(file, 48, process_at);
    set32(file, 52, process_count);
}

/* Frames 1 2 3 (written 3 1 2), with records between them that have no number; two processes. */
static inline void make_netmon2(struct file *file, uint8_t minor) {
    uint32_t table[5] = {0};
    netmon_begin(file, false, minor);
    table[4] = netmon_frame(file, minor, 3000005, 1, 3);
    table[0] = netmon_frame(file, minor, 1000005, 1, 1);
    table[1] = netmon_frame(file, minor, 1500000, minor ? 0xFFFC : 1, 9);
    table[2] = netmon_frame(file, minor, 2000005, 0xE001, 2);
    table[3] = netmon_frame(file, minor, 2500000, minor ? 0xFFFE : 1, 9);
    if (minor == 0) {
        table[1] = table[2];
        table[2] = table[4];
    }
    uint32_t process_at = (uint32_t)file->size;
    put16(file, 1);
    process_row(file, "C:\\a.exe", 11);
    process_row(file, "C:\\program\\b.exe", 22);
    netmon_end(file, table, minor ? 5 : 3, process_at, 2);
}

static inline void make_netmon1(struct file *file) {
    uint32_t table[3];
    netmon_begin(file, true, 1);
    for (uint8_t i = 0; i < 3; i++) {
        table[i] = (uint32_t)file->size;
        put32(file, (i + 1) * 1000u);
        put16(file, FRAME_BYTES + 10);
        put16(file, FRAME_BYTES);
        put_frame(file, (uint8_t)(i + 1));
    }
    netmon_end(file, table, 3, 0, 0);
}

static inline void make_snoop(struct file *file) {
    file->size = 0;
    file->is_big = true;
    put(file, "snoop\0\0\0", 8);
    put32(file, 2);
    put32(file, 4);
    for (uint8_t i = 1; i <= 3; i++) {
        put32(file, FRAME_BYTES + 10);
        put32(file, FRAME_BYTES);
        put32(file, 24 + FRAME_BYTES + 4);
        put32(file, 0);
        put32(file, 1000u + i);
        put32(file, 5);
        put_frame(file, i);
        put32(file, 0);
    }
}

#endif
