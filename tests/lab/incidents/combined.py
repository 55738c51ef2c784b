"""Several troubles at once, machines that change their address or share one, and captures that lack
a part of what happened."""
import contextlib
import json
import struct

import noise
import wire
from driver import Path, driver
from net import NUMBERS, ip4, ip6, mac, sh
from samba import DOMAIN_USERS
from scene import FAILURES, LOCKED as LOCKED_OUT, incident

from .accounts import UNKNOWN
from .hostile import PROBE
from .site_systems import CAUSE as LOCAL_CAUSE, local
from .stale import SERVICE
from .walks import CAUSE as WALK_CAUSE, TOKEN, new_connection, token

STALE, PERIODIC = "stale-mapped-drive-or-saved-credential", "periodic-retry-program"
LOCKED, SHARED = "account-locked-out", "many-clients-one-account"
BRUTE, SPRAY = "single-client-brute-force", "password-spray"


def by_address(scene):
    """From here on, clients may be told by their addresses too."""
    named = scene.ip
    scene.ip = lambda name: name if set(name) & set(".:") else named(name)


@contextlib.contextmanager
def over_ipv6(scene):
    scene.v6 = True
    try:
        yield
    finally:
        scene.v6 = False


@contextlib.contextmanager
def leases(scene, *servers):
    """Gives a function that moves a host to another address; all of them go home in the end."""
    home = {}

    def move(host, number):
        scene.lab.network.need(host)
        home.setdefault(host, NUMBERS[host])
        old = ip4(host)
        NUMBERS[host] = number
        sh("ip", "-n", host, "addr", "del", old + "/24", "dev", "eth0")
        sh("ip", "-n", host, "addr", "add", ip4(host) + "/24", "dev", "eth0")
        for server in servers:
            sh("ip", "-n", server, "neigh", "flush", "all")
    try:
        yield move
    finally:
        for host, number in home.items():
            move(host, number)


class Frame:
    """One packet of a finished capture."""

    def __init__(self, number, seconds, data, length):
        self.number, self.seconds, self.data, self.length = number, seconds, data, length
        self.source = data[6:12].hex(":")


def read(path):
    raw = path.read_bytes()
    out, at = [], 24
    assert struct.unpack_from("<I", raw)[0] == 0xA1B2C3D4
    while at < len(raw):
        sec, usec, kept, length = struct.unpack_from("<IIII", raw, at)
        out.append(Frame(len(out) + 1, sec + usec / 1e6, raw[at + 16:at + 16 + kept], length))
        out[-1].head = raw[at:at + 8]
        at += 16 + kept
    return raw[:24], out


