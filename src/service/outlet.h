/* The output of one analysis: records or the summary, on standard output. */
#ifndef SMBLAME_SERVICE_OUTLET_H
#define SMBLAME_SERVICE_OUTLET_H

#include <stdbool.h>

#include <smblame/engine.h>

#include "config/options.h"
#include "emit/emit.h"
#include "emit/screen.h"
#include "evidence/evidence.h"
#include "service/runner.h"
#include "service/state_print.h"

struct outlet;

/* 0, -ENOMEM, or -EINVAL after a line on stderr for what was found wrong in the options. `options`
 * and `knowledge` (may be NULL) are borrowed until outlet_free. */
int outlet_new(struct outlet **outlet, const struct options *options,
               const struct sbl_knowledge *knowledge, const struct emit_names *names);

/* Who is to be told, which of it `options` alone says; and all that an engine has to know. */
struct sbl_listener outlet_listener(struct outlet *outlet, const struct options *options);
struct sbl_engine_options outlet_engine(struct outlet *outlet, const struct options *options,
                                        const struct sbl_knowledge *knowledge);

/* Every record says from now on that the kernel does not confine this process. */
void outlet_set_uncaged(struct outlet *outlet);

/* Whether what --stop-when waits for was told. */
bool outlet_is_met(const struct outlet *outlet);

/* Mute, it takes everything and puts nothing out. */
void outlet_mute(struct outlet *outlet, bool is_mute);

/* Puts out what is written so far. 0 or the output's negative errno, which stays. */
int outlet_flush(struct outlet *outlet);

/* With --json: a record of statistics (`live` NULL: of files), and one of our own health. */
void outlet_stats(struct outlet *outlet, const struct sbl_stats *stats,
                  const struct sbl_live_stats *live);
void outlet_health(struct outlet *outlet, const struct sbl_health *health);

/* The last records, or the summary. `live` as above. 0 or a negative errno. */
int outlet_finish(struct outlet *outlet, const struct sbl_stats *stats,
                  const struct sbl_live_stats *live);

/* Evidence that is told of everything, too. Borrowed. */
void outlet_keep(struct outlet *outlet, struct evidence *evidence);

/* --exec-on-open: who is told of diagnoses, too, unless the outlet is mute. Borrowed. */
void outlet_run_on_open(struct outlet *outlet, struct runner *runner);

/* How things are, on standard error. */
void outlet_print_state(const struct outlet *outlet, const struct state_facts *facts);

/* The code page of names, valid until outlet_free. */
const struct text_codepage *outlet_page(const struct outlet *outlet);

/* How many records were put out; and, live, how many diagnoses are open. */
uint64_t outlet_records_out(const struct outlet *outlet);
size_t outlet_open_diagnoses(const struct outlet *outlet);

/* With --watch: what is to be drawn, else NULL. It takes in what is told. */
struct screen *outlet_screen(struct outlet *outlet);

void outlet_free(struct outlet *outlet);

#endif
