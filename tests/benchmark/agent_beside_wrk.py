#!/usr/bin/env python3
"""Runs the whole agent beside wrk and prints what a request costs each of them.

    bazel build -c opt //controller && python3 tests/benchmark/agent_beside_wrk.py [--rounds 5]

Both send the same request (POST, about 1 KB in and 2 KB out) over 64 connections, as fast as the
answers come, to one echo service. Client and service are pinned to a core each. Rounds alternate,
so that a change of the machine's speed meets both alike; medians and the median of the rounds'
ratios are printed. CPU is what the kernel charged: the whole process of wrk, and of the agent the
measured window alone. Needs two cores, wrk, and a machine that does nothing else.
"""

import argparse
import json
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLIENT_CORE, SERVICE_CORE = 0, 1


def pinned(core, *command):
    return ["taskset", "-c", str(core), *map(str, command)]


def start_echo():
    echo = subprocess.Popen(
        pinned(SERVICE_CORE, ROOT / "bazel-bin/target-services/echo/echo", "--port", "0"),
        stdout=subprocess.PIPE, text=True)
    line = echo.stdout.readline()
    match = re.search(r"listening on (\S+):(\d+)", line)
    if not match:
        sys.exit(f"agent_beside_wrk: the echo service said {line!r} and not where it listens")
    return echo, int(match.group(2))


def run_wrk(port, connections, seconds, script):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(
        pinned(CLIENT_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script,
               f"http://127.0.0.1:{port}/echo"),
        capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    requests = int(re.search(r"(\d+) requests in", result.stdout).group(1))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"us": cpu * 1e6 / requests, "rps": requests / seconds}


SCENARIO = """
name: agent-beside-wrk
target: {{url: "http://127.0.0.1:{port}/echo"}}
request:
  method: POST
  headers: {{content-type: application/json}}
  body: {{file: "{payload}"}}
load: {{concurrency: {connections}}}
warmup: 1s
measure: {seconds}s
agents: {{count: 1, max_send_lag: "p99 < 1s"}}
cluster: {{listen: "127.0.0.1:{control}"}}
"""


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_agent(port, connections, seconds, directory):
    control = free_port()
    scenario = directory / "scenario.yaml"
    scenario.write_text(SCENARIO.format(
        port=port, payload=ROOT / "configs/payloads/echo-1KiB.json", connections=connections,
        seconds=seconds, control=control))
    agent = subprocess.Popen(
        pinned(CLIENT_CORE, ROOT / "bazel-bin/agent/agent", "--controller",
               f"127.0.0.1:{control}", "--id", "bench"), stderr=subprocess.DEVNULL)
    try:
        result = subprocess.run(
            pinned(SERVICE_CORE, ROOT / "bazel-bin/controller/controller", scenario, "--results",
                   directory / "results"), capture_output=True, text=True, check=False)
    finally:
        agent.terminate()
        agent.wait()
    match = re.search(r"^bundle (\S+)$", result.stdout, re.M)
    if not match:
        sys.exit(f"agent_beside_wrk: the controller gave no report:\n{result.stderr}")
    run = json.loads((pathlib.Path(match.group(1)) / "report.json").read_text())["runs"][0]
    cpu_cores = run["agents"][0]["cpu_cores"]
    return {"us": cpu_cores * 1e6 / run["achieved_rps"], "rps": run["achieved_rps"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=64)
    arguments = parser.parse_args()
    if os.cpu_count() < 2:
        sys.exit("agent_beside_wrk: the client and the service need a core each")
    echo, port = start_echo()
    figures = {"wrk": [], "agent": []}
    try:
        with tempfile.TemporaryDirectory() as name:
            directory = pathlib.Path(name)
            script = directory / "post.lua"
            body = (ROOT / "configs/payloads/echo-1KiB.json").read_text()
            script.write_text('wrk.method = "POST"\nwrk.headers["Content-Type"] = '
                              f'"application/json"\nwrk.body = [==[{body}]==]\n')
            for number in range(arguments.rounds):
                figures["wrk"].append(
                    run_wrk(port, arguments.connections, arguments.seconds, script))
                figures["agent"].append(
                    run_agent(port, arguments.connections, arguments.seconds, directory))
                print(f"round {number + 1}: " + "  ".join(
                    f"{who} {runs[-1]['us']:.2f} µs CPU a request, {runs[-1]['rps']:,.0f}/s"
                    for who, runs in figures.items()), flush=True)
    finally:
        echo.terminate()
        echo.wait()
    for who, runs in figures.items():
        costs = [run["us"] for run in runs]
        print(f"{who:6} median {statistics.median(costs):.2f} µs CPU a request "
              f"[{min(costs):.2f}–{max(costs):.2f}]")
    ratios = [a["us"] / w["us"] for a, w in zip(figures["agent"], figures["wrk"])]
    print(f"agent / wrk: median {statistics.median(ratios):.2f} "
          f"[{min(ratios):.2f}–{max(ratios):.2f}]")


if __name__ == "__main__":
    main()
