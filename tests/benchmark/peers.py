#!/usr/bin/env python3
"""Measures Drumline's agent beside the floor and beside its peers, and prints what each costs.

    bazel build //agent //controller //target-services/echo //tests/benchmark/floor/...
    python3 tests/benchmark/peers.py                         # all sets; it says how long that takes
    python3 tests/benchmark/peers.py saturation --rounds 2 --seconds 2 --only drumline,floor,wrk

The sets:
  saturation  a closed loop: as fast as the answers come
  rate        an open loop, with each way of waiting for the next beat
  top         the open loop's highest rate from one core

All contenders send the same request (POST, 1 KiB in, 2 KB out) to one target on this machine's
loopback; the client has core 0, the target core 1. Rounds are interleaved, every second one in the
opposite order, so that a machine that changes its speed does so for all. A table gives medians over
the rounds with [the 95 % confidence interval of the median], or [lowest–highest] of fewer than six.
`× floor` is the CPU time, or the send lag, over that of the bare epoll client of the same round,
with the same pacing (for peers in `rate` and `top`: coalesced, as they do).
CPU time is the kernel's count: of the floor and of the agent in the measured window, of the others
over the whole program. How busy the target's core was is taken from the start of a program to its
end, for all alike. `achieved` is the rate of answers while requests were due, over the rate that
was asked for: what a grid of ticks puts off beyond the end is missing from it, the less the longer
a run is. `reported` is what a program itself calls latency: in an open loop ours and the floor's
runs from the intended start. `service time`, under the table, runs from the send to the kernel's
receipt of the answer.

wrk, wrk2, hey, ab and h2load are taken from the PATH; one that is not there is named and left out.
During a run of which other programs took more than --max-foreign of a core, the figures are not
ours: it is repeated, --retries times at most, and counted under the table if it stays so.

Exit codes: 0 done, 2 wrong command line, 5 something could not be run, 130 interrupted (143 by
SIGTERM): then the tables have the runs that had ended.
"""

import argparse
import json
import os
import pathlib
import platform
import sys
import tempfile

from peers import arguments, children, machine, tables
from peers.contenders import Bench
from peers.measurement import Measurement, measure
from peers.sets import SETS, chosen

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXIT_UNUSABLE = 5
TICK_US = (50, 1000)  # As a scenario's agents.tick has it.
TARGETS = {"floor": ("tests/benchmark/floor/floor_target", "/"),
           "echo": ("target-services/echo/echo", "/echo")}


def command_line():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET",
                        help=f"{', '.join(SETS)} (default: all of them)")
    parser.add_argument("--rounds", type=arguments.whole(1), default=6, help="(default: 6)")
    parser.add_argument("--seconds", type=arguments.whole(1), default=5,
                        help="of each run (default: 5)")
    parser.add_argument("--only", type=arguments.words, default=[], metavar="WORD,…",
                        help="only contenders in whose names one of these stands; a floor that one "
                        "of them is compared with stays")
    parser.add_argument("--target", choices=TARGETS, default="floor",
                        help="floor: the cheapest there is; echo: the echo service "
                        "(default: floor)")
    parser.add_argument("--connections", type=arguments.numbers, default=[64, 256], metavar="N,…",
                        help="of saturation (default: 64,256)")
    parser.add_argument("--rates", type=arguments.numbers, default=[20_000, 50_000], metavar="N,…",
                        help="requests a second of rate (default: 20000,50000)")
    parser.add_argument("--top-rate", type=arguments.whole(1), default=100_000, metavar="N",
                        help="(default: 100000)")
    parser.add_argument("--tick-us", type=arguments.whole(*TICK_US), default=1000, metavar="N",
                        help="the grid of pacing coalesced, for floor and agent, from 50 to 1000 "
                        "(default: 1000)")
    parser.add_argument("--wait", choices=("timerfd", "pwait2"), default="timerfd",
                        help="of the epoll floor with pacing precise (default: timerfd)")
    parser.add_argument("--agent-engines", type=arguments.words, default=["auto"], metavar="NAME,…",
                        help="auto, epoll, io_uring: the agent once with each (default: auto)")
    parser.add_argument("--max-foreign", type=arguments.seconds, default=0.1, metavar="CORES",
                        help="what other programs may take during a run (default: 0.1)")
    parser.add_argument("--retries", type=arguments.whole(0), default=2,
                        help="of a run that was disturbed (default: 2)")
    parser.add_argument("--wait-idle", type=arguments.seconds, default=0, metavar="SECONDS",
                        help="before each run wait at most so long for other programs to calm down")
    parser.add_argument("--lock", type=pathlib.Path, metavar="FILE",
                        help="held (flock) during each run: benchmarks that share it do not meet")
    parser.add_argument("--markdown", action="store_true", help="print tables for a document")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="keep the raw figures")
    parser.add_argument("--list", action="store_true", help="say what would be run, and end")
    options = parser.parse_args()
    for name in options.sets:
        if name not in SETS:
            parser.error(f"'{name}' is no set; expected {', '.join(SETS)}")
    for engine in options.agent_engines:
        if engine not in ("auto", "epoll", "io_uring"):
            parser.error(f"--agent-engines: '{engine}'; expected auto, epoll or io_uring")
    options.sets = options.sets or list(SETS)
    names = list(dict.fromkeys(each.name for name in options.sets
                               for table in SETS[name](options) for each in table.contenders))
    for word in options.only:
        if not any(word in name for name in names):
            parser.error(f"--only: '{word}' stands in no contender's name; they are "
                         f"{'; '.join(names)}")
    return options


