#!/usr/bin/env python3
"""Holds what Drumline reports against what is known to be true, on this machine.

    bazel build //agent //controller //target-services/oracle
    python3 tests/benchmark/truth.py                          # all truths, 1,000 to 20,000 a second
    python3 tests/benchmark/truth.py fixed pauses --rates 5000 --seconds 4 --peers

The oracle, a service whose response times are known beforehand, has one core and answers by the
clock; the agent has another one. The truths:
{truths}

A line of the table is one quantile of response time, in µs: the truth in closed form; what the
oracle says that it really made of it, late as it may have been; what the report says. It passes if
it is not above the truth by more than 1 % or 100 µs, whichever is more, plus what the platform can
have done at that quantile: to the generator by the report's own hiccup meter, to the oracle by its
own account; and not below the truth by more than 1 % or 100 µs. Quantiles of two disturbances do
not add up: at q each counts with its quantile at 1 − (1 − q)/2, or with a better split that
P(H + L > h + l) ≤ P(H > h) + P(L > l) gives (tests/benchmark/truths/comparison.py). Other programs
on these cores make many lines fail or mean little: see --wait-idle.

With --peers wrk2, h2load and hey are asked for the same rate, wrk and ab for as much as they can
(a closed loop has no rate), over --peer-connections, and what they report is printed beside the
truth of the rate. Those that are not on the PATH are named and left out.

Exit codes: 0 all lines passed, 1 one did not, 2 wrong command line, 5 something could not be run,
130 interrupted (143 by SIGTERM).
"""

import argparse
import contextlib
import dataclasses
import os
import pathlib
import sys
import tempfile

from peers import arguments, children, contenders, machine, outputs, tables
from truths import comparison, laws
from truths.generator import run_agent
from truths.oracle import Oracle

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXIT_FAILED, EXIT_UNUSABLE = 1, 5
PROGRAMS = ("agent/agent", "controller/controller", "target-services/oracle/oracle")
FAULTS = (machine.RunFault, contenders.Unfit, outputs.OutputFault, OSError)


@dataclasses.dataclass(frozen=True)
class Cores:
    client: int
    oracle: int
    controller: int


def cores():
    """The client's and the oracle's as peers.py has them; the controller takes a third if there is
    one.
    """
    free = sorted(os.sched_getaffinity(0) - {machine.CLIENT_CORE, machine.TARGET_CORE})
    return Cores(machine.CLIENT_CORE, machine.TARGET_CORE, (free or [machine.CLIENT_CORE])[0])


def command_line():
    words = "\n".join(f"  {name:10} {truth.words()}" for name, truth in laws.TRUTHS.items())
    parser = argparse.ArgumentParser(description=__doc__.replace("{truths}", words),
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truths", nargs="*", metavar="TRUTH",
                        help=f"{', '.join(laws.TRUTHS)} (default: all of them)")
    parser.add_argument("--rates", type=arguments.numbers, default=[1_000, 5_000, 20_000],
                        metavar="N,…", help="requests a second (default: 1000,5000,20000)")
    parser.add_argument("--seconds", type=arguments.whole(3), default=10,
                        help="of each run; at least 3, for the first stop comes after 2 s "
                        "(default: 10)")
    parser.add_argument("--pacing", choices=("precise", "coalesced", "spin"), default="precise",
                        help="of the agent (default: precise)")
    parser.add_argument("--connections", type=arguments.whole(1), metavar="N",
                        help="of the agent (default: as many as keep requests from waiting)")
    parser.add_argument("--peers", action="store_true", help="wrk, wrk2, hey, ab and h2load too")
    parser.add_argument("--peer-connections", type=arguments.whole(1), default=64, metavar="N",
                        help="(default: 64)")
    parser.add_argument("--wait-idle", type=arguments.seconds, default=0, metavar="SECONDS",
                        help="before each run wait at most so long for other programs to calm down")
    parser.add_argument("--lock", type=pathlib.Path, metavar="FILE",
                        help="held (flock) during each run: benchmarks that share it do not meet")
    options = parser.parse_args()
    for name in options.truths:
        if name not in laws.TRUTHS:
            parser.error(f"'{name}' is no truth; expected {', '.join(laws.TRUTHS)}")
    options.truths = options.truths or list(laws.TRUTHS)
    return options


@contextlib.contextmanager
def turn(options):
    """The machine is ours, as far as --lock and --wait-idle can have it so."""
    with machine.locked(options.lock):
        if options.wait_idle:
            machine.idle_for(0.5, 0.1, options.wait_idle)
        yield


