/* Verdicts on paper: the driver case, a cause that is not known, an attack; revisions and
 * supersession; lists and strings of strangers; the cap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "diagnosis_scenario.h"
#include "emit_scenario.h"
#include "json_check.h"
#include "pieces.h"

static const int64_t start_ns = INT64_C(1795227721000000000); /* 2026-11-21T02:22:01Z */

static const char *file_name(void *context, uint16_t file) {
    (void)context;
    return file == 0 ? "cap01.pcap" : file == 1 ? "it's.pcap" : NULL;
}

struct fixture {
    struct summary *summary;
    struct sbl_stats stats;
    struct scenario scenario;
    char *printed;
    size_t size;
};

static int set_up(void **state) {
    static const struct emit_names names = {.file = file_name};
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    fixture->stats = (struct sbl_stats){.frames = 120,
                                        .first_ns = start_ns,
                                        .last_ns = start_ns + INT64_C(400000000000),
                                        .connections_smb = 1};
    scenario_init(&fixture->scenario, start_ns);
    return summary_new(&fixture->summary, &names, NULL);
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    summary_free(fixture->summary);
    free(fixture->printed);
    free(fixture);
    return 0;
}

static const char *print(struct fixture *fixture, struct summary_style style) {
    free(fixture->printed);
    FILE *out = open_memstream(&fixture->printed, &fixture->size);
    summary_print(fixture->summary, &fixture->stats, &style, out);
    fclose(out);
    assert_true(check_utf8(fixture->printed, fixture->size));
    return fixture->printed;
}

static const char *printed_of(struct fixture *fixture, const struct sbl_diagnosis *diagnosis) {
    summary_diagnosis(fixture->summary, diagnosis);
    return print(fixture, (struct summary_style){.width = 110});
}

static void begins_with(const char *printed, const char *wanted) {
    if (strncmp(printed, wanted, strlen(wanted)) != 0)
        assert_string_equal(printed, wanted);
}

#define HEAD                                                                                       \
    "Diagnosis\n"                                                                                  \
    "CORP\\SMSCliToknAcct& is being locked out by WS042 (10.1.2.42): a driver there "              \
    "(auddrive.sys) searches the\n"                                                                \
    "  network directories of the system PATH under the local SMSCliToknAcct&.\n"                  \
    "  Certainty  almost certain (0.93), severity 6 of 7, third-party-driver-path-search\n"        \
    "  Counted    5 failures, 1 lockout, 02:22:01.0 to 02:27:03.5, threshold 5 (observed) at "     \
    "CAP01,\n"                                                                                     \
    "             locked by frame 21\n"                                                            \
    "  Authority  domain CORP (a domain controller answered)\n"                                    \
    "  Culprit    driver AudDrive (Compaq), auddrive.sys, documented\n"
#define COMMAND                                                                                    \
    "  10.1.2.42  10.1.0.10  C session setup & X, Username = SMSCliToknAcct&, Domain = WS042, "    \
    "and\n"                                                                                        \
    "          C tree connect & X, Share = \\\\CAP01\\CAP_S01\n"
#define RESPONSE                                                                                   \
    "  10.1.0.10  10.1.2.42  R session setup & X - NT error, STATUS_LOGON_FAILURE\n"               \
    "          (0xC000006D)  event 529 / 4625  bad password "
#define TAIL                                                                                       \
    "  Shares     \\\\CAP01\\CAP_S01\n"                                                            \
    "  Search     4 look-ups as CORP\\jdoe in this order:\n"                                       \
    "               \\\\CAP01\\CAP_S01\n"                                                          \
    "               \\\\CAP01\\SMSLOGON\n"                                                         \
    "             not there: auddrive.sys, auddrive.ini\n"                                         \
    "  In Windows - 4625 (529) on CAP01\n"                                                         \
    "             - 4740 (644)\n"                                                                  \
    "  What to do 1. Move \\\\CAP01\\CAP_S01 and \\\\CAP01\\SMSLOGON from the SYSTEM path to the " \
    "user path.\n"                                                                                 \
    "             2. Or remove the driver.\n"                                                      \
    "  See        Q278660, Q248880\n"

