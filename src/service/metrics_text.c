/* Two tables: plain values of the statistics, and families whose members are told apart by a label.
 */
#include "service/metrics_text.h"

#include <inttypes.h>
#include <string.h>

#include <smblame/limits.h>

#define COUNTER "counter"
#define GAUGE "gauge"

/* A value of struct sbl_stats. */
struct plain {
    const char *name, *help;
    size_t at;
};

#define AT(field) offsetof(struct sbl_stats, field)

static const struct plain plains[] = {
    {"smblame_frames_total", "Frames looked at.", AT(frames)},
    {"smblame_frame_bytes_total", "Bytes of frames, as far as captured.", AT(frame_bytes)},
    {"smblame_wire_bytes_total", "Bytes of frames, as long as they were.", AT(wire_bytes)},
    {"smblame_segments_total", "TCP segments.", AT(segments)},
    {"smblame_connections_total", "TCP connections.", AT(connections)},
    {"smblame_smb_connections_total", "TCP connections that carried SMB.", AT(connections_smb)},
    {"smblame_gaps_total", "Holes in TCP connections.", AT(gaps)},
    {"smblame_gap_bytes_total", "Bytes missing in them.", AT(gap_bytes)},
    {"smblame_messages_total", "SMB messages.", AT(messages)},
    {"smblame_logons_half_seen_total", "Logons of which request or reply was not captured.",
     AT(logons_half_seen)},
    {"smblame_tree_connects_refused_total", "Share connections refused.",
     AT(tree_connects_refused)},
    {"smblame_opens_refused_total", "Opens, searches and queries of files refused.",
     AT(opens_refused)},
};

static const char *const reasons[SBL_REASON_COUNT] = {
#define REASON_WORD(name, word) word,
    SBL_REASONS(REASON_WORD)
#undef REASON_WORD
};

