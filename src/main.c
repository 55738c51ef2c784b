/* smblame: who failed to log on over SMB, from where, and what was refused. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <smblame/engine.h>

#include "capture/live.h"
#include "config/options.h"
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
    case TASK_REPLAY:
        break;
    }
    return service_replay(options);
}

int main(int argc, char **argv) {
    struct options options;
    int status = options_parse(&options, argc, argv);
    if (status == EXIT_DONE)
        status = perform(&options);
    options_free(&options);
    return status;
}
