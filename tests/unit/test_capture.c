/* Several inputs as one capture, directories, compression, pipes, filters, verdicts. */
#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "capture/live.h"
#include "test_capture_files.h"

enum { MOST_FRAMES = 4096, PATH_BYTES = 256 };

static struct file file;
static struct sbl_stats stats;
static struct sbl_frame got[MOST_FRAMES];
static size_t got_count;
static unsigned told;
static char messages[8192];
static char folder[] = "/tmp/smblame-test-XXXXXX";

static void hear(void *context, const char *message) {
    (void)context;
    told++;
    size_t length = strlen(messages);
    (void)snprintf(messages + length, sizeof messages - length, "%s\n", message);
}

static const char *path_of(const char *name) {
    static char paths[4][PATH_BYTES];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, PATH_BYTES, "%s/%s", folder, name);
    return path;
}

static void write_bytes(const char *name, const void *bytes, size_t size) {
    FILE *out = fopen(path_of(name), "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

static void write_file(const char *name) {
    write_bytes(name, file.bytes, file.size);
}

/* A pcap file with frames at the given seconds. */
static void write_times(const char *name, const uint32_t *seconds, uint8_t count) {
    pcap_begin(&file, 0xA1B2C3D4u, false);
    for (uint8_t i = 0; i < count; i++)
        pcap_frame(&file, seconds[i], 0, (uint8_t)(i + 1), false);
    write_file(name);
}

static struct capture *open_inputs(const char *const *inputs, size_t count, const char *filter) {
    struct capture *capture = NULL;
    struct capture_options options = {.inputs = inputs,
                                      .input_count = count,
                                      .filter = filter,
                                      .stats = &stats,
                                      .complain = hear};
    told = 0;
    messages[0] = '\0';
    memset(&stats, 0, sizeof stats);
    assert_int_equal(capture_open(&capture, &options), 0);
    return capture;
}

/* Every byte of every frame of a batch must be its own when the batch is handed out. */
static void take_all(struct capture *capture) {
    struct sbl_frame frames[7];
    got_count = 0;
    for (size_t count; (count = capture_next(capture, frames, 7)) != 0;) {
        for (size_t i = 0; i < count; i++) {
            assert_true(got_count < MOST_FRAMES);
            assert_int_equal(frames[i].bytes[FRAME_BYTES - 1], frames[i].number & 0xFF);
            got[got_count++] = frames[i];
        }
    }
}

static enum capture_verdict read_inputs(const char *const *inputs, size_t count) {
    struct capture *capture = open_inputs(inputs, count, NULL);
    take_all(capture);
    enum capture_verdict verdict = capture_verdict(capture);
    capture_close(capture);
    return verdict;
}

static enum capture_verdict read_one(const char *name) {
    const char *input = path_of(name);
    return read_inputs(&input, 1);
}

/* "file.number" of all frames, in the order they came. */
static void expect_order(const char *expected) {
    char seen[512] = "";
    for (size_t i = 0; i < got_count && i < 60; i++) {
        size_t length = strlen(seen);
        (void)snprintf(seen + length, sizeof seen - length, "%s%u.%u", i ? " " : "", got[i].file,
                       (unsigned)got[i].number);
    }
    assert_string_equal(seen, expected);
}

static void files_are_merged_by_time_and_ties_by_place(void **state) {
    (void)state;
    write_times("a", (uint32_t[]){10, 20, 30}, 3);
    write_times("b", (uint32_t[]){5, 20, 25}, 3);
    write_times("c", (uint32_t[]){40}, 1);
    write_times("d", (uint32_t[]){5}, 1);
    const char *inputs[] = {path_of("a"), path_of("b"), path_of("c"), path_of("d")};
    assert_int_equal(read_inputs(inputs, 4), CAPTURE_WHOLE);
    expect_order("1.1 3.1 0.1 0.2 1.2 1.3 0.3 2.1");
    assert_int_equal(told, 0);
}

static void a_file_is_never_reordered_by_its_own_clock(void **state) {
    (void)state;
    write_times("a", (uint32_t[]){10, 4000000000, 11, 3, 12}, 5);
    write_times("b", (uint32_t[]){9, 11, 13}, 3);
    const char *inputs[] = {path_of("a"), path_of("b")};
    assert_int_equal(read_inputs(inputs, 2), CAPTURE_WHOLE);
    expect_order("1.1 0.1 0.2 0.3 0.4 1.2 0.5 1.3");
}

static void many_files_need_few_descriptors(void **state) {
    (void)state;
    enum { FILES = 600 };
    static char names[FILES][PATH_BYTES];
    static const char *inputs[FILES];
    for (unsigned i = 0; i < FILES; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "ring%u", i);
        uint32_t first = (FILES - i) * 10;
        write_times(name, (uint32_t[]){first, first + 9}, 2);
        (void)snprintf(names[i], PATH_BYTES, "%s", path_of(name));
        inputs[i] = names[i];
    }
    struct rlimit before, few = {.rlim_cur = 64, .rlim_max = 64};
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_int_equal(read_inputs(inputs, FILES), CAPTURE_WHOLE);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(got_count, 2 * FILES);
    for (size_t i = 1; i < got_count; i++)
        assert_true(got[i].time_ns > got[i - 1].time_ns);
    for (unsigned i = 0; i < FILES; i++)
        unlink(inputs[i]);
}

static void more_overlapping_files_than_the_cap_lose_no_frame(void **state) {
    (void)state;
    enum { FILES = SBL_MAX_MERGED_FILES + 20 };
    static const char *inputs[FILES];
    write_times("same", (uint32_t[]){7, 8}, 2);
    const char *same = path_of("same");
    for (unsigned i = 0; i < FILES; i++)
        inputs[i] = same;
    assert_int_equal(read_inputs(inputs, FILES), CAPTURE_WHOLE);
    assert_int_equal(got_count, 2 * FILES);
    assert_true(stats.cap_hits[SBL_LIMIT_MERGED_FILES] > 0);
}

static void a_directory_is_its_captures_by_name(void **state) {
    (void)state;
    assert_int_equal(mkdir(path_of("dir"), 0700), 0);
    assert_int_equal(mkdir(path_of("dir/below"), 0700), 0);
    write_times("dir/z.cap", (uint32_t[]){1}, 1);
    write_times("dir/a.txt", (uint32_t[]){1}, 1);
    write_bytes("dir/notes", "no capture at all", 17);
    write_bytes("dir/empty", "", 0);
    struct capture *capture = open_inputs((const char *[]){path_of("dir")}, 1, NULL);
    take_all(capture);
    assert_int_equal(capture_verdict(capture), CAPTURE_WHOLE);
    expect_order("0.1 3.1");
    assert_non_null(strstr(capture_file_name(capture, 0), "/dir/a.txt"));
    assert_non_null(strstr(capture_file_name(capture, 3), "/dir/z.cap"));
    assert_null(capture_file_name(capture, 4));
    capture_close(capture);
    assert_non_null(strstr(messages, "dir/below: is a directory in a directory, passed over"));
    assert_non_null(strstr(messages, "dir/notes: is no capture"));
    assert_non_null(strstr(messages, "dir/notes: passed over"));
    assert_non_null(strstr(messages, "dir/empty: is empty"));
    pcap_begin(&file, 0xA1B2C3D4u, false);
    pcap_frame(&file, 2, 0, 1, false);
    write_bytes("dir/cut", file.bytes, file.size - 1);
    assert_int_equal(read_one("dir"), CAPTURE_DAMAGED);
    assert_int_equal(got_count, 2);
}

static void what_cannot_be_read_is_told_and_judged(void **state) {
    (void)state;
    write_times("good", (uint32_t[]){1}, 1);
    write_bytes("zero", "", 0);
    assert_int_equal(read_one("missing"), CAPTURE_NOTHING);
    assert_int_equal(told, 1);
    assert_int_equal(read_one("zero"), CAPTURE_NOTHING);
    assert_int_equal(told, 1);
    const char *inputs[] = {path_of("missing"), path_of("good")};
    assert_int_equal(read_inputs(inputs, 2), CAPTURE_DAMAGED);
    assert_int_equal(got_count, 1);
    inputs[0] = path_of("zero");
    assert_int_equal(read_inputs(inputs, 2), CAPTURE_DAMAGED);
    assert_int_equal(got_count, 1);
    pcap_begin(&file, 0xA1B2C3D4u, false);
    write_file("header-only");
    assert_int_equal(read_one("header-only"), CAPTURE_WHOLE);
    assert_int_equal(read_inputs(NULL, 0), CAPTURE_NOTHING);
}

/* Compresses `file` onto what is in `out`. */
static size_t gzip_onto(uint8_t *out, size_t at, size_t room) {
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = file.bytes;
    z.avail_in = (uInt)file.size;
    z.next_out = out + at;
    z.avail_out = (uInt)(room - at);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&z), Z_OK);
    return room - z.avail_out;
}

