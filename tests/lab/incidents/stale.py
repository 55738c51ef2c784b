"""Passwords that were changed, and who did not hear of it: service accounts, the directory
synchronisation, programs that retry, drives and shared credentials."""
import noise
from driver import Path
from samba import DOMAIN_USERS
from scene import incident

SERVICE = "stale-service-account-password"


@incident("q243602_sms_service", "Q243602", server="cap01 site01 sec01", golden=True)
def sms_service(scene):
    """SMB 2.1. The SMS service account's password is changed; the site server SITE01 and the
    secondary site server SEC01 logged on with it before and go on with the old one, every 15
    minutes each, by SMB to the access point CAP01. Both are servers themselves, as a client of
    theirs shows. Locked at the tenth failure."""
    scene.serve("cap01", "site01", "sec01", threshold=10)
    scene.at(0)
    for host in ("site01", "sec01"):
        scene.once(host, "SMSService", server="cap01")
        noise.good_user(scene, "ws101", "jdoe", server=host, share="SMS_S01").close()
    noise.crowd(scene, "cap01")
    scene.set_password("cap01", "SMSService", "Svc!2027")
    for turn in range(7):
        for number, host in enumerate(("site01", "sec01")):
            scene.at(1800 + turn * 900 + number * 200)
            scene.once(host, "SMSService", "Svc!2026", server="cap01")
        if turn == 3:
            scene.at(1800 + turn * 900 + 400)
            noise.typing_error(scene, "ws102", "dbrown", server="cap01")
    scene.blame(SERVICE, "SMSService", domain="CORP", authority="local",
                clients=["site01", "sec01"])


@incident("adsync_connector", "Changing the ADSync service account password", server="dc01",
          golden=True)
def adsync_connector(scene):
    """SMB 3.0 to a domain controller. The connector account MSOL_... of the directory
    synchronisation was given a new password in the directory, and SYNC01 has the old one: two
    attempts in each cycle of 30 minutes, after it had been granted before. Locked at the fifth."""
    connector = "MSOL_3f9a1c7e5b20"
    scene.set_password("dc01", connector, DOMAIN_USERS[connector])
    scene.serve("dc01", threshold=5)
    scene.at(0)
    noise.domain_members(scene)
    scene.once("sync01", connector, kind="3.0")
    noise.crowd(scene, without=("shell",))
    old = DOMAIN_USERS[connector]
    scene.set_password("dc01", connector, "Msol!Gen-78")
    for turn in range(4):
        scene.at(1800 * (turn + 1))
        for _ in range(2):
            scene.once("sync01", connector, old, kind="3.0")
    scene.blame("adsync-service-account", connector, domain="CORP", authority="domain",
                clients=["sync01"])


@incident("adsync_service", "Changing the ADSync service account password", server="dc01")
def adsync_service(scene):
    """SMB 2.1. The synchronisation's service account AAD_... fails from SYNC01 at the domain
    controller, irregularly; nothing was granted to it in this capture (threshold 0)."""
    account = "AAD_8c41d2e0b6f5"
    scene.serve("dc01", threshold=0)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("work",))
    for when in (40, 41, 300, 305, 1100):
        scene.at(when)
        scene.once("sync01", account, "Aad!Gen-41")
    scene.blame("adsync-service-account", account, domain="CORP", authority="domain",
                clients=["sync01"])


@incident("smsclient_hourly", "Q227033")
def smsclient_hourly(scene):
    """SMB1. Somebody gave the client connection account SMSClient_S01 a new password in User
    Manager; twelve clients that were granted before keep trying the access point every hour with
    the old one, and lock it every time an administrator unlocks it (threshold 5)."""
    scene.serve("cap01", threshold=5)
    clients = [f"ws{number}" for number in range(101, 113)]
    scene.at(0)
    for host in clients:
        scene.once(host, "SMSClient_S01", kind="smb1-139", share="CAP_S01")
    noise.crowd(scene, without=("shell",))
    old = scene.books["cap01"]["SMSClient_S01"]
    scene.set_password("cap01", "SMSClient_S01", "Cli!S01-b")
    for turn in range(4):
        for number, host in enumerate(clients):
            scene.at(3600 * (turn + 1) + number * 113)
            scene.once(host, "SMSClient_S01", old, kind="smb1-139", share="CAP_S01")
        scene.unlock("cap01", "SMSClient_S01")
    scene.blame("many-clients-one-account", "SMSClient_S01", domain="CORP", authority="local",
                clients=clients, cause_also=[SERVICE])


