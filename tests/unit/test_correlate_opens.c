/* Opens: names, directories by file id, compounds, async replies. */
#include "correlate_play.h"

static int begin_logged_on(void **state) {
    (void)begin(state);
    logon2(&play, 0, 9, "jdoe", 0);
    tree2(&play, 0, 3, 9, 7, "\\\\CAP01\\A");
    play.told_count = 0;
    return 0;
}

static struct sbl_observation related(struct sbl_observation seen) {
    seen.head.is_related = true;
    return seen;
}

static struct sbl_observation close_of(uint64_t message_id, uint64_t file) {
    struct sbl_observation seen = command(SBL_SAW_CLOSE_REQUEST, 2, CLOSE2, message_id, 9);
    seen.open.file_id[0] = seen.open.file_id[1] = file;
    return seen;
}

static void a_refused_open_has_name_share_and_account(void **state) {
    (void)state;
    uint64_t frame = say(&play, 0, CLIENT, create2(10, 9, "dir\\x.dll"));
    say(&play, 0, SERVER, open_reply(2, CREATE2, 10, 9, NAME_NOT_FOUND));
    assert_int_equal(play.told_count, 1);
    struct told *told = &play.told[0];
    assert_int_equal(told->kind, TOLD_PROBE);
    assert_int_equal(told->command, SBL_OPEN_SMB2_CREATE);
    assert_string_equal(told->name, "dir\\x.dll");
    assert_string_equal(told->directory, "-");
    assert_string_equal(told->share, "\\\\CAP01\\A");
    assert_string_equal(told->account, "jdoe");
    assert_string_equal(told->server, "CAP01");
    assert_int_equal(told->finding.evidence.request.number, frame);
    assert_int_equal(told->finding.evidence.response.number, frame + 1);
    assert_int_equal(told->finding.tree_id, 7);
    assert_int_equal(play.stats.opens_refused, 1);
}

static void warnings_and_pending_refuse_nothing(void **state) {
    (void)state;
    say(&play, 0, CLIENT, create2(10, 9, "link"));
    say(&play, 0, SERVER, open_reply(2, CREATE2, 10, 9, 0x8000002D));
    say(&play, 0, CLIENT, create2(11, 9, "slow"));
    struct sbl_observation interim = open_reply(2, CREATE2, 11, 9, STATUS_PENDING);
    say(&play, 0, SERVER, interim);
    say(&play, 0, CLIENT, create2(12, 9, "quick"));
    say(&play, 0, SERVER, open_reply(2, CREATE2, 12, 9, NAME_NOT_FOUND));
    struct sbl_observation last = open_reply(2, CREATE2, 11, 9, 0xC0000043);
    last.head.tree_id = 0; /* async replies have none */
    say(&play, 0, SERVER, last);
    assert_int_equal(play.told_count, 2);
    assert_string_equal(play.told[0].name, "quick");
    assert_string_equal(play.told[1].name, "slow");
    assert_string_equal(play.told[1].share, "\\\\CAP01\\A");
}

static void a_search_knows_its_directory(void **state) {
    (void)state;
    say(&play, 0, CLIENT, create2(10, 9, "bin"));
    say(&play, 0, SERVER, open_reply(2, CREATE2, 10, 9, 0)); /* file id 1010 */
    say(&play, 0, CLIENT, find2(11, 9, "x*.dll", 1010));
    say(&play, 0, SERVER, open_reply(2, FIND2, 11, 9, 0xC000000F));
    assert_string_equal(play.told[0].directory, "bin");
    assert_string_equal(play.told[0].name, "x*.dll");
    assert_int_equal(play.told[0].command, SBL_OPEN_SMB2_QUERY_DIRECTORY);
    assert_false(play.told[0].is_below_unknown);
    say(&play, 0, CLIENT, close_of(12, 1010));
    say(&play, 0, CLIENT, find2(13, 9, "x*.dll", 1010));
    say(&play, 0, SERVER, open_reply(2, FIND2, 13, 9, 0xC0000128));
    assert_string_equal(play.told[1].directory, "-");
    assert_string_equal(play.told[1].name, "x*.dll");
    assert_true(play.told[1].is_below_unknown);
    struct sbl_observation file = create2(14, 9, "a.txt");
    file.open.options = 0x40; /* not a directory: not worth keeping */
    say(&play, 0, CLIENT, file);
    say(&play, 0, SERVER, open_reply(2, CREATE2, 14, 9, 0));
    assert_int_equal(table_count(&play.c->files), 0);
}

