/* Each file format: what a good file gives, in pieces of any size, and that no damaged one breaks
 * anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "capture/inputs.h"
#include "capture/source.h"
#include "test_capture_files.h"

enum { MOST_FRAMES = 256 };

/* What reading a file came to. */
struct outcome {
    int result;
    size_t count;
    bool is_damaged;
    unsigned told;
    struct sbl_frame frames[MOST_FRAMES]; /* bytes are gone; `captured` sums are kept instead */
    uint8_t last_byte[MOST_FRAMES];
    char message[512];
};

static void hear(void *context, const char *message) {
    struct outcome *outcome = context;
    outcome->told++;
    (void)strncpy(outcome->message, message, sizeof outcome->message - 1);
}

static void keep(struct outcome *outcome, const struct sbl_frame *frame) {
    assert_true(outcome->count < MOST_FRAMES);
    outcome->frames[outcome->count] = *frame;
    outcome->frames[outcome->count].bytes = NULL;
    uint8_t sum = 0;
    for (uint32_t i = 0; i < frame->captured_bytes; i++)
        sum = frame->bytes[i];
    outcome->last_byte[outcome->count++] = sum;
}

static void read_bytes(struct outcome *outcome, const uint8_t *bytes, size_t size, size_t piece,
                       struct process_list *process) {
    /* exactly as large as the file, so that the sanitizer sees a byte too many */
    uint8_t *exact = malloc(size ? size : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, size);
    memset(outcome, 0, sizeof *outcome);
    struct source source;
    struct source_options options = {.path = "file",
                                     .complaint = {.context = outcome, .complain = hear},
                                     .process = process,
                                     .read_bytes = piece};
    outcome->result = source_open_memory(&source, exact, size, &options);
    if (outcome->result == SOURCE_OPEN) {
        struct sbl_frame frames[4];
        for (size_t count; (count = source_read(&source, frames, 4)) != 0;)
            for (size_t i = 0; i < count; i++)
                keep(outcome, &frames[i]);
        outcome->is_damaged = source_is_damaged(&source);
        source_close(&source);
    }
    free(exact);
}

static struct file file; /* too large for the stack of a test */
static struct outcome whole, part;

static void expect_frame(size_t i, uint64_t number, int64_t time_ns, uint32_t wire, uint8_t last) {
    assert_int_equal(whole.frames[i].number, number);
    assert_int_equal(whole.frames[i].time_ns, time_ns);
    assert_int_equal(whole.frames[i].wire_bytes, wire);
    assert_int_equal(whole.last_byte[i], last);
}

static void expect_three(uint32_t fraction_ns) {
    assert_int_equal(whole.result, SOURCE_OPEN);
    assert_int_equal(whole.count, 3);
    assert_false(whole.is_damaged);
    assert_int_equal(whole.told, 0);
    for (uint8_t i = 0; i < 3; i++) {
        assert_int_equal(whole.frames[i].captured_bytes, FRAME_BYTES);
        assert_int_equal(whole.frames[i].link_type, SBL_LINKTYPE_ETHERNET);
        expect_frame(i, i + 1u, (1001 + i) * 1000000000ll + fraction_ns, FRAME_BYTES + 10,
                     (uint8_t)(i + 1));
    }
}

static void same_outcome(void) {
    assert_int_equal(part.count, whole.count);
    assert_int_equal(part.is_damaged, whole.is_damaged);
    assert_memory_equal(part.frames, whole.frames, whole.count * sizeof whole.frames[0]);
    assert_memory_equal(part.last_byte, whole.last_byte, whole.count);
}

/* Reads the file in pieces of several sizes: the same frames each time. */
static void read_whole_file(void) {
    static const size_t pieces[] = {1, 7, 64, 1000};
    struct process_list process = {0};
    read_bytes(&whole, file.bytes, file.size, 0, &process);
    for (size_t i = 0; i < 4; i++) {
        read_bytes(&part, file.bytes, file.size, pieces[i], &process);
        same_outcome();
    }
    process_list_free(&process);
}

static void try_mutant(void) {
    struct process_list process = {0};
    read_bytes(&part, file.bytes, file.size, 0, &process);
    if (part.is_damaged || part.result != SOURCE_OPEN)
        assert_int_equal(part.told, 1);
    process_list_free(&process);
}

