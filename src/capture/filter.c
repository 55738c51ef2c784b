/* BPF for files. */
#include "capture/filter.h"

#include <errno.h>
#include <pcap.h>
#include <stdbool.h>
#include <stdlib.h>

#include <smblame/limits.h>

enum { PROGRAMS = 64 /* link types of one capture; of more, frames are let through */ };

struct program {
    uint16_t link_type;
    bool is_compiled;
    struct bpf_program code;
};

struct filter {
    const char *text;
    struct complaint complaint;
    size_t count, last; /* programs; the one used last */
    struct program programs[PROGRAMS];
};

static const struct {
    uint16_t link_type;
    int dlt;
} differences[] = {
    {SBL_LINKTYPE_RAW, DLT_RAW},
    {SBL_LINKTYPE_PPP_HDLC, DLT_PPP_SERIAL},
    {SBL_LINKTYPE_PPP_ETHER, DLT_PPP_ETHER},
    {100, DLT_ATM_RFC1483},
    {102, DLT_SLIP_BSDOS},
    {103, DLT_PPP_BSDOS},
};

static int dlt_of_linktype(uint16_t link_type) {
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
        if (differences[i].link_type == link_type)
            return differences[i].dlt;
    return link_type;
}

uint16_t filter_linktype_of_dlt(int dlt) {
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
        if (differences[i].dlt == dlt)
            return differences[i].link_type;
    return (uint16_t)dlt;
}

/* Compiles for the program's link type; complains when that does not go. */
static bool compile(struct filter *filter, struct program *program) {
    pcap_t *dead = pcap_open_dead(dlt_of_linktype(program->link_type), (int)SBL_MAX_FRAME_BYTES);
    if (!dead)
        return false;
    program->is_compiled =
        pcap_compile(dead, &program->code, filter->text, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!program->is_compiled)
        complaint_tell(&filter->complaint, NULL, "filter \"%s\" for link type %u: %s", filter->text,
                       program->link_type, pcap_geterr(dead));
    pcap_close(dead);
    return program->is_compiled;
}

int filter_new(struct filter **filter, const char *text, const struct complaint *complaint) {
    struct filter *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->text = text;
    made->complaint = *complaint;
    made->programs[0].link_type = SBL_LINKTYPE_ETHERNET;
    made->count = 1;
    if (!compile(made, &made->programs[0])) {
        filter_free(made);
        return -EINVAL;
    }
    *filter = made;
    return 0;
}

static const struct program *find(struct filter *filter, uint16_t link_type) {
    if (filter->programs[filter->last].link_type == link_type)
        return &filter->programs[filter->last];
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->programs[i].link_type == link_type) {
            filter->last = i;
            return &filter->programs[i];
        }
    }
    if (filter->count == PROGRAMS)
        return NULL;
    struct program *program = &filter->programs[filter->count++];
    program->link_type = link_type;
    (void)compile(filter, program);
    return program;
}

static bool lets_through(struct filter *filter, const struct sbl_frame *frame) {
    const struct program *program = find(filter, frame->link_type);
    if (!program || !program->is_compiled)
        return true;
    struct pcap_pkthdr header = {.caplen = frame->captured_bytes, .len = frame->wire_bytes};
    return pcap_offline_filter(&program->code, &header, frame->bytes) != 0;
}

size_t filter_apply(struct filter *filter, struct sbl_frame *frames, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (lets_through(filter, &frames[i]))
            frames[kept++] = frames[i];
    return kept;
}

void filter_rewind(struct filter *filter) {
    size_t kept = 0;
    for (size_t i = 0; i < filter->count; i++)
        if (filter->programs[i].is_compiled)
            filter->programs[kept++] = filter->programs[i];
    filter->count = kept;
    filter->last = 0;
}

void filter_free(struct filter *filter) {
    if (!filter)
        return;
    for (size_t i = 0; i < filter->count; i++)
        if (filter->programs[i].is_compiled)
            pcap_freecode(&filter->programs[i].code);
    free(filter);
}
