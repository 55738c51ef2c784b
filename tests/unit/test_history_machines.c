/* Machines: which addresses are one, what they are called, what they are as servers; relays; and
 * every cap of the room. */
#include "history_play.h"

static int begin(void **state) {
    (void)state;
    play_begin(NULL, 0);
    return 0;
}

static int end(void **state) {
    (void)state;
    history_free(play.h);
    free(play.told);
    play = (struct play){0};
    return 0;
}

static const struct who jdoe = {0};

static void one_mac_is_one_machine(void **state) {
    (void)state;
    struct who before = {.client = 42, .mac = 42}, after = {.client = 77, .mac = 42};
    fails(&before, 2, 1000);
    play.now += MINUTE_NS;
    fails(&after, 1, 1000);
    const struct told *told = finish();
    assert_int_equal(told->incident.serial, play.told[0].incident.serial);
    assert_int_equal(told->incident.failures, 3);
    assert_int_equal(told->incident.account_clients, 1);
    assert_int_equal(told->incident.client.address[3], 77);
    assert_true(holds(told, FACT_CLIENT_ONLY));
    assert_int_equal(play.h->walks->clients, 2);
    assert_string_equal(told->contradiction, "it was 10.0.0.42 before");
}

/* Without a name the MAC alone joins machines, not their failures. */
static void one_mac_without_names(void **state) {
    (void)state;
    struct who before = {.client = 42, .mac = 42, .workstation = ""};
    struct who after = {.client = 77, .mac = 42, .workstation = ""};
    fails(&before, 2, 1000);
    play.now += MINUTE_NS;
    fails(&after, 1, 1000);
    const struct told *two = finish(), *one = &play.told[0];
    assert_int_not_equal(one->incident.serial, two->incident.serial);
    assert_int_equal(one->incident.client_serial, two->incident.client_serial);
    assert_int_equal(two->incident.account_clients, 1);
}

static void another_mac_is_another_machine(void **state) {
    (void)state;
    struct who before = {.client = 42, .mac = 42, .workstation = "WS042"};
    struct who after = {.client = 42, .mac = 50, .workstation = "WS007"};
    fails(&before, 2, 1000);
    play.now += MINUTE_NS;
    fails(&after, 1, 1000);
    struct told *two = finish();
    const struct told *one = &play.told[0];
    assert_int_equal(one->incident.moment, INCIDENT_FORGOTTEN);
    assert_int_equal(one->incident.failures, 2);
    assert_string_equal(one->client, "WS042");
    assert_int_not_equal(one->incident.client_serial, two->incident.client_serial);
    assert_int_equal(two->incident.failures, 1);
    assert_string_equal(two->client, "WS007");
    assert_string_equal(two->contradiction, "its address was used with another MAC before");
}

/* Two adapters of one machine, or two routers, take turns: nothing is forgotten each time. */
static void two_macs_by_turns_are_one_machine(void **state) {
    (void)state;
    struct who one = {.client = 42, .mac = 42}, two = {.client = 42, .mac = 50};
    for (unsigned i = 0; i < 10; i++)
        fails(i % 2 ? &two : &one, 1, 1000);
    assert_int_equal(finish()->incident.failures, 9);
}

static void a_router_in_front_changes_no_machine(void **state) {
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        struct who who = {.client = 42 + i, .mac = 9, .workstation = ""};
        fails(&who, 1, 1000);
    }
    struct who straight = {.client = 42, .mac = 42, .workstation = ""};
    fails(&straight, 1, 1000);
    assert_int_equal(play.count, 0);
    history_finish(play.h, play.now);
    assert_int_equal(play.count, 5);
    assert_int_equal(play.told[0].incident.failures, 2);
}

static void both_protocols_of_one_mac(void **state) {
    (void)state;
    struct who four = {.client = 42, .mac = 42, .workstation = ""};
    struct who six = {.client = 42, .mac = 42, .workstation = "", .is_v6 = true};
    fails(&four, 1, 10);
    fails(&six, 1, 10);
    fails(&four, 1, 10);
    assert_int_equal(finish()->incident.account_clients, 1);
}

