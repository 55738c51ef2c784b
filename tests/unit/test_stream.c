/* The stream room, case by case. */
#include "stream_rig.h"

#include "stream/banner.h"

static uint8_t a[200000], b[4096];

static void messages_come_whole(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 1));
    /* two in one segment */
    uint32_t count = rig_smb2(a, 120, 1, 2);
    count += rig_smb2(&a[120], 90, 3, 3);
    rig_send(rig, SERVER, a, count);
    /* one in three segments */
    rig_smb2(a, 300, 5, 4);
    rig_send(rig, CLIENT, a, 2);
    rig_send(rig, CLIENT, &a[2], 60);
    rig_send(rig, CLIENT, &a[62], 238);
    rig_expect(rig, "client 1 id 1 bytes 96 frame 4\n"
                    "server 1 id 2 bytes 116 frame 5\n"
                    "server 3 id 3 bytes 86 frame 5\n"
                    "client 5 id 4 bytes 296 frame 8\n");
    rig_clear(rig);
    stream_finish(rig->stream, 0);
    rig_expect(rig, "close end 40000\n");
    assert_int_equal(rig->stats.messages, 4);
    assert_int_equal(rig->stats.connections, 1);
    assert_int_equal(rig->stats.connections_smb, 1);
    assert_int_equal(rig->stats.midstream, 0);
    assert_int_equal(rig->stats.one_sided, 0);
    assert_int_equal(rig->stats.smb2_commands[1], 2);
    rig_free(rig);
}

static void bulk_is_skipped_across_segments(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 0xFFFFF000u, 900); /* and over the end of sequence space */
    rig_smb2(a, 100000, FAKE_COMMAND_BULK, 7);
    for (uint32_t at = 0; at < 100000; at += 1000)
        rig_send(rig, CLIENT, &a[at], 1000);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 8));
    rig_expect(rig, "client 8 id 7 bytes 80 frame 4\n"
                    "client 1 id 8 bytes 96 frame 104\n");
    assert_int_equal(rig->stats.bytes_skipped, 100000 - 84);
    assert_int_equal(rig->stream->buffers.pools[0].touched, 0);
    rig_free(rig);
}

/* A compound of three: the second is bulk. */
static void compounds_come_in_parts(void **state) {
    (void)state;
    for (uint32_t step = 1; step < 400; step += 13) {
        struct rig *rig = rig_new(&rig_sizes, 445);
        rig_syn(rig, 100, 900);
        uint32_t count = rig_smb2(a, 1100, 5, 1);
        a[4 + 20] = 96;
        rig_smb2(b, 904, FAKE_COMMAND_BULK, 2);
        memcpy(&a[100], &b[4], 900);
        a[100 + 20] = 0x20; /* 0x320 = 800 */
        a[100 + 21] = 0x03;
        rig_smb2(b, 204, 6, 3);
        memcpy(&a[900], &b[4], 200);
        for (uint32_t at = 0; at < count; at += step)
            rig_send(rig, CLIENT, &a[at], count - at < step ? count - at : step);
        rig->log[strlen(rig->log)] = 0;
        assert_non_null(strstr(rig->log, "client 5 id 1 bytes 96 "));
        assert_non_null(strstr(rig->log, "client 8 id 2 bytes 80 "));
        assert_non_null(strstr(rig->log, "client 6 id 3 bytes 200 "));
        assert_int_equal(rig->stats.messages, 1);
        assert_int_equal(rig->stats.bytes_skipped, 720);
        rig_free(rig);
    }
}

static void netbios_packets_are_handed_over(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 139);
    rig_syn(rig, 100, 900);
    uint8_t request[72] = {0x81, 0, 0, 68, 0x20};
    rig_send(rig, CLIENT, request, sizeof request);
    rig_send(rig, SERVER, "\x82\0\0\0", 4);
    rig_send(rig, CLIENT, "\x85\0\0\0", 4);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 1));
    rig_expect(rig, "client nbss 81 frame 4\n"
                    "server nbss 82 frame 5\n"
                    "client 1 id 1 bytes 96 frame 7\n");
    rig_free(rig);
}

