/* Drives the SMB1 dissector over one message as stream does: asks what it wants of every part, with
 * as few bytes as it is content with, hands over exactly so many in a buffer of their own (so the
 * sanitizer sees the first byte too many), and goes on where it says. Aborts on an answer that
 * would make stream hang, and on a text outside of the message. Shared by unit test and fuzz
 * target. */
#ifndef SMBLAME_TESTS_SMB1_DRIVE_H
#define SMBLAME_TESTS_SMB1_DRIVE_H

#include <stdio.h>
#include <stdlib.h>

#include <smblame/dissector.h>
#include <smblame/limits.h>

extern const struct sbl_dissector sbl_dissector_smb1;

/* What a message gave, all parts together. Texts point into bytes that are gone. */
struct drive {
    struct sbl_report report; /* of the last part */
    uint32_t observations, parts, oddities;
    struct sbl_observation first, last;
    uint32_t first_until, resumed_at;
};

static void drive_fail(const char *why) {
    fprintf(stderr, "smb1: %s\n", why);
    abort();
}

static void drive_check_text(struct sbl_text text, struct sbl_cursor part) {
    if (text.size == 0)
        return;
    if (text.bytes < part.base || text.size > part.size ||
        (size_t)(text.bytes - part.base) > part.size - text.size)
        drive_fail("a text outside of its message");
    if (text.encoding == SBL_TEXT_ABSENT)
        drive_fail("a text with bytes and no encoding");
}

static void drive_check(const struct sbl_observation *seen, struct sbl_cursor part) {
    const struct sbl_session_setup *setup = &seen->session_setup;
    const struct sbl_negotiate *negotiate = &seen->negotiate;
    unsigned kind = seen->kind;
    if (seen->head.version != 1 || seen->head.chain_position >= SBL_MAX_CHAIN_LENGTH)
        drive_fail("a head that cannot be");
    if (kind == SBL_SAW_SESSION_SETUP_REQUEST || kind == SBL_SAW_SESSION_SETUP_RESPONSE) {
        if (setup->form == 10 || setup->form == 13) {
            drive_check_text(setup->account, part);
            drive_check_text(setup->domain, part);
        }
        drive_check_text(setup->native_os, part);
        drive_check_text(setup->native_lanman, part);
        drive_check_text(setup->native_domain, part);
    } else if (kind == SBL_SAW_NEGOTIATE_REQUEST || kind == SBL_SAW_NEGOTIATE_RESPONSE) {
        drive_check_text(negotiate->dialect_name, part);
        drive_check_text(negotiate->domain, part);
        drive_check_text(negotiate->server, part);
    } else if (kind == SBL_SAW_TREE_CONNECT_REQUEST || kind == SBL_SAW_TREE_CONNECT_RESPONSE) {
        drive_check_text(seen->tree_connect.path, part);
    } else if (kind == SBL_SAW_OPEN_REQUEST || kind == SBL_SAW_DFS_REFERRAL_REQUEST) {
        drive_check_text(seen->open.name, part);
    }
}

static void *drive_copy(const uint8_t *bytes, size_t size) {
    void *copy = malloc(size ? size : 1);
    if (!copy)
        drive_fail("no memory");
    if (size)
        memcpy(copy, bytes, size);
    return copy;
}

/* Asks for the need of a part of which `size` bytes were captured. */
static struct sbl_need drive_ask(const uint8_t *bytes, size_t size, const struct sbl_part *part) {
    size_t give = sbl_dissector_smb1.prefix_bytes;
    for (;;) {
        give = give < size ? give : size;
        void *prefix = drive_copy(bytes, give);
        struct sbl_need need = sbl_dissector_smb1.need(sbl_cursor_of(prefix, give), part);
        free(prefix);
        if (!need.more_bytes)
            return need;
        if (need.more_bytes <= give || need.more_bytes > part->message_bytes - part->offset)
            drive_fail("asks for what it has, or for more than there is");
        if (need.more_bytes > size) /* cut: all there is */
            return (struct sbl_need){.want_until = part->message_bytes};
        give = need.more_bytes;
    }
}

