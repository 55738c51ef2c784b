/* What is told goes to the records, or to the summary, as the options say. */
#include "service/outlet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "deliver/output.h"
#include "emit/identity.h"
#include "service/trigger.h"

struct outlet {
    const struct options *options;
    struct emit_names names;
    struct records *records;   /* --json */
    struct summary *summary;   /* else */
    struct screen *screen;     /* --watch */
    struct trigger *trigger;   /* --stop-when */
    struct runner *runner;     /* --exec-on-open */
    struct state *state;       /* live */
    struct evidence *evidence; /* -w */
    struct text_codepage codepage;
    char image_path[1024];
    int output_fd;
    bool is_mute;
    uint64_t records_out;
};

/* --json tells single findings only with --events. */
static bool tells_events(const struct outlet *outlet) {
    return outlet->records && outlet->options->events;
}

static void take_attempt(void *context, const struct sbl_attempt *attempt) {
    struct outlet *outlet = context;
    if (outlet->trigger)
        trigger_attempt(outlet->trigger, attempt);
    if (outlet->evidence)
        evidence_attempt(outlet->evidence, attempt);
    if (tells_events(outlet))
        records_attempt(outlet->records, attempt);
    if (outlet->summary)
        summary_attempt(outlet->summary, attempt);
    if (outlet->screen)
        screen_attempt(outlet->screen, attempt);
}

static void take_tree_refusal(void *context, const struct sbl_tree_refusal *refusal) {
    struct outlet *outlet = context;
    if (outlet->trigger)
        trigger_tree_refusal(outlet->trigger, refusal);
    if (outlet->evidence)
        evidence_tree_refusal(outlet->evidence, refusal);
    if (tells_events(outlet))
        records_tree_refusal(outlet->records, refusal);
    if (outlet->summary)
        summary_tree_refusal(outlet->summary, refusal);
    if (outlet->screen)
        screen_tree_refusal(outlet->screen, refusal);
}

static void take_probe(void *context, const struct sbl_probe *probe) {
    struct outlet *outlet = context;
    if (outlet->trigger)
        trigger_probe(outlet->trigger, probe);
    if (outlet->evidence)
        evidence_probe(outlet->evidence, probe);
    if (tells_events(outlet))
        records_probe(outlet->records, probe);
    if (outlet->summary)
        summary_probe(outlet->summary, probe);
    if (outlet->screen)
        screen_probe(outlet->screen, probe);
}

static void take_tree_grant(void *context, const struct sbl_tree_grant *grant) {
    const struct outlet *outlet = context;
    if (outlet->evidence)
        evidence_tree_grant(outlet->evidence, grant);
}

static void take_diagnosis(void *context, const struct sbl_diagnosis *diagnosis) {
    struct outlet *outlet = context;
    if (outlet->trigger)
        trigger_diagnosis(outlet->trigger, diagnosis);
    if (outlet->state)
        state_diagnosis(outlet->state, diagnosis);
    if (outlet->runner && !outlet->is_mute)
        runner_diagnosis(outlet->runner, diagnosis);
    if (outlet->evidence && !outlet->is_mute)
        evidence_diagnosis(outlet->evidence, diagnosis);
    if (outlet->records)
        records_diagnosis(outlet->records, diagnosis);
    if (outlet->summary)
        summary_diagnosis(outlet->summary, diagnosis);
    if (outlet->screen)
        screen_diagnosis(outlet->screen, diagnosis);
}

/* Single findings are heard of only where somebody wants them. */
struct sbl_listener outlet_listener(struct outlet *outlet, const struct options *options) {
    struct sbl_listener listener = {.context = outlet};
    if (!options->diagnosis_off)
        listener.diagnosis = take_diagnosis;
    if (!options->json || options->events || options->stop_when_count || options->evidence) {
        listener.attempt = take_attempt;
        listener.tree_refusal = take_tree_refusal;
        listener.probe = take_probe;
    }
    if (options->evidence)
        listener.tree_grant = take_tree_grant;
    return listener;
}

