"""Machines and programs that look guilty and are not."""
import noise
from driver import Path, driver
from scene import incident

TOKEN = "SMSCliToknAcct&"
STALE = "stale-mapped-drive-or-saved-credential"
TYPED = ["wrong-password-unknown-cause", None]


@incident("walk_is_innocent", "Q278660")
def walk_is_innocent(scene):
    """SMB 2.1. WS042's Crystal driver searches PATH in jdoe's good session, and never costs a
    logon. WS043, where jdoe was logged on before, has jdoe's old password, and locks the account
    (threshold 5): WS042 only suffers."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    scene.once("ws043", "jdoe")
    noise.crowd(scene)
    old = scene.books["cap01"]["jdoe"]
    scene.set_password("cap01", "jdoe", "Jd0e!new")
    scene.at(300)
    user = scene.link("ws042")
    user.logon("jdoe")
    path = Path((user, "CAP_S01", ""), (user, "SMSLOGON", ""))
    files = ("cwbaudio.bin", "cwbmidi.vxd")
    for when in (400, 1000, 1900, 2700):
        scene.at(when)
        path.search(files)
        scene.at(when + 140)
        scene.once("ws043", "jdoe", old)
        scene.at(when + 290)
        scene.once("ws043", "jdoe", old)
    scene.innocent(clients=["ws042"], files=files)
    scene.blame(STALE, "jdoe", domain="CORP", authority="local", clients=["ws043"])


@incident("walk_and_typing_error", "Q278660")
def walk_and_typing_error(scene):
    """SMB1. Yamaha's files are searched over PATH in asmith's session; in the middle of it asmith,
    on the same machine, mistypes the password of another connection once, and corrects it. Nobody
    is locked, and the driver has no part in it."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene, without=("work",))
    user = scene.link("ws042", kind="smb1-139")
    user.logon("asmith")
    path = Path((user, "CAP_S01", ""), (user, "APPS", ""))
    files = ("OPL3SAX.SYS", "OPL3SA.INI")
    for when in (30, 90, 150):
        scene.at(when)
        path.search(files)
    scene.at(180)
    scene.once("ws042", "asmith", "Tpyo!2", kind="smb1-139")
    scene.at(188)
    scene.once("ws042", "asmith", kind="smb1-139")
    scene.at(240)
    path.search(files)
    scene.innocent(clients=["ws042"], files=files)
    scene.blame(TYPED[0], "asmith", domain="CORP", authority="local", clients=["ws042"],
                cause_also=[None], is_victim=True)


@incident("desktop_ini_everywhere")
def desktop_ini(scene):
    """SMB 2.1 and SMB1. Two machines' shells ask for desktop.ini and thumbs.db in folder after
    folder of two shares, while the token accounts of four clients, these two among them, lock the
    account of that name at the access point (threshold 4). No driver is at work."""
    scene.serve("cap01", threshold=4)
    folders = ("docs", "docs/old", "tools", "pictures")
    for share in ("APPS", "HOMES"):
        for folder in folders:
            scene.put("cap01", share, f"{folder}/x.txt")
    scene.at(0)
    noise.crowd(scene, without=("shell",))
    shells = [scene.link("ws101", kind="smb1"), scene.link("ws102")]
    for link, account in zip(shells, ("jdoe", "dbrown")):
        link.logon(account)
    files = ("desktop.ini", "thumbs.db")
    for turn in range(2):
        for number, host in enumerate(("ws101", "ws102", "ws103", "ws104")):
            scene.at(30 + turn * 300 + number * 40)
            scene.once(host, "SMSCliToknAcct&", f"Local!{host}", host.upper(), kind="smb1",
                       share="CAP_S01")
            if number < 2:
                for share in ("APPS", "HOMES"):
                    for folder in folders:
                        for name in files:
                            shells[number].look(share, folder.replace("/", "\\") + "\\" + name)
    scene.innocent(accounts=["jdoe", "dbrown"], files=files)
    scene.blame("local-account-used-against-site-system", "SMSCliToknAcct&", authority="local",
                clients=["ws101", "ws102", "ws103", "ws104"])


@incident("victim_of_another")
def victim(scene):
    """SMB 3.0. WS103 tips the lock of dbrown before the capture begins. The capture sees WS101,
    where dbrown types the right password, only be told that the account is locked: whose fault it
    is cannot be seen."""
    scene.serve("cap01", before=lambda: [scene.quietly(
        "ws103", "dbrown", "wrong!Pw") for _ in range(3)])
    scene.at(0)
    noise.crowd(scene)
    for when in (40, 55, 400):
        scene.at(when)
        scene.once("ws101", "dbrown", kind="3.0")
    scene.blame("account-locked-out", "dbrown", domain="CORP", authority="local",
                clients=["ws101"], is_victim=True)
    scene.innocent(clients=["ws101"])