static void a_router_is_no_machine(void **state) {
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        struct who who = {.client = 40 + i, .mac = 9, .workstation = ""};
        fails(&who, 1, 1000);
    }
    struct told *told = finish();
    assert_int_equal(told->incident.account_clients, 5);
    assert_int_equal(play.h->walks->clients, 1);
    play_begin(NULL, 0);
    struct who a = {.client = 42, .mac = 9, .workstation = "WS042"};
    struct who b = {.client = 43, .mac = 9, .workstation = "WS043"};
    fails(&a, 1, 1000);
    fails(&b, 1, 1000);
    assert_int_equal(finish()->incident.account_clients, 2);
}

static void one_name_on_two_macs_is_a_contradiction(void **state) {
    (void)state;
    struct who a = {.client = 42, .mac = 42}, b = {.client = 43, .mac = 43};
    fails(&a, 1, 1000);
    fails(&b, 1, 1000);
    struct told *told = finish();
    assert_int_equal(told->incident.account_clients, 2);
    assert_string_equal(told->contradiction, "10.0.0.42 also calls itself WS042");
    assert_int_equal(play.h->walks->clients, 1);
    assert_true(holds(told, FACT_NAME_CONTRADICTS));
}

static void one_name_without_macs_may_have_moved(void **state) {
    (void)state;
    struct who a = {.client = 42}, b = {.client = 43};
    fails(&a, 1, 1000);
    fails(&b, 1, 1000);
    struct told *told = finish();
    assert_int_equal(told->incident.account_clients, 2);
    assert_non_null(strstr(told->contradiction, "no MAC proves it"));
    assert_int_equal(play.h->walks->clients, 2);
    assert_false(holds(told, FACT_NAME_CONTRADICTS));
    fails(&a, 1, 1000); /* both at once */
    finish();
    assert_string_equal(play.told[play.count - 1].contradiction,
                        "10.0.0.42 also calls itself WS042");
    assert_int_equal(play.h->walks->clients, 1);
    assert_true(holds(&play.told[play.count - 1], FACT_NAME_CONTRADICTS));
}

static void a_server_talks_to_itself(void **state) {
    (void)state;
    struct who self = {.client = 1, .server = 1, .workstation = "DC01"};
    fails(&self, 1, 1000);
    assert_true(holds(finish(), FACT_LOOPBACK));
    play_begin(NULL, 0);
    struct who named = {.workstation = "DC01"};
    fails(&named, 1, 1000);
    assert_false(holds(finish(), FACT_LOOPBACK));
}

/* Only who stands between is accused, whichever leg ends first. */
static void one_challenge_on_two_legs(void **state) {
    (void)state;
    struct who leg = {.client = 50, .server = 1, .mark = 77, .workstation = "WS042"};
    struct who victim = {.client = 42, .server = 50, .mark = 77, .computer = "M"};
    for (unsigned i = 0; i < 4; i++) {
        play_begin(NULL, 0);
        leg.no_challenge = victim.no_challenge = i >= 2; /* of the SMB1 greeting */
        logon(i % 2 ? &leg : &victim, 0);
        play.now += SECOND_NS;
        logon(i % 2 ? &victim : &leg, 0);
        history_finish(play.h, play.now);
        assert_int_equal(play.count, 1);
        assert_true(holds(&play.told[0], FACT_CHALLENGE_TWICE));
        assert_int_equal(play.told[0].incident.client.address[3], 50);
    }
    play_begin(NULL, 0);
    fails(&victim, 3, 10); /* one connection, one challenge */
    assert_false(holds(finish(), FACT_CHALLENGE_TWICE));
    play_begin(NULL, 0);
    logon(&leg, 0);
    play.now += MINUTE_NS + 1;
    logon(&victim, 0);
    history_finish(play.h, play.now);
    assert_int_equal(play.count, 0);
    struct who nat = {.client = 42, .server = 1, .mark = 78};
    logon(&nat, 0);
    nat.client = 99; /* behind a translator: the same server on both sides */
    logon(&nat, 0);
    history_finish(play.h, play.now);
    assert_int_equal(play.count, 0);
}

static void a_promised_mic_is_missed(void **state) {
    (void)state;
    struct sbl_attempt attempt = attempt_of(&jdoe, 0);
    attempt.client.av_flags = 2;
    attempt.client.has_mic = true;
    history_attempt(play.h, &attempt);
    attempt.client.is_cut = true;
    attempt.client.has_mic = false;
    history_attempt(play.h, &attempt);
    history_finish(play.h, play.now);
    assert_int_equal(play.count, 0);
    attempt.client.is_cut = false;
    history_attempt(play.h, &attempt);
    assert_true(holds(finish(), FACT_MIC_MISSING));
}

