"""Machines and programs that look guilty and are not."""
import noise
from driver import Path
from scene import incident

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
    user = scene.link("ws042", kind="smb1")
    user.logon("asmith")
    path = Path((user, "CAP_S01", ""), (user, "APPS", ""))
    files = ("OPL3SAX.SYS", "OPL3SA.INI")
    for when in (30, 90, 150):
        scene.at(when)
        path.search(files)
    scene.at(180)
    scene.once("ws042", "asmith", "Tpyo!2", kind="smb1")
    scene.at(188)
    scene.once("ws042", "asmith", kind="smb1")
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
