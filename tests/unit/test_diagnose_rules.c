/* Every rule of the knowledge base, on both sides of its border: facts that make it win, and facts
 * just short of that with what wins then; and pairs of rules that are easily taken for each other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "diagnose/judge.h"
#include "diagnose/tell.h"
#include "diagnose/text.h"

enum { BORDER_FACTS = 14 };

/* Fact words, and who wins; NULL = nobody. */
struct border {
    const char *winner;
    const char *facts[BORDER_FACTS];
};

#define UNKNOWN "wrong-password-unknown-cause"
#define DRIVER "third-party-driver-path-search"
#define LOCAL "local-account-used-against-site-system"
#define INVENTORY "local-account-inventory"
#define STALE_SERVICE "stale-service-account-password"
#define STALE_DRIVE "stale-mapped-drive-or-saved-credential"
#define RETRY "periodic-retry-program"
#define TOKEN_NAME "account_sms_local", "account_sms_token", "account_documented"
#define TOKEN TOKEN_NAME, "bad_credentials"

static const struct border borders[] = {
    {DRIVER, {TOKEN, "domain_own_name", "walk", "walk_joined", "walk_documented"}},
    {"guest-mapping", {TOKEN, "domain_own_name", "walk", "walk_documented", "guest_mapped"}},
    {LOCAL, {TOKEN, "domain_own_name", "walk", "walk_documented"}},
    {DRIVER,
     {"account_person", "walk", "walk_joined", "walk_vendor_name", "walk_near_failure",
      "bad_credentials"}},
    {UNKNOWN, {"account_person", "walk", "walk_joined", "walk_vendor_name", "walk_near_failure"}},
    {UNKNOWN, {"account_person", "walk", "walk_joined", "walk_vendor_name", "typing_error"}},
    {UNKNOWN, {"account_person", "walk", "walk_vendor_name", "walk_ordered", "walk_confirmed"}},
    {LOCAL, {TOKEN}},
    {LOCAL, {TOKEN_NAME, "locked_out", "locked_out_only", "domain_own_name", "server_dc"}},
    {INVENTORY, {TOKEN, "domain_own_name", "share_user", "no_probe"}},
    {INVENTORY, {TOKEN, "domain_own_name", "share_user", "clock_time_shared"}},
    {LOCAL, {TOKEN, "domain_own_name", "clock_time_shared", "no_probe"}},
    {LOCAL, {TOKEN, "domain_own_name", "clock_time_shared", "share_none"}},
    {LOCAL, {TOKEN, "domain_own_name", "share_user", "share_site"}},
    {LOCAL, {TOKEN, "domain_own_name", "clock_time_shared", "server_site_system"}},
    {LOCAL, {"account_sms_local", "account_sms_service", "share_user", "bad_credentials"}},
    {"nal-debug-logging", {TOKEN, "domain_own_name", "confirmed_nal_logging", "share_site"}},
    {LOCAL, {TOKEN, "domain_own_name", "share_site"}},
    {"ntlmv1-or-lm-refused", {TOKEN_NAME, "domain_own_name", "answer_v1", "refused_before"}},
    {LOCAL, {TOKEN, "domain_own_name", "answer_v1", "account_granted_v2"}},
    {"account-disabled", {TOKEN_NAME, "domain_own_name", "share_site", "disabled"}},
    {"account-locked-out", {"account_person", "locked_out", "locked_out_only"}},
    {UNKNOWN, {"account_person", "locked_out", "bad_credentials"}},
    {STALE_SERVICE, {"account_service", "account_documented"}},
    {STALE_SERVICE, {"account_service", "granted_before"}},
    {STALE_SERVICE, {"account_service", "periodic"}},
    {UNKNOWN, {"account_service", "repeated"}},
    {RETRY, {"account_person", "sources_are_servers", "granted_before", "periodic"}},
    {UNKNOWN, {"account_person", "sources_are_servers", "repeated"}},
    {UNKNOWN, {"account_person", "sources_are_servers", "granted_before"}},
    {RETRY,
     {"account_person", "sources_are_servers", "granted_before", "periodic", "period_documented"}},
    {RETRY,
     {"account_person", "share_licmtr", "walk", "walk_joined", "walk_documented",
      "walk_near_failure", "walk_wanted_share"}},
    {"abandoned-handshake", {"abandoned", "periodic", "period_documented"}},
    {"single-client-brute-force",
     {"account_person", "fast", "periodic", "granted_never", "workstation_blank", "no_version"}},
    {RETRY, {"account_person", "fast", "very_fast", "periodic", "granted_never"}},
    {"adsync-service-account", {"account_adsync", "client_only"}},
    {UNKNOWN, {"account_service", "client_only"}},
    {UNKNOWN, {"account_adsync", "typing_error"}},
    {"single-client-brute-force", {"account_person", "fast", "very_fast", "long_run"}},
    {"single-client-brute-force", {"account_person", "fast", "workstation_blank", "granted_never"}},
    {UNKNOWN, {"account_person", "fast", "very_fast", "granted_never"}},
    {UNKNOWN, {"account_person", "long_run", "granted_never"}},
    {UNKNOWN, {"account_person", "repeated", "granted_never"}},
    {UNKNOWN, {"account_person", "fast", "granted_before"}},
    {UNKNOWN, {"account_person", "fast", "very_fast", "typing_error"}},
    {RETRY, {"account_person", "fast", "very_fast", "granted_never", "share_licmtr"}},
    {LOCAL, {TOKEN, "fast", "very_fast", "granted_never"}},
    {UNKNOWN, {"account_person", "accounts_10", "accounts_few_each", "accounts_fail_95"}},
    {"password-spray",
     {"account_person", "accounts_10", "accounts_few_each", "accounts_fail_95", "accounts_quick"}},
    {"password-spray",
     {"account_person", "accounts_at_once", "accounts_list_order", "accounts_few_each",
      "accounts_fail_95"}},
    {"password-spray", {"account_person", "accounts_10", "accounts_in_turn", "accounts_fail_95"}},
    {"password-spray",
     {"account_person", "accounts_by_list", "accounts_list_order", "accounts_few_each"}},
    {UNKNOWN, {"account_person", "accounts_10", "accounts_list_order", "accounts_fail_95"}},
    {"account-disabled",
     {"disabled", "accounts_10", "accounts_few_each", "accounts_fail_95", "accounts_quick"}},
    {UNKNOWN, {"account_person", "accounts_10", "accounts_few_each", "accounts_succeed"}},
    {UNKNOWN, {"account_person", "accounts_few_each", "accounts_fail_95"}},
    {"account-enumeration",
     {"account_person", "accounts_10", "accounts_few_each", "names_unproved"}},
    {"account-enumeration", {"account_person", "accounts_10", "names_unknown"}},
    {"password-spray",
     {"account_person", "accounts_10", "accounts_few_each", "accounts_list_order"}},
    {UNKNOWN, {"account_person", "names_unknown"}},
    {"many-clients-one-account", {"account_person", "clients_several", "clients_few"}},
    {"many-clients-one-account",
     {"account_shared", "account_documented", "clients_several", "clients_together"}},
    {UNKNOWN, {"account_person", "clients_few", "clients_together"}},
    {LOCAL, {TOKEN, "clients_several", "clients_many"}},
    {STALE_SERVICE,
     {"account_service", "account_documented", "clients_several", "clients_few",
      "clients_together"}},
    {STALE_DRIVE, {"account_person", "repeated", "granted_other_client"}},
    {STALE_DRIVE, {"account_person", "repeated", "share_user"}},
    {UNKNOWN, {"account_person", "single_failure", "granted_other_client"}},
    {UNKNOWN, {"account_person", "repeated"}},
    {RETRY, {"account_person", "periodic"}},
    {RETRY,
     {"account_person", "periodic", "period_documented", "granted_other_client", "repeated"}},
    {STALE_DRIVE,
     {"account_person", "periodic", "granted_other_client", "repeated", "granted_before"}},
    {UNKNOWN, {"account_person", "period_documented"}},
    {RETRY, {"password_expired", "periodic", "period_documented", "share_sms_shr"}},
    {"password-expired", {"password_expired", "share_sms_shr"}},
    {RETRY, {"locked_out", "locked_out_only", "periodic", "period_documented", "share_sms_shr"}},
    {"mup-amplification", {"account_person", "burst_of_three", "repeated"}},
    {"mup-amplification", {"account_person", "burst_small", "repeated"}},
    {STALE_DRIVE, {"account_person", "burst_of_three", "repeated", "granted_other_client"}},
    {UNKNOWN, {"account_device", "burst_of_three", "repeated"}},
    {"account-disabled", {"account_person", "disabled"}},
    {UNKNOWN, {"account_person", "disabled", "bad_credentials"}},
    {"account-expired", {"account_person", "account_expired"}},
    {UNKNOWN, {"account_person", "account_expired", "bad_credentials"}},
    {"password-expired", {"account_person", "password_expired"}},
    {UNKNOWN, {"account_person", "password_expired", "bad_credentials"}},
    {"logon-hours", {"account_person", "bad_hours", "dos_error_only"}},
    {UNKNOWN, {"account_person", "bad_hours", "bad_credentials"}},
    {"workstation-restricted", {"account_person", "bad_workstation", "workstation_blank"}},
    {"foreign-client-blank-workstation",
     {"bad_workstation", "bad_credentials", "workstation_blank"}},
    {"logon-type-not-granted", {"account_person", "logon_type_denied"}},
    {UNKNOWN, {"account_person", "logon_type_denied", "bad_credentials"}},
    {"account-restriction", {"account_person", "restriction"}},
    {UNKNOWN, {"account_person", "restriction", "bad_credentials"}},
    {"ntlmv1-or-lm-refused", {"account_person", "answer_v1", "account_granted_v2"}},
    {UNKNOWN, {"account_person", "answer_v1", "v1_refused_v2_granted"}},
    {"ntlmv1-or-lm-refused",
     {"account_person", "answer_v1", "v1_refused_v2_granted", "account_granted_v2"}},
    {"ntlmv1-or-lm-refused", {"account_person", "refused_before"}},
    {UNKNOWN, {"account_person", "answer_v1"}},
    {UNKNOWN, {"account_person", "account_granted_v2", "v1_refused_v2_granted"}},
    {"plaintext-refused", {"account_person", "plaintext"}},
    {UNKNOWN, {"account_person", "plaintext", "granted_before"}},
    {"clock-skew", {"account_person", "status_skew"}},
    {"clock-skew", {"account_person", "skew_30", "bad_credentials"}},
    {UNKNOWN, {"account_person", "skew_30", "bad_credentials", "granted_before"}},
    {"ntlm-blocked", {"account_person", "ntlm_blocked", "kdc_unknown_service"}},
    {"kerberos-fallback", {"account_person", "kdc_unknown_service", "kerberos_preferred"}},
    {UNKNOWN, {"account_person", "kerberos_preferred", "target_is_address"}},
    {"secure-channel-broken", {"account_person", "trust_failure"}},
    {UNKNOWN, {"account_person", "server_all_accounts"}},
    {"machine-account-used", {"account_machine", "machine_account_status"}},
    {UNKNOWN, {"account_machine", "bad_credentials"}},
    {"guest-mapping", {"account_person", "guest_mapped"}},
    {UNKNOWN, {"account_person", "guest_denied"}},
    {"null-session-fallback", {"account_anonymous", "after_failure"}},
    {NULL, {"account_anonymous"}},
    {NULL, {"account_anonymous", "ntlm_blocked"}},
    {NULL, {"account_anonymous", "session_limit"}},
    {"wrong-server-sam", {"account_person", "same_name_granted", "domain_empty"}},
    {UNKNOWN, {"account_person", "domain_empty", "bad_credentials"}},
    {UNKNOWN, {"account_person", "domain_foreign", "bad_credentials"}},
    {"local-user-same-name", {"account_person", "domain_own_name"}},
    {UNKNOWN, {"account_person", "domain_own_name", "granted_after"}},
    {"local-user-same-name", {"account_person", "domain_own_name", "same_name_granted"}},
    {"local-user-same-name",
     {"account_person", "domain_own_name", "walk", "walk_joined", "walk_documented",
      "walk_ordered"}},
    {DRIVER,
     {"account_person", "domain_own_name", "walk", "walk_joined", "walk_documented", "walk_ordered",
      "walk_confirmed", "walk_near_failure", "walk_wanted_share", "bad_credentials"}},
    {"loopback-check", {"account_person", "loopback"}},
    {UNKNOWN, {"account_person", "target_is_address"}},
    {"relay-suspicion", {"account_person", "challenge_twice"}},
    {"relay-suspicion", {"account_person", "mic_missing"}},
    {"logons-passed-on", {"account_person", "challenge_twice", "passes_many"}},
    {UNKNOWN, {"account_person", "name_contradicts"}},
    {"loopback-check", {"account_person", "loopback", "mic_missing"}},
    {UNKNOWN, {"account_person", "loopback", "granted_before", "granted_after"}},
    {UNKNOWN, {"account_person", "access_denied"}},
    {"smb-signing-required", {"account_person", "access_denied", "signing_mismatch"}},
    {"smb-signing-required", {"account_person", "signing_mismatch"}},
    {UNKNOWN, {"account_person", "access_denied", "bad_credentials"}},
    {"session-limit", {"account_person", "session_limit"}},
    {UNKNOWN, {"account_person", "repeated", "server_all_accounts"}},
    {"abandoned-handshake", {"abandoned"}},
    {UNKNOWN, {"abandoned", "bad_credentials"}},
    {"foreign-client-blank-workstation", {"account_person", "workstation_blank"}},
    {"foreign-client-blank-workstation",
     {"account_person", "workstation_tool", "native_os_foreign"}},
    {UNKNOWN, {"account_person", "native_os_foreign", "no_version"}},
    {UNKNOWN, {"account_person", "workstation_blank", "typing_error"}},
    {UNKNOWN, {"account_person", "typing_error"}},
};

