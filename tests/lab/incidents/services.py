"""More accounts of services, devices and persons whose password is not the one that is sent."""
import noise
from samba import DOMAIN_USERS
from scene import incident

from .stale import SERVICE

STALE, SHARED = "stale-mapped-drive-or-saved-credential", "many-clients-one-account"
PERIODIC = "periodic-retry-program"


@incident("logon_service_at_restart", "Q256123", server="cap01 fs02 site01 sec01")
def logon_service(scene):
    """SMB1 over NetBIOS. Somebody gave SMSLogonSvc a new password. Three logon points, which serve
    files themselves, fail once or twice each when they restart, at no rhythm; nothing was granted
    to the account before. Locked at the third."""
    scene.serve("cap01", "fs02", "site01", "sec01")
    scene.at(0)
    servers = ("fs02", "site01", "sec01")
    for host in servers:
        noise.good_user(scene, "ws101", "jdoe", server=host, share="SMSLOGON").close()
    noise.crowd(scene, "cap01")
    scene.set_password("cap01", "SMSLogonSvc", "Lgn!Svc-2")
    for when, host in ((240, 0), (1100, 1), (1390, 0), (2777, 2), (3001, 1), (5212, 2)):
        scene.at(when)
        scene.once(servers[host], "SMSLogonSvc", "Lgn!Svc-1", server="cap01", kind="smb1-139",
                   share="SMSLOGON")
    scene.blame(SERVICE, "SMSLogonSvc", domain="CORP", authority="local", clients=servers)


@incident("controller_copies_records", "Q256309", server="site01 dc01")
def controller_copies(scene):
    """SMB 2.1. The logon point is the domain controller DC01 itself (SYSVOL, Kerberos, CORP<1C>):
    it copies discovery records to the site server every hour with SMSServer_ABC, granted at first,
    refused after a site reset changed the password. Locked at the fifth."""
    scene.serve("site01", "dc01", threshold=5)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, "site01")
    scene.once("dc01", "SMSServer_ABC", server="site01")
    scene.set_password("site01", "SMSServer_ABC", "Ser!ABC-b")
    for turn in range(7):
        scene.at(3600 * (turn + 1) + turn % 3)
        scene.once("dc01", "SMSServer_ABC", "Ser!ABC-a", server="site01")
    scene.blame(SERVICE, "SMSServer_ABC", domain="CORP", authority="local", clients=["dc01"],
                servers=["site01"])


@incident("executive_every_45_seconds", "Q278745", server="site01 cap01")
def executive(scene):
    """SMB 3.1.1. The SMS Executive on the access point CAP01, a server to its own clients, was
    granted as SMSSvc_S01_0001 at the site server and then, when the account was made anew, is
    refused every 45 seconds; at the same time a person mistypes. No lockout policy."""
    scene.serve("site01", "cap01", threshold=0)
    scene.at(0)
    noise.good_user(scene, "ws101", "jdoe", server="cap01", share="CAP_S01").close()
    noise.crowd(scene, "site01", kind="3.1.1")
    scene.once("cap01", "SMSSvc_S01_0001", server="site01", kind="3.1.1")
    scene.set_password("site01", "SMSSvc_S01_0001", "Rem!S01-b")
    for turn in range(14):
        scene.at(200 + turn * 45 + turn % 2 * 0.4)
        scene.once("cap01", "SMSSvc_S01_0001", "Rem!S01-a", server="site01", kind="3.1.1")
        if turn == 6:
            noise.typing_error(scene, "ws102", "lnovak", server="site01", kind="3.1.1")
    scene.blame(SERVICE, "SMSSvc_S01_0001", domain="CORP", authority="local", clients=["cap01"],
                servers=["site01"])


@incident("sql_agent_never_granted", "Q243602", server="dc01")
def sql_agent(scene):
    """SMB 3.0 to a domain controller. A job of APP01 uses sa_sql every 15 minutes with a password
    that was changed long ago: nothing is granted in this capture. Name and rhythm say service
    account; which program, nobody can see. Locked at the sixth, and refused on."""
    scene.set_password("dc01", "sa_sql", "Sql!2027")
    scene.serve("dc01", threshold=6)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene)
    for turn in range(9):
        scene.at(130 + turn * 900 + turn % 3 * 2)
        scene.once("app01", "sa_sql", "Sql!2026", kind="3.0")
    scene.blame(SERVICE, "sa_sql", domain="CORP", authority="domain", clients=["app01"],
                cause_also=[PERIODIC])


@incident("copier_scans")
def copier(scene):
    """SMB1 with SPNEGO. The copier MFP01 stores scans as scan_konica, with a password that is not
    the account's; it names no workstation. People press its button now and then, twice when it
    fails. Threshold 4."""
    scene.serve("cap01", threshold=4)
    scene.at(0)
    noise.crowd(scene)
    for when in (95, 103, 1250, 1260, 4400, 9123):
        scene.at(when)
        scene.once("mfp01", "scan_konica", "Scan!2019", kind="smb1-spnego", calling="")
    scene.blame("foreign-client-blank-workstation", "scan_konica", domain="CORP",
                authority="local", clients=["mfp01"])


