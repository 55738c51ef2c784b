/* The knowledge base as it is shipped: it reads without a complaint, names find their entries, and
 * what is explained says from where it is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "knowledge/store.h"

static int base(void **state) {
    struct sbl_knowledge *knowledge;
    int failed = sbl_knowledge_new(&knowledge, NULL, stderr);
    *state = knowledge;
    return failed;
}

static int drop(void **state) {
    sbl_knowledge_free(*state);
    return 0;
}

static void first_is(const struct sbl_knowledge *knowledge, const char *name, const char *share,
                     const char *id) {
    struct signature_match found[SIGNATURE_MATCHES];
    size_t count = knowledge_file(knowledge, name, share, found);
    assert_true(count <= SIGNATURE_MATCHES);
    assert_string_equal(count ? found[0].signature->id : "", id);
}

static void names_find_signatures(void **state) {
    struct signature_match found[SIGNATURE_MATCHES];
    assert_true(knowledge_file(*state, "AUDDRIVE.SYS", "", found) >= 2);
    assert_string_equal(found[0].signature->id, "compaq-auddrive");
    assert_false(found[0].is_wildcard);
    assert_int_equal(found[0].signature->basis, SBL_BASIS_DOCUMENTED);
    assert_int_equal(found[0].signature->kind, SBL_CULPRIT_DRIVER);
    assert_string_equal(found[1].signature->id, "ess-auddrive-nt");
    assert_true(found[1].is_wildcard);
    first_is(*state, "CwAudio.BIN", "", "crystal-nt4");
    first_is(*state, "cwbzz.drv", "", "crystal-cwb-cwd");
    first_is(*state, "crystal.vxd", "", "not-crystal-vxd");
    first_is(*state, "Desktop.ini", "", "explorer-metadata");
    first_is(*state, "._budget.xls", "", "macos-metadata");
    first_is(*state, "~$plan.doc", "", "office-owner-files");
    first_is(*state, "unheard.of", "", "");
    first_is(*state, "", "", "");
    assert_true(knowledge_file(*state, "config.ini", "", found) == 1 && found[0].is_weak);
    assert_true(knowledge_file(*state, "vymixd.vxd", "", found) >= 1 && found[0].is_weak);
    assert_true(knowledge_file(*state, "crlds3d.dll", "", found) >= 2 && !found[0].is_weak);
    assert_string_equal(knowledge_signature(*state, "sms-licmtr")->product,
                        "SMS 2.0 Software (license) Metering client");
    assert_null(knowledge_signature(*state, "no-such-id"));
}

/* An entry that names a share fits there alone; shapes come last. */
static void shares_and_shapes_have_their_place(void **state) {
    struct signature_match found[SIGNATURE_MATCHES];
    first_is(*state, "DBUP.INI", "\\\\LIC01\\licmtr", "sms-licmtr");
    first_is(*state, "dbup.ini", "\\\\LIC01\\data", "");
    first_is(*state, "S0100001.PKG", "CAP_S01", "sms-apm");
    first_is(*state, "S0100001.PKG", "", "");
    first_is(*state, "netlogon", "\\\\DC1\\IPC$", "rpc-pipes");
    first_is(*state, "anything at all", "IPC$", "rpc-pipes");
    first_is(*state, "lsarpc", "\\\\CAP01\\CAP_S01", "");
    first_is(*state, "GPT.INI", "\\\\DC1\\SysVol", "logon-policy-files");
    first_is(*state, "logon.bat", "\\\\DC1\\NETLOGON", "logon-policy-files");
    size_t count = knowledge_file(*state, "mixer.dll", "CAP_S01", found);
    assert_true(count >= 2);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(found[i].signature->role, SIGNATURE_BEHAVIOUR);
    count = knowledge_file(*state, "ymfpci.sys", "", found);
    assert_int_equal(found[0].signature->role, SIGNATURE_CULPRIT);
    assert_int_equal(found[count - 1].signature->role, SIGNATURE_BEHAVIOUR);
}

