"""Incidents on which a hasty diagnosis goes wrong: names that two products share, addresses that
two machines share, copies of drivers that nobody loads, machines that retry like programs do."""
import noise
from driver import Path, driver
from scene import incident
from status import nt

from .hostile import PROBE
from .site_systems import CAUSE as LOCAL_CAUSE, local
from .stale import SERVICE
from .walks import CAUSE as WALK_CAUSE, TOKEN, new_connection

STALE = "stale-mapped-drive-or-saved-credential"
PERIODIC = "periodic-retry-program"


def people(scene, server, *names, password="{}!Pw1"):
    """Accounts that only this incident has, made after the server was started."""
    passwd = scene.lab.network.work / "etc" / "passwd"
    known = passwd.read_text()
    for number, name in enumerate(names):
        if f"\n{name}:" not in known:
            uid = 43000 + known.count("\n") + number
            with passwd.open("a") as file:
                file.write(f"{name}:x:{uid}:42000::/nonexistent:/usr/sbin/nologin\n")
        word = password.format(name)
        machine = scene.lab.servers[server]
        machine.pdbedit("-a", "-t", "-u", name, given=f"{word}\n{word}\n")
        machine.pdbedit("-r", "-u", name, "-c", "[X]")
        scene.books[server][name] = word


@incident("libraries_of_another_vendor", "Q278660")
def other_vendor(scene):
    """SMB 2.1. A terminal emulation on WS124 loads its libraries by PATH: cwbcore.dll, cwbco.dll,
    cwbsy.dll and cwbunssl.dll are IBM's (Client Access), and begin like those of a Crystal sound
    driver. Two network directories are searched, the token account of WS124 is refused beside it,
    and locked (threshold 4). The search is to be blamed; Crystal is not."""
    scene.serve("cap01", threshold=4)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws124")
    user.logon("jdoe")
    path = Path((user, "APPS", ""), (user, "CAP_S01", ""))
    files = ("cwbcore.dll", "cwbco.dll", "cwbsy.dll", "cwbunssl.dll")
    for when in (31, 92, 340, 621, 930):
        scene.at(when)
        new_connection(scene, "ws124")
        missed = path.search(files)
    scene.blame(WALK_CAUSE, TOKEN, domain="WS124", authority="local", clients=["ws124"],
                culprit={"kind": "program", "id": None, "vendor": None, "files": list(files)},
                walk=path.truth(missed))


@incident("driver_store_is_copied", "Q243602", server="cap01 fs02")
def store_copied(scene):
    """SMB 3.0. FS02, a file server, copies a store of sound drivers to CAP01 as SMSLogonSvc: of
    each file it asks first whether it is there, and writes it when it is not. The backup agent of
    the same machine starts with each copy, with the password svc_backup had before it was changed
    (threshold 5). No driver is loaded anywhere."""
    scene.serve("cap01", "fs02", threshold=5)
    scene.at(0)
    scene.once("fs02", "svc_backup", server="cap01", kind="3.0")
    noise.good_user(scene, "ws101", "jdoe", server="fs02").close()
    noise.crowd(scene, "cap01", without=("scanner",))
    scene.set_password("cap01", "svc_backup", "Backup#2")
    batches = (("Creative", ("emu10k1.vxd", "sfman32.dll", "ctsyn.vxd")),
               ("Crystal", ("cwbaudio.bin", "cwdpcple.dll", "cwbmidi.vxd")),
               ("ESS", ("essolo.sys", "es1868.sys", "essmpu.drv")),
               ("Yamaha", ("ydsxg.drv", "dsxaplib.dll", "ds1.cpl")),
               ("Creative2", ("sb16snd.dll", "sbawe32.drv", "sndblst.dll")),
               ("Crystal2", ("cs32ba11.dll", "csbase.sys", "cwaudio.bin")))
    copier = scene.link("fs02", "cap01", "3.0")
    copier.logon("SMSLogonSvc")
    for turn, (folder, files) in enumerate(batches):
        scene.put("cap01", "APPS", f"Drivers/{folder}/oemsetup.inf")
        scene.at(600 + turn * 1800)
        scene.once("fs02", "svc_backup", "Backup#1", server="cap01", kind="3.0")
        for name in files:
            copier.look("APPS", f"Drivers\\{folder}\\{name}")
            scene.put("cap01", "APPS", f"Drivers/{folder}/{name}")
            copier.look("APPS", f"Drivers\\{folder}\\{name}", found=True)
    scene.innocent(accounts=["SMSLogonSvc"], files=[f for _, files in batches for f in files])
    scene.blame(SERVICE, "svc_backup", domain="CORP", authority="local", clients=["fs02"])


