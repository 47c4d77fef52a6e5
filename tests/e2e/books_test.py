"""The books balance to the last request, and report.json says so under its published names."""

import unittest

from campaigns import OUTCOMES, SUMMARIES, CampaignTest, agents, request, scenario
from programs import Echo

# What people's scripts read. Fields may be added, never renamed.
REPORT_FIELDS = {
    "schema_version", "name", "started_at", "verdict", "scenario_sha256", "seed", "environment",
    "agents", "runs", "slo"
}
AGENT_FIELDS = {
    "id", "host", "cores", "start_skew_us", "clock_uncertainty_us", "cpu_cores", "max_core_busy"
}
RUN_FIELDS = {
    "target", "point", "repeat", "phase_seconds", "offered_rps", "sent_rps", "achieved_rps",
    "ledger", "response_time", "service_time", "send_lag", "requests", "target_resources",
    "intervals_path", "verdict"
}
LEDGER_FIELDS = {"scheduled", "sent", "unsent", *OUTCOMES}
SUMMARY_FIELDS = {
    "count", "mean_us", "p50_us", "p90_us", "p95_us", "p99_us", "p99_9_us", "p99_99_us", "max_us"
}
RESOURCE_FIELDS = {
    "cpu_cores_mean", "cpu_us_per_request", "rss_bytes_mean", "rss_bytes_max",
    "rss_slope_bytes_per_s", "scrapes", "scrape_gaps", "watched"
}
SLO_FIELDS = {"expression", "measured", "low", "high", "result"}


class OpenLoopTest(CampaignTest):

    def run_against(self, echo):
        self.run_scenario(
            scenario(name="books",
                     target={"url": echo.url, "metrics": echo.metrics_url},
                     load={"rate": "1500/s", "connections": 8},
                     warmup="1s", measure="3s", slo=["errors < 1%"]), 0)
        return self.the_run()

    def test_report_agrees_with_the_plan_and_with_the_echos_own_count(self):
        echo = Echo(self)
        run = self.run_against(echo)
        self.assert_run_balanced(run)
        self.assert_beats_kept(run, self.plan()["runs"][0])
        self.assertEqual(run["warmup_ledger"]["scheduled"], "1500")
        self.assertEqual(run["ledger"]["scheduled"], "4500")
        self.assertEqual(run["ledger"]["ok"], "4500")
        sent = int(run["ledger"]["sent"]) + int(run["warmup_ledger"]["sent"])
        self.assertEqual(sent, echo.requests_total())
        for summary in SUMMARIES:
            self.assertEqual(run[summary]["count"], "4500", summary)
        self.assertEqual(run["offered_rps"], 1500)
        self.assertAlmostEqual(sum(agent["sent_share"] for agent in run["agents"]), 1)
        self.assertEqual([agent["sent"] for agent in run["agents"]], ["2250", "2250"])
        self.assertGreater(run["target_resources"]["scrapes"], 0)
        self.assertGreater(run["target_resources"]["rss_bytes_max"], 0)

    def test_report_has_the_published_fields(self):
        self.run_against(Echo(self))
        report = self.report()
        self.assertLessEqual(REPORT_FIELDS, report.keys())
        self.assertEqual(report["name"], "books")
        self.assertEqual(report["verdict"].keys(), {"validity", "slo", "reasons"})
        self.assertEqual((report["verdict"]["validity"], report["verdict"]["slo"]),
                         ("VALID", "PASS"))
        self.assertEqual([agent["id"] for agent in report["agents"]], ["agent-1", "agent-2"])
        for agent in report["agents"]:
            self.assertLessEqual(AGENT_FIELDS, agent.keys())
        run = report["runs"][0]
        self.assertLessEqual(RUN_FIELDS, run.keys())
        for name in SUMMARIES:
            self.assertLessEqual(SUMMARY_FIELDS, run[name].keys(), name)
            self.assertIsInstance(run[name]["count"], str)
            self.assertIsInstance(run[name]["p99_us"], (int, float))
        self.assertLessEqual(RESOURCE_FIELDS, run["target_resources"].keys())
        for ledger in (run["ledger"], run["requests"][0]["ledger"]):
            self.assertLessEqual(LEDGER_FIELDS, ledger.keys())
            self.assertTrue(all(isinstance(ledger[name], str) for name in LEDGER_FIELDS), ledger)
        self.assertLessEqual(SLO_FIELDS, report["slo"][0].keys())

    def test_poisson_with_a_ramp_and_a_burst_sends_the_plans_beats(self):
        echo = Echo(self)
        self.run_scenario(
            scenario(target={"url": echo.url},
                     load={
                         "rate": "200/s", "arrivals": "poisson", "connections": 16,
                         "stages": [{"to": "1k/s", "over": "1s"}, {"hold": "500ms"},
                                    {"burst": "2k/s", "for": "500ms"}, {"hold": "500ms"}]
                     },
                     warmup="500ms", measure=None, agents=agents(3)), 0)
        run = self.the_run()
        self.assert_run_balanced(run)
        self.assert_beats_kept(run, self.plan()["runs"][0])
        self.assertEqual(int(run["ledger"]["sent"]) + int(run["warmup_ledger"]["sent"]),
                         echo.requests_total())
        # The area under the stages is 600 + 500 + 1000 + 500; chance moves it by its square root.
        self.assertAlmostEqual(int(run["ledger"]["scheduled"]), 2600, delta=6 * 51)

    def test_the_same_seed_sends_the_same_schedule(self):
        beats = []
        for _ in range(2):
            self.run_scenario(
                scenario(seed=7, measure="500ms",
                         load={"rate": "1k/s", "arrivals": "poisson", "connections": 8}), 0)
            report = self.report(self.bundles()[-1])
            self.assertEqual(report["seed"], "7")
            beats.append(report["runs"][0]["ledger"]["scheduled"])
        self.assertEqual(beats[0], beats[1])


