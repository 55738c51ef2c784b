"""One case being played: the capture, the clients, and the truth written down as they are told what
to do. A client's word and the server's audit must both say what the case expects, and tshark must
see the same on the wire; else the case ends in an error and writes nothing."""
import json
import re
import signal
import subprocess
import time
from pathlib import Path

import wire
from net import LabError, ip4, ip6, sh
from samba import events
from status import nt, on_wire

CASES = {}
CLIENT = ("client min protocol = CORE", "client ipc min protocol = CORE",
          "client use kerberos = off", "name resolve order = host")
# What the clients say and hear, with their Kerberos, and not what servers say to each other.
FILTER = "(tcp or udp port 88) and (" + " or ".join(
    f"host {make(name)}" for name in ("ws042", "ws043") for make in (ip4, ip6)) + ")"


def case(name, what, source="", server="cap01"):
    """Registers a case: its text for README.md, the document it illustrates, the server it
    needs."""
    def register(function):
        CASES[name] = (function, what, source, server)
        return function
    return register


class Capture:
    """tcpdump on a host's cable, or on the switch."""

    def __init__(self, path, where="cap01", device="eth0", options=(), what=FILTER):
        self.path = path
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", where, "tcpdump", "-i", device, "-U", "--immediate-mode",
             "-Z", "root", "-w", str(path), *(options or ("-s", "0")), what],
            stderr=subprocess.PIPE, text=True)
        self.process.stderr.readline()
        time.sleep(0.2)

    def stop(self):
        time.sleep(0.5)
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate()


