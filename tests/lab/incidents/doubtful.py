"""Incidents in which a known name or an old habit is near, and the cause is another, or the same in
an unusual dress."""
import noise
from driver import Path, driver
from scene import incident

from .accounts import UNKNOWN
from .hostile import PROBE
from .site_systems import CAUSE as LOCAL_CAUSE, local
from .stale import SERVICE
from .tricky import PERIODIC, STALE, people
from .walks import CAUSE as WALK_CAUSE, TOKEN, new_connection

SHARED = "many-clients-one-account"


@incident("two_cards_in_one_machine", "Q278660")
def two_cards(scene):
    """SMB 2.1. WS111 had a Crystal sound card and now has one by ESS; both drivers are installed,
    and both search the same two directories whenever the token account is refused. Which of them is
    to be taken away cannot be told: both, so that neither may be named alone. Locked at the
    fifth."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws111")
    user.logon("kmeyer")
    path = Path((user, "SMSLOGON", ""), (user, "APPS", ""))
    files = ("cwbaudio.bin", "cwdpcple.dll", "essolo.sys", "essdm.vxd")
    for when in (25, 140, 333, 610, 900, 1400):
        scene.at(when)
        path.search(files[:2])
        new_connection(scene, "ws111")
        missed = path.search(files[2:])
    scene.blame(WALK_CAUSE, TOKEN, domain="WS111", authority="local", clients=["ws111"],
                culprit=driver(None, files, candidates=["crystal-cwb-cwd", "ess-solo-pci"]),
                walk=path.truth(files))


@incident("scanner_looks_for_drivers", "Q243602", server="cap01 fs02")
def looks_for_drivers(scene):
    """SMB 2.1 to 3.1.1. A vulnerability scanner on APP01 logs on as sa_scan, every six hours. At
    CAP01 its password is an old one: three attempts within two seconds, in three dialects. At FS02
    it is granted, and the scanner looks there for vulnerable drivers and libraries in two folders
    of two shares. Nothing on APP01 searches PATH (no lockout policy)."""
    scene.serve("cap01", "fs02", threshold=0)
    for server in ("cap01", "fs02"):
        people(scene, server, "sa_scan")
    scene.at(0)
    scene.once("app01", "sa_scan", server="cap01", kind="3.1.1")
    noise.crowd(scene, "cap01", without=("scanner",))
    scene.set_password("cap01", "sa_scan", "sa_scan!Pw2")
    for folder in ("Windows/System32/drivers", "WINNT/System32/drivers"):
        for share in ("APPS", "HOMES"):
            scene.put("fs02", share, f"{folder}/null.sys")
    files = ("capcom.sys", "gdrv.sys", "es1371mp.sys", "emu10k1m.sys", "ctoss2k.sys",
             "rtcore64.sys", "version.dll")
    for turn in range(5):
        at = 600 + turn * 21600
        for number, kind in enumerate(("2.1", "3.0", "3.1.1")):
            scene.at(at + number * 0.7)
            scene.once("app01", "sa_scan", "sa_scan!Pw1", server="cap01", kind=kind)
        scene.at(at + 3)
        link = scene.link("app01", "fs02", "3.1.1")
        link.logon("sa_scan")
        for name in files:
            for share in ("APPS", "HOMES"):
                for folder in ("Windows", "WINNT"):
                    link.look(share, f"{folder}\\System32\\drivers\\{name}")
        link.close()
    scene.innocent(files=files)
    scene.blame(SERVICE, "sa_scan", domain="CORP", authority="local", clients=["app01"],
                cause_also=[PERIODIC])


@incident("machines_being_installed", "Q227033")
def being_installed(scene):
    """SMB 2.1. Five new machines are installed from the network. Setup connects as svc_imaging,
    whose password in the image is an old one: it is refused twice, then a technician types the
    right one. Then it looks for the drivers of the hardware it has found, each first in
    Drivers\\x86 and then in Drivers\\amd64, where they are. No driver runs yet (threshold 3, never
    reached)."""
    scene.serve("cap01", threshold=3)
    people(scene, "cap01", "svc_imaging")
    clients = [f"ws{number}" for number in range(101, 106)]
    files = ("essolo.sys", "sb16snd.dll", "ydsxg.drv", "es1371mp.sys", "cwbaudio.inf")
    for name in files:
        scene.put("cap01", "APPS", f"Drivers/amd64/{name}")
    scene.put("cap01", "APPS", "Drivers/x86/readme.txt")
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    for number, host in enumerate(clients):
        at = 60 + number * 700
        for turn in range(2):
            scene.at(at + turn * 2)
            scene.once(host, "svc_imaging", "Image!2019", host.upper() if turn else "CORP")
        scene.at(at + 40)
        link = scene.link(host)
        link.logon("svc_imaging")
        path = Path((link, "APPS", "Drivers\\x86"), (link, "APPS", "Drivers\\amd64"))
        path.search(files[number:] + files[:number],
                    found=[(name, 1) for name in files])
        link.close()
    scene.innocent(files=files)
    scene.blame(SHARED, "svc_imaging", domain="", authority="local", clients=clients,
                cause_also=[SERVICE, UNKNOWN, None])


@incident("design_program_with_a_driver_name", "Q299352")
def design_program(scene):
    """SMB1. On WS104 a program for circuit boards looks for allegro.ini, allegro.env and
    maestro.ocx in two directories of a share, in the good session of lnovak: names that look like
    those of ESS drivers. WS104 to WS107 use their local token accounts at the access point, and
    lock its account (threshold 7); WS104 does so as often as the others, and not beside the
    look-ups."""
    scene.serve("cap01", "fs02", threshold=7)
    scene.put("fs02", "APPS", "pcb/bin/allegro.exe")
    scene.put("fs02", "APPS", "pcb/site/readme.txt")
    scene.at(0)
    noise.crowd(scene, "cap01")
    user = scene.link("ws104", "fs02", "smb1-spnego")
    user.logon("lnovak")
    path = Path((user, "APPS", "pcb\\site"), (user, "APPS", "pcb\\bin"))
    files = ("allegro.ini", "allegro.env", "maestro.ocx")
    for turn in range(3):
        scene.at(90 + turn * 900)
        path.search(files)
        for number, host in enumerate(("ws104", "ws105", "ws106", "ws107")):
            scene.at(300 + turn * 900 + number * 45)
            local(scene, host, server="cap01")
    scene.innocent(accounts=["lnovak"], files=files)
    scene.blame(LOCAL_CAUSE, TOKEN, authority="local",
                clients=["ws104", "ws105", "ws106", "ws107"])


@incident("logon_script_looks_for_tools", "Q293662")
def logon_script(scene):
    """SMB 2.1. Whenever WS108 is started, the logon script looks for three tools in two
    shares (as a search of PATH does), and the mapped drive of the same profile is tried with the
    password from before the change, a second later. egray works on WS101 with the new one.
    Locked at the ninth (threshold 9). The tools are missing, and that is all that can be said
    against them."""
    scene.serve("cap01", threshold=9)
    scene.at(0)
    scene.once("ws101", "egray")
    noise.crowd(scene, without=("scanner",))
    scene.set_password("cap01", "egray", "egray!Pw2")
    scene.once("ws101", "egray")
    files = ("ifmember.exe", "con2prt.exe", "kix32.dll")
    script = scene.link("ws108")
    script.logon("jdoe")
    for when in (300, 4000, 9100, 15800):
        scene.at(when)
        Path((script, "SMSLOGON", ""), (script, "APPS", "")).search(files)
        for turn in range(3 if when > 300 else 1):
            scene.at(when + 1 + turn * 0.4)
            scene.once("ws108", "egray", "egray!Pw1")
    scene.innocent(clients=["ws101"], accounts=["jdoe"], files=files)
    scene.blame(STALE, "egray", domain="CORP", authority="local", clients=["ws108"])


@incident("reset_three_times", "Q293662")
def reset_three_times(scene):
    """SMB 3.0. A drive on WS110 has jdoe's first password. jdoe is locked (threshold 4), the help
    desk sets another password and unlocks, jdoe logs on with it at WS101, and is locked again;
    three times. In between jdoe mistypes the new one once at WS101, where nothing is wrong."""
    scene.serve("cap01", threshold=4)
    scene.at(0)
    scene.once("ws110", "jdoe", kind="3.0")
    noise.crowd(scene, without=("work",))
    for turn in range(3):
        scene.set_password("cap01", "jdoe", f"Jd0e!new{turn}")
        scene.unlock("cap01", "jdoe")
        scene.at(1000 + turn * 7200)
        if turn == 1:
            scene.once("ws101", "jdoe", "Jd0e!mew1", kind="3.0")
        scene.once("ws101", "jdoe", kind="3.0")
        for number, gap in enumerate((300, 411, 900, 1304, 1900, 2222)):
            scene.at(1000 + turn * 7200 + gap)
            scene.once("ws110", "jdoe", "Jd0e!pass", kind="3.0")
        scene.at(1000 + turn * 7200 + 2800)
        scene.once("ws101", "jdoe", kind="3.0")
    scene.innocent(clients=["ws101"])
    scene.blame(STALE, "jdoe", domain="CORP", authority="local", clients=["ws110"])


@incident("token_without_a_domain", "Q278660")
def without_domain(scene):
    """SMB1 on port 139. The token account of WS112 is sent without any domain, beside the search of
    an Ensoniq SoundScape driver over two directories; the calling name tells the machine. Locked at
    the third."""
    scene.serve("cap01")
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws112", kind="smb1-139")
    user.logon("lnovak")
    path = Path((user, "SMSLOGON", ""), (user, "CAP_S01", ""))
    files = ("SNDSCAPE.DRV", "SNDSCAPE.INI")
    for when in (40, 160, 290, 431):
        scene.at(when)
        user.logon(TOKEN, "Wks!Tok-ws112", "")
        missed = path.search(files, how="TRANS2_FIND_FIRST2")
    scene.innocent(accounts=["lnovak"])
    scene.blame(WALK_CAUSE, TOKEN, domain="", authority="local", clients=["ws112"],
                culprit=driver("ensoniq-soundscape", files, "Ensoniq"), walk=path.truth(missed))


@incident("one_name_in_one_directory", "Q262341")
def one_name(scene):
    """SMB 3.0.2. All that is left of a search of PATH on WS113: ibmfe.sys in one directory, once at
    each of six starts of the machine, each time within half a second of a refused logon of its
    token account, wanted by nothing else. Locked at the fifth (threshold 5)."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    scene.put("cap01", "APPS", "NET/other.sys")
    for when in (60, 4000, 9000, 16000, 21500, 30100):
        scene.at(when)
        user = scene.link("ws113", kind="3.0.2")
        user.logon("fblack")
        path = Path((user, "APPS", "NET"))
        missed = path.search(("ibmfe.sys",))
        scene.at(when + 0.4)
        new_connection(scene, "ws113", kind="3.0.2")
        user.close()
    scene.innocent(accounts=["fblack"])
    scene.blame(WALK_CAUSE, TOKEN, domain="WS113", authority="local", clients=["ws113"],
                culprit=driver("ibm-etherjet", ("ibmfe.sys",), "IBM"), walk=path.truth(missed))