static void a_driver_is_told_from_verdict_to_cure(void **state) {
    struct fixture *fixture = *state;
    const char *wanted =
        HEAD "  Period     every 60.5 s\n"
             "      12  02:22:01.012" COMMAND "      13  02:22:01.014" RESPONSE "1 of 5 at CAP01\n"
             "      14  02:23:01.512" COMMAND "      15  02:23:01.514" RESPONSE "2 of 5 at CAP01\n"
             "      16  02:24:02.012" COMMAND "      17  02:24:02.014" RESPONSE "3 of 5 at CAP01\n"
             "      18  02:25:02.512" COMMAND "      19  02:25:02.514" RESPONSE "4 of 5 at CAP01\n"
             "      20  02:26:03.012" COMMAND "      21  02:26:03.014" RESPONSE "5 of 5 at CAP01\n"
             "          <- this one locks the account (event 644 / 4740)\n"
             "      22  02:27:03.512" COMMAND "      23  02:27:03.514  10.1.0.10  10.1.2.42  "
             "R session setup & X - NT error, STATUS_ACCOUNT_LOCKED_OUT\n"
             "          (0xC0000234)  event 539 / 4625\n"
             "  tshark -r 'cap01.pcap' -Y 'frame.number in "
             "{12,13,14,15,16,17,18,19,20,21,22,23}'\n" TAIL "\n"
             "What was read\n";
    begins_with(printed_of(fixture, &fixture->scenario.diagnosis), wanted);
    const char *printed = print(fixture, (struct summary_style){.width = 110, .verbose = true});
    has(printed, "  Clients    WS042 (10.1.2.42) 00-00-5E-00-53-2A 5x\n"
                 "  Servers    CAP01 (10.1.0.10)\n");
    has(printed, TAIL
        "  For        - The same client asked for auddrive.sys in two shares within a second.\n"
        "  Against    - The process is not visible.\n"
        "  Runner-up  local-account-used-against-site-system (0.40): It does not explain the "
        "missing files.\n");
}

static void of_many_attempts_the_telling_ones_are_shown(void **state) {
    struct fixture *fixture = *state;
    struct sbl_diagnosis many = fixture->scenario.diagnosis;
    struct sbl_evidence_line lines[2 * SBL_LIST_ENDS];
    for (unsigned i = 0; i < 2 * SBL_LIST_ENDS; i++) {
        lines[i] = fixture->scenario.lines[0];
        lines[i].request.number = 100 + 2 * i;
        lines[i].response.number = 101 + 2 * i;
    }
    many.lines = lines;
    many.line_count = 2 * SBL_LIST_ENDS;
    many.line_first_count = SBL_LIST_ENDS;
    many.line_total = 1000;
    many.tipping.number = 121;
    const char *printed = printed_of(fixture, &many);
    has(printed, "        ... 6 more (-v shows those that were kept) ...\n"
                 "     120  02:22:01.012");
    has(printed, "        ... 986 more (-v shows those that were kept) ...\n"
                 "     174  02:22:01.012");
    has(printed, "in {100,101,102,103,104,105,106,107,120,121,174,175,176,177,178,179}'\n"
                 "       (and others)\n");
    printed = print(fixture, (struct summary_style){.width = 110, .verbose = true});
    has(printed, "     138  02:22:01.012");
    has(printed, "        ... 960 more ...\n"
                 "     140  02:22:01.012");
    lacks(printed, "(-v");
}

