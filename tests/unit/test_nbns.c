/* The NetBIOS name service: who has which name, and what gives nobody one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../mutate/expect.h"

static struct sbl_report report;

static void drive_bytes(const uint8_t *bytes, size_t size, bool is_cut) {
    struct sbl_part part = {.message_bytes = (uint32_t)size};
    sbl_report_reset(&report, is_cut);
    sbl_dissectors[SBL_DISSECTOR_NBNS]->dissect(sbl_cursor_of(bytes, size), &part, &report);
}

/* A golden in bytes that can be changed. */
static size_t take_golden(const char *name, uint8_t bytes[512]) {
    struct golden g = expect_golden(SBL_DISSECTOR_NBNS, name);
    memcpy(bytes, g.bytes, g.size);
    return g.size;
}

static void check_claim(unsigned index, enum sbl_name_source source, const char *name,
                        uint8_t suffix, uint32_t address) {
    const struct sbl_name_claim *claim = &report.observations[index].name_claim;
    assert_true(index < report.count);
    assert_int_equal(report.observations[index].kind, SBL_SAW_NAME_CLAIM);
    assert_int_equal(claim->source, source);
    assert_int_equal(claim->name.size, strlen(name));
    assert_memory_equal(claim->name.name, name, strlen(name));
    assert_int_equal(claim->name.suffix, suffix);
    const uint8_t *a = claim->address;
    assert_int_equal((uint32_t)a[0] << 24 | (uint32_t)(a[1] << 16 | a[2] << 8 | a[3]), address);
}

static void who_registers_has_the_name(void **state) {
    (void)state;
    uint8_t bytes[512];
    size_t size = take_golden("registration", bytes);
    drive_bytes(bytes, size, false);
    assert_int_equal(report.count, 1);
    check_claim(0, SBL_NAME_REGISTERED, "WS042", 0x00, 0x0A01022A);
    assert_false(report.observations[0].name_claim.is_group);
    assert_int_equal(expect_odd(&report), 0);
    static const uint8_t refreshes[] = {0x40, 0x48};
    for (unsigned i = 0; i < 2; i++) {
        bytes[2] = refreshes[i];
        drive_bytes(bytes, size, false);
        assert_int_equal(report.count, 1);
    }
    size = take_golden("multihomed", bytes);
    drive_bytes(bytes, size, false);
    assert_int_equal(report.count, 2);
    check_claim(0, SBL_NAME_REGISTERED, "CAP01", 0x20, 0x0A01000A);
    check_claim(1, SBL_NAME_REGISTERED, "CAP01", 0x20, 0x0A02000A);
    assert_int_equal(expect_odd(&report), 0);
}

static void answers_say_who_is_found(void **state) {
    (void)state;
    uint8_t bytes[512];
    size_t size = take_golden("found", bytes);
    drive_bytes(bytes, size, false);
    assert_int_equal(report.count, 2);
    check_claim(0, SBL_NAME_FOUND, "CORP", 0x1C, 0x0A010001);
    check_claim(1, SBL_NAME_FOUND, "CORP", 0x1C, 0x0A010002);
    assert_true(report.observations[1].name_claim.is_group);
    bytes[3] |= 3; /* no such name */
    drive_bytes(bytes, size, false);
    assert_int_equal(report.count, 0);
}

static void a_status_gives_all_that_is_active(void **state) {
    (void)state;
    uint8_t bytes[512];
    size_t size = take_golden("status", bytes);
    drive_bytes(bytes, size, false);
    assert_int_equal(report.count, 4);
    check_claim(0, SBL_NAME_STATUS, "DC01", 0x00, 0);
    check_claim(2, SBL_NAME_STATUS, "CORP", 0x1C, 0);
    check_claim(3, SBL_NAME_STATUS, "CORP", 0x1B, 0);
    assert_true(report.observations[1].name_claim.is_group);
    assert_false(report.observations[3].name_claim.is_group);
    assert_int_equal(expect_odd(&report), 0);
    drive_bytes(bytes, size - 46 - 40, true); /* cut by the capture: what is there */
    assert_int_equal(report.count, 3);
}

static void what_gives_nobody_a_name(void **state) {
    (void)state;
    static const uint8_t flags[] = {
        0x01, /* a query */
        0x30, /* a release */
        0xAD, /* the answer to a registration */
        0xB0, /* the answer to a release */
        0x38, /* a server that is not ready */
    };
    uint8_t bytes[512];
    size_t size = take_golden("registration", bytes);
    for (unsigned i = 0; i < sizeof flags; i++) {
        bytes[2] = flags[i];
        drive_bytes(bytes, size, false);
        assert_int_equal(report.count, 0);
        assert_int_equal(expect_odd(&report), 0);
    }
}

static void pointers_lead_backwards_or_nowhere(void **state) {
    (void)state;
    uint8_t bytes[512];
    size_t size = take_golden("registration", bytes);
    enum { POINTER_AT = 12 + 34 + 4 };
    assert_int_equal(bytes[POINTER_AT], 0xC0);
    bytes[POINTER_AT + 1] = POINTER_AT; /* at itself */
    drive_bytes(bytes, size, false);
    assert_int_equal(report.count, 0);
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_OFFSET], 1);
    bytes[POINTER_AT] = 0xFF; /* far outside */
    drive_bytes(bytes, size, false);
    assert_int_equal(report.count, 0);
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_OFFSET], 1);
    /* pointers at pointers, one too many */
    uint8_t chain[64] = {0, 1, 0x85, 0x80, 0, 0, 0, 1, 0, 0, 0, 0};
    for (unsigned i = 0; i < 10; i++) {
        chain[14 + 2 * i] = 0xC0;
        chain[15 + 2 * i] = (uint8_t)(12 + 2 * i);
    }
    drive_bytes(chain, sizeof chain, false);
    assert_int_equal(report.count, 0);
}

static void names_that_are_none(void **state) {
    (void)state;
    uint8_t bytes[512];
    size_t size = take_golden("found", bytes);
    bytes[13] = 'Q';
    drive_bytes(bytes, size, false);
    assert_int_equal(report.count, 0);
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_NETBIOS_NAME], 1);
    size = take_golden("found", bytes);
    bytes[13] = bytes[14] = 'A'; /* a control character */
    drive_bytes(bytes, size, false);
    assert_int_equal(report.count, 0);
}

static void a_datagram_of_more_than_a_report(void **state) {
    (void)state;
    static uint8_t bytes[2048];
    size_t size = take_golden("found", bytes);
    bytes[size - 14] = 100 * 6 >> 8;
    bytes[size - 13] = (uint8_t)(100 * 6);
    drive_bytes(bytes, size + (size_t)98 * 6, false);
    assert_int_equal(report.count, SBL_REPORT_CAPACITY);
    assert_int_equal(report.oddities[SBL_ODDITY_REPORT_FULL], 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_registers_has_the_name),
        cmocka_unit_test(answers_say_who_is_found),
        cmocka_unit_test(a_status_gives_all_that_is_active),
        cmocka_unit_test(what_gives_nobody_a_name),
        cmocka_unit_test(pointers_lead_backwards_or_nowhere),
        cmocka_unit_test(names_that_are_none),
        cmocka_unit_test(a_datagram_of_more_than_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
