/* SMB2: heads, bodies, compounds, and how much of a message is wanted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../mutate/expect.h"
#include "../mutate/smb2_build.h"
#include "../mutate/tokens.h"

static struct sbl_report report;
static struct expect e;

static const struct sbl_observation *read_golden(const char *name) {
    struct golden g = expect_golden(SBL_DISSECTOR_SMB2, name);
    const struct sbl_observation *seen = expect_one(SBL_DISSECTOR_SMB2, g.bytes, g.size, &report);
    assert_int_equal(expect_odd(&report), 0);
    assert_false(seen->head.is_cut);
    return seen;
}

static struct sbl_need need_of(const uint8_t *bytes, size_t size, size_t message_bytes) {
    struct sbl_part part = {.message_bytes = (uint32_t)message_bytes};
    return sbl_dissectors[SBL_DISSECTOR_SMB2]->need(sbl_cursor_of(bytes, size), &part);
}

static void negotiate_tells_dialect_and_guids(void **state) {
    (void)state;
    const struct sbl_observation *seen = read_golden("negotiate-request");
    assert_int_equal(seen->kind, SBL_SAW_NEGOTIATE_REQUEST);
    assert_int_equal(seen->negotiate.guid[0], 0x6D);
    seen = read_golden("negotiate-response");
    assert_int_equal(seen->kind, SBL_SAW_NEGOTIATE_RESPONSE);
    assert_int_equal(seen->negotiate.dialect, 0x0311);
    assert_true(seen->negotiate.signing_required);
    assert_memory_equal(seen->negotiate.guid, "cap01", 5);
}

static void session_setups_carry_their_token(void **state) {
    (void)state;
    const struct sbl_observation *seen = read_golden("session-request");
    assert_int_equal(seen->kind, SBL_SAW_SESSION_SETUP_REQUEST);
    assert_int_equal(seen->session_setup.form, 25);
    assert_true(text_is(seen->session_setup.token.ntlm.user, "User"));
    assert_int_equal(seen->head.session_id, 0x740005);
    assert_int_equal(seen->head.message_id, 3);
    assert_true(seen->head.is_first && seen->head.is_last && !seen->head.is_response);
    seen = read_golden("session-challenge");
    assert_int_equal(seen->head.status, 0xC0000016);
    assert_int_equal(seen->session_setup.token.ntlm.message, SBL_NTLM_CHALLENGE);
    seen = read_golden("session-granted");
    assert_true(seen->session_setup.is_guest && !seen->session_setup.is_null);
    assert_true(seen->head.is_signed);
    seen = read_golden("session-refused");
    assert_int_equal(seen->kind, SBL_SAW_SESSION_SETUP_RESPONSE);
    assert_int_equal(seen->head.status, 0xC000006D);
    assert_int_equal(seen->session_setup.token.wrapping, SBL_WRAPPING_NONE);
}

static struct build response_to(uint16_t command, uint32_t status) {
    struct build b = {0};
    smb2_build_header(&b, &(struct smb2_header){.command = command,
                                                .status = status,
                                                .flags = 1,
                                                .message_id = 9,
                                                .tree_or_async_id = smb2_tree(7),
                                                .session_id = 5});
    return b;
}

static void a_refusal_may_still_carry_a_token(void **state) {
    (void)state;
    struct build error = {0}, token = {0}, b = response_to(1, 0xC000006D);
    token_build_krb_error(&error, 37);
    token_frame_kerberos(&error, 3);
    token_wrap_resp(&token, &error, 2, false);
    smb2_build_session_response(&b, 0, &token);
    const struct sbl_observation *seen = expect_one(SBL_DISSECTOR_SMB2, b.bytes, b.size, &report);
    assert_int_equal(seen->session_setup.token.kerberos.error_code, 37);
}

static void an_error_body_is_not_a_token(void **state) {
    (void)state;
    struct build b = response_to(1, 0xC000006D);
    build_le(&b, 9, 2);
    build_le(&b, 0x0007, 2); /* would be guest, null and sealed if it were SessionFlags */
    build_le(&b, 3, 4);
    build_fill(&b, 0xA1, 3);
    const struct sbl_observation *seen = expect_one(SBL_DISSECTOR_SMB2, b.bytes, b.size, &report);
    assert_false(seen->session_setup.is_guest || seen->session_setup.is_null);
    assert_false(seen->session_setup.is_encrypting);
    assert_int_equal(expect_odd(&report), 0);
}

