/* What happens beside the logons: shares granted and refused, files asked for in vain, and what
 * other protocols tell of a machine. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "history/state.h"

#define STATUS_ACCESS_DENIED 0xC0000022u
#define STATUS_BAD_NETWORK_NAME 0xC00000CCu
#define ERRDOS_BAD_NET_NAME 0x00010043u
#define ERRDOS_NO_ACCESS 0x00010005u
#define ERRSRV_ACCESS 0x00020004u
#define ERRSRV_BAD_UID 0x0002005Bu

static bool is_denied(const struct sbl_finding *finding) {
    uint32_t status = finding->status;
    return finding->is_dos_error
               ? status == ERRDOS_NO_ACCESS || status == ERRSRV_ACCESS || status == ERRSRV_BAD_UID
               : status == STATUS_ACCESS_DENIED;
}

/* The share does not exist, so the server is not what has such a share. */
static bool is_no_share(const struct sbl_finding *finding) {
    return finding->status ==
           (finding->is_dos_error ? ERRDOS_BAD_NET_NAME : STATUS_BAD_NETWORK_NAME);
}

static void share_tells(struct history *h, struct host *server, enum share_class class_,
                        bool is_there) {
    if (class_ == SHARE_CLASS_DC && is_there)
        server_is_controller(h, server);
    else if (class_ == SHARE_CLASS_DC)
        server->is_not_dc = true;
    else if ((class_ == SHARE_CLASS_SITE || class_ == SHARE_CLASS_SMS_SHR) && is_there)
        server->is_site = true;
}

/* Whoever was just granted a logon where signing is required asks without a signature, and is
 * denied what it asks for: nothing else went wrong, so this is what is told. */
static void unsigned_denied(struct history *h, struct host *client, const struct host *server,
                            const struct sbl_finding *finding) {
    const struct account_ref *ref = &client->rest->granted_account;
    if (!ref->index || client->granted_server != server->serial || !client->granted_with_signing ||
        finding->is_asked_signed || finding->is_encrypted || !finding->evidence.request.number ||
        time_between(client->granted_ns, finding->time_ns) > 5 * SECOND_NS)
        return;
    struct account *account = account_at(h, ref->index);
    struct word user, domain;
    word_read(h, finding->account, &user);
    if (account->serial != ref->serial || account->is_anonymous || account->is_nameless ||
        user.hash != account->user_hash)
        return;
    struct pair *pair = pair_of(h, account, client);
    trouble_begins(h, pair, finding->time_ns);
    pair->flags |= PAIR_SIGNING;
    word_read(h, finding->domain, &domain);
    domain_sent(h, pair, &domain);
    server_counted(h, pair, server);
    pair->last_ns = finding->time_ns;
    pair_is_active(h, pair);
    pair_changed(h, pair, false);
}

/* Denied after a logon: as guest, or because one side demands signing. */
static void denied_after_logon(struct history *h, struct host *client, const struct host *server,
                               const struct sbl_finding *finding) {
    if (!is_denied(finding))
        return;
    struct pair *guest = pair_deref(h, &client->last_guest);
    if (guest && client->guest_server == server->serial && !(guest->flags & PAIR_GUEST_DENIED)) {
        guest->flags |= PAIR_GUEST_DENIED;
        pair_changed(h, guest, false);
    }
    unsigned_denied(h, client, server, finding);
}

/* A logon over SMB2 does not say what it wants. Where a user was seen to want nothing at that
 * server but the share of software metering, that is what the user's logons there are for. */
static void metering_seen(struct host *client, const struct tree_seen *tree,
                          enum share_class class_) {
    struct metering *metering = &client->rest->metering; /* its own: there is a tree */
    bool is_same = metering->server == tree->server && metering->user_hash == tree->user_hash;
    if (class_ != SHARE_CLASS_LICMTR) {
        metering->has_other |= is_same;
        return;
    }
    if (is_same)
        return;
    client->has_metering = true;
    *metering = (struct metering){.server = tree->server, .user_hash = tree->user_hash};
    const struct tree_seen *before = &client->rest->trees[client->rest->tree_next ^ 1];
    metering->has_other =
        before->time_ns && before->server == tree->server && before->user_hash == tree->user_hash;
}

