"""The servers: a stand-alone smbd (CAP01), an Active Directory domain controller (DC01) and a
member server (MEM01), each with all its files under the laboratory's directory and its audit in one
log."""
import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import time

from impacket.ntlm import compute_nthash

from net import LabError, inside, ip4, sh

THRESHOLD = 3
SITE_SHARES = ("CAP_S01", "SMSLOGON", "SMSPKGD$", "SMS_S01", "SMS_SHR", "SMS_SHR2", "LICMTR",
               "APPS", "HOMES")
AUDIT = ["max log size = 0", "log level = 1 auth_json_audit:5", "disable spoolss = yes",
         "load printers = no", "printcap name = /dev/null"]
DIRECTORIES = ("private", "lock", "state", "cache", "pid", "ncalrpc")
OPTIONS = ("private dir", "lock directory", "state directory", "cache directory", "pid directory",
           "ncalrpc dir")
PEOPLE = ("bwhite", "cgreen", "dbrown", "egray", "fblack", "kmeyer", "tnguyen", "lnovak")
# Accounts of the same password everywhere: services, devices.
SERVICES = {"SMSLogonSvc": "Lgn!Svc-1", "SMSSvc_S01_0001": "Rem!S01-a",
            "SMSServer_ABC": "Ser!ABC-a", "SMSClient_XYZ": "Cli!XYZ-a",
            "sa_sql": "Sql!2026", "svc-print": "Prn!2026", "scan_konica": "Scan!2026"}
# account -> password, flags for pdbedit -c
LOCAL_USERS = {"SMSCliToknAcct&": ("Srv!Tok-9f2", "X"), "SMSService": ("Svc!2026", "X"),
               "svc_backup": ("Backup#1", "X"), "jdoe": ("Jd0e!pass", "X"),
               "asmith": ("As1!pass", "X"), "old_emp": ("Old1!pass", "DX"),
               "pwexp": ("Exp1!pass", ""), "mustchg": ("Must1!pass", ""),
               "kicked": ("Kick1!pass", "X"), "wsonly": ("Ws1!pass", "X"),
               "SMSCliSvcAcct&": ("Srv!Svc-3b1", "X"), "SMSClient_S01": ("Cli!S01-a", "X"),
               "SMSServer_S01": ("Ser!S01-a", "X"), "svc_inventory": ("Inv!2026", "X"),
               "hourly": ("Hour1!pass", "X"), "SMSCCMBootAcct&": ("Srv!Boot-5c", "X"),
               "AAD_8c41d2e0b6f5": ("Aad!Gen-42", "X"),
               **{name: (password, "X") for name, password in SERVICES.items()},
               **{name: (f"{name}!Pw1", "X") for name in PEOPLE}}
DOMAIN_USERS = {"SMSCliToknAcct&": "Dom!Tok-1", "SMSService": "Svc!2026", "svc_backup": "Backup#1",
                "jdoe": "Jd0e!pass", "asmith": "As1!pass", "old_emp": "Old1!pass",
                "mustchg": "Must1!pass", "SMSClient_S01": "Cli!S01-a", "SMSServer_S01": "Ser!S01-a",
                "svc_inventory": "Inv!2026", "MSOL_3f9a1c7e5b20": "Msol!Gen-77",
                "AAD_8c41d2e0b6f5": "Aad!Gen-42", "svc_print": "Prn!2026", "hourly": "Hour1!pass",
                **SERVICES, **{name: f"{name}!Pw1" for name in PEOPLE}}


