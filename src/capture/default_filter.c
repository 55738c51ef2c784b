/* What is let through: SMB and NetBIOS, Kerberos, the answers of directory servers that tell who is
 * a domain controller; what has no ports to go by, fragments behind the first and IPv6 behind
 * headers of extension; and tunnels as a whole, as what is in them cannot be named.
 *
 * Behind the word `vlan` all that follows in a filter counts from 4 bytes further on, in whichever
 * branch it stands. Here that is made use of: the same words once more for one tag and for two. The
 * kernel takes the outer tag off and remembers it; libpcap asks for that in filters of a live
 * device, and for the tag in the frame, so that either is found. (A frame whose one tag the kernel
 * took off passes by the first words already.)
 *
 * A user's own filter must not be spoilt by that, nor spoil ours by a `vlan` of its own: it is
 * compiled by itself and the two programs are put one behind the other, where the first one's "let
 * through" becomes a jump to the second. */
#include "capture/default_filter.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <smblame/frame.h>

#include "capture/filter.h"

/* 0x12 is SYN and ACK: of LDAP under TLS and of the Global Catalog only who answers is of use. */
#define WANTED                                                                                     \
    "tcp port (445 or 139 or 88) or udp port (137 or 138 or 88) or src port 389"                   \
    " or (tcp src port (636 or 3268 or 3269)"                                                      \
    " and (tcp[13] & 0x12 = 0x12 or (ip6[6] = 6 and ip6[53] & 0x12 = 0x12)))"                      \
    " or ip[6:2] & 0x1fff != 0"                                                                    \
    " or ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 51 or ip6[6] = 60 or ip6[6] = 135"   \
    " or ip6[6] = 139 or ip6[6] = 140"                                                             \
    " or ip[9] = 4 or ip[9] = 41 or ip[9] = 47 or ip[9] = 51 or ip[9] = 137"                       \
    " or ip6[6] = 4 or ip6[6] = 41 or ip6[6] = 47 or ip6[6] = 137"                                 \
    " or udp port (4789 or 8472 or 6081 or 2152 or 3544 or 6635)"
/* PPPoE, MPLS. */
#define CARRIED "ether proto (0x8864 or 0x8847 or 0x8848)"
/* IP behind 802.2, by SNAP or not. */
#define LONGER "(ether[12:2] < 0x600 and (ether[14:2] = 0xaaaa or ether[14:2] = 0x0606))"

static const char ethernet[] = WANTED " or " CARRIED " or " LONGER " or (vlan and (" WANTED
                                      " or " CARRIED " or (vlan and (" WANTED " or " CARRIED "))))";
/* libpcap knows no `vlan` here: what still has a tag passes. */
static const char cooked[] = WANTED " or " CARRIED " or ether proto (0x8100 or 0x88a8 or 0x9100)";
static const char bare[] = WANTED;

static const struct {
    uint16_t link_type;
    const char *text;
} texts[] = {
    {SBL_LINKTYPE_ETHERNET, ethernet}, {SBL_LINKTYPE_LINUX_SLL, cooked},
    {SBL_LINKTYPE_LINUX_SLL2, cooked}, {SBL_LINKTYPE_RAW, bare},
    {SBL_LINKTYPE_IPV4, bare},         {SBL_LINKTYPE_IPV6, bare},
    {SBL_LINKTYPE_NULL, bare},         {SBL_LINKTYPE_LOOP, bare},
};

const char *default_filter_text(uint16_t link_type) {
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].link_type == link_type)
            return texts[i].text;
    return NULL;
}

int default_filter_join(const struct bpf_program *one, const struct bpf_program *other,
                        struct bpf_program *both) {
    size_t first = one->bf_len, second = other->bf_len;
    struct bpf_insn *code = malloc((first + second) * sizeof *code);
    if (!code)
        return -ENOMEM;
    memcpy(code, one->bf_insns, first * sizeof *code);
    memcpy(&code[first], other->bf_insns, second * sizeof *code);
    for (size_t i = 0; i < first; i++) {
        bool is_end = BPF_CLASS(code[i].code) == BPF_RET;
        if (is_end && (BPF_RVAL(code[i].code) != BPF_K || code[i].k != 0))
            code[i] = (struct bpf_insn){.code = BPF_JMP | BPF_JA, .k = (uint32_t)(first - i - 1)};
    }
    *both = (struct bpf_program){.bf_len = (unsigned)(first + second), .bf_insns = code};
    return 0;
}

static int compile(pcap_t *pcap, const char *text, struct bpf_program *program, char *error,
                   size_t error_size) {
    if (pcap_compile(pcap, program, text, 1, PCAP_NETMASK_UNKNOWN) == 0)
        return 0;
    (void)snprintf(error, error_size, "filter \"%s\": %s", text, pcap_geterr(pcap));
    return -EINVAL;
}

/* The program for what was asked: ours, the user's, or both. */
static int make(pcap_t *pcap, const char *narrow, struct bpf_program *program, char *error,
                size_t error_size) {
    const char *usual = default_filter_text(filter_linktype_of_dlt(pcap_datalink(pcap)));
    struct bpf_program ours, theirs;
    if (!usual || !narrow)
        return compile(pcap, usual ? usual : narrow, program, error, error_size);
    int failed = compile(pcap, usual, &ours, error, error_size);
    if (failed)
        return failed;
    failed = compile(pcap, narrow, &theirs, error, error_size);
    if (!failed) {
        failed = default_filter_join(&theirs, &ours, program);
        pcap_freecode(&theirs);
    }
    pcap_freecode(&ours);
    return failed;
}

int default_filter_set(pcap_t *pcap, const char *narrow, char *error, size_t error_size) {
    struct bpf_program program;
    if (!narrow && !default_filter_text(filter_linktype_of_dlt(pcap_datalink(pcap))))
        return 0;
    int failed = make(pcap, narrow, &program, error, error_size);
    if (failed)
        return failed;
    if (pcap_setfilter(pcap, &program) != 0) {
        (void)snprintf(error, error_size, "its filter cannot be set: %s", pcap_geterr(pcap));
        failed = -EIO;
    }
    pcap_freecode(&program);
    return failed;
}