@incident("web_front_end_on_monday", "Q219898")
def front_end(scene):
    """SMB 3.1.1. APP01 is a web mail that checks its users' passwords at CAP01. On Monday morning
    fourteen of them mistype once or twice within a quarter of an hour; nine are granted a minute
    later, five give up and telephone. Nobody else comes that way in this time (no lockout policy).
    Many accounts, one address, and no attack."""
    names = ("tnguyen", "asmith", "kmeyer", "dbrown", "lnovak", "egray", "jdoe", "fblack", "bwhite",
             "cgreen", "quist", "oberg", "pmoreau", "rivera")
    scene.serve("cap01", threshold=0)
    people(scene, "cap01", "quist", "oberg", "pmoreau", "rivera")
    scene.at(0)
    noise.crowd(scene, without=("work", "typing", "shell", "scanner"))
    todo = []
    for number, name in enumerate(names):
        start = 60 + number * 59 + (number * 13 % 7) * 3
        todo += [(start + 14 * turn, name, f"{name}!pW{turn}") for turn in range(1 + number % 2)]
        if number % 3 != 2:
            todo.append((start + 61, name, None))
    for when, name, password in sorted(todo, key=lambda one: one[0]):
        scene.at(when)
        scene.once("app01", name, password, kind="3.1.1")
    scene.innocent(clients=["app01"], accounts=names)
    scene.blame(UNKNOWN, "cgreen", domain="CORP", authority="local", clients=["app01"],
                cause_also=[None], is_victim=True)


