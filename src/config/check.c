/* What goes with what, as a table: an option that needs one of others, or that another rules out.
 * An option that nothing would come of is a mistake of whoever gave it, and better told. */
#include "config/check.h"

#include <stdio.h>
#include <string.h>

#include "config/rows.h"

enum { OTHERS = 2, RECORDED_FILES_MOST = 512 };

struct law {
    const char *option;
    const char *needs[OTHERS]; /* one of these; none: nothing is needed */
    const char *excludes;
    const char *because;
};

static const struct law laws[] = {
    {"events", {"json", NULL}, NULL, ""},
    {"raw-evidence", {"write", NULL}, NULL, ""},
    {"write", {NULL}, "no-diagnosis", ": evidence is of diagnoses"},
    {"separate", {NULL}, "write", ": evidence is of one analysis"},
    {"rotate-seconds", {"write", "record"}, NULL, ""},
    {"rotate-size", {"write", "record"}, NULL, ""},
    {"rotate-files", {"rotate-seconds", "rotate-size"}, NULL, ", which end a file"},
    {"watch", {NULL}, "json", ": both are what standard output gets"},
    {"exec-on-open", {NULL}, "no-diagnosis", ": it is run for diagnoses"},
};

static bool is_on(const struct options *options, const char *name) {
    return row_is_on(options, row_of(name));
}

static int misfit(const struct options *options, const char *name, const char *what) {
    char place[OPTIONS_PLACE_SIZE];
    fprintf(stderr, "smblame: %s %s. 'smblame --help' shows examples.\n",
            options_place(options, name, NULL, place), what);
    return EXIT_USAGE;
}

static int check_law(const struct options *options, const struct law *law) {
    char what[128];
    if (!is_on(options, law->option))
        return 0;
    bool is_met = !law->needs[0];
    for (unsigned i = 0; i < OTHERS && law->needs[i]; i++)
        is_met = is_met || is_on(options, law->needs[i]);
    if (!is_met) {
        snprintf(what, sizeof what, "goes with --%s%s%s%s", law->needs[0],
                 law->needs[1] ? " or --" : "", law->needs[1] ? law->needs[1] : "", law->because);
        return misfit(options, law->option, what);
    }
    if (law->excludes && is_on(options, law->excludes)) {
        snprintf(what, sizeof what, "does not go with --%s%s", law->excludes, law->because);
        return misfit(options, law->option, what);
    }
    return 0;
}

/* Options of interfaces alone, or of files alone, where the other is read. */
static int check_row(const struct options *options, const struct row *row) {
    if (!row_is_on(options, row))
        return 0;
    if (row->marks & ROW_LIVE && options->task == TASK_REPLAY && options->input_count)
        return misfit(options, row->name, "goes with -i, not with files");
    if (row->marks & ROW_FILES && options->task == TASK_LIVE)
        return misfit(options, row->name, "goes with files, not with -i");
    return 0;
}

static int check_inputs(const struct options *options) {
    const char *wrong = NULL;
    const struct row *read = row_of("read");
    if (options->task == TASK_REPLAY && options->input_count == 0 && !options->check_only)
        wrong = "no input: name a capture file, a directory, '-' or an interface (-i IF)";
    else if (options->task == TASK_EXPLAIN && options->given[read - option_rows] != OPTIONS_TYPED)
        wrong = "explain takes what is to be explained: a cause, status, account, share or file";
    else if (options->task == TASK_LIVE && options->input_count > 0)
        wrong = "-i watches an interface and takes no files: leave one of them out";
    if (!wrong)
        return 0;
    fprintf(stderr, "smblame: %s. 'smblame --help' shows examples.\n", wrong);
    return EXIT_USAGE;
}

/* Who records frames may open no file: all of a turn are opened before the first frame. */
static int check_turns(const struct options *options) {
    bool has_turns = options->rotate_s || options->rotate_mb;
    if (!options->record || !has_turns)
        return 0;
    if (!options->rotate_files)
        return misfit(options, "record",
                      "needs --rotate-files for files in turn: all are opened before the first "
                      "frame comes");
    return options->rotate_files > RECORDED_FILES_MOST
               ? misfit(options, "rotate-files", "goes up to 512 with --record")
               : 0;
}

int options_check(const struct options *options) {
    int failed = check_inputs(options);
    for (size_t i = 0; i < sizeof laws / sizeof *laws && !failed; i++)
        failed = check_law(options, &laws[i]);
    for (size_t i = 0; i < ROW_COUNT && !failed; i++)
        failed = check_row(options, &option_rows[i]);
    return failed ? failed : check_turns(options);
}
