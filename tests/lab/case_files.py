"""tree/ and open/: refused share connections, and a refused open, search or query by each command
that smblame reports, with NT and with DOS statuses, Unicode and OEM."""
from facts import HERE, JDOE, SMB1_FACTS, SMB2_FACTS
from smb1 import Smb1
from smb2 import Smb2
from stage import case
from status import nt, on_wire

CIFS_TREE, CIFS_OPEN = "[MS-CIFS] 3.3.5.45", "[MS-CIFS] 2.2.4"
MISSING, NO_PATH, DENIED = "OBJECT_NAME_NOT_FOUND", "OBJECT_PATH_NOT_FOUND", "ACCESS_DENIED"
DOS = {MISSING: "DOS 1/2", NO_PATH: "DOS 1/3", DENIED: "DOS 1/5", "NO_SUCH_FILE": "DOS 1/2",
       "NO_MORE_FILES": "DOS 1/18"}
# command -> what a missing file means to it; CHECK_DIRECTORY is 1/3 in DOS error codes
SMB1_COMMANDS = {"SMB_COM_NT_CREATE_ANDX": MISSING, "SMB_COM_OPEN_ANDX": MISSING,
                 "SMB_COM_OPEN": MISSING, "SMB_COM_CREATE": None,
                 "SMB_COM_QUERY_INFORMATION": MISSING, "SMB_COM_CHECK_DIRECTORY": MISSING,
                 "SMB_COM_SEARCH": "NO_MORE_FILES", "TRANS2_OPEN2": MISSING,
                 "TRANS2_FIND_FIRST2": "NO_SUCH_FILE", "TRANS2_QUERY_PATH_INFORMATION": MISSING,
                 "NT_TRANSACT_CREATE": MISSING}


def enter(stage, account=JDOE, **more):
    """An SMB1 connection with a granted logon."""
    link = Smb1("ws042", stage.address(), **more)
    name, domain, password = account
    stage.heard(link.logon(name, domain, password), nt("OK"))
    stage.logon(domain, name, "OK")
    return link


def enter2(stage, account=JDOE, **more):
    """The same at SMB 2.1."""
    link = Smb2("ws042", stage.address(), **more)
    name, domain, password = account
    reply, session = link.logon(name, domain, password)
    stage.heard(reply, stage.logon(domain, name, "OK", **HERE)["status"])
    return link, session


# Share connections.

SHARES = (("NOSUCH", "BAD_NETWORK_NAME"), ("VIPSHARE", "ACCESS_DENIED"))


def tree_case(name, how, *, old=False, **client):
    @case(f"tree/{name}", "Connections to a share that does not exist and to one the user may not "
          f"enter: {how}.", CIFS_TREE)
    def play(stage):
        dos = not client.get("nt_status", True)
        stage.standalone(*(("nt status support = no",) if dos else ()))
        stage.says(**SMB1_FACTS)
        stage.capture()
        link = enter(stage, **client)
        for share, means in SHARES:
            path = f"\\\\CAP01\\{share}"
            reply = link.tree(path, old)
            stage.heard(reply, on_wire(means, dos))
            stage.tree_refused(path, means, "jdoe", reply.status)
        link.close()


tree_case("smb1_unicode", "TREE_CONNECT_ANDX, Unicode, NT statuses")
tree_case("smb1_oem", "TREE_CONNECT_ANDX, OEM strings, NT statuses", unicode=False)
tree_case("smb1_doserror", "TREE_CONNECT_ANDX, OEM strings, DOS error codes", unicode=False,
          nt_status=False)
tree_case("smb1_old", "the core TREE_CONNECT (0x70)", old=True, unicode=False)


@case("tree/smb1_chained", "Session setup and tree connect in one AndX request: refused logon (the "
      "wanted share is known all the same), granted logon with a missing share and with a "
      "forbidden one: the reply header then carries the status of the tree connect although its "
      "command is the session setup.", "[MS-CIFS] 2.2.3.4")
