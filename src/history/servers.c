/* What a server is: a domain controller, a member, a stand-alone server, a site system; and how it
 * answered whom. A CHALLENGE looks the same on a controller and on a member, so a role is only said
 * when something else shows it: Kerberos or LDAP on the address, the NetBIOS names <1B> and <1C>,
 * the shares SYSVOL and NETLOGON, or another address that is the controller of its domain. */
#include "history/state.h"

static struct domain *domain_of(struct history *h, uint64_t hash) {
    struct domain *domain = table_find(&h->domains, &hash);
    if (domain || !hash)
        return domain;
    domain = table_add(&h->domains, &hash);
    if (!domain) {
        table_remove(&h->domains, table_stalest(&h->domains));
        domain = table_add(&h->domains, &hash);
    }
    return domain;
}

const struct domain *domain_find(struct history *h, uint64_t hash) {
    return hash ? table_find(&h->domains, &hash) : NULL;
}

void domain_has_controller(struct history *h, uint64_t domain_hash, struct host *server) {
    struct domain *domain = domain_of(h, domain_hash);
    const struct host *known = domain ? host_by_id(h, domain->controller) : NULL;
    if (domain && !known)
        domain->controller = host_id(h, server);
    if (known && known != server)
        domain->has_more_controllers = true;
}

static void domains_of_controller(struct history *h, struct host *server) {
    if (!server->is_dc || server->is_standalone || !server->has_challenge)
        return;
    domain_has_controller(h, server->rest->domain.hash, server);
    domain_has_controller(h, server->rest->dns_domain, server);
}

void server_is_controller(struct history *h, struct host *server) {
    if (server->is_dc)
        return;
    server->is_dc = true;
    domains_of_controller(h, server);
}

void domain_named(struct history *h, uint64_t domain_hash, const struct word *netbios) {
    struct domain *domain = domain_of(h, domain_hash);
    if (domain && domain->label.hash != netbios->hash)
        label_set(&domain->label, netbios);
}

/* The DNS name of a domain leads to its NetBIOS name and to its controller. */
static void domains_named(struct history *h, const struct host *server,
                          const struct word *netbios) {
    domain_named(h, server->rest->domain.hash, netbios);
    domain_named(h, server->rest->dns_domain, netbios);
}

static void names_learn(struct history *h, struct host *server, const struct sbl_attempt *attempt) {
    struct word domain, computer, dns;
    word_read(h, attempt->server.nb_domain, &domain);
    word_read(h, attempt->server.nb_computer, &computer);
    if (domain.hash && server->rest->domain.hash && domain.hash != server->rest->domain.hash)
        server->rest->domain_before = server->rest->domain.hash;
    if (domain.hash)
        label_set(&server->rest->domain, &domain);
    if (computer.hash) {
        label_set(&server->rest->computer, &computer);
        host_named(h, server, &computer, NAME_FROM_SERVER);
    }
    word_read(h, attempt->server.dns_computer, &dns);
    server->rest->dns_computer = dns.hash ? dns.hash : server->rest->dns_computer;
    word_read(h, attempt->server.dns_domain, &dns);
    if (!attempt->has_challenge)
        return;
    server->has_challenge = true;
    server->rest->dns_domain = dns.hash ? dns.hash : server->rest->dns_domain;
    server->is_standalone = domain.hash && domain.hash == computer.hash;
    if (!server->is_standalone && domain.hash)
        domains_named(h, server, &domain);
    domains_of_controller(h, server);
}

void server_seen(struct history *h, struct host *server, const struct sbl_attempt *attempt) {
    server->is_server = true;
    (void)host_rest(h, server); /* all below write to it */
    const struct sbl_ntlm *names = &attempt->server;
    uint64_t mark = raw_mark(h, names->nb_domain) * 3 ^ raw_mark(h, names->nb_computer) ^
                    raw_mark(h, names->dns_domain) * 5;
    bool is_told = names->nb_domain.size || names->nb_computer.size;
    if (!is_told && !server->name_count) {
        struct word called;
        word_read(h, attempt->finding.server_name, &called);
        host_named(h, server, &called, NAME_FROM_CALLING);
    }
    if (!is_told || mark == server->raw_server ||
        (server->has_challenge && !attempt->has_challenge))
        return;
    server->raw_server = mark;
    names_learn(h, server, attempt);
}

/* Another address is the controller of the server's domain, and nothing says that it is one too. */
static bool is_member(struct history *h, const struct host *server) {
    uint64_t hashes[2] = {server->has_challenge ? server->rest->domain.hash : 0,
                          server->rest->dns_domain};
    for (unsigned i = 0; i < 2; i++) {
        const struct domain *domain = domain_find(h, hashes[i]);
        struct host *controller = domain ? host_by_id(h, domain->controller) : NULL;
        if (controller && controller->serial != server->serial &&
            controller->rest->computer.hash != server->rest->computer.hash)
            return true;
    }
    return false;
}