static void trees_have_paths_and_types(void **state) {
    (void)state;
    const struct sbl_observation *seen = read_golden("tree-request");
    assert_true(text_is(seen->tree_connect.path, "\\\\fs1\\home"));
    seen = read_golden("tree-response");
    assert_int_equal(seen->head.tree_id, 7);
    struct build b = response_to(3, 0xC00000CC);
    smb2_build_error(&b);
    seen = expect_one(SBL_DISSECTOR_SMB2, b.bytes, b.size, &report);
    assert_int_equal(seen->kind, SBL_SAW_TREE_CONNECT_RESPONSE);
}

static void the_extension_of_a_tree_connect_is_stepped_over(void **state) {
    (void)state;
    struct build b = {0};
    smb2_build_header(&b, &(struct smb2_header){.command = 3});
    build_le(&b, 9, 2);
    build_le(&b, 4, 2); /* SMB2_TREE_CONNECT_FLAG_EXTENSION_PRESENT */
    build_le(&b, 88, 2);
    build_le(&b, 8, 2);
    build_fill(&b, 0, 16);
    build_utf16(&b, "\\\\a\\b");
    build_patch_le(&b, 70, 12, 2);
    assert_true(text_is(expect_one(SBL_DISSECTOR_SMB2, b.bytes, b.size, &report)->tree_connect.path,
                        "\\\\a\\b"));
}

static void opens_have_names_and_ids(void **state) {
    (void)state;
    const struct sbl_observation *seen = read_golden("create-request");
    assert_int_equal(seen->kind, SBL_SAW_OPEN_REQUEST);
    assert_int_equal(seen->open.command, SBL_OPEN_SMB2_CREATE);
    assert_true(text_is(seen->open.name, "drivers\\rasadhlp.dll"));
    assert_int_equal(seen->open.options, 0x40);
    assert_false(seen->open.has_root);
    seen = read_golden("create-root");
    assert_true(sbl_text_is_present(seen->open.name) && sbl_text_is_empty(seen->open.name));
    seen = read_golden("create-response");
    assert_int_equal(seen->kind, SBL_SAW_OPEN_RESPONSE);
    assert_true(seen->open.file_id[0] == 0xF11E && seen->open.file_id[1] == 0xF11F);
}

static void refused_and_pending_opens_have_only_a_head(void **state) {
    (void)state;
    struct build b = response_to(5, 0xC0000034);
    smb2_build_error(&b);
    const struct sbl_observation *seen = expect_one(SBL_DISSECTOR_SMB2, b.bytes, b.size, &report);
    assert_int_equal(seen->kind, SBL_SAW_OTHER);
    assert_int_equal(seen->head.status, 0xC0000034);
    assert_int_equal(expect_odd(&report), 0);
    seen = read_golden("create-pending");
    assert_int_equal(seen->kind, SBL_SAW_OPEN_RESPONSE);
    assert_int_equal(seen->head.status, 0x103);
    assert_int_equal(seen->head.tree_id, 0);
    assert_true(seen->open.file_id[0] == 0);
}

static void related_elements_inherit_session_and_tree(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_SMB2, "search-compound");
    expect_drive(&e, SBL_DISSECTOR_SMB2, g.bytes, g.size, g.size);
    assert_int_equal(e.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(e.seen[i].head.session_id, 0x740005);
        assert_int_equal(e.seen[i].head.tree_id, 7);
        assert_int_equal(e.seen[i].head.chain_position, i);
        assert_int_equal(e.seen[i].head.is_first, i == 0);
        assert_int_equal(e.seen[i].head.is_last, i == 2);
        assert_int_equal(e.seen[i].head.is_related, i > 0);
    }
    assert_string_equal(e.text[0], "drivers");
    assert_string_equal(e.text[1], "*.dll");
    assert_int_equal(e.seen[1].open.command, SBL_OPEN_SMB2_QUERY_DIRECTORY);
    assert_true(e.seen[1].open.has_root && e.seen[1].open.root[0] == UINT64_MAX);
    assert_int_equal(e.seen[2].kind, SBL_SAW_CLOSE_REQUEST);
    assert_true(e.seen[2].open.file_id[1] == UINT64_MAX);
}

static void dfs_questions_have_a_kind_of_their_own(void **state) {
    (void)state;
    const char *const names[] = {"dfs-request", "dfs-ex-request"};
    for (size_t i = 0; i < 2; i++) {
        const struct sbl_observation *seen = read_golden(names[i]);
        assert_int_equal(seen->kind, SBL_SAW_DFS_REFERRAL_REQUEST);
        assert_true(text_is(seen->open.name, "\\fs1\\home"));
    }
    struct golden g = expect_golden(SBL_DISSECTOR_SMB2, "dfs-request");
    assert_int_equal(need_of(g.bytes, 64, g.size).more_bytes, 72);
    assert_int_equal(need_of(g.bytes, 72, g.size).want_until, g.size);
    uint8_t other[256];
    memcpy(other, g.bytes, g.size);
    other[68] = 0x95;
    assert_int_equal(need_of(other, 72, g.size).want_until, 120);
    assert_int_equal(expect_one(SBL_DISSECTOR_SMB2, other, g.size, &report)->kind, SBL_SAW_OTHER);
}

