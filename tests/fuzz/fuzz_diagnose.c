/* Incidents of any facts, numbers, strings and times, in any order and with caps that are soon
 * reached: every diagnosis that comes out keeps to what its readers rely on. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/diagnose_incident.h"
#include "base/text.h"
#include "diagnose/diagnose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CASES = 12, MESSAGE_BYTES = 1 << 16 };

struct source {
    const uint8_t *data;
    size_t size, at;
};

struct watch {
    unsigned open, told;
    uint64_t bytes;
};

static uint64_t number(struct source *source, unsigned bytes) {
    uint64_t value = 0;
    while (bytes--)
        value = value << 8 | (source->at < source->size ? source->data[source->at++] : 0);
    return value;
}

/* A text over the next bytes, in one of `slots` buffers that outlive the incident. */
static const char *text(struct source *source, char out[128]) {
    size_t length = number(source, 1) % 128;
    for (size_t i = 0; i < length; i++) {
        out[i] = (char)number(source, 1);
        if (!out[i])
            return out;
    }
    out[length < 127 ? length : 127] = '\0';
    return out;
}

static void want(bool is_so) {
    if (!is_so)
        abort();
}

static void want_text(const char *utf8) {
    want(utf8 != NULL);
    size_t size = strnlen(utf8, MESSAGE_BYTES);
    want(size < MESSAGE_BYTES);
    for (size_t at = 0; at < size;) {
        uint32_t point;
        at += text_next(utf8 + at, size - at, &point);
        want(point != TEXT_UNDECODABLE);
    }
}

static void want_strings(struct sbl_strings strings) {
    want(strings.total >= strings.count);
    for (uint32_t i = 0; i < strings.count; i++)
        want_text(strings.items[i]);
}

static void want_machines(const struct sbl_machine *machines, uint32_t count, uint64_t total) {
    want(total >= count && count <= 2 * SBL_LIST_ENDS);
    for (uint32_t i = 0; i < count; i++) {
        want_text(machines[i].name);
        want_text(machines[i].contradiction);
    }
}

static void want_lines(const struct sbl_diagnosis *d) {
    want(d->line_count <= 2 * SBL_LIST_ENDS && d->line_first_count <= d->line_count);
    for (uint32_t i = 0; i < d->line_count; i++) {
        const struct sbl_evidence_line *line = d->lines + i;
        want(i == 0 || d->lines[i - 1].time_ns <= line->time_ns);
        want(line->client < d->client_count || line->client == UINT32_MAX);
        want_text(line->account);
        want_text(line->domain);
        want_text(line->share);
    }
}

static void want_culprit(const struct sbl_culprit *culprit) {
    want_text(culprit->id);
    want_text(culprit->vendor);
    want_text(culprit->product);
    want_strings(culprit->files);
}

static void take(void *context, const struct sbl_diagnosis *d) {
    struct watch *watch = context;
    const char *const texts[] = {
        d->rule_id,        d->rule_title,   d->rule_category, d->message,    d->rule_reference,
        d->superseded_by,  d->server_role,  d->account,       d->domain,     d->counted_by,
        d->authority_name, d->period_owner, d->walk.account,  d->walk.domain};
    const struct sbl_strings lists[] = {
        d->attack,           d->accounts,       d->remedy, d->references,       d->evidence_for,
        d->evidence_against, d->windows_events, d->shares, d->walk.directories, d->walk.missing};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        want_text(texts[i]);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        want_strings(lists[i]);
    want(d->message[0] && d->revision > 0);
    want(d->severity >= 1 && d->severity <= 7 && d->risk <= 100);
    want(d->confidence >= 0 && d->confidence <= 1);
    want(d->is_hostile == (d->attack.count > 0));
    want(d->candidate_count != 1 && (d->candidate_count == 0 || !d->culprit.id[0]));
    want_machines(d->clients, d->client_count, d->client_total);
    want_machines(d->servers, d->server_count, d->server_total);
    want_lines(d);
    want_culprit(&d->culprit);
    for (uint32_t i = 0; i < d->candidate_count; i++)
        want_culprit(d->candidates + i);
    watch->open += d->state == SBL_DIAGNOSIS_OPEN;
    watch->open -= d->state == SBL_DIAGNOSIS_CLOSE;
    watch->told++;
}

struct strings_room {
    char account[128], domain[128], name[128], share[128], directory[128], granted[128];
    const char *shares[3], *directories[3];
};

