"""Accounts that something is the matter with, ways to log on that a server does not take, and
failures of which nobody can say more than that."""
import noise
from scene import incident
from status import nt

UNKNOWN = "wrong-password-unknown-cause"


@incident("mup_three_at_once", "Q219898")
def mup(scene):
    """SMB1. egray opens a UNC path once with a wrong password: Windows asks three times within a
    second. Then silence, and later a good logon. The account is locked by one user action
    (threshold 3), and unlocked by an administrator."""
    scene.serve("cap01")
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    scene.at(100)
    link = scene.link("ws103", kind="smb1-139")
    for _ in range(3):
        link.logon("egray", "wr0ng!", share="HOMES")
    link.close()
    scene.unlock("cap01", "egray")
    scene.at(1900)
    scene.once("ws103", "egray", kind="smb1-139", share="HOMES")
    scene.blame("mup-amplification", "egray", domain="CORP", authority="local", clients=["ws103"])


@incident("local_user_same_name", "Q256212", server="dc01")
def same_name(scene):
    """SMB 2.1 to a domain controller. A person is logged on to WS103 with a LOCAL account cgreen,
    and so sends the machine's name as the domain; the domain's cgreen, who works on WS123 without
    trouble, is counted against, and locked (threshold 4)."""
    scene.serve("dc01", threshold=4)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner",))
    for when in (300, 380, 1250, 1400, 2200):
        scene.at(when)
        scene.once("ws103", "cgreen", "local!Pw", "WS103")
    scene.blame("local-user-same-name", "cgreen", domain="WS103", authority="domain",
                clients=["ws103"])


@incident("wrong_and_no_clue")
def no_clue(scene):
    """SMB 3.1.1. dbrown is refused from WS103 six times over an hour and a half, at no rhythm, for
    no share that tells anything, and never granted. No cause can be seen, and none may be made up.
    (No lockout policy.)"""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    for when in (200, 1310, 1390, 2750, 4900, 5230):
        scene.at(when)
        scene.once("ws103", "dbrown", "qwertz!1", kind="3.1.1")
    scene.blame(UNKNOWN, "dbrown", domain="CORP", authority="local", clients=["ws103"])


def state(scene, account, means, kind, *, host="ws103", server="cap01", times=(90, 95, 700)):
    """A right password that is refused for what the account is."""
    scene.at(0)
    noise.crowd(scene, server, without=("scanner",))
    for when in times:
        scene.at(when)
        scene.once(host, account, server=server, kind=kind, means=means)


@incident("account_disabled", "Q174073")
def disabled(scene):
    """SMB1. The account of somebody who left is disabled; WS103 goes on trying it with the right
    password."""
    scene.serve("cap01")
    state(scene, "old_emp", "ACCOUNT_DISABLED", "smb1")
    scene.blame("account-disabled", "old_emp", domain="CORP", authority="local", clients=["ws103"])


@incident("account_expired", "Q174073")
def expired(scene):
    """SMB 2.1. The account kicked has expired."""
    scene.serve("cap01")
    state(scene, "kicked", "ACCOUNT_EXPIRED", "2.1")
    scene.blame("account-expired", "kicked", domain="CORP", authority="local", clients=["ws103"])


@incident("password_must_change", "Q163520", server="dc01")
def must_change(scene):
    """SMB 3.0 to a domain controller. The user must change the password at the next logon, and has
    not."""
    scene.serve("dc01")
    state(scene, "mustchg", "PASSWORD_MUST_CHANGE", "3.0", server="dc01")
    scene.blame("password-expired", "mustchg", domain="CORP", authority="domain",
                clients=["ws103"])


@incident("logon_hours", "Q174073", server="dc01")
def hours(scene):
    """SMB 2.1 to a domain controller. A job runs outside the hours in which its account may log
    on."""
    scene.serve("dc01")
    state(scene, "hourly", "INVALID_LOGON_HOURS", "2.1", server="dc01", times=(90, 3690, 7290))
    scene.blame("logon-hours", "hourly", domain="CORP", authority="domain", clients=["ws103"])


