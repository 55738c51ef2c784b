"""Attacks. All from PROBE01, which says little about itself."""
import noise
from net import ip4, sh
from scene import incident

PROBE = {"kind": "host", "id": None, "vendor": None, "files": []}


@incident("brute_force")
def brute_force(scene):
    """SMB 2.1. PROBE01 guesses jdoe's password: 45 tries within a minute, no workstation name, two
    connections at a time. jdoe's own machine is refused in the middle of it. Locked at the tenth.
    """
    scene.serve("cap01", threshold=10)
    scene.at(0)
    noise.crowd(scene)
    scene.once("ws042", "jdoe")
    links = [scene.link("probe01", calling="") for _ in range(2)]
    for number in range(45):
        scene.at(100 + number * 1.1)
        links[number % 2].logon("jdoe", f"Summer{number}!", "CORP")
        if number == 30:
            scene.at(100 + number * 1.1 + 0.4)
            scene.once("ws042", "jdoe")
    scene.innocent(clients=["ws042"])
    scene.blame("single-client-brute-force", "jdoe", domain="CORP", authority="local",
                clients=["probe01"], culprit=PROBE, hostile=True)


@incident("password_spray", server="dc01")
def spray(scene):
    """SMB 3.0 to a domain controller. PROBE01 tries one password with sixteen names in the order of
    the alphabet, and half an hour later another; half of the names exist, one is disabled. The
    users work on meanwhile (threshold 5)."""
    names = ("aadams", "asmith", "bwhite", "cgreen", "dbrown", "dmiller", "egray", "fblack",
             "gjones", "hlee", "jdoe", "kmoore", "svc_backup", "svc_inventory", "svc_print",
             "wking")
    scene.serve("dc01", threshold=5)
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene, without=("scanner",))
    for turn, password in enumerate(("Autumn2026!", "Winter2026!")):
        for number, name in enumerate(names):
            scene.at(300 + turn * 1800 + number * 4)
            scene.once("probe01", name, password, kind="3.0", calling="WORKSTATION")
    scene.blame("password-spray", None, domain="CORP", authority="domain", clients=["probe01"],
                culprit=PROBE, hostile=True)


@incident("name_enumeration", server="dc01")
def enumeration(scene):
    """Kerberos and SMB at a domain controller. PROBE01 asks the KDC for fourteen names that do not
    exist, and begins session setups that it gives up after the challenge: it looks for names, and
    never tries a password."""
    names = ("aallen", "bbaker", "cclark", "ddavis", "eevans", "fford", "ggreen", "hhall",
             "iirwin", "jjames", "kkelly", "llewis", "mmoore", "nnash")
    scene.serve("dc01")
    scene.at(0)
    noise.domain_members(scene)
    noise.crowd(scene)
    scene.lab.network.need("probe01")
    for number, name in enumerate(names):
        scene.at(120 + number * 3)
        sh(*scene.lab.network.on("probe01"), "kinit", f"{name}@CORP.EXAMPLE", given="x\n",
           check=False)
        scene.give_up("probe01", calling="")
    scene.blame("account-enumeration", None, authority="domain", clients=["probe01"],
                culprit=PROBE, hostile=True)


@incident("abandoned_handshakes")
def abandoned(scene):
    """SMB 2.1. A health check on APP01 opens session setups every minute and gives each up after
    the server's challenge: no account is named, no password tried. Not hostile, only odd."""
    scene.serve("cap01")
    scene.at(0)
    noise.crowd(scene)
    for number in range(5):
        scene.at(60 + number * 60)
        scene.give_up("app01")
    scene.blame("abandoned-handshake", None, clients=["app01"])
