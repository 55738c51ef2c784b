/* What is to be done, out of the configuration file and the command line. Which file it is stands
 * on the command line, and the command line wins, so that one is read twice: to find the file, and
 * over it. */
#include "config/options.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/arguments.h"
#include "config/check.h"
#include "config/rows.h"
#include "config/settings.h"
#include "jobs/jobs.h"

/* The cores that this process may use. */
static unsigned cores(void) {
    cpu_set_t usable;
    int count = sched_getaffinity(0, sizeof usable, &usable) == 0 ? CPU_COUNT(&usable) : 1;
    return count > JOBS_MOST ? JOBS_MOST : (unsigned)count;
}

static void set_usual(struct options *options) {
    *options = (struct options){
        .codepage = "CP850", .user = "nobody", .stats_interval_s = 60, .workers = 1};
}

/* What follows from what was given. */
static void complete(struct options *options) {
    options->is_jobs_given = options->jobs > 0;
    if (!options->is_jobs_given)
        options->jobs = cores();
    bool is_live = options->device_count || options->sensor_count;
    if (options->task == TASK_REPLAY && is_live)
        options->task = TASK_LIVE;
}

/* What is read is one choice. Who makes it on the command line reads nothing that the file names;
 * keys of the other kind do not count, and nothing of the file is written, run or served: it may be
 * that of a service which does so at this very moment. */
static unsigned unwanted_keys(const struct options *options) {
    bool files = options->input_count > 0, wires = options->device_count || options->sensor_count;
    if (!files && !wires)
        return 0;
    return (unsigned)(ROW_SOURCE | ROW_EFFECT | (wires ? ROW_FILES : ROW_LIVE));
}

int options_parse(struct options *options, int argc, char **argv) {
    set_usual(options);
    int failed = arguments_take(options, argc, argv);
    const char *config = options->config; /* of argv */
    if (!failed && config) {
        unsigned unwanted = unwanted_keys(options);
        options_free(options);
        set_usual(options);
        failed = settings_take(options, config, unwanted);
        if (!failed)
            failed = arguments_take(options, argc, argv);
    }
    if (failed)
        return failed;
    options->argc = argc;
    options->argv = argv;
    complete(options);
    return options_check(options);
}

static unsigned line_of(const struct options *options, const char *name, const char *value) {
    for (size_t i = 0; i < options->owned_count && value; i++)
        if (options->owned[i].text == value)
            return options->owned[i].line;
    unsigned line = options->given[row_of(name) - option_rows];
    return line == OPTIONS_TYPED ? 0 : line;
}

const char *options_place(const struct options *options, const char *name, const char *value,
                          char *out) {
    unsigned line = line_of(options, name, value);
    if (line)
        snprintf(out, OPTIONS_PLACE_SIZE, "%s:%u: %s", options->config, line, name);
    else
        snprintf(out, OPTIONS_PLACE_SIZE, "--%s", name);
    return out;
}

unsigned options_changes(const struct options *old, const struct options *new_, void *context,
                         void (*tell)(void *context, const char *name, bool is_live)) {
    unsigned restarts = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct row *row = &option_rows[i];
        if (row->marks & ROW_TYPED || row->kind->is_same(old, new_, row))
            continue;
        bool is_live = row->marks & ROW_RELOADS;
        restarts += !is_live;
        tell(context, row->name, is_live);
    }
    return restarts;
}

void options_adopt(struct options *running, const struct options *fresh) {
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct row *row = &option_rows[i];
        if (!(row->marks & ROW_RELOADS))
            continue;
        memcpy((char *)running + row->at, (const char *)fresh + row->at, row->kind->size);
        if (row->count_at)
            memcpy((char *)running + row->count_at, (const char *)fresh + row->count_at,
                   sizeof(size_t));
        running->given[i] = fresh->given[i];
    }
}

static void note_waiting(void *context, const char *name, bool is_live) {
    const struct options *fresh = context;
    char place[OPTIONS_PLACE_SIZE];
    if (!is_live && !fresh->quiet)
        fprintf(stderr, "smblame: %s has another value now, which waits for a restart\n",
                options_place(fresh, name, NULL, place));
}

int options_reload(struct options *fresh, const struct options *running) {
    int failed = options_parse(fresh, running->argc, running->argv);
    if (!failed)
        options_changes(running, fresh, fresh, note_waiting);
    return failed;
}

void options_free(struct options *options) {
    const char ***lists[] = {&options->inputs, &options->confirmed, &options->devices,
                             &options->sensors, &options->stop_when};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        free(*lists[i]);
        *lists[i] = NULL;
    }
    for (size_t i = 0; i < options->owned_count; i++)
        free(options->owned[i].text);
    free(options->owned);
    options->owned = NULL;
    options->owned_count = 0;
}
