/* One conversation, delivered in many ways: whole, in single bytes, cut anywhere, reordered,
 * duplicated, overlapped, and all of it at once. The messages are the same every time. */
#include "stream_rig.h"

enum { DATA_BYTES = 1 << 16, MOST_PACKETS = 1 << 16 };

struct packet {
    uint8_t from, flags;
    uint32_t seq, ack, at, count; /* at: in data[from] */
};

struct script {
    uint8_t data[2][DATA_BYTES];
    uint32_t sent[2], isn[2];
    struct packet packets[MOST_PACKETS];
    uint32_t count;
};

static uint32_t dice(uint64_t *seed, uint32_t sides) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % sides;
}

static void add(struct script *s, struct packet packet) {
    assert_true(s->count < MOST_PACKETS);
    s->packets[s->count++] = packet;
}

static void say(struct script *s, uint8_t from, uint8_t flags, uint32_t count) {
    add(s, (struct packet){from, flags, s->isn[from] + 1 + s->sent[from],
                           s->isn[from ^ 1] + 1 + s->sent[from ^ 1], s->sent[from], count});
    s->sent[from] += count;
}

/* A message of either side in segments of at most 1000 bytes. */
static void say_message(struct script *s, uint8_t from, uint32_t bytes, uint16_t command,
                        uint32_t id) {
    rig_smb2(&s->data[from][s->sent[from]], bytes, command, id);
    if (from == SERVER)
        s->data[from][s->sent[from] + 20] = 1; /* SMB2_FLAGS_SERVER_TO_REDIR */
    for (uint32_t left = bytes; left > 0;) {
        uint32_t part = left < 1000 ? left : 1000;
        say(s, from, FLAG_ACK, part);
        left -= part;
    }
}

static struct script *script_new(uint32_t client_isn, uint32_t server_isn) {
    struct script *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->isn[CLIENT] = client_isn;
    s->isn[SERVER] = server_isn;
    add(s, (struct packet){.from = CLIENT, .flags = SBL_TCP_SYN, .seq = client_isn});
    add(s, (struct packet){.from = SERVER,
                           .flags = SBL_TCP_SYN | FLAG_ACK,
                           .seq = server_isn,
                           .ack = client_isn + 1});
    say(s, CLIENT, FLAG_ACK, 0);
    for (uint32_t id = 1; id <= 8; id++) {
        say_message(s, CLIENT, 100 + id * 37, (uint16_t)id, id);
        say_message(s, SERVER, 80 + id * 11, (uint16_t)id, id);
        if (id % 3 == 0) {
            say_message(s, CLIENT, 68, 4, 50 + id);
            say_message(s, SERVER, 4200, FAKE_COMMAND_BULK, 50 + id);
            say(s, CLIENT, FLAG_ACK, 0);
        }
        if (id % 4 == 0)
            say_message(s, CLIENT, 3300, 5, 70 + id);
    }
    say(s, CLIENT, SBL_TCP_FIN | FLAG_ACK, 0);
    add(s, (struct packet){.from = SERVER,
                           .flags = SBL_TCP_FIN | FLAG_ACK,
                           .seq = server_isn + 1 + s->sent[SERVER],
                           .ack = client_isn + 2 + s->sent[CLIENT],
                           .at = s->sent[SERVER]});
    return s;
}

/* Cuts the data of every packet at steps of 1 to `most` bytes. */
static void cut(struct script *s, uint32_t most, uint64_t seed) {
    struct packet *old = malloc(sizeof s->packets);
    assert_non_null(old);
    uint32_t count = s->count;
    memcpy(old, s->packets, sizeof s->packets);
    s->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct packet packet = old[i];
        do {
            struct packet piece = packet;
            uint32_t step = most > 1 ? 1 + dice(&seed, most) : 1;
            piece.count = packet.count < step ? packet.count : step;
            add(s, piece);
            packet.seq += piece.count;
            packet.at += piece.count;
            packet.count -= piece.count;
        } while (packet.count > 0);
    }
    free(old);
}

/* Lets packets overtake each other by at most `window` places. */
static void reorder(struct script *s, uint32_t window, uint64_t seed) {
    for (uint32_t i = 0; i + window < s->count; i += window) {
        for (uint32_t n = window - 1; n > 0; n--) {
            uint32_t other = dice(&seed, n + 1);
            struct packet packet = s->packets[i + n];
            s->packets[i + n] = s->packets[i + other];
            s->packets[i + other] = packet;
        }
    }
}