@incident("workstation_restricted", "Q174073")
def workstation(scene):
    """SMB 3.0. The account may log on from ADMINPC only, and tries from WS103."""
    scene.serve("cap01")
    state(scene, "wsonly", "INVALID_WORKSTATION", "3.0")
    scene.blame("workstation-restricted", "wsonly", domain="CORP", authority="local",
                clients=["ws103"])


@incident("machine_account", "Q174073")
def machine_account(scene):
    """SMB1. A service on WS103 uses a computer account as if it were a user's."""
    scene.serve("cap01")
    scene.books["cap01"]["ws099$"] = "ws099"
    state(scene, "ws099$", "NOLOGON_WORKSTATION_TRUST_ACCOUNT", "smb1-139")
    scene.blame("machine-account-used", "ws099$", domain="CORP", authority="local",
                clients=["ws103"])


@incident("guest_mapping", "Q103390")
def guest(scene):
    """SMB 2.1. The server maps users it does not know to its guest: oldname's logons succeed with
    the guest flag, and the share is refused each time."""
    scene.serve("cap01", lines=("map to guest = bad user",))
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    for when in (60, 65, 400):
        scene.at(when)
        link = scene.link("ws103")
        link.logon("oldname", "Old!pw", means="NO_SUCH_USER", wire_status=nt("OK"), guest=True)
        link.tree("APPS", "ACCESS_DENIED")
        link.close()
    scene.blame("guest-mapping", "oldname", domain="CORP", authority="local", clients=["ws103"])


@incident("ntlmv1_refused", "Q175641")
def ntlmv1(scene):
    """The server takes NTLMv2 only. svc_backup on the old machine WS103 answers by NTLMv1 with the
    RIGHT password, bare at SMB1, and is refused every time; by NTLMv2 the same account is granted
    from WS101, as all others are."""
    scene.serve("cap01", threshold=0, lines=("ntlm auth = ntlmv2-only", "lanman auth = no"))
    scene.at(0)
    scene.once("ws101", "svc_backup")
    noise.crowd(scene)
    for when in (50, 60, 800, 1600):
        scene.at(when)
        scene.once("ws103", "svc_backup", kind="smb1", means="WRONG_PASSWORD")
    scene.blame("ntlmv1-or-lm-refused", "svc_backup", domain="CORP", authority="local",
                clients=["ws103"])


@incident("ntlm_blocked")
def blocked(scene):
    """The server takes no NTLM at all; two users of WS103 are refused with 0xC0000418."""
    scene.serve("cap01", lines=("ntlm auth = disabled",))
    scene.at(0)
    for when in (10, 40, 300):
        scene.at(when)
        scene.once("ws103", "jdoe", means="NTLM_BLOCKED")
        scene.once("ws104", "asmith", means="NTLM_BLOCKED")
    scene.blame("ntlm-blocked", "jdoe", domain="CORP", authority="local", clients=["ws103"])
    scene.blame("ntlm-blocked", "asmith", domain="CORP", authority="local", clients=["ws104"])


@incident("plaintext_refused", "Q166730")
def plaintext(scene):
    """SMB1. An old client sends its password readable, and right, to a server that takes NTLMv2
    only; everybody else is granted."""
    scene.serve("cap01", threshold=0, lines=("ntlm auth = ntlmv2-only", "lanman auth = no"))
    scene.at(0)
    noise.crowd(scene)
    for when in (30, 90, 777):
        scene.at(when)
        link = scene.link("ws103", kind="smb1", unicode=False)
        link.logon("fblack", means="WRONG_PASSWORD", how="plain", mechanism="plaintext", ntlm="")
        link.close()
    scene.blame("plaintext-refused", "fblack", domain="CORP", authority="local", clients=["ws103"])