@incident("smsserver_reset", "Q256309", server="cap01 site01 sec01")
def smsserver_reset(scene):
    """SMB1. A site reset gave SMSServer_S01 a new password; two logon points still copy their
    discovery records with the old one to the site server, every 10 minutes. Both serve files
    themselves. Locked at the fifth."""
    scene.serve("cap01", "site01", "sec01", threshold=5)
    scene.at(0)
    for host in ("site01", "sec01"):
        scene.once(host, "SMSServer_S01", server="cap01", kind="smb1", share="SMS_S01")
        noise.good_user(scene, "ws101", "jdoe", server=host, share="SMSLOGON").close()
    noise.crowd(scene, "cap01", without=("work",))
    old = scene.books["cap01"]["SMSServer_S01"]
    scene.set_password("cap01", "SMSServer_S01", "Ser!S01-b")
    for turn in range(5):
        for number, host in enumerate(("site01", "sec01")):
            scene.at(600 * (turn + 1) + number * 95)
            scene.once(host, "SMSServer_S01", old, server="cap01", kind="smb1", share="SMS_S01")
    scene.blame(SERVICE, "SMSServer_S01", domain="CORP", authority="local",
                clients=["site01", "sec01"])


@incident("backup_service", "Q243602")
def backup_service(scene):
    """SMB 3.1.1. A backup service on APP01 has the old password of svc_backup, an attempt every 15
    minutes after an earlier success. In the same machine's other session somebody types a command
    that is not there: the shell tries .COM, .EXE, .BAT and .CMD in two network directories. That
    has nothing to do with it."""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    scene.once("app01", "svc_backup", kind="3.1.1")
    noise.crowd(scene)
    shell = scene.link("app01", kind="3.1.1")
    shell.logon("fblack")
    path = Path((shell, "APPS", ""), (shell, "SMSLOGON", ""))
    scene.set_password("cap01", "svc_backup", "Backup#2")
    typed = ("inventry.com", "inventry.exe", "inventry.bat", "inventry.cmd")
    for turn in range(6):
        scene.at(900 * (turn + 1))
        scene.once("app01", "svc_backup", "Backup#1", kind="3.1.1")
        if turn in (1, 4):
            scene.at(900 * (turn + 1) + 3)
            for link, share, _ in path.entries:
                for name in typed:
                    link.look(share, name)
    scene.innocent(accounts=["fblack"], files=typed)
    scene.blame(SERVICE, "svc_backup", domain="CORP", authority="local", clients=["app01"])


@incident("climonnt", "Q191828")
def climonnt(scene):
    """SMB1 over NetBIOS. The client monitor of SMS 1.2 on WS101 runs as the user dbrown, whose
    password was changed elsewhere: it tries the shares SMS_SHR and SMS_SHR2, both in one
    second, waits 60 to 61 seconds, and begins anew; until the lockout and after it (threshold
    10)."""
    scene.serve("cap01", threshold=10)
    scene.at(0)
    scene.once("ws101", "dbrown", kind="smb1-139", share="SMS_SHR")
    noise.crowd(scene)
    old = scene.books["cap01"]["dbrown"]
    scene.set_password("cap01", "dbrown", "dbrown!Pw2")
    when = 120.0
    for turn in range(9):
        scene.at(when)
        for share in ("SMS_SHR", "SMS_SHR2"):
            scene.once("ws101", "dbrown", old, kind="smb1-139", share=share)
        when += 60.2 + turn % 3 * 0.4
    scene.blame("periodic-retry-program", "dbrown", domain="CORP", authority="local",
                clients=["ws101"], culprit={"kind": "program", "id": "sms12-climonnt",
                                            "vendor": "Microsoft", "files": []})