static void tree_wanted(struct history *h, const struct sbl_finding *finding, bool is_refused) {
    struct host *hosts[2];
    time_goes_on(h, finding->time_ns);
    hosts_of(h, finding->conversation, finding->time_ns, hosts);
    struct host *client = machine_home(h, hosts[0]), *server = hosts[1];
    server->is_server = true;
    if (is_refused)
        denied_after_logon(h, client, server, finding);
    struct word share, user;
    word_read(h, finding->share, &share);
    if (!share.hash)
        return;
    word_read(h, finding->account, &user);
    enum share_class class_ = knowledge_share(h->options.knowledge, share.text);
    share_tells(h, server, class_, !(is_refused && is_no_share(finding)));
    if (class_ == SHARE_CLASS_PIPE)
        return;
    struct host_rest *rest = host_rest(h, client);
    struct tree_seen *tree = &rest->trees[rest->tree_next ^= 1];
    client->has_trees = true;
    tree->server = server->serial;
    tree->user_hash = user.hash;
    tree->time_ns = finding->time_ns;
    text_copy(tree->share, sizeof tree->share, share.text);
    metering_seen(client, tree, class_);
    struct pair *failing = pair_deref(h, &client->last_failing);
    if (failing && client->failing_server == server->serial &&
        account_at(h, failing->account)->user_hash == user.hash &&
        time_between(client->failing_ns, finding->time_ns) <= NEAR_TREE_NS)
        pair_share(h, failing, &share);
}

void history_tree_refusal(struct history *history, const struct sbl_tree_refusal *refusal) {
    tree_wanted(history, &refusal->finding, true);
    hand_over_due(history);
}

void history_tree_grant(struct history *history, const struct sbl_tree_grant *grant) {
    tree_wanted(history, &grant->finding, false);
    hand_over_due(history);
}

enum { NEWEST_PAIRS = 8 };

static void walks_changed(struct history *h, struct host *host) {
    unsigned left = NEWEST_PAIRS;
    for (uint32_t i = host->pairs.newest; i && left; left--) {
        struct pair *pair = pair_at(h, i);
        i = pair->links[LINK_CLIENT].older;
        pair_changed(h, pair, false);
    }
}

static bool is_missing(struct history *h, const struct sbl_finding *finding) {
    struct status_asked *asked = &h->status_asked;
    if (asked->is_known && asked->status == finding->status &&
        asked->is_dos_error == finding->is_dos_error)
        return asked->is_missing;
    const struct sbl_status *status = sbl_status_find(finding->status, finding->is_dos_error);
    *asked = (struct status_asked){.status = finding->status,
                                   .is_known = true,
                                   .is_dos_error = finding->is_dos_error,
                                   .is_missing = status && status->missing != SBL_MISSING_NO};
    return asked->is_missing;
}

enum { PATH_BYTES = 1024 };

/* A refused look-up on its way to the walks, with room for its texts should they be wanted. */
struct probing {
    const struct history *h;
    const struct sbl_probe *probe;
    struct word share, account, domain;
    char path[2 * PATH_BYTES + 2];
};

/* A path decoded whole, more than fits is cut; its size. Ends at a NUL, as text does everywhere. */
static size_t path_read(const struct history *h, struct sbl_text text, char out[PATH_BYTES]) {
    bool is_lossy;
    out[text_to_utf8(text, h->options.page, out, PATH_BYTES - 1, &is_lossy)] = 0;
    return strlen(out);
}

/* What was asked for below the share; a directory that was opened before the capture is a "?". */
static void path_of(struct probing *probing) {
    const struct sbl_probe *probe = probing->probe;
    char name[PATH_BYTES];
    size_t size = 0, name_size = path_read(probing->h, probe->name, name);
    if (probe->is_below_unknown)
        probing->path[size++] = '?';
    else
        size = path_read(probing->h, probe->directory, probing->path);
    if (size && name[0] != '\\' && probing->path[size - 1] != '\\')
        probing->path[size++] = '\\';
    memcpy(probing->path + size, name, name_size + 1);
}

/* A share that was connected before the capture began: its tree id stands for its name. */
static void share_unnamed(const struct history *h, const struct sbl_finding *finding,
                          struct word *share) {
    char text[64];
    int size = snprintf(text, sizeof text, "\\\\?\\(tree 0x%" PRIX32 ")", finding->tree_id);
    word_set(h, text, (size_t)size, share);
}

static void probed_path(void *context, struct walk_step *step) {
    struct probing *probing = context;
    const struct sbl_finding *finding = &probing->probe->finding;
    word_read(probing->h, finding->share, &probing->share);
    if (!probing->share.hash)
        share_unnamed(probing->h, finding, &probing->share);
    path_of(probing);
    step->share = probing->share.text;
    step->path = probing->path;
}