static const char *image_path(void *context, struct sbl_frame_ref frame, uint32_t process) {
    struct outlet *outlet = context;
    struct sbl_text path = {0};
    uint32_t pid;
    bool lossy;
    const struct emit_names *names = &outlet->names;
    if (!names->process || !names->process(names->context, frame.file, process, &pid, &path))
        return NULL;
    size_t size = text_to_utf8(path, &outlet->codepage, outlet->image_path,
                               sizeof outlet->image_path - 1, &lossy);
    outlet->image_path[size] = 0;
    return outlet->image_path;
}

struct sbl_engine_options outlet_engine(struct outlet *outlet, const struct options *options,
                                        const struct sbl_knowledge *knowledge) {
    return (struct sbl_engine_options){
        .classify = options->classify,
        .listener = outlet_listener(outlet, options),
        .diagnosis = {.knowledge = knowledge,
                      .lockout_threshold = options->lockout_threshold,
                      .lockout_window_min = options->lockout_window_min,
                      .confirmed = options->confirmed,
                      .confirmed_count = options->confirmed_count,
                      .oem_codepage = options->codepage,
                      .process_context = outlet,
                      .process = image_path},
        .limits = options->limits};
}

/* Mute, it takes all and puts out nothing. */
static int put_out(void *context, const char *bytes, size_t size) {
    struct outlet *outlet = context;
    if (outlet->is_mute)
        return 0;
    for (const char *at = bytes; (at = memchr(at, '\n', size - (size_t)(at - bytes))); at++)
        outlet->records_out++;
    return output_write(&outlet->output_fd, bytes, size);
}

static bool wants_colour(void) {
    const char *no_colour = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
}

static int start_screen(struct outlet *outlet) {
    const struct options *options = outlet->options;
    size_t count = options->input_count + options->device_count + options->sensor_count;
    char source[64];
    if (count > 1)
        (void)snprintf(source, sizeof source, "%zu inputs", count);
    else
        text_copy(source, sizeof source,
                  options->device_count  ? options->devices[0]
                  : options->input_count ? options->inputs[0]
                                         : options->sensors[0]);
    const struct screen_options wanted = {.page = &outlet->codepage,
                                          .source = source,
                                          .threshold = options->lockout_threshold,
                                          .window_min = options->lockout_window_min,
                                          .colour = wants_colour()};
    return screen_new(&outlet->screen, &wanted);
}

static int start_trigger(struct outlet *outlet, const struct sbl_knowledge *knowledge) {
    const struct options *options = outlet->options;
    const struct trigger_options wanted = {.words = options->stop_when,
                                           .count = options->stop_when_count,
                                           .knowledge = knowledge,
                                           .diagnosis_off = options->diagnosis_off,
                                           .page = &outlet->codepage};
    return trigger_new(&outlet->trigger, &wanted, stderr);
}

static int start(struct outlet *outlet, const struct sbl_knowledge *knowledge) {
    const struct options *options = outlet->options;
    int failed = text_codepage_init(&outlet->codepage, options->codepage);
    if (failed) {
        fprintf(stderr,
                "smblame: --oem-codepage: '%s' is no 8-bit code page that iconv knows; "
                "'iconv -l' lists them\n",
                options->codepage);
        return failed;
    }
    const struct emit_output output = {outlet, put_out};
    failed = options->json
                 ? records_new(&outlet->records, &output, &outlet->names, &outlet->codepage)
                 : summary_new(&outlet->summary, &outlet->names, &outlet->codepage);
    if (!failed && options->watch_screen)
        failed = start_screen(outlet);
    if (!failed && options->task == TASK_LIVE)
        failed = state_new(&outlet->state);
    return !failed && options->stop_when_count ? start_trigger(outlet, knowledge) : failed;
}

