/* Bad-password counts: what counts.c keeps of each account at each server, for the rest of the
 * room.
 */
#ifndef SMBLAME_HISTORY_COUNTS_H
#define SMBLAME_HISTORY_COUNTS_H

#include "history/state.h"

struct count *count_find(struct history *h, struct account *account, uint64_t server);
/* A hint: fetches ahead where it is looked for. */
void count_expect(const struct history *h, const struct account *account,
                  const struct host *server);
unsigned count_failure(struct history *h, struct account *account, struct host *server,
                       struct host *client, const struct sbl_attempt *attempt);
bool count_lockout(struct history *h, struct account *account, struct host *server,
                   const struct sbl_attempt *attempt);
/* Since when bad passwords stand there, or may; 0 = always. */
int64_t count_since(struct history *h, struct account *account, const struct host *server);
void count_success(struct history *h, struct account *account, struct host *server);
/* How many stand, as far as that is known: 0 after a pause as long as the window when neither that
 * nor the threshold is configured. */
unsigned count_stands(const struct history *h, const struct count *count, int64_t now_ns);
/* The threshold that was learned for the account at that server, 0 = none: more than ever stood
 * there without a lock. `server` may be NULL. */
unsigned count_learned(const struct account *account, const struct count *count,
                       const struct host *server);
int64_t count_window(const struct history *h);

#endif
