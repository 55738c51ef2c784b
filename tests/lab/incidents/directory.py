"""A Windows domain of today: services, tasks, saved passwords and sessions that did not hear of a
new password, what an account or a server does not allow, attacks, and what resembles them."""
import datetime
import types

import noise
from impacket.krb5 import kerberosv5
from impacket.krb5.constants import PrincipalNameType
from impacket.krb5.types import Principal
from net import inside, ip4, sh
from scene import incident
from status import nt

from .accounts import UNKNOWN
from .hostile import PROBE, Relay
from .services import PERIODIC, SHARED, STALE
from .stale import SERVICE

ADSYNC, BLANK = "adsync-service-account", "foreign-client-blank-workstation"
TYPED = [None]


def hire(scene, account, password, *more):
    """An account of the domain that only this incident has."""
    controller = scene.lab.controller
    controller.tool("user", "delete", account, check=False)
    controller.tool("user", "create", account, password, *more)
    scene.books["dc01"][account] = password


def change(scene, account, *lines):
    """Attributes of a domain account."""
    controller = scene.lab.controller
    controller.run("ldbmodify", "-H", controller.sam, given="\n".join(
        (f"dn: CN={account},CN=Users,DC=corp,DC=example", "changetype: modify", *lines, "")))


def local(scene, *accounts, servers=("cap01",)):
    """To be played before the capture: accounts that only these servers have."""
    def make():
        passwd = scene.lab.network.work / "etc" / "passwd"
        for name, password in accounts:
            if f"\n{name}:" not in passwd.read_text():
                with passwd.open("a") as out:
                    out.write(f"{name}:x:{43000 + sum(name.encode())}:42000::/nonexistent:"
                              "/usr/sbin/nologin\n")
            for server in servers:
                pdbedit = scene.lab.servers[server].pdbedit
                pdbedit("-a", "-t", "-u", name, given=f"{password}\n{password}\n")
                pdbedit("-r", "-u", name, "-c", "[X]")
                scene.books[server][name] = password
    return make


def kinit(scene, host, account, password=""):
    """One run of kinit; without a password it gives up when it is asked for one."""
    scene.lab.network.need(host)
    sh(*scene.lab.network.on(host), "kinit", f"{account}@CORP.EXAMPLE",
       given=f"{password}\n" if password else "", check=False)


@incident("task_at_two_in_the_night", "Q243602", server="dc01", frozen=True)
def night_task(scene):
    """SMB 3.1.1 to a domain controller. A scheduled task of APP01 starts at two every night as
    svc_export and copies from the controller: granted on the first night. Then the password is
    changed; on the three nights after, the task fails and is started again twice, five minutes
    apart. People log on in the mornings, one of them mistypes. No lockout policy."""
    hire(scene, "svc_export", "Exp0rt!2026")
    scene.serve("dc01", threshold=0)
    scene.at(0)
    noise.domain_members(scene)
    link = scene.link("app01", kind="3.1.1")
    link.logon("svc_export")
    link.look("APPS", "readme.txt", found=True)
    link.close()
    scene.at(21600)
    noise.crowd(scene, without=("scanner",))
    scene.set_password("dc01", "svc_export", "Exp0rt!2027")
    for night in (1, 2, 3):
        for turn in range(3):
            scene.at(86400 * night + turn * 300 + night % 2)
            scene.once("app01", "svc_export", "Exp0rt!2026", kind="3.1.1")
        scene.at(86400 * night + 22000)
        noise.good_user(scene, "ws121", "asmith", kind="3.1.1").close()
    scene.blame(SERVICE, "svc_export", domain="CORP", authority="domain", clients=["app01"],
                cause_also=[PERIODIC])


@incident("two_of_three_were_told", "Q243602", server="cap01", frozen=True)
def told(scene):
    """SMB 3.0.2. The backup agent runs as svc_backup on APP01, SYNC01 and SITE01, once an hour on
    each. When the password is changed, two are told; SITE01 is not, and goes on with the old one.
    The two keep being granted. Threshold 30, never reached."""
    scene.serve("cap01", threshold=30)
    agents = ("app01", "sync01", "site01")
    scene.at(0)
    noise.crowd(scene, kind="3.0.2")
    for host in agents:
        scene.once(host, "svc_backup", kind="3.0.2")
    scene.set_password("cap01", "svc_backup", "Backup#2")
    for turn in range(6):
        for number, host in enumerate(agents):
            scene.at(3600 * (turn + 1) + number * 240)
            old = "Backup#1" if host == "site01" else None
            scene.once(host, "svc_backup", old, kind="3.0.2")
    scene.innocent(clients=["app01", "sync01"])
    scene.blame(SERVICE, "svc_backup", domain="CORP", authority="local", clients=["site01"],
                cause_also=[PERIODIC])


@incident("session_disconnected_on_friday", "Q293662", server="dc01", frozen=True)
def disconnected(scene):
    """SMB 3.0 over IPv6 to a domain controller. rpatel worked on the terminal server TS01 on
    Friday and closed the window without logging off; on Monday rpatel changes the password on
    WS117. The session on TS01 wakes up now and then and fails with the old one; two others work on
    TS01 in peace. Locked at the fifth, so that WS117 is refused."""
    hire(scene, "rpatel", "Rp4tel!fri")
    scene.v6 = True
    scene.serve("dc01", threshold=5)
    scene.at(0)
    for host in ("ts01", "ws117"):
        scene.once(host, "rpatel", kind="3.0")
    noise.crowd(scene, without=("scanner",), kind="3.0")
    scene.set_password("dc01", "rpatel", "Rp4tel!mon")
    scene.at(1000)
    scene.once("ws117", "rpatel", kind="3.0")
    for number, when in enumerate((1333, 2950, 2956, 6100, 8210, 8800)):
        scene.at(when)
        scene.once("ts01", "rpatel", "Rp4tel!fri", kind="3.0")
        if number % 2:
            for account in ("kmeyer", "lnovak"):
                scene.once("ts01", account, kind="3.0")
    scene.at(9000)
    scene.once("ws117", "rpatel", kind="3.0")
    scene.innocent(accounts=["kmeyer", "lnovak"], clients=["ws117"])
    scene.blame(STALE, "rpatel", domain="CORP", authority="domain", clients=["ts01"])
    scene.blame("account-locked-out", "rpatel", domain="CORP", authority="domain",
                clients=["ws117"], is_victim=True, cause_also=[STALE])


