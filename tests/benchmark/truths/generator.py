"""Our own agent, run once against a URL: what the report says of it."""

import json
import pathlib
import socket
import tempfile

from peers import machine

GRACE_SECONDS = 60


def scenario(url, rate, connections, window_s, control, pacing):
    """JSON is YAML. No warm-up: the oracle's account then is of the measured requests alone."""
    return json.dumps({
        "name": "truth",
        "target": {"url": url},
        "request": {"method": "GET", "timeout": "30s"},
        "load": {"rate": f"{rate}/s", "connections": connections},
        "measure": f"{window_s}s",
        "drain": "5s",
        # It is the reader of the table who judges.
        "agents": {"count": 1, "max_send_lag": "p99 < 1m", "pacing": pacing},
        "cluster": {"listen": f"127.0.0.1:{control}"},
    })


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_agent(root, url, rate, connections, window_s, pacing, cores):
    """The run's part of report.json. The controller has the client's core too, at the lowest
    priority: on the oracle's it would delay answers.
    """
    control = _free_port()
    agent = machine.pinned(cores.client, root / "agent/agent", "--controller",
                           f"127.0.0.1:{control}", "--id", "truth")
    with tempfile.TemporaryDirectory() as name, machine.beside(agent):
        directory = pathlib.Path(name)
        (directory / "scenario.yaml").write_text(
            scenario(url, rate, connections, window_s, control, pacing))
        controller = machine.pinned(cores.controller, "nice", "-n", "19",
                                    root / "controller/controller", "run",
                                    directory / "scenario.yaml", "--results",
                                    directory / "results")
        ended = machine.run(controller, window_s + GRACE_SECONDS)
        reports = list((directory / "results").glob("*/report.json"))
        if len(reports) != 1:
            raise machine.RunFault("the controller gave no report: " + ended.errors.strip()[-500:])
        return json.loads(reports[0].read_text())["runs"][0]