@incident("token_account_guessed")
def token_guessed(scene):
    """SMB 2.1. PROBE01, which gives no workstation name, guesses the password of SMSCliToknAcct& in
    the domain CORP, sixty times within forty seconds. No client of SMS does that; there is no
    lockout policy."""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    link = scene.link("probe01", calling="")
    for number in range(60):
        scene.at(400 + number * 0.66)
        link.logon(TOKEN, f"Sms{number:03}!")
    scene.blame("single-client-brute-force", TOKEN, domain="CORP", authority="local",
                clients=["probe01"], culprit=PROBE, hostile=True)


@incident("two_desks_behind_one_address", "Q299352")
def two_desks(scene):
    """SMB 2.1. A branch office is seen by one address (that of WS131). Two machines are behind it:
    WS132, where kmeyer's Yamaha driver searches two network directories at no cost, and WS131,
    whose local token account is refused at the access point, as those of WS129 and WS130 in another
    office are (threshold 8). Each says its own name when it logs on."""
    scene.serve("cap01", threshold=8)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws131", calling="WS132")
    user.logon("kmeyer")
    path = Path((user, "APPS", ""), (user, "CAP_S01", ""))
    files = ("ydsxg.drv", "dsxaplib.dll")
    for turn in range(4):
        scene.at(50 + turn * 400)
        path.search(files)
        for number, host in enumerate(("ws131", "ws130", "ws129")):
            scene.at(53 + turn * 400 + number * 60)
            local(scene, host, kind="2.1")
    scene.innocent(accounts=["kmeyer"], files=files)
    scene.blame(LOCAL_CAUSE, TOKEN, authority="local", clients=["ws131", "ws130", "ws129"])


@incident("monitoring_every_minute", server="cap01 fs02")
def monitoring(scene):
    """SMB 3.1.1. APP01 monitors two servers as nagios, once in 60.5 seconds each, by a tree connect
    to IPC$. Its password is changed at CAP01 and not at APP01, and it goes on (no lockout policy).
    The period is that of an old program's, which has nothing to do with it."""
    scene.serve("cap01", "fs02", threshold=0)
    for server in ("cap01", "fs02"):
        people(scene, server, "nagios")
    scene.at(0)
    noise.crowd(scene, "cap01", without=("shell",))
    for turn in range(14):
        if turn == 3:
            scene.set_password("cap01", "nagios", "nagios!Pw2")
        scene.at(10 + turn * 60.5)
        scene.once("app01", "nagios", "nagios!Pw1", server="cap01", kind="3.1.1")
        scene.at(12 + turn * 60.5)
        link = scene.link("app01", "fs02", "3.1.1")
        link.logon("nagios")
        link.tree("IPC$")
        link.close()
    scene.blame(SERVICE, "nagios", domain="CORP", authority="local", clients=["app01"],
                cause_also=[PERIODIC])


