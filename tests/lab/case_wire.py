"""wire/: the same logons under the conditions of real captures. What the network did is real where
the text does not say that the capture was rewritten."""
import contextlib
from functools import partial

from cable import BadCable
from case_files import MISSING, probe
from facts import HERE, JDOE, SMB1_FACTS, SMB2_FACTS
from net import LabError
from rewrite import cut_frames, fragmented, twice_and_tagged
from samba import THRESHOLD
from smb1 import Smb1
from smb2 import Smb2
from stage import case
from status import nt

SMB3_FACTS = {**SMB2_FACTS, "dialect": "3.1.1", **HERE}
SERVICE = ("CORP", "SMSService", "Old!2020")


def stale_logons(stage):
    """SMB 3.1.1 and SMB1: a stale password, then the right one."""
    for dialect, spoken in (("SMB3_11", "3.1.1"), ("NT1", "NT LM 0.12")):
        stage.attempt(*SERVICE, "WRONG_PASSWORD", dialect=dialect, truth={"dialect": spoken})
    stage.attempt("CORP", "SMSService", "Svc!2026", "OK")


@case("wire/andx_chain", "SESSION_SETUP_ANDX, TREE_CONNECT_ANDX and NT_CREATE_ANDX in one request, "
      "as Windows 9x and NT 4.0 sent them. A refused logon ends the chain. With a granted one the "
      "reply header carries the status of the LAST command (missing share, missing file) beside "
      "the command code of the session setup: no failed logon.", "[MS-CIFS] 2.2.3.4")
def andx_chain(stage):
    stage.standalone()
    stage.says(**SMB1_FACTS)
    stage.capture()
    wrong = ("SMSCliToknAcct&", "Wks!Tok")
    plays = [(*wrong, "SMSSHARE", "\\cwbaudio.dll", "WRONG_PASSWORD", None)] * THRESHOLD
    plays += [(*wrong, "SMSSHARE", "\\cwbaudio.dll", "ACCOUNT_LOCKED_OUT", None),
              ("jdoe", "Jd0e!pass", "SMSSHARE", "\\cwbaudio.dll", "OK", MISSING),
              ("jdoe", "Jd0e!pass", "NOSUCH", "\\x.dll", "OK", "BAD_NETWORK_NAME"),
              ("jdoe", "Jd0e!pass", "CAPSHR", "\\readme.txt", "OK", "OK")]
    for number, (account, password, share, name, means, then) in enumerate(plays):
        link = Smb1("ws042", stage.address(), unicode=number % 2 == 1)
        path = f"\\\\CAP01\\{share}"
        reply = link.logon(account, "WS042", password, "ntlmv1", link.tree_andx(path),
                           link.nt_create(name))
        entry = stage.logon("WS042", account, means, share=path)
        stage.heard(reply, nt(then) if then else entry["status"])
        if then == "BAD_NETWORK_NAME":
            stage.tree_refused(path, then, account)
        elif then == MISSING:
            stage.open_refused("SMB_COM_NT_CREATE_ANDX", path, name, reply.status, account)
        link.close()


@case("wire/midstream_smb1", "The capture begins on a living SMB1 connection whose user has logged "
      "on before: a missing file of that unknown user, then a driver's own refused logon, twice.",
      "Q278660")
def midstream_smb1(stage):
    stage.standalone()
    link = Smb1("ws042", stage.address())
    link.logon(*JDOE)
    link.tree("\\\\CAP01\\SMSSHARE")
    stage.audited.append(("jdoe", "OK"))
    stage.says(**SMB1_FACTS)
    stage.capture()
    for _ in range(2):
        reply = stage.heard(link.probe("SMB_COM_OPEN_ANDX", "\\ess.dll"), nt(MISSING))
        stage.open_refused("SMB_COM_OPEN_ANDX", None, "\\ess.dll", reply.status)
        reply = link.logon("SMSCliToknAcct&", "WS042", "Wks!Tok-7")
        stage.heard(reply, stage.logon("WS042", "SMSCliToknAcct&", "WRONG_PASSWORD")["status"])
    link.close()


