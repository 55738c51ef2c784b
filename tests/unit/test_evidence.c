/* The parts of evidence alone: the look-back and who reads it while it is overwritten or out of its
 * mind, pseudonyms, checksums, what is remembered of findings, frames that wait, files in turn. The
 * whole is held against captures by tests/golden/evidence.py. */
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

#include "evidence/files.h"
#include "evidence/keep.h"
#include "evidence/look_back.h"
#include "evidence/mask.h"
#include "evidence/memory.h"
#include "evidence/tcp.h"
#include "evidence/waiting.h"

enum { RING_BYTES = 64 * 1024, FRAME = 200 };

static uint8_t frame_out[SBL_MAX_FRAME_BYTES];

static struct look_back *new_look_back(void **memory) {
    *memory = calloc(1, look_back_memory(RING_BYTES));
    assert_non_null(*memory);
    return look_back_init(*memory, RING_BYTES);
}

static struct kept *add(struct look_back *l, uint64_t ref, uint64_t flow) {
    struct kept kept = {.ref = ref, .flow = flow, .time_ns = (int64_t)ref, .captured_bytes = FRAME};
    struct kept *made = look_back_add(l, &kept);
    assert_non_null(made);
    memset(kept_bytes(made), (int)(ref & 0xFF), FRAME);
    return made;
}

static void frames_are_found_until_they_are_overwritten(void **state) {
    (void)state;
    void *memory;
    struct look_back *l = new_look_back(&memory);
    struct look_back_reader reader;
    struct kept kept;
    assert_true(look_back_open(&reader, memory, look_back_memory(RING_BYTES)));
    assert_false(look_back_read(&reader, 1, &kept, NULL));
    for (uint64_t ref = 1; ref <= 5000; ref++) {
        (void)add(l, ref, ref % 3);
        assert_non_null(look_back_find(l, ref));
        assert_true(look_back_read(&reader, ref, &kept, frame_out));
        assert_int_equal(frame_out[0], ref & 0xFF);
        assert_int_equal(frame_out[FRAME - 1], ref & 0xFF);
        assert_int_equal(look_back_latest(l, ref % 3)->ref, ref);
    }
    uint64_t there = 0;
    for (uint64_t ref = 1; ref <= 5000; ref++) {
        bool is_there = look_back_read(&reader, ref, &kept, frame_out);
        assert_int_equal(is_there, look_back_find(l, ref) != NULL);
        assert_true(is_there || there == 0); /* the oldest went first */
        there += is_there;
    }
    size_t one = sizeof(struct kept) + FRAME;
    assert_in_range(there, RING_BYTES / one - 2, RING_BYTES / one);
    free(memory);
}

static void a_chain_leads_back_through_one_connection(void **state) {
    (void)state;
    void *memory;
    struct look_back *l = new_look_back(&memory);
    struct look_back_reader reader;
    struct kept at, before;
    assert_true(look_back_open(&reader, memory, look_back_memory(RING_BYTES)));
    for (uint64_t ref = 1; ref <= 60; ref++) /* flows 7 and 7 + 2^40 share a chain */
        (void)add(l, ref, ref % 2 ? 7 : 7 + (1ull << 40));
    assert_true(look_back_read(&reader, 59, &at, NULL));
    for (uint64_t ref = 57; ref >= 1 && ref < 60; ref -= 2) {
        assert_true(look_back_read_before(&reader, &at, &before));
        assert_int_equal(before.ref, ref);
        at = before;
    }
    assert_false(look_back_read_before(&reader, &at, &before));
    struct kept *kept = look_back_latest(l, 7);
    assert_int_equal(look_back_before(l, kept)->ref, 57);
    assert_null(look_back_latest(l, 8));
    free(memory);
}

