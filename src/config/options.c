/* The command line. One table says what each option is called, what it takes and what --help says
 * of it; apply() is what it does. A misspelt option gets the nearest name as a hint. */
#include "config/options.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/limit.h"
#include "jobs/jobs.h"

enum id {
    ID_READ,
    ID_INTERFACE,
    ID_FILTER,
    ID_COUNT,
    ID_SNAPLEN,
    ID_BUFFER,
    ID_NO_PROMISCUOUS,
    ID_WORKERS,
    ID_SENSOR,
    ID_RECORD,
    ID_EVIDENCE,
    ID_RAW_EVIDENCE,
    ID_ROTATE_SECONDS,
    ID_ROTATE_SIZE,
    ID_ROTATE_FILES,
    ID_STOP_WHEN,
    ID_EXEC_ON_OPEN,
    ID_METRICS,
    ID_WATCH,
    ID_WITHOUT_CAGE,
    ID_CONFIG,
    ID_CHECK,
    ID_JSON,
    ID_EVENTS,
    ID_SEPARATE,
    ID_JOBS,
    ID_CODEPAGE,
    ID_CLASSIFY,
    ID_NO_CLASSIFY,
    ID_USER,
    ID_STATS_INTERVAL,
    ID_DEVICES,
    ID_KNOWLEDGE,
    ID_THRESHOLD,
    ID_WINDOW,
    ID_CONFIRM,
    ID_NO_DIAGNOSIS,
    ID_LIMIT,
    ID_QUIET,
    ID_VERBOSE,
    ID_VERSION,
    ID_HELP,
    ID_NONE,
};

enum { WORKERS_MOST = 64 };

struct row {
    enum id id;
    char letter;          /* 0 = has none */
    const char *name;     /* without the dashes */
    const char *argument; /* NULL = takes none */
    const char *help;
};

