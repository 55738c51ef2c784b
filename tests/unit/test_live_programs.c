/* The two programs that live capture gives to the kernel: the filter, with a user's joined to it,
 * and the one that deals out frames to workers. The second is run here by a machine of a few lines,
 * as libpcap's knows nothing of the network header; that the kernel takes it is asked of the
 * kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/if_ether.h>
#include <pcap.h>

#include <smblame/frame.h>

#include "capture/default_filter.h"
#include "capture/fanout.h"

enum { SNAPLEN = 262144, FRAME_MOST = 128, WORKERS = 3, ALL_HOSTS = 300 };

static bool lets_through(const struct bpf_program *program, const uint8_t *frame, uint32_t size) {
    const struct pcap_pkthdr header = {.caplen = size, .len = size};
    return pcap_offline_filter(program, &header, frame) != 0;
}

static void every_text_is_a_filter(void **state) {
    (void)state;
    static const struct {
        uint16_t link_type;
        int dlt;
    } kinds[] = {{SBL_LINKTYPE_ETHERNET, DLT_EN10MB},
                 {SBL_LINKTYPE_LINUX_SLL, DLT_LINUX_SLL},
                 {SBL_LINKTYPE_LINUX_SLL2, DLT_LINUX_SLL2},
                 {SBL_LINKTYPE_RAW, DLT_RAW},
                 {SBL_LINKTYPE_IPV4, DLT_IPV4},
                 {SBL_LINKTYPE_IPV6, DLT_IPV6},
                 {SBL_LINKTYPE_NULL, DLT_NULL},
                 {SBL_LINKTYPE_LOOP, DLT_LOOP}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct bpf_program program;
        pcap_t *pcap = pcap_open_dead(kinds[i].dlt, SNAPLEN);
        const char *text = default_filter_text(kinds[i].link_type);
        assert_non_null(text);
        assert_int_equal(pcap_compile(pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN), 0);
        assert_in_range(program.bf_len, 10, 1000); /* the kernel takes 4096 */
        pcap_freecode(&program);
        pcap_close(pcap);
    }
    assert_null(default_filter_text(SBL_LINKTYPE_TOKEN_RING));
}

/* A TCP segment, maybe with a tag: from 10.0.0.`host`, port 50000, to 10.0.0.250. */
static uint32_t build(uint8_t frame[FRAME_MOST], uint8_t host, uint16_t port, bool is_tagged) {
    static const uint8_t tag[] = {0x81, 0x00, 0x00, 0x05};
    const uint8_t ip[] = {0x08,
                          0x00,
                          0x45,
                          0,
                          0,
                          40,
                          0,
                          1,
                          0,
                          0,
                          64,
                          6,
                          0,
                          0,
                          10,
                          0,
                          0,
                          host,
                          10,
                          0,
                          0,
                          250,
                          0xC3,
                          0x50,
                          (uint8_t)(port >> 8),
                          (uint8_t)port};
    memset(frame, 0, FRAME_MOST);
    uint32_t at = 12;
    if (is_tagged) {
        memcpy(&frame[at], tag, sizeof tag);
        at += (uint32_t)sizeof tag;
    }
    memcpy(&frame[at], ip, sizeof ip);
    frame[at + 34] = 0x50;
    return at + 2 + 40 + 6;
}

/* Joined, two filters say what both say, whatever the one does to the meaning of offsets. */
static void joined_programs_say_what_both_say(void **state) {
    (void)state;
    static const char *const filters[] = {"tcp port 445",
                                          "host 10.0.0.1",
                                          "vlan 5",
                                          "vlan and host 10.0.0.1",
                                          "not vlan",
                                          "vlan 6 or host 10.0.0.1",
                                          "ip",
                                          "less 50",
                                          "tcp port 445 or (vlan and tcp port 445)"};
    enum { FILTERS = sizeof filters / sizeof *filters };
    struct bpf_program alone[FILTERS + 1];
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, SNAPLEN);
    for (size_t i = 0; i < FILTERS; i++)
        assert_int_equal(pcap_compile(pcap, &alone[i], filters[i], 1, PCAP_NETMASK_UNKNOWN), 0);
    assert_int_equal(pcap_compile(pcap, &alone[FILTERS], default_filter_text(SBL_LINKTYPE_ETHERNET),
                                  1, PCAP_NETMASK_UNKNOWN),
                     0);
    unsigned through = 0;
    for (size_t i = 0; i < (FILTERS + 1) * (FILTERS + 1); i++) {
        const struct bpf_program *one = &alone[i / (FILTERS + 1)],
                                 *other = &alone[i % (FILTERS + 1)];
        struct bpf_program both;
        assert_int_equal(default_filter_join(one, other, &both), 0);
        assert_true(bpf_validate(both.bf_insns, (int)both.bf_len));
        for (unsigned kind = 0; kind < 8; kind++) {
            uint8_t frame[FRAME_MOST];
            uint32_t size = build(frame, kind & 1 ? 1 : 2, kind & 2 ? 445 : 80, kind & 4);
            bool want = lets_through(one, frame, size) && lets_through(other, frame, size);
            assert_int_equal(lets_through(&both, frame, size), want);
            through += want;
        }
        pcap_freecode(&both);
    }
    assert_in_range(through, 50, 500);
    for (size_t i = 0; i <= FILTERS; i++)
        pcap_freecode(&alone[i]);
    pcap_close(pcap);
}

