/* Logons, shares, files and witnesses of a scenario, as values of the kind that correlate and
 * witness make. A logon is SMB2 with NTLMv2 in SPNEGO unless it says otherwise; `smb1` is the older
 * session setup without extended security, `smb1 ext` the one with it. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"

#define FILETIME_OF_1970 116444736000000000

/* The words that may follow a logon's status, collected. */
struct logon {
    uint8_t answer;
    bool is_smb1, is_extended, is_kerberos, is_abandoned, is_unanswered;
    bool is_guest, has_no_version, has_no_mic, is_same_connection, is_binding, is_unproved;
    bool needs_signing, has_skew, prefers_kerberos;
    const char *share, *workstation, *spn, *os, *calling, *called, *service;
    uint64_t challenge;
    double skew_s;
};

static bool take_answer(struct logon *logon, struct words *words) {
    static const struct {
        const char *word;
        uint8_t answer;
    } table[] = {{"lm", SBL_ANSWER_LM},          {"ntlmv1", SBL_ANSWER_NTLMV1},
                 {"ess", SBL_ANSWER_NTLMV1_ESS}, {"lmv2", SBL_ANSWER_LMV2},
                 {"ntlmv2", SBL_ANSWER_NTLMV2},  {"plaintext", SBL_ANSWER_PLAINTEXT}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (words_take(words, table[i].word)) {
            logon->answer = table[i].answer;
            return true;
        }
    }
    return false;
}

static bool take_flag(struct logon *logon, struct words *words) {
    const struct {
        const char *word;
        bool *flag;
    } table[] = {{"smb1", &logon->is_smb1},          {"ext", &logon->is_extended},
                 {"guest", &logon->is_guest},        {"noversion", &logon->has_no_version},
                 {"nomic", &logon->has_no_mic},      {"same", &logon->is_same_connection},
                 {"binding", &logon->is_binding},    {"unproved", &logon->is_unproved},
                 {"signing", &logon->needs_signing}, {"prefers", &logon->prefers_kerberos}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (words_take(words, table[i].word)) {
            *table[i].flag = true;
            return true;
        }
    }
    return words_take(words, "smb2");
}

static bool take_name(struct logon *logon, struct words *words) {
    const struct {
        const char *word;
        const char **name;
    } table[] = {{"share", &logon->share},     {"workstation", &logon->workstation},
                 {"spn", &logon->spn},         {"os", &logon->os},
                 {"calling", &logon->calling}, {"called", &logon->called}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (words_take(words, table[i].word)) {
            *table[i].name = words_next(words, table[i].word);
            return true;
        }
    }
    return false;
}

static bool take_number(struct logon *logon, struct words *words) {
    if (words_take(words, "challenge")) {
        logon->challenge = (uint64_t)words_number(words, "a number");
    } else if (words_take(words, "skew")) {
        logon->skew_s = words_number(words, "seconds");
        logon->has_skew = true;
    } else if (words_take(words, "kerberos")) {
        logon->service = words_next(words, "a service");
        logon->is_kerberos = true;
    } else {
        return false;
    }
    return true;
}

static void fill_server(struct sbl_attempt *attempt, struct texts *texts, const struct host *server,
                        bool has_challenge) {
    struct sbl_ntlm *tells = &attempt->server;
    bool has_domain = server->domain[0] && !server->is_standalone;
    tells->nb_computer = stage_text(texts, server->netbios);
    tells->nb_domain = stage_text(texts, has_domain ? server->domain : server->netbios);
    attempt->finding.server_name = tells->nb_computer;
    attempt->has_challenge = has_challenge;
    if (!has_challenge)
        return;
    tells->message = SBL_NTLM_CHALLENGE;
    tells->target_name = tells->nb_domain;
    tells->has_av_pairs = true;
    attempt->has_server_time = tells->has_timestamp = true;
    tells->timestamp = (uint64_t)(attempt->request_time_ns / 100 + FILETIME_OF_1970);
}

enum { V2_BYTES = 300 };

