/* decode: from a captured frame to the TCP segment in it. Takes off link layers, VLAN tags, tunnels
 * and IP headers, puts IP fragments together, and hands over the innermost TCP header and payload.
 * The datagrams of a few UDP ports come out too, for witnesses. Nothing here requires a checksum to
 * be right: offloading hardware leaves them empty. */
#ifndef SMBLAME_DECODE_DECODE_H
#define SMBLAME_DECODE_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include <smblame/frame.h>
#include <smblame/segment.h>
#include <smblame/stats.h>

struct decoder;

/* Makes a decoder that counts into `stats` (borrowed, must outlive it). All memory for fragments is
 * reserved here, of `limits` (NULL: the usual ones). 0, or -ENOMEM with nothing left behind. */
int decoder_new(struct decoder **decoder, struct sbl_stats *stats, const struct sbl_limits *limits);

/* Decodes one frame. True: `segment` is filled, every field but the ordinal, and borrows from the
 * frame or from the decoder until decode_batch_done; with is_datagram it is one of UDP, which
 * counts as not TCP. False: there is neither in the frame (counted in stats: link unknown, not IP,
 * not TCP, or an oddity) or it is a fragment that waits for others. A datagram in fragments comes
 * out with the frame that brings its last missing piece. */
bool decode_frame(struct decoder *decoder, const struct sbl_frame *frame,
                  struct sbl_segment *segment);

/* The segments handed out since the last call are no longer used: their datagrams may go. */
void decode_batch_done(struct decoder *decoder);

/* No more frames will come: what still waits for its other fragments is counted as lost. */
void decode_finish(struct decoder *decoder);

/* The most memory a decoder can take, in bytes. */
size_t decoder_ceiling(const struct sbl_limits *limits);

void decoder_free(struct decoder *decoder);

#endif
