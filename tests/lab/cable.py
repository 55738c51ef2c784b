"""A bad cable: two TAP devices with a program between them that loses, delays and doubles frames.
What the ends do about it is real TCP. The random numbers are seeded; the timing is what it is."""
import fcntl
import heapq
import os
import random
import select
import struct
import threading
import time

from net import BRIDGE, SWITCH, inside, mac, sh

TUNSETIFF, TAP_NO_INFO = 0x400454CA, 0x1002
ARP = b"\x08\x06"


class BadCable:
    """Replaces the cable between host `name` and the switch while the block lasts."""

    def __init__(self, network, name, *, lost=0.05, late=0.25, doubled=0.05, mtu=500, seed=278660):
        self.network, self.name, self.mtu = network, name, mtu
        self.odds, self.random = (lost, late, doubled), random.Random(seed)
        self.counts = {"frames": 0, "lost": 0, "late": 0, "doubled": 0}
        self.stopping = False

    def __enter__(self):
        sh("ip", "-n", self.name, "link", "set", "eth0", "down")
        self.ends = [self.tap(self.name, "tap0"), self.tap(SWITCH, "sw-tap")]
        sh("ip", "-n", SWITCH, "link", "set", "sw-tap", "master", BRIDGE, "up")
        sh("ip", "-n", self.name, "addr", "flush", "dev", "eth0")
        sh("ip", "-n", self.name, "link", "set", "tap0", "address", mac(self.name))
        self.network.address(self.name, "tap0", self.mtu)
        self.thread = threading.Thread(target=self.carry)
        self.thread.start()
        time.sleep(0.5)
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join()
        for end in self.ends:
            os.close(end)
        self.network.address(self.name, "eth0")

    @staticmethod
    def tap(host, device):
        with inside(host):
            end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", device.encode(), TAP_NO_INFO))
        return end

    def carry(self):
        waiting, number = [], 0
        while not self.stopping:
            pause = max(0, waiting[0][0] - time.monotonic()) if waiting else 0.1
            for end in select.select(self.ends, [], [], pause)[0]:
                frame = os.read(end, 65536)
                other = self.ends[1 - self.ends.index(end)]
                for delay in self.fates(frame):
                    number += 1
                    heapq.heappush(waiting, (time.monotonic() + delay, number, other, frame))
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, other, frame = heapq.heappop(waiting)
                try:
                    os.write(other, frame)
                except OSError:
                    self.counts["lost"] += 1

    def fates(self, frame):
        """When each copy of the frame arrives: none, one or two delays."""
        if frame[12:14] == ARP:
            return [0]
        lost, late, doubled = (self.random.random() < odd for odd in self.odds)
        self.counts["frames"] += 1
        for name, happened in (("lost", lost), ("late", late), ("doubled", doubled)):
            self.counts[name] += happened
        if lost:
            return []
        delay = 0.004 * (0.5 + self.random.random()) + 0.012 * late
        return [delay, delay + 0.002] if doubled else [delay]
