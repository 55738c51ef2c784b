/* smblame.health: what happened to ourselves and not on the wire. One sentence, the span it holds
 * for, and under smblame.health the numbers. Names of interfaces and sinks are the system's or the
 * user's and are escaped like a stranger's. */
#include "emit/record.h"

#include <string.h>

#include "emit/digits.h"

void record_number_part(struct json *json, uint64_t count, const char *one, const char *many) {
    char digits[DIGITS_MOST];
    json_part(json, digits, digits_decimal(count, digits));
    json_part_word(json, count == 1 ? one : many);
}

static struct view_string name_of(struct records *records, const char *name, size_t room) {
    struct sbl_text text = {.bytes = (const uint8_t *)name,
                            .size = (uint32_t)strnlen(name, room),
                            .encoding = SBL_TEXT_UTF8};
    view_reset(&records->view);
    return view_text(&records->view, "", text);
}

void record_name(struct records *records, const char *key, const char *name, size_t room) {
    record_text(&records->json, key, name_of(records, name, room));
}

#define NAME(records, key, array) record_name((records), (key), (array), sizeof(array))
#define NAME_PART(records, array) name_part((records), (array), sizeof(array))

static void name_part(struct records *records, const char *name, size_t room) {
    struct view_string text = name_of(records, name, room);
    json_part(&records->json, text.utf8, text.size);
}

static void seconds_part(struct json *json, uint64_t milliseconds) {
    char digits[DIGITS_MOST], decimals[5] = ".000";
    digits_fixed(milliseconds % 1000, 3, decimals + 1);
    json_part(json, digits, digits_decimal(milliseconds / 1000, digits));
    json_part(json, decimals, 4);
    json_part_word(json, " s");
}

/* " in 10.200 s", where both ends are known and in order. */
static void span_part(struct json *json, int64_t from_ns, int64_t to_ns) {
    if (from_ns == 0 || to_ns <= from_ns)
        return;
    json_part_word(json, " in ");
    seconds_part(json, ((uint64_t)to_ns - (uint64_t)from_ns) / 1000000);
}

static const char *const gap_words[] = {
    [SBL_GAP_DROPS] = "drops",     [SBL_GAP_DOWN] = "down", [SBL_GAP_UP] = "up",
    [SBL_GAP_RENAMED] = "renamed", [SBL_GAP_GONE] = "gone", [SBL_GAP_PROCESS] = "process",
};

static enum sbl_gap_reason reason_of(const struct sbl_health_gap *gap) {
    return (unsigned)gap->reason < SBL_GAP_REASON_COUNT ? gap->reason : SBL_GAP_DROPS;
}

/* "eth0: 1204 packets dropped by the kernel, 3 by the interface in 10.200 s" */
static void gap_message(struct records *records, const struct sbl_health *health) {
    static const char *const sentences[] = {
        [SBL_GAP_DROPS] = ": ",
        [SBL_GAP_DOWN] = " is down, nothing is captured from it; ",
        [SBL_GAP_UP] = " is up and captured from again; ",
        [SBL_GAP_RENAMED] = " was renamed",
        [SBL_GAP_GONE] = " is gone, nothing is captured from it; ",
        [SBL_GAP_PROCESS] = " was not captured from, its process was away; ",
    };
    const struct sbl_health_gap *gap = &health->is.gap;
    struct json *json = &records->json;
    NAME_PART(records, gap->interface);
    json_part_word(json, sentences[reason_of(gap)]);
    if (reason_of(gap) == SBL_GAP_RENAMED) {
        json_part_word(json, " to ");
        NAME_PART(records, gap->renamed_to);
        json_part_word(json, ": ");
    }
    record_number_part(json, gap->kernel_drops, " packet dropped by the kernel, ",
                       " packets dropped by the kernel, ");
    record_number_part(json, gap->interface_drops, " by the interface", " by the interface");
    span_part(json, gap->from_ns, gap->to_ns);
}

static void gap_members(struct records *records, const struct sbl_health *health) {
    const struct sbl_health_gap *gap = &health->is.gap;
    struct json *json = &records->json;
    json_word(json, "reason", gap_words[reason_of(gap)]);
    NAME(records, "interface", gap->interface);
    NAME(records, "renamed_to", gap->renamed_to);
    json_unsigned(json, "kernel_drops", gap->kernel_drops);
    json_unsigned(json, "interface_drops", gap->interface_drops);
    json_unsigned(json, "ring_bytes", gap->ring_bytes);
}

/* A name of ours such as "SEGV"; empty for a number that is none. */
static const char *signal_name(int number) {
    const char *name = number > 0 ? sigabbrev_np(number) : NULL;
    return name ? name : "";
}

/* "watch ended by signal 11 (SEGV) and was started again after 0.213 s; the last frame it told of
 * is 1204, ..." */
static void restart_message(struct records *records, const struct sbl_health *health) {
    const struct sbl_health_restart *restart = &health->is.restart;
    struct json *json = &records->json;
    const char *name = signal_name(restart->signal);
    NAME_PART(records, restart->process);
    json_part_word(json, restart->signal ? " ended by signal " : " ended with status ");
    record_number_part(json, (uint64_t)(restart->signal ? restart->signal : restart->exit_status),
                       "", "");
    json_part_word(json, *name ? " (SIG" : "");
    json_part_word(json, name);
    json_part_word(json, *name ? ")" : "");
    json_part_word(json, " and was started again after ");
    seconds_part(json, restart->away_ms);
    if (restart->last_frame == 0)
        return;
    json_part_word(json, " (last told of: frame ");
    record_number_part(json, restart->last_frame, ")", ")");
}

