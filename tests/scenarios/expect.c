/* Judging. A condition is a key, an operator (none means =) and a value; a key that a diagnosis has
 * several times (client, alternative, missing ...) fulfils a condition when one of them does, and
 * != when none of them equals. Names and words are compared without regard to case, numbers as
 * numbers. `~` means "contains", and of numbers "within 5 %". */
#include "expect.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CONDITIONS = 24 };

struct condition {
    const char *key, *op, *value;
};

struct conditions {
    struct condition items[CONDITIONS];
    size_t count;
};

/* Which of the things told a wish is about, and how many of them shall fulfil it. */
struct wish {
    bool ever;      /* every revision, not only the last of each diagnosis */
    const char *op; /* of the number that fulfil it */
    double number;
};

static bool is_number(const char *word, double *number) {
    int64_t time_ns;
    char *end;
    *number = strtod(word, &end);
    if (*word && !*end)
        return true;
    if (!strchr(word, ':') || !script_time(word, &time_ns))
        return false;
    *number = (double)time_ns / 1e9;
    return true;
}

static bool compare_numbers(double a, const char *op, double b) {
    bool is_equal = fabs(a - b) <= 1e-6;
    if (strcmp(op, "=") == 0)
        return is_equal;
    if (strcmp(op, "~") == 0)
        return fabs(a - b) <= 0.05 * fabs(b);
    if (strcmp(op, ">=") == 0)
        return a > b || is_equal;
    if (strcmp(op, "<=") == 0)
        return a < b || is_equal;
    return strcmp(op, ">") == 0 ? a > b && !is_equal : a < b && !is_equal;
}

static bool compare_one(const char *value, const char *op, const char *wanted) {
    double a, b;
    if (is_number(value, &a) && is_number(wanted, &b))
        return compare_numbers(a, op, b);
    if (strcmp(op, "~") == 0)
        return strcasestr(value, wanted) != NULL;
    return strcmp(op, "=") == 0 && strcasecmp(value, wanted) == 0;
}

/* `wanted` may name several values, with | between them. */
static bool compare(const char *value, const char *op, const char *wanted) {
    char one[SCRIPT_LINE_BYTES];
    for (;;) {
        size_t size = strcspn(wanted, "|");
        snprintf(one, sizeof one, "%.*s", (int)size, wanted);
        if (compare_one(value, op, one))
            return true;
        if (!wanted[size])
            return false;
        wanted += size + 1;
    }
}

/* A machine by its name in the scenario, or by its address. */
static bool is_machine(const struct stage *stage, const char *address, const char *wanted) {
    const struct host *host = stage_find(stage, wanted);
    for (unsigned i = 0; host && i < host->address_count; i++) {
        char text[INET6_ADDRSTRLEN];
        inet_ntop(host->ip_version == 6 ? AF_INET6 : AF_INET, host->addresses[i], text,
                  sizeof text);
        if (strcmp(text, address) == 0)
            return true;
    }
    return !host && strcmp(address, wanted) == 0;
}

static bool is_marked(const struct stage *stage, const char *frame, const char *wanted) {
    const struct mark *mark = stage_mark(stage, wanted);
    unsigned long number = strtoul(frame, NULL, 10);
    if (strcmp(wanted, "none") == 0)
        return number == 0;
    return mark && number && (mark->request == number || mark->response == number);
}

/* `walk A,B,C`: these directories and no others, in this order. */
static bool is_walk(const struct told *told, const char *wanted) {
    char have[4096] = "";
    size_t used = 0;
    for (size_t i = 0; i < told->count && used < sizeof have - 2; i++)
        if (strcmp(told->lines[i].key, "directory") == 0)
            used += (size_t)snprintf(have + used, sizeof have - used, "%s%s", used ? "," : "",
                                     told->lines[i].value);
    return strcasecmp(have, wanted) == 0;
}

static bool line_meets(const struct stage *stage, const char *value, const char *op,
                       const struct condition *condition) {
    const char *key = condition->key;
    if (strcmp(key, "client") == 0 || strcmp(key, "server") == 0)
        return is_machine(stage, value, condition->value);
    if (strcmp(key, "tipping") == 0)
        return is_marked(stage, value, condition->value);
    return compare(value, op, condition->value);
}

