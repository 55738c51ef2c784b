"""Incidents whose signs are those of another cause: a fast retry that is no attack, a balancer that
passes connections on, a kind of answer or a missing domain that is not the reason."""
import noise
from driver import Path, driver
from scene import incident

from .accounts import UNKNOWN
from .hostile import PROBE, Relay
from .site_systems import CAUSE as LOCAL_CAUSE
from .stale import SERVICE
from .tricky import PERIODIC, STALE, people
from .walks import CAUSE as WALK_CAUSE, TOKEN, new_connection


@incident("pool_of_connections", "Q243602")
def pool(scene):
    """SMB 3.1.1. The web shop on APP01 keeps a pool of connections as webshop. Its password is
    changed; whenever an order comes, the pool tries all of its 25 connections at once with the old
    one, 25 logons in eight seconds, at no rhythm (no lockout policy). It was granted until then, by
    the same workstation name: no attack."""
    scene.serve("cap01", threshold=0)
    people(scene, "cap01", "webshop")
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    for when in (20, 210, 400):
        scene.at(when)
        scene.once("app01", "webshop", kind="3.1.1")
    scene.set_password("cap01", "webshop", "webshop!Pw2")
    for when in (900, 2210, 2950):
        link = scene.link("app01", kind="3.1.1")
        for number in range(25):
            scene.at(when + number * 0.33)
            link.logon("webshop", "webshop!Pw1")
        link.close()
    scene.blame(SERVICE, "webshop", domain="CORP", authority="local", clients=["app01"],
                cause_also=[STALE, PERIODIC, UNKNOWN])


