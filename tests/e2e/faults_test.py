"""Something breaks while the load runs: what was acknowledged is in the report exactly once, and
the gap is named. The real programs, real signals, real sockets."""

import os
import resource
import shutil
import signal
import subprocess
import unittest

from campaigns import ANY_VALIDITY, LOAD_SEEN, CampaignTest, agents, free_port, request, scenario
from programs import Echo, Program, wait_until
from proxy import Proxy

LEASE_S = 3
STOP_MARGIN_S = 1


class LossTest(CampaignTest):
    """An agent of the local fleet is killed; the scenario says what becomes of the run."""

    def lose_one(self, on_loss, measure, **changes):
        echo = Echo(self)
        run = self.start(
            scenario(target={"url": echo.url}, measure=measure, agents=agents(3, on_loss=on_loss),
                     request=None,
                     requests=[request(name=name, weight=weight)
                               for name, weight in (("often", 3), ("seldom", 1))],
                     **changes))
        run.wait_for_line(LOAD_SEEN)
        [victim] = [child for words, child in run.children().items() if "--id agent-2" in words]
        victim.signal(signal.SIGKILL)
        self.expect_end(run, 0)
        return echo, self.the_run()

    def assert_named(self, run, policy):
        [loss] = run["losses"]
        self.assertEqual((loss["agent"], loss["policy"]), ("agent-2", policy))
        self.assertGreater(loss["lost_at_s"], 0)
        self.assertRegex(run["verdict"]["reasons"][0],
                         r"agent agent-2 was lost at \d+(\.\d+)? s: .*killed by signal 9")
        self.assertEqual(run["verdict"]["validity"], "VALID")
        # Each request's books hold the beats that nobody sent, too.
        for parts in (r["ledger"] for r in run["requests"]):
            self.assert_balanced(parts)
        for field in ("scheduled", "missed", "unsent", "sent", "ok", "open"):
            self.assertEqual(sum(int(r["ledger"][field]) for r in run["requests"]),
                             int(run["ledger"][field]), field)
        return loss

    def test_truncate(self):
        _, run = self.lose_one("truncate", "1h")
        loss = self.assert_named(run, "truncate")
        self.assert_balanced(run["ledger"])
        # Whole seconds that all three have reported, and every beat of them.
        self.assertEqual(run["cut_at_s"], int(run["cut_at_s"]))
        self.assertLessEqual(run["cut_at_s"], loss["lost_at_s"])
        self.assertEqual(run["phase_seconds"], run["cut_at_s"])
        self.assertEqual(int(run["ledger"]["scheduled"]), 1000 * int(run["cut_at_s"]))
        self.assertIn(f"the run is cut at {int(run['cut_at_s'])} s", run["verdict"]["reasons"][1])
        # The same from the bundle alone.
        before = self.read("report.json")
        self.controller(0, "report", self.bundle())
        self.assertEqual(self.read("report.json"), before)

    def test_redistribute(self):
        echo, run = self.lose_one("redistribute", "12s")
        loss = self.assert_named(run, "redistribute")
        ledger = run["ledger"]
        self.assert_balanced(ledger)
        self.assertEqual(int(ledger["scheduled"]), 12_000)
        self.assertEqual(int(ledger["missed"]), int(loss["missed"]))
        self.assertGreater(int(loss["missed"]), 0)
        self.assertGreater(loss["taken_over_at_s"], loss["lost_at_s"])
        # No beat was sent twice: what the target saw beyond the books, the lost agent had sent.
        beyond = echo.requests_total() - int(ledger["ok"])
        self.assertGreaterEqual(beyond, 0)
        self.assertLessEqual(beyond, int(loss["missed"]) + int(loss["open"]))
        self.assertAlmostEqual(run["offered_rps"], (12_000 - int(loss["missed"])) / 12, delta=0.1)
        before = self.read("report.json")
        self.controller(0, "report", self.bundle())
        self.assertEqual(self.read("report.json"), before)