int outlet_new(struct outlet **outlet, const struct options *options,
               const struct sbl_knowledge *knowledge, const struct emit_names *names) {
    *outlet = calloc(1, sizeof **outlet);
    if (!*outlet)
        return -ENOMEM;
    **outlet = (struct outlet){.options = options, .names = *names, .output_fd = STDOUT_FILENO};
    int failed = start(*outlet, knowledge);
    if (failed) {
        outlet_free(*outlet);
        *outlet = NULL;
    }
    return failed;
}

void outlet_set_uncaged(struct outlet *outlet) {
    if (outlet->records)
        records_set_uncaged(outlet->records);
    if (outlet->runner)
        runner_set_uncaged(outlet->runner);
}

void outlet_mute(struct outlet *outlet, bool is_mute) {
    if (outlet->is_mute != is_mute)
        (void)outlet_flush(outlet);
    outlet->is_mute = is_mute;
}

int outlet_flush(struct outlet *outlet) {
    return outlet->records ? records_flush(outlet->records) : 0;
}

void outlet_stats(struct outlet *outlet, const struct sbl_stats *stats,
                  const struct sbl_live_stats *live) {
    if (outlet->records && live)
        records_live_stats(outlet->records, stats, live);
    else if (outlet->records)
        records_stats(outlet->records, stats);
}

void outlet_health(struct outlet *outlet, const struct sbl_health *health) {
    if (outlet->records)
        records_health(outlet->records, health);
}

static unsigned terminal_width(void) {
    struct winsize size = {0};
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40;
    return known ? size.ws_col : 100;
}

bool outlet_is_met(const struct outlet *outlet) {
    return outlet->trigger && trigger_hit(outlet->trigger).word;
}

/* Which trigger ended the analysis, and where. */
static void tell_trigger(const struct outlet *outlet) {
    if (!outlet_is_met(outlet) || outlet->options->quiet)
        return;
    const struct trigger_hit hit = trigger_hit(outlet->trigger);
    const struct emit_names *names = &outlet->names;
    const char *file = names->file ? names->file(names->context, hit.frame.file) : NULL;
    char time[IDENTITY_TIME_BYTES];
    identity_time(hit.time_ns, time);
    fprintf(stderr, "smblame: --stop-when '%s' was met", hit.word);
    if (hit.frame.number && !names->has_no_numbers)
        fprintf(stderr, " by frame %llu", (unsigned long long)hit.frame.number);
    if (hit.frame.number && file)
        fprintf(stderr, " of %s", file);
    fprintf(stderr, " at %s\n", time);
}

int outlet_finish(struct outlet *outlet, const struct sbl_stats *stats,
                  const struct sbl_live_stats *live) {
    tell_trigger(outlet);
    if (outlet->records) {
        outlet_stats(outlet, stats, live);
        return records_flush(outlet->records);
    }
    struct summary_style style = {
        .colour = wants_colour(), .verbose = outlet->options->verbose, .width = terminal_width()};
    summary_print(outlet->summary, stats, &style, stdout);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : -EIO;
}

void outlet_keep(struct outlet *outlet, struct evidence *evidence) {
    outlet->evidence = evidence;
}

void outlet_run_on_open(struct outlet *outlet, struct runner *runner) {
    outlet->runner = runner;
}

void outlet_print_state(const struct outlet *outlet, const struct state_facts *facts) {
    if (outlet->state)
        state_print(outlet->state, facts, stderr);
}

const struct text_codepage *outlet_page(const struct outlet *outlet) {
    return &outlet->codepage;
}

uint64_t outlet_records_out(const struct outlet *outlet) {
    return outlet->records_out;
}

size_t outlet_open_diagnoses(const struct outlet *outlet) {
    return outlet->state ? state_count(outlet->state) : 0;
}

struct screen *outlet_screen(struct outlet *outlet) {
    return outlet->screen;
}

void outlet_free(struct outlet *outlet) {
    if (!outlet)
        return;
    records_free(outlet->records);
    summary_free(outlet->summary);
    screen_free(outlet->screen);
    trigger_free(outlet->trigger);
    state_free(outlet->state);
    free(outlet);
}