static size_t zstd_onto(uint8_t *out, size_t at, size_t room) {
    size_t size = ZSTD_compress(out + at, room - at, file.bytes, file.size, 3);
    assert_false(ZSTD_isError(size));
    return at + size;
}

/* The second member holds frames without a file header: members are one stream. */
static void compressed(size_t (*onto)(uint8_t *out, size_t at, size_t room)) {
    uint8_t out[4096];
    write_times("plain", (uint32_t[]){1, 2}, 2);
    size_t size = onto(out, 0, sizeof out);
    file.size = 0;
    pcap_frame(&file, 3, 0, 3, false);
    size = onto(out, size, sizeof out);
    write_bytes("packed", out, size);
    assert_int_equal(read_one("packed"), CAPTURE_WHOLE);
    expect_order("0.1 0.2 0.3");
    write_bytes("packed", out, size - 3);
    assert_int_equal(read_one("packed"), CAPTURE_DAMAGED);
    assert_non_null(strstr(messages, "the compressed data is cut"));
    for (size_t cut = 0; cut < size; cut++) {
        write_bytes("packed", out, cut);
        (void)read_one("packed");
        assert_true(got_count <= 3);
    }
    out[size / 2] ^= 0x55;
    write_bytes("packed", out, size);
    assert_int_not_equal(read_one("packed"), CAPTURE_WHOLE);
    make_netmon2(&file, 3);
    write_bytes("packed", out, onto(out, 0, sizeof out));
    assert_int_equal(read_one("packed"), CAPTURE_WHOLE);
    expect_order("0.1 0.2 0.3");
}

