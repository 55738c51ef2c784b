/* Inside history: what is kept of a machine, an account and a pair of the two. Everything lives in
 * tables and pools taken at the start; a thing is named by its index in its table, and by a serial
 * that never repeats where the index may have got a new owner. In a storm there are tens of
 * thousands of each: what most of them never have lies apart. */
#ifndef SMBLAME_HISTORY_KEPT_H
#define SMBLAME_HISTORY_KEPT_H

#include "base/clock.h"
#include "history/incident.h"

enum {
    LABEL_BYTES = 48,     /* a NetBIOS name or domain in UTF-8, ended by a NUL */
    USER_BYTES = 72,      /* an account name */
    PRINCIPAL_BYTES = 96, /* user@realm */
    SHARE_BYTES = 80,
    WORD_BYTES = 128,
    HOST_NAMES = 4,
    KDC_NAMES = 30,
    SAME_HOSTS = 4, /* addresses of one machine, or users of one name, that are kept */
    PAIR_SERVERS = 4,
    PAIR_SHARES = 4,
    PAIR_DOMAINS = 3,
    GAPS = 16,
    DESKS = 4,       /* users of a client whose workstation is kept */
    TURNS = 10,      /* accounts, one after the other: as from a list */
    RATE_TIMES = 21, /* more than 20 attempts in a minute need 21 of them */
    LINE_CHUNK = 4,
    LINE_CHUNKS = SBL_LIST_ENDS / LINE_CHUNK,
    HOST_KEY = 24,
    CLIENTS_LOOKED_AT = 32, /* other clients of an account that an incident walks over */
    HOSTS_JOINED = 8,
    IDLE_STEPS = 6,
    ENDS_KEPT = 2048,
    STORM_PAIRS = 4096, /* pairs in trouble beyond which each is told of less often */
};

#define MINUTE_NS (60 * SECOND_NS)
#define HOUR_NS (60 * MINUTE_NS)
#define NEAR_TREE_NS (2 * SECOND_NS) /* a share asked for so near a refusal was wanted by it */

/* A name of the wire, decoded once: UTF-8 with a NUL, and the hash of its folded form. */
struct word {
    uint64_t hash; /* 0 = absent or empty */
    uint32_t size;
    bool is_present;
    char text[WORD_BYTES];
};

struct label {
    char text[LABEL_BYTES];
    uint64_t hash; /* 0 = none */
};

/* Chains run through pairs; a pair is in each at most once. */
enum pair_link {
    LINK_DUE = 0, /* one of the chains by which it is handed over */
    LINK_IDLE,    /* by its last refusal */
    LINK_ORDER,   /* by its first refusal */
    LINK_ACCOUNT, /* pairs of the account */
    LINK_CLIENT,  /* pairs of the client */
    LINK_WINDOW,  /* pairs of the client that failed within 30 min */
    LINK_COUNT
};

struct link {
    uint32_t older, newer;
};

struct chain {
    uint32_t oldest, newest, count;
};

/* How long a pair waits before it is handed over. */
enum due { DUE_SETTLE = 0, DUE_REST, DUE_STORM, DUE_LOCKED, DUE_COUNT, DUE_NONE = DUE_COUNT };

enum name_source {
    NAME_FROM_WORKSTATION = 1 << 0,
    NAME_FROM_CALLING = 1 << 1,
    NAME_FROM_SERVER = 1 << 2, /* it said so itself, as a server */
    NAME_FROM_NBNS = 1 << 3,
};

struct host_name {
    struct label label;
    uint32_t count;
    uint8_t sources;
};

/* References to what may be forgotten meanwhile: they hold while the serials agree. A serial has 42
 * bits, enough for a hundred thousand new things each second for a year; then it begins anew. */
#define SERIAL_BITS 42
#define SERIAL_MASK ((UINT64_C(1) << SERIAL_BITS) - 1)
#define INDEX_BITS 21 /* and a bit is left */
#define INDEX_MASK ((1u << INDEX_BITS) - 1)

