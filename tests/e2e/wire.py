"""The wire between hosts of a network of their own, as a program: it carries Ethernet frames from
each host's TAP device to the others', late, and drops, doubles and overtakes some of them.

    wire.py SEED CONDITIONS NAMESPACE…        # CONDITIONS in JSON, see Conditions

Each namespace has a persistent TAP device `eth0` already. "ready" is printed once all of them are
attached; for each line on the standard input the counts so far are printed, as JSON; at the end of
the input it ends. What happens to the n-th frame follows from the seed; which frame is the n-th is
the hosts' affair.

Only frames that carry IPv4 are lost, doubled or held back: a lost question for an address is asked
again only a second later, which would be the kernel's patience and not the program's under test.
"""

import ctypes
import dataclasses
import fcntl
import heapq
import json
import os
import random
import selectors
import struct
import sys
import time

DEVICE = b"eth0"
CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
IPV4 = b"\x08\x00"
LONGEST_FRAME = 65536
# Frames that are under way; beyond it they are dropped and counted as such.
MOST_UNDER_WAY = 100_000


@dataclasses.dataclass(frozen=True)
class Conditions:
    """Of every way from one host to another."""
    # What each frame's delay is drawn from; those of one way keep their order.
    least_delay_ms: float = 0
    most_delay_ms: float = 0
    # Of each frame, drawn by itself.
    loss: float = 0
    duplication: float = 0
    # Of each frame: it is held back, so that those behind it overtake it.
    reordering: float = 0


class Wire:
    """What becomes of each frame. Ports are numbers; time is passed in, in seconds."""

    def __init__(self, conditions, seed, ports):
        self._conditions = conditions
        self._random = random.Random(seed)
        self._ports = ports
        # Where each address was seen to send from.
        self._port_of = {}
        # (when it is due, a number that keeps equals in order, port, frame)
        self._under_way = []
        self._number = 0
        # By way: when the last one that keeps its order arrives.
        self._newest = {}
        self.counts = {"carried": 0, "dropped": 0, "doubled": 0, "held": 0, "overflowed": 0}

    def take(self, source, frame, now):
        """A host has sent [frame] at its port [source]."""
        if len(frame) < 14:
            return
        destination, sender = frame[:6], frame[6:12]
        self._port_of[sender] = source
        known = self._port_of.get(destination)
        ways = [known] if known is not None else [port for port in self._ports if port != source]
        for port in ways:
            self._send(source, port, frame, now)

    def _send(self, source, port, frame, now):
        fragile = frame[12:14] == IPV4
        if fragile and self._random.random() < self._conditions.loss:
            self.counts["dropped"] += 1
            return
        self._put(source, port, frame, now)
        if fragile and self._random.random() < self._conditions.duplication:
            self.counts["doubled"] += 1
            self._put(source, port, frame, now)

    def _put(self, source, port, frame, now):
        if len(self._under_way) >= MOST_UNDER_WAY:
            self.counts["overflowed"] += 1
            return
        delay_ms = self._random.uniform(self._conditions.least_delay_ms,
                                        self._conditions.most_delay_ms)
        due = now + delay_ms / 1e3
        newest = self._newest.get((source, port), 0)
        if frame[12:14] == IPV4 and self._random.random() < self._conditions.reordering:
            self.counts["held"] += 1
            due = max(due, newest) + self._conditions.most_delay_ms / 1e3
        else:
            due = max(due, newest)
            self._newest[source, port] = due
        self._number += 1
        heapq.heappush(self._under_way, (due, self._number, port, frame))

    def due(self, now):
        """The frames that arrive by now, as (port, frame)."""
        while self._under_way and self._under_way[0][0] <= now:
            _, _, port, frame = heapq.heappop(self._under_way)
            self.counts["carried"] += 1
            yield port, frame

    def wait(self, now):
        """Seconds until the next one is due; None if there is none."""
        return max(self._under_way[0][0] - now, 0) if self._under_way else None


def attach(namespace):
    """A descriptor of the namespace's TAP device, for use anywhere."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/var/run/netns/{namespace}", "rb") as there:
        if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", DEVICE, IFF_TAP | IFF_NO_PI))
    return tap


def read_all(tap):
    """The frames that are there."""
    while True:
        try:
            yield os.read(tap, LONGEST_FRAME)
        except OSError:
            # There is none, or the device is down.
            return


def deliver(wire, now):
    for port, frame in wire.due(now):
        try:
            os.write(port, frame)
        except OSError:
            pass  # The host has been cut off.


def carry(wire, taps):
    """Until the standard input ends."""
    selector = selectors.DefaultSelector()
    for descriptor in (sys.stdin.fileno(), *taps):
        selector.register(descriptor, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select(wire.wait(time.monotonic())):
            if key.fd == sys.stdin.fileno():
                if not sys.stdin.readline():
                    return
                print(json.dumps(wire.counts), flush=True)
                continue
            for frame in read_all(key.fd):
                wire.take(key.fd, frame, time.monotonic())
        deliver(wire, time.monotonic())


def main():
    seed, conditions, *namespaces = sys.argv[1:]
    taps = [attach(namespace) for namespace in namespaces]
    print("ready", flush=True)
    carry(Wire(Conditions(**json.loads(conditions)), int(seed), taps), taps)


if __name__ == "__main__":
    main()
