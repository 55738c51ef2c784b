/* The facts a rule may speak of: each is true or not true of one incident (an account, as used by
 * one client, against one authority). history finds them, knowledge/diagnoses.json weighs them,
 * knowledge/facts.json says them in words. "The client" is the machine with all addresses that are
 * surely it; "near" is 5 s of packet time; "failures" are refusals that raise a bad-password count
 * or may (bad_credentials, bad_password, ERRDOS/5, guest-mapped), never anonymous ones. */
#ifndef SMBLAME_KNOWLEDGE_FACT_H
#define SMBLAME_KNOWLEDGE_FACT_H

#include <stdbool.h>
#include <stdint.h>

#define FACTS(X)                                                                                   \
    /* the account: its class in accounts.json */                                                  \
    X(ACCOUNT_SMS_LOCAL, "account_sms_local")     /* local-account-on-network */                   \
    X(ACCOUNT_SMS_TOKEN, "account_sms_token")     /* SMSCliToknAcct& itself */                     \
    X(ACCOUNT_SMS_SERVICE, "account_sms_service") /* SMSCliSvcAcct&: cannot lock in a domain */    \
    X(ACCOUNT_SERVICE, "account_service")         /* (stale- or site-system-) service account */   \
    X(ACCOUNT_SHARED, "account_shared") /* stale-shared-account: SMSClient_, SMSServer_ */         \
    X(ACCOUNT_ADSYNC, "account_adsync")                                                            \
    X(ACCOUNT_MACHINE, "account_machine")       /* ends with $ */                                  \
    X(ACCOUNT_DEVICE, "account_device")         /* copier, scanner by habit of naming */           \
    X(ACCOUNT_RED_FLAG, "account_red_flag")     /* krbtgt, DefaultAccount ... */                   \
    X(ACCOUNT_PERSON, "account_person")         /* of no class at all: likely a person */          \
    X(ACCOUNT_DOCUMENTED, "account_documented") /* its entry's confidence is documented */         \
    X(ACCOUNT_ANONYMOUS, "account_anonymous")                                                      \
    /* the domain field */                                                                         \
    X(DOMAIN_OWN_NAME, "domain_own_name")   /* the client's own computer name */                   \
    X(DOMAIN_EMPTY, "domain_empty")         /* empty or "." */                                     \
    X(DOMAIN_FOREIGN, "domain_foreign")     /* neither the server's nor the client's */            \
    X(DOMAIN_IN_VAIN, "domain_in_vain")     /* foreign, of >= 2 accounts, granted to none */       \
    X(DOMAIN_OF_SERVER, "domain_of_server") /* the server's domain or computer name */             \
    X(AUTHORITY_DOMAIN, "authority_domain")                                                        \
    X(AUTHORITY_LOCAL, "authority_local")                                                          \
    X(AUTHORITY_UNKNOWN, "authority_unknown")                                                      \
    X(SAME_NAME_GRANTED, "same_name_granted") /* under another domain or authority */              \
    /* the server */                                                                               \
    X(SERVER_DC, "server_dc")                                                                      \
    X(SERVER_NOT_DC, "server_not_dc") /* stand-alone, or its domain's DC is another */             \
    X(SERVER_ROLE_UNKNOWN, "server_role_unknown")                                                  \
    X(SERVER_SITE_SYSTEM, "server_site_system")   /* has a share CAP_*, SMSPKG*, SMSLOGON ... */   \
    X(SERVER_ALL_ACCOUNTS, "server_all_accounts") /* >= 2 accounts refused so, none granted */     \
    /* walks of this client */                                                                     \
    X(WALK, "walk")                       /* any walk that may be joined to a program */           \
    X(WALK_JOINED, "walk_joined")         /* and ties these failures to it, see walks.h */         \
    X(WALK_DOCUMENTED, "walk_documented") /* best signature basis among its names */               \
    X(WALK_VENDOR_NAME, "walk_vendor_name")                                                        \
    X(WALK_INFERRED, "walk_inferred")                                                              \
    X(WALK_BEHAVIOUR, "walk_behaviour")       /* no signature fits, the shape does */              \
    X(WALK_ORDERED, "walk_ordered")           /* one name over >= 2 directories in order */        \
    X(WALK_CONFIRMED, "walk_confirmed")       /* >= 2 names, same order of directories */          \
    X(WALK_NEAR_FAILURE, "walk_near_failure") /* a step near a failure */                          \
    X(WALK_WANTED_SHARE, "walk_wanted_share") /* a failure wanted a share that is walked */        \
    X(NO_PROBE, "no_probe")                   /* no refused look-up of a program file */           \
    X(PROCESS_KNOWN, "process_known")         /* the process table names the program */            \
    /* what was wanted: classes in shares.json */                                                  \
    X(SHARE_SITE, "share_site") /* CAP_*, SMSPKG*, SMSLOGON, SMS_* */                              \
    X(SHARE_SMS_SHR, "share_sms_shr")                                                              \
    X(SHARE_LICMTR, "share_licmtr")                                                                \
    X(METERING_ONLY, "metering_only") /* the user wanted no share but LICMTR at that server */     \
    X(SHARE_USER, "share_user")       /* a home, group or print share */                           \
    X(SHARE_NONE, "share_none")       /* not visible what was wanted */                            \
    /* how it ended */                                                                             \
    X(BAD_CREDENTIALS, "bad_credentials")   /* most refusals are failures */                       \
    X(LOCKED_OUT, "locked_out")             /* at least one STATUS_ACCOUNT_LOCKED_OUT */           \
    X(LOCKED_OUT_ONLY, "locked_out_only")   /* and this client never failed before */              \
    X(LOCKED_BY_OTHERS, "locked_by_others") /* and it was granted after each of its failures */    \
    X(DISABLED, "disabled") /* this and the next: most refusals that are no failures end so */     \
    X(ACCOUNT_EXPIRED, "account_expired")                                                          \
    X(PASSWORD_EXPIRED, "password_expired") /* or must change */                                   \
    X(BAD_HOURS, "bad_hours")                                                                      \
    X(BAD_WORKSTATION, "bad_workstation")                                                          \
    X(LOGON_TYPE_DENIED, "logon_type_denied")                                                      \
    X(RESTRICTION, "restriction")                                                                  \
    X(TRUST_FAILURE, "trust_failure")                                                              \
    X(MACHINE_ACCOUNT_STATUS, "machine_account_status") /* 0xC0000198, 199, 19A */                 \
    X(NTLM_BLOCKED, "ntlm_blocked")                                                                \
    X(STATUS_SKEW, "status_skew")               /* 0xC0000133 or KRB_AP_ERR_SKEW */                \
    X(SESSION_LIMIT, "session_limit")           /* 0xC00000D0, CE, 0205 */                         \
    X(ACCESS_DENIED, "access_denied")           /* session setup refused 0xC0000022 */             \
    X(REFUSED_BEFORE, "refused_before")         /* refused_before_authentication */                \
    X(ABANDONED, "abandoned")                   /* stopped after the CHALLENGE */                  \
    X(ABANDONED_COMPLETE, "abandoned_complete") /* and no bytes of it are missing */               \
    X(GUEST_MAPPED, "guest_mapped")                                                                \
    X(GUEST_COUNTED, "guest_counted") /* and then locked: they were wrong passwords */             \
    X(GUEST_DENIED, "guest_denied")   /* and then refused a share or file */                       \
    X(DOS_ERROR_ONLY, "dos_error_only")                                                            \
    X(GRANTED_BEFORE, "granted_before")             /* to this client, before the first failure */ \
    X(GRANTED_AFTER, "granted_after")               /* to this client, after the last failure */   \
    X(GRANTED_NEVER, "granted_never")               /* to nobody in this capture */                \
    X(GRANTED_ONLY, "granted_only") /* nothing was refused, given up or turned into a guest */     \
    X(GRANTED_OTHER_CLIENT, "granted_other_client") /* to another client */                        \
    X(TYPING_ERROR, "typing_error") /* < 3 failures, granted within 5 min after; or up to 5 within \
                                       2 min, granted within 1 min */                              \
    /* when and how often */                                                                       \
    X(SINGLE_FAILURE, "single_failure")                                                            \
    X(WORKED_BEFORE, "worked_before")   /* granted, then >= 3 failures over > 10 min */            \
    X(REPEATED, "repeated")             /* >= 3 failures */                                        \
    X(BURST_OF_THREE, "burst_of_three") /* exactly 3 within 1 s, then silence */                   \
    X(BURST_SMALL, "burst_small")       /* 3...6 within 1 s, then silence */                       \
    X(FAST, "fast")                     /* >= 10 failures in some 60 s */                          \
    X(VERY_FAST, "very_fast")           /* > 20 attempts in some 60 s */                           \
    X(LONG_RUN, "long_run")             /* > 50 attempts without a minute's pause, in no period */ \
    X(DISGUISED,                                                                                   \
      "disguised")          /* very fast, without a name or by that of another, active machine */  \
    X(PERIODIC, "periodic") /* >= 4 bursts, spacing varies < 10 % */                               \
    X(PERIOD_DOCUMENTED, "period_documented") /* and periods.json knows it */                      \
    X(CLOCK_TIME_SHARED, "clock_time_shared") /* >= 3 clients within 5 min of each other */        \
    /* the account's other clients */                                                              \
    X(CLIENT_ONLY, "client_only")           /* no other client fails with it */                    \
    X(CLIENTS_FEW, "clients_few")           /* 2...5 */                                            \
    X(CLIENTS_SEVERAL, "clients_several")   /* >= 3 */                                             \
    X(CLIENTS_MANY, "clients_many")         /* > 10 */                                             \
    X(CLIENTS_TOGETHER, "clients_together") /* started within 1 h of each other */                 \
    X(CLIENTS_IN_TURN, "clients_in_turn")   /* <= 5, a few minutes each, as a person who walks */  \
    X(CLIENTS_SUCCEEDED, "clients_succeeded")     /* the same clients were granted earlier */      \
    X(SOURCES_ARE_SERVERS, "sources_are_servers") /* all its clients serve SMB themselves */       \
    /* the client's other accounts */                                                              \
    X(ACCOUNTS_10, "accounts_10") /* >= 10 failing accounts within 30 min */                       \
    X(ACCOUNTS_30, "accounts_30")                                                                  \
    X(ACCOUNTS_FEW_EACH, "accounts_few_each") /* of these, at most 3 failures each mostly */       \
    X(ACCOUNTS_QUICK, "accounts_quick")       /* ten of them within 2 min */                       \
    X(ACCOUNTS_AT_ONCE, "accounts_at_once")   /* >= 6 of a list within 1 min, none granted */      \
    X(ACCOUNTS_BY_LIST, "accounts_by_list")   /* >= 10 in rising order, <= 1 other granted */      \
    X(ACCOUNTS_IN_TURN, "accounts_in_turn")   /* >= 10, each left for good, nearly all fail */     \
    X(ACCOUNTS_RISING, "accounts_rising") /* one of >= 10 new in a row, 6 s each, as in a list */  \
    X(ACCOUNTS_LIST_ORDER, "accounts_list_order") /* names come in rising order */                 \
    X(ACCOUNTS_FAIL_95, "accounts_fail_95")       /* > 95 % of its logons failed */                \
    X(ACCOUNTS_SUCCEED, "accounts_succeed")       /* > 20 % of its logons were granted */          \
    X(NAMES_UNKNOWN, "names_unknown")             /* >= 3 no_such_user, or KDC error 6 */          \
    X(NAMES_UNPROVED, "names_unproved")           /* many names, no real answer was ever sent */   \
    /* how the client authenticates */                                                             \
    X(ANSWER_V1, "answer_v1")                         /* only LM or NTLMv1 */                      \
    X(V1_REFUSED_V2_GRANTED, "v1_refused_v2_granted") /* at this server, without exception */      \
    X(ACCOUNT_GRANTED_V2, "account_granted_v2")       /* this account, by NTLMv2, somewhere */     \
    X(V1_NOT_ALONE, "v1_not_alone") /* both, and another account is refused there likewise */      \
    X(PLAINTEXT, "plaintext")                                                                      \
    X(SKEW_5_KERBEROS, "skew_5_kerberos")         /* clocks > 5 min apart and Kerberos used */     \
    X(SKEW_30, "skew_30")                         /* > 30 min apart, NTLMv2 */                     \
    X(SKEW_FALLBACK, "skew_fallback")             /* told so twice, and then took NTLM */          \
    X(KDC_UNKNOWN_SERVICE, "kdc_unknown_service") /* KDC error 7 to this client, near */           \
    X(TARGET_IS_ADDRESS, "target_is_address")     /* SPN cifs/<address> */                         \
    X(KERBEROS_PREFERRED, "kerberos_preferred")   /* SPNEGO list began with Kerberos */            \
    X(WORKSTATION_BLANK, "workstation_blank")     /* NTLMSSP with an empty workstation */          \
    X(WORKSTATION_TOOL, "workstation_tool")       /* a name that attack tools are known for */     \
    X(NO_VERSION, "no_version")                   /* NTLMSSP without VERSION, or 6.1 build 0 */    \
    X(NATIVE_OS_FOREIGN, "native_os_foreign")     /* NativeOS Unix, Samba ... */                   \
    X(LOOPBACK, "loopback")                       /* client and server are one machine */          \
    X(CHALLENGE_TWICE, "challenge_twice")         /* one challenge on two legs */                  \
    X(PASSES_MANY, "passes_many") /* and so for >= 3 accounts of >= 3 clients, mostly granted */   \
    X(MIC_MISSING, "mic_missing") /* promised in MsvAvFlags, not there */                          \
    X(NAME_CONTRADICTS, "name_contradicts") /* workstation is another known machine's */           \
    X(SIGNING_MISMATCH, "signing_mismatch") /* required by one side, denied after logon */         \
    X(AFTER_FAILURE, "after_failure")       /* < 1 s after a refusal of the same client */         \
    /* what only the operator can tell (--confirm) */                                              \
    X(CONFIRMED_NAL_LOGGING, "confirmed_nal_logging")                                              \
    X(CONFIRMED_OLD_PASSWORD, "confirmed_old_password")

