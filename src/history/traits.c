/* What the two ends of an attempt look like: names, software, clock, the way of authenticating.
 * What does not change from one attempt of a client to the next is not decoded again. */
#include <string.h>

#include "history/state.h"

/* 1601 to 1970, in the 100 ns of a FILETIME. */
#define FILETIME_1970 UINT64_C(116444736000000000)
#define FILETIME_CENTURY UINT64_C(31557600000000000)
enum { AV_FLAG_MIC = 2 };

/* Names that attack tools put there: constants, or sixteen letters, which no NetBIOS name has. */
static bool is_tool_name(const struct word *name) {
    static const struct {
        uint32_t size;
        const char *text;
    } known[] = {{11, "WORKSTATION"}, {8, "WINDOWS7"}, {7, "FREERDP"}, {4, "KALI"}, {4, "NMAP"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (name->size == known[i].size && strcasecmp(name->text, known[i].text) == 0)
            return true;
    if (name->size != 16)
        return false;
    for (unsigned i = 0; i < 16; i++) {
        char c = name->text[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
            return false;
    }
    return true;
}

bool workstation_changed(struct history *h, const struct passage *p, struct word *workstation) {
    uint64_t mark = raw_mark(h, p->attempt->finding.workstation);
    if (mark == p->client->raw_workstation)
        return false;
    p->client->raw_workstation = mark;
    word_read(h, p->attempt->finding.workstation, workstation);
    table_expect(&h->names, &workstation->hash);
    return true;
}

void workstation_seen(struct history *h, struct host *client, const struct word *name) {
    client->workstation_hash = name->hash;
    client->is_tool = name->hash && is_tool_name(name);
    host_named(h, client, name, NAME_FROM_WORKSTATION);
}

static void calling_seen(struct history *h, struct host *client,
                         const struct sbl_netbios_name *calling) {
    struct sbl_text text = {
        .bytes = calling->name, .size = calling->size, .encoding = SBL_TEXT_OEM};
    if (!calling->is_present || calling->size > sizeof calling->name)
        return;
    uint64_t mark = raw_mark(h, text);
    if (mark == client->raw_calling)
        return;
    struct word name;
    client->raw_calling = mark;
    word_read(h, text, &name);
    client->is_calling_tool = name.hash && is_tool_name(&name);
    host_named(h, client, &name, NAME_FROM_CALLING);
}

static bool is_foreign(const struct history *h, const struct sbl_attempt *attempt) {
    static const char *const foreign[] = {"unix",  "samba", "linux", "posix",  "pysmb",
                                          "jcifs", "java",  "bsd",   "mac os", NULL};
    struct word os, lanman;
    word_read(h, attempt->native_os, &os);
    word_read(h, attempt->native_lanman, &lanman);
    return word_has_any(os.text, foreign) || word_has_any(lanman.text, foreign);
}

static bool asks_for_address(const struct history *h, const struct sbl_attempt *attempt) {
    struct word spn;
    word_read(h, attempt->client.spn, &spn);
    const char *slash = strchr(spn.text, '/');
    return slash && word_is_address(slash + 1);
}

/* What texts say of a client, by their mark. Thousands of clients that are seen for the first time
 * send the same few: what was found out of the last of them is remembered. */
static bool trait_of(struct history *h, enum trait trait, uint64_t mark,
                     const struct sbl_attempt *attempt) {
    static bool (*const ask[TRAITS])(const struct history *, const struct sbl_attempt *) = {
        [TRAIT_FOREIGN_OS] = is_foreign, [TRAIT_ASKS_FOR_ADDRESS] = asks_for_address};
    struct trait_met *met = &h->traits_met[trait][mark / 8 % TRAITS_MET];
    if (met->mark != mark)
        *met = (struct trait_met){mark, ask[trait](h, attempt)};
    return met->holds;
}

/* What the client's software looks like; looked at only when it changes. */
static void software_seen(struct history *h, struct host *client,
                          const struct sbl_attempt *attempt) {
    uint64_t mark = raw_mark(h, attempt->native_os) ^ raw_mark(h, attempt->native_lanman) * 3;
    if (mark != client->raw_native_os) {
        client->raw_native_os = mark;
        client->is_foreign_os = trait_of(h, TRAIT_FOREIGN_OS, mark, attempt);
    }
    mark = raw_mark(h, attempt->client.spn);
    if (mark != client->raw_spn) {
        client->raw_spn = mark;
        client->target_is_address = trait_of(h, TRAIT_ASKS_FOR_ADDRESS, mark, attempt);
    }
}

void client_seen(struct history *h, struct passage *p) {
    calling_seen(h, p->client, &p->attempt->finding.calling);
    software_seen(h, p->client, p->attempt);
    p->client = machine_home(h, p->client);
    p->client->used_kerberos |= p->attempt->mechanism == SBL_MECHANISM_KERBEROS;
}

/* A user's name with no answer to prove it. */
static bool is_unproved(const struct passage *p) {
    const struct sbl_attempt *attempt = p->attempt;
    return !p->subject.is_anonymous && !p->subject.is_nameless &&
           attempt->mechanism == SBL_MECHANISM_NTLMSSP && attempt->has_ntlm &&
           attempt->client.message == SBL_NTLM_AUTHENTICATE && attempt->client.nt_bytes == 0 &&
           attempt->client.lm_bytes <= 1 && !attempt->client.is_cut;
}

static uint32_t flags_of_ntlm(const struct sbl_attempt *attempt) {
    const struct sbl_ntlm *ntlm = &attempt->client;
    uint32_t flags = 0;
    if (!attempt->has_ntlm || ntlm->message != SBL_NTLM_AUTHENTICATE || ntlm->is_cut)
        return 0;
    if (sbl_text_is_present(ntlm->workstation) && sbl_text_is_empty(ntlm->workstation))
        flags |= PAIR_BLANK;
    if (!ntlm->has_version ||
        (ntlm->version_major == 6 && ntlm->version_minor == 1 && ntlm->version_build == 0))
        flags |= PAIR_NO_VERSION;
    if (attempt->answer == SBL_ANSWER_NTLMV2 && ntlm->av_flags & AV_FLAG_MIC && !ntlm->has_mic)
        flags |= PAIR_MIC_MISSING;
    return flags;
}

/* 127.0.0.0/8 and ::1 are not on a wire: whoever captures there tests servers of his own, by as
 * many addresses as he likes. */
static bool is_inside_machine(const struct host *host) {
    static const uint8_t one[16] = {[15] = 1};
    return host->ip_version == 6 ? memcmp(host->address, one, sizeof one) == 0
                                 : host->address[0] == 127;
}

/* The loopback check is one of Windows; other systems have none. Client and server are one machine
 * here, so what the client calls itself is what the server runs. */
static bool is_loopback(struct history *h, const struct passage *p) {
    const struct host *client = p->client, *server = p->server;
    const struct sbl_conversation *c = p->attempt->finding.conversation;
    if (is_inside_machine(client) || is_inside_machine(server) || client->is_foreign_os)
        return false;
    if (memcmp(c->side[0].address, c->side[1].address, sizeof c->side[0].address) == 0)
        return true;
    uint64_t name = client->workstation_hash;
    return name && (name == server->rest->computer.hash || name == server->rest->dns_computer) &&
           client->has_mac && server->has_mac &&
           memcmp(client->mac, server->mac, sizeof client->mac) == 0 && !is_router(h, client);
}

/* [MS-SMB2] 3.3.5.5: a server that demands encryption denies every session setup of a dialect that
 * has none. SMB 2.0.2 and 2.1 give a user who answered the challenge no other denial there; SMB1
 * servers do for many reasons. */
static bool is_denied_plain(const struct passage *p) {
    const struct sbl_attempt *attempt = p->attempt;
    const struct sbl_finding *finding = &attempt->finding;
    bool is_old = finding->dialect == 0x0202 || finding->dialect == 0x0210;
    return attempt->reason == SBL_REASON_ACCESS_DENIED && finding->smb_version == 2 && is_old &&
           !p->subject.is_anonymous && !attempt->is_binding && !attempt->is_reauthentication;
}

void flags_find(struct history *h, struct passage *p) {
    const struct sbl_attempt *attempt = p->attempt;
    const struct host *client = p->client;
    int64_t now = attempt->finding.time_ns;
    p->flags = flags_of_ntlm(attempt);
    bool is_tool = client->is_tool;
    if (sbl_text_is_empty(attempt->finding.workstation)) /* what NetBIOS says stands alone */
        is_tool |= client->is_calling_tool;
    p->flags |= is_tool ? PAIR_TOOL : 0;
    p->flags |= client->is_foreign_os ? PAIR_FOREIGN_OS : 0;
    p->flags |= client->target_is_address ? PAIR_TARGET_ADDRESS : 0;
    p->flags |= attempt->mechanism == SBL_MECHANISM_KERBEROS ? PAIR_KERBEROS : 0;
    p->flags |= attempt->prefers_kerberos ? PAIR_PREFERS_KERBEROS : 0;
    bool is_plain =
        attempt->mechanism == SBL_MECHANISM_PLAINTEXT || attempt->answer == SBL_ANSWER_PLAINTEXT;
    p->flags |= is_plain ? PAIR_PLAINTEXT : 0;
    p->flags |= is_unproved(p) ? PAIR_UNPROVED : 0;
    p->flags |= is_loopback(h, p) ? PAIR_LOOPBACK : 0;
    bool is_whole = p->is_abandoned && attempt->finding.conversation->saw_syn &&
                    !attempt->is_disputed && !attempt->client.is_cut;
    p->flags |= is_whole ? PAIR_ABANDONED_COMPLETE : 0;
    if (p->subject.is_anonymous && client->has_refusal && client->last_refusal_ns <= now &&
        time_between(client->last_refusal_ns, now) < SECOND_NS)
        p->flags |= PAIR_AFTER_FAILURE;
    bool is_signing_refused = attempt->reason == SBL_REASON_ACCESS_DENIED &&
                              attempt->client_requires_signing != attempt->server_requires_signing;
    p->flags |= is_signing_refused ? PAIR_SIGNING : 0;
    p->flags |= is_denied_plain(p) ? PAIR_CANNOT_ENCRYPT : 0;
}

void domain_sent(struct history *h, struct pair *pair, const struct word *domain) {
    unsigned at = 0;
    if (!domain->is_present)
        return;
    pair->flags |= PAIR_DOMAIN_SENT;
    while (at < pair->domain_count && pair_domain_at(pair, at)->hash != domain->hash)
        at++;
    if (at == PAIR_DOMAINS)
        at = PAIR_DOMAINS - 1;
    if (at == pair->domain_count)
        pair->domain_count++;
    if (pair_domain_at(pair, at)->hash != domain->hash || pair->domain == 0)
        label_set(at ? &pair_rest(h, pair)->domains[at - 1] : &pair->first_domain, domain);
    pair->domain = (uint8_t)(at + 1);
}

/* How far the client's clock is from the server's, or from the capture's when the server did not
 * tell the time. A client that was told copies the server's time, which says nothing. */
static void skew_find(struct pair *pair, const struct sbl_attempt *attempt) {
    uint64_t told = attempt->client.answer_time, server = attempt->server.timestamp;
    if (!attempt->has_server_time || !server) {
        if (attempt->request_time_ns <= 0)
            return;
        server = (uint64_t)attempt->request_time_ns / 100 + FILETIME_1970;
    }
    if (attempt->answer != SBL_ANSWER_NTLMV2 || !told || told == server)
        return;
    uint64_t apart = told > server ? told - server : server - told;
    if (apart > FILETIME_CENTURY)
        return;
    pair->skew_ns = (told > server ? 1 : -1) * (int64_t)apart * 100;
    pair->flags |= PAIR_HAS_SKEW;
}

void traits_kept(struct history *h, struct pair *pair, const struct passage *p) {
    const struct sbl_attempt *attempt = p->attempt;
    const struct sbl_finding *finding = &attempt->finding;
    pair->flags |= p->flags;
    pair->answers |= (uint16_t)(1u << attempt->answer);
    domain_sent(h, pair, &p->subject.domain);
    if (p->subject.principal.hash) {
        text_copy(pair_rest(h, pair)->principal, sizeof pair->rest->principal,
                  p->subject.principal.text);
        pair->flags |= PAIR_PRINCIPAL;
    }
    if (p->subject.authority != SBL_AUTHORITY_UNKNOWN || pair->authority == SBL_AUTHORITY_UNKNOWN) {
        pair->authority = (uint8_t)p->subject.authority;
        pair->authority_label = p->subject.authority_label;
    }
    pair->workstation_hash = p->client->workstation_hash;
    skew_find(pair, attempt);
    if (finding->evidence.process) {
        struct pair_rest *rest = pair_rest(h, pair);
        pair->flags |= PAIR_PROCESS;
        rest->process = finding->evidence.process;
        rest->process_frame = finding->evidence.request.number ? finding->evidence.request
                                                               : finding->evidence.response;
    }
}
