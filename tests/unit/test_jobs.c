/* The parts of the sharing of work that threads do not disturb: the ring of notes, and findings as
 * notes; and the threads as a whole, with frames that outrun a worker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jobs/jobs.h"
#include "notes/pack.h"

enum { SMALL = 8 * sizeof(struct note) };

static struct text_of_test {
    const char *words;
    enum sbl_encoding encoding;
} const texts[] = {{"jdoe", SBL_TEXT_ASCII}, {"CORP", SBL_TEXT_OEM}, {"", SBL_TEXT_UTF8}};

static struct sbl_text text(unsigned which) {
    return (struct sbl_text){.bytes = (const uint8_t *)texts[which].words,
                             .size = (uint32_t)strlen(texts[which].words),
                             .encoding = (uint8_t)texts[which].encoding};
}

static void put(struct ring *ring, uint64_t key, size_t bytes) {
    struct note *note = ring_room(ring, bytes);
    assert_non_null(note);
    note->key = key;
    note->kind = NOTE_TICK;
    ring_add(ring, note, bytes);
    ring->limit = ring->written;
}

static uint64_t get(struct ring *ring) {
    const struct note *note = ring_next(ring);
    assert_non_null(note);
    uint64_t key = note->key;
    ring_step(ring);
    ring->known_taken = ring->at;
    return key;
}

static void a_ring_gives_back_in_order(void **state) {
    (void)state;
    struct ring ring;
    assert_int_equal(ring_init(&ring, SMALL), 0);
    assert_null(ring_next(&ring));
    uint64_t written = 0, read = 0;
    for (unsigned round = 0; round < 200; round++) {
        size_t bytes = sizeof(struct note) * (1 + round % 3) - round % 7;
        bytes = bytes < sizeof(struct note) ? sizeof(struct note) : bytes;
        put(&ring, ++written, bytes);
        if (round % 2)
            while (ring_next(&ring))
                assert_int_equal(get(&ring), ++read);
    }
    assert_int_equal(written, read);
    ring_fini(&ring);
}

static void a_full_ring_has_no_room_until_some_is_given_back(void **state) {
    (void)state;
    struct ring ring;
    assert_int_equal(ring_init(&ring, SMALL), 0);
    uint64_t written = 0;
    while (ring_room(&ring, sizeof(struct note)))
        put(&ring, ++written, sizeof(struct note));
    assert_in_range(written, 6, 8);
    assert_int_equal(get(&ring), 1);
    assert_non_null(ring_room(&ring, sizeof(struct note)));
    assert_null(ring_room(&ring, 4 * sizeof(struct note)));
    ring_fini(&ring);
}

/* What is not read is not overwritten, and what does not fit before the end goes to the front. */
static void a_note_lies_in_one_piece(void **state) {
    (void)state;
    struct ring ring;
    assert_int_equal(ring_init(&ring, SMALL), 0);
    for (uint64_t key = 1; key <= 6; key++)
        put(&ring, key, sizeof(struct note));
    for (uint64_t key = 1; key <= 6; key++)
        assert_int_equal(get(&ring), key);
    put(&ring, 7, 4 * sizeof(struct note));
    assert_ptr_equal(ring_next(&ring), ring.bytes);
    assert_int_equal(get(&ring), 7);
    ring_fini(&ring);
}

static void a_finding_survives_who_made_it(void **state) {
    (void)state;
    struct sbl_conversation conversation = {.side = {{.port = 1047}, {.port = 445}}};
    struct sbl_attempt attempt = {
        .finding = {.conversation = &conversation,
                    .time_ns = 7,
                    .account = text(0),
                    .domain = text(1),
                    .workstation = text(2),
                    .evidence = {.frames = {{1, 0}, {2, 0}}, .frame_count = 2},
                    .is_asked_signed = true},
        .authority_name = text(1),
        .client = {.user = text(0)},
        .kerberos_error = 24};
    size_t most = pack_bytes(NOTE_ATTEMPT, &attempt);
    struct note *note = aligned_alloc(64, (most + 63) & ~(size_t)63);
    assert_non_null(note);
    assert_in_range(pack(note, NOTE_ATTEMPT, &attempt), 1, most);
    memset(&conversation, 0xEE, sizeof conversation);
    const struct sbl_attempt *told = pack_told(note);
    memset(&attempt, 0xEE, sizeof attempt);
    assert_int_equal(told->finding.conversation->side[0].port, 1047);
    assert_int_equal(told->finding.conversation->side[1].port, 445);
    assert_int_equal(told->finding.time_ns, 7);
    assert_memory_equal(told->finding.account.bytes, "jdoe", 4);
    assert_memory_equal(told->finding.domain.bytes, "CORP", 4);
    assert_memory_equal(told->authority_name.bytes, "CORP", 4);
    assert_memory_equal(told->client.user.bytes, "jdoe", 4);
    assert_true(told->finding.account.bytes > (const uint8_t *)note);
    assert_true(told->finding.account.bytes < (const uint8_t *)note + most);
    assert_int_equal(told->finding.workstation.encoding, SBL_TEXT_UTF8);
    assert_int_equal(told->finding.workstation.size, 0);
    assert_int_equal(told->finding.evidence.frames[1].number, 2);
    assert_int_equal(told->finding.evidence.frame_count, 2);
    assert_true(told->finding.is_asked_signed);
    assert_int_equal(told->kerberos_error, 24);
    free(note);
}