@incident("attack_behind_a_borrowed_name", "Q278660")
def borrowed_name(scene):
    """SMB 2.1. PROBE01 says that it is WS101, workstation and domain, and tries forty passwords of
    the token account within a minute (no lockout policy). The real WS101 has another address; its
    Yamaha driver searches two directories of PATH there at no cost, before, meanwhile and after."""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws101")
    user.logon("kmeyer")
    path = Path((user, "APPS", ""), (user, "SMSLOGON", ""))
    files = ("ydsxg.drv", "ds1.cpl")
    link = scene.link("probe01", calling="WS101")
    for turn in range(4):
        scene.at(100 + turn * 200)
        path.search(files)
        if turn == 2:
            for number in range(40):
                scene.at(501 + number * 1.3)
                link.logon(TOKEN, f"Sms{number:03}!", "WS101")
    scene.innocent(clients=["ws101"], accounts=["kmeyer"], files=files)
    scene.blame("single-client-brute-force", TOKEN, domain="WS101", authority="local",
                clients=["probe01"], culprit=PROBE, hostile=True)


@incident("one_of_four_also_searches", "Q299352")
def one_of_four(scene):
    """SMB 2.1. WS104 to WS107 use their local token accounts at the access point in turn, every
    quarter of an hour, and lock its account (threshold 7). On WS104 a database program, which has
    its own folders on APPS, looks for its settings there in good sessions of lnovak, minutes away
    from any refusal: tnsnames.ora, sqlnet.ora and oci.dll in two folders. No PATH has part in it;
    the three others do not search at all."""
    scene.serve("cap01", threshold=7)
    scene.put("cap01", "APPS", "ora/admin/readme.txt")
    scene.put("cap01", "APPS", "ora/bin/ora.exe")
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws104")
    user.logon("lnovak")
    path = Path((user, "APPS", "ora\\admin"), (user, "APPS", "ora\\bin"))
    files = ("tnsnames.ora", "sqlnet.ora", "oci.dll")
    for turn in range(3):
        scene.at(200 + turn * 900)
        user.look("APPS", "ora\\bin\\ora.exe", found=True)
        path.search(files)
        for number, host in enumerate(("ws104", "ws105", "ws106", "ws107")):
            scene.at(500 + turn * 900 + number * 45)
            local(scene, host, kind="2.1")
    scene.innocent(accounts=["lnovak"], files=files)
    scene.blame(LOCAL_CAUSE, TOKEN, authority="local",
                clients=["ws104", "ws105", "ws106", "ws107"],
                cause_also=["local-account-inventory"])