static bool meets(const struct stage *stage, const struct told *told,
                  const struct condition *condition) {
    bool is_not = strcmp(condition->op, "!=") == 0, is_found = false;
    if (strcmp(condition->key, "walk") == 0)
        return is_walk(told, condition->value) != is_not;
    for (size_t i = 0; i < told->count; i++)
        if (strcmp(told->lines[i].key, condition->key) == 0)
            is_found |=
                line_meets(stage, told->lines[i].value, is_not ? "=" : condition->op, condition);
    return is_found != is_not;
}

static bool is_op(const char *word) {
    static const char *const ops[] = {"=", "!=", "<", "<=", ">", ">=", "~"};
    for (size_t i = 0; word && i < sizeof ops / sizeof *ops; i++)
        if (strcmp(word, ops[i]) == 0)
            return true;
    return false;
}

static void add(struct conditions *conditions, struct condition condition) {
    if (conditions->count < CONDITIONS)
        conditions->items[conditions->count++] = condition;
}

/* culprit none | culprit KIND ID, where * is any id. None: no driver, and no program by name. What
 * a cause is by its nature (a service, a program that keeps a password) names nobody. */
static void take_culprit(struct conditions *conditions, struct words *words) {
    const char *kind = words_next(words, "a kind of culprit");
    if (strcmp(kind, "none") == 0) {
        add(conditions, (struct condition){"culprit_id", "=", ""});
        add(conditions, (struct condition){"culprit_kind", "!=", "driver"});
        add(conditions, (struct condition){"culprit_basis", "!=", "process-table"});
        return;
    }
    add(conditions, (struct condition){"culprit_kind", "=", kind});
    const char *id = words_next(words, "the id of a culprit, or *");
    if (strcmp(id, "*") != 0)
        add(conditions, (struct condition){"culprit_id", "=", id});
}

/* Every key of told.c, and "walk". */
static const char *const keys =
    " rule state revision time confidence severity risk hostile attack message superseded_by "
    "account"
    " domain account_total user anonymous authority authority_name clients client client_name"
    " contradiction servers server server_name server_role failures lockouts granted first last"
    " threshold threshold_source tipping forecast attempts_left lock_at counted_by period"
    " period_owner culprit_kind culprit_id culprit_basis culprit_product culprit_file candidates"
    " candidate candidate_weight candidate_file steps walk directory missing for against remedy"
    " reference share event alternative alternative_confidence alternative_why line_total line ";

static void check_key(const struct words *words, const struct stage *stage,
                      const struct condition *condition) {
    char bounded[STAGE_NAME_BYTES];
    snprintf(bounded, sizeof bounded, " %s ", condition->key);
    if (!strstr(keys, bounded))
        script_fail(words->script, words->number, "nothing told is called '%s'", condition->key);
    if (strcmp(condition->key, "tipping") == 0 && strcmp(condition->value, "none") != 0 &&
        !stage_mark(stage, condition->value))
        script_fail(words->script, words->number, "no line is marked '%s'", condition->value);
}

static void take_conditions(struct conditions *conditions, const struct stage *stage,
                            struct words *words) {
    while (words_left(words)) {
        if (words_take(words, "culprit")) {
            take_culprit(conditions, words);
            continue;
        }
        struct condition condition = {.key = words_next(words, "a key"), .op = "="};
        if (is_op(words_peek(words)))
            condition.op = words_next(words, "an operator");
        condition.value = words_next(words, "a value");
        check_key(words, stage, &condition);
        add(conditions, condition);
    }
    if (conditions->count == CONDITIONS)
        script_fail(words->script, words->number, "%d conditions or more", CONDITIONS);
}

static size_t fulfilled(const struct stage *stage, const struct told *told,
                        const struct conditions *conditions) {
    size_t count = 0;
    for (size_t i = 0; i < conditions->count; i++)
        count += meets(stage, told, &conditions->items[i]);
    return count;
}

/* A diagnosis that went into another is not the last word on anything. */
static bool counts(const struct told_list *told, const struct wish *wish, size_t index) {
    return wish->ever || (told_is_last(told, index) && !told->items[index]->is_superseded);
}

static void say_values(const struct told *told, const char *key) {
    unsigned said = 0;
    for (size_t i = 0; i < told->count && said < 8; i++)
        if (strcmp(told->lines[i].key, key) == 0)
            printf("%s'%s'", said++ ? ", " : "", told->lines[i].value);
    printf(said ? "\n" : "nothing\n");
}

