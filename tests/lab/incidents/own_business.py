"""Machines that look for many files and have nothing to do with the failures beside them: persons
who mistype, programs that look beside themselves, prompts, printers, indexers, scanners."""
import noise
from driver import Path
from scene import incident

from .accounts import UNKNOWN
from .site_systems import CAUSE as LOCAL_CAUSE, TOKEN, local

STALE = "stale-mapped-drive-or-saved-credential"


@incident("persons_on_walking_machines", "Q278660")
def persons(scene):
    """SMB 3.0. On WS101 and WS102 Crystal and Yamaha files are searched over PATH every ten
    minutes, in good sessions and at no cost. After lunch kmeyer on WS101 mistypes the password
    three times and then remembers it; lnovak on WS102 mistypes once. Both while the drivers search.
    Nobody is locked (threshold 6); neither driver is to be blamed."""
    scene.serve("cap01", threshold=6)
    scene.at(0)
    noise.crowd(scene, without=("typing",))
    walks = []
    for host, account, files in (("ws101", "kmeyer", ("csfm.drv", "wstream.dll", "cs4232.ini")),
                                 ("ws102", "lnovak", ("ydsxg.drv", "ds1.cpl"))):
        link = scene.link(host, kind="3.0")
        link.logon(account)
        walks.append((Path((link, "APPS", ""), (link, "CAP_S01", "")), files))
        scene.innocent(clients=[host], files=files)
    for turn in range(5):
        scene.at(100 + turn * 600)
        for path, files in walks:
            path.search(files)
        if turn == 3:
            for number in range(3):
                scene.at(103 + turn * 600 + number * 7)
                scene.once("ws101", "kmeyer", f"kmeier!Pw{number}", kind="3.0")
            scene.at(131 + turn * 600)
            scene.once("ws101", "kmeyer", kind="3.0")
            scene.once("ws102", "lnovak", "lnovak!pW1", kind="3.0")
            scene.once("ws102", "lnovak", kind="3.0")
    for host, account in (("ws101", "kmeyer"), ("ws102", "lnovak")):
        scene.blame(UNKNOWN, account, domain="CORP", authority="local", clients=[host],
                    cause_also=[None], is_victim=True)


@incident("editor_beside_its_libraries", "Q231399")
def editor(scene):
    """SMB 2.1 and SMB1. WS103 runs a program that is installed on a share: its own folder is asked
    for each library it loads, some are there, some are Windows' own and not. The token accounts
    of WS103 to WS106 go to the access point and lock its account (threshold 7). No PATH is
    searched, and no driver is at work."""
    scene.serve("cap01", threshold=7)
    for name in ("edit.exe", "editcore.dll", "spell.dll"):
        scene.put("cap01", "APPS", f"Editor/{name}")
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws103")
    user.logon("tnguyen")
    missing = ("version.dll", "uxtheme.dll", "winspool.drv", "edit.exe.local")
    for turn in range(3):
        scene.at(55 + turn * 333)
        user.look("APPS", "Editor\\edit.exe", found=True)
        for name in ("editcore.dll", *missing[:2], "spell.dll", *missing[2:]):
            user.look("APPS", f"Editor\\{name}", found=name not in missing)
        for number, host in enumerate(("ws103", "ws104", "ws105", "ws106")):
            scene.at(56.5 + turn * 333 + number * 37)
            local(scene, host, kind="smb1-139")
    scene.innocent(accounts=["tnguyen"], files=missing)
    scene.blame(LOCAL_CAUSE, TOKEN, authority="local",
                clients=["ws103", "ws104", "ws105", "ws106"])


