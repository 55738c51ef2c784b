/* Printing: first the verdicts; then who was refused, and where; then what else was refused; then
 * what was read and lost. The worst comes first, by orders that leave nothing to chance. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emit/printing.h"
#include "emit/words.h"

/* How much is shown when `verbose` is not asked. */
enum { SHOWN_ACCOUNTS = 20, SHOWN_CLIENTS = 5 };

/* In a filter line: of every line that a diagnosis keeps. */
enum { PRINTING_FRAMES = 2 * SUMMARY_LISTED + 1 };

size_t printing_shown(const struct printing *printing, size_t count, size_t limit) {
    return printing->verbose || count < limit ? count : limit;
}

int printing_order(const uint64_t keys[][2], size_t count) {
    for (size_t i = 0; i < count; i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] > keys[i][1] ? -1 : 1;
    return 0;
}

/* Locked out first, then by refusals; what was not refused comes last. */
static int compare_accounts(const void *left, const void *right) {
    const struct summary_account *a = *(const struct summary_account *const *)left;
    const struct summary_account *b = *(const struct summary_account *const *)right;
    const uint64_t keys[][2] = {
        {a->reasons[SBL_REASON_LOCKED_OUT] != 0, b->reasons[SBL_REASON_LOCKED_OUT] != 0},
        {a->refused, b->refused},
        {a->guest, b->guest},
        {a->unanswered, b->unanswered},
        {b->serial, a->serial},
    };
    return printing_order(keys, sizeof keys / sizeof *keys);
}

/* By account, then by count. */
static int compare_routes(const void *left, const void *right) {
    const struct summary_route *a = *(const struct summary_route *const *)left;
    const struct summary_route *b = *(const struct summary_route *const *)right;
    const uint64_t keys[][2] = {
        {b->account_serial, a->account_serial},
        {a->span.count, b->span.count},
        {b->serial, a->serial},
    };
    return printing_order(keys, sizeof keys / sizeof *keys);
}

size_t printing_sorted(const struct summary_table *kept, void **order,
                       int (*compare)(const void *, const void *)) {
    size_t count = 0;
    for (void *value = table_oldest(&kept->table); value; value = table_next(&kept->table, value))
        order[count++] = value;
    qsort(order, count, sizeof *order, compare);
    return count;
}

void printing_more(struct printing *printing, unsigned indent, uint64_t count, const char *what) {
    char number[PAGE_NUMBER_BYTES];
    if (count == 0)
        return;
    page_line(&printing->page, indent, 2);
    page_word(&printing->page, PAGE_FAINT, "... and %s more %s%s%s", page_number(count, number),
              what, count == 1 ? "" : "s",
              printing->verbose ? "" : " (-v shows all that was kept)");
}

void printing_evicted(struct printing *printing, uint64_t count, const char *what) {
    char number[PAGE_NUMBER_BYTES];
    if (count == 0)
        return;
    page_line(&printing->page, 2, 2);
    page_word(&printing->page, PAGE_WARNING, "%s %s%s made room for later ones and %s not shown",
              page_number(count, number), what, count == 1 ? "" : "s", count == 1 ? "is" : "are");
}

void printing_frame(struct printing *printing, const char *when, int64_t time_ns,
                    struct sbl_frame_ref frame) {
    char time[PAGE_TIME_BYTES];
    page_word(&printing->page, PAGE_PLAIN, "%s %s", when,
              page_time(&printing->page, time_ns, time));
    if (frame.number)
        page_word(&printing->page, PAGE_PLAIN, "frame %" PRIu64, frame.number);
}

static void comma(struct page *page) {
    page_glue(page);
    page_word(page, PAGE_PLAIN, ",");
}

/* "(bad_credentials 5, disabled 1)" of what was refused, lockouts apart; most frequent first. */
static void say_reasons(struct page *page, const struct summary_account *account) {
    uint64_t left[SBL_REASON_COUNT];
    memcpy(left, account->reasons, sizeof left);
    left[SBL_REASON_LOCKED_OUT] = 0;
    for (bool is_first = true;; is_first = false) {
        unsigned most = 0;
        for (unsigned i = 1; i < SBL_REASON_COUNT; i++)
            if (left[i] > left[most])
                most = i;
        if (left[most] == 0)
            break;
        if (!is_first)
            comma(page);
        page_word(page, PAGE_BAD, "%s%s %" PRIu64, is_first ? "(" : "", words_reason(most),
                  left[most]);
        left[most] = 0;
    }
    page_glue(page);
    page_word(page, PAGE_BAD, ")");
}