/* The client's clock is the server's, copied, unless they are said to differ. */
static void fill_ntlm(struct sbl_attempt *attempt, struct texts *texts, const struct logon *logon) {
    struct sbl_ntlm *client = &attempt->client;
    enum { AV_FLAG_MIC = 2, OLD_BYTES = 24 };
    attempt->has_ntlm = true;
    client->message = logon->is_abandoned ? SBL_NTLM_NEGOTIATE : SBL_NTLM_AUTHENTICATE;
    client->answer = attempt->answer;
    client->has_version = !logon->has_no_version;
    client->version_major = logon->has_no_version ? 0 : 10;
    client->version_build = logon->has_no_version ? 0 : 19041;
    client->flags = 0xE2888215u;
    if (attempt->answer == SBL_ANSWER_NTLMV2) {
        client->nt_bytes = V2_BYTES;
        client->has_av_pairs = true;
        client->av_flags = AV_FLAG_MIC;
        client->has_mic = !logon->has_no_mic;
        client->answer_time = attempt->server.timestamp;
    } else if (attempt->answer != SBL_ANSWER_ANONYMOUS && !logon->is_unproved) {
        client->nt_bytes = client->lm_bytes = OLD_BYTES;
    }
    if (logon->has_skew)
        client->answer_time =
            (uint64_t)((int64_t)attempt->server.timestamp + (int64_t)(logon->skew_s * 1e7));
    if (logon->spn)
        client->spn = stage_text(texts, logon->spn);
    attempt->challenge_mark =
        logon->challenge ? logon->challenge << 32 : attempt->finding.evidence.request.number;
}

static void fill_client(struct sbl_attempt *attempt, struct texts *texts, const struct logon *logon,
                        const struct host *host) {
    struct sbl_finding *finding = &attempt->finding;
    const char *workstation = logon->workstation ? logon->workstation : host->netbios;
    const char *os = logon->os ? logon->os : host->os;
    bool is_raw = logon->is_smb1 && !logon->is_extended;
    finding->smb_version = logon->is_smb1 ? 1 : 2;
    finding->dialect = logon->is_smb1 ? 0 : 0x0311;
    if (logon->is_smb1) {
        finding->dialect_name = stage_text(texts, "NT LM 0.12");
        attempt->native_os = stage_text(texts, os[0] ? os : "Windows NT 1381");
    }
    if (logon->is_smb1 && logon->share)
        finding->share = stage_text(texts, logon->share);
    attempt->mechanism = is_raw ? SBL_MECHANISM_LANMAN_NT : SBL_MECHANISM_NTLMSSP;
    attempt->wrapping = is_raw ? SBL_WRAPPING_NONE : SBL_WRAPPING_SPNEGO;
    if (logon->is_kerberos) {
        attempt->mechanism = SBL_MECHANISM_KERBEROS;
        attempt->service = stage_text(texts, logon->service);
        attempt->realm = stage_text(texts, "CORP.EXAMPLE");
        attempt->answer = SBL_ANSWER_UNKNOWN;
        attempt->has_ntlm = attempt->has_challenge = false;
        return;
    }
    if (attempt->answer == SBL_ANSWER_PLAINTEXT)
        attempt->mechanism = SBL_MECHANISM_PLAINTEXT;
    if (is_raw && attempt->answer == SBL_ANSWER_NTLMV2)
        attempt->client.nt_bytes = V2_BYTES;
    if (!is_raw) {
        finding->workstation = stage_text(texts, workstation);
        fill_ntlm(attempt, texts, logon);
    }
    attempt->client.user = finding->account;
    attempt->client.domain = finding->domain;
    attempt->client.workstation = finding->workstation;
}

static void fill_outcome(struct sbl_attempt *attempt, const struct logon *logon) {
    struct sbl_finding *finding = &attempt->finding;
    if (logon->is_abandoned || logon->is_unanswered) {
        finding->has_status = false;
        finding->evidence.response.number = 0;
        attempt->half_seen = SBL_HALF_REQUEST;
        attempt->reason = logon->is_abandoned ? SBL_REASON_ABANDONED : SBL_REASON_UNKNOWN;
        return;
    }
    bool is_success = finding->status == 0;
    attempt->outcome = is_success ? SBL_OUTCOME_SUCCESS : SBL_OUTCOME_FAILURE;
    attempt->is_guest = is_success && logon->is_guest;
    attempt->is_null = is_success && attempt->answer == SBL_ANSWER_ANONYMOUS;
}

static uint8_t answer_of(const struct logon *logon, const char *who) {
    if (logon->is_unproved || logon->is_abandoned)
        return SBL_ANSWER_UNKNOWN;
    if (strcmp(who, "anonymous") == 0)
        return SBL_ANSWER_ANONYMOUS;
    if (logon->answer)
        return logon->answer;
    return logon->is_smb1 && !logon->is_extended ? SBL_ANSWER_NTLMV1 : SBL_ANSWER_NTLMV2;
}

static void take_logon_status(struct logon *logon, struct words *words,
                              struct sbl_finding *finding) {
    logon->is_abandoned = words_take(words, "abandoned");
    logon->is_unanswered = !logon->is_abandoned && words_take(words, "unanswered");
    if (!logon->is_abandoned && !logon->is_unanswered)
        stage_status(words, finding);
}