static struct facts facts_of(const char *const *words) {
    struct facts facts = {0};
    for (unsigned i = 0; i < BORDER_FACTS && words[i]; i++) {
        enum fact fact = FACT_COUNT;
        if (!knowledge_fact_find(words[i], &fact))
            fail_msg("no fact '%s'", words[i]);
        facts_set(&facts, fact, true);
    }
    return facts;
}

static int load(void **state) {
    struct sbl_knowledge *knowledge = NULL;
    int failed = sbl_knowledge_new(&knowledge, NULL, stderr);
    *state = knowledge;
    return failed;
}

static int unload(void **state) {
    sbl_knowledge_free(*state);
    return 0;
}

static void each_border_has_its_winner(void **state) {
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof borders / sizeof *borders; i++) {
        struct facts facts = facts_of(borders[i].facts);
        struct judgement judgement;
        bool is_any = judge_facts(*state, &facts, &judgement);
        const char *won = is_any ? judgement.winner.rule->id : "nobody";
        const char *wanted = borders[i].winner ? borders[i].winner : "nobody";
        if (strcmp(won, wanted) == 0)
            continue;
        wrong++;
        print_error("line %zu (%s ...): %s %.2f, wanted %s\n", i, borders[i].facts[0], won,
                    judgement.winner.confidence, wanted);
        for (unsigned j = 0; is_any && j < judgement.other_count; j++)
            print_error("    %s %.2f\n", judgement.others[j].rule->id,
                        judgement.others[j].confidence);
    }
    assert_int_equal(wrong, 0);
}