def choose(options):
    """The tables to fill, without what is not on this machine, which is named."""
    missing = set()
    chosen_tables = []
    for name in options.sets:
        for table in SETS[name](options):
            asked_for = chosen(table.contenders, options.only)
            missing |= {each.needs for each in asked_for if each.missing()}
            table.contenders = [each for each in asked_for if not each.missing()]
            chosen_tables.append(table)
    for name in sorted(missing):
        print(f"{name} is not on the PATH: left out")
    return [table for table in chosen_tables if table.contenders]


def announce(options, all_tables):
    runs = sum(len(table.contenders) for table in all_tables) * options.rounds
    seconds = options.rounds * sum(
        options.seconds + each.extra_seconds for table in all_tables for each in table.contenders)
    for table in all_tables:
        print(f"{table.kind}, {table.point.title}: "
              f"{'; '.join(each.name for each in table.contenders)}")
    print(f"{tables.counted(runs, 'run')} in {tables.counted(options.rounds, 'round')}, "
          f"{options.seconds} s each: about {seconds / 60:.0f} min {seconds % 60:.0f} s without "
          "repetitions", flush=True)


def print_tables(options, all_tables):
    for table in all_tables:
        lines = tables.rows(table.contenders, table.results)
        if not lines:
            continue
        print(f"\n{'### ' if options.markdown else ''}{table.kind}: {table.point.title}\n")
        print(tables.markdown(lines) if options.markdown else tables.plain(lines))
        rounds = max(len(of_rounds) for of_rounds in table.results.values())
        print(f"\n{tables.counted(rounds, 'round')} of {options.seconds} s; the target's core was "
              f"{100 * min(table.target_busy):.0f}–{100 * max(table.target_busy):.0f} % busy "
              "between start and end of a program" + tables.disturbed(table.disturbed) + ".")
        if service_times := tables.service_times(table.contenders, table.results):
            print(f"\n{service_times}.")


def keep(options, measurement):
    settings = {name: str(value) if isinstance(value, pathlib.Path) else value
                for name, value in vars(options).items()}
    options.json.write_text(json.dumps(
        {"machine": {"kernel": platform.release(), "cores": os.cpu_count()}, "settings": settings,
         "runs": measurement.raw}, indent=1, ensure_ascii=False) + "\n")


def main():
    options = command_line()
    if (os.cpu_count() or 1) < 2:
        sys.exit("peers.py: the client and the target need a core each")
    all_tables = choose(options)
    announce(options, all_tables)
    if options.list:
        return 0
    if not all_tables:
        print("peers.py: none of the programs asked for is on the PATH", file=sys.stderr)
        return EXIT_UNUSABLE
    binary, path = TARGETS[options.target]
    needed = ["tests/benchmark/floor/floor_client", binary, "agent/agent", "controller/controller"]
    for each in needed:
        if not (ROOT / "bazel-bin" / each).exists():
            print(f"peers.py: bazel-bin/{each} is not there. Build it:\n  bazel build //agent "
                  "//controller //target-services/echo //tests/benchmark/floor/...",
                  file=sys.stderr)
            return EXIT_UNUSABLE
    measurement, exit_code = Measurement(options), 0
    try:
        with children.until_interrupted(), tempfile.TemporaryDirectory() as directory, \
                machine.Target(ROOT / "bazel-bin" / binary, path) as target:
            measurement.use(Bench(ROOT, target, ROOT / "configs/payloads/echo-1KiB.json",
                                  options.seconds, pathlib.Path(directory)))
            measure(options, all_tables, measurement)
    except children.Interrupted as interruption:
        exit_code = interruption.exit_code
        any_results = any(table.results for table in all_tables)
        print("\ninterrupted; what was measured so far:" + ("" if any_results else " nothing"))
    except machine.RunFault as fault:
        print(f"peers.py: {fault}", file=sys.stderr)
        return EXIT_UNUSABLE
    print_tables(options, all_tables)
    if options.json:
        keep(options, measurement)
    return exit_code or (EXIT_UNUSABLE if measurement.faults else 0)


if __name__ == "__main__":
    sys.exit(main())
