"""Clients of SMS 2.0 on Windows NT and 2000: what searches PATH over the network, whose account
pays for it, and what only looks like it."""
import noise
from driver import Path, driver
from scene import incident
from status import nt

from .accounts import UNKNOWN
from .path_search import BOOT, SERVICE as CLIENT_SERVICE, local as own_account
from .site_systems import CAUSE as SITE_CAUSE, local
from .stale import SERVICE
from .walks import CAUSE, TOKEN, new_connection, token

STALE, PERIODIC = "stale-mapped-drive-or-saved-credential", "periodic-retry-program"
SHARED, LOCKED = "many-clients-one-account", "account-locked-out"
INVENTORY = "local-account-inventory"
NO_PATH, DENIED = nt("OBJECT_PATH_NOT_FOUND"), nt("ACCESS_DENIED")


def share_of_its_own(scene, server, name):
    """The line of a configuration for a share that only one incident has."""
    home = scene.lab.servers[server].home / "site" / name
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o1777)
    return f"[{name}]", f"path = {home}", "read only = no"


# Drivers and programs that search.

@incident("wdm_audio_over_ipv6", "Q278660", server="fs02 cap01", frozen=True)
def wdm_audio(scene):
    """SMB 2.1 over IPv6. A Windows 2000 machine, WS101, with a Crystal WDM driver; PATH has one
    directory on FS02 and one on CAP01. The token account is refused by FS02 just before each search
    and locked there at the fifth; CAP01 is asked for files only. dbrown mistypes in between."""
    scene.v6 = True
    scene.serve("fs02", "cap01", threshold=5)
    scene.put("fs02", "APPS", "Bin/setup.exe")
    scene.at(0)
    noise.crowd(scene, "fs02", without=("typing",))
    first = scene.link("ws101", "fs02")
    first.logon("tnguyen")
    second = scene.link("ws101", "cap01")
    second.logon("tnguyen")
    path = Path((first, "APPS", "Bin"), (second, "SMSLOGON", ""))
    files = ("cwbwdm.sys", "cwcspud.sys", "cwcosnt5.sys")
    for turn, when in enumerate((44, 301, 930, 2222, 2225, 4100, 6003)):
        scene.at(when)
        new_connection(scene, "ws101", "fs02")
        missed = path.search(files)
        if turn == 2:
            scene.at(when + 200)
            noise.typing_error(scene, "ws122", "dbrown", server="fs02", kind="3.0")
    scene.innocent(accounts=["tnguyen"])
    scene.blame(CAUSE, TOKEN, domain="WS101", authority="local", clients=["ws101"],
                servers=["fs02"], culprit=driver("crystal-wdm", files, "Crystal Semiconductor"),
                walk=path.truth(missed))


@incident("sb16_by_dos_codes", "Q278660", frozen=True)
def sb16(scene):
    """SMB1 with DOS error codes. Sound Blaster 16 files are asked for in one network directory
    only, two folders below a share, whenever hardware inventory is at work on WS102; the token
    account is refused twice each time. 1/5 is all that the server says, locked (from the sixth on)
    or not."""
    scene.serve("cap01", threshold=6, lines=("nt status support = no",))
    scene.put("cap01", "APPS", "SOUND/W95/HERE.TXT")
    scene.at(0)
    noise.crowd(scene, without=("work", "scanner"))
    user = scene.link("ws102", kind="smb1-dos")
    user.logon("kmeyer")
    path = Path((user, "APPS", "SOUND\\W95"))
    files = ("SB16AUX.DRV", "SBFM.DRV", "SNDBLST2.DRV", "CTSB16.SYS")
    for when in (70, 390, 1100, 1111, 2600):
        scene.at(when)
        token(user, "ws102", share="APPS")
        missed = path.search(files)
        token(user, "ws102", share="APPS")
    scene.innocent(accounts=["kmeyer"])
    scene.blame(CAUSE, TOKEN, domain="WS102", authority="local", clients=["ws102"],
                culprit=driver("creative-sb-9x", files, "Creative Labs"), walk=path.truth(missed))


@incident("audiodrive_after_a_folder_is_gone", "Q278660", frozen=True)
def folder_gone(scene):
    """SMB1. PATH still names \\\\CAP01\\APPS\\OLDTOOLS, which nobody has any more: every look-up
    there ends in 0xC000003A, the one in the next directory in 0xC0000034. ESS AudioDrive files; the
    token account rides with tree connects and is locked at the fourth."""
    scene.serve("cap01", threshold=4)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws103", kind="smb1-139")
    user.logon("lnovak")
    files = ("ES1868.VXD", "ESSMPORT.DRV", "ESSDAEMN.EXE")
    path = Path((user, "APPS", "OLDTOOLS"), (user, "SMS_SHR", ""))
    for when in (21, 150, 152, 477, 903, 1700):
        scene.at(when)
        token(user, "ws103", share="APPS")
        for name in files:
            user.look("APPS", f"OLDTOOLS\\{name}", status=NO_PATH)
            user.look("SMS_SHR", name)
    scene.innocent(accounts=["lnovak"])
    scene.blame(CAUSE, TOKEN, domain="WS103", authority="local", clients=["ws103"],
                culprit=driver("ess-isa-9x", files, "ESS Technology"), walk=path.truth(files))


@incident("remote_access_tracing_library", "Q189522", server="fs02", frozen=True)
def rtutils(scene):
    """SMB1. Windows NT 4.0 before SP4 with Remote Access: each name resolution looks for
    RTUTILS.DLL in the two network directories of PATH, by TRANS2_FIND_FIRST2. The token account is
    refused within the same seconds and locked (threshold 5). A colleague's shell looks for
    desktop.ini in one of the same shares."""
    scene.serve("fs02", threshold=5)
    scene.at(0)
    noise.crowd(scene, without=("shell",))
    noise.explorer(scene, "ws123", "cgreen", kind="smb1", share="HOMES")
    user = scene.link("ws104", kind="smb1-139")
    user.logon("jdoe")
    path = Path((user, "HOMES", ""), (user, "SMS_SHR2", ""))
    for turn, when in enumerate((33, 61, 300, 444, 801, 805, 1302, 2000)):
        scene.at(when)
        missed = path.search(("RTUTILS.DLL",), how="TRANS2_FIND_FIRST2")
        if turn != 2:
            token(user, "ws104", share="HOMES")
    scene.innocent(accounts=["jdoe"])
    scene.blame(CAUSE, TOKEN, domain="WS104", authority="local", clients=["ws104"],
                culprit={"kind": "program", "id": "ras-rtutils", "vendor": "Microsoft",
                         "files": ["RTUTILS.DLL"], "optional": True}, walk=path.truth(missed))


