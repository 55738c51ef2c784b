/* The verdicts of a summary: of each the sentence, how sure it is, then what it rests on, the
 * search of directories if there was one, and what to do. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit/printing.h"
#include "emit/words.h"

/* How much is shown when `verbose` is not asked. */
enum { SHOWN_VERDICTS = 20, SHOWN_MACHINES = 5, SHOWN_DIRECTORIES = 12, SHOWN_MISSING = 8 };

enum { HANGING = 11 };

/* The severest first, then by what it cost; of equals the one that came first. */
static int compare_verdicts(const void *left, const void *right) {
    const struct summary_diagnosis *a = *(const struct summary_diagnosis *const *)left;
    const struct summary_diagnosis *b = *(const struct summary_diagnosis *const *)right;
    const uint64_t keys[][2] = {
        {a->told.severity, b->told.severity},
        {a->told.lockouts, b->told.lockouts},
        {a->told.failures, b->told.failures},
        {b->serial, a->serial},
    };
    return printing_order(keys, sizeof keys / sizeof *keys);
}

static void label(struct page *page, const char *words) {
    page_line(page, 2, HANGING);
    page_word(page, PAGE_TITLE, "%-10s", words);
}

static void comma(struct page *page) {
    page_glue(page);
    page_word(page, PAGE_PLAIN, ",");
}

/* "a, b, c and 4 more" */
static void say_list(struct printing *printing, const struct sbl_strings *strings, size_t limit) {
    struct page *page = &printing->page;
    char number[PAGE_NUMBER_BYTES];
    size_t shown = printing_shown(printing, strings->count, limit);
    for (size_t i = 0; i < shown; i++) {
        if (i)
            comma(page);
        page_text(page, PAGE_PLAIN, strings->items[i]);
    }
    if (strings->total > shown)
        page_word(page, PAGE_FAINT, "and %s more", page_number(strings->total - shown, number));
}

/* A list under a label; nothing when it is empty. */
static void say_labelled(struct printing *printing, const char *words,
                         const struct sbl_strings *strings, size_t limit) {
    if (!strings->count)
        return;
    label(&printing->page, words);
    say_list(printing, strings, limit);
}

static const char *certainty(double confidence) {
    static const struct {
        double least;
        const char *words;
    } steps[] = {
        {0.9, "almost certain"}, {0.75, "very likely"}, {0.55, "likely"}, {0.4, "possible"}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (confidence >= steps[i].least)
            return steps[i].words;
    return "uncertain";
}

static void say_certainty(struct page *page, const struct sbl_diagnosis *told) {
    double confidence = told->confidence > 0 ? told->confidence : 0;
    label(page, "Certainty");
    page_word(page, PAGE_PLAIN, "%s (%.2f),", certainty(confidence),
              confidence < 1 ? confidence : 1);
    page_word(page, PAGE_PLAIN, "severity %u of 7", told->severity);
    if (told->rule_id[0]) {
        comma(page);
        page_word(page, PAGE_PLAIN, "%s", told->rule_id);
    }
}

static void say_counts(struct page *page, const struct sbl_diagnosis *told) {
    const struct {
        uint64_t count;
        const char *one, *many;
    } parts[] = {{told->failures, "failure", "failures"},
                 {told->lockouts, "lockout", "lockouts"},
                 {told->granted, "granted", "granted"}};
    char number[PAGE_NUMBER_BYTES], time[PAGE_TIME_BYTES];
    label(page, "Counted");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].count)
            page_word(page, PAGE_PLAIN, "%s %s,", page_number(parts[i].count, number),
                      parts[i].count == 1 ? parts[i].one : parts[i].many);
    page_word(page, PAGE_PLAIN, "%s", page_time(page, told->first_ns, time));
    page_word(page, PAGE_PLAIN, "to %s", page_time(page, told->last_ns, time));
    if (told->threshold) {
        const char *source = words_threshold(told->threshold_source);
        comma(page);
        page_word(page, PAGE_PLAIN, "threshold %u", told->threshold);
        if (source)
            page_word(page, PAGE_PLAIN, "(%s)", source);
        if (told->counted_by[0])
            page_word(page, PAGE_PLAIN, "at %s", told->counted_by);
    }
    if (told->tipping.number) {
        comma(page);
        page_word(page, PAGE_PLAIN, "locked by frame %" PRIu64, told->tipping.number);
    }
}

static void say_authority(struct page *page, const struct sbl_diagnosis *told) {
    bool is_known =
        told->authority == SBL_AUTHORITY_DOMAIN || told->authority == SBL_AUTHORITY_LOCAL;
    if (!is_known && !told->server_role[0])
        return;
    label(page, "Authority");
    if (is_known)
        page_word(page, PAGE_PLAIN,
                  told->authority == SBL_AUTHORITY_DOMAIN ? "domain" : "local accounts of");
    if (is_known)
        page_word(page, PAGE_PLAIN, "%s",
                  told->authority_name[0] ? told->authority_name : "(name not known)");
    if (told->server_role[0])
        page_word(page, PAGE_PLAIN, is_known ? "(a %s answered)" : "a %s answered",
                  told->server_role);
}

