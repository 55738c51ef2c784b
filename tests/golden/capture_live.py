#!/usr/bin/env python3
"""Interfaces as live capture reads them: veth pairs in a network namespace made here, frames of
every shape sent into them, and what src/capture/live.h hands out held against what was sent.

    capture_live.py WIRE_FRAMES

Needs root; says skipped without. Ends with `N passed, N failed`."""
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

import shapes
import shared

CLONE_NEWNET = 0x40000000
# What a process in its cage may call, beside what this test's reader needs to print and to end.
CALLS = {"poll", "getsockopt", "recvfrom", "lseek", "read"}
CALLS_OF_READER = {"write", "rt_sigreturn", "restart_syscall", "close", "munmap", "exit_group",
                   "wait4", "kill", "setsockopt", "brk"}


# Leaks are looked for by a thread that traces the others, which is nothing of the reader's.
NOT_TRACED = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}


def ip(*words):
    subprocess.run(["ip", *words], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def own_network():
    """A network namespace of our own with two pairs of interfaces; False where we may not."""
    if os.geteuid() != 0 or not shutil.which("ip") or \
            ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        return False
    for name in ("all", "default"):
        pathlib.Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1", "ascii")
    try:
        pair("wa", "wb")
        pair("xa", "xb")
    except subprocess.CalledProcessError:
        return False
    return True


def pair(one, other):
    ip("link", "add", one, "type", "veth", "peer", "name", other)
    ip("link", "set", one, "up")
    ip("link", "set", other, "up")


def send(device, frames):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind((device, 0))
        for frame in frames:
            sender.send(frame)


class Reader:
    """The program under test, and the lines it printed."""

    def __init__(self, *devices, workers=1, snaplen=0, narrow="", before=()):
        self.child = subprocess.Popen([*before, READER, str(workers), str(snaplen), narrow,
                                       *devices], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      env=NOT_TRACED)
        self.lines, self.rest = [], b""
        os.set_blocking(self.child.stdout.fileno(), False)
        self.is_ready = self.wait(lambda: ["ready"] in self.lines)

    def pump(self):
        more = self.child.stdout.read()
        if more:
            *whole, self.rest = (self.rest + more).split(b"\n")
            self.lines += [line.decode("ascii").split() for line in whole]

    def wait(self, condition, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump()
            if condition():
                return True
            if self.child.poll() is not None:
                self.pump()
                return condition()
            time.sleep(0.02)
        return False

    def frames(self):
        """(worker, file, number, time, bytes) of our frames."""
        return [(int(w), int(f), int(n), int(t), bytes.fromhex(h)) for _, w, f, n, t, h in
                (line for line in self.lines if line[0] == "frame")
                if shapes.MARK in bytes.fromhex(h)]

    def has_frames(self, count):
        self.wait(lambda: len(self.frames()) >= count)
        time.sleep(0.15)  # and not more than these
        self.pump()
        return self.frames()

    def news(self):
        return [tuple(line[2:]) for line in self.lines if line[0] == "news"]

    def end(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        rest = self.child.communicate(timeout=30)[0]
        if rest:
            self.rest += rest
        self.lines += [line.decode("ascii").split() for line in self.rest.split(b"\n") if line]
        self.rest = b""
        return self.child.returncode


def test_shapes_come_through():
    """Of all shapes, tagged or not, those are let through that the analysis reads; whether the
    frame comes or goes."""
    wanted = [s.frame for s in shapes.all_shapes() if s.is_wanted]
    others = [s.frame for s in shapes.all_shapes() if not s.is_wanted]
    for device in ("wb", "wa"):
        reader = Reader(device)
        send("wa", wanted + others)
        got = [frame for *_, frame in reader.has_frames(len(wanted))]
        reader.end()
        for shape in shapes.all_shapes():
            if (shape.frame in got) != shape.is_wanted:
                print(f"  {device}: {shape.name}: {'lost' if shape.is_wanted else 'let through'}")
                return False
        if len(got) != len(wanted):
            print(f"  {device}: {len(got)} frames of {len(wanted)}")
            return False
    return True


def test_tags_of_the_kernel():
    """VLAN interfaces: the kernel puts the tags on and takes them off, one and two."""
    try:
        ip("link", "add", "link", "wa", "name", "wa5", "type", "vlan", "id", "5")
    except subprocess.CalledProcessError:
        return None  # a kernel without VLAN interfaces
    ip("link", "add", "link", "wa5", "name", "wa57", "type", "vlan", "id", "7")
    ip("link", "set", "wa5", "up")
    ip("link", "set", "wa57", "up")
    frame, other = shapes.smb(1), shapes.web(2)
    want = {shapes.tagged(frame, 5), shapes.tagged(frame, 5, 7)}
    good = True
    for device in ("wa", "wb", "any"):
        reader = Reader(device)
        send("wa5", [frame, other])
        send("wa57", [frame, other])
        got = [f for *_, f in reader.has_frames(2)]
        reader.end()
        if device == "any":  # seen on each interface on the way: with tags, with one, with none
            good &= len(got) >= 4 and all(shapes.port_of(frame) in f for f in got)
        else:
            good &= set(got) == want
        if not good:
            print(f"  {device}: {len(got)} frames")
    ip("link", "del", "wa5")
    return good


def test_narrowed():
    """-f narrows, whatever it says of tags, and keeps its meaning."""
    plain, far, tag, web = shapes.smb(1), shapes.smb(2), shapes.tagged(shapes.smb(3), 5), \
        shapes.web(1)
    sent, good = [plain, far, tag, web], True
    for narrow, want in (("host 10.0.0.1", {plain}), ("vlan 5", {tag}), ("vlan 6", set()),
                         ("vlan 5 or host 10.0.0.3", {tag}),  # `host` counts behind the tag too
                         ("host 10.0.0.1 or (vlan and host 10.0.0.3)", {plain, tag}),
                         ("not vlan", {plain, far}), ("host 10.0.0.1 or tcp port 80", {plain}),
                         ("vlan 5 and host 10.0.0.3", {tag}),
                         ("(vlan and host 10.0.0.3) or ether host 02:00:00:00:00:01",
                          {plain, far, tag})):
        reader = Reader("wb", narrow=narrow)
        send("wa", sent)
        got = [f for *_, f in reader.has_frames(len(want))]
        good &= reader.end() == 0 and set(got) == want and len(got) == len(want)
        if not good:
            print(f"  {narrow}: {len(got)} frames, expected {len(want)}")
            break
    return good


def test_errors_are_said():
    """No such interface, one switched off, a filter that is none."""
    ip("link", "set", "xb", "down")
    good = True
    for devices, narrow, word in ((("wb", "none0"), "", "none0"), (("xb",), "", "xb"),
                                  (("wb",), "host and", "host and")):
        reader = Reader(*devices, narrow=narrow)
        said = reader.child.stderr.read().decode()
        good &= reader.end() == 1 and word in said and not reader.is_ready
    ip("link", "set", "xb", "up")
    return good


def test_several_devices():
    """Frames of two interfaces are one stream in the order of time, numbered once."""
    reader = Reader("wb", "xb")
    sent = [shapes.smb(i % 200, i) for i in range(2000)]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as one, \
            socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as other:
        one.bind(("wa", 0))
        other.bind(("xa", 0))
        for i in range(0, 2000, 2):
            one.send(sent[i])
            other.send(sent[i + 1])
    got = reader.has_frames(2000)
    good = reader.end() == 0 and sorted(f for *_, f in got) == sorted(sent)
    good &= [n for _, _, n, _, _ in got] == list(range(got[0][2], got[0][2] + 2000))
    good &= all((f == 0) == (sent.index(frame) % 2 == 0) for _, f, _, _, frame in got[:100])
    early = sum(b[3] < a[3] for a, b in zip(got, got[1:]))
    if not good or early > 100:  # a block of one interface comes up to 50 ms before the other's
        print(f"  {len(got)} frames, {early} times back")
    return good and early <= 100


def test_snaplen():
    reader = Reader("wb", snaplen=96)
    send("wa", [shapes.smb(1, size=1000)])
    got = [f for *_, f in reader.has_frames(1)]
    return reader.end() == 0 and [len(f) for f in got] == [96]


def test_workers():
    """Each pair of hosts is one worker's, whichever way and on whatever ports, in fragments and
    tags; nothing is lost and nothing comes twice."""
    reader = Reader("wb", workers=3)
    sent = [(pair, frame) for pair in range(150) for frame in shapes.conversation(pair)]
    for at in range(0, len(sent), 50):
        send("wa", [frame for _, frame in sent[at:at + 50]])
    got = reader.has_frames(len(sent))
    good = reader.end() == 0 and sorted(f for *_, f in got) == sorted(f for _, f in sent)
    worker_of = {}
    for worker, _, _, _, frame in got:
        worker_of.setdefault(next(p for p, f in sent if f == frame), set()).add(worker)
    split = [p for p, workers in worker_of.items() if len(workers) > 1]
    shares = [sum(w == {i} for w in worker_of.values()) for i in range(3)]
    if not good or split or min(shares) < 25:
        print(f"  {len(got)} of {len(sent)} frames, {len(split)} pairs parted, shares {shares}")
    return good and not split and min(shares) >= 25


def test_down_and_up():
    """Down, up, another name: told, and the frames go on; gone: told."""
    pair("ya", "yb")
    reader = Reader("xb", "yb", workers=2)
    expected = []
    for words, news in ((("yb", "down"), ("down", "1", "yb", "yb")),
                        (("yb", "up"), ("up", "1", "yb", "yb")),
                        (("ya", "down"), ("down", "1", "yb", "yb")),  # no carrier
                        (("ya", "up"), ("up", "1", "yb", "yb")),
                        (("yb", "down"), ("down", "1", "yb", "yb")),
                        (("yb", "name", "zb"), ("renamed", "1", "zb", "yb")),
                        (("zb", "up"), ("up", "1", "zb", "zb"))):
        ip("link", "set", *words)
        expected += [news] * 2
        if not reader.wait(lambda: reader.news() == expected):
            print(f"  {words}: {reader.news()}")
            return bool(reader.end() and False)
        count = len(reader.frames())
        if news[0] != "down":
            ip("link", "set", "zb" if words[0] == "zb" or "zb" in words else "yb", "up")
            if news[0] == "up":
                send("ya", [shapes.smb(1, count)])
                if len(reader.has_frames(count + 1)) != count + 1:
                    print(f"  no frame after {words}")
                    return bool(reader.end() and False)
        send("xa", [shapes.smb(2, count)])
        if not reader.wait(lambda: len(reader.frames()) > count):
            return bool(reader.end() and False)
    ip("link", "del", "zb")
    told = reader.wait(lambda: reader.news()[len(expected):] == [("down", "1", "zb", "zb"),
                                                                 ("gone", "1", "zb", "zb")] * 2
                       or sorted(reader.news()[len(expected):]) ==
                       sorted([("down", "1", "zb", "zb"), ("gone", "1", "zb", "zb")] * 2)
                       or reader.news()[len(expected):] == [("gone", "1", "zb", "zb")] * 2)
    if not told:
        print(f"  {reader.news()[len(expected):]}")
    return reader.end() == 0 and told


def test_any_never_ends():
    pair("ya", "yb")
    reader = Reader("any")
    send("ya", [shapes.smb(1)])
    good = len(reader.has_frames(2)) == 2
    ip("link", "del", "yb")
    send("wa", [shapes.smb(2)])
    good &= len(reader.has_frames(4)) == 4 and reader.news() == []
    return reader.end() == 0 and good


def arrived(device):
    """Frames that an interface got: a system under load loses some on the way between the two."""
    for line in pathlib.Path("/proc/self/net/dev").read_text("ascii").splitlines():
        if line.strip().startswith(device + ":"):
            return int(line.split(":")[1].split()[1])
    return 0


def test_drops_are_counted():
    reader, before = Reader("wb", "xb"), arrived("wb")
    reader.child.send_signal(signal.SIGSTOP)
    frames = [shapes.smb(i, i, size=1400) for i in range(64)]
    for _ in range(400):
        send("wa", frames)
    reader.child.send_signal(signal.SIGCONT)
    reader.wait(lambda: False, 3)
    reader.end()
    drops = {line[2]: [int(n) for n in line[3:]] for line in reader.lines if line[0] == "drops"}
    count = len(reader.frames())
    good = drops["0"][0] > 0 and count + drops["0"][0] == arrived("wb") - before
    good &= drops["1"][0] == 0
    good &= all(ring == 16 << 20 for _, _, ring in drops.values())
    if not good:
        print(f"  {count} frames, drops {drops}")
    return good


def test_calls():
    """What it asks of the kernel once it is open, with interfaces down, up and gone."""
    if not shutil.which("strace"):
        return None
    pair("ya", "yb")
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "calls"
        reader = Reader("wb", "yb", before=["strace", "-D", "-f", "-o", str(log)])
        send("wa", [shapes.smb(1)])
        send("ya", [shapes.smb(1)])
        reader.has_frames(2)
        for words in (("down",), ("up",), ("down",), ("name", "zb")):
            ip("link", "set", "yb", *words)
        ip("link", "del", "zb")
        reader.wait(lambda: any(n[0] == "gone" for n in reader.news()))
        reader.end()
        lines = log.read_text("utf-8", "replace").splitlines()
    block_ring = any("PACKET_VERSION, [2]" in line for line in lines)  # TPACKET_V3
    start = next(i for i, line in enumerate(lines) if '"ready\\n"' in line)
    called = {line.split(None, 1)[1].split("(")[0] for line in lines[start:]
              if "(" in line and " resumed>" not in line and "---" not in line}
    strange = called - CALLS - CALLS_OF_READER
    if strange or not block_ring or not CALLS <= called | {"lseek", "read"}:
        print(f"  {sorted(called)}, {block_ring}")
    return block_ring and not strange


TESTS = [test_shapes_come_through, test_tags_of_the_kernel, test_narrowed, test_errors_are_said,
         test_several_devices, test_snaplen, test_workers, test_down_and_up, test_any_never_ends,
         test_drops_are_counted, test_calls]


def main():
    if not own_network():
        print("skipped: needs root, a network namespace and ip(8)\n"
              "0 passed, 0 failed, 1 skipped")
        sys.exit(shared.SKIPPED)
    results = [0, 0, 0]
    for test in TESTS if len(sys.argv) < 3 else [globals()[name] for name in sys.argv[2:]]:
        outcome = test()
        results[2 if outcome is None else not outcome] += 1
        if outcome is False:
            print(f"{test.__name__}: failed")
    print("{} passed, {} failed, {} skipped".format(*results))
    return 1 if results[1] else 0


if __name__ == "__main__":
    READER = str(pathlib.Path(sys.argv[1]).resolve())
    sys.exit(main())
