/* The facts of an incident, but those of its walk: each one sentence of src/knowledge/fact.h turned
 * into a comparison. */
#include <string.h>

#include "history/state.h"

#define NEAR_NS (5 * SECOND_NS)
#define KDC_NEAR_NS (30 * SECOND_NS)
enum { LONG_RUN = 50, MANY_ACCOUNTS = 6 };

/* What the facts are read from. */
struct scene {
    struct history *h;
    struct pair *pair;
    const struct account *account;
    struct host *client;
    const struct host *server; /* NULL: forgotten */
    const struct incident *incident;
    struct facts *facts;
};

/* Nothing is set back; without a branch, as each incident asks this a hundred times. */
static inline void set(const struct scene *s, enum fact fact, bool holds) {
    s->facts->bits[(unsigned)fact / 64] |= (uint64_t)holds << ((unsigned)fact % 64);
}

/* Under another authority, or under another domain. */
static bool same_name_granted(const struct scene *s) {
    const struct account *account = s->account;
    if (table_count(&s->h->users) == 0 || account->is_anonymous || account->is_nameless)
        return false;
    uint64_t sent = s->pair->domain ? pair_domain(s->pair)->hash : 0;
    const struct user_grants *grants = table_find(&s->h->users, &account->user_hash);
    for (unsigned i = 0; grants && i < 2; i++)
        if (grants->at[i].holds &&
            (grants->at[i].account != account->serial || grants->at[i].domain_hash != sent))
            return true;
    return false;
}

static void account_facts(const struct scene *s) {
    static const enum fact by_class[] = {
        [ACCOUNT_CLASS_NONE] = FACT_ACCOUNT_PERSON,
        [ACCOUNT_CLASS_LOCAL_ON_NETWORK] = FACT_ACCOUNT_SMS_LOCAL,
        [ACCOUNT_CLASS_SITE_SYSTEM_SERVICE] = FACT_ACCOUNT_SERVICE,
        [ACCOUNT_CLASS_STALE_SHARED] = FACT_ACCOUNT_SHARED,
        [ACCOUNT_CLASS_STALE_SERVICE] = FACT_ACCOUNT_SERVICE,
        [ACCOUNT_CLASS_SERVICE] = FACT_ACCOUNT_SERVICE,
        [ACCOUNT_CLASS_ADSYNC] = FACT_ACCOUNT_ADSYNC,
        [ACCOUNT_CLASS_MACHINE] = FACT_ACCOUNT_MACHINE,
        [ACCOUNT_CLASS_DEVICE] = FACT_ACCOUNT_DEVICE,
        [ACCOUNT_CLASS_RED_FLAG] = FACT_ACCOUNT_RED_FLAG,
        [ACCOUNT_CLASS_BUILTIN] = FACT_COUNT,
        [ACCOUNT_CLASS_GUEST] = FACT_COUNT,
        [ACCOUNT_CLASS_ANONYMOUS] = FACT_ACCOUNT_ANONYMOUS,
        [ACCOUNT_CLASS_OTHER] = FACT_COUNT,
    };
    const struct account *account = s->account;
    const struct account_entry *entry = account->entry;
    const char *user = account->user;
    size_t size = strlen(user);
    set(s, FACT_ACCOUNT_ANONYMOUS, account->is_anonymous);
    set(s, FACT_SAME_NAME_GRANTED, same_name_granted(s));
    if (account->is_anonymous || account->is_nameless)
        return;
    enum account_class class_ = entry ? entry->class_ : ACCOUNT_CLASS_NONE;
    bool is_machine = size && user[size - 1] == '$';
    if ((size_t)class_ < sizeof by_class / sizeof *by_class && by_class[class_] != FACT_COUNT)
        set(s, by_class[class_], !(is_machine && class_ == ACCOUNT_CLASS_NONE));
    set(s, FACT_ACCOUNT_MACHINE, is_machine);
    set(s, FACT_ACCOUNT_DOCUMENTED, entry && entry->basis == SBL_BASIS_DOCUMENTED);
    if (size < 14 || size > 15 || (user[0] | 0x20) != 's')
        return;
    bool is_token = strncasecmp(user, "SMSCliToknAcct", 14) == 0;
    set(s, FACT_ACCOUNT_SMS_TOKEN, is_token && (size == 14 || user[14] == '&'));
    set(s, FACT_ACCOUNT_SMS_SERVICE, strcasecmp(user, "SMSCliSvcAcct&") == 0);
}

