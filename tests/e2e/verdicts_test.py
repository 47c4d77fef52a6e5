"""What a run is judged to be, what its exit code says of it, and what the report says then."""

import json
import unittest

from campaigns import LOAD_SEEN, CampaignTest, agents, free_port, request, scenario
from programs import Echo



class OutcomeTest(CampaignTest):
    """Each wrong answer is counted as what it is, and the books still balance."""

    def run_expecting(self, expect):
        echo = Echo(self)
        self.run_scenario(
            scenario(target={"url": echo.url}, request=request(expect=expect),
                     slo=["errors < 1%"]), 1)
        run = self.the_run()
        self.assert_run_balanced(run)
        self.assertEqual(run["ledger"]["sent"], "1000")
        self.assertEqual(echo.requests_total(), 1000)
        return run

    def test_another_status_is_bad_status(self):
        run = self.run_expecting({"status": 201})
        self.assertEqual(run["ledger"]["bad_status"], "1000")
        self.assertEqual(run["goodput_rps"], 0)

    def test_a_body_without_the_text_is_bad_body(self):
        run = self.run_expecting({"status": 200, "body_contains": "no echo says this"})
        self.assertEqual(run["ledger"]["bad_body"], "1000")

    def test_a_target_that_dies_in_the_middle(self):
        echo = Echo(self)
        run = self.start(
            scenario(target={"url": echo.url}, measure="8s", slo=["errors < 0.1%"]))
        run.wait_for_line(LOAD_SEEN)
        echo.kill()
        self.expect_end(run, 1)
        ledger = self.the_run()["ledger"]
        self.assert_run_balanced(self.the_run())
        self.assert_beats_kept(self.the_run(), self.plan()["runs"][0])
        self.assertGreater(int(ledger["ok"]), 0)
        self.assertGreater(int(ledger["refused"]) + int(ledger["reset"]), 0)
        self.assertIn("refused", run.stdout())

    def test_a_target_that_dies_is_no_success_without_an_objective_either(self):
        echo = Echo(self)
        run = self.start(scenario(target={"url": echo.url}, measure="8s"))
        run.wait_for_line(LOAD_SEEN)
        echo.kill()
        self.expect_end(run, 4)
        self.assertEqual(self.report()["verdict"]["validity"], "INCONCLUSIVE")
        self.assertIn("did not end ok", " ".join(self.report()["verdict"]["reasons"]))

    def test_a_service_of_the_fleet_that_dies_invalidates_the_run(self):
        run = self.start(scenario(measure="1m"))
        run.wait_for_line(LOAD_SEEN)
        [echo] = [child for words, child in run.children().items() if "--port" in words]
        echo.signal(9)
        self.expect_end(run, 3)
        self.assertRegex(" ".join(self.report()["verdict"]["reasons"]), "echo.* killed by signal 9")

    def test_a_port_that_nobody_listens_on(self):
        port = free_port()
        ended = self.run_scenario(
            scenario(target={"url": f"http://127.0.0.1:{port}/echo"}), 5)
        self.assertRegex(ended.stderr(), f"127.0.0.1:{port}.*refused")
        # Nothing was sent, so nothing was measured, and no report says that something was.
        self.assertRaises(FileNotFoundError, self.report)
        ended = self.controller(2, "report", self.bundle())
        self.assertIn("no run that has begun", ended.stderr())
        self.assertRaises(FileNotFoundError, self.report)


    def test_a_later_run_that_cannot_start_does_not_take_the_earlier_ones_along(self):
        refused = f"http://127.0.0.1:{free_port()}/echo"
        ended = self.run_scenario(
            scenario(target=None, targets={"a": {"url": Echo(self).url}, "b": {"url": refused}},
                     order="sequential"), 4)
        self.assertEqual(self.the_run()["ledger"]["ok"], "1000")
        self.assertIn("1 of 2 planned runs were carried out", self.report()["verdict"]["reasons"])
        self.assertRegex(ended.stderr(), "002-b-r1: agent .* refused")


class ExitCodeTest(CampaignTest):

    def test_valid_and_met_is_0(self):
        # Against a service whose CPU time is not read: too short a run would be remarked on.
        ended = self.run_scenario(
            scenario(target={"url": Echo(self).url}, slo=["p99 < 1h", "errors <= 0%"]), 0)
        self.assertEqual(self.report()["verdict"], {
            "validity": "VALID",
            "slo": "PASS",
            "reasons": []
        })
        self.assertIn("VALID, SLO PASS", ended.stdout())

    def test_a_missed_objective_is_1(self):
        ended = self.run_scenario(scenario(slo=["p50 < 1us", "p99 < 1h"]), 1)
        report = self.report()
        self.assertEqual((report["verdict"]["validity"], report["verdict"]["slo"]),
                         ("VALID", "FAIL"))
        self.assertEqual({slo["expression"]: slo["result"] for slo in report["slo"]}, {
            "p50 < 1us": "FAIL",
            "p99 < 1h": "PASS"
        })
        self.assertIn("SLO FAIL", ended.stdout())

    def test_a_late_generator_is_3_whatever_the_objectives(self):
        ended = self.run_scenario(
            scenario(agents=agents(1, max_send_lag="p99 < 1us"), slo=["p99 < 1h"]), 3)
        verdict = self.report()["verdict"]
        self.assertEqual(verdict["validity"], "INVALID")
        self.assertIn("the generator was late", verdict["reasons"][0])
        self.assertIn("p99 < 1us", verdict["reasons"][0])
        self.assertIn("the generator was late", ended.stdout())


class RebuiltReportTest(CampaignTest):
    """`controller report` makes the same report again from what the bundle holds."""

    def rebuild(self, exit_code):
        first = self.read("report.json")
        self.assertEqual(json.loads(first), self.report())
        # So that the one that is read afterwards is the new one.
        with open(f"{self.bundle()}/report.json", "w", encoding="utf-8") as file:
            file.write("{}")
        ended = self.controller(exit_code, "report", self.bundle())
        self.assertEqual(self.read("report.json"), first)
        return ended

    def test_of_a_valid_run(self):
        first = self.run_scenario(scenario(warmup="300ms", repeats=2, slo=["p99 < 1h"]), 0)
        self.assertEqual(self.rebuild(0).stdout(), first.stdout())

    def test_of_a_failed_objective(self):
        self.run_scenario(scenario(slo=["p50 < 1us"]), 1)
        self.rebuild(1)

    def test_of_an_invalid_run(self):
        self.run_scenario(scenario(agents=agents(1, max_send_lag="p99 < 1us")), 3)
        self.rebuild(3)


if __name__ == "__main__":
    unittest.main()