def smb1_chained(stage):
    stage.standalone()
    stage.says(**SMB1_FACTS)
    stage.capture()
    for password, share, logon, tree in (("wrong", "SMSSHARE", "WRONG_PASSWORD", None),
                                         ("Jd0e!pass", "NOSUCH", "OK", "BAD_NETWORK_NAME"),
                                         ("Jd0e!pass", "VIPSHARE", "OK", "ACCESS_DENIED")):
        link = Smb1("ws042", stage.address(), unicode=False)
        path = f"\\\\CAP01\\{share}"
        reply = link.logon("jdoe", "WS042", password, "ntlmv1", link.tree_andx(path))
        entry = stage.logon("WS042", "jdoe", logon, share=path)
        stage.heard(reply, nt(tree) if tree else entry["status"])
        if tree:
            stage.tree_refused(path, tree, "jdoe")
        link.close()


@case("tree/smb2", "SMB 2.1: a share that does not exist and one the user may not enter.",
      "[MS-SMB2] 3.3.5.7")
def smb2_trees(stage):
    stage.standalone()
    stage.says(**SMB2_FACTS)
    stage.capture()
    link, session = enter2(stage)
    for share, means in (("nosuch", "BAD_NETWORK_NAME"), ("vipshare", "ACCESS_DENIED")):
        path = f"\\\\cap01\\{share}"
        reply = stage.heard(link.tree(session, path), nt(means))
        stage.tree_refused(path, means, "jdoe", reply.status)
    link.close()


@case("tree/smbclient", "smbclient at SMB1 and SMB 3.1.1: a good logon, then a missing and a "
      "forbidden share.",
      "[MS-SMB2] 3.3.5.7")
def smbclient_trees(stage):
    stage.standalone()
    stage.says(**{**SMB2_FACTS, **HERE})
    stage.capture()
    for dialect, spoken in (("NT1", "NT LM 0.12"), ("SMB3_11", "3.1.1")):
        for share, means in SHARES:
            share = share.lower()
            stage.attempt("WS042", "jdoe", "Jd0e!pass", "OK", dialect=dialect, share=share,
                          truth={"dialect": spoken})
            path = f"\\\\cap01\\{share}"
            stage.tree_refused(path.upper() if dialect == "NT1" else path, means, "jdoe")


@case("tree/smb2_must_encrypt", "A share that demands encryption and an SMB 2.1 client that has "
      "none.",
      "[MS-SMB2] 3.3.5.7")
def must_encrypt(stage):
    stage.standalone()
    stage.says(**SMB2_FACTS)
    stage.capture()
    link, session = enter2(stage)
    path = "\\\\cap01\\sealed"
    stage.heard(link.tree(session, path), nt("ACCESS_DENIED"))
    stage.tree_refused(path, "ACCESS_DENIED", "jdoe")
    link.close()


# Opens.

def probe(stage, link, command, share, name, means, dos):
    reply = link.probe(command, name)
    if dos and command == "SMB_COM_CHECK_DIRECTORY":
        means = NO_PATH
    stage.heard(reply, DOS[means] if dos else nt(means))
    if reply.status != nt("NO_MORE_FILES"):  # a warning: the search ended, it was not refused
        stage.open_refused(command, f"\\\\CAP01\\{share}", name, reply.status, "jdoe")