@incident("walk_by_coincidence", "Q243602")
def coincidence(scene):
    """SMB 2.1. A backup service on APP01 has the old password of svc_backup, every 15 minutes after
    an earlier success. On the same machine a Creative driver searches PATH every 359 seconds in
    fblack's good session: twice in two hours the two fall together within seconds, by chance. The
    driver costs nobody a logon."""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    scene.once("app01", "svc_backup")
    noise.crowd(scene)
    user = scene.link("app01")
    user.logon("fblack")
    path = Path((user, "APPS", ""), (user, "SMSLOGON", ""))
    files = ("ctsyn.vxd", "sfman32.dll")
    scene.set_password("cap01", "svc_backup", "Backup#2")
    events = [(900 * (turn + 1), None) for turn in range(8)]
    events += [(543 + 359 * turn, files) for turn in range(19)]
    for when, names in sorted(events, key=lambda event: event[0]):
        scene.at(when)
        if names:
            path.search(names)
        else:
            scene.once("app01", "svc_backup", "Backup#1")
    scene.innocent(accounts=["fblack"], files=files)
    scene.blame("stale-service-account-password", "svc_backup", domain="CORP", authority="local",
                clients=["app01"])


@incident("walk_elsewhen", "Q293662")
def walk_elsewhen(scene):
    """SMB1. On WS042 jdoe's old session goes on with the password of yesterday, while jdoe works on
    WS101 with the new one. On WS042 again, in another person's session and at other times, ESS
    files are searched over PATH; and an office program and a Mac leave their usual traces."""
    scene.serve("cap01", threshold=6)
    scene.at(0)
    scene.once("ws042", "jdoe", kind="smb1-139", share="HOMES")
    noise.crowd(scene, without=("work",))
    old = scene.books["cap01"]["jdoe"]
    scene.set_password("cap01", "jdoe", "Jd0e!new")
    user = scene.link("ws042", kind="smb1-139")
    user.logon("asmith")
    path = Path((user, "APPS", ""), (user, "SMSLOGON", ""))
    files, traces = ("ESSDM.VXD", "ES1868.SYS"), ("~$budget.xls", "._budget.xls", ".DS_Store")
    scene.at(400)
    scene.once("ws101", "jdoe")
    for turn in range(4):
        scene.at(700 + turn * 1500)
        path.search(files)
        for name in traces:
            user.look("HOMES", name)
        scene.at(1300 + turn * 1500 + turn * turn * 40)
        scene.once("ws042", "jdoe", old, kind="smb1-139", share="HOMES")
    scene.innocent(clients=["ws101"], accounts=["asmith"], files=files + traces)
    scene.blame(STALE, "jdoe", domain="CORP", authority="local", clients=["ws042"])


@incident("walk_among_local_accounts", "Q278660")
def walk_among_local_accounts(scene):
    """SMB1. Two causes at once, one account: on WS042 the Crystal driver searches PATH around the
    refusals of its token account; WS101 to WS104 use theirs against the access point without any
    such search. Locked at the eighth."""
    scene.serve("cap01", threshold=8)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws042", kind="smb1-139")
    user.logon("jdoe")
    path = Path((user, "SMSLOGON", ""), (user, "APPS", ""))
    files = ("CWDAUDIO.BIN", "CWDINIT.EXE", "CWDMIX.EXE")
    others = ("ws101", "ws102", "ws103", "ws104")
    for turn in range(3):
        scene.at(60 + turn * 240)
        user.logon(TOKEN, "Wks!Tok-ws042", "WS042", share="APPS")
        path.search(files)
        for number, host in enumerate(others):
            scene.at(90 + turn * 240 + number * 31)
            scene.once(host, TOKEN, f"Local!{host}", host.upper(), kind="smb1-139",
                       share="CAP_S01")
    scene.blame("third-party-driver-path-search", TOKEN, domain="WS042", authority="local",
                clients=["ws042"], walk=path.truth(files),
                culprit=driver("crystal-cwb-cwd", files, "Crystal Semiconductor"))
    scene.blame("local-account-used-against-site-system", TOKEN, authority="local", clients=others)


@incident("terminal_server")
def terminal_server(scene):
    """SMB 3.1.1. Eight people log on from one machine, a terminal server, within half an hour;
    three of them mistype the password once. Nobody sprays, nobody guesses, nobody is locked."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene, without=("work", "typing", "shell"))
    people = ("asmith", "bwhite", "cgreen", "dbrown", "egray", "fblack", "hourly", "jdoe")
    for number, account in enumerate(people):
        scene.at(100 + number * 211)
        if account in ("bwhite", "egray", "jdoe"):
            scene.once("app01", account, "Tpyo!3", kind="3.1.1")
            scene.at(100 + number * 211 + 6)
        scene.once("app01", account, kind="3.1.1")
    scene.innocent(clients=["app01"], accounts=people)
    scene.blame(TYPED[0], "jdoe", domain="CORP", authority="local", clients=["app01"],
                cause_also=[None], is_victim=True)
