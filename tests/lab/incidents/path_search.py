"""More programs that search PATH over the network: other vendors, other shapes of PATH, other
protocols, captures that begin too late."""
import noise
from driver import Path, driver
from scene import incident

from .walks import CAUSE, LOCAL_PASSWORD, TOKEN, new_connection, token

BOOT, SERVICE = "SMSCCMBootAcct&", "SMSCliSvcAcct&"


def local(scene, host, account, **more):
    """A logon with one of the machine's own accounts of SMS."""
    return scene.once(host, account, f"Own!{host}-{account[:8]}", host.upper(), **more)


@incident("live_four_directories", "Q278660", server="cap01 fs02")
def live(scene):
    """SMB 2.0.2 over IPv6. Sound Blaster Live! files along four network directories on two servers,
    two of them folders below a share; one file is found in the third. The token account is refused
    on connections of its own; no lockout policy."""
    scene.v6 = True
    scene.serve("cap01", "fs02", threshold=0)
    scene.put("fs02", "APPS", "Win/Audio/sfman32.dll")
    scene.put("cap01", "SMSLOGON", "x86.bin/here.txt")
    scene.at(0)
    noise.crowd(scene, "fs02")
    first = scene.link("ws105", "cap01", "2.0.2")
    first.logon("kmeyer")
    second = scene.link("ws105", "fs02", "2.0.2")
    second.logon("kmeyer")
    path = Path((first, "SMSLOGON", "x86.bin"), (second, "HOMES", ""),
                (second, "APPS", "Win\\Audio"), (first, "CAP_S01", ""))
    files = ("emu10k1.vxd", "sfman32.dll", "ctwt16.drv", "default.ecw")
    for when in (75, 512, 1340, 3011, 4444):
        scene.at(when)
        new_connection(scene, "ws105", "cap01", "2.0.2")
        missed = path.search(files, found=(("sfman32.dll", 2),))
        scene.at(when + 0.7)
        new_connection(scene, "ws105", "fs02", "2.0.2")
    scene.innocent(accounts=["kmeyer"])
    scene.blame(CAUSE, TOKEN, domain="WS105", authority="local", clients=["ws105"],
                servers=["cap01", "fs02"], walk=path.truth(missed),
                culprit=driver("creative-live-9x", files, "Creative Labs"))


@incident("soundfusion_by_address", "Q278660")
def soundfusion(scene):
    """SMB1 with OEM strings. PATH names the server by its address: \\\\192.0.2.10\\apps\\TOOLS\\BIN
    and \\\\192.0.2.10\\cap_s01. SoundFusion files are looked for there by NT_CREATE_ANDX; the token
    account rides with tree connects in the same requests and is locked (threshold 7)."""
    scene.serve("cap01", threshold=7)
    scene.put("cap01", "APPS", "TOOLS/BIN/here.exe")
    scene.at(0)
    noise.crowd(scene, without=("typing",))
    user = scene.link("ws106", kind="smb1", by="192.0.2.10", unicode=False)
    user.logon("tnguyen")
    path = Path((user, "apps", "TOOLS\\BIN"), (user, "cap_s01", ""))
    files = ("CWCPROPS.CPL", "CWCDOS.EXE", "CWCAUDIO.INF")
    for when in (18, 19.5, 240, 242, 700, 1600):
        scene.at(when)
        token(user, "ws106", share="apps")
        missed = path.search(files, how="SMB_COM_NT_CREATE_ANDX")
        token(user, "ws106", share="cap_s01")
    scene.innocent(accounts=["tnguyen"])
    scene.blame(CAUSE, TOKEN, domain="WS106", authority="local", clients=["ws106"],
                culprit=driver("crystal-soundfusion", files, "Crystal Semiconductor"),
                walk=path.truth(missed))


@incident("cs423x_dos_errors", "Q278660")
def cs423x(scene):
    """SMB1 with DOS error codes: a wrong password and a locked account look the same (1/5), a
    missing file is 1/2. Files of the older Crystal drivers over three shares; the token account is
    refused around it, from the sixth time on because it is locked (threshold 5)."""
    scene.serve("cap01", threshold=5, lines=("nt status support = no",))
    scene.at(0)
    noise.crowd(scene, without=("work",))
    user = scene.link("ws107", kind="smb1-dos")
    user.logon("lnovak")
    path = Path((user, "SMS_SHR", ""), (user, "APPS", ""), (user, "SMSLOGON", ""))
    files = ("CSMIDI.DRV", "CS4232.INI", "CSPCPLE.DLL")
    for when in (33, 90, 151, 290, 430, 600, 777, 951):
        scene.at(when)
        token(user, "ws107", share="SMS_SHR")
        missed = path.search(files)
    scene.innocent(accounts=["lnovak"])
    scene.blame(CAUSE, TOKEN, domain="WS107", authority="local", clients=["ws107"],
                culprit=driver("crystal-cs423x-9x", files, "Crystal Semiconductor"),
                walk=path.truth(missed))


