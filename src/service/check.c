/* --check: what only shows when it is used is tried beforehand. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "capture/filter.h"
#include "service/metrics_address.h"
#include "service/service.h"
#include "service/trigger.h"

struct checking {
    const struct options *options;
    unsigned mistakes;
};

static void blame(struct checking *checking, const char *name, const char *what,
                  const char *value) {
    char place[OPTIONS_PLACE_SIZE];
    fprintf(stderr, "smblame: %s: %s%s\n", options_place(checking->options, name, NULL, place),
            what, value);
    checking->mistakes++;
}

static void complain(void *context, const char *message) {
    blame(context, "filter", message, "");
}

static int check_filter(struct checking *checking) {
    struct filter *filter = NULL;
    const struct complaint complaint = {checking, complain};
    const char *text = checking->options->filter;
    int failed = text ? filter_new(&filter, text, &complaint) : 0;
    if (filter)
        filter_free(filter);
    return failed == -ENOMEM ? failed : 0;
}

static void check_codepage(struct checking *checking) {
    struct text_codepage page;
    const char *name = checking->options->codepage;
    if (text_codepage_init(&page, name))
        blame(checking, "oem-codepage", "unknown code page ", name);
}

static void check_user(struct checking *checking) {
    const char *name = checking->options->user;
    if (!getpwnam(name))
        blame(checking, "user", "there is no user ", name);
}

static void check_metrics(struct checking *checking) {
    struct metrics_address address;
    char error[256];
    const char *text = checking->options->metrics;
    if (text && metrics_address_parse(&address, text, error, sizeof error))
        blame(checking, "metrics", error, "");
}

/* One word, so that the line is that of the word. What the trigger says is told with its place. */
static int check_trigger(struct checking *checking, const struct sbl_knowledge *knowledge,
                         const char *word) {
    static const char prefix[] = "smblame: --stop-when";
    char place[OPTIONS_PLACE_SIZE], *said = NULL;
    size_t size = 0;
    struct trigger *trigger = NULL;
    const struct trigger_options wanted = {.words = &word,
                                           .count = 1,
                                           .knowledge = knowledge,
                                           .diagnosis_off = checking->options->diagnosis_off};
    FILE *errors = open_memstream(&said, &size);
    int failed = errors ? trigger_new(&trigger, &wanted, errors) : -ENOMEM;
    if (errors && fclose(errors) == 0 && failed == -EINVAL) {
        bool is_prefixed = strncmp(said, prefix, sizeof prefix - 1) == 0;
        fprintf(stderr, "smblame: %s%s", options_place(checking->options, "stop-when", word, place),
                said + (is_prefixed ? sizeof prefix - 1 : 0));
        checking->mistakes++;
    }
    trigger_free(trigger);
    free(said);
    return failed == -ENOMEM ? failed : 0;
}

static int check_triggers(struct checking *checking, const struct sbl_knowledge *knowledge) {
    int failed = 0;
    for (size_t i = 0; i < checking->options->stop_when_count && !failed; i++)
        failed = check_trigger(checking, knowledge, checking->options->stop_when[i]);
    return failed;
}

int service_check(const struct options *options, const struct sbl_knowledge *knowledge) {
    struct checking checking = {options, 0};
    if (check_filter(&checking) || check_triggers(&checking, knowledge))
        return EXIT_RUNTIME;
    check_codepage(&checking);
    check_user(&checking);
    check_metrics(&checking);
    if (checking.mistakes)
        return EXIT_USAGE;
    puts("configuration is right");
    return EXIT_DONE;
}
