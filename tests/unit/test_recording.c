/* Recording: names, turns, what is kept and what is counted when the disk is full. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "service/record.h"

enum { FRAME_BYTES = 1000, BATCH = 64 };

struct place {
    char folder[64];
    char path[96];
};

static int make_place(void **state) {
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    snprintf(place->folder, sizeof place->folder, "/tmp/test_recording.XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/trace.pcapng", place->folder);
    *state = place;
    return 0;
}

static int remove_place(void **state) {
    struct place *place = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", place->folder);
    int failed = system(command);
    free(place);
    return failed;
}

static struct recording *start(const struct recording_options *options) {
    static const char *const names[] = {"eth0", "eth1"};
    static const uint16_t types[] = {SBL_LINKTYPE_ETHERNET, SBL_LINKTYPE_RAW};
    struct recording *recording = NULL;
    char error[512] = "";
    assert_int_equal(recording_open(&recording, options, error, sizeof error), 0);
    recording_devices(recording, names, types, 2);
    return recording;
}

/* Frame `number`, `time_s` after some moment. */
static void keep(struct recording *recording, unsigned number, unsigned time_s) {
    uint8_t bytes[FRAME_BYTES] = {(uint8_t)number, (uint8_t)(number >> 8)};
    const struct sbl_frame frame = {.bytes = bytes,
                                    .captured_bytes = sizeof bytes,
                                    .wire_bytes = sizeof bytes,
                                    .time_ns = (1000 + (int64_t)time_s) * 1000000000,
                                    .number = number,
                                    .file = number % 2};
    recording_frame(recording, &frame);
}

static void complain(void *context, const char *message) {
    (void)message;
    ++*(unsigned *)context;
}

/* The frames of a file: how many, and the number of the first. */
static unsigned read_back(const char *path, unsigned *first) {
    unsigned complaints = 0, count = 0;
    struct sbl_stats stats = {0};
    const struct capture_options options = {.inputs = &path,
                                            .input_count = 1,
                                            .stats = &stats,
                                            .context = &complaints,
                                            .complain = complain};
    struct capture *capture = NULL;
    struct sbl_frame frames[BATCH];
    assert_int_equal(capture_open(&capture, &options), 0);
    for (size_t got; (got = capture_next(capture, frames, BATCH)) > 0; count += (unsigned)got) {
        if (count == 0)
            *first = frames[0].bytes[0] | (unsigned)frames[0].bytes[1] << 8;
        for (size_t i = 0; i < got; i++)
            assert_int_equal(frames[i].link_type,
                             frames[i].bytes[0] % 2 ? SBL_LINKTYPE_RAW : SBL_LINKTYPE_ETHERNET);
    }
    assert_int_equal(complaints, 0);
    capture_close(capture);
    return count;
}

static void assert_file(const struct recording_options *options, unsigned turn, unsigned count,
                        unsigned first) {
    char name[256];
    unsigned found = 0;
    recording_name(options, turn, name, sizeof name);
    assert_int_equal(read_back(name, &found), count);
    if (count)
        assert_int_equal(found, first);
}

static void names_tell_files_apart(void **state) {
    (void)state;
    static const struct {
        struct recording_options options;
        unsigned turn;
        const char *name;
    } cases[] = {
        {{.path = "a.pcapng"}, 0, "a.pcapng"},
        {{.path = "a"}, 0, "a"},
        {{.path = "x.y/a"}, 0, "x.y/a"},
        {{.path = "x.y/.a"}, 0, "x.y/.a"},
        {{.path = "a.pcapng", .rotate_files = 10}, 3, "a-3.pcapng"},
        {{.path = "a.b.pcapng", .rotate_files = 11}, 3, "a.b-03.pcapng"},
        {{.path = "a", .workers = 2, .worker = 1}, 0, "a-w1"},
        {{.path = "a.p", .workers = 1, .life = 2}, 0, "a-r2.p"},
        {{.path = "a.p", .workers = 2, .rotate_files = 2, .life = 2}, 1, "a-w0-1.p"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[64];
        recording_name(&cases[i].options, cases[i].turn, name, sizeof name);
        assert_string_equal(name, cases[i].name);
    }
}

static void what_does_not_go_together_is_said(void **state) {
    const struct place *place = *state;
    const struct recording_options wrong[] = {
        {.path = place->path, .rotate_s = 1},
        {.path = place->path, .rotate_mb = 1},
        {.path = place->path, .rotate_files = 2},
        {.path = place->path, .rotate_mb = 1, .rotate_files = RECORDING_FILES_MOST + 1}};
    struct recording *recording = NULL;
    char error[512] = "";
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        error[0] = '\0';
        assert_int_equal(recording_open(&recording, &wrong[i], error, sizeof error), -EINVAL);
        assert_true(strlen(error) > 20);
    }
    const struct recording_options nowhere = {.path = "/nowhere/to/be/found"};
    assert_int_equal(recording_open(&recording, &nowhere, error, sizeof error), -ENOENT);
    assert_non_null(strstr(error, "/nowhere/to/be/found"));
}

static void one_file_holds_all(void **state) {
    const struct place *place = *state;
    const struct recording_options options = {.path = place->path};
    struct recording *recording = start(&options);
    assert_file(&options, 0, 0, 0); /* there and whole before the first frame */
    for (unsigned i = 0; i < 3000; i++)
        keep(recording, i, i);
    recording_flush(recording);
    assert_file(&options, 0, 3000, 0);
    keep(recording, 3000, 3000);
    struct recording_counts counts = recording_counts(recording);
    assert_int_equal(counts.frames, 3001);
    assert_int_equal(counts.lost, 0);
    assert_int_equal(counts.files, 1);
    assert_null(recording_complaint(recording));
    recording_close(recording);
    assert_file(&options, 0, 3001, 0);
    recording_close(start(&options)); /* another run begins anew, though nothing came */
    assert_file(&options, 0, 0, 0);
}

