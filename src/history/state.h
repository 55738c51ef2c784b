/* Inside history: one attempt on its way through, the tables that keep what comes of it (kept.h),
 * and who takes care of what. */
#ifndef SMBLAME_HISTORY_STATE_H
#define SMBLAME_HISTORY_STATE_H

#include "base/pool.h"
#include "base/table.h"
#include "history/history.h"
#include "history/kept.h"
#include "history/walk_text.h"

/* Who an attempt is about, decoded. */
struct subject {
    struct word account, domain, principal;
    bool is_anonymous, is_nameless;
    enum sbl_authority authority;
    struct label authority_label; /* of a certain authority, or the server's */
    uint64_t scope;               /* key of the authority */
    uint64_t account_hash;        /* of the account's key in its table; set with the scope */
};

struct challenge_seen {
    struct host_id client, server;
    struct account_ref account;
    int64_t time_ns;
};

struct host_key {
    uint8_t bytes[HOST_KEY];
    uint64_t hash;
};

/* Where the two ends of a conversation will be looked for. */
struct ends_sought {
    struct ends *ends;
    uint64_t mark;
    bool has_keys; /* as `ends` does not know them */
    struct host_key keys[2];
};

/* One attempt on its way through. */
struct passage {
    const struct sbl_attempt *attempt;
    uint64_t challenge_hash;          /* of the challenge's mark in its table */
    struct challenge_seen *challenge; /* the same one, seen before */
    struct host *client, *server;
    struct host *counting; /* where its bad password counts */
    struct account *account;
    uint32_t flags; /* enum pair_flag, of what this attempt shows */
    uint8_t share;  /* wanted by this attempt itself: index + 1 in the pair's */
    bool is_refused, is_guest, is_granted, is_abandoned, is_trouble;
    struct subject subject; /* the last, as it is large: written by subject_read(), never zeroed */
};

/* Whether the status of the last look-up says that something is missing: the next has the same. */
struct status_asked {
    uint32_t status;
    bool is_known, is_dos_error, is_missing;
};

/* A word that was read before, by the mark of its bytes. */
struct word_met {
    uint64_t mark; /* 0 = none */
    struct word word;
};

enum { WORDS_MET = 512, TRAITS_MET = 64 };

/* What a text says of the client that sends it, by the mark of its bytes. */
enum trait { TRAIT_FOREIGN_OS = 0, TRAIT_ASKS_FOR_ADDRESS, TRAITS };
struct trait_met {
    uint64_t mark; /* 0 = none */
    bool holds;
};

struct history_caps {
    uint32_t hosts, accounts, pairs, grants, counts, lines, challenges;
    uint32_t walks, look_back; /* 0 = the usual ones */
};

enum { CONTRADICTION_BYTES = 176 };

enum server_role { ROLE_UNKNOWN = 0, ROLE_DC, ROLE_NOT_DC };

/* What an incident is built in; strings point into `text`. */
struct workbench {
    struct incident incident;
    const struct pair *pair;
    enum server_role role;     /* of that server */
    const struct host *server; /* itself, or NULL: forgotten */
    bool is_told;              /* what is asked for is filled in */
    bool has_answer;           /* the client searched, and `answer` says what of it fits */
    struct sbl_machine servers[PAIR_SERVERS];
    uint8_t server_numbers[PAIR_SERVERS + 1]; /* of a pair's server + 1: place in `servers` + 1 */
    uint8_t server_order[PAIR_SERVERS];       /* of a place: the pair's server */
    struct sbl_evidence_line lines[2 * SBL_LIST_ENDS];
    const char *shares[PAIR_SHARES];
    struct walk_answer answer;
    char contradiction[CONTRADICTION_BYTES];
    char text[4096];
    size_t text_used;
};

/* The hosts of a conversation, as they were last found: 0 = none. They say themselves whether they
 * still are, and are asked when the mark is that of the conversation's addresses. */
struct ends {
    uint32_t hosts[2];
    uint64_t mark;
    struct walk_hint searcher;
};