static void mutate_byte(size_t at) {
    uint8_t good = file.bytes[at];
    const uint8_t values[] = {0, 0x7F, 0x80, 0xFF, (uint8_t)(good + 1), (uint8_t)(good - 1)};
    for (size_t i = 0; i < sizeof values; i++) {
        file.bytes[at] = values[i];
        try_mutant();
    }
    for (unsigned bit = 0; bit < 8; bit++) {
        file.bytes[at] = (uint8_t)(good ^ 1u << bit);
        try_mutant();
    }
    file.bytes[at] = good;
}

/* Every truncation and every changed byte: no crash, and what was read before the damage is kept.
 */
static void mutate(bool is_in_order) {
    read_bytes(&whole, file.bytes, file.size, 0, NULL);
    for (size_t size = 0; size < file.size; size++) {
        read_bytes(&part, file.bytes, size, 0, NULL);
        assert_true(part.count <= whole.count + 2);
        if (is_in_order)
            assert_memory_equal(part.frames, whole.frames, part.count * sizeof whole.frames[0]);
    }
    for (size_t at = 0; at < file.size; at++)
        mutate_byte(at);
}

static void pcap_in_all_its_kinds(void **state) {
    (void)state;
    static const uint32_t magics[] = {0xA1B2C3D4u, 0xA1B23C4Du, 0xA1B2CD34u};
    static const uint32_t fraction[] = {5000, 5, 5000};
    for (size_t i = 0; i < 6; i++) {
        make_pcap(&file, magics[i / 2], i % 2);
        read_whole_file();
        expect_three(fraction[i / 2]);
    }
    mutate(true);
}

static void pcap_of_old_versions_has_its_lengths_swapped(void **state) {
    (void)state;
    make_pcap(&file, 0xA1B2C3D4u, false);
    file.bytes[6] = 2;
    size_t records[] = {24, 24 + 76, 24 + 76 * 2};
    for (size_t i = 0; i < 3; i++) {
        set32(&file, records[i] + 8, FRAME_BYTES + 10);
        set32(&file, records[i] + 12, FRAME_BYTES);
    }
    read_whole_file();
    expect_three(5000);
    file.bytes[6] = 3;
    read_whole_file();
    expect_three(5000);
}

static void a_frame_too_long_is_damage_and_says_where(void **state) {
    (void)state;
    make_pcap(&file, 0xA1B2C3D4u, false);
    set32(&file, 24 + 76 + 8, 262145);
    read_whole_file();
    assert_int_equal(whole.count, 1);
    assert_true(whole.is_damaged);
    assert_string_equal(whole.message, "file: damaged at byte 100: expected a frame of at most "
                                       "262144 bytes, found a length of 262145");
    make_pcap(&file, 0xA1B2C3D4u, false);
    file.size -= 10;
    read_whole_file();
    assert_int_equal(whole.count, 2);
    assert_string_equal(whole.message, "file: damaged at byte 242: the file is cut: expected a "
                                       "record of at least 76 bytes, found 66");
}

static void an_empty_capture_is_whole(void **state) {
    (void)state;
    pcap_begin(&file, 0xA1B2C3D4u, false);
    read_whole_file();
    assert_int_equal(whole.result, SOURCE_OPEN);
    assert_int_equal(whole.told, 0);
    file.size = 0;
    section(&file, true);
    read_whole_file();
    assert_int_equal(whole.result, SOURCE_OPEN);
    assert_int_equal(whole.told, 0);
    netmon_begin(&file, false, 3);
    netmon_end(&file, NULL, 0, 0, 0);
    read_whole_file();
    assert_int_equal(whole.result, SOURCE_OPEN);
    assert_int_equal(whole.told, 0);
}

static void what_is_no_capture_says_so(void **state) {
    (void)state;
    read_bytes(&whole, (const uint8_t *)"hello, world", 12, 0, NULL);
    assert_int_equal(whole.result, SOURCE_NO_CAPTURE);
    assert_int_equal(whole.told, 1);
    read_bytes(&whole, (const uint8_t *)"", 0, 0, NULL);
    assert_int_equal(whole.result, SOURCE_NO_CAPTURE);
    assert_string_equal(whole.message, "file: is empty: expected a file header at byte 0");
    make_pcap(&file, 0xA1B2C3D4u, false);
    read_bytes(&whole, file.bytes, 20, 0, NULL);
    assert_int_equal(whole.result, SOURCE_UNREADABLE);
}