@incident("phone_with_old_password", "Q293662")
def phone(scene):
    """SMB 3.1.1. tnguyen's file app on a phone (the address of NAS01), which sends no workstation
    name, has the password from before the change: three attempts within a second and a half, about
    every quarter of an hour, while tnguyen works on WS101 with the new one. Locked at the tenth."""
    scene.serve("cap01", threshold=10)
    scene.at(0)
    scene.once("nas01", "tnguyen", kind="3.1.1", calling="")
    noise.crowd(scene, without=("scanner",))
    scene.set_password("cap01", "tnguyen", "tnguyen!Pw2")
    scene.once("ws101", "tnguyen", kind="3.1.1")
    for when in (900, 1871, 2690, 3702):
        for turn in range(3):
            scene.at(when + turn * 0.7)
            scene.once("nas01", "tnguyen", "tnguyen!Pw1", kind="3.1.1", calling="")
    scene.blame(STALE, "tnguyen", domain="CORP", authority="local", clients=["nas01"])


@incident("sessions_after_everybody_changed", "Q293662")
def sessions(scene):
    """SMB 2.1. All passwords were changed over the week-end. Twelve people work at their desks with
    the new ones, and have disconnected sessions on TS01, each of which tries its mapped drive with
    the old one, every half an hour or so and at its own time (no lockout policy). Many accounts,
    few attempts each, one address, nothing granted there; and yet no spray."""
    names = ("asmith", "bwhite", "cgreen", "dbrown", "egray", "fblack", "jdoe", "kmeyer", "lnovak",
             "tnguyen", "oberg", "pmoreau")
    scene.serve("cap01", threshold=0)
    people(scene, "cap01", "oberg", "pmoreau")
    scene.at(0)
    for number, name in enumerate(names):
        scene.once(f"ws{101 + number}", name)
    for turn in range(5):
        for number, name in sorted(enumerate(names), key=lambda one: one[0] * 7 % 12):
            scene.at(300 + turn * 1980 + (number * 7 % 12) * 160 + number * 3 % 7)
            scene.once("ts01", name, f"{name}!Pw0")
    scene.innocent(clients=[f"ws{101 + number}" for number in range(12)])
    for name in names:
        scene.blame(STALE, name, domain="CORP", authority="local", clients=["ts01"])


@incident("searched_by_v4_refused_by_v6", "Q278660")
def two_families(scene):
    """SMB 2.1. WS115 has its user's session to CAP01 over IPv4, where its Sound Blaster driver
    searches two directories of PATH; new connections go over IPv6, and there its token account is
    refused within the same second, and locked (threshold 4). One machine, two addresses, one
    name."""
    scene.serve("cap01", threshold=4)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws115")
    user.logon("fblack")
    path = Path((user, "CAP_S01", ""), (user, "APPS", ""))
    files = ("emu10k1.vxd", "sfman32.dll", "ctsyn.vxd")
    for when in (44, 181, 395, 702, 1010):
        scene.at(when)
        missed = path.search(files)
        scene.v6 = True
        new_connection(scene, "ws115")
        scene.v6 = False
    scene.v6 = True
    clients = [scene.ip("ws115")]
    scene.v6 = False
    scene.blame(WALK_CAUSE, TOKEN, domain="WS115", authority="local", clients=["ws115"],
                culprit=driver("creative-live-9x", files, "Creative Labs"),
                walk=path.truth(missed))
    told = scene.truth["incident"]
    told["clients"] += clients
    mine = [one for one in scene.truth["logons"] if one["client_ip"] in clients]
    told["failures"] = sum(one["status"] == nt("LOGON_FAILURE") for one in mine)
    told["lockouts"] = sum(one["status"] == nt("ACCOUNT_LOCKED_OUT") for one in mine)
    told["threshold"] = 4
    told["tipping_attempt"] = [one is mine[3] for one in scene.truth["logons"]].index(True)