@case("wire/midstream_smb2", "The capture begins on a living SMB 2.1 connection: a missing file of "
      "an unknown user on an unknown share, then a second user's refused and granted logon.",
      "[MS-SMB2] 3.3.5.9")
def midstream_smb2(stage):
    stage.standalone()
    link = Smb2("ws042", stage.address())
    _, session = link.logon(*JDOE)
    tree = link.tree(session, "\\\\cap01\\smsshare").tree
    stage.audited.append(("jdoe", "OK"))
    stage.says(**{**SMB2_FACTS, **HERE})
    stage.capture()
    reply, _ = link.create(session, tree, "ess.dll")
    stage.open_refused("SMB2_CREATE", None, "ess.dll", stage.heard(reply, nt(MISSING)).status)
    for password, means in (("wrong", "WRONG_PASSWORD"), ("As1!pass", "OK")):
        reply, _ = link.logon("asmith", "WS042", password)
        stage.heard(reply, stage.logon("WS042", "asmith", means)["status"])
    link.close()


@case("wire/pipelined", "SMB 2.1: two users' session setups interleaved on one connection, their "
      "requests two to a TCP segment; one is refused, one granted.", "[MS-SMB2] 3.3.5.2.3")
def pipelined(stage):
    stage.standalone()
    stage.says(**{**SMB2_FACTS, **HERE})
    stage.capture()
    link = Smb2("ws042", stage.address())
    refused, granted = link.logon_together((("svc_backup", "CORP", "OldBackup#0"),
                                            ("jdoe", "WS042", "Jd0e!pass")))
    stage.heard(refused, stage.logon("CORP", "svc_backup", "WRONG_PASSWORD")["status"])
    stage.heard(granted, stage.logon("WS042", "jdoe", "OK")["status"])
    link.close()


@case("wire/stale_then_good", "A service with a stale password, two attempts a second apart, then "
      "the right one; a capture with nanosecond timestamps.")
def stale_then_good(stage):
    stage.standalone()
    stage.says(**SMB3_FACTS)
    stage.capture(options=("--time-stamp-precision=nano",))
    for password, means in (("OldBackup#0", "WRONG_PASSWORD"),) * 2 + (("Backup#1", "OK"),):
        stage.attempt("CORP", "svc_backup", password, means)


@case("wire/port_4455", "SMB1 and SMB 3.1.1 on a port of the administrator's choice: refused "
      "logons.")
def port_4455(stage):
    stage.standalone("smb ports = 4455", port=4455)
    stage.says(**SMB3_FACTS)
    stage.capture()
    stale_logons(stage)


@case("wire/snaplen_160", "Captured with a snap length of 160 bytes: replies are whole, so "
      "statuses can be read; the names in the requests are cut (`names_cut`).")
def snaplen(stage):
    stage.standalone()
    stage.says(**SMB3_FACTS, names_cut=True)
    stage.kept = stage.work / "short.pcap"
    stage.capture()
    stage.capture(options=("-s", "160"), path=stage.kept)
    stale_logons(stage)


@case("wire/small_mtu", "A link with an MTU of 300: every NTLM message spans TCP segments.")
def small_mtu(stage):
    stage.standalone()
    stage.says(**SMB3_FACTS)
    hosts = ("ws042", "cap01")
    stage.lab.network.mtu(hosts, 300)
    try:
        stage.capture()
        stale_logons(stage)
        stage.stop()
    finally:
        stage.lab.network.mtu(hosts, 1500)


@case("wire/loss_and_reorder", "A bad cable (10 % lost, 40 % late, 5 % doubled, MTU 400) between "
      "client and switch; the capture is the server's.")