static void what_is_too_long_is_not_kept(void **state) {
    (void)state;
    void *memory;
    struct look_back *l = new_look_back(&memory);
    struct kept kept = {.ref = 1, .captured_bytes = RING_BYTES / 2};
    assert_null(look_back_add(l, &kept));
    kept.captured_bytes = SBL_MAX_FRAME_BYTES + 1;
    assert_null(look_back_add(l, &kept));
    free(memory);
}

/* The memory is another process's: whatever stands in it, nothing is read outside of it, and every
 * walk ends. */
static void a_reader_survives_any_memory(void **state) {
    (void)state;
    void *memory;
    struct look_back *l = new_look_back(&memory);
    size_t size = look_back_memory(RING_BYTES);
    struct look_back_reader reader;
    for (uint64_t ref = 1; ref <= 400; ref++)
        (void)add(l, ref, 1);
    assert_true(look_back_open(&reader, memory, size));
    uint8_t *bytes = memory;
    uint32_t dice = 1;
    for (unsigned i = 0; i < 20000; i++) {
        dice = dice * 1664525u + 1013904223u;
        size_t at = dice % size;
        bytes[at] = (uint8_t)(dice >> 24);
        struct kept kept, before;
        if (look_back_read(&reader, 1 + i % 400, &kept, frame_out)) {
            assert_true(kept.captured_bytes <= SBL_MAX_FRAME_BYTES);
            (void)look_back_read_before(&reader, &kept, &before);
            tcp_mend(&kept, frame_out);
        }
    }
    free(memory);
}

static void a_memory_that_is_none_is_refused(void **state) {
    (void)state;
    void *memory;
    (void)new_look_back(&memory);
    size_t size = look_back_memory(RING_BYTES);
    struct look_back_reader reader;
    assert_true(look_back_open(&reader, memory, size));
    assert_false(look_back_open(&reader, memory, size - 1));
    assert_false(look_back_open(&reader, memory, 8));
    memset(memory, 0xFF, 64);
    assert_false(look_back_open(&reader, memory, size));
    memset(memory, 0, 64);
    assert_false(look_back_open(&reader, memory, size));
    free(memory);
}

static void pseudonyms_say_only_what_is_equal(void **state) {
    (void)state;
    struct mask mask, other;
    assert_int_equal(mask_init(&mask), 0);
    assert_int_equal(mask_init(&other), 0);
    const uint8_t secret[48] = "a secret of some length, and then some more";
    uint8_t one[48], again[48], zeros[48] = {0};
    mask_make(&mask, secret, 16, one);
    mask_make(&mask, secret, 16, again);
    assert_memory_equal(one, again, 16);
    assert_memory_not_equal(one, secret, 16);
    assert_memory_not_equal(one, zeros, 16);
    mask_make(&mask, secret, 8, again);
    assert_memory_not_equal(one, again, 8);
    mask_make(&other, secret, 16, again);
    assert_memory_not_equal(one, again, 16);
    mask_make(&mask, zeros, 16, again);
    assert_memory_equal(again, zeros, 16);
    mask_make(&mask, secret, 33, again);
    assert_memory_equal(again, zeros, 33);
    mask_make(&mask, secret, 0, again);
    for (uint8_t i = 0; i < 255; i++) { /* even of one byte: never zero */
        uint8_t byte = (uint8_t)(i + 1);
        mask_make(&mask, &byte, 1, again);
        assert_int_not_equal(again[0], 0);
    }
}

/* A segment over IPv4 with a payload of four bytes, and its checksum. */
static void make_segment(uint8_t frame[58], struct sbl_frame *of, struct sbl_segment *segment) {
    static const uint8_t head[54] = {
        [12] = 0x08, [14] = 0x45, [17] = 44,   [23] = 6,   [26] = 192,  [28] = 2,
        [29] = 1,    [30] = 192,  [32] = 2,    [33] = 2,   [34] = 0xC0, [36] = 1,
        [37] = 0xBD, [41] = 9,    [46] = 0x50, [47] = 0x18};
    memcpy(frame, head, sizeof head);
    memcpy(&frame[54], "abcd", 4);
    *of = (struct sbl_frame){.bytes = frame, .captured_bytes = 58, .wire_bytes = 58, .number = 3};
    *segment = (struct sbl_segment){.frame = of,
                                    .payload = &frame[54],
                                    .ip = &frame[14],
                                    .payload_bytes = 4,
                                    .ip_version = 4,
                                    .from_port = 0xC000,
                                    .to_port = 445,
                                    .seq = 9};
}

