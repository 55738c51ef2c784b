/* libsmblame: feed frames, get findings. An engine owns all state of one capture (one input, or
 * several read as one) and is used by one thread at a time. It allocates everything it will ever
 * need in sbl_engine_new and nothing afterwards.
 *
 *     struct sbl_engine *engine;
 *     sbl_engine_new(&engine, &(struct sbl_engine_options){.listener = mine});
 *     sbl_engine_feed(engine, frames, count);      // as often as there are frames
 *     sbl_engine_finish(engine);                   // tells what was still pending
 *     sbl_engine_free(engine);
 */
#ifndef SMBLAME_ENGINE_H
#define SMBLAME_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/attempt.h>
#include <smblame/diagnosis.h>
#include <smblame/frame.h>
#include <smblame/limits.h>
#include <smblame/stats.h>

struct sbl_engine;
struct sbl_knowledge; /* src/knowledge: what is known of drivers, accounts, causes */

/* How connections that are not SMB are named: by their first bytes and, where these may be SMB, by
 * nDPI; by nDPI with all of its protocols; not at all. */
enum sbl_classify { SBL_CLASSIFY_KNOWN = 0, SBL_CLASSIFY_FULL, SBL_CLASSIFY_NONE };

/* Diagnosis is made when listener.diagnosis is set. `knowledge` (borrowed; NULL: the compiled-in
 * one) is made by sbl_knowledge_new. lockout_threshold 0 = learn it from the trace. `confirmed`
 * names facts that the wire cannot show and the operator vouches for. */
struct sbl_diagnosis_options {
    const struct sbl_knowledge *knowledge;
    unsigned lockout_threshold, lockout_window_min;
    const char *const *confirmed;
    size_t confirmed_count;
    const char *oem_codepage; /* iconv name, NULL = CP850 */
    /* The image path behind a row of the process table of a frame's file, or NULL. May be unset. */
    void *process_context;
    const char *(*process)(void *context, struct sbl_frame_ref frame, uint32_t process);
};

/* `listener` is told of every finding, `observer` (may be NULL) of every message before correlate
 * sees it. */
struct sbl_engine_options {
    struct sbl_listener listener;
    void *observer_context;
    void (*observer)(void *context, const struct sbl_conversation *conversation,
                     const struct sbl_message *message);
    enum sbl_classify classify;
    struct sbl_diagnosis_options diagnosis;
    struct sbl_limits limits;        /* zeroed: the usual ones */
    const struct sbl_keeper *keeper; /* borrowed; NULL: nobody keeps frames */
};

/* Makes an engine. 0, -ENOMEM, or -EINVAL for a code page or a confirmed fact that is none (nothing
 * is then left behind). */
int sbl_engine_new(struct sbl_engine **engine, const struct sbl_engine_options *options);

/* Takes frames in capture order. They are borrowed for the call. Calls the listener as findings are
 * decided. Best in batches of 32 to 64. */
void sbl_engine_feed(struct sbl_engine *engine, const struct sbl_frame *frames, size_t count);

/* Ends the capture: tells what was cut off or half seen. The engine can only be freed afterwards.
 */
void sbl_engine_finish(struct sbl_engine *engine);

/* The counters, live; owned by the engine. Capture's own counters may be added by who feeds it. */
struct sbl_stats *sbl_engine_stats(struct sbl_engine *engine);

/* The most memory that an engine with these limits can ever take, in bytes; NULL = the usual ones.
 */
size_t sbl_engine_ceiling(const struct sbl_limits *limits);

/* The name of an application protocol number in stats and conversations ("SMBv23", "HTTP"); NULL
 * when it has none or the engine does not classify. Owned by the engine. */
const char *sbl_engine_application(struct sbl_engine *engine, uint16_t application);

void sbl_engine_free(struct sbl_engine *engine);

#endif
