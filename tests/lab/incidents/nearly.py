"""Incidents that are nearly others: one sign too few, or one too many."""
import noise
from driver import Path, driver
from scene import incident

from .accounts import UNKNOWN
from .hostile import PROBE
from .site_systems import CAUSE as LOCAL_CAUSE, local
from .walks import CAUSE as WALK_CAUSE, TOKEN, new_connection


@incident("person_locked_by_typing", "Q219898")
def locked_by_typing(scene):
    """SMB 2.1. egray, who was granted on WS103 in the morning, mistypes five times within a minute
    after lunch, is locked (threshold 5), is told so twice, and an hour later, unlocked by an
    administrator, logs on from the same machine. The password never changed; nothing says more
    than wrong passwords and a lock."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    scene.once("ws103", "egray")
    for number, when in enumerate((5000, 5009, 5021, 5033, 5050, 5066, 5090)):
        scene.at(when)
        scene.once("ws103", "egray", f"egary!Pw{number}")
    scene.unlock("cap01", "egray")
    scene.at(8400)
    scene.once("ws103", "egray")
    scene.blame(UNKNOWN, "egray", domain="CORP", authority="local", clients=["ws103"],
                cause_also=["account-locked-out"])


@incident("live_seen_too_late", "Q278660")
def late(scene):
    """SMB 2.1. As the capture begins, the session in which Sound Blaster Live! files are searched
    has been there for long: neither user nor shares can be seen, only two tree ids and the names.
    The token account is refused on connections of its own within the same seconds (threshold 4)."""
    links = []

    def earlier():
        links.append(scene.link("ws126"))
        links[0].before("tnguyen", share="CAP_S01")
        links[0].tree("APPS")
    scene.serve("cap01", threshold=4, before=earlier)
    path = Path((links[0], "CAP_S01", ""), (links[0], "APPS", ""))
    files = ("emu8008.vxd", "ctmm16.drv", "cifman.dll")
    scene.at(0)
    noise.crowd(scene)
    for when in (31, 95, 160, 420, 421, 1000):
        scene.at(when)
        new_connection(scene, "ws126")
        missed = path.search(files)
    for one in scene.truth["opens"]:
        if one["account"] == "tnguyen":
            one.update(share=None, account=None)
    scene.innocent(accounts=["tnguyen"])
    scene.blame(WALK_CAUSE, TOKEN, domain="WS126", authority="local", clients=["ws126"],
                culprit=driver("creative-live-9x", files, "Creative Labs"),
                walk={"directories": [], "missing": missed})


@incident("same_driver_without_trouble", "Q278660")
def without_trouble(scene):
    """SMB 3.0. WS127 and WS128 have the same Crystal driver and search the same two directories;
    only WS127's token account is ever refused (WS128 is no client of SMS). Locked at the fourth."""
    scene.serve("cap01", threshold=4)
    scene.at(0)
    noise.crowd(scene)
    files, paths = ("cwdaudio.ini", "cwdpcple.dll"), []
    for host, account in (("ws127", "kmeyer"), ("ws128", "lnovak")):
        link = scene.link(host, kind="3.0")
        link.logon(account)
        paths.append(Path((link, "SMSLOGON", ""), (link, "APPS", "")))
    for turn in range(5):
        scene.at(45 + turn * 301)
        new_connection(scene, "ws127", kind="3.0")
        missed = paths[0].search(files)
        scene.at(48 + turn * 301)
        paths[1].search(files)
    scene.innocent(clients=["ws128"], accounts=["kmeyer", "lnovak"])
    scene.blame(WALK_CAUSE, TOKEN, domain="WS127", authority="local", clients=["ws127"],
                culprit=driver("crystal-cwb-cwd", files, "Crystal Semiconductor"),
                walk=paths[0].truth(missed))


@incident("everybody_locked_on_purpose")
def on_purpose(scene):
    """SMB 3.0.2. PROBE01 sends five wrong passwords for each of twelve accounts, one account after
    the other, within three minutes, until each is locked (threshold 5): guessing, spraying or plain
    mischief cannot be told apart, but it is hostile."""
    names = ("asmith", "bwhite", "cgreen", "dbrown", "egray", "fblack", "hourly", "jdoe", "kmeyer",
             "lnovak", "svc_backup", "tnguyen")
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    link = scene.link("probe01", kind="3.0.2", calling="")
    for number, name in enumerate(names):
        for turn in range(5):
            scene.at(600 + number * 14 + turn * 0.9)
            link.logon(name, f"Lock{turn}!")
    scene.at(900)
    scene.once("ws101", "kmeyer", kind="3.0.2")
    scene.blame("password-spray", None, domain="CORP", authority="local", clients=["probe01"],
                culprit=PROBE, hostile=True, cause_also=["single-client-brute-force"])


