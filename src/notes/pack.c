/* A note holds, behind its header, the conversation (of a finding), the struct itself, and the
 * bytes of its texts, to which the copies point: they are read where they lie. Of the list of
 * evidence frames only those that count are copied: it is half of a finding. */
#include "notes/pack.h"

#include <stddef.h>
#include <string.h>

#include "notes/shape.h"

#define FINDING(member) offsetof(struct sbl_finding, member)

static const struct sbl_text *text_at(const void *told, size_t offset) {
    return (const struct sbl_text *)(const void *)((const uint8_t *)told + offset);
}

size_t pack_bytes(enum note_kind kind, const void *told) {
    const struct shape *shape = &shapes[kind];
    size_t bytes = struct_at(shape) + shape->bytes;
    for (unsigned i = 0; i < shape->text_count; i++)
        bytes += text_at(told, shape->texts[i])->size;
    return bytes < PACK_MOST ? bytes : PACK_MOST;
}

/* Without the evidence frames that do not count. */
static void copy_finding(uint8_t *to, const void *told, size_t bytes) {
    const struct sbl_finding *finding = told;
    const size_t frames_at = FINDING(evidence.frames),
                 frames_end = frames_at + sizeof finding->evidence.frames;
    size_t used = finding->evidence.frame_count * sizeof *finding->evidence.frames;
    memcpy(to, told, frames_at);
    if (used)
        memcpy(to + frames_at, finding->evidence.frames, used);
    memcpy(to + frames_end, (const uint8_t *)told + frames_end, bytes - frames_end);
}

size_t pack(struct note *note, enum note_kind kind, const void *told) {
    const struct shape *shape = &shapes[kind];
    uint8_t *start = (uint8_t *)note, *copy = start + struct_at(shape);
    uint8_t *at = copy + shape->bytes;
    if (shape->is_finding) {
        struct sbl_conversation *conversation = (void *)(note + 1);
        *conversation = *((const struct sbl_finding *)told)->conversation;
        copy_finding(copy, told, shape->bytes);
        ((struct sbl_finding *)(void *)copy)->conversation = conversation;
    } else {
        memcpy(copy, told, shape->bytes);
    }
    for (unsigned i = 0; i < shape->text_count; i++) {
        struct sbl_text *text = (void *)(copy + shape->texts[i]);
        if (text->size == 0)
            continue;
        size_t left = PACK_MOST - (size_t)(at - start);
        if (text->size > left) {
            text->size = (uint32_t)left;
            text->is_cut = true;
        }
        memcpy(at, text->bytes, text->size);
        text->bytes = at;
        at += text->size;
    }
    note->kind = (uint8_t)kind;
    note->application = 0;
    note->application_name = NULL;
    return (size_t)(at - start);
}

const void *pack_told(const struct note *note) {
    return (const uint8_t *)note + struct_at(&shapes[note->kind]);
}

static bool is_within(const uint8_t *told, const struct bound *bounds, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t word = told[bounds[i].at];
        if (bounds[i].width == SHAPE_WORD)
            memcpy(&word, told + bounds[i].at, sizeof word);
        if (word >= bounds[i].below)
            return false;
    }
    return true;
}

/* Texts follow each other; a struct of a stranger only says how long they are. Read as bytes until
 * it is known that they can be a text. */
static bool texts_take(const struct shape *shape, uint8_t *told, const uint8_t *at, size_t left) {
    const size_t encoding = offsetof(struct sbl_text, encoding),
                 is_cut = offsetof(struct sbl_text, is_cut);
    for (unsigned i = 0; i < shape->text_count; i++) {
        uint8_t *bytes = told + shape->texts[i];
        if (bytes[encoding] > SBL_TEXT_UTF8 || bytes[is_cut] > 1)
            return false;
        struct sbl_text *text = (void *)bytes;
        if (text->size > left)
            return false;
        text->bytes = text->size ? at : NULL;
        at += text->size;
        left -= text->size;
    }
    return true;
}

/* Texts that do not hold, see struct sbl_ntlm. */
static void forget_others(struct sbl_attempt *attempt) {
    attempt->client.target_name = (struct sbl_text){0};
    memset(attempt->client.names, 0, sizeof attempt->client.names);
    attempt->server.workstation = attempt->server.domain = (struct sbl_text){0};
    attempt->server.user = attempt->server.spn = (struct sbl_text){0};
}

bool pack_check(struct note *note) {
    if (note->kind >= NOTE_KIND_COUNT)
        return false;
    const struct shape *shape = &shapes[note->kind];
    note->application_name = NULL;
    if (shape->bytes == 0)
        return true;
    uint8_t *start = (uint8_t *)note, *told = start + struct_at(shape);
    size_t fixed = struct_at(shape) + shape->bytes;
    if (note->bytes < fixed || !is_within(told, shape->bounds, shape->bound_count) ||
        !texts_take(shape, told, start + fixed, note->bytes - fixed))
        return false;
    if (shape->is_finding) {
        const uint8_t *conversation = (const uint8_t *)(note + 1);
        if (!is_within(conversation, shape_conversation, SHAPE_CONVERSATION_BOUNDS))
            return false;
        ((struct sbl_finding *)(void *)told)->conversation = (const void *)conversation;
    }
    if (note->kind == NOTE_ATTEMPT)
        forget_others((void *)told);
    return true;
}
