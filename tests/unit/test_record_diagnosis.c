/* The record of a diagnosis: letter by letter, at its barest, with names of strangers, with lists
 * longer than a record holds, and every word of its enums. */
#include "record_rig.h"

#include <math.h>

#include "diagnosis_scenario.h"

static void everything_is_there(void **state) {
    struct fixture *fixture = *state;
    struct scenario scenario;
    scenario_init(&scenario, start_ns);
    scenario.diagnosis.superseded_by = "7d3f0000-0000-8c00-9e00-000000000009";
    scenario.diagnosis.has_forecast = true;
    scenario.diagnosis.attempts_left = 2;
    scenario.diagnosis.lock_at_ns = start_ns;
    scenario.diagnosis.granted = 3;
    scenario.diagnosis.period_owner = "Climonnt";
    scenario.client.contradiction = "also WS007";
    records_diagnosis(fixture->records, &scenario.diagnosis);
    is_line(
        fixture,
        "{\"@timestamp\":\"2026-11-21T02:27:03.514000Z\","
        "\"message\":\"CORP\\\\SMSCliToknAcct& is being locked out by WS042 (10.1.2.42): a driver "
        "there (auddrive.sys) searches the network directories of the system PATH under the local "
        "SMSCliToknAcct&.\"," PRODUCER
        "\"event\":{\"kind\":\"alert\",\"module\":\"smblame\",\"dataset\":\"smblame.diagnosis\","
        "\"action\":\"lockout-diagnosis\",\"category\":[\"authentication\"],\"type\":[\"info\"],"
        "\"outcome\":\"failure\",\"id\":\"7d3f0000-0000-8c00-9e00-000000000003\","
        "\"reason\":\"Third-party driver searches the PATH over the network\",\"severity\":6,"
        "\"risk_score\":80,\"start\":\"2026-11-21T02:22:01.014000Z\","
        "\"end\":\"2026-11-21T02:27:03.514000Z\"},"
        "\"rule\":{\"id\":\"third-party-driver-path-search\","
        "\"name\":\"Third-party driver searches the PATH over the network\","
        "\"category\":\"lockout\",\"ruleset\":\"smblame\",\"version\":\"1\","
        "\"reference\":\"Q278660\"},"
        "\"user\":{\"name\":\"SMSCliToknAcct&\",\"domain\":\"WS042\"},"
        "\"source\":{\"ip\":\"10.1.2.42\",\"mac\":\"00-00-5E-00-53-2A\",\"domain\":\"WS042\"},"
        "\"destination\":{\"ip\":\"10.1.0.10\",\"domain\":\"CAP01\"},"
        "\"related\":{\"user\":[\"SMSCliToknAcct&\"],\"ip\":[\"10.1.2.42\",\"10.1.0.10\"],"
        "\"hosts\":[\"WS042\",\"CAP01\"]},"
        "\"smblame\":{\"schema\":1,\"diagnosis\":{\"id\":\"7d3f0000-0000-8c00-9e00-000000000004\","
        "\"revision\":2,\"state\":\"update\","
        "\"superseded_by\":\"7d3f0000-0000-8c00-9e00-000000000009\",\"confidence\":0.93,"
        "\"authority\":\"domain\",\"authority_name\":\"CORP\","
        "\"server_role\":\"domain controller\",\"failures\":5,\"lockouts\":1,\"granted\":3,"
        "\"threshold\":{\"value\":5,\"source\":\"observed\"},\"tipping_frame\":21,"
        "\"forecast\":{\"attempts_left\":2,\"lock_at\":\"2026-11-21T02:22:01.000000Z\"},"
        "\"counted_by\":\"CAP01\",\"period_s\":60.5,\"period_owner\":\"Climonnt\","
        "\"culprit\":{\"kind\":\"driver\",\"id\":\"compaq-auddrive\",\"vendor\":\"Compaq\","
        "\"product\":\"AudDrive\",\"files\":[\"auddrive.sys\"],\"basis\":\"documented\"},"
        "\"clients\":[{\"ip\":\"10.1.2.42\",\"mac\":\"00-00-5E-00-53-2A\",\"name\":\"WS042\","
        "\"failures\":5,\"contradiction\":\"also WS007\"}],"
        "\"servers\":[{\"ip\":\"10.1.0.10\",\"name\":\"CAP01\",\"failures\":0}],"
        "\"walk\":{\"directories\":[\"\\\\\\\\CAP01\\\\CAP_S01\",\"\\\\\\\\CAP01\\\\SMSLOGON\"],"
        "\"missing\":[\"auddrive.sys\",\"auddrive.ini\"],\"steps\":4,"
        "\"start\":\"2026-11-21T02:22:01.000000Z\",\"end\":\"2026-11-21T02:22:01.900000Z\","
        "\"user\":{\"name\":\"jdoe\",\"domain\":\"CORP\"}},"
        "\"shares\":[\"\\\\\\\\CAP01\\\\CAP_S01\"],"
        "\"windows_events\":[\"4625 (529) on CAP01\",\"4740 (644)\"],"
        "\"remedy\":[\"Move \\\\\\\\CAP01\\\\CAP_S01 and \\\\\\\\CAP01\\\\SMSLOGON from the SYSTEM "
        "path to the user path.\",\"Or remove the driver.\"],"
        "\"references\":[\"Q278660\",\"Q248880\"],"
        "\"evidence_for\":[\"The same client asked for auddrive.sys in two shares within a "
        "second.\"],\"evidence_against\":[\"The process is not visible.\"],"
        "\"alternatives\":[{\"rule_id\":\"local-account-used-against-site-system\","
        "\"title\":\"Local account used against a site system\",\"confidence\":0.4,"
        "\"why\":\"It does not explain the missing files.\"}],"
        "\"event_ids\":{\"first\":[\"7d000000-0000-8000-8000-000000000000\","
        "\"7d000000-0000-8000-8000-000000000001\",\"7d000000-0000-8000-8000-000000000002\","
        "\"7d000000-0000-8000-8000-000000000003\",\"7d000000-0000-8000-8000-000000000004\","
        "\"7d000000-0000-8000-8000-000000000005\"],\"last\":[],\"count\":6}},"
        "\"evidence\":{\"file\":\"cap01.pcap\",\"request_frame\":20,\"response_frame\":21,"
        "\"frames\":[12,13,14,15,16,17,18,19,20,21,22,23]}}}\n");
}

