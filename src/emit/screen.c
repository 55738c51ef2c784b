/* Taking findings in. A count is kept per account in its authority: bad passwords that stand, as
 * servers count them (a success ends them, and so does a window without one). Where an account is
 * locked, and by how many, the diagnoses say what was learned. */
#include "emit/screen_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fold.h"
#include "base/hash.h"
#include "emit/summary.h"

enum { USUAL_WINDOW_MIN = 30 };

#define MINUTE_NS INT64_C(60000000000)

int screen_new(struct screen **screen, const struct screen_options *options) {
    struct screen *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->seed = hash_seed();
    made->threshold = options->threshold;
    made->window_ns = (options->window_min ? options->window_min : USUAL_WINDOW_MIN) * MINUTE_NS;
    made->colour = options->colour;
    made->letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    summary_show(made->source, sizeof made->source,
                 (struct view_string){options->source, strlen(options->source)});
    made->order = calloc(SBL_MAX_SUMMARY_ACCOUNTS, sizeof *made->order);
    if (!made->order || view_init(&made->view, options->page) ||
        table_init(&made->accounts, SBL_MAX_SUMMARY_ACCOUNTS, sizeof(uint64_t[2]),
                   sizeof(struct screen_account)) ||
        table_init(&made->verdicts, SBL_MAX_SUMMARY_DIAGNOSES, 16, sizeof(struct screen_verdict))) {
        screen_free(made);
        return -ENOMEM;
    }
    *screen = made;
    return 0;
}

void screen_free(struct screen *screen) {
    if (!screen)
        return;
    table_fini(&screen->accounts);
    table_fini(&screen->verdicts);
    view_fini(&screen->view);
    if (screen->letters)
        freelocale(screen->letters);
    free(screen->order);
    free(screen);
}

static void *find_or_add(struct screen *screen, struct table *table, const void *key) {
    void *value = table_find(table, key);
    if (value)
        return value;
    value = table_add(table, key);
    if (!value) {
        screen->evicted++;
        table_remove(table, table_stalest(table));
        value = table_add(table, key);
    }
    return value;
}

/* The same for names that differ in the case of letters alone; of no name 0. */
static uint64_t mark_of(const struct screen *screen, struct view_string name) {
    uint64_t mark = 0;
    for (size_t at = 0; at < name.size;) {
        uint32_t point;
        at += text_next(name.utf8 + at, name.size - at, &point);
        uint64_t link[2] = {mark, fold_letter(point)};
        mark = hash_bytes(link, sizeof link, screen->seed);
    }
    return mark;
}

static void show_name(char out[SCREEN_NAME_BYTES], struct view_string home,
                      struct view_string name) {
    char whole[2 * SCREEN_NAME_BYTES];
    char *at = whole;
    if (home.size) {
        summary_show(at, SCREEN_NAME_BYTES - 1, home);
        at += strlen(at);
        *at++ = '\\';
    }
    summary_show(at, SCREEN_NAME_BYTES, name);
    text_copy(out, SCREEN_NAME_BYTES, whole);
}

/* The account of an attempt, of which is known who it is; a new one is named. */
static struct screen_account *account_of(struct screen *screen, const struct sbl_attempt *attempt,
                                         const struct view_finding *seen, bool may_add) {
    bool has_authority = attempt->authority != SBL_AUTHORITY_UNKNOWN;
    struct view_string home =
        has_authority ? view_text(&screen->view, "", attempt->authority_name) : seen->domain;
    uint64_t key[2] = {mark_of(screen, seen->account), mark_of(screen, home)};
    if (!may_add)
        return table_find(&screen->accounts, key);
    struct screen_account *account = find_or_add(screen, &screen->accounts, key);
    if (!account->name[0]) {
        account->name_mark = key[0];
        account->home_mark = key[1];
        show_name(account->name, home, seen->account);
    }
    account->has_authority = has_authority;
    return account;
}

/* Moves a client to the front, where a new one drops the last. */
static void keep_client(struct screen_account *account, const struct sbl_finding *finding,
                        const struct view_finding *seen) {
    const struct sbl_conversation *conversation = finding->conversation;
    struct screen_client client = {.ip_version = conversation->ip_version};
    memcpy(client.address, conversation->side[0].address, sizeof client.address);
    unsigned at = 0;
    while (at < account->client_count &&
           memcmp(account->clients[at].address, client.address, sizeof client.address) != 0)
        at++;
    if (at == SCREEN_CLIENTS) {
        account->has_more_clients = true;
        at--;
    } else if (at == account->client_count) {
        account->client_count++;
    } else {
        client = account->clients[at];
    }
    if (seen->workstation.size)
        summary_show(client.name, sizeof client.name, seen->workstation);
    else if (!client.name[0])
        text_copy(client.name, sizeof client.name, seen->client_address);
    memmove(account->clients + 1, account->clients, at * sizeof client);
    account->clients[0] = client;
}

/* Time that passed; clocks of strangers jump. */
static bool is_longer(int64_t from_ns, int64_t to_ns, int64_t most_ns) {
    return to_ns > from_ns && (uint64_t)to_ns - (uint64_t)from_ns > (uint64_t)most_ns;
}

static void count_failure(const struct screen *screen, struct screen_account *account,
                          int64_t now_ns) {
    account->failures = screen_failures(screen, account, now_ns) + 1;
    account->last_bad_ns = now_ns;
    account->is_locked = false;
}