static void gzip_is_one_stream_of_members(void **state) {
    (void)state;
    compressed(gzip_onto);
}

static void zstd_is_one_stream_of_frames(void **state) {
    (void)state;
    compressed(zstd_onto);
}

/* 128 MiB of nothing, in a pcapng block as long, from a few KB of zstd. */
static void a_bomb_ends_in_a_message(void **state) {
    (void)state;
    size_t size = 128u << 20;
    uint8_t *zeros = calloc(1, size);
    uint8_t *out = malloc(ZSTD_compressBound(size));
    assert_non_null(zeros);
    assert_non_null(out);
    make_pcapng(&file);
    memcpy(zeros, file.bytes, 28);
    zeros[28] = 0x77;
    zeros[35] = 0x7F;
    size_t packed = ZSTD_compress(out, ZSTD_compressBound(size), zeros, size, 1);
    write_bytes("bomb", out, packed);
    free(zeros);
    free(out);
    assert_int_equal(read_one("bomb"), CAPTURE_DAMAGED);
    assert_non_null(strstr(messages, "a bomb"));
    unlink(path_of("bomb"));
}

/* Puts a pipe in place of standard input; gives its writing end and the old standard input. */
static int pipe_to_stdin(int *saved) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    *saved = dup(STDIN_FILENO);
    assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
    close(ends[0]);
    return ends[1];
}

static void a_pipe_gives_frames_as_they_come(void **state) {
    (void)state;
    int saved, writer = pipe_to_stdin(&saved);
    make_pcap(&file, 0xA1B2C3D4u, true);
    assert_int_equal(write(writer, file.bytes, 24 + 76 + 20), 120);
    struct capture *capture = open_inputs((const char *[]){"-"}, 1, NULL);
    struct sbl_frame frames[64];
    assert_int_equal(capture_next(capture, frames, 64), 1);
    assert_int_equal(write(writer, file.bytes + 120, file.size - 120), file.size - 120);
    assert_int_equal(capture_next(capture, frames, 64), 2);
    assert_int_equal(frames[1].number, 3);
    close(writer);
    assert_int_equal(capture_next(capture, frames, 64), 0);
    assert_int_equal(capture_verdict(capture), CAPTURE_WHOLE);
    uint64_t done, total;
    capture_progress(capture, &done, &total);
    assert_int_equal(total, 0);
    assert_string_equal(capture_file_name(capture, 0), "-");
    capture_close(capture);
    assert_true(dup2(saved, STDIN_FILENO) >= 0);
    close(saved);
}

