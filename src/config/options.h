/* The command line, parsed and checked into one immutable struct. */
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

/* Strings and lists point into argv. */
struct options {
    enum task task;
    const char **inputs; /* owned: options_free; with TASK_EXPLAIN the words */
    size_t input_count;
    const char **devices; /* live; owned: options_free */
    size_t device_count;
    const char **sensors; /* NAME=PATH, as typed; owned: options_free */
    size_t sensor_count;
    unsigned snaplen;       /* live; 0 = whole frames */
    unsigned buffer_kib;    /* live: of the kernel's ring; 0 = the usual one */
    bool promiscuous_off;   /* live */
    unsigned workers;       /* live: processes that capture; 0 = as many as it takes */
    const char *record;     /* live: where all frames go; NULL = nowhere */
    const char *evidence;   /* where the frames of diagnoses go; NULL = nowhere */
    bool raw_evidence;      /* with what helps to guess passwords */
    unsigned rotate_s;      /* of `record` and `evidence`: another file after so long, */
    unsigned rotate_mb;     /* after so many millions of bytes, */
    unsigned rotate_files;  /* and of so many in turn; 0 = never, never, without end */
    const char **stop_when; /* as typed; owned: options_free */
    size_t stop_when_count;
    const char *exec_on_open; /* what is run for each diagnosis that opens; NULL = nothing */
    const char *metrics;      /* HOST:PORT or unix:PATH; NULL = none */
    const char *config;       /* NULL = none */
    bool check_only;          /* --check */
    bool watch_screen;        /* --watch */
    bool without_cage;
    const char *filter;
    const char *user;     /* whom to become once the device is open */
    const char *codepage; /* --oem-codepage */
    enum sbl_classify classify;
    uint64_t frame_limit;      /* -c; 0 = all */
    unsigned jobs;             /* threads for files, from 1 on */
    bool is_jobs_given;        /* else it is the cores of the machine */
    unsigned stats_interval_s; /* live */
    bool json, events, separate, quiet, verbose;
    const char *knowledge_dir; /* NULL = the compiled-in base alone */
    const char **confirmed;    /* as typed; owned: options_free */
    size_t confirmed_count;
    unsigned lockout_threshold;  /* 0 = not known */
    unsigned lockout_window_min; /* 0 = not known */
    bool diagnosis_off;
    struct sbl_limits limits; /* zeroed: the usual ones */
};

/* Parses argv. 0, or EXIT_USAGE after saying on stderr what is wrong and what was expected. */
int options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);

/* The text of --help. */
void options_help(void);

#endif
