#!/usr/bin/env python3
"""Measures what it costs a run to be watched: the same run without --ui, with it, and with readers.

    bazel build //agent //controller //target-services/echo
    python3 tests/benchmark/watching.py
    python3 tests/benchmark/watching.py --rate 20000 --seconds 20 --rounds 5 --readers 0,1,20

Runs of all kinds take turns, and each round begins with another one, so that what else the machine
does falls on all of them. A reader is a connection to the live page's stream of events, which is
read to its end: what a browser's page takes from the controller. What it makes of it costs the
browser's machine; here the readers' own CPU time, one process for all of them, falls on the same
cores and is part of what is seen.

Printed are, over the rounds, the median of the controller's CPU time in the measured window, in per
cent of a core, of the agents' send lag and of the rate that was achieved, and the medians of the
ratios to the run without --ui of the same round, with the smallest and the largest of them.

Exit codes: 0 done, 2 wrong command line, 5 something could not be run.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTROLLER = ROOT / "bazel-bin/controller/controller"
EXIT_UNUSABLE = 5


def cpu_ns(pid):
    """CPU time of all threads of a program, to the nanosecond."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            pass  # That thread has ended.
    return total


class Readers:
    """[count] connections to the stream of events, read by one thread until the server closes."""

    def __init__(self, url, count):
        place = urllib.parse.urlsplit(url)
        self.bytes = 0
        self._selector = selectors.DefaultSelector()
        for _ in range(count):
            connection = socket.create_connection((place.hostname, place.port))
            connection.sendall(f"GET /events HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
            self._selector.register(connection, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        while self._selector.get_map():
            for key, _ in self._selector.select():
                piece = key.fileobj.recv(1 << 16)
                self.bytes += len(piece)
                if not piece:
                    self._selector.unregister(key.fileobj)
                    key.fileobj.close()

    def join(self):
        self._thread.join()


@dataclasses.dataclass
class Seen:
    """Of one run."""
    controller_cores: float
    send_lag_p99_us: float
    generator_lag_p99_us: float
    achieved_rps: float
    bytes_read: int


def scenario(options):
    return {"name": "watching", "target": {"service": "echo"},
            "request": {"method": "POST", "headers": {"content-type": "application/json"},
                        "body": {"file": str(ROOT / "configs/payloads/echo-1KiB.json")},
                        "expect": {"status": 200}},
            "load": {"rate": f"{options.rate}/s", "connections": 32}, "warmup": "2s",
            "measure": f"{options.seconds}s", "agents": {"count": 2}}


def run_once(path, readers, directory):
    """[readers] is None for a run without --ui."""
    command = [str(CONTROLLER), str(path), "--results", directory]
    if readers is not None:
        command += ["--ui", "127.0.0.1:0"]
    looks, watching = [], None
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True) as run:
        for line in run.stderr:
            page = re.search(r"live page: (http\S+)", line)
            if page and readers:
                watching = Readers(page.group(1), readers)
            if " measure " in line:
                with open("/proc/uptime", encoding="ascii") as clock:
                    looks.append((float(clock.read().split()[0]), cpu_ns(run.pid)))
    if watching:
        watching.join()
    reports = list(pathlib.Path(directory).glob("*/report.json"))
    if not reports or len(looks) < 2:
        raise RuntimeError(f"'{' '.join(command)}' ended with {run.returncode} and no report")
    measured = json.loads(reports[0].read_text(encoding="utf-8"))["runs"][0]
    (begin_s, begin_ns), (end_s, end_ns) = looks[0], looks[-1]
    if end_s <= begin_s:
        raise RuntimeError("the measured window was too short for two looks at the controller")
    return Seen((end_ns - begin_ns) / 1e9 / (end_s - begin_s), measured["send_lag"]["p99_us"],
                measured["generator_lag"]["p99_us"], measured["achieved_rps"],
                watching.bytes if watching else 0)


def ratio_text(values, base):
    ratios = sorted(value / floor for value, floor in zip(values, base) if floor > 0)
    if not ratios:
        return "none: the base is 0"
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def print_table(kinds, seen):
    print(f"{'':16}{'controller CPU':>16}{'ratio':>22}{'send lag p99':>15}{'ratio':>22}"
          f"{'achieved':>12}{'read each':>12}")
    base = seen[kinds[0][0]]
    for name, readers in kinds:
        runs = seen[name]
        of = lambda field, some: [getattr(run, field) for run in some]
        cores, lags = of("controller_cores", runs), of("send_lag_p99_us", runs)
        each = statistics.median(of("bytes_read", runs)) / readers if readers else 0
        print(f"{name:16}{statistics.median(cores) * 100:>14.2f} %"
              f"{ratio_text(cores, of('controller_cores', base)):>22}"
              f"{statistics.median(lags):>12.1f} µs"
              f"{ratio_text(lags, of('send_lag_p99_us', base)):>22}"
              f"{statistics.median(of('achieved_rps', runs)):>10.0f}/s"
              f"{each / 1024:>8.0f} KiB")


def whole(text):
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("a number below 0")
    return number


def command_line():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=whole, default=5_000, metavar="N",
                        help="requests a second (default: 5000)")
    parser.add_argument("--seconds", type=whole, default=15,
                        help="of each measured window (default: 15)")
    parser.add_argument("--rounds", type=whole, default=5, help="(default: 5)")
    parser.add_argument("--readers", default=[0, 1, 20], metavar="N,…",
                        type=lambda text: [whole(part) for part in text.split(",")],
                        help="of the live page, one kind of run each (default: 0,1,20)")
    return parser.parse_args()


def main():
    options = command_line()
    kinds = [("without --ui", None)] + [
        (f"{readers} reader{'' if readers == 1 else 's'}", readers) for readers in options.readers]
    seen = {name: [] for name, _ in kinds}
    with tempfile.TemporaryDirectory() as place:
        path = pathlib.Path(place) / "watching.yaml"
        path.write_text(json.dumps(scenario(options)), encoding="utf-8")
        for turn in range(options.rounds):
            first = turn % len(kinds)
            for name, readers in kinds[first:] + kinds[:first]:
                directory = tempfile.mkdtemp(dir=place)
                seen[name].append(run_once(path, readers, directory))
                print(f"round {turn + 1}: {name}: {seen[name][-1]}", file=sys.stderr)
    print_table(kinds, seen)


if __name__ == "__main__":
    try:
        main()
    except (OSError, RuntimeError) as fault:
        print(f"watching.py: {fault}", file=sys.stderr)
        sys.exit(EXIT_UNUSABLE)