static void restart_members(struct records *records, const struct sbl_health *health) {
    const struct sbl_health_restart *restart = &health->is.restart;
    struct json *json = &records->json;
    NAME(records, "process", restart->process);
    if (restart->signal)
        json_signed(json, "signal", restart->signal);
    else
        json_signed(json, "exit_status", restart->exit_status);
    if (restart->last_frame)
        json_unsigned(json, "last_frame", restart->last_frame);
    json_unsigned(json, "frames_at_risk", restart->frames_at_risk);
    json_micros(json, "correlation_lost_s", restart->correlation_ms * 1000);
    json_micros(json, "away_s", restart->away_ms * 1000);
    json_unsigned(json, "restarts", restart->restarts);
}

static void sink_message(struct records *records, const struct sbl_health *health) {
    const struct sbl_health_sink *sink = &health->is.sink;
    struct json *json = &records->json;
    NAME_PART(records, sink->sink);
    json_part_word(json, sink->is_lost ? " does not take records: " : " takes records again: ");
    record_number_part(json, sink->waiting, " record waits", " records wait");
    span_part(json, sink->since_ns, health->time_ns);
}

static void sink_members(struct records *records, const struct sbl_health *health) {
    const struct sbl_health_sink *sink = &health->is.sink;
    struct json *json = &records->json;
    NAME(records, "sink", sink->sink);
    json_word(json, "state", sink->is_lost ? "lost" : "back");
    json_unsigned(json, "waiting", sink->waiting);
    const char *error = sink->error ? strerrorname_np(sink->error) : NULL;
    if (error)
        json_word(json, "error", error);
}

static void dropped_message(struct records *records, const struct sbl_health *health) {
    const struct sbl_health_dropped *dropped = &health->is.dropped;
    NAME_PART(records, dropped->sink);
    json_part_word(&records->json, ": ");
    record_number_part(&records->json, dropped->records, " record dropped", " records dropped");
    span_part(&records->json, dropped->from_ns, dropped->to_ns);
}

static void dropped_members(struct records *records, const struct sbl_health *health) {
    const struct sbl_health_dropped *dropped = &health->is.dropped;
    NAME(records, "sink", dropped->sink);
    json_unsigned(&records->json, "records", dropped->records);
}

/* When it began and ended; 0 = not known. */
struct span {
    int64_t from_ns, to_ns;
};

static struct span span_of(const struct sbl_health *health) {
    switch (health->kind) {
    case SBL_HEALTH_CAPTURE_GAP:
        return (struct span){health->is.gap.from_ns, health->is.gap.to_ns};
    case SBL_HEALTH_SINK_STATE:
        return (struct span){health->is.sink.since_ns, health->time_ns};
    case SBL_HEALTH_RECORDS_DROPPED:
        return (struct span){health->is.dropped.from_ns, health->is.dropped.to_ns};
    case SBL_HEALTH_PROCESS_RESTART:
    case SBL_HEALTH_KIND_COUNT:
        break;
    }
    return (struct span){0};
}

#define EVENT(action)                                                                              \
    {                                                                                              \
        .event = "\"kind\":\"metric\",\"module\":\"smblame\",\"dataset\":\"smblame.health\","      \
                 "\"action\":\"" action "\",\"category\":[\"network\"]",                           \
        .other_type = "\"type\":[\"info\"]"                                                        \
    }

static const struct {
    struct record_kind kind;
    void (*message)(struct records *records, const struct sbl_health *health);
    void (*members)(struct records *records, const struct sbl_health *health);
} kinds[] = {
    [SBL_HEALTH_CAPTURE_GAP] = {EVENT("capture-gap"), gap_message, gap_members},
    [SBL_HEALTH_PROCESS_RESTART] = {EVENT("process-restart"), restart_message, restart_members},
    [SBL_HEALTH_SINK_STATE] = {EVENT("sink-state"), sink_message, sink_members},
    [SBL_HEALTH_RECORDS_DROPPED] = {EVENT("records-dropped"), dropped_message, dropped_members},
};

void records_health(struct records *records, const struct sbl_health *health) {
    if ((unsigned)health->kind >= SBL_HEALTH_KIND_COUNT)
        return;
    struct json *json = &records->json;
    uint8_t uuid[UUID_BYTES];
    char id[UUID_TEXT_BYTES];
    identity_of_health(health, uuid);
    uuid_text(uuid, id);
    record_begin(records, health->time_ns);
    json_text_begin(json, "message");
    kinds[health->kind].message(records, health);
    json_text_end(json);
    record_event(json, &kinds[health->kind].kind, SBL_OUTCOME_UNKNOWN, id);
    struct span span = span_of(health);
    if (span.from_ns)
        record_time(json, "start", span.from_ns);
    if (span.from_ns && span.to_ns)
        record_time(json, "end", span.to_ns);
    json_close(json);
    json_open(json, "smblame");
    record_schema(records);
    json_open(json, "health");
    kinds[health->kind].members(records, health);
    json_close(json);
    json_close(json);
    json_line_end(json);
}
