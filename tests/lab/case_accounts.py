"""setup/: every state of an account, in every dialect, each attempt its own smbclient."""
from facts import RAW, V1
from stage import case

# domain, account, password, what the server finds
WRONG = ("WS042", "SMSCliToknAcct&", "Wks!Tok-7", "WRONG_PASSWORD")
LOCKED = ("WS042", "SMSCliToknAcct&", "Wks!Tok-7", "ACCOUNT_LOCKED_OUT")
STATES = (("CORP", "old_emp", "Old1!pass", "ACCOUNT_DISABLED"),
          ("CORP", "kicked", "Kick1!pass", "ACCOUNT_EXPIRED"),
          ("CORP", "pwexp", "Exp1!pass", "PASSWORD_EXPIRED"),
          ("CORP", "mustchg", "Must1!pass", "PASSWORD_MUST_CHANGE"),
          ("CORP", "nobody_here", "x", "NO_SUCH_USER"),
          ("CORP", "wsonly", "Ws1!pass", "INVALID_WORKSTATION"))
MACHINE = ("CORP", "ws099$", "ws099", "NOLOGON_WORKSTATION_TRUST_ACCOUNT")
GOOD = ("WS042", "jdoe", "Jd0e!pass", "OK")
ALL = (WRONG, WRONG, WRONG, LOCKED, *STATES, MACHINE, GOOD)
FEW = (WRONG, WRONG, WRONG, LOCKED, STATES[0], GOOD)
TEXT = ("smbclient {how}: a wrong password until the account is locked (threshold 3), then locked, "
        "{more}and a good logon; one TCP connection each.")
MORE = ("disabled, account expired, password expired, must change, unknown user, foreign "
        "workstation, machine account ")


def states(name, how, highest, source, *, attempts=ALL, conf=(), lines=(), options=(), port=445,
           dos=False, v6=False, **facts):
    """Registers one such case. `facts` goes into every logon of the truth."""
    raw = any("spnego" in line or "LANMAN" in line for line in conf) or highest == "LANMAN2"
    text = TEXT.format(how=how, more=MORE if attempts is ALL else "disabled ")

    @case(name, text, source)
    def play(stage):
        stage.standalone(*lines, port=port)
        stage.dos, stage.v6 = dos, v6
        stage.says(**{"mechanism": "lanman-nt" if raw else "ntlmssp",
                      "wrapping": "none" if raw else "spnego", "ntlm": "NTLMv2", **facts})
        if port == 139:
            stage.says(netbios={"called": "CAP01", "calling": "WS042"})
        stage.capture()
        for domain, account, password, means in attempts:
            if account == "ws099$" and not raw:
                means = "OK"
            truth = {} if raw else {"workstation": "WS042"}
            is_wrong = account in ("SMSCliToknAcct&", "nobody_here")
            truth["password"] = "wrong" if is_wrong else "right"
            stage.attempt(domain, account, password, means, dialect=highest, conf=conf,
                          options=options, truth=truth)


CIFS, SMB, SMB2 = "[MS-CIFS] 3.3.5.43", "[MS-SMB] 3.3.5.3", "[MS-SMB2] 3.3.5.5"
states("setup/nt1_ntlmv1", "at SMB1 without extended security, NTLMv1", "NT1", CIFS,
       conf=RAW + V1, ntlm="NTLMv1", dialect="NT LM 0.12")
states("setup/nt1_ntlmv2", "at SMB1 without extended security, NTLMv2", "NT1", CIFS, conf=RAW,
       lines=("raw NTLMv2 auth = yes",), dialect="NT LM 0.12")
states("setup/nt1_doserror", "at SMB1 without extended security to a server that knows only DOS "
       "error codes: wrong password, unknown user and locked out all look alike", "NT1", CIFS,
       conf=RAW + V1 + ("nt status support = no",), lines=("nt status support = no",), dos=True,
       ntlm="NTLMv1", dialect="NT LM 0.12")
states("setup/lanman2", "at LANMAN2.1 (ten-word session setup, LM answer, DOS error codes)",
       "LANMAN2", CIFS, conf=RAW + ("client lanman auth = yes", "client ntlmv2 auth = no"),
       dos=True, ntlm="LM",
       dialect="LANMAN2.1")
states("setup/nt1_netbios", "at SMB1 without extended security over port 139", "NT1", CIFS,
       conf=RAW + V1, port=139, attempts=FEW, ntlm="NTLMv1", dialect="NT LM 0.12")
states("setup/nt1_spnego", "at SMB1 with SPNEGO", "NT1", SMB, dialect="NT LM 0.12")
states("setup/nt1_spnego_ntlmv1", "at SMB1 with SPNEGO, NTLMv1 with extended session security",
       "NT1",
       SMB, conf=V1, attempts=FEW, ntlm="NTLMv1-ESS", dialect="NT LM 0.12")
states("setup/nt1_spnego_signed", "at SMB1 with SPNEGO, signing required by both", "NT1", SMB,
       attempts=FEW, options=("--client-protection=sign",), lines=("server signing = mandatory",),
       dialect="NT LM 0.12")
states("setup/smb202", "at SMB 2.0.2", "SMB2_02", SMB2, dialect="2.0.2")
states("setup/smb210", "at SMB 2.1", "SMB2_10", SMB2, dialect="2.1")
states("setup/smb300", "at SMB 3.0", "SMB3_00", SMB2, dialect="3.0")
states("setup/smb302", "at SMB 3.0.2", "SMB3_02", SMB2, dialect="3.0.2")
states("setup/smb311", "at SMB 3.1.1", "SMB3_11", SMB2, dialect="3.1.1")
states("setup/smb311_direct", "at SMB 3.1.1 without the multi-protocol NEGOTIATE of SMB1 before it",
       "SMB3_11", SMB2, attempts=FEW, conf=("client min protocol = SMB2_02",), dialect="3.1.1")
states("setup/smb311_netbios", "at SMB 3.1.1 over port 139", "SMB3_11", SMB2, port=139,
       attempts=FEW,
       dialect="3.1.1")
states("setup/smb311_ipv6", "at SMB 3.1.1 over IPv6", "SMB3_11", SMB2, v6=True, attempts=FEW,
       dialect="3.1.1")
states("setup/smb311_signed", "at SMB 3.1.1, signing required by both", "SMB3_11", SMB2,
       attempts=FEW, options=("--client-protection=sign",),
       lines=("server signing = mandatory",), dialect="3.1.1")
states("setup/smb311_encrypted", "at SMB 3.1.1, encryption required: session setups stay readable, "
       "what follows does not", "SMB3_11", SMB2, attempts=FEW, dialect="3.1.1",
       options=("--client-protection=encrypt",), lines=("server smb encrypt = required",))