@incident("crystal_under_client_service", "Q248880")
def crystal_nt4(scene):
    """SMB 3.0. The SMS client service of WS108 is at work when the Crystal NT driver initialises:
    it is the local SMSCliSvcAcct& that goes out, and is locked on the access point (threshold 4).
    One directory of PATH only, below a share, written in upper case."""
    scene.serve("cap01", threshold=4)
    scene.put("cap01", "APPS", "NT4/SYSTEM/here.dll")
    scene.at(0)
    noise.crowd(scene, without=("shell",))
    user = scene.link("ws108", kind="3.0", by="CAP01")
    user.logon("kmeyer")
    path = Path((user, "APPS", "NT4\\SYSTEM"))
    files = ("CS32BA11.SYS", "_CS32BA1.DLL", "CSBASE.DLL")
    for when in (40, 41, 333, 800, 1203, 1500):
        scene.at(when)
        missed = path.search(files)
        local(scene, "ws108", SERVICE, kind="3.0")
    scene.innocent(accounts=["kmeyer"])
    scene.blame(CAUSE, SERVICE, domain="WS108", authority="local", clients=["ws108"],
                culprit=driver("crystal-nt4", files, "Crystal Semiconductor"),
                walk=path.truth(missed))


@incident("ensoniq_on_two_machines", "Q278660")
def ensoniq(scene):
    """SMB 3.1.1, signed. Two machines of one series have the same AudioPCI driver and the same
    PATH; both token accounts lock the one of the access point (threshold 9), taking turns."""
    scene.serve("cap01", threshold=9)
    scene.at(0)
    noise.crowd(scene)
    files = ("eapci2m.ecw", "eapci4m.ecw", "ctpcihlp.dll")
    people, paths = {"ws109": "kmeyer", "ws110": "lnovak"}, {}
    for host, account in people.items():
        link = scene.link(host, kind="3.1.1")
        link.logon(account)
        paths[host] = Path((link, "SMSLOGON", ""), (link, "SMSPKGD$", ""))
    for turn in range(6):
        for number, host in enumerate(people):
            scene.at(61 + turn * 173 + number * 44)
            new_connection(scene, host, kind="3.1.1")
            missed = paths[host].search(files)
    scene.innocent(accounts=people.values())
    for host in people:
        scene.blame(CAUSE, TOKEN, domain=host.upper(), authority="local", clients=[host],
                    culprit=driver("creative-ensoniq-pci", files, "Creative / Ensoniq"),
                    walk=paths[host].truth(missed))


@incident("soundscape_at_installation", "Q241982")
def soundscape(scene):
    """SMB1 with SPNEGO. While SMS installs its client on WS111 with SMSCCMBootAcct&, the Soundscape
    driver asks for its files by QUERY_PATH_INFORMATION in two directories; that account is
    refused six times, and locked at the third."""
    scene.serve("cap01", threshold=3)
    scene.put("cap01", "HOMES", "bin/here.txt")
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    user = scene.link("ws111", kind="smb1-spnego")
    user.logon("tnguyen")
    path = Path((user, "CAP_S01", ""), (user, "HOMES", "bin"))
    files = ("sndscape.ini", "sscape.cpl", "ssinit.exe")
    for when in (15, 16, 64, 301, 302, 950):
        scene.at(when)
        local(scene, "ws111", BOOT, kind="smb1-spnego")
        missed = path.search(files, how="TRANS2_QUERY_PATH_INFORMATION")
    scene.innocent(accounts=["tnguyen"])
    scene.blame(CAUSE, BOOT, domain="WS111", authority="local", clients=["ws111"],
                culprit=driver("ensoniq-soundscape", files, "Ensoniq"), walk=path.truth(missed))


@incident("maestro_by_search", "Q278660")
def maestro(scene):
    """SMB 2.1. Files of the ESS Maestro (names nobody documented) are searched by QUERY_DIRECTORY
    in two directories; the token account is refused a second later each time, once an hour, with a
    lock at the fourth."""
    scene.serve("cap01", threshold=4)
    scene.put("cap01", "APPS", "drivers/here.txt")
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws112")
    user.logon("lnovak")
    path = Path((user, "APPS", "drivers"), (user, "SMS_SHR", ""))
    files = ("maestro2.sys", "es198xdl.dll", "allegro.ini")
    for turn in range(6):
        scene.at(1200 + turn * 3600 + turn % 2 * 77)
        missed = path.search(files, how="SMB2_QUERY_DIRECTORY")
        scene.at(1201 + turn * 3600 + turn % 2 * 77)
        new_connection(scene, "ws112")
    scene.innocent(accounts=["lnovak"])
    scene.blame(CAUSE, TOKEN, domain="WS112", authority="local", clients=["ws112"],
                culprit=driver("ess-maestro-allegro", files, "ESS Technology"),
                walk=path.truth(missed))


