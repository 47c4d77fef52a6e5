"""A campaign that was cut short goes on where it was: `controller resume BUNDLE`."""

import json
import os
import re
import signal
import unittest

from campaigns import LOAD_SEEN, CampaignTest, scenario
from programs import wait_until


class ResumeTest(CampaignTest):

    def two_runs(self, **changes):
        return scenario(target=None, targets={"a": {"service": "echo"}}, repeats=2, **changes)

    def ids(self):
        return [run["run_id"] for run in self.report()["runs"]]

    def test_after_kill_9_the_run_that_was_cut_off_is_done_again(self):
        run = self.start(self.two_runs(measure="3s"))
        run.wait_for_line("001-a-r1 is over")
        intervals = os.path.join(self.bundle(), "intervals.pb")
        size = os.path.getsize(intervals)
        wait_until(lambda: os.path.getsize(intervals) > size, "an interval of the second run")
        run.signal(signal.SIGKILL)
        self.expect_end(run, -signal.SIGKILL)
        self.controller(3, "report", self.bundle())
        before = self.report()["runs"]
        resumed = self.controller(0, "resume", self.bundle())
        self.assertIn("1 of 2 runs are finished; 002-a-r2 was cut off and is done again",
                      resumed.stderr())
        self.assertEqual(self.ids(), ["001-a-r1", "002-a-r2", "002-a-r2.2"])
        first, cut_off, again = self.report()["runs"]
        # What was kept is as it was, and what was acknowledged is there once.
        self.assertEqual([first, cut_off], before)
        self.assertIn("the run was cut off", cut_off["verdict"]["reasons"][0])
        self.assertEqual(again["ledger"]["ok"], "3000")
        self.assert_run_balanced(again)
        verdict = self.report()["verdict"]
        self.assertEqual(verdict["validity"], "VALID")
        self.assertIn("002-a-r2 was cut off and done again as 002-a-r2.2", verdict["reasons"])
        # There is nothing left to do.
        report = self.read("report.json")
        self.controller(0, "resume", self.bundle())
        self.assertEqual(self.read("report.json"), report)

    def test_after_ctrl_c_it_goes_on_with_the_next_run(self):
        run = self.start(self.two_runs(pause="1h"))
        run.wait_for_line("001-a-r1 is over")
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)
        self.controller(0, "resume", self.bundle())
        self.assertEqual(self.ids(), ["001-a-r1", "002-a-r2"])
        self.assertEqual([run["ledger"]["ok"] for run in self.report()["runs"]], ["1000", "1000"])

    def cut_off_in_its_second_run(self, fields):
        """Killed when an interval of the second run is on the disk; then resumed."""
        run = self.start(fields)
        run.wait_for_line("bundle: ")
        intervals = os.path.join(self.bundle(), "intervals.pb")
        wait_until(lambda: len(self.run_ids_kept()) == 2, "the second run's start")
        size = os.path.getsize(intervals)
        wait_until(lambda: os.path.getsize(intervals) > size, "an interval of the second run")
        run.signal(signal.SIGKILL)
        self.expect_end(run, -signal.SIGKILL)
        return self.controller(0, "resume", self.bundle())

    def run_ids_kept(self):
        """The runs that have begun, by the bundle's records."""
        with open(os.path.join(self.bundle(), "runs.pb"), "rb") as file:
            return set(re.findall(rb"00\d-a-(?:r\d|\d+rps)", file.read()))

    # By what no other load on the machine changes.
    def test_repeats_until_it_is_known_go_on(self):
        resumed = self.cut_off_in_its_second_run(
            scenario(target=None, targets={"a": {"service": "echo"}}, measure="3s",
                     repeats={"until": "rss ± 50%", "max": 8}))
        self.assertIn("1 of 8 runs are finished; 002-a-r2 was cut off", resumed.stderr())
        self.assertEqual(self.ids(), ["001-a-r1", "002-a-r2", "002-a-r2.2", "003-a-r3"])
        report = self.report()
        self.assertTrue(report["stopping"]["reached"])
        self.assertEqual(report["stopping"]["repeats"], 3)
        self.assertEqual(report["verdict"]["validity"], "VALID")

    def test_a_search_goes_on_at_the_rate_where_it_was_cut_off(self):
        self.cut_off_in_its_second_run(
            scenario(target=None, targets={"a": {"service": "echo"}}, measure="3s",
                     load={"connections": 8},
                     search={"capacity": {"slo": ["errors < 50%"], "from": "50/s", "to": "200/s"}}))
        [search] = self.report()["capacity"]
        self.assertEqual([point["offered_rps"] for point in search["curve"]], [50, 100, 200, 200])
        self.assertEqual(search["knee_rps"], 200)
        self.assertEqual([run["run_id"] for run in self.report()["runs"]][:3],
                         ["001-a-r1", "002-a-100rps", "002-a-100rps.2"])

    def test_it_is_held_against_the_noise_floor_that_it_was_begun_with(self):
        floor = {"target": "a", "measured_at": "2026-11-26T09:00:00Z",
                 "metrics": [{"metric": "rss", "largest_difference": 0.5}]}
        os.makedirs(self.results)
        path = os.path.join(self.results, "noise-floor.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(floor, file)
        echo = {"service": "echo"}
        self.cut_off_in_its_second_run(
            scenario(target=None, targets={"a": echo, "b": echo}, repeats=2, measure="2s",
                     order="sequential"))
        os.remove(path)
        resumed = self.report()
        self.assertIn("noise floor", json.dumps(resumed).replace("_", " "))
        self.controller(None, "report", self.bundle())
        self.assertEqual(self.report(), resumed)

    def test_a_bundle_that_is_in_use_is_left_alone(self):
        run = self.start(self.two_runs(measure="1h"))
        run.wait_for_line(LOAD_SEEN)
        second = self.controller(2, "resume", self.bundle())
        self.assertIn("another controller is writing to it", second.stderr())
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)

    def test_what_is_no_bundle_is_refused(self):
        self.assertIn("is not a bundle", self.controller(2, "resume", self.directory).stderr())


if __name__ == "__main__":
    unittest.main()
