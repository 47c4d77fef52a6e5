"""Who may speak with whom, and what an agent will not do, with the real programs: certificates that
`controller certs init` made, plain text beyond loopback, ceilings, and strangers at the port."""

import json
import os
import socket
import unittest

from campaigns import CampaignTest, agents, free_port, scenario
from programs import Echo, Program


class SecurityTest(CampaignTest):

    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.pki = os.path.join(self.directory, "pki")

    def make_certs(self, directory=None, **flags):
        words = [word for flag, value in flags.items() for word in (f"--{flag}", value)]
        return self.controller(0, "certs", "init", directory or self.pki, *words)

    def tls(self, part, pki=None):
        directory = os.path.join(pki or self.pki, part)
        return [word for flag, name in (("cert", "tls.crt"), ("key", "tls.key"), ("ca", "ca.crt"))
                for word in (f"--tls-{flag}", os.path.join(directory, name))]

    def start_agent(self, name, *flags, host="127.0.0.1"):
        return Program(self, "agent", "--controller", f"{host}:{self.port}", "--id", name, *flags)

    def start_controller(self, *flags, listen="127.0.0.1", **changes):
        path = self.write_scenario(
            scenario(target={"url": self.echo.url},
                     cluster={"listen": f"{listen}:{self.port}", "wait": "2m"}, **changes))
        return Program(self, "controller", "run", path, "--results", self.results, *flags)


class CertificatesTest(SecurityTest):

    def setUp(self):
        super().setUp()
        self.echo = Echo(self)

    def test_a_campaign_over_mutual_tls_on_all_addresses(self):
        self.make_certs(agents="left,right")
        run = self.start_controller(*self.tls("controller"), listen="0.0.0.0")
        run.wait_for_line("waiting for 2 agents")
        for name in ("left", "right"):
            self.start_agent(name, *self.tls(f"agents/{name}"))
        self.expect_end(run, 0)
        self.assert_run_balanced(self.the_run())
        self.assertNotIn("plain text", run.stderr())
        self.assertEqual(self.echo.requests_total(), 1000)

    def test_an_agent_under_anothers_name_is_refused_and_named(self):
        self.make_certs(agents="left,right")
        run = self.start_controller(*self.tls("controller"), "--wait-for-agents", "left,right")
        run.wait_for_line("waiting for the agents left, right")
        impostor = self.start_agent("right", *self.tls("agents/left"))
        words = "the certificate is for left, not for the agent right"
        impostor.wait_for_line(f"refused by the controller: {words}")
        run.wait_for_line(f"refused an agent at ipv4:127.0.0.1:.*{words}")
        for name in ("left", "right"):
            self.start_agent(name, *self.tls(f"agents/{name}"))
        self.expect_end(run, 0)
        self.assertEqual([agent["id"] for agent in self.report()["agents"]], ["left", "right"])

    def test_strangers_get_no_link(self):
        self.make_certs(agents="left,right")
        theirs = os.path.join(self.directory, "theirs")
        self.make_certs(theirs, agents="left,right")
        run = self.start_controller(*self.tls("controller"), "--wait-timeout", "5s")
        run.wait_for_line("waiting for 2 agents")
        stranger = self.start_agent("left", *self.tls("agents/left", theirs))
        plain = self.start_agent("right")
        stranger.wait_for_line(r"not connected to the controller at \S+ over TLS \(")
        plain.wait_for_line(r"not connected to the controller at \S+ in plain text \(.*"
                            r"does it ask for TLS\?")
        self.assertIn("--tls-ca …)", run.stderr())
        self.expect_end(run, 5)
        self.assertIn("of 2 agents only 0 joined in time", run.stderr())
        self.assertEqual(self.echo.requests_total(), 0)

    def test_who_is_missing_is_named(self):
        self.make_certs(agents="left,right")
        run = self.start_controller(*self.tls("controller"), "--wait-for-agents", "left,right",
                                    "--wait-timeout", "3s")
        self.start_agent("left", *self.tls("agents/left"))
        self.expect_end(run, 5)
        self.assertRegex(run.stderr(), r"did not join in time: (left, )?right\n")

    def test_files_that_do_not_fit_are_wrong_input(self):
        self.make_certs(agents="left")
        crossed = self.tls("agents/left")
        crossed[3] = os.path.join(self.pki, "ca.key")
        run = self.start_controller(*crossed)
        self.expect_end(run, 2)
        self.assertIn("ca.key is not the key of the certificate in", run.stderr())
        agent = self.start_agent("left", *crossed)
        self.expect_end(agent, 2)
        self.assertIn("ca.key is not the key of the certificate in", agent.stderr())
        agent = self.start_agent("left", *crossed[:2])
        self.expect_end(agent, 2)
        self.assertIn("--tls-key and --tls-ca are missing", agent.stderr())
        self.assertEqual(self.bundles(), [])

    def test_certs_are_never_overwritten(self):
        made = self.make_certs(agents="2", hosts="controller.lab,10.0.0.1", days="30")
        self.assertIn("agents/agent-2", made.stdout())
        with open(os.path.join(self.pki, "ca.key"), "rb") as file:
            before = file.read()
        again = self.controller(2, "certs", "init", self.pki)
        self.assertIn("nothing is overwritten", again.stderr())
        with open(os.path.join(self.pki, "ca.key"), "rb") as file:
            self.assertEqual(file.read(), before)
        for words in (("init", self.pki + "2", "--agents", "../x"), ("make", self.pki + "2"),
                      ("init", self.pki + "2", "--days", "0"),
                      ("init", self.pki + "2", "--hosts", "a b")):
            self.controller(2, "certs", *words)
        self.assertFalse(os.path.exists(self.pki + "2"))


