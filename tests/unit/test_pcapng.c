/* The writer of pcapng: what it wrote is read back by our own reader, and by tshark where there is
 * one; comments that are too long, frames as long as they come, disks that are full. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include <smblame/limits.h>

#include "capture/source.h"
#include "emit/pcapng.h"

static const struct pcapng_device wire = {"eth0", 262144, SBL_LINKTYPE_ETHERNET};
static const struct pcapng_device tunnel = {NULL, 0, SBL_LINKTYPE_RAW};

static uint8_t bytes[SBL_MAX_FRAME_BYTES + 1];

static struct sbl_frame frame_of(uint32_t captured, int64_t time_ns) {
    return (struct sbl_frame){
        .bytes = bytes, .captured_bytes = captured, .wire_bytes = captured + 5, .time_ns = time_ns};
}

static int memory_file(void) {
    int fd = memfd_create("pcapng", 0);
    assert_true(fd >= 0);
    return fd;
}

/* What our own reader makes of a file. */
struct back {
    size_t count;
    bool is_damaged;
    struct sbl_frame last;
    uint8_t sum;
};

static struct back read_back(int fd) {
    struct back back = {0};
    off_t size = lseek(fd, 0, SEEK_END);
    uint8_t *all = malloc((size_t)size + 1);
    assert_non_null(all);
    assert_int_equal(pread(fd, all, (size_t)size, 0), size);
    struct source source;
    struct source_options options = {.path = "file"};
    assert_int_equal(source_open_memory(&source, all, (size_t)size, &options), SOURCE_OPEN);
    struct sbl_frame frames[4];
    for (size_t count; (count = source_read(&source, frames, 4)) != 0;) {
        back.count += count;
        back.last = frames[count - 1];
        back.sum = 0;
        for (uint32_t i = 0; i < back.last.captured_bytes; i++)
            back.sum = (uint8_t)(back.sum + back.last.bytes[i]);
    }
    back.is_damaged = source_is_damaged(&source);
    source_close(&source);
    free(all);
    return back;
}

static void what_is_written_is_read_back(void **state) {
    (void)state;
    int fd = memory_file();
    struct pcapng *pcapng;
    assert_int_equal(pcapng_new(&pcapng, fd, "a section"), 0);
    assert_int_equal(pcapng_bytes(pcapng), 0);
    assert_int_equal(pcapng_interface(pcapng, &wire), 0);
    struct sbl_frame frame = frame_of(61, 1700000000123456789);
    assert_int_equal(pcapng_frame(pcapng, 0, &frame, "first"), 0);
    assert_int_equal(pcapng_interface(pcapng, &tunnel), 1);
    frame = frame_of(3, 1700000001000000001);
    bytes[0] = 7;
    assert_int_equal(pcapng_frame(pcapng, 1, &frame, NULL), 0);
    assert_int_equal(pcapng_flush(pcapng), 0);
    assert_int_equal(pcapng_bytes(pcapng), lseek(fd, 0, SEEK_END));
    struct back back = read_back(fd);
    assert_int_equal(back.count, 2);
    assert_false(back.is_damaged);
    assert_int_equal(back.last.time_ns, frame.time_ns);
    assert_int_equal(back.last.captured_bytes, 3);
    assert_int_equal(back.last.wire_bytes, 8);
    assert_int_equal(back.last.link_type, SBL_LINKTYPE_RAW);
    assert_int_equal(back.sum, 7);
    pcapng_free(pcapng);
    close(fd);
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    int fd = memory_file();
    struct pcapng *pcapng;
    assert_int_equal(pcapng_new(&pcapng, fd, NULL), 0);
    struct sbl_frame frame = frame_of(1, 1);
    assert_int_equal(pcapng_frame(pcapng, 0, &frame, NULL), -EINVAL);
    assert_int_equal(pcapng_interface(pcapng, &wire), 0);
    frame = frame_of(SBL_MAX_FRAME_BYTES + 1, 1);
    assert_int_equal(pcapng_frame(pcapng, 0, &frame, NULL), -EINVAL);
    frame = frame_of(1, -1); /* before 1970: there is no such time in the file */
    frame.wire_bytes = 0;
    assert_int_equal(pcapng_frame(pcapng, 0, &frame, ""), 0);
    assert_int_equal(pcapng_flush(pcapng), 0);
    struct back back = read_back(fd);
    assert_int_equal(back.count, 1);
    assert_int_equal(back.last.time_ns, 0);
    assert_int_equal(back.last.wire_bytes, 1);
    pcapng_free(pcapng);
    pcapng_free(NULL);
    close(fd);
}

