"""An incident being played: several machines and servers, noise around them, and the truth of what
it was about. A scene keeps the books itself (passwords, bad-password counts, lockouts) and so says
beforehand what each attempt must end in; the servers' audit and tshark must agree, as everywhere.

Times: `at(seconds)` before each burst says when it happens; it is played at once and moved there
afterwards (rewrite.stretch). Without it the capture keeps its own times."""
import time
from functools import partial

import rewrite
import wire
from net import BRIDGE, NUMBERS, SWITCH, LabError, ip4, ip6
from samba import DOMAIN_USERS, LOCAL_USERS, Controller, events, site_shares
from smb1 import Smb1
from smb2 import Smb2
from stage import CASES, Capture, Stage
from status import nt, on_wire

SERVERS = ("cap01", "dc01", "mem01", "fs02", "site01", "sec01")
NOISE_OF_SERVERS = f"not (host {ip4('dc01')} and host {ip4('mem01')})"
FILTER = f"(tcp or udp port 88 or udp port 137 or udp port 138) and {NOISE_OF_SERVERS}"
DIALECTS = {"2.0.2": 0x202, "2.1": 0x210, "3.0": 0x300, "3.0.2": 0x302, "3.1.1": 0x311}
BARE = {"mechanism": "lanman-nt", "wrapping": "none", "ntlm": "NTLMv1"}
# "smb1-139" goes over NetBIOS, where the client says its name before it logs on; so do "smb1-dos"
# (the server must be told "nt status support = no") and "lanman2", answered by DOS error codes.
OLD = {"smb1-dos": BARE, "lanman2": {**BARE, "ntlm": "LM", "dialect": "LANMAN2.1"}}
SMB1_KINDS = {"smb1": BARE, "smb1-139": BARE, **OLD,
              "smb1-spnego": {"mechanism": "ntlmssp", "wrapping": "spnego", "ntlm": "NTLMv2"}}
MISSING, NO_FILE, NO_PATH = (nt(name) for name in (
    "OBJECT_NAME_NOT_FOUND", "NO_SUCH_FILE", "OBJECT_PATH_NOT_FOUND"))
FAILURES = (nt("LOGON_FAILURE"), nt("WRONG_PASSWORD"), on_wire("LOGON_FAILURE", True))
DOS_MISSING = {"TRANS2_FIND_FIRST2": "DOS 1/18", "SMB_COM_SEARCH": "DOS 1/18"}
LOCKED = nt("ACCOUNT_LOCKED_OUT")
STRETCHED = (" The bursts were played within seconds; afterwards their packets were moved to the "
             "times told here. No byte of a packet was changed, so times inside messages are those "
             "of the play.")


class Incident:
    """A function that plays an incident; calling it does."""

    def __init__(self, function, frozen):
        self.function, self.frozen = function, frozen

    def __call__(self, scene):
        scene.truth["frozen"] = self.frozen
        self.function(scene)


def incident(name, source="", server="cap01", golden=False, frozen=False):
    """Registers an incident; its docstring is the text of README.md. `golden`: a case of
    captures/diagnosis. `frozen`: written after the rules of diagnosis were frozen."""
    def register(function):
        what = " ".join(function.__doc__.split())
        full = f"{'diagnosis' if golden else 'incidents'}/{name}"
        CASES[full] = (Incident(function, frozen), what, source, server)
        return function
    return register


