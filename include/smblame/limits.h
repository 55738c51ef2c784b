/* Every cap of the packet path, in one place. Memory that scales with traffic comes from pools of
 * these sizes, so the ceiling of the whole is a sum that `smblame -V` prints. Hitting one is
 * counted in smblame.stats by the name it has here. */
#ifndef SMBLAME_LIMITS_H
#define SMBLAME_LIMITS_H

#define SBL_LIMITS(X)                                                                              \
    X(FLOWS, flows, 1u << 20)             /* TCP connections remembered at once */                 \
    X(CONNECTIONS, connections, 1u << 17) /* of these, with SMB state */                           \
    X(SESSIONS, sessions, 1u << 18)       /* authenticated SMB sessions */                         \
    X(TREES, trees, 1u << 18)             /* connected shares */                                   \
    X(FILES, files, 1u << 18)             /* open files and directories with a known path */       \
    X(PENDING, pending, 1u << 18)         /* requests that wait for their reply */                 \
    X(OUT_OF_ORDER_BYTES, out_of_order_bytes, 64u << 20) /* of all flows together */               \
    X(OUT_OF_ORDER_BYTES_PER_FLOW, out_of_order_bytes_per_flow, 1u << 20)                          \
    X(MESSAGE_BYTES, message_bytes, 1u << 17)  /* of one message kept for a dissector */           \
    X(FRAMED_BYTES, framed_bytes, 0x01000000u) /* of one NBSS/direct-TCP message (2^24 - 1) */     \
    X(MESSAGE_BUFFERS, message_buffers, 4096u) /* messages in the making, all flows together */    \
    X(NAME_BYTES, name_bytes, 64u << 20)       /* names kept by correlate, all together */         \
    X(FRAGMENTED_DATAGRAMS, fragmented_datagrams, 512u)                                            \
    X(TUNNEL_DEPTH, tunnel_depth, 8u)                                                              \
    X(CHAIN_LENGTH, chain_length, 64u) /* AndX blocks or compound parts in a message */            \
    X(ASN1_DEPTH, asn1_depth, 8u)                                                                  \
    X(CLASSIFIED_FLOWS, classified_flows, 4096u) /* flows nDPI looks at, at once */                \
    X(CLASSIFY_SEGMENTS, classify_segments, 4u)  /* data segments nDPI sees of one flow */         \
    X(FRAME_BYTES, frame_bytes, 262144u)         /* a longer frame is damage */                    \
    X(DECOMPRESS_RATIO, decompress_ratio, 2000u) /* beyond it a compressed input is a bomb */      \
    X(INPUT_FILES, input_files, 65535u)                                                            \
    X(HOSTS, hosts, 1u << 15)       /* addresses that history remembers */                         \
    X(ACCOUNTS, accounts, 1u << 16) /* accounts, each in its authority */                          \
    X(PAIRS, pairs, 1u << 16)       /* an account as used by a client */                           \
    X(LINES, lines, 1u << 18)       /* evidence lines of all pairs together */                     \
    X(WALKS, walks, 4096u)          /* searches of PATH, of all clients */                         \
    X(WITNESSES, witnesses, 8192u)  /* addresses that answered on a port of theirs */              \
    X(DIAGNOSES, diagnoses, 1024u)  /* open at once */                                             \
    X(DIAGNOSES_PER_RULE, diagnoses_per_rule, 24u) /* beyond it they are told as one */            \
    X(SUMMARY_DIAGNOSES, summary_diagnoses, 1024u)                                                 \
    X(SUMMARY_ACCOUNTS, summary_accounts, 4096u)                                                   \
    X(SUMMARY_NAMES, summary_names, 4096u)                                                         \
    X(MERGED_FILES, merged_files, 256u)        /* input files open at once for merging by time */  \
    X(INTERFACES, interfaces, 65536u)          /* of one section of a pcapng file */               \
    X(PROCESSES, processes, 65536u)            /* rows of a Network Monitor process table */       \
    X(PROCESS_BYTES, process_bytes, 4u << 20)  /* of their image paths, for each file */           \
    X(SPOOL_MEGABYTES, spool_megabytes, 4096u) /* of a Network Monitor file read from a pipe */

enum sbl_limit {
#define SBL_LIMIT_ENUM(name, word, value) SBL_LIMIT_##name,
    SBL_LIMITS(SBL_LIMIT_ENUM)
#undef SBL_LIMIT_ENUM
        SBL_LIMIT_COUNT
};

enum sbl_limit_value {
#define SBL_LIMIT_VALUE(name, word, value) SBL_MAX_##name = (value),
    SBL_LIMITS(SBL_LIMIT_VALUE)
#undef SBL_LIMIT_VALUE
};

#endif
