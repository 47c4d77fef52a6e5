"""The programs tell whoever started them when they are ready, as units of Type=notify have to.

The supervisor's end of the protocol is a datagram socket, here as under systemd.
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

BIN = pathlib.Path(os.environ.get("DRUMLINE_BIN", "bazel-bin"))
SERVICES = {name: BIN / "target-services" / name.replace("-", "_") / name
            for name in ("echo", "echo-dom", "api", "items", "oracle")}
SCENARIO = """name: ready
target: {url: "http://127.0.0.1:1/"}
request: {}
load: {rate: 1/s}
measure: 1s
cluster: {listen: "127.0.0.1:0", wait: 1m}
"""
PATIENCE_SECONDS = 60


class ReadinessTest(unittest.TestCase):

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)

    def listen(self, address):
        supervisor = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(supervisor.close)
        supervisor.settimeout(PATIENCE_SECONDS)
        supervisor.bind(address)
        return supervisor

    def start(self, notify, *words):
        program = subprocess.Popen(
            [*map(str, words)], env={**os.environ, "NOTIFY_SOCKET": notify},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        return program

    def assert_ready_then_stops(self, supervisor, program, last=b"STOPPING=1"):
        self.assertEqual(supervisor.recv(4096), b"READY=1")
        program.send_signal(signal.SIGTERM)
        if last:
            self.assertEqual(supervisor.recv(4096), last)
        program.wait(PATIENCE_SECONDS)

    def test_services(self):
        for name, path in SERVICES.items():
            with self.subTest(name):
                supervisor = self.listen(str(self.scratch / name))
                program = self.start(str(self.scratch / name), path, "--port=0")
                self.assert_ready_then_stops(
                    supervisor, program, b"" if name == "oracle" else b"STOPPING=1")

    def test_a_socket_without_a_file(self):
        name = f"drumline-readiness-{os.getpid()}"
        supervisor = self.listen("\0" + name)
        program = self.start("@" + name, SERVICES["echo"], "--port=0")
        self.assert_ready_then_stops(supervisor, program)

    def test_a_supervisor_that_is_gone_stops_nobody(self):
        program = self.start(str(self.scratch / "gone"), SERVICES["echo"], "--port=0")
        self.assertIn("NOTIFY_SOCKET could not be told", program.stderr.readline())
        self.assertIsNone(program.poll())

    def test_a_port_that_is_taken_is_never_ready(self):
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        supervisor = self.listen(str(self.scratch / "taken"))
        program = self.start(str(self.scratch / "taken"), SERVICES["echo"],
                             f"--port={taken.getsockname()[1]}")
        self.assertEqual(program.wait(PATIENCE_SECONDS), 5)
        supervisor.setblocking(False)
        with self.assertRaises(BlockingIOError):
            supervisor.recv(4096)

    def test_agent(self):
        supervisor = self.listen(str(self.scratch / "agent"))
        program = self.start(str(self.scratch / "agent"), BIN / "agent/agent",
                             "--controller", "127.0.0.1:1", "--id", "a")
        self.assert_ready_then_stops(supervisor, program, b"")

    def test_controller_of_a_cluster(self):
        scenario = self.scratch / "ready.yaml"
        scenario.write_text(SCENARIO)
        supervisor = self.listen(str(self.scratch / "controller"))
        program = self.start(str(self.scratch / "controller"), BIN / "controller/controller",
                             scenario, "--results", self.scratch / "results")
        self.assert_ready_then_stops(supervisor, program, b"")


if __name__ == "__main__":
    missing = [str(path) for path in SERVICES.values() if not path.exists()]
    if missing:
        print(f"skipped: {missing[0]} is not built (bazel build //...)")
        sys.exit(77)
    unittest.main(verbosity=2)