/* A packet as the kernel hands it to the second program. */
struct packet {
    uint16_t protocol; /* as the kernel knows it */
    size_t size;
    uint8_t bytes[FRAME_MOST]; /* from the network header on */
};

/* What lies at `k` as classic BPF counts; false: beyond the packet, and the program ends with 0. */
static bool load(const struct packet *packet, uint32_t k, size_t size, uint32_t *value) {
    if (k == (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)) {
        *value = packet->protocol;
        return true;
    }
    size_t at = k - (uint32_t)SKF_NET_OFF;
    *value = 0;
    if (at > packet->size || packet->size - at < size)
        return false;
    for (size_t i = 0; i < size; i++)
        *value = *value << 8 | packet->bytes[at + i];
    return true;
}

struct machine {
    uint32_t a, x, memory[2];
};

static uint32_t calculate(const struct machine *m, const struct sock_filter *step) {
    uint32_t with = BPF_SRC(step->code) == BPF_X ? m->x : step->k;
    switch (BPF_OP(step->code)) {
    case BPF_MUL:
        return m->a * with;
    case BPF_RSH:
        return m->a >> with;
    default:
        return m->a ^ with; /* BPF_XOR */
    }
}

static bool fetch(struct machine *m, const struct packet *packet, const struct sock_filter *step) {
    uint32_t size = BPF_SIZE(step->code) == BPF_W ? 4 : BPF_SIZE(step->code) == BPF_H ? 2 : 1;
    if (BPF_MODE(step->code) == BPF_IMM)
        m->a = step->k;
    else if (BPF_MODE(step->code) == BPF_MEM)
        m->a = m->memory[step->k];
    else
        return load(packet, step->k + (BPF_MODE(step->code) == BPF_IND ? m->x : 0), size, &m->a);
    return true;
}

static uint32_t run(const struct packet *packet) {
    size_t count;
    const struct sock_filter *program = fanout_program(&count);
    struct machine m = {0};
    for (size_t at = 0; at < count; at++) {
        const struct sock_filter *step = &program[at];
        switch (BPF_CLASS(step->code)) {
        case BPF_LD:
            if (!fetch(&m, packet, step))
                return 0;
            break;
        case BPF_LDX:
            m.x = m.memory[step->k];
            break;
        case BPF_ST:
            m.memory[step->k] = m.a;
            break;
        case BPF_ALU:
            m.a = calculate(&m, step);
            break;
        case BPF_JMP:
            at += BPF_OP(step->code) == BPF_JA ? step->k : m.a == step->k ? step->jt : step->jf;
            break;
        case BPF_MISC:
            m.x = m.a;
            break;
        default:
            return BPF_RVAL(step->code) == BPF_A ? m.a : step->k;
        }
    }
    fail();
    return 0;
}

static struct packet ip4(uint32_t from, uint32_t to, uint8_t protocol) {
    struct packet packet = {.protocol = ETH_P_IP, .size = 28, .bytes = {0x45}};
    packet.bytes[9] = protocol;
    for (int i = 0; i < 4; i++) {
        packet.bytes[12 + i] = (uint8_t)(from >> (24 - 8 * i));
        packet.bytes[16 + i] = (uint8_t)(to >> (24 - 8 * i));
    }
    return packet;
}