@incident("old_answer_and_old_password", "Q293662")
def old_answer(scene):
    """SMB1. The old machine WS125 answers by NTLMv1, which CAP01 takes: dbrown was granted so on
    WS126 and, before the password was changed, on WS125. WS125 goes on with the old password; on
    WS101 dbrown works by NTLMv2 with the new one. The account is locked by the fifth (threshold 5):
    the server did look at the password, its kind is not the reason."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    scene.once("ws125", "dbrown", kind="smb1")
    noise.crowd(scene)
    scene.set_password("cap01", "dbrown", "dbrown!Pw2")
    scene.once("ws101", "dbrown")
    scene.at(400)
    scene.once("ws126", "kmeyer", kind="smb1")
    for when in (700, 1510, 1600, 3340, 4000, 4700):
        scene.at(when)
        scene.once("ws125", "dbrown", "dbrown!Pw1", kind="smb1")
    scene.innocent(clients=["ws101", "ws126"], accounts=["kmeyer"])
    scene.blame(STALE, "dbrown", domain="CORP", authority="local", clients=["ws125"])


@incident("no_domain_and_old_password", "Q293662")
def no_domain(scene):
    """SMB 2.1. WS127, which is no Windows, never sends a domain; lnovak was granted so at CAP01
    until the password was changed, and works on WS101, as CORP\\lnovak, with the new one. CAP01 has
    only its own accounts: the domain makes no difference. Locked at the fourth."""
    scene.serve("cap01", threshold=4)
    scene.at(0)
    scene.once("ws127", "lnovak", domain="")
    noise.crowd(scene)
    scene.set_password("cap01", "lnovak", "lnovak!Pw2")
    scene.once("ws101", "lnovak")
    for when in (800, 830, 2900, 4400, 4700):
        scene.at(when)
        scene.once("ws127", "lnovak", "lnovak!Pw1", domain="")
    scene.innocent(clients=["ws101"])
    scene.blame(STALE, "lnovak", domain="", authority="local", clients=["ws127"])


@incident("connections_through_a_balancer")
def balancer(scene):
    """SMB 2.1. SITE01 is a load balancer: what comes to it is passed on to CAP01 as it is, and both
    sides of it are captured, so that each challenge is seen twice. Nine people log on through it
    without trouble; WS110 goes on with the password that jdoe, who works on WS101, had before (no
    lockout policy). Nobody steals a logon."""
    scene.serve("cap01", threshold=0)
    scene.lab.network.need("site01")
    between = Relay("site01", "cap01")

    def through(host, account, password):
        link = scene.link(host, "site01")
        means = scene.expect("cap01", "CORP", account, password)
        scene.tell("site01", "cap01", "CORP", account, means, **link.facts)
        scene.tell(host, "site01", "CORP", account, means, audit=False, **link.facts)
        scene.heard(link.wire.logon(account, "CORP", password)[0],
                    scene.truth["logons"][-1]["status"])
        link.close()
    people_at = {"ws102": "asmith", "ws103": "bwhite", "ws104": "cgreen", "ws105": "dbrown",
                 "ws106": "egray", "ws107": "fblack", "ws108": "kmeyer", "ws109": "lnovak"}
    scene.at(0)
    noise.crowd(scene, without=("work", "typing", "shell", "scanner"))
    through("ws110", "jdoe", "Jd0e!pass")
    scene.set_password("cap01", "jdoe", "Jd0e!new")
    for turn in range(4):
        for number, (host, account) in enumerate(people_at.items()):
            scene.at(100 + turn * 1100 + number * 37)
            through(host, account, f"{account}!Pw1" if account != "asmith" else "As1!pass")
        scene.at(100 + turn * 1100 + 400)
        through("ws101", "jdoe", "Jd0e!new")
        scene.at(100 + turn * 1100 + 600 + turn * 41)
        through("ws110", "jdoe", "Jd0e!pass")
    between.close()
    scene.innocent(clients=["site01", "ws101", *people_at], accounts=list(people_at.values()))
    scene.blame(STALE, "jdoe", domain="CORP", authority="local", clients=["ws110"],
                servers=["site01"])


@incident("laptop_in_four_places", "Q293662")
def laptop(scene):
    """SMB 3.0. One laptop, LAPTOP7, is carried about for a day and has four addresses, one after
    the other; cgreen's drive on it has an old password, and cgreen works on WS101 with the new one.
    Locked at the seventh (threshold 7). There is one machine to be mended, not four."""
    scene.serve("cap01", threshold=7)
    scene.at(0)
    scene.once("ws128", "cgreen", calling="LAPTOP7", kind="3.0")
    noise.crowd(scene, without=("shell",))
    scene.set_password("cap01", "cgreen", "cgreen!Pw2")
    scene.once("ws101", "cgreen", kind="3.0")
    for number, host in enumerate(("ws128", "ws129", "ws130", "ws131")):
        for when in (1000, 1900 + number * 17):
            scene.at(number * 7200 + when)
            scene.once(host, "cgreen", "cgreen!Pw1", calling="LAPTOP7", kind="3.0")
    scene.innocent(clients=["ws101"])
    scene.blame(STALE, "cgreen", domain="CORP", authority="local",
                clients=["ws128", "ws129", "ws130", "ws131"])


@incident("photo_synchronisation", "Q243602")
def photos(scene):
    """SMB 3.1.1. The photo station NAS01 copies pictures to CAP01 as sync_photos, each half hour,
    and its password was changed. The account begins like one of the directory synchronisation's,
    which is not in use here (no lockout policy)."""
    scene.serve("cap01", threshold=0)
    people(scene, "cap01", "sync_photos")
    scene.at(0)
    scene.once("nas01", "sync_photos", kind="3.1.1")
    noise.crowd(scene, without=("scanner",))
    scene.set_password("cap01", "sync_photos", "sync_photos!Pw2")
    for turn in range(6):
        scene.at(1800 * (turn + 1) + 3)
        scene.once("nas01", "sync_photos", "sync_photos!Pw1", kind="3.1.1")
    scene.blame(SERVICE, "sync_photos", domain="CORP", authority="local", clients=["nas01"],
                cause_also=[PERIODIC, STALE])


@incident("two_users_of_a_terminal_server", "Q278660")
def terminal(scene):
    """SMB1. TS01 has two users. In fblack's session a Sound Blaster driver, which nobody needs
    there, searches APPS and SMSLOGON at each start of a program. In tnguyen's a drive mapped to
    APPS has an old password, and the program that fblack and tnguyen both use opens both: four of
    tnguyen's six refusals lie in the same seconds as a search. tnguyen is granted on WS101. Locked
    at the fifth (threshold 5). The driver asks as fblack, and locks nobody."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    scene.once("ts01", "tnguyen", kind="smb1-139", share="APPS")
    noise.crowd(scene)
    scene.set_password("cap01", "tnguyen", "tnguyen!Pw2")
    scene.once("ws101", "tnguyen", kind="smb1-139", share="APPS")
    user = scene.link("ts01", kind="smb1-139")
    user.logon("fblack")
    path = Path((user, "APPS", ""), (user, "SMSLOGON", ""))
    files = ("SNDBLST.DLL", "SBAWE32.DRV")
    for when, is_walk, is_drive in ((300, 1, 1), (900, 1, 0), (1400, 0, 1), (2100, 1, 1),
                                    (2900, 1, 1), (3300, 1, 0), (4000, 1, 1), (5000, 0, 1)):
        scene.at(when)
        if is_walk:
            path.search(files)
        if is_drive:
            scene.at(when + 2)
            scene.once("ts01", "tnguyen", "tnguyen!Pw1", kind="smb1-139", share="APPS")
    scene.innocent(clients=["ws101"], accounts=["fblack"], files=files)
    scene.blame(STALE, "tnguyen", domain="CORP", authority="local", clients=["ts01"])