@incident("domain_left_out", "Q163632", server="mem01")
def domain_left_out(scene):
    """SMB1 to a member server. An old client leaves the domain empty, so the server asks its own
    accounts and finds none; the same user is granted from WS101 as CORP\\jdoe."""
    scene.serve("mem01")
    scene.at(0)
    noise.crowd(scene, kind="3.0")
    scene.once("ws101", "jdoe", kind="3.0")
    for when in (60, 64, 900, 1500):
        scene.at(when)
        scene.once("ws103", "jdoe", "Jd0e!pass", "", kind="smb1-139", means="NO_SUCH_USER")
    scene.blame("wrong-server-sam", "jdoe", domain="", authority="local", clients=["ws103"])


@incident("blank_workstation")
def blank(scene):
    """SMB 2.1. A device that is no Windows (NAS01) uploads scans as fblack with a wrong password
    and names no workstation; irregularly, with long silences."""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    noise.crowd(scene, without=("scanner",))
    for when in (100, 480, 2900, 3333, 7000):
        scene.at(when)
        scene.once("nas01", "fblack", "Scan!old", calling="")
    scene.blame("foreign-client-blank-workstation", "fblack", domain="CORP",
                authority="local", clients=["nas01"])


@incident("null_session_after", "Q281312")
def null_session(scene):
    """smbclient without a password, four times: first the Unix user's name without any answer,
    refused, then the null session, granted, and refused the share. Harmless by itself."""
    scene.serve("cap01")
    scene.at(0)
    noise.crowd(scene)
    for when in (40, 200, 360, 800):
        scene.at(when)
        noise.without_password(scene, "ws103")
    scene.blame("null-session-fallback", "root", domain="WS103", authority="local",
                clients=["ws103"], cause_also=["foreign-client-blank-workstation", UNKNOWN, None])


@incident("must_encrypt")
def must_encrypt(scene):
    """SMB 2.1 clients at a server that demands encryption: right passwords pass the check, say the
    audit's lines, and are refused all the same with 0xC0000022. Clients of 3.1.1 would encrypt."""
    scene.serve("cap01", lines=("server smb encrypt = required",))
    scene.at(0)
    for when in (20, 50, 400):
        scene.at(when)
        scene.once("ws103", "jdoe", means="OK", wire_status=nt("ACCESS_DENIED"))
    scene.blame("smb-signing-required", "jdoe", domain="CORP", authority="local",
                clients=["ws103"])


@incident("kerberos_then_ntlm", server="dc01")
def fallback(scene):
    """smbclient at a domain controller, a stale password and the user written as a principal: the
    KDC refuses first, then NTLM is tried with an empty domain and ends in 0xC0000225. Three user
    actions. (The server calls the name unknown: it is asked for in no domain.)"""
    conf = ("client use kerberos = desired", "realm = CORP.EXAMPLE", "workgroup = CORP")
    scene.serve("dc01", threshold=0)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner",))
    scene.lab.network.need("ws103")
    for when in (70, 500, 1700):
        scene.at(when)
        scene.server = "dc01"
        said = scene.smbclient("svc_inventory@CORP.EXAMPLE", "stale", conf=conf, host="ws103",
                               share="netlogon", called="dc01.corp.example")
        entry = scene.tell("ws103", "dc01", "", "svc_inventory@CORP.EXAMPLE", "NOT_FOUND",
                           mechanism="ntlmssp", wrapping="spnego", ntlm="NTLMv2", dialect="3.1.1",
                           workstation="WS103")
        scene.printed(said, entry["status"], False)
    scene.blame("kerberos-fallback", "svc_inventory@CORP.EXAMPLE", authority="domain",
                clients=["ws103"], cause_also=["stale-service-account-password", UNKNOWN])


@incident("loopback")
def loopback(scene):
    """SMB 2.1. A program on the server CAP01 goes to CAP01 itself over the network, by an alias,
    with a password the server refuses; captured on the server's own loopback and its cable."""
    scene.serve("cap01", threshold=0)
    scene.also("cap01", "lo")
    scene.at(0)
    noise.crowd(scene)
    for when in (33, 63, 1234, 2000):
        scene.at(when)
        scene.once("cap01", "svc_backup", "alias!Pw", calling="CAP01")
    scene.blame("loopback-check", "svc_backup", domain="CORP", authority="local",
                clients=["cap01"])