static void what_is_not_known_is_left_out(void **state) {
    struct fixture *fixture = *state;
    struct sbl_diagnosis bare = scenario_bare();
    records_diagnosis(fixture->records, &bare);
    is_line(fixture,
            "{\"@timestamp\":\"1970-01-01T00:00:00.000000Z\",\"message\":\"\"," PRODUCER
            "\"event\":{\"kind\":\"alert\",\"module\":\"smblame\","
            "\"dataset\":\"smblame.diagnosis\",\"action\":\"lockout-diagnosis\","
            "\"category\":[\"authentication\"],\"type\":[\"info\"],\"outcome\":\"failure\","
            "\"id\":\"00000000-0000-0000-0000-000000000000\",\"severity\":0,\"risk_score\":0,"
            "\"start\":\"1970-01-01T00:00:00.000000Z\",\"end\":\"1970-01-01T00:00:00.000000Z\"},"
            "\"rule\":{\"ruleset\":\"smblame\",\"version\":\"1\"},"
            "\"smblame\":{\"schema\":1,\"diagnosis\":{"
            "\"id\":\"00000000-0000-0000-0000-000000000000\",\"revision\":0,\"state\":\"open\","
            "\"confidence\":0,\"authority\":\"unknown\",\"failures\":0,\"lockouts\":0,"
            "\"culprit\":{\"kind\":\"unknown\",\"files\":[]},\"shares\":[],\"windows_events\":[],"
            "\"remedy\":[],\"references\":[],\"evidence_for\":[],\"evidence_against\":[],"
            "\"alternatives\":[],\"event_ids\":{\"first\":[],\"last\":[],\"count\":0}}}}\n");
}

static void only_a_hostile_cause_is_a_threat(void **state) {
    static const char *const techniques[] = {"T1110.001", "T1110.003"};
    struct fixture *fixture = *state;
    struct sbl_diagnosis diagnosis = scenario_bare();
    diagnosis.attack = STRINGS_OF(techniques);
    records_diagnosis(fixture->records, &diagnosis);
    const char *line = lines(fixture);
    lacks(line, "threat");
    lacks(line, "intrusion_detection");
    diagnosis.is_hostile = true;
    records_diagnosis(fixture->records, &diagnosis);
    line = lines(fixture);
    has(line, "\"category\":[\"authentication\",\"intrusion_detection\"]");
    has(line, "\"threat\":{\"framework\":\"MITRE ATT&CK\",\"technique\":{\"id\":[\"T1110.001\","
              "\"T1110.003\"]}},\"smblame\"");
}