static const char *process_of(const struct history *h, const struct sbl_evidence *evidence) {
    return process_path(h, evidence->request.number ? evidence->request : evidence->response,
                        evidence->process);
}

static void probed_user(void *context, struct walk_step *step) {
    struct probing *probing = context;
    const struct sbl_finding *finding = &probing->probe->finding;
    word_read(probing->h, finding->account, &probing->account);
    word_read(probing->h, finding->domain, &probing->domain);
    step->account = probing->account.text;
    step->domain = probing->domain.text;
}

/* Its texts are decoded when the walks ask for them, which is seldom. */
static void wire_fill(const struct sbl_probe *probe, struct probing *probing,
                      struct walk_wire *wire) {
    const struct sbl_finding *finding = &probe->finding;
    bool has_share = finding->share.bytes && finding->share.size && finding->share.bytes[0];
    *wire = (struct walk_wire){.share = finding->share,
                               .directory = probe->directory,
                               .name = probe->name,
                               .tree_id = has_share ? 0 : finding->tree_id,
                               .is_below_unknown = probe->is_below_unknown,
                               .context = probing,
                               .read_path = probed_path,
                               .read_user = probed_user};
}

static void look_goes_on(struct history *h, const struct sbl_finding *finding, struct host *client,
                         const struct host *server, const struct walk_wire *wire) {
    struct walk_step step = {.client = client->serial,
                             .time_ns = finding->time_ns,
                             .process = process_of(h, &finding->evidence),
                             .status = finding->status,
                             .is_missing = is_missing(h, finding),
                             .server = server->serial,
                             .wire = wire};
    client->has_searched = true;
    if (walks_step(h->walks, &step))
        walks_changed(h, client);
}

/* Machines that search take turns by the packet, so what is known of each is somewhere in memory:
 * all of it is fetched before the first of it is waited for. */
void history_probe(struct history *history, const struct sbl_probe *probe) {
    const struct sbl_finding *finding = &probe->finding;
    struct ends_sought sought;
    struct host *hosts[2];
    struct probing probing; /* not filled: it is large */
    struct walk_wire wire;
    probing.h = history;
    probing.probe = probe;
    hosts_expect(history, finding->conversation, &sought);
    wire_fill(probe, &probing, &wire);
    walks_expect(history->walks, &wire, &sought.ends->searcher);
    time_goes_on(history, finding->time_ns);
    hosts_find(history, finding->conversation, finding->time_ns, &sought, hosts);
    walks_expect_step(history->walks, &wire, &sought.ends->searcher);
    struct host *client = machine_home(history, hosts[0]), *server = hosts[1];
    server->is_server = true;
    denied_after_logon(history, client, server, finding);
    if (sbl_text_is_present(probe->name)) {
        look_goes_on(history, finding, client, server, &wire);
        sought.ends->searcher = walks_hint(history->walks, client->serial);
    }
    hand_over_due(history);
}

static void netbios_name(struct history *h, struct host *host, const struct sbl_witness *witness) {
    struct word name;
    const struct sbl_netbios_name *told = &witness->name;
    struct sbl_text text = {.bytes = told->name, .size = told->size, .encoding = SBL_TEXT_OEM};
    word_read(h, text, &name);
    if (told->suffix == 0x1C || told->suffix == 0x1B) {
        server_is_controller(h, host);
        if (!host->rest->domain.hash)
            label_set(&host_rest(h, host)->domain, &name);
        domain_has_controller(h, name.hash, host);
        domain_named(h, name.hash, &name);
    } else if (!witness->is_group_name && (told->suffix == 0x00 || told->suffix == 0x20)) {
        host_named(h, host, &name, NAME_FROM_NBNS);
    }
}

enum { KDC_NAME_UNKNOWN = 6, KDC_SERVICE_UNKNOWN = 7, KDC_SKEW = 37, KDC_MANY = 10 };

/* A logon of the machine, at whatever address of its own, that names nobody: what it asks a KDC for
 * is told with it. */
static struct pair *nameless_pair(struct history *h, struct host *client) {
    struct host *hosts[SAME_HOSTS + 1];
    unsigned count = machine_hosts(h, client, hosts), left = NEWEST_PAIRS;
    for (unsigned at = 0; at < count; at++)
        for (uint32_t i = hosts[at]->pairs.newest; i && left; left--) {
            struct pair *pair = pair_at(h, i);
            if (pair->is_trouble && account_at(h, pair->account)->is_nameless)
                return pair;
            i = pair->links[LINK_CLIENT].older;
        }
    return NULL;
}

