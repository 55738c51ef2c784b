"""Attacks. All from PROBE01, which says little about itself."""
import socket
import threading

import noise
from net import inside, ip4, sh
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
    """SMB 3.0 to a domain controller. PROBE01 tries one password with seventeen names in the order
    of the alphabet, and half an hour later another; a dozen exist, one is disabled. The
    users work on meanwhile (threshold 5)."""
    names = ("aadams", "asmith", "bwhite", "cgreen", "dbrown", "dmiller", "egray", "fblack",
             "gjones", "hlee", "jdoe", "kmoore", "old_emp", "svc_backup", "svc_inventory",
             "svc_print", "wking")
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


class Relay:
    """Passes on whatever comes to a host's port 445, both ways."""

    def __init__(self, host, target):
        self.host, self.target = host, target
        with inside(host):
            self.door = socket.create_server((ip4(host), 445))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                here, _ = self.door.accept()
                with inside(self.host):
                    there = socket.create_connection((ip4(self.target), 445), 10)
            except OSError:
                return
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self.pass_on, args=(one, other), daemon=True).start()

    @staticmethod
    def pass_on(one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.door.close()


@incident("relay")
def relay(scene):
    """SMB 2.1. WS042 was led to PROBE01, which passes each of its messages on to CAP01, and the
    answers back: one challenge on two legs. Its user mistypes the password three times (refused on
    both legs), and is granted the fourth: that session belongs to PROBE01."""
    scene.serve("cap01", threshold=0)
    scene.lab.network.need("probe01")
    between = Relay("probe01", "cap01")
    scene.at(0)
    noise.crowd(scene)
    for number, password in enumerate(("Jd0e!pas", "Jd0e!pss", "Jd0e!psas", "Jd0e!pass")):
        scene.at(60 + number * 9)
        link = scene.link("ws042", "probe01")
        means = scene.expect("cap01", "CORP", "jdoe", password)
        scene.tell("probe01", "cap01", "CORP", "jdoe", means, **link.facts)
        scene.tell("ws042", "probe01", "CORP", "jdoe", means, audit=False, **link.facts)
        scene.heard(link.wire.logon("jdoe", "CORP", password)[0],
                    scene.truth["logons"][-1]["status"])
        link.close()
    between.close()
    scene.blame("relay-suspicion", "jdoe", domain="CORP", authority="local", clients=["probe01"],
                culprit=PROBE, hostile=True)
    scene.innocent(clients=["ws042"])
