"""The programs that are compared: how each is started for one run.

A contender is a name, the name of the floor that it is compared with, and a function from a Bench
and a Point to Figures. All send the same body over the same number of connections for the same
time, on one core.
"""

import dataclasses
import pathlib
import shutil
import socket
import tempfile
from typing import Callable, Optional

from peers import machine, outputs
from peers.figures import Quantiles

# What a program may take beyond the seconds in which it sends.
GRACE_SECONDS = 30
# ab keeps a record for each request that it might send.
AB_REQUESTS_PER_SECOND = 400_000


class Unfit(Exception):
    """A contender that cannot take part, and why."""


@dataclasses.dataclass(frozen=True)
class Point:
    """What all contenders of a table are asked for; without a rate as fast as the answers come."""
    title: str
    connections: int
    rate: Optional[int] = None


@dataclasses.dataclass
class Bench:
    """Where a run takes place."""
    root: pathlib.Path
    target: machine.Target
    body: pathlib.Path
    seconds: int
    directory: pathlib.Path  # For files of a run.

    def built(self, path):
        return self.root / "bazel-bin" / path

    def limit(self):
        return self.seconds + GRACE_SECONDS


@dataclasses.dataclass(frozen=True)
class Contender:
    name: str
    # The floor of the same round whose CPU time is taken for 1.
    base: str
    run: Callable
    # Beyond the seconds in which it sends.
    extra_seconds: float = 0.3
    # The program of the PATH that it needs.
    needs: Optional[str] = None

    def missing(self):
        return self.needs is not None and shutil.which(self.needs) is None


def floor_name(engine, pacing=None):
    return f"floor, {engine}" + (f", {pacing}" if pacing else "")


def floor(engine, pacing=None, wait="timerfd", tick_us=1000):
    """The bare client; without a pacing in a closed loop."""
    def run(bench, point):
        command = [bench.built("tests/benchmark/floor/floor_client"),
                   f"--port={bench.target.port}", f"--path={bench.target.path}",
                   f"--body-file={bench.body}", f"--engine={engine}",
                   f"--connections={point.connections}", f"--seconds={bench.seconds}"]
        if pacing:
            command += ["--mode=rate", f"--rate={point.rate}", f"--pacing={pacing}"]
            command += [f"--tick-us={tick_us}"] if pacing == "coalesced" else []
            command += [f"--wait={wait}"] if engine == "epoll" else []
        return outputs.read_floor(
            machine.run_well(machine.pinned(machine.CLIENT_CORE, *command), bench.limit()).output)
    return Contender(floor_name(engine, pacing), floor_name("epoll", pacing), run)


def _with_cpu(figures, ended):
    if figures.requests:
        figures.cpu_us = ended.cpu_seconds * 1e6 / figures.requests
    return figures


def _lua(bench):
    script = bench.directory / "post.lua"
    script.write_text(
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        f"wrk.body = [==[{bench.body.read_text()}]==]\n" + outputs.WRK_DONE)
    return script


def wrk(base):
    def run(bench, point):
        ended = machine.run_well(
            machine.pinned(machine.CLIENT_CORE, "wrk", "-t1", f"-c{point.connections}",
                           f"-d{bench.seconds}s", "-s", _lua(bench), bench.target.url),
            bench.limit())
        return _with_cpu(outputs.read_wrk(ended.output), ended)
    return Contender("wrk", base, run, needs="wrk")


# What wrk2 is asked for where it shall go as fast as it can: it has no closed loop.
WRK2_SATURATED = 10_000_000


def wrk2(base):
    def run(bench, point):
        ended = machine.run_well(
            machine.pinned(machine.CLIENT_CORE, "wrk2", "-t1", f"-c{point.connections}",
                           f"-d{bench.seconds}s", f"-R{point.rate or WRK2_SATURATED}", "-s",
                           _lua(bench), bench.target.url), bench.limit())
        figures = _with_cpu(outputs.read_wrk(ended.output), ended)
        if point.rate:
            figures.achieved = figures.requests_per_second / point.rate
        else:
            figures.reported = Quantiles()  # Measured from beats that nobody could have met.
        return figures
    return Contender("wrk2", base, run, needs="wrk2")