static void names_of_strangers_are_escaped_and_mended(void **state) {
    /* a quote, an escape, a lone surrogate, a control of direction, a byte that is none */
    static const char evil[] = "\"\x1B\xED\xA0\xBD\xE2\x80\xAE\xFF";
    static const char shown[] =
        "\\\"\\u001b\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\\u202e\xEF\xBF\xBD";
    static const char *const names_of[] = {evil, "", "b"};
    struct fixture *fixture = *state;
    struct scenario scenario;
    char wanted[256];
    scenario_init(&scenario, start_ns);
    struct sbl_diagnosis *diagnosis = &scenario.diagnosis;
    diagnosis->message = diagnosis->account = diagnosis->rule_id = evil;
    diagnosis->walk.missing = STRINGS_OF(names_of);
    scenario.client.name = scenario.client.contradiction = evil;
    records_diagnosis(fixture->records, diagnosis);
    const char *line = lines(fixture);
    snprintf(wanted, sizeof wanted, "\"message\":\"%s\",", shown);
    has(line, wanted);
    snprintf(wanted, sizeof wanted, "\"user\":{\"name\":\"%s\",\"domain\":\"WS042\"}", shown);
    has(line, wanted);
    snprintf(wanted, sizeof wanted, "\"hosts\":[\"%s\",\"CAP01\"]", shown);
    has(line, wanted);
    snprintf(wanted, sizeof wanted, "\"missing\":[\"%s\",\"b\"],\"missing_count\":3,", shown);
    has(line, wanted);
}

static void many_of_each_are_told_by_their_ends(void **state) {
    enum { MANY = 100 };
    struct fixture *fixture = *state;
    struct sbl_diagnosis diagnosis = scenario_bare();
    struct sbl_machine machines[MANY];
    struct sbl_evidence_line evidence[MANY];
    struct sbl_culprit candidates[MANY];
    struct sbl_alternative alternatives[MANY];
    char words[MANY][8];
    const char *items[MANY];
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(words[i], sizeof words[i], "w%u", i);
        items[i] = words[i];
        machines[i] = (struct sbl_machine){
            .address = {10, 0, 0, (uint8_t)i}, .name = words[i], .contradiction = ""};
        evidence[i] =
            (struct sbl_evidence_line){.event_id = {(uint8_t)i}, .response = {1000 + i, 0}};
        candidates[i] = diagnosis.culprit;
        candidates[i].weight = 0.01;
        alternatives[i] = (struct sbl_alternative){words[i], "", "", 0.5};
    }
    diagnosis.walk =
        (struct sbl_walk){.directories = {items, 41, 5000}, .missing = {items, 40, 40}, .steps = 1};
    diagnosis.walk.account = diagnosis.walk.domain = "";
    diagnosis.accounts = (struct sbl_strings){items, MANY, 900};
    diagnosis.clients = diagnosis.servers = machines;
    diagnosis.client_count = MANY;
    diagnosis.server_count = 3;
    diagnosis.client_total = 20000;
    diagnosis.server_total = 3;
    diagnosis.candidates = candidates;
    diagnosis.candidate_count = MANY;
    diagnosis.alternatives = alternatives;
    diagnosis.alternative_count = MANY;
    diagnosis.lines = evidence;
    diagnosis.line_count = MANY;
    diagnosis.line_first_count = 50;
    diagnosis.line_total = 1000000;
    records_diagnosis(fixture->records, &diagnosis);
    const char *line = lines(fixture);
    lacks(line, "\"user\":{");
    lacks(line, "\"source\"");
    lacks(line, "\"destination\"");
    has(line, "\"w19\",\"w21\",\"w22\"");
    has(line, "\"w40\"],\"directories_count\":5000,\"missing\":[\"w0\"");
    has(line, "\"w39\"],\"steps\":1");
    has(line, "\"related\":{\"user\":[\"w0\",");
    has(line, "\"10.0.0.19\",\"10.0.0.80\",");
    has(line, "\"10.0.0.99\"],\"hosts\":[\"w0\",");
    has(line, "\"w19\",\"w80\",");
    has(line, "w99\"],\"accounts_count\":900,\"clients\":[{\"ip\":\"10.0.0.0\",\"name\":\"w0\","
              "\"failures\":0},");
    has(line, "],\"clients_count\":20000,\"servers\":[{");
    lacks(line, "servers_count");
    has(line, "\"weight\":0.01}],\"candidates_count\":100}");
    has(line, "],\"alternatives_count\":100,\"event_ids\":{\"first\":[\"00000000-");
    has(line, "\"13000000-0000-0000-0000-000000000000\"],\"last\":[\"50000000-");
    has(line, "\"63000000-0000-0000-0000-000000000000\"],\"count\":1000000}");
    has(line, "\"evidence\":{\"file\":\"cap01.pcap\",\"response_frame\":1099,"
              "\"frames\":[1000,1001,1002,1003,1097,1098,1099]}");
}

