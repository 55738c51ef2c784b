/* The loop over the layers of a frame, and the decoder that owns the fragment store. */
#include "decode/decode.h"

#include <errno.h>

#include "base/pool.h"
#include "decode/layer.h"

struct decoder {
    struct sbl_stats *stats;
    struct fragments fragments;
};

static enum layer (*const take_off[LAYER_COUNT])(struct walk *w) = {
#define LAYER_FUNCTION(name, function) [LAYER_##name] = (function),
    LAYERS(LAYER_FUNCTION)
#undef LAYER_FUNCTION
};

static enum layer layer_of_link_type(uint16_t link_type) {
    static const struct {
        uint16_t link_type;
        uint8_t layer;
    } links[] = {
        {SBL_LINKTYPE_ETHERNET, LAYER_ETHERNET},
        {SBL_LINKTYPE_LINUX_SLL, LAYER_LINUX_SLL},
        {SBL_LINKTYPE_LINUX_SLL2, LAYER_LINUX_SLL2},
        {SBL_LINKTYPE_RAW, LAYER_RAW_IP},
        {12 /* DLT_RAW */, LAYER_RAW_IP},
        {14 /* DLT_RAW on OpenBSD */, LAYER_RAW_IP},
        {SBL_LINKTYPE_IPV4, LAYER_IPV4},
        {SBL_LINKTYPE_IPV6, LAYER_IPV6},
        {SBL_LINKTYPE_NULL, LAYER_NULL_LOOP},
        {SBL_LINKTYPE_LOOP, LAYER_NULL_LOOP},
        {SBL_LINKTYPE_PPP, LAYER_PPP},
        {SBL_LINKTYPE_PPP_HDLC, LAYER_PPP},
        {SBL_LINKTYPE_PPP_ETHER, LAYER_PPPOE},
        {SBL_LINKTYPE_TOKEN_RING, LAYER_TOKEN_RING},
        {SBL_LINKTYPE_FDDI, LAYER_FDDI},
        {SBL_LINKTYPE_NFLOG, LAYER_NFLOG},
    };
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (links[i].link_type == link_type)
            return (enum layer)links[i].layer;
    return LAYER_NONE;
}

/* Counts a layer of encapsulation. False: it is one too many. */
static bool enter(struct walk *w, enum layer layer) {
    if (layer >= LAYER_FIRST_TUNNEL && !w->is_tunnelled) {
        w->is_tunnelled = true;
        w->stats->tunnels++;
    }
    return w->depth++ < SBL_MAX_TUNNEL_DEPTH;
}

/* Takes off one layer after the other until one of the four ends. */
static enum layer walk_layers(struct walk *w, enum layer layer) {
    for (unsigned steps = 0; layer >= LAYER_FIRST; steps++) {
        if (steps == LAYER_STEPS_MAX || (layer >= LAYER_FIRST_TAG && !enter(w, layer))) {
            w->stats->cap_hits[SBL_LIMIT_TUNNEL_DEPTH]++;
            return walk_odd(w, SBL_ODDITY_NESTING_TOO_DEEP);
        }
        layer = take_off[layer](w);
        if (w->cursor.spoiled)
            return walk_odd(w, w->cut ? SBL_ODDITY_CUT_BY_SNAPLEN : SBL_ODDITY_TRUNCATED);
    }
    return layer;
}

/* Apart, so that the short way does not pay for its stack. */
static __attribute__((noinline)) bool
walk_frame(struct decoder *decoder, const struct sbl_frame *frame, struct sbl_segment *segment) {
    struct sbl_stats *stats = decoder->stats;
    enum layer first = layer_of_link_type(frame->link_type);
    if (first == LAYER_NONE) {
        stats->frames_by_link_unknown++;
        return false;
    }
    struct walk w;
    /* Field by field: a struct copied through the stack stalls on its own stores. */
    w.cursor.base = frame->bytes;
    w.cursor.size = frame->bytes ? frame->captured_bytes : 0;
    w.cursor.at = 0;
    w.cursor.spoiled = false;
    w.cut =
        frame->wire_bytes > frame->captured_bytes ? frame->wire_bytes - frame->captured_bytes : 0;
    w.frame = frame;
    w.segment = segment;
    w.stats = stats;
    w.fragments = &decoder->fragments;
    w.macs = NULL;
    w.ip = NULL;
    w.ip_at = 0;
    w.tunnel_id = 0;
    w.extension = 0;
    w.depth = 0;
    w.is_tunnelled = false;
    bool is_cut = w.cut > 0;
    enum layer end = walk_layers(&w, first);
    stats->cut_frames += is_cut || w.cut > 0;
    if (end == LAYER_NONE || end == LAYER_HEARD)
        *(w.ip ? &stats->not_tcp : &stats->not_ip) += 1;
    return end == LAYER_DONE || end == LAYER_HEARD;
}

bool decode_frame(struct decoder *decoder, const struct sbl_frame *frame,
                  struct sbl_segment *segment) {
    struct sbl_stats *stats = decoder->stats;
    if (frame->link_type == SBL_LINKTYPE_ETHERNET) {
        enum plain plain = plain_decode(frame, segment);
        if (plain != PLAIN_NOT) {
            stats->cut_frames += frame->wire_bytes > frame->captured_bytes; /* of its padding */
            stats->not_tcp += plain == PLAIN_NOTHING;
            return plain == PLAIN_SEGMENT;
        }
    }
    return walk_frame(decoder, frame, segment);
}

int decoder_new(struct decoder **decoder, struct sbl_stats *stats,
                const struct sbl_limits *limits) {
    *decoder = NULL;
    struct decoder *made = pages_reserve(sizeof *made);
    if (!made)
        return -ENOMEM;
    made->stats = stats;
    int failed = fragments_init(&made->fragments, stats, limits);
    if (failed) {
        pages_free(made, sizeof *made);
        return failed;
    }
    *decoder = made;
    return 0;
}

void decode_batch_done(struct decoder *decoder) {
    fragments_batch_done(&decoder->fragments);
}

void decode_finish(struct decoder *decoder) {
    fragments_finish(&decoder->fragments);
}

size_t decoder_ceiling(const struct sbl_limits *limits) {
    return sizeof(struct decoder) + fragments_ceiling(limits);
}

void decoder_free(struct decoder *decoder) {
    if (!decoder)
        return;
    fragments_fini(&decoder->fragments);
    pages_free(decoder, sizeof *decoder);
}
