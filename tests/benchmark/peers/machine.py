"""The machine that is measured on: cores, what else runs there, and programs that are started.

The client has core 0 and the target core 1. CPU time is what the kernel charged.
"""

import contextlib
import dataclasses
import fcntl
import os
import re
import select
import signal
import subprocess
import tempfile
import time

from peers import children

CLIENT_CORE, TARGET_CORE = 0, 1
_TICKS = os.sysconf("SC_CLK_TCK")


class RunFault(Exception):
    """A program could not be run, or ended with a fault."""


def pinned(core, *command):
    return ["taskset", "-c", str(core), *map(str, command)]


def cpu_ticks(stat):
    """Of a program and of its children that have ended, from the text of /proc/PID/stat."""
    fields = stat.rpartition(")")[2].split()
    return [int(field) for field in fields[11:15]]


def busy_seconds():
    """CPU time of all programs, those included that have ended.

    A program that has ended is in its parent's account of its children, so that nothing is lost or
    counted twice. /proc/stat would not do: the kernel fills it by looking which program runs at
    each tick of a timer, and misses half of one that wakes 20,000 times a second for a moment.
    """
    ticks = 0
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                    ticks += sum(cpu_ticks(file.read()))
    return ticks / _TICKS


def program_seconds(pid):
    """CPU time of a program that still runs."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return sum(cpu_ticks(file.read())[:2]) / _TICKS


@dataclasses.dataclass
class Ended:
    output: str
    errors: str
    exit_code: int
    cpu_seconds: float


def run(command, seconds):
    """Runs [command] to its end, at the latest after [seconds]; RunFault if it does not end."""
    # Files and not pipes: nobody has to read while we wait, so that no thread is needed.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        program = children.start(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        try:
            in_time = _ends_within(program.pid, seconds)
        finally:
            # Late, or we are interrupted; nothing happens to one that has ended. Not kill(), which
            # would wait for it.
            os.kill(program.pid, signal.SIGKILL)
            # wait4 and not wait: it tells the CPU time of this one child.
            _, status, usage = os.wait4(program.pid, 0)
            program.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    if not in_time:
        raise RunFault(f"'{' '.join(map(str, command))}' did not end within {seconds:g} s")
    return Ended(*texts, program.returncode, usage.ru_utime + usage.ru_stime)


def _ends_within(pid, seconds):
    """A child that has ended stays to be waited for."""
    descriptor = os.pidfd_open(pid)
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def run_well(command, seconds):
    """The same; RunFault if the exit code is not 0."""
    ended = run(command, seconds)
    if ended.exit_code != 0:
        raise RunFault(f"'{' '.join(command)}' ended with {ended.exit_code}: "
                       f"{(ended.errors or ended.output).strip()[-500:]}")
    return ended


@contextlib.contextmanager
def beside(command):
    """[command] runs meanwhile, and is asked to end afterwards."""
    program = children.start(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    except children.Interrupted:
        program.kill()
        raise
    finally:
        program.terminate()
        program.wait()


class Target:
    """A target that runs on its core: with Target(binary, "/path") as target: … target.url …"""

    def __init__(self, binary, path):
        self._binary = binary
        self.path = path
        self.port = 0
        self._program = None

    def __enter__(self):
        self._program = children.start(pinned(TARGET_CORE, self._binary, "--port=0"),
                                       stdout=subprocess.PIPE, text=True)
        line = self._program.stdout.readline()
        match = re.search(r"listening on (\S+):(\d+)", line)
        if not match:
            self.__exit__()
            raise RunFault(f"{self._binary} said {line!r} and not where it listens")
        self.port = int(match.group(2))
        return self

    def __exit__(self, kind=None, *_):
        # A drain is for one who has the time.
        (self._program.kill if kind is children.Interrupted else self._program.terminate)()
        self._program.wait()
        self._program.stdout.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.path}"

    def cpu_seconds(self):
        return program_seconds(self._program.pid)


def idle_for(seconds, limit_cores, patience):
    """Waits until all programs together take less than [limit_cores] for [seconds].

    False if they do not within [patience] seconds.
    """
    end = time.monotonic() + patience
    while True:
        before, begin = busy_seconds(), time.monotonic()
        time.sleep(seconds)
        if (busy_seconds() - before) / (time.monotonic() - begin) < limit_cores:
            return True
        if time.monotonic() > end:
            return False


@contextlib.contextmanager
def locked(path):
    """Holds the lock of [path], once nobody else does; without a path nothing."""
    if path is None:
        yield
        return
    with open(path, "a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
