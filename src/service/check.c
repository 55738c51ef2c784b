/* --check: what only shows when it is used is tried beforehand. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>

#include "base/text.h"
#include "capture/filter.h"
#include "service/metrics_address.h"
#include "service/service.h"

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

int service_check(const struct options *options) {
    struct checking checking = {options, 0};
    if (check_filter(&checking))
        return EXIT_RUNTIME;
    check_codepage(&checking);
    check_user(&checking);
    check_metrics(&checking);
    if (checking.mistakes)
        return EXIT_USAGE;
    puts("configuration is right");
    return EXIT_DONE;
}