struct history {
    struct history_options options;
    struct history_caps caps;
    struct walks *walks;
    uint64_t seed, serial;
    uint64_t clock;            /* ns that went by, never back; what due times are told from */
    int64_t latest_ns;         /* the packet time the clock goes by */
    int64_t start_ns, last_ns; /* first packet's time; last one's */
    bool has_time;
    struct table hosts, macs, names, domains, accounts, users, pairs, grants, counts, challenges;
    struct pool lines;
    /* What is not known of most hosts, accounts and pairs, by their numbers: most of it is never
     * touched. And what stands for it as long as it is not. */
    struct pool host_rests; /* these close together: servers all have one, clients seldom */
    struct host_rest no_host_rest;
    struct account_rest *account_rests, no_account_rest;
    struct pair_rest *pair_rests, no_pair_rest;
    struct chain due[DUE_COUNT], idle[IDLE_STEPS], order;
    uint64_t next_due;          /* nothing is to be handed over before the clock shows it */
    struct word_met *words_met; /* WORDS_MET of them, each where its mark says */
    struct trait_met traits_met[TRAITS][TRAITS_MET];
    struct ends ends[ENDS_KEPT];
    struct status_asked status_asked;
    struct workbench bench;
};

/* What names a thing for good; never 0. */
static inline uint64_t serial_take(struct history *h) {
    h->serial = (h->serial + 1) & SERIAL_MASK;
    h->serial += h->serial == 0;
    return h->serial;
}

/* history.c: the image path behind a row of the process table, or "". */
const char *process_path(const struct history *h, struct sbl_frame_ref frame, uint32_t process);
const char *pair_process(const struct history *h, const struct pair *pair);

/* words.c */
void word_clear(struct word *word); /* to one that is absent */
void word_read(const struct history *h, struct sbl_text text, struct word *word);
void word_set(const struct history *h, const char *text, size_t size, struct word *word);
void label_set(struct label *label, const struct word *word);
bool word_is_address(const char *text);
bool word_has_any(const char *text, const char *const *parts);
uint64_t raw_mark(const struct history *h, struct sbl_text text);
/* How much later `later` is, at least 0; never overflows. */
int64_t time_between(int64_t earlier, int64_t later);

/* schedule.c: chains, and the packet clock */
struct pair *pair_at(const struct history *h, uint32_t index);
uint32_t pair_number(const struct history *h, const struct pair *pair);
void chain_append(struct history *h, struct chain *chain, struct pair *pair, enum pair_link which);
void chain_remove(struct history *h, struct chain *chain, struct pair *pair, enum pair_link which);
void time_goes_on(struct history *h, int64_t time_ns);
/* Something went wrong again: it is not silent for now. */
void pair_is_active(struct history *h, struct pair *pair);
void pair_unschedule(struct history *h, struct pair *pair);
/* Something new is to be said of a pair; `is_urgent` after a first lockout. */
/* What is said of an account may be otherwise where it is one of many: the newest of a client. */
void client_changed(struct history *h, const struct host *client);
void pair_changed(struct history *h, struct pair *pair, bool is_urgent);
void hand_over_due(struct history *h);

/* hosts.c */
struct host *host_of(struct history *h, const struct sbl_endpoint *endpoint, uint8_t ip_version,
                     bool has_mac);
/* A hint: fetches ahead where the ends of a conversation will be looked for. hosts_find() finds
 * them; hosts_of() is both. */
void hosts_expect(struct history *h, const struct sbl_conversation *conversation,
                  struct ends_sought *sought);
void hosts_find(struct history *h, const struct sbl_conversation *conversation, int64_t time_ns,
                const struct ends_sought *sought, struct host *hosts[2]);
/* Both ends of a conversation, of which something is seen at `time_ns`: client, then server. */
void hosts_of(struct history *h, const struct sbl_conversation *conversation, int64_t time_ns,
              struct host *hosts[2]);