/* Names that traffic could make: very long, of wildcards, of broken UTF-8. */
static void strange_names_find_nothing(void **state) {
    struct signature_match found[SIGNATURE_MATCHES];
    char name[4000];
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_equal(knowledge_file(*state, name, name, found), 0);
    assert_null(knowledge_account(*state, name));
    assert_int_equal(knowledge_share(*state, name), SHARE_CLASS_OTHER);
    name[PATTERNS_NAME_BYTES] = '\0';
    assert_int_equal(knowledge_file(*state, name, "", found), 0);
    first_is(*state, "*", "", "");
    first_is(*state, "????????.???", "", "");
    first_is(*state, "\xC3\x28\xFF", "\xFF", "");
}

static void accounts_have_their_class(void **state) {
    static const struct {
        const char *name;
        enum account_class class_;
    } known[] = {
        {"SMSCliToknAcct&", ACCOUNT_CLASS_LOCAL_ON_NETWORK},
        {"smsclitoknacct", ACCOUNT_CLASS_LOCAL_ON_NETWORK},
        {"SMSCliSvcAcct&", ACCOUNT_CLASS_LOCAL_ON_NETWORK},
        {"SMS&_DC1", ACCOUNT_CLASS_SITE_SYSTEM_SERVICE},
        {"SMSClient_S01", ACCOUNT_CLASS_STALE_SHARED},
        {"SMSService", ACCOUNT_CLASS_STALE_SERVICE},
        {"msol_0123456789ab", ACCOUNT_CLASS_ADSYNC},
        {"ADSyncMSAab12c$", ACCOUNT_CLASS_ADSYNC},
        {"WS042$", ACCOUNT_CLASS_MACHINE},
        {"SVC01$", ACCOUNT_CLASS_MACHINE},
        {"BACKUP-SCAN$", ACCOUNT_CLASS_MACHINE},
        {"AZUREADSSOACC$", ACCOUNT_CLASS_RED_FLAG},
        {"svc_sql", ACCOUNT_CLASS_SERVICE},
        {"scanner3", ACCOUNT_CLASS_DEVICE},
        {"krbtgt", ACCOUNT_CLASS_RED_FLAG},
        {"krbtgt_4711", ACCOUNT_CLASS_RED_FLAG},
        {"Guest", ACCOUNT_CLASS_GUEST},
        {"", ACCOUNT_CLASS_ANONYMOUS},
        {"root", ACCOUNT_CLASS_OTHER},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct account_entry *entry = knowledge_account(*state, known[i].name);
        assert_non_null(entry);
        assert_int_equal(entry->class_, known[i].class_);
    }
    assert_null(knowledge_account(*state, "jdoe"));
    assert_null(knowledge_account(*state, "SMSCliToknAcct&2"));
}