static bool is_bad_password(const struct sbl_attempt *attempt) {
    return attempt->outcome == SBL_OUTCOME_FAILURE &&
           attempt->mechanism != SBL_MECHANISM_KERBEROS &&
           (attempt->reason == SBL_REASON_BAD_CREDENTIALS ||
            attempt->reason == SBL_REASON_BAD_PASSWORD);
}

void screen_attempt(struct screen *screen, const struct sbl_attempt *attempt) {
    struct view_finding seen;
    bool is_lock = attempt->reason == SBL_REASON_LOCKED_OUT;
    bool is_grant = attempt->outcome == SBL_OUTCOME_SUCCESS && !attempt->is_guest;
    screen->logons_refused += attempt->outcome == SBL_OUTCOME_FAILURE;
    view_finding(&screen->view, &attempt->finding, &seen);
    if (seen.who != VIEW_WHO_NAMED || !(is_lock || is_grant || is_bad_password(attempt)))
        return;
    struct screen_account *account = account_of(screen, attempt, &seen, !is_grant);
    if (!account)
        return;
    account->last_ns = attempt->finding.time_ns;
    if (is_grant) {
        account->failures = 0;
        account->is_locked = false;
        return;
    }
    keep_client(account, &attempt->finding, &seen);
    if (is_lock)
        account->is_locked = true;
    else
        count_failure(screen, account, attempt->finding.time_ns);
}

void screen_tree_refusal(struct screen *screen, const struct sbl_tree_refusal *refusal) {
    (void)refusal;
    screen->trees_refused++;
}

void screen_probe(struct screen *screen, const struct sbl_probe *probe) {
    (void)probe;
    screen->opens_refused++;
}

static struct view_string words(const char *text) {
    return (struct view_string){text, strlen(text)};
}

/* What stands behind the last backslash of "CORP\jdoe". */
static struct view_string user_part(const char *name) {
    const char *slash = strrchr(name, '\\');
    return words(slash ? slash + 1 : name);
}

/* Tells the accounts of that name, unless they are known to be another authority's, which cause is
 * theirs. */
static void blame(struct screen *screen, const struct sbl_diagnosis *diagnosis,
                  struct view_string name) {
    uint64_t name_mark = mark_of(screen, name);
    uint64_t home = mark_of(screen, words(diagnosis->authority_name));
    for (struct screen_account *account = table_oldest(&screen->accounts); account;
         account = table_next(&screen->accounts, account)) {
        bool is_anothers = account->has_authority && home && account->home_mark != home;
        if (account->name_mark != name_mark || is_anothers)
            continue;
        if (diagnosis->threshold)
            account->learned = diagnosis->threshold;
        if (!account->has_authority && home)
            show_name(account->name, words(diagnosis->authority_name), name);
        summary_show(account->rule_id, sizeof account->rule_id, words(diagnosis->rule_id));
    }
}

void screen_diagnosis(struct screen *screen, const struct sbl_diagnosis *diagnosis) {
    if (diagnosis->state == SBL_DIAGNOSIS_CLOSE) {
        struct screen_verdict *known = table_find(&screen->verdicts, diagnosis->id);
        if (known)
            table_remove(&screen->verdicts, known);
        return;
    }
    struct screen_verdict *verdict = find_or_add(screen, &screen->verdicts, diagnosis->id);
    summary_show(verdict->rule_id, sizeof verdict->rule_id, words(diagnosis->rule_id));
    summary_show(verdict->message, sizeof verdict->message, words(diagnosis->message));
    verdict->severity = diagnosis->severity;
    verdict->confidence = diagnosis->confidence;
    verdict->first_ns = diagnosis->first_ns;
    verdict->told_ns = diagnosis->time_ns;
    if (*diagnosis->account)
        blame(screen, diagnosis, words(diagnosis->account));
    for (uint32_t i = 0; i < diagnosis->accounts.count; i++)
        blame(screen, diagnosis, user_part(diagnosis->accounts.items[i]));
}

/* At most one sample a second, so that the ring spans ten. */
void screen_stats(struct screen *screen, int64_t time_ns, const struct sbl_stats *stats) {
    screen->stats = *stats;
    const struct screen_sample *last =
        &screen->samples[(screen->sample_count + SCREEN_SAMPLES - 1) % SCREEN_SAMPLES];
    if (screen->sample_count && time_ns >= last->time_ns &&
        !is_longer(last->time_ns, time_ns, MINUTE_NS / 60 - 1))
        return;
    if (screen->sample_count && time_ns < last->time_ns)
        screen->sample_count = 0; /* another clock */
    screen->samples[screen->sample_count++ % SCREEN_SAMPLES] =
        (struct screen_sample){.time_ns = time_ns,
                               .frames = stats->frames,
                               .logons = stats->logons_refused,
                               .opens = stats->opens_refused,
                               .drops = stats->kernel_drops + stats->interface_drops};
}

unsigned screen_failures(const struct screen *screen, const struct screen_account *account,
                         int64_t now_ns) {
    return is_longer(account->last_bad_ns, now_ns, screen->window_ns) ? 0 : account->failures;
}

unsigned screen_threshold(const struct screen *screen, const struct screen_account *account) {
    return screen->threshold ? screen->threshold : account->learned;
}

bool screen_is_near(const struct screen *screen, const struct screen_account *account,
                    int64_t now_ns) {
    bool is_of_late = !is_longer(account->last_ns, now_ns, screen->window_ns);
    return (account->is_locked && is_of_late) || screen_failures(screen, account, now_ns);
}
