/* One table of plain values, and a loop for each family that has a label. */
#include "service/metrics_text.h"

#include <inttypes.h>
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
    {"smblame_frames_total", "Frames captured.", AT(frames)},
    {"smblame_frame_bytes_total", "Bytes of frames, as far as captured.", AT(frame_bytes)},
    {"smblame_wire_bytes_total", "Bytes of frames, as long as they were.", AT(wire_bytes)},
    {"smblame_kernel_drops_total", "Frames that the kernel had no room for.", AT(kernel_drops)},
    {"smblame_interface_drops_total", "Frames that the interface lost.", AT(interface_drops)},
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

/* One family of values that each watch has. */
static void write_by_watch(FILE *out, const struct metrics_values *values, const char *const row[3],
                           size_t at) {
    char number[24];
    write_head(out, row[0], row[1], row[2]);
    for (size_t i = 0; i < values->watch_count; i++) {
        const char *watch = (const char *)&values->watches[i];
        snprintf(number, sizeof number, "%zu", i);
        write_labelled(out, row[0], "watch", number, *(const uint64_t *)(const void *)(watch + at));
    }
}

static void write_watches(FILE *out, const struct metrics_values *values) {
    static const char *const notes[3] = {"smblame_backlog_notes", GAUGE,
                                         "Notes of a capturing process that wait to be read."};
    static const char *const bytes[3] = {"smblame_backlog_bytes", GAUGE, "Bytes of these notes."};
    static const char *const lost[3] = {"smblame_lost_notes_total", COUNTER,
                                        "Notes there was no room for."};
    write_by_watch(out, values, notes, offsetof(struct metrics_watch, backlog_notes));
    write_by_watch(out, values, bytes, offsetof(struct metrics_watch, backlog_bytes));
    write_by_watch(out, values, lost, offsetof(struct metrics_watch, lost_notes));
}

static void write_sinks(FILE *out, const struct metrics_values *values) {
    const char *delivered = "smblame_records_delivered_total";
    const char *dropped = "smblame_records_dropped_total";
    write_head(out, delivered, COUNTER, "Records written.");
    for (size_t i = 0; i < values->sink_count; i++)
        write_labelled(out, delivered, "sink", values->sinks[i].name, values->sinks[i].delivered);
    write_head(out, dropped, COUNTER, "Records that could not be written.");
    for (size_t i = 0; i < values->sink_count; i++)
        write_labelled(out, dropped, "sink", values->sinks[i].name, values->sinks[i].dropped);
}

static void write_processes(FILE *out, const struct metrics_values *values) {
    const char *name = "smblame_process_restarts_total";
    write_head(out, name, COUNTER, "Processes that ended and were started again.");
    for (size_t i = 0; i < values->process_count; i++)
        write_labelled(out, name, "process", values->processes[i].name,
                       values->processes[i].restarts);
}

void metrics_write(const struct metrics_values *values, FILE *out) {
    write_head(out, "smblame_build_info", GAUGE, "The version, as a label.");
    write_labelled(out, "smblame_build_info", "version", SMBLAME_VERSION, 1);
    write_head(out, "smblame_start_time_seconds", GAUGE, "When it was started, in Unix time.");
    fprintf(out, "smblame_start_time_seconds %" PRId64 "\n", values->started_s);
    write_plains(out, values->stats);
    write_by_reason(out, values->stats);
    write_head(out, "smblame_flows", GAUGE, "TCP connections remembered now.");
    write_one(out, "smblame_flows", values->flows);
    write_head(out, "smblame_diagnoses_open", GAUGE, "Diagnoses that are open now.");
    write_one(out, "smblame_diagnoses_open", values->diagnoses);
    write_by_limit(out, values->stats);
    write_watches(out, values);
    write_sinks(out, values);
    write_processes(out, values);
    write_head(out, "smblame_loop_lag_seconds", GAUGE,
               "How late the event loop was at worst since the last scrape.");
    write_seconds(out, "smblame_loop_lag_seconds", values->loop_lag_us);
}
