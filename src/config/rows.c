/* The table itself, in the order of --help, and how a row of it is found. */
#include "config/rows.h"

#include <string.h>

#include "config/hint.h"
#include "config/kinds.h"
#include "jobs/jobs.h"

#define AT(field) offsetof(struct options, field)
#define LIST(field, count) offsetof(struct options, field), offsetof(struct options, count)

enum { WORKERS_MOST = 64, BUFFER_KIB_MOST = 2 << 20, YEAR_S = 31536000, DAY_S = 86400 };

const struct row option_rows[ROW_COUNT] = {
    {'r', ROW_SOURCE, "read", "FILE", "read a capture file; repeatable; '-' is standard input",
     &kind_paths, LIST(inputs, input_count), 0},
    {'i', ROW_SOURCE, "interface", "IF", "watch an interface until interrupted; repeatable",
     &kind_texts, LIST(devices, device_count), 0},
    {'f', 0, "filter", "BPF", "look only at frames the filter accepts (pcap-filter(7))",
     &kind_long_text, AT(filter), 0, 0},
    {'c', 0, "count", "N", "stop after N frames", &kind_count, AT(frame_limit), 0, 0},
    {'s', ROW_LIVE, "snapshot-length", "N", "live: bytes kept of each frame (262144)", &kind_number,
     AT(snaplen), 0, SBL_MAX_FRAME_BYTES},
    {'B', ROW_LIVE, "buffer-size", "KIB", "live: the kernel's ring of frames (16384)", &kind_number,
     AT(buffer_kib), 0, BUFFER_KIB_MOST},
    {'p', ROW_LIVE, "no-promiscuous-mode", NULL, "live: only frames of this machine", &kind_flag,
     AT(promiscuous_off), 0, 0},
    {0, ROW_LIVE, "workers", "N", "live: processes that share the connections, or 'auto' (1)",
     &kind_workers, AT(workers), 0, WORKERS_MOST},
    {0, ROW_SOURCE, "sensor", "NAME=PATH", "a stream of frames in a named pipe; repeatable",
     &kind_sensors, LIST(sensors, sensor_count), 0},
    {0, ROW_LIVE | ROW_EFFECT, "record", "FILE", "live: keep all frames as pcapng", &kind_path,
     AT(record), 0, 0},
    {'w', ROW_EFFECT, "write", "FILE", "keep the frames of diagnoses as pcapng, secrets blanked",
     &kind_path, AT(evidence), 0, 0},
    {0, ROW_EFFECT, "raw-evidence", NULL, "with -w: blank nothing", &kind_flag, AT(raw_evidence), 0,
     0},
    {'G', ROW_EFFECT, "rotate-seconds", "S", "another file of -w or --record after S", &kind_number,
     AT(rotate_s), 0, YEAR_S},
    {'C', ROW_EFFECT, "rotate-size", "MB", "another file after so many million bytes", &kind_number,
     AT(rotate_mb), 0, 1000000},
    {'W', ROW_EFFECT, "rotate-files", "N", "of N files in turn, the oldest is overwritten",
     &kind_number, AT(rotate_files), 0, 9999},
    {0, ROW_RELOADS, "stop-when", "WHAT", "end at this cause, account or status; repeatable",
     &kind_texts, LIST(stop_when, stop_when_count), 0},
    {0, ROW_EFFECT, "exec-on-open", "CMD", "run CMD, without a shell, as a diagnosis opens",
     &kind_command, AT(exec_on_open), 0, 0},
    {0, ROW_LIVE | ROW_EFFECT, "metrics", "ADDRESS",
     "live: Prometheus on 127.0.0.1:PORT or unix:PATH", &kind_address, AT(metrics), 0, 0},
    {0, 0, "watch", NULL, "a table that refreshes itself instead of the summary", &kind_flag,
     AT(watch_screen), 0, 0},
    {0, 0, "without-cage", NULL, "go on where the kernel cannot confine us", &kind_flag,
     AT(without_cage), 0, 0},
    {0, ROW_TYPED, "config", "FILE", "options from a file; the command line wins", &kind_path,
     AT(config), 0, 0},
    {0, ROW_TYPED, "check", NULL, "say whether options and files are right, and end", &kind_flag,
     AT(check_only), 0, 0},
    {0, 0, "json", NULL, "one JSON record per line instead of the summary", &kind_flag, AT(json), 0,
     0},
    {0, 0, "events", NULL, "with --json: every logon, refused share and refused open", &kind_flag,
     AT(events), 0, 0},
    {0, ROW_FILES, "separate", NULL, "each file on its own instead of all as one capture",
     &kind_flag, AT(separate), 0, 0},
    {0, ROW_FILES, "jobs", "N", "files: threads that share the connections (as many as cores)",
     &kind_number, AT(jobs), 0, JOBS_MOST},
    {0, 0, "oem-codepage", "NAME", "code page of names that are not Unicode (CP850)", &kind_text,
     AT(codepage), 0, 0},
    {0, 0, "classify", "WHAT", "'known' or 'full': let nDPI name what is not SMB", &kind_classify,
     AT(classify), 0, 0},
    {0, 0, "no-classify", NULL, "leave nDPI out", &kind_no_classify, AT(classify), 0, 0},
    {0, ROW_LIVE, "user", "NAME", "live: whom to become once the device is open (nobody)",
     &kind_text, AT(user), 0, 0},
    {0, ROW_LIVE | ROW_RELOADS, "stats-interval", "S",
     "live: seconds between statistics records (60)", &kind_number, AT(stats_interval_s), 0, DAY_S},
    {0, ROW_RELOADS, "knowledge", "DIR", "own knowledge: drivers.json and others, see 'explain'",
     &kind_path, AT(knowledge_dir), 0, 0},
    {0, ROW_RELOADS, "lockout-threshold", "N", "bad passwords that lock an account (1-999)",
     &kind_number, AT(lockout_threshold), 0, 999},
    {0, ROW_RELOADS, "lockout-window", "MIN", "minutes after which they count no more (1-99999)",
     &kind_number, AT(lockout_window_min), 0, 99999},
    {0, ROW_RELOADS, "confirm", "FACT", "what only you can know: old-password, nal-logging",
     &kind_texts, LIST(confirmed, confirmed_count), 0},
    {0, 0, "no-diagnosis", NULL, "failures only, no causes", &kind_flag, AT(diagnosis_off), 0, 0},
    {0, 0, "limit", "NAME=N", "how much is remembered; -V -v lists the names; repeatable",
     &kind_limit, AT(limits), 0, 0},
    {'D', ROW_TYPED, "list-interfaces", NULL, "list the interfaces that can be watched", &kind_task,
     AT(task), 0, TASK_LIST_DEVICES},
    {'q', ROW_RELOADS, "quiet", NULL, "no progress and no notes on standard error, only errors",
     &kind_flag, AT(quiet), 0, 0},
    {'v', ROW_RELOADS, "verbose", NULL, "more in the summary; with -V: the limits", &kind_flag,
     AT(verbose), 0, 0},
    {'V', ROW_TYPED, "version", NULL, "version, and the most memory the analysis can take",
     &kind_task, AT(task), 0, TASK_VERSION},
    {'h', ROW_TYPED, "help", NULL, "this text", &kind_task, AT(task), 0, TASK_HELP},
};