static void anonymous_after_a_failure(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        play_begin(NULL, 0);
        fails(&jdoe, 1, i ? 1000 : 999);
        struct sbl_attempt attempt = attempt_of(&(struct who){.account = "", .domain = ""}, 0);
        attempt.reason = SBL_REASON_ANONYMOUS;
        attempt.is_null = true;
        history_attempt(play.h, &attempt);
        finish();
        assert_int_equal(play.count, i ? 1 : 2);
        assert_int_equal(holds(&play.told[play.count - 1], FACT_AFTER_FAILURE), !i);
    }
}

static void an_abandoned_handshake(void **state) {
    (void)state;
    struct who nobody = {.is_kerberos = true};
    struct sbl_attempt attempt = attempt_of(&nobody, 0);
    attempt.mechanism = SBL_MECHANISM_NTLMSSP;
    attempt.outcome = SBL_OUTCOME_UNKNOWN;
    attempt.finding.has_status = false;
    attempt.has_challenge = true;
    attempt.reason = SBL_REASON_ABANDONED;
    attempt.half_seen = SBL_HALF_REQUEST;
    history_attempt(play.h, &attempt);
    history_finish(play.h, play.now);
    assert_int_equal(play.count, 0); /* it answered; what the server said to it was not captured */
    attempt.client.message = SBL_NTLM_NEGOTIATE;
    history_attempt(play.h, &attempt);
    struct told *told = finish();
    assert_true(holds(told, FACT_ABANDONED) && holds(told, FACT_ABANDONED_COMPLETE));
    assert_false(holds(told, FACT_ACCOUNT_ANONYMOUS));
}

/* A prober asks the KDC by IPv6 and the server by IPv4: names that the KDC does not know are names
 * that failed. The same name again is no other one. */
static void names_asked_for_at_a_kdc(void **state) {
    (void)state;
    for (unsigned names = 9; names <= 10; names++) {
        play_begin(NULL, 0);
        char name[8];
        struct sbl_witness witness = {.kind = SBL_WITNESS_KERBEROS_ERROR,
                                      .ip_version = 6,
                                      .has_mac = true,
                                      .error_code = 6,
                                      .principal = text_of(name)};
        address_set(&witness.client, 42, true, 42);
        address_set(&witness.server, 1, true, 201);
        for (unsigned i = 0; i < 3 * names; i++, play.now += SECOND_NS) {
            snprintf(name, sizeof name, "u%02u", i % names);
            witness.principal = text_of(name);
            witness.time_ns = play.now;
            history_witness(play.h, &witness);
        }
        fails(&(struct who){.mac = 42, .workstation = ""}, 1, 0);
        struct told *told = finish();
        assert_true(holds(told, FACT_NAMES_UNKNOWN));
        assert_int_equal(holds(told, FACT_ACCOUNTS_10), names == 10);
    }
}

static void a_spray_is_seen(void **state) {
    (void)state;
    char name[8];
    for (unsigned i = 0; i < 30; i++) {
        struct who who = {.account = name};
        snprintf(name, sizeof name, "u%02u", i);
        fails(&who, 2, 1000);
        finish();
        const struct told *told = last_of(name);
        assert_int_equal(holds(told, FACT_ACCOUNTS_10), i >= 9);
        assert_int_equal(holds(told, FACT_ACCOUNTS_30), i >= 29);
        play.count = 0;
    }
    struct told *told = finish();
    assert_true(holds(told, FACT_ACCOUNTS_LIST_ORDER) && holds(told, FACT_ACCOUNTS_FEW_EACH));
    assert_true(holds(told, FACT_ACCOUNTS_FAIL_95));
    assert_false(holds(told, FACT_ACCOUNTS_SUCCEED));
    assert_true(holds(told, FACT_ACCOUNTS_30));
}

static void slow_failures_are_no_spray(void **state) {
    (void)state;
    char name[8];
    for (unsigned i = 0; i < 30; i++) {
        struct who who = {.account = name};
        snprintf(name, sizeof name, "u%02u", (i * 7) % 30);
        fails(&who, 1, 201000); /* nine in half an hour */
    }
    struct told *told = finish();
    assert_false(holds(told, FACT_ACCOUNTS_10) || holds(told, FACT_ACCOUNTS_LIST_ORDER));
}

