/* Objects into structs, by tables. Each type of value has one function here; a list knows its
 * bounds from the table, so no file makes more of anything than its struct holds. The one recursion
 * (an entry has rows, a row is filled as an entry is) is as deep as the tables are. */
#include "knowledge/shape.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "knowledge/fact.h"
#include "knowledge/knowledge.h"

void checker_complain(struct checker *checker, const char *key, const char *format, ...) {
    char text[512];
    va_list arguments;
    checker->complaints++;
    if (checker->complaints > COMPLAINTS_SHOWN)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    document_complain(checker->document, document_line(checker->document, &checker->place), key,
                      text, checker->errors);
}

enum { SHOWN_ROOM = 64 };

static const char *shown_text(const char *text, char out[SHOWN_ROOM]) {
    out[0] = '\'';
    size_t wrote = text_printable(text, strlen(text), out + 1, SHOWN_ROOM - 4);
    memcpy(out + 1 + wrote, "'", 2);
    return out;
}

void checker_mismatch(struct checker *checker, const char *key, const char *text,
                      const char *expected) {
    char found[SHOWN_ROOM];
    checker_complain(checker, key, "found %s, expected %s", shown_text(text, found), expected);
}

/* A value as errors show it: safe for a terminal, and short. */
static const char *shown(const cJSON *value, char out[SHOWN_ROOM]) {
    static const char *const kinds[] = {"false", "true", "null", "a list", "an object"};
    if (cJSON_IsNumber(value)) {
        snprintf(out, SHOWN_ROOM, "%g", value->valuedouble);
        return out;
    }
    if (cJSON_IsString(value))
        return shown_text(value->valuestring, out);
    unsigned kind = cJSON_IsFalse(value) ? 0 : cJSON_IsTrue(value) ? 1 : 2;
    kind = cJSON_IsArray(value) ? 3 : cJSON_IsObject(value) ? 4 : kind;
    return kinds[kind];
}

static void mismatch(struct checker *checker, const struct key *key, const cJSON *value,
                     const char *expected) {
    char found[SHOWN_ROOM];
    checker_complain(checker, key->name, "found %s, expected %s", shown(value, found), expected);
}

static bool holds_controls(const char *text) {
    size_t size = strlen(text);
    for (size_t at = 0; at < size;) {
        uint32_t point = 0;
        at += text_next(text + at, size - at, &point);
        if (point == TEXT_UNDECODABLE || text_is_control(point))
            return true;
    }
    return false;
}

/* A text within [least, most] bytes without control characters, or NULL after a complaint. */
static const char *text_of(struct checker *checker, const struct key *key, const cJSON *value,
                           double least, double most) {
    char expected[96];
    if (!cJSON_IsString(value)) {
        mismatch(checker, key, value, "a text");
        return NULL;
    }
    double size = (double)strlen(value->valuestring);
    if (size < least || size > most) {
        snprintf(expected, sizeof expected, "a text of %.0f to %.0f bytes", least, most);
        mismatch(checker, key, value, expected);
        return NULL;
    }
    if (holds_controls(value->valuestring)) {
        mismatch(checker, key, value, "a text without control characters");
        return NULL;
    }
    return value->valuestring;
}

static bool number_of(struct checker *checker, const struct key *key, const cJSON *value,
                      double *number) {
    char expected[96];
    double is = cJSON_IsNumber(value) ? value->valuedouble : 0;
    bool is_whole = key->type != KEY_COUNT || (is >= 0 && is <= 1e9 && is == (double)(unsigned)is);
    if (cJSON_IsNumber(value) && is >= key->least && is <= key->most && is_whole) {
        *number = is;
        return true;
    }
    snprintf(expected, sizeof expected, "a %snumber of %g to %g",
             key->type == KEY_COUNT ? "whole " : "", key->least, key->most);
    mismatch(checker, key, value, expected);
    return false;
}

static void list_words(const struct word *words, char *out, size_t room) {
    size_t at = (size_t)snprintf(out, room, "one of");
    for (; words->text && at < room; words++)
        at += (size_t)snprintf(out + at, room - at, " %s%s", words->text, words[1].text ? "," : "");
}

