"""The same command again and again, as a supervisor gives it, until there is a verdict."""

import os
import signal
import unittest

from campaigns import CampaignTest, free_port, scenario
from programs import Echo, Program, wait_until

KILLED = -signal.SIGKILL
TERMINATED = 128 + signal.SIGTERM


class ResumableTest(CampaignTest):

    def setUp(self):
        super().setUp()
        self.path = self.write_scenario(self.two_runs())

    @staticmethod
    def two_runs(**changes):
        return scenario(**{"target": None, "repeats": 2, "pause": "100ms", "measure": "3s",
                           "slo": [], "targets": {"a": {"service": "echo"}}, **changes})

    def arguments(self, *flags, name="nightly"):
        return [self.path, "--results", self.results, "--resumable", name, *flags]

    def begin(self):
        """The command, while it goes on."""
        return Program(self, "controller", *self.arguments())

    def command(self, exit_code, *flags, **name):
        """The command to its end."""
        return self.controller(exit_code, *self.arguments(*flags, **name))

    def ids(self):
        return [run["run_id"] for run in self.report()["runs"]]

    def in_the_second_run(self, run):
        run.wait_for_line("001-a-r1 is over")
        intervals = os.path.join(self.bundle(), "intervals.pb")
        size = os.path.getsize(intervals)
        wait_until(lambda: os.path.getsize(intervals) > size, "an interval of the second run")

    def test_after_kill_9_the_same_command_goes_on(self):
        run = self.begin()
        self.in_the_second_run(run)
        run.signal(signal.SIGKILL)
        self.expect_end(run, KILLED)
        again = self.command(0)
        self.assertIn("1 of 2 runs are finished; 002-a-r2 was cut off and is done again",
                      again.stderr())
        self.assertEqual(len(self.bundles()), 1)
        self.assertEqual(self.ids(), ["001-a-r1", "002-a-r2", "002-a-r2.2"])
        # Of each planned run one counts, whole.
        counted = [run for run in self.report()["runs"] if run["verdict"]["validity"] == "VALID"]
        self.assertEqual([run["repeat"] for run in counted], [1, 2])
        self.assertEqual([run["ledger"]["ok"] for run in counted], ["3000", "3000"])
        # The verdict is there: nothing is sent any more.
        report = self.read("report.json")
        self.assertIn("every run of", self.command(0).stderr())
        self.assertEqual(self.read("report.json"), report)
        self.assertEqual(len(self.bundles()), 1)

    def test_a_job_goes_on_with_the_agents_that_its_first_pod_had(self):
        # As on Kubernetes: agents that outlive the controller, and a controller that is taken away
        # twice.
        echo = Echo(self)
        port = free_port()
        for name in ("left", "right"):
            Program(self, "agent", "--controller", f"127.0.0.1:{port}", "--id", name)
        self.path = self.write_scenario(self.two_runs(
            targets={"a": {"url": echo.url}}, cluster={"listen": f"127.0.0.1:{port}"}))
        first = self.begin()
        self.in_the_second_run(first)
        first.signal(signal.SIGKILL)
        self.expect_end(first, KILLED)
        second = self.begin()
        second.wait_for_line("measure .* left")
        second.signal(signal.SIGTERM)
        self.expect_end(second, TERMINATED)
        self.command(0)
        self.assertEqual(self.ids(), ["001-a-r1", "002-a-r2", "002-a-r2.2", "002-a-r2.3"])
        counted = [run for run in self.report()["runs"] if run["verdict"]["validity"] == "VALID"]
        self.assertEqual([run["run_id"] for run in counted], ["001-a-r1", "002-a-r2.3"])
        self.assertEqual([run["ledger"]["ok"] for run in counted], ["3000", "3000"])

    def test_sigterm_leaves_it_to_the_next_one(self):
        run = self.begin()
        self.in_the_second_run(run)
        run.signal(signal.SIGTERM)
        self.expect_end(run, TERMINATED)
        self.command(0)
        self.assertEqual(self.ids(), ["001-a-r1", "002-a-r2", "002-a-r2.2"])
        self.assertEqual(self.report()["verdict"]["validity"], "VALID")

    def test_sigterm_before_the_first_load_is_no_verdict_either(self):
        self.path = self.write_scenario(self.two_runs(warmup="1h"))
        run = self.begin()
        run.wait_for_line(r"warmup .* left")
        run.signal(signal.SIGTERM)
        self.expect_end(run, TERMINATED)

    def test_a_verdict_is_given_again(self):
        self.path = self.write_scenario(self.two_runs(repeats=1, slo=["p99 < 1ns"]))
        self.command(1)
        self.command(1)
        self.assertEqual(self.ids(), ["001-a-r1"])

    def test_another_scenario_or_scale_needs_another_name(self):
        self.path = self.write_scenario(self.two_runs(repeats=1))
        self.command(0)
        self.assertIn("another scenario or scale", self.command(2, "--scale=0.5").stderr())
        self.path = self.write_scenario(self.two_runs(repeats=1, measure="1s"))
        self.assertIn("another scenario or scale", self.command(2).stderr())
        self.command(0, name="weekly")
        self.assertEqual(len(self.bundles()), 2)

    def write(self, name, text):
        with open(os.path.join(self.directory, name), "w", encoding="utf-8") as file:
            file.write(text)

    def test_a_file_that_has_changed_since_needs_another_name(self):
        files = {"body.json": '{"id": 1}', "users.csv": "name\nann\nbob\n"}
        for name, text in files.items():
            self.write(name, text)
        filled = {"inline": '{"name": "{{users.name}}"}'}
        self.path = self.write_scenario(self.two_runs(
            repeats=1, measure="1s", feeds={"users": {"file": "users.csv"}}, request=None,
            load={"rate": "100/s", "connections": 2},
            requests=[{"name": "plain", "method": "POST", "body": {"file": "body.json"}},
                      {"name": "filled", "method": "POST", "body": filled}]))
        self.command(None)
        self.assertIn("every run of", self.command(None).stderr())
        report = self.read("report.json")
        for name, words in (("body.json", "has changed: body.json. Give"),
                            ("users.csv", "has changed: the feed users (users.csv). Give")):
            self.write(name, files[name].replace("1", "2").replace("bob", "eve"))
            self.assertIn(words, self.command(2).stderr())
            self.write(name, files[name])
        self.command(None)
        self.assertEqual(self.read("report.json"), report)
        self.assertEqual(len(self.bundles()), 1)

    def test_names_that_cannot_be_and_bundles_that_are_gone(self):
        self.assertIn("is no name for a campaign", self.command(2, name="../up").stderr())
        os.makedirs(self.results)
        with open(os.path.join(self.results, "nightly.campaign"), "w", encoding="utf-8") as file:
            file.write("gone-20260101T000000Z\n")
        self.assertIn("remove that file to begin anew", self.command(2).stderr())


if __name__ == "__main__":
    unittest.main()