static void netmon_comes_through_a_pipe_with_its_processes(void **state) {
    (void)state;
    int saved, writer = pipe_to_stdin(&saved);
    make_netmon2(&file, 3);
    assert_int_equal(write(writer, file.bytes, file.size), file.size);
    close(writer);
    struct capture *capture = open_inputs((const char *[]){"-"}, 1, NULL);
    take_all(capture);
    expect_order("0.1 0.2 0.3");
    struct capture_process process;
    assert_true(capture_process_find(capture, 0, got[1].process, &process));
    assert_int_equal(process.pid, 22);
    assert_int_equal(process.path.encoding, SBL_TEXT_UTF16LE);
    assert_false(capture_process_find(capture, 0, 0, &process));
    assert_false(capture_process_find(capture, 1, 1, &process));
    capture_close(capture);
    assert_true(dup2(saved, STDIN_FILENO) >= 0);
    close(saved);
}

static void a_stop_ends_the_capture(void **state) {
    (void)state;
    static volatile sig_atomic_t stop;
    write_times("a", (uint32_t[]){1, 2}, 2);
    const char *input = path_of("a");
    struct capture *capture = NULL;
    struct capture_options options = {
        .inputs = &input, .input_count = 1, .stats = &stats, .stop = &stop, .complain = hear};
    assert_int_equal(capture_open(&capture, &options), 0);
    struct sbl_frame frame;
    assert_int_equal(capture_next(capture, &frame, 1), 1);
    stop = 1;
    assert_int_equal(capture_next(capture, &frame, 1), 0);
    assert_int_equal(capture_verdict(capture), CAPTURE_WHOLE);
    capture_close(capture);
}

enum { LONG_FRAMES = 1500, LONG_BYTES = 1000 };

/* A file of several reads whose frames are filled with the low byte of their number; a frame each
 * second, from `first` on in steps of two. */
static void write_long(const char *name, uint32_t first) {
    size_t size = 24 + (size_t)LONG_FRAMES * (16 + LONG_BYTES), at = 24;
    uint8_t *bytes = calloc(1, size);
    assert_non_null(bytes);
    pcap_begin(&file, 0xA1B2C3D4u, false);
    memcpy(bytes, file.bytes, 24);
    for (uint32_t i = 1; i <= LONG_FRAMES; i++, at += 16 + LONG_BYTES) {
        uint32_t header[4] = {first + 2 * i, 0, LONG_BYTES, LONG_BYTES};
        memcpy(bytes + at, header, sizeof header);
        memset(bytes + at + 16, (int)(i & 0xFF), LONG_BYTES);
    }
    write_bytes(name, bytes, size);
    free(bytes);
}

static void frames_stay_until_they_are_released(void **state) {
    (void)state;
    write_long("one", 1000);
    write_long("other", 1001);
    char paths[2][256];
    snprintf(paths[0], sizeof paths[0], "%s", path_of("one"));
    snprintf(paths[1], sizeof paths[1], "%s", path_of("other"));
    const char *inputs[] = {paths[0], paths[1]};
    struct capture_options options = {.inputs = inputs,
                                      .input_count = 2,
                                      .stats = &stats,
                                      .complain = hear,
                                      .keeps_frames = true};
    struct capture *capture = NULL;
    assert_int_equal(capture_open(&capture, &options), 0);
    struct sbl_frame *kept = calloc(2 * LONG_FRAMES, sizeof *kept);
    assert_non_null(kept);
    size_t count = 0, more;
    while (count < LONG_FRAMES && (more = capture_next(capture, kept + count, 64)) != 0)
        count += more;
    uint64_t mark = capture_mark(capture);
    assert_true(mark > 0);
    while (count < 2 * LONG_FRAMES && (more = capture_next(capture, kept + count, 60)) != 0)
        count += more;
    assert_int_equal(count, 2 * LONG_FRAMES);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(kept[i].file, i % 2);
        assert_int_equal(kept[i].bytes[0], kept[i].number & 0xFF);
        assert_int_equal(kept[i].bytes[LONG_BYTES - 1], kept[i].number & 0xFF);
    }
    capture_release(capture, mark);
    assert_true(capture_mark(capture) > mark);
    capture_close(capture);
    free(kept);
}

