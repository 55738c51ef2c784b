/* Notes from process to process: what goes through a channel comes out as it was, in order; what
 * has no room is counted; who takes the reader's place finds what came before; and whatever a
 * writer that has been taken over leaves there, nothing out of its range is ever told. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <smblame/attempt.h>
#include <smblame/health.h>
#include <smblame/witness.h>

#include "notes/channel.h"

enum { RING = 64 * 1024 };

static struct sbl_text text(const char *words) {
    return (struct sbl_text){.bytes = (const uint8_t *)words,
                             .size = (uint32_t)strlen(words),
                             .encoding = SBL_TEXT_ASCII};
}

static const struct sbl_conversation conversation = {
    .side = {{.port = 1047}, {.port = 445}}, .ip_version = 4, .saw_syn = true};

static struct sbl_attempt attempt_of(int64_t time_ns) {
    return (struct sbl_attempt){.finding = {.conversation = &conversation,
                                            .time_ns = time_ns,
                                            .account = text("jdoe"),
                                            .domain = text("CORP"),
                                            .evidence = {.frames = {{1, 0}}, .frame_count = 1}},
                                .outcome = SBL_OUTCOME_FAILURE,
                                .client = {.user = text("jdoe")},
                                .authority_name = text("CORP")};
}

/* Both ends in one process, which is what the seals are against: a channel for each end. */
static struct channel *made(void) {
    struct channel *channel;
    assert_int_equal(channel_new(&channel, RING), 0);
    return channel;
}

/* The reader, in a child: its exit status, 0 for `expected` notes in order of time from `first`. */
static int read_in_child(struct channel *channel, bool from_oldest, int64_t first,
                         unsigned expected) {
    pid_t child = fork();
    if (child == 0) {
        const struct note *note;
        if (channel_become_reader(channel) != 0)
            _exit(100);
        if (from_oldest)
            channel_rewind(channel);
        unsigned count = 0;
        while (channel_next(channel, &note) == CHANNEL_NOTE) {
            const struct sbl_attempt *told = pack_told(note);
            if (note->kind != NOTE_ATTEMPT || told->finding.time_ns != first + count ||
                told->finding.conversation->side[1].port != 445 ||
                memcmp(told->finding.account.bytes, "jdoe", 4) != 0 ||
                memcmp(told->authority_name.bytes, "CORP", 4) != 0)
                _exit(101);
            count++;
            channel_step(channel);
        }
        channel_commit(channel);
        _exit(count == expected ? 0 : 102);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 200;
}

static void write_some(struct channel *channel, int64_t first, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        const struct sbl_attempt attempt = attempt_of(first + i);
        channel_tell(channel, NOTE_ATTEMPT, attempt.finding.time_ns, &attempt);
    }
    channel_publish(channel, first + count, 0);
}

