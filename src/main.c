/* smblame: who failed to log on over SMB, from where, and what was refused. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <smblame/engine.h>

#include "capture/live.h"
#include "config/limit.h"
#include "config/options.h"
#include "jobs/jobs.h"
#include "knowledge/knowledge.h"
#include "service/service.h"

static void tell_device(void *context, const char *name, const char *description) {
    (void)context;
    printf("%-16s %s\n", name, description ? description : "");
}

static int list_devices(void) {
    int failed = live_list(tell_device, NULL);
    if (failed)
        fprintf(stderr, "smblame: cannot list interfaces: %s\n", strerror(-failed));
    return failed ? EXIT_RUNTIME : EXIT_DONE;
}

static int version(const struct options *options) {
    printf("smblame " SMBLAME_VERSION "\nmemory at most %.0f MB for the analysis, touched as "
           "traffic needs it\n",
           (double)jobs_ceiling(options->jobs, &options->limits) / 1e6);
    if (options->verbose) {
        puts("it is the sum of what is remembered at once, set by --limit NAME=N:");
        limit_list(&options->limits, stdout);
    }
    return EXIT_DONE;
}

static int help(void) {
    options_help();
    return EXIT_DONE;
}

static int explain(const struct options *options, const struct sbl_knowledge *knowledge) {
    int status = EXIT_DONE;
    for (size_t i = 0; i < options->input_count; i++) {
        if (knowledge_explain(knowledge, options->inputs[i], stdout))
            continue;
        fputs("smblame: nothing is known of '", stderr);
        knowledge_print(options->inputs[i], stderr);
        fputs("'\n", stderr);
        status = EXIT_RUNTIME;
    }
    if (status)
        fputs(
            "smblame: explain takes the id of a cause, a status (STATUS_LOGON_FAILURE, 0xC000006D, "
            "2/2),\nan account, a share, a file name or an article (Q278660); a capture of that "
            "name is read with -r\n",
            stderr);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "smblame: cannot write: %s\n", strerror(errno));
        return EXIT_RUNTIME;
    }
    return status;
}

/* Whether --confirm gave nothing but facts. */
static int check_confirmed(const struct options *options) {
    char place[OPTIONS_PLACE_SIZE];
    for (size_t i = 0; i < options->confirmed_count; i++) {
        enum fact fact;
        const char *word = options->confirmed[i];
        if (knowledge_fact_confirm(word, &fact))
            continue;
        fprintf(stderr, "smblame: %s takes ", options_place(options, "confirm", word, place));
        knowledge_confirmable(stderr);
        fputs(", not '", stderr);
        knowledge_print(word, stderr);
        fputs("'\n", stderr);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

/* The user's own is read even where nothing asks for it: its mistakes are said all the same. */
static bool wants_knowledge(const struct options *options) {
    bool diagnoses = options->task == TASK_REPLAY || options->task == TASK_LIVE;
    return options->knowledge_dir || options->task == TASK_EXPLAIN ||
           (diagnoses && (!options->diagnosis_off || options->stop_when_count));
}

/* What the options ask for, read before the first frame is; stays NULL where they ask for none. An
 * exit status, after saying what is wrong. */
static int read_knowledge(const struct options *options, struct sbl_knowledge **knowledge) {
    int status = check_confirmed(options);
    if (status || !wants_knowledge(options))
        return status;
    int failed = sbl_knowledge_new(knowledge, options->knowledge_dir, stderr);
    if (failed == -ENOMEM)
        fputs("smblame: no memory for the knowledge base\n", stderr);
    return failed == -ENOMEM ? EXIT_RUNTIME : failed ? EXIT_USAGE : EXIT_DONE;
}

static int perform(const struct options *options, const struct sbl_knowledge *knowledge) {
    switch (options->task) {
    case TASK_LIVE:
        if (options->device_count == 0) /* sensors are read as files are */
            break;
        return service_live(options, knowledge);
    case TASK_LIST_DEVICES:
        return list_devices();
    case TASK_VERSION:
        return version(options);
    case TASK_HELP:
        return help();
    case TASK_EXPLAIN:
        return explain(options, knowledge);
    case TASK_REPLAY:
        break;
    }
    return service_replay(options, knowledge);
}

int main(int argc, char **argv) {
    struct options options;
    struct sbl_knowledge *knowledge = NULL;
    int status = options_parse(&options, argc, argv);
    if (status == EXIT_DONE)
        status = read_knowledge(&options, &knowledge);
    if (status == EXIT_DONE)
        status =
            options.check_only ? service_check(&options, knowledge) : perform(&options, knowledge);
    sbl_knowledge_free(knowledge);
    options_free(&options);
    return status;
}