static void say_headline(struct printing *printing, const struct summary_account *account) {
    struct page *page = &printing->page;
    uint64_t lockouts = account->reasons[SBL_REASON_LOCKED_OUT];
    uint64_t others = account->refused - lockouts;
    bool is_first = true;
    page_line(page, 0, 4);
    page_word(page, PAGE_TITLE, "%s", account->name);
    page_gap(page);
    if (others) {
        page_word(page, PAGE_BAD, "%" PRIu64 " refused", others);
        say_reasons(page, account);
        is_first = false;
    }
    if (lockouts) {
        if (!is_first)
            comma(page);
        page_word(page, PAGE_BAD, "%slocked out %" PRIu64,
                  account->was_locked_out_later ? "then " : "", lockouts);
        is_first = false;
    }
    const struct {
        uint64_t count;
        enum page_ink ink;
        const char *words;
    } rest[] = {
        {account->guest, PAGE_WARNING, "let in as guest (that may hide a refusal)"},
        {account->unanswered, PAGE_WARNING, "without an answer in this capture"},
        {account->granted_after, PAGE_GOOD, "granted after a failure"},
    };
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        if (!rest[i].count)
            continue;
        if (!is_first)
            comma(page);
        page_word(page, rest[i].ink, "%" PRIu64 " %s", rest[i].count, rest[i].words);
        is_first = false;
    }
}

static void say_servers(struct page *page, const struct summary_route *route) {
    unsigned servers = 0;
    while (servers < SUMMARY_SERVERS && route->servers[servers].count)
        servers++;
    for (unsigned i = 0; i < servers; i++) {
        const struct summary_server *server = &route->servers[i];
        if (i)
            comma(page);
        page_word(page, PAGE_PLAIN, "%s%s", i ? "" : "-> ", server->address);
        if (server->name[0])
            page_word(page, PAGE_PLAIN, "(%s)", server->name);
        page_word(page, PAGE_PLAIN, "port %u", server->port);
        if (servers > 1)
            page_word(page, PAGE_PLAIN, "(%" PRIu64 ")", server->count);
    }
    if (route->other_servers)
        page_word(page, PAGE_PLAIN, "and others (%" PRIu64 ")", route->other_servers);
}

/* "from 10.78.66.42 (WS042) -> 10.78.66.10 (CAP01) port 445" and the line below it. */
static void say_route(struct printing *printing, const struct summary_route *route) {
    struct page *page = &printing->page;
    page_line(page, 2, 5);
    page_word(page, PAGE_PLAIN, "from");
    page_word(page, PAGE_TITLE, "%s", route->client);
    if (route->workstation[0])
        page_word(page, PAGE_TITLE, "(%s)", route->workstation);
    say_servers(page, route);
    page_line(page, 7, 2);
    page_word(page, PAGE_PLAIN, "%s,", route->how);
    page_word(page, PAGE_PLAIN, "%" PRIu64 "x,", route->span.count);
    printing_frame(printing, "first", route->span.first_ns, route->span.first);
    if (route->span.count > 1) {
        comma(page);
        printing_frame(printing, "last", route->span.last_ns, route->span.last);
    }
    if (route->pid || route->process[0]) {
        page_line(page, 7, 2);
        page_word(page, PAGE_PLAIN, "process %" PRIu32 " %s", route->pid, route->process);
    }
    if (route->granted.count) {
        page_line(page, 7, 2);
        page_word(page, PAGE_GOOD, "then granted");
        printing_frame(printing, "at", route->granted.first_ns, route->granted.first);
        if (route->granted.count > 1)
            page_word(page, PAGE_PLAIN, "and %" PRIu64 " more", route->granted.count - 1);
    }
}

static void say_statuses(struct printing *printing, const struct summary_account *account) {
    struct page *page = &printing->page;
    if (!account->statuses[0].count)
        return;
    page_line(page, 2, 5);
    for (size_t i = 0; i < SUMMARY_STATUSES && account->statuses[i].count; i++) {
        const struct summary_count *status = &account->statuses[i];
        bool has_name = strcmp(status->name, status->code) != 0;
        if (i)
            comma(page);
        page_word(page, PAGE_PLAIN, "%s", status->name);
        page_word(page, PAGE_PLAIN, has_name ? "(%s) %" PRIu64 "x" : "%.0s%" PRIu64 "x",
                  status->code, status->count);
    }
    if (account->other_statuses)
        page_word(page, PAGE_PLAIN, "and others %" PRIu64 "x", account->other_statuses);
}

bool printing_file(const struct printing *printing, uint16_t file, char out[SUMMARY_NAME_BYTES]) {
    const struct emit_names *names = &printing->summary->names;
    const char *name = names->file ? names->file(names->context, file) : NULL;
    size_t size = name ? strlen(name) : 0;
    size_t shown = size ? text_printable(name, size, out, SUMMARY_NAME_BYTES - 1) : 0;
    out[shown] = 0;
    return size > 0 && shown == size && out[0] != '-' && !strpbrk(out, "'\\");
}

