/* Sums, lists and lines of a diagnosis. What an incident has brought is remembered in its memo, so
 * that it can be taken out again when the incident turns out to be something else. */
#include "diagnose/slot.h"

#include <string.h>

static uint64_t more(uint64_t now, uint64_t before) {
    return now > before ? now - before : 0;
}

static void list_begin(struct slot_list *list) {
    list->count = 0;
    for (unsigned i = 0; i < SLOT_LIST; i++)
        list->at[i] = (uint8_t)i;
}

void slot_begin(struct slot *slot) {
    list_begin(&slot->client_list);
    list_begin(&slot->account_list);
    list_begin(&slot->line_list);
}

/* The place of a serial, or SLOT_LIST. */
static uint32_t list_find(const struct slot_list *list, uint64_t serial) {
    uint32_t alike = 0;
    for (uint32_t i = 0; i < SLOT_LIST; i++)
        alike |= list->marks[i] == (uint32_t)serial;
    if (!alike)
        return SLOT_LIST;
    for (uint32_t i = 0; i < list->count; i++)
        if (list->serials[list->at[i]] == serial)
            return list->at[i];
    return SLOT_LIST;
}

/* Where an item goes in a list of which the first and the last are kept: behind the last, which
 * makes room by dropping the oldest of the last ones when the list is full. */
static uint32_t list_add(struct slot_list *list, uint64_t serial) {
    uint8_t place = list->at[list->count < SLOT_LIST ? list->count : SBL_LIST_ENDS];
    if (list->count < SLOT_LIST) {
        list->count++;
    } else {
        memmove(list->at + SBL_LIST_ENDS, list->at + SBL_LIST_ENDS + 1,
                SLOT_LIST - SBL_LIST_ENDS - 1);
        list->at[SLOT_LIST - 1] = place;
    }
    list->serials[place] = serial;
    list->marks[place] = (uint32_t)serial;
    return place;
}

/* Takes all items of a serial out. */
static void list_drop(struct slot_list *list, uint64_t serial) {
    uint8_t dropped[SLOT_LIST];
    uint32_t kept = 0, out = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        uint8_t place = list->at[i];
        if (list->serials[place] == serial)
            dropped[out++] = place;
        else
            list->at[kept++] = place;
    }
    memcpy(list->at + kept, dropped, out);
    list->count = kept;
}

static void keep_machine(struct slot_machine *kept, const struct sbl_machine *machine) {
    kept->machine = *machine;
    kept->machine.failures = 0;
    text_keep(kept->name, sizeof kept->name, machine->name);
    text_keep(kept->contradiction, sizeof kept->contradiction, machine->contradiction);
}

/* Names are kept up to date: a machine is often known by its address first. */
static void add_client(struct slot *slot, const struct incident *incident, uint64_t failures) {
    uint32_t place = list_find(&slot->client_list, incident->client_serial);
    if (place < SLOT_LIST)
        failures += slot->clients[place].machine.failures;
    else
        place = list_add(&slot->client_list, incident->client_serial);
    keep_machine(slot->clients + place, &incident->client);
    slot->clients[place].machine.failures = failures;
}

static void add_account(struct slot *slot, const struct incident *incident) {
    if (list_find(&slot->account_list, incident->account_serial) < SLOT_LIST)
        return;
    struct slot_account *account =
        slot->accounts + list_add(&slot->account_list, incident->account_serial);
    struct ink ink;
    ink_init(&ink, account->name, sizeof account->name);
    slot_account_words(&ink, incident);
    account->name[ink.used] = '\0';
}

static bool is_same_address(const struct sbl_machine *one, const struct sbl_machine *other) {
    return one->ip_version == other->ip_version &&
           memcmp(one->address, other->address, sizeof one->address) == 0;
}

static void add_server(struct slot *slot, const struct sbl_machine *server, uint64_t failures) {
    for (uint32_t i = 0; i < slot->server_count; i++)
        if (is_same_address(&slot->servers[i].machine, server)) {
            failures += slot->servers[i].machine.failures;
            keep_machine(slot->servers + i, server);
            slot->servers[i].machine.failures = failures;
            return;
        }
    slot->server_total++;
    if (slot->server_count == SLOT_SERVERS)
        return;
    keep_machine(slot->servers + slot->server_count, server);
    slot->servers[slot->server_count++].machine.failures = failures;
}

/* One incident knows how often each server refused; of several only the one that refused most is
 * told, so what is new is put down to that one. */
static void add_servers(struct slot *slot, const struct incident *incident, uint64_t failures) {
    if (slot->incidents > 1 || incident->server_count == 0) {
        add_server(slot, &incident->server, failures);
        return;
    }
    slot->server_count = 0;
    slot->server_total = 0;
    incident_ask(incident);
    for (uint32_t i = 0; i < incident->server_count; i++)
        add_server(slot, incident->servers + i, incident->servers[i].failures);
    if (incident->server_total > slot->server_total)
        slot->server_total = incident->server_total;
}

static void fill_line(struct slot_line *kept, const struct sbl_evidence_line *line,
                      const struct incident *incident) {
    kept->line = *line;
    kept->client = incident->client_serial;
    kept->server_ip_version = 0;
    if (line->server_number && line->server_number <= incident->server_count) {
        const struct sbl_machine *server = incident->servers + line->server_number - 1;
        kept->server_ip_version = server->ip_version;
        memcpy(kept->server, server->address, sizeof kept->server);
    }
    text_keep(kept->account, sizeof kept->account, line->account);
    text_keep(kept->domain, sizeof kept->domain, line->domain);
    text_keep(kept->share, sizeof kept->share, line->share);
}

