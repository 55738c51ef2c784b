/* What time does to flows: those without SMB state are over after an hour of silence, whatever way
 * their segments come in; those with it stay. */
#include "segment_ends.h"
#include "stream_rig.h"

#define MINUTE INT64_C(60000000000)
#define SECOND INT64_C(1000000000)
enum { OTHERS = 200, SPAN = 2000, BATCHES = 64 };

static uint8_t a[2000];

static void wait(struct rig *rig, int64_t ns) {
    rig->frame.time_ns += ns;
}

static void syn_of(struct rig *rig, uint16_t port) {
    rig->client_port = port;
    rig_syn(rig, 100, 900);
}

static uint32_t flows_of(const struct rig *rig) {
    return rig->stream->flows.flows.in_use;
}

static void silent_flows_are_swept_a_few_at_a_time(void **state) {
    (void)state;
    struct stream_sizes sizes = rig_sizes;
    sizes.flows = 1000;
    struct rig *rig = rig_new(&sizes, 8080);
    for (uint16_t i = 0; i < OTHERS; i++)
        syn_of(rig, (uint16_t)(50000 + i));
    assert_int_equal(flows_of(rig), OTHERS);
    wait(rig, 62 * MINUTE);
    uint32_t before = flows_of(rig);
    for (unsigned i = 0; i < OTHERS && flows_of(rig) > 1; i++) {
        rig->client_port = 40000;
        rig_ack(rig, CLIENT);
        assert_true(before - flows_of(rig) <= 32);
        before = flows_of(rig);
    }
    assert_int_equal(flows_of(rig), 1);
    assert_int_equal(rig->stats.connections, OTHERS + 1);
    assert_int_equal(rig->stats.cap_hits[SBL_LIMIT_FLOWS], 0);
    rig_free(rig);
}

static void a_flow_is_another_after_an_hour_and_not_before(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 8080);
    syn_of(rig, 40000);
    wait(rig, 59 * MINUTE);
    rig_ack(rig, CLIENT);
    wait(rig, 59 * MINUTE);
    rig_ack(rig, CLIENT);
    assert_int_equal(rig->stats.connections, 1);
    wait(rig, 62 * MINUTE);
    rig_ack(rig, CLIENT);
    assert_int_equal(rig->stats.connections, 2);
    assert_int_equal(rig->stats.midstream, 1);
    assert_int_equal(rig->stats.port_reuse, 0);
    assert_int_equal(flows_of(rig), 1);
    rig_free(rig);
}

static void a_session_may_be_silent_for_days(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    syn_of(rig, 40000);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 1));
    for (unsigned day = 0; day < 10; day++) {
        wait(rig, 24 * 60 * MINUTE);
        rig->client_port = (uint16_t)(50000 + day);
        rig_ack(rig, CLIENT);
    }
    rig_clear(rig);
    rig->client_port = 40000;
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 2));
    rig_expect(rig, "client 1 id 2 bytes 96 frame 15\n");
    assert_int_equal(rig->stats.connections, 11);
    rig_free(rig);
}

/* A clock that is set back ends nothing, and no time is too early or too late. */
static void a_clock_that_jumps_back_is_not_believed(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 8080);
    syn_of(rig, 40000);
    wait(rig, -5 * 60 * MINUTE);
    rig_ack(rig, CLIENT);
    wait(rig, 58 * MINUTE); /* of the new clock: not yet an hour */
    rig->client_port = 40001;
    rig_ack(rig, CLIENT);
    wait(rig, -30 * MINUTE);
    rig->client_port = 40000;
    rig_ack(rig, CLIENT);
    assert_int_equal(rig->stats.connections, 2);
    rig->frame.time_ns = INT64_MAX - 100000000; /* to which the rig adds as much */
    rig_ack(rig, CLIENT);
    rig->frame.time_ns = INT64_MIN;
    rig_ack(rig, CLIENT);
    rig->frame.time_ns = 0;
    rig_ack(rig, CLIENT);
    rig_free(rig);
}

/* Segments of many flows, each silent for a while between its packets, fed in batches of `size`. */
static struct sbl_stats fed_in_batches(size_t size) {
    static struct sbl_frame frames[SPAN];
    static struct sbl_segment segments[SPAN];
    static struct packet_ends packets[SPAN];
    struct stream_sizes sizes = rig_sizes;
    sizes.flows = 1000;
    struct rig *rig = rig_new(&sizes, 8080);
    int64_t now = 0;
    for (uint32_t i = 0; i < SPAN; i++) {
        now += 7 * SECOND + (i % 97 == 0) * 11 * MINUTE;
        frames[i] = (struct sbl_frame){.time_ns = now, .number = i + 1};
        segments[i] = (struct sbl_segment){.frame = &frames[i],
                                           .ordinal = i + 1,
                                           .tcp_flags = FLAG_ACK,
                                           .seq = 100,
                                           .ip_version = 4};
        struct sbl_endpoint from = {.address = {10, 0, 0, 9},
                                    .port = (uint16_t)(1024 + i * i % 613)};
        struct sbl_endpoint to = {.address = {10, 0, 0, 1}, .port = 8080};
        segment_set_ends(&segments[i], &packets[i], &from, &to);
    }
    for (size_t done = 0; done < SPAN; done += size)
        stream_feed(rig->stream, &segments[done], SPAN - done < size ? SPAN - done : size);
    stream_finish(rig->stream, now);
    struct sbl_stats stats = rig->stats;
    rig_free(rig);
    return stats;
}

static void batches_do_not_matter(void **state) {
    (void)state;
    struct sbl_stats one = fed_in_batches(1);
    assert_true(one.connections > 613);
    for (size_t size = 2; size <= 2 * BATCHES; size += 3) {
        struct sbl_stats many = fed_in_batches(size);
        assert_memory_equal(&many, &one, sizeof one);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silent_flows_are_swept_a_few_at_a_time),
        cmocka_unit_test(a_flow_is_another_after_an_hour_and_not_before),
        cmocka_unit_test(a_session_may_be_silent_for_days),
        cmocka_unit_test(a_clock_that_jumps_back_is_not_believed),
        cmocka_unit_test(batches_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