def measure(options, truth, rate):
    """Runs the agent; returns the table's lines and a sentence about the run."""
    places = cores()
    connections = options.connections or laws.ample_connections(truth, rate)
    flags = laws.oracle_flags(truth, options.seconds)
    binary = ROOT / "bazel-bin" / PROGRAMS[2]
    with turn(options), Oracle(binary, flags, places.oracle) as oracle:
        run = run_agent(ROOT / "bazel-bin", oracle.url, rate, connections, options.seconds,
                        options.pacing, places)
        account = oracle.account()
    sent, good = int(run["ledger"].get("sent", 0)), int(run["ledger"].get("ok", 0))
    if sent != rate * options.seconds or good != sent or account.requests != sent:
        raise machine.RunFault(f"{sent} requests were sent, {good} ended well and the oracle has "
                               f"{account.requests}; expected {rate * options.seconds}")
    words = (f"{connections:,} connections; send lag p99 "
             f"{run['send_lag'].get('p99_us', 0.0):,.0f} µs")
    if not run.get("hiccup"):
        words += "; the report has no hiccup meter: taken for 0"
    if account.unstamped:
        words += f"; {account.unstamped} arrivals without the kernel's time"
    return comparison.lines(truth, rate, options.seconds, run, account), words


def peer_rows(options, truth, rate):
    """What the others report: a row each, and what could not be run."""
    interval = {name: truth.quantile(comparison.QUANTILES[name], rate, options.seconds)
                for name in ("p50", "p99", "p99_9")}
    rows = [["reported", "p50 µs", "p99 µs", "p99.9 µs", "requests/s"],
            ["truth", *(f"{each.low:,.0f}" for each in interval.values()), f"{rate:,}"]]
    point = contenders.Point(f"{rate}/s", options.peer_connections, rate)
    for make in (contenders.wrk2, contenders.h2load, contenders.hey, contenders.wrk, contenders.ab):
        peer = make(base="")
        if peer.missing():
            print(f"  {peer.name} is not on the PATH: left out")
            continue
        name = peer.name if peer.name not in ("wrk", "ab") else f"{peer.name} (closed loop)"
        binary = ROOT / "bazel-bin" / PROGRAMS[2]
        flags = laws.oracle_flags(truth, options.seconds)
        with turn(options), tempfile.TemporaryDirectory() as directory, \
                Oracle(binary, flags, cores().oracle) as oracle:
            bench = contenders.Bench(ROOT, oracle, ROOT / "configs/payloads/echo-1KiB.json",
                                     options.seconds, pathlib.Path(directory))
            try:
                figures = peer.run(bench, point)
            except FAULTS as fault:
                print(f"  {peer.name}: {fault}")
                continue
        told = (figures.reported.p50, figures.reported.p99, figures.reported.p99_9)
        rows.append([name, *("–" if value is None else f"{value:,.0f}" for value in told),
                     f"{figures.requests_per_second:,.0f}"])
    return rows


@dataclasses.dataclass
class Tally:
    """What came of the runs whose tables were printed."""
    measured: int = 0
    failed: int = 0
    unusable: int = 0

    def words(self):
        if not self.measured and not self.unusable:
            return "nothing"
        words = (f"{tables.counted(self.failed, 'line')} failed in "
                 f"{tables.counted(self.measured, 'run')}")
        if self.unusable:
            words += f"; {tables.counted(self.unusable, 'run')} could not be made"
        return words


def measure_all(options, tally):
    """Prints each table as soon as it is there."""
    for name in options.truths:
        truth = laws.TRUTHS[name]
        for rate in options.rates:
            print(f"\n{name}: {truth.words()}; {rate:,}/s for {options.seconds} s", flush=True)
            try:
                table, words = measure(options, truth, rate)
            except FAULTS as fault:
                print(f"  could not be run: {fault}", flush=True)
                tally.unusable += 1
                continue
            print(f"  {words}\n{comparison.aligned(comparison.rows(table))}", flush=True)
            tally.measured += 1
            tally.failed += sum(not line.passes() for line in table)
            if options.peers:
                print(comparison.aligned(peer_rows(options, truth, rate)), flush=True)


def main():
    options = command_line()
    if not {machine.CLIENT_CORE, machine.TARGET_CORE} <= os.sched_getaffinity(0):
        print("truth.py: the agent and the oracle need a core each, 0 and 1", file=sys.stderr)
        return EXIT_UNUSABLE
    for program in PROGRAMS:
        if not (ROOT / "bazel-bin" / program).exists():
            print(f"truth.py: bazel-bin/{program} is not there. Build it:\n  bazel build //agent "
                  "//controller //target-services/oracle", file=sys.stderr)
            return EXIT_UNUSABLE
    tally = Tally()
    try:
        with children.until_interrupted():
            measure_all(options, tally)
    except children.Interrupted as interruption:
        print(f"\ninterrupted; what was measured so far: {tally.words()}")
        return interruption.exit_code
    print(f"\n{tally.words()}")
    return EXIT_UNUSABLE if tally.unusable else EXIT_FAILED if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