@incident("new_lease_at_noon", "Q278660")
def new_lease(scene):
    """SMB 2.1. WS118 gets another address at noon (that of WS119). Its ESS driver searches one
    directory of PATH before and after, its token account is refused once before and four times
    after, and locked by the fifth (threshold 5). The machine says WS118 all the time."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    files = ("essolo.sys", "essdm.vxd")
    for number, when in enumerate((30, 900, 3000, 3900, 4800, 5700)):
        host = "ws118" if when < 1000 else "ws119"
        if number in (0, 2):
            scene.at(when - 10)
            user = scene.link(host, calling="WS118")
            user.logon("lnovak")
            path = Path((user, "APPS", "BIN"))
            scene.put("cap01", "APPS", "BIN/tool.exe")
        scene.at(when)
        if number:
            scene.once(host, TOKEN, "Wks!Tok-118", "WS118", calling="WS118")
        missed = path.search(files)
    scene.innocent(accounts=["lnovak"])
    scene.blame(WALK_CAUSE, TOKEN, domain="WS118", authority="local", clients=["ws118", "ws119"],
                culprit=driver("ess-solo-pci", files, "ESS Technology"), walk=path.truth(missed))


@incident("spray_in_a_small_office")
def small_spray(scene):
    """SMB 2.1. An office of eight people: PROBE01 tries Autumn2026! and then Winter2026! on each of
    them, eight logons in six seconds each time, without a workstation name (no lockout policy).
    There are no more names to try."""
    names = ("asmith", "bwhite", "cgreen", "dbrown", "egray", "fblack", "jdoe", "kmeyer")
    scene.serve("cap01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    link = scene.link("probe01", calling="")
    for turn, password in enumerate(("Autumn2026!", "Winter2026!")):
        for number, name in enumerate(names):
            scene.at(500 + turn * 3600 + number * 0.7)
            link.logon(name, password)
    scene.blame("password-spray", None, domain="CORP", authority="local", clients=["probe01"],
                culprit=PROBE, hostile=True)


@incident("slow_spray_from_a_desk")
def slow_spray(scene):
    """SMB 3.1.1. Something on WS120 tries one password on each of fourteen accounts, in the order
    of the alphabet, one in four minutes, and then a second one, beside the good logons of jdoe, who
    works there and is the only one granted (no lockout policy)."""
    names = ("asmith", "bwhite", "cgreen", "dbrown", "egray", "fblack", "hourly", "kmeyer",
             "lnovak", "sa_sql", "scan_konica", "svc_backup", "svc_inventory", "tnguyen")
    scene.serve("cap01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    for turn, password in enumerate(("Corp2026!", "Welcome1")):
        for number, name in enumerate(names):
            at = 120 + (turn * len(names) + number) * 240
            scene.at(at)
            scene.once("ws120", name, password, kind="3.1.1")
            if number % 3 == 0:
                scene.at(at + 77)
                scene.once("ws120", "jdoe", kind="3.1.1")
    scene.innocent(accounts=["jdoe"])
    scene.blame("password-spray", None, domain="CORP", authority="local", clients=["ws120"],
                culprit=PROBE, hostile=True)


@incident("person_named_like_a_device", "Q293662")
def oscanlon(scene):
    """SMB 2.1. Olivia Scanlon, account oscanlon, changed her password at WS101 and works there;
    WS102 has a drive mapped to HOMES with the old one, tried when somebody opens it, at no rhythm.
    Locked at the fifth (threshold 5)."""
    scene.serve("cap01", threshold=5)
    people(scene, "cap01", "oscanlon")
    scene.at(0)
    scene.once("ws102", "oscanlon")
    noise.crowd(scene)
    scene.set_password("cap01", "oscanlon", "oscanlon!Pw2")
    scene.once("ws101", "oscanlon")
    for when in (700, 1010, 2950, 4020, 4100, 6300):
        scene.at(when)
        scene.once("ws102", "oscanlon", "oscanlon!Pw1")
    scene.innocent(clients=["ws101"])
    scene.blame(STALE, "oscanlon", domain="CORP", authority="local", clients=["ws102"])


@incident("service_account_renamed", "Q243602")
def renamed(scene):
    """SMB 2.1. svc_inventory is renamed at CAP01 (the old name is gone); the service on APP01,
    granted before, goes on with the old name every 20 minutes and is refused as a wrong password
    would be. Nothing is ever locked, though the threshold is 3."""
    scene.serve("cap01", threshold=3)
    scene.at(0)
    noise.crowd(scene)
    for when in (10, 1210, 2410):
        scene.at(when)
        scene.once("app01", "svc_inventory")
    old = scene.books["cap01"].pop("svc_inventory")
    scene.lab.servers["cap01"].pdbedit("-x", "-u", "svc_inventory")
    people(scene, "cap01", "svc_inv2")
    for turn in range(6):
        scene.at(3610 + turn * 1200)
        scene.once("app01", "svc_inventory", old)
    scene.blame(SERVICE, "svc_inventory", domain="CORP", authority="local", clients=["app01"],
                cause_also=[PERIODIC])


@incident("driver_and_old_drive_together", "Q278660")
def both_at_once(scene):
    """SMB1. On WS116 the Crystal driver searches two directories in kmeyer's session, and the local
    token account is refused with it, wanting the searched share. The same machine has a drive of
    dbrown's mapped to APPS, one of the searched shares, with an old password; dbrown works on WS101
    with the new one. The drive is tried at its own times, twice by chance beside a search. Both
    accounts are locked (threshold 5); the driver locks only one of them."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    scene.once("ws116", "dbrown", kind="smb1-139", share="APPS")
    noise.crowd(scene)
    scene.set_password("cap01", "dbrown", "dbrown!Pw2")
    scene.once("ws101", "dbrown", kind="smb1-139", share="APPS")
    user = scene.link("ws116", kind="smb1-139")
    user.logon("kmeyer")
    path = Path((user, "APPS", ""), (user, "CAP_S01", ""))
    files = ("CWBAUDIO.BIN", "CWBPCPLE.DLL", "CWDINIT.EXE")
    drive = (402, 960, 1503, 1900, 2600, 2950)
    walks = (150, 400, 800, 1200, 1500, 2200)
    for when, is_drive in sorted([(w, True) for w in drive] + [(w, False) for w in walks]):
        scene.at(when)
        if is_drive:
            scene.once("ws116", "dbrown", "dbrown!Pw1", kind="smb1-139", share="APPS")
        else:
            user.logon(TOKEN, "Wks!Tok-ws116", "WS116", share="APPS")
            missed = path.search(files)
    scene.innocent(accounts=["kmeyer"])
    scene.blame(WALK_CAUSE, TOKEN, domain="WS116", authority="local", clients=["ws116"],
                culprit=driver("crystal-cwb-cwd", files, "Crystal Semiconductor"),
                walk=path.truth(missed))
    scene.blame(STALE, "dbrown", domain="CORP", authority="local", clients=["ws116"])


