/* Accounts: a user name in the database that answers for it. Which database that is may be learned
 * after the first failures, so a name whose authority is not known is kept under the domain of the
 * server that was asked (where it is, should that turn out to be a controller), and moved when the
 * server proves to answer for itself. */
#include <string.h>

#include "base/hash.h"
#include "history/state.h"

enum scope_kind { SCOPE_DOMAIN = 1, SCOPE_LOCAL, SCOPE_SERVER };

struct account_key {
    uint64_t user, scope;
};

static uint64_t scope_key(const struct history *h, enum scope_kind kind, uint64_t hash) {
    uint64_t parts[2] = {kind, hash};
    return hash_bytes(parts, sizeof parts, h->seed);
}

struct account *account_at(const struct history *h, uint32_t index) {
    uint8_t *entry = pool_at(&h->accounts.entries, index);
    return (struct account *)(void *)(entry + h->accounts.value_at);
}

uint32_t account_number(const struct history *h, const struct account *account) {
    return pool_index(&h->accounts.entries, (const uint8_t *)account - h->accounts.value_at);
}

struct account_ref account_refer(const struct history *h, const struct account *account) {
    return (struct account_ref){account->serial & SERIAL_MASK,
                                account_number(h, account) & INDEX_MASK};
}

/* user@realm without a domain is the user in that realm. */
static void split_principal(const struct history *h, struct subject *subject) {
    char *at = strrchr(subject->account.text, '@');
    bool is_principal = at && at != subject->account.text && at[1] && !subject->domain.hash;
    if (!is_principal)
        return;
    subject->principal = subject->account;
    word_set(h, at + 1, strlen(at + 1), &subject->domain);
    word_set(h, subject->principal.text, (size_t)(at - subject->account.text), &subject->account);
}

/* A domain by its DNS name is the one by its NetBIOS name. */
static void domain_by_dns(struct history *h, const struct word *name, struct label *label) {
    const struct domain *domain = domain_find(h, name->hash);
    if (domain && domain->label.hash)
        *label = domain->label;
    else
        label_set(label, name);
}

static void scope_domain(const struct history *h, struct subject *subject) {
    subject->authority = SBL_AUTHORITY_DOMAIN;
    subject->scope = scope_key(h, SCOPE_DOMAIN, subject->authority_label.hash);
}

static void scope_local(const struct history *h, struct subject *subject, struct host *server) {
    subject->authority = SBL_AUTHORITY_LOCAL;
    if (server->rest->computer.hash)
        subject->authority_label = server->rest->computer;
    uint64_t hash = subject->authority_label.hash;
    subject->scope =
        hash ? scope_key(h, SCOPE_LOCAL, hash) : scope_key(h, SCOPE_SERVER, server->serial);
}

/* Q163632: a domain that the server does not know is looked up in the server's own database, which
 * on a controller is the domain's. */
static void scope_by_role(struct history *h, struct subject *subject, struct host *server) {
    enum server_role role = server_role(h, server);
    const struct domain *named = domain_find(h, subject->domain.hash);
    bool is_another = named && named->label.hash && named->label.hash != server->rest->domain.hash;
    subject->authority_label = server->rest->domain;
    subject->authority = SBL_AUTHORITY_UNKNOWN;
    if (subject->principal.hash && named && named->label.hash) {
        subject->authority_label = named->label;
        scope_domain(h, subject);
    } else if (role == ROLE_NOT_DC && !is_another) {
        scope_local(h, subject, server);
    } else if (role == ROLE_DC && !is_another && server->rest->domain.hash) {
        scope_domain(h, subject);
    } else {
        subject->scope = server->rest->domain.hash
                             ? scope_key(h, SCOPE_DOMAIN, server->rest->domain.hash)
                             : scope_key(h, SCOPE_SERVER, server->serial);
    }
}

