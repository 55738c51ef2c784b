"""setup/: ways to log on that a server refuses, and what it grants to those it does not know:
guests and null sessions."""
from facts import HERE, JDOE, RAW, SMB1_FACTS, SMB2_FACTS, V1
from smb1 import Smb1
from smb2 import Smb2
from stage import case


@case("setup/ntlmv2_raw_refused", "smbclient at SMB1 sends NTLMv2 without extended security to a "
      "server that does not take it (the default): refused with 0xC000000D before any password is "
      "checked, so the audit says nothing and no counter rises.", "[MS-SMB] 3.3.5.3")
def ntlmv2_raw_refused(stage):
    stage.standalone()
    stage.says(**{**SMB1_FACTS, "ntlm": "NTLMv2"})
    stage.capture()
    for account, password in (("SMSService", "wrong"), ("jdoe", "Jd0e!pass")):
        stage.attempt("CORP", account, password, "INVALID_PARAMETER", dialect="NT1", conf=RAW,
                      truth={"audit": False})


@case("setup/ntlmv1_refused", "smbclient sends NTLMv1 with the RIGHT password, bare at SMB1 and in "
      "SPNEGO at SMB 2.1, to a server that takes NTLMv2 only.", "[MS-NLMP] 3.2.5.1.2")
def ntlmv1_refused(stage):
    stage.standalone("ntlm auth = ntlmv2-only", "lanman auth = no")
    stage.capture()
    stage.says(**SMB1_FACTS)
    stage.attempt("CORP", "SMSService", "Svc!2026", "WRONG_PASSWORD", dialect="NT1", conf=RAW + V1)
    stage.says(**{**SMB2_FACTS, "ntlm": "NTLMv1-ESS"})
    stage.attempt("CORP", "svc_backup", "Backup#1", "WRONG_PASSWORD", dialect="SMB2_10", conf=V1,
                  truth=HERE)


@case("setup/plaintext", "smbclient sends readable Unicode passwords to a server without password "
      "encryption: wrong, unknown user, then right. The server asks the Unix account, which has no "
      "password, so all are refused alike and nothing is counted.", "[MS-CIFS] 3.2.4.2.4")
def plaintext(stage):
    stage.standalone("encrypt passwords = no")
    stage.says(mechanism="plaintext", wrapping="none", dialect="NT LM 0.12")
    stage.capture()
    conf = RAW + ("client plaintext auth = yes", "client lanman auth = yes",
                  "client ntlmv2 auth = no")
    for account, password, means in (("jdoe", "Wrong!1", "LOGON_FAILURE"),
                                     ("nobody_here", "Wrong!1", "LOGON_FAILURE"),
                                     ("jdoe", "Jd0e!pass", "LOGON_FAILURE")):
        stage.attempt("WS042", account, password, means, dialect="NT1", conf=conf)


@case("setup/plaintext_unasked", "A client of our own sends readable passwords to a server that "
      "asked for encrypted ones, wrong and right: this server takes them.", "[MS-CIFS] 3.3.5.43")
def plaintext_unasked(stage):
    stage.says(mechanism="plaintext", wrapping="none", dialect="NT LM 0.12")
    stage.standalone()
    stage.capture()
    link = Smb1("ws042", stage.address(), unicode=False)
    for password, means in (("wrong", "WRONG_PASSWORD"), ("Jd0e!pass", "OK")):
        reply = link.logon("jdoe", "WS042", password, "plain")
        stage.heard(reply, stage.logon("WS042", "jdoe", means)["status"])
    link.close()


@case("setup/plaintext_refused", "A client of our own sends the right password, readable, to a "
      "server that takes NTLMv2 only: refused.", "[MS-CIFS] 3.3.5.43")
def plaintext_refused(stage):
    stage.standalone("ntlm auth = ntlmv2-only", "lanman auth = no")
    stage.says(mechanism="plaintext", wrapping="none", dialect="NT LM 0.12")
    stage.capture()
    link = Smb1("ws042", stage.address(), unicode=False)
    reply = link.logon(*JDOE, "plain")
    stage.heard(reply, stage.logon("WS042", "jdoe", "WRONG_PASSWORD")["status"])
    link.close()


@case("setup/ntlm_blocked", "The server takes no NTLM at all (0xC0000418): right passwords at SMB1 "
      "without extended security and at SMB 2.1.", "[MS-ERREF] 2.3.1")