/* Longer than a note may be: what is beyond is cut, and said to be. */
static void a_text_without_measure_is_cut(void **state) {
    (void)state;
    uint8_t *words = calloc(1, PACK_MOST);
    struct note *note = aligned_alloc(64, PACK_MOST);
    assert_non_null(words);
    assert_non_null(note);
    struct sbl_conversation conversation = {0};
    struct sbl_probe probe = {
        .finding = {.conversation = &conversation, .account = text(0)},
        .directory = {.bytes = words, .size = PACK_MOST, .encoding = SBL_TEXT_ASCII},
        .name = text(1)};
    assert_int_equal(pack_bytes(NOTE_PROBE, &probe), PACK_MOST);
    assert_int_equal(pack(note, NOTE_PROBE, &probe), PACK_MOST);
    const struct sbl_probe *told = pack_told(note);
    assert_int_equal(told->finding.account.size, 4);
    assert_in_range(told->directory.size, PACK_MOST / 2, PACK_MOST - 1);
    assert_true(told->directory.is_cut);
    assert_int_equal(told->name.size, 0);
    assert_true(told->name.is_cut);
    free(words);
    free(note);
}

struct told {
    unsigned witnesses;
    int64_t last_ns;
    bool is_ordered;
};

static void take_witness(void *context, const struct sbl_witness *witness) {
    struct told *told = context;
    told->witnesses++;
    told->is_ordered &= witness->time_ns > told->last_ns;
    told->last_ns = witness->time_ns;
}

static uint64_t no_mark(void *context) {
    (void)context;
    return 0;
}

static void no_release(void *context, uint64_t mark) {
    (void)context;
    (void)mark;
}

/* A SYN+ACK from port 88 of a host of its own. */
static void make_answer(uint8_t frame[54], uint32_t host) {
    static const uint8_t answer[54] = {
        [12] = 8, [14] = 0x45, [17] = 40,   [23] = 6,    [26] = 10,  [30] = 10,
        [33] = 1, [35] = 88,   [36] = 0x40, [46] = 0x50, [47] = 0x12};
    memcpy(frame, answer, sizeof answer);
    frame[27] = (uint8_t)(host >> 16);
    frame[28] = (uint8_t)(host >> 8);
    frame[29] = (uint8_t)host;
}

/* More frames than all blocks hold, from as many hosts, each a witness: told in order, none lost.
 */
static void everything_is_told_in_the_order_of_frames(void **state) {
    (void)state;
    enum { FRAMES = 7000 };
    uint8_t(*bytes)[54] = calloc(FRAMES, sizeof *bytes);
    assert_non_null(bytes);
    struct told told = {.is_ordered = true};
    const struct sbl_engine_options engine = {
        .listener = {.context = &told, .witness = take_witness}, .classify = SBL_CLASSIFY_NONE};
    const struct jobs_options options = {.workers = 3, .mark = no_mark, .release = no_release};
    struct jobs *jobs = NULL;
    assert_int_equal(jobs_new(&jobs, &engine, &options), 0);
    for (uint32_t done = 0; done < FRAMES;) {
        size_t most;
        struct sbl_frame *frames = jobs_frames(jobs, &most);
        size_t count = most < FRAMES - done ? most : FRAMES - done;
        for (size_t i = 0; i < count; i++, done++) {
            make_answer(bytes[done], done);
            frames[i] = (struct sbl_frame){.bytes = bytes[done],
                                           .captured_bytes = sizeof *bytes,
                                           .wire_bytes = sizeof *bytes,
                                           .time_ns = 1000 + done,
                                           .number = done + 1,
                                           .link_type = SBL_LINKTYPE_ETHERNET};
        }
        assert_true(jobs_feed(jobs, count));
    }
    assert_true(jobs_finish(jobs));
    assert_int_equal(told.witnesses, FRAMES);
    assert_true(told.is_ordered);
    assert_int_equal(jobs_stats(jobs)->frames, FRAMES);
    assert_int_equal(jobs_stats(jobs)->segments, FRAMES);
    assert_int_equal(jobs_stats(jobs)->connections, FRAMES);
    assert_int_equal(jobs_stats(jobs)->first_ns, 1000);
    jobs_free(jobs);
    free(bytes);
}

static void they_can_be_left_in_the_middle(void **state) {
    (void)state;
    const struct sbl_engine_options engine = {.classify = SBL_CLASSIFY_NONE};
    const struct jobs_options options = {.workers = 2, .mark = no_mark, .release = no_release};
    struct jobs *jobs = NULL;
    assert_int_equal(jobs_new(&jobs, &engine, &options), 0);
    size_t most;
    assert_non_null(jobs_frames(jobs, &most));
    assert_true(most > 0);
    jobs_free(jobs);
    jobs_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ring_gives_back_in_order),
        cmocka_unit_test(a_full_ring_has_no_room_until_some_is_given_back),
        cmocka_unit_test(a_note_lies_in_one_piece),
        cmocka_unit_test(a_finding_survives_who_made_it),
        cmocka_unit_test(a_text_without_measure_is_cut),
        cmocka_unit_test(everything_is_told_in_the_order_of_frames),
        cmocka_unit_test(they_can_be_left_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
