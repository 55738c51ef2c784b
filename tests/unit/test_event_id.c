/* Ids of findings: the same facts give the same id everywhere and for ever, others another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attribute/attribute.h"

static struct sbl_conversation conversation(void) {
    return (struct sbl_conversation){.side = {{.address = {10, 1, 2, 42}, .port = 1047},
                                              {.address = {10, 1, 0, 10}, .port = 445}},
                                     .ip_version = 4};
}

static struct sbl_finding finding_of(const struct sbl_conversation *between) {
    return (struct sbl_finding){.conversation = between,
                                .time_ns = INT64_C(1700000000123456789),
                                .seq = 0x01020304,
                                .status = 0xC000006Du,
                                .has_status = true,
                                .message_id = 3,
                                .session_id = 0x0000740000000005};
}

/* Receivers keep ids: they may never change. */
static void ids_are_what_they_always_were(void **state) {
    (void)state;
    struct sbl_conversation between = conversation();
    struct sbl_attempt attempt = {.finding = finding_of(&between)};
    struct sbl_tree_refusal refusal = {.finding = attempt.finding};
    struct sbl_tree_grant grant = {.finding = attempt.finding};
    struct sbl_probe probe = {.finding = attempt.finding};
    attribute_attempt(&attempt);
    attribute_tree_refusal(&refusal);
    attribute_tree_grant(&grant);
    attribute_probe(&probe);
    static const uint8_t logon[16] = {0xd4, 0xd5, 0x08, 0x8f, 0x97, 0xee, 0x89, 0xb4,
                                      0xa1, 0x69, 0x84, 0x69, 0x31, 0xfa, 0x79, 0xd2};
    static const uint8_t tree[16] = {0xcd, 0x13, 0xe9, 0x52, 0x97, 0xd4, 0x84, 0xc3,
                                     0x9e, 0x6f, 0x76, 0x45, 0x75, 0x2a, 0x90, 0x57};
    static const uint8_t open[16] = {0xca, 0x19, 0x0d, 0x32, 0xc6, 0x32, 0x8f, 0x68,
                                     0xbb, 0xa4, 0x44, 0x76, 0xc8, 0xfe, 0xad, 0xc9};
    assert_memory_equal(attempt.finding.event_id, logon, 16);
    assert_memory_equal(refusal.finding.event_id, tree, 16);
    assert_memory_equal(grant.finding.event_id, tree, 16);
    assert_memory_equal(probe.finding.event_id, open, 16);
}

static void other_facts_other_id(void **state) {
    (void)state;
    struct sbl_conversation between = conversation();
    struct sbl_probe probe = {.finding = finding_of(&between)};
    attribute_probe(&probe);
    uint8_t first[16];
    memcpy(first, probe.finding.event_id, sizeof first);
    probe.finding.time_ns += 5; /* within the second, and what is no fact of the packet */
    probe.finding.tree_id++;
    attribute_probe(&probe);
    assert_memory_equal(probe.finding.event_id, first, 16);
    probe.finding.has_status = false;
    attribute_probe(&probe);
    assert_memory_not_equal(probe.finding.event_id, first, 16);
    probe.finding = finding_of(&between);
    probe.finding.seq++;
    attribute_probe(&probe);
    assert_memory_not_equal(probe.finding.event_id, first, 16);
    probe.finding = finding_of(&between);
    between.side[0].port++;
    attribute_probe(&probe);
    assert_memory_not_equal(probe.finding.event_id, first, 16);
    assert_int_equal(probe.finding.event_id[6] >> 4, 8);
    assert_int_equal(probe.finding.event_id[8] >> 6, 2);
}

static void times_before_1970_round_down(void **state) {
    (void)state;
    struct sbl_conversation between = conversation();
    struct sbl_probe early = {.finding = finding_of(&between)}, late = early;
    early.finding.time_ns = -1;
    late.finding.time_ns = 0;
    attribute_probe(&early);
    attribute_probe(&late);
    assert_memory_not_equal(early.finding.event_id, late.finding.event_id, 16);
    late.finding.time_ns = -1000000000;
    attribute_probe(&late);
    assert_memory_equal(early.finding.event_id, late.finding.event_id, 16);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_what_they_always_were),
        cmocka_unit_test(other_facts_other_id),
        cmocka_unit_test(times_before_1970_round_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