/* NetBIOS names travel when a session begins, on port 139. */
static void fill_netbios(struct sbl_finding *finding, const struct logon *logon,
                         const struct host *client, const struct host *server) {
    if (server->is_on_netbios || logon->calling)
        finding->calling = stage_netbios(logon->calling ? logon->calling : client->netbios, 0);
    if (server->is_on_netbios || logon->called)
        finding->called = stage_netbios(logon->called ? logon->called : server->netbios, 0x20);
}

/* logon CLIENT SERVER WHO STATUS [words ...] */
void stage_logon(struct stage *stage, struct words *words, int64_t time_ns) {
    struct logon logon = {0};
    struct texts texts = {0};
    struct sbl_attempt attempt = {.request_time_ns = time_ns - 1000000};
    struct host *client = stage_host(stage, words), *server = stage_host(stage, words);
    const char *who = words_next(words, "an account");
    stage_finding(stage, &attempt.finding, time_ns);
    take_logon_status(&logon, words, &attempt.finding);
    while (words_left(words)) {
        if (words_take(words, "as"))
            stage_remember(stage, words, &attempt.finding);
        else if (words_take(words, "process"))
            stage_process(stage, words, &attempt.finding);
        else if (!take_answer(&logon, words) && !take_flag(&logon, words) &&
                 !take_name(&logon, words) && !take_number(&logon, words))
            script_fail(words->script, words->number, "unknown word '%s'", words_peek(words));
    }
    client->port = (uint16_t)(client->port + !logon.is_same_connection);
    if (client->port < 1024)
        client->port = 1024;
    struct sbl_conversation talk = stage_conversation(client, server);
    attempt.finding.conversation = &talk;
    attempt.answer = answer_of(&logon, who);
    texts.is_oem = attempt.finding.is_dos_error;
    if (!logon.is_abandoned)
        stage_who(&texts, who, &attempt.finding);
    fill_server(&attempt, &texts, server, !(logon.is_smb1 && !logon.is_extended));
    fill_client(&attempt, &texts, &logon, client);
    fill_netbios(&attempt.finding, &logon, client, server);
    fill_outcome(&attempt, &logon);
    attempt.is_binding = logon.is_binding;
    attempt.server_requires_signing = server->requires_signing;
    attempt.client_requires_signing = logon.needs_signing;
    attempt.prefers_kerberos = logon.prefers_kerberos;
    uint8_t event_id[16];
    memcpy(event_id, attempt.finding.event_id, sizeof event_id);
    attribute_attempt(&attempt);
    static const uint8_t none[16];
    if (memcmp(attempt.finding.event_id, none, sizeof none) == 0)
        memcpy(attempt.finding.event_id, event_id, sizeof event_id);
    history_attempt(stage->history, &attempt);
}

/* What opens and shares have in common: CLIENT SERVER WHO SHARE. */
static void take_place(struct stage *stage, struct words *words, struct texts *texts,
                       struct sbl_finding *finding, struct sbl_conversation *talk) {
    struct host *client = stage_host(stage, words), *server = stage_host(stage, words);
    const char *who = words_next(words, "an account");
    *talk = stage_conversation(client, server);
    finding->conversation = talk;
    finding->server_name = stage_text(texts, server->netbios);
    finding->workstation = stage_text(texts, client->netbios);
    stage_who(texts, who, finding);
    finding->share = stage_text(texts, words_next(words, "a share"));
    finding->smb_version = 2;
    finding->dialect = 0x0311;
}

static enum sbl_open_command command_of(struct words *words) {
    static const char *const table[SBL_OPEN_COMMAND_COUNT] = {
        "create",     "query-directory", "nt-create",  "open-andx", "open1",
        "create1",    "query",           "check",      "search",    "trans2-open",
        "find-first", "query-path",      "nt-transact"};
    const char *word = words_next(words, "a command");
    for (unsigned i = 0; i < SBL_OPEN_COMMAND_COUNT; i++)
        if (strcmp(word, table[i]) == 0)
            return (enum sbl_open_command)i;
    script_fail(words->script, words->number, "unknown command '%s'", word);
}