static void fill_word(struct checker *checker, const struct key *key, const cJSON *value,
                      char *entry) {
    char expected[400];
    for (const struct word *word = key->words; cJSON_IsString(value) && word->text; word++) {
        if (strcmp(word->text, value->valuestring) == 0) {
            memcpy(entry + key->at, &word->value, sizeof word->value);
            return;
        }
    }
    list_words(key->words, expected, sizeof expected);
    mismatch(checker, key, value, expected);
}

static bool fact_of(struct checker *checker, const struct key *key, const cJSON *value,
                    enum fact *fact) {
    if (cJSON_IsString(value) && knowledge_fact_find(value->valuestring, fact))
        return true;
    mismatch(checker, key, value, "a fact, one of the words of src/knowledge/fact.h");
    return false;
}

static void fill_fact(struct checker *checker, const struct key *key, const cJSON *value,
                      char *entry) {
    enum fact fact = 0;
    if (fact_of(checker, key, value, &fact))
        memcpy(entry + key->at, &fact, sizeof fact);
}

static void fill_scalar(struct checker *checker, const struct key *key, const cJSON *value,
                        char *entry) {
    double number = 0;
    if (key->type == KEY_TEXT) {
        const char *text = text_of(checker, key, value, key->least, key->most);
        if (text)
            memcpy(entry + key->at, &text, sizeof text);
    } else if (key->type == KEY_FLAG) {
        bool flag = cJSON_IsTrue(value);
        if (!cJSON_IsBool(value))
            mismatch(checker, key, value, "true or false");
        memcpy(entry + key->at, &flag, sizeof flag);
    } else if (number_of(checker, key, value, &number) && key->type == KEY_COUNT) {
        unsigned count = (unsigned)number;
        memcpy(entry + key->at, &count, sizeof count);
    } else {
        memcpy(entry + key->at, &number, sizeof number);
    }
}

enum { TEXT_MOST = 4000 /* of a text within a list */ };

/* The item `at` of a list, into its slot. */
static void fill_item(struct checker *checker, const struct key *key, const cJSON *value,
                      char *entry, unsigned at) {
    char *list = entry + key->at;
    struct key number = *key;
    enum fact fact = 0;
    double is = 0;
    number.least = 0;
    number.most = 1e9;
    if (key->type == KEY_LIST || key->type == KEY_TEXTS) {
        const char *text = text_of(checker, key, value, 1, TEXT_MOST);
        if (text && key->type == KEY_TEXTS)
            memcpy(list + at * sizeof text, &text, sizeof text);
    } else if (key->type == KEY_NUMBERS) {
        if (number_of(checker, &number, value, &is))
            memcpy(list + at * sizeof is, &is, sizeof is);
    } else if (key->type == KEY_ROWS) {
        shape_fill(checker, key->shape, value, list + at * key->shape->bytes);
    } else if (fact_of(checker, key, value, &fact)) {
        struct facts facts;
        memcpy(&facts, list, sizeof facts);
        facts_set(&facts, fact, true);
        memcpy(list, &facts, sizeof facts);
    }
}

static bool is_list(struct checker *checker, const struct key *key, const cJSON *value,
                    double most) {
    char expected[96];
    if (cJSON_IsArray(value) && cJSON_GetArraySize(value) <= (int)most)
        return true;
    if (!cJSON_IsArray(value)) {
        mismatch(checker, key, value, "a list");
        return false;
    }
    snprintf(expected, sizeof expected, "found %d items, expected at most %.0f",
             cJSON_GetArraySize(value), most);
    checker_complain(checker, key->name, "%s", expected);
    return false;
}

static void fill_list(struct checker *checker, const struct key *key, const cJSON *value,
                      char *entry) {
    if (!is_list(checker, key, value, key->most))
        return;
    unsigned *ordinal = &checker->place.ordinals[checker->place.depth++], count = 0;
    const cJSON *item;
    *ordinal = 0;
    cJSON_ArrayForEach(item, value) {
        fill_item(checker, key, item, entry, count);
        *ordinal = ++count;
    }
    checker->place.depth--;
    const void *list = value;
    if (key->type == KEY_LIST)
        memcpy(entry + key->at, &list, sizeof list);
    else if (key->type != KEY_FACTS)
        memcpy(entry + key->count_at, &count, sizeof count);
}