/* The opening of 77 was not captured: what is below it has no path, and neither has what is opened
 * below that. */
static void below_an_unknown_directory_no_path_is_claimed(void **state) {
    (void)state;
    struct sbl_observation ask =
        open_request_of(1, CREATE1, SBL_OPEN_NT_CREATE_ANDX, 3, 100, "sub");
    ask.open.has_root = true;
    ask.open.root[0] = 77;
    say(&play, 1, CLIENT, ask);
    say(&play, 1, SERVER, open_reply(1, CREATE1, 3, 100, NAME_NOT_FOUND));
    assert_string_equal(play.told[0].name, "sub");
    assert_true(play.told[0].is_below_unknown);
    ask.head.message_id = 4;
    say(&play, 1, CLIENT, ask);
    say(&play, 1, SERVER, open_reply(1, CREATE1, 4, 100, 0)); /* file id 1004 */
    ask.head.message_id = 5;
    ask.open.root[0] = 1004;
    ask.open.name = text("x.dll");
    say(&play, 1, CLIENT, ask);
    say(&play, 1, SERVER, open_reply(1, CREATE1, 5, 100, NAME_NOT_FOUND));
    assert_string_equal(play.told[1].name, "x.dll");
    assert_true(play.told[1].is_below_unknown);
}

static void a_search_in_the_compound_of_its_create(void **state) {
    (void)state;
    add(&play, create2(10, 9, "bin"));
    add(&play, related(find2(11, 9, "x*.dll", ALL_ONES)));
    add(&play, related(close_of(12, ALL_ONES)));
    send(&play, 0, CLIENT);
    add(&play, open_reply(2, CREATE2, 10, 9, 0));
    add(&play, related(open_reply(2, FIND2, 11, 9, 0xC000000F)));
    add(&play, related(reply(SBL_SAW_OTHER, 2, CLOSE2, 12, 9, 0)));
    send(&play, 0, SERVER);
    assert_int_equal(play.told_count, 1);
    assert_string_equal(play.told[0].directory, "bin");
    assert_string_equal(play.told[0].name, "x*.dll");
    assert_int_equal(table_count(&play.c->files), 0); /* closed in the same breath */
}

static void followers_are_no_refusals(void **state) {
    (void)state;
    for (unsigned apart = 0; apart < 2; apart++) {
        play.told_count = 0;
        uint64_t id = 10 + 10 * apart;
        add(&play, create2(id, 9, "bin"));
        add(&play, related(find2(id + 1, 9, "x*.dll", ALL_ONES)));
        add(&play, related(close_of(id + 2, ALL_ONES)));
        add(&play, create2(id + 3, 9, "other")); /* not related */
        add(&play, related(find2(id + 4, 9, "y*", ALL_ONES)));
        send(&play, 0, CLIENT);
        struct sbl_observation replies[] = {
            open_reply(2, CREATE2, id, 9, 0xC0000022),
            related(open_reply(2, FIND2, id + 1, 9, 0xC00000C9)),
            related(reply(SBL_SAW_OTHER, 2, CLOSE2, id + 2, 9, 0xC00000C9)),
            open_reply(2, CREATE2, id + 3, 9, 0),
            related(open_reply(2, FIND2, id + 4, 9, 0xC000000F)),
        };
        for (unsigned i = 0; i < 5; i++) {
            if (apart) /* each in a message of its own, and then not flagged as related */
                replies[i].head.is_related = false;
            add(&play, replies[i]);
            if (apart)
                send(&play, 0, SERVER);
        }
        if (!apart)
            send(&play, 0, SERVER);
        assert_int_equal(play.told_count, 2);
        assert_string_equal(play.told[0].name, "bin");
        assert_string_equal(play.told[1].name, "y*");
        assert_string_equal(play.told[1].directory, "other");
    }
}

static void names_relative_to_an_open_directory(void **state) {
    (void)state;
    struct sbl_observation base = create2(10, 9, "bin");
    say(&play, 0, CLIENT, base);
    say(&play, 0, SERVER, open_reply(2, CREATE2, 10, 9, 0));
    struct sbl_observation below = create2(11, 9, "sub");
    below.open.has_root = true;
    below.open.root[0] = below.open.root[1] = 1010;
    say(&play, 0, CLIENT, below);
    say(&play, 0, SERVER, open_reply(2, CREATE2, 11, 9, 0)); /* file id 1011 */
    say(&play, 0, CLIENT, find2(12, 9, "*.dll", 1011));
    say(&play, 0, SERVER, open_reply(2, FIND2, 12, 9, 0xC000000F));
    assert_string_equal(play.told[0].directory, "bin\\sub");
    assert_string_equal(play.told[0].name, "*.dll");
}