static bool names_server(const struct host *server, const struct label *sent) {
    return server && sent->hash &&
           (sent->hash == server->rest->domain.hash || sent->hash == server->rest->computer.hash ||
            sent->hash == server->rest->dns_domain || sent->hash == server->rest->dns_computer ||
            host_has_name(server, sent->hash));
}

static bool names_client_alone(const struct scene *s, const struct label *sent) {
    return sent->hash && host_has_name(s->client, sent->hash) && !names_server(s->server, sent);
}

static void domain_facts(const struct scene *s) {
    const struct pair *pair = s->pair;
    const struct host *server = s->server;
    if (!pair->domain)
        return;
    const struct label *sent = pair_domain(pair);
    bool is_empty = !sent->hash || (sent->text[0] == '.' && !sent->text[1]);
    bool is_servers = !is_empty && names_server(server, sent);
    bool is_own = !is_empty && host_has_name(s->client, sent->hash);
    /* some programs of a machine send it, others do not */
    const struct label *own = is_own && !is_servers ? sent : NULL;
    for (unsigned i = 0; i < pair->domain_count && !own; i++)
        if (names_client_alone(s, pair_domain_at(pair, i)))
            own = pair_domain_at(pair, i);
    bool is_told = server && (server->rest->domain.hash || server->rest->computer.hash);
    set(s, FACT_DOMAIN_EMPTY, is_empty && !(pair->flags & PAIR_PRINCIPAL));
    set(s, FACT_DOMAIN_OWN_NAME, own != NULL);
    s->h->bench.incident.own_domain = own ? own->text : "";
    set(s, FACT_DOMAIN_OF_SERVER, is_servers);
    bool is_foreign = !is_empty && !is_own && !is_servers && is_told;
    set(s, FACT_DOMAIN_FOREIGN, is_foreign);
    set(s, FACT_DOMAIN_IN_VAIN,
        is_foreign && pair->failures >= 3 && !server->is_standalone &&
            server_role(s->h, server) != ROLE_DC && server_never_grants(server, sent->hash));
}

static void server_facts(const struct scene *s) {
    enum server_role role = s->h->bench.role;
    enum sbl_authority authority = s->incident->authority;
    set(s, FACT_AUTHORITY_DOMAIN, authority == SBL_AUTHORITY_DOMAIN);
    set(s, FACT_AUTHORITY_LOCAL, authority == SBL_AUTHORITY_LOCAL);
    set(s, FACT_AUTHORITY_UNKNOWN, authority == SBL_AUTHORITY_UNKNOWN);
    set(s, FACT_SERVER_DC, role == ROLE_DC);
    set(s, FACT_SERVER_NOT_DC, role == ROLE_NOT_DC);
    set(s, FACT_SERVER_ROLE_UNKNOWN, role == ROLE_UNKNOWN);
    if (!s->server)
        return;
    const struct host *server = s->server;
    bool is_trust = pair_reasons(s->pair, SBL_REASON_TRUST_FAILURE) &&
                    server->rest->trust.count >= 2 && !server->granted_since_trust;
    bool is_limit =
        s->pair->session_limit && server->rest->limit.count >= 2 && !server->granted_since_limit;
    set(s, FACT_SERVER_SITE_SYSTEM, server->is_site);
    set(s, FACT_SERVER_ALL_ACCOUNTS, is_trust || is_limit);
}