static void an_unknown_cause_says_what_to_look_for(void **state) {
    struct fixture *fixture = *state;
    struct sbl_diagnosis unknown = scenario_bare();
    struct sbl_evidence_line line = fixture->scenario.lines[0];
    static const char *const remedy[] = {"Ask who uses that machine.",
                                         "Capture at 10.1.2.42 from its start on."};
    line.smb_version = 2;
    line.request_time_ns = 0;
    line.count_after = 0;
    unknown.rule_id = "wrong-password-unknown-cause";
    unknown.message = "CORP\\jdoe is refused from 10.1.2.42; this capture does not show why.";
    unknown.confidence = 0.3;
    unknown.severity = 3;
    unknown.failures = 1;
    unknown.first_ns = unknown.last_ns = start_ns;
    unknown.clients = &fixture->scenario.client;
    unknown.client_count = 1;
    unknown.client_total = 1;
    unknown.lines = &line;
    unknown.line_count = unknown.line_first_count = 1;
    unknown.line_total = 1;
    unknown.remedy = STRINGS_OF(remedy);
    unknown.has_forecast = true;
    unknown.attempts_left = 2;
    unknown.lock_at_ns = start_ns + INT64_C(60000000000);
    begins_with(printed_of(fixture, &unknown),
                "Diagnosis\n"
                "CORP\\jdoe is refused from 10.1.2.42; this capture does not show why.\n"
                "  Certainty  uncertain (0.30), severity 3 of 7, wrong-password-unknown-cause\n"
                "  Counted    1 failure, 02:22:01.0 to 02:22:01.0\n"
                "  Forecast   2 more bad passwords lock it at about 02:23:01.0, if nothing "
                "changes\n"
                "      12                10.1.2.42  ?          C SESSION SETUP, Username = "
                "SMSCliToknAcct&, Domain = WS042\n"
                "      13  02:22:01.014  ?          10.1.2.42  R SESSION SETUP - NT error, "
                "STATUS_LOGON_FAILURE (0xC000006D)\n"
                "          event 529 / 4625\n"
                "  tshark -r 'cap01.pcap' -Y 'frame.number in {12,13}'\n"
                "  What to do 1. Ask who uses that machine.\n"
                "             2. Capture at 10.1.2.42 from its start on.\n"
                "\n"
                "What was read\n");
}

static void an_attack_names_its_technique(void **state) {
    struct fixture *fixture = *state;
    struct sbl_diagnosis attack = scenario_bare();
    static const char *const techniques[] = {"T1110.003"};
    static const char *const accounts[] = {"CORP\\a", "CORP\\b", "CORP\\c",
                                           "CORP\\d", "CORP\\e", "CORP\\f"};
    struct sbl_machine clients[7];
    for (unsigned i = 0; i < 7; i++) {
        clients[i] = fixture->scenario.client;
        clients[i].address[3] = (uint8_t)(i + 1);
        clients[i].failures = 2000 - i;
    }
    clients[1].contradiction = "but its NetBIOS name was WS007 a minute before";
    attack.rule_id = "password-spray";
    attack.message = "Somebody tries one password on many accounts.";
    attack.severity = 7;
    attack.confidence = 7.5; /* none should, and none is printed */
    attack.is_hostile = true;
    attack.attack = STRINGS_OF(techniques);
    attack.accounts = STRINGS_OF(accounts);
    attack.accounts.total = 900;
    attack.clients = clients;
    attack.client_count = 7;
    attack.client_total = 70;
    attack.failures = 13000;
    attack.first_ns = attack.last_ns = start_ns;
    begins_with(printed_of(fixture, &attack),
                "Diagnosis\n"
                "Somebody tries one password on many accounts.\n"
                "  Certainty  almost certain (1.00), severity 7 of 7, password-spray\n"
                "  Counted    13,000 failures, 02:22:01.0 to 02:22:01.0\n"
                "  Clients    WS042 (10.1.2.1) 00-00-5E-00-53-2A 2,000x\n"
                "             WS042 (10.1.2.2) 00-00-5E-00-53-2A 1,999x but its NetBIOS name was "
                "WS007 a minute before\n"
                "             WS042 (10.1.2.3) 00-00-5E-00-53-2A 1,998x\n"
                "             WS042 (10.1.2.4) 00-00-5E-00-53-2A 1,997x\n"
                "             WS042 (10.1.2.5) 00-00-5E-00-53-2A 1,996x\n"
                "             ... and 65 more machines (-v shows all that was kept)\n"
                "  Accounts   CORP\\a, CORP\\b, CORP\\c, CORP\\d, CORP\\e and 895 more\n"
                "  ATT&CK     T1110.003\n"
                "\n");
}

