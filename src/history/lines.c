/* Lines of evidence: the first and the last twenty of a pair, in chunks from one pool, so a pair
 * that failed once takes one chunk. The last ones go round in a ring. When the pool is empty the
 * pair that was active least recently is forgotten. */
#include "history/state.h"

struct chunk {
    struct line lines[LINE_CHUNK];
};

/* A chunk for `pair`, at the cost of the oldest other pair; 0 when there is none. */
static uint32_t chunk_take(struct history *h, const struct pair *pair) {
    uint32_t index = pool_take(&h->lines);
    for (unsigned tries = 0; !index && tries < 64; tries++) {
        struct pair *oldest = table_stalest(&h->pairs);
        if (!oldest || oldest == pair)
            break;
        h->options.stats->cap_hits[SBL_LIMIT_LINES]++;
        pair_forget(h, oldest);
        index = pool_take(&h->lines);
    }
    return index;
}

static struct line *line_at(const struct history *h, const uint32_t *chunks, uint64_t slot) {
    struct chunk *chunk = pool_at(&h->lines, chunks[slot / LINE_CHUNK]);
    return &chunk->lines[slot % LINE_CHUNK];
}

void line_add(struct history *h, struct pair *pair, const struct line *line) {
    if (!pair->line_total++) {
        pair->first_line = *line;
        return;
    }
    uint64_t ordinal = pair->line_total - 1;
    bool is_first = ordinal < SBL_LIST_ENDS;
    struct lines *lines = &pair_rest(h, pair)->lines;
    uint32_t *chunks = is_first ? lines->first : lines->last;
    uint64_t slot = (is_first ? ordinal - 1 : ordinal) % SBL_LIST_ENDS;
    if (!chunks[slot / LINE_CHUNK])
        chunks[slot / LINE_CHUNK] = chunk_take(h, pair);
    if (!chunks[slot / LINE_CHUNK]) {
        h->options.stats->cap_hits[SBL_LIMIT_LINES]++;
        pair->line_total--;
        return;
    }
    *line_at(h, chunks, slot) = *line;
}

void lines_drop(struct history *h, struct pair *pair) {
    struct lines *lines = &pair->rest->lines;
    for (unsigned i = 0; pair->line_total > 1 && i < LINE_CHUNKS; i++) {
        if (lines->first[i])
            pool_give(&h->lines, lines->first[i]);
        if (lines->last[i])
            pool_give(&h->lines, lines->last[i]);
    }
    if (pair->line_total > 1)
        *lines = (struct lines){.first = {0}};
    pair->line_total = 0;
}

static void line_show(const struct history *h, const struct pair *pair, const struct line *line,
                      struct sbl_evidence_line *out) {
    const struct account *account = account_at(h, pair->account);
    *out = (struct sbl_evidence_line){
        .time_ns = line->time_ns,
        .request = {.number = line->request, .file = line->request_file},
        .response = {.number = line->response, .file = line->response_file},
        .status = line->status,
        .is_dos_error = line->flags & LINE_DOS,
        .has_status = line->flags & LINE_STATUS,
        .is_granted = line->flags & LINE_GRANTED,
        .smb_version = line->flags & LINE_SMB1 ? 1 : 2,
        .count_after = line->count_after,
        .client = UINT32_MAX,
        .account = account->user,
        .domain = line->domain ? pair_domain_at(pair, line->domain - 1u)->text : "",
        .share = line->share ? pair->rest->shares[line->share - 1] : "",
        .request_time_ns = line->request_ns,
        .server_number = h->bench.server_numbers[line->server],
        .is_passed_on = line->flags & LINE_PASSED_ON,
    };
    for (unsigned i = 0; i < sizeof out->event_id; i++)
        out->event_id[i] = line->event_id[i];
}

uint32_t lines_kept(const struct pair *pair, uint32_t *first_count) {
    uint64_t total = pair->line_total, later = total > SBL_LIST_ENDS ? total - SBL_LIST_ENDS : 0;
    *first_count = total < SBL_LIST_ENDS ? (uint32_t)total : SBL_LIST_ENDS;
    return *first_count + (later < SBL_LIST_ENDS ? (uint32_t)later : SBL_LIST_ENDS);
}

const struct line *line_kept(const struct history *h, const struct pair *pair, uint32_t number) {
    const struct lines *lines = &pair->rest->lines;
    uint32_t first, count = lines_kept(pair, &first);
    if (number == 0)
        return &pair->first_line;
    if (number < first)
        return line_at(h, lines->first, number - 1);
    return line_at(h, lines->last, (pair->line_total - (count - number)) % SBL_LIST_ENDS);
}

void line_read(const struct history *h, const struct pair *pair, uint32_t number,
               struct sbl_evidence_line *out) {
    line_show(h, pair, line_kept(h, pair, number), out);
}
