"""drumline-fleet for real: over SSH, to network namespaces with an sshd each for hosts.

Namespaces share this machine's files, so each host has a prefix of its own; systemd is not started
in them, so programs are supervised by drumline-host itself (--no-systemd). All traffic stays within
the namespaces, which the test makes and removes. Needs root.
"""

import glob
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

BIN = os.environ.get("DRUMLINE_BIN", "bazel-bin")
FLEET = "deploy/bare-metal/drumline-fleet"
HOSTS = {"controller": "10.77.0.2", "target-a": "10.77.0.10", "generator-1": "10.77.0.21"}
ABSENT = {"generator-2": "10.77.0.22"}
ENVIRONMENT = """name: lab
machines:
  here: {cpu: this machine, architecture: x86_64, cores: 1, memory: 1GiB}
hosts:
  controller: {role: controller, machine: here, address: 10.77.0.2, ports: {agents: 7070}}
  target-a: {role: target, machine: here, address: 10.77.0.10, ports: {echo: 8080}, cores: "0"}
  generator-1: {role: generator, machine: here, address: 10.77.0.21}
"""
SCENARIO = """name: across
environment: lab
target: {host: target-a}
request:
  {method: POST, headers: {content-type: application/json}, body: {size: 256B}}
load: {rate: 100/s, connections: 4}
measure: 2s
cluster: {listen: "10.77.0.2:7070", wait: 1m}
agents: {max_send_lag: "p99 < 1s"}
"""
REQUESTS = 200
PATIENCE_SECONDS = 60


def run(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, text=True, **options)