static void share_facts(const struct scene *s) {
    uint32_t flags = s->pair->flags;
    uint32_t of_site = PAIR_SHARE_SITE | PAIR_SHARE_SMS_SHR | PAIR_SHARE_LICMTR;
    if (flags & (of_site | PAIR_SHARE_USER)) {
        set(s, FACT_SHARE_SITE, flags & PAIR_SHARE_SITE);
        set(s, FACT_SHARE_SMS_SHR, flags & PAIR_SHARE_SMS_SHR);
        set(s, FACT_SHARE_LICMTR, flags & PAIR_SHARE_LICMTR);
        set(s, FACT_SHARE_USER, !(flags & of_site) && !(s->server && s->server->is_site));
    }
    set(s, FACT_PROCESS_KNOWN, flags & PAIR_PROCESS && pair_process(s->h, s->pair)[0]);
    set(s, FACT_SHARE_NONE, !s->pair->share_count);
    const struct metering *metering = &s->client->rest->metering;
    set(s, FACT_METERING_ONLY,
        s->server && s->client->has_metering && metering->user_hash == s->account->user_hash &&
            metering->server == s->server->serial && !metering->has_other && !s->pair->share_count);
}

/* Whether all it was refused for so far are wrong passwords, or the lock they led to. */
static bool is_for_password_alone(const struct pair *pair) {
    return !pair->has_reasons && !pair->machine_status && !pair->session_limit &&
           (pair->reason == SBL_REASON_BAD_CREDENTIALS || pair->reason == SBL_REASON_BAD_PASSWORD ||
            pair->reason == SBL_REASON_LOCKED_OUT);
}

/* Which reason leads among the refusals that are neither failures nor lockouts; ties lead both. */
static void other_reasons(const struct scene *s) {
    static const struct {
        enum sbl_reason reason;
        enum fact fact;
    } others[] = {
        {SBL_REASON_DISABLED, FACT_DISABLED},
        {SBL_REASON_ACCOUNT_EXPIRED, FACT_ACCOUNT_EXPIRED},
        {SBL_REASON_PASSWORD_EXPIRED, FACT_PASSWORD_EXPIRED},
        {SBL_REASON_MUST_CHANGE, FACT_PASSWORD_EXPIRED},
        {SBL_REASON_BAD_HOURS, FACT_BAD_HOURS},
        {SBL_REASON_BAD_WORKSTATION, FACT_BAD_WORKSTATION},
        {SBL_REASON_LOGON_TYPE_DENIED, FACT_LOGON_TYPE_DENIED},
        {SBL_REASON_RESTRICTION, FACT_RESTRICTION},
        {SBL_REASON_TRUST_FAILURE, FACT_TRUST_FAILURE},
        {SBL_REASON_NTLM_BLOCKED, FACT_NTLM_BLOCKED},
        {SBL_REASON_CLOCK_SKEW, FACT_STATUS_SKEW},
        {SBL_REASON_ACCESS_DENIED, FACT_ACCESS_DENIED},
        {SBL_REASON_REFUSED_BEFORE_AUTHENTICATION, FACT_REFUSED_BEFORE},
    };
    const struct pair *pair = s->pair;
    if (is_for_password_alone(pair))
        return;
    uint64_t total = pair->refused - pair->lockouts;
    uint64_t bad = pair_reasons(pair, SBL_REASON_BAD_CREDENTIALS) +
                   pair_reasons(pair, SBL_REASON_BAD_PASSWORD);
    total -= bad < total ? bad : total;
    uint64_t expired = pair_reasons(pair, SBL_REASON_PASSWORD_EXPIRED) +
                       pair_reasons(pair, SBL_REASON_MUST_CHANGE);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        uint64_t count = others[i].fact == FACT_PASSWORD_EXPIRED
                             ? expired
                             : pair_reasons(pair, others[i].reason);
        if (others[i].reason == SBL_REASON_RESTRICTION)
            count -= pair->machine_status < count ? pair->machine_status : count;
        set(s, others[i].fact, count && 2 * count >= total);
    }
    set(s, FACT_MACHINE_ACCOUNT_STATUS,
        pair->machine_status && UINT64_C(2) * pair->machine_status >= total);
    set(s, FACT_SESSION_LIMIT, pair->session_limit && UINT64_C(2) * pair->session_limit >= total);
}