/* open CLIENT SERVER WHO SHARE NAME STATUS [by COMMAND] [dir DIRECTORY] [below] [as WORD] */
void stage_open(struct stage *stage, struct words *words, int64_t time_ns) {
    struct texts texts = {0};
    struct sbl_conversation talk;
    struct sbl_probe probe = {.command = SBL_OPEN_SMB2_CREATE};
    stage_finding(stage, &probe.finding, time_ns);
    take_place(stage, words, &texts, &probe.finding, &talk);
    probe.name = stage_text(&texts, words_next(words, "a file name"));
    stage_status(words, &probe.finding);
    while (words_left(words)) {
        if (words_take(words, "by"))
            probe.command = command_of(words);
        else if (words_take(words, "dir"))
            probe.directory = stage_text(&texts, words_next(words, "a directory"));
        else if (words_take(words, "below"))
            probe.is_below_unknown = true;
        else if (words_take(words, "as"))
            stage_remember(stage, words, &probe.finding);
        else if (words_take(words, "process"))
            stage_process(stage, words, &probe.finding);
        else
            script_fail(words->script, words->number, "unknown word '%s'", words_peek(words));
    }
    if (probe.command != SBL_OPEN_SMB2_CREATE && probe.command != SBL_OPEN_SMB2_QUERY_DIRECTORY)
        probe.finding.smb_version = 1;
    if (probe.finding.status == 0)
        script_fail(words->script, words->number, "nobody is told of an open that is granted");
    history_probe(stage->history, &probe);
}

/* tree CLIENT SERVER WHO SHARE STATUS */
void stage_tree(struct stage *stage, struct words *words, int64_t time_ns) {
    struct texts texts = {0};
    struct sbl_conversation talk;
    struct sbl_finding finding = {0};
    stage_finding(stage, &finding, time_ns);
    take_place(stage, words, &texts, &finding, &talk);
    stage_status(words, &finding);
    if (words_left(words))
        script_fail(words->script, words->number, "unknown word '%s'", words_peek(words));
    if (finding.status == 0)
        history_tree_grant(stage->history, &(struct sbl_tree_grant){.finding = finding});
    else
        history_tree_refusal(stage->history, &(struct sbl_tree_refusal){.finding = finding});
}

static void set_endpoint(struct sbl_endpoint *endpoint, const struct host *host, uint16_t port) {
    memcpy(endpoint->address, host->addresses[host->address_count - 1], 16);
    memcpy(endpoint->mac, host->mac, sizeof host->mac);
    endpoint->port = port;
}

/* NAME<1C>: the name and its 16th byte. */
static void take_netbios(struct sbl_witness *witness, struct words *words) {
    const char *word = words_next(words, "NAME<hex>");
    char name[STAGE_NAME_BYTES], *end = NULL;
    size_t size = strcspn(word, "<");
    unsigned long suffix = word[size] ? strtoul(word + size + 1, &end, 16) : 0;
    if (size >= sizeof name || !end || strcmp(end, ">") != 0)
        script_fail(words->script, words->number, "NAME<hex> expected, not '%s'", word);
    snprintf(name, sizeof name, "%.*s", (int)size, word);
    witness->kind = SBL_WITNESS_NETBIOS_NAME;
    witness->name = stage_netbios(name, (unsigned)suffix);
    witness->is_group_name = suffix == 0x1C || suffix == 0x1E;
}

/* krberror SERVER CLIENT CODE SERVICE [PRINCIPAL] */
static void take_kerberos_error(struct stage *stage, struct texts *texts,
                                struct sbl_witness *witness, struct words *words) {
    witness->kind = SBL_WITNESS_KERBEROS_ERROR;
    set_endpoint(&witness->client, stage_host(stage, words), 1024);
    witness->error_code = (int32_t)words_number(words, "an error code");
    witness->service = stage_text(texts, words_next(words, "a service"));
    if (words_left(words)) {
        witness->principal = stage_text(texts, words_next(words, "a principal"));
        witness->realm = stage_text(texts, "CORP.EXAMPLE");
    }
}

/* witness kerberos SERVER | ldap SERVER | nbns SERVER NAME<hex> | krberror ... */
void stage_witness(struct stage *stage, struct words *words, int64_t time_ns) {
    struct texts texts = {.is_oem = true};
    struct sbl_witness witness = {.time_ns = time_ns, .kind = SBL_WITNESS_KERBEROS_SERVER};
    const char *kind = words_next(words, "a kind of witness");
    const struct host *server = stage_host(stage, words);
    witness.ip_version = server->ip_version;
    witness.has_mac = server->has_mac;
    set_endpoint(&witness.server, server, 88);
    if (strcmp(kind, "ldap") == 0) {
        witness.kind = SBL_WITNESS_LDAP_SERVER;
        witness.server.port = 389;
    } else if (strcmp(kind, "nbns") == 0) {
        take_netbios(&witness, words);
        witness.server.port = 137;
    } else if (strcmp(kind, "krberror") == 0) {
        take_kerberos_error(stage, &texts, &witness, words);
    } else if (strcmp(kind, "kerberos") != 0) {
        script_fail(words->script, words->number, "unknown witness '%s'", kind);
    }
    if (words_left(words))
        script_fail(words->script, words->number, "unknown word '%s'", words_peek(words));
    history_witness(stage->history, &witness);
}
