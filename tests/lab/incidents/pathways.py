"""Clients of SMS 2.0 on Windows NT and 2000: what searches PATH over the network, whose account pays
for it, and what only looks like it."""
import noise
from driver import Path, driver
from scene import incident
from status import nt

from .accounts import UNKNOWN
from .own_business import own_share
from .path_search import BOOT, SERVICE as CLIENT_SERVICE, local as own_account
from .site_systems import CAUSE as SITE_CAUSE, local
from .stale import SERVICE
from .walks import CAUSE, TOKEN, new_connection, token

STALE, PERIODIC = "stale-mapped-drive-or-saved-credential", "periodic-retry-program"
INVENTORY, LOCKED = "local-account-inventory", "account-locked-out"
NO_PATH = nt("OBJECT_PATH_NOT_FOUND")


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
    """SMB1 with DOS error codes. Sound Blaster 16 files are asked for in one network directory only,
    two folders below a share, whenever hardware inventory is at work on WS102; the token account is
    refused twice each time. 1/5 is all that the server says, locked (from the sixth on) or not."""
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
    there ends in 0xC000003A, the one in the next directory in 0xC0000034. ESS AudioDrive files;
    the token account rides with tree connects and is locked at the fourth."""
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
    """SMB1. Windows NT 4.0 before SP4 with Remote Access: each name resolution looks for RTUTILS.DLL
    in the two network directories of PATH, by TRANS2_FIND_FIRST2. The token account is refused
    within the same seconds and locked (threshold 5). A colleague's shell looks for desktop.ini in
    one of the same shares."""
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
    """SMB 3.0. One name only, es1969.sys, in three directories; the token account of WS107 is locked
    for it (threshold 4). tnguyen, who works on the same machine, mistypes the password of a drive
    twice and gets it right: that is nobody's fault but a finger's."""
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
    in which the Sound Blaster Live! driver searches is older than the capture: missing files
    under two tree ids without names, and 0xC0000234 for the token account of the same machine beside
    each search. That the account is locked is as right an answer."""
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
