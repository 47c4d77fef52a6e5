"""What other tools read of a bundle, read by these tools: HdrHistogram's Java library, a CSV reader
and a validator of JSON schemas. Each is skipped where its package is not installed."""

import csv
import glob
import io
import json
import os
import shutil
import subprocess
import unittest

from campaigns import OUTCOMES, CampaignTest, agents, scenario, schema_faults

HDR_JAR = "/usr/share/java/hdrhistogram.jar"
# A run's requests: so many that each quantile below is the value of a whole rank, and the two ways
# in which libraries round a rank agree.
REQUESTS = 2000
QUANTILES = ("p50_us", "p90_us", "p95_us", "p99_us", "p99_9_us", "max_us")
MEASURED = ("response_time", "service_time", "send_lag")
# Faults that a schema can see; the others tie keys to each other.
SEEN_BY_A_SCHEMA = ("unknown_key_top", "unknown_key_nested", "unknown_choice", "unknown_units",
                    "missing_units", "wrong_type_list_for_value", "wrong_type_value_for_list",
                    "wrong_type_value_for_mapping", "nothing_required", "too_many_targets")


def highest_equivalent(value_ns):
    """The largest value that HdrHistogram keeps in one slot with this one, at 3 digits."""
    doublings = max(0, value_ns.bit_length() - 11)
    return (((value_ns >> doublings) + 1) << doublings) - 1


class ExportsTest(CampaignTest):

    def run_twice(self):
        self.run_scenario(
            scenario(load={"rate": f"{REQUESTS}/s", "connections": 8}, warmup="1s", repeats=2,
                     agents=agents(2)), None)

    def read_by_java(self, log):
        ended = subprocess.run(["java", "-cp", HDR_JAR, "tests/e2e/HistogramLog.java", log],
                               capture_output=True, text=True, check=False)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        read = {}
        for line in ended.stdout.splitlines():
            tag, count, _lines, *values = line.split()
            read[tag] = (int(count), [int(value) for value in values])
        return read

    @unittest.skipUnless(shutil.which("java") and os.path.exists(HDR_JAR),
                         "needs a JDK and libhdrhistogram-java")
    def test_the_java_library_reads_the_reports_quantiles(self):
        self.run_twice()
        log = os.path.join(self.bundle(), "latency.hlog")
        read = self.read_by_java(log)
        runs = self.report()["runs"]
        self.assertEqual(set(read), {f"{run['run_id']}:{what}" for run in runs
                                     for what in MEASURED})
        for run in runs:
            for what in MEASURED:
                expected = [highest_equivalent(round(run[what][name] * 1000))
                            for name in QUANTILES]
                self.assertEqual(read[f"{run['run_id']}:{what}"],
                                 (int(run[what]["count"]), expected), (run["run_id"], what))
        # The log is a function of the rest of the bundle.
        with open(log, encoding="ascii") as file:
            first = file.read()
        os.remove(log)
        self.controller(None, "report", self.bundle())
        with open(log, encoding="ascii") as file:
            self.assertEqual(file.read(), first)

    def rows(self, *flags):
        ended = self.controller(0, "export", self.bundle(), "--csv", *flags)
        return list(csv.DictReader(io.StringIO(ended.stdout())))

    def test_the_rows_of_the_table_add_up_to_the_ledger(self):
        self.run_twice()
        for flags in ((), ("--by-agent",)):
            rows = self.rows(*flags)
            for run in self.report()["runs"]:
                mine = [row for row in rows if row["run_id"] == run["run_id"]]
                # A run that nobody was lost in leaves nothing open.
                self.assertEqual(int(run["ledger"]["open"]), 0)
                for name in ("scheduled", "sent", "unsent", *OUTCOMES):
                    if name == "open":
                        continue
                    self.assertEqual(
                        sum(int(row[name]) for row in mine),
                        int(run["ledger"][name]) + int(run["warmup_ledger"][name]), name)
                self.assertEqual({row["repeat"] for row in mine}, {str(run["repeat"])})
                self.assertGreaterEqual(
                    max(float(row["response_time_max_us"] or 0) for row in mine),
                    run["response_time"]["max_us"])
        self.assertEqual({row["agent"] for row in rows}, {"agent-1", "agent-2"})
        self.controller(2, "export", self.directory, "--csv")
        self.controller(2, "export", self.bundle())


class SchemaTest(CampaignTest):

    def faults(self, path):
        import yaml  # pylint: disable=import-outside-toplevel
        with open(path, encoding="utf-8") as file:
            document = yaml.safe_load(file)
        faults = schema_faults("scenario", document)
        if faults is None:
            self.skipTest("needs python3-jsonschema")
        return faults

    def setUp(self):
        super().setUp()
        try:
            import yaml  # noqa: F401 pylint: disable=import-outside-toplevel,unused-import
        except ImportError:
            self.skipTest("needs python3-yaml")

    def test_each_shipped_scenario_names_its_schema_and_keeps_to_it(self):
        paths = glob.glob("configs/*.yaml")
        self.assertTrue(paths)
        for path in paths:
            with self.subTest(path):
                with open(path, encoding="utf-8") as file:
                    self.assertEqual(file.readline(),
                                     "# yaml-language-server: $schema=scenario.schema.json\n")
                self.assertEqual(self.faults(path), [])

    def test_what_init_writes_keeps_to_it(self):
        path = os.path.join(self.directory, "start.yaml")
        self.controller(0, "init", path)
        self.assertEqual(self.faults(path), [])

    def test_an_editor_sees_what_a_schema_can_see(self):
        for name in SEEN_BY_A_SCHEMA:
            with self.subTest(name):
                self.assertNotEqual(self.faults(f"tests/malformed/{name}.yaml"), [])

    def test_a_report_is_held_to_types_and_names_but_may_grow(self):
        self.run_scenario(scenario(), None)
        report = self.report()
        report["a_field_of_the_future"] = True
        self.assertEqual(schema_faults("report", report), [])
        report["runs"][0]["ledger"]["sent"] = 7
        del report["runs"][0]["offered_rps"]
        self.assertEqual(len(schema_faults("report", report)), 2)


if __name__ == "__main__":
    unittest.main()