static bool is_loser(const struct sbl_knowledge *knowledge, const char *id) {
    for (size_t i = 0; i < sizeof borders / sizeof *borders; i++) {
        struct facts facts = facts_of(borders[i].facts);
        const struct rule *rule = knowledge_rule(knowledge, id);
        bool has_one = false;
        for (unsigned j = 0; j < FACT_COUNT; j++) {
            bool wants = facts_have(&rule->needs, (enum fact)j);
            for (unsigned k = 0; k < rule->any_count; k++)
                wants = wants || facts_have(&rule->any[k], (enum fact)j);
            for (unsigned k = 0; k < rule->weight_count; k++)
                wants =
                    wants || (rule->weights[k].fact == (enum fact)j && rule->weights[k].delta > 0);
            has_one = has_one || (wants && facts_have(&facts, (enum fact)j));
        }
        if (has_one && (!borders[i].winner || strcmp(borders[i].winner, id) != 0))
            return true;
    }
    return false;
}

static void each_rule_wins_and_loses(void **state) {
    size_t count;
    const struct rule *rules = knowledge_rules(*state, &count);
    assert_int_equal(count, 40);
    for (size_t i = 0; i < count; i++) {
        bool has_won = false;
        for (size_t j = 0; j < sizeof borders / sizeof *borders; j++)
            has_won = has_won || (borders[j].winner && strcmp(borders[j].winner, rules[i].id) == 0);
        if (!has_won)
            fail_msg("%s wins nowhere", rules[i].id);
        if (!rules[i].is_fallback && !is_loser(*state, rules[i].id))
            fail_msg("%s is nowhere just short", rules[i].id);
    }
}