enum fact {
#define FACT_ENUM(name, word) FACT_##name,
    FACTS(FACT_ENUM)
#undef FACT_ENUM
        FACT_COUNT
};

enum { FACT_WORDS = (FACT_COUNT + 63) / 64 };

/* A set of facts; zeroed is empty. */
struct facts {
    uint64_t bits[FACT_WORDS];
};

static inline void facts_set(struct facts *facts, enum fact fact, bool holds) {
    uint64_t bit = UINT64_C(1) << ((unsigned)fact % 64);
    facts->bits[(unsigned)fact / 64] &= ~bit;
    facts->bits[(unsigned)fact / 64] |= holds ? bit : 0;
}

static inline bool facts_have(const struct facts *facts, enum fact fact) {
    return facts->bits[(unsigned)fact / 64] >> ((unsigned)fact % 64) & 1;
}

static inline bool facts_have_all(const struct facts *facts, const struct facts *wanted) {
    for (unsigned i = 0; i < FACT_WORDS; i++)
        if ((facts->bits[i] & wanted->bits[i]) != wanted->bits[i])
            return false;
    return true;
}

static inline bool facts_have_any(const struct facts *facts, const struct facts *wanted) {
    for (unsigned i = 0; i < FACT_WORDS; i++)
        if (facts->bits[i] & wanted->bits[i])
            return true;
    return false;
}

#endif
