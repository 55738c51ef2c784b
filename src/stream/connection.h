/* The life of a connection: when a flow gets cold state, which segments begin and end it, and what
 * happens when there is no room. */
#ifndef SMBLAME_STREAM_CONNECTION_H
#define SMBLAME_STREAM_CONNECTION_H

#include "stream/state.h"

/* Gives a->flow a connection and sets a->connection. When all are in use the one used longest ago
 * is closed with SBL_CLOSE_EVICTED. `how`: FLOW_TENTATIVE while it might not be SMB, else 0. */
void connection_begin(struct arrival *a, uint32_t how, bool is_by_banner);

/* Gives a tentative connection back: it was not SMB. Tells nobody. */
void connection_reject(struct arrival *a);

/* Closes the connection when both ends were reached, or when the wait for them was long enough. */
void connection_check_end(struct arrival *a, bool is_counting);

/* The flow of a segment that is in no flow yet, in the table; evicts when that is full. */
struct flow *connection_add_flow(struct stream *stream, const struct flow_lookup *lookup,
                                 const struct sbl_segment *segment);

/* The same ports begin anew: closes what was and empties the flow, which stays in the table. */
void connection_restart(struct arrival *a);

/* A flow that is stale (expiry.h): empties it for the segment that comes now, or takes it out when
 * that only ends it (false), as if the hand had been here before; and takes out of the table what
 * the hand finds, a few slots at a time. */
bool connection_expire(struct stream *stream, struct flow *flow, const struct sbl_segment *segment);
void connection_sweep(struct stream *stream);

/* Closes every connection in order of last use and empties the table. */
void connection_finish_all(struct stream *stream, int64_t time_ns);

/* Takes the SYN, FIN and RST of a segment. SYN before its payload, the others behind it. */
void control_take_syn(struct arrival *a);
void control_take_fin(struct arrival *a);
void control_take_reset(struct arrival *a);

#endif
