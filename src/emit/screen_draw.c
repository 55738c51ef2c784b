/* The page: a title, rates, totals where there is room; then accounts, the nearest to a lock first,
 * and open diagnoses, the gravest first. Both get half of what is left, and what the other does not
 * need. */
#include <stdio.h>
#include <string.h>

#include "emit/page.h"
#include "emit/screen_drawing.h"

enum {
    USUAL_WIDTH = 80,
    USUAL_HEIGHT = 24,
    TOTALS_FROM = 10, /* rows, from which on there is room for them, */
    BLANKS_FROM = 16, /* and for empty rows */
    LINE_BYTES = 512,
};

bool screen_row(struct screen_drawing *drawing) {
    if (!drawing->rows_left)
        return false;
    drawing->rows_left--;
    canvas_row(&drawing->canvas);
    return true;
}

void screen_line(struct screen_drawing *drawing, enum canvas_ink ink, const char *text) {
    if (screen_row(drawing))
        canvas_word(&drawing->canvas, ink, text, drawing->canvas.width);
}

void screen_cell(struct screen_drawing *drawing, enum canvas_ink ink, const char *text,
                 unsigned columns) {
    if (!columns)
        return;
    canvas_word(&drawing->canvas, ink, text, columns - 1);
    canvas_word(&drawing->canvas, CANVAS_PLAIN, "", 1);
}

void screen_clock(int64_t time_ns, char out[SCREEN_CELL_BYTES]) {
    struct identity_clock clock = identity_clock_of(time_ns);
    snprintf(out, SCREEN_CELL_BYTES, "%02u:%02u:%02u", clock.hour % 24, clock.minute % 60,
             clock.second % 60);
}

static void draw_title(struct screen_drawing *drawing) {
    char left[SCREEN_CELL_BYTES + SCREEN_NAME_BYTES], clock[SCREEN_CELL_BYTES],
        right[SCREEN_CELL_BYTES + 32];
    unsigned width = drawing->canvas.width;
    if (!screen_row(drawing))
        return;
    screen_clock(drawing->now_ns, clock);
    snprintf(left, sizeof left, " smblame  %s", drawing->screen->source);
    snprintf(right, sizeof right, " %s UTC  q quits ", clock);
    unsigned columns = (unsigned)strlen(right) < width / 2 ? (unsigned)strlen(right) : 0;
    canvas_word(&drawing->canvas, CANVAS_TITLE, left, width - columns);
    canvas_word(&drawing->canvas, CANVAS_TITLE, right, columns);
}

static void spell_rate(uint64_t from, uint64_t to, double seconds, char out[SCREEN_CELL_BYTES]) {
    double rate = to > from && seconds > 0 ? (double)(to - from) / seconds : 0;
    char whole[PAGE_NUMBER_BYTES];
    if (rate >= 10)
        snprintf(out, SCREEN_CELL_BYTES, "%s", page_number((uint64_t)(rate + 0.5), whole));
    else
        snprintf(out, SCREEN_CELL_BYTES, "%.1f", rate);
}

/* Over the samples that are kept. */
static void draw_rates(struct screen_drawing *drawing) {
    const struct screen *screen = drawing->screen;
    unsigned count = screen->sample_count;
    if (count < 2) {
        screen_line(drawing, CANVAS_PLAIN, " no rates yet");
        return;
    }
    unsigned oldest = count > SCREEN_SAMPLES ? count % SCREEN_SAMPLES : 0;
    const struct screen_sample *from = &screen->samples[oldest];
    const struct screen_sample *to = &screen->samples[(count - 1) % SCREEN_SAMPLES];
    double seconds = (double)(to->time_ns - from->time_ns) / 1e9;
    char frames[SCREEN_CELL_BYTES], logons[SCREEN_CELL_BYTES], opens[SCREEN_CELL_BYTES],
        drops[SCREEN_CELL_BYTES];
    char text[LINE_BYTES];
    spell_rate(from->frames, to->frames, seconds, frames);
    spell_rate(from->logons, to->logons, seconds, logons);
    spell_rate(from->opens, to->opens, seconds, opens);
    spell_rate(from->drops, to->drops, seconds, drops);
    snprintf(text, sizeof text,
             " %s frames/s  %s failed logons/s  %s refused opens/s  %s dropped/s", frames, logons,
             opens, drops);
    screen_line(drawing, to->drops > from->drops ? CANVAS_WARNING : CANVAS_PLAIN, text);
}

static void draw_totals(struct screen_drawing *drawing) {
    const struct sbl_stats *stats = &drawing->screen->stats;
    char frames[PAGE_NUMBER_BYTES], failed[PAGE_NUMBER_BYTES], granted[PAGE_NUMBER_BYTES];
    char opens[PAGE_NUMBER_BYTES], drops[PAGE_NUMBER_BYTES], text[LINE_BYTES];
    uint64_t dropped = stats->kernel_drops + stats->interface_drops;
    snprintf(text, sizeof text,
             " in all %s frames, %s logons failed, %s granted, %s opens refused, %s dropped",
             page_number(stats->frames, frames), page_number(stats->logons_refused, failed),
             page_number(stats->logons_granted, granted), page_number(stats->opens_refused, opens),
             page_number(dropped, drops));
    screen_line(drawing, dropped ? CANVAS_WARNING : CANVAS_FAINT, text);
}

static unsigned least(unsigned one, unsigned other) {
    return one < other ? one : other;
}

/* Both tables below what is drawn already: two headings, and at least one row each. */
static void draw_tables(struct screen_drawing *drawing, bool has_blanks) {
    unsigned frame = has_blanks ? 4 : 2;
    unsigned room = drawing->rows_left > frame ? drawing->rows_left - frame : 0;
    unsigned verdicts = screen_gather_verdicts(drawing), accounts = screen_gather_accounts(drawing);
    unsigned wants_verdicts = verdicts ? verdicts : 1, wants_accounts = accounts ? accounts : 1;
    unsigned account_rows = least(wants_accounts, (room + 1) / 2);
    unsigned verdict_rows = least(wants_verdicts, room - account_rows);
    account_rows = least(wants_accounts, room - verdict_rows);
    if (has_blanks)
        screen_line(drawing, CANVAS_PLAIN, "");
    screen_accounts(drawing, least(account_rows, accounts), accounts);
    if (has_blanks)
        screen_line(drawing, CANVAS_PLAIN, "");
    screen_gather_verdicts(drawing);
    screen_verdicts(drawing, least(verdict_rows, verdicts), verdicts);
}

size_t screen_draw(const struct screen *screen, int64_t time_ns, unsigned width, unsigned height,
                   char out[SCREEN_BYTES]) {
    struct screen_drawing drawing = {.screen = screen, .now_ns = time_ns};
    height = least(height ? height : USUAL_HEIGHT, SCREEN_HEIGHT_MOST);
    drawing.rows_left = height;
    drawing.canvas = (struct canvas){.bytes = out,
                                     .room = SCREEN_BYTES,
                                     .width = least(width ? width : USUAL_WIDTH, SCREEN_WIDTH_MOST),
                                     .colour = screen->colour,
                                     .letters = screen->letters};
    canvas_begin(&drawing.canvas);
    draw_title(&drawing);
    draw_rates(&drawing);
    if (height >= TOTALS_FROM)
        draw_totals(&drawing);
    draw_tables(&drawing, height >= BLANKS_FROM);
    while (drawing.rows_left)
        screen_line(&drawing, CANVAS_PLAIN, "");
    return canvas_end(&drawing.canvas);
}
