"""The oracle as a program on a core of its own, and what it says that it did."""

import dataclasses
import re
import subprocess
import urllib.request

from peers import children, machine

_LABELS = {"p50": "0.5", "p90": "0.9", "p95": "0.95", "p99": "0.99", "p99_9": "0.999",
           "p99_99": "0.9999"}


@dataclasses.dataclass(frozen=True)
class Account:
    """From its /metrics: counts, and times by quantile in microseconds."""
    requests: int
    unstamped: int
    made_us: dict
    lateness_us: dict


def samples(text):
    """{name with its labels: value} of a page in the Prometheus text format."""
    return {name: float(value)
            for name, value in re.findall(r"^([^#\s]\S*) (\S+)$", text, re.MULTILINE)}


def account(text):
    page = samples(text)

    def times(family):
        by_name = {name: 1e6 * page[f'oracle_{family}_seconds{{quantile="{label}"}}']
                   for name, label in _LABELS.items()}
        return {**by_name, "max": 1e6 * page[f"oracle_{family}_max_seconds"]}

    return Account(requests=int(page["oracle_requests_total"]),
                   unstamped=int(page["oracle_unstamped_total"]), made_us=times("made"),
                   lateness_us=times("lateness"))


class Oracle:
    """with Oracle(binary, flags, core) as oracle: … oracle.url … oracle.account() …"""

    path = "/"

    def __init__(self, binary, flags, core):
        self._command = machine.pinned(core, binary, "--port=0", *flags)
        self._program = None
        self.port = 0

    def __enter__(self):
        self._program = children.start(self._command, stdout=subprocess.PIPE, text=True)
        line = self._program.stdout.readline()
        match = re.search(r"listening on (\S+):(\d+)", line)
        if not match:
            self.__exit__()
            raise machine.RunFault(f"'{' '.join(self._command)}' said {line!r} and not where it "
                                   "listens")
        self.port = int(match.group(2))
        return self

    def __exit__(self, *_):
        self._program.kill()  # A drain would wait for answers that nobody reads any more.
        self._program.wait()
        self._program.stdout.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.path}"

    def account(self):
        with urllib.request.urlopen(f"{self.url}metrics", timeout=30) as answer:
            return account(answer.read().decode())
