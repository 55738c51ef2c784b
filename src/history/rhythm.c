/* When and how often: bursts of tries, failures and attempts in a minute, and whether the bursts
 * keep a period. A gap of more than two seconds starts a new burst. A period is told from at least
 * three gaps whose lengths vary by less than ten percent (standard deviation over mean); one gap
 * may be a multiple, as a retry may go unseen. */
#include "history/state.h"

#define BURST_GAP_NS (2 * SECOND_NS)
#define VARIATION 0.10

/* Whether the burst at hand had so many tries, and all within a second. */
static bool is_quick_burst(const struct pair *pair, unsigned least, unsigned most) {
    return time_between(pair->burst_ns, pair->last_try_ns) <= SECOND_NS &&
           pair->burst_tries >= least && pair->burst_tries <= most;
}

static void burst_judge(struct pair *pair) {
    pair->bursts_of_three += is_quick_burst(pair, 3, 3);
    pair->bursts_small += is_quick_burst(pair, 3, 6);
}

void rhythm_try(struct history *h, struct pair *pair, int64_t time_ns) {
    struct account *account = account_at(h, pair->account);
    int64_t gap = time_between(pair->last_try_ns, time_ns);
    if (pair->bursts && gap <= BURST_GAP_NS) {
        pair->burst_tries++;
        pair->last_try_ns = time_ns;
        return;
    }
    if (pair->bursts) {
        burst_judge(pair);
        int64_t spacing = time_between(pair->burst_ns, time_ns) / 1000000;
        struct pair_rest *rest = pair_rest(h, pair);
        rest->gaps_ms[rest->gap_count++ % GAPS] =
            spacing > UINT32_MAX ? UINT32_MAX : (uint32_t)spacing;
    }
    pair->bursts++;
    pair->burst_tries = 1;
    pair->burst_ns = pair->last_try_ns = time_ns;
    account_starts(h, account, host_at(h, pair->client)->serial, time_ns);
}

void rhythm_failure(struct history *h, struct pair *pair, int64_t time_ns, bool is_proved) {
    uint64_t n = pair->failures; /* this one counted */
    if (n < 2)
        return; /* the first stands in the pair */
    int64_t *times = pair_rest(h, pair)->failure_times;
    times[1] = n == 2 ? pair->first_failure_ns : times[1];
    times[n % RATE_TIMES] = time_ns;
    if (!is_proved)
        return; /* without an answer nobody guesses a password */
    if (n >= 10 && time_between(times[(n - 9) % RATE_TIMES], time_ns) <= MINUTE_NS)
        pair->is_fast = true;
}

/* Whoever goes on at an account that is locked attempts no less. */
void rhythm_attempt(struct history *h, struct pair *pair, int64_t time_ns, bool is_proved) {
    uint64_t n = pair->failures + pair->lockouts; /* this one counted */
    pair->run = time_between(pair->last_attempt_ns, time_ns) <= MINUTE_NS ? pair->run : 0;
    pair->last_attempt_ns = time_ns;
    pair->run += is_proved;
    pair->run_peak = pair->run > pair->run_peak ? pair->run : pair->run_peak;
    if (n < 2) {
        pair->first_attempt_ns = time_ns;
        return;
    }
    int64_t *times = pair_rest(h, pair)->attempt_times;
    times[1] = n == 2 ? pair->first_attempt_ns : times[1];
    times[n % RATE_TIMES] = time_ns;
    if (is_proved && n >= RATE_TIMES &&
        time_between(times[(n + 1) % RATE_TIMES], time_ns) <= MINUTE_NS)
        pair->is_very_fast = true;
}

/* Puts the attempts that a pair remembers among others, in the order of their times. */
static unsigned attempts_sorted(const struct pair *pair, int64_t *sorted, unsigned count) {
    uint64_t n = pair->failures + pair->lockouts, kept = n < RATE_TIMES ? n : RATE_TIMES;
    for (uint64_t i = 0; i < kept; i++) {
        int64_t time_ns =
            n < 2 ? pair->first_attempt_ns : pair->rest->attempt_times[(n - i) % RATE_TIMES];
        unsigned at = count++;
        for (; at && sorted[at - 1] > time_ns; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = time_ns;
    }
    return count;
}

/* Whoever goes on by turns over IPv4 and IPv6 attempts no less either. */
void rhythm_together(struct history *h, struct pair *pair, struct host *client) {
    struct host *hosts[SAME_HOSTS + 1];
    int64_t sorted[(SAME_HOSTS + 1) * RATE_TIMES];
    unsigned total = pair->is_very_fast ? 0 : machine_hosts(h, client, hosts), count = 0;
    if (total < 2)
        return;
    for (unsigned i = 0; i < total; i++) {
        const struct pair *other = pair_find(h, account_at(h, pair->account), hosts[i]);
        if (other && !other->unproved && other->failures)
            count = attempts_sorted(other, sorted, count);
    }
    for (unsigned i = RATE_TIMES - 1; i < count; i++)
        pair->is_very_fast |= time_between(sorted[i - (RATE_TIMES - 1)], sorted[i]) <= MINUTE_NS;
}

static unsigned gaps_sorted(const struct pair *pair, uint32_t gaps[GAPS]) {
    const struct pair_rest *rest = pair->rest;
    unsigned count = rest->gap_count < GAPS ? (unsigned)rest->gap_count : GAPS;
    for (unsigned i = 0; i < count; i++) {
        unsigned at = i;
        for (; at && gaps[at - 1] > rest->gaps_ms[i]; at--)
            gaps[at] = gaps[at - 1];
        gaps[at] = rest->gaps_ms[i];
    }
    return count;
}

static bool is_steady(const uint32_t *gaps, unsigned count, double *mean) {
    double sum = 0, squares = 0;
    for (unsigned i = 0; i < count; i++)
        sum += gaps[i];
    *mean = sum / count;
    for (unsigned i = 0; i < count; i++)
        squares += (gaps[i] - *mean) * (gaps[i] - *mean);
    /* compared squared: sqrt is not needed */
    return squares / count < VARIATION * VARIATION * *mean * *mean;
}

double rhythm_period(const struct pair *pair) {
    uint32_t gaps[GAPS];
    unsigned count = pair->bursts > 3 ? gaps_sorted(pair, gaps) : 0;
    if (count < 3)
        return 0;
    double mean;
    if (is_steady(gaps, count, &mean))
        return mean / 1000;
    double longest = gaps[count - 1], rest;
    if (!is_steady(gaps, count - 1, &rest) || rest <= 0)
        return 0;
    double times = longest / rest, whole = times < 100 ? (double)(unsigned)(times + 0.5) : 0;
    bool is_multiple = whole >= 2 && times - whole < 2 * VARIATION && whole - times < 2 * VARIATION;
    return is_multiple ? rest / 1000 : 0;
}

bool rhythm_small_bursts(const struct pair *pair, bool is_over, bool only_three) {
    uint32_t good = only_three ? pair->bursts_of_three + is_quick_burst(pair, 3, 3)
                               : pair->bursts_small + is_quick_burst(pair, 3, 6);
    return pair->bursts && is_over && good == pair->bursts;
}