@incident("forgot_it_at_three_desks", "Q219898")
def forgot(scene):
    """SMB 2.1. After the holidays bwhite has forgotten the password and tries twice at WS103, then
    at the desks of two colleagues, WS104 and WS105, within ten minutes; the help desk sets another
    one, and bwhite is granted on WS103. The colleagues log on to these machines as ever. Nothing is
    stored anywhere (threshold 10)."""
    scene.serve("cap01", threshold=10)
    scene.at(0)
    noise.crowd(scene, without=("typing",))
    for host, account in (("ws104", "dbrown"), ("ws105", "egray")):
        scene.once(host, account)
    for number, host in enumerate(("ws103", "ws104", "ws105")):
        for turn in range(2):
            scene.at(300 + number * 190 + turn * 16)
            scene.once(host, "bwhite", f"bwhite{number}{turn}")
    scene.set_password("cap01", "bwhite", "bwhite!Pw2")
    scene.at(1500)
    scene.once("ws103", "bwhite")
    scene.at(1600)
    scene.once("ws104", "dbrown")
    scene.innocent(clients=["ws104", "ws105"], accounts=["dbrown", "egray"])
    scene.blame(UNKNOWN, "bwhite", domain="CORP", authority="local",
                clients=["ws103", "ws104", "ws105"], cause_also=[None])


