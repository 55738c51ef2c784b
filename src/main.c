/* smblame: who failed to log on over SMB, from where, and what was refused. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <smblame/engine.h>

#include "capture/live.h"
#include "config/options.h"
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

static int version(void) {
    printf("smblame " SMBLAME_VERSION "\nmemory at most %.0f MB for the analysis, touched as "
           "traffic needs it\n",
           (double)sbl_engine_ceiling() / 1e6);
    return EXIT_DONE;
}

static int help(void) {
    options_help();
    return EXIT_DONE;
}

/* The knowledge that the options ask for. 0, or an exit status after saying what is wrong. */
static int read_knowledge(const struct options *options, struct sbl_knowledge **knowledge) {
    int failed = sbl_knowledge_new(knowledge, options->knowledge_dir, stderr);
    if (failed == -ENOMEM)
        fputs("smblame: no memory for the knowledge base\n", stderr);
    return failed == -ENOMEM ? EXIT_RUNTIME : failed ? EXIT_USAGE : EXIT_DONE;
}

static int explain(const struct options *options) {
    struct sbl_knowledge *knowledge;
    int status = read_knowledge(options, &knowledge);
    if (status)
        return status;
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
    sbl_knowledge_free(knowledge);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "smblame: cannot write: %s\n", strerror(errno));
        return EXIT_RUNTIME;
    }
    return status;
}

/* What --confirm gave, as facts. */
static int confirmed_facts(const struct options *options, struct facts *facts) {
    for (size_t i = 0; i < options->confirmed_count; i++) {
        enum fact fact = 0;
        if (!knowledge_fact_confirm(options->confirmed[i], &fact)) {
            fputs("smblame: --confirm takes ", stderr);
            knowledge_confirmable(stderr);
            fputs(", not '", stderr);
            knowledge_print(options->confirmed[i], stderr);
            fputs("'\n", stderr);
            return EXIT_USAGE;
        }
        facts_set(facts, fact, true);
    }
    return EXIT_DONE;
}

/* A mistake in what the user knows is said before the first frame is read. */
static int check_knowledge(const struct options *options) {
    struct facts facts = {0};
    struct sbl_knowledge *knowledge = NULL;
    int status = confirmed_facts(options, &facts);
    if (!status && options->knowledge_dir)
        status = read_knowledge(options, &knowledge);
    sbl_knowledge_free(knowledge);
    return status;
}

static int perform(const struct options *options) {
    switch (options->task) {
    case TASK_LIVE:
        return service_live(options);
    case TASK_LIST_DEVICES:
        return list_devices();
    case TASK_VERSION:
        return version();
    case TASK_HELP:
        return help();
    case TASK_EXPLAIN:
        return explain(options);
    case TASK_REPLAY:
        break;
    }
    return service_replay(options);
}

int main(int argc, char **argv) {
    struct options options;
    int status = options_parse(&options, argc, argv);
    if (status == EXIT_DONE)
        status = check_knowledge(&options);
    if (status == EXIT_DONE)
        status = perform(&options);
    options_free(&options);
    return status;
}
