/* What speak knows, and the words its two files have for each other. */
#ifndef SMBLAME_SERVICE_SPEAK_H
#define SMBLAME_SERVICE_SPEAK_H

#include <uv.h>

#include "classify/classify.h"
#include "counting.h"
#include "service/boards.h"
#include "service/keeping.h"
#include "service/outlet.h"
#include "service/team.h"
#include "telling.h"

struct speak {
    struct team *team;
    int talk;
    unsigned life;           /* how many have done its work before */
    struct keeping *keeping; /* -w */
    struct outlet *outlet;
    struct sbl_engine_options engine;
    struct telling *telling;
    struct front_listener listener; /* telling's */
    struct classify *names;
    struct sbl_stats told_stats;
    struct boards *boards;
    struct counting counting;
    struct metrics *metrics;
    struct metrics_watch metrics_watches[WATCHES_MOST];
    struct metrics_interface metrics_interfaces[CHANNEL_DEVICES];
    struct metrics_process metrics_processes[2];
    struct metrics_sink metrics_sink;
    int64_t started_s;
    uint64_t watch_restarts, speak_restarts;
    bool has_news; /* for the screen */
    unsigned draws_left_out;
    bool is_finishing, is_stop_asked, is_reloading;
    struct options running, fresh; /* after a reload: what is in force, and what it is made of */
    struct sbl_knowledge *knowledge;
    int failed;
    uv_loop_t loop;
    uv_poll_t talk_poll, keys, polls[WATCHES_MOST];
    uv_timer_t beat, stats, orphan, draw;
    uv_idle_t more;
    char page[SCREEN_BYTES];
};

/* speak_report.c: how things are, as a record, for a scrape, and for people on standard error. */
void speak_tell_stats(struct speak *speak);
void speak_fill_metrics(void *speak, struct metrics_values *values);
void speak_print_state(struct speak *speak);

#endif
