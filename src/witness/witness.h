/* The side protocols: a look at segments and datagrams that are not SMB but tell who is a domain
 * controller, who owns a NetBIOS name, and why Kerberos refused. Each packet alone, no reassembly:
 * what it misses is only a hint less. */
#ifndef SMBLAME_WITNESS_WITNESS_H
#define SMBLAME_WITNESS_WITNESS_H

#include <stddef.h>

#include <smblame/segment.h>
#include <smblame/stats.h>
#include <smblame/witness.h>

struct witness;

struct witness_options {
    void *context;
    void (*tell)(void *context, const struct sbl_witness *witness);
    struct sbl_stats *stats;
    const struct sbl_limits *limits; /* NULL: the usual ones */
};

/* 0 or -ENOMEM. */
int witness_new(struct witness **witness, const struct witness_options *options);

enum witness_port {
    WITNESS_PORT_KERBEROS = 88,
    WITNESS_PORT_NBNS = 137,
    WITNESS_PORT_LDAP = 389,
    WITNESS_PORT_LDAPS = 636,
    WITNESS_PORT_GC = 3268,
    WITNESS_PORT_GC_TLS = 3269, /* the highest */
};

/* The same for a segment from one of the ports. */
void witness_listen(struct witness *witness, const struct sbl_segment *segment);

/* Looks at one TCP segment or UDP datagram (segment->is_datagram). In the header because it is done
 * for every packet, and for nearly every one ends here. */
static inline void witness_segment(struct witness *witness, const struct sbl_segment *segment) {
    uint16_t port = segment->from_port;
    if (port <= WITNESS_PORT_GC_TLS &&
        (port == WITNESS_PORT_KERBEROS || port == WITNESS_PORT_LDAP || port == WITNESS_PORT_LDAPS ||
         port >= WITNESS_PORT_GC || (port == WITNESS_PORT_NBNS && segment->is_datagram)))
        witness_listen(witness, segment);
}

size_t witness_ceiling(const struct sbl_limits *limits);
void witness_free(struct witness *witness);

#endif
