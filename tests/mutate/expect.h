/* For unit tests of dissectors (include after cmocka.h): a golden by its name, what a message gives
 * when it is driven, and comparison of texts with ASCII. */
#ifndef SMBLAME_TESTS_EXPECT_H
#define SMBLAME_TESTS_EXPECT_H

#include <string.h>

#include "drive.h"
#include "goldens.h"

enum { EXPECT_CAPACITY = SBL_MAX_CHAIN_LENGTH + 8 };

/* All that came of one message. Texts are only valid in `whole`, see expect_drive. */
struct expect {
    struct sbl_observation seen[EXPECT_CAPACITY];
    size_t count;
    unsigned oddities[SBL_ODDITY_COUNT];
    char text[EXPECT_CAPACITY][128]; /* the name or path of each, as ASCII */
};

/* Whether a text holds exactly this ASCII, in whatever encoding it has. */
static inline bool text_is(struct sbl_text text, const char *ascii) {
    size_t unit = text.encoding == SBL_TEXT_UTF16LE ? 2 : 1;
    if (!sbl_text_is_present(text) || text.size != unit * strlen(ascii))
        return false;
    for (size_t i = 0; i < text.size; i += unit)
        if (text.bytes[i] != (uint8_t)ascii[i / unit] || (unit == 2 && text.bytes[i + 1] != 0))
            return false;
    return true;
}

static inline void expect_copy_text(struct sbl_text text, char out[128]) {
    size_t unit = text.encoding == SBL_TEXT_UTF16LE ? 2 : 1, at = 0;
    for (size_t i = 0; i < text.size && at < 127; i += unit)
        out[at++] = (char)text.bytes[i];
    out[at] = 0;
}

static inline void expect_part(void *context, const struct sbl_part *part,
                               const struct sbl_report *report) {
    struct expect *e = context;
    (void)part;
    for (size_t i = 0; i < SBL_ODDITY_COUNT; i++)
        e->oddities[i] += report->oddities[i];
    for (size_t i = 0; i < report->count && e->count < EXPECT_CAPACITY; i++, e->count++) {
        const struct sbl_observation *seen = &report->observations[i];
        bool has_name =
            seen->kind == SBL_SAW_OPEN_REQUEST || seen->kind == SBL_SAW_DFS_REFERRAL_REQUEST;
        bool has_path = seen->kind == SBL_SAW_TREE_CONNECT_REQUEST;
        e->seen[e->count] = *seen;
        e->text[e->count][0] = 0;
        if (has_name || has_path)
            expect_copy_text(has_name ? seen->open.name : seen->tree_connect.path,
                             e->text[e->count]);
    }
}

/* Drives `size` captured bytes of a message of `message_bytes`, part by part. */
static inline void expect_drive(struct expect *e, enum sbl_dissector_id id, const uint8_t *bytes,
                                size_t size, size_t message_bytes) {
    static struct sbl_report report;
    memset(e, 0, sizeof *e);
    (void)drive_message(&(struct drive){.dissector = sbl_dissectors[id],
                                        .bytes = bytes,
                                        .size = size,
                                        .message_bytes = (uint32_t)message_bytes,
                                        .report = &report,
                                        .seen = expect_part,
                                        .context = e});
}

/* Dissects a message in one piece, where it lies, so that texts stay valid. */
static inline const struct sbl_observation *
expect_one(enum sbl_dissector_id id, const uint8_t *bytes, size_t size, struct sbl_report *report) {
    struct sbl_part part = {.message_bytes = (uint32_t)size};
    sbl_report_reset(report, false);
    sbl_dissectors[id]->dissect(sbl_cursor_of(bytes, size), &part, report);
    DRIVE_CHECK(report->count > 0);
    return &report->observations[0];
}

static inline unsigned expect_odd(const struct sbl_report *report) {
    unsigned sum = 0;
    for (size_t i = 0; i < SBL_ODDITY_COUNT; i++)
        sum += report->oddities[i];
    return sum;
}

/* The golden of that name; its table is filled once per call, tests are small. */
static inline struct golden expect_golden(enum sbl_dissector_id id, const char *name) {
    static struct golden goldens[GOLDEN_CAPACITY];
    size_t count = id == SBL_DISSECTOR_SMB2      ? goldens_smb2(goldens, GOLDEN_CAPACITY)
                   : id == SBL_DISSECTOR_SPNEGO  ? goldens_spnego(goldens, GOLDEN_CAPACITY)
                   : id == SBL_DISSECTOR_NBNS    ? goldens_nbns(goldens, GOLDEN_CAPACITY)
                   : id == SBL_DISSECTOR_NTLMSSP ? goldens_ntlmssp(goldens, GOLDEN_CAPACITY)
                                                 : goldens_kerberos(goldens, GOLDEN_CAPACITY);
    for (size_t i = 0; i < count; i++)
        if (strcmp(goldens[i].name, name) == 0)
            return goldens[i];
    DRIVE_CHECK(count == 0 && name == NULL);
    return goldens[0];
}

#endif