def loss_and_reorder(stage):
    stage.standalone()
    stage.says(**SMB3_FACTS)
    with BadCable(stage.lab.network, "ws042") as cable:
        stage.capture()
        stale_logons(stage)
        stage.attempt("CORP", "svc_backup", "OldBackup#0", "WRONG_PASSWORD")
        stage.attempt("CORP", "nobody_here", "x", "NO_SUCH_USER")
        stage.stop()
    if not cable.counts["lost"] or not cable.counts["doubled"]:
        raise LabError(f"the cable was too good: {cable.counts}")
    stage.truth["cable"] = cable.counts


@case("wire/offload", "Captured on a host whose card segments for it: frames larger than any link "
      "carries, and TCP checksums not yet filled in. A refused logon, a granted one, a file of 24 "
      "KB, a missing file.")
def offload(stage):
    stage.standalone()
    stage.says(**SMB3_FACTS)
    big = stage.lab.standalone.share / "capshr/big.inf"
    big.write_text("; a driver's long description\n" * 800)
    with contextlib.ExitStack() as after:
        for name in ("ws042", "cap01"):
            stage.lab.network.offload(name, "on")
            after.callback(stage.lab.network.offload, name, "off")
        stage.capture()
        stage.attempt(*SERVICE, "WRONG_PASSWORD", share="capshr")
        stage.attempt("WS042", "jdoe", "Jd0e!pass", "OK", share="capshr",
                      commands="get big.inf /dev/null; get ctaud2k.sys /dev/null")
        stage.open_refused("SMB2_CREATE", "\\\\cap01\\capshr", "ctaud2k.sys", nt(MISSING), "jdoe")
        stage.stop()


@case("wire/ip_fragments", "Refused and granted logons, the capture rewritten so that every IP "
      "packet of more than 200 bytes comes in fragments, every second packet's last fragment "
      "first.")
def ip_fragments(stage):
    stage.standalone()
    stage.says(**SMB3_FACTS)
    stage.capture()
    stale_logons(stage)
    stage.edits.append(fragmented)


@case("wire/vlan_twice", "Refused and granted logons as a mirror port delivers them: the capture "
      "rewritten so that each frame is there twice, untagged and tagged (802.1Q, every third in "
      "802.1ad around it). No attempt may be counted twice.")
def vlan_twice(stage):
    stage.standalone()
    stage.says(**SMB3_FACTS)
    stage.capture()
    stale_logons(stage)
    stage.edits.append(twice_and_tagged)


def hide_reply(entry):
    """The truth of an attempt whose reply was cut from the capture."""
    entry.update(outcome="unknown", status="", half_seen="request", cut_status=entry["status"])


def hide_request(entry):
    """The truth of an attempt whose names were cut from the capture."""
    entry.update(half_seen="response", cut_account=entry["account"], account="", domain="")
    for unseen in ("workstation", "mechanism", "wrapping", "ntlm"):
        entry.pop(unseen, None)


@case("wire/gap_smb2", "Five session setups on one SMB 2.1 connection; the capture rewritten: the "
      "reply that refuses the second is missing, and the AUTHENTICATE of the fourth. The holes "
      "remain in the TCP stream.")
def gap_smb2(stage):
    stage.standalone()
    stage.says(**{**SMB2_FACTS, **HERE})
    stage.capture()
    link = Smb2("ws042", stage.address())
    for account, password, means in (
            ("svc_backup", "wrong", "WRONG_PASSWORD"), ("SMSService", "wrong", "WRONG_PASSWORD"),
            ("jdoe", "Jd0e!pass", "OK"), ("asmith", "wrong", "WRONG_PASSWORD"),
            ("nobody_here", "wrong", "NO_SUCH_USER")):
        reply, _ = link.logon(account, "WS042", password)
        stage.heard(reply, stage.logon("WS042", account, means)["status"])
    link.close()

    def edit(stage):
        # Payloads of each side: one for NEGOTIATE, then two for each attempt.
        cut_frames(stage, client=(8,), server=(4,))
        hide_reply(stage.truth["logons"][1])
        hide_request(stage.truth["logons"][3])
    stage.edits.append(edit)


