"""setup/: NTLMSSP without SPNEGO, names beyond ASCII, every kind of answer, several users or
several channels on one connection, and clients other than smbclient."""
import os

from impacket.smb import SMB_DIALECT
from impacket.smbconnection import SessionError, SMBConnection

from facts import ASMITH, HERE, JDOE, SMB1_FACTS, SMB2_FACTS
from net import LabError, inside
from smb1 import Smb1
from smb2 import Smb2
from stage import case


@case("setup/smb1_ntlmssp_bare", "NTLMSSP in SMB1's extended security without SPNEGO around it: "
      "wrong, wrong, right on one connection, with Unicode and with OEM strings in the SMB part.",
      "[MS-SMB] 2.2.4.6")
def smb1_ntlmssp_bare(stage):
    stage.standalone()
    stage.says(mechanism="ntlmssp", wrapping="raw", ntlm="NTLMv2", dialect="NT LM 0.12", **HERE)
    stage.capture()
    for unicode in (True, False):
        link = Smb1("ws042", stage.address(), extended=True, unicode=unicode)
        for password, means in (("wrong", "WRONG_PASSWORD"), ("Jd0e!pass", "OK")):
            reply = link.logon_ntlmssp("jdoe", "WS042", password)
            entry = stage.logon("WS042", "jdoe", means)
            stage.heard(reply, entry["status"])
            link.uid = 0
        link.close()


@case("setup/smb2_ntlmssp_bare", "NTLMSSP in SMB 2.1 without SPNEGO around it: wrong, then right.",
      "[MS-SMB2] 3.3.5.5.3")
def smb2_ntlmssp_bare(stage):
    stage.standalone()
    stage.says(**{**SMB2_FACTS, "wrapping": "raw", **HERE})
    stage.capture()
    link = Smb2("ws042", stage.address())
    for password, means in (("wrong", "WRONG_PASSWORD"), ("Jd0e!pass", "OK")):
        reply, _ = link.logon("jdoe", "WS042", password, spnego=False)
        stage.heard(reply, stage.logon("WS042", "jdoe", means)["status"])
    link.close()


@case("setup/names_oem", "SMB1 with OEM strings (code page 850): accounts and domains with letters "
      "beyond ASCII, unknown to the server; thirteen-word and ten-word session setups.",
      "[MS-CIFS] 2.2.1.1.2")
def names_oem(stage):
    stage.standalone()
    stage.blind = ("names",)
    stage.capture()
    for dialect, kind, ntlm in (("NT LM 0.12", "ntlmv1", "NTLMv1"), ("LANMAN2.1", "lanman", "LM")):
        stage.says(**{**SMB1_FACTS, "dialect": dialect, "ntlm": ntlm})
        stage.dos = dialect != "NT LM 0.12"
        link = Smb1("ws042", stage.address(), unicode=False, dialects=(dialect,))
        reply = link.logon("J\u00fcrgen", "B\u00dcRO", "x", kind)
        stage.heard(reply, stage.logon("B\u00dcRO", "J\u00fcrgen", "NO_SUCH_USER")["status"])
        link.close()


@case("setup/names_utf16", "SMB 2.1: an account in another script and one beyond the Basic "
      "Multilingual Plane, and one of 100 letters.", "[MS-NLMP] 2.2.1.3")
def names_utf16(stage):
    stage.standalone()
    stage.says(**{**SMB2_FACTS, **HERE})
    stage.capture()
    link = Smb2("ws042", stage.address())
    for account in ("\u0416\u0443\u043a\u043e\u0432", "smile\U0001F600", "n" * 100):
        reply, _ = link.logon(account, "WS042", "x")
        stage.heard(reply, stage.logon("WS042", account, "NO_SUCH_USER")["status"])
    link.close()


@case("setup/smb1_two_users", "Two users on one SMB1 connection, the second refused twice before "
      "it is granted; then each finds a file missing under its own UID.", "[MS-CIFS] 3.3.5.43")