static void a_path_is_joined_in_its_own_encoding(void **state) {
    (void)state;
    static const uint8_t bin[] = {'b', 0, 'i', 0, 'n', 0}, sub[] = {'s', 0};
    struct sbl_observation base = create2(10, 9, "");
    base.open.name = (struct sbl_text){bin, sizeof bin, SBL_TEXT_UTF16LE, false};
    say(&play, 0, CLIENT, base);
    say(&play, 0, SERVER, open_reply(2, CREATE2, 10, 9, 0));
    struct sbl_observation below = create2(11, 9, "");
    below.open.name = (struct sbl_text){sub, sizeof sub, SBL_TEXT_UTF16LE, false};
    below.open.has_root = true;
    below.open.root[0] = below.open.root[1] = 1010;
    say(&play, 0, CLIENT, below);
    say(&play, 0, SERVER, open_reply(2, CREATE2, 11, 9, 0));
    say(&play, 0, CLIENT, find2(12, 9, "*", 1011));
    say(&play, 0, SERVER, open_reply(2, FIND2, 12, 9, 0xC000000F));
    assert_string_equal(play.told[0].directory, "bin\\s");
}

static void a_disconnected_tree_is_forgotten(void **state) {
    (void)state;
    struct sbl_observation gone = command(SBL_SAW_TREE_DISCONNECT_REQUEST, 2, TREE_GONE2, 10, 9);
    say(&play, 0, CLIENT, gone);
    gone = reply(SBL_SAW_OTHER, 2, TREE_GONE2, 10, 9, 0);
    gone.head.tree_id = 7;
    say(&play, 0, SERVER, gone);
    say(&play, 0, CLIENT, create2(11, 9, "x"));
    say(&play, 0, SERVER, open_reply(2, CREATE2, 11, 9, 0xC00000C9));
    assert_string_equal(play.told[0].share, "-");
    assert_string_equal(play.told[0].account, "jdoe");
}

static void many_wait_at_once_and_all_are_found(void **state) {
    (void)state;
    char name[32][16];
    for (uint64_t i = 0; i < 32; i++) {
        snprintf(name[i], sizeof name[i], "file%u", (unsigned)i);
        say(&play, 0, CLIENT, create2(100 + i, 9, name[i]));
    }
    for (uint64_t i = 0; i < 32; i++) {
        uint64_t which = i * 13 % 32;
        say(&play, 0, SERVER, open_reply(2, CREATE2, 100 + which, 9, NAME_NOT_FOUND));
        assert_string_equal(play.told[i].name, name[which]);
    }
    assert_int_equal(play.told_count, 32);
    assert_int_equal(play.c->pending.in_use, 0);
}

static void a_cut_request_is_still_a_refusal(void **state) {
    (void)state;
    struct sbl_observation cut = command(SBL_SAW_OTHER, 2, CREATE2, 10, 9);
    cut.head.is_cut = true;
    cut.head.tree_id = 7;
    say(&play, 0, CLIENT, cut);
    say(&play, 0, SERVER, open_reply(2, CREATE2, 10, 9, NAME_NOT_FOUND));
    assert_int_equal(play.told_count, 1);
    assert_string_equal(play.told[0].name, "-");
    assert_string_equal(play.told[0].share, "\\\\CAP01\\A");
    assert_int_equal(play.told[0].finding.evidence.frame_count, 2);
}

int main(void) {
#define PLAY(name) cmocka_unit_test_setup_teardown(name, begin_logged_on, end)
    const struct CMUnitTest tests[] = {
        PLAY(a_refused_open_has_name_share_and_account),
        PLAY(warnings_and_pending_refuse_nothing),
        PLAY(a_search_knows_its_directory),
        PLAY(below_an_unknown_directory_no_path_is_claimed),
        PLAY(a_search_in_the_compound_of_its_create),
        PLAY(followers_are_no_refusals),
        PLAY(names_relative_to_an_open_directory),
        PLAY(a_path_is_joined_in_its_own_encoding),
        PLAY(a_disconnected_tree_is_forgotten),
        PLAY(many_wait_at_once_and_all_are_found),
        PLAY(a_cut_request_is_still_a_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
