/* The stream room against strangers: every cap, and every changed byte. */
#include "stream_rig.h"

static uint8_t a[200000];

static void every_flow_cap_is_counted(void **state) {
    (void)state;
    struct stream_sizes sizes = rig_sizes;
    sizes.flows = 4;
    sizes.connections = 2;
    struct rig *rig = rig_new(&sizes, 445);
    for (uint16_t i = 0; i < 6; i++) {
        rig->client_port = (uint16_t)(40000 + i);
        rig_syn(rig, 100, 900);
        rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, i));
    }
    assert_int_equal(rig->stats.cap_hits[SBL_LIMIT_CONNECTIONS], 4);
    assert_int_equal(rig->stats.cap_hits[SBL_LIMIT_FLOWS], 2);
    assert_non_null(strstr(rig->log, "close evicted 40000\n"));
    rig_clear(rig);
    stream_finish(rig->stream, 0);
    rig_expect(rig, "close end 40004\nclose end 40005\n");
    rig_free(rig);
}

static void every_queue_cap_is_counted(void **state) {
    (void)state;
    struct stream_sizes sizes = rig_sizes;
    sizes.chunks_per_side = 2;
    struct rig *rig = rig_new(&sizes, 445);
    rig_syn(rig, 100, 900);
    rig_smb2(a, 100, 1, 1);
    rig->seq[CLIENT] += 10; /* nobody acknowledges: these are not kept */
    for (unsigned i = 0; i < 4; i++) {
        rig_send(rig, CLIENT, a, 100);
        rig->seq[CLIENT] += 10;
    }
    assert_int_equal(rig->stats.cap_hits[SBL_LIMIT_OUT_OF_ORDER_BYTES_PER_FLOW], 2);
    assert_int_equal(rig->stats.gaps, 0);
    rig_expect(rig, "");
    rig_free(rig);
    sizes.chunks_per_side = 100;
    sizes.chunks = 2;
    rig = rig_new(&sizes, 445);
    rig_syn(rig, 100, 900);
    rig->seq[CLIENT] += 10;
    for (unsigned i = 0; i < 4; i++)
        rig_send(rig, CLIENT, a, 100);
    assert_int_equal(rig->stats.cap_hits[SBL_LIMIT_OUT_OF_ORDER_BYTES], 1);
    assert_int_equal(rig->stats.gap_bytes, 10);
    rig_expect(rig, "client 1 id 1 bytes 96 frame 4\nclient 1 id 1 bytes 96 frame 5\n"
                    "client 1 id 1 bytes 96 frame 6\nclient 1 id 1 bytes 96 frame 7\n");
    rig_free(rig);
}

static void every_message_cap_is_counted(void **state) {
    (void)state;
    struct stream_sizes sizes = rig_sizes;
    sizes.message_bytes = 1000;
    sizes.framed_bytes = 150000;
    sizes.chain_length = 3;
    sizes.message_buffers = 1;
    struct rig *rig = rig_new(&sizes, 445);
    rig_syn(rig, 100, 900);
    rig_smb2(a, 5000, 1, 1);
    rig_send(rig, CLIENT, a, 2500);
    rig_send(rig, CLIENT, &a[2500], 2500);
    rig_expect(rig, "client 1 id 1 bytes 1000 cut frame 4\n");
    assert_int_equal(rig->stats.cap_hits[SBL_LIMIT_MESSAGE_BYTES], 1);
    rig_smb2(a, 160000, 1, 2);
    for (uint32_t at = 0; at < 160000; at += 40000)
        rig_send(rig, CLIENT, &a[at], 40000);
    assert_int_equal(rig->stats.cap_hits[SBL_LIMIT_FRAMED_BYTES], 1);
    assert_int_equal(rig->stats.oddities_below[SBL_ODDITY_MESSAGE_TOO_LONG], 1);
    rig_clear(rig);
    rig_smb2(a, 504, 1, 3);
    for (uint32_t at = 4; at < 404; at += 100) {
        memcpy(&a[at], &a[4], 64);
        a[at + 20] = 100;
    }
    rig_send(rig, CLIENT, a, 504);
    assert_int_equal(rig->stats.cap_hits[SBL_LIMIT_CHAIN_LENGTH], 1);
    rig_clear(rig);
    rig_send(rig, CLIENT, a, (rig_smb2(a, 200, 1, 4), 50));
    rig->client_port++;
    rig_syn(rig, 100, 900);
    for (unsigned i = 0; i < 4; i++) { /* one of each size: the fourth finds none */
        rig_send(rig, i % 2 ? SERVER : CLIENT, a, 50);
        if (i % 2)
            rig->client_port++;
    }
    assert_int_equal(rig->stats.cap_hits[SBL_LIMIT_MESSAGE_BUFFERS] > 0, 1);
    rig_free(rig);
}

/* A conversation of four kinds of messages, with every byte of it changed in every way, in segments
 * that cut it: nothing is read outside it, nothing is left behind, and the next connection on the
 * same ports is read as if nothing had been. */
static void every_changed_byte_is_survived(void **state) {
    (void)state;
    static const uint8_t request[] = {0x81, 0, 0, 68, 0x20};
    uint8_t good[1000] = {0}, bad[sizeof good];
    memcpy(good, request, sizeof request);
    uint32_t count = 72;
    count += rig_smb2(&good[count], 100, 1, 1);
    count += rig_smb2(&good[count], 150, FAKE_COMMAND_BULK, 2);
    good[count - 150 + 4 + 20] = 96;
    memcpy(&good[count - 50], "\xFESMB\x40", 5);
    count += rig_smb2(&good[count], 80, FAKE_COMMAND_STRANGE, 3);
    good[count] = 0;
    good[count + 3] = 40;
    memcpy(&good[count + 4], "\xFFSMB", 4);
    count += 44;
    for (uint32_t at = 0; at < count; at++) {
        for (unsigned way = 0; way < 15; way++) {
            static const uint8_t extremes[] = {0x00, 0x7F, 0x80, 0xFF};
            memcpy(bad, good, sizeof good);
            uint32_t value = way < 8    ? good[at] ^ 1u << way
                             : way < 12 ? extremes[way - 8]
                                        : good[at] + way - 13u;
            bad[at] = (uint8_t)value;
            uint32_t kept = way == 14 ? at : count; /* and every truncation */
            struct rig *rig = rig_new(&rig_sizes, at % 2 ? 139 : 4455);
            rig_syn(rig, 100, 900);
            for (uint32_t from = 0; from < kept; from += 61)
                rig_send(rig, CLIENT, &bad[from], kept - from < 61 ? kept - from : 61);
            rig_syn(rig, 0x10000000, 0x20000000);
            rig_clear(rig);
            rig_send(rig, CLIENT, good, count);
            assert_memory_equal(rig->log, "client nbss 81 ", 15);
            assert_non_null(strstr(rig->log, "client 1 id 1 bytes 96 "));
            stream_finish(rig->stream, 0);
            assert_int_equal(rig->stream->chunks.in_use, 0);
            assert_int_equal(rig->stream->connections.in_use, 0);
            for (unsigned i = 0; i < MESSAGE_BUFFER_CLASSES; i++)
                assert_int_equal(rig->stream->buffers.pools[i].in_use, 0);
            rig_free(rig);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flow_cap_is_counted),
        cmocka_unit_test(every_queue_cap_is_counted),
        cmocka_unit_test(every_message_cap_is_counted),
        cmocka_unit_test(every_changed_byte_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
