/* Notes of a watch that a hostile packet has taken over: whatever passes the check is told, through
 * history, diagnosis and the record writer. Input: notes of a kind, a length in units of 32 bytes
 * (both one byte) and the bytes behind the header. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notes/pack.h"
#include "notes/tell.h"
#include "swallow.h"
#include "telling.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tell_all(struct records *records, const struct front_listener *listener,
                     const uint8_t *data, size_t size) {
    for (size_t at = 0; size - at >= 2;) {
        size_t inside = (size_t)data[at + 1] * sizeof(struct note);
        size_t bytes = sizeof(struct note) + inside;
        uint8_t kind = data[at];
        at += 2;
        inside = inside < size - at ? inside : size - at;
        struct note *note = calloc(1, bytes);
        if (!note)
            abort();
        note->kind = kind;
        note->bytes = (uint32_t)bytes;
        memcpy(&note->time_ns, data + at, inside < sizeof note->time_ns ? inside : 8);
        memcpy(note + 1, data + at, inside);
        bool is_sound = pack_check(note);
        if (is_sound && note->kind == NOTE_HEALTH)
            records_health(records, pack_told(note));
        else if (is_sound)
            note_tell(note, listener);
        free(note);
        at += inside;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t written = 0;
    struct records *records;
    struct telling *telling;
    struct sbl_stats stats = {0};
    const struct emit_output output = {&written, swallow};
    const struct emit_names names = {0};
    if (records_new(&records, &output, &names, NULL) != 0)
        abort();
    const struct sbl_engine_options options = {.listener = {.context = records,
                                                            .attempt = take_attempt,
                                                            .tree_refusal = take_tree_refusal,
                                                            .probe = take_probe,
                                                            .diagnosis = take_diagnosis},
                                               .diagnosis.knowledge = known()};
    if (telling_new(&telling, &options, &stats) != 0)
        abort();
    const struct front_listener listener = telling_front(telling, &options).listener;
    tell_all(records, &listener, data, size);
    telling_finish(telling, 0);
    (void)records_flush(records);
    telling_free(telling);
    records_free(records);
    return 0;
}