class Scene(Stage):
    """What the function of an incident works with."""

    def __init__(self, lab, name):
        super().__init__(lab, name)
        self.marks, self.links, self.threshold = [], [], {}
        self.books = {s: {n: p for n, (p, _) in LOCAL_USERS.items()} for s in SERVERS}
        self.books["dc01"] = dict(DOMAIN_USERS)
        self.bad, self.tipped = {}, {}
        self.innocents = {"clients": [], "accounts": [], "files": []}
        self.given_up, self.beside = [], []

    # Servers.

    def serve(self, *names, threshold=3, lines=(), locked_for=-1, window=1440, before=None):
        """Starts these servers afresh with the shares of a site system, and the capture on the
        switch; `before` is played unseen. A locked account stays so unless `locked_for` minutes
        are given."""
        for name in names:
            server = self.lab.servers[name]
            if isinstance(server, Controller):
                server.policy(threshold)
                server.unlock_all()
                server.mark()
            elif name != "mem01":
                server.start(*lines, *site_shares(server.home), policy=(
                    ("bad lockout attempt", threshold), ("lockout duration", locked_for),
                    ("reset count minutes", window)))
            else:
                self.lab.controller.unlock_all()
                server.mark()
            self.servers.append(server)
            self.threshold[name] = threshold
        self.server = names[0]
        if before:
            before()
        self.captures.append(Capture(self.pcap, SWITCH, BRIDGE, what=FILTER))

    def also(self, host, device):
        """What goes over another device as well, put in by time."""
        path = self.work / f"{device}.pcap"
        self.captures.append(Capture(path, host, device, what=FILTER))
        self.beside.append(path)

    def unlock(self, server, *accounts):
        """An administrator unlocks them, at the server itself, unseen."""
        self.lab.servers[server].unlock(*accounts)
        for account in accounts:
            self.bad.pop((self.authority(server, ""), account.casefold()), None)

    def set_password(self, server, account, password):
        self.lab.servers[server].set_password(account, password)
        self.books[server][account] = password

    # Time.

    def at(self, seconds):
        """What is played from here on happens `seconds` after the first such mark."""
        time.sleep(0.06)
        self.marks.append((time.time(), float(seconds)))
        time.sleep(0.01)

    # Who logs on where, and what must come of it.

    def ip(self, name):
        """A host's address as it is used here; `v6` is set before anything is played."""
        return (ip6 if self.v6 else ip4)(name)

    def put(self, server, share, name):
        """A file that is there."""
        path = self.lab.servers[server].home / "site" / share / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")

    def link(self, host, server=None, kind="2.1", **more):
        """A connection from a host, by one of our own clients."""
        self.lab.network.need(host)
        return Link(self, host, server or self.server, kind, **more)

    def authority(self, server, domain):
        """Whose accounts are asked: those of the server itself, or the domain's."""
        if server == "mem01":
            return "dc01" if domain.upper() in ("CORP", "CORP.EXAMPLE") else "mem01"
        return server

    def expect(self, server, domain, account, password):
        """What the server will find; counts as it counts."""
        book = self.books[self.authority(server, domain)]
        known = {name.casefold(): right for name, right in book.items()}
        key = (self.authority(server, domain), account.casefold())
        if server == "mem01" and key[0] == "mem01" or account.casefold() not in known:
            return "NO_SUCH_USER"
        limit = self.threshold.get(key[0]) or 0
        count = self.bad.get(key, 0)
        if limit and count >= limit:
            return "ACCOUNT_LOCKED_OUT"
        if password == known[account.casefold()]:
            self.bad.pop(key, None)
            return "OK"
        self.bad[key] = count + 1
        if limit and count + 1 == limit:
            self.tipped.setdefault(key, len(self.truth["logons"]))
        return "WRONG_PASSWORD"

    def tell(self, host, server, domain, account, means, **facts):
        """Writes a session setup into the truth."""
        self.server = server
        audit = facts.pop("audit", None)
        self.base = {}
        entry = self.logon(domain, account, means, host=host, audit=audit, **facts)
        if audit is not False and (audit or means):
            self.audited[-1] = (server, *self.audited[-1])
        return entry

    def audit_agrees(self):
        every = []
        for server in self.servers:
            lines = server.audit()
            told = [(account, means) for name, account, means in self.audited
                    if name == server.name]
            seen = [(account, status) for account, _, status in events(lines)]
            wire.same(f"audit of {server.name}", told, seen)
            every += lines
        return every

    def once(self, host, account, password=None, domain="CORP", *, server=None, kind="2.1",
             calling=None, **more):
        """One logon on a connection of its own. Returns whether it was granted."""
        link = self.link(host, server, kind, **({} if calling is None else {"calling": calling}))
        granted = link.logon(account, password, domain, **more)
        link.close()
        return granted

    def quietly(self, host, account, password, domain="CORP"):
        """A logon before the capture begins; only the audit knows of it."""
        self.lab.network.need(host)
        unseen = Smb2(host, self.ip(self.server), calling=host.upper())
        means = self.expect(self.server, domain, account, password)
        self.tipped.clear()
        self.heard(unseen.logon(account, domain, password)[0], on_wire(means))
        self.audited.append((self.server, account, means))
        unseen.close()

    def give_up(self, host, server=None, **more):
        """A session setup that is given up after the server's challenge."""
        link = self.link(host, server, "2.1", **more)
        link.wire.challenge_only()
        link.close()
        self.given_up.append((len(self.truth["logons"]), {
            "account": "", "domain": "", "client_ip": self.ip(host),
            "server_ip": self.ip(link.server),
            "server_port": 445, "status": "", "outcome": "unknown", "mechanism": "ntlmssp",
            "wrapping": "spnego", "dialect": "2.1", "abandoned": True}))

    def tell_frames(self):
        """The frame of the reply to the attempt that tipped the lock."""
        frames = wire.setup_frames(self.pcap)
        if len(frames) != len(self.truth["logons"]):
            raise LabError("tshark counts other session setups")
        for told in (self.truth["incident"], *self.truth.get("more_incidents", ())):
            if told["tipping_attempt"] is not None and told["threshold"]:
                told["tipping_frame"] = frames[told["tipping_attempt"]]

    def tell_given_up(self):
        """Late, because tshark sees no end of them."""
        for before, (at, entry) in enumerate(self.given_up):
            self.truth["logons"].insert(at + before, entry)
            for told in (self.truth["incident"], *self.truth.get("more_incidents", ())):
                tipped = told["tipping_attempt"]
                if tipped is not None and tipped >= at + before:
                    told["tipping_attempt"] = tipped + 1

    def innocent(self, *, clients=(), accounts=(), files=()):
        """Bystanders: nothing may be said against them."""
        for key, names in (("clients", [self.ip(c) for c in clients]), ("accounts", accounts),
                           ("files", files)):
            self.innocents[key] += [n for n in names if n not in self.innocents[key]]

    def blame(self, cause, account, *, clients, domain="", authority="unknown", culprit=None,
              walk=None, servers=None, **more):
        """The truth of the incident; may be called once for each cause that is at work. Counts
        what the truth has of these clients. `cause_also` names causes that are as right,
        `is_victim` a client that only suffers."""
        addresses = [self.ip(client) for client in clients]
        at = [self.ip(server) for server in servers or (self.servers[0].name,)]
        mine = [(i, one) for i, one in enumerate(self.truth["logons"])
                if one["client_ip"] in addresses and one["server_ip"] in at
                and (account is None or one["account"].casefold() == account.casefold())]
        tipped = [i for (_, name), i in self.tipped.items()
                  if account is not None and name == account.casefold()]
        lockouts = sum(one["status"] == LOCKED for _, one in mine)
        limit = max(self.threshold.values()) if lockouts else None
        told = {"cause": cause, "account": account, "domain": domain, "authority": authority,
                "clients": addresses, "servers": at, "culprit": culprit, "walk": walk,
                "failures": sum(one["status"] in FAILURES or bool(one.get("guest"))
                                for _, one in mine),
                "lockouts": lockouts, "threshold": limit,
                "tipping_attempt": min(tipped) if tipped else None, **more}
        if "incident" in self.truth:
            self.truth.setdefault("more_incidents", []).append(told)
        else:
            self.truth["incident"] = told

    def bystanders(self):
        """The innocent, without those whom the truth blames after all."""
        every = [self.truth["incident"], *self.truth.get("more_incidents", ())]
        guilty = {c for one in every if not one.get("is_victim") for c in one["clients"]}
        accounts = {one["account"].casefold() for one in every if one["account"]}
        files = {f.casefold() for one in every for f in (one["culprit"] or {}).get("files", ())}
        files |= {f.casefold() for one in every for f in (one["walk"] or {}).get("missing", ())}
        return {"clients": [c for c in self.innocents["clients"] if c not in guilty],
                "accounts": [a for a in self.innocents["accounts"] if a.casefold() not in accounts],
                "files": [f for f in self.innocents["files"] if f.casefold() not in files]}

    def finish(self, what, source, out):
        if "incident" not in self.truth:
            raise LabError("the incident blames nobody")
        for link in list(self.links):
            link.close()
        self.stop()
        if self.beside:
            rewrite.merge(self.pcap, self.beside)
        self.truth["innocent"] = self.bystanders()
        self.edits += [Scene.tell_frames, Scene.tell_given_up]
        if self.marks:
            self.edits.append(partial(rewrite.stretch, marks=self.marks))
            self.truth["stretched"] = True
            what += STRETCHED
        return super().finish(what, source, out)