@incident("licmtr", "Q287626")
def licmtr(scene):
    """SMB1. The software metering client on WS101 uses the logged-on user's credentials for the
    share LICMTR, where it looks for dbup.ini in a session that was granted; when fblack's password
    is changed, it goes on with the old one, many times back to back, every minute (threshold
    20)."""
    scene.serve("cap01", threshold=20)
    scene.at(0)
    meter = scene.link("ws101", kind="smb1-139")
    meter.logon("fblack")
    meter.look("LICMTR", "dbup.ini")
    noise.crowd(scene, without=("scanner",))
    old = scene.books["cap01"]["fblack"]
    scene.set_password("cap01", "fblack", "fblack!Pw2")
    for turn in range(5):
        scene.at(60 + turn * 60)
        for _ in range(6):
            meter.logon("fblack", old, share="LICMTR")
    scene.blame("periodic-retry-program", "fblack", domain="CORP", authority="local",
                clients=["ws101"], culprit={"kind": "program", "id": "sms-licmtr",
                                            "vendor": "Microsoft", "files": ["dbup.ini"]})


@incident("periodic_unknown", "Q184858")
def periodic_unknown(scene):
    """SMB 3.0. Some program on WS103 tries dbrown's old password every 7 minutes; which, nobody can
    see. No lockout policy."""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    for turn in range(9):
        scene.at(30 + turn * 420 + (turn * 7) % 5)
        scene.once("ws103", "dbrown", "old!Pw0", kind="3.0")
    scene.blame("periodic-retry-program", "dbrown", domain="CORP", authority="local",
                clients=["ws103"], culprit=None)


@incident("mapped_drive", "Q293662")
def mapped_drive(scene):
    """SMB 2.1 and SMB1. jdoe has changed the password and works on WS101 with the new one; on
    WS042, where jdoe logged on in the morning, the drive HOMES goes on with the old one, now and
    then, and locks the account (threshold 5). WS101 is refused from then on."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    scene.once("ws042", "jdoe", kind="smb1-139", share="HOMES")
    noise.crowd(scene)
    old = scene.books["cap01"]["jdoe"]
    scene.set_password("cap01", "jdoe", "Jd0e!new")
    scene.at(1200)
    scene.once("ws101", "jdoe")
    for when in (1500, 1502, 2950, 4711, 4713, 7302):
        scene.at(when)
        scene.once("ws042", "jdoe", old, kind="smb1-139", share="HOMES")
    scene.at(7400)
    scene.once("ws101", "jdoe")
    scene.innocent(clients=["ws101"])
    scene.blame("stale-mapped-drive-or-saved-credential", "jdoe", domain="CORP", authority="local",
                clients=["ws042"])
    scene.blame("account-locked-out", "jdoe", domain="CORP", authority="local", clients=["ws101"],
                is_victim=True,
                cause_also=["stale-mapped-drive-or-saved-credential"])


@incident("shared_credential", "Q237759", server="dc01")
def shared_credential(scene):
    """SMB 3.0 to a domain controller. A print drive mapped by policy carries the password of
    svc_print, which was changed: twelve machines that were granted it before fail twice each within
    half an hour, and lock it (threshold 10)."""
    scene.set_password("dc01", "svc_print", "Prn!2026")
    scene.serve("dc01", threshold=10)
    clients = [f"ws{number}" for number in range(101, 113)]
    scene.at(0)
    noise.domain_members(scene)
    for host in clients:
        scene.once(host, "svc_print", kind="3.0")
    noise.crowd(scene, without=("scanner", "shell"))
    scene.set_password("dc01", "svc_print", "Prn!2027")
    for turn in range(2):
        for number, host in enumerate(clients):
            scene.at(3600 + turn * 900 + number * 67 + number * number)
            scene.once(host, "svc_print", "Prn!2026", kind="3.0")
    scene.blame("many-clients-one-account", "svc_print", domain="CORP", authority="domain",
                clients=clients)