@incident("connector_over_ipv6", "Changing the ADSync service account password", server="dc01")
def connector(scene):
    """SMB 3.1.1 over IPv6 to a domain controller that shows itself by SYSVOL and NETLOGON. The
    connector account MSOL_... fails from SYNC01 twice in every cycle of half an hour, twenty
    times, and is granted never; locked at the twelfth."""
    account = "MSOL_3f9a1c7e5b20"
    scene.set_password("dc01", account, DOMAIN_USERS[account])
    scene.v6 = True
    scene.serve("dc01", threshold=12)
    scene.at(0)
    link = scene.link("ws124", "dc01")
    link.logon("asmith")
    for share in ("SYSVOL", "netlogon"):
        link.tree(share)
    noise.crowd(scene, without=("scanner",))
    for turn in range(10):
        scene.at(77 + turn * 1800)
        for _ in range(2):
            scene.once("sync01", account, "Msol!Gen-01", kind="3.1.1")
    scene.blame("adsync-service-account", account, domain="CORP", authority="domain",
                clients=["sync01"])


@incident("sync_service_mended", "Changing the ADSync service account password")
def sync_mended(scene):
    """SMB 2.1. AAD_8c41d2e0b6f5 is a local account of a server that stands alone; SYNC01 fails
    four times, an hour apart at first, then somebody enters the right password, and all is well."""
    account = "AAD_8c41d2e0b6f5"
    scene.serve("cap01", threshold=8)
    scene.at(0)
    noise.crowd(scene)
    for when in (100, 3710, 5400, 5466):
        scene.at(when)
        scene.once("sync01", account, "Aad!Gen-41", domain="SYNC01")
    for when in (5600, 7400):
        scene.at(when)
        scene.once("sync01", account, domain="SYNC01")
    scene.blame("adsync-service-account", account, domain="SYNC01", authority="local",
                clients=["sync01"])


@incident("drive_mended", "Q171148")
def drive_mended(scene):
    """SMB 3.0. kmeyer worked on WS117 and on WS104, changes the password on WS117 and goes on
    there; WS104 fails with the old one for an hour, now and then, until the drive is connected
    anew: then it is granted. Nobody is locked (threshold 10)."""
    scene.serve("cap01", threshold=10)
    scene.at(0)
    noise.crowd(scene)
    for host in ("ws104", "ws117"):
        link = scene.link(host, kind="3.0")
        link.logon("kmeyer")
        link.look("HOMES", "readme.txt", found=True)
        link.close()
    scene.set_password("cap01", "kmeyer", "kmeyer!Pw2")
    scene.at(900)
    scene.once("ws117", "kmeyer", kind="3.0")
    for when in (1010, 1013, 2475, 3900, 3904):
        scene.at(when)
        scene.once("ws104", "kmeyer", "kmeyer!Pw1", kind="3.0")
    scene.at(4500)
    link = scene.link("ws104", kind="3.0")
    link.logon("kmeyer")
    link.look("HOMES", "readme.txt", found=True)
    scene.innocent(clients=["ws117"])
    scene.blame(STALE, "kmeyer", domain="CORP", authority="local", clients=["ws104"])


@incident("climonnt_after_the_lock", "Q191828")
def climonnt_late(scene):
    """SMB1 over NetBIOS. The capture begins when tnguyen is locked already: all that is seen is the
    client monitor trying SMS_SHR, SMS_SHR1 (which is not there to be seen) and SMS_SHR2 within a
    second, then silence for 60.5 seconds, and again; always 0xC0000234. That the account is locked
    is as right an answer."""
    scene.serve("cap01", before=lambda: [scene.quietly(
        "ws118", "tnguyen", "old!Pw") for _ in range(3)])
    scene.at(0)
    noise.crowd(scene)
    for turn in range(9):
        scene.at(50 + turn * 60.5)
        for share in ("SMS_SHR", "SMS_SHR1", "SMS_SHR2"):
            scene.once("ws118", "tnguyen", "old!Pw", kind="smb1-139", share=share)
    scene.blame(PERIODIC, "tnguyen", domain="CORP", authority="local", clients=["ws118"],
                cause_also=["account-locked-out"],
                culprit={"kind": "program", "id": "sms12-climonnt", "vendor": "Microsoft",
                         "files": []})


@incident("metering_of_a_locked_user", "Q287626")
def metering(scene):
    """SMB 2.1. The metering client on WS119 asked for dbup.ini on LICMTR while lnovak was granted;
    then the password is changed, and it tries five times every minute for twelve minutes, sixty
    times in all; locked at the eighth. At SMB 2.1 the share of a refused logon is not to be
    seen."""
    scene.serve("cap01", threshold=8)
    scene.at(0)
    meter = scene.link("ws119")
    meter.logon("lnovak")
    meter.look("LICMTR", "dbup.ini")
    noise.crowd(scene, without=("typing",))
    scene.set_password("cap01", "lnovak", "lnovak!Pw2")
    for turn in range(12):
        scene.at(90 + turn * 60)
        for _ in range(5):
            meter.logon("lnovak", "lnovak!Pw1")
    scene.blame(PERIODIC, "lnovak", domain="CORP", authority="local", clients=["ws119"],
                culprit={"kind": "program", "id": "sms-licmtr", "vendor": "Microsoft",
                         "files": ["dbup.ini"]})