class ClusterFaultsTest(CampaignTest):
    """Agents that nobody restarts: they must find their way by themselves."""

    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.echo = Echo(self)

    def start_agent(self, name, *flags, port=None, prefix=()):
        address = f"127.0.0.1:{port or self.port}"
        return Program(self, "agent", "--controller", address, "--id", name, *flags, prefix=prefix)

    def cluster_scenario(self, **changes):
        changes.setdefault("cluster", {"listen": f"127.0.0.1:{self.port}", "wait": "2m"})
        return scenario(target={"url": self.echo.url}, **changes)

    def assert_complete(self, seconds):
        run = self.the_run()
        self.assert_run_balanced(run)
        self.assertEqual(run["ledger"]["ok"], str(1000 * seconds))
        self.assertEqual(self.echo.requests_total(), 1000 * seconds)
        self.assertEqual(run["verdict"]["validity"], "VALID", run["verdict"])

    def test_a_stream_that_is_cut_loses_and_doubles_nothing(self):
        proxy = Proxy(self, self.port)
        self.start_agent("left", port=proxy.port)
        self.start_agent("right")
        run = self.start(self.cluster_scenario(measure="6s"))
        run.wait_for_line(LOAD_SEEN)
        intervals = os.path.join(self.bundle(), "intervals.pb")
        for _ in range(2):
            size = os.path.getsize(intervals)
            proxy.cut()
            wait_until(lambda size=size: os.path.getsize(intervals) > size, "a further interval")
        self.expect_end(run, 0)
        self.assert_complete(6)

    def test_an_agent_that_stops_for_a_while_makes_up_for_it(self):
        self.start_agent("left")
        slow = self.start_agent("right")
        run = self.start(self.cluster_scenario(measure="4s"))
        run.wait_for_line(LOAD_SEEN)
        intervals = os.path.join(self.bundle(), "intervals.pb")
        size = os.path.getsize(intervals)
        slow.signal(signal.SIGSTOP)
        # The other one goes on meanwhile.
        wait_until(lambda: os.path.getsize(intervals) > size, "an interval of the other agent")
        slow.signal(signal.SIGCONT)
        self.expect_end(run, 0)
        self.assert_complete(4)

    def lose_one_of_three(self, exit_code, *flags, **validity):
        """A third of 1,000/s each; "full" has room for no more than that."""
        self.start_agent("full", "--max-rate", "334/s")
        self.start_agent("other", *flags)
        victim = self.start_agent("victim")
        run = self.start(self.cluster_scenario(measure="12s", validity={**ANY_VALIDITY, **validity},
                                               agents=agents(3, on_loss="redistribute")))
        run.wait_for_line(LOAD_SEEN)
        victim.signal(signal.SIGKILL)
        self.expect_end(run, exit_code)
        run = self.the_run()
        self.assert_balanced(run["ledger"])
        self.assertEqual(int(run["ledger"]["scheduled"]), 12_000)
        return run, "\n".join(run["verdict"]["reasons"])

    def test_a_lost_agents_beats_go_to_those_who_have_room(self):
        run, reasons = self.lose_one_of_three(0)
        self.assertRegex(reasons, r"its beats from \S+ s on went to other\n")
        [loss] = run["losses"]
        self.assertEqual(run["ledger"]["missed"], loss["missed"])
        self.assertIn(f"nobody is known to have sent {int(loss['missed']):,} of agent victim's "
                      "requests in the window", reasons)

    def test_a_gap_beyond_the_bound_makes_the_run_invalid(self):
        # Its lease of 3 s is outwaited: a twelfth of all beats at the least.
        _, reasons = self.lose_one_of_three(3, max_shortfall_percent=4)
        self.assertRegex(reasons, r"of 12,000 requests due in the window, nobody is known to have "
                                  r"sent [\d,]+ \(.*validity.max_shortfall_percent is 4")

    def test_beats_that_nobody_has_room_for_are_missed_and_the_run_is_invalid(self):
        run, reasons = self.lose_one_of_three(3, "--max-rate", "500/s")
        self.assertRegex(reasons, r"went to other \(50 %\), nobody \(50 %: ")
        self.assertRegex(reasons, r"nobody sent [\d,]+ of the beats of agent victim, which was")
        [loss] = run["losses"]
        self.assertEqual(run["ledger"]["missed"], loss["missed"])
        self.assertGreater(loss["taken_over_at_s"], loss["lost_at_s"])
        # Restated, but for what waited for a connection when its agent was lost.
        self.assertLess(run["offered_rps"], 1000)
        self.assertGreaterEqual(run["offered_rps"], (12_000 - int(loss["missed"])) / 12 - 0.1)

    def test_an_agent_that_stood_still_makes_up_for_nothing_that_others_were_given(self):
        left = self.start_agent("left")
        slow = self.start_agent("right")
        run = self.start(self.cluster_scenario(measure="20s", load={"rate": "100/s"},
                                               agents=agents(2, on_loss="redistribute")))
        run.wait_for_line(LOAD_SEEN)
        slow.signal(signal.SIGSTOP)
        left.wait_for_line("takes over beats of an agent that was lost")
        intervals = os.path.join(self.bundle(), "intervals.pb")
        for _ in range(2):
            size = os.path.getsize(intervals)
            wait_until(lambda size=size: os.path.getsize(intervals) > size, "a further interval")
        slow.signal(signal.SIGCONT)
        slow.wait_for_line("finished run 001-target-r1")
        self.expect_end(run, 0)
        report = self.the_run()
        [loss] = report["losses"]
        self.assertEqual(loss["agent"], "right")
        self.assert_balanced(report["ledger"])
        self.assertEqual(report["ledger"]["scheduled"], "2000")
        # What the target saw beyond the books was sent before the agent stood still: far less than
        # what came due meanwhile, all of which is missed.
        beyond = self.echo.requests_total() - int(report["ledger"]["ok"])
        self.assertGreaterEqual(beyond, 0)
        self.assertLessEqual(beyond, int(loss["missed"]) + int(loss["open"]))

    def test_an_agent_that_was_restarted_is_not_waited_for(self):
        self.start_agent("left")
        former = self.start_agent("right")
        run = self.start(self.cluster_scenario(measure="1h"))
        run.wait_for_line(LOAD_SEEN)
        # It dials again and again until the id is free.
        heir = self.start_agent("right")
        heir.wait_for_line("refused by the controller: the id right is taken")
        former.signal(signal.SIGKILL)
        self.expect_end(run, 3)
        self.assertRegex(self.report()["verdict"]["reasons"][0],
                         r"agent right was lost at \d+(\.\d+)? s: it was restarted")

    def test_a_second_controller_is_refused_while_the_agent_has_one(self):
        proxy = Proxy(self, self.port)
        agent = self.start_agent("only", port=proxy.port)
        first = self.start(self.cluster_scenario(measure="1h", agents=agents(1)))
        first.wait_for_line(LOAD_SEEN)
        port = free_port()
        second = self.start(self.cluster_scenario(
            name="second", agents=agents(1),
            cluster={"listen": f"127.0.0.1:{port}", "wait": "2m"}))
        second.wait_for_line("waiting for 1 agent")
        proxy.lead_to(port)
        proxy.cut()
        agent.wait_for_line(r"refused the controller .*second-.*: run 001-target-r1 of .* lasts")
        second.wait_for_line("does not join: the agent only has another controller, .*/e2e-.*, "
                             "while run 001-target-r1 lasts")
        # The first one has lost it, and its lease runs out: then it is free.
        self.expect_end(first, 3)
        self.expect_end(second, 0)
        agent.wait_for_line("joins the controller .*second-")
        of_first, of_second = (self.report(bundle) for bundle in self.bundles())
        self.assertIn("agent only was lost at", of_first["verdict"]["reasons"][0])
        self.assertEqual(of_second["runs"][0]["ledger"]["ok"], "1000")

    def test_without_a_controller_the_load_stops_and_a_resumed_one_finds_the_agents(self):
        crew = [self.start_agent("left"), self.start_agent("right")]
        run = self.start(self.cluster_scenario(measure="20s", load={"rate": "100/s"}))
        run.wait_for_line(LOAD_SEEN)
        before = self.echo.requests_total()
        run.signal(signal.SIGKILL)
        for agent in crew:
            agent.wait_for_line("has not renewed the lease: stopping the load")
            agent.wait_for_line("finished run 001-target-r1: the lease ran out")
        # By the schedule, so many are due until the lease is over; one second more for what came
        # between the reading and the signal.
        self.assertLessEqual(self.echo.requests_total() - before,
                             100 * (LEASE_S + STOP_MARGIN_S + 1))
        stopped = self.echo.requests_total()
        self.controller(3, "report", self.bundle())
        before = self.the_run()
        self.controller(0, "resume", self.bundle())
        cut_off, again = self.report()["runs"]
        # What the agents measured after the controller was killed they have offered to its heir; it
        # counts for nothing, and harms nothing.
        self.assertEqual(cut_off, before)
        self.assertEqual(again["run_id"], "001-target-r1.2")
        self.assertEqual(again["ledger"]["ok"], "2000")
        self.assertEqual(self.echo.requests_total() - stopped, 2000)
        self.assertGreater(int(cut_off["ledger"]["ok"]), 0)

    @unittest.skipUnless(
        shutil.which("unshare") and subprocess.run(
            ["unshare", "--time", "--monotonic=5", "true"], capture_output=True,
            check=False).returncode == 0, "needs the right to make a time namespace")
    def test_agents_whose_clocks_are_an_hour_apart_start_together(self):
        shifts = {"left": 0, "middle": 3600, "right": 100_000}
        for name, seconds in shifts.items():
            self.start_agent(name, prefix=["unshare", "--time", f"--monotonic={seconds}",
                                           f"--boottime={seconds}"])
        self.run_scenario(self.cluster_scenario(agents=agents(3)), 0)
        self.assert_complete(1)
        for agent in self.the_run()["agents"]:
            # Those of validity, and not the hours.
            self.assertLess(abs(agent["start_skew_us"]), 10e6)
            self.assertGreater(agent["clock_uncertainty_us"], 0)
            self.assertLess(abs(agent["clock_drift_us"]),
                            agent["clock_drift_uncertainty_us"] + 1000)


class FullDiskTest(CampaignTest):

    def test_a_disk_that_is_full_ends_the_run_and_is_named(self):

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (128 << 10, 128 << 10))

        path = self.write_scenario(scenario(measure="1h", load={"rate": "5k/s", "connections": 8}))
        # A signal that Python ignores, so that the programs see an error as of a full disk.
        run = Program(self, "controller", "run", path, "--results", self.results,
                      preexec_fn=limit, restore_signals=False)
        self.expect_end(run, 3)
        report = self.report()
        self.assertEqual(report["verdict"]["validity"], "INVALID")
        self.assertRegex(" ".join(report["verdict"]["reasons"]),
                         "the bundle could not be written: .*intervals.pb")
        # What is on the disk is whole, and says the same when it is read again.
        self.controller(3, "report", self.bundle())


if __name__ == "__main__":
    unittest.main()
