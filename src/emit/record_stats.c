/* smblame.stats: the counters that are not zero, by name. Tables say which counter has which name;
 * the few that every reader looks for (packets, bytes, span, connections, gaps) are always there.
 */
#include "emit/record.h"

#include <stddef.h>

#include "emit/digits.h"
#include "emit/words.h"

struct counter {
    const char *key;
    size_t at; /* in struct sbl_stats */
};

#define COUNTER(key, field)                                                                        \
    { key, offsetof(struct sbl_stats, field) }

static void counters(struct json *json, const struct sbl_stats *stats, const struct counter *table,
                     size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint64_t value = *(const uint64_t *)(const void *)((const char *)stats + table[i].at);
        if (value)
            json_unsigned(json, table[i].key, value);
    }
}

#define COUNTERS(json, stats, table)                                                               \
    counters((json), (stats), (table), sizeof(table) / sizeof *(table))

static void total_members(struct json *json, const struct sbl_stats *stats) {
    static const struct counter rest[] = {
        COUNTER("wire_bytes", wire_bytes),
        COUNTER("kernel_drops", kernel_drops),
        COUNTER("interface_drops", interface_drops),
        COUNTER("cut_packets", cut_frames),
    };
    json_unsigned(json, "packets", stats->frames);
    json_unsigned(json, "bytes", stats->frame_bytes);
    COUNTERS(json, stats, rest);
    uint64_t span_ns = (uint64_t)stats->last_ns - (uint64_t)stats->first_ns;
    json_micros(json, "span_s", stats->last_ns > stats->first_ns ? span_ns / 1000 : 0);
    if (stats->frames) {
        char time[IDENTITY_TIME_BYTES];
        size_t size = identity_time(stats->first_ns, time);
        json_text(json, "first", time, size);
        size = identity_time(stats->last_ns, time);
        json_text(json, "last", time, size);
    }
}

static void layer_members(struct json *json, const struct sbl_stats *stats) {
    static const struct counter decode[] = {
        COUNTER("link_unknown", frames_by_link_unknown),
        COUNTER("not_ip", not_ip),
        COUNTER("not_tcp", not_tcp),
        COUNTER("fragments", fragments),
        COUNTER("fragments_lost", fragments_lost),
        COUNTER("tunnels", tunnels),
    };
    static const struct counter stream[] = {
        COUNTER("segments", segments),
        COUNTER("payload_bytes", payload_bytes),
        COUNTER("midstream", midstream),
        COUNTER("one_sided", one_sided),
        COUNTER("port_reuse", port_reuse),
        COUNTER("resets", resets),
        COUNTER("retransmissions", retransmissions),
        COUNTER("out_of_order", out_of_order),
        COUNTER("duplicate_packets", duplicates_frames),
        COUNTER("resynchronised", resynchronised),
        COUNTER("messages", messages),
        COUNTER("messages_cut", messages_cut),
        COUNTER("bytes_skipped", bytes_skipped),
    };
    static const struct counter connections[] = {
        COUNTER("connections_smb", connections_smb),
        COUNTER("connections_by_banner", connections_by_banner),
        COUNTER("gap_bytes", gap_bytes),
    };
    json_unsigned(json, "connections", stats->connections);
    json_unsigned(json, "gaps", stats->gaps);
    COUNTERS(json, stats, connections);
    json_open(json, "decode");
    COUNTERS(json, stats, decode);
    json_close(json);
    json_open(json, "stream");
    COUNTERS(json, stats, stream);
    json_close(json);
}

/* Names come from the classifier, and two numbers of one name would be one key twice: the numbers
 * without a name, and only these, are added up. */
static void protocol_members(struct records *records, const struct sbl_stats *stats) {
    struct json *json = &records->json;
    uint64_t unnamed = 0;
    json_open(json, "protocols");
    for (unsigned i = 0; i < SBL_PROTOCOL_COUNT; i++) {
        const char *name = NULL;
        if (!stats->connections_by_protocol[i])
            continue;
        if (records->names.application)
            name = records->names.application(records->names.context, (uint16_t)i);
        view_reset(&records->view);
        struct view_string shown = view_words(&records->view, "", name);
        if (!shown.size) {
            unnamed += stats->connections_by_protocol[i];
            continue;
        }
        json_unsigned_under(json, shown.utf8, shown.size, stats->connections_by_protocol[i]);
    }
    if (unnamed)
        json_unsigned(json, "unnamed", unnamed);
    json_close(json);
}

static void command_members(struct json *json, const struct sbl_stats *stats) {
    static const struct counter sealed[] = {
        COUNTER("encrypted", encrypted_messages),
        COUNTER("compressed", compressed_messages),
    };
    uint64_t reserved = 0;
    json_open(json, "smb");
    json_open(json, "commands");
    for (unsigned i = 0; i < 256; i++) {
        const char *name = words_smb1_command(i);
        if (stats->smb1_commands[i] && name)
            json_unsigned(json, name, stats->smb1_commands[i]);
        reserved += name ? 0 : stats->smb1_commands[i];
    }
    for (unsigned i = 0; i < sizeof stats->smb2_commands / sizeof *stats->smb2_commands; i++) {
        const char *name = words_smb2_command(i);
        if (stats->smb2_commands[i] && name)
            json_unsigned(json, name, stats->smb2_commands[i]);
        reserved += name ? 0 : stats->smb2_commands[i];
    }
    if (reserved)
        json_unsigned(json, "reserved", reserved);
    json_close(json);
    COUNTERS(json, stats, sealed);
    json_close(json);
}