static void evidence_is_of_the_file_of_the_tipping_attempt(void **state) {
    struct fixture *fixture = *state;
    struct scenario scenario;
    scenario_init(&scenario, start_ns);
    for (unsigned i = 3; i < SCENARIO_LINES; i++)
        scenario.lines[i].request.file = scenario.lines[i].response.file = 1;
    scenario.diagnosis.tipping = (struct sbl_frame_ref){21, 1};
    records_diagnosis(fixture->records, &scenario.diagnosis);
    has(lines(fixture), "\"evidence\":{\"file\":\"cap02.pcap\",\"request_frame\":20,"
                        "\"response_frame\":21,\"frames\":[18,19,20,21,22,23]}");
    scenario.diagnosis.tipping = (struct sbl_frame_ref){500, 0}; /* not among the lines */
    records_diagnosis(fixture->records, &scenario.diagnosis);
    has(lines(fixture), "\"evidence\":{\"file\":\"cap01.pcap\",\"response_frame\":500,"
                        "\"frames\":[12,13,14,15,16,17]}");
}

static void one_of_many_names_is_related_once(void **state) {
    struct fixture *fixture = *state;
    struct sbl_diagnosis diagnosis = scenario_bare();
    struct sbl_machine machines[] = {
        {.address = {10, 0, 0, 1}, .ip_version = 4, .name = "A", .contradiction = ""},
        {.address = {10, 0, 0, 1, 9}, .ip_version = 4, .name = "B", .contradiction = ""},
        {.address = {10, 0, 0, 1}, .ip_version = 6, .name = "A", .contradiction = ""}};
    diagnosis.clients = machines;
    diagnosis.client_count = 3;
    diagnosis.client_total = 3;
    records_diagnosis(fixture->records, &diagnosis);
    has(lines(fixture), "\"related\":{\"ip\":[\"10.0.0.1\",\"a00:1::\"],\"hosts\":[\"A\",\"B\"]}");
}

static void users_are_related_by_their_bare_names(void **state) {
    static const char *const accounts[] = {"CORP\\jdoe", "CORP\\SMS&", "CAP01\\jdoe", "bare"};
    struct fixture *fixture = *state;
    struct sbl_diagnosis diagnosis = scenario_bare();
    diagnosis.accounts = STRINGS_OF(accounts);
    records_diagnosis(fixture->records, &diagnosis);
    const char *line = lines(fixture);
    has(line, "\"related\":{\"user\":[\"jdoe\",\"SMS&\",\"bare\"]}");
    has(line, "\"accounts\":[\"CORP\\\\jdoe\",\"CORP\\\\SMS&\",\"CAP01\\\\jdoe\",\"bare\"],");
    diagnosis.account = "jdoe";
    diagnosis.accounts = (struct sbl_strings){accounts, 1, 1};
    records_diagnosis(fixture->records, &diagnosis);
    has(lines(fixture), "\"related\":{\"user\":[\"jdoe\"]}");
}

static void an_anonymous_account_has_no_name(void **state) {
    struct fixture *fixture = *state;
    struct scenario scenario;
    scenario_init(&scenario, start_ns);
    scenario.diagnosis.is_anonymous = true;
    scenario.diagnosis.account = "";
    scenario.diagnosis.accounts = (struct sbl_strings){0};
    records_diagnosis(fixture->records, &scenario.diagnosis);
    const char *line = lines(fixture);
    lacks(line, "},\"user\":");
    has(line, "\"related\":{\"ip\"");
}