struct host *host_at(const struct history *h, uint32_t index);
uint32_t host_number(const struct history *h, const struct host *host);
struct host_ref host_refer(const struct history *h, const struct host *host);
struct host *host_deref(const struct history *h, const struct host_ref *ref);
struct host_id host_id(const struct history *h, const struct host *host);
struct host *host_by_id(const struct history *h, struct host_id id);
/* The rest of a host, to write to. */
struct host_rest *host_rest(struct history *h, struct host *host);
void host_seen(struct history *h, struct host *host, int64_t time_ns);
void host_named(struct history *h, struct host *host, const struct word *name, uint8_t source);
const struct host_name *host_best_name(const struct host *host);
bool host_has_name(const struct host *host, uint64_t hash);
void hosts_forget(struct history *h, struct host *host);

/* machines.c: which addresses are one machine */
void mac_seen(struct history *h, struct host *host);
void name_seen(struct history *h, struct host *host, uint64_t hash);
bool is_router(struct history *h, const struct host *host);
bool mac_is_router(struct history *h, const uint8_t mac[6]);
bool is_same_machine(struct history *h, struct host *a, struct host *b);
/* Serials of all addresses that are surely the machine of `host`, or may be for walks; its own
 * first. `contradiction` gets a text or "". Returns how many. */
unsigned machine_gather(struct history *h, struct host *host, uint64_t serials[HOSTS_JOINED],
                        char contradiction[CONTRADICTION_BYTES]);
/* All addresses that are surely the machine of `host`, its own first. */
unsigned machine_hosts(struct history *h, struct host *host, struct host *hosts[SAME_HOSTS + 1]);
/* Of these the one that was seen first: its serial is the machine's. */
struct host *machine_first(struct history *h, struct host *host);
struct host *machine_home(struct history *h, struct host *host);
/* Whether one may be the other, moved: they share a name, and one was silent before the other
 * came. */
bool may_have_moved(const struct host *a, const struct host *b);
bool name_contradicts(struct history *h, struct host *host, uint64_t name, int64_t time_ns);

/* servers.c */
void server_seen(struct history *h, struct host *server, const struct sbl_attempt *attempt);
void few_add(struct few *few, uint64_t serial);
void server_is_controller(struct history *h, struct host *server);
void domain_has_controller(struct history *h, uint64_t domain_hash, struct host *server);
/* The NetBIOS name of a domain that is known by `domain_hash`, of whichever of its names. */
void domain_named(struct history *h, uint64_t domain_hash, const struct word *netbios);
enum server_role server_role(struct history *h, const struct host *server);
void server_answered(struct history *h, struct host *server, const struct subject *subject,
                     uint64_t account, const struct sbl_attempt *attempt);
/* Several accounts were refused under that domain and none was ever granted under it. */
bool server_never_grants(const struct host *server, uint64_t domain);
const struct domain *domain_find(struct history *h, uint64_t hash);
/* Who counts the bad passwords of the subject that `server` was asked about: the server, or the
 * controller of the domain to which a member passes them on, if it has only one. */
struct host *server_counting(struct history *h, struct host *server, const struct subject *subject);

/* accounts.c */
void subject_read(const struct history *h, const struct sbl_attempt *attempt,
                  struct subject *subject);
/* Whose database answers for a subject that was read. */
void scope_find(struct history *h, struct host *server, const struct sbl_attempt *attempt,
                struct subject *subject);
struct account *account_of(struct history *h, struct host *server, const struct subject *subject);
struct account *account_at(const struct history *h, uint32_t index);
uint32_t account_number(const struct history *h, const struct account *account);
struct account_ref account_refer(const struct history *h, const struct account *account);
/* The rest of an account, to write to. */
struct account_rest *account_rest(struct history *h, struct account *account);
void account_granted(struct history *h, struct account *account, struct host *client,
                     const struct subject *subject, const struct sbl_attempt *attempt);
bool account_starts(struct history *h, struct account *account, uint64_t client, int64_t time_ns);

