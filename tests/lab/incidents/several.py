"""More than one cause in a capture, one name for two things, and codes that say less than one would
like."""
import noise
from driver import Path, driver
from scene import incident

from .accounts import UNKNOWN
from .site_systems import CAUSE as LOCAL_CAUSE, local
from .stale import SERVICE
from .walks import CAUSE as WALK_CAUSE, TOKEN, new_connection

STALE, PERIODIC = "stale-mapped-drive-or-saved-credential", "periodic-retry-program"
LOCKED = "account-locked-out"


@incident("driver_here_service_there", "Q278660")
def here_and_there(scene):
    """SMB 3.0 and SMB1. On WS122 the Sound Blaster driver searches two directories and the token
    account is locked for it; on APP01 a job goes on with the old password of sa_sql, every ten
    minutes after it had been granted, and locks that one (threshold 5). Neither has to do with
    the other."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    scene.once("app01", "sa_sql", kind="smb1-139", share="APPS")
    noise.crowd(scene)
    scene.set_password("cap01", "sa_sql", "Sql!2027")
    user = scene.link("ws122", kind="3.0")
    user.logon("kmeyer")
    path = Path((user, "CAP_S01", ""), (user, "SMS_SHR2", ""))
    files = ("sb16snd.sys", "sndblst.dll", "synthgm.sbk")
    for turn in range(7):
        scene.at(600 * (turn + 1))
        scene.once("app01", "sa_sql", "Sql!2026", kind="smb1-139", share="APPS")
        scene.at(600 * (turn + 1) + 37 * (turn + 1))
        missed = path.search(files)
        new_connection(scene, "ws122", kind="3.0")
    scene.innocent(accounts=["kmeyer"])
    scene.blame(WALK_CAUSE, TOKEN, domain="WS122", authority="local", clients=["ws122"],
                culprit=driver("creative-sb-nt4", files, "Creative Labs"), walk=path.truth(missed))
    scene.blame(SERVICE, "sa_sql", domain="CORP", authority="local", clients=["app01"])


@incident("one_name_local_and_domain", "Q256212", server="dc01")
def one_name(scene):
    """SMB 3.1.1 and 2.1 to a domain controller. Two machines fail for the one domain account
    lnovak: WS103, where somebody is logged on to a local account of that name and sends WS103 as
    the domain, and WS104, which was granted in the morning and has yesterday's password. lnovak
    works on WS117. Locked at the eighth."""
    scene.set_password("dc01", "lnovak", "lnovak!Pw1")
    scene.serve("dc01", threshold=8)
    scene.at(0)
    noise.domain_members(scene)
    scene.once("ws104", "lnovak")
    noise.crowd(scene, without=("scanner",))
    scene.set_password("dc01", "lnovak", "lnovak!Pw2")
    scene.at(700)
    scene.once("ws117", "lnovak")
    for number, when in enumerate((900, 1333, 2050, 2810, 3500)):
        scene.at(when)
        scene.once("ws103", "lnovak", "mine!Pw", "WS103", kind="3.1.1")
        scene.at(when + 90 + number * 31)
        scene.once("ws104", "lnovak", "lnovak!Pw1")
    scene.innocent(clients=["ws117"])
    scene.blame("local-user-same-name", "lnovak", domain="WS103", authority="domain",
                clients=["ws103"])
    scene.blame(STALE, "lnovak", domain="CORP", authority="domain", clients=["ws104"])


@incident("disabled_among_local_accounts", "Q174073")
def disabled(scene):
    """SMB 3.0. old_emp is disabled, and WS105 tries it five times in an hour; four clients lock the
    token account of the access point at the same time (threshold 6). The share of a refused
    logon is not to be seen at SMB 3.0, only who they say they are."""
    scene.serve("cap01", threshold=6)
    scene.at(0)
    noise.crowd(scene)
    clients = ("ws106", "ws107", "ws108", "ws109")
    for turn in range(3):
        scene.at(99 + turn * 1200)
        scene.once("ws105", "old_emp", kind="3.0", means="ACCOUNT_DISABLED")
        for number, host in enumerate(clients):
            scene.at(150 + turn * 1200 + number * 101)
            local(scene, host, kind="3.0")
    scene.blame("account-disabled", "old_emp", domain="CORP", authority="local",
                clients=["ws105"])
    scene.blame(LOCAL_CAUSE, TOKEN, authority="local", clients=clients)


@incident("two_accounts_of_one_machine", "Q293662", server="fs02")
def two_accounts(scene):
    """SMB 2.1. WS123 has two old passwords: kmeyer's, for a drive, now and then (kmeyer works on
    WS117 with the new one), and that of svc-print, which some program tries every ten minutes and
    which was granted at first. Threshold 7: svc-print is locked, kmeyer is not."""
    scene.serve("fs02", threshold=7)
    scene.at(0)
    for account in ("kmeyer", "svc-print"):
        scene.once("ws123", account)
    noise.crowd(scene, without=("shell",))
    scene.set_password("fs02", "kmeyer", "kmeyer!Pw2")
    scene.set_password("fs02", "svc-print", "Prn!2027")
    scene.at(300)
    scene.once("ws117", "kmeyer")
    for turn in range(9):
        scene.at(600 * (turn + 1) + turn % 2)
        scene.once("ws123", "svc-print", "Prn!2026")
        if turn in (1, 2, 5, 7):
            scene.at(600 * (turn + 1) + 50 + 71 * turn)
            scene.once("ws123", "kmeyer", "kmeyer!Pw1")
    scene.innocent(clients=["ws117"])
    scene.blame(STALE, "kmeyer", domain="CORP", authority="local", clients=["ws123"])
    scene.blame(SERVICE, "svc-print", domain="CORP", authority="local", clients=["ws123"],
                cause_also=[PERIODIC])


@incident("cloned_machine", "Q171148")
def cloned(scene):
    """SMB 3.0.2. Two machines were copied from one image and both call themselves WS200. On one of
    them tnguyen works with the new password; the other (192.0.2.118), where tnguyen was granted
    in the morning, has the old one and locks the account (threshold 5)."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    name = {"kind": "3.0.2", "calling": "WS200"}
    scene.once("ws117", "tnguyen", **name)
    scene.once("ws118", "tnguyen", **name)
    scene.set_password("cap01", "tnguyen", "tnguyen!Pw2")
    scene.at(500)
    scene.once("ws117", "tnguyen", **name)
    for when in (800, 1900, 1904, 4000):
        scene.at(when)
        scene.once("ws118", "tnguyen", "tnguyen!Pw1", **name)
    scene.at(4100)
    scene.once("ws117", "tnguyen", **name)
    for when in (5000, 6111, 6500, 7000, 7007, 8000):
        scene.at(when)
        scene.once("ws118", "tnguyen", "tnguyen!Pw1", **name)
    scene.innocent(clients=["ws117"])
    scene.blame(STALE, "tnguyen", domain="CORP", authority="local", clients=["ws118"])


