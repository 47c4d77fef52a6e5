"""Campaigns of several targets and repeats end in a comparison, and so do two bundles."""

import os
import unittest

from campaigns import CampaignTest, agents, scenario

METRICS = ["p50", "p95", "p99", "p99.9", "throughput", "cpu_per_request", "rss", "cold_start"]


def oracle(delay):
    """A service that answers after a time that is known beforehand."""
    return {"service": "oracle", "args": [f"--delay=fixed:{delay}"]}


def requests_without_body():
    return {"method": "GET", "timeout": "30s"}


class ComparisonTest(CampaignTest):

    def compare_targets(self, **targets):
        self.run_scenario(
            scenario(target=None, targets=targets, request=requests_without_body(), repeats=3,
                     load={"rate": "200/s", "connections": 8}), 0)
        return self.report()

    def of_metric(self, report, metric):
        found = [result for result in report["comparison"] if result["metric"] == metric]
        self.assertEqual(len(found), 1)
        return found[0]

    def test_five_times_the_delay_is_found(self):
        report = self.compare_targets(brisk=oracle("20ms"), slack=oracle("100ms"))
        self.assertEqual([result["metric"] for result in report["comparison"]], METRICS)
        median = self.of_metric(report, "p50")
        self.assertEqual((median["baseline"], median["contender"]), ("brisk", "slack"))
        self.assertEqual(median["finding"], "WORSE")
        self.assertLess(median["low"], median["ratio"])
        self.assertGreater(median["high"], median["ratio"])
        # Delays are lower bounds of both; what is added to them is a few milliseconds at most.
        self.assertGreater(median["ratio"], 2)
        self.assertGreaterEqual(median["contender_mean"], 100e3)
        self.assertIn("slower by ", median["words"])
        self.assertEqual([repeats["repeats"] for repeats in report["repeats"]], [[1, 2, 3]] * 2)

    def test_two_bundles_are_compared(self):
        self.compare_targets(service=oracle("20ms"))
        baseline = self.bundle()
        # The second bundle must not be found where the first one is.
        self.results = os.path.join(self.directory, "contender")
        self.compare_targets(service=oracle("100ms"))
        contender = self.bundle()
        before = self.read("report.json", baseline)
        ended = self.controller(1, "compare", baseline, contender, "--tolerance", "50%")
        self.assertIn("REGRESSION beyond 50 %", ended.stdout())
        self.assertIn("fair comparison", ended.stdout())
        ended = self.controller(1, "compare", os.path.join(baseline, "report.json"),
                                os.path.join(contender, "report.json"), "--tolerance", "50%")
        self.assertIn("service p50: slower by ", ended.stdout())
        self.assertEqual(self.read("report.json", baseline), before)
        # The other way round: faster.
        ended = self.controller(None, "compare", contender, baseline, "--tolerance", "50%")
        self.assertNotIn("p50: slower", ended.stdout())

    def test_compare_refuses_what_is_no_report(self):
        path = self.write_scenario(scenario())
        ended = self.controller(2, "compare", path, path)
        self.assertIn("neither a bundle nor a report.json", ended.stderr())
        ended = self.controller(2, "compare", "nowhere", "nowhere")
        self.assertIn("nowhere", ended.stderr())

    def test_a_target_is_compared_with_itself(self):
        path = self.write_scenario(scenario(repeats=2))
        ended = self.controller(0, "aa", path, "--results", self.results)
        self.assertIn("noise floor of this fleet", ended.stdout())
        report = self.report()
        self.assertEqual(report["name"], "e2e-aa")
        targets = [run["target"] for run in report["runs"]]
        self.assertEqual(targets[:2], targets[3:1:-1])
        # The seed draws who begins.
        self.assertEqual(set(targets), {"echo", "echo-again"})
        self.assertTrue(all("low" in result for result in report["comparison"]
                            if result["metric"] in ("p50", "throughput")))

    def test_two_targets_run_at_once(self):
        self.run_scenario(
            scenario(target=None, targets={"brisk": oracle("20ms"), "slack": oracle("100ms")},
                     request=requests_without_body(), repeats=3, order="paired",
                     agents=agents(2), load={"rate": "200/s", "connections": 40}), 0)
        report = self.report()
        runs = report["runs"]
        self.assertEqual([run["pair"] for run in runs], [1, 1, 2, 2, 3, 3])
        for one, other in (runs[:2], runs[2:4], runs[4:]):
            # All of the load to either, each by an agent of its own.
            self.assertEqual({run["target"] for run in (one, other)}, {"brisk", "slack"})
            self.assertEqual([len(run["agents"]) for run in (one, other)], [1, 1])
            self.assertNotEqual(one["agents"][0]["id"], other["agents"][0]["id"])
            self.assertEqual(one["ledger"]["scheduled"], other["ledger"]["scheduled"])
            self.assert_run_balanced(one)
            self.assert_run_balanced(other)
        # In the first two repeats each agent had each target once.
        self.assertEqual(len({(run["target"], run["agents"][0]["id"]) for run in runs[:4]}), 4)
        median = self.of_metric(report, "p50")
        self.assertTrue(median["paired"])
        self.assertEqual(median["finding"], "WORSE")
        self.assertTrue(all(run["cold_start_us"] > 0 for run in runs))
        rebuilt = self.controller(None, "report", self.bundle())
        self.assertIn("3 pairs of runs", rebuilt.stdout())
        self.assertEqual(self.report()["comparison"], report["comparison"])

    def test_aa_refuses_a_single_run(self):
        ended = self.controller(2, "aa", self.write_scenario(scenario()))
        self.assertIn("repeats: 2", ended.stderr())


if __name__ == "__main__":
    unittest.main()