static void a_checksum_is_made_right_where_it_was(void **state) {
    (void)state;
    uint8_t frame[58];
    struct sbl_frame of;
    struct sbl_segment segment;
    make_segment(frame, &of, &segment);
    struct kept kept = {.captured_bytes = 58, .payload_at = 54, .payload_bytes = 4};
    tcp_note(&kept, &segment); /* it is zero: wrong */
    assert_int_equal(kept.flags, KEPT_HAS_TCP_AT);
    kept.flags |= KEPT_SUM_WAS_RIGHT;
    tcp_mend(&kept, frame);
    struct kept right = {.captured_bytes = 58, .payload_at = 54, .payload_bytes = 4};
    tcp_note(&right, &segment);
    assert_int_equal(right.flags, KEPT_HAS_TCP_AT | KEPT_SUM_WAS_RIGHT);
    uint8_t before[2] = {frame[50], frame[51]};
    memset(&frame[54], 0, 4);
    tcp_mend(&right, frame);
    assert_memory_not_equal(before, &frame[50], 2);
    right.flags = KEPT_HAS_TCP_AT; /* one that was wrong stays so */
    memset(&frame[50], 0x77, 2);
    tcp_mend(&right, frame);
    assert_int_equal(frame[50], 0x77);
}

static void payload_is_blank_until_it_is_shown(void **state) {
    (void)state;
    void *memory;
    struct look_back *l = new_look_back(&memory);
    struct look_back_reader reader;
    struct keep keep;
    struct kept kept;
    uint8_t frame[58];
    struct sbl_frame of;
    struct sbl_segment segment;
    assert_true(look_back_open(&reader, memory, look_back_memory(RING_BYTES)));
    assert_int_equal(keep_init(&keep, l, false), 0);
    make_segment(frame, &of, &segment);
    struct sbl_keeper keeper = keep_keeper(&keep);
    keeper.held(keeper.context, &segment);
    assert_true(look_back_read(&reader, 3, &kept, frame_out));
    assert_memory_equal(frame_out, frame, 54);
    assert_memory_equal(&frame_out[54], "\0\0\0\0", 4);
    uint8_t elsewhere[4] = "abcd"; /* as of a datagram that came in fragments */
    of.number = 4;
    segment.payload = elsewhere;
    keeper.held(keeper.context, &segment);
    assert_false(look_back_read(&reader, 4, &kept, NULL));
    assert_int_equal(keep_init(&keep, l, true), 0);
    of.number = 5;
    segment.payload = &frame[54];
    keeper.held(keeper.context, &segment);
    assert_true(look_back_read(&reader, 5, &kept, frame_out));
    assert_memory_equal(frame_out, frame, 58);
    free(memory);
}

static void findings_are_remembered_as_long_as_there_is_room(void **state) {
    (void)state;
    struct memory *memory;
    struct sbl_conversation talk = {.side[0].port = 1000, .side[1].port = 445};
    struct sbl_finding finding = {.conversation = &talk, .evidence.frame_count = 1};
    assert_int_equal(memory_new(&memory, 16), 0);
    for (uint8_t i = 1; i <= 40; i++) {
        talk.side[0].address[0] = i % 2;
        finding.event_id[0] = i;
        finding.time_ns = i;
        finding.evidence.frames[0].number = i;
        struct told *told = memory_add(memory, TOLD_PROBE, &finding, 5);
        assert_int_equal(told->frames[0], i);
    }
    uint8_t id[16] = {1}, address[16] = {0};
    assert_null(memory_by_id(memory, id));
    id[0] = 40;
    assert_int_equal(memory_by_id(memory, id)->time_ns, 40);
    unsigned count = 0;
    for (struct told *told = memory_by_client(memory, address); told;
         told = memory_before(memory, CHAIN_CLIENT, told), count++)
        assert_int_equal(told->time_ns % 2, 0);
    assert_int_equal(count, 8);
    count = 0;
    for (struct told *told = memory_by_account(memory, 5); told;
         told = memory_before(memory, CHAIN_ACCOUNT, told))
        count++;
    assert_int_equal(count, 16);
    memory_free(memory);
    memory_free(NULL);
}