/* pairs.c */
struct pair *pair_of(struct history *h, struct account *account, struct host *client);
/* A hint: fetches ahead where the pair is looked for. */
void pair_expect(const struct history *h, const struct account *account, const struct host *client);
/* The rest of a pair, to write to. */
struct pair_rest *pair_rest(struct history *h, struct pair *pair);
void pair_reason(struct history *h, struct pair *pair, enum sbl_reason reason);
struct pair *pair_find(struct history *h, struct account *account, struct host *client);
struct pair *pair_deref(const struct history *h, const struct pair_ref *ref);
struct pair_ref pair_refer(const struct history *h, const struct pair *pair);
void pair_forget(struct history *h, struct pair *pair);
/* Adds a share that was wanted; its index + 1, 0 = not kept. */
uint8_t pair_share(struct history *h, struct pair *pair, const struct word *share);
void quiet_grant(struct history *h, struct account *account, struct host *client, int64_t time_ns);

/* rhythm.c: bursts, rates, periods */
void rhythm_try(struct history *h, struct pair *pair, int64_t time_ns);
void rhythm_failure(struct history *h, struct pair *pair, int64_t time_ns, bool is_proved);
void rhythm_attempt(struct history *h, struct pair *pair, int64_t time_ns, bool is_proved);
/* After more than twenty attempts in a minute over all addresses of the client. */
void rhythm_together(struct history *h, struct pair *pair, struct host *client);
double rhythm_period(const struct pair *pair);
bool rhythm_small_bursts(const struct pair *pair, bool is_over, bool only_three);

/* lines.c */
void line_add(struct history *h, struct pair *pair, const struct line *line);
void lines_drop(struct history *h, struct pair *pair);
/* How many lines are kept, and of these how many of the first; and each of them, in order. */
uint32_t lines_kept(const struct pair *pair, uint32_t *first_count);
const struct line *line_kept(const struct history *h, const struct pair *pair, uint32_t number);
void line_read(const struct history *h, const struct pair *pair, uint32_t number,
               struct sbl_evidence_line *out);

/* legs.c: one challenge on two connections */
bool challenge_repeats(struct history *h, struct passage *p);
/* Whether a machine passes on the logons of many, and most are granted: as a balancer does. */
bool passes_many(const struct host *host);
void challenge_kept(struct history *h, const struct passage *p);

/* traits.c: what the two ends of an attempt look like */
void workstation_seen(struct history *h, struct host *client, const struct word *name);
void client_seen(struct history *h, struct passage *p);
/* Whether the client calls itself otherwise than before; then it is read, and looked for ahead. */
bool workstation_changed(struct history *h, const struct passage *p, struct word *workstation);
void flags_find(struct history *h, struct passage *p);
void traits_kept(struct history *h, struct pair *pair, const struct passage *p);

/* attempts.c, beside.c */
void server_counted(struct history *h, struct pair *pair, const struct host *server);
void domain_sent(struct history *h, struct pair *pair, const struct word *domain);
void trouble_begins(struct history *h, struct pair *pair, int64_t time_ns);

/* ahead.c: fetches ahead who is forgotten next, where all room is taken */
void victims_ahead(struct history *h);
/* The hosts of a conversation, which are looked at next: who they are, and when they were seen. */
void ends_here(const struct history *h, const struct ends *ends);
/* A client, or an account, that was looked up just now, whole. */
void client_here(const struct host *client);
/* A server: what it is called, and whom it refused. */
void server_here(const struct host *server);
void account_here(const struct account *account);
/* The same for a pair that is told next, as it is its turn; 0 = none. */
void order_ahead(const struct history *h, uint32_t next);

/* incident.c, question.c, facts.c */
void incident_hand_over(struct history *h, struct pair *pair, enum incident_moment moment);
void machine_fill(const struct host_ref *ref, const struct host *host, uint64_t failures,
                  struct sbl_machine *out);
/* Whether a search fits, and the facts of it. */
void walk_find(struct history *h, const struct pair *pair);
void facts_find(struct history *h, struct pair *pair, struct host *server);

/* told.c: what is asked of the incident on the workbench; `source` is the history */
void incident_tell_all(void *source);
const struct sbl_evidence_line *incident_tell_line(void *source, uint32_t number);
/* Another machine that was granted a logon of the account, or NULL. */
const struct host_ref *granted_elsewhere(struct history *h, const struct account *account,
                                         struct host *client);

int history_new_with(struct history **history, const struct history_options *options,
                     const struct history_caps *caps);
size_t history_bytes(const struct history_caps *caps);

#endif