static struct packet ip6(uint8_t from, uint8_t to) {
    struct packet packet = {.protocol = ETH_P_IPV6, .size = 48, .bytes = {0x60}};
    packet.bytes[8] = packet.bytes[24] = 0x20;
    packet.bytes[23] = from;
    packet.bytes[39] = to;
    return packet;
}

/* The same with a tag that the kernel left in: where its network header is, as for a frame that
 * comes; or as for one that goes, where only the protocol tells. */
static struct packet tag(const struct packet *packet, bool comes) {
    struct packet tagged = *packet;
    tagged.protocol = ETH_P_8021Q;
    if (!comes)
        return tagged;
    memmove(&tagged.bytes[4], packet->bytes, packet->size);
    memcpy(tagged.bytes,
           (uint8_t[]){0, 5, (uint8_t)(packet->protocol >> 8), (uint8_t)packet->protocol}, 4);
    tagged.size += 4;
    return tagged;
}

static void assert_as(const struct packet *packet, uint32_t want) {
    struct packet comes = tag(packet, true), goes = tag(packet, false);
    assert_int_equal(run(packet), want);
    assert_int_equal(run(&comes), want);
    assert_int_equal(run(&goes), want);
}

static void a_pair_of_hosts_is_one_workers(void **state) {
    (void)state;
    const uint32_t server = 0x0A0000FA;
    unsigned shares[WORKERS] = {0};
    for (uint32_t host = 1; host <= ALL_HOSTS; host++) {
        struct packet there = ip4(0x0A000000 + host, server, 6);
        struct packet back = ip4(server, 0x0A000000 + host, 6), udp = there, fragment = there;
        uint32_t whose = run(&there);
        udp.bytes[9] = 17;
        fragment.bytes[7] = 9;
        memset(&fragment.bytes[20], 0xEE, 8);
        assert_as(&there, whose);
        assert_as(&back, whose);
        assert_as(&udp, whose);
        assert_as(&fragment, whose);
        shares[whose % WORKERS]++;
    }
    for (int i = 0; i < WORKERS; i++)
        assert_in_range(shares[i], ALL_HOSTS / WORKERS * 3 / 4, ALL_HOSTS / WORKERS * 5 / 4);
}

static void ipv6_is_dealt_out_too(void **state) {
    (void)state;
    unsigned shares[WORKERS] = {0};
    for (unsigned host = 1; host < 250; host++) {
        struct packet there = ip6((uint8_t)host, 250), back = ip6(250, (uint8_t)host);
        assert_as(&there, run(&there));
        assert_as(&back, run(&there));
        shares[run(&there) % WORKERS]++;
    }
    for (int i = 0; i < WORKERS; i++)
        assert_in_range(shares[i], 50, 120);
}

static void what_is_no_ip_is_the_firsts(void **state) {
    (void)state;
    struct packet packet = ip4(1, 2, 6);
    static const uint16_t protocols[] = {ETH_P_ARP, ETH_P_MPLS_UC, ETH_P_PPP_SES, ETH_P_802_2};
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        packet.protocol = protocols[i];
        assert_int_equal(run(&packet), 0);
    }
    packet = ip4(1, 2, 6);
    packet.bytes[0] = 0x15;
    assert_int_equal(run(&packet), 0);
    packet = tag(&packet, true);
    packet.bytes[2] = 0x81; /* one tag more */
    assert_int_equal(run(&packet), 0);
}

static void what_is_cut_is_the_firsts(void **state) {
    (void)state;
    for (size_t size = 0; size < 20; size++) {
        struct packet packet = ip4(0x0A000001, 0x0A0000FA, 6);
        packet.size = size;
        assert_int_equal(run(&packet), 0);
    }
}

static void the_kernel_takes_it(void **state) {
    (void)state;
    size_t count;
    const struct sock_filter *program = fanout_program(&count);
    struct sock_filter copy[256];
    assert_in_range(count, 1, 256);
    memcpy(copy, program, count * sizeof *copy);
    struct sock_fprog whole = {.len = (unsigned short)count, .filter = copy};
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &whole, sizeof whole), 0);
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_is_a_filter),
        cmocka_unit_test(joined_programs_say_what_both_say),
        cmocka_unit_test(a_pair_of_hosts_is_one_workers),
        cmocka_unit_test(ipv6_is_dealt_out_too),
        cmocka_unit_test(what_is_no_ip_is_the_firsts),
        cmocka_unit_test(what_is_cut_is_the_firsts),
        cmocka_unit_test(the_kernel_takes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
