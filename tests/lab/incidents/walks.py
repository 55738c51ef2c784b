"""Programs that search PATH over the network, and who pays for it (Q278660 and its family). The
token account's own password differs from machine to machine; servers have an account of that name
with another one."""
import noise
from driver import Path, driver
from scene import incident

TOKEN, LOCAL_PASSWORD = "SMSCliToknAcct&", "Wks!Tok-{}"
CAUSE = "third-party-driver-path-search"


def token(link, host, **more):
    """The inventory agent's own session setup, with the account of the machine."""
    return link.logon(TOKEN, LOCAL_PASSWORD.format(host), host.upper(), **more)


def new_connection(scene, host, server=None, kind="2.1"):
    """The same on a connection of its own."""
    return scene.once(host, TOKEN, LOCAL_PASSWORD.format(host), host.upper(), server=server,
                      kind=kind)


@incident("q278660_crystal", "Q278660", golden=True)
def crystal(scene):
    """SMB1 over NetBIOS. On WS042 the Crystal CWB driver looks for its files in two network
    directories of the system PATH, in the session of the user jdoe. Whenever the hardware
    inventory is at work, the agent's local SMSCliToknAcct& goes to the server, with the
    machine's name as the domain; the server counts it against its own account of that name, and
    locks it (threshold 5). Another user mistypes a password, a third machine looks for
    desktop.ini, somebody connects without a password."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    user = noise.good_user(scene, "ws042", "jdoe", kind="smb1-139", share="CAP_S01")
    noise.without_password(scene)
    path = Path((user, "CAP_S01", ""), (user, "SMSLOGON", ""))
    files = ("CWBAUDIO.BIN", "CWBAUDIO.INF", "CWBPCPLE.DLL")
    for burst in range(4):
        scene.at(60 + burst * 127)
        for _ in range(2):
            token(user, "ws042", share="CAP_S01")
        missed = path.search(files)
        token(user, "ws042", share="SMSLOGON")
        if burst == 1:
            scene.at(220)
            noise.typing_error(scene, "ws101", "bwhite")
            noise.explorer(scene, "ws102", "cgreen", share="CAP_S01")
    scene.at(700)
    user.look("CAP_S01", "readme.txt", how="TRANS2_QUERY_PATH_INFORMATION", found=True)
    scene.blame(CAUSE, TOKEN, domain="WS042", authority="local", clients=["ws042"],
                culprit=driver("crystal-cwb-cwd", files, "Crystal Semiconductor"),
                walk=path.truth(missed))


@incident("q262341_etherjet", "Q262341", server="dc01", golden=True)
def etherjet(scene):
    """SMB1, a domain controller that is a client access point as well; SYSVOL, a Kerberos logon and
    the name CORP<1C> show what it is. On WS043 the driver of an IBM EtherJet adapter searches one
    network directory of PATH whenever hardware inventory runs, and inventory uses the local
    SMSCliToknAcct&: the DOMAIN's account of that name is locked (threshold 3)."""
    scene.serve("dc01")
    scene.at(0)
    noise.domain_members(scene)
    user = scene.link("ws043", kind="smb1-139")
    user.logon("jdoe")
    path = Path((user, "CAP_S01", ""))
    files = ("IBMFE.SYS", "IBMFENT.SYS")
    for burst, when in enumerate((30, 32, 93, 160)):
        scene.at(when)
        token(user, "ws043", share="CAP_S01")
        missed = path.search(files, how="SMB_COM_NT_CREATE_ANDX")
        if burst == 1:
            scene.at(60)
            noise.crowd(scene, without=("scanner",))
    scene.blame(CAUSE, TOKEN, domain="WS043", authority="domain", clients=["ws043"],
                culprit=driver("ibm-etherjet", files, "IBM"), walk=path.truth(missed))


@incident("walk_auddrive", "Q248880")
def auddrive(scene):
    """SMB 2.1. Auddrive.sys and its DLL are searched in one network directory below a share; the
    token account is refused on connections of its own a second before and after, until it is
    locked (threshold 4). The driver is Compaq's or ESS's: both shipped the name."""
    scene.serve("cap01", threshold=4)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws042")
    user.logon("jdoe")
    scene.put("cap01", "APPS", "BIN/here.dll")
    path = Path((user, "APPS", "BIN"))
    files = ("auddrive.sys", "auddrive.dll")
    for when in (11, 310, 615, 921):
        scene.at(when)
        new_connection(scene, "ws042")
        scene.at(when + 1)
        missed = path.search(files)
        scene.at(when + 2.5)
        new_connection(scene, "ws042")
    scene.blame(CAUSE, TOKEN, domain="WS042", authority="local", clients=["ws042"],
                culprit=driver("compaq-auddrive", files, "Compaq",
                               candidates=["compaq-auddrive", "ess-auddrive-nt"]),
                walk=path.truth(missed))


