/* The two ways to run: over files to their end, or on an interface until told to stop. */
#ifndef SMBLAME_SERVICE_SERVICE_H
#define SMBLAME_SERVICE_SERVICE_H

#include "config/options.h"

/* Each returns an exit status, after saying on stderr what went wrong. `knowledge` may be NULL with
 * --no-diagnosis. */
int service_replay(const struct options *options, const struct sbl_knowledge *knowledge);
int service_live(const struct options *options, const struct sbl_knowledge *knowledge);

/* --check: tries what parsing does not show (filter, triggers, code page, user, address of
 * metrics). An exit status, after saying "configuration is right", or on stderr what is wrong with
 * it. */
int service_check(const struct options *options, const struct sbl_knowledge *knowledge);

#endif