@incident("advertised_programs_search_path", "Q244410", server="dc01", frozen=True)
def smsapm(scene):
    """SMB1 with SPNEGO to a domain controller (SYSVOL, Kerberos, CORP<1C>). The advertised programs
    manager of WS105 loads the SMS client's provider libraries, and PATH leads over the network: the
    DOMAIN's token account is refused and locked (threshold 3), unlocked by an administrator, and
    locked again."""
    scene.serve("dc01")
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner",))
    user = scene.link("ws105", kind="smb1-spnego")
    user.logon("kmeyer")
    path = Path((user, "SMSLOGON", ""), (user, "APPS", ""))
    files = ("BINDCLIN.DLL", "NDSCLIN.DLL", "FALCLIN.DLL")
    for turn, when in enumerate((60, 62, 960, 1861, 3000, 3900, 4802, 4804)):
        if turn == 4:
            scene.unlock("dc01", TOKEN)
        scene.at(when)
        new_connection(scene, "ws105", kind="smb1-spnego")
        missed = path.search(files, how="TRANS2_QUERY_PATH_INFORMATION")
    scene.innocent(accounts=["kmeyer"])
    scene.blame(CAUSE, TOKEN, domain="WS105", authority="domain", clients=["ws105"],
                culprit={"kind": "program", "id": "sms-nal-network-dlls", "vendor": "Microsoft",
                         "files": list(files), "optional": True}, walk=path.truth(missed))


@incident("xg_drivers_on_two_servers", "Q278660", server="cap01 fs02", frozen=True)
def xg_wdm(scene):
    """SMB 3.0.2. Yamaha's WDM driver on WS106 walks one share of CAP01 and two of FS02; both refuse
    the token account, each on a connection of its own, and both lock theirs (threshold 3). Names of
    this driver are hearsay, the search is not."""
    scene.serve("cap01", "fs02")
    scene.at(0)
    noise.crowd(scene, "fs02")
    first = scene.link("ws106", "cap01", "3.0.2")
    first.logon("lnovak")
    second = scene.link("ws106", "fs02", "3.0.2")
    second.logon("lnovak")
    path = Path((first, "SMS_S01", ""), (second, "APPS", ""), (second, "HOMES", ""))
    files = ("ds1wdm.sys", "yacxgc.sys")
    for when in (90, 1290, 2491, 3690, 4892):
        scene.at(when)
        for server in ("cap01", "fs02"):
            new_connection(scene, "ws106", server, "3.0.2")
        missed = path.search(files)
    scene.innocent(accounts=["lnovak"])
    scene.blame(CAUSE, TOKEN, domain="WS106", authority="local", clients=["ws106"],
                servers=["cap01", "fs02"], culprit=driver("yamaha-dsxg-wdm", files, "Yamaha"),
                walk=path.truth(missed))


@incident("one_ess_name_and_mistakes_beside_it", "Q278660", frozen=True)
def one_ess_name(scene):
    """SMB 3.0. One name only, es1969.sys, in three directories; the token account of WS107 is
    locked for it (threshold 4). tnguyen, who works on the same machine, mistypes the password of a
    drive twice and gets it right: that is nobody's fault but a finger's."""
    scene.serve("cap01", threshold=4)
    scene.put("cap01", "APPS", "system32/here.dll")
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws107", kind="3.0")
    user.logon("tnguyen")
    path = Path((user, "APPS", "system32"), (user, "CAP_S01", ""), (user, "SMS_SHR", ""))
    for turn, when in enumerate((55, 57, 400, 1203, 1500, 2210)):
        scene.at(when)
        missed = path.search(("es1969.sys",))
        new_connection(scene, "ws107", kind="3.0")
        if turn == 3:
            scene.at(when + 130)
            scene.once("ws107", "tnguyen", "tngyuen!Pw1", kind="3.0")
            scene.at(when + 139)
            scene.once("ws107", "tnguyen", "tnguyne!Pw1", kind="3.0")
            scene.at(when + 151)
            scene.once("ws107", "tnguyen", kind="3.0")
    scene.innocent(accounts=["tnguyen"])
    scene.blame(CAUSE, TOKEN, domain="WS107", authority="local", clients=["ws107"],
                culprit=driver("ess-wdm", ("es1969.sys",), "ESS Technology"),
                walk=path.truth(missed))


@incident("live_when_all_was_locked", "Q278660", frozen=True)
def live_locked(scene):
    """SMB1. When somebody begins to capture, the token account is locked already, and the session
    in which the Sound Blaster Live! driver searches is older than the capture: missing files under
    two tree ids without names, and 0xC0000234 for the token account of the same machine beside each
    search. That the account is locked is as right an answer."""
    links = []

    def earlier():
        link = scene.link("ws108", kind="smb1")
        links.append(link)
        link.before("kmeyer", share="SMS_SHR")
        link.tree("APPS")
        for _ in range(3):
            scene.quietly("ws108", TOKEN, "Wks!Tok-ws108", "WS108")
    scene.serve("cap01", before=earlier)
    path = Path((links[0], "SMS_SHR", ""), (links[0], "APPS", ""))
    files = ("CTOSS2K.SYS", "CTAUD2K.SYS", "SFMANM.SYS")
    scene.at(0)
    noise.crowd(scene, without=("work",))
    for when in (20, 88, 246, 247, 600, 1444):
        scene.at(when)
        new_connection(scene, "ws108", kind="smb1-139")
        missed = path.search(files, how="SMB_COM_NT_CREATE_ANDX")
    for one in scene.truth["opens"]:
        if one["account"] == "kmeyer":
            one.update(share=None, account=None)
    scene.innocent(accounts=["kmeyer"])
    scene.blame(CAUSE, TOKEN, domain="WS108", authority="local", clients=["ws108"],
                cause_also=[LOCKED], culprit=driver("creative-wdm", files, "Creative Labs"),
                walk={"directories": [], "missing": missed})


