/* Words are formatted into one buffer first, so that their width is known before they are placed.
 * Width counts code points: right for all but wide and combining letters. */
#include "emit/page.h"

#include <stdarg.h>
#include <string.h>

enum { DEFAULT_WIDTH = 100, LEAST_WIDTH = 40, WORD_BYTES = 4096, LONGEST_BYTES = 512 };

static const char *const inks[] = {
    [PAGE_PLAIN] = "",           [PAGE_TITLE] = "\x1B[1m", [PAGE_BAD] = "\x1B[1;31m",
    [PAGE_WARNING] = "\x1B[33m", [PAGE_GOOD] = "\x1B[32m", [PAGE_FAINT] = "\x1B[2m",
};

void page_init(struct page *page, FILE *out, bool colour, bool has_date, unsigned width) {
    *page =
        (struct page){.out = out, .colour = colour, .has_date = has_date, .width = width, .gap = 1};
    if (width == 0)
        page->width = DEFAULT_WIDTH;
    else if (width < LEAST_WIDTH)
        page->width = LEAST_WIDTH;
}

static void indent(struct page *page, unsigned columns) {
    fprintf(page->out, "%*s", (int)columns, "");
    page->column = columns;
    page->glued = true;
}

void page_line(struct page *page, unsigned columns, unsigned hanging) {
    page_end(page);
    indent(page, columns);
    page->indent = columns + hanging;
}

void page_end(struct page *page) {
    if (page->column || page->glued)
        fputc('\n', page->out);
    page->column = 0;
    page->glued = false;
}

void page_glue(struct page *page) {
    page->glued = true;
}

void page_gap(struct page *page) {
    page->gap = 2;
}

static unsigned columns_of(const char *word) {
    unsigned columns = 0;
    for (; *word; word++)
        columns += ((uint8_t)*word & 0xC0) != 0x80;
    return columns;
}

void page_word(struct page *page, enum page_ink ink, const char *format, ...) {
    char word[WORD_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(word, sizeof word, format, arguments);
    va_end(arguments);
    unsigned columns = columns_of(word);
    if (page->glued) {
        page->glued = false;
    } else if (page->column + page->gap + columns > page->width) {
        fputc('\n', page->out);
        indent(page, page->indent);
        page->glued = false;
    } else {
        fprintf(page->out, "%*s", (int)page->gap, "");
        page->column += page->gap;
    }
    page->gap = 1;
    bool painted = page->colour && ink != PAGE_PLAIN;
    fprintf(page->out, "%s%s%s", painted ? inks[ink] : "", word, painted ? "\x1B[0m" : "");
    page->column += columns;
}

void page_text(struct page *page, enum page_ink ink, const char *text) {
    while (*text) {
        size_t size = strcspn(text, " ");
        if (size > LONGEST_BYTES) {
            size = LONGEST_BYTES;
            while (size > 1 && ((uint8_t)text[size] & 0xC0) == 0x80)
                size--;
        }
        if (size)
            page_word(page, ink, "%.*s", (int)size, text);
        text += size;
        text += strspn(text, " ");
    }
}

const char *page_number(uint64_t value, char out[PAGE_NUMBER_BYTES]) {
    char plain[21];
    int size = snprintf(plain, sizeof plain, "%llu", (unsigned long long)value);
    char *at = out;
    for (int i = 0; i < size; i++) {
        if (i && (size - i) % 3 == 0)
            *at++ = ',';
        *at++ = plain[i];
    }
    *at = 0;
    return out;
}

/* Date and whole seconds; returns the size. */
static int spell_seconds(const struct page *page, const struct identity_clock *clock, char *out) {
    char date[12] = "";
    if (page->has_date)
        snprintf(date, sizeof date, "%04u-%02u-%02u ", clock->year % 10000, clock->month % 100,
                 clock->day % 100);
    return snprintf(out, PAGE_TIME_BYTES, "%s%02u:%02u:%02u", date, clock->hour % 100,
                    clock->minute % 100, clock->second % 100);
}

const char *page_time(const struct page *page, int64_t time_ns, char out[PAGE_TIME_BYTES]) {
    struct identity_clock clock = identity_clock_of(time_ns);
    int size = spell_seconds(page, &clock, out);
    snprintf(out + size, PAGE_TIME_BYTES - (size_t)size, ".%u", clock.nanosecond / 100000000 % 10);
    return out;
}

const char *page_milliseconds(const struct page *page, int64_t time_ns, char out[PAGE_TIME_BYTES]) {
    struct identity_clock clock = identity_clock_of(time_ns);
    int size = spell_seconds(page, &clock, out);
    snprintf(out + size, PAGE_TIME_BYTES - (size_t)size, ".%03u",
             clock.nanosecond / 1000000 % 1000);
    return out;
}
