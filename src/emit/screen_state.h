/* What the screen remembers; all strings printable. */
#ifndef SMBLAME_EMIT_SCREEN_STATE_H
#define SMBLAME_EMIT_SCREEN_STATE_H

#include <locale.h>

#include "base/table.h"
#include "emit/screen.h"
#include "emit/view.h"

enum {
    SCREEN_NAME_BYTES = 96,
    SCREEN_RULE_BYTES = 64,
    SCREEN_VERDICT_BYTES = 512,
    SCREEN_CLIENTS = 4,  /* of an account, the latest */
    SCREEN_SAMPLES = 11, /* of the counters, a second or more apart */
};

struct screen_client {
    uint8_t ip_version, address[16];
    char name[SCREEN_NAME_BYTES];
};

/* An account in its authority. */
struct screen_account {
    uint64_t name_mark, home_mark; /* of its folded name, and of its authority's or domain's */
    bool has_authority;
    char name[SCREEN_NAME_BYTES];
    struct screen_client clients[SCREEN_CLIENTS]; /* the latest first */
    unsigned client_count;
    bool has_more_clients;
    unsigned failures; /* that stand, as of last_bad_ns */
    bool is_locked;
    int64_t last_bad_ns, last_ns;
    unsigned learned; /* the threshold that a diagnosis told; 0 = none */
    char rule_id[SCREEN_RULE_BYTES];
};

struct screen_verdict {
    char rule_id[SCREEN_RULE_BYTES], message[SCREEN_VERDICT_BYTES];
    unsigned severity;
    double confidence;
    int64_t first_ns, told_ns;
};

struct screen_sample {
    int64_t time_ns;
    uint64_t frames, logons, opens, drops;
};

struct screen {
    struct view view;
    char source[SCREEN_NAME_BYTES];
    unsigned threshold;
    int64_t window_ns;
    bool colour;
    locale_t letters;      /* 0: only ASCII is shown */
    struct table accounts; /* by a digest, of struct screen_account */
    struct table verdicts; /* by their id, of struct screen_verdict: the open ones */
    uint64_t seed, evicted;
    uint64_t logons_refused, trees_refused, opens_refused;
    struct sbl_stats stats; /* as told last */
    struct screen_sample samples[SCREEN_SAMPLES];
    unsigned sample_count; /* as many as were taken; the place of the next one */
    void **order;          /* for sorting: as many as there are accounts or verdicts */
};

/* How many failures stand at a time, and what locks the account; 0 = not known. */
unsigned screen_failures(const struct screen *screen, const struct screen_account *account,
                         int64_t now_ns);
unsigned screen_threshold(const struct screen *screen, const struct screen_account *account);

/* Whether an account is still of interest: locked of late, or failures stand. */
bool screen_is_near(const struct screen *screen, const struct screen_account *account,
                    int64_t now_ns);

#endif