def open_case(name, how, **client):
    @case(f"open/{name}", "Every SMB1 command that opens or looks for a file asks for a driver "
          "file that is missing; then a missing directory and a file the user may not read: "
          f"{how}.", CIFS_OPEN)
    def play(stage):
        dos = not client.get("nt_status", True)
        stage.standalone(*(("nt status support = no",) if dos else ()))
        stage.says(**SMB1_FACTS)
        stage.capture()
        link = enter(stage, **client)
        link.tree("\\\\CAP01\\TOOLS")
        for command, means in SMB1_COMMANDS.items():
            if means:
                probe(stage, link, command, "TOOLS", "\\I386\\CTAUD2K.SYS", means, dos)
        for command in ("SMB_COM_CREATE", "SMB_COM_NT_CREATE_ANDX", "SMB_COM_QUERY_INFORMATION"):
            probe(stage, link, command, "TOOLS", "\\nowhere\\ess.dll", NO_PATH, dos)
        probe(stage, link, "SMB_COM_SEARCH", "TOOLS", "\\nowhere\\ess.dll", MISSING, dos)
        for command in ("SMB_COM_NT_CREATE_ANDX", "SMB_COM_OPEN_ANDX", "NT_TRANSACT_CREATE"):
            probe(stage, link, command, "TOOLS", "\\locked.dll", DENIED, dos)
        link.close()


open_case("smb1_unicode", "Unicode, NT statuses")
open_case("smb1_oem", "OEM strings, NT statuses", unicode=False)
open_case("smb1_unicode_doserror", "Unicode, DOS error codes", nt_status=False)
open_case("smb1_oem_doserror", "OEM strings, DOS error codes", unicode=False, nt_status=False)


@case("open/smb1_root_refused", "A share whose directory the user may not enter: the tree connect "
      "is granted, then every operation ends in DOS error 2/91 although the session speaks NT "
      "statuses.", CIFS_OPEN)
def root_refused(stage):
    stage.standalone()
    stage.says(**SMB1_FACTS)
    stage.capture()
    link = enter(stage)
    stage.heard(link.tree("\\\\CAP01\\SECRET"), nt("OK"))
    for command in ("SMB_COM_NT_CREATE_ANDX", "SMB_COM_OPEN_ANDX", "TRANS2_QUERY_PATH_INFORMATION"):
        reply = stage.heard(link.probe(command, "\\s.txt"), "DOS 2/91")
        stage.open_refused(command, "\\\\CAP01\\SECRET", "\\s.txt", reply.status, "jdoe")
    link.close()


@case("open/smb2_root_refused", "The same at SMB 2.1: the tree connect is granted and every open "
      "refused.",
      "[MS-SMB2] 3.3.5.9")
def root_refused2(stage):
    stage.standalone()
    stage.says(**SMB2_FACTS)
    stage.capture()
    link, session = enter2(stage)
    share = "\\\\cap01\\secret"
    tree = stage.heard(link.tree(session, share), nt("OK")).tree
    for name in ("s.txt", ""):
        reply, _ = link.create(session, tree, name, directory=not name)
        stage.open_refused("SMB2_CREATE", share, name, stage.heard(reply, nt(DENIED)).status,
                           "jdoe")
    link.close()


@case("open/smb2", "SMB 2.1: opens of a missing file, below a missing directory, of a file the "
      "user may not read; then a search that finds nothing in a directory opened before.",
      "[MS-SMB2] 3.3.5.9")
def smb2_opens(stage):
    stage.standalone()
    stage.says(**SMB2_FACTS)
    stage.capture()
    link, session = enter2(stage)
    share = "\\\\cap01\\tools"
    tree = link.tree(session, share).tree
    for name, means in (("ctaud2k.sys", MISSING), ("nowhere\\ess.dll", NO_PATH),
                        ("locked.dll", DENIED)):
        reply, _ = link.create(session, tree, name)
        stage.open_refused("SMB2_CREATE", share, name, stage.heard(reply, nt(means)).status, "jdoe")
    _, handle = link.create(session, tree, "i386", directory=True)
    reply = stage.heard(link.query(session, tree, handle, "ess*.dll"), nt("NO_SUCH_FILE"))
    stage.open_refused("SMB2_QUERY_DIRECTORY", share, "ess*.dll", reply.status, "jdoe")
    stage.truth["opens"][-1]["directory"] = "i386"
    link.close_file(session, tree, handle)
    link.close()