@incident("old_password_out_of_habit", server="dc01", frozen=True)
def habit(scene):
    """SMB 2.1 to a domain controller. mschulz changed the password on Friday. On Monday, at the
    same desk, the fingers type the old one twice within twenty seconds, then the new one, and it
    works all day. Nothing is the matter (threshold 6)."""
    hire(scene, "mschulz", "Schulz!feb")
    scene.serve("dc01", threshold=6)
    scene.at(0)
    noise.domain_members(scene)
    scene.once("ws110", "mschulz")
    noise.crowd(scene)
    scene.set_password("dc01", "mschulz", "Schulz!mar")
    for when, password in ((5400, "Schulz!feb"), (5412, "Schulz!feb"), (5421, None), (9000, None),
                           (14000, None)):
        scene.at(when)
        scene.once("ws110", "mschulz", password)
    scene.innocent(clients=["ws110"], accounts=["mschulz"])
    scene.blame(UNKNOWN, "mschulz", domain="CORP", authority="domain", clients=["ws110"],
                cause_also=TYPED, is_victim=True)


@incident("monitor_of_three_servers", "Q243602", server="cap01 fs02 sec01", frozen=True)
def monitor(scene):
    """SMB 2.0.2. The monitoring on NAS01 asks three servers for their free space every five
    minutes as svc_inventory. The password is changed on two of them; there it is refused from then
    on, while the third goes on granting it. No lockout policy."""
    servers = ("cap01", "fs02", "sec01")
    scene.serve(*servers, threshold=0)
    scene.at(0)
    noise.crowd(scene, "cap01", without=("scanner",))
    for turn in range(8):
        if turn == 2:
            for server in servers[:2]:
                scene.set_password(server, "svc_inventory", "Inv!2027")
        for number, server in enumerate(servers):
            scene.at(60 + turn * 300 + number * 4)
            scene.once("nas01", "svc_inventory", "Inv!2026", server=server, kind="2.0.2")
    scene.blame(SERVICE, "svc_inventory", domain="CORP", authority="local", clients=["nas01"],
                servers=["cap01", "fs02"], cause_also=[PERIODIC])


@incident("push_to_every_server", server="cap01 fs02 sec01", frozen=True)
def push(scene):
    """SMB 2.1 and 3.0. The site server SITE01 pushes its client to three servers as svc_ClientPush
    and is granted; in the night the account gets a new password, and from then on it is refused at
    all three, once an hour, and locked at each of them at the fourth failure."""
    servers = ("cap01", "fs02", "sec01")
    scene.serve(*servers, threshold=4,
                before=local(scene, ("svc_ClientPush", "Push!2026"), servers=servers))
    scene.at(0)
    noise.crowd(scene, "fs02")
    for server in servers:
        link = scene.link("site01", server, "3.0")
        link.logon("svc_ClientPush")
        link.look("APPS", "readme.txt", found=True)
        link.close()
        scene.set_password(server, "svc_ClientPush", "Push!2027")
    for turn in range(6):
        for number, server in enumerate(servers):
            scene.at(3600 * (turn + 1) + number * 20 + turn % 2)
            scene.once("site01", "svc_ClientPush", "Push!2026", server=server,
                       kind=("2.1", "3.0", "3.0")[number])
    scene.blame(SERVICE, "svc_ClientPush", domain="CORP", authority="local", clients=["site01"],
                servers=servers, cause_also=[PERIODIC])


@incident("contract_ended_on_sunday", "Q174073", server="dc01", frozen=True)
def contract(scene):
    """SMB1 with SPNEGO and SMB 3.1.1 to a domain controller. The account of the contractor
    ifontaine has expired. WS112 and the notebook WS113 try it with the right password, and both are
    told 0xC0000193."""
    hire(scene, "ifontaine", "Font!2026")
    change(scene, "ifontaine", "replace: accountExpires", "accountExpires: 132223104000000000")
    scene.serve("dc01", threshold=8)
    scene.at(0)
    noise.crowd(scene)
    for when, host, kind in ((100, "ws112", "smb1-spnego"), (130, "ws112", "smb1-spnego"),
                             (1700, "ws113", "3.1.1"), (1705, "ws113", "3.1.1"),
                             (5200, "ws112", "smb1-spnego")):
        scene.at(when)
        scene.once(host, "ifontaine", kind=kind, means="ACCOUNT_EXPIRED")
    scene.blame("account-expired", "ifontaine", domain="CORP", authority="domain",
                clients=["ws112", "ws113"])


@incident("expired_in_the_middle_of_a_rhythm", "Q163520", frozen=True)
def expired_job(scene):
    """SMB 3.1.1. A job of APP01 runs every ten minutes as pwexp, whose password has expired: each
    run is refused with 0xC0000071. The rhythm tells how often, and nothing of why. Somebody else
    is refused twice for a typing error."""
    scene.serve("cap01", threshold=5)
    scene.books["cap01"].setdefault("pwexp", "Exp1!pass")
    scene.at(0)
    noise.crowd(scene, kind="3.1.1")
    for turn in range(7):
        scene.at(40 + turn * 600)
        scene.once("app01", "pwexp", kind="3.1.1", means="PASSWORD_EXPIRED")
        if turn == 3:
            scene.at(40 + turn * 600 + 111)
            noise.typing_error(scene, "ws109", "tnguyen")
            scene.at(40 + turn * 600 + 190)
            noise.typing_error(scene, "ws109", "tnguyen")
    scene.blame("password-expired", "pwexp", domain="CORP", authority="local", clients=["app01"])


@incident("new_notebook_not_on_the_list", "Q174073", server="dc01", frozen=True)
def notebook(scene):
    """SMB 3.0 to a domain controller. okumar may log on from WS101 only, and does. The new
    notebook WS114 has the same password and is refused with 0xC0000070, four times in a
    morning."""
    hire(scene, "okumar", "Kum4r!2026")
    change(scene, "okumar", "add: userWorkstations", "userWorkstations: WS101")
    scene.serve("dc01")
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("shell",))
    for when, host in ((50, "ws101"), (200, "ws114"), (207, "ws114"), (1500, "ws101"),
                       (1900, "ws114"), (4000, "ws114")):
        scene.at(when)
        more = {"means": "INVALID_WORKSTATION"} if host == "ws114" else {}
        scene.once(host, "okumar", kind="3.0", **more)
    scene.innocent(clients=["ws101"])
    scene.blame("workstation-restricted", "okumar", domain="CORP", authority="domain",
                clients=["ws114"])


