/* smblame.auth: how a client proved itself, as far as the wire shows it without its secrets. No
 * challenge, no answer and no session key is ever in here: struct sbl_ntlm does not even hold them.
 */
#include "emit/record.h"

#include "emit/digits.h"
#include "emit/words.h"

/* The server's side, from the CHALLENGE. */
static void server_members(struct records *records, const struct sbl_attempt *attempt) {
    const struct sbl_ntlm *server = &attempt->server;
    const struct {
        const char *key, *field;
        struct sbl_text text;
    } names[] = {
        {"netbios_domain", "smblame.auth.ntlm.server.netbios_domain", server->nb_domain},
        {"netbios_computer", "smblame.auth.ntlm.server.netbios_computer", server->nb_computer},
        {"dns_domain", "smblame.auth.ntlm.server.dns_domain", server->dns_domain},
        {"dns_computer", "smblame.auth.ntlm.server.dns_computer", server->dns_computer},
        {"dns_forest", "smblame.auth.ntlm.server.dns_forest", server->dns_tree},
    };
    json_open(&records->json, "server");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        record_text(&records->json, names[i].key,
                    view_text(&records->view, names[i].field, names[i].text));
    int64_t time_ns;
    if ((attempt->has_server_time || server->has_timestamp) &&
        identity_filetime(server->timestamp, &time_ns)) {
        char time[IDENTITY_TIME_BYTES];
        size_t size = identity_time(time_ns, time);
        json_text(&records->json, "time", time, size);
    }
    json_close(&records->json);
}

/* The client's clock (the time in its NTLMv2 answer) minus the server's (the timestamp in the
 * CHALLENGE). A client that was given the server's time copies it, as [MS-NLMP] 3.1.5.1.2 tells it
 * to: equal times say nothing about its clock and are left out. Without a server's time the
 * client's is held against the capture's clock, and `clock_skew_against` says which of the two it
 * was. */
static void skew_members(struct json *json, const struct sbl_attempt *attempt) {
    int64_t client_ns, reference_ns = attempt->request_time_ns;
    const char *against = "capture";
    if (!attempt->client.answer_time || !identity_filetime(attempt->client.answer_time, &client_ns))
        return;
    if (attempt->has_server_time || attempt->server.has_timestamp) {
        against = "server";
        if (attempt->client.answer_time == attempt->server.timestamp ||
            !identity_filetime(attempt->server.timestamp, &reference_ns))
            return;
    } else if (reference_ns <= 0) {
        return;
    }
    json_signed(json, "clock_skew_ms", (client_ns - reference_ns) / 1000000);
    json_word(json, "clock_skew_against", against);
}

static void version_member(struct json *json, const struct sbl_ntlm *client) {
    if (!client->has_version)
        return;
    char digits[DIGITS_MOST];
    json_text_begin(json, "client_os_build");
    json_part(json, digits, digits_decimal(client->version_major, digits));
    json_part_word(json, ".");
    json_part(json, digits, digits_decimal(client->version_minor, digits));
    json_part_word(json, ".");
    json_part(json, digits, digits_decimal(client->version_build, digits));
    json_text_end(json);
}

static void ntlm_members(struct records *records, const struct sbl_attempt *attempt) {
    struct json *json = &records->json;
    const char *version = words_answer(attempt->answer);
    json_open(json, "ntlm");
    if (version)
        json_word(json, "version", version);
    if (attempt->has_ntlm) {
        if (attempt->client.message == SBL_NTLM_AUTHENTICATE)
            json_bool(json, "mic", attempt->client.has_mic);
        json_hex(json, "flags", attempt->client.flags, 8);
        version_member(json, &attempt->client);
        record_text(
            json, "target_name",
            view_text(&records->view, "smblame.auth.ntlm.target_name", attempt->client.spn));
        skew_members(json, attempt);
    }
    if (attempt->has_challenge)
        server_members(records, attempt);
    json_close(json);
}

void record_auth(struct records *records, const struct sbl_attempt *attempt) {
    struct json *json = &records->json;
    struct view *view = &records->view;
    json_open(json, "auth");
    json_word(json, "mechanism", words_mechanism(attempt->mechanism));
    json_word(json, "wrapping", words_wrapping(attempt->wrapping));
    json_word(json, "authority", words_authority(attempt->authority));
    record_text(json, "authority_name",
                view_text(view, "smblame.auth.authority_name", attempt->authority_name));
    ntlm_members(records, attempt);
    json_open(json, "kerberos");
    record_text(json, "realm", view_text(view, "smblame.auth.kerberos.realm", attempt->realm));
    record_text(json, "service",
                view_text(view, "smblame.auth.kerberos.service", attempt->service));
    if (attempt->kerberos_error)
        json_signed(json, "error", attempt->kerberos_error);
    json_close(json);
    json_open(json, "client");
    record_text(json, "native_os",
                view_text(view, "smblame.auth.client.native_os", attempt->native_os));
    record_text(json, "native_lanman",
                view_text(view, "smblame.auth.client.native_lanman", attempt->native_lanman));
    json_close(json);
    json_close(json);
}
