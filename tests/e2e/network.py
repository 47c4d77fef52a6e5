"""Hosts of a network of their own: a namespace each, on one bridge in a namespace between them.

    network = Network(test)                       # needs root; see why_not()
    host = network.add("gen-1")                   # 10.213.0.1
    Program(test, "agent", …, prefix=host.prefix)

    network = WiredNetwork(test, Conditions(least_delay_ms=10, most_delay_ms=20, loss=0.01))
    …                                             # add all hosts, then:
    network.connect()                             # see why_no_wire()
    network.counts()["dropped"]

Nothing leaves these namespaces, and nothing of the machine's own network is touched. All of it is
gone when the test has ended.

Kernels that have netem are few among those of test machines: in the second kind of network frames
go through a program of our own (wire.py), which is late and loses some on any kernel, and knows how
many.
"""

import dataclasses
import json
import os
import shutil
import subprocess

import wire
from programs import DEADLINE_S

SUBNET = "10.213.0"
MOST_HOSTS = 32


def _run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)


def _try_in_namespace(*arguments):
    """None if `ip ARGUMENTS` works in a namespace of its own, otherwise what it said."""
    if not shutil.which("ip"):
        return "no `ip` (iproute2)"
    name = f"drumline-probe-{os.getpid()}"
    made = _run("ip", "netns", "add", name)
    if made.returncode != 0:
        return f"no network namespaces (root is needed): {made.stdout.strip()}"
    made = _run("ip", "-n", name, *arguments)
    _run("ip", "netns", "del", name)
    return made.stdout.strip() or "not possible" if made.returncode != 0 else None


def why_not():
    """Why no network can be made here; None if one can."""
    return _try_in_namespace("link", "add", "bridge", "type", "bridge")


def why_no_wire():
    """Why no network with a wire can be made here; None if one can."""
    return _try_in_namespace("tuntap", "add", "dev", "eth0", "mode", "tap")


class Host:
    """One namespace: its address, and how a program is started in it."""

    def __init__(self, namespace, address):
        self.namespace = namespace
        self.address = address
        self.prefix = ("ip", "netns", "exec", namespace)


class _Hosts:
    """The namespaces, and what both kinds of network do with them."""

    def __init__(self, test):
        self._test = test
        self._name = f"drumline-{os.getpid()}-{id(self) % 10000}"
        self.hosts = []

    def _ip(self, *arguments):
        done = _run("ip", *arguments)
        if done.returncode != 0:
            self._test.fail(f"ip {' '.join(arguments)}: {done.stdout}")

    def _add_namespace(self, name):
        self._ip("netns", "add", name)
        # Its interfaces go with it, once the last program in it has ended.
        self._test.addCleanup(_run, "ip", "netns", "del", name)

    def _add_device(self, namespace, number):
        raise NotImplementedError

    def add(self, name):
        """A new host."""
        number = len(self.hosts) + 1
        if number > MOST_HOSTS:
            self._test.fail(f"more than {MOST_HOSTS} hosts")
        host = Host(f"{self._name}-{name}", f"{SUBNET}.{number}")
        self._add_namespace(host.namespace)
        self._add_device(host.namespace, number)
        self._ip("-n", host.namespace, "addr", "add", f"{host.address}/24", "dev", "eth0")
        for link in ("lo", "eth0"):
            self._ip("-n", host.namespace, "link", "set", link, "up")
        self.hosts.append(host)
        return host

    def cut(self, host):
        """From now on [host] neither sends nor hears anything."""
        self._ip("-n", host.namespace, "link", "set", "eth0", "down")


class Network(_Hosts):
    """Hosts on a bridge: each is on the network when add returns."""

    def __init__(self, test):
        super().__init__(test)
        self._switch = f"{self._name}-switch"
        self._add_namespace(self._switch)
        self._ip("-n", self._switch, "link", "add", "bridge", "type", "bridge")
        self._ip("-n", self._switch, "link", "set", "bridge", "up")

    def _add_device(self, namespace, number):
        port = f"port{number}"
        self._ip("-n", namespace, "link", "add", "eth0", "type", "veth", "peer", "name", port,
                 "netns", self._switch)
        self._ip("-n", self._switch, "link", "set", port, "master", "bridge", "up")


class WiredNetwork(_Hosts):
    """Hosts on a wire that is late and loses frames: all on the network once connect returns."""

    def __init__(self, test, conditions, seed=1):
        super().__init__(test)
        self._conditions = conditions
        self._seed = seed
        self._wire = None

    def _add_device(self, namespace, number):
        self._ip("-n", namespace, "tuntap", "add", "dev", "eth0", "mode", "tap")

    def connect(self):
        self._wire = subprocess.Popen(
            ["python3", wire.__file__, str(self._seed),
             json.dumps(dataclasses.asdict(self._conditions)),
             *(host.namespace for host in self.hosts)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._test.addCleanup(self._disconnect)
        if self._wire.stdout.readline() != "ready\n":
            self._test.fail("the wire could not be attached to the hosts")

    def _disconnect(self):
        self._wire.stdin.close()
        try:
            self._wire.wait(DEADLINE_S)
        finally:
            self._wire.kill()
            self._wire.wait()
            self._wire.stdout.close()

    def counts(self):
        """Of frames so far: carried, dropped, doubled, held back, overflowed."""
        self._wire.stdin.write("counts\n")
        self._wire.stdin.flush()
        return json.loads(self._wire.stdout.readline())
