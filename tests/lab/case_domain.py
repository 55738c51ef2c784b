"""setup/dc_* and setup/member_*: logons to a domain controller and to a member server of its
domain, by NTLM and by Kerberos. The counters are the directory's own badPwdCount."""
from facts import RAW, V1
from stage import case

FACTS = {"mechanism": "ntlmssp", "wrapping": "spnego", "ntlm": "NTLMv2", "dialect": "3.1.1",
         "workstation": "WS042"}
TOKEN = "SMSCliToknAcct&"
KERBEROS = ("client use kerberos = required", "realm = CORP.EXAMPLE", "workgroup = CORP")
FALLBACK = ("client use kerberos = desired", "realm = CORP.EXAMPLE", "workgroup = CORP")
STORY = "Q278660"


def open_domain(stage, server="dc01", *accounts):
    stage.lab.controller.unlock(*accounts)
    stage.domain(server)
    stage.says(**FACTS)
    stage.capture()


def counted(stage, account):
    """Writes down the directory's counter after the last logon."""
    stage.truth["logons"][-1]["bad_password_count"] = stage.lab.controller.bad_count(account)


@case("setup/dc_states", "smbclient at SMB 3.1.1 to a domain controller: a wrong password until "
      "the account is locked (threshold 3), locked, disabled, must change, unknown, good.",
      "[MS-NLMP] 3.2.5.1.2",
      server="dc01")
def dc_states(stage):
    open_domain(stage, "dc01", TOKEN)
    for account, password, means in (
            *((TOKEN, "stale", "WRONG_PASSWORD"),) * 3, (TOKEN, "stale", "ACCOUNT_LOCKED_OUT"),
            ("old_emp", "Old1!pass", "ACCOUNT_DISABLED"),
            ("mustchg", "Must1!pass", "PASSWORD_MUST_CHANGE"),
            ("nobody_here", "x", "NO_SUCH_USER"), ("jdoe", "Jd0e!pass", "OK")):
        stage.attempt("CORP", account, password, means, share="netlogon")


@case("setup/dc_nt1", "smbclient at SMB1 to a domain controller, with SPNEGO and without extended "
      "security: wrong, then right.", "[MS-SMB] 3.3.5.3", server="dc01")
def dc_nt1(stage):
    open_domain(stage, "dc01", "SMSService")
    for conf, facts in (((), {**FACTS, "dialect": "NT LM 0.12"}),
                        (RAW + V1, {"mechanism": "lanman-nt", "wrapping": "none", "ntlm": "NTLMv1",
                                    "dialect": "NT LM 0.12", "workstation": ""})):
        for password, means in (("stale", "WRONG_PASSWORD"), ("Svc!2026", "OK")):
            stage.attempt("CORP", "SMSService", password, means, share="netlogon", dialect="NT1",
                          conf=conf, truth=facts)


@case("setup/dc_own_name_as_domain", "A program on workstation WS042 logs on with a local account, "
      "and so with the workstation's name as the domain, to a domain controller that has an "
      "account of that name: it counts against the DOMAIN's account and locks it. The heart of "
      "Q278660.", STORY, server="dc01")
def dc_own_name(stage):
    open_domain(stage, "dc01", TOKEN)
    for means in ("WRONG_PASSWORD",) * 3 + ("ACCOUNT_LOCKED_OUT",):
        stage.attempt("WS042", TOKEN, "local-password", means, share="netlogon")
        counted(stage, TOKEN)


@case("setup/member_states", "smbclient at SMB 3.1.1 to a member server: the domain's account, "
      "wrong until locked, then another, good. The member asks its controller over a sealed "
      "channel.", "[MS-APDS] 3.1.5",
      server="mem01")
def member_states(stage):
    open_domain(stage, "mem01", TOKEN)
    for account, password, means in (*((TOKEN, "stale", "WRONG_PASSWORD"),) * 3,
                                     (TOKEN, "stale", "ACCOUNT_LOCKED_OUT"),
                                     ("jdoe", "Jd0e!pass", "OK")):
        stage.attempt("CORP", account, password, means, share="data")
        if account == TOKEN:
            counted(stage, TOKEN)


@case("setup/member_own_name_as_domain", "The same as dc_own_name_as_domain to a member server: it "
      "looks in its own accounts, finds none, and nothing is counted; the wire looks the same.",
      STORY, server="mem01")
def member_own_name(stage):
    open_domain(stage, "mem01", TOKEN)
    for _ in range(3):
        stage.attempt("WS042", TOKEN, "local-password", "NO_SUCH_USER", share="data")
        counted(stage, TOKEN)


@case("setup/dc_old_password", "A service account whose password was changed twice: the password "
      "before the last is refused without counting, one never used counts, the current one is "
      "granted; the LAST one is still granted (NTLM, within an hour).", "", server="dc01")
def dc_old_password(stage):
    controller = stage.lab.controller
    for password in ("Backup#2", "Backup#3"):
        controller.tool("user", "setpassword", "svc_backup", f"--newpassword={password}")
    open_domain(stage, "dc01", "svc_backup")
    for password, means in (("Backup#2", "OK"), ("Backup#1", "WRONG_PASSWORD"),
                            ("never-was", "WRONG_PASSWORD"), ("Backup#3", "OK")):
        stage.attempt("CORP", "svc_backup", password, means, share="netlogon")
        counted(stage, "svc_backup")


def kerberos(stage, called, means, *, told=None):
    service = called + ".corp.example"
    said = stage.smbclient("jdoe@CORP.EXAMPLE", "Jd0e!pass", conf=KERBEROS, called=service,
                           share="netlogon" if stage.server == "dc01" else "data")
    entry = stage.logon("", "", means, audit=False, mechanism="kerberos", ntlm=None,
                        told_account="jdoe", realm="CORP.EXAMPLE", service=f"cifs/{service}",
                        workstation="")
    stage.printed(said, entry["status"], False)


@case("setup/dc_kerberos", "smbclient with Kerberos to a domain controller: granted. The account's "
      "name is encrypted in the ticket.", "[MS-KILE] 3.4.5", server="dc01")
def dc_kerberos(stage):
    open_domain(stage)
    kerberos(stage, "dc01", "OK")


@case("setup/member_kerberos", "smbclient with Kerberos to a member server: with the ticket of "
      "another server, which this one cannot decrypt (refused), then with its own (granted).",
      "[MS-KILE] 3.4.5",
      server="mem01")
def member_kerberos(stage):
    open_domain(stage, "mem01")
    kerberos(stage, "dc01", "LOGON_FAILURE")
    kerberos(stage, "mem01", "OK")


@case("setup/dc_kerberos_then_ntlm", "smbclient with a stale password tries Kerberos first "
      "(refused by the KDC on port 88), then NTLM with an empty domain: 0xC0000225. One user "
      "action, two refusals.", "",
      server="dc01")
def dc_fallback(stage):
    open_domain(stage, "dc01", "SMSService")
    for _ in range(2):
        said = stage.smbclient("SMSService@CORP.EXAMPLE", "stale", conf=FALLBACK, share="netlogon",
                               called="dc01.corp.example")
        entry = stage.logon("", "SMSService@CORP.EXAMPLE", "NOT_FOUND")
        stage.printed(said, entry["status"], False)
        counted(stage, "SMSService")
