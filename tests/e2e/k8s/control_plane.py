"""A Kubernetes control plane of this machine for as long as a test lasts: etcd, kube-apiserver and
kube-controller-manager, on loopback or on an address of a network that the test made. By itself it
has no kubelet and no scheduler: pods are made and admitted, and stay Pending; a test may play the
kubelet by writing their status, or start a scheduler and nodes (nodes.py).

    with ControlPlane(pathlib.Path(tools)) as plane:
        plane.kubectl("get", "namespaces")
        plane.helm("install", …)

Everything lies in a temporary directory and ends with the block, however it ends.
"""

import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time

DEADLINE_S = 180
TOKEN = "loopback-only"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, condition, deadline_s=DEADLINE_S):
    """Returns the condition's first true value; asks again until the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        time.sleep(0.2)


class ControlPlane:
    def __init__(self, tools, address="127.0.0.1"):
        self.tools = tools
        self.address = address
        self.scratch = tempfile.TemporaryDirectory(prefix="drumline-k8s-")
        self.home = pathlib.Path(self.scratch.name)
        self.kubeconfig = self.home / "kubeconfig"
        self.running = []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        store, peer, api, controllers = (free_port() for _ in range(4))
        self.write_credentials(api)
        self.spawn("etcd", f"--data-dir={self.home}/etcd", "--unsafe-no-fsync",
                   f"--listen-client-urls=http://127.0.0.1:{store}",
                   f"--advertise-client-urls=http://127.0.0.1:{store}",
                   f"--listen-peer-urls=http://127.0.0.1:{peer}",
                   f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
                   f"--initial-cluster=default=http://127.0.0.1:{peer}")
        self.spawn("kube-apiserver", f"--etcd-servers=http://127.0.0.1:{store}",
                   f"--bind-address={self.address}", f"--secure-port={api}",
                   "--kubelet-preferred-address-types=InternalIP",
                   "--endpoint-reconciler-type=none", f"--cert-dir={self.home}/certs",
                   "--service-cluster-ip-range=10.96.0.0/16", "--authorization-mode=RBAC",
                   f"--token-auth-file={self.home}/tokens.csv",
                   "--service-account-issuer=https://kubernetes.default.svc",
                   f"--service-account-key-file={self.home}/accounts.key",
                   f"--service-account-signing-key-file={self.home}/accounts.key")
        wait_for("kube-apiserver is ready", self.is_ready)
        self.spawn("kube-controller-manager", f"--kubeconfig={self.kubeconfig}",
                   "--bind-address=127.0.0.1", f"--secure-port={controllers}",
                   "--leader-elect=false",
                   f"--service-account-private-key-file={self.home}/accounts.key",
                   f"--cert-dir={self.home}/manager-certs")

    def start_scheduler(self):
        self.spawn("kube-scheduler", f"--kubeconfig={self.kubeconfig}", "--leader-elect=false",
                   "--bind-address=127.0.0.1", f"--secure-port={free_port()}",
                   f"--cert-dir={self.home}/scheduler-certs")

    def write_credentials(self, port):
        subprocess.run(["openssl", "genrsa", "-out", self.home / "accounts.key", "2048"],
                       check=True, capture_output=True)
        (self.home / "tokens.csv").write_text(f"{TOKEN},admin,admin,system:masters\n",
                                              encoding="utf-8")
        server = {"server": f"https://{self.address}:{port}", "insecure-skip-tls-verify": True}
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "here",
            "clusters": [{"name": "here", "cluster": server}],
            "users": [{"name": "admin", "user": {"token": TOKEN}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "admin"}}],
        }
        self.kubeconfig.write_text(json.dumps(config), encoding="utf-8")

    def spawn(self, name, *flags):
        self.run_until_stop(name, self.tools / name, *flags)

    def run_until_stop(self, name, *words):
        """Starts a program that ends with the control plane; NAME is that of its log."""
        log = open(self.home / f"{name}.log", "wb")
        program = subprocess.Popen(list(words), stdout=log, stderr=log, cwd=self.home)
        self.running.append((name, program, log))
        return program

    def is_ready(self):
        for name, program, _ in self.running:
            if program.poll() is not None:
                raise AssertionError(f"{name} ended: {self.log_of(name)}")
        return self.try_kubectl("get", "--raw=/readyz").returncode == 0

    def log_of(self, name):
        return (self.home / f"{name}.log").read_text(errors="replace")[-3000:]

    def stop(self):
        for _, program, log in reversed(self.running):
            program.terminate()
            try:
                program.wait(timeout=20)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
            log.close()
        self.running = []
        self.scratch.cleanup()

    def run(self, program, words, text=None):
        environment = {**os.environ, "KUBECONFIG": str(self.kubeconfig),
                       "HELM_CACHE_HOME": str(self.home / "helm"),
                       "HELM_CONFIG_HOME": str(self.home / "helm"),
                       "HELM_DATA_HOME": str(self.home / "helm")}
        return subprocess.run([self.tools / program, *words], input=text, capture_output=True,
                              text=True, timeout=DEADLINE_S, check=False, env=environment)

    def try_kubectl(self, *words, text=None):
        return self.run("kubectl", words, text)

    def kubectl(self, *words, text=None):
        return self.succeed("kubectl", words, text)

    def helm(self, *words):
        return self.succeed("helm", words)

    def succeed(self, program, words, text=None):
        done = self.run(program, words, text)
        if done.returncode != 0:
            raise AssertionError(f"{program} {' '.join(map(str, words))}: {done.stderr}")
        return done.stdout

    def get(self, *words):
        """The objects that `kubectl get` names, or the one."""
        found = json.loads(self.kubectl("get", *words, "-o", "json"))
        return found["items"] if found["kind"] == "List" else found

    def left_in(self, namespace):
        """What is in a namespace beyond what every namespace has, and is not being deleted."""
        kinds = ("statefulset,job,pod,service,configmap,secret,serviceaccount,networkpolicy,"
                 "persistentvolumeclaim,poddisruptionbudget")
        return {f'{one["kind"]}/{one["metadata"]["name"]}'
                for one in self.get("-n", namespace, kinds)
                if "deletionTimestamp" not in one["metadata"]} - {
                    "ConfigMap/kube-root-ca.crt", "ServiceAccount/default"}
