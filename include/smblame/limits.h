/* Every cap of the packet path, in one place. Memory that scales with traffic comes from pools of
 * these sizes, so the ceiling of the whole is a sum that `smblame -V` prints. Hitting one is
 * counted in smblame.stats by the name it has here. Those with a range size memory and can be set
 * (--limit NAME=N, struct sbl_limits); the others are of the protocols, or of one file. */
#ifndef SMBLAME_LIMITS_H
#define SMBLAME_LIMITS_H

#include <stdint.h>

/* Name, word, value; least and most that it can be set to, 0 0 = it cannot. */
#define SBL_LIMITS(X)                                                                              \
    X(FLOWS, flows, 1u << 20, 64, 1u << 24)             /* TCP connections remembered at once */   \
    X(CONNECTIONS, connections, 1u << 17, 16, 1u << 22) /* of these, with SMB state */             \
    X(SESSIONS, sessions, 1u << 18, 16, 1u << 22)       /* authenticated SMB sessions */           \
    X(TREES, trees, 1u << 18, 16, 1u << 22)             /* connected shares */                     \
    X(FILES, files, 1u << 18, 16, 1u << 22)     /* open files and directories with a known path */ \
    X(PENDING, pending, 1u << 18, 16, 1u << 22) /* requests that wait for their reply */           \
    X(OUT_OF_ORDER_BYTES, out_of_order_bytes, 64u << 20, 1u << 16, 1u << 30) /* of all flows */    \
    X(OUT_OF_ORDER_BYTES_PER_FLOW, out_of_order_bytes_per_flow, 1u << 20, 1u << 14, 16u << 20)     \
    X(MESSAGE_BYTES, message_bytes, 1u << 17, 0, 0)  /* of one message kept for a dissector */     \
    X(FRAMED_BYTES, framed_bytes, 0x01000000u, 0, 0) /* of one NBSS/direct-TCP message (2^24) */   \
    X(MESSAGE_BUFFERS, message_buffers, 4096u, 32, 65536) /* messages in the making, all flows */  \
    X(NAME_BYTES, name_bytes, 64u << 20, 1u << 19, 1u << 30) /* names kept by correlate */         \
    X(FRAGMENTED_DATAGRAMS, fragmented_datagrams, 512u, 16, 8192)                                  \
    X(TUNNEL_DEPTH, tunnel_depth, 8u, 0, 0)                                                        \
    X(CHAIN_LENGTH, chain_length, 64u, 0, 0) /* AndX blocks or compound parts in a message */      \
    X(CLASSIFIED_FLOWS, classified_flows, 4096u, 16, 65536) /* flows nDPI looks at, at once */     \
    X(CLASSIFY_SEGMENTS, classify_segments, 4u, 0, 0)       /* data segments nDPI sees of one */   \
    X(FRAME_BYTES, frame_bytes, 262144u, 0, 0)              /* a longer frame is damage */         \
    X(DECOMPRESS_RATIO, decompress_ratio, 2000u, 0, 0)      /* beyond it the input is a bomb */    \
    X(INPUT_FILES, input_files, 65535u, 0, 0)                                                      \
    X(HOSTS, hosts, 1u << 15, 16, 1u << 20)       /* addresses that history remembers */           \
    X(ACCOUNTS, accounts, 1u << 16, 16, 1u << 20) /* accounts, each in its authority */            \
    X(PAIRS, pairs, 1u << 16, 16, 1u << 20)       /* an account as used by a client */             \
    X(LINES, lines, 1u << 18, 256, 1u << 22)      /* evidence lines of all pairs together */       \
    X(WALKS, walks, 4096u, 16, 65536)             /* searches of PATH, of all clients */           \
    X(WITNESSES, witnesses, 8192u, 16, 1u << 20) /* addresses that answered on a port of theirs */ \
    X(DIAGNOSES, diagnoses, 1024u, 16, 65536)    /* open at once */                                \
    X(DIAGNOSES_PER_RULE, diagnoses_per_rule, 24u, 3, 1024) /* beyond it they are told as one */   \
    X(SUMMARY_DIAGNOSES, summary_diagnoses, 1024u, 0, 0)                                           \
    X(SUMMARY_ACCOUNTS, summary_accounts, 4096u, 0, 0)                                             \
    X(SUMMARY_NAMES, summary_names, 4096u, 0, 0)                                                   \
    X(MERGED_FILES, merged_files, 256u, 0, 0)        /* input files open at once for merging */    \
    X(INTERFACES, interfaces, 65536u, 0, 0)          /* of one section of a pcapng file */         \
    X(PROCESSES, processes, 65536u, 0, 0)            /* rows of a Network Monitor process table */ \
    X(PROCESS_BYTES, process_bytes, 4u << 20, 0, 0)  /* of their image paths, for each file */     \
    X(SPOOL_MEGABYTES, spool_megabytes, 4096u, 0, 0) /* of a Network Monitor file from a pipe */   \
    X(PENDING_PER_CONNECTION, pending_per_connection, 1024u, 16, 32768)                            \
    X(ATTEMPTS, attempts, 1u << 17, 16, 1u << 22) /* logons in the making */                       \
    X(ATTEMPTS_PER_CONNECTION, attempts_per_connection, 64u, 4, 4096)                              \
    X(EARLY_REPLIES, early_replies, 1u << 16, 16, 1u << 20)  /* seen before their request */       \
    X(NOTE_BYTES, note_bytes, 64u << 20, 2u << 20, 1u << 30) /* from a watch to speak, live */     \
    X(LOOK_BACK, look_back, 2048u, 16, 65536) /* clients whose last look-ups are kept */           \
    X(EVIDENCE_BYTES, evidence_bytes, 64u << 20, 1u << 14,                                         \
      1u << 30)                                                     /* of frames, with -w alone */ \
    X(EVIDENCE_FINDINGS, evidence_findings, 1u << 16, 16, 1u << 22) /* likewise */

enum sbl_limit {
#define SBL_LIMIT_ENUM(name, word, value, least, most) SBL_LIMIT_##name,
    SBL_LIMITS(SBL_LIMIT_ENUM)
#undef SBL_LIMIT_ENUM
        SBL_LIMIT_COUNT
};

enum sbl_limit_value {
#define SBL_LIMIT_VALUE(name, word, value, least, most) SBL_MAX_##name = (value),
    SBL_LIMITS(SBL_LIMIT_VALUE)
#undef SBL_LIMIT_VALUE
};

/* The caps of one engine; 0 = the value above. Zeroed is the usual engine. */
struct sbl_limits {
    uint32_t of[SBL_LIMIT_COUNT];
};

/* The table above as data; `most` 0 = it cannot be set. */
struct sbl_limit_row {
    const char *word;
    uint32_t usual, least, most;
};
extern const struct sbl_limit_row sbl_limit_rows[SBL_LIMIT_COUNT];

/* What a limit is: as set, brought into its range, or the usual value. `limits` may be NULL. */
uint32_t sbl_limit_of(const struct sbl_limits *limits, enum sbl_limit limit);

#endif