class PlainTextTest(SecurityTest):

    def setUp(self):
        super().setUp()
        self.echo = Echo(self)

    def test_it_keeps_to_loopback_unless_somebody_insists(self):
        run = self.start_controller(listen="0.0.0.0")
        self.expect_end(run, 2)
        self.assertIn("not a loopback address", run.stderr())
        agent = self.start_agent("left", host="192.0.2.1")
        self.expect_end(agent, 2)
        self.assertIn("--insecure", agent.stderr())
        run = self.start_controller("--insecure", listen="0.0.0.0", agents=agents(1))
        self.start_agent("left", "--insecure")
        self.expect_end(run, 0)
        self.assertRegex(run.stderr(), r"in plain text \(agent .* --insecure\)")

    def test_flags_of_a_cluster_need_one(self):
        path = self.write_scenario(scenario())
        run = self.controller(2, "run", path, "--results", self.results, "--insecure")
        self.assertIn("the scenario has no `cluster`", run.stderr())
        path = self.write_scenario(scenario(cluster={"listen": f"127.0.0.1:{self.port}"},
                                            target={"url": self.echo.url}))
        run = self.controller(2, "run", path, "--results", self.results, "--wait-for-agents", "1")
        self.assertIn("agents.count is 2", run.stderr())

    def test_garbage_at_the_port_does_not_matter(self):
        run = self.start_controller()
        run.wait_for_line("waiting for 2 agents")
        for garbage in (b"GET / HTTP/1.1\r\n\r\n", bytes(range(256)) * 64,
                        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 4096):
            with socket.create_connection(("127.0.0.1", self.port)) as stranger:
                stranger.settimeout(60)
                try:
                    stranger.sendall(garbage)
                    stranger.shutdown(socket.SHUT_WR)
                    while stranger.recv(4096):
                        pass
                except OSError as error:
                    # The controller has hung up.
                    self.assertNotIsInstance(error, TimeoutError)
        self.start_agent("left")
        self.start_agent("right")
        self.expect_end(run, 0)
        self.assert_run_balanced(self.the_run())


class CeilingsTest(SecurityTest):
    """What an agent will not do is known when it joins; what only it can know it refuses itself,
    and says so in its log. Either way the controller says which agent it was."""

    def setUp(self):
        super().setUp()
        self.echo = Echo(self)

    def run_with(self, flags, **changes):
        """A run that agent left, started with [flags], does not allow; and that agent."""
        run = self.start_controller(**changes)
        left = self.start_agent("left", *flags)
        self.start_agent("right")
        self.expect_end(run, 5)
        self.assertEqual(self.echo.requests_total(), 0)
        return run, left

    def test_a_rate_above_the_agents_own(self):
        run, _ = self.run_with(["--max-rate", "499"])
        self.assertIn("agent left: max_rate is 499/s, wanted at least 500/s", run.stderr())
        checks = json.loads(self.read("preflight.json"))["hosts"]
        self.assertEqual([(host["role"], check["id"]) for host in checks
                          for check in host["checks"] if check.get("finding") == "FATAL"],
                         [("agent left", "max_rate")])

    def test_connections_above_the_agents_own(self):
        run, _ = self.run_with(["--max-connections", "3"])
        self.assertIn("agent left: max_connections is 3, wanted at least 4", run.stderr())

    def test_a_closed_loop_has_no_rate(self):
        run, left = self.run_with(["--max-rate", "1M"], load={"concurrency": 4}, measure="1s")
        self.assertRegex(run.stderr(), "agent left cannot take part.*closed loop")
        left.wait_for_line("refused run .*closed loop")

    def test_the_preflight_of_a_fleet(self):
        run = self.controller(0, "check", self.write_scenario(scenario()))
        for role in ("controller on ", "agent agent-1 on ", "agent agent-2 on "):
            self.assertIn(role, run.stdout())
        self.assertRegex(run.stdout(), r"open_files +\d+ +at least 68 +ok\n")
        self.assertEqual(self.bundles(), [])
        agent = Program(self, "agent", "--check", "--max-connections", "1000000000")
        self.expect_end(agent, 5)
        self.assertRegex(agent.stdout(), r"open_files +\d+ +at least 1000000064 +FATAL\n")

    def test_what_is_just_allowed_is_sent(self):
        run = self.start_controller()
        host = f"127.0.0.1:{self.echo.port}"
        for name in ("left", "right"):
            self.start_agent(name, "--max-rate", "500/s", "--max-connections", "4", "--allow", host)
        self.expect_end(run, 0)
        self.assertEqual(self.echo.requests_total(), 1000)

    def test_a_name_that_is_allowed(self):
        self.echo.url = f"http://localhost:{self.echo.port}/echo"
        run = self.start_controller()
        self.start_agent("left", "--allow", f"localhost:{self.echo.port}")
        self.start_agent("right", "--allow", "LOCALHOST")
        self.expect_end(run, 0)
        self.assertEqual(self.echo.requests_total(), 1000)


if __name__ == "__main__":
    unittest.main()