class Server:
    """What the three have in common: a directory, a configuration, daemons and a log."""

    def __init__(self, network, name):
        self.network, self.name = network, name
        self.home = network.work / name
        self.home.mkdir(parents=True, exist_ok=True)
        self.conf, self.log = self.home / "smb.conf", self.home / "server.log"
        self.daemons, self.mark_at = [], 0

    def run(self, *argv, **more):
        return sh(*self.network.on(self.name), *argv, **more)

    def directories(self):
        for name in DIRECTORIES:
            (self.home / name).mkdir(exist_ok=True)
        (self.home / "private").chmod(0o700)
        return [f"{option} = {self.home / name}" for option, name in zip(OPTIONS, DIRECTORIES)]

    def spawn(self, *argv):
        out = open(self.home / "stdout", "ab")
        self.daemons.append(subprocess.Popen(
            [str(a) for a in (*self.network.on(self.name), *argv)], stdout=out, stderr=out,
            stdin=subprocess.DEVNULL, start_new_session=True))

    def wait(self, *ports, seconds=30):
        end = time.monotonic() + seconds
        for port in ports:
            while True:
                try:
                    with inside(self.name):
                        socket.create_connection((ip4(self.name), port), 1).close()
                    break
                except OSError:
                    if time.monotonic() > end:
                        raise LabError(f"{self.name} does not listen on {port}") from None
                    time.sleep(0.05)

    def stop(self):
        for daemon in self.daemons:
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(daemon.pid, number)
                    daemon.wait(3)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    pass
        self.daemons = []

    def mark(self):
        """From here on audit() counts."""
        self.mark_at = self.log.stat().st_size if self.log.exists() else 0

    def audit(self):
        """The authentication events since mark(), as the server wrote them."""
        with open(self.log, errors="replace") as log:
            log.seek(self.mark_at)
            lines = [line.strip() for line in log if '"type": "Authentication"' in line]
        return [line[line.index("{"):] for line in lines]


class Standalone(Server):
    """CAP01 or another, workgroup CORP, tdbsam with every kind of account. Accounts are made once;
    each start begins with a fresh copy, so that no case inherits another's lockouts."""

    def __init__(self, network, name="cap01"):
        super().__init__(network, name)
        self.dirs, self.pristine = self.directories(), self.home / "pristine"
        self.share = self.home / "share"
        for path in ("smsshare", "capshr", "tools/i386", "home", "packages", "secret"):
            (self.share / path).mkdir(parents=True)
        for path in ("capshr/readme.txt", "tools/i386/good.dll", "tools/locked.dll"):
            (self.share / path).write_text("x\n")
        (self.share / "tools/locked.dll").chmod(0o600)
        (self.share / "home").chmod(0o1777)
        (self.share / "secret").chmod(0o700)
        self.configure(())
        self.accounts()

    def configure(self, lines):
        shares = {name: [] for name in ("smsshare", "capshr", "tools", "home", "secret")}
        shares["vipshare"] = ["valid users = asmith"]
        shares["pub"] = ["guest ok = yes", "read only = yes"]
        shares["sealed"] = ["smb encrypt = required"]
        text = ["[global]", "workgroup = CORP", f"netbios name = {self.name.upper()}",
                "passdb backend = tdbsam", "server role = standalone server",
                f"server string = {self.name.upper()}", *self.dirs, *AUDIT,
                f"log file = {self.log}", "smb ports = 445 139", "server min protocol = CORE",
                "server max protocol = SMB3_11", "ntlm auth = ntlmv1-permitted",
                "lanman auth = yes", "map to guest = never", "dns proxy = no", "host msdfs = no",
                *lines]
        for name, extra in shares.items():
            path = {"vipshare": "home", "pub": "packages", "sealed": "home"}.get(name, name)
            text += [f"[{name}]", f"path = {self.share / path}", "read only = no", *extra]
        self.conf.write_text("\n".join(text) + "\n")

    def pdbedit(self, *argv, **more):
        return self.run("pdbedit", "-s", self.conf, *argv, **more)

    def accounts(self):
        for policy, value in (("bad lockout attempt", THRESHOLD), ("lockout duration", 30),
                              ("reset count minutes", 30), ("maximum password age", 2)):
            self.pdbedit("-P", policy, "-C", value)
        for name, (password, flags) in LOCAL_USERS.items():
            self.pdbedit("-a", "-t", "-u", name, given=f"{password}\n{password}\n")
            if flags:
                self.pdbedit("-r", "-u", name, "-c", f"[{flags}]")
        self.pdbedit("-r", "-u", "kicked", "-K", 1577923200)
        self.run("net", "-s", self.conf, "sam", "set", "pwdmustchangenow", "mustchg", "yes")
        self.run("net", "-s", self.conf, "sam", "set", "workstations", "wsonly", "ADMINPC")
        self.pdbedit("-a", "-m", "-u", "ws099")
        self.pdbedit("-r", "-u", "ws099$", "-c", "[X]")
        time.sleep(3)  # longer than the maximum password age: pwexp is expired from now on
        for name in ("private", "state"):
            shutil.copytree(self.home / name, self.pristine / name)

    def start(self, *lines, ports=(445,), policy=()):
        """`policy`: (name, value) pairs for pdbedit -P, on top of those of accounts()."""
        self.stop()
        for name in DIRECTORIES:
            shutil.rmtree(self.home / name)
        self.directories()
        for name in ("private", "state"):
            shutil.copytree(self.pristine / name, self.home / name, dirs_exist_ok=True)
        self.log.unlink(missing_ok=True)
        self.configure(lines)
        for name, value in policy:
            self.pdbedit("-P", name, "-C", value)
        self.spawn("smbd", "-F", "--no-process-group", "-s", self.conf)
        self.wait(*ports)
        self.mark()

    def unlock(self, *names):
        for name in names:
            self.pdbedit("-r", "-u", name, "-z")
            self.pdbedit("-r", "-u", name, "-c", "[X]")

    def set_password(self, name, password):
        self.pdbedit("-r", "-u", name, f"--set-nt-hash={nt_hash(password)}")


