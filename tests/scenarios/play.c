/* Plays scenarios: findings in virtual time go through attribute, history and diagnose with the
 * real knowledge base, and what is told is held against what the scenario expects. README.md here
 * describes the language.
 *
 *     play [-q] SCENARIO...      prints what was told (-q: not), then what failed; exit 1 on
 * failure
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/diagnose.h"
#include "expect.h"

#define NS_PER_S INT64_C(1000000000)
/* The clock of a quiet wire: ticks this often, and for longer gaps not more often than that. */
#define TICK_NS NS_PER_S
enum { TICKS_AT_MOST = 600 };

struct play {
    struct script script;
    struct stage stage;
    struct told_list told;
    struct sbl_stats stats;
    struct sbl_knowledge *knowledge;
    struct diagnose *diagnose;
    struct history_options options;
    bool has_no_ticks;
};

static void hear(void *context, const struct sbl_diagnosis *diagnosis) {
    struct play *play = context;
    told_add(&play->told, diagnosis);
}

static void pass_on(void *context, const struct incident *incident) {
    struct play *play = context;
    diagnose_incident(play->diagnose, incident);
}

static const char *image(void *context, struct sbl_frame_ref frame, uint32_t process) {
    const struct play *play = context;
    (void)frame;
    return stage_image(&play->stage, process);
}

/* --confirm WORD as the command line has it: without "confirmed_", with dashes or underscores. */
static void confirm(struct play *play, struct words *words) {
    const char *word = words_next(words, "what is confirmed");
    char fact_word[STAGE_NAME_BYTES];
    enum fact fact;
    snprintf(fact_word, sizeof fact_word, "confirmed_%s", word);
    for (char *c = fact_word; *c; c++)
        if (*c == '-')
            *c = '_';
    if (!knowledge_fact_find(fact_word, &fact))
        script_fail(words->script, words->number, "nothing to confirm is called '%s'", word);
    facts_set(&play->options.confirmed, fact, true);
}

static void set_options(struct play *play, struct words *words) {
    while (words_left(words)) {
        if (words_take(words, "threshold"))
            play->options.threshold = (unsigned)words_number(words, "a threshold");
        else if (words_take(words, "window"))
            play->options.window_min = (unsigned)words_number(words, "minutes");
        else if (words_take(words, "confirm"))
            confirm(play, words);
        else if (words_take(words, "noticks"))
            play->has_no_ticks = true;
        else
            script_fail(words->script, words->number, "unknown option '%s'", words_peek(words));
    }
}

static void set_up(struct play *play) {
    for (size_t i = 0; i < play->script.setup.count; i++) {
        struct words words;
        words_split(&words, &play->script, &play->script.setup.items[i]);
        if (words_take(&words, "options"))
            set_options(play, &words);
        else if (!stage_declare(&play->stage, &words))
            script_fail(&play->script, words.number, "unknown line '%s'", words.items[0]);
    }
}

static void make_rooms(struct play *play) {
    struct diagnose_options options = {.context = play, .diagnosis = hear, .stats = &play->stats};
    int error = sbl_knowledge_new(&play->knowledge, NULL, stderr);
    options.knowledge = play->knowledge;
    play->options.context = play;
    play->options.incident = pass_on;
    play->options.process = image;
    play->options.knowledge = play->knowledge;
    play->options.stats = &play->stats;
    if (!error)
        error = diagnose_new(&play->diagnose, &options);
    set_up(play);
    if (!error)
        error = history_new(&play->stage.history, &play->options);
    if (error) {
        fprintf(stderr, "%s: %s\n", play->script.path, strerror(-error));
        exit(2);
    }
}

/* Time between two events passes as it does while other traffic is on the wire. */
static void let_pass(const struct play *play, int64_t from_ns, int64_t to_ns) {
    int64_t step = TICK_NS;
    if (to_ns - from_ns > step * TICKS_AT_MOST)
        step = (to_ns - from_ns) / TICKS_AT_MOST;
    for (int64_t at = from_ns + step; !play->has_no_ticks && at < to_ns; at += step)
        history_tick(play->stage.history, STAGE_ZERO_NS + at);
    history_tick(play->stage.history, STAGE_ZERO_NS + to_ns);
}

static void play_events(struct play *play) {
    int64_t now_ns = 0;
    for (size_t i = 0; i < play->script.events.count; i++) {
        const struct script_line *line = &play->script.events.items[i];
        struct words words;
        words_split(&words, &play->script, line);
        words.at = 1;
        if (line->time_ns > now_ns)
            let_pass(play, now_ns, line->time_ns);
        now_ns = line->time_ns;
        stage_play(&play->stage, &words, STAGE_ZERO_NS + now_ns);
    }
    history_finish(play->stage.history, STAGE_ZERO_NS + now_ns);
    diagnose_finish(play->diagnose, STAGE_ZERO_NS + now_ns);
}

static struct verdicts judge(const struct play *play) {
    struct verdicts verdicts = {0};
    if (play->script.wishes.count == 0)
        script_fail(&play->script, 1, "this scenario expects nothing");
    for (size_t i = 0; i < play->script.wishes.count; i++) {
        struct words words;
        words_split(&words, &play->script, &play->script.wishes.items[i]);
        words.at = 1;
        expect_judge(&play->stage, &play->told, &words, &verdicts);
    }
    expect_laws(&play->told, &verdicts);
    return verdicts;
}

static struct verdicts play_one(const char *path, bool is_quiet) {
    struct play *play = calloc(1, sizeof *play);
    if (!play)
        abort();
    script_read(&play->script, path);
    play->stage.script = &play->script;
    make_rooms(play);
    play_events(play);
    for (size_t i = 0; !is_quiet && i < play->told.count; i++)
        told_print(play->told.items[i], i, stdout);
    struct verdicts verdicts = judge(play);
    told_free(&play->told);
    history_free(play->stage.history);
    diagnose_free(play->diagnose);
    sbl_knowledge_free(play->knowledge);
    stage_free(&play->stage);
    script_free(&play->script);
    free(play);
    return verdicts;
}

int main(int argc, char **argv) {
    struct verdicts all = {0};
    int first = argc > 1 && strcmp(argv[1], "-q") == 0 ? 2 : 1;
    if (first >= argc) {
        fprintf(stderr, "usage: play [-q] SCENARIO...\n");
        return 2;
    }
    for (int i = first; i < argc; i++) {
        struct verdicts verdicts = play_one(argv[i], first == 2);
        all.passed += verdicts.passed;
        all.failed += verdicts.failed;
    }
    printf("%u passed, %u failed\n", all.passed, all.failed);
    return all.failed ? 1 : 0;
}