static void turns_by_time(void **state) {
    const struct place *place = *state;
    const struct recording_options options = {
        .path = place->path, .rotate_s = 10, .rotate_files = 3};
    struct recording *recording = start(&options);
    for (unsigned i = 0; i < 45; i++)
        keep(recording, i, i);
    assert_int_equal(recording_counts(recording).files, 5);
    recording_close(recording);
    assert_file(&options, 0, 10, 30);
    assert_file(&options, 1, 5, 40);
    assert_file(&options, 2, 10, 20);
}

static void a_clock_put_back_stops_no_turn(void **state) {
    const struct place *place = *state;
    const struct recording_options options = {
        .path = place->path, .rotate_s = 10, .rotate_files = 2};
    struct recording *recording = start(&options);
    for (unsigned i = 0; i < 15; i++)
        keep(recording, i, i < 5 ? 1000 + i : i);
    assert_int_equal(recording_counts(recording).files, 1);
    keep(recording, 15, 15);
    recording_close(recording);
    assert_file(&options, 0, 15, 0);
    assert_file(&options, 1, 1, 15);
}

static void turns_by_size(void **state) {
    const struct place *place = *state;
    const struct recording_options options = {
        .path = place->path, .rotate_mb = 1, .rotate_files = 2};
    struct recording *recording = start(&options);
    for (unsigned i = 0; i < 2500; i++)
        keep(recording, i, 0);
    recording_close(recording);
    unsigned first = 0, second = 0;
    char name[256];
    recording_name(&options, 1, name, sizeof name);
    unsigned count = read_back(name, &first);
    recording_name(&options, 0, name, sizeof name);
    unsigned rest = read_back(name, &second);
    assert_in_range(count, 900, 1000);
    assert_int_equal(first + count, second);
    assert_int_equal(second + rest, 2500);
}

static void files_before_their_turn_can_be_read(void **state) {
    const struct place *place = *state;
    const struct recording_options options = {
        .path = place->path, .rotate_s = 10, .rotate_files = RECORDING_FILES_MOST};
    struct recording *recording = start(&options);
    keep(recording, 7, 0);
    recording_close(recording);
    assert_file(&options, 0, 1, 7);
    for (unsigned i = 1; i < RECORDING_FILES_MOST; i += 100)
        assert_file(&options, i, 0, 0);
}

/* Who comes back does not write over what is newest. */
static void turns_go_on_behind_the_newest(void **state) {
    const struct place *place = *state;
    const struct recording_options options = {
        .path = place->path, .rotate_s = 10, .rotate_files = 4};
    for (unsigned life = 0; life < 3; life++) {
        struct recording *recording = start(&options);
        keep(recording, 100 * life, 0);
        recording_close(recording);
        usleep(20000); /* times of files are those of the kernel's clock ticks */
    }
    for (unsigned life = 0; life < 3; life++)
        assert_file(&options, life, 1, 100 * life);
}

static void a_full_disk_is_said_once(void **state) {
    (void)state;
    const struct recording_options options = {.path = "/dev/full"};
    struct recording *recording = start(&options);
    const char *said = recording_complaint(recording);
    assert_non_null(said);
    assert_non_null(strstr(said, "/dev/full"));
    assert_non_null(strstr(said, "No space left"));
    for (unsigned i = 0; i < 2000; i++)
        keep(recording, i, i);
    assert_null(recording_complaint(recording));
    struct recording_counts counts = recording_counts(recording);
    assert_int_equal(counts.frames, 0);
    assert_int_equal(counts.lost, 2000);
    recording_close(recording);
}

/* Files that may not grow beyond 300 kB hold what fits; the others are counted, and when there is
 * room again recording goes on. */
static void what_fits_is_kept(void **state) {
    const struct place *place = *state;
    const struct recording_options options = {.path = place->path};
    struct rlimit before, tight;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = 300000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    struct recording *recording = start(&options);
    for (unsigned i = 0; i < 200; i++)
        keep(recording, i, 0);
    recording_flush(recording);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    for (unsigned i = 200; i < 900; i++)
        keep(recording, i, 0);
    recording_flush(recording);
    assert_non_null(recording_complaint(recording));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    for (unsigned i = 900; i < 1000; i++)
        keep(recording, i, 0);
    recording_flush(recording);
    struct recording_counts counts = recording_counts(recording);
    assert_int_equal(counts.frames + counts.lost, 1000);
    assert_int_equal(counts.frames, 300);
    recording_close(recording);
    signal(SIGXFSZ, handler);
    assert_file(&options, 0, 300, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_tell_files_apart),
        cmocka_unit_test_setup_teardown(what_does_not_go_together_is_said, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(one_file_holds_all, make_place, remove_place),
        cmocka_unit_test_setup_teardown(turns_by_time, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_clock_put_back_stops_no_turn, make_place, remove_place),
        cmocka_unit_test_setup_teardown(turns_by_size, make_place, remove_place),
        cmocka_unit_test_setup_teardown(files_before_their_turn_can_be_read, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(turns_go_on_behind_the_newest, make_place, remove_place),
        cmocka_unit_test(a_full_disk_is_said_once),
        cmocka_unit_test_setup_teardown(what_fits_is_kept, make_place, remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