class Link:
    """One connection of one of our own clients, which writes down what it does. `by` is the name it
    has for the server in the names of shares."""

    def __init__(self, scene, host, server, kind, *, by=None, **more):
        self.scene, self.host, self.server, self.kind = scene, host, server, kind
        self.calling = more.pop("calling", host.upper())
        self.is_smb1, self.dos = kind in SMB1_KINDS, kind in OLD
        self.by = by or (server.upper() if self.is_smb1 else server)
        if self.is_smb1:
            self.dial_smb1(**more)
        else:
            self.wire = Smb2(host, scene.ip(server), calling=self.calling,
                             dialects=(DIALECTS[kind],))
            self.facts = {"mechanism": "ntlmssp", "wrapping": "spnego", "ntlm": "NTLMv2",
                          "dialect": kind}
        if self.facts["mechanism"] == "ntlmssp":
            self.facts["workstation"] = self.calling
        self.users, self.user, self.trees = {}, None, {}
        scene.links.append(self)

    def dial_smb1(self, **more):
        called, netbios = self.server.upper(), self.dos or self.kind == "smb1-139"
        self.facts = {"dialect": "NT LM 0.12", **SMB1_KINDS[self.kind]}
        if self.dos:
            more = {"unicode": False, "nt_status": False, **more}
        self.wire = Smb1(self.host, self.scene.ip(self.server), 139 if netbios else 445,
                         called=called, calling=self.calling,
                         extended=self.kind == "smb1-spnego", dialects=(self.facts["dialect"],),
                         **more)
        if netbios:
            self.facts.update(server_port=139,
                              netbios={"called": called, "calling": self.calling})

    def close(self):
        self.wire.close()
        if self in self.scene.links:
            self.scene.links.remove(self)

    def logon(self, account, password=None, domain="CORP", *, means=None, share=None, how="ntlmv1",
              **facts):
        """A session setup. Without a password, the right one. `share`: an SMB1 tree connect rides
        in the same request; `how` is an answer that Smb1 knows. Returns whether it was
        granted."""
        scene = self.scene
        book = scene.books[scene.authority(self.server, domain)]
        password = book[account] if password is None else password
        means = means or scene.expect(self.server, domain, account, password)
        path = self.unc(share) if share else None
        if share:
            facts["share"] = path
        scene.dos = self.dos
        entry = scene.tell(self.host, self.server, domain, account, means,
                           **{**self.facts, **facts})
        scene.dos = False
        reply, key = self.setup(account, domain, password, path, how)
        scene.heard(reply, entry["status"])
        if entry["outcome"] == "success":
            self.users[account], self.user = key, account
            if share:
                self.trees[account, share] = self.wire.tid
        elif self.is_smb1:
            self.wire.uid = self.users.get(self.user, 0)
        return entry["outcome"] == "success"

    def before(self, account, domain="CORP", share=None):
        """A good logon, and a share, before the capture begins: only the audit knows of it."""
        password = self.scene.books[self.scene.authority(self.server, domain)][account]
        reply, self.users[account] = self.setup(account, domain, password, None)
        self.scene.heard(reply, nt("OK"))
        self.scene.audited.append((self.server, account, "OK"))
        self.user = account
        if share:
            self.tree(share)

    def setup(self, account, domain, password, path, how="ntlmv1"):
        """The setup itself: its reply, and what a later message needs to be this user's."""
        if not self.is_smb1:
            return self.wire.logon(account, domain, password)
        if self.kind == "smb1-spnego":
            self.wire.uid = 0
            return self.wire.logon_ntlmssp(account, domain, password, True), self.wire.uid
        then = (self.wire.tree_andx(path),) if path else ()
        how = "lanman" if self.kind == "lanman2" else how
        reply = self.wire.logon(account, domain, password, how, *then)
        return reply, reply.uid

    def become(self, account):
        """What follows is asked as this user, who has logged on here."""
        self.user = account
        if self.is_smb1:
            self.wire.uid = self.users[account]

    def unc(self, share):
        return f"\\\\{self.by}\\{share}"

    def tree(self, share, means="OK"):
        """Connects a share, once for each user."""
        if (self.user, share) in self.trees:
            return self.trees[self.user, share]
        path = self.unc(share)
        if self.is_smb1:
            reply = self.wire.tree(path)
        else:
            reply = self.wire.tree(self.users[self.user], path)
        self.scene.heard(reply, on_wire(means, self.dos))
        if means != "OK":
            self.scene.server = self.server
            self.scene.tree_refused(path, means, self.user, reply.status)
            return None
        self.trees[self.user, share] = self.wire.tid if self.is_smb1 else reply.tree
        return self.trees[self.user, share]

    def look(self, share, name, *, how=None, status=None, found=False):
        """Looks for a file. `how` is a command of SMB1. Not found, it must be refused with
        `status`, and is written down. Returns whether it was found."""
        tree, path, directory = self.tree(share), self.unc(share), {}
        if self.is_smb1:
            how, name = how or "SMB_COM_OPEN_ANDX", "\\" + name
            self.wire.tid = tree
            reply = self.wire.probe(how, name)
            status = status or (DOS_MISSING.get(how, "DOS 1/2") if self.dos else
                                NO_FILE if how == "TRANS2_FIND_FIRST2" else MISSING)
        elif how == "SMB2_QUERY_DIRECTORY":
            below, _, name = name.rpartition("\\")
            reply = self.wire.search_compound(self.users[self.user], tree, below, name)[1]
            status, directory = status or NO_FILE, {"directory": below}
        else:
            how = "SMB2_CREATE"
            reply, file = self.wire.create(self.users[self.user], tree, name)
            if file:
                self.wire.close_file(self.users[self.user], tree, file)
            status = status or MISSING
        self.scene.heard(reply, nt("OK") if found else status)
        if not found:
            self.scene.open_refused(how, path, name, status, self.user)
            self.scene.truth["opens"][-1].update(directory)
        return found