static void ends_are_told_once(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 1));
    rig_clear(rig);
    struct rig_segment fin = {
        .from = CLIENT, .flags = SBL_TCP_FIN | FLAG_ACK, .seq = rig->seq[CLIENT]};
    rig_feed(rig, fin);
    rig_feed(rig, fin);
    rig_expect(rig, "");
    rig->seq[CLIENT]++;
    rig_send(rig, SERVER, a, rig_smb2(a, 100, 1, 1));
    rig_feed(rig, (struct rig_segment){
                      .from = SERVER, .flags = SBL_TCP_FIN | FLAG_ACK, .seq = rig->seq[SERVER]});
    rig_expect(rig, "server 1 id 1 bytes 96 frame 7\nclose fin 40000\n");
    rig_clear(rig);
    /* late copies: of data, of the FIN, of the SYN */
    rig_feed(rig, (struct rig_segment){
                      .from = SERVER, .flags = FLAG_ACK, .seq = 901, .bytes = a, .count = 100});
    rig_feed(rig, fin);
    rig_feed(rig, (struct rig_segment){.from = CLIENT, .flags = SBL_TCP_SYN, .seq = 100});
    rig_expect(rig, "");
    assert_int_equal(rig->stats.connections, 1);
    /* the ports begin anew */
    rig_syn(rig, 70000, 80000);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 9));
    rig_syn(rig, 170000, 180000);
    rig_expect(rig, "client 1 id 9 bytes 96 frame 15\nclose reused 40000\n");
    assert_int_equal(rig->stats.connections, 3);
    assert_int_equal(rig->stats.port_reuse, 2);
    rig_free(rig);
}

static void a_reset_closes_and_forged_ones_do_not(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 1));
    rig_feed(rig, (struct rig_segment){.from = CLIENT, .flags = SBL_TCP_RST, .seq = 0x40000000});
    rig_send(rig, SERVER, a, rig_smb2(a, 100, 1, 1));
    rig_feed(rig,
             (struct rig_segment){.from = CLIENT, .flags = SBL_TCP_RST, .seq = rig->seq[CLIENT]});
    rig_feed(rig,
             (struct rig_segment){.from = CLIENT, .flags = SBL_TCP_RST, .seq = rig->seq[CLIENT]});
    rig_expect(rig, "client 1 id 1 bytes 96 frame 4\n"
                    "server 1 id 1 bytes 96 frame 6\n"
                    "close reset 40000\n");
    assert_int_equal(rig->stats.resets, 1);
    rig_free(rig);
}

/* A client that was refused sends the same SYN again and is let in. */
static void a_refusal_is_not_the_last_word(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_feed(rig, (struct rig_segment){.from = CLIENT, .flags = SBL_TCP_SYN, .seq = 100});
    rig_feed(rig, (struct rig_segment){
                      .from = SERVER, .flags = SBL_TCP_RST | FLAG_ACK, .seq = 0, .ack = 101});
    rig_syn(rig, 100, 900);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 1));
    rig_send(rig, SERVER, a, rig_smb2(a, 100, 1, 1));
    rig_expect(rig, "client 1 id 1 bytes 96 frame 6\n"
                    "server 1 id 1 bytes 96 frame 7\n");
    assert_int_equal(rig->stats.connections, 1);
    rig_free(rig);
}

/* The answer crosses with the RST of who no longer wants it. */
static void an_answer_in_flight_is_taken(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 1));
    rig_feed(rig,
             (struct rig_segment){.from = CLIENT, .flags = SBL_TCP_RST, .seq = rig->seq[CLIENT]});
    rig_send(rig, SERVER, a, rig_smb2(a, 100, 1, 1));
    rig_expect(rig, "client 1 id 1 bytes 96 frame 4\n"
                    "server 1 id 1 bytes 96 frame 6\n"
                    "close reset 40000\n");
    rig_free(rig);
}