static void drive_note(struct drive *drive) {
    for (uint32_t i = 0; i < drive->report.count; i++) {
        drive->last = drive->report.observations[i];
        if (drive->observations++ == 0)
            drive->first = drive->last;
    }
    for (unsigned i = 0; i < SBL_ODDITY_COUNT; i++)
        drive->oddities += drive->report.oddities[i];
    if (drive->report.oddities[SBL_ODDITY_SPOILED_CURSOR])
        drive_fail("a parser read past its window");
}

/* What is taken in one look is what need and dissect say one after the other. */
static void drive_take(const uint8_t *bytes, size_t size, const struct sbl_part *part,
                       const struct sbl_need *need) {
    static struct sbl_report taken, dissected; /* large */
    uint8_t *copy = (uint8_t *)drive_copy(bytes, size);
    taken.observations[0] = dissected.observations[0] = (struct sbl_observation){0};
    sbl_report_reset(&taken, false);
    uint32_t wanted = sbl_dissector_smb1.take(copy, size, part, &taken);
    if (wanted > 0) {
        sbl_report_reset(&dissected, false);
        sbl_dissector_smb1.dissect(sbl_cursor_of(copy, wanted), part, &dissected);
        if (wanted != need->want_until || need->resume_at || taken.count != dissected.count ||
            memcmp(taken.oddities, dissected.oddities, sizeof taken.oddities) != 0 ||
            memcmp(&taken.observations[0], &dissected.observations[0],
                   sizeof taken.observations[0]) != 0)
            drive_fail("takes something else than it dissects");
    }
    free(copy);
}

static struct sbl_need drive_part(const uint8_t *bytes, size_t size, const struct sbl_part *part,
                                  struct drive *drive) {
    struct sbl_need need = drive_ask(bytes + part->offset, size - part->offset, part);
    if (need.want_until < part->offset || need.want_until > part->message_bytes ||
        need.want_until - part->offset > SBL_MAX_MESSAGE_BYTES)
        drive_fail("wants what cannot be");
    if (need.resume_at && (need.resume_at < need.want_until || need.resume_at <= part->offset ||
                           need.resume_at >= part->message_bytes))
        drive_fail("resumes where it cannot");
    size_t have = need.want_until < size ? need.want_until : size;
    void *copy = drive_copy(bytes + part->offset, have - part->offset);
    struct sbl_cursor cursor = sbl_cursor_of(copy, have - part->offset);
    sbl_report_reset(&drive->report, need.want_until > size);
    sbl_dissector_smb1.dissect(cursor, part, &drive->report);
    for (uint32_t i = 0; i < drive->report.count; i++)
        drive_check(&drive->report.observations[i], cursor);
    drive_note(drive);
    free(copy);
    if (part->offset == 0 && size == part->message_bytes)
        drive_take(bytes, size, part, &need);
    return need;
}

/* Reads a message of `framed` bytes of which `size` were captured. */
static void drive_message(const uint8_t *bytes, size_t size, uint32_t framed, struct drive *drive) {
    struct sbl_part part = {.message_bytes = framed};
    memset(drive, 0, sizeof *drive);
    while (part.offset < size || part.offset == 0) {
        struct sbl_need need = drive_part(bytes, size, &part, drive);
        if (drive->parts++ == 0)
            drive->first_until = need.want_until;
        if (!need.resume_at)
            return;
        if (part.offset == 0)
            memcpy(part.header, bytes, sizeof part.header);
        drive->resumed_at = need.resume_at;
        part.offset = need.resume_at;
        part.next_command = need.next_command;
        part.chain_position = (uint8_t)(part.chain_position + drive->report.count);
    }
}

#endif
