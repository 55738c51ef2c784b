/* An attempt, taken in: who asked whom, what came of it, and what that changes. Counts only rise
 * here; what they mean is asked when an incident is made. */
#include <stddef.h>
#include <string.h>

#include "history/counts.h"
#include "history/state.h"

#define WINDOW_NS (30 * MINUTE_NS)
#define LIST_STEP_NS (6 * SECOND_NS)
#define STATUS_UNFINISHED_CONTEXT_DELETED 0xC00002EEu
enum { FEW_EACH = 3, MANY_ACCOUNTS = 10, AT_ONCE = 6 };

static bool is_failure_reason(enum sbl_reason reason) {
    return reason == SBL_REASON_BAD_CREDENTIALS || reason == SBL_REASON_BAD_PASSWORD;
}

/* The client stopped after the CHALLENGE, or the server says that it did. */
static bool is_abandoned(const struct sbl_attempt *attempt) {
    if (attempt->reason != SBL_REASON_ABANDONED)
        return false;
    bool is_said =
        attempt->finding.has_status && attempt->finding.status == STATUS_UNFINISHED_CONTEXT_DELETED;
    return is_said || (attempt->has_challenge && attempt->client.message != SBL_NTLM_AUTHENTICATE);
}

/* Who asks to be the guest, by its name or with a name of blanks, and becomes it, got what was
 * asked for. */
static bool asks_for_guest(const struct history *h, const struct subject *subject) {
    const char *name = subject->account.text;
    const struct account_entry *entry = knowledge_account(h->options.knowledge, name);
    return name[strspn(name, " ")] == 0 || (entry && entry->class_ == ACCOUNT_CLASS_GUEST);
}

static void outcome_find(const struct history *h, struct passage *p) {
    const struct sbl_attempt *attempt = p->attempt;
    p->is_refused = attempt->outcome == SBL_OUTCOME_FAILURE;
    p->is_guest = attempt->outcome == SBL_OUTCOME_SUCCESS &&
                  attempt->reason == SBL_REASON_GUEST_MAPPED && !p->subject.is_anonymous &&
                  (p->subject.is_nameless || !asks_for_guest(h, &p->subject));
    p->is_granted = attempt->outcome == SBL_OUTCOME_SUCCESS && !p->is_guest;
    p->is_abandoned = !p->is_refused && is_abandoned(attempt);
}

/* Index + 1 of a server among those that a pair keeps. */
static uint8_t server_kept(const struct pair *pair, const struct host *server) {
    for (uint8_t i = 0; i < pair->server_count; i++)
        if (pair_server_at(pair, i)->ref.serial == server->serial)
            return (uint8_t)(i + 1);
    return 0;
}

void server_counted(struct history *h, struct pair *pair, const struct host *server) {
    uint8_t at = server_kept(pair, server);
    if (at) {
        (at > 1 ? &pair->rest->servers[at - 2] : &pair->server)->failures++;
        return;
    }
    if (pair->server_count == PAIR_SERVERS) {
        pair->has_more_servers = true;
        return;
    }
    at = pair->server_count++;
    *(at ? &pair_rest(h, pair)->servers[at - 1] : &pair->server) =
        (struct pair_server){.ref = host_refer(h, server), .failures = 1};
}

/* A share says what a refused logon wanted when it rode in the same request, or when the same user
 * asks for it around then; what others of that machine are granted says nothing. */
static void shares_wanted(struct history *h, struct pair *pair, struct passage *p) {
    const struct sbl_finding *finding = &p->attempt->finding;
    struct word share;
    if (finding->share.size) {
        word_read(h, finding->share, &share);
        p->share = pair_share(h, pair, &share);
        if (share.hash && knowledge_share(h->options.knowledge, share.text) == SHARE_CLASS_OTHER)
            pair->flags |= PAIR_SHARE_USER;
    }
    for (unsigned i = 0; p->client->has_trees && i < 2; i++) {
        const struct tree_seen *tree = &p->client->rest->trees[i];
        if (tree->server != p->server->serial || tree->user_hash != p->account->user_hash ||
            tree->time_ns > finding->time_ns ||
            time_between(tree->time_ns, finding->time_ns) > NEAR_TREE_NS)
            continue;
        word_set(h, tree->share, strlen(tree->share), &share);
        pair_share(h, pair, &share);
    }
    p->client->last_failing = pair_refer(h, pair);
    p->client->failing_server = p->server->serial;
    p->client->failing_ns = finding->time_ns;
}