static void frames_wait_in_the_order_of_time(void **state) {
    (void)state;
    struct waiting *waiting = calloc(1, sizeof *waiting);
    assert_non_null(waiting);
    assert_true(waiting_note(waiting, 9));
    assert_false(waiting_note(waiting, 9));
    for (uint32_t i = 0; i < WAITING_MOST; i++)
        waiting->waiters[waiting->count++] =
            (struct waiter){.kept = {.time_ns = WAITING_MOST - i, .ref = i}};
    assert_int_equal(waiting_sort(waiting, INT64_MIN), WAITING_MOST / 2); /* no room is left */
    assert_int_equal(waiting->waiters[0].kept.time_ns, 1);
    waiting_drop(waiting, WAITING_MOST / 2);
    assert_int_equal(waiting->waiters[0].kept.time_ns, WAITING_MOST / 2 + 1);
    assert_int_equal(waiting_sort(waiting, INT64_MIN), 0);
    assert_int_equal(waiting_sort(waiting, WAITING_MOST / 2 + 3), 2);
    free(waiting);
}

static void hear(void *context, const char *message) {
    (void)message;
    ++*(unsigned *)context;
}

static void files_follow_each_other_by_size(void **state) {
    (void)state;
    char folder[] = "/tmp/smblame-evidence-XXXXXX", path[64], name[80];
    unsigned complaints = 0;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/e", folder);
    struct files_options options = {.path = path,
                                    .comment = "test",
                                    .rotate_mb = 1,
                                    .rotate_files = 12,
                                    .context = &complaints,
                                    .complain = hear};
    struct files *files;
    assert_int_equal(files_new(&files, &options), 0);
    static const uint8_t bytes[60000];
    struct sbl_frame frame = {.bytes = bytes, .captured_bytes = sizeof bytes, .link_type = 1};
    for (unsigned i = 0; i < 40; i++)
        files_frame(files, &frame, "c");
    assert_int_equal(files_given(files), 40);
    files_free(files);
    assert_int_equal(complaints, 0);
    for (unsigned i = 0; i < 4; i++) {
        struct stat about;
        snprintf(name, sizeof name, "%s%02u", path, i);
        assert_int_equal(stat(name, &about), i < 3 ? 0 : -1);
        if (i < 3)
            assert_true(about.st_size > 300000 && about.st_size < 1100000);
        unlink(name);
    }
    rmdir(folder);
    assert_int_equal(files_new(&files, &options), -ENOENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_found_until_they_are_overwritten),
        cmocka_unit_test(a_chain_leads_back_through_one_connection),
        cmocka_unit_test(what_is_too_long_is_not_kept),
        cmocka_unit_test(a_reader_survives_any_memory),
        cmocka_unit_test(a_memory_that_is_none_is_refused),
        cmocka_unit_test(pseudonyms_say_only_what_is_equal),
        cmocka_unit_test(a_checksum_is_made_right_where_it_was),
        cmocka_unit_test(payload_is_blank_until_it_is_shown),
        cmocka_unit_test(findings_are_remembered_as_long_as_there_is_room),
        cmocka_unit_test(frames_wait_in_the_order_of_time),
        cmocka_unit_test(files_follow_each_other_by_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