static void pcapng_has_sections_interfaces_and_resolutions(void **state) {
    (void)state;
    make_pcapng(&file);
    read_whole_file();
    assert_int_equal(whole.count, 5);
    assert_int_equal(whole.told, 0);
    expect_frame(0, 1, 1001000005000, FRAME_BYTES, 1);
    expect_frame(1, 2, 1002000000007, FRAME_BYTES, 2);
    assert_int_equal(whole.frames[1].link_type, SBL_LINKTYPE_RAW);
    expect_frame(2, 3, 1002000000007, FRAME_BYTES, 0);
    assert_int_equal(whole.frames[2].captured_bytes, 40);
    expect_frame(3, 5, 1004500000000, FRAME_BYTES, 5);
    expect_frame(4, 6, 1005000000000, FRAME_BYTES, 6);
    mutate(true);
}

static int64_t time_by(uint8_t resolution, int64_t offset, uint64_t time) {
    file.size = 0;
    section(&file, false);
    interface(&file, 1, 0, resolution, offset);
    packet(&file, 6, 0, time, 1);
    read_bytes(&whole, file.bytes, file.size, 0, NULL);
    assert_int_equal(whole.count, 1);
    return whole.frames[0].time_ns;
}

static void pcapng_times_never_overflow(void **state) {
    (void)state;
    assert_int_equal(time_by(0, 0, 7), 7000000000);
    assert_int_equal(time_by(0, 0, UINT64_MAX), INT64_MAX);
    assert_int_equal(time_by(9, 0, 123), 123);
    assert_int_equal(time_by(12, 0, 123456), 123);
    assert_int_equal(time_by(28, 0, UINT64_MAX), 1);
    assert_int_equal(time_by(29, 0, UINT64_MAX), 0);
    assert_int_equal(time_by(127, 0, UINT64_MAX), 0);
    assert_int_equal(time_by(0x80, 0, 3), 3000000000);
    assert_int_equal(time_by(0x80 | 63, 0, UINT64_MAX), 1999999999);
    assert_int_equal(time_by(0x80 | 127, 0, UINT64_MAX), 0);
    assert_int_equal(time_by(9, INT64_MAX, UINT64_MAX), INT64_MAX);
    assert_int_equal(time_by(9, INT64_MIN, 5), INT64_MIN);
    assert_int_equal(time_by(6, -1, 1500000), 500000000);
}

static void pcapng_damage_ends_it(void **state) {
    (void)state;
    file.size = 0;
    section(&file, false);
    interface(&file, 1, 0, 6, 0);
    packet(&file, 6, 0, 1, 1);
    size_t second = file.size;
    packet(&file, 6, 0, 2, 2);
    set32(&file, file.size - 4, 40);
    read_whole_file();
    assert_int_equal(whole.count, 1);
    assert_true(whole.is_damaged);
    file.size = second;
    packet(&file, 6, 1, 2, 2);
    read_whole_file();
    assert_int_equal(whole.count, 1);
    assert_string_equal(whole.message, "file: damaged at byte 144: expected a frame of one of 1 "
                                       "interfaces, found one of number 1");
}

static void netmon_1_and_2_give_the_frames_of_their_table(void **state) {
    (void)state;
    make_netmon1(&file);
    read_whole_file();
    expect_three(0);
    mutate(false);
    for (uint8_t minor = 0; minor <= 3; minor++) {
        make_netmon2(&file, minor);
        read_whole_file();
        expect_three(5000);
    }
    mutate(false);
}

static void netmon_names_the_process_of_a_frame(void **state) {
    (void)state;
    struct process_list process = {0};
    make_netmon2(&file, 3);
    read_bytes(&whole, file.bytes, file.size, 0, &process);
    assert_int_equal(whole.frames[0].process, 0);
    assert_int_equal(whole.frames[1].process, 2);
    uint32_t pid = 0;
    struct sbl_text path;
    assert_true(process_list_find(&process, 2, &pid, &path));
    assert_int_equal(pid, 22);
    assert_int_equal(path.size, 32);
    assert_memory_equal(path.bytes, "C\0:\0\\\0p\0", 8);
    assert_false(process_list_find(&process, 0, &pid, &path));
    assert_false(process_list_find(&process, 3, &pid, &path));
    process_list_free(&process);
}

/* As if other files of the list had filled it. */
static void processes_beyond_the_cap_are_left_out(void **state) {
    (void)state;
    struct process_list process = {.count = SBL_MAX_PROCESSES};
    make_netmon2(&file, 3);
    read_bytes(&whole, file.bytes, file.size, 0, &process);
    assert_true(process.is_capped);
    assert_int_equal(process.count, SBL_MAX_PROCESSES);
    assert_int_equal(whole.count, 3);
    process = (struct process_list){.text_bytes = SBL_MAX_PROCESS_BYTES - 4};
    read_bytes(&whole, file.bytes, file.size, 0, &process);
    assert_true(process.is_capped);
    assert_int_equal(process.text_bytes, SBL_MAX_PROCESS_BYTES - 4);
    uint32_t pid = 0;
    struct sbl_text path;
    assert_true(process_list_find(&process, 2, &pid, &path));
    assert_int_equal(pid, 22); /* without its path */
    assert_int_equal(path.size, 0);
    process_list_free(&process);
}