@incident("spatial_sound_library_alone", "Q278660", server="fs02", frozen=True)
def spatial(scene):
    """SMB 2.0.2. The only name that WS109 looks for is crlds3d.dll, a library for sound in space
    that both Crystal SoundFusion and Yamaha DS-XG packages bring along: which of the two cards it
    is cannot be told. Two directories; the token account is locked at the fifth."""
    scene.serve("fs02", threshold=5)
    scene.put("fs02", "SMSPKGD$", "S0100004/sound/here.txt")
    scene.at(0)
    noise.crowd(scene, without=("typing",))
    user = scene.link("ws109", kind="2.0.2")
    user.logon("dbrown")
    path = Path((user, "APPS", ""), (user, "SMSPKGD$", "S0100004\\sound"))
    for when in (12, 192, 372, 560, 2050, 3400):
        scene.at(when)
        missed = path.search(("crlds3d.dll",))
        new_connection(scene, "ws109", kind="2.0.2")
    scene.innocent(accounts=["dbrown"])
    scene.blame(CAUSE, TOKEN, domain="WS109", authority="local", clients=["ws109"],
                culprit=driver(None, ("crlds3d.dll",),
                               candidates=["crystal-soundfusion", "yamaha-dsxg"]),
                walk=path.truth(missed))


@incident("infrared_called_crystal", "Q278660", frozen=True)
def infrared(scene):
    """SMB1. CRYSTAL.VXD and IRPHASE.VXD: an infrared adapter's driver, which has nothing of
    Crystal's sound cards but the name. It searches two directories of PATH whenever a telephone
    comes near WS110, and the token account that is active is refused for it; no lockout policy."""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws110", kind="smb1")
    user.logon("tnguyen")
    path = Path((user, "SMSLOGON", ""), (user, "APPS", ""))
    files = ("CRYSTAL.VXD", "IRPHASE.VXD")
    for when in (140, 151, 777, 2000, 2490):
        scene.at(when)
        token(user, "ws110", share="SMSLOGON")
        missed = path.search(files)
    scene.innocent(accounts=["tnguyen"])
    scene.blame(CAUSE, TOKEN, domain="WS110", authority="local", clients=["ws110"],
                culprit=driver("not-crystal-vxd", files, "AMP (PhasIR)", optional=True),
                walk=path.truth(missed))


@incident("two_folders_of_one_share", "Q278660", frozen=True)
def two_folders(scene):
    """SMB 3.1.1. PATH has two folders of the same share. Of four Sound Blaster Live! files one is
    found in the first and one in the second folder, two nowhere. The token account is refused a
    second after each search, and locked at the sixth; the last search is without it."""
    scene.serve("cap01", threshold=6)
    scene.put("cap01", "APPS", "Win98/sfman.vxd")
    scene.put("cap01", "APPS", "Win/Common/ctsyn.vxd")
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws111", kind="3.1.1")
    user.logon("lnovak")
    path = Path((user, "APPS", "Win98"), (user, "APPS", "Win\\Common"))
    files = ("sfman.vxd", "ctsyn.vxd", "aweman32.dll", "sblfx.dll")
    for when in (60, 75, 600, 1830, 1845, 3300, 5000):
        scene.at(when)
        missed = path.search(files, found=(("sfman.vxd", 0), ("ctsyn.vxd", 1)))
        scene.at(when + 1)
        new_connection(scene, "ws111", kind="3.1.1")
    scene.at(6100)
    path.search(files, found=(("sfman.vxd", 0), ("ctsyn.vxd", 1)))
    scene.innocent(accounts=["lnovak"])
    scene.blame(CAUSE, TOKEN, domain="WS111", authority="local", clients=["ws111"],
                culprit=driver("creative-live-9x", files[1:], "Creative Labs"),
                walk=path.truth(missed))


@incident("unlocked_every_morning", "Q278660", server="dc01", frozen=True)
def every_morning(scene):
    """SMB1 to a domain controller that shows itself by NETLOGON. WS112 is started every morning for
    four days; the AudioPCI driver searches three directories, the token account is refused four
    times within the minute and locked (threshold 3); every evening somebody unlocks it again, and
    does not ask why."""
    scene.serve("dc01")
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner", "shell"))
    files = ("EAPCI2M.ECW", "CTPCIHLP.DLL", "MIXRES32.DLL")
    for day in range(4):
        if day:
            scene.unlock("dc01", TOKEN)
        scene.at(3600 + day * 86400 + day * day * 131)
        user = scene.link("ws112", kind="smb1-139")
        user.logon("kmeyer")
        path = Path((user, "SMSLOGON", ""), (user, "APPS", ""), (user, "CAP_S01", ""))
        for number in range(4):
            scene.at(3620 + day * 86400 + day * day * 131 + number * 9)
            token(user, "ws112", share=("SMSLOGON", "APPS")[number % 2])
            missed = path.search(files)
        user.close()
    scene.innocent(accounts=["kmeyer"])
    scene.blame(CAUSE, TOKEN, domain="WS112", authority="domain", clients=["ws112"],
                culprit=driver("creative-ensoniq-pci", files, "Creative / Ensoniq"),
                walk=path.truth(missed))


@incident("provider_libraries_at_member", "Q226368", server="mem01", frozen=True)
def nal_member(scene):
    """SMB 3.0. The SMS client service of WS113 looks for its provider libraries in two shares of a
    member of the domain that stand in PATH. SMSCliSvcAcct& is unknown to the member: refused every
    time, locked never."""
    scene.serve("mem01", threshold=5)
    scene.at(0)
    noise.crowd(scene, kind="3.0")
    user = scene.link("ws113", kind="3.0")
    user.logon("tnguyen")
    path = Path((user, "APPS", ""), (user, "CAP_S01", ""))
    files = ("mslmclin.dll", "abnwcli.dll", "bindclin.dll")
    for when in (35, 36, 640, 1250, 1866, 2555, 3000):
        scene.at(when)
        own_account(scene, "ws113", CLIENT_SERVICE, kind="3.0")
        missed = path.search(files)
    scene.innocent(accounts=["tnguyen"])
    scene.blame(CAUSE, CLIENT_SERVICE, domain="WS113", authority="local", clients=["ws113"],
                culprit={"kind": "program", "id": "sms-nal-network-dlls", "vendor": "Microsoft",
                         "files": list(files), "optional": True}, walk=path.truth(missed))


