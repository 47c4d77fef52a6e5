"""Starts the real programs for a test, and waits for what they say and do.

    echo = Echo(test)                             # listens when the constructor returns
    run = Program(test, "controller", "run", "s.yaml", "--results", "out")
    run.wait_for_line(r"measure .* left")         # on either of its outputs
    run.signal(signal.SIGINT)
    assert run.exit_code() == 4

Every wait is for an event: a line, an end. DEADLINE_S only keeps a test that would wait for ever
from doing so; nothing is asserted about how long a thing takes. What a test started is killed when
the test ends.
"""

import os
import re
import select
import signal
import subprocess
import threading
import time
import urllib.request

DEADLINE_S = 120

# The tests run in their runfiles, whose tree is the workspace's; so is bazel-bin's.
ROOT = os.environ.get("DRUMLINE_BIN", os.getcwd())
PATHS = {
    "controller": "controller/controller",
    "agent": "agent/agent",
    "api": "target-services/api/api",
    "echo": "target-services/echo/echo",
    "echo-dom": "target-services/echo_dom/echo-dom",
    "made_up_agent": "tests/e2e/made_up_agent",
    "floor_target": "tests/benchmark/floor/floor_target",
    "items": "target-services/items/items",
    "oracle": "target-services/oracle/oracle",
    "users": "target-services/users/users",
}


class Program:
    """A running program; [test] is the unittest.TestCase that it belongs to."""

    def __init__(self, test, name, *arguments, prefix=(), **popen):
        """[prefix] is a command that the program is started through: it must end in exec."""
        environment = {k: v for k, v in os.environ.items() if k != "BUILD_WORKING_DIRECTORY"}
        self.test = test
        self._popen = subprocess.Popen(
            [*prefix, os.path.join(ROOT, PATHS[name]), *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, **popen)
        self.pid = self._popen.pid
        self._news = threading.Condition()
        self._lines = {"stdout": [], "stderr": []}
        self._open = 2
        self._readers = [
            threading.Thread(target=self._read, args=(stream, getattr(self._popen, stream)))
            for stream in self._lines
        ]
        for reader in self._readers:
            reader.start()
        test.addCleanup(self.kill)

    def _read(self, stream, pipe):
        for line in pipe:
            with self._news:
                self._lines[stream].append(line.decode("utf-8", "replace"))
                self._news.notify_all()
        pipe.close()
        with self._news:
            self._open -= 1
            self._news.notify_all()

    def stdout(self):
        with self._news:
            return "".join(self._lines["stdout"])

    def stderr(self):
        with self._news:
            return "".join(self._lines["stderr"])

    def _search(self, pattern):
        for lines in self._lines.values():
            for line in lines:
                match = re.search(pattern, line)
                if match:
                    return match
        return None

    def wait_for_line(self, pattern):
        """The match of the first line that [pattern] is found in."""
        with self._news:
            self._news.wait_for(lambda: self._search(pattern) or not self._open, DEADLINE_S)
            match = self._search(pattern)
        if not match:
            self.test.fail(f"no line `{pattern}` came\n{self.stdout()}{self.stderr()}")
        return match

    def signal(self, number):
        self._popen.send_signal(number)

    def exit_code(self):
        """Waits for the end; -N if signal N was it."""
        code = self._popen.wait(DEADLINE_S)
        for reader in self._readers:
            reader.join(DEADLINE_S)
        return code

    def kill(self):
        self._popen.kill()
        self._popen.wait()
        for reader in self._readers:
            reader.join(DEADLINE_S)

    def children(self):
        """What this program has started and still runs, as Witnesses by their command lines."""
        return {w.command: w for w in (Witness.of(pid) for pid in _children_of(self.pid)) if w}


class Witness:
    """Somebody else's program, seen alive; says when it is gone."""

    def __init__(self, pid, descriptor, command):
        self.pid = pid
        self.command = command
        self._descriptor = descriptor

    @staticmethod
    def of(pid):
        try:
            descriptor = os.pidfd_open(pid)
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                return Witness(pid, descriptor, file.read().replace(b"\0", b" ").decode().strip())
        except (ProcessLookupError, FileNotFoundError):
            return None

    def wait_until_gone(self, deadline_s=DEADLINE_S):
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return bool(poll.poll(deadline_s * 1000))

    def signal(self, number):
        signal.pidfd_send_signal(self._descriptor, number)

    def __del__(self):
        os.close(self._descriptor)


def _children_of(parent):
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as file:
                # The name is in parentheses and may hold anything; state and parent follow it.
                state, ppid = file.read().rpartition(b")")[2].split()[:2]
        except (ProcessLookupError, FileNotFoundError):
            continue
        if int(ppid) == parent and state not in (b"Z", b"X"):
            yield int(entry)


class Echo(Program):
    """An echo service that no controller started."""

    def __init__(self, test, host="127.0.0.1", **popen):
        super().__init__(test, "echo", "--threads", "1", "--host", host, **popen)
        line = self.wait_for_line(rf"listening on {re.escape(host)}:(\d+)")
        self.port = int(line.group(1))
        self.url = f"http://{host}:{self.port}/echo"
        self.metrics_url = f"http://{host}:{self.port}/metrics"

    def requests_total(self):
        """How many requests for /echo it has answered, by its own books."""
        with urllib.request.urlopen(self.metrics_url, timeout=DEADLINE_S) as answer:
            return self.count_requests(answer.read().decode())

    @staticmethod
    def count_requests(text):
        return sum(int(count)
                   for count in re.findall(r'^http_requests_total\{path="/echo",.*\} (\d+)$', text,
                                           re.MULTILINE))


def wait_until(condition, what):
    """For what has no event to wait for. Polls; fails the test only when DEADLINE_S has passed."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.01)