static void every_word(void **state) {
    static const char *const states[] = {"open", "update", "closed", "update"};
    static const char *const kinds[] = {"unknown", "driver", "program", "service",
                                        "account", "host",   "unknown"};
    static const char *const bases[] = {
        "", "documented", "vendor_file_name", "inferred", "behaviour", "process_table", ""};
    static const char *const sources[] = {"\"value\":5}", "\"value\":5,\"source\":\"configured\"}",
                                          "\"value\":5,\"source\":\"observed\"}", "\"value\":5}"};
    struct fixture *fixture = *state;
    struct scenario scenario;
    scenario_init(&scenario, start_ns);
    for (unsigned i = 0; i < 7; i++) {
        char wanted[64];
        scenario.diagnosis.state = (enum sbl_diagnosis_state)(i % 4);
        scenario.diagnosis.culprit.kind = (enum sbl_culprit_kind)i;
        scenario.diagnosis.culprit.basis = (enum sbl_basis)i;
        scenario.diagnosis.threshold_source = (enum sbl_threshold_source)(i % 4);
        records_diagnosis(fixture->records, &scenario.diagnosis);
        const char *line = lines(fixture);
        snprintf(wanted, sizeof wanted, "\"state\":\"%s\"", states[i % 4]);
        has(line, wanted);
        snprintf(wanted, sizeof wanted, "\"culprit\":{\"kind\":\"%s\"", kinds[i]);
        has(line, wanted);
        snprintf(wanted, sizeof wanted, bases[i][0] ? "\"basis\":\"%s\"}" : "files\":[\"%s",
                 bases[i]);
        has(line, wanted);
        has(line, sources[i % 4]);
    }
}

static void numbers_that_are_none_become_zero(void **state) {
    static const struct {
        double value;
        const char *confidence, *period;
    } cases[] = {{(double)NAN, "\"confidence\":0,", NULL},
                 {-1, "\"confidence\":0,", NULL},
                 {(double)INFINITY, "\"confidence\":1,", "\"period_s\":1000000000,"},
                 {0.123456, "\"confidence\":0.1235,", "\"period_s\":0.123456,"}};
    struct fixture *fixture = *state;
    struct sbl_diagnosis diagnosis = scenario_bare();
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        diagnosis.confidence = diagnosis.period_s = cases[i].value;
        records_diagnosis(fixture->records, &diagnosis);
        const char *line = lines(fixture);
        has(line, cases[i].confidence);
        if (cases[i].period)
            has(line, cases[i].period);
        else
            lacks(line, "period_s");
    }
}

/* Others before it leave the buffer nearly full. */
static void its_line_is_handed_over_whole(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    struct scenario scenario;
    char remedy[9000];
    const char *const steps[] = {remedy};
    scenario_init(&scenario, start_ns);
    memset(remedy, 'x', sizeof remedy - 1);
    remedy[sizeof remedy - 1] = 0;
    scenario.diagnosis.remedy = STRINGS_OF(steps);
    for (unsigned i = 0; i < 500; i++) {
        unsigned calls = fixture->kept.calls;
        fixture->kept.size = 0;
        for (unsigned k = 0; k < i % 60; k++)
            records_attempt(fixture->records, &attempt);
        records_diagnosis(fixture->records, &scenario.diagnosis);
        if (fixture->kept.calls != calls && fixture->kept.size)
            assert_true(check_lines(fixture->kept.bytes, fixture->kept.size));
    }
}

int main(void) {
#define RECORD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        RECORD_TEST(everything_is_there),
        RECORD_TEST(what_is_not_known_is_left_out),
        RECORD_TEST(only_a_hostile_cause_is_a_threat),
        RECORD_TEST(names_of_strangers_are_escaped_and_mended),
        RECORD_TEST(many_of_each_are_told_by_their_ends),
        RECORD_TEST(evidence_is_of_the_file_of_the_tipping_attempt),
        RECORD_TEST(one_of_many_names_is_related_once),
        RECORD_TEST(users_are_related_by_their_bare_names),
        RECORD_TEST(an_anonymous_account_has_no_name),
        RECORD_TEST(every_word),
        RECORD_TEST(numbers_that_are_none_become_zero),
        RECORD_TEST(its_line_is_handed_over_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
