/* What holds of every diagnosis in every scenario. */
#include "expect.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE_NS (INT64_C(60) * 1000000000)

static const struct told *before(const struct told_list *list, size_t index) {
    for (size_t i = index; i-- > 0;)
        if (memcmp(list->items[i]->id, list->items[index]->id, sizeof list->items[i]->id) == 0)
            return list->items[i];
    return NULL;
}

static bool differs(const struct told *a, const struct told *b, const char *key) {
    return strcmp(told_value(a, key), told_value(b, key)) != 0;
}

/* An update may come early when the verdict changed or the account was locked. */
static bool is_due(const struct told *one, const struct told *last) {
    return one->time_ns - last->time_ns >= MINUTE_NS || one->lockouts != last->lockouts ||
           differs(one, last, "rule") || differs(one, last, "culprit_id") ||
           differs(one, last, "culprit_kind") || differs(one, last, "candidates");
}

static const char *life(const struct told_list *list, size_t index) {
    const struct told *one = list->items[index], *last = before(list, index);
    if (!last)
        return one->revision == 1 && one->state == SBL_DIAGNOSIS_OPEN
                   ? NULL
                   : "begins with something else than revision 1, open";
    if (one->revision != last->revision + 1)
        return "leaves out a revision";
    if ((one->state == SBL_DIAGNOSIS_OPEN) != (last->state == SBL_DIAGNOSIS_CLOSE))
        return "opens without having been closed, or goes on without having been opened";
    if (one->time_ns < last->time_ns)
        return "goes back in time";
    if (one->state == SBL_DIAGNOSIS_UPDATE && !is_due(one, last))
        return "is updated twice within a minute without need";
    return NULL;
}

static unsigned long number(const struct told *one, const char *key) {
    return strtoul(told_value(one, key), NULL, 10);
}

static const char *values(const struct told *one) {
    unsigned long severity = number(one, "severity");
    if (!(one->confidence >= 0 && one->confidence <= 1))
        return "has a confidence beyond 0 and 1";
    if (severity < 1 || severity > 7)
        return "has a severity beyond 1 and 7";
    if (one->is_hostile != (told_value(one, "attack")[0] != 0))
        return "is hostile without ATT&CK, or has ATT&CK without being hostile";
    if (!told_value(one, "rule")[0] || !told_value(one, "message")[0])
        return "has no rule or no message";
    if (strcmp(told_value(one, "candidates"), "1") == 0)
        return "has a single candidate: that is a culprit";
    if (number(one, "candidates") > 0 && told_value(one, "culprit_id")[0])
        return "has a culprit and candidates";
    if (strcmp(told_value(one, "culprit_kind"), "unknown") == 0 && told_value(one, "culprit_id")[0])
        return "has a culprit of unknown kind";
    if (number(one, "failures") + number(one, "lockouts") > 0 && !told_value(one, "client")[0])
        return "has failures and no client";
    return NULL;
}

/* A placeholder that nothing was put into, or the brackets of a part that may be left out. */
static const char *texts(const struct told *one) {
    for (size_t i = 0; i < one->count; i++) {
        const char *key = one->lines[i].key, *value = one->lines[i].value;
        bool is_ours = strcmp(key, "message") == 0 || strcmp(key, "for") == 0 ||
                       strcmp(key, "against") == 0 || strcmp(key, "remedy") == 0 ||
                       strcmp(key, "alternative_why") == 0;
        if (is_ours && (strpbrk(value, "{}[]") || strstr(value, "(null)")))
            return "has a text with a placeholder left in it";
    }
    return NULL;
}

void expect_laws(const struct told_list *told, struct verdicts *verdicts) {
    for (size_t i = 0; i < told->count; i++) {
        const char *complaints[] = {life(told, i), values(told->items[i]), texts(told->items[i])};
        for (size_t j = 0; j < sizeof complaints / sizeof *complaints; j++) {
            if (!complaints[j])
                continue;
            verdicts->failed++;
            printf("told %zu %s\n", i + 1, complaints[j]);
        }
        if (told_is_last(told, i) && told->items[i]->state != SBL_DIAGNOSIS_CLOSE) {
            verdicts->failed++;
            printf("told %zu is the last of its diagnosis and does not close it\n", i + 1);
        }
    }
    verdicts->passed++;
}