static bool is_near_pair(const struct pair *pair, int64_t time_ns, int64_t near) {
    return time_between(time_ns, pair->first_ns) <= near &&
           time_between(pair->last_ns, time_ns) <= near;
}

static void end_facts(const struct scene *s) {
    const struct pair *pair = s->pair;
    const struct host *client = s->client;
    uint64_t all = pair->refused + pair->guests;
    set(s, FACT_BAD_CREDENTIALS, 2 * pair->failures > all - pair->lockouts && pair->failures);
    set(s, FACT_LOCKED_OUT, pair->lockouts);
    set(s, FACT_LOCKED_OUT_ONLY, pair->lockouts && !pair->failures);
    set(s, FACT_LOCKED_BY_OTHERS,
        pair->lockouts && pair->failures && !pair->has_part && pair->granted &&
            pair->last_granted_ns >= pair->last_failure_ns);
    other_reasons(s);
    set(s, FACT_STATUS_SKEW,
        pair->flags & PAIR_SKEW_FALLBACK ||
            (client->has_kdc_skew && is_near_pair(pair, client->rest->kdc_skew_ns, KDC_NEAR_NS)));
    bool is_abandoned = pair_reasons(pair, SBL_REASON_ABANDONED);
    set(s, FACT_ABANDONED, is_abandoned);
    set(s, FACT_ABANDONED_COMPLETE, is_abandoned && pair->flags & PAIR_ABANDONED_COMPLETE);
    set(s, FACT_GUEST_MAPPED, pair->guests);
    set(s, FACT_GUEST_COUNTED, pair->guests && pair->lockouts && pair->has_part);
    set(s, FACT_GUEST_DENIED, pair->flags & PAIR_GUEST_DENIED);
    set(s, FACT_DOS_ERROR_ONLY, pair->refused && pair->refused_dos == pair->refused);
}

static void grant_facts(const struct scene *s) {
    const struct pair *pair = s->pair;
    if (!pair->granted && !s->account->granted) {
        set(s, FACT_GRANTED_NEVER, !s->account->is_nameless);
        return;
    }
    bool has_failed = pair->failures;
    int64_t first = has_failed ? pair->first_failure_ns : pair->first_ns;
    int64_t last = has_failed ? pair->last_failure_ns : pair->last_ns;
    bool is_after = pair->granted && pair->last_granted_ns >= last;
    set(s, FACT_GRANTED_BEFORE, pair->granted && pair->first_granted_ns <= first);
    set(s, FACT_GRANTED_AFTER, is_after);
    set(s, FACT_GRANTED_ONLY,
        pair->granted && !pair->refused && !pair->guests &&
            !pair_reasons(pair, SBL_REASON_ABANDONED));
    set(s, FACT_GRANTED_NEVER, !s->account->granted && !s->account->is_nameless);
    set(s, FACT_GRANTED_OTHER_CLIENT, granted_elsewhere(s->h, s->account, s->client) != NULL);
    int64_t until_granted = is_after ? time_between(last, pair->last_granted_ns) : INT64_MAX;
    bool is_quick = pair->failures <= 5 && time_between(first, last) <= 2 * MINUTE_NS;
    set(s, FACT_TYPING_ERROR,
        has_failed && ((pair->failures < 3 && until_granted <= 5 * MINUTE_NS) ||
                       (is_quick && until_granted <= MINUTE_NS)));
}

/* Many programs wake up every minute or every hour: whose period it is, is said only where another
 * mark of that program is there. */
static void period_judge(const struct scene *s) {
    struct incident *incident = &s->h->bench.incident;
    const struct facts *marks = incident->period ? &incident->period->marks : NULL;
    if (marks && facts_have_any(marks, marks) && !facts_have_any(s->facts, marks))
        incident->period = NULL;
}

