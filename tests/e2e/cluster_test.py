"""A cluster: agents that somebody else started dial in, and outlive the runs that they serve."""

import signal
import unittest

from campaigns import LOAD_SEEN, CampaignTest, agents, free_port, scenario
from programs import Echo, Program


class ClusterTest(CampaignTest):

    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.echo = Echo(self)

    def start_agent(self, name, *flags):
        return Program(self, "agent", "--controller", f"127.0.0.1:{self.port}", "--id", name,
                       *flags)

    def cluster_scenario(self, wait="2m", **changes):
        return scenario(target={"url": self.echo.url},
                        cluster={"listen": f"127.0.0.1:{self.port}", "wait": wait}, **changes)

    def assert_good(self, run):
        self.assert_run_balanced(run)
        self.assertEqual(run["ledger"]["ok"], "1000")

    def test_agents_outlive_campaigns(self):
        crew = [self.start_agent("left"), self.start_agent("right")]
        for campaign in (1, 2):
            run = self.run_scenario(self.cluster_scenario(), 0)
            self.assertIn(f"waiting for 2 agents at 127.0.0.1:{self.port}", run.stderr())
            self.assertEqual(len(self.bundles()), campaign)
            report = self.report(self.bundles()[-1])
            self.assertEqual([agent["id"] for agent in report["agents"]], ["left", "right"])
            self.assert_good(report["runs"][0])
            self.assertEqual(self.echo.requests_total(), 1000 * campaign)
        for agent in crew:
            agent.signal(signal.SIGTERM)
            self.expect_end(agent, 0)

    def test_agents_may_come_after_the_controller(self):
        run = self.start(self.cluster_scenario())
        run.wait_for_line("waiting for 2 agents")
        self.start_agent("left")
        self.start_agent("right")
        self.expect_end(run, 0)
        self.assert_good(self.the_run())

    def test_missing_agents_are_counted_and_those_present_are_named(self):
        run = self.start(self.cluster_scenario(wait="5s", agents=agents(3)))
        run.wait_for_line("waiting for 3 agents")
        self.start_agent("alone")
        self.expect_end(run, 5)
        # The agent may be too late on a busy machine; who is counted is then not there either.
        self.assertRegex(run.stderr(), "of 3 agents only (1 joined in time: alone|0 joined)")
        self.assertEqual(self.echo.requests_total(), 0)

    def test_no_agent_at_all(self):
        run = self.run_scenario(self.cluster_scenario(wait="1s"), 5)
        self.assertIn("of 2 agents only 0 joined in time", run.stderr())

    def test_ctrl_c_ends_the_wait(self):
        run = self.start(self.cluster_scenario(wait="1h"))
        run.wait_for_line("waiting for 2 agents")
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)
        self.assertIn("stopped by the user before anything was measured", run.stderr())
        self.assertNotIn("joined in time", run.stderr())

    def test_a_port_that_is_taken(self):
        self.port = self.echo.port
        run = self.run_scenario(self.cluster_scenario(), 5)
        self.assertIn(f"cannot listen on 127.0.0.1:{self.port}", run.stderr())

    def test_an_agent_refuses_a_target_that_it_does_not_allow(self):
        self.start_agent("left")
        right = self.start_agent("right", "--allow", "10.0.0.0/8")
        run = self.run_scenario(self.cluster_scenario(), 5)
        self.assertIn(f"agent right: round_trip is target not known: 127.0.0.1:{self.echo.port} is "
                      "not on this agent's allow-list (10.0.0.0/8)", run.stderr())
        right.wait_for_line("may not send to a target: ")
        checked = self.controller(5, "check", self.write_scenario(self.cluster_scenario()))
        self.assertRegex(checked.stdout(), r"round_trip +target not known: .* FATAL")
        self.assertEqual(self.echo.requests_total(), 0)

    def test_an_agent_that_is_killed_is_missed(self):
        crew = {name: self.start_agent(name) for name in ("left", "right")}
        run = self.start(self.cluster_scenario(measure="1h"))
        run.wait_for_line(LOAD_SEEN)
        crew["left"].kill()
        self.expect_end(run, 3)
        lost = r"agent left was lost at \d+(\.\d+)? s: its stream ended"
        self.assertRegex(self.report()["verdict"]["reasons"][0], lost)
        # At once, and not only with the report.
        self.assertRegex(run.stderr(), f"\n001-target-r1: {lost}")

    def test_ctrl_c_leaves_agents_ready_for_the_next_campaign(self):
        self.start_agent("left")
        self.start_agent("right")
        run = self.start(self.cluster_scenario(measure="1h"))
        run.wait_for_line(LOAD_SEEN)
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)
        self.run_scenario(self.cluster_scenario(), 0)
        self.assert_good(self.report(self.bundles()[-1])["runs"][0])


if __name__ == "__main__":
    unittest.main()
