"""Searches, aborted runs, baselines, repeats until it is known, JUnit and the noise floor."""

import json
import os
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import programs
from campaigns import CampaignTest, agents, request, scenario


def oracle(delay):
    return {"service": "oracle", "args": [f"--delay=fixed:{delay}"]}


def without_body():
    return {"method": "GET", "timeout": "30s"}


class AnswersTest(CampaignTest):

    def test_the_capacity_of_known_connections_and_a_known_delay_is_found(self):
        # Eight connections, each busy for 20 ms or more with a request: 400/s at most. What is
        # offered beyond that waits: 4 % too much are 80 ms after the two seconds of a run.
        self.run_scenario(
            scenario(target=oracle("20ms"), request=without_body(), agents=agents(1),
                     load={"connections": 8}, measure="2s",
                     search={"capacity": {"slo": ["p99 < 100ms", "errors < 50%"], "from": "50/s",
                                          "to": "1600/s", "within_per_cent": 10}}), None)
        report = self.report()
        self.assertEqual(len(report["capacity"]), 1)
        search = report["capacity"][0]
        self.assertLessEqual(search["knee_rps"], 420)
        self.assertGreater(search["fails_at_rps"], search["knee_rps"])
        rates = [point["offered_rps"] for point in search["curve"] if point["step"] == "climb"]
        self.assertEqual(rates[:2], [50, 100][:len(rates[:2])])
        self.assertEqual([run["step"] for run in report["runs"]],
                         [point["step"] for point in search["curve"]])
        # What was found is a function of the bundle.
        rebuilt = self.controller(None, "report", self.bundle())
        self.assertIn("capacity of oracle", rebuilt.stdout())
        self.assertEqual(self.report()["capacity"], report["capacity"])

    def test_a_hopeless_run_is_given_up(self):
        ended = self.run_scenario(
            scenario(request=request(expect={"status": 201}), measure="60s",
                     abort_when=["errors > 50%"]), 1)
        run = self.the_run()
        self.assertIn("errors > 50% held for 5 s", run["aborted"])
        self.assertLess(run["phase_seconds"], 60)
        self.assertEqual(run["verdict"]["slo"], "FAIL")
        self.assertIn("aborted: errors > 50%", ended.stdout())
        self.assert_run_balanced(run)

    def test_echo_is_compared_with_echo_dom_in_the_order_as_written(self):
        path = os.path.join(self.directory, "junit.xml")
        fields = scenario(target=None, repeats=2, slo=["p99 < 1h", "errors < 50%"],
                          targets={"dom": {"service": "echo-dom"}, "bare": {"service": "echo"}})
        self.controller(0, "run", self.write_scenario(fields), "--results", self.results,
                        "--junit", path)
        report = self.report()
        self.assertEqual(report["baseline"], "dom")
        self.assertEqual({(result["baseline"], result["contender"])
                          for result in report["comparison"]}, {("dom", "bare")})
        begins = [run["target"] for run in report["runs"]]
        self.assertEqual(begins[:2], begins[:1:-1])
        suites = ElementTree.parse(path).getroot()
        self.assertEqual(suites.get("failures"), "0")
        self.assertEqual([suite.get("name") for suite in suites],
                         [run["run_id"] for run in report["runs"]] + ["campaign"])
        self.assertEqual({case.get("name") for case in suites[0]},
                         {"the measurement is valid", "p99 < 1h", "errors < 50%"})
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), self.read("junit.xml"))

    def starts(self, **changes):
        """When the process of each run's target began, and how long its cold start took."""
        self.results = tempfile.mkdtemp(dir=self.directory)
        watched = {"service": "echo", "watch": ["process_start_time_seconds"], **changes}
        fields = scenario(target=watched, repeats=3, measure="2s")
        if "restart" in fields["target"]:
            fields["restart"] = fields["target"].pop("restart")
        self.run_scenario(fields, 0)
        report = self.report()
        begins = [run["target_resources"]["watched_series"][0]["last"] for run in report["runs"]]
        return begins, [run.get("cold_start_us") for run in report["runs"]], report

    def test_services_begin_each_repeat_anew(self):
        begins, cold, report = self.starts()
        self.assertEqual(len(set(begins)), 3, begins)
        self.assertTrue(all(time > 0 for time in cold))
        (repeats,) = report["repeats"]
        known = {metric["metric"]: metric["values"] for metric in repeats["metrics"]}
        self.assertEqual(known["cold_start"], cold)
        (program,) = report["environment"]["artifacts"]
        self.assertEqual(program["target"], "echo")
        binary = os.path.join(programs.ROOT, programs.PATHS["echo"])
        self.assertEqual(int(program["bytes"]), os.path.getsize(binary))
        self.assertIn("size of the targets' programs",
                      self.controller(None, "report", self.bundle()).stdout())

    def test_services_are_left_alone_where_the_scenario_says_so(self):
        begins, cold, report = self.starts(restart="never")
        self.assertEqual(len(set(begins)), 1, begins)
        self.assertGreater(cold[0], 0)
        self.assertEqual(cold[1:], [None, None])
        # A cold start that was seen once is no repeat.
        self.assertTrue(all(metric["metric"] != "cold_start" or not metric["values"]
                            for metric in report["repeats"][0]["metrics"]))

    def test_repeats_end_when_it_is_known(self):
        # Throughput of an open loop is what was offered, the same each time.
        self.run_scenario(scenario(repeats={"until": "throughput ± 50%", "max": 8}), None)
        report = self.report()
        stopping = report["stopping"]
        self.assertEqual((stopping["rule"], stopping["most"]), ("throughput ± 50%", 8))
        self.assertEqual(len(report["runs"]), stopping["repeats"])
        if all(run["verdict"]["validity"] == "VALID" for run in report["runs"][:3]):
            self.assertTrue(stopping["reached"])
            self.assertEqual(stopping["repeats"], 3)
            self.assertEqual(report["verdict"]["validity"], "VALID")

    def test_the_noise_floor_is_kept_and_held_against_a_later_comparison(self):
        self.controller(0, "aa", self.write_scenario(scenario(repeats=2)), "--results",
                        self.results)
        with open(os.path.join(self.results, "noise-floor.json"), encoding="utf-8") as file:
            floor = {metric["metric"]: metric["largest_difference"]
                     for metric in json.load(file)["metrics"]}
        self.assertIn("p50", floor)
        first = set(self.bundles())
        self.run_scenario(
            scenario(target=None, repeats=2,
                     targets={"one": {"service": "echo"}, "two": {"service": "echo"}}), 0)
        (later,) = set(self.bundles()) - first
        for result in self.report(later)["comparison"]:
            if "low" in result and result["metric"] in floor:
                self.assertAlmostEqual(result["noise_floor"], floor[result["metric"]])
                self.assertEqual(result["below_noise_floor"],
                                 abs(result["ratio"] - 1) < result["noise_floor"])


if __name__ == "__main__":
    unittest.main()