struct host_id {
    uint64_t serial : SERIAL_BITS, index : INDEX_BITS;
};

struct pair_ref {
    uint64_t serial : SERIAL_BITS, index : INDEX_BITS;
};

/* An account, should it still be kept. */
struct account_ref {
    uint64_t serial : SERIAL_BITS, index : INDEX_BITS;
};

/* One that says where the host was even when it is forgotten. */
struct host_ref {
    uint64_t serial : SERIAL_BITS, index : INDEX_BITS, is_ipv6 : 1;
    uint8_t address[16];
};

#define MOST_OF(name, word, value, least, most) MOST_##name = (most),
enum most { SBL_LIMITS(MOST_OF) };
#undef MOST_OF

_Static_assert(MOST_HOSTS <= INDEX_MASK && MOST_PAIRS <= INDEX_MASK && MOST_ACCOUNTS <= INDEX_MASK,
               "an index fits beside a serial, however caps are set");

/* A few different accounts, to see that there is more than one. */
struct few {
    uint64_t serials[2];
    uint8_t count;
};

/* Different names, unknown to a KDC, that a client asked for within half an hour; 30 are many. */
struct kdc_names {
    int64_t since_ns;
    uint32_t marks[KDC_NAMES];
    uint8_t count, peak;
};

/* From which workstation a user of a client was granted last. */
struct desk {
    uint64_t user_hash, workstation;
};

/* Who asked a client for the share of software metering, and whether for another share as well. */
struct metering {
    uint64_t server, user_hash;
    bool has_other;
};

/* The order in which a client fails with its accounts: how many it began with, when, and how often
 * it came back to one that it had left. */
struct turns {
    uint64_t pair; /* whose turn it is, by its serial */
    int64_t first_ns, last_ns;
    int64_t ten_took_ns; /* to begin with its ten latest accounts, once there are so many */
    uint64_t begun, returned;
    bool at_once; /* several within a minute */
};

/* Names in the order of a list that a client fails with one after the other, new ones and quickly;
 * when the latest list of so many was gone through. */
struct rising {
    uint32_t count;
    int64_t began_ns, listed_from_ns, listed_to_ns;
};

/* Whose logons a machine passes on, told by their challenges. */
struct passing {
    uint64_t accounts[3], clients[3];
    uint64_t total, granted;
    int64_t first_ns, last_ns;
};

struct tree_seen {
    uint64_t server, user_hash; /* whose session it is in */
    int64_t time_ns;
    char share[SHARE_BYTES];
};

enum { DOMAINS_GRANTED = 4 };

/* Under which domains a server granted logons, and one under which it refused several accounts. */
struct domains_seen {
    uint64_t granted[DOMAINS_GRANTED];
    unsigned granted_count;
    bool has_more; /* granted ones than there is room for: who was granted is not known */
    uint64_t refused;
    struct few refused_accounts;
};

/* What is not known of most machines: of those that only ever failed to log on, nothing. */
struct host_rest {
    struct host_name names[HOST_NAMES - 1]; /* after the first */
    /* as a client */
    struct tree_seen trees[2];
    struct kdc_names kdc_names;
    uint64_t kdc_unknown_name, kdc_skews, kdc_skew_user;
    struct account_ref granted_account; /* whose logon was granted last */
    int64_t kdc_unknown_service_ns, kdc_skew_ns;
    int64_t began_ns[TURNS]; /* when it began with its accounts */
    struct passing passing;
    struct few granted_accounts;
    struct desk desks[DESKS];
    struct metering metering;
    uint8_t tree_next, desk_next;
    /* as a server */
    struct label computer, domain;
    uint64_t dns_domain, dns_computer;
    uint64_t domain_before; /* the workgroup that SMB1 told of, where CHALLENGE says otherwise */
    uint64_t v1_granted, v1_refused, v2_granted, v2_refused;
    struct few trust, limit, v1_accounts; /* the last: refused with LM or NTLMv1 */
    struct domains_seen domains_seen;
    unsigned threshold, threshold_once; /* learned on a whole window by two locks, or by one */
    /* as itself */
    uint8_t mac_before[6], latest_address[16];
    int64_t mac_since_ns;
};