@incident("metering_share_alone", "Q287626", server="fs02")
def metering_share(scene):
    """SMB1 over NetBIOS. All that is seen of the metering client is the share: WS129 wants LICMTR
    as dbrown eight times back to back, every minute, and dbrown's password was changed before the
    capture began. Locked at the eighteenth (threshold 18)."""
    scene.serve("fs02", threshold=18)
    scene.at(0)
    noise.crowd(scene, without=("typing",))
    meter = scene.link("ws129", kind="smb1-139")
    for turn in range(5):
        scene.at(40 + turn * 60.3)
        for _ in range(8):
            meter.logon("dbrown", "dbrown!Pw0", share="LICMTR")
    scene.blame("periodic-retry-program", "dbrown", domain="CORP", authority="local",
                clients=["ws129"], culprit={"kind": "program", "id": "sms-licmtr",
                                            "vendor": "Microsoft", "files": []})


@incident("search_at_another_server", "Q299352", server="cap01 fs02")
def another_server(scene):
    """SMB1. WS130's Yamaha driver searches two shares of FS02, every five minutes, in a good
    session, and FS02 never refuses anybody a logon. Five clients, WS130 among them, use their local
    token accounts on CAP_S01 of CAP01, minutes away from any search, and lock the account
    (threshold 8). The driver has no part in it."""
    scene.serve("cap01", "fs02", threshold=8)
    scene.at(0)
    noise.crowd(scene, "cap01")
    user = scene.link("ws130", "fs02", "smb1-139")
    user.logon("lnovak")
    path = Path((user, "APPS", ""), (user, "SMS_SHR", ""))
    files = ("OPL3SA.DRV", "VSGM.VXD", "SASOUND.INF")
    clients = ("ws130", "ws101", "ws102", "ws103", "ws104")
    for turn in range(3):
        scene.at(10 + turn * 300)
        path.search(files)
        for number, host in enumerate(clients):
            scene.at(130 + turn * 300 + number * 9)
            local(scene, host, server="cap01")
    scene.innocent(accounts=["lnovak"], files=files)
    scene.blame(LOCAL_CAUSE, TOKEN, authority="local", clients=clients)


@incident("three_passwords_each", server="dc01")
def three_each(scene):
    """SMB 2.1 to a domain controller. PROBE01 tries three passwords with each of fifteen names,
    name by name, and names a machine that is not its own; no lockout policy. Users work on."""
    names = ("admin", "asmith", "backup", "bwhite", "cgreen", "dbrown", "egray", "fblack",
              "helpdesk", "jdoe", "kmeyer", "lnovak", "sa_sql", "scan_konica", "tnguyen")
    scene.serve("dc01", threshold=0)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner",))
    link = scene.link("probe01", calling="DESKTOP-4Q2")
    for number, name in enumerate(names):
        for turn, password in enumerate(("Password1", "Welcome1", "Corp2026!")):
            scene.at(300 + number * 11 + turn * 2.5)
            link.logon(name, password)
        if number == 7:
            scene.at(300 + number * 11 + 9)
            scene.once("ws101", "kmeyer")
    scene.blame("password-spray", None, domain="CORP", authority="domain", clients=["probe01"],
                culprit=PROBE, hostile=True)


@incident("job_and_search_in_step", "Q243602", server="cap01 fs02")
def in_step(scene):
    """SMB 3.1.1. On APP01 a job tries the old password of sa_sql at CAP01 every ten minutes, after
    it was granted; and every ten minutes as well, three minutes later, the ESS driver of the same
    machine searches two shares of FS02 in fblack's good session. Both began when the machine was
    started, that is all they have in common."""
    scene.serve("cap01", "fs02", threshold=0)
    scene.at(0)
    scene.once("app01", "sa_sql", server="cap01", kind="3.1.1")
    noise.crowd(scene, "cap01")
    scene.set_password("cap01", "sa_sql", "Sql!2027")
    user = scene.link("app01", "fs02", "3.1.1")
    user.logon("fblack")
    path = Path((user, "APPS", ""), (user, "SMSLOGON", ""))
    files = ("essmpu.drv", "es1868.sys")
    for turn in range(7):
        scene.at(600 * (turn + 1))
        scene.once("app01", "sa_sql", "Sql!2026", server="cap01", kind="3.1.1")
        scene.at(600 * (turn + 1) + 180)
        path.search(files)
    scene.innocent(accounts=["fblack"], files=files)
    scene.blame("stale-service-account-password", "sa_sql", domain="CORP", authority="local",
                clients=["app01"])