const struct row *row_by_letter(char letter) {
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (letter && option_rows[i].letter == letter)
            return &option_rows[i];
    return NULL;
}

const struct row *row_by_name(const char *name, size_t size) {
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (strlen(option_rows[i].name) == size && memcmp(option_rows[i].name, name, size) == 0)
            return &option_rows[i];
    return NULL;
}

const struct row *row_of(const char *name) {
    return row_by_name(name, strlen(name));
}

const char *row_nearest(const char *typed, size_t size, unsigned marks) {
    struct hint hint = hint_for(typed, size);
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (!(option_rows[i].marks & marks))
            hint_offer(&hint, option_rows[i].name);
    return hint.name;
}

bool row_is_on(const struct options *options, const struct row *row) {
    const bool *flag = (const bool *)((const char *)options + row->at);
    return options->given[row - option_rows] && (row->kind != &kind_flag || *flag);
}

int row_take(const struct taking *taking, const struct row *row, const char *text) {
    uint16_t *given = &taking->options->given[row - option_rows];
    if (!taking->file && *given && *given != OPTIONS_TYPED && row->count_at)
        *(size_t *)(void *)((char *)taking->options + row->count_at) = 0;
    int failed = row->kind->take(taking, row, text);
    if (!failed && !taking->file)
        *given = OPTIONS_TYPED;
    else if (!failed && !*given)
        *given = (uint16_t)taking->line;
    return failed;
}
