/* Words are understood once, at the start: a misspelt cause would else wait for weeks for what
 * never comes. So what looks like a cause or a status has to be one, and an account that looks like
 * a cause can be written \NAME. */
#include "service/trigger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fold.h"
#include "config/hint.h"
#include "knowledge/knowledge.h"

enum { NAME_BYTES = 1024 };

enum kind { KIND_RULE, KIND_STATUS, KIND_ACCOUNT };

struct want {
    enum kind kind;
    const char *word;   /* as typed; the id of a rule */
    const char *name;   /* of an account: what is behind the backslash */
    size_t domain_size; /* before it; 0 = any */
    uint32_t status;
    bool is_dos_error;
};

struct trigger {
    const struct text_codepage *page;
    struct want *wants;
    size_t count;
    struct trigger_hit hit;
};

/* "0xC000006D"; "2/2". False for what is not written so. */
static bool read_code(const char *word, struct want *want) {
    char *end;
    unsigned long first, second;
    if (strncasecmp(word, "0x", 2) == 0) {
        size_t digits = strspn(word + 2, "0123456789abcdefABCDEF");
        want->status = (uint32_t)strtoul(word + 2, NULL, 16);
        return digits >= 1 && digits <= 8 && !word[2 + digits];
    }
    if (strspn(word, "0123456789/") != strlen(word) || !strchr(word, '/'))
        return false;
    first = strtoul(word, &end, 10);
    if (end == word || *end != '/')
        return false;
    const char *code = end + 1;
    second = strtoul(code, &end, 10);
    want->status = (uint32_t)(first << 16 | second);
    want->is_dos_error = true;
    return end != code && !*end && first <= 0xFF && second <= 0xFFFF;
}

/* By its symbolic name; the code is written as in the knowledge base. */
static bool read_status(const struct sbl_knowledge *knowledge, const char *word,
                        struct want *want) {
    const struct status_entry *entry = NULL;
    for (size_t i = 0; knowledge && (entry = knowledge_status(knowledge, i)); i++)
        if (strcasecmp(entry->name, word) == 0)
            break;
    return read_code(entry ? entry->code : word, want);
}

static bool is_like_status(const char *word) {
    return strncasecmp(word, "STATUS_", 7) == 0 || strncasecmp(word, "0x", 2) == 0 ||
           strncasecmp(word, "ERRDOS/", 7) == 0 || strncasecmp(word, "ERRSRV/", 7) == 0 ||
           strncasecmp(word, "ERRHRD/", 7) == 0 ||
           (*word && strspn(word, "0123456789/") == strlen(word) && strchr(word, '/'));
}

/* Words of small letters with hyphens between, as causes are called. */
static bool is_like_rule(const char *word) {
    return strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(word) &&
           strchr(word, '-') && *word != '-';
}

static struct hint nearest_rule(const struct sbl_knowledge *knowledge, const char *word) {
    struct hint hint = hint_for(word, strlen(word));
    size_t count = 0;
    const struct rule *rules = knowledge ? knowledge_rules(knowledge, &count) : NULL;
    for (size_t i = 0; i < count; i++)
        hint_offer(&hint, rules[i].id);
    return hint;
}

static struct hint nearest_status(const struct sbl_knowledge *knowledge, const char *word) {
    struct hint hint = hint_for(word, strlen(word));
    const struct status_entry *entry;
    for (size_t i = 0; knowledge && (entry = knowledge_status(knowledge, i)); i++)
        hint_offer(&hint, entry->name);
    return hint;
}

/* -EINVAL, after saying it. */
static int refuse(const char *word, const char *why, const char *nearest, FILE *errors) {
    fputs("smblame: --stop-when: '", errors);
    knowledge_print(word, errors);
    fprintf(errors, "' %s", why);
    if (nearest)
        fprintf(errors, "; did you mean '%s'?", nearest);
    fputc('\n', errors);
    return -EINVAL;
}

static int read_account(const char *word, struct want *want, FILE *errors) {
    const char *slash = strchr(word, '\\');
    want->kind = KIND_ACCOUNT;
    want->name = slash ? slash + 1 : word;
    want->domain_size = slash ? (size_t)(slash - word) : 0;
    if (!*want->name)
        return refuse(word, "names no cause, status or account", NULL, errors);
    if (strpbrk(word, "*?"))
        return refuse(word, "is a pattern; an account is named in full, NAME or DOMAIN\\NAME", NULL,
                      errors);
    return 0;
}

static int read_word(const struct trigger_options *options, const char *word, struct want *want,
                     FILE *errors) {
    const struct sbl_knowledge *knowledge = options->knowledge;
    *want = (struct want){.kind = KIND_RULE, .word = word};
    if (knowledge && knowledge_rule(knowledge, word))
        return options->diagnosis_off
                   ? refuse(word, "is a cause, and --no-diagnosis looks for none", NULL, errors)
                   : 0;
    want->kind = KIND_STATUS;
    if (read_status(knowledge, word, want))
        return 0;
    if (is_like_status(word))
        return refuse(word, "is a status that is not known, nor a code (0xC000006D, 2/2)",
                      nearest_status(knowledge, word).name, errors);
    struct hint hint = nearest_rule(knowledge, word);
    if (hint.name && is_like_rule(word))
        return refuse(word, "is no cause (for an account of that name write \\NAME)", hint.name,
                      errors);
    return read_account(word, want, errors);
}