static const struct row rows[] = {
    {ID_READ, 'r', "read", "FILE", "read a capture file; repeatable; '-' is standard input"},
    {ID_INTERFACE, 'i', "interface", "IF", "watch an interface until interrupted"},
    {ID_FILTER, 'f', "filter", "BPF", "look only at frames the filter accepts (pcap-filter(7))"},
    {ID_COUNT, 'c', "count", "N", "stop after N frames"},
    {ID_SNAPLEN, 's', "snapshot-length", "N", "live: bytes kept of each frame (262144)"},
    {ID_BUFFER, 'B', "buffer-size", "KIB", "live: the kernel's ring of frames (16384)"},
    {ID_NO_PROMISCUOUS, 'p', "no-promiscuous-mode", NULL, "live: only frames of this machine"},
    {ID_WORKERS, 0, "workers", "N", "live: processes that share the connections, or 'auto' (1)"},
    {ID_SENSOR, 0, "sensor", "NAME=PATH", "a stream of frames in a named pipe; repeatable"},
    {ID_RECORD, 0, "record", "FILE", "live: keep all frames as pcapng"},
    {ID_EVIDENCE, 'w', "write", "FILE", "keep the frames of diagnoses as pcapng, secrets blanked"},
    {ID_RAW_EVIDENCE, 0, "raw-evidence", NULL, "with -w: blank nothing"},
    {ID_ROTATE_SECONDS, 'G', "rotate-seconds", "S", "another file of -w or --record after S"},
    {ID_ROTATE_SIZE, 'C', "rotate-size", "MB", "another file after so many million bytes"},
    {ID_ROTATE_FILES, 'W', "rotate-files", "N", "of N files in turn, the oldest is overwritten"},
    {ID_STOP_WHEN, 0, "stop-when", "WHAT", "end at this cause, account or status; repeatable"},
    {ID_EXEC_ON_OPEN, 0, "exec-on-open", "CMD", "run CMD, without a shell, as a diagnosis opens"},
    {ID_METRICS, 0, "metrics", "ADDRESS", "live: Prometheus on 127.0.0.1:PORT or unix:PATH"},
    {ID_WATCH, 0, "watch", NULL, "a table that refreshes itself instead of the summary"},
    {ID_WITHOUT_CAGE, 0, "without-cage", NULL, "go on where the kernel cannot confine us"},
    {ID_CONFIG, 0, "config", "FILE", "options from a file; the command line wins"},
    {ID_CHECK, 0, "check", NULL, "say whether options and files are right, and end"},
    {ID_JSON, 0, "json", NULL, "one JSON record per line instead of the summary"},
    {ID_EVENTS, 0, "events", NULL, "with --json: every logon, refused share and refused open"},
    {ID_SEPARATE, 0, "separate", NULL, "each file on its own instead of all as one capture"},
    {ID_JOBS, 0, "jobs", "N", "files: threads that share the connections (as many as cores)"},
    {ID_CODEPAGE, 0, "oem-codepage", "NAME", "code page of names that are not Unicode (CP850)"},
    {ID_CLASSIFY, 0, "classify", "WHAT", "'known' or 'full': let nDPI name what is not SMB"},
    {ID_NO_CLASSIFY, 0, "no-classify", NULL, "leave nDPI out"},
    {ID_USER, 0, "user", "NAME", "live: whom to become once the device is open (nobody)"},
    {ID_STATS_INTERVAL, 0, "stats-interval", "S", "live: seconds between statistics records (60)"},
    {ID_KNOWLEDGE, 0, "knowledge", "DIR", "own knowledge: drivers.json and others, see 'explain'"},
    {ID_THRESHOLD, 0, "lockout-threshold", "N", "bad passwords that lock an account (1-999)"},
    {ID_WINDOW, 0, "lockout-window", "MIN", "minutes after which they count no more (1-99999)"},
    {ID_CONFIRM, 0, "confirm", "FACT", "what only you can know: old-password, nal-logging"},
    {ID_NO_DIAGNOSIS, 0, "no-diagnosis", NULL, "failures only, no causes"},
    {ID_LIMIT, 0, "limit", "NAME=N", "how much is remembered; -V -v lists the names; repeatable"},
    {ID_DEVICES, 'D', "list-interfaces", NULL, "list the interfaces that can be watched"},
    {ID_QUIET, 'q', "quiet", NULL, "no progress and no notes on standard error, only errors"},
    {ID_VERBOSE, 'v', "verbose", NULL, "more in the summary; with -V: the limits"},
    {ID_VERSION, 'V', "version", NULL, "version, and the most memory the analysis can take"},
    {ID_HELP, 'h', "help", NULL, "this text"},
};

enum { ROW_COUNT = sizeof rows / sizeof *rows };

void options_help(void) {
    puts(
        "smblame - who failed to log on over SMB, from where, and what was refused\n\n"
        "usage: smblame [OPTIONS] FILE...       a capture, several, or a directory of them\n"
        "       smblame [OPTIONS] -i IF         a live interface\n"
        "       smblame explain X...            what is known of a cause, status, account, file\n\n"
        "  smblame trace.pcapng                 the summary: per account, the failures and "
        "clients\n"
        "  smblame --json --events trace.cap    every logon and refusal, for a SIEM or jq\n"
        "  smblame explain 0xC000006D auddrive.sys 'SMSCliToknAcct&' Q278660\n"
        "  ssh cap01 tcpdump -U -w - port 445 | smblame -r -\n\n"
        "Reads pcap, pcapng, Network Monitor 1.x and 2.x, snoop; also compressed (gzip, zstd).\n");
    for (size_t i = 0; i < ROW_COUNT; i++) {
        char left[48];
        snprintf(left, sizeof left, "%c%c%c --%s%s%s", rows[i].letter ? '-' : ' ',
                 rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? ',' : ' ', rows[i].name,
                 rows[i].argument ? " " : "", rows[i].argument ? rows[i].argument : "");
        printf("  %-28s %s\n", left, rows[i].help);
    }
    puts("\nExit status: 0 done, 1 nothing could be read, 2 usage, 4 an input was damaged and the\n"
         "results are partial. Results go to standard output, all else to standard error.");
}