static void smb_is_found_by_its_banner(void **state) {
    (void)state;
    for (uint32_t step = 1; step < 120; step += 17) {
        struct rig *rig = rig_new(&rig_sizes, 4455);
        rig_syn(rig, 100, 900);
        rig_smb2(a, 100, 1, 1);
        for (uint32_t at = 0; at < 100; at += step)
            rig_send(rig, CLIENT, &a[at], 100 - at < step ? 100 - at : step);
        assert_non_null(strstr(rig->log, "client 1 id 1 bytes 96 "));
        assert_int_equal(rig->stats.connections_by_banner, 1);
        rig_free(rig);
    }
    /* behind a proxy's greeting, and never for what is no SMB */
    struct rig *rig = rig_new(&rig_sizes, 1080);
    rig_syn(rig, 100, 900);
    rig_send(rig, CLIENT, "\x05\x01\x00", 3);
    rig_send(rig, SERVER, "\x05\x00", 2);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 1));
    rig_expect(rig, "client 1 id 1 bytes 96 frame 6\n");
    rig_free(rig);
    rig = rig_new(&rig_sizes, 80);
    rig_syn(rig, 100, 900);
    for (unsigned i = 0; i < 20; i++)
        rig_send(rig, CLIENT, "GET / HTTP/1.1\r\n\r\n", 18);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 1));
    stream_finish(rig->stream, 0);
    rig_expect(rig, "");
    assert_int_equal(rig->stream->connections.touched, 0);
    rig_free(rig);
}

static void a_midstream_start_is_picked_up(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig->seq[CLIENT] = 5000;
    rig->seq[SERVER] = 7000;
    memset(b, 'x', sizeof b);
    rig_send(rig, SERVER, b, 700); /* the end of something */
    uint32_t count = rig_smb2(&b[300], 100, 1, 2) + 300;
    rig_send(rig, SERVER, b, count); /* and its very end, with the next message behind it */
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 1));
    stream_finish(rig->stream, 0);
    rig_expect(rig, "server 1 id 2 bytes 96 frame 2\n"
                    "client 1 id 1 bytes 96 frame 3\n"
                    "close end 40000\n");
    assert_int_equal(rig->stats.midstream, 1);
    assert_int_equal(rig->stats.resynchronised, 0);
    rig_free(rig);
}

/* Out of order over two holes; the frames that fill them complete what waited. */
static void order_is_restored(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    uint32_t count = 0;
    for (uint32_t i = 0; i < 5; i++)
        count += rig_smb2(&a[count], 100, 1, i + 1);
    static const uint32_t order[] = {4, 2, 3, 0, 1};
    for (uint32_t i = 0; i < 5; i++)
        rig_feed(rig, (struct rig_segment){.from = CLIENT,
                                           .flags = FLAG_ACK,
                                           .seq = 101 + order[i] * 100,
                                           .bytes = &a[(size_t)order[i] * 100],
                                           .count = 100});
    rig_expect(rig, "client 1 id 1 bytes 96 frame 7\n"
                    "client 1 id 2 bytes 96 frame 8\n"
                    "client 1 id 3 bytes 96 frame 8\n"
                    "client 1 id 4 bytes 96 frame 8\n"
                    "client 1 id 5 bytes 96 frame 8\n");
    assert_int_equal(rig->stream->chunks.in_use, 0);
    rig_free(rig);
}

/* A reply that overtook its request waits for it. */
static void a_reply_waits_for_its_request(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    rig->seq[CLIENT] += rig_smb2(a, 100, 1, 1);
    rig_send(rig, SERVER, b, rig_smb2(b, 100, 1, 1));
    rig_expect(rig, "");
    rig_feed(
        rig,
        (struct rig_segment){
            .from = CLIENT, .flags = FLAG_ACK, .seq = 101, .ack = 901, .bytes = a, .count = 100});
    rig_expect(rig, "client 1 id 1 bytes 96 frame 5\nserver 1 id 1 bytes 96 frame 4\n");
    /* and not for ever: this one was never captured */
    rig_clear(rig);
    rig->seq[CLIENT] += 100;
    rig_send(rig, SERVER, b, rig_smb2(b, 100, 1, 2));
    for (unsigned i = 0; i < 3; i++) {
        rig_expect(rig, "");
        rig_ack(rig, CLIENT);
    }
    rig_expect(rig, "gap client\nserver 1 id 2 bytes 96 frame 6\n");
    assert_int_equal(rig->stats.gap_bytes, 100);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 3));
    assert_non_null(strstr(rig->log, "client 1 id 3 bytes 96 frame 10\n"));
    rig_free(rig);
}

/* A capture that lost every second or third request: those that it has still come before what
 * answers them, however many replies were waiting. */