def smb1_two_users(stage):
    stage.standalone()
    stage.says(**SMB1_FACTS)
    stage.capture()
    link = Smb1("ws042", stage.address())
    uids = {}
    for (account, domain, right), password, means in (
            (JDOE, "Jd0e!pass", "OK"), (ASMITH, "wrong", "WRONG_PASSWORD"),
            (ASMITH, "wrong", "WRONG_PASSWORD"), (ASMITH, "As1!pass", "OK")):
        reply = link.logon(account, domain, password)
        stage.heard(reply, stage.logon(domain, account, means)["status"])
        uids[account] = link.uid
    link.tree("\\\\CAP01\\CAPSHR")
    for account in ("jdoe", "asmith"):
        link.uid = uids[account]
        reply = link.probe("SMB_COM_NT_CREATE_ANDX", f"\\{account}.dll")
        stage.open_refused("SMB_COM_NT_CREATE_ANDX", "\\\\CAP01\\CAPSHR", f"\\{account}.dll",
                           stage.heard(reply, "0xC0000034").status, account)
    link.close()


@case("setup/smb2_two_users", "Two users on one SMB 2.1 connection, the second refused twice "
      "before it is granted; then each finds a file missing in its own session.",
      "[MS-SMB2] 3.3.5.5.1")
def smb2_two_users(stage):
    stage.standalone()
    stage.says(**{**SMB2_FACTS, **HERE})
    stage.capture()
    link = Smb2("ws042", stage.address())
    sessions = {}
    for (account, domain, right), password, means in (
            (JDOE, "Jd0e!pass", "OK"), (ASMITH, "wrong", "WRONG_PASSWORD"),
            (ASMITH, "wrong", "WRONG_PASSWORD"), (ASMITH, "As1!pass", "OK")):
        reply, sessions[account] = link.logon(account, domain, password)
        stage.heard(reply, stage.logon(domain, account, means)["status"])
    for account in ("jdoe", "asmith"):
        tree = link.tree(sessions[account], "\\\\cap01\\capshr").tree
        reply, _ = link.create(sessions[account], tree, f"{account}.dll")
        stage.open_refused("SMB2_CREATE", "\\\\cap01\\capshr", f"{account}.dll",
                           stage.heard(reply, "0xC0000034").status, account)
    link.close()


@case("setup/smb2_reauthentication", "A living SMB 2.1 session is set up again: first with the "
      "right password, then with a wrong one, which ends it.", "[MS-SMB2] 3.3.5.5.3")
def smb2_reauthentication(stage):
    stage.standalone()
    stage.says(**{**SMB2_FACTS, **HERE})
    stage.capture()
    link = Smb2("ws042", stage.address())
    reply, session = link.logon(*JDOE)
    stage.heard(reply, stage.logon("WS042", "jdoe", "OK")["status"])
    for password, means in (("Jd0e!pass", "OK"), ("Changed#1", "WRONG_PASSWORD")):
        reply, _ = link.logon("jdoe", "WS042", password, session=session.number)
        entry = stage.logon("WS042", "jdoe", means, reauthentication=True)
        stage.heard(reply, entry["status"])
    link.close()


@case("setup/smb3_channel_binding", "A second TCP connection is bound to an SMB 3.0 session: first "
      "with a wrong password, then with the right one.", "[MS-SMB2] 3.3.5.5.2")
def smb3_channel_binding(stage):
    stage.standalone("server multi channel support = yes")
    stage.says(**{**SMB2_FACTS, "dialect": "3.0", **HERE})
    stage.capture()
    guid = os.urandom(16)
    first = Smb2("ws042", stage.address(), dialects=(0x300,), guid=guid)
    reply, session = first.logon(*JDOE)
    stage.heard(reply, stage.logon("WS042", "jdoe", "OK")["status"])
    for password, means in (("Changed#1", "WRONG_PASSWORD"), ("Jd0e!pass", "OK")):
        second = Smb2("ws042", stage.address(), dialects=(0x300,), guid=guid)
        reply, _ = second.logon("jdoe", "WS042", password, binding=session)
        stage.heard(reply, stage.logon("WS042", "jdoe", means, binding=True)["status"])
    first.close()


@case("setup/smb1_answers", "Every kind of answer that a session setup without extended security "
      "can carry, wrong and right, as Unicode and as OEM: LM alone, NTLMv1, NTLMv2; then the null "
      "session.",
      "[MS-NLMP] 3.3")
