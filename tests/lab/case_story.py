"""story/: Q278660 as a whole."""
from case_files import MISSING
from facts import SMB1_FACTS, SMB2_FACTS
from net import BRIDGE, SWITCH
from samba import THRESHOLD
from smb1 import Smb1
from smb2 import Smb2
from stage import case
from status import nt

PATH = (("smsshare", "ess.dll"), ("capshr", "ctaud2k.sys"), ("tools", "i386\\auddrive.sys"))
TOKEN = "SMSCliToknAcct&"


@case("story/q278660", "Two workstations, captured on the switch. On each a user has a good "
      "session and a sound driver walks the PATH for its files, over three shares of the server; "
      "between the walks the inventory agent logs on with its local token account, and so with the "
      "workstation's own name as the domain: on the user's connection at SMB1 (WS042), on new "
      "connections at SMB 2.1 (WS043). The server counts both against its own account of that "
      "name, up to the lockout (threshold 3).", "Q278660")
def q278660(stage):
    stage.standalone()
    stage.capture(where=SWITCH, device=BRIDGE)
    old = Smb1("ws042", stage.address(), calling="WS042", unicode=False)
    stage.base = dict(SMB1_FACTS)
    stage.heard(old.logon("jdoe", "WS042", "Jd0e!pass"), nt("OK"))
    stage.logon("WS042", "jdoe", "OK")
    new = Smb2("ws043", stage.address(), calling="WS043")
    reply, session = new.logon("asmith", "WS043", "As1!pass")
    stage.heard(reply, logon_ws043(stage, "asmith", "OK")["status"])
    uid, refusals = old.uid, 0
    for _ in range(3):
        walk_smb1(stage, old)
        stage.base = dict(SMB1_FACTS)
        means = "WRONG_PASSWORD" if refusals < THRESHOLD else "ACCOUNT_LOCKED_OUT"
        reply = old.logon(TOKEN, "WS042", "Wks-WS042!")
        stage.heard(reply, stage.logon("WS042", TOKEN, means)["status"])
        old.uid, refusals = uid, refusals + 1
        walk_smb2(stage, new, session)
        means = "WRONG_PASSWORD" if refusals < THRESHOLD else "ACCOUNT_LOCKED_OUT"
        link = Smb2("ws043", stage.address(), calling="WS043")
        reply, _ = link.logon(TOKEN, "WS043", "Wks-WS043!")
        stage.heard(reply, logon_ws043(stage, TOKEN, means)["status"])
        link.close()
        refusals += 1
    old.close()
    new.close()


def logon_ws043(stage, account, means):
    stage.base = {**SMB2_FACTS, "workstation": "WS043"}
    return stage.logon("WS043", account, means, host="ws043")


def walk_smb1(stage, link):
    for share, name in PATH:
        path = f"\\\\CAP01\\{share.upper()}"
        link.tree(path)
        for command in ("SMB_COM_OPEN_ANDX", "TRANS2_FIND_FIRST2"):
            reply = link.probe(command, "\\" + name.upper())
            status = nt("NO_SUCH_FILE" if command.startswith("TRANS2") else MISSING)
            stage.open_refused(command, path, "\\" + name.upper(),
                               stage.heard(reply, status).status, "jdoe")


def walk_smb2(stage, link, session):
    for share, name in PATH:
        path = f"\\\\cap01\\{share}"
        tree = link.tree(session, path).tree
        reply, _ = link.create(session, tree, name)
        stage.open_refused("SMB2_CREATE", path, name, stage.heard(reply, nt(MISSING)).status,
                           "asmith")
