/* A line for each thing that can go wrong unnoticed, then the diagnoses, the gravest first. */
#include "service/state_print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "emit/identity.h"
#include "emit/page.h"
#include "emit/summary.h"
#include "emit/words.h"

enum { RULE_BYTES = 64, MESSAGE_BYTES = 256, SHOWN = 40 };

struct open_diagnosis {
    char rule_id[RULE_BYTES], message[MESSAGE_BYTES];
    unsigned severity;
    double confidence;
    int64_t told_ns;
};

struct state {
    struct table open; /* by the id of the diagnosis, of struct open_diagnosis */
    struct open_diagnosis **order;
};

int state_new(struct state **state) {
    struct state *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->order = calloc(SBL_MAX_SUMMARY_DIAGNOSES, sizeof *made->order);
    if (!made->order || table_init(&made->open, SBL_MAX_SUMMARY_DIAGNOSES, sizeof(uint8_t[16]),
                                   sizeof(struct open_diagnosis))) {
        state_free(made);
        return -ENOMEM;
    }
    *state = made;
    return 0;
}

void state_free(struct state *state) {
    if (!state)
        return;
    table_fini(&state->open);
    free(state->order);
    free(state);
}

static void show(char *out, size_t room, const char *text) {
    summary_show(out, room, (struct view_string){text, strlen(text)});
}

void state_diagnosis(struct state *state, const struct sbl_diagnosis *diagnosis) {
    struct open_diagnosis *known = table_find(&state->open, diagnosis->id);
    if (diagnosis->state == SBL_DIAGNOSIS_CLOSE) {
        if (known)
            table_remove(&state->open, known);
        return;
    }
    if (!known)
        known = table_add(&state->open, diagnosis->id);
    if (!known) {
        table_remove(&state->open, table_stalest(&state->open));
        known = table_add(&state->open, diagnosis->id);
    }
    show(known->rule_id, sizeof known->rule_id, diagnosis->rule_id);
    show(known->message, sizeof known->message, diagnosis->message);
    known->severity = diagnosis->severity;
    known->confidence = diagnosis->confidence;
    known->told_ns = diagnosis->time_ns;
}

static void line(FILE *out, const char *word) {
    fprintf(out, "  %-10s ", word);
}

/* "1,234 packets", the first with nothing before it, the others with a comma. */
static void count(FILE *out, const char *before, uint64_t value, const char *what) {
    char number[PAGE_NUMBER_BYTES];
    fprintf(out, "%s%s %s", before, page_number(value, number), what);
}

static void print_head(const struct state_facts *facts, FILE *out) {
    char time[IDENTITY_TIME_BYTES];
    int64_t for_ns = facts->time_ns > facts->started_ns ? facts->time_ns - facts->started_ns : 0;
    identity_time(facts->time_ns, time);
    fprintf(out, "smblame: state at %s, after %lld s\n", time, (long long)(for_ns / 1000000000));
}

static void print_stats(const struct sbl_stats *stats, FILE *out) {
    line(out, "read");
    count(out, "", stats->frames, "frames");
    count(out, ", ", stats->frame_bytes, "bytes");
    count(out, ", ", stats->kernel_drops, "dropped by the kernel");
    count(out, ", ", stats->interface_drops, "by interfaces");
    fputc('\n', out);
    line(out, "TCP");
    count(out, "", stats->connections, "connections");
    count(out, ", ", stats->gaps, "gaps");
    count(out, ", ", stats->gap_bytes, "bytes in them");
    fputc('\n', out);
    line(out, "found");
    count(out, "", stats->logons_refused, "logons refused");
    count(out, ", ", stats->logons_granted, "granted");
    count(out, ", ", stats->logons_half_seen, "half seen");
    count(out, ", ", stats->tree_connects_refused, "shares refused");
    count(out, ", ", stats->opens_refused, "opens refused");
    fputc('\n', out);
}