@incident("installation_manager_23_hours", "Q227033")
def every_23_hours(scene):
    """SMB1. One client has an old password of SMSClient_XYZ and wants CAP_S01 every 23 hours, the
    cycle of the client's installation manager, over four days. It was granted before. The rhythm
    alone, and the account alone, are right answers."""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    scene.once("ws120", "SMSClient_XYZ", kind="smb1-139", share="CAP_S01")
    noise.crowd(scene)
    scene.set_password("cap01", "SMSClient_XYZ", "Cli!XYZ-b")
    for turn in range(5):
        scene.at(82800 * (turn + 1) + turn * 11)
        scene.once("ws120", "SMSClient_XYZ", "Cli!XYZ-a", kind="smb1-139", share="CAP_S01")
    scene.blame(SERVICE, "SMSClient_XYZ", domain="CORP", authority="local", clients=["ws120"],
                cause_also=[PERIODIC])


@incident("every_four_hours", "Q184858", server="fs02")
def four_hours(scene):
    """SMB 2.0.2. kmeyer is refused by FS02 from WS103 every four hours for a day and more, to the
    second, and never granted: a program, nobody knows which."""
    scene.serve("fs02", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    for turn in range(8):
        scene.at(1000 + turn * 14400 + turn % 2)
        scene.once("ws103", "kmeyer", "kmeyer!Pw0", kind="2.0.2")
    scene.blame(PERIODIC, "kmeyer", domain="CORP", authority="local", clients=["ws103"])


@incident("twenty_clients_one_account", "Q227033")
def twenty(scene):
    """SMB 2.1. Twenty clients begin within minutes to fail as SMSClient_XYZ, two times each, an
    hour apart, none of them granted before; in between one of them polls packages with another
    account in good standing. Locked at the thirtieth."""
    scene.serve("cap01", threshold=30)
    scene.put("cap01", "CAP_S01", "PkgInfo.box/XYZ00016.PKG")
    scene.at(0)
    noise.crowd(scene, without=("shell", "scanner"))
    poll = scene.link("ws101", kind="smb1-139")
    poll.logon("SMSClient_S01")
    clients = [f"ws{number}" for number in range(101, 121)]
    for turn in range(2):
        for number, host in enumerate(clients):
            scene.at(300 + turn * 3600 + number * 13 + number % 4)
            scene.once(host, "SMSClient_XYZ", "Cli!XYZ-0")
        scene.at(700 + turn * 3600)
        poll.look("CAP_S01", "PkgInfo.box\\XYZ00017.PKG", how="TRANS2_FIND_FIRST2")
    scene.innocent(files=["XYZ00017.PKG"], accounts=["SMSClient_S01"])
    scene.blame(SHARED, "SMSClient_XYZ", domain="CORP", authority="local", clients=clients,
                cause_also=[SERVICE])


@incident("old_machine_not_logged_off", "Q293662")
def not_logged_off(scene):
    """LANMAN 2.1: the oldest client there is, DOS error codes, an LM answer. tnguyen changed the
    password on WS102 and works there; the old machine WS121, where tnguyen is still logged on,
    goes on with the old one for HOMES. 1/5 does not tell when the account is locked."""
    scene.serve("cap01", threshold=20)
    scene.at(0)
    scene.once("ws121", "tnguyen", kind="lanman2", share="HOMES")
    scene.once("ws102", "tnguyen")
    noise.crowd(scene)
    scene.at(1500)
    scene.once("ws102", "tnguyen")
    for when in (1700, 1710, 3333, 5000, 7411):
        scene.at(when)
        scene.once("ws121", "tnguyen", "older!Pw", kind="lanman2", share="HOMES")
    scene.at(7500)
    scene.once("ws102", "tnguyen")
    scene.innocent(clients=["ws102"])
    scene.blame(STALE, "tnguyen", domain="CORP", authority="local", clients=["ws121"])


@incident("printing_from_everywhere", "Q237759", server="dc01")
def printing(scene):
    """SMB 3.1.1 over IPv6 at a domain controller that nothing shows to be one. A policy gives
    fourteen machines the password svc-print had last year: one to two failures each within a
    quarter of an hour, none granted; locked at the fifteenth."""
    scene.v6 = True
    scene.serve("dc01", threshold=15)
    scene.at(0)
    noise.crowd(scene, without=("shell",))
    clients = [f"ws{number}" for number in range(101, 115)]
    for turn in range(2):
        for number, host in enumerate(clients[turn * 6:]):
            scene.at(100 + turn * 450 + number * 23 + number * number % 7)
            scene.once(host, "svc-print", "Prn!2025", kind="3.1.1")
    scene.blame(SHARED, "svc-print", domain="CORP", authority="domain", clients=clients)