static void say_suspect(struct printing *printing, const struct sbl_culprit *suspect,
                        const char *label_words) {
    static const char *const bases[] = {
        [SBL_BASIS_DOCUMENTED] = "documented",
        [SBL_BASIS_VENDOR_FILE_NAME] = "by its file name; no article names it",
        [SBL_BASIS_INFERRED] = "inferred; no article names it",
        [SBL_BASIS_BEHAVIOUR] = "by what it does",
        [SBL_BASIS_PROCESS_TABLE] = "by the process table of the trace",
    };
    struct page *page = &printing->page;
    unsigned basis = (unsigned)suspect->basis;
    label(page, label_words);
    if (suspect->kind != SBL_CULPRIT_UNKNOWN)
        page_word(page, PAGE_PLAIN, "%s", words_culprit(suspect->kind));
    page_text(page, PAGE_PLAIN, suspect->product[0] ? suspect->product : suspect->id);
    if (suspect->vendor[0])
        page_word(page, PAGE_PLAIN, "(%s)", suspect->vendor);
    if (suspect->files.count) {
        comma(page);
        say_list(printing, &suspect->files, SHOWN_MISSING);
    }
    if (basis < sizeof bases / sizeof *bases && bases[basis]) {
        comma(page);
        page_word(page, PAGE_FAINT, "%s", bases[basis]);
    }
}

/* Two that cannot be told apart are both named, with their weights; two that are there, without. */
static void say_culprit(struct printing *printing, const struct sbl_diagnosis *told) {
    const struct sbl_culprit *culprit = &told->culprit;
    static const char *const words[2][2] = {{"Either", "or"}, {"Both", "and"}};
    bool are_both = told->has_all_candidates;
    for (uint32_t i = 0; i < told->candidate_count; i++) {
        say_suspect(printing, &told->candidates[i], words[are_both][i > 0]);
        if (are_both)
            continue;
        double weight = told->candidates[i].weight;
        page_word(&printing->page, PAGE_PLAIN, "(%.2f)", weight > 0 ? weight < 1 ? weight : 1 : 0);
    }
    if (!told->candidate_count &&
        (culprit->product[0] || culprit->vendor[0] || culprit->id[0] || culprit->files.count))
        say_suspect(printing, culprit, "Culprit");
}

/* Who: one is in the verdict already, unless it goes by two names. */
static void say_machines(struct printing *printing, const char *words,
                         const struct sbl_machine *machines, size_t count, uint64_t total) {
    struct page *page = &printing->page;
    size_t shown = printing_shown(printing, count, SHOWN_MACHINES);
    char name[PRINTING_MACHINE_BYTES], number[PAGE_NUMBER_BYTES];
    bool is_plain = total <= 1 && !printing->verbose && (!count || !machines[0].contradiction[0]);
    if (!count || is_plain)
        return;
    for (size_t i = 0; i < shown; i++) {
        label(page, i ? "" : words);
        page_word(page, PAGE_PLAIN, "%s", printing_machine(&machines[i], name));
        if (machines[i].has_mac) {
            char mac[IDENTITY_MAC_BYTES];
            identity_mac(machines[i].mac, mac);
            page_word(page, PAGE_PLAIN, "%s", mac);
        }
        if (machines[i].failures)
            page_word(page, PAGE_PLAIN, "%sx", page_number(machines[i].failures, number));
        page_text(page, PAGE_WARNING, machines[i].contradiction);
    }
    printing_more(printing, 2 + HANGING, total > shown ? total - shown : 0, "machine");
}

static void say_period(struct page *page, const struct sbl_diagnosis *told) {
    static const struct {
        double below, unit;
        const char *name;
    } units[] = {{120, 1, "s"}, {7200, 60, "min"}, {1e9, 3600, "h"}};
    if (!(told->period_s > 0) || !(told->period_s < 1e9))
        return;
    size_t i = 0;
    while (told->period_s >= units[i].below)
        i++;
    label(page, "Period");
    page_word(page, PAGE_PLAIN, "every %.3g %s", told->period_s / units[i].unit, units[i].name);
    if (told->period_owner[0]) {
        comma(page);
        page_word(page, PAGE_PLAIN, "documented for");
        page_text(page, PAGE_PLAIN, told->period_owner);
    }
}

static void say_forecast(struct page *page, const struct sbl_diagnosis *told) {
    char time[PAGE_TIME_BYTES];
    if (!told->has_forecast)
        return;
    label(page, "Forecast");
    page_word(page, PAGE_WARNING, "%u more bad password%s", told->attempts_left,
              told->attempts_left == 1 ? "" : "s");
    page_word(page, PAGE_WARNING, told->attempts_left == 1 ? "locks it" : "lock it");
    if (told->counted_by[0])
        page_word(page, PAGE_PLAIN, "at %s", told->counted_by);
    if (told->lock_at_ns)
        page_word(page, PAGE_WARNING, "at about %s, if nothing changes",
                  page_time(page, told->lock_at_ns, time));
}

