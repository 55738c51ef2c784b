/* What all findings have: who talked to whom, by which dialect, under which session, on which
 * share, in which frames. */
#include <string.h>

#include "base/hash.h"
#include "correlate/state.h"

static bool is_generic(const struct sbl_netbios_name *called) {
    static const char generic[] = "*SMBSERVER";
    return called->size == sizeof generic - 1 &&
           memcmp(called->name, generic, sizeof generic - 1) == 0;
}

static struct sbl_text computer_of(struct correlate *c, const struct connection *conn) {
    if (conn->computer_of)
        return shared_text(&c->sharing, conn->computer_of, NAME_NB_COMPUTER - NAME_TARGET);
    if (conn->computer.size)
        return name_text(conn->computer, lay_out(c, &conn->computer_pile));
    return (struct sbl_text){0};
}

/* The server's name: its own word in a CHALLENGE, or in the SMB1 greeting, else what the client
 * called. */
static struct sbl_text server_name_of(struct correlate *c, const struct connection *conn,
                                      const uint8_t *greeting) {
    if (conn->computer_of || conn->computer.size)
        return computer_of(c, conn);
    if (conn->server.size)
        return name_text(conn->server, greeting);
    if (conn->called.is_present && !is_generic(&conn->called))
        return (struct sbl_text){
            .bytes = conn->called.name, .size = conn->called.size, .encoding = SBL_TEXT_ASCII};
    return (struct sbl_text){0};
}

/* The names of the greeting: of SMB1, and what was called on port 139. */
static void greeting_names(struct correlate *c, const struct connection *conn,
                           struct sbl_finding *finding) {
    const uint8_t *greeting = lay_out(c, &conn->pile);
    const uint8_t *offered =
        conn->dialects_of ? shared_at(&c->sharing, conn->dialects_of)->bytes : greeting;
    finding->dialect_name = name_text(conn->dialect_name, offered);
    finding->server_name = server_name_of(c, conn, greeting);
    finding->called = conn->called;
    finding->calling = conn->calling;
}

/* Probes come by the million: the list of frames, half of a finding, is not emptied, and nothing is
 * zeroed by the block, which takes longer than all of this. */
void finding_begin(struct correlate *c, const struct connection *conn,
                   struct sbl_finding *finding) {
    static const struct sbl_text absent;
    c->scratch_used = 0;
    finding->conversation = conn->conversation;
    finding->time_ns = 0;
    finding->seq = finding->status = 0;
    finding->is_dos_error = finding->has_status = false;
    finding->smb_version = 0;
    finding->dialect = conn->dialect;
    finding->message_id = finding->session_id = 0;
    finding->tree_id = 0;
    finding->is_signed = finding->is_encrypted = finding->is_asked_signed = false;
    finding->account = finding->domain = finding->workstation = finding->share = absent;
    finding->evidence.request = finding->evidence.response = (struct sbl_frame_ref){0};
    finding->evidence.frame_count = 0;
    finding->evidence.process = 0;
    finding->dialect_name = absent;
    if (conn->has_names) {
        greeting_names(c, conn, finding);
        return;
    }
    finding->called.is_present = finding->calling.is_present = false;
    finding->called.size = finding->calling.size = 0;
    finding->server_name = computer_of(c, conn);
}

static struct sbl_frame_ref frame_add(struct sbl_evidence *evidence, uint64_t packed) {
    struct sbl_frame_ref frame = frame_unpack(packed);
    if (evidence->frame_count < SBL_EVIDENCE_FRAMES)
        evidence->frames[evidence->frame_count++] = frame;
    return frame;
}

void finding_ask(struct sbl_finding *finding, const struct ask *ask) {
    finding->time_ns = ask->time_ns;
    finding->seq = ask->seq;
    finding->smb_version = ask->version;
    finding->message_id = ask->message_id;
    finding->session_id = ask->session_id;
    finding->tree_id = ask->tree_id;
    finding->is_signed = finding->is_asked_signed = ask->is_signed;
    finding->evidence.request = frame_add(&finding->evidence, ask->frame);
    finding->evidence.process = ask->process;
}

/* Ids: of the request when it is there and says them. What rides behind the first command of an
 * SMB1 chain is asked before its session and tree exist; only the reply has their ids. */
void finding_answer(struct sbl_finding *finding, const struct answer *answer) {
    bool has_ask = finding->evidence.request.number != 0;
    bool rides = answer->version == 1;
    finding->time_ns = answer->time_ns;
    finding->seq = answer->seq;
    finding->status = answer->status;
    finding->is_dos_error = answer->is_dos_error;
    finding->has_status = true;
    finding->smb_version = answer->version;
    if (!has_ask)
        finding->message_id = answer->message_id;
    if (!has_ask || rides || finding->session_id == 0 || finding->session_id == UINT64_MAX)
        finding->session_id = answer->session_id;
    if (!has_ask || rides || finding->tree_id == UINT32_MAX)
        finding->tree_id = answer->tree_id;
    finding->is_signed |= answer->is_signed;
    finding->evidence.response = frame_add(&finding->evidence, answer->frame);
    if (!finding->evidence.process)
        finding->evidence.process = answer->process;
}

struct session *finding_session(struct correlate *c, struct connection *conn,
                                struct sbl_finding *finding) {
    struct session *session = session_find(c, conn, finding->smb_version, finding->session_id);
    if (!session)
        return NULL;
    const uint8_t *bytes = lay_out(c, &session->pile);
    finding->account = name_text(session->account, bytes);
    finding->domain = name_text(session->domain, bytes);
    finding->workstation = name_text(session->workstation, bytes);
    finding->is_encrypted = session->is_encrypted;
    return session;
}

uint64_t challenge_mark_of(const struct correlate *c, uint64_t challenge) {
    if (challenge == 0)
        return 0;
    uint64_t mark = hash_bytes(&challenge, sizeof challenge, c->seed);
    return mark ? mark : 1;
}