static void many_clients_of_one_account(void **state) {
    (void)state;
    for (unsigned i = 0; i < 11; i++) {
        char name[8];
        struct who who = {.client = 10 + i, .workstation = name};
        snprintf(name, sizeof name, "W%u", i);
        logon(&who, 0);
        play.now += SECOND_NS;
        fails(&who, 1, 60000);
        struct told *told = finish();
        assert_int_equal(holds(told, FACT_CLIENT_ONLY), i == 0);
        assert_int_equal(holds(told, FACT_CLIENTS_FEW), i >= 1 && i < 5);
        assert_int_equal(holds(told, FACT_CLIENTS_SEVERAL), i >= 2);
        assert_int_equal(holds(told, FACT_CLIENTS_MANY), i >= 10);
        assert_int_equal(holds(told, FACT_CLOCK_TIME_SHARED), i >= 2);
    }
    struct told *told = finish();
    assert_true(holds(told, FACT_CLIENTS_TOGETHER) && holds(told, FACT_CLIENTS_SUCCEEDED));
    assert_false(holds(told, FACT_SOURCES_ARE_SERVERS));
}

static void old_answers_refused_new_ones_granted(void **state) {
    (void)state;
    struct who old = {.answer = SBL_ANSWER_NTLMV1}, new = {.client = 7, .account = "anna"};
    fails(&old, 1, 10);
    assert_true(holds(finish(), FACT_ANSWER_V1));
    assert_false(holds(finish(), FACT_V1_REFUSED_V2_GRANTED));
    logon(&new, 0);
    assert_true(holds(finish(), FACT_V1_REFUSED_V2_GRANTED));
    old.account = "bert";
    logon(&old, 0);
    assert_false(holds(finish(), FACT_V1_REFUSED_V2_GRANTED));
}

static void traits_of_a_client(void **state) {
    (void)state;
    struct who who = {.workstation = "", .native_os = "Unix", .spn = "cifs/10.0.0.1"};
    struct sbl_attempt attempt = attempt_of(&who, LOGON_FAILURE);
    attempt.client.has_version = false;
    attempt.prefers_kerberos = true;
    history_attempt(play.h, &attempt);
    struct told *told = finish();
    assert_true(holds(told, FACT_WORKSTATION_BLANK) && holds(told, FACT_NO_VERSION));
    assert_true(holds(told, FACT_NATIVE_OS_FOREIGN) && holds(told, FACT_TARGET_IS_ADDRESS));
    assert_true(holds(told, FACT_KERBEROS_PREFERRED));
    play_begin(NULL, 0);
    who = (struct who){.workstation = "aBcDeFgHiJkLmNoP", .spn = "cifs/dc01"};
    fails(&who, 1, 0);
    told = finish();
    assert_true(holds(told, FACT_WORKSTATION_TOOL));
    assert_false(holds(told, FACT_TARGET_IS_ADDRESS) || holds(told, FACT_WORKSTATION_BLANK) ||
                 holds(told, FACT_NO_VERSION));
}

static void clocks_apart(void **state) {
    (void)state;
    static const uint64_t server = UINT64_C(133000000000000000);
    for (unsigned minutes = 4; minutes < 40; minutes += 14) {
        play_begin(NULL, 0);
        witness_of(SBL_WITNESS_KERBEROS_ERROR, 1, 42, 25);
        struct sbl_attempt attempt = attempt_of(&jdoe, LOGON_FAILURE);
        attempt.has_server_time = true;
        attempt.server.timestamp = server;
        attempt.client.answer_time = server - minutes * UINT64_C(600000000);
        history_attempt(play.h, &attempt);
        struct told *told = finish();
        assert_int_equal(holds(told, FACT_SKEW_5_KERBEROS), minutes > 5);
        assert_int_equal(holds(told, FACT_SKEW_30), minutes > 30);
    }
    play_begin(NULL, 0);
    struct sbl_attempt attempt = attempt_of(&jdoe, LOGON_FAILURE);
    attempt.has_server_time = true;
    attempt.server.timestamp = attempt.client.answer_time = server; /* copied: says nothing */
    history_attempt(play.h, &attempt);
    assert_false(holds(finish(), FACT_SKEW_30));
}

