/* What the keeper knows, and the words its two files have for each other. */
#ifndef SMBLAME_SERVICE_KEEPER_H
#define SMBLAME_SERVICE_KEEPER_H

#include "service/notify.h"
#include "service/team.h"

struct child {
    pid_t pid;           /* 0: there is none */
    uint64_t started_ms; /* the last time */
    uint64_t again_ms;   /* when it is to be started again, 0: not at all */
    uint64_t died_ms;
    uint64_t restarts;
    uint64_t beat, moved_ms; /* as it last was, and since when */
    unsigned vain_lives;     /* in turn, of speak: short ones, in which nothing was put out */
    uint64_t taken;          /* of speak: how far everything was put out when it began */
    bool is_silent;          /* its death is no news */
    bool has_ended;          /* in order */
    struct sbl_health death; /* to be told when it is known what was lost */
};

struct keeper {
    struct team team;
    int signals;
    int talk; /* our end; -1: none */
    uint32_t groups[LIVE_DEVICES_MAX];
    struct eyes eyes[WATCHES_MOST];         /* opened, and not yet handed to a watch */
    struct live_sockets left[WATCHES_MOST]; /* of what each watch took: asked when it dies what was
                                               lost, and open until others are */
    struct notify notify;
    uint64_t fed_ms;
    uint64_t watch_restarts, speak_restarts; /* after a death */
    struct child speak, watches[WATCHES_MOST];
    bool is_ending, is_finish_said, was_ready;
    uint64_t ending_ms; /* since when */
    int status;
};

/* keeper_open.c. Where something can fail: 0 or a negative errno, with a line in `error` or on
 * stderr.
 *
 * Devices and files of frames for a watch; after a watch has died, for the next one. */
int keeper_open_devices(struct keeper *keeper, unsigned index, char *error, size_t error_size);
void keeper_close_eyes(struct eyes *eyes);
void keeper_close_all_eyes(struct keeper *keeper);

/* All that is opened once, and by whom may do it: from then on nothing is left but CAP_NET_RAW. */
int keeper_open_all(struct keeper *keeper);

/* Whether the kernel gives the cage. */
int keeper_try_cage(struct keeper *keeper);

/* What a watch shares with speak; and, of it, the memory for frames, emptied. */
int keeper_share_memory(struct keeper *keeper, unsigned index);
void keeper_prepare_kept(struct keeper *keeper, unsigned index);

/* -v: what is looked at, and what that can take. */
void keeper_tell_more(const struct keeper *keeper);

/* How many watches `--workers auto` means. */
unsigned keeper_cores(void);

#endif
