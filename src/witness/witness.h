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

/* Looks at one TCP segment or UDP datagram (segment->is_datagram); must cost next to nothing for
 * ports that are none of ours. */
void witness_segment(struct witness *witness, const struct sbl_segment *segment);

size_t witness_ceiling(const struct sbl_limits *limits);
void witness_free(struct witness *witness);

#endif