static void interfaces_beyond_the_cap_are_damage(void **state) {
    (void)state;
    const size_t head = 28, one = 24, count = (size_t)SBL_MAX_INTERFACES + 1;
    uint8_t *many = malloc(head + one * count);
    assert_non_null(many);
    file.size = 0;
    section(&file, false);
    assert_int_equal(file.size, head);
    interface(&file, SBL_LINKTYPE_ETHERNET, 65535, 6, 0);
    assert_int_equal(file.size, head + one);
    memcpy(many, file.bytes, head);
    for (size_t i = 0; i < count; i++)
        memcpy(many + head + one * i, file.bytes + head, one);
    read_bytes(&whole, many, head + one * (count - 1), 0, NULL);
    assert_false(whole.is_damaged);
    read_bytes(&whole, many, head + one * count, 0, NULL);
    assert_true(whole.is_damaged);
    assert_non_null(strstr(whole.message, "at most 65536 interfaces"));
    free(many);
}

static void inputs_beyond_the_cap_are_left_out(void **state) {
    (void)state;
    struct input_list list = {.count = SBL_MAX_INPUT_FILES};
    struct complaint complaint = {0};
    assert_int_equal(input_list_add(&list, "-", &complaint), 0);
    assert_true(list.is_capped);
    assert_int_equal(list.count, SBL_MAX_INPUT_FILES);
}

static void netmon_without_its_table_is_walked(void **state) {
    (void)state;
    make_netmon2(&file, 2);
    read_bytes(&whole, file.bytes, 128 + 4 * 82 + 10, 0, NULL);
    assert_int_equal(whole.count, 3);
    assert_true(whole.is_damaged);
    assert_int_equal(whole.last_byte[0], 3);
    assert_int_equal(whole.last_byte[2], 2);
}

static void netmon_entries_outside_keep_their_number(void **state) {
    (void)state;
    uint32_t table[3];
    netmon_begin(&file, false, 0);
    table[0] = netmon_frame(&file, 0, 1, 1, 1);
    table[1] = UINT32_MAX;
    table[2] = netmon_frame(&file, 0, 2, 1, 3);
    netmon_end(&file, table, 3, 0, 0);
    read_whole_file();
    assert_int_equal(whole.count, 2);
    assert_int_equal(whole.frames[1].number, 3);
    assert_true(whole.is_damaged);
}

static void netmon_entries_that_overlap_without_end_are_damage(void **state) {
    (void)state;
    uint32_t table[200];
    netmon_begin(&file, false, 0);
    uint32_t at = netmon_frame(&file, 0, 1, 1, 1);
    for (size_t i = 0; i < 200; i++)
        table[i] = at;
    netmon_end(&file, table, 200, 0, 0);
    read_whole_file();
    assert_true(whole.count < 20);
    assert_true(whole.is_damaged);
}

static void snoop_is_read(void **state) {
    (void)state;
    make_snoop(&file);
    read_whole_file();
    expect_three(5000);
    mutate(true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcap_in_all_its_kinds),
        cmocka_unit_test(pcap_of_old_versions_has_its_lengths_swapped),
        cmocka_unit_test(a_frame_too_long_is_damage_and_says_where),
        cmocka_unit_test(an_empty_capture_is_whole),
        cmocka_unit_test(what_is_no_capture_says_so),
        cmocka_unit_test(pcapng_has_sections_interfaces_and_resolutions),
        cmocka_unit_test(pcapng_times_never_overflow),
        cmocka_unit_test(pcapng_damage_ends_it),
        cmocka_unit_test(netmon_1_and_2_give_the_frames_of_their_table),
        cmocka_unit_test(netmon_names_the_process_of_a_frame),
        cmocka_unit_test(processes_beyond_the_cap_are_left_out),
        cmocka_unit_test(interfaces_beyond_the_cap_are_damage),
        cmocka_unit_test(inputs_beyond_the_cap_are_left_out),
        cmocka_unit_test(netmon_without_its_table_is_walked),
        cmocka_unit_test(netmon_entries_outside_keep_their_number),
        cmocka_unit_test(netmon_entries_that_overlap_without_end_are_damage),
        cmocka_unit_test(snoop_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