static void no_reply_overtakes_what_waits_behind_a_hole(void **state) {
    (void)state;
    enum { ROUNDS = 25 };
    for (uint32_t lost = 2; lost <= 4; lost++) {
        struct rig *rig = rig_new(&rig_sizes, 445);
        rig_syn(rig, 100, 900);
        for (uint32_t i = 1; i <= ROUNDS; i++) {
            uint32_t count = rig_smb2(a, 100, 1, i);
            if (i % lost == 0)
                rig->seq[CLIENT] += count;
            else
                rig_send(rig, CLIENT, a, count);
            rig_send(rig, SERVER, b, rig_smb2(b, 100, 2, i));
        }
        stream_finish(rig->stream, 0);
        for (uint32_t i = 1; i <= ROUNDS; i++) {
            char asked[32], answered[32];
            (void)snprintf(asked, sizeof asked, "client 1 id %u ", i);
            (void)snprintf(answered, sizeof answered, "server 2 id %u ", i);
            const char *request = strstr(rig->log, asked), *reply = strstr(rig->log, answered);
            assert_non_null(reply);
            assert_true(i % lost == 0 ? !request : request && request < reply);
        }
        assert_int_equal(rig->stats.gap_bytes, ROUNDS / lost * 100);
        rig_free(rig);
    }
}

/* Each side claims to have seen what is still to come from the other: nobody waits for ever. */
static void two_that_wait_for_each_other_both_come(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    for (uint32_t i = 0; i < 3; i++) {
        rig_smb2(a, 100, 1, i + 1);
        for (unsigned from = 0; from < 2; from++)
            rig_feed(rig, (struct rig_segment){.from = (uint8_t)from,
                                               .flags = FLAG_ACK,
                                               .seq = (from ? 901 : 101) + i * 100,
                                               .ack = (from ? 101 : 901) + (i + 1) * 100,
                                               .bytes = a,
                                               .count = 100});
    }
    stream_finish(rig->stream, 0);
    for (uint32_t i = 0; i < 6; i++) {
        char line[32];
        (void)snprintf(line, sizeof line, "%s 1 id %u ", i % 2 ? "server" : "client", i / 2 + 1);
        assert_non_null(strstr(rig->log, line));
    }
    assert_int_equal(rig->stats.gap_bytes, 0);
    rig_free(rig);
}

static void a_hole_is_lost_when_it_was_acknowledged(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    uint32_t count = rig_smb2(a, 300, 1, 1);
    count += rig_smb2(&a[count], 100, 1, 2);
    (void)rig_smb2(&a[count], 100, 1, 3);
    rig_send(rig, CLIENT, a, 200); /* [200, 350) is lost, in the middle of two messages */
    rig->seq[CLIENT] += 150;
    rig_send(rig, CLIENT, &a[350], 150);
    for (unsigned i = 0; i < 4; i++) {
        rig_expect(rig, "");
        rig_ack(rig, i == 0 ? SERVER : CLIENT);
    }
    rig_expect(rig, "client 1 id 1 bytes 196 cut frame 4\n"
                    "gap client\n"
                    "client 1 id 3 bytes 96 frame 5\n");
    assert_int_equal(rig->stats.gaps, 1);
    assert_int_equal(rig->stats.gap_bytes, 150);
    assert_int_equal(rig->stats.resynchronised, 1);
    assert_int_equal(rig->stats.messages_cut, 1);
    rig_free(rig);
}

static void a_hole_in_bulk_loses_nothing(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    uint32_t count = rig_smb2(a, 5000, FAKE_COMMAND_BULK, 1);
    count += rig_smb2(&a[count], 100, 1, 2);
    rig_send(rig, CLIENT, a, 1000);
    rig->seq[CLIENT] += 1000;
    rig_send(rig, CLIENT, &a[2000], count - 2000);
    for (unsigned i = 0; i < 4; i++)
        rig_ack(rig, i == 0 ? SERVER : CLIENT);
    rig_expect(rig, "client 8 id 1 bytes 80 frame 4\nclient 1 id 2 bytes 96 frame 5\n");
    assert_int_equal(rig->stats.gaps, 0);
    assert_int_equal(rig->stats.gap_bytes, 1000);
    rig_free(rig);
}

