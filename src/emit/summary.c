/* Taking findings in. Accounts are merged without regard to case, as Windows does; a granted logon
 * is kept only when it follows failures of the same account from the same client. */
#include "emit/summary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fold.h"
#include "base/hash.h"
#include "emit/words.h"

/* Keys are digests: of names of any length, with the table's own seed, so that nobody can choose
 * names that fall together. */
struct route_key {
    struct summary_digest account;
    uint8_t ip_version, address[16];
};

int summary_new(struct summary **summary, const struct emit_names *names,
                const struct text_codepage *page) {
    struct summary *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->names = *names;
    made->order = calloc((size_t)2 * SUMMARY_ORDER, sizeof *made->order);
    if (!made->order || view_init(&made->view, page) ||
        table_init(&made->diagnoses.table, SBL_MAX_SUMMARY_DIAGNOSES, 16,
                   sizeof(struct summary_diagnosis)) ||
        table_init(&made->accounts.table, SBL_MAX_SUMMARY_ACCOUNTS, sizeof(struct summary_digest),
                   sizeof(struct summary_account)) ||
        table_init(&made->routes.table, SBL_MAX_SUMMARY_NAMES, sizeof(struct route_key),
                   sizeof(struct summary_route)) ||
        table_init(&made->shares.table, SBL_MAX_SUMMARY_NAMES, sizeof(struct summary_digest),
                   sizeof(struct summary_item)) ||
        table_init(&made->paths.table, SBL_MAX_SUMMARY_NAMES, sizeof(struct summary_digest),
                   sizeof(struct summary_item))) {
        summary_free(made);
        return -ENOMEM;
    }
    *summary = made;
    return 0;
}

void summary_free(struct summary *summary) {
    if (!summary)
        return;
    table_fini(&summary->diagnoses.table);
    table_fini(&summary->accounts.table);
    table_fini(&summary->routes.table);
    table_fini(&summary->shares.table);
    table_fini(&summary->paths.table);
    view_fini(&summary->view);
    free(summary->order);
    free(summary);
}

/* The value under a key; a new one (told by serial 0) takes the place of the oldest when the table
 * is full. */
static void *find_or_add(struct summary_table *kept, const void *key) {
    void *value = table_find(&kept->table, key);
    if (value)
        return value;
    value = table_add(&kept->table, key);
    if (!value) {
        kept->evicted++;
        table_remove(&kept->table, table_oldest(&kept->table));
        value = table_add(&kept->table, key);
    }
    return value;
}

/* Hashes the folded letters of texts with a separator that no text holds. */
static struct summary_digest digest_of(const struct table *table, const uint8_t *head,
                                       size_t head_size, const struct view_string *texts,
                                       size_t count) {
    XXH3_state_t state;
    memset(&state, 0, sizeof state);
    XXH3_128bits_reset_withSeed(&state, table->seed);
    XXH3_128bits_update(&state, head, head_size);
    for (size_t i = 0; i < count; i++) {
        for (size_t at = 0; at < texts[i].size;) {
            uint32_t point;
            at += text_next(texts[i].utf8 + at, texts[i].size - at, &point);
            point = fold_letter(point);
            XXH3_128bits_update(&state, &point, sizeof point);
        }
        XXH3_128bits_update(&state, &(uint32_t){UINT32_MAX}, sizeof(uint32_t));
    }
    XXH128_hash_t hash = XXH3_128bits_digest(&state);
    struct summary_digest digest;
    memcpy(digest.bytes, &hash, sizeof digest.bytes);
    return digest;
}

/* Where something is left out. */
static const char dots[3] = {'.', '.', '.'};

void summary_show(char *out, size_t room, struct view_string text) {
    char whole[SUMMARY_MESSAGE_BYTES + 16];
    size_t size = text_printable(text.utf8, text.size, whole, room + 15);
    if (size >= room) { /* what is printed beyond it only tells that it did not fit */
        size = text_cut(whole, room - 4);
        memcpy(whole + size, dots, sizeof dots);
        size += sizeof dots;
    }
    memcpy(out, whole, size);
    out[size] = 0;
}

/* By its end: that is where the name is. */
void summary_show_path(char *out, size_t room, struct view_string path) {
    size_t keep = room - 8, from = 0;
    if (path.size > keep) {
        from = path.size - keep;
        while (from < path.size && ((uint8_t)path.utf8[from] & 0xC0) == 0x80)
            from++;
        memcpy(out, dots, sizeof dots);
        out += sizeof dots;
        room -= sizeof dots;
    }
    summary_show(out, room, (struct view_string){path.utf8 + from, path.size - from});
}

static void span_add(struct summary_span *span, const struct sbl_finding *finding) {
    const struct sbl_evidence *evidence = &finding->evidence;
    span->last = evidence->response.number ? evidence->response : evidence->request;
    span->last_ns = finding->time_ns;
    if (span->count++ == 0) {
        span->first = span->last;
        span->first_ns = span->last_ns;
    }
}

