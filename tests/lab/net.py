"""The laboratory's network: one bridge and five hosts, each in a network namespace of its own.

`run` has already moved the whole laboratory into private mount, network and process namespaces, so
that the names below are visible to nobody else and vanish with the last process. The bridge is the
switch with a span port; offloads are off so that frames look as they do on a cable."""
import contextlib
import ctypes
import os
import subprocess
from pathlib import Path

HOSTS = {"cap01": 10, "ws042": 42, "ws043": 43, "dc01": 5, "mem01": 11}
# Hosts that only incidents need; they are plugged in when one is asked for.
MORE_HOSTS = {"fs02": 12, "site01": 20, "sec01": 21, "sync01": 30, "app01": 31, "nas01": 60,
              "mfp01": 61, "ts01": 33, "probe01": 66,
              **{f"ws{number}": number for number in range(101, 133)}}
NUMBERS = {**HOSTS, **MORE_HOSTS}
SWITCH, BRIDGE = "switch", "br0"
CLONE_NEWNET = 0x40000000
ACCOUNTS = ("smsclitoknacct&", "SMSCliToknAcct&", "SMSService", "svc_backup", "jdoe", "asmith",
            "old_emp", "pwexp", "mustchg", "kicked", "wsonly", "ws099$", "SMSCliSvcAcct&",
            "smsclisvcacct&", "SMSClient_S01", "SMSServer_S01", "svc_inventory", "bwhite", "cgreen",
            "dbrown", "egray", "fblack", "hourly", "SMSCCMBootAcct&", "smsccmbootacct&",
            "SMSLogonSvc", "SMSSvc_S01_0001", "SMSServer_ABC", "SMSClient_XYZ", "sa_sql",
            "svc-print", "scan_konica", "kmeyer", "tnguyen", "lnovak",
            "AAD_8c41d2e0b6f5")
libc = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """The laboratory did not do what a case relies on: no truth may be written."""


def sh(*argv, given=None, check=True, timeout=90, env=None):
    """Runs one command and returns what it printed (both streams)."""
    done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          input=given, timeout=timeout, text=True, errors="replace", env=env,
                          **({} if given is not None else {"stdin": subprocess.DEVNULL}))
    if check and done.returncode:
        raise LabError(f"{' '.join(map(str, argv))}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


def ip4(name):
    return f"192.0.2.{NUMBERS[name]}"


def ip6(name):
    return f"2001:db8:66::{NUMBERS[name]}"


def mac(name):
    return f"02:51:78:66:00:{NUMBERS[name]:02x}"


@contextlib.contextmanager
def inside(name):
    """Sockets made in this block belong to the network of host `name`, and stay there."""
    with open("/proc/thread-self/ns/net") as home, open(f"/run/netns/{name}") as there:
        if libc.setns(there.fileno(), CLONE_NEWNET):
            raise LabError(f"cannot enter {name}: {os.strerror(ctypes.get_errno())}")
        try:
            yield
        finally:
            libc.setns(home.fileno(), CLONE_NEWNET)


class Network:
    """Namespaces, cables and the private /etc files."""

    def __init__(self, work):
        self.work, self.plugged = Path(work), set()

    def up(self):
        for name in (SWITCH, *HOSTS):
            self.host(name)
        sh("ip", "-n", SWITCH, "link", "add", BRIDGE, "type", "bridge", "ageing_time", "30000")
        sh("ip", "-n", SWITCH, "link", "set", BRIDGE, "promisc", "on", "up")
        for name in HOSTS:
            self.need(name)
        self.private_etc()

    @staticmethod
    def host(name):
        sh("ip", "netns", "add", name)
        sh("ip", "-n", name, "link", "set", "lo", "up")

    def need(self, name):
        """Host `name` is there and on the switch from now on."""
        if name in self.plugged:
            return
        if name not in HOSTS:
            self.host(name)
        self.plugged.add(name)
        self.plug(name)

    def plug(self, name):
        """A cable from `name` to the switch."""
        port = f"sw-{name}"
        sh("ip", "-n", SWITCH, "link", "add", port, "type", "veth", "peer", "name", "eth0",
           "netns", name)
        sh("ip", "-n", name, "link", "set", "eth0", "address", mac(name))
        sh("ip", "-n", SWITCH, "link", "set", port, "master", BRIDGE, "up")
        self.address(name, "eth0")
        self.offload(name, "off")
        sh("ip", "netns", "exec", SWITCH, "ethtool", "-K", port, "tso", "off", "gso", "off",
           "gro", "off", "tx", "off", "rx", "off", check=False)

    def address(self, name, device, mtu=1500):
        sh("ip", "-n", name, "link", "set", device, "mtu", mtu, "up")
        sh("ip", "-n", name, "addr", "replace", ip4(name) + "/24", "dev", device)
        if mtu >= 1280:
            sh("ip", "-n", name, "addr", "replace", ip6(name) + "/64", "dev", device, "nodad")

    def offload(self, name, state):
        sh("ip", "netns", "exec", name, "ethtool", "-K", "eth0", "tso", state, "gso", state,
           "gro", state, "tx", state, "rx", state, check=False)

    def mtu(self, names, size):
        for name in names:
            sh("ip", "-n", SWITCH, "link", "set", f"sw-{name}", "mtu", size)
            self.address(name, "eth0", size)

    def private_etc(self):
        """Files bound over the machine's own, in this mount namespace only. useradd refuses '&'."""
        etc = self.work / "etc"
        etc.mkdir()
        names = [f"{ip4(n)} {n}.corp.example {n}" for n in ("dc01", "mem01")]
        names += [f"{ip4(n)} {n}" for n in ("cap01", "ws042", "ws043", *MORE_HOSTS)]
        passwd = [f"{a}:x:{42000 + i}:42000::/nonexistent:/usr/sbin/nologin"
                  for i, a in enumerate(ACCOUNTS)]
        texts = {
            "hosts": "\n".join(["127.0.0.1 localhost"] + names) + "\n",
            "resolv.conf": f"nameserver {ip4('dc01')}\nsearch corp.example\n"
                           "options timeout:1 attempts:1\n",
            "passwd": Path("/etc/passwd").read_text() + "\n".join(passwd) + "\n",
            "group": Path("/etc/group").read_text() + "labusers:x:42000:\n",
            "nsswitch.conf": "passwd: files winbind\ngroup: files winbind\n"
                             "hosts: files dns\n",
            "krb5.conf": "[libdefaults]\n default_realm = CORP.EXAMPLE\n dns_lookup_kdc = false\n"
                         " dns_lookup_realm = false\n rdns = false\n[realms]\n CORP.EXAMPLE = {\n"
                         f"  kdc = {ip4('dc01')}\n  admin_server = {ip4('dc01')}\n }}\n"
                         "[domain_realm]\n .corp.example = CORP.EXAMPLE\n",
        }
        for name, text in texts.items():
            (etc / name).write_text(text)
            if Path("/etc", name).exists():
                sh("mount", "--bind", etc / name, f"/etc/{name}")

    def on(self, name):
        """The words before a command that is to run on host `name`, with its own /run/samba."""
        run = self.work / name / "run"
        run.mkdir(parents=True, exist_ok=True)
        return ["ip", "netns", "exec", name, "unshare", "--uts", "sh", "-c",
                'hostname "$0" && mount --bind "$1" /run/samba && shift && exec "$@"', name, run]
