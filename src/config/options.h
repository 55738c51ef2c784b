/* The command line and the configuration file, parsed and checked into one immutable struct. */
#ifndef SMBLAME_CONFIG_OPTIONS_H
#define SMBLAME_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/engine.h>

/* Exit statuses (README, "Use"). */
enum exit_status { EXIT_DONE = 0, EXIT_RUNTIME = 1, EXIT_USAGE = 2, EXIT_PARTIAL = 4 };

/* What to do. EXPLAIN takes words instead of files; LIST and the two texts need no input. */
enum task { TASK_REPLAY, TASK_LIVE, TASK_LIST_DEVICES, TASK_VERSION, TASK_HELP, TASK_EXPLAIN };

/* How many options there are; what stands for the command line among lines of a file. */
enum { OPTIONS_COUNT = 42, OPTIONS_TYPED = UINT16_MAX, OPTIONS_PLACE_SIZE = 4400 };

/* A text of the configuration file, and its line. */
struct option_text {
    char *text;
    unsigned line;
};

/* Strings point into argv, or are of the configuration file and live until options_free. */
struct options {
    enum task task;
    enum sbl_classify classify;
    const char **inputs; /* owned: options_free; with TASK_EXPLAIN the words */
    size_t input_count;
    const char **devices; /* live; owned: options_free */
    size_t device_count;
    const char **sensors; /* NAME=PATH, as typed; owned: options_free */
    size_t sensor_count;
    const char *filter;
    uint64_t frame_limit;      /* -c; 0 = all */
    unsigned snaplen;          /* live; 0 = whole frames */
    unsigned buffer_kib;       /* live: of the kernel's ring; 0 = the usual one */
    unsigned workers;          /* live: processes that capture; 0 = as many as it takes */
    unsigned jobs;             /* threads for files, from 1 on */
    const char *record;        /* live: where all frames go; NULL = nowhere */
    const char *evidence;      /* where the frames of diagnoses go; NULL = nowhere */
    unsigned rotate_s;         /* of `record` and `evidence`: another file after so long, */
    unsigned rotate_mb;        /* after so many millions of bytes, */
    unsigned rotate_files;     /* and of so many in turn; 0 = never, never, without end */
    unsigned stats_interval_s; /* live */
    const char **stop_when;    /* as typed; owned: options_free */
    size_t stop_when_count;
    const char *exec_on_open;  /* what is run for each diagnosis that opens; NULL = nothing */
    const char *metrics;       /* HOST:PORT or unix:PATH; NULL = none */
    const char *config;        /* NULL = none */
    const char *user;          /* whom to become once the device is open */
    const char *codepage;      /* --oem-codepage */
    const char *knowledge_dir; /* NULL = the compiled-in base alone */
    const char **confirmed;    /* as typed; owned: options_free */
    size_t confirmed_count;
    unsigned lockout_threshold;  /* 0 = not known */
    unsigned lockout_window_min; /* 0 = not known */
    bool json, events, separate, quiet, verbose;
    bool promiscuous_off; /* live */
    bool raw_evidence;    /* with what helps to guess passwords */
    bool check_only;      /* --check */
    bool watch_screen;    /* --watch */
    bool without_cage;
    bool diagnosis_off;
    bool is_jobs_given;       /* else it is the cores of the machine */
    struct sbl_limits limits; /* zeroed: the usual ones */
    /* Where each was given, by config/rows.h: 0 = nowhere, a line of `config`, OPTIONS_TYPED. */
    uint16_t given[OPTIONS_COUNT];
    int argc; /* what it was parsed from, to be parsed again */
    char **argv;
    struct option_text *owned; /* what came from the file; owned: options_free */
    size_t owned_count;
};

/* Parses argv and the configuration file that it names (--config). The command line wins: a value
 * replaces that of the file, and a repeatable option the file's whole list; only --limit is by
 * name. Who names there what is read reads it alone, and nothing of the file is written, run or
 * served. Paths in the file are relative to its directory. 0, or an exit status after saying on
 * stderr what is wrong, with file and line, and what was expected. The same argv can be parsed
 * again into another struct (of a reload), which reads the file anew. options_free is due either
 * way. */
int options_parse(struct options *options, int argc, char **argv);

/* How a message calls an option: "--filter", or "FILE:LINE: filter" when it is of the file, the
 * line being that of `value`, one of a list's, or where the option is first given (NULL). `name` is
 * a long option. `out` has OPTIONS_PLACE_SIZE bytes and is returned. */
const char *options_place(const struct options *options, const char *name, const char *value,
                          char *out);

/* Tells the names of all options that differ, and whether a running process can take the new value
 * up (`is_live`) or has to be started again; how many of the latter there are. That files did not
 * change their names does not say that their contents are the same. */
unsigned options_changes(const struct options *old, const struct options *new_, void *context,
                         void (*tell)(void *context, const char *name, bool is_live));

/* Puts into `running` what it can take from `fresh` (`is_live` above), which has to live as long;
 * it is to be a copy, whose original alone is given to options_free. */
void options_adopt(struct options *running, const struct options *fresh);

/* Of a reload: parses again what `running` was parsed from, and notes on stderr (unless quiet) what
 * has another value that waits for a restart. 0: `fresh` is for options_adopt. Else an exit status
 * after saying what is wrong, and all stays as it is. options_free of `fresh` is due either way. */
int options_reload(struct options *fresh, const struct options *running);

void options_free(struct options *options);

/* The text of --help. */
void options_help(void);

#endif