/* A list of lists of facts: each is filled as a list of its own. */
static void fill_sets(struct checker *checker, const struct key *key, const cJSON *value,
                      char *entry) {
    if (!is_list(checker, key, value, key->most))
        return;
    unsigned *ordinal = &checker->place.ordinals[checker->place.depth++], count = 0;
    const cJSON *item;
    struct key inner = {.name = key->name, .type = KEY_FACTS, .at = key->at, .most = FACT_COUNT};
    *ordinal = 0;
    cJSON_ArrayForEach(item, value) {
        if (cJSON_GetArraySize(item) == 0)
            mismatch(checker, key, item, "a list of at least one fact");
        else
            fill_list(checker, &inner, item, entry);
        inner.at += sizeof(struct facts);
        *ordinal = ++count;
    }
    checker->place.depth--;
    memcpy(entry + key->count_at, &count, sizeof count);
}

static void fill_value(struct checker *checker, const struct key *key, const cJSON *value,
                       void *entry) {
    static void (*const fills[])(struct checker *, const struct key *, const cJSON *, char *) = {
        [KEY_TEXT] = fill_scalar,  [KEY_WORD] = fill_word,      [KEY_NUMBER] = fill_scalar,
        [KEY_COUNT] = fill_scalar, [KEY_FLAG] = fill_scalar,    [KEY_LIST] = fill_list,
        [KEY_TEXTS] = fill_list,   [KEY_NUMBERS] = fill_list,   [KEY_FACT] = fill_fact,
        [KEY_FACTS] = fill_list,   [KEY_FACT_SETS] = fill_sets, [KEY_ROWS] = fill_list,
    };
    fills[key->type](checker, key, value, entry);
}

static size_t key_of(const struct shape *shape, const char *name) {
    size_t at = 0;
    while (at < shape->key_count && strcmp(shape->keys[at].name, name) != 0)
        at++;
    return at;
}

static void list_keys(const struct shape *shape, char *out, size_t room) {
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < shape->key_count && at < room; i++)
        at += (size_t)snprintf(out + at, room - at, "%s%s", i ? ", " : "", shape->keys[i].name);
}

static void unknown_key(struct checker *checker, const struct shape *shape, const char *name) {
    char expected[400], safe[64];
    size_t written = text_printable(name, strlen(name), safe, sizeof safe - 1);
    safe[written] = '\0';
    list_keys(shape, expected, sizeof expected);
    checker_complain(checker, safe, "found an unknown key, expected one of %s", expected);
}

/* Texts that are not given are "", never NULL; enums of words are the first word's zero. */
static void fill_defaults(const struct shape *shape, char *entry) {
    static const char nothing[] = "";
    const char *empty = nothing;
    for (size_t i = 0; i < shape->key_count; i++)
        if (shape->keys[i].type == KEY_TEXT)
            memcpy(entry + shape->keys[i].at, &empty, sizeof empty);
}

static void check_missing(struct checker *checker, const struct shape *shape, uint64_t seen) {
    for (size_t i = 0; i < shape->key_count; i++)
        if (shape->keys[i].is_required && !(seen >> i & 1))
            checker_complain(checker, shape->keys[i].name, "found nothing, expected this key");
}

void shape_fill(struct checker *checker, const struct shape *shape, const cJSON *object,
                void *entry) {
    char found[SHOWN_ROOM];
    uint64_t seen = 0;
    fill_defaults(shape, entry);
    if (!cJSON_IsObject(object)) {
        checker_complain(checker, NULL, "found %s, expected an object {...}", shown(object, found));
        return;
    }
    unsigned *ordinal = &checker->place.ordinals[checker->place.depth++];
    const cJSON *value;
    *ordinal = 0;
    cJSON_ArrayForEach(value, object) {
        size_t at = key_of(shape, value->string);
        if (at == shape->key_count)
            unknown_key(checker, shape, value->string);
        else if (seen >> at & 1)
            checker_complain(checker, value->string, "found twice, expected once");
        else
            fill_value(checker, &shape->keys[at], value, entry);
        seen |= at < shape->key_count ? UINT64_C(1) << at : 0;
        ++*ordinal;
    }
    checker->place.depth--;
    check_missing(checker, shape, seen);
}
