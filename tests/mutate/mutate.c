/* The mutation test: every golden message, damaged in every way there is to damage one byte or one
 * field, is driven through its dissector as stream would. There is no expected answer but the
 * promises that drive.h checks, and a sanitizer's silence.
 *
 *     mutate               runs it
 *     mutate --seeds DIR   writes every golden message to DIR/<dissector>/<name> instead */
#include <stdio.h>
#include <string.h>

#include "drive.h"
#include "goldens.h"

enum { MESSAGE_ROOM = 4096 };

/* One golden being damaged. */
struct mutation {
    const struct golden *golden;
    uint8_t bytes[MESSAGE_ROOM];
    struct sbl_report *report;
    uint64_t driven;
};

static void drive_cut(struct mutation *m, size_t size, size_t message_bytes, bool is_cut) {
    struct drive d = {.dissector = sbl_dissectors[m->golden->dissector],
                      .bytes = m->bytes,
                      .size = size,
                      .message_bytes = (uint32_t)message_bytes,
                      .is_cut = is_cut,
                      .report = m->report};
    (void)drive_message(&d);
    m->driven++;
}

/* The damaged message whole, and as one whose end the capture dropped. */
static void drive_both(struct mutation *m) {
    drive_cut(m, m->golden->size, m->golden->size, false);
    drive_cut(m, m->golden->size, m->golden->size + 64, true);
}

/* Every length: as the sender's whole message, and as the capture's cut of this one. */
static void truncate_everywhere(struct mutation *m) {
    for (size_t size = 0; size <= m->golden->size; size++) {
        if (size >= 4)
            drive_cut(m, size, size, false);
        drive_cut(m, size, m->golden->size, true);
    }
}

static void damage_bytes(struct mutation *m) {
    for (size_t at = 0; at < m->golden->size; at++) {
        uint8_t good = m->bytes[at];
        const uint8_t values[] = {0x00, 0x7F, 0x80, 0xFF, (uint8_t)(good + 1), (uint8_t)(good - 1)};
        for (unsigned bit = 0; bit < 8; bit++) {
            m->bytes[at] = (uint8_t)(good ^ 1u << bit);
            drive_both(m);
        }
        for (size_t i = 0; i < sizeof values; i++) {
            m->bytes[at] = values[i];
            drive_both(m);
        }
        m->bytes[at] = good;
    }
}

/* Writes `value` over `width` bytes at `at`, in either byte order. */
static void put_value(uint8_t *bytes, size_t width, uint64_t value, bool is_big) {
    for (size_t i = 0; i < width; i++)
        bytes[is_big ? width - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

static void damage_fields(struct mutation *m, size_t width) {
    static const uint64_t extremes[] = {0,       1,          0x7F,       0x80,       0xFF,
                                        0x100,   0x7FFF,     0x8000,     0xFFFE,     0xFFFF,
                                        0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF};
    for (size_t at = 0; at + width <= m->golden->size; at++) {
        uint8_t good[4];
        memcpy(good, m->bytes + at, width);
        for (size_t i = 0; i < sizeof extremes / sizeof extremes[0]; i++) {
            if (width == 2 && extremes[i] > 0xFFFF)
                break;
            put_value(m->bytes + at, width, extremes[i], false);
            drive_both(m);
            put_value(m->bytes + at, width, extremes[i], true);
            drive_both(m);
        }
        put_value(m->bytes + at, width, m->golden->size, false);
        drive_both(m);
        memcpy(m->bytes + at, good, width);
    }
}

static uint64_t mutate_golden(const struct golden *golden, struct sbl_report *report) {
    struct mutation m = {.golden = golden, .report = report};
    DRIVE_CHECK(golden->size <= sizeof m.bytes);
    memcpy(m.bytes, golden->bytes, golden->size);
    drive_cut(&m, golden->size, golden->size, false);
    DRIVE_CHECK(report->count > 0); /* a golden that says nothing tests nothing */
    truncate_everywhere(&m);
    damage_bytes(&m);
    damage_fields(&m, 2);
    damage_fields(&m, 4);
    return m.driven;
}

static int write_seed(const struct golden *golden, const char *folder) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/%s", folder, sbl_dissectors[golden->dissector]->name,
             golden->name);
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        return 1;
    }
    size_t written = fwrite(golden->bytes, 1, golden->size, file);
    return fclose(file) != 0 || written != golden->size;
}

int main(int argc, char **argv) {
    struct golden goldens[GOLDEN_CAPACITY];
    size_t (*const fillers[])(struct golden *, size_t) = {
        goldens_ntlmssp, goldens_kerberos, goldens_nbns, goldens_spnego, goldens_smb2};
    size_t count = 0;
    for (size_t i = 0; i < sizeof fillers / sizeof fillers[0]; i++)
        count += fillers[i](goldens + count, GOLDEN_CAPACITY - count);
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0) {
        int failed = 0;
        for (size_t i = 0; i < count; i++)
            failed |= write_seed(&goldens[i], argv[2]);
        return failed;
    }
    struct sbl_report *report = calloc(1, sizeof *report);
    DRIVE_CHECK(report != NULL);
    uint64_t driven = 0;
    for (size_t i = 0; i < count; i++)
        driven += mutate_golden(&goldens[i], report);
    free(report);
    printf("%zu golden messages, %llu mutants driven\n", count, (unsigned long long)driven);
    return 0;
}