static void finding_members(struct json *json, const struct sbl_stats *stats) {
    static const struct counter findings[] = {
        COUNTER("logons_granted", logons_granted),
        COUNTER("logons_refused", logons_refused),
        COUNTER("logons_guest", logons_guest),
        COUNTER("half_seen", logons_half_seen),
        COUNTER("tree_connects_refused", tree_connects_refused),
        COUNTER("opens_refused", opens_refused),
        COUNTER("dfs_noise", dfs_noise),
        COUNTER("replies_unmatched", replies_unmatched),
        COUNTER("requests_unanswered", requests_unanswered),
    };
    json_open(json, "logons");
    for (unsigned i = 0; i < SBL_REASON_COUNT; i++)
        if (stats->logons_by_reason[i])
            json_unsigned(json, words_reason(i), stats->logons_by_reason[i]);
    json_close(json);
    COUNTERS(json, stats, findings);
}

static bool is_time_jump(unsigned oddity) {
    return oddity == SBL_ODDITY_TIME_JUMP_BACK || oddity == SBL_ODDITY_TIME_JUMP_AHEAD;
}

static void oddity_members(struct json *json, const char *key, const uint64_t *counts) {
    json_open(json, key);
    for (unsigned i = 0; i < SBL_ODDITY_COUNT; i++)
        if (counts[i] && !is_time_jump(i))
            json_unsigned(json, words_oddity(i), counts[i]);
    json_close(json);
}

/* What strangers did wrong, and what our caps cost. Clocks that jump are the capture's, not theirs.
 */
static void damage_members(struct json *json, const struct sbl_stats *stats) {
    json_open(json, "malformed");
    for (unsigned i = 0; i < SBL_DISSECTOR_COUNT; i++)
        oddity_members(json, words_dissector(i), stats->oddities[i]);
    oddity_members(json, "transport", stats->oddities_below);
    json_close(json);
    static const struct counter jumps[] = {
        COUNTER("back", oddities_below[SBL_ODDITY_TIME_JUMP_BACK]),
        COUNTER("ahead", oddities_below[SBL_ODDITY_TIME_JUMP_AHEAD]),
    };
    json_open(json, "time_jumps");
    COUNTERS(json, stats, jumps);
    json_close(json);
    json_open(json, "evicted");
    for (unsigned i = 0; i < SBL_LIMIT_COUNT; i++)
        if (stats->cap_hits[i])
            json_unsigned(json, words_limit(i), stats->cap_hits[i]);
    json_close(json);
}

/* "120 packets read, 6 logons refused, nothing lost" */
static void stats_message(struct json *json, const struct sbl_stats *stats) {
    uint64_t dropped = stats->kernel_drops + stats->interface_drops;
    json_text_begin(json, "message");
    record_number_part(json, stats->frames, " packet read, ", " packets read, ");
    record_number_part(json, stats->logons_refused, " logon refused, ", " logons refused, ");
    if (stats->gaps) {
        record_number_part(json, stats->gaps, " gap of ", " gaps of ");
        record_number_part(json, stats->gap_bytes, " byte", " bytes");
    }
    if (dropped) {
        json_part_word(json, stats->gaps ? ", " : "");
        record_number_part(json, dropped, " packet dropped", " packets dropped");
    }
    json_part_word(json, stats->gaps || dropped ? "" : "nothing lost");
    json_text_end(json);
}

/* What only a live capture has. */
static void live_members(struct records *records, const struct sbl_live_stats *live) {
    struct json *json = &records->json;
    json_open(json, "live");
    json_array_open(json, "interfaces");
    for (size_t i = 0; i < live->interface_count; i++) {
        const struct sbl_live_interface *one = &live->interfaces[i];
        json_begin(json, json_key_of(NULL));
        json_put_char(json, '{');
        json->needs_comma = false;
        record_name(records, "name", one->name, sizeof one->name);
        json_word(json, "state", one->is_up ? "up" : "down");
        json_unsigned(json, "packets", one->frames);
        json_unsigned(json, "kernel_drops", one->kernel_drops);
        json_unsigned(json, "interface_drops", one->interface_drops);
        json_unsigned(json, "ring_bytes", one->ring_bytes);
        json_close(json);
    }
    json_array_close(json);
    json_unsigned(json, "notes_lost", live->notes_lost);
    json_unsigned(json, "restarts", live->restarts);
    json_close(json);
}

/* `live` is NULL in a replay. */
static void write_stats(struct records *records, const struct sbl_stats *stats,
                        const struct sbl_live_stats *live) {
    static const struct record_kind kind = {
        .event = "\"kind\":\"metric\",\"module\":\"smblame\",\"dataset\":\"smblame.stats\","
                 "\"action\":\"capture-stats\",\"category\":[\"network\"]",
        .other_type = "\"type\":[\"info\"]"};
    struct json *json = &records->json;
    uint8_t uuid[UUID_BYTES];
    char id[UUID_TEXT_BYTES];
    if (live)
        identity_of_live_stats(stats, live, uuid);
    else
        identity_of_stats(stats, uuid);
    uuid_text(uuid, id);
    record_begin(records, live && live->time_ns > stats->last_ns ? live->time_ns : stats->last_ns);
    stats_message(json, stats);
    record_event(json, &kind, SBL_OUTCOME_UNKNOWN, id);
    json_close(json);
    json_open(json, "smblame");
    record_schema(records);
    json_open(json, "stats");
    total_members(json, stats);
    layer_members(json, stats);
    protocol_members(records, stats);
    command_members(json, stats);
    finding_members(json, stats);
    damage_members(json, stats);
    if (live)
        live_members(records, live);
    json_close(json);
    json_close(json);
    json_line_end(json);
}

void records_stats(struct records *records, const struct sbl_stats *stats) {
    write_stats(records, stats, NULL);
}

void records_live_stats(struct records *records, const struct sbl_stats *stats,
                        const struct sbl_live_stats *live) {
    write_stats(records, stats, live);
}