static void two_candidates_are_both_named(void **state) {
    struct fixture *fixture = *state;
    struct sbl_diagnosis *diagnosis = &fixture->scenario.diagnosis;
    struct sbl_culprit candidates[] = {diagnosis->culprit, diagnosis->culprit};
    candidates[0].weight = 0.6;
    candidates[1].weight = 0.4;
    candidates[1].product = "";
    candidates[1].vendor = "";
    candidates[1].basis = SBL_BASIS_VENDOR_FILE_NAME;
    diagnosis->candidates = candidates;
    diagnosis->candidate_count = 2;
    const char *printed = printed_of(fixture, diagnosis);
    has(printed, "  Either     driver AudDrive (Compaq), auddrive.sys, documented (0.60)\n"
                 "  or         driver compaq-auddrive, auddrive.sys, by its file name; no article "
                 "names it (0.40)\n");
    lacks(printed, "Culprit");
}

static void a_dos_error_and_halves_of_attempts(void **state) {
    struct fixture *fixture = *state;
    struct sbl_evidence_line *lines = fixture->scenario.lines;
    lines[0].is_dos_error = true;
    lines[0].status = 0x00020002;
    lines[1].response.number = 0;
    lines[2].request.number = 0;
    lines[3].is_granted = true;
    lines[3].count_after = 0;
    lines[4].request.file = lines[4].response.file = 1;
    lines[5].request.file = lines[5].response.file = 2;
    lines[5].status = 0xC0FFEE00;
    const char *printed = printed_of(fixture, &fixture->scenario.diagnosis);
    has(printed, "R session setup & X - DOS error, ERRSRV/ERRbadpw (2/2)\n"
                 "          event 529 / 4625  bad password 1 of 5 at CAP01\n");
    has(printed, "      14  02:23:01.514  10.1.2.42  10.1.0.10  C session");
    has(printed, "\\CAP_S01 (no answer in this capture)  bad password 2 of 5");
    lacks(printed, "      15  ");
    lacks(printed, "      16  ");
    has(printed, "R session setup & X - granted\n"
                 "    in it's.pcap:\n"
                 "      20  ");
    has(printed, "    in another file:\n"
                 "      22  ");
    has(printed, "R session setup & X - NT error, 0xC0FFEE00\n");
    has(printed, "{12,13,14,17,18,19}' (and others)\n");
}

static void the_latest_revision_counts(void **state) {
    struct fixture *fixture = *state;
    struct sbl_diagnosis *diagnosis = &fixture->scenario.diagnosis, other = *diagnosis;
    other.id[15]++;
    other.severity = 7;
    other.message = "Another one.";
    summary_diagnosis(fixture->summary, diagnosis);
    summary_diagnosis(fixture->summary, &other);
    diagnosis->revision++;
    diagnosis->message = "Said anew.";
    const char *printed = printed_of(fixture, diagnosis);
    begins_with(printed, "Diagnoses\nAnother one.\n");
    has(printed, "\n\nSaid anew.\n");
    lacks(printed, "is being locked out");
    other.superseded_by = "7d3f0000-0000-8c00-9e00-000000000004";
    printed = printed_of(fixture, &other);
    begins_with(printed, "Diagnosis\nSaid anew.\n");
    lacks(printed, "Another one.");
}

static void what_a_verdict_tells_is_not_told_again(void **state) {
    struct fixture *fixture = *state;
    struct sbl_conversation conversation = scenario_conversation();
    struct sbl_attempt attempt = {.finding = {.conversation = &conversation,
                                              .time_ns = start_ns,
                                              .status = 0xC000006D,
                                              .has_status = true,
                                              .smb_version = 1,
                                              .account = ASCII("smscliTOKNacct&"),
                                              .domain = ASCII("ws042"),
                                              .evidence = scenario_evidence(12, 13)},
                                  .outcome = SBL_OUTCOME_FAILURE,
                                  .reason = SBL_REASON_BAD_CREDENTIALS};
    static const char *const accounts[] = {"CORP\\SMSCliToknAcct&"};
    fixture->scenario.diagnosis.accounts = STRINGS_OF(accounts);
    summary_attempt(fixture->summary, &attempt);
    const char *printed = printed_of(fixture, &fixture->scenario.diagnosis);
    has(printed, "\nRefused logons\n"
                 "ws042\\smscliTOKNacct&  1 refused (bad_credentials 1)\n"
                 "  1 client: see above\n"
                 "\n");
    conversation.side[0].address[3]++; /* somebody else is not covered by it */
    summary_attempt(fixture->summary, &attempt);
    printed = print(fixture, (struct summary_style){.width = 110});
    has(printed, "ws042\\smscliTOKNacct&  2 refused (bad_credentials 2)\n"
                 "  from 10.1.2.43 -> 10.1.0.10 port 139\n"
                 "       SMB1, unknown, 1x, first 02:22:01.0 frame 13\n"
                 "  and 1 client: see above\n"
                 "  STATUS_LOGON_FAILURE (0xC000006D) 2x\n");
    printed = print(fixture, (struct summary_style){.width = 110, .verbose = true});
    has(printed, "  from 10.1.2.42 -> 10.1.0.10 port 139\n");
    lacks(printed, "see above");
}

