/* The report: where a dissector writes what it saw in one message. Owned and reused by the caller,
 * bounded, and suspicious: an observation made through a spoiled cursor is refused and counted, so
 * a check a parser forgot cannot become a lie. */
#ifndef SMBLAME_REPORT_H
#define SMBLAME_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/cursor.h>
#include <smblame/observation.h>
#include <smblame/oddity.h>

enum { SBL_REPORT_CAPACITY = 64 };

/* Zeroed before its first use. */
struct sbl_report {
    uint32_t count;
    uint32_t oddity_count; /* of all kinds; 0: `oddities` is all zero */
    bool is_cut; /* the message's end was not captured: shortness is the capture's, not the sender's
                  */
    uint16_t oddities[SBL_ODDITY_COUNT];
    struct sbl_observation observations[SBL_REPORT_CAPACITY + 1]; /* the last is never kept */
};

/* Empties a report for the next message. Touches only what the last one used. */
static inline void sbl_report_reset(struct sbl_report *report, bool is_cut) {
    report->count = 0;
    report->is_cut = is_cut;
    if (report->oddity_count > 0)
        memset(report->oddities, 0, sizeof report->oddities);
    report->oddity_count = 0;
}

/* Counts an oddity of this message. */
static inline void sbl_report_odd(struct sbl_report *report, enum sbl_oddity oddity) {
    report->oddity_count++;
    if (report->oddities[oddity] < UINT16_MAX)
        report->oddities[oddity]++;
}

/* Where the next observation is made, in place; never NULL. It holds what an earlier message left:
 * the head is to be set whole, the rest begun (sbl_observation_begin). */
static inline struct sbl_observation *sbl_report_next(struct sbl_report *report) {
    return &report->observations[report->count];
}

/* Keeps the observation that was made there. Refused when `through` is spoiled or the report is
 * full; the refusal is counted: as the capture's cut when the message was cut, else as the sender's
 * oddity. */
static inline bool sbl_report_keep(struct sbl_report *report, const struct sbl_cursor *through) {
    if (through->spoiled) {
        sbl_report_odd(report,
                       report->is_cut ? SBL_ODDITY_CUT_BY_SNAPLEN : SBL_ODDITY_SPOILED_CURSOR);
        return false;
    }
    if (report->count == SBL_REPORT_CAPACITY) {
        sbl_report_odd(report, SBL_ODDITY_REPORT_FULL);
        return false;
    }
    report->count++;
    return true;
}

/* Adds a copy of an observation that was made elsewhere. */
static inline bool sbl_report_add(struct sbl_report *report, const struct sbl_cursor *through,
                                  const struct sbl_observation *seen) {
    *sbl_report_next(report) = *seen;
    return sbl_report_keep(report, through);
}

#endif