int trigger_new(struct trigger **trigger, const struct trigger_options *options, FILE *errors) {
    struct trigger *made = calloc(1, sizeof *made);
    int failed = 0;
    if (made)
        made->wants = calloc(options->count ? options->count : 1, sizeof *made->wants);
    if (!made || !made->wants) {
        trigger_free(made);
        return -ENOMEM;
    }
    made->page = options->page;
    made->count = options->count;
    for (size_t i = 0; i < options->count; i++) {
        int one = read_word(options, options->words[i], &made->wants[i], errors);
        failed = failed ? failed : one;
    }
    if (failed) {
        trigger_free(made);
        return failed;
    }
    *trigger = made;
    return 0;
}

void trigger_free(struct trigger *trigger) {
    if (!trigger)
        return;
    free(trigger->wants);
    free(trigger);
}

struct trigger_hit trigger_hit(const struct trigger *trigger) {
    return trigger->hit;
}

static bool is_same_name(const char *one, size_t one_size, const char *other, size_t other_size) {
    size_t at = 0, there = 0;
    while (at < one_size && there < other_size) {
        uint32_t left, right;
        at += text_next(one + at, one_size - at, &left);
        there += text_next(other + there, other_size - there, &right);
        if (fold_letter(left) != fold_letter(right))
            return false;
    }
    return at == one_size && there == other_size;
}

static bool is_text(const struct trigger *trigger, struct sbl_text text, const char *name,
                    size_t size) {
    char utf8[NAME_BYTES];
    bool is_lossy;
    if (!sbl_text_is_present(text))
        return false;
    size_t decoded = text_to_utf8(text, trigger->page, utf8, sizeof utf8, &is_lossy);
    return is_same_name(utf8, decoded, name, size);
}

/* `authority`: whose account it turned out to be, which a user may rather know it by; or absent. */
static bool is_account(const struct trigger *trigger, const struct want *want,
                       const struct sbl_finding *finding, struct sbl_text authority) {
    if (!is_text(trigger, finding->account, want->name, strlen(want->name)))
        return false;
    return !want->domain_size || is_text(trigger, finding->domain, want->word, want->domain_size) ||
           is_text(trigger, authority, want->word, want->domain_size);
}

static void meet(struct trigger *trigger, const struct want *want, struct sbl_frame_ref frame,
                 int64_t time_ns) {
    if (!trigger->hit.word)
        trigger->hit = (struct trigger_hit){want->word, frame, time_ns};
}

static void look(struct trigger *trigger, const struct sbl_finding *finding,
                 struct sbl_text authority, bool is_refused) {
    const struct sbl_evidence *evidence = &finding->evidence;
    for (size_t i = 0; i < trigger->count; i++) {
        const struct want *want = &trigger->wants[i];
        bool is_met = false;
        if (want->kind == KIND_STATUS)
            is_met = finding->has_status && finding->status == want->status &&
                     finding->is_dos_error == want->is_dos_error;
        else if (want->kind == KIND_ACCOUNT)
            is_met = is_refused && is_account(trigger, want, finding, authority);
        if (is_met)
            meet(trigger, want, evidence->response.number ? evidence->response : evidence->request,
                 finding->time_ns);
    }
}

void trigger_attempt(struct trigger *trigger, const struct sbl_attempt *attempt) {
    look(trigger, &attempt->finding, attempt->authority_name,
         attempt->outcome == SBL_OUTCOME_FAILURE);
}

void trigger_tree_refusal(struct trigger *trigger, const struct sbl_tree_refusal *refusal) {
    look(trigger, &refusal->finding, (struct sbl_text){0}, true);
}

void trigger_probe(struct trigger *trigger, const struct sbl_probe *probe) {
    look(trigger, &probe->finding, (struct sbl_text){0}, true);
}

/* The frame of the last attempt that it tells of. */
static struct sbl_frame_ref frame_of(const struct sbl_diagnosis *diagnosis) {
    if (!diagnosis->line_count)
        return diagnosis->tipping;
    const struct sbl_evidence_line *line = &diagnosis->lines[diagnosis->line_count - 1];
    return line->response.number ? line->response : line->request;
}

void trigger_diagnosis(struct trigger *trigger, const struct sbl_diagnosis *diagnosis) {
    if (diagnosis->state == SBL_DIAGNOSIS_CLOSE)
        return;
    for (size_t i = 0; i < trigger->count; i++)
        if (trigger->wants[i].kind == KIND_RULE &&
            strcmp(trigger->wants[i].word, diagnosis->rule_id) == 0)
            meet(trigger, &trigger->wants[i], frame_of(diagnosis), diagnosis->time_ns);
}