class BareMetalTest(unittest.TestCase):

    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="drumline-"))
        self.addCleanup(shutil.rmtree, self.scratch)
        self.tag = f"dl{os.getpid()}"
        (self.scratch / "environments").mkdir()
        self.environment = self.scratch / "environments/lab.yaml"
        self.environment.write_text(ENVIRONMENT)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.scratch / "key")
        shutil.copy(self.scratch / "key.pub", self.scratch / "authorized_keys")
        os.makedirs("/run/sshd", exist_ok=True)
        run(f"{BIN}/controller/controller", "certs", "init", self.scratch / "pki",
            "--agents", "generator-1,generator-2", "--hosts", HOSTS["controller"])
        self.make_network()
        for name in HOSTS:
            self.start_sshd(name)

    def space(self, name):
        return f"{self.tag}-{name}"

    def inside(self, name, *words):
        """The words as a command in the host's namespace."""
        return ["nsenter", f"--net=/run/netns/{self.space(name)}", "--", *map(str, words)]

    def make_network(self):
        """A switch and a cable from it to each host."""
        for name in ("switch", *HOSTS):
            run("ip", "netns", "add", self.space(name))
            self.addCleanup(run, "ip", "netns", "delete", self.space(name))
        switch = self.space("switch")
        run("ip", "-n", switch, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", switch, "link", "set", "br0", "up")
        for i, (name, address) in enumerate(HOSTS.items()):
            space = self.space(name)
            run("ip", "-n", space, "link", "add", "eth0", "type", "veth",
                "peer", "name", f"port{i}", "netns", switch)
            run("ip", "-n", switch, "link", "set", f"port{i}", "master", "br0", "up")
            run("ip", "-n", space, "address", "add", f"{address}/24", "dev", "eth0")
            run("ip", "-n", space, "link", "set", "eth0", "up")
            run("ip", "-n", space, "link", "set", "lo", "up")

    def start_sshd(self, name):
        config = self.scratch / f"sshd-{name}"
        config.write_text(
            f"ListenAddress {HOSTS[name]}:22\nHostKey {self.scratch}/key\n"
            f"AuthorizedKeysFile {self.scratch}/authorized_keys\nPidFile none\nUsePAM no\n"
            "StrictModes no\nPermitRootLogin prohibit-password\nPasswordAuthentication no\n")
        sshd = subprocess.Popen(self.inside(name, "/usr/sbin/sshd", "-D", "-e", "-f", config),
                                stderr=subprocess.DEVNULL)
        self.addCleanup(sshd.wait)
        self.addCleanup(sshd.terminate)
        deadline = time.monotonic() + PATIENCE_SECONDS
        probe = self.inside("controller", "ssh", *self.ssh_options().split(), HOSTS[name], "true")
        while subprocess.run(probe, capture_output=True, check=False).returncode != 0:
            self.assertLess(time.monotonic(), deadline, f"{name} has no sshd")

    def ssh_options(self):
        return (f"-i {self.scratch}/key -o IdentitiesOnly=yes -o UserKnownHostsFile=/dev/null "
                "-o StrictHostKeyChecking=no -o LogLevel=ERROR")

    def fleet(self, action, code, *more):
        words = self.inside(
            "controller", FLEET, action, self.environment, "--no-systemd", "--bin", BIN,
            "--user", "root", "--prefix", f"{self.scratch}/hosts/{{host}}",
            "--pki", self.scratch / "pki", "--ssh-options", self.ssh_options(), *more)
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def settings(self, name):
        lines = [line for file in pathlib.Path("deploy/tuning").glob("*.conf")
                 for line in file.read_text().splitlines()]
        names = [line.split("=")[0].strip() for line in lines if line and line[0] != "#"]
        return run(*self.inside(name, "sysctl", *sorted(names))).stdout

    def programs(self):
        """Programs that run out of the hosts' prefixes."""
        found = []
        for exe in glob.glob("/proc/[0-9]*/exe"):
            try:
                path = os.readlink(exe)
            except OSError:
                continue
            if path.startswith(str(self.scratch)):
                found.append(path.rsplit("/", 1)[1])
        return sorted(found)

    def test_from_bare_hosts_to_a_report_and_back(self):
        self.addCleanup(self.fleet, "remove", 0)
        before = {name: self.settings(name) for name in HOSTS}
        self.assertIn("does not run", self.fleet("check", 1))
        self.assertIn("done: echo started", self.fleet("install", 0))
        self.assertEqual(self.programs(), ["agent", "echo"])
        again = self.fleet("install", 0)
        self.assertIn("as it was: echo runs", again)
        self.assertNotIn("done:", again)
        self.assertNotIn("wrong", self.fleet("check", 0))

        self.assertIn("ip_local_port_range = 1024 65535 (was", self.fleet("tune", 0))
        self.assertNotIn("done:", self.fleet("tune", 0))
        self.assertNotIn("note: net.", self.fleet("check", 0))
        self.assertNotEqual(self.settings("generator-1"), before["generator-1"])

        self.run_scenario()

        self.fleet("untune", 0)
        self.assertEqual({name: self.settings(name) for name in HOSTS}, before)
        self.fleet("tune", 0)
        self.fleet("remove", 0)
        self.assertEqual(self.programs(), [])
        self.assertEqual(list((self.scratch / "hosts").iterdir()), [])
        self.assertEqual({name: self.settings(name) for name in HOSTS}, before)
        self.assertIn("as it was: nothing is installed", self.fleet("remove", 0))

    def run_scenario(self):
        scenario = self.scratch / "across.yaml"
        scenario.write_text(SCENARIO)
        keys = self.scratch / "hosts/controller/tls"
        done = subprocess.run(
            self.inside("controller", f"{BIN}/controller/controller", scenario,
                        "--results", self.scratch / "results", "--tls-cert", keys / "tls.crt",
                        "--tls-key", keys / "tls.key", "--tls-ca", keys / "ca.crt"),
            capture_output=True, text=True, check=False)
        # A machine that is busy with other tests may make it INVALID or INCONCLUSIVE.
        log = (self.scratch / "hosts/generator-1/log/agent.log").read_text()
        self.assertIn(done.returncode, (0, 3, 4), done.stdout + done.stderr + log)
        report = json.loads(next((self.scratch / "results").glob("*/report.json")).read_text())
        self.assertEqual(report["runs"][0]["ledger"]["scheduled"], str(REQUESTS))
        self.assertEqual(report["runs"][0]["ledger"]["ok"], str(REQUESTS))

    def test_a_host_that_fails_is_named_and_the_rest_go_on(self):
        self.addCleanup(self.fleet, "remove", 1)
        absent = "".join(f"  {name}: {{role: generator, machine: here, address: {address}}}\n"
                         for name, address in ABSENT.items())
        self.environment.write_text(ENVIRONMENT + absent)
        said = self.fleet("install", 1)
        self.assertIn("generator-2 (10.77.0.22): FAILED", said)
        self.assertIn("3 of 4 hosts; failed: generator-2", said)
        self.assertEqual(self.programs(), ["agent", "echo"])

    def test_what_cannot_start_says_why(self):
        self.addCleanup(self.fleet, "remove", 0)
        # The port of its sshd.
        self.environment.write_text(ENVIRONMENT.replace("echo: 8080", "echo: 22"))
        self.assertIn("cannot: echo did not start", self.fleet("install", 1, "--hosts", "target-a"))


RECORDER = """#!/bin/bash
echo "${0##*/} $*" >>"$RECORD"
case "$*" in
  *Package*) echo drumline-agent ;;
  *is-active*) [[ -e $RECORD.active ]] ;;
  *restart*) touch "$RECORD.active" ;;
esac
"""


class UnitsOnAHostTest(unittest.TestCase):
    """What drumline-host does where there is systemd, with recorders for systemctl and apt and
    a /etc and a /run of its own: systemd itself is not there."""

    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="drumline-"))
        self.addCleanup(shutil.rmtree, self.scratch)
        for name in ("systemctl", "apt-get", "dpkg-query"):
            path = self.scratch / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(RECORDER)
            path.chmod(0o755)
        (self.scratch / "host/packages").mkdir(parents=True)
        (self.scratch / "host/packages/drumline-agent_amd64.deb").write_text("a package")
        (self.scratch / "etc").mkdir()

    def host(self, action, *more):
        """Its output, and the commands that it gave."""
        record = self.scratch / "record"
        record.write_text("")
        within = (f"mount --bind {self.scratch}/etc /etc && mount -t tmpfs none /run && "
                  "mkdir -p /run/systemd/system && exec bash -s -- \"$@\"")
        done = subprocess.run(
            ["unshare", "--mount", "bash", "-c", within, "-", action, "--role", "ROLE_GENERATOR",
             "--name", "g1", "--prefix", f"{self.scratch}/host", "--cores", "2-3,6",
             "--unit", "agent", "--arguments",
             "--controller=10.0.1.2:7070 --id=g1 --allow=10.0.1.10:8080", *more],
            input=pathlib.Path("deploy/bare-metal/drumline-host").read_text(), text=True,
            env={"PATH": f"{self.scratch}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                 "RECORD": str(record)}, stdout=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout, record.read_text()

    def test_install_again_and_remove(self):
        _, commands = self.host("install")
        self.assertRegex(commands, r"apt-get .*install .*drumline-agent_amd64.deb\n")
        self.assertIn("systemctl restart drumline-agent.service\n", commands)
        self.assertEqual((self.scratch / "etc/drumline/agent.env").read_text(),
                         "DRUMLINE_CONTROLLER=10.0.1.2:7070\n"
                         "DRUMLINE_ARGS=--id=g1 --allow=10.0.1.10:8080\n")
        drop_in = self.scratch / "etc/systemd/system/drumline-agent.service.d/cpus.conf"
        self.assertEqual(drop_in.read_text(), "[Service]\nCPUAffinity=2-3 6\n")

        said, commands = self.host("install")
        self.assertIn("as it was: drumline-agent.service runs", said)
        self.assertNotIn("done:", said)
        self.assertNotIn("restart", commands)
        self.assertNotIn("apt-get", commands)

        _, commands = self.host("install", "--cores", "4")
        self.assertIn("systemctl restart drumline-agent.service", commands)

        _, commands = self.host("remove")
        self.assertIn("disable --now --quiet drumline-agent.service", commands)
        self.assertIn("apt-get -qq purge -y drumline-agent", commands)
        self.assertFalse((self.scratch / "host").exists())
        self.assertEqual([path for path in (self.scratch / "etc").rglob("*") if path.is_file()], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
