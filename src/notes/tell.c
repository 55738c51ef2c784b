/* What kind of note goes to whom. */
#include "notes/tell.h"

#include "notes/pack.h"

void note_tell(const struct note *note, const struct front_listener *listener) {
    const struct flows_listener *findings = &listener->findings;
    void *context = findings->context;
    const void *told = pack_told(note);
    switch ((enum note_kind)note->kind) {
    case NOTE_TICK:
        if (listener->tick)
            listener->tick(context, note->time_ns);
        break;
    case NOTE_WITNESS:
        if (listener->witness)
            listener->witness(context, told);
        break;
    case NOTE_ATTEMPT:
        findings->attempt(context, told);
        break;
    case NOTE_TREE_REFUSAL:
        findings->tree_refusal(context, told);
        break;
    case NOTE_TREE_GRANT:
        if (findings->tree_grant)
            findings->tree_grant(context, told);
        break;
    case NOTE_PROBE:
        findings->probe(context, told);
        break;
    case NOTE_WRAP:
    case NOTE_PASSED:
    case NOTE_HEALTH:
    case NOTE_FAR:
    case NOTE_END:
    case NOTE_KIND_COUNT:
        break;
    }
}