static void all_texts_are_sound(void **state) {
    size_t count;
    const struct rule *rules = knowledge_rules(*state, &count);
    for (size_t i = 0; i < count; i++) {
        const struct rule *rule = rules + i;
        if (!text_is_sound(rule->verdict) || !text_is_sound(rule->confirm) || !rule->verdict[0])
            fail_msg("%s", rule->id);
        for (unsigned j = 0; j < rule->remedy_count; j++)
            if (!text_is_sound(rule->remedy[j].text))
                fail_msg("%s: %s", rule->id, rule->remedy[j].text);
        assert_true(rule->remedy_count > 0);
        assert_true(rule->is_hostile == (rule->attack_count > 0));
        if (rule->is_hostile)
            assert_in_range(rule->severity, 6, 7);
    }
    for (unsigned i = 0; i < FACT_COUNT; i++) {
        const struct fact_words *words = knowledge_fact(*state, (enum fact)i);
        if (!words || !text_is_sound(words->holds) || !text_is_sound(words->fails))
            fail_msg("%s", knowledge_fact_word((enum fact)i));
    }
}

/* What a capture may not show of an incident. */
struct gap {
    const char *what;
    enum text_key unknown[4];
    unsigned count;
    enum fact holds;
};

static void everything_known(struct text_values *values) {
    for (unsigned i = 0; i < TEXT_KEY_COUNT; i++)
        values->of[i] = "Something";
}