def ntlm_blocked(stage):
    stage.standalone("ntlm auth = disabled")
    stage.capture()
    stage.says(**SMB1_FACTS)
    stage.attempt("CORP", "jdoe", "Jd0e!pass", "NTLM_BLOCKED", dialect="NT1", conf=RAW + V1)
    stage.says(**SMB2_FACTS)
    stage.attempt("CORP", "jdoe", "Jd0e!pass", "NTLM_BLOCKED", dialect="SMB2_10", truth=HERE)


@case("setup/guest_bad_user", "The server maps unknown users to its guest: the audit says no such "
      "user, the wire says success with the guest flag; the share is refused afterwards. A wrong "
      "password is still refused.", "[MS-SMB2] 2.2.6")
def guest_bad_user(stage):
    stage.standalone("map to guest = bad user")
    stage.says(**{**SMB2_FACTS, **HERE})
    stage.capture()
    stage.attempt("CORP", "nobody_here", "x", "NO_SUCH_USER", dialect="SMB2_10", told="0x00000000",
                  truth={"wire_status": "0x00000000", "guest": True})
    stage.tree_refused("\\\\cap01\\smsshare", "ACCESS_DENIED", "nobody_here")
    stage.attempt("CORP", "SMSService", "wrong", "WRONG_PASSWORD", dialect="SMB2_10")


@case("setup/guest_bad_password", "The server maps every failed logon to its guest: the counter "
      "rises up to the lockout while the wire says success with Action bit 0, until the lockout "
      "itself is refused.",
      "[MS-CIFS] 2.2.4.53.2")
def guest_bad_password(stage):
    stage.standalone("map to guest = bad password")
    stage.says(**SMB1_FACTS)
    stage.capture()
    mapped = {"wire_status": "0x00000000", "guest": True}
    for account, means in (("SMSService", "WRONG_PASSWORD"),
                           ) * 3 + (("nobody_here", "NO_SUCH_USER"),):
        stage.attempt("CORP", account, "wrong", means, dialect="NT1", conf=RAW + V1,
                      told="0x00000000", truth=mapped, share="pub")
    stage.attempt("CORP", "SMSService", "wrong", "ACCOUNT_LOCKED_OUT", dialect="NT1", conf=RAW + V1)


@case("setup/anonymous", "The null session: at SMB1 without extended security, at SMB1 with "
      "SPNEGO, at SMB 3.1.1; granted each time, and the share refused.", "[MS-NLMP] 3.2.5.1.2")
def anonymous(stage):
    stage.standalone()
    stage.capture()
    for dialect, conf, facts in (
            ("NT1", RAW, {**SMB1_FACTS, "ntlm": "anonymous"}),
            ("NT1", (), {**SMB2_FACTS, "ntlm": "anonymous", "dialect": "NT LM 0.12", **HERE}),
            ("SMB3_11", (), {**SMB2_FACTS, "ntlm": "anonymous", "dialect": "3.1.1", **HERE})):
        stage.says(**facts)
        said = stage.smbclient("", "", dialect=dialect, conf=conf)
        stage.printed(said, "0x00000000", False)
        stage.logon("", "", "OK")
        stage.tree_refused("\\\\cap01\\smsshare", "ACCESS_DENIED", "")


@case("setup/no_password_given", "smbclient -N: first the Unix user of the client with an empty "
      "password (refused, and without any answer in it), then the null session. Background noise "
      "that means nothing.")
def no_password_given(stage):
    stage.standalone()
    stage.says(**{**SMB2_FACTS, "dialect": "3.1.1"})
    stage.capture()
    said = stage.smbclient(None, None, share="smsshare")
    stage.printed(said, "0x00000000", False)
    stage.logon("WS042", "root", "NO_SUCH_USER", password="none", ntlm="", **HERE)
    stage.logon("", "", "OK", ntlm="anonymous")
    stage.tree_refused("\\\\cap01\\smsshare", "ACCESS_DENIED", "")


@case("setup/smb2_must_encrypt", "A server that demands encryption and SMB 2.1 clients that have "
      "none: a wrong password is refused as such; the right one passes the check, says the audit, "
      "and is refused all the same, with 0xC0000022.", "[MS-SMB2] 3.3.5.5.3")
def smb2_must_encrypt(stage):
    stage.standalone("server smb encrypt = required")
    stage.says(**{**SMB2_FACTS, **HERE})
    stage.capture()
    for password, means, status in (("wrong", "WRONG_PASSWORD", "0xC000006D"),
                                    ("Jd0e!pass", "OK", "0xC0000022")):
        link = Smb2("ws042", stage.address())
        reply, _ = link.logon("jdoe", "WS042", password)
        stage.logon("WS042", "jdoe", means, wire_status=stage.heard(reply, status).status)
        link.close()