@case("open/smb2_compound", "SMB 2.1 related compounds: CREATE of a directory, QUERY_DIRECTORY, "
      "CLOSE. First the search finds nothing; then the directory is missing, and what follows it "
      "fails with it, which is no refusal of its own.", "[MS-SMB2] 3.3.5.2.7.2")
def smb2_compound(stage):
    stage.standalone()
    stage.says(**SMB2_FACTS)
    stage.capture()
    link, session = enter2(stage)
    share = "\\\\cap01\\tools"
    tree = link.tree(session, share).tree
    got = link.search_compound(session, tree, "i386", "auddrive.sys")
    stage.heard(got[1], nt("NO_SUCH_FILE"))
    stage.open_refused("SMB2_QUERY_DIRECTORY", share, "auddrive.sys", got[1].status, "jdoe")
    stage.truth["opens"][-1]["directory"] = "i386"
    got = link.search_compound(session, tree, "nowhere", "auddrive.sys")
    stage.heard(got[0], nt(MISSING))
    stage.open_refused("SMB2_CREATE", share, "nowhere", got[0].status, "jdoe")
    link.close()


@case("open/smbclient", "smbclient at SMB1 and SMB 3.1.1 looks for driver files by get and by ls.",
      "[MS-SMB2] 3.3.5.9")
def smbclient_opens(stage):
    stage.standalone()
    stage.says(**{**SMB2_FACTS, **HERE})
    stage.capture()
    for dialect, spoken, get, ls in (
            ("NT1", "NT LM 0.12", "SMB_COM_NT_CREATE_ANDX", "TRANS2_FIND_FIRST2"),
            ("SMB3_11", "3.1.1", "SMB2_CREATE", "SMB2_QUERY_DIRECTORY")):
        stage.attempt("WS042", "jdoe", "Jd0e!pass", "OK", dialect=dialect, share="tools",
                      commands="get i386\\auddrive.sys /dev/null; get cwbaudio.dll /dev/null; "
                      "ls i386\\ess.dll", truth={"dialect": spoken})
        first = "\\" if dialect == "NT1" else ""
        share = "\\\\CAP01\\TOOLS" if dialect == "NT1" else "\\\\cap01\\tools"
        for name in ("i386\\auddrive.sys", "cwbaudio.dll"):
            stage.open_refused(get, share, first + name, nt(MISSING), "jdoe")
        stage.open_refused(ls, share, "\\i386\\ess.dll" if first else "ess.dll",
                           nt("NO_SUCH_FILE"), "jdoe")
        if not first:
            stage.truth["opens"][-1]["directory"] = "i386"


@case("open/dfs_noise", "smbclient asks a server for DFS referrals at SMB1 and SMB 3.1.1: the "
      "server has none (0xC0000225). Noise that must not be reported.", "[MS-DFSC] 3.2.5.1")
def dfs_noise(stage):
    stage.standalone("host msdfs = yes")
    stage.says(**{**SMB2_FACTS, **HERE})
    stage.capture()
    for dialect, spoken in (("NT1", "NT LM 0.12"), ("SMB3_11", "3.1.1")):
        stage.attempt("WS042", "jdoe", "Jd0e!pass", "OK", dialect=dialect, share="tools",
                      commands="ls", truth={"dialect": spoken})


@case("open/smb3_encrypted", "SMB 3.1.1 with encryption: smbclient looks for driver files, and the "
      "capture shows the logon and nothing of that.", "[MS-SMB2] 3.3.4.1.4")
def encrypted_opens(stage):
    stage.standalone("server smb encrypt = required")
    stage.says(**{**SMB2_FACTS, "dialect": "3.1.1", **HERE})
    stage.capture()
    stage.attempt("WS042", "jdoe", "Jd0e!pass", "OK", share="tools",
                  commands="get cwbaudio.dll /dev/null", options=("--client-protection=encrypt",))