@incident("opl3sax_seen_too_late", "Q278660")
def too_late(scene):
    """SMB1. The capture begins in the middle: the session in which the Yamaha driver searches is
    older, so neither its user nor the names of its shares are on the wire; there are two tree ids
    and the names of the files. The token account is refused beside it and locked (threshold 5)."""
    links = []

    def earlier():
        link = scene.link("ws113", kind="smb1")
        links.append(link)
        link.before("kmeyer", share="APPS")
        link.tree("SMSLOGON")
    scene.serve("cap01", threshold=5, before=earlier)
    path = Path((links[0], "APPS", ""), (links[0], "SMSLOGON", ""))
    files = ("VOPL3SA.VXD", "SACDROM.SYS", "OPL3SACX.DLL")
    scene.at(0)
    noise.crowd(scene, without=("work",))
    for when in (22, 80, 141, 333, 335, 610, 900):
        scene.at(when)
        missed = path.search(files)
        new_connection(scene, "ws113", kind="smb1-139")
    for one in scene.truth["opens"]:
        if one["account"] == "kmeyer":
            one.update(share=None, account=None)
    scene.innocent(accounts=["kmeyer"])
    scene.blame(CAUSE, TOKEN, domain="WS113", authority="local", clients=["ws113"],
                culprit=driver("yamaha-opl3sax", files, "Yamaha"),
                walk={"directories": [], "missing": missed})


@incident("dsxg_at_each_boot", "Q278660", server="dc01")
def dsxg(scene):
    """SMB 3.0.2 to a domain controller (SYSVOL, Kerberos, CORP<1C>). Yamaha's DS-XG driver searches
    three directories when the machine starts, every four hours; the DOMAIN's token account is
    refused twice each time, and locked from the third on."""
    scene.serve("dc01")
    scene.put("dc01", "CAP_S01", "client/x86/here.dll")
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner",))
    files = ("ydslg.drv", "vsvl.vxd", "dspowext.dll")
    for turn in range(4):
        scene.at(600 + turn * 14400 + turn * 31)
        user = scene.link("ws114", kind="3.0.2")
        user.logon("kmeyer")
        path = Path((user, "APPS", ""), (user, "CAP_S01", "client\\x86"), (user, "SMS_S01", ""))
        new_connection(scene, "ws114", kind="3.0.2")
        missed = path.search(files)
        new_connection(scene, "ws114", kind="3.0.2")
        user.close()
    scene.innocent(accounts=["kmeyer"])
    scene.blame(CAUSE, TOKEN, domain="WS114", authority="domain", clients=["ws114"],
                culprit=driver("yamaha-dsxg", files, "Yamaha"), walk=path.truth(missed))


@incident("etherjet_at_member", "Q262341", server="mem01 fs02")
def etherjet_member(scene):
    """SMB1 and SMB 2.1. The first server of PATH is a member of the domain that has no such
    account, the second stands alone and has one. EtherJet files, asked by three commands in turn.
    Refused by both, locked by the second only (threshold 3)."""
    scene.serve("mem01", "fs02")
    scene.at(0)
    noise.crowd(scene, "mem01", kind="3.0")
    first = scene.link("ws115", "mem01", "smb1-139")
    first.logon("kmeyer")
    second = scene.link("ws115", "fs02", "smb1-139")
    second.logon("kmeyer")
    path = Path((first, "APPS", ""), (second, "CAP_S01", ""), (second, "SMSLOGON", ""))
    files = ("IBMFE.SYS", "IBMFENT.SYS", "IBMFE.INF")
    for number, how in enumerate(("SMB_COM_OPEN_ANDX", "TRANS2_FIND_FIRST2",
                                  "SMB_COM_NT_CREATE_ANDX", "SMB_COM_OPEN_ANDX")):
        scene.at(25 + number * 210 + number * number)
        token(first, "ws115", share="APPS")
        token(second, "ws115", share="CAP_S01")
        missed = path.search(files, how=how)
    scene.innocent(accounts=["kmeyer"])
    scene.blame(CAUSE, TOKEN, domain="WS115", authority="local", clients=["ws115"],
                servers=["mem01", "fs02"], culprit=driver("ibm-etherjet", files, "IBM"),
                walk=path.truth(missed))


@incident("auddrive_family", "Q248880")
def auddrive_family(scene):
    """SMB1. Auddrive.sys, which Compaq and ESS both shipped, with two files that only ESS's package
    has; two directories, one of them two folders deep. No lockout policy, seven refusals."""
    scene.serve("cap01", threshold=0)
    scene.put("cap01", "SMS_SHR2", "util/nt/here.exe")
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws116", kind="smb1-139")
    user.logon("lnovak")
    path = Path((user, "SMS_SHR2", "util\\nt"), (user, "CAP_S01", ""))
    files = ("AUDDRIVE.SYS", "AUDMPU.DRV", "VAUDRV.386")
    for when in (50, 110, 175, 500, 1222, 1223, 2300):
        scene.at(when)
        token(user, "ws116", share="SMS_SHR2")
        missed = path.search(files, how="SMB_COM_NT_CREATE_ANDX")
    scene.innocent(accounts=["lnovak"])
    scene.blame(CAUSE, TOKEN, domain="WS116", authority="local", clients=["ws116"],
                culprit=driver("ess-auddrive-nt", files, "ESS Technology",
                               candidates=["ess-auddrive-nt", "compaq-auddrive"]),
                walk=path.truth(missed))
