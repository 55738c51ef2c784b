/* Records of probes repeat what those before them had in common (src/emit/memo.h). Whatever came
 * before, a record is the same as from a writer that never wrote another. */
#include "record_rig.h"

/* The probe's record from a fresh writer and from the fixture's. */
static void is_as_from_a_fresh_writer(struct fixture *fixture, const struct sbl_probe *probe) {
    struct kept kept = {0};
    struct emit_output output = {&kept, keep};
    struct records *fresh;
    assert_int_equal(records_new(&fresh, &output, &names, &fixture->page), 0);
    records_probe(fresh, probe);
    assert_int_equal(records_flush(fresh), 0);
    records_free(fresh);
    fixture->kept.size = 0;
    records_probe(fixture->records, probe);
    assert_int_equal(records_flush(fixture->records), 0);
    assert_int_equal(fixture->kept.size, kept.size);
    assert_memory_equal(fixture->kept.bytes, kept.bytes, kept.size);
    free(kept.bytes);
}

static struct sbl_probe probe_of(struct fixture *fixture) {
    struct sbl_probe probe = {.finding = finding_of(fixture),
                              .command = SBL_OPEN_NT_CREATE_ANDX,
                              .name = ASCII("dir\\a.ini")};
    return probe;
}

static void names_differ(void **state) {
    struct fixture *fixture = *state;
    struct sbl_probe probe = probe_of(fixture);
    const struct sbl_text paths[] = {
        ASCII("dir\\a.ini"), ASCII("b.ini"),   ASCII("\\\\c\\\\d/e"), ASCII("dir\\"),
        ASCII("\\"),         ASCII(""),        ASCII("a\"b\\c\n.x"),  OEM("\x81\xFF\\y"),
        ASCII("/"),          ASCII("x/y.z:s"), ASCII("*.ini"),        {0},
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        for (size_t above = 0; above < sizeof paths / sizeof *paths; above++)
            for (unsigned unknown = 0; unknown < 2; unknown++) {
                probe.name = paths[i];
                probe.directory = paths[above];
                probe.is_below_unknown = unknown;
                probe.finding.message_id++;
                probe.finding.time_ns += 1234567;
                is_as_from_a_fresh_writer(fixture, &probe);
            }
}

/* Each is written twice, so that the second is from memory, and in between another. */
static void what_is_remembered_differs(void **state) {
    struct fixture *fixture = *state;
    struct sbl_probe probes[15];
    for (size_t i = 0; i < 15; i++)
        probes[i] = probe_of(fixture);
    struct sbl_conversation others[3];
    for (size_t i = 0; i < 3; i++)
        others[i] = fixture->conversation;
    others[0].side[0].port++;
    others[1].has_mac = false;
    others[2].application = 41;
    probes[1].finding.account = ASCII("other");
    probes[2].finding.account = (struct sbl_text){0};
    probes[3].finding.share = ASCII("\\\\CAP01\\CAP_S02\\");
    probes[4].finding.share = (struct sbl_text){0};
    probes[5].finding.status = 0xC0000034;
    probes[6].finding.is_signed = true;
    probes[7].finding.session_id = 1;
    probes[8].finding.domain = OEM("\x81\xFF"); /* cannot be decoded */
    probes[9].finding.workstation.is_cut = true;
    probes[10].finding.smb_version = 2;
    probes[11].command = SBL_OPEN_OPEN;
    for (size_t i = 0; i < 3; i++)
        probes[12 + i].finding.conversation = &others[i];
    for (size_t i = 0; i < 15; i++)
        for (size_t next = 0; next < 15; next++) {
            is_as_from_a_fresh_writer(fixture, &probes[i]);
            is_as_from_a_fresh_writer(fixture, &probes[i]);
            is_as_from_a_fresh_writer(fixture, &probes[next]);
        }
}

/* The buffer is handed over in the middle of a record, at any place of it. */
static void names_are_longer_than_the_buffer(void **state) {
    struct fixture *fixture = *state;
    struct sbl_probe probe = probe_of(fixture);
    static uint8_t bytes[65536];
    memset(bytes, '\\', sizeof bytes);
    for (uint32_t size = 64; size <= sizeof bytes; size += size / 3) {
        for (uint32_t i = 0; i < size; i += 7)
            bytes[i] = 'x';
        probe.name = (struct sbl_text){bytes, size, SBL_TEXT_ASCII, false};
        is_as_from_a_fresh_writer(fixture, &probe);
        probe.finding.account = (struct sbl_text){bytes, size, SBL_TEXT_ASCII, false};
        is_as_from_a_fresh_writer(fixture, &probe);
        probe.finding.share = (struct sbl_text){bytes, size / 2, SBL_TEXT_ASCII, false};
        is_as_from_a_fresh_writer(fixture, &probe);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_differ, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_remembered_differs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_are_longer_than_the_buffer, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
