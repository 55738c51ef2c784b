/* What an attempt means: why it ended as it did, and whose account database said so. Looks at one
 * attempt at a time and remembers nothing. */
#ifndef SMBLAME_ATTRIBUTE_ATTRIBUTE_H
#define SMBLAME_ATTRIBUTE_ATTRIBUTE_H

#include <smblame/attempt.h>

/* Fills reason, authority and authority_name. Of an attempt without outcome the reason that
 * correlate put there (abandoned or unknown) stays. authority_name borrows a text of the attempt.
 */
void attribute_attempt(struct sbl_attempt *attempt);

#endif