@incident("disabled_in_old_words", "Q174073", frozen=True)
def old_words(scene):
    """SMB1 over NetBIOS with DOS error codes. The account of old_emp is disabled; two machines
    where it was entered once go on with it, and are told 2/2239, which is also what is said of an
    expired one. Somebody at SMB 2.1 mistypes."""
    scene.serve("cap01", lines=("nt status support = no",))
    scene.at(0)
    noise.crowd(scene, without=("work", "scanner"))
    for when, host in ((70, "ws115"), (72, "ws116"), (900, "ws115"), (3600, "ws116"),
                       (3604, "ws116")):
        scene.at(when)
        scene.once(host, "old_emp", kind="smb1-dos", means="ACCOUNT_DISABLED", share="HOMES")
    scene.blame("account-disabled", "old_emp", domain="CORP", authority="local",
                clients=["ws115", "ws116"], cause_also=["account-expired"])


@incident("wrong_passwords_become_guest", "Q103390", frozen=True)
def becomes_guest(scene):
    """SMB 3.0. The server takes a wrong password for the guest's: kmeyer on
    WS105 sends the old password, is let in as guest each time, and refused the share. On WS106
    kmeyer has the right one, and gets it. No lockout policy."""
    scene.serve("cap01", threshold=0, lines=("map to guest = bad password",))
    scene.at(0)
    noise.crowd(scene, without=("typing", "scanner"))
    for when in (120, 126, 1900, 4100):
        scene.at(when)
        link = scene.link("ws105", kind="3.0")
        link.logon("kmeyer", "kmeyer!Pw0", means="WRONG_PASSWORD", wire_status=nt("OK"),
                   guest=True)
        link.tree("APPS", "ACCESS_DENIED")
        link.close()
        scene.at(when + 3)
        noise.good_user(scene, "ws106", "kmeyer", kind="3.0").close()
    scene.blame("guest-mapping", "kmeyer", domain="CORP", authority="local", clients=["ws105"])


@incident("level_raised_over_night", "Q175641", server="fs02", frozen=True)
def level(scene):
    """FS02 takes NTLMv2 only since last night. The copier MFP01 (SMB1 on port 445) and the old
    machine WS118 (SMB1 over NetBIOS) answer by NTLMv1 with right passwords and are refused; the
    same two accounts are granted by NTLMv2 from APP01 and WS119, and everybody else is. No lockout
    policy."""
    scene.serve("fs02", threshold=0, lines=("ntlm auth = ntlmv2-only", "lanman auth = no"))
    scene.at(0)
    noise.crowd(scene, without=("typing",))
    for turn, when in enumerate((60, 1260, 2900, 5555)):
        scene.at(when)
        scene.once("mfp01", "scan_konica", kind="smb1", means="WRONG_PASSWORD")
        scene.at(when + 95)
        scene.once("ws118", "tnguyen", kind="smb1-139", share="HOMES", means="WRONG_PASSWORD")
        if turn % 2 == 0:
            scene.once("app01", "scan_konica", kind="3.0")
            scene.once("ws119", "tnguyen")
    scene.innocent(clients=["app01", "ws119"])
    for account, host in (("scan_konica", "mfp01"), ("tnguyen", "ws118")):
        scene.blame("ntlmv1-or-lm-refused", account, domain="CORP", authority="local",
                    clients=[host])


class Shifted(datetime.datetime):
    """A clock that is wrong."""
    off = datetime.timedelta(0)

    @classmethod
    def utcnow(cls):
        return datetime.datetime.utcnow() + cls.off

    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.now(tz) + cls.off


def ask_with_wrong_clock(host, account, password, minutes):
    """An AS exchange by a client whose clock is ahead; the KDC must refuse it."""
    Shifted.off = datetime.timedelta(minutes=minutes)
    right = kerberosv5.datetime
    kerberosv5.datetime = types.SimpleNamespace(datetime=Shifted, timedelta=datetime.timedelta)
    try:
        with inside(host):
            kerberosv5.getKerberosTGT(
                Principal(account, type=PrincipalNameType.NT_PRINCIPAL.value), password,
                "CORP.EXAMPLE", "", "", kdcHost=ip4("dc01"))
    except kerberosv5.KerberosError as error:
        if error.getErrorCode() != 37:
            raise
    else:
        raise RuntimeError("the KDC did not mind the clock")
    finally:
        kerberosv5.datetime = right


@incident("clock_of_a_notebook", server="dc01", frozen=True)
def clock(scene):
    """Kerberos and SMB 3.1.1 at a domain controller. The battery of WS120 is dead and its clock is
    47 minutes ahead: the KDC refuses each of jdoe's requests with KRB_AP_ERR_SKEW, right password
    and all. Where the machine falls back to NTLM it is granted."""
    scene.serve("dc01", threshold=0)
    scene.lab.network.need("ws120")
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner",))
    for number, when in enumerate((90, 95, 600, 1300, 1310, 4000)):
        scene.at(when)
        ask_with_wrong_clock("ws120", "jdoe", "Jd0e!pass", 47)
        if number % 3 == 1:
            scene.once("ws120", "jdoe", kind="3.1.1")
    scene.blame("clock-skew", "jdoe", authority="domain", clients=["ws120"])


@incident("both_doors_with_the_old_key", "Q243602", server="dc01", frozen=True)
def both_doors(scene):
    """Kerberos over IPv6 and SMB 3.0 over IPv4 at a domain controller. A service of APP01,
    svc_archive, asks the KDC with its old password (error 24) and then tries NTLM with the same
    (0xC000006D), every fifteen minutes; before the change it was granted. No lockout policy."""
    hire(scene, "svc_archive", "Arch!2026")
    scene.serve("dc01", threshold=0)
    scene.at(0)
    noise.domain_members(scene)
    scene.once("app01", "svc_archive", kind="3.0")
    noise.crowd(scene, without=("scanner", "shell"))
    scene.set_password("dc01", "svc_archive", "Arch!2027")
    for turn in range(6):
        scene.at(900 * (turn + 1) + turn % 2)
        kinit(scene, "app01", "svc_archive", "Arch!2026")
        scene.once("app01", "svc_archive", "Arch!2026", kind="3.0")
    scene.blame(SERVICE, "svc_archive", domain="CORP", authority="domain", clients=["app01"],
                cause_also=[PERIODIC])
    scene.v6 = True
    scene.blame(SERVICE, "svc_archive", authority="domain", clients=["app01"],
                cause_also=[PERIODIC, UNKNOWN, None])