@incident("inventory_of_home_drives", "Q232653", server="dc01")
def home_drives(scene):
    """SMB1 to a domain controller. Hardware inventory runs at the same time on six clients, on two
    days: their token accounts touch the users' mapped home drives; no file is looked for, no site
    system's share is wanted. The DOMAIN's account is locked at the sixth failure."""
    scene.serve("dc01", threshold=6)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("shell",))
    noise.without_password(scene, "ws043", "dc01")
    clients = [f"ws{number}" for number in range(110, 116)]
    for turn in range(2):
        for number, host in enumerate(clients):
            scene.at(600 + turn * 86400 + number * 3)
            local(scene, host, share="HOMES")
    scene.blame("local-account-inventory", TOKEN, authority="domain", clients=clients)


@incident("boot_accounts_at_distribution_point", "Q231399")
def boot_accounts(scene):
    """SMB1 with OEM strings. Eleven clients that are being installed want smspkgd$ of the
    distribution point once each, with their local SMSCCMBootAcct&, spelt in three ways; the ninth
    failure locks it."""
    scene.serve("cap01", threshold=9)
    scene.at(0)
    noise.crowd(scene)
    clients = [f"ws{number}" for number in range(101, 112)]
    spelt = ("SMSCCMBootAcct&", "SMSCCMBOOTACCT&", "smsccmbootacct&")
    for number, host in enumerate(clients):
        scene.at(70 + number * 97 + number * number)
        scene.once(host, spelt[number % 3], f"Boot!{host}", host.upper(), kind="smb1-139",
                   share="smspkgd$")
    scene.blame(LOCAL_CAUSE, "SMSCCMBootAcct&", authority="local", clients=clients)


