/* What a reader of records must know of ourselves: that frames were lost, that a process was
 * started again, that a sink was away, that records were dropped. Plain values without pointers, so
 * that one process can hand them to another. Times are those of the capture's clock. */
#ifndef SMBLAME_HEALTH_H
#define SMBLAME_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sbl_health_kind {
    SBL_HEALTH_CAPTURE_GAP = 0,
    SBL_HEALTH_PROCESS_RESTART,
    SBL_HEALTH_SINK_STATE,
    SBL_HEALTH_RECORDS_DROPPED,
    SBL_HEALTH_KIND_COUNT
};

/* Why frames were not seen, or what became of an interface. */
enum sbl_gap_reason {
    SBL_GAP_DROPS = 0, /* the kernel's ring was full, or the interface dropped */
    SBL_GAP_DOWN,
    SBL_GAP_UP,
    SBL_GAP_RENAMED,
    SBL_GAP_GONE,
    SBL_GAP_PROCESS, /* the process that reads the interface was not there */
    SBL_GAP_REASON_COUNT
};

/* Names are bytes of the system's or the user's, ended by a NUL where they do not fill theirs. */
enum { SBL_HEALTH_NAME_BYTES = 64, SBL_HEALTH_SINK_BYTES = 256 };

/* Counts are of what was lost between `from_ns` (0 = not known) and `to_ns`. */
struct sbl_health_gap {
    enum sbl_gap_reason reason;
    char interface[SBL_HEALTH_NAME_BYTES];
    char renamed_to[SBL_HEALTH_NAME_BYTES]; /* with SBL_GAP_RENAMED */
    uint64_t kernel_drops, interface_drops, ring_bytes;
    int64_t from_ns, to_ns;
};

/* `signal` 0: it ended with `exit_status`. */
struct sbl_health_restart {
    char
        process[SBL_HEALTH_NAME_BYTES]; /* watch, speak, or with a number where there are several */
    int signal, exit_status;
    uint64_t last_frame;     /* the number of the last one it told of; 0 = none */
    uint64_t frames_at_risk; /* at most so many were read and not told of */
    uint64_t correlation_ms; /* of capture whose unfinished exchanges are forgotten */
    uint64_t away_ms;        /* how long nobody did its work */
    uint64_t restarts;       /* of this process so far, with this one */
};

struct sbl_health_sink {
    char sink[SBL_HEALTH_SINK_BYTES];
    bool is_lost;
    int error;        /* an errno; 0 = none */
    uint64_t waiting; /* records that wait for it */
    int64_t since_ns; /* of the state that ends; 0 = not known */
};

struct sbl_health_dropped {
    char sink[SBL_HEALTH_SINK_BYTES]; /* who dropped them */
    uint64_t records;
    int64_t from_ns, to_ns; /* 0 = not known */
};

/* One of them, by `kind`. */
struct sbl_health {
    enum sbl_health_kind kind;
    int64_t time_ns; /* when this was known */
    union {
        struct sbl_health_gap gap;
        struct sbl_health_restart restart;
        struct sbl_health_sink sink;
        struct sbl_health_dropped dropped;
    } is;
};

/* An interface as it stands, since the start. */
struct sbl_live_interface {
    char name[SBL_HEALTH_NAME_BYTES];
    bool is_up;
    uint64_t frames, kernel_drops, interface_drops, ring_bytes;
};

/* What statistics of a live capture have beside the counters of struct sbl_stats. */
struct sbl_live_stats {
    int64_t time_ns; /* now: a wire may be silent */
    const struct sbl_live_interface *interfaces;
    size_t interface_count;
    uint64_t notes_lost; /* findings that did not get from one process to the next */
    uint64_t restarts;   /* of all processes */
};

#endif