class Controller(Server):
    """DC01, domain CORP, realm CORP.EXAMPLE."""

    def __init__(self, network):
        super().__init__(network, "dc01")
        # Without -s, Debian's /etc/samba/smb.conf would be copied into the new configuration.
        seed = self.home / "seed.conf"
        seed.touch()
        target = self.home / "dc"
        self.run("samba-tool", "domain", "provision", "-s", seed, "--realm=CORP.EXAMPLE",
                 "--domain=CORP", "--server-role=dc", "--dns-backend=SAMBA_INTERNAL",
                 "--adminpass=Adm1n!pass", "--host-name=dc01", f"--host-ip={ip4('dc01')}",
                 f"--targetdir={target}", timeout=300)
        self.sam = target / "private/sam.ldb"
        self.configure(target)
        self.accounts()
        self.spawn("samba", "-F", "--no-process-group", "-s", self.conf)
        self.wait(445, 88, 389)
        self.mark()

    def configure(self, target):
        for name in ("pid", "ncalrpc"):
            (target / name).mkdir(exist_ok=True)
        scripts = target / "state/sysvol/corp.example/scripts"
        scripts.mkdir(parents=True, exist_ok=True)
        self.conf.write_text("\n".join([
            "[global]", "netbios name = DC01", "realm = CORP.EXAMPLE", "workgroup = CORP",
            "server role = active directory domain controller", "interfaces = lo eth0",
            "bind interfaces only = yes", f"private dir = {target}/private",
            f"state directory = {target}/state", f"cache directory = {target}/cache",
            f"lock directory = {target}", f"binddns dir = {target}/bind-dns",
            f"ncalrpc dir = {target}/ncalrpc", f"pid directory = {target}/pid",
            f"ntp signd socket directory = {target}/ntp_signd", *AUDIT, "logging = file",
            f"log file = {self.log}", "ntlm auth = ntlmv1-permitted", "server min protocol = NT1",
            "server signing = auto",
            "host msdfs = no",
            *site_shares(self.home), "[sysvol]", f"path = {target}/state/sysvol", "read only = no",
            "[netlogon]", f"path = {scripts}", "read only = no"]) + "\n")

    def tool(self, *argv, **more):
        return self.run("samba-tool", *argv, "-s", self.conf, **more)

    def accounts(self):
        self.tool("domain", "passwordsettings", "set", f"--account-lockout-threshold={THRESHOLD}",
                  "--account-lockout-duration=30", "--reset-account-lockout-after=30",
                  "--complexity=off", "--min-pwd-length=4", "--max-pwd-age=0")
        for name, password in DOMAIN_USERS.items():
            more = ["--must-change-at-next-login"] if name == "mustchg" else []
            self.tool("user", "create", name, password, *more)
        self.tool("user", "disable", "old_emp")
        never = base64.b64encode(bytes(21)).decode()
        self.run("ldbmodify", "-H", self.sam, given=f"dn: CN=hourly,CN=Users,DC=corp,DC=example\n"
                 f"changetype: modify\nreplace: logonHours\nlogonHours:: {never}\n")

    def unlock(self, *names):
        for name in names:
            self.tool("user", "unlock", name)

    def unlock_all(self):
        self.run("ldbmodify", "-H", self.sam, given="\n".join(
            f"dn: CN={name},CN=Users,DC=corp,DC=example\nchangetype: modify\n"
            "replace: lockoutTime\nlockoutTime: 0\n" for name in DOMAIN_USERS))

    def policy(self, threshold):
        self.tool("domain", "passwordsettings", "set", f"--account-lockout-threshold={threshold}")

    def set_password(self, name, password):
        """Set thrice: the two passwords before the current one do not count as wrong ones."""
        for one in (password + "-1", password + "-2", password):
            self.tool("user", "setpassword", name, f"--newpassword={one}")

    def bad_count(self, name):
        """badPwdCount as the directory has it now."""
        shown = self.tool("user", "show", name, "--attributes=badPwdCount")
        return next(int(line.split()[1]) for line in shown.splitlines() if "badPwdCount:" in line)