static struct view_string literal(const char *words) {
    return (struct view_string){words, strlen(words)};
}

/* The name an account is shown and known under. */
static struct view_string account_name(struct summary *summary, const struct view_finding *seen,
                                       bool is_kerberos) {
    if (seen->who == VIEW_WHO_ANONYMOUS)
        return literal("(anonymous)");
    if (seen->who == VIEW_WHO_NOT_CAPTURED)
        return literal(is_kerberos ? "(Kerberos: the ticket hides the account)"
                                   : "(account not captured)");
    struct view_string parts[] = {seen->domain, seen->account};
    return view_path(&summary->view, parts, 2);
}

struct summary_digest summary_account_digest(const struct summary *summary, enum view_who who,
                                             struct view_string domain,
                                             struct view_string account) {
    struct view_string texts[] = {domain, account};
    uint8_t head = (uint8_t)who;
    return digest_of(&summary->accounts.table, &head, 1, texts, 2);
}

static struct route_key route_key_of(struct summary_digest account, unsigned ip_version,
                                     const uint8_t address[16]) {
    struct route_key key = {.account = account, .ip_version = (uint8_t)ip_version};
    memcpy(key.address, address, sizeof key.address);
    return key;
}

void summary_tell(struct summary *summary, const struct summary_digest *account,
                  const struct sbl_machine *client) {
    const struct summary_account *known = table_find(&summary->accounts.table, account);
    struct route_key key = route_key_of(*account, client->ip_version, client->address);
    struct summary_route *route = known ? table_find(&summary->routes.table, &key) : NULL;
    if (route && route->account_serial == known->serial)
        route->is_told = true;
}

static void count_status(struct summary_account *account, const struct view_status *status) {
    if (!status->type)
        return;
    for (size_t i = 0; i < SUMMARY_STATUSES; i++) {
        struct summary_count *count = &account->statuses[i];
        if (count->count == 0) {
            size_t size = strlen(status->name);
            memcpy(count->name, status->name,
                   size < sizeof count->name ? size : sizeof count->name - 1);
            memcpy(count->code, status->code, sizeof count->code - 1);
        } else if (strcmp(count->code, status->code) != 0) {
            continue;
        }
        count->count++;
        return;
    }
    account->other_statuses++;
}

/* Frames of the first file only: a filter is for one file. When there is no room the latest pair
 * takes the last two places. */
static void keep_frames(struct summary_account *account, const struct sbl_evidence *evidence) {
    const struct sbl_frame_ref pair[] = {evidence->request, evidence->response};
    if (account->frame_count > SUMMARY_FRAMES - 2) {
        account->frame_count = SUMMARY_FRAMES - 2;
        account->frames_left_out = true;
    }
    for (size_t i = 0; i < 2; i++) {
        if (!pair[i].number)
            continue;
        if (account->frame_count && pair[i].file != account->frames[0].file)
            account->frames_left_out = true;
        else
            account->frames[account->frame_count++] = pair[i];
    }
}

static void count_outcome(struct summary_account *account, const struct sbl_attempt *attempt) {
    bool is_lockout = attempt->reason == SBL_REASON_LOCKED_OUT;
    if (attempt->outcome == SBL_OUTCOME_SUCCESS) {
        account->guest++;
    } else if (attempt->outcome == SBL_OUTCOME_FAILURE) {
        if (is_lockout && account->refused > account->reasons[SBL_REASON_LOCKED_OUT])
            account->was_locked_out_later = true;
        account->refused++;
        account->reasons[(unsigned)attempt->reason < SBL_REASON_COUNT ? attempt->reason
                                                                      : SBL_REASON_UNKNOWN]++;
    } else {
        account->unanswered++;
    }
}

static void keep_server(struct summary_route *route, const struct view_finding *seen,
                        uint16_t port) {
    for (size_t i = 0; i < SUMMARY_SERVERS; i++) {
        struct summary_server *server = &route->servers[i];
        if (server->count == 0) {
            memcpy(server->address, seen->server_address, sizeof server->address);
            server->port = port;
        } else if (server->port != port || strcmp(server->address, seen->server_address) != 0) {
            continue;
        }
        server->count++;
        if (seen->server.size)
            summary_show(server->name, sizeof server->name, seen->server);
        return;
    }
    route->other_servers++;
}

/* "SMB 3.1.1, NTLMv2" */
static void keep_how(struct summary *summary, struct summary_route *route,
                     const struct sbl_attempt *attempt) {
    const struct sbl_finding *finding = &attempt->finding;
    const char *dialect = words_dialect(finding->dialect);
    struct view_string name = view_text(&summary->view, "", finding->dialect_name);
    const char *answer = words_answer(attempt->answer);
    char shown[32] = "";
    if (!answer)
        answer = words_mechanism(attempt->mechanism);
    summary_show(shown, sizeof shown, name);
    if (finding->smb_version == 1)
        snprintf(route->how, sizeof route->how, "SMB1%s%s, %s", shown[0] ? " " : "", shown, answer);
    else
        snprintf(route->how, sizeof route->how, "SMB %s, %s", dialect ? dialect : "2", answer);
}