static void names_of_strangers_cannot_move_the_cursor(void **state) {
    struct fixture *fixture = *state;
    struct sbl_diagnosis *diagnosis = &fixture->scenario.diagnosis;
    static const char evil[] = "\x1B[2J\n\xC2\x9B\xE2\x80\xAE\xED\xA0\xBD";
    static const char shown[] = "\\x1b[2J\\x0a\\u{9b}\\u{202e}\\xed\\xa0\\xbd";
    static const char *const names[] = {evil, ""};
    diagnosis->message = evil;
    diagnosis->account = evil;
    diagnosis->walk.missing = STRINGS_OF(names);
    diagnosis->remedy = STRINGS_OF(names);
    diagnosis->culprit.product = evil;
    fixture->scenario.client.name = evil;
    fixture->scenario.client.contradiction = evil;
    for (unsigned i = 0; i < SCENARIO_LINES; i++)
        fixture->scenario.lines[i].share = fixture->scenario.lines[i].account = evil;
    summary_diagnosis(fixture->summary, diagnosis);
    const char *printed = print(fixture, (struct summary_style){.verbose = true});
    has(printed, shown);
    for (size_t i = 0; printed[i]; i++)
        assert_true((uint8_t)printed[i] >= 0x20 || printed[i] == '\n');
    has(print(fixture, (struct summary_style){.colour = true}), "\x1B[1;31m\\x1b[2J");
}

/* Every string as long as a stranger can make it, every list beyond its ends. */
static void nothing_is_too_long(void **state) {
    struct fixture *fixture = *state;
    struct sbl_diagnosis *diagnosis = &fixture->scenario.diagnosis;
    enum { LONG = 20000, MANY = 100 };
    static char text[LONG + 1];
    const char *items[MANY];
    struct sbl_machine machines[MANY];
    struct sbl_evidence_line lines[MANY];
    struct sbl_alternative alternatives[MANY];
    struct sbl_culprit candidates[MANY];
    memset(text, 'x', LONG);
    text[510] = (char)0xC3; /* where a word is broken */
    text[511] = (char)0xA9;
    for (unsigned i = 0; i < MANY; i++) {
        items[i] = text;
        machines[i] = fixture->scenario.client;
        machines[i].name = machines[i].contradiction = text;
        machines[i].address[3] = (uint8_t)i;
        lines[i] = fixture->scenario.lines[0];
        lines[i].account = lines[i].domain = lines[i].share = text;
        lines[i].client = i;
        alternatives[i] = (struct sbl_alternative){text, text, text, 0.1};
        candidates[i] = diagnosis->culprit;
        candidates[i].files = (struct sbl_strings){items, MANY, MANY};
    }
    struct sbl_strings all = {items, MANY, MANY};
    diagnosis->message = diagnosis->account = diagnosis->rule_id = text;
    diagnosis->accounts = diagnosis->walk.directories = diagnosis->walk.missing = all;
    diagnosis->shares = diagnosis->windows_events = diagnosis->remedy = all;
    diagnosis->evidence_for = diagnosis->evidence_against = diagnosis->references = all;
    diagnosis->clients = diagnosis->servers = machines;
    diagnosis->client_count = diagnosis->server_count = MANY;
    diagnosis->client_total = diagnosis->server_total = MANY;
    diagnosis->lines = lines;
    diagnosis->line_count = MANY;
    diagnosis->line_first_count = 50;
    diagnosis->line_total = MANY;
    diagnosis->alternatives = alternatives;
    diagnosis->alternative_count = MANY;
    diagnosis->candidates = candidates;
    diagnosis->candidate_count = 3;
    summary_diagnosis(fixture->summary, diagnosis);
    has(print(fixture, (struct summary_style){.verbose = true}),
        "(shortened: more was told than is kept of one diagnosis)\n");
    has(fixture->printed, "xxx...\n");
}

