"""Seven hosts: a controller, four agents and two targets in network namespaces of their own, over
mutual TLS, from one scenario. Needs root; without it these tests are skipped, not passed."""

import os
import subprocess
import unittest

import network
import proxy
from campaigns import CampaignTest, agents, scenario
from programs import DEADLINE_S, Echo, Program

AGENTS = ("gen-1", "gen-2", "gen-3", "gen-4")
TARGETS = ("new", "old")
PORT = 7070
# Of the slow link, each way.
DELAY_MS = 40
REQUESTS = 1000

WHY_NOT = network.why_not()


class HostEcho(Echo):
    """An echo service on a host of its own, asked there for its books."""

    def __init__(self, test, host):
        self._host = host
        super().__init__(test, host=host.address, prefix=host.prefix)

    def requests_total(self):
        script = ("import sys, urllib.request as r;"
                  "sys.stdout.buffer.write(r.urlopen(sys.argv[1]).read())")
        done = subprocess.run([*self._host.prefix, "python3", "-c", script, self.metrics_url],
                              check=True, stdout=subprocess.PIPE, text=True, timeout=DEADLINE_S)
        return self.count_requests(done.stdout)


@unittest.skipIf(WHY_NOT, WHY_NOT)
class HostsTest(CampaignTest):

    def setUp(self):
        super().setUp()
        self.network = network.Network(self)
        self.host = {name: self.network.add(name) for name in ("controller", *AGENTS, *TARGETS)}
        self.targets = {name: HostEcho(self, self.host[name]) for name in TARGETS}
        self.pki = os.path.join(self.directory, "pki")
        # The loopback address is for an agent behind a relay on its own host.
        self.controller(0, "certs", "init", self.pki, "--agents", ",".join(AGENTS), "--hosts",
                        f"{self.host['controller'].address},127.0.0.1")

    def address(self):
        return f"{self.host['controller'].address}:{PORT}"

    def tls(self, part):
        return [word for flag, name in (("cert", "tls.crt"), ("key", "tls.key"), ("ca", "ca.crt"))
                for word in (f"--tls-{flag}", os.path.join(self.pki, part, name))]

    def start_agent(self, name, controller=None):
        allow = [word for target in self.targets.values()
                 for word in ("--allow", target.url.split("/")[2])]
        return Program(self, "agent", "--controller", controller or self.address(), "--id", name,
                       *self.tls(f"agents/{name}"), *allow, prefix=self.host[name].prefix)

    def start_relay(self, name):
        """On the agent's host, to the controller and back with a delay each way; its address."""
        relay = subprocess.Popen(
            [*self.host[name].prefix, "python3", proxy.__file__, self.address(), str(DELAY_MS)],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(relay.stdout.close)
        self.addCleanup(relay.wait)
        self.addCleanup(relay.kill)
        return relay.stdout.readline().removeprefix("listening on ").strip()

    def start_controller(self, *flags, **changes):
        fields = scenario(
            target=None,
            targets={name: {"url": echo.url, "metrics": echo.metrics_url}
                     for name, echo in self.targets.items()},
            cluster={"listen": self.address()},
            agents=agents(4), **changes)
        return Program(self, "controller", "run", self.write_scenario(fields), "--results",
                       self.results, *self.tls("controller"), *flags,
                       prefix=self.host["controller"].prefix)

    def test_one_scenario_on_seven_hosts(self):
        run = self.start_controller("--wait-for-agents", "4", "--wait-timeout", "2m")
        run.wait_for_line("waiting for 4 agents")
        for name in AGENTS:
            self.start_agent(name)
        self.expect_end(run, 0)
        report = self.report()
        self.assertEqual([agent["id"] for agent in report["agents"]], list(AGENTS))
        # Which of them comes first is the seed's affair.
        self.assertEqual(sorted(r["target"] for r in report["runs"]), sorted(TARGETS))
        for measured, planned in zip(report["runs"], self.plan()["runs"]):
            self.assertEqual(measured["target"], planned["target"])
            self.assert_run_balanced(measured)
            self.assert_beats_kept(measured, planned)
            self.assertEqual(measured["ledger"]["ok"], str(REQUESTS))
            self.assertEqual([int(agent["sent"]) for agent in measured["agents"]],
                             [REQUESTS // 4] * 4)
        for name, echo in self.targets.items():
            self.assertEqual(echo.requests_total(), REQUESTS, name)

    def test_an_agent_on_a_slow_link_starts_with_the_others(self):
        run = self.start_controller("--wait-for-agents", "4", "--wait-timeout", "2m")
        run.wait_for_line("waiting for 4 agents")
        for name in AGENTS[:3]:
            self.start_agent(name)
        self.start_agent(AGENTS[3], self.start_relay(AGENTS[3]))
        self.expect_end(run, 0)
        for measured in self.report()["runs"]:
            self.assert_run_balanced(measured)
            self.assertEqual(measured["ledger"]["ok"], str(REQUESTS))
            slow = measured["agents"][3]
            # Half a round trip is what its clock's offset cannot be known better than, and it is
            # said.
            self.assertGreaterEqual(slow["clock_uncertainty_us"], DELAY_MS * 1e3)
            self.assertLess(abs(slow["clock_drift_us"]), slow["clock_drift_uncertainty_us"])

    def test_who_is_missing_is_named(self):
        run = self.start_controller("--wait-for-agents", ",".join(AGENTS), "--wait-timeout", "3s")
        for name in AGENTS[:3]:
            self.start_agent(name)
        self.expect_end(run, 5)
        self.assertRegex(run.stderr(), r"did not join in time: (.*, )?gen-4\n")
        self.assertEqual([echo.requests_total() for echo in self.targets.values()], [0, 0])

    def test_a_host_that_is_cut_off_is_lost_and_named(self):
        run = self.start_controller(measure="1h")
        for name in AGENTS:
            self.start_agent(name)
        run.wait_for_line(r"measure .* [1-9]\S* of \S+/s")
        self.network.cut(self.host["gen-3"])
        self.expect_end(run, 3)
        self.assertRegex("\n".join(self.report()["verdict"]["reasons"]),
                         "agent gen-3 was lost at")


if __name__ == "__main__":
    unittest.main()