static void shares_have_their_class(void **state) {
    static const struct {
        const char *share;
        enum share_class class_;
    } known[] = {
        {"\\\\CAP01\\CAP_S01", SHARE_CLASS_SITE},
        {"cap_s01", SHARE_CLASS_SITE},
        {"SMSPKGD$", SHARE_CLASS_SITE},
        {"\\\\DC1\\SMSLOGON\\", SHARE_CLASS_SITE},
        {"SMS_S01", SHARE_CLASS_SITE},
        {"SMS_SITE", SHARE_CLASS_SITE},
        {"\\\\SRV\\SMS_SHR", SHARE_CLASS_SMS_SHR},
        {"SMS_SHRD", SHARE_CLASS_SMS_SHR},
        {"LICMTR", SHARE_CLASS_LICMTR},
        {"\\\\10.0.0.1\\IPC$", SHARE_CLASS_PIPE},
        {"SYSVOL", SHARE_CLASS_DC},
        {"netlogon", SHARE_CLASS_DC},
        {"ADMIN$", SHARE_CLASS_ADMIN},
        {"d$", SHARE_CLASS_ADMIN},
        {"print$", SHARE_CLASS_PRINT},
        {"home", SHARE_CLASS_OTHER},
        {"jdoe$", SHARE_CLASS_OTHER},
        {"", SHARE_CLASS_OTHER},
        {"\\\\", SHARE_CLASS_OTHER},
        {"XSMSCHARTS", SHARE_CLASS_OTHER},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(knowledge_share(*state, known[i].share), known[i].class_);
}

static void periods_are_documented(void **state) {
    assert_string_equal(knowledge_period(*state, 60.4)->signature_id, "sms12-climonnt");
    assert_string_equal(knowledge_period(*state, 900)->source, "Q256127");
    assert_non_null(knowledge_period(*state, 3600));
    assert_non_null(knowledge_period(*state, 82800));
    assert_null(knowledge_period(*state, 62));
    assert_null(knowledge_period(*state, 0));
}

static void facts_have_names(void **state) {
    enum fact fact = FACT_COUNT;
    for (unsigned i = 0; i < FACT_COUNT; i++) {
        assert_true(knowledge_fact_find(knowledge_fact_word((enum fact)i), &fact));
        assert_int_equal(fact, i);
        assert_non_null(knowledge_fact(*state, (enum fact)i)->holds);
        assert_non_null(knowledge_fact(*state, (enum fact)i)->fails);
    }
    assert_false(knowledge_fact_find("no_such_fact", &fact));
    assert_true(knowledge_fact_confirm("old-password", &fact));
    assert_int_equal(fact, FACT_CONFIRMED_OLD_PASSWORD);
    assert_true(knowledge_fact_confirm("confirmed_nal_logging", &fact));
    assert_true(knowledge_fact_confirm("confirmed-nal-logging", &fact));
    assert_int_equal(fact, FACT_CONFIRMED_NAL_LOGGING);
    assert_false(knowledge_fact_confirm("locked_out", &fact));
    assert_false(knowledge_fact_confirm("", &fact));
}

/* Nothing that no article says is worded as if one did. */
static void only_what_is_documented_is_reported(void **state) {
    static const char *const names[] = {"cwaudio.bin", "ymfpci.sys", "ibmfe.sys", "cwbwdm.sys"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *said = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&said, &size);
        assert_true(knowledge_explain(*state, names[i], out));
        fclose(out);
        assert_null(strstr(said, "Reported by"));
        assert_true(strstr(said, "inferred: ") || strstr(said, "vendor file name: "));
        free(said);
    }
}

static void explanations_are_found(void **state) {
    static const char *const known[] = {"STATUS_ACCOUNT_LOCKED_OUT",
                                        "0xc0000234",
                                        "C0000234",
                                        "2/2",
                                        "auddrive.sys",
                                        "CORP\\SMSCliToknAcct&",
                                        "\\\\A\\CAP_S01",
                                        "compaq-auddrive",
                                        "Q278660",
                                        "KB155793",
                                        "locked_out",
                                        "SMSClient_S01",
                                        "",
                                        "529"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char *said = NULL;
        size_t size = 0, column = 0;
        FILE *out = open_memstream(&said, &size);
        assert_true(knowledge_explain(*state, known[i], out));
        fclose(out);
        for (size_t k = 0; k < size; k++) {
            column = said[k] == '\n' ? 0 : column + 1;
            assert_true(column <= 100 && (said[k] >= ' ' || said[k] == '\n'));
        }
        free(said);
    }
    FILE *null = fopen("/dev/null", "w");
    assert_false(knowledge_explain(*state, "jdoe", null));
    assert_false(knowledge_explain(*state, "Q1", null));
    assert_false(knowledge_explain(*state, "\x1b[2J.xyz", null));
    fclose(null);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_find_signatures, base, drop),
        cmocka_unit_test_setup_teardown(shares_and_shapes_have_their_place, base, drop),
        cmocka_unit_test_setup_teardown(strange_names_find_nothing, base, drop),
        cmocka_unit_test_setup_teardown(accounts_have_their_class, base, drop),
        cmocka_unit_test_setup_teardown(shares_have_their_class, base, drop),
        cmocka_unit_test_setup_teardown(periods_are_documented, base, drop),
        cmocka_unit_test_setup_teardown(facts_have_names, base, drop),
        cmocka_unit_test_setup_teardown(only_what_is_documented_is_reported, base, drop),
        cmocka_unit_test_setup_teardown(explanations_are_found, base, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
