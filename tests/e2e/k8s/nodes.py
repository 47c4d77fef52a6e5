"""Nodes of a Kubernetes cluster on one machine: each a network and a mount namespace of its own
with a real containerd, kubelet and kube-proxy, joined by a bridge; and CoreDNS for all of them.

    make_bridge()
    plane = ControlPlane(tools, BRIDGE)
    …
    cluster = Nodes(plane, images, cgroup)
    cluster.start([Node("loadgen-0", "loadgen", ("agent",)), Node("target-0", "target", ("echo",))])

To be run in namespaces of its own (network, mount, PID), as run.sh does it: when they end, so do
all programs, interfaces and mounts. Nothing of the machine's own is written but control groups
below one of the test's own, which run.sh removes.

    bridge 10.77.0.1 ── node N: 10.77.0.(10 + N) ── its pods: 10.78.N.0/24
    API server and CoreDNS: 10.77.0.1                services: 10.96.0.0/16, by kube-proxy
"""

import dataclasses
import json
import os
import pathlib
import subprocess

from control_plane import wait_for

BRIDGE = "10.77.0.1"
PAUSE_IMAGE = "localhost/pause:1"
CNI_PLUGINS = "/usr/lib/cni"
CGROUPS = pathlib.Path("/sys/fs/cgroup")
# What a kubelet sets for its whole machine. Its nodes see files in the place of these.
MACHINE_SETTINGS = {
    "vm/overcommit_memory": "1", "vm/panic_on_oom": "0", "kernel/panic": "10",
    "kernel/panic_on_oops": "1", "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}
PAUSE = "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n"
CONTAINERD = """
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{pause}"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{plugins}"
conf_dir = "{home}/cni"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
"""
COREDNS = """
. {{
    bind {bridge}
    errors
    kubernetes cluster.local {{
        kubeconfig {kubeconfig} here
    }}
}}
"""


def call(*words, text=None):
    done = subprocess.run(list(map(str, words)), input=text, capture_output=True, text=True,
                          timeout=120, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: {done.stderr}")
    return done.stdout


def make_bridge():
    """What joins the nodes; the control plane listens on its address."""
    call("ip", "link", "set", "lo", "up")
    call("ip", "link", "add", "nodes", "type", "bridge")
    call("ip", "address", "add", f"{BRIDGE}/24", "dev", "nodes")
    call("ip", "link", "set", "nodes", "up")
    pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1", encoding="utf-8")


@dataclasses.dataclass
class Node:
    """A node: its labels and taint say which pool of the chart it belongs to."""
    name: str
    pool: str
    images: tuple
    number: int = 0
    holder: int = 0
    home: pathlib.Path = None

    @property
    def address(self):
        return f"10.77.0.{10 + self.number}"

    @property
    def pods(self):
        return f"10.78.{self.number}"

    def inside(self, *words):
        """The words of a command that runs in this node's namespaces."""
        spaces = f"/proc/{self.holder}/ns"
        return ["nsenter", f"--net={spaces}/net", f"--mount={spaces}/mnt", *map(str, words)]

    def call(self, *words):
        return call(*self.inside(*words))


class Nodes:
    def __init__(self, plane, images, cgroup):
        self.plane = plane
        self.images = images
        self.cgroup = cgroup
        self.nodes = []

    def start(self, nodes):
        self.make_pause_image()
        self.plane.run_until_stop("coredns", self.plane.tools / "coredns", "-conf",
                                  self.write("Corefile", COREDNS.format(
                                      bridge=BRIDGE, kubeconfig=self.plane.kubeconfig)))
        for number, node in enumerate(nodes):
            node.number = number
            node.home = self.plane.home / node.name
            self.make_namespaces(node)
            self.start_containerd(node)
            self.nodes.append(node)
        for node in nodes:
            self.import_images(node)
            self.start_kubelet(node)
            self.start_proxy(node)
        wait_for("all nodes are ready", self.are_ready)

    def named(self, name):
        return next(node for node in self.nodes if node.name == name)

    def are_ready(self):
        ready = [one for one in self.plane.get("nodes") for condition in one["status"]["conditions"]
                 if condition["type"] == "Ready" and condition["status"] == "True"]
        return len(ready) == len(self.nodes)

    def write(self, name, text):
        path = self.plane.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return path

    def make_namespaces(self, node):
        for place in ("lib", "log", "cni", "plugins"):
            (node.home / place).mkdir(parents=True)
        holder = self.plane.run_until_stop(f"{node.name}-holder", "unshare", "--net", "--mount",
                                           "sleep", "infinity")
        node.holder = holder.pid
        own = os.readlink("/proc/self/ns/net")
        wait_for("the node has its namespaces",
                 lambda: os.readlink(f"/proc/{holder.pid}/ns/net") != own
                 and pathlib.Path(f"/proc/{holder.pid}/comm").read_text().strip() == "sleep")
        self.connect(node)
        self.mount(node)

    def connect(self, node):
        outside = f"node{node.number}"
        call("ip", "link", "add", "name", outside, "type", "veth", "peer", "name", "eth0", "netns",
             str(node.holder))
        call("ip", "link", "set", outside, "master", "nodes", "up")
        node.call("ip", "link", "set", "lo", "up")
        node.call("ip", "address", "add", f"{node.address}/24", "dev", "eth0")
        node.call("ip", "link", "set", "eth0", "up")
        node.call("ip", "route", "add", "default", "via", BRIDGE)
        node.call("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        call("ip", "route", "add", f"{node.pods}.0/24", "via", node.address)
        self.write(f"{node.name}/cni/10-pods.conf", {
            "cniVersion": "0.4.0", "name": "pods", "type": "bridge", "bridge": "pods",
            "isGateway": True,
            "ipam": {"type": "host-local", "subnet": f"{node.pods}.0/24",
                     "routes": [{"dst": "0.0.0.0/0"}]}})

    def mount(self, node):
        node.call("mount", "-t", "tmpfs", "tmpfs", "/run")
        node.call("mount", "--bind", node.home / "log", "/var/log")
        node.call("mount", "--bind", node.home / "lib", "/var/lib")
        for setting, value in MACHINE_SETTINGS.items():
            stand_in = self.write(f"{node.name}/settings/{setting}", value + "\n")
            node.call("mount", "--bind", stand_in, f"/proc/sys/{setting}")

    def spawn(self, node, name, *words):
        return self.plane.run_until_stop(f"{node.name}-{name}", *node.inside(*words))

    def start_containerd(self, node):
        config = self.write(f"{node.name}/containerd.toml", CONTAINERD.format(
            pause=PAUSE_IMAGE, plugins=CNI_PLUGINS, home=node.home))
        self.spawn(node, "containerd", "containerd", "--config", config)

    def import_images(self, node):
        wait_for("containerd answers", lambda: subprocess.run(
            node.inside("ctr", "version"), capture_output=True, check=False).returncode == 0)
        for image in (self.plane.home / "pause.tar",
                      *(self.images / f"{part}.oci.tar" for part in node.images)):
            node.call("ctr", "-n", "k8s.io", "images", "import", image)

    def start_kubelet(self, node):
        group = f"{self.cgroup}/{node.name}"
        hierarchies = [CGROUPS] if (CGROUPS / "cgroup.controllers").exists() else [
            one for one in CGROUPS.iterdir() if one.is_dir() and not one.is_symlink()]
        for hierarchy in hierarchies:
            (hierarchy / group).mkdir(parents=True, exist_ok=True)
            # By itself a group weighs as much as one program of the machine, all pods together.
            for weight, value in (("cpu.shares", "32768"), ("cpu.weight", "10000")):
                if (hierarchy / self.cgroup / weight).exists():
                    (hierarchy / self.cgroup / weight).write_text(value, encoding="utf-8")
        config = self.write(f"{node.name}/kubelet.json", {
            "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
            # Nobody but this test is in this network.
            "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
            "authorization": {"mode": "AlwaysAllow"},
            "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
            "cgroupDriver": "cgroupfs", "cgroupRoot": f"/{group}", "failCgroupV1": False,
            "failSwapOn": False, "oomScoreAdj": 0,
            "clusterDNS": [BRIDGE], "clusterDomain": "cluster.local",
            "resolvConf": str(self.write("resolv.conf", f"nameserver {BRIDGE}\n")),
            "volumePluginDir": str(node.home / "plugins"),
            # How full this machine's disk is says nothing of the chart.
            "evictionHard": {"memory.available": "1Mi", "nodefs.available": "1Mi",
                             "imagefs.available": "1Mi"},
            "imageGCHighThresholdPercent": 100,
        })
        self.spawn(node, "kubelet", self.plane.tools / "kubelet", f"--config={config}",
                   f"--kubeconfig={self.plane.kubeconfig}", f"--hostname-override={node.name}",
                   f"--node-ip={node.address}", f"--node-labels=drumline/pool={node.pool}",
                   f"--register-with-taints=drumline/pool={node.pool}:NoSchedule")

    def start_proxy(self, node):
        config = self.write(f"{node.name}/proxy.json", {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": str(self.plane.kubeconfig)},
            "mode": "iptables", "clusterCIDR": "10.78.0.0/16", "hostnameOverride": node.name,
            "oomScoreAdj": 0,
            # These belong to the machine and not to a node of it.
            "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s",
                          "tcpCloseWaitTimeout": "0s"}})
        self.spawn(node, "kube-proxy", self.plane.tools / "kube-proxy", f"--config={config}")

    def make_pause_image(self):
        """The image that holds a pod's namespaces, of a program of two lines."""
        root = self.plane.home / "pause"
        root.mkdir()
        call("cc", "-static", "-Os", "-s", "-o", root / "pause", "-x", "c", "-", text=PAUSE)
        layer = self.plane.home / "layer.tar"
        call("tar", "--create", "--file", layer, "--directory", root, "pause")
        self.write("pause-image/config.json", {
            "architecture": call("dpkg", "--print-architecture").strip(), "os": "linux",
            "config": {"Entrypoint": ["/pause"]},
            "rootfs": {"type": "layers", "diff_ids": [
                "sha256:" + call("sha256sum", layer).split()[0]]}})
        layer.rename(self.plane.home / "pause-image/layer.tar")
        # As `docker save` writes it.
        self.write("pause-image/manifest.json", [
            {"Config": "config.json", "RepoTags": [PAUSE_IMAGE], "Layers": ["layer.tar"]}])
        call("tar", "--create", "--file", self.plane.home / "pause.tar", "--directory",
             self.plane.home / "pause-image", ".")