static void the_longest_blocks_fit(void **state) {
    (void)state;
    int fd = memory_file();
    struct pcapng *pcapng;
    char *comment = malloc(PCAPNG_COMMENT_MOST_BYTES + 3);
    assert_non_null(comment);
    memset(comment, 'c', PCAPNG_COMMENT_MOST_BYTES + 2);
    memcpy(&comment[PCAPNG_COMMENT_MOST_BYTES - 1], "\xC3\xA4", 2); /* cut in its middle */
    comment[PCAPNG_COMMENT_MOST_BYTES + 2] = '\0';
    assert_int_equal(pcapng_new(&pcapng, fd, comment), 0);
    assert_int_equal(pcapng_interface(pcapng, &wire), 0);
    struct sbl_frame frame = frame_of(SBL_MAX_FRAME_BYTES, 5);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pcapng_frame(pcapng, 0, &frame, comment), 0);
    assert_int_equal(pcapng_flush(pcapng), 0);
    struct back back = read_back(fd);
    assert_int_equal(back.count, 3);
    assert_false(back.is_damaged);
    assert_int_equal(back.last.captured_bytes, SBL_MAX_FRAME_BYTES);
    pcapng_free(pcapng);
    free(comment);
    close(fd);
}

/* A limit on the size of files stands for a disk that is full, and is lifted again. */
static void a_full_disk_costs_what_waited(void **state) {
    (void)state;
    struct rlimit usual, small;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
    char path[] = "/tmp/smblame-pcapng-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    struct pcapng *pcapng;
    assert_int_equal(pcapng_new(&pcapng, fd, "full"), 0);
    assert_int_equal(pcapng_interface(pcapng, &wire), 0);
    struct sbl_frame frame = frame_of(1000, 5);
    assert_int_equal(pcapng_frame(pcapng, 0, &frame, NULL), 0);
    assert_int_equal(pcapng_flush(pcapng), 0);
    small = usual;
    small.rlim_cur = 2000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(pcapng_frame(pcapng, 0, &frame, NULL), 0);
    assert_int_equal(pcapng_frame(pcapng, 0, &frame, NULL), 0);
    assert_int_equal(pcapng_flush(pcapng), -EFBIG);
    assert_int_equal(pcapng_lost(pcapng), 2);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
    assert_int_equal(pcapng_frame(pcapng, 0, &frame, "after"), 0);
    assert_int_equal(pcapng_flush(pcapng), 0);
    struct back back = read_back(fd);
    assert_int_equal(back.count, 2);
    assert_false(back.is_damaged);
    pcapng_free(pcapng);
    close(fd);
    unlink(path);
}

static void a_pipe_that_broke_stays_broken(void **state) {
    (void)state;
    int ends[2];
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    struct pcapng *pcapng;
    assert_int_equal(pcapng_new(&pcapng, ends[1], NULL), 0);
    assert_int_equal(pcapng_interface(pcapng, &wire), 0);
    close(ends[0]);
    struct sbl_frame frame = frame_of(10, 5);
    assert_int_equal(pcapng_frame(pcapng, 0, &frame, NULL), 0);
    assert_int_equal(pcapng_flush(pcapng), -EPIPE);
    assert_int_equal(pcapng_frame(pcapng, 0, &frame, NULL), -EPIPE);
    assert_int_equal(pcapng_interface(pcapng, &wire), -EPIPE);
    assert_int_equal(pcapng_lost(pcapng), 1);
    pcapng_free(pcapng);
    close(ends[1]);
}

static void tshark_reads_it(void **state) {
    (void)state;
    if (system("command -v tshark >/dev/null && command -v capinfos >/dev/null") != 0)
        skip();
    char path[] = "/tmp/smblame-pcapng-XXXXXX", command[256], said[256] = "";
    int fd = mkstemp(path);
    struct pcapng *pcapng;
    assert_int_equal(pcapng_new(&pcapng, fd, "of the section"), 0);
    assert_int_equal(pcapng_interface(pcapng, &wire), 0);
    memset(bytes, 0, 64);
    struct sbl_frame frame = frame_of(60, 1700000000123456789);
    assert_int_equal(pcapng_frame(pcapng, 0, &frame, "of the frame"), 0);
    assert_int_equal(pcapng_flush(pcapng), 0);
    snprintf(command, sizeof command,
             "tshark -r %s -T fields -e frame.time_epoch -e frame.len -e frame.interface_name "
             "-e frame.comment 2>&1; capinfos -k %s 2>&1 | grep -c 'of the section'",
             path, path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    said[fread(said, 1, sizeof said - 1, pipe)] = '\0';
    pclose(pipe);
    const char *from = strstr(said, "1700000000");
    assert_non_null(from);
    assert_string_equal(from, "1700000000.123456789\t65\teth0\tof the frame\n1\n");
    pcapng_free(pcapng);
    close(fd);
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(the_longest_blocks_fit),
        cmocka_unit_test(a_full_disk_costs_what_waited),
        cmocka_unit_test(a_pipe_that_broke_stays_broken),
        cmocka_unit_test(tshark_reads_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
