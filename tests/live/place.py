"""Where a live test plays: mount, network and process namespaces of its own, a file system in
memory that vanishes with them, and in it either a cable or a server and a client of the laboratory.

place.enter(NEEDED...) runs the calling program again in there, and returns only in there. It ends
the program as skipped, with the reason, where a namespace may not be made or a program is
missing."""
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
LAB = HERE.parent / "lab"
INSIDE = "SMBLAME_LIVE_INSIDE"  # set: we are in there
WORK = pathlib.Path("/run/smblame-live")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
PRIVATE = ["unshare", "--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child",
           "--mount-proc", "--propagation", "private"]
SKIPPED = 77  # meson's exit status for a test that did not run
PR_SET_PDEATHSIG = 1
OFFLOADS = ("tso", "gso", "gro", "tx", "rx")


def skip(reason):
    print(f"skipped: {reason}\n0 passed, 0 failed, 1 skipped")
    sys.exit(SKIPPED)


def missing(programs):
    """The first program that is not there."""
    return next((name for name in programs if not shutil.which(name)), None)


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def enter(*programs):
    """See above. What the program's own namespace holds is seen by nobody else."""
    os.environ["PATH"] = PATH + ":" + os.environ.get("PATH", "")
    if os.environ.get(INSIDE):
        settle()
        return
    if os.geteuid() != 0:
        skip("needs root for network namespaces")
    absent = missing(("unshare", "ip", "ethtool", *programs))
    if absent:
        skip(f"{absent} is not installed")
    if subprocess.run([*PRIVATE, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        skip("namespaces may not be made here")
    done = subprocess.run([*PRIVATE, sys.executable, *sys.argv], env={**os.environ, INSIDE: "1"},
                          preexec_fn=die_with_parent, check=False)
    sys.exit(done.returncode)


def settle():
    """A /run of our own, with a directory in it that everybody may write to, and a /sys that shows
    our network."""
    sh("mount", "-t", "tmpfs", "none", "/run")
    sh("mount", "-t", "sysfs", "none", "/sys")
    for path in (pathlib.Path("/run/netns"), pathlib.Path("/run/samba"), WORK):
        path.mkdir()
    open_to_all(WORK)
    sh("ip", "link", "set", "lo", "up")


def open_to_all(folder):
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    return folder


def sh(*words, check=True):
    """What a command printed."""
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


class Cable:
    """Two ends of a cable on which nobody speaks but who is told to: no addresses, no IPv6, no
    offloads. What goes in at `far` comes out at `near`."""

    def __init__(self, near="wire0", far="wire1"):
        self.near, self.far = near, far
        self.plug()

    def plug(self):
        sh("ip", "link", "add", self.near, "type", "veth", "peer", "name", self.far)
        for end in (self.near, self.far):
            pathlib.Path(f"/proc/sys/net/ipv6/conf/{end}/disable_ipv6").write_text("1")
            pathlib.Path(f"/proc/sys/net/ipv4/conf/{end}/arp_ignore").write_text("8")
            sh("ethtool", "-K", end, *(word for name in OFFLOADS for word in (name, "off")))
            sh("ip", "link", "set", end, "up")

    def unplug(self):
        sh("ip", "link", "del", self.near)

    def arrived(self):
        """Frames that came out at the near end, and frames lost in the cable itself."""
        near = pathlib.Path(f"/sys/class/net/{self.near}/statistics")
        far = pathlib.Path(f"/sys/class/net/{self.far}/statistics")
        lost = int((far / "tx_dropped").read_text())
        return int((near / "rx_packets").read_text()), lost


def laboratory():
    """A stage of the laboratory (tests/lab/stage.py) with a real Samba, CAP01, and two hosts for
    clients, WS042 and WS043, on one switch. The server is up on 445 and 139."""
    sys.path.insert(0, str(LAB))
    sys.dont_write_bytecode = True
    try:
        import net
        import samba
        import stage
    except ImportError as absent:
        skip(f"the laboratory needs {absent.name}")

    class Town(net.Network):
        """Of the laboratory's hosts those that are needed."""

        def up(self):
            hosts = ("cap01", "ws042", "ws043")
            for name in (net.SWITCH, *hosts):
                self.host(name)
            net.sh("ip", "-n", net.SWITCH, "link", "add", net.BRIDGE, "type", "bridge")
            net.sh("ip", "-n", net.SWITCH, "link", "set", net.BRIDGE, "promisc", "on", "up")
            for name in hosts:
                self.need(name)
            self.private_etc()

    class Server(samba.Standalone):
        """Of the laboratory's accounts the few that are needed."""

        def accounts(self):
            for policy, value in (("bad lockout attempt", 5), ("lockout duration", 30),
                                  ("reset count minutes", 30)):
                self.pdbedit("-P", policy, "-C", value)
            for name in ("jdoe", "asmith", "old_emp", "svc_backup"):
                password, flags = samba.LOCAL_USERS[name]
                self.pdbedit("-a", "-t", "-u", name, given=f"{password}\n{password}\n")
                self.pdbedit("-r", "-u", name, "-c", f"[{flags}]")
            for name in ("private", "state"):
                shutil.copytree(self.home / name, self.pristine / name)

    class Lab:
        """What a stage wants to know of the laboratory."""

        def __init__(self, network):
            network.up()
            self.network, self.standalone = network, Server(network)

    folder = WORK / "lab"
    folder.mkdir()
    scene = stage.Stage(Lab(Town(folder)), "live")
    scene.lab.standalone.start(ports=(445, 139))
    return scene


def at_server(*words):
    """The words before a command that is to run on the server's host."""
    return ["ip", "netns", "exec", "cap01", *words]