static void say_walk(struct printing *printing, const struct sbl_walk *walk) {
    struct page *page = &printing->page;
    size_t shown = printing_shown(printing, walk->directories.count, SHOWN_DIRECTORIES);
    char number[PAGE_NUMBER_BYTES];
    if (!walk->steps)
        return;
    label(page, "Search");
    page_word(page, PAGE_PLAIN, "%s look-up%s", page_number(walk->steps, number),
              walk->steps == 1 ? "" : "s");
    if (walk->account[0])
        page_word(page, PAGE_PLAIN, "as %s%s%s", walk->domain, walk->domain[0] ? "\\" : "",
                  walk->account);
    page_word(page, PAGE_PLAIN, "in this order:");
    for (size_t i = 0; i < shown; i++) {
        page_line(page, 4 + HANGING, 2);
        page_word(page, PAGE_PLAIN, "%s", walk->directories.items[i]);
    }
    printing_more(printing, 4 + HANGING,
                  walk->directories.total > shown ? walk->directories.total - shown : 0, "place");
    if (walk->missing.count) {
        page_line(page, 2 + HANGING, 2);
        page_word(page, PAGE_PLAIN, "not there:");
        say_list(printing, &walk->missing, SHOWN_MISSING);
    }
}

/* A step or a sentence on lines of its own, with a number or a dash before it. */
static void say_steps(struct page *page, const char *words, const struct sbl_strings *steps,
                      bool numbered) {
    for (uint32_t i = 0; i < steps->count; i++) {
        label(page, i ? "" : words);
        page->indent += numbered ? 3 : 2;
        if (numbered)
            page_word(page, PAGE_PLAIN, "%u.", i + 1);
        else
            page_word(page, PAGE_PLAIN, "-");
        page_text(page, PAGE_PLAIN, steps->items[i]);
    }
}

static void say_doubts(struct printing *printing, const struct sbl_diagnosis *told) {
    struct page *page = &printing->page;
    say_steps(page, "For", &told->evidence_for, false);
    say_steps(page, "Against", &told->evidence_against, false);
    for (uint32_t i = 0; i < told->alternative_count; i++) {
        const struct sbl_alternative *alternative = &told->alternatives[i];
        double confidence = alternative->confidence > 0 ? alternative->confidence : 0;
        label(page, i ? "" : "Runner-up");
        page->indent += 2;
        page_word(page, PAGE_PLAIN, "%s (%.2f)%s", alternative->rule_id,
                  confidence < 1 ? confidence : 1, alternative->why[0] ? ":" : "");
        page_text(page, PAGE_PLAIN, alternative->why);
    }
}

static void say_verdict(struct printing *printing, const struct summary_diagnosis *kept) {
    const struct sbl_diagnosis *told = &kept->told;
    struct page *page = &printing->page;
    page_line(page, 0, 2);
    page_text(page, told->severity >= 6 ? PAGE_BAD : PAGE_TITLE, told->message);
    say_certainty(page, told);
    say_counts(page, told);
    say_authority(page, told);
    say_culprit(printing, told);
    say_machines(printing, "Clients", told->clients, told->client_count, told->client_total);
    say_machines(printing, "Servers", told->servers, told->server_count, told->server_total);
    if (told->accounts.total > 1)
        say_labelled(printing, "Accounts", &told->accounts, SHOWN_MACHINES);
    say_labelled(printing, "ATT&CK", &told->attack, SHOWN_MACHINES);
    say_period(page, told);
    say_forecast(page, told);
    printing_lines(printing, told);
    say_labelled(printing, "Shares", &told->shares, SHOWN_MISSING);
    say_walk(printing, &told->walk);
    say_steps(page, "In Windows", &told->windows_events, false);
    say_steps(page, "What to do", &told->remedy, true);
    say_labelled(printing, "See", &told->references, SHOWN_DIRECTORIES);
    if (printing->verbose)
        say_doubts(printing, told);
    if (kept->is_cut) {
        page_line(page, 2, 2);
        page_word(page, PAGE_WARNING, "(shortened: more was told than is kept of one diagnosis)");
    }
}

bool printing_verdicts(struct printing *printing) {
    const struct summary_table *kept = &printing->summary->diagnoses;
    void **order = printing->summary->order;
    size_t count = printing_sorted(kept, order, compare_verdicts);
    size_t shown = printing_shown(printing, count, SHOWN_VERDICTS);
    if (count == 0)
        return false;
    page_line(&printing->page, 0, 2);
    page_word(&printing->page, PAGE_TITLE, count == 1 ? "Diagnosis" : "Diagnoses");
    page_end(&printing->page);
    for (size_t i = 0; i < shown; i++) {
        const struct summary_diagnosis *one = order[i];
        if (i)
            printing_blank(&printing->page);
        say_verdict(printing, one);
        for (uint32_t a = 0; a < one->account_count; a++)
            for (uint32_t c = 0; c < one->told.client_count; c++)
                summary_tell(printing->summary, &one->accounts[a], &one->told.clients[c]);
    }
    printing_more(printing, 0, count - shown, "verdict");
    printing_evicted(printing, kept->evicted, "verdict");
    printing_blank(&printing->page);
    return true;
}