@incident("auddrive_by_old_commands", "Q248880", frozen=True)
def auddrive_old(scene):
    """SMB1 with OEM strings and DOS error codes. AUDDRIVE.SYS, and nothing else, is looked for in
    three directories by SMB_COM_SEARCH and SMB_COM_OPEN in turn; Compaq shipped a driver of that
    name, ESS as well. The token account is refused seven times (threshold 12: never locked)."""
    scene.serve("cap01", threshold=12, lines=("nt status support = no",))
    scene.at(0)
    noise.crowd(scene, without=("work", "scanner"))
    user = scene.link("ws114", kind="smb1-dos")
    user.logon("lnovak")
    path = Path((user, "CAP_S01", ""), (user, "APPS", ""), (user, "SMSLOGON", ""))
    for turn, when in enumerate((19, 90, 91, 400, 731, 1500, 1502)):
        scene.at(when)
        token(user, "ws114", share="CAP_S01")
        missed = path.search(("AUDDRIVE.SYS",), how=("SMB_COM_SEARCH", "SMB_COM_OPEN")[turn % 2])
    scene.innocent(accounts=["lnovak"])
    scene.blame(CAUSE, TOKEN, domain="WS114", authority="local", clients=["ws114"],
                culprit=driver("compaq-auddrive", ("AUDDRIVE.SYS",), "Compaq",
                               candidates=["compaq-auddrive", "ess-auddrive-nt"]),
                walk=path.truth(missed))


@incident("etherjet_at_three_desks", "Q262341", server="dc01", frozen=True)
def etherjet_desks(scene):
    """SMB 2.1 over IPv6. WS115, WS116 and WS117 have the same EtherJet adapter and take inventory
    at the same hour: each searches one directory of PATH, and each sends its own local token
    account to the domain controller, which nothing shows to be one. Locked at the seventh. WS118
    has no such adapter, and its users work on."""
    scene.v6 = True
    scene.serve("dc01", threshold=7)
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    noise.good_user(scene, "ws118", "fblack", share="SMSLOGON")
    people, paths = {"ws115": "kmeyer", "ws116": "dbrown", "ws117": "tnguyen"}, {}
    files = ("ibmfe.sys", "ibmfent.sys")
    for host, account in people.items():
        link = scene.link(host)
        link.logon(account)
        paths[host] = Path((link, "SMSLOGON", ""))
    for turn in range(4):
        for number, host in enumerate(people):
            scene.at(600 + turn * 3600 + number * 26 + turn % 2 * 3)
            new_connection(scene, host)
            missed = paths[host].search(files)
    scene.innocent(accounts=people.values())
    for host in people:
        scene.blame(CAUSE, TOKEN, domain=host.upper(), authority="domain", clients=[host],
                    culprit=driver("ibm-etherjet", files, "IBM"), walk=paths[host].truth(missed))


@incident("search_ends_at_a_closed_folder", "Q278660", frozen=True)
def closed_folder(scene):
    """SMB 2.1. The second directory of PATH is a folder that users may not enter: there each name
    is answered 0xC0000022, which ends the search; the third is never asked. Sound Blaster files of
    Windows NT on WS124; the token account is locked at the fifth."""
    scene.serve("cap01", threshold=5)
    scene.put("cap01", "APPS", "Admin/here.txt")
    (scene.lab.servers["cap01"].home / "site" / "APPS" / "Admin").chmod(0o700)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws124")
    user.logon("tnguyen")
    path = Path((user, "SMSLOGON", ""), (user, "APPS", "Admin"))
    files = ("sb16snd.sys", "_sndblst.dll", "sbawe32.sys")
    for when in (48, 333, 340, 1290, 2901, 3000, 4444):
        scene.at(when)
        new_connection(scene, "ws124")
        for name in files:
            user.look("SMSLOGON", name)
            user.look("APPS", f"Admin\\{name}", status=DENIED)
    scene.innocent(accounts=["tnguyen"])
    scene.blame(CAUSE, TOKEN, domain="WS124", authority="local", clients=["ws124"],
                culprit=driver("creative-sb-nt4", files, "Creative Labs"), walk=path.truth(files))


@incident("begins_between_two_searches", "Q248880", server="fs02", frozen=True)
def between(scene):
    """SMB1 over NetBIOS. The capture begins while WS125 works in a session that nobody saw begin:
    the Crystal NT driver's files are looked for under two tree ids, and the token account is
    refused on the same connection, its requests naming the shares they want. Locked at the
    fifth."""
    links = []

    def earlier():
        links.append(scene.link("ws125", kind="smb1-139"))
        links[0].before("lnovak", share="APPS")
        links[0].tree("CAP_S01")
    scene.serve("fs02", threshold=5, before=earlier)
    path = Path((links[0], "APPS", ""), (links[0], "CAP_S01", ""))
    files = ("CS32BA11.SYS", "CWAUDIO.BIN", "CSBASE.SYS")
    scene.at(0)
    noise.crowd(scene)
    for when in (30, 32, 410, 1000, 1633, 2500, 2502):
        scene.at(when)
        token(links[0], "ws125", share="APPS")
        missed = path.search(files)
    for one in scene.truth["opens"]:
        if one["account"] == "lnovak":
            one.update(share=None, account=None)
    scene.innocent(accounts=["lnovak"])
    scene.blame(CAUSE, TOKEN, domain="WS125", authority="local", clients=["ws125"],
                culprit=driver("crystal-nt4", files, "Crystal Semiconductor"),
                walk={"directories": [], "missing": missed})


@incident("search_where_guests_are_let_in", "Q278660", frozen=True)
def guests(scene):
    """SMB 2.1. The server lets in as guest whoever has the wrong password, so the token account of
    WS126 seems to be granted, with the guest flag, until it is locked all the same (threshold 4)
    and is told so. Around it the Yamaha driver searches two directories in a good session. That
    guests hide the failures is as right an answer."""
    scene.serve("cap01", threshold=4, lines=("map to guest = bad password",))
    scene.at(0)
    noise.crowd(scene, without=("typing",))
    user = scene.link("ws126")
    user.logon("kmeyer")
    path = Path((user, "APPS", ""), (user, "SMSLOGON", ""))
    files = ("opl3sax.sys", "sareserv.inf")
    for turn, when in enumerate((40, 41, 700, 1500, 1502, 2390)):
        scene.at(when)
        facts = {"wire_status": nt("OK"), "guest": True} if turn < 4 else {}
        scene.once("ws126", TOKEN, "Wks!Tok-ws126", "WS126", **facts)
        missed = path.search(files)
    scene.innocent(accounts=["kmeyer"])
    scene.blame(CAUSE, TOKEN, domain="WS126", authority="local", clients=["ws126"],
                cause_also=["guest-mapping"], culprit=driver("yamaha-opl3sax", files, "Yamaha"),
                walk=path.truth(missed))


