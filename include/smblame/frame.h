/* A captured frame, as the capture room hands it over: whole, untouched, with the capture's own
 * time. `bytes` is borrowed from the reader's buffer and valid until the next batch is asked for.
 */
#ifndef SMBLAME_FRAME_H
#define SMBLAME_FRAME_H

#include <stdint.h>

/* LINKTYPE_ values of the tcpdump group's list (www.tcpdump.org/linktypes.html), the ones we
 * decode. */
enum sbl_linktype {
    SBL_LINKTYPE_NULL = 0,
    SBL_LINKTYPE_ETHERNET = 1,
    SBL_LINKTYPE_TOKEN_RING = 6,
    SBL_LINKTYPE_PPP = 9,
    SBL_LINKTYPE_FDDI = 10,
    SBL_LINKTYPE_PPP_HDLC = 50,
    SBL_LINKTYPE_PPP_ETHER = 51,
    SBL_LINKTYPE_RAW = 101,
    SBL_LINKTYPE_LOOP = 108,
    SBL_LINKTYPE_LINUX_SLL = 113,
    SBL_LINKTYPE_IPV4 = 228,
    SBL_LINKTYPE_IPV6 = 229,
    SBL_LINKTYPE_NFLOG = 239,
    SBL_LINKTYPE_LINUX_SLL2 = 276,
    SBL_LINKTYPE_UNKNOWN = 0xFFFF, /* counted, not decoded */
};

/* What several frames of one batch share is repeated in each: a frame stands alone. */
struct sbl_frame {
    const uint8_t *bytes;
    uint32_t captured_bytes;
    uint32_t wire_bytes; /* >= captured_bytes unless the file says otherwise */
    int64_t time_ns;     /* since 1970 UTC, as the capture says */
    uint64_t number;     /* 1-based, counted per input file as Wireshark does */
    uint32_t process;    /* Network Monitor 2.x: 1-based row of the process table; 0 = not known */
    uint16_t link_type;  /* enum sbl_linktype or another LINKTYPE_ value */
    uint16_t file;       /* which input file: index into the list of evidence names */
};

#endif