@incident("walk_yamaha", "Q278660", server="cap01 fs02")
def yamaha(scene):
    """SMB 3.1.1. The Yamaha DS-XG driver's files are searched in network directories on two
    servers; the token account is refused by both, and locked by the first (threshold 3)."""
    scene.serve("cap01", "fs02")
    scene.at(0)
    first = scene.link("ws042", "cap01", "3.1.1")
    first.logon("jdoe")
    second = scene.link("ws042", "fs02", "3.1.1")
    second.logon("jdoe")
    noise.crowd(scene, "cap01")
    path = Path((first, "CAP_S01", ""), (second, "APPS", ""))
    files = ("ydsxg.drv", "dsxaplib.dll", "ds1.cpl")
    for when in (40, 140, 260, 395):
        scene.at(when)
        new_connection(scene, "ws042", "cap01", "3.1.1")
        missed = path.search(files)
        if when == 140:
            new_connection(scene, "ws042", "fs02", "3.1.1")
    scene.blame(CAUSE, TOKEN, domain="WS042", authority="local", clients=["ws042"],
                servers=["cap01"], culprit=driver("yamaha-dsxg", files, "Yamaha"),
                walk=path.truth(missed))


@incident("walk_creative", "Q278660", server="cap01 fs02")
def creative(scene):
    """SMB1 with SPNEGO. Sound Blaster files are searched in three network directories on two
    servers, by three different commands; one of them is found in the last directory. The token
    account is locked at CAP01 (threshold 6)."""
    scene.serve("cap01", "fs02", threshold=6)
    scene.put("fs02", "APPS", "SBAWE32.DRV")
    scene.at(0)
    first = scene.link("ws043", "cap01", "smb1-spnego")
    first.logon("asmith")
    second = scene.link("ws043", "fs02", "smb1-spnego")
    second.logon("asmith")
    path = Path((first, "SMSLOGON", ""), (first, "CAP_S01", ""), (second, "APPS", ""))
    files = ("SNDBLST.DLL", "SBAWE32.DRV", "SYNTHGM.SBK")
    for number, how in enumerate(("SMB_COM_OPEN_ANDX", "TRANS2_FIND_FIRST2",
                                  "TRANS2_QUERY_PATH_INFORMATION", "SMB_COM_OPEN_ANDX")):
        scene.at(20 + number * 45)
        new_connection(scene, "ws043", "cap01", "smb1-spnego")
        missed = path.search(files, how=how, found=(("SBAWE32.DRV", 2),))
        new_connection(scene, "ws043", "cap01", "smb1-spnego")
        if number == 2:
            noise.crowd(scene, "cap01", without=("work",))
    scene.blame(CAUSE, TOKEN, domain="WS043", authority="local", clients=["ws043"],
                servers=["cap01"], culprit=driver("creative-sb-nt4", files, "Creative Labs"),
                walk=path.truth(missed))


@incident("walk_ess", "Q278660")
def ess(scene):
    """SMB1 with OEM strings. ESS Solo files along one network directory, each look-up right after
    a refused setup of the token account on the same connection; no lockout policy."""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws042", kind="smb1", unicode=False)
    user.logon("jdoe")
    path = Path((user, "SMSLOGON", ""))
    files = ("ESSOLO.SYS", "ESSDM.VXD", "ESSSWT.DRV")
    for number in range(5):
        scene.at(15 + number * 33)
        for name in files:
            token(user, "ws042")
            missed = path.search((name,))
    scene.blame(CAUSE, TOKEN, domain="WS042", authority="local", clients=["ws042"],
                culprit=driver("ess-solo-pci", files, "ESS Technology"), walk=path.truth(files))


@incident("walk_under_service_account", "Q248880", server="dc01")
def service_account(scene):
    """SMB1 at a domain controller. Inventory runs as CORP\\svc_inventory, whose password was
    changed; the Crystal driver's initialisation runs under whatever account is active, so the
    refused setups want the very shares in which the same machine then searches for the driver's
    files in its user's session. Locked at the third."""
    scene.serve("dc01")
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner", "shell"))
    user = scene.link("ws042", kind="smb1-139")
    user.logon("jdoe")
    path = Path((user, "APPS", ""), (user, "CAP_S01", ""))
    files = ("CS32BA11.DLL", "CWAUDIO.BIN")
    for when in (25, 26, 85, 150, 225):
        scene.at(when)
        user.logon("svc_inventory", "Inv!2025", share="APPS")
        missed = path.search(files)
    scene.blame(CAUSE, "svc_inventory", domain="CORP", authority="domain", clients=["ws042"],
                culprit=driver("crystal-nt4", files, "Crystal Semiconductor"),
                walk=path.truth(missed))


