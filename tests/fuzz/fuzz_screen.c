/* Findings of any names at all, drawn on a terminal of any size: every character stays in its row,
 * and nothing but the screen's own controls comes out (tests/unit/terminal_grid.h aborts). */
#include <stdint.h>
#include <stdlib.h>

#include "emit/screen.h"

#include "../unit/diagnosis_scenario.h"
#include "../unit/emit_scenario.h"
#include "../unit/terminal_grid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct source {
    const uint8_t *data;
    size_t size, at;
};

static uint8_t byte(struct source *source) {
    return source->at < source->size ? source->data[source->at++] : 0;
}

static struct sbl_text text(struct source *source) {
    uint8_t encoding = byte(source) % 6, length = byte(source);
    size_t left = source->size - source->at;
    struct sbl_text made = {.bytes = source->data + source->at,
                            .size = (uint32_t)(length < left ? length : left),
                            .encoding = encoding};
    source->at += made.size;
    return encoding == SBL_TEXT_ABSENT ? (struct sbl_text){0} : made;
}

static int64_t moment(struct source *source) {
    uint64_t value = 0;
    for (unsigned i = 0; i < 3; i++)
        value = value << 20 ^ byte(source);
    return (int64_t)(value << 2);
}

static void tell_attempt(struct source *source, struct screen *screen) {
    struct sbl_conversation conversation = scenario_conversation();
    conversation.side[0].address[3] = byte(source);
    struct sbl_attempt attempt = {
        .finding = {.conversation = &conversation,
                    .time_ns = moment(source),
                    .status = 0xC000006D,
                    .has_status = true,
                    .account = text(source),
                    .domain = text(source),
                    .workstation = text(source)},
        .outcome = (enum sbl_outcome)(byte(source) % 4),
        .reason = (enum sbl_reason)(byte(source) % (SBL_REASON_COUNT + 1)),
        .authority = (enum sbl_authority)(byte(source) % 4),
        .authority_name = text(source),
    };
    screen_attempt(screen, &attempt);
}

static void tell_diagnosis(struct source *source, struct screen *screen) {
    char message[512], account[64];
    struct scenario scenario;
    struct sbl_diagnosis *diagnosis = &scenario.diagnosis;
    scenario_init(&scenario, moment(source));
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (char)byte(source);
    message[sizeof message - 1] = 0;
    memcpy(account, message + 1, sizeof account - 1);
    account[sizeof account - 1] = 0;
    diagnosis->id[0] = byte(source);
    diagnosis->message = message;
    diagnosis->account = account;
    diagnosis->severity = byte(source);
    diagnosis->threshold = byte(source);
    diagnosis->state = (enum sbl_diagnosis_state)(byte(source) % 4);
    screen_diagnosis(screen, diagnosis);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct source source = {data, size, 0};
    struct screen *screen;
    struct sbl_stats *stats = calloc(1, sizeof *stats);
    char *page = malloc(SCREEN_BYTES);
    const struct screen_options options = {.source = "fuzz", .threshold = byte(&source) % 8};
    if (!stats || !page || screen_new(&screen, &options))
        abort();
    unsigned width = 1 + byte(&source), height = 1 + byte(&source) % 100;
    while (source.at < size) {
        uint8_t what = byte(&source);
        stats->frames += what;
        if (what & 1)
            tell_attempt(&source, screen);
        else
            tell_diagnosis(&source, screen);
        screen_stats(screen, moment(&source), stats);
    }
    struct grid *grid = grid_new(width, height);
    grid_write(grid, page, screen_draw(screen, moment(&source), width, height, page));
    free(grid);
    free(page);
    free(stats);
    screen_free(screen);
    return 0;
}