@case("wire/gap_smb1", "Four session setups and two opens on one SMB1 connection; the capture "
      "rewritten: the reply to the second setup is missing, the request of the third, and the "
      "request of the first open.")
def gap_smb1(stage):
    stage.standalone()
    stage.says(**SMB1_FACTS)
    stage.capture()
    link = Smb1("ws042", stage.address())
    for account, password, means in (
            ("svc_backup", "wrong", "WRONG_PASSWORD"), ("SMSService", "wrong", "WRONG_PASSWORD"),
            ("asmith", "wrong", "WRONG_PASSWORD"), ("jdoe", "Jd0e!pass", "OK")):
        reply = link.logon(account, "WS042", password)
        stage.heard(reply, stage.logon("WS042", account, means)["status"])
    link.tree("\\\\CAP01\\CAPSHR")
    for name in ("\\ess.dll", "\\cwbaudio.dll"):
        probe(stage, link, "SMB_COM_NT_CREATE_ANDX", "CAPSHR", name, MISSING, False)
    link.close()

    def edit(stage):
        cut_frames(stage, client=(3, 6), server=(2,))
        hide_reply(stage.truth["logons"][1])
        hide_request(stage.truth["logons"][2])
        stage.truth["opens"][0].update(name="", half_seen="response")
    stage.edits.append(edit)


@case("wire/one_sided", "Two refused logons and a missing file at SMB 2.1 and SMB1, the capture "
      "rewritten so that only the server's side is there: statuses without names.")
def one_sided(stage):
    stage.standalone()
    stage.capture()
    stage.says(**{**SMB2_FACTS, **HERE})
    link = Smb2("ws042", stage.address())
    reply, _ = link.logon("svc_backup", "CORP", "wrong")
    stage.heard(reply, stage.logon("CORP", "svc_backup", "WRONG_PASSWORD")["status"])
    link.close()
    stage.base = dict(SMB1_FACTS)
    link = Smb1("ws042", stage.address())
    reply = link.logon("SMSService", "CORP", "wrong")
    stage.heard(reply, stage.logon("CORP", "SMSService", "WRONG_PASSWORD")["status"])
    link.close()

    def edit(stage):
        cut_frames(stage, client=None)
        for entry in stage.truth["logons"]:
            hide_request(entry)
    stage.edits.append(edit)


@case("wire/abandoned", "Session setups given up after the server's challenge, at SMB 2.1 and "
      "SMB1: no account was named and no status given, and the connection is closed. Then a "
      "refused logon.", "[MS-SMB2] 3.3.5.5.3")
def abandoned(stage):
    stage.standalone()
    stage.says(mechanism="ntlmssp", wrapping="spnego")
    stage.capture()
    for make, spoken in ((Smb2, "2.1"), (partial(Smb1, extended=True), "NT LM 0.12")):
        link = make("ws042", stage.address())
        link.challenge_only()
        link.close()
        stage.edits.append(partial(give_up, dialect=spoken))
    stage.says(**{**SMB2_FACTS, **HERE})
    link = Smb2("ws042", stage.address())
    reply, _ = link.logon("svc_backup", "CORP", "wrong")
    stage.heard(reply, stage.logon("CORP", "svc_backup", "WRONG_PASSWORD")["status"])
    link.close()


def give_up(stage, dialect):
    """Adds the truth of a setup that was given up, before the last, which was not."""
    entry = dict(stage.truth["logons"][-1], account="", domain="", status="", outcome="unknown",
                 dialect=dialect, abandoned=True)
    for unseen in ("workstation", "ntlm", "inner"):
        entry.pop(unseen)
    stage.truth["logons"].insert(-1, entry)