static void snaplen_cuts_are_holes_of_known_size(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    rig_smb2(a, 300, 1, 1);
    rig_feed(
        rig,
        (struct rig_segment){
            .from = CLIENT, .flags = FLAG_ACK, .seq = 101, .bytes = a, .count = 120, .cut = 180});
    rig->seq[CLIENT] += 300;
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 2));
    rig_expect(rig, "client 1 id 1 bytes 116 cut frame 4\nclient 1 id 2 bytes 96 frame 5\n");
    assert_int_equal(rig->stats.gaps, 0);
    assert_int_equal(rig->stats.messages_cut, 1);
    rig_free(rig);
}

static void an_unfinished_message_is_handed_over_at_the_end(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    rig_smb2(a, 300, 1, 1);
    rig_send(rig, CLIENT, a, 200);
    rig_send(rig, SERVER, a, 60); /* not even a header */
    stream_finish(rig->stream, 0);
    rig_expect(rig, "client 1 id 1 bytes 196 cut frame 4\nclose end 40000\n");
    assert_int_equal(rig->stream->buffers.pools[0].in_use, 0);
    assert_int_equal(rig->stream->connections.in_use, 0);
    assert_int_equal(rig->stream->flows.flows.in_use, 0);
    rig_free(rig);
}

static void copies_and_probes_are_no_messages(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 1));
    rig->seq[CLIENT] -= 100;
    rig->frame.time_ns -= 100000000; /* a mirror port's copy comes at once */
    rig_send(rig, CLIENT, a, 100);
    rig->seq[CLIENT] -= 100;
    rig_send(rig, CLIENT, a, 100); /* a resend later */
    rig->seq[CLIENT]--;
    rig_send(rig, CLIENT, "\0", 1); /* keep-alive */
    rig_expect(rig, "client 1 id 1 bytes 96 frame 4\n");
    assert_int_equal(rig->stats.duplicates_frames, 1);
    assert_int_equal(rig->stats.retransmissions, 1);
    assert_int_equal(rig->stats.oddities_below[SBL_ODDITY_CONFLICTING_OVERLAP], 0);
    rig_free(rig);
}

static void a_second_version_is_disputed(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 1)); /* handed over already */
    a[80] ^= 1;
    a[90] ^= 1;
    rig->seq[CLIENT] -= 50;
    rig_send(rig, CLIENT, &a[50], 50);
    rig_expect(rig, "client 1 id 1 bytes 96 frame 4\ndispute client 181-192\n");
    rig_clear(rig);
    rig_send(rig, CLIENT, a, (rig_smb2(a, 200, 1, 2), 150)); /* in the making */
    a[120] ^= 1;
    rig->seq[CLIENT] -= 100;
    rig_send(rig, CLIENT, &a[50], 150);
    rig_expect(rig, "client 1 id 2 bytes 116 cut frame 6\n");
    rig_clear(rig);
    uint32_t count = rig_smb2(a, 200, 1, 3); /* in the queue */
    count += rig_smb2(&a[count], 100, 1, 4);
    rig->seq[CLIENT] += 50;
    rig_send(rig, CLIENT, &a[50], count - 50);
    a[110] ^= 1;
    rig->seq[CLIENT] -= count;
    rig_send(rig, CLIENT, a, 150);
    rig_expect(rig, "client 1 id 3 bytes 106 cut frame 9\nclient 1 id 4 bytes 96 frame 9\n");
    assert_int_equal(rig->stats.oddities_below[SBL_ODDITY_CONFLICTING_OVERLAP], 3);
    assert_int_equal(rig->stats.gaps, 0);
    rig_free(rig);
}

static void strange_needs_are_bounded(void **state) {
    (void)state;
    static const uint32_t values[] = {0, 1, 63, 64, 80, 96, 97, 0x7FFFFFFF, 0xFFFFFFFF};
    for (unsigned i = 0; i < 81; i++) {
        struct rig *rig = rig_new(&rig_sizes, 445);
        rig_syn(rig, 100, 900);
        rig_smb2(a, 200, FAKE_COMMAND_STRANGE, values[i / 9]);
        for (unsigned n = 0; n < 4; n++)
            a[40 + n] = (uint8_t)(values[i % 9] >> 8 * n);
        for (uint32_t at = 0; at < 200; at++)
            rig_send(rig, CLIENT, &a[at], 1);
        rig_clear(rig);
        rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 5));
        assert_non_null(strstr(rig->log, "client 1 id 5 bytes 96 "));
        rig_free(rig);
    }
}