/* Edit distance between an option as typed and one that exists, cut off at a small bound. */
static size_t distance(const char *typed, size_t typed_size, const char *name) {
    enum { LONGEST = 32 };
    size_t size = strlen(name), previous[LONGEST + 1], current[LONGEST + 1];
    if (typed_size > LONGEST || size > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= size; j++)
        previous[j] = j;
    for (size_t i = 1; i <= typed_size; i++) {
        current[0] = i;
        for (size_t j = 1; j <= size; j++) {
            size_t best = previous[j - 1] + (typed[i - 1] != name[j - 1]);
            best = previous[j] + 1 < best ? previous[j] + 1 : best;
            current[j] = current[j - 1] + 1 < best ? current[j - 1] + 1 : best;
        }
        memcpy(previous, current, sizeof previous);
    }
    return previous[size];
}

static int unknown_option(const char *typed, size_t size) {
    const char *nearest = NULL;
    size_t best = size / 3 + 2;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        size_t d = distance(typed, size, rows[i].name);
        if (d < best || (size >= 3 && strncmp(rows[i].name, typed, size) == 0)) {
            best = d < best ? d : best;
            nearest = rows[i].name;
        }
    }
    fprintf(stderr, "smblame: unknown option '--%.*s'", (int)size, typed);
    if (nearest)
        fprintf(stderr, "; did you mean '--%s'?\n", nearest);
    else
        fputs("; 'smblame --help' lists them\n", stderr);
    return EXIT_USAGE;
}

static int parse_number(const char *name, const char *text, uint64_t *number) {
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || *end || end == text || *text == '-' || value == 0) {
        fprintf(stderr, "smblame: --%s takes a whole number of at least 1, not '%s'\n", name, text);
        return EXIT_USAGE;
    }
    *number = value;
    return 0;
}

static int parse_classify(const char *text, enum sbl_classify *classify) {
    if (strcmp(text, "known") != 0 && strcmp(text, "full") != 0) {
        fprintf(stderr, "smblame: --classify takes 'known' or 'full', not '%s'\n", text);
        return EXIT_USAGE;
    }
    *classify = strcmp(text, "full") == 0 ? SBL_CLASSIFY_FULL : SBL_CLASSIFY_KNOWN;
    return 0;
}

/* A number with an upper bound. */
static int parse_bounded(const char *name, const char *text, unsigned most, unsigned *number) {
    uint64_t value = 0;
    int failed = parse_number(name, text, &value);
    if (!failed && value > most) {
        fprintf(stderr, "smblame: --%s takes at most %u, not '%s'\n", name, most, text);
        return EXIT_USAGE;
    }
    *number = (unsigned)value;
    return failed;
}

static int parse_workers(const char *text, unsigned *workers) {
    *workers = 0;
    return strcmp(text, "auto") == 0 ? 0 : parse_bounded("workers", text, WORKERS_MOST, workers);
}

