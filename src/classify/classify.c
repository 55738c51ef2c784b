/* nDPI 4.2. Flow structures come from a pool of ours; what nDPI hangs on them is given back with
 * ndpi_free_flow_data when the flow is done with.
 *
 * To start nDPI takes 30 ms and one TLS greeting 90,000 instructions, for names that no finding
 * needs. So unless all names are asked for, the first bytes speak first, and nDPI sees only what is
 * framed as SMB is. */
#include "classify/classify.h"

#include <errno.h>
#include <stdlib.h>

#include <ndpi_api.h>

#include <smblame/limits.h>

#include "base/pool.h"
#include "classify/first_bytes.h"

/* What is framed as SMB is, so that nothing shorter than nDPI tells them apart. */
static const uint16_t known_protocols[] = {
    NDPI_PROTOCOL_NETBIOS,
    NDPI_PROTOCOL_SMBV1,
    NDPI_PROTOCOL_SMBV23,
    NDPI_PROTOCOL_KERBEROS,
};

struct classify {
    struct ndpi_detection_module_struct *module; /* NULL: not started */
    bool full, is_tried;
    pthread_mutex_t *starting; /* NULL: there is no other */
    struct sbl_stats *stats;   /* NULL: nobody counts */
    struct pool flows;         /* of struct entry */
};

struct entry {
    uint64_t free_link; /* the pool's while the slot is free */
    bool is_open;
    uint32_t segments;
    struct ndpi_flow_struct flow;
};

/* NDPI_BITMASK_ADD without its narrowing conversion. */
static void add_protocol(NDPI_PROTOCOL_BITMASK *wanted, uint16_t protocol) {
    wanted->fds_bits[protocol / NDPI_BITS] |= (ndpi_ndpi_mask)1 << protocol % NDPI_BITS;
}

static void prepare_module(struct classify *classify) {
    classify->module = ndpi_init_detection_module(ndpi_no_prefs);
    if (!classify->module)
        return;
    NDPI_PROTOCOL_BITMASK wanted;
    if (classify->full) {
        NDPI_BITMASK_SET_ALL(wanted);
    } else {
        NDPI_BITMASK_RESET(wanted);
        for (size_t i = 0; i < sizeof known_protocols / sizeof known_protocols[0]; i++)
            add_protocol(&wanted, known_protocols[i]);
    }
    ndpi_set_protocol_detection_bitmask2(classify->module, &wanted);
    ndpi_finalize_initialization(classify->module);
}

/* Once, with the first segment. */
static void start_module(struct classify *classify) {
    classify->is_tried = true;
    if (classify->starting)
        (void)pthread_mutex_lock(classify->starting);
    prepare_module(classify);
    if (classify->starting)
        (void)pthread_mutex_unlock(classify->starting);
}

void classify_share(struct classify *classify, pthread_mutex_t *starting) {
    classify->starting = starting;
}

void classify_count(struct classify *classify, struct sbl_stats *stats) {
    classify->stats = stats;
}

int classify_new(struct classify **classify, bool full, const struct sbl_limits *limits) {
    struct classify *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    c->full = full;
    int status = pool_init(&c->flows, sbl_limit_of(limits, SBL_LIMIT_CLASSIFIED_FLOWS),
                           sizeof(struct entry));
    if (status < 0) {
        classify_free(c);
        return status;
    }
    *classify = c;
    return 0;
}

void classify_forget(struct classify *classify, uint32_t *state) {
    if (*state == 0)
        return;
    struct entry *entry = pool_at(&classify->flows, *state);
    ndpi_free_flow_data(&entry->flow);
    entry->is_open = false;
    pool_give(&classify->flows, *state);
    *state = 0;
}

static uint16_t number_of(ndpi_protocol protocol) {
    return protocol.app_protocol != NDPI_PROTOCOL_UNKNOWN ? protocol.app_protocol
                                                          : protocol.master_protocol;
}

/* Shows a segment to nDPI. */
static uint16_t ask_ndpi(struct classify *classify, uint32_t *state,
                         const struct sbl_segment *segment, bool is_last) {
    if (!classify->is_tried)
        start_module(classify);
    if (*state == 0 && classify->module)
        *state = pool_take(&classify->flows);
    if (*state == 0) {
        if (classify->module && classify->stats)
            classify->stats->cap_hits[SBL_LIMIT_CLASSIFIED_FLOWS]++;
        return 0;
    }
    struct entry *entry = pool_at(&classify->flows, *state);
    entry->is_open = true;
    uint16_t verdict = number_of(ndpi_detection_process_packet(
        classify->module, &entry->flow, segment->ip, (unsigned short)segment->ip_bytes,
        (uint64_t)(segment->frame->time_ns / 1000000)));
    is_last = is_last || ++entry->segments >= SBL_MAX_CLASSIFY_SEGMENTS;
    if (verdict == 0 && is_last) {
        u_int8_t is_guess = 0;
        verdict = number_of(ndpi_detection_giveup(classify->module, &entry->flow, 0, &is_guess));
    }
    if (verdict != 0 || is_last)
        classify_forget(classify, state);
    return verdict;
}

uint16_t classify_segment(struct classify *classify, uint32_t *state,
                          const struct sbl_segment *segment, bool is_last) {
    if (!segment->ip || segment->ip_bytes == 0 || segment->ip_bytes > UINT16_MAX)
        return 0;
    uint16_t verdict = classify->full ? 0 : first_bytes_name(segment);
    bool is_for_ndpi = classify->full || *state || first_bytes_may_be_framed(segment);
    if (verdict == 0 && is_for_ndpi)
        return ask_ndpi(classify, state, segment, is_last);
    if (verdict != 0 || is_last)
        classify_forget(classify, state);
    return verdict;
}

const char *classify_name(struct classify *classify, uint16_t protocol) {
    const char *word = first_bytes_word(protocol);
    if (word)
        return word;
    if (!classify->module || protocol == 0 ||
        protocol >= ndpi_get_num_supported_protocols(classify->module))
        return NULL;
    return ndpi_get_proto_name(classify->module, protocol);
}

size_t classify_ceiling(const struct sbl_limits *limits) {
    return sizeof(struct classify) +
           sbl_limit_of(limits, SBL_LIMIT_CLASSIFIED_FLOWS) * sizeof(struct entry);
}

void classify_free(struct classify *classify) {
    if (!classify)
        return;
    for (uint32_t i = 1; classify->module && i <= classify->flows.touched; i++) {
        struct entry *entry = pool_at(&classify->flows, i);
        if (entry->is_open)
            ndpi_free_flow_data(&entry->flow);
    }
    if (classify->flows.slots)
        pool_fini(&classify->flows);
    if (classify->module)
        ndpi_exit_detection_module(classify->module);
    free(classify);
}
