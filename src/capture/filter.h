/* A BPF filter over the frames of files, compiled by libpcap once for each link type met. */
#ifndef SMBLAME_CAPTURE_FILTER_H
#define SMBLAME_CAPTURE_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include <smblame/frame.h>

#include "capture/complaint.h"

struct filter;

/* Compiles `text` for Ethernet. 0, -ENOMEM, or -EINVAL when it is no filter (complained about).
 * `text` is borrowed. */
int filter_new(struct filter **filter, const char *text, const struct complaint *complaint);

/* Keeps the frames the filter lets through, in order, and says how many these are. Where the filter
 * cannot be compiled for a link type ("ether host" on raw IP) this is said once and its frames are
 * let through: better one too many than a failure missed. */
size_t filter_apply(struct filter *filter, struct sbl_frame *frames, size_t count);

/* The same frames come once more: what is to be complained about is so again. */
void filter_rewind(struct filter *filter);

void filter_free(struct filter *filter);

/* The LINKTYPE_ that files have for the DLT_ that libpcap works with; they differ for raw IP and a
 * few relics. */
uint16_t filter_linktype_of_dlt(int dlt);

#endif