@incident("prompt_over_three_directories", "Q299352")
def prompt(scene):
    """SMB1. On WS107 somebody types two commands that are not there: the shell looks for .COM,
    .EXE, .BAT, .CMD, .VBS and .JS in three network directories, directory by directory. Three
    clients, WS107 among them, use their token accounts on SMSPKGD$ of the access point (threshold
    5)."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    user = scene.link("ws107", kind="smb1")
    user.logon("kmeyer")
    endings = ("COM", "EXE", "BAT", "CMD", "VBS", "JS")
    files = [f"{stem}.{ending}" for stem in ("IPCONIFG", "NSLOKUP") for ending in endings]
    for turn in range(3):
        for number, host in enumerate(("ws107", "ws108", "ws109")):
            scene.at(44 + turn * 260 + number * 50)
            local(scene, host, share="SMSPKGD$")
            if not number and turn < 2:
                for share in ("APPS", "SMS_SHR", "SMSLOGON"):
                    for name in files[turn * 6:turn * 6 + 6]:
                        user.look(share, name, how="TRANS2_FIND_FIRST2")
    scene.innocent(accounts=["kmeyer"], files=files)
    scene.blame(LOCAL_CAUSE, TOKEN, authority="local", clients=["ws107", "ws108", "ws109"])


@incident("printer_driver_incomplete", "Q171148")
def printer(scene):
    """SMB 3.1.1. WS110 fetches a printer's driver from print$: some of its libraries are not there,
    in either of two folders. The same machine has an old password of jdoe, who works on WS101 with
    the new one, and locks the account (threshold 4)."""
    home = own_share(scene)
    scene.serve("cap01", threshold=4, lines=("[print$]", f"path = {home}", "read only = no"))
    for folder in ("W32X86/3", "W32X86/2"):
        scene.put("cap01", "print$", f"{folder}/pscript5.dll")
    scene.at(0)
    scene.once("ws110", "jdoe", kind="3.1.1")
    noise.crowd(scene)
    scene.set_password("cap01", "jdoe", "Jd0e!new")
    scene.once("ws101", "jdoe")
    spool = scene.link("ws110", kind="3.1.1")
    spool.logon("svc-print")
    missing = ("hp4000ui.dll", "hp4000res.dll", "unidrvui.dll")
    for when in (400, 1300, 1302, 4000, 6000):
        scene.at(when)
        for folder in ("W32X86\\3", "W32X86\\2"):
            spool.look("print$", f"{folder}\\pscript5.dll", found=True)
            for name in missing:
                spool.look("print$", f"{folder}\\{name}")
        scene.at(when + 0.8)
        scene.once("ws110", "jdoe", "Jd0e!pass", kind="3.1.1")
    scene.innocent(clients=["ws101"], accounts=["svc-print"], files=missing)
    scene.blame(STALE, "jdoe", domain="CORP", authority="local", clients=["ws110"])


def own_share(scene):
    """The folder of a share that only one incident has."""
    home = scene.lab.servers["cap01"].home / "site" / "print$"
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o1777)
    return home


@incident("indexer_and_lock_files")
def indexer(scene):
    """SMB 2.1. An indexer on APP01 asks folder after folder for what shells leave behind; an office
    program on WS111 looks for its lock files, a Mac for its own. lnovak is refused from WS111 four
    times in two hours, without rhythm and without an end. No cause can be seen."""
    scene.serve("cap01", threshold=0)
    folders = ("a", "a/b", "a/b/c", "d")
    for folder in folders:
        scene.put("cap01", "HOMES", f"{folder}/x.txt")
    scene.at(0)
    noise.crowd(scene)
    index, office = scene.link("app01"), scene.link("ws111")
    index.logon("svc_inventory")
    office.logon("kmeyer")
    shell = ("desktop.ini", "Thumbs.db", "folder.jpg", "autorun.inf", "new.lnk")
    locks = ("~$plan.doc", "~$budget.xls", "._plan.doc", ".DS_Store", "~WRL0001.tmp")
    for number, when in enumerate((310, 2200, 2260, 6800)):
        scene.at(when)
        for name in shell:
            index.look("HOMES", folders[number].replace("/", "\\") + "\\" + name)
        for name in locks:
            office.look("HOMES", f"a\\{name}")
        scene.at(when + 2)
        scene.once("ws111", "lnovak", "n0vak")
    scene.innocent(clients=["app01"], accounts=["svc_inventory", "kmeyer"], files=shell + locks)
    scene.blame(UNKNOWN, "lnovak", domain="CORP", authority="local", clients=["ws111"])


@incident("vulnerability_scanner", server="cap01 fs02")
def scanner(scene):
    """A scanner with good credentials goes over two servers, at five dialects: odd files, shares
    that are not there, session setups it gives up, null sessions, and on each server one logon with
    a name it made up. It guesses nobody's password and locks nobody."""
    scene.serve("cap01", "fs02", threshold=3)
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    files = ("boot.ini", "nessus8731.tmp", "ntuser.dat", "config\\sam._", "winnt.sif")
    for number, server in enumerate(("cap01", "fs02")):
        scene.at(100 + number * 60)
        for kind in ("smb1", "2.0.2", "2.1", "3.0", "3.1.1"):
            link = scene.link("probe01", server, kind)
            link.logon("svc_inventory")
            link.tree("ADMIN9$", "BAD_NETWORK_NAME")
            for name in files[:3] + files[4:]:
                link.look("APPS", name)
            link.close()
        scene.give_up("probe01", server)
        scene.once("probe01", "nessus8731", "nessus8731", "WORKGROUP", server=server)
        scene.at(130 + number * 60)
        noise.without_password(scene, "probe01", server)
    scene.innocent(clients=["probe01"], accounts=["svc_inventory"], files=files)
    scene.blame(UNKNOWN, "nessus8731", domain="WORKGROUP", authority="local", clients=["probe01"],
                servers=["cap01", "fs02"], cause_also=[None], is_victim=True)


@incident("twelve_people_behind_one_address", server="cap01 fs02")
def translated(scene):
    """SMB 2.1 and 3.1.1. Twelve people behind an address translator log on at two servers within
    forty minutes, each from a machine with a name of its own; four mistype once, one twice. Most
    come back later. Nobody sprays, and nobody is locked (threshold 3)."""
    scene.serve("cap01", "fs02")
    people = ("asmith", "bwhite", "cgreen", "dbrown", "egray", "fblack", "hourly", "jdoe", "kmeyer",
              "lnovak", "svc_backup", "tnguyen")
    wrong = {"cgreen": 1, "fblack": 1, "jdoe": 1, "lnovak": 2, "tnguyen": 1}
    scene.at(0)
    noise.crowd(scene, without=("work", "typing", "shell"))
    for number, account in enumerate(people):
        server, kind = (("cap01", "2.1"), ("fs02", "3.1.1"))[number % 2]
        more = {"server": server, "kind": kind, "calling": f"PC{number + 7:02}"}
        for turn in range(wrong.get(account, 0)):
            scene.at(60 + number * 190 + turn * 6)
            scene.once("ts01", account, f"mist@ke{turn}", **more)
        scene.at(80 + number * 190)
        scene.once("ts01", account, **more)
        if number % 3 == 0:
            scene.at(150 + number * 190)
            scene.once("ts01", account, **more)
    scene.innocent(clients=["ts01"], accounts=people)
    scene.blame(UNKNOWN, "lnovak", domain="CORP", authority="local", clients=["ts01"],
                servers=["fs02"], cause_also=[None], is_victim=True)
