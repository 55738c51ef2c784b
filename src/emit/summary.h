/* What the summary remembers: diagnoses, accounts that failed, from which clients, and the shares
 * and names that were refused. Bounded tables of flat values; everything printable is made so on
 * the way in.
 */
#ifndef SMBLAME_EMIT_SUMMARY_H
#define SMBLAME_EMIT_SUMMARY_H

#include "base/table.h"
#include "emit/emit.h"
#include "emit/view.h"

enum {
    SUMMARY_NAME_BYTES = 160, /* an account or path as shown, with NUL; longer ones are cut */
    SUMMARY_HOST_BYTES = 64,
    SUMMARY_STATUSES = 6, /* different ones kept per account */
    SUMMARY_SERVERS = 4,  /* different ones kept per client of an account */
    SUMMARY_FRAMES = 16,  /* for the filter line of an account */
    SUMMARY_DIGEST_BYTES = 16,
    SUMMARY_SENTENCE_BYTES = 1024,   /* one of a diagnosis */
    SUMMARY_MESSAGE_BYTES = 4096,    /* its verdict; nothing is shown longer */
    SUMMARY_DIAGNOSIS_BYTES = 65536, /* all that is kept of one */
    SUMMARY_LISTED = 2 * SBL_LIST_ENDS
};

/* What names of any length are known by. */
struct summary_digest {
    uint8_t bytes[SUMMARY_DIGEST_BYTES];
};

/* First and last time something was seen, in the order of the packets. */
struct summary_span {
    uint64_t count;
    int64_t first_ns, last_ns;
    struct sbl_frame_ref first, last;
};

struct summary_count {
    char name[SUMMARY_HOST_BYTES], code[16];
    uint64_t count;
};

/* `serial` numbers entries of a table as they come: the last word when lists are sorted, and what
 * tells an account from one that was evicted under the same name. */
struct summary_account {
    uint64_t serial;
    char name[SUMMARY_NAME_BYTES];
    uint64_t refused, guest, unanswered, granted_after;
    uint64_t reasons[SBL_REASON_COUNT]; /* of the refused */
    struct summary_span span, granted;
    bool was_locked_out_later;
    struct summary_count statuses[SUMMARY_STATUSES];
    uint64_t other_statuses;
    struct sbl_frame_ref frames[SUMMARY_FRAMES];
    unsigned frame_count;
    bool frames_left_out;
};

struct summary_server {
    char address[IDENTITY_ADDRESS_BYTES], name[SUMMARY_HOST_BYTES];
    uint16_t port;
    uint64_t count;
};

/* One client of one account. */
struct summary_route {
    uint64_t serial, account_serial;
    char client[IDENTITY_ADDRESS_BYTES], workstation[SUMMARY_HOST_BYTES];
    char how[SUMMARY_HOST_BYTES]; /* "SMB 3.1.1, NTLMv2" */
    char process[SUMMARY_NAME_BYTES];
    uint32_t pid;
    struct summary_span span, granted;
    struct summary_server servers[SUMMARY_SERVERS];
    uint64_t other_servers;
    bool is_told; /* by a diagnosis that is shown; set when it is printed */
};

/* A refused share or name, by one client. */
struct summary_item {
    uint64_t serial;
    uint8_t client_address[17]; /* and the IP version before it */
    char client[IDENTITY_ADDRESS_BYTES], workstation[SUMMARY_HOST_BYTES];
    char path[SUMMARY_NAME_BYTES], account[SUMMARY_NAME_BYTES], status[SUMMARY_HOST_BYTES];
    struct summary_span span;
    uint64_t client_total; /* of all items of the client; set when they are printed */
};

/* A copy of the latest revision of a diagnosis, printable. Its arrays and strings lie in `bytes`;
 * what found no room there is left out, and `is_cut` says so. */
struct summary_diagnosis {
    uint64_t serial;
    struct sbl_diagnosis told;
    struct summary_digest accounts[SUMMARY_LISTED + 1];
    uint32_t account_count, used;
    bool is_cut;
    _Alignas(8) char bytes[SUMMARY_DIAGNOSIS_BYTES];
};

struct summary_table {
    struct table table;
    uint64_t serial, evicted;
};

struct summary {
    struct view view;
    struct emit_names names;
    struct summary_table diagnoses, accounts, routes, shares, paths;
    void **order; /* for sorting: room for the largest table, twice */
};

enum {
    SUMMARY_ORDER = SBL_MAX_SUMMARY_ACCOUNTS > SBL_MAX_SUMMARY_NAMES ? SBL_MAX_SUMMARY_ACCOUNTS
                                                                     : SBL_MAX_SUMMARY_NAMES
};

/* A text made printable: terminated, cut with "..." at its end (of a path: at its beginning) where
 * it does not fit. `room`, at most SUMMARY_MESSAGE_BYTES and at least 16, is for the NUL, too. */
void summary_show(char *out, size_t room, struct view_string text);
void summary_show_path(char *out, size_t room, struct view_string path);

/* What an account is known by; letters count alike in capitals. */
struct summary_digest summary_account_digest(const struct summary *summary, enum view_who who,
                                             struct view_string domain, struct view_string account);

/* Marks what is known of an account's failures from a client as told. */
void summary_tell(struct summary *summary, const struct summary_digest *account,
                  const struct sbl_machine *client);

/* summary_print.c and summary_read.c: the parts of a printed summary. */
struct page;
void summary_print_read(const struct summary *summary, const struct sbl_stats *stats,
                        struct page *page);

#endif