static void fill_texts(struct source *source, struct incident_case *made,
                       struct strings_room *room) {
    struct incident *incident = &made->incident;
    incident->account = text(source, room->account);
    incident->domain = incident->authority_name = text(source, room->domain);
    incident->client.name = incident->client.contradiction = text(source, room->name);
    incident->granted_client = incident->tipping_client = text(source, room->granted);
    text(source, room->share);
    text(source, room->directory);
    for (unsigned i = 0; i < 3; i++) {
        room->shares[i] = room->share;
        room->directories[i] = room->directory;
    }
    uint32_t count = (uint32_t)number(source, 1) % 4;
    incident->shares = (struct sbl_strings){room->shares, count, number(source, 1)};
    incident->walk.directories = (struct sbl_strings){room->directories, count, count};
    incident->walk.missing = (struct sbl_strings){room->shares, count, count};
    incident->walk.steps = number(source, 2);
}

static void fill_candidates(struct source *source, struct incident_case *made,
                            const struct sbl_knowledge *knowledge, struct strings_room *room) {
    static const char *const ids[] = {"crystal-nt4",
                                      "ess-solo-pci",
                                      "ws2-ras-autodial",
                                      "sms12-climonnt",
                                      "generic-dll-path-search",
                                      ""};
    struct incident *incident = &made->incident;
    incident->candidate_count = (unsigned)number(source, 1) % (INCIDENT_CANDIDATES + 1);
    for (unsigned i = 0; i < incident->candidate_count; i++) {
        uint64_t what = number(source, 1);
        incident->candidates[i] =
            (struct incident_candidate){.signature = knowledge_signature(knowledge, ids[what % 6]),
                                        .kind = (enum sbl_culprit_kind)(what / 6 % 6),
                                        .basis = (enum sbl_basis)(what / 36 % 6),
                                        .weight = (double)number(source, 1) / 255,
                                        .files = {room->shares, (uint32_t)(what % 4), what % 4},
                                        .process = room->directory};
    }
}

static void fill_facts(struct source *source, struct incident *incident) {
    incident->facts = (struct facts){0};
    for (uint64_t count = number(source, 1) % 24; count; count--)
        facts_set(&incident->facts, (enum fact)(number(source, 1) % FACT_COUNT), true);
}

static void fill_numbers(struct source *source, struct incident_case *made) {
    struct incident *incident = &made->incident;
    if (number(source, 1) & 1)
        incident->first_ns = (int64_t)(number(source, 3) * (uint64_t)SECOND);
    case_fail(made, number(source, 1) % 64);
    incident->lockouts += number(source, 1) & 3;
    incident->refused += number(source, 1) & 3;
    incident->period_s = (double)number(source, 2);
    incident->period = NULL;
    incident->has_forecast = number(source, 1) & 1;
    incident->lock_at_ns = (int64_t)number(source, 8);
    incident->tipping.number = number(source, 1);
    incident->now_ns =
        (int64_t)(number(source, 1) & 1 ? number(source, 8) : number(source, 3) * (uint64_t)SECOND);
}

struct story {
    struct incident_case cases[CASES];
    struct strings_room rooms[CASES];
};

static void play(struct source *source, struct diagnose *diagnose, struct story *story,
                 const struct sbl_knowledge *knowledge) {
    while (source->at < source->size) {
        unsigned which = (unsigned)number(source, 1) % CASES;
        struct incident_case *made = story->cases + which;
        uint64_t moment = number(source, 1);
        if (moment & 0x10)
            fill_texts(source, made, story->rooms + which);
        if (moment & 0x20)
            fill_candidates(source, made, knowledge, story->rooms + which);
        if (moment & 0x40)
            fill_facts(source, &made->incident);
        fill_numbers(source, made);
        made->incident.moment = (enum incident_moment)(moment % 5);
        diagnose_incident(diagnose, &made->incident);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct sbl_knowledge *knowledge;
    static const struct diagnose_caps caps = {
        .diagnoses = 5, .per_rule = 2, .members = 6, .per_minor_rule = 1};
    struct sbl_stats *stats = calloc(1, sizeof *stats);
    struct story *story = calloc(1, sizeof *story);
    struct watch watch = {0};
    struct diagnose *diagnose = NULL;
    struct source source = {data, size, 0};
    if (!knowledge && sbl_knowledge_new(&knowledge, NULL, stderr))
        abort();
    struct diagnose_options options = {
        .context = &watch, .diagnosis = take, .knowledge = knowledge, .stats = stats};
    want(story && stats && diagnose_new_with(&diagnose, &options, &caps) == 0);
    for (unsigned i = 0; i < CASES; i++) {
        case_init(&story->cases[i], i + 1, "jdoe", i % 5);
        story->cases[i].incident.account_serial = i % 3;
        story->cases[i].incident.server_serial = i % 2;
        for (unsigned j = 0; j < 3; j++)
            story->rooms[i].shares[j] = story->rooms[i].directories[j] = "";
    }
    play(&source, diagnose, story, knowledge);
    diagnose_finish(diagnose, INT64_MAX);
    want(watch.open == 0);
    diagnose_free(diagnose);
    free(story);
    free(stats);
    return 0;
}
