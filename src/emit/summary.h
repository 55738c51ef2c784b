/* What the summary remembers: accounts that failed, from which clients, and the shares and names
 * that were refused. Bounded tables of flat values; everything printable is made so on the way in.
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
    SUMMARY_DIGEST_BYTES = 16
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

struct summary_table {
    struct table table;
    uint64_t serial, evicted;
};

struct summary {
    struct view view;
    struct emit_names names;
    struct summary_table accounts, routes, shares, paths;
    void **order; /* for sorting: room for the largest table, twice */
};

enum {
    SUMMARY_ORDER = SBL_MAX_SUMMARY_ACCOUNTS > SBL_MAX_SUMMARY_NAMES ? SBL_MAX_SUMMARY_ACCOUNTS
                                                                     : SBL_MAX_SUMMARY_NAMES
};

/* summary_print.c and summary_read.c: the parts of a printed summary. */
struct page;
void summary_print_read(const struct summary *summary, const struct sbl_stats *stats,
                        struct page *page);

#endif
