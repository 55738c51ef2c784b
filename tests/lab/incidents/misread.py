"""Incidents whose signs are those of another cause: a fast retry that is no attack, a balancer that
passes connections on, a kind of answer or a missing domain that is not the reason."""
import noise
from driver import Path
from scene import incident

from .accounts import UNKNOWN
from .hostile import Relay
from .stale import SERVICE
from .tricky import PERIODIC, STALE, people


@incident("pool_of_connections", "Q243602", frozen=True)
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


@incident("old_answer_and_old_password", "Q293662", frozen=True)
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


@incident("no_domain_and_old_password", "Q293662", frozen=True)
def no_domain(scene):
    """SMB 2.1. WS127, which is no Windows, never sends a domain; lnovak was granted so at CAP01 until
    the password was changed, and works on WS101, as CORP\\lnovak, with the new one. CAP01 has only
    its own accounts: the domain makes no difference. Locked at the fourth."""
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


@incident("connections_through_a_balancer", frozen=True)
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


@incident("laptop_in_four_places", "Q293662", frozen=True)
def laptop(scene):
    """SMB 3.0. One laptop, LAPTOP7, is carried about for a day and has four addresses, one after the
    other; cgreen's drive on it has an old password, and cgreen works on WS101 with the new one.
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


@incident("photo_synchronisation", "Q243602", frozen=True)
def photos(scene):
    """SMB 3.1.1. The photo station NAS01 copies pictures to CAP01 as sync_photos, each half hour, and
    its password was changed. The account begins like one of the directory synchronisation's, which
    is not in use here (no lockout policy)."""
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


@incident("two_users_of_a_terminal_server", "Q278660", frozen=True)
def terminal(scene):
    """SMB1. TS01 has two users. In fblack's session a Sound Blaster driver, which nobody needs there,
    searches APPS and SMSLOGON at each start of a program. In tnguyen's a drive mapped to APPS has
    an old password, and the program that fblack and tnguyen both use opens both: four of
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