void printing_filter(struct printing *printing, const struct sbl_frame_ref *frames, size_t count,
                     bool more) {
    char list[PRINTING_FRAMES * 22] = "", path[SUMMARY_NAME_BYTES];
    size_t size = 0, listed = 0;
    for (size_t i = 0; i < count && listed < PRINTING_FRAMES; i++) {
        if (frames[i].file != frames[0].file)
            continue;
        size += (size_t)snprintf(list + size, sizeof list - size, "%s%" PRIu64, listed ? "," : "",
                                 frames[i].number);
        listed++;
    }
    if (count == 0)
        return;
    page_line(&printing->page, 2, 5);
    if (printing_file(printing, frames[0].file, path))
        page_word(&printing->page, PAGE_FAINT, "tshark -r '%s' -Y 'frame.number in {%s}'", path,
                  list);
    else
        page_word(&printing->page, PAGE_FAINT, "tshark -Y 'frame.number in {%s}'", list);
    if (more || listed < count)
        page_word(&printing->page, PAGE_FAINT, "(and others)");
}

/* Of clients that a verdict above tells of, only their number, unless all is asked for. */
static size_t say_routes(struct printing *printing, void *const *routes, size_t count) {
    size_t told = 0, shown = 0, limit = printing_shown(printing, count, SHOWN_CLIENTS);
    for (size_t i = 0; i < count; i++) {
        const struct summary_route *route = routes[i];
        if (route->is_told && !printing->verbose)
            told++;
        else if (shown++ < limit)
            say_route(printing, route);
    }
    printing_more(printing, 2, shown > limit ? shown - limit : 0, "client");
    return told;
}

static void say_account(struct printing *printing, const struct summary_account *account,
                        void *const *routes, size_t route_count) {
    size_t first = 0, count = 0;
    while (first < route_count &&
           ((const struct summary_route *)routes[first])->account_serial != account->serial)
        first++;
    while (first + count < route_count &&
           ((const struct summary_route *)routes[first + count])->account_serial == account->serial)
        count++;
    say_headline(printing, account);
    size_t told = say_routes(printing, routes + first, count);
    if (told) {
        page_line(&printing->page, 2, 5);
        page_word(&printing->page, PAGE_FAINT, "%s%zu client%s: see above",
                  told < count ? "and " : "", told, told == 1 ? "" : "s");
    }
    if (count && told == count)
        return;
    say_statuses(printing, account);
    printing_filter(printing, account->frames, account->frame_count, account->frames_left_out);
}

void printing_blank(struct page *page) {
    page_end(page);
    fputc('\n', page->out);
}

/* Says whether any logon was refused. */
static bool say_accounts(struct printing *printing) {
    const struct summary *summary = printing->summary;
    struct page *page = &printing->page;
    void **accounts = summary->order, **routes = summary->order + SUMMARY_ORDER;
    size_t count = printing_sorted(&summary->accounts, accounts, compare_accounts);
    size_t route_count = printing_sorted(&summary->routes, routes, compare_routes);
    uint64_t refused = 0;
    for (size_t i = 0; i < count; i++)
        refused += ((const struct summary_account *)accounts[i])->refused;
    if (count == 0)
        return false;
    page_line(page, 0, 2);
    page_word(page, PAGE_TITLE, refused ? "Refused logons" : "Logons that may have failed");
    page_end(page);
    for (size_t i = 0; i < printing_shown(printing, count, SHOWN_ACCOUNTS); i++) {
        if (i)
            printing_blank(page);
        say_account(printing, accounts[i], routes, route_count);
    }
    printing_more(printing, 0, count - printing_shown(printing, count, SHOWN_ACCOUNTS), "account");
    printing_evicted(printing, summary->accounts.evicted, "account");
    printing_evicted(printing, summary->routes.evicted, "client");
    printing_blank(page);
    return refused != 0;
}

void summary_print(struct summary *summary, const struct sbl_stats *stats,
                   const struct summary_style *style, FILE *out) {
    struct identity_clock first = identity_clock_of(stats->first_ns);
    struct identity_clock last = identity_clock_of(stats->last_ns);
    struct printing printing = {.summary = summary, .verbose = style->verbose};
    page_init(&printing.page, out, style->colour,
              first.day != last.day || first.month != last.month || first.year != last.year,
              style->width);
    bool found = printing_verdicts(&printing);
    found |= say_accounts(&printing);
    found |= printing_items(&printing, &summary->shares, "Refused shares", "share");
    found |= printing_items(&printing, &summary->paths, "Refused names", "name");
    if (!found) {
        page_line(&printing.page, 0, 2);
        page_word(&printing.page, PAGE_GOOD,
                  stats->connections_smb ? "No refused logon, share or open in this capture."
                                         : "No SMB in this capture, so nothing that was refused.");
        printing_blank(&printing.page);
    }
    summary_print_read(summary, stats, &printing.page);
}
