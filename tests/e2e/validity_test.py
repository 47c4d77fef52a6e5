"""Each reason for which a measurement is not believed, from what an agent tells over real gRPC to
the verdict, its words and the exit code. The agent is made up, so that nothing depends on what this
machine is busy with; what real agents measure has tests of its own."""

import unittest

from campaigns import ANY_VALIDITY, CampaignTest, agents, free_port, scenario
from programs import Echo, Program

INVALID = 3
INCONCLUSIVE = 4


class ValidityTest(CampaignTest):

    # As many seconds as the made-up agent tells of at once.
    def run_with(self, story, exit_code, bounds=None, max_send_lag="p99 < 1m", **changes):
        address = f"127.0.0.1:{free_port()}"
        fields = {"load": {"rate": "10/s", "connections": 1}, "measure": "40s",
                  "target": {"url": Echo(self).url}, **changes}
        run = self.start(scenario(
            cluster={"listen": address, "wait": "2m"}, validity={**ANY_VALIDITY, **(bounds or {})},
            agents=agents(1, workers=1, max_send_lag=max_send_lag), **fields))
        run.wait_for_line("waiting for")
        Program(self, "made_up_agent", address, "gen-1", story)
        self.expect_end(run, exit_code)
        return run

    def expect(self, validity, *words):
        """These reasons and no others, of the campaign and of its run."""
        verdict = self.report()["verdict"]
        self.assertEqual(verdict["validity"], validity)
        self.assertEqual(len(verdict["reasons"]), len(words), verdict)
        for reason, regex in zip(verdict["reasons"], words):
            self.assertRegex(reason, regex)
        self.assertEqual(self.the_run()["verdict"]["reasons"], verdict["reasons"])

    def expect_invalid(self, story, words, bounds=None, **changes):
        run = self.run_with(story, INVALID, bounds, **changes)
        self.expect("INVALID", words)
        self.assertIn("INVALID", run.stdout())

    def test_nothing_is_wrong_with_an_agent_that_has_no_trouble(self):
        self.run_with("late", 0)
        self.assertEqual(self.report()["verdict"]["reasons"], [])
        self.assertEqual(self.the_run()["ledger"]["ok"], "400")

    def test_a_send_lag_beyond_the_bound(self):
        self.expect_invalid("late", r"the generator was late: generator lag p99 is 20.*p99 < 1ms",
                            max_send_lag="p99 < 1ms")

    def test_a_core_that_is_hardly_idle(self):
        self.expect_invalid("busy", r"agent gen-1 left 3 % of its core idle; "
                            r"validity.min_idle_percent is 20", {"min_idle_percent": 20})

    def test_less_than_was_offered_though_the_target_answers(self):
        self.expect_invalid("behind", r"of 400 requests due in the window, 10 \(2.5 %\) were "
                            r"turned to only after it", {"max_shortfall_percent": 1})

    def test_cpu_time_that_the_hypervisor_took(self):
        self.expect_invalid("steal", r"the hypervisor took 50 % of the CPU time of agent gen-1's",
                            {"max_steal_percent": 2})

    def test_a_cpu_limit_that_held_the_agent_back(self):
        self.expect_invalid("throttled", r"a CPU limit held agent gen-1 back for 25 % of the",
                            {"max_throttled_percent": 1})

    def test_a_platform_that_stops_the_generator(self):
        self.expect_invalid("hiccups", r"kept the generator's threads from running: .* p99 is 30",
                            {"max_hiccup": "p99 < 5ms"})

    def test_a_start_that_was_not_the_common_one(self):
        self.expect_invalid("skewed", r"agent gen-1 started 0.[34]\S* s off the common start",
                            {"max_start_skew": "50ms"})

    def test_response_times_that_have_not_settled(self):
        self.run_with("drift", INCONCLUSIVE, {"max_drift_percent": 10})
        self.expect("INCONCLUSIVE", r"the median response time rose by .*it had not settled")

    def test_fewer_samples_than_the_quantile_needs(self):
        self.run_with("late", INCONCLUSIVE, slo=["p99.9 < 1s"])
        verdict = self.report()["verdict"]
        self.assertEqual((verdict["validity"], verdict["slo"]), ("VALID", "INCONCLUSIVE"))
        self.assertRegex(verdict["reasons"][0], "400 samples are too few for this quantile")

    # Scrapes keep real time: an agent that tells of each second when it is over.
    def test_metrics_that_cannot_be_read(self):
        target = {"url": Echo(self).url, "metrics": f"http://127.0.0.1:{free_port()}/metrics"}
        self.run_with("none", INCONCLUSIVE, {"max_scrape_gaps_percent": 10}, target=target,
                      measure="12s")
        self.expect("INCONCLUSIVE", r"target's metrics could not be read in (\d+) of \1 seconds",
                    r"scrapes of the metrics of target failed; the last: refused")


if __name__ == "__main__":
    unittest.main()