/* `argument` is empty for options that take none. */
static int apply(struct options *options, enum id id, const char *argument) {
    switch (id) {
    case ID_READ:
        options->inputs[options->input_count++] = argument;
        return 0;
    case ID_INTERFACE:
        options->devices[options->device_count++] = argument;
        options->task = options->task == TASK_REPLAY ? TASK_LIVE : options->task;
        return 0;
    case ID_FILTER:
        options->filter = argument;
        return 0;
    case ID_COUNT:
        return parse_number("count", argument, &options->frame_limit);
    case ID_SNAPLEN:
        return parse_bounded("snapshot-length", argument, SBL_MAX_FRAME_BYTES, &options->snaplen);
    case ID_BUFFER:
        return parse_bounded("buffer-size", argument, 2u << 20, &options->buffer_kib);
    case ID_NO_PROMISCUOUS:
        options->promiscuous_off = true;
        return 0;
    case ID_WORKERS:
        return parse_workers(argument, &options->workers);
    case ID_SENSOR:
        options->sensors[options->sensor_count++] = argument;
        return 0;
    case ID_RECORD:
        options->record = argument;
        return 0;
    case ID_EVIDENCE:
        options->evidence = argument;
        return 0;
    case ID_RAW_EVIDENCE:
        options->raw_evidence = true;
        return 0;
    case ID_ROTATE_SECONDS:
        return parse_bounded("rotate-seconds", argument, 31536000, &options->rotate_s);
    case ID_ROTATE_SIZE:
        return parse_bounded("rotate-size", argument, 1000000, &options->rotate_mb);
    case ID_ROTATE_FILES:
        return parse_bounded("rotate-files", argument, 9999, &options->rotate_files);
    case ID_STOP_WHEN:
        options->stop_when[options->stop_when_count++] = argument;
        return 0;
    case ID_EXEC_ON_OPEN:
        options->exec_on_open = argument;
        return 0;
    case ID_METRICS:
        options->metrics = argument;
        return 0;
    case ID_WATCH:
        options->watch_screen = true;
        return 0;
    case ID_WITHOUT_CAGE:
        options->without_cage = true;
        return 0;
    case ID_CONFIG:
        options->config = argument;
        return 0;
    case ID_CHECK:
        options->check_only = true;
        return 0;
    case ID_JSON:
        options->json = true;
        return 0;
    case ID_EVENTS:
        options->events = true;
        return 0;
    case ID_SEPARATE:
        options->separate = true;
        return 0;
    case ID_JOBS:
        options->is_jobs_given = true;
        return parse_bounded("jobs", argument, JOBS_MOST, &options->jobs);
    case ID_CODEPAGE:
        options->codepage = argument;
        return 0;
    case ID_CLASSIFY:
        return parse_classify(argument, &options->classify);
    case ID_NO_CLASSIFY:
        options->classify = SBL_CLASSIFY_NONE;
        return 0;
    case ID_USER:
        options->user = argument;
        return 0;
    case ID_STATS_INTERVAL:
        return parse_bounded("stats-interval", argument, 86400, &options->stats_interval_s);
    case ID_DEVICES:
        options->task = TASK_LIST_DEVICES;
        return 0;
    case ID_KNOWLEDGE:
        options->knowledge_dir = argument;
        return 0;
    case ID_THRESHOLD:
        return parse_bounded("lockout-threshold", argument, 999, &options->lockout_threshold);
    case ID_WINDOW:
        return parse_bounded("lockout-window", argument, 99999, &options->lockout_window_min);
    case ID_CONFIRM:
        options->confirmed[options->confirmed_count++] = argument;
        return 0;
    case ID_NO_DIAGNOSIS:
        options->diagnosis_off = true;
        return 0;
    case ID_LIMIT:
        return limit_parse(&options->limits, argument);
    case ID_QUIET:
        options->quiet = true;
        return 0;
    case ID_VERBOSE:
        options->verbose = true;
        return 0;
    case ID_VERSION:
        options->task = TASK_VERSION;
        return 0;
    case ID_HELP:
        options->task = TASK_HELP;
        return 0;
    case ID_NONE:
        break;
    }
    return EXIT_USAGE;
}

static const struct row *row_by_letter(char letter) {
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (letter && rows[i].letter == letter)
            return &rows[i];
    return NULL;
}

static const struct row *row_by_name(const char *name, size_t size) {
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (strlen(rows[i].name) == size && memcmp(rows[i].name, name, size) == 0)
            return &rows[i];
    return NULL;
}

static int missing_argument(const struct row *row) {
    fprintf(stderr, "smblame: --%s takes an argument: %s (%s)\n", row->name, row->argument,
            row->help);
    return EXIT_USAGE;
}