def afterwards(scene, edit):
    """`edit(truth, frames, ends)` changes the finished capture: it returns the frames that stay,
    and changes the truth; `ends` are the frames of the replies that end session setups. Truths of
    logons that are None afterwards were not seen at all."""
    finish = scene.finish

    def both(*args):
        target = finish(*args)
        path = target / "input.pcap"
        truth = json.loads((target / "truth.json").read_text())
        head, frames = read(path)
        kept = edit(truth, frames, wire.setup_frames(path))
        path.write_bytes(head + b"".join(
            one.head + struct.pack("<II", len(one.data), one.length) + one.data for one in kept))
        renumber(truth, {one.number: at + 1 for at, one in enumerate(kept)})
        (target / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")
        return target
    scene.finish = both


def renumber(truth, frames):
    """Counts again what can still be seen."""
    seen = [at for at, one in enumerate(truth["logons"]) if one]
    truth["logons"] = [one for one in truth["logons"] if one]
    for told in (truth["incident"], *truth.get("more_incidents", ())):
        mine = [one for one in truth["logons"] if one["client_ip"] in told["clients"]
                and one["server_ip"] in told["servers"] and told["account"] is not None
                and one["account"].casefold() == told["account"].casefold()]
        told["failures"] = sum(one["status"] in FAILURES for one in mine)
        told["lockouts"] = sum(one["status"] == LOCKED_OUT for one in mine)
        if not told["lockouts"]:
            told["threshold"] = None
        tipped = told["tipping_attempt"]
        told["tipping_attempt"] = seen.index(tipped) if tipped in seen else None
        if "tipping_frame" in told:
            told["tipping_frame"] = frames.get(told["tipping_frame"])
            if told["tipping_frame"] is None or told["tipping_attempt"] is None:
                told.pop("tipping_frame")
                told["tipping_attempt"] = None


def hide_reply(entry):
    entry.update(outcome="unknown", status="", half_seen="request", cut_status=entry["status"])


# Two or three causes in one capture.


@incident("database_account_and_its_keeper", "Q243602", frozen=True)
def keeper(scene):
    """SMB 3.0. sa_sql was given a new password: APP01, which was granted before, goes on with the
    old one every twelve minutes. The database's keeper at WS110 mistypes the new one twice, tips
    the lock by it (threshold 6), and is told so when the right one is typed. The job is the cause;
    of the person nothing is to be said but wrong passwords."""
    scene.serve("cap01", threshold=6)
    scene.at(0)
    scene.once("app01", "sa_sql", kind="3.0")
    noise.crowd(scene)
    scene.set_password("cap01", "sa_sql", "Sql!2027")
    for turn in range(9):
        scene.at(720 * (turn + 1) + turn % 2)
        scene.once("app01", "sa_sql", "Sql!2026", kind="3.0")
        if turn == 3:
            for number, typed in enumerate(("Sql!2072", "sql!2027", "Sql!2027")):
                scene.at(720 * 4 + 140 + number * 8)
                scene.once("ws110", "sa_sql", typed, kind="3.0")
    scene.blame(SERVICE, "sa_sql", domain="CORP", authority="local", clients=["app01"])
    scene.blame(UNKNOWN, "sa_sql", domain="CORP", authority="local", clients=["ws110"],
                cause_also=[None, LOCKED], is_victim=True)


@incident("expired_task_and_old_print_password", "Q174073", server="fs02", frozen=True)
def expired_task(scene):
    """SMB 2.0.2. One machine, APP01, two troubles: a task of the account kicked, which has expired,
    at half past every hour; and the old password of svc-print every five minutes, which was granted
    before (threshold 8)."""
    scene.serve("fs02", threshold=8)
    scene.at(0)
    scene.once("app01", "svc-print", kind="2.0.2")
    noise.crowd(scene)
    scene.set_password("fs02", "svc-print", "Prn!2027")
    for turn in range(12):
        scene.at(300 * (turn + 1))
        scene.once("app01", "svc-print", "Prn!2026", kind="2.0.2")
        if turn in (5, 11):
            scene.at(300 * (turn + 1) + 90)
            scene.once("app01", "kicked", kind="2.0.2", means="ACCOUNT_EXPIRED")
    scene.blame(SERVICE, "svc-print", domain="CORP", authority="local", clients=["app01"],
                cause_also=[PERIODIC])
    scene.blame("account-expired", "kicked", domain="CORP", authority="local", clients=["app01"])


@incident("three_causes_in_one_hour", "Q243602", frozen=True)
def three_causes(scene):
    """SMB 3.1.1, 2.1 and SMB1. PROBE01 tries one password with fourteen names; APP01 has the old
    password of svc_backup, every fifteen minutes after it was granted; and WS118 goes on trying
    the disabled old_emp. Threshold 5; nobody is locked by the first, svc_backup is by the
    second."""
    names = ("aadams", "asmith", "bwhite", "cgreen", "dbrown", "dmiller", "egray", "fblack",
             "gjones", "jdoe", "kmeyer", "lnovak", "tnguyen", "wking")
    scene.serve("cap01", threshold=5)
    scene.at(0)
    scene.once("app01", "svc_backup")
    noise.crowd(scene)
    scene.set_password("cap01", "svc_backup", "Backup#2")
    for turn in range(4):
        scene.at(900 * (turn + 1))
        scene.once("app01", "svc_backup", "Backup#1")
        scene.at(900 * (turn + 1) + 77 + turn * 31)
        scene.once("ws118", "old_emp", kind="smb1", means="ACCOUNT_DISABLED")
        if turn == 1:
            for number, name in enumerate(names):
                scene.at(2000 + number * 5)
                scene.once("probe01", name, "Spring2026!", kind="3.1.1", calling="")
    for when in (4500, 5400):
        scene.at(when)
        scene.once("app01", "svc_backup", "Backup#1")
    scene.blame(SPRAY, None, domain="CORP", authority="local", clients=["probe01"], culprit=PROBE,
                hostile=True)
    scene.blame(SERVICE, "svc_backup", domain="CORP", authority="local", clients=["app01"])
    scene.blame("account-disabled", "old_emp", domain="CORP", authority="local",
                clients=["ws118"])


@incident("guesses_at_the_account_of_a_job", "Q243602", frozen=True)
def guesses_and_job(scene):
    """SMB 2.1. Two causes for one account: APP01's backup has the old password of svc_backup, every
    ten minutes after it was granted; PROBE01, which names no workstation, guesses the password of
    the same account forty times within a minute, and locks it (threshold 30)."""
    scene.serve("cap01", threshold=30)
    scene.at(0)
    scene.once("app01", "svc_backup")
    noise.crowd(scene)
    scene.set_password("cap01", "svc_backup", "Backup#2")
    links = [scene.link("probe01", calling="") for _ in range(2)]
    for turn in range(8):
        scene.at(600 * (turn + 1))
        scene.once("app01", "svc_backup", "Backup#1")
        if turn == 4:
            for number in range(40):
                scene.at(3100 + number * 1.3)
                links[number % 2].logon("svc_backup", f"backup{number:02}")
    scene.blame(BRUTE, "svc_backup", domain="CORP", authority="local", clients=["probe01"],
                culprit=PROBE, hostile=True)
    scene.blame(SERVICE, "svc_backup", domain="CORP", authority="local", clients=["app01"])


@incident("path_opened_and_a_local_namesake", "Q219898", server="dc01", frozen=True)
def namesake(scene):
    """SMB 2.1 to a domain controller. On WS124 dbrown opens a UNC path with a wrong password:
    three refusals within a second, and the right one a minute later. On WS125 somebody works with a
    LOCAL account fblack and sends the machine's name as the domain; the domain's fblack, granted on
    WS126, is locked for it (threshold 5)."""
    scene.serve("dc01", threshold=5)
    scene.at(0)
    noise.domain_members(scene, "ws120")
    noise.crowd(scene, without=("scanner",))
    scene.once("ws126", "fblack")
    for number, when in enumerate((300, 1170, 1500, 2600, 4100, 4800)):
        scene.at(when)
        scene.once("ws125", "fblack", "home!Pw", "WS125")
        if number == 2:
            scene.at(2000)
            for _ in range(3):
                scene.once("ws124", "dbrown", "br0wn.")
            scene.at(2064)
            scene.once("ws124", "dbrown")
    scene.innocent(clients=["ws126"])
    scene.blame("local-user-same-name", "fblack", domain="WS125", authority="domain",
                clients=["ws125"])
    scene.blame("mup-amplification", "dbrown", domain="CORP", authority="domain",
                clients=["ws124"])


@incident("two_codes_at_the_controller", "Q163520", server="dc01", frozen=True)
def two_codes(scene):
    """SMB 3.1.1 over IPv6 to a domain controller. mustchg must change the password and tries three
    times on WS126; a task on APP01 runs as hourly, outside the hours this account may log on in.
    Others mistype. Nobody's password is guessed, nobody is locked."""
    scene.v6 = True
    scene.serve("dc01", threshold=5)
    scene.at(0)
    noise.crowd(scene, kind="3.1.1", without=("scanner",))
    for when in (200, 800, 1400):
        scene.at(when)
        scene.once("app01", "hourly", kind="3.1.1", means="INVALID_LOGON_HOURS")
        scene.at(when + 111)
        scene.once("ws126", "mustchg", kind="3.1.1", means="PASSWORD_MUST_CHANGE")
    noise.typing_error(scene, "ws127", "kmeyer", kind="3.1.1")
    scene.blame("password-expired", "mustchg", domain="CORP", authority="domain",
                clients=["ws126"])
    scene.blame("logon-hours", "hourly", domain="CORP", authority="domain", clients=["app01"])


@incident("guest_here_driver_there", "Q278660", frozen=True)
def guest_and_driver(scene):
    """SMB1 and SMB 2.1. The server makes a guest of whom it does not know: oldname on WS103 is
    granted as guest and refused the share. On WS119 the Yamaha OPL3-SA driver searches two
    directories of PATH around the refusals of the token account, which is locked (threshold 6)."""
    scene.serve("cap01", threshold=6, lines=("map to guest = bad user",))
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    user = scene.link("ws119", kind="smb1-139")
    user.logon("kmeyer")
    path = Path((user, "SMS_SHR", ""), (user, "APPS", ""))
    files = ("VOPL3SA.VXD", "OPL3SA.DRV", "VYMIXD.VXD")
    for number, when in enumerate((50, 350, 655, 1200)):
        scene.at(when)
        token(user, "ws119", share="SMS_SHR")
        missed = path.search(files)
        token(user, "ws119", share="APPS")
        if number < 3:
            scene.at(when + 130)
            link = scene.link("ws103")
            link.logon("oldname", "Old!pw", means="NO_SUCH_USER", wire_status="0x00000000",
                       guest=True)
            link.tree("APPS", "ACCESS_DENIED")
            link.close()
    scene.innocent(accounts=["kmeyer"])
    scene.blame(WALK_CAUSE, TOKEN, domain="WS119", authority="local", clients=["ws119"],
                culprit=driver("yamaha-opl3sax", files, "Yamaha"), walk=path.truth(missed))
    scene.blame("guest-mapping", "oldname", domain="CORP", authority="local", clients=["ws103"])


@incident("computer_account_beside_an_old_job", "Q174073", frozen=True)
def computer_account(scene):
    """SMB1. A service of WS117 uses a computer account as if it were a user's, and is told so; on
    APP01 a copying job has the old password of svc_inventory, every twenty minutes after it was
    granted, and locks that one (threshold 5)."""
    scene.serve("cap01", threshold=5)
    scene.books["cap01"]["ws099$"] = "ws099"
    scene.at(0)
    scene.once("app01", "svc_inventory", kind="smb1-spnego")
    noise.crowd(scene)
    scene.set_password("cap01", "svc_inventory", "Inv!2027")
    for turn in range(7):
        scene.at(1200 * (turn + 1))
        scene.once("app01", "svc_inventory", "Inv!2026", kind="smb1-spnego")
        if turn % 2:
            scene.at(1200 * (turn + 1) + 333)
            scene.once("ws117", "ws099$", kind="smb1-139",
                       means="NOLOGON_WORKSTATION_TRUST_ACCOUNT")
    scene.blame(SERVICE, "svc_inventory", domain="CORP", authority="local", clients=["app01"])
    scene.blame("machine-account-used", "ws099$", domain="CORP", authority="local",
                clients=["ws117"])


@incident("connector_and_a_local_namesake", "Changing the ADSync service account password",
          server="dc01", frozen=True)
def connector(scene):
    """SMB 3.0.2 to a domain controller. The connector account MSOL_... fails from SYNC01 twice in
    each half hour, after it was granted; meanwhile WS112 sends its own name as the domain of
    lnovak, a local account there, and the domain's lnovak is counted against. Threshold 7: the
    connector is locked, lnovak is not."""
    account = "MSOL_3f9a1c7e5b20"
    scene.set_password("dc01", account, DOMAIN_USERS[account])
    scene.serve("dc01", threshold=7)
    scene.at(0)
    noise.domain_members(scene)
    scene.once("sync01", account, kind="3.0.2")
    noise.crowd(scene, without=("shell", "scanner"))
    scene.set_password("dc01", account, "Msol!Gen-79")
    scene.once("ws113", "lnovak", kind="3.0.2")
    for turn in range(5):
        scene.at(1800 * (turn + 1))
        for _ in range(2):
            scene.once("sync01", account, DOMAIN_USERS[account], kind="3.0.2")
        scene.at(1800 * (turn + 1) + 400 + turn * 177)
        scene.once("ws112", "lnovak", "mine!Pw2", "WS112", kind="3.0.2")
    scene.innocent(clients=["ws113"])
    scene.blame("adsync-service-account", account, domain="CORP", authority="domain",
                clients=["sync01"])
    scene.blame("local-user-same-name", "lnovak", domain="WS112", authority="domain",
                clients=["ws112"])


@incident("metering_and_a_forgotten_desk", "Q287626", frozen=True)
def metering_and_desk(scene):
    """SMB1. One account, two machines, two causes: dbrown changed the password and works on WS101.
    WS119's metering client, which asked for dbup.ini on LICMTR when dbrown was granted, tries the
    old one seven times back to back every minute for six minutes; on WS120, where dbrown was logged
    on in the morning, the drive HOMES does, now and then, for an hour. Locked at the
    twenty-fourth."""
    scene.serve("cap01", threshold=24)
    scene.at(0)
    meter = scene.link("ws119", kind="smb1-139")
    meter.logon("dbrown")
    meter.look("LICMTR", "dbup.ini")
    scene.once("ws120", "dbrown", kind="smb1-139", share="HOMES")
    noise.crowd(scene)
    scene.set_password("cap01", "dbrown", "dbrown!Pw2")
    scene.at(400)
    scene.once("ws101", "dbrown")
    for when in (500, 502, 1310):
        scene.at(when)
        scene.once("ws120", "dbrown", "dbrown!Pw1", kind="smb1-139", share="HOMES")
    for turn in range(6):
        scene.at(1500 + turn * 60)
        for _ in range(7):
            meter.logon("dbrown", "dbrown!Pw1", share="LICMTR")
    for when in (2222, 2790, 4000):
        scene.at(when)
        scene.once("ws120", "dbrown", "dbrown!Pw1", kind="smb1-139", share="HOMES")
    scene.innocent(clients=["ws101"])
    scene.blame(PERIODIC, "dbrown", domain="CORP", authority="local", clients=["ws119"],
                culprit={"kind": "program", "id": "sms-licmtr", "vendor": "Microsoft",
                         "files": ["dbup.ini"]})
    scene.blame(STALE, "dbrown", domain="CORP", authority="local", clients=["ws120"])


@incident("shared_account_and_etherjet", "Q262341", frozen=True)
def shared_and_etherjet(scene):
    """SMB1. Eight clients go on with the old password of SMSClient_S01, which they were granted
    before, once an hour, and lock it (threshold 11); on one of them, WS103, the EtherJet adapter's
    driver searches a directory of PATH as well, and its local token account is refused around
    it."""
    scene.serve("cap01", threshold=11)
    clients = [f"ws{number}" for number in range(101, 109)]
    scene.at(0)
    for host in clients:
        scene.once(host, "SMSClient_S01", kind="smb1-139", share="CAP_S01")
    noise.crowd(scene, without=("shell",))
    scene.set_password("cap01", "SMSClient_S01", "Cli!S01-b")
    user = scene.link("ws103", kind="smb1-139")
    user.logon("kmeyer")
    path = Path((user, "APPS", ""))
    files = ("IBMFENT.SYS", "IBMFE.INF")
    for turn in range(3):
        scene.at(3600 * (turn + 1))
        for number, host in enumerate(clients):
            scene.at(3600 * (turn + 1) + number * 87)
            scene.once(host, "SMSClient_S01", "Cli!S01-a", kind="smb1-139", share="CAP_S01")
        for extra in (1000, 1002.5, 2011):
            scene.at(3600 * (turn + 1) + extra)
            token(user, "ws103", share="APPS")
            missed = path.search(files, how="SMB_COM_NT_CREATE_ANDX")
    scene.innocent(accounts=["kmeyer"])
    scene.blame(SHARED, "SMSClient_S01", domain="CORP", authority="local", clients=clients,
                cause_also=[SERVICE])
    scene.blame(WALK_CAUSE, TOKEN, domain="WS103", authority="local", clients=["ws103"],
                culprit=driver("ibm-etherjet", files, "IBM"), walk=path.truth(missed))


@incident("dos_errors_search_and_old_drive", "Q278660", frozen=True)
def dos_two(scene):
    """SMB1 with DOS error codes, where a lock and a wrong password are the same 1/5. WS108's
    Ensoniq Soundscape driver searches two shares, its token account refused around it; on WS109
    tnguyen's drive goes on with the old password, granted in the morning, while tnguyen works on
    WS110 with the new one (threshold 7)."""
    scene.serve("cap01", threshold=7, lines=("nt status support = no",))
    scene.at(0)
    scene.once("ws109", "tnguyen", kind="smb1-dos", share="HOMES")
    noise.crowd(scene, without=("work",))
    scene.set_password("cap01", "tnguyen", "tnguyen!Pw2")
    scene.at(300)
    scene.once("ws110", "tnguyen")
    user = scene.link("ws108", kind="smb1-dos")
    user.logon("lnovak")
    path = Path((user, "CAP_S01", ""), (user, "SMS_SHR2", ""))
    files = ("SNDSCAPE.DRV", "VSNDSCP.386", "SSCAPE.CPL")
    for number, when in enumerate((400, 700, 1010, 1300, 2000)):
        scene.at(when)
        token(user, "ws108", share="CAP_S01")
        missed = path.search(files)
        token(user, "ws108", share="SMS_SHR2")
        scene.at(when + 57 + number * 29)
        scene.once("ws109", "tnguyen", "tnguyen!Pw1", kind="smb1-dos", share="HOMES")
    scene.innocent(clients=["ws110"], accounts=["lnovak"])
    scene.blame(WALK_CAUSE, TOKEN, domain="WS108", authority="local", clients=["ws108"],
                culprit=driver("ensoniq-soundscape", files, "Ensoniq"), walk=path.truth(missed))
    scene.blame(STALE, "tnguyen", domain="CORP", authority="local", clients=["ws109"])


# One address for many machines, many addresses or names for one.


@incident("old_password_behind_the_router", "Q293662", frozen=True)
def behind_router(scene):
    """SMB 3.0. A branch office stands behind an address translator: six machines, one address.
    kmeyer changed the password on PC02 and works there; PC05, where kmeyer was granted before, goes
    on with the old one, and locks the account (threshold 6); then PC02 is refused too, at the same
    address. Two others mistype once. Only the names of the machines tell who it is."""
    scene.serve("cap01", threshold=6)
    people = (("PC01", "asmith"), ("PC02", "kmeyer"), ("PC03", "dbrown"), ("PC04", "fblack"),
              ("PC05", "kmeyer"), ("PC06", "lnovak"))
    scene.at(0)
    noise.crowd(scene, without=("work",))
    for number, (name, account) in enumerate(people):
        scene.at(60 + number * 50)
        if number in (2, 5):
            scene.once("ts01", account, "mist@ke", kind="3.0", calling=name)
        scene.once("ts01", account, kind="3.0", calling=name)
    scene.set_password("cap01", "kmeyer", "kmeyer!Pw2")
    for when in (900, 2400):
        scene.at(when)
        scene.once("ts01", "kmeyer", kind="3.0", calling="PC02")
    for number, when in enumerate((2600, 2602, 3500, 4410, 4411, 5000, 6700, 7100)):
        scene.at(when)
        scene.once("ts01", "kmeyer", "kmeyer!Pw1", kind="3.0", calling="PC05")
        if number % 3 == 1:
            scene.at(when + 200)
            name, account = people[(0, 2, 3)[number // 3]]
            scene.once("ts01", account, kind="3.0", calling=name)
    scene.at(7500)
    scene.once("ts01", "kmeyer", kind="3.0", calling="PC02")
    scene.innocent(accounts=["asmith", "dbrown", "fblack", "lnovak"])
    scene.blame(STALE, "kmeyer", domain="CORP", authority="local", clients=["ts01"])


@incident("one_job_among_desks_behind_a_router", "Q243602", server="fs02", frozen=True)
def job_behind_router(scene):
    """SMB 3.1.1. Behind one address: four desks whose users work on without trouble, and a small
    server BRANCH1 whose backup has the old password of svc_backup, every fifteen minutes after it
    was granted. Locked at the fifth. Nobody sprays, though several accounts come from there."""
    scene.serve("fs02", threshold=5)
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    kind = {"kind": "3.1.1"}
    scene.once("nas01", "svc_backup", calling="BRANCH1", **kind)
    scene.set_password("fs02", "svc_backup", "Backup#2")
    people = ("dbrown", "fblack", "jdoe", "tnguyen")
    for turn in range(8):
        scene.at(900 * (turn + 1))
        scene.once("nas01", "svc_backup", "Backup#1", calling="BRANCH1", **kind)
        scene.at(900 * (turn + 1) + 213 + turn * 17)
        account = people[turn % 4]
        if turn == 2:
            scene.once("nas01", account, "jd0e!", calling=f"DESK{turn % 4 + 1}", **kind)
        scene.once("nas01", account, calling=f"DESK{turn % 4 + 1}", **kind)
    scene.innocent(accounts=people)
    scene.blame(SERVICE, "svc_backup", domain="CORP", authority="local", clients=["nas01"])


@incident("search_behind_a_router", "Q278660", frozen=True)
def search_behind_router(scene):
    """SMB1 over NetBIOS. Three machines behind one address, told apart by the names they call
    with. PC31's Yamaha DS-XG driver searches two shares in kmeyer's session around the refusals of
    PC31's token account (threshold 6); on PC32 a database client looks for its settings in the
    same two shares, at no cost; on PC33 fblack mistypes once."""
    scene.serve("cap01", threshold=6)
    scene.at(0)
    noise.crowd(scene)
    driver_side = scene.link("ts01", kind="smb1-139", calling="PC31")
    driver_side.logon("kmeyer")
    data_side = scene.link("ts01", kind="smb1-139", calling="PC32")
    data_side.logon("lnovak")
    path = Path((driver_side, "SMSLOGON", ""), (driver_side, "APPS", ""))
    other = Path((data_side, "SMSLOGON", ""), (data_side, "APPS", ""))
    files, settings = ("YDSXG.DRV", "DSXAPLIB.DLL"), ("SQLNET.ORA", "TNSNAMES.ORA")
    for number, when in enumerate((80, 380, 390, 900, 1500, 2100, 2700)):
        scene.at(when)
        token(driver_side, "pc31", share="SMSLOGON")
        missed = path.search(files)
        if number in (0, 3, 4):
            scene.at(when + 120)
            other.search(settings)
        if number == 4:
            scene.at(when + 200)
            for password in ("fb1ack", None):
                scene.once("ts01", "fblack", password, kind="smb1-139", calling="PC33")
    scene.innocent(accounts=["kmeyer", "lnovak", "fblack"], files=settings)
    scene.blame(WALK_CAUSE, TOKEN, domain="PC31", authority="local", clients=["ts01"],
                culprit=driver("yamaha-dsxg", files, "Yamaha"), walk=path.truth(missed))


@incident("job_moves_with_its_lease", "Q243602", frozen=True)
def moving_job(scene):
    """SMB 2.1. A machine that calls itself WS130 asks for svc_inventory every half hour with the
    old password, after it was granted. Its address is leased: 192.0.2.130, then .141, then .142;
    .130 goes to WS131, whose user never fails. Locked at the seventh; one machine (name and
    hardware address are the same all the time), three addresses."""
    scene.serve("cap01", threshold=7)
    by_address(scene)
    job = {"calling": "WS130"}
    with leases(scene, "cap01") as move:
        scene.at(0)
        scene.once("ws130", "svc_inventory", **job)
        noise.crowd(scene)
        scene.set_password("cap01", "svc_inventory", "Inv!2027")
        for turn in range(10):
            if turn == 3:
                move("ws130", 141)
                move("ws131", 130)
            if turn == 7:
                move("ws130", 142)
            scene.at(1800 * (turn + 1))
            scene.once("ws130", "svc_inventory", "Inv!2026", **job)
            if turn > 3 and turn % 2:
                scene.at(1800 * (turn + 1) + 500)
                scene.once("ws131", "kmeyer", calling="WS131")
    scene.innocent(accounts=["kmeyer"])
    scene.blame(SERVICE, "svc_inventory", domain="CORP", authority="local",
                clients=["192.0.2.130", "192.0.2.141", "192.0.2.142"])


@incident("forgotten_session_by_both_protocols", "Q293662", frozen=True)
def both_protocols(scene):
    """SMB 3.0.2 over IPv4 and IPv6, as machines choose. WS112, where jdoe was granted in the
    morning by IPv4, goes on with the old password, now by the one and now by the other; jdoe works
    on WS101 by IPv6 with the new one. Locked at the fifth, which neither address reaches alone."""
    scene.serve("cap01", threshold=5)
    by_address(scene)
    scene.at(0)
    scene.once("ws112", "jdoe", kind="3.0.2")
    noise.crowd(scene)
    scene.set_password("cap01", "jdoe", "Jd0e!new")
    with over_ipv6(scene):
        scene.at(700)
        scene.once("ws101", "jdoe", kind="3.0.2")
        noise.typing_error(scene, "ws102", "dbrown", kind="3.0.2")
        scene.innocent(clients=["ws101"])
    for number, when in enumerate((900, 903, 2150, 3370, 3371, 5120, 6000)):
        scene.at(when)
        with over_ipv6(scene) if number % 2 else contextlib.nullcontext():
            scene.once("ws112", "jdoe", "Jd0e!pass", kind="3.0.2")
    scene.blame(STALE, "jdoe", domain="CORP", authority="local",
                clients=[ip4("ws112"), ip6("ws112")])
    serve_both(scene)


def serve_both(scene):
    """The truth of a server that was asked at both of its addresses."""
    told = scene.truth["incident"]
    told["servers"] = [one for name in scene.threshold for one in (ip4(name), ip6(name))]
    mine = [one for one in scene.truth["logons"] if one["client_ip"] in told["clients"]
            and one["account"].casefold() == told["account"].casefold()]
    told["failures"] = sum(one["status"] in FAILURES for one in mine)
    told["lockouts"] = sum(one["status"] == LOCKED_OUT for one in mine)
    told["threshold"] = max(scene.threshold.values()) if told["lockouts"] else None


@incident("guesses_over_both_protocols", frozen=True)
def guesses_both(scene):
    """SMB 3.0. PROBE01 guesses the password of sa_sql, fifty times in a minute and a half, in turn
    over IPv4 and over IPv6, from a machine that names itself nowhere. Locked at the twentieth. The
    users work on; one is at IPv6."""
    scene.serve("cap01", threshold=20)
    by_address(scene)
    scene.at(0)
    noise.crowd(scene)
    with over_ipv6(scene):
        noise.good_user(scene, "ws102", "kmeyer", kind="3.0")
    links = [scene.link("probe01", kind="3.0", calling="")]
    with over_ipv6(scene):
        links.append(scene.link("probe01", kind="3.0", calling=""))
    for number in range(50):
        scene.at(300 + number * 1.8)
        with over_ipv6(scene) if number % 2 else contextlib.nullcontext():
            links[number % 2].logon("sa_sql", f"Sql!{1980 + number}")
    scene.blame(BRUTE, "sa_sql", domain="CORP", authority="local",
                clients=[ip4("probe01"), ip6("probe01")], culprit=PROBE, hostile=True)
    serve_both(scene)


@incident("clones_of_the_master_image", "Q231399", frozen=True)
def clones(scene):
    """SMB1. Six machines were copied from one image and all of them say they are MASTER, in the
    domain field too: their local token accounts, with the password of the image, want CAP_S01 and
    SMSPKGD$ and lock the access point's account (threshold 8). No file is searched. Six addresses,
    one name."""
    scene.serve("cap01", threshold=8)
    scene.at(0)
    noise.crowd(scene)
    clients = [f"ws{number}" for number in range(105, 111)]
    for turn in range(2):
        for number, host in enumerate(clients):
            scene.at(90 + turn * 700 + number * 53 + number * number)
            scene.once(host, TOKEN, "Image!Tok", "MASTER", kind="smb1", calling="MASTER",
                       share=("CAP_S01", "SMSPKGD$")[turn])
    scene.blame(LOCAL_CAUSE, TOKEN, domain="MASTER", authority="local", clients=clients)


@incident("disconnected_session_on_the_terminal_server", "Q171148", frozen=True)
def disconnected(scene):
    """SMB 2.1. Seven people work on the terminal server TS01; fblack, who was granted there before,
    left a session disconnected and changed the password on WS127 since. TS01 goes on with fblack's
    old one, now and then, until the account is locked (threshold 5) and WS127 is refused. cgreen
    and jdoe mistype once each on TS01."""
    scene.serve("cap01", threshold=5)
    people = ("asmith", "bwhite", "cgreen", "dbrown", "fblack", "jdoe", "lnovak")
    scene.at(0)
    noise.crowd(scene, without=("work", "typing", "shell"))
    for number, account in enumerate(people):
        scene.at(30 + number * 66)
        scene.once("ts01", account)
    scene.set_password("cap01", "fblack", "fblack!Pw2")
    scene.at(1300)
    scene.once("ws127", "fblack")
    for number, when in enumerate((1500, 1501, 3300, 5100, 5102, 6666)):
        scene.at(when)
        scene.once("ts01", "fblack", "fblack!Pw1")
        scene.at(when + 0.4 if when in (1500, 5100) else when + 90)
        account = people[(2, 0, 5, 3, 6, 1)[number]]
        if account in ("cgreen", "jdoe"):
            scene.once("ts01", account, "Tpyo!5")
        scene.once("ts01", account)
    scene.at(7000)
    scene.once("ws127", "fblack")
    scene.innocent(clients=["ws127"], accounts=[name for name in people if name != "fblack"])
    scene.blame(STALE, "fblack", domain="CORP", authority="local", clients=["ts01"])
    scene.blame(LOCKED, "fblack", domain="CORP", authority="local", clients=["ws127"],
                is_victim=True, cause_also=[STALE])


# Servers that count, each for itself or together.


@incident("each_server_counts_for_itself", "Q297157", server="cap01 fs02", frozen=True)
def each_counts(scene):
    """SMB1 with NTLM in SPNEGO, and SMB 2.1. Two servers, each with its own count (threshold 5).
    On WS104 dbrown's old password is kept for drives on both: CAP01 is asked seven times and locks
    dbrown, FS02 four times and does not, so that dbrown, on WS105 with the new one, is refused by
    the one and granted by the other."""
    scene.serve("cap01", "fs02", threshold=5)
    scene.at(0)
    for server, kind in (("cap01", "smb1-spnego"), ("fs02", "2.1")):
        scene.once("ws104", "dbrown", server=server, kind=kind)
    noise.crowd(scene, "cap01")
    for server in ("cap01", "fs02"):
        scene.set_password(server, "dbrown", "dbrown!Pw2")
    scene.at(600)
    scene.once("ws105", "dbrown", server="fs02")
    scene.once("ws105", "dbrown", server="cap01")
    for number, when in enumerate((800, 2210, 2212, 3900, 5500, 5507, 7000)):
        scene.at(when)
        scene.once("ws104", "dbrown", "dbrown!Pw1", server="cap01", kind="smb1-spnego")
        if number in (0, 2, 3, 6):
            scene.at(when + 1)
            scene.once("ws104", "dbrown", "dbrown!Pw1", server="fs02")
    scene.at(7300)
    scene.once("ws105", "dbrown", server="fs02")
    scene.once("ws105", "dbrown", server="cap01")
    scene.innocent(clients=["ws105"])
    scene.blame(STALE, "dbrown", domain="CORP", authority="local", clients=["ws104"],
                servers=["cap01", "fs02"])
    scene.blame(LOCKED, "dbrown", domain="CORP", authority="local", clients=["ws105"],
                servers=["cap01"], is_victim=True, cause_also=[STALE])


@incident("member_and_controller_count_together", "Q293662", server="dc01 mem01", frozen=True)
def count_together(scene):
    """SMB 3.0. The member MEM01 passes logons on to the controller DC01, so both count for the one
    domain account jdoe (threshold 5; the talk between the two is not captured). WS104, granted by
    MEM01 in the morning, has the old password there, four times; jdoe, on WS105 with the new one,
    mistypes it once at DC01 and tips the lock by that."""
    scene.set_password("dc01", "jdoe", "Jd0e!pass")
    scene.serve("dc01", "mem01", threshold=5)
    scene.at(0)
    scene.once("ws104", "jdoe", server="mem01", kind="3.0")
    noise.crowd(scene, "dc01", without=("scanner",))
    scene.set_password("dc01", "jdoe", "Jd0e!new")
    scene.at(500)
    scene.once("ws105", "jdoe", server="dc01", kind="3.0")
    for when in (700, 702, 1900, 3333):
        scene.at(when)
        scene.once("ws104", "jdoe", "Jd0e!pass", server="mem01", kind="3.0")
    for number, when in enumerate((3500, 3510, 3900)):
        scene.at(when)
        scene.once("ws105", "jdoe", "Jd0e!nwe" if not number else None, server="dc01", kind="3.0")
    for when in (4100, 6000):
        scene.at(when)
        scene.once("ws104", "jdoe", "Jd0e!pass", server="mem01", kind="3.0")
    scene.blame(STALE, "jdoe", domain="CORP", authority="domain", clients=["ws104"],
                servers=["mem01"])
    scene.blame(LOCKED, "jdoe", domain="CORP", authority="domain", clients=["ws105"],
                servers=["dc01"], is_victim=True, cause_also=[UNKNOWN, STALE, None])


@incident("device_without_a_name_and_a_health_check", server="fs02", frozen=True)
def nameless(scene):
    """SMB 2.1 and 3.0. A device that names no workstation (MFP01) stores its scans as kmeyer with a
    wrong password, at no rhythm and never granted, while kmeyer works on WS104 without trouble; a
    health check on APP01 opens session setups every two minutes and gives each up after the
    challenge. No lockout policy."""
    scene.serve("fs02", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    scene.once("ws104", "kmeyer", kind="3.0")
    events = [(120 * (turn + 1), True) for turn in range(6)]
    events += [(when, False) for when in (190, 410, 1900, 2777, 5100)]
    for when, check in sorted(events):
        scene.at(when)
        if check:
            scene.give_up("app01")
        else:
            scene.once("mfp01", "kmeyer", "Scan!kmeyer", calling="")
    scene.innocent(clients=["ws104"])
    scene.blame("foreign-client-blank-workstation", "kmeyer", domain="CORP", authority="local",
                clients=["mfp01"], cause_also=[UNKNOWN])
    scene.blame("abandoned-handshake", None, clients=["app01"])


@incident("empty_domain_and_old_drive_at_the_member", "Q163632", server="mem01", frozen=True)
def empty_domain(scene):
    """SMB1 and SMB 3.1.1 to a member server. WS108, an old client, sends jdoe with no domain: the
    member asks its own accounts, which have none, and refuses the right password; from WS109 the
    same jdoe is granted as CORP\\jdoe. dbrown, granted on WS110 in the morning, is refused from
    there since the password was changed, and granted on WS111 (threshold 4 of the domain: dbrown
    is locked, jdoe is not)."""
    scene.lab.need("dc01")
    scene.lab.controller.policy(4)
    scene.set_password("dc01", "dbrown", "dbrown!Pw1")
    scene.set_password("dc01", "jdoe", "Jd0e!pass")
    scene.serve("mem01")
    scene.threshold["dc01"] = 4
    scene.at(0)
    scene.once("ws110", "dbrown", kind="3.1.1")
    noise.crowd(scene, kind="3.1.1", without=("scanner",))
    scene.set_password("dc01", "dbrown", "dbrown!Pw2")
    scene.at(300)
    scene.once("ws111", "dbrown", kind="3.1.1")
    for number, when in enumerate((400, 1020, 1024, 2300, 3900, 5005)):
        scene.at(when)
        scene.once("ws110", "dbrown", "dbrown!Pw1", kind="3.1.1")
        scene.at(when + 2 if when == 1020 else when + 100 + number * 37)
        scene.once("ws108", "jdoe", "Jd0e!pass", "", kind="smb1-139", means="NO_SUCH_USER")
        if number % 3 == 0:
            scene.at(when + 333)
            scene.once("ws109", "jdoe", kind="3.1.1")
    scene.innocent(clients=["ws109", "ws111"])
    scene.blame("wrong-server-sam", "jdoe", domain="", authority="local", clients=["ws108"])
    scene.blame(STALE, "dbrown", domain="CORP", authority="domain", clients=["ws110"])


@incident("old_answer_and_local_accounts", "Q175641", frozen=True)
def old_answer(scene):
    """The server takes NTLMv2 only. The copier MFP01 answers for scan_konica by bare NTLMv1 and is
    refused, though the password is right, as NTLMv2 from WS101 shows; four clients use their local
    token accounts by NTLMv2 and lock the access point's one (threshold 9). Two causes, and each
    machine has one of them."""
    scene.serve("cap01", threshold=9, lines=("ntlm auth = ntlmv2-only", "lanman auth = no"))
    scene.at(0)
    scene.once("ws101", "scan_konica")
    noise.crowd(scene)
    clients = ("ws105", "ws106", "ws107", "ws108")
    for turn in range(3):
        scene.at(100 + turn * 800)
        scene.once("mfp01", "scan_konica", kind="smb1", means="WRONG_PASSWORD")
        for number, host in enumerate(clients):
            scene.at(150 + turn * 800 + number * 47)
            local(scene, host, kind=("2.1", "3.0")[number % 2])
    scene.at(2700)
    scene.once("ws101", "scan_konica")
    scene.innocent(clients=["ws101"])
    scene.blame("ntlmv1-or-lm-refused", "scan_konica", domain="CORP", authority="local",
                clients=["mfp01"], cause_also=[UNKNOWN])
    scene.blame(LOCAL_CAUSE, TOKEN, authority="local", clients=clients)


# Who suffers, and who does it.


@incident("locked_unlocked_locked_again", "Q184858", frozen=True)
def locked_again(scene):
    """SMB 3.1.1. When the capture begins, svc_inventory is locked already. An administrator
    unlocks it, and it is locked anew (threshold 4), twice: every ten minutes something on WS117
    tries the same wrong password, which is never granted here. On APP01, the right one is refused
    while the lock lasts and granted while it does not."""
    scene.serve("cap01", threshold=4, before=lambda: [scene.quietly(
        "ws117", "svc_inventory", "Inv!2024") for _ in range(4)])
    scene.at(0)
    noise.crowd(scene)
    for turn in range(15):
        scene.at(100 + 600 * turn + turn % 2)
        scene.once("ws117", "svc_inventory", "Inv!2024", kind="3.1.1")
        if turn in (1, 8):
            scene.unlock("cap01", "svc_inventory")
        if turn in (0, 7, 8, 14):
            scene.at(100 + 600 * turn + 240)
            scene.once("app01", "svc_inventory", kind="3.1.1")
    scene.innocent(clients=["app01"])
    scene.blame(PERIODIC, "svc_inventory", domain="CORP", authority="local", clients=["ws117"],
                cause_also=[SERVICE])
    scene.blame(LOCKED, "svc_inventory", domain="CORP", authority="local", clients=["app01"],
                is_victim=True, cause_also=[PERIODIC, SERVICE])


@incident("own_typing_after_each_reset", "Q293662", frozen=True)
def after_reset(scene):
    """SMB 3.0. The help desk unlocks tnguyen and sets a new password, twice. On the own machine
    WS118 tnguyen mistypes each new one once, then is granted; on WS119, where tnguyen was granted
    in the morning, the first one is still used, in bursts, and locks the account each time
    (threshold 5). WS118 only suffers, though it has failures of its own."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    scene.once("ws119", "tnguyen", kind="3.0")
    noise.crowd(scene)
    for turn in range(2):
        begin = 1000 + turn * 6000
        scene.unlock("cap01", "tnguyen")
        scene.set_password("cap01", "tnguyen", f"Help!Desk{turn + 1}")
        scene.at(begin)
        scene.once("ws118", "tnguyen", f"help!Desk{turn + 1}", kind="3.0")
        scene.at(begin + 9)
        scene.once("ws118", "tnguyen", kind="3.0")
        for when in (400, 401, 1555, 2790, 2791, 3300):
            scene.at(begin + when)
            scene.once("ws119", "tnguyen", "tnguyen!Pw1", kind="3.0")
        scene.at(begin + 3600)
        scene.once("ws118", "tnguyen", kind="3.0")
    scene.innocent(clients=["ws118"])
    scene.blame(STALE, "tnguyen", domain="CORP", authority="local", clients=["ws119"])
    scene.blame(LOCKED, "tnguyen", domain="CORP", authority="local", clients=["ws118"],
                is_victim=True, cause_also=[STALE, UNKNOWN, None])


@incident("profile_files_of_a_locked_user", "Q293662", server="fs02", frozen=True)
def profile(scene):
    """SMB 2.1. lnovak's own machine WS113 looks for a mandatory profile, a policy and office lock
    files that are not there, and is told at last that lnovak is locked; it never sent a wrong
    password. WS114, where lnovak was granted in the morning, did: the old one, six times
    (threshold 6)."""
    scene.serve("fs02", threshold=6)
    scene.put("fs02", "HOMES", "lnovak/ntuser.dat")
    scene.at(0)
    scene.once("ws114", "lnovak")
    noise.crowd(scene, without=("shell",))
    scene.set_password("fs02", "lnovak", "lnovak!Pw2")
    files = ("ntuser.man", "ntuser.pol", "~$offer.doc", "~$prices.xls", "desktop.ini")
    own = scene.link("ws113")
    scene.at(500)
    own.logon("lnovak")
    for number, when in enumerate((600, 1717, 1719, 3040, 4700, 6100, 6105)):
        scene.at(when)
        scene.once("ws114", "lnovak", "lnovak!Pw1")
        if number in (0, 3, 4):
            for name in files:
                own.look("HOMES", f"lnovak\\{name}")
            own.look("HOMES", "lnovak\\ntuser.dat", found=True)
    for when in (6200, 6230):
        scene.at(when)
        scene.once("ws113", "lnovak")
    scene.innocent(clients=["ws113"], files=files)
    scene.blame(STALE, "lnovak", domain="CORP", authority="local", clients=["ws114"])
    scene.blame(LOCKED, "lnovak", domain="CORP", authority="local", clients=["ws113"],
                is_victim=True, cause_also=[STALE])


@incident("only_the_lock_is_seen", "Q174073", frozen=True)
def only_lock(scene):
    """SMB 3.0. cgreen was locked before the capture began. In it, WS101 and WS102 ask for cgreen a
    few times at no rhythm, WS103 once, and all are told of the lock and nothing else. Whose fault
    it is cannot be seen."""
    scene.serve("cap01", before=lambda: [scene.quietly(
        "ws104", "cgreen", "wrong!Pw") for _ in range(3)])
    scene.at(0)
    noise.crowd(scene, without=("shell",))
    for host, when in (("ws101", 70), ("ws102", 333), ("ws101", 380), ("ws103", 999),
                       ("ws101", 1700), ("ws102", 2222)):
        scene.at(when)
        scene.once(host, "cgreen", kind="3.0")
    scene.innocent(clients=["ws101", "ws102", "ws103"])
    scene.blame(LOCKED, "cgreen", domain="CORP", authority="local",
                clients=["ws101", "ws102", "ws103"], is_victim=True)


@incident("after_the_holidays", server="fs02", frozen=True)
def holidays(scene):
    """SMB 3.1.1. The first morning after the holidays: nine people mistype once or twice on
    machines of their own and then remember; hourly on WS117 does not, is locked (threshold 5), and
    is granted when an administrator has unlocked the account. No machine and no program is to be
    blamed."""
    scene.serve("fs02", threshold=5)
    scene.at(0)
    noise.crowd(scene, without=("typing",))
    people = ("dbrown", "fblack", "jdoe", "kmeyer", "lnovak", "tnguyen", "bwhite")
    for number, account in enumerate(people):
        host = f"ws{101 + number}"
        for turn in range(1 + number % 2):
            scene.at(100 + number * 83 + turn * 11)
            scene.once(host, account, f"h0liday{turn}", kind="3.1.1")
        scene.at(140 + number * 83)
        scene.once(host, account, kind="3.1.1")
        scene.innocent(clients=[host], accounts=[account])
    for number, pause in enumerate((0, 12, 31, 44, 90, 101)):
        scene.at(1000 + pause)
        scene.once("ws117", "hourly", f"0urly!{number}", kind="3.1.1")
    scene.unlock("fs02", "hourly")
    scene.at(2100)
    scene.once("ws117", "hourly", kind="3.1.1")
    scene.blame(UNKNOWN, "hourly", domain="CORP", authority="local", clients=["ws117"],
                cause_also=[LOCKED])


# Busy and innocent beside the cause.


@incident("compiler_looks_for_its_headers", "Q278660", frozen=True)
def compiler(scene):
    """SMB 2.1. On APP01 a compiler looks for header files in three directories, hundreds of times,
    in svc_inventory's good session, and never fails a logon. On WS115 the ESS Maestro driver asks
    for two files in two directories of PATH, some seconds after each refusal of the token account,
    which is locked (threshold 4)."""
    scene.serve("cap01", threshold=4)
    for folder in ("include", "include/sys", "lib"):
        scene.put("cap01", "APPS", f"sdk/{folder}/here.h")
    scene.at(0)
    noise.crowd(scene)
    build = scene.link("app01")
    build.logon("svc_inventory")
    headers = ("config.h", "stdint.h", "zlib.h", "compat.h", "version.h", "getopt.h")
    user = scene.link("ws115")
    user.logon("kmeyer")
    path = Path((user, "SMSLOGON", ""), (user, "CAP_S01", ""))
    files = ("maestro.sys", "es198xdl.dll")
    for number, when in enumerate((60, 420, 425, 900, 1400, 2100)):
        scene.at(when)
        new_connection(scene, "ws115")
        missed = path.search(files)
        scene.at(when + 1)
        for name in headers:
            for folder in ("include", "include\\sys", "lib"):
                build.look("APPS", f"sdk\\{folder}\\{name}")
    scene.innocent(clients=["app01"], accounts=["svc_inventory", "kmeyer"], files=headers)
    scene.blame(WALK_CAUSE, TOKEN, domain="WS115", authority="local", clients=["ws115"],
                culprit=driver("ess-maestro-allegro", files, "ESS Technology"),
                walk=path.truth(missed))


@incident("antivirus_updates_beside_an_old_job", "Q243602", frozen=True)
def antivirus(scene):
    """SMB 3.0. Five machines' virus scanners ask every quarter of an hour for the next difference
    files and a scanning driver that are not there, in good sessions of svc_inventory. On APP01, one
    of the five, a job has the old password of SMSLogonSvc, every eighteen minutes after it was
    granted, and locks it (threshold 6)."""
    scene.serve("cap01", threshold=6)
    scene.put("cap01", "APPS", "av/current/base.vdb")
    scene.at(0)
    scene.once("app01", "SMSLogonSvc", kind="3.0")
    noise.crowd(scene)
    scene.set_password("cap01", "SMSLogonSvc", "Lgn!Svc-2")
    machines = ("ws101", "ws102", "ws103", "ws104", "app01")
    files = ("delta8124.vdb", "delta8125.vdb", "avflt64.sys")
    links = [scene.link(host, kind="3.0") for host in machines]
    for link in links:
        link.logon("svc_inventory")
    events = [(900 * (turn + 1), None) for turn in range(8)]
    events += [(1080 * (turn + 1) + 1, "job") for turn in range(8)]
    for when, job in sorted(events):
        scene.at(when)
        if job:
            scene.once("app01", "SMSLogonSvc", "Lgn!Svc-1", kind="3.0")
            continue
        for link in links:
            link.look("APPS", "av\\current\\base.vdb", found=True)
            for name in files:
                link.look("APPS", f"av\\current\\{name}")
    scene.innocent(clients=machines[:4], accounts=["svc_inventory"], files=files)
    scene.blame(SERVICE, "SMSLogonSvc", domain="CORP", authority="local", clients=["app01"])


@incident("database_clients_on_a_quiet_day", server="fs02", frozen=True)
def quiet_day(scene):
    """SMB 3.0. Three machines' database clients look for their settings in two directories, all
    day, in good sessions; one finds some. The keeper of the database mistypes sa_sql's password
    twice on WS107 in the morning, and then remembers it; dbrown mistypes once. Nothing is wrong."""
    scene.serve("fs02", threshold=6)
    scene.put("fs02", "APPS", "orant/network/tnsnames.ora")
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    files = ("sqlnet.ora", "ldap.ora", "odbcinst.ini", "tnsnames.ora")
    paths = []
    for host, account in (("ws105", "kmeyer"), ("ws106", "lnovak"), ("ws107", "tnguyen")):
        link = scene.link(host, kind="3.0")
        link.logon(account)
        paths.append(Path((link, "HOMES", ""), (link, "APPS", "orant\\network")))
        scene.innocent(clients=[host], accounts=[account])
    for when, typed in ((900, "Sql!2027"), (913, "sql!2026"), (940, None)):
        scene.at(when)
        scene.once("ws107", "sa_sql", typed, kind="3.0")
    for turn in range(5):
        scene.at(1800 * (turn + 1))
        for path in paths:
            path.search(files, found=(("tnsnames.ora", 1),))
    scene.at(9400)
    noise.typing_error(scene, "ws108", "dbrown", kind="3.0")
    scene.innocent(files=files)
    scene.blame(UNKNOWN, "sa_sql", domain="CORP", authority="local", clients=["ws107"],
                cause_also=[None], is_victim=True)


# Captures that lack a part.


@incident("search_with_a_snap_length", "Q278660", frozen=True)
def snapped(scene):
    """SMB1 over NetBIOS, each packet cut after 250 bytes: names and statuses are still there, the
    share in the request of a refused logon is not. WS123's Crystal driver searches two shares, in
    kmeyer's session, around the refusals of the token account (threshold 5)."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.typing_error(scene, "ws122", "bwhite", kind="smb1-139")
    user = scene.link("ws123", kind="smb1-139")
    user.logon("kmeyer")
    path = Path((user, "CAP_S01", ""), (user, "APPS", ""))
    files = ("CWBAUDIO.BIN", "CWBMIDI.VXD", "CWBPCPLE.DLL")
    for when in (40, 44, 300, 600, 606, 1200):
        scene.at(when)
        token(user, "ws123", share="CAP_S01")
        missed = path.search(files)
    scene.innocent(accounts=["kmeyer"])
    scene.blame(WALK_CAUSE, TOKEN, domain="WS123", authority="local", clients=["ws123"],
                culprit=driver("crystal-cwb-cwd", files, "Crystal Semiconductor"),
                walk=path.truth(missed))

    def cut(truth, frames, _):
        for frame in frames:
            frame.data = frame.data[:250]
        for entry in truth["logons"]:
            if entry["account"] == TOKEN:
                entry["share"] = None
        return frames
    afterwards(scene, cut)


@incident("one_direction_of_the_file_server", "Q293662", server="cap01 fs02", frozen=True)
def one_direction(scene):
    """SMB 2.1. The mirror port has both directions of CAP01, but of FS02 only what is sent to it.
    WS116, where fblack was granted in the morning, has the old password for both servers; CAP01
    refuses it, and locks fblack (threshold 5); fblack works on WS117 with the new one. What FS02
    says to WS116, or to APP01, which asks for sa_sql every five minutes, nobody can see: nothing
    may be said of APP01."""
    scene.serve("cap01", "fs02", threshold=5)
    scene.at(0)
    scene.once("ws116", "fblack", server="cap01")
    noise.crowd(scene, "cap01")
    scene.set_password("cap01", "fblack", "fblack!Pw2")
    scene.set_password("fs02", "fblack", "fblack!Pw2")
    scene.at(250)
    scene.once("ws117", "fblack", server="cap01")
    for turn in range(8):
        scene.at(300 * (turn + 1))
        scene.once("app01", "sa_sql", server="fs02")
        if turn != 4:
            scene.at(300 * (turn + 1) + 40 + turn * turn * 4)
            scene.once("ws116", "fblack", "fblack!Pw1", server="cap01")
        if turn in (1, 5):
            scene.at(300 * (turn + 1) + 250)
            scene.once("ws116", "fblack", "fblack!Pw1", server="fs02")
    scene.innocent(clients=["app01", "ws117"], accounts=["sa_sql"])
    scene.blame(STALE, "fblack", domain="CORP", authority="local", clients=["ws116"],
                servers=["cap01"])

    def one_way(truth, frames, _):
        for entry in truth["logons"]:
            if entry["server_ip"] == ip4("fs02"):
                hide_reply(entry)
        return [frame for frame in frames if frame.source != mac("fs02")]
    afterwards(scene, one_way)


@incident("lock_falls_into_the_gap", "Q243602", server="cap01 site01", frozen=True)
def gap(scene):
    """SMB 2.1. SITE01, which serves files itself, has the old password of SMSService, every ten
    minutes after it was granted. For half an hour the capture was stopped, and in it the account
    was locked (threshold 5): before it there are three failures, after it nothing but the lock.
    Which failure was the last is not to be seen."""
    scene.serve("cap01", "site01", threshold=5)
    scene.at(0)
    scene.once("site01", "SMSService", server="cap01")
    noise.good_user(scene, "ws101", "jdoe", server="site01", share="SMS_S01").close()
    noise.crowd(scene, "cap01")
    scene.set_password("cap01", "SMSService", "Svc!2027")
    for turn in range(11):
        scene.at(600 * (turn + 1) + turn % 2)
        scene.once("site01", "SMSService", "Svc!2026", server="cap01")
        if turn in (2, 8):
            scene.at(600 * (turn + 1) + 120)
            noise.typing_error(scene, "ws102", "dbrown", server="cap01")
    scene.blame(SERVICE, "SMSService", domain="CORP", authority="local", clients=["site01"],
                servers=["cap01"])

    def stop(truth, frames, ends):
        begin = frames[0].seconds
        kept = [one for one in frames if not 2100 < one.seconds - begin < 3900]
        seen = {one.number for one in kept}
        for number, frame in enumerate(ends):
            if frame not in seen:
                truth["logons"][number] = None
        return kept
    afterwards(scene, stop)


@incident("mirror_loses_replies", "Q243602", server="fs02", frozen=True)
def loses(scene):
    """SMB 3.0. The mirror port loses packets: of fourteen refusals of svc-print, which APP01 asks
    for every six minutes with the old password after it was granted, four replies are not there,
    nor is every seventh acknowledgement. Where an attempt ended is then unknown, the rhythm is not
    (no lockout policy)."""
    scene.serve("fs02", threshold=0)
    scene.at(0)
    scene.once("app01", "svc-print", kind="3.0")
    noise.crowd(scene)
    scene.set_password("fs02", "svc-print", "Prn!2027")
    for turn in range(14):
        scene.at(360 * (turn + 1) + turn % 2)
        scene.once("app01", "svc-print", "Prn!2026", kind="3.0")
    scene.blame(SERVICE, "svc-print", domain="CORP", authority="local", clients=["app01"],
                cause_also=[PERIODIC])

    def lose(truth, frames, ends):
        refused = [at for at, one in enumerate(truth["logons"])
                   if one["account"] == "svc-print" and one["outcome"] == "failure"]
        gone = set()
        for ordinal in (1, 4, 8, 9):
            hide_reply(truth["logons"][refused[ordinal]])
            gone.add(ends[refused[ordinal]])
        bare = [one.number for one in frames
                if len(one.data) == 66 and one.data[47] == 0x10]
        gone |= set(bare[::7])
        return [one for one in frames if one.number not in gone]
    afterwards(scene, lose)