static void rhythm_facts(const struct scene *s) {
    const struct pair *pair = s->pair;
    const struct incident *incident = s->incident;
    period_judge(s);
    bool is_over = incident->moment != INCIDENT_SETTLED && incident->moment != INCIDENT_CHANGED;
    is_over |= time_between(pair->last_try_ns, incident->now_ns) > SECOND_NS;
    set(s, FACT_SINGLE_FAILURE, pair->failures == 1);
    set(s, FACT_WORKED_BEFORE,
        pair->failures >= 3 && pair->granted && pair->first_granted_ns <= pair->first_failure_ns &&
            time_between(pair->first_failure_ns, pair->last_failure_ns) > 10 * MINUTE_NS);
    set(s, FACT_REPEATED, pair->failures - pair->unproved >= 3);
    if (pair->burst_tries >= 3) {
        set(s, FACT_BURST_OF_THREE, rhythm_small_bursts(pair, is_over, true));
        set(s, FACT_BURST_SMALL, rhythm_small_bursts(pair, is_over, false));
    }
    if (host_may_have_others(s->client))
        rhythm_together(s->h, s->pair, s->client);
    set(s, FACT_FAST, pair->is_fast);
    set(s, FACT_VERY_FAST, pair->is_very_fast);
    set(s, FACT_LONG_RUN, pair->run_peak > LONG_RUN && incident->period_s <= 0);
    set(s, FACT_PERIODIC, incident->period_s > 0);
    set(s, FACT_PERIOD_DOCUMENTED, incident->period != NULL);
    set(s, FACT_CLOCK_TIME_SHARED, s->account->shared_clock);
}

/* Whether all clients that fail with the account serve SMB themselves; of many it is not asked. */
static bool are_servers(const struct scene *s) {
    const struct account *account = s->account;
    if (!s->client->is_server || account->forgot_one || account->pairs.count > CLIENTS_LOOKED_AT)
        return false;
    for (uint32_t i = account->pairs.oldest; i; i = pair_at(s->h, i)->links[LINK_ACCOUNT].newer)
        if (!host_at(s->h, pair_at(s->h, i)->client)->is_server)
            return false;
    return account->pairs.count > 0;
}

/* A person who does not know the password any more tries one desk after the other, at the pace of
 * fingers, and nothing goes on at the desk that was left. */
static bool are_in_turn(const struct scene *s) {
    const struct account *account = s->account;
    int64_t left_ns = 0;
    if (account->forgot_one || account->granted_first || account->pairs.count > 5)
        return false;
    for (uint32_t i = account->pairs.oldest; i; i = pair_at(s->h, i)->links[LINK_ACCOUNT].newer) {
        const struct pair *pair = pair_at(s->h, i);
        if (!(pair->flags & PAIR_FAILING))
            continue;
        bool is_by_hand = pair->refused == 1 || pair->bursts >= 2;
        if (!is_by_hand || pair->first_ns < left_ns ||
            time_between(pair->first_ns, pair->last_ns) > 5 * MINUTE_NS)
            return false;
        left_ns = pair->last_ns;
    }
    return true;
}

static void clients_facts(const struct scene *s) {
    const struct account *account = s->account;
    uint64_t clients = s->incident->account_clients;
    int64_t apart = time_between(account->first_start_ns, account->last_start_ns);
    bool has_account = !account->is_anonymous && !account->is_nameless;
    set(s, FACT_CLIENT_ONLY, has_account && clients == 1 && !account->forgot_one);
    set(s, FACT_SOURCES_ARE_SERVERS, has_account && are_servers(s));
    if (!has_account || clients < 2)
        return;
    set(s, FACT_CLIENTS_FEW, clients <= 5);
    set(s, FACT_CLIENTS_SEVERAL, clients >= 3);
    set(s, FACT_CLIENTS_MANY, clients > 10);
    set(s, FACT_CLIENTS_TOGETHER, apart <= HOUR_NS);
    set(s, FACT_CLIENTS_IN_TURN, facts_have(s->facts, FACT_ACCOUNT_PERSON) && are_in_turn(s));
    set(s, FACT_CLIENTS_SUCCEEDED,
        account->granted_first >= 2 && 2u * account->granted_first >= account->failing);
}

/* How long the client took to begin with its ten latest accounts. */
static int64_t ten_took(const struct host *client) {
    return client->turns.begun < TURNS ? INT64_MAX : client->turns.ten_took_ns;
}

