"""Hosts of a network of their own: a namespace each, on one bridge in a namespace between them.

    network = Network(test)                       # needs root; see why_not()
    host = network.add("gen-1")                   # 10.213.0.1
    Program(test, "agent", …, prefix=host.prefix)

Nothing leaves these namespaces, and nothing of the machine's own network is touched. All of it is
gone when the test has ended. Where the kernel has netem, each host's way out has a delay and loses
some packets; Network.netem says whether it has.
"""

import os
import shutil
import subprocess

SUBNET = "10.213.0"
MOST_HOSTS = 32
NETEM = ("delay", "2ms", "500us", "loss", "0.05%")


def _run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)


def why_not():
    """Why no network can be made here; None if one can."""
    if not shutil.which("ip"):
        return "no `ip` (iproute2)"
    name = f"drumline-probe-{os.getpid()}"
    made = _run("ip", "netns", "add", name)
    if made.returncode != 0:
        return f"no network namespaces (root is needed): {made.stdout.strip()}"
    made = _run("ip", "-n", name, "link", "add", "bridge", "type", "bridge")
    _run("ip", "netns", "del", name)
    return f"no bridges: {made.stdout.strip()}" if made.returncode != 0 else None


class Host:
    """One namespace: its address, and how a program is started in it."""

    def __init__(self, namespace, address):
        self.namespace = namespace
        self.address = address
        self.prefix = ("ip", "netns", "exec", namespace)


class Network:

    def __init__(self, test):
        self._test = test
        self._hosts = 0
        self._name = f"drumline-{os.getpid()}-{id(self) % 10000}"
        self._switch = f"{self._name}-switch"
        self.netem = None
        self._add_namespace(self._switch)
        self._ip("-n", self._switch, "link", "add", "bridge", "type", "bridge")
        self._ip("-n", self._switch, "link", "set", "bridge", "up")

    def _ip(self, *arguments):
        done = _run("ip", *arguments)
        if done.returncode != 0:
            self._test.fail(f"ip {' '.join(arguments)}: {done.stdout}")

    def _add_namespace(self, name):
        self._ip("netns", "add", name)
        # Its interfaces go with it, once the last program in it has ended.
        self._test.addCleanup(_run, "ip", "netns", "del", name)

    def add(self, name):
        """A new host, on the network when this returns."""
        self._hosts += 1
        if self._hosts > MOST_HOSTS:
            self._test.fail(f"more than {MOST_HOSTS} hosts")
        namespace = f"{self._name}-{name}"
        port = f"port{self._hosts}"
        address = f"{SUBNET}.{self._hosts}"
        self._add_namespace(namespace)
        self._ip("-n", namespace, "link", "add", "eth0", "type", "veth", "peer", "name", port,
                 "netns", self._switch)
        self._ip("-n", self._switch, "link", "set", port, "master", "bridge", "up")
        self._ip("-n", namespace, "addr", "add", f"{address}/24", "dev", "eth0")
        for link in ("lo", "eth0"):
            self._ip("-n", namespace, "link", "set", link, "up")
        if self.netem is not False:
            shaped = _run("ip", "netns", "exec", namespace, "tc", "qdisc", "add", "dev", "eth0",
                          "root", "netem", *NETEM)
            self.netem = shaped.returncode == 0
        return Host(namespace, address)

    def cut(self, host):
        """From now on [host] neither sends nor hears anything."""
        self._ip("-n", host.namespace, "link", "set", "eth0", "down")