/* The accounts of a client that failed within half an hour: the youngest joins, the old leave. */
static void window_join(struct history *h, struct host *client, struct pair *pair, int64_t now) {
    bool is_inside = pair->linked & 1u << LINK_WINDOW;
    bool was_few = is_inside && pair->in_window <= FEW_EACH;
    pair->in_window++;
    chain_remove(h, &client->window, pair, LINK_WINDOW);
    chain_append(h, &client->window, pair, LINK_WINDOW);
    client->window_few -= was_few;
    client->window_few += pair->in_window <= FEW_EACH;
    while (client->window.oldest) {
        struct pair *oldest = pair_at(h, client->window.oldest);
        if (time_between(oldest->last_ns, now) <= WINDOW_NS)
            break;
        client->window_few -= oldest->in_window <= FEW_EACH;
        chain_remove(h, &client->window, oldest, LINK_WINDOW);
    }
    if (client->window.count >= client->window_peak) {
        client->window_peak = client->window.count;
        client->peak_few = client->window_few;
    }
    if (!is_inside && client->window.count == MANY_ACCOUNTS)
        client_changed(h, client);
}

/* Whose turn it is among the accounts that this client fails with. */
static void turn_taken(struct history *h, struct host *client, const struct pair *pair,
                       int64_t now) {
    struct turns *turns = &client->turns;
    bool was_at_once = turns->at_once;
    if (time_between(turns->last_ns, now) > WINDOW_NS)
        turns->returned = 0;
    turns->last_ns = now;
    if (pair->serial == turns->pair)
        return;
    turns->pair = pair->serial;
    if (pair->failures > 1) {
        turns->returned += time_between(pair->last_failure_ns, now) > MINUTE_NS;
        return;
    }
    if (!turns->begun++) {
        turns->first_ns = now;
        return;
    }
    int64_t *began_ns = host_rest(h, client)->began_ns;
    began_ns[0] = turns->begun == 2 ? turns->first_ns : began_ns[0];
    began_ns[(turns->begun - 1) % TURNS] = now;
    if (turns->begun >= TURNS)
        turns->ten_took_ns = time_between(began_ns[turns->begun % TURNS], now);
    if (turns->begun >= AT_ONCE)
        turns->at_once |=
            time_between(began_ns[(turns->begun - AT_ONCE) % TURNS], now) <= MINUTE_NS;
    if (turns->begun == TURNS || turns->at_once != was_at_once)
        client_changed(h, client);
}

/* A name that this client never failed with before: do they come in the order of a list? */
static void list_goes_on(const struct history *h, struct host *client, const struct pair *pair) {
    const struct pair *last = pair_deref(h, &client->list_pair);
    if (last) {
        client->list_steps++;
        client->list_rising +=
            strcasecmp(account_at(h, last->account)->user, account_at(h, pair->account)->user) < 0;
    }
    client->list_pair = pair_refer(h, pair);
}

/* The same, of names that were never granted there: ten of them in a row, at six seconds each, are
 * no people who mistype, whoever else works at the client. */
static void list_rises(struct history *h, struct host *client, const struct pair *pair,
                       const char *user, int64_t now) {
    struct rising *rising = &client->rising;
    const struct pair *last = pair_deref(h, &client->list_pair);
    if (pair->granted)
        return;
    bool goes_on = rising->count && last &&
                   strcasecmp(account_at(h, last->account)->user, user) < 0 &&
                   time_between(rising->began_ns, now) <= rising->count * LIST_STEP_NS;
    rising->count = goes_on ? rising->count + 1 : 1;
    rising->began_ns = goes_on ? rising->began_ns : now;
    if (rising->count < TURNS)
        return;
    rising->listed_from_ns = rising->began_ns;
    rising->listed_to_ns = now;
    if (rising->count == TURNS)
        client_changed(h, client);
}

