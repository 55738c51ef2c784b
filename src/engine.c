/* The engine: front makes findings of frames, and telling whatever follows from them. */
#include <smblame/engine.h>

#include <errno.h>
#include <stdlib.h>

#include "front.h"
#include "telling.h"

struct sbl_engine {
    struct sbl_engine_options options;
    struct sbl_stats stats;
    struct front *front;
    struct telling *telling;
};

int sbl_engine_new(struct sbl_engine **engine, const struct sbl_engine_options *options) {
    *engine = NULL;
    struct sbl_engine *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->options = *options;
    int failed = telling_new(&made->telling, &made->options, &made->stats);
    if (!failed) {
        const struct front_options front = telling_front(made->telling, &made->options);
        failed = front_new(&made->front, &front, &made->stats);
    }
    if (failed) {
        sbl_engine_free(made);
        return failed;
    }
    *engine = made;
    return 0;
}

void sbl_engine_free(struct sbl_engine *engine) {
    if (!engine)
        return;
    front_free(engine->front);
    telling_free(engine->telling);
    free(engine);
}

void sbl_engine_feed(struct sbl_engine *engine, const struct sbl_frame *frames, size_t count) {
    front_feed(engine->front, frames, count);
}

void sbl_engine_finish(struct sbl_engine *engine) {
    telling_finish(engine->telling, front_finish(engine->front));
}

struct sbl_stats *sbl_engine_stats(struct sbl_engine *engine) {
    return &engine->stats;
}

size_t sbl_engine_ceiling(const struct sbl_limits *limits) {
    return sizeof(struct sbl_engine) + front_ceiling(limits) + telling_ceiling(limits);
}

const char *sbl_engine_application(struct sbl_engine *engine, uint16_t application) {
    return engine->front ? front_application(engine->front, application) : NULL;
}
