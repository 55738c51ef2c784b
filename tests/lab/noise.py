"""What goes on beside every incident and has nothing to do with it. Each function plays one such
thing and says that nobody in it is guilty."""
from case_domain import KERBEROS
from net import ip4, sh
from status import nt

SHELL_FILES = ("desktop.ini", "autorun.inf", "thumbs.db", "folder.jpg")


def good_user(scene, host, account, *, server=None, kind="2.1", share="APPS"):
    """A user logs on, opens a file that is there, and stays; returns the connection."""
    link = scene.link(host, server, kind)
    link.logon(account)
    link.look(share, "readme.txt", how="TRANS2_QUERY_PATH_INFORMATION", found=True)
    scene.innocent(clients=[host], accounts=[account])
    return link


def typing_error(scene, host, account, *, server=None, kind="2.1"):
    """A user types the password wrong once, then right."""
    link = scene.link(host, server, kind)
    link.logon(account, "Tpyo!1")
    link.logon(account)
    link.close()
    scene.innocent(clients=[host], accounts=[account])


def explorer(scene, host, account, *, server=None, kind="2.1", share="APPS", files=SHELL_FILES):
    """An innocent machine's shell looks for its metadata."""
    link = good_user(scene, host, account, server=server, kind=kind, share=share)
    for name in files:
        link.look(share, name, how="TRANS2_QUERY_PATH_INFORMATION")
    link.close()
    scene.innocent(files=files)


def scanner(scene, host, account, *, server=None, kind="2.1"):
    """An inventory scanner with good credentials and odd names."""
    link = scene.link(host, server, kind)
    link.logon(account)
    files = ("nosuchfile.txt", "~$report.doc", ".DS_Store", "Thumbs.db:encryptable")
    for name in files[:3]:
        link.look("APPS", name)
    link.tree("NOSUCHSHARE", "BAD_NETWORK_NAME")
    link.close()
    scene.innocent(clients=[host], accounts=[account], files=files[:3])


def without_password(scene, host="ws043", server="cap01"):
    """smbclient -N: the Unix user with no password, then the null session, refused a share."""
    scene.server, scene.base = server, {}
    scene.lab.network.need(host)
    said = scene.smbclient(None, None, share="APPS", host=host, called=server)
    scene.printed(said, nt("OK"), False)
    facts = {"mechanism": "ntlmssp", "wrapping": "spnego", "dialect": "3.1.1"}
    scene.tell(host, server, host.upper(), "root", "NO_SUCH_USER", workstation=host.upper(),
               password="none", **facts)
    scene.tell(host, server, "", "", "OK", ntlm="anonymous", **facts)
    scene.tree_refused(f"\\\\{server}\\APPS", "ACCESS_DENIED", "")
    scene.innocent(clients=[host], accounts=["root"])


def crowd(scene, server=None, *, kind="2.1", without=()):
    """An ordinary hour: a user at work, a typing error, a shell that looks for its metadata, a
    scanner. `without` names what is left out."""
    if "work" not in without:
        good_user(scene, "ws121", "asmith", server=server, kind="smb1-spnego")
    if "typing" not in without:
        typing_error(scene, "ws122", "bwhite", server=server, kind=kind)
    if "shell" not in without:
        explorer(scene, "ws123", "cgreen", server=server, kind=kind)
    if "scanner" not in without:
        scanner(scene, "nas01", "egray", server=server, kind=kind)


def domain_members(scene, host="ws124"):
    """What tells that DC01 is a domain controller: SYSVOL and NETLOGON, a Kerberos logon, the
    NetBIOS name CORP<1C>."""
    link = scene.link(host, "dc01")
    link.logon("asmith")
    for share in ("SYSVOL", "netlogon"):
        link.tree(share)
    link.close()
    home = scene.lab.network.work / f"client-{host}"
    scene.server = "dc01"
    said = scene.smbclient("jdoe@CORP.EXAMPLE", "Jd0e!pass", conf=KERBEROS, host=host,
                           called="dc01.corp.example", share="netlogon")
    scene.printed(said, nt("OK"), False)
    scene.tell(host, "dc01", "", "", "OK", audit=False, mechanism="kerberos", wrapping="spnego",
               dialect="3.1.1", told_account="jdoe")
    sh(*scene.lab.network.on(host), "nmblookup", "-s", home / "smb.conf", "-U", ip4("dc01"),
       "CORP#1C", check=False)
    scene.innocent(clients=[host], accounts=["asmith"])