static void authority_find(struct history *h, struct host *server,
                           const struct sbl_attempt *attempt, struct subject *subject) {
    struct word name;
    enum sbl_authority said = attempt->authority;
    if (said == SBL_AUTHORITY_LOCAL && server_role(h, server) == ROLE_DC &&
        server->rest->domain.hash) {
        subject->authority_label = server->rest->domain;
        scope_domain(h, subject);
    } else if (said == SBL_AUTHORITY_LOCAL) {
        word_read(h, attempt->authority_name, &name);
        label_set(&subject->authority_label, &name);
        scope_local(h, subject, server);
    } else if (said == SBL_AUTHORITY_DOMAIN) {
        word_read(h, attempt->authority_name, &name);
        domain_by_dns(h, &name, &subject->authority_label);
        scope_domain(h, subject);
    } else {
        scope_by_role(h, subject, server);
    }
}

void scope_find(struct history *h, struct host *server, const struct sbl_attempt *attempt,
                struct subject *subject) {
    authority_find(h, server, attempt, subject);
    struct account_key key = {subject->account.hash, subject->scope};
    subject->account_hash = table_expect(&h->accounts, &key);
}

static void name_nobody(const struct history *h, struct subject *subject,
                        const struct sbl_attempt *attempt) {
    const struct sbl_finding *finding = &attempt->finding;
    bool is_kerberos = attempt->mechanism == SBL_MECHANISM_KERBEROS;
    subject->is_anonymous =
        !is_kerberos && (attempt->is_null || attempt->answer == SBL_ANSWER_ANONYMOUS ||
                         sbl_text_is_present(finding->account));
    subject->is_nameless = !subject->is_anonymous;
    if (is_kerberos && !subject->domain.hash)
        word_read(h, attempt->realm, &subject->domain);
    subject->account.hash = subject->is_anonymous ? 2 : 3; /* no name hashes to these but by luck */
}

void subject_read(const struct history *h, const struct sbl_attempt *attempt,
                  struct subject *subject) {
    word_clear(&subject->principal);
    subject->is_anonymous = subject->is_nameless = false;
    subject->authority_label = (struct label){0};
    word_read(h, attempt->finding.account, &subject->account);
    word_read(h, attempt->finding.domain, &subject->domain);
    if (!subject->account.hash)
        name_nobody(h, subject, attempt);
    else
        split_principal(h, subject);
}

static void account_forget(struct history *h, struct account *account) {
    while (account->pairs.oldest)
        pair_forget(h, pair_at(h, account->pairs.oldest));
    account->serial = 0;
    table_remove(&h->accounts, account);
}

struct account_rest *account_rest(struct history *h, struct account *account) {
    if (account->rest == &h->no_account_rest) {
        account->rest = h->account_rests + account_number(h, account) - 1;
        *account->rest = (struct account_rest){.starts = {{0, 0}}};
    }
    return account->rest;
}

static struct account *account_add(struct history *h, const struct account_key *key,
                                   uint64_t hash) {
    struct account *account = table_add_hashed(&h->accounts, key, hash);
    if (!account) {
        h->options.stats->cap_hits[SBL_LIMIT_ACCOUNTS]++;
        account_forget(h, table_stalest(&h->accounts));
        account = table_add_hashed(&h->accounts, key, hash);
    }
    account->rest = &h->no_account_rest;
    return account;
}

/* Whether an account kept under another key is the one that is meant now: its authority was not
 * known, and it was only used at this server. */
static struct account *movable(struct history *h, const struct account_key *key,
                               const struct host *server) {
    struct account *account = table_find(&h->accounts, key);
    return account && !account->is_certain && account->only_server == server->serial ? account
                                                                                     : NULL;
}

static struct account *account_moved(struct history *h, struct account *from,
                                     const struct account_key *key, uint64_t hash) {
    struct account moved = *from;
    struct account_rest rest = *from->rest;
    bool has_rest = from->rest != &h->no_account_rest;
    from->serial = 0;
    table_remove(&h->accounts, from);
    struct account *account = account_add(h, key, hash);
    *account = moved;
    account->rest = &h->no_account_rest;
    if (has_rest)
        *account_rest(h, account) = rest;
    uint32_t index = account_number(h, account);
    for (uint32_t i = account->pairs.oldest; i; i = pair_at(h, i)->links[LINK_ACCOUNT].newer)
        pair_at(h, i)->account = index;
    account->scope_hash = key->scope;
    return account;
}

