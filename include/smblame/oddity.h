/* Oddities: what strangers put on the wire that the specifications forbid or that hides something.
 * A closed list; each is counted by name in smblame.stats and none of them is an error of ours. */
#ifndef SMBLAME_ODDITY_H
#define SMBLAME_ODDITY_H

#define SBL_ODDITIES(X)                                                                            \
    X(TRUNCATED, "truncated")                   /* a message shorter than its own fields say */    \
    X(CUT_BY_SNAPLEN, "cut_by_snaplen")         /* the capture, not the sender, dropped the end */ \
    X(BAD_MAGIC, "bad_magic")                   /* not what the framing promised */                \
    X(BAD_STRUCTURE_SIZE, "bad_structure_size") /* StructureSize or WordCount no form has */       \
    X(BAD_OFFSET, "bad_offset")                 /* an offset outside the message or backwards */   \
    X(BAD_LENGTH, "bad_length")                 /* a length that contradicts its container */      \
    X(CHAIN_LOOP, "chain_loop")                 /* AndXOffset or NextCommand does not advance */   \
    X(CHAIN_TOO_LONG, "chain_too_long")         /* more chained commands than the cap */           \
    X(NESTING_TOO_DEEP, "nesting_too_deep")     /* more layers than the cap: tunnels, ASN.1 */     \
    X(BAD_ASN1, "bad_asn1")                     /* a DER length or tag that cannot be */           \
    X(ODD_UTF16, "odd_utf16")                   /* UTF-16 of odd length or lone surrogates */      \
    X(SPOILED_CURSOR, "spoiled_cursor")         /* an observation refused: read past the end */    \
    X(REPORT_FULL, "report_full")               /* more observations in a message than the cap */  \
    X(BAD_NETBIOS_NAME, "bad_netbios_name")     /* not 32 half-ASCII letters */                    \
    X(UNKNOWN_NBSS_TYPE, "unknown_nbss_type")                                                      \
    X(MESSAGE_TOO_LONG, "message_too_long")       /* framed length beyond the cap */               \
    X(CONFLICTING_OVERLAP, "conflicting_overlap") /* TCP bytes sent twice, differently */          \
    X(URGENT_DATA, "urgent_data")                                                                  \
    X(BAD_HEADER, "bad_header") /* link, tunnel, IP or TCP header that cannot be */                \
    X(CONFLICTING_FRAGMENT, "conflicting_fragment") /* IP fragments that overlap, differently */   \
    X(FRAGMENT_TOO_LONG, "fragment_too_long")       /* beyond 64 KiB */                            \
    X(TIME_JUMP_BACK, "time_jump_back")   /* a timestamp more than a second before its past */     \
    X(TIME_JUMP_AHEAD, "time_jump_ahead") /* a timestamp more than an hour ahead */

enum sbl_oddity {
#define SBL_ODDITY_ENUM(name, word) SBL_ODDITY_##name,
    SBL_ODDITIES(SBL_ODDITY_ENUM)
#undef SBL_ODDITY_ENUM
        SBL_ODDITY_COUNT
};

#endif
