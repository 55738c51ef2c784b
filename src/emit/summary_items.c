/* The refused shares and names of a summary: the client with most comes first, and of each client
 * the names it asked for most often. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emit/printing.h"

/* How much is shown when `verbose` is not asked. */
enum { SHOWN_ITEM_CLIENTS = 10, SHOWN_ITEMS = 10 };

/* The client with most comes first, then by client, then by count. */
static int compare_items(const void *left, const void *right) {
    const struct summary_item *a = *(const struct summary_item *const *)left;
    const struct summary_item *b = *(const struct summary_item *const *)right;
    const uint64_t of_client[][2] = {{a->client_total, b->client_total}};
    const uint64_t of_item[][2] = {{a->span.count, b->span.count}, {b->serial, a->serial}};
    int order = printing_order(of_client, 1);
    if (order == 0)
        order = memcmp(a->client_address, b->client_address, sizeof a->client_address);
    return order ? order : printing_order(of_item, 2);
}

static void say_item(struct printing *printing, const struct summary_item *item) {
    struct page *page = &printing->page;
    page_line(page, 4, 9);
    page_word(page, PAGE_PLAIN, "%6" PRIu64 "x  %s", item->span.count, item->path);
    page_gap(page);
    page_word(page, PAGE_WARNING, "%s", item->status);
    page_word(page, PAGE_PLAIN, "for %s,", item->account);
    printing_frame(printing, "first", item->span.first_ns, item->span.first);
}

/* The refused shares or names of one client: items[0, count). */
static void say_client(struct printing *printing, void *const *items, size_t count,
                       const char *what) {
    struct page *page = &printing->page;
    const struct summary_item *client = items[0];
    char number[PAGE_NUMBER_BYTES];
    for (size_t i = 0; i < count; i++)
        if (((const struct summary_item *)items[i])->workstation[0])
            client = items[i];
    page_line(page, 2, 4);
    page_word(page, PAGE_TITLE, "%s", client->client);
    if (client->workstation[0])
        page_word(page, PAGE_TITLE, "(%s)", client->workstation);
    page_gap(page);
    page_word(page, PAGE_PLAIN, "%s refused,", page_number(client->client_total, number));
    page_word(page, PAGE_PLAIN, "%s %s%s", page_number(count, number), what, count == 1 ? "" : "s");
    for (size_t i = 0; i < printing_shown(printing, count, SHOWN_ITEMS); i++)
        say_item(printing, items[i]);
    printing_more(printing, 6, count - printing_shown(printing, count, SHOWN_ITEMS), what);
}

static bool is_same_client(const struct summary_item *one, const struct summary_item *other) {
    return memcmp(one->client_address, other->client_address, sizeof one->client_address) == 0;
}

/* How many of items[0, count) are the first one's client's. */
static size_t client_items(void *const *items, size_t count) {
    size_t size = 1;
    while (size < count && is_same_client(items[0], items[size]))
        size++;
    return size;
}

/* All items, sorted: first by client, so that each client's can be counted, then by that. */
static size_t sorted_items(const struct summary_table *kept, void **items) {
    for (struct summary_item *item = table_oldest(&kept->table); item;
         item = table_next(&kept->table, item))
        item->client_total = 0;
    size_t count = printing_sorted(kept, items, compare_items);
    for (size_t first = 0, size; first < count; first += size) {
        uint64_t total = 0;
        size = client_items(items + first, count - first);
        for (size_t i = 0; i < size; i++)
            total += ((const struct summary_item *)items[first + i])->span.count;
        for (size_t i = 0; i < size; i++)
            ((struct summary_item *)items[first + i])->client_total = total;
    }
    qsort(items, count, sizeof *items, compare_items);
    return count;
}

bool printing_items(struct printing *printing, const struct summary_table *kept, const char *title,
                    const char *what) {
    void **items = printing->summary->order;
    size_t count = sorted_items(kept, items), clients = 0;
    if (count == 0)
        return false;
    page_line(&printing->page, 0, 2);
    page_word(&printing->page, PAGE_TITLE, "%s", title);
    for (size_t first = 0, size; first < count; first += size, clients++) {
        size = client_items(items + first, count - first);
        if (clients < printing_shown(printing, clients + 1, SHOWN_ITEM_CLIENTS))
            say_client(printing, items + first, size, what);
    }
    printing_more(printing, 2, clients - printing_shown(printing, clients, SHOWN_ITEM_CLIENTS),
                  "client");
    printing_evicted(printing, kept->evicted, what);
    printing_blank(&printing->page);
    return true;
}
