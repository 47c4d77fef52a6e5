"""A run that does not come to its end: all is ended, and the report says how far it went."""

import signal
import unittest

from campaigns import LOAD_SEEN, CampaignTest, agents, free_port, scenario
from programs import Echo

# Longer than any test waits: a run of this length ends only because it is ended.
ENDLESS = "1h"
# Of Ctrl-C; see docs/reliability.md.
STOP_WITHIN_S = 1


class InterruptionTest(CampaignTest):

    def start_endless(self, **changes):
        """A run in the middle of its load, and its children."""
        run = self.start(scenario(measure=ENDLESS, **changes))
        run.wait_for_line(LOAD_SEEN)
        children = run.children()
        self.assertEqual(len(children), 3, children.keys())
        return run, children

    def assert_all_gone(self, children):
        for words, child in children.items():
            self.assertTrue(child.wait_until_gone(), words)

    def assert_partial(self, run):
        """Some of the hour was measured, and its books are closed."""
        self.assert_run_balanced(run)
        self.assertGreater(int(run["ledger"]["ok"]), 0)

    def test_ctrl_c_reports_what_was_measured(self):
        run, children = self.start_endless()
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)
        self.assert_all_gone(children)
        self.assert_partial(self.the_run())
        self.assertLess(self.the_run()["phase_seconds"], 3600)
        verdict = self.report()["verdict"]
        self.assertEqual(verdict["validity"], "INCONCLUSIVE")
        self.assertIn("the run was interrupted", verdict["reasons"])
        self.assertIn("stopped by the user", run.stderr())
        self.assertRegex(run.stderr(), r"to carry out the rest: controller resume \S+\n$")
        first = self.read("report.json")
        self.controller(4, "report", self.bundle())
        self.assertEqual(self.read("report.json"), first)

    def test_ctrl_c_stops_all_load_within_a_second_and_still_reports(self):
        rate, warmup_s = 500, 1
        echo = Echo(self)
        run = self.start(scenario(target={"url": echo.url}, measure=ENDLESS, warmup=f"{warmup_s}s",
                                  load={"rate": f"{rate}/s", "connections": 8}, agents=agents(3)))
        run.wait_for_line(LOAD_SEEN)
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)
        measured = self.the_run()
        self.assert_run_balanced(measured)
        # At a constant rate the number of beats that came due says when the last one did.
        due = int(measured["ledger"]["scheduled"]) + int(measured["warmup_ledger"]["scheduled"])
        last_start_s = (due - 1) / rate
        self.assertGreater(measured["stopped_at_s"], warmup_s)
        self.assertLess(last_start_s, measured["stopped_at_s"] + STOP_WITHIN_S)
        # The target has seen no more than those.
        sent = int(measured["ledger"]["sent"]) + int(measured["warmup_ledger"]["sent"])
        self.assertLessEqual(echo.requests_total(), sent)

    def test_ctrl_c_keeps_the_runs_before(self):
        run = self.start(
            scenario(target=None, measure="500ms", repeats=2, pause="1h",
                     targets={"a": {"service": "echo"}}))
        # The first run is in the bundle, and the campaign is in its pause of an hour.
        run.wait_for_line("001-a-r1 is over")
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)
        self.assertEqual(self.the_run()["ledger"]["ok"], "500")
        self.assertIn("1 of 2 planned runs were carried out", self.report()["verdict"]["reasons"])

    def test_sigterm_does_the_same(self):
        run, children = self.start_endless()
        run.signal(signal.SIGTERM)
        self.expect_end(run, 4)
        self.assert_all_gone(children)
        self.assert_partial(self.the_run())

    def test_ctrl_c_before_the_start(self):
        # Nobody listens there: whenever the signal comes, nothing was measured.
        run = self.start(scenario(target={"url": f"http://127.0.0.1:{free_port()}/echo"}))
        run.wait_for_line("bundle: ")
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)
        self.assertIn("stopped by the user before anything was measured", run.stderr())
        self.assertRaises(FileNotFoundError, self.report)

    def test_a_second_ctrl_c_quits_at_once(self):
        run, children = self.start_endless()
        for child in children.values():
            # Nobody answers any more: to wait for them would take the limits of the fleet.
            child.signal(signal.SIGSTOP)
        run.signal(signal.SIGINT)
        run.wait_for_line("stopped by the user")
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)
        self.assert_all_gone(children)

    def test_a_second_that_nobody_reports_is_not_shown_as_the_last_one(self):
        run, children = self.start_endless()
        for child in children.values():
            child.signal(signal.SIGSTOP)
        run.wait_for_line(r"measure .* left \(.*\)  no report for \d+ s  \d+ errors  ")
        run.signal(signal.SIGINT)
        run.wait_for_line("stopped by the user")
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)
        self.assert_all_gone(children)

    def test_a_killed_controller_leaves_nobody_behind_and_a_bundle_that_can_be_read(self):
        run, children = self.start_endless()
        run.signal(signal.SIGKILL)
        self.expect_end(run, -signal.SIGKILL)
        self.assert_all_gone(children)
        self.assertRaises(FileNotFoundError, self.report)
        ended = self.controller(3, "report", self.bundle())
        self.assertIn("INVALID", ended.stdout())
        report = self.report()
        self.assertEqual(report["verdict"]["validity"], "INVALID")
        self.assertIn("the run was cut off", report["verdict"]["reasons"][0])
        self.assertGreater(int(self.the_run()["ledger"]["ok"]), 0)
        # When it began is not in the bundle's records: better nothing than 1970.
        self.assertNotIn("1970", report["started_at"] + ended.stdout())

    def test_an_agent_that_falls_silent_invalidates_the_run(self):
        run, children = self.start_endless()
        [victim] = [child for words, child in children.items() if "--id agent-1" in words]
        victim.signal(signal.SIGSTOP)
        self.expect_end(run, 3)
        # One that is stopped does not hear SIGTERM; it is ended all the same.
        self.assert_all_gone(children)
        self.assertRegex(self.report()["verdict"]["reasons"][0],
                         r"agent agent-1 was lost at \d+(\.\d+)? s: it has not reported for")

    def test_a_killed_agent_invalidates_the_run_by_name_and_instant(self):
        run, children = self.start_endless()
        [victim] = [child for words, child in children.items() if "--id agent-2" in words]
        victim.signal(signal.SIGKILL)
        self.expect_end(run, 3)
        self.assert_all_gone(children)
        report = self.report()
        self.assertEqual(report["verdict"]["validity"], "INVALID")
        self.assertRegex(report["verdict"]["reasons"][0],
                         r"agent agent-2 was lost at \d+(\.\d+)? s: .*killed by signal 9")
        by_id = {agent["id"]: agent for agent in report["agents"]}
        self.assertGreater(by_id["agent-2"]["lost_at_s"], 0)
        self.assertNotIn("lost_at_s", by_id["agent-1"])
        self.assertIn("lost at", run.stdout())
        # What was received until then is kept.
        self.assertGreater(int(self.the_run()["ledger"]["ok"]), 0)


if __name__ == "__main__":
    unittest.main()
