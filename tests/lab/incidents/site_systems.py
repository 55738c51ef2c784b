"""SMS 2.0 clients that use their own local accounts against client access points, distribution
points and domain controllers (Q231399, Q299352), and inventory that touches mapped drives."""
import noise
from scene import incident

TOKEN, SERVICE = "SMSCliToknAcct&", "SMSCliSvcAcct&"
CAUSE = "local-account-used-against-site-system"


def local(scene, host, account=TOKEN, *, server=None, kind="smb1-139", share="CAP_S01", **more):
    """A client's local account, with the password it has there."""
    wanted = {"share": share} if kind.startswith("smb1-139") else {}
    return scene.once(host, account, f"Local!{account[:9]}-{host}", host.upper(), server=server,
                      kind=kind, **wanted, **more)


@incident("q231399_local_accounts", "Q231399", golden=True)
def local_accounts(scene):
    """SMB1 and SMB 2.1. Four clients of a site go to the stand-alone client access point CAP01 with
    their local SMSCliToknAcct& and SMSCliSvcAcct&; the server has accounts of the same names, other
    passwords, and locks both (threshold 5). The same machines' users work on without trouble."""
    scene.serve("cap01", threshold=5)
    clients = ("ws101", "ws102", "ws103", "ws104")
    scene.at(0)
    noise.crowd(scene)
    users = [scene.link(host, kind="smb1-139") for host in clients[:2]]
    for link, account in zip(users, ("jdoe", "dbrown")):
        link.logon(account)
        link.look("CAP_S01", "readme.txt", how="TRANS2_QUERY_PATH_INFORMATION", found=True)
    for turn in range(3):
        for number, host in enumerate(clients):
            scene.at(60 + turn * 310 + number * 41)
            kind = "smb1-139" if number % 2 == 0 else "2.1"
            local(scene, host, kind=kind)
            local(scene, host, SERVICE, kind=kind)
    scene.innocent(accounts=["jdoe", "dbrown"])
    for account in (TOKEN, SERVICE):
        scene.blame(CAUSE, account, domain="", authority="local", clients=clients)


@incident("q299352_token_on_cap", "Q299352", golden=True)
def token_on_cap(scene):
    """SMB1 over NetBIOS. Seven clients try CAP01 once or twice each with their local token account;
    the fifth failure, from WS105, tips the lock (threshold 5). What comes later is only told
    that the account is locked: three clients that never failed before among them."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    order = ("ws101", "ws102", "ws101", "ws103", "ws105", "ws104", "ws106", "ws107", "ws102")
    for number, host in enumerate(order):
        scene.at(31 + number * 67)
        local(scene, host, kind="smb1-139", share=("CAP_S01", "SMSPKGD$")[number % 2])
        if number == 4:
            noise.without_password(scene)
    scene.blame(CAUSE, TOKEN, authority="local", clients=sorted(set(order)))


@incident("local_token_on_controller", "Q231399", server="dc01")
def token_on_controller(scene):
    """SMB 3.0 and SMB1. The client access point is a domain controller (SYSVOL, Kerberos and
    CORP<1C> show it), which has one SMSCliToknAcct& for the whole domain; five clients lock it with
    their local ones (threshold 4)."""
    scene.serve("dc01", threshold=4)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner",))
    clients = ("ws101", "ws102", "ws103", "ws104", "ws105")
    for turn in range(2):
        for number, host in enumerate(clients):
            scene.at(45 + turn * 400 + number * 53)
            local(scene, host, kind="smb1-139" if turn else "3.0")
    scene.blame(CAUSE, TOKEN, authority="domain", clients=clients)


@incident("local_token_role_unseen", "Q231399", server="dc01")
def role_unseen(scene):
    """SMB1. The same against a server that is a domain controller, but nothing in the capture shows
    it: three clients want CAP_S01 and SMSLOGON, and lock the account (threshold 3)."""
    scene.serve("dc01")
    scene.at(0)
    noise.crowd(scene, without=("work",))
    clients = ("ws101", "ws102", "ws103")
    for turn in range(3):
        for number, host in enumerate(clients):
            scene.at(30 + turn * 200 + number * 21)
            local(scene, host, share=("CAP_S01", "SMSLOGON")[turn % 2])
    scene.blame(CAUSE, TOKEN, authority="domain", clients=clients)


@incident("local_token_on_member", "Q231399", server="mem01")
def token_on_member(scene):
    """SMB1. The client access point is a member server without an account of that name: it asks
    its own accounts, finds none, and nothing is ever locked. On the wire it looks the same."""
    scene.serve("mem01")
    scene.at(0)
    noise.crowd(scene, kind="3.0")
    clients = ("ws101", "ws102", "ws103", "ws104")
    for turn in range(3):
        for number, host in enumerate(clients):
            scene.at(30 + turn * 300 + number * 61)
            local(scene, host)
    scene.blame(CAUSE, TOKEN, authority="local", clients=clients)


@incident("package_polling", "Q293187")
def package_polling(scene):
    """SMB1. WS101's advertised programs manager looks for a package that is gone, again and again,
    under the site's client connection account: harmless. Its local token account is refused by the
    access point as those of three other clients are (threshold 6)."""
    scene.serve("cap01", threshold=6)
    scene.put("cap01", "CAP_S01", "PkgInfo.box/S0100002.PKG")
    scene.at(0)
    noise.crowd(scene)
    poll = scene.link("ws101", kind="smb1-139")
    poll.logon("SMSClient_S01")
    clients = ("ws101", "ws102", "ws103", "ws104")
    for turn in range(3):
        scene.at(60 + turn * 300)
        poll.look("CAP_S01", "PkgInfo.box\\S0100001.PKG", how="TRANS2_FIND_FIRST2")
        poll.look("CAP_S01", "PkgInfo.box\\S0100002.PKG", how="TRANS2_FIND_FIRST2", found=True)
        poll.look("CAP_S01", "PkgInfo.box\\S0100003.PKG", how="TRANS2_FIND_FIRST2")
        for number, host in enumerate(clients):
            scene.at(75 + turn * 300 + number * 30)
            local(scene, host)
    scene.innocent(files=["S0100001.PKG", "S0100003.PKG"], accounts=["SMSClient_S01"])
    scene.blame(CAUSE, TOKEN, authority="local", clients=clients)


@incident("mapped_drives_inventory", "Q232653")
def inventory(scene):
    """SMB1. At the hour of the hardware inventory five clients' token accounts go to the server of
    the users' mapped drives: shares of users, no program's files, no site system. Locked at the
    fifth; the users themselves notice nothing."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    clients = ("ws101", "ws102", "ws103", "ws104", "ws105")
    drives = []
    for host, account in zip(clients, ("jdoe", "dbrown", "fblack")):
        drives.append(scene.link(host, kind="smb1-139"))
        drives[-1].logon(account)
        drives[-1].look("HOMES", "readme.txt", how="TRANS2_QUERY_PATH_INFORMATION", found=True)
    for turn in range(2):
        for number, host in enumerate(clients):
            scene.at(600 + turn * 3600 + number * 19)
            local(scene, host, share="HOMES")
    scene.innocent(accounts=["jdoe", "dbrown", "fblack"])
    scene.blame("local-account-inventory", TOKEN, authority="local", clients=clients)