/* Sends some packets again, now or a little later. */
static void duplicate(struct script *s, uint32_t one_in, uint64_t seed) {
    struct packet *old = malloc(sizeof s->packets);
    assert_non_null(old);
    uint32_t count = s->count;
    memcpy(old, s->packets, sizeof s->packets);
    s->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        add(s, old[i]);
        uint32_t back = dice(&seed, 6);
        if (dice(&seed, one_in) == 0 && back <= i)
            add(s, old[i - back]);
    }
    free(old);
}

/* Lets data begin with some of what was sent before it. */
static void overlap(struct script *s, uint64_t seed) {
    for (uint32_t i = 0; i < s->count; i++) {
        struct packet *packet = &s->packets[i];
        if (packet->count == 0)
            continue;
        uint32_t more = dice(&seed, 90);
        if (more > packet->at)
            more = packet->at;
        packet->at -= more;
        packet->seq -= more;
        packet->count += more;
    }
}

/* What comes of a script; to be freed. Sequence numbers are relative to the first script's. */
static char *deliver(const struct script *s, uint16_t port) {
    struct stream_sizes sizes = rig_sizes;
    sizes.chunks = 4096;
    sizes.chunks_per_side = 2048;
    struct rig *rig = rig_new(&sizes, port);
    rig->is_terse = true;
    rig->seq_base[CLIENT] = s->isn[CLIENT];
    rig->seq_base[SERVER] = s->isn[SERVER];
    for (uint32_t i = 0; i < s->count; i++) {
        const struct packet *p = &s->packets[i];
        rig_feed(rig, (struct rig_segment){.from = p->from,
                                           .flags = p->flags,
                                           .seq = p->seq,
                                           .ack = p->ack,
                                           .bytes = &s->data[p->from][p->at],
                                           .count = p->count});
    }
    assert_int_equal(rig->stats.oddities_below[SBL_ODDITY_CONFLICTING_OVERLAP], 0);
    stream_finish(rig->stream, 0);
    assert_int_equal(rig->stats.gaps, 0);
    char *log = strdup(rig->log);
    rig_free(rig);
    return log;
}

static char *expected(void) {
    struct script *s = script_new(1000, 5000);
    char *log = deliver(s, 445);
    assert_non_null(strstr(log, "close fin"));
    free(s);
    return log;
}

static void check(struct script *s, const char *want) {
    static const uint16_t ports[] = {445, 139, 4455};
    for (unsigned i = 0; i < 3; i++) {
        char *log = deliver(s, ports[i]);
        assert_string_equal(log, want);
        free(log);
    }
    free(s);
}

static void whole_and_over_the_end_of_sequence_space(void **state) {
    (void)state;
    char *want = expected();
    check(script_new(1000, 5000), want);
    check(script_new(0xFFFFFFFF, 0xFFFFF000), want);
    check(script_new(0x7FFFFF00, 0xFFFFFF80), want);
    free(want);
}

static void in_single_bytes_and_cut_anywhere(void **state) {
    (void)state;
    char *want = expected();
    for (uint32_t most = 1; most < 3000; most = most * 3 + 1) {
        struct script *s = script_new(0xFFFFFF00, 5000);
        cut(s, most, most);
        check(s, want);
    }
    free(want);
}

static void reordered(void **state) {
    (void)state;
    char *want = expected();
    for (uint32_t seed = 1; seed <= 100; seed++) {
        struct script *s = script_new(1000, 5000);
        if (seed % 2)
            cut(s, 700, seed);
        reorder(s, 2 + seed % 3, seed);
        check(s, want);
    }
    free(want);
}

static void duplicated_and_overlapped(void **state) {
    (void)state;
    char *want = expected();
    for (uint32_t seed = 1; seed <= 100; seed++) {
        struct script *s = script_new(1000, 5000);
        cut(s, 900, seed);
        if (seed % 3 != 1)
            overlap(s, seed);
        if (seed % 3 != 2)
            duplicate(s, 1 + seed % 4, seed);
        check(s, want);
    }
    free(want);
}

static void all_of_it_at_once(void **state) {
    (void)state;
    char *want = expected();
    for (uint32_t seed = 1; seed <= 100; seed++) {
        struct script *s = script_new(0xFFFFF800, 5000);
        cut(s, 1200, seed);
        overlap(s, seed);
        reorder(s, 3, seed);
        duplicate(s, 3, seed);
        check(s, want);
    }
    free(want);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_and_over_the_end_of_sequence_space),
        cmocka_unit_test(in_single_bytes_and_cut_anywhere),
        cmocka_unit_test(reordered),
        cmocka_unit_test(duplicated_and_overlapped),
        cmocka_unit_test(all_of_it_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