/* Makes room for a line of that time. When there is no more room, the line in the middle gives way:
 * the last of the first ones or the first of the last ones, or the line itself: then NULL. */
static struct slot_line *line_room(struct slot *slot, uint64_t incident, int64_t time_ns) {
    struct slot_list *list = &slot->line_list;
    uint32_t first = slot->line_first_count, at = list->count;
    while (at > 0 && slot->lines[list->at[at - 1]].line.time_ns > time_ns)
        at--;
    uint8_t place;
    if (list->count < SLOT_LIST) {
        place = list->at[list->count];
        memmove(list->at + at + 1, list->at + at, list->count - at);
        list->at[at] = place;
        list->count++;
        slot->line_first_count = list->count < SBL_LIST_ENDS ? list->count : SBL_LIST_ENDS;
    } else if (at < first) {
        place = list->at[first - 1]; /* it is older than all of the last ones */
        memmove(list->at + at + 1, list->at + at, first - at - 1);
        list->at[at] = place;
    } else if (at > first) {
        place = list->at[first];
        memmove(list->at + first, list->at + first + 1, at - 1 - first);
        list->at[at - 1] = place;
    } else {
        return NULL;
    }
    list->serials[place] = incident;
    return slot->lines + place;
}

static void add_lines(struct slot *slot, const struct incident *incident) {
    uint64_t known = incident->memo->lines;
    uint32_t shown = incident->line_count, first = incident->line_first_count;
    for (uint32_t i = 0; i < shown; i++) {
        uint64_t ordinal = i < first ? i : incident->line_total - (shown - i);
        if (ordinal < known)
            continue;
        const struct sbl_evidence_line *told = incident_line(incident, i);
        struct slot_line *line = line_room(slot, incident->serial, told->time_ns);
        if (line)
            fill_line(line, told, incident);
    }
    slot->line_total += more(incident->line_total, known);
}

bool slot_add(struct slot *slot, const struct incident *incident) {
    struct incident_memo *memo = incident->memo;
    uint64_t failures = more(incident->failures, memo->failures);
    slot->failures += failures;
    slot->lockouts += more(incident->lockouts, memo->lockouts);
    slot->granted += more(incident->granted, memo->granted);
    if (slot->line_total == 0 || incident->first_ns < slot->first_ns)
        slot->first_ns = incident->first_ns;
    if (slot->line_total == 0 || incident->last_ns > slot->last_ns)
        slot->last_ns = incident->last_ns;
    add_client(slot, incident, failures);
    add_account(slot, incident);
    add_servers(slot, incident, failures);
    add_lines(slot, incident);
    bool is_news = failures || more(incident->lockouts, memo->lockouts) ||
                   more(incident->line_total, memo->lines);
    memo->failures = incident->failures;
    memo->lockouts = incident->lockouts;
    memo->granted = incident->granted;
    memo->lines = incident->line_total;
    return is_news;
}

static void drop_lines(struct slot *slot, uint64_t incident) {
    list_drop(&slot->line_list, incident);
    uint32_t kept = slot->line_list.count;
    slot->line_first_count = kept < SBL_LIST_ENDS ? kept : SBL_LIST_ENDS;
}

void slot_take_out(struct slot *slot, const struct incident *incident) {
    struct incident_memo *memo = incident->memo;
    slot->failures = more(slot->failures, memo->failures);
    slot->lockouts = more(slot->lockouts, memo->lockouts);
    slot->granted = more(slot->granted, memo->granted);
    slot->line_total = more(slot->line_total, memo->lines);
    drop_lines(slot, incident->serial);
    uint32_t client = list_find(&slot->client_list, incident->client_serial);
    if (client < SLOT_LIST)
        slot->clients[client].machine.failures =
            more(slot->clients[client].machine.failures, memo->failures);
    if (slot->lead.incident == incident->serial)
        slot->lead.incident = 0;
    *memo = (struct incident_memo){0};
}

void slot_drop_client(struct slot *slot, uint64_t serial) {
    list_drop(&slot->client_list, serial);
}

void slot_drop_account(struct slot *slot, uint64_t serial) {
    list_drop(&slot->account_list, serial);
}

void slot_clear(struct slot *slot) {
    slot->is_spent = false;
    slot->failures = slot->lockouts = slot->granted = slot->told_lockouts = 0;
    slot_begin(slot);
    slot->server_count = slot->line_first_count = 0;
    slot->client_total = slot->server_total = slot->account_total = 0;
    slot->line_total = 0;
    slot->lead.incident = 0;
}

static bool says_more(const struct slot_lead *lead, const struct incident *incident,
                      const struct judgement *judgement) {
    double before = lead->judgement.winner.confidence, now = judgement->winner.confidence;
    return now > before || (now >= before && incident->refused > lead->refused);
}

bool slot_lead(struct slot *slot, const struct sbl_knowledge *knowledge,
               const struct incident *incident, const struct judgement *judgement) {
    struct slot_lead *lead = &slot->lead;
    if (lead->incident && lead->incident != incident->serial &&
        (slot->is_crowd || !says_more(lead, incident, judgement)))
        return false;
    lead->incident = incident->serial;
    lead->refused = incident->refused;
    lead_fill(knowledge, lead, incident, judgement);
    if (slot->is_crowd)
        lead_is_one_of_many(lead);
    return true;
}