static void first_trouble(struct history *h, struct pair *pair, const struct passage *p) {
    struct account *account = p->account;
    int64_t now = p->attempt->finding.time_ns;
    pair->flags |= PAIR_FAILING;
    account->failing++;
    if (account->failing > account->failing_peak)
        account->failing_peak = account->failing;
    if (account->failing == 1 && !account->forgot_one)
        account->first_start_ns = account->last_start_ns = now;
    if (now < account->first_start_ns)
        account->first_start_ns = now;
    if (now > account->last_start_ns)
        account->last_start_ns = now;
    if (pair->granted) {
        pair->flags |= PAIR_WAS_GRANTED_FIRST;
        account->granted_first++;
    }
    if (p->subject.is_anonymous || p->subject.is_nameless)
        return;
    enum sbl_reason reason = p->attempt->reason;
    if (is_failure_reason(reason) || reason == SBL_REASON_NO_SUCH_USER)
        list_rises(h, p->client, pair, account->user, now);
    list_goes_on(h, p->client, pair);
}

static unsigned failure_counted(struct history *h, struct pair *pair, const struct passage *p) {
    const struct sbl_attempt *attempt = p->attempt;
    int64_t now = attempt->finding.time_ns;
    pair->failures++;
    if (!(p->flags & PAIR_UNPROVED) && !p->is_guest && !p->subject.is_nameless)
        turn_taken(h, p->client, pair, now);
    if (pair->failures == 1) {
        pair->first_failure_ns = now;
        pair->failed_workstation = p->client->workstation_hash;
    }
    pair->failed_at_several |= pair->failed_workstation != p->client->workstation_hash;
    pair->last_failure_ns = now;
    pair->unproved += (p->flags & PAIR_UNPROVED) != 0;
    rhythm_failure(h, pair, now, !(p->flags & PAIR_UNPROVED));
    rhythm_attempt(h, pair, now, !(p->flags & PAIR_UNPROVED));
    p->account->failures++;
    p->client->failures++;
    bool is_counted = attempt->mechanism != SBL_MECHANISM_KERBEROS && !p->subject.is_nameless;
    return is_counted ? count_failure(h, p->account, p->counting, p->client, attempt) : 0;
}

/* Who is told that an account is disabled, expired or locked did not guess at it. */
static bool is_for_name_or_password(const struct pair *pair, const struct passage *p) {
    enum sbl_reason reason = p->attempt->reason;
    return is_failure_reason(reason) || reason == SBL_REASON_NO_SUCH_USER ||
           (reason == SBL_REASON_LOCKED_OUT && pair->failures);
}

static void refusal_counted(struct history *h, struct pair *pair, const struct passage *p) {
    static const uint32_t limits[] = {0xC00000D0u, 0xC00000CEu, 0xC0000205u};
    const struct sbl_finding *finding = &p->attempt->finding;
    pair->refused += p->is_refused;
    pair->refused_dos += p->is_refused && finding->is_dos_error;
    if (!finding->is_dos_error) {
        pair->machine_status += finding->status >= 0xC0000198u && finding->status <= 0xC000019Au;
        for (unsigned i = 0; i < 3; i++)
            pair->session_limit += finding->status == limits[i];
    }
    pair->guests += p->is_guest;
    if (!(pair->flags & PAIR_FAILING))
        first_trouble(h, pair, p);
    server_counted(h, pair, p->server);
    if (p->subject.is_anonymous)
        return;
    struct host *client = p->client;
    client->refused++;
    client->no_such_user += p->attempt->reason == SBL_REASON_NO_SUCH_USER;
    client->has_refusal = true;
    client->last_refusal_ns = finding->time_ns;
    rhythm_try(h, pair, finding->time_ns);
    if (!p->subject.is_nameless && p->is_refused && is_for_name_or_password(pair, p))
        window_join(h, client, pair, finding->time_ns);
}

static void line_of(struct history *h, struct pair *pair, const struct passage *p, unsigned count) {
    const struct sbl_finding *finding = &p->attempt->finding;
    struct line line = {.time_ns = finding->time_ns,
                        .request_ns = p->attempt->request_time_ns,
                        .request = finding->evidence.request.number,
                        .response = finding->evidence.response.number,
                        .request_file = finding->evidence.request.file,
                        .response_file = finding->evidence.response.file,
                        .count_after = (uint16_t)count,
                        .status = finding->status,
                        .server = server_kept(pair, p->server),
                        .share = p->share,
                        .domain = pair->domain};
    bool is_passed_on = p->counting != p->server;
    memcpy(line.event_id, finding->event_id, sizeof line.event_id);
    line.flags =
        (uint8_t)((finding->is_dos_error ? LINE_DOS : 0) | (finding->has_status ? LINE_STATUS : 0) |
                  (p->is_granted ? LINE_GRANTED : 0) | (finding->smb_version == 1 ? LINE_SMB1 : 0) |
                  (is_passed_on ? LINE_PASSED_ON : 0));
    line_add(h, pair, &line);
}