/* A machine by one address, as client and as server. */
struct host {
    uint64_t serial;
    int64_t first_ns, last_ns;
    struct incident_member member;
    uint8_t address[16], mac[6], ip_version, name_count;
    /* as itself */
    bool has_mac, changed_mac;
    bool has_two_macs;             /* by turns */
    bool has_moved;                /* it goes on at another address: latest_address */
    bool shares_mac, has_namesake; /* with another host: worth looking it up */
    bool is_routed;                /* its MAC is that of too many addresses */
    /* as a client */
    bool has_refusal, has_kdc_unknown_service, has_kdc_skew, used_kerberos, granted_with_signing;
    bool is_tool, is_calling_tool, is_foreign_os, target_is_address;
    /* in its rest is something of that kind: it is not at hand, and looked at only then */
    bool has_kdc_names, has_metering, has_passed_on, has_trees;
    bool has_searched; /* walks may know it, under its serial */
    /* as a server */
    bool is_server, has_challenge, is_standalone, is_dc, is_not_dc, is_site;
    bool granted_since_trust, granted_since_limit;
    bool granted_plain;     /* a session without encryption */
    struct host_rest *rest; /* never NULL; its own only once something is in it */
    struct pair_ref last_guest, last_granted, last_failing;
    uint64_t guest_server, granted_server, failing_server;
    struct host_name name;                                                     /* the first */
    uint64_t raw_workstation, raw_calling, raw_server, raw_native_os, raw_spn; /* seen last */
    uint64_t workstation_hash; /* of the workstation field seen last */
    /* as a client */
    struct chain pairs, window;
    uint64_t failures, refused, granted, no_such_user, unproved, real_answers;
    int64_t last_refusal_ns, failing_ns, granted_ns;
    uint32_t window_peak, window_few, peak_few; /* failing accounts, and those of <= 3 failures */
    uint32_t list_steps, list_rising;
    struct turns turns;
    struct rising rising;
    struct pair_ref list_pair; /* of the account that it failed with for the first time last */
};

static inline const struct host_name *host_name_at(const struct host *host, unsigned i) {
    return i ? &host->rest->names[i - 1] : &host->name;
}

/* Whether other addresses may be the same machine by their MAC: worth looking them up. */
static inline bool host_may_have_others(const struct host *host) {
    return host->shares_mac && !host->is_routed;
}

/* Hosts that share a MAC, or a name. */
struct same_hosts {
    struct host_id hosts[SAME_HOSTS];
    uint8_t count;
    bool is_many; /* more than fit: a router, or a name that says nothing */
};

/* A domain by its NetBIOS or its DNS name. */
struct domain {
    struct label label; /* NetBIOS name */
    struct host_id controller;
    bool has_more_controllers;
};

/* The bad-password count of an account at one server. */
struct count {
    uint64_t server;
    unsigned count, threshold; /* threshold: learned */
    unsigned earlier; /* bad passwords before a pause after which they may count no more, or may */
    int64_t last_bad_ns, locked_ns; /* the latter: of the first reply that said so */
    int64_t since_ns;               /* when it was last known to be none */
    bool is_whole, is_locked, has_dos, was_locked;
    bool is_tipped; /* by the last bad password: it locked the account, or will have */
    struct sbl_frame_ref last_frame;
    struct host_ref last_client, server_ref;
};

/* A client began a burst with the account. */
struct account_start {
    uint64_t client;
    int64_t time_ns;
};