/* A first sentence that is whole: with a head, an end, and no hole. */
static bool is_whole(const char *text) {
    static const char *const holes[] = {"  ", " ,", " .", " ;", " :", "()", ",,", ": .", "{", "["};
    for (size_t i = 0; i < sizeof holes / sizeof *holes; i++)
        if (strstr(text, holes[i]))
            return false;
    return text[0] >= 'A' && text[0] <= 'Z' && text[strlen(text) - 1] == '.';
}

/* The sentences of a template, as far as ". " ends one outside of brackets. */
static unsigned sentences(const char *text) {
    unsigned count = text[0] != 0, depth = 0;
    for (; *text; text++) {
        depth += *text == '[';
        depth -= *text == ']';
        count += !depth && text[0] == '.' && text[1] == ' ';
    }
    return count;
}

static void no_verdict_loses_its_head(void **state) {
    static const struct gap gaps[] = {
        {"everything is known", {0}, 0, FACT_BAD_CREDENTIALS},
        {"no account", {TEXT_ACCOUNT, TEXT_NAME, TEXT_SENT, TEXT_ACCOUNTS}, 4, FACT_LOCKED_OUT},
        {"no failures", {TEXT_FAILURES}, 1, FACT_REFUSED_BEFORE},
        {"no lockouts", {TEXT_LOCKOUTS}, 1, FACT_GUEST_DENIED},
        {"no numbers", {TEXT_FAILURES, TEXT_LOCKOUTS}, 2, FACT_GRANTED_AFTER},
        {"no names", {TEXT_CLIENT, TEXT_CLIENTS, TEXT_SERVER, TEXT_AUTHORITY}, 4, FACT_ANSWER_V1},
        {"no reason", {TEXT_REASON, TEXT_SHARE, TEXT_PERIOD, TEXT_DOMAIN}, 4, FACT_CHALLENGE_TWICE},
        {"no culprit", {TEXT_CULPRIT, TEXT_SUSPECTS, TEXT_MISSING, TEXT_BASIS}, 4, FACT_SERVER_DC},
    };
    size_t count;
    const struct rule *rules = knowledge_rules(*state, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < sizeof gaps / sizeof *gaps; j++) {
            struct text_values values = {.many = 0};
            char bytes[2048];
            struct ink ink;
            everything_known(&values);
            for (unsigned k = 0; k < gaps[j].count; k++)
                values.of[gaps[j].unknown[k]] = "";
            facts_set(&values.facts, gaps[j].holds, true);
            tell_describe_unknown(&values);
            ink_init(&ink, bytes, sizeof bytes);
            const char *text = text_expand(&ink, rules[i].verdict, &values);
            if (!is_whole(text) || sentences(text) < sentences(rules[i].verdict))
                fail_msg("%s, %s: %s", rules[i].id, gaps[j].what, text);
        }
}