@incident("same_card_in_twelve_machines", "Q278660")
def same_card(scene):
    """SMB 2.1. Twelve machines were bought together and have the same Crystal card; each searches
    two directories of PATH when it is started, each has its token account refused with it, and
    together they lock the server's (threshold 10) between eight and nine."""
    clients = [f"ws{number}" for number in range(101, 113)]
    scene.serve("cap01", threshold=10)
    scene.at(0)
    files = ("cwbaudio.bin", "cwbpcple.dll")
    paths = {}
    for number, host in enumerate(clients):
        link = scene.link(host)
        link.logon(("kmeyer", "lnovak", "jdoe", "dbrown")[number % 4])
        paths[host] = Path((link, "SMSLOGON", ""), (link, "APPS", ""))
        scene.at(10 + number * 290)
        paths[host].search(files)
        new_connection(scene, host)
        paths[host].search(files[:1])
    scene.innocent(accounts=["kmeyer", "lnovak", "jdoe", "dbrown"])
    for host in clients:
        scene.blame(WALK_CAUSE, TOKEN, domain=host.upper(), authority="local", clients=[host],
                    culprit=driver("crystal-cwb-cwd", files, "Crystal Semiconductor"),
                    walk=paths[host].truth(files))


@incident("counted_through_a_member", "Q243602", server="dc01 mem01")
def through_member(scene):
    """SMB 2.1. The service on APP01 has the old password of svc_inventory and uses it at the member
    MEM01 and at the domain controller, by turns, every eleven minutes. The domain counts both: it
    is locked by the third attempt at MEM01, the sixth of all (threshold 6)."""
    scene.serve("dc01", "mem01", threshold=6)
    scene.at(0)
    noise.domain_members(scene)
    for server in ("dc01", "mem01"):
        scene.once("app01", "svc_inventory", "Inv!2026", server=server)
    scene.lab.servers["dc01"].set_password("svc_inventory", "Inv!2027")
    scene.books["dc01"]["svc_inventory"] = "Inv!2027"
    for turn in range(8):
        scene.at(900 + turn * 330)
        scene.once("app01", "svc_inventory", "Inv!2026", server=("dc01", "mem01")[turn % 2])
    scene.set_password("dc01", "svc_inventory", "Inv!2026")
    scene.blame(SERVICE, "svc_inventory", domain="CORP", authority="domain", clients=["app01"],
                servers=["dc01", "mem01"], cause_also=[PERIODIC])