@incident("server_calls_itself_over_ipv6", server="fs02", frozen=True)
def calls_itself(scene):
    """SMB 3.1.1 over IPv6. A web application on FS02 opens a share of FS02 itself by another name,
    as sa_sql, and the server refuses it; the same account is granted from APP01 in the same
    minutes. Captured on the server's own loopback and on the switch. No lockout policy."""
    scene.v6 = True
    scene.serve("fs02", threshold=0)
    scene.also("fs02", "lo")
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    for turn, when in enumerate((44, 300, 980, 2000, 3500)):
        scene.at(when)
        scene.once("fs02", "sa_sql", "alias!Pw", kind="3.1.1", calling="FS02")
        if turn % 2 == 0:
            scene.at(when + 20)
            scene.once("app01", "sa_sql", kind="3.1.1")
    scene.innocent(clients=["app01"])
    scene.blame("loopback-check", "sa_sql", domain="CORP", authority="local", clients=["fs02"])


@incident("domain_of_the_company_that_was_bought", "Q163632", server="mem01", frozen=True)
def bought(scene):
    """SMB 3.0.2 to a member server. The machines of a company that was bought still send its
    domain: OLDCO\\kmeyer and OLDCO\\lnovak are looked for among MEM01's own accounts, and not
    found. From another machine kmeyer is granted as CORP\\kmeyer."""
    scene.serve("mem01")
    scene.at(0)
    noise.crowd(scene, kind="3.0.2")
    for turn, when in enumerate((30, 700, 2400, 5100)):
        for number, (host, account) in enumerate((("ws102", "kmeyer"), ("ws103", "lnovak"))):
            scene.at(when + number * 77)
            scene.once(host, account, f"{account}!Pw1", "OLDCO", kind="3.0.2")
        if turn % 2:
            scene.once("ws104", "kmeyer", kind="3.0.2")
    scene.innocent(clients=["ws104"])
    for host, account in (("ws102", "kmeyer"), ("ws103", "lnovak")):
        scene.blame("wrong-server-sam", account, domain="OLDCO", authority="local",
                    clients=[host])


@incident("guessing_from_an_own_desk", frozen=True)
def own_desk(scene):
    """SMB 2.1. Somebody at WS115 guesses the password of svc_backup with a word list: forty-eight
    tries in two and a half minutes over one connection, under the machine's true name, while the
    desk's own user kmeyer works on there. No lockout policy."""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    work = noise.good_user(scene, "ws115", "kmeyer")
    link = scene.link("ws115")
    for number in range(48):
        scene.at(700 + number * 3.1 + number % 4 * 0.2)
        link.logon("svc_backup", f"Backup{number:02}!")
        if number % 20 == 10:
            work.look("APPS", "readme.txt", found=True)
    scene.blame("single-client-brute-force", "svc_backup", domain="CORP", authority="local",
                clients=["ws115"], hostile=True)