void trouble_begins(struct history *h, struct pair *pair, int64_t now) {
    if (pair->is_trouble)
        return;
    pair->is_trouble = true;
    pair->first_ns = now;
    chain_append(h, &h->order, pair, LINK_ORDER);
}

/* Who failed since the count began had a part in the lock; who was let in after its failures is
 * only told of it. */
static void parts_told(struct history *h, struct pair *pair, int64_t since_ns, bool is_first) {
    const struct account *account = account_at(h, pair->account);
    pair->has_part |= pair->failures && pair->last_failure_ns >= since_ns;
    if (!is_first || account->pairs.count > CLIENTS_LOOKED_AT)
        return;
    for (uint32_t i = account->pairs.oldest; i; i = pair_at(h, i)->links[LINK_ACCOUNT].newer) {
        struct pair *other = pair_at(h, i);
        other->has_part |= other->failures && other->last_failure_ns >= since_ns;
    }
}

static void trouble_kept(struct history *h, struct passage *p) {
    struct pair *pair = pair_of(h, p->account, p->client);
    int64_t now = p->attempt->finding.time_ns;
    bool is_lockout = p->is_refused && p->attempt->reason == SBL_REASON_LOCKED_OUT;
    bool is_first_lockout = false;
    unsigned count = 0;
    trouble_begins(h, pair, now);
    pair->last_ns = now;
    pair_reason(h, pair, p->attempt->reason);
    traits_kept(h, pair, p);
    if (p->is_refused || p->is_guest) {
        refusal_counted(h, pair, p);
        shares_wanted(h, pair, p);
    } else {
        server_counted(h, pair, p->server);
    }
    bool is_bad = p->is_refused && is_failure_reason(p->attempt->reason);
    if (p->is_guest || (is_bad && !p->subject.is_anonymous))
        count = failure_counted(h, pair, p);
    if (is_lockout) {
        pair->lockouts++;
        rhythm_attempt(h, pair, now, !(p->flags & PAIR_UNPROVED));
        p->account->lockouts++;
        is_first_lockout = count_lockout(h, p->account, p->counting, p->attempt);
        parts_told(h, pair, count_since(h, p->account, p->counting), is_first_lockout);
    }
    if (p->is_guest) {
        p->client->last_guest = pair_refer(h, pair);
        p->client->guest_server = p->server->serial;
    }
    line_of(h, pair, p, count);
    pair_is_active(h, pair);
    pair_changed(h, pair, is_first_lockout);
}

/* Behind one address may be several machines: each user's own says its name. */
static void desk_kept(struct host *client, uint64_t user_hash) {
    unsigned at = 0;
    while (at < DESKS && client->rest->desks[at].user_hash != user_hash)
        at++;
    if (at == DESKS)
        at = client->rest->desk_next++ % DESKS;
    client->rest->desks[at] =
        (struct desk){.user_hash = user_hash, .workstation = client->workstation_hash};
}

static void grant_kept(struct history *h, struct passage *p) {
    const struct sbl_attempt *attempt = p->attempt;
    int64_t now = attempt->finding.time_ns;
    if (attempt->reason != SBL_REASON_SUCCESS || p->subject.is_anonymous)
        return;
    p->client->granted++;
    few_add(&host_rest(h, p->client)->granted_accounts, p->account->serial);
    if (attempt->finding.workstation.size)
        desk_kept(p->client, p->account->user_hash);
    account_granted(h, p->account, p->client, &p->subject, attempt);
    count_success(h, p->account, p->counting);
    p->client->rest->granted_account = account_refer(h, p->account);
    p->client->granted_server = p->server->serial;
    p->client->granted_ns = now;
    p->client->granted_with_signing =
        attempt->client_requires_signing || attempt->server_requires_signing;
    if (attempt->mechanism == SBL_MECHANISM_KERBEROS)
        p->client->rest->kdc_skews = 0;
    struct pair *pair = pair_find(h, p->account, p->client);
    if (!pair) {
        quiet_grant(h, p->account, p->client, now);
        return;
    }
    pair->first_granted_ns = pair->granted++ ? pair->first_granted_ns : now;
    pair->last_granted_ns = now;
    if (pair->is_trouble && !p->is_trouble)
        line_of(h, pair, p, 0);
    pair_changed(h, pair, false);
}