@incident("one_of_three_servers_forgotten", "Q243602")
def forgotten(scene):
    """SMB 3.0. Three application servers use sa_sql every ten minutes. Its password is changed;
    APP01 and SYNC01 are given the new one, TS01 is forgotten and goes on with the old. No lock ever
    comes, as the good logons of the others reset the count (threshold 5)."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    for number, host in enumerate(("app01", "sync01", "ts01")):
        scene.at(20 + number * 30)
        scene.once(host, "sa_sql", kind="3.0")
    scene.set_password("cap01", "sa_sql", "Sql!2027")
    for turn in range(8):
        for number, host in enumerate(("app01", "sync01", "ts01")):
            scene.at(620 + turn * 600 + number * 30)
            scene.once(host, "sa_sql", "Sql!2026" if host == "ts01" else "Sql!2027", kind="3.0")
    scene.innocent(clients=["app01", "sync01"])
    scene.blame(SERVICE, "sa_sql", domain="CORP", authority="local", clients=["ts01"],
                cause_also=[PERIODIC])


@incident("roaming_profile_half_there", "Q171148")
def roaming(scene):
    """SMB 2.1. At each start WS109 looks in HOMES for the roaming profile of bwhite, which is not
    complete: ntuser.man, ntuser.dat.LOG, prefs.dll and others in two folders, in the good session
    of the machine's owner lnovak, who has a drive of bwhite's mapped there with the old password.
    bwhite works on WS101 with the new one. Locked at the fourth (threshold 4)."""
    scene.serve("cap01", threshold=4)
    scene.at(0)
    scene.once("ws101", "bwhite")
    noise.crowd(scene, without=("typing",))
    scene.put("cap01", "HOMES", "bwhite.V2/ntuser.ini")
    scene.put("cap01", "HOMES", "bwhite.V6/ntuser.ini")
    files = ("ntuser.man", "ntuser.dat.log", "prefs.dll", "desktop.ini")
    for when in (100, 5300, 9900, 14000, 21000):
        scene.at(when)
        user = scene.link("ws109")
        user.logon("lnovak")
        Path((user, "HOMES", "bwhite.V6"), (user, "HOMES", "bwhite.V2")).search(files)
        scene.once("ws109", "bwhite", "bwhite!Pw0")
        user.close()
    scene.innocent(clients=["ws101"], accounts=["lnovak"], files=files)
    scene.blame(STALE, "bwhite", domain="CORP", authority="local", clients=["ws109"])
