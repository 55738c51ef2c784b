/* SYN, FIN and RST. All of them may come twice, late, or from somebody who wants us to look away:
 * an end is believed only where the sender is, and data behind it takes it back. */
#include "stream/connection.h"
#include "stream/reassembly.h"

enum { RESET_NEAR_BYTES = 1 << 20 };

static bool is_within(uint32_t from, uint32_t to, int32_t bytes) {
    int32_t distance = seq_distance(from, to);
    return distance < bytes && distance > -bytes;
}

/* Whether a SYN begins another connection than the one we know on these ports. */
static bool is_another(const struct arrival *a) {
    const struct flow *flow = a->flow;
    uint32_t isn = a->segment->seq, bit = 1u << a->side;
    bool has_data = (flow->flags & (FLOW_DATA | FLOW_DATA << 1)) != 0;
    bool is_answer = (a->segment->tcp_flags & SBL_TCP_ACK) != 0;
    if (flow->flags & FLOW_SYN * bit)
        return !is_answer || has_data || (flow->flags & FLOW_CLOSED);
    if (flow->flags & FLOW_CLOSED)
        return true;
    return (flow->flags & FLOW_SEQ * bit) &&
           !is_within(flow->next_seq[a->side], isn + 1, FAR_BYTES);
}

void control_take_syn(struct arrival *a) {
    struct flow *flow = a->flow;
    uint32_t isn = a->segment->seq, bit = 1u << a->side;
    bool is_answer = (a->segment->tcp_flags & SBL_TCP_ACK) != 0;
    if ((flow->flags & FLOW_SYN * bit) && flow->isn[a->side] == isn) {
        /* a refused client may try again with the same SYN, and be let in */
        if (!(flow->flags & (FLOW_DATA | FLOW_DATA << 1)))
            flow->flags &=
                ~(uint32_t)(FLOW_CLOSED | FLOW_RESET | FLOW_RESET_HIGH | FLOW_FIN | FLOW_FIN << 1);
        a->stream->stats->duplicates_frames++;
        a->is_copy = true;
        return;
    }
    if (is_another(a))
        connection_restart(a);
    if (!(flow->flags & FLOW_DATA * bit) || !(flow->flags & FLOW_SEQ * bit))
        flow->next_seq[a->side] = isn + 1;
    flow->isn[a->side] = isn;
    flow->flags |= (FLOW_SYN | FLOW_SEQ) * bit;
    if (!(flow->flags & FLOW_ANNOUNCED)) {
        bool is_client_high = is_answer ? a->side == 0 : a->side == 1;
        flow->flags &= ~(uint32_t)FLOW_CLIENT_HIGH;
        flow->flags |= FLOW_CLIENT_KNOWN | (is_client_high ? (uint32_t)FLOW_CLIENT_HIGH : 0);
    }
}

void control_take_fin(struct arrival *a) {
    struct flow *flow = a->flow;
    const struct sbl_segment *segment = a->segment;
    uint32_t end = segment->seq + segment->payload_bytes + segment->cut_bytes, bit = 1u << a->side;
    if (segment->tcp_flags & SBL_TCP_SYN)
        end++;
    if (flow->flags & FLOW_CLOSED)
        return;
    if (!a->connection) {
        flow->flags |= (FLOW_FIN | FLOW_SEQ) * bit;
        flow->next_seq[a->side] = end + 1;
        if ((flow->flags & FLOW_FIN) && (flow->flags & FLOW_FIN << 1))
            flow->flags |= FLOW_CLOSED;
        return;
    }
    uint32_t *end_seq = &a->connection->end_seq[a->side];
    if ((flow->flags & FLOW_SEQ * bit) && !is_within(flow->next_seq[a->side], end, FAR_BYTES))
        return;
    if ((flow->flags & FLOW_FIN * bit) && seq_distance(*end_seq, end) <= 0) {
        a->stream->stats->duplicates_frames += *end_seq == end;
        a->is_copy = segment->payload_bytes == 0;
        return;
    }
    if (!(flow->flags & FLOW_SEQ * bit))
        flow->next_seq[a->side] = end;
    flow->flags |= (FLOW_FIN | FLOW_SEQ) * bit;
    *end_seq = end;
}

void control_take_reset(struct arrival *a) {
    struct flow *flow = a->flow;
    const struct sbl_segment *segment = a->segment;
    uint32_t bit = 1u << a->side, other = a->side ^ 1u;
    if (flow->flags & (FLOW_CLOSED | FLOW_RESET)) {
        a->stream->stats->duplicates_frames++;
        return;
    }
    if ((flow->flags & FLOW_SEQ * bit) &&
        !is_within(flow->next_seq[a->side], segment->seq, RESET_NEAR_BYTES))
        return;
    a->stream->stats->resets++;
    flow->flags |= FLOW_RESET | (a->side ? (uint32_t)FLOW_RESET_HIGH : 0);
    if (!a->connection) {
        flow->flags |= FLOW_CLOSED;
        if (flow->flags & FLOW_SEQ * bit)
            flow->next_seq[a->side] = segment->seq;
        return;
    }
    if (!(flow->flags & FLOW_SEQ * bit))
        flow->next_seq[a->side] = segment->seq;
    uint32_t seen = flow->next_seq[other];
    bool has_ack = (segment->tcp_flags & SBL_TCP_ACK) &&
                   (flow->flags & (uint32_t)FLOW_SEQ << other) &&
                   is_within(seen, segment->ack, RESET_NEAR_BYTES);
    if (!(flow->flags & (uint32_t)FLOW_FIN << other))
        a->connection->end_seq[other] =
            has_ack && seq_distance(seen, segment->ack) > 0 ? segment->ack : seen;
    if (!(flow->flags & FLOW_FIN * bit))
        a->connection->end_seq[a->side] = segment->seq;
    flow->flags |= FLOW_SEQ * bit | FLOW_FIN | FLOW_FIN << 1;
}