static void payloads_are_not_wanted(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_SMB2, "write-then-close");
    struct sbl_need need = need_of(g.bytes, 64, g.size);
    assert_int_equal(need.want_until, 64 + 48);
    assert_int_equal(need.resume_at, 312);
    g = expect_golden(SBL_DISSECTOR_SMB2, "read-response");
    need = need_of(g.bytes, 64, g.size);
    assert_int_equal(need.want_until, 64 + 16);
    assert_int_equal(need.resume_at, 0);
    g = expect_golden(SBL_DISSECTOR_SMB2, "session-request");
    assert_int_equal(need_of(g.bytes, 64, g.size).want_until, g.size);
    assert_int_equal(need_of(g.bytes, 64, 0xFFFFFF).want_until, SBL_MAX_MESSAGE_BYTES);
    assert_int_equal(need_of(g.bytes, 10, g.size).more_bytes, 64);
}

static void chains_that_cannot_be_end_there(void **state) {
    (void)state;
    static const struct {
        uint32_t next_command;
        enum sbl_oddity oddity;
        size_t elements;
    } chains[] = {
        {8, SBL_ODDITY_CHAIN_LOOP, 1},          {63, SBL_ODDITY_CHAIN_LOOP, 1},
        {0xFFFFFFF8, SBL_ODDITY_BAD_OFFSET, 1}, {400, SBL_ODDITY_BAD_OFFSET, 1},
        {313, SBL_ODDITY_BAD_OFFSET, 1}, /* tolerated, but nothing begins there */
    };
    struct golden g = expect_golden(SBL_DISSECTOR_SMB2, "write-then-close");
    for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++) {
        struct build b = {0};
        build_bytes(&b, g.bytes, g.size);
        build_patch_le(&b, 20, chains[i].next_command, 4);
        expect_drive(&e, SBL_DISSECTOR_SMB2, b.bytes, b.size, b.size);
        assert_int_equal(e.count, chains[i].elements);
        assert_int_equal(e.oddities[chains[i].oddity], 1);
        assert_int_equal(e.seen[0].head.is_last, chains[i].next_command != 313);
    }
}

static void unaligned_chains_are_followed_and_counted(void **state) {
    (void)state;
    struct build b = {0};
    smb2_build_header(&b, &(struct smb2_header){.command = 13, .next_command = 69});
    build_le(&b, 4, 5);
    smb2_build_header(&b, &(struct smb2_header){.command = 2});
    build_le(&b, 4, 4);
    expect_drive(&e, SBL_DISSECTOR_SMB2, b.bytes, b.size, b.size);
    assert_int_equal(e.count, 2);
    assert_int_equal(e.seen[1].kind, SBL_SAW_LOGOFF_REQUEST);
    assert_int_equal(e.oddities[SBL_ODDITY_BAD_OFFSET], 1);
}

static void long_chains_stop_at_the_cap(void **state) {
    (void)state;
    enum { ELEMENTS = SBL_MAX_CHAIN_LENGTH + 1, BYTES = 72 };
    static uint8_t bytes[ELEMENTS * BYTES];
    for (size_t i = 0; i < ELEMENTS; i++) {
        struct build b = {0};
        smb2_build_header(
            &b, &(struct smb2_header){.command = 13, .next_command = i + 1 < ELEMENTS ? BYTES : 0});
        build_le(&b, 4, 8);
        memcpy(bytes + i * BYTES, b.bytes, BYTES);
    }
    expect_drive(&e, SBL_DISSECTOR_SMB2, bytes, sizeof bytes, sizeof bytes);
    assert_int_equal(e.count, SBL_MAX_CHAIN_LENGTH);
    assert_int_equal(e.oddities[SBL_ODDITY_CHAIN_TOO_LONG], 1);
}

