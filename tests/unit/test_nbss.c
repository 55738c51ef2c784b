/* The NetBIOS session service dissector: names, scopes, reasons, and packets that are not whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <smblame/dissector.h>

extern const struct sbl_dissector sbl_dissector_nbss;

static struct sbl_report report;
static uint8_t packet[512];
static size_t packet_bytes;

/* In a buffer exactly as large, so that the sanitizer sees the first byte too many. */
static void read_packet(size_t size, bool is_cut) {
    struct sbl_part part = {.message_bytes = (uint32_t)packet_bytes};
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, packet, size);
    sbl_report_reset(&report, is_cut);
    sbl_dissector_nbss.dissect(sbl_cursor_of(copy, size), &part, &report);
    free(copy);
}

static void put_name(const char *name, uint8_t suffix) {
    packet[packet_bytes++] = 32;
    for (size_t i = 0; i < 16; i++) {
        unsigned letter = i == 15 ? suffix : i < strlen(name) ? (uint8_t)name[i] : ' ';
        packet[packet_bytes++] = (uint8_t)('A' + (letter >> 4));
        packet[packet_bytes++] = (uint8_t)('A' + (letter & 15));
    }
}

static void build_request(const char *scope) {
    memset(packet, 0, sizeof packet);
    packet[0] = 0x81;
    packet_bytes = 4;
    put_name("CAP01", 0x20);
    memcpy(packet + packet_bytes, scope, strlen(scope) + 1);
    packet_bytes += strlen(scope) + 1;
    put_name("WS042", 0);
    packet_bytes++;
    packet[3] = (uint8_t)(packet_bytes - 4);
}

static void check_names(void) {
    const struct sbl_nbss *nbss = &report.observations[0].nbss;
    assert_int_equal(report.count, 1);
    assert_int_equal(report.observations[0].kind, SBL_SAW_NBSS);
    assert_int_equal(nbss->type, SBL_NBSS_REQUEST);
    assert_true(nbss->called.is_present && nbss->calling.is_present);
    assert_int_equal(nbss->called.size, 5);
    assert_memory_equal(nbss->called.name, "CAP01", 5);
    assert_int_equal(nbss->called.suffix, 0x20);
    assert_int_equal(nbss->calling.size, 5);
    assert_memory_equal(nbss->calling.name, "WS042", 5);
    assert_int_equal(nbss->calling.suffix, 0);
}

static void requests_name_both_sides(void **state) {
    (void)state;
    build_request("");
    assert_int_equal(packet_bytes, 72);
    read_packet(packet_bytes, false);
    check_names();
    build_request("\4corp\7example");
    read_packet(packet_bytes, false);
    check_names();
}

static void bad_names_are_counted(void **state) {
    (void)state;
    build_request("");
    packet[7] = 'Q'; /* no half byte */
    read_packet(packet_bytes, false);
    assert_int_equal(report.count, 1);
    assert_false(report.observations[0].nbss.called.is_present);
    assert_true(report.observations[0].nbss.calling.is_present);
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_NETBIOS_NAME], 1);
}

static void short_requests_keep_what_is_whole(void **state) {
    (void)state;
    build_request("");
    read_packet(50, true);
    assert_int_equal(report.count, 1);
    assert_true(report.observations[0].nbss.called.is_present);
    assert_false(report.observations[0].nbss.calling.is_present);
    assert_int_equal(report.oddities[SBL_ODDITY_CUT_BY_SNAPLEN], 1);
    read_packet(50, false);
    assert_int_equal(report.oddities[SBL_ODDITY_TRUNCATED], 1);
    read_packet(3, false);
    assert_int_equal(report.count, 0);
}

static void other_packets(void **state) {
    (void)state;
    static const uint8_t refusal[] = {0x83, 0, 0, 1, 0x82};
    memcpy(packet, refusal, sizeof refusal);
    packet_bytes = 5;
    read_packet(5, false);
    assert_int_equal(report.observations[0].nbss.type, SBL_NBSS_NEGATIVE);
    assert_int_equal(report.observations[0].nbss.error, 0x82);
    for (unsigned type = 0x82; type <= 0x86; type++) {
        memset(packet, 0, 4);
        packet[0] = (uint8_t)type;
        packet_bytes = 4;
        read_packet(4, false);
        assert_int_equal(report.count, type != 0x86);
        assert_int_equal(sbl_dissector_nbss.recognises(packet, 4), type != 0x86);
    }
    assert_false(sbl_dissector_nbss.recognises((const uint8_t *)"\0\0\0\0", 4));
}

static void survives_mutation(void **state) {
    (void)state;
    static const char *const scopes[] = {"", "\4corp\7example"};
    for (size_t s = 0; s < 2; s++) {
        build_request(scopes[s]);
        for (size_t at = 0; at < packet_bytes; at++) {
            uint8_t old = packet[at];
            read_packet(at, false);
            read_packet(at, true);
            for (unsigned value = 0; value < 256; value++) {
                packet[at] = (uint8_t)value;
                read_packet(packet_bytes, false);
            }
            packet[at] = old;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_name_both_sides),
        cmocka_unit_test(bad_names_are_counted),
        cmocka_unit_test(short_requests_keep_what_is_whole),
        cmocka_unit_test(other_packets),
        cmocka_unit_test(survives_mutation),
    };
    return cmocka_run_group_tests_name("nbss", tests, NULL, NULL);
}