@incident("lease_goes_to_another", "Q299352")
def lease(scene):
    """SMB 2.1. In the morning the address of WS120 is that of WS120 itself, whose Crystal driver
    searches two directories of PATH at no cost. It is switched off, and five hours later WS200 has
    the address: its local token account is refused at the access point, five times, and locked
    (threshold 5). WS200 searches nothing."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws120")
    user.logon("kmeyer")
    path = Path((user, "CAP_S01", ""), (user, "APPS", ""))
    files = ("cwbaudio.bin", "cwdpcple.dll")
    for turn in range(4):
        scene.at(100 + turn * 800)
        path.search(files)
    scene.at(3000)
    user.close()
    for number in range(6):
        scene.at(20000 + number * 450)
        link = scene.link("ws120", calling="WS200")
        link.logon(TOKEN, "Wks!Tok-ws200", "WS200")
        link.close()
        if number == 1:
            link = scene.link("ws120", calling="WS200")
            link.logon("tnguyen")
            link.look("CAP_S01", "readme.txt", found=True)
            link.close()
    scene.innocent(accounts=["kmeyer", "tnguyen"], files=files)
    scene.blame(LOCAL_CAUSE, TOKEN, domain="WS200", authority="local", clients=["ws120"])


@incident("slow_guessing")
def slow_guessing(scene):
    """SMB 3.1.1. PROBE01, without a workstation name, guesses the password of administrator, which
    nobody uses here: 90 attempts within forty minutes, one in 12 to 40 seconds, so that no minute
    has more than five (no lockout policy)."""
    scene.serve("cap01", threshold=0)
    people(scene, "cap01", "administrator")
    scene.at(0)
    noise.crowd(scene)
    at = 60
    for number in range(90):
        at += 12 + number * 37 % 29
        scene.at(at)
        scene.once("probe01", "administrator", f"Summer{number}!", kind="3.1.1", calling="")
    scene.blame("single-client-brute-force", "administrator", domain="CORP", authority="local",
                clients=["probe01"], culprit=PROBE, hostile=True)


@incident("old_dialect_hides_the_lock", "Q293662")
def hidden_lock(scene):
    """SMB1 with DOS error codes. WS126, an old machine, has the password fblack had before; CAP01
    answers it by the same DOS error whether the password is wrong or the account locked. It is
    locked by the third attempt (threshold 3), which only WS101 is told plainly, where fblack has
    the new password and is refused in between."""
    scene.serve("cap01", threshold=3, lines=("nt status support = no",))
    scene.at(0)
    scene.once("ws126", "fblack", kind="smb1-dos")
    noise.crowd(scene)
    scene.set_password("cap01", "fblack", "fblack!Pw2")
    scene.once("ws101", "fblack")
    for number, when in enumerate((600, 1340, 2500, 3111, 3900, 4800)):
        scene.at(when)
        scene.once("ws126", "fblack", "fblack!Pw1", kind="smb1-dos")
        if number == 3:
            scene.at(when + 90)
            scene.once("ws101", "fblack")
    scene.blame(STALE, "fblack", domain="CORP", authority="local", clients=["ws126"])
    scene.innocent(clients=["ws101"])


@incident("attack_locks_and_driver_suffers", "Q278660")
def suffers(scene):
    """SMB 2.1. PROBE01, which calls itself WORKSTATION, locks SMSCliToknAcct& by five wrong
    passwords within three seconds (threshold 5), and goes on for a hundred more. Half an hour later
    WS113 comes up, where a Creative driver searches two directories of PATH beside the token
    account's logons: it is told five times that the account is locked. It would have locked it as
    well, but did not."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    link = scene.link("probe01", calling="WORKSTATION")
    for number in range(105):
        scene.at(300 + number * 0.5)
        link.logon(TOKEN, f"sms{number}")
    user = scene.link("ws113")
    scene.at(2100)
    user.logon("kmeyer")
    path = Path((user, "CAP_S01", ""), (user, "APPS", ""))
    files = ("sb16snd.dll", "sndblst.sys")
    for turn in range(5):
        scene.at(2200 + turn * 300)
        path.search(files)
        new_connection(scene, "ws113")
    scene.innocent(accounts=["kmeyer"])
    scene.blame("single-client-brute-force", TOKEN, domain="CORP", authority="local",
                clients=["probe01"], culprit=PROBE, hostile=True)
    scene.blame(WALK_CAUSE, TOKEN, domain="WS113", authority="local", clients=["ws113"],
                culprit=driver("creative-sb-nt4", files, "Creative Labs", optional=True),
                cause_also=["account-locked-out"], walk=path.truth(files))


@incident("share_names_tell_the_wrong_program", "Q287626")
def wrong_program(scene):
    """SMB1. A license server's share LICMTR is used by dbrown's design program, from WS116, which
    has an old password stored: once when it is started, five times in a day (threshold 4). dbrown
    works on WS101 with the new one. No license metering of SMS is at work: it would try again and
    again, within minutes."""
    scene.serve("cap01", threshold=4)
    scene.at(0)
    scene.once("ws116", "dbrown", kind="smb1-139", share="LICMTR")
    noise.crowd(scene, without=("shell",))
    scene.set_password("cap01", "dbrown", "dbrown!Pw2")
    scene.once("ws101", "dbrown")
    for when in (700, 5100, 9900, 20300, 30000):
        scene.at(when)
        scene.once("ws116", "dbrown", "dbrown!Pw1", kind="smb1-139", share="LICMTR")
    scene.innocent(clients=["ws101"])
    scene.blame(STALE, "dbrown", domain="CORP", authority="local", clients=["ws116"],
                cause_also=[PERIODIC],
                culprit={"kind": "program", "id": "sms-licmtr", "vendor": "Microsoft", "files": [],
                         "optional": True})