static void malformed_bodies_leave_the_head(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_SMB2, "create-request");
    struct build b = {0};
    build_bytes(&b, g.bytes, g.size);
    build_patch_le(&b, 64, 58, 2);
    const struct sbl_observation *seen = expect_one(SBL_DISSECTOR_SMB2, b.bytes, b.size, &report);
    assert_int_equal(seen->kind, SBL_SAW_OPEN_REQUEST);
    assert_false(sbl_text_is_present(seen->open.name));
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_STRUCTURE_SIZE], 1);
    seen = expect_one(SBL_DISSECTOR_SMB2, g.bytes, 100, &report);
    assert_int_equal(seen->kind, SBL_SAW_OPEN_REQUEST);
    assert_int_equal(report.oddities[SBL_ODDITY_TRUNCATED], 1);
    seen = expect_one(SBL_DISSECTOR_SMB2, g.bytes, 150, &report); /* the name runs out */
    assert_true(seen->open.name.is_cut && text_is(seen->open.name, "drivers\\rasadhl"));
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_LENGTH], 1);
    g = expect_golden(SBL_DISSECTOR_SMB2, "create-response");
    seen = expect_one(SBL_DISSECTOR_SMB2, g.bytes, 100, &report);
    assert_int_equal(seen->kind, SBL_SAW_OTHER);
}

static void snaplen_cuts_are_marked_and_not_blamed(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_SMB2, "session-request");
    expect_drive(&e, SBL_DISSECTOR_SMB2, g.bytes, 240, g.size);
    assert_int_equal(e.count, 1);
    assert_int_equal(e.seen[0].kind, SBL_SAW_SESSION_SETUP_REQUEST);
    assert_true(e.seen[0].head.is_cut);
    assert_int_equal(e.seen[0].session_setup.token.mechanism, SBL_MECHANISM_NTLMSSP);
    assert_true(e.seen[0].session_setup.token.ntlm.is_cut);
    assert_int_equal(e.oddities[SBL_ODDITY_CUT_BY_SNAPLEN], 1);
    assert_int_equal(e.oddities[SBL_ODDITY_BAD_LENGTH] + e.oddities[SBL_ODDITY_TRUNCATED] +
                         e.oddities[SBL_ODDITY_BAD_ASN1],
                     0);
    expect_drive(&e, SBL_DISSECTOR_SMB2, g.bytes, 52, g.size); /* a header without signature */
    assert_int_equal(e.count, 1);
    assert_int_equal(e.seen[0].head.session_id, 0x740005);
    expect_drive(&e, SBL_DISSECTOR_SMB2, g.bytes, 40, g.size);
    assert_int_equal(e.count, 0);
    assert_int_equal(e.oddities[SBL_ODDITY_CUT_BY_SNAPLEN], 1);
}

static void sealed_and_compressed_messages_are_only_counted(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_SMB2, "sealed");
    expect_drive(&e, SBL_DISSECTOR_SMB2, g.bytes, g.size, g.size);
    assert_int_equal(e.seen[0].kind, SBL_SAW_ENCRYPTED);
    assert_int_equal(e.seen[0].head.session_id, 0x740005);
    assert_int_equal(need_of(g.bytes, 64, g.size).want_until, 52);
    g = expect_golden(SBL_DISSECTOR_SMB2, "compressed");
    assert_int_equal(read_golden("compressed")->kind, SBL_SAW_COMPRESSED);
    assert_int_equal(need_of(g.bytes, 64, g.size).want_until, 16);
}

static void requests_have_no_status(void **state) {
    (void)state;
    struct build b = {0};
    smb2_build_header(&b, &(struct smb2_header){.command = 2, .status = 0x00010000});
    build_le(&b, 4, 4);
    const struct sbl_observation *seen = expect_one(SBL_DISSECTOR_SMB2, b.bytes, b.size, &report);
    assert_int_equal(seen->kind, SBL_SAW_LOGOFF_REQUEST);
    assert_int_equal(seen->head.status, 0); /* ChannelSequence */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(negotiate_tells_dialect_and_guids),
        cmocka_unit_test(session_setups_carry_their_token),
        cmocka_unit_test(a_refusal_may_still_carry_a_token),
        cmocka_unit_test(an_error_body_is_not_a_token),
        cmocka_unit_test(trees_have_paths_and_types),
        cmocka_unit_test(the_extension_of_a_tree_connect_is_stepped_over),
        cmocka_unit_test(opens_have_names_and_ids),
        cmocka_unit_test(refused_and_pending_opens_have_only_a_head),
        cmocka_unit_test(related_elements_inherit_session_and_tree),
        cmocka_unit_test(dfs_questions_have_a_kind_of_their_own),
        cmocka_unit_test(payloads_are_not_wanted),
        cmocka_unit_test(chains_that_cannot_be_end_there),
        cmocka_unit_test(unaligned_chains_are_followed_and_counted),
        cmocka_unit_test(long_chains_stop_at_the_cap),
        cmocka_unit_test(malformed_bodies_leave_the_head),
        cmocka_unit_test(snaplen_cuts_are_marked_and_not_blamed),
        cmocka_unit_test(sealed_and_compressed_messages_are_only_counted),
        cmocka_unit_test(requests_have_no_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
