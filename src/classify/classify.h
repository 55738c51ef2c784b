/* The classify room: nDPI names what a flow carries when neither its port nor its first bytes say
 * SMB. Advice for tables and records; nothing is ever left unread because of it. The only room that
 * knows ndpi_api.h. */
#ifndef SMBLAME_CLASSIFY_CLASSIFY_H
#define SMBLAME_CLASSIFY_CLASSIFY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/limits.h>
#include <smblame/segment.h>
#include <smblame/stats.h>

struct classify;

/* With `full` nDPI sees every segment and knows all of its protocols. Else what says by its first
 * bytes what it is (TLS, HTTP, SSH and their like) is named without nDPI, which knows NetBIOS, SMB
 * and Kerberos alone and sees what may be one of these. nDPI starts with the first segment it is
 * shown: that takes tens of milliseconds, and most captures have no flow for it. `limits` may be
 * NULL: the usual ones. 0 or -ENOMEM. */
int classify_new(struct classify **classify, bool full, const struct sbl_limits *limits);

/* Where several classifiers are used by as many threads: nDPI is started by one at a time.
 * `starting` is borrowed. */
void classify_share(struct classify *classify, pthread_mutex_t *starting);

/* Where flows that are turned away are counted, as there are too many; borrowed. */
void classify_count(struct classify *classify, struct sbl_stats *stats);

/* Looks at one data segment of a flow. `*state` is the flow's own handle, 0 at first. Returns
 * nDPI's protocol number (the application rather than the protocol below it), or 0 for not yet or
 * none, as always when there is no memory for nDPI to start. At a verdict, after
 * SBL_MAX_CLASSIFY_SEGMENTS segments, when `is_last`, or when too many flows are looked at already,
 * nDPI's memory of the flow is given back and *state is 0. */
uint16_t classify_segment(struct classify *classify, uint32_t *state,
                          const struct sbl_segment *segment, bool is_last);

/* Forgets a flow; *state becomes 0. */
void classify_forget(struct classify *classify, uint32_t *state);

/* The name of a protocol number ("SMBv23", "HTTP"), or NULL. Lives as long as `classify`. */
const char *classify_name(struct classify *classify, uint16_t protocol);

/* The most memory of our own that it takes; nDPI allocates some more inside. */
size_t classify_ceiling(const struct sbl_limits *limits);

void classify_free(struct classify *classify);

#endif