/* Who asks a KDC for ten names that nobody has, within minutes and each about once, looks for names
 * though it never logs on. A program that was left with an old name asks for it again and again,
 * and so do the machines behind a router. */
static void names_asked(struct history *h, struct host *client, struct host *kdc,
                        const struct sbl_witness *witness) {
    const struct host_rest *rest = client->rest;
    int64_t since_ns = rest->kdc_names.since_ns;
    if (rest->kdc_names.count != KDC_MANY || rest->kdc_unknown_name > 2 * KDC_MANY ||
        time_between(since_ns, witness->time_ns) > 5 * MINUTE_NS)
        return;
    struct pair *pair = nameless_pair(h, client);
    if (pair) {
        pair_changed(h, pair, false);
        return;
    }
    struct sbl_attempt nobody = {.mechanism = SBL_MECHANISM_KERBEROS, .realm = witness->realm};
    struct subject subject;
    subject_read(h, &nobody, &subject);
    scope_find(h, kdc, &nobody, &subject);
    pair = pair_of(h, account_of(h, kdc, &subject), client);
    trouble_begins(h, pair, since_ns);
    pair->last_ns = witness->time_ns;
    if (!pair->server_count) {
        pair->server = (struct pair_server){.ref = host_refer(h, kdc)};
        pair->server_count = 1;
    }
    pair_is_active(h, pair);
    pair_changed(h, pair, false);
}

/* The account of a machine that is not there any more is asked for by that machine. */
static bool is_machine_name(const struct word *name) {
    return name->size && name->text[name->size - 1] == '$';
}

static void kdc_name_unknown(struct history *h, struct host *client, struct host *kdc,
                             const struct sbl_witness *witness) {
    struct kdc_names *names = &host_rest(h, client)->kdc_names;
    struct word name;
    word_read(h, witness->principal, &name);
    client->rest->kdc_unknown_name++;
    client->has_kdc_names = true;
    if (!name.hash || is_machine_name(&name))
        return;
    if (time_between(names->since_ns, witness->time_ns) > 30 * MINUTE_NS)
        names->count = 0;
    if (!names->count)
        names->since_ns = witness->time_ns;
    for (unsigned i = 0; i < names->count; i++)
        if (names->marks[i] == (uint32_t)name.hash)
            return;
    if (names->count == KDC_NAMES)
        return;
    names->marks[names->count++] = (uint32_t)name.hash;
    if (names->count > names->peak)
        names->peak = names->count;
    names_asked(h, client, kdc, witness);
}

static void kdc_skewed(struct history *h, struct host *client, const struct sbl_witness *witness) {
    struct host_rest *rest = host_rest(h, client);
    struct word user;
    word_read(h, witness->principal, &user);
    rest->kdc_skew_ns = witness->time_ns;
    rest->kdc_skew_user = user.hash;
    rest->kdc_skews++;
}

static void kerberos_error(struct history *h, struct host *kdc, const struct sbl_witness *witness) {
    struct word realm;
    word_read(h, witness->realm, &realm);
    server_is_controller(h, kdc);
    domain_has_controller(h, realm.hash, kdc);
    struct host *client = host_of(h, &witness->client, witness->ip_version, witness->has_mac);
    host_seen(h, client, witness->time_ns);
    client = machine_home(h, client);
    client->used_kerberos = true;
    if (witness->error_code == KDC_NAME_UNKNOWN)
        kdc_name_unknown(h, client, kdc, witness);
    if (witness->error_code == KDC_SERVICE_UNKNOWN) {
        client->has_kdc_unknown_service = true;
        host_rest(h, client)->kdc_unknown_service_ns = witness->time_ns;
    }
    if (witness->error_code == KDC_SKEW) {
        client->has_kdc_skew = true;
        kdc_skewed(h, client, witness);
    }
}

void history_witness(struct history *history, const struct sbl_witness *witness) {
    time_goes_on(history, witness->time_ns);
    struct host *server = host_of(history, &witness->server, witness->ip_version, witness->has_mac);
    host_seen(history, server, witness->time_ns);
    switch (witness->kind) {
    case SBL_WITNESS_KERBEROS_SERVER:
    case SBL_WITNESS_LDAP_SERVER:
        server_is_controller(history, server);
        break;
    case SBL_WITNESS_NETBIOS_NAME:
        netbios_name(history, server, witness);
        break;
    case SBL_WITNESS_KERBEROS_ERROR:
        kerberos_error(history, server, witness);
        break;
    case SBL_WITNESS_KIND_COUNT:
        break;
    }
    hand_over_due(history);
}