# Their accounts without any search.

@incident("client_service_at_two_points", "Q231399", server="cap01 fs02", frozen=True)
def two_points(scene):
    """SMB1 over NetBIOS. Five clients go to the access point CAP01 (CAP_S01) and to the
    distribution point FS02 (SMSPKGD$) with their own SMSCliSvcAcct&; both have an account of that
    name and lock it (threshold 6). On one of the clients somebody asks for commands that are not
    there."""
    scene.serve("cap01", "fs02", threshold=6)
    scene.at(0)
    noise.crowd(scene, "cap01")
    clients = ("ws101", "ws102", "ws103", "ws104", "ws105")
    prompt = scene.link("ws102", "fs02", "smb1")
    prompt.logon("kmeyer")
    typed = [f"PING6.{ending}" for ending in ("COM", "EXE", "BAT", "CMD")]
    for turn in range(2):
        for number, host in enumerate(clients):
            scene.at(50 + turn * 1800 + number * 71)
            local(scene, host, CLIENT_SERVICE, server="cap01")
            local(scene, host, CLIENT_SERVICE, server="fs02", share="SMSPKGD$")
        scene.at(1000 + turn * 1800)
        for name in typed:
            prompt.look("APPS", name, how="TRANS2_FIND_FIRST2")
    scene.innocent(accounts=["kmeyer"], files=typed)
    scene.blame(SITE_CAUSE, CLIENT_SERVICE, authority="local", clients=clients,
                servers=["cap01", "fs02"])


@incident("client_service_at_controller", "Q231399", server="dc01", frozen=True)
def service_at_controller(scene):
    """SMB1 over NetBIOS, a domain controller (SYSVOL, Kerberos, CORP<1C>) that is a logon point.
    Three clients want SMSLOGON as their local SMSCliSvcAcct&, of which a domain has none: refused
    every hour, locked never, whatever the threshold."""
    scene.serve("dc01")
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene)
    clients = ("ws106", "ws107", "ws108")
    for turn in range(4):
        for number, host in enumerate(clients):
            scene.at(200 + turn * 3607 + number * 140 + turn * number)
            local(scene, host, CLIENT_SERVICE, share="SMSLOGON")
    scene.blame(SITE_CAUSE, CLIENT_SERVICE, authority="domain", clients=clients)


@incident("one_client_at_the_access_point", "Q299352", frozen=True)
def one_client(scene):
    """SMB1 over NetBIOS. WS106 alone goes to CAP_S01 and SMSPKGD$ with its local token account, now
    and then, and locks the access point's (threshold 4). Its user's shell looks for desktop.ini and
    thumbs.db in folder after folder of APPS; no program's file is ever looked for."""
    scene.serve("cap01", threshold=4)
    folders = ("letters", "tables", "tables\\2001")
    for folder in folders:
        scene.put("cap01", "APPS", folder.replace("\\", "/") + "/x.txt")
    scene.at(0)
    noise.crowd(scene, without=("shell",))
    user = scene.link("ws106", kind="smb1")
    user.logon("kmeyer")
    files = ("desktop.ini", "thumbs.db")
    for turn, when in enumerate((80, 1400, 1460, 5205, 9000, 17000)):
        scene.at(when)
        local(scene, "ws106", share=("CAP_S01", "SMSPKGD$")[turn % 2])
        scene.at(when + 15)
        for name in files:
            user.look("APPS", f"{folders[turn % 3]}\\{name}", how="TRANS2_QUERY_PATH_INFORMATION")
    scene.innocent(accounts=["kmeyer"], files=files)
    scene.blame(SITE_CAUSE, TOKEN, domain="WS106", authority="local", clients=["ws106"])


@incident("distribution_point_with_dos_codes", "Q299352", server="fs02", frozen=True)
def dos_point(scene):
    """SMB1 with DOS error codes. Seven clients want SMSPKGD$ of a distribution point as their local
    token accounts, twice each; whether the account is locked (threshold 6) 1/5 does not tell."""
    scene.serve("fs02", threshold=6, lines=("nt status support = no",))
    scene.at(0)
    noise.crowd(scene, without=("work", "scanner"))
    clients = [f"ws{number}" for number in range(107, 114)]
    for turn in range(2):
        for number, host in enumerate(clients):
            scene.at(90 + turn * 5000 + number * 133 + number % 3 * 8)
            local(scene, host, kind="smb1-dos", share="SMSPKGD$")
    scene.blame(SITE_CAUSE, TOKEN, authority="local", clients=clients)


@incident("one_refusal_of_a_token_account", "Q231399", frozen=True)
def one_refusal(scene):
    """SMB 3.0. One refusal, and nothing else: WS114's local token account, once in two hours. Whose
    account it is can be seen, for which share it was cannot; to say nothing is right as well."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws114", kind="3.0")
    user.logon("jdoe")
    user.look("HOMES", "readme.txt", found=True)
    scene.at(2500)
    local(scene, "ws114", kind="3.0")
    scene.at(7200)
    user.look("HOMES", "readme.txt", found=True)
    scene.innocent(accounts=["jdoe"])
    scene.blame(SITE_CAUSE, TOKEN, domain="WS114", authority="local", clients=["ws114"],
                cause_also=[INVENTORY, UNKNOWN, None])


@incident("subst_in_a_home_folder", "Q241982", server="fs02", frozen=True)
def subst(scene):
    """SMB1 over NetBIOS. On WS115 somebody made a drive letter of a folder three levels below HOMES
    by subst. Every night the SMS client touches it, as SMSCliToknAcct& and, an hour later, as
    SMSCCMBootAcct&, both of the machine, and FS02 locks both (threshold 4). The folder's owner is
    granted everything. No program's file is looked for."""
    scene.serve("fs02", threshold=4)
    scene.put("fs02", "HOMES", "lnovak/work/plans/plan.txt")
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws115", kind="smb1-139")
    user.logon("lnovak")
    for night in range(3):
        user.look("HOMES", "lnovak\\work\\plans\\plan.txt", how="TRANS2_QUERY_PATH_INFORMATION",
                  found=True)
        for hour, account in enumerate((TOKEN, BOOT)):
            for number in range(2):
                scene.at(40000 + night * 86400 + hour * 3600 + number)
                local(scene, "ws115", account, share="HOMES")
    scene.innocent(accounts=["lnovak"])
    for account in (TOKEN, BOOT):
        scene.blame(INVENTORY, account, domain="WS115", authority="local", clients=["ws115"],
                    cause_also=[SITE_CAUSE])