static void keep_process(struct summary *summary, struct summary_route *route,
                         const struct sbl_evidence *evidence) {
    struct sbl_text path = {0};
    uint16_t file = evidence->request.number ? evidence->request.file : evidence->response.file;
    if (route->pid || !evidence->process || !summary->names.process ||
        !summary->names.process(summary->names.context, file, evidence->process, &route->pid,
                                &path))
        return;
    summary_show(route->process, sizeof route->process, view_text(&summary->view, "", path));
}

/* A granted logon mends what failed before: the same account, from the same client. */
static void take_grant(struct summary *summary, struct summary_digest digest,
                       const struct sbl_attempt *attempt) {
    struct summary_account *account = table_find(&summary->accounts.table, &digest);
    struct route_key key = route_key_of(digest, attempt->finding.conversation->ip_version,
                                        attempt->finding.conversation->side[0].address);
    struct summary_route *route = account ? table_find(&summary->routes.table, &key) : NULL;
    if (!route || route->account_serial != account->serial)
        return;
    account->granted_after++;
    span_add(&account->granted, &attempt->finding);
    span_add(&route->granted, &attempt->finding);
}

void summary_attempt(struct summary *summary, const struct sbl_attempt *attempt) {
    const struct sbl_finding *finding = &attempt->finding;
    struct view_finding seen;
    view_finding(&summary->view, finding, &seen);
    struct view_string name =
        account_name(summary, &seen, attempt->mechanism == SBL_MECHANISM_KERBEROS);
    struct summary_digest digest = summary_account_digest(
        summary, seen.who, seen.domain, seen.who == VIEW_WHO_NOT_CAPTURED ? name : seen.account);
    if (attempt->outcome == SBL_OUTCOME_SUCCESS && !attempt->is_guest) {
        if (seen.who == VIEW_WHO_NAMED)
            take_grant(summary, digest, attempt);
        return;
    }
    struct summary_account *account = find_or_add(&summary->accounts, &digest);
    if (!account->serial) {
        account->serial = ++summary->accounts.serial;
        summary_show(account->name, sizeof account->name, name);
    }
    count_outcome(account, attempt);
    span_add(&account->span, finding);
    if (attempt->outcome == SBL_OUTCOME_FAILURE)
        count_status(account, &seen.status);
    keep_frames(account, &finding->evidence);
    struct route_key key = route_key_of(digest, finding->conversation->ip_version,
                                        finding->conversation->side[0].address);
    struct summary_route *route = find_or_add(&summary->routes, &key);
    if (route->account_serial != account->serial)
        *route = (struct summary_route){.serial = ++summary->routes.serial,
                                        .account_serial = account->serial};
    memcpy(route->client, seen.client_address, sizeof route->client);
    if (seen.workstation.size)
        summary_show(route->workstation, sizeof route->workstation, seen.workstation);
    span_add(&route->span, finding);
    keep_server(route, &seen, finding->conversation->side[1].port);
    keep_how(summary, route, attempt);
    keep_process(summary, route, &finding->evidence);
}

static void take_item(struct summary *summary, struct summary_table *kept,
                      const struct sbl_finding *finding, const struct view_finding *seen,
                      struct view_string path) {
    uint8_t client[17] = {finding->conversation->ip_version};
    memcpy(client + 1, finding->conversation->side[0].address, 16);
    struct summary_digest digest = digest_of(&kept->table, client, sizeof client, &path, 1);
    struct summary_item *item = find_or_add(kept, &digest);
    if (!item->serial) {
        item->serial = ++kept->serial;
        memcpy(item->client_address, client, sizeof client);
        memcpy(item->client, seen->client_address, sizeof item->client);
        summary_show_path(item->path, sizeof item->path, path);
    }
    if (seen->workstation.size)
        summary_show(item->workstation, sizeof item->workstation, seen->workstation);
    summary_show(item->account, sizeof item->account, account_name(summary, seen, false));
    summary_show(item->status, sizeof item->status, literal(seen->status.name));
    span_add(&item->span, finding);
}

void summary_tree_refusal(struct summary *summary, const struct sbl_tree_refusal *refusal) {
    struct view_finding seen;
    view_finding(&summary->view, &refusal->finding, &seen);
    take_item(summary, &summary->shares, &refusal->finding, &seen,
              seen.share.size ? seen.share : literal("(share not captured)"));
}

void summary_probe(struct summary *summary, const struct sbl_probe *probe) {
    struct view_finding seen;
    view_finding(&summary->view, &probe->finding, &seen);
    struct view_string parts[] = {seen.share, view_text(&summary->view, "", probe->directory),
                                  view_text(&summary->view, "", probe->name)};
    if (probe->is_below_unknown)
        parts[1] = literal("...");
    else if (!parts[1].size && !parts[2].size)
        parts[2] = literal("(name not captured)");
    take_item(summary, &summary->paths, &probe->finding, &seen,
              view_path(&summary->view, parts, 3));
}