static void what_witnesses_tell(void **state) {
    (void)state;
    fails(&jdoe, 1, 1000);
    assert_true(holds(finish(), FACT_SERVER_ROLE_UNKNOWN));
    struct sbl_witness witness = {.kind = SBL_WITNESS_NETBIOS_NAME,
                                  .time_ns = play.now,
                                  .ip_version = 4,
                                  .is_group_name = true,
                                  .name = {.name = "CORP", .size = 4, .suffix = 0x1C}};
    address_set(&witness.server, 1, false, 0);
    history_witness(play.h, &witness);
    assert_true(holds(finish(), FACT_SERVER_DC));
    witness_of(SBL_WITNESS_KERBEROS_ERROR, 1, 42, 7);
    witness_of(SBL_WITNESS_KERBEROS_ERROR, 1, 42, 37);
    assert_true(holds(finish(), FACT_KDC_UNKNOWN_SERVICE) && holds(finish(), FACT_STATUS_SKEW));
    for (unsigned i = 0; i < 3; i++)
        witness_of(SBL_WITNESS_KERBEROS_ERROR, 1, 42, 6);
    assert_true(holds(finish(), FACT_NAMES_UNKNOWN));
}

static void a_share_that_is_not_there_makes_no_controller(void **state) {
    (void)state;
    fails(&jdoe, 1, 1000);
    tree(&jdoe, "\\\\DC01\\SYSVOL", 0xC00000CCu);
    assert_true(holds(finish(), FACT_SERVER_NOT_DC));
    play_begin(NULL, 0);
    fails(&jdoe, 1, 1000);
    tree(&jdoe, "\\\\DC01\\SYSVOL", 0xC0000022u);
    assert_true(holds(finish(), FACT_SERVER_DC));
}

static void one_server_refuses_all(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct who who = {.account = i ? "anna" : "bert"};
        struct sbl_attempt attempt = attempt_of(&who, 0xC000018Du);
        attempt.reason = SBL_REASON_TRUST_FAILURE;
        history_attempt(play.h, &attempt);
        struct told *told = finish();
        assert_true(holds(told, FACT_TRUST_FAILURE));
        assert_int_equal(holds(told, FACT_SERVER_ALL_ACCOUNTS), i == 1);
    }
    logon(&jdoe, 0);
    assert_false(holds(finish(), FACT_SERVER_ALL_ACCOUNTS));
}

static void searches(const struct who *who) {
    struct sbl_probe probe = {.finding = finding_of(who, 0xC0000034u),
                              .directory = text_of("TOOLS"),
                              .name = text_of("ess.dll")};
    probe.finding.share = text_of("\\\\CAP01\\APPS");
    history_probe(play.h, &probe);
}

static void steps_of_a_walk_are_passed_on(void **state) {
    (void)state;
    fails(&jdoe, 1, 1000);
    history_tick(play.h, play.now += 10 * SECOND_NS);
    assert_int_equal(play.count, 1);
    searches(&jdoe);
    assert_string_equal(play.h->walks->path, "TOOLS\\ess.dll");
    history_tick(play.h, play.now += MINUTE_NS);
    assert_int_equal(play.count, 2);
    assert_true(holds(&play.told[1], FACT_WALK));
    assert_int_equal(play.h->walks->failures, 1);
}

static const struct history_caps small = {
    .hosts = 4, .accounts = 3, .pairs = 5, .grants = 3, .counts = 2, .lines = 24, .challenges = 2};

static void what_is_least_active_is_forgotten(void **state) {
    (void)state;
    play_begin(&small, 0);
    char name[8];
    for (unsigned i = 0; i < 6; i++) {
        struct who who = {.account = name, .client = 42};
        snprintf(name, sizeof name, "u%u", i);
        fails(&who, 1, 1000);
    }
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_ACCOUNTS], 3);
    assert_int_equal(play.count, 3);
    assert_int_equal(play.told[0].incident.moment, INCIDENT_FORGOTTEN);
    assert_string_equal(play.told[0].account, "u0");
    for (unsigned i = 0; i < 6; i++) {
        struct who who = {.account = name, .client = 50 + i, .mark = 100 + i};
        snprintf(name, sizeof name, "u%u", 4 + i % 2);
        logon(&who, 0);
        fails(&who, 1, 1000);
        if (i < 2)
            searches(&who);
    }
    assert_true(play.stats.cap_hits[SBL_LIMIT_HOSTS] >= 3);
    assert_int_equal(play.h->walks->forgotten, 2); /* the others never searched */
    finish();
    assert_true(table_count(&play.h->pairs) <= 5 && table_count(&play.h->hosts) <= 4);
}

