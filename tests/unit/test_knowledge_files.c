/* Knowledge files of a user: every mistake is told with its line and key, each cap is reached,
 * later texts replace and add, and no damaged file does harm. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "knowledge/store.h"

/* A base of texts alone, and what was complained about. */
struct rig {
    struct sbl_knowledge *knowledge;
    FILE *errors;
    char *said;
    size_t size;
    int failed;
};

static void rig_open(struct rig *rig, const struct knowledge_limits *limits) {
    *rig = (struct rig){.knowledge = store_new(limits)};
    rig->errors = open_memstream(&rig->said, &rig->size);
    assert_non_null(rig->knowledge);
    assert_non_null(rig->errors);
}

static void rig_read(struct rig *rig, enum knowledge_file_id file, const char *name, char *text,
                     size_t size) {
    char copy[32];
    snprintf(copy, sizeof copy, "%s", name);
    struct document source = {.name = copy, .text = text, .size = size};
    if (!rig->failed)
        rig->failed = store_read(rig->knowledge, file, &source, rig->errors);
    fflush(rig->errors);
}

static void rig_text(struct rig *rig, enum knowledge_file_id file, const char *text) {
    char *copy = strdup(text);
    rig_read(rig, file, "own.json", copy, strlen(text));
    free(copy);
}

static void rig_finish(struct rig *rig) {
    if (!rig->failed)
        rig->failed = store_finish(rig->knowledge, rig->errors);
    fflush(rig->errors);
}

static void rig_close(struct rig *rig) {
    sbl_knowledge_free(rig->knowledge);
    fclose(rig->errors);
    free(rig->said);
}

static void first_is(const struct sbl_knowledge *knowledge, const char *name, const char *share,
                     const char *id) {
    struct signature_match found[SIGNATURE_MATCHES];
    size_t count = knowledge_file(knowledge, name, share, found);
    assert_true(count <= SIGNATURE_MATCHES);
    assert_string_equal(count ? found[0].signature->id : "", id);
}

#define DRIVER(id, files)                                                                          \
    "{\"id\":\"" id "\",\"vendor\":\"v\",\"product\":\"p\",\"role\":\"culprit\","                  \
    "\"kind\":\"driver\",\"basis\":\"inferred\",\"files\":[" files "],\"source\":\"s\"}"
#define RULE(id, more)                                                                             \
    "{\"id\":\"" id "\",\"title\":\"A title\",\"category\":\"c\",\"source\":\"Q278660\","          \
    "\"unit\":\"pair\",\"rank\":3,\"base\":0.35,\"cap\":0.95,\"severity\":4,"                      \
    "\"verdict\":\"{account} at [the share {share}] fails\"" more "}"