/* What is not known of an account that never was granted, nor used by two clients. */
struct account_rest {
    struct host_ref granted_clients[2]; /* the latest first */
    struct account_start starts[2];     /* before the latest */
};

struct account {
    uint64_t serial, user_hash, scope_hash;
    struct incident_member member;
    char user[USER_BYTES];
    const struct account_entry *entry;
    bool is_anonymous, is_nameless;
    bool is_certain;      /* an attempt said the authority */
    uint64_t only_server; /* while uncertain: the one server it was used at; 0 = several */
    struct chain pairs;
    uint64_t failures, lockouts, granted, granted_v2;
    uint32_t failing, failing_peak; /* clients that have refusals: now, at most */
    uint32_t granted_first;         /* of these, granted before their first failure */
    bool forgot_one;
    int64_t first_start_ns, last_start_ns;
    struct account_start start; /* the latest */
    bool shared_clock;
    /* Bad passwords at all its servers since it was last granted, or locked and free again; the
     * highest count at one of them that was seen not to lock. */
    bool run_is_over;
    unsigned run, unlocked;
    uint64_t bad_server; /* of the last of them */
    int64_t bad_ns;
    struct account_rest *rest; /* never NULL; its own only once something is in it */
    struct count at_server;    /* the first server that counts; others are in the table */
};

/* Authorities under which a user name was granted: the two latest different ones. */
struct user_grants {
    struct {
        uint64_t account, domain_hash;
        struct label label;
        bool holds;
    } at[2];
};

/* Grants of an account to a client that has no refusals. */
struct quiet_grants {
    int64_t first_ns, last_ns;
    uint64_t count;
};

struct pair_server {
    struct host_ref ref;
    uint64_t failures;
};

struct line {
    uint8_t event_id[16];
    int64_t time_ns, request_ns;
    uint64_t request, response;
    uint16_t request_file, response_file, count_after;
    uint32_t status;
    uint8_t flags, server, share, domain; /* index + 1 in the pair's */
};

enum line_flag {
    LINE_DOS = 1,
    LINE_STATUS = 2,
    LINE_GRANTED = 4,
    LINE_SMB1 = 8,
    LINE_PASSED_ON = 16
};

/* Chunks of lines: the first ones after the very first, and the last ones. */
struct lines {
    uint32_t first[LINE_CHUNKS], last[LINE_CHUNKS];
};

enum pair_flag {
    PAIR_ABANDONED_COMPLETE = 1 << 0,
    PAIR_GUEST_DENIED = 1 << 1,
    PAIR_SHARE_SITE = 1 << 2,
    PAIR_SHARE_SMS_SHR = 1 << 3,
    PAIR_SHARE_LICMTR = 1 << 4,
    PAIR_SHARE_USER = 1 << 5, /* a printer's, or one in a refused request that nobody knows */
    PAIR_LOOPBACK = 1 << 6,
    PAIR_CHALLENGE_TWICE = 1 << 7,
    PAIR_MIC_MISSING = 1 << 8,
    PAIR_AFTER_FAILURE = 1 << 9,
    PAIR_SIGNING = 1 << 10,
    PAIR_BLANK = 1 << 11,
    PAIR_TOOL = 1 << 12,
    PAIR_NO_VERSION = 1 << 13,
    PAIR_FOREIGN_OS = 1 << 14,
    PAIR_TARGET_ADDRESS = 1 << 15,
    PAIR_KERBEROS = 1 << 16,
    PAIR_PREFERS_KERBEROS = 1 << 17,
    PAIR_PLAINTEXT = 1 << 18,
    PAIR_HAS_SKEW = 1 << 19,
    PAIR_DOMAIN_SENT = 1 << 20,
    PAIR_UNPROVED = 1 << 21,
    PAIR_WAS_GRANTED_FIRST = 1 << 22,
    PAIR_SKEW_FALLBACK = 1 << 25,  /* granted by NTLM right after the KDC refused its clock */
    PAIR_CANNOT_ENCRYPT = 1 << 24, /* denied, by a dialect in which nothing can be encrypted */
    PAIR_FAILING = 1 << 23,        /* it is counted among the failing pairs of its account */
    PAIR_PRINCIPAL = 1 << 26,      /* in its rest: as the rest of a pair is not at hand ... */
    PAIR_PROCESS = 1 << 27,        /* ... it is looked at only for what is there */
};