def smb1_answers(stage):
    stage.standalone("raw NTLMv2 auth = yes")
    stage.capture()
    for unicode in (True, False):
        link = Smb1("ws042", stage.address(), unicode=unicode)
        for kind, ntlm in (("lm", "LM"), ("ntlmv1", "NTLMv1"), ("ntlmv2", "NTLMv2")):
            stage.says(**{**SMB1_FACTS, "ntlm": ntlm})
            for password, means in (("wrong", "WRONG_PASSWORD"), ("Jd0e!pass", "OK")):
                reply = link.logon("jdoe", "WS042", password, kind)
                stage.heard(reply, stage.logon("WS042", "jdoe", means)["status"])
        stage.says(ntlm="anonymous")
        stage.heard(link.logon("", "", "", "anonymous"), stage.logon("", "", "OK")["status"])
        link.close()


@case("setup/lanman_answers", "The ten-word session setup: wrong until locked (threshold 3), "
      "locked, right for another account, all on one connection; DOS error codes.",
      "[MS-CIFS] 2.2.4.53.1")
def lanman_answers(stage):
    stage.standalone()
    stage.dos = True
    stage.says(**{**SMB1_FACTS, "dialect": "LANMAN2.1", "ntlm": "LM"})
    stage.capture()
    link = Smb1("ws042", stage.address(), unicode=False, dialects=("LANMAN2.1",))
    for account, password, means in (*(("SMSService", "wrong", "WRONG_PASSWORD"),) * 3,
                                     ("SMSService", "wrong", "ACCOUNT_LOCKED_OUT"),
                                     ("jdoe", "Jd0e!pass", "OK")):
        reply = link.logon(account, "CORP", password, "lanman")
        stage.heard(reply, stage.logon("CORP", account, means)["status"])
    link.close()


@case("setup/impacket", "impacket at SMB1 (extended security), SMB 2.0.2, 2.1 and 3.0: a wrong "
      "password in each, locked from the fourth on; then a good logon.", "[MS-NLMP] 3.1.5.1.2")
def impacket_logons(stage):
    stage.standalone()
    stage.capture()
    for number, (dialect, spoken) in enumerate(IMPACKET_DIALECTS):
        stage.says(**{**SMB2_FACTS, "dialect": spoken, **HERE})
        means = "WRONG_PASSWORD" if number < 3 else "ACCOUNT_LOCKED_OUT"
        entry = stage.logon("WS042", "SMSService", means)
        status = impacket_logon(stage, dialect, "SMSService", "wrong")
        if status != entry["status"]:
            raise LabError(f"expected {entry['status']}, impacket said {status}")
    stage.logon("WS042", "jdoe", "OK", dialect="2.1")
    if impacket_logon(stage, 0x210, "jdoe", "Jd0e!pass") != "0x00000000":
        raise LabError("impacket was not granted")


IMPACKET_DIALECTS = ((SMB_DIALECT, "NT LM 0.12"), (0x202, "2.0.2"), (0x210, "2.1"), (0x300, "3.0"))


def impacket_logon(stage, dialect, account, password):
    """The status impacket ends with."""
    with inside("ws042"):
        link = SMBConnection("CAP01", stage.address(), myName="WS042", sess_port=445,
                             preferredDialect=dialect)
    try:
        link.login(account, password, "WS042", ntlmFallback=False)
        status = 0
    except SessionError as error:
        status = error.getErrorCode() & 0xFFFFFFFF
    link.close()
    return f"0x{status:08X}"


@case("setup/rpcclient", "rpcclient over the named pipe of SMB 3.1.1: refused twice, then granted.",
      "[MS-RPCE] 2.1.1.2")
def rpcclient(stage):
    stage.standalone()
    stage.says(**{**SMB2_FACTS, "dialect": "3.1.1", **HERE})
    stage.capture()
    for password, means in (("wrong", "WRONG_PASSWORD"),) * 2 + (("Svc!2026", "OK"),):
        said = stage.smbclient("CORP\\SMSService", password, program="rpcclient",
                               commands="getusername")
        if ("LOGON_FAILURE" in said) != (means != "OK"):
            raise LabError(f"expected {means}, rpcclient said: {said}")
        stage.logon("CORP", "SMSService", means)