/* How a client goes through its accounts: by a list, all at once, one after the other and each left
 * for good. Machines that serve SMB themselves go through theirs too, and are not asked. */
static void turn_facts(const struct scene *s, bool is_list, bool is_vain) {
    const struct host *client = s->client;
    const struct turns *turns = &client->turns;
    if (client->is_server)
        return;
    bool is_long_list = is_list && client->list_steps >= TURNS - 1 && turns->begun >= TURNS;
    bool is_in_turn = 10 * turns->returned <= turns->begun;
    set(s, FACT_ACCOUNTS_QUICK, ten_took(client) <= 2 * MINUTE_NS);
    set(s, FACT_ACCOUNTS_BY_LIST, is_long_list && client->rest->granted_accounts.count <= 1);
    set(s, FACT_ACCOUNTS_AT_ONCE, turns->at_once && is_list && is_vain && !client->granted);
    const struct rising *rising = &client->rising;
    set(s, FACT_ACCOUNTS_RISING,
        is_in_turn && rising->listed_to_ns && s->pair->first_ns >= rising->listed_from_ns &&
            s->pair->first_ns <= rising->listed_to_ns &&
            !facts_have(s->facts, FACT_GRANTED_BEFORE));
    set(s, FACT_ACCOUNTS_IN_TURN,
        is_vain && is_in_turn && ten_took(client) <= (is_list ? 30 : 5) * MINUTE_NS);
}

static void accounts_facts(const struct scene *s) {
    const struct host *client = s->client;
    uint64_t all = client->refused + client->granted;
    uint64_t unknown = client->no_such_user;
    uint32_t peak = client->window_peak, asked = 0;
    struct host *hosts[SAME_HOSTS + 1];
    unsigned count = machine_hosts(s->h, s->client, hosts);
    for (unsigned i = 0; i < count; i++) {
        if (!hosts[i]->has_kdc_names)
            continue;
        unknown += hosts[i]->rest->kdc_unknown_name;
        asked += hosts[i]->rest->kdc_names.peak;
    }
    set(s, FACT_ACCOUNTS_10, peak >= 10 || asked >= 10);
    set(s, FACT_ACCOUNTS_30, peak >= 30 || asked >= 30);
    set(s, FACT_ACCOUNTS_FEW_EACH, peak >= MANY_ACCOUNTS && 4u * client->peak_few >= 3u * peak);
    bool is_list = client->list_steps >= 5 && 10 * client->list_rising >= 9 * client->list_steps;
    bool is_vain = all && 100 * client->refused > 95 * all;
    set(s, FACT_ACCOUNTS_LIST_ORDER, is_list);
    set(s, FACT_ACCOUNTS_FAIL_95, is_vain);
    turn_facts(s, is_list, is_vain);
    set(s, FACT_ACCOUNTS_SUCCEED,
        all && 5 * client->granted > all && client->rest->granted_accounts.count > 1);
    set(s, FACT_NAMES_UNKNOWN, unknown >= 3);
    set(s, FACT_NAMES_UNPROVED, client->unproved >= 5 && !client->real_answers);
}

static void answer_facts(const struct scene *s) {
    const struct pair *pair = s->pair;
    const struct host *server = s->server;
    unsigned v1 = 1u << SBL_ANSWER_LM | 1u << SBL_ANSWER_NTLMV1 | 1u << SBL_ANSWER_NTLMV1_ESS;
    bool is_v1 = pair->answers && !(pair->answers & ~v1);
    set(s, FACT_ANSWER_V1, is_v1);
    bool is_by_answer = is_v1 && server && server->rest->v1_refused && !server->rest->v1_granted &&
                        server->rest->v2_granted && !server->rest->v2_refused;
    set(s, FACT_V1_REFUSED_V2_GRANTED, is_by_answer);
    set(s, FACT_ACCOUNT_GRANTED_V2, s->account->granted_v2);
    set(s, FACT_V1_NOT_ALONE,
        is_by_answer && s->account->granted_v2 && server->rest->v1_accounts.count >= 2);
    set(s, FACT_PLAINTEXT, pair->flags & PAIR_PLAINTEXT);
    int64_t skew = pair->flags & PAIR_HAS_SKEW ? pair->skew_ns : 0;
    int64_t apart = skew < 0 ? -skew : skew;
    set(s, FACT_SKEW_5_KERBEROS, apart > 5 * MINUTE_NS && s->client->used_kerberos);
    set(s, FACT_SKEW_30, apart > 30 * MINUTE_NS && pair->answers & 1u << SBL_ANSWER_NTLMV2);
    set(s, FACT_KDC_UNKNOWN_SERVICE,
        s->client->has_kdc_unknown_service &&
            is_near_pair(pair, s->client->rest->kdc_unknown_service_ns, NEAR_NS));
}

