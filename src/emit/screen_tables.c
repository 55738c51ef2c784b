/* The two tables of the page. What a narrow terminal has no room for is left out: the cause, then
 * the client, then the time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit/screen_drawing.h"

enum { VERDICT_LINES = 3 };

/* "42 s", "12 min", "3 h", "5 d" */
static void spell_age(int64_t from_ns, int64_t to_ns, char out[SCREEN_CELL_BYTES]) {
    static const struct {
        uint64_t seconds;
        const char *unit;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    uint64_t seconds = to_ns > from_ns ? ((uint64_t)to_ns - (uint64_t)from_ns) / 1000000000u : 0;
    size_t at = 0;
    while (at + 1 < sizeof units / sizeof *units && seconds < 2 * units[at].seconds)
        at++;
    snprintf(out, SCREEN_CELL_BYTES, "%llu %s", (unsigned long long)(seconds / units[at].seconds),
             units[at].unit);
}

/* How many more bad passwords lock it; where that is not known as if ten did. */
static unsigned left_of(const struct screen *screen, const struct screen_account *account,
                        int64_t now_ns) {
    unsigned threshold = screen_threshold(screen, account);
    unsigned failures = screen_failures(screen, account, now_ns), most = threshold ? threshold : 10;
    return failures < most ? most - failures : 0;
}

static int sign_of(bool is_before, bool is_behind) {
    return is_behind - is_before;
}

static int compare_accounts(const void *left, const void *right, void *context) {
    const struct screen_drawing *drawing = context;
    const struct screen_account *one = *(void *const *)left, *other = *(void *const *)right;
    unsigned left_one = left_of(drawing->screen, one, drawing->now_ns);
    unsigned left_other = left_of(drawing->screen, other, drawing->now_ns);
    if (one->is_locked != other->is_locked)
        return sign_of(one->is_locked, other->is_locked);
    if (left_one != left_other)
        return sign_of(left_one<left_other, left_one> left_other);
    if (one->last_ns != other->last_ns)
        return sign_of(one->last_ns > other->last_ns, one->last_ns < other->last_ns);
    return strcmp(one->name, other->name);
}

unsigned screen_gather_accounts(struct screen_drawing *drawing) {
    const struct screen *screen = drawing->screen;
    unsigned count = 0;
    for (struct screen_account *account = table_oldest(&screen->accounts); account;
         account = table_next(&screen->accounts, account))
        if (screen_is_near(screen, account, drawing->now_ns))
            screen->order[count++] = account;
    qsort_r(screen->order, count, sizeof *screen->order, compare_accounts, drawing);
    return count;
}

/* Columns of the table of accounts; 0 = left out. */
struct widths {
    unsigned account, failed, state, last, client, cause;
};

static struct widths widths_of(unsigned width) {
    struct widths widths = {.failed = 10, .state = 9, .last = width >= 40 ? 9 : 0};
    unsigned fixed = widths.failed + widths.state + widths.last;
    unsigned left = width > fixed ? width - fixed : 0;
    widths.client = width >= 56 ? left * 3 / 11 : 0;
    widths.cause = width >= 72 ? left * 4 / 11 : 0;
    widths.account = left - widths.client - widths.cause;
    return widths;
}

static void spell_state(const struct screen *screen, const struct screen_account *account,
                        int64_t now_ns, char out[SCREEN_CELL_BYTES]) {
    unsigned left = left_of(screen, account, now_ns);
    if (account->is_locked)
        snprintf(out, SCREEN_CELL_BYTES, "LOCKED");
    else if (!screen_threshold(screen, account))
        snprintf(out, SCREEN_CELL_BYTES, "-");
    else
        snprintf(out, SCREEN_CELL_BYTES, "%u left", left);
}

static void spell_client(const struct screen_account *account, char *out, size_t room) {
    char more[16] = "";
    if (account->has_more_clients)
        snprintf(more, sizeof more, " +%u...", account->client_count - 1);
    else if (account->client_count > 1)
        snprintf(more, sizeof more, " +%u", account->client_count - 1);
    snprintf(out, room, "%s%s", account->clients[0].name, more);
}

static void draw_account(struct screen_drawing *drawing, const struct widths *widths,
                         const struct screen_account *account) {
    const struct screen *screen = drawing->screen;
    unsigned threshold = screen_threshold(screen, account);
    unsigned failures = screen_failures(screen, account, drawing->now_ns);
    char failed[SCREEN_CELL_BYTES], state[SCREEN_CELL_BYTES], last[SCREEN_CELL_BYTES],
        client[SCREEN_NAME_BYTES + 16];
    enum canvas_ink ink = CANVAS_PLAIN;
    if (account->is_locked)
        ink = CANVAS_BAD;
    else if (threshold && left_of(screen, account, drawing->now_ns) <= 1)
        ink = CANVAS_WARNING;
    if (threshold)
        snprintf(failed, sizeof failed, "%u of %u", failures, threshold);
    else
        snprintf(failed, sizeof failed, "%u", failures);
    spell_state(screen, account, drawing->now_ns, state);
    screen_clock(account->last_ns, last);
    spell_client(account, client, sizeof client);
    screen_cell(drawing, ink, account->name, widths->account);
    screen_cell(drawing, CANVAS_PLAIN, failed, widths->failed);
    screen_cell(drawing, ink, state, widths->state);
    screen_cell(drawing, CANVAS_PLAIN, last, widths->last);
    screen_cell(drawing, CANVAS_PLAIN, client, widths->client);
    screen_cell(drawing, CANVAS_PLAIN, account->rule_id, widths->cause);
}

/* "ACCOUNT (3 of 40)" */
static void spell_heading(const char *word, unsigned shown, unsigned all,
                          char out[SCREEN_CELL_BYTES]) {
    if (shown < all)
        snprintf(out, SCREEN_CELL_BYTES, "%s (%u of %u)", word, shown, all);
    else
        snprintf(out, SCREEN_CELL_BYTES, "%s (%u)", word, all);
}

/* Takes as many rows as `shown`, or one, and one for the heading. */
void screen_accounts(struct screen_drawing *drawing, unsigned shown, unsigned all) {
    struct widths widths = widths_of(drawing->canvas.width);
    char heading[SCREEN_CELL_BYTES];
    if (!screen_row(drawing))
        return;
    spell_heading("ACCOUNT", shown, all, heading);
    screen_cell(drawing, CANVAS_HEAD, heading, widths.account);
    screen_cell(drawing, CANVAS_HEAD, "FAILED", widths.failed);
    screen_cell(drawing, CANVAS_HEAD, "STATE", widths.state);
    screen_cell(drawing, CANVAS_HEAD, "LAST", widths.last);
    screen_cell(drawing, CANVAS_HEAD, "CLIENT", widths.client);
    screen_cell(drawing, CANVAS_HEAD, "CAUSE", widths.cause);
    for (unsigned i = 0; i < shown && screen_row(drawing); i++)
        draw_account(drawing, &widths, drawing->screen->order[i]);
    if (!all)
        screen_line(drawing, CANVAS_FAINT, " no bad password stands");
}

static int compare_verdicts(const void *left, const void *right) {
    const struct screen_verdict *one = *(void *const *)left, *other = *(void *const *)right;
    if (one->severity != other->severity)
        return sign_of(one->severity > other->severity, one->severity < other->severity);
    if (one->told_ns != other->told_ns)
        return sign_of(one->told_ns > other->told_ns, one->told_ns < other->told_ns);
    return strcmp(one->message, other->message);
}

unsigned screen_gather_verdicts(struct screen_drawing *drawing) {
    const struct screen *screen = drawing->screen;
    unsigned count = 0;
    for (struct screen_verdict *verdict = table_oldest(&screen->verdicts); verdict;
         verdict = table_next(&screen->verdicts, verdict))
        screen->order[count++] = verdict;
    qsort(screen->order, count, sizeof *screen->order, compare_verdicts);
    return count;
}

enum { SEVERITY_COLUMNS = 4, SURE_COLUMNS = 5, AGE_COLUMNS = 8 };

/* On at most `lines` rows. */
static void draw_verdict(struct screen_drawing *drawing, const struct screen_verdict *verdict,
                         unsigned lines) {
    char severity[SCREEN_CELL_BYTES], sure[SCREEN_CELL_BYTES], age[SCREEN_CELL_BYTES];
    unsigned width = drawing->canvas.width;
    unsigned indent = width >= 40 ? SEVERITY_COLUMNS + SURE_COLUMNS + AGE_COLUMNS : 0;
    const char *text = verdict->message;
    size_t size = strlen(text), rest = 0;
    snprintf(severity, sizeof severity, "%u", verdict->severity);
    snprintf(sure, sizeof sure, "%.2f", verdict->confidence);
    spell_age(verdict->first_ns, drawing->now_ns, age);
    enum canvas_ink ink = verdict->severity >= 6 ? CANVAS_BAD : CANVAS_WARNING;
    for (unsigned i = 0; i < lines && (i == 0 || size) && screen_row(drawing); i++) {
        screen_cell(drawing, ink, i ? "" : severity, indent ? SEVERITY_COLUMNS : 0);
        screen_cell(drawing, CANVAS_PLAIN, i ? "" : sure, indent ? SURE_COLUMNS : 0);
        screen_cell(drawing, CANVAS_PLAIN, i ? "" : age, indent ? AGE_COLUMNS : 0);
        size_t fits = canvas_line(&drawing->canvas, text, size, width - indent, &rest);
        bool is_last = i + 1 == lines;
        canvas_cell(&drawing->canvas, CANVAS_PLAIN, text, is_last ? size : fits, width - indent);
        text += rest;
        size -= rest;
    }
}

void screen_verdicts(struct screen_drawing *drawing, unsigned shown, unsigned all) {
    char heading[SCREEN_CELL_BYTES];
    if (!screen_row(drawing))
        return;
    unsigned indent = drawing->canvas.width >= 40 ? 1 : 0;
    spell_heading("OPEN DIAGNOSIS", shown, all, heading);
    screen_cell(drawing, CANVAS_HEAD, "SEV", indent * SEVERITY_COLUMNS);
    screen_cell(drawing, CANVAS_HEAD, "SURE", indent * SURE_COLUMNS);
    screen_cell(drawing, CANVAS_HEAD, "SINCE", indent * AGE_COLUMNS);
    canvas_word(&drawing->canvas, CANVAS_HEAD, heading, drawing->canvas.width);
    unsigned lines = shown ? drawing->rows_left / shown : 0;
    lines = lines > VERDICT_LINES ? VERDICT_LINES : lines;
    for (unsigned i = 0; i < shown; i++)
        draw_verdict(drawing, drawing->screen->order[i], lines);
    if (!all)
        screen_line(drawing, CANVAS_FAINT, " none is open");
}