@incident("token_locked_long_ago", "Q299352")
def locked_long_ago(scene):
    """SMB1. The capture begins when the access point's token account is locked already: five
    clients with their local accounts are only ever told so. Who they say they are and what they
    want (CAP_S01) is as it always is in this case; that the account is locked is as right an
    answer."""
    scene.serve("cap01", before=lambda: [scene.quietly(
        "ws101", TOKEN, "Own!ws101", "WS101") for _ in range(3)])
    scene.at(0)
    noise.crowd(scene)
    clients = [f"ws{number}" for number in range(101, 106)]
    for turn in range(2):
        for number, host in enumerate(clients):
            scene.at(20 + turn * 500 + number * 44)
            local(scene, host)
    scene.blame(LOCAL_CAUSE, TOKEN, authority="local", clients=clients, cause_also=[LOCKED])


@incident("expired_by_dos_code", "Q174073")
def expired_dos(scene):
    """LANMAN 2.1. The account kicked has expired, which the old protocol says by 2/2239, and so it
    does of a disabled one: both answers are right."""
    scene.serve("cap01")
    scene.at(0)
    noise.crowd(scene)
    for when in (90, 93, 2000):
        scene.at(when)
        scene.once("ws119", "kicked", kind="lanman2", means="ACCOUNT_EXPIRED")
    scene.blame("account-expired", "kicked", domain="CORP", authority="local", clients=["ws119"],
                cause_also=["account-disabled"])


@incident("must_change_by_dos_code", "Q163520")
def must_change_dos(scene):
    """LANMAN 2.1. pwexp's password has expired (2/2242); the old machine WS120 cannot even change
    it, and tries for an hour. Another person mistypes meanwhile."""
    scene.serve("cap01")
    scene.at(0)
    noise.crowd(scene)
    scene.books["cap01"].setdefault("pwexp", "Exp1!pass")
    for when in (50, 55, 1200, 3300):
        scene.at(when)
        scene.once("ws120", "pwexp", kind="lanman2", means="PASSWORD_EXPIRED")
    scene.blame("password-expired", "pwexp", domain="CORP", authority="local", clients=["ws120"])


@incident("unc_opened_twice", "Q219898", server="fs02")
def unc_twice(scene):
    """SMB 2.1. dbrown opens a UNC path with a wrong password, twice, an hour apart: three refusals
    within a second each time, on connections of their own. Then the right one. Threshold 10,
    nobody is locked."""
    scene.serve("fs02", threshold=10)
    scene.at(0)
    noise.crowd(scene, without=("typing",))
    for when in (200, 3815):
        scene.at(when)
        for _ in range(3):
            scene.once("ws121", "dbrown", "br0wn?")
    scene.at(3840)
    scene.once("ws121", "dbrown")
    scene.blame("mup-amplification", "dbrown", domain="CORP", authority="local",
                clients=["ws121"])


@incident("refused_once", server="fs02")
def once(scene):
    """SMB 3.1.1. jdoe is refused once from WS042, and that is all there is. Nobody can say why, and
    saying nothing is right as well."""
    scene.serve("fs02", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    scene.at(600)
    scene.once("ws042", "jdoe", "Jd0e!pasS", kind="3.1.1")
    scene.blame(UNKNOWN, "jdoe", domain="CORP", authority="local", clients=["ws042"],
                cause_also=[None])


@incident("granted_by_the_domain_refused_alone", "Q163632", server="fs02 dc01")
def alone(scene):
    """SMB 2.1. CORP\\egray is granted by the domain controller and, from the same machine in the
    same minutes, refused by FS02, which is no member: it has accounts of its own, one of that name
    among them, and says so in its challenge. A password kept for FS02 alone would look the same, so
    that is as right an answer. No lockout policy."""
    scene.serve("fs02", "dc01", threshold=0)
    scene.set_password("fs02", "egray", "fs02!only")
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, "dc01", without=("scanner",))
    for when in (300, 1500, 1520, 4000, 6300):
        scene.at(when)
        scene.once("ws122", "egray", server="dc01")
        scene.once("ws122", "egray", "egray!Pw1", server="fs02")
    scene.blame("wrong-server-sam", "egray", domain="CORP", authority="local", clients=["ws122"],
                cause_also=[STALE, UNKNOWN])
