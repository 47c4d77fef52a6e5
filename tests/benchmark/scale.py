#!/usr/bin/env python3
"""What a controller costs with 10, 100 and 1,000 agents, on this machine.

    bazel build //controller //tests/benchmark/scale:simulated_fleet
    python3 tests/benchmark/scale.py                       # the curve
    python3 tests/benchmark/scale.py 1000 --seconds 60
    python3 tests/benchmark/scale.py --soak 50             # 30 minutes of 50 agents, in a hurry

A real controller carries a campaign out with a cluster of N agents that dial it over gRPC, a
connection each. The agents are simulated, all in one program of its own: they send no load, but
report as ones that do, an interval a second, at the common beat, with histograms as wide as real
ones ({requests} requests a second each). So what is measured is the controller: checking, merging,
writing and syncing, acknowledging.

The controller is kept to one core and the agents to another. CPU is the controller program's own,
all its threads, a second of the measured window; the way of an interval is timed by the agents from
handing it to gRPC until its acknowledgement is read. All agents report at the same instant: the
last one of a second waits for all others, so that p99 is about the time that a whole second's
intervals take.

With --soak N time goes as fast as the controller takes it: {soak_minutes} minutes of N agents,
each of which reports as soon as it was acknowledged. Printed is the controller's memory over time.

Exit codes: 0 done, 1 the counts are not what the plan says, 2 wrong command line, 5 something could
not be run.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

from peers import arguments

# In a test the tree of runfiles is that of bazel-bin.
ROOT = pathlib.Path(os.getcwd() if "TEST_SRCDIR" in os.environ else
                    pathlib.Path(__file__).resolve().parents[2] / "bazel-bin")
CONTROLLER = "controller/controller"
FLEET = "tests/benchmark/scale/simulated_fleet"
EXIT_FAILED, EXIT_UNUSABLE = 1, 5

REQUESTS_EACH = 10_000
WARMUP_S = 2
SOAK_MINUTES = 30
# A start that is common lies so long after the last agent is ready.
LEAD_S = 0.5
SAMPLE_EVERY_S = 0.25
DEADLINE_S = 570
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class ScaleFault(Exception):
    """Something could not be run, or its counts are wrong."""


@dataclasses.dataclass(frozen=True)
class Sample:
    at: float
    cpu_s: float
    rss: int
    # Of the bundle's intervals.
    bytes: int


@dataclasses.dataclass(frozen=True)
class Result:
    agents: int
    # What the fleet counted.
    tally: dict
    report: dict
    samples: list
    # When all agents were armed.
    armed_at: float
    seconds: int

    def window(self):
        """The samples of the measured window, without its ends."""
        begin = self.armed_at + LEAD_S + WARMUP_S + 1
        end = self.armed_at + LEAD_S + WARMUP_S + self.seconds - 0.5
        inside = [sample for sample in self.samples if begin <= sample.at <= end]
        if len(inside) < 2:
            raise ScaleFault("the window was too short for two samples")
        return inside

    def per_second(self, field):
        first, last = self.window()[0], self.window()[-1]
        return (getattr(last, field) - getattr(first, field)) / (last.at - first.at)

    def faults(self):
        """What does not agree with the plan; all of it counts, none of it time."""
        seconds = WARMUP_S + self.seconds
        due = self.agents * REQUESTS_EACH * self.seconds
        run = self.report["runs"][0]
        ledger = run["ledger"]
        expected = {
            "intervals sent": (self.tally["sent"], self.agents * seconds),
            "intervals acknowledged": (self.tally["acknowledged"], self.agents * seconds),
            "requests told of": (self.tally["measured"], due),
            "requests in the report": (int(ledger["scheduled"]), due),
            "ok in the report": (int(ledger["ok"]), due),
            "response times in the report": (int(run["response_time"]["count"]), due),
            "requests of the warm-up": (int(run["warmup_ledger"]["scheduled"]),
                                        self.agents * REQUESTS_EACH * WARMUP_S),
            "agents in the report": (len(run["agents"]), self.agents),
        }
        return [f"{what}: {found}, expected {wanted}" for what, (found, wanted) in expected.items()
                if found != wanted]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def scenario(agents, seconds, port):
    # JSON is YAML. Nobody asks the target.
    return json.dumps({
        "name": "scale",
        "target": {"url": "http://127.0.0.1:9/"},
        "request": {"method": "GET"},
        "load": {"rate": f"{agents * REQUESTS_EACH}/s", "connections": agents},
        "warmup": f"{WARMUP_S}s",
        "measure": f"{seconds}s",
        "agents": {"count": agents, "max_send_lag": "p99 < 1m"},
        "cluster": {"listen": f"127.0.0.1:{port}", "wait": "5m"},
        "validity": {"min_idle_percent": 0, "max_hiccup": "p99 < 1m", "max_start_skew": "10s",
                     "max_drift_percent": 0},
    })


def sample_of(pid, intervals):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    size = intervals.stat().st_size if intervals else 0
    return Sample(time.monotonic(), (int(fields[11]) + int(fields[12])) / TICKS,
                  int(fields[21]) * PAGE, size)


class Sampler:
    """Looks at a program until it is told to stop, on a thread of its own."""

    def __init__(self, pid, directory):
        self.samples = []
        self._pid = pid
        self._directory = directory
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self):
        while not self._stop.wait(SAMPLE_EVERY_S):
            found = list(self._directory.glob("*/intervals.pb"))
            try:
                self.samples.append(sample_of(self._pid, found[0] if found else None))
            except (OSError, IndexError):
                return

    def stop(self):
        self._stop.set()
        self._thread.join()
        return self.samples


def pinned(core):
    """For Popen: keeps the child to one core, where there is more than one."""
    cores = sorted(os.sched_getaffinity(0))
    return lambda: os.sched_setaffinity(0, {cores[core % len(cores)]})


def carry_out(agents, seconds, directory, hurry=False):
    """One campaign; the result, once both programs have ended well."""
    port = free_port()
    path = pathlib.Path(directory)
    (path / "scenario.yaml").write_text(scenario(agents, seconds, port), encoding="utf-8")
    results = path / "results"
    with open(path / "controller.log", "w+", encoding="utf-8") as log, subprocess.Popen(
            [ROOT / CONTROLLER, "run", path / "scenario.yaml", "--results", results], stdout=log,
            stderr=log, preexec_fn=pinned(0)) as controller:
        sampler = Sampler(controller.pid, results)
        try:
            with subprocess.Popen(
                    [ROOT / FLEET, f"--port={port}", f"--agents={agents}",
                     f"--hurry={int(hurry)}"], stdout=subprocess.PIPE, text=True,
                    preexec_fn=pinned(1)) as fleet:
                # Nothing more is told by one that was killed.
                deadline = threading.Timer(DEADLINE_S, fleet.kill)
                deadline.start()
                try:
                    lines, armed_at = told_by(fleet)
                    # A fleet that gave up leaves a controller that waits for it.
                    if fleet.wait() == 0:
                        controller.wait(DEADLINE_S)
                finally:
                    deadline.cancel()
                    fleet.kill()
        except subprocess.TimeoutExpired as late:
            raise ScaleFault(f"not done within {DEADLINE_S} s") from late
        finally:
            controller.kill()
            samples = sampler.stop()
        log.seek(0)
        said = log.read()
    reports = list(results.glob("*/report.json"))
    if fleet.returncode != 0 or not lines or not reports:
        raise ScaleFault(f"the fleet ended with {fleet.returncode}; the controller said:\n{said}")
    report = json.loads(reports[0].read_text(encoding="utf-8"))
    return Result(agents, json.loads(lines[-1]), report, samples, armed_at, seconds)


def told_by(fleet):
    """The fleet's lines, and when it said that all agents are armed."""
    lines, armed_at = [], time.monotonic()
    for line in fleet.stdout:
        if line == "armed\n":
            armed_at = time.monotonic()
        else:
            lines.append(line)
    return lines, armed_at