/* What stood in the way, of the diagnosis that came nearest. */
static void explain(const struct stage *stage, const struct told_list *told,
                    const struct wish *wish, const struct conditions *conditions) {
    size_t best = told->count, most = 0;
    for (size_t i = 0; i < told->count; i++) {
        size_t met = fulfilled(stage, told->items[i], conditions) + 1;
        if (counts(told, wish, i) && met > most) {
            most = met;
            best = i;
        }
    }
    if (best == told->count) {
        printf("  but nothing was told that it could be about\n");
        return;
    }
    printf("  nearest: told %zu, rule %s\n", best + 1, told_value(told->items[best], "rule"));
    for (size_t i = 0; i < conditions->count; i++) {
        const struct condition *c = &conditions->items[i];
        if (meets(stage, told->items[best], c))
            continue;
        printf("    wanted %s %s '%s', came ", c->key, c->op, c->value);
        say_values(told->items[best], strcmp(c->key, "walk") == 0 ? "directory" : c->key);
    }
}

static void judge(const struct stage *stage, const struct told_list *told, struct words *words,
                  const struct wish *wish, struct verdicts *verdicts) {
    struct conditions conditions = {0};
    size_t count = 0;
    take_conditions(&conditions, stage, words);
    for (size_t i = 0; i < told->count; i++)
        count += counts(told, wish, i) &&
                 fulfilled(stage, told->items[i], &conditions) == conditions.count;
    if (compare_numbers((double)count, wish->op, wish->number)) {
        verdicts->passed++;
        return;
    }
    verdicts->failed++;
    printf("%s:%u: expected %s %g that fulfil this, came %zu\n", words->script->path, words->number,
           wish->op, wish->number, count);
    if ((double)count < wish->number)
        explain(stage, told, wish, &conditions);
    for (size_t i = 0, said = 0; (double)count > wish->number && i < told->count && said < 4; i++)
        if (counts(told, wish, i) &&
            fulfilled(stage, told->items[i], &conditions) == conditions.count)
            printf("  came (%zu): told %zu, rule %s\n", ++said, i + 1,
                   told_value(told->items[i], "rule"));
}

static bool is_accusing(const struct told *told) {
    return told_value(told, "culprit_id")[0] ||
           strcmp(told_value(told, "culprit_kind"), "driver") == 0 ||
           strcmp(told_value(told, "culprit_basis"), "process-table") == 0 ||
           strcmp(told_value(told, "candidates"), "0") != 0;
}

static void judge_no_culprit(const struct told_list *told, const struct words *words,
                             struct verdicts *verdicts) {
    for (size_t i = 0; i < told->count; i++) {
        const struct told *one = told->items[i];
        if (!is_accusing(one))
            continue;
        verdicts->failed++;
        printf("%s:%u: expected that nobody is accused, but told %zu has %s '%s' %s, %s "
               "candidates\n",
               words->script->path, words->number, i + 1, told_value(one, "culprit_kind"),
               told_value(one, "culprit_id"), told_value(one, "culprit_product"),
               told_value(one, "candidates"));
        return;
    }
    verdicts->passed++;
}

void expect_judge(const struct stage *stage, const struct told_list *told, struct words *words,
                  struct verdicts *verdicts) {
    struct wish wish = {.op = ">=", .number = 1};
    if (words_take(words, "no")) {
        if (words_take(words, "culprit")) {
            judge_no_culprit(told, words, verdicts);
            return;
        }
        if (!words_take(words, "diagnosis"))
            script_fail(words->script, words->number, "'culprit' or 'diagnosis' expected");
        wish = (struct wish){.op = "=", .number = 0};
    } else if (words_take(words, "not")) {
        wish = (struct wish){.op = "=", .number = 0};
    } else if (words_take(words, "never")) {
        wish = (struct wish){.op = "=", .number = 0, .ever = true};
    } else if (words_take(words, "ever")) {
        wish.ever = true;
    } else if (words_take(words, "told") || words_take(words, "diagnoses")) {
        wish.ever = strcmp(words->items[words->at - 1], "told") == 0;
        wish.op = is_op(words_peek(words)) ? words_next(words, "an operator") : "=";
        wish.number = words_number(words, "how many");
    }
    judge(stage, told, words, &wish, verdicts);
}
