#!/usr/bin/env python3
"""Live capture: frames of golden cases are sent over the loopback device of a network namespace
made here, and smblame -i lo must find what it finds in the file.

    live.py SMBLAME CAPTURES-DIR

Needs root (a namespace and a device to open); says skipped without. Ends with `N passed, N
failed`."""
import ctypes
import fcntl
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import time

import shared
import wire

CLONE_NEWNET, SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x40000000, 0x8913, 0x8914, 1
NET_RAW = 1 << 13
CASES = ("setup/smb311", "setup/nt1_netbios", "tree/smb1_chained", "open/smb2_compound")


def own_network():
    """A network namespace of our own with its loopback up; False where we may not."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        name = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack_from("H", fcntl.ioctl(control, SIOCGIFFLAGS, name), 16)[0]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))
    return True


def facts(output):
    """The findings without what live cannot share with a file: times, frames, ids made of times.
    What is diagnosed of them goes by their times."""
    kept = []
    for line in output.decode("utf-8").splitlines():
        record = json.loads(line)
        if record["event"]["dataset"] not in (
                "smblame.stats", "smblame.diagnosis"):
            del record["@timestamp"], record["event"]["id"], record["smblame"]["evidence"]
            record["smblame"].get("auth", {}).get("ntlm", {}).pop("clock_skew_ms", None)
            record["smblame"].get("auth", {}).get("ntlm", {}).pop("clock_skew_against", None)
            kept.append(json.dumps(record, sort_keys=True))
    return kept


def wait_for(stream, text):
    """Reads lines until one holds the text; False when the stream ends first."""
    for line in stream:
        if text in line:
            return True
    return False


def children(pid):
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


def holds(pid, capabilities):
    """Whether a process is not root and has exactly these capabilities."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return "Uid:\t0" not in status and f"CapEff:\t{capabilities:016x}" in status


def watch(smblame, frames, stop):
    """(exit status, standard output) of a live run over which the frames were sent."""
    child = subprocess.Popen([smblame, "-i", "lo", "--json", "--events"], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    if not wait_for(child.stderr, b"watching lo"):
        return child.wait(), b""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind(("lo", 0))
        for frame in frames:
            sender.send(frame)
    time.sleep(0.5)
    dropped = holds(child.pid, NET_RAW) and len(children(child.pid)) == 2 and all(
        holds(each, 0) for each in children(child.pid))
    child.send_signal(stop)
    output = child.communicate(timeout=60)[0]
    return child.returncode if dropped else 99, output


def main():
    smblame, folder = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    if os.geteuid() != 0 or not own_network():
        print("skipped: needs root and a network namespace\n0 passed, 0 failed, 1 skipped")
        sys.exit(shared.SKIPPED)
    passed = failed = 0
    for case, stop in zip(CASES, (signal.SIGINT, signal.SIGTERM) * 2):
        capture = folder / case / "input.pcap"
        want = facts(subprocess.run([smblame, "--json", "--events", capture], check=True,
                                    stdout=subprocess.PIPE).stdout)
        status, output = watch(smblame, [p.frame for p in wire.read(capture)], stop)
        good = status == 0 and want and facts(output) == want
        passed, failed = passed + bool(good), failed + (not good)
        if not good:
            print(f"{case}: exit {status}, {len(facts(output))} records live, {len(want)} in the "
                  "file")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