@incident("guessed_at_last", server="dc01", frozen=True)
def guessed(scene):
    """SMB1 over NetBIOS to a domain controller, which nothing shows to be one. PROBE01 guesses the
    password of vpnuser, thirty times in half a minute, and the thirty-first is right: it is in, and
    looks at the shares. No lockout policy."""
    hire(scene, "vpnuser", "Sommer2026")
    scene.serve("dc01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    link = scene.link("probe01", kind="smb1-139", calling="NMAP")
    for number in range(30):
        scene.at(900 + number)
        link.logon("vpnuser", f"Sommer{1996 + number}")
    scene.at(930)
    link.logon("vpnuser", "Sommer2026")
    for share in ("SYSVOL", "netlogon", "HOMES"):
        link.tree(share)
    scene.blame("single-client-brute-force", "vpnuser", domain="CORP", authority="domain",
                clients=["probe01"], culprit=PROBE, hostile=True)


@incident("list_shared_between_two_machines", server="dc01", frozen=True)
def shared_list(scene):
    """SMB 3.1.1 over IPv6 to a domain controller. Two machines try one password with twenty-six
    names that they share out, every other name each, one every twenty seconds; an hour later
    another password. Half of the names exist. Threshold 5, and nobody is locked."""
    names = ("aadams", "asmith", "bbrown", "bwhite", "cclark", "cgreen", "dbrown", "ddunn",
             "egray", "evans", "fblack", "ffisher", "gjones", "hlee", "hourly", "jdoe", "jkim",
             "kmeyer", "lnovak", "lrossi", "mmoore", "nnash", "opark", "svc_backup", "tnguyen",
             "wking")
    scene.v6 = True
    scene.serve("dc01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    for turn, password in enumerate(("Welcome2026", "Februar2026")):
        for number, name in enumerate(names):
            scene.at(300 + turn * 3600 + number * 20 + number % 3)
            scene.once(("probe01", "ws130")[number % 2], name, password, kind="3.1.1",
                       calling=("", "DESKTOP-7QK1")[number % 2])
    for host in ("probe01", "ws130"):
        scene.blame("password-spray", None, domain="CORP", authority="domain", clients=[host],
                    culprit=PROBE, hostile=True)


@incident("names_asked_of_the_controller", server="dc01", frozen=True)
def names_asked(scene):
    """Kerberos at a domain controller, over IPv6. WS131 asks it for twenty-four names, one a
    second, and sends no password for any: the error code (6 or 25) tells which exist. No SMB logon
    follows. Meanwhile people log on, and one mistypes."""
    names = ("abel", "asmith", "baker", "bwhite", "carter", "cgreen", "dbrown", "dean", "egray",
             "ellis", "fblack", "foster", "grant", "hayes", "irving", "jdoe", "jordan", "kmeyer",
             "lane", "mason", "nolan", "owens", "perry", "tnguyen")
    scene.serve("dc01", threshold=5)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("shell",))
    for number, name in enumerate(names):
        scene.at(240 + number)
        kinit(scene, "ws131", name)
    scene.at(400)
    noise.typing_error(scene, "ws132", "dbrown")
    scene.v6 = True
    scene.blame("account-enumeration", None, authority="domain", clients=["ws131"],
                culprit=PROBE, hostile=True)


@incident("printer_account_passed_on", server="fs02", frozen=True)
def passed_on(scene):
    """SMB 3.0. WS117 is led astray by a poisoned name and connects to WS125 as svc-print; WS125
    passes every message on to FS02 and the answers back. No password is wrong, nothing is ever
    refused: the same challenge on two legs is all there is to see, twice."""
    scene.serve("fs02", threshold=5)
    scene.lab.network.need("ws125")
    between = Relay("ws125", "fs02")
    scene.at(0)
    noise.crowd(scene)
    for when in (410, 2222):
        scene.at(when)
        link = scene.link("ws117", "ws125", "3.0")
        means = scene.expect("fs02", "CORP", "svc-print", "Prn!2026")
        scene.tell("ws125", "fs02", "CORP", "svc-print", means, **link.facts)
        scene.tell("ws117", "ws125", "CORP", "svc-print", means, audit=False, **link.facts)
        scene.heard(link.wire.logon("svc-print", "CORP", "Prn!2026")[0],
                    scene.truth["logons"][-1]["status"])
        link.close()
    between.close()
    scene.innocent(clients=["ws117"])
    scene.blame("relay-suspicion", "svc-print", domain="CORP", authority="local",
                clients=["ws125"], culprit=PROBE, hostile=True)


@incident("other_node_of_the_cluster", "Q243602", server="dc01", frozen=True)
def cluster(scene):
    """SMB 3.0 to a domain controller. The cluster's role runs on APP01 as svc_cluster and is
    granted every twenty minutes, before the password changed and after: there it was entered. The
    role moves to SYNC01, where it was not, and is refused every twenty minutes; after the sixth the
    account is locked. Both call themselves by their own names."""
    hire(scene, "svc_cluster", "Clu!2026")
    scene.serve("dc01", threshold=6)
    scene.at(0)
    noise.domain_members(scene)
    for host in ("sync01", "app01"):
        scene.once(host, "svc_cluster", kind="3.0")
    noise.crowd(scene, without=("scanner",))
    scene.set_password("dc01", "svc_cluster", "Clu!2027")
    for turn in range(3):
        scene.at(1200 * (turn + 1))
        scene.once("app01", "svc_cluster", kind="3.0")
    for turn in range(8):
        scene.at(4800 + 1200 * turn + turn % 2)
        scene.once("sync01", "svc_cluster", "Clu!2026", kind="3.0")
    scene.innocent(clients=["app01"])
    scene.blame(SERVICE, "svc_cluster", domain="CORP", authority="domain", clients=["sync01"],
                cause_also=[PERIODIC])


@incident("scanner_with_last_years_password", server="cap01 fs02 site01 sec01", frozen=True)
def scans(scene):
    """SMB 2.1. A vulnerability scanner goes over four servers every week with the credentials of
    svc_inventory: granted in the first week; then the password is changed, and it is refused, twice
    at each server, beside the session setups it gives up. It guesses nothing: one name, one
    password, announced. Threshold 5."""
    servers = ("cap01", "fs02", "site01", "sec01")
    scene.serve(*servers, threshold=5)
    scene.at(0)
    noise.crowd(scene, "cap01")
    for week in range(3):
        for number, server in enumerate(servers):
            scene.at(600 + week * 604800 + number * 15)
            scene.give_up("probe01", server, calling="NESSUS")
            for _ in range(2):
                scene.once("probe01", "svc_inventory", "Inv!2026", server=server,
                           calling="NESSUS")
            if not week:
                scene.set_password(server, "svc_inventory", "Inv!2027")
        scene.at(1000 + week * 604800)
        noise.good_user(scene, "ws121", "asmith", server="fs02").close()
    scene.blame(SERVICE, "svc_inventory", domain="CORP", authority="local", clients=["probe01"],
                servers=servers, cause_also=[PERIODIC, UNKNOWN])
    scene.blame("abandoned-handshake", None, clients=["probe01"], servers=servers,
                cause_also=[None], is_victim=True, failures=0)


@incident("person_lends_a_name_to_a_task", "Q171148", server="dc01", frozen=True)
def lends(scene):
    """SMB 2.1 to a domain controller. hweber put a task on APP01 that runs as hweber on the hour.
    After the password is changed hweber works on at WS108 with the new one, and the task goes on
    with the old: eleven hours, locked at the eighth, so that WS108 is refused too."""
    hire(scene, "hweber", "Web3r!old")
    scene.serve("dc01", threshold=8)
    scene.at(0)
    noise.domain_members(scene)
    for host in ("app01", "ws108"):
        scene.once(host, "hweber")
    noise.crowd(scene, without=("scanner",))
    scene.set_password("dc01", "hweber", "Web3r!new")
    for turn in range(11):
        scene.at(3600 * (turn + 1) + turn % 3)
        scene.once("app01", "hweber", "Web3r!old")
        if turn in (8, 9):
            scene.at(3600 * (turn + 1) + 1234)
            scene.once("ws108", "hweber")
    scene.innocent(clients=["ws108"])
    scene.blame(STALE, "hweber", domain="CORP", authority="domain", clients=["app01"],
                cause_also=[PERIODIC, SERVICE])
    scene.blame("account-locked-out", "hweber", domain="CORP", authority="domain",
                clients=["ws108"], is_victim=True, cause_also=[STALE, PERIODIC, SERVICE])


@incident("connector_of_the_staging_server", "Changing the ADSync service account password",
          server="dc01", frozen=True)
def staging(scene):
    """SMB 3.0.2 to a domain controller. Two servers synchronise: SYNC01 was given the connector's
    new password and is granted every half hour; APP01, kept in staging mode, was forgotten and is
    refused every half hour. Threshold 20, not reached, since each grant clears the count."""
    account = "MSOL_a91e04d7c2b3"
    hire(scene, account, "Msol!Gen-90")
    scene.serve("dc01", threshold=20)
    scene.at(0)
    noise.domain_members(scene)
    for host in ("sync01", "app01"):
        scene.once(host, account, kind="3.0.2")
    noise.crowd(scene, without=("shell",))
    scene.set_password("dc01", account, "Msol!Gen-91")
    for turn in range(6):
        scene.at(1800 * (turn + 1))
        scene.once("sync01", account, kind="3.0.2")
        scene.at(1800 * (turn + 1) + 320)
        scene.once("app01", account, "Msol!Gen-90", kind="3.0.2")
    scene.innocent(clients=["sync01"])
    scene.blame(ADSYNC, account, domain="CORP", authority="domain", clients=["app01"])


@incident("vault_beside_the_new_password", "Q171148", server="dc01", frozen=True)
def vault(scene):
    """SMB 3.1.1 to a domain controller. cdupont has the new password and logs on at WS107 with it;
    in the same machine's store of credentials the old one is kept for a drive, which is tried
    whenever a program touches it: in bursts of one to three, at no rhythm. Before the change both
    were one. Locked at the ninth."""
    hire(scene, "cdupont", "Dup0nt!1")
    scene.serve("dc01", threshold=9)
    scene.at(0)
    noise.domain_members(scene)
    scene.once("ws107", "cdupont", kind="3.1.1")
    noise.crowd(scene, without=("shell",))
    scene.set_password("dc01", "cdupont", "Dup0nt!2")
    scene.at(600)
    scene.once("ws107", "cdupont", kind="3.1.1")
    for when, times in ((640, 2), (2010, 1), (2077, 3), (5400, 1), (5930, 2), (9100, 2)):
        scene.at(when)
        for _ in range(times):
            scene.once("ws107", "cdupont", "Dup0nt!1", kind="3.1.1")
    scene.blame(STALE, "cdupont", domain="CORP", authority="domain", clients=["ws107"])


@incident("task_of_a_local_namesake", "Q256212", server="dc01", frozen=True)
def namesake(scene):
    """SMB 3.0 over IPv6 to a domain controller. On WS109 somebody made a local account tnguyen,
    which is logged on there; Windows sends WS109\\tnguyen, and the controller counts against the
    domain's tnguyen, who is granted as CORP\\tnguyen from WS110 until the account is locked at the
    sixth."""
    scene.v6 = True
    scene.serve("dc01", threshold=6)
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    link = scene.link("ws110", kind="3.0")
    link.logon("tnguyen")
    for share in ("SYSVOL", "netlogon"):
        link.tree(share)
    for when in (500, 501, 1900, 2650, 4000, 4020, 7000, 9100):
        scene.at(when)
        scene.once("ws109", "tnguyen", "only!here", "WS109", kind="3.0")
    scene.at(9400)
    scene.once("ws110", "tnguyen", kind="3.0")
    scene.innocent(clients=["ws110"])
    scene.blame("local-user-same-name", "tnguyen", domain="WS109", authority="domain",
                clients=["ws109"])
    scene.blame("account-locked-out", "tnguyen", domain="CORP", authority="domain",
                clients=["ws110"], is_victim=True, cause_also=["local-user-same-name"])


@incident("copier_keeps_a_persons_password", "Q171148", frozen=True)
def persons_copier(scene):
    """SMB1 with SPNEGO. Somebody entered egray's own account into the copier MFP01, which names no
    workstation; its scans arrive, until egray changes the password. From then on each scan is
    refused, and the lock (threshold 4) shuts egray out at WS101 too. The device hides its name, and
    it keeps an old password: both are right."""
    scene.serve("cap01", threshold=4)
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    for when in (40, 900):
        scene.at(when)
        scene.once("mfp01", "egray", kind="smb1-spnego", calling="")
    scene.set_password("cap01", "egray", "egray!Pw2")
    scene.at(1500)
    scene.once("ws101", "egray", kind="3.0")
    for when in (2222, 2230, 5011, 7777, 7791):
        scene.at(when)
        scene.once("mfp01", "egray", "egray!Pw1", kind="smb1-spnego", calling="")
    scene.at(8000)
    scene.once("ws101", "egray", kind="3.0")
    scene.innocent(clients=["ws101"])
    scene.blame(STALE, "egray", domain="CORP", authority="local", clients=["mfp01"],
                cause_also=[BLANK])
    scene.blame("account-locked-out", "egray", domain="CORP", authority="local",
                clients=["ws101"], is_victim=True, cause_also=[STALE, BLANK])


@incident("monday_after_the_policy", "Q163520", server="dc01", frozen=True)
def monday(scene):
    """SMB 3.0 to a domain controller. Everybody had to change the password over the weekend. Nine
    people, each at a desk of their own, mistype once or twice and are granted then; the new
    colleague nbauer has not changed it yet and is told so (0xC0000224) three times. Nobody sprays,
    nobody is locked (threshold 5)."""
    hire(scene, "nbauer", "First!2026", "--must-change-at-next-login")
    scene.serve("dc01", threshold=5)
    scene.at(0)
    noise.domain_members(scene)
    people = ("asmith", "bwhite", "cgreen", "dbrown", "egray", "fblack", "kmeyer", "lnovak",
              "tnguyen")
    for number, account in enumerate(people):
        host = f"ws{101 + number}"
        for turn in range(1 + (number % 3 == 1)):
            scene.at(300 + number * 130 + turn * 9)
            scene.once(host, account, f"{account}!new{turn}", kind="3.0")
        scene.at(300 + number * 130 + 25)
        scene.once(host, account, kind="3.0")
        if number in (2, 3, 7):
            scene.at(300 + number * 130 + 60)
            scene.once("ws112", "nbauer", kind="3.0", means="PASSWORD_MUST_CHANGE")
    scene.innocent(clients=[f"ws{101 + number}" for number in range(9)], accounts=people)
    scene.blame("password-expired", "nbauer", domain="CORP", authority="domain",
                clients=["ws112"])


@incident("images_for_the_class_room", "Q237759", server="dc01", frozen=True)
def images(scene):
    """SMB 2.1 to a domain controller. Sixteen machines are started from the network and given an
    image; each calls itself MININT-... and takes the account svc_mdt from a file of the boot image,
    with the password of last year: one or two refusals each within a quarter of an hour. Granted
    never. Threshold 40."""
    hire(scene, "svc_mdt", "Mdt!2026")
    scene.serve("dc01", threshold=40)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner", "shell"))
    clients = [f"ws{number}" for number in range(103, 119)]
    for turn in range(2):
        for number, host in enumerate(clients[turn * 5:]):
            scene.at(200 + turn * 420 + number * 19 + number * number % 5)
            scene.once(host, "svc_mdt", "Mdt!2025", calling=f"MININT-{number * 7919 % 65536:04X}K")
    scene.blame(SHARED, "svc_mdt", domain="CORP", authority="domain", clients=clients,
                cause_also=[SERVICE])


@incident("job_beyond_its_hours", "Q174073", server="dc01", frozen=True)
def hours(scene):
    """SMB 2.0.2 to a domain controller. The account svc_night may log on at no time that the two
    machines APP01 and TS01 try it: every half hour, right password, 0xC000006F. On TS01 people work
    in peace, and one mistypes."""
    hire(scene, "svc_night", "N1ght!2026")
    change(scene, "svc_night", "replace: logonHours", "logonHours:: " + "A" * 28)
    scene.serve("dc01", threshold=3)
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    for turn in range(4):
        for number, host in enumerate(("app01", "ts01")):
            scene.at(100 + turn * 1800 + number * 400)
            scene.once(host, "svc_night", kind="2.0.2", means="INVALID_LOGON_HOURS")
        if turn == 1:
            scene.at(100 + turn * 1800 + 700)
            scene.once("ts01", "lnovak", "lnivak!Pw1", kind="2.0.2")
            scene.once("ts01", "lnovak", kind="2.0.2")
            scene.once("ts01", "kmeyer", kind="2.0.2")
    scene.innocent(accounts=["lnovak", "kmeyer"])
    scene.blame("logon-hours", "svc_night", domain="CORP", authority="domain",
                clients=["app01", "ts01"])


@incident("locked_service_on_two_servers", "Q174073", server="cap01", frozen=True)
def locked_service(scene):
    """SMB 3.1.1 over IPv6. As the capture begins, sa_sql is locked; who did it was before, and
    elsewhere. APP01 and SYNC01 have the right password and are told 0xC0000234, at irregular times.
    Whose fault it is cannot be seen."""
    scene.v6 = True
    scene.serve("cap01", threshold=4, before=lambda: [scene.quietly(
        "ws104", "sa_sql", f"guess{turn}") for turn in range(4)])
    scene.at(0)
    noise.crowd(scene)
    for when, host in ((60, "app01"), (411, "sync01"), (1800, "app01"), (1833, "app01"),
                       (5102, "sync01"), (7000, "app01")):
        scene.at(when)
        scene.once(host, "sa_sql", kind="3.1.1")
    scene.blame("account-locked-out", "sa_sql", domain="CORP", authority="local",
                clients=["app01", "sync01"], is_victim=True)


@incident("computer_account_in_a_script", "Q174073", server="dc01", frozen=True)
def computer(scene):
    """SMB1 over NetBIOS to a domain controller. A script on WS126 logs on with the account of a
    computer, KIOSK7$, as if it were a person's: password and all are right, and it is refused
    with 0xC0000199 every time."""
    controller = scene.lab.controller
    controller.tool("computer", "delete", "KIOSK7", check=False)
    controller.tool("computer", "create", "KIOSK7")
    controller.tool("user", "setpassword", "KIOSK7$", "--newpassword=K1osk!7")
    scene.books["dc01"]["KIOSK7$"] = "K1osk!7"
    scene.serve("dc01", threshold=5)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner",))
    for when in (30, 31, 1400, 3100):
        scene.at(when)
        scene.once("ws126", "KIOSK7$", kind="smb1-139", share="netlogon",
                   means="NOLOGON_WORKSTATION_TRUST_ACCOUNT")
    scene.blame("machine-account-used", "KIOSK7$", domain="CORP", authority="domain",
                clients=["ws126"])


@incident("list_tried_from_the_copier", server="dc01", frozen=True)
def from_the_copier(scene):
    """SMB1 with SPNEGO and SMB 2.1 to a domain controller. The copier MFP01 stores its scans as
    scan_konica, and is granted. Somebody has broken into it: between the scans it tries one
    password with thirteen names, one every four minutes and a bit, none of them granted. Threshold
    3, nobody is locked."""
    names = ("adm_kraus", "adm_voss", "administrator", "bwhite", "cgreen", "dbrown", "fblack",
             "jdoe", "kmeyer", "lnovak", "svc_backup", "svc_print", "tnguyen")
    scene.books["dc01"]["Administrator"] = "Adm1n!pass"
    scene.serve("dc01", threshold=3)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner",))
    for number, name in enumerate(names):
        if number % 3 == 0:
            scene.at(100 + number * 250)
            scene.once("mfp01", "scan_konica", kind="smb1-spnego", calling="")
        scene.at(200 + number * 250 + number * 7 % 11)
        scene.once("mfp01", name, "Konica123", calling="")
    scene.innocent(accounts=["scan_konica"])
    scene.blame("password-spray", None, domain="CORP", authority="domain", clients=["mfp01"],
                culprit=PROBE, hostile=True)


@incident("one_click_at_the_controller", "Q219898", server="dc01", frozen=True)
def one_click(scene):
    """SMB 3.1.1 over IPv6 to a domain controller. fblack opens \\\\dc01\\HOMES from WS127 with a
    password that is wrong: three refusals within a second on one connection, and the account is
    locked (threshold 3). It is unlocked; an hour later the right password is granted, and stays
    so."""
    scene.v6 = True
    scene.serve("dc01", threshold=3)
    scene.at(0)
    noise.crowd(scene, without=("scanner", "typing"))
    scene.at(777)
    link = scene.link("ws127", kind="3.1.1")
    for _ in range(3):
        link.logon("fblack", "fbalck!Pw")
    link.close()
    scene.unlock("dc01", "fblack")
    for when in (4400, 6000):
        scene.at(when)
        scene.once("ws127", "fblack", kind="3.1.1")
    scene.blame("mup-amplification", "fblack", domain="CORP", authority="domain",
                clients=["ws127"])


@incident("drive_on_the_member_locks_at_the_controller", "Q171148", server="mem01 dc01",
          frozen=True)
def through_the_member(scene):
    """SMB 3.0. gmartin changed the password at WS112. WS111 still has a drive of the member server
    MEM01 with the old one, and touches it now and then; MEM01 asks the controller, which counts and
    locks at the fifth. WS112, which only ever talks to the controller, is refused there."""
    hire(scene, "gmartin", "Mart1n!1")
    local(scene, ("gmartin", ""), servers=())()
    scene.serve("mem01", "dc01", threshold=5)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, "dc01", without=("scanner",))
    scene.once("ws111", "gmartin", server="mem01", kind="3.0")
    scene.set_password("dc01", "gmartin", "Mart1n!2")
    scene.at(500)
    scene.once("ws112", "gmartin", server="dc01", kind="3.0")
    for when in (700, 1950, 1953, 4440, 7000, 7010, 9300):
        scene.at(when)
        scene.once("ws111", "gmartin", "Mart1n!1", server="mem01", kind="3.0")
        if when in (1953, 4440):
            scene.once("ws113", "asmith", server="mem01", kind="3.0")
    scene.at(9500)
    scene.once("ws112", "gmartin", server="dc01", kind="3.0")
    scene.innocent(clients=["ws112", "ws113"])
    scene.blame(STALE, "gmartin", domain="CORP", authority="domain", clients=["ws111"],
                servers=["mem01"])
    scene.blame("account-locked-out", "gmartin", domain="CORP", authority="domain",
                clients=["ws112"], servers=["dc01"], is_victim=True, cause_also=[STALE])


