/* Frames are dealt out by their pair of hosts, because smblame joins what it knows of the
 * connections of two hosts and of nothing else: a worker must see both directions of all of them,
 * and every fragment.
 *
 * The kernel's own PACKET_FANOUT_HASH will not do: it counts the ports in, so that two connections
 * of one client part ways, and a fragment, which has no ports, is parted from its datagram. (Its
 * flag to put fragments together gives frames that never were on the wire.) So we bring a program
 * of our own, PACKET_FANOUT_CBPF, that knows addresses only, and makes the same of them whichever
 * comes first.
 *
 * It reads from the network header on, which is there in frames that come and in frames that go.
 * The kernel takes the outer VLAN tag off before; where a second one is left, its network header is
 * that tag in frames that come and IP in frames that go. What is neither IPv4 nor IPv6 (ARP, MPLS,
 * PPPoE) is the first worker's; a tunnel goes by its own ends, as a whole. */
#include "capture/fanout.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

/* Where the parts of the program begin, and its two slots of memory. */
enum { TAG = 9, PLACE = 18, NOBODY = 23, V4 = 24, V6 = 37, END = 85 };
enum { OFFSET, MIXED };
enum { IS_GROUP = 1 << 16 };

#define NET(at) ((uint32_t)SKF_NET_OFF + (at))
#define IF_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define WITH_K(operation, value) BPF_STMT(BPF_ALU | (operation) | BPF_K, value)
#define WITH_X(operation) BPF_STMT(BPF_ALU | (operation) | BPF_X, 0)
#define SET(value) BPF_STMT(BPF_LD | BPF_IMM, value)
#define KEEP(slot) BPF_STMT(BPF_ST, slot)
#define GET(slot) BPF_STMT(BPF_LD | BPF_MEM, slot)
#define GET_X(slot) BPF_STMT(BPF_LDX | BPF_MEM, slot)
#define A_TO_X BPF_STMT(BPF_MISC | BPF_TAX, 0)
/* One word of the addresses; six instructions. */
#define MIX(at)                                                                                    \
    GET_X(OFFSET), BPF_STMT(BPF_LD | BPF_W | BPF_IND, NET(at)), A_TO_X, GET(MIXED),                \
        WITH_X(BPF_XOR), KEEP(MIXED)

static const struct sock_filter program[] = {
    SET(0),
    KEEP(OFFSET),
    KEEP(MIXED),
    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
    IF_EQUAL(ETH_P_IP, PLACE - 5, 0),
    IF_EQUAL(ETH_P_IPV6, PLACE - 6, 0),
    IF_EQUAL(ETH_P_8021Q, TAG - 7, 0),
    IF_EQUAL(ETH_P_8021AD, TAG - 8, 0),
    IF_EQUAL(ETH_P_QINQ1, TAG - 9, NOBODY - 9),

    /* a tag, if a type and a version say so */
    [TAG] = BPF_STMT(BPF_LD | BPF_H | BPF_ABS, NET(2)),
    IF_EQUAL(ETH_P_IP, 1, 0),
    IF_EQUAL(ETH_P_IPV6, 0, PLACE - 12),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NET(4)),
    WITH_K(BPF_RSH, 4),
    IF_EQUAL(4, 1, 0),
    IF_EQUAL(6, 0, PLACE - 16),
    SET(4),
    KEEP(OFFSET),

    [PLACE] = GET_X(OFFSET),
    BPF_STMT(BPF_LD | BPF_B | BPF_IND, NET(0)),
    WITH_K(BPF_RSH, 4),
    IF_EQUAL(4, V4 - 22, 0),
    IF_EQUAL(6, V6 - 23, 0),
    [NOBODY] = BPF_STMT(BPF_RET | BPF_K, 0),

    [V4] = MIX(12),
    MIX(16),
    BPF_STMT(BPF_JMP | BPF_JA, END - V6),
    [V6] = MIX(8),
    MIX(12),
    MIX(16),
    MIX(20),
    MIX(24),
    MIX(28),
    MIX(32),
    MIX(36),

    /* all bits have a say in the lowest */
    [END] = GET(MIXED),
    WITH_K(BPF_MUL, 0x9E3779B1),
    A_TO_X,
    WITH_K(BPF_RSH, 16),
    WITH_X(BPF_XOR),
    BPF_STMT(BPF_RET | BPF_A, 0),
};

const struct sock_filter *fanout_program(size_t *count) {
    *count = sizeof program / sizeof *program;
    return program;
}

/* A group is one interface's. The first asks the kernel for a number that nobody else has, which
 * may be 0: so a bit above it says that there is one. */
static int enter(int fd, uint32_t *group) {
    uint32_t kind = PACKET_FANOUT_CBPF | (*group ? 0 : PACKET_FANOUT_FLAG_UNIQUEID);
    uint32_t wanted = kind << 16 | (*group & UINT16_MAX);
    socklen_t size = sizeof wanted;
    if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &wanted, size) != 0 ||
        getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &wanted, &size) != 0)
        return -errno;
    *group = IS_GROUP | (wanted & UINT16_MAX);
    return 0;
}

int fanout_join(int fd, uint32_t *group) {
    struct sock_filter copy[sizeof program / sizeof *program];
    struct sock_fprog whole = {.len = sizeof program / sizeof *program, .filter = copy};
    for (size_t i = 0; i < whole.len; i++)
        copy[i] = program[i]; /* the kernel's struct has no const */
    int failed = enter(fd, group);
    if (!failed && setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &whole, sizeof whole) != 0)
        failed = -errno;
    return failed;
}