class ClosedLoopTest(CampaignTest):

    def test_by_count_sends_exactly_that_many(self):
        echo = Echo(self)
        ended = self.run_scenario(
            scenario(target={"url": echo.url}, load={"concurrency": 4, "requests": 2000},
                     measure=None), 0)
        run = self.the_run()
        self.assert_run_balanced(run)
        self.assertEqual(run["ledger"]["sent"], "2000")
        self.assertEqual(run["ledger"]["ok"], "2000")
        self.assertEqual(echo.requests_total(), 2000)
        self.assertEqual([agent["sent"] for agent in run["agents"]], ["1000", "1000"])
        self.assertIs(run["closed_loop"], True)
        self.assertIn("closed loop", ended.stdout())

    def test_by_count_after_a_warmup_measures_exactly_that_many(self):
        echo = Echo(self)
        self.run_scenario(
            scenario(target={"url": echo.url}, load={"concurrency": 4, "requests": 2000},
                     warmup="300ms", measure=None), 0)
        run = self.the_run()
        self.assert_run_balanced(run)
        self.assertEqual(run["ledger"]["sent"], "2000")
        self.assertEqual(int(run["warmup_ledger"]["sent"]) + 2000, echo.requests_total())

    def test_by_time_sends_what_the_target_answers(self):
        echo = Echo(self)
        self.run_scenario(
            scenario(target={"url": echo.url}, load={"concurrency": 2}, warmup="300ms",
                     measure="1s"), 0)
        run = self.the_run()
        self.assert_run_balanced(run)
        self.assertIs(run["closed_loop"], True)
        self.assertGreater(int(run["ledger"]["ok"]), 0)
        self.assertEqual(int(run["ledger"]["sent"]) + int(run["warmup_ledger"]["sent"]),
                         echo.requests_total())

    def test_the_open_loop_is_not_labelled_closed(self):
        ended = self.run_scenario(scenario(), 0)
        self.assertIs(self.the_run().get("closed_loop", False), False)
        self.assertIn("open loop", ended.stdout())


class CampaignOrderTest(CampaignTest):

    def test_two_targets_twice_interleaved_run_as_a_b_b_a(self):
        a, b = Echo(self), Echo(self)
        self.run_scenario(
            scenario(target=None, targets={"a": {"url": a.url}, "b": {"url": b.url}},
                     measure="500ms", repeats=2, order="interleaved"), 0)
        runs = self.report()["runs"]
        # The seed draws who begins, and whoever does ends the second repeat.
        self.assertEqual([run["repeat"] for run in runs], [1, 1, 2, 2])
        targets = [run["target"] for run in runs]
        self.assertEqual(targets[:2], targets[:1:-1])
        self.assertEqual(set(targets), {"a", "b"})
        for run, plan_run in zip(runs, self.plan()["runs"]):
            self.assert_run_balanced(run)
            self.assert_beats_kept(run, plan_run)
        self.assertEqual((a.requests_total(), b.requests_total()), (1000, 1000))

    def test_a_matrix_runs_each_point(self):
        self.run_scenario(
            scenario(matrix={"payload": ["256B", "1KiB"]}, measure="500ms", request=request()), 0)
        self.assertEqual([run["point"] for run in self.report()["runs"]],
                         [{"payload": "256B"}, {"payload": "1KiB"}])


if __name__ == "__main__":
    unittest.main()