def milliseconds(us):
    return f"{us / 1e3:,.1f}"


def row(result):
    tally = result.tally
    return [
        f"{result.agents:,}", f"{result.per_second('cpu_s'):.3f}",
        f"{max(sample.rss for sample in result.window()) / 2**20:,.0f}",
        milliseconds(tally["p50_us"]), milliseconds(tally["p99_us"]), milliseconds(tally["max_us"]),
        f"{result.per_second('bytes') / 1e6:,.2f}",
        f"{tally['bytes'] / tally['sent'] / 1e3:,.1f}"
    ]


HEADING = ["agents", "CPU s a second", "RSS MiB", "to acknowledged p50 ms", "p99 ms", "max ms",
           "bundle MB a second", "KB an interval"]


def print_table(rows):
    for cells in [HEADING, ["---:"] * len(HEADING), *rows]:
        print("| " + " | ".join(cells) + " |", flush=True)


def print_memory(result, lines=12):
    """Memory by the intervals that were acknowledged so far, which the bundle's length tells."""
    samples = [sample for sample in result.samples if sample.bytes > 0]
    total = samples[-1].bytes
    print("| simulated minutes | RSS MiB |\n| ---: | ---: |")
    for i in range(1, lines + 1):
        at = next(sample for sample in samples if sample.bytes * lines >= total * i)
        minutes = (WARMUP_S + result.seconds) / 60 * at.bytes / total
        print(f"| {minutes:.1f} | {at.rss / 2**20:,.1f} |")
    wall = samples[-1].at - samples[0].at
    print(f"\n{result.tally['acknowledged']:,} intervals in {wall:.0f} s, "
          f"{result.tally['acknowledged'] / wall:,.0f} a second; "
          f"{(samples[-1].cpu_s - samples[0].cpu_s) / wall:.2f} CPU s a second")


def command_line():
    parser = argparse.ArgumentParser(
        description=__doc__.format(requests=f"{REQUESTS_EACH:,}", soak_minutes=SOAK_MINUTES),
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("agents", nargs="*", type=arguments.whole(1, 1000), metavar="N",
                        help="up to 1000 (default: 10 100 1000)")
    parser.add_argument("--seconds", type=arguments.whole(5), default=30,
                        help="of each measured window (default: 30)")
    parser.add_argument("--soak", type=arguments.whole(1, 1000), metavar="N",
                        help=f"{SOAK_MINUTES} minutes of N agents instead, in a hurry")
    return parser.parse_args()


def checked(result):
    if faults := result.faults():
        raise ScaleFault("\n".join(faults))
    return result


def main():
    line = command_line()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            if line.soak:
                print_memory(checked(carry_out(line.soak, SOAK_MINUTES * 60 - WARMUP_S, scratch,
                                               hurry=True)))
                return 0
            rows = []
            for agents in line.agents or [10, 100, 1000]:
                directory = pathlib.Path(scratch) / str(agents)
                directory.mkdir()
                rows.append(row(checked(carry_out(agents, line.seconds, directory))))
            print_table(rows)
        return 0
    except ScaleFault as fault:
        print(f"scale.py: {fault}", file=sys.stderr)
        return EXIT_FAILED
    except OSError as fault:
        print(f"scale.py: {fault}", file=sys.stderr)
        return EXIT_UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