/* --name, --name=value, --name value. `at` is the index of the word; moved when a value follows. */
static int parse_long(struct options *options, int argc, char **argv, int *at) {
    const char *name = argv[*at] + 2, *equals = strchr(name, '=');
    size_t size = equals ? (size_t)(equals - name) : strlen(name);
    const struct row *row = row_by_name(name, size);
    if (!row)
        return unknown_option(name, size);
    if (!row->argument && equals) {
        fprintf(stderr, "smblame: --%s takes no argument\n", row->name);
        return EXIT_USAGE;
    }
    const char *argument = equals ? equals + 1 : "";
    if (row->argument && !equals) {
        if (*at + 1 >= argc)
            return missing_argument(row);
        argument = argv[++*at];
    }
    return apply(options, row->id, argument);
}

/* -qv, -c5, -c 5. */
static int parse_short(struct options *options, int argc, char **argv, int *at) {
    for (const char *letter = argv[*at] + 1; *letter; letter++) {
        const struct row *row = row_by_letter(*letter);
        if (!row) {
            fprintf(stderr, "smblame: unknown option '-%c'; 'smblame --help' lists them\n",
                    *letter >= ' ' && *letter <= '~' ? *letter : '?');
            return EXIT_USAGE;
        }
        if (!row->argument) {
            int failed = apply(options, row->id, "");
            if (failed)
                return failed;
            continue;
        }
        if (letter[1])
            return apply(options, row->id, letter + 1);
        if (*at + 1 >= argc)
            return missing_argument(row);
        return apply(options, row->id, argv[++*at]);
    }
    return 0;
}

static int check(const struct options *options) {
    const char *wrong = NULL;
    if (options->task == TASK_REPLAY && options->input_count == 0)
        wrong = "no input: name a capture file, a directory, '-' or an interface (-i IF)";
    else if (options->task == TASK_EXPLAIN && options->input_count == 0)
        wrong = "explain takes what is to be explained: a cause, status, account, share or file";
    else if (options->task == TASK_LIVE && options->input_count > 0)
        wrong = "-i watches an interface and takes no files: leave one of them out";
    else if (options->events && !options->json)
        wrong = "--events goes with --json";
    else if (options->task == TASK_LIVE && options->separate)
        wrong = "--separate goes with files, not with -i";
    else if (options->task == TASK_LIVE && options->is_jobs_given)
        wrong = "--jobs goes with files, not with -i";
    if (!wrong)
        return 0;
    fprintf(stderr, "smblame: %s. 'smblame --help' shows examples.\n", wrong);
    return EXIT_USAGE;
}

/* The cores that this process may use. */
static unsigned cores(void) {
    cpu_set_t usable;
    int count = sched_getaffinity(0, sizeof usable, &usable) == 0 ? CPU_COUNT(&usable) : 1;
    return count > JOBS_MOST ? JOBS_MOST : (unsigned)count;
}

int options_parse(struct options *options, int argc, char **argv) {
    *options = (struct options){.codepage = "CP850",
                                .user = "nobody",
                                .stats_interval_s = 60,
                                .jobs = cores(),
                                .workers = 1};
    const char ***lists[] = {&options->inputs, &options->confirmed, &options->devices,
                             &options->sensors, &options->stop_when};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        *lists[i] = calloc((size_t)argc + 1, sizeof **lists[i]);
        if (!*lists[i])
            return EXIT_RUNTIME;
    }
    bool only_files = false;
    int at = 1;
    if (argc > 1 && strcmp(argv[1], "explain") == 0) {
        options->task = TASK_EXPLAIN;
        at++;
    }
    for (; at < argc; at++) {
        const char *word = argv[at];
        int failed = 0;
        if (only_files || word[0] != '-' || word[1] == '\0')
            options->inputs[options->input_count++] = word;
        else if (strcmp(word, "--") == 0)
            only_files = true;
        else
            failed = word[1] == '-' ? parse_long(options, argc, argv, &at)
                                    : parse_short(options, argc, argv, &at);
        if (failed)
            return failed;
    }
    return check(options);
}

void options_free(struct options *options) {
    free(options->inputs);
    free(options->confirmed);
    free(options->devices);
    free(options->sensors);
    free(options->stop_when);
    options->inputs = options->confirmed = options->devices = NULL;
    options->sensors = options->stop_when = NULL;
}
