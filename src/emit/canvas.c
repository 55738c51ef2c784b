/* Cells of known width. A character comes out as itself only when its width is known: one or two
 * columns, or an accent on a letter. All else is spelled in ASCII. */
#include "emit/canvas.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"

enum { SPELLED_BYTES = 16, ACCENTS = 2, CONTROL_BYTES = 24, DOTS = 3 };

static const char *const inks[CANVAS_INKS] = {
    [CANVAS_PLAIN] = "",         [CANVAS_TITLE] = "\x1B[7m",    [CANVAS_HEAD] = "\x1B[1m",
    [CANVAS_BAD] = "\x1B[1;31m", [CANVAS_WARNING] = "\x1B[33m", [CANVAS_FAINT] = "\x1B[2m",
};

/* Default_Ignorable_Code_Point of Unicode: nothing is seen of them, whatever their width. */
static const struct {
    uint32_t first, last;
} unseen[] = {
    {0xAD, 0xAD},       {0x34F, 0x34F},     {0x61C, 0x61C},   {0x115F, 0x1160}, {0x17B4, 0x17B5},
    {0x180B, 0x180F},   {0x200B, 0x200F},   {0x202A, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},
    {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

static bool is_unseen(uint32_t point) {
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
        if (point >= unseen[i].first && point <= unseen[i].last)
            return true;
    return false;
}

/* One character as it is shown: its own bytes, or how it is spelled. */
struct glyph {
    const char *bytes;
    size_t size, step; /* bytes of it; how many of the text it stands for */
    unsigned columns;
    bool is_accent;
    char spelled[SPELLED_BYTES];
};

/* How many columns it takes; -1 = it is to be spelled. Accents take none, and only so many are let
 * onto one letter. */
static int width_of(const struct canvas *canvas, uint32_t point, unsigned accents) {
    if (point >= 0x20 && point < 0x7F)
        return 1;
    if (point == TEXT_UNDECODABLE || !canvas->letters || text_is_control(point) || is_unseen(point))
        return -1;
    int width = wcwidth((wchar_t)point);
    return width == 0 && accents >= ACCENTS ? -1 : width;
}

/* The character at the start of a text. `accents`: how many stand on the letter before it; as many
 * as there may be where no letter is. */
static void glyph_at(const struct canvas *canvas, const char *text, size_t size, unsigned accents,
                     struct glyph *glyph) {
    uint32_t point;
    glyph->step = text_next(text, size, &point);
    int width = width_of(canvas, point, accents);
    glyph->is_accent = width == 0;
    glyph->bytes = text;
    glyph->size = glyph->step;
    glyph->columns = (unsigned)width;
    if (width >= 0)
        return;
    int spelled = point == TEXT_UNDECODABLE
                      ? snprintf(glyph->spelled, sizeof glyph->spelled, "\\x%02X", (uint8_t)*text)
                      : snprintf(glyph->spelled, sizeof glyph->spelled, "\\u{%X}", point);
    glyph->step = point == TEXT_UNDECODABLE ? 1 : glyph->step;
    glyph->bytes = glyph->spelled;
    glyph->size = (size_t)spelled;
    glyph->columns = (unsigned)spelled;
}

/* What of a text stands in so many columns. */
struct extent {
    size_t bytes; /* of the text */
    unsigned columns;
    bool is_whole;
};

static struct extent extent_of(const struct canvas *canvas, const char *text, size_t size,
                               unsigned columns) {
    struct extent extent = {.is_whole = true};
    unsigned accents = ACCENTS;
    while (extent.bytes < size) {
        struct glyph glyph;
        glyph_at(canvas, text + extent.bytes, size - extent.bytes, accents, &glyph);
        if (glyph.columns > columns - extent.columns) {
            extent.is_whole = false;
            break;
        }
        accents = glyph.is_accent ? accents + 1 : 0;
        extent.bytes += glyph.step;
        extent.columns += glyph.columns;
    }
    return extent;
}

static void put(struct canvas *canvas, const char *bytes, size_t size) {
    if (canvas->is_full)
        return;
    if (size > canvas->room - canvas->size) {
        canvas->is_full = true;
        canvas->size = canvas->row_start;
        return;
    }
    memcpy(canvas->bytes + canvas->size, bytes, size);
    canvas->size += size;
}

static void put_word(struct canvas *canvas, const char *word) {
    put(canvas, word, strlen(word));
}

static void put_blanks(struct canvas *canvas, unsigned count) {
    static const char blanks[] = "                                ";
    for (unsigned step; count; count -= step) {
        step = count < sizeof blanks - 1 ? count : (unsigned)sizeof blanks - 1;
        put(canvas, blanks, step);
    }
}

static void put_text(struct canvas *canvas, const char *text, size_t size) {
    unsigned accents = ACCENTS;
    for (size_t at = 0; at < size;) {
        struct glyph glyph;
        glyph_at(canvas, text + at, size - at, accents, &glyph);
        put(canvas, glyph.bytes, glyph.size);
        canvas->is_adrift |= (uint8_t)*glyph.bytes >= 0x80;
        accents = glyph.is_accent ? accents + 1 : 0;
        at += glyph.step;
    }
}

/* Room for the end of the page is kept back. */
void canvas_begin(struct canvas *canvas) {
    canvas->room = canvas->room > CONTROL_BYTES ? canvas->room - CONTROL_BYTES : 0;
    if (canvas->letters)
        canvas->before = uselocale(canvas->letters);
    put_word(canvas, "\x1B[H");
    canvas->row_start = canvas->size;
}

/* What an earlier page had to the right of this row is cleared. At the edge itself that would take
 * the last column along. */
static void end_row(struct canvas *canvas) {
    if (canvas->has_row && canvas->column < canvas->width)
        put_word(canvas, "\x1B[K");
}

void canvas_row(struct canvas *canvas) {
    end_row(canvas);
    canvas->row_start = canvas->is_full ? canvas->row_start : canvas->size;
    if (canvas->has_row)
        put_word(canvas, "\r\n");
    canvas->has_row = true;
    canvas->column = 0;
    canvas->is_adrift = false;
}

/* Puts the cursor where it is meant to be, and clears the cell when what stood there before may
 * have been wider than we think. */
static void steady(struct canvas *canvas, bool is_foreign, unsigned columns) {
    char control[CONTROL_BYTES];
    if (canvas->is_adrift || is_foreign) {
        snprintf(control, sizeof control, "\x1B[%uG", canvas->column + 1);
        put_word(canvas, control);
    }
    if (is_foreign) {
        snprintf(control, sizeof control, "\x1B[%uX", columns);
        put_word(canvas, control);
    }
    canvas->is_adrift = false;
}

static bool is_ascii(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++)
        if ((uint8_t)text[i] >= 0x80)
            return false;
    return true;
}

void canvas_cell(struct canvas *canvas, enum canvas_ink ink, const char *text, size_t size,
                 unsigned columns) {
    unsigned left = canvas->width - canvas->column;
    if (columns > left)
        columns = left;
    if (!columns)
        return;
    struct extent extent = extent_of(canvas, text, size, columns);
    unsigned dots = extent.is_whole || columns < 2 * DOTS ? 0 : DOTS;
    if (dots)
        extent = extent_of(canvas, text, size, columns - dots);
    steady(canvas, !is_ascii(text, extent.bytes), columns);
    bool is_inked = canvas->colour && inks[ink][0];
    put_word(canvas, is_inked ? inks[ink] : "");
    put_text(canvas, text, extent.bytes);
    put(canvas, "...", dots);
    unsigned used = extent.columns + dots;
    bool is_cleared = canvas->column + columns == canvas->width && ink != CANVAS_TITLE;
    if (!is_cleared)
        put_blanks(canvas, columns - used);
    put_word(canvas, is_inked ? "\x1B[0m" : "");
    canvas->column += is_cleared ? used : columns;
}

void canvas_word(struct canvas *canvas, enum canvas_ink ink, const char *text, unsigned columns) {
    canvas_cell(canvas, ink, text, strlen(text), columns);
}

size_t canvas_end(struct canvas *canvas) {
    end_row(canvas);
    canvas->room += CONTROL_BYTES;
    canvas->is_full = false;
    put_word(canvas, canvas->column < canvas->width ? "\x1B[0m\x1B[J" : "\x1B[0m");
    if (canvas->letters)
        uselocale(canvas->before);
    return canvas->size;
}

size_t canvas_line(const struct canvas *canvas, const char *text, size_t size, unsigned columns,
                   size_t *rest) {
    struct extent extent = extent_of(canvas, text, size, columns);
    size_t end = extent.bytes;
    if (end < size && text[end] != ' ') {
        while (end && text[end - 1] != ' ')
            end--;
        end = end ? end : extent.bytes; /* one long word */
    }
    *rest = end;
    while (*rest < size && text[*rest] == ' ')
        (*rest)++;
    while (end && text[end - 1] == ' ')
        end--;
    return end;
}
