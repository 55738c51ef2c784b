/* The filter of live capture: what the analysis has a use for, in every shape that it reads. */
#ifndef SMBLAME_CAPTURE_DEFAULT_FILTER_H
#define SMBLAME_CAPTURE_DEFAULT_FILTER_H

#include <pcap.h>
#include <stddef.h>
#include <stdint.h>

/* For frames of a link type, in the words of pcap-filter(7). NULL: all frames are let through. */
const char *default_filter_text(uint16_t link_type);

/* Sets it on an activated device, narrowed by `narrow` unless that is NULL. 0, -EINVAL for a filter
 * that is none, -ENOMEM or -EIO; `error` says it in words. */
int default_filter_set(pcap_t *pcap, const char *narrow, char *error, size_t error_size);

/* Both programs as one that lets through what both do. 0 or -ENOMEM; `both` is to be freed with
 * pcap_freecode. */
int default_filter_join(const struct bpf_program *one, const struct bpf_program *other,
                        struct bpf_program *both);

#endif
