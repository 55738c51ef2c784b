/* The processes of a live capture. The keeper makes what they share, forks them, and starts again
 * what dies; it holds CAP_NET_RAW and looks at no packet. Watches look at packets and can do
 * nothing else. Speak tells, and sees no packet.
 *
 *     devices --> watch --notes, board--> speak --> output
 *                   \                    /
 *                    signals, ends --- keeper --- words
 *
 * Notes go through a channel each watch has for itself (notes/channel.h). Words are few: they go
 * between keeper and speak over a socket pair, and are values of one size. */
#ifndef SMBLAME_SERVICE_TEAM_H
#define SMBLAME_SERVICE_TEAM_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/health.h>

#include "base/shared.h"
#include "capture/live.h"
#include "config/options.h"
#include "guard/process.h"
#include "notes/channel.h"
#include "service/metrics.h"
#include "service/record.h"
#include "service/runner.h"
#include "service/terminal.h"

enum { WATCHES_MOST = 64 };

/* Exit statuses of watch and speak beyond enum exit_status. */
enum { EXIT_DEVICE_GONE = 10, EXIT_RELOAD = 11 };

enum word_kind {
    WORD_READY = 0, /* speak: it listens */
    WORD_STOP,      /* speak: it is enough (a trigger, the output's end) */
    WORD_HEALTH,    /* keeper: to be told */
    WORD_AGAIN,     /* keeper: the watch `watch` is another one, and keeps frames anew */
    WORD_STATE,     /* keeper: print how things are */
    WORD_RELOAD, /* keeper: if configuration and knowledge are right, make room for a successor */
    WORD_STAYS,  /* speak: they are not, and were complained about */
    WORD_FINISH, /* keeper: all watches have ended, nothing more will come */
};

struct word {
    enum word_kind kind;
    unsigned watch;
    struct sbl_health health;
    uint64_t watch_restarts, speak_restarts; /* WORD_HEALTH: so far */
};

/* What processes share, made before the first fork. */
struct team {
    const struct options *options;
    const struct sbl_knowledge *knowledge;
    bool is_reloaded; /* options and knowledge are to be read again by whoever starts */
    unsigned watch_count;
    struct channel *channels[WATCHES_MOST];
    struct shared kept[WATCHES_MOST]; /* -w: frames, for speak to read */
    bool is_uncaged;
    bool passes_over; /* whoever starts leaves out what waits, and what came before */
    struct process_descriptors inherited; /* of whoever started us */
    int metrics_fd;                       /* listening; -1: nobody asks */
    struct terminal *terminal;            /* --watch, else NULL */
    struct runner *runner;                /* --exec-on-open, else NULL */
};

/* What a watch has for itself, opened by the keeper; it takes all of it over. */
struct eyes {
    struct live *live;
    struct recording *recording; /* NULL: none */
};

/* A watch, in its process: looks at what its devices bring until SIGTERM, the end of -c or of a
 * device. Its exit status. */
int watch_main(struct team *team, unsigned index, const struct eyes *eyes);

/* Speak, in its process: tells what comes through the channels until the keeper's end of `talk` is
 * closed or says WORD_FINISH. `life`: how many were there before. Its exit status. */
int speak_main(struct team *team, int talk, unsigned life);

#endif