static struct account *account_move_here(struct history *h, struct host *server,
                                         const struct account_key *key, uint64_t hash) {
    uint64_t domains[2] = {server->rest->domain.hash, server->rest->domain_before};
    uint64_t scopes[3] = {scope_key(h, SCOPE_SERVER, server->serial)};
    for (unsigned i = 0; i < 2; i++)
        scopes[i + 1] = domains[i] ? scope_key(h, SCOPE_DOMAIN, domains[i]) : 0;
    for (unsigned i = 0; i < 3; i++) {
        struct account_key old = {key->user, scopes[i]};
        struct account *account =
            scopes[i] && scopes[i] != key->scope ? movable(h, &old, server) : NULL;
        if (account)
            return account_moved(h, account, key, hash);
    }
    return NULL;
}

static void account_begin(struct history *h, struct account *account,
                          const struct subject *subject) {
    account->serial = serial_take(h);
    account->user_hash = subject->account.hash;
    account->scope_hash = subject->scope;
    account->is_anonymous = subject->is_anonymous;
    account->is_nameless = subject->is_nameless;
    if (account->is_anonymous || account->is_nameless)
        return;
    text_copy(account->user, sizeof account->user, subject->account.text);
    account->entry = knowledge_account(h->options.knowledge, subject->account.text);
}

struct account *account_of(struct history *h, struct host *server, const struct subject *subject) {
    struct account_key key = {subject->account.hash, subject->scope};
    uint64_t hash = subject->account_hash;
    struct account *account = table_find_hashed(&h->accounts, &key, hash);
    if (!account)
        account = account_move_here(h, server, &key, hash);
    if (!account) {
        account = account_add(h, &key, hash);
        account_begin(h, account, subject);
        account->only_server = server->serial;
    }
    account->is_certain |= subject->authority != SBL_AUTHORITY_UNKNOWN;
    if (account->only_server != server->serial)
        account->only_server = 0;
    return account;
}

static void user_granted(struct history *h, const struct account *account,
                         const struct subject *subject) {
    struct user_grants *grants = table_find(&h->users, &account->user_hash);
    if (!grants)
        grants = table_add(&h->users, &account->user_hash);
    if (!grants) {
        table_remove(&h->users, table_stalest(&h->users));
        grants = table_add(&h->users, &account->user_hash);
    }
    unsigned at = grants->at[0].account == account->serial &&
                          grants->at[0].domain_hash == subject->domain.hash
                      ? 0
                      : 1;
    grants->at[at].account = account->serial;
    grants->at[at].domain_hash = subject->domain.hash;
    grants->at[at].holds = true;
    grants->at[at].label = subject->authority_label;
    if (subject->domain.hash)
        label_set(&grants->at[at].label, &subject->domain);
    if (!grants->at[0].holds) {
        grants->at[0] = grants->at[1];
        grants->at[1].holds = false;
    }
}

void account_granted(struct history *h, struct account *account, struct host *client,
                     const struct subject *subject, const struct sbl_attempt *attempt) {
    account->granted++;
    account->granted_v2 += attempt->answer == SBL_ANSWER_NTLMV2;
    struct host_ref *latest = account_rest(h, account)->granted_clients;
    if (latest->serial && latest->serial != client->serial)
        latest[1] = *latest;
    *latest = host_refer(h, client);
    if (!account->is_anonymous && !account->is_nameless)
        user_granted(h, account, subject);
}

/* A client begins a burst with the account. Remembers the three that did so last. */
bool account_starts(struct history *h, struct account *account, uint64_t client, int64_t time_ns) {
    if (account->start.client && account->start.client != client) {
        struct account_start *before = account_rest(h, account)->starts;
        if (before[0].client != client)
            before[1] = before[0];
        before[0] = account->start;
    }
    account->start = (struct account_start){client, time_ns};
    const struct account_start *third = &account->rest->starts[1];
    if (third->client && time_between(third->time_ns, time_ns) <= 5 * MINUTE_NS)
        account->shared_clock = true;
    return account->shared_clock;
}