/* Each mistake, and what must be said of it. */
static void mistakes_name_line_and_key(void **state) {
    (void)state;
    static const struct {
        enum knowledge_file_id file;
        const char *text, *said;
    } mistakes[] = {
        {FILE_DRIVERS, "", "own.json:1: no JSON"},
        {FILE_DRIVERS, "{}", "own.json:1: found something else, expected a list"},
        {FILE_DRIVERS, "[\n{\"id\":\"a\",}\n]", "own.json:2: no JSON"},
        {FILE_DRIVERS, "[] []", "own.json:1: no JSON"},
        {FILE_DRIVERS, "[\n7]", "own.json:2: found 7, expected an object"},
        {FILE_DRIVERS, "[\n" DRIVER("a", "7") "]", "own.json:2: files: found 7, expected a text"},
        {FILE_DRIVERS, "[" DRIVER("a", "\"x.sys\",\n\"\"") "]", "own.json:2: files: found ''"},
        {FILE_DRIVERS, "[" DRIVER("a", "\"*?\"") "]", "files: found only wildcards"},
        {FILE_DRIVERS, "[" DRIVER("a", "\"a\\\\b\"") "]", "files: found a path"},
        {FILE_DRIVERS, "[" DRIVER("a", "") ",\n\n" DRIVER("A", "") "]",
         "own.json:3: id: found the same as in entry 1"},
        {FILE_DRIVERS, "[{\"id\":\"a\",\n\"role\":\"culprt\"}]",
         "own.json:2: role: found 'culprt', expected one of culprit, stale"},
        {FILE_DRIVERS, "[{\"id\":\"a\",\n\"rôle\":\"culprit\"}]",
         "own.json:2: rôle: found an unknown key, expected one of id, vendor"},
        {FILE_DRIVERS, "[{\"id\":\"a\"}]", "own.json:1: vendor: found nothing"},
        {FILE_DRIVERS, "[{\"id\":\"a\",\n\n\"id\":\"b\"}]", "own.json:3: id: found twice"},
        {FILE_DRIVERS, "[{\"id\":\"a\\u001b\"}]", "id: found 'a\\x1b', expected a text without"},
        {FILE_DRIVERS, "[{\"id\":\"a\\u0000\"}]", "found \\u0000"},
        {FILE_DRIVERS, "[\n\"\xFF\"]", "own.json:2: bytes that are no text"},
        {FILE_DRIVERS, "[[[[[[[[[[]]]]]]]]]]", "nested too deep"},
        {FILE_ACCOUNTS, "[{\"pattern\":\"a\",\"class\":\"king\"}]", "class: found 'king'"},
        {FILE_SHARES, "[{\"pattern\":null}]", "pattern: found null, expected a text"},
        {FILE_PERIODS, "[{\"min\":-1}]", "min: found -1, expected a number of 0.001 to 1e+08"},
        {FILE_PERIODS, "[{\"min\":9,\"max\":8,\"owner\":\"o\",\"source\":\"s\"}]",
         "max: found 8, expected at least min, 9"},
        {FILE_PERIODS,
         "[{\"min\":8,\"max\":9,\"owner\":\"o\",\"source\":\"s\",\n\"signature\":\"none\"}]",
         "own.json:2: signature: found 'none'"},
        {FILE_STATUSES, "[{\"code\":\"0xC00\",\"name\":\"n\",\"meaning\":\"m\"}]",
         "code: expected"},
        {FILE_STATUSES,
         "[{\"code\":\"0xC000006D\",\"name\":\"n\",\"meaning\":\"m\",\"reason\":\"disabled\"}]",
         "reason: found another reason"},
        {FILE_FACTS, "[{\"fact\":\"flying\"}]", "fact: found 'flying', expected a fact"},
        {FILE_DIAGNOSES, "[" RULE("a", ",\n\"needs\":[\"flying\"]") "]",
         "own.json:2: needs: found 'flying'"},
        {FILE_DIAGNOSES, "[" RULE("a", ",\"any\":[[]]") "]", "any: found a list"},
        {FILE_DIAGNOSES,
         "[" RULE("a", ",\"any\":[[\"walk\"],[\"walk\"],[\"walk\"],[\"walk\"],["
                       "\"walk\"]]") "]",
         "any: found 5 items, expected at most 4"},
        {FILE_DIAGNOSES, "[" RULE("a", ",\"weights\":[\n{\"fact\":\"walk\",\n\"delta\":2}]") "]",
         "own.json:3: delta: found 2, expected a number of -1 to 1"},
        {FILE_DIAGNOSES, "[" RULE("a", ",\"severity\":4") "]", "severity: found twice"},
        {FILE_DIAGNOSES, "[" RULE("a", ",\"severity_locked\":8") "]",
         "severity_locked: found 8, expected a whole number of 1 to 7"},
        {FILE_DIAGNOSES, "[" RULE("a", ",\"severity_locked\":1.5") "]", "found 1.5"},
        {FILE_DIAGNOSES, "[" RULE("a", ",\"hostile\":1") "]", "expected true or false"},
        {FILE_DIAGNOSES, "[" RULE("a", ",\"attack\":[\"T1110\"]") "]", "attack: found ids"},
        {FILE_DIAGNOSES, "[" RULE("a", ",\"fallback\":true") "]", "below: found nothing"},
        {FILE_DIAGNOSES, "[" RULE("a", ",\"below\":0.4") "]", "below: found it"},
        {FILE_DIAGNOSES, "[" RULE("a", ",\n\"look_alikes\":[\"b\"]") "]",
         "own.json:2: look_alikes: found 'b', expected the id of a rule"},
        {FILE_DIAGNOSES,
         "[" RULE("a", ",\"fallback\":true,\"below\":0.4") "," RULE(
             "b", ",\"fallback\":true,\"below\":0.4") "]",
         "fallback: found 'b', expected one rule alone"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct rig rig;
        rig_open(&rig, &knowledge_limits);
        rig_text(&rig, mistakes[i].file, mistakes[i].text);
        rig_finish(&rig);
        assert_int_equal(rig.failed, -EINVAL);
        if (!strstr(rig.said, mistakes[i].said))
            fail_msg("expected \"%s\", got \"%s\"", mistakes[i].said, rig.said);
        rig_close(&rig);
    }
}

static void a_rule_is_read_whole(void **state) {
    (void)state;
    struct rig rig;
    size_t count = 0;
    rig_open(&rig, &knowledge_limits);
    rig_text(
        &rig, FILE_DIAGNOSES,
        "[" RULE(
            "one",
            ",\"needs\":[\"walk\",\"locked_out\"],\"any\":[[\"disabled\"],[\"fast\","
            "\"plaintext\"]],\"forbids\":[\"loopback\"],\"weights\":[{\"fact\":"
            "\"periodic\",\"delta\":-0.2}],\"severity_locked\":6,\"remedy\":[{\"text\":"
            "\"always\"},{\"when\":[\"server_dc\"],\"text\":\"on a {server}\"}],"
            "\"references\":[\"Q1\",\"Q2\"],\"look_alikes\":[\"two\"]") "," RULE("two",
                                                                                 ",\"fallback\":"
                                                                                 "true,\"below\":0."
                                                                                 "4,\"hostile\":"
                                                                                 "true,\"attack\":["
                                                                                 "\"T1110\"]") "]");
    rig_finish(&rig);
    assert_int_equal(rig.failed, 0);
    const struct rule *rules = knowledge_rules(rig.knowledge, &count);
    assert_int_equal(count, 2);
    assert_ptr_equal(knowledge_rule(rig.knowledge, "two"), &rules[1]);
    assert_true(facts_have(&rules[0].needs, FACT_WALK) &&
                facts_have(&rules[0].needs, FACT_LOCKED_OUT));
    assert_int_equal(rules[0].any_count, 2);
    assert_true(facts_have(&rules[0].any[1], FACT_PLAINTEXT));
    assert_false(facts_have(&rules[0].any[0], FACT_PLAINTEXT));
    assert_true(facts_have(&rules[0].forbids, FACT_LOOPBACK));
    assert_int_equal(rules[0].weight_count, 1);
    assert_int_equal(rules[0].weights[0].fact, FACT_PERIODIC);
    assert_true(rules[0].weights[0].delta == -0.2);
    assert_int_equal(rules[0].severity_locked, 6);
    assert_int_equal(rules[1].severity_locked, 4);
    assert_int_equal(rules[0].remedy_count, 2);
    assert_true(facts_have(&rules[0].remedy[1].when, FACT_SERVER_DC));
    assert_string_equal(rules[0].references[1], "Q2");
    assert_string_equal(rules[0].confirm, "");
    assert_true(rules[1].is_hostile && rules[1].is_fallback && rules[1].attack_count == 1);
    assert_true(knowledge_fallback_below(rig.knowledge) == 0.4);
    FILE *null = fopen("/dev/null", "w");
    assert_true(knowledge_explain(rig.knowledge, "ONE", null));
    fclose(null);
    rig_close(&rig);
}

/* A later text replaces what it knows and adds what it does not; the place stays. */
static void later_texts_replace_and_add(void **state) {
    (void)state;
    struct rig rig;
    rig_open(&rig, &knowledge_limits);
    rig_text(&rig, FILE_DRIVERS, "[" DRIVER("a", "\"a.sys\"") "," DRIVER("b", "\"b.sys\"") "]");
    rig_text(&rig, FILE_DRIVERS, "[" DRIVER("A", "\"z.sys\"") "," DRIVER("c", "\"c.sys\"") "]");
    rig_text(&rig, FILE_PERIODS, "[]");
    rig_finish(&rig);
    assert_int_equal(rig.failed, 0);
    assert_int_equal(rows_count(rig.knowledge, FILE_DRIVERS), 3);
    first_is(rig.knowledge, "a.sys", "", "");
    first_is(rig.knowledge, "z.sys", "", "A");
    first_is(rig.knowledge, "b.sys", "", "b");
    first_is(rig.knowledge, "c.sys", "", "c");
    rig_close(&rig);
}

static void caps_are_told(void **state) {
    (void)state;
    struct knowledge_limits limits = {.file_bytes = 1 << 20, .elements = 2, .wildcards = 2};
    struct rig rig;
    rig_open(&rig, &limits);
    rig_text(&rig, FILE_DRIVERS, "[" DRIVER("a", "") "," DRIVER("b", "") ",\n" DRIVER("c", "") "]");
    assert_int_equal(rig.failed, -EINVAL);
    assert_non_null(strstr(rig.said, "own.json:2: found more entries, expected at most 2"));
    rig_close(&rig);
    rig_open(&rig, &limits);
    rig_text(&rig, FILE_DRIVERS, "[" DRIVER("a", "\"*.a\",\"*.b\",\"*.c\"") "]");
    rig_finish(&rig);
    assert_int_equal(rig.failed, -EINVAL);
    assert_non_null(strstr(rig.said, "3 patterns"));
    rig_close(&rig);
    rig_open(&rig, &limits);
    for (unsigned i = 0; i < 2 * FILE_COUNT; i++)
        rig_text(&rig, FILE_DRIVERS, "[]");
    assert_int_equal(rig.failed, 0);
    rig_text(&rig, FILE_DRIVERS, "[]");
    assert_int_equal(rig.failed, -EINVAL);
    rig_close(&rig);
}

/* More complaints than anybody reads are counted. */
static void complaints_are_bounded(void **state) {
    (void)state;
    struct rig rig;
    char text[84] = "[";
    for (unsigned i = 1; i <= 82; i++)
        text[i] = i % 2 ? '7' : ',';
    text[82] = ']';
    rig_open(&rig, &knowledge_limits);
    rig_text(&rig, FILE_SHARES, text);
    assert_int_equal(rig.failed, -EINVAL);
    assert_non_null(strstr(rig.said, "and 31 more"));
    rig_close(&rig);
}

/* A directory as a user makes it. */
struct folder {
    char path[64], file[128];
};

static void folder_make(struct folder *folder, const char *name, const char *text) {
    strcpy(folder->path, "/tmp/test_knowledge_XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    snprintf(folder->file, sizeof folder->file, "%s/%s", folder->path, name);
    FILE *file = fopen(folder->file, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void folder_drop(const struct folder *folder) {
    assert_int_equal(remove(folder->file), 0);
    assert_int_equal(rmdir(folder->path), 0);
}

static void says(const char *directory, const char *expected) {
    struct sbl_knowledge *knowledge;
    char *said = NULL;
    size_t size = 0;
    FILE *errors = open_memstream(&said, &size);
    int failed = sbl_knowledge_new(&knowledge, directory, errors);
    fclose(errors);
    assert_int_equal(failed, *expected ? -EINVAL : 0);
    assert_true(!*expected == (knowledge != NULL));
    if (!strstr(said, expected))
        fail_msg("expected \"%s\", got \"%s\"", expected, said);
    free(said);
    sbl_knowledge_free(knowledge);
}

static void a_directory_is_read_with_care(void **state) {
    (void)state;
    struct folder folder;
    folder_make(&folder, "drivers.json", "[" DRIVER("compaq-auddrive", "\"mine.sys\"") "]");
    says(folder.path, "");
    folder_drop(&folder);
    folder_make(&folder, "drivers.json", "[\n{}]");
    says(folder.path, "drivers.json:2: id: found nothing, expected this key");
    folder_drop(&folder);
    folder_make(&folder, "driver.json", "[]");
    says(folder.path, "driver.json: found an unknown name, expected drivers.json");
    folder_drop(&folder);
    folder_make(&folder, "README", "my own");
    says(folder.path, "found no *.json");
    folder_drop(&folder);
    folder_make(&folder, "shares.json", "");
    assert_int_equal(remove(folder.file), 0);
    assert_int_equal(mkfifo(folder.file, 0600), 0);
    says(folder.path, "shares.json: expected a regular file");
    folder_drop(&folder);
    says("/nowhere/at/all", "/nowhere/at/all: No such file");
}

/* A file larger than the cap is refused before it is parsed. */
static void a_large_file_is_refused(void **state) {
    (void)state;
    struct folder folder;
    folder_make(&folder, "facts.json", "[]");
    assert_int_equal(truncate(folder.file, (off_t)knowledge_limits.file_bytes + 1), 0);
    says(folder.path, "facts.json: found more, expected at most 4194304 bytes");
    folder_drop(&folder);
}

/* What is shipped and damaged: read or refused, and never worse. */
static void play(const unsigned char *bytes, size_t size, enum knowledge_file_id file) {
    struct rig rig;
    struct signature_match found[SIGNATURE_MATCHES];
    char *copy = malloc(size + 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    rig_open(&rig, &knowledge_limits);
    rig_read(&rig, file, "own.json", copy, size);
    rig_finish(&rig);
    if (!rig.failed)
        knowledge_file(rig.knowledge, "auddrive.sys", "CAP_S01", found);
    else
        assert_true(rig.size > 0);
    rig_close(&rig);
    free(copy);
}

static void damage_does_no_harm(void **state) {
    (void)state;
    static const char sample[] = "[" RULE(
        "one", ",\"needs\":[\"walk\"],\"any\":[[\"fast\"]],\"weights\":[{\"fact\":\"walk\","
               "\"delta\":0.1}],\"remedy\":[{\"when\":[\"walk\"],\"text\":\"do\"}],"
               "\"references\":[\"Q1\"]") "]";
    static const unsigned char extremes[] = {0x00, 0xFF, 0x80, '"', '\\', '[', '{', '}', ',', '9'};
    unsigned char bytes[sizeof sample];
    for (size_t at = 0; at < sizeof sample - 1; at++) {
        play((const unsigned char *)sample, at, FILE_DIAGNOSES);
        for (unsigned bit = 0; bit < 8 + sizeof extremes; bit++) {
            memcpy(bytes, sample, sizeof sample);
            bytes[at] = extremes[bit < 8 ? 0 : bit - 8];
            if (bit < 8)
                bytes[at] = (unsigned char)(sample[at] ^ (1 << bit));
            play(bytes, sizeof sample - 1, FILE_DIAGNOSES);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_name_line_and_key),
        cmocka_unit_test(a_rule_is_read_whole),
        cmocka_unit_test(later_texts_replace_and_add),
        cmocka_unit_test(caps_are_told),
        cmocka_unit_test(complaints_are_bounded),
        cmocka_unit_test(a_directory_is_read_with_care),
        cmocka_unit_test(a_large_file_is_refused),
        cmocka_unit_test(damage_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