class Member(Server):
    """MEM01: passes domain logons to DC01 over a sealed secure channel."""

    def __init__(self, network):
        super().__init__(network, "mem01")
        share = self.home / "share"
        share.mkdir(exist_ok=True)
        share.chmod(0o1777)
        self.conf.write_text("\n".join([
            "[global]", "netbios name = MEM01", "realm = CORP.EXAMPLE", "workgroup = CORP",
            "security = ads", "server min protocol = NT1", "ntlm auth = ntlmv1-permitted",
            *self.directories(), *AUDIT, f"log file = {self.log}", "host msdfs = no",
            "idmap config * : backend = tdb", "idmap config * : range = 60000-69999",
            "idmap config CORP : backend = rid", "idmap config CORP : range = 70000-99999",
            "interfaces = lo eth0", *site_shares(self.home), "[data]", f"path = {share}",
            "read only = no"]) + "\n")
        self.run("net", "ads", "join", "-s", self.conf, "-U", "Administrator%Adm1n!pass",
                 "--no-dns-updates")
        self.spawn("winbindd", "-F", "--no-process-group", "-s", self.conf)
        self.spawn("smbd", "-F", "--no-process-group", "-s", self.conf)
        self.wait(445)
        for _ in range(50):
            if "succeeded" in self.run("wbinfo", "-t", check=False):
                break
            time.sleep(0.2)
        self.mark()


def site_shares(home):
    """The shares of a site system, for a server whose configuration is made once."""
    lines = []
    for name in SITE_SHARES:
        folder = home / "site" / name
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o1777)
        (folder / "readme.txt").write_text("x\n")
        lines += [f"[{name}]", f"path = {folder}", "read only = no"]
    return lines


def nt_hash(password):
    return compute_nthash(password).hex().upper()


def events(lines):
    """(account, domain, status without NT_STATUS_) of SMB authentication events."""
    out = []
    for line in lines:
        one = json.loads(line)["Authentication"]
        if str(one["serviceDescription"]).startswith("SMB"):
            out.append((one["clientAccount"] or "", one["clientDomain"] or "",
                        one["status"].removeprefix("NT_STATUS_")))
    return out