@incident("device_that_does_not_sign", frozen=True)
def unsigned(scene):
    """SMB 2.1 and 3.1.1. The server wants every message signed. The network disk NAS01 logs on as
    scan_konica with the right password, is granted, asks for its share without a signature, and is
    refused with 0xC0000022; so every time. Clients of 3.1.1 sign, and work."""
    scene.serve("cap01", threshold=3, lines=("server signing = mandatory",))
    scene.at(0)
    for number, (host, account) in enumerate((("ws121", "asmith"), ("ws123", "cgreen"))):
        noise.good_user(scene, host, account, kind="3.1.1").close()
    noise.typing_error(scene, "ws122", "bwhite", kind="3.1.1")
    for when in (60, 62, 900, 2700, 5400):
        scene.at(when)
        link = scene.link("nas01")
        link.logon("scan_konica")
        link.tree("HOMES", "ACCESS_DENIED")
        link.close()
        if when == 900:
            noise.good_user(scene, "ws121", "asmith", kind="3.1.1", share="HOMES").close()
    scene.blame("smb-signing-required", "scan_konica", domain="CORP", authority="local",
                clients=["nas01"])


@incident("client_that_may_not_use_ntlm", server="fs02", frozen=True)
def may_not(scene):
    """SMB 2.1. A policy on WS110 forbids it to answer by NTLM to FS02, which it calls by its
    address: it begins a logon, sees the challenge, and gives up, seven times in an hour. No
    password is tried. The same machine's user was granted at first, before the policy came."""
    scene.serve("fs02", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    scene.once("ws110", "lnovak")
    for when in (300, 303, 310, 1500, 1507, 2600, 3500):
        scene.at(when)
        scene.give_up("ws110")
    scene.at(3600)
    noise.good_user(scene, "ws111", "tnguyen").close()
    scene.blame("abandoned-handshake", None, clients=["ws110"],
                cause_also=["ntlm-blocked", None])


@incident("administrator_on_four_servers", "Q293662", server="dc01", frozen=True)
def four_servers(scene):
    """SMB 3.1.1 to a domain controller. The administrator adm_kraus left sessions open on four
    servers and then changed the password at WS101: each of the four fails with the old one a few
    times in the next three hours, at no common rhythm. Locked at the seventh, and WS101 with it."""
    hire(scene, "adm_kraus", "Kr4us!adm1")
    scene.serve("dc01", threshold=7)
    servers = ("app01", "ts01", "sync01", "site01")
    scene.at(0)
    noise.domain_members(scene)
    for host in (*servers, "ws101"):
        scene.once(host, "adm_kraus", kind="3.1.1")
    noise.crowd(scene, without=("scanner",))
    scene.set_password("dc01", "adm_kraus", "Kr4us!adm2")
    scene.at(400)
    scene.once("ws101", "adm_kraus", kind="3.1.1")
    for when, number in ((900, 0), (1777, 2), (2100, 1), (2104, 1), (4010, 3), (5555, 0),
                         (6200, 2), (8000, 1), (10100, 3)):
        scene.at(when)
        scene.once(servers[number], "adm_kraus", "Kr4us!adm1", kind="3.1.1")
    scene.at(10500)
    scene.once("ws101", "adm_kraus", kind="3.1.1")
    scene.innocent(clients=["ws101"])
    scene.blame(STALE, "adm_kraus", domain="CORP", authority="domain", clients=servers,
                cause_also=[SERVICE, SHARED])
    scene.blame("account-locked-out", "adm_kraus", domain="CORP", authority="domain",
                clients=["ws101"], is_victim=True, cause_also=[STALE, SERVICE, SHARED])


@incident("colleague_is_asked_for_a_file", server="fs02", frozen=True)
def colleague(scene):
    """SMB 3.0.2. kmeyer works at WS116; in the afternoon somebody sits down there and enters
    lnovak's account with five passwords within a minute, none right, and gives up. lnovak works at
    WS117 all the while. Whether lnovak forgot it or another wanted in, nobody can see: five wrong
    passwords, no more (threshold 8)."""
    scene.serve("fs02", threshold=8)
    scene.at(0)
    noise.crowd(scene)
    for host, account in (("ws116", "kmeyer"), ("ws117", "lnovak")):
        noise.good_user(scene, host, account, kind="3.0.2").close()
    for number, when in enumerate((9000, 9011, 9023, 9040, 9055)):
        scene.at(when)
        scene.once("ws116", "lnovak", f"Lnovak{number}", kind="3.0.2")
    for when in (9300, 12000):
        scene.at(when)
        noise.good_user(scene, "ws117", "lnovak", kind="3.0.2").close()
        noise.good_user(scene, "ws116", "kmeyer", kind="3.0.2").close()
    scene.innocent(clients=["ws117"], accounts=["kmeyer"])
    scene.blame(UNKNOWN, "lnovak", domain="CORP", authority="local", clients=["ws116"],
                cause_also=[None])


@incident("refused_in_two_places_granted_in_none", server="dc01", frozen=True)
def two_places(scene):
    """SMB 2.1 over IPv6 to a domain controller. pmorel comes back from a long leave and is refused
    at WS119 in the morning and at WS120 in the afternoon, seven times in all, at no rhythm; nothing
    is ever granted. A forgotten password, perhaps: the capture cannot tell. No lockout policy."""
    scene.v6 = True
    hire(scene, "pmorel", "Mor3l!2025")
    scene.serve("dc01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    for number, (when, host) in enumerate(((200, "ws119"), (231, "ws119"), (1900, "ws119"),
                                           (9000, "ws120"), (9044, "ws120"), (10100, "ws120"),
                                           (12345, "ws120"))):
        scene.at(when)
        scene.once(host, "pmorel", f"Mor3l!202{number}x")
    for host in ("ws119", "ws120"):
        scene.blame(UNKNOWN, "pmorel", domain="CORP", authority="domain", clients=[host],
                    cause_also=[None])