static void trait_facts(const struct scene *s) {
    static const struct {
        uint32_t flag;
        enum fact fact;
    } traits[] = {
        {PAIR_TARGET_ADDRESS, FACT_TARGET_IS_ADDRESS},
        {PAIR_PREFERS_KERBEROS, FACT_KERBEROS_PREFERRED},
        {PAIR_BLANK, FACT_WORKSTATION_BLANK},
        {PAIR_TOOL, FACT_WORKSTATION_TOOL},
        {PAIR_NO_VERSION, FACT_NO_VERSION},
        {PAIR_FOREIGN_OS, FACT_NATIVE_OS_FOREIGN},
        {PAIR_LOOPBACK, FACT_LOOPBACK},
        {PAIR_CHALLENGE_TWICE, FACT_CHALLENGE_TWICE},
        {PAIR_MIC_MISSING, FACT_MIC_MISSING},
        {PAIR_SIGNING, FACT_SIGNING_MISMATCH},
        {PAIR_SKEW_FALLBACK, FACT_SKEW_FALLBACK},
        {PAIR_AFTER_FAILURE, FACT_AFTER_FAILURE},
    };
    static const uint32_t of_traits = PAIR_TARGET_ADDRESS | PAIR_PREFERS_KERBEROS | PAIR_BLANK |
                                      PAIR_TOOL | PAIR_NO_VERSION | PAIR_FOREIGN_OS |
                                      PAIR_LOOPBACK | PAIR_CHALLENGE_TWICE | PAIR_MIC_MISSING |
                                      PAIR_SIGNING | PAIR_SKEW_FALLBACK | PAIR_AFTER_FAILURE;
    for (size_t i = 0; s->pair->flags & of_traits && i < sizeof traits / sizeof *traits; i++)
        set(s, traits[i].fact, s->pair->flags & traits[i].flag);
    set(s, FACT_SIGNING_MISMATCH,
        s->pair->flags & PAIR_CANNOT_ENCRYPT && s->server && !s->server->granted_plain);
    set(s, FACT_PASSES_MANY, s->pair->flags & PAIR_CHALLENGE_TWICE && passes_many(s->client));
    bool is_borrowed =
        name_contradicts(s->h, s->client, s->pair->workstation_hash, s->pair->last_ns);
    bool is_nobody = s->pair->flags & (PAIR_BLANK | PAIR_TOOL);
    set(s, FACT_NAME_CONTRADICTS, is_borrowed);
    set(s, FACT_DISGUISED,
        s->pair->is_very_fast && (is_nobody || (is_borrowed && !s->client->granted)));
}

void facts_find(struct history *h, struct pair *pair, struct host *server) {
    struct scene scene = {.h = h,
                          .pair = pair,
                          .account = account_at(h, pair->account),
                          .client = host_at(h, pair->client),
                          .server = server,
                          .incident = &h->bench.incident,
                          .facts = &h->bench.incident.facts};
    account_facts(&scene);
    domain_facts(&scene);
    server_facts(&scene);
    share_facts(&scene);
    end_facts(&scene);
    grant_facts(&scene);
    rhythm_facts(&scene);
    clients_facts(&scene);
    accounts_facts(&scene);
    answer_facts(&scene);
    trait_facts(&scene);
    for (unsigned i = 0; i < FACT_WORDS; i++)
        scene.facts->bits[i] |= h->options.confirmed.bits[i];
}