static void a_lost_stretch_is_followed(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, 1));
    rig_clear(rig);
    rig->seq[CLIENT] += 0x70000000;
    for (uint32_t i = 1; i <= 9; i++)
        rig_send(rig, CLIENT, a, rig_smb2(a, 100, 1, i));
    rig_expect(rig,
               "gap client\nclient 1 id 8 bytes 96 frame 12\nclient 1 id 9 bytes 96 frame 13\n");
    rig_free(rig);
}

static void urgent_data_is_odd(void **state) {
    (void)state;
    struct rig *rig = rig_new(&rig_sizes, 445);
    rig_syn(rig, 100, 900);
    rig_smb2(a, 100, 1, 1);
    rig_feed(
        rig,
        (struct rig_segment){
            .from = CLIENT, .flags = FLAG_ACK | SBL_TCP_URG, .seq = 101, .bytes = a, .count = 100});
    rig_expect(rig, "client 1 id 1 bytes 96 frame 4\n");
    assert_int_equal(rig->stats.oddities_below[SBL_ODDITY_URGENT_DATA], 1);
    rig_free(rig);
}

static void banners_are_told_apart(void **state) {
    (void)state;
    uint8_t smb1[40] = {0, 0, 0, 36, 0xFF, 'S', 'M', 'B'};
    uint8_t request[72] = {0x81, 0, 0, 68, 0x20};
    assert_int_equal(banner_test(smb1, sizeof smb1), BANNER_YES);
    assert_int_equal(banner_test(request, sizeof request), BANNER_YES);
    for (size_t size = 0; size < 8; size++)
        assert_int_equal(banner_test(smb1, size), BANNER_MAYBE);
    for (size_t at = 4; at < 8; at++) {
        smb1[at] ^= 0x20;
        assert_int_equal(banner_test(smb1, sizeof smb1), BANNER_NO);
        assert_int_equal(banner_test(smb1, at + 1), BANNER_NO);
        smb1[at] ^= 0x20;
    }
    smb1[3] = 20; /* shorter than its header */
    assert_int_equal(banner_test(smb1, sizeof smb1), BANNER_NO);
    assert_int_equal(banner_test((const uint8_t *)"\x16\x03\x01\x02", 4), BANNER_NO);
    assert_int_equal(banner_test((const uint8_t *)"\x81\x7e\x00\x90", 4), BANNER_NO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(banners_are_told_apart),
        cmocka_unit_test(messages_come_whole),
        cmocka_unit_test(bulk_is_skipped_across_segments),
        cmocka_unit_test(compounds_come_in_parts),
        cmocka_unit_test(netbios_packets_are_handed_over),
        cmocka_unit_test(ends_are_told_once),
        cmocka_unit_test(a_reset_closes_and_forged_ones_do_not),
        cmocka_unit_test(a_refusal_is_not_the_last_word),
        cmocka_unit_test(an_answer_in_flight_is_taken),
        cmocka_unit_test(smb_is_found_by_its_banner),
        cmocka_unit_test(a_midstream_start_is_picked_up),
        cmocka_unit_test(order_is_restored),
        cmocka_unit_test(a_reply_waits_for_its_request),
        cmocka_unit_test(no_reply_overtakes_what_waits_behind_a_hole),
        cmocka_unit_test(two_that_wait_for_each_other_both_come),
        cmocka_unit_test(a_hole_is_lost_when_it_was_acknowledged),
        cmocka_unit_test(a_hole_in_bulk_loses_nothing),
        cmocka_unit_test(snaplen_cuts_are_holes_of_known_size),
        cmocka_unit_test(an_unfinished_message_is_handed_over_at_the_end),
        cmocka_unit_test(copies_and_probes_are_no_messages),
        cmocka_unit_test(a_second_version_is_disputed),
        cmocka_unit_test(strange_needs_are_bounded),
        cmocka_unit_test(a_lost_stretch_is_followed),
        cmocka_unit_test(urgent_data_is_odd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
