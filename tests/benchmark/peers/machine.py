"""The machine that is measured on: cores, what else runs there, and programs that are started.

The client has core 0 and the target core 1. CPU time is what the kernel charged.
"""

import contextlib
import dataclasses
import fcntl
import os
import re
import subprocess
import threading
import time

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
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace") as program:
        errors = []
        reader = threading.Thread(target=lambda: errors.append(program.stderr.read()))
        timer = threading.Timer(seconds, program.kill)
        try:
            reader.start()
            timer.start()
            output = program.stdout.read()
            # wait4 and not wait: it tells the CPU time of this one child.
            _, status, usage = os.wait4(program.pid, 0)
            program.returncode = os.waitstatus_to_exitcode(status)
            in_time = timer.is_alive()
        except BaseException:
            program.kill()  # Also when we are interrupted: nothing is left running.
            raise
        finally:
            timer.cancel()
        reader.join()
    if not in_time:
        raise RunFault(f"'{' '.join(command)}' did not end within {seconds:.0f} s")
    return Ended(output, errors[0], program.returncode, usage.ru_utime + usage.ru_stime)


def run_well(command, seconds):
    """The same; RunFault if the exit code is not 0."""
    ended = run(command, seconds)
    if ended.exit_code != 0:
        raise RunFault(f"'{' '.join(command)}' ended with {ended.exit_code}: "
                       f"{(ended.errors or ended.output).strip()[-500:]}")
    return ended


class Target:
    """A target that runs on its core: with Target(binary, "/path") as target: … target.url …"""

    def __init__(self, binary, path):
        self._binary = binary
        self.path = path
        self.port = 0
        self._program = None

    def __enter__(self):
        self._program = subprocess.Popen(pinned(TARGET_CORE, self._binary, "--port=0"),
                                         stdout=subprocess.PIPE, text=True)
        line = self._program.stdout.readline()
        match = re.search(r"listening on (\S+):(\d+)", line)
        if not match:
            self.__exit__()
            raise RunFault(f"{self._binary} said {line!r} and not where it listens")
        self.port = int(match.group(2))
        return self

    def __exit__(self, *_):
        self._program.terminate()
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
