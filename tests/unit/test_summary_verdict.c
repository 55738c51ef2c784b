/* Verdicts on paper: the driver case, a cause that is not known, an attack; revisions and
 * supersession; lists and strings of strangers; the cap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "diagnosis_scenario.h"
#include "emit_scenario.h"
#include "json_check.h"
#include "pieces.h"

static const int64_t start_ns = INT64_C(1795227721000000000); /* 2026-11-21T02:22:01Z */

static const char *file_name(void *context, uint16_t file) {
    (void)context;
    return file == 0 ? "cap01.pcap" : file == 1 ? "it's.pcap" : NULL;
}

struct fixture {
    struct summary *summary;
    struct sbl_stats stats;
    struct scenario scenario;
    char *printed;
    size_t size;
};

static int set_up(void **state) {
    static const struct emit_names names = {.file = file_name};
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    fixture->stats = (struct sbl_stats){.frames = 120,
                                        .first_ns = start_ns,
                                        .last_ns = start_ns + INT64_C(400000000000),
                                        .connections_smb = 1};
    scenario_init(&fixture->scenario, start_ns);
    return summary_new(&fixture->summary, &names, NULL);
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    summary_free(fixture->summary);
    free(fixture->printed);
    free(fixture);
    return 0;
}

static const char *print(struct fixture *fixture, struct summary_style style) {
    free(fixture->printed);
    FILE *out = open_memstream(&fixture->printed, &fixture->size);
    summary_print(fixture->summary, &fixture->stats, &style, out);
    fclose(out);
    assert_true(check_utf8(fixture->printed, fixture->size));
    return fixture->printed;
}

static void a_driver_is_told_from_verdict_to_cure(void **state) {
    struct fixture *fixture = *state;
    summary_diagnosis(fixture->summary, &fixture->scenario.diagnosis);
    printf("%s", print(fixture, (struct summary_style){.width = 110}));
    printf("%s", print(fixture, (struct summary_style){.width = 110, .verbose = true}));
}

int main(void) {
#define VERDICT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        VERDICT_TEST(a_driver_is_told_from_verdict_to_cure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