@incident("walk_unknown_driver", "Q278660")
def unknown_driver(scene):
    """SMB 2.1. A search of PATH by a program of which no signature is known: two names over two
    directories in the same order, and the token account locked around it (threshold 3). The shape
    is all there is."""
    scene.serve("cap01")
    scene.at(0)
    noise.crowd(scene, without=("work",))
    user = scene.link("ws042")
    user.logon("jdoe")
    path = Path((user, "SMSLOGON", ""), (user, "APPS", ""))
    files = ("qzmixer9.dll", "qzcodec9.drv")
    for when in (9, 71, 130, 199):
        scene.at(when)
        missed = path.search(files)
        new_connection(scene, "ws042")
    scene.blame(CAUSE, TOKEN, domain="WS042", authority="local", clients=["ws042"],
                culprit=driver(None, files), walk=path.truth(missed))


@incident("walk_ambiguous", "Q278660")
def ambiguous(scene):
    """SMB 2.1. The only name that is searched, esfm.drv, belongs to two families of ESS drivers:
    nothing tells which."""
    scene.serve("cap01")
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    user = scene.link("ws042")
    user.logon("jdoe")
    path = Path((user, "SMSLOGON", ""), (user, "CAP_S01", ""))
    for when in (9, 71, 130, 199):
        scene.at(when)
        missed = path.search(("esfm.drv",))
        new_connection(scene, "ws042")
    scene.blame(CAUSE, TOKEN, domain="WS042", authority="local", clients=["ws042"],
                culprit=driver(None, ("esfm.drv",), "ESS Technology",
                               candidates=["ess-isa-9x", "ess-solo-pci"]),
                walk=path.truth(missed))


@incident("walk_rasadhlp", "Q189522")
def rasadhlp(scene):
    """SMB1. Windows' own name resolution looks for rasadhlp.dll in a network directory of PATH, by
    a search and not an open: no foreign driver, but the same PATH; and the token account is
    refused beside it. Who fixes PATH ends it."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws042", kind="smb1-139")
    user.logon("jdoe")
    path = Path((user, "APPS", ""), (user, "SMSLOGON", ""))
    for when in (12, 47, 101, 140, 166, 230):
        scene.at(when)
        missed = path.search(("RASADHLP.DLL",), how="TRANS2_FIND_FIRST2")
        token(user, "ws042", share="APPS")
    scene.blame(CAUSE, TOKEN, domain="WS042", authority="local", clients=["ws042"],
                culprit={"kind": "program", "id": "ws2-ras-autodial", "vendor": "Microsoft",
                         "files": ["RASADHLP.DLL"], "optional": True}, walk=path.truth(missed))


@incident("walk_nal", "Q226368")
def nal(scene):
    """SMB1. The SMS client loads its network provider DLLs without a path, so that PATH is searched
    for them over the network, and its local token account is refused meanwhile."""
    scene.serve("cap01")
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws043", kind="smb1-139")
    user.logon("jdoe")
    path = Path((user, "APPS", ""), (user, "SMSLOGON", ""))
    for when in (30, 34, 95, 155):
        scene.at(when)
        token(user, "ws043", share="APPS")
        missed = path.search(("MSLMCLIN.DLL", "ABNWCLI.DLL", "NDSCLIN.DLL"))
    scene.blame(CAUSE, TOKEN, domain="WS043", authority="local", clients=["ws043"],
                culprit={"kind": "program", "id": "sms-nal-network-dlls", "vendor": "Microsoft",
                         "files": ["MSLMCLIN.DLL", "ABNWCLI.DLL", "NDSCLIN.DLL"],
                         "optional": True}, walk=path.truth(missed))


@incident("walk_two_drivers", "Q278660")
def two_drivers(scene):
    """Two machines at once. On WS042 (SMB1) it is the Crystal driver, on WS043 (SMB 2.1) Yamaha's;
    both lock the server's one account of that name (threshold 5), taking turns."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    old = scene.link("ws042", kind="smb1")
    old.logon("jdoe")
    new = scene.link("ws043")
    new.logon("asmith")
    noise.crowd(scene, without=("work",))
    crystal_path = Path((old, "CAP_S01", ""), (old, "APPS", ""))
    yamaha_path = Path((new, "SMSLOGON", ""), (new, "CAP_S01", ""))
    for when in (20, 95, 181, 260):
        scene.at(when)
        token(old, "ws042", share="CAP_S01")
        crystals = crystal_path.search(("CWBAUDIO.BIN", "CWBMIDI.VXD"))
        scene.at(when + 21)
        yamahas = yamaha_path.search(("opl3sax.sys", "opl3sa.ini"))
        new_connection(scene, "ws043")
    scene.blame(CAUSE, TOKEN, domain="WS042", authority="local", clients=["ws042"],
                culprit=driver("crystal-cwb-cwd", crystals, "Crystal Semiconductor"),
                walk=crystal_path.truth(crystals))
    scene.blame(CAUSE, TOKEN, domain="WS043", authority="local", clients=["ws043"],
                culprit=driver("yamaha-opl3sax", yamahas, "Yamaha"),
                walk=yamaha_path.truth(yamahas))