@incident("printers_at_the_hour_of_inventory", "Q246164", server="fs02", frozen=True)
def printers(scene):
    """SMB1 over NetBIOS. Hardware inventory asks for the printers that are connected: at noon, on
    two days, six machines go to the printer shares LASER4 and PLOTTER of FS02 as their local token
    accounts, all within a minute and a half. Locked at the eighth. FS02 is no site system."""
    shares = ("LASER4", "PLOTTER")
    scene.serve("fs02", threshold=8, lines=[
        line for name in shares for line in share_of_its_own(scene, "fs02", name)])
    scene.at(0)
    noise.crowd(scene)
    clients = [f"ws{number}" for number in range(116, 121)] + ["ws125"]
    for day in range(2):
        for number, host in enumerate(clients):
            scene.at(3000 + day * 86400 + number * 15 + number % 2 * 4)
            local(scene, host, share=shares[number % 2])
    scene.blame(INVENTORY, TOKEN, authority="local", clients=clients)


@incident("inventory_by_the_clock", "Q232653", server="fs02", frozen=True)
def by_the_clock(scene):
    """SMB 2.1. Eight machines' users have their drives at FS02, which has no share of SMS. Once a
    day at the same minute the token accounts of all eight are refused there within forty seconds;
    the shares they want are not to be seen at this dialect. Locked at the tenth."""
    scene.serve("fs02", threshold=10)
    scene.at(0)
    noise.crowd(scene)
    clients = [f"ws{number}" for number in range(101, 109)]
    people = ("kmeyer", "lnovak", "tnguyen", "jdoe")
    for host, account in zip(clients, people):
        link = scene.link(host)
        link.logon(account)
        link.look("HOMES", "readme.txt", found=True)
    for day in range(2):
        for number, host in enumerate(clients):
            scene.at(7200 + day * 86400 + number * 5 + number * day % 3)
            local(scene, host, kind="2.1")
    scene.innocent(accounts=people)
    scene.blame(INVENTORY, TOKEN, authority="local", clients=clients, cause_also=[SITE_CAUSE])


@incident("package_of_a_sound_driver", "Q231399", server="cap01 fs02", frozen=True)
def sound_package(scene):
    """SMB1. An SMS package installs Yamaha's driver from the distribution point FS02: the installer
    looks for its files in the package's folder, finds most, and misses those of other systems. On
    CAP01 the local token accounts of the machines that run it, and of two that do not, are refused
    and lock the access point's (threshold 6). No PATH is searched."""
    scene.serve("cap01", "fs02", threshold=6)
    there, missing = ("ydsxg.vxd", "ydslg.drv", "ds1.cpl"), ("ydsxgdk.vxd", "ydsxg2k.inf")
    for name in there:
        scene.put("fs02", "SMSPKGD$", f"S0100007/{name}")
    scene.at(0)
    noise.crowd(scene, "cap01")
    clients = ("ws101", "ws102", "ws103", "ws104")
    for turn in range(2):
        for number, host in enumerate(clients):
            scene.at(100 + turn * 3000 + number * 250)
            local(scene, host, server="cap01")
            if number < 2:
                scene.at(140 + turn * 3000 + number * 250)
                link = scene.link(host, "fs02", "smb1")
                link.logon("SMSClient_S01")
                for name in (*there[:2], missing[0], there[2], missing[1]):
                    link.look("SMSPKGD$", f"S0100007\\{name}", how="SMB_COM_NT_CREATE_ANDX",
                              found=name in there)
                link.close()
    scene.innocent(accounts=["SMSClient_S01"], files=[*there, *missing])
    scene.blame(SITE_CAUSE, TOKEN, authority="local", clients=clients)


# Services and persons of SMS's time.

@incident("metering_of_a_local_logon", "Q256212", server="dc01", frozen=True)
def local_metering(scene):
    """SMB1 over NetBIOS. On WS126 kmeyer is logged on to the machine, not the domain; the metering
    client goes with that account to LICMTR, twice every quarter of an hour, and the domain
    controller counts it against the domain's kmeyer, who works on WS127. Locked at the seventh."""
    scene.serve("dc01", threshold=7)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner",))
    scene.once("ws127", "kmeyer", kind="smb1-139", share="HOMES")
    for turn in range(5):
        scene.at(400 + turn * 900)
        for _ in range(2):
            scene.once("ws126", "kmeyer", "at-home", "WS126", kind="smb1-139", share="LICMTR")
    scene.innocent(clients=["ws127"])
    scene.blame("local-user-same-name", "kmeyer", domain="WS126", authority="domain",
                clients=["ws126"], cause_also=[PERIODIC],
                culprit={"kind": "program", "id": "sms-licmtr", "vendor": "Microsoft",
                         "files": [], "optional": True})


