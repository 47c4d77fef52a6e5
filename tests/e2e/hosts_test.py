"""Seven hosts: a controller, four agents and two targets in network namespaces of their own, over
mutual TLS, from one scenario. Needs root; without it these tests are skipped, not passed."""

import os
import re
import subprocess
import unittest

import network
import proxy
import wire
from campaigns import CampaignTest, agents, scenario
from programs import DEADLINE_S, Echo, Program

AGENTS = ("gen-1", "gen-2", "gen-3", "gen-4")
TARGETS = ("new", "old")
PORT = 7070
# Of the slow link, each way.
DELAY_MS = 40
REQUESTS = 1000

WHY_NOT = network.why_not()
WHY_NO_WIRE = network.why_no_wire()
# Of the bad wire, on every way from one host to another: what controller and agents say to each
# other, what they ask the targets, and the targets' metrics.
BAD_WIRE = wire.Conditions(least_delay_ms=10, most_delay_ms=20, loss=0.015, duplication=0.005,
                           reordering=0.005)


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


class SevenHosts(CampaignTest):
    """[network] is the subclass's; the hosts are on it, and the targets run."""

    def make_network(self):
        raise NotImplementedError

    def setUp(self):
        super().setUp()
        self.network = self.make_network()
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
        fields = scenario(**{
            "target": None,
            "targets": {name: {"url": echo.url, "metrics": echo.metrics_url}
                        for name, echo in self.targets.items()},
            "cluster": {"listen": self.address()},
            "agents": agents(4),
            **changes})
        return Program(self, "controller", "run", self.write_scenario(fields), "--results",
                       self.results, *self.tls("controller"), *flags,
                       prefix=self.host["controller"].prefix)

    def carry_out_on_all(self, requests, **changes):
        """One scenario with all of them, [requests] on each target; its report, which is whole."""
        run = self.start_controller("--wait-for-agents", "4", "--wait-timeout", "2m", **changes)
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
            self.assertEqual(measured["ledger"]["ok"], str(requests))
            self.assertEqual([int(agent["sent"]) for agent in measured["agents"]],
                             [requests // 4] * 4)
        for name, echo in self.targets.items():
            self.assertEqual(echo.requests_total(), requests, name)
        return report

    def round_trips_us(self, report):
        """By agent and target, as the preflight found them before anything was sent."""
        found = {}
        for host in report["preflight"]:
            for check in host["checks"]:
                if check["id"] == "round_trip":
                    trips = re.findall(r"(\S+) (\d+) µs", check["found"])
                    found[host["role"]] = {target: int(us) for target, us in trips}
        self.assertEqual(sorted(found), [f"agent {name}" for name in AGENTS])
        for trips in found.values():
            self.assertEqual(sorted(trips), sorted(TARGETS))
        return found


@unittest.skipIf(WHY_NOT, WHY_NOT)
class HostsTest(SevenHosts):

    def make_network(self):
        return network.Network(self)

    def test_one_scenario_on_seven_hosts(self):
        report = self.carry_out_on_all(REQUESTS)
        self.round_trips_us(report)

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


@unittest.skipIf(WHY_NO_WIRE, WHY_NO_WIRE)
class BadWireTest(SevenHosts):
    """All hosts are 10 to 20 ms apart, and each frame between them may be lost, come twice or be
    overtaken by others."""

    def make_network(self):
        return network.WiredNetwork(self, BAD_WIRE)

    def setUp(self):
        super().setUp()
        self.network.connect()

    def assert_bad(self, least_dropped):
        counts = self.network.counts()
        self.assertGreaterEqual(counts["dropped"], least_dropped, counts)
        self.assertGreater(counts["doubled"], 0, counts)
        self.assertGreater(counts["held"], 0, counts)
        self.assertEqual(counts["overflowed"], 0, counts)

    def test_what_the_wire_loses_is_missing_nowhere(self):
        report = self.carry_out_on_all(2 * REQUESTS, measure="2s",
                                       load={"rate": f"{REQUESTS}/s", "connections": 128})
        for trips in self.round_trips_us(report).values():
            self.assertGreaterEqual(min(trips.values()), 2 * BAD_WIRE.least_delay_ms * 1e3)
        for measured in report["runs"]:
            # An answer has been on the wire twice.
            self.assertGreaterEqual(measured["response_time"]["p50_us"],
                                    2 * BAD_WIRE.least_delay_ms * 1e3)
            for agent in measured["agents"]:
                self.assertGreaterEqual(agent["clock_uncertainty_us"],
                                        BAD_WIRE.least_delay_ms * 1e3)
                # All hosts have one clock in truth: what is said of it must hold.
                self.assertLessEqual(abs(agent["clock_drift_us"]),
                                     agent["clock_drift_uncertainty_us"])
        # A request is a frame and its answer another one, at the least.
        self.assert_bad(BAD_WIRE.loss / 2 * 2 * 2 * REQUESTS * len(TARGETS))

    def test_an_agent_that_is_cut_off_has_heirs_on_a_bad_wire_too(self):
        echo = self.targets["new"]
        run = self.start_controller(
            target={"url": echo.url, "metrics": echo.metrics_url}, targets=None, measure="24s",
            load={"rate": "100/s", "connections": 16}, agents=agents(4, on_loss="redistribute"))
        for name in AGENTS:
            self.start_agent(name)
        run.wait_for_line(r"measure .* [1-9]\S* of \S+/s")
        self.network.cut(self.host["gen-3"])
        self.expect_end(run, 0)
        measured = self.the_run()
        [loss] = measured["losses"]
        self.assertEqual((loss["agent"], loss["policy"]), ("gen-3", "redistribute"))
        self.assertGreater(loss["taken_over_at_s"], loss["lost_at_s"])
        ledger = measured["ledger"]
        self.assert_balanced(ledger)
        self.assertEqual(ledger["scheduled"], "2400")
        self.assertEqual(ledger["missed"], loss["missed"])
        self.assertEqual(measured["verdict"]["validity"], "VALID", measured["verdict"])
        # What the target saw beyond the books was sent by the lost one and not told any more.
        beyond = echo.requests_total() - int(ledger["ok"])
        self.assertGreaterEqual(beyond, 0)
        self.assertLessEqual(beyond, int(loss["missed"]) + int(loss["open"]))
        self.assert_bad(1)


if __name__ == "__main__":
    unittest.main()