static void severities_are_honest(void **state) {
    static const struct {
        const char *rule;
        const char *facts[BORDER_FACTS];
        uint64_t failures, lockouts;
        unsigned severity;
    } cases[] = {
        {UNKNOWN, {"typing_error"}, 1, 0, 2},
        {UNKNOWN, {"single_failure"}, 1, 0, 2},
        {UNKNOWN, {"repeated"}, 30, 0, 3},
        {UNKNOWN, {"repeated", "locked_out"}, 30, 1, 5},
        {DRIVER, {"walk_joined"}, 4, 0, 3},
        {DRIVER, {"walk_joined"}, 5, 0, 4},
        {DRIVER, {"walk_joined", "account_documented"}, 1, 0, 4},
        {DRIVER, {"walk_joined"}, 1, 1, 6},
        {"null-session-fallback", {"account_anonymous"}, 9, 0, 1},
        {"guest-mapping", {"guest_mapped"}, 1, 0, 2},
        {"abandoned-handshake", {"abandoned"}, 50, 0, 1},
        {"password-spray", {"accounts_10"}, 1, 0, 6},
        {"single-client-brute-force", {"fast"}, 12, 3, 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct facts facts = facts_of(cases[i].facts);
        unsigned severity = judge_severity(knowledge_rule(*state, cases[i].rule), &facts,
                                           cases[i].failures, cases[i].lockouts);
        if (severity != cases[i].severity)
            fail_msg("%s %zu: %u", cases[i].rule, i, severity);
    }
}

static void evidence_speaks_for_and_against(void **state) {
    const char *words[BORDER_FACTS] = {TOKEN_NAME, "walk_joined", "walk_documented",
                                       "typing_error"};
    struct facts facts = facts_of(words);
    struct judge_evidence evidence;
    judge_evidence(knowledge_rule(*state, DRIVER), &facts, &evidence);
    assert_int_equal(evidence.speaks_for[0].fact, FACT_WALK_JOINED);
    assert_int_equal(evidence.for_count, 3);
    assert_int_equal(evidence.speaks_against[0].fact, FACT_TYPING_ERROR);
    assert_true(evidence.speaks_against[0].holds);
    assert_int_equal(evidence.speaks_against[1].fact, FACT_DOMAIN_OWN_NAME);
    assert_false(evidence.speaks_against[1].holds);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_border_has_its_winner),
        cmocka_unit_test(each_rule_wins_and_loses),
        cmocka_unit_test(all_texts_are_sound),
        cmocka_unit_test(no_verdict_loses_its_head),
        cmocka_unit_test(severities_are_honest),
        cmocka_unit_test(evidence_speaks_for_and_against),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