@incident("stored_password_beside_a_program", "Q171148")
def beside_program(scene):
    """SMB1. On WS121 kmeyer runs a program from APPS, which looks for its libraries in two folders
    of the share; as it starts, it also opens the share with the user and password that somebody
    once stored in it: tnguyen's, which are wrong. The refusal wants the share that is searched,
    within a second, each time. No PATH is searched, and no driver is at work (threshold 8)."""
    scene.serve("cap01", threshold=8)
    scene.put("cap01", "APPS", "Plan/bin/plan.exe")
    scene.put("cap01", "APPS", "Plan/lib/plan.dat")
    scene.at(0)
    noise.crowd(scene, without=("work", "scanner"))
    user = scene.link("ws121", kind="smb1-139")
    user.logon("kmeyer")
    path = Path((user, "APPS", "Plan\\lib"), (user, "APPS", "Plan\\bin"))
    files = ("plangrid.dll", "plancal.ocx")
    for when in (300, 1900, 5005, 9050, 9900):
        scene.at(when)
        user.look("APPS", "Plan\\bin\\plan.exe", found=True)
        path.search(files)
        user.look("APPS", "Plan\\lib\\plan.dat", found=True)
        scene.at(when + 0.5)
        scene.once("ws121", "tnguyen", "tnguyen!Old", kind="smb1-139", share="APPS")
    scene.innocent(accounts=["kmeyer"], files=files)
    scene.blame(UNKNOWN, "tnguyen", domain="CORP", authority="local", clients=["ws121"],
                cause_also=[STALE])


@incident("sheet_with_many_links", "Q219898")
def sheet(scene):
    """SMB1. WS107 opens a sheet with fourteen links to files in HOMES, and asks for each with the
    same stored user and password, dbrown's of last year: fourteen refusals in five seconds, when it
    is opened, twice in an hour (no lockout policy). The shares that are wanted show that somebody
    works, and does not guess."""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    for when in (400, 3800):
        for number in range(14):
            scene.at(when + number * 0.36)
            scene.once("ws107", "dbrown", "dbrown!Pw0", kind="smb1-139", share="HOMES")
    scene.innocent(clients=["ws107"])
    scene.blame(STALE, "dbrown", domain="CORP", authority="local", clients=["ws107"],
                cause_also=[UNKNOWN], is_victim=True)