/* What is not known of a pair that failed once, or in one way. */
struct pair_rest {
    uint32_t reasons[SBL_REASON_COUNT]; /* when there were two */
    uint32_t gaps_ms[GAPS];
    uint64_t gap_count;
    int64_t failure_times[RATE_TIMES];
    int64_t attempt_times[RATE_TIMES];            /* failures, and replies that say "locked" */
    struct pair_server servers[PAIR_SERVERS - 1]; /* after the first, as the domains */
    struct label domains[PAIR_DOMAINS - 1];
    uint64_t share_hash[PAIR_SHARES], share_total;
    char shares[PAIR_SHARES][SHARE_BYTES];
    char principal[PRINCIPAL_BYTES];
    uint32_t process;
    struct sbl_frame_ref process_frame;
    struct lines lines;
};

struct pair {
    uint64_t serial;
    uint32_t account, client;
    struct link links[LINK_COUNT];
    uint8_t linked; /* bit by enum pair_link */
    uint8_t due;    /* enum due */
    uint8_t idle_step;
    bool is_changed, was_told, is_idle, is_trouble;
    bool has_reasons;               /* of several kinds: in the rest */
    uint64_t due_since, idle_since; /* on history's own clock */
    struct incident_memo memo;
    struct pair_rest *rest; /* never NULL; its own only once something is in it */
    uint32_t flags;
    uint16_t answers;
    uint8_t reason; /* of all so far, unless has_reasons */
    uint32_t reason_count;
    uint32_t machine_status, session_limit, refused_dos, guests;
    uint64_t refused, failures, lockouts, granted;
    uint64_t in_window; /* refusals for its name or password, of the client's window */
    uint64_t unproved;  /* failures without any answer that a password would have made */
    int64_t first_ns, last_ns, first_failure_ns, last_failure_ns, first_granted_ns, last_granted_ns;
    /* bursts of tries, two seconds or more apart */
    int64_t burst_ns, last_try_ns, first_attempt_ns;
    uint32_t bursts, burst_tries, bursts_of_three, bursts_small;
    int64_t last_attempt_ns;
    uint32_t run, run_peak; /* attempts without a pause of a minute */
    bool is_fast, is_very_fast;
    bool has_part; /* a failure of it stood when the account was locked */
    uint8_t server_count;
    bool has_more_servers;
    uint8_t authority, share_count, domain_count;
    uint8_t domain;                                /* the one sent last: index + 1 */
    uint64_t workstation_hash, failed_workstation; /* the latter: of its first failure */
    bool failed_at_several;                        /* workstations of one address */
    int64_t skew_ns;
    struct pair_server server; /* the first */
    struct label authority_label;
    struct label first_domain;
    uint64_t line_total;
    struct line first_line;
};

static inline const struct pair_server *pair_server_at(const struct pair *pair, unsigned i) {
    return i ? &pair->rest->servers[i - 1] : &pair->server;
}

static inline const struct label *pair_domain_at(const struct pair *pair, unsigned i) {
    return i ? &pair->rest->domains[i - 1] : &pair->first_domain;
}

/* The domain sent last, or NULL. */
static inline const struct label *pair_domain(const struct pair *pair) {
    return pair->domain ? pair_domain_at(pair, pair->domain - 1u) : NULL;
}

static inline uint32_t pair_reasons(const struct pair *pair, enum sbl_reason reason) {
    if (pair->has_reasons)
        return pair->rest->reasons[reason];
    return pair->reason == reason ? pair->reason_count : 0;
}

#endif