static void the_least_severe_makes_room(void **state) {
    struct fixture *fixture = *state;
    struct sbl_diagnosis one = scenario_bare();
    char message[32];
    one.message = message;
    for (unsigned i = 0; i < SBL_MAX_SUMMARY_DIAGNOSES + 50; i++) {
        one.id[0] = (uint8_t)i;
        one.id[1] = (uint8_t)(i >> 8);
        one.severity = i == 7 ? 1 : 3;
        snprintf(message, sizeof message, "Number %u.", i);
        summary_diagnosis(fixture->summary, &one);
    }
    one.id[2] = 1;
    one.severity = 2;
    memcpy(message, "Too late.", sizeof "Too late.");
    summary_diagnosis(fixture->summary, &one);
    const char *printed = print(fixture, (struct summary_style){.verbose = true});
    has(printed, "51 verdicts made room for later ones and are not shown\n");
    lacks(printed, "\nNumber 7.\n");
    lacks(printed, "\nNumber 0.\n");
    lacks(printed, "Too late.");
    has(printed, "\nNumber 50.\n");
    has(printed, "\nNumber 1073.\n");
    printed = print(fixture, (struct summary_style){0});
    has(printed, "... and 1,004 more verdicts (-v shows all that was kept)\n");
}

static void every_kind_of_culprit_has_its_words(void **state) {
    static const char *const wanted[] = {"AudDrive",         "driver AudDrive",  "program AudDrive",
                                         "service AudDrive", "account AudDrive", "host AudDrive"};
    struct fixture *fixture = *state;
    for (unsigned kind = 0; kind < 6; kind++) {
        char line[64];
        fixture->scenario.diagnosis.culprit.kind = (enum sbl_culprit_kind)kind;
        fixture->scenario.diagnosis.culprit.basis = (enum sbl_basis)kind;
        snprintf(line, sizeof line, "  Culprit    %s (Compaq)", wanted[kind]);
        has(printed_of(fixture, &fixture->scenario.diagnosis), line);
    }
}

static void periods_have_a_unit_that_fits(void **state) {
    static const struct {
        double seconds;
        const char *wanted;
    } cases[] = {{61, "every 61 s, documented for Climonnt\n"},
                 {900, "every 15 min, documented for Climonnt\n"},
                 {82800, "every 23 h, documented for Climonnt\n"}};
    struct fixture *fixture = *state;
    fixture->scenario.diagnosis.period_owner = "Climonnt";
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture->scenario.diagnosis.period_s = cases[i].seconds;
        has(printed_of(fixture, &fixture->scenario.diagnosis), cases[i].wanted);
    }
    static const double never[] = {0, -1, 1e300, (double)NAN, (double)INFINITY};
    for (unsigned i = 0; i < sizeof never / sizeof *never; i++) {
        fixture->scenario.diagnosis.period_s = never[i];
        lacks(printed_of(fixture, &fixture->scenario.diagnosis), "Period");
    }
}

int main(void) {
#define VERDICT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        VERDICT_TEST(a_driver_is_told_from_verdict_to_cure),
        VERDICT_TEST(of_many_attempts_the_telling_ones_are_shown),
        VERDICT_TEST(an_unknown_cause_says_what_to_look_for),
        VERDICT_TEST(an_attack_names_its_technique),
        VERDICT_TEST(two_candidates_are_both_named),
        VERDICT_TEST(a_dos_error_and_halves_of_attempts),
        VERDICT_TEST(the_latest_revision_counts),
        VERDICT_TEST(what_a_verdict_tells_is_not_told_again),
        VERDICT_TEST(names_of_strangers_cannot_move_the_cursor),
        VERDICT_TEST(nothing_is_too_long),
        VERDICT_TEST(the_least_severe_makes_room),
        VERDICT_TEST(every_kind_of_culprit_has_its_words),
        VERDICT_TEST(periods_have_a_unit_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
