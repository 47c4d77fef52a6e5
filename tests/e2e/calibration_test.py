"""Agents are calibrated against themselves, and plans are held to what that says."""

import json
import math
import os
import signal
import socket
import unittest

from campaigns import CampaignTest, agents, free_port, scenario
from programs import Program

USABLE = 0.7


class CalibrationTest(CampaignTest):

    def rate(self, per_second, **changes):
        """The same shape of requests at that rate."""
        return scenario(load={"rate": f"{per_second}/s", "connections": 8}, **changes)

    def calibrate(self, fields, *arguments):
        self.controller(0, "calibrate", self.write_scenario(fields), "--results", self.results,
                        *arguments)
        return self.kept()

    def kept(self):
        with open(os.path.join(self.results, "calibration.json"), encoding="utf-8") as file:
            return json.load(file)["agents"]

    def ask(self, exit_code, command, fields):
        return self.controller(exit_code, command, self.write_scenario(fields), "--results",
                               self.results)

    def test_ctrl_c_keeps_nothing(self):
        run = Program(self, "controller", "calibrate", self.write_scenario(self.rate(100)),
                      "--results", self.results)
        run.wait_for_line("calibrating 2 agents")
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)
        self.assertIn("stopped by the user; no ceiling is kept", run.stderr())
        self.assertFalse(os.path.exists(os.path.join(self.results, "calibration.json")))

    def test_ctrl_c_ends_the_wait_of_a_check(self):
        listen = f"127.0.0.1:{free_port()}"
        fields = self.rate(100, target={"url": "http://127.0.0.1:1/"},
                           cluster={"listen": listen, "wait": "1h"})
        run = Program(self, "controller", "check", self.write_scenario(fields))
        run.wait_for_line("waiting for 2 agents")
        run.signal(signal.SIGINT)
        self.expect_end(run, 4)
        self.assertIn("stopped by the user", run.stderr())

    def test_a_plan_beyond_is_refused_with_the_number_of_agents_and_one_below_runs(self):
        kept = self.calibrate(self.rate(100))
        self.assertEqual([agent["agent_id"] for agent in kept], ["agent-1", "agent-2"])
        for agent in kept:
            self.assertGreater(agent["ceiling_rps"], 0)
            self.assertGreater(agent["floor_p50_us"], 0)
            self.assertGreaterEqual(agent["floor_p99_us"], agent["floor_p50_us"])
            self.assertEqual(agent["answer_bytes"], "256")
            self.assertEqual(agent["shape"], "POST, 256 bytes of body, 8 connections")
        least = min(agent["ceiling_rps"] for agent in kept)
        beyond = math.ceil(5 * least)
        needed = math.ceil(beyond / (USABLE * least))
        for command in ("run", "plan", "check"):
            ended = self.ask(2, command, self.rate(beyond))
            self.assertIn(f"it would take {needed} agents", ended.stdout() + ended.stderr())
        # Nothing was sent: the bundle of the refused run has no report and no run.
        refused = self.bundles()
        self.assertEqual(len(refused), 1)
        self.assertFalse(os.path.exists(os.path.join(refused[0], "report.json")))
        self.assertFalse(os.path.exists(os.path.join(refused[0], "latency.hlog")))
        self.ask(0, "plan", self.rate(100))
        ended = self.ask(0, "run", self.rate(100))
        self.assertRegex(ended.stdout(), r"(?m)^  calibration +ceiling +floor p50")
        bundle = max(set(self.bundles()) - set(refused))
        report = self.report(bundle)
        # A report names what is false and nought, too.
        told = [{"at_least": False} | one for one in kept]
        self.assertEqual(report["calibration"], told)
        checks = [check for host in report["preflight"] for check in host["checks"]
                  if check["id"] == "ceiling"]
        self.assertEqual([check["finding"] for check in checks], ["OK", "OK"])
        # Built again from the bundle alone.
        os.remove(os.path.join(self.results, "calibration.json"))
        self.controller(0, "report", bundle)
        self.assertEqual(self.report(bundle)["calibration"], told)

    def test_one_of_other_requests_is_named_and_not_used(self):
        kept = self.calibrate(self.rate(100), "--answer-size", "4KiB")
        self.assertEqual({agent["answer_bytes"] for agent in kept}, {"4096"})
        other = self.rate(100)
        other["load"]["connections"] = 9
        ended = self.ask(0, "run", other)
        self.assertIn("warning", ended.stderr())
        report = self.report(self.bundle())
        self.assertEqual(report["calibration"], [])
        founds = {check["found"] for host in report["preflight"] for check in host["checks"]
                  if check["id"] == "ceiling"}
        self.assertEqual(len(founds), 1)
        self.assertRegex(founds.pop(), r"^the calibration of \S+ was made with another requests "
                         r"\(POST, 256 bytes of body, 8 connections\)$")

    def test_no_target_is_started_or_asked(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            listener.setblocking(False)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            self.calibrate(self.rate(100, target={"url": url}, agents=agents(1)))
            with self.assertRaises(BlockingIOError):
                listener.accept()

    def test_what_cannot_be_calibrated_is_refused(self):
        tls = self.rate(100, target={"url": "https://127.0.0.1:1/", "tls": {"verify": False}})
        self.assertIn("TLS", self.ask(2, "calibrate", tls).stderr())
        self.controller(2, "calibrate", self.write_scenario(self.rate(1)), "--answer-size", "1GiB")
        head = self.write_scenario(self.rate(100, request={"method": "HEAD"}))
        ended = self.controller(2, "calibrate", head, "--answer-size", "1KiB")
        self.assertIn("a HEAD, whose answers have no body", ended.stderr())
        self.assertNotIn("calibrating", ended.stderr())
        os.makedirs(self.results)
        with open(os.path.join(self.results, "calibration.json"), "w", encoding="utf-8") as file:
            file.write("none")
        for command in ("run", "plan", "check", "calibrate"):
            self.assertRegex(self.ask(5, command, self.rate(100)).stderr(),
                             r"calibration\.json is not a calibration")


if __name__ == "__main__":
    unittest.main()