static void a_filter_keeps_the_numbers(void **state) {
    (void)state;
    pcap_begin(&file, 0xA1B2C3D4u, false);
    pcap_frame(&file, 1, 0, 1, false);
    pcap_frame(&file, 2, 0, 2, false);
    pcap_frame(&file, 3, 0, 3, false);
    file.bytes[24 + 76 + 16 + 37] = 80; /* the second is not for port 445 */
    write_file("a");
    const char *input = path_of("a");
    struct capture *capture = open_inputs(&input, 1, "tcp port 445 or tcp port 337");
    take_all(capture);
    expect_order("0.1 0.3");
    capture_close(capture);
    struct capture_options options = {.inputs = &input,
                                      .input_count = 1,
                                      .filter = "tcp prot 445",
                                      .stats = &stats,
                                      .complain = hear};
    told = 0;
    assert_int_equal(capture_open(&capture, &options), -EINVAL);
    assert_int_equal(told, 1);
}

static void a_filter_that_makes_no_sense_for_a_link_lets_it_through(void **state) {
    (void)state;
    make_pcap(&file, 0xA1B2C3D4u, false);
    set32(&file, 20, 228);
    write_file("a");
    struct capture *capture = open_inputs((const char *[]){path_of("a")}, 1, "vlan 7");
    take_all(capture);
    assert_int_equal(got_count, 3);
    assert_int_equal(told, 1);
    capture_close(capture);
}

static void progress_is_the_files_bytes(void **state) {
    (void)state;
    write_times("a", (uint32_t[]){1, 2}, 2);
    write_times("b", (uint32_t[]){3, 4}, 2);
    const char *inputs[] = {path_of("a"), path_of("b")};
    struct capture *capture = open_inputs(inputs, 2, NULL);
    uint64_t done, total;
    capture_progress(capture, &done, &total);
    assert_int_equal(done, 0);
    assert_int_equal(total, 2 * (24 + 2 * 76));
    take_all(capture);
    capture_progress(capture, &done, &total);
    assert_int_equal(done, total);
    capture_close(capture);
}

static void a_device_that_is_not_there_is_told(void **state) {
    (void)state;
    struct live *live;
    char error[512] = "";
    const char *const devices[LIVE_DEVICES_MAX + 1] = {"no-such-device"};
    struct live_options options = {.devices = devices, .device_count = 1};
    assert_true(live_open(&live, &options, error, sizeof error) < 0);
    assert_non_null(strstr(error, "no-such-device"));
    for (size_t count = 0; count <= LIVE_DEVICES_MAX + 1; count += LIVE_DEVICES_MAX + 1) {
        options.device_count = count;
        assert_int_equal(live_open(&live, &options, error, sizeof error), -EINVAL);
    }
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static int remove_folder(void **state) {
    (void)state;
    return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_merged_by_time_and_ties_by_place),
        cmocka_unit_test(a_file_is_never_reordered_by_its_own_clock),
        cmocka_unit_test(many_files_need_few_descriptors),
        cmocka_unit_test(more_overlapping_files_than_the_cap_lose_no_frame),
        cmocka_unit_test(a_directory_is_its_captures_by_name),
        cmocka_unit_test(what_cannot_be_read_is_told_and_judged),
        cmocka_unit_test(gzip_is_one_stream_of_members),
        cmocka_unit_test(zstd_is_one_stream_of_frames),
        cmocka_unit_test(a_bomb_ends_in_a_message),
        cmocka_unit_test(a_pipe_gives_frames_as_they_come),
        cmocka_unit_test(netmon_comes_through_a_pipe_with_its_processes),
        cmocka_unit_test(a_stop_ends_the_capture),
        cmocka_unit_test(frames_stay_until_they_are_released),
        cmocka_unit_test(a_filter_keeps_the_numbers),
        cmocka_unit_test(a_filter_that_makes_no_sense_for_a_link_lets_it_through),
        cmocka_unit_test(progress_is_the_files_bytes),
        cmocka_unit_test(a_device_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