def hey(base):
    def run(bench, point):
        command = ["hey", "-z", f"{bench.seconds}s", "-c", point.connections, "-m", "POST", "-T",
                   "application/json", "-D", bench.body]
        command += ["-q", f"{point.rate / point.connections:g}"] if point.rate else []
        ended = machine.run_well(
            machine.pinned(machine.CLIENT_CORE, *command, bench.target.url), bench.limit())
        figures = _with_cpu(outputs.read_hey(ended.output), ended)
        if point.rate:
            figures.achieved = figures.requests_per_second / point.rate
        return figures
    return Contender("hey", base, run, needs="hey")


def ab(base):
    def run(bench, point):
        percentages = bench.directory / "ab.csv"
        ended = machine.run_well(
            machine.pinned(machine.CLIENT_CORE, "ab", "-q", "-k", "-t", bench.seconds, "-n",
                           AB_REQUESTS_PER_SECOND * bench.seconds, "-c", point.connections, "-p",
                           bench.body, "-T", "application/json", "-e", percentages,
                           bench.target.url), bench.limit())
        return _with_cpu(outputs.read_ab(ended.output, percentages.read_text()), ended)
    return Contender("ab", base, run, needs="ab")


def h2load(base):
    def run(bench, point):
        log = bench.directory / "h2load.log"
        log.write_text("")
        command = ["h2load", "--h1", "-t1", "-c", point.connections, "-D", bench.seconds, "-d",
                   bench.body, "-H", "content-type: application/json"]
        if point.rate:
            command += [f"--rps={point.rate / point.connections:g}", f"--log-file={log}"]
        ended = machine.run_well(
            machine.pinned(machine.CLIENT_CORE, *command, bench.target.url), bench.limit())
        figures = _with_cpu(outputs.read_h2load(ended.output, log.read_text()), ended)
        if point.rate:
            figures.achieved = figures.requests_per_second / point.rate
        return figures
    return Contender("h2load", base, run, needs="h2load")


SCENARIO = """
name: agent-beside-peers
target: {{url: "{url}"}}
request:
  method: POST
  headers: {{content-type: application/json}}
  body: {{file: "{body}"}}
load: {load}
warmup: 1s
measure: {seconds}s
agents: {agents}
cluster: {{listen: "127.0.0.1:{control}"}}
"""
WRONG_SCENARIO = 2  # The controller's exit code.


def scenario_text(bench, point, control, engine="auto", pacing="precise", tick_us=None):
    """The scenario of one run. What is the agent's default is not written."""
    load = f"{{concurrency: {point.connections}}}"
    if point.rate:
        load = f"{{rate: {point.rate}/s, connections: {point.connections}}}"
    # A run is judged by the reader of the table and not by its verdict.
    agents = ["count: 1", 'max_send_lag: "p99 < 1s"']
    agents += [f"engine: {engine}"] if engine != "auto" else []
    agents += [f"pacing: {pacing}"] if pacing != "precise" else []
    agents += [f"tick: {tick_us}us"] if pacing == "coalesced" and tick_us else []
    return SCENARIO.format(url=bench.target.url, body=bench.body, load=load, control=control,
                           seconds=bench.seconds, agents="{" + ", ".join(agents) + "}")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def agent(base, engine="auto", pacing=None, tick_us=1000):
    """Our own agent, on the client's core; the controller is on the target's, and has little to do.

    The agent dials in instead of being the controller's child, so that each can be pinned. CPU time
    is the agent's in the measured window, from the report.
    """
    def run(bench, point):
        control = _free_port()
        scenario = bench.directory / "scenario.yaml"
        scenario.write_text(scenario_text(bench, point, control, engine, pacing or "precise",
                                          tick_us))
        command = machine.pinned(machine.CLIENT_CORE, bench.built("agent/agent"), "--controller",
                                 f"127.0.0.1:{control}", "--id", "bench")
        with machine.beside(command):
            return _run_controller(bench, scenario)
    name = "drumline" + ("" if engine == "auto" else f", {engine}") + \
        (f", {pacing}" if pacing else "")
    return Contender(name, base, run, extra_seconds=4)


def _run_controller(bench, scenario):
    with tempfile.TemporaryDirectory(dir=bench.directory) as results:
        ended = machine.run(
            machine.pinned(machine.TARGET_CORE, bench.built("controller/controller"), scenario,
                           "--results", results), bench.limit())
        if ended.exit_code == WRONG_SCENARIO:
            raise Unfit("this controller refuses the scenario: " +
                        ended.errors.strip().partition("\n")[0])
        reports = list(pathlib.Path(results).glob("*/report.json"))
        if len(reports) != 1:
            raise machine.RunFault(f"the controller gave no report: {ended.errors.strip()[-500:]}")
        return outputs.read_report(reports[0].read_text())