enum server_role server_role(struct history *h, const struct host *server) {
    if (server->is_standalone)
        return ROLE_NOT_DC;
    if (server->is_dc)
        return ROLE_DC;
    return server->is_not_dc || is_member(h, server) ? ROLE_NOT_DC : ROLE_UNKNOWN;
}

struct host *server_counting(struct history *h, struct host *server,
                             const struct subject *subject) {
    const struct domain *domain = domain_find(h, subject->authority_label.hash);
    struct host *controller = domain ? host_by_id(h, domain->controller) : NULL;
    bool is_passed_on = controller && !domain->has_more_controllers &&
                        subject->authority == SBL_AUTHORITY_DOMAIN &&
                        server_role(h, server) == ROLE_NOT_DC;
    return is_passed_on ? controller : server;
}

void few_add(struct few *few, uint64_t serial) {
    if (few->count == 2 || (few->count == 1 && few->serials[0] == serial))
        return;
    few->serials[few->count++] = serial;
}

static bool is_limit(const struct sbl_finding *finding) {
    uint32_t status = finding->is_dos_error ? 0 : finding->status;
    return status == 0xC00000D0u || status == 0xC00000CEu || status == 0xC0000205u;
}

static void version_answered(struct host *server, uint64_t account,
                             const struct sbl_attempt *attempt) {
    bool is_v1 = attempt->answer == SBL_ANSWER_LM || attempt->answer == SBL_ANSWER_NTLMV1 ||
                 attempt->answer == SBL_ANSWER_NTLMV1_ESS;
    bool is_v2 = attempt->answer == SBL_ANSWER_NTLMV2 || attempt->answer == SBL_ANSWER_LMV2;
    if (attempt->reason == SBL_REASON_SUCCESS) {
        server->rest->v1_granted += is_v1;
        server->rest->v2_granted += is_v2;
    } else if (attempt->reason == SBL_REASON_BAD_CREDENTIALS ||
               attempt->reason == SBL_REASON_NTLM_BLOCKED) {
        server->rest->v1_refused += is_v1;
        server->rest->v2_refused += is_v2;
        if (is_v1)
            few_add(&server->rest->v1_accounts, account);
    }
}

/* Whether a domain ever works at this server. */
static void domain_answered(struct domains_seen *seen, uint64_t account, uint64_t domain,
                            enum sbl_reason reason) {
    if (reason == SBL_REASON_BAD_CREDENTIALS || reason == SBL_REASON_NO_SUCH_USER) {
        if (seen->refused != domain && seen->refused_accounts.count < 2) {
            seen->refused = domain;
            seen->refused_accounts.count = 0;
        }
        if (seen->refused == domain)
            few_add(&seen->refused_accounts, account);
    }
    if (reason != SBL_REASON_SUCCESS)
        return;
    for (unsigned i = 0; i < seen->granted_count; i++)
        if (seen->granted[i] == domain)
            return;
    if (seen->granted_count == DOMAINS_GRANTED)
        seen->has_more = true;
    else
        seen->granted[seen->granted_count++] = domain;
}

bool server_never_grants(const struct host *server, uint64_t domain) {
    const struct domains_seen *seen = &server->rest->domains_seen;
    for (unsigned i = 0; i < seen->granted_count; i++)
        if (seen->granted[i] == domain)
            return false;
    return seen->refused == domain && seen->refused_accounts.count >= 2 && seen->granted_count &&
           !seen->has_more;
}

void server_answered(struct history *h, struct host *server, const struct subject *subject,
                     uint64_t account, const struct sbl_attempt *attempt) {
    (void)host_rest(h, server); /* to write to */
    if (subject->domain.hash && !subject->is_anonymous && !subject->is_nameless)
        domain_answered(&server->rest->domains_seen, account, subject->domain.hash,
                        attempt->reason);
    version_answered(server, account, attempt);
    if (attempt->reason == SBL_REASON_TRUST_FAILURE)
        few_add(&server->rest->trust, account);
    if (attempt->outcome == SBL_OUTCOME_FAILURE && is_limit(&attempt->finding))
        few_add(&server->rest->limit, account);
    if (attempt->reason != SBL_REASON_SUCCESS)
        return;
    server->granted_plain |= !attempt->finding.is_encrypted;
    server->granted_since_limit |= server->rest->limit.count > 0;
    server->granted_since_trust |=
        server->rest->trust.count > 0 && attempt->authority != SBL_AUTHORITY_LOCAL;
}
