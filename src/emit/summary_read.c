/* The end of a summary: what was read, what became of the logons, and what was lost on the way, so
 * that nobody takes "nothing found" for more than it is. */
#include <inttypes.h>

#include "emit/page.h"
#include "emit/summary.h"
#include "emit/words.h"

struct part {
    uint64_t count;
    const char *one, *many;
};

/* Begins the next item of a list on one line: the label before the first, a comma before others. */
static void begin_item(struct page *page, enum page_ink ink, const char *label, bool *is_first) {
    if (*is_first) {
        page_line(page, 2, 10);
        page_word(page, ink, "%-9s", label);
    } else {
        page_glue(page);
        page_word(page, PAGE_PLAIN, ",");
    }
    *is_first = false;
}

/* "3 gaps, 12,004 bytes": the parts that are not zero after a label; nothing when all are. */
static void say_parts(struct page *page, enum page_ink ink, const char *label,
                      const struct part *parts, size_t count) {
    bool is_first = true;
    for (size_t i = 0; i < count; i++) {
        char number[PAGE_NUMBER_BYTES];
        if (!parts[i].count)
            continue;
        begin_item(page, ink, label, &is_first);
        page_word(page, PAGE_PLAIN, "%s %s", page_number(parts[i].count, number),
                  parts[i].count == 1 ? parts[i].one : parts[i].many);
    }
}

#define SAY_PARTS(page, ink, label, parts)                                                         \
    say_parts((page), (ink), (label), (parts), sizeof(parts) / sizeof *(parts))

static void say_span(struct page *page, const struct sbl_stats *stats) {
    struct identity_clock from = identity_clock_of(stats->first_ns);
    char first[PAGE_TIME_BYTES], last[PAGE_TIME_BYTES];
    struct page dated = *page;
    dated.has_date = true;
    if (!stats->frames)
        return;
    page_line(page, 2, 10);
    page_word(page, PAGE_TITLE, "%-9s", "Time");
    page_word(page, PAGE_PLAIN, "%s", page_time(&dated, stats->first_ns, first));
    page_word(page, PAGE_PLAIN, "to %s UTC", page_time(page, stats->last_ns, last));
    if (from.year < 1980)
        page_word(page, PAGE_WARNING, "(the capture's clock was not set)");
}

/* "smb2 bad_offset 3, transport bad_header 2" */
static void say_damage(struct page *page, const struct sbl_stats *stats) {
    bool is_first = true;
    for (unsigned room = 0; room <= SBL_DISSECTOR_COUNT; room++) {
        const uint64_t *counts =
            room < SBL_DISSECTOR_COUNT ? stats->oddities[room] : stats->oddities_below;
        for (unsigned i = 0; i < SBL_ODDITY_COUNT; i++) {
            char number[PAGE_NUMBER_BYTES];
            if (!counts[i])
                continue;
            begin_item(page, PAGE_WARNING, "Damage", &is_first);
            page_word(page, PAGE_PLAIN, "%s %s %s",
                      room < SBL_DISSECTOR_COUNT ? words_dissector(room) : "transport",
                      words_oddity(i), page_number(counts[i], number));
        }
    }
}

static void say_caps(struct page *page, const struct sbl_stats *stats) {
    bool is_first = true;
    for (unsigned i = 0; i < SBL_LIMIT_COUNT; i++) {
        char number[PAGE_NUMBER_BYTES];
        if (!stats->cap_hits[i])
            continue;
        begin_item(page, PAGE_WARNING, "Caps hit", &is_first);
        page_word(page, PAGE_PLAIN, "%s %s", words_limit(i),
                  page_number(stats->cap_hits[i], number));
    }
}

static void say_protocols(const struct summary *summary, const struct sbl_stats *stats,
                          struct page *page) {
    bool is_first = true;
    for (unsigned i = 0; i < SBL_PROTOCOL_COUNT; i++) {
        const char *name = NULL;
        char shown[64], number[PAGE_NUMBER_BYTES];
        if (stats->connections_by_protocol[i] && summary->names.application)
            name = summary->names.application(summary->names.context, (uint16_t)i);
        if (!name)
            continue;
        size_t size = 0;
        while (name[size] && size < sizeof shown)
            size++;
        shown[text_printable(name, size, shown, sizeof shown - 1)] = 0;
        if (is_first) {
            page_line(page, 2, 10);
            page_word(page, PAGE_TITLE, "%-9s", "Protocols");
        } else {
            page_glue(page);
            page_word(page, PAGE_PLAIN, ",");
        }
        is_first = false;
        page_word(page, PAGE_PLAIN, "%s %s", shown,
                  page_number(stats->connections_by_protocol[i], number));
    }
}

void summary_print_read(const struct summary *summary, const struct sbl_stats *stats,
                        struct page *page) {
    const struct part read[] = {
        {stats->frames, "packet", "packets"},
        {stats->frame_bytes, "byte", "bytes"},
        {stats->connections, "TCP connection", "TCP connections"},
        {stats->connections_smb, "with SMB", "with SMB"},
    };
    const struct part logons[] = {
        {stats->logons_granted, "granted", "granted"},
        {stats->logons_refused, "refused", "refused"},
        {stats->logons_guest, "let in as guest", "let in as guest"},
        {stats->logons_half_seen, "half seen", "half seen"},
    };
    const struct part files[] = {
        {stats->tree_connects_refused, "share refused", "shares refused"},
        {stats->opens_refused, "open or search refused", "opens and searches refused"},
    };
    const struct part lost[] = {
        {stats->kernel_drops, "packet dropped by the kernel", "packets dropped by the kernel"},
        {stats->interface_drops, "packet dropped by the interface",
         "packets dropped by the interface"},
        {stats->gaps, "gap in a connection", "gaps in connections"},
        {stats->gap_bytes, "byte in gaps", "bytes in gaps"},
        {stats->cut_frames, "packet cut by the snap length", "packets cut by the snap length"},
        {stats->fragments_lost, "IP fragment without its others",
         "IP fragments without the others"},
        {stats->midstream, "connection whose beginning is missing",
         "connections whose beginning is missing"},
        {stats->one_sided, "connection with one side only", "connections with one side only"},
        {stats->encrypted_messages, "encrypted message (its content is not visible)",
         "encrypted messages (their content is not visible)"},
        {stats->compressed_messages, "compressed message (not unpacked)",
         "compressed messages (not unpacked)"},
    };
    page_line(page, 0, 2);
    page_word(page, PAGE_TITLE, "What was read");
    SAY_PARTS(page, PAGE_TITLE, "Read", read);
    say_span(page, stats);
    say_protocols(summary, stats, page);
    SAY_PARTS(page, PAGE_TITLE, "Logons", logons);
    SAY_PARTS(page, PAGE_TITLE, "Files", files);
    SAY_PARTS(page, PAGE_WARNING, "Not seen", lost);
    say_damage(page, stats);
    say_caps(page, stats);
    if (stats->frames == 0) {
        page_line(page, 2, 10);
        page_word(page, PAGE_WARNING, "no packets");
    }
    page_end(page);
}
