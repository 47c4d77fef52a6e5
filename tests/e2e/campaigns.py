"""What all end-to-end tests share: scenarios written as dictionaries, and checks of reports.

    class MyTest(CampaignTest):
        def test_it(self):
            report = self.report_of(self.run_scenario(scenario(load={"rate": "1k/s"}), 0))

JSON is YAML, so a scenario is written as JSON.
"""

import importlib.util
import json
import os
import socket
import tempfile
import unittest

import programs

OUTCOMES = ("ok", "bad_status", "bad_body", "timeout", "refused", "reset", "protocol_error",
            "censored", "open")
SUMMARIES = ("response_time", "service_time", "send_lag")
# A shared machine may leave the generator waiting for whole seconds. Where the lag is not what a
# test is about, no lag that it can have makes the run INVALID.
ANY_LAG = "p99 < 1m"
ANY_VALIDITY = {
    "min_idle_percent": 0,
    "max_shortfall_percent": 100,
    "max_hiccup": "p99 < 1m",
    "max_steal_percent": 100,
    "max_throttled_percent": 100,
    "max_start_skew": "10s",
    "max_scrape_gaps_percent": 100,
    "max_drift_percent": 0,
}


def scenario(**changes):
    """A second of load on an echo service that the controller starts; [changes] replace fields."""
    fields = {
        "name": "e2e",
        "target": {"service": "echo"},
        "request": request(),
        "load": {"rate": "1k/s", "connections": 8},
        "measure": "1s",
        "drain": "30s",
        "pause": "0s",
        "agents": agents(2),
        "validity": ANY_VALIDITY,
    }
    fields.update(changes)
    return {name: value for name, value in fields.items() if value is not None}


def request(**changes):
    return {
        "method": "POST",
        "headers": {"content-type": "application/json"},
        "body": {"size": "256B"},
        "timeout": "30s",
        **changes
    }


def agents(count, **changes):
    return {"count": count, "max_send_lag": ANY_LAG, **changes}


def free_port():
    """A port that nobody listens on, at least until somebody else asks for one."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


# A line of progress that says that answers have come in the measured window.
LOAD_SEEN = r"measure .* [1-9]\S* of \S+/s"


def schema_faults(name, document):
    """What configs/NAME.schema.json has to say against the document; None without a validator, or
    for a test that does not bring //configs:schemas along."""
    path = f"configs/{name}.schema.json"
    if importlib.util.find_spec("jsonschema") is None or not os.path.exists(path):
        return None
    import jsonschema  # pylint: disable=import-outside-toplevel
    with open(path, encoding="utf-8") as file:
        validator = jsonschema.Draft7Validator(json.load(file))
    return [f"{list(error.absolute_path)}: {error.message}"
            for error in validator.iter_errors(document)]


class CampaignTest(unittest.TestCase):
    """Each test has a directory of its own, with the results in results/."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(scratch.cleanup)
        self.directory = scratch.name
        self.results = os.path.join(self.directory, "results")

    # ---- running ----

    def write_scenario(self, fields):
        path = os.path.join(self.directory, "scenario.yaml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(fields, file, indent=1)
        return path

    def start(self, fields):
        return programs.Program(self, "controller", "run", self.write_scenario(fields),
                                "--results", self.results)

    def run_scenario(self, fields, exit_code):
        """Runs to the end, which must be [exit_code]."""
        return self.expect_end(self.start(fields), exit_code)

    def controller(self, exit_code, *arguments, **popen):
        """Runs the controller to its end, which must be [exit_code] unless that is None."""
        return self.expect_end(programs.Program(self, "controller", *arguments, **popen), exit_code)

    def expect_end(self, program, exit_code):
        code = program.exit_code()
        if exit_code is None:
            return program
        self.assertEqual(code, exit_code, f"\n{program.stdout()}{program.stderr()}")
        return program

    # ---- bundles ----

    def bundles(self):
        if not os.path.isdir(self.results):
            return []
        paths = [os.path.join(self.results, name) for name in sorted(os.listdir(self.results))]
        # The noise floor of the fleet lies among them.
        return [path for path in paths if os.path.isdir(path)]

    def bundle(self):
        bundles = self.bundles()
        self.assertEqual(len(bundles), 1, bundles)
        return bundles[0]

    def read(self, name, bundle=None):
        with open(os.path.join(bundle or self.bundle(), name), encoding="utf-8") as file:
            return file.read()

    def report(self, bundle=None):
        """Each report that a test reads keeps to the schema."""
        report = json.loads(self.read("report.json", bundle))
        self.assertIn(schema_faults("report", report), ([], None))
        return report

    def plan(self, bundle=None):
        return json.loads(self.read("plan.json", bundle))

    def the_run(self):
        """The only run of the only bundle."""
        runs = self.report()["runs"]
        self.assertEqual(len(runs), 1)
        return runs[0]

    # ---- books ----

    def assert_balanced(self, ledger):
        """Every scheduled request has exactly one fate."""
        self.assertEqual(int(ledger["scheduled"]), int(ledger["sent"]) + int(ledger["unsent"]))
        self.assertEqual(int(ledger["sent"]), sum(int(ledger[name]) for name in OUTCOMES))

    def assert_run_balanced(self, run):
        """The run's ledgers are closed, and its histograms and agents count the same requests."""
        ledger = run["ledger"]
        self.assert_balanced(ledger)
        self.assert_balanced(run["warmup_ledger"])
        self.assertEqual(int(ledger["sent"]), sum(int(agent["sent"]) for agent in run["agents"]))
        self.assertEqual([request["ledger"] for request in run["requests"]], [ledger])
        # A refused request counts as sent, but no byte of it left.
        self.assertEqual(int(run["send_lag"]["count"]),
                         int(ledger["sent"]) - int(ledger["refused"]))

    def assert_beats_kept(self, run, plan_run):
        """Each beat of the plan came due, in the warm-up or in the measured window."""
        scheduled = int(run["ledger"]["scheduled"]) + int(run["warmup_ledger"]["scheduled"])
        self.assertEqual(scheduled, int(plan_run["load"]["beats"]))