/* Only those that were reached. */
static void print_caps(const struct sbl_stats *stats, FILE *out) {
    const char *before = "";
    line(out, "caps");
    for (unsigned i = 0; i < SBL_LIMIT_COUNT; i++) {
        if (!stats->cap_hits[i])
            continue;
        count(out, before, stats->cap_hits[i], words_limit(i));
        before = ", ";
    }
    fputs(*before ? "\n" : "none reached\n", out);
}

static void print_interfaces(const struct sbl_live_stats *live, FILE *out) {
    for (size_t i = 0; live && i < live->interface_count; i++) {
        const struct sbl_live_interface *one = &live->interfaces[i];
        char name[2 * SBL_HEALTH_NAME_BYTES];
        summary_show(name, sizeof name,
                     (struct view_string){one->name, strnlen(one->name, sizeof one->name)});
        line(out, "interface");
        fprintf(out, "%s %s", name, one->is_up ? "up" : "down");
        count(out, ", ", one->frames, "frames");
        count(out, ", ", one->kernel_drops, "dropped by the kernel");
        count(out, ", ", one->interface_drops, "by itself");
        count(out, ", ring of ", one->ring_bytes, "bytes\n");
    }
    if (!live)
        return;
    line(out, "processes");
    count(out, "", live->restarts, "started again");
    count(out, ", ", live->notes_lost, "notes lost between them\n");
}

static void print_watches(const struct state_facts *facts, FILE *out) {
    for (size_t i = 0; facts->watches && i < facts->watch_count; i++) {
        const struct state_watch *watch = &facts->watches[i];
        char word[32], room[PAGE_NUMBER_BYTES];
        snprintf(word, sizeof word, "watch %zu", i + 1);
        line(out, word);
        count(out, "backlog of ", watch->backlog_bytes, "bytes");
        fprintf(out, " of %s", page_number(watch->room_bytes, room));
        count(out, ", ", watch->lost_notes, "notes lost\n");
    }
}

static void print_commands(const struct runner_counts *commands, FILE *out) {
    if (!commands)
        return;
    line(out, "commands");
    count(out, "", commands->started, "started");
    count(out, ", ", commands->failed, "failed");
    count(out, ", ", commands->killed, "ended for being slow");
    count(out, ", ", commands->dropped, "left out\n");
}

static int compare(const void *left, const void *right) {
    const struct open_diagnosis *one = *(struct open_diagnosis *const *)left;
    const struct open_diagnosis *other = *(struct open_diagnosis *const *)right;
    if (one->severity != other->severity)
        return one->severity > other->severity ? -1 : 1;
    if (one->told_ns != other->told_ns)
        return one->told_ns > other->told_ns ? -1 : 1;
    return strcmp(one->message, other->message);
}

static void print_diagnoses(const struct state *state, FILE *out) {
    size_t all = 0;
    for (struct open_diagnosis *open = table_oldest(&state->open); open;
         open = table_next(&state->open, open))
        state->order[all++] = open;
    qsort(state->order, all, sizeof *state->order, compare);
    line(out, "diagnoses");
    count(out, "", all, "open\n");
    for (size_t i = 0; i < all && i < SHOWN; i++)
        fprintf(out, "    %u  %.2f  %s: %s\n", state->order[i]->severity,
                state->order[i]->confidence, state->order[i]->rule_id, state->order[i]->message);
    if (all > SHOWN)
        fprintf(out, "    and %zu more\n", all - SHOWN);
}

size_t state_count(const struct state *state) {
    return table_count(&state->open);
}

void state_print(const struct state *state, const struct state_facts *facts, FILE *out) {
    print_head(facts, out);
    print_stats(facts->stats, out);
    print_interfaces(facts->live, out);
    print_watches(facts, out);
    print_caps(facts->stats, out);
    print_commands(facts->commands, out);
    print_diagnoses(state, out);
    fflush(out);
}