class Stage:
    """What a case function works with."""

    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        self.work = lab.network.work / "case"
        self.work.mkdir(exist_ok=True)
        self.pcap = self.work / "input.pcap"
        self.truth = {"how": "", "logons": [], "tree_connects": [], "opens": []}
        self.audited, self.servers, self.captures, self.edits = [], [], [], []
        self.server, self.port, self.dos, self.v6, self.base = "cap01", 445, False, False, {}
        self.kept = None  # the file to keep, for a case that rewrites its capture
        self.blind = ()  # what tshark cannot tell in this case

    # Servers and capture.

    def standalone(self, *lines, port=445):
        self.port = port
        self.lab.standalone.start(*lines, ports=(port,))
        self.servers = [self.lab.standalone]

    def domain(self, server="dc01"):
        """The controller, or its member, takes the stage."""
        self.server = server
        self.servers = [self.lab.servers[server]]
        for one in self.servers:
            one.mark()

    def capture(self, where=None, device="eth0", options=(), path=None):
        self.captures.append(Capture(path or self.pcap, where or self.server, device, options))

    def address(self, server=None):
        return (ip6 if self.v6 else ip4)(server or self.server)

    # The truth.

    def says(self, **facts):
        """Facts that hold for every logon from here on: mechanism, wrapping, ntlm, dialect."""
        self.base = {k: v for k, v in {**self.base, **facts}.items() if v is not None}

    def logon(self, domain, account, means, *, audit=None, host="ws042", workstation=None,
              wire_status=None, **more):
        """Writes down one session setup. `means` is the server's own finding (WRONG_PASSWORD); the
        wire's is derived. `audit` is what the audit says, False when it says nothing."""
        audit = means if audit is None else audit
        status = wire_status or on_wire(means, self.dos)
        entry = {"account": account, "domain": domain, "client_ip": (ip6 if self.v6 else ip4)(host),
                 "server_ip": self.address(), "server_port": self.port, "status": status,
                 "outcome": "failure" if wire.refused(status) else "success"}
        entry.update(self.base)
        entry.update(more)
        if workstation is not None:
            entry["workstation"] = workstation
        for fact in ("workstation", "ntlm"):
            if not entry.get(fact):
                entry.pop(fact, None)
        if audit and (self.dos and audit != "OK" or not self.dos and nt_or_none(audit) != status):
            entry["inner"] = "STATUS_" + audit
        self.truth["logons"].append(entry)
        if audit:
            self.audited.append((account, audit))
        return entry

    def tree_refused(self, share, means, account=None, status=None):
        self.truth["tree_connects"].append(
            {"share": share, "status": status or on_wire(means, self.dos), "account": account})

    def open_refused(self, command, share, name, status, account=None):
        self.truth["opens"].append({"command": command, "share": share, "name": name,
                                    "status": status, "account": account})

    def heard(self, reply, status):
        """Our own client must have got this status."""
        if reply.status != status:
            raise LabError(f"expected {status}, the server said {reply.status}")
        return reply

    # smbclient.

    def smbclient(self, user, password, *, share="smsshare", commands="exit", dialect="SMB3_11",
                  host="ws042", conf=(), options=(), name=None, called=None,
                  program="smbclient"):
        """Runs smbclient and returns what it printed. Without a user it is called with -N."""
        name = name or host.upper()
        who = ["-N"] if user is None else ["-U", f"{user}%{password}"]
        home = self.lab.network.work / f"client-{host}"
        home.mkdir(exist_ok=True)
        private = [f"{what} = {home}" for what in ("private dir", "lock directory",
                                                   "state directory", "cache directory",
                                                   "pid directory")]
        (home / "smb.conf").write_text("\n".join(
            ["[global]", f"netbios name = {name}", f"workgroup = {name}", *CLIENT, *private,
             *conf]))
        called = called or self.server
        target = ([called] if program == "rpcclient" else
                  [f"//{called}/{share}", "-m", dialect])
        return sh(*self.lab.network.on(host), program, "-s", home / "smb.conf", *target, "-I",
                  self.address(), "-p", self.port, *who, "-c", commands, *options, check=False,
                  env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "KRB5CCNAME": f"FILE:{home}/cc"})

    def attempt(self, domain, account, password, means, *, told=None, truth=None, **more):
        """One smbclient run whose session setup must end in `means`, written into the truth."""
        said = self.smbclient(f"{domain}\\{account}", password, **more)
        self.printed(said, on_wire(means, False) if told is None else told, self.dos)
        facts = dict(truth or {})
        if "host" in more:
            facts["host"] = more["host"]
        return self.logon(domain, account, means, **facts)

    @staticmethod
    def printed(said, status, dos):
        """smbclient must have printed the failure that is expected, or none."""
        failed = re.search(r"session setup failed: (.*)", said)
        if dos:
            if bool(failed) != wire.refused(status):
                raise LabError(f"expected {status}, the client said: {said}")
            return
        found = re.search(r"NT_STATUS_(\w+)", failed.group(1)) if failed else None
        if (nt(found.group(1)) if found else nt("OK")) != status:
            raise LabError(f"expected {status}, the client said: {said}")

    # The end.

    def stop(self):
        while self.captures:
            self.captures.pop().stop()

    def audit_agrees(self):
        """The servers' audit, which must say what was expected of them."""
        lines = [line for server in self.servers for line in server.audit()]
        seen = [(account, status) for account, _, status in events(lines)]
        wire.same("server's audit", self.audited, seen)
        return lines

    def finish(self, what, source, out):
        """Checks everything against everything and writes the case."""
        self.stop()
        wire.agree(self.pcap, self.truth, self.blind)
        for edit in self.edits:
            edit(self)
        self.truth.update(how=what, server_audit=self.audit_agrees())
        if source:
            self.truth["article"] = source
        target = Path(out, self.name)
        target.mkdir(parents=True, exist_ok=True)
        (target / "input.pcap").write_bytes((self.kept or self.pcap).read_bytes())
        (target / "truth.json").write_text(json.dumps(self.truth, indent=1) + "\n")
        title = self.name.split("/")[1].replace("_", " ")
        tail = f"\n\nSee {source}." if source else ""
        (target / "README.md").write_text(
            f"# {title}\n\n{what}{tail}\n\nMade by `tests/lab/run {self.name}`; `truth.json` holds "
            "what the client was told to do and what the server's audit said.\n")
        return target


def nt_or_none(name):
    try:
        return nt(name)
    except KeyError:
        return None