@incident("client_monitor_by_dos_codes", "Q191828", server="cap01 fs02", frozen=True)
def monitor(scene):
    """SMB1 with DOS error codes. fblack changed the password on WS127 and works there, but has
    never logged off on WS128. Its client monitor (SMS 1.2) tries SMS_SHR and SMS_SHR2 of CAP01,
    then SMS_SHR of FS02, pauses for a minute, and begins again. It was granted yesterday."""
    scene.serve("cap01", "fs02", threshold=12, lines=("nt status support = no",))
    scene.at(0)
    scene.once("ws128", "fblack", server="cap01", kind="smb1-dos", share="SMS_SHR")
    noise.crowd(scene, "cap01", without=("work", "scanner"))
    for server in ("cap01", "fs02"):
        scene.set_password(server, "fblack", "fblack!Pw2")
    scene.at(40000)
    scene.once("ws127", "fblack", server="cap01", kind="smb1-dos", share="HOMES")
    for turn in range(8):
        scene.at(86400 + turn * 61 + turn % 2 * 0.3)
        for server, share in (("cap01", "SMS_SHR"), ("cap01", "SMS_SHR2"), ("fs02", "SMS_SHR")):
            scene.once("ws128", "fblack", "fblack!Pw1", server=server, kind="smb1-dos",
                       share=share)
    scene.innocent(clients=["ws127"])
    scene.blame(PERIODIC, "fblack", domain="CORP", authority="local", clients=["ws128"],
                servers=["cap01", "fs02"], cause_also=[STALE],
                culprit={"kind": "program", "id": "sms12-climonnt", "vendor": "Microsoft",
                         "files": [], "optional": True})


@incident("metering_server_every_quarter", "Q256127", server="dc01 sec01", frozen=True)
def metering_server(scene):
    """SMB 2.1. SEC01 is the software metering server (its clients open LICMTR there) and asks the
    domain controller for groups as svc_inventory, every 15 minutes. After the password is changed
    it goes on with the old one, which had been granted before. Locked at the fourth."""
    scene.set_password("dc01", "svc_inventory", "Inv!2026")
    scene.serve("dc01", "sec01", threshold=4)
    scene.at(0)
    noise.domain_members(scene)
    for host, account in (("ws101", "kmeyer"), ("ws102", "lnovak")):
        noise.good_user(scene, host, account, server="sec01", share="LICMTR").close()
    noise.crowd(scene, "dc01", without=("scanner",))
    for turn in range(2):
        scene.at(300 + turn * 900)
        scene.once("sec01", "svc_inventory", server="dc01")
    scene.set_password("dc01", "svc_inventory", "Inv!2027")
    for turn in range(2, 9):
        scene.at(300 + turn * 900 + turn % 3)
        scene.once("sec01", "svc_inventory", "Inv!2026", server="dc01")
    scene.blame(SERVICE, "svc_inventory", domain="CORP", authority="domain", clients=["sec01"],
                servers=["dc01"], cause_also=[PERIODIC])


@incident("package_command_manager_goes_on", "Q230242", frozen=True)
def command_manager(scene):
    """SMB1 over NetBIOS. The password of pwexp has expired while its owner stays logged on at
    WS129; the package command manager (SMS 1.2) wants SMS_SHR every hour and is told 0xC0000071
    each time. A Crystal driver searches two directories on WS130, in a good session."""
    scene.serve("cap01")
    scene.books["cap01"].setdefault("pwexp", "Exp1!pass")
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    user = scene.link("ws130", kind="smb1-139")
    user.logon("tnguyen")
    path = Path((user, "APPS", ""), (user, "SMS_SHR", ""))
    files = ("CWBAUDIO.BIN", "CWBPCPLE.DLL")
    for turn in range(5):
        scene.at(500 + turn * 3600)
        scene.once("ws129", "pwexp", kind="smb1-139", share="SMS_SHR", means="PASSWORD_EXPIRED")
        scene.at(1900 + turn * 3600 + turn * 97)
        path.search(files)
    scene.innocent(clients=["ws130"], accounts=["tnguyen"], files=files)
    scene.blame("password-expired", "pwexp", domain="CORP", authority="local", clients=["ws129"],
                cause_also=[PERIODIC])


@incident("one_account_many_prefixes", "Q257269", server="cap01 site01", frozen=True)
def prefixes(scene):
    """SMB 2.0.2. Client configuration manager, before SP2, tries SMSService with one domain after
    the other: CORP, SITE01, MASTER. The site server was granted as CORP\\SMSService; after the
    password was changed it is refused under all three, every half hour, and locked at the seventh.
    SITE01 serves files itself."""
    scene.serve("cap01", "site01", threshold=7)
    scene.at(0)
    noise.good_user(scene, "ws101", "jdoe", server="site01", share="SMS_S01").close()
    noise.crowd(scene, "cap01")
    scene.once("site01", "SMSService", server="cap01", kind="2.0.2")
    scene.set_password("cap01", "SMSService", "Svc!2027")
    for turn in range(4):
        for number, domain in enumerate(("CORP", "SITE01", "MASTER")):
            scene.at(1800 * (turn + 1) + number)
            scene.once("site01", "SMSService", "Svc!2026", domain, server="cap01", kind="2.0.2")
    scene.blame(SERVICE, "SMSService", authority="local", clients=["site01"], servers=["cap01"])


@incident("site_server_with_a_sound_card", "Q243602", server="fs02 site01", frozen=True)
def sound_card(scene):
    """SMB1. The site server SITE01 has a Yamaha card, of all things, and whoever works at its desk
    has the driver search two shares of FS02, at no rhythm, in a good session. Minutes away from it,
    and every twenty minutes, SMSService is refused, since its password was changed. Locked at the
    fifth. The driver has no part in it."""
    scene.serve("fs02", "site01", threshold=5)
    scene.at(0)
    noise.good_user(scene, "ws101", "jdoe", server="site01", share="SMS_S01").close()
    noise.crowd(scene, "fs02")
    for turn in range(2):
        scene.at(60 + turn * 1200)
        scene.once("site01", "SMSService", server="fs02", kind="smb1-139", share="CAP_S01")
    desk = scene.link("site01", "fs02", "smb1")
    desk.logon("lnovak")
    path = Path((desk, "APPS", ""), (desk, "HOMES", ""))
    files = ("OPL3SA.DRV", "SACOM.INF")
    scene.set_password("fs02", "SMSService", "Svc!2027")
    for turn in range(2, 9):
        scene.at(60 + turn * 1200)
        scene.once("site01", "SMSService", "Svc!2026", server="fs02", kind="smb1-139",
                   share="CAP_S01")
        if turn != 4:
            scene.at(60 + turn * 1200 + 310 + turn * 67)
            path.search(files)
    scene.innocent(accounts=["lnovak"], files=files)
    scene.blame(SERVICE, "SMSService", domain="CORP", authority="local", clients=["site01"],
                servers=["fs02"])