/* Windows puts its clock right after one such error and goes on with Kerberos. A client that was
 * told twice and then takes NTLM has not. */
static bool falls_back_for_skew(const struct passage *p) {
    const struct host_rest *rest = p->client->rest;
    int64_t now = p->attempt->finding.time_ns;
    return p->is_granted && p->attempt->mechanism == SBL_MECHANISM_NTLMSSP &&
           rest->kdc_skews >= 2 && rest->kdc_skew_ns <= now &&
           time_between(rest->kdc_skew_ns, now) <= 5 * SECOND_NS &&
           (!rest->kdc_skew_user || rest->kdc_skew_user == p->account->user_hash) &&
           !p->subject.is_anonymous && !p->subject.is_nameless;
}

/* Who was asked by whom for which account. In a storm each of the three is somewhere in main memory
 * and waited for, so where the next one will be looked for is fetched while the one before is
 * read. */
static void who_asks_whom(struct history *h, struct passage *p) {
    const struct sbl_finding *finding = &p->attempt->finding;
    struct ends_sought sought;
    struct host *hosts[2];
    struct word workstation;
    hosts_expect(h, finding->conversation, &sought);
    p->challenge_hash = table_expect(&h->challenges, &p->attempt->challenge_mark);
    subject_read(h, p->attempt, &p->subject);
    hosts_find(h, finding->conversation, finding->time_ns, &sought, hosts);
    p->client = hosts[0];
    p->server = hosts[1];
    client_here(p->client);
    server_here(p->server);
    bool is_renamed = workstation_changed(h, p, &workstation);
    server_seen(h, p->server, p->attempt);
    scope_find(h, p->server, p->attempt, &p->subject);
    if (is_renamed)
        workstation_seen(h, p->client, &workstation);
    table_expect_entry(&h->accounts, p->subject.account_hash);
    client_seen(h, p);
}

void history_attempt(struct history *history, const struct sbl_attempt *attempt) {
    struct passage p;
    memset(&p, 0, offsetof(struct passage, subject));
    p.attempt = attempt;
    time_goes_on(history, attempt->finding.time_ns);
    victims_ahead(history);
    who_asks_whom(history, &p);
    outcome_find(history, &p);
    if (!p.is_refused && !p.is_granted && !p.is_guest && !p.is_abandoned) {
        hand_over_due(history);
        return; /* half seen: it is not known what came of it */
    }
    flags_find(history, &p);
    p.account = account_of(history, p.server, &p.subject);
    account_here(p.account);
    pair_expect(history, p.account, p.client);
    p.counting = server_counting(history, p.server, &p.subject);
    count_expect(history, p.account, p.counting);
    if (challenge_repeats(history, &p))
        p.flags |= PAIR_CHALLENGE_TWICE;
    if (falls_back_for_skew(&p))
        p.flags |= PAIR_SKEW_FALLBACK;
    uint32_t signs =
        PAIR_CHALLENGE_TWICE | PAIR_MIC_MISSING | PAIR_AFTER_FAILURE | PAIR_SKEW_FALLBACK;
    p.is_trouble = p.is_refused || p.is_guest || p.is_abandoned || p.flags & signs;
    bool is_real = !(p.flags & PAIR_UNPROVED) && !p.is_abandoned && !p.subject.is_anonymous;
    p.client->unproved += (p.flags & PAIR_UNPROVED) != 0 || p.is_abandoned;
    p.client->real_answers += is_real;
    if (p.is_trouble)
        trouble_kept(history, &p);
    if (p.is_granted)
        grant_kept(history, &p);
    challenge_kept(history, &p);
    server_answered(history, p.server, &p.subject, p.account->serial, attempt);
    hand_over_due(history);
}