@incident("locked_from_where_nobody_looks", "Q297157")
def elsewhere(scene):
    """SMB 2.1. WS110 has an old password of jdoe, who works on WS101 with the new one. Its second
    failure is the second that is seen; then a job on CAP01 itself, which no capture on the wire
    shows, fails three times and locks the account (threshold 5), and WS110 is told so. How many
    failures lock an account here cannot be known from this."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    scene.once("ws110", "jdoe")
    noise.crowd(scene)
    scene.set_password("cap01", "jdoe", "Jd0e!new")
    scene.once("ws101", "jdoe")
    for when in (600, 1100):
        scene.at(when)
        scene.once("ws110", "jdoe", "Jd0e!pass")
    for _ in range(3):
        scene.quietly("cap01", "jdoe", "Jd0e!pass")
    for when in (1500, 2900):
        scene.at(when)
        scene.once("ws110", "jdoe", "Jd0e!pass")
    scene.innocent(clients=["ws101"])
    scene.blame(STALE, "jdoe", domain="CORP", authority="local", clients=["ws110"])
    scene.truth["incident"]["threshold"] = None


@incident("the_other_driver_is_elsewhen", "Q278660")
def other_driver(scene):
    """SMB 2.1. Two drivers search the same two directories on WS114: the Yamaha one whenever
    inventory runs and the token account is refused, the ESS one every ten minutes, by itself, and
    never within a minute of a refusal. Locked at the fourth (threshold 4). Yamaha's is to be
    blamed."""
    scene.serve("cap01", threshold=4)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("ws114")
    user.logon("lnovak")
    path = Path((user, "CAP_S01", ""), (user, "APPS", ""))
    files, others = ("opl3sax.sys", "opl3sacx.dll"), ("essolo.sys", "essdm.vxd")
    plan = [(30 + turn * 600, False) for turn in range(6)]
    plan += [(when, True) for when in (340, 900, 1510, 2130, 2780)]
    for when, is_near in sorted(plan):
        scene.at(when)
        if is_near:
            new_connection(scene, "ws114")
            missed = path.search(files)
        else:
            path.search(others)
    scene.innocent(accounts=["lnovak"], files=others)
    scene.blame(WALK_CAUSE, TOKEN, domain="WS114", authority="local", clients=["ws114"],
                culprit=driver("yamaha-opl3sax", files, "Yamaha"), walk=path.truth(missed))


@incident("job_in_step_with_a_search", "Q243602")
def in_step(scene):
    """SMB 3.0. On SYNC01 a job logs on to CAP01 as svc_inventory every quarter of an hour, and a
    Crystal driver searches two directories of CAP01 in kmeyer's session every seven and a half
    minutes: each logon of the job lies three seconds after a search. The first four are granted;
    then the password is changed, and the job goes on with the old one (no lockout policy). The
    driver did the same when all was well."""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    user = scene.link("sync01", kind="3.0")
    user.logon("kmeyer")
    path = Path((user, "CAP_S01", ""), (user, "APPS", ""))
    files = ("cwbaudio.bin", "cwdpcple.dll")
    for turn in range(20):
        scene.at(100 + turn * 450)
        path.search(files)
        if turn == 8:
            scene.set_password("cap01", "svc_inventory", "Inv!2027")
        if turn % 2 == 0:
            scene.at(103 + turn * 450)
            scene.once("sync01", "svc_inventory", "Inv!2026", kind="3.0")
    scene.innocent(accounts=["kmeyer"], files=files)
    scene.blame(SERVICE, "svc_inventory", domain="CORP", authority="local", clients=["sync01"],
                cause_also=[PERIODIC])


@incident("spray_from_a_terminal_server")
def ts_spray(scene):
    """SMB 3.1.1. TS01 is a terminal server: eight people work there and are granted, again and
    again. One of them runs a tool that tries Welcome1 on twelve other names in the order of the
    alphabet, one in two seconds (no lockout policy)."""
    good = ("asmith", "bwhite", "cgreen", "dbrown", "egray", "fblack", "jdoe", "kmeyer")
    names = ("archer", "hourly", "lnovak", "oberg", "pmoreau", "quist", "rivera", "sa_sql",
             "scan_konica", "svc_backup", "svc_inventory", "tnguyen")
    scene.serve("cap01", threshold=0)
    people(scene, "cap01", "archer", "oberg", "pmoreau", "quist", "rivera")
    scene.at(0)
    noise.crowd(scene, without=("work", "typing", "shell", "scanner"))
    for turn in range(3):
        for number, name in enumerate(good):
            scene.at(30 + turn * 500 + number * 41)
            scene.once("ts01", name, kind="3.1.1")
    link = scene.link("ts01", kind="3.1.1")
    for number, name in enumerate(names):
        scene.at(1700 + number * 2)
        link.logon(name, "Welcome1")
    scene.at(1800)
    scene.once("ts01", "kmeyer", kind="3.1.1")
    scene.innocent(accounts=good)
    scene.blame("password-spray", None, domain="CORP", authority="local", clients=["ts01"],
                culprit={"kind": "host", "id": None, "vendor": None, "files": []}, hostile=True)


@incident("kiosks_of_one_name", "Q227033")
def kiosks(scene):
    """SMB 2.1. Four kiosks were made from one image and all call themselves WORKSTATION; each has
    the old password of the account kiosk, tries it every hour at about the same time, and was
    granted with it before. Locked at the sixth (threshold 6)."""
    hosts = ("ws103", "ws104", "ws105", "ws106")
    scene.serve("cap01", threshold=6)
    people(scene, "cap01", "kiosk")
    scene.at(0)
    noise.crowd(scene)
    for number, host in enumerate(hosts):
        scene.at(30 + number * 21)
        scene.once(host, "kiosk", calling="WORKSTATION")
    scene.set_password("cap01", "kiosk", "kiosk!Pw2")
    for turn in range(3):
        for number, host in enumerate(hosts):
            scene.at(3600 * (turn + 1) + number * 31)
            scene.once(host, "kiosk", "kiosk!Pw1", calling="WORKSTATION")
    scene.innocent(clients=hosts)
    scene.blame("many-clients-one-account", "kiosk", domain="CORP", authority="local",
                clients=hosts, is_victim=True)
