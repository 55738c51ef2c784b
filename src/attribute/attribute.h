/* What a finding means: its id, and of an attempt why it ended as it did and whose account database
 * said so. Looks at one finding at a time and remembers nothing. */
#ifndef SMBLAME_ATTRIBUTE_ATTRIBUTE_H
#define SMBLAME_ATTRIBUTE_ATTRIBUTE_H

#include <smblame/attempt.h>

/* Fills finding.event_id, reason, authority and authority_name. Of an attempt without outcome the
 * reason that correlate put there (abandoned or unknown) stays. authority_name borrows a text of
 * the attempt. */
void attribute_attempt(struct sbl_attempt *attempt);

/* These three fill finding.event_id. */
void attribute_tree_refusal(struct sbl_tree_refusal *refusal);
void attribute_tree_grant(struct sbl_tree_grant *grant);
void attribute_probe(struct sbl_probe *probe);

#endif