static void what_is_told_comes_out_in_another_process(void **state) {
    (void)state;
    struct channel *channel = made();
    pid_t child = fork();
    if (child == 0) {
        if (channel_become_writer(channel) != 0)
            _exit(1);
        write_some(channel, 1, 10);
        _exit(0);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(read_in_child(channel, false, 1, 10), 0);
    assert_int_equal(read_in_child(channel, false, 11, 0), 0);
    assert_int_equal(read_in_child(channel, true, 1, 10), 0);
    channel_free(channel);
}

/* Many times around the ring, by a writer that is another one each time. */
static void a_ring_goes_round_and_its_journal_with_it(void **state) {
    (void)state;
    struct channel *channel = made();
    for (int64_t at = 0; at < 20; at++) {
        pid_t child = fork();
        if (child == 0) {
            if (channel_become_writer(channel) != 0)
                _exit(1);
            write_some(channel, 1 + 20 * at, 20);
            _exit(0);
        }
        int status = 1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(read_in_child(channel, false, 1 + 20 * at, 20), 0);
    }
    struct board board;
    assert_true(channel_board(channel, &board));
    assert_int_equal(board.lost_notes, 0);
    channel_free(channel);
}

static void what_has_no_room_is_counted(void **state) {
    (void)state;
    struct channel *channel = made();
    pid_t child = fork();
    if (child == 0) {
        if (channel_become_writer(channel) != 0)
            _exit(1);
        write_some(channel, 1, 500);
        const struct board board = {.last_frame = 7};
        channel_post(channel, &board);
        _exit(0);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    struct board board;
    uint64_t room;
    assert_true(channel_board(channel, &board));
    assert_int_equal(board.last_frame, 7);
    assert_in_range(board.lost_notes, 400, 490);
    assert_in_range(channel_backlog(channel, &room), RING / 2, RING);
    assert_int_equal(room, RING);
    assert_int_equal(read_in_child(channel, false, 1, (unsigned)(500 - board.lost_notes)), 0);
    assert_int_equal(channel_backlog(channel, &room), 0);
    channel_free(channel);
}

/* Whoever dies of what waits is followed by one that leaves it out. */
static void what_waits_can_be_passed_over(void **state) {
    (void)state;
    struct channel *channel = made();
    pid_t child = fork();
    if (child == 0) {
        if (channel_become_writer(channel) != 0)
            _exit(1);
        write_some(channel, 1, 20);
        _exit(0);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    child = fork();
    if (child == 0) {
        const struct note *note;
        if (channel_become_reader(channel) != 0 || channel_next(channel, &note) != CHANNEL_NOTE)
            _exit(1);
        channel_pass_over(channel);
        _exit(channel_next(channel, &note) == CHANNEL_DRY ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    uint64_t room;
    assert_int_equal(channel_backlog(channel, &room), 0);
    channel_free(channel);
}

/* Neither end can write what is the other's. */
static int dies_of_writing(struct channel *channel, bool is_writer) {
    pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGSEGV, SIG_DFL);
        int failed = is_writer ? channel_become_writer(channel) : channel_become_reader(channel);
        if (failed)
            _exit(0);
        if (is_writer)
            atomic_store(
                (_Atomic uint64_t *)&((struct cursor *)(uintptr_t)channel_cursor(channel))->taken,
                1);
        else
            channel_publish(channel, 1, 0);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static void an_end_writes_its_own_part_only(void **state) {
    (void)state;
    struct channel *channel = made();
    assert_true(dies_of_writing(channel, true));
    assert_true(dies_of_writing(channel, false));
    channel_free(channel);
}

/* Reads every member that has a range, so that the sanitizer sees a bool that is none. */
static unsigned sum_of(const struct sbl_attempt *attempt) {
    const struct sbl_finding *finding = &attempt->finding;
    assert_in_range(finding->evidence.frame_count, 0, SBL_EVIDENCE_FRAMES);
    assert_in_range(finding->called.size, 0, sizeof finding->called.name);
    assert_in_range(attempt->reason, 0, SBL_REASON_COUNT - 1);
    const struct sbl_text texts[] = {finding->account,        finding->domain,
                                     finding->workstation,    finding->share,
                                     attempt->client.user,    attempt->client.target_name,
                                     attempt->server.user,    attempt->server.dns_tree,
                                     attempt->authority_name, attempt->realm};
    const bool flags[] = {finding->is_dos_error,
                          finding->has_status,
                          finding->is_signed,
                          finding->called.is_present,
                          attempt->is_guest,
                          attempt->has_ntlm,
                          attempt->client.has_mic,
                          attempt->server.is_cut,
                          attempt->prefers_kerberos,
                          finding->conversation->has_mac,
                          finding->conversation->saw_syn};
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        sum += flags[i] ? 1u : 0u;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (uint32_t at = 0; at < texts[i].size; at++)
            sum += texts[i].bytes[at];
    return sum;
}

static void no_byte_of_a_note_makes_more_of_it_than_it_is(void **state) {
    (void)state;
    const struct sbl_attempt attempt = attempt_of(1);
    size_t most = (pack_bytes(NOTE_ATTEMPT, &attempt) + 63) & ~(size_t)63;
    struct note *sound = aligned_alloc(64, most), *note = aligned_alloc(64, most);
    assert_non_null(sound);
    assert_non_null(note);
    memset(sound, 0, most);
    sound->bytes = (uint32_t)((pack(sound, NOTE_ATTEMPT, &attempt) + 31) & ~(size_t)31);
    sound->key = 0;
    static const uint8_t values[] = {0x00, 0x01, 0x02, 0x7F, 0x80, 0xFF};
    unsigned refused = 0, sum = 0;
    for (size_t at = offsetof(struct note, kind); at < sound->bytes; at++) {
        for (size_t i = 0; i < sizeof values; i++) {
            memcpy(note, sound, most);
            ((uint8_t *)note)[at] = values[i];
            bool is_one = pack_check(note);
            refused += !is_one;
            if (is_one && note->kind == NOTE_ATTEMPT)
                sum += sum_of(pack_told(note));
        }
    }
    assert_in_range(refused, 100, 100000);
    assert_int_not_equal(sum, 0);
    free(sound);
    free(note);
}

/* Where a ring is full of anything, the reader gives it up and goes on behind it. */
static void a_ring_of_nonsense_is_given_up(void **state) {
    (void)state;
    struct channel *channel = made();
    pid_t child = fork();
    if (child == 0) {
        if (channel_become_writer(channel) != 0)
            _exit(1);
        for (unsigned i = 0; i < 40; i++) {
            const struct sbl_health health = {.kind = SBL_HEALTH_KIND_COUNT};
            channel_tell(channel, NOTE_HEALTH, 1, &health);
        }
        channel_publish(channel, 1, 0);
        _exit(0);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    child = fork();
    if (child == 0) {
        const struct note *note;
        int failed = channel_become_reader(channel);
        bool is_broken = channel_next(channel, &note) == CHANNEL_BROKEN;
        bool is_dry = channel_next(channel, &note) == CHANNEL_DRY;
        _exit(!failed && is_broken && is_dry ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    channel_free(channel);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_comes_out_in_another_process),
        cmocka_unit_test(a_ring_goes_round_and_its_journal_with_it),
        cmocka_unit_test(what_has_no_room_is_counted),
        cmocka_unit_test(what_waits_can_be_passed_over),
        cmocka_unit_test(an_end_writes_its_own_part_only),
        cmocka_unit_test(no_byte_of_a_note_makes_more_of_it_than_it_is),
        cmocka_unit_test(a_ring_of_nonsense_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