@incident("token_account_is_granted", "Q278660", frozen=True)
def granted(scene):
    """SMB 3.1.1. On WS131 a Crystal driver searches two directories and the token account goes to
    the server beside it, as everywhere; but here its password is the server's, and it is granted
    every time. dbrown on WS132 forgets the password after a holiday, four times, and then remembers
    it (threshold 6). Nothing is wrong with the driver."""
    scene.serve("cap01", threshold=6)
    scene.at(0)
    noise.crowd(scene, without=("typing",))
    user = scene.link("ws131", kind="3.1.1")
    user.logon("kmeyer")
    path = Path((user, "SMSLOGON", ""), (user, "APPS", ""))
    files = ("cwdaudio.ini", "cwdmix.exe")
    for turn in range(5):
        scene.at(70 + turn * 700)
        scene.once("ws131", TOKEN, None, "WS131", kind="3.1.1")
        path.search(files)
        if turn == 2:
            for number in range(4):
                scene.at(1500 + number * 21 + number % 2 * 5)
                scene.once("ws132", "dbrown", f"summer{number}", kind="3.1.1")
            scene.at(1640)
            scene.once("ws132", "dbrown", kind="3.1.1")
    scene.innocent(clients=["ws131"], accounts=["kmeyer", TOKEN], files=files)
    scene.blame(UNKNOWN, "dbrown", domain="CORP", authority="local", clients=["ws132"],
                cause_also=[None], is_victim=True)


@incident("reset_site_and_local_tokens", "Q256309", server="site01 sec01", frozen=True)
def reset_site(scene):
    """SMB 3.0 and SMB1. Two things at the site server SITE01, neither of them the other's fault:
    the logon point SEC01 goes on with the password that SMSServer_ABC had before a site reset, once
    an hour, having been granted before; and three clients use their local token accounts on SMS_S01
    and SMSLOGON. Both accounts are locked (threshold 4)."""
    scene.serve("site01", "sec01", threshold=4)
    scene.at(0)
    noise.good_user(scene, "ws104", "jdoe", server="sec01", share="SMSLOGON").close()
    noise.crowd(scene, "site01")
    scene.once("sec01", "SMSServer_ABC", server="site01", kind="3.0")
    scene.set_password("site01", "SMSServer_ABC", "Ser!ABC-b")
    clients = ("ws101", "ws102", "ws103")
    for turn in range(6):
        scene.at(3600 * (turn + 1) + turn)
        scene.once("sec01", "SMSServer_ABC", "Ser!ABC-a", server="site01", kind="3.0")
        if turn < 3:
            for number, host in enumerate(clients):
                scene.at(3600 * (turn + 1) + 700 + number * 420 + turn * 55)
                local(scene, host, server="site01", share=("SMS_S01", "SMSLOGON")[number % 2])
    scene.blame(SERVICE, "SMSServer_ABC", domain="CORP", authority="local", clients=["sec01"],
                servers=["site01"])
    scene.blame(SITE_CAUSE, TOKEN, authority="local", clients=clients, servers=["site01"])


@incident("installation_account_is_looked_up", "Q307434", server="dc01", frozen=True)
def looked_up(scene):
    """SMB1 over NetBIOS to a domain controller (SYSVOL, Kerberos, CORP<1C>). Before a package runs,
    Windows 2000 machines ask the controller about the software installation account, by IPC$, as
    their local SMSCliToknAcct&: the DOMAIN's account is locked at the fifth. Four machines, twice
    each; nobody looks for a file."""
    scene.serve("dc01", threshold=5)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene)
    clients = ("ws104", "ws105", "ws106", "ws107")
    for turn in range(2):
        for number, host in enumerate(clients):
            scene.at(333 + turn * 2700 + number * 190 + turn * number * 17)
            local(scene, host, share="IPC$")
    scene.blame(SITE_CAUSE, TOKEN, authority="domain", clients=clients)


@incident("metering_of_a_disabled_account", "Q287626", server="fs02", frozen=True)
def metering_disabled(scene):
    """SMB1 over NetBIOS. The metering client on WS108, where old_emp has been logged on since
    before the account was disabled, wants LICMTR fifteen times back to back, and again every
    minute: always 0xC0000072."""
    scene.serve("fs02")
    scene.at(0)
    noise.crowd(scene)
    meter = scene.link("ws108", kind="smb1-139")
    for turn in range(4):
        scene.at(120 + turn * 60.4)
        for _ in range(15):
            meter.logon("old_emp", means="ACCOUNT_DISABLED", share="LICMTR")
    scene.blame("account-disabled", "old_emp", domain="CORP", authority="local",
                clients=["ws108"], cause_also=[PERIODIC],
                culprit={"kind": "program", "id": "sms-licmtr", "vendor": "Microsoft",
                         "files": [], "optional": True})


@incident("connection_account_and_one_sound_card", "Q237759", frozen=True)
def connection_account(scene):
    """SMB 3.0. Fourteen clients were granted as SMSClient_XYZ; after its password was changed they
    all go on, once an hour, and lock it (threshold 12). One of them, WS109, has a Sound Blaster
    whose driver searches two directories of the same server, half an hour away from any failure.
    That is no part of it."""
    scene.serve("cap01", threshold=12)
    clients = [f"ws{number}" for number in range(101, 115)]
    scene.at(0)
    for host in clients:
        scene.once(host, "SMSClient_XYZ", kind="3.0")
    noise.crowd(scene, without=("scanner", "shell"))
    user = scene.link("ws109", kind="3.0")
    user.logon("tnguyen")
    path = Path((user, "APPS", ""), (user, "CAP_S01", ""))
    files = ("sb16snd.dll", "_sbawe32.sys")
    scene.set_password("cap01", "SMSClient_XYZ", "Cli!XYZ-b")
    for turn in range(2):
        for number, host in enumerate(clients):
            scene.at(3600 * (turn + 1) + number * 31 + turn % 2 * 4)
            scene.once(host, "SMSClient_XYZ", "Cli!XYZ-a", kind="3.0")
        scene.at(3600 * (turn + 1) + 2100 + turn * 55)
        path.search(files)
    scene.innocent(accounts=["tnguyen"], files=files)
    scene.blame(SHARED, "SMSClient_XYZ", domain="CORP", authority="local", clients=clients,
                cause_also=[SERVICE])