static void lines_and_pairs_have_caps(void **state) {
    (void)state;
    struct history_caps caps = small;
    caps.hosts = 16;
    play_begin(&caps, 0);
    for (unsigned i = 0; i < 3; i++) {
        struct who who = {.client = 50 + i};
        fails(&who, 16, 100);
    }
    assert_true(play.stats.cap_hits[SBL_LIMIT_LINES] > 0);
    fails(&(struct who){.client = 60}, 30, 100); /* more than the pool has */
    assert_int_equal(finish()->incident.failures, 30);
    assert_true(play.told[play.count - 1].incident.line_count <= 24);
    for (unsigned i = 0; i < 6; i++) {
        struct who who = {.client = 70 + i};
        fails(&who, 1, 100);
    }
    assert_true(play.stats.cap_hits[SBL_LIMIT_PAIRS] + play.stats.cap_hits[SBL_LIMIT_LINES] > 3);
    for (unsigned i = 0; i < 5; i++) {
        struct who who = {.client = 80 + i, .server = 1 + i, .account = "anna"};
        logon(&who, 0);
        who.account = "bert";
        fails(&who, 1, 100);
    }
    finish();
    assert_true(table_count(&play.h->counts) <= 2 && table_count(&play.h->grants) <= 3);
}

/* Everything that was taken is given back with its owner. */
static void forgetting_leaves_nothing_behind(void **state) {
    (void)state;
    play_begin(&small, 0);
    for (unsigned i = 0; i < 200; i++) {
        char name[8];
        struct who who = {.account = name, .client = 1 + i % 7, .server = 20 + i % 3};
        snprintf(name, sizeof name, "u%u", i % 5);
        logon(&who, i % 4 == 3 ? LOCKED : i % 4 == 2 ? 0 : LOGON_FAILURE);
        play.now += 300 * MS;
        play.count = 0;
    }
    while (table_oldest(&play.h->hosts))
        hosts_forget(play.h, table_oldest(&play.h->hosts));
    assert_int_equal(table_count(&play.h->pairs), 0);
    assert_int_equal(play.h->lines.in_use, 0);
    assert_int_equal(play.h->order.count, 0);
    for (unsigned i = 0; i < IDLE_STEPS; i++)
        assert_int_equal(play.h->idle[i].count, 0);
    for (unsigned i = 0; i < DUE_COUNT; i++)
        assert_int_equal(play.h->due[i].count, 0);
}

static void the_ceiling_is_known(void **state) {
    (void)state;
    assert_true(history_bytes(&small) < 1u << 20);
    assert_true(history_ceiling(NULL) < (size_t)512 << 20);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(one_mac_is_one_machine),
        TEST(one_mac_without_names),
        TEST(another_mac_is_another_machine),
        TEST(two_macs_by_turns_are_one_machine),
        TEST(a_router_in_front_changes_no_machine),
        TEST(both_protocols_of_one_mac),
        TEST(a_router_is_no_machine),
        TEST(one_name_on_two_macs_is_a_contradiction),
        TEST(one_name_without_macs_may_have_moved),
        TEST(a_server_talks_to_itself),
        TEST(one_challenge_on_two_legs),
        TEST(a_promised_mic_is_missed),
        TEST(anonymous_after_a_failure),
        TEST(an_abandoned_handshake),
        TEST(names_asked_for_at_a_kdc),
        TEST(a_spray_is_seen),
        TEST(slow_failures_are_no_spray),
        TEST(many_clients_of_one_account),
        TEST(old_answers_refused_new_ones_granted),
        TEST(traits_of_a_client),
        TEST(clocks_apart),
        TEST(what_witnesses_tell),
        TEST(a_share_that_is_not_there_makes_no_controller),
        TEST(one_server_refuses_all),
        TEST(steps_of_a_walk_are_passed_on),
        TEST(what_is_least_active_is_forgotten),
        TEST(lines_and_pairs_have_caps),
        TEST(forgetting_leaves_nothing_behind),
        TEST(the_ceiling_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