@incident("driver_among_typed_commands", "Q278660")
def among_commands(scene):
    """SMB1. WS117's Yamaha driver searches two directories of PATH while its user types commands
    that are not there, in the same session and the same seconds: the shell asks for each with .COM,
    .EXE, .BAT and .CMD. The token account is refused beside it and locked (threshold 4)."""
    scene.serve("cap01", threshold=4)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws117", kind="smb1")
    user.logon("tnguyen")
    path = Path((user, "APPS", ""), (user, "SMSLOGON", ""))
    files = ("OPL3SAX.SYS", "OPL3SACX.DLL")
    typed = ("XCOPPY", "EDT", "PNIG", "IPCONFGI", "NETSAT")
    for turn, when in enumerate((20, 140, 333, 610, 900)):
        scene.at(when)
        user.logon(TOKEN, "Wks!Tok-ws117", "WS117")
        for share in ("APPS", "SMSLOGON"):
            for ending in ("COM", "EXE", "BAT", "CMD"):
                user.look(share, f"{typed[turn]}.{ending}", how="TRANS2_FIND_FIRST2")
            if share == "APPS":
                missed = path.search(files)
    scene.innocent(accounts=["tnguyen"],
                   files=[f"{one}.{e}" for one in typed for e in ("COM", "EXE", "BAT", "CMD")])
    scene.blame(WALK_CAUSE, TOKEN, domain="WS117", authority="local", clients=["ws117"],
                culprit=driver("yamaha-opl3sax", files, "Yamaha"), walk=path.truth(missed))