static void write_head(FILE *out, const char *name, const char *type, const char *help) {
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_one(FILE *out, const char *name, uint64_t value) {
    fprintf(out, "%s %" PRIu64 "\n", name, value);
}

/* Label values are ours or a sink's name, which an administrator chose. */
static void write_labelled(FILE *out, const char *name, const char *label, const char *text,
                           uint64_t value) {
    fprintf(out, "%s{%s=\"", name, label);
    for (; *text; text++) {
        if (*text == '\n')
            fputs("\\n", out);
        else if (*text == '\\' || *text == '"')
            fprintf(out, "\\%c", *text);
        else
            putc(*text, out);
    }
    fprintf(out, "\"} %" PRIu64 "\n", value);
}

static void write_seconds(FILE *out, const char *name, uint64_t us) {
    fprintf(out, "%s %" PRIu64 ".%06" PRIu64 "\n", name, us / 1000000u, us % 1000000u);
}

static void write_plains(FILE *out, const struct sbl_stats *stats) {
    for (size_t i = 0; i < sizeof plains / sizeof *plains; i++) {
        write_head(out, plains[i].name, COUNTER, plains[i].help);
        write_one(out, plains[i].name,
                  *(const uint64_t *)(const void *)((const char *)stats + plains[i].at));
    }
}

static void write_by_reason(FILE *out, const struct sbl_stats *stats) {
    const char *name = "smblame_logons_total";
    write_head(out, name, COUNTER, "Logons that ended, by reason.");
    for (unsigned i = 0; i < SBL_REASON_COUNT; i++)
        write_labelled(out, name, "reason", reasons[i], stats->logons_by_reason[i]);
}

static void write_by_limit(FILE *out, const struct sbl_stats *stats) {
    const char *name = "smblame_limit_hits_total";
    write_head(out, name, COUNTER, "How often something was forgotten at a limit.");
    for (unsigned i = 0; i < SBL_LIMIT_COUNT; i++)
        write_labelled(out, name, "limit", sbl_limit_rows[i].word, stats->cap_hits[i]);
}

/* Values of the members of a list, told apart by a label. */
struct family {
    const char *name, *type, *help, *label;
    size_t list_at, count_at, size; /* of the list in the values; of a member */
    size_t name_at, value_at;       /* in a member; NUMBERED: by its number instead of a name */
};

#define NUMBERED SIZE_MAX
#define LIST(list, count, member)                                                                  \
    offsetof(struct metrics_values, list), offsetof(struct metrics_values, count),                 \
        sizeof(struct member)
#define INTERFACE(field)                                                                           \
    "interface", LIST(interfaces, interface_count, metrics_interface),                             \
        offsetof(struct metrics_interface, name), offsetof(struct metrics_interface, field)
#define WATCH(field)                                                                               \
    "watch", LIST(watches, watch_count, metrics_watch), NUMBERED,                                  \
        offsetof(struct metrics_watch, field)
#define SINK(field)                                                                                \
    "sink", LIST(sinks, sink_count, metrics_sink), offsetof(struct metrics_sink, name),            \
        offsetof(struct metrics_sink, field)
#define PROCESS(field)                                                                             \
    "process", LIST(processes, process_count, metrics_process),                                    \
        offsetof(struct metrics_process, name), offsetof(struct metrics_process, field)

static const struct family families[] = {
    {"smblame_interface_up", GAUGE, "Whether the interface is up.", INTERFACE(up)},
    {"smblame_interface_frames_total", COUNTER, "Frames of the interface.", INTERFACE(frames)},
    {"smblame_kernel_drops_total", COUNTER, "Frames that the kernel had no room for.",
     INTERFACE(kernel_drops)},
    {"smblame_interface_drops_total", COUNTER, "Frames that the interface lost.",
     INTERFACE(interface_drops)},
    {"smblame_ring_bytes", GAUGE, "The kernel's ring of frames.", INTERFACE(ring_bytes)},
    {"smblame_backlog_bytes", GAUGE, "What a capturing process wrote and nobody has read yet.",
     WATCH(backlog_bytes)},
    {"smblame_backlog_room_bytes", GAUGE, "How much of it there is room for.", WATCH(room_bytes)},
    {"smblame_lost_notes_total", COUNTER, "Findings that there was no room for.",
     WATCH(lost_notes)},
    {"smblame_records_delivered_total", COUNTER, "Records written.", SINK(delivered)},
    {"smblame_records_dropped_total", COUNTER, "Records that could not be written.", SINK(dropped)},
    {"smblame_process_restarts_total", COUNTER, "Processes that ended and were started again.",
     PROCESS(restarts)},
};

static void write_member(FILE *out, const struct family *family, const char *member, size_t at) {
    char number[24];
    const char *text = number;
    uint64_t value;
    if (family->name_at == NUMBERED)
        snprintf(number, sizeof number, "%zu", at);
    else
        memcpy(&text, member + family->name_at, sizeof text);
    memcpy(&value, member + family->value_at, sizeof value);
    write_labelled(out, family->name, family->label, text, value);
}

static void write_family(FILE *out, const struct family *family,
                         const struct metrics_values *values) {
    const char *list;
    size_t count;
    memcpy(&list, (const char *)values + family->list_at, sizeof list);
    memcpy(&count, (const char *)values + family->count_at, sizeof count);
    write_head(out, family->name, family->type, family->help);
    for (size_t i = 0; i < count; i++)
        write_member(out, family, list + i * family->size, i);
}

void metrics_write(const struct metrics_values *values, FILE *out) {
    write_head(out, "smblame_build_info", GAUGE, "The version, as a label.");
    write_labelled(out, "smblame_build_info", "version", SMBLAME_VERSION, 1);
    write_head(out, "smblame_start_time_seconds", GAUGE, "When it was started, in Unix time.");
    fprintf(out, "smblame_start_time_seconds %" PRId64 "\n", values->started_s);
    write_plains(out, values->stats);
    write_by_reason(out, values->stats);
    write_head(out, "smblame_diagnoses_open", GAUGE, "Diagnoses that are open now.");
    write_one(out, "smblame_diagnoses_open", values->diagnoses);
    write_by_limit(out, values->stats);
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        write_family(out, &families[i], values);
    write_head(out, "smblame_loop_lag_seconds", GAUGE,
               "How late the event loop was at worst since the last scrape.");
    write_seconds(out, "smblame_loop_lag_seconds", values->loop_lag_us);
}
